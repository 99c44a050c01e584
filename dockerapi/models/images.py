"""Images in the Engine's answers, and its reports while it creates or transfers them.

An image has the same fields with the same values from every Engine since 0.3.3. A field that an
Engine does not send is None; the docstrings say from which API version it exists.

`Pulled`, `Pushed`, `Built`, `Loaded` and `imported_id` sum up a stream of `Progress`. They read it
once, in constant memory (`Built` keeps its log). They do not look for errors: the stream raises
them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
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
    """The platform of an image.

    Attributes:
        architecture: such as `amd64`, by Go's names.
        os: such as `linux`.
        os_version: the version of Windows, such as `10.0.19041.1165`; None for other systems.
        os_features: features that the image needs of Windows, such as `win32k`.
        variant: the variant of the processor, such as `v7` for `arm`.
    """

    architecture: str | None = wire("architecture", read=filled)
    os: str | None = wire("os", read=filled)
    os_version: str | None = _dotted("os.version", filled)
    os_features: tuple[str, ...] = _dotted("os.features", strings, default=())
    variant: str | None = wire("variant", read=filled)


@model
class Descriptor(Model):
    """An OCI descriptor: the type and the digest of some content.

    Attributes:
        media_type: the content's type, such as `application/vnd.oci.image.manifest.v1+json`.
        digest: the content's digest, such as `sha256:c0537...`.
        size: the content's size, in bytes.
        urls: other addresses from which it can be fetched.
        annotations: further facts, by name.
        data: the content itself, in base64; None if it is not embedded.
        platform: the content's platform; None if not given.
        artifact_type: the type of an artifact; None for images.
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
    """The platforms, without those of attestations, which have no real platform."""
    if value is None:
        return None
    found = many(Platform)(value)
    return tuple(one for one in found if (one.os, one.architecture) != ("unknown", "unknown"))


@model
class Distribution(Model):
    """What a registry has under a name: the descriptor and the platforms.

    Attributes:
        descriptor: that of the image, or of the list of its platforms.
        platforms: without those of attestations; None if the Engine does not say, e.g. for an image
            in OCI format.
    """

    descriptor: Descriptor = wire("Descriptor", read=one(Descriptor), required=True)
    platforms: tuple[Platform, ...] | None = wire("Platforms", read=_platforms)

    @property
    def digest(self) -> str | None:
        """The permanent identifier: the digest of the image, or of the list of its platforms."""
        return self.descriptor.digest


@model
class Manifest(Model):
    """One of the manifests that share a name: an image for one platform, or an attestation.

    Attributes:
        id: the digest of the manifest.
        descriptor: the descriptor of the manifest.
        available: whether all of its content is on this Engine.
        kind: `image`, `attestation` or `unknown`.
        size: bytes in all: packed content and unpacked files.
        content_size: bytes of packed content on this Engine.
        unpacked_size: bytes of the unpacked files; None if this is not an image.
        platform: its platform; None if this is not an image.
        containers: the ids of the containers that use it.
        identity: its origin, if asked for; API 1.54 and later.
        attests: the digest of the image that an attestation is about; None for other kinds.
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
    """An attestation of an image.

    Attributes:
        descriptor: the descriptor of its content.
        predicate_type: the type of the statement, such as `https://slsa.dev/provenance/v0.2`.
        statement: the whole statement, as received; None unless it was asked for.
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
        id: with `sha256:` in front from Engine 1.10.0 on; short up to 0.6.5.
        parent_id: the id of the image that it was built on here; None if it was pulled; API 1.7 and
            later.
        repo_tags: its names, such as `debian:12`; empty if it has none.
        repo_digests: its names with the digest in the registry; API 1.18 and later.
        created: when it was built.
        size: in bytes: the size of its own layer before Engine 1.10.0, of the whole image after;
            API 1.2 and later.
        virtual_size: the size of the whole image, in bytes; API 1.2 and later.
        shared_size: bytes that it shares with other images; None unless the Engine computed it.
        labels: API 1.18 and later; empty before.
        containers: the number of containers that use it; None unless the Engine computed it.
        manifests: one for each platform, if asked for; API 1.47 and later.
        descriptor: the descriptor of its manifest, or of the list of them; API 1.48 and later.
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
    """The list of images; rows of API 1.0 to 1.6, one per tag, become one per image."""
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
    # A host with a port is correct here as well: 0.7 to 1.1 split `host:5000/name:tag` at its first
    # colon (differences: 5.1).
    try:
        repository, tag = string(row.get("Repository")), string(row.get("Tag"))
    except TypeError as error:
        raise UnexpectedReply(f"ImageSummary.repo_tags: {error}", raw=row) from error
    if repository is not None:
        yield repository if tag is None else f"{repository}:{tag}"


