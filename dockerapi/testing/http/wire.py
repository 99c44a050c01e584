"""Sending: all bytes go through `Wire`, the only place that damages an answer."""

from __future__ import annotations

import select
from collections.abc import Callable

import attrs

from .errors import ClientGone
from .server import BLOCK, Connection

STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2}


@attrs.define
class Damage:
    """The damage to one answer.

    Args:
        stall: seconds before the head is sent.
        after: the connection ends after the head and so many bytes.
        end: how it ends then.
        kind: the first byte of the first frame.
    """

    stall: float = 0
    after: int | None = None
    end: Callable[[Connection], None] = Connection.hang_up
    kind: int | None = None


class Wire:
    """Sends bytes, with the damage of a fault."""

    def __init__(self, connection: Connection, damage: Damage | None) -> None:
        self._connection = connection
        self._damage = damage or Damage()
        self._left = self._damage.after

    def send_head(self, data: bytes) -> None:
        if self._damage.stall:
            # The end of the connection ends this wait.
            select.select([self._connection.sock], [], [], self._damage.stall)
        self._send(data)
        if self._left == 0:
            self._cut()

    def send(self, data: bytes) -> None:
        if self._left is None:
            self._send(data)
            return
        part = data[: self._left]
        self._left -= len(part)
        self._send(part)
        if self._left == 0:
            self._cut()

    def frame(self, stream: str, data: bytes) -> bytes:
        """One frame of the multiplexed stream (manual v1.19, "Attach to a container")."""
        kind, self._damage.kind = self._damage.kind, None
        first = STREAMS[stream] if kind is None else kind
        return bytes([first, 0, 0, 0]) + len(data).to_bytes(4, "big") + data

    def _cut(self) -> None:
        self._damage.end(self._connection)
        raise ClientGone

    def _send(self, data: bytes) -> None:
        try:
            self._connection.sock.sendall(data)
        except OSError as error:
            raise ClientGone from error


@attrs.define(eq=False)
class Chunks:
    """A chunked answer, after its head; its `with` block sends the last chunk without an error."""

    _wire: Wire

    def write(self, data: bytes) -> None:
        if data:
            self._wire.send(b"%x\r\n%s\r\n" % (len(data), data))

    def write_frame(self, stream: str, data: bytes) -> None:
        self.write(self._wire.frame(stream, data))

    def __enter__(self) -> Chunks:
        return self

    def __exit__(self, kind: object, error: object, _: object) -> None:
        if error is None:
            self._wire.send(b"0\r\n\r\n")


@attrs.define(eq=False)
class Hijacked:
    """The raw connection after its head. One thread reads, another may write."""

    _connection: Connection
    _wire: Wire

    def read(self) -> bytes:
        """The client's next bytes; b"" after it has closed its side or the connection."""
        try:
            return self._connection.reader.read1(BLOCK)
        except (OSError, ValueError):
            return b""

    def write(self, data: bytes) -> None:
        self._wire.send(data)

    def write_frame(self, stream: str, data: bytes) -> None:
        self._wire.send(self._wire.frame(stream, data))

    def gone(self) -> bool:
        """Whether the client has closed both directions."""
        return self._connection.gone()

    def hang_up(self) -> None:
        """Ends both directions: a thread that reads or writes wakes."""
        self._connection.hang_up()
