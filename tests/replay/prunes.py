"""What comes out of the recordings about prunes and the use of the disk, from 1.9 to 29.7.

The totals of a use are those that 29.7 tells itself, or made of what was received as the facts have
it; classes of errors, and what is refused before it is asked, are written down for each Engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from dockerapi import BadRequest, Client, ServerError
from dockerapi.models.containers import ContainerSummary
from dockerapi.models.images import ImageSummary
from dockerapi.models.pruned import Pruned
from dockerapi.models.usage import BuildCacheRecord, DiskUsage, Usage
from dockerapi.models.volumes import Volume
from replay.recording import Recording, recordings
from replay.table import By, Raises, Replay, asked, refused, said

CONTAINERS = "POST /containers/prune"
IMAGES = "POST /images/prune"
VOLUMES = "POST /volumes/prune"
CACHE = "POST /build/prune"
USAGE = "GET /system/df"

TO_20_10 = "19.03 20.10"


# What was asked, in the arguments of the methods


def _query(recording: Recording) -> dict[str, Any]:
    """The query, without what has an argument of its own: `all` of it, and `dangling`."""
    found: dict[str, Any] = dict(recording.query)
    filters = json.loads(found["filters"]) if "filters" in found else {}
    for name, whole in (("all", ("1", "true")), ("dangling", ("false",))):
        if filters.get(name) in [[word] for word in whole]:
            found["all"] = "1"
            del filters[name]
    return {**found, "filters": filters or None}


def _dated(client: Client, recording: Recording) -> Any:
    return client.prune_containers(filters=_query(recording)["filters"])


def _images(client: Client, recording: Recording) -> Any:
    query = _query(recording)
    return client.prune_images(all="all" in query, filters=query["filters"])


def _volumes(client: Client, recording: Recording) -> Any:
    query = _query(recording)
    return client.prune_volumes(all="all" in query, filters=query["filters"])


def _cache(client: Client, recording: Recording) -> Any:
    query = _query(recording)
    spaces = {
        name.replace("-", "_"): query[name]
        for name in ("reserved-space", "max-used-space", "min-free-space")
        if name in query
    }
    return client.prune_build_cache(all="all" in query, filters=query["filters"], **spaces)


def _used(client: Client, recording: Recording) -> Any:
    types = [value for name, value in recording.query if name == "type"]
    return client.disk_usage(types=types or None)


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""
    return lambda client, recording: asked(client, recording, route, None, **query).status


# What comes out of it


def _pruned(recording: Recording) -> Pruned:
    found = recording.json
    rows = next((found[key] for key in found if key.endswith("Deleted")), None) or []
    deleted = [row if isinstance(row, str) else row.get("Deleted") for row in rows]
    untagged = [row["Untagged"] for row in rows if isinstance(row, dict) and "Untagged" in row]
    return Pruned(
        deleted=tuple(filter(None, deleted)),
        untagged=tuple(untagged),
        space_reclaimed=found["SpaceReclaimed"],
    )


def _usage(recording: Recording) -> DiskUsage:
    types = [value for name, value in recording.query if name == "type"]
    kinds = {
        "images": ("image", "Image", ImageSummary.parse),
        "containers": ("container", "Container", ContainerSummary.parse),
        "volumes": ("volume", "Volume", Volume.parse),
        "build_cache": ("build-cache", "BuildCache", BuildCacheRecord.parse),
    }
    told = recording.json
    return DiskUsage(
        **{
            field: _of(told, name, parse)
            for field, (type, name, parse) in kinds.items()
            if not types or type in types
        }
    )


def _of(told: Any, name: str, parse: Callable[[Any], Any]) -> Usage[Any] | None:
    found = told.get(f"{name}Usage")
    old = told.get(name if name == "BuildCache" else f"{name}s")
    if found is not None:
        counts = [found.get(key, 0) for key in ("TotalCount", "ActiveCount", "TotalSize")]
        return _as_usage(*counts, found.get("Reclaimable", 0), map(parse, found.get("Items") or ()))
    if old is None and name == "BuildCache":
        return None
    rows = old or []
    size, active = {
        "Image": (lambda row: row["Size"] - row["SharedSize"], lambda row: row["Containers"] > 0),
        "Container": (lambda row: row.get("SizeRw", 0), lambda row: row["State"] == "running"),
        "Volume": (lambda row: row["UsageData"]["Size"], lambda row: row["UsageData"]["RefCount"]),
        "BuildCache": (lambda row: not row["Shared"] and row["Size"], lambda row: row["InUse"]),
    }[name]
    total = told["LayersSize"] if name == "Image" else sum(map(size, rows))
    free = sum(size(row) for row in rows if not active(row))
    used = sum(1 for row in rows if active(row))
    return _as_usage(len(rows), used, total, free, map(parse, rows))


def _as_usage(total: int, active: int, size: int, free: int, items: Any) -> Usage[Any]:
    return Usage(
        total_count=total,
        active_count=active,
        total_size=int(size),
        reclaimable=int(free),
        items=tuple(items),
    )


def _no(route: str, error: type[Exception], engines: str = "*") -> By:
    """The Engine's refusal, with its own words."""
    return {engines: lambda one: Raises(error, f"{route}: {one.status} {said(one)}")}


