"""Requests and replies: three verbs, one per kind of conversation, over one pool per Engine.

`call` gives a whole reply, `stream` a body that is read as it comes, `hijack` a raw two-way
connection. Before the first of them the version is negotiated; before each, `versions.fit`
translates the request for that version or refuses it. The rules:

- a route is the manual's literal; its one parameter is quoted here, and nowhere else;
- nothing of requests, urllib3, http.client or socket leaves this room: errors are translated;
- no environment, no redirects, no cookies;
- nothing is sent twice but a GET or HEAD that met a kept-alive connection which had gone stale, and
  what the caller's `retry` says;
- every wait is bounded: connecting by `connect`, a whole reply by `read`, a stream by `idle`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import re
import socket
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import urllib3
from requests_unixsocket.adapters import UnixHTTPConnection

from . import __version__
from .answer import Answer
from .endpoint.endpoint import Endpoint
from .errors import (
    Closed,
    DockerError,
    NoCommonVersion,
    NotSupported,
    UnexpectedReply,
    engine_words,
    is_success,
    shown,
)
from .hijack import LARGEST_ERROR, Connection, upgrade
from .link import (
    BLOCK,
    Data,
    Incoming,
    Link,
    TwoWay,
    Wait,
    blocks_of,
    length_of,
    no_answer,
    of_length,
    refusal,
)
from .protocol.wire import Demuxer, FrameDecoder, Terminal
from .versions.fit import Request, divided, fit, spelled_out, supports
from .versions.releases import (
    NEWEST,
    OLDEST,
    ApiVersion,
    Release,
    copies_by_name,
    described,
    ends_any_input,
    framed,
    half_closes,
    misreads,
)

_log = logging.getLogger("dockerapi")

Query = Mapping[str, Any]
# What a caller may decide of a request that failed: asked with the route, the error, and how often
# it was sent, it says how many seconds later it is to be sent again, or None for not.
Retry = Callable[[str, DockerError, int], float | None]

LARGEST_REPLY = 128 * 1024 * 1024  # bytes of an answer that is held as a whole
IDLE_CONNECTIONS = 32  # kept open between requests


def _seconds(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{attribute.name} timeout: seconds or None were expected, not {value!r}")
    if not 0 < value < 1e9:
        raise ValueError(f"{attribute.name} timeout: more than 0 seconds, not {value!r}")


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long to wait, in seconds; None waits without bound.

    Args:
        connect: for a connection.
        read: for the Engine to say something within a whole reply; also for the whole head of it.
        idle: for a stream (logs, events, pull, build, attach ...) to say something; a container
            may be silent for as long as it likes, so by default there is no bound. It also holds
            for what takes an Engine long before it says anything: `put_archive`, `commit`,
            `remove_container`, `remove_image`, and `stop` and `restart` without a `timeout`.
    """

    connect: float | None = attrs.field(default=10.0, validator=_seconds)
    read: float | None = attrs.field(default=60.0, validator=_seconds)
    idle: float | None = attrs.field(default=None, validator=_seconds)


