"""Networks on a real Engine, by what its containers see of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from dockerapi import (
    IPAM,
    BadRequest,
    Client,
    Conflict,
    ContainerConfig,
    ContainerNotFound,
    EndpointSettings,
    Forbidden,
    HostConfig,
    InUse,
    IPAMPool,
    NetworkingConfig,
    NetworkNotFound,
    NotSupported,
)
from dockerapi.models.networks import NetworkContainer
from dockerapi.models.pruned import Pruned
from live.busybox import SLEEP
from live.conftest import LABEL, make_image
from live.engine import Engine, start
from live.releases import binaries

needs = pytest.mark.needs
since = pytest.mark.since

Create = Callable[..., str]


@pytest.fixture
def create(
    client: Client, engine: Engine, label: dict[str, str], name: str, spoken: tuple[int, ...]
) -> Iterator[Create]:
    """Makes networks: `name` and what is given behind it; their ids. They end with the test."""
    made: list[str] = []

    def network(behind: str = "", **given: Any) -> str:
        if spoken >= (1, 23):
            given.setdefault("labels", label)
        made.append(client.create_network(f"{name}{behind}", **given).id)
        return made[-1]

    yield network
    engine.remove_labelled(f"{LABEL}={label[LABEL]}")
    for id in made:  # before 1.23 they have no labels
        engine.request("DELETE", f"/networks/{id}")


@pytest.fixture
def range_() -> str:
    """The beginning of a range that no other test has: `10.231.77`."""
    return f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(256)}"


def pool(range_: str) -> IPAM:
    return IPAM(pools=[IPAMPool(subnet=f"{range_}.0/24", gateway=f"{range_}.254")])


@needs("1.21", "1.22", "1.23")
@since("1.23")
def test_a_network_is_what_it_was_asked_to_be(
    client: Client, create: Create, name: str, range_: str, label: dict[str, str], engine: Engine
) -> None:
    ranges = IPAMPool(
        subnet=f"{range_}.0/24",
        ip_range=f"{range_}.128/25",
        gateway=f"{range_}.1",
        auxiliary_addresses={"router": f"{range_}.2"},
    )
    id = create(
        driver="bridge",
        internal=True,
        ipam=IPAM(options={"note": "x"}, pools=[ranges]),
        options={"com.docker.network.driver.mtu": "1400"},
    )
    found = client.inspect_network(name)
    assert client.inspect_network(id[:12]) == client.inspect_network(found) == found
    told = {
        field.name: getattr(found, field.name)
        for field in attrs.fields(type(found))
        if field.name not in ("created", "subnets")
    }
    assert told == {
        "id": id,
        "name": name,
        "scope": "local",
        "driver": "bridge",
        "ipv4": engine.says({"1.9": None, "28.0": True}),
        "ipv6": False,
        "ipam": IPAM(driver="default", options={"note": "x"}, pools=[ranges]),
        "internal": True,
        "attachable": engine.says({"1.9": None, "1.13": False}),
        "ingress": engine.says({"1.9": None, "17.5": False}),
        "config_only": engine.says({"1.9": None, "17.6": False}),
        "config_from": None,
        "options": {"com.docker.network.driver.mtu": "1400"},
        "labels": label,
        "containers": {},
        "peers": (),
        "services": {},
    }
    client.remove_network(found)
    with pytest.raises(NetworkNotFound) as caught:
        client.inspect_network(name)
    assert str(caught.value) == f"GET /networks/{{id}}: 404 network {name} not found"
    with pytest.raises(NetworkNotFound):
        client.remove_network(name)


@needs("1.21")
@since("1.21")
def test_a_list_is_narrowed(
    client: Client, create: Create, name: str, sleeper: str, spoken: tuple[int, ...]
) -> None:
    ids = [create("-1"), create("-2")]
    client.connect_network(ids[0], sleeper)
    by_id = client.networks(filters={"id": ids[1]})
    assert [row.id for row in by_id] == [ids[1]]
    [row] = client.networks(filters={"name": f"{name}-1"})
    assert (row.id, row.name) == (ids[0], f"{name}-1")
    if spoken >= (1, 28):
        assert row.containers is None
    else:
        assert row.containers is not None and list(row.containers) == [sleeper]
    assert {*ids} <= {row.id for row in client.networks()}


@needs("1.21", "1.22", "1.24")
@since("1.24")
def test_a_list_is_narrowed_by_more(
    client: Client, create: Create, label: dict[str, str], name: str
) -> None:
    id = create()
    ours = {"label": f"{LABEL}={label[LABEL]}", "driver": "bridge", "type": "custom"}
    assert [row.id for row in client.networks(filters=ours)] == [id]
    assert client.networks(filters={**ours, "type": "builtin"}) == []
    if client.supports("prune_networks"):  # some version after that
        with pytest.raises(ValueError):
            client.networks(filters={"nosuch": "x"})


@since("1.21")
def test_which_networks_dangle_is_asked_only_where_it_is_told(
    client: Client, engine: Engine, spoken: tuple[int, ...]
) -> None:
    if engine.says({"0.3": False, "29.0": True}):
        assert {row.name for row in client.networks(filters={"dangling": False})} >= {"bridge"}
        return
    with pytest.raises(NotSupported):
        client.networks(filters={"dangling": True})


@needs("1.21")
@since("1.21")
def test_a_name_is_given_once(client: Client, create: Create, name: str, engine: Engine) -> None:
    id = create()
    with pytest.raises(Conflict) as caught:
        client.create_network(name)
    words = f"network with name {name} already exists"
    assert (type(caught.value), caught.value.message) == (Conflict, words)
    body = json.dumps({"Name": name}).encode()
    headers = {"Content-Type": "application/json"}
    status, answer = engine.request("POST", "/networks/create", body, headers)
    if status != 201:  # from 25.0 on there are no two, whatever is asked
        assert status == 409
        return
    other = json.loads(answer)["Id"]
    try:
        if engine.says({"1.9": False, "17.6": True}):
            for call in (client.inspect_network, client.remove_network):
                with pytest.raises(BadRequest) as several:
                    call(name)
                ids = several.value.hint.partition(": ")[2].split(", ")
                assert sorted(ids) == sorted([id, other])
    finally:
        client.remove_network(other)


@needs("1.21", "1.23")
@since("1.23")
def test_a_pool_of_ipv6_addresses_is_used(client: Client, create: Create, name: str) -> None:
    # No group begins with 0, which Engines from 28.0 on refuse.
    first, second = (0x1000 + secrets.randbelow(0xF000) for _ in range(2))
    subnet = f"fd00:{first:x}:{second:x}::/64"
    create(ipam=IPAM(pools=[IPAMPool(subnet=subnet)]))
    found = client.inspect_network(name)
    assert found.ipam is not None and found.ipam.pools is not None
    assert (found.ipv6, subnet in [one.subnet for one in found.ipam.pools]) == (True, True)


# Who is in it


@needs("1.21", "1.22")
@since("1.22")
def test_a_container_joins_a_network_and_leaves_it(
    client: Client, create: Create, name: str, sleeper: str, range_: str
) -> None:
    network = create(ipam=pool(range_))
    wanted = EndpointSettings(ipv4_address=f"{range_}.77", aliases=["db"])
    client.connect_network(network, sleeper, endpoint=wanted)
    connected = client.inspect_network(network).containers
    place = client.inspect_container(sleeper).network_settings.networks[name]
    assert connected == {
        sleeper: NetworkContainer(
            name=name,
            endpoint_id=place.endpoint_id,
            mac_address=place.mac_address,
            ipv4_address=f"{range_}.77/24",
        )
    }
    assert (place.ip_address, place.gateway, "db" in place.aliases) == (
        f"{range_}.77",
        f"{range_}.254",
        True,
    )
    with pytest.raises(Conflict):
        client.connect_network(network, sleeper)
    client.disconnect_network(network, sleeper)
    assert client.inspect_network(network).containers == {}
    with pytest.raises(Conflict) as caught:
        client.disconnect_network(network, sleeper)
    assert type(caught.value) is Conflict
    for call in (client.connect_network, client.disconnect_network):
        with pytest.raises(NetworkNotFound):
            call(f"{name}-no", sleeper)
        with pytest.raises(ContainerNotFound):
            call(network, f"{name}-no")
    with pytest.raises(ContainerNotFound):
        client.disconnect_network(network, f"{name}-no", force=True)


@needs("1.21", "1.22")
@since("1.22")
def test_what_is_asked_of_a_container_that_is_connected_is_not_lost_in_silence(
    client: Client, create: Create, name: str, busybox: str, config: ContainerConfig
) -> None:
    network = create()
    place = EndpointSettings(aliases=["first"])
    joined = NetworkingConfig(endpoints={name: place})
    id = client.create_container(busybox, config=config, networking=joined).id
    with pytest.raises(Conflict):
        client.connect_network(network, id, endpoint=EndpointSettings(aliases=["second"]))
    other = create("-2")
    client.connect_network(other, id, endpoint=EndpointSettings(aliases=["second"]))
    networks = client.inspect_container(id).network_settings.networks
    aliases = [networks[one].aliases[:1] for one in (name, f"{name}-2")]
    assert aliases == [("first",), ("second",)]


@pytest.mark.real("names, and addresses that are seen inside")
@needs("1.21", "1.22")
def test_containers_that_are_run_in_two_networks_see_each_other_by_name(
    client: Client, create: Create, name: str, busybox: str, config: ContainerConfig, range_: str
) -> None:
    front, back = create("-front"), create("-back", ipam=pool(range_))
    server = client.run_detached(
        busybox,
        ["sh", "-c", SLEEP],
        name=name,
        config=config,
        networking=NetworkingConfig(
            endpoints={
                front: EndpointSettings(aliases=["web"]),
                back: EndpointSettings(aliases=["db"], ipv4_address=f"{range_}.9"),
            }
        ),
    )
    seen = client.exec_run(server, ["ip", "-4", "-o", "addr"]).output.stdout.decode()
    assert f" {range_}.9/24 " in seen
    for network, called in ((front, "web"), (back, "db"), (front, name)):
        pinged = client.run(
            busybox,
            ["ping", "-c", "1", "-W", "5", called],
            config=config,
            host_config=HostConfig(network_mode=network),
        )
        assert pinged.exit_code == 0, (called, pinged.output)
    lost = client.run(
        busybox,
        ["ping", "-c", "1", "-W", "5", "db"],
        config=config,
        host_config=HostConfig(network_mode=front),
    )
    assert lost.exit_code != 0


@pytest.mark.real("addresses that are seen inside")
@needs("1.21", "1.22")
def test_a_network_of_two_words_keeps_its_settings(
    client: Client,
    create: Create,
    name: str,
    busybox: str,
    config: ContainerConfig,
    spoken: tuple[int, ...],
    range_: str,
) -> None:
    network = create(ipam=pool(range_))
    mac = "02:42:0a:bb:cc:dd"
    place = EndpointSettings(aliases=["db"], ipv4_address=f"{range_}.8")
    mode = HostConfig(network_mode=network)
    if spoken < (1, 52):  # the address of the whole container, which goes to the network, too
        config = attrs.evolve(config, mac_address=mac)
    else:
        place = attrs.evolve(place, mac_address=mac)
    seen = client.run(
        busybox,
        ["sh", "-c", "cat /sys/class/net/eth0/address; ip -4 -o addr; hostname -i"],
        config=config,
        host_config=mode,
        networking=NetworkingConfig(endpoints={name: place}),
    ).output.stdout.decode()
    assert seen.startswith(f"{mac}\n")
    assert f" {range_}.8/24 " in seen
    without_mode = client.run(
        busybox,
        ["cat", "/sys/class/net/eth0/address"],
        config=config,
        networking=NetworkingConfig(endpoints={network: place}),
    )
    assert without_mode.output.stdout.decode() == f"{mac}\n"


@needs("1.21", "1.22")
@since("1.22")
def test_create_container_joins_one_network_below_1_44(
    client: Client,
    create: Create,
    busybox: str,
    config: ContainerConfig,
    spoken: tuple[int, ...],
    name: str,
) -> None:
    two = NetworkingConfig(endpoints={create("-1"): None, create("-2"): None})
    if (1, 22) <= spoken < (1, 44):
        with pytest.raises(NotSupported) as caught:
            client.create_container(busybox, config=config, networking=two)
        assert str(caught.value).endswith(
            ": connect it to the others with connect_network(), or use run()"
        )
        return
    id = client.create_container(busybox, ["true"], config=config, networking=two).id
    client.start(id)
    joined = client.inspect_container(id).network_settings.networks
    assert sorted(joined) == [f"{name}-1", f"{name}-2"]


# In use


@needs("1.21")
@since("1.21")
def test_a_network_in_use_tells_its_users(
    client: Client, create: Create, name: str, sleeper: str
) -> None:
    network = create()
    client.connect_network(network, sleeper)
    with pytest.raises(InUse) as caught:
        client.remove_network(network)
    assert caught.value.users in ((name,), (sleeper,))  # of its name 1.9 does not tell
    with pytest.raises(Forbidden) as predefined:
        client.remove_network("bridge")
    assert type(predefined.value) is Forbidden
    with pytest.raises(Forbidden):
        client.create_network("bridge")
    client.stop(sleeper, timeout=5)
    client.remove_network(network)


@needs("1.21", "1.23", "1.25", "1.29")
@since("1.29")
def test_what_is_pruned_and_what_is_not(
    client: Client, create: Create, name: str, label: dict[str, str], sleeper: str
) -> None:
    """By a label that nobody else has: the Engine is also that of other tests."""
    used, unused, kept = (create(f"-{word}") for word in ("used", "unused", "kept"))
    del unused
    client.connect_network(used, sleeper)
    client.remove_network(kept)
    kept = create("-kept", labels={**label, "keep": "yes"})
    ours = f"{LABEL}={label[LABEL]}"
    nothing = client.prune_networks(filters={"label": ours, "until": "24h"})
    pruned = client.prune_networks(filters={"label": ours, "label!": "keep"})
    assert (nothing, pruned) == (Pruned(), Pruned(deleted=(f"{name}-unused",)))
    assert {row.id for row in client.networks(filters={"label": ours})} == {used, kept}


OWN = [None, "26.1", "28.5"]


@pytest.mark.nightly
@pytest.mark.real("an Engine of its own")
@pytest.mark.parametrize("release", OWN, ids=["own", "26.1", "28.5"])
def test_a_network_is_removed_right_behind_its_containers_and_pruned(
    release: str | None, tmp_path: Any
) -> None:
    """On an Engine that nobody else has."""
    programs = None if release is None else binaries(release)
    with start(programs, name=f"networks-{release}") as engine:
        make_image(engine, "busybox:latest", tmp_path)
        with Client(engine.url) as client:
            for number in range(200):
                network = client.create_network(f"n{number}")
                mode = HostConfig(network_mode=network)
                id = client.run_detached("busybox", ["sleep", "6000"], host_config=mode)
                client.remove_container(id, force=True)
                client.remove_network(network)
            for name in ("kept", "gone"):
                client.create_network(name)
            mode = HostConfig(network_mode="kept")
            client.run_detached("busybox", ["sleep", "6000"], host_config=mode)
            # What stopped containers have goes, too.
            stopped = client.create_network("stopped")
            client.create_container("busybox", host_config=HostConfig(network_mode=stopped))
            pruned = client.prune_networks()
            assert sorted(pruned.deleted) == ["gone", "stopped"]
            left = {row.name for row in client.networks()}
            assert left == {"bridge", "host", "none", "kept"}
