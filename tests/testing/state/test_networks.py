"""The networks of a fake Engine: their names, their addresses, and who is in them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from dockerapi.testing.state.errors import AddressTaken, NoNetwork, PoolTaken, Several
from dockerapi.testing.state.networks import Network, Networks, Place, places_of


@attrs.frozen(eq=False)
class Member:
    id: str
    name: str


@pytest.fixture
def networks() -> Networks:
    return Networks(tells_apart=True)


def made(networks: Networks, name: str = "web", driver: str = "bridge", **asked: Any) -> Network:
    return networks.create({"Name": name, **asked}, driver)


def with_pool(networks: Networks, **pool: Any) -> Network:
    return made(networks, IPAM={"Config": [pool]})


def test_three_are_there_from_the_start(networks: Networks) -> None:
    assert [(one.name, one.driver, one.is_predefined) for one in networks.all()] == [
        ("bridge", "bridge", True),
        ("host", "host", True),
        ("none", "null", True),
    ]


def test_one_is_found_by_its_name_its_id_or_the_beginning_of_that(networks: Networks) -> None:
    found = made(networks)
    assert [networks.find(asked) for asked in ("web", found.id, found.id[:12])] == [found] * 3
    with pytest.raises(NoNetwork):
        networks.find("nosuch")
    with pytest.raises(NoNetwork):
        networks.find("")
    networks.remove(found)
    assert networks.named("web") == []


def test_a_name_that_two_have_is_refused_or_that_of_the_first(networks: Networks) -> None:
    made(networks), made(networks)
    with pytest.raises(Several) as caught:
        networks.find("web")
    assert caught.value.args == ("web", 2, "name")
    old = Networks(tells_apart=False)
    first = made(old)
    made(old)
    assert old.find("web") is first


def test_ranges_are_given_one_after_the_other(networks: Networks) -> None:
    taken = with_pool(networks, Subnet="172.18.0.0/15")
    given = [made(networks).pools for _ in range(2)]
    assert taken.pools == [{"Subnet": "172.18.0.0/15"}]
    assert given == [
        [{"Subnet": "172.20.0.0/16", "Gateway": "172.20.0.1"}],
        [{"Subnet": "172.21.0.0/16", "Gateway": "172.21.0.1"}],
    ]
    with pytest.raises(PoolTaken):
        with_pool(networks, Subnet="172.18.5.0/24")
    six = with_pool(networks, Subnet="2001:db8::/64")
    assert [pool["Subnet"] for pool in six.pools] == ["172.22.0.0/16", "2001:db8::/64"]
    assert made(networks, EnableIPv4=False).pools == []


def test_addresses_are_those_that_nobody_has(networks: Networks) -> None:
    network = with_pool(
        networks,
        Subnet="10.9.0.0/24",
        IPRange="10.9.0.0/29",
        Gateway="10.9.0.1",
        AuxiliaryAddresses={"router": "10.9.0.2"},
    )
    first, second, third = (Place({}) for _ in range(3))
    network.enter(Member("1", "one"), first, "")
    network.enter(Member("2", "two"), second, "02:42:aa:bb:cc:dd")
    wanted = Place({"IPAMConfig": {"IPv4Address": "10.9.0.3"}})
    with pytest.raises(AddressTaken):
        network.enter(Member("3", "three"), wanted, "")
    network.leave(Member("1", "one"))
    network.enter(Member("3", "three"), wanted, "")
    network.enter(Member("4", "four"), third, "")
    assert [(place.addresses, place.mac_address) for place in (first, second, wanted, third)] == [
        (("", ""), ""),
        (("10.9.0.4", ""), "02:42:aa:bb:cc:dd"),
        (("10.9.0.3", ""), "02:42:0a:09:00:03"),
        (("10.9.0.5", ""), "02:42:0a:09:00:05"),
    ]
    assert sorted(network.members) == ["2", "3", "4"]
    assert [network.holds(address) for address in ("10.9.0.9", "10.8.0.9")] == [True, False]


def test_a_network_without_addresses_gives_none(networks: Networks) -> None:
    place = Place({})
    networks.find("host").enter(Member("1", "one"), place, "")
    assert (place.addresses, place.mac_address) == (("", ""), "")


@pytest.mark.parametrize(
    ("asked", "config", "mode", "words"),
    [
        ({}, {}, "bridge", ["bridge"]),
        ({}, {}, "web", ["web"]),
        ({}, {}, "container:c1", []),
        ({}, {"NetworkDisabled": True}, "bridge", []),
        ({"a": None}, {}, "bridge", ["a"]),
        ({"a": None, "b": {}}, {}, "b", ["a", "b"]),
        ({"a": None}, {}, "web", ["web", "a"]),
    ],
)
def test_a_container_is_created_in_these_networks(
    asked: dict[str, Any], config: dict[str, Any], mode: str, words: list[str]
) -> None:
    body = {"NetworkingConfig": {"EndpointsConfig": asked}}
    places = places_of(body, config, {"NetworkMode": mode})
    assert list(places) == words
    assert all(place.asked == {} for place in places.values())
