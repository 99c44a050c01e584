"""Tasks of services: their specs, and their states."""

from __future__ import annotations

import datetime
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

import attrs

from ..errors import shown
from .base import Model, filled, integer, many, mapping, model, one, strings, text, when, wire
from .config.container import Healthcheck
from .config.host import Mount, Ulimit, ulimit
from .kinds import (
    ADDRESSES,
    COMMAND,
    ENVIRONMENT,
    FLAG,
    ISOLATION,
    LABELS,
    LINES,
    NAMES,
    NETWORK,
    PATH,
    SECONDS,
    SIGNAL,
    SOURCE,
    TEXT,
    USER,
    WORDS,
    address,
    choice,
    items,
    line,
    nested,
    several,
    size,
    whole,
)
from .plugins import PRIVILEGES, PluginPrivilege
from .settings import (
    Bytes,
    Command,
    Environment,
    Kind,
    Labels,
    Pairs,
    Seconds,
    Setting,
    Table,
    Texts,
    setting,
)
from .spec import BASE64, Spec, spec
from .swarm import GENERIC, Driver, GenericResource

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..output import StreamName
    from ..protocol.task_lines import WrittenLine
    from .secrets import Config, Secret

LEAST_CPU = 1_000_000  # billionths
LEAST_MEMORY = 4 * 1024 * 1024  # bytes
_CPUS = whole(LEAST_CPU, None, 0)
_MEMORY = size(LEAST_MEMORY, 0)


# Secrets and configs


@spec
class SecretReference(Spec):
    """A secret that a task gets as a file. `SecretReference.to(secret)` makes one.

    Args:
        id, name: the secret's id and name; the Engine needs both, and looks up neither.
        target: the name of the file in `/run/secrets`, or its path; None is the secret's name.
        uid, gid: who owns it, as text when it is read; None is "0", which is what is read then.
        mode: its permissions; None is 0o444, which is what is read then.
    """

    id: str = wire("SecretID", read=text, required=True, converter=TEXT.check)
    name: str = wire("SecretName", read=text, required=True, converter=TEXT.check)
    target: Setting[str | os.PathLike[str] | None, str | None] = setting("File.Name", SOURCE)
    uid: Setting[str | int | None, str | None] = setting("File.UID", USER)
    gid: Setting[str | int | None, str | None] = setting("File.GID", USER)
    mode: int | None = setting("File.Mode", whole(0, 0o7777))

    @classmethod
    def to(cls, secret: Secret, target: str | None = None, **file: Any) -> Self:
        """A reference to a secret that was read.

        Args:
            secret: as `inspect_secret` and `secrets` give it.
            target, file: as the fields `target`, `uid`, `gid` and `mode` of this class.
        """
        return cls(id=secret.id, name=secret.spec.name, target=target, **file)

    def to_wire(self) -> dict[str, Any]:
        return _with_file(super().to_wire(), self.name) if self.changed() else super().to_wire()


def _with_file(made: dict[str, Any], name: str) -> dict[str, Any]:
    """The JSON, completed with all fields that the Engine needs for a file."""
    file = {"Name": name, "UID": "0", "GID": "0", "Mode": 0o444}
    return {**made, "File": {**file, **made.get("File", {})}}


@spec
class ConfigReference(Spec):
    """A config that a task gets as a file. `ConfigReference.to(config)` makes one.

    Args:
        id, name: the config's id and name; the Engine needs both, and looks up neither.
        target: the path of the file; None is the config's name at the top.
        uid, gid: who owns it, as text when it is read; None is "0", which is what is read then.
        mode: its permissions; None is 0o444, which is what is read then.
        runtime: it is no file, but what `Privileges` names; API 1.40 and later.
    """

    id: str = wire("ConfigID", read=text, required=True, converter=TEXT.check)
    name: str = wire("ConfigName", read=text, required=True, converter=TEXT.check)
    target: Setting[str | os.PathLike[str] | None, str | None] = setting("File.Name", SOURCE)
    uid: Setting[str | int | None, str | None] = setting("File.UID", USER)
    gid: Setting[str | int | None, str | None] = setting("File.GID", USER)
    mode: int | None = setting("File.Mode", whole(0, 0o7777))
    runtime: bool | None = setting(
        "Runtime",
        Kind(
            lambda value: None if value is None else value is not False,
            FLAG.check,
            lambda value: {} if value else None,
        ),
    )

    def __attrs_post_init__(self) -> None:
        file = (self.target, self.uid, self.gid, self.mode)
        if self.runtime and any(part is not None for part in file):
            raise ValueError("runtime: what is no file has no target, uid, gid and mode")

    @classmethod
    def to(cls, config: Config, target: str | None = None, **file: Any) -> Self:
        """A reference to a config that was read.

        Args:
            config: as `inspect_config` and `configs` give it.
            target, file: as the fields `target`, `uid`, `gid`, `mode` and `runtime` of this class.
        """
        return cls(id=config.id, name=config.spec.name, target=target, **file)

    def to_wire(self) -> dict[str, Any]:
        made = super().to_wire()
        if not self.changed():
            return made
        if not self.runtime:
            made.pop("Runtime", None)
            return _with_file(made, self.name)
        return made


