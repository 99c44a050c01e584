"""What comes out of the recordings about swarms and their nodes, from 1.13 to 29.7."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerapi import Client
from dockerapi.errors import (
    BadRequest,
    Conflict,
    NotAManager,
    NotFound,
    NotSupported,
    OutOfSequence,
    ServerError,
    TimedOut,
    Unauthorized,
)
from dockerapi.models.swarm import Node, NodeSpec, Swarm, SwarmSpec
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, made, refused, rfc3339, said

INIT = "POST /swarm/init"
JOIN = "POST /swarm/join"
LEAVE = "POST /swarm/leave"
UPDATE = "POST /swarm/update"
UNLOCK = "POST /swarm/unlock"
KEY = "GET /swarm/unlockkey"
INSPECT = "GET /swarm"
NODES = "GET /nodes"
NODE = "GET /nodes/{id}"
UPDATE_NODE = "POST /nodes/{id}/update"
REMOVE_NODE = "DELETE /nodes/{id}"


# What was asked, in the arguments of the methods

_GIVEN = {
    "ListenAddr": "listen",
    "AdvertiseAddr": "advertise",
    "DataPathAddr": "data_path",
    "DataPathPort": "data_path_port",
    "DefaultAddrPool": "address_pools",
    "SubnetSize": "subnet_size",
    "Availability": "availability",
    "ForceNewCluster": "force_new_cluster",
}


def _given(asked_for: dict[str, Any]) -> dict[str, Any]:
    return {_GIVEN[key]: value for key, value in asked_for.items() if key in _GIVEN}


def _init(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    found = asked_for.get("Spec")
    spec = None if found is None else made(SwarmSpec.parse(found))
    return client.init_swarm(spec, **_given(asked_for))


def _join(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    (remote,) = asked_for["RemoteAddrs"]
    return client.join_swarm(remote, token=asked_for["JoinToken"], **_given(asked_for))


def _leave(client: Client, recording: Recording) -> Any:
    return client.leave_swarm(force="force" in dict(recording.query))


def _swarm(client: Client, recording: Recording) -> Any:
    return told_of_swarm(client.inspect_swarm())


def _read(recording: Recording, spec: Any) -> dict[str, Any]:
    """What was read before it was written."""
    version = int(dict(recording.query)["version"])
    return {"ID": recording.path.split("/")[3], "Version": {"Index": version}, "Spec": spec}


def _update(client: Client, recording: Recording) -> Any:
    query = dict(recording.query)
    return client.update_swarm(
        Swarm.parse(_read(recording, {})),
        SwarmSpec.parse(recording.request_json),
        rotate_worker_token="rotateWorkerToken" in query,
        rotate_manager_token="rotateManagerToken" in query,
        rotate_unlock_key="rotateManagerUnlockKey" in query,
    )


def _update_made(client: Client, recording: Recording) -> Any:
    spec = made(SwarmSpec.parse(recording.request_json))
    return client.update_swarm(Swarm.parse(_read(recording, {})), spec)


def _key(client: Client, recording: Recording) -> Any:
    return client.swarm_unlock_key()


def _unlock(client: Client, recording: Recording) -> Any:
    return client.unlock_swarm(recording.request_json["UnlockKey"])


def _nodes(client: Client, recording: Recording) -> Any:
    found = dict(recording.query).get("filters")
    rows = client.nodes(filters=None if found is None else json.loads(found))
    return list(map(told_of_node, rows))


def _node(client: Client, recording: Recording) -> Any:
    return told_of_node(client.inspect_node(recording.id))


def _update_node(client: Client, recording: Recording) -> Any:
    before = {"Role": "worker", "Availability": "active"}
    node = Node.parse(_read(recording, before))
    return client.update_node(node, NodeSpec.parse(recording.request_json))


def _update_node_made(client: Client, recording: Recording) -> Any:
    spec = made(NodeSpec.parse(recording.request_json))
    before = {"Role": "worker", "Availability": "active"}
    return client.update_node(Node.parse(_read(recording, before)), spec)


def _remove_node(client: Client, recording: Recording) -> Any:
    return client.remove_node(recording.id, force="force" in dict(recording.query))


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""

    def ask(client: Client, recording: Recording) -> Any:
        subject = recording.id if "{id}" in route else None
        return asked(client, recording, route, subject, **query).status

    return ask


# What comes out of it


def told_of_swarm(swarm: Swarm) -> dict[str, Any]:
    tokens = swarm.join_tokens
    return {
        "id": swarm.id,
        "version": swarm.version,
        "created": str(swarm.created),
        "updated": str(swarm.updated),
        "spec": swarm.spec.to_wire(),
        "tokens": tokens and (tokens.worker, tokens.manager),
        "issuer": swarm.tls and swarm.tls.issuer_subject,
        "rotating": swarm.root_rotation_in_progress,
        "pools": list(swarm.address_pools),
        "subnet_size": swarm.subnet_size,
        "port": swarm.data_path_port,
    }


def _swarm_in(recording: Recording) -> Any:
    found = recording.json
    return {
        "id": found["ID"],
        "version": found["Version"]["Index"],
        "created": rfc3339(found["CreatedAt"]),
        "updated": rfc3339(found["UpdatedAt"]),
        "spec": found["Spec"],
        "tokens": (found["JoinTokens"]["Worker"], found["JoinTokens"]["Manager"]),
        "issuer": found.get("TLSInfo", {}).get("CertIssuerSubject"),
        "rotating": found.get("RootRotationInProgress"),
        "pools": found.get("DefaultAddrPool") or [],
        "subnet_size": found.get("SubnetSize"),
        "port": found.get("DataPathPort"),
    }


def told_of_node(node: Node) -> dict[str, Any]:
    manager = node.manager
    return {
        "id": node.id,
        "version": node.version,
        "created": str(node.created),
        "updated": str(node.updated),
        "spec": node.spec.to_wire(),
        "is": (node.spec.role, node.spec.availability, node.spec.name, node.state, node.message),
        "host": (node.hostname, node.architecture, node.os, node.engine_version, node.address),
        "resources": node.resources and (node.resources.nano_cpus, node.resources.memory),
        "plugins": [(one.type, one.name) for one in node.engine_plugins],
        "issuer": node.tls and node.tls.issuer_subject,
        "manager": manager and (manager.leader, manager.reachability, manager.address),
    }


def _node_in(found: dict[str, Any]) -> dict[str, Any]:
    spec, status, about = found["Spec"], found["Status"], found["Description"]
    platform, engine = about.get("Platform", {}), about.get("Engine", {})
    resources, manager = about.get("Resources"), found.get("ManagerStatus")
    return {
        "id": found["ID"],
        "version": found["Version"]["Index"],
        "created": rfc3339(found["CreatedAt"]),
        "updated": rfc3339(found["UpdatedAt"]),
        "spec": spec,
        "is": (
            spec["Role"],
            spec["Availability"],
            spec.get("Name"),
            status["State"],
            status.get("Message") or None,
        ),
        "host": (
            about.get("Hostname"),
            platform.get("Architecture"),
            platform.get("OS"),
            engine.get("EngineVersion"),
            status.get("Addr"),
        ),
        "resources": resources and (resources.get("NanoCPUs"), resources.get("MemoryBytes")),
        "plugins": [(one["Type"], one["Name"]) for one in engine.get("Plugins") or ()],
        "issuer": about.get("TLSInfo", {}).get("CertIssuerSubject"),
        "manager": manager
        and (manager.get("Leader", False), manager["Reachability"], manager["Addr"]),
    }


def _node_of(recording: Recording) -> Any:
    return _node_in(recording.json)


def _rows(recording: Recording) -> Any:
    return list(map(_node_in, recording.json))


def _text(recording: Recording) -> Any:
    return recording.json


def _unlock_key(recording: Recording) -> Any:
    return recording.json["UnlockKey"]


def _sent(recording: Recording) -> Any:
    """The body of an update: the swarm's name is always the same."""
    return {**recording.request_json, "Name": "default"}


