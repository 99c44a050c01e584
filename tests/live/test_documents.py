"""What users read first does what it says: the code of README and of the site, the examples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import documents
from dockerapi import Client, ContainerConfig, HostConfig
from live.conftest import LABEL
from live.engine import PATIENCE, Engine

pytestmark = pytest.mark.since("1.41")  # they are for Engines of today

ROOT = Path(__file__).parent.parent.parent
LABELS = ("dockerapi.example", "dockerapi.readme")
EXPECTED = {
    "build_image.py": "hello from the image\n",
    "copy_files.py": "remember the milk\n",
    "filter_data.py": "9\n10\n100\n",
    "follow_logs.py": (
        "stderr: low on memory\nstdout: starting\nstdout: ready\nnothing new for 2 seconds\n"
    ),
    "pin_version.py": (
        "speaking API {oldest}\n"
        "NetworkingConfig.EndpointsConfig.*.GwPriority needs API 1.48, and {oldest} is spoken\n"
    ),
    "save_image.py": "loaded busybox:latest\n",
    "talk_by_name.py": "hello from the server\n",
}


@pytest.fixture(autouse=True)
def nothing_is_left(engine: Engine, busybox: str) -> Any:
    """What the documents make they remove."""
    yield
    left = [
        [container["Names"], container["Labels"]]
        for container in engine.get("/containers/json?all=1")
        if any(label in (container["Labels"] or {}) for label in LABELS)
    ]
    for label in LABELS:
        engine.remove_labelled(label)
    assert left == []


def run(name: str, url: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / name, *arguments],
        env={**os.environ, "DOCKER_HOST": url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


BEYOND_THE_FAKE = pytest.mark.real("names that are resolved")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[BEYOND_THE_FAKE] if name == "talk_by_name.py" else [])
        for name in sorted(EXPECTED)
    ],
)
def test_an_example_prints_what_it_promises(name: str, engine: Engine) -> None:
    printed = run(name, engine.url)
    version = engine.get("/version")
    oldest = version.get("MinAPIVersion") or version.get("ApiVersion") or engine.api_versions[1]
    expected = EXPECTED[name].format(oldest=oldest).splitlines()
    if name == "build_image.py":  # before it is the Engine's own log of the build
        printed = printed[-1:]
    if name == "follow_logs.py":  # two pipes: the Engine reads them in any order
        printed, expected = sorted(printed), sorted(expected)
    assert printed == expected


@pytest.mark.real("BuildKit")
def test_the_example_of_buildkit_takes_files_out(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    assert run("build_with_secrets.py", engine.url, str(tmp_path)) == ["The token has 6 bytes."]


@pytest.mark.real("volumes that are shared")
def test_the_example_of_volumes_restores_what_it_saved(
    engine: Engine, newest: Client, busybox: str, name: str, label: dict[str, str]
) -> None:
    def with_volume(volume: str, line: str) -> bytes:
        result = newest.run(
            busybox,
            ["sh", "-c", line],
            config=ContainerConfig(labels=label),
            host_config=HostConfig(binds=[f"{volume}:/data"]),
            check=True,
        )
        return result.output.stdout

    newest.create_volume(name, labels=label)
    try:
        with_volume(name, "mkdir /data/notes; echo remember the milk > /data/notes/today")
        printed = run("back_up_volume.py", engine.url, name, f"{name}-2")
        assert printed == [f"{name}-2 has what {name} had"]
        assert with_volume(f"{name}-2", "cat /data/notes/today") == b"remember the milk\n"
    finally:
        engine.remove_labelled(f"{LABEL}={label[LABEL]}")
        newest.remove_volume(f"{name}-2", force=True)


@pytest.mark.nightly
@pytest.mark.real("a swarm with services")
def test_the_example_of_a_service_deploys_updates_and_removes_it(manager: str) -> None:
    assert run("deploy_service.py", manager) == ["example-web: the update is completed"]
    with Client(manager) as client:
        assert client.services() == []


def test_every_example_is_run() -> None:
    examples = {path.name for path in (ROOT / "examples").glob("*.py")}
    # One needs a registry, tests/live/test_distribution_live.py, and one prunes:
    # tests/live/test_prunes_live.py.
    assert examples == {
        *EXPECTED,
        "quickstart.py",
        "any_engine.py",
        "build_with_secrets.py",
        "back_up_volume.py",
        "deploy_service.py",
        "newer_image.py",
        "prune_by_label.py",
    }


def test_the_quickstart_shows_a_container_from_its_start_to_its_removal(engine: Engine) -> None:
    printed = run("quickstart.py", engine.url)
    begin = next(number for number, line in enumerate(printed) if line.startswith("event:"))
    actions = [line.removeprefix("event:").strip() for line in printed[begin:]]
    unknown = r"(?<=API )[\d.]+|(?<=exec:      b')[^\\]+"
    shown = [re.sub(unknown, "...", line) for line in printed[:begin]]
    assert shown == [
        f"Engine {engine.version} at {engine.url}, API ...",
        r"stdout:    b'a result\n'",
        r"stderr:    b'a warning\n'",
        "exit code: 3",
        "log:       got one",
        "log:       got two",
        "log:       no more input",
        r"exec:      b'...\n'",
    ]
    # Others come between, and not the same ones from every Engine.
    assert [action for action in actions if action in ("exec_die", "die", "destroy")] == [
        "exec_die",
        "die",
        "destroy",
    ]


@pytest.mark.real("shows what real Engines do")
@pytest.mark.parametrize(
    "page",
    [documents.README, *documents.with_code(unless=documents.FAKE)],
    ids=documents.name,
)
def test_the_code_of_a_page_prints_what_it_says(page: Path, engine: Engine) -> None:
    if taken := taken_names(page, engine):
        pytest.skip(f"the Engine has already what the page makes: {', '.join(taken)}")
    try:
        documents.run(page, engine.url)
    finally:
        left = taken_names(page, engine)
        for name in left:  # a container is removed before its network
            engine.request("DELETE", f"/containers/{name}?force=1&v=1")
            engine.request("DELETE", f"/networks/{name}")
            engine.request("DELETE", f"/volumes/{name}")
            engine.request("DELETE", f"/images/{name}?force=1")
    assert left == []


@pytest.mark.nightly
@pytest.mark.real("a swarm with services")
@pytest.mark.parametrize("page", documents.of_a_swarm(), ids=documents.name)
def test_the_code_of_a_page_about_swarms_prints_what_it_says(page: Path, manager: str) -> None:
    documents.run(page, manager)
    with Client(manager) as client:
        assert (client.services(), client.secrets(), client.configs()) == ([], [], [])


def taken_names(page: Path, engine: Engine) -> list[str]:
    """What the Engine has of the names that a page's code gives."""
    return [
        name
        for name in sorted(documents.made(page))
        for route in ("/containers/{}/json", "/networks/{}", "/volumes/{}")
        if engine.request("GET", route.format(name))[0] == 200
    ]
