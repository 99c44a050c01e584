"""A swarm and its nodes: their specs, and the Engine's answers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import attrs

from .base import Model, filled, flag, integer, many, mapping, model, one, strings, text, when, wire
from .kinds import FLAG, LABELS, SECONDS, TEXT, WORDS, choice, nested, several, whole
from .settings import Kind, Labels, Seconds, Setting, Table, setting
from .spec import Spec, spec


def _pem(value: Any) -> str:
    """Text of several lines, which errors never show."""
    if not isinstance(value, str):
        raise TypeError(f"PEM was expected as a string, not a {type(value).__name__}")
    return value


PEM = Kind(filled, _pem)


@spec
class Driver(Spec):
    """A driver and its options: of logs, of secrets, of templates.

    Args:
        name: such as `json-file`, or `golang` of templates.
        options: maps names to values.
    """

    name: str = wire("Name", read=text, required=True, converter=TEXT.check)
    options: Table = setting("Options", WORDS)


@spec
class RaftConfig(Spec):
    """How the managers of a swarm keep its state. In `init_swarm` None is the Engine's default.

    Args:
        snapshot_interval: log entries between two snapshots.
        keep_old_snapshots: the number of snapshots kept beside the newest.
        log_entries_for_slow_followers: log entries that are kept for managers that are behind.
        election_tick: ticks without a leader until an election; Engines do not check it.
        heartbeat_tick: ticks between two heartbeats.
    """

    snapshot_interval: int | None = setting("SnapshotInterval", whole(0))
    keep_old_snapshots: int | None = setting("KeepOldSnapshots", whole(0))
    log_entries_for_slow_followers: int | None = setting("LogEntriesForSlowFollowers", whole(0))
    election_tick: int | None = setting("ElectionTick", whole(0))
    heartbeat_tick: int | None = setting("HeartbeatTick", whole(0))


@spec
class ExternalCA(Spec):
    """An external CA that signs the certificates of nodes instead of the managers.

    Args:
        url: its address.
        protocol: `cfssl`.
        options: options of the protocol.
        ca_cert: its certificate in PEM; API 1.30 and later.
    """

    url: str = wire("URL", read=text, required=True, converter=TEXT.check)
    protocol: str | None = setting("Protocol", choice("cfssl"))
    options: Table = setting("Options", WORDS)
    ca_cert: str | None = setting("CACert", PEM)


@spec
class CAConfig(Spec):
    """How a swarm issues the certificates of its nodes.

    Args:
        node_cert_expiry: seconds for which a certificate is valid.
        external_cas: external CAs.
        signing_ca_cert: the CA certificate, in PEM; API 1.30 and later.
        signing_ca_key: its key, in PEM; in no repr; API 1.30 and later.
        force_rotate: a number; changing it creates a new CA; API 1.30 and later.
    """

    node_cert_expiry: Seconds = setting("NodeCertExpiry", SECONDS)
    external_cas: Setting[Iterable[ExternalCA] | None, tuple[ExternalCA, ...] | None] = setting(
        "ExternalCAs", several(ExternalCA)
    )
    signing_ca_cert: str | None = setting("SigningCACert", PEM)
    signing_ca_key: str | None = setting("SigningCAKey", PEM, repr=False)
    force_rotate: int | None = setting("ForceRotate", whole(0))


@spec
class SwarmSpec(Spec):
    """The spec of a swarm. An update replaces all of it: change the spec that was read.

    Args:
        labels: the swarm's labels: a mapping, or a list of `name` and `name=value`.
        task_history_limit: the number of ended tasks kept for each replica or node.
        raft: how the managers keep the state.
        heartbeat_period: seconds between two heartbeats of a node.
        ca: how the certificates of nodes are issued.
        auto_lock: whether a manager needs the unlock key after a restart; API 1.25 and later.
    """

    labels: Labels = setting("Labels", LABELS)
    task_history_limit: int | None = setting("Orchestration.TaskHistoryRetentionLimit", whole(0))
    raft: RaftConfig | None = setting("Raft", nested(RaftConfig))
    heartbeat_period: Seconds = setting("Dispatcher.HeartbeatPeriod", SECONDS)
    ca: CAConfig | None = setting("CAConfig", nested(CAConfig))
    auto_lock: bool | None = setting("EncryptionConfig.AutoLockManagers", FLAG)

    def to_wire(self) -> dict[str, Any]:
        # Up to 17.07 Engines accept another name, or none, and cannot start again after it.
        return {**super().to_wire(), "Name": "default"}


@model
class JoinTokens(Model):
    """The secret tokens for joining a swarm; in no repr.

    Attributes:
        worker: for a new worker.
        manager: for a new manager.
    """

    worker: str | None = wire("Worker", read=filled, repr=False)
    manager: str | None = wire("Manager", read=filled, repr=False)


@model
class TLSInfo(Model):
    """The CA of the nodes' certificates; API 1.30 and later.

    Attributes:
        trust_root: its certificate, in PEM.
        issuer_subject: the subject of its issuer, in base64.
        issuer_public_key: the issuer's public key, in base64.
    """

    trust_root: str | None = wire("TrustRoot", read=filled)
    issuer_subject: str | None = wire("CertIssuerSubject", read=filled)
    issuer_public_key: str | None = wire("CertIssuerPublicKey", read=filled)


@model
class Swarm(Model):
    """A swarm, as seen by a manager.

    Attributes:
        id: the id of the swarm.
        version: changes with every update; an update must send it.
        created: when it was created.
        updated: when it was last changed.
        spec: its spec.
        join_tokens: the secret tokens for joining.
        tls: the CA of the nodes' certificates; API 1.30 and later.
        root_rotation_in_progress: whether nodes are still getting certificates of a new CA; API
        1.30 and later.
        address_pools: the ranges for overlay networks: `10.0.0.0/8`; API 1.39 and later.
        subnet_size: the prefix length of each such network, in bits; API 1.39 and later.
        data_path_port: the UDP port for the traffic between nodes; API 1.40 and later.
    """

    id: str = wire("ID", read=text, required=True)
    version: int = wire("Version.Index", read=integer, required=True)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    spec: SwarmSpec = wire("Spec", read=one(SwarmSpec), required=True)
    join_tokens: JoinTokens | None = wire("JoinTokens", read=one(JoinTokens))
    tls: TLSInfo | None = wire("TLSInfo", read=one(TLSInfo))
    root_rotation_in_progress: bool | None = wire("RootRotationInProgress", read=flag)
    address_pools: tuple[str, ...] = wire("DefaultAddrPool", read=strings, default=())
    subnet_size: int | None = wire("SubnetSize", read=integer)
    data_path_port: int | None = wire("DataPathPort", read=integer)


# Nodes


@spec
class NodeSpec(Spec):
    """The spec of a node.

    Args:
        role: `worker` or `manager`.
        availability: `active`, `pause` (no new tasks) or `drain` (no tasks at all).
        name: a name other than its hostname.
        labels: the node's labels, `node.labels` in constraints.
    """

    role: str = wire("Role", read=text, required=True, converter=choice("worker", "manager").check)
    availability: str = wire(
        "Availability",
        read=text,
        required=True,
        converter=choice("active", "pause", "drain").check,
    )
    name: str | None = setting("Name", TEXT)
    labels: Labels = setting("Labels", LABELS)


@spec
class GenericResource(Spec):
    """A user-defined resource of a node; API 1.32 and later.

    Args:
        kind: such as `gpu`.
        value: the number of units, or the name of one.
    """

    kind: str = wire(
        "DiscreteResourceSpec.Kind",
        "NamedResourceSpec.Kind",
        read=text,
        required=True,
        converter=TEXT.check,
    )
    value: int | str = wire(
        "DiscreteResourceSpec.Value",
        "NamedResourceSpec.Value",
        read=lambda found: found,
        required=True,
        converter=lambda found: found if isinstance(found, str) else whole(0).check(found),
    )

    def to_wire(self) -> dict[str, Any]:
        if not self.changed():
            return super().to_wire()
        place = "NamedResourceSpec" if isinstance(self.value, str) else "DiscreteResourceSpec"
        return {place: {"Kind": self.kind, "Value": self.value}}


GENERIC = several(GenericResource)


@model
class NodeResources(Model):
    """The resources of a node for tasks.

    Attributes:
        nano_cpus: billionths of a CPU: 4000000000 is four CPUs.
        memory: in bytes.
        generic: user-defined resources; API 1.32 and later.
    """

    nano_cpus: int | None = wire("NanoCPUs", read=integer)
    memory: int | None = wire("MemoryBytes", read=integer)
    generic: tuple[GenericResource, ...] = wire("GenericResources", read=GENERIC.read, default=())


@model
class EnginePlugin(Model):
    """A plugin, or a driver, of a node's Engine.

    Attributes:
        type: such as `Volume`, `Network` or `Log`.
        name: such as `local`.
    """

    type: str | None = wire("Type", read=filled)
    name: str | None = wire("Name", read=filled)


@model
class ManagerStatus(Model):
    """A node as a manager.

    Attributes:
        leader: whether it leads the managers.
        reachability: `unknown`, `unreachable` or `reachable`.
        address: for the other managers, with the port: `10.0.0.46:2377`.
    """

    leader: bool = wire("Leader", read=lambda value: bool(flag(value)), default=False)
    reachability: str | None = wire("Reachability", read=filled)
    address: str | None = wire("Addr", read=filled)


@model
class Node(Model):
    """A node of a swarm.

    Attributes:
        id: the id of the node.
        version: changes with every update; an update must send it.
        created: when it joined.
        updated: when it was last changed.
        spec: its spec.
        hostname: the name of its host.
        architecture: such as `x86_64`.
        os: such as `linux`.
        resources: its resources for tasks.
        engine_version: the release of its Engine.
        engine_labels: the labels of its Engine, `engine.labels` in constraints.
        engine_plugins: the plugins and drivers of its Engine.
        tls: the CA of its certificate; API 1.30 and later.
        state: `unknown`, `down`, `ready` or `disconnected`.
        message: details about the state; None without any.
        address: its address for the other nodes, as seen by a manager; API 1.25 and later.
        manager: None for a worker.
    """

    id: str = wire("ID", read=text, required=True)
    version: int = wire("Version.Index", read=integer, required=True)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    spec: NodeSpec = wire("Spec", read=one(NodeSpec), required=True)
    hostname: str | None = wire("Description.Hostname", read=filled)
    architecture: str | None = wire("Description.Platform.Architecture", read=filled)
    os: str | None = wire("Description.Platform.OS", read=filled)
    resources: NodeResources | None = wire("Description.Resources", read=one(NodeResources))
    engine_version: str | None = wire("Description.Engine.EngineVersion", read=filled)
    engine_labels: dict[str, str] = wire(
        "Description.Engine.Labels", read=mapping, default=attrs.Factory(dict)
    )
    engine_plugins: tuple[EnginePlugin, ...] = wire(
        "Description.Engine.Plugins", read=many(EnginePlugin), default=()
    )
    tls: TLSInfo | None = wire("Description.TLSInfo", read=one(TLSInfo))
    state: str | None = wire("Status.State", read=filled)
    message: str | None = wire("Status.Message", read=filled)
    address: str | None = wire("Status.Addr", read=filled)
    manager: ManagerStatus | None = wire("ManagerStatus", read=one(ManagerStatus))
