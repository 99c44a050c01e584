"""The routes about networks. They are those of one host: there is no swarm."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from ..http.errors import HttpError
from ..state import described
from ..state.container import Container
from ..state.daemon import Daemon
from ..state.labels import has_label
from ..state.networks import PREDEFINED, Network, Place, range_of
from ..versions import errors, network_words, shapes
from ..versions.dialect import Dialect
from .exchange import Exchange
from .filters import Filters, has_labels, of_prune, until

Json = dict[str, Any]

_DRIVERS = {"bridge": "1.9.0", "host": "1.9.0", "null": "1.9.0", "overlay": "1.9.0"}
_DRIVERS |= {"macvlan": "1.12.0", "ipvlan": "19.3.0"}
_BRIDGE_FLAGS = ("enable_icc", "enable_ip_masquerade", "default_bridge")

# List and inspect


def list_(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    filters = _known(dialect, exchange.filters())
    with daemon.lock:
        found = [one for one in daemon.networks.all() if _passes(dialect, one, filters)]
        rows = [described.network(one, containers=not dialect.speaks("1.28")) for one in found]
    exchange.answer_json([shapes.network(dialect, row, in_list=True) for row in rows])


_FILTERS = {"name": "1.9.0", "id": "1.9.0", "type": "1.10.0", "driver": "1.12.0"}
_FILTERS |= {"label": "1.12.0", "scope": "17.5.0", "dangling": "19.3.0"}


def _known(dialect: Dialect, filters: Filters) -> Filters:
    """The filters of the release; 1.9 ignores others, later ones refuse them."""
    for name in filters:
        if dialect.modern and not dialect.since(_FILTERS.get(name, "9999.0.0")):
            raise errors.bad_filter(dialect, name)
    known = {
        name: found
        for name, found in filters.items()
        if dialect.since(_FILTERS.get(name, "9999.0.0"))
    }
    for value in known.get("type", ()):
        if value not in ("custom", "builtin"):
            raise network_words.bad_filter(dialect, "type", value)
    dangling = known.get("dangling", [])
    if len(dangling) > 1:
        raise network_words.bad_filter(dialect, "dangling", "several")
    if dangling and dangling[0] not in ("true", "1", "false", "0"):
        raise network_words.bad_filter(dialect, "dangling", dangling[0])
    return known


def _passes(dialect: Dialect, network: Network, filters: Filters) -> bool:
    """Whether one value of each filter matches, and all of the labels do."""
    for name, values in filters.items():
        fits = [_TESTS[name](dialect, network, value) for value in values]
        if not (all(fits) if name == "label" else any(fits) or not fits):
            return False
    return True


def _named(dialect: Dialect, network: Network, value: str) -> bool:
    return bool(re.search(value, network.name)) if dialect.modern else value == network.name


def _dangling(dialect: Dialect, network: Network, value: str) -> bool:
    unused = not network.is_predefined
    if dialect.since("29.0.0"):  # before, containers are not looked at
        unused = unused and not network.members
    return unused is (value in ("true", "1"))


_TESTS: dict[str, Callable[[Dialect, Network, str], bool]] = {
    "name": _named,
    "id": lambda dialect, network, value: network.id.startswith(value),
    "type": lambda dialect, network, value: network.is_predefined is (value == "builtin"),
    "driver": lambda dialect, network, value: network.driver == value,
    "label": lambda dialect, network, value: has_label(network.asked.get("Labels"), value),
    "scope": lambda dialect, network, value: value == "local",
    "dangling": _dangling,
}


def inspect(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    verbose = exchange.asked("verbose")
    if dialect.since("17.4.0") and verbose.lower() not in ("", "0", "1", "t", "f", "true", "false"):
        parse = f'strconv.ParseBool: parsing "{verbose}": invalid syntax'
        raise HttpError(400, f"invalid value for verbose: {verbose}: {parse}")
    with daemon.lock:
        network = daemon.networks.find(id)
        if dialect.since("17.7.0") and exchange.asked("scope") not in ("", "local"):
            raise network_words.no_network(dialect, id)
        newest = described.network(network, containers=True)
    exchange.answer_json(shapes.network(dialect, newest))


# Creation


def create(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    asked = _read(dialect, body_of(exchange))
    name, driver = str(asked.get("Name") or ""), str(asked.get("Driver") or "bridge")
    if not name:
        raise network_words.no_name(dialect)
    if name in PREDEFINED:
        raise network_words.predefined(dialect, name, "created")
    with daemon.lock:
        same = daemon.networks.named(name)
        if same and (dialect.since("25.0.0") or asked.get("CheckDuplicate")):
            raise network_words.name_taken(dialect, name)
        _check(daemon, dialect, asked, driver)
        network = daemon.networks.create(asked, driver)
        daemon.events.tell("network", "create", network.id, name=name, type=driver)
    warning = f"Network with name {name} (id : {same[0].id}) already exists" if same else ""
    exchange.answer_json({"Id": network.id, "Warning": warning}, 201)


def body_of(exchange: Exchange) -> Json:
    """The body; from 17.09 on an invalid one is the caller's fault, unlike that of a container."""
    dialect = exchange.dialect
    if exchange.headers.get("Content-Length", "0") == "0" and not dialect.since("23.0.0"):
        raise network_words.no_body(dialect)
    try:
        return exchange.json()
    except HttpError as error:
        raise HttpError(400 if dialect.since("17.9.0") else 500, error.message) from error


