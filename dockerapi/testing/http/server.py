"""The HTTP side of the fake Engine: connections, requests, and the four ways to answer.

A `Server` listens and gives each connection a thread. A thread reads one request after the other
and hands each to `serve` as an `Exchange`, which is answered in one of four ways: `answer` (whole),
`stream` (chunked), `hijack` (the connection itself, both ways) or `websocket`. A handler that
raises `Refusal` is answered in the words of the Engine's version; whatever else it raises is told
to the client as a 500, and the traceback goes to the log `dockerapi.testing`.

What a fault does to an answer happens in `_Wire`, the only place that sends.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import parse_qsl, unquote

from ..faults import Corrupt, Cut, Fault, Stall
from ..versions.dialect import TEXT, Dialect

if TYPE_CHECKING:
    from websockets.server import ServerProtocol

log = logging.getLogger("dockerapi.testing")

BLOCK = 128 * 1024
RAW_STREAM = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"
LONGEST_LINE = 64 * 1024
UNCHUNKED = 2048  # bytes up to which Go's net/http counts an answer instead of cutting it up
KEPT = 1024 * 1024  # bytes of a body that are kept for `FakeEngine.requests`
PATIENCE = 5.0  # seconds for which the end of the server waits for an answer's end
STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2}


class Refusal(Exception):
    """What the Engine will not do: the status and its words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.dialect: Dialect | None = None  # the form to say it in, if not the request's own


class HungUp(Exception):
    """The client is gone, or a fault ended the connection."""


