"""Unpacks an archive from a container; never writes outside of the target.

A container may be hostile, and so may its archives. An archive is unpacked into a new directory
beside the target, member by member. If it is complete and harmless, its content is moved to the
target; otherwise nothing is kept. No link of the archive is ever followed: every member goes below
directories that were created here, and nothing is overwritten. The standard library's
`tarfile.extractall` is not used, with or without a filter: it writes through links that it has
created before, asks the disk where they lead (CVE-2025-4517), and not every Python has its filters.
These members are refused:

- one that is not below the requested name: absolute, with `..`, another name;
- one below anything but a directory that was created here, such as a link;
- a hard link to anything but an earlier file of the archive;
- a second member of the same name, even if only the file system takes the names for the same.

A symbolic link may point within the copied tree: `..` only at its start (`../../a`), and not above
the top. Such a link can never resolve outside of the copied tree, even through other links. `links`
says what to do with any other link. Kept or not, links are never followed, neither during unpacking
nor when the result is moved.

Pipes and devices are left out, and reported. They are refused with `links="refuse"`, or if the
requested source itself is one.

Files belong to the caller and have the times and permissions of the archive, without setuid and
setgid.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from tarfile import TarInfo
from typing import Literal

from ..errors import BadArchive, shown
from .tar import SPECIAL, members

# What to do with links that lead out of the copy.
Links = Literal["keep", "skip", "refuse"]
_Parts = tuple[str, ...]
_DEEPEST = 256  # nested directories; many programs fail at 1,000
_PERMISSIONS = 0o1777  # with the sticky bit, without setuid and setgid
# Errors that are caused by a name in the archive, and not by the machine.
_BAD_NAME = {errno.ENAMETOOLONG, errno.EEXIST, errno.EILSEQ, errno.EINVAL, errno.ELOOP}


@contextlib.contextmanager
def unpacked(
    read: Callable[[int], bytes], top: str | None, folder: str, links: Links = "keep"
) -> Iterator[Unpacked]:
    """A complete archive, unpacked into a directory of its own, which is removed afterwards.

    Args:
        read: returns as many bytes as asked for, fewer only at the end of the archive.
        top: the name of the archive's one file or directory; None takes that of its first member.
        folder: where to create the directory; on the file system of the target.
        links: what to do with links that lead out of the copied tree.

    Raises:
        BadArchive, Truncated: nothing was kept.
    """
    staging = tempfile.mkdtemp(prefix=".dockerapi-", dir=folder)
    try:
        found = None
        for info, content in members(read):
            if found is None:
                first = info.name.partition("/")[0] if top is None else top
                found = Unpacked(first, os.path.join(staging, "copy"), links)
            found.add(info, content)
        if found is None and top == ".":  # from Podman, for an empty directory
            found = Unpacked(top, os.path.join(staging, "copy"), links)
            found.add_top()
        if found is None:
            raise BadArchive("it is empty")
        yield found
    finally:
        shutil.rmtree(staging)  # follows no link; TemporaryDirectory may (CVE-2023-6597)


class Unpacked:
    """A file, a link, or a directory with everything below it, not yet moved to the target.

    Args:
        top: its name in the archive.
        path: where it is unpacked.
        links: what to do with links that lead out of it; `kept` and `skipped` name them.
    """

    def __init__(self, top: str, path: str, links: Links) -> None:
        self._top = top
        self._path = path
        self._links = links
        self.kept: list[str] = []
        self.skipped: list[str] = []
        # None for a directory without a member of its own, created for a member below it.
        self._directories: dict[_Parts, TarInfo | None] = {}
        self._others: dict[_Parts, TarInfo] = {}  # links, pipes and devices

    @property
    def is_directory(self) -> bool:
        return () in self._directories

    def add_top(self) -> None:
        """Creates the top directory, if the archive has no member for it."""
        os.mkdir(self._path, 0o700)
        self._directories[()] = None

    def add(self, info: TarInfo, content: Iterator[bytes]) -> None:
        """Creates one member, or leaves it out."""
        parts = self._below(info.name, info)
        if not self._is_made(parts, info):
            return
        try:
            self._make_parents(parts, info)
            if info.isdir():
                self._make_directory(parts, info)
            elif info.issym():
                self._make_symbolic_link(parts, info)
            elif info.islnk():
                self._make_hard_link(parts, info)
            else:
                self._make_file(parts, info, content)
        except OSError as error:
            if error.errno not in _BAD_NAME:
                raise
            words = os.strerror(error.errno)
            if error.errno == errno.EEXIST:
                words = "another member has this name"
            raise BadArchive(words, member=info.name) from error

    def _below(self, name: str, info: TarInfo) -> _Parts:
        """The path of a member below the requested name."""
        if self._top == "." and name.partition("/")[0] not in ("", "."):
            name = f"./{name}"  # Podman leaves out the top for the content of a directory
        if name != self._top and not name.startswith(f"{self._top}/"):
            words = f"{shown(name)} is not below {shown(self._top)}, which was asked for"
            raise BadArchive(words, member=info.name)
        parts = tuple(part for part in name[len(self._top) :].split("/") if part not in ("", "."))
        for part in parts:
            # On Windows, `a\b` and `c:` are not plain names either.
            if part == ".." or os.path.basename(part) != part or os.path.splitdrive(part)[0]:
                raise BadArchive(f"{shown(name)} leads elsewhere", member=info.name)
        if len(parts) > _DEEPEST:
            raise BadArchive(f"it lies {len(parts)} directories deep", member=info.name)
        return parts

    def _is_made(self, parts: _Parts, info: TarInfo) -> bool:
        """Whether to create a member; otherwise it is left out and named in `skipped`."""
        if info.islnk() and (first := self._others.get(self._below(info.linkname, info))):
            # A hard link to a link, pipe or device is another one of the same kind.
            info.type, info.linkname = first.type, first.linkname
        if info.isreg() or info.isdir() or info.islnk():
            return True
        self._others[parts] = info
        if info.type in SPECIAL:
            words, keeps = f"it is {SPECIAL[info.type]}", False
        elif _leads_out(parts, info.linkname):
            words = f"it is a link to {shown(info.linkname)}, which leads out of what is copied"
            keeps = self._links == "keep" and info.linkname != ""
        else:
            return True
        nothing = info.issym() and not info.linkname
        if not keeps and (self._links == "refuse" or not parts or nothing):
            raise BadArchive(words, member=info.name)
        (self.kept if keeps else self.skipped).append(info.name)
        return keeps

    def _at(self, parts: _Parts) -> str:
        return os.path.join(self._path, *parts)

    def _make_parents(self, parts: _Parts, info: TarInfo) -> None:
        for length in range(len(parts)):
            parent = parts[:length]
            if parent not in self._directories:
                if os.path.lexists(self._at(parent)):
                    raise BadArchive("it lies below what is no directory", member=info.name)
                os.mkdir(self._at(parent), 0o700)
                self._directories[parent] = None

    def _make_directory(self, parts: _Parts, info: TarInfo) -> None:
        os.mkdir(self._at(parts), 0o700)  # writable; its own permissions are set at the end
        self._directories[parts] = info

    def _make_file(self, parts: _Parts, info: TarInfo, content: Iterator[bytes]) -> None:
        with open(self._at(parts), "xb", opener=_open_private) as file:
            for block in content:
                file.write(block)
        _set(self._at(parts), info)

    def _make_symbolic_link(self, parts: _Parts, info: TarInfo) -> None:
        os.symlink(info.linkname, self._at(parts))
        if os.utime in os.supports_follow_symlinks:
            os.utime(self._at(parts), (info.mtime, info.mtime), follow_symlinks=False)

    def _make_hard_link(self, parts: _Parts, info: TarInfo) -> None:
        first = self._below(info.linkname, info)
        if first[:-1] not in self._directories or not _is(stat.S_ISREG, self._at(first)):
            words = f"it is a hard link to {shown(info.linkname)}, which is no file given before"
            raise BadArchive(words, member=info.name)
        os.link(self._at(first), self._at(parts))

    # To the target

    def move(self, place: str, *, content: bool = False) -> None:
        """Moves it to a path, or with `content` the entries of a directory into an existing one.

        Existing files are replaced; an existing directory keeps its other entries.

        Raises:
            OSError: a directory would replace something else, or a file a directory; nothing was
                moved.
        """
        steps = list(self._steps(place, content))
        for ours, theirs in steps:
            _move(ours, theirs)
        for parts, info in reversed(self._directories.items()):
            if parts or not content:
                _set(os.path.join(place, *parts), info)

    def _steps(self, place: str, content: bool) -> Iterator[tuple[str, str]]:
        """Pairs of source and target; a directory is moved whole if its target does not exist."""
        todo = [(self._path, place)]
        while todo:
            ours, theirs = todo.pop()
            if not os.path.lexists(theirs):
                yield ours, theirs
            elif _is(stat.S_ISDIR, ours):
                if not _is(stat.S_ISDIR, theirs):
                    raise NotADirectoryError(f"{theirs}: no directory, and is to become one")
                todo += [(os.path.join(ours, x), os.path.join(theirs, x)) for x in os.listdir(ours)]
            elif _is(stat.S_ISDIR, theirs):
                raise IsADirectoryError(f"{theirs}: a directory, and is to become none")
            else:
                yield ours, theirs


def _leads_out(parts: _Parts, target: str) -> bool:
    """Whether a link at this place may lead out of the copy."""
    steps = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((i for i, part in enumerate(steps) if part != ".."), len(steps))
    outside = ups > max(len(parts) - 1, 0) or ".." in steps[ups:]
    drive = os.path.splitdrive(target)[0] or "\\" in target and os.sep == "\\"
    return not target or target.startswith("/") or bool(drive) or outside


def _is(kind: Callable[[int], bool], path: str) -> bool:
    """Whether there is something of this kind; links are not followed."""
    try:
        return kind(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _set(path: str, info: TarInfo | None) -> None:
    os.chmod(path, 0o755 if info is None else info.mode & _PERMISSIONS)
    if info is not None:
        os.utime(path, (info.mtime, info.mtime))


def _move(ours: str, theirs: str) -> None:
    try:
        os.replace(ours, theirs)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with contextlib.suppress(FileNotFoundError):
            os.unlink(theirs)  # shutil.move would write through a link
        shutil.move(ours, theirs)
