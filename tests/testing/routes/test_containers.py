"""Containers of the fake Engine, through the client."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest

from dockerapi import (
    BadRequest,
    Client,
    Conflict,
    ContainerConfig,
    ContainerNotFound,
    DockerError,
    HostConfig,
    NotSupported,
    Output,
    ServerError,
)
from dockerapi.models.config import RestartPolicy
from dockerapi.testing import FakeEngine, Run
from testing.asking import refused


@pytest.fixture
def sleeper(client: Client) -> str:
    return client.run_detached("busybox", ["sleep", "600"], name="sleeper")


def names(client: Client, **asked: Any) -> list[str]:
    return [row.names[0] for row in client.containers(**asked)]


# Creating


def test_a_container_has_what_it_was_asked_for_and_what_its_image_brings(
    engine: FakeEngine, client: Client
) -> None:
    made = ContainerConfig(
        env={"A": "image", "B": "image"},
        working_dir="/srv",
        labels={"of": "image"},
        entrypoint=["sh", "-c"],
        exposed_ports=[80],
    )
    id = client.create_container("busybox", ["echo $A $B; pwd"], config=made).id
    image = client.commit(id, repository="made")
    config = ContainerConfig(env={"A": "own"}, labels={"own": "yes"})
    result = client.run(image, config=config)
    assert result.output == Output(b"own image\n/srv\n", b"")
    found = client.inspect_container(result.container_id)
    assert (found.path, found.args) == ("sh", ("-c", "echo $A $B; pwd"))
    assert found.config.labels == {"of": "image", "own": "yes"}
    assert client.run(image, config=ContainerConfig(entrypoint=["true"])).output.stdout == b""


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b'{"Image": "nothere"}', 404, "No such image: nothere:latest"),
        (b'{"Image": "busybox", "HostConfig": {"Memory": 5}}', 400, "Minimum memory limit allowed is 6MB"),  # noqa: E501
        (b'{"Image": "busybox", "Entrypoint": [], "Cmd": []}', 400, "no command specified"),
        (b"[]", 400, "invalid JSON: an object was expected"),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_what_cannot_be_created_is_refused(
    client: Client, engine: FakeEngine, body: bytes, status: int, message: str
) -> None:
    found = refused(engine, "POST /containers/create", body)
    assert found == (status, message)
    assert client.containers(all=True) == []


@pytest.mark.parametrize("name", ["a/b", "-x", "x" + "y" * 3 + "!"])
def test_a_name_that_is_none_is_refused(engine: FakeEngine, name: str) -> None:
    assert refused(engine, f"POST /containers/create?name={name}", b'{"Image": "busybox"}') == (
        400,
        f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
    )


def test_old_versions_say_in_config_what_newer_ones_say_in_host_config() -> None:
    body = (
        b'{"Image": "busybox", "Cmd": ["true"], "Memory": 67108864, "Dns": ["8.8.8.8"],'
        b'"VolumesFrom": "other", "PortSpecs": ["8080:80", "53/udp"], "Cpuset": "0"}'
    )
    with FakeEngine("1.19") as engine, Client(engine.url) as client:
        assert refused(engine, "POST /containers/create", body)[0] == 201
        [row] = client.containers(all=True)
        found = client.inspect_container(row.id)
        assert found.host_config is not None
        assert (found.host_config.memory, found.host_config.dns) == (67108864, ("8.8.8.8",))
        assert found.host_config.volumes_from == ("other",)
        assert found.host_config.cpuset_cpus == "0"


# Starting and stopping


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.2", "Cannot start container {short}: The container {id} is already running."),
        ("1.6", "Cannot start container {short}: The container {id} is already running."),
        ("1.8", "Cannot start container {id}: The container {id} is already running."),
        ("1.11", None),
        ("1.19", None),
        ("1.51", None),
    ],
)
def test_starting_what_runs_is_an_error_of_old_engines(version: str, message: str | None) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        id = client.run_detached("busybox", ["sleep", "600"])
        whole = client.inspect_container(id).id
        status, words = refused(engine, f"POST /containers/{id}/start")
        client.start(id)  # which knows what is meant
    if message is None:
        assert (status, words) == (204 if version == "1.11" else 304, "")
    else:
        assert (status, words) == (500, message.format(short=id, id=whole))


def test_stop_kills_after_its_timeout(client: Client, sleeper: str) -> None:
    began = time.monotonic()
    client.stop(sleeper, timeout=1)
    assert client.wait(sleeper) == 137
    assert 1 <= time.monotonic() - began < 10  # what it is without one
    client.stop(sleeper)  # 304


def test_a_container_may_have_a_stop_signal_and_timeout_of_its_own(
    engine: FakeEngine, client: Client
) -> None:
    engine.on("tool", lambda run: run.sleep(600))
    config = ContainerConfig(stop_signal="SIGINT", stop_timeout=600)
    id = client.run_detached("tool", ["x"], config=config)
    client.stop(id)
    assert client.wait(id) == 130


def test_restart_runs_it_again(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", lambda run: run.sleep(600))
    id = client.run_detached("tool", ["x"])
    before = client.inspect_container(id)
    client.restart(id)
    after = client.inspect_container(id)
    assert (before.state.status, after.state.status) == ("running", "running")
    assert after.state.started_at is not None and before.state.started_at is not None
    assert after.state.started_at > before.state.started_at
    assert (after.restart_count, after.state.pid != before.state.pid) == (0, True)


def test_a_restart_policy_runs_it_again_until_it_may_not(
    engine: FakeEngine, client: Client
) -> None:
    runs: list[int] = []

    def play(run: Run) -> int:
        runs.append(1)
        return 3

    engine.on("tool", play)
    policy = RestartPolicy(name="on-failure", maximum_retry_count=2)
    id = client.run_detached("tool", ["x"], host_config=HostConfig(restart_policy=policy))
    deadline = time.monotonic() + 60
    while client.inspect_container(id).state.status != "exited" and time.monotonic() < deadline:
        time.sleep(0.01)
    found = client.inspect_container(id)
    assert (len(runs), found.restart_count, found.state.exit_code) == (3, 2, 3)


def test_a_container_that_restarts_for_ever_is_stopped(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", lambda run: 1)
    host = HostConfig(restart_policy=RestartPolicy(name="always"))
    id = client.run_detached("tool", ["x"], host_config=host)
    client.stop(id)
    state = client.inspect_container(id).state
    assert (state.status, state.restarting) == ("exited", False)


def test_a_container_that_removes_itself_is_gone(client: Client) -> None:
    id = client.run_detached("busybox", ["sleep", "600"], host_config=HostConfig(auto_remove=True))
    client.kill(id)
    with contextlib.suppress(ContainerNotFound):  # it may have gone already
        assert client.wait(id, condition="removed") == 137
    assert client.containers(all=True) == []


def test_pausing_has_its_conflicts(client: Client, sleeper: str) -> None:
    with pytest.raises(DockerError) as caught:
        client.unpause(sleeper)
    assert str(caught.value).endswith(f"Container {sleeper} is not paused")
    client.pause(sleeper)
    assert client.inspect_container(sleeper).state.paused
    with pytest.raises(Conflict) as again:
        client.pause(sleeper)
    assert again.value.message == f"Container {sleeper} is already paused"
    client.unpause(sleeper)
    client.kill(sleeper)
    client.wait(sleeper)
    with pytest.raises(Conflict) as stopped:
        client.pause(sleeper)
    assert stopped.value.message == f"container {sleeper} is not running"


def test_waiting_ends_when_the_container_does(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", lambda run: run.sleep(0.1) or 4)
    id = client.create_container("tool", ["x"]).id
    assert client.wait(id) == 0  # it does not run
    client.start(id)
    assert client.wait(id) == 4


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.4", "1.12", "1.15", "1.19", "1.41", "1.51"])
def test_removing_what_runs_is_refused_as_the_release_has_it(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        id = client.run_detached("busybox", ["sleep", "600"])
        status = {"1.0": 204, "1.2": 204, "1.4": 406, "1.12": 406, "1.15": 500}.get(version, 409)
        assert refused(engine, f"DELETE /containers/{id}")[0] == status
        if status != 204:
            client.kill(id)
            client.wait(id)
            client.remove_container(id)
        assert client.containers(all=True) == []


def test_force_removes_what_runs(client: Client, sleeper: str) -> None:
    client.remove_container(sleeper, force=True)
    with pytest.raises(ContainerNotFound) as caught:
        client.inspect_container(sleeper)
    assert caught.value.message == f"No such container: {sleeper}"


def test_renaming(client: Client, sleeper: str) -> None:
    other = client.create_container("busybox", name="other").id
    client.rename(sleeper, "renamed")
    assert client.inspect_container("renamed").id == sleeper
    with pytest.raises(Conflict):
        client.rename(other, "renamed")


# Lists


def test_lists_are_cut_and_filtered(engine: FakeEngine, client: Client) -> None:
    engine.on("busybox", ["fail"], lambda run: 3)
    config = ContainerConfig(labels={"tier": "db", "env": "ci"}, exposed_ports=[80])
    client.create_container("busybox", name="created")
    client.run("busybox", ["fail"], name="failed")
    client.run_detached("busybox", ["sleep", "600"], name="running", config=config)
    client.run_detached("busybox", ["sleep", "600"], name="paused")
    client.pause("paused")
    everything = ["paused", "running", "failed", "created"]
    assert names(client) == ["paused", "running"]
    assert names(client, all=True) == everything
    assert names(client, limit=3) == everything[:3]
    assert names(client, since="failed") == ["paused", "running"]
    assert names(client, before="running") == ["failed", "created"]
    for filters, expected in (
        ({"status": ["exited", "created"]}, ["failed", "created"]),
        ({"status": "paused"}, ["paused"]),
        ({"label": "tier"}, ["running"]),
        ({"label": ["tier=db", "env=ci"]}, ["running"]),
        ({"label": ["tier=db", "env=dev"]}, []),
        ({"name": "aus"}, ["paused"]),
        ({"id": client.inspect_container("paused").id[:6]}, ["paused"]),
        ({"ancestor": "busybox"}, ["paused", "running"]),
        ({"ancestor": "nothing"}, []),
        ({"expose": "80"}, ["running"]),
        ({"network": "bridge"}, ["paused", "running"]),
    ):
        assert names(client, filters=filters) == expected, filters
    assert names(client, all=True, filters={"exited": "3"}) == ["failed"]


def test_an_unknown_filter_is_a_bad_request(client: Client) -> None:
    with pytest.raises(BadRequest) as caught:
        client.containers(filters={"nonsense": "x"})
    assert caught.value.message == "invalid filter 'nonsense'"


def test_sizes_are_listed_when_they_are_asked_for(client: Client) -> None:
    client.run("busybox", ["sh", "-c", "echo five > /x"])
    [row] = client.containers(all=True, size=True)
    image = client.inspect_image("busybox").virtual_size or client.inspect_image("busybox").size
    assert image is not None
    assert (row.size_rw, row.size_root_fs) == (5, image + 5)
    [row] = client.containers(all=True)
    assert (row.size_rw, row.size_root_fs) == (None, None)


@pytest.mark.parametrize("version", ["1.0", "1.4", "1.8", "1.18", "1.19", "1.51"])
def test_since_and_before_work_in_every_version(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        first, second, third = (client.create_container("busybox", ["true"]).id for _ in range(3))
        whole = {id: client.inspect_container(id).id for id in (first, second, third)}
        assert [row.id for row in client.containers(since=first[:12])] in (
            [third, second],
            [whole[third], whole[second]],
        )
        assert len(client.containers(before=second[:12])) == 1


# What runs in it


def test_top_and_stats_of_what_is_played(client: Client, sleeper: str) -> None:
    found = client.top(sleeper)
    assert found.titles == ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
    assert [row[-1] for row in found.processes] == ["sleep 600"]
    stats = client.stats(sleeper)
    assert (stats.id, stats.name, stats.pids_current) == (sleeper, "sleeper", 1)
    client.kill(sleeper)
    client.wait(sleeper)
    with pytest.raises((Conflict, ServerError)):
        client.top(sleeper)
    stopped = client.stats(sleeper)
    assert stopped.cpu is None or stopped.cpu.total_usage == 0


def test_stats_go_on_until_they_are_closed(client: Client, sleeper: str) -> None:
    with client.stream_stats(sleeper) as stream:
        first, second = next(stream), next(stream)
    assert first.read is not None and second.preread == first.read


def test_a_start_may_replace_the_host_config_up_to_1_23() -> None:
    with FakeEngine("1.19") as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["true"]).id
        client.start(id, host_config=HostConfig(privileged=True))
        host = client.inspect_container(id).host_config
        assert host is not None and host.privileged
    with FakeEngine("1.24") as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["true"]).id
        with pytest.raises(NotSupported):
            client.start(id, host_config=HostConfig(privileged=True))
