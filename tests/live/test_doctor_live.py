"""The doctor on a real Engine, and on none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dockerapi
from live.engine import PATIENCE, Engine

ROOT = Path(dockerapi.__file__).parent.parent


def examined(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "dockerapi", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.real("what it says of a real Engine")
def test_the_doctor_of_a_real_engine(engine: Engine) -> None:
    code, output, errors = examined("--host", engine.url, "--json")
    found = json.loads(output)
    assert (code, errors, found["error"]) == (0, "", None)
    oldest, newest = engine.api_versions
    assert found["api"]["engine"] == [oldest, newest]
    assert 0 < found["round_trip_ms"] < 5000
    code, output, errors = examined("--host", engine.url)
    assert (code, errors) == (0, "")
    api = found["api"]
    assert dict((line[:12].rstrip(), line[12:]) for line in output.splitlines())["API"] == (
        f"{api['spoken']} is spoken; the Engine has {oldest} to {newest}, this library "
        f"{' to '.join(api['library'])}"
    )


def test_the_doctor_where_there_is_no_engine(tmp_path: Path) -> None:
    code, _, errors = examined("--host", f"unix://{tmp_path}/docker.sock")
    assert (code, errors) == (
        1,
        f"error: unix://{tmp_path}/docker.sock: the socket does not exist. Is the Engine running, "
        "and is this its socket?\n",
    )