def _virtual_size(image: dict[str, Any]) -> int | None:
    """The size of the whole image; from API 1.44 on it is only in Size.

    Up to Engine 1.2 it does not exist, as Size is that of the image's own layer. An answer of that
    time has no RootFS (API 1.23 and later).
    """
    found = integer(image.get("VirtualSize"))
    return integer(image.get("Size")) if found is None and "RootFS" in image else found


@model
class Image(Model):
    """Everything that the Engine says about an image.

    Attributes:
        id: with `sha256:` in front from Engine 1.10.0 on.
        parent: the id of the image that it was built on here; None if it was pulled; to API 1.52.
        repo_tags: its names, such as `debian:12`; API 1.21 and later.
        repo_digests: its names with the digest in the registry; API 1.21 and later.
        created: when it was built; None if the image does not say.
        comment: the message of the commit or import that created it.
        author: its author, by `MAINTAINER` or a commit.
        config: the defaults for its containers: command, environment, labels.
        container: the id of the container that it was created from; to API 1.44.
        container_config: the config of that container; to API 1.44.
        docker_version: the release that built it; None for other builders; to API 1.52.
        architecture: such as `amd64`, by Go's names.
        variant: the variant of the processor, such as `v7` for `arm`; Engine 19.03 and later.
        os: such as `linux`.
        os_version: the version of Windows; None for other systems; Engine 1.13.0 and later.
        size: in bytes: the size of its own layer before Engine 1.10.0, of the whole image after.
        virtual_size: the size of the whole image, in bytes; Engine 1.3.0 and later.
        storage_driver: the storage driver and its own data about the image; API 1.20 and later.
        root_fs_type: `layers`; API 1.23 and later.
        layers: the digests of its layers, unpacked, the lowest first; API 1.23 and later.
        last_tagged: when it last got a name on this Engine; None if it never did, and up to API
            1.30.
        manifests: one for each platform, if asked for; API 1.48 and later.
        descriptor: the descriptor of its manifest, or of the list of them; API 1.48 and later.
        identity: its origin, as verified by the Engine; API 1.53 and later.
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
        id: None if the Engine only knows the content; short up to Engine 0.6.5.
        created: when it was created.
        created_by: the command that created it, as the builder writes it.
        tags: the names of an image whose top layer it is; Engine 0.4.4 and later.
        size: in bytes, 0 if no file was changed; Engine 0.6.6 and later.
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
        untagged: the name that was removed; up to Engine 0.8 the id of the image that had it.
        deleted: the id of an image, or of one of its layers, that was deleted.
    """

    untagged: str | None = wire("Untagged", read=string)
    deleted: str | None = wire("Deleted", read=string)


@model
class SearchResult(Model):
    """A repository that a search found.

    Attributes:
        name: such as `debian` or `library/debian`.
        description: the owner's description.
        star_count: its number of stars; Engine 0.6.7 and later.
        is_official: whether it is one of Docker's official images; Engine 0.6.7 and later.
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
    """One report of the Engine during a pull, push, build, import or load.

    Attributes:
        id: the layer, or another object that the report is about.
        status: the current action, such as `Downloading`.
        text: a piece of the output of a build or a load.
        current: the progress so far, in bytes or `units`; Engine 0.7.1 and later, if known.
        total: the final value of `current`; None if unknown.
        units: what `current` and `total` count; None for bytes.
        bar: the Engine's own drawing of the progress.
        aux: a result, as received.
        image_id: the result of an insert; up to Engine 0.6.
        index: in a push from containerd's image store: the list in place of which a single manifest
            was pushed.
        manifest: in a push from containerd's image store: the manifest that was pushed in place of
            `index`, whose other platforms are not on this Engine.
        missing: in a push from containerd's image store: content that was to be pushed and is not
            on this Engine.
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
    """The `aux` of a build or a push."""

    id: str | None = wire("ID", read=filled)
    tag: str | None = wire("Tag", read=filled)
    digest: str | None = wire("Digest", read=filled)
    size: int | None = wire("Size", read=integer)


def _result(value: Progress) -> _Result:
    return _Result.parse(value.aux if isinstance(value.aux, dict) else {})


def _lines(value: Progress) -> list[str]:
    return (value.status or value.text or "").split("\n")


# What the last values of a report are, where a connection that ended does not tell.


def ends_pull(value: Progress) -> bool:
    """Whether this value comes at the end of a pull; Engine 1.4 and later, not Podman."""
    return any(line.startswith("Status: ") for line in _lines(value))


def ends_push(value: Progress) -> bool:
    """Whether this value comes at the end of the push of one tag; Engine 1.8 and later."""
    is_old = _PUSHED.fullmatch((value.status or "").strip()) is not None
    return is_old or _result(value).digest is not None


def ends_import(value: Progress) -> bool:
    """Whether this value has the id of the image that was imported."""
    return _ID.fullmatch((value.image_id or value.status or value.text or "").strip()) is not None


