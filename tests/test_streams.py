"""What callers hold while bytes arrive: how it is read, closed, broken and written to."""

from __future__ import annotations

import contextlib
import copy
import gc
import gzip
import io
import os
import pickle
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

from archived import END, file
from background import Background
from dockerapi import (
    Archive,
    Attachment,
    ByteStream,
    Closed,
    Frame,
    FrameStream,
    Line,
    NotAFrame,
    OperationFailed,
    Output,
    StreamError,
    StreamInterrupted,
    TimedOut,
    Timeouts,
    Truncated,
    UnexpectedReply,
    ValueStream,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError, NotSupported
from dockerapi.models.containers import PathStat
from dockerapi.protocol.wire import Demuxer, RawDecoder, Reports
from dockerapi.transport import Transport
from dockerapi.transport.reading import Body
from interruptions import interrupted_by, interruptible
from scripted import (
    LAST_CHUNK,
    PATIENCE,
    UPGRADED,
    Answer,
    Conversation,
    ScriptedDaemon,
    chunk,
    chunked,
    frame,
    head,
)

ATTACH = "POST /v1.41/containers/c1/attach"
INTERRUPTED = "{}: the connection ended in the middle of the stream"


class Rig:
    """A daemon that gives one answer, and the transport that asks for it."""

    def __init__(self, daemon: ScriptedDaemon, idle: float | None) -> None:
        self.daemon = daemon
        endpoint = Endpoint.parse(daemon.url)
        self.transport = Transport(endpoint, timeouts=Timeouts(connect=10, read=10, idle=idle))

    def body(self) -> Body:
        return self.transport.stream("GET /events")

    def frames(self) -> FrameStream:
        return FrameStream(self.body(), Demuxer())

    def attachment(self, no_half_close: NotSupported | None = None) -> Attachment:
        route = "POST /containers/{id}/attach"
        return Attachment(
            self.transport.hijack(route, "c1", no_half_close=no_half_close), Demuxer()
        )


@contextlib.contextmanager
def rig(answer: Answer, *, idle: float | None = None) -> Iterator[Rig]:
    with ScriptedDaemon({"GET /v1.41/events": answer, ATTACH: answer}) as daemon:
        made = Rig(daemon, idle)
        try:
            yield made
        finally:
            made.transport.close()


def then_silence(*pieces: bytes) -> Answer:
    """An answer that goes on until the client hangs up."""

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + b"".join(map(chunk, pieces)))
        c.wait_for_hangup()

    return play


def then_cut(*pieces: bytes) -> Answer:
    """An answer without its last chunk."""
    return head(200, Transfer_Encoding="chunked") + b"".join(map(chunk, pieces))


def until_error(values: Iterator[Any]) -> tuple[list[Any], DockerError]:
    """All the values before an error, and the error."""
    got: list[Any] = []
    with pytest.raises(DockerError) as caught:
        for value in values:
            got.append(value)
    return got, caught.value


# Frames

OUT, ERR, MORE = Frame("stdout", b"out\n"), Frame("stderr", b"err\n"), Frame("stdout", b"more")
THREE = [frame(*OUT), frame(*ERR), frame(*MORE)]


def test_frames_are_iterated_and_then_there_are_no_more() -> None:
    with rig(chunked(*THREE)) as made, made.frames() as stream:
        assert list(stream) == [OUT, ERR, MORE]
        assert list(stream) == []
        assert next(stream, None) is None


def test_iterating_may_stop_and_go_on() -> None:
    with rig(chunked(b"".join(THREE))) as made, made.frames() as stream:
        for value in stream:
            assert value == OUT
            break
        assert next(stream) == ERR
        assert list(stream) == [MORE]


def test_the_output_is_read_as_a_whole() -> None:
    with rig(chunked(*THREE, frame("stdin", b"!"))) as made, made.frames() as stream:
        output = stream.read()
        assert output == Output(b"out\nmore!", b"err\n")
        assert output.combined == b"out\nerr\nmore!"
        assert stream.read() == Output()


def test_output_is_pickled_copied_and_changed_like_any_value() -> None:
    with rig(chunked(*THREE)) as made, made.frames() as stream:
        output = stream.read()
    for same in (pickle.loads(pickle.dumps(output)), copy.copy(output), attrs.evolve(output)):
        assert (same, same.combined) == (output, b"out\nerr\nmore")
    assert attrs.evolve(output, combined=b"x").combined == b"x"
    assert hash(output) == hash(Output(output.stdout, output.stderr))


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_output_of_one_stream_is_combined_as_it_is(stream: str) -> None:
    with rig(chunked(frame(stream, b"a"), frame(stream, b"b"))) as made, made.frames() as frames:
        output = frames.read()
        assert output == Output(**{stream: b"ab"})
        assert output.combined == b"ab"


