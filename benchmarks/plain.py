"""The same over plain sockets, in the least code: JSON is read and frames are taken apart.

What a client adds is left out: no check of statuses, no values, no errors, no proof of an end.
"""

from __future__ import annotations

import json as json_text
import socket
import tarfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

BLOCK = 256 * 1024


class Plain:
    """One connection."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.file = self.sock.makefile("rb", BLOCK)

    def ask(self, line: str, headers: str = "", body: bytes = b"") -> None:
        self.sock.sendall(f"{line} HTTP/1.1\r\nHost: docker\r\n{headers}\r\n".encode() + body)

    def answer(self) -> Iterator[bytes]:
        """Reads the head. The body: chunks, or what has a length, or what comes up to the end."""
        status, length, is_chunked = self.file.readline()[9:12], None, False
        while (line := self.file.readline()) != b"\r\n":
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                is_chunked = True
        if is_chunked:
            return self._chunks()
        if length is not None or status == b"204":
            return iter([self.file.read(length or 0)])
        return iter(lambda: self.file.read1(BLOCK), b"")

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.file.readline(), 16):
            yield self.file.read(size)
            self.file.readline()
        self.file.readline()

    def get(self, target: str) -> Iterator[bytes]:
        self.ask(f"GET {target}")
        return self.answer()

    def close(self) -> None:
        self.file.close()
        self.sock.close()


def value(answer: Iterable[bytes]) -> Any:
    return json_text.loads(b"".join(answer))


def frames(answer: Iterable[bytes]) -> Iterator[bytes]:
    """What is in the frames, of both outputs."""
    held = b""
    for piece in answer:
        held += piece
        at = 0
        while at + 8 <= len(held):
            end = at + 8 + int.from_bytes(held[at + 4 : at + 8], "big")
            if end > len(held):
                break
            yield held[at + 8 : end]
            at = end
        held = held[at:]


def values(answer: Iterable[bytes]) -> Iterator[Any]:
    """A value per line."""
    held = b""
    for piece in answer:
        *lines, held = (held + piece).split(b"\n")
        yield from map(json_text.loads, lines)


def connect(path: str) -> Plain:
    return Plain(path)


def first(client: Plain, amount: int) -> int:
    return len(value(client.get("/containers/name/json"))["Id"])


def inspect_one(client: Plain, amount: int) -> int:
    return sum(first(client, 1) for _ in range(amount))


def inspect_many(client: Plain, amount: int) -> int:
    return sum(len(value(client.get(f"/containers/name{n}/json"))["Id"]) for n in range(amount))


def list_containers(client: Plain, amount: int) -> int:
    count = 0
    for _ in range(amount):
        for found in value(client.get("/containers/json?limit=1000")):
            count += len(found["Id"]) + len(found["Names"]) + len(found["State"])
    return count


def threads(client: Plain, amount: int, workers: int) -> int:
    found: list[int] = []

    def inspect_by(own: Plain) -> None:
        found.append(inspect_one(own, amount))
        own.close()

    clients = [Plain(client.path) for _ in range(workers)]
    running = [threading.Thread(target=inspect_by, args=(each,)) for each in clients]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(found)


def logs(client: Plain, amount: int, size: int, kind: str = "frames") -> int:
    return sum(map(len, frames(client.get(f"/containers/{kind}-{size}-{amount}/logs"))))


def logs_packed(client: Plain, amount: int, size: int) -> int:
    return logs(client, amount, size, "packed")


def logs_read(client: Plain, amount: int, size: int) -> int:
    return len(b"".join(frames(client.get(f"/containers/frames-{size}-{amount}/logs"))))


logs_joined = logs_read


def tty(client: Plain, amount: int) -> int:
    return sum(map(len, client.get(f"/containers/tty-{amount}/logs")))


def exec_read(client: Plain, amount: int, size: int) -> int:
    client.ask(f"POST /exec/frames-{size}-{amount}/start", "Content-Length: 0\r\n")
    return len(b"".join(frames(client.answer())))


def events(client: Plain, amount: int) -> int:
    answer = client.get(f"/events?since={amount}")
    return sum(len(event["id"]) + len(event["Action"]) for event in values(answer))


def events_packed(client: Plain, amount: int) -> int:
    answer = client.get(f"/events?since={amount}&filters=%7B%7D")
    return sum(len(event["id"]) + len(event["Action"]) for event in values(answer))


def json(client: Plain, amount: int) -> int:
    return len(value(client.get(f"/events?until={amount}"))["Actor"]["Attributes"])


def pull(client: Plain, amount: int) -> int:
    """Each message is a chunk: there is nothing else between them."""
    client.ask(f"POST /images/create?tag={amount}", "Content-Length: 0\r\n")
    return sum(len(json_text.loads(message)["status"]) for message in client.answer())


def export(client: Plain, amount: int) -> int:
    return sum(map(len, client.get(f"/containers/bytes-{amount}/export")))


def upload(client: Plain, amount: int, archive: Path) -> int:
    client.ask("PUT /containers/name/archive", f"Content-Length: {amount}\r\n")
    room = memoryview(bytearray(BLOCK))
    with archive.open("rb", buffering=0) as file:
        while count := file.readinto(room):
            client.sock.sendall(room[:count])
    assert b"".join(client.answer()) == b""
    return amount


class _Chunks:
    """A file that is sent in chunks, for `tarfile`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def write(self, data: bytes) -> int:
        self._sock.sendall(b"%x\r\n%b\r\n" % (len(data), data))
        return len(data)


def context(client: Plain, amount: int, directory: Path) -> int:
    client.ask("POST /build", "Transfer-Encoding: chunked\r\n")
    file: Any = _Chunks(client.sock)
    with tarfile.open(fileobj=file, mode="w|", bufsize=BLOCK) as archive:
        archive.add(directory, ".")
    client.sock.sendall(b"0\r\n\r\n")
    return len([value(client.answer())])
