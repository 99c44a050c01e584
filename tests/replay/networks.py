"""What comes out of the recordings about networks, from 1.9 to 29.7.

What a call gives is told by the JSON that was received, read here in another way; the classes of
errors, and what is refused before it is asked, are written down for each Engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerapi import IPAM, Client, IPAMPool
from dockerapi.errors import (
    BadRequest,
    Conflict,
    ContainerNotFound,
    Forbidden,
    InUse,
    NetworkNotFound,
    NotAManager,
    NotSupported,
    PluginNotFound,
    ServerError,
    TimedOut,
)
from dockerapi.models.config import EndpointSettings
from dockerapi.models.networks import NetworkCreated
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, refused, rfc3339, said, told_by_model

LIST = "GET /networks"
INSPECT = "GET /networks/{id}"
CREATE = "POST /networks/create"
CONNECT = "POST /networks/{id}/connect"
DISCONNECT = "POST /networks/{id}/disconnect"
REMOVE = "DELETE /networks/{id}"
PRUNE = "POST /networks/prune"

TO_1_13 = "1.9 1.13"
TO_20_10 = "1.9 1.13 19.03 20.10"


# What was asked, in the arguments of the methods


def _named(recording: Recording) -> str:
    return recording.path.split("/")[3]


def _created(client: Client, recording: Recording) -> Any:
    body = dict(recording.request_json)
    body.pop("CheckDuplicate", None)
    renamed = {
        "Name": "name",
        "EnableIPv4": "ipv4",
        "EnableIPv6": "ipv6",
        "ConfigOnly": "config_only",
        "ConfigFrom": "config_from",
    }
    given = {renamed.get(key, key.lower()): value for key, value in body.items()}
    if "config_from" in given:
        given["config_from"] = given["config_from"]["Network"]
    if "ipam" in given:
        given["ipam"] = _ipam(given["ipam"])
    return client.create_network(**given)


def _ipam(asked_for: dict[str, Any]) -> IPAM:
    fields = {
        "Subnet": "subnet",
        "IPRange": "ip_range",
        "Gateway": "gateway",
        "AuxiliaryAddresses": "auxiliary_addresses",
    }
    pools = [
        IPAMPool(**{fields[key]: value for key, value in pool.items()})
        for pool in asked_for.get("Config", ())
    ]
    return IPAM(driver=asked_for.get("Driver"), options=asked_for.get("Options"), pools=pools)


def _connected(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    found = asked_for.get("EndpointConfig")
    endpoint = None
    if found is not None:
        assigned = found.get("IPAMConfig", {})
        endpoint = EndpointSettings(
            ipv4_address=assigned.get("IPv4Address"),
            ipv6_address=assigned.get("IPv6Address"),
            link_local_ips=assigned.get("LinkLocalIPs"),
            links=found.get("Links"),
            aliases=found.get("Aliases"),
            driver_options=found.get("DriverOpts"),
            mac_address=found.get("MacAddress"),
            gateway_priority=found.get("GwPriority"),
        )
    return client.connect_network(_named(recording), asked_for["Container"], endpoint=endpoint)


def _disconnected(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    return client.disconnect_network(
        _named(recording), asked_for["Container"], force=asked_for.get("Force", False)
    )


def _listed(client: Client, recording: Recording) -> Any:
    return list(map(told_by_model, client.networks(filters=_filters(recording))))


def _filters(recording: Recording) -> Any:
    found = dict(recording.query).get("filters")
    return None if found is None else json.loads(found)


def _inspected(client: Client, recording: Recording) -> Any:
    query = dict(recording.query)
    network = client.inspect_network(
        _named(recording), verbose="verbose" in query, scope=query.get("scope")
    )
    return told_by_model(network)


def _pruned(client: Client, recording: Recording) -> Any:
    return client.prune_networks(filters=_filters(recording)).deleted


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""

    def ask(client: Client, recording: Recording) -> Any:
        subject = _named(recording) if "{id}" in route else None
        return asked(client, recording, route, subject, **query).status

    return ask


# What comes out of it


def told_by_json(json: dict[str, Any], *, containers: bool = True) -> dict[str, Any]:
    """The same from what was received."""
    ipam = json["IPAM"]
    connected = json.get("Containers")
    subnets = json.get("Status", {}).get("IPAM", {}).get("Subnets", {})
    return {
        "id": json["Id"],
        "name": json["Name"],
        "created": rfc3339(json.get("Created")),
        "scope": json["Scope"],
        "driver": json["Driver"] or None,
        "ipv4": json.get("EnableIPv4"),
        "ipv6": json.get("EnableIPv6"),
        "ipam": {
            "driver": ipam["Driver"],
            "options": ipam.get("Options"),
            "pools": [
                {
                    "subnet": pool.get("Subnet"),
                    "ip_range": pool.get("IPRange") or None,
                    "gateway": pool.get("Gateway") or None,
                    "auxiliary_addresses": pool.get("AuxiliaryAddresses"),
                }
                for pool in ipam["Config"] or ()
                if pool
            ],
        },
        "internal": json.get("Internal"),
        "attachable": json.get("Attachable"),
        "ingress": json.get("Ingress"),
        "config_only": json.get("ConfigOnly"),
        "config_from": json.get("ConfigFrom", {}).get("Network") or None,
        "options": json["Options"] or {},
        "labels": json.get("Labels") or {},
        "containers": None
        if connected is None or not containers
        else {
            id: {
                "name": place.get("Name"),
                "endpoint_id": place["EndpointID"],
                "mac_address": place["MacAddress"] or None,
                "ipv4_address": place["IPv4Address"] or None,
                "ipv6_address": place["IPv6Address"] or None,
            }
            for id, place in connected.items()
        },
        "peers": [{"name": one["Name"], "ip": one["IP"]} for one in json.get("Peers") or ()],
        "services": {
            name: {
                "virtual_ip": one["VIP"] or None,
                "ports": one["Ports"],
                "local_index": one["LocalLBIndex"],
                "tasks": [
                    {
                        "name": task["Name"],
                        "endpoint_id": task["EndpointID"],
                        "endpoint_ip": task["EndpointIP"],
                        "info": task["Info"] or {},
                    }
                    for task in one["Tasks"]
                ],
            }
            for name, one in (json.get("Services") or {}).items()
        },
        "subnets": {
            name: {
                "ips_in_use": one["IPsInUse"],
                "dynamic_ips_available": one["DynamicIPsAvailable"],
            }
            for name, one in subnets.items()
        },
    }


def _network(recording: Recording) -> Any:
    return told_by_json(recording.json)


def _rows(recording: Recording) -> Any:
    told = recording.version < (1, 28)
    return [told_by_json(row, containers=told) for row in recording.json]


def _id(recording: Recording) -> Any:
    warning = recording.json["Warning"]
    return NetworkCreated(id=recording.json["Id"], warnings=(warning,) if warning else ())


def _names(recording: Recording) -> Any:
    return tuple(recording.json["NetworksDeleted"] or ())


def _no(error: type[Exception], route: str) -> Callable[[Recording], Any]:
    """The Engine's refusal, with its own words."""

    return lambda one: Raises(error, f"{route}: {one.status} {said(one)}")


