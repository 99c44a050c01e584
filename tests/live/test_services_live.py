"""Services of a swarm of one node, on a private Engine that the test has started."""

from __future__ import annotations

import functools
import threading
from pathlib import Path

import attrs
import pytest

from dockerapi import (
    Client,
    Conflict,
    ContainerSpec,
    Credentials,
    Global,
    GlobalJob,
    InUse,
    NetworkAttachment,
    NetworkNotFound,
    NotFound,
    OutOfSequence,
    Placement,
    Replicated,
    ReplicatedJob,
    ServiceFailed,
    ServicePort,
    ServiceSpec,
    TaskRestart,
    TaskSpec,
    TimedOut,
    UpdateConfig,
)
from live.registry import OTHER_PASSWORD, OTHER_PASSWORDS, PASSWORD, USERNAME, serve_registry
from live.swarms import FROM_1_30, IMAGE, until

pytestmark = [pytest.mark.real("a swarm with services"), pytest.mark.dear]
ADA = Credentials(username=USERNAME, password=PASSWORD)
ONCE = TaskRestart(condition="none")
LIMIT = 120  # seconds for what takes two


def made(
    name: str,
    *command: str,
    restart: TaskRestart | None = None,
    mode: Replicated | Global | ReplicatedJob | GlobalJob | None = None,
    update: UpdateConfig | None = None,
    image: str = IMAGE,
    placement: Placement | None = None,
) -> ServiceSpec:
    container = ContainerSpec(image=image, command=command, stop_grace_period=0.5)
    task = TaskSpec(container=container, restart=restart, placement=placement)
    return ServiceSpec(name=name, task=task, mode=mode, update=update)


def command_of(spec: ServiceSpec, *command: str) -> ServiceSpec:
    assert spec.task.container is not None
    container = attrs.evolve(spec.task.container, command=command)
    return attrs.evolve(spec, task=attrs.evolve(spec.task, container=container))


@pytest.mark.parametrize(
    "version",
    [
        pytest.param("1.24", marks=pytest.mark.fetched),
        pytest.param("1.30", marks=pytest.mark.fetched),
        None,
    ],
    ids=["1.24", "1.30", "newest"],
)
def test_the_life_of_a_service(manager: str, swarm: Client, version: str | None) -> None:
    quick = None if version == "1.24" else UpdateConfig(monitor=0.1)
    with Client(manager, version=version) as client:
        created = client.create_service(
            made("web", "sleep", "6000", mode=Replicated(replicas=2), update=quick)
        )
        with pytest.raises(Conflict):
            client.create_service(made("web", "true"))
        read = client.wait_for_service("web", timeout=LIMIT)
        tasks = client.tasks(filters={"service": "web", "desired-state": "running"})
        assert [(task.state, task.service_id) for task in tasks] == [("running", created.id)] * 2
        assert client.inspect_task(tasks[0]).container_id == tasks[0].container_id
        assert [row.id for row in client.services(filters={"name": "we"})] == [created.id]
        # Another one writes; the value that was read is of no use then.
        changed = client.change_service("web", lambda spec: spec.scaled(1))
        assert changed.spec == read.spec.scaled(1)
        with pytest.raises(OutOfSequence):
            client.update_service(read, read.spec.scaled(3))
        done = client.wait_for_service(created, timeout=LIMIT)
        warnings = client.update_service(done, command_of(done.spec, "sleep", "6010"))
        # Below 1.30 the Engine asks the registry, and this one has none.
        assert ["could not be accessed on a registry" in words for words in warnings] == (
            [True] if version == "1.24" else []
        )
        updated = client.wait_for_service("web", timeout=LIMIT)
        assert updated.previous_spec == done.spec
        [task] = client.tasks(filters={"service": "web", "desired-state": "running"})
        assert task.spec.container is not None
        assert task.spec.container.command == ("sleep", "6010")
        client.remove_service("web")
        with pytest.raises(NotFound):
            client.inspect_service("web")
        with pytest.raises(NotFound):
            client.update_service(updated, updated.spec.scaled(2))
        with pytest.raises(NotFound):
            client.tasks(filters={"service": "web"})


