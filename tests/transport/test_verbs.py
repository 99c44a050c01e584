"""Requests and replies over real sockets: what is sent, what comes back, and what goes wrong."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import IncompleteRead
from pathlib import Path
from typing import Any

import attrs
import pytest

from background import Background
from certificates import Authority
from dockerapi import (
    ApiError,
    BadRequest,
    Client,
    Closed,
    Conflict,
    ConnectionFailed,
    ContainerNotFound,
    Forbidden,
    NoCommonVersion,
    NotAcceptable,
    NotFound,
    NotSupported,
    ServerError,
    StreamInterrupted,
    TimedOut,
    Timeouts,
    TLSConfig,
    Unauthorized,
    UnexpectedReply,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError
from dockerapi.protocol.wire import Demuxer, RawDecoder
from dockerapi.transport import IDLE_CONNECTIONS, Transport
from dockerapi.transport.reading import Body
from dockerapi.versions.releases import ApiVersion
from interruptions import interruptible
from scripted import (
    PATIENCE,
    UPGRADED,
    Answer,
    BeforeBody,
    Conversation,
    Request,
    ScriptedDaemon,
    asked,
    chunk,
    chunked,
    head,
    json_reply,
    ping_of,
    reply,
)

INFO = "GET /v1.41/info"
AGENT = "a program/1.0"
PATIENT = Timeouts(connect=10, read=10)


@contextlib.contextmanager
def transport_to(daemon: ScriptedDaemon, **options: Any) -> Iterator[Transport]:
    version = options.pop("version", None)
    transport = Transport(
        Endpoint.parse(daemon.url),
        version=None if version is None else ApiVersion.parse(version),
        timeouts=PATIENT,
        user_agent=AGENT,
    )
    try:
        if options:
            assert transport.negotiated  # which has the patient limits
            transport = transport.with_timeouts(attrs.evolve(PATIENT, **options))
        yield transport
    finally:
        transport.close()


@contextlib.contextmanager
def playing(
    script: Mapping[str, Any], *, timeouts: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[tuple[ScriptedDaemon, Transport]]:
    """A daemon with this script, and a transport to it."""
    with ScriptedDaemon(script, **options) as daemon:
        with transport_to(daemon, **(timeouts or {})) as transport:
            yield daemon, transport


def error_of(
    act: Callable[[Transport], Any], script: Mapping[str, Any], **options: Any
) -> DockerError:
    """What goes wrong, the daemon's address replaced by URL."""
    with playing(script, **options) as (daemon, transport):
        with pytest.raises(DockerError) as caught:
            act(transport)
        caught.value.message = caught.value.message.replace(daemon.url, "URL")
        caught.value.args = (caught.value.message,)
    return caught.value


def info(transport: Transport) -> Any:
    return transport.call("GET /info").json()


def all_of(body: Body) -> bytes:
    return b"".join(iter(body.read, b""))


def streamed(transport: Transport) -> bytes:
    with contextlib.closing(transport.stream("GET /events")) as body:
        return all_of(body)


# Connections


def test_a_thousand_calls_to_a_thousand_containers_use_one_connection() -> None:
    ids = [f"c{number}" for number in range(1000)]
    script = {f"GET /v1.41/containers/{id}/json": json_reply({"Id": id}) for id in ids}
    with playing(script) as (daemon, transport):
        found = [transport.call("GET /containers/{id}/json", id).json()["Id"] for id in ids]
        assert found == ids
        assert (daemon.connections, daemon.negotiations) == (1, 1)


def test_a_stream_that_was_read_to_its_end_leaves_its_connection_to_the_next() -> None:
    with playing({"GET /v1.41/events": chunked(b"a", b"b"), INFO: json_reply({})}) as (
        daemon,
        transport,
    ):
        for _ in range(3):
            assert streamed(transport) == b"ab"
            assert info(transport) == {}
        assert daemon.connections == 1


def test_a_stream_that_was_closed_half_way_takes_its_connection_with_it() -> None:
    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(b"a"))
        c.wait_for_hangup()

    with playing({"GET /v1.41/events": play, INFO: json_reply({})}) as (daemon, transport):
        for _ in range(3):
            body = transport.stream("GET /events")
            assert body.read() == b"a"
            body.close()
            assert info(transport) == {}
        assert daemon.connections == 4


def test_a_stream_whose_last_byte_was_read_leaves_its_connection_to_the_next() -> None:
    """Also if it is closed before its end was seen: another request may be on it by then."""
    with playing({"GET /v1.41/events": json_reply({}), INFO: json_reply({})}) as (
        daemon,
        transport,
    ):
        body = transport.stream("GET /events")
        assert body.read() == b"{}"
        body.close()
        assert info(transport) == {}
        assert daemon.connections == 1


def test_a_refusal_leaves_its_connection_to_the_next() -> None:
    script = {INFO: [reply(404, b"no"), reply(500, b"no"), reply(304), json_reply({})]}
    with playing(script) as (daemon, transport):
        for _ in range(2):
            with pytest.raises(ApiError):
                info(transport)
        assert transport.call("GET /info").status == 304
        assert info(transport) == {}
        assert daemon.connections == 1


def test_a_connection_that_the_engine_ended_in_between_is_opened_again() -> None:
    with playing({INFO: json_reply({})}) as (daemon, transport):
        assert info(transport) == {}
        daemon.hang_up()
        assert info(transport) == {}
        assert daemon.connections == 2
        assert len(daemon.requests) == 2


def test_nothing_is_sent_twice() -> None:
    """Not even where no answer came: the Engine may have done what was asked."""
    with playing({"POST /v1.41/containers/c1/restart": b""}) as (daemon, transport):
        with pytest.raises(ConnectionFailed):
            transport.call("POST /containers/{id}/restart", "c1")
        assert daemon.requests == [Request("POST", "/v1.41/containers/c1/restart")]


@pytest.mark.parametrize("verb", [info, streamed])
def test_a_get_that_met_a_connection_gone_stale_is_sent_again_on_a_fresh_one(
    verb: Callable[[Transport], Any],
) -> None:
    """As of an Engine that restarts: it reads the request and answers nothing any more."""
    good = json_reply({"Id": "x"})
    script = {INFO: [good, b"", good], "GET /v1.41/events": [good, b"", good]}
    del script["GET /v1.41/events" if verb is info else INFO]
    with playing(script) as (daemon, transport):
        assert [verb(transport), verb(transport)] == [verb_result(verb)] * 2
        assert (len(daemon.requests), daemon.connections) == (3, 2)


def verb_result(verb: Callable[[Transport], Any]) -> Any:
    return {"Id": "x"} if verb is info else b'{"Id": "x"}'


def test_a_get_is_sent_twice_at_most() -> None:
    with playing({INFO: [json_reply({}), b"", b""]}) as (daemon, transport):
        assert info(transport) == {}
        with pytest.raises(ConnectionFailed):
            info(transport)
        assert len(daemon.requests) == 3


