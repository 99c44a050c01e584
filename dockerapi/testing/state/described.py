"""Containers as described by the newest Engines, without keys that have their default.

`shapes` fills those in, and converts the result to other versions.
"""

from __future__ import annotations

import os
import re
import time
from typing import Any

from ..play.running import Process, Usage
from .container import Container
from .images import timestamp
from .names import derived_id
from .networks import Member, Network, Place, range_of

Json = dict[str, Any]

NEVER = "0001-01-01T00:00:00Z"
WHERE = "/var/lib/docker/containers"


def when(time_ns: int) -> str:
    """A time, or Go's zero time for none."""
    return timestamp(time_ns) if time_ns else NEVER


def inspected(container: Container) -> Json:
    """GET /containers/{id}/json; with the extra key `Volumes`."""
    argv = container.argv
    folder = f"{WHERE}/{container.id}"
    was_started = container.started_at > 0
    return {
        "Id": container.id,
        "Created": timestamp(container.created),
        "Path": argv[0] if argv else "",
        "Args": argv[1:],
        "State": state(container),
        "Image": f"sha256:{container.image.id}",
        "ResolvConfPath": f"{folder}/resolv.conf" if was_started else "",
        "HostnamePath": f"{folder}/hostname" if was_started else "",
        "HostsPath": f"{folder}/hosts" if was_started else "",
        "LogPath": f"{folder}/{container.id}-json.log" if was_started else "",
        "Name": f"/{container.name}",
        "RestartCount": container.restart_count,
        "Driver": "overlay2",
        "ExecIDs": container.exec_ids() or None,
        "HostConfig": container.host_config,
        "GraphDriver": _graph_driver(container),
        "Mounts": container.mounts,
        "Config": container.config,
        "NetworkSettings": _network_settings(container),
        "Volumes": {mount["Destination"]: mount["Source"] for mount in container.mounts},
    }


def state(container: Container) -> Json:
    """The part `State` of it."""
    found = container.state
    return {
        "Status": found,
        "Running": found in ("running", "paused", "restarting"),
        "Paused": found == "paused",
        "Restarting": found == "restarting",
        "Dead": found == "dead",
        "Pid": container.pid,
        "ExitCode": container.exit_code,
        "Error": container.error,
        "StartedAt": when(container.started_at),
        "FinishedAt": when(container.finished_at),
        "Health": container.health,
    }


def _graph_driver(container: Container) -> Json:
    folder = f"/var/lib/docker/overlay2/{derived_id('layer', container.id)}"
    data = {
        "ID": container.id,
        "LowerDir": f"{folder}-init/diff",
        "MergedDir": f"{folder}/merged",
        "UpperDir": f"{folder}/diff",
        "WorkDir": f"{folder}/work",
    }
    return {"Data": data, "Name": "overlay2"}


def _network_settings(container: Container) -> Json:
    networks = _networks(container)
    first: Json = next(iter(networks.values()), {})
    sandbox = derived_id("sandbox", container.id) if container.running else ""
    return {
        "SandboxID": sandbox,
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "Ports": container.ports if container.running else {},
        "Networks": networks,
        **(first if first.get("EndpointID") else {}),
    }


def _networks(container: Container) -> Json:
    return {name: _place(name, place) for name, place in container.places.items()}


_ASKED = ("IPAMConfig", "Links", "Aliases", "DriverOpts", "GwPriority")


def _place(name: str, place: Place) -> Json:
    network = place.network
    ipv4, ipv6 = place.addresses
    asked = place.asked
    return {
        **{key: asked[key] for key in _ASKED if asked.get(key)},
        "MacAddress": place.mac_address,
        "NetworkID": network.id if network else derived_id("network", name),
        "EndpointID": place.endpoint_id,
        "Gateway": network.gateway(4) if network and ipv4 else "",
        "IPAddress": ipv4,
        "IPPrefixLen": _prefix(network, 4) if ipv4 else 0,
        "IPv6Gateway": network.gateway(6) if network and ipv6 else "",
        "GlobalIPv6Address": ipv6,
        "GlobalIPv6PrefixLen": _prefix(network, 6) if ipv6 else 0,
    }


def _prefix(network: Network | None, version: int) -> int:
    pool = network.pool(version) if network else None
    return range_of(pool).prefixlen if pool else 0


