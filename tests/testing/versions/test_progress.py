from __future__ import annotations

import json

import pytest

from dockerapi.testing.versions import progress
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release

NEW = Dialect.of(Release.parse("28.5.2"), None)[0]
OLD = Dialect.of(Release.parse("1.7.1"), None)[0]


# As 28.5 wrote them.
@pytest.mark.parametrize(
    ("current", "total", "expected"),
    [
        (38400, 1984234, "[>" + " " * 50 + "]   38.4kB/1.984MB"),
        (33280, 300000, "[=====>" + " " * 45 + "]  33.28kB/300kB"),
        (301568, 300000, "[" + "=" * 50 + ">]  301.6kB"),
        (512, 3, "[" + "=" * 50 + ">]     512B"),
        (652, 652, "[" + "=" * 50 + ">]     652B/652B"),
        (1083532, 1083532, "[" + "=" * 50 + ">]  1.084MB/1.084MB"),
        (5, 0, "      5B"),
    ],
)
def test_the_bar_beside_the_numbers(current: int, total: int, expected: str) -> None:
    assert progress.bar(NEW, current, total) == expected


def test_a_space_before_the_unit_in_old_releases() -> None:
    assert (
        progress.bar(OLD, 32768, 65536) == "[" + "=" * 25 + ">" + " " * 25 + "] 32.77 kB/65.54 kB"
    )


def test_values_of_a_layer() -> None:
    assert progress.state("Preparing", "0123") == {
        "status": "Preparing", "progressDetail": {}, "id": "0123",
    }  # fmt: skip
    value = progress.moved("Pushing", "0123", 2)
    assert json.loads(progress.progress(NEW, value)) == {
        "status": "Pushing",
        "progressDetail": {"current": 2, "total": 2},
        "progress": "[" + "=" * 50 + ">]       2B/2B",
        "id": "0123",
    }