def test_a_get_that_failed_on_a_fresh_connection_is_not_sent_again() -> None:
    with ScriptedDaemon({INFO: [b""]}) as daemon, transport_to(daemon) as transport:
        assert transport.negotiated
        daemon.hang_up()
        with pytest.raises(ConnectionFailed):
            info(transport)
        assert len(daemon.requests) == 1


def test_a_timeout_on_a_kept_connection_is_no_stale_one() -> None:
    def play(c: Conversation) -> None:
        c.wait_for_hangup()

    with playing({INFO: [json_reply({}), play]}) as (daemon, transport):
        assert info(transport) == {}
        with pytest.raises(TimedOut):
            info(transport.with_timeouts(Timeouts(read=0.25)))
    assert len(daemon.requests) == 2


def test_more_calls_at_once_than_connections_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    together = threading.Barrier(IDLE_CONNECTIONS + 1)

    def play(c: Conversation) -> None:
        together.wait(PATIENCE)
        c.send(json_reply({}))
        c.wait_for_hangup()

    with playing({INFO: play}) as (daemon, transport):
        assert transport.negotiated
        caplog.set_level(logging.WARNING)
        threads = [
            threading.Thread(target=info, args=(transport,)) for _ in range(IDLE_CONNECTIONS + 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert daemon.connections == IDLE_CONNECTIONS + 1
        assert caplog.records == []


# What the caller's policy repeats


def test_the_policy_says_what_is_sent_again_and_when() -> None:
    asked: list[tuple[str, str, int]] = []

    def retry(route: str, error: DockerError, times: int) -> float | None:
        asked.append((route, type(error).__name__, times))
        return 0.001 if times < 3 else None

    script = {
        INFO: [reply(503, b"busy"), reply(500), json_reply({})],
        "POST /v1.41/containers/c/kill": [reply(500)] * 3,
    }
    with ScriptedDaemon(script) as daemon:
        with Client(daemon.url, retry=retry) as client:
            client.with_timeouts(read=5).info()
            with pytest.raises(ServerError):
                client.kill("c")
    assert asked == [
        ("GET /info", "ServerError", 1),
        ("GET /info", "ServerError", 2),
        *(("POST /containers/{id}/kill", "ServerError", times) for times in (1, 2, 3)),
    ]


def test_the_policy_is_not_asked_what_cannot_be_repeated() -> None:
    def retry(route: str, error: DockerError, times: int) -> float | None:
        raise AssertionError("asked")

    script = {
        "POST /v1.41/images/load": reply(500),
        "POST /v1.41/containers/c/attach": reply(500),
        INFO: json_reply({}),
    }
    with ScriptedDaemon(script) as daemon:
        transport = Transport(Endpoint.parse(daemon.url), retry=retry)
        try:
            assert info(transport) == {}
            with pytest.raises(ServerError):
                transport.call("POST /images/load", data=iter([b"x"]))
            with pytest.raises(ServerError):
                transport.hijack("POST /containers/{id}/attach", "c")
        finally:
            transport.close()
        with pytest.raises(Closed):
            info(transport)


def test_a_policy_may_ask_what_its_client_asks_without_being_asked_itself() -> None:
    """Of a negotiation that failed it waited for ever, at the lock that its own thread held."""
    asked: list[tuple[str, str]] = []

    def retry(route: str, error: DockerError, times: int) -> float | None:
        asked.append((route, type(error).__name__))
        for act in (lambda: transport.negotiated, lambda: info(transport)):
            with pytest.raises(ServerError):
                act()
        return None if times == 2 else 0

    script = {"GET /version": reply(503, b"starting up")}
    with ScriptedDaemon(script) as daemon:
        transport = Transport(Endpoint.parse(daemon.url), retry=retry)
        with contextlib.closing(transport), pytest.raises(ServerError):
            info(transport)
        assert len(daemon.requests) == 6
    assert asked == [("GET /version", "ServerError")] * 2


def test_a_client_that_is_closed_while_it_waits_for_the_version_says_so() -> None:
    arrived, go = threading.Event(), threading.Event()

    def play(c: Conversation) -> None:
        arrived.set()
        assert go.wait(PATIENCE)

    with playing({"GET /version": play}) as (_, transport):
        first = Background(lambda: info(transport))
        assert arrived.wait(PATIENCE)
        second = Background(lambda: info(transport))
        while len(transport._shared.negotiation._threads) < 2:
            second.join(0.01)
        transport.close()
        for waiting in (first, second):
            with pytest.raises(Closed):
                waiting.result()
        go.set()


def test_a_call_in_the_middle_of_the_question_of_the_version_asks_for_itself() -> None:
    """As from the handler of a signal: headers are asked of the caller's code there."""
    found: list[Any] = []

    def headers() -> Mapping[str, str]:
        if not found:
            found.append(None)
            found[0] = info(transport)
        return {}

    with ScriptedDaemon({INFO: json_reply({"ID": "x"})}) as daemon:
        transport = Transport(Endpoint.parse(daemon.url), headers=headers)
        with contextlib.closing(transport):
            assert info(transport) == {"ID": "x"}
        assert daemon.negotiations == 2
    assert found == [{"ID": "x"}]


def test_a_refused_connection_is_one_cause_deep(tmp_path: Path) -> None:
    transport = Transport(Endpoint.parse(str(tmp_path / "docker.sock")))
    with contextlib.closing(transport), pytest.raises(ConnectionFailed) as caught:
        info(transport)
    cause = caught.value.__cause__
    assert type(cause) is FileNotFoundError
    assert (cause.__cause__, cause.__context__) == (None, None)
    assert caught.value.__context__ is cause


def test_closing_ends_the_pause_before_a_request_is_sent_again() -> None:
    transport = Transport(Endpoint.parse("/nowhere/docker.sock"), retry=lambda *_: 60)
    began = time.monotonic()
    threading.Timer(0.05, transport.close).start()
    with pytest.raises(Closed):
        info(transport)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("1", TypeError, "retry: seconds or None were expected of it, not '1'"),
        (True, TypeError, "retry: seconds or None were expected of it, not True"),
        (-1, ValueError, "retry: 0 seconds or more, not -1"),
        (float("nan"), ValueError, "retry: 0 seconds or more, not nan"),
    ],
)
def test_what_a_policy_must_not_give(given: Any, error: type[Exception], message: str) -> None:
    transport = Transport(Endpoint.parse("/nowhere/docker.sock"), retry=lambda *_: given)
    with pytest.raises(error) as caught:
        info(transport)
    assert str(caught.value) == message
    assert isinstance(caught.value.__cause__, ConnectionFailed)
    transport.close()


def test_closing_ends_a_call_in_whatever_line_it_is() -> None:
    """As the handler of a signal does, in the thread that it has interrupted."""
    outcomes: list[bool] = []

    def interrupted(url: str, line: int) -> int:
        """How many lines were left to go when the call had ended."""

        def trace(frame: object, event: str, argument: object) -> object:
            nonlocal line
            line -= 1
            if line == 0:
                transport.close()
            return trace

        transport = Transport(Endpoint.parse(url))
        try:
            assert info(transport) == {}
            sys.settrace(trace)  # type: ignore[arg-type]
            with contextlib.suppress(Closed):
                outcomes.append(info(transport) == {})
        finally:
            sys.settrace(None)
            transport.close()
        return line

    def all_lines() -> None:
        line = 1
        while interrupted(daemon.url, line) <= 0:
            line += 3

    with ScriptedDaemon({INFO: json_reply({})}) as daemon:
        thread = threading.Thread(target=all_lines, daemon=True)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
    assert all(outcomes) and len(outcomes) > 60


