"""Services and tasks: from API 1.24 on, and their fields with the version that has each first."""

from __future__ import annotations

from typing import Any

import attrs

from dockerapi import (
    Client,
    ConfigReference,
    ContainerSpec,
    Credentials,
    CredentialSpec,
    Global,
    GlobalJob,
    Healthcheck,
    Mount,
    NetworkAttachment,
    Placement,
    PluginSpec,
    Privileges,
    ReplicatedJob,
    ResourceLimits,
    ResourceReservations,
    Seccomp,
    SecretReference,
    ServicePort,
    ServiceSpec,
    TaskResources,
    TaskSpec,
    Ulimit,
    UpdateConfig,
)
from dockerapi.models.services import Service
from dockerapi.models.swarm import GenericResource
from matrix.form import Case, OfRelease, Outcome, before, later_release, needs, sends, since

CREATE = "POST /services/create"
UPDATE = "POST /services/{id}/update"
IMAGE = ContainerSpec(image="img")
PLAIN = {"TaskTemplate": {"ContainerSpec": {"Image": "img"}}}
BEFORE = {"TaskTemplate": {"ContainerSpec": {"Image": "old"}}}
READ = Service.parse(
    {"ID": "s1", "Version": {"Index": 7}, "Spec": PLAIN, "PreviousSpec": BEFORE, "Endpoint": {}}
)
AUTH = Credentials("ada", "s")
AUTH_SENT = {"username": "ada", "password": "s"}


def _case(method: str, name: str, route: str, outcome: Outcome, call: Any) -> Case:
    return Case(method, name, call, {before("1.24"): needs(route, "1.24"), since("1.24"): outcome})


def _part(
    method: str, name: str, route: str, part: str, version: str, sent: str, call: Any
) -> Case:
    """A part of the query that came later."""
    return Case(
        method,
        name,
        call,
        {
            before("1.24"): needs(route, "1.24"),
            f"1.24 to {_last_before(version)}": needs(f"{route} {part}", version),
            since(version): sends(sent, PLAIN) if route.startswith("POST") else sent,
        },
    )


def _last_before(version: str) -> str:
    return before(version).rpartition(" ")[2]


def _field(path: str, version: str, spec: ServiceSpec, body: dict[str, Any]) -> list[Case]:
    """A field of the spec, in a creation and in an update."""
    words = {before("1.24"): "", f"1.24 to {_last_before(version)}": path}
    if path == "TaskTemplate.Networks.DriverOpts":
        words = {before("1.24"): "", "1.24": "Networks.DriverOpts", "1.25 to 1.29": path}
    read = attrs.evolve(READ, spec=attrs.evolve(spec, labels={"was": "another"}))
    routes = {
        CREATE: (lambda client: client.create_service(spec), CREATE),
        UPDATE: (
            lambda client: client.update_service(read, spec),
            "POST /services/s1/update?version=7",
        ),
    }
    return [
        Case(
            "create_service" if route == CREATE else "update_service",
            path,
            call,
            {
                **{
                    versions: needs(f"{route} {part}".rstrip(), version if part else "1.24")
                    for versions, part in words.items()
                },
                since(version): sends(line, body),
            },
        )
        for route, (call, line) in routes.items()
    ]


def _task(path: str, version: str, wire: Any, **given: Any) -> list[Case]:
    task = TaskSpec(**{"container": IMAGE, **given})
    body = {"TaskTemplate": {"ContainerSpec": {"Image": "img"}, **wire}}
    return _field(f"TaskTemplate.{path}", version, ServiceSpec(task=task), body)


def _container(path: str, version: str, wire: Any, **given: Any) -> list[Case]:
    spec = ServiceSpec(task=TaskSpec(container=attrs.evolve(IMAGE, **given)))
    body = {"TaskTemplate": {"ContainerSpec": {"Image": "img", **wire}}}
    return _field(f"TaskTemplate.ContainerSpec.{path}", version, spec, body)


def _service(path: str, version: str, wire: Any, **given: Any) -> list[Case]:
    spec = ServiceSpec(task=TaskSpec(container=IMAGE), **given)
    return _field(path, version, spec, {**PLAIN, **wire})


def _mount(path: str, version: str, wire: Any, **given: Any) -> list[Case]:
    mount = Mount(target="/x", **given)
    json = {"Target": "/x", **wire}
    return _container(f"Mounts.{path}", version, {"Mounts": [json]}, mounts=[mount])


