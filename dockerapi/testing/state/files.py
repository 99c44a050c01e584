"""The file system of one container: a directory, filled from its image when it is first needed."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

import attrs

from ..play.paths import cleaned, inside, walk
from .images import Image, Images, timestamp
from .layers import OPAQUE, WHITEOUT, pack, unpack

CHANGED, ADDED, DELETED = 0, 1, 2


@attrs.frozen
class Change:
    """The change of a path since the container's creation: `CHANGED`, `ADDED` or `DELETED`."""

    path: str
    kind: int


# A changed file is detected by these: type and mode, and except for directories also inode, size
# and times. The times of a directory change with its content.
_Mark = tuple[int, ...]


class Files:
    """A container's files, read and written below its root; nothing here leaves it.

    Everything belongs to 0:0, whatever its real owner.
    """

    def __init__(self, images: Images, image: Image | None, folder: Path) -> None:
        self._images = images
        self._image = image
        self._folder = folder
        self._lock = threading.Lock()
        self._marks: dict[str, _Mark] | None = None

    @property
    def root(self) -> Path:
        """The directory; filled from the image at first use."""
        with self._lock:
            if self._marks is None:
                self._folder.mkdir(parents=True)
                if self._image is not None:
                    self._images.unpack(self._image, self._folder)
                self._marks = dict(_marks(self._folder))
        return self._folder

    def at(self, path: str, *, follow: bool = True) -> Path:
        """The path on this machine of a path in the container; see `paths.inside`."""
        return inside(self.root, path, follow=follow)

    def changes(self) -> list[Change]:
        """The differences from the image, sorted by path, as in `GET .../changes`."""
        if self._marks is None:
            return []
        now = dict(_marks(self._folder))
        found: dict[str, int] = {}
        for name, mark in now.items():
            if name not in self._marks:
                found[name] = ADDED
            elif mark != self._marks[name]:
                # Something else has replaced it: everything below it is gone.
                found[name] = CHANGED
        for name in self._marks:
            if name not in now and os.path.dirname(name) in ("", *now):
                found[name] = DELETED
        for name in list(found):
            for parent in _parents(name):
                found.setdefault(parent, CHANGED)
        return [Change(f"/{name}", found[name]) for name in sorted(found)]

    def layer(self) -> Generator[bytes, None, None]:
        """The differences from the image as a layer: a tar archive with whiteouts."""
        return pack(self._layer_entries())

    def _layer_entries(self) -> Iterator[tuple[str, Path]]:
        nothing = self._folder.with_name(self._folder.name + ".whiteout")
        nothing.parent.mkdir(parents=True, exist_ok=True)
        nothing.touch()
        try:
            for change in self.changes():
                name = change.path[1:]
                if change.kind == DELETED:
                    folder, _, last = name.rpartition("/")
                    yield (f"{folder}/" if folder else "") + WHITEOUT + last, nothing
                    continue
                path = self._folder / name
                yield name, path
                was = (self._marks or {}).get(name)
                if was is not None and path.is_dir() and not stat.S_ISDIR(was[0]):
                    yield f"{name}/{OPAQUE}", nothing
        finally:
            nothing.unlink(missing_ok=True)

    def tar(self, path: str = "/") -> Generator[bytes, None, None]:
        """A tar archive of a file or directory, under its own name; without a path, of everything.

        Raises:
            FileNotFoundError: the path does not exist.
        """
        top = self.at(path, follow=path.endswith(("/", "/.")))
        top.lstat()
        name = _last(path)
        return pack(_entries(name, top))

    def put(self, archive: IO[bytes], path: str, *, keep_kinds: bool = False) -> None:
        """Unpack an archive, plain or compressed, in a directory.

        Raises:
            FileNotFoundError, NotADirectoryError: there is no such directory.
            BadArchive: it is broken, or (`keep_kinds`) a directory would be replaced by something
                else, or the other way round.
        """
        folder = self.at(path)
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise NotADirectoryError(path)
        at = "/" + folder.relative_to(self.root).as_posix()
        unpack(archive, self.root, at, keep_kinds=keep_kinds)

    def stat(self, path: str) -> dict[str, Any]:
        """The content of the header `X-Docker-Container-Path-Stat` for a path.

        Raises:
            FileNotFoundError: the path does not exist.
        """
        found = self.at(path, follow=path.endswith(("/", "/.")))
        status = found.lstat()
        target = ""
        if stat.S_ISLNK(status.st_mode):
            target = "/" + self.at(path).relative_to(self.root).as_posix().lstrip(".")
        return {
            "name": _last(path) or "/",
            "size": status.st_size,
            "mode": _go_mode(status.st_mode),
            "mtime": timestamp(status.st_mtime_ns),
            "linkTarget": target,
        }

    def size(self) -> int:
        """Bytes of all added and changed files."""
        found = 0
        for change in self.changes():
            path = self._folder / change.path[1:]
            if change.kind != DELETED and path.is_file() and not path.is_symlink():
                found += path.stat().st_size
        return found

    def close(self) -> None:
        """Remove it all."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _marks(root: Path) -> Iterator[tuple[str, _Mark]]:
    for name in walk(root):
        try:
            status = os.lstat(root / name)
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode):
            yield name, (status.st_mode,)
        else:
            times = (status.st_mtime_ns, status.st_ctime_ns)
            yield name, (status.st_mode, status.st_ino, status.st_size, *times)


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def _entries(name: str, top: Path) -> Iterator[tuple[str, Path]]:
    if name:
        yield name, top
    if top.is_dir() and not top.is_symlink():
        for below in walk(top):
            yield f"{name}/{below}" if name else below, top / below


def _last(path: str) -> str:
    """The name of a path in its archive: its last part, or `.` if it ends so."""
    return "." if path.endswith("/.") else os.path.basename(cleaned(path))


def _go_mode(mode: int) -> int:
    """A mode as Go's os.FileMode has it."""
    found = stat.S_IMODE(mode) & 0o777
    kinds = ((31, stat.S_ISDIR(mode)), (27, stat.S_ISLNK(mode)))
    bits = ((23, mode & stat.S_ISUID), (22, mode & stat.S_ISGID), (20, mode & stat.S_ISVTX))
    return found | sum(1 << bit for bit, is_set in (*kinds, *bits) if is_set)