class Reply:
    """A whole answer: its status, its headers and its body.

    `connected_at` is when the connection was made on which it came, by `time.monotonic()`.
    """

    def __init__(
        self,
        route: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        connected_at: float,
    ) -> None:
        self.route = route
        self.status = status
        self.headers = headers
        self.body = body
        self.connected_at = connected_at

    def json(self) -> Any:
        """The body as JSON; a body that is none raises `UnexpectedReply`."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnexpectedReply(
                f"{self.route}: JSON was expected, not {shown(self.body)}", raw=self.body
            ) from error


class Body(Incoming):
    """The body of an answer, read as it comes, with the answer's headers.

    `marked` is whether the answer says where it ends; else the end of the connection is its end.
    """

    def __init__(
        self, link: Link, response: urllib3.BaseHTTPResponse, *, idle: float | None
    ) -> None:
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        connection = _connection_of(response)
        self._answer = connection.answer
        self.marked = self._answer.chunked or self._answer.length is not None
        super().__init__(link, connection.opened, self._answer, self._hang_up, idle=idle)

    def _given_back(self) -> bool:
        # With the last byte of a body its connection can serve again, before the b"".
        return super()._given_back() or self._answer.isclosed()

    def _hang_up(self) -> None:
        _give_back(self._response)


class _Asked(threading.local):
    """What this thread asks now: the whole target of its request.

    urllib3 gets the path alone. It shows what it gets, in its log and in its errors, and build
    arguments and the URLs of sources are in the query. `stale` is whether the request failed on a
    connection that had carried another one before, `connected_at` when that of the answer was made.
    """

    target = ""
    stale = False
    connected_at = 0.0


class _Connection(UnixHTTPConnection):  # type: ignore[misc]  # the package has no types
    """An HTTP connection on a socket of the link, whatever kind of socket that is."""

    timeout: float | None
    opened: socket.socket
    _has_answered = False  # since it was connected
    _connected_at = 0.0

    def __init__(
        self,
        *,
        open_socket: Callable[[float | None], socket.socket],
        asked: _Asked,
        **options: Any,
    ):
        super().__init__("", timeout=options.get("timeout"))
        self.blocksize = BLOCK
        self._asked = asked
        self.response_class = self._answered
        self.answer: Answer  # the last one; its body is read from here, past urllib3
        self._open_socket = open_socket
        self._connect_timeout: float | None = None

    def request(self, method: str, url: str, body: Any = None, *args: Any, **options: Any) -> None:
        # urllib3 would send under the timeout for connecting.
        self._connect_timeout, self.timeout = self.timeout, getattr(body, "wait", None)
        try:
            super().request(method, self._asked.target, body, *args, **options)
        except ConnectionError:
            self._asked.stale = self._has_answered
            raise

    def getresponse(self) -> urllib3.HTTPResponse:
        try:
            answer: urllib3.HTTPResponse = super().getresponse()
        except ConnectionError:
            self._asked.stale = self._has_answered
            raise
        self._has_answered = True
        self._asked.connected_at = self._connected_at
        return answer

    def _answered(self, sock: socket.socket, debuglevel: int = 0, **options: Any) -> Answer:
        self.answer = Answer(sock, debuglevel, **options)
        return self.answer

    def connect(self) -> None:
        self._has_answered = False
        self.sock = self.opened = self._open_socket(self._connect_timeout)
        self.sock.settimeout(self.timeout)
        self._connected_at = time.monotonic()


class _Idle:
    """The connections that a pool keeps, the last one first.

    The queue of urllib3 has a lock, at which `close()` in the handler of a signal would wait for
    the thread that it has interrupted.
    """

    def __init__(self, maxsize: int) -> None:
        self._most = maxsize
        self._kept: deque[Any] = deque()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        try:
            return self._kept.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if len(self._kept) < self._most:
            self._kept.append(item)
        elif item is not None:
            item.close()  # for which urllib3 would log a warning

    def qsize(self) -> int:
        return len(self._kept)


class _Pool(urllib3.HTTPConnectionPool):
    """urllib3's, with connections and a queue of ours."""

    ConnectionCls = _Connection
    QueueCls = _Idle  # type: ignore[assignment]  # it does what is asked of one


@attrs.frozen
class Spoken:
    """What negotiation found: the version that is spoken, the Engine's own, and its system."""

    version: ApiVersion
    newest: ApiVersion
    release: Release
    windows: bool = False