def test_an_interrupted_call_leaves_no_half_read_connection() -> None:
    """As by Ctrl-C: the next call must not find the rest of the answer."""

    def play(c: Conversation) -> None:
        c.send(head(200, Content_Length="100") + b"half")
        interrupt()
        c.wait_for_hangup()

    with (
        interruptible() as interrupt,
        playing({INFO: [play, json_reply({})]}) as (daemon, transport),
    ):
        with pytest.raises(KeyboardInterrupt):
            info(transport)
        assert info(transport) == {}
        assert daemon.connections == 2


def test_calls_in_many_threads_have_connections_of_their_own() -> None:
    count = 8
    together = threading.Barrier(count)

    def play(c: Conversation) -> None:
        together.wait(PATIENCE)
        c.send(json_reply({}))

    with playing({INFO: play}) as (_, transport):
        calls = [Background(lambda: info(transport)) for _ in range(count)]
        assert [call.result() for call in calls] == [{}] * count


# Negotiation


def test_sixteen_threads_negotiate_once() -> None:
    count = 16
    together = threading.Barrier(count)

    def call() -> Any:
        together.wait(PATIENCE)
        return info(transport)

    with playing({INFO: json_reply({})}) as (daemon, transport):
        calls = [Background(call) for _ in range(count)]
        assert [one.result() for one in calls] == [{}] * count
        assert daemon.negotiations == 1


def test_nothing_is_asked_before_the_first_call() -> None:
    with ScriptedDaemon() as daemon:
        Client(daemon.url).close()
        with Client(daemon.url, version="1.19"):
            pass
        assert daemon.connections == 0


def test_a_view_with_other_timeouts_negotiates_no_more() -> None:
    with playing({INFO: json_reply({})}) as (daemon, transport):
        view = transport.with_timeouts(Timeouts(read=1))
        assert (info(transport), info(view)) == ({}, {})
        assert (daemon.connections, daemon.negotiations) == (1, 1)
        assert view.endpoint == transport.endpoint
        view.close()
        with pytest.raises(Closed):
            info(transport)


def test_a_negotiation_that_failed_is_tried_again() -> None:
    version = json_reply({"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"})
    script = {"GET /version": [reply(503, b"starting"), version], INFO: json_reply({})}
    with playing(script) as (_, transport):
        with pytest.raises(ServerError):
            info(transport)
        assert info(transport) == {}


def test_an_engine_on_windows_is_asked_for_no_buildkit() -> None:
    version = json_reply({"Version": "28.5.2", "ApiVersion": "1.51", "Os": "windows"})
    with playing({"GET /version": version}) as (daemon, transport):
        with pytest.raises(NotSupported) as caught:
            transport.stream("POST /build", query={"version": "2"})
    assert (caught.value.has, len(daemon.requests)) == ("Windows", 1)


@pytest.mark.parametrize(
    ("release", "api", "lowest", "pinned", "spoken"),
    [
        ("20.10.24", "1.41", "1.12", None, "1.41"),
        ("20.10.24", "1.41", "1.12", "1.19", "1.19"),
        ("20.10.24+dfsg1", "1.41", "1.12", "1.12", "1.12"),
        ("99.0.0", "1.99", "1.44", None, "1.55"),
        ("dev", "1.41", "1.24", None, "1.41"),
        ("library-import", "1.41", None, None, "1.41"),
        ("1.6.2", "1.18", None, None, "1.18"),
        ("0.9.1", None, None, None, "1.10"),
        ("0.6.7", None, None, None, "1.7"),
        ("0.3.3", None, None, None, "1.0"),
        ("0.6.7", None, None, "1.2", "1.2"),
    ],
)
def test_the_version_that_is_spoken(
    release: str, api: str | None, lowest: str | None, pinned: str | None, spoken: str
) -> None:
    with ScriptedDaemon(
        {f"GET /v{spoken}/info": json_reply({})}, release=release, api=api, lowest=lowest
    ) as daemon:
        with transport_to(daemon, version=pinned) as transport:
            assert info(transport) == {}
            assert str(transport.negotiated.version) == spoken
            assert daemon.negotiations == 1


@pytest.mark.parametrize(
    ("release", "api", "lowest", "pinned", "message"),
    [
        (
            "99.0.0",
            "1.99",
            "1.60",
            None,
            "URL: the Engine speaks API 1.60 to 1.99, this library 1.0 to 1.55",
        ),
        (
            "20.10.24",
            "1.41",
            "1.12",
            "1.42",
            "URL: the Engine speaks API 1.12 to 1.41, this library 1.0 to 1.55, and version=1.42 "
            "was asked for",
        ),
        (
            "28.5.0",
            "1.51",
            "1.24",
            "1.19",
            "URL: the Engine speaks API 1.24 to 1.51, this library 1.0 to 1.55, and version=1.19 "
            "was asked for",
        ),
        (
            "99.0.0",
            "1.99",
            "1.44",
            "1.60",
            "URL: the Engine speaks API 1.44 to 1.99, this library 1.0 to 1.55, and version=1.60 "
            "was asked for",
        ),
        (
            "0.6.7",
            None,
            None,
            "1.19",
            "URL: the Engine speaks API 1.0 to 1.7, this library 1.0 to 1.55, and version=1.19 "
            "was asked for; Engine 0.6.7 would read 1.19 as a decimal fraction and answer as for "
            "API 1.1",
        ),
    ],
)
def test_no_version_in_common(
    release: str, api: str | None, lowest: str | None, pinned: str | None, message: str
) -> None:
    error = error_of(
        info,
        {},
        release=release,
        api=api,
        lowest=lowest,
        timeouts={"version": pinned},
    )
    assert type(error) is NoCommonVersion
    assert str(error) == message


