"""The Engine itself: what it is, its version, its events, and logins to registries.

An Engine has the same fields with the same values from every release since 0.3.3. What it does not
tell is None; the docstrings say from which API version a field is there.
"""

from __future__ import annotations

import datetime
from typing import Any

import attrs

from .base import (
    EPOCH,
    Model,
    as_received,
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
    when,
    wire,
)


@model
class Plugins(Model):
    """The names of the loaded drivers, by kind."""

    volume: tuple[str, ...] = wire("Volume", read=strings, default=())
    network: tuple[str, ...] = wire("Network", read=strings, default=())
    authorization: tuple[str, ...] = wire("Authorization", read=strings, default=())
    log: tuple[str, ...] = wire("Log", read=strings, default=())


@model
class RegistryIndex(Model):
    """The Engine's settings for a registry: its mirrors, and whether TLS is required."""

    name: str | None = wire("Name", read=text)
    mirrors: tuple[str, ...] = wire("Mirrors", read=strings, default=())
    secure: bool | None = wire("Secure", read=flag)
    official: bool | None = wire("Official", read=flag)


@model
class RegistryConfig(Model):
    """The Engine's settings for registries."""

    indexes: dict[str, RegistryIndex] = wire(
        "IndexConfigs", read=by_name(RegistryIndex), default=attrs.Factory(dict)
    )
    insecure_networks: tuple[str, ...] = wire("InsecureRegistryCIDRs", read=strings, default=())
    mirrors: tuple[str, ...] = wire("Mirrors", read=strings, default=())


@model
class Runtime(Model):
    """A container runtime: the program and its arguments, or a type of containerd's with options.

    `options` are as they were received (Engine 23.0); `status` is its own (API 1.44).
    """

    path: str | None = wire("path", read=filled)
    arguments: tuple[str, ...] = wire("runtimeArgs", read=strings, default=())
    type: str | None = wire("runtimeType", read=filled)
    options: dict[str, Any] = wire(
        "options", read=lambda value: dict(value or {}), default=attrs.Factory(dict)
    )
    status: dict[str, str] = wire("status", read=mapping, default=attrs.Factory(dict))


@model
class ManagerAddress(Model):
    """A manager of the swarm, and its address."""

    node_id: str | None = wire("NodeID", read=filled)
    address: str | None = wire("Addr", read=filled)


@model
class SwarmInfo(Model):
    """The Engine's role in a swarm; `cluster` is as it was received."""

    node_id: str | None = wire("NodeID", read=filled)
    node_address: str | None = wire("NodeAddr", read=filled)
    local_node_state: str | None = wire("LocalNodeState", read=filled)
    control_available: bool | None = wire("ControlAvailable", read=flag)
    error: str | None = wire("Error", read=filled)
    managers: tuple[ManagerAddress, ...] = wire(
        "RemoteManagers", read=many(ManagerAddress), default=()
    )
    node_count: int | None = wire("Nodes", read=integer)
    manager_count: int | None = wire("Managers", read=integer)
    cluster: Any = wire("Cluster", read=as_received)


@model
class AddressPool(Model):
    """A pool of addresses: the network, and the prefix length of each subnet taken from it."""

    base: str | None = wire("Base", read=filled)
    size: int | None = wire("Size", read=integer)


@model
class GenericResource(Model):
    """A resource that whoever runs the Engine has named: how many there are, or which one."""

    kind: str | None = wire("NamedResourceSpec.Kind", "DiscreteResourceSpec.Kind", read=filled)
    value: int | str | None = wire(
        "NamedResourceSpec.Value", "DiscreteResourceSpec.Value", read=as_received
    )


@model
class DiscoveredDevice(Model):
    """A device that can be requested for a container."""

    source: str | None = wire("Source", read=filled)
    id: str | None = wire("ID", read=filled)


def _index_address(value: Any) -> str | None:
    # The manuals of 1.11 to 1.17 show a list; every daemon sends a string.
    found = strings(value)
    return (found[0] or None) if found else None


