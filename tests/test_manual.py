"""Every parameter and field of the newest manual has a name here, or a reason for having none.

The names are those of the matrix (which has, for each argument, what is then asked) and of the
values that callers make. `BESIDE` has what the Engine takes and that manual leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from dockerapi import IPAM, ConfigSpec, Driver, IPAMPool, PluginPrivilege, SecretSpec
from dockerapi.models import config, services, swarm, tasks
from dockerapi.models.swarm import CAConfig, ExternalCA, NodeSpec, RaftConfig, SwarmSpec
from dockerapi.models.volumes import ClusterVolumeSpec, MountVolume
from dockerapi.versions.ledger import (
    BUILD,
    COMMIT,
    CONNECT,
    CREATE,
    CREATE_NETWORK,
    CREATE_SERVICE,
    UPDATE,
    UPDATE_SERVICE,
)
from manual import lines
from matrix.form import NEWEST, Asked, Case, Refused, asked, within
from test_matrix import CASES

MANUAL = Path(__file__).parent / "matrix" / "manual-1.55.txt"
ITEMS = MANUAL.read_text(encoding="ascii").splitlines()
# Each operation of it: its name there, its route, and the method of a client that asks it.
OPERATIONS = [
    tuple(line.split())
    for line in MANUAL.with_name("operations-1.55.txt").read_text(encoding="ascii").splitlines()
]

# Values that callers make: where in a request they are.
_TASK = "TaskTemplate."
_CONTAINER = f"{_TASK}ContainerSpec."
OF_SERVICES: tuple[tuple[Any, str], ...] = (
    (services.ServiceSpec, ""),
    (services.ServicePort, "EndpointSpec.Ports."),
    *(
        (mode, "Mode.")
        for mode in (
            services.Replicated,
            services.Global,
            services.ReplicatedJob,
            services.GlobalJob,
        )
    ),
    (services.UpdateConfig, "UpdateConfig."),
    (services.UpdateConfig, "RollbackConfig."),
    (tasks.TaskSpec, _TASK),
    (tasks.ContainerSpec, _CONTAINER),
    (config.Mount, f"{_CONTAINER}Mounts."),
    (config.Ulimit, f"{_CONTAINER}Ulimits."),
    (tasks.SecretReference, f"{_CONTAINER}Secrets."),
    (tasks.ConfigReference, f"{_CONTAINER}Configs."),
    (tasks.Privileges, f"{_CONTAINER}Privileges."),
    (tasks.CredentialSpec, f"{_CONTAINER}Privileges.CredentialSpec."),
    (tasks.SELinuxContext, f"{_CONTAINER}Privileges.SELinuxContext."),
    (tasks.Seccomp, f"{_CONTAINER}Privileges.Seccomp."),
    (tasks.NetworkAttachmentSpec, f"{_TASK}NetworkAttachmentSpec."),
    (tasks.NetworkAttachment, f"{_TASK}Networks."),
    (tasks.TaskResources, f"{_TASK}Resources."),
    (tasks.ResourceLimits, f"{_TASK}Resources.Limits."),
    (tasks.ResourceReservations, f"{_TASK}Resources.Reservations."),
    (tasks.TaskRestart, f"{_TASK}RestartPolicy."),
    (tasks.Placement, f"{_TASK}Placement."),
    (swarm.Driver, f"{_TASK}LogDriver."),
    (tasks.PluginSpec, f"{_TASK}PluginSpec."),
)
_HOST = "HostConfig."
_KEPT: dict[Any, tuple[str, ...]] = {
    SecretSpec: ("POST /secrets/create", "POST /secrets/{id}/update"),
    ConfigSpec: ("POST /configs/create", "POST /configs/{id}/update"),
}
VALUES: tuple[tuple[Any, str, str], ...] = (
    (config.ContainerConfig, CREATE, ""),
    (config.ContainerConfig, COMMIT, ""),
    (config.Healthcheck, CREATE, "Healthcheck."),
    (config.Healthcheck, COMMIT, "Healthcheck."),
    (config.HostConfig, CREATE, _HOST),
    (config.Mount, CREATE, f"{_HOST}Mounts."),
    (config.PortBinding, CREATE, f"{_HOST}PortBindings.*."),
    (config.LogConfig, CREATE, f"{_HOST}LogConfig."),
    (config.Device, CREATE, f"{_HOST}Devices."),
    (config.DeviceRequest, CREATE, f"{_HOST}DeviceRequests."),
    (config.Ulimit, CREATE, f"{_HOST}Ulimits."),
    (config.EndpointSettings, CREATE, "NetworkingConfig.EndpointsConfig.*."),
    (config.EndpointSettings, CONNECT, "EndpointConfig."),
    (config.ContainerUpdate, UPDATE, ""),
    *(
        (kind, route, f"{prefix}{name}.")
        for route, prefix in ((CREATE, _HOST), (UPDATE, ""))
        for kind, name in (
            (config.RestartPolicy, "RestartPolicy"),
            (config.BlkioWeightDevice, "BlkioWeightDevice"),
            (config.ThrottleDevice, "BlkioDeviceReadBps"),
            (config.ThrottleDevice, "BlkioDeviceWriteBps"),
            (config.ThrottleDevice, "BlkioDeviceReadIOps"),
            (config.ThrottleDevice, "BlkioDeviceWriteIOps"),
        )
    ),
    (config.BuildOptions, BUILD, "?"),
    *(
        (ClusterVolumeSpec, route, prefix)
        for route, prefix in (
            ("POST /volumes/create", "ClusterVolumeSpec."),
            ("PUT /volumes/{name}", "Spec."),
        )
    ),
    (MountVolume, "POST /volumes/create", "ClusterVolumeSpec.AccessMode.MountVolume."),
    (PluginPrivilege, "POST /plugins/pull", ""),
    (PluginPrivilege, "POST /plugins/{name}/upgrade", ""),
    *(
        (kind, route, place)
        for route in (CREATE_SERVICE, UPDATE_SERVICE)
        for kind, place in OF_SERVICES
    ),
    *((kind, route, "") for kind, routes in _KEPT.items() for route in routes),
    *(
        (Driver, route, f"{name}.")
        for routes in _KEPT.values()
        for route in routes
        for name in ("Driver", "Templating")
    ),
    (IPAM, CREATE_NETWORK, "IPAM."),
    (IPAMPool, CREATE_NETWORK, "IPAM.Config."),
    (PluginPrivilege, "POST /plugins/pull", ""),
    (PluginPrivilege, "POST /plugins/{name}/upgrade", ""),
    *(
        (kind, route, f"{prefix}{place}")
        for route, prefix in (("POST /swarm/init", "Spec."), ("POST /swarm/update", ""))
        for kind, place in (
            (SwarmSpec, ""),
            (RaftConfig, "Raft."),
            (CAConfig, "CAConfig."),
            (ExternalCA, "CAConfig.ExternalCAs."),
        )
    ),
    (NodeSpec, "POST /nodes/{id}/update", ""),
)

# Regular expressions for what has no name, and why.
REASONS = {
    r"POST /secrets/\{id\}/update Data": "no Engine gives it back, and only labels can be changed",
    r"HEAD /_ping": "GET /_ping tells the same",
    r"POST /images/load \?quiet": "progress that is not wanted is not read",
    r"POST /(containers/create|networks/\{id\}/connect) .*\b(DNSNames|EndpointID|Gateway"
    r"|GlobalIPv6Address|GlobalIPv6PrefixLen|IPAddress|IPPrefixLen|IPv6Gateway|NetworkID)": (
        "what an Engine tells of an endpoint; it reads none of them"
    ),
    r"POST /containers/\{id\}/update (CgroupParent|CpuCount|CpuPercent|Device(s|CgroupRules"
    r"|Requests)|IOMaximum(Bandwidth|IOps)|Init|MemorySwappiness|OomKillDisable|Ulimits)(\..*)?": (
        "no Engine has ever changed them: they are decoded and dropped"
    ),
    r"POST /services/(create|\{id\}/update) Networks(\..*)?": (
        "they are read there, and written to the task, where they can be changed"
    ),
    r"POST /services/(create|\{id\}/update) TaskTemplate\.(ContainerSpec\.HealthCheck"
    r"|PluginSpec\.(Disabled|Name|PluginPrivilege|Remote))(\..*)?": (
        "the manual is wrong about the key: Healthcheck, and lower case in PluginSpec"
    ),
    r"POST /swarm/(init Spec|update )\.?TaskDefaults(\..*)?": "no release has ever passed it on",
    # There it is beside AccessMode, and that is in BESIDE.
    r"(POST /volumes/create ClusterVolume|PUT /volumes/\{name\} )Spec\.AccessMode\."
    r"(AccessibilityRequirements|Availability|CapacityRange|Secrets)(\..*)?": (
        "the manual is wrong about the place"
    ),
}

# What Engines take and the manual leaves out: where it is said here, or "no" and the reason.
_BESIDE_ACCESS_MODE = {
    "Secrets": "ClusterVolumeSpec.secrets",
    "AccessibilityRequirements.Requisite": "ClusterVolumeSpec.requisite",
    "AccessibilityRequirements.Preferred": "ClusterVolumeSpec.preferred",
    "CapacityRange.RequiredBytes": "ClusterVolumeSpec.required_bytes",
    "CapacityRange.LimitBytes": "ClusterVolumeSpec.limit_bytes",
    "Availability": "ClusterVolumeSpec.availability",
    "AccessMode.BlockVolume": "ClusterVolumeSpec.block",
    "AccessMode.MountVolume.FsType": "MountVolume.fs_type",
    "AccessMode.MountVolume.MountFlags": "MountVolume.flags",
}
BESIDE = {
    "GET /containers/{id}/logs ?details": "logs(details=)",
    "POST /auth email": "login(email=)",
    "POST /build ?cgroupparent": "BuildOptions.cgroup_parent",
    "POST /build ?cpusetmems": "BuildOptions.cpuset_mems",
    "POST /build ?isolation": "BuildOptions.isolation",
    "POST /build ?securityopt": "BuildOptions.security_opt",
    "POST /build ?session": "no argument: build and build_files open one, by a name drawn by lot",
    "POST /build ?ulimits": "BuildOptions.ulimits",
    "POST /build ?buildid": "no method: closing the stream cancels a build",
    "POST /build/cancel": "no method: closing the stream cancels a build",
    "POST /swarm/init Availability": "init_swarm(availability=)",
    "POST /swarm/join Availability": "join_swarm(availability=)",
    "POST /grpc": "no method: client.session sends anything else",
    "POST /containers/{id}/start ?checkpoint": "start(checkpoint=)",
    "POST /containers/{id}/start ?checkpoint-dir": "start(checkpoint_directory=)",
    "GET /containers/{id}/checkpoints": "checkpoints",
    "GET /containers/{id}/checkpoints ?dir": "checkpoints(directory=)",
    "POST /containers/{id}/checkpoints": "create_checkpoint",
    "DELETE /containers/{id}/checkpoints/{checkpoint}": "remove_checkpoint",
    "DELETE /containers/{id}/checkpoints/{checkpoint} ?dir": "remove_checkpoint(directory=)",
    **{
        f"POST /volumes/create ClusterVolumeSpec.{place}": field
        for place, field in _BESIDE_ACCESS_MODE.items()
    },
}


_ROUTES = {line for line in (*ITEMS, *BESIDE) if line.count(" ") == 1}


def _route(request: Asked) -> str:
    """The route of a request of the matrix, as the manual writes it."""
    line = f"{request.method} {request.path.replace('parent/alias', 'c1')}"
    fits = [
        route
        for route in sorted(_ROUTES, key=lambda route: route.count("{"))
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), line)
    ]
    return fits[0] if fits else line


def _asked(cases: Iterable[Case]) -> Iterator[str]:
    """What is asked of the newest version, in the form of the manual's lines."""
    for case in cases:
        [outcome] = [one for words, one in case.by_version.items() if NEWEST in within(words)]
        if isinstance(outcome, Refused):
            continue
        for step in outcome if isinstance(outcome, list) else [outcome]:
            request = asked(step) if isinstance(step, str) else step
            route = _route(request)
            yield route
            yield from (f"{route} ?{name}" for name, _ in request.query)
            yield from (f"{route} {field}" for field in _below(request.body))


