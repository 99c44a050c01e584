"""An HTTP answer, read with bounds: what is no whole answer never looks like one.

http.client takes a head that was cut for a whole one, `-5` for the size of a chunk and any two
bytes for a chunk's end, allocates what a length announces before a byte is there, and ends a body
that came short as if it were whole; and it gives a head to the parser for mail, which takes as long
as the rest of a short call. The rules here:

- a head has `LARGEST_HEAD` bytes at most, ends with an empty line, and comes whole in the time that
  a socket waits for one byte;
- a length is digits; a chunk is digits, CRLF, as many bytes, and CRLF;
- nothing is allocated for what is announced: a read asks for `BUFFER` bytes at most;
- a body that ends early is `IncompleteRead`, and what is no HTTP `BrokenAnswer`;
- a body in an encoding that nobody asked for (gzip, say) is not read at all.
"""

from __future__ import annotations

import contextlib
import io
import re
import socket
import time
from collections.abc import Iterator
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)
from io import BufferedReader
from typing import Any, cast

from .errors import shown

BUFFER = 128 * 1024  # bytes asked of a socket at once
LARGEST_HEAD = 1024 * 1024  # bytes, what comes before an answer (100 Continue) included
SLOWEST_HEAD = 60.0  # seconds from its first byte on, where the socket has no timeout
_LONGEST_HEADER = 64 * 1024  # bytes, with its name
_LONGEST_LINE = 4096  # bytes of a chunk's size and extensions, or of one line of a trailer
_MOST_INTERIM = 100
_MOST_HEADERS = 100  # of a head, or of a trailer
# White space is stripped afterwards: that of two parts side by side can be shared out in many ways.
_STATUS = re.compile(rb"HTTP/1\.(\d)[ \t]+(\d{3})(?:[ \t]([^\r\n]*))?\r?\n")
_HEADER = re.compile(rb"([!-9;-~]+):([^\r\n]*)\r?\n")
_FOLDED = re.compile(rb"[ \t]([^\r\n]*)\r?\n")  # the rest of the header above it
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_ENCODINGS = {"transfer-encoding": ("identity", "chunked"), "content-encoding": ("identity",)}
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?", re.DOTALL)
_MOST_SIZES = 1024
_SMALL = 512  # bytes; of chunks up to it, many are cut apart at once


class BrokenAnswer(HTTPException):
    """Bytes that are no HTTP, where an answer was expected."""


