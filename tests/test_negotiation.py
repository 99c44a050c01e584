"""Negotiation: which version is spoken to which Engine, and why there may be none."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dockerapi import (
    BadRequest,
    Client,
    ConnectionFailed,
    DockerError,
    NoCommonVersion,
    NotFound,
    ServerError,
    UnexpectedReply,
)
from scripted import PATIENCE, Answer, ScriptedDaemon, json_reply, reply

# Every row of the table of daemons (section 1): the first and the last release of a row, what they
# say of versions in /version, and the version that is spoken.
RELEASES: list[tuple[str, str | None, str | None, str]] = [
    ("0.3.3", None, None, "1.0"),
    ("0.3.4", None, None, "1.1"),
    ("0.4.0", None, None, "1.1"),
    ("0.4.1", None, None, "1.2"),
    ("0.4.4", None, None, "1.2"),
    ("0.4.5", None, None, "1.3"),
    ("0.5.0", None, None, "1.3"),
    ("0.5.1", None, None, "1.4"),
    ("0.6.1", None, None, "1.4"),
    ("0.6.2", None, None, "1.5"),
    ("0.6.3", None, None, "1.5"),
    ("0.6.4", None, None, "1.6"),
    ("0.6.5-dev", None, None, "1.6"),
    ("0.6.6", None, None, "1.6"),
    ("0.6.7", None, None, "1.7"),
    ("0.7.0", None, None, "1.7"),
    ("0.7.1", None, None, "1.8"),
    ("0.7.6", None, None, "1.8"),
    ("0.8.0", None, None, "1.9"),
    ("0.8.1", None, None, "1.9"),
    ("0.9.0", None, None, "1.10"),
    ("0.9.1", None, None, "1.10"),
    ("0.10.0", "1.10", None, "1.10"),
    ("0.11.0", "1.11", None, "1.11"),
    ("0.11.1", "1.11", None, "1.11"),
    ("0.12.0", "1.12", None, "1.12"),
    ("1.0.1", "1.12", None, "1.12"),
    ("1.1.0", "1.13", None, "1.13"),
    ("1.1.2", "1.13", None, "1.13"),
    ("1.2.0", "1.14", None, "1.14"),
    ("1.3.0", "1.15", None, "1.15"),
    ("1.3.3", "1.15", None, "1.15"),
    ("1.4.1", "1.16", None, "1.16"),
    ("1.5.0", "1.17", None, "1.17"),
    ("1.6.0", "1.18", None, "1.18"),
    ("1.6.2", "1.18", None, "1.18"),
    ("1.7.0", "1.19", None, "1.19"),
    ("1.7.1", "1.19", None, "1.19"),
    ("1.8.0", "1.20", None, "1.20"),
    ("1.8.3", "1.20", None, "1.20"),
    ("1.9.1", "1.21", None, "1.21"),
    ("1.10.3", "1.22", None, "1.22"),
    ("1.11.2", "1.23", None, "1.23"),
    ("1.12.6", "1.24", None, "1.24"),
    ("1.13.0", "1.25", "1.12", "1.25"),
    ("1.13.1", "1.26", "1.12", "1.26"),
    ("17.03.0-ce", "1.26", "1.12", "1.26"),
    ("17.03.2-ce", "1.27", "1.12", "1.27"),
    ("17.04.0-ce", "1.28", "1.12", "1.28"),
    ("17.05.0-ce", "1.29", "1.12", "1.29"),
    ("17.06.2-ce", "1.30", "1.12", "1.30"),
    ("17.07.0-ce", "1.31", "1.12", "1.31"),
    ("17.09.1-ce", "1.32", "1.12", "1.32"),
    ("17.10.0-ce", "1.33", "1.12", "1.33"),
    ("17.11.0-ce", "1.34", "1.12", "1.34"),
    ("17.12.1-ce", "1.35", "1.12", "1.35"),
    ("18.01.0-ce", "1.35", "1.12", "1.35"),
    ("18.02.0-ce", "1.36", "1.12", "1.36"),
    ("18.03.1-ce", "1.37", "1.12", "1.37"),
    ("18.05.0-ce", "1.37", "1.12", "1.37"),
    ("18.06.3-ce", "1.38", "1.12", "1.38"),
    ("18.09.9", "1.39", "1.12", "1.39"),
    ("19.03.15", "1.40", "1.12", "1.40"),
    ("20.10.24+dfsg1", "1.41", "1.12", "1.41"),
    ("23.0.6", "1.42", "1.12", "1.42"),
    ("24.0.9", "1.43", "1.12", "1.43"),
    ("25.0.5", "1.44", "1.24", "1.44"),
    ("26.1.5+dfsg1", "1.45", "1.24", "1.45"),
    ("27.1.2", "1.46", "1.24", "1.46"),
    ("27.5.1", "1.47", "1.24", "1.47"),
    ("28.0.4", "1.48", "1.24", "1.48"),
    ("28.1.1", "1.49", "1.24", "1.49"),
    ("28.2.2", "1.50", "1.24", "1.50"),
    ("28.5.2+dfsg4", "1.51", "1.24", "1.51"),
    ("29.1.5", "1.52", "1.44", "1.52"),
    ("29.2.1", "1.53", "1.44", "1.53"),
    ("29.5.3", "1.54", "1.40", "1.54"),
    ("29.7.2", "1.55", "1.40", "1.55"),
    # Newer than this library: its own newest.
    ("30.0.0", "1.60", "1.44", "1.55"),
    ("31.0.0-rc.1", "1.112", "1.55", "1.55"),
]


@pytest.mark.parametrize(("release", "api", "lowest", "spoken"), RELEASES)
def test_an_engine_is_spoken_to_in_the_newest_version_that_both_know(
    release: str, api: str | None, lowest: str | None, spoken: str
) -> None:
    with ScriptedDaemon(
        {f"GET /v{spoken}/info": json_reply({})}, release=release, api=api, lowest=lowest
    ) as daemon:
        with Client(daemon.url) as client:
            client.info()
            assert client.api_version == spoken
    assert daemon.negotiations == 1
    assert [request.target for request in daemon.requests] == [f"/v{spoken}/info"]


@pytest.mark.parametrize(
    ("release", "api", "lowest", "pinned"),
    [
        ("0.8.1", None, None, "1.0"),
        ("0.8.1", None, None, "1.9"),
        ("0.9.1", None, None, "1.10"),
        ("1.6.2", "1.18", None, "1.0"),
        ("1.7.0", "1.19", None, "1.0"),
        ("1.7.1", "1.19", None, "1.12"),
        ("20.10.24", "1.41", "1.12", "1.41"),
        # DOCKER_MIN_API_VERSION lowers what 25.0 accepts.
        ("25.0.5", "1.44", "1.12", "1.12"),
        ("30.0.0", "1.60", "1.44", "1.55"),
    ],
)
def test_a_pinned_version_that_the_engine_speaks_is_spoken(
    release: str, api: str | None, lowest: str | None, pinned: str
) -> None:
    with ScriptedDaemon(release=release, api=api, lowest=lowest) as daemon:
        with Client(daemon.url, version=pinned) as client:
            assert client.api_version == pinned


TRAP = "; Engine {} would read {} as a decimal fraction and answer as for API {}"


@pytest.mark.parametrize(
    ("release", "api", "lowest", "pinned", "words"),
    [
        # Up to 0.8.1 a prefix is a decimal fraction: /v1.12 would be taken for an old version.
        ("0.8.1", None, None, "1.12", "1.0 to 1.9" + TRAP.format("0.8.1", "1.12", "1.1")),
        ("0.8.1", None, None, "1.10", "1.0 to 1.9" + TRAP.format("0.8.1", "1.10", "1.1")),
        ("0.7.6", None, None, "1.41", "1.0 to 1.8" + TRAP.format("0.7.6", "1.41", "1.4")),
        # Above its own as a fraction, too: 0.3.3 would say so itself.
        ("0.3.3", None, None, "1.41", "1.0 to 1.0"),
        ("0.4.4", None, None, "1.9", "1.0 to 1.2"),
        ("0.9.1", None, None, "1.12", "1.0 to 1.10"),
        # What the release accepts by the table, where /version does not say it.
        ("1.7.1", "1.19", None, "1.11", "1.12 to 1.19"),
        ("20.10.24", "1.41", "1.12", "1.42", "1.12 to 1.41"),
        ("28.5.2", "1.51", "1.24", "1.12", "1.24 to 1.51"),
        ("29.1.5", "1.52", "1.44", "1.43", "1.44 to 1.52"),
        # The Engine would take it, this library does not know it.
        ("30.0.0", "1.60", "1.44", "1.56", "1.44 to 1.60"),
    ],
)
def test_a_pinned_version_that_one_of_both_does_not_speak_is_refused_with_both_ranges(
    release: str, api: str | None, lowest: str | None, pinned: str, words: str
) -> None:
    engine, semicolon, reason = words.partition("; ")
    with ScriptedDaemon(release=release, api=api, lowest=lowest) as daemon:
        with Client(daemon.url, version=pinned) as client:
            with pytest.raises(NoCommonVersion) as caught:
                client.containers()
    assert str(caught.value) == (
        f"{daemon.url}: the Engine speaks API {engine}, this library 1.0 to 1.55, and "
        f"version={pinned} was asked for{semicolon}{reason}"
    )
    assert daemon.requests == []


@pytest.mark.parametrize(
    ("api", "lowest", "engine"), [("1.90", "1.56", "1.56 to 1.90"), ("0.9", "0.3", "0.3 to 0.9")]
)
def test_without_a_version_in_common_both_ranges_are_named(
    api: str, lowest: str, engine: str
) -> None:
    with ScriptedDaemon(release="99.0.0", api=api, lowest=lowest) as daemon:
        with Client(daemon.url) as client, pytest.raises(NoCommonVersion) as caught:
            client.containers()
    assert str(caught.value) == (
        f"{daemon.url}: the Engine speaks API {engine}, this library 1.0 to 1.55"
    )


# What Engines answer to a version that they do not speak (daemons, sections 3 and 4, and
# recordings). It is seen where an Engine's oldest version is not the one of its release by default
# (a ping does not tell it), and when an Engine is exchanged behind a client that has negotiated.

TEXT = {"Content_Type": "text/plain; charset=utf-8"}
OLD_WORDS = "is too old. Minimum supported API version is"
UPGRADE = "please upgrade your client to a newer version"

ERAS: list[tuple[str, bytes, type[DockerError], str]] = [
    ("0.3.3 to 0.7.6, too new", reply(404, b"", **TEXT), NotFound, "404 (no message)"),
    (
        "0.8.x, too new",
        reply(404, b"client and server don't have same version (client : 1.9, server: 1.8)\n"),
        NoCommonVersion,
        "client and server don't have same version (client : 1.9, server: 1.8)",
    ),
    (
        "0.9.0 to 1.6.2, too new",
        reply(
            404,
            b"client and server don't have same version (client : 9.99, server: 1.18)\n",
            **TEXT,
        ),
        NoCommonVersion,
        "client and server don't have same version (client : 9.99, server: 1.18)",
    ),
    (
        "1.7.0, too new",
        reply(
            400,
            b"client and server don't have same version "
            b"(client API version: 1.20, server API version: 1.19)\n",
            **TEXT,
        ),
        NoCommonVersion,
        "client and server don't have same version "
        "(client API version: 1.20, server API version: 1.19)",
    ),
    (
        "1.7.1 to 1.11.2, too new",
        reply(
            400,
            b"client is newer than server (client API version: 9.99, server API version: 1.19)\n",
            **TEXT,
        ),
        NoCommonVersion,
        "client is newer than server (client API version: 9.99, server API version: 1.19)",
    ),
    (
        "1.12.x, too new",
        json_reply(
            {
                "message": "client is newer than server "
                "(client API version: 1.25, server API version: 1.24)"
            },
            400,
        ),
        NoCommonVersion,
        "client is newer than server (client API version: 1.25, server API version: 1.24)",
    ),
    (
        "17.11.0 on, too new",
        json_reply(
            {"message": "client version 9.99 is too new. Maximum supported API version is 1.41"},
            400,
        ),
        NoCommonVersion,
        "client version 9.99 is too new. Maximum supported API version is 1.41",
    ),
    (
        "1.7.1 and 1.8.x, too old",
        reply(
            400,
            f"client is too old, minimum supported API version is 1.12, {UPGRADE}\n".encode(),
            **TEXT,
        ),
        NoCommonVersion,
        f"client is too old, minimum supported API version is 1.12, {UPGRADE}",
    ),
    (
        "1.9.x, too old, with its newest for the lowest",
        reply(400, f"client version 0.9 {OLD_WORDS} 1.21, {UPGRADE}\n".encode(), **TEXT),
        NoCommonVersion,
        f"client version 0.9 {OLD_WORDS} 1.21, {UPGRADE}",
    ),
    (
        "1.10.0 to 25.0, too old",
        reply(400, f"client version 0.9 {OLD_WORDS} 1.12, {UPGRADE}\n".encode(), **TEXT),
        NoCommonVersion,
        f"client version 0.9 {OLD_WORDS} 1.12, {UPGRADE}",
    ),
    (
        "26.0 to 28.0, too old",
        json_reply({"message": f"client version 0.9 {OLD_WORDS} 1.24, {UPGRADE}"}, 400),
        NoCommonVersion,
        f"client version 0.9 {OLD_WORDS} 1.24, {UPGRADE}",
    ),
    (
        "29.0 on, a route below its floor",
        json_reply({"message": "POST /containers/prune requires minimum API version 1.25"}, 400),
        BadRequest,
        "400 POST /containers/prune requires minimum API version 1.25",
    ),
]


@pytest.mark.parametrize(
    ("answer", "error", "words"), [era[1:] for era in ERAS], ids=[era[0] for era in ERAS]
)
def test_the_words_of_an_engine_that_was_exchanged_are_shown(
    answer: bytes, error: type[DockerError], words: str
) -> None:
    with ScriptedDaemon({"GET /v1.41/info": answer}) as daemon:
        with Client(daemon.url) as client, pytest.raises(error) as caught:
            client.info()
    assert type(caught.value) is error
    if error is NoCommonVersion:
        words = f"{daemon.url}: GET /info: {words}; this library speaks 1.0 to 1.55"
    else:
        words = f"GET /info: {words}"
    assert str(caught.value) == words


# What is no Engine, or says nothing of itself

PAGE = b"<html><body>It works!</body></html>"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (reply(200, PAGE), UnexpectedReply, f"GET /version: JSON was expected, not {PAGE!r}"),
        (reply(200, b""), UnexpectedReply, "GET /version: JSON was expected, not b''"),
        (reply(404, PAGE), NotFound, "GET /version: 404 It works! (from in front of the Engine)"),
        (
            reply(502, PAGE),
            ServerError,
            "GET /version: 502 It works! (from in front of the Engine)",
        ),
        (reply(404, b""), NotFound, "GET /version: 404 (no message)"),
        (
            json_reply(None),
            UnexpectedReply,
            "<url>: GET /version: an object was expected, not None",
        ),
        (
            json_reply(["1.41"]),
            UnexpectedReply,
            "<url>: GET /version: an object was expected, not ['1.41']",
        ),
        (
            json_reply({}),
            UnexpectedReply,
            "<url>: GET /version names no Docker Engine: {}",
        ),
        (
            json_reply({"Version": "dev"}),
            UnexpectedReply,
            "<url>: GET /version names no Docker Engine: {'Version': 'dev'}",
        ),
        (
            json_reply({"Version": "0.3.2"}),
            UnexpectedReply,
            "<url>: GET /version names no Docker Engine: {'Version': '0.3.2'}",
        ),
        (
            json_reply({"Version": "20.10.24", "ApiVersion": "newest"}),
            UnexpectedReply,
            "<url>: GET /version names no Docker Engine: "
            "{'Version': '20.10.24', 'ApiVersion': 'newest'}",
        ),
        (
            json_reply({"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "old"}),
            UnexpectedReply,
            "<url>: GET /version names no Docker Engine: "
            "{'Version': '20.10.24', 'ApiVersion': '1.41', 'MinAPIVersion': 'old'}",
        ),
    ],
    ids=[
        "page",
        "empty",
        "page-404",
        "page-502",
        "empty-404",
        "null",
        "list",
        "nothing",
        "no-release",
        "before-http",
        "bad-version",
        "bad-lowest",
    ],
)
def test_what_is_no_engine_is_refused_with_what_it_said(
    answer: Answer, error: type[Exception], words: str
) -> None:
    with ScriptedDaemon({"GET /version": answer}) as daemon:
        with Client(daemon.url) as client, pytest.raises(error) as caught:
            client.info()
    assert str(caught.value) == words.replace("<url>", daemon.url)
    assert [request.target for request in daemon.requests] == ["/version"]


def test_who_hangs_up_on_the_question_is_a_failed_connection() -> None:
    with ScriptedDaemon({"GET /version": lambda conversation: None}) as daemon:
        with Client(daemon.url) as client, pytest.raises(ConnectionFailed) as caught:
            client.info()
    assert str(caught.value) == (
        f"{daemon.url}: GET /version: the Engine closed the connection without an answer. Did it "
        "stop, or crash on this request? Its log tells"
    )


@pytest.mark.parametrize(
    ("said", "spoken", "logs"),
    [
        # Somebody's own build counts as the first release that spoke its version.
        ({"Version": "library-import", "ApiVersion": "1.24"}, "1.24", True),
        ({"Version": "", "ApiVersion": "1.10"}, "1.10", True),
        ({"ApiVersion": "1.16"}, "1.16", True),
        # Strings that look like numbers came as numbers from 0.7.2 to 1.6.
        ({"Version": "1.6.2", "ApiVersion": 1.18}, "1.18", True),
        ({"Version": "library-import", "ApiVersion": "1.99"}, "1.55", True),
    ],
)
def test_an_engine_without_a_number_of_its_own_is_spoken_to_by_its_version(
    said: dict[str, Any], spoken: str, logs: bool
) -> None:
    with ScriptedDaemon({"GET /version": json_reply(said)}) as daemon:
        with Client(daemon.url) as client:
            assert client.api_version == spoken
            assert client.supports("logs") is logs


# When it is asked


def test_nothing_is_asked_before_the_first_need() -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url):
        pass
    assert daemon.connections == 0


def test_many_threads_ask_for_the_version_once() -> None:
    with ScriptedDaemon({"GET /v1.41/info": json_reply({})}) as daemon:
        with Client(daemon.url) as client:
            start = threading.Barrier(8)

            def ask() -> None:
                start.wait(PATIENCE)
                client.info()

            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
    assert daemon.negotiations == 1
    assert len(daemon.requests) == 8


def test_a_question_that_failed_is_asked_again_by_the_next_call() -> None:
    script = {
        "GET /version": [
            reply(503, b"starting up"),
            json_reply({"Version": "20.10.24", "ApiVersion": "1.41"}),
        ],
        "GET /v1.41/info": json_reply({}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ServerError) as caught:
            client.info()
        assert str(caught.value) == "GET /version: 503 starting up"
        client.info()
        assert client.api_version == "1.41"
