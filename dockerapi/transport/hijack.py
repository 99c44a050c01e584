"""A conversation that leaves HTTP: after the reply's head the connection carries bytes both ways.

The request asks for it (`Upgrade: tcp`, manual v1.19 section 3.2). Reading continues through the
exchange that has read the head, so that bytes which arrived together with the head are not lost.
Writing goes directly to the connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import get_ident
from typing import Protocol

from ..errors import Closed, DockerError, NotSupported, StreamInterrupted, UnexpectedReply
from ..protocol.deadline import Deadline
from .connections import SocketRegistry
from .exchange import Exchange
from .failures import broken_stream, proxy_in
from .pool import Pool
from .prepared import Prepared
from .reading import ReadStream, Source


class TwoWaySource(Source, Protocol):
    """A source that can be written to."""

    def send(self, data: bytes) -> None:
        """Sends all the bytes."""
        ...

    def end(self) -> None:
        """Closes the sending direction."""
        ...


class _TwoExchanges:
    """Reads from one connection and writes to another."""

    def __init__(self, output: Exchange, input: Exchange) -> None:
        self.route = output.route
        self.go_on, self.read1 = output.go_on, output.read1
        self.send, self.end = input.send, input.end
        self._output, self._input = output, input

    @property
    def deadline(self) -> Deadline:
        return self._output.deadline

    def shut_down(self) -> None:
        self._output.shut_down()
        self._input.shut_down()

    def close(self) -> None:
        self._output.close()
        self._input.close()


class DuplexStream(ReadStream):
    """A connection that one other thread can also write to.

    Args:
        no_half_close: why `close_write()` is refused, if so.

    `input_ended` is true after a successful `close_write()`. `input_broke_at` is the
    `time.monotonic()` at which a write failed.
    """

    _source: TwoWaySource
    input_ended = False
    input_broke_at: float | None = None

    def __init__(
        self,
        sockets: SocketRegistry,
        source: TwoWaySource,
        *,
        no_half_close: NotSupported | None = None,
    ) -> None:
        self._no_half_close = no_half_close
        self._broken_off: DockerError | None = None  # the reason why writing has failed
        super().__init__(sockets, source)

    def write(self, data: bytes) -> None:
        """Sends all the bytes; blocks while the other side does not read.

        Raises:
            Closed: the caller has closed this stream or its client.
            StreamInterrupted: the other side has closed the connection, or an earlier write was
                interrupted.
            RuntimeError: a signal handler has interrupted a write to the same stream.
        """
        self._sockets.check_owner()
        if self.closed or self._sockets.closed:
            raise Closed("the stream was closed")
        if self._is_over:
            endpoint = self._sockets.endpoint
            raise StreamInterrupted(f"{endpoint}: the other side has ended the stream")
        self._send("write", lambda: self._source.send(data))

    def check_end(self) -> None:
        """Raises what `close_write` would, before anything is sent."""
        self._sockets.check_owner()
        if self._no_half_close is not None:
            raise self._no_half_close

    def close_write(self) -> None:
        """Closes the sending direction, and goes on reading.

        Raises:
            NotSupported: reading would end as well.
            StreamInterrupted, RuntimeError: as in `write`.
        """
        self.check_end()
        if not (self.closed or self._is_over):
            self.input_ended = True  # set first: the reader may see the effect at once
            self._send("close_stdin", self._source.end)

    def _send(self, name: str, act: Callable[[], None]) -> None:
        """Runs `act`, unless this thread is already sending: half a message may be out."""
        thread = get_ident()
        if thread in self._writing:
            raise RuntimeError(f"{name}: a write to this stream is under way in this thread")
        if self._broken_off is not None:
            raise self._broken_off
        try:
            self._writing.add(thread)
            act()
        except (OSError, ValueError) as error:
            self.input_broke_at = time.monotonic()
            self._check_closed()
            limit = self._source.deadline
            self._broken_off = broken_stream(error, self._sockets.endpoint, limit)
            raise self._broken_off from error
        except BaseException as error:  # from a signal handler
            words = f"writing was interrupted by {type(error).__name__}"
            self._broken_off = self._error = StreamInterrupted(words)
            self._is_over = True
            self._source.shut_down()
            raise
        finally:
            self._writing.discard(thread)
            self._leave()


def upgrade(
    pool: Pool,
    request: Prepared,
    protocol: str,
    *,
    connect: Deadline,
    read: Deadline,
    idle: Deadline,
    no_half_close: NotSupported | None = None,
    must_upgrade: bool = False,
    input_request: Prepared | None = None,
) -> DuplexStream:
    """Switches to another protocol, on a connection of its own.

    `must_upgrade` refuses 200: it comes from a proxy that drops the header and passes no input on.
    `input_request` asks for a second connection, used for writing.

    Raises:
        UnexpectedReply: the answer is 200 despite `must_upgrade`.
        ApiError: the Engine refused.
        ConnectionFailed: there was no answer.
    """
    source: TwoWaySource
    source = output = Exchange(pool, request, read, connect, upgrade=protocol)
    output.begin()
    try:
        written_to = output
        if input_request is not None:
            written_to = Exchange(pool, input_request, read, connect, upgrade=protocol)
            source = _TwoExchanges(output, written_to)
            written_to.begin()
        if must_upgrade and written_to.status == 200:
            raise _lets_no_input_through(pool, request.route, protocol, written_to)
        written_to.go_on(idle)
        output.go_on(idle)
    except BaseException:
        source.close()
        raise
    return DuplexStream(pool.sockets, source, no_half_close=no_half_close)


def _lets_no_input_through(
    pool: Pool, route: str, protocol: str, exchange: Exchange
) -> UnexpectedReply:
    whom = proxy_in(exchange.headers)
    named = f" (Server: {whom})" if whom else ""
    return UnexpectedReply(
        f"{pool.sockets.endpoint}: {route}: answered 200 and not 101; input would not arrive: a "
        f"proxy in front of the Engine{named} has taken `Upgrade: {protocol}` out of the request, "
        "as HAProxy (and so docker-socket-proxy) does where that has a body"
    )
