"""The networks of a fake Engine, and their members. Nothing is forwarded or resolved."""

from __future__ import annotations

import ipaddress
import itertools
import secrets
import time
from collections.abc import Iterator
from typing import Any, Protocol

import attrs

from .errors import AddressTaken, NoNetwork, PoolTaken, Several
from .names import derived_id

Json = dict[str, Any]
Range = ipaddress.IPv4Network | ipaddress.IPv6Network

_OF_THE_BRIDGE = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.name": "docker0",
}
PREDEFINED = {"bridge": "bridge", "host": "host", "none": "null"}
_FIRST, _LAST = 18, 31  # of the default ranges 172.x.0.0/16


class Member(Protocol):
    """A container, from the view of a network."""

    id: str
    name: str


@attrs.define(eq=False)
class Place:
    """A container's place in a network: the request, and the addresses while it is running."""

    asked: Json
    network: Network | None = None
    endpoint_id: str = ""
    addresses: tuple[str, str] = ("", "")  # IPv4 and IPv6
    mac_address: str = ""


@attrs.define(eq=False)
class Network:
    """A network. `asked` is the request's body, `pools` are its address ranges."""

    id: str
    name: str
    driver: str
    asked: Json
    pools: list[Json]
    created: int = attrs.field(factory=time.time_ns)
    members: dict[str, tuple[Member, Place]] = attrs.field(factory=dict)  # running containers

    @property
    def is_predefined(self) -> bool:
        return PREDEFINED.get(self.name) == self.driver

    @property
    def has_pools_of_its_own(self) -> bool:
        return bool((self.asked.get("IPAM") or {}).get("Config"))

    def pool(self, version: int) -> Json | None:
        """The pool of IPv4 or IPv6 addresses."""
        return next((one for one in self.pools if range_of(one).version == version), None)

    def gateway(self, version: int) -> str:
        pool = self.pool(version)
        return "" if pool is None else pool.get("Gateway") or str(next(range_of(pool).hosts()))

    def holds(self, address: str) -> bool:
        """Whether an address is in one of its ranges."""
        found = ipaddress.ip_address(address)
        return any(found in range_of(pool) for pool in self.pools)

    def free(self, version: int) -> str:
        """The next free address."""
        pool = self.pool(version)
        if pool is None:
            return ""
        taken = self._taken()
        part = ipaddress.ip_network(pool.get("IPRange") or pool["Subnet"], strict=False)
        return next(str(one) for one in part.hosts() if str(one) not in taken)

    def _taken(self) -> set[str]:
        found = {self.gateway(4), self.gateway(6)}
        for pool in self.pools:
            found.update((pool.get("AuxiliaryAddresses") or {}).values())
        for _, place in self.members.values():
            found.update(place.addresses)
        return found

    def enter(self, member: Member, place: Place, mac_address: str) -> None:
        """Connect a running container; `AddressTaken` if it wants another's address."""
        wanted = place.asked.get("IPAMConfig") or {}
        own = (wanted.get("IPv4Address"), wanted.get("IPv6Address"))
        if set(filter(None, own)) & self._taken():
            raise AddressTaken
        ipv4, ipv6 = own[0] or self.free(4), own[1] or self.free(6)
        place.network, place.addresses = self, (ipv4, ipv6)
        place.endpoint_id = derived_id("endpoint", self.id, member.id)
        numbers = ipaddress.ip_address(ipv4).packed if ipv4 else b""
        place.mac_address = mac_address or (f"02:42:{numbers.hex(':')}" if numbers else "")
        self.members[member.id] = (member, place)

    def leave(self, member: Member) -> None:
        """Disconnect a container, or note that it no longer runs."""
        _, place = self.members.pop(member.id, (None, None))
        if place is not None:
            place.network, place.addresses = None, ("", "")
            place.endpoint_id = place.mac_address = ""


def range_of(pool: Json) -> Range:
    return ipaddress.ip_network(pool["Subnet"], strict=False)


class Networks:
    """All networks of an Engine; called with its lock held.

    Args:
        tells_apart: whether an ambiguous name is refused; otherwise the first match is taken.
    """

    def __init__(self, *, tells_apart: bool) -> None:
        self._tells_apart = tells_apart
        self._networks: dict[str, Network] = {}
        for name, driver in PREDEFINED.items():
            bridge = name == "bridge"
            asked: Json = {"Options": _OF_THE_BRIDGE} if bridge else {}
            pools = [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}] if bridge else []
            self._add(Network(derived_id("network", name), name, driver, asked, pools))

    def _add(self, network: Network) -> Network:
        self._networks[network.id] = network
        return network

    def all(self) -> list[Network]:
        return list(self._networks.values())

    def named(self, name: str) -> list[Network]:
        """The networks with exactly this name."""
        return [one for one in self._networks.values() if one.name == name]

    def find(self, asked: str) -> Network:
        """The network with this id, name, or beginning of an id.

        Raises:
            NoNetwork, Several: there is none, or more than one.
        """
        if asked in self._networks:
            return self._networks[asked]
        named = self.named(asked)
        found = named or [
            one for id, one in self._networks.items() if asked and id.startswith(asked)
        ]
        if not found:
            raise NoNetwork(asked)
        if len(found) > 1 and self._tells_apart:
            raise Several(asked, len(found), "name" if named else "ID prefix")
        return found[0]

    def create(self, asked: Json, driver: str) -> Network:
        """A new network, from a request; `PoolTaken` if another network has its addresses."""
        pools = [dict(one) for one in (asked.get("IPAM") or {}).get("Config") or ()]
        if any(map(self.has_taken, pools)):
            raise PoolTaken
        if driver != "null" and not asked.get("ConfigOnly") and asked.get("EnableIPv4", True):
            if not any(range_of(pool).version == 4 for pool in pools):
                pools = [*itertools.islice(self._free_pools(), 1), *pools]
        driver = "null" if asked.get("ConfigOnly") else driver
        network = Network(secrets.token_hex(32), asked["Name"], driver, asked, pools)
        return self._add(network)

    def has_taken(self, pool: Json) -> bool:
        """Whether a network has addresses of this pool."""
        taken = (one for network in self._networks.values() for one in network.pools)
        return any(_overlap(range_of(pool), range_of(one)) for one in taken)

    def _free_pools(self) -> Iterator[Json]:
        for number in range(_FIRST, _LAST + 1):
            found = {"Subnet": f"172.{number}.0.0/16", "Gateway": f"172.{number}.0.1"}
            if not self.has_taken(found):
                yield found

    def remove(self, network: Network) -> None:
        del self._networks[network.id]


def _overlap(first: Range, second: Range) -> bool:
    return first.version == second.version and first.overlaps(second)


def places_of(asked: Json, config: Json, host_config: Json) -> dict[str, Place]:
    """The networks of a new container, by the words that name them."""
    mode = host_config["NetworkMode"]
    if mode.startswith("container:") or config.get("NetworkDisabled"):
        return {}
    endpoints = (asked.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    if not endpoints or (mode != "bridge" and mode not in endpoints):
        endpoints = {mode: {}, **endpoints}
    return {word: Place(dict(settings or {})) for word, settings in endpoints.items()}
