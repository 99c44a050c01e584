"""What comes out of the recordings about the Engine as a whole."""

from __future__ import annotations

import itertools
import json
from typing import Any

import attrs

from dockerapi import Client, ContainerConfig
from dockerapi.errors import NoCommonVersion, NotFound, NotSupported, ServerError
from dockerapi.models.misc import Ping, StoredLogin
from replay.recording import Recording
from replay.table import (
    Fields,
    Raises,
    Raw,
    Replay,
    fields_of,
    key_for,
    known,
    raises,
    refused,
    time,
    told,
    unix,
)

MODERN = "1.9 1.13 19.03 20.10 26.1 28.5 28.5-containerd 29.7"
WITH_COMPONENTS = "19.03 20.10 26.1 28.5 28.5-containerd 29.7"
VERSION: Fields = {
    "version": {
        "20.10": "20.10.24+dfsg1",
        "26.1": "26.1.5+dfsg1",
        "28.5 28.5-containerd": "28.5.2+dfsg4",
        "*": Raw("Version"),
    },
    "git_commit": {f"0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 {MODERN}": Raw("GitCommit")},
    "go_version": {f"0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 {MODERN}": Raw("GoVersion")},
    "api_version": {f"1.6.2 1.7.1 {MODERN}": Raw("ApiVersion")},
    "os": {f"1.6.2 1.7.1 {MODERN}": "linux"},
    "arch": {f"1.6.2 1.7.1 {MODERN}": "amd64"},
    "kernel_version": {f"1.6.2 1.7.1 {MODERN}": Raw("KernelVersion")},
    "min_api_version": {
        "1.13 19.03 20.10": "1.12",
        "26.1 28.5 28.5-containerd": "1.24",
        "29.7": "1.40",
    },
    "build_time": {
        "1.9": "2015-01-01T00:00:00Z",
        "1.13 19.03": "2020-01-01T00:00:00.000000000+00:00",
        "20.10": "2026-05-07T21:09:36.000000000+00:00",
        "28.5 28.5-containerd": "2026-09-15T11:02:57.000000000+00:00",
        "26.1": Raw("BuildTime"),  # of two builds
        "29.7": "2026-01-01T00:00:00.000000000+00:00",
    },
    "platform": {"19.03": "Docker Engine - Community", "29.7": "Docker"},
    "components.0.name": {WITH_COMPONENTS: "Engine"},
    "components.0.version": {
        "19.03": "19.03.15",
        "20.10": "20.10.24+dfsg1",
        "28.5 28.5-containerd": "28.5.2+dfsg4",
        "26.1": "26.1.5+dfsg1",
        "29.7": "29.7.2",
    },
    "components.0.details": {WITH_COMPONENTS: Raw("Components.0.Details")},
    "components.1.name": {WITH_COMPONENTS: "containerd"},
    "components.1.version": {
        "19.03": "1.4.13~ds1",
        "20.10": "1.6.20~ds1",
        "28.5 28.5-containerd 29.7": "2.1.9+unknown",
        "26.1": "1.7.24~ds1",
    },
    "components.1.details": {
        "19.03": {"GitCommit": "1.4.13~ds1-1~deb11u4"},
        "20.10": {"GitCommit": "1.6.20~ds1-1+deb12u3"},
        "28.5 28.5-containerd 29.7": {"GitCommit": ""},
        "26.1": {"GitCommit": "1.7.24~ds1-6+deb13u1"},
    },
    "components.2.name": {WITH_COMPONENTS: "runc"},
    "components.2.version": {
        "19.03 20.10 26.1 28.5 28.5-containerd": "1.1.5+ds1",
        "29.7": "1.3.6+ds1",
    },
    "components.2.details": {
        "19.03 20.10 26.1 28.5 28.5-containerd": {"GitCommit": "1.1.5+ds1-1+deb12u1"},
        "29.7": {"GitCommit": "1.3.6+ds1-1"},
    },
    "components.3.name": {WITH_COMPONENTS: "docker-init"},
    "components.3.version": {WITH_COMPONENTS: "0.19.0"},
    "components.3.details": {WITH_COMPONENTS: {"GitCommit": ""}},
}

