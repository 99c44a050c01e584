"""A swarm and its nodes: what each operation asks of the Engine, gives, and refuses."""

from __future__ import annotations

import logging
from typing import Any

import attrs
import pytest

from api.rows import (
    NEW,
    NO_IDS,
    Row,
    Statuses,
    check_refusal,
    check_refused_argument,
    encoded,
    played,
    refusals,
)
from dockerapi import (
    BadRequest,
    CAConfig,
    Client,
    Conflict,
    ConnectionFailed,
    NodeSpec,
    NotAManager,
    NotFound,
    OutOfSequence,
    RaftConfig,
    ServerError,
    SwarmSpec,
    TimedOut,
    Timeouts,
    Unauthorized,
    UnexpectedReply,
)
from dockerapi.models.swarm import Node, Swarm
from scripted import Conversation, ScriptedDaemon, asked, json_reply, reply

TOKEN = f"SWMTKN-1-{'s' * 50}-{'3' * 25}"
SPEC = {"Name": "default", "Labels": {}, "New": {"kept": True}}
SWARM_JSON = {
    "ID": "s1",
    "Version": {"Index": 7},
    "Spec": SPEC,
    "JoinTokens": {"Worker": TOKEN, "Manager": TOKEN},
}
SWARM = Swarm.parse(SWARM_JSON)
NODE_JSON = {
    "ID": "n1",
    "Version": {"Index": 9},
    "Spec": {"Role": "worker", "Availability": "active", "New": 1},
    "Description": {"Hostname": "a"},
}
NODE = Node.parse(NODE_JSON)
DRAINED = {
    **NODE_JSON,
    "Version": {"Index": 10},
    "Spec": {"Role": "worker", "Availability": "drain"},
}
LISTEN = {"ListenAddr": "0.0.0.0:2377"}


def drained(spec: NodeSpec) -> NodeSpec:
    return attrs.evolve(spec, availability="drain")


