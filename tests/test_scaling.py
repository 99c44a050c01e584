"""Ten times as much takes ten times as long, not more: lists, events, logs. `make nightly`.

Each is done in a process of its own (`scaling`) on the Engine of the benchmarks, which says fixed
bytes. Execs on a real Engine are in live/test_endurance_live.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import canned_engine

pytestmark = pytest.mark.nightly
ROOT = Path(__file__).parent.parent
MIB = 2**20


@pytest.fixture
def socket_path(tmp_path: Path) -> Iterator[Path]:
    with canned_engine(tmp_path) as path:
        yield path


def measured(what: str, socket_path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "scaling", what, str(socket_path)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    figures: dict[str, float] = json.loads(done.stdout)
    print(what, figures)
    return figures


def test_one_of_10_000_containers_takes_little_more_than_one_of_1_000(socket_path: Path) -> None:
    """`json.loads` alone takes half as much again for one of so many, by its need of memory."""
    figures = measured("a_list", socket_path)
    assert figures["one"] <= 1.2 * figures["plain"], figures


def test_one_of_1_000_logs_in_as_many_threads_takes_little_more_than_one_of_100(
    socket_path: Path,
) -> None:
    """So many threads take more of Python's own time, each."""
    figures = measured("many_logs", socket_path)
    assert figures["one"] <= 1.2 * max(1, figures["plain"]), figures
    assert figures["memory"] <= 5 * MIB, figures


@pytest.mark.parametrize("what", ["many_events", "a_long_log"])
def test_one_of_2_000_000_takes_little_more_than_one_of_200_000(
    what: str, socket_path: Path
) -> None:
    figures = measured(what, socket_path)
    assert figures["one"] <= 1.2, figures
    assert figures["memory"] <= 5 * MIB, figures


def test_100_silent_logs_take_next_to_no_time_of_the_processor(socket_path: Path) -> None:
    figures = measured("idle_streams", socket_path)
    assert figures["seconds"] < 0.1, figures
