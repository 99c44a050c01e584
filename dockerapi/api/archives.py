"""Tar archives from and to containers (manual v1.19 and v1.20, section 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models
from ..archive.source import Source, opened
from ..errors import (
    UnexpectedReply,
)
from ..protocol.reference import ContainerRef, container_id
from ..streams import Archive

if TYPE_CHECKING:
    from ..transport import Transport

STAT_HEADER = "X-Docker-Container-Path-Stat"


class ArchivesMixin:
    """Files of containers, as archives."""

    _transport: Transport

    def get_archive(self, id: ContainerRef, path: str) -> Archive:
        """A file or directory of a container as a tar archive.

        The caller closes the stream. Its `stat` describes the path itself. Below API 1.20 `stat` is
        None, and the route is the manual's "Copy files or folders from a container".

        Args:
            path: the path in the container.

        Raises:
            ContainerNotFound: no such container.
            PathNotFound: no such path in it; ServerError from Engines before 1.8.0.

        Source: manual v1.19, "Copy files or folders from a container".
        """
        subject, query = container_id(id), {"path": path_in_container(path)}
        body = self._transport.stream("GET /containers/{id}/archive", subject, query=query)
        encoded = body.headers.get(STAT_HEADER)
        try:
            stat = None if encoded is None else models.containers.PathStat.from_header(encoded)
            return Archive(body, stat)
        except UnexpectedReply:
            body.close()
            raise

    def put_archive(
        self,
        id: ContainerRef,
        path: str,
        data: Source,
        *,
        no_overwrite_dir_non_dir: bool = False,
        copy_uid_gid: bool = False,
    ) -> None:
        """Unpacks a tar archive into a directory of a container. API 1.20 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            path: a directory in the container, which must exist.
            data: the archive (plain, gzip, bzip2 or xz): the path of a file, or bytes, a file
                object, an iterable of bytes.
            no_overwrite_dir_non_dir: refuse to replace a directory by a file, or a file by a
                directory.
            copy_uid_gid: give the files to the container's user, if it was created with one; API
                1.30 and later. Otherwise owner and group are the numbers in the archive.

        Raises:
            ContainerNotFound: no such container.
            PathNotFound: no such directory in it.
            BadRequest: the path is not a directory, the file system is read-only, or
                `no_overwrite_dir_non_dir` forbids a replacement.
            ServerError: the data are not an archive.
            OSError: a file cannot be read, or its size changed while it was sent.

        Source: manual v1.55, "Extract an archive of files or folders to a directory in a
        container".
        """
        query = {
            "path": path_in_container(path),
            "noOverwriteDirNonDir": no_overwrite_dir_non_dir or None,
            "copyUIDGID": copy_uid_gid or None,
        }
        route = "PUT /containers/{id}/archive"
        subject = container_id(id)
        with opened("data", data) as content:
            self._transport.call(
                route,
                subject,
                query=query,
                data=content,
                headers={"Content-Type": "application/x-tar"},
                extra_time=None,
            )


def path_in_container(path: str) -> str:
    if not isinstance(path, str):
        raise TypeError(f"path: a string was expected, not {path!r}")
    if not path or "\0" in path:
        raise ValueError(f"path: empty, or with a NUL in it: {path!r}")
    return path
