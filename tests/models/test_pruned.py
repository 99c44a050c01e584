"""What a prune has deleted."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi.models.pruned import Pruned


@pytest.mark.parametrize(
    ("answer", "deleted"),
    [
        ({"NetworksDeleted": ["a", "b"]}, ("a", "b")),
        ({"NetworksDeleted": None}, ()),
        ({}, ()),
    ],
)
def test_nothing_and_null_are_the_same(answer: dict[str, Any], deleted: tuple[str, ...]) -> None:
    assert Pruned.parse(answer) == Pruned(deleted=deleted)