@model
class Info(Model):
    """The Engine and its host.

    Engine 0.3.3 tells the numbers of containers and images, `debug`, `go_version` and its version.
    Engines 0.4.0 to 0.7.1 leave out flags that are False: None can mean False there. The host's
    name, processors and memory are there from Engine 1.3.0 on, `system_time` and the proxies from
    1.6.0, and `cpu_cfs_period`, `cpu_cfs_quota`, `oom_kill_disable` and `experimental` from API
    1.19. The manuals from 1.25 on list the later fields. Memory is in bytes.
    """

    id: str | None = wire("ID", read=filled)
    name: str | None = wire("Name", read=filled)
    server_version: str | None = wire("ServerVersion", "Version", read=filled)
    containers: int | None = wire("Containers", read=integer)
    containers_running: int | None = wire("ContainersRunning", read=integer)
    containers_paused: int | None = wire("ContainersPaused", read=integer)
    containers_stopped: int | None = wire("ContainersStopped", read=integer)
    images: int | None = wire("Images", read=integer)

    driver: str | None = wire("Driver", read=filled)
    driver_status: tuple[tuple[str, ...], ...] = wire("DriverStatus", read=table, default=())
    system_status: tuple[tuple[str, ...], ...] = wire("SystemStatus", read=table, default=())
    root_dir: str | None = wire("DockerRootDir", read=filled)
    exec_driver: str | None = wire("ExecutionDriver", read=filled)
    lxc_version: str | None = wire("LXCVersion", read=filled)
    logging_driver: str | None = wire("LoggingDriver", read=filled)
    cgroup_driver: str | None = wire("CgroupDriver", read=filled)
    cgroup_version: str | None = wire("CgroupVersion", read=filled)
    plugins: Plugins | None = wire("Plugins", read=one(Plugins))

    memory_limit: bool | None = wire("MemoryLimit", read=flag)
    swap_limit: bool | None = wire("SwapLimit", read=flag)
    kernel_memory: bool | None = wire("KernelMemory", read=flag)
    kernel_memory_tcp: bool | None = wire("KernelMemoryTCP", read=flag)
    cpu_cfs_period: bool | None = wire("CpuCfsPeriod", read=flag)
    cpu_cfs_quota: bool | None = wire("CpuCfsQuota", read=flag)
    cpu_shares: bool | None = wire("CPUShares", read=flag)
    cpu_set: bool | None = wire("CPUSet", read=flag)
    pids_limit: bool | None = wire("PidsLimit", read=flag)
    oom_kill_disable: bool | None = wire("OomKillDisable", read=flag)
    ipv4_forwarding: bool | None = wire("IPv4Forwarding", read=flag)
    bridge_netfilter_iptables: bool | None = wire("BridgeNfIptables", read=flag)
    bridge_netfilter_ip6tables: bool | None = wire("BridgeNfIp6tables", read=flag)
    live_restore: bool | None = wire("LiveRestoreEnabled", read=flag)
    experimental: bool | None = wire("ExperimentalBuild", read=flag)

    debug: bool | None = wire("Debug", read=flag)
    file_descriptors: int | None = wire("NFd", read=integer)
    goroutines: int | None = wire("NGoroutines", read=integer)
    event_listeners: int | None = wire("NEventsListener", "EventsListeners", read=integer)
    system_time: datetime.datetime | None = wire("SystemTime", read=when)
    go_version: str | None = wire("GoVersion", read=filled)
    sockets: tuple[str, ...] = wire("Sockets", read=strings, default=())

    kernel_version: str | None = wire("KernelVersion", read=filled)
    operating_system: str | None = wire("OperatingSystem", read=filled)
    os_version: str | None = wire("OSVersion", read=filled)
    os_type: str | None = wire("OSType", read=filled)
    architecture: str | None = wire("Architecture", read=filled)
    cpus: int | None = wire("NCPU", read=integer)
    memory: int | None = wire("MemTotal", read=integer)
    oom_score_adj: int | None = wire("OomScoreAdj", read=integer)
    labels: tuple[str, ...] = wire("Labels", read=strings, default=())
    generic_resources: tuple[GenericResource, ...] = wire(
        "GenericResources", read=many(GenericResource), default=()
    )
    discovered_devices: tuple[DiscoveredDevice, ...] = wire(
        "DiscoveredDevices", read=many(DiscoveredDevice), default=()
    )

    index_server_address: str | None = wire("IndexServerAddress", read=_index_address)
    registry_config: RegistryConfig | None = wire("RegistryConfig", read=one(RegistryConfig))
    http_proxy: str | None = wire("HttpProxy", read=filled)
    https_proxy: str | None = wire("HttpsProxy", read=filled)
    no_proxy: str | None = wire("NoProxy", read=filled)
    address_pools: tuple[AddressPool, ...] = wire(
        "DefaultAddressPools", read=many(AddressPool), default=()
    )
    firewall_driver: str | None = wire("FirewallBackend.Driver", read=filled)
    firewall_info: tuple[tuple[str, ...], ...] = wire(
        "FirewallBackend.Info", read=table, default=()
    )
    cluster_store: str | None = wire("ClusterStore", "DiscoveryBackend", read=filled)
    cluster_advertise: str | None = wire("ClusterAdvertise", read=filled)

    init_path: str | None = wire("InitPath", read=filled)
    init_sha1: str | None = wire("InitSha1", read=filled)
    init_binary: str | None = wire("InitBinary", read=filled)
    init_commit: str | None = wire("InitCommit.ID", read=filled)
    containerd_commit: str | None = wire("ContainerdCommit.ID", read=filled)
    runc_commit: str | None = wire("RuncCommit.ID", read=filled)
    containerd_address: str | None = wire("Containerd.Address", read=filled)
    containerd_containers_namespace: str | None = wire(
        "Containerd.Namespaces.Containers", read=filled
    )
    containerd_plugins_namespace: str | None = wire("Containerd.Namespaces.Plugins", read=filled)
    runtimes: dict[str, Runtime] = wire(
        "Runtimes", read=by_name(Runtime), default=attrs.Factory(dict)
    )
    default_runtime: str | None = wire("DefaultRuntime", read=filled)
    isolation: str | None = wire("Isolation", read=filled)
    swarm: SwarmInfo | None = wire("Swarm", read=one(SwarmInfo))
    security_options: tuple[str, ...] = wire("SecurityOptions", read=strings, default=())
    product_license: str | None = wire("ProductLicense", read=filled)
    cdi_spec_dirs: tuple[str, ...] = wire("CDISpecDirs", read=strings, default=())
    nri_info: tuple[tuple[str, ...], ...] = wire("NRI.Info", read=table, default=())
    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@model
