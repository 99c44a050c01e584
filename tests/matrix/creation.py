"""Create, start and run: where each version keeps what a container is made with.

Up to 1.14 create takes the config alone and start the host config, from 1.3 on; from 1.15 on create
takes both, and from 1.24 on start takes nothing.
"""

from __future__ import annotations

from typing import Any

from dockerapi import ContainerConfig, HostConfig, NetworkingConfig
from dockerapi.models.config import (
    BlkioWeightDevice,
    DeviceRequest,
    EndpointSettings,
    Healthcheck,
    Mount,
    ThrottleDevice,
)
from matrix.form import (
    ALWAYS,
    VERSIONS,
    Asked,
    Case,
    OfRelease,
    Outcome,
    Refused,
    before,
    gone,
    later_release,
    needs,
    sends,
    since,
    upgrades,
)

CREATE = "POST /containers/create"
START = "POST /containers/{id}/start"
AT_START = "give it to start() or run()"
AT_CREATE = "give it to create_container()"
NO_BODY = gone(f"{START} with a body", "1.24", "give the host config to create_container()")
NO_HOST_CONFIG = needs(f"{CREATE} HostConfig", "1.15", AT_START)

BODY = {"Image": "img", "Cmd": ["ls", "-l"]}


def _creates(query: str = "", **fields: Any) -> Asked:
    return sends(f"{CREATE}{query}", {**BODY, **fields})


def _starts(**fields: Any) -> Asked:
    return sends("POST /containers/c1/start", fields)


def _created(name: str, by_version: dict[str, Outcome], /, **arguments: Any) -> Case:
    return Case(
        "create_container",
        name,
        lambda client: client.create_container("img", "ls -l", **arguments),
        by_version,
    )


def _started(name: str, host_config: HostConfig, by_version: dict[str, Outcome]) -> Case:
    return Case(
        "start",
        name,
        lambda client: client.start("c1", host_config=host_config),
        by_version,
    )