class _Refusals:
    """The refusals of a route."""

    def __init__(self, route: str) -> None:
        self._route = route

    def needs(self, what: str, version: str, below: str) -> By:
        """It is refused before it is asked, under the versions below one."""
        return {f"<{below}": refused(f"{self._route} {what}".rstrip(), version)}

    def __call__(self, error: type[Exception], engines: str = "*") -> By:
        """The Engine refuses, in its own words."""
        return {engines: _no(error, self._route)}


_create, _inspect, _connect = map(_Refusals, (CREATE, INSPECT, CONNECT))
_disconnect, _remove, _prune, _list = map(_Refusals, (DISCONNECT, REMOVE, PRUNE, LIST))


def _added(refusals: _Refusals, what: str, version: str) -> By:
    return refusals.needs(what, version, version)


def _silent(route: str, engines: str) -> By:
    """The Engine looked for a driver, for longer than was waited."""
    text = f"<url>: {route}: no answer within 0.2 seconds (idle timeout)"
    return {engines: Raises(TimedOut, text)}


def _before(text: str) -> By:
    """Wrong whatever the Engine."""
    return {"*": Raises(ValueError, text)}


def _unknown_filter(name: str, known: str) -> By:
    return _before(f"filters: one of {known} was expected, not {name!r}")


