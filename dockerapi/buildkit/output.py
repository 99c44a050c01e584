"""Where the files of a build go: into a directory, or as an archive into a file object."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from ..archive.source import BLOCK
from ..archive.unpack import Unpacked, unpacked
from ..errors import UnexpectedReply, shown

if TYPE_CHECKING:
    from typing_extensions import Self


class Files:
    """Takes the archive of a build, once.

    `error` is the first error while it arrived; `kept` and `skipped` name members of the archive
    that a directory gets unchanged (links that lead out), or not at all.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.kept: list[str] = []
        self.skipped: list[str] = []
        self._is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Removes everything that was not moved to its place."""

    def take(self, pieces: Iterator[bytes]) -> None:
        """Takes the archive while it arrives."""
        self._take(pieces)
        self._is_whole = True

    def finish(self) -> None:
        """Called when the build has succeeded."""
        if not self._is_whole:
            raise UnexpectedReply("the build succeeded, and its files did not come", raw=None)

    def _take(self, pieces: Iterator[bytes]) -> None:
        raise NotImplementedError


class IntoFile(Files):
    """Writes the archive to a file object, piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def _take(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                written = self._file.write(rest)
                # An unbuffered file may write a part of it; another object may not return the
                # number.
                rest = rest[len(rest) if written is None else written :]


class IntoFolder(Files):
    """Unpacks the archive in a temporary directory, and finally moves its content to the target.

    The temporary directory is in the target or, if that is missing, in its nearest existing parent;
    missing directories are only created at the end.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = self._aside = os.path.realpath(folder)
        self._stack = contextlib.ExitStack()
        self._copy: Unpacked | None = None
        while not os.path.lexists(self._aside):
            self._aside = os.path.dirname(self._aside)
        if not os.path.isdir(self._aside):
            raise NotADirectoryError(f"output: {self._aside!r} is no folder")

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def finish(self) -> None:
        super().finish()
        assert self._copy is not None
        os.makedirs(os.path.dirname(self._folder), exist_ok=True)
        self._copy.move(self._folder, content=os.path.isdir(self._folder))
        self.kept, self.skipped = self._copy.kept, self._copy.skipped

    def _take(self, pieces: Iterator[bytes]) -> None:
        reader = io.BufferedReader(_Pieces(pieces), 4 * BLOCK)
        self._copy = self._stack.enter_context(unpacked(reader.read, ".", self._aside))


class _Pieces(io.RawIOBase):
    """Bytes that arrive in pieces, as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def files_into(output: str | os.PathLike[str] | BinaryIO) -> Files:
    """The receiver for the files of a build.

    Raises:
        OSError: the output cannot be a directory.
    """
    if isinstance(output, (str, os.PathLike)):
        return IntoFolder(os.fspath(output))
    if not hasattr(output, "write") or isinstance(output, io.TextIOBase):
        raise TypeError(
            "output: the path of a folder, or a file object opened for writing bytes, was "
            f"expected, not {shown(output)}"
        )
    return IntoFile(output)
