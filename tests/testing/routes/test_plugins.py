"""Plugins of the fake Engine: there are none, and that is what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dockerapi import Client, PluginNotFound, ServerError
from dockerapi.testing import FakeEngine

RELEASES = ["1.13.1", "19.3.15", "20.10.24", "28.5.2", "29.7.2"]


@pytest.mark.parametrize("release", RELEASES)
def test_there_are_none(release: str) -> None:
    with FakeEngine(release=release) as engine, Client(engine.url) as client:
        assert client.plugins() == []
        asked: list[Callable[[], object]] = [
            lambda: client.inspect_plugin("a/b:1"),
            lambda: client.enable_plugin("a/b:1"),
            lambda: client.disable_plugin("a/b:1"),
            lambda: client.set_plugin("a/b:1", {"A": 1}),
            lambda: client.push_plugin("a/b:1"),
            lambda: client.upgrade_plugin("a/b:1", privileges=[]),
            lambda: client.remove_plugin("a/b:1"),
        ]
        for call in asked:
            with pytest.raises(PluginNotFound) as caught:
                call()
            assert caught.value.message == 'plugin "a/b:1" not found'
        with pytest.raises(ServerError):
            client.create_plugin("a", b"tar")


@pytest.mark.parametrize("release", RELEASES)
def test_its_registry_has_none(release: str) -> None:
    with FakeEngine(release=release) as engine, Client(engine.url) as client:
        with pytest.raises(PluginNotFound):
            client.install_plugin("a/b")
        if release in RELEASES[2:]:
            assert client.plugin_privileges("a/b") == []
        else:
            with pytest.raises(PluginNotFound):
                client.plugin_privileges("a/b")
