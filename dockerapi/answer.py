"""An HTTP answer, read with bounds: what is no whole answer never looks like one.

http.client reads the head, and is told where to stop; the body is read here. It takes a head that
was cut for a whole one, `-5` for the size of a chunk and any two bytes for a chunk's end, allocates
what a length announces before a byte is there, and ends a body that came short as if it were
whole. The rules here:

- a head has `LARGEST_HEAD` bytes at most, and ends with an empty line;
- a length is digits; a chunk is digits, CRLF, as many bytes, and CRLF;
- nothing is allocated for what is announced: a read asks for `BLOCK` bytes at most;
- a body that ends early is `IncompleteRead`, and what is no HTTP `BrokenAnswer`;
- a body in an encoding that nobody asked for (gzip, say) is not read at all.
"""

from __future__ import annotations

import re
import socket
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from http.client import HTTPException, HTTPResponse, IncompleteRead
from io import BufferedReader
from typing import Any, cast

from .errors import shown

BUFFER = 128 * 1024  # bytes
LARGEST_HEAD = 1024 * 1024  # bytes, what comes before an answer (100 Continue) included
_LONGEST_LINE = 4096  # bytes of a chunk's size and extensions, or of one line of a trailer
_MOST_TRAILERS = 100
_NO_HEADERS = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r\n", re.DOTALL)


class BrokenAnswer(HTTPException):
    """Bytes that are no HTTP, where an answer was expected."""


class Answer(HTTPResponse):
    """An HTTP answer that is read from the socket in large blocks, with bounds.

    The buffer of 8 KiB that http.client gives it would cut a chunk of 32 KiB, which is what the
    Engine sends, into a small and a large read.
    """

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = cast(BufferedReader, sock.makefile("rb", BUFFER))
        self._left = 0  # of the chunk that is being read

    def begin(self) -> None:
        """Reads the head, and those of interim answers before it (RFC 9110, 15.2)."""
        file = self.fp
        self.fp = cast(BufferedReader, _Head(file))
        super().begin()
        while 101 < self.status < 200:
            self.headers = self.msg = cast(Any, None)
            super().begin()
        self.fp = file
        self._check_head()

    def _check_head(self) -> None:
        for defect in self.headers.defects:
            if isinstance(defect, _NO_HEADERS):
                raise BrokenAnswer("a line of its head is no header")
        lengths = set(self.headers.get_all("Content-Length", ()))
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise BrokenAnswer(f"Content-Length: {' and '.join(map(shown, sorted(lengths)))}")
        encodings = {
            "Transfer-Encoding": ("", "identity", "chunked"),
            "Content-Encoding": ("", "identity"),
        }
        for name, known in encodings.items():
            found = ", ".join(self.headers.get_all(name, ()))
            if found.strip().lower() not in known:
                raise BrokenAnswer(f"{name}: {shown(found)}, which was not asked for")
        if self.status == 101:
            self.will_close = True
        if self.length == 0:  # also where the status says so, whatever the headers say
            self.chunked = False

    def read1(self, amount: int = -1) -> bytes:
        """What has arrived of the body, up to `amount` bytes; b"" at its end."""
        if self.fp is None or amount == 0:
            return b""
        left = self._left_of_chunk() if self.chunked else self.length
        if left == 0:
            self._finish()
            return b""
        most = BUFFER if left is None else min(left, BUFFER)
        data = self.fp.read1(most if amount < 0 else min(most, amount))
        if not data:
            self._finish()
            if left is not None:
                raise IncompleteRead(b"", left)
        elif self.chunked:
            self._left -= len(data)
            if self._left == 0 and self.fp.read(2) != b"\r\n":
                raise BrokenAnswer("a chunk does not end where it said")
        elif self.length is not None:
            self.length -= len(data)
            if self.length == 0:
                self._finish()
        return data

    def read(self, amount: int | None = None) -> bytes:
        """`amount` bytes of the body, fewer only at its end; without it, all that are left."""
        pieces = []
        while amount is None or amount > 0:
            piece = self.read1(-1 if amount is None else amount)
            if not piece:
                break
            pieces.append(piece)
            if amount is not None:
                amount -= len(piece)
        return b"".join(pieces)

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as what has arrived; 0 at the end of the body."""
        target = memoryview(buffer).cast("B")
        data = self.read1(len(target))
        target[: len(data)] = data
        return len(data)

    def _left_of_chunk(self) -> int:
        """Bytes that are left of this chunk, or of the next; 0 after the last."""
        if self._left == 0:
            line = self.fp.readline(_LONGEST_LINE)
            match = _CHUNK.fullmatch(line)
            if match is None:
                if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
                    raise IncompleteRead(b"")
                raise BrokenAnswer(f"not the size of a chunk: {shown(line)}")
            self._left = int(match[1], 16)
            if self._left == 0:
                self._skip_trailers()
        return self._left

    def _skip_trailers(self) -> None:
        for _ in range(_MOST_TRAILERS):
            line = self.fp.readline(_LONGEST_LINE)
            if line == b"\r\n":
                return
            if not line.endswith(b"\n"):
                break
        raise BrokenAnswer("the answer does not end after its last chunk")

    def _finish(self) -> None:
        file, self.fp = self.fp, cast(Any, None)  # as http.client marks the end
        file.close()


class _Head:
    """The lines of a head, as many as there may be; one that is cut is no line."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._left = LARGEST_HEAD
        self._begun = False

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise BrokenAnswer(f"its head has more than {LARGEST_HEAD:,} bytes")
        if (line or self._begun) and len(line) < limit and not line.endswith(b"\n"):
            raise IncompleteRead(b"")
        self._begun = True
        return line

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()
