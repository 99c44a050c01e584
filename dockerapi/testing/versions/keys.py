"""The keys in the answers of each release, under each prefix: tables.

A row has the limits of its keys, and the keys with their defaults. `0.6.2..1.7.0` are releases (the
first with the keys, and the first without them again), `v1.12..v1.19` are prefixes. `omit` leaves
out an empty value, as Go's `omitempty` does. `NEW<OLD=""` takes the value of OLD in the newest
answer. A default in braces is another table. A key in several rows exists if one of them applies.

Sources: recordings of 0.3.3, 0.4.4, 0.6.6, 0.6.7, 1.6.2, 1.7.1, 20.10, 26.1 and 28.5, and between
them the version history and the manuals of the API. A key that none of these dates has the date of
the first recording with it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
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
        joined = text.strip().replace("\n        ", " ")
        self._rows = tuple(row for line in joined.splitlines() for row in _rows(line, tables))
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


def _rows(line: str, tables: Mapping[str, Table]) -> Iterator[_Row]:
    limits, _, keys = line.partition(": ")
    bounds = {"release": (_FIRST, _LAST), "prefix": (_FIRST, _LAST)}
    for limit in limits.split():
        match = _BOUNDS.fullmatch(limit)
        if match is not None:
            begin, end = _parts(match[1]), _parts(match[2])
            bounds["prefix" if "v" in limit else "release"] = (begin or _FIRST, end or _LAST)
        elif limit not in ("always", "omit"):
            raise ValueError(f"{line}: what is {limit!r}?")
    for word in keys.split():
        name, _, default = word.partition("=")
        key, _, newest = name.partition("<")
        table = tables[default.strip("{}")] if re.fullmatch(r"\{\w+\}", default) else None
        value = None if table else json.loads(default)
        omit = "omit" in limits
        yield _Row(key, newest or key, value, table, omit, bounds["release"], bounds["prefix"])


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split("."))) if version else ()


# The Engine itself.

VERSION = Table("""
    ..0.4.0: MemoryLimit=true SwapLimit=true
    always: Version="" GitCommit=""
    0.4.0..: GoVersion=""
    0.7.2..: KernelVersion=""
    0.7.3..: Os="" Arch=""
    0.10.0..: ApiVersion=""
    1.8.0..: BuildTime=""
    1.13.0.. omit: MinAPIVersion=""
    17.12.0..: Platform={"Name":""} Components=[]
""")

# False flags are left out in 0.4.0 to 0.7.1; all of these are true there.
INFO = Table("""
    ..0.4.0: Version="" Debug=false GoVersion=""
    always: Containers=0 Images=0 NGoroutines=0 NFd=0
    0.4.0..0.7.1: Debug=true
    0.4.0..: MemoryLimit=true SwapLimit=true
    0.5.0..: IPv4Forwarding=true
    0.5.1..0.7.1 omit: NEventsListener=0
    0.5.1..0.9.0: LXCVersion=""
    0.5.1..: KernelVersion="" IndexServerAddress=""
    0.7.1..: Driver="" DriverStatus=[] Debug=false NEventsListener=0
    0.9.0..1.11.0: ExecutionDriver="" InitSha1="" InitPath=""
    1.1.0..1.2.0: Sockets=[]
    1.1.0..: OperatingSystem=""
    1.2.0..: NCPU=0 MemTotal=0
    1.4.0..1.11.0: Labels=null
    1.4.0..: Name=""
    1.5.0..: DockerRootDir=""
    1.6.0..: ID="" SystemTime="" RegistryConfig={}
    1.7.0..: CpuCfsPeriod=true CpuCfsQuota=true OomKillDisable=true LoggingDriver="" HttpProxy=""
        HttpsProxy="" NoProxy="" ExperimentalBuild=false
    1.8.0..28.2.0: BridgeNfIptables=true BridgeNfIp6tables=true
    1.9.0..20.10.0: ClusterStore="" ClusterAdvertise=""
    1.9.0..: ServerVersion=""
    1.10.0..: Plugins={} CPUShares=true CPUSet=true ContainersRunning=0 ContainersPaused=0
        ContainersStopped=0 OSType="" Architecture=""
    1.11.0..23.0.0: KernelMemory=true
    1.11.0..28.0.0 v..1.25: ExecutionDriver=""
    1.11.0..: CgroupDriver="" Labels=[] SecurityOptions=[]
    1.12.0..: Runtimes={} DefaultRuntime="" Swarm={}
    1.13.0..: LiveRestoreEnabled=false Isolation="" InitBinary="" ContainerdCommit={} RuncCommit={}
        InitCommit={}
    17.12.0..: GenericResources=null
    18.9.0..: Warnings=null
    19.3.0.. v..1.53: KernelMemoryTCP=true
    19.3.0..: PidsLimit=true
    20.10.0..: CgroupVersion="" OSVersion=""
    23.0.0.. v..1.42: KernelMemory=false
    25.0.0..: CDISpecDirs=[]
    27.0.0.. v1.46..: Containerd={}
    28.2.0.. v..1.50: BridgeNfIptables=false BridgeNfIp6tables=false
    28.2.0.. v1.49..: FirewallBackend={}