@pytest.mark.parametrize(
    ("answer", "expected", "message"),
    [
        (
            reply(200, b"<html>Welcome</html>", Content_Type="text/html"),
            UnexpectedReply,
            "GET /version: JSON was expected, not b'<html>Welcome</html>'",
        ),
        (reply(200), UnexpectedReply, "GET /version: JSON was expected, not b''"),
        (reply(204), UnexpectedReply, "GET /version: JSON was expected, not b''"),
        (
            json_reply(["1.41"]),
            UnexpectedReply,
            "URL: GET /version: an object was expected, not ['1.41']",
        ),
        (
            json_reply({"status": "ok"}),
            UnexpectedReply,
            "URL: GET /version names no Docker Engine: {'status': 'ok'}",
        ),
        (
            json_reply({"Version": "0.2.0"}),
            UnexpectedReply,
            "URL: GET /version names no Docker Engine: {'Version': '0.2.0'}",
        ),
        (
            json_reply({"Version": "20.10", "ApiVersion": "latest"}),
            UnexpectedReply,
            "URL: GET /version names no Docker Engine: "
            "{'Version': '20.10', 'ApiVersion': 'latest'}",
        ),
        (
            reply(502, b"<html>Bad Gateway</html>"),
            ServerError,
            "Bad Gateway (from in front of the Engine)",
        ),
        (reply(404, b"404 page not found\n"), NotFound, "404 page not found"),
        (
            b"",
            ConnectionFailed,
            "URL: GET /version: the Engine closed the connection without an answer. Did it stop, "
            "or crash on this request? Its log tells",
        ),
        (
            b"220 mail.example.org ESMTP\r\n",
            UnexpectedReply,
            "URL: GET /version: no HTTP answer: '220 mail.example.org ESMTP\\r\\n'",
        ),
    ],
    ids=[
        "HTML", "empty", "no content", "list", "no Engine", "too old", "odd version", "gateway",
        "not found", "nothing", "mail",
    ],
)  # fmt: skip
def test_what_answers_and_is_no_engine(
    answer: bytes, expected: type[DockerError], message: str
) -> None:
    error = error_of(info, {"GET /version": answer})
    assert (type(error), error.message) == (expected, message)


# What is sent


def test_the_whole_head_of_a_request() -> None:
    with playing({INFO: json_reply({})}) as (daemon, transport):
        info(transport)
        assert daemon.requests[0].head == (
            "GET /v1.41/info HTTP/1.1\r\n"
            "Accept-Encoding: identity\r\n"
            "Host: localhost\r\n"
            f"User-Agent: {AGENT}\r\n"
        )


def test_the_host_is_that_of_the_url() -> None:
    with playing({INFO: json_reply({})}, tcp=True) as (daemon, transport):
        info(transport)
        assert f"\r\nHost: 127.0.0.1:{daemon.port}\r\n" in daemon.requests[0].head


@pytest.mark.parametrize(
    ("route", "subject", "target"),
    [
        ("GET /containers/{id}/json", "c1", "/v1.41/containers/c1/json"),
        ("GET /containers/{id}/json", "a b", "/v1.41/containers/a%20b/json"),
        ("GET /containers/{id}/json", "a/b", "/v1.41/containers/a%2Fb/json"),
        ("GET /containers/{id}/json", "a?b#c", "/v1.41/containers/a%3Fb%23c/json"),
        ("GET /containers/{id}/json", "a%2Fb", "/v1.41/containers/a%252Fb/json"),
        ("GET /containers/{id}/json", "caf\u00e9", "/v1.41/containers/caf%C3%A9/json"),
        ("GET /containers/{id}/json", r"\1", "/v1.41/containers/%5C1/json"),
        ("GET /containers/{id}/json", "a\r\nb", "/v1.41/containers/a%0D%0Ab/json"),
        ("GET /images/{name}/json", "a/b:c@sha256:d", "/v1.41/images/a/b:c@sha256:d/json"),
        ("GET /images/{name}/json", "localhost:5000/a", "/v1.41/images/localhost:5000/a/json"),
        ("GET /images/{name}/json", "a b?", "/v1.41/images/a%20b%3F/json"),
    ],
)
def test_a_name_in_the_path_is_quoted(route: str, subject: str, target: str) -> None:
    with playing({f"GET {target}": json_reply({})}) as (daemon, transport):
        transport.call(route, subject)
        assert daemon.requests == [Request("GET", target)]


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ({}, ""),
        ({"all": None}, ""),
        ({"all": True}, "?all=1"),
        ({"all": False}, "?all=0"),
        ({"limit": 0}, "?limit=0"),
        ({"limit": 1.5}, "?limit=1.5"),
        ({"since": ""}, "?since="),
        ({"since": "a b&c=d/\u00e9"}, "?since=a+b%26c%3Dd%2F%C3%A9"),
        ({"names": ["a", "b"]}, "?names=a&names=b"),
        ({"names": ("a", True)}, "?names=a&names=1"),
        ({"names": []}, ""),
        ({"all": True, "size": False, "limit": 3}, "?all=1&size=0&limit=3"),
        (
            {"filters": {"label": ["a=b"], "status": ["exited", "dead"]}},
            "?filters=%7B%22label%22%3A+%5B%22a%3Db%22%5D%2C+%22status%22%3A+%5B%22exited%22%2C+"
            "%22dead%22%5D%7D",
        ),
    ],
    ids=str,
)
def test_a_query_is_written(query: dict[str, Any], sent: str) -> None:
    with playing({"GET /v1.41/containers/json": json_reply([])}) as (daemon, transport):
        transport.call("GET /containers/json", query=query)
        assert daemon.requests == [Request("GET", f"/v1.41/containers/json{sent}")]


def test_a_body_is_sent_as_json() -> None:
    body = {"Image": "busybox", "Cmd": ["echo", "caf\u00e9"], "Tty": False, "User": None}
    with playing({"POST /v1.41/containers/create": json_reply({"Id": "c1"}, 201)}) as (
        daemon,
        transport,
    ):
        made = transport.call("POST /containers/create", query={"name": "n"}, body=body)
        assert (made.route, made.status, made.json()) == (
            "POST /containers/create",
            201,
            {"Id": "c1"},
        )
        assert daemon.requests == [
            asked(
                "POST /v1.41/containers/create?name=n",
                {"Image": "busybox", "Cmd": ["echo", "caf\u00e9"], "Tty": False},
            )
        ]
        content = daemon.requests[0].content
        assert f"\r\nContent-Length: {len(content)}\r\n" in daemon.requests[0].head


def test_what_the_version_does_not_know_is_not_sent() -> None:
    error = error_of(
        lambda transport: transport.call("GET /containers/{id}/stats", "c1"),
        {},
        api="1.14",
        release="1.2.0",
    )
    assert isinstance(error, NotSupported)
    assert (error.route, error.has) == ("GET /containers/{id}/stats", "1.14")


def test_a_cookie_is_not_kept() -> None:
    with playing({INFO: json_reply({}, Set_Cookie="a=b")}) as (daemon, transport):
        info(transport)
        info(transport)
        assert [request.headers for request in daemon.requests] == [{}, {}]


