"""The one question of many threads: asked once, and never waited for by who asks it."""

from __future__ import annotations

import threading
from typing import Any

import attrs
import pytest

from dockerapi import NoCommonVersion, UnexpectedReply
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import Forbidden, NotFound, ServerError, error_for
from dockerapi.transport.negotiation import Negotiated, Negotiation, ask
from dockerapi.versions.releases import ApiVersion, Release
from scripted import PATIENCE

ENDPOINT = Endpoint.parse("/x")
FOUND = Negotiated(ApiVersion.parse("1.41"), ApiVersion.parse("1.41"), Release.parse("20.10.24"))
OTHER = Negotiated(ApiVersion.parse("1.24"), ApiVersion.parse("1.24"), Release.parse("1.12.6"))


def settled(negotiation: Negotiation, ask: Any) -> Negotiated:
    while negotiation.result is None:
        negotiation.step(ask)
    return negotiation.result


def test_threads_that_come_together_ask_once() -> None:
    together, asked = threading.Barrier(8), []
    negotiation = Negotiation()

    def ask() -> Negotiated:
        asked.append(1)
        threading.Event().wait(0.2)
        return FOUND

    def want() -> None:
        together.wait(PATIENCE)
        found.append(settled(negotiation, ask))

    found: list[Negotiated] = []
    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (found, len(asked)) == ([FOUND] * 8, 1)


def test_who_waits_is_let_go_now_and_then_to_look_around() -> None:
    negotiation, go = Negotiation(), threading.Event()

    def ask() -> Negotiated:
        assert go.wait(PATIENCE)
        return FOUND

    asking = threading.Thread(target=lambda: negotiation.step(ask))
    asking.start()
    while not negotiation._threads:
        asking.join(0.01)
    for _ in range(3):
        negotiation.step(lambda: pytest.fail("it is asked already"))
        assert negotiation.result is None
    go.set()
    asking.join(PATIENCE)
    assert negotiation.result == FOUND


def test_a_handler_in_the_middle_of_the_question_asks_for_itself() -> None:
    negotiation = Negotiation()

    def ask() -> Negotiated:
        assert negotiation.is_here
        assert settled(negotiation, lambda: OTHER) == OTHER
        return FOUND

    assert settled(negotiation, ask) == FOUND
    assert not negotiation.is_here


@pytest.mark.parametrize("error", [KeyboardInterrupt, UnexpectedReply("no")])
def test_a_question_that_failed_can_be_asked_again_by_any_thread(error: Any) -> None:
    negotiation = Negotiation()

    def fail() -> Negotiated:
        raise error

    with pytest.raises((KeyboardInterrupt, UnexpectedReply)):
        negotiation.step(fail)
    assert not negotiation.is_here
    other = threading.Thread(target=lambda: negotiation.step(lambda: FOUND))
    other.start()
    other.join(PATIENCE)
    assert negotiation.result == FOUND


def test_while_a_policy_decides_its_thread_is_in_the_middle_of_it() -> None:
    negotiation = Negotiation()
    found = [negotiation.is_here]

    def policy() -> float | None:
        found.append(negotiation.is_here)
        return 1.5

    assert negotiation.decide(policy) == 1.5
    found.append(negotiation.is_here)
    assert found == [False, True, False]


# What is asked, and what follows from the answers

PING, VERSION = "GET /_ping", "GET /version"


def version(text: str) -> ApiVersion:
    return ApiVersion.parse(text)


@attrs.frozen
class Said:
    """An answer."""

    headers: dict[str, str]
    body: Any = None

    def json(self) -> Any:
        return self.body


def server(name: str, api: str | None = None, **more: str) -> Said:
    return Said({"Server": name, **({"Api-Version": api} if api else {}), **more})


BARE = Said({})
MODERN = server("Docker/28.5.2+dfsg4 (linux)", "1.51", Ostype="linux")
NGINX = server("nginx/1.22.1", "1.51", Ostype="linux")
NO_ROUTE, REFUSED, STARTING = 404, 403, 503
TOLD = Said({}, {"Version": "28.5.2+dfsg4", "ApiVersion": "1.51", "MinAPIVersion": "1.24"})
LOWERED = Said({}, {"Version": "28.5.2+dfsg4", "ApiVersion": "1.51", "MinAPIVersion": "1.12"})
NEWER = Said({}, {"Version": "40.0.1", "ApiVersion": "1.99", "MinAPIVersion": "1.50"})
ENGINE_28 = Release.parse("28.5.2")
AT_1_51 = Negotiated(version("1.51"), version("1.51"), ENGINE_28)


