"""The Engine itself: its properties, version, events, and logins to registries.

An Engine has the same fields with the same values in every release since 0.3.3. A field that it
does not send is None; the docstrings say from which API version it exists.
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
    """The names of the loaded drivers, by kind.

    Attributes:
        volume: volume drivers, such as `local`.
        network: network drivers, such as `bridge`.
        authorization: plugins that decide which requests are allowed.
        log: log drivers, such as `json-file`; empty on Engines that do not list them.
    """

    volume: tuple[str, ...] = wire("Volume", read=strings, default=())
    network: tuple[str, ...] = wire("Network", read=strings, default=())
    authorization: tuple[str, ...] = wire("Authorization", read=strings, default=())
    log: tuple[str, ...] = wire("Log", read=strings, default=())


@model
class RegistryIndex(Model):
    """The Engine's settings for a registry.

    Attributes:
        name: such as `docker.io`.
        mirrors: addresses that are tried first.
        secure: False if it may be without TLS, or with an untrusted certificate.
        official: whether it is Docker's own.
    """

    name: str | None = wire("Name", read=text)
    mirrors: tuple[str, ...] = wire("Mirrors", read=strings, default=())
    secure: bool | None = wire("Secure", read=flag)
    official: bool | None = wire("Official", read=flag)


@model
class RegistryConfig(Model):
    """The Engine's settings for registries.

    Attributes:
        indexes: registries with settings of their own, by name.
        insecure_networks: address ranges whose registries need no TLS: `127.0.0.0/8`.
        mirrors: addresses that are tried before Docker's own registry.
    """

    indexes: dict[str, RegistryIndex] = wire(
        "IndexConfigs", read=by_name(RegistryIndex), default=attrs.Factory(dict)
    )
    insecure_networks: tuple[str, ...] = wire("InsecureRegistryCIDRs", read=strings, default=())
    mirrors: tuple[str, ...] = wire("Mirrors", read=strings, default=())


@model
class Runtime(Model):
    """A container runtime: a program, or a type of containerd.

    Attributes:
        path: the program, or its name; None for a type.
        arguments: the program's arguments.
        type: containerd's type, such as `io.containerd.runc.v2`; Engine 23.0 and later.
        options: the type's options, as received; Engine 23.0 and later.
        status: the runtime's own report, by name; API 1.44 and later.
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
    """A manager of the swarm.

    Attributes:
        node_id: of the node.
        address: with the port: `192.168.1.2:2377`.
    """

    node_id: str | None = wire("NodeID", read=filled)
    address: str | None = wire("Addr", read=filled)


@model
class SwarmInfo(Model):
    """The Engine's role in a swarm.

    Attributes:
        node_id: its own id in the swarm; None outside of one.
        node_address: its own address in the swarm.
        local_node_state: `inactive`, `pending`, `active`, `error` or `locked`.
        control_available: whether it is a manager.
        error: why the state is `error`.
        managers: the managers that it knows.
        node_count: the number of nodes; None on a worker.
        manager_count: the number of managers; None on a worker.
        cluster: a manager's data about the swarm, as received; `inspect_swarm` returns it as a
            value.
    """

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
    """A pool of addresses from which networks get their subnets.

    Attributes:
        base: the range: `10.10.0.0/16`.
        size: the prefix length of each subnet, in bits.
    """

    base: str | None = wire("Base", read=filled)
    size: int | None = wire("Size", read=integer)


@model
class GenericResource(Model):
    """A user-defined resource of an Engine: a number of units, or one named unit.

    Attributes:
        kind: such as `GPU`.
        value: the number, or the name.
    """

    kind: str | None = wire("NamedResourceSpec.Kind", "DiscreteResourceSpec.Kind", read=filled)
    value: int | str | None = wire(
        "NamedResourceSpec.Value", "DiscreteResourceSpec.Value", read=as_received
    )