def _sent_as_it_is(recording: Recording) -> Any:
    return recording.request_json


def _no(route: str, error: type[Exception], engines: str = "*", hint: str = "") -> By:
    """The Engine refuses, in its own words."""
    return {engines: lambda one: Raises(error, f"{route}: {one.status} {said(one)}{hint}")}


def _needs(route: str, what: str, version: str) -> By:
    """It is refused before it is asked, under the versions below one."""
    return {f"<{version}": refused(f"{route} {what}".rstrip(), version)}


def _wrong(text: str) -> By:
    """Wrong whatever the Engine."""
    return {"*": Raises(ValueError, text)}


def _bad(route: str) -> By:
    return {**_no(route, ServerError, "1.13"), **_no(route, BadRequest)}


def _not_on_1_13(what: str) -> By:
    words = f"{UPDATE} CAConfig.{what} needs Engine 17.6.0; this one is 1.13.1"
    return {"1.13": Raises(NotSupported, words)}


NOTHING: By = {"*": None}
AVAILABILITY = _wrong("availability: one of 'active', 'pause', 'drain' was expected, not 'perhaps'")
TOKEN = _wrong("token: SWMTKN-1-... was expected, whole; this one has not that form")
LEAVE_ANYWAY = " (force=True leaves nevertheless)"