NOTHING: By = {"*": None}
CREATED: By = {"*": _id}
OF_LISTS = "dangling, driver, id, label, name, scope, type"
OF_PRUNES = "label, label!, until"
RELEASES = {
    "1.9": "1.9.1",
    "1.13": "1.13.1",
    "19.03": "19.3.15",
    "20.10": "20.10.24",
    "26.1": "26.1.5",
    "28.5": "28.5.2",
}
DANGLING: By = {
    release: Raises(
        NotSupported, f"{LIST} ?filters.dangling needs Engine 29.0.0; this one is {exact}"
    )
    for release, exact in RELEASES.items()
}
RUNNING = {"State": {"Running": True}}
SEVERAL = [{"Id": "a1", "Name": "rec-plain"}, {"Id": "b2", "Name": "rec-plain"}]
USED = {"Id": "c3", "Name": "rec-full", "Containers": {"d4": {"Name": "rec-a"}}}


def _ambiguous(recording: Recording) -> Raises:
    words = recording.json["message"]
    return Raises(BadRequest, f"{INSPECT}: 400 {words} (name it by its id: a1, b2)")


def _connects(container: str, by: By) -> Replay:
    """A connection with settings, before which the container is looked at."""
    return Replay(_connected, by, beside={f"/containers/{container}/json": RUNNING})


CREATES: dict[str, By] = {
    "network_create": CREATED,
    "network_create_full": {**_added(_create, "Scope", "1.30"), **CREATED},
    "network_create_labels": {**_added(_create, "Labels", "1.23"), **CREATED},
    "network_create_no_ipv4": {**_added(_create, "EnableIPv4", "1.48"), **CREATED},
    "network_create_macvlan": {**_silent(CREATE, "1.9"), **CREATED},
    "network_create_macvlan_no_parent": {
        **_added(_create, "Internal", "1.22"),
        **_create(ServerError),
    },
    "network_create_ipvlan": {
        **_silent(CREATE, "1.9"),
        **_create(PluginNotFound, "1.13"),
        **CREATED,
    },
    "network_create_none": {**_create(ServerError, TO_1_13), **_create(Forbidden)},
    "network_create_host": {**_create(ServerError, TO_1_13), **_create(Forbidden)},
    "network_create_overlay_503": {**_create(ServerError, TO_1_13), **_create(NotAManager)},
    "network_create_scope_swarm_503": {**_added(_create, "Scope", "1.30"), **_create(Forbidden)},
    "network_create_ingress_503": {
        **_added(_create, "Ingress", "1.29"),
        **_create(NotAManager),
    },
    "network_create_config_only": {**_added(_create, "ConfigOnly", "1.30"), **CREATED},
    "network_create_config_from": {
        **_added(_create, "ConfigFrom", "1.30"),
        **_create(ServerError),
    },
    "network_create_config_from_404": {
        **_added(_create, "ConfigFrom", "1.30"),
        **_create(NetworkNotFound),
    },
    "network_create_ipam_null": {
        **_silent(CREATE, "1.9"),
        **_create(ServerError, TO_20_10),
        **_create(BadRequest),
    },
    "network_create_ipam_404": _create(PluginNotFound),
    "network_create_again": {**dict.fromkeys([TO_20_10], _id), **_create(Conflict)},
    "network_create_again_checked": _create(Conflict),
    "network_create_bad_subnet": _before(
        "subnet: a range such as 172.28.0.0/16 was expected, not '172.29.0.0/33'"
    ),
    "network_create_bad_host_bits": _before(
        "subnet: 172.29.0.0/16 was expected, not '172.29.1.1/16'"
    ),
    "network_create_bad_gateway": _before("gateway: 10.9.9.9 is not in the subnet 172.29.0.0/16"),
    "network_create_bad_range": _before("ip_range: 10.9.0.0/24 is not in the subnet 172.29.0.0/16"),
    "network_create_overlap": _create(Forbidden),
    "network_create_bad_driver": _create(PluginNotFound),
    "network_create_bad_option": {**_create(ServerError, TO_20_10), **_create(BadRequest)},
    "network_create_predefined": _create(Forbidden),
    "network_create_overlay_worker": _create(NotAManager),
    "network_create_overlay": {**_added(_create, "Attachable", "1.25"), **CREATED},
    "network_create_overlay_again": _create(Conflict),
    "network_create_overlay_overlap": CREATED,
    "network_create_ingress_again": {**_added(_create, "Ingress", "1.29"), **_create(Conflict)},
}