def test_the_environment_does_not_change_a_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text(
        "machine 127.0.0.1 login me password secret\n"
        "machine localhost login me password secret\ndefault login me password secret\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "/nosuch.pem")
    with playing({INFO: json_reply({})}, tcp=True) as (daemon, transport):
        info(transport)
        assert daemon.requests == [Request("GET", "/v1.41/info")]
    authority = Authority(tmp_path / "certificates")
    with ScriptedDaemon({INFO: json_reply({})}, tls=authority.daemon()) as daemon:
        endpoint = Endpoint.parse(daemon.url, tls=TLSConfig(authority.ca))
        transport = Transport(endpoint)
        info(transport)
        transport.close()
        assert daemon.requests == [Request("GET", "/v1.41/info")]


# Uploads

BUILD = "POST /v1.41/build"
TAR = {"Content-Type": "application/x-tar"}


def upload(transport: Transport, data: Any) -> Any:
    return transport.call("POST /build", data=data, headers=TAR)


@pytest.mark.parametrize(
    ("data", "content", "told"),
    [
        (b"archive", b"archive", "Content-Length: 7"),
        (b"", b"", "Content-Length: 0"),
        (io.BytesIO(b"x" * 200_000), b"x" * 200_000, "Transfer-Encoding: chunked"),
        ((piece for piece in (b"a", b"", b"b")), b"ab", "Transfer-Encoding: chunked"),
        ([], b"", "Transfer-Encoding: chunked"),
    ],
    ids=["bytes", "no bytes", "file", "generator", "nothing"],
)
def test_an_upload_arrives(data: Any, content: bytes, told: str) -> None:
    with playing({BUILD: reply(200)}) as (daemon, transport):
        upload(transport, data)
        (request,) = daemon.requests
        assert request == Request("POST", "/v1.41/build", TAR, content)
        lengths = ("Content-Length:", "Transfer-Encoding:")
        found = [line for line in request.head.split("\r\n") if line.startswith(lengths)]
        assert found == [told]


def test_the_rest_of_a_file_is_sent_with_its_length(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"0123456789" * 20_000)
    with playing({BUILD: [reply(200)] * 3}) as (daemon, transport):
        with open(path, "rb") as file:
            assert file.read(5) == b"01234"
            upload(transport, file)
        with open(path, "rb", buffering=0) as raw:
            upload(transport, raw)
        with gzip.open(path, "wb") as packed:
            packed.write(b"unpacked")
        with gzip.open(path) as unpacked:  # has the descriptor of a file of another length
            upload(transport, unpacked)
    sent = [
        (request.content, "\r\nContent-Length: " in request.head) for request in daemon.requests
    ]
    content = b"0123456789" * 20_000
    assert sent == [(content[5:], True), (content, True), (b"unpacked", False)]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (
            3_000_000,
            "shrank while it was sent: 8000000 bytes were announced, and 3000000 came",
        ),
        (
            9_000_000,
            "grew while it was sent: 8000000 bytes were announced, and there are at least 8126464",
        ),
    ],
)
def test_a_file_of_another_size_than_announced_never_looks_whole(
    size: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"x" * 8_000_000)
    received = []

    def change(conversation: Conversation) -> None:
        os.truncate(path, size)  # far more is left than fits into the connection
        received.append(len(conversation.receive_all()))

    with playing({BUILD: BeforeBody(change)}) as (_, transport):
        with open(path, "rb") as file, pytest.raises(OSError) as caught:
            upload(transport, file)
    assert type(caught.value) is OSError
    assert str(caught.value) == f"{path} {words}"
    assert received[0] < 8_000_000


class OwnError(Exception):
    pass


@pytest.mark.parametrize(
    "error",
    [
        OwnError("mine"),
        OSError(28, "No space left on device"),
        ConnectionResetError(104, "of another connection"),
        TimeoutError("of another connection"),
        ValueError("mine"),
        IncompleteRead(b"", 5),  # of a file object that is the body of another answer
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_callers_own_iterator_comes_out_as_it_is(error: BaseException) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"beginning"
        raise error

    with playing({BUILD: BeforeBody(lambda c: c.wait_for_hangup()), INFO: json_reply({})}) as (
        _,
        transport,
    ):
        with pytest.raises(type(error)) as caught:
            upload(transport, blocks())
        assert caught.value is error
        assert info(transport) == {}


def test_an_iterator_that_gives_no_bytes() -> None:
    with playing({BUILD: BeforeBody(lambda c: c.wait_for_hangup())}) as (_, transport):
        with pytest.raises(TypeError, match="^bytes were expected to be sent, not 'text'$"):
            upload(transport, iter([b"x", "text"]))


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65536


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
def test_an_engine_that_refuses_while_an_upload_is_under_way(tcp: bool) -> None:
    """Its words come out, although it does not read the rest."""

    def play(c: Conversation) -> None:
        c.send(reply(400, b"no such Dockerfile", Connection="close"))
        c.end()
        c.wait_for_hangup()

    data = [b"x" * 65536] * 100
    error = error_of(lambda transport: upload(transport, data), {BUILD: BeforeBody(play)}, tcp=tcp)
    assert type(error) is BadRequest
    assert error.message == "no such Dockerfile"


def test_an_engine_that_refuses_an_upload_and_hangs_up() -> None:
    answer = BeforeBody(reply(400, b"no such Dockerfile", Connection="close"))
    error = error_of(lambda transport: upload(transport, endless()), {BUILD: answer})
    assert type(error) is BadRequest
    assert error.message == "no such Dockerfile"


def test_an_engine_that_hangs_up_during_an_upload() -> None:
    error = error_of(lambda transport: upload(transport, endless()), {BUILD: BeforeBody(b"")})
    assert type(error) is ConnectionFailed
    assert error.message in (
        "URL: POST /build: the connection was reset. Did the Engine stop?",
        "URL: POST /build: the Engine closed the connection without an answer. Did it stop, or "
        "crash on this request? Its log tells",
    )


def test_an_engine_that_does_not_read_an_upload_times_out() -> None:
    stop = threading.Event()

    def act(transport: Transport) -> None:
        try:
            upload(transport, endless())
        finally:
            stop.set()

    answer = BeforeBody(lambda c: stop.wait(PATIENCE) and None)
    error = error_of(act, {BUILD: answer}, timeouts={"read": 1.5})
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("read", 1.5)
    assert str(error) == "URL: POST /build: no answer within 1.5 seconds (read timeout)"


def test_an_upload_may_be_read_more_slowly_than_a_connection_is_made() -> None:

    def play(c: Conversation) -> None:
        threading.Event().wait(0.3)
        c.receive(20 * 65536)
        c.send(reply(200))

    with playing({BUILD: BeforeBody(play)}, timeouts={"connect": 0.1}) as (_, transport):
        body = transport.stream("POST /build", data=[b"x" * 65536] * 20, headers=TAR)
        assert all_of(body) == b""


def test_an_upload_that_is_streamed_gives_the_output_as_it_comes() -> None:
    def play(c: Conversation) -> None:
        c.send(chunked(b'{"stream":"Step 1"}', b'{"stream":"Step 2"}'))

    with playing({BUILD: play}) as (daemon, transport):
        body = transport.stream("POST /build", data=[b"a", b"b"], headers=TAR)
        assert all_of(body) == b'{"stream":"Step 1"}{"stream":"Step 2"}'
        assert daemon.requests == [Request("POST", "/v1.41/build", TAR, b"ab")]


def test_an_archive_for_an_engine_that_takes_a_form_is_refused() -> None:
    error = error_of(
        lambda transport: upload(transport, b"archive"), {}, release="0.4.4", api=None, lowest=None
    )
    assert isinstance(error, NotSupported)
    assert (error.route, error.what, error.needs) == ("POST /build", "an archive", "1.3")
    assert str(error) == (
        "POST /build with an archive needs API 1.3; below, give a directory or the text of a "
        "Dockerfile"
    )


# Refusals


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, BadRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (406, NotAcceptable),
        (409, Conflict),
        (418, ApiError),
        (500, ServerError),
        (503, ServerError),
    ],
)
@pytest.mark.parametrize(
    "answer_with",
    [
        lambda status: reply(status, b"the words\n", Content_Type="text/plain"),
        lambda status: json_reply({"message": "the words"}, status),
        lambda status: chunked(b"the ", b"words", status=status),
        lambda status: head(status) + b"the words",
    ],
    ids=["text", "JSON", "chunked", "no length"],
)
def test_a_refusal_has_the_engines_words(
    answer_with: Callable[[int], bytes], status: int, expected: type[ApiError]
) -> None:
    for act in (info, lambda transport: transport.stream("GET /info")):
        error = error_of(act, {INFO: answer_with(status)})
        assert isinstance(error, ApiError)
        assert (type(error), error.route, error.status, error.message) == (
            expected,
            "GET /info",
            status,
            "the words",
        )
        assert str(error) == f"GET /info: {status} the words"


