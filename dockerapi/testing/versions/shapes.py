"""The shapes of answers: the newest shape goes in, the version's comes out.

"Newest" is the JSON of Engine 28.5 at API 1.51: ids of images are `sha256:` and 64 hex, those of
containers 64 hex. Data that only older versions have is passed as an extra key, which each function
names. These functions know versions; their callers do not.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ...versions.releases import api_range_of
from . import keys
from .dialect import Dialect

Json = dict[str, Any]

# The Engine itself.

GO_VERSION = "go1.24.9"
KERNEL = "6.1.0"


def version(dialect: Dialect) -> Json:
    """GET /version: of the newest version, whatever the prefix."""
    newest, oldest = api_range_of(str(dialect.release))
    own: Json = {
        "Version": str(dialect.release),
        "ApiVersion": str(newest),
        "MinAPIVersion": str(oldest or ""),
        "GitCommit": "fa4e000",
        "GoVersion": GO_VERSION,
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": KERNEL,
        "BuildTime": "2026-01-01T00:00:00.000000000+00:00",
    }
    details = {
        **{key: value for key, value in own.items() if key != "Version"},
        "Experimental": "false",
    }
    own["Components"] = [
        {"Name": "Engine", "Version": own["Version"], "Details": dict(sorted(details.items()))},
        *(
            {"Name": name, "Version": "0.0.0", "Details": {"GitCommit": ""}}
            for name in ("containerd", "runc", "docker-init")
        ),
    ]
    return keys.VERSION.shaped(dialect, own)


# The same for every Engine; the table of keys removes what a release does not have.
_INFO: Json = {
    "ID": "FAKE:ENGI:NEIN:THIS:PROC:ESSX:FAKE:ENGI:NEIN:THIS:PROC:ESSX",
    "GoVersion": GO_VERSION,
    "Driver": "overlay2",
    "DriverStatus": [["Backing Filesystem", "none"]],
    "Plugins": {
        "Volume": ["local"],
        "Network": ["bridge", "host", "none"],
        "Authorization": None,
        "Log": ["json-file"],
    },
    "NFd": 10,
    "NGoroutines": 10,
    "LoggingDriver": "json-file",
    "CgroupDriver": "cgroupfs",
    "CgroupVersion": "2",
    "LXCVersion": "0.8.0",
    "KernelVersion": KERNEL,
    "OperatingSystem": "dockerapi.testing",
    "OSType": "linux",
    "Architecture": "x86_64",
    "IndexServerAddress": "https://index.docker.io/v1/",
    "InitPath": "/usr/bin/docker",
    "NCPU": 1,
    "MemTotal": 1 << 30,
    "DockerRootDir": "/var/lib/docker",
    "Name": "fake",
    "DefaultRuntime": "runc",
    "Swarm": {
        "NodeID": "",
        "NodeAddr": "",
        "LocalNodeState": "inactive",
        "ControlAvailable": False,
        "Error": "",
        "RemoteManagers": None,
    },
    "InitBinary": "docker-init",
    "SecurityOptions": ["name=seccomp,profile=builtin"],
    "FirewallBackend": {"Driver": "iptables"},
    "Containerd": {
        "Address": "/run/containerd/containerd.sock",
        "Namespaces": {"Containers": "moby", "Plugins": "plugins.moby"},
    },
}


def info(dialect: Dialect, counts: dict[str, int]) -> Json:
    """GET /info; `counts` has the numbers of containers and images, by key."""
    runtime: Json = {"path": "runc"}
    if dialect.since("24.0.0") and dialect.speaks("1.42"):
        runtime["status"] = {"org.opencontainers.runtime-spec.features": "{}"}
    commit = {"ID": "N/A"} if dialect.speaks("1.49") else {"ID": "N/A", "Expected": "N/A"}
    newest: Json = {
        **_INFO,
        "Version": str(dialect.release),
        "ServerVersion": str(dialect.release),
        "ExecutionDriver": "native-0.2" if not dialect.since("1.11.0") else "<not supported>",
        "SystemTime": datetime.now(timezone.utc).isoformat().replace("+00:00", "Z"),
        "RegistryConfig": _registries(dialect),
        "Runtimes": {"runc": runtime, "io.containerd.runc.v2": runtime},
        "ContainerdCommit": commit,
        "RuncCommit": commit,
        "InitCommit": commit,
        "CDISpecDirs": ["/etc/cdi", "/var/run/cdi"] if dialect.since("28.0.0") else [],
        **counts,
    }
    return keys.INFO.shaped(dialect, newest)


def _registries(dialect: Dialect) -> Json:
    mirrors: list[str] | None = [] if dialect.modern else None
    index = {"Name": "docker.io", "Mirrors": mirrors, "Secure": True, "Official": True}
    found: Json = {"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": {"docker.io": index}}
    if dialect.modern:
        found["Mirrors"] = None if dialect.since("23.0.0") else []
    if dialect.since("17.4.0") and not (dialect.since("28.2.0") and dialect.speaks("1.50")):
        for what in ("CIDRs", "Hostnames"):
            found[f"AllowNondistributableArtifacts{what}"] = found["Mirrors"]
    return found


def login(dialect: Dialect) -> Json:
    """A successful POST /auth."""
    found = {"Status": "Login Succeeded"}
    if dialect.since("1.11.0"):
        found["IdentityToken"] = ""
    return found


def event(
    dialect: Dialect, type: str, action: str, id: str, attributes: dict[str, str], time: int
) -> Json | None:
    """One of GET /events; None if the release does not report it; `time` in nanoseconds."""
    if not dialect.tells(type, action):
        return None
    id = dialect.id(id)
    attributes = dict(sorted(attributes.items()))
    newest: Json = {
        "Type": type,
        "Action": action,
        "Actor": {"ID": id, "Attributes": attributes},
        "scope": "local",
        "time": time // 10**9,
        "timeNano": time,
    }
    if type in ("container", "image"):
        newest["status"] = action
        newest["id"] = id
    if type == "container":
        newest["from"] = _image_name(dialect, attributes.get("image", ""))
    found = keys.EVENT.shaped(dialect, newest)
    if type not in ("container", "image"):
        found.pop("status", None)
        found.pop("id", None)
    if not dialect.since("0.6.7") and re.fullmatch("[0-9a-f]{64}", found.get("id", "")):
        found["id"] = found["id"][:12]
    return found


# Containers.


def created(dialect: Dialect, id: str, warnings: Sequence[str] = ()) -> Json:
    """POST /containers/create."""
    found: Json = {"Id": id if dialect.since("0.6.7") else id[:12]}
    found["Warnings"] = list(warnings) or ([] if dialect.modern else None)
    return found


def container(dialect: Dialect, newest: Json) -> Json:
    """GET /containers/{id}/json.

    All of `HostConfig` and `Config` is in its newest place. Extra key: `Volumes`, which maps paths
    in the container to paths on the host (`VolumesRW` is derived from `Mounts`).
    """
    found = _container(dialect, newest)
    if not dialect.since("0.12.0") or (not dialect.since("1.7.0") and not dialect.speaks("1.12")):
        return keys.OLD_CONTAINER.shaped(dialect, found)
    table = keys.CONTAINER if dialect.modern else keys.CONTAINER_TO_1_9
    shaped = table.shaped(dialect, found)
    moved = {**newest.get("HostConfig", {}), **found["Config"]}
    moved["Cpuset"] = moved.get("CpusetCpus", "")
    for key, value in keys.MOVED.shaped(dialect, moved).items():
        shaped["Config"].pop(key, None)
        shaped["Config"][key] = value
    return shaped


def _container(dialect: Dialect, newest: Json) -> Json:
    """The newest inspect, with the release's values."""
    found = dict(newest)
    host = dict(found.get("HostConfig") or {})
    config = dict(found.get("Config") or {})
    settings = dict(found.get("NetworkSettings") or {})
    found["Image"] = dialect.id(found.get("Image", ""))
    mounts = found.get("Mounts") or []
    volumes = found.get("Volumes")
    if volumes is None:
        volumes = {mount["Destination"]: mount["Source"] for mount in mounts}
    found["Volumes"] = volumes
    found["Mounts"] = [keys.MOUNT.shaped(dialect, mount) for mount in mounts]
    found["VolumesRW"] = {mount["Destination"]: mount.get("RW", True) for mount in mounts}
    if not dialect.modern:
        host = _old_host_config(dialect, host)
    config.update(_moved_to_host(dialect, newest["HostConfig"], config))
    networks = settings.get("Networks") or {}
    settings["Networks"] = {
        name: keys.ENDPOINT.shaped(dialect, one) for name, one in networks.items()
    }
    if not dialect.since("0.5.0"):
        settings["PortMapping"] = _flat_ports(settings.get("Ports"))
    elif not dialect.since("0.6.5"):
        settings["PortMapping"] = _split_ports(settings.get("Ports"))
    if not _running(found):
        if not dialect.since("0.6.5"):
            settings["PortMapping"] = None
        if not dialect.since("1.9.0") or not dialect.speaks("1.21"):
            settings["Ports"] = None
    if not _started(found) and not dialect.since("0.8.0"):
        found["Volumes"] = found["VolumesRW"] = None
    found.update(HostConfig=host, Config=config, NetworkSettings=settings)
    return found


