"""An Engine that says fixed bytes on a unix socket, in a process of its own.

Its answers have the shape of recorded ones of Engine 28.5: a frame of logs, an event and a message
of a pull come in a chunk of their own, an archive in chunks of 32 KiB. How much is said stands in
the request, so that it needs no settings: the container `frames-64-1000` has logged 1,000 frames
of 64 bytes, `events?since=1000` are 1,000 events, with filters fifty in a chunk.

What is sent is made once and sent again and again, in blocks of about 1 MiB, from a thread per
connection; what is received is thrown away.
"""

from __future__ import annotations

import base64
import datetime
import fcntl
import functools
import hashlib
import itertools
import json
import re
import socket
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECORDING = Path(__file__).parent.parent / "tests/recordings/wire/28.5_v1.51.jsonl"
BLOCK = 1024 * 1024
OK = (
    b"HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nServer: Docker/28.5.2 (linux)\r\n"
    b"Date: Mon, 30 Nov 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\n"
)
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"
LABELS = {f"com.example.label-{number}": "a value as labels have it" for number in range(30)}


@functools.cache
def recorded(operation: str) -> Any:
    """The JSON that a real Engine has answered."""
    for line in RECORDING.read_text().splitlines():
        found = json.loads(line)
        if found["operation"] == operation:
            answer = base64.b64decode(found["response_b64"])
            return json.JSONDecoder().raw_decode(answer[answer.index(b"{") :].decode())[0]
    raise LookupError(operation)


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def frame(number: int, data: bytes) -> bytes:
    """Every eighth frame is of stderr, as the output of a program with warnings may be."""
    return bytes([1 if number % 8 else 2, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def sized(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


def whole(body: bytes) -> bytes:
    """An answer as Engines send one that is longer than 2 KiB: in one chunk."""
    return sized(body) if len(body) <= 2048 else CHUNKED + chunk(body) + LAST_CHUNK


def repeated(pieces: list[bytes], count: int) -> Iterator[bytes]:
    """`count` pieces, these again and again, in blocks of about 1 MiB."""
    size = max(len(pieces), BLOCK * len(pieces) // sum(map(len, pieces)))
    block = b"".join(itertools.islice(itertools.cycle(pieces), size - size % len(pieces)))
    at_once = size - size % len(pieces)
    for _ in range(count // at_once):
        yield block
    yield b"".join(itertools.islice(itertools.cycle(pieces), count % at_once))


@functools.cache
def frames(size: int, *, wrapped: bool) -> list[bytes]:
    made = [frame(number, b"x" * (size - 1) + b"\n") for number in range(8)]
    return [chunk(piece) for piece in made] if wrapped else made


@functools.cache
def packed(size: int) -> list[bytes]:
    """Frames in chunks of 32 KiB and more, as a proxy may pack them; a chunk is eight or more."""
    made = b"".join(frames(size, wrapped=False))
    return [chunk(made * max(1, 32 * 1024 // len(made)))]


@functools.cache
def inspected(tty: bool) -> bytes:
    found = recorded("container_inspect")
    found["Config"] = {**found["Config"], "Tty": tty, "Labels": LABELS}
    return whole(compact(found))


@functools.cache
def listed(count: int) -> bytes:
    row = recorded_row()
    return whole(
        compact(
            [
                {
                    **row,
                    "Id": hashlib.sha256(b"%d" % number).hexdigest(),
                    "Names": [f"/name-{number}"],
                }
                for number in range(count)
            ]
        )
    )


def recorded_row() -> dict[str, Any]:
    found = recorded("container_inspect")
    return {
        "Id": found["Id"],
        "Names": [found["Name"]],
        "Image": "busybox",
        "ImageID": found["Image"],
        "Command": "sh -c 'echo out; echo err >&2; sleep 1; exit 3'",
        "Created": 1795222548,
        "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}],
        "Labels": dict(itertools.islice(LABELS.items(), 4)),
        "State": "running",
        "Status": "Up 3 seconds",
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": found["NetworkSettings"]["Networks"]},
        "Mounts": [],
    }


def event(action: str) -> dict[str, Any]:
    id = recorded("container_inspect")["Id"]
    return {
        "status": action,
        "id": id,
        "from": "busybox",
        "Type": "container",
        "Action": action,
        "Actor": {"ID": id, "Attributes": {"image": "busybox", "name": "eloquent_mahavira"}},
        "scope": "local",
        "time": 1795222532,
        "timeNano": 1795222532606119094,
    }


@functools.cache
def events() -> list[bytes]:
    return [chunk(compact(event(action)) + b"\n") for action in ("create", "start", "die")]


@functools.cache
def packed_events() -> list[bytes]:
    """Chunks of fifty events each, as those that have happened already may come."""
    lines = [compact(event(action)) + b"\n" for action in ("create", "start", "die")]
    return [chunk(b"".join(itertools.islice(itertools.cycle(lines), 50)))]


@functools.cache
def large_event(size: int) -> list[bytes]:
    """One event whose attributes take `size` bytes, in chunks of 4 KiB."""
    attributes = {f"label-{number}": "x" * 1000 for number in range(size // 1016)}
    value = compact({**event("create"), "Actor": {"ID": "0" * 64, "Attributes": attributes}})
    value += b"\n"
    chunks = [chunk(value[at : at + 4096]) for at in range(0, len(value), 4096)]
    return [b"".join(chunks[at : at + 256]) for at in range(0, len(chunks), 256)]


@functools.cache
def progress() -> list[bytes]:
    """Messages of a pull without anything between them, as Engines 0.4 to 0.8 send them."""
    return [
        chunk(
            compact(
                {
                    "status": "Downloading",
                    "progressDetail": {"current": 1024 * 1024 * number, "total": 134217728},
                    "progress": f"[==>   ] {number} MB/128 MB",
                    "id": "a3ed95caeb02",
                }
            )
        )
        for number in range(100)
    ]


_started: dict[str, None] = {}  # the execs, which have all ended


def exec_end(id: str) -> bytes:
    """The event of the end of an exec."""
    actor = {"ID": "c", "Attributes": {"execID": id, "exitCode": "0"}}
    return compact({"Type": "container", "Action": "exec_die", "Actor": actor, "timeNano": 1})


def answer(method: str, target: str) -> Iterator[bytes]:
    """The whole answer to a request, head and body."""
    path, _, query = target.partition("?")
    parts = re.sub(r"^/v[\d.]+", "", path).strip("/").split("/")
    given = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    kind, *numbers = parts[1].split("-") if len(parts) > 1 else [""]
    last = parts[-1]
    if last == "version":
        yield whole(compact(recorded("version")))
    elif last == "json" and parts[0] == "exec":
        yield sized(compact({"ID": parts[1], "Running": False, "ExitCode": 0, "Pid": 1}))
    elif last == "json" and len(parts) == 2:
        yield listed(int(given["limit"]))
    elif last == "json":
        yield inspected(kind == "tty")
    elif last == "exec":
        yield sized(compact({"Id": parts[1]}))
    elif last == "info":
        yield sized(
            compact({"SystemTime": f"{datetime.datetime.now(datetime.timezone.utc):%FT%TZ}"})
        )
    elif last == "events" and "exec_die" in query:
        yield sized(b"".join(map(exec_end, _started)))
    elif last == "start":
        _started[parts[1]] = None
        yield UPGRADED
        yield from repeated(frames(int(numbers[0]), wrapped=False), int(numbers[1]))
    elif last in ("archive", "build", "ping", "_ping"):
        yield sized(b"{}" if last == "build" else b"")
    else:
        yield CHUNKED
        yield from body(last, kind, numbers, given)
        yield LAST_CHUNK


def body(what: str, kind: str, numbers: list[str], given: dict[str, str]) -> Iterator[bytes]:
    """The chunks of a body; the number of frames is one that fills chunks where they are packed."""
    if what == "logs" and kind == "tty":
        yield from repeated([chunk(b"x" * 4094 + b"\r\n")], int(numbers[0]) // 4096)
    elif what == "logs" and kind == "idle":
        yield from frames(int(numbers[0]), wrapped=True)[: int(numbers[1])]
        threading.Event().wait()  # and says no more, however long somebody follows
    elif what == "logs" and kind == "frames":
        yield from repeated(frames(int(numbers[0]), wrapped=True), int(numbers[1]))
    elif what == "logs":
        size, count = map(int, numbers)
        at_once = len(packed(size)[0]) // (size + 8)
        yield from repeated(packed(size), count // at_once)
    elif what == "export":
        yield from repeated([chunk(bytes(32 * 1024))], int(numbers[0]) // (32 * 1024))
    elif what == "events" and "filters" in given:
        yield from repeated(packed_events(), int(given["since"]) // 50)
    elif what == "events" and "since" in given:
        yield from repeated(events(), int(given["since"]))
    elif what == "events":
        yield from large_event(int(given["until"]))
    elif what == "create":
        yield from repeated(progress(), int(given["tag"]))
    else:
        raise LookupError(what)


def receive_head(sock: socket.socket, buffer: bytearray) -> tuple[str, str, bytes]:
    """Method, target and headers of the next request; "" at the end of the connection."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        data = sock.recv(64 * 1024)
        if not data:
            return "", "", b""
        buffer += data
    head = bytes(buffer[:end])
    del buffer[: end + 4]
    line, _, headers = head.partition(b"\r\n")
    method, target, _ = line.decode().split(" ")
    return method, target, headers.lower()


def receive_body(sock: socket.socket, headers: bytes, buffer: bytearray) -> None:
    """Throws the body away."""
    if b"transfer-encoding: chunked" in headers:
        # The canned uploads have no such bytes in them.
        tail = bytes(buffer)
        room = memoryview(bytearray(BLOCK))
        while not tail.endswith(LAST_CHUNK):
            count = sock.recv_into(room)
            if not count:
                break
            tail = (tail + bytes(room[max(0, count - 8) : count]))[-8:]
        buffer.clear()
        return
    found = re.search(rb"content-length: *(\d+)", headers)
    left = int(found[1]) if found else 0
    at_hand = min(left, len(buffer))
    del buffer[:at_hand]
    left -= at_hand
    if left:
        room = memoryview(bytearray(BLOCK))
        while left:
            count = sock.recv_into(room, min(left, BLOCK))
            if not count:
                break
            left -= count


def wait_until_read(sock: socket.socket) -> None:
    """docker-py loses what comes in one with the head; a command takes longer to start."""
    while fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4) != b"\0" * 4:
        time.sleep(0.0001)


def serve(sock: socket.socket) -> None:
    """One connection, until the client hangs up or it was hijacked."""
    buffer = bytearray()
    with sock:
        try:
            while True:
                method, target, headers = receive_head(sock, buffer)
                if not method:
                    return
                receive_body(sock, headers, buffer)
                for block in answer(method, target):
                    sock.sendall(block)
                    if block is UPGRADED:
                        wait_until_read(sock)
                if target.endswith("/start"):
                    return
        except (BrokenPipeError, ConnectionResetError):
            return


def main(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(4096)
        print("ready", flush=True)
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
