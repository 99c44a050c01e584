"""Refusals about networks, with the status and the words of each release.

The words are from recordings of 1.9, 1.13, 19.03, 20.10, 26.1, 28.5 and 29.7; a release in between
has those of the one before.
"""

from __future__ import annotations

from ..http.errors import HttpError
from .dialect import Dialect


def _refused(dialect: Dialect, since: str, status: int, words: str) -> HttpError:
    """The caller's error from a release on, and the Engine's own before."""
    return HttpError(status if dialect.since(since) else 500, words)


# Creation


def no_name(dialect: Dialect) -> HttpError:
    """A network without a name."""
    words = "name is empty" if dialect.since("28.0.0") else ""
    return _refused(dialect, "25.0.0", 400, f"invalid name: {words}")


def predefined(dialect: Dialect, name: str, what: str) -> HttpError:
    """One of the Engine's own networks cannot be created or removed."""
    if what == "created" and dialect.since("17.9.0"):
        return HttpError(403, f"operation is not permitted on predefined {name} network ")
    words = f"{name} is a pre-defined network and cannot be {what}"
    return HttpError(403, words if dialect.since("1.11.0") else f'"{words}"')


def no_body(dialect: Dialect) -> HttpError:
    """A request without a body, up to 20.10."""
    if dialect.since("17.9.0"):
        return HttpError(400, "got EOF while reading request body")
    return HttpError(500, "EOF")


def name_taken(dialect: Dialect, name: str) -> HttpError:
    """Another network has that name."""
    return _refused(dialect, "17.9.0", 409, f"network with name {name} already exists")


def only_one(dialect: Dialect, driver: str) -> HttpError:
    """Only one network `host` and one network `none` can exist."""
    words = f'only one instance of "{driver}" network is allowed'
    return _refused(dialect, "17.9.0", 403, words)


def no_swarm(dialect: Dialect) -> HttpError:
    """An overlay network outside of a swarm."""
    if not dialect.since("17.6.0"):
        return HttpError(500, 'datastore for scope "global" is not initialized ')
    return _refused(
        dialect,
        "25.0.0",
        403,
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to '
        "connect this node to swarm and try again.",
    )


def no_swarm_scope(dialect: Dialect) -> HttpError:
    """A network of the scope `swarm` outside of one."""
    return HttpError(403, "cannot create a swarm scoped network when swarm is not active")


def no_plugin(dialect: Dialect, name: str) -> HttpError:
    """There is no such driver."""
    if dialect.since("17.6.0"):
        return HttpError(404, f'plugin "{name}" not found')
    return HttpError(404, f"{'legacy plugin: p' if dialect.modern else 'P'}lugin not found")


def no_configuration(dialect: Dialect, name: str) -> HttpError:
    """The network of `ConfigFrom` does not exist."""
    return HttpError(404, f'configuration network "{name}" does not exist')


def no_addresses(dialect: Dialect) -> HttpError:
    """A network whose IPAM driver gives no addresses."""
    return _refused(dialect, "25.0.0", 400, "ipv4 pool is empty")


def pool_taken(dialect: Dialect) -> HttpError:
    """Another network has these addresses."""
    words = "Pool overlaps with other one on this address space"
    if dialect.since("28.0.0"):
        words = f"invalid pool request: {words}"
    if not dialect.since("17.6.0"):
        words = "cannot create network: conflicts with network: networks have same ranges"
        return HttpError(409, words)
    return HttpError(403, words)


def bad_subnet(dialect: Dialect, subnet: str) -> HttpError:
    """An invalid subnet."""
    if dialect.since("29.0.0"):
        return HttpError(400, f'invalid JSON: netip.ParsePrefix("{subnet}"): no prefix')
    if dialect.since("25.0.0"):
        return bad_addresses(f"invalid subnet {subnet}: invalid CIDR block notation")
    return HttpError(500, f"Invalid subnet {subnet} : invalid CIDR address: {subnet}")


