"""The examples and the README, as far as they can be tried without an Engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dockerapi import Client, errors
from dockerapi.testing import FakeEngine

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_compiles_and_says_what_it_shows(path: Path) -> None:
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
    assert isinstance(code.co_consts[0], str) and code.co_consts[0].endswith(".")


@pytest.mark.parametrize(
    "path", [path for path in EXAMPLES if path.name != "quickstart.py"], ids=lambda path: path.name
)
def test_an_example_stays_under_forty_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40


@pytest.mark.dear
@pytest.mark.skipif(os.name != "posix", reason="the commands are those of POSIX")
def test_the_quickstart_without_an_engine_has_one_of_its_own(tmp_path: Path) -> None:
    socket = tmp_path / "docker.sock"
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples/quickstart.py"],
        env={**os.environ, "DOCKER_HOST": f"unix://{socket}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (
        0,
        "No Engine answers, so this is one in this process, and its commands are local processes "
        f"without isolation (unix://{socket}: the socket does not exist. Is the Engine running, "
        "and is this its socket?)\n",
    )
    printed = done.stdout.splitlines()
    assert re.sub("unix://.*,", "unix://...,", printed[0]) == (
        "Engine 28.5.2 at unix://..., API 1.51"
    )
    assert printed[1:4] == [
        "stdout:    b'a result\\n'",
        "stderr:    b'a warning\\n'",
        "exit code: 3",
    ]
    assert printed[4:7] == ["log:       got one", "log:       got two", "log:       no more input"]
    assert printed[7] == f"exec:      {host_name()!r}"


@pytest.mark.dear
@pytest.mark.skipif(os.name != "posix", reason="the commands are those of POSIX")
def test_the_quickstart_ends_where_filtered_events_do_not_tell_of_a_removal() -> None:
    """As those of 1.7.1 to 1.8.3 do not, of one container."""
    with FakeEngine("1.20", processes=True) as engine:
        engine.answer("GET /events", lambda asked: (200, b"") if "filters" in asked.query else None)
        done = subprocess.run(
            [sys.executable, "-W", "error", ROOT / "examples/quickstart.py"],
            env={**os.environ, "DOCKER_HOST": engine.url, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "event:     destroy"


def host_name() -> bytes:
    return subprocess.run(["hostname"], capture_output=True, check=True).stdout


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_the_readme_lists_every_operation_once() -> None:
    table = README.partition("## What it can do")[2].partition("## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    about_the_client = {
        "api_version",
        "base_url",
        "close",
        "from_context",
        "from_env",
        "session",
        "timeouts",
        "wait_until_ready",
        "with_credentials",
        "with_timeouts",
    }
    public = {name for name in dir(Client) if not name.startswith("_")}
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(public - about_the_client)


def test_the_reference_shows_the_tree_of_errors_as_it_is() -> None:
    drawn = re.search(r"^ {4}DockerError\n(?: {4}.*\n)+", errors.__doc__ or "", re.MULTILINE)
    reference = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    assert drawn is not None and textwrap.dedent(drawn[0]) in reference