def ends_build(names: int) -> Callable[[Progress], bool]:
    """Whether a value is the last of a build: it has the id or, if there are names, the last one.

    Engine 17.05 and later.
    """
    left = [names]

    def ends(value: Progress) -> bool:
        text = value.text or ""
        if names:
            left[0] -= len(_TAGGED.findall(text))
            return left[0] == 0
        return _result(value).id is not None or bool(_BUILT.search(text) or _quiet_id(text))

    return ends


@attrs.frozen
class Pulled:
    """The result of a pull.

    Attributes:
        digest: the image's digest (of several tags, the last one's); Engine 1.6.0 and later.
        status: whether the image was new, for people; None up to Engine 1.3, and on Podman.
        id: the first 12 digits of the image's id, from Podman and from Engines 0.5.1 to 1.5; on
            others `inspect_image` has it.
    """

    digest: str | None
    status: str | None
    id: str | None = None

    @classmethod
    def from_progress(cls, progress: Iterable[Progress]) -> Self:
        """Reads a pull to its end.

        Raises:
            UnexpectedReply: it ended before it had begun, as a failed pull does on 0.4 Engines.
        """
        digest = status = id = None
        begun = False
        for value in progress:
            if value.status == "Download complete":  # first for layers, at last for the image
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
    """The result of a push; of several tags, the last one's.

    Attributes:
        tag: None up to Engine 1.7.
        digest: the digest of the manifest; None up to Engine 1.5.
        size: the size of the manifest, in bytes; None up to Engine 1.7.
        index: with containerd's image store, the list of all platforms that was not pushed as a
            whole; None if it was.
        manifest: the manifest of one platform that was pushed instead.
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
    """The result of a load.

    Attributes:
        images: by reference, or by id if they have none; empty below API 1.23, whose Engines do not
            name them.
    """

    images: tuple[str, ...]

    @classmethod
    def from_progress(cls, progress: Iterable[Progress]) -> Self:
        """Reads a load to its end."""
        found = (_LOADED.fullmatch(line.strip()) for value in progress for line in _lines(value))
        return cls(tuple(name for match in found if match for name in match[1].split(",")))


# Podman puts all names on one line.
_LOADED = re.compile(r"Loaded image(?: ID)?: (\S+)")


@attrs.frozen
class Built:
    """The result of a build.

    Attributes:
        image_id: short (12 digits) up to API 1.28.
        tags: the names that the image got; before 17.05 those that were requested.
        log: all the output.
    """

    image_id: str
    tags: tuple[str, ...]
    log: str = attrs.field(repr=False)

    @classmethod
    def from_progress(cls, progress: Iterable[Progress], *, tags: tuple[str, ...] = ()) -> Self:
        """Reads a build to its end.

        Args:
            tags: the requested names, for Engines that do not repeat them.

        Raises:
            UnexpectedReply: the stream ended without an image id.
        """
        pieces = []
        image_id = None
        end = 0  # where in the log the image is done, and its names follow
        for value in progress:
            pieces.append(value.text or "")
            found = _result(value).id
            if found is not None:
                image_id, end = found, sum(map(len, pieces))
        log = "".join(pieces)
        if image_id is None:
            # The last such line counts, as a command may print one, too. It is not the last line of
            # all: 0.6 to 0.8 remove intermediate containers after it.
            matches = list(_BUILT.finditer(log))
            image_id = matches[-1][1] if matches else _quiet_id(log)
            end = matches[-1].end() if matches else len(log)
        if image_id is None:
            raise UnexpectedReply(f"the build ended without an image: {shown(log[-200:])}", raw=log)
        return cls(image_id, tuple(map(_with_tag, _TAGGED.findall(log, end))) or tags, log)


@attrs.frozen
class BuiltFiles:
    """The result of a build with files.

    Names are as in the build: `etc/mtab`. Both lists are empty if a file object got the archive.

    Attributes:
        log: all the output.
        kept: links that lead out of the directory, and were created unchanged.
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
    """The name with its tag, which Engines add; Podman repeats the name as requested."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _quiet_id(log: str) -> str | None:
    """The output of a quiet build, which is only the id, from Engine 1.10.0 on."""
    return log.strip() if _ID.fullmatch(log.strip()) else None


def imported_id(progress: Iterable[Progress]) -> str:
    """The id of an imported or inserted image, from the stream's last status.

    Raises:
        UnexpectedReply: there is none, as after a failed insert on 0.4.4 to 0.6.6.
    """
    last = None
    for value in progress:
        last = value.image_id or value.status or value.text or last
    found = (last or "").strip()
    if _ID.fullmatch(found) is None:
        raise UnexpectedReply(f"an image's id was expected, not {shown(last)}", raw=last)
    return found