def _moved_to_host(dialect: Dialect, host: Json, config: Json) -> Json:
    """Values that the Config once had, from the HostConfig."""
    found: Json = {}
    if not dialect.since("0.10.0"):
        found["VolumesFrom"] = ",".join(host.get("VolumesFrom") or ())
        found["Dns"] = host.get("Dns") or None
    if not dialect.since("1.7.0"):
        for key in ("Memory", "MemorySwap", "CpuShares"):
            found[key] = config.get(key, host.get(key, 0))
        found["Cpuset"] = config.get("Cpuset", host.get("CpusetCpus", ""))
    if not dialect.since("1.9.0"):
        found["VolumeDriver"] = host.get("VolumeDriver", "")
    return found


def _running(newest: Json) -> bool:
    return bool(newest.get("State", {}).get("Running"))


def _started(newest: Json) -> bool:
    return not newest.get("State", {}).get("StartedAt", "0001").startswith("0001")


def _old_host_config(dialect: Dialect, host: Json) -> Json:
    """The values of a release up to 1.9, whose defaults were empty."""
    found = dict(host)
    found["LogConfig"] = dict(host.get("LogConfig") or {"Type": "json-file"})
    if not dialect.since("1.7.0"):
        found["LogConfig"]["Config"] = found["LogConfig"].get("Config") or None
    return found