def test_what_was_iterated_is_not_read_again() -> None:
    with rig(chunked(*THREE)) as made, made.frames() as stream:
        assert next(stream) == OUT
        assert stream.read() == Output(b"more", b"err\n")


def test_lines_are_of_each_stream() -> None:
    pieces = [
        frame("stdout", "caf\u00e9".encode()[:-1]),
        frame("stderr", b"one\ntwo"),
        frame("stdout", "\u00e9\r\nlast".encode()[1:]),
    ]
    with rig(chunked(*pieces)) as made, made.frames() as stream:
        assert list(stream.lines()) == [
            Line("stderr", "one"),
            Line("stdout", "caf\u00e9\r"),
            Line("stdout", "last"),
            Line("stderr", "two"),
        ]


def test_the_output_of_a_terminal_comes_as_it_arrived() -> None:
    with rig(chunked(b"\x01\0\0\0", b"prompt> ")) as made:
        with FrameStream(made.body(), RawDecoder()) as stream:
            assert stream.read() == Output(b"\x01\0\0\0prompt> ")


# Closing


def test_after_closing_iteration_stops_and_reading_says_so() -> None:
    with rig(then_silence(*THREE)) as made:
        stream = made.frames()
        assert next(stream) == OUT
        stream.close()
        stream.close()
        assert list(stream) in ([], [ERR, MORE])  # those may have arrived together
        assert list(stream) == []
        assert list(stream.lines()) == []
        with pytest.raises(Closed, match="^the stream was closed$"):
            stream.read()
        with pytest.raises(Closed):
            stream.read()


def test_the_end_of_a_with_closes() -> None:
    with rig(then_silence(*THREE)) as made:
        with pytest.raises(KeyError), made.frames() as stream:
            raise KeyError
        with pytest.raises(Closed):
            stream.read()


def test_closing_after_the_end_changes_nothing() -> None:
    with rig(chunked(*THREE)) as made:
        stream = made.frames()
        assert list(stream) == [OUT, ERR, MORE]
        stream.close()
        assert list(stream) == []


@pytest.mark.parametrize("whose", ["stream", "client"])
def test_closing_ends_an_iteration_in_another_thread(whose: str) -> None:
    with rig(then_silence(frame(*OUT))) as made, made.frames() as stream:
        assert next(stream) == OUT
        reading = Background(lambda: list(stream))
        (stream if whose == "stream" else made.transport).close()
        assert reading.result() == []


@pytest.mark.parametrize("whose", ["stream", "client"])
def test_closing_ends_a_read_in_another_thread(whose: str) -> None:
    with rig(then_silence(frame(*OUT))) as made, made.frames() as stream:
        assert next(stream) == OUT
        reading = Background(stream.read)
        (stream if whose == "stream" else made.transport).close()
        with pytest.raises(Closed, match=f"^the {whose} was closed$"):
            reading.result()


# Broken streams


def test_a_stream_that_breaks_hands_out_what_came_and_never_ends() -> None:
    with rig(then_cut(frame(*OUT), frame(*ERR)[:-2])) as made, made.frames() as stream:
        got, error = until_error(stream)
        assert got == [OUT, Frame("stderr", b"er")]
        assert type(error) is StreamInterrupted
        assert str(error).startswith(INTERRUPTED.format(made.daemon.url))
        for act in (lambda: next(stream), stream.read, lambda: list(stream.lines())):
            with pytest.raises(StreamInterrupted) as again:
                act()
            assert again.value is error


def test_a_stream_whose_reading_was_interrupted_never_ends() -> None:
    """As by Ctrl-C while nothing comes: what came meanwhile may be lost."""

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(frame(*OUT)))
        assert wanted.wait(PATIENCE)
        interrupt()
        c.wait_for_hangup()

    wanted = threading.Event()
    with interruptible() as interrupt, rig(play) as made, made.frames() as stream:
        assert next(stream) == OUT
        wanted.set()
        with pytest.raises(KeyboardInterrupt):
            next(stream)
        for act in (lambda: next(stream), stream.read, lambda: list(stream.lines())):
            with pytest.raises(StreamInterrupted) as caught:
                act()
            assert str(caught.value) == "reading was interrupted by KeyboardInterrupt"


def test_a_stream_is_not_pickled() -> None:
    with rig(then_silence()) as made, made.frames() as stream:
        with pytest.raises(TypeError) as caught:
            pickle.dumps(stream)
    assert str(caught.value) == (
        "a stream cannot be pickled or copied: it is a connection of one process"
    )


