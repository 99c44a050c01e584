"""The configuration in a request to create a container, in its newest form."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

# The defaults of an Engine, as far as the fake Engine depends on them; the tables of keys have the
# others.
HOST_CONFIG: Json = {
    "Binds": None,
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "bridge",
    "PortBindings": None,
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "AutoRemove": False,
    "IpcMode": "private",
    "Links": None,
    "PublishAllPorts": False,
    "Memory": 0,
}
# Settings that were once in the Config, and their names in the HostConfig.
MOVED_TO_HOST = {
    "Memory": "Memory",
    "MemorySwap": "MemorySwap",
    "CpuShares": "CpuShares",
    "Cpuset": "CpusetCpus",
    "Dns": "Dns",
    "VolumesFrom": "VolumesFrom",
    "Privileged": "Privileged",
    "SecurityOpt": "SecurityOpt",
    "SecurityOpts": "SecurityOpt",
    "VolumeDriver": "VolumeDriver",
    "RestartPolicy": "RestartPolicy",
}
# Keys that the newest Engines leave out if they were not given.
LEFT_OUT = frozenset(
    "ExposedPorts Healthcheck ArgsEscaped NetworkDisabled MacAddress StopSignal StopTimeout "
    "Shell".split()
)
CONFIG: Json = {
    **dict.fromkeys("Hostname Domainname User Image WorkingDir".split(), ""),
    **dict.fromkeys("AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce".split(), False),
    **dict.fromkeys("Env Cmd Volumes Entrypoint OnBuild Labels".split()),
    **dict.fromkeys(sorted(LEFT_OUT)),
}


def words(value: Any) -> list[str] | None:
    """A command: a list, a string (which becomes one word), or none."""
    if value is None or value == "":
        return None
    return [value] if isinstance(value, str) else [str(word) for word in value]


def config_of(asked: Json, image: Json) -> Json:
    """The newest Config of a request, completed by the image's."""
    made = {name: asked.get(name) or default for name, default in CONFIG.items()}
    made["Entrypoint"] = words(asked.get("Entrypoint"))
    made["Cmd"] = words(asked.get("Cmd"))
    if asked.get("StopTimeout") is not None:
        made["StopTimeout"] = asked["StopTimeout"]
    if made["Entrypoint"] is None:
        made["Entrypoint"] = words(image.get("Entrypoint"))
        if made["Cmd"] is None:
            made["Cmd"] = words(image.get("Cmd"))
    elif made["Entrypoint"] == [""]:
        made["Entrypoint"] = None
    made["Env"] = _environment(asked.get("Env"), image.get("Env"))
    for name in ("User", "WorkingDir", "StopSignal", "Healthcheck", "OnBuild", "Shell"):
        made[name] = made[name] or image.get(name) or CONFIG[name]
    ports: Json = {
        port: {} for part in asked.get("PortSpecs") or () for port in [_port_of_spec(part)[0]]
    }
    for name, more in (("ExposedPorts", ports), ("Volumes", {}), ("Labels", {})):
        found = {**(image.get(name) or {}), **more, **(made[name] or {})}
        made[name] = found or ({} if name == "Labels" else None)
    return {name: made[name] for name in CONFIG if made[name] is not None or name not in LEFT_OUT}


def _environment(asked: Any, image: Any) -> list[str] | None:
    """The requested variables, then those of the image that are not among them."""
    own = [str(one) for one in asked or ()]
    names = {one.partition("=")[0] for one in own}
    found = own + [one for one in image or () if one.partition("=")[0] not in names]
    return found if found or asked is not None else None


_SAID_BY = {"RestartPolicy": "Name", "LogConfig": "Type"}  # without that they say nothing


def host_config_of(asked: Json, ports: Json | None = None) -> Json:
    """The newest HostConfig of a request to create, or of the body of a start."""
    made = copy.deepcopy(HOST_CONFIG)
    for name, value in asked.items():
        if name in _SAID_BY and not (isinstance(value, dict) and value.get(_SAID_BY[name])):
            continue
        if value is None or (name, value) in (("NetworkMode", ""), ("NetworkMode", "default")):
            continue
        if name == "ShmSize" and not value:
            continue
        if name == "VolumesFrom" and isinstance(value, str):
            value = [value] if value else None
        made[name] = value
    if ports or made["PortBindings"]:
        bound = {**(ports or {}), **(made["PortBindings"] or {})}
        made["PortBindings"] = {port: _bindings(ones) for port, ones in bound.items()}
    return made


def _bindings(asked: Any) -> list[dict[str, str]]:
    keys = ("HostIp", "HostPort")
    return [{key: str(one.get(key) or "") for key in keys} for one in asked or ()]


def create_of(asked: Json, image: Json) -> tuple[Json, Json]:
    """Config and HostConfig of a request to create a container."""
    host = dict(asked.get("HostConfig") or {})
    for old, new in MOVED_TO_HOST.items():
        if asked.get(old) and not host.get(new):
            host[new] = asked[old]
    specs = map(_port_of_spec, asked.get("PortSpecs") or ())
    bound = {port: [{"HostIp": "", "HostPort": public}] for port, public in specs}
    return config_of(asked, image), host_config_of(host, bound)


def _port_of_spec(spec: Any) -> tuple[str, str]:
    """`80`, `8080:80` or `:80/udp` of API 1.0 to 1.5: the container's port and the host's."""
    public, _, private = str(spec).rpartition(":")
    number, slash, protocol = private.partition("/")
    if not number.isdecimal() or (public.rpartition(":")[2] or "0").isdecimal() is False:
        raise ValueError(f"Invalid port specification: {spec}")
    return f"{number}/{protocol if slash else 'tcp'}", public.rpartition(":")[2]


def command_of(config: Json) -> list[str]:
    """The full command: entrypoint and command."""
    return [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]


def environment_of(config: Json, host_name: str) -> dict[str, str]:
    """The variables of the command."""
    found = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOSTNAME": host_name,
    }
    if config.get("Tty"):
        found["TERM"] = "xterm"
    for one in config.get("Env") or ():
        name, equals, value = one.partition("=")
        if equals:
            found[name] = value
        else:
            found.pop(name, None)
    found.setdefault("HOME", "/root")
    return found
