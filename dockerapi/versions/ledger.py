"""Every difference between API versions in what a request may contain: one block per version.

Code writes requests in their newest shape. A row says what a version added, moved, changed or
removed. From the rows `versions.fit` moves a value to its older place, or refuses it by name. The
rules:

- A place is a dotted path in the query, the body or a header: `filters.name`, `HostConfig.Init`.
  In a list it applies to every item. `*` stands for any key, and `.` for the whole body.
- Where the manual and the Engine's source disagree, the source is right. Several releases may speak
  one version (0.6.4 to 0.6.6 speak 1.6); `release` then names the first one that has the part.
- A row is needed only for what an Engine would ignore in silence. If the Engine refuses a value
  with an error of its own (an unknown network mode, protocol or mount type), there is no row.
- Not listed: differences in answers, which belong to the models; the message of a commit, which
  every Engine reads as `comment`, whatever the old manuals say; and changed defaults of parameters
  that the caller did not send, except those in `DEFAULTS`.

Sources: the manuals of each version and their lists of changes, and the Engines' release notes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..late import load
from .releases import ApiVersion

Translation = Callable[[Mapping[str, Any], Any], tuple[dict[str, Any], Any]]


class CannotTranslate(ValueError):
    """An older version cannot express this value; the text names the value."""


def _keyword(default: Any = None) -> Any:
    return attrs.field(default=default, kw_only=True)


# Without slots: frozen classes with slots are built three times slower, and there are hundreds.
@attrs.frozen(slots=False)
class _Place:
    """A place in a request: in the query, the body or a header; without any, the route itself.

    `kept` marks fields of specs that are read, changed and sent back. An Engine that has such a
    field accepts it under every version, so a value read from it can always be sent back.
    """

    route: str
    query: str | None = _keyword()
    body: str | None = _keyword()
    header: str | None = _keyword()
    release: str | None = _keyword()
    kept: bool = _keyword(False)


@attrs.frozen(slots=False)
class Added(_Place):
    """The version, and the release if given, that first had this part.

    Args:
        implied: the value that older versions imply; for those it is left out.
        instead: how to get the same from an older version; the end of the message.
    """

    implied: Any = _keyword()
    instead: str = _keyword("")


@attrs.frozen(slots=False)
class Removed(_Place):
    """The version that removed this part.

    Args:
        implied: a value without effect, which is left out from then on.
        instead: what to use; the end of the message.
    """

    implied: Any = _keyword()
    instead: str = _keyword("")


@attrs.frozen(slots=False)
class Moved(_Place):
    """Older versions keep the value at `was`, in the same part of the request or in the body.

    Args:
        turn: converts the value to its older form, or raises `CannotTranslate`.
        release: the Engine's release decides, whatever version is in use.
    """

    was: str = _keyword(attrs.NOTHING)
    into_body: bool = _keyword(False)
    turn: Callable[[Any], Any] | None = _keyword()


@attrs.frozen(slots=False)
class Reshaped(_Place):
    """Older versions have another form at the same place; the arguments are those of `Moved`."""

    turn: Callable[[Any], Any] = _keyword(attrs.NOTHING)
    instead: str = _keyword("")


@attrs.frozen(slots=False)
class Replaced:
    """Older versions do the same by the route `was`."""

    route: str
    was: str = _keyword(attrs.NOTHING)
    translate: Translation | None = _keyword()


@attrs.frozen(slots=False)
class Ignored(_Place):
    """Engines before `release` accept the part and ignore it.

    Args:
        what: what is ignored; the end of "... with" in the message.
        found: whether the value at this place, in its newest shape, contains it.
    """

    what: str = _keyword(attrs.NOTHING)
    found: Callable[[Any], bool] = _keyword(attrs.NOTHING)


Row = Added | Removed | Moved | Reshaped | Replaced | Ignored


# Conversions to older forms


def _only(value: Any) -> Any:
    """The one item of a list."""
    if not isinstance(value, (list, tuple)):
        return value
    if len(value) != 1:
        raise CannotTranslate("more than one value")
    return value[0]


def _of_default_driver(value: Any) -> Any:
    """1.12 refuses addresses in an overlay network whose IPAM driver is not named (seen)."""
    return {"Driver": "default", **value} if isinstance(value, Mapping) else value


def _whole_seconds(value: Any) -> Any:
    """A time without its fraction, if the fraction is zero."""
    whole, _, fraction = str(value).partition(".")
    if fraction.strip("0"):
        raise CannotTranslate("a fraction of a second")
    return int(whole) if isinstance(value, float) else whole if fraction else value


# Linux's numbers; those of the client's machine may differ.
_SIGNALS = (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP "
    "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split()


def _signal_number(value: Any) -> int:
    if isinstance(value, int) or str(value).isdecimal():
        return int(value)
    name = str(value).upper().removeprefix("SIG")
    if name not in _SIGNALS:
        raise CannotTranslate(f"the name {value!r}")
    return _SIGNALS.index(name) + 1


def _exchanged(query: Any) -> dict[str, Any]:
    """0.4.4 reads the height as the width and the width as the height (seen)."""
    other = {"h": "w", "w": "h"}
    return {other.get(name, name): value for name, value in query.items()}


def _attached(value: Any) -> Any:
    """Before 1.42 a websocket always attaches to both outputs."""
    if not value:
        raise CannotTranslate(repr(value))
    return value


def _one_network(value: Any) -> Any:
    """The networks of a container at creation, if there is only one."""
    if isinstance(value, Mapping) and len(value) > 1:
        raise CannotTranslate("more than one network")
    return value


def _ports_of_ingress(value: Any) -> Any:
    """Ports of a service without their mode, which is always `ingress` in older versions."""
    if any(port.get("PublishMode") == "host" for port in value):
        raise CannotTranslate("the mode 'host'")
    return [{key: it for key, it in port.items() if key != "PublishMode"} for port in value]


def _multipart(value: Any) -> str:
    return "multipart/form-data"


def _decoded(header: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(header))


def _one_registry(header: str) -> str:
    """X-Registry-Config with one registry, as an X-Registry-Auth."""
    found = _decoded(header)
    if len(found) != 1:
        raise CannotTranslate("credentials for more than one registry")
    ((registry, credentials),) = found.items()
    text = json.dumps({"serveraddress": registry, **credentials})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _by_section(header: str) -> str:
    """X-Registry-Config in the form of that time's config.json.

    0.8.0 to 1.6.x read the section `configs`, 1.7.0 alone reads `auths`. Both skip sections unknown
    to them (differences, 5.12).
    """
    found = _decoded(header)
    text = json.dumps({"configs": found, "auths": found})
    return base64.urlsafe_b64encode(text.encode()).decode()


def _archive_as_copy(query: Mapping[str, Any], body: Any) -> tuple[dict[str, Any], Any]:
    kept = dict(query)
    resource = {"Resource": kept.pop("path")} if "path" in kept else {}
    return kept, {**(body or {}), **resource}


def _logs_as_attach(query: Mapping[str, Any], body: Any) -> tuple[dict[str, Any], Any]:
    kept = dict(query)
    if kept.pop("timestamps", False):
        raise CannotTranslate("?timestamps")
    return {"logs": True, "stream": bool(kept.pop("follow", False)), **kept}, body


# Routes that several rows share, and shorthands for rows

LIST = "GET /containers/json"
CREATE = "POST /containers/create"
START = "POST /containers/{id}/start"
LOGS = "GET /containers/{id}/logs"
KILL = "POST /containers/{id}/kill"
UPDATE = "POST /containers/{id}/update"
WEBSOCKET = "GET /containers/{id}/attach/ws"
COPY = "POST /containers/{id}/copy"
IMAGES = "GET /images/json"
PULL = "POST /images/create"
PUSH = "POST /images/{name}/push"
SEARCH = "GET /images/search"
BUILD = "POST /build"
SESSION = "POST /session"
EXEC = "POST /containers/{id}/exec"
EVENTS = "GET /events"
COMMIT = "POST /commit"
CREATE_NETWORK = "POST /networks/create"
NETWORKS = "GET /networks"
NETWORK = "GET /networks/{id}"
CONNECT = "POST /networks/{id}/connect"
PRUNE_NETWORKS = "POST /networks/prune"
PRUNE_CONTAINERS = "POST /containers/prune"
PRUNE_IMAGES = "POST /images/prune"
PRUNE_VOLUMES = "POST /volumes/prune"
PRUNE_BUILD_CACHE = "POST /build/prune"
USAGE = "GET /system/df"
VOLUMES = "GET /volumes"
CREATE_VOLUME = "POST /volumes/create"
REMOVE_VOLUME = "DELETE /volumes/{name}"
PLUGINS = "GET /plugins"
SERVICES = "GET /services"
SERVICE = "GET /services/{id}"
CREATE_SERVICE = "POST /services/create"
UPDATE_SERVICE = "POST /services/{id}/update"
CREATE_SECRET = "POST /secrets/create"
CREATE_CONFIG = "POST /configs/create"
INIT_SWARM = "POST /swarm/init"
JOIN_SWARM = "POST /swarm/join"
UPDATE_SWARM = "POST /swarm/update"


_HOST = "HostConfig."


def _routes(*routes: str) -> tuple[Added, ...]:
    return tuple(Added(route) for route in routes)


def _queries(route: str, *names: str, release: str | None = None) -> tuple[Added, ...]:
    return tuple(Added(route, query=name, release=release) for name in names)


def _config(*fields: str, release: str | None = None) -> tuple[Added, ...]:
    """Fields of a container's config, for create and commit."""
    return tuple(
        Added(route, body=field, release=release) for field in fields for route in (CREATE, COMMIT)
    )


