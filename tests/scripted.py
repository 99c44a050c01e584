"""A daemon that plays a script, on a real socket.

    with ScriptedDaemon({"GET /v1.41/containers/json": json_reply([])}) as daemon:
        with Client(daemon.url) as client:
            assert client.containers() == []
    assert daemon.requests == [Request("GET", "/v1.41/containers/json")]

The script maps "METHOD target" to an answer; a target without a query matches whatever the query.
An answer is the bytes to send, sent as they are once the whole request was read, or a function that
takes the `Conversation` and does what it likes with the connection, which is closed when it
returns; a list is one answer after the other, all of which must be asked for. After bytes the
connection is kept if the answer itself says where it ends. `GET /_ping` and `GET /version` are
answered by themselves; where the script has the second one, the first is not there.

What is not in the script, and what goes wrong in a function of it, fails the test at the end of
the `with`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO

import attrs

PATIENCE = 60.0  # seconds; only a broken test waits so long

# Headers of the connection, which say nothing about what was asked; `Request.head` has them.
_OF_THE_CONNECTION = {
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "upgrade",
    "user-agent",
}


@attrs.frozen
class Request:
    """What a client asked: equal if method, target, headers and body are.

    `headers` are without those of the connection. `body` is the value where the content is JSON,
    else bytes. `head` is the whole head and `content` the body as they were sent.
    """

    method: str
    target: str
    headers: dict[str, str] = attrs.field(factory=dict)
    body: Any = b""
    head: str = attrs.field(default="", eq=False, repr=False, kw_only=True)
    content: bytes = attrs.field(default=b"", eq=False, repr=False, kw_only=True)


def asked(line: str, body: Any = b"", /, **headers: str) -> Request:
    """The request "METHOD target" with a body: bytes, or what is sent as JSON.

    Headers are given with underscores: `X_Registry_Auth="..."`.
    """
    method, target = line.split(" ")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if not isinstance(body, bytes):
        sent = {"Content-Type": "application/json", **sent}
    return Request(method, target, sent, body)


_REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
}


def head(status: int = 200, /, **headers: str) -> bytes:
    """The head of an answer; the names of headers with underscores: `Content_Type="..."`."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def reply(status: int = 200, body: bytes = b"", /, **headers: str) -> bytes:
    """A whole answer that says its length; 204 and 304 have none."""
    if status not in (204, 304):
        headers.setdefault("Content_Length", str(len(body)))
    return head(status, **headers) + body


def json_reply(value: Any, status: int = 200, /, **headers: str) -> bytes:
    """A whole answer in JSON."""
    content = json.dumps(value).encode()
    return reply(status, content, **{"Content_Type": "application/json", **headers})


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def chunked(*pieces: bytes, status: int = 200, **headers: str) -> bytes:
    """A whole answer of one chunk per piece."""
    start = head(status, Transfer_Encoding="chunked", **headers)
    return start + b"".join(map(chunk, pieces)) + LAST_CHUNK