# What a release reads of it, if it was not there from the beginning; the prefix where it is that.
_FIELDS = {
    "Internal": "1.10.0",
    "EnableIPv6": "1.11.0",
    "Labels": "1.11.0",
    "Attachable": "1.13.0",
    "Ingress": "17.5.0",
    "Scope": "17.6.0",
    "ConfigOnly": "17.6.0",
    "ConfigFrom": "17.6.0",
    "EnableIPv4": "28.0.0",
}


def _read(dialect: Dialect, asked: Json) -> Json:
    found = {key: value for key, value in asked.items() if dialect.since(_FIELDS.get(key, "1.9.0"))}
    if not dialect.speaks("1.48"):
        found.pop("EnableIPv4", None)
    return found


def _check(daemon: Daemon, dialect: Dialect, asked: Json, driver: str) -> None:
    """Refuse invalid settings."""
    if driver in ("host", "null"):
        raise network_words.only_one(dialect, driver)
    if asked.get("Scope") == "swarm":
        raise network_words.no_swarm_scope(dialect)
    if driver == "overlay":
        raise network_words.no_swarm(dialect)
    if not dialect.since(_DRIVERS.get(driver, "9999.0.0")):
        raise network_words.no_plugin(dialect, driver)
    source = (asked.get("ConfigFrom") or {}).get("Network")
    if source and not daemon.networks.named(source):
        raise network_words.no_configuration(dialect, source)
    ipam = asked.get("IPAM") or {}
    if ipam.get("Driver") == "null" and driver == "bridge":
        raise network_words.no_addresses(dialect)
    if (ipam.get("Driver") or "default") not in ("default", "null"):
        raise network_words.no_plugin(dialect, ipam["Driver"])
    if driver in ("macvlan", "ipvlan") and not (asked.get("Options") or {}).get("parent"):
        raise HttpError(500, "operation not supported")  # as where the kernel has no `dummy`
    for pool in ipam.get("Config") or ():
        _check_pool(daemon, dialect, pool)
    for name in _BRIDGE_FLAGS:
        value = (asked.get("Options") or {}).get(f"com.docker.network.bridge.{name}", "true")
        if value not in ("true", "false", "1", "0"):
            raise network_words.bad_option(dialect, f"com.docker.network.bridge.{name}", value)


def _check_pool(daemon: Daemon, dialect: Dialect, pool: Json) -> None:
    given = str(pool.get("Subnet") or "")
    try:
        subnet = range_of({"Subnet": given})
    except ValueError as error:
        raise network_words.bad_subnet(dialect, given) from error
    gateway, part = pool.get("Gateway"), pool.get("IPRange")
    if not dialect.since("25.0.0"):
        if dialect.since("17.6.0") and daemon.networks.has_taken(pool):
            raise network_words.pool_taken(dialect)
        if gateway and ipaddress.ip_address(gateway) not in subnet:
            raise network_words.bad_gateway(dialect, gateway)
        return
    if given != str(subnet):
        raise network_words.bad_addresses(f"invalid subnet {given}: it should be {subnet}")
    if part and not _within(part, subnet):
        raise network_words.bad_addresses(
            f"invalid ip-range {part}: parent subnet {subnet} doesn't contain ip-range"
        )
    if gateway and not _within(gateway, subnet):
        raise network_words.bad_addresses(
            f"invalid gateway {gateway}: parent subnet {subnet} doesn't contain this address"
        )


def _within(part: str, whole: Any) -> bool:
    found = ipaddress.ip_network(part, strict=False)
    return found.version == whole.version and found.subnet_of(whole)


# Members