def _host(*fields: str, release: str | None = None) -> tuple[Added, ...]:
    """Fields of the host config, for create."""
    return tuple(Added(CREATE, body=f"{_HOST}{field}", release=release) for field in fields)


def _network(*fields: str) -> tuple[Added, ...]:
    """Fields of a new network."""
    return tuple(Added(CREATE_NETWORK, body=field) for field in fields)


def _service(*rows: Row) -> tuple[Row, ...]:
    """The same rows for the spec of a service in create and in update."""
    return tuple(
        found
        for row in rows
        if not isinstance(row, Replaced)
        for found in (row, attrs.evolve(row, route=UPDATE_SERVICE))
    )


def _of_service(*fields: str, kept: bool = True) -> tuple[Row, ...]:
    """Fields of a service's spec; Engines drop those not `kept` under an older version."""
    return _service(*(Added(CREATE_SERVICE, body=field, kept=kept) for field in fields))


def _of_task(*fields: str, kept: bool = True) -> tuple[Row, ...]:
    """Fields of a service's task template."""
    return _of_service(*(f"TaskTemplate.{field}" for field in fields), kept=kept)


def _of_container(*fields: str, kept: bool = True) -> tuple[Row, ...]:
    """Fields of a service's container spec."""
    return _of_task(*(f"ContainerSpec.{field}" for field in fields), kept=kept)


def _endpoint(*fields: str) -> tuple[Added, ...]:
    """Fields of a container's endpoint in a network, at its creation."""
    return tuple(Added(CREATE, body=f"NetworkingConfig.EndpointsConfig.*.{f}") for f in fields)


