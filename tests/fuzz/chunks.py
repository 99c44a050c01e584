"""A body that comes in chunks, which are read many at a time."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.protocol.chunks import Dechunker
from dockerapi.protocol.heads import BrokenAnswer
from fuzz.form import Outcome, check_ways_agree, recorded


def check(data: bytes) -> None:
    """The bytes of the body are the same however they arrive, and as many as the chunks say."""
    (body, ended), error = check_ways_agree(_read, data)
    assert error in (None, BrokenAnswer)
    assert len(body) <= len(data)
    if ended:
        assert body == _simply(data)


def _read(pieces: list[bytes]) -> Outcome:
    chunks = Dechunker()
    body = b"".join(map(chunks.feed, pieces))
    return [body, chunks.ended], None if chunks.error is None else type(chunks.error)


def _simply(data: bytes) -> bytes:
    """The same, one chunk at a time."""
    body = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        if size == 0:
            return body
        body, data = body + data[:size], data[size + 2 :]


def seeds() -> Iterator[bytes]:
    for one in recorded():
        start, _, body = one.response.partition(b"\r\n\r\n")
        if b"chunked" in start:
            yield body
    yield b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for size in range(1, 90)) + b"0\r\n\r\n"
    yield b"2;a=b\r\n\r\n\r\n5 \r\nhello\r\n0\r\nA: b\r\n\r\nmore"
    yield b"-5\r\nhello\r\n0\r\n\r\n"
