"""Images (manual v1.19, section 2.2)."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, Union

from ..auth import Credentials, registry_auth, registry_config
from ..errors import (
    BuildFailed,
    ImportFailed,
    LoadFailed,
    OperationFailed,
    PullFailed,
    PushFailed,
)
from ..link import Data, Source, opened
from ..models.base import rows
from ..models.config import BuildOptions
from ..models.images import (
    Built,
    Image,
    ImageSummary,
    Layer,
    Loaded,
    Progress,
    Pulled,
    Pushed,
    Removed,
    SearchResult,
    image_summaries,
    imported_id,
)
from ..reference import ImageRef, image_name, repository_and_tag
from ..streams import ByteStream, ValueStream
from .parameters import Filters, filter_lists, whole

if TYPE_CHECKING:
    from ..transport import Transport

OnProgress = Callable[[Progress], object]
Context = Union[str, "os.PathLike[str]", Data]
_TAR = {"Content-Type": "application/x-tar"}


class ImagesMixin:
    """Images: list, pull, build, look at, tag, push, save, load, remove."""

    _transport: Transport

    def images(
        self,
        *,
        reference: str | None = None,
        all: bool = False,
        digests: bool = False,
        filters: Filters | None = None,
    ) -> list[ImageSummary]:
        """The images, one summary each with all its tags, newest first.

        Args:
            reference: only those with this name, or pattern (`debian*`).
            all: intermediate layers, too.
            digests: also `repo_digests`; newer Engines give them anyway.
            filters: e.g. `{"dangling": True, "label": "env=ci"}`; API 1.12 and later.

        Source: manual v1.19, "List Images".
        """
        wanted = filter_lists(filters)
        if reference is not None:
            wanted = {**(wanted or {}), "reference": [reference]}
        query = {"all": all or None, "digests": digests or None, "filters": wanted}
        return image_summaries(self._transport.call("GET /images/json", query=query).json())

    def viz(self) -> str:
        """The layers of all images as a Graphviz graph (text in the dot language).

        The Engine draws it up to API 1.6; from then on it is drawn here, from the image list.

        Source: manual v1.6, "Get images" with the format viz.
        """
        if self._transport.supports("GET /images/viz"):
            return self._transport.call("GET /images/viz").body.decode("utf-8", "replace")
        return graph(self.images(all=True))

    def pull(
        self,
        repository: str,
        *,
        tag: str | None = None,
        platform: str | None = None,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> Pulled:
        """Pulls an image from its registry; blocks until it is there.

        Args:
            repository: e.g. `debian` or `registry.example.com:5000/team/app:1.2`, with or without
                a tag or digest.
            tag: a tag or digest, if `repository` has none. With neither, `latest` is pulled.
            platform: e.g. `linux/arm64`; API 1.32 and later.
            auth: credentials for the registry.
            progress: called with every `Progress` that the Engine reports. An exception in it
                hangs up, which cancels the pull.

        Raises:
            ImageNotFound: the registry has no such image, or denies that it has.
            PullFailed: the Engine reported an error while it pulled.
            ServerError: the registry cannot be reached, and the like.

        Source: manual v1.19, "Create an image".
        """
        with self.stream_pull(repository, tag=tag, platform=platform, auth=auth) as stream:
            return Pulled.from_progress(_reported(stream, progress))

    def stream_pull(
        self,
        repository: str,
        *,
        tag: str | None = None,
        platform: str | None = None,
        auth: Credentials | None = None,
    ) -> ValueStream[Progress]:
        """What the Engine reports while it pulls an image; the caller closes the stream.

        Closing it before its end cancels the pull. Arguments and errors are those of `pull`.
        """
        name, found = repository_and_tag(repository, tag)
        route = "POST /images/create"
        body = self._transport.stream(
            route,
            query={"fromImage": name, "tag": found or "latest", "platform": platform},
            headers=None if auth is None else registry_auth(auth),
        )
        return ValueStream(body, _progress(PullFailed, route))

    def import_image(
        self,
        source: Source,
        *,
        repository: str | None = None,
        tag: str | None = None,
        message: str | None = None,
        changes: Sequence[str] | None = None,
        progress: OnProgress | None = None,
    ) -> str:
        """Makes an image of a file system: its id. Blocks until it is there.

        Args:
            source: a tar archive: the path of a file, a URL (`http://...`) that the Engine fetches,
                or bytes, a file object, an iterable of bytes.
            repository, tag: a name for the image.
            message: its commit message; API 1.25 and later.
            changes: instructions of a Dockerfile, e.g. `['CMD ["sh"]']`; API 1.20 and later.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            ImportFailed: the Engine reported an error while it read.

        Source: manual v1.19, "Create an image".
        """
        options = {"repository": repository, "tag": tag, "message": message, "changes": changes}
        with opened(source) as content, self._import(content, **options) as stream:
            return imported_id(_reported(stream, progress))

    def stream_import_image(
        self,
        source: Data,
        *,
        repository: str | None = None,
        tag: str | None = None,
        message: str | None = None,
        changes: Sequence[str] | None = None,
    ) -> ValueStream[Progress]:
        ...


def graph(images: list[ImageSummary]) -> str:
    """The layers of images in the dot language."""
    ...
