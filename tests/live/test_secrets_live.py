"""Secrets, configs and logs of services, on a private Engine that manages a swarm."""

from __future__ import annotations

import datetime
import functools
import logging
import threading
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from dockerapi import (
    Client,
    ConfigReference,
    Conflict,
    ContainerSpec,
    Frame,
    InUse,
    LogsIncomplete,
    NotFound,
    OutOfSequence,
    Placement,
    Replicated,
    SecretReference,
    ServiceSpec,
    TaskRestart,
    TaskSpec,
    UpdateConfig,
)
from dockerapi.api.task_logs import BETWEEN_LOOKS
from dockerapi.models.tasks import Task
from live.swarms import FROM_1_30, IMAGE, until

pytestmark = [pytest.mark.real("a swarm with services"), pytest.mark.dear]
LIMIT = 120  # seconds for what takes two
SHOW = "stat -c '%u %a' /run/secrets/key /key.conf; cat /run/secrets/key /key.conf; exec sleep 6000"
OWNED = ["5 400", "0 440"]
ENDS_WHEN_ASKED = "trap 'exit 0' TERM; echo begun; while :; do sleep 0.1; done"
ONCE = TaskRestart(condition="none")


def made(
    name: str,
    script: str,
    *,
    replicas: int = 1,
    restart: TaskRestart | None = None,
    placement: Placement | None = None,
    **container: Any,
) -> ServiceSpec:
    settings = attrs.evolve(
        ContainerSpec(image=IMAGE, command=["sh", "-c", script], stop_grace_period=0.5),
        **container,
    )
    return ServiceSpec(
        name=name,
        task=TaskSpec(container=settings, restart=restart, placement=placement),
        mode=Replicated(replicas=replicas),
        update=UpdateConfig(monitor=0.1),
    )


def running(client: Client, service: str) -> list[Task]:
    return client.tasks(filters={"service": service, "desired-state": "running"})


def first_lines(client: Client, tasks: list[Task], count: int) -> list[str]:
    """What the only one has written first; waits until it has."""
    [task] = tasks
    with client.task_log_lines(task, follow=True) as lines:
        return [next(lines).text for _ in range(count)]


def with_files(spec: ServiceSpec, secret: SecretReference, config: ConfigReference) -> ServiceSpec:
    assert spec.task.container is not None
    container = attrs.evolve(spec.task.container, secrets=[secret], configs=[config])
    return attrs.evolve(spec, task=attrs.evolve(spec.task, container=container))


@pytest.mark.parametrize(
    "version", [pytest.param("1.30", marks=pytest.mark.fetched), None], ids=["1.30", "newest"]
)
def test_a_secret_and_a_config_are_rotated(
    manager: str, swarm: Client, version: str | None
) -> None:
    """New ones under the same targets, waited for; the old ones can be removed then only."""
    with Client(manager, version=version) as client:

        def new(number: int) -> tuple[SecretReference, ConfigReference]:
            secret = client.create_secret(f"key-{number}", f"secret {number}\n".encode())
            config = client.create_config(f"conf-{number}", f"config {number}\n".encode())
            return (
                SecretReference.to(client.inspect_secret(secret), "key", uid=5, mode=0o400),
                ConfigReference.to(client.inspect_config(config), "/key.conf", mode=0o440),
            )

        secret, config = new(1)
        client.create_service(with_files(made("web", SHOW), secret, config))
        client.wait_for_service("web", timeout=LIMIT)
        assert first_lines(client, running(client, "web"), 4) == [
            "5 400",
            "0 440",
            "secret 1",
            "config 1",
        ]
        for remove, name in ((client.remove_secret, "key-1"), (client.remove_config, "conf-1")):
            with pytest.raises(InUse) as caught:
                remove(name)
            assert caught.value.users == ("web",)

        other = new(2)
        client.change_service("web", lambda spec: with_files(spec, *other))
        found = client.wait_for_service("web", timeout=LIMIT)
        assert found.spec.task.container is not None
        container = found.spec.task.container
        assert [one.id for one in container.secrets or ()] == [other[0].id]
        assert [one.id for one in container.configs or ()] == [other[1].id]
        assert first_lines(client, running(client, "web"), 4) == [
            "5 400",
            "0 440",
            "secret 2",
            "config 2",
        ]
        client.remove_secret("key-1")
        client.remove_config("conf-1")
        assert [one.spec.name for one in client.secrets()] == ["key-2"]
        assert [one.spec.name for one in client.configs()] == ["conf-2"]


