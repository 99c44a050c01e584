"""Conversations that leave HTTP: every shape of the reply, both ways, and half-closing."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from dockerapi import (
    ApiError,
    Closed,
    ConnectionFailed,
    ContainerNotFound,
    NotSupported,
    ServerError,
    StreamInterrupted,
    TimedOut,
    TLSConfig,
    UnexpectedReply,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError
from dockerapi.protocol.deadline import Deadline
from dockerapi.transport.connections import SocketRegistry
from dockerapi.transport.exchange import LARGEST_ERROR
from dockerapi.transport.hijack import DuplexStream, upgrade
from dockerapi.transport.pool import Pool
from dockerapi.transport.prepared import Prepared
from scripted import (
    PATIENCE,
    RAW_STREAM,
    UPGRADED,
    Answer,
    Conversation,
    Request,
    ScriptedDaemon,
    chunk,
    chunked,
    head,
    reply,
)

ROUTE = "POST /containers/{id}/attach"
TARGET = "/v1.41/containers/c1/attach?stream=1"
ASKED = f"POST {TARGET}"


def upgraded(
    sockets: SocketRegistry,
    *,
    read: float | None = 10,
    idle: float | None = None,
    data: bytes | None = None,
    protocol: str = "tcp",
    no_half_close: NotSupported | None = None,
) -> DuplexStream:
    request = Prepared(ROUTE, TARGET, {"Host": "localhost", "X-A": "b"}, data)
    return upgrade(
        Pool(sockets),
        request,
        protocol,
        connect=Deadline(10, "connect"),
        read=Deadline(read),
        idle=Deadline(idle, "idle"),
        no_half_close=no_half_close,
    )


@contextlib.contextmanager
def conversation(answer: Answer, **options: Any) -> Iterator[DuplexStream]:
    """A connection to a daemon that answers so."""
    with ScriptedDaemon({ASKED: answer}) as daemon:
        sockets = SocketRegistry(Endpoint.parse(daemon.url))
        with contextlib.closing(upgraded(sockets, **options)) as connection:
            yield connection


def all_of(connection: DuplexStream) -> bytes:
    return b"".join(iter(connection.read, b""))


def error_of(answer: Answer, **options: Any) -> DockerError:
    """What comes of an answer that is no upgrade; nothing is left open."""
    with ScriptedDaemon({ASKED: answer}) as daemon:
        sockets = SocketRegistry(Endpoint.parse(daemon.url))
        with pytest.raises(DockerError) as caught:
            upgraded(sockets, **options)
        caught.value.message = caught.value.message.replace(daemon.url, "URL")
    return caught.value


class Reading(threading.Thread):
    """All that comes on a connection, read in another thread, and how it ended."""

    def __init__(self, connection: DuplexStream) -> None:
        super().__init__(daemon=True)
        self.started = threading.Event()
        self.error: BaseException | None = None
        self.data = b""
        self._connection = connection
        self.start()

    def run(self) -> None:
        self.started.set()
        try:
            self.data = all_of(self._connection)
        except BaseException as error:
            self.error = error

    def end(self) -> None:
        self.join(PATIENCE)
        assert not self.is_alive()


# The request


def test_the_request_asks_for_an_upgrade() -> None:
    with ScriptedDaemon({ASKED: UPGRADED}) as daemon:
        upgraded(SocketRegistry(Endpoint.parse(daemon.url))).close()
        (request,) = daemon.requests
    assert request.head == (
        "POST /v1.41/containers/c1/attach?stream=1 HTTP/1.1\r\nAccept-Encoding: identity\r\n"
        "Host: localhost\r\nX-A: b\r\n"
        "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n"
    )


def test_the_request_has_its_body() -> None:
    with ScriptedDaemon({ASKED: UPGRADED}) as daemon:
        upgraded(SocketRegistry(Endpoint.parse(daemon.url)), data=b'{"Tty":false}').close()
        assert daemon.requests == [Request("POST", TARGET, {"X-A": "b"}, b'{"Tty":false}')]


# The reply


@pytest.mark.parametrize(
    "answer",
    [
        UPGRADED + b"glued",
        RAW_STREAM + b"glued",
        b"HTTP/1.0 200 OK\r\n\r\nglued",
        b"HTTP/1.1 100 Continue\r\n\r\n" + UPGRADED + b"glued",
        reply(200, b"glued"),
        chunked(b"gl", b"ued"),
        lambda c: (c.send(UPGRADED), c.send(b"glu"), c.send(b"ed")) and None,
        lambda c: [c.send(bytes([byte])) for byte in UPGRADED + b"glued"] and None,
    ],
    ids=["101", "200", "1.0", "100 first", "length", "chunked", "later", "single bytes"],
)
def test_the_output_is_what_follows_the_head_of_the_reply(answer: Answer) -> None:
    with conversation(answer) as connection:
        assert all_of(connection) == b"glued"
        assert connection.read() == b""


def test_bytes_that_arrive_are_given_at_once() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED + b"prompt> ")
        assert c.receive(3) == b"ls\n"
        c.send(b"file\n")
        assert c.receive_all() == b""

    with conversation(play) as connection:
        assert connection.read() == b"prompt> "
        connection.write(b"ls\n")
        assert connection.read() == b"file\n"
        connection.close_write()
        assert connection.read() == b""


@pytest.mark.parametrize(
    "answer",
    [
        reply(404, b"No such container: c1\n"),
        head(404) + b"No such container: c1\n",
        chunked(b"No such", b" container: c1\n", status=404),
        reply(404, b'{"message":"No such container: c1"}', Content_Type="application/json"),
    ],
    ids=["length", "no length", "chunked", "JSON"],
)
def test_a_refusal(answer: bytes) -> None:
    error = error_of(answer)
    assert type(error) is ContainerNotFound
    assert (error.route, error.status, error.message) == (ROUTE, 404, "No such container: c1")


def test_a_refusal_without_a_word() -> None:
    error = error_of(reply(500))
    assert type(error) is ServerError
    assert str(error) == "POST /containers/{id}/attach: 500 (no message)"


def test_a_refusal_without_end_is_read_up_to_a_limit() -> None:
    error = error_of(reply(500, b"x" * (LARGEST_ERROR + 10)))
    assert type(error) is ServerError
    assert error.message == "x" * LARGEST_ERROR


def test_a_status_that_means_nothing_here() -> None:
    error = error_of(reply(302, b"", Location="/elsewhere"))
    assert type(error) is ApiError
    assert (error.route, error.status) == (ROUTE, 302)


@pytest.mark.parametrize(
    ("answer", "expected", "message"),
    [
        (
            b"",
            ConnectionFailed,
            f"URL: {ROUTE}: the Engine closed the connection without an answer. Did it stop, or "
            "crash on this request? Its log tells",
        ),
        (b"garbage\r\n", UnexpectedReply, f"URL: {ROUTE}: no HTTP answer: 'garbage\\r\\n'"),
        (
            b"HTTP/1.1 abc OK\r\n\r\n",
            UnexpectedReply,
            f"URL: {ROUTE}: no HTTP answer: 'HTTP/1.1 abc OK\\r\\n'",
        ),
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
            UnexpectedReply,
            f"URL: {ROUTE}: the answer is no HTTP: a line of its head has more than 65,536 bytes",
        ),
        (
            chunked(b"x", status=404).replace(b"\r\n1\r\n", b"\r\nzz\r\n"),
            UnexpectedReply,
            None,
        ),
    ],
    ids=["nothing", "garbage", "status", "header", "chunk"],
)
def test_what_is_no_answer(answer: bytes, expected: type[DockerError], message: str | None) -> None:
    error = error_of(answer)
    assert type(error) is expected
    if message is not None:
        assert error.message == message


def test_an_answer_that_does_not_come_in_time() -> None:
    error = error_of(lambda c: c.wait_for_hangup(), read=0.05)
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("read", 0.05)
    assert error.message == f"URL: {ROUTE}: no answer within 0.05 seconds (read timeout)"


def test_no_connection() -> None:
    with pytest.raises(ConnectionFailed) as caught:
        upgraded(SocketRegistry(Endpoint.parse("/nosuch/docker.sock")))
    assert str(caught.value) == (
        "unix:///nosuch/docker.sock: the socket does not exist. Is the Engine running, and is "
        "this its socket?"
    )


def test_a_stream_may_be_silent_for_longer_than_an_answer() -> None:
    silence = threading.Event()

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        silence.wait(0.6)
        c.send(b"at last")

    with conversation(play, read=0.5) as connection:
        assert all_of(connection) == b"at last"


def test_a_silence_longer_than_the_idle_timeout() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED + b"x")
        c.wait_for_hangup()

    with conversation(play, idle=0.05) as connection:
        assert connection.read() == b"x"
        with pytest.raises(TimedOut) as caught:
            connection.read()
        assert (caught.value.kind, caught.value.seconds) == ("idle", 0.05)


def test_an_answer_with_a_length_that_is_cut() -> None:
    """http.client hands out what came of such a body; the decoder above sees the cut."""
    answer = reply(200, b"x" * 10)[:-4]
    with conversation(answer) as connection:
        assert connection.read() == b"x" * 6


def test_an_answer_in_chunks_that_is_cut() -> None:
    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(b"whole") + b"8\r\nha")

    with conversation(play) as connection:
        assert connection.read() == b"wholeha"
        with pytest.raises(StreamInterrupted):
            all_of(connection)


# Both ways, plain and over TLS


@pytest.fixture(params=["unix", "tls"])
def sockets_to(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Answer], Any]:
    @contextlib.contextmanager
    def made(answer: Answer) -> Iterator[SocketRegistry]:
        if request.param == "unix":
            with ScriptedDaemon({ASKED: answer}) as daemon:
                yield SocketRegistry(Endpoint.parse(daemon.url))
            return
        authority = Authority(tmp_path / "certificates")
        with ScriptedDaemon({ASKED: answer}, tls=authority.daemon()) as daemon:
            yield SocketRegistry(Endpoint.parse(daemon.url, tls=TLSConfig(authority.ca)))

    return made


def echo(c: Conversation) -> None:
    """Sends back what came, but only when the client has said that this is all."""
    c.send(UPGRADED + b"ready")
    c.send(c.receive_all())


def test_after_a_half_close_the_output_goes_on(sockets_to: Callable[[Answer], Any]) -> None:
    sent = bytes(range(256)) * 4096
    with sockets_to(echo) as sockets, contextlib.closing(upgraded(sockets)) as connection:
        assert connection.read() == b"ready"
        connection.write(sent)
        connection.close_write()
        assert all_of(connection) == sent


def test_a_half_close_under_a_blocked_read(sockets_to: Callable[[Answer], Any]) -> None:
    with sockets_to(echo) as sockets, contextlib.closing(upgraded(sockets)) as connection:
        assert connection.read() == b"ready"
        reading = Reading(connection)
        assert reading.started.wait(PATIENCE)
        connection.write(b"input")
        connection.close_write()
        reading.end()
        assert (reading.data, reading.error) == (b"input", None)


def test_a_half_close_again_and_after_the_end(sockets_to: Callable[[Answer], Any]) -> None:
    with sockets_to(echo) as sockets:
        connection = upgraded(sockets)
        assert connection.read() == b"ready"
        connection.close_write()
        connection.close_write()
        assert all_of(connection) == b""
        connection.close()
        connection.close_write()


def test_large_data_both_ways_at_once(sockets_to: Callable[[Answer], Any]) -> None:
    size = 4 * 1024 * 1024

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        while data := c.sock.recv(65536):
            c.send(data)

    sent = bytes(range(256)) * (size // 256)
    with sockets_to(play) as sockets, contextlib.closing(upgraded(sockets)) as connection:
        reading = Reading(connection)
        for start in range(0, size, 65536):
            connection.write(sent[start : start + 65536])
        connection.close_write()
        reading.end()
        assert reading.error is None
        assert reading.data == sent


def test_closing_wakes_a_blocked_read(sockets_to: Callable[[Answer], Any]) -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED + b"x")
        c.wait_for_hangup()

    for close in (
        lambda sockets, connection: connection.close(),
        lambda sockets, _: sockets.close(),
    ):
        with sockets_to(play) as sockets, contextlib.closing(upgraded(sockets)) as connection:
            assert connection.read() == b"x"
            reading = Reading(connection)
            assert reading.started.wait(PATIENCE)
            close(sockets, connection)
            reading.end()
            assert type(reading.error) is Closed


def test_closing_the_client_while_the_answer_is_awaited(
    sockets_to: Callable[[Answer], Any],
) -> None:
    arrived = threading.Event()

    def play(c: Conversation) -> None:
        arrived.set()
        c.wait_for_hangup()

    with sockets_to(play) as sockets:
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                upgraded(sockets).close()
            except BaseException as error:
                errors.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        assert arrived.wait(PATIENCE)
        sockets.close()
        asking.join(PATIENCE)
        assert [(type(error), str(error)) for error in errors] == [
            (Closed, "the client was closed during this call")
        ]


def test_a_peer_that_hangs_up_is_the_end_of_the_output(sockets_to: Callable[[Answer], Any]) -> None:
    with sockets_to(UPGRADED + b"last words") as sockets:
        with contextlib.closing(upgraded(sockets)) as connection:
            assert all_of(connection) == b"last words"


# Writing to what is not there any more


def test_writing_after_closing() -> None:
    with conversation(echo) as connection:
        connection.close()
        with pytest.raises(Closed, match="^the stream was closed$"):
            connection.write(b"x")
        with pytest.raises(Closed, match="^the stream was closed$"):
            connection.read()


def test_after_the_end_of_the_output_nothing_more_is_taken() -> None:
    with ScriptedDaemon({ASKED: UPGRADED}) as daemon:
        with contextlib.closing(upgraded(SocketRegistry(Endpoint.parse(daemon.url)))) as connection:
            assert connection.read() == b""
            connection.close_write()
            with pytest.raises(StreamInterrupted) as caught:
                connection.write(b"x")
            assert str(caught.value) == f"{daemon.url}: the other side has ended the stream"


def test_writing_to_a_peer_that_has_hung_up() -> None:
    with ScriptedDaemon({ASKED: lambda c: c.send(UPGRADED + b"bye")}) as daemon:
        connection = upgraded(SocketRegistry(Endpoint.parse(daemon.url)))
        assert connection.read() == b"bye"
        with contextlib.closing(connection), pytest.raises(StreamInterrupted) as caught:
            while True:
                connection.write(b"x" * 65536)
        assert str(caught.value) == (
            f"{daemon.url}: the connection was reset. Did the Engine stop?"
        )


def test_a_half_close_towards_a_peer_that_has_hung_up() -> None:
    """It has nothing more to hear; reading tells how it ended."""

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.sock.shutdown(socket.SHUT_RDWR)

    with conversation(play) as connection:
        connection.close_write()
        assert connection.read() == b""


def test_a_half_close_of_a_connection_that_is_broken() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.receive(1)
        c.reset()

    with ScriptedDaemon({ASKED: play}, tcp=True) as daemon:
        with contextlib.closing(upgraded(SocketRegistry(Endpoint.parse(daemon.url)))) as connection:
            with pytest.raises(StreamInterrupted):
                while True:
                    connection.write(b"x")
            with pytest.raises(StreamInterrupted) as caught:
                connection.close_write()
            assert str(caught.value).startswith(f"{daemon.url}: ")


def test_a_half_close_that_the_engine_cannot_take_is_refused() -> None:
    why = NotSupported("ending the input needs Engine 0.5.0", what="close_stdin")
    with conversation(UPGRADED, no_half_close=why) as connection:
        with pytest.raises(NotSupported) as caught:
            connection.close_write()
        assert caught.value is why