FILE = {"UID": "0", "GID": "0", "Mode": 0o444}
SECRET = SecretReference(id="x", name="n")
CONFIG = ConfigReference(id="x", name="n")
PORTS_AT_1_24 = ServiceSpec(
    task=TaskSpec(container=IMAGE), ports=[ServicePort(target=1, mode="ingress")]
)
ON_NODE = ServiceSpec(task=TaskSpec(container=IMAGE), ports=[ServicePort(target=1, mode="host")])
SCTP = ServiceSpec(task=TaskSpec(container=IMAGE), ports=[ServicePort(target=1, protocol="sctp")])
IN_NETWORK = ServiceSpec(
    task=TaskSpec(container=IMAGE, networks=[NetworkAttachment(target="n1", aliases=["a"])])
)
ON_ALL = ServiceSpec(task=TaskSpec(container=IMAGE), mode=Global())
PLUGIN = ServiceSpec(task=TaskSpec(plugin=PluginSpec(name="p", remote="p:1")))
OF_PLUGIN = {"TaskTemplate": {"PluginSpec": {"name": "p", "remote": "p:1"}, "Runtime": "plugin"}}
NETWORKS = [{"Target": "n1", "Aliases": ["a"]}]


def _of_ports(mode: str) -> dict[str, Any]:
    return {**PLAIN, "EndpointSpec": {"Ports": [{"TargetPort": 1, "PublishMode": mode}]}}


