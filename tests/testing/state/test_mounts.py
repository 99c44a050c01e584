"""What is mounted, as an Engine tells it."""

from __future__ import annotations

from dockerapi import Client, Mount
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


def test_mounts_are_told_as_binds_are_and_a_volume_without_a_name_gets_one() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        mounts = [
            Mount(type="bind", source="/srv", target="/host", read_only=True),
            Mount(type="volume", source="name", target="/kept"),
            Mount(type="volume", target="/data"),
        ]
        created = client.create_container("busybox", host_config=HostConfig(mounts=mounts))
        data, host, kept = client.inspect_container(created.id).mounts
        assert (host.type, host.source, host.destination) == ("bind", "/srv", "/host")
        assert (host.writable, data.writable, kept.writable) == (False, True, True)
        assert {data.name, kept.name} == {volume.name for volume in client.volumes()}
        assert (data.destination, kept.destination, kept.name) == ("/data", "/kept", "name")