INITS: dict[str, By] = {
    "swarm_init_bad_listen": _no(INIT, BadRequest),
    "swarm_init_bad_advertise": _no(INIT, BadRequest),
    "swarm_init_bad_pool": _wrong(
        "address_pools: '10.88.0.0/33' does not appear to be an IPv4 or IPv6 network"
    ),
    "swarm_init_bad_subnet_size": _wrong("subnet_size: 1 to 32, not 33"),
    "swarm_init_bad_port": _wrong("data_path_port: at least 1024, not 80"),
    "swarm_init_bad_availability": AVAILABILITY,
    "swarm_init_bad_ticks": {"*": _text},
    "swarm_init": {**_needs(INIT, "DataPathPort", "1.40"), "*": _text},
    "swarm_init_again": _no(INIT, Conflict),
    "swarm_init_locked": _no(INIT, Conflict),
}
JOINS: dict[str, By] = {
    "swarm_join_bad_token": TOKEN,
    "swarm_join_again": TOKEN,
    "swarm_join_wrong_token": _no(JOIN, BadRequest),
    "swarm_join_unreachable": _no(JOIN, ServerError),
    "swarm_join": {**_needs(JOIN, "DataPathAddr", "1.30"), **NOTHING},
}
LEAVES: dict[str, By] = {
    "swarm_leave_503": _no(LEAVE, NotAManager),
    "swarm_leave_manager": _no(LEAVE, Conflict, hint=LEAVE_ANYWAY),
    "swarm_leave_last": _no(LEAVE, Conflict, hint=LEAVE_ANYWAY),
    "swarm_leave_locked": _no(LEAVE, NotAManager, hint=LEAVE_ANYWAY),
    "swarm_leave_worker": NOTHING,
    "swarm_leave_force": NOTHING,
    "swarm_leave_again": {"1.13": None, **_no(LEAVE, NotAManager)},
}
KEYED = {**_needs(KEY, "", "1.25"), "*": _unlock_key}
KEYS: dict[str, By] = {
    "swarm_unlockkey_503": {**_needs(KEY, "", "1.25"), **_no(KEY, NotAManager)},
    "swarm_unlockkey_unlocked": KEYED,
    "swarm_unlockkey": KEYED,
    "swarm_unlockkey_rotated": KEYED,
}


def _unlocks(by: By) -> By:
    return {**_needs(UNLOCK, "", "1.25"), **by}


UNLOCKS: dict[str, By] = {
    "swarm_unlock_503": _unlocks(_no(UNLOCK, NotAManager)),
    "swarm_unlock_unlocked": _unlocks(_no(UNLOCK, Conflict)),
    "swarm_unlock_bad_key": _unlocks(_no(UNLOCK, Unauthorized)),
    "swarm_unlock_nonsense": _unlocks(_no(UNLOCK, BadRequest)),
    "swarm_unlock": _unlocks(
        {
            "28.5/1.44": Raises(
                TimedOut, f"<url>: {UNLOCK}: no answer within 0.2 seconds (idle timeout)"
            ),
            **NOTHING,
        }
    ),
}
UPDATES: dict[str, By] = {
    "swarm_update_503": _no(UPDATE, NotAManager),
    "swarm_update": NOTHING,
    "swarm_update_conflict": _no(UPDATE, OutOfSequence),
    "swarm_update_partial": NOTHING,
    "swarm_update_bad_ticks": NOTHING,
    "swarm_update_rotate_worker": NOTHING,
    "swarm_update_autolock": NOTHING,
    "swarm_update_autolock_off": NOTHING,
    "swarm_update_rotate_unlock": {
        **_needs(UPDATE, "?rotateManagerUnlockKey", "1.25"),
        **NOTHING,
    },
    "swarm_update_ca_rotate": {
        **_not_on_1_13("ForceRotate with another value than 0"),
        **NOTHING,
    },
    "swarm_update_ca_bad": {
        **_not_on_1_13("SigningCACert with a certificate"),
        **_no(UPDATE, BadRequest),
    },
}
VALUE: By = {"*": _swarm_in}
INSPECTS: dict[str, By] = {
    "swarm_inspect_503": _no(INSPECT, NotAManager),
    "swarm_inspect_locked": _no(INSPECT, NotAManager),
    "swarm_inspect_worker": _no(INSPECT, NotAManager),
    **{f"swarm_inspect{case}": VALUE for case in ("", "_partial", "_rotated", "_unlocked", "_ca")},
}