def test_lines_of_a_stream_that_breaks_are_given_to_the_last() -> None:
    with rig(then_cut(frame("stdout", b"one\ntw"))) as made, made.frames() as stream:
        got, error = until_error(stream.lines())
        assert got == [Line("stdout", "one"), Line("stdout", "tw")]
        assert type(error) is StreamInterrupted


def test_a_stream_that_ends_inside_a_frame() -> None:
    with rig(chunked(frame(*OUT), frame(*ERR)[:-2])) as made, made.frames() as stream:
        got, error = until_error(stream)
        assert got == [OUT, Frame("stderr", b"er")]
        assert isinstance(error, Truncated)
        assert (str(error), error.missing) == ("stream ended inside a frame: 10 of 12 bytes", 2)
        with pytest.raises(Truncated) as again:
            stream.read()
        assert again.value is error


def test_a_stream_that_has_no_frames_is_hung_up() -> None:
    with rig(then_silence(frame(*OUT), b"root@c1:/# ")) as made, made.frames() as stream:
        got, error = until_error(stream)
        assert got == [OUT]
        assert isinstance(error, NotAFrame)
        assert str(error) == ("not a frame header: b'root@c1:/# '; is this the stream of a TTY?")
        with pytest.raises(NotAFrame) as again:
            stream.read()
        assert again.value is error


def test_an_error_of_the_engine_within_the_frames() -> None:
    pieces = [frame(*OUT), frame("engine", b"error from the driver\n")]
    with rig(then_silence(*pieces)) as made, made.frames() as stream:
        got, error = until_error(stream)
        assert got == [OUT]
        assert (type(error), str(error)) == (OperationFailed, "error from the driver")


def test_a_stream_that_is_silent_for_too_long() -> None:
    answer = then_silence(frame(*OUT), frame(*ERR)[:-2])
    with rig(answer, idle=0.05) as made, made.frames() as stream:
        got, error = until_error(stream)
        assert got == [OUT, Frame("stderr", b"er")]
        assert isinstance(error, TimedOut)
        assert (error.kind, error.seconds) == ("idle", 0.05)
        with pytest.raises(TimedOut) as again:
            next(stream)
        assert again.value is error


@pytest.mark.parametrize(
    ("answer", "cls", "output"),
    [
        pytest.param(
            then_silence(frame(*OUT), frame(*ERR)[:-2]),
            TimedOut,
            Output(OUT.data, b"er"),
            id="silent",
        ),
        pytest.param(
            then_cut(frame(*OUT), frame(*ERR)),
            StreamInterrupted,
            Output(OUT.data, ERR.data),
            id="cut",
        ),
        pytest.param(
            chunked(frame(*OUT), frame(*ERR)[:-2]),
            Truncated,
            Output(OUT.data, b"er"),
            id="ended in a frame",
        ),
        pytest.param(
            then_silence(frame(*OUT), b"no frame"), NotAFrame, Output(OUT.data), id="no frame"
        ),
    ],
)
def test_what_came_is_in_the_error_that_ends_a_read(
    answer: Answer, cls: type[TimedOut | StreamError], output: Output
) -> None:
    with rig(answer, idle=0.05 if cls is TimedOut else None) as made, made.frames() as stream:
        with pytest.raises(cls) as caught:
            stream.read()
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        found = error.output
        assert found == output
        assert found.combined == output.stdout + output.stderr


def test_an_error_of_a_stream_closes_its_connection() -> None:
    gone = threading.Event()

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(b"no frame at all"))
        c.wait_for_hangup()
        gone.set()

    with rig(play) as made:
        stream = made.frames()
        with pytest.raises(NotAFrame):
            stream.read()
        assert gone.wait(PATIENCE)


# In the handler of a signal


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(RuntimeError) as caught:
        act()
    return str(caught.value)


UNDER_WAY = "{}(): {}() of the same stream is under way in this thread"


@pytest.mark.parametrize("reader", ["next", "read"])
def test_a_read_in_a_handler_is_refused_and_the_interrupted_one_loses_nothing(reader: str) -> None:
    """The loop ended as if the stream were over, and both lines were lost."""
    found: list[str] = []

    def act() -> None:
        found.extend(refused(read) for read in (stream.read, lambda: next(stream)))

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked"))
        assert inside.wait(PATIENCE)
        interrupt()
        c.send(chunk(frame(*OUT)) + chunk(frame(*ERR)) + LAST_CHUNK)

    inside = threading.Event()
    with interrupted_by(act) as interrupt, rig(play) as made, made.frames() as stream:
        inside.set()
        if reader == "next":
            assert list(stream) == [OUT, ERR]
        else:
            assert stream.read() == Output(b"out\n", b"err\n")
    assert found == [UNDER_WAY.format(name, reader) for name in ("read", "next")]