def test_a_refusal_names_the_route_that_was_asked() -> None:
    script = {"GET /v1.41/containers/c1/json": reply(404, b"No such container: c1")}
    error = error_of(lambda t: t.call("GET /containers/{id}/json", "c1"), script)
    assert type(error) is ContainerNotFound
    assert str(error) == "GET /containers/{id}/json: 404 No such container: c1"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused(status: int) -> None:
    with playing({INFO: reply(status, b"Moved", Location="http://elsewhere/info")}) as (
        daemon,
        transport,
    ):
        with pytest.raises(ApiError) as caught:
            info(transport)
        assert type(caught.value) is ApiError
        assert caught.value.message == (
            "redirected to http://elsewhere/info; redirects are not followed. Moved"
        )
        assert len(daemon.requests) == 1


def test_a_view_and_a_child_stay_with_the_engine_that_answered_first(tmp_path: Path) -> None:
    first, second = tmp_path / "first.sock", tmp_path / "second.sock"
    with (
        ScriptedDaemon({INFO: json_reply({"ID": "first"})}) as one,
        ScriptedDaemon({INFO: json_reply({"ID": "second"})}) as other,
    ):
        first.symlink_to(one.path)
        second.symlink_to(other.path)
        transport = Transport(Endpoint(paths=(str(first), str(second))))
        view = transport.with_timeouts(Timeouts(read=PATIENCE))
        with contextlib.closing(transport):
            assert info(view) == {"ID": "first"}
            assert str(transport.endpoint) == str(view.endpoint) == f"unix://{first}"
            first.rename(tmp_path / "away")
            one.hang_up()
            words = f"unix://{first}: the socket does not exist. Is the Engine running, and is "
            for asking in (transport, view):
                with pytest.raises(ConnectionFailed) as caught:
                    info(asking)
                assert str(caught.value) == f"{words}this its socket?"
            if hasattr(os, "fork"):
                child = os.fork()
                if child == 0:
                    try:
                        info(transport)
                    except ConnectionFailed as error:
                        os._exit(0 if str(error) == f"{words}this its socket?" else 1)
                    os._exit(2)
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            (tmp_path / "away").rename(first)
            assert info(view) == {"ID": "first"}
        other.settle()  # by one
        assert other.connections == 1


@pytest.mark.parametrize("url", ["/engine/", "/engine"])
def test_the_path_of_the_url_goes_before_every_other(url: str) -> None:
    """As for the docker command, with `tcp://host:port/engine`."""
    running = {"Id": "c1", "State": {"Running": True, "Status": "running"}, "Config": {}}
    script = {
        "GET /engine/_ping": ping_of("20.10.24", "1.41"),
        "GET /engine/v1.41/info": json_reply({"Containers": 3}),
        "GET /engine/v1.41/events": chunked(b'{"Action": "start"}'),
        "GET /engine/v1.41/containers/c1/json": json_reply({**running, "NetworkSettings": {}}),
        "POST /engine/v1.41/containers/c1/attach": UPGRADED,
        "GET /engine/v1.41/containers/c1/attach/ws": reply(404, b"page not found"),
    }
    with ScriptedDaemon(script, tcp=True) as daemon, Client(daemon.url + url) as client:
        assert client.base_url == f"{daemon.url}/engine"
        assert client.info().containers == 3
        with client.events() as events:
            assert next(events).action == "start"
        client.attach("c1").close()
        with pytest.raises(NotFound):
            client.attach_websocket("c1")


def test_a_refusal_of_a_proxy_says_that_it_comes_from_in_front_of_the_engine() -> None:
    page = b"<html><body><h1>403 Forbidden</h1>\nRequest forbidden.\n</body></html>"
    error = error_of(info, {INFO: reply(403, page, Content_Type="text/html")})
    assert str(error) == "GET /info: 403 Forbidden Request forbidden. (from in front of the Engine)"


def test_a_redirect_to_nowhere() -> None:
    error = error_of(info, {INFO: reply(301)})
    assert error.message == "redirected to nowhere; redirects are not followed."


@pytest.mark.parametrize("status", [200, 201, 204, 304])
def test_a_success_is_a_reply(status: int) -> None:
    with playing({"POST /v1.41/containers/c1/start": reply(status, X_A="b")}) as (_, transport):
        found = transport.call("POST /containers/{id}/start", "c1")
        assert (found.route, found.status, found.body) == (
            "POST /containers/{id}/start",
            status,
            b"",
        )
        assert found.headers["x-a"] == "b"


def test_an_error_that_means_success_is_a_reply() -> None:
    script = {"POST /v1.2/containers/c1/resize": reply(500, b"errno 0\n")}
    with playing(script, release="0.4.4", api=None, lowest=None) as (daemon, transport):
        query = {"h": 24, "w": 80}
        found = transport.call("POST /containers/{id}/resize", "c1", query=query)
        assert (found.status, found.body) == (500, b"")


def test_a_reply_that_is_no_json_is_shown() -> None:
    error = error_of(info, {INFO: reply(200, b'{"Containers":')})
    assert isinstance(error, UnexpectedReply)
    assert str(error) == "GET /info: JSON was expected, not b'{\"Containers\":'"
    assert error.raw == b'{"Containers":'
    error = error_of(info, {INFO: reply(200, b"[" * 100_000)})
    assert isinstance(error, UnexpectedReply)


# Misbehaviour: nothing of the layers below comes out

CRASHED = (
    "URL: {}: the Engine closed the connection without an answer. Did it stop, or crash on this "
    "request? Its log tells"
)
STOPPED = "the connection was reset. Did the Engine stop, or does it expect TLS there?"


def resetting(data: bytes) -> Answer:
    def play(c: Conversation) -> None:
        c.send(data)
        c.reset()

    return play