# The specs


@spec
class CredentialSpec(Spec):
    """The credential spec of a Windows container: exactly one of these.

    Args:
        config: the id of a config that is referred to with `runtime=True`; API 1.40 and later.
        file: a file in the Engine's directory.
        registry: a value in the registry of Windows.
    """

    config: str | None = setting("Config", TEXT)
    file: str | None = setting("File", TEXT)
    registry: str | None = setting("Registry", TEXT)


@spec
class SELinuxContext(Spec):
    """SELinux settings of a container.

    Args:
        disable: turns SELinux off for it.
        user, role, type, level: the parts of its label.
    """

    disable: bool | None = setting("Disable", FLAG)
    user: str | None = setting("User", TEXT)
    role: str | None = setting("Role", TEXT)
    type: str | None = setting("Type", TEXT)
    level: str | None = setting("Level", TEXT)


@spec
class Seccomp(Spec):
    """The allowed system calls.

    Args:
        mode: `default`, `unconfined` or `custom`.
        profile: the JSON of a `custom` profile.
    """

    mode: str | None = setting("Mode", choice("default", "unconfined", "custom"))
    profile: bytes | None = setting("Profile", BASE64)


@spec
class Privileges(Spec):
    """Security settings of a container.

    Args:
        credential_spec: for Windows; API 1.29 and later.
        selinux: SELinux settings; API 1.29 and later.
        seccomp: API 1.44 and later.
        apparmor: `default` or `disabled`; API 1.44 and later.
        no_new_privileges: its programs cannot gain privileges after their start; API 1.44 and
            later.
    """

    credential_spec: CredentialSpec | None = setting("CredentialSpec", nested(CredentialSpec))
    selinux: SELinuxContext | None = setting("SELinuxContext", nested(SELinuxContext))
    seccomp: Seccomp | None = setting("Seccomp", nested(Seccomp))
    apparmor: str | None = setting("AppArmor.Mode", choice("default", "disabled"))
    no_new_privileges: bool | None = setting("NoNewPrivileges", FLAG)


def _hosts(value: Any) -> Iterator[str]:
    """Lines of `/etc/hosts`, an address and names, from such lines or from names and addresses."""
    if isinstance(value, Mapping):
        value = list(value.items())
    for item in items(value, 'a mapping or a list of "host:address"'):
        if isinstance(item, tuple) and len(item) == 2:
            name, where = item
        elif " " in line(item):
            where, _, name = item.partition(" ")
        else:
            name, _, where = item.partition(":")
        if not line(name):
            raise ValueError(f"host:address was expected, not {shown(item)}")
        yield f"{address(where)} {name}"


SERVICE_HOSTS = Kind(strings, lambda value: tuple(_hosts(value)))