def _unknown(name: str, known: str) -> By:
    return {"*": Raises(ValueError, f"filters: one of {known} was expected, not {name!r}")}


DATED = "label, label!, until"
LABELLED = "label, label!"
OF_CACHE = (
    "until, unused-for, id, parent, type, description, inuse, shared, private, mutable, immutable"
)
PRUNED: By = {"*": _pruned}


def _dated_rows(kind: str, route: str, bad_until: By) -> dict[str, By]:
    """What containers and images have alike."""
    none = {"<1.25": refused(route, "1.25")}
    until, label, other = (
        {**none, f"<{version}": refused(f"{route} ?filters.{name}", version)}
        for name, version in (("until", "1.28"), ("label", "1.29"), ("label!", "1.29"))
    )
    return {
        f"{kind}_prune": {**none, **PRUNED},
        f"{kind}_prune_nothing": {**none, **PRUNED},
        f"{kind}_prune_unknown_filter": _unknown("nosuch", DATED),
        f"{kind}_prune_until": {**until, **PRUNED},
        f"{kind}_prune_bad_until": {**until, **bad_until},
        f"{kind}_prune_label": {**label, **PRUNED},
        f"{kind}_prune_label_not": {**other, **PRUNED},
    }


BAD_UNTIL = {**_no(CONTAINERS, ServerError, TO_20_10), **_no(CONTAINERS, BadRequest)}
OF_CONTAINERS = {
    **_dated_rows("container", CONTAINERS, BAD_UNTIL),
    "container_prune_status": _unknown("status", DATED),
    "container_prune_two_until": {
        "<1.25": refused(CONTAINERS, "1.25"),
        "<1.28": refused(f"{CONTAINERS} ?filters.until", "1.28"),
        **BAD_UNTIL,
    },
}
OF_IMAGES = _dated_rows(
    "image",
    IMAGES,
    {**_no(IMAGES, ServerError, f"{TO_20_10} 26.1 28.5"), **_no(IMAGES, BadRequest)},
)
del OF_IMAGES["image_prune_label_not"]
ALL_BY_LABEL = {
    f"<{version}": refused(route, version)
    for route, version in ((IMAGES, "1.25"), (f"{IMAGES} ?filters.label", "1.29"))
}
OF_IMAGES |= {
    "image_prune_all_label": {**ALL_BY_LABEL, **PRUNED},
    "image_prune_all": {
        "<1.25": refused(IMAGES, "1.25"),
        "<1.29": refused(f"{IMAGES} ?filters.label!", "1.29"),
        **PRUNED,
    },
    **{
        name: {"*": Raises(ValueError, "filters: 'dangling' is said by the argument all")}
        for name in ("image_prune_bad_dangling", "image_prune_two_dangling")
    },
}
EVERY = "all=True removes every volume that no container has"
NAMED_TOO = {
    "<1.25": refused(VOLUMES, "1.25"),
    "<1.42": Raises(
        refused(VOLUMES, "").error,
        f"{refused(f'{VOLUMES} ?filters.all', '1.42').text}: {EVERY}",
    ),
}
BY_ALL = {"*": Raises(ValueError, "filters: 'all' is said by the argument all")}
OF_VOLUMES = {
    "volume_prune": {**NAMED_TOO, **PRUNED},
    "volume_prune_label_nosuch": {**NAMED_TOO, **PRUNED},
    "volume_prune_unknown_filter": _unknown("nosuch", LABELLED),
    "volume_prune_until": _unknown("until", LABELLED),
    "volume_prune_bad_all": BY_ALL,
    "volume_prune_two_all": BY_ALL,
}
# Those that know no `all` are not told of it: what they answered then is in another recording.
UNTOLD = "1.13 19.03 20.10"


def _all(another: str, *, worded: str = "") -> Replay:
    """A prune of all volumes; where `worded`, the recorder wrote it in another way."""

    def told(recording: Recording) -> Pruned:
        return _pruned(recordings()[recording.engine, another])

    return Replay(
        _volumes,
        {"<1.25": refused(VOLUMES, "1.25"), UNTOLD: told, **PRUNED},
        instead={UNTOLD: another},
        differs={UNTOLD: "`all` is not said", **({"*": worded} if worded else {})},
    )


