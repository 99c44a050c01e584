"""What is mounted, as an Engine tells it."""

from __future__ import annotations

from dockerapi import Client
from dockerapi.models.config import ContainerConfig, HostConfig
from dockerapi.testing import FakeEngine


def test_volumes_and_folders_are_told_and_have_a_place_in_the_container() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        created = client.create_container(
            "busybox",
            ["ls", "/data", "/kept", "/host"],
            config=ContainerConfig(volumes=["/data"]),
            host_config=HostConfig(binds=["name:/kept:ro", "/srv:/host"]),
        )
        client.start(created.id)
        assert client.wait(created.id) == 0
        mounts = client.inspect_container(created.id).raw["Mounts"]
        assert [(one["Type"], one["Destination"], one["RW"]) for one in mounts] == [
            ("volume", "/kept", False),
            ("bind", "/host", True),
            ("volume", "/data", True),
        ]
