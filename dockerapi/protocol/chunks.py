"""A body with chunked transfer encoding (RFC 9112, 7.1)."""

from __future__ import annotations

import re

from ..errors import shown
from .heads import MOST_HEADERS, BrokenAnswer, CutAnswer

_LONGEST_LINE = 4096  # bytes of a chunk's size line, or of a trailer line
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?", re.DOTALL)
_MOST_SIZES = 1024
_SMALL = 512  # bytes; smaller chunks are split many at once


class Dechunker:
    """Decodes chunks from data that may be cut anywhere.

    Engines send each log frame or event in a chunk of its own, so the data may have thousands of
    chunks.
    """

    marked = True

    def __init__(self) -> None:
        self.ended = False
        self.rest = b""  # the bytes after the end
        self._held = b"\r\n"  # the bytes between two chunks; as if one had ended
        self._left = 0  # missing bytes of the current chunk
        self._last = False  # after the last chunk: trailers follow
        self._trailers = 0
        self.error: BrokenAnswer | None = None

    def feed(self, data: bytes) -> bytes:
        """The body's bytes in `data`, up to an error, which is then in `error`."""
        if len(data) < self._left:  # the data is inside one chunk
            self._left -= len(data)
            return data
        pieces: list[bytes | memoryview] = []
        try:
            if self.error is None:
                self._feed(data, pieces)
        except BrokenAnswer as error:
            self.error = error
        return b"".join(pieces)

    def _feed(self, data: bytes, pieces: list[bytes | memoryview]) -> None:
        if self._held:
            data, self._held = self._held + data, b""
        end, view = len(data), memoryview(data)
        position = min(self._left, end)
        if position:
            pieces.append(view[:position])
            self._left -= position
        apart = end > 8 * _SMALL
        while not self._left and position < end and not self._last:
            start = self._read_size(data, position)
            if apart and 0 < self._left <= _SMALL:
                apart = False
                stop = self._cut_apart(data, position, pieces)
                if stop > position:
                    position, self._left = stop, 0
                    continue
            # Most chunks are as long as the one before, so their size lines are equal.
            line, size = data[position:start], self._left
            cut = data if size <= _SMALL else view
            stop = start + size
            while size and stop <= end and data.startswith(line, position):
                pieces.append(cut[start:stop])
                position, self._left = stop, 0
                start = position + len(line)
                stop = start + size
            if self._left:  # the rest of the data is the chunk's beginning
                pieces.append(cut[start:])
                self._left -= end - start
                position = end
            elif not size:
                position = start
        if self._last:
            self._skip_trailers(data, position)

    def _read_size(self, data: bytes, position: int) -> int:
        """Reads a size line; returns where its chunk begins, or the end of the data."""
        if not b"\r\n".startswith(data[position : position + 2]):
            raise BrokenAnswer("a chunk does not end where it said")
        end = data.find(b"\n", position + 2, position + _LONGEST_LINE)
        if end < 0:
            if len(data) - position >= _LONGEST_LINE:
                raise _no_size(data[position + 2 : position + _LONGEST_LINE])
            self._held = data[position:]
            return len(data)
        line = data[position + 2 : end + 1]
        if not line.endswith(b"\r\n"):
            raise _no_size(line)
        self._left = _sizes[line[:-2]]
        self._last = self._left == 0
        return end + 1

    def _cut_apart(self, data: bytes, position: int, pieces: list[bytes | memoryview]) -> int:
        """Takes all complete chunks at once, if no chunk contains a line end.

        Returns where the last of them ends, before its line end. Split at line ends, sizes and data
        alternate; that assumption holds if each piece has the length of the size before it.
        """
        lines = data[position:].split(b"\r\n")  # the first piece is empty, the last may be cut
        count = (len(lines) - 2) // 2
        sizes, found = lines[1 : 2 * count : 2], lines[2 : 2 * count + 1 : 2]
        lengths = list(map(len, found))
        if 0 in lengths:
            del lengths[lengths.index(0) :]
            del sizes[len(lengths) :], found[len(lengths) :]
        try:
            if lengths != list(map(_sizes.__getitem__, sizes)):
                return position
        except BrokenAnswer:  # not a size: a chunk before it contains a line end
            return position
        pieces += found
        rest = lines[2 * len(found) + 1 :]
        return len(data) - len(b"\r\n".join(rest)) - 2

    def _skip_trailers(self, data: bytes, position: int) -> None:
        while position < len(data) and not self.ended:
            end = data.find(b"\n", position, position + _LONGEST_LINE) + 1
            if not end and len(data) - position < _LONGEST_LINE:
                self._held = data[position:]
                return
            self._trailers += 1
            if not end or self._trailers > MOST_HEADERS:
                raise BrokenAnswer("the answer does not end after its last chunk")
            self.ended = data[position:end] == b"\r\n"
            position = end
        self.rest = data[position:]

    def finish(self) -> None:
        """Called at the end of the connection, which is never the end of this body.

        Raises:
            CutAnswer: always.
        """
        raise CutAnswer("the last chunk is missing")


class _Sizes(dict[bytes, int]):
    """Sizes by size line, a cache of recent ones: most are equal."""

    def __missing__(self, line: bytes) -> int:
        match = _SIZE.fullmatch(line)
        if match is None:
            raise _no_size(line + b"\r\n")
        if len(self) == _MOST_SIZES:
            self.clear()
        self[line] = size = int(match[1], 16)
        return size


_sizes = _Sizes()


def _no_size(line: bytes) -> BrokenAnswer:
    return BrokenAnswer(f"not the size of a chunk: {shown(line)}")