""")

# Containers and images.

CONFIG = Table("""
    ..0.10.0: Dns=null VolumesFrom=""
    ..1.7.0: Memory=0 MemorySwap=0 CpuShares=0
    ..1.8.0: PortSpecs=null
    always: Hostname="" User="" AttachStdin=false AttachStdout=false AttachStderr=false Tty=false
        OpenStdin=false StdinOnce=false Env=null Cmd=null Image="" Volumes=null
    0.5.0..: Entrypoint=null
    0.5.1..1.9.0: NetworkDisabled=false
    0.6.0..0.6.6: Privileged=false
    0.6.0..: WorkingDir=""
    0.6.2..: Domainname=""
    0.6.5..1.9.0: ExposedPorts=null
    0.8.0..: OnBuild=null
    0.12.0..1.7.0: Cpuset=""
    1.3.0..1.4.0: SecurityOpt=null
    1.4.0..1.9.0: MacAddress=""
    1.6.0..: Labels=null
    1.7.0..1.9.0: VolumeDriver=""
    1.9.0.. v..1.52 omit: MacAddress=""
    1.9.0.. omit: ExposedPorts=null NetworkDisabled=false StopSignal=""
    1.12.0.. omit: Healthcheck=null ArgsEscaped=false
    1.13.0.. omit: StopTimeout=null Shell=null
""")

# Inspect of a container gives back what has moved to HostConfig, to prefixes below the move.
MOVED = Table("""
    1.7.0..1.8.0 v..1.19: Memory=0 MemorySwap=0 CpuShares=0 Cpuset=""
    1.8.0.. v..1.20: Memory=0 MemorySwap=0 CpuShares=0 Cpuset=""
    1.8.0.. v..1.21: MacAddress="" NetworkDisabled=false ExposedPorts=null VolumeDriver=""
""")

# From 1.50 on an image's config has the keys of the OCI specification; from 1.52 on without empty
# ones.
IMAGE_CONFIG = Table("""
    v1.50..v1.52: Cmd=null Entrypoint=null Env=null Labels=null OnBuild=null User="" Volumes=null
        WorkingDir=""
    v1.50.. omit: ExposedPorts=null Healthcheck=null ArgsEscaped=false StopSignal="" Shell=null
    v1.52.. omit: User="" Env=null Cmd=null Volumes=null WorkingDir="" Entrypoint=null OnBuild=null
        Labels=null
""")

STATE = Table("""
    ..0.11.0: Ghost=false
    always: Running=false Pid=0 ExitCode=0 StartedAt=""
    0.6.4..: FinishedAt=""
    0.12.0..: Paused=false
    1.2.0..: Restarting=false
    1.4.0..: OOMKilled=false Error=""
    1.6.0..: Dead=false
    1.9.0..: Status=""
    1.12.0.. omit: Health=null