INFO: Fields = {
    "server_version": {"20.10 26.1 28.5": Raw("ServerVersion"), "0.3.3": Raw("Version")},
    "containers": {"*": Raw("Containers")},
    "images": {"*": Raw("Images")},
    "debug": {"20.10 26.1 28.5": False, "*": True},
    "file_descriptors": {"*": Raw("NFd")},
    "goroutines": {"*": Raw("NGoroutines")},
    "go_version": {"0.3.3": "go1.1.2"},
    "memory_limit": {"0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": True},
    "swap_limit": {"0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": True},
    "lxc_version": {"0.6.6 0.6.7": "0.8.0"},
    "ipv4_forwarding": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": True},
    "event_listeners": {"1.6.2 1.7.1 20.10 26.1 28.5": 0, "0.6.6": 95, "0.6.7/1.7": 28},
    "kernel_version": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": "6.18.44-fc-v669"},
    "index_server_address": {
        "0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": "https://index.docker.io/v1/"
    },
    "id": {
        "1.6.2 1.7.1 20.10": "D634:5IDI:IPYS:YU5W:2HAL:C6FL:TDX2:CEPL:5CBH:3YG2:SERT:DT2Z",
        "28.5": "a0c62db5-788c-4452-a033-481d418fe898",
        "26.1": "5e544136-6ce1-46d3-a417-c6a3ed44fcd8",
    },
    "name": {"1.6.2 1.7.1 20.10 26.1 28.5": "vm"},
    "driver": {"1.6.2 1.7.1": "overlay", "20.10 26.1 28.5": "overlay2"},
    "driver_status": {
        "1.6.2 1.7.1": (("Backing Filesystem", "extfs"),),
        "20.10": (
            ("Backing Filesystem", "extfs"),
            ("Supports d_type", "true"),
            ("Native Overlay Diff", "true"),
            ("userxattr", "false"),
        ),
        "26.1 28.5": (
            ("Backing Filesystem", "extfs"),
            ("Supports d_type", "true"),
            ("Using metacopy", "false"),
            ("Native Overlay Diff", "true"),
            ("userxattr", "false"),
        ),
    },
    "root_dir": {
        "1.6.2 1.7.1": "/var/lib/docker//data",
        "20.10": "/var/li/data",
        "26.1 28.5": "/var/lib/do/data",
    },
    "exec_driver": {
        "1.6.2 1.7.1": "native-0.2",
        "20.10/1.12 20.10/1.19 20.10/1.24": "<not supported>",
    },
    "system_time": {"1.6.2 1.7.1 20.10 26.1 28.5": time("SystemTime")},
    "operating_system": {"1.6.2 1.7.1 20.10 26.1 28.5": "Debian GNU/Linux 12 (bookworm)"},
    "cpus": {"1.6.2 1.7.1 20.10 26.1 28.5": 2},
    "memory": {"1.6.2 1.7.1 20.10 26.1 28.5": 25276502016},
    "registry_config.indexes.docker.io.name": {"1.6.2 1.7.1 20.10 26.1 28.5": "docker.io"},
    "registry_config.indexes.docker.io.secure": {"1.6.2 1.7.1 20.10 26.1 28.5": True},
    "registry_config.indexes.docker.io.official": {"1.6.2 1.7.1 20.10 26.1 28.5": True},
    "registry_config.insecure_networks": {
        "1.6.2 1.7.1 20.10 26.1": ("127.0.0.0/8",),
        "28.5": ("::1/128", "127.0.0.0/8"),
    },
    "init_path": {"1.6.2": "/var/li/docker-1.6.2-go1.4.2", "1.7.1": "/var/li/docker-1.7.1-go1.4.2"},
    "logging_driver": {"1.7.1 20.10 26.1 28.5": "json-file"},
    "cpu_cfs_period": {"1.7.1 20.10 26.1 28.5": True},
    "cpu_cfs_quota": {"1.7.1 20.10 26.1 28.5": True},
    "oom_kill_disable": {"1.7.1 20.10 26.1 28.5": True},
    "experimental": {"1.7.1 20.10 26.1 28.5": False},
    "containers_running": {"20.10": 1, "26.1 28.5": 0},
    "containers_paused": {"20.10 26.1 28.5": 0},
    "containers_stopped": {"20.10 26.1 28.5": Raw("ContainersStopped")},
    "cgroup_driver": {"20.10 26.1 28.5": "cgroupfs"},
    "cgroup_version": {"20.10 26.1 28.5": "1"},
    "plugins.volume": {"20.10 26.1 28.5": ("local",)},
    "plugins.network": {
        "20.10 26.1 28.5": ("bridge", "host", "ipvlan", "macvlan", "null", "overlay")
    },
    "plugins.log": {"20.10 26.1 28.5": Raw("Plugins.Log")},
    "kernel_memory": {"20.10 28.5/1.24": True},
    "kernel_memory_tcp": {"20.10 26.1 28.5": True},
    "cpu_shares": {"20.10 26.1 28.5": True},
    "cpu_set": {"20.10 26.1 28.5": True},
    "pids_limit": {"20.10 26.1 28.5": True},
    "bridge_netfilter_iptables": {"20.10 26.1": True, "28.5/1.24": False},
    "bridge_netfilter_ip6tables": {"20.10 26.1": True, "28.5/1.24": False},
    "live_restore": {"20.10 26.1 28.5": False},
    "os_version": {"20.10 26.1 28.5": "12"},
    "os_type": {"20.10 26.1 28.5": "linux"},
    "architecture": {"20.10 26.1 28.5": "x86_64"},
    "init_binary": {"20.10 26.1 28.5": "docker-init"},
    "containerd_commit": {"20.10": "1.6.20~ds1-1+deb12u3", "26.1": "1.7.24~ds1-6+deb13u1"},
    "runc_commit": {"20.10 26.1 28.5": "1.1.5+ds1-1+deb12u1"},
    "runtimes.io.containerd.runc.v2.path": {"20.10 26.1 28.5": "runc"},
    "runtimes.io.containerd.runtime.v1.linux.path": {"20.10": "runc"},
    "runtimes.runc.path": {"20.10 26.1 28.5": "runc"},
    "default_runtime": {"20.10 26.1 28.5": "runc"},
    "swarm.local_node_state": {"20.10 26.1 28.5": "inactive"},
    "swarm.control_available": {"20.10 26.1 28.5": False},
    "security_options": {
        "20.10/1.12 20.10/1.19 20.10/1.24 28.5/1.24": ("seccomp",),
        "26.1 28.5/1.51": ("name=seccomp,profile=builtin",),
        "20.10/1.41": ("name=seccomp,profile=default",),
    },
    "runtimes.io.containerd.runc.v2.status": {"26.1 28.5/1.51": Raw("Runtimes.runc.status")},
    "runtimes.runc.status": {"26.1 28.5/1.51": Raw("Runtimes.runc.status")},
    "cdi_spec_dirs": {"28.5": ("/etc/cdi", "/var/run/cdi")},
    "firewall_driver": {"28.5/1.51": "iptables"},
    "containerd_address": {"28.5/1.51": "/var/lib/docker//var/lib/do/containerd.sock"},
    "containerd_containers_namespace": {"28.5/1.51": "moby"},
    "containerd_plugins_namespace": {"28.5/1.51": "plugins.moby"},
}


