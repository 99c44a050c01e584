"""Images (manual v1.19, section 2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import models
from ..archive.source import Source, opened
from ..errors import (
    ImportFailed,
    LoadFailed,
    OperationFailed,
    PullFailed,
    PushFailed,
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
from ..protocol.wire import Reports
from ..registry.auth import Credentials, hinting, registry_auth
from ..registry.credentials import StoredCredentials
from ..streams import ByteStream, ValueStream
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

        With `shared_size` it blocks as long as the Engine takes, or for `Timeouts(idle=)`.

        Args:
            reference: only those with this name, or pattern (`debian*`).
            all: intermediate layers, too.
            digests: also `repo_digests`; newer Engines give them anyway.
            shared_size: also compute `shared_size`; API 1.42 and later.
            manifests: also `manifests`, one for each platform, of Engines with containerd's image
                store; API 1.47 and later.
            identity: also the `identity` of each manifest, with `manifests` only; API 1.54 and
                later.
            filters: e.g. `{"dangling": True, "label": "env=ci"}`; API 1.12 and later.

        Raises:
            ValueError: `reference` is in `filters`, too, or `identity` goes without `manifests`.

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

        Up to API 1.6 the Engine draws it; from then on this method does, from the image list.

        Raises:
            OperationFailed: the Engine could not draw it (0.4 to 0.6 miss layers of their own).

        Source: manual v1.6, "Get images" with the format viz.
        """
        route = "GET /images/viz"
        if self._transport.supports(route):
            drawn = self._transport.call(route).body.decode("utf-8", "replace")
            # 0.4.4, 0.6.6 and 0.6.7 answer 200 and put the error where they stopped drawing.
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
        """Pulls an image from its registry; blocks until it is there.

        Args:
            repository: e.g. `debian` or `registry.example.com:5000/team/app:1.2`, with or without
                a tag or digest.
            tag: a tag or digest, if `repository` has none. With neither, `latest` is pulled.
            all_tags: every tag that the registry has of it; not with Podman.
            platform: e.g. `linux/arm64`, `linux/arm/v7`, or `linux` alone; API 1.32 and later.
            auth: credentials for the registry; None takes the stored ones, if any.
            progress: called with every `Progress` that the Engine reports. An exception in it
                hangs up, which cancels the pull.

        Raises:
            ImageNotFound: the registry has no such image, or denies that it has.
            Unauthorized: the registry wants credentials, or other ones.
            RateLimited: the registry takes no more requests for now.
            PullFailed: the Engine reported an error while it pulled.
            CredentialsError: stored credentials cannot be read.
            ServerError: the registry cannot be reached, and the like.

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
        """What the Engine reports while it pulls an image; the caller closes the stream.

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
        return progress_of(body, PullFailed, route, headers)

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
            message: its commit message; API 1.21 and later.
            changes: instructions of a Dockerfile, e.g. `['CMD ["sh"]']`; API 1.18 and later.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            ServerError: the data are no archive, or the URL cannot be fetched.
            ImportFailed: the Engine reported an error while it read.
            OSError: the file cannot be read, or changed its size while it was sent.

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
        """What the Engine reports while it imports; the caller closes the stream.

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
        return progress_of(body, ImportFailed, route)

    def insert(
        self, image: ImageRef, *, url: str, path: str, progress: OnProgress | None = None
    ) -> str:
        """Makes an image of another one and a file that the Engine fetches: its id.

        Up to API 1.11.

        Args:
            url: where the Engine gets the file.
            path: where it is put in the image.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            OperationFailed: the file could not be fetched.
            NotSupported: API 1.12 and later; a build with ADD does it there.

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
        """Everything that the Engine knows of an image.

        Args:
            platform: that of this platform, e.g. `linux/arm64`, of those that share the name; API
                1.49 and later. None takes the one that a container would be made of.
            manifests: also `manifests`, one for each platform, of Engines with containerd's image
                store; API 1.48 and later.

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
            platform: of which platform, e.g. `linux/arm64`; API 1.48 and later. None takes the one
                that a container would be made of.

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
        """What was attested about an image when it was built: where from, and what is in it.

        API 1.55 and later, of Engines with containerd's image store.

        Args:
            platform: of which platform, e.g. `linux/arm64`; None takes the Engine's own.
            types: only those of these predicate types, e.g. `https://slsa.dev/provenance/v1`.
            statement: also the `statement` of each.

        Raises:
            ImageNotFound: no such image, or none for the platform.
            ServerError: the Engine has another image store, which keeps no attestations.

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
        """Pushes an image to its registry; blocks until it is there.

        Args:
            repository: a name that the image has, e.g. `registry.example.com:5000/team/app`, with
                or without the tag.
            tag: the tag, if `repository` has none; API 1.10 and later. With neither, `latest` is
                pushed; below API 1.10 all tags are.
            all_tags: every tag that the image's repository has here; not with Podman.
            platform: only that for this platform, e.g. `linux/arm64`, of those that share the name;
                API 1.46 and later.
            auth: credentials for the registry; None takes the stored ones, and without those the
                push is anonymous.
            progress: called with every `Progress` that the Engine reports. An exception in it
                hangs up, which cancels the push.

        Raises:
            ImageNotFound: no image has this name, or none for the platform.
            Unauthorized: the registry wants credentials, or other ones.
            Forbidden: the registry accepts the credentials, and denies the push.
            RateLimited: the registry takes no more requests for now.
            PushFailed: the registry refused otherwise, or could not be reached.
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
        """What the Engine reports while it pushes an image; the caller closes the stream.

        Closing it before its end cancels the push. Arguments and errors are those of `push`.
        """
        name, found = repository_and_tag(repository, tag, digest=False)
        named: str | None = _every_tag(found) if all_tags else found or "latest"
        query = {"platform": platform_object(platform)}
        route = "POST /images/{name}/push"
        headers = self._authorization(route, ImageReference.parse(name).full_name, auth)
        if found is None and not self._transport.supports(route, query="tag"):
            named = None  # all are pushed
        with hinting(headers):
            body = self._transport.stream(
                route, name, query={"tag": named, **query}, headers=headers or registry_auth(None)
            )
        return progress_of(body, PushFailed, route, headers)

    def tag(
        self,
        image: ImageRef,
        repository: str,
        *,
        tag: str | None = None,
        force: bool | None = None,
    ) -> None:
        """Gives an image a further name.

        Args:
            repository: the name, with or without a tag.
            tag: the tag, if `repository` has none. With neither it is `latest`.
            force: take the name from another image. Without it, Engines 0.4.1 to 1.9 refuse;
                from API 1.24 on the name is always taken, and this is refused.

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
        """Removes a name of an image, and the image itself with its last name.

        Blocks as long as the Engine takes, at most for `Timeouts(idle=)`.

        Args:
            force: also if stopped containers use it, and all its names.
            no_prune: keep parents that have no name.
            platforms: only those for these platforms, e.g. `["linux/arm64"]`, of those that share
                the name; API 1.50 and later.

        Returns:
            what was untagged and what was deleted, in order; nothing below API 1.2, whose Engines
            do not tell.

        Raises:
            ImageNotFound: no such image, or none for the platforms.
            BadRequest: containerd's image store wants `force` to remove `platforms`, since other
                images may share them.
            InUse: a container uses it; `users` has its id.
            Conflict: other images are made of it, or it has several names (API 1.2 and later).

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
        """Removes every image without a name that no container and no other image needs.

        API 1.25 and later. Blocks as long as the Engine takes, or for `Timeouts(idle=)`.

        Args:
            all: every image that no container has, with its names.
            filters: `until` (made before this, e.g. `24h`) from API 1.28 on; `label` and `label!`
                from 1.29. Older Engines would ignore them, and remove everything.

        Returns:
            What was deleted and what lost its name, and the bytes that this gave back.

        Raises:
            Busy: another prune is running.
            ValueError: another filter.
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
        """The repositories of Docker Hub, or of a registry named in `term`, that fit a word.

        Args:
            limit: at most so many; API 1.24 and later.
            filters: e.g. `{"is-official": True}`; API 1.24 and later.
            auth: credentials for the registry, API 1.9 and later; None takes those that are stored
                for it, if any.

        Raises:
            ServerError: the registry cannot be reached; BadRequest from 26.1 and 28.5.
            RateLimited: the registry takes no more requests for now.
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
        """What a registry has under the name of an image: its digest and platforms.

        Nothing is pulled, and images of the Engine do not count. API 1.30 and later.

        Args:
            image: a name, with a tag or a digest; without one it is the tag `latest`.
            auth: credentials for the registry; None takes the stored ones, if any.

        Raises:
            ImageNotFound: the registry has no such image.
            Unauthorized: the registry wants credentials, or other ones.
            RateLimited: the registry takes no more requests for now.
            ServerError: the registry cannot be reached.
            CredentialsError: stored credentials cannot be read.
            ValueError: `image` is an id, which no registry knows.

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
        """The header with the credentials for an image's full name, or for a registry.

        The credentials are the given ones, or else the stored ones. Stored ones are left out where
        the API version cannot carry them: the caller has not asked for them.
        """
        if auth is not None:
            return registry_auth(auth)
        stored = self._credentials.of(name)
        if stored is None:
            return {}
        carried = self._transport.supports(route, header="X-Registry-Auth")
        return registry_auth(stored) if carried else {}

    def get_image(self, *images: ImageRef, platforms: Sequence[str] | None = None) -> ByteStream:
        """Images with their layers and names as a tar archive.

        The caller closes the stream. API 1.7 and later; several at once from 1.15.

        Args:
            images: names or ids.
            platforms: only those for these platforms, e.g. `["linux/arm64"]`, of those that share a
                name; API 1.48 and later, several from 1.52.

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
        """Loads the images of an archive, as `get_image` makes it: their names or ids.

        Blocks until they are there. API 1.7 and later; Engines before API 1.23 do not tell what
        they loaded.

        Args:
            data: the path of a file, or bytes, a file object, an iterable of bytes.
            platforms: only those for these platforms, e.g. `["linux/arm64"]`, of those that are in
                the archive; API 1.48 and later, several from 1.52.
            progress: called with every `Progress` that the Engine reports.

        Raises:
            LoadFailed: the data are no archive of images, or the Engine reported another error
                while it read.
            OSError: the file cannot be read, or changed its size while it was sent.

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
    """The values of a stream, to its end; the callback gets each one first."""
    for value in stream.rest():
        if progress is not None:
            progress(value)
        yield value


def _every_tag(tag: str | None) -> str:
    """What asks for all tags, where none is named."""
    if tag is not None:
        raise ValueError(f"all_tags: the tag {tag!r} is named, too")
    return ""


def progress_of(
    body: Body,
    error: type[OperationFailed],
    route: str,
    headers: Mapping[str, str] | None = None,
) -> ValueStream[Progress]:
    """What the Engine reports; a value that is an error raises it.

    `headers` are those with the credentials that were sent, if any.
    """

    def parse(json: Any) -> Progress:
        value = models.images.Progress.parse(json)
        if value.error is not None:
            with hinting(headers):
                raise refused_by_registry(route, value.error) or error(
                    value.error, route=route, code=value.error_code
                )
        return value

    return ValueStream(body, parse, Reports())


def graph(images: list[ImageSummary]) -> str:
    """The layers of images in the dot language, as Engines up to API 1.6 draw them."""
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