@pytest.mark.fetched
def test_what_is_to_end_ends(swarm: Client) -> None:
    """One-shots and jobs, on one node and on each, and what fails."""
    good = {
        "twice": made("twice", "true", restart=ONCE, mode=Replicated(replicas=2)),
        "each": made("each", "true", restart=TaskRestart(condition="on-failure"), mode=Global()),
        "job": made(
            "job",
            "true",
            restart=ONCE,
            mode=ReplicatedJob(max_concurrent=2, total_completions=3),
        ),
        "jobs": made("jobs", "true", restart=ONCE, mode=GlobalJob()),
    }
    bad = {
        "fails": made("fails", "sh", "-c", "exit 3", restart=ONCE),
        "fails-each": made("fails-each", "sh", "-c", "exit 3", restart=ONCE, mode=Global()),
        "bad-job": made("bad-job", "sh", "-c", "exit 3", restart=ONCE, mode=ReplicatedJob()),
    }
    for spec in (*good.values(), *bad.values()):
        swarm.create_service(spec)
    for name in good:
        found = swarm.wait_for_service(name, timeout=LIMIT)
        ended = [task.state for task in swarm.tasks(filters={"service": name})]
        assert (found.spec.name, set(ended)) == (name, {"complete"})
    for name in bad:
        with pytest.raises(ServiceFailed) as caught:
            swarm.wait_for_service(name, timeout=LIMIT)
        [task] = caught.value.tasks
        assert (task.exit_code, task.error) == (3, "task: non-zero exit (3)")
    again = swarm.change_service("job", lambda spec: spec.forced())
    assert again.job is not None and again.job.iteration == 1
    swarm.wait_for_service("job", timeout=LIMIT)
    assert len(swarm.tasks(filters={"service": "job", "desired-state": "running"})) == 0


@FROM_1_30
def test_what_never_comes_says_why(swarm: Client) -> None:
    placement = Placement(constraints=["node.labels.nobody==1"])
    swarm.create_service(made("nowhere", "sleep", "6000", placement=placement))
    nowhere = made("global-nowhere", "true", placement=placement, mode=Global())
    swarm.create_service(attrs.evolve(nowhere, update=UpdateConfig(monitor=0.1)))
    assert swarm.wait_for_service("global-nowhere", timeout=LIMIT).spec.name
    until(lambda: [task for task in swarm.tasks(filters={"service": "nowhere"}) if task.error])
    with pytest.raises(TimedOut) as caught:
        swarm.wait_for_service("nowhere", timeout=5)
    [task] = caught.value.tasks
    assert (task.state, task.error) == (
        "pending",
        "no suitable node (scheduling constraints not satisfied on 1 node)",
    )


def test_what_crashes_can_be_scaled_to_none(swarm: Client) -> None:
    """The task that failed last stays; the one that was to take its place goes."""
    crashes = made("crashes", "sh", "-c", "exit 3", restart=TaskRestart(delay=0.1))
    swarm.create_service(attrs.evolve(crashes, update=UpdateConfig(monitor=0.1)))
    of_it = {"service": "crashes"}
    until(lambda: any(task.state == "failed" for task in swarm.tasks(filters=of_it)))
    swarm.change_service("crashes", lambda spec: spec.scaled(0))
    until(lambda: all(task.state == "failed" for task in swarm.tasks(filters=of_it)))
    assert swarm.wait_for_service("crashes", timeout=LIMIT).spec.mode == Replicated(replicas=0)


@FROM_1_30
def test_an_update_that_fails_is_rolled_back(swarm: Client) -> None:
    quick = UpdateConfig(monitor=0.1)
    first = swarm.create_service(made("web", "sleep", "6000", update=quick))
    good = swarm.wait_for_service("web", timeout=LIMIT)
    # A busy Engine may take seconds to tell that the task has failed.
    rolls = UpdateConfig(failure_action="rollback", monitor=60, parallelism=0)
    bad = command_of(good.spec, "sh", "-c", "exit 3")
    swarm.update_service(good, attrs.evolve(bad, update=rolls))
    with pytest.raises(ServiceFailed) as caught:
        swarm.wait_for_service("web", timeout=LIMIT)
    assert 3 in {task.exit_code for task in caught.value.tasks}
    service = caught.value.service
    assert service is not None and service.update_status is not None
    assert (service.id, service.spec) == (first.id, good.spec)
    assert str(service.update_status.state).startswith("rollback_")


