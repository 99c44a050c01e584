"""What the Engine says of itself, in every version."""

from __future__ import annotations

import pytest

from dockerapi import Client
from dockerapi.testing import FakeEngine


@pytest.mark.parametrize("version", [f"1.{minor}" for minor in range(56)])
def test_the_client_agrees_on_the_version_that_the_engine_speaks(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        told = client.version().api_version
        assert str(client.api_version) == version
        assert told == (version if int(version[2:]) >= 10 else None)  # since 0.10.0