""")

NETWORK_SETTINGS = Table("""
    ..0.4.1: IpAddress<IPAddress="" IpPrefixLen<IPPrefixLen=0
    ..0.5.0: PortMapping={}
    ..1.9.0: Gateway="" Bridge=""
    0.4.1..1.9.0: IPAddress="" IPPrefixLen=0
    0.5.0..0.6.5: PortMapping={"Tcp":{},"Udp":{}}
    0.6.5..1.9.0: PortMapping=null
    0.6.5..: Ports=null
    1.5.0..1.9.0: MacAddress="" LinkLocalIPv6Address="" LinkLocalIPv6PrefixLen=0
        GlobalIPv6Address="" GlobalIPv6PrefixLen=0 IPv6Gateway=""
    1.7.0..1.9.0: EndpointID="" HairpinMode=false NetworkID="" SecondaryIPAddresses=null
        SecondaryIPv6Addresses=null
    1.7.0..: SandboxKey=""
    1.9.0.. v..1.52: Bridge="" HairpinMode=false LinkLocalIPv6Address="" LinkLocalIPv6PrefixLen=0
        SecondaryIPAddresses=null SecondaryIPv6Addresses=null EndpointID="" Gateway=""
        GlobalIPv6Address="" GlobalIPv6PrefixLen=0 IPAddress="" IPPrefixLen=0 IPv6Gateway=""
        MacAddress=""
    1.9.0..: SandboxID=""
    1.9.0.. v1.21..: Networks={}
""")

# One of NetworkSettings.Networks.
ENDPOINT = Table("""
    always: MacAddress="" EndpointID="" Gateway="" IPAddress="" IPPrefixLen=0 IPv6Gateway=""
        GlobalIPv6Address="" GlobalIPv6PrefixLen=0
    1.10.0..: IPAMConfig=null Links=null Aliases=null NetworkID=""
    17.9.0..: DriverOpts=null
    25.0.0..: DNSNames=null
    28.0.0..: GwPriority=0
""")

IPAM = Table("""
    always: Driver="" Config=[]
    1.10.0..: Options=null
""")

CONNECTED = Table("""
    always: EndpointID="" MacAddress="" IPv4Address="" IPv6Address=""
    1.10.0..: Name=""
""")

VOLUME = Table("""
    always: Name="" Driver="" Mountpoint=""
    1.11.0..: Labels=null
    1.12.0..: Scope=""
    1.13.0..: Options=null
    17.7.0..: CreatedAt=""
""")

NETWORK = Table(
    """
    always: Name="" Id="" Scope="" Driver="" IPAM={IPAM} Containers={} Options={}
    1.11.0..: EnableIPv6=false Internal=false Labels={}
    1.13.0..: Created="" Attachable=false
    17.5.0..: Ingress=false
    17.6.0..: ConfigFrom={"Network":""} ConfigOnly=false
    28.0.0..: EnableIPv4=true
    29.0.0.. v1.52..: Status={}
""",
    IPAM=IPAM,
)

RESTART_POLICY = Table("""
    always: Name="" MaximumRetryCount=0
""")

# Up to 1.9, before resources had an object of their own.
OLD_HOST_CONFIG = Table(
    """
    always: Binds=null ContainerIDFile="" LxcConf=null Privileged=false PortBindings=null Links=null
        PublishAllPorts=false
    0.10.0..: Dns=null DnsSearch=null VolumesFrom=null
    0.11.0..: NetworkMode=""
    1.2.0..: Devices=null CapAdd=null CapDrop=null RestartPolicy={RESTART_POLICY}
    1.3.0..: ExtraHosts=null
    1.4.0..: IpcMode="" SecurityOpt=null
    1.5.0..: PidMode="" ReadonlyRootfs=false
    1.6.0..: Memory=0 MemorySwap=0 CpuShares=0 CpusetCpus="" Ulimits=null
        LogConfig={"Type":"","Config":null} CgroupParent=""
    1.7.0..: CpuPeriod=0 CpusetMems="" CpuQuota=0 BlkioWeight=0 OomKillDisable=false UTSMode=""
    1.8.0..: MemorySwappiness=null GroupAdd=null ConsoleSize=[0,0]
    1.9.0..: MemoryReservation=0 KernelMemory=0 DnsOptions=null VolumeDriver=""
