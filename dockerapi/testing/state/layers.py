"""Layers: tar archives, unpacked one over another into a directory that they cannot leave.

Paths are resolved as in a chroot (`paths.inside`): whatever an archive contains, `unpack` only
writes below its directory. Owners are not kept (everything belongs to 0:0), and devices and pipes
are left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import shutil
import stat
import tarfile
import tempfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import attrs

from ..play.paths import cleaned, inside

if TYPE_CHECKING:
    from typing_extensions import Self

try:
    from lzma import LZMAError
except ImportError:  # a Python that was built without it
    LZMAError = zlib.error  # type: ignore[assignment, misc]

BLOCK = 128 * 1024
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "lzma"}
_BROKEN = (tarfile.TarError, EOFError, zlib.error, LZMAError, ValueError)


class BadArchive(Exception):
    """An archive is broken, or cannot be unpacked here; the text is for the client."""


@attrs.frozen
class Layer:
    """A tar archive on disk, named by its digest (64 hex digits)."""

    digest: str
    path: Path
    size: int  # bytes of its files and of its links' targets
    is_empty: bool = False

    def blocks(self) -> Iterator[bytes]:
        """The archive."""
        with self.path.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")


def store(blocks: Iterable[bytes], folder: Path) -> Layer:
    """Store a tar archive, plain or compressed, as a layer; `BadArchive` if it is none."""
    with tempfile.TemporaryFile(dir=folder) as received:
        for block in blocks:
            received.write(block)
        received.seek(0)
        return _store_plain(received, folder)


def _store_plain(received: IO[bytes], folder: Path) -> Layer:
    descriptor, name = tempfile.mkstemp(dir=folder)
    path, digest = Path(name), hashlib.sha256()
    try:
        with open(descriptor, "wb") as file, opened(received) as plain:
            for block in iter(lambda: plain.read(BLOCK), b""):
                digest.update(block)
                file.write(block)
        kept = folder / f"{digest.hexdigest()}.tar"
        with path.open("rb") as file:
            found = [_size(member) for member in members(file)]
        path.replace(kept)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, _BROKEN):
            raise BadArchive(_words(error)) from error
        raise
    return Layer(digest.hexdigest(), kept, sum(found), not found)


def _size(member: tarfile.TarInfo) -> int:
    if member.issym():
        return len(member.linkname.encode("utf-8", "surrogateescape"))
    return member.size if member.isreg() else 0


@contextlib.contextmanager
def opened(archive: IO[bytes]) -> Iterator[IO[bytes]]:
    """A seekable archive, decompressed if necessary."""
    start = archive.read(6)
    archive.seek(0)
    name = next((one for magic, one in _COMPRESSIONS.items() if start.startswith(magic)), None)
    if name is None:
        yield archive
    else:
        with importlib.import_module(name).open(archive) as plain:
            yield plain


class _Strict(tarfile.TarInfo):
    """The next member; a bad header after the first member is an error, and not the end."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tar)
        except tarfile.HeaderError as error:
            if str(error) in ("empty header", "end of file header"):
                raise
            raise tarfile.ReadError(str(error)) from error


def members(archive: IO[bytes], mode: Literal["r|", "r|*"] = "r|") -> Iterator[tarfile.TarInfo]:
    """The members of a tar archive that is not seekable; an empty stream counts as an archive."""
    for _, member in _opened_members(archive, mode):
        yield member


def _opened_members(
    archive: IO[bytes], mode: Literal["r|", "r|*"]
) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    try:
        opened = tarfile.open(fileobj=archive, mode=mode, tarinfo=_Strict)
    except tarfile.ReadError as error:
        if str(error) == "empty file":
            return
        raise
    with opened as tar:
        for member in tar:
            yield tar, member


def is_archive(file: IO[bytes]) -> bool:
    """Whether a seekable file is a tar archive, plain or compressed."""
    try:
        with tarfile.open(fileobj=file):
            return True
    except (*_BROKEN, OSError):
        return False
    finally:
        file.seek(0)


