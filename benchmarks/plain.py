"""The same bytes over plain sockets, which is as fast as Python gets: nothing is made of them.

A request is written, an answer is read to its end: no JSON, no frames, no values. Where chunks end
is not looked for either: the end of the last one is.
"""

from __future__ import annotations

import socket
import tarfile
import threading
from pathlib import Path
from typing import Any

BLOCK = 256 * 1024


class Plain:
    """One connection."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self._room = memoryview(bytearray(BLOCK))

    def ask(self, line: str, headers: str = "") -> None:
        self.sock.sendall(f"{line} HTTP/1.1\r\nHost: docker\r\n{headers}\r\n".encode())

    def drain(self) -> None:
        """Reads an answer to its end: in chunks, with a length, or to the end of the connection."""
        data = self.sock.recv(BLOCK)
        while b"\r\n\r\n" not in data:
            data += self.sock.recv(BLOCK)
        head, _, body = data.partition(b"\r\n\r\n")
        start = head.find(b"Content-Length: ")
        if start >= 0:
            left = int(head[start + 16 :].split(b"\r\n", 1)[0]) - len(body)
            while left > 0:
                left -= self.sock.recv_into(self._room)
            return
        chunked = b"Transfer-Encoding: chunked" in head
        tail = body[-8:]
        while not (chunked and tail.endswith(b"0\r\n\r\n")):
            count = self.sock.recv_into(self._room)
            if not count:
                return
            tail = (tail + bytes(self._room[max(0, count - 8) : count]))[-8:]

    def get(self, target: str) -> None:
        self.ask(f"GET /v1.51{target}")
        self.drain()

    def close(self) -> None:
        self.sock.close()


def connect(path: str) -> Plain:
    return Plain(path)


def first(client: Plain, amount: int) -> None:
    client.get("/containers/name/json")


def inspect_one(client: Plain, amount: int) -> None:
    for _ in range(amount):
        client.get("/containers/name/json")


def inspect_many(client: Plain, amount: int) -> None:
    for number in range(amount):
        client.get(f"/containers/name{number}/json")


def list_containers(client: Plain, amount: int) -> None:
    for _ in range(amount):
        client.get("/containers/json?limit=1000")


def threads(client: Plain, amount: int, workers: int) -> None:
    clients = [Plain(client.path) for _ in range(workers)]
    running = [threading.Thread(target=inspect_one, args=(each, amount)) for each in clients]
    for thread in running:
        thread.start()
    for thread, each in zip(running, clients, strict=True):
        thread.join()
        each.close()


def logs(client: Plain, amount: int, size: int) -> None:
    client.get(f"/containers/frames-{size}-{amount}/logs")


def logs_packed(client: Plain, amount: int, size: int) -> None:
    client.get(f"/containers/packed-{size}-{amount}/logs")


logs_read = logs_joined = logs


def tty(client: Plain, amount: int) -> None:
    client.get(f"/containers/tty-{amount}/logs")


def exec_read(client: Plain, amount: int, size: int) -> None:
    client.ask(f"POST /v1.51/exec/frames-{size}-{amount}/start", "Content-Length: 0\r\n")
    client.drain()


def events(client: Plain, amount: int) -> None:
    client.get(f"/events?since={amount}")


def events_packed(client: Plain, amount: int) -> None:
    client.get(f"/events?since={amount}&filters=%7B%7D")


def json(client: Plain, amount: int) -> None:
    client.get(f"/events?until={amount}")


def pull(client: Plain, amount: int) -> None:
    client.ask(f"POST /v1.51/images/create?tag={amount}", "Content-Length: 0\r\n")
    client.drain()


def export(client: Plain, amount: int) -> None:
    client.get(f"/containers/bytes-{amount}/export")


def upload(client: Plain, amount: int, archive: Path) -> None:
    client.ask("PUT /v1.51/containers/name/archive", f"Content-Length: {amount}\r\n")
    room = memoryview(bytearray(BLOCK))
    with archive.open("rb", buffering=0) as file:
        while count := file.readinto(room):
            client.sock.sendall(room[:count])
    client.drain()


class _Chunks:
    """A file that is sent in chunks, for `tarfile`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def write(self, data: bytes) -> int:
        self._sock.sendall(b"%x\r\n%b\r\n" % (len(data), data))
        return len(data)


def context(client: Plain, amount: int, directory: Path) -> None:
    client.ask("POST /v1.51/build", "Transfer-Encoding: chunked\r\n")
    file: Any = _Chunks(client.sock)
    with tarfile.open(fileobj=file, mode="w|", bufsize=BLOCK) as archive:
        archive.add(directory, ".")
    client.sock.sendall(b"0\r\n\r\n")
    client.drain()