class Transport:
    """The way to one Engine. Any number of threads may use it at once.

    Args:
        headers: gives what every request has beside its own; called at the first one.
        retry: whether, and when, a request that failed is sent again.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        version: ApiVersion | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 -- a frozen value
        headers: Callable[[], Mapping[str, str]] = dict,
        retry: Retry | None = None,
    ) -> None:
        self._shared = _Shared(endpoint, version, headers)
        self._retry = retry
        self.timeouts = timeouts

    def with_timeouts(self, timeouts: Timeouts) -> Transport:
        """The same connections and the same negotiated version, with other timeouts."""
        view = Transport.__new__(Transport)
        view._shared = self._shared
        view._retry = self._retry
        view.timeouts = timeouts
        return view

    def without_retry(self) -> Transport:
        """The same, for what must not be sent again whatever the caller's policy says."""
        view = self.with_timeouts(self.timeouts)
        view._retry = None
        return view

    def pause(self, seconds: float) -> None:
        """Waits between two attempts; `Closed` as soon as the transport is closed."""
        self._link.pause(seconds)

    @property
    def _link(self) -> Link:
        return self._shared.link  # another one after a fork

    @property
    def endpoint(self) -> Endpoint:
        return self._link.endpoint

    @property
    def spoken(self) -> Spoken:
        """What is spoken; asks the Engine's `/version` once, at the first need."""
        shared = self._shared
        if shared.spoken is None:
            with shared.negotiating:
                if shared.spoken is None:
                    self._link.check_open()
                    shared.spoken = self._negotiate(shared.pinned)
        return shared.spoken

    def supports(self, route: str, *, query: str | None = None, header: str | None = None) -> bool:
        """Whether the version spoken has this route, or another for the same; with a part of it."""
        spoken = self.spoken
        return supports(route, spoken.version, spoken.release, query=query, header=header)

    def require(
        self, route: str, *, query: Query | None = None, body: Mapping[str, Any] | None = None
    ) -> None:
        """`NotSupported` if the version spoken cannot be asked this, before anything is sent."""
        self._fitted(route, query, body, None)

    def divided(self, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The body of create as one for create and one for start, as this Engine takes them."""
        return divided(body, self.spoken.version, self.spoken.release)

    def frames(self, *, tty: bool) -> FrameDecoder:
        """The decoder of a container's or exec's output, in the version spoken.

        Only `Config.Tty` of inspect tells; content types do not (differences, 0.4).
        """
        return Demuxer() if not tty and framed(self.spoken.version) else Terminal()

    @property
    def no_half_close(self) -> NotSupported | None:
        """Why the input of an attachment cannot be ended, if this Engine cannot."""
        release = self.spoken.release
        if half_closes(release):
            return None
        return NotSupported(
            f"ending the input of a container needs Engine 0.5.0; this one is {release}, which "
            "would lose the output",
            what="close_stdin",
            needs="0.5.0",
            has=str(release),
        )

    @property
    def ends_any_input(self) -> bool:
        """Whether the input of an attachment can be ended however its container was made."""
        return ends_any_input(self.spoken.release)

    @property
    def unnamed_copies(self) -> NotSupported | None:
        """Why what is copied out of a container cannot be told from other things, if that is so."""
        route, spoken = "GET /containers/{id}/archive", self.spoken
        if self.supports(f"HEAD {route[4:]}") or copies_by_name(spoken.release):
            return None
        return NotSupported(
            f"{route} needs API 1.20 on Engine {spoken.release}, which leaves out the name of what "
            f"is copied below; API {spoken.version} was asked for",
            route=route,
            needs="1.20",
            has=str(spoken.version),
        )

    def call(
        self,
        route: str,
        subject: str | None = None,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        data: Data | None = None,
        headers: Mapping[str, str] | None = None,
        extra_time: float | None = 0,
    ) -> Reply:
        """The whole reply. `extra_time` is what the Engine may take beyond the read timeout.

        None is for what may take it as long as it likes, as in a stream: the idle timeout holds.
        """
        if extra_time is None:
            wait = Wait(self.timeouts.idle, "idle")
        elif self.timeouts.read is None:
            wait = Wait(None)
        else:
            wait = Wait(self.timeouts.read + extra_time)
        response, translated = self._send(route, subject, query, body, data, headers, wait=wait)
        return self._reply(response, translated, wait)

    def stream(
        self,
        route: str,
        subject: str | None = None,
        *,
        query: Query | None = None,
        data: Data | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Body:
        """The body, read as it comes; the caller closes it."""
        idle = self.timeouts.idle
        wait = Wait(idle, "idle")
        response, _ = self._send(route, subject, query, None, data, headers, wait=wait)
        return Body(self._link, response, idle=idle)

    def hijack(
        self,
        route: str,
        subject: str | None = None,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        no_half_close: NotSupported | None = None,
    ) -> Connection:
        """A raw two-way connection; the caller closes it.

        `no_half_close` is why its input cannot be ended, if that is so.
        """
        self._link.check_open()
        asked = self._prepare(route, subject, query, body, None)
        with _logged(asked.route, asked.target) as outcome:
            connection = upgrade(
                self._link,
                asked.route,
                asked.target,
                headers={**self._shared.headers, **asked.headers},
                body=asked.content or b"",
                connect=self.timeouts.connect,
                read=self.timeouts.read,
                idle=self.timeouts.idle,
                no_half_close=no_half_close or self.no_half_close,
            )
            outcome.status = connection.status
        return connection

    def websocket(self, route: str, subject: str, *, query: Query) -> TwoWay:
        """The same as `hijack`, over a websocket; needs the extra `websocket`."""
        from .websocket import open_websocket  # not installed by everybody

        self._link.check_open()
        asked = self._prepare(route, subject, query, None, None)
        headers = {name: value for name, value in self._shared.headers.items() if name != "Host"}
        with _logged(asked.route, asked.target) as outcome:
            connection = open_websocket(
                self._link,
                asked.route,
                asked.target,
                headers=headers,
                connect=self.timeouts.connect,
                read=self.timeouts.read,
                idle=self.timeouts.idle,
            )
            outcome.status = 101
        return connection

    def close(self) -> None:
        """Ends every call and stream of this transport, from any thread; may be called twice."""
        self._link.close()
        self._shared.pool.close()

    # Negotiation

    def _negotiate(self, pinned: ApiVersion | None) -> Spoken:
        found = self._ask_version()
        try:
            newest, oldest, release = described(found)
        except ValueError as error:
            raise UnexpectedReply(
                f"{self.endpoint}: GET /version names no Docker Engine: {shown(found)}", raw=found
            ) from error
        oldest = oldest or OLDEST
        version = pinned or min(NEWEST, newest)
        if max(OLDEST, oldest) <= version <= min(NEWEST, newest):
            return Spoken(version, newest, release, found.get("Os") == "windows")
        words = (
            f"{self.endpoint}: the Engine speaks API {oldest} to {newest}, this library "
            f"{OLDEST} to {NEWEST}"
        )
        if pinned is not None:
            words += f", and version={pinned} was asked for"
        if pinned is not None and misreads(pinned, release):
            words += (
                f"; Engine {release} would read {pinned} as a decimal fraction and answer as for "
                f"API {str(pinned)[:3]}"
            )
        raise NoCommonVersion(words)

    def _ask_version(self) -> dict[str, Any]:
        """What every Engine since 0.3.3 answers without a version in the path."""
        route = "GET /version"
        wait = Wait(self.timeouts.read)
        response = self._exchange(route, "/version", {}, None, wait=wait)
        found = self._reply(response, route, wait).json()
        if not isinstance(found, dict):
            raise UnexpectedReply(
                f"{self.endpoint}: GET /version: an object was expected, not {shown(found)}",
                raw=found,
            )
        return found

    # Sending

    def _fitted(
        self,
        route: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> Request:
        """The request as this Engine has it; `NotSupported` if it has it not."""
        spoken = self.spoken
        return fit(
            route,
            {**spelled_out(route, spoken.release), **_without_none(query or {})},
            None if body is None else _without_none(body),
            spoken.version,
            headers=headers,
            release=spoken.release,
            windows=spoken.windows,
            newest=None if self._shared.pinned is None else spoken.newest,
        )

    def _prepare(
        self,
        route: str,
        subject: str | None,
        query: Query | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> _Prepared:
        """The request as this Engine has it, ready to be sent."""
        fitted = self._fitted(route, query, body, headers)
        path = fitted.route.partition(" ")[2]
        if subject is not None:
            safe = "/:@" if "{name}" in path else ""
            path = _PARAMETER.sub(lambda _: quote(subject, safe=safe), path)
        content = None if fitted.body is None else json.dumps(fitted.body).encode()
        sent = dict(fitted.headers)
        if content is not None:
            # Exactly this: some Engines compare the whole string (0.5.0 to 0.9.x).
            sent["Content-Type"] = "application/json"
        target = f"/v{self.spoken.version}{path}{_query_string(fitted.query)}"
        return _Prepared(fitted.route, target, sent, content)

    def _send(
        self,
        route: str,
        subject: str | None,
        query: Query | None,
        body: Mapping[str, Any] | None,
        data: Data | None,
        headers: Mapping[str, str] | None,
        *,
        wait: Wait,
    ) -> tuple[urllib3.BaseHTTPResponse, str]:
        self._link.check_open()
        asked = self._prepare(route, subject, query, body, headers)
        content = data if asked.content is None else asked.content
        if asked.headers.get("Content-Type") == "multipart/form-data":
            asked.headers["Content-Type"], content = _form(route, data)
        response = self._exchange(asked.route, asked.target, asked.headers, content, wait=wait)
        return response, asked.route

    def _exchange(
        self,
        route: str,
        target: str,
        headers: Mapping[str, str],
        data: Data | None,
        *,
        wait: Wait,
    ) -> urllib3.BaseHTTPResponse:
        retry = self._retry if data is None or isinstance(data, bytes) else None
        times = 1
        while True:
            try:
                return self._exchange_once(route, target, headers, data, wait=wait)
            except DockerError as error:
                if retry is None or isinstance(error, Closed):
                    raise
                pause = retry(route, error, times)
                if pause is None:
                    raise
                if isinstance(pause, bool) or not isinstance(pause, (int, float)):
                    raise TypeError(
                        f"retry: seconds or None were expected of it, not {pause!r}"
                    ) from error
                if not 0 <= pause < 1e9:
                    raise ValueError(f"retry: 0 seconds or more, not {pause!r}") from error
            self.pause(pause)
            times += 1

    def _exchange_once(
        self,
        route: str,
        target: str,
        headers: Mapping[str, str],
        data: Data | None,
        *,
        wait: Wait,
    ) -> urllib3.BaseHTTPResponse:
        sent = {**self._shared.headers, **headers}
        upload = None if data is None else _Upload(data, wait.seconds)
        if upload is not None and upload.length is not None:
            sent["Content-Length"] = str(upload.length)
        with _logged(route, target) as outcome:
            response = self._delivered(route, target, sent, upload, wait)
            outcome.status = response.status
        status = response.status
        if 200 <= status < 300 or status == 304:
            return response
        words = engine_words(self._read_all(response, route, wait, most=LARGEST_ERROR))
        spoken = self._shared.spoken
        if spoken and is_success(route, status, words, attrs.astuple(spoken.release)):
            return response
        location = response.headers.get("Location")
        raise refusal(self.endpoint, route, status, words, location)

    def _delivered(
        self,
        route: str,
        target: str,
        headers: Mapping[str, str],
        upload: _Upload | None,
        wait: Wait,
    ) -> urllib3.BaseHTTPResponse:
        """The answer, of another connection if a kept one had gone stale and no harm can be done.

        An Engine that restarts closes them, and it may do so just when a request is on its way.
        """
        shared = self._shared
        shared.asked.target = target
        method = route.partition(" ")[0]
        for pool in (shared.pool, None):
            shared.asked.stale = False
            try:
                return (pool or shared.fresh_pool()).urlopen(
                    method,
                    _path_of(target),
                    upload,  # an iterable, which is sent as any is
                    headers,
                    retries=_NO_RETRIES,
                    redirect=False,
                    assert_same_host=False,
                    timeout=urllib3.Timeout(connect=self.timeouts.connect, read=wait.seconds),
                    preload_content=False,
                    decode_content=False,
                )
            except _SourceFailed as failed:
                raise failed.error from None
            except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
                self._raise_closed(error)
                if pool and shared.asked.stale and method in _IDEMPOTENT:
                    continue
                raise no_answer(error, self.endpoint, route, wait) from error
        raise AssertionError("unreachable")

    def _reply(self, response: urllib3.BaseHTTPResponse, route: str, wait: Wait) -> Reply:
        content = self._read_all(response, route, wait)
        connected_at = self._shared.asked.connected_at
        return Reply(route, response.status, response.headers, content, connected_at)

    def _read_all(
        self,
        response: urllib3.BaseHTTPResponse,
        route: str,
        wait: Wait,
        most: int | None = None,
    ) -> bytes:
        """The body, or its first `most` bytes; the connection is kept if that is all."""
        if response.connection is None:  # an error that means success was read already
            return b""
        limit = LARGEST_REPLY if most is None else most
        try:
            content = _connection_of(response).answer.read(limit)
        except (OSError, ValueError, HTTPException) as error:
            self._raise_closed(error)
            raise no_answer(error, self.endpoint, route, wait) from error
        finally:
            _give_back(response)
        if len(content) == limit and most is None:
            raise UnexpectedReply(f"{self.endpoint}: {route}: an answer of {limit:,} bytes or more")
        return content

    def _raise_closed(self, error: BaseException) -> None:
        if self._link.closed:
            raise Closed("the client was closed during this call") from error


_IDEMPOTENT = ("GET", "HEAD")
_NO_RETRIES = urllib3.Retry(False)  # of urllib3's own
_PARAMETER = re.compile(r"\{(?:id|name)\}")


@attrs.frozen
class _Prepared:
    """A request, ready to be sent: the route it is for, its target, its own headers, its JSON."""

    route: str
    target: str
    headers: dict[str, str]
    content: bytes | None


class _Shared:
    """What a transport and its views have in common."""

    def __init__(
        self,
        endpoint: Endpoint,
        pinned: ApiVersion | None,
        headers: Callable[[], Mapping[str, str]],
    ) -> None:
        self.pinned = pinned
        self._more_headers = headers
        self._headers: dict[str, str] | None = None
        self.spoken: Spoken | None = None
        self.asked = _Asked()
        self._of_parents: list[object] = []
        self._begin(Link(endpoint))
        _everybody.add(self)

    def _begin(self, link: Link) -> None:
        self.link = link
        self.negotiating = threading.Lock()
        self.pool = self.fresh_pool()

    def begin_anew(self) -> None:
        """After a fork, in the child: other connections. Those of the parent are kept unused.

        To let them go would run their clean-up, which may wait for a lock that nobody gives back.
        """
        self._of_parents += [self.link, self.pool, self.negotiating]
        self.link.leave()
        link = Link(self.link.endpoint)
        if self.link.closed:
            link.close()
        self._begin(link)

    def fresh_pool(self) -> urllib3.HTTPConnectionPool:
        """One that has no connection yet, for the one Engine, whatever the path.

        requests_unixsocket's own adapter keeps a pool per URL, and with it a connection per
        container; a session of requests takes longer than the rest of a call.
        """
        return _Pool(
            "localhost",
            maxsize=IDLE_CONNECTIONS,
            open_socket=self.link.open,
            asked=self.asked,
        )

    @property
    def headers(self) -> dict[str, str]:
        # Not cached_property: up to Python 3.11 all its instances share one lock, so that a slow
        # `config.json` would hold up every client, and for ever the child of a fork meanwhile.
        if self._headers is None:
            own = {"Host": self.link.endpoint.address, "User-Agent": f"dockerapi/{__version__}"}
            self._headers = {**self._more_headers(), **own}
        return self._headers


_everybody: weakref.WeakSet[_Shared] = weakref.WeakSet()


def _after_fork() -> None:
    for shared in list(_everybody):
        shared.begin_anew()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_after_fork)


def _connection_of(response: urllib3.BaseHTTPResponse) -> _Connection:
    connection = response.connection
    assert isinstance(connection, _Connection)  # the pool makes no other
    return connection


def _give_back(response: urllib3.BaseHTTPResponse) -> None:
    """Ends with an answer: a connection whose body was not read to its end is closed.

    Its place in the pool is given back either way, and the pool opens it again.
    """
    if not _connection_of(response).answer.isclosed():
        response.close()
    response.release_conn()


def _form(route: str, data: Data | None) -> tuple[str, Iterable[bytes]]:
    """The context of a build as a form, which Engines 0.3.4 to 0.4.4 take (API 1.1 and 1.2)."""
    form = getattr(data, "form", None)
    if form is None:
        raise NotSupported(
            f"{route} with an archive needs API 1.3; below, give a directory or the text of a "
            "Dockerfile",
            route=route,
            what="an archive",
            needs="1.3",
        )
    content_type, blocks = form()
    return content_type, blocks


def _path_of(target: str) -> str:
    """A request target without its query, where build arguments and URLs may hold secrets."""
    return target.partition("?")[0]


class _Outcome:
    """The status of an answer, once there is one."""

    status: int | None = None


@contextlib.contextmanager
def _logged(route: str, target: str) -> Iterator[_Outcome]:
    """One line for a request and its answer, or the class of the error in its place."""
    outcome = _Outcome()
    what: object = "nothing"
    began = time.monotonic()
    try:
        yield outcome
        what = outcome.status
    except BaseException as error:
        what = getattr(error, "status", None) or type(error).__name__
        raise
    finally:
        took = (time.monotonic() - began) * 1000
        _log.debug("%s %s %s %.0f ms", route.partition(" ")[0], _path_of(target), what, took)


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _query_string(query: Query) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(name, _query_value(item)) for item in values]
    return f"?{urlencode(pairs)}" if pairs else ""


def _query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return json.dumps(value)
    return str(value)


class _Upload:
    """The blocks of a body, and how long each may take to be sent."""

    def __init__(self, data: Data, wait: float | None) -> None:
        self.wait = wait
        self.length = length_of(data)
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        blocks = blocks_of(self._data)
        if self.length is not None:
            name = getattr(self._data, "name", None)
            blocks = of_length(blocks, self.length, name if isinstance(name, str) else "the source")
        try:
            yield from blocks
        except (OSError, ValueError, HTTPException, urllib3.exceptions.HTTPError) as error:
            raise _SourceFailed(error) from error


class _SourceFailed(Exception):
    """Carries an error of the caller's own iterator, which must come out as it is.

    urllib3 would take it for one of the connection, and after a reset one wait for an answer.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error
