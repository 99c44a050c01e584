"""What an error of the layers below means to the caller."""

from __future__ import annotations

import pytest

from dockerapi import Closed, ConnectionFailed, StreamInterrupted, TimedOut, UnexpectedReply
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import ApiError, DockerError, Forbidden, NotFound, ServerError
from dockerapi.protocol.deadline import Deadline
from dockerapi.protocol.heads import BrokenAnswer, CutAnswer, NoAnswer, NotHttp, SlowAnswer
from dockerapi.transport.failures import BROKEN, broken_stream, no_answer, refusal

ENDPOINT = Endpoint.parse("/x")
RESET = ConnectionResetError(104, "Connection reset by peer")


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (Closed("ours"), Closed, "ours"),
        (
            NoAnswer("no answer"),
            ConnectionFailed,
            "unix:///x: GET /info: the Engine closed the connection without an answer. Did it "
            "stop, or crash on this request? Its log tells",
        ),
        (
            CutAnswer("the last chunk is missing"),
            ConnectionFailed,
            "unix:///x: GET /info: the connection ended in the middle of the answer",
        ),
        (
            RESET,
            ConnectionFailed,
            "unix:///x: GET /info: the connection was reset. Did the Engine stop?",
        ),
        (
            TimeoutError("timed out"),
            TimedOut,
            "unix:///x: GET /info: no answer within 1.5 seconds (read timeout)",
        ),
        (
            SlowAnswer(1.5),
            TimedOut,
            "unix:///x: GET /info: the answer's head was not whole within 1.5 seconds (read "
            "timeout)",
        ),
        (
            NotHttp("<html>\r\n"),
            UnexpectedReply,
            "unix:///x: GET /info: no HTTP answer: '<html>\\r\\n'",
        ),
        (
            BrokenAnswer("a line of its head is no header"),
            UnexpectedReply,
            "unix:///x: GET /info: the answer is no HTTP: a line of its head is no header",
        ),
        (
            ValueError("of a library"),
            UnexpectedReply,
            "unix:///x: GET /info: no HTTP answer: ValueError: of a library",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_why_there_was_no_answer(
    error: BaseException, expected: type[DockerError], message: str
) -> None:
    assert isinstance(error, BROKEN)
    found = no_answer(error, ENDPOINT, "GET /info", Deadline(1.5))
    assert (type(found), str(found)) == (expected, message)


def test_a_head_that_is_too_slow_where_there_is_no_bound_is_one_of_the_read_timeout() -> None:
    found = no_answer(SlowAnswer(60), ENDPOINT, "GET /info", Deadline(None, "idle"))
    assert isinstance(found, TimedOut)
    assert (found.kind, found.seconds) == ("read", 60)


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (RESET, StreamInterrupted, "unix:///x: the connection was reset. Did the Engine stop?"),
        (
            TimeoutError("timed out"),
            TimedOut,
            "unix:///x: no answer within 1.5 seconds (idle timeout)",
        ),
        (
            CutAnswer("the last chunk is missing"),
            StreamInterrupted,
            "unix:///x: the connection ended in the middle of the stream",
        ),
        (
            EOFError("no close frame"),
            StreamInterrupted,
            "unix:///x: the connection ended in the middle of the stream (no close frame)",
        ),
        (
            BrokenAnswer("not the size of a chunk: b'zz\\r\\n'"),
            StreamInterrupted,
            "unix:///x: the stream is no HTTP any more: not the size of a chunk: b'zz\\r\\n'",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_why_a_stream_broke(
    error: BaseException, expected: type[DockerError], message: str
) -> None:
    found = broken_stream(error, ENDPOINT, Deadline(1.5, "idle"))
    assert (type(found), str(found)) == (expected, message)


@pytest.mark.parametrize(
    ("status", "words", "location", "expected", "message"),
    [
        (409, "in use", None, "Conflict", "GET /info: 409 in use"),
        (
            307,
            "Moved",
            "http://h/",
            "ApiError",
            "GET /info: 307 redirected to http://h/; redirects are not followed. Moved",
        ),
        (
            300,
            "Choose",
            "http://h/",
            "ApiError",
            "GET /info: 300 redirected to http://h/; redirects are not followed. Choose",
        ),
        (
            301,
            "",
            None,
            "ApiError",
            "GET /info: 301 redirected to nowhere; redirects are not followed.",
        ),
        (
            400,
            "Client sent an HTTP request to an HTTPS server.",
            None,
            "ConnectionFailed",
            "unix:///x: the Engine speaks TLS there: give tls= a TLSConfig",
        ),
    ],
)
def test_what_a_refusal_means(
    status: int, words: str, location: str | None, expected: str, message: str
) -> None:
    headers = {} if location is None else {"Location": location}
    found = refusal(ENDPOINT, "GET /info", status, words, headers)
    assert (type(found).__name__, str(found)) == (expected, message)
    assert isinstance(found, ConnectionFailed) is not isinstance(found, ApiError)


# As HAProxy (and so docker-socket-proxy), nginx, Envoy and Traefik refuse.
HAPROXY = (
    "<html><body><h1>403 Forbidden</h1>\n"
    "Request forbidden by administrative rules.\n</body></html>\n"
)
NGINX = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n"
    "</body>\r\n</html>\r\n"
)


@pytest.mark.parametrize(
    ("status", "words", "headers", "expected", "message"),
    [
        pytest.param(
            403,
            HAPROXY,
            {"Content-Type": "text/html"},
            Forbidden,
            "Forbidden Request forbidden by administrative rules. (from in front of the Engine)",
            id="HAProxy",
        ),
        pytest.param(
            502,
            NGINX,
            {"Server": "nginx/1.22.1"},
            ServerError,
            "Bad Gateway nginx/1.22.1 (from in front of the Engine, nginx/1.22.1)",
            id="nginx",
        ),
        pytest.param(
            404,
            "<!DOCTYPE html><title>x</title><style>a{}</style><p>Not&nbsp;here",
            {},
            NotFound,
            "x Not here (from in front of the Engine)",
            id="a page that is not there",
        ),
        pytest.param(
            503,
            "no healthy upstream",
            {"Server": "envoy"},
            ServerError,
            "no healthy upstream (from in front of the Engine, envoy)",
            id="plain text",
        ),
        pytest.param(
            403,
            "<html>" + "a" * 1000,
            {},
            Forbidden,
            "a" * 200 + "... (from in front of the Engine)",
            id="much text",
        ),
    ],
)
def test_a_refusal_of_a_proxy_is_one_line_and_says_whose_it_is(
    status: int,
    words: str,
    headers: dict[str, str],
    expected: type[ApiError],
    message: str,
) -> None:
    found = refusal(ENDPOINT, "GET /containers/{id}/json", status, words, headers)
    assert (type(found), found.message) == (expected, message)


@pytest.mark.parametrize(
    ("status", "words", "headers"),
    [
        (404, "no such id: a", {}),  # up to 1.7 Engines do not say who they are
        (404, "no such id: a", {"Server": "nginx/1.22.1"}),  # and what passes it on does
        (403, "read-only", {"Server": "Docker/28.5.2 (linux)"}),
        (403, "read-only", {"Server": "nginx/1.22.1", "Api-Version": "1.51"}),
        (403, "read-only", {"Server": "Libpod/4.3.1 (linux)"}),
        (500, "<nil> pointer", {"Server": "nginx/1.22.1"}),
    ],
)
def test_a_refusal_of_an_engine_stays_as_it_is(
    status: int, words: str, headers: dict[str, str]
) -> None:
    found = refusal(ENDPOINT, "GET /info", status, words, headers)
    assert found.message == words
