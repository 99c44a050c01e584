"""A swarm and its nodes: from API 1.24 on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from dockerapi import CAConfig, Client, ExternalCA, NodeSpec, SwarmSpec
from dockerapi.models.swarm import Node, Swarm
from matrix.form import Case, OfRelease, Outcome, before, later_release, needs, sends, since

INIT = "POST /swarm/init"
JOIN = "POST /swarm/join"
LEAVE = "POST /swarm/leave"
UPDATE = "POST /swarm/update"
NODES = "GET /nodes"
NODE = "GET /nodes/{id}"
UPDATE_NODE = "POST /nodes/{id}/update"
REMOVE_NODE = "DELETE /nodes/{id}"
TOKEN = f"SWMTKN-1-{'a' * 50}-{'0' * 25}"
LISTEN = {"ListenAddr": "0.0.0.0:2377"}
JOINED = {**LISTEN, "RemoteAddrs": ["10.0.0.1:2377"], "JoinToken": TOKEN}
SWARM_JSON = {"ID": "s1", "Version": {"Index": 7}, "Spec": {"Name": "default", "New": 1}}
NODE_JSON = {
    "ID": "n1",
    "Version": {"Index": 9},
    "Spec": {"Role": "worker", "Availability": "active", "New": 1},
}
SWARM = Swarm.parse(SWARM_JSON)
WORKER = Node.parse(NODE_JSON)
SET = {"Name": "default", "New": 1}


def _case(
    method: str,
    name: str,
    route: str,
    outcome: Outcome,
    call: Callable[[Client], Any],
    version: str = "1.24",
) -> Case:
    return Case(
        method, name, call, {before(version): needs(route, version), since(version): outcome}
    )


def _added(
    method: str, name: str, place: tuple[str, str], version: str, outcome: Outcome, call: Any
) -> Case:
    """Of a part that came later than its route."""
    route, part = place
    last = f"1.{int(version[2:]) - 1}"
    return Case(
        method,
        name,
        call,
        {
            before("1.24"): needs(route, "1.24"),
            "1.24" if last == "1.24" else f"1.24 to {last}": needs(f"{route} {part}", version),
            since(version): outcome,
        },
    )


def _join(**given: Any) -> Callable[[Client], None]:
    return lambda client: client.join_swarm("10.0.0.1:2377", token=TOKEN, **given)


def _spec(
    name: str, spec: SwarmSpec, path: str, what: str, needed: tuple[str, str], body: dict[str, Any]
) -> list[Case]:
    """What a swarm is set to: an older Engine would drop it, when it is made and later."""
    version, release = needed
    last = f"1.{int(version[2:]) - 1}"
    early = "1.24" if last == "1.24" else f"1.24 to {last}"
    return [
        Case(
            "init_swarm",
            f"spec-{name}",
            lambda client: client.init_swarm(spec),
            {
                before("1.24"): needs(INIT, "1.24"),
                early: later_release(f"{INIT} Spec.{path} with {what}", release),
                since(version): sends(INIT, {**LISTEN, "Spec": {**body, "Name": "default"}}),
            },
        ),
        Case(
            "update_swarm",
            f"spec-{name}",
            lambda client: client.update_swarm(SWARM, spec),
            {
                before("1.24"): needs(UPDATE, "1.24"),
                early: later_release(f"{UPDATE} {path} with {what}", release),
                since(version): sends(f"{UPDATE}?version=7", {**body, "Name": "default"}),
            },
        ),
    ]


AUTHORITY = ExternalCA(url="https://ca", ca_cert="PEM")
OLD_AUTHORITY = CAConfig(node_cert_expiry=7200, external_cas=[ExternalCA(url="https://ca")])

CASES = [
    _case("init_swarm", "plain", INIT, sends(INIT, LISTEN), lambda client: client.init_swarm()),
    _case(
        "init_swarm",
        "addresses",
        INIT,
        sends(
            INIT, {"ListenAddr": "eth0", "AdvertiseAddr": "10.0.0.1:2377", "ForceNewCluster": True}
        ),
        lambda client: client.init_swarm(
            listen="eth0", advertise="10.0.0.1:2377", force_new_cluster=True
        ),
    ),
    _case(
        "init_swarm",
        "spec",
        INIT,
        sends(
            INIT,
            {
                **LISTEN,
                "Spec": {
                    "Name": "default",
                    "Labels": {"a": "b"},
                    "CAConfig": {
                        "NodeCertExpiry": 7200 * 10**9,
                        "ExternalCAs": [{"URL": "https://ca"}],
                    },
                },
            },
        ),
        lambda client: client.init_swarm(SwarmSpec(labels={"a": "b"}, ca=OLD_AUTHORITY)),
    ),
    _added(
        "init_swarm",
        "availability",
        (INIT, "Availability"),
        "1.28",
        sends(INIT, {**LISTEN, "Availability": "drain"}),
        lambda client: client.init_swarm(availability="drain"),
    ),
    _added(
        "init_swarm",
        "data-path",
        (INIT, "DataPathAddr"),
        "1.30",
        sends(INIT, {**LISTEN, "DataPathAddr": "eth1"}),
        lambda client: client.init_swarm(data_path="eth1"),
    ),
    _added(
        "init_swarm",
        "address-pools",
        (INIT, "DefaultAddrPool"),
        "1.39",
        sends(INIT, {**LISTEN, "DefaultAddrPool": ["10.20.0.0/16"]}),
        lambda client: client.init_swarm(address_pools=["10.20.0.0/16"]),
    ),
    _added(
        "init_swarm",
        "subnet-size",
        (INIT, "SubnetSize"),
        "1.39",
        sends(INIT, {**LISTEN, "SubnetSize": 25}),
        lambda client: client.init_swarm(subnet_size=25),
    ),
    _added(
        "init_swarm",
        "data-path-port",
        (INIT, "DataPathPort"),
        "1.40",
        sends(INIT, {**LISTEN, "DataPathPort": 4790}),
        lambda client: client.init_swarm(data_path_port=4790),
    ),
    Case(
        "init_swarm",
        "no-history",
        lambda client: client.init_swarm(SwarmSpec(task_history_limit=0)),
        {
            before("1.24"): needs(INIT, "1.24"),
            "1.24": later_release(
                f"{INIT} Spec.Orchestration.TaskHistoryRetentionLimit with 0, which it takes for "
                "its default",
                "1.13.0",
            ),
            since("1.25"): sends(
                INIT,
                {
                    **LISTEN,
                    "Spec": {
                        "Name": "default",
                        "Orchestration": {"TaskHistoryRetentionLimit": 0},
                    },
                },
            ),
        },
    ),
    *_spec(
        "auto-lock",
        SwarmSpec(auto_lock=True),
        "EncryptionConfig.AutoLockManagers",
        "True",
        ("1.25", "1.13.0"),
        {"EncryptionConfig": {"AutoLockManagers": True}},
    ),
    *_spec(
        "certificate",
        SwarmSpec(ca=CAConfig(signing_ca_cert="PEM")),
        "CAConfig.SigningCACert",
        "a certificate",
        ("1.30", "17.6.0"),
        {"CAConfig": {"SigningCACert": "PEM"}},
    ),
    *_spec(
        "key",
        SwarmSpec(ca=CAConfig(signing_ca_key="PEM")),
        "CAConfig.SigningCAKey",
        "a key",
        ("1.30", "17.6.0"),
        {"CAConfig": {"SigningCAKey": "PEM"}},
    ),
    *_spec(
        "rotation",
        SwarmSpec(ca=CAConfig(force_rotate=1)),
        "CAConfig.ForceRotate",
        "another value than 0",
        ("1.30", "17.6.0"),
        {"CAConfig": {"ForceRotate": 1}},
    ),
    *_spec(
        "authority",
        SwarmSpec(ca=CAConfig(external_cas=[AUTHORITY])),
        "CAConfig.ExternalCAs",
        "ca_cert",
        ("1.30", "17.6.0"),
        {"CAConfig": {"ExternalCAs": [{"URL": "https://ca", "CACert": "PEM"}]}},
    ),
    _case("join_swarm", "plain", JOIN, sends(JOIN, JOINED), _join()),
    _case(
        "join_swarm",
        "addresses",
        JOIN,
        sends(JOIN, {**JOINED, "ListenAddr": "eth0", "AdvertiseAddr": "10.0.0.2"}),
        _join(listen="eth0", advertise="10.0.0.2"),
    ),
    _added(
        "join_swarm",
        "availability",
        (JOIN, "Availability"),
        "1.28",
        sends(JOIN, {**JOINED, "Availability": "pause"}),
        _join(availability="pause"),
    ),
    _added(
        "join_swarm",
        "data-path",
        (JOIN, "DataPathAddr"),
        "1.30",
        sends(JOIN, {**JOINED, "DataPathAddr": "eth1"}),
        _join(data_path="eth1"),
    ),
    Case(
        "leave_swarm",
        "plain",
        lambda client: client.leave_swarm(),
        {
            before("1.24"): needs(LEAVE, "1.24"),
            "1.24": LEAVE,
            # A locked manager would be erased.
            "1.25 to 1.27": ["GET /info", LEAVE],
            since("1.28"): LEAVE,
        },
    ),
    _case(
        "leave_swarm",
        "force",
        LEAVE,
        f"{LEAVE}?force=1",
        lambda client: client.leave_swarm(force=True),
    ),
    _case(
        "inspect_swarm", "plain", "GET /swarm", "GET /swarm", lambda client: client.inspect_swarm()
    ),
    _case(
        "update_swarm",
        "plain",
        UPDATE,
        sends(f"{UPDATE}?version=7", SET),
        lambda client: client.update_swarm(SWARM),
    ),
    _case(
        "update_swarm",
        "tokens",
        UPDATE,
        sends(f"{UPDATE}?version=7&rotateWorkerToken=1&rotateManagerToken=1", SET),
        lambda client: client.update_swarm(
            SWARM, rotate_worker_token=True, rotate_manager_token=True
        ),
    ),
    _added(
        "update_swarm",
        "unlock-key",
        (UPDATE, "?rotateManagerUnlockKey"),
        "1.25",
        sends(f"{UPDATE}?version=7&rotateManagerUnlockKey=1", SET),
        lambda client: client.update_swarm(SWARM, rotate_unlock_key=True),
    ),
    _case(
        "change_swarm",
        "plain",
        "GET /swarm",
        ["GET /swarm", sends(f"{UPDATE}?version=7", {**SET, "Labels": {"a": "b"}}), "GET /swarm"],
        lambda client: client.change_swarm(lambda spec: attrs.evolve(spec, labels={"a": "b"})),
    ),
    _case(
        "swarm_unlock_key",
        "plain",
        "GET /swarm/unlockkey",
        "GET /swarm/unlockkey",
        lambda client: client.swarm_unlock_key(),
        "1.25",
    ),
    _case(
        "unlock_swarm",
        "plain",
        "POST /swarm/unlock",
        sends("POST /swarm/unlock", {"UnlockKey": "k"}),
        lambda client: client.unlock_swarm("k"),
        "1.25",
    ),
    _case("nodes", "plain", NODES, NODES, lambda client: client.nodes()),
    _case(
        "nodes",
        "filters",
        NODES,
        'GET /nodes?filters={"role": ["worker"], "node.label": ["a=b"]}',
        lambda client: client.nodes(filters={"role": "worker", "node.label": "a=b"}),
    ),
    _case(
        "inspect_node",
        "plain",
        NODE,
        "GET /nodes/n1",
        lambda client: client.inspect_node("n1"),
    ),
    _case(
        "update_node",
        "plain",
        UPDATE_NODE,
        sends(
            "POST /nodes/n1/update?version=9",
            {"Name": "db", "Labels": {"a": "b"}, "Role": "manager", "Availability": "pause"},
        ),
        lambda client: client.update_node(
            WORKER,
            NodeSpec(role="manager", availability="pause", name="db", labels={"a": "b"}),
        ),
    ),
    _case(
        "change_node",
        "plain",
        NODE,
        [
            "GET /nodes/n1",
            sends(
                "POST /nodes/n1/update?version=9",
                {"Role": "worker", "Availability": "drain", "New": 1},
            ),
            "GET /nodes/n1",
        ],
        lambda client: client.change_node(
            "n1", lambda spec: attrs.evolve(spec, availability="drain")
        ),
    ),
    _case(
        "remove_node",
        "plain",
        REMOVE_NODE,
        "DELETE /nodes/n1",
        lambda client: client.remove_node("n1"),
    ),
    _case(
        "remove_node",
        "force",
        REMOVE_NODE,
        "DELETE /nodes/n1?force=1",
        lambda client: client.remove_node("n1", force=True),
    ),
]

OF_RELEASES = [
    OfRelease("leave_swarm", "17.3.2", "1.24", lambda c: c.leave_swarm(), ["GET /info", LEAVE]),
    OfRelease("leave_swarm", "17.4.0", "1.25", lambda c: c.leave_swarm(), LEAVE),
    # It is the release that reads it, whatever is spoken: what was read goes back.
    OfRelease(
        "update_swarm",
        "28.5.2",
        "1.24",
        lambda client: client.update_swarm(SWARM, SwarmSpec(auto_lock=True)),
        sends(
            f"{UPDATE}?version=7",
            {"Name": "default", "EncryptionConfig": {"AutoLockManagers": True}},
        ),
    ),
]