@attrs.define(eq=False)
class _Unpacking:
    """Unpacks the members of one archive below `at` in `root`; see `unpack`."""

    _root: Path
    _at: str
    _whiteouts: bool
    _keep_kinds: bool
    _made: set[Path] = attrs.field(factory=set, init=False)
    _directories: dict[str, float] = attrs.field(factory=dict, init=False)

    def unpack(self, archive: IO[bytes]) -> None:
        """Read an archive from a stream to its end."""
        try:
            for tar, member in _opened_members(archive, "r|*"):
                self.put(member, tar.extractfile(member) if member.isreg() else None)
        except _BROKEN as error:
            raise BadArchive(_words(error)) from error
        except OSError as error:
            raise BadArchive(str(error.strerror or error)) from error
        self.finish()

    def put(self, member: tarfile.TarInfo, content: IO[bytes] | None) -> None:
        """Unpack one member; call `finish` after the last."""
        name = cleaned(f"{self._at}/{cleaned(member.name)}")
        folder, _, last = name.rpartition("/")
        if not last:  # the root itself
            return
        parent = inside(self._root, folder)
        parent.mkdir(parents=True, exist_ok=True)
        if self._whiteouts and last.startswith(WHITEOUT):
            self._whiteout(parent, last)
            return
        target = parent / last
        self._make_way(target, member, name)
        if member.isdir():
            self._directory(target, member, name)
        elif member.issym():
            os.symlink(member.linkname, target)
        elif member.islnk():
            source = inside(
                self._root, cleaned(f"{self._at}/{cleaned(member.linkname)}"), follow=False
            )
            os.link(source, target, follow_symlinks=False)
        elif content is not None:
            _write(target, member, content)
        else:
            return  # a device or a pipe
        self._made.add(target)
        if not member.isdir() and not member.islnk():
            os.utime(target, (member.mtime, member.mtime), follow_symlinks=False)

    def finish(self) -> None:
        """Set the times of directories, except of those that were replaced since."""
        for name, time in self._directories.items():
            folder, _, last = name.rpartition("/")
            with contextlib.suppress(OSError):
                target = inside(self._root, folder) / last
                if target in self._made and target.is_dir() and not target.is_symlink():
                    os.utime(target, (time, time))

    def _directory(self, target: Path, member: tarfile.TarInfo, name: str) -> None:
        if not target.is_dir():
            target.mkdir()
        target.chmod(_mode(member) | stat.S_IRWXU)
        self._directories[name] = member.mtime

    def _make_way(self, target: Path, member: tarfile.TarInfo, name: str) -> None:
        if not os.path.lexists(target):
            return
        is_directory = target.is_dir() and not target.is_symlink()
        if is_directory and member.isdir():
            return
        if self._keep_kinds and is_directory:
            raise BadArchive(f'cannot overwrite directory "{name}" with non-directory "{self._at}"')
        if self._keep_kinds and member.isdir():
            raise BadArchive(f'cannot overwrite non-directory "{name}" with directory "{self._at}"')
        remove(target)

    def _whiteout(self, parent: Path, last: str) -> None:
        if last == OPAQUE:
            for child in parent.iterdir():
                if child not in self._made:
                    remove(child)
        elif not last.startswith(WHITEOUT + WHITEOUT):
            name = last[len(WHITEOUT) :]
            if name not in ("", ".", ".."):
                remove(parent / name)


def unpack(
    archive: IO[bytes],
    root: Path,
    at: str = "/",
    *,
    whiteouts: bool = False,
    keep_kinds: bool = False,
) -> None:
    """Unpack an archive, plain or compressed, below `at` in `root`.

    Args:
        whiteouts: names that begin with `.wh.` remove the path, as in layers.
        keep_kinds: a directory is not replaced by a file, nor a file by a directory.

    Raises:
        BadArchive: it is broken, or has a member that cannot be unpacked here.
    """
    _Unpacking(root, cleaned(at), whiteouts, keep_kinds).unpack(archive)


def _write(target: Path, member: tarfile.TarInfo, content: IO[bytes]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(target, flags, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, BLOCK)
    target.chmod(_mode(member) | stat.S_IRUSR | stat.S_IWUSR)


def _mode(member: tarfile.TarInfo) -> int:
    return member.mode & 0o7777


def remove(path: Path) -> None:
    """Remove a file, a link, or a directory with its content, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def pack(entries: Iterable[tuple[str, Path]]) -> Generator[bytes, None, None]:
    """A tar archive of files, from names to paths; b"" stands for a whiteout.

    A file that vanishes meanwhile is left out; one whose size changes is cut or padded.
    """
    seen: dict[tuple[int, int], str] = {}
    for name, path in entries:
        try:
            status = path.lstat()
            member = _member(name, path, status, seen)
            file = path.open("rb") if member is not None and member.isreg() else None
        except OSError:
            continue
        if member is None:
            continue
        with file or contextlib.nullcontext():
            yield header(member)
            if file is not None:
                yield from _content(file, member.size)
    yield bytes(1024)


def header(member: tarfile.TarInfo) -> bytes:
    """The header of a member."""
    return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def entry(
    name: str,
    content: bytes = b"",
    mtime: int = 0,
    mode: int = 0o644,
    kind: bytes = tarfile.REGTYPE,
    link: str = "",
) -> bytes:
    """A whole member of a tar archive, from bytes."""
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(content), mtime, mode
    member.type, member.linkname = kind, link
    return header(member) + content + bytes(-len(content) % 512)


def _member(
    name: str, path: Path, status: os.stat_result, seen: dict[tuple[int, int], str]
) -> tarfile.TarInfo | None:
    member = tarfile.TarInfo(name)
    member.mode = stat.S_IMODE(status.st_mode)
    member.mtime = int(status.st_mtime)
    inode = (status.st_dev, status.st_ino)
    if stat.S_ISDIR(status.st_mode):
        member.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(status.st_mode):
        member.type = tarfile.SYMTYPE
        member.linkname = os.readlink(path)
    elif not stat.S_ISREG(status.st_mode):
        return None
    elif inode in seen:
        member.type = tarfile.LNKTYPE
        member.linkname = seen[inode]
    else:
        member.size = status.st_size
        if status.st_nlink > 1:
            seen[inode] = name
    return member


def _content(file: IO[bytes], size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        block = file.read(min(left, BLOCK)) or bytes(min(left, BLOCK))
        left -= len(block)
        yield block
    yield bytes(-size % 512)


def _words(error: Exception) -> str:
    """Go's words for a broken archive."""
    told = str(error)
    if isinstance(error, EOFError) or any(
        one in told for one in ("truncated", "end of", "not ope")
    ):
        return "unexpected EOF"
    return "archive/tar: invalid tar header"
