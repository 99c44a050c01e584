"""Attaching over a websocket (RFC 6455): the protocol is that of the library `websockets`.

The library's part without I/O is used, on a socket of the link, so that this road is opened, read
and closed like every other. What arrives is never framed: stdout and stderr are one.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections import deque
from collections.abc import Mapping
from http.client import HTTPException, RemoteDisconnected

from .answer import HeadTime
from .errors import Closed, NotSupported, UnexpectedReply, engine_words
from .link import BLOCK, Link, TwoWay, Wait, no_answer, refusal, shut_down
from .outbox import Outbox

try:
    from websockets.client import ClientProtocol
    from websockets.exceptions import ProtocolError, WebSocketException
    from websockets.frames import Frame, Opcode
    from websockets.http11 import Response
    from websockets.protocol import Event, State
    from websockets.typing import Origin
    from websockets.uri import parse_uri
except ImportError as error:  # the extra is not installed
    raise ImportError("attach_websocket needs: pip install 'dockerapi[websocket]'") from error

# The library would log heads and data, which may be secret, where others log their debugging.
_quiet = logging.getLogger("dockerapi.websocket")
_quiet.setLevel(logging.WARNING)

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class WebSocket(TwoWay):
    """A websocket: `read()` gives the payload of what arrived, `write()` sends binary messages."""

    def __init__(self, link: Link, sock: socket.socket, wire: _Wire, *, idle: float | None) -> None:
        super().__init__(link, sock, wire, self._hang_up, idle=idle)
        self._wire = wire

    def _hang_up(self) -> None:
        shut_down(self._sock)  # a thread that is blocked in a write would keep it open
        self._sock.close()

    def _send(self, data: bytes) -> None:
        self._wire.send(data)

    def close_write(self) -> None:
        raise NotSupported(
            "GET /containers/{id}/attach/ws: a websocket cannot end its input and go on reading; "
            "use attach()",
            route="GET /containers/{id}/attach/ws",
            what="close_stdin",
        )


class _Wire:
    """The protocol on a socket. One thread reads, another may send; pongs go between.

    Who reads owns the protocol's state, and who sends looks at one attribute of it: a handler that
    has interrupted one of them may do the other.
    """

    def __init__(self, sock: socket.socket, protocol: ClientProtocol) -> None:
        self._sock = sock
        self._protocol = protocol
        self._outbox = Outbox(sock.sendall)  # keeps frames whole
        self._events: deque[Event] = deque()
        self._ended = False

    def handshake(self, headers: Mapping[str, str]) -> Response:
        """Asks for the upgrade, and gives the Engine's answer."""
        request = self._protocol.connect()
        request.headers.update(headers)
        self._protocol.send_request(request)
        self._flush()
        allowed = HeadTime(self._sock)
        self._receive()
        while not self._events and not self._ended:
            with allowed.read():
                self._receive()
        allowed.over()
        answer = self._next()
        if isinstance(answer, Response):
            return answer
        if isinstance(getattr(self._protocol.handshake_exc, "__cause__", None), EOFError):
            raise RemoteDisconnected("no answer to the handshake")
        raise self._protocol.handshake_exc or ProtocolError("a frame came before the handshake")

    def read1(self, amount: int, /) -> bytes:
        """The payload of the next frame; b"" once the Engine has said that it closes."""
        while (event := self._next()) is not None:
            if isinstance(event, Frame) and event.opcode in _DATA and event.data:
                return bytes(event.data)
            if isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                return b""
        trouble = self._protocol.parser_exc or EOFError("the websocket ended without a close frame")
        raise EOFError(str(trouble)) from trouble  # it may be an error of the library's own

    def send(self, data: bytes) -> None:
        if self._protocol.state is not State.OPEN:
            raise BrokenPipeError("the Engine has closed the websocket")
        self._outbox.put(Frame(Opcode.BINARY, data).serialize(mask=True))

    def _next(self) -> Event | None:
        """The next event; None at the end of the connection."""
        while not self._events and not self._ended:
            self._receive()
        return self._events.popleft() if self._events else None

    def _receive(self) -> None:
        data = self._sock.recv(BLOCK)
        if data:
            self._protocol.receive_data(data)
        else:
            self._ended = True
            self._protocol.receive_eof()
        self._events.extend(self._protocol.events_received())
        # After either it would wait for a hang-up, and throw away what comes.
        if self._protocol.parser_exc or self._protocol.handshake_exc:
            self._ended = True
        with contextlib.suppress(OSError):  # the answer to a close frame may come too late
            self._flush()

    def _flush(self) -> None:
        """Sends what the protocol has to send; its request to close the socket is not ours."""
        for data in self._protocol.data_to_send():
            if data:
                self._outbox.put(data)


def open_websocket(
    link: Link,
    route: str,
    target: str,
    *,
    headers: Mapping[str, str],
    connect: float | None,
    read: float | None,
    idle: float | None,
) -> WebSocket:
    """Opens a websocket on a socket of its own.

    Raises:
        ApiError: the Engine refused.
        ConnectionFailed: there was no answer.
    """
    sock = link.open(connect)
    try:
        sock.settimeout(read)
        # Engines want an Origin and do not look at it (x/net/websocket, checkOrigin).
        protocol = ClientProtocol(
            parse_uri(f"ws://{link.endpoint.address}{target}"),
            origin=Origin("http://localhost"),
            logger=_quiet,
        )
        wire = _Wire(sock, protocol)
        answer = wire.handshake(headers)
        if protocol.handshake_exc is not None:
            if answer.status_code == 101:
                raise UnexpectedReply(f"{route}: no websocket: {protocol.handshake_exc}")
            words = engine_words(bytes(answer.body or b""))
            location = answer.headers.get("Location")
            raise refusal(link.endpoint, route, answer.status_code, words, location)
        sock.settimeout(idle)
        return WebSocket(link, sock, wire, idle=idle)
    except BaseException as error:
        sock.close()
        if isinstance(error, (OSError, HTTPException, WebSocketException)):
            if link.closed:
                raise Closed("the client was closed") from error
            raise no_answer(error, link.endpoint, route, Wait(read)) from error
        raise
