"""Which keys the answers of each release have, under each prefix: tables, one row per key.

A row is `KEY DEFAULT` and what limits it: `0.6.2..1.7.0` are releases, `v1.12..v1.19` prefixes (the
first that has it, and the first that has it no more), `omit` leaves an empty value out, as Go's
`omitempty` does. `NEW=OLD` takes the value of OLD in the newest answer. A default in braces is
another table. A key with several rows is there if one of them holds. The order is the Engine's.

Sources: recordings of 0.3.3, 0.4.4, 0.6.6, 0.6.7, 1.6.2, 1.7.1, 20.10, 26.1 and 28.5, and between
them the version history and the manuals of the API. What none of them dates is dated by the
recording that shows it first.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from .dialect import Dialect

_FIRST: tuple[int, ...] = (0,)
_LAST: tuple[int, ...] = (9999,)
_BOUNDS = re.compile(r"v?([\d.]*?)\.\.v?([\d.]*)")


@attrs.frozen
class _Row:
    """One row of a table."""

    key: str
    newest: str
    default: Any
    table: Table | None
    omit: bool
    releases: tuple[tuple[int, ...], tuple[int, ...]]  # from, and up to but not with
    prefixes: tuple[tuple[int, ...], tuple[int, ...]]


class Table:
    """The keys of one kind of object."""

    def __init__(self, text: str, **tables: Table) -> None:
        self._rows = tuple(_row(line.split(), tables) for line in text.strip().splitlines())
        self.rows = functools.lru_cache(maxsize=256)(self._of)

    def shaped(self, dialect: Dialect, newest: Mapping[str, Any]) -> dict[str, Any]:
        """The object as the Engine has it."""
        found = {}
        for row in self.rows(dialect):
            value = newest.get(row.newest, row.default)
            if row.table is not None:
                value = row.table.shaped(dialect, value or {})
            if value or not row.omit:
                found[row.key] = value
        return found

    def _of(self, dialect: Dialect) -> tuple[_Row, ...]:
        release = attrs.astuple(dialect.release)
        api = attrs.astuple(dialect.api)
        return tuple(
            row
            for row in self._rows
            if row.releases[0] <= release < row.releases[1]
            and row.prefixes[0] <= api < row.prefixes[1]
        )


def _row(words: list[str], tables: Mapping[str, Table]) -> _Row:
    name, default, *limits = words
    key, _, newest = name.partition("=")
    bounds = {"release": (_FIRST, _LAST), "prefix": (_FIRST, _LAST)}
    for limit in limits:
        match = _BOUNDS.fullmatch(limit)
        if match is not None:
            begin, end = _parts(match[1]), _parts(match[2])
            bounds["prefix" if "v" in limit else "release"] = (begin or _FIRST, end or _LAST)
        elif limit != "omit":
            raise ValueError(f"{key}: what is {limit!r}?")
    table = tables[default.strip("{}")] if re.fullmatch(r"\{\w+\}", default) else None
    return _Row(
        key,
        newest or key,
        None if table else json.loads(default),
        table,
        "omit" in limits,
        bounds["release"],
        bounds["prefix"],
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split("."))) if version else ()


# The Engine itself.

VERSION = Table("""
    Platform        {"Name":""}     17.12.0..
    Components      []              17.12.0..
    Version         ""
    ApiVersion      ""              0.10.0..
    MinAPIVersion   ""              1.13.0..    omit
    GitCommit       ""              ..1.8.0
    GitCommit       ""              1.8.0..
    MemoryLimit     true            ..0.4.0
    SwapLimit       true            ..0.4.0
    GoVersion       ""              0.4.0..
    Os              ""              0.7.3..
    Arch            ""              0.7.3..
    KernelVersion   ""              0.7.2..
    BuildTime       ""              1.8.0..
