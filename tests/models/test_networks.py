"""Networks: what the values say, and what is made of answers."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import attrs
import pytest

from dockerapi import IPAM, HostConfig, IPAMPool, NetworkingConfig
from dockerapi.models.config import EndpointSettings
from dockerapi.models.networks import (
    Network,
    NetworkContainer,
    NetworkCreated,
    NetworkPeer,
    NetworkService,
    NetworkSubnet,
    NetworkTask,
)

ID = "6022bec336726cb60635eb924d190b267dfd7c51d4f124e60e7830d33aed0288"


@pytest.mark.parametrize(
    ("answer", "warnings"),
    [({"Id": "1", "Warning": ""}, ()), ({"Id": "1"}, ()), ({"Id": "1", "Warning": "w"}, ("w",))],
)
def test_a_warning_is_one_of_several(answer: dict[str, str], warnings: tuple[str, ...]) -> None:
    assert NetworkCreated.parse(answer) == NetworkCreated(id="1", warnings=warnings)


# Pools


POOL = IPAMPool(
    subnet="172.28.0.0/16",
    ip_range="172.28.5.0/24",
    gateway="172.28.5.254",
    auxiliary_addresses={"host1": "172.28.1.5"},
)


def test_pools_are_read_and_written() -> None:
    written = {
        "Driver": "default",
        "Options": {"a": "1"},
        "Config": [
            {
                "Subnet": "172.28.0.0/16",
                "IPRange": "172.28.5.0/24",
                "Gateway": "172.28.5.254",
                "AuxiliaryAddresses": {"host1": "172.28.1.5"},
            },
            {"Subnet": "2001:db8::/64"},
        ],
    }
    pools = [POOL, IPAMPool(subnet="2001:db8::/64")]
    found = IPAM(driver="default", options={"a": 1}, pools=pools)
    assert (found.to_wire(), IPAM.parse(written)) == (written, found)
    assert [pool.is_ipv6 for pool in found.pools or ()] == [False, True]


@pytest.mark.parametrize(
    "written",
    [
        {"Driver": "default", "Options": None, "Config": []},
        {"Driver": "default", "Options": None, "Config": None},
        {"Driver": "default", "Config": [{}]},  # 1.9
    ],
)
def test_addresses_that_nobody_has_said_anything_of(written: dict[str, Any]) -> None:
    assert IPAM.parse(written) == IPAM(driver="default", pools=())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"subnet": "172.28.0.1/16"}, "subnet: 172.28.0.0/16 was expected, not '172.28.0.1/16'"),
        ({"subnet": "172.28.0.0"}, "subnet: 172.28.0.0/32 was expected, not '172.28.0.0'"),
        (
            {"subnet": "172.28.0.0/33"},
            "subnet: a range such as 172.28.0.0/16 was expected, not '172.28.0.0/33'",
        ),
        (
            {"subnet": "somewhere"},
            "subnet: a range such as 172.28.0.0/16 was expected, not 'somewhere'",
        ),
        (
            {"subnet": "10.0.0.0/8", "ip_range": "11.0.0.0/9"},
            "ip_range: 11.0.0.0/9 is not in the subnet 10.0.0.0/8",
        ),
        (
            {"subnet": "10.0.0.0/16", "ip_range": "10.0.0.0/8"},
            "ip_range: 10.0.0.0/8 is not in the subnet 10.0.0.0/16",
        ),
        (
            {"subnet": "10.0.0.0/8", "ip_range": "10.1.0.1/16"},
            "ip_range: 10.1.0.0/16 was expected, not '10.1.0.1/16'",
        ),
        (
            {"subnet": "10.0.0.0/8", "gateway": "11.0.0.1"},
            "gateway: 11.0.0.1 is not in the subnet 10.0.0.0/8",
        ),
        (
            {"subnet": "10.0.0.0/8", "gateway": "2001:db8::1"},
            "gateway: 2001:db8::1 is not in the subnet 10.0.0.0/8",
        ),
        (
            {"subnet": "10.0.0.0/8", "gateway": "10.0.0.1/8"},
            "gateway: an IP address was expected, not '10.0.0.1/8'",
        ),
        (
            {"subnet": "10.0.0.0/8", "auxiliary_addresses": {"a": "11.0.0.1"}},
            "auxiliary_addresses: a: 11.0.0.1 is not in the subnet 10.0.0.0/8",
        ),
        (
            {"auxiliary_addresses": {"a": "10.0.0.1/8"}},
            "auxiliary_addresses: an IP address was expected, not '10.0.0.1/8'",
        ),
    ],
)
def test_a_pool_that_cannot_be_is_none(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        IPAMPool(**given)
    assert str(caught.value) == message


def test_pools_of_one_network_do_not_overlap() -> None:
    pools = [IPAMPool(subnet=subnet) for subnet in ("10.0.0.0/8", "::/0", "10.1.0.0/16")]
    with pytest.raises(ValueError) as caught:
        IPAM(pools=pools)
    assert str(caught.value) == "pools: the subnets 10.0.0.0/8 and 10.1.0.0/16 overlap"


def test_a_pool_of_another_engine_is_taken_as_it_is() -> None:
    """20.10 makes a network of a subnet with bits of a host."""
    found = IPAM.parse({"Driver": "default", "Config": [{"Subnet": "172.29.1.1/16"}]})
    assert found.pools is not None
    assert found.pools[0].subnet == "172.29.1.1/16"


# Networks

CONNECTED = {
    "Name": "backend",
    "Id": ID,
    "Created": "2026-11-30T03:01:42.037121156Z",
    "Scope": "local",
    "Driver": "bridge",
    "EnableIPv4": True,
    "EnableIPv6": False,
    "IPAM": {"Driver": "default", "Options": None, "Config": [{"Subnet": "172.28.0.0/16"}]},
    "Internal": False,
    "Attachable": True,
    "Ingress": False,
    "ConfigFrom": {"Network": "base"},
    "ConfigOnly": False,
    "Containers": {
        "3534": {
            "Name": "web",
            "EndpointID": "bc0d",
            "MacAddress": "96:39:38:ef:b4:3d",
            "IPv4Address": "172.28.0.10/16",
            "IPv6Address": "",
        }
    },
    "Options": {"com.docker.network.driver.mtu": "1400"},
    "Labels": {"env": "ci"},
    "Peers": [{"Name": "e19d", "IP": "192.168.65.3"}],
    "Services": {
        "db": {
            "VIP": "10.66.0.4",
            "Ports": [],
            "LocalLBIndex": 257,
            "Tasks": [
                {
                    "Name": "db.1.922q",
                    "EndpointID": "12ab",
                    "EndpointIP": "10.66.0.5",
                    "Info": {"Host IP": "192.168.65.3"},
                }
            ],
        }
    },
    "Status": {
        "IPAM": {"Subnets": {"2001:db8::/64": {"IPsInUse": 2, "DynamicIPsAvailable": 2**64 - 1}}}
    },
}
NETWORK = Network(
    id=ID,
    name="backend",
    created=datetime.datetime(2026, 11, 30, 3, 1, 42, 37121, tzinfo=datetime.timezone.utc),
    scope="local",
    driver="bridge",
    ipv4=True,
    ipv6=False,
    ipam=IPAM(driver="default", pools=[IPAMPool(subnet="172.28.0.0/16")]),
    internal=False,
    attachable=True,
    ingress=False,
    config_only=False,
    config_from="base",
    options={"com.docker.network.driver.mtu": "1400"},
    labels={"env": "ci"},
    containers={
        "3534": NetworkContainer(
            name="web",
            endpoint_id="bc0d",
            mac_address="96:39:38:ef:b4:3d",
            ipv4_address="172.28.0.10/16",
        )
    },
    peers=(NetworkPeer(name="e19d", ip="192.168.65.3"),),
    services={
        "db": NetworkService(
            virtual_ip="10.66.0.4",
            local_index=257,
            tasks=(
                NetworkTask(
                    name="db.1.922q",
                    endpoint_id="12ab",
                    endpoint_ip="10.66.0.5",
                    info={"Host IP": "192.168.65.3"},
                ),
            ),
        )
    },
    subnets={"2001:db8::/64": NetworkSubnet(ips_in_use=2, dynamic_ips_available=2**64 - 1)},
)


def test_a_network_is_read_whole() -> None:
    assert Network.parse(CONNECTED) == NETWORK


@pytest.mark.parametrize(
    ("containers", "in_a_row", "inspected"),
    [
        ({"Containers": {}}, None, {}),
        ({"Containers": None}, None, None),
        ({}, None, None),
    ],
)
def test_a_row_of_newer_engines_does_not_say_what_is_connected(
    containers: dict[str, Any], in_a_row: Any, inspected: Any
) -> None:
    json = {"Id": "1", "Name": "n", **containers}
    row = Network.row(json, names_containers=False)
    assert (row.containers, row.raw, Network.parse(json).containers) == (in_a_row, json, inspected)
    assert Network.row(json, names_containers=True).containers == inspected
    for same in (copy.deepcopy(row), pickle.loads(pickle.dumps(row)), attrs.evolve(row)):
        assert (same, same.containers) == (row, None)


def test_what_an_old_engine_cannot_say_is_none() -> None:
    """As 1.9 has it."""
    json = {"Name": "n", "Id": "1", "Scope": "local", "Driver": "bridge", "Options": None}
    assert Network.parse(json) == Network(id="1", name="n", scope="local", driver="bridge")


def test_a_network_is_given_as_it_is_where_one_is_named() -> None:
    row = Network.parse(CONNECTED)
    created = NetworkCreated(id="1")
    assert HostConfig(network_mode=row).network_mode == ID
    assert HostConfig(network_mode=created).to_wire() == {"NetworkMode": "1"}
    place = EndpointSettings(aliases=["db"])
    config = NetworkingConfig(endpoints={row: place, created: None, "web": None})
    assert config.endpoints == {ID: place, "1": EndpointSettings(), "web": EndpointSettings()}
    assert hash(row) == hash(Network.parse({**CONNECTED, "Name": "other"}))
    with pytest.raises(TypeError) as caught:
        HostConfig(network_mode=7)  # type: ignore[arg-type]
    assert str(caught.value) == "network_mode: a string was expected, not 7"