def _until(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _previous(version: str) -> str:
    return VERSIONS[VERSIONS.index(version) - 1]


def _config(keyword: str, value: Any, field: str, sent: Any, version: str) -> Case:
    """A field of the config that came with a version."""
    return _created(
        keyword,
        {
            before(version): needs(f"{CREATE} {field}", version),
            since(version): _creates(**_nested(field, sent)),
        },
        config=ContainerConfig(**{keyword: value}),
    )


def _nested(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def _host(
    version: str,
    keyword: str,
    value: Any,
    field: str,
    sent: Any,
    *,
    removed: str | None = None,
    beside: dict[str, Any] | None = None,
) -> list[Case]:
    """A field of the host config that came with a version: in create, and as the body of start.

    `beside` is what create is told in its config because of it.
    """
    config = HostConfig(**{keyword: value})
    first, late = max(version, "1.15", key=_number), _number(version) > _number("1.15")
    in_create: dict[str, Outcome] = {
        before(first): needs(f"{CREATE} HostConfig.{field}", version) if late else NO_HOST_CONFIG,
    }
    if removed is None:
        in_create[since(first)] = _creates(HostConfig={field: sent}, **(beside or {}))
    else:
        in_create[_until(first, _previous(removed))] = _creates(HostConfig={field: sent})
        in_create[since(removed)] = gone(f"{CREATE} HostConfig.{field}", removed)
    in_start: dict[str, Outcome] = {}
    if _number(version) >= _number("1.24"):
        in_start["1.0 to 1.23"] = needs(f"{START} {field}", version)
    else:
        in_start[before(version)] = needs(f"{START} {field}", version)
        in_start[_until(version, "1.23")] = _starts(**{field: sent})
    in_start["1.24 to 1.55"] = NO_BODY
    return [_created(keyword, in_create, host_config=config), _started(keyword, config, in_start)]


def _number(version: str) -> int:
    return VERSIONS.index(version)


def _mount(keyword: str, value: Any, field: str, sent: Any, version: str, type: str) -> Case:
    """A field of a mount; mounts came with 1.25."""
    source = "/a" if type == "bind" else None
    wanted = {"Target": "/b", "Type": type, **({"Source": source} if source else {})}
    return _created(
        keyword,
        {
            before(version): needs(f"{CREATE} HostConfig.Mounts.{field}", version),
            since(version): _creates(HostConfig={"Mounts": [{**wanted, **_nested(field, sent)}]}),
        },
        host_config=HostConfig(
            mounts=[Mount(target="/b", type=type, source=source, **{keyword: value})]
        ),
    )


def _endpoint(keyword: str, value: Any, field: str, sent: Any, version: str) -> Case:
    """A field of a container's place in a network; these came with 1.22."""
    place = {"EndpointsConfig": {"net": _nested(field, sent)}}
    what = f"{CREATE} NetworkingConfig"
    if version != "1.22":
        what += f".EndpointsConfig.*.{field}"
    return _created(
        f"networking-{keyword}",
        {before(version): needs(what, version), since(version): _creates(NetworkingConfig=place)},
        networking=NetworkingConfig(endpoints={"net": EndpointSettings(**{keyword: value})}),
    )


def _moved(
    name: str, config: HostConfig, fields: dict[str, Any], version: str, *, was: dict[str, Any]
) -> list[Case]:
    """Fields that were at the top of create's body, and so not in start's, before a version."""
    named = next(iter(fields))
    return [
        _created(
            name,
            {before(version): _creates(**was), since(version): _creates(HostConfig=fields)},
            host_config=config,
        ),
        _started(
            name,
            config,
            {
                before(version): needs(f"{START} {named}", version, AT_CREATE),
                _until(version, "1.23"): _starts(**fields),
                "1.24 to 1.55": NO_BODY,
            },
        ),
    ]


MEGABYTE = 1024 * 1024

PLAIN = [
    Case(
        "create_container",
        "plain",
        lambda client: client.create_container("img", ["ls", "-l"]),
        {ALWAYS: _creates()},
    ),
    _created(
        "name",
        {before("1.6"): needs(f"{CREATE} ?name", "1.6"), since("1.6"): _creates("?name=web")},
        name="web",
    ),
    _created(
        "platform",
        {
            before("1.41"): needs(f"{CREATE} ?platform", "1.41"),
            since("1.41"): _creates("?platform=linux/arm64"),
        },
        platform="linux/arm64",
    ),
]

CONFIG = [
    _created(
        "config",
        {
            ALWAYS: _creates(
                Hostname="h",
                User="u",
                AttachStdin=True,
                AttachStdout=True,
                AttachStderr=False,
                Tty=True,
                OpenStdin=True,
                StdinOnce=False,
                Env=["A=b"],
                Volumes={"/data": {}},
            )
        },
        config=ContainerConfig(
            hostname="h",
            user="u",
            attach_stdin=True,
            attach_stdout=True,
            attach_stderr=False,
            tty=True,
            open_stdin=True,
            stdin_once=False,
            env={"A": "b"},
            volumes=["/data"],
        ),
    ),
    # Out of the manuals at 1.15; Engines up to 1.7.1 read it, later ones lose it.
    _created(
        "port_specs",
        {
            before("1.15"): _creates(PortSpecs=["22"]),
            since("1.15"): gone(f"{CREATE} PortSpecs", "1.15", "give exposed_ports"),
        },
        config=ContainerConfig(port_specs=["22"]),
    ),
    # The manuals have it from 1.15, the Engines from 0.5.0.
    _config("entrypoint", "sh -c", "Entrypoint", ["sh", "-c"], "1.3"),
    _config("working_dir", "/srv", "WorkingDir", "/srv", "1.4"),
    # From 1.10 in the manuals, from 0.5.1 in the Engines.
    _config("network_disabled", True, "NetworkDisabled", True, "1.4"),
    # From 1.12 in the manuals, from 0.6.2 in the Engines.
    _config("domain_name", "x.org", "Domainname", "x.org", "1.5"),
    _config("exposed_ports", [22], "ExposedPorts", {"22/tcp": {}}, "1.6"),
    _config("on_build", ["RUN a"], "OnBuild", ["RUN a"], "1.9"),
    _created(
        "mac_address",
        {
            before("1.16"): needs(f"{CREATE} MacAddress", "1.16"),
            "1.16 to 1.51": _creates(MacAddress="12:34:56:78:9a:bc"),
            since("1.52"): gone(
                f"{CREATE} MacAddress", "1.52", "give it to the endpoint in the network"
            ),
        },
        config=ContainerConfig(mac_address="12:34:56:78:9a:bc"),
    ),
    _config("labels", {"a": "b"}, "Labels", {"a": "b"}, "1.18"),
    _config("stop_signal", "SIGINT", "StopSignal", "SIGINT", "1.21"),
    _config("args_escaped", True, "ArgsEscaped", True, "1.22"),
    _config("healthcheck", Healthcheck(retries=3), "Healthcheck", {"Retries": 3}, "1.24"),
    _config("shell", ["sh", "-c"], "Shell", ["sh", "-c"], "1.24"),
    _config("stop_timeout", 5, "StopTimeout", 5, "1.25"),
    _created(
        "health-start-period",
        {
            before("1.29"): needs(f"{CREATE} Healthcheck.StartPeriod", "1.29"),
            since("1.29"): _creates(Healthcheck={"StartPeriod": 10**9}),
        },
        config=ContainerConfig(healthcheck=Healthcheck(start_period=1)),
    ),
    _created(
        "health-start-interval",
        {
            before("1.44"): needs(f"{CREATE} Healthcheck.StartInterval", "1.44"),
            since("1.44"): _creates(Healthcheck={"StartInterval": 10**9}),
        },
        config=ContainerConfig(healthcheck=Healthcheck(start_interval=1)),
    ),
]

# What was elsewhere in older versions (differences, 4.14).
MOVED = [
    *_moved(
        "memory",
        HostConfig(memory="64m"),
        {"Memory": 64 * MEGABYTE},
        "1.18",
        was={"Memory": 64 * MEGABYTE},
    ),
    *_moved(
        "memory_swap",
        HostConfig(memory=MEGABYTE, memory_swap=-1),
        {"Memory": MEGABYTE, "MemorySwap": -1},
        "1.18",
        was={"Memory": MEGABYTE, "MemorySwap": -1},
    ),
    *_moved(
        "cpu_shares", HostConfig(cpu_shares=512), {"CpuShares": 512}, "1.18", was={"CpuShares": 512}
    ),
    _created(
        "cpuset_cpus",
        {
            before("1.12"): needs(f"{CREATE} HostConfig.CpusetCpus", "1.12"),
            "1.12 to 1.17": _creates(Cpuset="0,1"),
            since("1.18"): _creates(HostConfig={"CpusetCpus": "0,1"}),
        },
        host_config=HostConfig(cpuset_cpus="0,1"),
    ),
    _started(
        "cpuset_cpus",
        HostConfig(cpuset_cpus="0,1"),
        {
            before("1.18"): needs(f"{START} CpusetCpus", "1.18", AT_CREATE),
            "1.18 to 1.23": _starts(CpusetCpus="0,1"),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    _created(
        "dns",
        {
            before("1.10"): _creates(Dns=["8.8.8.8"]),
            "1.10 to 1.14": NO_HOST_CONFIG,
            since("1.15"): _creates(HostConfig={"Dns": ["8.8.8.8"]}),
        },
        host_config=HostConfig(dns=["8.8.8.8"]),
    ),
    _started(
        "dns",
        HostConfig(dns=["8.8.8.8"]),
        {
            before("1.10"): needs(f"{START} Dns", "1.10", AT_CREATE),
            "1.10 to 1.23": _starts(Dns=["8.8.8.8"]),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    # One string up to 1.9.
    _created(
        "volumes_from",
        {
            before("1.10"): _creates(VolumesFrom="data"),
            "1.10 to 1.14": NO_HOST_CONFIG,
            since("1.15"): _creates(HostConfig={"VolumesFrom": ["data"]}),
        },
        host_config=HostConfig(volumes_from=["data"]),
    ),
    _created(
        "volumes_from-two",
        {
            before("1.10"): later_release(
                f"{CREATE} HostConfig.VolumesFrom with more than one value", "0.10.0"
            ),
            "1.10 to 1.14": NO_HOST_CONFIG,
            since("1.15"): _creates(HostConfig={"VolumesFrom": ["data", "other:ro"]}),
        },
        host_config=HostConfig(volumes_from=["data", "other:ro"]),
    ),
    _started(
        "volumes_from",
        HostConfig(volumes_from=["data"]),
        {
            before("1.10"): needs(f"{START} VolumesFrom", "1.10", AT_CREATE),
            "1.10 to 1.23": _starts(VolumesFrom=["data"]),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    _created(
        "privileged",
        {
            before("1.4"): needs(f"{CREATE} HostConfig.Privileged", "1.4"),
            "1.4 to 1.5": _creates(Privileged=True),
            "1.6 to 1.14": NO_HOST_CONFIG,
            since("1.15"): _creates(HostConfig={"Privileged": True}),
        },
        host_config=HostConfig(privileged=True),
    ),
    _started(
        "privileged",
        HostConfig(privileged=True),
        {
            before("1.6"): needs(f"{START} Privileged", "1.6", AT_CREATE),
            "1.6 to 1.23": _starts(Privileged=True),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    # Only 1.3.x wants it at the top.
    _created(
        "security_opt",
        {
            before("1.15"): needs(f"{CREATE} HostConfig.SecurityOpt", "1.15"),
            "1.15": _creates(SecurityOpt=["label:disable"]),
            since("1.16"): _creates(HostConfig={"SecurityOpt": ["label:disable"]}),
        },
        host_config=HostConfig(security_opt=["label:disable"]),
    ),
    _started(
        "security_opt",
        HostConfig(security_opt=["label:disable"]),
        {
            before("1.16"): needs(f"{START} SecurityOpt", "1.16", AT_CREATE),
            "1.16 to 1.23": _starts(SecurityOpt=["label:disable"]),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    _created(
        "volume_driver",
        {
            before("1.19"): needs(f"{CREATE} HostConfig.VolumeDriver", "1.19"),
            "1.19 to 1.20": _creates(VolumeDriver="local"),
            since("1.21"): _creates(HostConfig={"VolumeDriver": "local"}),
        },
        host_config=HostConfig(volume_driver="local"),
    ),
    _started(
        "volume_driver",
        HostConfig(volume_driver="local"),
        {
            before("1.21"): needs(f"{START} VolumeDriver", "1.21", AT_CREATE),
            "1.21 to 1.23": _starts(VolumeDriver="local"),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    # A list in requests, whatever the manuals from 1.15 on show (differences, 4.15).
    _created(
        "lxc_conf",
        {
            before("1.15"): NO_HOST_CONFIG,
            "1.15 to 1.21": _creates(HostConfig={"LxcConf": [{"Key": "a", "Value": "b"}]}),
            since("1.22"): gone(
                f"{CREATE} HostConfig.LxcConf", "1.22", "it has no execution driver lxc"
            ),
        },
        host_config=HostConfig(lxc_conf={"a": "b"}),
    ),
    _started(
        "lxc_conf",
        HostConfig(lxc_conf={"a": "b"}),
        {
            before("1.4"): needs(f"{START} LxcConf", "1.4"),
            "1.4 to 1.21": _starts(LxcConf=[{"Key": "a", "Value": "b"}]),
            "1.22 to 1.23": gone(f"{START} LxcConf", "1.22", "it has no execution driver lxc"),
            "1.24 to 1.55": NO_BODY,
        },
    ),
    _created(
        "binds",
        {
            before("1.15"): NO_HOST_CONFIG,
            since("1.15"): _creates(HostConfig={"Binds": ["/a:/b:ro"]}),
        },
        host_config=HostConfig(binds=["/a:/b:ro"]),
    ),
    _started(
        "binds",
        HostConfig(binds=["/a:/b:ro"]),
        {
            before("1.3"): needs(f"{START} with a body", "1.3"),
            "1.3 to 1.23": _starts(Binds=["/a:/b:ro"]),
            "1.24 to 1.55": NO_BODY,
        },
    ),
]

PORTS = {"22/tcp": [{"HostIp": "", "HostPort": "11022"}]}
DISK = {"Path": "/dev/sda", "Rate": MEGABYTE}

HOST = [
    *_host("1.4", "container_id_file", "/a", "ContainerIDFile", "/a"),
    *_host(
        "1.6",
        "port_bindings",
        {22: 11022},
        "PortBindings",
        PORTS,
        beside={"ExposedPorts": {"22/tcp": {}}},
    ),
    *_host("1.6", "links", ["redis3:redis"], "Links", ["redis3:redis"]),
    *_host("1.6", "publish_all_ports", True, "PublishAllPorts", True),
    *_host("1.10", "dns_search", ["x.org"], "DnsSearch", ["x.org"]),
    *_host("1.11", "network_mode", "host", "NetworkMode", "host"),
    *_host("1.14", "cap_add", ["NET_ADMIN"], "CapAdd", ["NET_ADMIN"]),
    *_host("1.14", "cap_drop", ["MKNOD"], "CapDrop", ["MKNOD"]),
    *_host("1.14", "restart_policy", "always", "RestartPolicy", {"Name": "always"}),
    *_host(
        "1.14",
        "devices",
        ["/dev/a"],
        "Devices",
        [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/a", "CgroupPermissions": "rwm"}],
    ),
    *_host("1.15", "extra_hosts", ["a:10.0.0.1"], "ExtraHosts", ["a:10.0.0.1"]),
    *_host("1.16", "ipc_mode", "host", "IpcMode", "host"),
    *_host("1.17", "pid_mode", "host", "PidMode", "host"),
    *_host("1.17", "read_only_root_fs", True, "ReadonlyRootfs", True),
    *_host(
        "1.18", "ulimits", ["nofile=1:2"], "Ulimits", [{"Name": "nofile", "Soft": 1, "Hard": 2}]
    ),
    *_host("1.18", "log_config", "json-file", "LogConfig", {"Type": "json-file"}),
    *_host("1.18", "cgroup_parent", "a", "CgroupParent", "a"),
    *_host("1.19", "cpu_period", 100000, "CpuPeriod", 100000),
    *_host("1.19", "cpu_quota", 50000, "CpuQuota", 50000),
    *_host("1.19", "cpuset_mems", "0", "CpusetMems", "0"),
    *_host("1.19", "blkio_weight", 300, "BlkioWeight", 300),
    *_host("1.19", "oom_kill_disable", True, "OomKillDisable", True),
    *_host("1.19", "uts_mode", "host", "UTSMode", "host"),
    *_host("1.20", "memory_swappiness", 60, "MemorySwappiness", 60),
    *_host("1.20", "group_add", ["audio"], "GroupAdd", ["audio"]),
    *_host("1.21", "memory_reservation", MEGABYTE, "MemoryReservation", MEGABYTE),
    *_host("1.21", "kernel_memory", MEGABYTE, "KernelMemory", MEGABYTE, removed="1.42"),
    *_host("1.21", "dns_options", ["a"], "DnsOptions", ["a"]),
    *_host("1.22", "tmpfs", {"/run": "rw"}, "Tmpfs", {"/run": "rw"}),
    *_host("1.22", "shm_size", MEGABYTE, "ShmSize", MEGABYTE),
    *_host("1.22", "oom_score_adj", 500, "OomScoreAdj", 500),
    *_host("1.22", "isolation", "default", "Isolation", "default"),
    *_host(
        "1.22",
        "blkio_weight_device",
        [BlkioWeightDevice(path="/dev/sda", weight=300)],
        "BlkioWeightDevice",
        [{"Path": "/dev/sda", "Weight": 300}],
    ),
    *(
        case
        for keyword, field in (
            ("blkio_device_read_bps", "BlkioDeviceReadBps"),
            ("blkio_device_write_bps", "BlkioDeviceWriteBps"),
            ("blkio_device_read_iops", "BlkioDeviceReadIOps"),
            ("blkio_device_write_iops", "BlkioDeviceWriteIOps"),
        )
        for case in _host(
            "1.22", keyword, [ThrottleDevice(path="/dev/sda", rate=MEGABYTE)], field, [DISK]
        )
    ),
    *_host("1.23", "pids_limit", 100, "PidsLimit", 100),
    *_host("1.23", "userns_mode", "host", "UsernsMode", "host"),
    *_host("1.23", "cgroup", "a", "Cgroup", "a"),
    *_host("1.24", "storage_opt", {"size": "1G"}, "StorageOpt", {"size": "1G"}),
    *_host("1.24", "sysctls", {"a": "1"}, "Sysctls", {"a": "1"}),
    *_host("1.24", "runtime", "runc", "Runtime", "runc"),
    *_host("1.24", "cpu_percent", 50, "CpuPercent", 50),
    *_host("1.24", "io_maximum_iops", 100, "IOMaximumIOps", 100),
    *_host("1.24", "io_maximum_bandwidth", MEGABYTE, "IOMaximumBandwidth", MEGABYTE),
    *_host("1.25", "auto_remove", True, "AutoRemove", True),
    *_host("1.25", "mounts", [Mount(target="/b")], "Mounts", [{"Target": "/b", "Type": "volume"}]),
    *_host("1.25", "init", True, "Init", True),
    *_host("1.25", "nano_cpus", 10**9, "NanoCpus", 10**9),
    *_host("1.25", "cpu_count", 2, "CpuCount", 2),
    *_host("1.25", "cpu_realtime_period", 1000, "CpuRealtimePeriod", 1000),
    *_host("1.25", "cpu_realtime_runtime", 1000, "CpuRealtimeRuntime", 1000),
    *_host("1.28", "device_cgroup_rules", ["c 1:3 r"], "DeviceCgroupRules", ["c 1:3 r"]),
    *_host("1.38", "masked_paths", ["/proc/a"], "MaskedPaths", ["/proc/a"]),
    *_host("1.38", "read_only_paths", ["/proc/a"], "ReadonlyPaths", ["/proc/a"]),
    *_host(
        "1.40",
        "device_requests",
        [DeviceRequest(count=-1, capabilities=[["gpu"]])],
        "DeviceRequests",
        [{"Count": -1, "Capabilities": [["gpu"]]}],
    ),
    *_host("1.40", "kernel_memory_tcp", MEGABYTE, "KernelMemoryTCP", MEGABYTE, removed="1.52"),
    *_host("1.41", "cgroupns_mode", "host", "CgroupnsMode", "host"),
    *_host("1.42", "console_size", [24, 80], "ConsoleSize", [24, 80]),
    *_host("1.43", "annotations", {"a": "b"}, "Annotations", {"a": "b"}),
    _mount("consistency", "cached", "Consistency", "cached", "1.28", "volume"),
    _mount("bind_non_recursive", True, "BindOptions.NonRecursive", True, "1.40", "bind"),
    _mount("bind_create_mountpoint", True, "BindOptions.CreateMountpoint", True, "1.42", "bind"),
    _mount(
        "bind_read_only_non_recursive",
        True,
        "BindOptions.ReadOnlyNonRecursive",
        True,
        "1.44",
        "bind",
    ),
    _mount(
        "bind_read_only_force_recursive",
        True,
        "BindOptions.ReadOnlyForceRecursive",
        True,
        "1.44",
        "bind",
    ),
    _mount("volume_subpath", "a", "VolumeOptions.Subpath", "a", "1.45", "volume"),
    _created(
        "image_subpath",
        {
            before("1.48"): needs(f"{CREATE} HostConfig.Mounts.ImageOptions", "1.48"),
            since("1.48"): _creates(
                HostConfig={
                    "Mounts": [
                        {
                            "Target": "/b",
                            "Type": "image",
                            "Source": "img",
                            "ImageOptions": {"Subpath": "a"},
                        }
                    ]
                }
            ),
        },
        host_config=HostConfig(
            mounts=[Mount(target="/b", type="image", source="img", image_subpath="a")]
        ),
    ),
    _mount("tmpfs_options", ["noexec"], "TmpfsOptions.Options", [["noexec"]], "1.46", "tmpfs"),
]

NETWORKS = [
    _endpoint("aliases", ["a"], "Aliases", ["a"], "1.22"),
    _endpoint("ipv4_address", "10.0.0.2", "IPAMConfig.IPv4Address", "10.0.0.2", "1.22"),
    _endpoint("link_local_ips", ["10.0.0.2"], "IPAMConfig.LinkLocalIPs", ["10.0.0.2"], "1.24"),
    _endpoint("driver_options", {"a": "b"}, "DriverOpts", {"a": "b"}, "1.32"),
    _endpoint("mac_address", "12:34:56:78:9a:bc", "MacAddress", "12:34:56:78:9a:bc", "1.44"),
    _endpoint("gateway_priority", 1, "GwPriority", 1, "1.48"),
    _created(
        "networking-two",
        {
            before("1.22"): needs(f"{CREATE} NetworkingConfig", "1.22"),
            _until("1.22", "1.43"): needs(
                f"{CREATE} NetworkingConfig.EndpointsConfig with more than one network",
                "1.44",
                "connect it to the others with connect_network(), or use run()",
            ),
            since("1.44"): _creates(NetworkingConfig={"EndpointsConfig": {"a": {}, "b": {}}}),
        },
        networking=NetworkingConfig(endpoints={"a": None, "b": None}),
    ),
]

INSPECT = "GET /containers/c1/json"
STARTS = "POST /containers/c1/start"
WAITS = "POST /containers/c1/wait"
OUTPUTS = {"AttachStdout": True, "AttachStderr": True}
INPUT = {"AttachStdin": True, "OpenStdin": True, "StdinOnce": True}


REMOVES = "DELETE /containers/c1?v=1&force=1"


def _to_the_end(start: Asked | str = STARTS, *, stdin: int = 0) -> list[Asked | str]:
    attach = f"POST /containers/c1/attach?stdin={stdin}&stdout=1&stderr=1&logs=0&stream=1"
    return [upgrades(attach), start, INSPECT, WAITS]


LOOK = [INSPECT]  # up to 0.10.0 the image has a say in how its container is
TO_THE_END = _to_the_end()


RUN = [
    Case(
        "run",
        "plain",
        lambda client: client.run("img", "ls -l"),
        {
            before("1.11"): [_creates(**OUTPUTS), *LOOK, *TO_THE_END],
            since("1.11"): [_creates(**OUTPUTS), *TO_THE_END],
        },
    ),
    # Up to 0.4.8 the end of the input would end the output (differences, 0.1).
    Case(
        "run",
        "input",
        lambda client: client.run("img", "ls -l", input=b"in"),
        {
            before("1.3"): Refused(
                "ending the input of a container needs Engine 0.5.0; this one is {release}, which "
                "would lose the output"
            ),
            "1.3 to 1.10": [_creates(**OUTPUTS, **INPUT), *LOOK, *_to_the_end(stdin=1)],
            since("1.11"): [_creates(**OUTPUTS, **INPUT), *_to_the_end(stdin=1)],
        },
    ),
    # Without force, what runs is killed first.
    Case(
        "run",
        "remove",
        lambda client: client.run("img", "ls -l", remove=True),
        {
            before("1.10"): [
                _creates(**OUTPUTS),
                *LOOK,
                *TO_THE_END,
                "POST /containers/c1/kill",
                "DELETE /containers/c1?v=1",
            ],
            "1.10": [_creates(**OUTPUTS), *LOOK, *TO_THE_END, REMOVES],
            since("1.11"): [_creates(**OUTPUTS), *TO_THE_END, REMOVES],
        },
    ),
    Case(
        "run",
        "host_config",
        lambda client: client.run(
            "img", "ls -l", host_config=HostConfig(binds=["/a:/b"], memory=MEGABYTE)
        ),
        {
            before("1.3"): needs(f"{START} with a body", "1.3"),
            "1.3 to 1.10": [
                _creates(**OUTPUTS, Memory=MEGABYTE),
                *LOOK,
                *_to_the_end(_starts(Binds=["/a:/b"])),
            ],
            "1.11 to 1.14": [
                _creates(**OUTPUTS, Memory=MEGABYTE),
                *_to_the_end(_starts(Binds=["/a:/b"])),
            ],
            "1.15 to 1.17": [
                _creates(**OUTPUTS, Memory=MEGABYTE, HostConfig={"Binds": ["/a:/b"]}),
                *TO_THE_END,
            ],
            since("1.18"): [
                _creates(**OUTPUTS, HostConfig={"Binds": ["/a:/b"], "Memory": MEGABYTE}),
                *TO_THE_END,
            ],
        },
    ),
    # The part that start refuses is refused before anything is created.
    Case(
        "run",
        "init",
        lambda client: client.run("img", "ls -l", host_config=HostConfig(init=True)),
        {
            before("1.15"): needs(f"{START} Init", "1.25"),
            "1.15 to 1.24": needs(f"{CREATE} HostConfig.Init", "1.25"),
            since("1.25"): [_creates(**OUTPUTS, HostConfig={"Init": True}), *TO_THE_END],
        },
    ),
    Case(
        "run",
        "name",
        lambda client: client.run("img", "ls -l", name="web"),
        {
            before("1.6"): needs(f"{CREATE} ?name", "1.6"),
            "1.6 to 1.10": [_creates("?name=web", **OUTPUTS), *LOOK, *TO_THE_END],
            since("1.11"): [_creates("?name=web", **OUTPUTS), *TO_THE_END],
        },
    ),
    Case(
        "run_detached",
        "plain",
        lambda client: client.run_detached("img", "ls -l"),
        {ALWAYS: [_creates(), STARTS]},
    ),
    Case(
        "run_detached",
        "host_config",
        lambda client: client.run_detached("img", "ls -l", host_config=HostConfig(cap_add=["A"])),
        {
            before("1.14"): needs(f"{START} CapAdd", "1.14"),
            "1.14": [_creates(), _starts(CapAdd=["A"])],
            since("1.15"): [_creates(HostConfig={"CapAdd": ["A"]}), STARTS],
        },
    ),
]

CASES = [*PLAIN, *CONFIG, *MOVED, *HOST, *NETWORKS, *RUN]


def _on(release: str, versions: str, outcome: Outcome, **arguments: Any) -> OfRelease:
    return OfRelease(
        "create_container",
        release,
        versions,
        lambda client: client.create_container("img", "ls -l", **arguments),
        outcome,
    )


OF_RELEASES = [
    _on("0.6.4", "1.6", later_release(f"{CREATE} ?name", "0.6.5"), name="web"),
    _on(
        "0.6.4",
        "1.6",
        later_release(f"{CREATE} ExposedPorts", "0.6.5"),
        config=ContainerConfig(exposed_ports=[22]),
    ),
    _on(
        "0.5.3",
        "1.4",
        later_release(f"{CREATE} HostConfig.Privileged", "0.6.0"),
        host_config=HostConfig(privileged=True),
    ),
    _on("0.6.5", "1.6", _creates(Privileged=True), host_config=HostConfig(privileged=True)),
    _on("0.9.1", "1.10", _creates(Dns=["8.8.8.8"]), host_config=HostConfig(dns=["8.8.8.8"])),
    _on("0.9.1", "1.10", _creates(VolumesFrom="a"), host_config=HostConfig(volumes_from=["a"])),
    _on(
        "20.10.24",
        "1.15 to 1.41",
        _creates(HostConfig={"SecurityOpt": ["a"]}),
        host_config=HostConfig(security_opt=["a"]),
    ),
    _on(
        "20.10.24",
        "1.12 to 1.17",
        _creates(Memory=MEGABYTE),
        host_config=HostConfig(memory=MEGABYTE),
    ),
    OfRelease(
        "start",
        "0.4.8",
        "1.3",
        lambda client: client.start("c1", host_config=HostConfig(binds=["/a:/b"])),
        later_release(f"{START} with a body", "0.5.0"),
    ),
    OfRelease(
        "start",
        "0.6.4",
        "1.6",
        lambda client: client.start("c1", host_config=HostConfig(links=["a:b"])),
        later_release(f"{START} Links", "0.6.5"),
    ),
    OfRelease(
        "start",
        "0.6.5",
        "1.6",
        lambda client: client.start("c1", host_config=HostConfig(publish_all_ports=True)),
        later_release(f"{START} PublishAllPorts", "0.6.6"),
    ),
    OfRelease(
        "start",
        "0.9.1",
        "1.10",
        lambda client: client.start("c1", host_config=HostConfig(dns=["8.8.8.8"])),
        later_release(f"{START} Dns", "0.10.0", AT_CREATE),
    ),
]
