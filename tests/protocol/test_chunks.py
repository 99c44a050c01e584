"""A body that comes in chunks, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.protocol.chunks import Dechunker
from dockerapi.protocol.heads import CutAnswer
from scripted import LAST_CHUNK, chunk

# A chunk with the end of a line in it, and with what looks like a chunk.
CHUNKED = chunk(b"a\r\n") + chunk(b"2\r\nxx\r\n") + chunk(b"b" * 20) + b"0\r\nA: b\r\n\r\n"
DATA = b"a\r\n2\r\nxx\r\n" + b"b" * 20


def dechunked(pieces: list[bytes]) -> tuple[bytes, bool, str | None]:
    """The data, whether they have ended, and what is wrong with them."""
    made = Dechunker()
    data = b"".join(map(made.feed, pieces))
    return data, made.ended, made.error and str(made.error)


def test_chunks_that_come_whole() -> None:
    assert dechunked([CHUNKED]) == (DATA, True, None)


def test_chunks_that_come_byte_by_byte() -> None:
    assert dechunked([bytes([byte]) for byte in CHUNKED]) == (DATA, True, None)


def test_chunks_that_are_split_anywhere() -> None:
    for at in range(len(CHUNKED) + 1):
        assert dechunked([CHUNKED[:at], CHUNKED[at:]]) == (DATA, True, None)


def test_chunks_that_are_cut_anywhere_give_what_came() -> None:
    for at in range(len(CHUNKED)):
        data, ended, error = dechunked([CHUNKED[:at]])
        assert (ended, error) == (False, None)
        assert DATA.startswith(data)


def test_the_data_before_what_is_wrong_are_given() -> None:
    many = chunk(b"hello") * 2000
    for start, data in ((chunk(b"hello"), b"hello"), (many, b"hello" * 2000)):
        assert dechunked([start + b"five\r\n"]) == (
            data,
            False,
            "not the size of a chunk: b'five\\r\\n'",
        )


@given(
    data=st.lists(st.binary(min_size=1, max_size=3) | st.just(b"\r\n"), max_size=20),
    times=st.sampled_from([1, 300, 2000]),
    size=st.integers(1, 9000),
)
def test_chunks_of_any_kind_in_pieces_of_any_size(data: list[bytes], times: int, size: int) -> None:
    """Many small ones that come at once are cut apart in another way."""
    sent = b"".join(map(chunk, data)) * times + LAST_CHUNK
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert dechunked(pieces) == (b"".join(data) * times, True, None)


@given(
    st.lists(st.sampled_from([chunk(b"hello"), b"5\r\n", b"\r\n", b"0\r\n", b"x", b"hello"])),
    st.sampled_from([0, 1000]),
    st.integers(1, 9000),
)
def test_what_is_no_chunk_is_found_however_it_comes(
    sent: list[bytes], before: int, size: int
) -> None:
    data = chunk(b"hello") * before + b"".join(sent)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    whole = Dechunker()
    one_by_one = b"".join(whole.feed(data[at : at + 1]) for at in range(len(data)))
    assert dechunked(pieces) == (one_by_one, whole.ended, whole.error and str(whole.error))


@pytest.mark.parametrize("rest", [b"", b"H", b"HTTP/1.1 200 OK\r\n"])
def test_what_comes_after_the_last_chunk_is_kept_apart(rest: bytes) -> None:
    for at in range(len(CHUNKED)):
        made = Dechunker()
        data = made.feed(CHUNKED[:at]) + made.feed(CHUNKED[at:] + rest)
        assert (data, made.ended, made.rest) == (DATA, True, rest)


def test_only_a_whole_empty_line_ends_what_follows_the_last_chunk() -> None:
    """A newline alone is none: what another reader takes for the end would be the next answer."""
    assert dechunked([b"0\r\n", b"A: b\r\n", b"\n"]) == (b"", False, None)
    assert dechunked([b"0\r\n", b"A: b\r\n", b"\r\n"]) == (b"", True, None)


def test_the_end_of_the_connection_is_none_of_the_body() -> None:
    with pytest.raises(CutAnswer, match="^the last chunk is missing$"):
        Dechunker().finish()
