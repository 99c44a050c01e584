"""Reading from a connection until it is closed, from either side and from any thread."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from background import Background
from dockerapi import Closed, StreamInterrupted, TimedOut
from dockerapi.archive.source import BLOCK
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError
from dockerapi.protocol.deadline import Deadline
from dockerapi.transport.connections import SocketRegistry, shut_down
from dockerapi.transport.hijack import DuplexStream
from dockerapi.transport.reading import ReadStream
from scripted import PATIENCE, ScriptedDaemon

Play = Callable[[socket.socket], None]


def until_hangup(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


class Wire:
    """The bytes of a socket, as a source that tells when somebody is inside it."""

    route = "POST /containers/{id}/attach"

    def __init__(self, sock: socket.socket, idle: float | None) -> None:
        self.sock = sock
        self.deadline = Deadline(idle, "idle")
        self.entered = threading.Event()
        self.closed_by: list[str] = []
        sock.settimeout(idle)

    def read1(self) -> bytes:
        self.entered.set()
        return self.sock.recv(65536)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def end(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def shut_down(self) -> None:
        shut_down(self.sock)

    def close(self) -> None:
        if self.sock.fileno() != -1:
            self.closed_by.append(threading.current_thread().name)
        self.sock.close()


class Rig:
    """One stream from a peer that plays."""

    def __init__(self, url: str, idle: float | None) -> None:
        self.endpoint = Endpoint.parse(url)
        self.sockets = SocketRegistry(self.endpoint)
        self.wire = Wire(self.sockets.open(Deadline(10, "connect")), idle)
        self.stream = DuplexStream(self.sockets, self.wire)


@contextlib.contextmanager
def rig(play: Play, *, idle: float | None = None, tcp: bool = False) -> Iterator[Rig]:
    with ScriptedDaemon(on_connect=play, tcp=tcp) as daemon:
        made = Rig(daemon.url, idle)
        try:
            yield made
        finally:
            made.stream.close()


def outcome(act: Callable[[], Any]) -> tuple[type, str]:
    with pytest.raises(DockerError) as caught:
        act()
    return type(caught.value), str(caught.value)


# Reading


def test_what_arrives_is_read_to_its_end_and_given_back_once() -> None:
    with rig(lambda sock: sock.sendall(b"all of it")) as made:
        assert made.stream.read() == b"all of it"
        assert made.wire.closed_by == []
        assert made.stream.read() == b""
        assert made.wire.closed_by == ["MainThread"]
        assert made.stream.read() == b""
        made.stream.close()
        made.stream.close()
        assert made.wire.closed_by == ["MainThread"]


def test_reading_what_was_closed() -> None:
    with rig(until_hangup) as made:
        made.stream.close()
        made.stream.close()
        assert made.wire.closed_by == ["MainThread"]
        assert outcome(made.stream.read) == (Closed, "the stream was closed")


def test_closing_wakes_a_blocked_read_which_then_cleans_up() -> None:
    with rig(until_hangup) as made:
        reading = Background(made.stream.read)
        assert made.wire.entered.wait(PATIENCE)
        made.stream.close()
        assert outcome(reading.result) == (Closed, "the stream was closed")
        assert len(made.wire.closed_by) == 1


def test_closing_while_a_read_is_on_its_way_out_leaves_nothing_open() -> None:
    """Who closes finds somebody inside, who then has to close the descriptor."""

    class Once(Wire):
        def read1(self) -> bytes:
            Background(stream.close).result()
            return b"x"

    with rig(until_hangup) as made:
        wire = Once(made.sockets.open(Deadline(10)), None)
        stream = ReadStream(made.sockets, wire)
        assert outcome(stream.read) == (Closed, "the stream was closed")
        assert wire.closed_by == ["MainThread"]


def test_closing_the_link_wakes_a_blocked_read() -> None:
    with rig(until_hangup) as made:
        reading = Background(made.stream.read)
        assert made.wire.entered.wait(PATIENCE)
        made.sockets.close()
        assert outcome(reading.result) == (Closed, "the client was closed")
        assert made.wire.closed_by == ["background"]


def test_bytes_that_arrived_before_the_link_was_closed_are_given() -> None:
    with rig(lambda sock: (sock.sendall(b"x"), until_hangup(sock)) and None) as made:
        assert made.wire.sock.recv(1, socket.MSG_PEEK) == b"x"
        made.sockets.close()
        assert made.stream.read() == b"x"
        assert outcome(made.stream.read) == (Closed, "the client was closed")


def test_a_silence_that_is_too_long() -> None:
    with rig(until_hangup, idle=0.05) as made:
        with pytest.raises(TimedOut) as caught:
            made.stream.read()
        assert (caught.value.kind, caught.value.seconds) == ("idle", 0.05)
        assert str(caught.value) == (
            f"{made.endpoint}: no answer within 0.05 seconds (idle timeout)"
        )
        assert made.wire.closed_by == ["MainThread"]


def reset(sock: socket.socket) -> None:
    sock.recv(1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_connection_that_breaks() -> None:
    with rig(reset, tcp=True) as made:
        made.stream.write(b"x")
        assert outcome(made.stream.read) == (
            StreamInterrupted,
            f"{made.endpoint}: the connection was reset. Did the Engine stop, or does it expect "
            "TLS there?",
        )
        assert made.wire.closed_by == ["MainThread"]


def test_what_broke_is_raised_again_and_never_looks_like_an_end() -> None:
    class Broken(Wire):
        def read1(self) -> bytes:
            raise EOFError("no close frame")

    with rig(until_hangup) as made:
        wire = Broken(made.sockets.open(Deadline(10)), None)
        stream = ReadStream(made.sockets, wire)
        for _ in range(2):
            assert outcome(stream.read) == (
                StreamInterrupted,
                f"{made.endpoint}: the connection ended in the middle of the stream (no close "
                "frame)",
            )
        assert wire.closed_by == ["MainThread"]


# Dropped


def test_a_stream_that_is_dropped_goes_at_once_and_is_named() -> None:
    with rig(until_hangup) as made:
        wire = Wire(made.sockets.open(Deadline(10)), None)
        stream = ReadStream(made.sockets, wire)
        gc.disable()
        try:
            with pytest.warns(ResourceWarning) as said:
                del stream
        finally:
            gc.enable()
        assert [str(warning.message) for warning in said] == [
            f"a stream was never closed: POST /containers/{{id}}/attach of {made.endpoint}"
        ]
        assert wire.closed_by == ["MainThread"]


@pytest.mark.parametrize("how", ["closed", "read to its end", "broken"])
def test_a_stream_that_is_over_is_dropped_without_a_word(how: str) -> None:
    with rig(lambda sock: None, idle=PATIENCE) as made:
        wire = Wire(made.sockets.open(Deadline(10)), None)
        stream = ReadStream(made.sockets, wire)
        if how == "closed":
            stream.close()
        elif how == "broken":
            wire.sock.close()
            with pytest.raises(StreamInterrupted):
                stream.read()
        else:
            assert stream.read() == b""
        with warnings.catch_warnings(record=True) as recorded:
            warnings.simplefilter("always")
            del stream
        assert recorded == []


# Writing


def test_what_is_written_arrives() -> None:
    received: list[bytes] = []

    def play(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            received.append(file.read(6))
        sock.sendall(b"thanks")

    with rig(play) as made:
        made.stream.write(b"abc")
        made.stream.write(b"def")
        assert made.stream.read() == b"thanks"
    assert received == [b"abcdef"]


def test_writing_to_what_was_closed() -> None:
    with rig(until_hangup) as made:
        made.stream.close()
        assert outcome(lambda: made.stream.write(b"x")) == (Closed, "the stream was closed")
    with rig(until_hangup) as made:
        made.sockets.close()
        assert outcome(lambda: made.stream.write(b"x")) == (Closed, "the stream was closed")


def test_closing_wakes_a_blocked_write() -> None:
    started = threading.Event()

    def write() -> None:
        while True:
            made.stream.write(b"x" * BLOCK)
            started.set()

    stop = threading.Event()
    with rig(lambda sock: stop.wait(PATIENCE) and None) as made:
        writing = Background(write)
        assert started.wait(PATIENCE)
        made.stream.close()
        assert outcome(writing.result) == (Closed, "the stream was closed")
        stop.set()


def test_writing_to_a_peer_that_has_gone() -> None:
    gone = threading.Event()

    def write() -> None:
        while True:
            made.stream.write(b"x")

    with rig(lambda sock: gone.wait(PATIENCE) and None) as made:
        gone.set()
        assert outcome(write) == (
            StreamInterrupted,
            f"{made.endpoint}: the connection was reset. Did the Engine stop?",
        )


# In the handler of a signal, and in what else interrupts a thread


class Interrupted(Wire):
    """A source in the middle of whose calls something else is called, in the same thread."""

    def __init__(self, sock: socket.socket, act: Callable[[], Any]) -> None:
        super().__init__(sock, PATIENCE)
        self._act = act
        self.sent: list[bytes] = []

    def read1(self) -> bytes:
        self._act()
        return super().read1()

    def send(self, data: bytes) -> None:
        self.sent.append(data[:1])
        act, self._act = self._act, lambda: None
        act()
        self.sent.append(data[1:])


@contextlib.contextmanager
def interrupted(act: Callable[[DuplexStream], Any]) -> Iterator[tuple[DuplexStream, Interrupted]]:
    def play(sock: socket.socket) -> None:
        sock.sendall(b"output")
        until_hangup(sock)

    with ScriptedDaemon(on_connect=play) as daemon:
        sockets = SocketRegistry(Endpoint.parse(daemon.url))
        wire = Interrupted(sockets.open(Deadline(10)), lambda: act(stream))
        stream = DuplexStream(sockets, wire)
        try:
            yield stream, wire
        finally:
            stream.close()


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(RuntimeError) as caught:
        act()
    return str(caught.value)


def test_in_a_read_one_may_write_and_end_the_input_and_not_read() -> None:
    found: list[Any] = []

    def act(stream: DuplexStream) -> None:
        stream.write(b"ab")
        stream.close_write()
        found.append(refused(stream.read))

    with interrupted(act) as (stream, wire):
        wire._act = lambda: None
        stream.write(b"xy")
        wire._act = lambda: act(stream)
        wire.send = lambda data: wire.sent.append(data)  # type: ignore[method-assign]
        assert stream.read() == b"output"
        assert wire.sent == [b"x", b"y", b"ab"]
    assert found == ["read: a read of this stream is under way in this thread"]


def test_in_a_read_one_may_close_and_the_read_ends_with_closed() -> None:
    with interrupted(lambda stream: stream.close()) as (stream, wire):
        assert outcome(stream.read) == (Closed, "the stream was closed")
        assert wire.closed_by == ["MainThread"]


def test_in_a_write_one_may_read_and_not_write() -> None:
    found: list[Any] = []

    def act(stream: DuplexStream) -> None:
        found.append(refused(lambda: stream.write(b"ab")))
        found.append(refused(stream.close_write))
        found.append(stream.read())

    with interrupted(act) as (stream, wire):
        stream.write(b"xy")
        assert wire.sent == [b"x", b"y"]
    assert found == [
        "write: a write to this stream is under way in this thread",
        "close_stdin: a write to this stream is under way in this thread",
        b"output",
    ]


def test_in_a_write_one_may_close() -> None:
    with interrupted(lambda stream: stream.close()) as (stream, wire):
        stream.write(b"xy")
        assert wire.closed_by == ["MainThread"]
        assert outcome(stream.read) == (Closed, "the stream was closed")


def test_what_is_raised_in_a_write_ends_the_stream_since_half_of_it_may_be_out() -> None:
    def act(stream: DuplexStream) -> None:
        raise KeyboardInterrupt

    with interrupted(act) as (stream, wire):
        with pytest.raises(KeyboardInterrupt):
            stream.write(b"xy")
        assert wire.closed_by == ["MainThread"]
        words = "writing was interrupted by KeyboardInterrupt"
        assert outcome(stream.read) == (StreamInterrupted, words)
        assert outcome(lambda: stream.write(b"z")) == (
            StreamInterrupted,
            f"{stream._sockets.endpoint}: the other side has ended the stream",
        )
