"""What takes the space on the disk: one value from the answers of all versions."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from dockerapi.models.containers import ContainerSummary
from dockerapi.models.images import ImageSummary
from dockerapi.models.usage import TYPES, BuildCacheRecord, DiskUsage, Usage
from dockerapi.models.volumes import Volume

IMAGES = [
    {"Id": "1", "Size": 100, "SharedSize": 60, "Containers": 0},
    {"Id": "2", "Size": 90, "SharedSize": 60, "Containers": 2},
    {"Id": "3", "Size": 61, "SharedSize": 60, "Containers": 0},
]
CONTAINERS = [
    {"Id": "a", "State": "running", "SizeRw": 8},
    {"Id": "b", "State": "paused", "SizeRw": 4},
    {"Id": "c", "State": "restarting"},
    {"Id": "d", "State": "exited", "SizeRw": 2},
    {"Id": "e", "State": "created", "SizeRw": 1},
]
VOLUMES = [
    {"Name": "used", "UsageData": {"Size": 8, "RefCount": 1}},
    {"Name": "free", "UsageData": {"Size": 4, "RefCount": 0}},
    {"Name": "not computed", "UsageData": {"Size": -1, "RefCount": -1}},
    {"Name": "not told", "UsageData": None},
]
CACHE = [
    {"ID": "x", " Parents": ["y", "z"], "InUse": True, "Shared": False, "Size": 8},
    {"ID": "y", "InUse": False, "Shared": True, "Size": 4},
    {"ID": "z", "InUse": False, "Shared": False, "Size": 2},
]
OLD = {
    "LayersSize": 131,
    "Images": IMAGES,
    "Containers": CONTAINERS,
    "Volumes": VOLUMES,
    "BuildCache": CACHE,
    "BuilderSize": 10,
}
NEW = {
    "ImageUsage": {
        "TotalCount": 3,
        "ActiveCount": 1,
        "TotalSize": 131,
        "Reclaimable": 41,
        "Items": IMAGES,
    },
    "ContainerUsage": {
        "TotalCount": 5,
        "ActiveCount": 3,
        "TotalSize": 15,
        "Reclaimable": 3,
        "Items": CONTAINERS,
    },
    "VolumeUsage": {
        "TotalCount": 4,
        "ActiveCount": 1,
        "TotalSize": 12,
        "Reclaimable": 4,
        "Items": VOLUMES,
    },
    "BuildCacheUsage": {
        "TotalCount": 3,
        "ActiveCount": 1,
        "TotalSize": 10,
        "Reclaimable": 2,
        "Items": CACHE,
    },
}
USED = DiskUsage(
    images=Usage(
        total_count=3,
        active_count=1,
        total_size=131,
        reclaimable=41,
        items=tuple(map(ImageSummary.parse, IMAGES)),
    ),
    containers=Usage(
        total_count=5,
        active_count=3,
        total_size=15,
        reclaimable=3,
        items=tuple(map(ContainerSummary.parse, CONTAINERS)),
    ),
    volumes=Usage(
        total_count=4,
        active_count=1,
        total_size=12,
        reclaimable=4,
        items=tuple(map(Volume.parse, VOLUMES)),
    ),
    build_cache=Usage(
        total_count=3,
        active_count=1,
        total_size=10,
        reclaimable=2,
        items=tuple(map(BuildCacheRecord.parse, CACHE)),
    ),
)
NONE: Usage[Any] = Usage(total_count=0, active_count=0, total_size=0, reclaimable=0)


@pytest.mark.parametrize("answer", [OLD, NEW, {**OLD, **NEW}], ids=["old", "new", "both"])
def test_old_and_new_answers_give_one_value(answer: dict[str, Any]) -> None:
    assert DiskUsage.of(answer, TYPES) == USED
    assert DiskUsage.of(answer, ["volume"]) == DiskUsage(volumes=USED.volumes)
    assert DiskUsage.of(answer, ["image", "build-cache"]) == DiskUsage(
        images=USED.images, build_cache=USED.build_cache
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"LayersSize": 0, "Images": [], "Containers": [], "Volumes": [], "BuildCache": []},
        {"LayersSize": 0, "Images": None, "Containers": None, "Volumes": None, "BuildCache": None},
        {"ImageUsage": {}, "ContainerUsage": {}, "VolumeUsage": {}, "BuildCacheUsage": {}},
        {},
    ],
    ids=["empty", "null", "without zeros", "absent"],
)
def test_nothing_is_zero(answer: dict[str, Any]) -> None:
    expected = DiskUsage(images=NONE, containers=NONE, volumes=NONE, build_cache=NONE)
    assert DiskUsage.of(answer, TYPES) == expected


@pytest.mark.parametrize(
    ("answer", "cache"),
    [
        ({"LayersSize": 0}, None),  # up to 1.30
        ({"LayersSize": 0, "BuilderSize": 7}, Usage(total_size=7)),  # 1.31 to 1.38
        ({"LayersSize": 0, "BuilderSize": 0}, Usage(total_size=0)),
        ({"LayersSize": 0, "BuilderSize": 7, "BuildCache": None}, Usage(total_size=7)),
        ({"LayersSize": 0, "BuilderSize": 0, "BuildCache": None}, NONE),  # an empty one of 20.10
    ],
)
def test_what_older_versions_tell_of_the_build_cache(answer: dict[str, Any], cache: Any) -> None:
    assert DiskUsage.of(answer, TYPES).build_cache == cache


@pytest.mark.parametrize(
    ("told", "parents"),
    [
        ({" Parents": ["b", "c"]}, ("b", "c")),
        ({"Parents": ["b"]}, ("b",)),
        ({"Parent": "b"}, ("b",)),
        ({"Parent": ""}, ()),
        ({" Parents": None}, ()),
        ({}, ()),
    ],
)
def test_a_record_has_its_parents_under_every_key(told: Any, parents: tuple[str, ...]) -> None:
    assert BuildCacheRecord.parse({"ID": "a", **told}).parents == parents


def test_a_record_is_read() -> None:
    found = BuildCacheRecord.parse(
        {
            "ID": "g9l",
            " Parents": ["r14"],
            "Type": "regular",
            "Description": "from local ",
            "InUse": True,
            "Shared": False,
            "Size": 2**64 - 1,
            "CreatedAt": "2026-11-30T03:06:56.831664825Z",
            "LastUsedAt": None,
            "UsageCount": 1,
        }
    )
    assert found == BuildCacheRecord(
        id="g9l",
        parents=("r14",),
        type="regular",
        description="from local ",
        in_use=True,
        shared=False,
        size=2**64 - 1,
        created=datetime.datetime(2026, 11, 30, 3, 6, 56, 831664, datetime.timezone.utc),
        usage_count=1,
    )
