"""Images (manual v1.19, section 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import models
from ..archive.source import Source, opened
from ..errors import (
    DockerError,
    ImportFailed,
    LoadFailed,
    OperationFailed,
    PullFailed,
    PushFailed,
    StreamInterrupted,
    UnexpectedReply,
    refused_by_registry,
)
from ..protocol.reference import (
    ImageRef,
    ImageReference,
    image_name,
    is_image_id,
    name_to_give,
    registry_searched,
    repository_and_tag,
)
from ..protocol.wire import Decoder, Reports
from ..registry.auth import Credentials, hinting, registry_auth
from ..registry.credentials import StoredCredentials
from ..streams import ByteStream, ValueStream, by_content
from .parameters import (
    PRUNE_FILTERS,
    Filters,
    filter_lists,
    joined_filters,
    known_filters,
    platform_object,
    platform_objects,
    platform_text,
    text,
    texts,
    whole,
)

if TYPE_CHECKING:
    from ..models.images import (
        Attestation,
        Distribution,
        Image,
        ImageSummary,
        Layer,
        Loaded,
        Progress,
        Pulled,
        Pushed,
        Removed,
        SearchResult,
    )
    from ..models.pruned import Pruned
    from ..transport import Transport
    from ..transport.reading import Body

    OnProgress = Callable[[Progress], object]

TAR = {"Content-Type": "application/x-tar"}


class ImagesMixin:
    """Images: list, pull, build, look at, tag, push, save, load, remove."""

    _transport: Transport
    _credentials: StoredCredentials

    def images(
        self,
        *,
        reference: str | None = None,
        all: bool = False,
        digests: bool = False,
        shared_size: bool = False,
        manifests: bool = False,
        identity: bool = False,
        filters: Filters | None = None,
    ) -> list[ImageSummary]:
        """The images, one summary each with all its tags, newest first.

        With `shared_size` it blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            reference: only images with this name, or a pattern (`debian*`).
            all: intermediate layers as well.
            digests: also `repo_digests`; newer Engines always give them.
            shared_size: also compute `shared_size`; API 1.42 and later.
            manifests: also `manifests`, one for each platform; only with containerd's image store;
                API 1.47 and later.
            identity: also the `identity` of each manifest; needs `manifests`; API 1.54 and later.
            filters: e.g. `{"dangling": True, "label": "env=ci"}`; API 1.12 and later.

        Raises:
            ValueError: `reference` is also in `filters`, or `identity` is given without
            `manifests`.

        Source: manual v1.19, "List Images".
        """
        if identity and not manifests:
            raise ValueError("identity: it is that of manifests; give manifests=True, too")
        query = {
            "all": all or None,
            "digests": digests or None,
            "shared-size": shared_size or None,
            "manifests": manifests or None,
            "identity": identity or None,
            "filters": joined_filters(filters, reference=reference),
        }
        walk = None if shared_size else 0
        return models.images.image_summaries(
            self._transport.call("GET /images/json", query=query, extra_time=walk).json()
        )

    def viz(self) -> str:
        """The layers of all images as a Graphviz graph (text in the dot language).

        Up to API 1.6 the Engine draws it; for later versions this method does, from the image list.

        Raises:
            OperationFailed: the Engine could not draw it (0.4 to 0.6 may miss layers of their own).

        Source: manual v1.6, "Get images" with the format viz.
        """
        route = "GET /images/viz"
        if self._transport.supports(route):
            drawn = self._transport.call(route).body.decode("utf-8", "replace")
            # 0.4.4, 0.6.6 and 0.6.7 answer 200 and write the error at the place where drawing
            # failed.
            if not drawn.rstrip().endswith("}"):
                raise OperationFailed(drawn.rstrip().rpartition("\n")[2], route=route)
            return drawn
        return graph(self.images(all=True))

    def pull(
        self,
        repository: str,
        *,
        tag: str | None = None,
        all_tags: bool = False,
        platform: str | None = None,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> Pulled:
        """Pulls an image from its registry; blocks until the image exists.

        Args:
            repository: e.g. `debian` or `registry.example.com:5000/team/app:1.2`, with or without
                a tag or digest.
            tag: a tag or digest, if `repository` has none. Without either, `latest` is pulled.
            all_tags: every tag of the repository in the registry; not with Podman.
            platform: e.g. `linux/arm64`, `linux/arm/v7`, or `linux` alone; API 1.32 and later.
            auth: credentials for the registry; None takes the stored ones, if any.
            progress: called with every `Progress` that the Engine reports. An exception in it
                closes the connection, which cancels the pull.

        Raises:
            ImageNotFound: the registry has no such image, or says so to this caller.
            Unauthorized: the registry requires credentials, or refuses those sent.
            RateLimited: the registry accepts no more requests for now.
            PullFailed: the Engine reported an error during the pull.
            CredentialsError: stored credentials cannot be read.
            ServerError: e.g. the registry cannot be reached.

        Source: manual v1.19, "Create an image".
        """
        with self.stream_pull(
            repository, tag=tag, all_tags=all_tags, platform=platform, auth=auth
        ) as stream:
            return models.images.Pulled.from_progress(reported(stream, progress))

    def stream_pull(
        self,
        repository: str,
        *,
        tag: str | None = None,
        all_tags: bool = False,
        platform: str | None = None,
        auth: Credentials | None = None,
    ) -> ValueStream[Progress]:
        """What the Engine reports during a pull; the caller closes the stream.

        Closing it before its end cancels the pull. Arguments and errors are those of `pull`.
        """
        name, found = repository_and_tag(repository, tag)
        route = "POST /images/create"
        query = {
            "fromImage": name,
            "tag": _every_tag(found) if all_tags else found or "latest",
            "platform": platform_text(platform),
        }
        headers = self._authorization(route, ImageReference.parse(name).full_name, auth)
        with hinting(headers):
            body = self._transport.stream(route, query=query, headers=headers)
        return progress_of(body, PullFailed, route, headers, self._last(models.images.ends_pull))

    def _last(self, ends: Callable[[Progress], bool]) -> Callable[[Progress], bool] | None:
        """Whether a value is the last one; None if this Engine has no such value."""
        return ends if self._transport.negotiated.ends_reports else None

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
        """Creates an image from a root file system: its id. Blocks until the image exists.

        Args:
            source: a tar archive: the path of a file, a URL (`http://...`) that the Engine fetches,
                or bytes, a file object, an iterable of bytes.
            repository, tag: a name for the image.
            message: its commit message; API 1.21 and later.
            changes: Dockerfile instructions, e.g. `['CMD ["sh"]']`; API 1.18 and later.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            ServerError: the data are not an archive, or the URL cannot be fetched.
            ImportFailed: the Engine reported an error during the import.
            OSError: the file cannot be read, or its size changed while it was sent.

        Source: manual v1.19, "Create an image".
        """
        with self.stream_import_image(
            source, repository=repository, tag=tag, message=message, changes=changes
        ) as stream:
            return models.images.imported_id(reported(stream, progress))

    def stream_import_image(
        self,
        source: Source,
        *,
        repository: str | None = None,
        tag: str | None = None,
        message: str | None = None,
        changes: Sequence[str] | None = None,
    ) -> ValueStream[Progress]:
        """What the Engine reports during an import; the caller closes the stream.

        The source has been sent when this returns. Arguments and errors are those of
        `import_image`.
        """
        repository, tag = name_to_give(repository, tag)
        url = isinstance(source, str) and "://" in source
        query = {
            "fromSrc": source if url else "-",
            "repo": repository,
            "tag": tag,
            "message": text("message", message, lines=True),
            "changes": texts("changes", changes),
        }
        route = "POST /images/create"
        with opened("source", b"" if url else source) as content:
            body = self._transport.stream(
                route, query=query, data=None if url else content, headers=None if url else TAR
            )
        return progress_of(body, ImportFailed, route, ends=self._last(models.images.ends_import))

    def insert(
        self, image: ImageRef, *, url: str, path: str, progress: OnProgress | None = None
    ) -> str:
        """Creates an image from another one and a file that the Engine fetches: its id.

        Up to API 1.11.

        Args:
            url: where the Engine gets the file.
            path: the file's path in the new image.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            OperationFailed: the file could not be fetched.
            NotSupported: API 1.12 and later, where a build with ADD does the same.

        Source: manual v1.6, "Insert a file in an image".
        """
        route = "POST /images/{name}/insert"
        body = self._transport.stream(route, image_name(image), query={"url": url, "path": path})
        with progress_of(body, OperationFailed, route) as stream:
            try:
                return models.images.imported_id(reported(stream, progress))
            except UnexpectedReply as error:  # {"Id": ""} of 0.4.4 to 0.6.6
                raise OperationFailed(
                    "the Engine inserted nothing and does not say why", route=route
                ) from error

    def inspect_image(
        self, image: ImageRef, *, platform: str | None = None, manifests: bool = False
    ) -> Image:
        """Everything that the Engine says about an image.

        Args:
            platform: the image for this platform, e.g. `linux/arm64`, if several share the name;
                API 1.49 and later. None takes the one that a new container would use.
            manifests: also `manifests`, one for each platform; only with containerd's image store;
                API 1.48 and later.

        Raises:
            ImageNotFound: no such image, or none for the platform.
            ValueError: `platform` and `manifests` are both given.

        Source: manual v1.19, "Inspect an image".
        """
        if manifests and platform is not None:
            raise ValueError("manifests: they are of all platforms; leave platform out")
        query = {"platform": platform_object(platform), "manifests": manifests or None}
        reply = self._transport.call("GET /images/{name}/json", image_name(image), query=query)
        return models.images.Image.parse(reply.json())

    def history(self, image: ImageRef, *, platform: str | None = None) -> list[Layer]:
        """The layers of an image, newest first.

        Args:
            platform: e.g. `linux/arm64`; API 1.48 and later. None takes the image that a new
                container would use.

        Raises:
            ImageNotFound: no such image, or none for the platform.

        Source: manual v1.19, "Get the history of an image".
        """
        query = {"platform": platform_object(platform)}
        reply = self._transport.call("GET /images/{name}/history", image_name(image), query=query)
        return models.base.rows(models.images.Layer, reply.json())

    def image_attestations(
        self,
        image: ImageRef,
        *,
        platform: str | None = None,
        types: Sequence[str] | None = None,
        statement: bool = False,
    ) -> list[Attestation]:
        """Attestations of an image, such as its provenance and its bill of materials.

        API 1.55 and later, with containerd's image store.

        Args:
            platform: e.g. `linux/arm64`; None takes the Engine's own.
            types: only these predicate types, e.g. `https://slsa.dev/provenance/v1`.
            statement: also the `statement` of each.

        Raises:
            ImageNotFound: no such image, or none for the platform.
            ServerError: the Engine has another image store, without attestations.

        Source: manual v1.55, "Get attestation statements for an image".
        """
        query = {
            "platform": platform_object(platform),
            "type": texts("types", types),
            "statement": statement or None,
        }
        route = "GET /images/{name}/attestations"
        reply = self._transport.call(route, image_name(image), query=query)
        return models.base.rows(models.images.Attestation, reply.json())

    def push(
        self,
        repository: str,
        *,
        tag: str | None = None,
        all_tags: bool = False,
        platform: str | None = None,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> Pushed:
        """Pushes an image to its registry; blocks until the registry has it.

        Args:
            repository: a name of the image, e.g. `registry.example.com:5000/team/app`, with or
                without the tag.
            tag: the tag, if `repository` has none; API 1.10 and later. Without either, `latest` is
                pushed; below API 1.10 all tags are.
            all_tags: every tag that the Engine has in the repository; not with Podman.
            platform: only the image for this platform, e.g. `linux/arm64`, if several share the
                name; API 1.46 and later.
            auth: credentials for the registry; None takes the stored ones, and without those the
                push is anonymous.
            progress: called with every `Progress` that the Engine reports. An exception in it
                closes the connection, which cancels the push.

        Raises:
            ImageNotFound: no image has this name, or none for the platform.
            Unauthorized: the registry requires credentials, or refuses those sent.
            Forbidden: the registry accepts the credentials, and denies the push.
            RateLimited: the registry accepts no more requests for now.
            PushFailed: the registry refused for another reason, or could not be reached.
            CredentialsError: stored credentials cannot be read.

        Source: manual v1.19, "Push an image on the registry".
        """
        with self.stream_push(
            repository, tag=tag, all_tags=all_tags, platform=platform, auth=auth
        ) as stream:
            return models.images.Pushed.from_progress(reported(stream, progress))

    def stream_push(
        self,
        repository: str,
        *,
        tag: str | None = None,
        all_tags: bool = False,
        platform: str | None = None,
        auth: Credentials | None = None,
    ) -> ValueStream[Progress]:
        """What the Engine reports during a push; the caller closes the stream.

        Closing it before its end cancels the push. Arguments and errors are those of `push`.
        """
        name, found = repository_and_tag(repository, tag, digest=False)
        named: str | None = _every_tag(found) if all_tags else found or "latest"
        query = {"platform": platform_object(platform)}
        route = "POST /images/{name}/push"
        headers = self._authorization(route, ImageReference.parse(name).full_name, auth)
        if found is None and not self._transport.supports(route, query="tag"):
            named = None  # all tags are pushed
        with hinting(headers):
            body = self._transport.stream(
                route, name, query={"tag": named, **query}, headers=headers or registry_auth(None)
            )
        ends = None if named in (None, "") else self._last(models.images.ends_push)
        return progress_of(body, PushFailed, route, headers, ends)

    def tag(
        self,
        image: ImageRef,
        repository: str,
        *,
        tag: str | None = None,
        force: bool | None = None,
    ) -> None:
        """Gives an image another name, in addition to those it has.

        Args:
            repository: the name, with or without a tag.
            tag: the tag, if `repository` has none. Without either, it is `latest`.
            force: take the name from another image. Without it, Engines 0.4.1 to 1.9 refuse; from
                API 1.24 on a taken name is always moved, and `force` is refused.

        Raises:
            ImageNotFound: no such image.
            Conflict: the name is taken (Engines 0.4.1 to 1.9).

        Source: manual v1.19, "Tag an image into a repository".
        """
        name, found = repository_and_tag(repository, tag, digest=False)
        query = {"repo": name, "tag": found, "force": force}
        self._transport.call("POST /images/{name}/tag", image_name(image), query=query)

    def remove_image(
        self,
        image: ImageRef,
        *,
        force: bool = False,
        no_prune: bool = False,
        platforms: Sequence[str] | None = None,
    ) -> list[Removed]:
        """Removes a name of an image; with its last name, the image itself.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            force: remove all its names, and ignore stopped containers that use it.
            no_prune: keep parents without a name.
            platforms: only the images for these platforms, e.g. `["linux/arm64"]`, if several share
                the name; API 1.50 and later.

        Returns:
            What was untagged and what was deleted, in order. Empty below API 1.2, whose Engines do
            not say.

        Raises:
            ImageNotFound: no such image, or none for the platforms.
            BadRequest: `platforms` in containerd's image store needs `force`, since other images
                may share them.
            InUse: a container uses it; `users` has the container's id.
            Conflict: other images are based on it, or it has several names (API 1.2 and later).

        Source: manual v1.19, "Remove an image".
        """
        query = {
            "force": force or None,
            "noprune": no_prune or None,
            "platforms": platform_objects(platforms),
        }
        reply = self._transport.call(
            "DELETE /images/{name}", image_name(image), query=query, extra_time=None
        )
        return models.base.rows(models.images.Removed, reply.json() if reply.body else None)

    def prune_images(self, *, all: bool = False, filters: Filters | None = None) -> Pruned:
        """Removes every image that has no name and is used by no container and no other image.

        API 1.25 and later. Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            all: every image that no container uses, named or not.
            filters: `until` (created before then, e.g. `24h`) from API 1.28 on; `label` and
                `label!` from 1.29. Older Engines would ignore them and remove everything.

        Returns:
            What was deleted and what was untagged, and the bytes freed.

        Raises:
            Busy: another prune is running.
            ValueError: an unknown filter.
            BadRequest: an invalid time; ServerError before 29.0.

        Source: manual v1.55, "Delete unused images".
        """
        given = known_filters(filters, *PRUNE_FILTERS, all=("all", "dangling"))
        query = {"filters": {**(given or {}), "dangling": ["false"]} if all else given}
        reply = self._transport.call("POST /images/prune", query=query, extra_time=None)
        return models.pruned.Pruned.parse(reply.json())

    def search(
        self,
        term: str,
        *,
        limit: int | None = None,
        filters: Filters | None = None,
        auth: Credentials | None = None,
    ) -> list[SearchResult]:
        """Repositories that match a term, on Docker Hub or on another registry.

        Args:
            term: the term, or `host/term` for the registry at that host.
            limit: at most so many; API 1.24 and later.
            filters: e.g. `{"is-official": True}`; API 1.24 and later.
            auth: credentials for the registry; API 1.9 and later. None takes the stored ones, if
                any.

        Raises:
            ServerError: the registry cannot be reached; BadRequest from 26.1 and 28.5.
            RateLimited: the registry accepts no more requests for now.
            CredentialsError: stored credentials cannot be read.

        Source: manual v1.19, "Search images".
        """
        query = {
            "term": text("term", term, empty=False),
            "limit": whole("limit", limit, least=1),
            "filters": filter_lists(filters),
        }
        route = "GET /images/search"
        headers = self._authorization(route, registry_searched(term), auth)
        with hinting(headers):
            reply = self._transport.call(route, query=query, headers=headers)
        return models.base.rows(models.images.SearchResult, reply.json())

    def inspect_distribution(self, image: str, *, auth: Credentials | None = None) -> Distribution:
        """What a registry has under an image's name: the digest and the platforms.

        Nothing is pulled, and the Engine's own images are not considered. API 1.30 and later.

        Args:
            image: a name, with a tag or a digest; without either, the tag is `latest`.
            auth: credentials for the registry; None takes the stored ones, if any.

        Raises:
            ImageNotFound: the registry has no such image.
            Unauthorized: the registry requires credentials, or refuses those sent.
            RateLimited: the registry accepts no more requests for now.
            ServerError: the registry cannot be reached.
            CredentialsError: stored credentials cannot be read.
            ValueError: `image` is an id, which registries do not know.

        Source: manual v1.55, "Get image information from the registry".
        """
        route = "GET /distribution/{name}/json"
        if is_image_id(text("image", image, empty=False) or ""):
            raise ValueError(f"image: a name was expected, not the id {image!r}")
        named = ImageReference.parse(image)
        headers = self._authorization(route, named.full_name, auth)
        with hinting(headers):
            reply = self._transport.call(route, image, headers=headers)
        return models.images.Distribution.parse(reply.json())

    def _authorization(self, route: str, name: str, auth: Credentials | None) -> dict[str, str]:
        """The header with credentials, for an image's full name or for a registry.

        The credentials are those given, or else the stored ones. Stored ones are left out if the
        API version cannot send them: they are only a default.
        """
        if auth is not None:
            return registry_auth(auth)
        stored = self._credentials.of(name)
        if stored is None:
            return {}
        carried = self._transport.supports(route, header="X-Registry-Auth")
        return registry_auth(stored) if carried else {}

    def get_image(self, *images: ImageRef, platforms: Sequence[str] | None = None) -> ByteStream:
        """Images with their layers and names, as a tar archive.

        The caller closes the stream. API 1.7 and later; several images from 1.15.

        Args:
            images: names or ids.
            platforms: only the images for these platforms, e.g. `["linux/arm64"]`, if several share
                a name; API 1.48 and later, several platforms from 1.52.

        Raises:
            ImageNotFound: no such image, or none for the platforms (ServerError from older
                Engines).

        Source: manual v1.19, "Get a tarball containing all images in a repository".
        """
        names = [image_name(image) for image in images]
        if not names:
            raise ValueError("get_image: no image is named")
        query: dict[str, Any] = {"platform": platform_objects(platforms)}
        if len(names) == 1:
            route = "GET /images/{name}/get"
            return ByteStream(self._transport.stream(route, names[0], query=query))
        query["names"] = names
        return ByteStream(self._transport.stream("GET /images/get", query=query))

    def load_image(
        self,
        data: Source,
        *,
        platforms: Sequence[str] | None = None,
        progress: OnProgress | None = None,
    ) -> Loaded:
        """Loads the images in an archive made by `get_image`: their names or ids.

        Blocks until the images exist. API 1.7 and later; Engines before API 1.23 do not say what
        they loaded.

        Args:
            data: the path of a file, or bytes, a file object, an iterable of bytes.
            platforms: only the images for these platforms, e.g. `["linux/arm64"]`; API 1.48 and
                later, several platforms from 1.52.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            LoadFailed: the data are not an image archive, or the Engine reported another error.
            OSError: the file cannot be read, or its size changed while it was sent.

        Source: manual v1.19, "Load a tarball with a set of images and tags into docker".
        """
        with self.stream_load_image(data, platforms=platforms) as stream:
            return models.images.Loaded.from_progress(reported(stream, progress))

    def stream_load_image(
        self, data: Source, *, platforms: Sequence[str] | None = None
    ) -> ValueStream[Progress]:
        """What the Engine reports while it loads images; the caller closes the stream.

        The data have been sent when this returns. Arguments and errors are those of `load_image`.
        """
        route = "POST /images/load"
        query = {"platform": platform_objects(platforms)}
        with opened("data", data) as content:
            body = self._transport.stream(route, query=query, data=content, headers=TAR)
        return progress_of(body, LoadFailed, route)


def reported(stream: ValueStream[Progress], progress: OnProgress | None) -> Iterator[Progress]:
    """The values of a stream, to its end; each is first given to the callback."""
    for value in stream.rest():
        if progress is not None:
            progress(value)
        yield value


def _every_tag(tag: str | None) -> str:
    """The tag in a query for all tags."""
    if tag is not None:
        raise ValueError(f"all_tags: the tag {tag!r} is named, too")
    return ""


def progress_of(
    body: Body,
    error: type[OperationFailed],
    route: str,
    headers: Mapping[str, str] | None = None,
    ends: Callable[[Progress], bool] | None = None,
) -> ValueStream[Progress]:
    """A stream of progress; a value that reports an error is raised.

    Args:
        headers: those with the credentials that were sent, if any.
        ends: whether a value is the last one, where this Engine has such a value.
    """

    def parse(json: Any) -> Progress:
        value = models.images.Progress.parse(json)
        if value.error is not None:
            with hinting(headers):
                raise refused_by_registry(route, value.error) or error(
                    value.error, route=route, code=value.error_code
                )
        return value

    return report_of(body, parse, Reports(), route, ends)


def report_of(
    body: Body,
    parse: Callable[[Any], Progress],
    decoder: Decoder[Any],
    route: str,
    ends: Callable[[Progress], bool] | None,
) -> ValueStream[Progress]:
    """A stream of reports; if the end of the answer is no proof, the last value must have come.

    `ends` is as in `progress_of`.
    """
    if body.is_sure or ends is None:
        return ValueStream(body, parse, decoder)
    has_come = False

    def watched(json: Any) -> Progress:
        nonlocal has_come
        value = parse(json)
        has_come = has_come or ends(value)
        return value

    def confirm(reset: DockerError | None) -> None:
        by_content(reset)
        if not has_come:
            raise StreamInterrupted(f"{route}: the report ended, and its last message is missing")

    return ValueStream(body, watched, decoder, confirm=confirm)


def graph(images: list[ImageSummary]) -> str:
    """The image layers in the dot language, drawn as by Engines up to API 1.6."""
    lines = ["digraph docker {"]
    for image in images:
        if image.parent_id:
            lines.append(f' "{_short(image.parent_id)}" -> "{_short(image.id)}"')
        else:
            lines.append(f' base -> "{_short(image.id)}" [style=invis]')
    for image in images:
        if image.repo_tags:
            label = "\\n".join([_short(image.id), *image.repo_tags])
            lines.append(
                f' "{_short(image.id)}" [label="{label}",shape=box,fillcolor="paleturquoise",'
                'style="filled,rounded"];'
            )
    return "\n".join([*lines, " base [style=invisible]", "}", ""])


def _short(id: str) -> str:
    return id.rpartition(":")[2][:12]