""")

# False flags are left out in 0.4.0 to 0.7.1; all of these are true there.
INFO = Table("""
    ID                  ""      1.6.0..
    Debug               true    0.4.0..0.7.1
    Containers          0
    ContainersRunning   0       1.11.0..
    ContainersPaused    0       1.11.0..
    ContainersStopped   0       1.11.0..
    Version             ""      ..0.4.0
    Images              0
    Debug               false   ..0.4.0
    GoVersion           ""      ..0.4.0
    Driver              ""      0.7.1..
    DriverStatus        []      0.7.1..
    ExecutionDriver     ""      0.9.0..1.7.0
    Plugins             {}      1.10.0..
    MemoryLimit         true    0.7.1..
    SwapLimit           true    0.7.1..
    KernelMemory        true    1.11.0..23.0.0
    KernelMemory        false   23.0.0..    v..1.42
    KernelMemoryTCP     true    19.3.0..    v..1.53
    CpuCfsPeriod        true    1.7.0..
    CpuCfsQuota         true    1.7.0..
    CPUShares           true    1.10.0..
    CPUSet              true    1.10.0..
    PidsLimit           true    19.3.0..
    IPv4Forwarding      true    0.7.1..
    BridgeNfIptables    true    1.8.0..28.2.0
    BridgeNfIp6tables   true    1.8.0..28.2.0
    BridgeNfIptables    false   28.2.0..    v..1.50
    BridgeNfIp6tables   false   28.2.0..    v..1.50
    Debug               false   0.7.1..
    NFd                 0       0.3.3..
    OomKillDisable      true    1.7.0..
    NGoroutines         0
    MemoryLimit         true    0.4.0..0.7.1
    SwapLimit           true    0.4.0..0.7.1
    IPv4Forwarding      true    0.5.0..0.7.1
    SystemTime          ""      1.6.0..
    ExecutionDriver     ""      1.7.0..1.11.0
    LoggingDriver       ""      1.7.0..
    CgroupDriver        ""      1.11.0..
    CgroupVersion       ""      20.10.0..
    LXCVersion          ""      0.5.1..0.9.0
    NEventsListener     0       0.5.1..0.7.1   omit
    NEventsListener     0       0.7.1..
    KernelVersion       ""      0.5.1..
    OperatingSystem     ""      1.1.0..
    OSVersion           ""      19.3.0..
    OSType              ""      1.11.0..
    Architecture        ""      1.11.0..
    IndexServerAddress  ""      0.5.1..
    RegistryConfig      {}      1.6.0..
    InitSha1            ""      0.9.0..1.11.0
    InitPath            ""      0.9.0..1.11.0
    NCPU                0       1.2.0..
    MemTotal            0       1.2.0..
    GenericResources    null    17.12.0..
    Sockets             []      1.1.0..1.2.0
    DockerRootDir       ""      1.5.0..
    HttpProxy           ""      1.7.0..
    HttpsProxy          ""      1.7.0..
    NoProxy             ""      1.7.0..
    Name                ""      1.4.0..
    Labels              null    1.4.0..1.11.0
    Labels              []      1.11.0..
    ExperimentalBuild   false   1.7.0..
    ServerVersion       ""      1.9.0..
    ClusterStore        ""      1.9.0..20.10.0
    ClusterAdvertise    ""      1.9.0..20.10.0
    Runtimes            {}      1.12.0..
    DefaultRuntime      ""      1.12.0..
    Swarm               {}      1.12.0..
    LiveRestoreEnabled  false   1.13.0..
    Isolation           ""      1.13.0..
    InitBinary          ""      1.13.0..
    ContainerdCommit    {}      1.13.0..
    RuncCommit          {}      1.13.0..
    InitCommit          {}      1.13.0..
    SecurityOptions     []      1.11.0..
    FirewallBackend     {}      28.2.0..    v1.49..
    CDISpecDirs         []      25.0.0..
    Containerd          {}      27.0.0..    v1.46..
    Warnings            null    18.9.0..
    ExecutionDriver     ""      1.11.0..28.0.0    v..1.25
