"""The logs of tasks: lines with the Engine's prefix; pure, by the rules of `wire`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import OperationFailed, UnexpectedReply, shown
from ..output import Frame, StreamName
from .wire import Demuxer, FrameDecoder, Lines

# The Engine's prefix before each piece of a task's line: the time and the details, both without
# blanks. The details contain the three ids, in alphabetical order.
_PREFIX = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) "
    rb"([^\s=]*=\S*?com\.docker\.swarm\.task\.id=\S*|com\.docker\.swarm\.task\.id=\S*) "
)
_CUT_PREFIX = re.compile(rb"[\d:.TZ+-]+( \S*)?")
_ENGINES_WORDS = b"Error grabbing logs: "


class WrittenLine(NamedTuple):
    """A line of a task, with its prefix not yet parsed."""

    stream: StreamName
    text: str
    time: str
    details: str


class TaskLines:
    """Lines of text from the logs of tasks, each with the Engine's prefix.

    A frame is a piece of a line: a whole line, or 16 KiB of a long one, each with a prefix. Pieces
    of several tasks may alternate; the pieces of one task and stream are joined. The logs of a TTY
    have no frames: a piece begins with its prefix, and ends before the next one.
    """

    def __init__(self, frames: FrameDecoder) -> None:
        self._frames = frames
        self._framed = isinstance(frames, Demuxer)
        self._held = b""  # from a TTY: data without a newline so far
        self._lines: dict[str, Lines] = {}  # by the details, which name the task
        self._begun: dict[tuple[StreamName, str], str] = {}  # the time of each incomplete line
        self._last: tuple[str, str] | None = None

    def feed(self, data: bytes) -> Iterator[WrittenLine]:
        for stream, piece in self._frames.feed(data):
            if self._framed:
                yield from self._taken(stream, piece)
                continue
            *ended, self._held = (self._held + piece).split(b"\n")
            for line in ended:
                yield from self._taken(stream, line + b"\n")

    def _taken(self, stream: StreamName, data: bytes) -> Iterator[WrittenLine]:
        if self._framed:
            first = _PREFIX.match(data)
            found = [] if first is None else [first]
        else:
            found = list(_PREFIX.finditer(data))
        start = found[0].start() if found else len(data)
        if start:
            yield from self._without_prefix(stream, data[:start])
        for number, match in enumerate(found):
            end = found[number + 1].start() if number + 1 < len(found) else len(data)
            time, details = (part.decode("utf-8", "replace") for part in match.groups())
            self._last = time, details
            yield from self._piece(stream, time, details, data[match.end() : end])

    def _without_prefix(self, stream: StreamName, data: bytes) -> Iterator[WrittenLine]:
        if not self._framed and data.startswith(_ENGINES_WORDS):
            raise OperationFailed(data.decode("utf-8", "replace").strip())
        if self._framed or self._last is None:
            raise UnexpectedReply(
                f"the time and the task before a line were expected, not {shown(data)}", raw=data
            )
        yield from self._piece(stream, *self._last, data)  # a further line of the same write

    def _piece(
        self, stream: StreamName, time: str, details: str, data: bytes
    ) -> Iterator[WrittenLine]:
        key = stream, details
        lines = self._lines.setdefault(details, Lines())
        self._begun.setdefault(key, time)
        for line in lines.feed(Frame(stream, data)):
            yield WrittenLine(stream, line.text, self._begun.pop(key, time), details)

    def partial(self) -> Iterator[WrittenLine]:
        held, self._held = self._held, b""
        for stream, piece in (*self._frames.partial(), Frame("stdout", held)):
            if not _CUT_PREFIX.fullmatch(piece):
                yield from self._taken(stream, piece)
        for details, lines in self._lines.items():
            for stream, text in lines.partial():
                time = self._begun.pop((stream, details), "")
                yield WrittenLine(stream, text, time, details)
        self._lines.clear()

    def finish(self) -> None:
        self._frames.finish()
