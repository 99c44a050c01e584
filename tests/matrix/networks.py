"""Networks: from API 1.21 on."""

from __future__ import annotations

from typing import Any

from dockerapi import (
    IPAM,
    ContainerConfig,
    EndpointSettings,
    HostConfig,
    IPAMPool,
    NetworkingConfig,
)
from matrix.form import (
    Case,
    OfRelease,
    Outcome,
    before,
    gone,
    later_release,
    needs,
    sends,
    since,
    within,
)

CREATE = "POST /networks/create"


def _until(version: str) -> str:
    """From the route on, up to the version before this."""
    return f"1.21 to {before(version).rpartition(' ')[2]}"


def _asks(version: str, body: dict[str, Any]) -> dict[str, Any]:
    """Up to 1.43 the Engine is asked to look whether the name is taken; later it always does."""
    checked = sends("POST /networks/create", {"Name": "n", "CheckDuplicate": True, **body})
    if version in within("1.44 to 1.55"):
        return {since(version): sends("POST /networks/create", {"Name": "n", **body})}
    return {
        f"{version} to 1.43": checked,
        "1.44 to 1.55": sends("POST /networks/create", {"Name": "n", **body}),
    }


def _created(keyword: str, value: Any, field: str, sent: dict[str, Any], version: str) -> Case:
    """A field of the body that came after 1.21."""
    return Case(
        "create_network",
        keyword,
        lambda client: client.create_network("n", **{keyword: value}),
        {
            before("1.21"): needs(CREATE, "1.21"),
            _until(version): needs(f"{CREATE} {field}", version),
            **_asks(version, sent),
        },
    )


def _filtered(route: str, method: str, name: str, value: str, version: str, since_: str) -> Case:
    """A filter of a route that came later than it."""
    early = (
        {}
        if version == since_
        else {_between(since_, version): needs(f"{route} ?filters.{name}", version)}
    )
    sent = f'{route}?filters={{"{name}": ["{value}"]}}'
    return Case(
        method,
        f"filters-{name}",
        lambda client: getattr(client, method)(filters={name: value}),
        {before(since_): needs(route, since_), **early, since(version): sent},
    )


def _between(first: str, version: str) -> str:
    last = before(version).rpartition(" ")[2]
    return first if first == last else f"{first} to {last}"


def _connected(keyword: str, value: Any, field: str, sent: dict[str, Any], version: str) -> Case:
    """A field of a container's place in a network that it is connected to."""
    what = f"{CONNECT} EndpointConfig.{field}" if field else f"{CONNECT} EndpointConfig"
    if version == "1.22":
        what = f"{CONNECT} EndpointConfig"
    body = {"Container": "c1", "EndpointConfig": sent}
    return Case(
        "connect_network",
        keyword,
        lambda client: client.connect_network(
            "n1", "c1", endpoint=EndpointSettings(**{keyword: value})
        ),
        {
            before("1.21"): needs(CONNECT, "1.21"),
            _between("1.21", version): needs(what, version),
            since(version): ["GET /containers/c1/json", sends("POST /networks/n1/connect", body)],
        },
    )


def _created_in(name: str, by_version: dict[str, Outcome], **given: Any) -> Case:
    return Case(
        "create_container",
        f"networks-{name}",
        lambda client: client.create_container("img", "ls", **given),
        by_version,
    )


def _creates(**fields: Any) -> Any:
    return sends("POST /containers/create", {"Image": "img", "Cmd": ["ls"], **fields})


CONTAINER = "POST /containers/create"
CONNECT = "POST /networks/{id}/connect"
DISCONNECT = "POST /networks/{id}/disconnect"
INSPECT = "GET /networks/{id}"
REMOVE = "DELETE /networks/{id}"
PRUNE = "POST /networks/prune"
ONE = IPAM(pools=[IPAMPool(subnet="10.9.0.0/24")])
SUBNET = {"Config": [{"Subnet": "10.9.0.0/24"}]}
NO_SUCH = needs(f"{CONTAINER} NetworkingConfig", "1.22")
TWO = NetworkingConfig(endpoints={"n1": None, "n2": EndpointSettings(aliases=["b"])})
BOTH = {"n1": {}, "n2": {"Aliases": ["b"]}}
STARTED = "POST /containers/c1/start"
JOINED = [
    _creates(NetworkingConfig={"EndpointsConfig": {"n1": {}}}),
    sends("POST /networks/n2/connect", {"Container": "c1", "EndpointConfig": {"Aliases": ["b"]}}),
    STARTED,
]