""")

# Containers and images.

CONFIG = Table("""
    Hostname         ""
    Domainname       ""      0.6.2..
    User             ""
    Memory           0       ..1.7.0
    MemorySwap       0       ..1.7.0
    CpuShares        0       ..1.7.0
    Cpuset           ""      0.12.0..1.7.0
    AttachStdin      false
    AttachStdout     false
    AttachStderr     false
    PortSpecs        null    ..1.8.0
    ExposedPorts     null    0.6.5..1.9.0
    ExposedPorts     null    1.9.0..        omit
    Tty              false
    OpenStdin        false
    StdinOnce        false
    Env              null
    Cmd              null
    Healthcheck      null    1.12.0..       omit
    ArgsEscaped      false   1.12.0..       omit
    Dns              null    ..0.10.0
    Image            ""
    Volumes          null
    VolumesFrom      ""      ..0.10.0
    VolumeDriver     ""      1.7.0..1.9.0
    WorkingDir       ""      0.6.0..
    Entrypoint       null    0.5.0..
    NetworkDisabled  false   0.5.1..1.9.0
    NetworkDisabled  false   1.9.0..        omit
    Privileged       false   0.6.0..0.6.6
    MacAddress       ""      1.4.0..1.9.0
    MacAddress       ""      1.9.0..        v..1.52 omit
    OnBuild          null    0.8.0..
    SecurityOpt      null    1.3.0..1.4.0
    Labels           null    1.6.0..
    StopSignal       ""      1.9.0..        omit
    StopTimeout      null    1.13.0..       omit
    Shell            null    1.13.0..       omit
""")

# Inspect of a container gives back what has moved to HostConfig, to prefixes below the move.
MOVED = Table("""
    MacAddress       ""      1.8.0..        v..1.21
    NetworkDisabled  false   1.8.0..        v..1.21
    ExposedPorts     null    1.8.0..        v..1.21
    VolumeDriver     ""      1.8.0..        v..1.21
    Memory           0       1.7.0..1.8.0   v..1.19
    MemorySwap       0       1.7.0..1.8.0   v..1.19
    CpuShares        0       1.7.0..1.8.0   v..1.19
    Cpuset           ""      1.7.0..1.8.0   v..1.19
    Memory           0       1.8.0..        v..1.20
    MemorySwap       0       1.8.0..        v..1.20
    CpuShares        0       1.8.0..        v..1.20
    Cpuset           ""      1.8.0..        v..1.20
""")

# From 1.50 on the config of an image is what the OCI's specification has; from 1.52 on without
# what is empty.
IMAGE_CONFIG = Table("""
    User             ""      v1.52..        omit
    ExposedPorts     null    v1.50..        omit
    Env              null    v1.52..        omit
    Cmd              null    v1.52..        omit
    Healthcheck      null    v1.50..        omit
    ArgsEscaped      false   v1.50..        omit
    Volumes          null    v1.52..        omit
    WorkingDir       ""      v1.52..        omit
    Entrypoint       null    v1.52..        omit
    OnBuild          null    v1.52..        omit
    Labels           null    v1.52..        omit
    Cmd              null    v1.50..v1.52
    Entrypoint       null    v1.50..v1.52
    Env              null    v1.50..v1.52
    Labels           null    v1.50..v1.52
    OnBuild          null    v1.50..v1.52
    User             ""      v1.50..v1.52
    Volumes          null    v1.50..v1.52
    WorkingDir       ""      v1.50..v1.52
    StopSignal       ""      v1.50..        omit
    Shell            null    v1.50..        omit
""")

STATE = Table("""
    Status       ""         1.9.0..
    Running      false
    Paused       false      0.12.0..
    Restarting   false      1.2.0..
    OOMKilled    false      1.4.0..
    Dead         false      1.6.0..
    Pid          0
    ExitCode     0
    Error        ""         1.4.0..
    StartedAt    ""
    FinishedAt   ""         0.6.4..
    Ghost        false      ..0.11.0
    Health       null       1.12.0..    omit