def test_a_handler_may_write_to_the_attachment_that_its_thread_reads() -> None:
    def act() -> None:
        attachment.write(b"\x03")
        attachment.close_stdin()

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        assert inside.wait(PATIENCE)
        interrupt()
        c.send(frame("stdout", c.receive_all()))

    inside = threading.Event()
    with interrupted_by(act) as interrupt, rig(play) as made, made.attachment() as attachment:
        inside.set()
        assert list(attachment) == [Frame("stdout", b"\x03")]


@pytest.mark.parametrize("whose", ["stream", "client"])
def test_a_handler_may_close_what_its_thread_reads(whose: str) -> None:
    def act() -> None:
        (stream if whose == "stream" else made.transport).close()

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(frame(*OUT)))
        assert inside.wait(PATIENCE)
        interrupt()
        c.wait_for_hangup()

    inside = threading.Event()
    with interrupted_by(act) as interrupt, rig(play) as made, made.frames() as stream:
        assert next(stream) == OUT
        inside.set()
        with pytest.raises(Closed, match=f"^the {whose} was closed$"):
            stream.read()


@pytest.mark.parametrize("name", ["read", "readinto", "next", "save"])
def test_a_file_that_is_read_refuses_to_be_read_in_the_middle_of_that(name: str) -> None:
    taken = io.BytesIO()

    def act() -> None:
        found.append(
            [
                refused(stream.read),
                refused(lambda: stream.readinto(bytearray(1))),
                refused(lambda: next(stream)),
                refused(lambda: stream.save(io.BytesIO())),
            ]
        )

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked"))
        assert inside.wait(PATIENCE)
        interrupt()
        c.send(chunk(b"0123456789") + LAST_CHUNK)

    def block() -> bytes:
        buffer = bytearray(10)
        return bytes(buffer[: stream.readinto(buffer)])

    read = {"read": lambda: stream.read(10), "readinto": block, "next": lambda: next(stream)}
    found: list[list[str]] = []
    inside = threading.Event()
    with interrupted_by(act) as interrupt, rig(play) as made, bytes_of(made) as stream:
        inside.set()
        if name == "save":
            stream.save(taken)
            assert taken.getvalue() == b"0123456789"
        else:
            assert read[name]() == b"0123456789"
        assert stream.read() == b""
    names = ("read", "readinto", "next", "save")
    assert found == [[UNDER_WAY.format(one, name) for one in names]]


