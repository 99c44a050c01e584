"""A swarm and its nodes."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
import pytest

from dockerapi import (
    CAConfig,
    Driver,
    ExternalCA,
    GenericResource,
    NodeSpec,
    RaftConfig,
    SwarmSpec,
)
from dockerapi.models.swarm import EnginePlugin, JoinTokens, ManagerStatus, Node, Swarm, TLSInfo
from models.recorded import of_swarm

UTC = datetime.timezone.utc


def recorded(kind: str, engine: str) -> Any:
    """The first of a kind that an Engine has answered."""
    return next(json for name, json in of_swarm(kind) if name.startswith(f"{engine}: "))


def test_a_swarm_of_today() -> None:
    json = recorded("swarm", "29.7_v1.55")
    swarm = Swarm.parse(json)
    assert swarm == Swarm(
        id=json["ID"],
        version=swarm.version,
        created=swarm.created,
        updated=swarm.updated,
        spec=SwarmSpec(
            labels={"rec": "swarm"},
            task_history_limit=3,
            raft=RaftConfig(
                snapshot_interval=5000,
                keep_old_snapshots=1,
                log_entries_for_slow_followers=400,
                election_tick=10,
                heartbeat_tick=1,
            ),
            heartbeat_period=6,
            ca=CAConfig(node_cert_expiry=7776000),
            auto_lock=False,
        ),
        join_tokens=JoinTokens(
            worker=json["JoinTokens"]["Worker"], manager=json["JoinTokens"]["Manager"]
        ),
        tls=TLSInfo(
            trust_root=json["TLSInfo"]["TrustRoot"],
            issuer_subject=json["TLSInfo"]["CertIssuerSubject"],
            issuer_public_key=json["TLSInfo"]["CertIssuerPublicKey"],
        ),
        root_rotation_in_progress=False,
        address_pools=("10.77.0.0/16",),
        subnet_size=24,
        data_path_port=4790,
    )
    assert swarm.created is not None and swarm.created.tzinfo == UTC
    assert (swarm.version, swarm.created.year) == (json["Version"]["Index"], 2026)


def test_the_secrets_of_a_swarm_are_in_no_repr() -> None:
    json = recorded("swarm", "29.7_v1.55")
    spec = SwarmSpec(ca=CAConfig(signing_ca_cert="cert", signing_ca_key="hushed"))
    swarm = Swarm.parse({**json, "Spec": spec.to_wire()})
    for secret in ("hushed", *json["JoinTokens"].values()):
        assert secret not in repr(swarm) + repr(spec)
    with pytest.raises(TypeError) as caught:
        CAConfig(signing_ca_key=b"hushed")  # type: ignore[arg-type]
    assert str(caught.value) == "signing_ca_key: PEM was expected as a string, not a bytes"


def test_the_spec_of_a_swarm_is_written_with_its_one_name() -> None:
    """Up to 17.07 another one, or none, is the Engine's end at its next start."""
    spec = SwarmSpec(
        labels=["a"],
        task_history_limit=0,
        raft=RaftConfig(snapshot_interval=1),
        heartbeat_period=datetime.timedelta(seconds=5),
        ca=CAConfig(
            node_cert_expiry=3600,
            external_cas=[ExternalCA(url="https://ca", protocol="cfssl", options={"a": 1})],
            force_rotate=1,
        ),
        auto_lock=True,
    )
    assert spec.to_wire() == {
        "Name": "default",
        "Labels": {"a": ""},
        "Orchestration": {"TaskHistoryRetentionLimit": 0},
        "Raft": {"SnapshotInterval": 1},
        "Dispatcher": {"HeartbeatPeriod": 5_000_000_000},
        "CAConfig": {
            "NodeCertExpiry": 3600 * 10**9,
            "ExternalCAs": [{"URL": "https://ca", "Protocol": "cfssl", "Options": {"a": "1"}}],
            "ForceRotate": 1,
        },
        "EncryptionConfig": {"AutoLockManagers": True},
    }
    assert SwarmSpec().to_wire() == {"Name": "default"}
    assert SwarmSpec.parse({"Name": "other"}).to_wire() == {"Name": "default"}


def test_a_manager_of_today() -> None:
    json = recorded("nodes", "29.7_v1.55")
    node = Node.parse(json)
    description = json["Description"]
    assert attrs.evolve(node, engine_plugins=(), resources=None, tls=None) == Node(
        id=json["ID"],
        version=json["Version"]["Index"],
        created=node.created,
        updated=node.updated,
        spec=NodeSpec(role="manager", availability="active", labels={}),
        hostname="engine",
        architecture="x86_64",
        os="linux",
        engine_version="29.7.2",
        state="ready",
        address=json["Status"]["Addr"],
        manager=ManagerStatus(leader=True, reachability="reachable", address="192.168.65.3:2377"),
    )
    assert EnginePlugin(type="Volume", name="local") in node.engine_plugins
    assert node.resources is not None and node.tls is not None
    assert node.resources.memory == description["Resources"]["MemoryBytes"]
    assert node.resources.generic == ()
    assert node.tls.trust_root == description["TLSInfo"]["TrustRoot"]


def test_a_worker_is_no_manager() -> None:
    workers = [
        Node.parse(json) for _, json in of_swarm("nodes") if json["Spec"]["Role"] == "worker"
    ]
    assert {node.manager for node in workers} == {None}


def test_generic_resources_are_counted_or_named() -> None:
    counted = {"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}}
    named = {"NamedResourceSpec": {"Kind": "gpu", "Value": "UUID1"}}
    for json, value in ((counted, 2), (named, "UUID1")):
        found = GenericResource.parse(json)
        assert found == GenericResource(kind="gpu", value=value)
        assert found.to_wire() == GenericResource(kind="gpu", value=value).to_wire() == json
    assert attrs.evolve(GenericResource.parse(counted), value="UUID1").to_wire() == named


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: RaftConfig(election_tick=-1), ValueError, "election_tick: at least 0 was"),
        (lambda: SwarmSpec(ca=3), TypeError, r"ca: use dockerapi.CAConfig\(...\); it was 3"),
        (lambda: ExternalCA(url="x", protocol="y"), ValueError, "protocol: one of 'cfssl' was"),
        (lambda: NodeSpec(role="boss", availability="active"), ValueError, "role: one of 'worker'"),
        (lambda: NodeSpec(role="worker", availability="away"), ValueError, "availability: one of"),
        (lambda: NodeSpec(role="worker"), TypeError, "missing 1 required keyword-only argument"),
        (lambda: GenericResource(kind="gpu", value=-1), ValueError, "value: at least 0 was"),
        (lambda: Driver(name="a", options=[1]), TypeError, "options: a mapping was expected"),
    ],
)
def test_what_is_no_setting_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()