def network(found: Network, *, containers: bool) -> Json:
    """GET /networks/{id}; with the extra key `OwnPools`: whether it was asked for its addresses."""
    asked = found.asked
    ipam = asked.get("IPAM") or {}
    told: Json = {
        "Name": found.name,
        "Id": found.id,
        "Created": timestamp(found.created),
        "Scope": "local",
        "Driver": found.driver,
        "EnableIPv4": asked.get("EnableIPv4", True),
        "EnableIPv6": bool(asked.get("EnableIPv6")),
        "IPAM": {
            "Driver": ipam.get("Driver") or "default",
            "Options": ipam.get("Options"),
            "Config": found.pools,
        },
        "Internal": bool(asked.get("Internal")),
        "Attachable": bool(asked.get("Attachable")),
        "Ingress": bool(asked.get("Ingress")),
        "ConfigFrom": asked.get("ConfigFrom") or {"Network": ""},
        "ConfigOnly": bool(asked.get("ConfigOnly")),
        "Containers": {},
        "Options": asked.get("Options") or {},
        "Labels": asked.get("Labels") or {},
        "Status": _status_of(found),
        "OwnPools": found.has_pools_of_its_own or found.is_predefined,
    }
    if containers:
        told["Containers"] = {id: _member(found, *one) for id, one in found.members.items()}
    return told


def _member(found: Network, member: Member, place: Place) -> Json:
    def with_prefix(address: str, version: int) -> str:
        return f"{address}/{_prefix(found, version)}" if address else ""

    return {
        "Name": member.name,
        "EndpointID": place.endpoint_id,
        "MacAddress": place.mac_address,
        "IPv4Address": with_prefix(place.addresses[0], 4),
        "IPv6Address": with_prefix(place.addresses[1], 6),
    }


def _status_of(found: Network) -> Json:
    subnets = {}
    for pool in found.pools:
        subnet = range_of(pool)
        used = len(found.members) + (3 if subnet.version == 4 else 2)
        free = min(subnet.num_addresses - used, 2**64 - 1)
        subnets[pool["Subnet"]] = {"IPsInUse": used, "DynamicIPsAvailable": free}
    return {"IPAM": {"Subnets": subnets} if subnets else {}}


def row(container: Container, *, written: int | None) -> Json:
    """A row of GET /containers/json; `written` is the bytes written, None if not asked for."""
    mode = container.host_config["NetworkMode"]
    found: Json = {
        "Id": container.id,
        "Names": [f"/{container.name}", *(f"/{link}" for link in container.links_to())],
        "Image": container.image_name(),
        "ImageID": f"sha256:{container.image.id}",
        "Command": " ".join(_quoted(word) for word in container.argv),
        "Created": container.created // 10**9,
        "Ports": _port_rows(container) if container.running else [],
        "Labels": container.config["Labels"],
        "State": container.state,
        "Status": status(container),
        "HostConfig": {"NetworkMode": mode},
        "NetworkSettings": {"Networks": _networks(container)},
        "Mounts": [
            {**mount, "Source": mount["Source"] if mount["Type"] == "bind" else ""}
            for mount in container.mounts
        ],
    }
    if written is not None:
        # An Engine leaves out what is 0.
        found.update({"SizeRw": written} if written else {})
        found["SizeRootFs"] = container.image.size + written
    return found


def _quoted(word: str) -> str:
    """A word of a command as printed in lists: in single quotes if it contains a space."""
    return f"'{word}'" if any(character.isspace() for character in word) else word


def _port_rows(container: Container) -> list[Json]:
    rows: list[Json] = []
    for port, bindings in container.ports.items():
        number, _, protocol = port.partition("/")
        for binding in bindings or [None]:
            public = {}
            if binding is not None:
                public = {"IP": binding["HostIp"], "PublicPort": int(binding["HostPort"])}
            rows.append({**public, "PrivatePort": int(number), "Type": protocol})
    return rows


def status(container: Container) -> str:
    """The state in words."""
    if container.state in ("running", "paused"):
        words = f"Up {_ago(time.time_ns() - container.started_at)}"
        if container.state == "paused":
            return f"{words} (Paused)"
        health = (container.health or {}).get("Status")
        shown = {None: "", "starting": " (health: starting)"}
        return words + shown.get(health, f" ({health})")
    if container.state in ("created", "removing"):
        return "Created" if container.state == "created" else "Removal In Progress"
    word = "Restarting" if container.state == "restarting" else "Exited"
    return f"{word} ({container.exit_code}) {_ago(time.time_ns() - container.finished_at)} ago"