def asked_of(
    ping: Said | int,
    told: Said | int | None,
    pinned: str | None,
    endpoint: Endpoint = ENDPOINT,
) -> tuple[list[str], Negotiated]:
    routes = []

    def get(route: str) -> Said:
        routes.append(route)
        answer = ping if route == PING else told
        if isinstance(answer, int):
            raise error_for(route, answer, "no")
        assert answer is not None, "the version was not to be asked for"
        return answer

    return routes, ask(get, endpoint, version(pinned) if pinned else None)


def spoken(pinned: str, newest: str, release: Release) -> Negotiated:
    return Negotiated(version(pinned), version(newest), release)


def guess(release: str) -> Release:
    return attrs.evolve(Release.parse(release), guessed=True)


@pytest.mark.parametrize(
    ("ping", "told", "pinned", "routes", "found"),
    [
        pytest.param(MODERN, None, None, [PING], AT_1_51, id="28.5"),
        pytest.param(
            MODERN, None, "1.24", [PING], spoken("1.24", "1.51", ENGINE_28), id="28.5-pinned"
        ),
        pytest.param(
            server("Docker/17.06.2-ce (linux)", "1.30"),
            None,
            None,
            [PING],
            spoken("1.30", "1.30", Release.parse("17.6.2")),
            id="17.06",
        ),
        pytest.param(
            server("Docker/1.10.3 (linux)"),
            None,
            None,
            [PING],
            spoken("1.22", "1.22", Release.parse("1.10.3")),
            id="no-version-before-1.13",
        ),
        pytest.param(
            server("Docker/20.10.24 (windows)", "1.41", Ostype="windows"),
            None,
            None,
            [PING],
            Negotiated(version("1.41"), version("1.41"), Release.parse("20.10.24"), windows=True),
            id="windows",
        ),
        pytest.param(
            server("Docker/1.13.1 (windows)", "1.26"),
            None,
            None,
            [PING],
            Negotiated(version("1.26"), version("1.26"), Release.parse("1.13.1"), windows=True),
            id="windows-before-ostype",
        ),
        pytest.param(
            server("Libpod/4.3.1 (linux)", "1.41", **{"Libpod-Api-Version": "4.3.1"}),
            None,
            None,
            [PING],
            spoken("1.41", "1.41", Release(20, 10, 0, podman="4.3.1")),
            id="podman",
        ),
        pytest.param(BARE, TOLD, None, [PING, VERSION], AT_1_51, id="bare-up-to-1.7"),
        pytest.param(NO_ROUTE, TOLD, None, [PING, VERSION], AT_1_51, id="no-route-up-to-0.10"),
        pytest.param(REFUSED, TOLD, None, [PING, VERSION], AT_1_51, id="ping-refused"),
        pytest.param(
            server("Docker/library-import (linux)", "1.24"),
            Said({}, {"Version": "library-import", "ApiVersion": "1.24"}),
            None,
            [PING, VERSION],
            spoken("1.24", "1.24", Release.parse("1.12.0")),
            id="somebodys-own-build",
        ),
        pytest.param(NGINX, TOLD, None, [PING, VERSION], AT_1_51, id="a-proxys-name"),
        pytest.param(
            server("nginx", "newest"), TOLD, None, [PING, VERSION], AT_1_51, id="no-version-at-all"
        ),
        pytest.param(
            NGINX,
            REFUSED,
            None,
            [PING, VERSION],
            spoken("1.51", "1.51", guess("28.3.0")),
            id="a-proxys-name-and-refused",
        ),
        pytest.param(
            REFUSED,
            REFUSED,
            "1.41",
            [PING, VERSION],
            spoken("1.41", "1.41", guess("20.10.0")),
            id="both-refused-and-pinned",
        ),
        pytest.param(
            MODERN,
            LOWERED,
            "1.12",
            [PING, VERSION],
            spoken("1.12", "1.51", ENGINE_28),
            id="below-the-lowest-by-default",
        ),
        pytest.param(
            MODERN,
            REFUSED,
            "1.12",
            [PING, VERSION],
            spoken("1.12", "1.51", ENGINE_28),
            id="below-the-lowest-by-default-and-refused",
        ),
        pytest.param(
            server("Docker/40.0.1 (linux)", "1.99"),
            NEWER,
            None,
            [PING, VERSION],
            spoken("1.55", "1.99", Release.parse("40.0.1")),
            id="newer-than-this-library",
        ),
    ],
)
def test_the_ping_tells_what_to_speak_and_else_the_version(
    ping: Said | int,
    told: Said | int | None,
    pinned: str | None,
    routes: list[str],
    found: Negotiated,
) -> None:
    asked, result = asked_of(ping, told, pinned)
    assert (asked, result) == (routes, found)
    assert (result.release.podman, result.release.guessed) == (
        found.release.podman,
        found.release.guessed,
    )


