"""What is built is what users get: the wheel alone, and an archive that has its own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import dockerapi

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.dear
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(*command: str | Path, folder: Path, timeout: float = 280) -> str:
    """What a command prints; where it fails only for want of a package index, a skip."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout
    )
    said = done.stdout + done.stderr
    if done.returncode and {"pip", "build"} & {*command} and os.environ.get("CI") != "true":
        pytest.skip("the wheel is not tried: pip reaches no package index")
    assert done.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and the wheel that is built of what is unpacked from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--installer=pip", "--outdir", folder, ROOT, folder=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("dockerapi-*.whl")
    return found


@pytest.fixture(scope="module")
def unpacked(built: Path) -> Path:
    """The folder of the source archive."""
    (found,) = built.glob("dockerapi-*.tar.gz")
    with tarfile.open(found) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 has it
        archive.extractall(built)
    return built / found.name.removesuffix(".tar.gz")


def test_the_wheel_has_the_package_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "dockerapi",
        f"dockerapi-{dockerapi.__version__}.dist-info",
    }
    assert "dockerapi/py.typed" in names
    assert [name for name in names if "test_" in name or "conftest" in name] == []


def test_a_package_index_shows_no_link_into_a_checkout(wheel: Path) -> None:
    """It shows README without the files beside it; the words of such links stay."""
    name = f"dockerapi-{dockerapi.__version__}.dist-info/METADATA"
    said = zipfile.ZipFile(wheel).read(name).decode()
    head, _, description = said.partition("\n\n")
    shown = MarkdownIt("commonmark").enable("table").render(description)
    assert [
        link for link in re.findall(r'(?:href|src)="([^"]*)"', shown) if "://" not in link
    ] == []
    linked = MarkdownIt("commonmark").enable("table").render((ROOT / "README.md").read_text())
    assert re.sub("<[^>]*>", "", shown) == re.sub("<[^>]*>", "", linked)
    assert re.findall("^Project-URL: (.*)", head, re.MULTILINE) == [
        "Engine API, https://docs.docker.com/reference/api/engine/"
    ]


def test_a_package_index_takes_both(tmp_path: Path, built: Path, wheel: Path) -> None:
    python = python_with(tmp_path, "twine")
    files = [wheel, *built.glob("*.tar.gz")]
    said = run(python, "-m", "twine", "--no-color", "check", "--strict", *files, folder=tmp_path)
    # It breaks lines where a terminal would, also within the name of a file.
    found = re.findall("PASSED|FAILED|WARNINGS?", "".join(said.split()))
    assert found == ["PASSED", "PASSED"], said


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")
def test_the_source_archive_has_every_file_of_the_checkout(unpacked: Path) -> None:
    """And so its tests, and all that they read."""
    tracked = run("git", "ls-files", folder=ROOT).splitlines()
    assert [name for name in tracked if not (unpacked / name).is_file()] == []


@pytest.mark.nightly
def test_the_tests_of_the_source_archive_pass(tmp_path: Path, unpacked: Path) -> None:
    python = python_with(tmp_path, f"{unpacked}[dev]")
    chosen = "not (live or dear or nightly)"
    said = run(
        *(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", chosen),
        folder=unpacked,
        timeout=3600,
    )
    assert re.findall(r"\d+ (failed|error)", said) == []


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
    assert re.findall(r"(\d+) passed", said) == ["8"]


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
