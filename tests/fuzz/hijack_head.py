"""The head of a hijacked connection's answer, and the bytes that come glued to it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.errors import DockerError
from dockerapi.protocol.deadline import Deadline
from dockerapi.transport.connections import SocketRegistry
from dockerapi.transport.exchange import Exchange
from dockerapi.transport.hijack import DuplexStream
from dockerapi.transport.pool import Pool
from dockerapi.transport.prepared import Prepared
from fuzz.form import Played, recorded
from scripted import InPieces

_REQUEST = Prepared("POST /containers/{id}/attach", "/containers/c/attach", {})
_PATIENCE = Deadline(60)


def check(data: bytes) -> None:
    """An answer is a connection that gives what follows its head, or a `DockerError`.

    It is the same one in pieces of any size.
    """
    status, body, error = whole = _upgraded(data, InPieces.largest)
    for largest in (1, 7):
        assert _upgraded(data, largest) == whole, f"in pieces of {largest} it reads otherwise"
    assert len(body) <= len(data)
    if status == 101 and error is None:
        assert data.endswith(body)


def _upgraded(data: bytes, largest: int) -> tuple[int | None, bytes, type[DockerError] | None]:
    """The status, what came after the head, and the class of the error that ended it."""
    endpoint = Played(host="played", answers=[data], largest=largest)
    sockets = SocketRegistry(endpoint)
    status, received = None, []
    try:
        exchange = Exchange(Pool(sockets), _REQUEST, _PATIENCE, _PATIENCE, upgrade="tcp")
        exchange.begin()
        status = exchange.status
        connection = DuplexStream(sockets, exchange)
        try:
            while block := connection.read():
                received.append(block)
        finally:
            connection.close()
    except DockerError as error:
        assert str(error)
        return status, b"".join(received), type(error)
    finally:
        sockets.close()
        endpoint.close()
    return status, b"".join(received), None


def seeds() -> Iterator[bytes]:
    for one in recorded(1500):
        if "attach" in one.operation or "exec_start" in one.operation:
            yield one.response
    yield b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n\1\0\0\0\0\0\0\1x"
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n"
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello"
    yield b"HTTP/1.1 101 UPGRADED\nA: \t b \t\n \t c\r\n\n\n\r\n\r\n\n"
    yield b"HTTP/1.1 103 \r\n\r\n\r\nHTTP/1.1 101 \r\n\nx"
    yield b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