@spec
class ContainerSpec(Spec):
    """The container of a task. Fields have the names of `ContainerConfig` and `HostConfig`.

    Args:
        image: its image.
        entrypoint: words that replace the image's entry point; a string is split as a shell would.
        command: words that replace the image's command.
        env: a mapping, or a list of `NAME=value`.
        working_dir: an absolute path.
        user: a name or number, with `:group` or without.
        groups: further groups; API 1.25 and later.
        hostname: its name for itself, which may have templates: `{{.Task.Slot}}`; API 1.25 and
            later, as tty and open_stdin.
        labels: of the containers.
        tty: whether its streams are a terminal.
        open_stdin: whether it has an input.
        read_only_root_fs: API 1.28 and later.
        init: runs an init that reaps processes; API 1.38 and later.
        isolation: on Windows: `default`, `process` or `hyperv`; API 1.35 and later.
        mounts: no two at one target; without `bind_create_mountpoint` and the two
            `bind_read_only_...`, which no Engine has for services.
        stop_signal: a name, number or `signal.Signals`; API 1.28 and later.
        stop_grace_period: seconds until it is killed.
        healthcheck: API 1.25 and later.
        extra_hosts: maps names to addresses; in an answer, lines of `/etc/hosts`; API 1.25 and
            later, as dns, dns_search and dns_options.
        dns: addresses of name servers.
        dns_search: search domains.
        dns_options: such as `ndots:2`.
        secrets: API 1.25 and later.
        configs: API 1.30 and later.
        privileges: API 1.29 and later.
        sysctls: maps parameters of the kernel to values; API 1.40 and later.
        cap_add, cap_drop: capabilities; API 1.41 and later.
        ulimits: as in `HostConfig`; API 1.41 and later.
        oom_score_adj: from -1000 to 1000; API 1.46 and later.
    """

    image: str = wire("Image", read=text, required=True, converter=TEXT.check)
    entrypoint: Command = setting("Command", COMMAND)
    command: Command = setting("Args", COMMAND)
    env: Setting[Environment | None, tuple[str, ...] | None] = setting("Env", ENVIRONMENT)
    working_dir: Setting[str | os.PathLike[str] | None, str | None] = setting("Dir", PATH)
    user: Setting[str | int | None, str | None] = setting("User", USER)
    groups: Texts = setting("Groups", NAMES)
    hostname: str | None = setting("Hostname", TEXT)
    labels: Labels = setting("Labels", LABELS)
    tty: bool | None = setting("TTY", FLAG)
    open_stdin: bool | None = setting("OpenStdin", FLAG)
    read_only_root_fs: bool | None = setting("ReadOnly", FLAG)
    init: bool | None = setting("Init", FLAG)
    isolation: str | None = setting("Isolation", ISOLATION)
    mounts: Setting[Iterable[Mount] | None, tuple[Mount, ...] | None] = setting(
        "Mounts", several(Mount)
    )
    stop_signal: str | None = setting("StopSignal", SIGNAL)
    stop_grace_period: Seconds = setting("StopGracePeriod", SECONDS)
    healthcheck: Healthcheck | None = setting("Healthcheck", nested(Healthcheck))
    extra_hosts: Pairs = setting("Hosts", SERVICE_HOSTS)
    dns: Texts = setting("DNSConfig.Nameservers", ADDRESSES)
    dns_search: Texts = setting("DNSConfig.Search", LINES)
    dns_options: Texts = setting("DNSConfig.Options", LINES)
    secrets: Setting[Iterable[SecretReference] | None, tuple[SecretReference, ...] | None] = (
        setting("Secrets", several(SecretReference))
    )
    configs: Setting[Iterable[ConfigReference] | None, tuple[ConfigReference, ...] | None] = (
        setting("Configs", several(ConfigReference))
    )
    privileges: Privileges | None = setting("Privileges", nested(Privileges))
    sysctls: Table = setting("Sysctls", WORDS)
    cap_add: Texts = setting("CapabilityAdd", NAMES)
    cap_drop: Texts = setting("CapabilityDrop", NAMES)
    ulimits: Setting[Iterable[Ulimit | str] | None, tuple[Ulimit, ...] | None] = setting(
        "Ulimits", several(Ulimit, ulimit)
    )
    oom_score_adj: int | None = setting("OomScoreAdj", whole(-1000, 1000))

    def __attrs_post_init__(self) -> None:
        if "mounts" in self.changed():
            for first, second in itertools.combinations(self.mounts or (), 2):
                if first.target == second.target:
                    raise ValueError(f"mounts: two at {first.target!r}")
            for mount, field in itertools.product(self.mounts or (), _NEVER):
                if getattr(mount, field) is not None:
                    raise ValueError(f"mounts: {field}: no Engine has it for services")


# Every Engine accepts them, but does not pass them to its swarm.
_NEVER = (
    "bind_create_mountpoint",
    "bind_read_only_non_recursive",
    "bind_read_only_force_recursive",
)


# Only here are their keys in lower case.
_LOWER = {"name": "Name", "description": "Description", "value": "Value"}
_PRIVILEGES = PRIVILEGES._replace(
    read=lambda value: PRIVILEGES.read(
        [{_LOWER.get(key, key): part for key, part in item.items()} for item in value or ()]
    ),
    write=lambda value: [
        {key: part for key, name in _LOWER.items() if (part := item.to_wire().get(name))}
        for item in value
    ],
)


