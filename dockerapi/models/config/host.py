"""A container's settings on its host: ports, devices, limits, mounts, rights."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ...errors import named, shown
from ...protocol.reference import NetworkRef
from ..base import filled, integer, many, model, text, wire
from ..kinds import (
    ADDRESS,
    ADDRESSES,
    BINDS,
    CAPABILITY_SETS,
    CONSOLE_SIZE,
    CPU_SET,
    FLAG,
    HOSTS,
    IDENTITIES,
    ISOLATION,
    LABELS,
    LINES,
    LINKS,
    LXC,
    NAMES,
    NETWORK,
    OPTIONS,
    OVERRIDDEN_PATHS,
    PATH,
    SOURCE,
    TEXT,
    TMPFS,
    WORDS,
    absolute,
    by_words,
    choice,
    container_port,
    instance_of,
    items,
    line,
    nested,
    several,
    size,
    whole,
)
from ..settings import (
    Bytes,
    Kind,
    Labels,
    OpenSettings,
    Pairs,
    Setting,
    Settings,
    Table,
    Texts,
    setting,
)
from ..spec import Spec, spec

Binds = Iterable[str] | Mapping[Any, Any]


# Ports


def _host_port(value: Any) -> int | str | None:
    found = integer(value) if not isinstance(value, str) or value.isdigit() else value
    return found or None


def _checked_host_port(value: Any) -> int | str | None:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?|", line(str(value)), re.ASCII)
    if match is None or isinstance(value, bool):
        raise ValueError(f"a port of the host was expected, not {shown(value)}")
    first, last = int(match[1] or 0), int(match[2] or 65535)
    if not first <= last <= 65535:
        raise ValueError(f"a port of the host is 65535 at most, not {shown(value)}")
    return str(value) if match[2] else first or None


@model
class PortBinding(Settings):
    """Where a port of a container is published on the host.

    Args:
        host_ip: an address of the host; None for all.
        host_port: a number, or a range such as `8000-8010` from which the Engine chooses; None lets
            it choose any.
    """

    host_ip: str | None = setting("HostIp", ADDRESS)
    host_port: int | str | None = setting("HostPort", Kind(_host_port, _checked_host_port))

    def to_wire(self) -> dict[str, Any]:
        port = "" if self.host_port is None else str(self.host_port)
        return {"HostIp": self.host_ip or "", "HostPort": port}


HostPort = PortBinding | int | str | tuple[str, int | str | None] | None
HostPorts = HostPort | Sequence[HostPort]
PortMap = Mapping[Any, HostPorts]  # of int | str, but the keys of a Mapping are invariant


def _binding(value: Any) -> PortBinding:
    if isinstance(value, PortBinding):
        return value
    if isinstance(value, tuple) and len(value) == 2:
        return PortBinding(host_ip=value[0], host_port=value[1])
    if isinstance(value, str):
        ip, _, port = value.rpartition(":")
        return PortBinding(host_ip=ip.removeprefix("[").removesuffix("]") or None, host_port=port)
    return PortBinding(host_port=value)


def _bindings(value: Any) -> tuple[PortBinding, ...]:
    # A pair is an address and a port, unless it is a result of this function.
    alone = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
    if isinstance(value, (list, tuple)) and not alone:
        return tuple(_binding(item) for item in value)
    return (_binding(value),)


_AS_PUBLISHED = "[address:][port of the host:]port[/protocol], as after docker run -p, was expected"


def _ports(value: str, given: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", value, re.ASCII)
    first, last = (0, -1) if match is None else (int(match[1]), int(match[2] or match[1]))
    if not first <= last <= 65535:
        raise ValueError(f"{_AS_PUBLISHED}, not {shown(given)}")
    return first, last


def _published(given: Any) -> Iterator[tuple[str, PortBinding]]:
    """The bindings of `127.0.0.1:8080-8081:80-81/udp`: ports in pairs, or one to any of a range."""
    spec, slash, protocol = line(given).partition("/")
    *front, ports = spec.rsplit(":", 2)
    host = front.pop() if front else ""
    ip = front[0].removeprefix("[").removesuffix("]") or None if front else None
    first, last = _ports(ports, given)
    first_of_host, last_of_host = _ports(host, given) if host else (0, last - first)
    count = last - first + 1
    if count != 1 and count != last_of_host - first_of_host + 1:
        raise ValueError(f"{_AS_PUBLISHED}, with as many ports on either side, not {shown(given)}")
    for number in range(count):
        at = f"{first_of_host + number}" if count > 1 else host
        binding = PortBinding(host_ip=ip, host_port=at if host else None)
        yield container_port(f"{first + number}{slash}{protocol}"), binding


def _port_bindings(value: Any) -> dict[str, tuple[PortBinding, ...]]:
    if not isinstance(value, Mapping):
        made: dict[str, tuple[PortBinding, ...]] = {}
        for item in items(value, "a mapping or a list of texts as after -p"):
            for port, binding in _published(item):
                made[port] = (*made.get(port, ()), binding)
        return made
    found: dict[str, tuple[PortBinding, ...]] = {}
    for key, given in value.items():
        port = container_port(key)
        if port in found:
            raise ValueError(f"{port} is given twice in {shown(value)}")
        found[port] = named(f"[{json.dumps(key)}]", _bindings, given)
    return found


def _read_port_bindings(value: Any) -> dict[str, tuple[PortBinding, ...]]:
    return {port: many(PortBinding)(found) for port, found in dict(value or {}).items()}


# Limits and devices


def ulimit(value: Any) -> Ulimit:
    if not isinstance(value, str):
        return instance_of(Ulimit)(value)
    match = re.fullmatch(r"([a-z]+)=(-1|\d+)(?::(-1|\d+))?", value, re.ASCII)
    if match is None:
        raise ValueError(f"name=soft[:hard] was expected, not {shown(value)}")
    return Ulimit(name=match[1], soft=int(match[2]), hard=int(match[3] or match[2]))


@spec
class Ulimit(Spec):
    """A limit of a process.

    Args:
        name: such as `nofile`.
        soft: the soft limit, which is enforced; -1 is unlimited.
        hard: the hard limit, up to which the process may raise the soft one; -1 is unlimited. The
            default is `soft`.
    """

    name: str = wire("Name", read=text, required=True, converter=TEXT.check)
    soft: int = wire("Soft", read=integer, required=True, converter=whole(-1).check)
    hard: int = wire(
        "Hard",
        read=integer,
        default=attrs.Factory(lambda made: made.soft, takes_self=True),
        converter=whole(-1).check,
    )

    def __attrs_post_init__(self) -> None:
        if self.hard != -1 and not -1 < self.soft <= self.hard:
            raise ValueError(f"soft: {self.soft} is beyond hard: {self.hard}, of {self.name!r}")


Ulimits = Setting[Iterable[str | Ulimit] | None, tuple[Ulimit, ...] | None]


def _device(value: Any) -> Device:
    if not isinstance(value, str):
        return instance_of(Device)(value)
    match = re.fullmatch(r"(/[^:]*)(?::(/[^:]*))?(?::([rwm]{1,3}))?", line(value))
    if match is None:
        raise ValueError(f"path[:path in container][:rwm] was expected, not {shown(value)}")
    return Device(
        path_on_host=match[1],
        path_in_container=match[2] or match[1],
        cgroup_permissions=match[3] or "rwm",
    )


def _permissions(value: Any) -> str:
    if not re.fullmatch(r"[rwm]*", line(value)):
        raise ValueError(f"some of 'rwm' were expected, not {shown(value)}")
    return str(value)


@model
class Device(Settings):
    """A device of the host that a container may use.

    Args:
        path_on_host: such as `/dev/sda`.
        path_in_container: its path in the container.
        cgroup_permissions: some of read, write and mknod: `rwm`.
    """

    path_on_host: str = wire("PathOnHost", read=text, required=True, converter=PATH.check)
    path_in_container: str | None = setting("PathInContainer", PATH)
    cgroup_permissions: str | None = setting("CgroupPermissions", Kind(filled, _permissions))


@model
class DeviceRequest(Settings):
    """Devices that a driver chooses, such as GPUs.

    Args:
        driver: its name; None is any driver with the capabilities.
        count: the number of devices; -1 is all.
        device_ids: specific devices, instead of `count`.
        capabilities: a list of alternatives, each a list of capabilities that the driver must have:
            `[["gpu", "nvidia"]]`.
        options: maps options of the driver to values.
    """

    driver: str | None = setting("Driver", TEXT)
    count: int | None = setting("Count", whole(-1))
    device_ids: Texts = setting("DeviceIDs", NAMES)
    capabilities: Setting[Iterable[Iterable[str]] | None, tuple[tuple[str, ...], ...] | None] = (
        setting("Capabilities", CAPABILITY_SETS)
    )
    options: Table = setting("Options", WORDS)


@model
class BlkioWeightDevice(Settings):
    """The weight of a container among those that use a block device.

    Args:
        path: the path of the device.
        weight: 10 to 1000; 0 is the default.
    """

    path: str = wire("Path", read=text, required=True, converter=PATH.check)
    weight: int = wire("Weight", read=integer, required=True, converter=whole(10, 1000, 0).check)


@model
class ThrottleDevice(Settings):
    """A rate limit of a container on a block device.

    Args:
        path: the path of the device.
        rate: bytes, or operations, per second.
    """

    path: str = wire("Path", read=text, required=True, converter=PATH.check)
    rate: Setting[float | str, int] = wire(
        "Rate", read=integer, required=True, converter=size().check
    )


Throttles = Setting[Iterable[ThrottleDevice] | None, tuple[ThrottleDevice, ...] | None]


# Mounts


@spec
class Mount(Spec):
    """A mount in a container.

    Fields that begin with `bind_`, `volume_`, `image_` and `tmpfs_` are only valid with that
    `type`.

    Args:
        target: an absolute path in the container.
        type: `bind`, `volume`, `tmpfs`, `npipe`, `image` or `cluster`.
        source: a path on the host, the name of a volume or an image; None for an anonymous
            volume, and for tmpfs.
        read_only: whether it is read-only.
        consistency: `default`, `consistent`, `cached` or `delegated`, for Docker Desktop; API 1.28
            and later.
        bind_propagation: the mount propagation: `private`, `rprivate`, `shared`, `rshared`, `slave`
            or `rslave`.
        bind_non_recursive: leaves out the mounts below the source; API 1.40 and later.
        bind_create_mountpoint: creates a missing source as a directory; API 1.42 and later.
        bind_read_only_non_recursive: with `read_only`, leaves the mounts below the source writable;
            API 1.44 and later.
        bind_read_only_force_recursive: with `read_only`, fails if a mount below the source cannot
            be made read-only; API 1.44 and later.
        volume_no_copy: does not copy the image's files at `target` into a new volume.
        volume_labels: of a new volume: a mapping, or a list of `name` and `name=value`.
        volume_driver: of a new volume.
        volume_driver_options: maps options of that driver to values.
        volume_subpath: a path in the volume, which is mounted instead; API 1.45 and later.
        image_subpath: a path in the image, which is mounted instead; API 1.48 and later.
        tmpfs_size: bytes.
        tmpfs_mode: permissions, such as `0o1777`.
        tmpfs_options: such as `["noexec", "uid=1000"]`; API 1.46 and later.
    """

    __repr__ = Settings.brief

    target: Setting[str | os.PathLike[str], str] = wire(
        "Target", read=text, required=True, converter=PATH.check
    )
    type: str | None = setting(
        "Type", choice("bind", "volume", "tmpfs", "npipe", "image", "cluster"), default="volume"
    )
    source: Setting[str | os.PathLike[str] | None, str | None] = setting("Source", SOURCE)
    read_only: bool | None = setting("ReadOnly", FLAG)
    consistency: str | None = setting(
        "Consistency", choice("default", "consistent", "cached", "delegated")
    )
    bind_propagation: str | None = setting(
        "BindOptions.Propagation",
        choice("private", "rprivate", "shared", "rshared", "slave", "rslave"),
    )
    bind_non_recursive: bool | None = setting("BindOptions.NonRecursive", FLAG)
    bind_create_mountpoint: bool | None = setting("BindOptions.CreateMountpoint", FLAG)
    bind_read_only_non_recursive: bool | None = setting("BindOptions.ReadOnlyNonRecursive", FLAG)
    bind_read_only_force_recursive: bool | None = setting(
        "BindOptions.ReadOnlyForceRecursive", FLAG
    )
    volume_no_copy: bool | None = setting("VolumeOptions.NoCopy", FLAG)
    volume_labels: Labels = setting("VolumeOptions.Labels", LABELS)
    volume_driver: str | None = setting("VolumeOptions.DriverConfig.Name", TEXT)
    volume_driver_options: Table = setting("VolumeOptions.DriverConfig.Options", WORDS)
    volume_subpath: str | None = setting("VolumeOptions.Subpath", TEXT)
    image_subpath: str | None = setting("ImageOptions.Subpath", TEXT)
    tmpfs_size: Bytes = setting("TmpfsOptions.SizeBytes", size())
    tmpfs_mode: int | None = setting("TmpfsOptions.Mode", whole(0, 0o7777))
    tmpfs_options: Setting[
        Iterable[str | Iterable[str]] | None, tuple[tuple[str, ...], ...] | None
    ] = setting("TmpfsOptions.Options", OPTIONS)

    def __attrs_post_init__(self) -> None:
        changed = self.changed()
        if self.type == "tmpfs" and self.source and changed & {"type", "source"}:
            raise ValueError(f"source: a tmpfs has none, not {self.source!r}")
        if self.type == "bind" and changed & {"type", "source"}:
            named("source", absolute, self.source or "")
        for field in attrs.fields(Mount):  # type: ignore[arg-type]
            kind = field.name.partition("_")[0]
            of_one_kind = kind in ("bind", "volume", "image", "tmpfs")
            if of_one_kind and kind != self.type and getattr(self, field.name) is not None:
                if changed & {"type", field.name}:
                    raise ValueError(f"{field.name} is not for a mount of type {self.type!r}")


# The host config


def restart_policy(value: Any) -> RestartPolicy:
    if not isinstance(value, str):
        return by_words(RestartPolicy)(value)
    name, colon, count = value.partition(":")
    if colon and not (count.isascii() and count.isdigit()):
        raise ValueError(f"a policy such as on-failure:3 was expected, not {shown(value)}")
    return RestartPolicy(name=name, maximum_retry_count=int(count) if colon else None)


def _policy_name(value: Any) -> str:
    return value or "no"  # some releases send "" for "no"


_POLICIES = choice("no", "always", "unless-stopped", "on-failure")


@model
class RestartPolicy(Settings):
    """When the Engine restarts a container.

    Args:
        name: `no`, `always`, `unless-stopped` or `on-failure`.
        maximum_retry_count: for `on-failure`; None or 0 is no limit.
    """

    name: str | None = setting(
        "Name",
        Kind(
            lambda value: _policy_name(text(value)),
            lambda value: _POLICIES.check(_policy_name(value)),
        ),
    )
    maximum_retry_count: int | None = setting("MaximumRetryCount", whole(0))

    def __attrs_post_init__(self) -> None:
        if self.maximum_retry_count and self.name != "on-failure":
            raise ValueError(
                f"maximum_retry_count: {self.maximum_retry_count} goes with 'on-failure', "
                f"not with {self.name!r}"
            )


def _log_config(value: Any) -> LogConfig:
    return LogConfig(type=value) if isinstance(value, str) else by_words(LogConfig)(value)


@model
class LogConfig(Settings):
    """The log driver of a container, and its options.

    Args:
        type: a log driver, such as `json-file`, `local`, `syslog`, `journald` or `none`.
        config: maps its options to values.
    """

    type: str | None = setting("Type", TEXT)
    config: Table = setting("Config", WORDS)


def _disk_quota(value: Any) -> int:
    if value != 0:  # 0 is what Engines send
        raise ValueError(f'no Engine reads it, use storage_opt={{"size": ...}}: {shown(value)}')
    return 0


@model
class HostConfig(OpenSettings):
    """A container's settings on its host: files, ports, limits, rights.

    Sizes are bytes, or text such as `"512k"`, `"64m"`, `"1.5g"`. None is the Engine's default. A
    field with an API version is refused below that version.

    Args:
        extra: fields unknown to this library, under their wire names.
        binds: a list of `"source:path[:mode]"`, or a mapping of sources to paths, to pairs of path
            and mode, or to `{"bind": path, "mode": "ro"}`. A source is an absolute path on the host
            or the name of a volume.
        mounts: a list of `Mount`; API 1.25 and later.
        tmpfs: maps paths in the container to options; or a list of paths; API 1.22 and later.
        volumes_from: a list of `"container[:ro]"`, whose volumes it also mounts.
        volume_driver: the driver of new volumes in `binds`; API 1.19 and later.
        read_only_root_fs: mounts its root file system read-only; API 1.17 and later.
        masked_paths: paths that it cannot see, instead of the Engine's own; `[]` is none; API 1.38
            and later.
        read_only_paths: paths that it cannot write, instead of the Engine's own; `[]` is none; API
            1.38 and later.
        shm_size: the size of `/dev/shm`; API 1.22 and later.
        storage_opt: options of the storage driver, such as `{"size": "10G"}`; API 1.24 and later.
        disk_quota: in answers only; no Engine reads it. Use `storage_opt`.
        container_id_file: a file to which a client wrote the id; Engines only store the path.
        network_mode: `bridge`, `host`, `none`, `container:<id>` or the name of a network; API 1.11
            and later.
        port_bindings: maps ports of the container, such as `80` or `"53/udp"`, to ports of the
            host: a number, `"8000-8010"`, `"127.0.0.1:80"`, `("127.0.0.1", 80)`, a `PortBinding`,
            a list of these; None for a port that the Engine chooses. Or a list of texts as after
            `docker run -p`: `"127.0.0.1:8080-8081:80-81/udp"`. These ports are exposed, too; API
            1.6 and later.
        publish_all_ports: publishes every exposed port on one that the Engine chooses; API 1.6 and
            later.
        links: a list of `"container:alias"` or of such pairs, or a mapping; API 1.6 and later.
        extra_hosts: a list of `"name:address"` or of such pairs, or a mapping, for `/etc/hosts`;
            API 1.15 and later.
        dns: addresses of its name servers.
        dns_search: its search domains; API 1.10 and later.
        dns_options: options of its resolver, such as `["ndots:2"]`; API 1.21 and later.
        cpu_shares: its CPU weight relative to other containers; the default is 1024.
        nano_cpus: its CPU limit in billionths of a CPU; API 1.25 and later.
        cpu_period: the period of the scheduler in microseconds; API 1.19 and later.
        cpu_quota: the CPU time in each period in microseconds; -1 is unlimited; API 1.19 and later.
        cpu_realtime_period: the period of the realtime scheduler in microseconds; API 1.25 and
            later.
        cpu_realtime_runtime: the CPU time in each such period in microseconds; API 1.25 and later.
        cpuset_cpus: CPUs that it may use, such as `"0-2,4"`; API 1.12 and later.
        cpuset_mems: memory nodes that it may use; API 1.19 and later.
        cpu_count: CPUs, on Windows; API 1.25 and later.
        cpu_percent: percent of all CPUs, on Windows; API 1.24 and later.
        memory: its memory limit; 0 is unlimited.
        memory_swap: the limit of memory and swap together; -1 is unlimited.
        memory_reservation: a soft limit, for when the host is short of memory; API 1.21 and later.
        memory_swappiness: 0 to 100; API 1.20 and later.
        kernel_memory: the limit of its kernel memory; API 1.21 to 1.41.
        kernel_memory_tcp: the limit of its TCP buffers in the kernel; API 1.40 to 1.51.
        oom_kill_disable: disables the OOM killer for it; API 1.19 and later.
        oom_score_adj: -1000 to 1000; the OOM killer takes the highest first; API 1.22 and later.
        blkio_weight: its weight for block devices, 10 to 1000; 0 is the default; API 1.19 and
            later.
        blkio_weight_device: a list of `BlkioWeightDevice`; API 1.22 and later.
        blkio_device_read_bps, blkio_device_write_bps: a list of `ThrottleDevice`, in bytes; API
            1.22 and later.
        blkio_device_read_iops, blkio_device_write_iops: a list of `ThrottleDevice`, in operations;
            API 1.22 and later.
        io_maximum_iops: operations in a second on the system's drive, on Windows; API 1.24 and
            later.
        io_maximum_bandwidth: bytes in a second on the system's drive, on Windows; API 1.24 and
            later.
        pids_limit: the maximum number of processes; 0 or -1 is unlimited; API 1.23 and later.
        ulimits: such as `"nofile=1024:2048"`, or `Ulimit`; API 1.18 and later.
        devices: such as `"/dev/snd"` or `"/dev/sda:/dev/xvda:rwm"`, or `Device`; API 1.14 and
            later.
        device_cgroup_rules: rules such as `"c 42:* rmw"`; API 1.28 and later.
        device_requests: a list of `DeviceRequest`, such as GPUs; API 1.40 and later.
        privileged: gives it all capabilities and all devices of the host; API 1.4 and later.
        cap_add, cap_drop: capabilities of the kernel, such as `["NET_ADMIN"]`; API 1.14 and later.
        group_add: names or numbers of further groups; API 1.20 and later.
        security_opt: such as `["no-new-privileges"]`; API 1.15 and later.
        sysctls: maps settings of the kernel to values; API 1.24 and later.
        cgroup: another container's cgroup, `container:<id>`; API 1.23 and later.
        cgroup_parent: the parent of its cgroup; API 1.18 and later.
        cgroupns_mode: `private` or `host`; API 1.41 and later.
        ipc_mode: such as `host`, `private`, `shareable` or `container:<id>`; API 1.16 and later.
        pid_mode: `host` or `container:<id>`; API 1.17 and later.
        uts_mode: `host` shares the UTS namespace, and so the hostname, of the host; API 1.19 and
            later.
        userns_mode: `host` disables the remapping of users; API 1.23 and later.
        init: runs an init as process 1, which reaps processes and forwards signals; API 1.25 and
            later.
        runtime: the name of an OCI runtime, such as `runc`; API 1.24 and later.
        isolation: `default`, `process` or `hyperv`, on Windows; API 1.22 and later.
        restart_policy: such as `"always"` or `"on-failure:3"`, a `RestartPolicy`, or a mapping such
            as `{"Name": "on-failure", "MaximumRetryCount": 3}`; API 1.14 and later.
        auto_remove: the Engine removes it when it ends; API 1.25 and later.
        log_config: a log driver, a `LogConfig`, or a mapping such as `{"type": "local", "config":
            {...}}`; API 1.18 and later.
        console_size: height and width of its terminal; API 1.42 and later.
        annotations: maps names to values, for the runtime; API 1.43 and later.
        lxc_conf: a mapping or a list of pairs; up to API 1.21.
    """

    __repr__ = Settings.brief

    # Files
    binds: Setting[Binds | None, tuple[str, ...] | None] = setting("Binds", BINDS)
    mounts: Setting[Iterable[Mount] | None, tuple[Mount, ...] | None] = setting(
        "Mounts", several(Mount)
    )
    tmpfs: Setting[Mapping[str, str] | Iterable[str] | None, dict[str, str] | None] = setting(
        "Tmpfs", TMPFS
    )
    volumes_from: Texts = setting("VolumesFrom", NAMES)
    volume_driver: str | None = setting("VolumeDriver", TEXT)
    read_only_root_fs: bool | None = setting("ReadonlyRootfs", FLAG)
    masked_paths: Texts = setting("MaskedPaths", OVERRIDDEN_PATHS)
    read_only_paths: Texts = setting("ReadonlyPaths", OVERRIDDEN_PATHS)
    shm_size: Bytes = setting("ShmSize", size())
    storage_opt: Table = setting("StorageOpt", WORDS)
    disk_quota: Bytes = setting("DiskQuota", Kind(integer, _disk_quota))
    container_id_file: str | None = setting("ContainerIDFile", TEXT)

    # Network
    network_mode: Setting[NetworkRef | None, str | None] = setting("NetworkMode", NETWORK)
    port_bindings: Setting[
        PortMap | Iterable[str] | None, dict[str, tuple[PortBinding, ...]] | None
    ] = setting("PortBindings", Kind(_read_port_bindings, _port_bindings))
    publish_all_ports: bool | None = setting("PublishAllPorts", FLAG)
    links: Pairs = setting("Links", LINKS)
    extra_hosts: Pairs = setting("ExtraHosts", HOSTS)
    dns: Texts = setting("Dns", ADDRESSES)
    dns_search: Texts = setting("DnsSearch", LINES)
    dns_options: Texts = setting("DnsOptions", LINES)

    # Processors
    cpu_shares: int | None = setting("CpuShares", whole(0))
    nano_cpus: int | None = setting("NanoCpus", whole(0))
    cpu_period: int | None = setting("CpuPeriod", whole(1000, 1_000_000, 0))
    cpu_quota: int | None = setting("CpuQuota", whole(1000, None, 0, -1))
    cpu_realtime_period: int | None = setting("CpuRealtimePeriod", whole(0))
    cpu_realtime_runtime: int | None = setting("CpuRealtimeRuntime", whole(0))
    cpuset_cpus: str | None = setting("CpusetCpus", CPU_SET, "Cpuset")
    cpuset_mems: str | None = setting("CpusetMems", CPU_SET)
    cpu_count: int | None = setting("CpuCount", whole(0))
    cpu_percent: int | None = setting("CpuPercent", whole(0, 100))

    # Memory
    memory: Bytes = setting("Memory", size())
    memory_swap: Bytes = setting("MemorySwap", size(0, -1))
    memory_reservation: Bytes = setting("MemoryReservation", size())
    # Engines up to 1.9 answer -1 where it was not set.
    memory_swappiness: int | None = setting("MemorySwappiness", whole(0, 100, -1))
    kernel_memory: Bytes = setting("KernelMemory", size())
    kernel_memory_tcp: Bytes = setting("KernelMemoryTCP", size())
    oom_kill_disable: bool | None = setting("OomKillDisable", FLAG)
    oom_score_adj: int | None = setting("OomScoreAdj", whole(-1000, 1000))

    # Block devices
    blkio_weight: int | None = setting("BlkioWeight", whole(10, 1000, 0))
    blkio_weight_device: Setting[
        Iterable[BlkioWeightDevice] | None, tuple[BlkioWeightDevice, ...] | None
    ] = setting("BlkioWeightDevice", several(BlkioWeightDevice))
    blkio_device_read_bps: Throttles = setting("BlkioDeviceReadBps", several(ThrottleDevice))
    blkio_device_write_bps: Throttles = setting("BlkioDeviceWriteBps", several(ThrottleDevice))
    blkio_device_read_iops: Throttles = setting("BlkioDeviceReadIOps", several(ThrottleDevice))
    blkio_device_write_iops: Throttles = setting("BlkioDeviceWriteIOps", several(ThrottleDevice))
    io_maximum_iops: int | None = setting("IOMaximumIOps", whole(0))
    io_maximum_bandwidth: Bytes = setting("IOMaximumBandwidth", size())

    # Processes and rights
    pids_limit: int | None = setting("PidsLimit", whole(-1))
    ulimits: Ulimits = setting("Ulimits", several(Ulimit, ulimit))
    devices: Setting[Iterable[str | Device] | None, tuple[Device, ...] | None] = setting(
        "Devices", several(Device, _device)
    )
    device_cgroup_rules: Texts = setting("DeviceCgroupRules", LINES)
    device_requests: Setting[Iterable[DeviceRequest] | None, tuple[DeviceRequest, ...] | None] = (
        setting("DeviceRequests", several(DeviceRequest))
    )
    privileged: bool | None = setting("Privileged", FLAG)
    cap_add: Texts = setting("CapAdd", NAMES)
    cap_drop: Texts = setting("CapDrop", NAMES)
    group_add: Setting[Iterable[str | int] | None, tuple[str, ...] | None] = setting(
        "GroupAdd", IDENTITIES
    )
    security_opt: Texts = setting("SecurityOpt", LINES)
    sysctls: Table = setting("Sysctls", WORDS)
    cgroup: str | None = setting("Cgroup", TEXT)
    cgroup_parent: str | None = setting("CgroupParent", TEXT)
    cgroupns_mode: str | None = setting("CgroupnsMode", choice("private", "host"))
    ipc_mode: str | None = setting("IpcMode", TEXT)
    pid_mode: str | None = setting("PidMode", TEXT)
    uts_mode: str | None = setting("UTSMode", TEXT)
    userns_mode: str | None = setting("UsernsMode", TEXT)

    # How it is run
    init: bool | None = setting("Init", FLAG)
    runtime: str | None = setting("Runtime", TEXT)
    isolation: str | None = setting("Isolation", ISOLATION)
    restart_policy: Setting[
        RestartPolicy | str | Mapping[str, Any] | None, RestartPolicy | None
    ] = setting("RestartPolicy", nested(RestartPolicy, restart_policy))
    auto_remove: bool | None = setting("AutoRemove", FLAG)
    log_config: Setting[LogConfig | str | Mapping[str, Any] | None, LogConfig | None] = setting(
        "LogConfig", nested(LogConfig, _log_config)
    )
    console_size: Setting[Iterable[int] | None, tuple[int, ...] | None] = setting(
        "ConsoleSize", CONSOLE_SIZE
    )
    annotations: Table = setting("Annotations", WORDS)
    lxc_conf: Setting[
        Mapping[str, str] | Iterable[tuple[str, str] | Mapping[str, str]] | None,
        tuple[tuple[str, str], ...] | None,
    ] = setting("LxcConf", LXC)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_memory(self.memory, self.memory_swap)
        check_limits(self)
        policy = self.restart_policy
        if self.auto_remove and policy is not None and policy.name not in (None, "no"):
            raise ValueError(f"auto_remove contradicts restart_policy: {policy.name!r}")
        if self.network_mode == "host" and self.links:
            raise ValueError(f"network_mode: 'host' contradicts links: {self.links!r}")
        if self.network_mode == "none" and self.port_bindings:
            ports = ", ".join(self.port_bindings)
            raise ValueError(f"port_bindings: {ports}, but network_mode='none' publishes nothing")


def check_limits(given: Any) -> None:
    """Checks a container's limits, at creation and in an update."""
    if given.memory and (given.memory_reservation or 0) > given.memory:
        raise ValueError(
            f"memory_reservation: {given.memory_reservation} is more than memory: {given.memory}"
        )
    if given.nano_cpus and (given.cpu_period or given.cpu_quota):
        raise ValueError(
            f"nano_cpus: {given.nano_cpus} contradicts cpu_period: {given.cpu_period} and "
            f"cpu_quota: {given.cpu_quota}"
        )


def check_memory(memory: int | None, swap: int | None) -> None:
    if swap and swap != -1 and not memory:
        raise ValueError(f"memory_swap: {swap} needs memory, too")
    if swap and memory and -1 < swap < memory:
        raise ValueError(f"memory_swap: {swap} is memory and swap together, memory alone {memory}")