@FROM_1_30
@pytest.mark.fetched
def test_an_update_is_rolled_back_on_request(swarm: Client) -> None:
    quick = UpdateConfig(monitor=0.1)
    swarm.create_service(made("web", "sleep", "6000", update=quick))
    before = swarm.wait_for_service("web", timeout=LIMIT)
    swarm.update_service(before, command_of(before.spec, "sleep", "6010"))
    after = swarm.wait_for_service("web", timeout=LIMIT)
    assert swarm.rollback_service(swarm.inspect_service("web")) == ()
    back = swarm.wait_for_service("web", timeout=LIMIT)
    assert (back.spec, back.previous_spec) == (before.spec, after.spec)


def test_what_is_refused_says_so_by_class(swarm: Client) -> None:
    port = ServicePort(target=80, published=30080)
    swarm.create_service(attrs.evolve(made("web", "sleep", "6000"), ports=[port]))
    with pytest.raises(InUse) as caught:
        swarm.create_service(attrs.evolve(made("other", "true"), ports=[port]))
    assert caught.value.users == ("web",)
    spec = made("other", "true")
    networks = [NetworkAttachment(target="nosuch")]
    with pytest.raises(NetworkNotFound):
        swarm.create_service(attrs.evolve(spec, task=attrs.evolve(spec.task, networks=networks)))
    for task in ("nosuch", "nosuch.1.x"):
        with pytest.raises(NotFound):
            swarm.inspect_task(task)


@pytest.mark.fetched
def test_what_is_read_under_an_old_version_goes_back_whole(manager: str, swarm: Client) -> None:
    spec = attrs.evolve(
        made("web", "sleep", "6000", mode=Replicated(replicas=0)),
        update=UpdateConfig(monitor=1, order="stop-first", max_failure_ratio=0.5),
        rollback=UpdateConfig(parallelism=2, order="start-first"),
        ports=[ServicePort(target=1, mode="host")],
    )
    assert spec.task.container is not None
    container = attrs.evolve(
        spec.task.container, init=True, hostname="h", stop_signal="SIGINT", dns=["192.0.2.1"]
    )
    task = attrs.evolve(spec.task, container=container, force_update=1)
    swarm.create_service(attrs.evolve(spec, task=task))
    read = swarm.inspect_service("web")
    with Client(manager, version="1.24") as old:
        changed = old.change_service("web", lambda spec: attrs.evolve(spec, labels={"a": "b"}))
        assert changed.version > read.version
    found = swarm.inspect_service("web")
    assert {**found.raw["Spec"], "Labels": read.raw["Spec"]["Labels"]} == read.raw["Spec"]
    assert found.spec.labels == {"a": "b"}


@pytest.mark.fetched
def test_networks_at_the_top_of_a_spec_can_be_changed(manager: str, swarm: Client) -> None:
    """The Engine refuses other ones there; they go to the task."""
    ids = [swarm.create_network(name, driver="overlay").id for name in ("one", "two")]
    task = {"ContainerSpec": {"Image": IMAGE, "Args": ["sleep", "6000"]}}
    mode = {"Replicated": {"Replicas": 0}}
    body = {"Name": "web", "TaskTemplate": task, "Mode": mode, "Networks": [{"Target": "one"}]}
    with Client(manager, version="1.24") as old:
        assert old.session.post("/services/create", json=body).status_code == 201
    read = swarm.inspect_service("web")
    assert read.raw["Spec"]["Networks"] == [{"Target": ids[0]}]
    assert read.spec.task.networks == (NetworkAttachment(target=ids[0]),)
    same = swarm.change_service("web", lambda spec: attrs.evolve(spec, labels={"a": "b"}))
    assert same.spec.task.networks == read.spec.task.networks
    networks = [NetworkAttachment(target=ids[1])]
    found = swarm.change_service(
        "web", lambda spec: attrs.evolve(spec, task=attrs.evolve(spec.task, networks=networks))
    )
    assert found.raw["Spec"].get("Networks") is None
    assert found.spec.task.networks == (NetworkAttachment(target=ids[1]),)
    swarm.remove_service("web")
    for id in ids:
        swarm.remove_network(id)


def labelled(label: str, spec: ServiceSpec) -> ServiceSpec:
    return attrs.evolve(spec, labels={**(spec.labels or {}), label: ""})