NETWORK: By = {"*": _network}
INSPECTS: dict[str, By] = {
    "network_inspect": NETWORK,
    "network_inspect_full": NETWORK,
    "network_inspect_short": NETWORK,
    "network_inspect_verbose": {**_added(_inspect, "?verbose", "1.28"), **NETWORK},
    "network_inspect_scope": {**_added(_inspect, "?scope", "1.31"), **NETWORK},
    "network_inspect_scope_swarm": {
        **_added(_inspect, "?scope", "1.31"),
        **_inspect(NetworkNotFound),
    },
    "network_inspect_macvlan": {**_inspect(NetworkNotFound, "1.9"), **NETWORK},
    "network_inspect_config_only": NETWORK,
    "network_inspect_no_ipv4": {**_inspect(NetworkNotFound, "1.9"), **NETWORK},
    "network_inspect_none": NETWORK,
    "network_inspect_404": _inspect(NetworkNotFound),
    "network_inspect_connected": NETWORK,
    "network_inspect_connected_verbose": {**_added(_inspect, "?verbose", "1.28"), **NETWORK},
    "network_inspect_with_created": NETWORK,
    "network_inspect_overlay": NETWORK,
    "network_inspect_overlay_scope": {**_added(_inspect, "?scope", "1.31"), **NETWORK},
    "network_inspect_ingress": NETWORK,
    "network_inspect_overlay_used": NETWORK,
}

ROWS: By = {"*": _rows}
LABELLED = {**_added(_list, "?filters.label", "1.24"), **ROWS}
SCOPED = {**_added(_list, "?filters.scope", "1.29"), **ROWS}
TYPED = _added(_list, "?filters.type", "1.22")
DRIVEN = {**_added(_list, "?filters.driver", "1.24"), **ROWS}
LISTS: dict[str, By] = {
    "network_list_builtin": ROWS,
    "network_list_connected": ROWS,
    "network_list": ROWS,
    "network_list_filter_name": ROWS,
    "network_list_filter_id": ROWS,
    "network_list_filter_label": LABELLED,
    "network_list_filter_label_key": LABELLED,
    "network_list_filter_label_two": LABELLED,
    "network_list_filter_driver": DRIVEN,
    "network_list_filter_drivers": DRIVEN,
    "network_list_filter_custom": {**TYPED, **ROWS},
    "network_list_filter_builtin": {**TYPED, **ROWS},
    "network_list_filter_bad_type": {**TYPED, **_list(ServerError)},
    "network_list_filter_scope": SCOPED,
    "network_list_filter_scope_swarm": SCOPED,
    "network_list_filter_bad_scope": SCOPED,
    "network_list_filter_dangling": {**DANGLING, **ROWS},
    "network_list_filter_not_dangling": {**DANGLING, **ROWS},
    "network_list_filter_bad_dangling": {**DANGLING, **_list(BadRequest)},
    "network_list_filter_two_dangling": {**DANGLING, **_list(BadRequest)},
    "network_list_filter_unknown": _unknown_filter("nosuch", OF_LISTS),
    "network_list_filter_until": _unknown_filter("until", OF_LISTS),
    "network_list_filter_label_not": _unknown_filter("label!", OF_LISTS),
    "network_list_swarm": SCOPED,
    "network_list_worker": SCOPED,
}

