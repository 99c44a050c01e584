"""Networks: their settings, and the Engine's answers."""

from __future__ import annotations

import datetime
import ipaddress
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs

from .base import (
    Model,
    by_name,
    filled,
    flag,
    integer,
    many,
    mapping,
    model,
    one,
    strings,
    text,
    when,
    wire,
)
from .kinds import ADDRESS, TEXT, WORDS, address, line, or_none, several, table
from .settings import Kind, Setting, Settings, Table, setting

if TYPE_CHECKING:
    from typing_extensions import Self

Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def _range(value: Any) -> str:
    """An address range, in the form that Engines from 25.0 on require."""
    given = line(value)
    try:
        found = ipaddress.ip_network(given, strict=False)
    except ValueError as error:
        raise ValueError(f"a range such as 172.28.0.0/16 was expected, not {given!r}") from error
    if "/" not in given or ipaddress.ip_interface(given).ip != found.network_address:
        raise ValueError(f"{found} was expected, not {given!r}")
    return given


_RANGE = Kind(filled, _range)
_ADDRESSES = Kind(
    mapping, lambda value: {name: address(one) for name, one in table().check(value).items()}
)


@model
class IPAMPool(Settings):
    """A range of addresses of a network, its `subnet`.

    Args:
        subnet: such as `172.28.0.0/16`.
        ip_range: the part of it from which containers get addresses, such as `172.28.5.0/24`.
        gateway: the address of the gateway, in the subnet.
        auxiliary_addresses: maps names to reserved addresses, which no container gets.
    """

    subnet: str | None = setting("Subnet", _RANGE)
    ip_range: str | None = setting("IPRange", _RANGE)
    gateway: str | None = setting("Gateway", ADDRESS)
    auxiliary_addresses: Table = setting("AuxiliaryAddresses", _ADDRESSES)

    def __attrs_post_init__(self) -> None:
        if self.subnet is None:
            return
        subnet = ipaddress.ip_network(self.subnet)
        auxiliary = (self.auxiliary_addresses or {}).items()
        within = [("ip_range", self.ip_range), ("gateway", self.gateway)]
        within += [(f"auxiliary_addresses: {name}", found) for name, found in auxiliary]
        for name, given in within:
            if given is not None and not _is_in(ipaddress.ip_network(given), subnet):
                raise ValueError(f"{name}: {given} is not in the subnet {subnet}")

    @property
    def is_ipv6(self) -> bool:
        """Whether its addresses are IPv6."""
        return ":" in (self.subnet or "")


def _is_in(part: Range, whole: Range) -> bool:
    return part.version == whole.version and part.subnet_of(whole)  # type: ignore[arg-type]


def _pools(value: Any) -> tuple[IPAMPool, ...]:
    # Engine 1.9 answers [{}] for a network that was created without pools.
    return many(IPAMPool)([found for found in value or () if found])


def _checked_pools(value: Any) -> tuple[IPAMPool, ...]:
    found: tuple[IPAMPool, ...] = several(IPAMPool).check(value)
    ranges = [ipaddress.ip_network(pool.subnet) for pool in found if pool.subnet]
    for first, second in itertools.combinations(ranges, 2):
        if first.overlaps(second):
            raise ValueError(f"the subnets {first} and {second} overlap")
    return found


@model
class IPAM(Settings):
    """The address management of a network.

    Args:
        driver: the IPAM driver; None is the Engine's own, `default`.
        options: the driver's options; API 1.22 and later.
        pools: the address ranges; without any, the Engine chooses one.
    """

    driver: str | None = setting("Driver", TEXT)
    options: Table = setting("Options", WORDS._replace(read=or_none(mapping)))
    pools: Setting[Iterable[IPAMPool] | None, tuple[IPAMPool, ...] | None] = setting(
        "Config", Kind(_pools, _checked_pools)
    )


def _warnings(value: Any) -> tuple[str, ...]:
    return (str(value),) if value else ()


@model
class NetworkCreated(Model):
    """A new network.

    Attributes:
        id: 64 digits, on swarms 25 letters and digits.
        warnings: what the Engine will not do as asked, in its own words.
    """

    id: str = wire("Id", read=text, required=True)
    warnings: tuple[str, ...] = wire("Warning", read=_warnings, default=())


@model
class NetworkContainer(Model):
    """A running container that is connected to a network.

    Attributes:
        name: the container's name; API 1.22 and later.
        endpoint_id: the id of its endpoint in the network.
        mac_address: the MAC address of its interface.
        ipv4_address: with the prefix length: `172.18.0.2/16`.
        ipv6_address: with the prefix length; None in a network without IPv6.
    """

    name: str | None = wire("Name", read=filled)
    endpoint_id: str | None = wire("EndpointID", read=filled)
    mac_address: str | None = wire("MacAddress", read=filled)
    ipv4_address: str | None = wire("IPv4Address", read=filled)
    ipv6_address: str | None = wire("IPv6Address", read=filled)


@model
class NetworkPeer(Model):
    """A node of a swarm that an overlay network reaches.

    Attributes:
        name: the network driver's own name for the node, such as `6869d7c1732b`.
        ip: its address for other nodes.
    """

    name: str | None = wire("Name", read=filled)
    ip: str | None = wire("IP", read=filled)


