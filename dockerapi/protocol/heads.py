"""The head of an HTTP answer, read with bounds; and why there is no whole answer.

What is no whole answer never looks like one. The rules here, and in `lengths` and `chunks`:

- a head has `LARGEST_HEAD` bytes at most, those of interim answers before it included, and ends
  with an empty line;
- a length is digits; a chunk is digits, CRLF, as many bytes, and CRLF;
- nothing is allocated for what is announced;
- a body that ends early is `CutAnswer`, and what is no HTTP `BrokenAnswer`;
- a body in an encoding that nobody asked for (gzip, say) is not read at all.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

import attrs

LARGEST_HEAD = 1024 * 1024  # bytes, what comes before an answer (100 Continue) included
MOST_HEADERS = 100  # of a head, or of a trailer
_LONGEST_HEADER = 64 * 1024  # bytes, with its name
_MOST_INTERIM = 100
# White space is stripped afterwards: that of two parts side by side can be shared out in many ways.
_STATUS = re.compile(rb"HTTP/1\.(\d)[ \t]+(\d{3})(?:[ \t]([^\r\n]*))?\r?\n")
_HEADER = re.compile(rb"([!-9;-~]+):([^\r\n]*)\r?\n")
_FOLDED = re.compile(rb"[ \t]([^\r\n]*)\r?\n")  # the rest of the header above it
_EMPTY_LINE = re.compile(rb"\n\r?\n")


class BadAnswer(Exception):
    """Why there is no whole answer: one of the classes below."""


class NoAnswer(BadAnswer):
    """The connection ended, and not a byte of an answer was there."""


class CutAnswer(BadAnswer):
    """The connection ended in the middle of the answer."""


class SlowAnswer(BadAnswer):
    """A head that came in pieces, and not all of it within so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the answer's head was not whole within {seconds:g} seconds")
        self.seconds = seconds


class BrokenAnswer(BadAnswer):
    """Bytes that are no HTTP, where an answer was expected."""


class NotHttp(BrokenAnswer):
    """The first line is none of HTTP: `line` has it."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


class Headers(Mapping[str, str]):
    """Headers by their names, in whatever case; several of one name are one, with commas."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values  # by names in lower case

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def each(self, name: str) -> list[str]:
        """The values of all headers of a name, which is given in lower case."""
        return self._values.get(name, [])


@attrs.frozen
class Head:
    """The head of an answer; `minor` is of the version of HTTP/1."""

    minor: int
    status: int
    reason: str
    headers: Headers

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection may serve another request, once the body was read."""
        options = ", ".join(self.headers.each("connection")).lower()
        return "close" not in options if self.minor > 0 else "keep-alive" in options


def _header(line: bytes) -> tuple[str, str] | None:
    """The name, in lower case, and the value in a line; None if it is no header."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return None
    name, value = match.groups()
    return name.decode("latin-1").lower(), value.strip(b" \t").decode("latin-1")


# An Engine says nearly the same in every head.
_known = functools.lru_cache(maxsize=64)(_header)
_SHORT_LINE = 80  # bytes; what is longer is not kept


class HeadReader:
    """The head of an answer, out of what arrives, cut anywhere; interim ones are passed over."""

    def __init__(self) -> None:
        self.begun = False  # a byte was there
        self.rest = b""  # what came after the head
        self._left = LARGEST_HEAD
        self._interim = 0
        self._begin()

    def _begin(self) -> None:
        self._before = self._held = b""  # the end of a line, and the beginning of the one after it
        self._first: tuple[int, int, str] | None = None  # what the first line says
        self._headers: dict[str, list[str]] = {}
        self._values: list[str] = []  # those of the header above
        self._count = 0

    def feed(self, data: bytes) -> Head | None:
        """The head, once its last line is there.

        Raises:
            BrokenAnswer: this is no head.
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
        """The head that is whole, unless it is of an interim answer (RFC 9110, 15.2)."""
        assert self._first is not None  # an empty line cannot be the first
        minor, status, reason = self._first
        if status == 101 or not 100 <= status < 200:
            return Head(minor, status, reason, Headers(self._headers))
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            raise BrokenAnswer(f"more than {_MOST_INTERIM} interim answers (1xx) before it")
        self._begin()
        return None
