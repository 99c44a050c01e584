"""For programs that have docker-py's keywords in a dictionary: `settings(**theirs)`.

`settings` turns the keywords of docker-py 7.2's `containers.run` and `containers.create` into
arguments of `create_container`, `run` and `run_detached`. `service` turns those of its
`services.create` into a `ServiceSpec`. Values are checked as always; an error names the keyword.
docker-py is not needed and never imported: its own types are dictionaries with the names of the
JSON.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypedDict, TypeVar

import attrs

from .errors import named, shown
from .models.base import Model
from .models.config import (
    BlkioWeightDevice,
    ContainerConfig,
    Device,
    DeviceRequest,
    EndpointSettings,
    Healthcheck,
    HostConfig,
    LogConfig,
    Mount,
    NetworkingConfig,
    RestartPolicy,
    ThrottleDevice,
    Ulimit,
)
from .models.kinds import bound_path, byte_count, command_line, items
from .models.services import (
    Global,
    GlobalJob,
    Mode,
    Replicated,
    ReplicatedJob,
    ServicePort,
    ServiceSpec,
    UpdateConfig,
)
from .models.swarm import Driver, GenericResource
from .models.tasks import (
    ConfigReference,
    ContainerSpec,
    CredentialSpec,
    NetworkAttachment,
    Placement,
    Privileges,
    ResourceLimits,
    ResourceReservations,
    SecretReference,
    SELinuxContext,
    TaskResources,
    TaskRestart,
    TaskSpec,
)

__all__ = ["Settings", "service", "settings"]

M = TypeVar("M", bound=Model)
Convert = Callable[[Any], Any]
Table = Mapping[str, tuple[str, Convert]]


class Settings(TypedDict, total=False):
    """The result of `settings`: arguments of `create_container`, `run` and `run_detached`."""

    config: ContainerConfig
    host_config: HostConfig
    networking: NetworkingConfig
    name: str
    platform: str


def settings(**keywords: Any) -> Settings:
    """Arguments of this library for a container that is described in docker-py's keywords.

    `client.create_container(image, command, **settings(**theirs))`, and the same for `run` and
    `run_detached`. The result has only arguments for which a keyword was given.

    Args:
        keywords: those of docker-py's `containers.run` and `containers.create` that describe a
            container, with the same meaning and in every form that docker-py takes; also
            docker-py's own types. None counts as not given. So do 0, False and empty values, except
            for `entrypoint`, `init`, `mem_swappiness` and `user`.

    Raises:
        TypeError: a keyword is unknown, or is not a setting; then the message says what replaces
            it.
        ValueError: `use_config_proxy=False`, `network` with `network_mode`, `networking_config`
            without an entry for `network`, and each value that an Engine would refuse.
    """
    _check_names("settings", keywords, {*_CONFIG, *_HOST_CONFIG, *_BY_ITSELF}, _ELSEWHERE)
    if keywords.get("use_config_proxy") is False:
        raise ValueError(
            "use_config_proxy: False: the variables of proxies in config.json are added to those "
            "of every container; name them in environment, and they are not"
        )
    given = _given(keywords)
    config, host_config = _fields(_CONFIG, given), _fields(_HOST_CONFIG, given)
    networking = _networking(given)
    made = Settings()
    if host_config:
        made["host_config"] = host = _made(HostConfig, host_config, _HOST_CONFIG, given)
        if host.binds:  # docker-py also sends their paths twice
            config["volumes"] = [bound_path(bind) for bind in host.binds]
    if config:
        made["config"] = _made(ContainerConfig, config, _CONFIG, given)
    if networking:
        made["networking"] = networking
    if "name" in given:
        made["name"] = given["name"]
    if "platform" in given:
        made["platform"] = given["platform"]
    return made


def service(**keywords: Any) -> ServiceSpec:
    """The `ServiceSpec` for `create_service`, from the keywords of docker-py's `services.create`.

    `client.create_service(service(image=image, command=command, **theirs))`.

    Args:
        keywords: `image`, and all others of `services.create`, with the same meaning and in every
            form that docker-py takes; also docker-py's own types. Times are nanoseconds. None
            counts as not given. So do 0, False and empty values, except for `init`,
            `stop_grace_period` and `user`.

    Raises:
        TypeError: a keyword is unknown or only for an update, or `image` is missing.
        ValueError: `log_driver_options` without `log_driver`, and each value that an Engine would
            refuse.
    """
    known = {*_CONTAINER, *_TASK, *_PLACEMENT, *_SERVICE, "log_driver", "log_driver_options"}
    _check_names("service", keywords, known | {"dns_config", "endpoint_spec"}, _OF_UPDATES)
    given = _given(keywords)
    if "image" not in given:
        raise TypeError("service: the keyword 'image' is missing")
    task, container = _fields(_TASK, given), _fields(_CONTAINER, given)
    for key, item in named("dns_config", _mapping, given.get("dns_config", {})).items():
        if key not in _DNS:
            raise ValueError(f"dns_config: one of {', '.join(_DNS)} was expected, not {shown(key)}")
        container[_DNS[key]] = item
    task["container"] = _made(ContainerSpec, container, _CONTAINER, given)
    placement = _fields(_PLACEMENT, given)
    if placement:
        task["placement"] = _made(Placement, placement, _PLACEMENT, given)
    if "log_driver" in given:
        task["log_driver"] = named(
            "log_driver",
            _of(Driver),
            {"name": given["log_driver"], "options": given.get("log_driver_options")},
        )
    elif "log_driver_options" in given:
        raise ValueError("log_driver_options: there is no log_driver that they are for")
    made = _fields(_SERVICE, given)
    made["task"] = _made(TaskSpec, task, _TASK, given)
    endpoint = dict(named("endpoint_spec", _mapping, given.get("endpoint_spec", {})))
    made["endpoint_mode"], made["ports"] = endpoint.pop("Mode", None), endpoint.pop("Ports", None)
    if endpoint:
        raise ValueError(f"endpoint_spec: Mode and Ports were expected, not {shown(endpoint)}")
    if made["ports"] is not None:
        made["ports"] = named("endpoint_spec", _each(_of(ServicePort)), made["ports"])
    return _made(ServiceSpec, made, _SERVICE, given)


# For these 0 and False are sent to the Engine; an empty entry point removes the image's.
_EMPTY_IS_A_VALUE = {"entrypoint", "init", "mem_swappiness", "stop_grace_period", "user"}


def _given(keywords: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in keywords.items()
        if value or (value is not None and name in _EMPTY_IS_A_VALUE)
    }


# Names


def _check_names(
    function: str, keywords: Mapping[str, Any], known: set[str], elsewhere: Mapping[str, str]
) -> None:
    unknown = [name for name in keywords if name not in known | elsewhere.keys()]
    if unknown:
        told = [_told(name, sorted(known), one=len(unknown) == 1) for name in unknown]
        plural = "s" if len(unknown) > 1 else ""
        raise TypeError(f"{function}: unknown keyword{plural} {', '.join(told)}")
    moved = [f"{name!r} is no setting: {elsewhere[name]}" for name in keywords if name in elsewhere]
    if moved:
        raise TypeError(f"{function}: {'; '.join(moved)}")


def _told(name: str, known: list[str], *, one: bool) -> str:
    meant = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {meant[0]!r}?" if meant else ""
    return f"{name!r}" + (hint and (f"; {hint}" if one else f" ({hint})"))


# Values


def _fields(table: Table, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field: named(keyword, convert, given[keyword])
        for keyword, (field, convert) in table.items()
        if keyword in given
    }


def _made(kind: type[M], fields: Mapping[str, Any], table: Table, given: Mapping[str, Any]) -> M:
    """The value; errors use docker-py's names."""
    keywords = sorted(table, key=given.__contains__)  # two keywords may set one field
    theirs = {table[keyword][0]: keyword for keyword in keywords}

    def renamed(error: Exception) -> str:
        texts_or_names = r"'[^']*'|\b[a-z_]+\b(?=[:=,])"
        return re.sub(texts_or_names, lambda found: theirs.get(found[0], found[0]), str(error))

    try:
        return kind(**fields)
    except TypeError as error:
        raise TypeError(renamed(error)) from error
    except ValueError as error:
        raise ValueError(renamed(error)) from error


