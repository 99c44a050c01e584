"""Which of Debian's Engines is taken for a release that the tests ask for."""

from __future__ import annotations

import pytest

from live.engine import numbers
from live.releases import nearest

pytestmark = pytest.mark.real("chooses among real Engines")
OFFERED = ["28.5.2+dfsg4-5", "20.10.24+dfsg1-1+deb12u1", "26.1.5+dfsg1-9+deb13u1"]


@pytest.mark.parametrize(
    ("release", "taken"),
    [
        pytest.param("26.1", "26.1.5+dfsg1-9+deb13u1", id="the release itself"),
        pytest.param("26.1.5", "26.1.5+dfsg1-9+deb13u1", id="the release to its last number"),
        pytest.param("26.0", "26.1.5+dfsg1-9+deb13u1", id="the next newer one"),
        pytest.param("2", "20.10.24+dfsg1-1+deb12u1", id="2 is not 20, 26 or 28"),
        pytest.param("29.1", "28.5.2+dfsg4-5", id="the newest, where all are older"),
    ],
)
def test_a_release_is_taken_or_what_comes_next_to_it(release: str, taken: str) -> None:
    assert nearest(release, OFFERED) == taken


def test_releases_count_by_number() -> None:
    assert sorted(["9.1", "28.5", "28.10-1", "unfinished"], key=numbers) == [
        "unfinished",
        "9.1",
        "28.5",
        "28.10-1",
    ]
