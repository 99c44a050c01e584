"""Data to send: bytes, a file, an iterable of bytes, or the path of a file."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Protocol, cast, runtime_checkable

from ..errors import shown

BLOCK = 128 * 1024  # bytes sent at once

Data = bytes | BinaryIO | Iterable[bytes]  # data to send
Source = str | os.PathLike[str] | Data  # the same, or the path of a file


@runtime_checkable
class AlsoForm(Protocol):
    """Data that can also be sent as a form, such as the context of a build from a directory."""

    def form(self) -> tuple[str, Iterator[bytes]]:
        """The form's content type, with its boundary, and its blocks."""


def check_data(argument: str, data: Data) -> None:
    """TypeError, before anything is sent, if `data`, given as `argument`, has no bytes."""
    readable = isinstance(data, Iterable) or hasattr(data, "read")
    if isinstance(data, (str, io.TextIOBase)) or not readable:
        raise TypeError(
            f"{argument}: bytes, a file object opened for reading bytes, or an iterable of bytes "
            f"was expected, not {shown(data)}"
        )


def blocks_of(data: Data) -> Iterator[bytes]:
    """The data in blocks: of bytes, of a file object, or of an iterable.

    Raises:
        TypeError: the data has something other than bytes.
    """
    if isinstance(data, (bytes, bytearray, memoryview)):
        view = memoryview(data)
        blocks: Iterable[Any] = (view[i : i + BLOCK] for i in range(0, len(view), BLOCK))
    elif hasattr(data, "read"):
        blocks = iter(lambda: data.read(BLOCK), b"")
    else:
        blocks = data
    for block in blocks:
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise TypeError(f"bytes were expected to be sent, not {shown(block)}")
        if len(block):
            yield bytes(block)


def length_of(data: Data) -> int | None:
    """The length of the data, if known: for bytes and regular files."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return memoryview(data).nbytes
    # Other objects with a descriptor (gzip.GzipFile) may return other bytes than the file has.
    raw = data.raw if isinstance(data, (io.BufferedReader, io.BufferedRandom)) else data
    if not isinstance(raw, io.FileIO):
        return None
    file = cast(BinaryIO, data)
    file.flush()  # include buffered writes
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode) or not found.st_size:  # files in /proc report 0
        return None
    return max(found.st_size - file.tell(), 0)


def of_length(blocks: Iterable[bytes], length: int, name: str) -> Iterator[bytes]:
    """The blocks, which must have this length together.

    The last block is held back until the length is known, so that data of another length never
    looks complete.

    Raises:
        OSError: the data has another length.
    """
    came, held = 0, b""
    for block in blocks:
        came += len(block)
        if came > length:
            raise OSError(
                f"{name} grew while it was sent: {length} bytes were announced, and there are at "
                f"least {came}"
            )
        if held:
            yield held
        held = block
    if came < length:
        raise OSError(
            f"{name} shrank while it was sent: {length} bytes were announced, and {came} came"
        )
    if held:
        yield held


@contextlib.contextmanager
def opened(argument: str, source: Source) -> Iterator[Data]:
    """The data to send; a file given by its path is open during the context."""
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            yield file
    else:
        check_data(argument, source)
        yield source