def bad_addresses(words: str) -> HttpError:
    """Addresses that contradict each other, from 25.0 on."""
    return HttpError(400, f"invalid network config:\n{words}")


def bad_gateway(dialect: Dialect, gateway: str) -> HttpError:
    """The same before 25.0, detected at creation."""
    words = f"failed to allocate gateway ({gateway}): Requested address is out of range"
    return HttpError(500, words)


def bad_option(dialect: Dialect, name: str, value: str) -> HttpError:
    """An option of a bridge that is neither true nor false."""
    parse = f'strconv.ParseBool: parsing "{value}": invalid syntax'
    return _refused(dialect, "25.0.0", 400, f"failed to parse {name} value: {value} ({parse})")


# Look-up and removal


def no_network(dialect: Dialect, name: str) -> HttpError:
    """There is no such network."""
    return HttpError(404, f"network {name} not found")


def several(dialect: Dialect, name: str, count: int, by: str) -> HttpError:
    """More than one network has the name."""
    words = f"{count} matches found based on {by}: network {name} is ambiguous"
    return HttpError(dialect.bad_request, words)


def in_use(dialect: Dialect, name: str, id: str, endpoints: list[tuple[str, str]]) -> HttpError:
    """Running containers are connected; `endpoints` has their names, and the endpoints' ids."""
    if not dialect.since("17.6.0"):
        return HttpError(500, f"network {name} has active endpoints")
    if not dialect.since("28.0.0"):
        words = f"network {name} id {id} has active endpoints"
    else:
        told = ", ".join(f'name:"{name}" id:"{id[:12]}"' for name, id in endpoints)
        words = f"network {name} has active endpoints ({told})"
    return HttpError(403, f"error while removing network: {words}")


def bad_filter(dialect: Dialect, name: str, value: str) -> HttpError:
    """A filter of the list does not accept this value."""
    if name == "type":
        first = "i" if dialect.since("17.6.0") else "I"
        return HttpError(500, f"{first}nvalid filter: 'type'='{value}'")
    if value == "several":
        return HttpError(400, f'got more than one value for filter key "{name}"')
    words = f'invalid value for filter \'{name}\', must be "true" (or "1"), or "false" (or "0")'
    return HttpError(400, words)


def bad_until(dialect: Dialect, value: str) -> HttpError:
    """An invalid time."""
    words = f'failed to parse value as time or duration: "{value}"'
    if dialect.since("29.0.0"):
        words = (
            f'failed to parse value as time or duration: invalid seconds "{value}": invalid syntax'
        )
    return _refused(dialect, "23.0.0", 400, words)


def two_until(dialect: Dialect) -> HttpError:
    """A prune has two times."""
    return _refused(dialect, "23.0.0", 400, "more than one until filter specified")


# Connect and disconnect


def connected_already(dialect: Dialect, container: str, network: str) -> HttpError:
    """The running container is already in the network."""
    if dialect.since("17.6.0"):
        words = f"endpoint with name {container} already exists in network {network}"
        return HttpError(403, words)
    if dialect.modern:
        return HttpError(500, f"service endpoint with name {container} already exists")
    return HttpError(500, f"container already connected to network {network}")


def not_connected(dialect: Dialect, container: str, network: str) -> HttpError:
    """A container is not in the network."""
    where = f"network {network}" if dialect.since("17.6.0") else "the network"
    return HttpError(500, f"container {container} is not connected to {where}")


def no_endpoint(dialect: Dialect, container: str) -> HttpError:
    """A container that does not exist cannot be disconnected by force."""
    return HttpError(404, f"endpoint {container} not found")


def no_container_named(dialect: Dialect) -> HttpError:
    """A request names no container."""
    if dialect.since("17.6.0"):
        return HttpError(400, 'invalid name or ID supplied: ""')
    if dialect.modern:
        return HttpError(400, "No container name or ID supplied")
    return HttpError(500, "invalid container <nil> : Prefix can't be empty")


