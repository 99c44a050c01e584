"""The result of a prune."""

from __future__ import annotations

from typing import Any

from .base import Model, integer, model, strings, wire


def _deleted(value: Any) -> tuple[str, ...]:
    """Ids or names; images come as objects, some of which only have an untagged name."""
    rows = [row.get("Deleted") if isinstance(row, dict) else row for row in value or ()]
    return strings([row for row in rows if row is not None])


def _untagged(value: Any) -> tuple[str, ...]:
    return strings([row["Untagged"] for row in value or () if "Untagged" in row])


@model
class Pruned(Model):
    """The result of a prune.

    Attributes:
        deleted: names of networks and of volumes, and ids of all other objects; for images also the
            ids of their layers.
        untagged: the names that images have lost.
        space_reclaimed: bytes freed; None for networks, which take no space.
    """

    deleted: tuple[str, ...] = wire(
        "NetworksDeleted",
        "VolumesDeleted",
        "ContainersDeleted",
        "ImagesDeleted",
        "CachesDeleted",
        read=_deleted,
        default=(),
    )
    untagged: tuple[str, ...] = wire("ImagesDeleted", read=_untagged, default=())
    space_reclaimed: int | None = wire("SpaceReclaimed", read=integer)
