"""Every target on its seeds and on what hypothesis makes, and one guided by coverage.

`make fuzz` does the last with all of them, in `.ci/run` for seconds.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.run import TARGETS, fuzz, target

SECONDS = 2
MANY_SEEDS = {"json_values", "replies"}


def test_there_is_a_target_for_every_kind_of_bytes() -> None:
    assert TARGETS == [
        "calls",
        "chunks",
        "credentials",
        "dockerfiles",
        "frames",
        "hijack_head",
        "ignore",
        "json_values",
        "models",
        "references",
        "replies",
        "traces",
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.dear] if name in MANY_SEEDS else [])
        for name in TARGETS
    ],
)
def test_what_real_engines_said_passes(name: str) -> None:
    module = target(name)
    for seed in module.seeds():
        module.check(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_bytes_made_by_hypothesis_pass(name: str) -> None:
    """The same functions where atheris cannot be installed; seeds are cut, mixed and changed."""
    module = target(name)
    seeds = st.sampled_from(list(module.seeds()))
    words = [word.encode() for word in getattr(module, "words", list)()]
    pieces = st.binary(max_size=8) | st.sampled_from(words or [b"\n"])
    cut = st.builds(lambda seed, at, size: seed[at : at + size], seeds, _SMALL, _SMALL)
    mixed = st.lists(cut | pieces, max_size=6).map(b"".join)

    @settings(suppress_health_check=list(HealthCheck))
    @given(mixed)
    @example(b"")
    def check(data: bytes) -> None:
        module.check(data)

    check()


_SMALL = st.integers(0, 400)


@pytest.mark.dear
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_a_few_seconds_of_fuzzing_find_nothing(tmp_path: Path) -> None:
    report = fuzz("frames", SECONDS, tmp_path)
    assert report.crashes == (), report.output
    assert report.executions > 0  # a busy machine does not get far
