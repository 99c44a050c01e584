"""Attaching over a websocket (RFC 6455): the protocol is that of the library `websockets`.

The library's part without I/O is used, on a socket of ours, so that this road is opened, read and
closed like every other. What arrives is never framed: stdout and stderr are one.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from collections.abc import Mapping

from ..endpoint.endpoint import Endpoint
from ..endpoint.outbox import Outbox
from ..errors import Closed, DockerError, NotSupported, UnexpectedReply, engine_words
from ..protocol.deadline import Deadline
from ..protocol.heads import NoAnswer
from .connections import Connection, SocketRegistry, shut_down
from .exchange import logged
from .failures import BROKEN, no_answer, refusal
from .hijack import DuplexStream
from .prepared import Prepared

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


class WebSocket:
    """The protocol on a connection. One thread reads, another may send; pongs go between.

    Who reads owns the protocol's state, and who sends looks at one attribute of it: a handler that
    has interrupted one of them may do the other.
    """

    def __init__(self, route: str, connection: Connection, protocol: ClientProtocol) -> None:
        self.route = route
        self.deadline = Deadline()
        self._connection = connection
        self._protocol = protocol
        self._outbox = Outbox(connection.sock.sendall)  # keeps frames whole
        self._events: deque[Event] = deque()
        self._ended = False

    def handshake(self, headers: Mapping[str, str], deadline: Deadline) -> Response:
        """Asks for the upgrade, and gives the Engine's answer."""
        request = self._protocol.connect()
        request.headers.update(headers)
        self._protocol.send_request(request)
        self._connection.limit(deadline)
        self._flush()
        for data in self._connection.pieces_of_head(deadline):
            self._take(data)
            if self._events or self._ended:
                break
        answer = self._next()
        if isinstance(answer, Response):
            return answer
        if isinstance(getattr(self._protocol.handshake_exc, "__cause__", None), EOFError):
            raise NoAnswer("no answer to the handshake")
        raise self._protocol.handshake_exc or ProtocolError("a frame came before the handshake")

    def go_on(self, deadline: Deadline) -> None:
        """Has what follows the handshake be bounded by another deadline."""
        self.deadline = deadline
        self._connection.limit(deadline)

    def read1(self) -> bytes:
        """The payload of the next frame; b"" once the Engine has said that it closes."""
        while (event := self._next()) is not None:
            if isinstance(event, Frame) and event.opcode in _DATA and event.data:
                return bytes(event.data)
            if isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                return b""
        trouble = self._protocol.parser_exc or EOFError("the websocket ended without a close frame")
        raise EOFError(str(trouble)) from trouble  # it may be an error of the library's own

    def send(self, data: bytes) -> None:
        """Sends a binary message."""
        if self._protocol.state is not State.OPEN:
            raise BrokenPipeError("the Engine has closed the websocket")
        self._outbox.put(Frame(Opcode.BINARY, data).serialize(mask=True))

    def end(self) -> None:
        """There is no such thing: `NO_HALF_CLOSE` is why."""
        raise NO_HALF_CLOSE

    def shut_down(self) -> None:
        shut_down(self._connection.sock)

    def close(self) -> None:
        self._connection.sock.close()

    def _next(self) -> Event | None:
        """The next event; None at the end of the connection."""
        while not self._events and not self._ended:
            self._take(self._connection.receive(self.deadline))
        return self._events.popleft() if self._events else None

    def _take(self, data: bytes) -> None:
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


NO_HALF_CLOSE = NotSupported(
    "GET /containers/{id}/attach/ws: a websocket cannot end its input and go on reading; use "
    "attach()",
    route="GET /containers/{id}/attach/ws",
    what="close_stdin",
)


def open_websocket(
    sockets: SocketRegistry,
    request: Prepared,
    *,
    connect: Deadline,
    read: Deadline,
    idle: Deadline,
) -> DuplexStream:
    """Opens a websocket on a connection of its own.

    Raises:
        ApiError: the Engine refused.
        ConnectionFailed: there was no answer.
    """
    # Engines want an Origin and do not look at it (x/net/websocket, checkOrigin).
    protocol = ClientProtocol(
        parse_uri(f"ws://{sockets.endpoint.address}{request.target}"),
        origin=Origin("http://localhost"),
        logger=_quiet,
    )
    headers = {name: value for name, value in request.headers.items() if name != "Host"}
    with logged(request) as outcome:
        made = WebSocket(request.route, Connection(sockets.open(connect)), protocol)
        try:
            answer = made.handshake(headers, read)
            outcome.status = answer.status_code
            if protocol.handshake_exc is not None:
                raise _refused(sockets.endpoint, request.route, answer, protocol.handshake_exc)
            made.go_on(idle)
        except BaseException as error:
            made.close()
            if isinstance(error, (*BROKEN, WebSocketException)):
                if sockets.closed:
                    raise Closed("the client was closed during this call") from error
                raise no_answer(error, sockets.endpoint, request.route, read) from error
            raise
    return DuplexStream(sockets, made, no_half_close=NO_HALF_CLOSE)


def _refused(endpoint: Endpoint, route: str, answer: Response, error: Exception) -> DockerError:
    if answer.status_code == 101:
        return UnexpectedReply(f"{route}: no websocket: {error}")
    words = engine_words(bytes(answer.body or b""))
    return refusal(endpoint, route, answer.status_code, words, answer.headers)