ROWS = [
    Row(
        id="init_swarm",
        call=lambda client: client.init_swarm(),
        asks=[asked("POST /swarm/init", LISTEN)],
        answers=[json_reply("n1")],
        gives="n1",
        at=(NEW,),
    ),
    Row(
        id="init_swarm: every argument",
        call=lambda client: client.init_swarm(
            SwarmSpec(labels={"a": "b"}, heartbeat_period=5, auto_lock=True),
            listen="eth0:2377",
            advertise="10.0.0.1",
            data_path="eth1",
            data_path_port=4790,
            address_pools=["10.20.0.0/16"],
            subnet_size=25,
            availability="drain",
            force_new_cluster=True,
        ),
        asks=[
            asked(
                "POST /swarm/init",
                {
                    "ListenAddr": "eth0:2377",
                    "AdvertiseAddr": "10.0.0.1",
                    "DataPathAddr": "eth1",
                    "DataPathPort": 4790,
                    "DefaultAddrPool": ["10.20.0.0/16"],
                    "SubnetSize": 25,
                    "Availability": "drain",
                    "ForceNewCluster": True,
                    "Spec": {
                        "Labels": {"a": "b"},
                        "Dispatcher": {"HeartbeatPeriod": 5 * 10**9},
                        "EncryptionConfig": {"AutoLockManagers": True},
                        "Name": "default",
                    },
                },
            )
        ],
        answers=[json_reply("n1")],
        gives="n1",
        at=(NEW,),
    ),
    Row(
        id="join_swarm",
        call=lambda client: client.join_swarm("10.0.0.1:2377", token=TOKEN),
        asks=[
            asked(
                "POST /swarm/join",
                {**LISTEN, "RemoteAddrs": ["10.0.0.1:2377"], "JoinToken": TOKEN},
            )
        ],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="join_swarm: every argument",
        call=lambda client: client.join_swarm(
            "m",
            token=f"SWMTKN-2-1-{'s' * 50}-{'3' * 25}",
            listen="eth0",
            advertise="eth1",
            data_path="eth2",
            availability="pause",
        ),
        asks=[
            asked(
                "POST /swarm/join",
                {
                    "ListenAddr": "eth0",
                    "AdvertiseAddr": "eth1",
                    "DataPathAddr": "eth2",
                    "RemoteAddrs": ["m"],
                    "JoinToken": f"SWMTKN-2-1-{'s' * 50}-{'3' * 25}",
                    "Availability": "pause",
                },
            )
        ],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="leave_swarm",
        call=lambda client: client.leave_swarm(),
        asks=[asked("POST /swarm/leave")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="leave_swarm: every argument",
        call=lambda client: client.leave_swarm(force=True),
        asks=[asked("POST /swarm/leave?force=1")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="inspect_swarm",
        call=lambda client: client.inspect_swarm(),
        asks=[asked("GET /swarm")],
        answers=[json_reply(SWARM_JSON)],
        gives=SWARM,
        at=(NEW,),
    ),
    Row(
        id="update_swarm",
        call=lambda client: client.update_swarm(SWARM),
        asks=[asked("POST /swarm/update?version=7", SPEC)],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="update_swarm: every argument",
        call=lambda client: client.update_swarm(
            SWARM,
            attrs.evolve(SWARM.spec, task_history_limit=0),
            rotate_worker_token=True,
            rotate_manager_token=True,
            rotate_unlock_key=True,
        ),
        asks=[
            asked(
                "POST /swarm/update?version=7&rotateWorkerToken=1&rotateManagerToken=1"
                "&rotateManagerUnlockKey=1",
                {**SPEC, "Orchestration": {"TaskHistoryRetentionLimit": 0}},
            )
        ],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="update_swarm: one without a name",
        call=lambda client: client.update_swarm(
            Swarm.parse({"ID": "s1", "Version": {"Index": 7}, "Spec": {"Name": "", "New": 1}})
        ),
        asks=[asked("POST /swarm/update?version=7", {"Name": "default", "New": 1})],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="change_swarm",
        call=lambda client: client.change_swarm(lambda spec: attrs.evolve(spec, auto_lock=True)),
        asks=[
            asked("GET /swarm"),
            asked(
                "POST /swarm/update?version=7",
                {**SPEC, "EncryptionConfig": {"AutoLockManagers": True}},
            ),
            asked("GET /swarm"),
        ],
        answers=[json_reply(SWARM_JSON), reply(200), json_reply({**SWARM_JSON, "Spec": {}})],
        gives=Swarm.parse({**SWARM_JSON, "Spec": {}}),
        at=(NEW,),
    ),
    Row(
        id="change_swarm: the same back",
        call=lambda client: client.change_swarm(lambda spec: spec),
        asks=[asked("GET /swarm")],
        answers=[json_reply(SWARM_JSON)],
        gives=SWARM,
        at=(NEW,),
    ),
    Row(
        id="swarm_unlock_key",
        call=lambda client: client.swarm_unlock_key(),
        asks=[asked("GET /swarm/unlockkey")],
        answers=[json_reply({"UnlockKey": "SWMKEY-1-x"})],
        gives="SWMKEY-1-x",
        at=(NEW,),
    ),
    Row(
        id="swarm_unlock_key: none",
        call=lambda client: client.swarm_unlock_key(),
        asks=[asked("GET /swarm/unlockkey")],
        answers=[json_reply({"UnlockKey": ""})],
        gives="",
        at=(NEW,),
    ),
    Row(
        id="unlock_swarm",
        call=lambda client: client.unlock_swarm("SWMKEY-1-x"),
        asks=[asked("POST /swarm/unlock", {"UnlockKey": "SWMKEY-1-x"})],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="nodes",
        call=lambda client: client.nodes(),
        asks=[asked("GET /nodes")],
        answers=[json_reply([NODE_JSON])],
        gives=[NODE],
        at=(NEW,),
    ),
    Row(
        id="nodes: every argument",
        call=lambda client: client.nodes(
            filters={
                "id": "n",
                "label": "a",
                "membership": "pending",
                "name": "h",
                "node.label": "b=c",
                "role": ["worker", "manager"],
            }
        ),
        asks=[
            asked(
                "GET /nodes?filters="
                + encoded(
                    {
                        "id": ["n"],
                        "label": ["a"],
                        "membership": ["pending"],
                        "name": ["h"],
                        "node.label": ["b=c"],
                        "role": ["worker", "manager"],
                    }
                )
            )
        ],
        answers=[json_reply([])],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_node",
        call=lambda client: client.inspect_node(NODE),
        asks=[asked("GET /nodes/n1")],
        answers=[json_reply(NODE_JSON)],
        gives=NODE,
        at=(NEW,),
    ),
    Row(
        id="update_node",
        call=lambda client: client.update_node(NODE, attrs.evolve(NODE.spec, role="manager")),
        asks=[
            asked(
                "POST /nodes/n1/update?version=9",
                {"Role": "manager", "Availability": "active", "New": 1},
            )
        ],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="change_node",
        call=lambda client: client.change_node("a", drained),
        asks=[
            asked("GET /nodes/a"),
            asked(
                "POST /nodes/n1/update?version=9",
                {"Role": "worker", "Availability": "drain", "New": 1},
            ),
            asked("GET /nodes/n1"),
        ],
        answers=[json_reply(NODE_JSON), reply(200), json_reply(DRAINED)],
        gives=Node.parse(DRAINED),
        at=(NEW,),
    ),
    Row(
        id="remove_node",
        call=lambda client: client.remove_node("n1"),
        asks=[asked("DELETE /nodes/n1")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="remove_node: every argument",
        call=lambda client: client.remove_node(NODE, force=True),
        asks=[asked("DELETE /nodes/n1?force=1")],
        answers=[reply(200)],
        at=(NEW,),
    ),
]

STATUSES: Statuses = [
    ("POST /swarm/init", "init_swarm", {400: BadRequest, 500: ServerError, 503: ServerError}),
    ("POST /swarm/join", "join_swarm", {400: BadRequest, 500: ServerError, 503: ServerError}),
    ("POST /swarm/leave", "leave_swarm", {500: ServerError, 503: ServerError}),
    ("GET /swarm", "inspect_swarm", {404: NotFound, 500: ServerError, 503: ServerError}),
    (
        "POST /swarm/update",
        "update_swarm",
        {400: BadRequest, 500: ServerError, 503: ServerError},
    ),
    ("GET /swarm/unlockkey", "swarm_unlock_key", {500: ServerError, 503: ServerError}),
    (
        "POST /swarm/unlock",
        "unlock_swarm",
        {400: BadRequest, 401: Unauthorized, 409: Conflict, 500: ServerError, 503: ServerError},
    ),
    ("GET /nodes", "nodes", {400: BadRequest, 500: ServerError, 503: ServerError}),
    ("GET /nodes/{id}", "inspect_node", {404: NotFound, 500: ServerError, 503: ServerError}),
    (
        "POST /nodes/{id}/update",
        "update_node",
        {400: BadRequest, 404: NotFound, 500: ServerError, 503: ServerError},
    ),
    ("DELETE /nodes/{id}", "remove_node", {404: NotFound, 500: ServerError, 503: ServerError}),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_and_gives(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (given, requests) == (row.value(version), row.requests(version))


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: Any
) -> None:
    check_refusal(route, row, version, status, error)


# What is refused here

NO_POOL = "address_pools: a subnet such as 10.20.0.0/16, not '10.20.0.0'"
NO_TOKEN = "token: SWMTKN-1-... was expected, whole; this one has not that form"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda c: c.init_swarm({"CAConfig": {"SigningCAKey": "KEY"}}),
            TypeError,
            "spec: use dockerapi.SwarmSpec(...); it was a dict",
        ),
        (
            lambda c: c.update_swarm({"JoinTokens": {"Worker": "SWMTKN-1"}}),
            TypeError,
            "swarm: the Swarm that was read was expected, not a dict; change_swarm() reads it",
        ),
        (
            lambda c: c.init_swarm(SwarmSpec(heartbeat_period=0)),
            ValueError,
            "spec: heartbeat_period is 0, which means the default in a new swarm",
        ),
        (
            lambda c: c.init_swarm(SwarmSpec(raft=RaftConfig(election_tick=0))),
            ValueError,
            "spec: raft.election_tick is 0, which means the default in a new swarm",
        ),
        (
            lambda c: c.init_swarm(SwarmSpec(ca=CAConfig(node_cert_expiry=0))),
            ValueError,
            "spec: ca.node_cert_expiry is 0, which means the default in a new swarm",
        ),
        (lambda c: c.init_swarm(listen=""), ValueError, None),
        (lambda c: c.init_swarm(listen=None), TypeError, "listen: a string was expected, not None"),
        (lambda c: c.init_swarm(listen=2377), TypeError, None),
        (
            lambda c: c.init_swarm(advertise="10.0.0.1/24"),
            ValueError,
            "advertise: an address or an interface was expected, not '10.0.0.1/24'",
        ),
        (
            lambda c: c.init_swarm(data_path_port=80),
            ValueError,
            "data_path_port: at least 1024, not 80",
        ),
        (
            lambda c: c.init_swarm(data_path_port=49152),
            ValueError,
            "data_path_port: 1024 to 49151, not 49152",
        ),
        (lambda c: c.init_swarm(subnet_size=33), ValueError, "subnet_size: 1 to 32, not 33"),
        (lambda c: c.init_swarm(address_pools="10.0.0.0/8"), TypeError, None),
        (lambda c: c.init_swarm(address_pools=["10.20.0.0"]), ValueError, NO_POOL),
        (lambda c: c.init_swarm(address_pools=["10.88.0.0/33"]), ValueError, None),
        (lambda c: c.init_swarm(availability="perhaps"), ValueError, None),
        (lambda c: c.join_swarm("m", token="SWMTKN-1-x"), ValueError, NO_TOKEN),
        (lambda c: c.join_swarm("m", token=f"{TOKEN}\n"), ValueError, NO_TOKEN),
        (lambda c: c.join_swarm("m", token=TOKEN[:-1]), ValueError, NO_TOKEN),
        (lambda c: c.join_swarm("m", token=TOKEN.replace("1", "3", 1)), ValueError, NO_TOKEN),
        (
            lambda c: c.join_swarm("m", token=b"s3cret"),
            TypeError,
            "token: a string was expected, not a bytes",
        ),
        (
            lambda c: c.join_swarm(["m"], token=TOKEN),
            TypeError,
            "remote: a string was expected, not ['m']",
        ),
        (lambda c: c.join_swarm(None, token=TOKEN), TypeError, None),
        (lambda c: c.join_swarm("", token=TOKEN), ValueError, None),
        (lambda c: c.join_swarm("tcp://m", token=TOKEN), ValueError, None),
        (
            lambda c: c.update_swarm("s1"),
            TypeError,
            "swarm: the Swarm that was read was expected, not a str; change_swarm() reads it",
        ),
        (lambda c: c.update_swarm(SWARM, {}), TypeError, None),
        (lambda c: c.change_swarm(None), TypeError, None),
        (
            lambda c: c.change_swarm(lambda spec: spec, tries=0),
            ValueError,
            "tries: at least 1, not 0",
        ),
        (lambda c: c.unlock_swarm(""), ValueError, "key: it is empty"),
        (lambda c: c.unlock_swarm(b"s3cret"), TypeError, "key: a string was expected, not a bytes"),
        (
            lambda c: c.nodes(filters={"is": "x"}),
            ValueError,
            "filters: one of id, label, membership, name, node.label, role was expected, not 'is'",
        ),
        (
            lambda c: c.update_node("n1", NODE.spec),
            TypeError,
            "node: the Node that was read was expected, not a str; change_node() reads it",
        ),
        (
            lambda c: c.update_node(NODE, None),
            TypeError,
            "spec: use dockerapi.NodeSpec(...); it was None",
        ),
        (lambda c: c.change_node("n1", drained, tries=True), TypeError, None),
        *((lambda c, no=no: c.inspect_node(no), ValueError, None) for no in NO_IDS.values()),
        *((lambda c, no=no: c.remove_node(no), ValueError, None) for no in NO_IDS.values()),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_sent(
    call: Any, error: type[Exception], message: str | None
) -> None:
    check_refused_argument(call, error, message)


@pytest.mark.parametrize("answer", [None, "", {"ID": "n1"}, 7])
def test_a_swarm_without_the_id_of_its_node(answer: Any) -> None:
    script = {"POST /v1.41/swarm/init": json_reply(answer)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply):
            client.init_swarm()


def test_an_unlock_key_of_another_form_is_in_no_error() -> None:
    script = {"GET /v1.41/swarm/unlockkey": json_reply({"UnlockKey": ["SWMKEY-1-x"]})}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.swarm_unlock_key()
    assert str(caught.value) == "GET /swarm/unlockkey: an UnlockKey was expected"


# A locked manager that is to leave


def leaving(release: str, state: str, **given: Any) -> tuple[Exception | None, list[str]]:
    """What comes of it, and what was asked."""
    script = {
        "GET /info": json_reply({"Swarm": {"LocalNodeState": state}}),
        "POST /swarm/leave": reply(200),
        "POST /swarm/leave?force=1": reply(200),
    }
    versions = {
        f"{line.partition(' ')[0]} /v1.24{line.partition(' ')[2]}": answer
        for line, answer in script.items()
    }
    error = None
    with ScriptedDaemon(versions, release=release, api="1.26", lowest=None) as daemon:
        with Client(daemon.url, version="1.24") as client:
            try:
                client.leave_swarm(**given)
            except NotAManager as caught:
                error = caught
        targets = [f"{one.method} {one.target}" for one in daemon.requests]
    return error, [target for target in targets if "/v1.24/" in target]


INFO, LEAVE = "GET /v1.24/info", "POST /v1.24/swarm/leave"


@pytest.mark.parametrize("release", ["1.13.0", "1.13.1", "17.3.2"])
def test_a_locked_manager_is_not_erased_by_an_old_engine(release: str) -> None:
    error, targets = leaving(release, "locked")
    assert isinstance(error, NotAManager)
    assert (error.state, error.status, targets) == ("locked", 503, [INFO])
    assert str(error) == (
        "POST /swarm/leave: 503 Swarm is encrypted and locked, and would be erased "
        "(force=True leaves nevertheless)"
    )


@pytest.mark.parametrize(
    ("release", "state", "given", "targets"),
    [
        ("1.13.1", "active", {}, [INFO, LEAVE]),
        ("1.13.1", "locked", {"force": True}, [f"{LEAVE}?force=1"]),
        ("1.12.6", "locked", {}, [LEAVE]),
        ("17.4.0", "locked", {}, [LEAVE]),
    ],
)
def test_others_leave_at_once(
    release: str, state: str, given: dict[str, bool], targets: list[str]
) -> None:
    assert leaving(release, state, **given) == (None, targets)


# What was changed meanwhile

STALE = json_reply({"message": "rpc error: code = Unknown desc = update out of sequence"}, 500)


def test_a_stale_value_is_out_of_sequence() -> None:
    script = {
        "POST /v1.41/swarm/update?version=7": STALE,
        "POST /v1.41/nodes/n1/update?version=9": STALE,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(OutOfSequence):
            client.update_swarm(SWARM)
        with pytest.raises(OutOfSequence):
            client.update_node(NODE, drained(NODE.spec))


def test_who_was_late_changes_what_others_wrote() -> None:
    newer = {**NODE_JSON, "Version": {"Index": 10}, "Spec": {**NODE.spec.raw, "Labels": {"a": "b"}}}
    script = {
        "GET /v1.41/nodes/a": json_reply(NODE_JSON),
        "POST /v1.41/nodes/n1/update?version=9": STALE,
        "GET /v1.41/nodes/n1": [json_reply(newer), json_reply(DRAINED)],
        "POST /v1.41/nodes/n1/update?version=10": reply(200),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.change_node("a", drained) == Node.parse(DRAINED)
        [_, sent] = [one for one in daemon.requests if one.method == "POST"]
    assert sent.body == {
        "Role": "worker",
        "Availability": "drain",
        "New": 1,
        "Labels": {"a": "b"},
    }


def test_a_lost_answer_is_not_asked_for_again() -> None:
    script = {
        "GET /v1.41/nodes/n1": json_reply(NODE_JSON),
        "POST /v1.41/nodes/n1/update?version=9": b"",
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ConnectionFailed):
            client.change_node("n1", drained)
        assert [one.method for one in daemon.requests if "/nodes" in one.target] == ["GET", "POST"]


# What takes its time


@pytest.mark.parametrize(
    ("call", "target"),
    [
        (lambda client: client.init_swarm(), "init"),
        (lambda client: client.join_swarm("m", token=TOKEN), "join"),
        (lambda client: client.leave_swarm(), "leave"),
        (lambda client: client.unlock_swarm("k"), "unlock"),
    ],
)
def test_what_takes_its_time_has_the_idle_timeout(call: Any, target: str) -> None:
    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    timeouts = Timeouts(read=60, idle=0.1)
    with ScriptedDaemon({f"POST /v1.41/swarm/{target}": silent}) as daemon:
        with Client(daemon.url, timeout=timeouts) as client, pytest.raises(TimedOut) as caught:
            call(client)
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.1)


# Secrets


def test_tokens_and_keys_are_in_no_repr_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key, pem = "SWMKEY-1-s3cret", "-----BEGIN s3cret"
    spec = SwarmSpec(ca=CAConfig(signing_ca_cert="PEM", signing_ca_key=pem))
    script = {
        "GET /v1.41/swarm": json_reply(SWARM_JSON),
        "GET /v1.41/swarm/unlockkey": json_reply({"UnlockKey": key}),
        "POST /v1.41/swarm/unlock": json_reply({"message": "invalid key provided"}, 401),
        "POST /v1.41/swarm/join": json_reply({"message": "no"}, 500),
        "POST /v1.41/swarm/init": json_reply({"message": "no"}, 500),
    }
    shown = [repr(spec)]
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        found = client.inspect_swarm()
        shown.append(repr(found))
        assert found.join_tokens is not None and found.join_tokens.worker == TOKEN
        assert client.swarm_unlock_key() == key
        for call in (
            lambda: client.unlock_swarm(key),
            lambda: client.join_swarm("m", token=TOKEN),
            lambda: client.init_swarm(spec),
        ):
            with pytest.raises((Unauthorized, ServerError)) as caught:
                call()
            shown.append(f"{caught.value!r} {caught.value}")
    said = "\n".join([*shown, caplog.text])
    assert [secret for secret in (TOKEN, key, pem) if secret in said] == []