""")

NETWORK_SETTINGS = Table("""
    IpAddress=IPAddress      ""      ..0.4.1
    IpPrefixLen=IPPrefixLen  0       ..0.4.1
    IPAddress                ""      0.4.1..1.7.0
    IPPrefixLen              0       0.4.1..1.7.0
    MacAddress               ""      1.5.0..1.7.0
    LinkLocalIPv6Address     ""      1.5.0..1.7.0
    LinkLocalIPv6PrefixLen   0       1.5.0..1.7.0
    GlobalIPv6Address        ""      1.5.0..1.7.0
    GlobalIPv6PrefixLen      0       1.5.0..1.7.0
    Gateway                  ""      ..1.7.0
    IPv6Gateway              ""      1.5.0..1.7.0
    Bridge                   ""      ..1.7.0
    PortMapping              {}      ..0.5.0
    PortMapping              {"Tcp":{},"Udp":{}}  0.5.0..0.6.5
    PortMapping              null    0.6.5..1.7.0
    Ports                    null    0.6.5..1.7.0
    Bridge                   ""      1.7.0..1.9.0
    EndpointID               ""      1.7.0..1.9.0
    Gateway                  ""      1.7.0..1.9.0
    GlobalIPv6Address        ""      1.7.0..1.9.0
    GlobalIPv6PrefixLen      0       1.7.0..1.9.0
    HairpinMode              false   1.7.0..1.9.0
    IPAddress                ""      1.7.0..1.9.0
    IPPrefixLen              0       1.7.0..1.9.0
    IPv6Gateway              ""      1.7.0..1.9.0
    LinkLocalIPv6Address     ""      1.7.0..1.9.0
    LinkLocalIPv6PrefixLen   0       1.7.0..1.9.0
    MacAddress               ""      1.7.0..1.9.0
    NetworkID                ""      1.7.0..1.9.0
    PortMapping              null    1.7.0..1.9.0
    Ports                    null    1.7.0..1.9.0
    SandboxKey               ""      1.7.0..1.9.0
    SecondaryIPAddresses     null    1.7.0..1.9.0
    SecondaryIPv6Addresses   null    1.7.0..1.9.0
    Bridge                   ""      1.9.0..    v..1.52
    SandboxID                ""      1.9.0..
    SandboxKey               ""      1.9.0..
    Ports                    null    1.9.0..
    HairpinMode              false   1.9.0..    v..1.52
    LinkLocalIPv6Address     ""      1.9.0..    v..1.52
    LinkLocalIPv6PrefixLen   0       1.9.0..    v..1.52
    SecondaryIPAddresses     null    1.9.0..    v..1.52
    SecondaryIPv6Addresses   null    1.9.0..    v..1.52
    EndpointID               ""      1.9.0..    v..1.52
    Gateway                  ""      1.9.0..    v..1.52
    GlobalIPv6Address        ""      1.9.0..    v..1.52
    GlobalIPv6PrefixLen      0       1.9.0..    v..1.52
    IPAddress                ""      1.9.0..    v..1.52
    IPPrefixLen              0       1.9.0..    v..1.52
    IPv6Gateway              ""      1.9.0..    v..1.52
    MacAddress               ""      1.9.0..    v..1.52
    Networks                 {}      1.9.0..    v1.21..
""")

# One of NetworkSettings.Networks.
ENDPOINT = Table("""
    IPAMConfig           null   1.10.0..
    Links                null   1.10.0..
    Aliases              null   1.10.0..
    MacAddress           ""     25.0.0..
    DriverOpts           null   28.0.0..
    GwPriority           0      28.0.0..
    NetworkID            ""     1.10.0..
    EndpointID           ""
    Gateway              ""
    IPAddress            ""
    IPPrefixLen          0
    IPv6Gateway          ""
    GlobalIPv6Address    ""
    GlobalIPv6PrefixLen  0
    MacAddress           ""     ..25.0.0
    DriverOpts           null   17.9.0..28.0.0
    DNSNames             null   25.0.0..