@FROM_1_30
def test_of_secrets_and_configs_only_labels_change(swarm: Client) -> None:
    swarm.create_secret("key", b"s3cret", labels={"a": "1"})
    swarm.create_config("conf", b"\0\xff", labels={"a": "1"})
    secret, config = swarm.inspect_secret("key"), swarm.inspect_config("conf")
    assert (secret.spec.labels, config.spec.labels) == ({"a": "1"}, {"a": "1"})
    assert config.spec.data == b"\0\xff"
    with pytest.raises(Conflict):
        swarm.create_secret("key", b"x")
    with pytest.raises(Conflict):
        swarm.create_config("conf", b"x")
    changed = swarm.change_secret("key", lambda spec: attrs.evolve(spec, labels={"b": "2"}))
    assert changed.spec == attrs.evolve(secret.spec, labels={"b": "2"})
    with pytest.raises(OutOfSequence):
        swarm.update_secret(secret, attrs.evolve(secret.spec, labels={}))
    kept = swarm.change_config("conf", lambda spec: attrs.evolve(spec, labels={"b": "2"}))
    assert kept.spec == attrs.evolve(config.spec, labels={"b": "2"})
    with pytest.raises(OutOfSequence):
        swarm.update_config(config, attrs.evolve(config.spec, labels={}))
    swarm.remove_secret(changed)
    swarm.remove_config(kept)
    with pytest.raises(NotFound):
        swarm.inspect_secret("key")
    with pytest.raises(NotFound):
        swarm.inspect_config("conf")


@FROM_1_30
@pytest.mark.parametrize("tty", [False, True], ids=["pipes", "tty"])
def test_the_logs_of_two_replicas_are_told_apart(swarm: Client, tty: bool) -> None:
    script = "echo I am $SLOT; echo and say so >&2; exec sleep 6000"
    env = ["SLOT={{.Task.Slot}}"]
    service = swarm.create_service(made("web", script, replicas=2, tty=tty, env=env)).id
    swarm.wait_for_service("web", timeout=LIMIT)
    tasks = running(swarm, "web")
    with swarm.service_log_lines("web", follow=True) as logs:
        lines = [next(logs) for _ in range(4)]
    assert all(line.time is not None for line in lines)
    found = {(line.task_id, line.node_id, line.service_id, *line[:2]) for line in lines}
    end = "\r" if tty else ""  # as a terminal has it
    assert found == {
        (task.id, task.node_id, service, stream, text)
        for task in tasks
        for stream, text in (
            ("stdout", f"I am {task.slot}{end}"),
            ("stdout" if tty else "stderr", f"and say so{end}"),
        )
    }
    # One of them alone, without its stderr, of which a terminal has none
    with swarm.task_log_lines(tasks[0], stderr=False) as logs:
        alone = [(line.task_id, line.text) for line in logs]
    texts = [f"I am {tasks[0].slot}{end}", *[f"and say so{end}"] * tty]
    assert alone == [(tasks[0].id, text) for text in texts]