def _published(ports: Json | None) -> list[tuple[str, str, str]]:
    """Protocol, container port and host port of the published ports."""
    return [
        (name.partition("/")[2] or "tcp", name.partition("/")[0], one["HostPort"])
        for name, bindings in (ports or {}).items()
        for one in bindings or ()
    ]


def _flat_ports(ports: Json | None) -> Json:
    return {private: public for _, private, public in _published(ports)}


def _split_ports(ports: Json | None) -> Json:
    found: Json = {"Tcp": {}, "Udp": {}}
    for protocol, private, public in _published(ports):
        found[protocol.capitalize()][private] = public
    return found


def network(dialect: Dialect, newest: Json, *, in_list: bool = False) -> Json:
    """GET /networks/{id}, or a row of GET /networks.

    Extra key: `OwnPools`, whether it was asked for its addresses.
    """
    found = dict(newest)
    if not found["OwnPools"] and not dialect.modern:
        found["IPAM"] = {**found["IPAM"], "Config": [{}]}
    pools = found["IPAM"]["Config"]
    if not pools and dialect.since("25.0.0"):
        found["IPAM"] = {**found["IPAM"], "Config": None}
    if pools and dialect.since("29.0.0"):
        told = [{**pool, "Gateway": pool.get("Gateway") or _first(pool)} for pool in pools]
        found["IPAM"] = {**found["IPAM"], "Config": told}
    if found["ConfigOnly"] and dialect.since("29.0.0"):
        found["IPAM"], found["Status"] = {**found["IPAM"], "Config": None}, {"IPAM": {}}
    found["Containers"] = {
        id: keys.CONNECTED.shaped(dialect, one) for id, one in found["Containers"].items()
    }
    shaped = keys.NETWORK.shaped(dialect, found)
    if in_list:
        shaped.pop("Status", None)
        if dialect.since("29.0.0"):
            del shaped["Containers"]
    return shaped