@pytest.mark.parametrize(
    ("endpoint", "ping", "told", "proxy"),
    [
        ("tcp://127.0.0.1:1", NGINX, TOLD, "nginx/1.22.1"),
        ("tcp://127.0.0.1:1", REFUSED, attrs.evolve(TOLD, headers={"Server": "Caddy"}), "Caddy"),
        ("tcp://127.0.0.1:1", NGINX, REFUSED, "nginx/1.22.1"),
        ("tcp://127.0.0.1:1", MODERN, TOLD, ""),
        ("tcp://127.0.0.1:1", BARE, TOLD, ""),
        ("unix:///x", NGINX, TOLD, ""),
    ],
)
def test_who_answers_over_tcp_and_names_no_engine_is_a_proxy(
    endpoint: str, ping: Said | int, told: Said | int, proxy: str
) -> None:
    """On a socket of this machine it may be an Engine that calls itself so."""
    assert asked_of(ping, told, None, Endpoint.parse(endpoint))[1].proxy == proxy


def test_a_release_that_nobody_tells_is_said_to_be_a_guess() -> None:
    assert str(asked_of(REFUSED, REFUSED, "1.41")[1].release) == (
        "20.10.0 (a guess by the API version: nobody tells the Engine's release)"
    )


BOTH = "this library 1.0 to 1.55"


@pytest.mark.parametrize(
    ("ping", "told", "pinned", "error", "words"),
    [
        (STARTING, None, None, ServerError, "GET /_ping: 503 no"),
        (BARE, STARTING, None, ServerError, "GET /version: 503 no"),
        (REFUSED, REFUSED, None, Forbidden, "GET /version: 403 no"),
        (BARE, REFUSED, None, Forbidden, "GET /version: 403 no"),
        (NO_ROUTE, NO_ROUTE, "1.41", NotFound, "GET /version: 404 no"),
        (
            BARE,
            Said({}, None),
            None,
            UnexpectedReply,
            "unix:///x: GET /version: an object was expected, not None",
        ),
        (
            BARE,
            Said({}, {}),
            None,
            UnexpectedReply,
            "unix:///x: GET /version names no Docker Engine: {}",
        ),
        (
            server("Docker/99.0 (linux)", "1.99"),
            Said({}, {"Version": "99.0", "ApiVersion": "1.99", "MinAPIVersion": "1.90"}),
            None,
            NoCommonVersion,
            f"unix:///x: the Engine speaks API 1.90 to 1.99, {BOTH}",
        ),
        (
            MODERN,
            TOLD,
            "1.12",
            NoCommonVersion,
            f"unix:///x: the Engine speaks API 1.24 to 1.51, {BOTH}, and version=1.12 was asked "
            "for",
        ),
        (
            MODERN,
            REFUSED,
            "1.52",
            NoCommonVersion,
            f"unix:///x: the Engine speaks API 1.24 to 1.51, {BOTH}, and version=1.52 was asked "
            "for",
        ),
    ],
)
def test_what_says_nothing_to_speak_is_refused(
    ping: Said | int,
    told: Said | int | None,
    pinned: str | None,
    error: type[Exception],
    words: str,
) -> None:
    with pytest.raises(error) as caught:
        asked_of(ping, told, pinned)
    assert str(caught.value) == words