""")

RESTART_POLICY = Table("""
    Name               ""
    MaximumRetryCount  0
""")

# Up to 1.9, before resources had an object of their own.
OLD_HOST_CONFIG = Table(
    """
    Binds            null
    ContainerIDFile  ""
    LxcConf          null
    Memory           0       1.6.0..
    MemorySwap       0       1.6.0..
    MemoryReservation 0      1.9.0..
    KernelMemory     0       1.9.0..
    CpuShares        0       1.6.0..
    CpuPeriod        0       1.7.0..
    CpusetCpus       ""      1.6.0..
    CpusetMems       ""      1.7.0..
    CpuQuota         0       1.7.0..
    BlkioWeight      0       1.7.0..
    OomKillDisable   false   1.7.0..
    MemorySwappiness null    1.8.0..
    Privileged       false
    PortBindings     null
    Links            null
    PublishAllPorts  false
    Dns              null    0.10.0..
    DnsOptions       null    1.9.0..
    DnsSearch        null    0.10.0..
    ExtraHosts       null    1.3.0..
    VolumesFrom      null    0.10.0..
    Devices          null    1.2.0..
    NetworkMode      ""      0.11.0..
    IpcMode          ""      1.4.0..
    PidMode          ""      1.5.0..
    UTSMode          ""      1.7.0..
    CapAdd           null    1.2.0..
    CapDrop          null    1.2.0..
    GroupAdd         null    1.8.0..
    RestartPolicy    {RESTART_POLICY}    1.2.0..
    SecurityOpt      null    1.4.0..
    ReadonlyRootfs   false   1.5.0..
    Ulimits          null    1.6.0..
    LogConfig        {"Type":"","Config":null}   1.6.0..
    CgroupParent     ""      1.6.0..
    ConsoleSize      [0,0]   1.8.0..
    VolumeDriver     ""      1.9.0..
""",
    RESTART_POLICY=RESTART_POLICY,
)

HOST_CONFIG = Table(
    """
    Binds                 null
    ContainerIDFile       ""
    LogConfig             {"Type":"json-file","Config":{}}
    NetworkMode           "default"
    PortBindings          null
    RestartPolicy         {RESTART_POLICY}
    AutoRemove            false   1.13.0..
    VolumeDriver          ""
    VolumesFrom           null
    Mounts                null    1.13.0..    omit
    ConsoleSize           [0,0]   23.0.0..
    Annotations           null    24.0.0..    omit
    CapAdd                null
    CapDrop               null
    CgroupnsMode          "host"  20.10.0..
    Dns                   null
    DnsOptions            null
    DnsSearch             null
    ExtraHosts            null
    GroupAdd              null
    IpcMode               ""
    Cgroup                ""      1.11.0..
    Links                 null
    OomScoreAdj           0
    PidMode               ""
    Privileged            false
    PublishAllPorts       false
    ReadonlyRootfs        false
    SecurityOpt           null
    StorageOpt            null    1.11.0..    omit
    Tmpfs                 null    omit
    UTSMode               ""
    UsernsMode            ""      1.11.0..
    ShmSize               67108864
    Sysctls               null    1.12.0..    omit
    Runtime               "runc"  1.12.0..    omit
    ConsoleSize           [0,0]   ..23.0.0
    Isolation             ""
    CpuShares             0
    Memory                0
    NanoCpus              0       1.13.0..
    CgroupParent          ""
    BlkioWeight           0
    BlkioWeightDevice     null
    BlkioDeviceReadBps    null
    BlkioDeviceWriteBps   null
    BlkioDeviceReadIOps   null
    BlkioDeviceWriteIOps  null
    CpuPeriod             0
    CpuQuota              0
    CpuRealtimePeriod     0       1.13.0..
    CpuRealtimeRuntime    0       1.13.0..
    CpusetCpus            ""
    CpusetMems            ""
    Devices               null
    DeviceCgroupRules     null    17.5.0..
    DiskQuota             0       1.12.0..17.5.0
    DeviceRequests        null    19.3.0..
    KernelMemory          0       ..23.0.0
    KernelMemoryTCP       0       19.3.0..23.0.0
    MemoryReservation     0
    MemorySwap            0
    MemorySwappiness      null
    OomKillDisable        false
    Init                  null    1.13.0..    omit
    PidsLimit             null    1.11.0..
    Ulimits               null
    CpuCount              0       1.12.0..
    CpuPercent            0       1.12.0..
    IOMaximumIOps         0       1.12.0..
    IOMaximumBandwidth    0       1.12.0..
    MaskedPaths           []      18.6.0..
    ReadonlyPaths         []      18.6.0..
