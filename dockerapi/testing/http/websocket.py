"""The Engine's side of a websocket; needs the extra `websocket`."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import attrs

from .errors import ClientGone
from .server import BLOCK, Connection
from .wire import Wire

if TYPE_CHECKING:
    from websockets.server import ServerProtocol


@attrs.define(eq=False)
class WebSocket:
    """The Engine's side of a websocket; streams are mixed. One thread reads, one writes."""

    _connection: Connection
    _wire: Wire
    _protocol: ServerProtocol
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def read(self) -> bytes:
        """The next message's bytes; b"" after the client has closed the connection."""
        from websockets.frames import Frame, Opcode

        while True:
            with self._lock:
                events = self._protocol.events_received()
            found = b"".join(
                event.data
                for event in events
                if isinstance(event, Frame)
                and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
            )
            if found:
                return found
            try:
                data = self._connection.reader.read1(BLOCK)
            except (OSError, ValueError):
                return b""
            if not data:
                return b""
            with self._lock:
                self._protocol.receive_data(data)
                self._flush()

    def write(self, data: bytes) -> None:
        from websockets.exceptions import InvalidState

        with self._lock:
            try:
                self._protocol.send_binary(data)
            except InvalidState as error:
                raise ClientGone from error
            self._flush()

    def write_frame(self, stream: str, data: bytes) -> None:
        self.write(data)

    def gone(self) -> bool:
        """Whether the client has closed both directions."""
        return self._connection.gone()

    def hang_up(self) -> None:
        """Send a close frame, and close."""
        from websockets.exceptions import InvalidState

        with self._lock, contextlib.suppress(InvalidState, ClientGone):
            self._protocol.send_close()
            self._flush()
        self._connection.hang_up()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._wire.send(data)