@pytest.mark.nightly
def test_of_two_writers_none_loses_anything(swarm: Client) -> None:
    swarm.create_service(made("web", "sleep", "6000", mode=Replicated(replicas=0)))
    together = threading.Barrier(2)

    def write(who: str) -> None:
        for label in [f"{who}{round}" for round in range(20)]:
            together.wait(LIMIT)
            change = functools.partial(labelled, label)
            swarm.change_service("web", change)

    threads = [threading.Thread(target=write, args=(who,)) for who in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    wanted = {f"{who}{round}": "" for who in ("a", "b") for round in range(20)}
    assert swarm.inspect_service("web").spec.labels == wanted


@FROM_1_30
@pytest.mark.fetched
@pytest.mark.uses("docker-registry")
def test_a_tag_that_gets_another_image(swarm: Client, registry: str, name: str) -> None:
    """Behind a password, which the swarm keeps."""
    there = f"{registry}/{name}"

    def push(text: str) -> str | None:
        made = swarm.create_container(IMAGE, ["true"])
        swarm.commit(made, repository=there, tag="1", message=text, changes=[f"LABEL t={text}"])
        swarm.remove_container(made)
        return swarm.push(there, tag="1", auth=ADA).digest

    first = push("first")
    spec = made("web", "sleep", "6000", image=f"{there}:1", update=UpdateConfig(monitor=0.1))
    refused = swarm.create_service(spec, resolve_image=True)
    assert len(refused.warnings) == 1 and f"no digest was found for {there}:1" in str(refused)
    swarm.remove_service(refused)
    until(lambda: not swarm.tasks())
    created = swarm.create_service(spec, auth=ADA, resolve_image=True)
    assert created.warnings == ()
    found = swarm.wait_for_service("web", timeout=LIMIT)
    assert found.spec.task.container is not None
    assert found.spec.task.container.image == f"{there}:1@{first}"
    second = push("second")
    assert first != second
    spec = found.spec.with_image(f"{there}:1")
    assert swarm.update_service(found, spec, auth=ADA, resolve_image=True) == ()
    found = swarm.wait_for_service("web", timeout=LIMIT)
    assert found.spec.task.container is not None
    assert found.spec.task.container.image == f"{there}:1@{second}"


@FROM_1_30
@pytest.mark.fetched
@pytest.mark.uses("docker-registry")
def test_a_registry_whose_password_changes(swarm: Client, tmp_path: Path, name: str) -> None:
    """The swarm keeps the credentials of a spec: those of before hold until others are given."""
    new = attrs.evolve(ADA, password=OTHER_PASSWORD)
    with serve_registry(tmp_path) as address:
        there = f"{address}/{name}"

        def push(tag: str, auth: Credentials) -> str:
            made = swarm.create_container(IMAGE, ["true"])
            swarm.commit(made, repository=there, tag=tag, changes=[f"LABEL t={tag}"])
            swarm.remove_container(made)
            swarm.push(there, tag=tag, auth=auth)
            swarm.remove_image(f"{there}:{tag}")  # so that the task has to pull it
            return f"{there}:{tag}"

        spec = made("web", "sleep", "6000", image=push("1", ADA), update=UpdateConfig(monitor=0.1))
        swarm.create_service(spec, auth=ADA)
        swarm.wait_for_service("web", timeout=LIMIT)

        second, third = push("2", ADA), push("3", ADA)
        (tmp_path / "passwords").write_text(OTHER_PASSWORDS)
        patient, quick = UpdateConfig(monitor=60), UpdateConfig(monitor=0.1)
        swarm.change_service(
            "web", lambda spec: attrs.evolve(spec.with_image(second), update=patient)
        )
        with pytest.raises(ServiceFailed) as caught:
            swarm.wait_for_service("web", timeout=LIMIT)
        errors = {
            task.error
            for task in caught.value.tasks
            if task.spec.container and task.spec.container.image == second
        }
        assert errors == {f"No such image: {second}"}

        swarm.change_service(
            "web", lambda spec: attrs.evolve(spec.forced(), update=quick), auth=new
        )
        swarm.wait_for_service("web", timeout=LIMIT)
        swarm.change_service("web", lambda spec: spec.with_image(third))
        swarm.wait_for_service("web", timeout=LIMIT)
        running = {"service": "web", "desired-state": "running"}
        [task] = swarm.tasks(filters=running)
        assert task.spec.container is not None and task.spec.container.image == third
