"""The head of an HTTP answer, with limits; and the reasons for an incomplete answer.

An incomplete answer never looks complete. The rules here, and in `lengths` and `chunks`:

- a head has at most `LARGEST_HEAD` bytes, interim answers before it included, and ends with an
  empty line;
- a length is digits; a chunk is digits, CRLF, as many bytes, and CRLF;
- no memory is allocated for an announced length;
- a body that ends early is `CutAnswer`, and bytes that are not HTTP are `BrokenAnswer`;
- a body in an encoding that was not asked for (such as gzip) is not read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

import attrs

LARGEST_HEAD = 1024 * 1024  # bytes, interim answers (100 Continue) included
MOST_HEADERS = 100  # in a head, or in a trailer
_LONGEST_HEADER = 64 * 1024  # bytes, with its name
_MOST_INTERIM = 100
# White space is stripped afterwards: a pattern with it at two places side by side could match in
# many ways.
_STATUS = re.compile(rb"HTTP/1\.(\d)[ \t]+(\d{3})(?:[ \t]([^\r\n]*))?\r?\n")
_HEADER = re.compile(rb"([!-9;-~]+):([^\r\n]*)\r?\n")
_FOLDED = re.compile(rb"[ \t]([^\r\n]*)\r?\n")  # continues the header above
_EMPTY_LINE = re.compile(rb"\n\r?\n")


class BadAnswer(Exception):
    """Why there is no complete answer: one of the classes below."""


class NoAnswer(BadAnswer):
    """The connection ended before the first byte of an answer."""


class CutAnswer(BadAnswer):
    """The connection ended in the middle of the answer."""


class SlowAnswer(BadAnswer):
    """A head arrived in pieces, and was not complete within so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the answer's head was not whole within {seconds:g} seconds")
        self.seconds = seconds


class BrokenAnswer(BadAnswer):
    """The answer is not valid HTTP."""


class NotHttp(BrokenAnswer):
    """The first line is not HTTP: `line` has it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


class Headers(Mapping[str, str]):
    """Headers by name, in any case; several headers of one name are joined by commas."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values  # by lower-case names

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def each(self, name: str) -> list[str]:
        """The values of all headers with a name, which is given in lower case."""
        return self._values.get(name, [])


@attrs.frozen
class Head:
    """The head of an answer; `minor` is the minor version of HTTP/1."""

    minor: int
    status: int
    reason: str
    headers: Headers

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection can serve another request after the body."""
        options = ", ".join(self.headers.each("connection")).lower()
        return "close" not in options if self.minor > 0 else "keep-alive" in options


def _header(line: bytes) -> tuple[str, str] | None:
    """The lower-case name and the value of a header line; None if it is not a header."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return None
    name, value = match.groups()
    return name.decode("latin-1").lower(), value.strip(b" \t").decode("latin-1")


# An Engine sends nearly the same headers in every head.
_known = functools.lru_cache(maxsize=64)(_header)
_SHORT_LINE = 80  # bytes; longer lines are not cached


class HeadReader:
    """Reads a head from data that may be cut anywhere; interim answers are skipped."""

    def __init__(self) -> None:
        self.begun = False  # a byte has arrived
        self.rest = b""  # the bytes after the head
        self._left = LARGEST_HEAD
        self._interim = 0
        self._begin()

    def _begin(self) -> None:
        self._before = self._held = b""  # the last line end, and the start of the next line
        self._first: tuple[int, int, str] | None = None  # the parsed first line
        self._headers: dict[str, list[str]] = {}
        self._values: list[str] = []  # the values of the previous line's header
        self._count = 0

    def feed(self, data: bytes) -> Head | None:
        """The head, once it is complete.

        Raises:
            BrokenAnswer: this is not a head.
        """
        self.begun = self.begun or bool(data)
        while data:
            start = self._before + self._held
            end = _EMPTY_LINE.search(start + data)
            size = len(data) if end is None else end.end() - len(start)
            self._left -= size
            *lines, self._held = (self._held + data[:size]).split(b"\n")
            data = data[size:]
            if self._left < 0:
                raise BrokenAnswer(f"its head has more than {LARGEST_HEAD:,} bytes")
            if max(map(len, (*lines, self._held))) > _LONGEST_HEADER:
                raise BrokenAnswer(f"a line of its head has more than {_LONGEST_HEADER:,} bytes")
            for line in lines:
                self._take(line + b"\n")
            if end is not None and (head := self._ended()) is not None:
                self.rest = data
                return head
            if lines:
                self._before = b"\n"
        return None

    def _take(self, line: bytes) -> None:
        if self._first is None:
            match = _STATUS.fullmatch(line)
            if match is None:
                raise NotHttp(line.decode("latin-1"))
            minor, status, reason = match.groups()
            self._first = int(minor), int(status), (reason or b"").decode("latin-1").strip()
            return
        if line in (b"\r\n", b"\n"):
            return
        self._count += 1
        if self._count > MOST_HEADERS:
            raise BrokenAnswer(f"its head has more than {MOST_HEADERS} headers")
        found = _known(line) if len(line) <= _SHORT_LINE else _header(line)
        if found is not None:
            name, value = found
            self._values = self._headers.setdefault(name, [])
            self._values.append(value)
            return
        match = _FOLDED.fullmatch(line)
        if match is None or not self._values:
            raise BrokenAnswer("a line of its head is no header")
        self._values[-1] += " " + match[1].strip(b" \t").decode("latin-1")

    def _ended(self) -> Head | None:
        """The complete head; None if it is an interim answer (RFC 9110, 15.2)."""
        assert self._first is not None  # an empty line cannot be the first
        minor, status, reason = self._first
        if status == 101 or not 100 <= status < 200:
            return Head(minor, status, reason, Headers(self._headers))
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            raise BrokenAnswer(f"more than {_MOST_INTERIM} interim answers (1xx) before it")
        self._begin()
        return None
