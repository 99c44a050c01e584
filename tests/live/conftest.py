"""What every live test gets: an Engine, a client of it, an image, and a label to clean up by."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from live.busybox import find_busybox, root_file_system
from live.engine import Engine, NoEngine, find, start
from live.releases import binaries

if TYPE_CHECKING:
    import dockerapi

HERE = Path(__file__).parent
LABEL = "dockerapi.test"
NEGOTIATED = "negotiated"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses the client with each API version of `--api`."""
    if "client" in metafunc.fixturenames:
        versions = _versions(metafunc.config)
        metafunc.parametrize(
            "client",
            [None if version == NEGOTIATED else version for version in versions],
            ids=[version if version == NEGOTIATED else f"at {version}" for version in versions],
            indirect=True,
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs an Engine, and have the quick tests without one run first.

    Without `negotiated` among the versions, what does not depend on the version is left out.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: HERE in item.path.parents)
    if NEGOTIATED not in _versions(config):
        left_out = [
            item
            for item in items
            if HERE in item.path.parents and "client" not in getattr(item, "fixturenames", ())
        ]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def engine(label: dict[str, str], pytestconfig: pytest.Config) -> Iterator[Engine]:
    """A real Engine; where there is none the tests are skipped, with CI=true they fail."""
    release = pytestconfig.getoption("--engine")
    missing = ""
    try:
        found = find() if release is None else start(binaries(release), name=release)
    except NoEngine as error:
        missing = str(error)
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing, pytrace=False)
    if missing:
        pytest.skip(missing.splitlines()[0])
    with found:
        yield found
        found.remove_labelled(f"{LABEL}={label[LABEL]}")


@pytest.fixture(scope="session")
def label() -> dict[str, str]:
    """The label to put on every container and image that a test makes."""
    return {LABEL: uuid.uuid4().hex[:12]}


@pytest.fixture(scope="session")
def busybox(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an image with a shell and the usual commands, made here if need be."""
    name = "busybox:latest"
    if engine.request("GET", f"/images/{name}/json")[0] == 200:
        return name
    program = find_busybox(tmp_path_factory.mktemp("busybox"))
    if program is None:
        query = urlencode({"fromImage": "busybox", "tag": "latest"})
        status, answer = engine.request("POST", f"/images/create?{query}")
    else:
        query = urlencode(
            {"fromSrc": "-", "repo": "busybox", "tag": "latest", "changes": 'CMD ["sh"]'}
        )
        status, answer = engine.request(
            "POST",
            f"/images/create?{query}",
            root_file_system(program),
            {"Content-Type": "application/x-tar"},
        )
    assert status == 200 and b'"error"' not in answer, answer
    return name


@pytest.fixture
def client(request: pytest.FixtureRequest, engine: Engine) -> Iterator[dockerapi.Client]:
    """A client of the Engine, once with each API version of `--api`."""
    from dockerapi import Client

    oldest, newest = engine.api_versions
    if request.param is not None and not (
        _numbers(oldest) <= _numbers(request.param) <= _numbers(newest)
    ):
        pytest.skip(f"this Engine speaks API {oldest} to {newest}")
    with Client(engine.url, version=request.param) as client:
        yield client


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _versions(config: pytest.Config) -> list[str]:
    found: list[str] = config.getoption("--api").split(",")
    return found