class SlowAnswer(HTTPException):
    """A head that came in pieces, and not all of it within so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the answer's head was not whole within {seconds:g} seconds")
        self.seconds = seconds


class Dechunker:
    """The bytes of a body that comes in chunks, out of what arrives, cut anywhere.

    Engines send a frame of logs, or an event, in a chunk of its own, so that what arrives can be
    thousands of chunks.
    """

    def __init__(self) -> None:
        self.ended = False
        self._held = b"\r\n"  # of what is between two chunks; the first has nothing before it
        self._left = 0  # of the chunk that is being read
        self._last = False  # the last chunk was there, and its trailers follow
        self._trailers = 0
        self.error: BrokenAnswer | None = None

    def feed(self, data: bytes) -> bytes:
        """What `data` has of the body, up to what is wrong with it: `error` has that then."""
        if len(data) < self._left:  # there is nothing but data
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
            # Most chunks are as long as the one before, and begin with the same line.
            line, size = data[position:start], self._left
            cut = data if size <= _SMALL else view
            stop = start + size
            while size and stop <= end and data.startswith(line, position):
                pieces.append(cut[start:stop])
                position, self._left = stop, 0
                start = position + len(line)
                stop = start + size
            if self._left:  # the rest of the data is the beginning of it
                pieces.append(cut[start:])
                self._left -= end - start
                position = end
            elif not size:
                position = start
        if self._last:
            self._skip_trailers(data, position)

    def _read_size(self, data: bytes, position: int) -> int:
        """Reads the line before a chunk; returns where that begins, or the end of the data."""
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
        """Takes all chunks that are there as a whole, if no data of theirs has a line's end in it.

        Returns where the last of them ends, before its line's end. Between the ends of lines, sizes
        and data take turns: if each is as long as the size before it says, it is so.
        """
        lines = data[position:].split(b"\r\n")  # the first is empty, the last may be cut
        count = (len(lines) - 2) // 2
        sizes, found = lines[1 : 2 * count : 2], lines[2 : 2 * count + 1 : 2]
        lengths = list(map(len, found))
        if 0 in lengths:
            del lengths[lengths.index(0) :]
            del sizes[len(lengths) :], found[len(lengths) :]
        try:
            if lengths != list(map(_sizes.__getitem__, sizes)):
                return position
        except BrokenAnswer:  # or this is no size, since data with a line's end came before it
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
            if not end or self._trailers > _MOST_HEADERS:
                raise BrokenAnswer("the answer does not end after its last chunk")
            self.ended = data[position:end] == b"\r\n"
            position = end


class _Sizes(dict[bytes, int]):
    """What the lines before chunks say, as many as were seen lately; they are nearly all alike."""

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


class Answer(HTTPResponse):
    """An HTTP answer that is read from the socket in large blocks, with bounds.

    Only its head, and what of the body came with that, goes through the small buffer that
    http.client gives it: `read1` on an empty one reads past it.
    """

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None) -> None:
        super().__init__(sock, debuglevel, method)
        self._socket = sock
        self._has_body = method != "HEAD"
        self._chunks = Dechunker()

    def begin(self) -> None:
        """Reads the head, and those of interim answers before it (RFC 9110, 15.2)."""
        if self.headers is not None:  # http.client lets it be asked for twice
            return
        allowed = HeadTime(self._socket)
        lines = _lines_of_head(self.fp, allowed)
        status, heads = 100, 0
        while status != 101 and 100 <= status < 200:
            if heads > _MOST_INTERIM:
                raise BrokenAnswer(f"more than {_MOST_INTERIM} interim answers (1xx) before it")
            heads += 1
            line = next(lines)
            match = _STATUS.fullmatch(line)
            if match is None:
                raise BadStatusLine(line.decode("latin-1"))
            minor, status, reason = match.groups()
            status = int(status)
            found = _headers(lines)
        allowed.over()
        self.version, self.status = 10 + int(minor), status
        self.reason = (reason or b"").decode("latin-1").strip()
        self.headers = self.msg = HTTPMessage()
        for name, values in found.items():
            for value in values:
                self.headers[name] = value
        self._begin_body(found)

    def _begin_body(self, found: dict[str, list[str]]) -> None:
        """Tells from the headers how the body ends."""
        lengths = set(found.get("content-length", ()))
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise BrokenAnswer(f"Content-Length: {' and '.join(map(shown, sorted(lengths)))}")
        for name, known in _ENCODINGS.items():
            encoding = ", ".join(found.get(name, ())).strip()
            if encoding and encoding.lower() not in known:
                raise BrokenAnswer(f"{name.title()}: {shown(encoding)}, which was not asked for")
        self.chunked = "chunked" in map(str.lower, found.get("transfer-encoding", ()))
        self.length = int(lengths.pop()) if lengths and not self.chunked else None
        if self.status in (101, 204, 304) or not self._has_body:
            self.chunked, self.length = False, 0
        options = ", ".join(found.get("connection", ())).lower()
        kept = "close" not in options if self.version > 10 else "keep-alive" in options
        self.will_close = not kept or self.status == 101 or not self.chunked and self.length is None

    def read1(self, amount: int = -1) -> bytes:
        """What has arrived of the body, up to `amount` bytes; b"" at its end."""
        if self.fp is None or amount == 0:
            return b""
        most = BUFFER if amount < 0 else min(amount, BUFFER)
        if self.chunked:
            return self._read_chunks(most)
        if self.length == 0:
            self._finish()
            return b""
        data = self.fp.read1(most if self.length is None else min(self.length, most))
        if not data:
            if self.length is not None:  # it stays open: nobody shall take it for read to its end
                raise IncompleteRead(b"", self.length)
            self._finish()
        elif self.length is not None:
            self.length -= len(data)
            if self.length == 0:
                self._finish()
        return data

    def _read_chunks(self, most: int) -> bytes:
        while not self._chunks.ended and self._chunks.error is None:
            # Never more than was asked for, since what is between the chunks is left out.
            arrived = self.fp.read1(most)
            if not arrived:
                raise IncompleteRead(b"")
            data = self._chunks.feed(arrived)
            if data:
                if self._chunks.ended:
                    self._finish()
                return data
        if self._chunks.error is not None:
            raise self._chunks.error
        self._finish()
        return b""

    def read(self, amount: int | None = None) -> bytes:
        """`amount` bytes of the body, fewer only at its end; without it, all that are left."""
        body = io.BytesIO()  # which grows in place, and is given away without another copy
        while amount is None or amount > 0:
            piece = self.read1(-1 if amount is None else amount)
            if not piece:
                break
            body.write(piece)
            if amount is not None:
                amount -= len(piece)
        return body.getvalue()

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as what has arrived; 0 at the end of the body."""
        target = memoryview(buffer).cast("B")
        data = self.read1(len(target))
        target[: len(data)] = data
        return len(data)

    def _finish(self) -> None:
        file, self.fp = self.fp, cast(Any, None)  # as http.client marks the end
        file.close()


