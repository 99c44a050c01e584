"""Half a minute of the soak (`make soak`): an Engine that restarts and dies while it is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from live.soak import soak


@pytest.mark.nightly
def test_work_on_an_engine_that_restarts_and_dies_ends_whole_or_in_a_named_error(
    programs: Path | None,
) -> None:
    report = soak(30, every=10, programs=programs)
    assert report.tally.wrong == [], str(report)
    assert report.disturbances[:2] == ("restart", "kill")
    assert report.tally.whole.total() > 0
    assert report.after == report.before
