"""The pytest plugin: the fixtures `fake_engine` and `fake_client`, the marker `api_versions`.

Every run of pytest loads it, so it imports other modules only when a test uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .. import Client
    from . import FakeEngine

MARKER = (
    "api_versions(version, ...): run with a fake Engine of each of these API versions, "
    "or of every one there is"
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the marker once for each of its API versions."""
    marker = metafunc.definition.get_closest_marker("api_versions")
    if marker is not None and "fake_engine" in metafunc.fixturenames:
        versions = marker.args or _every_version()
        metafunc.parametrize(
            "fake_engine", versions, ids=[f"API {v}" for v in versions], indirect=True
        )


def _every_version() -> tuple[str, ...]:
    from ..versions.releases import NEWEST, OLDEST

    return tuple(f"{OLDEST.major}.{minor}" for minor in range(OLDEST.minor, NEWEST.minor + 1))


@pytest.fixture
def fake_engine(request: pytest.FixtureRequest) -> Iterator[FakeEngine]:
    """A fake Engine with the newest API version, or with those of the marker `api_versions`."""
    from . import FakeEngine

    with FakeEngine(getattr(request, "param", None)) as engine:
        yield engine


@pytest.fixture
def fake_client(fake_engine: FakeEngine) -> Iterator[Client]:
    """A client of `fake_engine`."""
    from .. import Client

    with Client(fake_engine.url) as client:
        yield client
