"""Paths of a container in the directory with its file system; no path leaves that directory.

A path is resolved as in a chroot: `..` at the root stays there, and a symbolic link, absolute or
relative, is followed inside.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

MAX_LINKS = 40  # as Linux


def inside(root: Path, path: str, *, follow: bool = True) -> Path:
    """The place of a container's path in `root`, which it cannot leave.

    A missing part is used as written. With `follow=False` a symbolic link at the end of the path is
    not followed.

    Raises:
        OSError: more links than Linux follows.
    """
    left = [part for part in reversed(path.split("/")) if part not in ("", ".")]
    found: list[str] = []
    links = 0
    while left:
        part = left.pop()
        if part == "..":
            del found[-1:]
            continue
        here = root.joinpath(*found, part)
        if (left or follow) and here.is_symlink():
            links += 1
            if links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(here)
            if target.startswith("/"):
                found = []
            left += [one for one in reversed(target.split("/")) if one not in ("", ".")]
        else:
            found.append(part)
    return root.joinpath(*found)


def cleaned(path: str) -> str:
    """The absolute path without `.` and `..`, links not followed: `/a/b`, or `/`."""
    found: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    return "/" + "/".join(found)


def leads_out(path: str) -> bool:
    """Whether a relative path leads out of its directory, links not followed."""
    return f"{posixpath.normpath(path.lstrip('/'))}/".startswith("../")


def walk(root: Path, top: str = "") -> Iterator[str]:
    """The names below a directory, in order, each before its content."""
    try:
        entries = sorted(os.scandir(root / top), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = f"{top}/{entry.name}" if top else entry.name
        yield name
        if entry.is_dir(follow_symlinks=False):
            yield from walk(root, name)