CONNECTS: dict[str, By] = {
    "network_connect": NOTHING,
    "network_connect_again": _connect(Conflict),
    "network_connect_bad_ip": _before(
        "ipv4_address: an IP address was expected, not 'not an address'"
    ),
    "network_connect_bad_mac": _before("mac_address: a MAC address was expected, not 'zz'"),
    "network_connect_404": _connect(NetworkNotFound),
    "network_connect_container_404": _connect(ContainerNotFound),
    "network_connect_host": {**_connect(ServerError, TO_1_13), **_connect(BadRequest)},
    "network_connect_none": {**_connect(ServerError, TO_1_13), **_connect(BadRequest)},
    "network_connect_of_host": {**_connect(ServerError, TO_1_13), **_connect(BadRequest)},
    "network_connect_config_only": {**dict.fromkeys([TO_1_13]), **_connect(Forbidden)},
    "network_connect_created": {**_connect(Conflict, "1.9"), **NOTHING},
    "network_connect_overlay": NOTHING,
    "network_connect_overlay_not_attachable": _connect(ServerError),
}

FORCED = _added(_disconnect, "Force", "1.22")
DISCONNECTS: dict[str, By] = {
    "network_disconnect": NOTHING,
    "network_disconnect_again": _disconnect(Conflict),
    "network_disconnect_again_force": {**FORCED, **_disconnect(Conflict)},
    "network_disconnect_force": {**FORCED, **NOTHING},
    "network_disconnect_created": {**_disconnect(Conflict, "1.9"), **NOTHING},
    "network_disconnect_404": _disconnect(NetworkNotFound),
    "network_disconnect_container_404": _disconnect(ContainerNotFound),
    "network_disconnect_container_404_force": {**FORCED, **_disconnect(ContainerNotFound)},
    "network_disconnect_of_host": {
        **_disconnect(ServerError, TO_1_13),
        **_disconnect(BadRequest),
    },
    "network_disconnect_bridge": NOTHING,
}

USED_OR_GONE = {**_remove(InUse, TO_1_13), **NOTHING}
REMOVES: dict[str, By] = {
    "network_remove_in_use": _remove(InUse),
    "network_remove_builtin": _remove(Forbidden),
    "network_remove_404": _remove(NetworkNotFound),
    "network_remove_config_in_use": USED_OR_GONE,
    "network_remove": USED_OR_GONE,
    "network_remove_again": {**_remove(InUse, TO_1_13), **_remove(NetworkNotFound)},
    "network_remove_by_id": {**_remove(InUse, "1.9"), **NOTHING},
    "network_remove_in_use_by_service": _remove(InUse),
    "network_remove_ingress_in_use": {**_remove(Forbidden, "1.13"), **_remove(InUse)},
}

PRUNED = {**_added(_prune, "", "1.25"), "*": _names}
BY_AGE = {**_added(_prune, "", "1.25"), **_added(_prune, "?filters.until", "1.28")}
NO_AGE = {**BY_AGE, **_prune(ServerError, "19.03 20.10"), **_prune(BadRequest)}
BY_LABEL, BY_NO_LABEL = (
    {**_added(_prune, "", "1.25"), **_added(_prune, f"?filters.{name}", "1.29"), "*": _names}
    for name in ("label", "label!")
)
PRUNES: dict[str, By] = {
    "network_prune_unknown_filter": _unknown_filter("nosuch", OF_PRUNES),
    "network_prune_dangling": _unknown_filter("dangling", OF_PRUNES),
    "network_prune_bad_until": NO_AGE,
    "network_prune_two_until": NO_AGE,
    "network_prune_until": {**BY_AGE, "*": _names},
    "network_prune_label": BY_LABEL,
    "network_prune_label_not": BY_NO_LABEL,
    "network_prune": PRUNED,
    "network_prune_nothing": PRUNED,
    "network_prune_overlay": PRUNED,
}

