"""HTTP answers over a real socket: what is read, what is refused, and what is cut."""

from __future__ import annotations

import io
import socket
import threading
import time
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    RemoteDisconnected,
)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.answer import LARGEST_HEAD, Answer, BrokenAnswer, Dechunker, HeadTime, SlowAnswer
from scripted import LAST_CHUNK, InPieces, chunk, head

CHUNKS = head(Transfer_Encoding="chunked")


def received(data: bytes, method: str = "GET") -> tuple[int, bytes]:
    """The status and the body of an answer that is there as a whole."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        writer = threading.Thread(target=_send, args=(theirs, data))
        writer.start()
        answer = Answer(ours, method=method)
        try:
            answer.begin()
            return answer.status, answer.read()
        finally:
            answer.close()
            ours.close()
            writer.join()


def _send(sock: socket.socket, data: bytes) -> None:
    try:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # it was told enough


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (head(Content_Length="5") + b"hello", 200, b"hello"),
        (head(Content_Length="5") + b"hello, and more", 200, b"hello"),
        (head(Content_Length="0"), 200, b""),
        (head() + b"to the end", 200, b"to the end"),
        (head() + b"", 200, b""),
        (CHUNKS + LAST_CHUNK, 200, b""),
        (CHUNKS + chunk(b"a") + chunk(b"bc") + LAST_CHUNK, 200, b"abc"),
        (CHUNKS + b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", 200, b"abc"),
        (CHUNKS + b"00A \r\n0123456789\r\n0\r\n\r\n", 200, b"0123456789"),
        (head(100) + head(100) + head(Content_Length="1") + b"x", 200, b"x"),
        (head(103, Link="x") + head(Content_Length="1") + b"x", 200, b"x"),
        (head(204, Transfer_Encoding="chunked"), 204, b""),
        (head(304, Content_Length="5"), 304, b""),
        (head(600, Content_Length="1") + b"x", 600, b"x"),
        (head(Content_Length="1", content_length="1") + b"x", 200, b"x"),
        (head(Content_Length="1", Content_Encoding="identity") + b"x", 200, b"x"),
        (b"HTTP/1.1  200   Very  well \r\nContent-Length:\t1 \r\n\r\nx", 200, b"x"),
        (b"HTTP/1.0 200\nA: b\n c\nContent-Length:1\n\nx", 200, b"x"),
    ],
)
def test_an_answer_is_read(data: bytes, status: int, body: bytes) -> None:
    assert received(data) == (status, body)


@pytest.mark.parametrize("timeout", [None, 20.0])
@pytest.mark.parametrize("size", range(1, 60))
def test_a_head_in_pieces_is_the_same_and_takes_nothing_of_what_follows(
    size: int, timeout: float | None
) -> None:
    ours, theirs = socket.socketpair()
    with theirs, InPieces(fileno=ours.detach()) as sock:
        sock.largest = size
        sock.settimeout(timeout)
        theirs.sendall(head(100) + b"HTTP/1.1 101 UPGRADED\nA: b\r\n\n\n\r\n\r\nrest")
        theirs.shutdown(socket.SHUT_WR)
        answer = Answer(sock)
        answer.begin()
        assert (answer.status, answer.getheader("A")) == (101, "b")
        assert sock.gettimeout() == timeout
        assert answer.fp.read() == b"\n\r\n\r\nrest"
        answer.close()


@pytest.mark.parametrize("pause", [0.02, 0.0001])
def test_a_head_that_comes_in_drops_takes_no_longer_than_one_byte_may(pause: float) -> None:
    ours, theirs = socket.socketpair()
    done = threading.Event()

    def drip() -> None:
        for byte in head(A="b" * 60_000):
            theirs.sendall(bytes([byte]))
            if done.wait(pause):
                return

    with ours, theirs:
        ours.settimeout(0.2)
        dripping = threading.Thread(target=drip)
        dripping.start()
        answer = Answer(ours)
        began = time.monotonic()
        with pytest.raises(SlowAnswer) as caught:
            answer.begin()
        assert time.monotonic() - began < 2
        assert str(caught.value) == "the answer's head was not whole within 0.2 seconds"
        done.set()
        dripping.join()
        answer.close()


BLANKS = b" \t" * 30_000


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/1.1" + BLANKS + b"200" + BLANKS + b"\rx\n",
        b"HTTP/1.1 200 OK\nA:" + BLANKS + b"x" + BLANKS + b"\rx\n",
        b"HTTP/1.1 200 OK\nA" + BLANKS + b":\n",
        b"HTTP/1.1 200 OK\nA: b\n" + BLANKS + b"\rx\n",
        b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5" + BLANKS[:4000] + b"x\r\n",
    ],
    ids=["status", "value", "name", "folded", "chunk"],
)
def test_no_line_takes_long_to_be_found_wrong(line: bytes) -> None:
    """Blanks that can be shared out in many ways took minutes."""
    began = time.monotonic()
    with pytest.raises(HTTPException):
        received(line)
    assert time.monotonic() - began < 2


def test_blanks_around_a_value_are_none_of_it() -> None:
    data = b"HTTP/1.1 \t 200 \t OK \t\nA: \t b \t\r\n \t c \t\n\n"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        answer = Answer(ours)
        answer.begin()
        assert (answer.status, answer.reason, answer.getheader("A")) == (200, "OK", "b c")
        answer.close()


def test_without_a_timeout_a_head_has_its_time_from_its_first_byte_on() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        allowed = HeadTime(ours, 0.1)
        theirs.sendall(b"H")
        for _ in range(2):
            with pytest.raises(SlowAnswer):
                with allowed.read():
                    while ours.recv(1):
                        pass
        allowed.over()
        assert ours.gettimeout() is None


def test_an_answer_to_head_has_no_body() -> None:
    assert received(head(Content_Length="5"), "HEAD") == (200, b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (head(Content_Length="-1"), "Content-Length: '-1'"),
        (head(Content_Length="+1") + b"x", "Content-Length: '+1'"),
        (head(Content_Length="1_0") + b"x", "Content-Length: '1_0'"),
        (head(Content_Length="9" * 80), f"Content-Length: '{'9' * 80}'"),
        (head(Content_Length="1", content_length="2") + b"xy", "Content-Length: '1' and '2'"),
        (head(Transfer_Encoding="gzip"), "Transfer-Encoding: 'gzip', which was not asked for"),
        (head(Content_Encoding="gzip"), "Content-Encoding: 'gzip', which was not asked for"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "a line of its head is no header"),
        (b"HTTP/1.1 200 OK\r\n folded\r\n\r\n", "a line of its head is no header"),
        (
            b"HTTP/1.1 200 OK\r\nA:" + b" " * 60_000 + b"\rb\r\n\r\n",
            "a line of its head is no header",
        ),
        (
            b"HTTP/1.1 200 OK\r\nA: b\r\n" + b" " * 60_000 + b"\rb\r\n\r\n",
            "a line of its head is no header",
        ),
        (
            b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n",
            "its head has more than 100 headers",
        ),
        (CHUNKS + b"-5\r\nhello\r\n", "not the size of a chunk: b'-5\\r\\n'"),
        (CHUNKS + b"-1\r\nhello\r\n", "not the size of a chunk: b'-1\\r\\n'"),
        (CHUNKS + b"+5\r\nhello\r\n", "not the size of a chunk: b'+5\\r\\n'"),
        (CHUNKS + b"0x5\r\nhello\r\n", "not the size of a chunk: b'0x5\\r\\n'"),
        (CHUNKS + b"five\r\nhello\r\n", "not the size of a chunk: b'five\\r\\n'"),
        (CHUNKS + b"5\nhello\r\n", "not the size of a chunk: b'5\\n'"),
        (CHUNKS + b"\r\nhello\r\n", "not the size of a chunk: b'\\r\\n'"),
        (CHUNKS + b"f" * 16 + b"\r\n", f"not the size of a chunk: b'{'f' * 16}\\r\\n'"),
        (CHUNKS + b"5\r\nhelloXX0\r\n\r\n", "a chunk does not end where it said"),
        (CHUNKS + b"5\r\nhello0\r\n\r\n", "a chunk does not end where it said"),
        (CHUNKS + b"0\r\n" + b"A: b\r\n" * 200, "the answer does not end after its last chunk"),
    ],
)
def test_what_is_no_http_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BrokenAnswer) as caught:
        received(data)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "data",
    [
        head(Content_Length="5") + b"hello",
        CHUNKS + chunk(b"hello") + b"0\r\nA: b\r\n\r\n",
        head(100) + head(204),
    ],
    ids=["length", "chunks", "no content"],
)
def test_an_answer_that_is_cut_anywhere_is_not_whole(data: bytes) -> None:
    for size in range(len(data)):
        with pytest.raises((IncompleteRead, RemoteDisconnected, BadStatusLine, BrokenAnswer)):
            received(data[:size])
            pytest.fail(f"whole after {size} bytes")


NAMES = st.text("AaZz09-_!#$%&'*+.^`|~", min_size=1, max_size=8)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))


@given(headers=st.lists(st.tuples(NAMES, VALUES), max_size=20), status=st.integers(200, 999))
def test_a_head_is_what_http_client_takes_it_for(
    headers: list[tuple[str, str]], status: int
) -> None:
    lines = [f"HTTP/1.1 {status} Said so", *(f"{name}:{value}" for name, value in headers), "", ""]
    found = []
    for kind in (Answer, HTTPResponse):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            _send(theirs, "\r\n".join(lines).encode("latin-1"))
            answer = kind(ours)
            answer.begin()
            names = [(name.lower(), value.strip(" \t")) for name, value in answer.headers.items()]
            found.append((answer.status, answer.reason, sorted(names), answer.will_close))
            answer.close()
    assert found[0] == found[1]


def test_a_folded_header_is_one_line() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        _send(theirs, b"HTTP/1.1 200 OK\r\nA: b \r\n\t c\r\nA: d\r\nContent-Length: 0\r\n\r\n")
        answer = Answer(ours)
        answer.begin()
        assert answer.headers.items() == [("a", "b c"), ("a", "d"), ("content-length", "0")]
        answer.close()


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * (1 << 24),
        b"HTTP/1.1 200 OK\r\n" + b"A: x\r\n" * (1 << 20),
        b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"x" * 65000 + b"\r\n") * 50,
        head(100) * (LARGEST_HEAD // 20),
    ],
    ids=["one line", "many lines", "many long lines", "100 without end"],
)
def test_a_head_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(HTTPException) as caught:
        received(data)
    assert type(caught.value).__name__ in ("LineTooLong", "HTTPException", "BrokenAnswer")


def test_a_length_that_is_announced_allocates_nothing() -> None:
    for start in (head(Content_Length="9" * 18), CHUNKS + b"f" * 15 + b"\r\n"):
        with pytest.raises(IncompleteRead):
            received(start + b"x" * 1000)


def test_a_body_can_be_read_into_a_buffer() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        _send(theirs, CHUNKS + chunk(b"hello") + LAST_CHUNK)
        answer = Answer(ours)
        answer.begin()
        with io.BufferedReader(answer) as file:  # type: ignore[arg-type]
            assert file.read() == b"hello"


def test_a_head_is_read_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        _send(theirs, head(Content_Length="1") + b"x")
        answer = Answer(ours)
        answer.begin()
        answer.begin()
        assert answer.read() == b"x"


# Dechunker

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