class Component(Model):
    """A component of the Engine: its version and details."""

    name: str | None = wire("Name", read=text)
    version: str | None = wire("Version", read=text)
    details: dict[str, str] = wire("Details", read=mapping, default=attrs.Factory(dict))


@model
class Version(Model):
    """The Engine's release, and the API versions that it speaks.

    `kernel_version` is there from Engine 0.7.2 on, `os` and `arch` from 0.7.3, `api_version` from
    0.10.0, `experimental` and `build_time` from API 1.20 and 1.22, `min_api_version` from 1.25,
    `platform` and `components` from 1.35. `build_time` is text: its form varies.
    """

    version: str | None = wire("Version", read=text)
    api_version: str | None = wire("ApiVersion", read=filled)
    min_api_version: str | None = wire("MinAPIVersion", read=filled)
    git_commit: str | None = wire("GitCommit", read=filled)
    go_version: str | None = wire("GoVersion", read=filled)
    os: str | None = wire("Os", read=filled)
    arch: str | None = wire("Arch", read=filled)
    kernel_version: str | None = wire("KernelVersion", read=filled)
    experimental: bool | None = wire("Experimental", read=flag)
    build_time: str | None = wire("BuildTime", read=filled)
    platform: str | None = wire("Platform.Name", read=filled)
    components: tuple[Component, ...] = wire("Components", read=many(Component), default=())