def _update(*fields: str) -> tuple[Added, ...]:
    """Fields of a container that an update can change."""
    return tuple(Added(UPDATE, body=field) for field in fields)


def _tokens(field: str, what: str, release: str) -> tuple[Ignored, ...]:
    """Rows for a token in the credentials of one registry or of several."""

    def of_one(credentials: Mapping[str, Any]) -> bool:
        return field in credentials

    def in_header(header: str) -> bool:
        return of_one(_decoded(header))

    def of_any(header: str) -> bool:
        return any(map(of_one, _decoded(header).values()))

    return (
        *(
            Ignored(route, header="X-Registry-Auth", found=in_header, release=release, what=what)
            for route in (PULL, PUSH, SEARCH)
        ),
        Ignored(BUILD, header="X-Registry-Config", found=of_any, release=release, what=what),
        Ignored("POST /auth", body=".", found=of_one, release=release, what=what),
    )


def _of_buildkit(name: str, start: str = "") -> Ignored:
    """A parameter of a BuildKit build with a value that begins with `start`, from 23.0 on.

    20.10.24 takes an ssh URL for a directory of the client, and ignores limits (both seen).
    """
    return Ignored(
        BUILD,
        query=".",
        found=lambda query: (
            query.get("version") == "2" and name in query and str(query[name]).startswith(start)
        ),
        release="23.0.0",
        what=f"?{name}{f'={start}...' if start else ''} for BuildKit",
    )


# 1.9 lists all volumes (seen).
_IN_USE = Ignored(
    VOLUMES,
    query="filters.dangling",
    found=lambda values: not {"true", "1"}.issuperset(values),
    release="1.10.0",
    what="another value than true",
)

# Options of other drivers are passed on.
_OPTIONS_OF_LOCAL = Ignored(
    CREATE_VOLUME,
    body=".",
    found=lambda body: bool(body.get("DriverOpts")) and body.get("Driver") in (None, "local"),
    release="1.11.0",
    what="options of the driver local",
)


# An unknown protocol becomes tcp.
_SCTP = Ignored(
    CREATE_SERVICE,
    body="EndpointSpec.Ports",
    found=lambda ports: any(port.get("Protocol") == "sctp" for port in ports),
    release="18.3.0",
    what="the protocol sctp",
)


def _has_secret_variable(query: Mapping[str, Any]) -> bool:
    load("dockerapi.protocol.dockerfile")  # only builds need it
    from ..protocol.dockerfile import SECRET_AS_VARIABLE

    return SECRET_AS_VARIABLE in query


# Never sent: BuildKit refuses such a Dockerfile before 28.0 (20.10.24, 26.1.5: seen).
_SECRET_AS_VARIABLE = Ignored(
    BUILD,
    query=".",
    found=_has_secret_variable,
    release="28.0.0",
    what="RUN --mount=type=secret,env=",
)


def _swarm_spec(
    field: str, release: str, what: str, found: Callable[[Any], bool] = bool
) -> tuple[Ignored, ...]:
    """A field of a swarm's spec; 0 and False have no effect."""
    return (
        Ignored(INIT_SWARM, body=f"Spec.{field}", found=found, release=release, what=what),
        Ignored(UPDATE_SWARM, body=field, found=found, release=release, what=what),
    )


def for_start(version: str, row: Row) -> Row | None:
    """The row for start's host config (API 1.3 to 1.23) that follows from a row for create's.

    A row of the host config is therefore written once, for create. None if start has no such row.
    """
    if isinstance(row, Replaced) or row.route != CREATE:
        return None
    if row.body is None or not row.body.startswith(_HOST):
        return None
    field = row.body.removeprefix(_HOST)
    if isinstance(row, Removed) and ApiVersion.parse(version) >= ApiVersion(1, 24):
        return None  # start no longer takes a host config
    if not isinstance(row, Moved):
        return attrs.evolve(row, route=START, body=field)
    if row.was.startswith(_HOST):
        return attrs.evolve(row, route=START, body=field, was=row.was.removeprefix(_HOST))
    # The value was in the config, which only create takes.
    return Added(START, body=field, release=row.release, instead="give it to create_container()")


