"""The multiplexed stream: frames, the text in them, and the stream of a TTY."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dockerapi.errors import NotAFrame, OperationFailed, Truncated
from dockerapi.output import Frame
from dockerapi.protocol.wire import Demuxer, Lines, RawDecoder
from fuzz.form import Outcome, check_ways_agree, decoded, recorded


def check(data: bytes) -> None:
    """Frames are the same however they arrive, and never more than what arrived."""
    frames, error = check_ways_agree(_frames, data)
    assert error in (None, NotAFrame, OperationFailed, Truncated)
    assert sum(len(frame.data) for frame in frames) <= len(data)
    lines, _ = check_ways_agree(_lines, data)
    for stream in ("stdin", "stdout", "stderr"):
        written = b"".join(one.data for one in frames if one.stream == stream)
        text = "".join(line.text + "\n" for line in lines if line.stream == stream)
        assert text.rstrip("\n") == written.decode("utf-8", "replace").rstrip("\n")
    terminal, error = decoded(RawDecoder(), [data])
    assert (b"".join(frame.data for frame in terminal), error) == (data, None)


def _frames(pieces: list[bytes]) -> Outcome:
    """Pieces of one frame count as one: a large frame comes in pieces as they arrive."""
    found, error = decoded(Demuxer(), pieces)
    joined = [
        Frame(stream, b"".join(one.data for one in group))
        for stream, group in groupby(found, key=lambda one: one.stream)
    ]
    return joined, error


def _lines(pieces: list[bytes]) -> Outcome:
    found, error = decoded(Demuxer(), pieces)
    lines = Lines()
    text = [line for frame in found for line in lines.feed(frame)]
    text += sorted(lines.partial())  # which stream came first is not said
    return text, error


def seeds() -> Iterator[bytes]:
    for one in recorded():
        if one.body[:3] in (b"\1\0\0", b"\2\0\0"):
            yield one.body
    yield b"\3\0\0\0\0\0\0\5oops\n"
    yield b"\1\0\0\0\xff\xff\xff\xff" + b"x" * 100
    yield b"\1\0\0\0\0\0\0\2\xc3\1\0\0\0\0\0\0\1\xa9"
