"""The head of a hijacked connection's answer, and the bytes that come glued to it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.errors import DockerError
from dockerapi.hijack import upgrade
from dockerapi.link import Link
from fuzz.form import Played, recorded

_ROUTE = "POST /containers/{id}/attach"


def check(data: bytes) -> None:
    """An answer is a connection that gives what follows its head, or a `DockerError`."""
    endpoint = Played(host="played", answers=[data])
    link = Link(endpoint)
    received = []
    try:
        connection = upgrade(link, _ROUTE, "/containers/c/attach", headers={}, read=5, idle=5)
        try:
            while block := connection.read():
                received.append(block)
        finally:
            connection.close()
    except DockerError as error:
        assert str(error)
    finally:
        link.close()
        endpoint.close()
    body = b"".join(received)
    assert len(body) <= len(data)
    if data.startswith(b"HTTP/1.1 101 ") and body:
        assert data.endswith(body)


def seeds() -> Iterator[bytes]:
    for one in recorded(1500):
        if "attach" in one.operation or "exec_start" in one.operation:
            yield one.response
    yield b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n\1\0\0\0\0\0\0\1x"
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n"
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello"
    yield b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
