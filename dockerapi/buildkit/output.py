"""Where the files of a build go: into a folder, or as an archive into a file object."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ..archive.source import BLOCK
from ..archive.unpack import Unpacked, unpacked
from ..errors import UnexpectedReply, shown

if TYPE_CHECKING:
    from typing_extensions import Self


class IntoFile:
    """Writes the archive to a file object, piece by piece.

    `error` is what went wrong while it was taken. `kept` and `skipped` are of a folder.
    """

    kept: list[str] = []
    skipped: list[str] = []

    def __init__(self, file: BinaryIO) -> None:
        self.error: BaseException | None = None
        self._file = file
        self._is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """What is not at its place by now is removed."""

    def take(self, pieces: Iterator[bytes]) -> None:
        """Takes the archive while it comes."""
        self._take(pieces)
        self._is_whole = True

    def finish(self) -> None:
        """The build has succeeded."""
        if not self._is_whole:
            raise UnexpectedReply("the build succeeded, and its files did not come", raw=None)

    def _take(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                written = self._file.write(rest)
                # A file without a buffer may take less; others may not say.
                rest = rest[len(rest) if written is None else written :]


class IntoFolder(IntoFile):
    """Unpacks the archive aside, and moves what is in it to the folder in the end."""

    def __init__(self, folder: str) -> None:
        super().__init__(cast(Any, None))
        self._folder = os.path.realpath(folder)
        self._stack = contextlib.ExitStack()
        self._copy: Unpacked | None = None
        if os.path.lexists(self._folder):
            if not os.path.isdir(self._folder):
                raise NotADirectoryError(f"output: {folder!r} is no folder")
            self._aside = self._folder
        else:
            self._aside = os.path.dirname(self._folder)
            os.makedirs(self._aside, exist_ok=True)

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def finish(self) -> None:
        super().finish()
        assert self._copy is not None
        self._copy.move(self._folder, content=os.path.isdir(self._folder))
        self.kept, self.skipped = self._copy.kept, self._copy.skipped

    def _take(self, pieces: Iterator[bytes]) -> None:
        reader = io.BufferedReader(_Pieces(pieces), 4 * BLOCK)
        self._copy = self._stack.enter_context(unpacked(reader.read, ".", self._aside))


class _Pieces(io.RawIOBase):
    """Bytes that come in pieces, as a file."""

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


def files_into(output: str | os.PathLike[str] | BinaryIO) -> IntoFile:
    """What takes the files of a build.

    Raises:
        OSError: it cannot be a folder.
    """
    if isinstance(output, (str, os.PathLike)):
        return IntoFolder(os.fspath(output))
    if not hasattr(output, "write") or isinstance(output, io.TextIOBase):
        raise TypeError(
            "output: the path of a folder, or a file object opened for writing bytes, was "
            f"expected, not {shown(output)}"
        )
    return IntoFile(output)
