"""Volumes: their settings, and the Engine's answers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from .base import Model, filled, integer, many, mapping, model, one, text, when, wire
from .kinds import FLAG, LINES, TEXT, WORDS, choice, items, nested, size, table
from .settings import Bytes, Kind, Setting, Table, Texts, setting
from .spec import Spec, spec

Segments = Setting[Iterable[Mapping[str, str]] | None, tuple[dict[str, str], ...] | None]


def _topologies(value: Any) -> tuple[dict[str, str], ...]:
    return tuple(mapping((found or {}).get("Segments")) for found in value or ())


_SEGMENTS = Kind(
    _topologies,
    lambda value: tuple(table().check(found) for found in items(value, "a list of mappings")),
    lambda value: [{"Segments": found} for found in value],
)
_SECRETS = Kind(
    lambda value: {found["Key"]: found["Secret"] for found in value or ()},
    WORDS.check,
    lambda value: [{"Key": key, "Secret": secret} for key, secret in value.items()],
)
_BLOCK = Kind(
    lambda value: None if value is None else True,
    lambda value: FLAG.check(value) or None,
    lambda value: {},
)


@spec
class MountVolume(Spec):
    """How a cluster volume is mounted.

    Args:
        fs_type: its file system, such as `ext4`.
        flags: the mount flags.
    """

    fs_type: str | None = setting("FsType", TEXT)
    flags: Texts = setting("MountFlags", LINES)


@spec
class ClusterVolumeSpec(Spec):
    """The spec of a cluster volume, which a CSI driver creates.

    Args:
        group: a name that a service may use instead of a single volume.
        scope: `single` node, or `multi`.
        sharing: how many tasks may use it at once: `none`, `readonly`, `onewriter` or `all`.
        mount: a `MountVolume`, for a volume with a file system.
        block: True for a block device.
        secrets: maps keys that the driver knows to the names or ids of secrets of the swarm.
        requisite, preferred: the topologies from which it must, or should, be accessible: a list of
            mappings such as `{"zone": "1"}`.
        required_bytes, limit_bytes: its minimum and maximum capacity: a number, or `64m`.
        availability: `active`, `pause` (no new tasks may use it) or `drain` (no task may use it).
    """

    group: str | None = setting("Group", TEXT)
    scope: str | None = setting("AccessMode.Scope", choice("single", "multi"))
    sharing: str | None = setting(
        "AccessMode.Sharing", choice("none", "readonly", "onewriter", "all")
    )
    mount: MountVolume | None = setting("AccessMode.MountVolume", nested(MountVolume))
    block: bool | None = setting("AccessMode.BlockVolume", _BLOCK)
    secrets: Table = setting("Secrets", _SECRETS)
    requisite: Segments = setting("AccessibilityRequirements.Requisite", _SEGMENTS)
    preferred: Segments = setting("AccessibilityRequirements.Preferred", _SEGMENTS)
    required_bytes: Bytes = setting("CapacityRange.RequiredBytes", size())
    limit_bytes: Bytes = setting("CapacityRange.LimitBytes", size())
    availability: str | None = setting("Availability", choice("active", "pause", "drain"))

    def __attrs_post_init__(self) -> None:
        if self.mount is not None and self.block:
            raise ValueError("block: True, but the volume has mount, too")


def _computed(value: Any) -> int | None:
    found = integer(value)
    return None if found == -1 else found


@model
class VolumeUsage(Model):
    """The size and use of a volume. None if the Engine has not computed it.

    Attributes:
        size: in bytes.
        reference_count: the number of containers that use it.
    """

    size: int | None = wire("Size", read=_computed)
    reference_count: int | None = wire("RefCount", read=_computed)


@model
class ClusterVolumeInfo(Model):
    """A cluster volume as the driver created it.

    Attributes:
        capacity_bytes: its size.
        context: the driver's own data, by its own names.
        volume_id: its id for the driver.
        accessible_from: the topologies from which it is accessible, such as `{"zone": "1"}`.
    """

    capacity_bytes: int | None = wire("CapacityBytes", read=integer)
    context: dict[str, str] = wire("VolumeContext", read=mapping, default=attrs.Factory(dict))
    volume_id: str | None = wire("VolumeID", read=filled)
    accessible_from: tuple[dict[str, str], ...] = wire(
        "AccessibleTopology", read=_topologies, default=()
    )


@model
class ClusterVolumePublished(Model):
    """A node on which a cluster volume is published, or will be.

    Attributes:
        node_id: the id of the node.
        state: such as `pending-publish`, `published` or `pending-node-unpublish`.
        context: the driver's own data, by its own names.
    """

    node_id: str | None = wire("NodeID", read=filled)
    state: str | None = wire("State", read=filled)
    context: dict[str, str] = wire("PublishContext", read=mapping, default=attrs.Factory(dict))


@model
class ClusterVolume(Model):
    """The swarm's data about a cluster volume.

    Attributes:
        id: its id in the swarm, which never belongs to another volume; its name may.
        version: changes with every update; an update must send it.
        created: when it was created.
        updated: when it was last changed.
        spec: its spec.
        info: the volume as the driver created it; None until then.
        publish_status: the nodes on which it is published, or will be.
    """

    id: str = wire("ID", read=text, required=True)
    version: int | None = wire("Version.Index", read=integer)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    spec: ClusterVolumeSpec | None = wire("Spec", read=one(ClusterVolumeSpec))
    info: ClusterVolumeInfo | None = wire("Info", read=one(ClusterVolumeInfo))
    publish_status: tuple[ClusterVolumePublished, ...] = wire(
        "PublishStatus", read=many(ClusterVolumePublished), default=()
    )


_GO_TIME = re.compile(r"(\S+) (\S+) ([+-]\d\d)(\d\d) \S+")


def _created(value: Any) -> datetime.datetime | None:
    """The time; for a cluster volume in Go's own format: 2026-11-30 02:32:04.3 +0000 UTC."""
    match = _GO_TIME.fullmatch(value) if isinstance(value, str) else None
    return when(value if match is None else f"{match[1]}T{match[2]}{match[3]}:{match[4]}")


@model
class Volume(Model):
    """A volume.

    Attributes:
        name: a long number if the Engine chose it.
        driver: such as `local`.
        mountpoint: its path on the Engine's host.
        created: when it was created; API 1.31 and later.
        labels: API 1.23 and later; empty before.
        options: the driver's options; API 1.25 and later.
        scope: `local` to this Engine, or `global`; API 1.24 and later.
        status: the report of a driver other than the Engine's own, as received; only from
            `inspect_volume`; API 1.23 and later.
        usage: its size and use; only from `disk_usage`.
        cluster: the swarm's data; None if it is not a cluster volume; API 1.42 and later.
    """

    name: str = wire("Name", read=text, required=True)
    driver: str | None = wire("Driver", read=filled)
    mountpoint: str | None = wire("Mountpoint", read=filled)
    created: datetime.datetime | None = wire("CreatedAt", read=_created)
    labels: dict[str, str] = wire("Labels", read=mapping, default=attrs.Factory(dict))
    options: dict[str, str] = wire("Options", read=mapping, default=attrs.Factory(dict))
    scope: str | None = wire("Scope", read=filled)
    status: Mapping[str, Any] | None = wire("Status", read=lambda value: value or None)
    usage: VolumeUsage | None = wire("UsageData", read=one(VolumeUsage))
    cluster: ClusterVolume | None = wire("ClusterVolume", read=one(ClusterVolume))
