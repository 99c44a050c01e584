"""Attaching over a websocket (RFC 6455), with the protocol of the library `websockets`.

The library's part without I/O runs on a socket of this package, so that a websocket is opened, read
and closed like every other connection. Its data is never framed: stdout and stderr are mixed.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque

import attrs

from ..endpoint.outbox import Outbox
from ..errors import NotSupported, UnexpectedReply, installing
from ..protocol.deadline import Deadline
from .exchange import Exchange
from .hijack import DuplexStream
from .pool import Pool
from .prepared import Prepared

try:
    from websockets.client import ClientProtocol
    from websockets.frames import CloseCode, Frame, Opcode
    from websockets.protocol import Event, State
    from websockets.typing import Origin
    from websockets.uri import parse_uri
except ImportError as error:  # the extra is not installed
    raise ImportError(f"attach_websocket needs: {installing('websocket')}") from error

# The library would log heads and data, which may be secret, at the level DEBUG.
_quiet = logging.getLogger("dockerapi.websocket")
_quiet.setLevel(logging.WARNING)

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
# Engines end a stream with the first code; the second stands for a close frame without a code.
_ENDS = (CloseCode.NORMAL_CLOSURE, CloseCode.NO_STATUS_RCVD)
_OF_THE_EXCHANGE = ("Host", "Connection", "Upgrade")


class WebSocket:
    """The protocol on an upgraded exchange. One thread reads, another may send.

    The reader owns the protocol's state, and sends its pongs. The writer only reads one attribute
    of that state, so that a signal handler may write while its thread reads, or read while it
    writes.
    """

    def __init__(self, exchange: Exchange, protocol: ClientProtocol) -> None:
        self.route = exchange.route
        self._exchange = exchange
        self._protocol = protocol
        self._outbox: Outbox[bytes] = Outbox()  # keeps frames whole
        self._events: deque[Event] = deque()
        self._ended = False

    @property
    def deadline(self) -> Deadline:
        return self._exchange.deadline

    def go_on(self, deadline: Deadline) -> None:
        self._exchange.go_on(deadline)

    def read1(self) -> bytes:
        """The payload of the next frame; b"" after the Engine's regular close.

        A proxy may also close a websocket; its code says why.
        """
        while (event := self._next()) is not None:
            if isinstance(event, Frame) and event.opcode in _DATA and event.data:
                return bytes(event.data)
            closed = self._protocol.close_rcvd
            if isinstance(event, Frame) and event.opcode is Opcode.CLOSE and closed is not None:
                if closed.code in _ENDS:
                    return b""
                raise EOFError(f"the websocket was closed: {closed}")
        trouble = self._protocol.parser_exc or EOFError("the websocket ended without a close frame")
        raise EOFError(str(trouble)) from trouble  # may be an error inside the library

    def send(self, data: bytes) -> None:
        """Sends a binary message."""
        if self._protocol.state is not State.OPEN:
            raise BrokenPipeError("the Engine has closed the websocket")
        frame = Frame(Opcode.BINARY, data).serialize(mask=True)
        self._outbox.put(frame, self._exchange.send)

    def end(self) -> None:
        """Never called: a websocket's input cannot be ended, and `DuplexStream` refuses it."""
        raise AssertionError("a websocket has no half-close")

    def shut_down(self) -> None:
        self._exchange.shut_down()

    def close(self) -> None:
        self._exchange.close()

    def _next(self) -> Event | None:
        """The next event; None at the end of the connection."""
        while not self._events and not self._ended:
            self._take(self._exchange.read1())
        return self._events.popleft() if self._events else None

    def _take(self, data: bytes) -> None:
        if data:
            self._protocol.receive_data(data)
        else:
            self._ended = True
            self._protocol.receive_eof()
        self._events.extend(self._protocol.events_received())
        if self._protocol.parser_exc:  # the library would discard the rest
            self._ended = True
        with contextlib.suppress(OSError):  # after a close frame it may have ended
            for answer in self._protocol.data_to_send():
                if answer:  # not the empty piece, which asks to close the socket
                    self._outbox.put(answer, self._exchange.send)


def open_websocket(
    pool: Pool,
    request: Prepared,
    *,
    connect: Deadline,
    read: Deadline,
    idle: Deadline,
    no_half_close: NotSupported | None,
) -> DuplexStream:
    """Opens a websocket on a connection of its own.

    Raises:
        ApiError: the Engine refused.
        ConnectionFailed: there was no answer.
        UnexpectedReply: the answer does not open a websocket.
    """
    # Engines require an Origin and ignore its value (x/net/websocket, checkOrigin).
    protocol = ClientProtocol(
        parse_uri(f"ws://{pool.sockets.endpoint.address}{request.target}"),
        origin=Origin("http://localhost"),
        logger=_quiet,
    )
    asked = dict(protocol.connect().headers.raw_items())
    for name in _OF_THE_EXCHANGE:
        del asked[name]
    request = attrs.evolve(request, headers={**asked, **request.headers})
    exchange = Exchange(pool, request, read, connect, upgrade="websocket")
    exchange.begin()
    # The library must check the answer, which our own reader has consumed.
    lines = [f"HTTP/1.1 {exchange.status} ", *(f"{n}: {v}" for n, v in exchange.headers.items())]
    protocol.receive_data("\r\n".join([*lines, "", ""]).encode("latin-1"))
    if protocol.state is not State.OPEN:
        exchange.close()
        why = protocol.handshake_exc or f"the answer has status {exchange.status}"
        raise UnexpectedReply(f"{request.route}: no websocket: {why}")
    protocol.events_received()  # discards the event of that answer
    exchange.go_on(idle)
    return DuplexStream(pool.sockets, WebSocket(exchange, protocol), no_half_close=no_half_close)
