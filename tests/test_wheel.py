"""What is built is what users get: the wheel alone, in an empty project with pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dockerapi

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.dear
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints; where it fails only for want of a package index, a skip."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280
    )
    said = done.stdout + done.stderr
    if done.returncode and "pip" in command and os.environ.get("CI") != "true":
        pytest.skip("the wheel is not tried: pip reaches no package index")
    assert done.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder, ROOT, folder=folder)
    (found,) = folder.glob("dockerapi-*.whl")
    return found


def test_the_wheel_has_the_package_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "dockerapi",
        f"dockerapi-{dockerapi.__version__}.dist-info",
    }
    assert "dockerapi/py.typed" in names
    assert [name for name in names if "test_" in name or "conftest" in name] == []


def python_with(folder: Path, *packages: str | Path) -> Path:
    """The Python of an environment of its own that has these packages."""
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(sys.executable, "-m", "venv", "--without-pip", python.parent.parent, folder=folder)
    run(
        *(sys.executable, "-m", "pip", "--python", python),
        *("install", "--quiet", *packages),
        folder=folder,
    )
    return python


def test_the_documented_tests_pass_with_only_the_wheel_and_pytest(
    tmp_path: Path, wheel: Path
) -> None:
    python = python_with(tmp_path, wheel, "pytest")
    project = tmp_path / "project"
    project.mkdir()
    script, *tests = BLOCK.findall((ROOT / "docs/testing.md").read_text(encoding="utf-8"))
    (project / "backup.py").write_text(script)
    (project / "test_backup.py").write_text("\n".join(tests))
    said = run(python, "-m", "pytest", "-q", "-W", "error", folder=project)
    assert re.findall(r"(\d+) passed", said) == ["7"]


# Fixtures of theirs: docker_client, docker_ip, docker_services, docker_setup and so
# on. pytest-testinfra has `host`, testcontainers none.
BESIDE = """
import docker
import pytest
from dockerapi.testing import FakeEngine


@pytest.fixture(scope="session", autouse=True)
def engine_of_the_environment():
    with FakeEngine(release="28.5.2") as engine, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", engine.url)
        yield


@pytest.fixture(scope="session")
def release(docker_client):  # of pytest-docker-tools
    return docker_client.version()["Version"]


@pytest.mark.api_versions("1.24")
def test_each_plugin_has_its_own(release, docker_client, docker_ip, fake_engine, fake_client):
    assert isinstance(docker_client, docker.DockerClient)
    assert (release, docker_ip) == ("28.5.2", "127.0.0.1")
    assert fake_client.api_version == fake_engine.api_version == "1.24"
"""


@pytest.mark.nightly
def test_the_fixtures_stand_beside_those_of_other_plugins(tmp_path: Path, wheel: Path) -> None:
    python = python_with(
        tmp_path, wheel, "pytest", "pytest-docker", "pytest-docker-tools", "pytest-testinfra"
    )
    (tmp_path / "test_beside.py").write_text(BESIDE)
    said = run(python, "-m", "pytest", "-q", folder=tmp_path)
    assert re.findall(r"(\d+) passed", said) == ["1"]