@model
class NetworkTask(Model):
    """A task of a service that is in a network.

    Attributes:
        name: such as `web.1.` and the task's id.
        endpoint_id: of its endpoint in the network.
        endpoint_ip: its address in the network.
        info: further facts by name, such as `Host IP`.
    """

    name: str | None = wire("Name", read=filled)
    endpoint_id: str | None = wire("EndpointID", read=filled)
    endpoint_ip: str | None = wire("EndpointIP", read=filled)
    info: dict[str, str] = wire("Info", read=mapping, default=attrs.Factory(dict))


@model
class NetworkService(Model):
    """A service of a swarm that is in a network, with its tasks on every node.

    Attributes:
        virtual_ip: the common address of all its tasks; None if it has none.
        ports: the published ports, as text of the Engine.
        local_index: the number of its load balancer on this node.
        tasks: its tasks on all nodes.
    """

    virtual_ip: str | None = wire("VIP", read=filled)
    ports: tuple[str, ...] = wire("Ports", read=strings, default=())
    local_index: int | None = wire("LocalLBIndex", read=integer)
    tasks: tuple[NetworkTask, ...] = wire("Tasks", read=many(NetworkTask), default=())


@model
class NetworkSubnet(Model):
    """The usage of a subnet.

    Attributes:
        ips_in_use: addresses that are taken or reserved, such as the gateway's.
        dynamic_ips_available: addresses that are left for containers.
    """

    ips_in_use: int | None = wire("IPsInUse", read=integer)
    dynamic_ips_available: int | None = wire("DynamicIPsAvailable", read=integer)


def _containers(value: Any) -> dict[str, NetworkContainer] | None:
    return None if value is None else by_name(NetworkContainer)(value)


@model
class Network(Model):
    """A network.

    Attributes:
        id: 64 digits, on swarms 25 letters and digits.
        name: such as `bridge`.
        created: when it was made; API 1.25 and later.
        scope: `local` to this Engine, or `swarm`.
        driver: such as `bridge` or `overlay`.
        ipv4: whether it has IPv4 addresses; API 1.48 and later.
        ipv6: whether it has IPv6 addresses; API 1.23 and later.
        ipam: its address management, with the Engine's choice if no pool was given (API 1.22 and
            later).
        internal: whether it has no access to the outside; API 1.23 and later.
        attachable: whether containers outside of services may join a swarm's network; API 1.25 and
            later.
        ingress: whether it connects a swarm's published ports to its services; API 1.29 and later.
        config_only: whether it is only a configuration for other networks; API 1.30 and later.
        config_from: the name of the network whose configuration it has; API 1.30 and later.
        options: the driver's options.
        labels: API 1.23 and later; empty before.
        containers: the running containers, by their ids; a network of a swarm also lists others,
            such as `lb-backend`. None in the rows of `networks` from API 1.28 on, which do not have
            them: ask `inspect_network`, or, to include stopped containers, `containers(all=True,
            filters={"network": ...})`.
        peers: the nodes that an overlay network reaches; API 1.25 and later.
        services: its services by name, if `verbose` was given; API 1.28 and later.
        subnets: the usage of each subnet, by its range; only from `inspect_network`; API 1.52 and
            later.
    """

    id: str = wire("Id", read=text, required=True)
    name: str = wire("Name", read=text, required=True)
    created: datetime.datetime | None = wire("Created", read=when)
    scope: str | None = wire("Scope", read=filled)
    driver: str | None = wire("Driver", read=filled)
    ipv4: bool | None = wire("EnableIPv4", read=flag)
    ipv6: bool | None = wire("EnableIPv6", read=flag)
    ipam: IPAM | None = wire("IPAM", read=one(IPAM))
    internal: bool | None = wire("Internal", read=flag)
    attachable: bool | None = wire("Attachable", read=flag)
    ingress: bool | None = wire("Ingress", read=flag)
    config_only: bool | None = wire("ConfigOnly", read=flag)
    config_from: str | None = wire("ConfigFrom.Network", read=filled)
    options: dict[str, str] = wire("Options", read=mapping, default=attrs.Factory(dict))
    labels: dict[str, str] = wire("Labels", read=mapping, default=attrs.Factory(dict))
    containers: dict[str, NetworkContainer] | None = wire("Containers", read=_containers)
    peers: tuple[NetworkPeer, ...] = wire("Peers", read=many(NetworkPeer), default=())
    services: dict[str, NetworkService] = wire(
        "Services", read=by_name(NetworkService), default=attrs.Factory(dict)
    )
    subnets: dict[str, NetworkSubnet] = wire(
        "Status.IPAM.Subnets", read=by_name(NetworkSubnet), default=attrs.Factory(dict)
    )

    def __hash__(self) -> int:  # allows it as a key of NetworkingConfig(endpoints=)
        return hash(self.id)

    @classmethod
    def row(cls, json: Any, *, names_containers: bool) -> Self:
        """The network in a row of the list, which may lack its containers."""
        made = cls.parse(json)
        if not names_containers:
            made.__dict__["containers"] = None
        return made