EVENT: Fields = {
    "type": {
        "20.10/1.12 20.10/1.19": "network",
        "1.7.1/1.12 26.1": "image",
        "28.5/1.24": "volume",
        "*": "container",
    },
    "action": {
        "0.6.6 0.6.7": "create",
        "1.6.2/1.6 28.5/1.51": "start",
        "1.6.2 1.7.1/1.19": "kill",
        "1.7.1/1.12": "tag",
        "20.10/1.12 20.10/1.19": "disconnect",
        "20.10/1.24": "exec_die",
        "20.10/1.41": "destroy",
        "26.1": "import",
        "28.5/1.24": "unmount",
    },
    "id": {"20.10 26.1 28.5": Raw("Actor.ID"), "*": Raw("id")},
    "attributes": {"20.10 26.1 28.5": Raw("Actor.Attributes")},
    "image": {
        "0.6.6 0.6.7 1.6.2 1.7.1/1.19 20.10/1.24 20.10/1.41 28.5/1.51": Raw("from"),
    },
    "time": {"20.10 26.1 28.5": unix("timeNano", nanoseconds=True), "*": unix("time")},
    "time_nano": {
        "20.10 26.1 28.5": Raw("timeNano"),
        "*": Raw("time", lambda seconds: seconds * 10**9),
    },
    "scope": {"20.10 26.1 28.5": "local"},
}