ROWS: By = {"*": _rows}
NODE_LISTS: dict[str, By] = {
    "node_list_503": _no(NODES, NotAManager),
    "node_list_worker": _no(NODES, NotAManager),
    **{f"node_list{case}": ROWS for case in ("", "_two", "_two_managers", "_down")},
    **{
        f"node_list_filter_{case}": ROWS
        for case in ("id", "name", "role", "role_worker", "membership", "label")
    },
    "node_list_filter_bad_role": _no(NODES, BadRequest),
    "node_list_filter_bad_membership": _no(NODES, BadRequest),
    "node_list_filter_node_label": {**_no(NODES, ServerError, "1.13"), **ROWS},
    "node_list_filter_unknown": _wrong(
        "filters: one of id, label, membership, name, node.label, role was expected, not 'nosuch'"
    ),
}
NODE_INSPECTS: dict[str, By] = {
    "node_inspect_503": _no(NODE, NotAManager),
    "node_inspect_self": _no(NODE, NotFound),
    "node_inspect_404": _no(NODE, NotFound),
    "node_inspect": {"*": _node_of},
    "node_inspect_name": {"*": _node_of},
    "node_inspect_drained": {"*": _node_of},
}
NODE_UPDATES: dict[str, By] = {
    "node_update_503": _no(UPDATE_NODE, NotAManager),
    "node_update_404": _no(UPDATE_NODE, NotFound),
    "node_update_conflict": _no(UPDATE_NODE, OutOfSequence),
    "node_update_demote_last": _no(UPDATE_NODE, Conflict),
    **{f"node_update{case}": NOTHING for case in ("", "_name", "_promote", "_drain", "_active")},
}
NODE_REMOVES: dict[str, By] = {
    "node_remove_503": _no(REMOVE_NODE, NotAManager),
    "node_remove_404": _no(REMOVE_NODE, NotFound),
    "node_remove_force": _no(REMOVE_NODE, NotFound),
    "node_remove_self": _no(REMOVE_NODE, Conflict, hint=" (demote it first)"),
    "node_remove_ready": _no(REMOVE_NODE, Conflict, hint=" (force=True removes it nevertheless)"),
    "node_remove": NOTHING,
}

REPLAYS = {
    **{name: Replay(_init, by) for name, by in INITS.items()},
    **{name: Replay(_join, by) for name, by in JOINS.items()},
    # 1.13 is asked before whether it is locked.
    **{
        name: Replay(_leave, by, beside={"/info": {"Swarm": {"LocalNodeState": "active"}}})
        for name, by in LEAVES.items()
    },
    **{name: Replay(_key, by) for name, by in KEYS.items()},
    **{name: Replay(_unlock, by, body=_sent_as_it_is) for name, by in UNLOCKS.items()},
    **{name: Replay(_update, by, body=_sent) for name, by in UPDATES.items()},
    "swarm_update_rotate_manager": Replay(
        _update, NOTHING, body=_sent, differs={"*": "`1` is `true`"}
    ),
    "swarm_update_bad_expiry": Replay(
        _update_made,
        _wrong("node_cert_expiry: 0, or a millisecond or more, was expected, not 1e-06 seconds"),
    ),
    **{name: Replay(_swarm, by) for name, by in INSPECTS.items()},
    **{name: Replay(_nodes, by) for name, by in NODE_LISTS.items()},
    **{name: Replay(_node, by) for name, by in NODE_INSPECTS.items()},
    **{name: Replay(_update_node, by, body=_sent_as_it_is) for name, by in NODE_UPDATES.items()},
    "node_update_bad_role": Replay(
        _update_node_made,
        _wrong("role: one of 'worker', 'manager' was expected, not 'king'"),
    ),
    "node_update_bad_availability": Replay(_update_node_made, AVAILABILITY),
    **{name: Replay(_remove_node, by) for name, by in NODE_REMOVES.items()},
    # What no method asks.
    "swarm_init_no_listen": Replay(_raw(INIT), _no(INIT, BadRequest)),
    "swarm_init_bad_json": Replay(_raw(INIT), _bad(INIT)),
    "swarm_init_no_type": Replay(_raw(INIT), _no(INIT, BadRequest)),
    "swarm_join_no_remote": Replay(_raw(JOIN), _no(JOIN, BadRequest)),
    "swarm_update_no_version": Replay(_raw(UPDATE, version=""), _bad(UPDATE)),
    "swarm_update_bad_version": Replay(_raw(UPDATE, version="x"), _bad(UPDATE)),
    "swarm_update_bad_flag": Replay(
        _raw(UPDATE, rotateWorkerToken="perhaps"), _bad(UPDATE), differs={"*": "no version"}
    ),
    # The name that is written is always the same.
    "swarm_update_name": Replay(_raw(UPDATE), _no(UPDATE, BadRequest), differs={"*": "no version"}),
    "node_update_no_version": Replay(_raw(UPDATE_NODE, version=""), _bad(UPDATE_NODE)),
    "node_update_partial": Replay(
        _raw(UPDATE_NODE), _bad(UPDATE_NODE), differs={"*": "no version"}
    ),
}
