"""The caller's errors for a missing answer, and for an answer that reports an error."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..endpoint.endpoint import Endpoint, translate_error
from ..errors import (
    SHOWN,
    ConnectionFailed,
    DockerError,
    NoCommonVersion,
    StreamInterrupted,
    TimedOut,
    UnexpectedReply,
    error_for,
    shown,
)
from ..late import load
from ..protocol.deadline import Deadline
from ..protocol.heads import BadAnswer, BrokenAnswer, CutAnswer, NoAnswer, NotHttp, SlowAnswer
from ..versions.releases import NEWEST, OLDEST

# Raised by a read or a write on a broken connection: ValueError if the socket is already closed,
# EOFError by a websocket.
BROKEN = (OSError, ValueError, EOFError, BadAnswer)


def no_answer(
    error: BaseException, endpoint: Endpoint, route: str, deadline: Deadline
) -> DockerError:
    """Why there was no HTTP answer: trouble with the connection, or bytes that are not HTTP."""
    where = f"{endpoint}: {route}"
    if isinstance(error, DockerError):  # already translated, by ssh
        return error
    if isinstance(error, OSError):
        return translate_error(error, where, deadline, tls=endpoint.tls)
    if isinstance(error, NoAnswer):
        return ConnectionFailed(
            f"{where}: the Engine closed the connection without an answer. Did it stop, or crash "
            "on this request? Its log tells"
        )
    if isinstance(error, SlowAnswer):
        kind = "read" if deadline.seconds is None else deadline.kind
        return TimedOut(f"{where}: {error} ({kind} timeout)", kind=kind, seconds=error.seconds)
    if isinstance(error, CutAnswer):
        return ConnectionFailed(f"{where}: the connection ended in the middle of the answer")
    if isinstance(error, NotHttp):
        return UnexpectedReply(f"{where}: no HTTP answer: {shown(error.line)}", raw=error.line)
    if isinstance(error, BrokenAnswer):
        return UnexpectedReply(f"{where}: the answer is no HTTP: {error}")
    return UnexpectedReply(f"{where}: no HTTP answer: {type(error).__name__}: {error}")


def broken_stream(
    error: BaseException, endpoint: Endpoint, deadline: Deadline
) -> TimedOut | StreamInterrupted:
    """Why a stream broke after it had begun."""
    if isinstance(error, OSError):
        found = translate_error(error, str(endpoint), deadline, tls=endpoint.tls)
        return found if isinstance(found, TimedOut) else StreamInterrupted(str(found))
    if isinstance(error, BrokenAnswer):
        return StreamInterrupted(f"{endpoint}: the stream is no HTTP any more: {error}")
    why = "" if isinstance(error, CutAnswer) else f" ({error})"
    return StreamInterrupted(f"{endpoint}: the connection ended in the middle of the stream{why}")


# net/http's own text on a TLS port (server.go, Serve); the Engine itself is not involved.
_PLAIN_HTTP = "Client sent an HTTP request to an HTTPS server"

# The text of Engines from 0.8.0 on about a version that they do not speak (daemons, sections 3 and
# 4).
_ABOUT_VERSIONS = re.compile(
    r"client (version \S+ )?is (too (old|new)|newer than server)"
    r"|client and server don't have same version"
)


def refusal(
    endpoint: Endpoint, route: str, status: int, words: str, headers: Mapping[str, str]
) -> DockerError:
    """The error for an answer with an error status."""
    if words.startswith(_PLAIN_HTTP) and status == 400:
        return ConnectionFailed(
            f"{endpoint}: the Engine speaks TLS there: give tls= a TLSConfig", permanent=True
        )
    if _ABOUT_VERSIONS.match(words) and status in (400, 404):
        return NoCommonVersion(
            f"{endpoint}: {route}: {words}; this library speaks {OLDEST} to {NEWEST}"
        )
    if 300 <= status < 400:
        where = headers.get("Location") or "nowhere"
        words = f"redirected to {where}; redirects are not followed. {words}".strip()
    elif _is_from_in_front(status, words, headers):
        whom = headers.get("Server")
        line = _as_line(words).removeprefix(f"{status} ")  # str(error) already begins with it
        words = f"{line} (from in front of the Engine{f', {whom}' if whom else ''})"
    return error_for(route, status, words)


# Statuses that Engines of every release use. Up to 1.12 Engines do not send their API version in a
# header, and their message is plain text; something in front of them may set any Server header.
_OF_ENGINES = (400, 404, 406, 409, 500)


def _is_from_in_front(status: int, words: str, headers: Mapping[str, str]) -> bool:
    """Whether a proxy has refused: Engines never answer with an HTML page."""
    if re.match(r"\s*<(!doctype html|html)\b", words, re.IGNORECASE):
        return True
    return bool(proxy_in(headers)) and "Api-Version" not in headers and status not in _OF_ENGINES


def proxy_in(headers: Mapping[str, str]) -> str:
    """The proxy's name in `Server`; "" if there is no proxy, or one without a name."""
    server = headers.get("Server", "")
    return "" if server.startswith(("Docker/", "Libpod/")) else server


def _as_line(words: str) -> str:
    """The text of an HTML page, or a plain text, as one line."""
    text = re.sub(r"(?is)<(head|script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", " ", words)
    load("html")  # 2 ms, only needed for a proxy's page
    import html

    line = " ".join(html.unescape(text).split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}..."
