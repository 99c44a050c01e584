"""Health checks are run as execs, and so played by `on()`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from dockerapi import Client, ContainerConfig
from dockerapi.models.config import Healthcheck
from dockerapi.testing import FakeEngine, Run

MS = 0.001


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine() as engine:
        engine.on("web", ["serve"], lambda run: run.sleep(3600))
        yield engine


def checked(
    client: Client, command: str | tuple[str, ...] = ("CMD", "check"), **more: float | int
) -> str:
    check = Healthcheck(test=command, **{"interval": MS, **more})
    return client.run_detached("web", ["serve"], config=ContainerConfig(healthcheck=check))


def told(client: Client, id: str, number: int) -> list[str]:
    """So many changes of its health, as events tell them."""
    filters = {"container": id, "event": "health_status"}
    with client.events(since=0, filters=filters) as events:
        return [str(next(events).action) for _ in range(number)]


def test_a_script_waits_until_a_container_is_healthy(engine: FakeEngine, client: Client) -> None:
    ready = threading.Event()

    def check(run: Run) -> int:
        run.stdout.write(b"fine" if ready.is_set() else b"not yet")
        return int(not ready.is_set())

    engine.on("web", ["check"], check)
    id = checked(client, retries=10**6)
    assert client.inspect_container(id).raw["State"]["Health"]["Status"] == "starting"
    assert [row.id for row in client.containers(filters={"health": "starting"})] == [id]
    ready.set()
    assert told(client, id, 1) == ["health_status: healthy"]
    health = client.inspect_container(id).raw["State"]["Health"]
    assert (health["Status"], health["FailingStreak"]) == ("healthy", 0)
    assert {one["ExitCode"]: one["Output"] for one in health["Log"]}[0] == "fine"
    (row,) = client.containers()
    assert str(row.status).endswith(" (healthy)")
    client.kill(id)
    client.wait(id)


@pytest.mark.parametrize(
    ("check", "more", "result"),
    [
        (lambda run: 3, {}, (3, "")),
        (
            lambda run: run.sleep(3600),
            {"timeout": MS},
            (-1, "Health check exceeded timeout (0.001s)"),
        ),
    ],
    ids=["fails", "takes too long"],
)  # fmt: skip
def test_a_container_is_unhealthy_after_so_many_failures(
    engine: FakeEngine,
    client: Client,
    check: Callable[[Run], int | None],
    more: dict[str, float],
    result: tuple[int, str],
) -> None:
    engine.on("web", ["check"], check)
    id = checked(client, retries=2, **more)
    assert told(client, id, 1) == ["health_status: unhealthy"]
    health = client.inspect_container(id).raw["State"]["Health"]
    assert health["FailingStreak"] >= 2
    assert (health["Log"][-1]["ExitCode"], health["Log"][-1]["Output"]) == result
    client.kill(id)
    client.wait(id)


def test_failures_do_not_count_while_it_starts(engine: FakeEngine, client: Client) -> None:
    asked = threading.Semaphore(0)
    engine.on("web", ["check"], lambda run: asked.release() or 1)
    id = checked(client, retries=1, start_period=3600, start_interval=MS)
    for _ in range(3):
        assert asked.acquire(timeout=60)
    health = client.inspect_container(id).raw["State"]["Health"]
    assert (health["Status"], health["FailingStreak"]) == ("starting", 0)
    client.kill(id)
    client.wait(id)


def test_a_check_in_words_is_run_by_a_shell_and_its_end_is_told(
    engine: FakeEngine, client: Client
) -> None:
    engine.on("web", ["/bin/sh", "-c", "check me"], lambda run: 0)
    id = checked(client, "check me")
    filters = {"container": id, "event": ["exec_create", "exec_start", "exec_die"]}
    with client.events(since=0, filters=filters) as events:
        actions = [str(next(events).action) for _ in range(3)]
    assert actions == [
        "exec_create: /bin/sh -c check me",
        "exec_start: /bin/sh -c check me",
        "exec_die",
    ]  # noqa: E501
    client.kill(id)
    client.wait(id)


def test_none_is_no_check(client: Client) -> None:
    id = checked(client, ("NONE",))
    assert "Health" not in client.inspect_container(id).raw["State"]
    client.kill(id)
    client.wait(id)
