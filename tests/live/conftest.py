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
from live.engine import Engine, NoEngine, find

if TYPE_CHECKING:
    import dockerapi

HERE = Path(__file__).parent
LABEL = "dockerapi.test"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an Engine, and have the quick tests without one run first."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def engine(label: dict[str, str]) -> Iterator[Engine]:
    """A real Engine; where there is none the tests are skipped, with CI=true they fail."""
    missing = ""
    try:
        found = find()
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


@pytest.fixture(params=[None, "1.19"], ids=["negotiated", "pinned to 1.19"])
def client(request: pytest.FixtureRequest, engine: Engine) -> Iterator[dockerapi.Client]:
    """A client of the Engine, once with the version it negotiates and once with 1.19."""
    from dockerapi import Client

    oldest, _ = engine.api_versions
    if request.param is not None and _numbers(request.param) < _numbers(oldest):
        pytest.skip(f"this Engine's oldest API version is {oldest}")
    with Client(engine.url, version=request.param) as client:
        yield client


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]