@spec
class PluginSpec(Spec):
    """A plugin for each node, in a `Global` service; API 1.31 and later.

    Args:
        remote: the name that it is pulled by.
        name: None is `remote`.
        disabled: do not enable it.
        privileges: the granted privileges, as `PluginPrivilege` values.
        env: `NAME=value`, for its settings; Engine 20.10 and later.
    """

    remote: str = wire("remote", read=text, required=True, converter=TEXT.check)
    name: str | None = setting("name", TEXT)
    disabled: bool | None = setting("disabled", FLAG)
    privileges: Setting[Iterable[PluginPrivilege] | None, tuple[PluginPrivilege, ...] | None] = (
        setting("privileges", _PRIVILEGES)
    )
    env: Setting[Environment | None, tuple[str, ...] | None] = setting("env", ENVIRONMENT)


@spec
class NetworkAttachmentSpec(Spec):
    """A container that was connected to a network of the swarm; only in answers.

    Args:
        container_id: its id.
    """

    container_id: str = wire("ContainerID", read=text, required=True, converter=TEXT.check)


@spec
class ResourceLimits(Spec):
    """The resource limits of a task.

    Args:
        nano_cpus: billionths of a CPU, at least 1,000,000.
        memory: bytes or text such as `64m`, at least 4 MiB.
        pids: the number of processes; 0 is unlimited; API 1.41 and later.
    """

    nano_cpus: int | None = setting("NanoCPUs", _CPUS)
    memory: Bytes = setting("MemoryBytes", _MEMORY)
    pids: int | None = setting("Pids", whole(0))


@spec
class ResourceReservations(Spec):
    """The resources that are reserved for a task on its node.

    Args:
        nano_cpus: billionths of a CPU, at least 1,000,000.
        memory: bytes or text such as `64m`, at least 4 MiB.
        generic: such as `GenericResource(kind="gpu", value=1)`; API 1.32 and later.
    """

    nano_cpus: int | None = setting("NanoCPUs", _CPUS)
    memory: Bytes = setting("MemoryBytes", _MEMORY)
    generic: Setting[Iterable[GenericResource] | None, tuple[GenericResource, ...] | None] = (
        setting("GenericResources", GENERIC)
    )


@spec
class TaskResources(Spec):
    """The resources of a task.

    Args:
        limits: its limits.
        reservations: its reservations.
        swap: bytes of swap beside the memory, -1 for no limit; API 1.52 and later.
        memory_swappiness: from 0 to 100; -1 is the kernel's; API 1.52 and later.
    """

    limits: ResourceLimits | None = setting("Limits", nested(ResourceLimits))
    reservations: ResourceReservations | None = setting(
        "Reservations", nested(ResourceReservations)
    )
    swap: Bytes = setting("SwapBytes", size(0, -1))
    memory_swappiness: int | None = setting("MemorySwappiness", whole(-1, 100))


@spec
class TaskRestart(Spec):
    """Whether a task that has ended is replaced.

    Args:
        condition: `none`, `on-failure` or `any`.
        delay: seconds before the replacement.
        max_attempts: the maximum number of replacements; 0 is unlimited.
        window: the seconds in which attempts are counted; 0 counts all.
    """

    condition: str | None = setting("Condition", choice("none", "on-failure", "any"))
    delay: Seconds = setting("Delay", SECONDS)
    max_attempts: int | None = setting("MaxAttempts", whole(0))
    window: Seconds = setting("Window", SECONDS)


def _spread(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(((item or {}).get("Spread") or {}).get("SpreadDescriptor")) for item in value)


def _platforms(value: Any) -> tuple[str, ...]:
    found = ((item or {}).get(key) or "" for item in value or () for key in ("OS", "Architecture"))
    return tuple(f"{os}/{architecture}" for os, architecture in zip(found, found, strict=True))


def _platform(value: Any) -> str:
    if line(value).count("/") != 1:
        raise ValueError(f"a platform such as linux/amd64 was expected, not {shown(value)}")
    return str(value)


SPREAD = LINES._replace(
    read=_spread,
    write=lambda value: [{"Spread": {"SpreadDescriptor": item}} for item in value],
)
PLATFORMS = Kind(
    _platforms,
    lambda value: tuple(map(_platform, items(value, "a list of platforms"))),
    lambda value: [
        {"Architecture": architecture, "OS": os}
        for os, _, architecture in (item.partition("/") for item in value)
    ],
)


