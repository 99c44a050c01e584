"""Containers in the Engine's answers: the list, inspect, processes, changes, stats.

A container has the same fields with the same values from every Engine since 0.3.3. A field that an
Engine does not send is None; the docstrings say from which API version it exists.
"""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import UnexpectedReply, shown
from ..late import load
from .base import (
    Model,
    by_name,
    filled,
    flag,
    integer,
    many,
    mapping,
    model,
    one,
    strings,
    table,
    text,
    unless_zero,
    when,
    wire,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from .config import ContainerConfig, HostConfig, NetworkingConfig, PortBinding
    from .images import Descriptor, StorageDriver


def _name(value: Any) -> str | None:
    """A container's name without the leading slash that every Engine sends."""
    found = filled(value)
    return None if found is None else found.removeprefix("/")


def _names(value: Any) -> tuple[str, ...]:
    if value.__class__ is list:
        try:
            return tuple([name.removeprefix("/") for name in value])
        except AttributeError:  # an item that is not text
            pass
    return tuple([name.removeprefix("/") for name in strings(value)])


def _command(value: Any) -> str | None:
    # Up to 0.6 a command without arguments ends in a space.
    found = text(value)
    return None if found is None else found.removesuffix(" ")


def _size_rw(container: dict[str, Any]) -> int | None:
    """The bytes written; 0 and a missing key mean either "nothing" or "not asked".

    Engines 0.4.5 to 0.7 send two zeros if the sizes were not asked for; from 1.7 on a 0 is left
    out. Every container has files, so the size of all files tells the two cases apart.
    """
    written = integer(container.get("SizeRw"))
    return written or (0 if integer(container.get("SizeRootFs")) else None)


@model
class Port(Model):
    """A port of a container in the list of containers.

    Attributes:
        private_port: the port in the container.
        public_port: the port of the host that is forwarded to it; None if none is.
        ip: the address of the host on which it is published; None if it is not published; Engine
            0.6.5 and later.
        protocol: `tcp`, `udp` or `sctp`.
    """

    private_port: int = wire("PrivatePort", read=integer, required=True)
    public_port: int | None = wire("PublicPort", read=unless_zero)
    ip: str | None = wire("IP", read=filled)
    protocol: str | None = wire("Type", read=text)


_PORT_TEXT = re.compile(
    r"(?:(?:(?P<IP>.+):)?(?P<PublicPort>\d+)->)?(?P<PrivatePort>\d+)(?:/(?P<Type>\w+))?", re.ASCII
)


def _ports(value: Any) -> tuple[Port, ...]:
    """Ports from a list, or from the text of API 1.0 to 1.4."""
    if isinstance(value, str):
        return tuple(_port_of_text(part.strip()) for part in value.split(",") if part.strip())
    return many(Port)([_port(row) for row in value or ()])


def _port(row: Any) -> Any:
    """The row, with an unpublished port under PrivatePort.

    Engines 0.6.5 to 0.11.1 send such a port as PublicPort, with PrivatePort 0.
    """
    if isinstance(row, dict) and not row.get("PrivatePort"):
        return {**row, "PrivatePort": row.get("PublicPort"), "PublicPort": None}
    return row


def _port_of_text(part: str) -> Port:
    """`49153->80`, `49153->53/udp` (to 0.6.4); `0.0.0.0:49153->80/tcp`, `22/tcp` (from 0.8.0)."""
    match = _PORT_TEXT.fullmatch(part)
    if match is None:
        raise ValueError(f"not a port: {part!r}")
    return Port.parse({"Type": "tcp"} | {k: v for k, v in match.groupdict().items() if v})


@model
class MountPoint(Model):
    """A volume or a host path, mounted in a container at `destination`.

    Attributes:
        type: `volume`, `bind`, `tmpfs` and so on; API 1.25 and later.
        name: the name of a volume, None for other types; API 1.20 and later, and the volume's id on
            Engine 0.3.3.
        source: the path on the host; None where there is none, and on Engine 0.3.3.
        destination: the path in the container.
        driver: the volume's driver, such as `local`; API 1.20 and later.
        mode: the requested options, such as `ro` or `z`; API 1.20 and later.
        writable: whether the container may write to it.
        propagation: the mount propagation, such as `rprivate`; API 1.22 and later.
    """

    type: str | None = wire("Type", read=filled)
    name: str | None = wire("Name", read=filled)
    source: str | None = wire("Source", read=filled)
    destination: str = wire("Destination", read=text, required=True)
    driver: str | None = wire("Driver", read=filled)
    mode: str | None = wire("Mode", read=filled)
    writable: bool | None = wire("RW", read=flag)
    propagation: str | None = wire("Propagation", read=filled)


def _mount_points(value: Any) -> tuple[MountPoint, ...]:
    # Sorted: they come from a Go map, each time in another order.
    return tuple(sorted(many(MountPoint)(value), key=lambda mount: mount.destination))


def _mounts(container: dict[str, Any]) -> tuple[MountPoint, ...]:
    """Mounts (API 1.20 and later), or Volumes and VolumesRW (before)."""
    if container.get("Mounts") is not None:
        return _mount_points(container["Mounts"])
    writable = container.get("VolumesRW") or {}
    return _mount_points(
        [
            {
                "Destination": destination,
                "Source" if source.startswith("/") else "Name": source,
                "RW": writable.get(destination),
            }
            for destination, source in (container.get("Volumes") or {}).items()
        ]
    )


@model
class AddressAssignment(Model):
    """The addresses that the caller asked for in a network.

    Attributes:
        ipv4_address: None if the Engine was to choose.
        ipv6_address: None if the Engine was to choose.
        link_local_ips: further addresses, of link-local scope.
    """

    ipv4_address: str | None = wire("IPv4Address", read=filled)
    ipv6_address: str | None = wire("IPv6Address", read=filled)
    link_local_ips: tuple[str, ...] = wire("LinkLocalIPs", read=strings, default=())


@model
class NetworkEndpoint(Model):
    """A container's present endpoint in a network (API 1.21 and later).

    `Container.networking()` has what the caller asked for. Addresses are None while the container
    is not running.

    Attributes:
        network_id: the id of the network; API 1.22 and later.
        endpoint_id: the id of this endpoint; None while the container is not running.
        ip_address: the IPv4 address, without the prefix length.
        ip_prefix_len: the prefix length of the IPv4 address, in bits.
        gateway: the IPv4 address of the gateway.
        global_ipv6_address: the IPv6 address; None in a network without IPv6.
        global_ipv6_prefix_len: the prefix length of the IPv6 address, in bits.
        ipv6_gateway: the IPv6 address of the gateway.
        mac_address: the MAC address of the interface in this network.
        assignment: the addresses that the caller asked for, if any; API 1.22 and later.
        links: links to other containers, `name:alias`; API 1.22 and later.
        aliases: more names of the container in this network; Engines before 25.0 add the short id
            and the hostname; API 1.22 and later.
        dns_names: all names of the container in this network; API 1.44 and later.
        driver_options: maps options of the network's driver to values; API 1.32 and later.
        gateway_priority: the network with the highest has the container's default gateway; API 1.48
            and later.
    """

    network_id: str | None = wire("NetworkID", read=filled)
    endpoint_id: str | None = wire("EndpointID", read=filled)
    ip_address: str | None = wire("IPAddress", read=filled)
    ip_prefix_len: int | None = wire("IPPrefixLen", read=unless_zero)
    gateway: str | None = wire("Gateway", read=filled)
    global_ipv6_address: str | None = wire("GlobalIPv6Address", read=filled)
    global_ipv6_prefix_len: int | None = wire("GlobalIPv6PrefixLen", read=unless_zero)
    ipv6_gateway: str | None = wire("IPv6Gateway", read=filled)
    mac_address: str | None = wire("MacAddress", read=filled)
    assignment: AddressAssignment | None = wire("IPAMConfig", read=one(AddressAssignment))
    links: tuple[str, ...] = wire("Links", read=strings, default=())
    aliases: tuple[str, ...] = wire("Aliases", read=strings, default=())
    dns_names: tuple[str, ...] = wire("DNSNames", read=strings, default=())
    driver_options: dict[str, str] = wire("DriverOpts", read=mapping, default=attrs.Factory(dict))
    gateway_priority: int | None = wire("GwPriority", read=integer)


@model
class HealthProbe(Model):
    """One run of a container's health check.

    Attributes:
        start: when the check began.
        end: when the check ended.
        exit_code: 0 is healthy, 1 is unhealthy; any other code is an error of the check.
        output: what the check printed, cut to some 4 KiB by the Engine.
    """

    start: datetime.datetime | None = wire("Start", read=when)
    end: datetime.datetime | None = wire("End", read=when)
    exit_code: int | None = wire("ExitCode", read=integer)
    output: str | None = wire("Output", read=text)


@model
class Health(Model):
    """The results of a container's health checks.

    Attributes:
        status: `starting`, `healthy`, `unhealthy` or `none`.
        failing_streak: the number of failures in a row.
        log: the last few results, oldest first; empty in the list of containers.
    """

    status: str | None = wire("Status", read=text)
    failing_streak: int | None = wire("FailingStreak", read=integer)
    log: tuple[HealthProbe, ...] = wire("Log", read=many(HealthProbe), default=())


# Podman's additional states: attached before the start, about to end, ended but not cleaned up.
_ALSO_KNOWN_AS = {"initialized": "created", "stopping": "running", "stopped": "exited"}


def _state(value: Any) -> str | None:
    return _ALSO_KNOWN_AS.get(value, value) if value.__class__ is str else text(value)


@model
class ContainerSummary(Model):
    """A row of the list of containers.

    Attributes:
        id: 12 digits up to Engine 0.6.6, 64 after.
        names: the names without the leading slash; links from other containers look like `web/db`.
            Empty before Engine 0.6.5.
        image: the image's name as the caller gave it, or the image's id if it has lost that name.
        image_id: the id of the image; API 1.21 and later.
        image_manifest: the manifest of its platform, with containerd's image store; API 1.48 and
            later.
        command: the program and its arguments as one text, which the Engine may have cut.
        created: when it was created.
        status: text for people, which differs between releases: `Up 3 seconds`, `Exited (0) 3
            minutes ago`.
        state: a word for programs, such as `running`; API 1.23 and later.
        health: the results of its health checks, without their log; API 1.52 and later.
        ports: the exposed and published ports.
        labels: empty before Engine 1.6.0.
        annotations: annotations for the runtime; API 1.46 and later.
        size_rw: bytes that the container has written; None unless the size was asked for.
        size_root_fs: bytes of all its files, the image's included; None unless the size was asked
            for.
        network_mode: such as `bridge`, `host` or the name of a network; API 1.20 and later.
        networks: its endpoints by the names of the networks; API 1.22 and later.
        mounts: its volumes and mounts, sorted by destination; API 1.23 and later.
    """

    id: str = wire("Id", read=text, required=True)
    names: tuple[str, ...] = wire("Names", read=_names, default=())
    image: str | None = wire("Image", read=text)
    image_id: str | None = wire("ImageID", read=filled)
    image_manifest: Descriptor | None = wire(
        "ImageManifestDescriptor", read=one("images.Descriptor")
    )
    command: str | None = wire("Command", read=_command)
    created: datetime.datetime | None = wire("Created", read=when)
    status: str | None = wire("Status", read=text)
    state: str | None = wire("State", read=_state)
    health: Health | None = wire("Health", read=one(Health))
    ports: tuple[Port, ...] = wire("Ports", read=_ports, default=())
    labels: dict[str, str] = wire("Labels", read=mapping, default=attrs.Factory(dict))
    annotations: dict[str, str] = wire(
        "HostConfig.Annotations", read=mapping, default=attrs.Factory(dict)
    )
    size_rw: int | None = wire("", read=_size_rw)
    size_root_fs: int | None = wire("SizeRootFs", read=unless_zero)
    network_mode: str | None = wire("HostConfig.NetworkMode", read=filled)
    networks: dict[str, NetworkEndpoint] = wire(
        "NetworkSettings.Networks", read=by_name(NetworkEndpoint), default=attrs.Factory(dict)
    )
    mounts: tuple[MountPoint, ...] = wire("Mounts", read=_mount_points, default=())


def _status(state: dict[str, Any]) -> str:
    """The state's name, derived as the Engine does it (moby, StateString) before API 1.21."""
    named = _state(state.get("Status"))
    if named:
        return named
    for key in ("Paused", "Restarting", "Running", "Dead"):
        if flag(state.get(key)):
            return key.lower()
    return "created" if when(state.get("StartedAt")) is None else "exited"


@model
class ContainerState(Model):
    """The state of a container: whether it is running, and how it ended.

    Attributes:
        status: `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. (In
            the list this word is `ContainerSummary.state`, and `status` is a text.)
        running: True also for a container that is paused or restarting.
        paused: whether it is paused; Engine 0.12.0 and later.
        restarting: whether its restart policy is about to start it again; Engine 1.2.0 and later.
        oom_killed: whether the kernel's OOM killer has killed it; Engine 1.4.0 and later.
        dead: whether its removal has failed half way; Engine 1.6.0 and later.
        ghost: whether the process outlived the Engine that started it; up to Engine 0.10.0.
        pid: its first process, on the host; 0 while it is not running.
        exit_code: the exit code of its last run; 0 while it is running.
        error: why its last start failed; None if it did not; Engine 1.4.0 and later.
        started_at: when it was last started; None if it never was.
        finished_at: when it last ended; None if it never did; Engine 0.6.4 and later.
        health: the results of its health checks; None without any, and below API 1.24.
    """

    status: str = wire("", read=_status, required=True)
    running: bool | None = wire("Running", read=flag)
    paused: bool | None = wire("Paused", read=flag)
    restarting: bool | None = wire("Restarting", read=flag)
    oom_killed: bool | None = wire("OOMKilled", read=flag)
    dead: bool | None = wire("Dead", read=flag)
    ghost: bool | None = wire("Ghost", read=flag)
    pid: int | None = wire("Pid", read=integer)
    exit_code: int | None = wire("ExitCode", read=integer)
    error: str | None = wire("Error", read=filled)
    started_at: datetime.datetime | None = wire("StartedAt", read=when)
    finished_at: datetime.datetime | None = wire("FinishedAt", read=when)
    health: Health | None = wire("Health", read=one(Health))


def _bindings(settings: dict[str, Any]) -> dict[str, tuple[PortBinding, ...]]:
    """Ports (Engine 0.6.5 and later), or PortMapping (before)."""
    ports = settings.get("Ports")
    if ports is None:
        ports = dict(_mapped_ports(settings.get("PortMapping") or {}))
    return {port: _read_bindings(bindings) for port, bindings in ports.items()}


def _mapped_ports(found: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """`{"80": "49153"}` to 0.4.8, `{"Tcp": {"80": "49153"}, "Udp": {}}` to 0.6.4."""
    for key, value in found.items():
        if isinstance(value, dict):
            for private, public in value.items():
                yield f"{private}/{key.lower()}", [{"HostPort": public}]
        elif value is not None:
            yield f"{key}/tcp", [{"HostPort": value}]


@model
class SecondaryAddress(Model):
    """A secondary address of a container.

    Attributes:
        address: the address without the prefix length.
        prefix_len: the prefix length, in bits.
    """

    address: str | None = wire("Addr", read=filled)
    prefix_len: int | None = wire("PrefixLen", read=unless_zero)


@model
class NetworkSettings(Model):
    """A container's present network settings; addresses are None while it is not running.

    The addresses are those in the default network; from API 1.52 on they are read from `networks`.

    Attributes:
        ip_address: the IPv4 address in the default network.
        ip_prefix_len: the prefix length of the IPv4 address, in bits.
        gateway: the IPv4 address of the default network's gateway.
        mac_address: the MAC address in the default network; Engine 1.5.0 and later.
        global_ipv6_address: the IPv6 address in the default network.
        global_ipv6_prefix_len: the prefix length of the IPv6 address, in bits.
        ipv6_gateway: the IPv6 address of the default network's gateway.
        link_local_ipv6_address: the link-local IPv6 address; to API 1.51.
        link_local_ipv6_prefix_len: its prefix length, in bits; to API 1.51.
        secondary_addresses: further IPv4 addresses; to API 1.51.
        secondary_ipv6_addresses: further IPv6 addresses; to API 1.51.
        ports: maps a port of the container, e.g. `80/tcp`, to the host addresses that are forwarded
            to it; the tuple is empty if the port is only exposed.
        networks: its endpoints by the names of the networks; API 1.21 and later.
        bridge: the name of the default network's bridge; to API 1.51.
        network_id: the id of the default network.
        endpoint_id: the id of the endpoint in the default network.
        sandbox_id: the id of its network namespace; Engine 1.9.0 and later.
        sandbox_key: the path of that namespace on the host; Engine 1.7.0 and later.
        hairpin_mode: whether it reaches itself by its own published ports; to API 1.51.
    """

    ip_address: str | None = wire(
        "IPAddress", "IpAddress", "Networks.bridge.IPAddress", read=filled
    )
    ip_prefix_len: int | None = wire(
        "IPPrefixLen", "IpPrefixLen", "Networks.bridge.IPPrefixLen", read=unless_zero
    )
    gateway: str | None = wire("Gateway", "Networks.bridge.Gateway", read=filled)
    mac_address: str | None = wire("MacAddress", "Networks.bridge.MacAddress", read=filled)
    global_ipv6_address: str | None = wire(
        "GlobalIPv6Address", "Networks.bridge.GlobalIPv6Address", read=filled
    )
    global_ipv6_prefix_len: int | None = wire(
        "GlobalIPv6PrefixLen", "Networks.bridge.GlobalIPv6PrefixLen", read=unless_zero
    )
    ipv6_gateway: str | None = wire("IPv6Gateway", "Networks.bridge.IPv6Gateway", read=filled)
    link_local_ipv6_address: str | None = wire("LinkLocalIPv6Address", read=filled)
    link_local_ipv6_prefix_len: int | None = wire("LinkLocalIPv6PrefixLen", read=unless_zero)
    secondary_addresses: tuple[SecondaryAddress, ...] = wire(
        "SecondaryIPAddresses", read=many(SecondaryAddress), default=()
    )
    secondary_ipv6_addresses: tuple[SecondaryAddress, ...] = wire(
        "SecondaryIPv6Addresses", read=many(SecondaryAddress), default=()
    )
    ports: dict[str, tuple[PortBinding, ...]] = wire(
        "", read=_bindings, default=attrs.Factory(dict)
    )
    networks: dict[str, NetworkEndpoint] = wire(
        "Networks", read=by_name(NetworkEndpoint), default=attrs.Factory(dict)
    )
    bridge: str | None = wire("Bridge", read=filled)
    network_id: str | None = wire("NetworkID", "Networks.bridge.NetworkID", read=filled)
    endpoint_id: str | None = wire("EndpointID", "Networks.bridge.EndpointID", read=filled)
    sandbox_id: str | None = wire("SandboxID", read=filled)
    sandbox_key: str | None = wire("SandboxKey", read=filled)
    hairpin_mode: bool | None = wire("HairpinMode", read=flag)


# Settings that moved from Config to HostConfig, with the name there: limits in Engine 1.6.0, Dns
# and VolumesFrom in 0.10.0, Privileged in 0.6.6, SecurityOpt in 1.4.0, VolumeDriver in 1.9.0.
_MOVED = {
    "Memory": "Memory",
    "MemorySwap": "MemorySwap",
    "CpuShares": "CpuShares",
    "Cpuset": "CpusetCpus",
    "Dns": "Dns",
    "VolumesFrom": "VolumesFrom",
    "Privileged": "Privileged",
    "SecurityOpt": "SecurityOpt",
    "VolumeDriver": "VolumeDriver",
}


_read_host_config: Callable[[Any], HostConfig | None] = one("config.HostConfig")
_read_bindings: Callable[[Any], tuple[PortBinding, ...]] = many("config.PortBinding")


def _host_config(container: dict[str, Any]) -> HostConfig | None:
    """HostConfig, with the settings that old Engines keep in Config."""
    host, config = container.get("HostConfig"), container.get("Config")
    if isinstance(config, dict) and (host is None or isinstance(host, dict)):
        known = host or {}
        moved = {
            now: config[was]
            for was, now in _MOVED.items()
            if was in config and (now not in known or (config[was] and not known[now]))
        }
        if isinstance(moved.get("VolumesFrom"), str):  # a single text up to 0.9
            moved["VolumesFrom"] = [name for name in moved["VolumesFrom"].split(",") if name]
        host = {**known, **moved} if moved else host
    return _read_host_config(host)


@model
class Container(Model):
    """Everything that the Engine says about a container.

    Attributes:
        id: 64 hexadecimal digits.
        name: without the leading slash; Engine 0.6.5 and later.
        created: when it was created.
        path: the program that it runs.
        args: the arguments of the program.
        image: the id of its image; `config.image` is the name that the caller gave.
        image_manifest: the manifest of its platform, with containerd's image store; API 1.48 and
            later.
        config: what it runs, and how: command, environment, labels.
        host_config: its settings of the host. Limits such as memory are here for every Engine, all
            others from Engine 0.7.1 on.
        state: whether it is running, and how it ended.
        network_settings: its present addresses and ports.
        mounts: its volumes and mounts, sorted by destination.
        restart_count: how often its restart policy has started it; Engine 1.2.0 and later.
        exec_ids: the execs that run in it; Engine 1.3.0 and later.
        platform: the operating system of its image, such as `linux`; API 1.32 and later.
        driver: the storage driver, such as `overlay2`; Engine 0.7.0 and later.
        exec_driver: the predecessor of the runtime, such as `native`; Engines 0.9.0 to 1.9.
        storage_driver: the storage driver and its own data about the container; None where
            containerd keeps the files; API 1.20 and later.
        snapshot: the snapshot with its files, where containerd keeps them.
        size_rw: bytes that it has written; None unless asked for (API 1.20 and later).
        size_root_fs: bytes of all its files; None unless asked for (API 1.20 and later).
        log_path: the file of its logs on the Engine's host, if there is one; Engine 1.5.0 and
            later.
        hostname_path: the file on the Engine's host that it sees as `/etc/hostname`.
        hosts_path: the file on the Engine's host that it sees as `/etc/hosts`.
        resolv_conf_path: the file on the Engine's host that it sees as `/etc/resolv.conf`.
        init_path: the Engine's own program that prepares it, on the host; up to Engine 0.6.
        mount_label: the SELinux label of its files; Engine 0.10.0 and later.
        process_label: the SELinux label of its processes; Engine 0.10.0 and later.
        app_armor_profile: its AppArmor profile; Engine 1.2.0 and later.
    """

    id: str = wire("Id", "ID", read=text, required=True)
    name: str | None = wire("Name", read=_name)
    created: datetime.datetime | None = wire("Created", read=when)
    path: str | None = wire("Path", read=text)
    args: tuple[str, ...] = wire("Args", read=strings, default=())
    image: str | None = wire("Image", read=filled)
    image_manifest: Descriptor | None = wire(
        "ImageManifestDescriptor", read=one("images.Descriptor")
    )
    config: ContainerConfig = wire("Config", read=one("config.ContainerConfig"), required=True)
    host_config: HostConfig | None = wire("", read=_host_config)
    state: ContainerState = wire("State", read=one(ContainerState), required=True)
    network_settings: NetworkSettings = wire(
        "NetworkSettings", read=one(NetworkSettings), required=True
    )
    mounts: tuple[MountPoint, ...] = wire("", read=_mounts, default=())
    restart_count: int | None = wire("RestartCount", read=integer)
    exec_ids: tuple[str, ...] = wire("ExecIDs", read=strings, default=())
    platform: str | None = wire("Platform", read=filled)
    driver: str | None = wire("Driver", read=filled)
    exec_driver: str | None = wire("ExecDriver", read=filled)
    storage_driver: StorageDriver | None = wire("GraphDriver", read=one("images.StorageDriver"))
    snapshot: str | None = wire("Storage.RootFS.Snapshot.Name", read=filled)
    size_rw: int | None = wire("", read=_size_rw)
    size_root_fs: int | None = wire("SizeRootFs", read=unless_zero)
    log_path: str | None = wire("LogPath", read=filled)
    hostname_path: str | None = wire("HostnamePath", read=filled)
    hosts_path: str | None = wire("HostsPath", read=filled)
    resolv_conf_path: str | None = wire("ResolvConfPath", read=filled)
    init_path: str | None = wire("SysInitPath", read=filled)
    mount_label: str | None = wire("MountLabel", read=filled)
    process_label: str | None = wire("ProcessLabel", read=filled)
    app_armor_profile: str | None = wire("AppArmorProfile", read=filled)

    def networking(self) -> NetworkingConfig:
        """Its networks as the caller asked for them; a new container can be created with them.

        The network of `host_config.network_mode` comes first. Addresses that the Engine has chosen
        are left out, and so are the short id and the hostname, which Engines before 25.0 add to the
        aliases. The networks `bridge`, `host` and `none` have no aliases. Up to API 1.51, the MAC
        address that the caller asked for is in `config`.

        Below API 1.44 a container can only be created in one network.
        """
        load("dockerapi.models.config")
        from . import config

        own = (self.id[:12], self.config.hostname)
        networks = dict(self.network_settings.networks)
        mode = self.host_config and self.host_config.network_mode
        main = [name for name, found in networks.items() if mode in (name, found.network_id)]
        return config.NetworkingConfig(
            endpoints={
                name: config.EndpointSettings(**_asked(name, networks[name], own))
                for name in sorted(networks, key=lambda name: name not in main)
            }
        )


def _asked(
    network: str, found: NetworkEndpoint, own_names: tuple[str | None, ...]
) -> dict[str, Any]:
    """A container's settings in a network, as the caller asked for them."""
    addresses = found.assignment or AddressAssignment()
    aliases = [name for name in found.aliases if name not in own_names]
    return {
        "ipv4_address": addresses.ipv4_address,
        "ipv6_address": addresses.ipv6_address,
        "link_local_ips": addresses.link_local_ips or None,
        "links": found.links or None,
        "aliases": None if network in ("bridge", "host", "none") else aliases or None,
        "driver_options": found.driver_options or None,
        "gateway_priority": found.gateway_priority or None,
    }


@model
class Created(Model):
    """A new container.

    Attributes:
        id: 12 digits up to Engine 0.6.6, 64 after.
        warnings: what the Engine will not do as asked, in its own words.
    """

    id: str = wire("Id", read=text, required=True)
    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@model
class Updated(Model):
    """The result of an update.

    Attributes:
        warnings: what the Engine will not do as asked, in its own words.
    """

    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@attrs.frozen
class Processes:
    """The processes in a container: one tuple each, with as many cells as there are `titles`.

    Attributes:
        titles: the headings of `ps`, such as `PID`; they depend on its arguments and on the
            Engine's host.
        processes: rows of text; the last cell of each is the whole command.
    """

    titles: tuple[str, ...]
    processes: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, json: Any) -> Self:
        """Parses the rows with titles of API 1.4 and later, and the objects of 1.3."""
        try:
            if json is None or isinstance(json, list):
                found = table([[row[key] for key in _TOP_1_3] for row in json or ()])
                return cls(tuple(key.upper() for key in _TOP_1_3), found)
            titles = strings(json["Titles"])
            return cls(titles, tuple(_cells(row, len(titles)) for row in table(json["Processes"])))
        except (TypeError, KeyError) as error:
            raise UnexpectedReply(f"Processes: {shown(json)}", raw=json) from error


_TOP_1_3 = ("PID", "Tty", "Time", "Cmd")


def _cells(row: tuple[str, ...], count: int) -> tuple[str, ...]:
    """The row with its command in one cell: Engines 0.5.1 to 0.6.5 split it at spaces."""
    return (
        row if len(row) <= count or not count else (*row[: count - 1], " ".join(row[count - 1 :]))
    )


_KINDS: dict[int | None, str] = {0: "modified", 1: "added", 2: "deleted"}


@model
class Change(Model):
    """A path that differs from the image.

    Attributes:
        path: absolute, in the container.
        kind: `modified`, `added` or `deleted`.
    """

    path: str = wire("Path", read=text, required=True)
    kind: str = wire("Kind", read=lambda value: _KINDS[integer(value)], required=True)


@attrs.frozen
class Copied:
    """The exceptions of a copy out of a container.

    Both are names in the archive, which begin with the name of the source: `etc/mtab`.

    Attributes:
        kept: links that lead out of the copy, and were created unchanged.
        skipped: entries that were left out.
    """

    kept: tuple[str, ...]
    skipped: tuple[str, ...]


def _is_link(mode: int | None) -> bool:
    return bool((mode or 0) & 1 << 27)


def _link_target(stat: dict[str, Any]) -> str | None:
    """The target of a link; Podman also sends a target for other files, their own path: ignored."""
    mode = integer(stat.get("mode"))
    return filled(stat.get("linkTarget")) if mode is None or _is_link(mode) else None


@model
class PathStat(Model):
    """What exists at a path in a container.

    Attributes:
        name: the last part of the path.
        size: in bytes.
        mode: Go's file mode: the low nine bits are the permissions, bit 31 marks a directory, bit
            27 a symbolic link, bit 26 a device.
        modified: when its content was last changed.
        link_target: the target of a symbolic link; None for other files.
    """

    name: str | None = wire("name", read=text)
    size: int | None = wire("size", read=integer)
    mode: int | None = wire("mode", read=integer)
    modified: datetime.datetime | None = wire("mtime", read=when)
    link_target: str | None = wire("", read=_link_target)

    @property
    def is_directory(self) -> bool:
        return bool((self.mode or 0) & 1 << 31)

    @property
    def is_link(self) -> bool:
        return _is_link(self.mode)

    @property
    def is_device(self) -> bool:
        return bool((self.mode or 0) & 1 << 26)

    @classmethod
    def from_header(cls, value: str) -> Self:
        """Parses the header `X-Docker-Container-Path-Stat`: JSON in base64.

        Podman uses the alphabet for URLs (4.3, seen), in which `-` and `_` replace two characters.
        """
        try:
            plain = value.replace("-", "+").replace("_", "/")
            found = json.loads(base64.b64decode(plain, validate=True))
        except (ValueError, RecursionError) as error:
            raise UnexpectedReply(
                f"PathStat: JSON in base64 was expected, not {shown(value)}", raw=value
            ) from error
        return cls.parse(found)


def _integers(value: Any) -> tuple[int, ...]:
    return tuple(integer(item) or 0 for item in value or ())


def _figures(value: Any) -> dict[str, int]:
    return {key: integer(item) or 0 for key, item in (value or {}).items()}


@model
class CpuStats(Model):
    """Processor time used so far, in nanoseconds (on Windows in units of 100 nanoseconds).

    Attributes:
        total_usage: the time of all processes of the container.
        usage_per_cpu: the same for each processor; empty with cgroups v2, and on Windows.
        kernel_usage: the part in kernel mode.
        user_usage: the part in user mode.
        system_usage: the time of the whole host; None on Windows.
        online_cpus: the number of processors that the host uses; API 1.27 and later; None on
            Windows.
        periods: the number of periods with a limit.
        throttled_periods: the number of periods in which the container reached its limit.
        throttled_time: how long it was throttled, in nanoseconds.
    """

    total_usage: int | None = wire("cpu_usage.total_usage", read=integer)
    usage_per_cpu: tuple[int, ...] = wire("cpu_usage.percpu_usage", read=_integers, default=())
    kernel_usage: int | None = wire("cpu_usage.usage_in_kernelmode", read=integer)
    user_usage: int | None = wire("cpu_usage.usage_in_usermode", read=integer)
    system_usage: int | None = wire("system_cpu_usage", read=integer)
    online_cpus: int | None = wire("online_cpus", read=integer)
    periods: int | None = wire("throttling_data.periods", read=integer)
    throttled_periods: int | None = wire("throttling_data.throttled_periods", read=integer)
    throttled_time: int | None = wire("throttling_data.throttled_time", read=integer)


@model
class MemoryStats(Model):
    """Memory, in bytes.

    Attributes:
        usage: present usage, with the kernel's file cache; None on Windows.
        max_usage: the highest usage so far; None with cgroups v2, and on Windows.
        limit: its limit, or the host's memory without one; None on Windows.
        fail_count: how often it reached its limit; None with cgroups v2, and on Windows.
        details: the kernel's own figures, from `memory.stat`; their names differ by cgroup version.
        commit_bytes: committed memory; Windows only.
        commit_peak_bytes: the highest committed memory so far; Windows only.
        private_working_set: the private working set; Windows only.
    """

    usage: int | None = wire("usage", read=integer)
    max_usage: int | None = wire("max_usage", read=integer)
    limit: int | None = wire("limit", read=integer)
    fail_count: int | None = wire("failcnt", read=integer)
    details: dict[str, int] = wire("stats", read=_figures, default=attrs.Factory(dict))
    commit_bytes: int | None = wire("commitbytes", read=integer)
    commit_peak_bytes: int | None = wire("commitpeakbytes", read=integer)
    private_working_set: int | None = wire("privateworkingset", read=integer)


@model
class NetworkStats(Model):
    """The traffic of a network interface so far.

    Attributes:
        rx_bytes: bytes received.
        rx_packets: packets received.
        rx_errors: packets received with errors; 0 on Windows.
        rx_dropped: incoming packets that were dropped.
        tx_bytes: bytes sent.
        tx_packets: packets sent.
        tx_errors: packets that could not be sent; 0 on Windows.
        tx_dropped: outgoing packets that were dropped.
        endpoint_id: the id of the endpoint; Windows only.
        instance_id: the id of the endpoint's instance; Windows only.
    """

    rx_bytes: int | None = wire("rx_bytes", read=integer)
    rx_packets: int | None = wire("rx_packets", read=integer)
    rx_errors: int | None = wire("rx_errors", read=integer)
    rx_dropped: int | None = wire("rx_dropped", read=integer)
    tx_bytes: int | None = wire("tx_bytes", read=integer)
    tx_packets: int | None = wire("tx_packets", read=integer)
    tx_errors: int | None = wire("tx_errors", read=integer)
    tx_dropped: int | None = wire("tx_dropped", read=integer)
    endpoint_id: str | None = wire("endpoint_id", read=filled)
    instance_id: str | None = wire("instance_id", read=filled)


@model
class BlkioEntry(Model):
    """A counter of one block device, for one kind of operation.

    Attributes:
        major: the device's major number.
        minor: the device's minor number.
        operation: such as `Read` and `Write`, in lower case with cgroups v2; None if not
            distinguished.
        value: the counter's value.
    """

    major: int | None = wire("major", read=integer)
    minor: int | None = wire("minor", read=integer)
    operation: str | None = wire("op", read=filled)
    value: int | None = wire("value", read=integer)


def _entries(path: str) -> Any:
    return wire(path, read=many(BlkioEntry), default=())


@model
class BlkioStats(Model):
    """The traffic of block devices so far; only `service_bytes` with cgroups v2, empty on Windows.

    Attributes:
        service_bytes: bytes read and written.
        serviced: operations that were done.
        queued: operations that are queued.
        service_time: nanoseconds for which the devices worked.
        wait_time: nanoseconds for which operations were queued.
        merged: operations that were merged with others.
        time: milliseconds for which the container had the devices.
        sectors: sectors read and written.
    """

    service_bytes: tuple[BlkioEntry, ...] = _entries("io_service_bytes_recursive")
    serviced: tuple[BlkioEntry, ...] = _entries("io_serviced_recursive")
    queued: tuple[BlkioEntry, ...] = _entries("io_queue_recursive")
    service_time: tuple[BlkioEntry, ...] = _entries("io_service_time_recursive")
    wait_time: tuple[BlkioEntry, ...] = _entries("io_wait_time_recursive")
    merged: tuple[BlkioEntry, ...] = _entries("io_merged_recursive")
    time: tuple[BlkioEntry, ...] = _entries("io_time_recursive")
    sectors: tuple[BlkioEntry, ...] = _entries("sectors_recursive")


@model
class StorageStats(Model):
    """The traffic of storage so far (Windows only).

    Attributes:
        read_count: the number of reads.
        read_bytes: bytes that were read.
        write_count: the number of writes.
        write_bytes: bytes that were written.
    """

    read_count: int | None = wire("read_count_normalized", read=integer)
    read_bytes: int | None = wire("read_size_bytes", read=integer)
    write_count: int | None = wire("write_count_normalized", read=integer)
    write_bytes: int | None = wire("write_size_bytes", read=integer)


def _interfaces(stats: dict[str, Any]) -> dict[str, NetworkStats]:
    """The figures by interface; up to API 1.20 there is only eth0, without its name."""
    found = stats.get("networks")
    if found is None and stats.get("network") is not None:
        found = {"eth0": stats["network"]}
    return by_name(NetworkStats)(found)


@model
class Stats(Model):
    """A container's resource usage at the time `read`, which is None if it is not running.

    A rate is the difference between the figures at `read` and at `preread`.

    Attributes:
        id: the container's id; Engine 17.04 and later.
        name: the container's name; Engine 17.04 and later.
        os_type: the container's operating system, such as `linux`; API 1.52 and later.
        read: when the figures were taken.
        preread: when the figures of `precpu` were taken, None if there are none yet; API 1.25 and
            later.
        cpu: processor time.
        precpu: processor time at `preread`; Engine 1.7.0 and later.
        memory: memory.
        networks: traffic by the name of the interface; up to API 1.20 only `eth0`.
        blkio: traffic of block devices.
        pids_current: the number of processes and threads; API 1.23 and later; None on Windows.
        pids_limit: their limit; without a limit None, 0 or 2**64 - 1, by release.
        process_count: the number of processes; Windows only.
        storage: traffic of storage; Windows only.
    """

    id: str | None = wire("id", read=filled)
    name: str | None = wire("name", read=_name)
    os_type: str | None = wire("os_type", read=filled)
    read: datetime.datetime | None = wire("read", read=when)
    preread: datetime.datetime | None = wire("preread", read=when)
    cpu: CpuStats | None = wire("cpu_stats", read=one(CpuStats))
    precpu: CpuStats | None = wire("precpu_stats", read=one(CpuStats))
    memory: MemoryStats | None = wire("memory_stats", read=one(MemoryStats))
    networks: dict[str, NetworkStats] = wire("", read=_interfaces, default=attrs.Factory(dict))
    blkio: BlkioStats | None = wire("blkio_stats", read=one(BlkioStats))
    pids_current: int | None = wire("pids_stats.current", read=integer)
    pids_limit: int | None = wire("pids_stats.limit", read=integer)
    process_count: int | None = wire("num_procs", read=unless_zero)
    storage: StorageStats | None = wire("storage_stats", read=one(StorageStats))


@model
class Checkpoint(Model):
    """A saved state of a container.

    Attributes:
        name: the checkpoint's name.
    """

    name: str = wire("Name", read=text, required=True)