""",
    RESTART_POLICY=RESTART_POLICY,
)

HOST_CONFIG = Table(
    """
    ..23.0.0: KernelMemory=0
    always: Binds=null ContainerIDFile="" LogConfig={"Type":"json-file","Config":{}}
        NetworkMode="default" PortBindings=null RestartPolicy={RESTART_POLICY} VolumeDriver=""
        VolumesFrom=null ConsoleSize=[0,0] CapAdd=null CapDrop=null Dns=null DnsOptions=null
        DnsSearch=null ExtraHosts=null GroupAdd=null IpcMode="" Links=null OomScoreAdj=0 PidMode=""
        Privileged=false PublishAllPorts=false ReadonlyRootfs=false SecurityOpt=null UTSMode=""
        ShmSize=67108864 Isolation="" CpuShares=0 Memory=0 CgroupParent="" BlkioWeight=0
        BlkioWeightDevice=null BlkioDeviceReadBps=null BlkioDeviceWriteBps=null
        BlkioDeviceReadIOps=null BlkioDeviceWriteIOps=null CpuPeriod=0 CpuQuota=0 CpusetCpus=""
        CpusetMems="" Devices=null MemoryReservation=0 MemorySwap=0 MemorySwappiness=null
        OomKillDisable=false Ulimits=null
    omit: Tmpfs=null
    1.11.0..: Cgroup="" UsernsMode="" PidsLimit=null
    1.11.0.. omit: StorageOpt=null
    1.12.0..17.5.0: DiskQuota=0
    1.12.0..: CpuCount=0 CpuPercent=0 IOMaximumIOps=0 IOMaximumBandwidth=0
    1.12.0.. omit: Sysctls=null Runtime="runc"
    1.13.0..: AutoRemove=false NanoCpus=0 CpuRealtimePeriod=0 CpuRealtimeRuntime=0
    1.13.0.. omit: Mounts=null Init=null
    17.5.0..: DeviceCgroupRules=null
    18.6.0..: MaskedPaths=["/proc/kcore"] ReadonlyPaths=["/proc/sys"]
    19.3.0..23.0.0: KernelMemoryTCP=0
    19.3.0..: DeviceRequests=null
    20.10.0..: CgroupnsMode="host"
    24.0.0.. omit: Annotations=null
""",
    RESTART_POLICY=RESTART_POLICY,
)

# Up to 1.6, and there only under prefixes below 1.12 from 0.12.0 on; `ID` from 0.4.1 on.
OLD_CONTAINER = Table(
    """
    ..0.4.1: Id=""
    ..0.7.0: SysInitPath="/usr/bin/docker"
    always: State={STATE} Created="" Path="" Args=[] Config={CONFIG} Image=""
        NetworkSettings={NETWORK_SETTINGS} ResolvConfPath="" Volumes={}
    0.4.1..: ID<Id=""
    0.5.0..: VolumesRW={}
    0.6.2..: HostnamePath="" HostsPath=""
    0.6.5..: Name=""
    0.7.0..: Driver=""
    0.7.1..: HostConfig={HOST_CONFIG}
    0.9.0..: ExecDriver=""
    0.10.0..: MountLabel="" ProcessLabel=""
    1.2.0..: AppArmorProfile="" RestartCount=0
    1.5.0..: LogPath=""
    1.6.0..: UpdateDns=false AppliedVolumesFrom=null
""",
    STATE=STATE,
    CONFIG=CONFIG,
    NETWORK_SETTINGS=NETWORK_SETTINGS,
    HOST_CONFIG=OLD_HOST_CONFIG,
)

_CONTAINER = """
    ..1.8.0: Volumes={} VolumesRW={}
    ..1.10.0: ExecDriver=""
    always: Id="" Created="" Path="" Args=[] State={STATE} Image=""
        NetworkSettings={NETWORK_SETTINGS} ResolvConfPath="" HostnamePath="" HostsPath="" Name=""
        Driver="" MountLabel="" ProcessLabel="" HostConfig={HOST_CONFIG} Config={CONFIG}
    1.2.0..: RestartCount=0 AppArmorProfile=""
    1.3.0..: ExecIDs=null
    1.5.0..: LogPath=""
    1.8.0.. v..1.20: Volumes={} VolumesRW={}
    1.8.0..: GraphDriver={}
    1.8.0.. v1.20..: Mounts=[]
    1.9.0.. omit: SizeRw=null SizeRootFs=null
    17.10.0..: Platform="linux"
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

CONTAINER_ROW = Table("""
    always: Id="" Image="" Command="" Created=0 Ports=[] Status=""
    0.4.1..0.8.0: SizeRw=0 SizeRootFs=0
    0.6.5..: Names=[]
    1.6.0..: Labels={}
    1.7.0.. omit: SizeRw=0 SizeRootFs=0
    1.9.0..: ImageID=""
    1.10.0..: HostConfig={} NetworkSettings={}
    1.11.0..: State="" Mounts=[]
""")

PORT = Table("""
    always: PrivatePort=0 Type=""
    omit: PublicPort=0
    0.6.5.. omit: IP=""
""")