@spec
class Placement(Spec):
    """The nodes on which a task may run.

    Args:
        constraints: such as `node.role==manager`; all must hold.
        spread: labels over whose values tasks are spread: `node.labels.zone`; API 1.28 and later.
        max_replicas: the maximum per node; 0 is unlimited; API 1.40 and later.
        platforms: such as `linux/amd64`; an empty part matches any; API 1.30 and later.
    """

    constraints: Texts = setting("Constraints", LINES)
    spread: Texts = setting("Preferences", SPREAD)
    max_replicas: int | None = setting("MaxReplicas", whole(0))
    platforms: Texts = setting("Platforms", PLATFORMS)


@spec
class NetworkAttachment(Spec):
    """A network that a task joins.

    Args:
        target: the network: its name, its id, or a value with an id.
        aliases: more names of the service in it.
        driver_options: maps options of its driver to values; API 1.30 and later.
    """

    target: str = wire("Target", read=text, required=True, converter=NETWORK.check)
    aliases: Texts = setting("Aliases", NAMES)
    driver_options: Table = setting("DriverOpts", WORDS)


@spec
class TaskSpec(Spec):
    """The spec of a service's tasks: exactly one of `container`, `plugin` and `attachment`.

    Args:
        container: a container.
        plugin: a plugin on each node; API 1.31 and later.
        attachment: a container that was connected to a network; only in answers.
        resources: limits and reservations.
        restart: whether an ended task is replaced.
        placement: the nodes on which tasks may run.
        networks: their networks; below API 1.25 they are written at the top level of the service.
        log_driver: the log driver for their output.
        force_update: changing this number restarts all tasks; API 1.25 and later.
    """

    container: ContainerSpec | None = setting("ContainerSpec", nested(ContainerSpec))
    plugin: PluginSpec | None = setting("PluginSpec", nested(PluginSpec))
    attachment: NetworkAttachmentSpec | None = setting(
        "NetworkAttachmentSpec", nested(NetworkAttachmentSpec)
    )
    resources: TaskResources | None = setting("Resources", nested(TaskResources))
    restart: TaskRestart | None = setting("RestartPolicy", nested(TaskRestart))
    placement: Placement | None = setting("Placement", nested(Placement))
    networks: Setting[Iterable[NetworkAttachment] | None, tuple[NetworkAttachment, ...] | None] = (
        setting("Networks", several(NetworkAttachment))
    )
    log_driver: Driver | None = setting("LogDriver", nested(Driver))
    force_update: int | None = setting("ForceUpdate", whole(0, 2**64 - 1))

    def __attrs_post_init__(self) -> None:
        given = [name for name in _RUNTIMES if getattr(self, name) is not None]
        if len(given) != 1 and self.changed() & set(_RUNTIMES):
            raise ValueError(
                "TaskSpec: one of container, plugin and attachment was expected, not "
                f"{' and '.join(given) or 'none'}"
            )

    def to_wire(self) -> dict[str, Any]:
        made = super().to_wire()
        if not self.received and self.container is None:  # API 1.30; containers need none
            made["Runtime"] = "plugin" if self.plugin is not None else "attachment"
        return made


_RUNTIMES = ("container", "plugin", "attachment")


# The answers


@model
class TaskNetwork(Model):
    """A network of a task.

    Attributes:
        network: the id of the network.
        name: the name of the network.
        addresses: the task's addresses, with the prefix length: `10.0.0.3/24`.
    """

    network: str | None = wire("Network.ID", read=filled)
    name: str | None = wire("Network.Spec.Name", read=filled)
    addresses: tuple[str, ...] = wire("Addresses", read=strings, default=())


@model
class TaskPort(Model):
    """A port of a task that can be reached on its node.

    Attributes:
        target: the port in the container.
        published: the port on the node.
        protocol: `tcp`, `udp` or `sctp`.
        mode: `host`: ports in the mode `ingress` are the service's.
        name: for people.
    """

    target: int | None = wire("TargetPort", read=integer)
    published: int | None = wire("PublishedPort", read=integer)
    protocol: str | None = wire("Protocol", read=filled)
    mode: str | None = wire("PublishMode", read=filled)
    name: str | None = wire("Name", read=filled)


