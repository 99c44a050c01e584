"""Containers that are made again from what inspect says of them, with all their networks."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    EndpointSettings,
    HostConfig,
    NetworkingConfig,
    NotSupported,
)
from dockerapi.models.containers import Container

pytestmark = pytest.mark.real  # networks
FOR_LONG = ["sleep", "6000"]
MAC = "02:42:0a:d5:10:77"


@pytest.fixture
def networks(newest: Client, label: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Two networks of its own, and an address in the first."""
    with contextlib.ExitStack() as stack:
        names = []
        for _ in range(2):
            name = f"dockerapi-{secrets.token_hex(4)}"
            subnet = f"10.{100 + secrets.randbelow(128)}.{secrets.randbelow(256)}.0/24"
            body = {"Name": name, "IPAM": {"Config": [{"Subnet": subnet}]}, "Labels": label}
            newest.session.post("/networks/create", json=body).raise_for_status()
            stack.callback(newest.session.delete, f"/networks/{name}")
            names.append((name, subnet.replace(".0/24", ".77")))
        stack.callback(remove_all, newest, label)
        (first, address), (second, _) = sorted(names, reverse=True)
        yield first, second, address


def remove_all(client: Client, label: dict[str, str]) -> None:
    labels = [f"{name}={value}" for name, value in label.items()]
    for row in client.containers(all=True, filters={"label": labels}):
        client.remove_container(row.id, force=True)


def made(client: Client, networking: NetworkingConfig, several: bool, **options: Any) -> str:
    """A container in these networks, which runs."""
    (name, place), *others = (networking.endpoints or {}).items()
    if several:
        others = []
    else:  # all but the first are joined later
        networking = NetworkingConfig(endpoints={name: place})
    id = client.create_container(networking=networking, **options).id
    for network, its_place in others:
        body = {"Container": id, "EndpointConfig": its_place.to_wire()}
        client.session.post(f"/networks/{network}/connect", json=body).raise_for_status()
    client.start(id)
    return id


def made_again(client: Client, id: str, several: bool = True) -> tuple[Container, Container]:
    """A container before and after it was removed and made again."""
    before = client.inspect_container(id)
    client.remove_container(id, force=True)
    again = made(
        client,
        before.networking(),
        several,
        image=before.config.image,
        config=before.config,
        host_config=before.host_config,
    )
    return before, client.inspect_container(again)


def test_in_two_networks_with_an_address_that_was_asked_for(
    newest: Client, busybox: str, config: ContainerConfig, networks: tuple[str, str, str]
) -> None:
    first, second, address = networks
    asked = NetworkingConfig(
        endpoints={
            first: EndpointSettings(ipv4_address=address, aliases=["db", "store"]),
            second: EndpointSettings(aliases=["cache"]),
        }
    )
    options = {
        "image": busybox,
        "command": FOR_LONG,
        "config": attrs.evolve(config, mac_address=MAC, hostname="web"),
        "host_config": HostConfig(network_mode=first),
    }
    several = tuple(map(int, newest.api_version.split("."))) >= (1, 44)
    if not several:
        with pytest.raises(NotSupported) as caught:
            newest.create_container(networking=asked, **options)
        assert (caught.value.what, caught.value.needs) == (
            "NetworkingConfig.EndpointsConfig with more than one network",
            "1.44",
        )
    before, after = made_again(newest, made(newest, asked, several, **options), several)
    assert before.networking() == after.networking() == asked
    assert list(before.networking().endpoints or ()) == [first, second]
    assert (before.config, before.host_config) == (after.config, after.host_config)
    found = after.network_settings.networks[first]
    assert (found.ip_address, found.mac_address) == (address, MAC)


@pytest.mark.parametrize("mode", ["bridge", "default", "host", "none"])
def test_in_a_network_of_the_engine(
    newest: Client, busybox: str, config: ContainerConfig, mode: str
) -> None:
    id = newest.run_detached(
        busybox, FOR_LONG, config=config, host_config=HostConfig(network_mode=mode)
    )
    before, after = made_again(newest, id)
    asked = {"bridge" if mode == "default" else mode: EndpointSettings()}
    assert before.networking() == after.networking() == NetworkingConfig(endpoints=asked)
    assert (before.config, before.host_config) == (after.config, after.host_config)