# Host config rows are for create only; `ROWS` adds those for start.
_WRITTEN: dict[str, tuple[Row, ...]] = {
    "1.0": _routes(
        "GET /containers/ps",  # in no manual; 0.3.3 has no other list, and 1.9.0 dropped it
        CREATE,
        "GET /containers/{id}/json",
        "GET /containers/{id}/changes",
        "GET /containers/{id}/export",
        START,
        "POST /containers/{id}/stop",
        "POST /containers/{id}/restart",
        KILL,
        "POST /containers/{id}/attach",
        "POST /containers/{id}/wait",
        "DELETE /containers/{id}",
        IMAGES,
        "GET /images/viz",
        PULL,
        "POST /images/{name}/insert",
        "GET /images/{name}/json",
        "GET /images/{name}/history",
        PUSH,
        "POST /images/{name}/tag",
        "DELETE /images/{name}",
        "GET /images/search",
        "GET /auth",
        "POST /auth",
        "GET /info",
        "GET /version",
        COMMIT,
    ),
    "1.1": (
        Replaced(LIST, was="GET /containers/ps"),
        # The manuals have a build from 1.0 on, 0.3.3 has none; 0.3.4 to 0.4.4 take a form.
        Added(BUILD),
        Added("POST /containers/{id}/resize"),  # in the manuals from 1.15
        Reshaped("POST /containers/{id}/resize", query=".", turn=_exchanged, release="0.5.0"),
    ),
    "1.2": (
        Removed("GET /auth", instead="the Engine keeps no credentials"),
        Added(PUSH, body="."),
    ),
    "1.3": (
        *_queries(LIST, "size"),
        Added("GET /containers/{id}/top", release="0.5.0"),
        Added(START, body=".", release="0.5.0"),
        *_config("Entrypoint"),
        Reshaped(BUILD, header="Content-Type", turn=_multipart),
        *_queries(BUILD, "remote", "q"),
        Added(EVENTS, release="0.5.1"),
    ),
    "1.4": (
        *_queries("GET /containers/{id}/top", "ps_args"),
        *_config("WorkingDir", "NetworkDisabled"),
        Added(CREATE, body="Privileged", release="0.6.0"),
        Added(START, body="LxcConf"),
        Added(START, body="ContainerIDFile"),
        # The manuals have it from 1.0 on.
        Added(WEBSOCKET, release="0.6.0"),
        Added(COPY, release="0.6.0"),
        *_queries(BUILD, "nocache"),
        # Older Engines ask Docker Hub, whatever the body says (0.3.3, 0.4.4: seen).
        Added("POST /auth", body="serveraddress", implied="https://index.docker.io/v1/"),
        Added(PUSH, body="serveraddress"),
    ),
    "1.5": (
        Added(PULL, header="X-Registry-Auth"),
        Moved(PUSH, header="X-Registry-Auth", was=".", into_body=True, turn=_decoded),
        *_config("Domainname"),  # in the manuals from 1.12
        *_queries(BUILD, "rm"),
    ),
    "1.6": (
        *_queries(CREATE, "name", release="0.6.5"),
        *_config("ExposedPorts", release="0.6.5"),
        Moved(CREATE, body="HostConfig.Privileged", was="Privileged", release="0.6.6"),
        *_host("PortBindings", "Links", release="0.6.5"),
        *_host("PublishAllPorts", release="0.6.6"),
        *_queries(KILL, "signal", release="0.6.5"),
        *_queries("DELETE /containers/{id}", "link", release="0.6.5"),
    ),
    "1.7": (
        Removed("GET /images/viz", instead="viz() draws it from the list of images"),
        *_routes("GET /images/{name}/get", "POST /images/load"),
    ),
    "1.8": (Added(BUILD, header="X-Registry-Auth", release="0.7.2"),),
    "1.9": (
        Reshaped(KILL, query="signal", turn=_signal_number, release="0.8.0"),
        Moved(BUILD, header="X-Registry-Config", was="X-Registry-Auth", turn=_one_registry),
        # In no manual; 0.8.0 is the first Engine that reads it (its source, getImagesSearch).
        Added(SEARCH, header="X-Registry-Auth", release="0.8.0"),
        *_config("OnBuild"),
    ),
    "1.10": (
        Moved(
            CREATE, body="HostConfig.VolumesFrom", was="VolumesFrom", turn=_only, release="0.10.0"
        ),
        Moved(CREATE, body="HostConfig.Dns", was="Dns", release="0.10.0"),
        *_host("DnsSearch", release="0.10.0"),
        *_queries("DELETE /containers/{id}", "force"),
        *_queries("DELETE /images/{name}", "force"),
        *_queries("DELETE /images/{name}", "noprune", release="0.10.0"),
        *_queries(PUSH, "tag", release="0.10.0"),
    ),
    "1.11": (
        Replaced(LOGS, was="POST /containers/{id}/attach", translate=_logs_as_attach),
        Replaced("GET /_ping", was="GET /version"),
        *_host("NetworkMode"),  # in the manuals from 1.15
        *_queries(EVENTS, "until"),
    ),
    "1.12": (
        *_routes("POST /containers/{id}/pause", "POST /containers/{id}/unpause"),
        Added(CREATE, body="Cpuset"),
        *_queries(LIST, "filters"),
        *_queries(IMAGES, "filters"),
        Removed("POST /images/{name}/insert", instead="build it with an ADD instruction"),
        *_queries(BUILD, "forcerm"),
    ),
    "1.13": (
        *_queries(LOGS, "tail"),
        Added(COMMIT, query="pause", implied=False),  # older ones never pause
    ),
    "1.14": (
        *_host("CapAdd", "CapDrop", "RestartPolicy", "Devices"),
        *_queries(LIST, "filters.exited", "filters.status"),
    ),
    "1.15": (
        Added(CREATE, body="HostConfig", instead="give it to start() or run()"),
        *_host("ExtraHosts"),
        Added(CREATE, body="SecurityOpt"),
        Added(EXEC),
        *_routes("POST /exec/{id}/start", "POST /exec/{id}/resize", "GET /images/get"),
        # Engines up to 1.7.1 still read it, later ones ignore it.
        Removed(CREATE, body="PortSpecs", implied=[], instead="give exposed_ports"),
        Removed(COMMIT, body="PortSpecs", implied=[], instead="give exposed_ports"),
    ),
    "1.16": (
        # Only 1.3.x wants it in the config, under any version.
        Moved(CREATE, body="HostConfig.SecurityOpt", was="SecurityOpt", release="1.4.0"),
        *_host("IpcMode"),
        *_config("MacAddress"),
        Added("GET /exec/{id}/json"),
        *_queries(BUILD, "pull"),
        *_queries(EVENTS, "filters"),
    ),
    "1.17": (
        *_routes("GET /containers/{id}/stats", "POST /containers/{id}/rename"),
        *_host("PidMode", "ReadonlyRootfs"),
        *_queries(BUILD, "dockerfile"),
    ),
    "1.18": (
        *_config("Labels"),  # the list of changes has them at 1.17, 1.5.0 does not
        Moved(CREATE, body="HostConfig.Memory", was="Memory"),
        Moved(CREATE, body="HostConfig.MemorySwap", was="MemorySwap"),
        Moved(CREATE, body="HostConfig.CpuShares", was="CpuShares"),
        Moved(CREATE, body="HostConfig.CpusetCpus", was="Cpuset"),
        *_host("Ulimits", "LogConfig", "CgroupParent"),
        *_queries(LIST, "filters.label"),
        *_queries(IMAGES, "digests", "filters.label"),
        *_queries(PULL, "changes"),
        *_queries(COMMIT, "changes"),
        *_queries(BUILD, "memory", "memswap", "cpushares", "cpusetcpus"),
    ),
    "1.19": (
        *_host("CpuPeriod", "CpuQuota", "CpusetMems", "BlkioWeight", "OomKillDisable", "UTSMode"),
        Added(CREATE, body="VolumeDriver"),
        *_queries(LOGS, "since"),
        # A client that wants one value reads one and closes the connection.
        Added("GET /containers/{id}/stats", query="stream", implied=False),
        *_queries(LIST, "filters.id", "filters.name"),
        *_queries(BUILD, "cpuperiod", "cpuquota", "cpusetmems", "cgroupparent"),
        Reshaped(BUILD, header="X-Registry-Config", turn=_by_section, release="1.7.1"),
        Added(EXEC, body="User"),
    ),
    "1.20": (
        Replaced("GET /containers/{id}/archive", was=COPY, translate=_archive_as_copy),
        *_routes("HEAD /containers/{id}/archive", "PUT /containers/{id}/archive"),
        *_host("MemorySwappiness", "GroupAdd"),
        *_queries(BUILD, "ulimits"),
    ),
    "1.21": (
        *_queries("GET /containers/{id}/json", "size"),
        *_queries(LIST, "filters.ancestor"),
        *_config("StopSignal"),
        Moved(CREATE, body="HostConfig.VolumeDriver", was="VolumeDriver"),
        *_host("MemoryReservation", "KernelMemory", "DnsOptions"),
        *_queries(PULL, "message"),
        *_queries(BUILD, "buildargs"),
        *_queries(EVENTS, "filters.label"),
        Added(EXEC, body="Privileged"),
        *_routes(NETWORKS, NETWORK, CREATE_NETWORK, CONNECT),
        *_routes("POST /networks/{id}/disconnect", "DELETE /networks/{id}"),
        # Older Engines read it as user-made or built-in, and not as unused (20.10, 28.5: seen).
        Added(NETWORKS, query="filters.dangling", release="29.0.0"),
        *_routes(VOLUMES, "GET /volumes/{name}", CREATE_VOLUME, REMOVE_VOLUME),
    ),
    "1.22": (
        _IN_USE,
        *_tokens("registrytoken", "a registry token", "1.10.0"),
        *_network("Internal", "IPAM.Options"),
        *_queries(NETWORKS, "filters.type"),
        Added(CONNECT, body="EndpointConfig"),
        Added("POST /networks/{id}/disconnect", body="Force"),
        # From 1.10.0 on filters work under every version; later Engines ignore the old parameters.
        Moved(LIST, query="filters.since", was="since", turn=_only, release="1.10.0"),
        Moved(LIST, query="filters.before", was="before", turn=_only, release="1.10.0"),
        *_queries(LIST, "filters.isolation", "filters.volume"),
        Added(CREATE, body="NetworkingConfig"),
        *_config("ArgsEscaped"),
        *_host("Tmpfs", "ShmSize", "OomScoreAdj", "Isolation", "BlkioWeightDevice"),
        *_host("BlkioDeviceReadBps", "BlkioDeviceWriteBps"),
        *_host("BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"),
        Removed(CREATE, body="HostConfig.LxcConf", instead="it has no execution driver lxc"),
        Added(UPDATE),
        *_queries(START, "detachKeys"),
        *_queries("POST /containers/{id}/attach", "detachKeys"),
        *_queries(WEBSOCKET, "detachKeys"),
        Added(EXEC, body="DetachKeys"),
        Reshaped(LOGS, query="since", turn=_whole_seconds, release="1.10.0"),
        Reshaped(EVENTS, query="since", turn=_whole_seconds, release="1.10.0"),
        Reshaped(EVENTS, query="until", turn=_whole_seconds, release="1.10.0"),
        *_queries(EVENTS, "filters.type", "filters.volume", "filters.network"),
        Reshaped(BUILD, query="t", turn=_only, release="1.10.0"),
        *_queries(BUILD, "shmsize", "isolation"),
    ),
    "1.23": (
        *_tokens("identitytoken", "an identity token", "1.11.0"),
        *_network("EnableIPv6", "Labels"),
        _OPTIONS_OF_LOCAL,
        Added(CREATE_VOLUME, body="Labels"),
        *_host("PidsLimit", "UsernsMode", "Cgroup"),
        *_update("RestartPolicy"),
        *_queries(LOGS, "details"),
        *_queries("POST /images/load", "quiet"),
        *_queries(BUILD, "labels"),
    ),
    "1.24": (
        Removed(START, body=".", instead="give the host config to create_container()"),
        Removed(COPY),
        Removed("POST /images/{name}/tag", query="force", instead="a tag always moves"),
        *_config("Healthcheck", "Shell"),
        *_host("StorageOpt", "Sysctls", "Runtime"),
        *_host("CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"),
        *_endpoint("IPAMConfig.LinkLocalIPs"),
        Added(CONNECT, body="EndpointConfig.IPAMConfig.LinkLocalIPs"),
        *_queries(NETWORKS, "filters.driver", "filters.label"),
        *_queries(VOLUMES, "filters.driver", "filters.name"),
        *_queries(LIST, "filters.network"),
        *_queries(IMAGES, "filters.since", "filters.before"),
        *_queries(SEARCH, "limit", "filters"),
        *_queries(EVENTS, "filters.daemon"),
        *_routes(SERVICES, SERVICE, CREATE_SERVICE, UPDATE_SERVICE, "DELETE /services/{id}"),
        *_routes("GET /tasks", "GET /tasks/{id}"),
        *_routes("GET /swarm", INIT_SWARM, JOIN_SWARM, "POST /swarm/leave", UPDATE_SWARM),
        *_routes("GET /nodes", "GET /nodes/{id}", "POST /nodes/{id}/update"),
        *_routes("DELETE /nodes/{id}"),
    ),
    "1.25": (
        *_config("StopTimeout"),
        *_network("Attachable"),  # in the manuals of 1.24, too
        Reshaped(CREATE_NETWORK, body="IPAM", turn=_of_default_driver),
        *_routes(PRUNE_NETWORKS, PRUNE_CONTAINERS, PRUNE_IMAGES, PRUNE_VOLUMES, USAGE),
        *_queries(VOLUMES, "filters.label"),
        # 1.13.0 and 1.13.1 also forget volumes that are in use (1.13.1: seen).
        *_queries(REMOVE_VOLUME, "force", release="17.3.1"),
        # In no manual.
        *_routes("GET /containers/{id}/checkpoints", "POST /containers/{id}/checkpoints"),
        *_routes("DELETE /containers/{id}/checkpoints/{checkpoint}"),
        *_queries(START, "checkpoint", "checkpoint-dir"),
        # Experimental builds of 1.12 have a plugin API of another shape.
        *_routes(PLUGINS, "GET /plugins/privileges", "GET /plugins/{name}/json"),
        *_routes("POST /plugins/pull", "POST /plugins/create", "POST /plugins/{name}/push"),
        *_routes("POST /plugins/{name}/enable", "POST /plugins/{name}/disable"),
        *_routes("POST /plugins/{name}/set", "DELETE /plugins/{name}"),
        *_routes("GET /secrets", "GET /secrets/{id}", CREATE_SECRET),
        *_routes("POST /secrets/{id}/update", "DELETE /secrets/{id}"),
        *_host("AutoRemove", "Mounts", "Init", "NanoCpus", "CpuCount"),
        *_host("CpuRealtimePeriod", "CpuRealtimeRuntime"),
        *_queries(LIST, "filters.health", "filters.is-task"),
        Moved(IMAGES, query="filters.reference", was="filter", turn=_only),
        *_queries(EVENTS, "filters.plugin"),
        *_queries(BUILD, "cachefrom", "networkmode", "squash", "securityopt"),
        Added(EXEC, body="Env"),
        *_queries(UPDATE_SERVICE, "registryAuthFrom"),
        *_of_service("UpdateConfig.Monitor", "UpdateConfig.MaxFailureRatio"),
        *_service(
            Moved(CREATE_SERVICE, body="TaskTemplate.Networks", was="Networks", release="1.13.0"),
            Reshaped(CREATE_SERVICE, body="EndpointSpec.Ports", turn=_ports_of_ingress, kept=True),
        ),
        *_of_task("ForceUpdate"),
        *_of_container("Hostname", "Groups", "TTY", "OpenStdin", "Healthcheck", "Hosts"),
        *_of_container("DNSConfig", "Secrets", "Mounts.TmpfsOptions"),
        *_routes("GET /swarm/unlockkey", "POST /swarm/unlock"),
        *_queries(UPDATE_SWARM, "rotateManagerUnlockKey"),
        *_swarm_spec("EncryptionConfig.AutoLockManagers", "1.13.0", "True"),
        Ignored(
            INIT_SWARM,
            body="Spec.Orchestration.TaskHistoryRetentionLimit",
            found=lambda limit: limit == 0,
            release="1.13.0",
            what="0, which it takes for its default",
        ),
    ),
    "1.26": _routes("POST /plugins/{name}/upgrade"),
    "1.28": (
        # Older versions list all of them (1.13.1: seen).
        *_queries(PLUGINS, "filters.enabled", "filters.capability"),
        *_queries("POST /plugins/{name}/disable", "force"),
        *_host("DeviceCgroupRules", "Mounts.Consistency"),
        *_update("NanoCpus", "CpuRealtimePeriod", "CpuRealtimeRuntime"),
        *_queries(NETWORK, "verbose"),
        # Older versions ignore the filters of a prune and remove everything unused (1.13.1: seen).
        *_queries(PRUNE_NETWORKS, "filters.until"),
        *_queries(PRUNE_CONTAINERS, "filters.until"),
        *_queries(PRUNE_IMAGES, "filters.until"),
        *_queries(LIST, "filters.publish", "filters.expose"),
        *_queries(BUILD, "extrahosts"),
        # Older versions apply the spec in the body (1.13.1: seen).
        *_queries(UPDATE_SERVICE, "rollback"),
        *_of_service("RollbackConfig"),
        *_of_task("Placement.Preferences"),
        *_of_container("StopSignal", "ReadOnly", "Mounts.Consistency"),
        # In no manual.
        Added(INIT_SWARM, body="Availability"),
        Added(JOIN_SWARM, body="Availability"),
    ),
    "1.29": (
        # Before, only experimental Engines have the logs of services.
        *_routes("GET /services/{id}/logs", "GET /tasks/{id}/logs"),
        *_config("Healthcheck.StartPeriod"),
        *_network("Ingress"),
        *_queries(NETWORKS, "filters.scope"),
        *_queries(PRUNE_NETWORKS, "filters.label", "filters.label!"),
        *_queries(PRUNE_CONTAINERS, "filters.label", "filters.label!"),
        *_queries(PRUNE_IMAGES, "filters.label", "filters.label!"),
        *_queries(PRUNE_VOLUMES, "filters.label", "filters.label!"),
        *_queries(BUILD, "target"),
        *_queries(SERVICE, "insertDefaults"),
        *_of_service("UpdateConfig.Order", "RollbackConfig.Order"),
        *_of_container("Healthcheck.StartPeriod", "Privileges"),
    ),
    "1.30": (
        *_queries("POST /containers/{id}/wait", "condition"),
        *_network("Scope", "ConfigOnly", "ConfigFrom"),
        Added("GET /distribution/{name}/json"),
        Added(CONNECT, body="EndpointConfig.DriverOpts"),
        *_queries("PUT /containers/{id}/archive", "copyUIDGID"),
        *_routes("GET /configs", "GET /configs/{id}", CREATE_CONFIG),
        *_routes("POST /configs/{id}/update", "DELETE /configs/{id}"),
        *_queries(EVENTS, "filters.scope"),
        *_of_task("Runtime", "Placement.Platforms", "Networks.DriverOpts"),
        *_of_service("Networks.DriverOpts"),  # their newer place
        *_of_container("Configs"),
        Added(INIT_SWARM, body="DataPathAddr"),
        Added(JOIN_SWARM, body="DataPathAddr"),
        *_swarm_spec("CAConfig.SigningCACert", "17.6.0", "a certificate"),
        *_swarm_spec("CAConfig.SigningCAKey", "17.6.0", "a key"),
        *_swarm_spec("CAConfig.ForceRotate", "17.6.0", "another value than 0"),
        *_swarm_spec(
            "CAConfig.ExternalCAs",
            "17.6.0",
            "ca_cert",
            lambda items: any(item.get("CACert") for item in items or ()),
        ),
    ),
    "1.31": (
        *_queries(NETWORK, "scope"),
        Added(PRUNE_BUILD_CACHE),
        *_of_task("PluginSpec"),  # 17.06 answers with success and creates nothing (seen)
        Added(CREATE_SECRET, body="Driver"),
    ),
    "1.32": (
        *_endpoint("DriverOpts"),
        *_queries(PULL, "platform"),
        *_queries(BUILD, "platform"),
        *_of_task("Resources.Reservations.GenericResources"),
    ),
    "1.33": _queries(EVENTS, "filters.config", "filters.node", "filters.secret", "filters.service"),
    "1.35": (
        *_queries(LOGS, "until"),
        Added(EXEC, body="WorkingDir"),
        *_of_container("Isolation"),
    ),
    "1.37": (
        *_service(_SCTP),
        Added(CREATE_SECRET, body="Templating"),
        Added(CREATE_CONFIG, body="Templating"),
    ),
    "1.38": (
        *_host("MaskedPaths", "ReadonlyPaths"),
        Added(BUILD, query="version", instead="it has the classic builder only"),
        *_of_container("Init"),
    ),
    "1.39": (
        Added(SESSION, instead="secrets, ssh and files that come out need one"),
        *_queries(BUILD, "session"),
        # Older versions remove everything.
        Added(
            PRUNE_BUILD_CACHE,
            query="all",
            implied=True,
            instead="all=True removes all of the cache",
        ),
        *_queries(PRUNE_BUILD_CACHE, "filters", "keep-storage"),
        Added(INIT_SWARM, body="DefaultAddrPool"),
        Added(INIT_SWARM, body="SubnetSize"),
    ),
    "1.40": (
        *_host("DeviceRequests", "KernelMemoryTCP", "Mounts.BindOptions.NonRecursive"),
        *_update("PidsLimit"),
        *_queries(BUILD, "outputs"),
        *_of_task("Placement.MaxReplicas", kept=False),
        *_of_container("Sysctls", "Privileges.CredentialSpec.Config", kept=False),
        *_of_container("Configs.Runtime", kept=False),
        Added(INIT_SWARM, body="DataPathPort"),
    ),
    "1.41": (
        *_queries(CREATE, "platform"),
        *_host("CgroupnsMode"),
        *_queries("GET /containers/{id}/stats", "one-shot"),
        Removed(IMAGES, query="filter", instead="filters={'reference': [...]} does it"),
        *_queries(SERVICES, "status"),
        # Older versions create a service of one replica (20.10 under 1.24 to 1.30: seen).
        *_of_service("Mode.ReplicatedJob", "Mode.GlobalJob", kept=False),
        *_of_task("Resources.Limits.Pids", kept=False),
        *_of_task("PluginSpec.env"),
        *_of_container("CapabilityAdd", "CapabilityDrop", "Ulimits", kept=False),
        *_of_container("Mounts.BindOptions.NonRecursive"),
    ),
    "1.42": (
        *_host("ConsoleSize", "Mounts.BindOptions.CreateMountpoint"),
        Removed(CREATE, body="HostConfig.KernelMemory"),
        Removed(UPDATE, body="KernelMemory"),
        *_queries("POST /containers/{id}/stop", "signal"),
        *_queries("POST /containers/{id}/restart", "signal"),
        Reshaped(WEBSOCKET, query="stdout", turn=_attached),
        Reshaped(WEBSOCKET, query="stderr", turn=_attached),
        *_queries(IMAGES, "shared-size"),
        Added(CREATE_VOLUME, body="ClusterVolumeSpec"),
        Added("PUT /volumes/{name}"),
        # Older versions also remove named ones.
        Added(
            PRUNE_VOLUMES,
            query="filters.all",
            implied=["true"],
            instead="all=True removes every volume that no container has",
        ),
        *_queries(USAGE, "type"),
        _of_buildkit("shmsize"),
        _of_buildkit("ulimits"),
        _of_buildkit("remote", "ssh://"),
        Added(EXEC, body="ConsoleSize"),
        Added("POST /exec/{id}/start", body="ConsoleSize"),
    ),
    "1.43": _host("Annotations"),
    "1.44": (
        *_config("Healthcheck.StartInterval"),
        # From Engine 25.0 on always checked, and ignored under older versions.
        Removed(CREATE_NETWORK, body="CheckDuplicate", implied=True),
        *_host("Mounts.BindOptions.ReadOnlyNonRecursive"),
        *_host("Mounts.BindOptions.ReadOnlyForceRecursive"),
        *_endpoint("MacAddress"),
        Reshaped(
            CREATE,
            body="NetworkingConfig.EndpointsConfig",
            turn=_one_network,
            instead="connect it to the others with connect_network(), or use run()",
        ),
        *_queries(IMAGES, "filters.until"),
        *_of_container("Privileges.Seccomp", "Privileges.AppArmor", kept=False),
        *_of_container("Privileges.NoNewPrivileges", "Healthcheck.StartInterval", kept=False),
    ),
    "1.45": _host("Mounts.VolumeOptions.Subpath"),
    "1.46": (
        *_host("Mounts.TmpfsOptions.Options"),
        *_queries(PUSH, "platform"),
        *_of_container("Mounts.TmpfsOptions.Options", "OomScoreAdj", kept=False),
        *_of_container("Mounts.VolumeOptions.Subpath"),  # containers have it from 1.45 on
    ),
    "1.47": _queries(IMAGES, "manifests"),
    "1.48": (
        _SECRET_AS_VARIABLE,
        *_host("Mounts.ImageOptions"),
        *_network("EnableIPv4"),
        Moved(PRUNE_BUILD_CACHE, query="reserved-space", was="keep-storage"),
        *_queries(PRUNE_BUILD_CACHE, "max-used-space", "min-free-space"),
        *_endpoint("GwPriority"),
        Added(CONNECT, body="EndpointConfig.GwPriority"),
        *_queries("GET /images/{name}/json", "manifests"),
        *_queries("GET /images/{name}/history", "platform"),
        *_queries("GET /images/{name}/get", "platform"),
        *_queries("GET /images/get", "platform"),
        *_queries("POST /images/load", "platform"),
    ),
    "1.49": _queries("GET /images/{name}/json", "platform"),
    "1.50": _queries("DELETE /images/{name}", "platforms"),
    "1.52": (
        *_queries(USAGE, "verbose"),
        Removed(CREATE, body="MacAddress", instead="give it to the endpoint in the network"),
        Removed(COMMIT, body="MacAddress"),
        Removed(CREATE, body="HostConfig.KernelMemoryTCP"),
        Reshaped("GET /images/{name}/get", query="platform", turn=_only),
        Reshaped("GET /images/get", query="platform", turn=_only),
        Reshaped("POST /images/load", query="platform", turn=_only),
        *_of_task("Resources.SwapBytes", "Resources.MemorySwappiness", kept=False),
    ),
    "1.54": (
        *_queries(IMAGES, "identity"),
        # From 25.0 on it is checked, and another value is used (28.5: seen).
        Added(CONNECT, body="EndpointConfig.MacAddress"),
    ),
    # Older Engines decode it, answer 200 and do not use it (1.13 to 28.5: seen).
    "1.55": (
        Added("GET /images/{name}/attestations"),
        *_update("BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps"),
        *_update("BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"),
    ),
}

