"""What a prune has deleted."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi.models.pruned import Pruned


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"NetworksDeleted": ["a", "b"]}, Pruned(deleted=("a", "b"))),
        ({"NetworksDeleted": None}, Pruned()),
        ({}, Pruned()),
        ({"VolumesDeleted": [], "SpaceReclaimed": 0}, Pruned(space_reclaimed=0)),
        (
            {"VolumesDeleted": ["a"], "SpaceReclaimed": 2**64 - 1},
            Pruned(deleted=("a",), space_reclaimed=2**64 - 1),
        ),
        (
            {"ContainersDeleted": ["1"], "SpaceReclaimed": 4096},
            Pruned(deleted=("1",), space_reclaimed=4096),
        ),
        (
            {"CachesDeleted": ["m6f", "ffc"], "SpaceReclaimed": 1},
            Pruned(deleted=("m6f", "ffc"), space_reclaimed=1),
        ),
        ({"SpaceReclaimed": 7}, Pruned(space_reclaimed=7)),  # of the build cache, up to 1.38
        (
            {
                "ImagesDeleted": [{"Untagged": "a:1"}, {"Deleted": "sha256:1"}, {"Untagged": "b"}],
                "SpaceReclaimed": 2,
            },
            Pruned(deleted=("sha256:1",), untagged=("a:1", "b"), space_reclaimed=2),
        ),
    ],
)
def test_what_was_deleted_is_told_alike(answer: dict[str, Any], expected: Pruned) -> None:
    assert Pruned.parse(answer) == expected
