"""Images as the Engine describes them, and what it reports while it makes or moves them.

An image has the same fields with the same values from every Engine since 0.3.3. What an Engine does
not tell is None; the docstrings say from which API version a field is there.

`Pulled`, `Pushed`, `Built`, `Loaded` and `imported_id` sum up a stream of `Progress`. They read it
once, in constant memory (`Built` keeps its log). They do not look for errors: the stream raises
them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import UnexpectedReply, shown
from .base import (
    Model,
    as_received,
    filled,
    flag,
    integer,
    many,
    mapping,
    model,
    one,
    rows,
    strings,
    when,
    wire,
)
from .base import text as string

if TYPE_CHECKING:
    from typing_extensions import Self

    from .config import ContainerConfig
    from .identity import Identity


def _names(value: Any) -> tuple[str, ...]:
    """References, without the placeholder `<none>`."""
    return tuple(name for name in strings(value) if name not in _NO_NAMES)


_NO_NAMES = {"<none>:<none>", "<none>@<none>"}


def _computed(value: Any) -> int | None:
    found = integer(value)
    return None if found == -1 else found


def _dotted(key: str, read: Any, default: Any = None) -> Any:
    """A field whose key has a dot in it."""
    return wire("", read=lambda json: read(json.get(key)), default=default)


@model
class Platform(Model):
    """What an image was made for.

    Attributes:
        architecture: such as `amd64`, in Go's words.
        os: such as `linux`.
        os_version: of Windows, such as `10.0.19041.1165`; None elsewhere.
        os_features: what the image needs of Windows, such as `win32k`.
        variant: of the processor, such as `v7` of `arm`.
    """

    architecture: str | None = wire("architecture", read=filled)
    os: str | None = wire("os", read=filled)
    os_version: str | None = _dotted("os.version", filled)
    os_features: tuple[str, ...] = _dotted("os.features", strings, default=())
    variant: str | None = wire("variant", read=filled)


@model
class Descriptor(Model):
    """An OCI descriptor: what some content is, and the digest by which it is found.

    Attributes:
        media_type: what the content is, such as `application/vnd.oci.image.manifest.v1+json`.
        digest: of the content, such as `sha256:c0537...`.
        size: of the content, in bytes.
        urls: where else it can be fetched.
        annotations: further facts, by name.
        data: the content itself, in base64; None where it is not embedded.
        platform: what the content was made for; None where that is not said.
        artifact_type: the kind of an artifact that is no image; None of images.
    """

    media_type: str | None = wire("mediaType", read=filled)
    digest: str | None = wire("digest", read=filled)
    size: int | None = wire("size", read=integer)
    urls: tuple[str, ...] = wire("urls", read=strings, default=())
    annotations: dict[str, str] = wire("annotations", read=mapping, default=attrs.Factory(dict))
    data: str | None = wire("data", read=filled)
    platform: Platform | None = wire("platform", read=one(Platform))
    artifact_type: str | None = wire("artifactType", read=filled)


def _platforms(value: Any) -> tuple[Platform, ...] | None:
    """Without those of attestations, which are for no platform."""
    if value is None:
        return None
    found = many(Platform)(value)
    return tuple(one for one in found if (one.os, one.architecture) != ("unknown", "unknown"))


@model
class Distribution(Model):
    """What a registry has under a name: where it is found, and the platforms that it is for.

    Attributes:
        descriptor: of the image, or of the list of its platforms.
        platforms: without those of attestations; None where the Engine does not tell, as of an
            image in the OCI's format.
    """

    descriptor: Descriptor = wire("Descriptor", read=one(Descriptor), required=True)
    platforms: tuple[Platform, ...] | None = wire("Platforms", read=_platforms)

    @property
    def digest(self) -> str | None:
        """What names it for good: that of the image, or of the list of its platforms."""
        return self.descriptor.digest


@model
class Manifest(Model):
    """An image for one platform, or an attestation, out of those that share a name.

    Attributes:
        id: the digest of the manifest.
        descriptor: of the manifest.
        available: whether all of its content is on this Engine.
        kind: `image`, `attestation` or `unknown`.
        size: bytes that it takes in all: packed content and unpacked files.
        content_size: bytes of the packed content that is here.
        unpacked_size: bytes of the unpacked files; None of what is no image.
        platform: what it was made for; None of what is no image.
        containers: the ids of the containers that use it.
        identity: where it comes from; API 1.54 and later, where it was asked for.
        attests: the digest of the image that an attestation is about; None of all else.
    """

    id: str | None = wire("ID", read=filled)
    descriptor: Descriptor | None = wire("Descriptor", read=one(Descriptor))
    available: bool | None = wire("Available", read=flag)
    kind: str | None = wire("Kind", read=filled)
    size: int | None = wire("Size.Total", read=integer)
    content_size: int | None = wire("Size.Content", read=integer)
    unpacked_size: int | None = wire("ImageData.Size.Unpacked", read=integer)
    platform: Platform | None = wire("ImageData.Platform", read=one(Platform))
    containers: tuple[str, ...] = wire("ImageData.Containers", read=strings, default=())
    identity: Identity | None = wire("ImageData.Identity", read=one("identity.Identity"))
    attests: str | None = wire("AttestationData.For", read=filled)


@model
class Attestation(Model):
    """What was attested about an image, and where it is kept.

    Attributes:
        descriptor: of the content that has the statement.
        predicate_type: what is stated, such as `https://slsa.dev/provenance/v0.2`.
        statement: the whole of it, as it was received; None unless it was asked for.
    """

    descriptor: Descriptor | None = wire("Descriptor", read=one(Descriptor))
    predicate_type: str | None = wire("PredicateType", read=filled)
    statement: Any = wire("Statement", read=as_received)


@model
class StorageDriver(Model):
    """The storage driver, and its own data about an image or a container.

    Attributes:
        name: such as `overlay2`.
        data: by the driver's own names, such as `MergedDir`, a path on the Engine's host.
    """

    name: str | None = wire("Name", read=filled)
    data: dict[str, str] = wire("Data", read=mapping, default=attrs.Factory(dict))


@model
class ImageSummary(Model):
    """A row of the list of images: one image with all its tags.

    Attributes:
        id: with `sha256:` before it from Engine 1.10.0 on; short up to 0.6.5.
        parent_id: of the image that it was built on here; None where it was pulled; API 1.7 and
            later.
        repo_tags: its names, such as `debian:12`; empty if it has none.
        repo_digests: its names with the digest that a registry has for it; API 1.18 and later.
        created: when it was built.
        size: in bytes: of its own layer before Engine 1.10.0, of the whole image after; API 1.2 and
            later.
        virtual_size: of the whole image, in bytes; API 1.2 and later.
        shared_size: bytes that it has in common with other images; None unless the Engine computed
            it.
        labels: API 1.18 and later; empty before.
        containers: how many use it; None unless the Engine computed it.
        manifests: one for each platform, where they were asked for; API 1.47 and later.
        descriptor: of its manifest, or of the list of them; API 1.48 and later.
    """

    id: str = wire("Id", "ID", read=string, required=True)
    parent_id: str | None = wire("ParentId", read=filled)
    repo_tags: tuple[str, ...] = wire("RepoTags", read=_names, default=())
    repo_digests: tuple[str, ...] = wire("RepoDigests", read=_names, default=())
    created: datetime.datetime | None = wire("Created", read=when)
    size: int | None = wire("Size", read=integer)
    virtual_size: int | None = wire("VirtualSize", "Size", read=integer)
    shared_size: int | None = wire("SharedSize", read=_computed)
    labels: dict[str, str] = wire("Labels", read=mapping, default=attrs.Factory(dict))
    containers: int | None = wire("Containers", read=_computed)
    manifests: tuple[Manifest, ...] = wire("Manifests", read=many(Manifest), default=())
    descriptor: Descriptor | None = wire("Descriptor", read=one(Descriptor))


def image_summaries(json: Any) -> list[ImageSummary]:
    """The list of images; the rows of API 1.0 to 1.6, one for each tag, become one per image."""
    summaries = rows(ImageSummary, json)
    if not any("Repository" in summary.raw for summary in summaries):
        return summaries
    merged: dict[str, dict[str, Any]] = {}
    for summary in summaries:
        # Engine 0.8.0 sends empty ids here (differences: 5.1): those cannot be merged.
        key = summary.id or f"row {len(merged)}"
        row = merged.setdefault(key, {**summary.raw, "RepoTags": []})
        row["RepoTags"].extend(_legacy_tag(summary.raw))
    return rows(ImageSummary, list(merged.values()))


def _legacy_tag(row: Any) -> Iterator[str]:
    # A host with a port is right here, too: 0.7 to 1.1 split `host:5000/name:tag` at its first
    # colon (differences: 5.1).
    try:
        repository, tag = string(row.get("Repository")), string(row.get("Tag"))
    except TypeError as error:
        raise UnexpectedReply(f"ImageSummary.repo_tags: {error}", raw=row) from error
    if repository is not None:
        yield repository if tag is None else f"{repository}:{tag}"


def _virtual_size(image: dict[str, Any]) -> int | None:
    """The size of the whole image; from API 1.44 on it is only in Size.

    Up to Engine 1.2 there is none: Size is that of the image's own layer. An answer of that time
    has no RootFS (API 1.23 and later).
    """
    found = integer(image.get("VirtualSize"))
    return integer(image.get("Size")) if found is None and "RootFS" in image else found


@model
class Image(Model):
    """Everything that the Engine knows of an image.

    Attributes:
        id: with `sha256:` before it from Engine 1.10.0 on.
        parent: the id of the image that it was built on here; None where it was pulled; to API
            1.52.
        repo_tags: its names, such as `debian:12`; API 1.21 and later.
        repo_digests: its names with the digest that a registry has for it; API 1.21 and later.
        created: when it was built; None if the image does not say.
        comment: the message of the commit or import that made it.
        author: who made it, as `MAINTAINER` or a commit says.
        config: what its containers have by default: command, environment, labels.
        container: the id of the container that it was made from; to API 1.44.
        container_config: of the container that it was made from; to API 1.44.
        docker_version: the release that built it; None of other builders; to API 1.52.
        architecture: such as `amd64`, in Go's words.
        variant: of the processor, such as `v7` of `arm`; Engine 19.03 and later.
        os: such as `linux`.
        os_version: of Windows; None elsewhere; Engine 1.13.0 and later.
        size: in bytes: of its own layer before Engine 1.10.0, of the whole image after.
        virtual_size: of the whole image, in bytes; Engine 1.3.0 and later.
        storage_driver: the storage driver and its own data about the image; API 1.20 and later.
        root_fs_type: `layers`; API 1.23 and later.
        layers: the digests of its layers, unpacked, the lowest first; API 1.23 and later.
        last_tagged: when it last got a name on this Engine; None if it never did, and up to API
            1.30.
        manifests: one for each platform, where they were asked for; API 1.48 and later.
        descriptor: of its manifest, or of the list of them; API 1.48 and later.
        identity: where it comes from, as far as the Engine has checked it; API 1.53 and later.
    """

    id: str = wire("Id", "id", read=string, required=True)
    parent: str | None = wire("Parent", "parent", read=filled)
    repo_tags: tuple[str, ...] = wire("RepoTags", read=_names, default=())
    repo_digests: tuple[str, ...] = wire("RepoDigests", read=_names, default=())
    created: datetime.datetime | None = wire("Created", "created", read=when)
    comment: str | None = wire("Comment", "comment", read=filled)
    author: str | None = wire("Author", "author", read=filled)
    config: ContainerConfig | None = wire("Config", "config", read=one("config.ContainerConfig"))
    container: str | None = wire("Container", "container", read=filled)
    container_config: ContainerConfig | None = wire(
        "ContainerConfig", "container_config", read=one("config.ContainerConfig")
    )
    docker_version: str | None = wire("DockerVersion", "docker_version", read=filled)
    architecture: str | None = wire("Architecture", "architecture", read=filled)
    variant: str | None = wire("Variant", "variant", read=filled)
    os: str | None = wire("Os", "os", read=filled)
    os_version: str | None = wire("OsVersion", read=filled)
    size: int | None = wire("Size", read=integer)
    virtual_size: int | None = wire("", read=_virtual_size)
    storage_driver: StorageDriver | None = wire("GraphDriver", read=one(StorageDriver))
    root_fs_type: str | None = wire("RootFS.Type", read=filled)
    layers: tuple[str, ...] = wire("RootFS.Layers", read=strings, default=())
    last_tagged: datetime.datetime | None = wire("Metadata.LastTagTime", read=when)
    manifests: tuple[Manifest, ...] = wire("Manifests", read=many(Manifest), default=())
    descriptor: Descriptor | None = wire("Descriptor", read=one(Descriptor))
    identity: Identity | None = wire("Identity", read=one("identity.Identity"))


def _layer_id(value: Any) -> str | None:
    return None if value == "<missing>" else filled(value)


@model
class Layer(Model):
    """A layer in an image's history, the newest first.

    Attributes:
        id: None where the Engine knows only the content; short up to Engine 0.6.5.
        created: when it was made.
        created_by: the command that made it, as the builder writes it.
        tags: the names of the image that ends here; Engine 0.4.4 and later.
        size: in bytes, 0 where no file was changed; Engine 0.6.6 and later.
        comment: such as `buildkit.dockerfile.v0`; Engine 1.7.0 and later.
    """

    id: str | None = wire("Id", read=_layer_id)
    created: datetime.datetime | None = wire("Created", read=when)
    created_by: str | None = wire("CreatedBy", read=filled)
    tags: tuple[str, ...] = wire("Tags", "Tag", read=_names, default=())
    size: int | None = wire("Size", read=integer)
    comment: str | None = wire("Comment", read=filled)


@model
class Removed(Model):
    """One removal: of a tag, or of an image.

    Attributes:
        untagged: the name that was taken away, up to Engine 0.8 the id of the image that had it.
        deleted: the id of an image, or of a layer of it, that is gone.
    """

    untagged: str | None = wire("Untagged", read=string)
    deleted: str | None = wire("Deleted", read=string)


@model
class SearchResult(Model):
    """A repository that a search found.

    Attributes:
        name: such as `debian` or `library/debian`.
        description: what its owner says of it.
        star_count: how many people like it; Engine 0.6.7 and later.
        is_official: whether Docker looks after it; Engine 0.6.7 and later.
        is_automated: whether the registry builds it; Engine 0.6.7 and later; always False on newer
            ones.
    """

    name: str = wire("name", "Name", read=string, required=True)
    description: str | None = wire("description", "Description", read=filled)
    star_count: int | None = wire("star_count", read=integer)
    is_official: bool | None = wire("is_official", read=flag)
    is_automated: bool | None = wire("is_automated", "is_trusted", read=flag)


def _known(value: Any) -> int | None:
    found = integer(value)
    return found if found is not None and found > 0 else None


def _missing(report: dict[str, Any]) -> Descriptor | None:
    aux = report.get("aux")
    if not isinstance(aux, dict) or not aux.get("contentMissing"):
        return None
    return one(Descriptor)(aux.get("desc"))


@model
class Progress(Model):
    """One report of the Engine while it pulls, pushes, builds, imports or loads.

    Attributes:
        id: the layer, or what else it is about.
        status: what is done with it, such as `Downloading`.
        text: a piece of the output of a build or a load.
        current: how far it is, in bytes, or `units`; Engine 0.7.1 and later, where it is known.
        total: how far it has to go; None where that is not known.
        units: what is counted; None for bytes.
        bar: the Engine's own drawing of it.
        aux: a result, as it was received.
        image_id: the result of an insert; up to Engine 0.6.
        index: of a push from containerd's image store: the list whose one manifest went in its
            place.
        manifest: of a push from containerd's image store: what went in place of `index`, whose
            other platforms are not here.
        missing: of a push from containerd's image store: what was to be pushed and is not here.
        error: what went wrong; a stream that reports it ends with an exception.
        error_code: a number that some errors have, such as the exit code of a build's command.
    """

    id: str | None = wire("id", read=filled)
    status: str | None = wire("status", read=string)
    text: str | None = wire("stream", read=string)
    current: int | None = wire("progressDetail.current", read=integer)
    total: int | None = wire("progressDetail.total", read=_known)
    units: str | None = wire("progressDetail.units", read=filled)
    bar: str | None = wire("progress", read=filled)
    aux: Any = wire("aux", read=as_received)
    image_id: str | None = wire("Id", read=filled)
    index: Descriptor | None = wire("aux.originalIndex", read=one(Descriptor))
    manifest: Descriptor | None = wire("aux.selectedManifest", read=one(Descriptor))
    missing: Descriptor | None = wire("", read=_missing)
    error: str | None = wire("errorDetail.message", "error", read=string)
    error_code: int | None = wire("errorDetail.code", read=integer)


@model
class _Result(Model):
    """What the `aux` of a build or a push holds."""

    id: str | None = wire("ID", read=filled)
    tag: str | None = wire("Tag", read=filled)
    digest: str | None = wire("Digest", read=filled)
    size: int | None = wire("Size", read=integer)


def _result(value: Progress) -> _Result:
    return _Result.parse(value.aux if isinstance(value.aux, dict) else {})


def _lines(value: Progress) -> list[str]:
    return (value.status or value.text or "").split("\n")


@attrs.frozen
class Pulled:
    """A pull that succeeded.

    Attributes:
        digest: of several tags, that of the last one; Engine 1.6.0 and later.
        status: whether the image was new, for people; None up to Engine 1.3, and of Podman.
        id: the first 12 digits of the image's id, told by Podman and Engines from 0.5.1 to 1.5;
            elsewhere `inspect_image` tells it.
    """

    digest: str | None
    status: str | None
    id: str | None = None

    @classmethod
    def from_progress(cls, progress: Iterable[Progress]) -> Self:
        """Reads a pull to its end.

        Raises:
            UnexpectedReply: it ended before it had begun, as pulls that fail do on 0.4 Engines.
        """
        digest = status = id = None
        begun = False
        for value in progress:
            if value.status == "Download complete":  # of layers first, and of the image at last
                id = value.id
            for line in _lines(value):
                name, _, rest = line.strip().partition(": ")
                if name == "Digest":
                    digest = rest
                elif name == "Status":
                    status = rest
                begun = begun or bool(line.strip()) and not line.startswith("Pulling repository")
        if not begun:
            raise UnexpectedReply(
                "the pull ended without having begun; the Engine does not say why"
            )
        return cls(digest, status, id if digest is None else None)


@attrs.frozen
class Pushed:
    """A push that succeeded: of several tags, the last one.

    Attributes:
        tag: None up to Engine 1.7.
        digest: of the manifest; None up to Engine 1.5.
        size: of the manifest, in bytes; None up to Engine 1.7.
        index: what would have been pushed with all platforms in containerd's image store; None if
            it was.
        manifest: what was pushed in its place: the one platform that is there.
    """

    tag: str | None
    digest: str | None
    size: int | None
    index: Descriptor | None = None
    manifest: Descriptor | None = None

    @classmethod
    def from_progress(cls, progress: Iterable[Progress]) -> Self:
        """Reads a push to its end."""
        pushed = cls(None, None, None)
        for value in progress:
            if value.manifest is not None:
                pushed = attrs.evolve(pushed, index=value.index, manifest=value.manifest)
            result = _result(value)
            if result.digest is not None:
                pushed = attrs.evolve(
                    pushed, tag=result.tag, digest=result.digest, size=result.size
                )
            elif match := _PUSHED.fullmatch((value.status or "").strip()):
                tag, digest, size = match.groups()
                pushed = attrs.evolve(pushed, tag=tag, digest=digest, size=integer(size))
        return pushed


# "latest: digest: sha256:0123... size: 528" from 1.8.0 on, "Digest: sha256:0123..." before.
_PUSHED = re.compile(r"(?:Digest|(\S+): digest): (\S+)(?: size: (\d{1,18}))?", re.ASCII)


@attrs.frozen
class Loaded:
    """An archive that was loaded.

    Attributes:
        images: by reference, or by id if they have none; empty below API 1.23, which does not name
            them.
    """

    images: tuple[str, ...]

    @classmethod
    def from_progress(cls, progress: Iterable[Progress]) -> Self:
        """Reads a load to its end."""
        found = (_LOADED.fullmatch(line.strip()) for value in progress for line in _lines(value))
        return cls(tuple(name for match in found if match for name in match[1].split(",")))


# Podman has all of them on one line.
_LOADED = re.compile(r"Loaded image(?: ID)?: (\S+)")


@attrs.frozen
class Built:
    """A build that succeeded.

    Attributes:
        image_id: short (12 digits) up to API 1.28.
        tags: the names that the image got; before 17.05 those that were asked for.
        log: all the output.
    """

    image_id: str
    tags: tuple[str, ...]
    log: str = attrs.field(repr=False)

    @classmethod
    def from_progress(cls, progress: Iterable[Progress], *, tags: tuple[str, ...] = ()) -> Self:
        """Reads a build to its end.

        Args:
            tags: the names that were asked for, where the Engine does not repeat them.

        Raises:
            UnexpectedReply: it ended and nothing says that an image was built.
        """
        pieces = []
        image_id = None
        end = 0  # of the output, where the image is there and only its names are to come
        for value in progress:
            pieces.append(value.text or "")
            found = _result(value).id
            if found is not None:
                image_id, end = found, sum(map(len, pieces))
        log = "".join(pieces)
        if image_id is None:
            # The last such line: a command may print one, too. It is not the last line of all: 0.6
            # to 0.8 remove intermediate containers after it.
            matches = list(_BUILT.finditer(log))
            image_id = matches[-1][1] if matches else _quiet_id(log)
            end = matches[-1].end() if matches else len(log)
        if image_id is None:
            raise UnexpectedReply(f"the build ended without an image: {shown(log[-200:])}", raw=log)
        return cls(image_id, tuple(map(_with_tag, _TAGGED.findall(log, end))) or tags, log)


@attrs.frozen
class BuiltFiles:
    """A build whose result are files.

    Names are as they are in the build: `etc/mtab`. Both lists are empty where a file object got the
    archive.

    Attributes:
        log: all the output.
        kept: links that lead out of the folder, and were made as they are.
        skipped: pipes and devices, which were left out.
    """

    log: str = attrs.field(repr=False)
    kept: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


# In text mode, 0.7.6 to 1.6 end a line in "\n\r".
_BUILT = re.compile(r"^\r?Successfully built ([0-9a-f]{12,64})\b", re.ASCII | re.MULTILINE)
_TAGGED = re.compile(r"^\r?Successfully tagged (\S+)", re.MULTILINE)
_ID = re.compile(r"sha256:[0-9a-f]{64}|[0-9a-f]{64}|[0-9a-f]{12}", re.ASCII)


def _with_tag(name: str) -> str:
    """The name; Podman repeats one as it was asked for, where Engines add the tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _quiet_id(log: str) -> str | None:
    """All that a quiet build prints, from Engine 1.10.0 on."""
    return log.strip() if _ID.fullmatch(log.strip()) else None


def imported_id(progress: Iterable[Progress]) -> str:
    """The id of an image that was imported or inserted, from the stream's last status.

    Raises:
        UnexpectedReply: there is none, as after an insert that failed on 0.4.4 to 0.6.6.
    """
    last = None
    for value in progress:
        last = value.image_id or value.status or value.text or last
    found = (last or "").strip()
    if _ID.fullmatch(found) is None:
        raise UnexpectedReply(f"an image's id was expected, not {shown(last)}", raw=last)
    return found