ROWS: dict[str, tuple[Row, ...]] = {
    version: tuple(
        found for row in rows for found in (row, for_start(version, row)) if found is not None
    )
    for version, rows in _WRITTEN.items()
}

# Parameters that older releases are sent if the caller gave none, to get the default of later ones.
# On 0.8.0 to 1.12.x a stop without `t` kills at once; other releases wait 10 seconds.
DEFAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "POST /containers/{id}/stop": ("1.13.0", {"t": 10}),
    "POST /containers/{id}/restart": ("1.13.0", {"t": 10}),
}

# Query parameters that Engines on Windows lack in every version.
NOT_ON_WINDOWS = {(BUILD, "version")}  # BuildKit, whose executor is for Linux

# Query parameters whose effect Podman has by default. If it is sent one of them, it answers 200
# without a body (seen on 4.3 and 5.4).
IMPLIED_BY_PODMAN = {("GET /images/json", "digests")}

# Fields that Podman takes, and shows in an inspect, under every version: since which release (seen
# on 5.4).
TAKEN_BY_PODMAN = {("POST /containers/create", "HostConfig.Annotations"): "5.4.0"}

# Podman's own names of container events; its filter knows no others.
PODMAN_EVENTS = {"destroy": "remove", "die": "died", "exec_die": "exec_died"}

# Routes that some releases answer wrongly below an API version: the first release that does so, the
# first that does not, the version, and what goes wrong.
BROKEN: dict[str, tuple[str, str, str, str]] = {
    # The conversion for old clients reads the wrong table (seen on 0.8.1 and 1.6.2, not on 0.7.6).
    "GET /containers/json": ("0.8.0", "1.7.0", "1.5", "answers every list with nothing"),
    "GET /containers/ps": ("0.8.0", "1.7.0", "1.5", "answers every list with nothing"),
}
