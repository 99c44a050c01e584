"""Copying between containers and this machine.

What a copy does depends on the target, by the rules of the docker command's `cp`:

- If the target is a directory, the copy goes into it, under the name of the source.
- If the target does not exist, the copy gets the target's name; the parent directory must exist.
- A file may replace a file; a directory may not.
- A path that ends in `/` names a directory; one that ends in `/.` names the directory's content.
- A symbolic link as the source is copied as a link; a symbolic link as the target is followed.

`tar` writes the archives; `unpack` reads and unpacks them.
"""

from __future__ import annotations

import errno
import io
import os
import posixpath
import stat
from collections.abc import Iterator
from itertools import chain
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import attrs

from .. import models
from ..archive.source import BLOCK
from ..errors import ApiError, BadArchive, NotFound, PathNotFound, UnexpectedReply, shown
from ..late import load
from ..protocol.reference import ContainerRef, container_id
from .archives import STAT_HEADER, ArchivesMixin, path_in_container

if TYPE_CHECKING:
    from ..archive.unpack import Links
    from ..models.containers import Copied, PathStat

_MOST_LINKS = 10  # followed in a row, at the end of a target
CONTENT = "."  # the name of a source that is the content of a directory


class CopiesMixin(ArchivesMixin):
    """Copies files and directories into containers and out of them."""

    def copy_into(
        self,
        id: ContainerRef,
        source: str | os.PathLike[str],
        target: str,
        *,
        follow_links: bool = False,
        copy_uid_gid: bool = False,
    ) -> None:
        """Copies a local file or directory into a container, running or not.

        API 1.20 and later. The source is sent while it is read. The copy keeps permissions, times,
        links, and the numbers of owner and group. Sockets and devices are left out, with a warning
        in the log.

        Args:
            source: the local path; with `/.` at its end, the content of that directory.
            target: the path in the container: a directory to copy into, or the new name.
            follow_links: if the source is a symbolic link, copy its target.
            copy_uid_gid: give the files to the container's user, if it was created with one; API
                1.30 and later.

        Raises:
            ContainerNotFound: no such container.
            PathNotFound: the parent directory of the target does not exist, or the path cannot be
                resolved: it goes through a file, through a loop of links, or has too long a name.
            BadRequest: inside the copy, a directory would replace a file, or a file a directory.
            OSError: the source cannot be read, or its size changed while it was sent; the target is
                of the wrong kind.

        Source: manual v1.20, "Extract an archive of files or folders to a directory in a
        container".
        """
        subject = container_id(id)
        wanted = _clean(path_in_container(target))
        path, name = _source(source, follow_links)
        is_directory = stat.S_ISDIR(os.lstat(path).st_mode)
        self._transport.require("PUT /containers/{id}/archive")
        place = self._place(subject, wanted)
        folder, name = place.taking(name, is_directory)
        self.put_archive(
            subject,
            folder,
            _archive(path, name),
            no_overwrite_dir_non_dir=True,
            copy_uid_gid=copy_uid_gid,
        )

    def _place(self, subject: str, path: str) -> Place:
        found = self._stat(subject, path)
        if found is not None and found.is_link and found.link_target:
            path = found.link_target
            found = self._stat(subject, path)
        if found is None:
            return Place(path, posixpath)
        return Place(path, posixpath, True, found.is_directory, found.is_device)

    def _stat(self, subject: str, path: str) -> PathStat | None:
        route, query = "HEAD /containers/{id}/archive", {"path": path}
        try:
            reply = self._transport.call(route, subject, query=query)
        except ApiError as error:
            told = self._in_words(error, subject, query)
            if told.status == 404 and type(told) in (NotFound, PathNotFound):
                return None
            raise told from error
        encoded = reply.headers.get(STAT_HEADER)
        if encoded is None:
            raise UnexpectedReply(f"{route}: there is no {STAT_HEADER} in the answer")
        return models.containers.PathStat.from_header(encoded)

    def _in_words(self, error: ApiError, subject: str, query: dict[str, str]) -> ApiError:
        """The error of a HEAD, whose answer has no body, with the Engine's words from a GET."""
        try:
            self._transport.stream("GET /containers/{id}/archive", subject, query=query).close()
        except ApiError as told:
            return type(told)(told.message, route=error.route, status=told.status)
        return error

    def copy_out(
        self,
        id: ContainerRef,
        source: str,
        target: str | os.PathLike[str],
        *,
        follow_links: bool = False,
        links: Links = "keep",
    ) -> Copied:
        """Copies a file or directory out of a container, running or not.

        The copy is all or nothing: it is unpacked into a directory `.dockerapi-...` beside the
        target, and moved at the end. The copy keeps permissions, times and links. The caller owns
        it, without setuid and setgid bits. Pipes and devices are left out. Nothing outside of the
        target is written, whatever links the copy has.

        Args:
            source: the path in the container; with `/.` at its end, the content of that directory.
            target: the local path: a directory to copy into, or the new name.
            follow_links: if the source is a symbolic link, copy its target, as Engines below API
                1.20 always do.
            links: what to do with a link that leads out of the copy, such as one to an absolute
                path. `keep` creates it unchanged; a program that opens it then follows it on this
                machine. `skip` leaves it out. `refuse` raises BadArchive, and does so for pipes and
                devices, too.

        Returns:
            The names of links that lead out of the copy, and of entries that were left out.

        Raises:
            ContainerNotFound: no such container.
            PathNotFound: no such path in it; ServerError below API 1.20.
            BadArchive: the Engine's archive is harmful or broken, or the source is a pipe or a
                device; `.member` names the entry.
            OSError: the parent directory of the target does not exist, or the target is of the
                wrong kind.

        Source: manual v1.20, "Retrieving information about files and folders in a container", "Get
        an archive of a filesystem resource in a container".
        """
        load("dockerapi.archive.unpack")
        from ..archive.unpack import unpacked

        if links not in ("keep", "skip", "refuse"):
            raise ValueError(f"links: 'keep', 'skip' or 'refuse' was expected, not {shown(links)}")
        subject = container_id(id)
        path = _clean(path_in_container(source))
        place = _place_here(os.fspath(target))
        refusal = self._transport.negotiated.unnamed_copies
        if refusal is not None:
            raise refusal
        asked = _name(path)
        name = asked or CONTENT
        if follow_links and self._transport.supports("HEAD /containers/{id}/archive"):
            found = self._stat(subject, path)
            if found is not None and found.is_link and found.link_target:
                path = found.link_target
                asked = _name(path)
        with self.get_archive(subject, path) as stream:
            top = None
            if stream.stat is not None:
                place.taking(name, stream.stat.is_directory)  # fails before anything is read
                top = asked
            # io needs a raw file; its base class would only cost time.
            reader = io.BufferedReader(cast(Any, stream), 4 * BLOCK)
            with unpacked(reader.read, top, place.folder, links) as copy:
                if stream.stat is not None and stream.stat.is_directory != copy.is_directory:
                    raise BadArchive("the Engine said another kind of it before", member=asked)
                if _is_of_directory(path, posixpath) and not copy.is_directory:
                    raise NotADirectoryError(f"copy_out: {path!r} in the container is no directory")
                folder, name = place.taking(name, copy.is_directory)
                copy.move(os.path.join(folder, name), content=name == CONTENT)
        return models.containers.Copied(tuple(copy.kept), tuple(copy.skipped))