# How many were recorded whole.
EVENTS = {
    "0.6.6": 121,
    "0.6.7/1.6": 25,
    "0.6.7/1.7": 52,
    "1.7.1/1.12": 41,
    "1.6.2 1.7.1": 64,
    "20.10/1.12": 99,
    "20.10/1.19": 102,
    "20.10/1.41": 108,
    "28.5/1.24": 106,
    "20.10 26.1 28.5": 107,
}


def events(client: Client, recording: Recording) -> Any:
    """How many there are, and the first. Streams that stay open are hung up on."""
    until = dict(recording.query).get("until") if recording.version >= (1, 11) else None
    with client.events(since=1374067924, until=None if until is None else int(until)) as stream:
        if recording.ends == "complete" and until is not None:
            found = list(stream)
        else:  # or were recorded with an end that cannot be asked for
            count = EVENTS[key_for(EVENTS, recording) or ""]
            found = list(itertools.islice(stream, count))
    return len(found), known(found[0])


def of_events(recording: Recording) -> Any:
    first, _ = json.JSONDecoder().raw_decode(recording.body.decode("utf-8", "replace"))
    return EVENTS[key_for(EVENTS, recording) or ""], fields_of(EVENT, recording, first)


def login(client: Client, recording: Recording) -> Any:
    registry = "http://127.0.0.1:9/v1/" if recording.version >= (1, 4) else None
    return client.login("hannibal", password="xxxx", email="hannibal@a-team.com", registry=registry)


def commit(client: Client, recording: Recording) -> str:
    return client.commit(
        recording.id,
        repository="committed",
        tag="t",
        message="message",
        author="me",
        config=ContainerConfig(command=["cat", "/world"]),
    )


# Of Engines with containerd's image store.
_TOLD = {
    "id": "ID",
    "name": "Name",
    "server_version": "ServerVersion",
    "containers": "Containers",
    "containers_running": "ContainersRunning",
    "containers_paused": "ContainersPaused",
    "containers_stopped": "ContainersStopped",
    "images": "Images",
    "driver": "Driver",
    "driver_status": "DriverStatus",
    "root_dir": "DockerRootDir",
    "logging_driver": "LoggingDriver",
    "cgroup_driver": "CgroupDriver",
    "cgroup_version": "CgroupVersion",
    "plugins.volume": "Plugins.Volume",
    "plugins.network": "Plugins.Network",
    "plugins.log": "Plugins.Log",
    "memory_limit": "MemoryLimit",
    "swap_limit": "SwapLimit",
    "cpu_cfs_period": "CpuCfsPeriod",
    "cpu_cfs_quota": "CpuCfsQuota",
    "cpu_shares": "CPUShares",
    "cpu_set": "CPUSet",
    "pids_limit": "PidsLimit",
    "oom_kill_disable": "OomKillDisable",
    "ipv4_forwarding": "IPv4Forwarding",
    "live_restore": "LiveRestoreEnabled",
    "experimental": "ExperimentalBuild",
    "debug": "Debug",
    "file_descriptors": "NFd",
    "goroutines": "NGoroutines",
    "event_listeners": "NEventsListener",
    "kernel_version": "KernelVersion",
    "operating_system": "OperatingSystem",
    "os_version": "OSVersion",
    "os_type": "OSType",
    "architecture": "Architecture",
    "cpus": "NCPU",
    "memory": "MemTotal",
    "index_server_address": "IndexServerAddress",
    "registry_config.insecure_networks": "RegistryConfig.InsecureRegistryCIDRs",
    "firewall_driver": "FirewallBackend.Driver",
    "init_binary": "InitBinary",
    "runc_commit": "RuncCommit.ID",
    "containerd_address": "Containerd.Address",
    "containerd_containers_namespace": "Containerd.Namespaces.Containers",
    "containerd_plugins_namespace": "Containerd.Namespaces.Plugins",
    "runtimes.runc.path": "Runtimes.runc.path",
    "runtimes.runc.status": "Runtimes.runc.status",
    "default_runtime": "DefaultRuntime",
    "swarm.local_node_state": "Swarm.LocalNodeState",
    "swarm.control_available": "Swarm.ControlAvailable",
    "security_options": "SecurityOptions",
    "cdi_spec_dirs": "CDISpecDirs",
}
NEWEST_INFO: Fields = {
    **{field: {"*": Raw(path)} for field, path in _TOLD.items()},
    "system_time": {"*": time("SystemTime")},
    "kernel_memory_tcp": {"28.5-containerd": True},
    "firewall_info": {"29.7": Raw("FirewallBackend.Info")},
    "warnings": {"29.7": Raw("Warnings")},
    "runtimes.io.containerd.runc.v2.path": {"*": "runc"},
    "runtimes.io.containerd.runc.v2.status": {"*": Raw("Runtimes.runc.status")},
    **{
        f"registry_config.indexes.{name}.{field}": {"*": value}
        for name, of_docker in (("127.0.0.1:5000", False), ("docker.io", True))
        for field, value in (("name", name), ("secure", of_docker), ("official", of_docker))
    },
}


