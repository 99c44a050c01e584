"""JSON values in a stream, and the reports of a pull or build, which may be lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.errors import Truncated, UnexpectedReply
from dockerapi.protocol.wire import JsonValues, Reports
from fuzz.form import Outcome, check_ways_agree, decoded, recorded


def check(data: bytes) -> None:
    """Values are the same however they arrive, and each is an object or an array."""
    _, error = check_ways_agree(_values, data)
    assert error in (None, Truncated, UnexpectedReply)
    _, error = check_ways_agree(_reports, data)
    assert error in (None, Truncated, UnexpectedReply)


def _values(pieces: list[bytes]) -> Outcome:
    found, error = decoded(JsonValues(), pieces)
    assert all(isinstance(value, (dict, list)) for value in found)
    return list(map(repr, found)), error  # NaN is not equal to itself


def _reports(pieces: list[bytes]) -> Outcome:
    found, error = decoded(Reports(), pieces)
    return list(map(repr, found)), error


def seeds() -> Iterator[bytes]:
    for one in recorded(2000):
        if one.body[:1] in (b"{", b"["):
            yield one.body
    yield b'{"a": "\\"}"}\r\n\x1e{"b": [{}, []]}[1]'
    yield b"Step 1 : FROM x\n ---> 1\nError build: no such image\n"
    yield '{"a": "ü"}{}'.encode()
