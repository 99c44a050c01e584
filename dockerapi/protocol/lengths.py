"""Where the body of an answer ends: after so many bytes, with a chunk, or with the connection.

The three classes have the same methods. `feed` returns the body's part of some bytes, which may be
cut anywhere, and `finish` is called at the end of the connection. `ended`: the body has ended.
`rest`: the bytes after its end. `marked`: the answer marks the end. `error`: what is wrong with the
next bytes.
"""

from __future__ import annotations

import re

from ..errors import shown
from .chunks import Dechunker
from .heads import BrokenAnswer, CutAnswer, Head

_ENCODINGS = {"transfer-encoding": ("identity", "chunked"), "content-encoding": ("identity",)}
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class Counted:
    """A body of known length."""

    marked = True
    error = None

    def __init__(self, length: int) -> None:
        self.ended = length == 0
        self.rest = b""
        self._left = length

    def feed(self, data: bytes) -> bytes:
        data, self.rest = data[: self._left], data[self._left :]
        self._left -= len(data)
        self.ended = self._left == 0
        return data

    def finish(self) -> None:
        raise CutAnswer(f"{self._left} bytes are missing")


class Unmarked:
    """A body that ends with its connection."""

    marked = False
    error = None
    rest = b""

    def __init__(self) -> None:
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self) -> None:
        self.ended = True


Body = Counted | Dechunker | Unmarked


def body_of(head: Head, method: str) -> Body:
    """The decoder for the body after this head, in an answer to this method.

    Raises:
        BrokenAnswer: the end of the body is unclear, or the body is encoded.
    """
    lengths = set(head.headers.each("content-length"))
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise BrokenAnswer(f"Content-Length: {' and '.join(map(shown, sorted(lengths)))}")
    for name, known in _ENCODINGS.items():
        encoding = ", ".join(head.headers.each(name)).strip()
        if encoding and encoding.lower() not in known:
            raise BrokenAnswer(f"{name.title()}: {shown(encoding)}, which was not asked for")
    if method == "HEAD" or head.status in (101, 204, 304):
        return Counted(0)
    if "chunked" in map(str.lower, head.headers.each("transfer-encoding")):
        return Dechunker()
    return Counted(int(lengths.pop())) if lengths else Unmarked()