def test_a_task_that_has_no_node_has_no_logs_yet(swarm: Client) -> None:
    """It is named; the service has all that was written."""
    alone = Placement(max_replicas=1)
    swarm.create_service(made("web", "echo here; exec sleep 6000", replicas=2, placement=alone))
    here = until(lambda: [task for task in running(swarm, "web") if task.state == "running"])
    assert first_lines(swarm, here, 1) == ["here"]
    [waits] = [task.id for task in running(swarm, "web") if task.id != here[0].id]
    with swarm.service_log_lines("web") as logs:
        assert [line.text for line in logs] == ["here"]
    with pytest.raises(LogsIncomplete) as caught, swarm.task_logs(waits) as frames:
        list(frames)
    assert (caught.value.tasks, caught.value.nodes) == ((waits,), ())


# Following ends soon: two looks after the end, or three if one is under way then. This counts them,
# which a busy machine does not change. A quiet one takes less than five seconds.

ENDED = ("complete", "failed", "rejected", "shutdown", "remove", "orphaned")
MOST = 3
assert MOST * BETWEEN_LOOKS < 5


def looks_after(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    service: str,
    looked_at: str,
    read: Callable[[], object],
) -> int:
    """How often somebody who reads looked at something after all tasks of a service had ended."""
    last = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)

    def looks() -> int:
        return sum(f"/{looked_at} " in record.getMessage() for record in caplog.records)

    def have_ended() -> bool:
        nonlocal last
        tasks = [task for task in client.tasks() if task.service_id == service]
        last = max([last, *(task.timestamp for task in tasks if task.timestamp)])
        return all(task.state in ENDED for task in tasks)

    caplog.set_level(logging.DEBUG, "dockerapi")
    reader = threading.Thread(target=read)
    reader.start()
    until(have_ended)
    before = looks()
    reader.join(LIMIT)
    assert not reader.is_alive()
    now = client.info().system_time
    assert now is not None
    print(f"it ended {(now - last).total_seconds():.1f} seconds later, by the Engine's clock")
    return looks() - before


@FROM_1_30
def test_following_a_service_ends_soon_after_its_last_task(
    swarm: Client, caplog: pytest.LogCaptureFixture
) -> None:
    id = swarm.create_service(
        made("web", "echo begun; sleep 2; echo ended", replicas=2, restart=ONCE)
    ).id
    until(lambda: len(swarm.tasks(filters={"service": id})) == 2)
    with swarm.service_logs("web", follow=True) as logs:
        written: list[bytes] = []

        def read() -> None:
            written.extend(logs.read().stdout.splitlines())

        assert looks_after(swarm, caplog, id, f"services/{id}", read) <= MOST
    assert sorted(written) == [b"begun", b"begun", b"ended", b"ended"]
    tasks = swarm.tasks(filters={"service": "web"})
    assert [task.state for task in tasks] == ["complete", "complete"]


@FROM_1_30
def test_following_ends_soon_after_a_service_is_removed(
    swarm: Client, caplog: pytest.LogCaptureFixture
) -> None:
    id = swarm.create_service(made("web", ENDS_WHEN_ASKED)).id
    with swarm.service_logs("web", follow=True) as logs:
        assert next(logs).data == b"begun\n"
        swarm.remove_service("web")
        rest: list[Frame] = []
        read = functools.partial(rest.extend, logs)
        assert looks_after(swarm, caplog, id, f"services/{id}", read) <= MOST
    assert rest == []


@FROM_1_30
def test_following_a_task_ends_soon_after_it_is_stopped(
    swarm: Client, caplog: pytest.LogCaptureFixture
) -> None:
    id = swarm.create_service(made("web", ENDS_WHEN_ASKED)).id
    swarm.wait_for_service("web", timeout=LIMIT)
    [task] = running(swarm, "web")
    with swarm.task_logs(task, follow=True) as logs:
        assert next(logs).data == b"begun\n"
        swarm.change_service("web", lambda spec: spec.scaled(0))
        rest: list[Frame] = []
        read = functools.partial(rest.extend, logs)
        assert looks_after(swarm, caplog, id, f"tasks/{task.id}", read) <= MOST
    assert rest == []