WITHOUT_PING = Replay(
    lambda client, recording: client.ping(),
    {
        "20.10": Ping(api_version="1.41", os="linux"),
        "26.1": Ping(api_version="1.45", os="linux", builder_version="2", swarm="inactive"),
        "28.5 28.5-containerd": Ping(
            api_version="1.51", os="linux", builder_version="2", swarm="inactive"
        ),
        "*": Ping(),
    },
    at="GET /_ping",
    instead={"<1.11": "version"},
    differs={"<1.11": "the version is asked for: a route that is there"},
)
NO_ROUTE = {"20.10 26.1 28.5": "page not found", "*": "404 page not found"}
TOO_OLD = (
    "client version 0.9 is too old. Minimum supported API version is {}, please upgrade your "
    "client to a newer version"
)

EXPERIMENTAL = "20.10-experimental 28.5-experimental"


def version_of_experimental(recording: Recording) -> dict[str, Any]:
    """What the Engine without experimental parts says, and that it has them."""
    plain = attrs.evolve(recording, release=recording.release.removesuffix("-experimental"))
    return {**told(VERSION)(plain), "experimental": True}


def pinged(recording: Recording) -> Ping:
    """What the headers of an answer say."""
    lines = recording.response.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Ping(
        api_version=headers.get("api-version"),
        os=headers.get("ostype"),
        builder_version=headers.get("builder-version"),
        swarm=headers.get("swarm"),
    )