def test_a_second_thread_is_refused_while_one_reads() -> None:
    """It ended the first one's loop, as if the stream were over."""

    def play(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked"))
        assert go.wait(PATIENCE)
        c.send(chunk(frame(*OUT)) + LAST_CHUNK)

    go = threading.Event()
    with rig(play) as made, made.frames() as stream:
        reading = Background(lambda: list(stream))
        while not stream._under_way:
            reading.join(0.01)
        assert refused(stream.read) == (
            "read(): next() of the same stream is under way in another thread"
        )
        go.set()
        assert reading.result() == [OUT]


# Dropped


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("kind", ["frames", "values", "bytes", "attachment"])
def test_a_stream_that_is_dropped_hangs_up_with_its_last_reference(kind: str, begun: bool) -> None:
    """No cycle keeps it: two unread archives of one container waited for each other for ever."""
    gone = threading.Event()

    def play(c: Conversation) -> None:
        start = UPGRADED if kind == "attachment" else head(200, Transfer_Encoding="chunked")
        first = b'{"n":1}' if kind == "values" else frame(*OUT)
        c.send(start + (first if kind == "attachment" else chunk(first)))
        c.wait_for_hangup()
        gone.set()

    with rig(play) as made:
        stream: Any = {
            "frames": made.frames,
            "values": lambda: values(made),
            "bytes": lambda: bytes_of(made),
            "attachment": made.attachment,
        }[kind]()
        if begun:
            next(stream)
        gc.disable()
        try:
            with pytest.warns(ResourceWarning) as said:
                del stream
            assert gone.wait(PATIENCE)
        finally:
            gc.enable()
        route = "POST /containers/{id}/attach" if kind == "attachment" else "GET /events"
        assert [str(warning.message) for warning in said] == [
            f"a stream was never closed: {route} of {made.daemon.url}"
        ]


# Values


def values(made: Rig, parse: Callable[[Any], Any] = lambda value: value["n"]) -> ValueStream[Any]:
    return ValueStream(made.body(), parse)


def test_values_are_parsed_as_they_come() -> None:
    with rig(chunked(b'{"n":1}{"n"', b':2}\r\n{"n":3}')) as made, values(made) as stream:
        assert next(stream) == 1
        assert list(stream) == [2, 3]
        assert list(stream) == []


def test_the_rest_of_values_of_a_stream_that_is_closed() -> None:
    with rig(then_silence(b'{"n":1}')) as made, values(made) as stream:
        rest = stream.rest()
        assert next(rest) == 1
        stream.close()
        with pytest.raises(Closed, match="^the stream was closed$"):
            next(rest)
        assert list(stream) == []


def test_an_error_that_a_value_reports_is_raised_again_and_again() -> None:
    def parse(value: Any) -> Any:
        if "error" in value:
            raise OperationFailed(value["error"])
        return value["n"]

    with rig(chunked(b'{"n":1}{"error":"no space"}{"n":2}')) as made:
        with values(made, parse) as stream:
            got, error = until_error(stream)
            assert (got, str(error)) == ([1], "no space")
            with pytest.raises(OperationFailed) as again:
                next(stream)
            assert again.value is error


@pytest.mark.parametrize(
    ("answer", "expected", "message"),
    [
        (
            chunked(b'{"n":1}{"n":'),
            Truncated,
            "stream ended inside a JSON value, after b'{\"n\":'",
        ),
        (
            chunked(b'{"n":1}<html>'),
            UnexpectedReply,
            "a JSON object was expected, not b'<html>'",
        ),
        (then_cut(b'{"n":1}{"n":'), StreamInterrupted, None),
    ],
    ids=["cut", "HTML", "broken"],
)
def test_values_that_end_badly(
    answer: Answer, expected: type[DockerError], message: str | None
) -> None:
    with rig(answer) as made, values(made) as stream:
        got, error = until_error(stream)
        assert (got, type(error)) == ([1], expected)
        if message is not None:
            assert str(error) == message


def test_values_of_an_engine_that_reports_in_text() -> None:
    with rig(chunked(b"Step 1\nSt", b"ep 2\n")) as made:
        with ValueStream(made.body(), lambda value: value["stream"], Reports()) as stream:
            assert list(stream) == ["Step 1\n", "Step 2\n"]


# Two ways


def echo(c: Conversation) -> None:
    """Answers all of the input, when it has ended, and what it was told on stderr."""
    c.send(UPGRADED + frame("stderr", b"ready"))
    c.send(frame("stdout", c.receive_all()))


def test_what_is_written_is_answered_after_the_end_of_the_input() -> None:
    with rig(echo) as made, made.attachment() as attachment:
        assert next(attachment) == Frame("stderr", b"ready")
        for data in (b"bytes ", bytearray(b"array "), memoryview(b"view")):
            attachment.write(data)
        attachment.close_stdin()
        assert attachment.read() == Output(b"bytes array view")


def test_text_is_not_written() -> None:
    with rig(echo) as made, made.attachment() as attachment:
        with pytest.raises(TypeError, match="^bytes were expected, not 'text'$"):
            attachment.write("text")  # type: ignore[arg-type]


def test_writing_after_closing_says_so() -> None:
    with rig(echo) as made:
        attachment = made.attachment()
        attachment.close()
        with pytest.raises(Closed, match="^the stream was closed$"):
            attachment.write(b"x")
        attachment.close_stdin()


class Numbers:
    """A file object that knows only how to be read."""

    def __init__(self) -> None:
        self._left = 3

    def read(self, size: int) -> bytes:
        self._left -= 1
        return b"%d" % self._left if self._left >= 0 else b""


@pytest.mark.parametrize(
    ("data", "output"),
    [
        (b"input", b"input"),
        (b"", b""),
        (bytearray(b"input"), b"input"),
        (io.BytesIO(b"input"), b"input"),
        (Numbers(), b"210"),
        ([b"in", b"", b"put"], b"input"),
        ((piece for piece in [b"in", b"put"]), b"input"),
    ],
    ids=["bytes", "nothing", "bytearray", "file", "reader", "list", "generator"],
)
def test_communicating(data: Any, output: bytes) -> None:
    with rig(echo) as made:
        assert made.attachment().communicate(data) == Output(output, b"ready")


def test_communicating_large_data_both_ways_at_once() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        while data := c.sock.recv(65536):
            c.send(frame("stdout", data) + frame("stderr", b"."))

    sent = bytes(range(256)) * 16384  # 4 MiB: far more than the connection holds
    with rig(play) as made:
        output = made.attachment().communicate(sent)
        assert output.stdout == sent
        assert set(output.stderr) == set(b".")


def stdin_threads() -> set[threading.Thread]:
    """A handler that raises in `Thread.start` leaves one that never begins (test_signals_live)."""
    return {thread for thread in threading.enumerate() if thread.name == "dockerapi-stdin"}


def endless() -> Iterator[bytes]:
    while True:
        yield b"0123456789" * 1000


def test_communicating_with_what_ends_before_it_has_read_everything() -> None:
    """The Engine ends its side, reads on for a while, and hangs up."""

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.send(frame("stdout", c.receive(10)))
        c.end()
        c.wait_for_hangup()

    with rig(play) as made:
        assert made.attachment().communicate(endless()) == Output(b"0123456789")


def test_communicating_with_what_ends_and_reads_no_more() -> None:
    """The thread that writes is freed, although nobody takes what it has."""
    stop, others = threading.Event(), stdin_threads()

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.send(frame("stdout", c.receive(10)))
        c.end()
        stop.wait(PATIENCE)

    with rig(play) as made:
        assert made.attachment().communicate(endless()) == Output(b"0123456789")
        assert stdin_threads() == others
        stop.set()


def test_communicating_with_what_ends_while_the_input_is_awaited() -> None:
    """The caller's iterator is left to itself; the output is whole."""
    never, others = threading.Event(), stdin_threads()

    def waiting() -> Iterator[bytes]:
        yield b"0123456789"
        never.wait(PATIENCE)

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.send(frame("stdout", c.receive(10)))

    with rig(play) as made:
        assert made.attachment().communicate(waiting()) == Output(b"0123456789")
    never.set()
    for thread in stdin_threads() - others:
        thread.join(PATIENCE)
    assert stdin_threads() == others


def test_output_that_came_is_kept_where_the_input_is_not_taken_in_time() -> None:
    """The thread that sends is held up for longer than allowed, while the output goes on."""

    def play(c: Conversation) -> None:
        c.send(UPGRADED + frame("stdout", b"first"))
        with contextlib.suppress(OSError):  # the client hangs up
            while not threading.Event().wait(0.01):
                c.sock.sendall(frame("stdout", b"."))

    with rig(play, idle=0.3) as made:
        with pytest.raises(TimedOut) as caught:
            made.attachment().communicate(bytes(2**22))
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.3)
    output = caught.value.output or Output()
    assert (output.stdout.rstrip(b"."), output.stderr) == (b"first", b"")


