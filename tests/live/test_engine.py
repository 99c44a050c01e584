"""The private Engine of the tests: alone, beside others, and after every way to be killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from live.busybox import find_busybox, root_file_system
from live.engine import (
    Engine,
    PrivateEngine,
    cannot_start,
    make_bridge,
    mounts_of,
    processes_of,
    start,
    sweep,
)

pytestmark = pytest.mark.real("starts real Engines")
TESTS = Path(__file__).parent.parent

# A test run that starts an Engine with a running and a paused container, and never ends.
RUN = """
import json, sys, time
from live.engine import start
from live.test_engine import run
from pathlib import Path

engine = start(name="killed")
archive = Path(sys.argv[1]).read_bytes()
assert engine.request("POST", "/images/create?fromSrc=-&repo=busybox", archive)[0] == 200
run(engine, "running")
run(engine, "paused")
assert engine.request("POST", "/containers/paused/pause")[0] == 204
pids = engine.pid, engine.containerd_pid
print(json.dumps([*pids, str(engine.folder), engine.bridge]), flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def able(engine: Engine) -> None:
    """These tests start Engines of their own, whichever the others use."""
    if why := cannot_start():
        pytest.skip(why)
    if shutil.which("dockerd") is None:
        pytest.skip("the Engine is elsewhere, there is no dockerd here")


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Folders that no other test run on this machine uses, and names of which each is free."""
    # Not tmp_path: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rootfs")
    program = find_busybox(folder)
    assert program is not None
    path = folder / "rootfs.tar"
    path.write_bytes(root_file_system(program))
    return path


def run(engine: Engine, name: str) -> None:
    body = json.dumps({"Image": "busybox", "Cmd": ["sleep", "6000"], "StopTimeout": 0}).encode()
    headers = {"Content-Type": "application/json"}
    created = engine.request("POST", f"/containers/create?name={name}", body, headers)
    assert created[0] == 201, created
    started = engine.request("POST", f"/containers/{name}/start")
    assert started[0] == 204, started


def links() -> dict[str, int]:
    """Name and number of every network interface of this machine."""
    listed = subprocess.run(["ip", "-json", "link"], capture_output=True, check=True)
    return {link["ifname"]: link["ifindex"] for link in json.loads(listed.stdout)}


def remains(folder: Path, bridge: str) -> dict[str, object]:
    return {
        "folder": folder.exists(),
        "processes": processes_of(folder),
        "mounts": mounts_of(folder),
        "bridge": bridge in links(),
    }


NOTHING: dict[str, object] = {"folder": False, "processes": [], "mounts": [], "bridge": False}


def test_a_private_engine_answers_and_leaves_nothing_behind() -> None:
    with start(name="alone") as engine:
        assert engine.request("GET", "/_ping") == (200, b"OK")
    assert remains(engine.folder, engine.bridge) == NOTHING


def test_closing_ends_running_and_paused_containers_too(archive: Path) -> None:
    with start(name="alone") as engine:
        engine.request("POST", "/images/create?fromSrc=-&repo=busybox", archive.read_bytes())
        run(engine, "running")
        run(engine, "paused")
        assert engine.request("POST", "/containers/paused/pause")[0] == 204
    assert remains(engine.folder, engine.bridge) == NOTHING


def test_two_engines_of_one_name_run_side_by_side() -> None:
    with start(name="twin") as first, start(name="twin") as second:
        assert second.folder.name == "twin-2"
        roots = [engine.get("/info")["DockerRootDir"] for engine in (first, second)]
        assert roots == [f"{first.folder}/data", f"{second.folder}/data"]


def test_engines_in_folders_of_one_path_but_two_machines_have_two_bridges(tmp_path: Path) -> None:
    """Containers that share the network of their host, each with a /tmp of its own."""
    bridges = [make_bridge(tmp_path), make_bridge(tmp_path)]
    made = [bridge for bridge in bridges if bridge in links()]
    for bridge in made:
        subprocess.run(["ip", "link", "delete", bridge], check=True)
    assert len(set(made)) == 2


def test_a_docker0_of_another_engine_stays_as_it_is() -> None:
    before = links()
    if made := "docker0" not in before:
        subprocess.run(["ip", "link", "add", "docker0", "type", "bridge"], check=True)
        before = links()
    try:
        with start(name="alone"):
            during = links()
        after = links()
    finally:
        if made:
            subprocess.run(["ip", "link", "delete", "docker0"], check=True)
    assert {"during": during["docker0"], "after": after["docker0"]} == {
        "during": before["docker0"],
        "after": before["docker0"],
    }


@pytest.mark.parametrize(
    "halt",
    [
        pytest.param(PrivateEngine.stop, id="stopped"),
        pytest.param(PrivateEngine.kill, id="killed"),
    ],
)
def test_an_engine_starts_again_with_its_containers(
    halt: Callable[[PrivateEngine], None], archive: Path
) -> None:
    with start(name="again") as engine:
        engine.request("POST", "/images/create?fromSrc=-&repo=busybox", archive.read_bytes())
        run(engine, "kept")
        halt(engine)
        assert not engine.answers()
        engine.start()
        names = [container["Names"] for container in engine.get("/containers/json?all=1")]
        assert names == [["/kept"]]


def kill_nothing(dockerd: int, containerd: int, folder: Path) -> None:
    """Only the test run was killed: its Engine goes on."""


def kill_dockerd(dockerd: int, containerd: int, folder: Path) -> None:
    os.kill(dockerd, signal.SIGKILL)


def kill_daemons_and_shims(dockerd: int, containerd: int, folder: Path) -> None:
    """What is left is the containers' own processes."""
    for process in {dockerd, containerd, *processes_of(folder)}:
        # A shim may have ended, and whoever begot it is no longer here to wait for it.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if b"sleep" not in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGKILL)


def recycle_pid(dockerd: int, containerd: int, folder: Path) -> None:
    """The pid file names a living process that has nothing to do with the Engine."""
    os.kill(dockerd, signal.SIGKILL)
    (folder / "docker.pid").write_text(str(os.getpid()))


@pytest.fixture
def abandoned(archive: Path, apart: None) -> Iterator[tuple[int, int, Path, str]]:
    """The pids, the folder and the bridge of an Engine whose test run was killed with SIGKILL."""
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, str(archive)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    with child:
        assert child.stdout is not None
        line = child.stdout.readline()
        child.kill()
    dockerd, containerd, folder, bridge = json.loads(line)
    yield dockerd, containerd, Path(folder), bridge
    sweep(Path(folder))


@pytest.mark.parametrize("kill", [kill_nothing, kill_dockerd, kill_daemons_and_shims, recycle_pid])
def test_what_a_killed_run_left_does_not_stop_the_next(
    kill: Callable[[int, int, Path], None], abandoned: tuple[int, int, Path, str]
) -> None:
    dockerd, containerd, folder, bridge = abandoned
    assert bridge in links()
    kill(dockerd, containerd, folder)
    with start(name="killed") as engine:
        assert engine.folder == folder
        assert {dockerd, containerd} & set(processes_of(folder)) == set()
        assert engine.get("/containers/json?all=1") == []
        assert bridge not in links()
    assert remains(folder, engine.bridge) == NOTHING
