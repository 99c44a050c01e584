"""The logs of tasks: each decoder whole, byte by byte, split everywhere and cut everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import OperationFailed, UnexpectedReply
from dockerapi.protocol.task_lines import TaskLines, WrittenLine
from dockerapi.protocol.wire import Demuxer, RawDecoder
from protocol.decoding import bytewise, decoded, fed, splits
from scripted import frame

TASK_TIMES = [f"2026-11-30T19:28:2{n}.414148297Z" for n in range(9)]


def details(task: str, more: str = "") -> str:
    return (
        f"com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id={task}"
        f"{more}"
    )


ONE, TWO = details("t1", ",rec=container+one"), f"a=%2C,{details('t2')}"
# Two tasks in turn: a long line of each in two pieces, both streams, a character that is cut.
TASK_PIECES: list[tuple[str, str, str, bytes]] = [
    ("stdout", TASK_TIMES[0], ONE, b"long "),
    ("stdout", TASK_TIMES[1], TWO, "é".encode()[:1]),
    ("stderr", TASK_TIMES[2], ONE, b"err\n"),
    ("stdout", TASK_TIMES[3], ONE, b"line\n"),
    ("stdout", TASK_TIMES[4], TWO, "é".encode()[1:] + b" a=b c\r\n"),
    ("stdout", TASK_TIMES[5], TWO, b"\n"),
    ("stdout", TASK_TIMES[6], ONE, b"no end"),
]
WRITTEN_LINES = [
    WrittenLine("stderr", "err", TASK_TIMES[2], ONE),
    WrittenLine("stdout", "long line", TASK_TIMES[0], ONE),
    WrittenLine("stdout", "é a=b c\r", TASK_TIMES[1], TWO),
    WrittenLine("stdout", "", TASK_TIMES[5], TWO),
    WrittenLine("stdout", "no end", TASK_TIMES[6], ONE),
]
TASKS_FRAMED = b"".join(frame(s, f"{t} {d} ".encode() + data) for s, t, d, data in TASK_PIECES)
TASKS_TTY = b"".join(f"{t} {d} ".encode() + data for s, t, d, data in TASK_PIECES if s == "stdout")


def framed_lines(pieces: Iterable[bytes]) -> list[WrittenLine]:
    return decoded(TaskLines(Demuxer()), pieces)


def tty_lines(pieces: Iterable[bytes]) -> list[WrittenLine]:
    return decoded(TaskLines(RawDecoder()), pieces)


def test_lines_of_tasks_in_any_pieces() -> None:
    assert framed_lines([TASKS_FRAMED]) == WRITTEN_LINES
    assert framed_lines(bytewise(TASKS_FRAMED)) == WRITTEN_LINES
    assert {tuple(framed_lines(pieces)) for pieces in splits(TASKS_FRAMED)} == {
        tuple(WRITTEN_LINES)
    }


def test_lines_of_tasks_with_terminals_in_any_pieces() -> None:
    assert tty_lines([TASKS_TTY]) == WRITTEN_LINES[1:]
    assert tty_lines(bytewise(TASKS_TTY)) == WRITTEN_LINES[1:]
    assert {tuple(tty_lines(pieces)) for pieces in splits(TASKS_TTY)} == {tuple(WRITTEN_LINES[1:])}


def test_lines_of_tasks_that_are_cut_anywhere_give_what_came() -> None:
    texts = [line.text for line in WRITTEN_LINES]
    for cut in range(len(TASKS_FRAMED)):
        decoder = TaskLines(Demuxer())
        whole = fed(decoder, [TASKS_FRAMED[:cut]])
        assert whole == WRITTEN_LINES[: len(whole)]
        for line in decoder.partial():
            # "é" that is cut, or its newline
            text = line.text.replace("\N{REPLACEMENT CHARACTER}", "")
            assert any(one.startswith(text) for one in texts), (cut, line)


def test_lines_of_tasks_with_terminals_that_are_cut_anywhere() -> None:
    """The beginning of what stands before a piece may be a part of the one before: who knows?"""
    for cut in range(len(TASKS_TTY)):
        decoder = TaskLines(RawDecoder())
        whole = fed(decoder, [TASKS_TTY[:cut]])
        assert whole == WRITTEN_LINES[1 : len(whole) + 1]
        assert {line.details for line in decoder.partial()} <= {ONE, TWO}


def test_a_line_of_a_terminal_that_another_log_driver_keeps_as_one_with_the_next() -> None:
    data = f"{TASK_TIMES[0]} {ONE} one\ntwo\n".encode()
    assert tty_lines([data]) == [
        WrittenLine("stdout", "one", TASK_TIMES[0], ONE),
        WrittenLine("stdout", "two", TASK_TIMES[0], ONE),
    ]


@pytest.mark.parametrize(
    ("decoder", "data"),
    [(Demuxer, frame("stdout", b"hello\n")), (RawDecoder, b"hello\n")],
    ids=["frames", "a terminal"],
)
def test_a_line_of_nobody_is_shown(decoder: Any, data: bytes) -> None:
    with pytest.raises(UnexpectedReply) as caught:
        decoded(TaskLines(decoder()), [data])
    assert str(caught.value) == (
        "the time and the task before a line were expected, not b'hello\\n'"
    )


ENGINES_WORDS = (
    "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream."
)


@pytest.mark.parametrize(
    ("decoder", "data", "words"),
    [
        (
            Demuxer,
            TASKS_FRAMED + frame("engine", ENGINES_WORDS.encode() + b"\n"),
            WRITTEN_LINES[:-1],
        ),
        (
            RawDecoder,
            TASKS_TTY[: TASKS_TTY.rindex(b"2026")] + ENGINES_WORDS.encode() + b"\n",
            WRITTEN_LINES[1:-1],
        ),
    ],
    ids=["frames", "a terminal"],
)
def test_what_the_engine_says_among_lines_of_tasks_is_raised_after_them(
    decoder: Any, data: bytes, words: list[WrittenLine]
) -> None:
    lines, found = TaskLines(decoder()), []
    with pytest.raises(OperationFailed) as caught:
        for line in lines.feed(data):
            found.append(line)
    assert (found, str(caught.value)) == (words, ENGINES_WORDS)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["stdout", "stderr"]),
            st.sampled_from([ONE, TWO]),
            st.binary(max_size=9),
        )
    ),
    st.integers(1, 40),
)
def test_lines_of_tasks_are_those_of_each_alone(
    sent: list[tuple[str, str, bytes]], size: int
) -> None:
    data = b"".join(
        frame(stream, f"{TASK_TIMES[0]} {who} ".encode() + piece) for stream, who, piece in sent
    )
    found = framed_lines(data[i : i + size] for i in range(0, len(data), size))
    for who in (ONE, TWO):
        for stream in ("stdout", "stderr"):
            text = b"".join(p for s, w, p in sent if (s, w) == (stream, who))
            lines = text.decode("utf-8", "replace").split("\n")
            expected = lines if lines[-1] else lines[:-1]
            assert [one.text for one in found if (one.stream, one.details) == (stream, who)] == (
                expected
            )