class Server:
    """Listens on sockets, and serves each connection in a thread until `close()`."""

    def __init__(self, serve: Callable[[Connection], None]) -> None:
        self._serve = serve
        self._lock = threading.Lock()
        self._listeners: list[socket.socket] = []
        self._connections: dict[threading.Thread, Connection] = {}
        self._accepting: list[threading.Thread] = []
        self._closed = False

    def listen_unix(self, path: Path) -> None:
        """Listen on a unix socket; one on which somebody serves is a FileExistsError."""
        listener = socket.socket(socket.AF_UNIX)
        try:
            _make_way(path)
            listener.bind(str(path))
        except BaseException:
            listener.close()
            raise
        self._listen(listener)

    def listen_tcp(self) -> int:
        """Listen on a free port of the loopback interface; gives the port."""
        listener = socket.create_server(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        self._listen(listener)
        return port

    def _listen(self, listener: socket.socket) -> None:
        listener.listen(512)
        thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        self._listeners.append(listener)
        self._accepting.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connection = Connection(sock)
            thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections[thread] = connection
            thread.start()

    def _converse(self, connection: Connection) -> None:
        try:
            with connection:
                self._serve(connection)
        finally:
            with self._lock:
                self._connections.pop(threading.current_thread(), None)

    def hang_up(self) -> None:
        """End every connection and stop listening, as an Engine does that is killed."""
        with self._lock:
            self._closed = True
            connections = list(self._connections.values())
        for listener in self._listeners:
            # Closing alone does not wake a thread that waits in accept().
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in connections:
            connection.hang_up()

    def close(self) -> None:
        """End everything, and wait for the threads; a second close does nothing."""
        self.hang_up()
        with self._lock:
            threads = [*self._accepting, *self._connections]
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(PATIENCE)
                if thread.is_alive():
                    log.warning("%s still answers a request; the Engine has ended", thread.name)


def _make_way(path: Path) -> None:
    """Remove a socket on which nobody serves any more."""
    if not path.exists():
        return
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
                return
            except OSError:
                pass
    raise FileExistsError(f"{path} is in use already; give every Engine a socket of its own")


class Connection:
    """One connection of a client: requests come in, answers go out."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = io.BufferedReader(sock.makefile("rb", buffering=0), BLOCK)

    def next_request(self) -> tuple[str, str, http.client.HTTPMessage] | None:
        """Method, target and headers; None once the client has hung up between two requests."""
        try:
            line = self.reader.readline(LONGEST_LINE)
            while line in (b"\r\n", b"\n"):
                line = self.reader.readline(LONGEST_LINE)
            if not line:
                return None
            words = line.decode("latin-1").split()
            if len(words) != 3 or not words[2].startswith("HTTP/1."):
                raise Refusal(400, "400 Bad Request")
            return words[0], words[1], http.client.parse_headers(self.reader)
        except (http.client.HTTPException, ValueError) as error:
            raise Refusal(400, "400 Bad Request") from error
        except OSError:
            return None

    def gone(self) -> bool:
        """Whether the client has closed both sides, as far as the system tells."""
        if not hasattr(select, "poll"):
            return False
        poll = select.poll()
        poll.register(self.sock, 0)  # which leaves POLLHUP and POLLERR
        try:
            return bool(poll.poll(0))
        except OSError:
            return True

    def hang_up(self) -> None:
        """Wake whoever reads or writes here; `close` frees the socket."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End it so that the client sees a reset and no end."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.reader.close()
        self.sock.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Exchange:
    """One request, and the means to answer it, once."""

    def __init__(
        self,
        connection: Connection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        *,
        route: str = "",
        dialect: Dialect,
        fault: Fault | None = None,
        dying: Callable[[], None] | None = None,
    ) -> None:
        path, _, query = target.partition("?")
        self.method = method
        self.path = unquote(path)
        self.query: dict[str, list[str]] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            self.query.setdefault(name, []).append(value)
        self.headers = headers
        self.route = route
        self.dialect = dialect
        self.fault = fault
        self.answered = False
        self.stays_open = headers.get("Connection", "").lower() != "close"
        self._connection = connection
        self._wire = _Wire(connection, fault, dying)
        self.kept = bytearray()  # of the body, as far as it was read
        self.body: BinaryIO = _body_of(connection.reader, headers, self.kept)

    # What was asked.

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the query, the first of that name."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean of the query, as Engines read it: all but "", 0, no, false and none is true."""
        if name not in self.query:
            return default
        return self.asked(name).strip().lower() not in ("", "0", "no", "false", "none")

    def filters(self) -> dict[str, list[str]]:
        """The parameter `filters`: lists, or the map of maps that newer clients send."""
        found = self.decoded(self.asked("filters", "{}").encode() or b"{}")
        return {
            name: [value for value, on in values.items() if on]
            if isinstance(values, dict)
            else [str(value) for value in values]
            for name, values in found.items()
        }

    def json(self) -> dict[str, Any]:
        """The body, a JSON object; nothing counts as an empty one."""
        return self.decoded(self.body.read() or b"{}")

    def decoded(self, content: bytes) -> dict[str, Any]:
        """A JSON object out of what the client sent, or the Engine's complaint about it."""
        try:
            found = json.loads(content)
        except ValueError as error:
            raise self.dialect.bad_json(content, error) from error
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.dialect.bad_json(content, None)
        return found

    def read_ahead(self) -> None:
        """Read the whole body now; `body` then gives it from memory."""
        self.body = io.BytesIO(self.body.read())

    # The four ways to answer.

    def answer(
        self,
        status: int = 200,
        body: bytes = b"",
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A whole answer."""
        found = {**self.dialect.headers(self.route), **(headers or {})}
        if content_type is None:
            content_type = self.dialect.type_of_nothing(status)
        if content_type is not None:
            found["Content-Type"] = content_type
        found["Date"] = _now()
        chunked = len(body) > UNCHUNKED and "Content-Length" not in found
        if chunked:
            found["Transfer-Encoding"] = "chunked"
        elif status == 204:
            found.update({} if content_type is None else {"Content-Length": "0"})
        elif status != 304 and (body or self.method != "HEAD"):
            found["Content-Length"] = str(len(body))
        self._drain()
        self._head(status, found)
        if self.method == "HEAD" or status in (204, 304):
            return
        if chunked:
            with Chunks(self._wire) as chunks:
                chunks.write(body)
        else:
            self._wire.send(body)

    def answer_json(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole answer in JSON, in the version's form."""
        content_type = self.dialect.json_type(self.route, status)
        self.answer(status, self.dialect.encoded(value), content_type, headers)

    def refuse(self, refusal: Refusal) -> None:
        """A whole answer that says no, in the version's form."""
        if refusal.status == 304:
            self.answer(304)
            return
        raw = self.dialect.raw_refusal(self.route, refusal)
        if raw is not None:
            self._drain()
            self.stays_open = False
            self._head(raw[0], {"Content-Type": RAW_STREAM})
            self._wire.send(raw[1])
            return
        if self.dialect.logs_refuse_late(self.route, refusal):
            self.answer(200, f"Error running logs job: {refusal.message}\n".encode(), TEXT)
            return
        content_type, body = self.dialect.error(refusal.message)
        self.answer(refusal.status, body, content_type)

    def stream(
        self,
        content_type: str | None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Chunks:
        """A chunked answer; in a `with`, at the end of which the last chunk goes out."""
        found = {**self.dialect.headers(self.route), **(headers or {})}
        if content_type is not None:
            found["Content-Type"] = content_type
        found["Date"] = _now()
        hold = self.dialect.holds(self.route, self.query)
        chunks = Chunks(self._wire, hold, lambda more: self._head(status, {**found, **more}))
        if hold is None:
            chunks.begin()
        return chunks

    def hijack(self, *, framed: bool) -> Hijacked:
        """The connection itself: 101 to who asks for an upgrade from an Engine that has it."""
        self.body.read()
        self.stays_open = False
        upgrade = bool(self.headers.get("Upgrade")) and self.dialect.upgrades
        content_type = MULTIPLEXED if framed and self.dialect.names_frames(upgrade) else RAW_STREAM
        found = {"Content-Type": content_type}
        if upgrade:
            found.update({"Connection": "Upgrade", "Upgrade": "tcp"})
            self._head(101, found, reason="UPGRADED")
        else:
            self._head(200, found)
        return Hijacked(self._connection, self._wire)

    def websocket(self) -> WebSocket:
        """The connection as a websocket; needs the extra `websocket`."""
        from websockets.http11 import Request
        from websockets.server import ServerProtocol

        self.stays_open = False
        protocol = ServerProtocol()
        # It reads the request itself, and only then what follows.
        lines = [f"GET {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in self.headers.items())]
        protocol.receive_data("\r\n".join([*lines, "", ""]).encode("latin-1"))
        found = [one for one in protocol.events_received() if isinstance(one, Request)]
        if not found:
            raise Refusal(400, "Bad Request")
        [request] = found
        response = protocol.accept(request)
        protocol.send_response(response)
        self.answered = True
        for data in protocol.data_to_send():
            self._wire.send(data)
        if response.status_code != 101:
            raise HungUp
        return WebSocket(self._connection, self._wire, protocol)

    def hung_up(self) -> bool:
        """Whether the client has closed its side, as far as can be seen without reading."""
        sock = self._connection.sock
        readable, _, _ = select.select([sock], [], [], 0)
        try:
            return bool(readable) and not sock.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _head(self, status: int, headers: Mapping[str, str], reason: str | None = None) -> None:
        self.answered = True
        if reason is None:
            reason = http.client.responses.get(status, "Status")
        lines = [f"HTTP/1.1 {status} {reason}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._wire.send_head("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def _drain(self) -> None:
        """Read what is left of a body, so that the next request begins where it should."""
        try:
            while self.body.read(BLOCK):
                pass
        except Refusal:  # the body's coding is broken: nothing can follow it
            self.stays_open = False
        except OSError as error:
            raise HungUp from error


class Chunks:
    """A chunked answer that is being written; where it is held back, a short one is a whole one."""

    def __init__(
        self,
        wire: _Wire,
        hold: int | None = None,
        head: Callable[[dict[str, str]], None] | None = None,
    ) -> None:
        self._wire = wire
        self._hold = hold
        self._head = head
        self._held = b""

    def begin(self) -> None:
        """Send the head, and what was held back."""
        head, self._head = self._head, None
        if head is not None:
            head({"Transfer-Encoding": "chunked"})
        held, self._held = self._held, b""
        self.write(held)

    def write(self, data: bytes) -> None:
        if self._head is not None:
            self._held += data
            if len(self._held) > (self._hold or 0):
                self.begin()
        elif data:
            self._wire.send(b"%x\r\n%s\r\n" % (len(data), data))

    def write_frame(self, stream: str, data: bytes) -> None:
        self.write(self._wire.frame(stream, data))

    def __enter__(self) -> Chunks:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            return
        if self._head is None:
            self._wire.send(b"0\r\n\r\n")
            return
        more = {"Content-Length": str(len(self._held))}
        self._head(more if self._held else {**more, "Content-Type": TEXT})
        self._wire.send(self._held)


class Hijacked:
    """The raw connection after its head. One thread reads, another may write."""

    def __init__(self, connection: Connection, wire: _Wire) -> None:
        self._connection = connection
        self._wire = wire

    def read(self) -> bytes:
        """What the client sends next; b"" once it has closed its side, or is gone."""
        try:
            return self._connection.reader.read1(BLOCK)
        except (OSError, ValueError):
            return b""

    def write(self, data: bytes) -> None:
        self._wire.send(data)

    def write_frame(self, stream: str, data: bytes) -> None:
        self._wire.send(self._wire.frame(stream, data))

    def gone(self) -> bool:
        """Whether the client has closed both sides."""
        return self._connection.gone()

    def hang_up(self) -> None:
        """Both sides are done: whoever reads or writes is woken."""
        self._connection.hang_up()


class WebSocket:
    """A websocket of the Engine's: never framed. One thread reads, another may write."""

    def __init__(self, connection: Connection, wire: _Wire, protocol: ServerProtocol) -> None:
        self._connection = connection
        self._wire = wire
        self._protocol = protocol
        self._lock = threading.Lock()

    def read(self) -> bytes:
        """The next message's bytes; b"" once the client has closed, or is gone."""
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
                raise HungUp from error
            self._flush()

    def write_frame(self, stream: str, data: bytes) -> None:
        self.write(data)

    def gone(self) -> bool:
        """Whether the client has closed both sides."""
        return self._connection.gone()

    def hang_up(self) -> None:
        """Say goodbye, and close."""
        from websockets.exceptions import InvalidState

        with self._lock, contextlib.suppress(InvalidState, HungUp):
            self._protocol.send_close()
            self._flush()
        self._connection.hang_up()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._wire.send(data)


class _Wire:
    """The way out, and what a fault does to it."""

    def __init__(
        self, connection: Connection, fault: Fault | None, dying: Callable[[], None] | None
    ) -> None:
        self._connection = connection
        self._fault = fault
        self._dying = dying
        self._left = fault.after if isinstance(fault, Cut) else None

    def send_head(self, data: bytes) -> None:
        if isinstance(self._fault, Stall):
            self._fault.wait(self._connection)
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
        kind = STREAMS[stream]
        if isinstance(self._fault, Corrupt):
            kind, self._fault = self._fault.kind, None
        return bytes([kind, 0, 0, 0]) + len(data).to_bytes(4, "big") + data

    def _cut(self) -> None:
        assert isinstance(self._fault, Cut)
        if self._fault.engine and self._dying is not None:
            self._dying()
        elif self._fault.reset:
            self._connection.reset()
        else:
            self._connection.hang_up()
        raise HungUp

    def _send(self, data: bytes) -> None:
        try:
            self._connection.sock.sendall(data)
        except OSError as error:
            raise HungUp from error


def _body_of(reader: BinaryIO, headers: Mapping[str, str], kept: bytearray) -> BinaryIO:
    """The request's body as a file: by its length, by its chunks, or none."""
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
            raise Refusal(400, "unexpected EOF")
        size -= len(data)
        yield data


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    while True:
        line = reader.readline(LONGEST_LINE).partition(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError as error:
            raise Refusal(400, "invalid byte in chunk length") from error
        if size == 0:
            while reader.readline(LONGEST_LINE).strip():
                pass
            return
        yield from _counted(reader, size)
        if reader.readline(3) != b"\r\n":
            raise Refusal(400, "malformed chunked encoding")


class _Pieces(io.RawIOBase):
    """A file of what an iterator gives; the first MiB of it is kept."""

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


def _now() -> str:
    return format_datetime(datetime.now(timezone.utc), usegmt=True)


def free_path(folder: Path) -> Path:
    """Where to listen: a short path, since those of unix sockets end at some 100 characters."""
    return folder / "docker.sock" if len(os.fspath(folder)) < 90 else Path("/tmp") / folder.name