@pytest.mark.parametrize(
    ("answer", "expected", "message"),
    [
        (b"", ConnectionFailed, CRASHED),
        (resetting(b""), ConnectionFailed, f"URL: {{}}: {STOPPED}"),
        (b"HTTP/1.1\r\n\r\n", UnexpectedReply, "URL: {}: no HTTP answer: 'HTTP/1.1\\r\\n'"),
        (b"\0\1\2\3\r\n", UnexpectedReply, None),
        (b"HTTP/1.1 9999 OK\r\n\r\n", UnexpectedReply, None),
        (b"HTTP/9.9 200 OK\r\n\r\n", None, None),
        (b"HTTP/1.1 200", None, None),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, UnexpectedReply, None),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", UnexpectedReply, None),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}", None, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", None, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\n{}", None, None),
        (reply(200, b"x" * 100)[:-1], None, None),
        (chunked(b"x" * 100)[:-1], None, None),
        (chunked(b"x" * 100)[:-20], None, None),
        (head(200, Transfer_Encoding="chunked") + b"zz\r\n{}\r\n0\r\n\r\n", None, None),
        (head(200, Transfer_Encoding="chunked") + b"f" * 70_000, None, None),
        (head(200, Content_Encoding="gzip", Content_Length="2") + b"{}", None, None),
        (resetting(head(200, Content_Length="9") + b"x"), None, None),
        (resetting(head(200, Transfer_Encoding="chunked") + chunk(b"x")), None, None),
        (resetting(head(200) + b"x"), None, None),
    ],
    ids=[
        "nothing", "reset", "no status", "binary", "status", "protocol", "cut status",
        "long header", "many headers", "no colon", "no length", "two lengths", "cut length",
        "cut last chunk", "cut chunk", "chunk size", "long chunk size", "gzip",
        "reset in length", "reset in chunks", "reset in body",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("act", "line"),
    [(info, INFO), (streamed, "GET /v1.41/events")],
    ids=["call", "stream"],
)
def test_an_engine_that_misbehaves(
    act: Callable[[Transport], Any],
    line: str,
    answer: Answer,
    expected: type[DockerError] | None,
    message: str | None,
) -> None:
    route = line.replace("/v1.41", "")
    with playing({line: answer}, tcp=True) as (daemon, transport):
        try:
            act(transport)
        except DockerError as error:
            if expected is not None:
                assert type(error) is expected
            if message is not None:
                assert error.message.replace(daemon.url, "URL") == message.format(route)
        else:
            assert expected is None  # a lenient reading of http.client, with what came


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(200, b"x" * 100)[:-1], None),
        (chunked(b"x" * 100)[:-20], None),
        (resetting(head(200, Content_Length="9") + b"x"), None),
        (resetting(head(200, Transfer_Encoding="chunked") + chunk(b"x")), None),
    ],
    ids=["cut length", "cut chunk", "reset in length", "reset in chunks"],
)
def test_an_answer_that_is_cut_is_never_taken_for_whole(
    answer: Answer, message: str | None
) -> None:
    error = error_of(info, {INFO: answer}, tcp=True)
    assert isinstance(error, (ConnectionFailed, UnexpectedReply))
    assert error.message.startswith("URL: GET /info: ")
    error = error_of(streamed, {"GET /v1.41/events": answer}, tcp=True)
    assert isinstance(error, StreamInterrupted)
    assert error.message.startswith("URL: ")


# Time


def test_an_answer_that_does_not_come_in_time() -> None:
    error = error_of(info, {INFO: lambda c: c.wait_for_hangup()}, timeouts={"read": 0.25})
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("read", 0.25)
    assert str(error) == "URL: GET /info: no answer within 0.25 seconds (read timeout)"


def test_an_answer_whose_end_does_not_come_in_time() -> None:
    def play(c: Conversation) -> None:
        c.send(head(200, Content_Length="9") + b"x")
        c.wait_for_hangup()

    error = error_of(info, {INFO: play}, timeouts={"read": 0.25})
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("read", 0.25)
    assert str(error) == "URL: GET /info: no answer within 0.25 seconds (read timeout)"


def test_a_refusal_whose_words_do_not_come_in_time() -> None:
    def play(c: Conversation) -> None:
        c.send(head(500, Content_Length="9") + b"x")
        c.wait_for_hangup()

    error = error_of(info, {INFO: play}, timeouts={"read": 0.25})
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("read", 0.25)


def late(c: Conversation) -> None:
    threading.Event().wait(0.5)
    c.send(reply(204))


def test_what_the_engine_may_take_in_addition_is_waited_for() -> None:
    script = {"POST /v1.41/containers/c1/stop": late}
    for extra in (10, None):
        with playing(script, timeouts={"read": 0.25}) as (_, transport):
            found = transport.call("POST /containers/{id}/stop", "c1", extra_time=extra)
            assert found.status == 204
    error = error_of(
        lambda transport: transport.call("POST /containers/{id}/stop", "c1", extra_time=0.05),
        {"POST /v1.41/containers/c1/stop": lambda c: c.wait_for_hangup()},
        timeouts={"read": 0.2},
    )
    assert isinstance(error, TimedOut)
    assert error.seconds == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("begun", "words"),
    [(b"", "no answer"), (b"HTTP/1.1", "the answer's head was not whole")],
    ids=["nothing", "a part"],
)
@pytest.mark.parametrize(
    "act",
    [
        lambda transport: transport.stream("GET /info"),
        lambda transport: transport.call("GET /info", extra_time=None),
    ],
    ids=["stream", "call"],
)
def test_what_may_take_as_long_as_it_likes_is_bounded_by_the_idle_timeout(
    act: Callable[[Transport], Any], begun: bytes, words: str
) -> None:
    """The call had no bound at all."""

    def play(c: Conversation) -> None:
        c.send(begun)
        c.wait_for_hangup()

    with playing({INFO: play}, timeouts={"idle": 0.25}) as (daemon, transport):
        with pytest.raises(TimedOut) as caught:
            act(transport)
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.25)
    assert str(caught.value) == (
        f"{daemon.url}: GET /info: {words} within 0.25 seconds (idle timeout)"
    )


def test_without_a_read_timeout_an_answer_is_waited_for() -> None:
    with playing({"POST /v1.41/containers/c1/stop": late}, timeouts={"read": None}) as (
        _,
        transport,
    ):
        assert transport.call("POST /containers/{id}/stop", "c1").status == 204


def test_a_stream_is_bounded_by_the_idle_timeout_alone() -> None:
    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked"))
        threading.Event().wait(0.5)
        c.send(chunk(b"x"))
        c.wait_for_hangup()

    script = {"GET /v1.41/events": play}
    with playing(script, timeouts={"read": 0.25, "idle": None}) as (_, transport):
        body = transport.stream("GET /events")
        assert body.read() == b"x"
        body.close()
    with playing(script, timeouts={"idle": 0.25}) as (daemon, transport):
        body = transport.stream("GET /events")
        with pytest.raises(TimedOut) as caught:
            body.read()
        assert (caught.value.kind, caught.value.seconds) == ("idle", 0.25)
        assert str(caught.value) == f"{daemon.url}: no answer within 0.25 seconds (idle timeout)"


# Closing


