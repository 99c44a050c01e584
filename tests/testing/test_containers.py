"""Containers of the fake Engine, through the client."""

from __future__ import annotations

import pytest

from dockerapi import Client, Output
from dockerapi.testing import FakeEngine

VERSIONS = ("1.0", "1.2", "1.6", "1.7", "1.12", "1.15", "1.19", "1.24", "1.41", "1.51")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_container_is_run_read_and_removed_in_every_version(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        result = client.run("busybox", ["echo", "hello"], remove=True)
        assert (result.exit_code, result.output) == (0, Output(b"hello\n", b""))
        assert client.containers(all=True) == []
