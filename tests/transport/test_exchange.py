"""One request and its answer on a real socket: what is read, kept, given back, and sent again."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockerapi import (
    ApiError,
    BadRequest,
    Closed,
    ConnectionFailed,
    DockerError,
    ServerError,
    UnexpectedReply,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.protocol.deadline import Deadline
from dockerapi.protocol.heads import CutAnswer
from dockerapi.transport.connections import SocketRegistry
from dockerapi.transport.exchange import LARGEST_ERROR, Exchange
from dockerapi.transport.negotiation import Negotiated
from dockerapi.transport.pool import Pool
from dockerapi.transport.prepared import Prepared
from dockerapi.versions.releases import ApiVersion, Release
from scripted import LAST_CHUNK, PATIENCE, UPGRADED, ScriptedDaemon, chunk, chunked, head, reply

SOON = Deadline(PATIENCE)
INFO = Prepared("GET /info", "/v1.41/info", {"Host": "localhost"})
KILL = Prepared("POST /containers/{id}/kill", "/v1.41/containers/c/kill", {})
CHUNKS = head(Transfer_Encoding="chunked")


class Peer:
    """What answers one request after the other, each connection from the list of its own.

    After the last answer for a connection it hangs up, or waits for that if `stays`.
    """

    def __init__(self, *connections: list[bytes], stays: bool = False) -> None:
        self.heads: list[list[bytes]] = []
        self._connections = list(connections)
        self._stays = stays

    def play(self, sock: socket.socket) -> None:
        heads: list[bytes] = []
        self.heads.append(heads)
        answers = self._connections.pop(0)
        with sock.makefile("rb") as reader:
            for answer in answers:
                lines = []
                while (line := reader.readline()) not in (b"\r\n", b""):
                    lines.append(line)
                heads.append(b"".join(lines))
                sock.sendall(answer)
            while self._stays and reader.read(65536):
                pass


@contextlib.contextmanager
def pool_to(*connections: list[bytes], stays: bool = False) -> Iterator[tuple[Peer, Pool]]:
    peer = Peer(*connections, stays=stays)
    with ScriptedDaemon(on_connect=peer.play) as daemon:
        pool = Pool(SocketRegistry(Endpoint.parse(daemon.url)))
        try:
            yield peer, pool
        finally:
            pool.sockets.close()
            pool.drain()


def begun(pool: Pool, request: Prepared = INFO, **options: Any) -> Exchange:
    exchange = Exchange(pool, request, SOON, SOON, **options)
    exchange.begin()
    return exchange


def received(data: bytes, request: Prepared = INFO) -> tuple[int, bytes]:
    """The status and the body of an answer after which the peer hangs up."""
    with pool_to([data]) as (_, pool):
        exchange = begun(pool, request)
        return exchange.status, exchange.read_all()


def error_of(act: Callable[[], Any]) -> DockerError:
    with pytest.raises(DockerError) as caught:
        act()
    return caught.value


# Reading


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
        (head(100) + head(103, Link="x") + head(Content_Length="1") + b"x", 200, b"x"),
        (head(204, Transfer_Encoding="chunked"), 204, b""),
        (head(304, Content_Length="5"), 304, b""),
        (b"HTTP/1.0 200\nA: b\n c\nContent-Length:1\n\nx", 200, b"x"),
    ],
)
def test_an_answer_is_read(data: bytes, status: int, body: bytes) -> None:
    assert received(data) == (status, body)


def test_an_answer_to_head_has_no_body() -> None:
    request = Prepared("HEAD /containers/{id}/archive", "/v1.41/containers/c/archive", {})
    assert received(head(Content_Length="5"), request) == (200, b"")


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
        error = error_of(lambda: received(data[:size]))  # noqa: B023 -- called at once
        assert isinstance(error, (ConnectionFailed, UnexpectedReply))


def test_a_length_that_is_announced_allocates_nothing() -> None:
    for start in (head(Content_Length="9" * 18), CHUNKS + b"f" * 15 + b"\r\n"):
        error = error_of(lambda: received(start + b"x" * 1000))  # noqa: B023
        assert type(error) is ConnectionFailed


def test_an_answer_that_is_too_large_is_none() -> None:
    with pool_to([chunked(b"0123456789", b"x")], stays=True) as (_, pool):
        exchange = begun(pool)
        error = error_of(lambda: exchange.read_all(10))
    assert type(error) is UnexpectedReply
    assert error.message.endswith(": GET /info: an answer of 10 bytes or more")


def test_what_comes_is_given_at_once_and_a_cut_is_raised_after_it() -> None:
    with pool_to([CHUNKS + chunk(b"hello")]) as (_, pool):
        exchange = begun(pool)
        assert exchange.read1() == b"hello"
        for _ in range(2):
            with pytest.raises(CutAnswer):
                exchange.read1()
        exchange.close()


# The connection


def test_a_connection_serves_one_exchange_after_the_other() -> None:
    answers = [reply(200, b"one"), chunked(b"two"), reply(204), reply(404, b"no"), reply(200)]
    with pool_to(answers, stays=True) as (peer, pool):
        first = begun(pool)
        assert first.read_all() == b"one"
        second = begun(pool)
        assert second.read_all() == b"two"
        assert second.made_at == first.made_at
        assert begun(pool, KILL).read_all() == b""
        assert type(error_of(lambda: begun(pool))).__name__ == "NotFound"
        assert begun(pool).read_all() == b""
        assert [len(heads) for heads in peer.heads] == [5]


def test_with_the_last_byte_of_a_body_its_connection_can_serve_again() -> None:
    with pool_to([chunked(b"one"), reply(200, b"two")], stays=True) as (peer, pool):
        first = begun(pool)
        assert first.read1() == b"one"
        assert begun(pool).read_all() == b"two"
        first.shut_down()  # it is another one's by now
        first.close()
        assert (first.read1(), len(peer.heads)) == (b"", 1)


@pytest.mark.parametrize(
    "answer",
    [
        head(Content_Length="5") + b"hello" + reply(200, b"of nobody"),
        head(Content_Length="0") + reply(200, b"of nobody"),
        chunked(b"hello") + reply(200, b"of nobody"),
        reply(200, b"hello", Connection="close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
    ids=["more than its length", "more than nothing", "more than its chunks", "close", "HTTP/1.0"],
)
def test_a_connection_that_cannot_serve_again_is_closed(answer: bytes) -> None:
    with pool_to([answer], [reply(200, b"two")], stays=True) as (peer, pool):
        assert begun(pool).read_all() in (b"hello", b"")
        assert begun(pool).read_all() == b"two"
        assert [len(heads) for heads in peer.heads] == [1, 1]


def test_bytes_that_came_meanwhile_are_no_answer_to_the_next_request() -> None:
    """As from a proxy that says 408 to an idle connection."""
    late = reply(408, b"too slow")
    with pool_to([reply(200, b"one")], [reply(200, b"two")], stays=True) as (peer, pool):
        first = begun(pool)
        sock = first._owned[0].sock
        assert first.read_all() == b"one"
        pair = socket.socketpair()
        with pair[0], pair[1]:
            pool._idle[0].sock, kept = pair[0], sock
            pair[1].sendall(late)
            assert begun(pool).read_all() == b"two"
            assert pair[0].fileno() == -1
            kept.close()


def test_whoever_ends_it_has_it_and_it_is_not_given_back() -> None:
    with pool_to([chunked(b"one")], stays=True) as (_, pool):
        exchange = begun(pool)
        connection = exchange._owned[0]
        exchange.shut_down()
        assert exchange.read1() == b"one"  # it had arrived
        assert len(pool._idle) == 0
        exchange.close()
        exchange.close()
        assert connection.sock.fileno() == -1


def test_an_exchange_that_nobody_holds_any_more_closes_its_connection() -> None:
    with pool_to([CHUNKS + chunk(b"one")], stays=True) as (_, pool):
        number = begun(pool)._owned[0].sock.fileno()
        with pytest.raises(OSError):
            socket.socket(fileno=number)


# Sent again


def test_a_get_on_a_kept_connection_that_had_gone_stale_is_sent_once_more() -> None:
    good = reply(200, b"good")
    with pool_to([good, b""], [good]) as (peer, pool):
        assert begun(pool).read_all() == b"good"
        assert begun(pool).read_all() == b"good"
        assert [len(heads) for heads in peer.heads] == [2, 1]


@pytest.mark.parametrize("answer", [b"H", b"HTTP/1.1 200 OK\r\nA: b"])
def test_a_get_whose_answer_had_begun_is_not_sent_again(answer: bytes) -> None:
    with pool_to([reply(200, b"good"), answer], [reply(200)]) as (peer, pool):
        assert begun(pool).read_all() == b"good"
        assert type(error_of(lambda: begun(pool))) is ConnectionFailed
        assert [len(heads) for heads in peer.heads] == [2]


def test_a_post_is_never_sent_again() -> None:
    with pool_to([reply(204), b""], [reply(204)]) as (peer, pool):
        begun(pool, KILL).read_all()
        assert type(error_of(lambda: begun(pool, KILL))) is ConnectionFailed
        assert [len(heads) for heads in peer.heads] == [2]


# What is no success


def test_a_refusal_has_its_words_and_closes_what_has_no_end() -> None:
    endless = [CHUNKS.replace(b"200 OK", b"400 No") + chunk(b"x" * LARGEST_ERROR * 2)]
    with pool_to(endless, stays=True) as (_, pool):
        error = error_of(lambda: begun(pool))
        assert (type(error), error.message) == (BadRequest, "x" * LARGEST_ERROR)
        assert len(pool._idle) == 0


def test_a_success_that_an_old_release_takes_for_an_error_is_one() -> None:
    request = Prepared("POST /containers/{id}/resize", "/v1.2/containers/c/resize", {})
    old = Negotiated(ApiVersion(1, 2), ApiVersion(1, 2), Release(0, 4, 4))
    for spoken, status in ((None, None), (old, 500)):
        with pool_to([reply(500, b"errno 0\n")]) as (_, pool):
            if status is None:
                assert type(error_of(lambda: begun(pool, request))) is ServerError
            else:
                found = begun(pool, request, spoken=spoken)
                assert (found.status, found.read_all()) == (500, b"")


def test_an_answer_of_101_that_nobody_asked_for_is_no_success_and_ends_the_connection() -> None:
    with pool_to([UPGRADED], stays=True) as (_, pool):
        error = error_of(lambda: begun(pool))
        assert (type(error), len(pool._idle)) == (ApiError, 0)


# Another protocol


@pytest.mark.parametrize("protocol", ["tcp", "h2c"])
def test_the_protocol_that_is_asked_for_is_named(protocol: str) -> None:
    with pool_to([reply(200, b"kept")], [UPGRADED + b"raw"], stays=True) as (peer, pool):
        assert begun(pool).read_all() == b"kept"
        exchange = begun(pool, KILL, upgrade=protocol)
        assert exchange.read1() == b"raw"
        exchange.close()
        assert peer.heads[1] == [
            b"POST /v1.41/containers/c/kill HTTP/1.1\r\nAccept-Encoding: identity\r\n"
            + f"Connection: Upgrade\r\nUpgrade: {protocol}\r\nContent-Length: 0\r\n".encode()
        ]


def test_what_was_upgraded_serves_no_other_request_even_if_it_has_an_end() -> None:
    with pool_to([reply(200, b"raw")], stays=True) as (_, pool):
        exchange = begun(pool, KILL, upgrade="tcp")
        assert (exchange.read1(), exchange.read1()) == (b"raw", b"")
        assert len(pool._idle) == 0
        exchange.close()


# Closing


def test_closing_the_client_during_an_exchange_says_so() -> None:
    with pool_to([CHUNKS + chunk(b"one")], stays=True) as (_, pool):
        exchange = begun(pool)
        assert exchange.read1() == b"one"
        pool.sockets.close()
        error = error_of(exchange.read_all)
        assert (type(error), str(error)) == (Closed, "the client was closed during this call")
