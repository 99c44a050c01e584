"""Containers that are waited for: to run, to be healthy, to have ended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    Healthcheck,
    HostConfig,
    OperationFailed,
    TimedOut,
)

pytestmark = pytest.mark.since("1.24")  # health checks
READY = ["CMD-SHELL", "echo looked; test -e ready"]


def checked(config: ContainerConfig, retries: int = 1000) -> ContainerConfig:
    check = Healthcheck(test=READY, interval=0.1, timeout=60, retries=retries)
    return attrs.evolve(config, healthcheck=check)


def test_a_container_is_waited_for_until_it_runs_and_until_it_has_ended(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig
) -> None:
    id = newest.create_container(
        busybox,
        ["sh", "-c", "read x; exit 5"],
        config=attrs.evolve(config, open_stdin=True),
        host_config=alone,
    ).id
    with ThreadPoolExecutor() as threads:
        running = threads.submit(newest.wait_until, id, "running", timeout=120)
        newest.start(id)
        assert running.result().state.status == "running"
        exited = threads.submit(newest.wait_until, id, "exited", timeout=120)
        newest.kill(id)
        assert exited.result().state.exit_code == 137
    assert newest.wait_until(id, "exited", timeout=120).state.exit_code == 137


def test_a_container_is_waited_for_until_it_is_healthy(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig
) -> None:
    id = newest.run_detached(busybox, ["sleep", "6000"], config=checked(config), host_config=alone)
    with ThreadPoolExecutor() as threads:
        healthy = threads.submit(newest.wait_until, id, "healthy", timeout=120)
        assert newest.exec_run(id, ["touch", "ready"]).exit_code == 0
        health = healthy.result().state.health
    assert health is not None and health.status == "healthy"


def test_one_that_is_unhealthy_is_waited_for_no_longer(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig, name: str
) -> None:
    newest.run_detached(
        busybox, ["sleep", "6000"], name=name, config=checked(config, 2), host_config=alone
    )
    with pytest.raises(OperationFailed) as caught:
        newest.wait_until(name, "healthy", timeout=120)
    assert str(caught.value) == (
        f"container {name} is unhealthy: its check ended with exit code 1:\nlooked"
    )


def test_one_that_ends_is_waited_for_no_longer(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig, name: str
) -> None:
    script = "echo first; read x; echo last >&2; exit 7"
    config = attrs.evolve(checked(config), open_stdin=True, stdin_once=True)
    newest.create_container(
        busybox, ["sh", "-c", script], name=name, config=config, host_config=alone
    )
    with newest.attach(name, stdin=True) as attachment, ThreadPoolExecutor() as threads:
        newest.start(name)
        waited = threads.submit(newest.wait_until, name, "healthy", timeout=120)
        attachment.close_stdin()
        error = waited.exception()
    words = f"container {name} has ended with exit code 7 and was to be "
    assert isinstance(error, OperationFailed)
    assert (str(error), error.code) == (f"{words}healthy:\nfirst\nlast", 7)
    with pytest.raises(OperationFailed) as caught:
        newest.wait_until(name, "running")
    assert (str(caught.value), caught.value.code) == (f"{words}running:\nfirst\nlast", 7)


def test_a_container_without_a_check_is_never_healthy(
    newest: Client, busybox: str, config: ContainerConfig, name: str
) -> None:
    newest.create_container(busybox, ["true"], name=name, config=config)
    with pytest.raises(ValueError) as caught:
        newest.wait_until(name, "healthy")
    assert str(caught.value) == (
        f"state: container {name} has no health check, and so no 'healthy'"
    )


def test_waiting_ends_in_time(
    newest: Client, busybox: str, config: ContainerConfig, name: str
) -> None:
    newest.create_container(busybox, ["true"], name=name, config=config)
    with pytest.raises(TimedOut) as caught:
        newest.wait_until(name, "running", timeout=0.5)
    assert (str(caught.value), caught.value.kind, caught.value.seconds) == (
        f"container {name} was not running within 0.5 seconds",
        "whole",
        0.5,
    )