def hurry(sock: socket.socket, ends: float) -> None:
    """Has the next read of a socket wait until that time and no longer.

    Raises:
        TimeoutError: it is over. What comes in drops fast enough would not notice.
    """
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    sock.settimeout(left)


class HeadTime:
    """How long a head may take: as long as its socket waits for a byte.

    Where that is for ever, as in a stream that may be silent, `longest` from its first byte on.
    """

    def __init__(self, sock: socket.socket, longest: float = SLOWEST_HEAD) -> None:
        self._sock = sock
        self._timeout = sock.gettimeout()
        self._seconds = longest if self._timeout is None else self._timeout
        self._ends = None if self._timeout is None else time.monotonic() + self._seconds
        self._hurried = False

    @contextlib.contextmanager
    def read(self) -> Iterator[None]:
        """For a read of the rest of a head, of which something was there."""
        ends = self._ends = self._ends or time.monotonic() + self._seconds
        self._hurried = True
        try:
            hurry(self._sock, ends)
            yield
        except TimeoutError as error:
            raise SlowAnswer(self._seconds) from error

    def over(self) -> None:
        """The head was there: the socket waits as before."""
        if self._hurried:
            self._sock.settimeout(self._timeout)


def _lines_of_head(file: BufferedReader, allowed: HeadTime) -> Iterator[bytes]:
    """The lines of a head, and of the next one: as many as there may be; a cut one is no line.

    Nothing is taken from the file of what comes after the empty line.
    """
    left = LARGEST_HEAD
    held = before = b""  # the beginning of a line, and the end of the one before it
    while True:
        with allowed.read() if left < LARGEST_HEAD else contextlib.nullcontext():
            waiting = file.peek(1)
        if not waiting:
            raise IncompleteRead(b"") if left < LARGEST_HEAD else RemoteDisconnected("no answer")
        start = before + held
        end = _EMPTY_LINE.search(start + waiting)
        size = len(waiting) if end is None else end.end() - len(start)
        left -= size
        *lines, held = (held + file.read(size)).split(b"\n")
        if left < 0:
            raise BrokenAnswer(f"its head has more than {LARGEST_HEAD:,} bytes")
        if max(map(len, (*lines, held))) > _LONGEST_HEADER:
            raise BrokenAnswer(f"a line of its head has more than {_LONGEST_HEADER:,} bytes")
        for line in lines:
            yield line + b"\n"
        before = b"\n" if end is None and (before or lines) else b""


def _headers(lines: Iterator[bytes]) -> dict[str, list[str]]:
    """The headers up to the empty line, their names in lower case, with the values of each."""
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for number, line in enumerate(lines):
        if line in (b"\r\n", b"\n"):
            break
        if number == _MOST_HEADERS:
            raise BrokenAnswer(f"its head has more than {number} headers")
        match = _HEADER.fullmatch(line)
        if match is not None:
            name, value = match.groups()
            values = found.setdefault(name.decode("latin-1").lower(), [])
            values.append(value.strip(b" \t").decode("latin-1"))
            continue
        match = _FOLDED.fullmatch(line)
        if match is None or not values:
            raise BrokenAnswer("a line of its head is no header")
        values[-1] += " " + match[1].strip(b" \t").decode("latin-1")
    return found
