"""Where the body of an answer ends."""

from __future__ import annotations

import pytest

from dockerapi.protocol.chunks import Dechunker
from dockerapi.protocol.heads import BrokenAnswer, CutAnswer, HeadReader
from dockerapi.protocol.lengths import Body, Counted, Unmarked, body_of
from scripted import head


def body(data: bytes, method: str = "GET") -> Body:
    found = HeadReader().feed(data)
    assert found is not None
    return body_of(found, method)


@pytest.mark.parametrize(
    ("data", "method", "kind", "ended"),
    [
        (head(Content_Length="5"), "GET", Counted, False),
        (head(Content_Length="0"), "GET", Counted, True),
        (head(Content_Length="5", content_length="5"), "GET", Counted, False),
        (head(Content_Length="5", Content_Encoding="identity"), "GET", Counted, False),
        (head(), "GET", Unmarked, False),
        (head(Transfer_Encoding="identity"), "GET", Unmarked, False),
        (head(Transfer_Encoding="Chunked"), "GET", Dechunker, False),
        (head(Transfer_Encoding="chunked", Content_Length="5"), "GET", Dechunker, False),
        (head(Content_Length="5"), "HEAD", Counted, True),
        (head(Transfer_Encoding="chunked"), "HEAD", Counted, True),
        (head(101), "GET", Counted, True),
        (head(204, Transfer_Encoding="chunked"), "GET", Counted, True),
        (head(304, Content_Length="5"), "GET", Counted, True),
    ],
)
def test_the_head_says_where_the_body_ends(
    data: bytes, method: str, kind: type, ended: bool
) -> None:
    found = body(data, method)
    assert (type(found), found.ended, found.marked) == (kind, ended, kind is not Unmarked)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (head(Content_Length="-1"), "Content-Length: '-1'"),
        (head(Content_Length="+1"), "Content-Length: '+1'"),
        (head(Content_Length="1_0"), "Content-Length: '1_0'"),
        (head(Content_Length="\u00b2"), "Content-Length: '\u00b2'"),
        (head(Content_Length="9" * 80), f"Content-Length: '{'9' * 80}'"),
        (head(Content_Length="1", content_length="2"), "Content-Length: '1' and '2'"),
        (head(Transfer_Encoding="gzip"), "Transfer-Encoding: 'gzip', which was not asked for"),
        (
            head(Transfer_Encoding="gzip, chunked"),
            "Transfer-Encoding: 'gzip, chunked', which was not asked for",
        ),
        (head(Content_Encoding="gzip"), "Content-Encoding: 'gzip', which was not asked for"),
    ],
)
def test_a_head_that_does_not_say_it_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BrokenAnswer) as caught:
        body(data)
    assert str(caught.value) == words


def test_so_many_bytes_and_what_comes_after_them() -> None:
    data = b"hello, and more"
    for at in range(len(data) + 1):
        found = Counted(5)
        given = [found.feed(data[:at])]
        if not found.ended:
            given.append(found.feed(data[at:]))
        assert (b"".join(given), found.ended) == (b"hello", True)
        assert found.rest == (data[5:at] if at >= 5 else data[5:])


def test_an_end_of_the_connection_before_that_is_a_cut() -> None:
    found = Counted(5)
    assert found.feed(b"he") == b"he"
    with pytest.raises(CutAnswer, match="^3 bytes are missing$"):
        found.finish()


def test_a_body_that_nothing_marks_ends_with_its_connection() -> None:
    found = Unmarked()
    assert (found.feed(b"all"), found.ended, found.rest) == (b"all", False, b"")
    found.finish()
    assert found.ended