ALL_BY_LABELS = _all("volume_prune_label_nosuch", worded="`1` is `true`")
OF_ALL = {
    "volume_prune_all": _all("volume_prune"),
    "volume_prune_all_rest": _all("volume_prune"),
    "volume_prune_all_label": attrs.evolve(
        ALL_BY_LABELS,
        outcome={
            "<1.25": refused(VOLUMES, "1.25"),
            "<1.29": refused(f"{VOLUMES} ?filters.label", "1.29"),
            **{key: by for key, by in ALL_BY_LABELS.outcome.items() if key != "<1.25"},
        },
    ),
}
NO_CACHE = {"<1.31": refused(CACHE, "1.31")}
NEWER = {"<1.48": refused(f"{CACHE} ?max-used-space", "1.48")}
OF_BUILDS = {
    "build_prune": {**NO_CACHE, **PRUNED},
    "build_prune_all": {**NO_CACHE, **PRUNED},
    "build_prune_until": {**NO_CACHE, **PRUNED},
    "build_prune_type": {**NO_CACHE, **PRUNED},
    "build_prune_inuse": {**NO_CACHE, **PRUNED},
    "build_prune_max": {**NO_CACHE, **NEWER, **PRUNED},
    "build_prune_unknown_filter": _unknown("nosuch", OF_CACHE),
    "build_prune_label": _unknown("label", OF_CACHE),
    "build_prune_bad_until": {
        **NO_CACHE,
        **_no(CACHE, ServerError, TO_20_10),
        **_no(CACHE, BadRequest),
    },
    "build_prune_until_and_unused_for": {**NO_CACHE, **_no(CACHE, BadRequest)},
    "build_prune_two_types": {**NO_CACHE, **_no(CACHE, BadRequest)},
}
NO_USAGE = {"<1.25": refused(USAGE, "1.25")}
USED: By = {**NO_USAGE, "*": _usage}
TYPES = "types: one of container, image, volume, build-cache was expected, not"
VERBOSE = {">=1.52": "`verbose` is always asked"}
ALL_TOLD = {"<1.42": "of types these tell nothing less"}
OF_DISK = {
    "system_df": Replay(_used, USED, differs=VERBOSE),
    **{
        name: Replay(_used, USED, differs={**ALL_TOLD, **VERBOSE})
        for name in (
            "system_df_container",
            "system_df_image",
            "system_df_volume",
            "system_df_build_cache",
            "system_df_two",
        )
    },
    "system_df_verbose": Replay(_used, USED, differs={"<1.52": "`verbose` is not asked"}),
    "system_df_verbose_container": Replay(
        _used, USED, differs={"<1.52": "`verbose` is not asked, nor a type"}
    ),
    "system_df_bad_type": Replay(_used, {"*": Raises(ValueError, f"{TYPES} 'nosuch'")}),
}

REPLAYS = {
    **OF_ALL,
    "build_prune_nothing": Replay(_cache, {**NO_CACHE, **PRUNED}, differs={"*": "`1` is `true`"}),
    "build_prune_bad_reserved": Replay(
        _cache,
        {**NO_CACHE, "<1.48": _pruned, **_no(CACHE, BadRequest)},
        differs={"*": "it is no bad number here: `1g` are bytes"},
    ),
    "build_prune_keep": Replay(_cache, {**NO_CACHE, **PRUNED}, differs={"*": "it is said once"}),
    # What no method asks.
    "build_prune_bad_number": Replay(
        _raw(CACHE, **{"keep-storage": "1g"}),
        {**NO_CACHE, **_no(CACHE, ServerError, TO_20_10), **_no(CACHE, BadRequest)},
    ),
    "container_prune_bad_json": Replay(
        _raw(CONTAINERS, filters="nojson"),
        {
            "<1.25": refused(CONTAINERS, "1.25"),
            **_no(CONTAINERS, ServerError, "1.13"),
            **_no(CONTAINERS, BadRequest),
        },
    ),
    "system_df_empty_type": Replay(
        lambda client, recording: client.disk_usage(types=""),
        {"*": Raises(ValueError, f"{TYPES} ''")},
    ),
    **{name: Replay(_dated, by) for name, by in OF_CONTAINERS.items()},
    **{name: Replay(_images, by) for name, by in OF_IMAGES.items()},
    **{name: Replay(_volumes, by) for name, by in OF_VOLUMES.items()},
    **{name: Replay(_cache, by) for name, by in OF_BUILDS.items()},
    **OF_DISK,
}
