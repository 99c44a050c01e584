"""One request, and the ways to answer it: whole, in chunks, or with the connection itself."""

from __future__ import annotations

import http.client
import io
import select
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote

from .errors import ClientGone, HttpError
from .server import BLOCK, LONGEST_LINE, Connection
from .websocket import WebSocket
from .wire import Chunks, Damage, Hijacked, Wire

KEPT = 1024 * 1024  # bytes of a body kept for `FakeEngine.requests`


class HttpExchange:
    """A request (method, target, headers) and the ways to answer it.

    `kept` is the part of its body that was read.
    """

    def __init__(
        self,
        connection: Connection,
        request: tuple[str, str, Mapping[str, str]],
        damage: Damage | None = None,
    ) -> None:
        self.method, target, headers = request
        path, _, query = target.partition("?")
        self.path = unquote(path)
        self.query: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            self.query.setdefault(name, []).append(value)
        self.headers = headers
        self.answered = False
        self.stays_open = headers.get("Connection", "").lower() != "close"
        self.kept = bytearray()
        self.body: BinaryIO = _body_of(connection.reader, headers, self.kept)
        self._connection = connection
        self._wire = Wire(connection, damage)

    def asked(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean query parameter, as Engines read it: true unless "", 0, no, false or none."""
        if name not in self.query:
            return default
        return self.asked(name).strip().lower() not in ("", "0", "no", "false", "none")

    def read_ahead(self) -> None:
        """Read the whole body now; afterwards `body` returns it from memory."""
        self.body = io.BytesIO(self.body.read())

    def client_gone(self) -> bool:
        """Whether the client has closed its side, as far as is visible without reading."""
        sock = self._connection.sock
        readable, _, _ = select.select([sock], [], [], 0)
        try:
            return bool(readable) and not sock.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def send_whole(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """A complete answer, with its length."""
        found = {**headers, "Date": _now()}
        if status not in (204, 304) and (body or self.method != "HEAD"):
            found["Content-Length"] = str(len(body))
        self.drain()
        self._head(status, found)
        if self.method != "HEAD" and status not in (204, 304):
            self._wire.send(body)

    def send_raw(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """An answer without a length: it ends with the connection."""
        self.drain()
        self.stays_open = False
        self._head(status, headers)
        self._wire.send(body)

    def send_chunks(self, status: int, headers: Mapping[str, str]) -> Chunks:
        """A chunked answer; the end of the `with` block sends the last chunk."""
        self._head(status, {**headers, "Date": _now(), "Transfer-Encoding": "chunked"})
        return Chunks(self._wire)

    def take_over(self, status: int, headers: Mapping[str, str], reason: str | None) -> Hijacked:
        """The connection itself, after the head."""
        self.body.read()
        self.stays_open = False
        self._head(status, headers, reason)
        return Hijacked(self._connection, self._wire)

    def websocket(self) -> WebSocket:
        """The connection as a websocket; needs the extra `websocket`."""
        from websockets.http11 import Request
        from websockets.server import ServerProtocol

        self.stays_open = False
        protocol = ServerProtocol()
        # The library wants to read the whole request itself.
        lines = [f"GET {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in self.headers.items())]
        protocol.receive_data("\r\n".join([*lines, "", ""]).encode("latin-1"))
        found = [one for one in protocol.events_received() if isinstance(one, Request)]
        if not found:
            raise HttpError(400, "Bad Request")
        response = protocol.accept(found[0])
        protocol.send_response(response)
        self.answered = True
        for data in protocol.data_to_send():
            self._wire.send(data)
        if response.status_code != 101:
            raise ClientGone
        return WebSocket(self._connection, self._wire, protocol)

    def _head(self, status: int, headers: Mapping[str, str], reason: str | None = None) -> None:
        self.answered = True
        if reason is None:
            reason = http.client.responses.get(status, "Status")
        lines = [f"HTTP/1.1 {status} {reason}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._wire.send_head("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def drain(self) -> None:
        """Read the rest of the body: the next request begins after it."""
        try:
            while self.body.read(BLOCK):
                pass
        except HttpError:  # the body's encoding is broken: no request can follow it
            self.stays_open = False
        except OSError as error:
            raise ClientGone from error


def _now() -> str:
    return format_datetime(datetime.now(timezone.utc), usegmt=True)


def _body_of(reader: BinaryIO, headers: Mapping[str, str], kept: bytearray) -> BinaryIO:
    """The body of a request as a file: of known length, chunked, or empty."""
    pieces = _counted(reader, 0)
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        pieces = _chunks(reader)
    elif headers.get("Content-Length", "0").isdecimal():
        pieces = _counted(reader, int(headers.get("Content-Length", "0")))
    return io.BufferedReader(_Pieces(pieces, kept), BLOCK)


def _counted(reader: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        data = reader.read(min(size, BLOCK))
        if not data:
            raise HttpError(400, "unexpected EOF")
        size -= len(data)
        yield data


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    while True:
        line = reader.readline(LONGEST_LINE).partition(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError as error:
            raise HttpError(400, "invalid byte in chunk length") from error
        if size == 0:
            while reader.readline(LONGEST_LINE).strip():
                pass
            return
        yield from _counted(reader, size)
        if reader.readline(3) != b"\r\n":
            raise HttpError(400, "malformed chunked encoding")


class _Pieces(io.RawIOBase):
    """An iterator of bytes as a file; its first MiB is kept."""

    def __init__(self, pieces: Iterator[bytes], kept: bytearray) -> None:
        self._pieces = pieces
        self._kept = kept
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self._kept += self._rest[: KEPT - len(self._kept)]
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)
