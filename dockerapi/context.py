"""What a build sends: the tar archive of a directory, written while it is read.

No temporary file is made and nothing is held but one block, so that the size of the context does
not matter.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

import attrs

from .link import BLOCK, Data, check_data

if TYPE_CHECKING:
    from .api.images import Context

DOCKERFILE = "Dockerfile"
_REMOTE = re.compile(r"(https?|git|ssh)://|git@|github\.com/")


@attrs.frozen
class BuildContext:
    """A context as the Engine is told of it: data to send, or where it gets them itself."""

    data: Data | None = None
    remote: str | None = None
    dockerfile: str | None = None


def build_context(context: Context | None, dockerfile: str | TextIO | None) -> BuildContext:
    """What is sent for the arguments of a build.

    Raises:
        ValueError: the context is no directory, has no such Dockerfile, or contradicts it.
    """
    text = None
    if dockerfile is not None and not isinstance(dockerfile, str):
        text = dockerfile.read()
        if not isinstance(text, str):
            raise TypeError(f"dockerfile: a file of text was expected, not of {type(text)}")
        dockerfile = None
    if context is None:
        if text is None:
            raise ValueError("build: no context, and no text of a Dockerfile: nothing to build")
        return BuildContext(data=_Archive(None, {DOCKERFILE: text.encode()}, DOCKERFILE))
    if isinstance(context, (str, os.PathLike)) and not _is_remote(context):
        return _of_directory(Path(context), dockerfile, text)
    if text is not None:
        raise ValueError(
            "build: the text of a Dockerfile goes with a directory, or with no context"
        )
    if isinstance(context, str):
        return BuildContext(remote=context, dockerfile=dockerfile)
    data = cast(Data, context)
    check_data(data)
    return BuildContext(data=data, dockerfile=dockerfile)


def _is_remote(context: str | os.PathLike[str]) -> bool:
    return isinstance(context, str) and _REMOTE.match(context) is not None


def _of_directory(directory: Path, dockerfile: str | None, text: str | None) -> BuildContext:
    if not directory.is_dir():
        raise ValueError(f"build: the context is no directory: {str(directory)!r}")
    if text is not None:
        name = f".dockerfile.{secrets.token_hex(8)}"
        return BuildContext(_Archive(directory, {name: text.encode()}, name), dockerfile=name)
    name = os.path.normpath(dockerfile or DOCKERFILE)
    if os.path.isabs(name) or name.split(os.sep)[0] == os.pardir:
        raise ValueError(f"build: the Dockerfile must be in the context: {dockerfile!r}")
    if not (directory / name).is_file():
        raise ValueError(f"build: the context {str(directory)!r} has no {name!r}")
    return BuildContext(_Archive(directory, {}, name), dockerfile=dockerfile)


class _Archive:
    """A tar archive of a directory and of texts beside it; iterates its blocks, once."""

    def __init__(self, directory: Path | None, texts: dict[str, bytes], dockerfile: str) -> None:
        self._directory = directory
        self._texts = texts
        self._dockerfile = dockerfile

    def __iter__(self) -> Iterator[bytes]:
        for name, content in self._texts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            yield _header(member)
            yield content + _padding(member.size)
        if self._directory is not None:
            for path in _walk(self._directory):
                yield from _member(path, path.relative_to(self._directory).as_posix())
        yield b"\0" * 1024

    def form(self) -> tuple[str, Iterator[bytes]]:
        """The same as a form with the files `Dockerfile` and `Context`: its type, its blocks."""
        boundary = secrets.token_hex(16)
        return f"multipart/form-data; boundary={boundary}", self._parts(boundary)

    def _parts(self, boundary: str) -> Iterator[bytes]:
        dockerfile = self._texts.get(self._dockerfile)
        if dockerfile is None:
            assert self._directory is not None  # build_context has looked
            dockerfile = (self._directory / self._dockerfile).read_bytes()
        yield _part(boundary, "Dockerfile") + dockerfile + b"\r\n"
        yield _part(boundary, "Context")
        yield from self
        yield f"\r\n--{boundary}--\r\n".encode()


def _part(boundary: str, name: str) -> bytes:
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()


def _walk(directory: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(directory), key=lambda entry: entry.name):
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))


def _member(path: Path, name: str) -> Iterator[bytes]:
    """One file, directory or symbolic link, owned by root; a socket or device is left out."""
    found = path.lstat()
    member = tarfile.TarInfo(name)
    member.mode = stat.S_IMODE(found.st_mode)
    member.mtime = int(found.st_mtime)
    if stat.S_ISREG(found.st_mode):
        with path.open("rb") as file:
            member.size = os.fstat(file.fileno()).st_size
            yield _header(member)
            yield from _content(file, member.size, path)
        yield _padding(member.size)
    elif stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
        yield _header(member)
    elif stat.S_ISLNK(found.st_mode):
        member.type = tarfile.SYMTYPE
        member.linkname = os.readlink(path)
        yield _header(member)


def _content(file: BinaryIO, size: int, path: Path) -> Iterator[bytes]:
    """Exactly `size` bytes, which the header has announced."""
    left = size
    while left:
        block = file.read(min(BLOCK, left))
        if not block:
            raise OSError(f"{path}: the file shrank while it was sent: {left} of {size} bytes left")
        left -= len(block)
        yield block


def _header(member: tarfile.TarInfo) -> bytes:
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _padding(size: int) -> bytes:
    return b"\0" * (-size % tarfile.BLOCKSIZE)
