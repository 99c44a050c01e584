"""What a registry has, told by a real Engine: its digest, its platforms, whether it is newer."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dockerapi import Client, ContainerConfig, Credentials, ImageNotFound, StoredCredentials
from dockerapi.models.images import Platform
from live.engine import Engine
from live.registry import PASSWORD, USERNAME

pytestmark = pytest.mark.real("a registry of its own")
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
ADA = Credentials(username=USERNAME, password=PASSWORD)


@pytest.mark.needs("1.30")
def test_what_a_registry_has_under_a_name(
    client: Client, registry: str, busybox: str, name: str
) -> None:
    there = f"{registry}/{name}"
    client.tag(busybox, there, tag="1")
    try:
        pushed = client.push(there, tag="1", auth=ADA)
        found = client.inspect_distribution(f"{there}:1", auth=ADA)
        assert (found.digest, found.platforms) == (
            pushed.digest,
            (Platform(os="linux", architecture="amd64"),),
        )
        assert client.inspect_distribution(f"{there}@{found.digest}", auth=ADA) == found
        with pytest.raises(ImageNotFound):
            client.inspect_distribution(f"{there}:2", auth=ADA)
    finally:
        client.remove_image(f"{there}:1")


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example, as a module."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    spec = importlib.util.spec_from_file_location("newer_image", EXAMPLES / "newer_image.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop("any_engine", None)
    return module


def test_a_newer_image_under_a_tag_is_found_and_pulled(
    engine: Engine,
    cleared: None,
    registry: str,
    busybox: str,
    name: str,
    label: dict[str, str],
    recipe: ModuleType,
) -> None:
    """By the example; the one that was here is of the same platform."""
    stored = {"auths": {registry: {"username": USERNAME, "password": PASSWORD}}}
    there = f"{registry}/{name}:1"
    with Client(
        engine.url, credentials=StoredCredentials(auth_config=json.dumps(stored))
    ) as client:
        ids = []
        for text in ("old", "new"):
            config = ContainerConfig(labels={**label, "text": text})
            made = client.create_container(busybox, ["true"], config=config)
            ids.append(client.commit(made, config=config))
            client.tag(ids[-1], f"{registry}/{name}", tag="1")
            client.push(f"{registry}/{name}", tag="1")
        client.tag(ids[0], f"{registry}/{name}", tag="1")  # what is here is the old one again
        expected = client.inspect_distribution(there).digest
        assert recipe.newer(client, there) == expected
        assert [recipe.update(client, there), client.inspect_image(there).id] == [True, ids[1]]
        assert (recipe.newer(client, there), recipe.update(client, there)) == (None, False)