FIELDS = [
    *_service(
        "UpdateConfig.Monitor",
        "1.25",
        {"UpdateConfig": {"Monitor": 10**9}},
        update=UpdateConfig(monitor=1),
    ),
    *_service(
        "UpdateConfig.MaxFailureRatio",
        "1.25",
        {"UpdateConfig": {"MaxFailureRatio": 0.5}},
        update=UpdateConfig(max_failure_ratio=0.5),
    ),
    *_task("ForceUpdate", "1.25", {"ForceUpdate": 1}, force_update=1),
    *_container("Hostname", "1.25", {"Hostname": "h"}, hostname="h"),
    *_container("Groups", "1.25", {"Groups": ["g"]}, groups=["g"]),
    *_container("TTY", "1.25", {"TTY": True}, tty=True),
    *_container("OpenStdin", "1.25", {"OpenStdin": True}, open_stdin=True),
    *_container(
        "Healthcheck",
        "1.25",
        {"Healthcheck": {"Test": ["NONE"]}},
        healthcheck=Healthcheck(test=["NONE"]),
    ),
    *_container("Hosts", "1.25", {"Hosts": ["1.2.3.4 h"]}, extra_hosts={"h": "1.2.3.4"}),
    *_container("DNSConfig", "1.25", {"DNSConfig": {"Nameservers": ["1.2.3.4"]}}, dns=["1.2.3.4"]),
    *_container(
        "Secrets",
        "1.25",
        {"Secrets": [{"SecretID": "x", "SecretName": "n", "File": {"Name": "n", **FILE}}]},
        secrets=[SECRET],
    ),
    *_mount(
        "TmpfsOptions",
        "1.25",
        {"Type": "tmpfs", "TmpfsOptions": {"SizeBytes": 1}},
        type="tmpfs",
        tmpfs_size=1,
    ),
    *_service(
        "RollbackConfig",
        "1.28",
        {"RollbackConfig": {"Parallelism": 1}},
        rollback=UpdateConfig(parallelism=1),
    ),
    *_task(
        "Placement.Preferences",
        "1.28",
        {"Placement": {"Preferences": [{"Spread": {"SpreadDescriptor": "node.labels.a"}}]}},
        placement=Placement(spread=["node.labels.a"]),
    ),
    *_container("StopSignal", "1.28", {"StopSignal": "SIGINT"}, stop_signal="SIGINT"),
    *_container("ReadOnly", "1.28", {"ReadOnly": True}, read_only_root_fs=True),
    *_mount(
        "Consistency",
        "1.28",
        {"Type": "volume", "Consistency": "cached"},
        type="volume",
        consistency="cached",
    ),
    *_service(
        "UpdateConfig.Order",
        "1.29",
        {"UpdateConfig": {"Order": "stop-first"}},
        update=UpdateConfig(order="stop-first"),
    ),
    *_service(
        "RollbackConfig.Order",
        "1.29",
        {"RollbackConfig": {"Order": "stop-first"}},
        rollback=UpdateConfig(order="stop-first"),
    ),
    *_container(
        "Healthcheck.StartPeriod",
        "1.29",
        {"Healthcheck": {"StartPeriod": 10**9}},
        healthcheck=Healthcheck(start_period=1),
    ),
    *_container(
        "Privileges",
        "1.29",
        {"Privileges": {"CredentialSpec": {"File": "f"}}},
        privileges=Privileges(credential_spec=CredentialSpec(file="f")),
    ),
    *_task(
        "Placement.Platforms",
        "1.30",
        {"Placement": {"Platforms": [{"OS": "linux", "Architecture": "amd64"}]}},
        placement=Placement(platforms=["linux/amd64"]),
    ),
    *_task(
        "Networks.DriverOpts",
        "1.30",
        {"Networks": [{"Target": "n1", "DriverOpts": {"a": "b"}}]},
        networks=[NetworkAttachment(target="n1", driver_options={"a": "b"})],
    ),
    *_container(
        "Configs",
        "1.30",
        {"Configs": [{"ConfigID": "x", "ConfigName": "n", "File": {"Name": "n", **FILE}}]},
        configs=[CONFIG],
    ),
    *_task(
        "Resources.Reservations.GenericResources",
        "1.32",
        {
            "Resources": {
                "Reservations": {
                    "GenericResources": [
                        {"DiscreteResourceSpec": {"Kind": "gpu", "Value": 1}},
                        {"NamedResourceSpec": {"Kind": "gpu", "Value": "a"}},
                    ]
                }
            }
        },
        resources=TaskResources(
            reservations=ResourceReservations(
                generic=[
                    GenericResource(kind="gpu", value=1),
                    GenericResource(kind="gpu", value="a"),
                ]
            )
        ),
    ),
    *_container("Isolation", "1.35", {"Isolation": "default"}, isolation="default"),
    *_container("Init", "1.38", {"Init": True}, init=True),
    *_container("Sysctls", "1.40", {"Sysctls": {"a": "1"}}, sysctls={"a": "1"}),
    *_container(
        "Privileges.CredentialSpec.Config",
        "1.40",
        {"Privileges": {"CredentialSpec": {"Config": "c"}}},
        privileges=Privileges(credential_spec=CredentialSpec(config="c")),
    ),
    *_container(
        "Configs.Runtime",
        "1.40",
        {"Configs": [{"ConfigID": "x", "ConfigName": "n", "Runtime": {}}]},
        configs=[ConfigReference(id="x", name="n", runtime=True)],
    ),
    *_task(
        "Placement.MaxReplicas",
        "1.40",
        {"Placement": {"MaxReplicas": 1}},
        placement=Placement(max_replicas=1),
    ),
    *_service(
        "Mode.ReplicatedJob",
        "1.41",
        {"Mode": {"ReplicatedJob": {"MaxConcurrent": 2}}},
        mode=ReplicatedJob(max_concurrent=2),
    ),
    *_service("Mode.GlobalJob", "1.41", {"Mode": {"GlobalJob": {}}}, mode=GlobalJob()),
    *_task(
        "Resources.Limits.Pids",
        "1.41",
        {"Resources": {"Limits": {"Pids": 1}}},
        resources=TaskResources(limits=ResourceLimits(pids=1)),
    ),
    *_container("CapabilityAdd", "1.41", {"CapabilityAdd": ["CAP_X"]}, cap_add=["CAP_X"]),
    *_container("CapabilityDrop", "1.41", {"CapabilityDrop": ["CAP_X"]}, cap_drop=["CAP_X"]),
    *_container(
        "Ulimits",
        "1.41",
        {"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}]},
        ulimits=[Ulimit(name="nofile", soft=1, hard=2)],
    ),
    *_mount(
        "BindOptions.NonRecursive",
        "1.41",
        {"Type": "bind", "Source": "/a", "BindOptions": {"NonRecursive": True}},
        type="bind",
        source="/a",
        bind_non_recursive=True,
    ),
    *_container(
        "Privileges.Seccomp",
        "1.44",
        {"Privileges": {"Seccomp": {"Mode": "default"}}},
        privileges=Privileges(seccomp=Seccomp(mode="default")),
    ),
    *_container(
        "Privileges.AppArmor",
        "1.44",
        {"Privileges": {"AppArmor": {"Mode": "disabled"}}},
        privileges=Privileges(apparmor="disabled"),
    ),
    *_container(
        "Privileges.NoNewPrivileges",
        "1.44",
        {"Privileges": {"NoNewPrivileges": True}},
        privileges=Privileges(no_new_privileges=True),
    ),
    *_container(
        "Healthcheck.StartInterval",
        "1.44",
        {"Healthcheck": {"StartInterval": 10**9}},
        healthcheck=Healthcheck(start_interval=1),
    ),
    *_container("OomScoreAdj", "1.46", {"OomScoreAdj": 1}, oom_score_adj=1),
    *_mount(
        "TmpfsOptions.Options",
        "1.46",
        {"Type": "tmpfs", "TmpfsOptions": {"Options": [["noexec"]]}},
        type="tmpfs",
        tmpfs_options=["noexec"],
    ),
    *_mount(
        "VolumeOptions.Subpath",
        "1.46",
        {"Type": "volume", "Source": "v", "VolumeOptions": {"Subpath": "s"}},
        type="volume",
        source="v",
        volume_subpath="s",
    ),
    *_task(
        "Resources.SwapBytes",
        "1.52",
        {"Resources": {"SwapBytes": 1}},
        resources=TaskResources(swap=1),
    ),
    *_task(
        "Resources.MemorySwappiness",
        "1.52",
        {"Resources": {"MemorySwappiness": 1}},
        resources=TaskResources(memory_swappiness=1),
    ),
]

CASES = [
    _case("services", "plain", "GET /services", "GET /services", lambda client: client.services()),
    _part(
        "services",
        "status",
        "GET /services",
        "?status",
        "1.41",
        "GET /services?status=1",
        lambda client: client.services(status=True),
    ),
    _case(
        "services",
        "filters",
        "GET /services",
        'GET /services?filters={"name": ["a"]}',
        lambda client: client.services(filters={"name": "a"}),
    ),
    _case(
        "inspect_service",
        "plain",
        "GET /services/{id}",
        "GET /services/s1",
        lambda client: client.inspect_service("s1"),
    ),
    _part(
        "inspect_service",
        "defaults",
        "GET /services/{id}",
        "?insertDefaults",
        "1.29",
        "GET /services/s1?insertDefaults=1",
        lambda client: client.inspect_service("s1", insert_defaults=True),
    ),
    _case(
        "create_service",
        "plain",
        CREATE,
        sends(CREATE, PLAIN),
        lambda client: client.create_service(ServiceSpec.parse(PLAIN)),
    ),
    _case(
        "create_service",
        "auth",
        CREATE,
        sends(CREATE, PLAIN, X_Registry_Auth=AUTH_SENT),
        lambda client: client.create_service(ServiceSpec.parse(PLAIN), auth=AUTH),
    ),
    Case(
        "create_service",
        "resolve_image",
        lambda client: client.create_service(ServiceSpec.parse(PLAIN), resolve_image=True),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24 to 1.29": sends(CREATE, PLAIN),
            since("1.30"): ["GET /distribution/img/json", sends(CREATE, PLAIN)],
        },
    ),
    Case(
        "create_service",
        "ports of ingress",
        lambda client: client.create_service(PORTS_AT_1_24),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24": sends(CREATE, {**PLAIN, "EndpointSpec": {"Ports": [{"TargetPort": 1}]}}),
            since("1.25"): sends(CREATE, _of_ports("ingress")),
        },
    ),
    Case(
        "create_service",
        "ports of a node",
        lambda client: client.create_service(ON_NODE),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24": needs(f"{CREATE} EndpointSpec.Ports with the mode 'host'", "1.25"),
            since("1.25"): sends(CREATE, _of_ports("host")),
        },
    ),
    Case(
        "create_service",
        "ports of sctp",
        lambda client: client.create_service(SCTP),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24 to 1.36": later_release(
                f"{CREATE} EndpointSpec.Ports with the protocol sctp", "18.3.0"
            ),
            since("1.37"): sends(
                CREATE,
                {**PLAIN, "EndpointSpec": {"Ports": [{"TargetPort": 1, "Protocol": "sctp"}]}},
            ),
        },
    ),
    Case(
        "create_service",
        "networks",
        lambda client: client.create_service(IN_NETWORK),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24": sends(CREATE, {**PLAIN, "Networks": NETWORKS}),
            since("1.25"): sends(
                CREATE,
                {"TaskTemplate": {"ContainerSpec": {"Image": "img"}, "Networks": NETWORKS}},
            ),
        },
    ),
    Case(
        "create_service",
        "plugin",
        lambda client: client.create_service(PLUGIN),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24 to 1.30": needs(f"{CREATE} TaskTemplate.PluginSpec", "1.31"),
            since("1.31"): sends(CREATE, OF_PLUGIN),
        },
    ),
    Case(
        "create_service",
        "plugin with an environment",
        lambda client: client.create_service(
            ServiceSpec(task=TaskSpec(plugin=PluginSpec(name="p", remote="p:1", env=["A=1"])))
        ),
        {
            before("1.24"): needs(CREATE, "1.24"),
            "1.24 to 1.40": needs(f"{CREATE} TaskTemplate.PluginSpec.env", "1.41"),
            since("1.41"): sends(
                CREATE,
                {
                    "TaskTemplate": {
                        "PluginSpec": {"name": "p", "remote": "p:1", "env": ["A=1"]},
                        "Runtime": "plugin",
                    }
                },
            ),
        },
    ),
    *FIELDS,
    *(
        _case(
            method,
            "global",
            route,
            sends(line, {**PLAIN, "Mode": {"Global": {}}}),
            call,
        )
        for method, route, line, call in (
            ("create_service", CREATE, CREATE, lambda client: client.create_service(ON_ALL)),
            (
                "update_service",
                UPDATE,
                "POST /services/s1/update?version=7",
                lambda client: client.update_service(attrs.evolve(READ, spec=ON_ALL), ON_ALL),
            ),
        )
    ),
    Case(
        "update_service",
        "plugin",
        lambda client: client.update_service(attrs.evolve(READ, spec=PLUGIN), PLUGIN),
        {
            before("1.24"): needs(UPDATE, "1.24"),
            "1.24 to 1.30": needs(f"{UPDATE} TaskTemplate.PluginSpec", "1.31"),
            since("1.31"): sends("POST /services/s1/update?version=7", OF_PLUGIN),
        },
    ),
    _case(
        "update_service",
        "plain",
        UPDATE,
        sends("POST /services/s1/update?version=7", PLAIN),
        lambda client: client.update_service(READ, READ.spec),
    ),
    _part(
        "update_service",
        "registry_auth_from",
        UPDATE,
        "?registryAuthFrom",
        "1.25",
        "POST /services/s1/update?version=7&registryAuthFrom=spec",
        lambda client: client.update_service(READ, READ.spec, registry_auth_from="spec"),
    ),
    _case(
        "change_service",
        "plain",
        "GET /services/{id}",
        [
            "GET /services/s1",
            sends(
                "POST /services/s1/update?version=7",
                {
                    "TaskTemplate": {"ContainerSpec": {"Image": "img"}},
                    "Name": "one",
                    "Mode": {"Replicated": {"Replicas": 3}},
                },
            ),
            "GET /services/s1",
        ],
        lambda client: client.change_service("s1", lambda spec: spec.scaled(3)),
    ),
    Case(
        "rollback_service",
        "plain",
        lambda client: client.rollback_service(READ),
        {
            before("1.24"): needs(UPDATE, "1.24"),
            "1.24": needs(f"{UPDATE} ?registryAuthFrom", "1.25"),
            "1.25 to 1.27": sends(
                "POST /services/s1/update?version=7&registryAuthFrom=previous-spec", BEFORE
            ),
            since("1.28"): sends("POST /services/s1/update?version=7&rollback=previous", PLAIN),
        },
    ),
    _case(
        "remove_service",
        "plain",
        "DELETE /services/{id}",
        "DELETE /services/s1",
        lambda client: client.remove_service("s1"),
    ),
    _case(
        "wait_for_service",
        "plain",
        "GET /services/{id}",
        ["GET /services/done", 'GET /tasks?filters={"service": ["s2"]}'],
        lambda client: client.wait_for_service("done", timeout=60),
    ),
    _case("tasks", "plain", "GET /tasks", "GET /tasks", lambda client: client.tasks()),
    _case(
        "tasks",
        "filters",
        "GET /tasks",
        'GET /tasks?filters={"desired-state": ["running"]}',
        lambda client: client.tasks(filters={"desired-state": "running"}),
    ),
    _case(
        "inspect_task",
        "plain",
        "GET /tasks/{id}",
        "GET /tasks/t1",
        lambda client: client.inspect_task("t1"),
    ),
]


def _goes_back(client: Client) -> None:
    """What an Engine of today gives under an old version."""
    container = {"Image": "img", "Init": True, "Isolation": "default"}
    spec = {"TaskTemplate": {"ContainerSpec": container, "ForceUpdate": 0}}
    service = Service.parse({"ID": "s1", "Version": {"Index": 7}, "Spec": spec})
    client.update_service(service, service.spec)


OF_RELEASES = [
    OfRelease(
        "create_service",
        "20.10.24",
        "1.24",
        lambda client: client.create_service(IN_NETWORK),
        sends(CREATE, {"TaskTemplate": {"ContainerSpec": {"Image": "img"}, "Networks": NETWORKS}}),
    ),
    OfRelease(
        "update_service",
        "20.10.24",
        "1.24 to 1.30",
        _goes_back,
        sends(
            "POST /services/s1/update?version=7",
            {
                "TaskTemplate": {
                    "ContainerSpec": {"Image": "img", "Init": True, "Isolation": "default"},
                    "ForceUpdate": 0,
                }
            },
        ),
    ),
]
