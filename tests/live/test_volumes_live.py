"""Volumes on a real Engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from dockerapi import (
    Client,
    ClusterVolumeSpec,
    Conflict,
    ContainerConfig,
    HostConfig,
    InUse,
    NotSupported,
    VolumeNotFound,
)
from dockerapi.models.volumes import Volume
from live.conftest import LABEL
from live.engine import Engine, start
from live.releases import binaries
from live.sshd import free_port

needs = pytest.mark.needs
since = pytest.mark.since

Create = Callable[..., Volume]
TMPFS = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}


@pytest.fixture
def create(
    client: Client, engine: Engine, label: dict[str, str], name: str, spoken: tuple[int, ...]
) -> Iterator[Create]:
    """Makes volumes: `name` and what is given behind it. They end with the test."""
    made: list[str] = []

    def volume(behind: str = "", **given: Any) -> Volume:
        if spoken >= (1, 23):
            given.setdefault("labels", label)
        found = client.create_volume(f"{name}{behind}", **given)
        made.append(found.name)
        return found

    yield volume
    engine.remove_labelled(f"{LABEL}={label[LABEL]}")
    for one in made:  # before 1.23 they have no labels
        engine.request("DELETE", f"/volumes/{one}")


@needs("1.21")
@since("1.23")
def test_a_volume_is_what_it_was_asked_to_be(
    client: Client,
    create: Create,
    name: str,
    label: dict[str, str],
    engine: Engine,
    spoken: tuple[int, ...],
) -> None:
    made = create(driver="local", options=TMPFS)
    found = client.inspect_volume(name)
    assert found == made == client.inspect_volume(made)
    told = {
        field.name: getattr(found, field.name)
        for field in attrs.fields(type(found))
        if field.name not in ("created", "mountpoint")
    }
    assert told == {
        "name": name,
        "driver": "local",
        "labels": label if spoken >= (1, 23) else {},
        "options": engine.says({"1.9": {}, "1.13": TMPFS}),
        "scope": engine.says({"1.9": None, "1.12": "local"}),
        "status": None,
        "usage": None,
        "cluster": None,
    }
    assert str(found.mountpoint).endswith(f"/{name}/_data")
    client.remove_volume(found)
    for call in (client.inspect_volume, client.remove_volume):
        with pytest.raises(VolumeNotFound) as caught:
            call(name)
        assert caught.value.message in ("no such volume", f"get {name}: no such volume")


@needs("1.21")
@since("1.21")
def test_a_volume_without_a_name_gets_one(client: Client) -> None:
    made = client.create_volume()
    try:
        assert len(made.name) == 64
        assert client.inspect_volume(made).name == made.name
    finally:
        client.remove_volume(made)


@needs("1.21", "1.24")
@since("1.24")
def test_a_list_is_narrowed(client: Client, create: Create, name: str) -> None:
    create("-1"), create("-2")
    both = client.volumes(filters={"name": name, "driver": "local"})
    assert sorted(row.name for row in both) == [f"{name}-1", f"{name}-2"]
    assert client.volumes(filters={"name": name, "driver": "nosuch"}) == []
    assert {row.name for row in both} <= {row.name for row in client.volumes()}
    [row] = client.volumes(filters={"name": f"{name}-2"})
    assert row == client.inspect_volume(f"{name}-2")


@needs("1.21", "1.23", "1.25")
@since("1.25")
def test_a_list_is_narrowed_by_labels(
    client: Client, create: Create, name: str, label: dict[str, str]
) -> None:
    create("-1"), create("-2", labels={**label, "tier": "db"})
    ours = f"{LABEL}={label[LABEL]}"
    found = client.volumes(filters={"label": [ours, "tier"]})
    assert [row.name for row in found] == [f"{name}-2"]
    assert len(client.volumes(filters={"label": ours})) == 2


@needs("1.21", "1.23")
@since("1.23")
def test_an_old_volume_is_given_or_said_to_differ(
    client: Client, create: Create, name: str, label: dict[str, str], engine: Engine
) -> None:
    made = create()
    assert create() == made
    with pytest.raises(Conflict) as caught:
        create(labels={**label, "tier": "db"})
    words = f"volume {name} has labels {label!r}, and not { ({**label, 'tier': 'db'})!r}"
    assert (type(caught.value), caught.value.message) == (Conflict, words)
    if engine.says({"1.9": False, "1.13": True}):
        with pytest.raises(Conflict):
            create(options=TMPFS)
    assert client.inspect_volume(name) == made


# In use


@needs("1.21")
@since("1.21")
def test_a_volume_in_use_tells_its_users(
    client: Client, create: Create, name: str, busybox: str, config: ContainerConfig, engine: Engine
) -> None:
    create(), create("-2")
    bound = HostConfig(binds=[f"{name}:/data"])
    users = [client.create_container(busybox, config=config, host_config=bound).id for _ in "12"]
    with pytest.raises(InUse) as caught:
        client.remove_volume(name)
    told = engine.says({"1.9": (), "1.10": tuple(sorted(users))})
    assert tuple(sorted(caught.value.users)) == told
    unused = {row.name for row in client.volumes(filters={"dangling": True})}
    assert (name in unused, f"{name}-2" in unused) == (False, True)
    if engine.says({"1.9": False, "1.10": True}):
        used = {row.name for row in client.volumes(filters={"dangling": False})}
        assert (name in used, f"{name}-2" in used) == (True, False)
    for id in users:
        client.remove_container(id)
    client.remove_volume(name)


@needs("1.21", "1.25")
@since("1.25")
def test_by_force_what_is_not_there_is_removed_and_what_is_used_is_not(
    client: Client, create: Create, name: str, busybox: str, config: ContainerConfig, engine: Engine
) -> None:
    create()
    bound = HostConfig(binds=[f"{name}:/data"])
    id = client.create_container(busybox, config=config, host_config=bound).id
    if not engine.says({"1.9": False, "17.3": True}):
        with pytest.raises(NotSupported):
            client.remove_volume(name, force=True)
        return
    with pytest.raises(InUse):
        client.remove_volume(name, force=True)
    client.remove_container(id)
    client.remove_volume(name, force=True)
    client.remove_volume(name, force=True)


# Volumes of a cluster


@pytest.mark.dear
@pytest.mark.real("an Engine of its own, that makes a swarm")
@pytest.mark.parametrize("release", ["26.1", "28.5"])
def test_a_volume_of_a_cluster_is_updated_by_the_value_that_was_read(release: str) -> None:
    with (
        start(binaries(release), name=f"volumes-{release}") as engine,
        Client(engine.url) as client,
    ):
        address = f"127.0.0.1:{free_port()}"
        swarm = {"ListenAddr": address, "AdvertiseAddr": address}
        assert client.session.post("/swarm/init", json=swarm).status_code == 200
        spec = ClusterVolumeSpec(
            group="g",
            scope="single",
            sharing="none",
            block=True,
            required_bytes="1m",
            limit_bytes="2m",
            availability="active",
        )
        made = client.create_volume(
            "data", driver="nosuch", options={"c": "d"}, labels={"a": "b"}, cluster=spec
        )
        assert made.cluster is not None and made.cluster.spec == spec
        assert (made.labels, made.scope, made.created) == (
            {"a": "b"},
            "global",
            made.cluster.created,
        )
        assert made.options == {"c": "d"}
        [row] = client.volumes(filters={"label": "a"})
        assert row.cluster is not None and row.cluster.spec == spec
        client.update_volume(made, availability="drain")
        found = client.inspect_volume(made.cluster.id)
        assert found.cluster is not None
        assert found.cluster.spec == attrs.evolve(spec, availability="drain")
        with pytest.raises(Conflict):
            client.update_volume(made, availability="pause")
        client.update_volume(found, availability="pause")
        client.remove_volume("data")
        other = Volume(name="data", cluster=attrs.evolve(found.cluster, id="nosuch"))
        with pytest.raises(VolumeNotFound):
            client.update_volume(other, availability="active")
