"""Containers as the Engine describes them: rows of the list, inspect, processes, changes, stats.

A container has the same fields with the same values from every Engine since 0.3.3. What an Engine
does not tell is None; the docstrings say from which API version a field is there.
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
    """A container's name without the leading slash that every Engine prints."""
    found = filled(value)
    return None if found is None else found.removeprefix("/")


def _names(value: Any) -> tuple[str, ...]:
    if value.__class__ is list:
        try:
            return tuple([name.removeprefix("/") for name in value])
        except AttributeError:  # an item that is no text
            pass
    return tuple([name.removeprefix("/") for name in strings(value)])


def _command(value: Any) -> str | None:
    # Up to 0.6 a command without arguments ends in the space that would come before them.
    found = text(value)
    return None if found is None else found.removesuffix(" ")


def _size_rw(container: dict[str, Any]) -> int | None:
    """The bytes that were written; 0 and a missing key mean either "nothing" or "not asked".

    Engines 0.4.5 to 0.7 send two zeros if the sizes were not asked for; from 1.7 on a 0 is left
    out. No container is without files: the size of all files tells the two apart.
    """
    written = integer(container.get("SizeRw"))
    return written or (0 if integer(container.get("SizeRootFs")) else None)


@model
class Port(Model):
    """A port of a container in the list of containers.

    The host forwards `public_port` on its address `ip` to it; both are None if it does not.
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
    """The row, with a port that is not published under PrivatePort.

    Engines 0.6.5 to 0.11.1 put such a port into PublicPort and leave PrivatePort 0.
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
    """A volume or a path of the host, mounted in a container at `destination`.

    `type`, `name`, `driver`, `mode` and `propagation` are there from API 1.20 on. Engine 0.3.3
    gives the id of a volume, here as `name`, and no `source`.
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
    # Sorted, because they come from a Go map: in another order each time.
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
    """The addresses in a network that the caller asked for."""

    ipv4_address: str | None = wire("IPv4Address", read=filled)
    ipv6_address: str | None = wire("IPv6Address", read=filled)
    link_local_ips: tuple[str, ...] = wire("LinkLocalIPs", read=strings, default=())


@model
class NetworkEndpoint(Model):
    """A container's endpoint in a network, as it is now (API 1.21 and later).

    `Container.networking()` has what the caller asked for. `driver_options` is there from API 1.32
    on, `dns_names` from 1.44, `gateway_priority` from 1.48.
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
    """One run of a container's health check."""

    start: datetime.datetime | None = wire("Start", read=when)
    end: datetime.datetime | None = wire("End", read=when)
    exit_code: int | None = wire("ExitCode", read=integer)
    output: str | None = wire("Output", read=text)


@model
class Health(Model):
    """What a container's health checks say: `starting`, `healthy`, `unhealthy` or `none`.

    `log` has the results of the last few checks, oldest first; the list of containers has no log.
    """

    status: str | None = wire("Status", read=text)
    failing_streak: int | None = wire("FailingStreak", read=integer)
    log: tuple[HealthProbe, ...] = wire("Log", read=many(HealthProbe), default=())


# Further states of Podman: attached to before the start, about to end, ended but not cleaned up.
_ALSO_KNOWN_AS = {"initialized": "created", "stopping": "running", "stopped": "exited"}


def _state(value: Any) -> str | None:
    return _ALSO_KNOWN_AS.get(value, value) if value.__class__ is str else text(value)


@model
class ContainerSummary(Model):
    """A row of the list of containers.

    `status` is text for people, which differs between releases ("Up 3 seconds", "Exit 0", "Exited
    (0) 3 minutes ago"); `state` is the word for programs ("running").
    `size_rw` and `size_root_fs`, in bytes, are None unless they were asked for. `names` is empty
    before Engine 0.6.5, `labels` before 1.6.0. `image_id`, `network_mode` and `networks` are
    there from API 1.21 on, `state` and `mounts` from 1.23, `annotations` from 1.46,
    `image_manifest` from 1.48, `health` from 1.52.
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
    """The state of a container: whether it runs, and how it ended.

    `status` is the word "created", "running", "paused", "restarting", "removing", "exited" or
    "dead"; in the list of containers that is `ContainerSummary.state`, and `status` a text.
    `finished_at` is there from Engine 0.6.4 on, `paused` from 0.12.0, `restarting` from 1.2.0,
    `oom_killed` and `error` from 1.4.0, `dead` from 1.6.0, `health` from API 1.24. `ghost` tells,
    up to Engine 0.10.0, that the process outlived the Engine that started it.
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
    """A secondary address of a container."""

    address: str | None = wire("Addr", read=filled)
    prefix_len: int | None = wire("PrefixLen", read=unless_zero)