def test_a_closed_transport_says_so() -> None:
    with playing({INFO: json_reply({})}) as (daemon, transport):
        info(transport)
        transport.close()
        transport.close()
        for act in (
            info,
            lambda t: t.stream("GET /events"),
            lambda t: t.hijack("POST /containers/{id}/attach", "c1"),
            lambda t: t.websocket("GET /containers/{id}/attach/ws", "c1", query={}),
        ):
            with pytest.raises(Closed) as caught:
                act(transport)
            assert str(caught.value) == "this client is closed"
        assert len(daemon.requests) == 1


def test_a_transport_closed_before_it_was_used_says_so() -> None:
    transport = Transport(Endpoint.parse("/nosuch"))
    transport.close()
    with pytest.raises(Closed, match="^this client is closed$"):
        info(transport)


@pytest.mark.parametrize("answered", [b"", head(200, Content_Length="9") + b"x"])
def test_closing_ends_a_call_in_another_thread(answered: bytes) -> None:
    arrived = threading.Event()

    def play(c: Conversation) -> None:
        c.send(answered)
        arrived.set()
        c.wait_for_hangup()

    with playing({INFO: play}) as (_, transport):
        call = Background(lambda: info(transport))
        assert arrived.wait(PATIENCE)
        transport.close()
        with pytest.raises(Closed, match="^the client was closed during this call$"):
            call.result()


def test_closing_ends_an_upload_in_another_thread() -> None:
    arrived = threading.Event()

    def play(c: Conversation) -> None:
        arrived.set()
        stop.wait(PATIENCE)

    stop = threading.Event()
    with playing({BUILD: BeforeBody(play)}) as (_, transport):
        call = Background(lambda: upload(transport, endless()))
        assert arrived.wait(PATIENCE)
        transport.close()
        with pytest.raises(Closed):
            call.result()
        stop.set()


def test_closing_ends_a_stream_in_another_thread() -> None:
    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(b"x"))
        c.wait_for_hangup()

    with playing({"GET /v1.41/events": play}) as (_, transport):
        body = transport.stream("GET /events")
        assert body.read() == b"x"
        reading = Background(body.read)
        transport.close()
        with pytest.raises(Closed, match="^the client was closed$"):
            reading.result()


# Hijacking


def test_a_hijacked_conversation() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.send(c.receive_all())

    with playing({"POST /v1.41/exec/e1/start": play}) as (daemon, transport):
        body = {"Detach": False, "Tty": True}
        with contextlib.closing(
            transport.hijack("POST /exec/{id}/start", "e1", body=body)
        ) as connection:
            connection.write(b"hello")
            connection.close_write()
            assert connection.read() == b"hello"
        (request,) = daemon.requests
        assert request == asked("POST /v1.41/exec/e1/start", body)
        assert request.head == (
            "POST /v1.41/exec/e1/start HTTP/1.1\r\nAccept-Encoding: identity\r\n"
            f"Host: localhost\r\nUser-Agent: {AGENT}\r\nContent-Type: application/json\r\n"
            f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(request.content)}\r\n"
        )
        assert json.loads(request.content) == body


def test_an_input_that_an_old_engine_cannot_end() -> None:
    script = {"POST /v1.2/containers/c1/attach": UPGRADED}
    with playing(script, release="0.4.4", api=None, lowest=None) as (_, transport):
        with contextlib.closing(
            transport.hijack(
                "POST /containers/{id}/attach",
                "c1",
                no_half_close=transport.negotiated.no_end_of_input(),
            )
        ) as connection:
            with pytest.raises(NotSupported) as caught:
                connection.close_write()
        assert str(caught.value) == (
            "ending the input of a container needs Engine 0.5.0; this one is 0.4.4, which would "
            "lose the output"
        )


# What the version spoken can do


def test_what_is_supported_follows_from_the_version() -> None:
    with playing({}, release="1.6.2", api="1.18") as (_, transport):
        assert transport.supports("GET /containers/{id}/stats") is True
        assert transport.supports("PUT /containers/{id}/archive") is False
        transport.require("GET /containers/{id}/stats")
        with pytest.raises(NotSupported):
            transport.require("PUT /containers/{id}/archive")


@pytest.mark.parametrize(
    ("version", "tty", "decoder"),
    [("1.41", False, Demuxer), ("1.41", True, RawDecoder), ("1.6", False, Demuxer)],
)
def test_the_output_of_a_terminal_has_no_frames(version: str, tty: bool, decoder: type) -> None:
    with ScriptedDaemon(release="1.6.2", api="1.41", lowest=None) as daemon:
        with transport_to(daemon, version=version) as transport:
            assert type(transport.negotiated.frames(tty=tty)) is decoder


# What is logged


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Our own lines, their times left out."""
    lines = [record.getMessage() for record in caplog.records if record.name == "dockerapi"]
    return [re.sub(r" \d+ ms$", " _ ms", line) for line in lines]


def test_every_request_is_logged_with_its_outcome(caplog: pytest.LogCaptureFixture) -> None:
    attach = "POST /containers/{id}/attach"
    script = {
        INFO: json_reply({}),
        "GET /v1.41/containers/c1/json": reply(404, b"No such container: c1"),
        "POST /v1.41/containers/c1/attach": UPGRADED,
        "POST /v1.41/exec/e1/start": reply(404, b"no"),
        "GET /v1.41/_ping": lambda conversation: conversation.send(b"what?\r\n"),
    }
    with caplog.at_level(logging.DEBUG, "dockerapi"), playing(script) as (_, transport):
        info(transport)
        with pytest.raises(ContainerNotFound):
            transport.call("GET /containers/{id}/json", "c1")
        transport.hijack(attach, "c1").close()
        with pytest.raises(NotFound):
            transport.hijack("POST /exec/{id}/start", "e1", body={})
        with pytest.raises(UnexpectedReply):
            transport.call("GET /_ping")
    assert logged(caplog) == [
        "GET /_ping 200 _ ms",
        "GET /v1.41/info 200 _ ms",
        "GET /v1.41/containers/c1/json 404 _ ms",
        "POST /v1.41/containers/c1/attach 101 _ ms",
        "POST /v1.41/exec/e1/start 404 _ ms",
        "GET /v1.41/_ping UnexpectedReply _ ms",
    ]


def test_no_query_is_logged_since_it_may_hold_secrets(caplog: pytest.LogCaptureFixture) -> None:
    script = {"POST /v1.41/build": chunked(b'{"stream":"done"}')}
    with caplog.at_level(logging.DEBUG), playing(script) as (daemon, transport):
        query = {"buildargs": {"TOKEN": "s3cret"}}
        assert b"done" in all_of(transport.stream("POST /build", query=query))
    assert "s3cret" in daemon.requests[0].target
    assert logged(caplog) == ["GET /_ping 200 _ ms", "POST /v1.41/build 200 _ ms"]
    assert "s3cret" not in caplog.text


def test_of_a_refusal_without_end_the_first_mebibyte_is_read() -> None:
    def endless(conversation: Conversation) -> None:
        conversation.send(head(502, Transfer_Encoding="chunked"))
        while True:  # until the client hangs up
            conversation.send(chunk(b"x" * 65536))

    with playing({INFO: endless}) as (_, transport):
        with pytest.raises(ServerError) as refused:
            info(transport)
    assert refused.value.message == "x" * 1024 * 1024
