"""What a container or a command wrote: a frame, a line, the whole output.

Imports nothing from this package, so that every other module can import it, errors too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import compress
from operator import not_
from typing import Any, Literal, NamedTuple

import attrs

StreamName = Literal["stdin", "stdout", "stderr"]


class Frame(NamedTuple):
    """Bytes of one stream, as the Engine sent them.

    Args:
        stream: `stdout`, `stderr` or, of an attached input, `stdin`.
        data: the bytes of one frame.
    """

    stream: StreamName
    data: bytes


class Line(NamedTuple):
    """One line of text of one stream, without its newline.

    Args:
        stream: `stdout`, `stderr` or, of an attached input, `stdin`.
        text: the line, decoded as UTF-8; invalid bytes are U+FFFD.
    """

    stream: StreamName
    text: str


# Several frames at once: their streams, and their bytes.
Batch = tuple[list[StreamName], list[bytes]]


class _Combined:
    """Joins both streams in order when first asked for (a non-data descriptor)."""

    def __get__(self, output: Output | None, owner: type[Output]) -> Any:
        if output is None:
            return self
        found = b"".join(_in_order(output.stdout, output.stderr, output.__dict__["_order"]))
        output.__dict__["combined"] = found
        return found


# For each batch: whether each frame is of stderr, and its length.
_Order = list[tuple[list[bool], list[int]]]


def _in_order(stdout: bytes, stderr: bytes, order: _Order) -> Iterator[bytes]:
    of_stdout = of_stderr = 0
    for kinds, sizes in order:
        for is_stderr, size in zip(kinds, sizes, strict=True):
            if is_stderr:
                yield stderr[of_stderr : of_stderr + size]
                of_stderr += size
            else:
                yield stdout[of_stdout : of_stdout + size]
                of_stdout += size


@attrs.frozen(slots=False)
class Output:
    """What a command or container wrote, as bytes.

    Args:
        stdout: its standard output; with a terminal, everything.
        stderr: its standard error.
        combined: both, in the order in which the Engine sent them; ignored by `==`.
    """

    stdout: bytes = b""
    stderr: bytes = b""
    combined: bytes = attrs.field(default=b"", eq=False, repr=False)


Output.combined = _Combined()  # type: ignore[assignment]  # attrs deletes it in the class


class Collected:
    """Output that is still arriving."""

    def __init__(self) -> None:
        # bytearrays grow in place.
        self._stdout = io.BytesIO()
        self._stderr = io.BytesIO()
        self._order: _Order = []

    def add(self, batch: Batch) -> None:
        streams, pieces = batch
        # The manual: what is of stream type 0 (stdin) "is written on stdout".
        of_stderr = list(map("stderr".__eq__, streams))
        self._order.append((of_stderr, list(map(len, pieces))))
        if any(of_stderr):
            self._stderr.writelines(compress(pieces, of_stderr))
            pieces = list(compress(pieces, map(not_, of_stderr)))
        self._stdout.writelines(pieces)

    def output(self) -> Output:
        stdout, stderr = self._stdout.getvalue(), self._stderr.getvalue()
        output = Output(stdout, stderr, stdout or stderr)
        if stdout and stderr:
            del output.__dict__["combined"]
            output.__dict__["_order"] = self._order
        return output