def frame(stream: str, data: bytes) -> bytes:
    """One frame of the multiplexed stream; "engine" is the Engine's own error."""
    kind = ("stdin", "stdout", "stderr", "engine").index(stream)
    return bytes([kind, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


# What Engines since 1.5.0 answer to `Upgrade: tcp`, and what older ones do.
UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
RAW_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


# What is asked at the end of an exec's stream, on a TTY too, and the answer.
EXEC_EVENTS = "/events?since=1&filters=%7B%22event%22%3A+%5B%22exec_die%22%5D%7D"
EXEC_EVENTS_ON_A_TTY = EXEC_EVENTS.replace("%5D%7D", "%2C+%22exec_detach%22%5D%7D")


def exec_event(
    exit_code: int | str = 0, action: str = "exec_die", *, id: str = "e1", **more: Any
) -> dict[str, Any]:
    """The event of the end of an exec, as a value."""
    actor = {"ID": "c1", "Attributes": {"execID": id, "exitCode": str(exit_code)}}
    return {"Type": "container", "Action": action, "Actor": actor, "timeNano": 10**18, **more}


def exec_died(exit_code: int | str = 0, **more: Any) -> bytes:
    """The answer that has it."""
    return json_reply(exec_event(exit_code, **more))


class InPieces(socket.socket):
    """What has arrived is read in pieces of at most `largest` bytes."""

    largest = 1 << 20

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        return super().recv_into(memoryview(buffer)[: self.largest], nbytes, flags)


class Conversation:
    """One request and the connection on which it came, for a function of the script."""

    def __init__(self, request: Request, sock: socket.socket, reader: BinaryIO) -> None:
        self.request = request
        self.sock = sock
        self._reader = reader

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def receive(self, size: int) -> bytes:
        """The next `size` bytes that the client sends, fewer if it ends before."""
        return self._reader.read(size)

    def receive_all(self) -> bytes:
        """All that the client sends until it ends its side."""
        return self._reader.read()

    def end(self) -> None:
        """Ends our side; the client's bytes are still read."""
        if isinstance(self.sock, ssl.SSLSocket):
            raise TypeError("over TLS the scripted daemon ends both sides or none")
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Breaks the connection without an end, as a machine that vanishes; for TCP."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def wait_for_hangup(self) -> None:
        """Blocks until the client is gone; what it still sends is thrown away."""
        try:
            while self._reader.read(65536):
                pass
        except ConnectionError:
            return


Play = Callable[[Conversation], None]


@attrs.frozen
class BeforeBody:
    """An answer that does not wait for the request's body: bytes, or a function."""

    answer: bytes | Play


@attrs.frozen
class Made:
    """Another answer each time."""

    make: Callable[[], bytes]


Answer = bytes | Play | BeforeBody | Made
Script = Mapping[str, Answer | Sequence[Answer]]


# What `GET /version` of Podman says (4.3.1, recorded), as far as negotiation reads it.
PODMAN = {
    "Components": [{"Name": "Podman Engine", "Version": "4.3.1", "Details": {}}],
    "Version": "4.3.1",
    "ApiVersion": "1.41",
    "MinAPIVersion": "1.24",
    "Os": "linux",
}


def version_of(release: str, api: str | None, lowest: str | None) -> dict[str, str]:
    """What `GET /version` says, as far as negotiation reads it."""
    found = {"Version": release, "ApiVersion": api, "MinAPIVersion": lowest}
    return {name: value for name, value in found.items() if value is not None}


NO_PING = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: 19\r\n\r\n404 page not found\n"
)


def ping_of(release: str, api: str | None) -> bytes:
    """The answer to `GET /_ping`: not there up to 0.10, with headers from 1.8 on."""
    numbers = tuple(map(int, re.findall(r"\d+", release)[:2]))
    if numbers < (0, 11):
        return NO_PING
    told = {"Server": f"Docker/{release} (linux)"} if numbers >= (1, 8) else {}
    if numbers >= (1, 13) and api is not None:
        told["Api_Version"] = api
    return reply(200, b"OK", **told)


class ScriptedDaemon:
    """Plays a script to everybody who connects, each connection in a thread of its own.

    Args:
        script: the answers.
        release, api, lowest: what `GET /_ping` and `GET /version` say, unless the script has them.
            Such requests are not among `requests`; `negotiations` counts the first.
        tcp: listen on a port of 127.0.0.1, not on a unix socket.
        tls: speak TLS (on TCP), with this context.
        on_connect: plays instead of HTTP, with the bare connection.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        release: str = "20.10.24",
        api: str | None = "1.41",
        lowest: str | None = "1.12",
        tcp: bool = False,
        tls: ssl.SSLContext | None = None,
        on_connect: Callable[[socket.socket], None] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.negotiations = 0
        self.connections = 0
        self._script: dict[str, Answer | list[Answer]] = {
            line: answer
            if isinstance(answer, (bytes, BeforeBody, Made)) or callable(answer)
            else list(answer)
            for line, answer in (script or {}).items()
        }
        self._own = {
            "GET /_ping": NO_PING if "GET /version" in self._script else ping_of(release, api),
            "GET /version": json_reply(version_of(release, api, lowest)),
        }
        self._tls = tls
        self._on_connect = on_connect
        self._lock = threading.Lock()
        self._closing = False
        self._failures: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._folder = None
        if tcp or tls is not None:
            self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._listener.bind(("127.0.0.1", 0))
            self.port = self._listener.getsockname()[1]
            self.url = f"https://localhost:{self.port}" if tls else f"tcp://127.0.0.1:{self.port}"
        else:
            self._folder = tempfile.mkdtemp(prefix="scripted-")
            self.path = f"{self._folder}/docker.sock"
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(self.path)
            self.url = f"unix://{self.path}"

    # Its life

    def __enter__(self) -> ScriptedDaemon:
        self._listener.listen(64)
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        with socket.socket(self._listener.family, socket.SOCK_STREAM) as knock:
            knock.connect(self._listener.getsockname())  # wakes the thread that accepts
        self._threads[0].join(PATIENCE)
        self._listener.close()
        self.hang_up()
        if self._folder is not None:
            shutil.rmtree(self._folder)
        for thread in self._threads:
            thread.join(PATIENCE)
            if thread.is_alive():
                self._failures.append(AssertionError(f"still playing: {thread.name}"))
        for line, answers in self._script.items():
            if isinstance(answers, list) and answers:
                self._failures.append(AssertionError(f"{len(answers)} times not asked: {line}"))
        if self._failures and error is None:
            raise self._failures[0]
        for failure in self._failures:
            print(f"the scripted daemon: {failure!r}", file=sys.stderr)

    def settle(self) -> None:
        """Returns when every connection has ended that was made so far, by the client or by us."""
        with socket.socket(self._listener.family, socket.SOCK_STREAM) as knock:
            knock.connect(self._listener.getsockname())
            knock.shutdown(socket.SHUT_WR)
            knock.recv(1)  # its turn has come, and so that of all before it
        accepting, *serving = self._threads
        for thread in serving:
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"still playing: {thread.name}"
        self._threads = [accepting]

    def hang_up(self) -> None:
        """Ends every connection that is open now, as an Engine that is killed."""
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):  # it has ended already
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _start(self, play: Callable[..., None], *args: Any) -> None:
        def run() -> None:
            try:
                play(*args)
            except BaseException as error:
                self._failures.append(error)

        thread = threading.Thread(target=run, name=f"{play.__name__}{args}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closing:
                sock.close()
                return
            self.connections += 1
            self._start(self._serve, sock)

    # One connection

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self._open.add(sock)
        try:
            if self._on_connect is not None:
                self._on_connect(sock)
                return
            if self._tls is not None:
                secured = self._secured(sock, self._tls)
                if secured is None:
                    return
                sock = secured
            with sock.makefile("rb") as reader:
                while self._answer(sock, reader):
                    pass
        except (ConnectionError, ssl.SSLEOFError):
            return  # the client has gone, as clients do
        except (OSError, ValueError):
            if not self._closing:
                raise
        finally:
            with self._lock:
                self._open.discard(sock)
            if isinstance(sock, ssl.SSLSocket):
                with contextlib.suppress(OSError, ValueError):
                    sock.settimeout(0)
                    sock.unwrap()  # says goodbye, and does not wait for the client's
            sock.close()

    def _secured(self, sock: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket | None:
        first = sock.recv(1, socket.MSG_PEEK)
        if first != b"\x16":  # no ClientHello; what Go's net/http then says
            if first:
                sock.recv(65536)
                sock.sendall(
                    b"HTTP/1.0 400 Bad Request\r\n\r\n"
                    b"Client sent an HTTP request to an HTTPS server.\n"
                )
            return None
        secured = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(secured)
        try:
            secured.do_handshake()
            return secured
        except OSError:  # one of the two does not trust the other
            with secured, contextlib.suppress(OSError):
                # Closed with bytes unread, the connection would be reset, and the alert lost.
                socket.socket.shutdown(secured, socket.SHUT_WR)
                while os.read(secured.fileno(), 65536):
                    pass
            return None

    def _answer(self, sock: socket.socket, reader: BinaryIO) -> bool:
        """Answers one request; whether another may follow on the connection."""
        line = reader.readline()
        if not line:
            return False
        match = re.fullmatch(r"([A-Z]+) (\S+) HTTP/1\.1\r\n", line.decode("latin-1"))
        if match is None:  # as Go's net/http has it, for a ClientHello, say
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")
            return False
        lines = [line]
        while (line := reader.readline()) not in (b"\r\n", b""):
            lines.append(line)
        method, target = match.groups()
        headers = dict(
            re.split(r":\s*", one.decode("latin-1").rstrip("\r\n"), maxsplit=1) for one in lines[1:]
        )
        answer, counts = self._chosen(method, target)
        content = b"" if isinstance(answer, BeforeBody) else _body(reader, headers)
        told = {
            name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION
        }
        is_json = told.get("Content-Type") == "application/json" and content
        request = Request(
            method,
            target,
            told,
            json.loads(content) if is_json else content,
            head=b"".join(lines).decode("latin-1"),
            content=content,
        )
        with self._lock:
            if counts:
                self.requests.append(request)
            elif target == "/_ping":
                self.negotiations += 1
        if isinstance(answer, BeforeBody):
            answer = answer.answer
        if not isinstance(answer, bytes):
            answer(Conversation(request, sock, reader))
            return False
        sock.sendall(answer)
        return _says_where_it_ends(answer)

    def _chosen(self, method: str, target: str) -> tuple[Answer, bool]:
        """The answer of the script, and whether it is the script's."""
        with self._lock:
            for line in (f"{method} {target}", f"{method} {target.partition('?')[0]}"):
                answer = self._script.get(line)
                if answer is None or answer == []:
                    continue
                chosen = answer.pop(0) if isinstance(answer, list) else answer
                return (chosen.make() if isinstance(chosen, Made) else chosen), True
            if (line := f"{method} {target}") in self._own and line not in self._script:
                return self._own[line], False
            self._failures.append(AssertionError(f"not in the script: {method} {target}"))
            return reply(500, f"not in the script: {method} {target}".encode()), True


def _body(reader: BinaryIO, headers: Mapping[str, str]) -> bytes:
    if headers.get("Transfer-Encoding", "").lower() != "chunked":
        return reader.read(int(headers.get("Content-Length", 0)))
    pieces = []
    while size := int(reader.readline() or b"0", 16):
        pieces.append(reader.read(size))
        reader.readline()
    reader.readline()
    return b"".join(pieces)


def _says_where_it_ends(answer: bytes) -> bool:
    """Whether a client knows where the answer ends, and all of it is there."""
    start, _, body = answer.partition(b"\r\n\r\n")
    if re.match(rb"HTTP/1\.1 (204|304) ", start):
        return True
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", start):
        return body.endswith(LAST_CHUNK)
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", start)
    return length is not None and len(body) == int(length[1])