def only_running(dialect: Dialect, container: str) -> HttpError:
    """1.9 only connects running containers."""
    return HttpError(500, f"Container {container} is not running")


def of_the_host(dialect: Dialect, verb: str) -> HttpError:
    """Only containers created in the host's network can use it."""
    if dialect.since("28.0.0"):
        way = "to" if verb == "connect" else "from"
        end = "must be" if verb == "connect" else "was"
        words = f"cannot {verb} container {way} host network - container {end} created in host "
        return HttpError(400, f"{words}network mode")
    words = "ontainer cannot be disconnected from host network or connected to host network"
    if dialect.since("17.6.0"):
        return HttpError(400, f"c{words}")
    return HttpError(500, f"C{words}")


def private(dialect: Dialect) -> HttpError:
    """The network `none` excludes all others."""
    words = "ontainer cannot be connected to multiple networks with one of the networks in "
    mode = "private (none) mode" if dialect.modern else "--none mode"
    if dialect.since("17.6.0"):
        return HttpError(400, f"c{words}{mode}")
    return HttpError(500, f"C{words}{mode}")


def shared(dialect: Dialect) -> HttpError:
    """A container in the network of another container, or of the host, can join no other."""
    words = (
        "ontainer sharing network namespace with another container or host cannot be connected "
        "to any other network"
    )
    if dialect.since("17.6.0"):
        return HttpError(400, f"c{words}")
    return HttpError(500, f"C{words}")


def only_configuration(dialect: Dialect) -> HttpError:
    """A network that is only a configuration has no containers."""
    return HttpError(403, "cannot create endpoint on configuration-only network")


def bad_endpoint(dialect: Dialect, words: str, *, before: str) -> HttpError:
    """An address that is not available; `before` are the words up to 24.0."""
    if dialect.since("25.0.0"):
        return HttpError(400, f"invalid endpoint settings:\n{words}")
    return HttpError(500, before)


def bad_address(dialect: Dialect, kind: str, address: str) -> HttpError:
    """An invalid address."""
    if dialect.since("29.0.0"):
        return HttpError(400, f'invalid JSON: ParseAddr("{address}"): unable to parse IP')
    words = f"* invalid {kind} address: {address}"
    return bad_endpoint(dialect, words, before=f"Invalid {kind} address: {address})")


def bad_mac_address(dialect: Dialect, address: str) -> HttpError:
    """An invalid MAC address; checked from 25.0 on."""
    if dialect.since("29.0.0"):
        return HttpError(400, f"invalid JSON: address {address}: invalid MAC address")
    return HttpError(400, f"invalid MAC address {address}")


def no_address_there(dialect: Dialect, address: str) -> HttpError:
    """An address cannot be requested in a network whose subnet the Engine chose."""
    if dialect.since("29.0.0"):
        return bad_endpoint(
            dialect, f"no configured subnet contains IP address {address}", before=""
        )
    words = (
        "ser specified IP address is supported only when connecting to networks with user "
        "configured subnets"
    )
    if dialect.since("25.0.0"):
        return HttpError(400, f"invalid endpoint settings:\nu{words}")
    if dialect.since("17.6.0"):
        return HttpError(400, f"u{words}")
    return HttpError(500, f"U{words}")


def address_outside(dialect: Dialect, address: str) -> HttpError:
    """An address is in no subnet of the network."""
    words = f"no configured subnet or ip-range contain the IP address {address}"
    if dialect.since("29.0.0"):
        words = f"no configured subnet contains IP address {address}"
    return bad_endpoint(
        dialect,
        words,
        before=f"Invalid address {address}: It does not belong to any of this network's subnets",
    )


def address_taken(dialect: Dialect) -> HttpError:
    """Another container has that address."""
    return HttpError(403, "Address already in use")