""",
    RESTART_POLICY=RESTART_POLICY,
)

# Up to 1.6, and there only under prefixes below 1.12 from 0.12.0 on; `ID` from 0.4.1 on.
OLD_CONTAINER = Table(
    """
    State            {STATE}    0.12.0..
    Id               ""         ..0.4.1
    ID=Id            ""         0.4.1..
    Created          ""
    Path             ""
    Args             []
    Config           {CONFIG}
    State            {STATE}    ..0.12.0
    Image            ""
    NetworkSettings  {NETWORK_SETTINGS}
    SysInitPath      "/usr/bin/docker"   ..0.7.0
    ResolvConfPath   ""
    HostnamePath     ""         0.6.2..
    HostsPath        ""         0.6.2..
    LogPath          ""         1.5.0..
    Name             ""         0.6.5..
    Driver           ""         0.7.0..
    ExecDriver       ""         0.9.0..
    MountLabel       ""         0.10.0..
    ProcessLabel     ""         0.10.0..
    AppArmorProfile  ""         1.2.0..
    RestartCount     0          1.2.0..
    UpdateDns        false      1.6.0..
    Volumes          {}
    VolumesRW        {}         0.5.0..
    AppliedVolumesFrom  null    1.6.0..
    HostConfig       {HOST_CONFIG}   0.7.1..
""",
    STATE=STATE,
    CONFIG=CONFIG,
    NETWORK_SETTINGS=NETWORK_SETTINGS,
    HOST_CONFIG=OLD_HOST_CONFIG,
)

_CONTAINER = """
    Id               ""
    Created          ""
    Path             ""
    Args             []
    State            {STATE}
    Image            ""
    NetworkSettings  {NETWORK_SETTINGS}  ..1.8.0
    ResolvConfPath   ""
    HostnamePath     ""
    HostsPath        ""
    LogPath          ""         1.5.0..
    Name             ""
    RestartCount     0          1.2.0..
    Driver           ""
    ExecDriver       ""         ..1.10.0
    Platform         "linux"    17.10.0..
    MountLabel       ""
    ProcessLabel     ""
    Volumes          {}         ..1.8.0
    VolumesRW        {}         ..1.8.0
    AppArmorProfile  ""         1.2.0..
    ExecIDs          null       1.3.0..
    HostConfig       {HOST_CONFIG}
    GraphDriver      {}         1.8.0..
    SizeRw           null       1.9.0..     omit
    SizeRootFs       null       1.9.0..     omit
    Volumes          {}         1.8.0..     v..1.20
    VolumesRW        {}         1.8.0..     v..1.20
    Mounts           []         1.8.0..     v1.20..
    Config           {CONFIG}
    NetworkSettings  {NETWORK_SETTINGS}  1.8.0..
