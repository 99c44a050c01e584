"""Heads of answers: what is read, what is refused, and what is not whole."""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.protocol.heads import LARGEST_HEAD, BrokenAnswer, Head, HeadReader, NotHttp
from scripted import head

Simple = tuple[int, str, dict[str, str]]


def read(*pieces: bytes) -> tuple[Simple | None, bytes]:
    """The head, if it is whole, and what comes after it."""
    reader = HeadReader()
    for number, piece in enumerate(pieces):
        found = reader.feed(piece)
        if found is not None:
            return simply(found), reader.rest + b"".join(pieces[number + 1 :])
    return None, b""


def simply(found: Head) -> Simple:
    return found.status, found.reason, dict(found.headers)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (head(Content_Length="5"), (200, "OK", {"content-length": "5"})),
        (head(100) + head(100) + head(204), (204, "No Content", {})),
        (head(103, Link="x") + head(304), (304, "Not Modified", {})),
        (head(101, A="b"), (101, "Status", {"a": "b"})),
        (head(600), (600, "Status", {})),
        (
            b"HTTP/1.1  200   Very  well \r\nContent-Length:\t1 \r\n\r\n",
            (200, "Very  well", {"content-length": "1"}),
        ),
        (b"HTTP/1.0 200\nA: b\n c\nB:1\n\n", (200, "", {"a": "b c", "b": "1"})),
        (
            b"HTTP/1.1 \t 200 \t OK \t\nA: \t b \t\r\n \t c \t\n\n",
            (200, "OK", {"a": "b c"}),
        ),
        (
            b"HTTP/1.1 200 OK\r\nA: b \r\n\t c\r\na: d\r\nContent-Length: 0\r\n\r\n",
            (200, "OK", {"a": "b c, d", "content-length": "0"}),
        ),
    ],
)
def test_a_head_is_the_same_whole_byte_by_byte_and_split_anywhere(
    data: bytes, found: Simple
) -> None:
    rest = b"\n\r\n\r\nrest"
    assert read(data + rest) == (found, rest)
    assert read(*(bytes([byte]) for byte in data + rest)) == (found, rest)
    for at in range(len(data)):
        assert read(data[:at], data[at:] + rest) == (found, rest)


def test_a_head_that_is_cut_anywhere_is_not_whole() -> None:
    data = head(100) + head(Content_Length="5")
    for size in range(len(data)):
        assert read(data[:size]) == (None, b"")


def test_a_head_has_begun_with_its_first_byte() -> None:
    reader = HeadReader()
    assert (reader.feed(b""), reader.begun) == (None, False)
    assert (reader.feed(b"H"), reader.begun) == (None, True)


@pytest.mark.parametrize("name", ["A-b", "a-b", "A-B"])
def test_headers_are_found_in_whatever_case(name: str) -> None:
    reader = HeadReader()
    found = reader.feed(head(A_b="c"))
    assert found is not None
    assert (found.headers[name], found.headers.get("x"), len(found.headers)) == ("c", None, 1)


@pytest.mark.parametrize(
    ("line", "connection", "kept"),
    [
        ("HTTP/1.1", None, True),
        ("HTTP/1.1", "close", False),
        ("HTTP/1.1", "Upgrade, Close", False),
        ("HTTP/1.0", None, False),
        ("HTTP/1.0", "Keep-Alive", True),
    ],
)
def test_the_connection_is_kept_as_the_version_and_the_header_say(
    line: str, connection: str | None, kept: bool
) -> None:
    header = "" if connection is None else f"Connection: {connection}\r\n"
    found = HeadReader().feed(f"{line} 200 OK\r\n{header}\r\n".encode())
    assert found is not None
    assert found.keeps_alive is kept


BLANKS = b" \t" * 30_000


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1" + BLANKS + b"200" + BLANKS + b"\rx\n",
        b"HTTP/1.1 200 OK\nA:" + BLANKS + b"x" + BLANKS + b"\rx\n",
        b"HTTP/1.1 200 OK\nA" + BLANKS + b":\n",
        b"HTTP/1.1 200 OK\nA: b\n" + BLANKS + b"\rx\n",
    ],
    ids=["status", "value", "name", "folded"],
)
def test_no_line_takes_long_to_be_found_wrong(line: bytes) -> None:
    """Blanks that can be shared out in many ways took minutes."""
    began = time.process_time()
    with pytest.raises(BrokenAnswer):
        read(line)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nno header\r\n", "a line of its head is no header"),
        (b"HTTP/1.1 200 OK\r\n folded\r\n", "a line of its head is no header"),
        (
            b"HTTP/1.1 200 OK\r\nA:" + b" " * 60_000 + b"\rb\r\n",
            "a line of its head is no header",
        ),
        (
            b"HTTP/1.1 200 OK\r\nA: b\r\n" + b" " * 60_000 + b"\rb\r\n",
            "a line of its head is no header",
        ),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101, "its head has more than 100 headers"),
        (
            b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000,
            "a line of its head has more than 65,536 bytes",
        ),
        (head(100) * 101, "more than 100 interim answers (1xx) before it"),
    ],
)
def test_what_is_no_head_is_refused_as_soon_as_that_is_there(data: bytes, words: str) -> None:
    for size in (len(data), 1000):
        with pytest.raises(BrokenAnswer) as caught:
            read(*(data[at : at + size] for at in range(0, len(data), size)))
        assert (type(caught.value), str(caught.value)) == (BrokenAnswer, words)


@pytest.mark.parametrize(
    "line", ["garbage\r\n", "\r\n", "HTTP/1.1 abc OK\r\n", "HTTP/2.0 200\n", "HTTP/1.1 9999 \r\n"]
)
def test_a_first_line_that_is_none_is_shown(line: str) -> None:
    """At once: a mail server goes on to wait."""
    with pytest.raises(NotHttp) as caught:
        read(line.encode())
    assert caught.value.line == line


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * (1 << 24),
        b"HTTP/1.1 200 OK\r\n" + b"A: x\r\n" * (1 << 20),
        b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"x" * 65000 + b"\r\n") * 50,
        head(100) * (LARGEST_HEAD // 20),
        (b"HTTP/1.1 100 Continue\r\n" + (b"A: " + b"x" * 65000 + b"\r\n") * 9 + b"\r\n") * 2,
    ],
    ids=["one line", "many lines", "many long lines", "100 without end", "100 with long lines"],
)
def test_a_head_without_end_is_refused(data: bytes) -> None:
    for size in (len(data), 65536):
        with pytest.raises(BrokenAnswer):
            read(*(data[at : at + size] for at in range(0, len(data), size)))


NAMES = st.text("AaZz09-_!#$%&'*+.^`|~", min_size=1, max_size=8)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))


class Played:
    """A socket for http.client, which has the whole answer."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> Any:
        return io.BytesIO(self._data)


@given(headers=st.lists(st.tuples(NAMES, VALUES), max_size=20), status=st.integers(200, 999))
def test_a_head_is_what_http_client_takes_it_for(
    headers: list[tuple[str, str]], status: int
) -> None:
    lines = [f"HTTP/1.1 {status} Said so", *(f"{name}:{value}" for name, value in headers), "", ""]
    data = "\r\n".join(lines).encode("latin-1")
    theirs = HTTPResponse(Played(data))  # type: ignore[arg-type]
    theirs.begin()
    expected: dict[str, str] = {}
    for name, value in theirs.headers.items():
        before = expected.get(name.lower())
        told = value.strip(" \t")
        expected[name.lower()] = told if before is None else f"{before}, {told}"
    assert read(data) == ((theirs.status, theirs.reason, expected), b"")