def _as_it_is(value: Any) -> Any:
    return value


def _mapping(value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping was expected, not {shown(value)}")
    return value


def _of(kind: type[Model], **converts: Convert) -> Convert:
    """A converter to this class, from a mapping with the names of its fields or of the JSON."""
    fields = [field for field in attrs.fields(kind) if field.eq]  # type: ignore[arg-type]
    known = {path: field.name for field in fields for path in field.metadata["paths"][:1]}
    known |= {field.name: field.name for field in fields}

    def found(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
        for key, item in value.items():
            path = f"{before}{key}"
            if path in known:
                convert = converts.get(known[path])
                if convert is not None and item is not None:
                    item = named(path, convert, item)
                yield known[path], item
            elif not any(name.startswith(f"{path}.") for name in known):
                raise ValueError(f"a key that is not known: {shown(path)}")
            elif item is not None:
                yield from found(_mapping(item), f"{path}.")

    return lambda value: kind(**dict(found(_mapping(value))))


def _each(convert: Convert) -> Convert:
    return lambda value: [convert(item) for item in items(value, "a list")]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _byte_count(value: Any) -> int:
    """As in docker-py, which takes everything that `float` takes in front of the unit."""
    match = re.fullmatch(r"(.*[\d. ])([bkmgt]?)b?", value, re.I) if isinstance(value, str) else None
    if match:
        with contextlib.suppress(ValueError, OverflowError):
            return int(float(match[1]) * 1024 ** "bkmgt".index(match[2].lower() or "b"))
    return byte_count(value)


def _nanoseconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"nanoseconds were expected, not {shown(value)}")
    return value / 10**9


def _dropped(value: Any) -> None:
    raise ValueError("docker-py drops it; give Healthcheck(start_interval=...)")


def _environment(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: None if item is None else _text(item) for name, item in value.items()}


def _labels(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: "" if word is None else word for name, word in value.items()}
    return dict.fromkeys(items(value, "a mapping or a list of names"), "")


def _binds(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [named(str(source), _bind, (source, given)) for source, given in value.items()]
    return list(items(value, "a mapping or a list"))


_PROPAGATIONS = ("rshared", "shared", "rslave", "slave", "rprivate", "private")


def _bind(pair: tuple[Any, Any]) -> str:
    source, given = pair
    found = dict(_mapping(given))
    path, read_only = found.pop("bind", None), found.pop("ro", None)
    mode, propagation = found.pop("mode", None), found.pop("propagation", None)
    if found or not path:
        raise ValueError(f"bind, mode or ro, and propagation were expected, not {shown(given)}")
    if mode is not None and read_only is not None:
        raise ValueError(f"not both ro and mode: {shown(given)}")
    if propagation not in (None, *_PROPAGATIONS):
        raise ValueError(f"one of {', '.join(_PROPAGATIONS)} was expected, not {propagation!r}")
    if mode is None:
        mode = "ro" if read_only else "rw"
    modes = ",".join(word for word in (mode, propagation) if word)
    return f"{_text(source)}:{_text(path)}:{modes}"


def _devices(value: Any) -> list[Any]:
    return [_device(item) for item in items(value, "a list of devices")]


def _device(value: Any) -> Any:
    if not isinstance(value, str):
        return _of(Device)(value)
    host, _, rest = value.partition(":")
    path, _, permissions = rest.partition(":")
    return Device(
        path_on_host=host, path_in_container=path or host, cgroup_permissions=permissions or "rwm"
    )


def _ulimit(value: Any) -> Ulimit:
    found = {str(key).lower(): item for key, item in _mapping(value).items()}
    limits = {name: 0 if found.get(name) is None else found[name] for name in ("soft", "hard")}
    made: Ulimit = _of(Ulimit)({**found, **limits})
    return made


def _ports(value: Any) -> dict[Any, Any]:
    return {port: _bindings(given) for port, given in _mapping(value).items()}


def _bindings(given: Any) -> Any:
    if isinstance(given, list):
        return [_binding(item) for item in given]
    return [_binding(given)]


def _binding(given: Any) -> Any:
    if isinstance(given, Mapping):
        if "HostPort" not in given or given.keys() - {"HostIp", "HostPort"}:
            raise ValueError(f"HostPort, and HostIp if need be, were expected in {shown(given)}")
        return (given.get("HostIp") or None, given["HostPort"])
    if isinstance(given, tuple) and len(given) == 1:
        return (given[0], None) if isinstance(given[0], str) else given[0]
    if isinstance(given, tuple) and len(given) == 2:
        return (given[0] or None, given[1])
    return given


def _links(value: Any) -> list[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, Mapping) else items(value, "a mapping or pairs")
    found = [tuple(pair) if isinstance(pair, (tuple, list)) else (pair,) for pair in pairs]
    for pair in found:
        if len(pair) != 2:
            raise TypeError(f"a pair of container and alias was expected, not {shown(pair[0])}")
    return sorted((name, alias or "") for name, alias in found)


def _hosts(value: Any) -> Any:
    return sorted(value.items()) if isinstance(value, Mapping) else value


def _volumes_from(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def _tmpfs(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value
    found = [str(item).partition(":") for item in items(value, "a mapping or a list")]
    return {path: options for path, _, options in found}


def _words(value: Any) -> dict[Any, str]:
    return {name: str(item) for name, item in _mapping(value).items()}


def _networking(given: Mapping[str, Any]) -> NetworkingConfig | None:
    network, endpoints = given.get("network"), given.get("networking_config")
    if network and "network_mode" in given:
        raise ValueError(
            f"network: {network!r} contradicts network_mode: {given['network_mode']!r}"
        )
    if endpoints is None:
        return None
    if network not in named("networking_config", _mapping, endpoints):
        raise ValueError(
            f"networking_config: it has {', '.join(map(repr, endpoints))}, and not network: "
            f"{network!r}; docker-py drops it then"
        )
    endpoint = _of(EndpointSettings)
    return NetworkingConfig(
        endpoints={
            name: place if place is None else named(f"networking_config: {name}", endpoint, place)
            for name, place in endpoints.items()
        }
    )


# docker-py's keywords: the field, and the conversion of their forms to one that the field takes.

_HEALTH = _of(
    Healthcheck,
    interval=_nanoseconds,
    timeout=_nanoseconds,
    start_period=_nanoseconds,
    start_interval=_dropped,
)

_CONFIG: Table = {
    "domainname": ("domain_name", _as_it_is),
    "entrypoint": ("entrypoint", command_line),
    "environment": ("env", _environment),
    "healthcheck": ("healthcheck", _HEALTH),
    "hostname": ("hostname", _as_it_is),
    "labels": ("labels", _labels),
    "mac_address": ("mac_address", _as_it_is),
    "network_disabled": ("network_disabled", _as_it_is),
    "stdin_open": ("open_stdin", _as_it_is),
    "stop_signal": ("stop_signal", _as_it_is),
    "tty": ("tty", _as_it_is),
    "user": ("user", _as_it_is),
    "working_dir": ("working_dir", _as_it_is),
}

_RATES = _each(_of(ThrottleDevice))

_HOST_CONFIG: Table = {
    "auto_remove": ("auto_remove", _as_it_is),
    "blkio_weight": ("blkio_weight", _as_it_is),
    "blkio_weight_device": ("blkio_weight_device", _each(_of(BlkioWeightDevice))),
    "cap_add": ("cap_add", _as_it_is),
    "cap_drop": ("cap_drop", _as_it_is),
    "cgroup_parent": ("cgroup_parent", _as_it_is),
    "cgroupns": ("cgroupns_mode", _as_it_is),
    "cpu_count": ("cpu_count", _as_it_is),
    "cpu_percent": ("cpu_percent", _as_it_is),
    "cpu_period": ("cpu_period", _as_it_is),
    "cpu_quota": ("cpu_quota", _as_it_is),
    "cpu_rt_period": ("cpu_realtime_period", _as_it_is),
    "cpu_rt_runtime": ("cpu_realtime_runtime", _as_it_is),
    "cpu_shares": ("cpu_shares", _as_it_is),
    "cpuset_cpus": ("cpuset_cpus", _as_it_is),
    "cpuset_mems": ("cpuset_mems", _as_it_is),
    "device_cgroup_rules": ("device_cgroup_rules", _as_it_is),
    "device_read_bps": ("blkio_device_read_bps", _RATES),
    "device_read_iops": ("blkio_device_read_iops", _RATES),
    "device_requests": ("device_requests", _each(_of(DeviceRequest))),
    "device_write_bps": ("blkio_device_write_bps", _RATES),
    "device_write_iops": ("blkio_device_write_iops", _RATES),
    "devices": ("devices", _devices),
    "dns": ("dns", _as_it_is),
    "dns_opt": ("dns_options", _as_it_is),
    "dns_search": ("dns_search", _as_it_is),
    "extra_hosts": ("extra_hosts", _hosts),
    "group_add": ("group_add", _as_it_is),
    "init": ("init", _as_it_is),
    "ipc_mode": ("ipc_mode", _as_it_is),
    "isolation": ("isolation", _as_it_is),
    "kernel_memory": ("kernel_memory", _byte_count),
    "links": ("links", _links),
    "log_config": ("log_config", _of(LogConfig)),
    "lxc_conf": ("lxc_conf", _as_it_is),
    "mem_limit": ("memory", _byte_count),
    "mem_reservation": ("memory_reservation", _byte_count),
    "mem_swappiness": ("memory_swappiness", _as_it_is),
    "memswap_limit": ("memory_swap", _byte_count),
    "mounts": ("mounts", _each(_of(Mount))),
    "nano_cpus": ("nano_cpus", _as_it_is),
    "network": ("network_mode", _as_it_is),
    "network_mode": ("network_mode", _as_it_is),
    "oom_kill_disable": ("oom_kill_disable", _as_it_is),
    "oom_score_adj": ("oom_score_adj", _as_it_is),
    "pid_mode": ("pid_mode", _as_it_is),
    "pids_limit": ("pids_limit", _as_it_is),
    "ports": ("port_bindings", _ports),
    "privileged": ("privileged", _as_it_is),
    "publish_all_ports": ("publish_all_ports", _as_it_is),
    "read_only": ("read_only_root_fs", _as_it_is),
    "restart_policy": ("restart_policy", _of(RestartPolicy)),
    "runtime": ("runtime", _as_it_is),
    "security_opt": ("security_opt", _as_it_is),
    "shm_size": ("shm_size", _byte_count),
    "storage_opt": ("storage_opt", _as_it_is),
    "sysctls": ("sysctls", _words),
    "tmpfs": ("tmpfs", _tmpfs),
    "ulimits": ("ulimits", _each(_ulimit)),
    "userns_mode": ("userns_mode", _as_it_is),
    "uts_mode": ("uts_mode", _as_it_is),
    "volume_driver": ("volume_driver", _as_it_is),
    "volumes": ("binds", _binds),
    "volumes_from": ("volumes_from", _volumes_from),
}

_BY_ITSELF = {"name", "networking_config", "platform", "use_config_proxy"}

_ELSEWHERE = {
    "image": "the first argument of create_container, run and run_detached",
    "command": "the second argument of create_container, run and run_detached",
    "detach": "call run_detached",
    "remove": "run(remove=True), or auto_remove=True with run_detached",
    "stdout": "what run gives has both, .output.stdout and .output.stderr",
    "stderr": "what run gives has both, .output.stdout and .output.stderr",
    "stream": "run_detached, then logs(id, follow=True)",
    "version": "Client(version=...)",
    "init_path": "no Engine since API 1.29 takes it; its init is the Engine's own",
}


# Services


def _words_of(value: Any) -> Any:
    return command_line(value) if isinstance(value, str) else value


def _arguments(value: Any) -> list[Any]:
    return list(items(value, "a list of words"))


def _mount(value: Any) -> Mount:
    if not isinstance(value, str):
        made: Mount = _of(Mount)(value)
        return made
    source, colon, rest = value.partition(":")
    target, _, mode = rest.partition(":")
    if not colon:
        return Mount(target=source)
    if mode not in ("", "ro", "rw"):
        raise ValueError(f"[source:]target[:ro] was expected, not {shown(value)}")
    kind = "bind" if source.startswith("/") else "volume"
    return Mount(target=target, source=source, type=kind, read_only=mode == "ro")


def _network(value: Any) -> NetworkAttachment:
    if isinstance(value, str):
        return NetworkAttachment(target=value)
    made: NetworkAttachment = _of(NetworkAttachment)(value)
    return made


def _generic(value: Any) -> list[GenericResource]:
    if isinstance(value, Mapping):
        return [GenericResource(kind=kind, value=item) for kind, item in value.items()]
    found = []
    for item in items(value, "a mapping or a list"):
        _mapping(item)
        [(_, resource)] = item.items() if len(item) == 1 else [("", item)]
        found.append(_of(GenericResource)(_lower(resource)))
    return found


def _lower(value: Any) -> dict[str, Any]:
    return {str(key).lower(): item for key, item in _mapping(value).items()}


_MODES: dict[str, tuple[type[Mode], dict[str, str]]] = {
    "replicated": (Replicated, {"Replicas": "replicas"}),
    "global": (Global, {}),
    "replicatedjob": (
        ReplicatedJob,
        {"MaxConcurrent": "max_concurrent", "TotalCompletions": "total_completions"},
    ),
    "globaljob": (GlobalJob, {}),
}


def _mode(value: Any) -> Mode:
    if isinstance(value, str):
        value = {value.replace("-", ""): {}}
    found = [(key, numbers) for key, numbers in _mapping(value).items() if numbers is not None]
    if len(found) != 1 or str(found[0][0]).lower() not in _MODES:
        raise ValueError(f"one of {', '.join(_MODES)} was expected, not {shown(value)}")
    kind, fields = _MODES[str(found[0][0]).lower()]
    numbers = dict(_mapping(found[0][1]))
    if numbers.keys() - fields:
        raise ValueError(f"a number that is not known: {shown(numbers)}")
    return kind(**{fields[name]: number for name, number in numbers.items()})


def _spread(value: Any) -> list[str]:
    return [_descriptor(item) for item in items(value, "a list of preferences")]


def _descriptor(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 2 and value[0] == "spread":
        return str(value[1])
    try:
        return str(value["Spread"]["SpreadDescriptor"])
    except (TypeError, KeyError):
        raise ValueError(f"('spread', label) was expected, not {shown(value)}") from None


def _platforms(value: Any) -> list[str]:
    found = [tuple(item) for item in items(value, "a list of pairs")]
    for pair in found:
        if len(pair) != 2:
            raise ValueError(f"(architecture, os) was expected, not {shown(pair)}")
    return [f"{os}/{architecture}" for architecture, os in found]


_UPDATE = _of(UpdateConfig, delay=_nanoseconds, monitor=_nanoseconds)

_CONTAINER: Table = {
    "args": ("command", _arguments),
    "cap_add": ("cap_add", _as_it_is),
    "cap_drop": ("cap_drop", _as_it_is),
    "command": ("entrypoint", _words_of),
    "configs": ("configs", _each(_of(ConfigReference))),
    "container_labels": ("labels", _mapping),
    "env": ("env", _environment),
    "groups": ("groups", _as_it_is),
    "healthcheck": ("healthcheck", _HEALTH),
    "hostname": ("hostname", _as_it_is),
    "hosts": ("extra_hosts", _hosts),
    "image": ("image", _as_it_is),
    "init": ("init", _as_it_is),
    "isolation": ("isolation", _as_it_is),
    "mounts": ("mounts", _each(_mount)),
    "open_stdin": ("open_stdin", _as_it_is),
    "privileges": (
        "privileges",
        _of(Privileges, credential_spec=_of(CredentialSpec), selinux=_of(SELinuxContext)),
    ),
    "read_only": ("read_only_root_fs", _as_it_is),
    "secrets": ("secrets", _each(_of(SecretReference))),
    "stop_grace_period": ("stop_grace_period", _nanoseconds),
    "stop_signal": ("stop_signal", _as_it_is),
    "sysctls": ("sysctls", _as_it_is),
    "tty": ("tty", _as_it_is),
    "user": ("user", _as_it_is),
    "workdir": ("working_dir", _as_it_is),
}

_DNS = {"Nameservers": "dns", "Search": "dns_search", "Options": "dns_options"}

_TASK: Table = {
    "networks": ("networks", _each(_network)),
    "resources": (
        "resources",
        _of(
            TaskResources,
            limits=_of(ResourceLimits),
            reservations=_of(ResourceReservations, generic=_generic),
        ),
    ),
    "restart_policy": ("restart", _of(TaskRestart, delay=_nanoseconds, window=_nanoseconds)),
}

_PLACEMENT: Table = {
    "constraints": ("constraints", _as_it_is),
    "maxreplicas": ("max_replicas", _as_it_is),
    "platforms": ("platforms", _platforms),
    "preferences": ("spread", _spread),
}

_SERVICE: Table = {
    "labels": ("labels", _mapping),
    "mode": ("mode", _mode),
    "name": ("name", _as_it_is),
    "rollback_config": ("rollback", _UPDATE),
    "update_config": ("update", _UPDATE),
}

_OF_UPDATES = {
    "fetch_current_spec": "of an update, which changes the spec that was read",
    "force_update": "of an update, which changes the spec that was read",
}