MOUNT = Table("""
    always: Source="" Destination="" Mode="" RW=true
    omit: Name="" Driver=""
    1.10.0..: Propagation=""
    1.13.0..: Type=""
""")

EXEC = Table("""
    ..1.8.0: Container={}
    always: ID="" Running=false ExitCode=0 ProcessConfig={} OpenStdin=false OpenStderr=false
        OpenStdout=false
    1.8.0..: ContainerID=""
    1.10.0..: CanRemove=false DetachKeys=""
    1.11.0..: Pid=0
""")

PROCESS = Table("""
    ..1.9.0: user=""
    always: privileged=false tty=false entrypoint="" arguments=[]
    1.9.0.. omit: user=""
""")

STATS = Table("""
    ..1.9.0: network={}
    always: read="" cpu_stats={} memory_stats={} blkio_stats={}
    1.7.0..: precpu_stats={}
    1.9.0.. v..1.21: network={}
    1.9.0.. v1.21..: networks={}
    1.11.0..: pids_stats={}
    1.13.0..: preread="" num_procs=0 storage_stats={}
    17.4.0..28.0.0 v1.21..: name="" id=""
    28.0.0..: name="" id=""
""")

# Keys of an image's inspect that are lower case: up to 0.11, and under prefixes below 1.12 to 1.6.
OLD_IMAGE = Table(
    """
    always: id<Id="" created<Created="" container_config<ContainerConfig={CONFIG}
        config<Config={CONFIG}
    omit: parent<Parent="" comment<Comment="" container<Container="" docker_version<DockerVersion=""
        author<Author=""
    0.4.0..: architecture<Architecture=""
    0.4.1..: Size=0
    0.8.0..: os<Os=""
""",
    CONFIG=CONFIG,
)

_IMAGE = """
    ..26.0.0: Container="" ContainerConfig={CONFIG}
    v..1.53: Parent="" DockerVersion=""
    always: Id="" Comment="" Created="" Author="" Config={IMAGE_CONFIG} Architecture="" Os="" Size=0
    1.3.0..25.0.0: VirtualSize=0
    1.8.0..: GraphDriver={}
    1.9.0..: RepoTags=[] RepoDigests=[]
    1.10.0..: RootFS={}
    1.13.0.. omit: OsVersion=""
    17.7.0..: Metadata={}
    19.3.0.. omit: Variant=""
    25.0.0.. v..1.44: VirtualSize=0
    26.0.0.. v..1.45: ContainerConfig={CONFIG}
    26.0.0.. v..1.45 omit: Container=""
"""

IMAGE_TO_1_49 = Table(_IMAGE, CONFIG=CONFIG, IMAGE_CONFIG=CONFIG)
IMAGE = Table(_IMAGE, CONFIG=CONFIG, IMAGE_CONFIG=IMAGE_CONFIG)

# One row per tag; under prefixes below 1.7 up to 1.6.
TAG_ROW = Table("""
    always: Id="" Created=0
    omit: Repository="" Tag=""
    0.4.1..: Size=0 VirtualSize=0
""")

IMAGE_ROW = Table("""
    ..0.8.0 omit: ParentId=""
    ..25.0.0: VirtualSize=0
    always: Id="" RepoTags=[] Created=0 Size=0
    0.8.0..: ParentId=""
    1.6.0..: RepoDigests=[] Labels=null
    1.13.0..: Containers=0 SharedSize=-1
    25.0.0.. v..1.44: VirtualSize=0
""")

LAYER = Table("""
    ..0.4.0: CreatedBy=""
    always: Id="" Created=0
    0.4.0..0.8.0 omit: CreatedBy=""
    0.4.1..0.8.0 omit: Tags=null
    0.6.6..: Size=0
    0.8.0..: CreatedBy="" Tags=null
    1.7.0..: Comment=""
""")

EVENT = Table("""
    v..1.52: status="" id=""
    v..1.52 omit: from=""
    always: time=0
    1.9.0..: timeNano=0
    1.10.0..: Type="" Action="" Actor={}
    17.6.0..: scope=""
""")

SEARCH_RESULT = Table("""
    ..0.6.7: Name<name="" Description<description=""
    0.6.7..1.10.0: is_trusted<is_automated=false
    0.6.7..: name="" description="" star_count=0 is_official=false
    1.7.0..: is_automated=false
""")