@attrs.frozen
class Place:
    """The target of a copy: its path, with a link at the end followed, and what exists there.

    `flavour` is the module for such paths: `posixpath` in a container, `os.path` here.
    """

    path: str
    flavour: ModuleType
    exists: bool = False
    is_directory: bool = False
    is_device: bool = False

    @property
    def folder(self) -> str:
        """The directory into which the copy goes, for any kind of source."""
        return self.path if self.is_directory else _parted(self.path, self.flavour)[0]

    def taking(self, name: str, is_directory: bool) -> tuple[str, str]:
        """The directory for a source of this name, and its name in that directory.

        Raises:
            OSError: the target cannot take it.
        """
        if self.is_device:
            raise OSError(f"copy to {self.path!r}: this is a device")
        if self.is_directory:
            return self.path, name
        if self.exists and is_directory:
            raise NotADirectoryError(f"copy of a directory to {self.path!r}: this is a file")
        if not (self.exists or is_directory) and _is_of_directory(self.path, self.flavour):
            raise FileNotFoundError(f"copy of a file into {self.path!r}: no such directory")
        return _parted(self.path, self.flavour)


def _is_of_directory(path: str, flavour: ModuleType) -> bool:
    """Whether a path can only name a directory: it ends in `/` or `/.`."""
    return flavour.basename(path) in ("", CONTENT)


def _parted(path: str, flavour: ModuleType) -> tuple[str, str]:
    """The parent directory of a path, and its last name."""
    if flavour.basename(path) == CONTENT:
        return flavour.dirname(path), CONTENT
    above, name = flavour.split(flavour.normpath(path))
    return above, name


def _with_end(clean: str, given: str, flavour: ModuleType) -> str:
    """The cleaned path, with the `/` or `/.` of the given one, since that has a meaning."""
    end = flavour.basename(given)
    return flavour.join(clean, end) if end in ("", CONTENT) else clean


def _clean(path: str) -> str:
    """An absolute path in a container; a relative one starts at the root."""
    return _with_end(posixpath.normpath(f"/{path.lstrip('/')}"), path, posixpath)


def _name(path: str) -> str:
    """The last name of a container's path, as in the Engine's archive; "" for `/`."""
    return _parted(path, posixpath)[1]


def _source(given: str | os.PathLike[str], follow_links: bool) -> tuple[str, str]:
    """The source's path, with the links above it resolved, and its name in the archive.

    Raises:
        OSError: it does not exist.
    """
    text = os.fspath(given)
    path = _with_end(os.path.abspath(text), text, os.path)
    name = _parted(path, os.path)[1] or CONTENT  # for the root directory
    if follow_links:
        return _with_end(os.path.realpath(path, strict=True), path, os.path), name
    above, last = os.path.split(path)
    return os.path.join(os.path.realpath(above, strict=True), last), name


def _archive(path: str, name: str) -> Iterator[bytes]:
    load("dockerapi.archive.tar")  # only copies need it
    from ..archive import tar

    return tar.gathered(chain(tar.tree(path, name), [tar.END]))


def _place_here(given: str) -> Place:
    """A local target; its parent directory must exist."""
    path = _with_end(os.path.abspath(given), given, os.path)
    for _ in range(_MOST_LINKS + 1):
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            above = _parted(path, os.path)[0]
            if not stat.S_ISDIR(os.stat(above).st_mode):
                raise NotADirectoryError(f"copy to {given!r}: {above!r} is no directory") from None
            return Place(path, os.path)
        if not stat.S_ISLNK(mode):
            is_device = stat.S_ISBLK(mode) or stat.S_ISCHR(mode)
            return Place(path, os.path, True, stat.S_ISDIR(mode), is_device)
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), given)