def _first(pool: Json) -> str:
    return str(next(ipaddress.ip_network(pool["Subnet"], strict=False).hosts()))


def container_rows(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /containers/json; `SizeRw` and `SizeRootFs` are in a row if they were asked for."""
    return [_container_row(dialect, row) for row in rows]


def _container_row(dialect: Dialect, row: Json) -> Json:
    found = dict(row)
    found["Image"] = _image_name(dialect, row["Image"])
    found["ImageID"] = dialect.id(row.get("ImageID", ""))
    found["Mounts"] = [keys.MOUNT.shaped(dialect, one) for one in row.get("Mounts") or ()]
    settings = row.get("NetworkSettings") or {}
    found["NetworkSettings"] = {
        "Networks": {
            name: keys.ENDPOINT.shaped(dialect, one)
            for name, one in (settings.get("Networks") or {}).items()
        }
    }
    ports = row.get("Ports") or []
    if dialect.speaks("1.5") or dialect.since("1.7.0"):
        found["Ports"] = [_port(dialect, port) for port in ports]
        if not ports and not dialect.since("0.8.0"):
            found["Ports"] = None
    else:
        found["Ports"] = ", ".join(_port_words(dialect, port) for port in ports)
    shaped = keys.CONTAINER_ROW.shaped(dialect, found)
    if "SizeRootFs" in row and dialect.since("0.8.0") and not dialect.since("1.7.0"):
        shaped.update(SizeRw=row.get("SizeRw") or 0, SizeRootFs=row["SizeRootFs"])
    return shaped


def _port(dialect: Dialect, port: Json) -> Json:
    """Up to 0.11 a port that is only exposed was in the place of the public one (4.2)."""
    found = dict(port)
    if not dialect.since("0.12.0"):
        if not found.get("PublicPort"):
            found["PublicPort"], found["PrivatePort"] = found["PrivatePort"], 0
        shaped = {key: found[key] for key in ("PrivatePort", "PublicPort", "Type")}
        if dialect.since("0.6.5"):
            shaped["IP"] = found.get("IP", "")
        return shaped
    return keys.PORT.shaped(dialect, found)


def _port_words(dialect: Dialect, port: Json) -> str:
    public, private, kind = port.get("PublicPort"), port["PrivatePort"], port["Type"]
    if dialect.since("0.8.0"):
        return f"{port.get('IP', '')}:{public}->{private}/{kind}" if public else f"{private}/{kind}"
    return f"{public or private}->{private}" + ("" if kind == "tcp" else f"/{kind}")


def _image_name(dialect: Dialect, name: str) -> str:
    """The image of a container: with a tag up to 1.6."""
    name = dialect.id(name)
    if dialect.since("1.7.0") or not name or re.fullmatch("[0-9a-f]{64}", name):
        return name
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def waited(dialect: Dialect, exit_code: int) -> Json:
    """POST /containers/{id}/wait."""
    found: Json = {"StatusCode": exit_code}
    if dialect.since("17.6.0") and not dialect.since("23.0.0"):
        return {"Error": None, **found}
    return found


def changes(dialect: Dialect, rows: list[Json]) -> list[Json] | None:
    """GET /containers/{id}/changes; nothing changed is null or [], by release."""
    if not rows and dialect.since("0.8.0") and not dialect.since("1.7.0"):
        return []
    return rows or None


def top(
    dialect: Dialect, titles: list[str], processes: list[list[str]]
) -> Json | list[dict[str, str]]:
    """GET /containers/{id}/top; the columns of `ps -ef`, or those asked for."""
    if not dialect.since("0.5.1"):
        columns = {"PID": "PID", "Tty": "TTY", "Time": "TIME", "Cmd": "CMD"}
        rows = [dict(zip(titles, row, strict=False)) for row in processes]
        return [{key: row.get(title, "") for key, title in columns.items()} for row in rows]
    return {"Titles": titles, "Processes": processes}


def stats(dialect: Dialect, newest: Json) -> Json:
    """One value of GET /containers/{id}/stats."""
    found = dict(newest)
    found["network"] = next(iter((newest.get("networks") or {}).values()), {})
    for key in ("cpu_stats", "precpu_stats"):
        found[key] = dict(newest.get(key) or {})
        if not dialect.since("17.4.0"):
            found[key].pop("online_cpus", None)
    memory = dict(newest.get("memory_stats") or {})
    if not dialect.since("1.13.0"):
        memory.setdefault("failcnt", 0)
    found["memory_stats"] = memory
    return keys.STATS.shaped(dialect, found)


def exec_instance(dialect: Dialect, newest: Json) -> Json:
    """GET /exec/{id}/json."""
    found = dict(newest)
    found["ProcessConfig"] = keys.PROCESS.shaped(dialect, newest.get("ProcessConfig") or {})
    if not dialect.since("1.8.0"):
        found["Container"] = {"ID": newest["ContainerID"]}
        found["ExitCode"] = found.get("ExitCode") or 0
    return keys.EXEC.shaped(dialect, found)


# Images.


def image_rows(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /images/json; the newest has one row per image, old ones have one per tag."""
    found = []
    for row in rows:
        row = {"VirtualSize": row.get("Size", 0), **row, "Id": dialect.id(row["Id"])}
        row["ParentId"] = dialect.id(row.get("ParentId", ""))
        row["RepoTags"] = row.get("RepoTags") or []
        row["RepoDigests"] = row.get("RepoDigests") or []
        if dialect.since("1.7.0") or (dialect.speaks("1.7") and dialect.since("0.6.7")):
            found.append(keys.IMAGE_ROW.shaped(dialect, _names(dialect, row)))
        else:
            found += [keys.TAG_ROW.shaped(dialect, one) for one in _tag_rows(dialect, row)]
    return found


def _names(dialect: Dialect, row: Json) -> Json:
    """`<none>:<none>` for an image without a name, below 1.43."""
    if not dialect.speaks("1.43") and not row["RepoTags"]:
        row["RepoTags"] = ["<none>:<none>"]
        row["RepoDigests"] = row["RepoDigests"] or ["<none>@<none>"]
    if not dialect.speaks("1.43") and dialect.modern:
        row["RepoDigests"] = row["RepoDigests"] or None
    return row


def _tag_rows(dialect: Dialect, row: Json) -> list[Json]:
    if not row["RepoTags"]:
        none = "<none>" if dialect.since("0.6.7") else ""
        return [{**row, "Repository": none, "Tag": none}]
    found = []
    for name in row["RepoTags"]:
        repository, _, tag = name.rpartition(":")
        found.append({**row, "Repository": repository, "Tag": tag})
    return found


def image(dialect: Dialect, newest: Json) -> Json:
    """GET /images/{name}/json.

    Extra keys, which old answers have: `Container` (an id or ""), `ContainerConfig` (a dict).
    """
    found = {"VirtualSize": newest.get("Size", 0), **newest}
    for key in ("Id", "Parent"):
        found[key] = dialect.id(found.get(key, ""))
    for key in ("Config", "ContainerConfig"):
        config = dict(found.get(key) or {})
        config["Image"] = dialect.id(config.get("Image", ""))
        found[key] = config
    if not dialect.since("0.12.0") or (not dialect.since("1.7.0") and not dialect.speaks("1.12")):
        return keys.OLD_IMAGE.shaped(dialect, found)
    table = keys.IMAGE if dialect.speaks("1.50") else keys.IMAGE_TO_1_49
    return table.shaped(dialect, found)


def history(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /images/{name}/history."""
    found = []
    for row in rows:
        row = {**row, "Id": dialect.id(row["Id"]), "Tags": row.get("Tags") or None}
        found.append(keys.LAYER.shaped(dialect, row))
    return found


def committed(dialect: Dialect, id: str) -> Json:
    """POST /commit."""
    return {"Id": dialect.id(id)}


def removed(dialect: Dialect, rows: list[Json]) -> list[Json] | None:
    """DELETE /images/{name}: rows of `Untagged` or `Deleted`; None is an empty 204."""
    if not dialect.speaks("1.2") and not dialect.since("0.8.0"):
        return None
    return [{key: dialect.id(value) for key, value in row.items()} for row in rows]


def found(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /images/search."""
    return [keys.SEARCH_RESULT.shaped(dialect, row) for row in rows]