@model
class DiscoveredDevice(Model):
    """A device that can be requested for a container.

    Attributes:
        source: the driver that found it, such as `cdi`.
        id: its name for that driver: `vendor.com/gpu=0`.
    """

    source: str | None = wire("Source", read=filled)
    id: str | None = wire("ID", read=filled)


def _index_address(value: Any) -> str | None:
    # The manuals of 1.11 to 1.17 show a list; every Engine sends a string.
    found = strings(value)
    return (found[0] or None) if found else None


@model
class Info(Model):
    """The Engine and its host.

    Engine 0.3.3 sends the numbers of containers and images, `debug`, `go_version` and its version.
    Engines 0.4.0 to 0.7.1 leave out flags that are False: None can mean False there.

    Attributes:
        id: of the Engine, in no fixed form; Engine 1.6.0 and later.
        name: the name of its host; Engine 1.4.0 and later.
        server_version: its release, such as `28.5.1`; Engine 1.9.0 and later, and 0.3.3.
        containers: how many there are.
        containers_running: how many run; Engine 1.10.0 and later.
        containers_paused: how many are frozen; Engine 1.10.0 and later.
        containers_stopped: how many do not run; Engine 1.10.0 and later.
        images: how many there are, with and without a name.
        driver: the storage driver, such as `overlay2`; Engine 0.7.1 and later.
        driver_status: pairs of a label and a value that the storage driver tells, for people.
        system_status: pairs of a label and a value that a standalone swarm tells; up to Engine
            19.03.
        root_dir: the Engine's own folder: `/var/lib/docker`; Engine 1.5.0 and later.
        exec_driver: what ran containers before there were runtimes; Engine 0.9.0 and later, to API
            1.24.
        lxc_version: the release of LXC; Engines 0.5.1 to 0.8.
        logging_driver: where logs go by default, such as `json-file`; Engine 1.7.0 and later.
        cgroup_driver: `cgroupfs`, `systemd` or `none`; Engine 1.11.0 and later.
        cgroup_version: `1` or `2`; Engine 20.10 and later.
        plugins: the loaded drivers; Engine 1.10.0 and later.
        memory_limit: whether the host can limit memory; Engine 0.4.0 and later.
        swap_limit: whether the host can limit swap; Engine 0.4.0 and later.
        kernel_memory: whether the host can limit the kernel's memory; Engine 1.11.0 and later, to
            API 1.41.
        kernel_memory_tcp: whether the host can limit the memory of TCP; Engine 19.03 and later, to
            API 1.52.
        cpu_cfs_period: whether the host knows periods of processor time; Engine 1.7.0 and later.
        cpu_cfs_quota: whether the host can limit processor time in a period; Engine 1.7.0 and
            later.
        cpu_shares: whether the host can share processor time by weight; Engine 1.10.0 and later.
        cpu_set: whether containers can be bound to some processors; Engine 1.10.0 and later.
        pids_limit: whether the host can limit the number of processes; Engine 19.03 and later.
        oom_kill_disable: whether the kernel can be kept from killing for want of memory; Engine
            1.7.0 and later.
        ipv4_forwarding: whether the host forwards IPv4; Engine 0.5.0 and later.
        bridge_netfilter_iptables: whether the firewall sees traffic of bridges; Engine 1.8.0 and
            later, to API 1.49.
        bridge_netfilter_ip6tables: the same of IPv6; Engine 1.8.0 and later, to API 1.49.
        live_restore: whether containers run on while the Engine is restarted; Engine 1.13.0 and
            later.
        experimental: whether experimental features are on; Engine 1.7.0 and later.
        debug: whether the Engine logs for debugging.
        file_descriptors: how many the Engine has open; by some releases only told when it debugs.
        goroutines: how many the Engine has; by some releases only told when it debugs.
        event_listeners: how many streams of events are read.
        system_time: the clock of the host; Engine 1.6.0 and later.
        go_version: which Go the Engine was built with; up to Engine 0.3, later ones tell
            `version()`.
        sockets: where the Engine listens; Engine 1.1 only.
        kernel_version: of the host; Engine 0.5.1 and later.
        operating_system: of the host, for people: `Debian GNU/Linux 12 (bookworm)`; Engine 1.1.0
            and later.
        os_version: of the host: `12`; Engine 20.10 and later.
        os_type: `linux` or `windows`; Engine 1.10.0 and later.
        architecture: as `uname -m` has it: `x86_64`; Engine 1.10.0 and later.
        cpus: how many processors the Engine may use; Engine 1.4.0 and later.
        memory: of the host, in bytes; Engine 1.4.0 and later.
        oom_score_adj: of the Engine itself; told by few releases.
        labels: of the Engine, `name=value`; Engine 1.4.0 and later.
        generic_resources: what the Engine offers to a swarm beside processors and memory; Engine
            17.12 and later.
        discovered_devices: devices that drivers have found; API 1.50 and later.
        index_server_address: the registry of logins and searches that name none; Engine 0.5.1 and
            later.
        registry_config: settings for registries; Engine 1.6.0 and later.
        http_proxy: the Engine's own, a password in it is masked by the newer ones; Engine 1.7.0 and
            later.
        https_proxy: as `http_proxy`, for https; Engine 1.7.0 and later.
        no_proxy: what is reached without a proxy, with commas between; Engine 1.7.0 and later.
        address_pools: what the addresses of new networks are cut from, if that was set; Engine
            20.10 and later.
        firewall_driver: such as `iptables` or `nftables`; API 1.49 and later.
        firewall_info: pairs of a label and a value about the firewall; API 1.49 and later.
        cluster_store: the store that Engines shared before swarms; Engines 1.9.0 to 19.03.
        cluster_advertise: this Engine's address in that store; Engines 1.9.0 to 19.03.
        init_path: the Engine's own program that prepares a container; Engines 0.9.0 to 1.10.
        init_sha1: the digest of that program; Engines 0.9.0 to 1.10.
        init_binary: the program that is a container's first process where `init` is asked for;
            Engine 1.13.0 and later.
        init_commit: the commit that `init_binary` was built from; Engine 1.13.0 and later.
        containerd_commit: the commit that containerd was built from; Engine 1.13.0 and later.
        runc_commit: the commit that runc was built from; Engine 1.13.0 and later.
        containerd_address: the socket of containerd; API 1.46 and later.
        containerd_containers_namespace: containerd's namespace for containers; API 1.46 and later.
        containerd_plugins_namespace: containerd's namespace for plugins; API 1.46 and later.
        runtimes: the container runtimes, by name; Engine 1.12.0 and later.
        default_runtime: the one for containers that name none, such as `runc`; Engine 1.12.0 and
            later.
        isolation: on Windows the default one: `process` or `hyperv`; Engine 1.13.0 and later.
        swarm: its role in a swarm; Engine 1.12.0 and later.
        security_options: such as `name=seccomp,profile=builtin`; Engine 1.11.0 and later.
        product_license: of the Engine, for people; None of many.
        cdi_spec_dirs: folders that describe devices by the CDI; Engine 25.0 and later.
        nri_info: pairs of a label and a value about the node resource interface, if it is on; API
            1.53 and later.
        warnings: what the Engine misses or advises against, for people; Engine 18.09 and later.
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
    """A component of the Engine.

    Attributes:
        name: such as `Engine` or `containerd`.
        version: its release.
        details: further facts, by name, such as `GitCommit`.
    """

    name: str | None = wire("Name", read=text)
    version: str | None = wire("Version", read=text)
    details: dict[str, str] = wire("Details", read=mapping, default=attrs.Factory(dict))


@model
class Version(Model):
    """The Engine's release, and the API versions that it speaks.

    Attributes:
        version: the release, such as `28.5.1`.
        api_version: the newest version; Engine 0.10.0 and later.
        min_api_version: the oldest version; API 1.25 and later.
        git_commit: the commit that it was built from.
        go_version: the Go version that it was built with; Engine 0.4.0 and later.
        os: such as `linux`; Engine 0.7.3 and later.
        arch: such as `amd64`, by Go's names; Engine 0.7.3 and later.
        kernel_version: the host's kernel; Engine 0.7.2 and later.
        experimental: True if experimental features are on, else None or False; API 1.20 and later.
        build_time: as text, because its form varies; API 1.20 and later.
        platform: the builder of the release, for people: `Docker Engine - Community`; API 1.35 and
        later.
        components: its parts, itself included; API 1.35 and later.
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
    """The headers of an Engine's answer to a ping; None for those it does not send.

    Podman sends `api_version`, and from 5 on `os`. `raw` has all headers of the answer.

    Attributes:
        api_version: the newest version; Engine 1.13.0 and later.
        os: such as `linux`; Engine 17.04 and later.
        builder_version: the default builder: `2` is BuildKit, `1` the classic one; Engine 18.09 and
            later.
        swarm: `inactive`, `pending`, `error`, `locked`, `active/worker` or `active/manager`; Engine
            23.0 and later.
    """

    api_version: str | None = wire("api-version", read=filled)
    os: str | None = wire("ostype", read=filled)
    builder_version: str | None = wire("builder-version", read=filled)
    swarm: str | None = wire("swarm", read=filled)