def _below(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _below(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from (f"{name}.{field}" for field in _below(item))


def _of_values() -> Iterator[str]:
    for value, route, prefix in VALUES:
        for field in attrs.fields(value):
            for path in field.metadata["paths"][:1]:
                parts = f"{prefix}{path}".split(".")
                yield from (f"{route} {'.'.join(parts[:end])}" for end in range(1, len(parts) + 1))


def without_name(items: Iterable[str]) -> set[str]:
    """Those that no argument and no field of a value stands for."""
    named = {*_asked(CASES), *_of_values()}
    return {item for item in items if item not in named}


def _methods() -> dict[str, set[str]]:
    """By route, who asks it in the matrix."""
    found: dict[str, set[str]] = {}
    for case in CASES:
        for item in _asked([case]):
            found.setdefault(item, set()).add(case.method)
    return found


def test_every_operation_of_the_manual_has_a_method() -> None:
    """All but one ask it; `GET /_ping` tells the same as `HEAD /_ping`."""
    routes = [f"{verb} {path}" for _, verb, path, _ in OPERATIONS]
    assert sorted(routes) == [item for item in ITEMS if item.count(" ") == 1]
    assert len({name for name, *_ in OPERATIONS}) == 108
    methods = _methods()
    assert [
        (name, method)
        for name, verb, path, method in OPERATIONS
        if method not in methods.get(f"{verb} {path}", ())
    ] == [("SystemPingHead", "ping")]
    assert "ping" in methods["GET /_ping"]


def test_what_is_no_operation_of_the_manual_has_a_method_or_is_left_out() -> None:
    methods = _methods()
    assert {item: methods.get(item) for item in BESIDE if item.count(" ") == 1} == {
        "GET /containers/{id}/checkpoints": {"checkpoints"},
        "POST /containers/{id}/checkpoints": {"create_checkpoint"},
        "DELETE /containers/{id}/checkpoints/{checkpoint}": {"remove_checkpoint"},
        "POST /grpc": None,
        "POST /build/cancel": None,
    }


def test_every_item_of_the_manual_has_a_name_or_a_reason() -> None:
    missing = without_name(ITEMS)
    given = {item: [why for why in REASONS if re.fullmatch(why, item)] for item in missing}
    assert [item for item, reasons in given.items() if not reasons] == []
    assert {why for reasons in given.values() for why in reasons} == set(REASONS)


def test_what_the_manual_leaves_out_has_a_name_or_a_reason() -> None:
    assert set(BESIDE).isdisjoint(ITEMS)
    built = {item: said for item, said in BESIDE.items() if " yet: " not in said}
    assert without_name(built) == {item for item, said in built.items() if said.startswith("no ")}


def test_a_manual_with_one_more_fails() -> None:
    """A parameter, and a field of a value that is there."""
    route = "/containers/{id}/stop"
    manual = {
        "paths": {
            route: {"post": {"parameters": [{"in": "query", "name": "gently"}]}},
            "/containers/create": {
                "post": {"parameters": [{"in": "body", "schema": {"$ref": "#/definitions/Config"}}]}
            },
        },
        "definitions": {
            "Config": {
                "allOf": [{"properties": {"Image": {}}}],
                "properties": {
                    "HostConfig": {"properties": {"Mounts": {"items": _of("Target", "Newest")}}},
                    "NetworkingConfig": {
                        "properties": {
                            "EndpointsConfig": {"additionalProperties": _of("Aliases", "Newest")}
                        }
                    },
                    "Self": {"$ref": "#/definitions/Config"},
                },
            }
        },
    }
    found = without_name(lines(manual))
    assert found == {
        f"POST {route} ?gently",
        "POST /containers/create HostConfig.Mounts.Newest",
        "POST /containers/create NetworkingConfig.EndpointsConfig.*.Newest",
        "POST /containers/create Self",
    }


def _of(*names: str) -> dict[str, Any]:
    return {"properties": {name: {"type": "string"} for name in names}}
