"""Whole replies and bodies that are read as they come: heads, lengths, chunks, JSON."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.errors import DockerError, UnexpectedReply
from dockerapi.transport import Timeouts, Transport
from fuzz.form import Played, recorded

_VERSION = (
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 44\r\n\r\n"
    b'{"Version": "20.10.24", "ApiVersion":"1.41"}'
)
_PATIENCE = Timeouts(connect=60, read=60, idle=60)


def check(data: bytes) -> None:
    """An answer is a reply or a `DockerError`; read as a stream, its body is the same."""
    whole, received = _called(data), _streamed(data)
    if whole is not None:
        assert received == whole
        assert len(whole) <= len(data)


def _called(data: bytes) -> bytes | None:
    endpoint = Played(host="played", answers=[_VERSION, data])
    transport = Transport(endpoint, timeouts=_PATIENCE)
    try:
        reply = transport.call("GET /info")
        try:
            reply.json()
        except UnexpectedReply:
            pass
        return reply.body
    except DockerError as error:
        assert str(error)
        return None
    finally:
        transport.close()
        endpoint.close()


def _streamed(data: bytes) -> bytes | None:
    endpoint = Played(host="played", answers=[_VERSION, data])
    transport = Transport(endpoint, timeouts=_PATIENCE)
    received = []
    try:
        body = transport.stream("GET /info")
        try:
            while block := body.read():
                received.append(block)
        finally:
            body.close()
        return b"".join(received)
    except DockerError as error:
        assert str(error)
        return None
    finally:
        transport.close()
        endpoint.close()


def seeds() -> Iterator[bytes]:
    for one in recorded(1200):
        if one.method == "GET":
            yield one.response
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield chunks + b"5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n"
    yield chunks + b"-5\r\nhello\r\n0\r\n\r\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n"
    yield b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
    yield b"HTTP/1.1 600 What\r\n\r\n"
    yield b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n"