@model
class Ping(Model):
    """What an Engine says of itself with the answer to a ping; None is what it does not say.

    `api_version` is its newest, from Engine 1.13.0 on; `os` is there from 17.04, `builder_version`
    from 18.09 ("2" is BuildKit, the one by default) and `swarm` from 23.0: "inactive", "pending",
    "error", "locked", "active/worker" or "active/manager". Podman tells the first, and 5 the
    second. `raw` has all headers of the answer.
    """

    api_version: str | None = wire("api-version", read=filled)
    os: str | None = wire("ostype", read=filled)
    builder_version: str | None = wire("builder-version", read=filled)
    swarm: str | None = wire("swarm", read=filled)


@model
class LoginResult(Model):
    """A login that a registry accepted.

    `status` is for people. `identity_token` (API 1.23 and later), where the registry gives one,
    takes the place of the password.
    """

    status: str | None = wire("Status", read=filled)
    identity_token: str | None = wire("IdentityToken", read=filled, repr=False)


@model
class StoredLogin(Model):
    """The login that an Engine of API 1.0 or 1.1 remembers; None if it has none."""

    username: str | None = wire("username", read=filled)
    email: str | None = wire("email", read=filled)


# The events of images; all other events of that time are about containers (manual v1.19, "Monitor
# Docker's events"; import, load, pull, push, save and tag came with 1.20 to 1.23).
_OF_IMAGES = {"delete", "import", "load", "pull", "push", "save", "tag", "untag"}


def _event_type(event: dict[str, Any]) -> str | None:
    named = filled(event.get("Type"))
    status = filled(event.get("status"))
    if named is not None or status is None:
        return named
    return "image" if status in _OF_IMAGES else "container"


# What Podman says for it; swarm objects do have a `remove`.
_OF_PODMAN = {"remove": "destroy", "exec_died": "exec_die"}


def _event_action(event: dict[str, Any]) -> str | None:
    named = text(event.get("Action", event.get("status")))
    if named in _OF_PODMAN and event.get("Type") in ("container", "volume"):
        return _OF_PODMAN[named]
    return named


def _event_nanoseconds(event: dict[str, Any]) -> int | None:
    found = integer(event.get("timeNano"))
    seconds = integer(event.get("time"))
    return seconds * 10**9 if found is None and seconds is not None else found


def _event_time(event: dict[str, Any]) -> datetime.datetime | None:
    found = _event_nanoseconds(event)
    return None if found is None else EPOCH + datetime.timedelta(microseconds=found // 1000)


@model
class Event(Model):
    """Something that happened: `action` to the thing of `type` with this `id`.

    `image` is the image of a container. `time_nano` counts nanoseconds since 1970, `time` is cut to
    microseconds; both are whole seconds below API 1.21. `attributes` are there from 1.22 on,
    `scope` ("local" or "swarm") from 1.30. `id` is short up to Engine 0.6.6. Up to Engine 1.9, the
    `id` of an image is the name by which it was called, if it was called by one.
    """

    type: str | None = wire("", read=_event_type)
    action: str | None = wire("", read=_event_action)
    id: str | None = wire("Actor.ID", "id", read=text)
    attributes: dict[str, str] = wire("Actor.Attributes", read=mapping, default=attrs.Factory(dict))
    image: str | None = wire("from", "Actor.Attributes.image", read=filled)
    time: datetime.datetime | None = wire("", read=_event_time)
    time_nano: int | None = wire("", read=_event_nanoseconds)
    scope: str | None = wire("scope", read=filled)
