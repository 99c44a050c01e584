"""The three verbs, and what the version in use supports."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from ..archive.source import Data
from ..endpoint.endpoint import Endpoint
from ..errors import Closed, DockerError, NotSupported, UnexpectedReply, shown
from ..late import load
from ..protocol.deadline import Deadline
from ..protocol.texts import parsed
from ..versions.fit import Request as Request
from ..versions.fit import fit, spelled_out
from ..versions.releases import ApiVersion, upgrades
from .connections import SocketRegistry
from .exchange import Exchange
from .hijack import DuplexStream, upgrade
from .negotiation import Negotiated, Negotiation, ask
from .pool import Pool
from .prepared import Prepared, Query, Subject, prepared
from .reading import Body
from .timeouts import Timeouts

# A caller's policy for failed requests. It gets the route, the error and the number of attempts,
# and returns the seconds until the next attempt, or None.
Retry = Callable[[str, DockerError, int], float | None]


_WHOLE_ID = 64  # digits
_MOST_TERMINALS = 1024  # containers whose TTY setting is remembered


class Reply:
    """A whole answer: its status, its headers and its body.

    `connected_at` is the `time.monotonic()` at which the answer's connection was opened.
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
        """The body as JSON; `UnexpectedReply` if it is not JSON."""
        try:
            return parsed(self.body)
        except (ValueError, RecursionError) as error:
            raise UnexpectedReply(
                f"{self.route}: JSON was expected, not {shown(self.body)}", raw=self.body
            ) from error