def connect(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = body_of(exchange)
    settings = dict(asked.get("EndpointConfig") or {}) if dialect.modern else {}
    mac = settings.get("MacAddress")
    if mac and dialect.since("25.0.0") and not re.fullmatch(r"(?:[0-9a-fA-F]{2}[:-]?){6}", mac):
        raise network_words.bad_mac_address(dialect, mac)
    if not (dialect.since("29.3.0") and dialect.speaks("1.54")):
        settings.pop("MacAddress", None)
    with daemon.lock:
        network = daemon.networks.find(id)
        container = _asked_for(daemon, dialect, asked)
        if network.name == "host":
            raise network_words.of_the_host(dialect, "connect")
        if network.name == "none":
            raise network_words.private(dialect)
        if network.asked.get("ConfigOnly"):
            raise network_words.only_configuration(dialect)
        mode = container.host_config["NetworkMode"]
        if mode == "host" or mode.startswith("container:"):
            raise network_words.shared(dialect)
        running = container.running is not None
        if not running and not dialect.modern:
            raise network_words.only_running(dialect, container.id)
        here = any(daemon.networks.find(word) is network for word in container.places)
        if here and running:
            raise network_words.connected_already(dialect, container.name, network.name)
        _check_addresses(dialect, network, settings)
        if not here:  # of one that does not run nothing is said, and nothing changed
            container.places[network.name] = Place(settings)
            if running:
                try:
                    container.enter(network.name)
                except BaseException:
                    del container.places[network.name]
                    raise
                _tell(daemon, "connect", network, container)
    exchange.answer(200)


def _asked_for(daemon: Daemon, dialect: Dialect, asked: Json) -> Container:
    if not asked.get("Container"):
        raise network_words.no_container_named(dialect)
    return daemon.containers.find(str(asked["Container"]))


def _check_addresses(dialect: Dialect, network: Network, settings: Json) -> None:
    wanted = settings.get("IPAMConfig") or {}
    for name in ("IPv4Address", "IPv6Address"):
        address = wanted.get(name)
        if address and not _is_address(address):
            if dialect.since("17.6.0"):
                raise network_words.bad_address(dialect, name.removesuffix("Address"), address)
            address = wanted.pop(name) and None  # it is passed over
        if address and not network.has_pools_of_its_own:
            raise network_words.no_address_there(dialect, address)
        if address and not network.holds(address):
            raise network_words.address_outside(dialect, address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def disconnect(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = body_of(exchange)
    with daemon.lock:
        network = daemon.networks.find(id)
        name = str(asked.get("Container") or "")
        if asked.get("Force") and dialect.modern and daemon.containers.get(name) is None:
            raise network_words.no_endpoint(dialect, name)
        container = _asked_for(daemon, dialect, asked)
        if network.name == "host":
            raise network_words.of_the_host(dialect, "disconnect")
        if container.running is None and not dialect.modern:
            raise network_words.only_running(dialect, container.id)
        words = [word for word in container.places if daemon.networks.find(word) is network]
        if not words:
            raise network_words.not_connected(dialect, container.id, network.name)
        if container.running is not None:
            _tell(daemon, "disconnect", network, container)
        network.leave(container)
        del container.places[words[0]]
    exchange.answer(200)


def _tell(daemon: Daemon, action: str, network: Network, container: Container) -> None:
    attributes = {"container": container.id, "name": network.name, "type": network.driver}
    daemon.events.tell("network", action, network.id, **attributes)


# Removal


def remove(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    with daemon.lock:
        network = daemon.networks.find(id)
        if network.is_predefined:
            raise network_words.predefined(dialect, network.name, "removed")
        if network.members:
            endpoints = [
                (member.name, place.endpoint_id) for member, place in network.members.values()
            ]
            raise network_words.in_use(dialect, network.name, network.id, endpoints)
        _gone(daemon, network)
    exchange.answer(204 if dialect.since("1.11.0") else 200)


def _gone(daemon: Daemon, network: Network) -> None:
    daemon.networks.remove(network)
    daemon.events.tell("network", "destroy", network.id, name=network.name, type=network.driver)


def prune(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    filters = of_prune(dialect, exchange.filters())
    before = until(dialect, filters)
    with daemon.lock:
        unused = [
            one
            for one in daemon.networks.all()
            if not one.is_predefined
            and not one.members
            and not one.asked.get("ConfigOnly")
            and one.created <= before * 1e9
            and has_labels(one.asked.get("Labels"), filters)
        ]
        for network in unused:
            _gone(daemon, network)
    exchange.answer_json({"NetworksDeleted": [one.name for one in unused] or None})