@model
class TaskVolume(Model):
    """A cluster volume of a task.

    Attributes:
        id: the id of the volume in the swarm.
        source: the mount's source: a volume, or `group:` and a group.
        target: the path in the container.
    """

    id: str | None = wire("ID", read=filled)
    source: str | None = wire("Source", read=filled)
    target: str | None = wire("Target", read=filled)


def iteration(value: Any) -> int | None:
    """A number that is left out if it is 0; only jobs have one."""
    return None if value is None else integer(value.get("Index")) or 0


@model
class Task(Model):
    """A task of a service: one run of its container.

    Attributes:
        id: the id of the task.
        version: changes with every change of the task.
        created: when it was created.
        updated: when it was last changed.
        name: its name; no Engine that was tried sends it.
        labels: its labels; no Engine that was tried sends any. Its container's are in `spec`.
        spec: its spec.
        service_id: the id of its service.
        slot: its number among the replicas; None in a global service.
        node_id: the id of its node; None until it has one.
        state: `new`, `pending`, `assigned`, `accepted`, `preparing`, `ready`, `starting`,
            `running`, and in the end `complete`, `failed`, `rejected`, `shutdown`, `remove` or
            `orphaned`.
        desired_state: the state that the swarm wants, in the same words.
        message: its present activity, for people.
        error: why it failed, or has no node; None if neither.
        timestamp: when the state was reached.
        container_id: the id of its container; None until there is one.
        pid: its process, on its node; None if the Engine does not say.
        exit_code: its container's exit code; None if the Engine does not say.
        ports: the ports that are published on its own node only; API 1.25 and later.
        networks: its networks, with its addresses.
        generic_resources: the user-defined resources that it got; API 1.32 and later.
        job_iteration: the iteration of the job that it belongs to; None without a job; API 1.41 and
            later.
        volumes: its cluster volumes; API 1.42 and later.
    """

    id: str = wire("ID", read=text, required=True)
    version: int = wire("Version.Index", read=integer, required=True)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    name: str | None = wire("Name", read=filled)
    labels: dict[str, str] = wire("Labels", read=mapping, default=attrs.Factory(dict))
    spec: TaskSpec = wire("Spec", read=one(TaskSpec), required=True)
    service_id: str | None = wire("ServiceID", read=filled)
    slot: int | None = wire("Slot", read=integer)
    node_id: str | None = wire("NodeID", read=filled)
    state: str | None = wire("Status.State", read=filled)
    desired_state: str | None = wire("DesiredState", read=filled)
    message: str | None = wire("Status.Message", read=filled)
    error: str | None = wire("Status.Err", read=filled)
    timestamp: datetime.datetime | None = wire("Status.Timestamp", read=when)
    container_id: str | None = wire("Status.ContainerStatus.ContainerID", read=filled)
    pid: int | None = wire("Status.ContainerStatus.PID", read=integer)
    exit_code: int | None = wire("Status.ContainerStatus.ExitCode", read=integer)
    ports: tuple[TaskPort, ...] = wire("Status.PortStatus.Ports", read=many(TaskPort), default=())
    networks: tuple[TaskNetwork, ...] = wire(
        "NetworksAttachments", read=many(TaskNetwork), default=()
    )
    generic_resources: tuple[GenericResource, ...] = wire(
        "AssignedGenericResources", read=GENERIC.read, default=()
    )
    job_iteration: int | None = wire("JobIteration", read=iteration)
    volumes: tuple[TaskVolume, ...] = wire("Volumes", read=many(TaskVolume), default=())


class TaskLine(NamedTuple):
    """One line of text of a task, without its newline.

    Args:
        stream: `stdout` or `stderr`.
        text: the line, decoded as UTF-8.
        time: when its Engine read it, if known.
        task_id: the id of the task.
        node_id: the id of its node.
        service_id: the id of its service.
        attributes: the container's labels and variables that the log driver keeps.
    """

    stream: StreamName
    text: str
    time: datetime.datetime | None
    task_id: str
    node_id: str
    service_id: str
    attributes: dict[str, str]


_SWARM = "com.docker.swarm."


def task_line(written: WrittenLine) -> TaskLine:
    """The line, with its prefix parsed."""
    pairs = (part.partition("=") for part in written.details.split(","))
    found = {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
    task, node, service = (
        found.pop(f"{_SWARM}{noun}.id", "") for noun in ("task", "node", "service")
    )
    return TaskLine(written.stream, written.text, when(written.time), task, node, service, found)
