"""Tasks of services."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
import pytest

from dockerapi import (
    ConfigReference,
    ContainerSpec,
    CredentialSpec,
    Driver,
    GenericResource,
    Healthcheck,
    Mount,
    NetworkAttachment,
    NetworkAttachmentSpec,
    Placement,
    PluginPrivilege,
    PluginSpec,
    Privileges,
    ResourceLimits,
    ResourceReservations,
    Seccomp,
    SecretReference,
    SELinuxContext,
    TaskResources,
    TaskRestart,
    TaskSpec,
    Ulimit,
)
from dockerapi.models.secrets import Config, Secret
from dockerapi.models.tasks import Task, TaskNetwork, TaskPort, TaskVolume
from models.recorded import of_swarm

# What the recorded service "rec-full" has on 29.7.
FULL = TaskSpec(
    container=ContainerSpec(
        image="127.0.0.1:5000/rec/busybox:latest",
        entrypoint="sh -c",
        command=["echo out; echo err >&2; trap 'exit 0' TERM; while :; do sleep 1; done"],
        env={"A": 1, "EMPTY": ""},
        working_dir="/tmp",
        user="0:0",
        groups=["10"],
        hostname="h-{{.Task.Slot}}",
        labels={"rec": "container"},
        init=True,
        isolation="default",
        mounts=[
            Mount(
                target="/data",
                source="rec-svc",
                volume_no_copy=True,
                volume_labels={"rec": "v"},
                volume_driver="local",
            ),
            Mount(
                target="/scratch",
                type="tmpfs",
                tmpfs_size="1m",
                tmpfs_mode=0o1770,
                tmpfs_options=["noexec"],
            ),
            Mount(
                target="/host-etc",
                type="bind",
                source="/etc",
                read_only=True,
                bind_propagation="rprivate",
                bind_non_recursive=True,
            ),
        ],
        stop_signal="SIGTERM",
        stop_grace_period=1.5,
        healthcheck=Healthcheck(
            test="true", interval=2, timeout=1, retries=2, start_period=1, start_interval=1
        ),
        extra_hosts={"db.example": "10.0.0.9"},
        dns=["10.0.0.53"],
        dns_search=["example"],
        dns_options=["ndots:2"],
        secrets=[
            SecretReference(
                id="k5pi85jxh26r0nhnoyfi50n6q",
                name="rec-one",
                target="hush",
                uid=0,
                gid="0",
                mode=0o440,
            )
        ],
        configs=[
            ConfigReference(
                id="3hvevfglxd9naqjbhw7mmackk",
                name="rec-one",
                target="/cfg",
                uid="0",
                gid="0",
                mode=0o440,
            )
        ],
        privileges=Privileges(
            selinux=SELinuxContext(disable=True),
            seccomp=Seccomp(mode="unconfined"),
            apparmor="default",
            no_new_privileges=True,
        ),
        sysctls={"net.core.somaxconn": 512},
        cap_add=["CAP_NET_ADMIN"],
        cap_drop=["CAP_MKNOD"],
        ulimits=["nofile=100:200"],
        oom_score_adj=100,
    ),
    resources=TaskResources(
        limits=ResourceLimits(nano_cpus=500_000_000, memory="64m", pids=50),
        reservations=ResourceReservations(nano_cpus=100_000_000, memory="16m"),
        swap="32m",
        memory_swappiness=10,
    ),
    restart=TaskRestart(condition="on-failure", delay=1, max_attempts=2, window=5),
    placement=Placement(
        constraints=["node.role==manager"],
        spread=["node.labels.zone"],
        max_replicas=3,
        platforms=["linux/x86_64"],
    ),
    networks=[
        NetworkAttachment(
            target="xjjx3zxpa75m5pt9mssyercgf",
            aliases=["full"],
            driver_options={"com.example.opt": "1"},
        )
    ],
    log_driver=Driver(name="json-file", options={"labels": "rec", "max-size": "10m"}),
    force_update=1,
)


def full(kind: str) -> Any:
    """The one with everything in its spec, as 29.7 has answered it."""
    return next(
        json
        for name, json in of_swarm(kind)
        if name.startswith("29.7") and "OomScoreAdj" in str(json)
    )


def pruned(json: Any) -> Any:
    """Without what Engines write of what was not given."""
    if isinstance(json, dict):
        found = {key: pruned(item) for key, item in json.items()}
        return {key: item for key, item in found.items() if item not in (None, "")}
    return [pruned(item) for item in json] if isinstance(json, list) else json


def test_a_task_of_today() -> None:
    json = full("tasks")
    task = Task.parse(json)
    assert task == Task(
        id=json["ID"],
        version=204,
        created=datetime.datetime(2026, 11, 30, 2, 55, 17, 391380, datetime.timezone.utc),
        updated=datetime.datetime(2026, 11, 30, 2, 55, 29, 144008, datetime.timezone.utc),
        spec=FULL,
        service_id=json["ServiceID"],
        slot=1,
        node_id=json["NodeID"],
        state="running",
        desired_state="running",
        message="started",
        timestamp=datetime.datetime(2026, 11, 30, 2, 55, 29, 49340, datetime.timezone.utc),
        container_id=json["Status"]["ContainerStatus"]["ContainerID"],
        pid=1302,
        exit_code=0,
        networks=(
            TaskNetwork(
                network="qwefpbelxzxjtq9ugho44rcch", name="ingress", addresses=("10.77.0.5/24",)
            ),
            TaskNetwork(
                network="xjjx3zxpa75m5pt9mssyercgf", name="rec-net", addresses=("10.66.0.5/24",)
            ),
        ),
    )


def test_what_callers_make_is_written_as_an_engine_says_it() -> None:
    assert FULL.to_wire() == pruned(full("tasks")["Spec"])


def test_tasks_of_jobs_know_their_iteration_and_others_have_none() -> None:
    kinds = {Task.parse(json).job_iteration for _, json in of_swarm("tasks")}
    assert kinds >= {None, 0}


def test_tasks_that_failed_say_why() -> None:
    found = [Task.parse(json) for _, json in of_swarm("tasks")]
    errors = {(task.state, task.error, task.exit_code) for task in found if task.error}
    assert ("failed", "task: non-zero exit (3)", 3) in errors


def test_ports_volumes_and_generic_resources_of_a_task() -> None:
    task = Task.parse(
        {
            **full("tasks"),
            "Status": {
                "PortStatus": {
                    "Ports": [
                        {
                            "Protocol": "tcp",
                            "TargetPort": 80,
                            "PublishedPort": 8080,
                            "PublishMode": "host",
                        }
                    ]
                }
            },
            "Volumes": [{"ID": "v", "Source": "s", "Target": "/t"}],
            "AssignedGenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 1}}],
            "JobIteration": {"Index": 2},
        }
    )
    assert task.ports == (TaskPort(target=80, published=8080, protocol="tcp", mode="host"),)
    assert task.volumes == (TaskVolume(id="v", source="s", target="/t"),)
    assert task.generic_resources == (GenericResource(kind="gpu", value=1),)
    assert (task.job_iteration, task.exit_code) == (2, None)


READ = {"ID": "i", "Version": {"Index": 1}, "Spec": {"Name": "n", "Data": "eA=="}}


def test_references_have_all_that_an_engine_wants_to_know() -> None:
    """It looks up neither the id nor the name."""
    secret, config = Secret.parse(READ), Config.parse(READ)
    file = {"UID": "0", "GID": "0", "Mode": 0o444}
    assert SecretReference.to(secret).to_wire() == {
        "SecretID": "i",
        "SecretName": "n",
        "File": {"Name": "n", **file},
    }
    assert SecretReference.to(secret, "/x", uid=7, mode=0o400).to_wire() == {
        "SecretID": "i",
        "SecretName": "n",
        "File": {"Name": "/x", "UID": "7", "GID": "0", "Mode": 0o400},
    }
    assert ConfigReference.to(config).to_wire() == {
        "ConfigID": "i",
        "ConfigName": "n",
        "File": {"Name": "n", **file},
    }
    runtime = ConfigReference.to(config, runtime=True)
    assert runtime.to_wire() == {"ConfigID": "i", "ConfigName": "n", "Runtime": {}}
    assert ConfigReference.parse(runtime.to_wire()) == runtime
    read = SecretReference.parse({"SecretID": "i", "SecretName": "n", "File": None})
    assert read.to_wire() == {"SecretID": "i", "SecretName": "n", "File": None}


def test_a_profile_of_seccomp_is_base64_on_the_way() -> None:
    custom = Seccomp(mode="custom", profile=b"{}")
    assert custom.to_wire() == {"Mode": "custom", "Profile": "e30="}
    assert Seccomp.parse(custom.to_wire()) == custom
    assert CredentialSpec(config="i").to_wire() == {"Config": "i"}


def test_the_runtime_follows_from_what_a_task_is() -> None:
    privileges = [PluginPrivilege(name="network", description="d", values=["host"])]
    named = PluginSpec(remote="a/b", name="c", disabled=True, privileges=privileges, env={"X": "y"})
    plugin = TaskSpec(plugin=named)
    assert plugin.to_wire() == {
        "PluginSpec": {
            "remote": "a/b",
            "name": "c",
            "disabled": True,
            "privileges": [{"name": "network", "description": "d", "value": ["host"]}],
            "env": ["X=y"],
        },
        "Runtime": "plugin",
    }
    assert TaskSpec.parse(plugin.to_wire()) == plugin
    attachment = TaskSpec(attachment=NetworkAttachmentSpec(container_id="c"))
    assert attachment.to_wire() == {
        "NetworkAttachmentSpec": {"ContainerID": "c"},
        "Runtime": "attachment",
    }
    assert TaskSpec(container=ContainerSpec(image="a")).to_wire() == {
        "ContainerSpec": {"Image": "a"}
    }


def test_generic_resources_are_reserved() -> None:
    kept = ResourceReservations(generic=[GenericResource(kind="gpu", value=2)])
    assert kept.to_wire() == {
        "GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}}]
    }


def test_hosts_may_be_given_in_every_form() -> None:
    for given in ({"db": "10.0.0.9"}, ["db:10.0.0.9"], [("db", "10.0.0.9")], ["10.0.0.9 db"]):
        assert ContainerSpec(image="a", extra_hosts=given).extra_hosts == ("10.0.0.9 db",)
    assert ContainerSpec(image="a", extra_hosts=["a:::1"]).extra_hosts == ("::1 a",)


def spec(**given: Any) -> ContainerSpec:
    return ContainerSpec(image="a", **given)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (TaskSpec, ValueError, "^TaskSpec: one of container, plugin and attachment .* not none"),
        (
            lambda: attrs.evolve(FULL, plugin=PluginSpec(remote="x")),
            ValueError,
            "^TaskSpec: one of .* not container and plugin",
        ),
        (
            lambda: spec(mounts=[Mount(target="/a"), Mount(target="/a")]),
            ValueError,
            "^mounts: two at '/a'",
        ),
        (
            lambda: ResourceLimits(nano_cpus=999_999),
            ValueError,
            "^nano_cpus: at least 1000000 was expected, not 999999",
        ),
        (lambda: ResourceReservations(memory="3m"), ValueError, "^memory: at least 4194304 was"),
        (lambda: TaskRestart(condition="always"), ValueError, "^condition: one of 'none', "),
        (lambda: Placement(platforms=["amd64"]), ValueError, "^platforms: a platform such as"),
        (lambda: Placement(max_replicas=-1), ValueError, "^max_replicas: at least 0 was"),
        (lambda: spec(extra_hosts=["db"]), ValueError, "^extra_hosts: an IP address was"),
        (lambda: spec(extra_hosts=[":1.2.3.4"]), ValueError, "^extra_hosts: host:address was"),
        (lambda: spec(oom_score_adj=1001), ValueError, "^oom_score_adj: at most 1000 was"),
        (lambda: spec(secrets=["x"]), TypeError, r"^secrets: use dockerapi.SecretReference\(...\)"),
        (
            lambda: ConfigReference(id="i", name="n", target="/x", runtime=True),
            ValueError,
            "^runtime: what is no file has no target",
        ),
        (lambda: Seccomp(profile="text"), TypeError, "^profile: bytes were expected, not str"),
        (lambda: NetworkAttachment(target=3), TypeError, "^target: a string was expected, not 3"),
        (lambda: Ulimit(name="a", soft=-2), ValueError, "^soft: at least -1 was"),
    ],
)
def test_what_is_no_setting_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()