REPLAYS = {
    **{name: Replay(_created, by) for name, by in CREATES.items()},
    **{name: Replay(_inspected, by) for name, by in INSPECTS.items()},
    **{name: Replay(_listed, by) for name, by in LISTS.items()},
    **{name: Replay(_connected, by) for name, by in CONNECTS.items()},
    **{name: Replay(_disconnected, by) for name, by in DISCONNECTS.items()},
    # Of who uses it not every release tells.
    **{
        name: Replay(
            lambda client, recording: client.remove_network(_named(recording)),
            by,
            beside={"/networks/rec-full": USED, "/networks/rec-config": USED}
            | {"/networks/{id}": USED},
        )
        for name, by in REMOVES.items()
    },
    **{name: Replay(_pruned, by) for name, by in PRUNES.items()},
    "network_inspect_ambiguous": Replay(
        _inspected,
        {"19.03 20.10": _ambiguous, **NETWORK},
        beside={"/networks": SEVERAL},
    ),
    "network_inspect_overlay_verbose": Replay(
        _inspected,
        {**_added(_inspect, "?verbose", "1.28"), **NETWORK},
        differs={"*": "`1` is `true`"},
    ),
    "network_connect_full": _connects(
        "{id}", {**_added(_connect, "EndpointConfig.MacAddress", "1.54"), **NOTHING}
    ),
    "network_connect_ip_outside": _connects(
        "rec-b",
        {
            **_added(_connect, "EndpointConfig", "1.22"),
            **_connect(Conflict, "1.13"),
            **_connect(ServerError, "19.03 20.10"),
            **_connect(BadRequest),
        },
    ),
    "network_connect_ip_no_subnet": _connects(
        "rec-b",
        {
            **_added(_connect, "EndpointConfig", "1.22"),
            **_connect(ServerError, "1.13"),
            **_connect(BadRequest),
        },
    ),
    "network_connect_ip_taken": _connects(
        "rec-b",
        {
            **_added(_connect, "EndpointConfig", "1.22"),
            **_connect(Conflict, "1.13"),
            **_connect(Forbidden),
        },
    ),
    # What no method asks.
    "network_create_no_name": Replay(
        _raw(CREATE), {**_create(ServerError, TO_20_10), **_create(BadRequest)}
    ),
    "network_create_unknown_field": Replay(_raw(CREATE), {"*": 201}),
    **{
        name: Replay(_raw(CREATE), {**_create(ServerError, TO_1_13), **_create(BadRequest)})
        for name in ("network_create_bad_json", "network_create_no_type", "network_create_empty")
    },
    "network_inspect_bad_verbose": Replay(
        _raw(INSPECT, verbose="perhaps"),
        {**_added(_inspect, "?verbose", "1.28"), **_inspect(BadRequest)},
    ),
    "network_connect_no_container": Replay(
        _raw(CONNECT), {**_connect(ServerError, "1.9"), **_connect(BadRequest)}
    ),
    "network_connect_no_type": Replay(
        _raw(CONNECT), {**_connect(ServerError, TO_1_13), **_connect(BadRequest)}
    ),
    "network_list_filter_map": Replay(
        _raw(LIST, filters={"name": {"rec-full": True}}),
        {**_list(ServerError, "1.9"), "*": 200},
    ),
    "network_list_filter_bad_json": Replay(
        _raw(LIST, filters="nojson"), {**_list(ServerError, TO_20_10), **_list(BadRequest)}
    ),
    "network_list_filter_string": Replay(
        _raw(LIST, filters={"name": "rec-full"}),
        {**_list(ServerError, TO_20_10), **_list(BadRequest)},
    ),
}