"""

CONTAINER_TO_1_9 = Table(
    _CONTAINER,
    STATE=STATE,
    CONFIG=CONFIG,
    NETWORK_SETTINGS=NETWORK_SETTINGS,
    HOST_CONFIG=OLD_HOST_CONFIG,
)
CONTAINER = Table(
    _CONTAINER,
    STATE=STATE,
    CONFIG=CONFIG,
    NETWORK_SETTINGS=NETWORK_SETTINGS,
    HOST_CONFIG=HOST_CONFIG,
)

# The container in an exec instance, up to 1.7: as it is stored.
STORED_CONTAINER = Table(
    """
    State            {STATE}
    ID=Id            ""
    Created          ""
    Path             ""
    Args             []
    Config           {CONFIG}
    Image            ""
    NetworkSettings  {NETWORK_SETTINGS}
    ResolvConfPath   ""
    HostnamePath     ""
    HostsPath        ""
    LogPath          ""         1.5.0..
    Name             ""
    Driver           ""
    ExecDriver       ""
    MountLabel       ""
    ProcessLabel     ""
    AppArmorProfile  ""         ..1.7.0
    RestartCount     0
    UpdateDns        false      1.6.0..
    MountPoints      {}         1.7.0..
    Volumes          {}
    VolumesRW        {}
    AppliedVolumesFrom  null    1.6.0..1.7.0
    AppArmorProfile  ""         1.7.0..
""",
    STATE=STATE,
    CONFIG=CONFIG,
    NETWORK_SETTINGS=NETWORK_SETTINGS,
)

CONTAINER_ROW = Table("""
    Id               ""
    Names            []     1.7.0..
    Image            ""
    ImageID          ""     1.9.0..
    Command          ""
    Created          0
    Ports            []     1.7.0..
    SizeRw           0      1.7.0..     omit
    SizeRootFs       0      1.7.0..     omit
    Labels           {}     1.7.0..
    State            ""     1.11.0..
    Status           ""
    Ports            []     ..1.7.0
    HostConfig       {}     1.10.0..
    NetworkSettings  {}     1.10.0..
    Mounts           []     1.11.0..
    SizeRw           0      0.4.1..0.8.0
    SizeRootFs       0      0.4.1..0.8.0
    Names            []     0.6.5..1.7.0
    Labels           {}     1.6.0..1.7.0
""")

PORT = Table("""
    IP           ""     0.6.5..     omit
    PrivatePort  0
    PublicPort   0      omit
    Type         ""
""")

MOUNT = Table("""
    Type         ""     1.13.0..
    Name         ""     omit
    Source       ""
    Destination  ""
    Driver       ""     omit
    Mode         ""
    RW           true
    Propagation  ""     1.10.0..
""")

EXEC = Table("""
    ID             ""
    Running        false
    ExitCode       0
    ProcessConfig  {}
    OpenStdin      false
    OpenStderr     false
    OpenStdout     false
    Container      {}       ..1.8.0
    CanRemove      false    1.10.0..
    ContainerID    ""       1.8.0..
    DetachKeys     ""       1.10.0..
    Pid            0        1.11.0..
""")

PROCESS = Table("""
    privileged  false   ..1.9.0
    user        ""      ..1.9.0
    tty         false
    entrypoint  ""
    arguments   []
    privileged  false   1.9.0..
    user        ""      1.9.0..     omit
""")

STATS = Table("""
    name           ""      28.0.0..
    id             ""      28.0.0..
    read           ""
    preread        ""      1.13.0..
    network        {}      ..1.9.0
    precpu_stats   {}      1.7.0..1.9.0
    cpu_stats      {}      ..1.9.0
    memory_stats   {}      ..1.9.0
    pids_stats     {}      1.11.0..
    blkio_stats    {}
    num_procs      0       1.13.0..
    storage_stats  {}      1.13.0..
    cpu_stats      {}      1.9.0..
    precpu_stats   {}      1.9.0..
    memory_stats   {}      1.9.0..
    name           ""      17.4.0..28.0.0   v1.21..
    id             ""      17.4.0..28.0.0   v1.21..
    network        {}      1.9.0..     v..1.21
    networks       {}      1.9.0..     v1.21..
