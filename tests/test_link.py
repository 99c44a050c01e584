"""Reading from a connection until it is closed, from either side and from any thread."""

from __future__ import annotations

import array
import contextlib
import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import BadStatusLine, LineTooLong, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
import urllib3.exceptions

from dockerapi import Closed, ConnectionFailed, StreamInterrupted, TimedOut, TLSConfig
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError, UnexpectedReply
from dockerapi.link import (
    BLOCK,
    Incoming,
    Link,
    TwoWay,
    Wait,
    blocks_of,
    check_data,
    length_of,
    no_answer,
    of_length,
    opened,
    root_cause,
)
from scripted import PATIENCE, ScriptedDaemon

Play = Callable[[socket.socket], None]


def until_hangup(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


class Reader:
    """A file over a socket that tells when somebody is inside it."""

    def __init__(self, sock: socket.socket) -> None:
        self._file = sock.makefile("rb")
        self.entered = threading.Event()

    def read1(self, amount: int, /) -> bytes:
        self.entered.set()
        return self._file.read1(amount)

    def close(self) -> None:
        self._file.close()


class Rig:
    """One connection of a link to a peer that plays, and who gave it back."""

    def __init__(self, url: str, idle: float | None) -> None:
        self.endpoint = Endpoint.parse(url)
        self.link = Link(self.endpoint)
        self.sock = self.link.open(10)
        self.sock.settimeout(idle)
        self.reader = Reader(self.sock)
        self.released: list[str] = []
        self.incoming = TwoWay(self.link, self.sock, self.reader, self._release, idle=idle)

    def _release(self) -> None:
        self.released.append(threading.current_thread().name)
        self.reader.close()
        self.sock.close()


@contextlib.contextmanager
def rig(play: Play, *, idle: float | None = None, tcp: bool = False) -> Iterator[Rig]:
    with ScriptedDaemon(on_connect=play, tcp=tcp) as daemon:
        made = Rig(daemon.url, idle)
        try:
            yield made
        finally:
            made.incoming.close()


def outcome(act: Callable[[], Any]) -> tuple[type, str]:
    with pytest.raises(DockerError) as caught:
        act()
    return type(caught.value), str(caught.value)


class Background(threading.Thread):
    """An act in another thread, whose result or error is asked for at its end."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__(name="background", daemon=True)
        self._act = act
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._act()
        except BaseException as error:
            self._error = error

    def result(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive()
        if self._error is not None:
            raise self._error
        return self._result


# The link


def test_a_closed_link_opens_nothing() -> None:
    link = Link(Endpoint.parse("/nosuch"))
    link.close()
    link.close()
    assert outcome(lambda: link.open(10)) == (Closed, "this client is closed")


def test_a_link_that_is_closed_while_it_connects() -> None:
    """The handshake of TLS takes until the peer answers, which it never does."""
    asked = threading.Event()

    def play(sock: socket.socket) -> None:
        assert sock.recv(1)
        asked.set()
        until_hangup(sock)

    with ScriptedDaemon(on_connect=play, tcp=True) as daemon:
        url = f"https://localhost:{daemon.port}"
        link = Link(Endpoint.parse(url, tls=TLSConfig()))
        opening = Background(lambda: link.open(None))
        assert asked.wait(PATIENCE)
        link.close()
        assert outcome(opening.result) == (Closed, "the client was closed while it connected")


def test_a_link_that_is_closed_while_a_unix_socket_waits_in_line(tmp_path: Path) -> None:
    path = str(tmp_path / "docker.sock")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(path)
        listener.listen(0)
        stack.enter_context(socket.socket(socket.AF_UNIX)).connect(path)
        link = Link(Endpoint.parse(path))
        opening = Background(lambda: link.open(None))
        while not link._sockets:
            opening.join(0.01)
        link.close()
        assert outcome(opening.result) == (Closed, "the client was closed while it connected")


# Reading


def test_what_arrives_is_read_to_its_end_and_given_back_once() -> None:
    with rig(lambda sock: sock.sendall(b"all of it")) as made:
        assert made.incoming.read() == b"all of it"
        assert made.released == []
        assert made.incoming.read() == b""
        assert made.released == ["MainThread"]
        assert made.incoming.read() == b""
        made.incoming.close()
        made.incoming.close()
        assert made.released == ["MainThread"]


def test_a_connection_that_was_given_back_is_not_shut_down() -> None:
    """It may serve another request already."""
    ours, theirs = socket.socketpair()
    with ours, theirs, io.BytesIO(b"x") as reader:
        link = Link(Endpoint.parse("/x"))
        incoming = Incoming(link, ours, reader, lambda: None, idle=None)
        assert (incoming.read(), incoming.read()) == (b"x", b"")
        incoming.close()
        ours.sendall(b"still here")
        assert theirs.recv(100) == b"still here"


def test_reading_what_was_closed() -> None:
    with rig(until_hangup) as made:
        made.incoming.close()
        made.incoming.close()
        assert made.released == ["MainThread"]
        assert outcome(made.incoming.read) == (Closed, "the stream was closed")


def test_closing_wakes_a_blocked_read_which_then_cleans_up() -> None:
    with rig(until_hangup) as made:
        reading = Background(made.incoming.read)
        assert made.reader.entered.wait(PATIENCE)
        made.incoming.close()
        assert outcome(reading.result) == (Closed, "the stream was closed")
        assert len(made.released) == 1


def test_closing_while_a_read_is_on_its_way_out_leaves_nothing_open() -> None:
    class Block(bytes):
        """Looked at twice: whether it is the end, and once more when nobody had closed yet."""

        looks = 0

        def __bool__(self) -> bool:
            Block.looks += 1
            if Block.looks == 2:
                Background(incoming.close).result()
            return True

    class Once:
        def read1(self, amount: int, /) -> bytes:
            return Block(b"x")

    released: list[bool] = []
    with rig(until_hangup) as made:
        incoming = Incoming(made.link, made.sock, Once(), lambda: released.append(True), idle=None)
        assert incoming.read() == b"x"
        assert (Block.looks, released) == (2, [True])


def test_closing_the_link_wakes_a_blocked_read() -> None:
    with rig(until_hangup) as made:
        reading = Background(made.incoming.read)
        assert made.reader.entered.wait(PATIENCE)
        made.link.close()
        assert outcome(reading.result) == (Closed, "the client was closed")
        assert made.released == ["background"]


def test_bytes_that_arrived_before_the_link_was_closed_are_given() -> None:
    with rig(lambda sock: (sock.sendall(b"x"), until_hangup(sock)) and None) as made:
        assert made.sock.recv(1, socket.MSG_PEEK) == b"x"
        made.link.close()
        assert made.incoming.read() == b"x"
        assert outcome(made.incoming.read) == (Closed, "the client was closed")


def test_a_silence_that_is_too_long() -> None:
    with rig(until_hangup, idle=0.05) as made:
        with pytest.raises(TimedOut) as caught:
            made.incoming.read()
        assert (caught.value.kind, caught.value.seconds) == ("idle", 0.05)
        assert str(caught.value) == (
            f"{made.endpoint}: no answer within 0.05 seconds (idle timeout)"
        )
        assert made.released == ["MainThread"]


def reset(sock: socket.socket) -> None:
    sock.recv(1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_connection_that_breaks() -> None:
    with rig(reset, tcp=True) as made:
        made.incoming.write(b"x")
        assert outcome(made.incoming.read) == (
            StreamInterrupted,
            f"{made.endpoint}: the connection was reset. Did the Engine stop, or does it expect "
            "TLS there?",
        )
        assert made.released == ["MainThread"]


def test_a_connection_that_breaks_without_a_word_of_the_system() -> None:
    class Broken:
        def read1(self, amount: int, /) -> bytes:
            raise EOFError("no close frame")

    with rig(until_hangup) as made:
        incoming = Incoming(made.link, made.sock, Broken(), lambda: None, idle=None)
        assert outcome(incoming.read) == (
            StreamInterrupted,
            f"{made.endpoint}: the connection ended in the middle of the stream (no close frame)",
        )


# Writing


def test_what_is_written_arrives() -> None:
    received: list[bytes] = []

    def play(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            received.append(file.read(6))
        sock.sendall(b"thanks")

    with rig(play) as made:
        made.incoming.write(b"abc")
        made.incoming.write(b"def")
        assert made.incoming.read() == b"thanks"
    assert received == [b"abcdef"]


def test_writing_to_what_was_closed() -> None:
    with rig(until_hangup) as made:
        made.incoming.close()
        assert outcome(lambda: made.incoming.write(b"x")) == (Closed, "the stream was closed")
    with rig(until_hangup) as made:
        made.link.close()
        assert outcome(lambda: made.incoming.write(b"x")) == (Closed, "the stream was closed")


def test_closing_wakes_a_blocked_write() -> None:
    started = threading.Event()

    def write() -> None:
        while True:
            made.incoming.write(b"x" * BLOCK)
            started.set()

    stop = threading.Event()
    with rig(lambda sock: stop.wait(PATIENCE) and None) as made:
        writing = Background(write)
        assert started.wait(PATIENCE)
        made.incoming.close()
        assert outcome(writing.result) == (Closed, "the stream was closed")
        stop.set()


def test_writing_to_a_peer_that_has_gone() -> None:
    gone = threading.Event()

    def write() -> None:
        while True:
            made.incoming.write(b"x")

    with rig(lambda sock: gone.wait(PATIENCE) and None) as made:
        gone.set()
        assert outcome(write) == (
            StreamInterrupted,
            f"{made.endpoint}: the connection was reset. Did the Engine stop?",
        )


def test_ending_the_output_is_for_each_kind_of_connection_to_say() -> None:
    with rig(until_hangup) as made, pytest.raises(NotImplementedError):
        made.incoming.close_write()


# What an error means


def wrapped(error: BaseException) -> urllib3.exceptions.ProtocolError:
    """As urllib3 raises it."""
    return urllib3.exceptions.ProtocolError("Connection aborted.", error)


OURS = Closed("ours")
RESET = ConnectionResetError(104, "Connection reset by peer")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (wrapped(OURS), OURS),
        (wrapped(RESET), RESET),
        (RESET, RESET),
        (urllib3.exceptions.MaxRetryError(None, "/", RESET), RESET),  # type: ignore[arg-type]
    ],
    ids=["ours", "the system's", "bare", "as a reason"],
)
def test_the_cause_is_found_below_what_was_wrapped_around_it(
    error: BaseException, cause: BaseException
) -> None:
    assert root_cause(error) is cause


def test_the_cause_is_found_below_what_was_raised_from_it() -> None:
    outer = ValueError("outer")
    outer.__cause__ = RESET
    assert root_cause(outer) is RESET
    assert root_cause(ValueError("alone")).args == ("alone",)


def test_causes_in_a_circle_end() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert root_cause(one) is one


def test_a_timeout_of_urllib3_is_one() -> None:
    error = urllib3.exceptions.ReadTimeoutError(None, "/", "Read timed out.")  # type: ignore[arg-type]
    cause = root_cause(error)
    assert type(cause) is TimeoutError


ENDPOINT = Endpoint.parse("/x")


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (wrapped(OURS), Closed, "ours"),
        (
            wrapped(RemoteDisconnected("Remote end closed connection without response")),
            ConnectionFailed,
            "unix:///x: GET /info: the Engine closed the connection without an answer. Did it "
            "stop, or crash on this request? Its log tells",
        ),
        (
            wrapped(RESET),
            ConnectionFailed,
            "unix:///x: GET /info: the connection was reset. Did the Engine stop?",
        ),
        (
            wrapped(TimeoutError("timed out")),
            TimedOut,
            "unix:///x: GET /info: no answer within 1.5 seconds (read timeout)",
        ),
        (
            wrapped(BadStatusLine("<html>\r\n")),
            UnexpectedReply,
            "unix:///x: GET /info: no HTTP answer: '<html>\\r\\n'",
        ),
        (
            wrapped(LineTooLong("header line")),
            UnexpectedReply,
            "unix:///x: GET /info: no HTTP answer: LineTooLong: got more than 65536 bytes when "
            "reading header line",
        ),
    ],
    ids=["ours", "no answer", "reset", "timeout", "status line", "header"],
)
def test_why_there_was_no_answer(
    error: BaseException, expected: type[DockerError], message: str
) -> None:
    found = no_answer(error, ENDPOINT, "GET /info", Wait(1.5))
    assert (type(found), str(found)) == (expected, message)


# What is sent


@pytest.mark.parametrize(
    ("data", "blocks"),
    [
        (b"", []),
        (b"abc", [b"abc"]),
        (bytearray(b"abc"), [b"abc"]),
        (memoryview(b"abc")[1:], [b"bc"]),
        (memoryview(array.array("H", [1, 2])), [array.array("H", [1, 2]).tobytes()]),
        (b"x" * (BLOCK + 1), [b"x" * BLOCK, b"x"]),
        (io.BytesIO(b"x" * (BLOCK + 1)), [b"x" * BLOCK, b"x"]),
        (io.BytesIO(b""), []),
        ([b"a", b"", bytearray(b"b"), memoryview(b"c")], [b"a", b"b", b"c"]),
        ((block for block in (b"a", b"b")), [b"a", b"b"]),
    ],
    ids=[
        "nothing", "bytes", "bytearray", "memoryview", "numbers", "large", "file", "empty file",
        "list", "generator",
    ],
)  # fmt: skip
def test_the_blocks_of(data: Any, blocks: list[bytes]) -> None:
    check_data(data)
    found = list(blocks_of(data))
    assert found == blocks
    assert {type(block) for block in found} <= {bytes}


@pytest.mark.parametrize(
    "data", [["text"], [b"x", 1], io.StringIO("text")], ids=["texts", "number", "text file"]
)
def test_blocks_that_are_no_bytes(data: Any) -> None:
    with pytest.raises(TypeError, match="^bytes were expected to be sent, not ('text'|1)$"):
        list(blocks_of(data))


@pytest.mark.parametrize(
    "data",
    ["text", io.StringIO("text"), 1, None, object],
    ids=["text", "file", "int", "None", "object"],
)
def test_data_that_can_give_no_bytes(data: Any) -> None:
    with pytest.raises(TypeError) as caught:
        check_data(data)
    assert str(caught.value) == (
        "bytes, a file object opened for reading bytes, or an iterable of bytes was expected, not "
        f"{data!r}"
    )


def test_the_length_of_what_has_none_before_it_is_read(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    (tmp_path / "empty").touch()
    with open(reader, "rb") as pipe, open(tmp_path / "empty", "rb") as empty:
        unknown: list[Any] = [pipe, empty, iter([b"x"]), io.BytesIO(b"x")]
        assert [length_of(data) for data in unknown] == [None] * 4
    with open("/proc/self/status", "rb") as status:  # says that it has 0 bytes
        assert length_of(status) is None


def test_the_length_of_bytes_is_that_in_bytes() -> None:
    data: list[Any] = [b"abc", bytearray(2), memoryview(array.array("i", [1, 2])), b""]
    assert [length_of(item) for item in data] == [3, 2, 8, 0]


@pytest.mark.parametrize("blocks", [[b"abc", b"de"], [b"abcde"], [b"a", b"b", b"c", b"d", b"e"]])
def test_blocks_of_a_length_are_given_as_they_are(blocks: list[bytes]) -> None:
    assert list(of_length(blocks, 5, "it")) == blocks


@pytest.mark.parametrize(
    ("blocks", "given", "words"),
    [
        ([b"abc", b"def"], [], "it grew while it was sent: 5 bytes were announced, and there are "
         "at least 6"),
        ([b"abc", b"de", b"f"], [b"abc"], "it grew while it was sent: 5 bytes were announced, and "
         "there are at least 6"),
        ([b"abc", b"d"], [b"abc"], "it shrank while it was sent: 5 bytes were announced, and 4 "
         "came"),
        ([], [], "it shrank while it was sent: 5 bytes were announced, and 0 came"),
    ],
)  # fmt: skip
def test_blocks_of_another_length_are_never_given_whole(
    blocks: list[bytes], given: list[bytes], words: str
) -> None:
    found = []
    with pytest.raises(OSError) as caught:
        for block in of_length(blocks, 5, "it"):
            found.append(block)
    assert (found, str(caught.value)) == (given, words)


def test_a_path_is_opened_as_long_as_it_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    for source in (str(path), path):
        with opened(source) as data:
            assert list(blocks_of(data)) == [b"abc"]
        assert isinstance(data, io.BufferedReader) and data.closed
    with opened(b"abc") as data:
        assert data == b"abc"
    with pytest.raises(FileNotFoundError), opened(tmp_path / "nosuch"):
        pass
    with pytest.raises(TypeError), opened(1):  # type: ignore[arg-type]
        pass