def _ago(nanoseconds: int) -> str:
    """A duration in words, as Engines round it."""
    seconds = nanoseconds // 10**9
    if seconds < 2:
        return "1 second" if seconds else "Less than a second"
    if seconds < 120:
        return f"{seconds} seconds" if seconds < 60 else "About a minute"
    return f"{seconds // 60} minutes"


# Processes and usage

_STANDARD = ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
_AUX = ("USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND")


def top(processes: list[Process], ps_args: str) -> tuple[list[str], list[list[str]]]:
    """Titles and rows of GET /containers/{id}/top: those of `ps -ef`, `ps aux` or `ps -o ...`."""
    titles: tuple[str, ...] = _AUX if "u" in ps_args.lstrip("-") else _STANDARD
    if chosen := re.fullmatch(r"-e?o *([a-z,]+)", ps_args):
        words = chosen[1].upper().split(",")
        titles = tuple("COMMAND" if word in ("ARGS", "CMD") else word for word in words)
    return list(titles), [[_cell(one, title) for title in titles] for one in processes]


def _cell(process: Process, title: str) -> str:
    started = time.strftime("%H:%M", time.localtime(process.started))
    seconds = int(process.cpu)
    found: dict[str, object] = {
        "UID": process.user,
        "USER": process.user,
        "PID": process.pid,
        "PPID": process.parent,
        "C": 0,
        "%CPU": "0.0",
        "%MEM": "0.0",
        "VSZ": process.virtual // 1024,
        "RSS": process.memory // 1024,
        "STIME": started,
        "START": started,
        "TTY": process.terminal,
        "STAT": process.state,
        "TIME": f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}",
        "CMD": process.command,
        "COMMAND": process.command,
    }
    return str(found.get(title, "-"))


_BLKIO = [
    f"{name}_recursive"
    for name in "io_service_bytes io_serviced io_queue io_service_time io_wait_time io_merged "
    "io_time sectors".split()
]
UNLIMITED = 9223372036854771712


def reading(usage: Usage) -> Json:
    """The part `cpu_stats` of a reading."""
    cpus = os.cpu_count() or 1
    total = usage.user + usage.system
    return {
        "cpu_usage": {
            "total_usage": total,
            "percpu_usage": [total - total // cpus * (cpus - 1), *[total // cpus] * (cpus - 1)],
            "usage_in_kernelmode": usage.system,
            "usage_in_usermode": usage.user,
        },
        "system_cpu_usage": int(time.monotonic() * cpus * 1e9),
        "online_cpus": cpus,
        "throttling_data": _NO_THROTTLING,
    }


_NO_THROTTLING = {"periods": 0, "throttled_periods": 0, "throttled_time": 0}
NO_READING: Json = {
    "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
    "throttling_data": _NO_THROTTLING,
}


def stats(
    container: Container, usage: Usage | None, now: int, before: tuple[int, Json] | None
) -> Json:
    """One value of GET /containers/{id}/stats; `before` is the time and value of the last one."""
    preread, precpu = before or (0, NO_READING)
    found: Json = {
        "name": f"/{container.name}",
        "id": container.id,
        "read": when(now) if usage else NEVER,
        "preread": when(preread),
        "pids_stats": {},
        "blkio_stats": dict.fromkeys(_BLKIO),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": NO_READING,
        "precpu_stats": precpu,
        "memory_stats": {},
    }
    if usage is None:
        return found
    return {
        **found,
        "pids_stats": {"current": usage.processes},
        "blkio_stats": {name: [] for name in _BLKIO},
        "cpu_stats": reading(usage),
        "memory_stats": {
            "usage": usage.memory,
            "max_usage": usage.memory,
            "stats": {"hierarchical_memory_limit": UNLIMITED, "rss": usage.memory},
            "limit": container.host_config["Memory"] or 16 << 30,
        },
        "networks": {
            "eth0": {
                f"{way}_{what}": 0
                for way in ("rx", "tx")
                for what in ("bytes", "packets", "errors", "dropped")
            }
        },
    }