class Transport:
    """The connections to one Engine. Any number of threads may use it at once.

    Args:
        user_agent: the value of the header.
        headers: returns the additional headers of every request; called once, at the first request.
        retry: whether, and when, to repeat a failed request.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        version: ApiVersion | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 -- a frozen value
        user_agent: str = "dockerapi",
        headers: Callable[[], Mapping[str, str]] = dict,
        retry: Retry | None = None,
    ) -> None:
        self._shared = _Shared(endpoint, version, user_agent, headers)
        self._retry = retry
        self._ends: float | None = None
        self.timeouts = timeouts

    def with_timeouts(self, timeouts: Timeouts) -> Transport:
        """The same connections and the same negotiated version, with other timeouts."""
        view = Transport.__new__(Transport)
        view._shared = self._shared
        view._retry = self._retry
        view._ends = self._ends
        view.timeouts = timeouts
        return view

    def until(self, ends: float | None) -> Transport:
        """The same, but every wait ends by this `time.monotonic()` time; None sets no end."""
        view = self.with_timeouts(self.timeouts)
        view._ends = ends
        return view

    def without_retry(self) -> Transport:
        """The same, for requests that must not be repeated, whatever the caller's policy."""
        view = self.with_timeouts(self.timeouts)
        view._retry = None
        return view

    def pause(self, seconds: float) -> None:
        """Waits before the next attempt; `Closed` as soon as the transport is closed."""
        if self._ends is not None:
            seconds = min(seconds, max(self._ends - time.monotonic(), 0))
        self.sockets.pause(seconds)

    @property
    def sockets(self) -> SocketRegistry:
        """Every open socket to the Engine; another registry after a fork."""
        return self._shared.sockets

    @property
    def endpoint(self) -> Endpoint:
        return self.sockets.endpoint

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of every request."""
        return self._shared.headers

    @property
    def negotiated(self) -> Negotiated:
        """The negotiated version; asks the Engine once, at first use."""
        found = self._shared.negotiation.result
        return self._negotiate() if found is None else found

    def _negotiate(self) -> Negotiated:
        times = 1
        asked = ["GET /_ping"]

        def get(route: str) -> Reply:
            """The Engine's answer, without a lock and without a retry policy."""
            asked[0] = route
            target = f"{self.endpoint.prefix}{route.partition(' ')[2]}"
            wait = self._limit(self.timeouts.read, "read")
            exchange = self._new(Prepared(route, target, self.headers), wait)
            exchange.begin()
            return _reply_of(exchange)

        negotiation = self._shared.negotiation
        while negotiation.result is None:
            self.sockets.check_open()
            try:
                negotiation.step(lambda: ask(get, self.endpoint, self._shared.pinned))
                continue
            except DockerError as error:
                pause = self._again(asked[0], error, times, self._retry)
            self.pause(pause)
            times += 1
        return negotiation.result

    @property
    def terminals(self) -> Mapping[str, bool]:
        """Whether containers have a TTY, by their whole ids; that never changes."""
        return self._shared.terminals

    def remember_terminal(self, id: str, tty: bool) -> None:
        """Remembers whether a container has a TTY; only by its whole id, as names may change."""
        terminals = self._shared.terminals
        if len(id) != _WHOLE_ID:
            return
        if len(terminals) >= _MOST_TERMINALS:
            terminals.clear()
        terminals[id] = tty

    def supports(self, route: str, *, query: str | None = None, header: str | None = None) -> bool:
        """Whether the version in use has this route or an equivalent, with this parameter."""
        return self.negotiated.supports(route, query=query, header=header)

    def require(
        self,
        route: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        received: Mapping[str, Any] | None = None,
    ) -> Request:
        """The request translated for this Engine, for a verb; nothing is sent.

        `received` is the body as the Engine gave it, if a changed copy of it is sent back.

        Raises:
            NotSupported: the version in use has no such request.
        """
        return self._fitted(route, query, body, headers, received)

    # The verbs. Each takes a route with its query and body, or a request from `require`.

    def call(
        self,
        route: str | Request,
        subject: Subject | None = None,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        data: Data | None = None,
        headers: Mapping[str, str] | None = None,
        extra_time: float | None = 0,
    ) -> Reply:
        """The whole reply. `extra_time` extends the read timeout by so many seconds.

        None: no read timeout; the idle timeout applies, as in a stream.
        """
        read = self.timeouts.read
        if extra_time is None:
            wait = self._idle
        else:
            wait = self._limit(None if read is None else read + extra_time, "read")
        asked = self._prepare(route, subject, query, body, data, headers)
        return _reply_of(self._exchange(asked, wait))

    def stream(
        self,
        route: str | Request,
        subject: str | None = None,
        *,
        query: Query | None = None,
        data: Data | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float | None = None,
    ) -> Body:
        """The body, read as it arrives; the caller closes it.

        `patience` limits each wait for a part of it, instead of the idle timeout; the head of the
        answer then has the read timeout.
        """
        asked = self._prepare(route, subject, query, None, data, headers)
        if patience is None:
            exchange = self._exchange(asked, self._idle)
        else:
            exchange = self._exchange(asked, Deadline(self.timeouts.read))
            exchange.go_on(Deadline(patience, "idle"))
        return Body(self.sockets, exchange, is_direct=not self.negotiated.proxy)

    def hijack(
        self,
        route: str | Request,
        subject: str | None = None,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        protocol: str = "tcp",
        no_half_close: NotSupported | None = None,
        input: bool = False,
        input_request: Request | None = None,
    ) -> DuplexStream:
        """A two-way connection; the caller closes it.

        `protocol` is the protocol to switch to. `no_half_close` says why its input cannot be ended,
        if so. `input` says whether it has an input; `input_request` asks for a second connection
        for the input.
        """
        asked = self._prepare(route, subject, query, body, None, headers)
        second = None
        if input_request is not None:
            second = self._prepare(input_request, subject, None, None, None, headers)
        return upgrade(
            self._shared.pool,
            asked,
            protocol,
            connect=self._connect,
            read=self._limit(self.timeouts.read, "read"),
            idle=self._idle,
            no_half_close=no_half_close,
            must_upgrade=input and upgrades(self.negotiated.release),
            input_request=second,
        )

    def websocket(
        self, route: str | Request, subject: str, *, query: Query | None = None
    ) -> DuplexStream:
        """The same as `hijack`, over a websocket; needs the extra `websocket`."""
        load("dockerapi.transport.websocket")  # an extra
        from .websocket import open_websocket

        asked = self._prepare(route, subject, query, None, None, None)
        read = self._limit(self.timeouts.read, "read")
        return open_websocket(
            self._shared.pool,
            asked,
            connect=self._connect,
            read=read,
            idle=self._idle,
            no_half_close=self.negotiated.no_end_of_input(websocket=True),
        )

    def close(self) -> None:
        """Closes all connections and streams, from any thread; may be called twice."""
        self.sockets.close()
        self._shared.pool.drain()

    @property
    def _connect(self) -> Deadline:
        return self._limit(self.timeouts.connect, "connect")

    @property
    def _idle(self) -> Deadline:
        return self._limit(self.timeouts.idle, "idle")

    def _limit(self, seconds: float | None, kind: str) -> Deadline:
        return Deadline(seconds, kind, self._ends)

    # Sending

    def _fitted(
        self,
        route: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        received: Mapping[str, Any] | None = None,
    ) -> Request:
        """The request translated for this Engine; `NotSupported` if that is impossible."""
        spoken = self.negotiated
        query = _without_none(query or {})
        is_plain = not query and body is None and not headers
        if is_plain and (kept := self._shared.plain.get(route)) is not None:
            return kept
        fitted = fit(
            route,
            {**spelled_out(route, spoken.release), **query},
            None if body is None else _without_none(body),
            spoken.version,
            headers=headers,
            release=spoken.release,
            windows=spoken.windows,
            newest=None if self._shared.pinned is None else spoken.newest,
            received=received,
        )
        if is_plain:
            self._shared.plain[route] = fitted
        return fitted

    def _prepare(
        self,
        route: str | Request,
        subject: Subject | None,
        query: Query | None,
        body: Mapping[str, Any] | None,
        data: Data | None,
        headers: Mapping[str, str] | None,
    ) -> Prepared:
        """The translated request, ready to be sent."""
        self.sockets.check_open()
        fitted = route
        if not isinstance(fitted, Request):
            fitted = self._fitted(fitted, query, body, headers)
        base = f"{self.endpoint.prefix}/v{self.negotiated.version}"
        return prepared(fitted, base, subject, data, self.headers)

    def _new(self, request: Prepared, wait: Deadline) -> Exchange:
        spoken = self._shared.negotiation.result
        return Exchange(self._shared.pool, request, wait, self._connect, spoken=spoken)

    def _exchange(self, request: Prepared, wait: Deadline) -> Exchange:
        """The exchange, once its answer has begun and is a success."""
        retry = self._retry if request.is_repeatable else None
        times = 1
        while True:
            exchange = self._new(request, wait)
            try:
                exchange.begin()
                return exchange
            except DockerError as error:
                pause = self._again(request.route, error, times, retry)
            self.pause(pause)
            times += 1

    def _again(self, route: str, error: DockerError, times: int, retry: Retry | None) -> float:
        """The seconds until the policy's next attempt; without one, raises the error."""
        negotiation = self._shared.negotiation
        over = self._ends is not None and time.monotonic() >= self._ends
        if retry is None or isinstance(error, Closed) or negotiation.is_here or over:
            raise error
        pause = negotiation.decide(lambda: retry(route, error, times))
        if pause is None:
            raise error
        if isinstance(pause, bool) or not isinstance(pause, (int, float)):
            raise TypeError(f"retry: seconds or None were expected of it, not {pause!r}") from error
        if not 0 <= pause < 1e9:
            raise ValueError(f"retry: 0 seconds or more, not {pause!r}") from error
        return pause