class OwnError(Exception):
    pass


@pytest.mark.parametrize(
    "error",
    [
        OwnError("mine"),
        OSError(5, "Input/output error"),
        ConnectionResetError(104, "elsewhere"),
        StreamInterrupted("elsewhere"),
        TimedOut("elsewhere"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_the_callers_own_input_comes_out_as_it_is(error: Exception) -> None:
    def failing() -> Iterator[bytes]:
        yield b"beginning"
        raise error

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.wait_for_hangup()

    with rig(play) as made:
        with pytest.raises(type(error)) as caught:
            made.attachment().communicate(failing())
        assert caught.value is error


def test_input_that_gives_no_bytes() -> None:
    with rig(lambda c: (c.send(UPGRADED), c.wait_for_hangup()) and None) as made:
        with pytest.raises(TypeError, match="^bytes were expected to be sent, not 'text'$"):
            made.attachment().communicate(["text"])  # type: ignore[list-item]


def test_text_is_refused_as_input_before_anything_is_sent() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        assert c.receive_all() == b""

    with rig(play) as made, made.attachment() as attachment:
        with pytest.raises(TypeError) as caught:
            attachment.communicate("text")  # type: ignore[arg-type]
        assert str(caught.value) == (
            "input: bytes, a file object opened for reading bytes, or an iterable of bytes was "
            "expected, not 'text'"
        )


def test_an_input_that_cannot_be_ended_is_refused() -> None:
    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        c.wait_for_hangup()

    why = NotSupported("its input has no end", what="close_stdin")
    with rig(play) as made:
        with pytest.raises(NotSupported) as refused:
            made.attachment(why).communicate(b"input")
        assert refused.value is why


@pytest.mark.parametrize("whose", ["stream", "client"])
def test_closing_ends_a_communication_in_another_thread(whose: str) -> None:
    begun, closed = threading.Event(), threading.Event()

    def play(c: Conversation) -> None:
        c.send(UPGRADED)
        assert c.receive_all() == b"input"
        begun.set()
        closed.wait(PATIENCE)

    with rig(play) as made:
        attachment = made.attachment()
        talking = Background(lambda: attachment.communicate(b"input"))
        assert begun.wait(PATIENCE)
        (attachment if whose == "stream" else made.transport).close()
        with pytest.raises(Closed, match=f"^the {whose} was closed$"):
            talking.result()
        closed.set()


# Bytes

BLOCKS = [b"0123456789", b"abcdef", b"x" * 70_000]
ALL = b"".join(BLOCKS)


def bytes_of(made: Rig) -> ByteStream:
    return ByteStream(made.body())


UNMARKED = (
    "the connection ended, and nobody tells whether that was all: the answer does not mark its "
    "end. A proxy speaks HTTP/1.0, and would have to speak HTTP/1.1"
)


def test_an_archive_whose_end_nothing_marks_is_whole_if_its_own_end_came() -> None:
    whole = file("zeros", bytes(5000)) + END
    with rig(head(200) + whole) as made, bytes_of(made) as stream:
        assert stream.read() == whole
    for size in (512, 1536, 5000, len(whole) - 1):
        with rig(head(200) + whole[:size]) as made, bytes_of(made) as stream:
            got, error = until_error(stream)
            assert (b"".join(got), type(error)) == (whole[:size], Truncated)


def test_values_and_frames_whose_end_nothing_marks_are_interrupted() -> None:
    with rig(head(200) + b'{"a": 1}\n') as made, ValueStream(made.body(), dict) as values:
        got, error = until_error(values)
    where = f"{made.daemon.url}: GET /events: "
    assert (got, type(error), str(error)) == ([{"a": 1}], StreamInterrupted, where + UNMARKED)
    with rig(head(200) + frame("stdout", b"out\n")) as made:
        with FrameStream(made.body(), Demuxer()) as frames, pytest.raises(StreamInterrupted) as cut:
            frames.read()
    assert cut.value.output == Output(b"out\n", b"")


def test_blocks_are_iterated_and_then_there_are_no_more() -> None:
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        assert b"".join(stream) == ALL
        assert list(stream) == []
        assert stream.read() == b""


@pytest.mark.parametrize("size", [1, 7, 10, 65536, len(ALL), len(ALL) + 1])
def test_reading_gives_as_many_bytes_as_are_asked_for(size: int) -> None:
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        got = list(iter(lambda: stream.read(size), b""))
        assert b"".join(got) == ALL
        assert {len(piece) for piece in got[:-1]} <= {size}


@pytest.mark.parametrize("size", [-1, None])
def test_reading_without_a_size_gives_everything(size: int | None) -> None:
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        assert stream.read(0) == b""
        assert stream.read(size) == ALL
        assert stream.read(size) == b""


def test_what_was_read_in_part_is_iterated_further() -> None:
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        assert stream.read(3) == b"012"
        assert b"".join(stream) == ALL[3:]


def test_a_buffer_is_filled_as_far_as_a_block_does() -> None:
    with rig(chunked(b"0123456789")) as made, bytes_of(made) as stream:
        buffer = bytearray(4)
        got = []
        while count := stream.readinto(buffer):
            got.append(bytes(buffer[:count]))
        assert b"".join(got) == b"0123456789"
        assert stream.readinto(buffer) == 0


def test_a_byte_stream_is_a_file_to_the_standard_library() -> None:
    with rig(chunked(*BLOCKS)) as made:
        target = io.BytesIO()
        with bytes_of(made) as stream:
            assert (stream.readable(), stream.closed) == (True, False)
            shutil.copyfileobj(stream, target)
        assert stream.closed is True
        assert target.getvalue() == ALL


def test_an_archive_is_read_while_it_comes() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, size in (("small", 3), ("large", 200_000)):
            member = tarfile.TarInfo(name)
            member.size = size
            tar.addfile(member, io.BytesIO(bytes(size)))
    data = packed.getvalue()
    pieces = [data[i : i + 100] for i in range(0, len(data), 100)]
    with rig(chunked(*pieces)) as made, bytes_of(made) as stream:
        with tarfile.open(fileobj=stream, mode="r|*") as tar:
            found = {member.name: len(tar.extractfile(member).read()) for member in tar}  # type: ignore[union-attr]
    assert found == {"small": 3, "large": 200_000}


def test_an_archive_out_of_a_container_says_what_it_is_of() -> None:
    stat = PathStat.parse({"name": "etc", "size": 4096, "mode": 2147484141, "linkTarget": ""})
    with rig(chunked(b"tar")) as made:
        with Archive(made.body(), stat) as archive:
            assert (archive.stat, archive.read()) == (stat, b"tar")


def test_a_byte_stream_that_is_closed() -> None:
    with rig(then_silence(b"0123456789")) as made:
        stream = bytes_of(made)
        assert (stream.read(3), stream.closed) == (b"012", False)
        stream.close()
        stream.close()
        assert stream.closed is True
        assert b"".join(stream) in (b"", b"3456789")
        with pytest.raises(Closed, match="^the stream was closed$"):
            stream.read()
        with pytest.raises(Closed):
            stream.readinto(bytearray(1))


def test_a_byte_stream_that_breaks() -> None:
    with rig(then_cut(b"0123456789")) as made, bytes_of(made) as stream:
        assert stream.read(10) == b"0123456789"
        for act in (stream.read, lambda: stream.read(1), lambda: next(stream)):
            with pytest.raises(StreamInterrupted) as caught:
                act()
            assert str(caught.value).startswith(INTERRUPTED.format(made.daemon.url))


# Saving


def test_a_file_is_there_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    with rig(chunked(*BLOCKS)) as made:
        for target in (path, str(path)):
            with bytes_of(made) as stream:
                stream.save(target)
            assert path.read_bytes() == ALL
            assert os.listdir(tmp_path) == ["image.tar"]


def test_what_was_read_before_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "rest"
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        assert stream.read(10) == b"0123456789"
        stream.save(path)
    assert path.read_bytes() == ALL[10:]


def test_a_stream_that_breaks_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(b"the one before")
    with rig(then_cut(*BLOCKS)) as made, bytes_of(made) as stream:
        with pytest.raises(StreamInterrupted):
            stream.save(path)
    assert os.listdir(tmp_path) == ["image.tar"]
    assert path.read_bytes() == b"the one before"


def test_a_stream_that_is_closed_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    with rig(then_silence(*BLOCKS)) as made, bytes_of(made) as stream:
        assert stream.read(1) == b"0"
        saving = Background(lambda: stream.save(tmp_path / "image.tar"))
        stream.close()
        with pytest.raises(Closed):
            saving.result()
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_replaced_keeps_its_mode_and_the_links_to_it(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(b"the one before")
    path.chmod(0o600)
    (tmp_path / "link").symlink_to("image.tar")
    (tmp_path / "image.tar.part").write_bytes(b"somebody's own")
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        stream.save(tmp_path / "link")
    assert sorted(os.listdir(tmp_path)) == ["image.tar", "image.tar.part", "link"]
    assert path.read_bytes() == ALL
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_stream_is_saved_to_a_file_object(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with rig(chunked(*BLOCKS)) as made:
        with bytes_of(made) as stream:
            stream.save(memory)
        with bytes_of(made) as stream, open(tmp_path / "raw", "wb", buffering=0) as raw:
            stream.save(raw)
    assert memory.getvalue() == (tmp_path / "raw").read_bytes() == ALL


def test_a_file_that_takes_a_part_of_a_block_is_given_the_rest() -> None:
    class Slow(io.RawIOBase):
        taken = b""

        def write(self, data: Any) -> int:
            self.taken += bytes(data[:3])
            return min(len(data), 3)

    slow = Slow()
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        stream.save(slow)
    assert slow.taken == ALL


def test_a_stream_that_breaks_while_it_goes_to_a_file_object_says_so() -> None:
    memory = io.BytesIO()
    with rig(then_cut(*BLOCKS)) as made, bytes_of(made) as stream:
        with pytest.raises(StreamInterrupted):
            stream.save(memory)
    assert memory.getvalue() == ALL


def test_a_byte_stream_is_a_raw_file_for_the_standard_library(tmp_path: Path) -> None:
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    packed = gzip.compress(archived.getvalue())
    with rig(chunked(packed[:50], packed[50:])) as made:
        with bytes_of(made) as stream:
            assert (stream.readable(), stream.writable(), stream.seekable()) == (True, False, False)
            with io.BufferedReader(cast(Any, stream)) as reader:
                assert (reader.peek(1)[:2], reader.read()) == (b"\x1f\x8b", packed)
            assert stream.closed
        with bytes_of(made) as stream, tarfile.open(fileobj=stream, mode="r|gz") as archive:
            assert archive.getnames() == ["empty"]
        with bytes_of(made) as stream, gzip.open(cast(Any, stream)) as unpacked:
            assert unpacked.read() == archived.getvalue()
        with bytes_of(made) as stream:
            copied = io.BytesIO()
            shutil.copyfileobj(stream, copied)
            assert copied.getvalue() == packed


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = Background(path.read_bytes)
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        stream.save(path)
    assert reading.result() == ALL
    assert path.is_fifo()


def test_a_folder_that_is_not_there_is_the_callers_error(tmp_path: Path) -> None:
    with rig(chunked(*BLOCKS)) as made, bytes_of(made) as stream:
        with pytest.raises(FileNotFoundError):
            stream.save(tmp_path / "nosuch" / "image.tar")
        assert stream.read() == ALL