CASES = [
    Case(
        "networks",
        "plain",
        lambda client: client.networks(),
        {
            before("1.21"): needs("GET /networks", "1.21"),
            since("1.21"): "GET /networks",
        },
    ),
    _filtered("GET /networks", "networks", "name", "n", "1.21", "1.21"),
    _filtered("GET /networks", "networks", "id", "0a", "1.21", "1.21"),
    _filtered("GET /networks", "networks", "type", "custom", "1.22", "1.21"),
    _filtered("GET /networks", "networks", "driver", "bridge", "1.24", "1.21"),
    _filtered("GET /networks", "networks", "label", "a=b", "1.24", "1.21"),
    _filtered("GET /networks", "networks", "scope", "swarm", "1.29", "1.21"),
    Case(
        "networks",
        "filters-dangling",
        lambda client: client.networks(filters={"dangling": True}),
        {
            before("1.21"): needs("GET /networks", "1.21"),
            "1.21 to 1.51": later_release("GET /networks ?filters.dangling", "29.0.0"),
            since("1.52"): 'GET /networks?filters={"dangling": ["true"]}',
        },
    ),
    Case(
        "inspect_network",
        "plain",
        lambda client: client.inspect_network("n1"),
        {
            before("1.21"): needs(INSPECT, "1.21"),
            since("1.21"): "GET /networks/n1",
        },
    ),
    Case(
        "inspect_network",
        "verbose",
        lambda client: client.inspect_network("n1", verbose=True),
        {
            before("1.21"): needs(INSPECT, "1.21"),
            "1.21 to 1.27": needs(f"{INSPECT} ?verbose", "1.28"),
            since("1.28"): "GET /networks/n1?verbose=1",
        },
    ),
    Case(
        "inspect_network",
        "scope",
        lambda client: client.inspect_network("n1", scope="local"),
        {
            before("1.21"): needs(INSPECT, "1.21"),
            "1.21 to 1.30": needs(f"{INSPECT} ?scope", "1.31"),
            since("1.31"): "GET /networks/n1?scope=local",
        },
    ),
    Case(
        "create_network",
        "plain",
        lambda client: client.create_network("n", driver="bridge", options={"a": "1"}),
        {
            before("1.21"): needs(CREATE, "1.21"),
            **_asks("1.21", {"Driver": "bridge", "Options": {"a": "1"}}),
        },
    ),
    Case(
        "create_network",
        "ipam",
        lambda client: client.create_network("n", ipam=ONE),
        {
            before("1.21"): needs(CREATE, "1.21"),
            "1.21 to 1.24": sends(
                "POST /networks/create",
                {"Name": "n", "CheckDuplicate": True, "IPAM": {"Driver": "default", **SUBNET}},
            ),
            **_asks("1.25", {"IPAM": SUBNET}),
        },
    ),
    Case(
        "create_network",
        "ipam-options",
        lambda client: client.create_network("n", ipam=IPAM(driver="d", options={"a": "1"})),
        {
            before("1.21"): needs(CREATE, "1.21"),
            "1.21": needs(f"{CREATE} IPAM.Options", "1.22"),
            **_asks("1.22", {"IPAM": {"Driver": "d", "Options": {"a": "1"}}}),
        },
    ),
    Case(
        "create_network",
        "ipam-ipv6",
        lambda client: client.create_network(
            "n", ipam=IPAM(driver="d", pools=[IPAMPool(subnet="2001:db8::/64")])
        ),
        {
            before("1.21"): needs(CREATE, "1.21"),
            "1.21 to 1.22": needs(f"{CREATE} EnableIPv6", "1.23"),
            **_asks(
                "1.23",
                {
                    "EnableIPv6": True,
                    "IPAM": {"Driver": "d", "Config": [{"Subnet": "2001:db8::/64"}]},
                },
            ),
        },
    ),
    _created("internal", True, "Internal", {"Internal": True}, "1.22"),
    _created("ipv6", True, "EnableIPv6", {"EnableIPv6": True}, "1.23"),
    _created("labels", {"a": "b"}, "Labels", {"Labels": {"a": "b"}}, "1.23"),
    _created("attachable", True, "Attachable", {"Attachable": True}, "1.25"),
    _created("ingress", True, "Ingress", {"Ingress": True}, "1.29"),
    _created("scope", "local", "Scope", {"Scope": "local"}, "1.30"),
    _created("config_only", True, "ConfigOnly", {"ConfigOnly": True}, "1.30"),
    _created("config_from", "base", "ConfigFrom", {"ConfigFrom": {"Network": "base"}}, "1.30"),
    _created("ipv4", False, "EnableIPv4", {"EnableIPv4": False}, "1.48"),
    Case(
        "connect_network",
        "plain",
        lambda client: client.connect_network("n1", "c1"),
        {
            before("1.21"): needs(CONNECT, "1.21"),
            since("1.21"): sends("POST /networks/n1/connect", {"Container": "c1"}),
        },
    ),
    _connected("aliases", ["a"], "", {"Aliases": ["a"]}, "1.22"),
    _connected("links", ["c2:a"], "", {"Links": ["c2:a"]}, "1.22"),
    _connected("ipv4_address", "10.9.0.9", "", {"IPAMConfig": {"IPv4Address": "10.9.0.9"}}, "1.22"),
    _connected(
        "ipv6_address", "2001:db8::9", "", {"IPAMConfig": {"IPv6Address": "2001:db8::9"}}, "1.22"
    ),
    _connected(
        "link_local_ips",
        ["169.254.8.8"],
        "IPAMConfig.LinkLocalIPs",
        {"IPAMConfig": {"LinkLocalIPs": ["169.254.8.8"]}},
        "1.24",
    ),
    _connected("driver_options", {"a": "1"}, "DriverOpts", {"DriverOpts": {"a": "1"}}, "1.30"),
    _connected("gateway_priority", 1, "GwPriority", {"GwPriority": 1}, "1.48"),
    _connected(
        "mac_address",
        "12:34:56:78:9a:bc",
        "MacAddress",
        {"MacAddress": "12:34:56:78:9a:bc"},
        "1.54",
    ),
    Case(
        "disconnect_network",
        "plain",
        lambda client: client.disconnect_network("n1", "c1"),
        {
            before("1.21"): needs(DISCONNECT, "1.21"),
            since("1.21"): sends("POST /networks/n1/disconnect", {"Container": "c1"}),
        },
    ),
    Case(
        "disconnect_network",
        "force",
        lambda client: client.disconnect_network("n1", "c1", force=True),
        {
            before("1.21"): needs(DISCONNECT, "1.21"),
            "1.21": needs(f"{DISCONNECT} Force", "1.22"),
            since("1.22"): sends(
                "POST /networks/n1/disconnect", {"Container": "c1", "Force": True}
            ),
        },
    ),
    Case(
        "remove_network",
        "plain",
        lambda client: client.remove_network("n1"),
        {
            before("1.21"): needs(REMOVE, "1.21"),
            since("1.21"): "DELETE /networks/n1",
        },
    ),
    Case(
        "prune_networks",
        "plain",
        lambda client: client.prune_networks(),
        {
            before("1.25"): needs(PRUNE, "1.25"),
            since("1.25"): "POST /networks/prune",
        },
    ),
    _filtered(PRUNE, "prune_networks", "until", "24h", "1.28", "1.25"),
    _filtered(PRUNE, "prune_networks", "label", "a=b", "1.29", "1.25"),
    _filtered(PRUNE, "prune_networks", "label!", "a=b", "1.29", "1.25"),
    # The network of the mode is one of those that are joined, and named by one word.
    _created_in(
        "mode",
        {
            before("1.22"): NO_SUCH,
            since("1.22"): [
                "GET /networks/n1",
                "GET /networks/one",
                _creates(
                    HostConfig={"NetworkMode": "n1"},
                    NetworkingConfig={"EndpointsConfig": {"n1": {"Aliases": ["a"]}}},
                ),
            ],
        },
        host_config=HostConfig(network_mode="n1"),
        networking=NetworkingConfig(endpoints={"one": EndpointSettings(aliases=["a"])}),
    ),
    # A MAC address of the whole container: of the network that the mode names.
    _created_in(
        "mac",
        {
            before("1.22"): NO_SUCH,
            "1.22 to 1.51": [
                "GET /networks/n1",
                _creates(
                    MacAddress="12:34:56:78:9a:bc",
                    HostConfig={"NetworkMode": "one"},
                    NetworkingConfig={"EndpointsConfig": {"one": {"Aliases": ["a"]}}},
                ),
            ],
            since("1.52"): gone(
                f"{CONTAINER} MacAddress", "1.52", "give it to the endpoint in the network"
            ),
        },
        config=ContainerConfig(mac_address="12:34:56:78:9a:bc"),
        networking=NetworkingConfig(endpoints={"n1": EndpointSettings(aliases=["a"])}),
    ),
    Case(
        "run_detached",
        "networks-two",
        lambda client: client.run_detached("img", "ls", networking=TWO),
        {
            before("1.22"): NO_SUCH,
            "1.22 to 1.43": JOINED,
            since("1.44"): [_creates(NetworkingConfig={"EndpointsConfig": BOTH}), STARTED],
        },
    ),
]

OF_RELEASES = [
    # 29.0 is the first to mean by `dangling` what it says, under every version.
    OfRelease(
        "networks",
        "29.7.2",
        "1.44",
        lambda client: client.networks(filters={"dangling": True}),
        'GET /networks?filters={"dangling": ["true"]}',
    ),
    OfRelease(
        "networks",
        "28.5.2",
        "1.44",
        lambda client: client.networks(filters={"dangling": True}),
        later_release("GET /networks ?filters.dangling", "29.0.0"),
    ),
]