REPLAYS = {
    "version": Replay(
        lambda client, recording: known(client.version()),
        {EXPERIMENTAL: version_of_experimental, "*": told(VERSION)},
    ),
    "version_unprefixed": Replay(
        lambda client, recording: known(client.version()),
        {EXPERIMENTAL: version_of_experimental, "*": told(VERSION)},
        at="GET /version",
        differs={"*": "the version is always said, but for negotiating it"},
    ),
    "info": Replay(
        lambda client, recording: known(client.info()),
        {"28.5-containerd 29.7": told(NEWEST_INFO), "*": told(INFO)},
    ),
    "ping": attrs.evolve(
        WITHOUT_PING, outcome={f"{EXPERIMENTAL} 1.13 19.03 29.7": pinged, **WITHOUT_PING.outcome}
    ),
    "ping_unprefixed": attrs.evolve(
        WITHOUT_PING,
        outcome={
            EXPERIMENTAL: pinged,
            "1.13": Ping(api_version="1.26"),
            "19.03": Ping(api_version="1.40", os="linux"),
            "29.7": Ping(api_version="1.55", os="linux", builder_version="2", swarm="inactive"),
            **WITHOUT_PING.outcome,
        },
        differs={**WITHOUT_PING.differs, "*": "the version is always said, but for negotiating it"},
    ),
    "auth_get": Replay(
        lambda client, recording: client.stored_login(),
        {
            "0.3.3": StoredLogin(),
            # It has the route no more, under any version.
            "1.6.2/1.0": Raises(NotFound, "GET /auth: 404 404 page not found"),
            "*": Raises(
                NotSupported,
                "GET /auth was removed in API 1.2; <spoken>: the Engine keeps no credentials",
            ),
        },
    ),
    "auth": Replay(
        login,
        raises(
            ServerError,
            "POST /auth",
            500,
            {
                "0.3.3": "Server Error: Post https://index.docker.io/v1/users/: "
                "read udp 10.251.8.1:53: connection refused",
                "0.4.4": "Server Error: Post https://index.docker.io/v1/users/: "
                "read udp 10.251.9.1:53: connection refused",
                "0.6.6 0.6.7": "Server Error: Post http://127.0.0.1:9/v1/users/: "
                "dial tcp 127.0.0.1:9: connection refused",
                "1.6.2 1.7.1": "invalid registry endpoint https://127.0.0.1:9/v1/: "
                "Get https://127.0.0.1:9/v1/_ping: dial tcp 127.0.0.1:9: connection refused. If "
                "this private registry supports only HTTP or HTTPS with an unknown CA "
                "certificate, please add `--insecure-registry 127.0.0.1:9` to the daemon's "
                "arguments. In the case of HTTPS, if you have access to the registry's CA "
                "certificate, no need for the flag; simply place the CA certificate at "
                "/etc/docker/certs.d/127.0.0.1:9/ca.crt",
                "*": 'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: '
                "connection refused",
            },
        ),
    ),
    "commit": Replay(
        commit,
        {"*": lambda recording: recording.json["Id"]},
        differs={"*": "m is not said: no Engine reads it"},
    ),
    "events": Replay(events, {"<1.3": refused("GET /events", "1.3"), "*": of_events}),
    "events_until": Replay(
        events,
        {"<1.3": refused("GET /events", "1.3"), "*": of_events},
        differs={"<1.11": "until is refused"},
    ),
    "too_new": Replay(
        lambda client, recording: client.version(),
        {
            "0.3.3 0.4.4 0.6.6 0.6.7": Raises(NotFound, "GET /version: 404 (no message)"),
            "1.6.2": Raises(
                NoCommonVersion,
                "<url>: GET /version: client and server don't have same version "
                "(client : 9.99, server: 1.18); this library speaks 1.0 to 1.55",
            ),
            "1.7.1": Raises(
                NoCommonVersion,
                "<url>: GET /version: client is newer than server "
                "(client API version: 9.99, server API version: 1.19); "
                "this library speaks 1.0 to 1.55",
            ),
            "*": Raises(
                NoCommonVersion,
                "<url>: GET /version: client version 9.99 is too new. "
                "Maximum supported API version is <api>; this library speaks 1.0 to 1.55",
            ),
        },
        at="GET /version",
        differs={"*": "it is refused before it is asked; other words get this answer here"},
    ),
    "too_old": Replay(
        lambda client, recording: known(client.version()),
        {
            "1.7.1": Raises(
                NoCommonVersion,
                "<url>: GET /version: client is too old, minimum supported API version is 1.12, "
                "please upgrade your client to a newer version; this library speaks 1.0 to 1.55",
            ),
            "20.10": Raises(
                NoCommonVersion,
                f"<url>: GET /version: {TOO_OLD.format('1.12')}; this library speaks 1.0 to 1.55",
            ),
            "26.1 28.5": Raises(
                NoCommonVersion,
                f"<url>: GET /version: {TOO_OLD.format('1.24')}; this library speaks 1.0 to 1.55",
            ),
            "*": told(VERSION),
        },
        at="GET /version",
        differs={"*": "it is refused before it is asked; other words get this answer here"},
    ),
    "no_route": Replay(
        lambda client, recording: client.info(),
        raises(NotFound, "GET /info", 404, NO_ROUTE),
        at="GET /info",
        differs={"*": "the ledger has no such route; another gets this answer here"},
    ),
    "bad_method": Replay(
        lambda client, recording: client.info(),
        raises(NotFound, "GET /info", 404, NO_ROUTE),
        at="GET /info",
        differs={"*": "the ledger has no such route; another gets this answer here"},
    ),
}