@model
class LoginResult(Model):
    """A login that a registry accepted.

    Attributes:
        status: for people.
        identity_token: replaces the password, if the registry issues one; in no repr; API 1.23 and
            later.
    """

    status: str | None = wire("Status", read=filled)
    identity_token: str | None = wire("IdentityToken", read=filled, repr=False)


@model
class StoredLogin(Model):
    """The login that an Engine of API 1.0 or 1.1 stores.

    Attributes:
        username: None without a login.
        email: None without a login.
    """

    username: str | None = wire("username", read=filled)
    email: str | None = wire("email", read=filled)


# Actions on images; all other actions of that time are about containers (manual v1.19, "Monitor
# Docker's events"; import, load, pull, push, save and tag came with 1.20 to 1.23).
_OF_IMAGES = {"delete", "import", "load", "pull", "push", "save", "tag", "untag"}


def _event_type(event: dict[str, Any]) -> str | None:
    named = filled(event.get("Type"))
    status = filled(event.get("status"))
    if named is not None or status is None:
        return named
    return "image" if status in _OF_IMAGES else "container"


# Podman's word for it; objects of a swarm really have a `remove`.
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
    """An event: `action` happened to the object of `type` with this `id`.

    Attributes:
        type: such as `container`, `image`, `network` or `volume`; below API 1.22 derived from the
            action.
        action: what happened, such as `start`, or `exec_create: ls` with its details.
        id: the object's id; short up to Engine 0.6.6. Up to Engine 1.9 an image is given by the
            name that was used, if any.
        attributes: further facts by name, such as a container's labels; API 1.22 and later.
        image: a container's image; None for other objects.
        time: cut to microseconds; whole seconds below API 1.21.
        time_nano: nanoseconds since 1970; whole seconds below API 1.21.
        scope: `local` to this Engine, or `swarm`; API 1.30 and later.
    """

    type: str | None = wire("", read=_event_type)
    action: str | None = wire("", read=_event_action)
    id: str | None = wire("Actor.ID", "id", read=text)
    attributes: dict[str, str] = wire("Actor.Attributes", read=mapping, default=attrs.Factory(dict))
    image: str | None = wire("from", "Actor.Attributes.image", read=filled)
    time: datetime.datetime | None = wire("", read=_event_time)
    time_nano: int | None = wire("", read=_event_nanoseconds)
    scope: str | None = wire("scope", read=filled)
