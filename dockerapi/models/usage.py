"""An Engine's disk usage, in one shape for every version."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .base import Model, filled, flag, integer, model, rows, strings, text, when, wire
from .containers import ContainerSummary
from .images import ImageSummary
from .volumes import Volume

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")
M = TypeVar("M", bound=Model)
TYPES = ("container", "image", "volume", "build-cache")


@model
class BuildCacheRecord(Model):
    """A record of the build cache.

    Attributes:
        id: the id of the record.
        parents: the ids of the records that it was made from.
        type: such as `regular`, `source.local` or `exec.cachemount`.
        description: the build step that created it.
        in_use: whether a build is using it.
        shared: whether an image also uses it.
        size: in bytes.
        created: when it was created.
        last_used: None if it was never reused.
        usage_count: how often it was used.
    """

    id: str = wire("ID", read=text, required=True)
    parents: tuple[str, ...] = wire(
        " Parents",  # with the blank, from 23.0 on
        "Parents",
        "Parent",
        read=lambda value: tuple(filter(None, strings(value))),
        default=(),
    )
    type: str | None = wire("Type", read=filled)
    description: str | None = wire("Description", read=filled)
    in_use: bool | None = wire("InUse", read=flag)
    shared: bool | None = wire("Shared", read=flag)
    size: int | None = wire("Size", read=integer)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    last_used: datetime.datetime | None = wire("LastUsedAt", read=when)
    usage_count: int | None = wire("UsageCount", read=integer)


@model
class Usage(Model, Generic[T]):
    """The disk usage of one kind of objects.

    Attributes:
        total_count: the number of objects.
        active_count: the number of objects in use.
        total_size: bytes of all objects.
        reclaimable: bytes that a prune of all unused objects would free.
        items: the objects themselves; from API 1.52 on only if they were asked for.
    """

    total_count: int | None = wire("TotalCount", read=integer)
    active_count: int | None = wire("ActiveCount", read=integer)
    total_size: int | None = wire("TotalSize", read=integer)
    reclaimable: int | None = wire("Reclaimable", read=integer)
    items: tuple[T, ...] = wire("Items", read=tuple, default=())


def _told(json: Any, kind: type[M]) -> Usage[M]:
    """The usage as reported from API 1.52 on; zeros are left out."""
    return Usage(
        total_count=integer(json.get("TotalCount")) or 0,
        active_count=integer(json.get("ActiveCount")) or 0,
        total_size=integer(json.get("TotalSize")) or 0,
        reclaimable=integer(json.get("Reclaimable")) or 0,
        items=tuple(rows(kind, json.get("Items"))),
    )


def _counted(sizes: Iterable[tuple[int, bool]], items: list[T], total: int | None) -> Usage[T]:
    """The usage from an older answer: from the size of each object and whether it is in use."""
    found = list(sizes)
    return Usage(
        total_count=len(found),
        active_count=sum(active for _, active in found),
        total_size=sum(size for size, _ in found) if total is None else total,
        reclaimable=sum(size for size, active in found if not active),
        items=tuple(items),
    )


# Totals before 1.52, computed as by the docker command.


def _images(json: Any) -> Usage[ImageSummary]:
    told = json.get("ImageUsage")
    if told is not None:
        return _told(told, ImageSummary)
    found = rows(ImageSummary, json.get("Images"))
    sizes = (((one.size or 0) - (one.shared_size or 0), bool(one.containers)) for one in found)
    return _counted(sizes, found, integer(json.get("LayersSize")) or 0)


def _containers(json: Any) -> Usage[ContainerSummary]:
    told = json.get("ContainerUsage")
    if told is not None:
        return _told(told, ContainerSummary)
    found = rows(ContainerSummary, json.get("Containers"))
    runs = ("running", "paused", "restarting")
    return _counted(((one.size_rw or 0, one.state in runs) for one in found), found, None)


def _volumes(json: Any) -> Usage[Volume]:
    told = json.get("VolumeUsage")
    if told is not None:
        return _told(told, Volume)
    found = rows(Volume, json.get("Volumes"))
    usages = (one.usage for one in found)
    sizes = (
        (0, False) if one is None else (one.size or 0, bool(one.reference_count)) for one in usages
    )
    return _counted(sizes, found, None)


def _build_cache(json: Any) -> Usage[BuildCacheRecord] | None:
    told = json.get("BuildCacheUsage")
    if told is not None:
        return _told(told, BuildCacheRecord)
    received, size = json.get("BuildCache"), integer(json.get("BuilderSize"))
    # An empty cache is also null; from 18.09 to 22 together with a size of 0 (20.10: seen).
    if size is not None and received is None and (size or "BuildCache" not in json):
        return Usage(total_size=size)
    if "BuildCache" not in json and "LayersSize" in json:
        return None
    found = rows(BuildCacheRecord, received)
    sizes = ((0 if one.shared else one.size or 0, bool(one.in_use)) for one in found)
    return _counted(sizes, found, None)


@model
class DiskUsage(Model):
    """The Engine's disk usage. A kind that was not asked for is None.

    Volumes with driver options are not included, nor volumes of drivers other than `local`.

    Attributes:
        images: `ImageSummary` items with `shared_size` and `containers`.
        containers: `ContainerSummary` items with `size_rw` and `size_root_fs`.
        volumes: `Volume` items with `usage`.
        build_cache: None below API 1.31; below 1.39 it only has `total_size`.
    """

    images: Usage[ImageSummary] | None = wire("", read=_images)
    containers: Usage[ContainerSummary] | None = wire("", read=_containers)
    volumes: Usage[Volume] | None = wire("", read=_volumes)
    build_cache: Usage[BuildCacheRecord] | None = wire("", read=_build_cache)

    @classmethod
    def of(cls, json: Any, types: Iterable[str]) -> Self:
        """The usage of some types; older Engines always send all types."""
        made = cls.parse(json)
        for name, type in zip(
            ("containers", "images", "volumes", "build_cache"), TYPES, strict=True
        ):
            if type not in types:
                made.__dict__[name] = None
        return made