@model
class NetworkSettings(Model):
    """A container's network, as it is now; addresses are None while it does not run.

    `ports` maps a port of the container, e.g. `80/tcp`, to the addresses of the host that are
    forwarded to it; the tuple is empty if the port is exposed only. `networks` is there from API
    1.21 on. The addresses are those in the default network; from API 1.52 on they are read from
    `networks`.
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


# What moved from Config to HostConfig, and its name there: limits with Engine 1.6.0, Dns and
# VolumesFrom with 0.10.0, Privileged with 0.6.6, SecurityOpt with 1.4.0, VolumeDriver with 1.9.0.
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
        if isinstance(moved.get("VolumesFrom"), str):  # one text up to 0.9
            moved["VolumesFrom"] = [name for name in moved["VolumesFrom"].split(",") if name]
        host = {**known, **moved} if moved else host
    return _read_host_config(host)


@model
class Container(Model):
    """Everything that the Engine tells of a container.

    `image` is the id of its image; `config.image` is the name that the caller gave. Limits such as
    memory are in `host_config` from every Engine. `name` is there from Engine 0.6.5 on, all of
    `host_config` from 0.7.1, `platform` from API 1.32, `image_manifest` from 1.48. `size_rw` and
    `size_root_fs`, in bytes, are None unless they were asked for (API 1.20 and later).
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
        are left out, and so are the aliases that Engines before 25.0 add: the short id and the
        hostname. The networks `bridge`, `host` and `none` have no aliases. Up to API 1.51, the MAC
        address that the caller asked for is in `config`.

        Below API 1.44 a container is created in one network only.
        """
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
    """The settings of a container in a network, as the caller asked for them."""
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
    """A new container's `id` (12 digits up to Engine 0.6.6, 64 after), and the warnings."""

    id: str = wire("Id", read=text, required=True)
    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@model
class Updated(Model):
    """What the Engine warns of where limits were changed."""

    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@attrs.frozen
class Processes:
    """The processes in a container: one tuple each, of as many cells as there are `titles`."""

    titles: tuple[str, ...]
    processes: tuple[tuple[str, ...], ...]

    @classmethod
    def parse(cls, json: Any) -> Self:
        """Reads the rows with titles of API 1.4 and later, and the objects of 1.3."""
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
    """A path that differs from the image: `kind` is "modified", "added" or "deleted"."""

    path: str = wire("Path", read=text, required=True)
    kind: str = wire("Kind", read=lambda value: _KINDS[integer(value)], required=True)


@attrs.frozen
class Copied:
    """What a copy out of a container could not simply copy.

    `kept` has the links that lead out of the copy, `skipped` the entries that were left out. Both
    are names in the archive, which begin with the name of the source: `etc/mtab`.
    """

    kept: tuple[str, ...]
    skipped: tuple[str, ...]


def _is_link(mode: int | None) -> bool:
    return bool((mode or 0) & 1 << 27)


def _link_target(stat: dict[str, Any]) -> str | None:
    """The target of a link; for all else Podman tells its own path, which is left out."""
    mode = integer(stat.get("mode"))
    return filled(stat.get("linkTarget")) if mode is None or _is_link(mode) else None


@model
class PathStat(Model):
    """What is at a path in a container.

    `mode` is Go's file mode: the low nine bits are the permissions, bit 31 marks a directory,
    bit 27 a symbolic link, which leads to `link_target`, bit 26 a device.
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
        """Reads the header `X-Docker-Container-Path-Stat`: JSON in base64."""
        try:
            found = json.loads(base64.b64decode(value, validate=True))
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

    `system_usage` is the time of the whole host. `online_cpus` is there from API 1.27 on.
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
    """Memory, in bytes; `details` are the kernel's own figures for the control group."""

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
    """The traffic of a network interface so far."""

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
    """A counter of one block device, for one kind of operation ("Read", "Write" ...)."""

    major: int | None = wire("major", read=integer)
    minor: int | None = wire("minor", read=integer)
    operation: str | None = wire("op", read=filled)
    value: int | None = wire("value", read=integer)


def _entries(path: str) -> Any:
    return wire(path, read=many(BlkioEntry), default=())


@model
class BlkioStats(Model):
    """The traffic of block devices so far."""

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
    """The traffic of storage so far (Windows only)."""

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
    """What a container uses at the time `read`; None then, if it does not run.

    `precpu` has the figures at the time `preread`, from Engine 1.7.0 on; a rate is the difference
    of the two. `pids_current` and `preread` are there from API 1.23 and 1.25 on,
    `id` and `name` from 1.25, `os_type` from 1.52.
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
    """A state of a container that was kept, by its `name`."""

    name: str = wire("Name", read=text, required=True)