""")

# Keys of an image's inspect that are lower case: up to 0.11, and under prefixes below 1.12 to 1.6.
OLD_IMAGE = Table(
    """
    id=Id                             ""
    parent=Parent                     ""    omit
    comment=Comment                   ""    omit
    created=Created                   ""
    container=Container               ""    omit
    container_config=ContainerConfig  {CONFIG}
    docker_version=DockerVersion      ""    omit
    author=Author                     ""    omit
    config=Config                     {CONFIG}
    architecture=Architecture         ""    0.4.0..
    os=Os                             ""    0.8.0..
    Size                              0     0.4.1..
""",
    CONFIG=CONFIG,
)

_IMAGE = """
    Id               ""
    RepoTags         []      1.9.0..
    RepoDigests      []      1.9.0..
    Parent           ""      v..1.53
    Comment          ""
    Created          ""
    Container        ""      ..26.0.0
    Container        ""      26.0.0..    v..1.45 omit
    ContainerConfig  {CONFIG}   ..26.0.0
    ContainerConfig  {CONFIG}   26.0.0..    v..1.45
    DockerVersion    ""      v..1.53
    Author           ""
    Config           {IMAGE_CONFIG}
    Architecture     ""
    Variant          ""      19.3.0..    omit
    Os               ""
    OsVersion        ""      1.13.0..    omit
    Size             0
    VirtualSize      0       1.3.0..25.0.0
    VirtualSize      0       25.0.0..    v..1.44
    GraphDriver      {}      1.8.0..
    RootFS           {}      1.10.0..
    Metadata         {}      17.6.0..
"""

IMAGE_TO_1_49 = Table(_IMAGE, CONFIG=CONFIG, IMAGE_CONFIG=CONFIG)
IMAGE = Table(_IMAGE, CONFIG=CONFIG, IMAGE_CONFIG=IMAGE_CONFIG)

# One row per tag; under prefixes below 1.7 up to 1.6.
TAG_ROW = Table("""
    Repository   ""     omit
    Tag          ""     omit
    Id           ""
    Created      0
    Size         0      0.4.1..
    VirtualSize  0      0.4.1..
""")

IMAGE_ROW = Table("""
    Containers   0      1.13.0..
    Id           ""
    ParentId     ""     ..0.8.0     omit
    ParentId     ""     0.8.0..
    RepoTags     []
    RepoDigests  []     1.6.0..
    Created      0
    Size         0
    SharedSize   -1     1.13.0..
    VirtualSize  0      ..25.0.0
    VirtualSize  0      25.0.0..    v..1.44
    Labels       null   1.6.0..
""")

LAYER = Table("""
    Id         ""
    Tags       null   0.4.5..0.8.0    omit
    Tags       null   0.4.1..0.4.5    omit
    Created    0
    CreatedBy  ""     ..0.4.0
    CreatedBy  ""     0.4.0..0.8.0    omit
    CreatedBy  ""     0.8.0..
    Tags       null   0.8.0..
    Size       0      0.7.0..
    Size       0      0.6.6..0.7.0
    Comment    ""     1.7.0..
""")

EVENT = Table("""
    status    ""     v..1.52
    id        ""     v..1.52
    from      ""     v..1.52     omit
    Type      ""     1.10.0..
    Action    ""     1.10.0..
    Actor     {}     1.10.0..
    scope     ""     17.6.0..
    time      0
    timeNano  0      1.9.0..
""")

SEARCH_RESULT = Table("""
    Name=name                ""     ..0.6.7
    Description=description  ""     ..0.6.7
    name                     ""     0.6.7..
    description              ""     0.6.7..
    star_count               0      0.6.7..
    is_official              false  0.6.7..
    is_trusted=is_automated  false  0.6.7..1.10.0
    is_automated             false  1.7.0..
""")
