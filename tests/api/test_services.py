"""Services and tasks: what each operation asks of the Engine, what it gives, what it refuses."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from api.rows import (
    NEW,
    NO_IDS,
    Row,
    Statuses,
    check_refusal,
    check_refused_argument,
    encoded,
    played,
    refusals,
)
from dockerapi import (
    BadRequest,
    Client,
    Conflict,
    ContainerSpec,
    Credentials,
    Global,
    InUse,
    Mount,
    NetworkNotFound,
    NotAManager,
    NotFound,
    NotSupported,
    OutOfSequence,
    Replicated,
    ResourceLimits,
    ServerError,
    ServicePort,
    ServiceSpec,
    StoredCredentials,
    TaskResources,
    TaskSpec,
    TimedOut,
    Timeouts,
    UnexpectedReply,
)
from dockerapi.models.services import Service, ServiceCreated
from dockerapi.models.tasks import Task
from models.recorded import of_swarm
from scripted import Conversation, ScriptedDaemon, asked, json_reply, reply

WEB = {
    "Name": "web",
    "Labels": {"tier": "front"},
    "TaskTemplate": {"ContainerSpec": {"Image": "app:1", "Isolation": "default"}, "ForceUpdate": 0},
    "Mode": {"Replicated": {"Replicas": 2}},
    "UpdateConfig": {"Parallelism": 1, "Monitor": 1},
}
BEFORE = {**WEB, "TaskTemplate": {"ContainerSpec": {"Image": "app:0"}}}
JSON = {
    "ID": "s1",
    "Version": {"Index": 2**64 - 1},
    "Spec": WEB,
    "PreviousSpec": BEFORE,
    "Endpoint": {},
}
READ = Service.parse(JSON)
TASK = {
    "ID": "t1",
    "Version": {"Index": 3},
    "Slot": 1,
    "ServiceID": "s1",
    "Spec": WEB["TaskTemplate"],
    "Status": {"State": "running"},
    "DesiredState": "running",
}
SPEC = ServiceSpec(
    name="web",
    task=TaskSpec(container=ContainerSpec(image="app:1")),
    mode=Replicated(replicas=2),
)
WIRE = {
    "Name": "web",
    "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}},
    "Mode": {"Replicated": {"Replicas": 2}},
}
AUTH = Credentials("ada", "s3cret")
SENT = base64.urlsafe_b64encode(b'{"username": "ada", "password": "s3cret"}').decode()
VERSION = 2**64 - 1
UPDATE = f"POST /services/s1/update?version={VERSION}"
DIGEST = f"sha256:{'ab' * 32}"


def scaled(replicas: int) -> dict[str, Any]:
    return {**WEB, "Mode": {"Replicated": {"Replicas": replicas}}}


ROWS = [
    Row(
        id="services",
        call=lambda client: client.services(),
        asks=[asked("GET /services")],
        answers=[json_reply([JSON])],
        gives=[READ],
        at=(NEW,),
    ),
    Row(
        id="services: every argument",
        call=lambda client: client.services(
            filters={"name": "w", "mode": "global", "label": ["a", "b=c"], "runtime": "plugin"},
            status=True,
        ),
        asks=[
            asked(
                "GET /services?filters="
                + encoded(
                    {
                        "name": ["w"],
                        "mode": ["global"],
                        "label": ["a", "b=c"],
                        "runtime": ["plugin"],
                    }
                )
                + "&status=1"
            )
        ],
        answers=[json_reply(None)],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_service",
        call=lambda client: client.inspect_service(READ),
        asks=[asked("GET /services/s1")],
        answers=[json_reply(JSON)],
        gives=READ,
        at=(NEW,),
    ),
    Row(
        id="inspect_service: with defaults",
        call=lambda client: client.inspect_service("web", insert_defaults=True),
        asks=[asked("GET /services/web?insertDefaults=1")],
        answers=[json_reply(JSON)],
        gives=READ,
        at=(NEW,),
    ),
    Row(
        id="create_service",
        call=lambda client: client.create_service(SPEC),
        asks=[asked("POST /services/create", WIRE)],
        answers=[json_reply({"ID": "s1"}, 201)],
        gives=ServiceCreated(id="s1"),
        at=(NEW,),
    ),
    Row(
        id="create_service: with credentials",
        call=lambda client: client.create_service(SPEC, auth=AUTH),
        asks=[asked("POST /services/create", WIRE, X_Registry_Auth=SENT)],
        answers=[json_reply({"ID": "s1", "Warnings": ["w"]}, 201)],
        gives=ServiceCreated(id="s1", warnings=("w",)),
        at=(NEW,),
    ),
    Row(
        id="update_service",
        call=lambda client: client.update_service(READ, READ.spec),
        asks=[asked(UPDATE, WEB)],
        answers=[json_reply({"Warnings": None})],
        gives=(),
        at=(NEW,),
    ),
    Row(
        id="update_service: every argument",
        call=lambda client: client.update_service(
            READ, READ.spec.scaled(3), auth=AUTH, registry_auth_from="previous-spec"
        ),
        asks=[asked(f"{UPDATE}&registryAuthFrom=previous-spec", scaled(3), X_Registry_Auth=SENT)],
        answers=[json_reply({"Warnings": ["w"]})],
        gives=("w",),
        at=(NEW,),
    ),
    Row(
        id="change_service",
        call=lambda client: client.change_service("web", lambda spec: spec.scaled(3), auth=AUTH),
        asks=[
            asked("GET /services/web"),
            asked(UPDATE, scaled(3), X_Registry_Auth=SENT),
            asked("GET /services/s1"),
        ],
        answers=[
            json_reply(JSON),
            json_reply({"Warnings": None}),
            json_reply({**JSON, "Spec": scaled(3)}),
        ],
        gives=Service.parse({**JSON, "Spec": scaled(3)}),
        at=(NEW,),
    ),
    Row(
        id="rollback_service",
        call=lambda client: client.rollback_service(READ, auth=AUTH),
        asks=[asked(f"{UPDATE}&rollback=previous", WEB, X_Registry_Auth=SENT)],
        answers=[json_reply({"Warnings": ["w"]})],
        gives=("w",),
        at=(NEW,),
    ),
    Row(
        id="remove_service",
        call=lambda client: client.remove_service("web"),
        asks=[asked("DELETE /services/web")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="wait_for_service",
        call=lambda client: client.wait_for_service("web", timeout=60),
        asks=[
            asked("GET /services/web"),
            asked(f"GET /tasks?filters={encoded({'service': ['s1']})}"),
            asked("GET /services/s1"),
            asked(f"GET /tasks?filters={encoded({'service': ['s1']})}"),
        ],
        answers=[
            json_reply(JSON),
            json_reply([TASK, {**TASK, "ID": "t2", "Slot": 2}]),
            json_reply(JSON),
            json_reply([TASK, {**TASK, "ID": "t2", "Slot": 2}]),
        ],
        gives=READ,
        at=(NEW,),
    ),
    Row(
        id="tasks",
        call=lambda client: client.tasks(),
        asks=[asked("GET /tasks")],
        answers=[json_reply([TASK])],
        gives=[Task.parse(TASK)],
        at=(NEW,),
    ),
    Row(
        id="tasks: every argument",
        call=lambda client: client.tasks(
            filters={"service": "web", "desired-state": ["running", "shutdown"]}
        ),
        asks=[
            asked(
                "GET /tasks?filters="
                + encoded({"service": ["web"], "desired-state": ["running", "shutdown"]})
            )
        ],
        answers=[json_reply(None)],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_task",
        call=lambda client: client.inspect_task("web.1.t1"),
        asks=[asked("GET /tasks/web.1.t1")],
        answers=[json_reply(TASK)],
        gives=Task.parse(TASK),
        at=(NEW,),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_method_asks_and_gives_what_its_row_says(row: Row, version: str) -> None:
    assert row.play(version) == (row.value(version), row.requests(version))


STATUSES: Statuses = [
    ("GET /services", "services", {400: BadRequest, 500: ServerError}),
    ("GET /services/{id}", "inspect_service", {400: BadRequest, 404: NotFound}),
    (
        "POST /services/create",
        "create_service",
        {400: BadRequest, 409: Conflict, 500: ServerError},
    ),
    (
        "POST /services/{id}/update",
        "update_service",
        {400: BadRequest, 404: NotFound, 500: ServerError},
    ),
    ("DELETE /services/{id}", "remove_service", {404: NotFound}),
    ("GET /tasks", "tasks", {400: BadRequest, 404: NotFound, 500: ServerError}),
    ("GET /tasks/{id}", "inspect_task", {400: BadRequest, 404: NotFound}),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_its_class(
    route: str, row: Row, version: str, status: int, error: Any
) -> None:
    check_refusal(route, row, version, status, error)


# What the Engine says in other words than its status


@pytest.mark.parametrize(
    ("status", "words", "error", "users"),
    [
        (
            400,
            "rpc error: code = InvalidArgument desc = port '80' is already in use by service "
            "'other' (x1) as an ingress port",
            InUse,
            ("other",),
        ),
        (
            500,
            "rpc error: code = 3 desc = port '80' is already in use by service 'other' (x1)",
            InUse,
            ("other",),
        ),
        (500, "network nosuch not found", NetworkNotFound, None),
        (404, "network nosuch not found", NetworkNotFound, None),
        (
            409,
            "rpc error: code = 2 desc = name conflicts with an existing object",
            Conflict,
            None,
        ),
        (500, "rpc error: code = 3 desc = ContainerSpec: no", BadRequest, None),
        (404, "rpc error: code = 3 desc = secret not found: nosuch", BadRequest, None),
        (400, "rpc error: code = InvalidArgument desc = secret not found: no", BadRequest, None),
        (503, "This node is not a swarm manager. Use ...", NotAManager, None),
    ],
)
def test_what_a_service_is_refused_for(
    status: int, words: str, error: type[Exception], users: Any
) -> None:
    script = {"POST /v1.41/services/create": json_reply({"message": words}, status)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            client.create_service(SPEC)
    found = caught.value
    assert (type(found), str(found), getattr(found, "users", None)) == (
        error,
        f"POST /services/create: {status} {words}",
        users,
    )


# Bad input


def _container(**given: Any) -> Callable[[], ServiceSpec]:
    return lambda: ServiceSpec(task=TaskSpec(container=ContainerSpec(image="a", **given)))


def _task(**given: Any) -> Callable[[], ServiceSpec]:
    container = ContainerSpec(image="a")
    return lambda: ServiceSpec(task=TaskSpec(container=container, **given))


def _service(**given: Any) -> Callable[[], ServiceSpec]:
    return lambda: ServiceSpec(task=TaskSpec(container=ContainerSpec(image="a")), **given)


def _limited(**given: Any) -> Callable[[], ServiceSpec]:
    return _task(resources=TaskResources(limits=ResourceLimits(**given)))


def _ports(*given: dict[str, Any], **more: Any) -> Callable[[], ServiceSpec]:
    return _service(ports=[ServicePort(**one) for one in given], **more)


HERE = {"type": "bind", "source": "/a"}
BAD_SPECS: list[tuple[Callable[[], ServiceSpec], type[Exception], str]] = [
    (
        lambda: ServiceSpec(task=TaskSpec()),
        ValueError,
        "TaskSpec: one of container, plugin and attachment was expected, not none",
    ),
    (
        lambda: _service(mode=Replicated(replicas=-1))(),
        ValueError,
        "replicas: at least 0 was expected, not -1",
    ),
    (
        _service(name="a b"),
        ValueError,
        "name: up to 63 letters, digits, '-' and '_' within were expected, not 'a b'",
    ),
    (
        lambda: _ports({"target": 0})(),
        ValueError,
        "target: at least 1 was expected, not 0",
    ),
    (
        lambda: _ports({"target": 80, "published": 70000})(),
        ValueError,
        "published: at most 65535 was expected, not 70000",
    ),
    (
        lambda: _ports({"target": 80, "published": 80}, {"target": 81, "published": 80})(),
        ValueError,
        "ports: 80 is published twice",
    ),
    (
        lambda: _ports({"target": 80, "mode": "ingress"}, endpoint_mode="dnsrr")(),
        ValueError,
        "ports: with dnsrr only of mode 'host', not ServicePort(target=80, mode='ingress')",
    ),
    (
        lambda: _container(mounts=[Mount(**HERE)])(),
        TypeError,
        "Mount.__init__() missing 1 required keyword-only argument: 'target'",
    ),
    (
        lambda: _container(mounts=[Mount(target="/x", **HERE), Mount(target="/x", **HERE)])(),
        ValueError,
        "mounts: two at '/x'",
    ),
    (
        lambda: _container(mounts=[Mount(target="/x", bind_create_mountpoint=True, **HERE)])(),
        ValueError,
        "mounts: bind_create_mountpoint: no Engine has it for services",
    ),
    (
        lambda: _limited(nano_cpus=999_999)(),
        ValueError,
        "nano_cpus: at least 1000000 was expected, not 999999",
    ),
    (
        lambda: _limited(memory="3m")(),
        ValueError,
        "memory: at least 4194304 was expected, not 3145728",
    ),
]


@pytest.mark.parametrize(("spec", "error", "message"), BAD_SPECS)
def test_a_spec_that_cannot_be_is_refused_before_anything_is_sent(
    spec: Callable[[], ServiceSpec], error: type[Exception], message: str
) -> None:
    check_refused_argument(lambda client: client.create_service(spec()), error, message)


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (
        lambda client: client.create_service(WIRE),
        TypeError,
        "spec: use dockerapi.ServiceSpec(...); it was a dict",
    ),
    (
        lambda client: client.create_service(SPEC, auth="ada:s3cret"),
        TypeError,
        "auth: use dockerapi.Credentials(...); it was a str",
    ),
    (
        lambda client: client.create_service(
            attrs.evolve(SPEC, task=TaskSpec(container=ContainerSpec(image="ab" * 32))),
            resolve_image=True,
        ),
        ValueError,
        f"resolve_image: no registry knows the id '{'ab' * 32}'",
    ),
    (
        lambda client: client.create_service(
            attrs.evolve(SPEC, task=TaskSpec(container=ContainerSpec(image="A:1"))),
            resolve_image=True,
        ),
        ValueError,
        "resolve_image: not the name of any image: 'A:1'",
    ),
    (
        lambda client: client.update_service("web", SPEC),
        TypeError,
        "service: the Service that was read was expected, not a str; change_service() reads it",
    ),
    (
        lambda client: client.rollback_service("web"),
        TypeError,
        "service: the Service that was read was expected, not a str; change_service() reads it",
    ),
    (
        lambda client: client.update_service(READ, attrs.evolve(READ.spec, name="other")),
        ValueError,
        "spec: name: 'web' cannot be changed to 'other'",
    ),
    (
        lambda client: client.update_service(READ, attrs.evolve(SPEC, name=None)),
        ValueError,
        "spec: name: 'web' cannot be changed to None",
    ),
    (
        lambda client: client.update_service(READ, attrs.evolve(READ.spec, mode=Global())),
        ValueError,
        "spec: mode: Replicated cannot be changed to Global",
    ),
    (
        lambda client: client.update_service(READ, SPEC, registry_auth_from="nosuch"),
        ValueError,
        "registry_auth_from: 'spec' or 'previous-spec' was expected, not 'nosuch'",
    ),
    (
        lambda client: client.rollback_service(Service.parse({**JSON, "PreviousSpec": None})),
        ValueError,
        "service: it has no spec before this one",
    ),
    (
        lambda client: client.change_service("web", lambda spec: spec, auth=7),
        TypeError,
        "auth: use dockerapi.Credentials(...); it was a int",
    ),
    (
        lambda client: client.services(filters={"status": "x"}),
        ValueError,
        "filters: one of id, label, mode, name, runtime was expected, not 'status'",
    ),
    (
        lambda client: client.wait_for_service("web", timeout=0),
        ValueError,
        "timeout: more than 0 seconds, not 0",
    ),
    *(
        (
            lambda client, id=id: client.inspect_service(id),
            ValueError,
            f"not the id or name of any service: {id!r}",
        )
        for id in NO_IDS.values()
    ),
    (
        lambda client: client.inspect_task("a/b"),
        ValueError,
        "not the id or name of any task: 'a/b'",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused_before_anything_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


# What was read goes back


def sent_at(version: str, spec: ServiceSpec, release: str = "28.5.2") -> Any:
    """The body of an update under an older version, or why it is refused."""
    service = Service.parse({**JSON, "Spec": spec.raw})
    script = {f"POST /v{version}/services/s1/update": json_reply({"Warnings": None})}
    api = "1.24" if release == "1.12.6" else "1.51"
    with ScriptedDaemon(script, release=release, api=api, lowest=None) as daemon:
        with Client(daemon.url, version=version) as client:
            try:
                client.update_service(service, spec)
            except NotSupported as error:
                return str(error)
    return daemon.requests[-1].body


# What an Engine of today gives under the oldest version, too.
OF_TODAY = {
    "Name": "web",
    "Labels": {},
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": "app:1",
            "Init": False,
            "Isolation": "default",
            "Configs": [{"ConfigID": "c1", "ConfigName": "c", "File": {"Name": "/c", "Mode": 292}}],
            "Healthcheck": {"Test": ["NONE"], "StartPeriod": 5},
            "Privileges": {
                "CredentialSpec": None,
                "SELinuxContext": None,
                "NoNewPrivileges": False,
            },
        },
        "ForceUpdate": 0,
        "Runtime": "container",
        "Networks": [{"Target": "n1", "DriverOpts": {"a": "b"}}],
        "Placement": {"Platforms": [{"OS": "linux"}], "MaxReplicas": 0},
    },
    "Mode": {"Replicated": {"Replicas": 2}},
    "UpdateConfig": {"Monitor": 1, "MaxFailureRatio": 0.5, "Order": "stop-first"},
    "RollbackConfig": {"Order": "stop-first"},
    "EndpointSpec": {
        "Mode": "vip",
        "Ports": [{"Protocol": "sctp", "TargetPort": 1, "PublishMode": "host"}],
    },
}


def test_what_an_engine_gives_under_an_old_version_goes_back_under_it() -> None:
    read = ServiceSpec.parse(OF_TODAY)
    assert sent_at("1.24", read) == OF_TODAY
    other = {**OF_TODAY, "Mode": {"Replicated": {"Replicas": 3}}}
    assert sent_at("1.24", read.scaled(3)) == other


RELEASES = {
    "1.13": "1.13.1",
    "19.03": "19.3.15",
    "20.10": "20.10.24",
    "26.1": "26.1.5",
    "28.5": "28.5.2",
    "29.7": "29.7.2",
}
# What those Engines drop under 1.24, whoever sends it.
GATED = re.compile(
    r"POST /services/\{id\}/update (Mode\.(Replicated|Global)Job|TaskTemplate\.(Resources\."
    r"(SwapBytes|MemorySwappiness|Limits\.Pids)|Placement\.MaxReplicas|ContainerSpec\.(Sysctls|"
    r"Capability(Add|Drop)|Ulimits|OomScoreAdj|Mounts\.TmpfsOptions\.Options|"
    r"Privileges\.(Seccomp|AppArmor|NoNewPrivileges)|Healthcheck\.StartInterval))) needs API .*"
)


@pytest.mark.parametrize("oldest", [False, True], ids=["as it was read", "under the oldest"])
@pytest.mark.parametrize("engine", sorted({name.split(":")[0] for name, _ in of_swarm("services")}))
def test_what_engines_gave_goes_back_to_them(engine: str, oldest: bool) -> None:
    release, version = engine.split("_v")
    spoken = version if not oldest else "1.40" if release == "29.7" else "1.24"
    given = [json for name, json in of_swarm("services") if name.startswith(f"{engine}:")]
    script = {
        f"POST /v{spoken}/services/{one['ID']}/update": json_reply({"Warnings": None})
        for one in given
    }
    newest = {"28.5_v1.44": "1.51", "20.10_v1.24": "1.41"}.get(engine, version)
    with ScriptedDaemon(script, release=RELEASES[release], api=newest, lowest=None) as daemon:
        with Client(daemon.url, version=spoken) as client:
            sent = 0
            for one in given:
                service = Service.parse(one)
                try:
                    client.update_service(service, service.spec)
                except NotSupported as error:
                    assert oldest and GATED.fullmatch(str(error)), str(error)
                    continue
                body, spec = daemon.requests[-1].body, dict(one["Spec"])
                if spec.get("Networks") and "Networks" in body["TaskTemplate"]:
                    task = {**spec["TaskTemplate"], "Networks": spec.pop("Networks")}
                    spec["TaskTemplate"] = task
                assert body == spec
                sent += 1
    assert sent > 0


@pytest.mark.parametrize(
    ("container", "what", "needs"),
    [
        ({"Sysctls": {"a": "1"}}, "Sysctls", "1.40"),
        ({"Ulimits": [{"Name": "nofile"}]}, "Ulimits", "1.41"),
        ({"Privileges": {"NoNewPrivileges": True}}, "Privileges.NoNewPrivileges", "1.44"),
        ({"OomScoreAdj": 5}, "OomScoreAdj", "1.46"),
    ],
)
def test_what_would_be_lost_is_refused_although_it_was_read(
    container: dict[str, Any], what: str, needs: str
) -> None:
    """An Engine that knows it drops it under this version."""
    task = {"ContainerSpec": {"Image": "a", **container}}
    found = sent_at("1.24", ServiceSpec.parse({"Name": "web", "TaskTemplate": task}))
    assert found == (
        f"POST /services/{{id}}/update TaskTemplate.ContainerSpec.{what} needs API {needs}; "
        "API 1.24 was asked for (the Engine speaks 1.51)"
    )


def test_what_is_new_is_refused_below_its_version() -> None:
    read = ServiceSpec.parse(OF_TODAY)
    container = attrs.evolve(read.task.container, init=True)  # type: ignore[type-var]
    spec = attrs.evolve(read, task=attrs.evolve(read.task, container=container))
    assert sent_at("1.24", spec) == (
        "POST /services/{id}/update TaskTemplate.ContainerSpec.Init needs API 1.38; "
        "API 1.24 was asked for (the Engine speaks 1.51)"
    )


def test_networks_at_the_top_are_written_to_the_task() -> None:
    """There they can be changed, and 29.0 and later read them nowhere else."""
    task = {"ContainerSpec": {"Image": "a"}}
    top = {"Name": "web", "TaskTemplate": task, "Networks": [{"Target": "n1", "Odd": 1}]}
    moved = {"Name": "web", "TaskTemplate": {**task, "Networks": top["Networks"]}}
    assert sent_at("1.51", ServiceSpec.parse(top)) == moved
    assert sent_at("1.24", ServiceSpec.parse(top)) == moved
    assert sent_at("1.24", ServiceSpec.parse(top), release="1.12.6") == top


# The image


def resolved(answer: bytes, spec: ServiceSpec = SPEC, auth: Any = None) -> tuple[Any, list[Any]]:
    """What a creation with the image's digest gives, and what was asked."""
    script = {
        "GET /v1.41/distribution/app:1/json": answer,
        "POST /v1.41/services/create": json_reply({"ID": "s1", "Warnings": ["w"]}, 201),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        return client.create_service(spec, auth=auth, resolve_image=True), daemon.requests


def test_an_image_is_written_with_its_digest_and_its_platforms() -> None:
    platforms = [
        {"os": "linux", "architecture": "amd64"},
        {"os": "linux", "architecture": "arm", "variant": "v7"},
    ]
    answer = json_reply({"Descriptor": {"digest": DIGEST}, "Platforms": platforms})
    given, requests = resolved(answer, auth=AUTH)
    assert given == ServiceCreated(id="s1", warnings=("w",))
    assert requests == [
        asked("GET /v1.41/distribution/app:1/json", X_Registry_Auth=SENT),
        asked(
            "POST /v1.41/services/create",
            {
                **WIRE,
                "TaskTemplate": {
                    "ContainerSpec": {"Image": f"app:1@{DIGEST}"},
                    "Placement": {
                        "Platforms": [
                            {"OS": "linux", "Architecture": "amd64"},
                            {"OS": "linux", "Architecture": ""},
                        ]
                    },
                },
            },
            X_Registry_Auth=SENT,
        ),
    ]


def test_a_registry_that_does_not_answer_is_a_warning() -> None:
    given, requests = resolved(json_reply({"message": "dial tcp: no"}, 500))
    assert given == ServiceCreated(
        id="s1",
        warnings=(
            "no digest was found for app:1, so nodes may differ: "
            "GET /distribution/{name}/json: 500 dial tcp: no",
            "w",
        ),
    )
    assert requests[-1].body == WIRE


def test_an_update_looks_for_the_image_as_well() -> None:
    answer = json_reply({"Descriptor": {"digest": DIGEST}, "Platforms": None})
    script = {
        "GET /v1.41/distribution/app:2/json": answer,
        f"POST /v1.41/services/s1/update?version={VERSION}": json_reply({"Warnings": ["w"]}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        spec = READ.spec.with_image("app:2")
        assert client.update_service(READ, spec, resolve_image=True) == ("w",)
    image = daemon.requests[-1].body["TaskTemplate"]["ContainerSpec"]["Image"]
    assert image == f"app:2@{DIGEST}"


@pytest.mark.parametrize("image", [f"app@{DIGEST}", f"app:1@{DIGEST}"])
def test_a_digest_is_not_asked_for_again(image: str) -> None:
    script = {"POST /v1.41/services/create": json_reply({"ID": "s1"}, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.create_service(SPEC.with_image(image), resolve_image=True)
    assert daemon.requests[0].body["TaskTemplate"] == {"ContainerSpec": {"Image": image}}


def test_below_1_30_the_engine_asks() -> None:
    script = {"POST /v1.29/services/create": json_reply({"ID": "s1"}, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version="1.29") as client:
        client.create_service(SPEC, resolve_image=True)
    assert [request.body for request in daemon.requests] == [WIRE]


def test_stored_credentials_do_not_go_to_the_nodes() -> None:
    stored = StoredCredentials(
        auth_config=json.dumps({"auths": {"r:5000": {"username": "a", "password": "b"}}})
    )
    script = {"POST /v1.41/services/create": json_reply({"ID": "s1"}, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, credentials=stored) as client:
        client.create_service(SPEC.with_image("r:5000/app:1"))
    assert "X-Registry-Auth" not in daemon.requests[0].headers


# Answers


@pytest.mark.parametrize("answer", [{"ID": ""}, {}, [], None])
def test_a_creation_without_an_id_made_nothing(answer: Any) -> None:
    """17.06 answers so for a plugin."""
    script = {"POST /v1.41/services/create": json_reply(answer, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.create_service(SPEC)
    assert str(caught.value) == f"POST /services/create: an ID was expected, not {answer!r}"


def test_an_update_on_1_12_has_no_answer() -> None:
    script = {"POST /v1.24/services/s1/update": reply(200)}
    with ScriptedDaemon(script, release="1.12.6", api="1.24", lowest=None) as daemon:
        with Client(daemon.url) as client:
            assert client.update_service(READ, SPEC) == ()


@pytest.mark.parametrize("answer", [[], None, "done"])
def test_an_update_whose_answer_is_no_object(answer: Any) -> None:
    script = {"POST /v1.41/services/s1/update": json_reply(answer)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.update_service(READ, SPEC)
    words = f"POST /services/{{id}}/update: an object was expected, not {answer!r}"
    assert str(caught.value) == words


@pytest.mark.parametrize("version", ["1.25", "1.27"])
def test_below_1_28_what_was_before_is_sent_as_the_new_one(version: str) -> None:
    script = {f"POST /v{version}/services/s1/update": json_reply({"Warnings": None})}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        assert client.rollback_service(READ) == ()
    assert daemon.requests == [
        asked(
            f"POST /v{version}/services/s1/update?version={VERSION}&registryAuthFrom=previous-spec",
            BEFORE,
        )
    ]


def test_a_change_begins_again_where_somebody_was_faster() -> None:
    words = json_reply({"message": "rpc error: code = Unknown desc = update out of sequence"}, 500)
    script = {
        "GET /v1.41/services/web": json_reply(JSON),
        "GET /v1.41/services/s1": [json_reply({**JSON, "Version": {"Index": 7}})] * 2,
        f"POST /v1.41/services/s1/update?version={VERSION}": words,
        "POST /v1.41/services/s1/update?version=7": json_reply({"Warnings": None}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        found = client.change_service("web", lambda spec: spec.forced())
        assert found.version == 7
        assert client.change_service("web", lambda spec: spec) == READ
    methods = [request.method for request in daemon.requests]
    assert methods == ["GET", "POST", "GET", "POST", "GET", "GET"]


def test_a_stale_version_is_told_by_its_class() -> None:
    words = {"message": "rpc error: code = 2 desc = update out of sequence"}
    script = {"POST /v1.41/services/s1/update": json_reply(words, 500)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        for call in (
            lambda: client.update_service(READ, SPEC),
            lambda: client.rollback_service(READ),
        ):
            with pytest.raises(OutOfSequence):
                call()


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create_service(SPEC),
        lambda client: client.update_service(READ, SPEC),
        lambda client: client.rollback_service(READ),
    ],
)
def test_an_engine_that_asks_a_registry_has_the_idle_timeout(call: Any) -> None:
    """As it does itself below API 1.30."""

    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    script = {
        "POST /v1.41/services/create": silent,
        "POST /v1.41/services/s1/update": silent,
    }
    timeouts = Timeouts(read=60, idle=0.05)
    with ScriptedDaemon(script) as daemon, Client(daemon.url, timeout=timeouts) as client:
        with pytest.raises(TimedOut) as caught:
            call(client)
    assert caught.value.kind == "idle"