class _Shared:
    """State that a transport shares with its views."""

    def __init__(
        self,
        endpoint: Endpoint,
        pinned: ApiVersion | None,
        user_agent: str,
        headers: Callable[[], Mapping[str, str]],
    ) -> None:
        self.pinned = pinned
        self._own_headers = {"Host": endpoint.address, "User-Agent": user_agent}
        self._more_headers = headers
        self._headers: dict[str, str] | None = None
        # Translated requests of routes with no query and no body.
        self.plain: dict[str, Request] = {}
        self.terminals: dict[str, bool] = {}
        self._begin(SocketRegistry(endpoint), None)
        _everybody.add(self)

    def _begin(self, sockets: SocketRegistry, spoken: Negotiated | None) -> None:
        self.sockets = sockets
        self.pool = Pool(sockets)
        self.negotiation = Negotiation(spoken)

    def begin_anew(self) -> None:
        """In the child after a fork: new connections, and a lock that no thread holds."""
        self.sockets.leave()
        sockets = SocketRegistry(self.sockets.endpoint)
        sockets.closed = self.sockets.closed
        self._begin(sockets, self.negotiation.result)

    @property
    def headers(self) -> dict[str, str]:
        # Not cached_property: up to Python 3.11 all its instances share one lock. A slow
        # `config.json` would delay every client, and block the child of a fork forever.
        if self._headers is None:
            self._headers = {**self._more_headers(), **self._own_headers}
        return self._headers


_everybody: weakref.WeakSet[_Shared] = weakref.WeakSet()


def _after_fork() -> None:
    for shared in list(_everybody):
        shared.begin_anew()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _reply_of(exchange: Exchange) -> Reply:
    content = exchange.read_all()
    return Reply(exchange.route, exchange.status, exchange.headers, content, exchange.made_at)
