"""Services of a swarm."""

from __future__ import annotations

import datetime
from typing import Any

import attrs
import pytest

from dockerapi import (
    ContainerSpec,
    Global,
    GlobalJob,
    NetworkAttachment,
    PluginSpec,
    Replicated,
    ReplicatedJob,
    ServicePort,
    ServiceSpec,
    TaskSpec,
    UpdateConfig,
)
from dockerapi.models.services import (
    JobStatus,
    Mode,
    Service,
    ServiceCreated,
    ServiceStatus,
    UpdateStatus,
    VirtualIP,
)
from models.recorded import of_swarm
from models.test_tasks import FULL, full, pruned

UTC = datetime.timezone.utc
SPEC = ServiceSpec(
    name="rec-full",
    labels={"rec": "full", "tier": "web"},
    task=FULL,
    mode=Replicated(replicas=2),
    update=UpdateConfig(
        parallelism=1,
        delay=0.5,
        failure_action="rollback",
        monitor=0.5,
        max_failure_ratio=0.5,
        order="start-first",
    ),
    rollback=UpdateConfig(
        parallelism=2,
        failure_action="pause",
        monitor=0.5,
        max_failure_ratio=0,
        order="stop-first",
    ),
    endpoint_mode="vip",
    ports=[
        ServicePort(name="web", protocol="tcp", target=80, published=18080, mode="ingress"),
        ServicePort(protocol="udp", target=53, mode="ingress"),
    ],
)
TASK = TaskSpec(container=ContainerSpec(image="a"))


def test_a_service_of_today() -> None:
    assert Service.parse(full("services")) == Service(
        id="5sosudc4gkatc9yiljcgqpxx6",
        version=89,
        created=datetime.datetime(2026, 11, 30, 2, 55, 17, 387969, UTC),
        updated=datetime.datetime(2026, 11, 30, 2, 55, 17, 389752, UTC),
        spec=SPEC,
        endpoint_mode="vip",
        ports=(
            ServicePort(name="web", protocol="tcp", target=80, published=18080, mode="ingress"),
            ServicePort(protocol="udp", target=53, published=30000, mode="ingress"),
        ),
        virtual_ips=(
            VirtualIP(network_id="qwefpbelxzxjtq9ugho44rcch", address="10.77.0.4/24"),
            VirtualIP(network_id="xjjx3zxpa75m5pt9mssyercgf", address="10.66.0.4/24"),
        ),
    )


def test_what_callers_make_is_written_as_an_engine_says_it() -> None:
    expected = pruned(full("services")["Spec"])
    del expected["TaskTemplate"]["Runtime"]  # which Engines add for containers
    assert SPEC.to_wire() == expected


def test_an_update_that_goes_on_and_what_was_before_it() -> None:
    found = [Service.parse(json) for _, json in of_swarm("services")]
    states = {service.update_status.state for service in found if service.update_status}
    assert states == {None, "updating", "rollback_started"}
    before = [service for service in found if service.previous_spec is not None]
    assert {service.previous_spec.name for service in before if service.previous_spec} == {
        "rec-plain"
    }
    under_way = next(
        json for _, json in of_swarm("services") if json.get("UpdateStatus", {}).get("State")
    )
    status = Service.parse(under_way).update_status
    assert status == UpdateStatus(
        state=under_way["UpdateStatus"]["State"],
        started=status.started if status else None,
        message=under_way["UpdateStatus"]["Message"],
    )


def test_jobs_count_and_lists_may_say_how_many_run() -> None:
    found = [Service.parse(json) for _, json in of_swarm("services")]
    jobs = [service.job for service in found if service.job is not None]
    assert {job.iteration for job in jobs} == {0}
    assert JobStatus.parse({"JobIteration": {"Index": 2}}).iteration == 2
    assert {service.status for service in found} >= {
        None,
        ServiceStatus(running=2, desired=2, completed=0),
    }


@pytest.mark.parametrize(
    ("mode", "json"),
    [
        (Replicated(replicas=0), {"Replicated": {"Replicas": 0}}),
        (Replicated(), {"Replicated": {}}),
        (Global(), {"Global": {}}),
        (
            ReplicatedJob(max_concurrent=1, total_completions=2),
            {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 2}},
        ),
        (GlobalJob(), {"GlobalJob": {}}),
    ],
)
def test_an_empty_object_may_be_the_whole_mode(mode: Mode, json: dict[str, Any]) -> None:
    spec = ServiceSpec(task=TASK, mode=mode)
    assert spec.to_wire()["Mode"] == json
    assert ServiceSpec.parse(spec.to_wire()).mode == mode


