"""The benchmarks still run: a little of each job. How long it takes is not looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.jobs import GUARDED
from benchmarks.live.report import table
from benchmarks.report import Figures, documented, speedups, with_canned, with_live

pytestmark = pytest.mark.dear
ROOT = Path(__file__).parent.parent

# What each job counts: bytes, frames, values; alike for whoever does it.
COUNTED = """\
import 64
inspect_one 192
inspect_many 192
list 144000
threads 4096
logs_64b 4096
logs_64b_packed 28672
logs_64b_read 4096
logs_64b_joined 4096
logs_1kib 65536
logs_1kib_packed 516096
logs_1kib_read 65536
logs_16kib 1048576
logs_16kib_packed 8388608
logs_16kib_read 1048576
tty 8192
exec_64b 4096
exec_1kib 65536
exec_16kib 1048576
exec_16kib_x4 1048576
events 688
events_packed 6870
pull 110
export 1048576
upload 1048576
context 1
json_5mb 8
json_20mb 8
"""


def test_each_job_is_done_and_counts_what_the_engine_said() -> None:
    command = [sys.executable, "-W", "error", "-m", "benchmarks", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert (done.stderr, done.stdout) == ("", COUNTED)


def test_the_document_has_the_ratio_of_each_job_that_ci_looks_at() -> None:
    text = (ROOT / "docs/benchmarks.md").read_text()
    known = documented(text)
    assert GUARDED.keys() <= known.keys()
    rows = [line for line in text.splitlines() if "(`inspect_one`)" in line]
    assert [row.split("|")[5].strip() for row in rows] == [f"{known['inspect_one']:.2f}"]


def test_nothing_is_measured_where_docker_py_would_import_paramiko(tmp_path: Path) -> None:
    (tmp_path / "paramiko.py").touch()
    command = [sys.executable, "-m", "benchmarks", "--jobs", "import"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (
        2,
        "",
        "python -m benchmarks: error: paramiko is installed here, and docker-py imports it "
        "wherever it can: its time and memory would not be its own. `make bench` has an "
        "environment without",
    )


def test_each_of_two_runs_writes_its_part_of_the_document_and_keeps_the_other() -> None:
    both = with_live("canned\n", "\n## On a real Engine\n\nlive\n")
    assert both == "canned\n\n## On a real Engine\n\nlive\n"
    assert with_canned(both, "canned anew\n") == "canned anew\n\n## On a real Engine\n\nlive\n"
    assert with_live(both, "\n## On a real Engine\n\nlive anew\n") == (
        "canned\n\n## On a real Engine\n\nlive anew\n"
    )
    assert with_canned("canned\n", "canned anew\n") == "canned anew\n"


# Job -> client -> the seconds for one, of three rounds.
TIMES = {
    "inspect": {
        "ours": [0.0005, 0.0004, 0.0003],
        "go": [0.00025, 0.00025, 0.00025],
        "command": [0.03, 0.03, 0.03],
    },
    "exec_run": {
        "ours": [0.05, 0.06, 0.0502],
        "go": [0.05, 0.05, 0.05],
        "command": [0.1, 0.1, 0.1],
    },
    "build": {
        "ours": [0.011, 0.012, 0.014],
        "go": [0.01, 0.01, 0.01],
        "command": [0.1, 0.1, 0.1],
    },
}


def test_a_ratio_on_a_real_engine_is_taken_within_a_round_and_has_its_least_and_most() -> None:
    assert (
        table(TIMES, has_targets=True)
        == """\
| job | dockerapi | Go client | at most | docker command |
|---|---:|---:|---:|---:|
| inspect, by id | 400 µs | **1.60** (1.20 to 2.00) | 1.25 | 0.013 (0.010 to 0.017) |
| `exec_run echo hi` | 50.2 ms | 1.00 (1.00 to 1.20) | 1.00 | 0.50 (0.50 to 0.60) |
| build of three steps, cached | 12 ms | 1.20 (1.10 to 1.40) |  | 0.12 (0.11 to 0.14) |
"""
    )


def test_clients_that_are_not_there_have_no_column_and_other_engines_no_targets() -> None:
    times = {"inspect": {name: TIMES["inspect"][name] for name in ("ours", "command")}}
    assert (
        table(times, has_targets=True)
        == """\
| job | dockerapi | docker command |
|---|---:|---:|
| inspect, by id | 400 µs | 0.013 (0.010 to 0.017) |
"""
    )
    assert (
        table({"inspect": TIMES["inspect"]})
        == """\
| job | dockerapi | Go client | docker command |
|---|---:|---:|---:|
| inspect, by id | 400 µs | 1.60 (1.20 to 2.00) | 0.013 (0.010 to 0.017) |
"""
    )


def figures(*walls: float) -> list[Figures]:
    return [Figures(wall=wall, cpu=wall, memory=0, counted=1, amount=1) for wall in walls]


def test_what_the_extra_brings_has_a_table_of_the_jobs_with_a_target_for_it() -> None:
    found = {
        "inspect_one": {"ours": figures(0.5), "docker_py": figures(1.5)},
        "list": {"speedups": figures(0.15, 0.1, 0.2), "docker_py": figures(0.2, 0.2, 0.3)},
        "events": {"speedups": figures(0.3), "docker_py": figures(1.0)},
    }
    assert list(speedups(found)) == [
        "| job | dockerapi with `speedups` | docker-py | ratio | at most |",
        "|---|---:|---:|---:|---:|",
        "| `list` | 150 ms | 200 ms | **0.75** | 0.65 |",
        "| `events` | 300 ms | 1.00 s | 0.30 | 0.3 |",
    ]