def test_a_mode_that_is_not_known_is_none_and_goes_back() -> None:
    json = {"TaskTemplate": {"ContainerSpec": {"Image": "a"}}, "Mode": {"Odd": {}}}
    assert ServiceSpec.parse(json).mode is None
    assert attrs.evolve(ServiceSpec.parse(json), name="x").to_wire() == {**json, "Name": "x"}


def test_networks_at_the_top_are_those_of_the_task_and_are_written_there_if_changed() -> None:
    """An Engine does not take changed ones at the top."""
    top = [{"Target": "net", "Odd": 1}]
    json = {"Name": "a", "TaskTemplate": {"ContainerSpec": {"Image": "a"}}, "Networks": top}
    spec = ServiceSpec.parse(json)
    assert spec.task.networks == (NetworkAttachment(target="net"),)
    assert spec.to_wire() == attrs.evolve(spec).to_wire() == json
    assert attrs.evolve(spec, labels={"x": "y"}).to_wire() == {**json, "Labels": {"x": "y"}}
    assert spec.with_image("b").to_wire() == {
        "Name": "a",
        "TaskTemplate": {"ContainerSpec": {"Image": "b"}, "Networks": top},
    }
    recorded = [json for _, json in of_swarm("services") if json["Spec"].get("Networks")]
    assert recorded
    for json in recorded:
        assert ServiceSpec.parse(json["Spec"]).task.networks


def test_the_three_changes_that_everybody_makes() -> None:
    spec = ServiceSpec(task=TASK)
    assert spec.scaled(3).mode == Replicated(replicas=3)
    image = ContainerSpec(image="b")
    assert spec.with_image("b") == ServiceSpec(task=TaskSpec(container=image))
    assert spec.forced().forced().task.force_update == 2
    for mode in (Global(), GlobalJob(), ReplicatedJob()):
        with pytest.raises(ValueError, match="^scaled: a replicated service was expected, not "):
            ServiceSpec(task=TASK, mode=mode).scaled(1)
    with pytest.raises(ValueError, match="^replicas: at least 0 was expected, not -1"):
        spec.scaled(-1)
    with pytest.raises(ValueError, match="^with_image: a service of containers was expected"):
        ServiceSpec(task=TaskSpec(plugin=PluginSpec(remote="a"))).with_image("b")


def test_what_a_creation_says() -> None:
    assert ServiceCreated.parse({"ID": "i", "Warnings": None}) == ServiceCreated(id="i")
    assert ServiceCreated.parse({"ID": "i", "Warnings": ["w"]}).warnings == ("w",)


def ports(*ports: ServicePort, **given: Any) -> ServiceSpec:
    return ServiceSpec(task=TASK, ports=ports, **given)


PORT = ServicePort(target=80, published=8080)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ServiceSpec(task=FULL.container), TypeError, r"^task: use dockerapi.TaskSpec"),
        (lambda: ServiceSpec(task=TASK, name="a b"), ValueError, "^name: up to 63 letters"),
        (lambda: ServiceSpec(task=TASK, name="a" * 64), ValueError, "^name: up to 63 letters"),
        (lambda: ServiceSpec(task=TASK, name="-a"), ValueError, "^name: up to 63 letters"),
        (lambda: ServiceSpec(task=TASK, mode="global"), TypeError, r"^mode: use dockerapi.Mode"),
        (lambda: ServicePort(target=0), ValueError, "^target: at least 1 was expected, not 0"),
        (lambda: ServicePort(target=65536), ValueError, "^target: at most 65535 was"),
        (lambda: ServicePort(target=1, published=65536), ValueError, "^published: at most 65535"),
        (lambda: ServicePort(target=1, protocol="ip"), ValueError, "^protocol: one of 'tcp', "),
        (
            lambda: ports(PORT, ServicePort(target=81, published=8080, protocol="tcp")),
            ValueError,
            "^ports: 8080 is published twice",
        ),
        (lambda: ports(PORT, endpoint_mode="dnsrr"), ValueError, "^ports: with dnsrr only of mode"),
        (lambda: UpdateConfig(max_failure_ratio=2), ValueError, "^max_failure_ratio: a number"),
        (lambda: UpdateConfig(max_failure_ratio="1"), TypeError, "^max_failure_ratio: a number"),
        (
            lambda: ServiceSpec(task=TASK, rollback=UpdateConfig(failure_action="rollback")),
            ValueError,
            "^rollback: failure_action: a rollback is not rolled back",
        ),
    ],
)
def test_what_is_no_setting_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_one_port_may_be_published_by_two_protocols() -> None:
    udp = ServicePort(target=80, published=8080, protocol="udp")
    assert ports(PORT, udp).ports == (PORT, udp)
    host = ServicePort(target=80, mode="host")
    assert ports(host, endpoint_mode="dnsrr").endpoint_mode == "dnsrr"
