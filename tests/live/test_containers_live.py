"""Containers on a real Engine: every operation of the manual's chapter 2.1, and its refusals.

The conversations of attach and logs are in `test_streams_live.py`.
"""

from __future__ import annotations

import datetime
import io
import logging
import os
import signal
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi import (
    ApiError,
    BadRequest,
    Client,
    Conflict,
    ContainerConfig,
    ContainerNotFound,
    HostConfig,
    ImageNotFound,
    NetworkNotFound,
    NotSupported,
    PathNotFound,
    PluginNotFound,
    ServerError,
    TimedOut,
    read_env_file,
)
from dockerapi.models.config import LogConfig
from dockerapi.models.containers import Change
from live.busybox import SLEEP
from live.engine import Engine

operation = pytest.mark.operation
needs = pytest.mark.needs
since = pytest.mark.since

# What used to be the Engine's own errors.
BAD_REQUESTS = {"0.3": ServerError, "17.10": BadRequest}
CONFLICTS = {"0.3": ServerError, "1.12": Conflict}


def part(value: object, *fields: str) -> dict[str, Any]:
    return {field: getattr(value, field) for field in fields}


@operation("GET /containers/json")
@since("1.13")
def test_a_running_container_is_in_the_list(
    client: Client, sleeper: str, name: str, config: ContainerConfig
) -> None:
    [row] = [row for row in client.containers() if row.id == sleeper]
    assert part(
        row, "id", "names", "image", "command", "labels", "ports", "size_rw", "size_root_fs"
    ) == {
        "id": sleeper,
        "names": (name,),
        "image": "busybox:latest",
        "command": f"sh -c '{SLEEP}'",
        "labels": config.labels or {},
        "ports": (),
        "size_rw": None,
        "size_root_fs": None,
    }


@needs("1.18")
def test_labels_may_be_a_list_as_variables_are(
    client: Client, busybox: str, label: dict[str, str]
) -> None:
    given = [*(f"{key}={value}" for key, value in label.items()), "env=ci", "url=a=b", "alone"]
    id = client.create_container(busybox, config=ContainerConfig(labels=given)).id
    labels = client.inspect_container(id).config.labels
    assert labels == {**label, "env": "ci", "url": "a=b", "alone": ""}


@needs("1.18")
def test_lists_are_narrowed_by_state_age_and_number(
    client: Client,
    busybox: str,
    config: ContainerConfig,
    label: dict[str, str],
    alone: HostConfig | None,
) -> None:
    first, second = (client.create_container(busybox, ["true"], config=config).id for _ in range(2))
    # With a network, 26.1 lists it as running for a moment longer.
    third = client.run(busybox, ["true"], config=config, host_config=alone).container_id
    ours = {"label": [f"{key}={value}" for key, value in label.items()]}
    listed = {
        "running": client.containers(filters=ours),
        "all": client.containers(all=True, filters=ours),
        "exited": client.containers(all=True, filters={**ours, "status": "exited"}),
        "newest": client.containers(limit=1, filters=ours),
        "since": client.containers(since=first, filters=ours),
        "before": client.containers(before=second, filters=ours),
    }
    assert {key: [row.id for row in rows] for key, rows in listed.items()} == {
        "running": [],
        "all": [third, second, first],
        "exited": [third],
        "newest": [third],
        "since": [third, second],
        "before": [first],
    }


@since("1.18")
def test_sizes_are_listed_when_they_are_asked_for(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    command = ["sh", "-c", "echo five > x"]  # relative: a fake Engine runs it on this machine
    id = client.run(busybox, command, config=config, host_config=alone).container_id
    [row] = [row for row in client.containers(all=True, size=True) if row.id == id]
    image = client.inspect_image(busybox)
    assert image.virtual_size is not None
    assert (row.size_rw, row.size_root_fs) == (5, image.virtual_size + 5)


@since("1.22")
def test_an_unknown_filter_is_a_bad_request(client: Client, engine: Engine) -> None:
    with pytest.raises(BadRequest) as caught:
        client.containers(filters={"nonsense": "x"})
    assert caught.value.message == engine.says(
        {"20.10": "Invalid filter 'nonsense'", "26.1": "invalid filter 'nonsense'"}
    )


@needs("1.18")
@operation("POST /containers/create", "GET /containers/{id}/json")
def test_a_container_is_created_as_it_was_asked_for(
    client: Client, busybox: str, name: str, label: dict[str, str]
) -> None:
    created = client.create_container(
        busybox,
        "sh -c 'exit 3'",
        name=name,
        config=ContainerConfig(
            labels=label,
            env={"GREETING": "hello world", "NUMBER": 1},
            working_dir="/tmp",
            user="nobody",
            hostname="box",
            domain_name="example.com",
            exposed_ports=[80, "53/udp"],
            volumes=["/data"],
            tty=True,
            open_stdin=True,
        ),
        host_config=HostConfig(
            network_mode="none",
            memory="64m",
            memory_swap="128m",
            cpu_shares=512,
            restart_policy="on-failure:3",
            cap_add=["NET_ADMIN"],
            cap_drop=["MKNOD"],
            dns=["127.0.0.1"],
            extra_hosts={"db": "10.0.0.1"},
            ulimits=["nofile=1024"],
            log_config="json-file",
            read_only_root_fs=True,
            binds=["/tmp:/host:ro"],
        ),
    )
    assert created.warnings == ()
    found = client.inspect_container(name)
    host = found.host_config
    assert host is not None and host.ulimits is not None and host.restart_policy is not None
    assert part(found, "id", "name", "path", "args", "restart_count", "exec_ids", "size_rw") == {
        "id": created.id,
        "name": name,
        "path": "sh",
        "args": ("-c", "exit 3"),
        "restart_count": 0,
        "exec_ids": (),
        "size_rw": None,
    }
    assert part(
        found.config,
        *("image", "command", "labels", "working_dir", "user", "hostname", "domain_name"),
        *("exposed_ports", "volumes", "tty", "open_stdin"),
    ) == {
        "image": busybox,
        "command": ("sh", "-c", "exit 3"),
        "labels": label,
        "working_dir": "/tmp",
        "user": "nobody",
        "hostname": "box",
        "domain_name": "example.com",
        "exposed_ports": ("53/udp", "80/tcp"),
        "volumes": ("/data",),
        "tty": True,
        "open_stdin": True,
    }
    assert (found.config.env or ())[:2] == ("GREETING=hello world", "NUMBER=1")
    assert part(
        host,
        *("network_mode", "memory", "memory_swap", "cpu_shares", "cap_add", "cap_drop", "dns"),
        *("extra_hosts", "read_only_root_fs", "binds"),
    ) == {
        "network_mode": "none",
        "memory": 64 * 1024**2,
        "memory_swap": 128 * 1024**2,
        "cpu_shares": 512,
        "cap_add": ("NET_ADMIN",),
        "cap_drop": ("MKNOD",),
        "dns": ("127.0.0.1",),
        "extra_hosts": ("db:10.0.0.1",),
        "read_only_root_fs": True,
        "binds": ("/tmp:/host:ro",),
    }
    assert [part(limit, "name", "soft", "hard") for limit in host.ulimits] == [
        {"name": "nofile", "soft": 1024, "hard": 1024}
    ]
    assert part(host.restart_policy, "name", "maximum_retry_count") == {
        "name": "on-failure",
        "maximum_retry_count": 3,
    }
    assert part(found.state, "status", "running", "exit_code", "started_at", "finished_at") == {
        "status": "created",
        "running": False,
        "exit_code": 0,
        "started_at": None,
        "finished_at": None,
    }
    assert sorted(mount.destination for mount in found.mounts) == ["/data", "/host"]


@since("1.10")
@pytest.mark.parametrize("call", ["create", "run"])
def test_a_name_that_is_taken_is_a_conflict(
    call: str, client: Client, busybox: str, sleeper: str, name: str, engine: Engine
) -> None:
    with pytest.raises(Conflict) as caught:
        if call == "create":
            client.create_container(busybox, ["true"], name=name)
        else:
            client.run(busybox, ["true"], name=name)
    old = f"already in use by container {sleeper[:12]}. You have to delete (or rename)"
    words = engine.says(
        {
            "0.9": f"The name {name} is {old}",
            "1.5": f'The name "{name}" is {old}',
            "1.10": f'The container name "/{name}" is already in use by container "{sleeper}". '
            "You have to remove (or rename)",
        }
    )
    assert str(caught.value) == (
        f"POST /containers/create: 409 Conflict. {words} that container to be able to reuse that "
        "name."
    )


def test_creating_from_a_missing_image_is_image_not_found(
    client: Client, name: str, engine: Engine
) -> None:
    with pytest.raises(ImageNotFound) as caught:
        client.create_container(name, ["true"])
    words = engine.says(
        {
            "0.3": f"No such image: {name}",
            "0.6.5": f"No such image: {name} (tag: latest)",
            "0.6.7": f"create: No such image: {name} (tag: latest)",
            "0.8": f"No such image: {name} (tag: latest)",
            "1.10": f"No such image: {name}:latest",
        }
    )
    assert str(caught.value) == f"POST /containers/create: 404 {words}"


@pytest.mark.real("asks for drivers and networks")
@pytest.mark.parametrize(
    ("host_config", "error"),
    [
        pytest.param(HostConfig(network_mode="no-such-network"), NetworkNotFound, id="network"),
        pytest.param(
            HostConfig(binds=["data:/data"], volume_driver="no-such-driver"),
            PluginNotFound,
            id="volume driver",
            marks=pytest.mark.nightly,  # an Engine looks for it for fifteen seconds
        ),
        pytest.param(
            HostConfig(network_mode="container:no-such-container"),
            ContainerNotFound,
            id="container",
        ),
    ],
)
def test_run_says_what_is_missing_and_pulls_nothing(
    newest: Client,
    busybox: str,
    config: ContainerConfig,
    label: dict[str, str],
    engine: Engine,
    host_config: HostConfig,
    error: type[ApiError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    if error is ContainerNotFound:
        error = engine.says({"0.3": ContainerNotFound, "27.0": ServerError})
    caplog.set_level(logging.DEBUG, "dockerapi")
    with pytest.raises(error) as caught:
        newest.run(busybox, ["true"], config=config, host_config=host_config)
    assert type(caught.value) is error
    assert [line for line in caplog.messages if "/images/create" in line] == []
    assert (
        newest.containers(all=True, filters={"label": [f"{k}={v}" for k, v in label.items()]}) == []
    )


@operation("GET /containers/{id}/top")
@needs("1.3")
@pytest.mark.uses("ps")
def test_top_lists_the_processes_by_the_titles_of_ps(client: Client, sleeper: str) -> None:
    while len((default := client.top(sleeper)).processes) < 2:
        pass  # its shell has said that it is ready before it starts the second
    chosen = client.top(sleeper, ps_args="-o pid,args")
    assert default.titles == ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
    assert chosen.titles == ("PID", "COMMAND")
    # By their numbers, which begin anew from time to time.
    assert sorted(row[1] for row in chosen.processes) == [f"sh -c {SLEEP}", "sleep 6000"]
    assert [row[0] for row in chosen.processes] == [row[1] for row in default.processes]


@needs("1.3")
def test_top_of_a_container_that_does_not_run_is_a_conflict(
    client: Client, busybox: str, config: ContainerConfig, engine: Engine
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    id = client.inspect_container(id).id  # in full, which creating did not tell below 1.7
    with pytest.raises(engine.says(CONFLICTS)) as caught:
        client.top(id)
    assert caught.value.message == engine.says(
        {"0.3": f"Container {id} is not running", "26.1": f"container {id} is not running"}
    )


@operation("GET /containers/{id}/changes")
def test_diff_tells_what_was_modified_added_and_deleted(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    command = ["sh", "-c", "echo 1 > tmp/new; echo 2 >> etc/group; rm etc/passwd"]
    id = client.run(busybox, command, config=config, host_config=alone).container_id
    # Not models that were parsed: these have nothing but what is asserted.
    assert sorted((change.path, change.kind) for change in client.diff(id)) == [
        ("/etc", "modified"),
        ("/etc/group", "modified"),
        ("/etc/passwd", "deleted"),
        ("/tmp", "modified"),
        ("/tmp/new", "added"),
    ]
    assert Change(path="/tmp/new", kind="added") in client.diff(id)


def test_diff_of_an_untouched_container_is_empty(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    assert client.diff(id) == []


@needs("1.3", "1.17")
@operation("GET /containers/{id}/stats")
@pytest.mark.uses("ps")
def test_stats_come_once_or_as_a_stream(client: Client, sleeper: str, engine: Engine) -> None:
    while len(client.top(sleeper).processes) < 2:
        pass  # as above
    once = client.stats(sleeper)
    with client.stream_stats(sleeper) as stream:
        first, second = next(stream), next(stream)
    assert once.read is not None and first.read is not None and second.read is not None
    assert once.read < first.read < second.read
    assert once.cpu is not None and once.precpu is not None and once.memory is not None
    assert list(once.networks) == ["eth0"]
    assert (once.cpu.total_usage or 0) >= (once.precpu.total_usage or 0) > 0
    assert 0 < (once.memory.usage or 0) < (once.memory.limit or 0)
    assert once.pids_current == engine.says({"1.5": None, "1.11": 2})


@needs("1.17")
@since("1.21")
def test_stats_of_a_container_that_does_not_run_have_no_time(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    found = client.stats(id)
    assert (found.read, found.pids_current, found.networks) == (None, None, {})


@operation("POST /containers/{id}/resize")
@needs("1.1")
def test_a_terminal_gets_the_size_that_it_is_given(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    config = attrs.evolve(config, tty=True, open_stdin=True)
    id = client.create_container(busybox, ["sh", "-c", "read x; stty size"], config=config).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        client.resize(id, height=40, width=100)
        attachment.write(b"\n")
        assert attachment.read().stdout == b"\r\n40 100\r\n"


@operation("POST /containers/{id}/start", "POST /containers/{id}/wait")
def test_a_container_is_started_and_waited_for(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.create_container(busybox, ["sh", "-c", "exit 7"], config=config).id
    client.start(id)
    assert client.wait(id) == 7
    assert part(client.inspect_container(id).state, "status", "running", "exit_code") == {
        "status": "exited",
        "running": False,
        "exit_code": 7,
    }


def test_starting_a_container_that_runs_changes_nothing(client: Client, sleeper: str) -> None:
    before = client.inspect_container(sleeper).state
    client.start(sleeper)
    assert client.inspect_container(sleeper).state == before


def test_a_command_that_is_not_there_is_a_bad_request_at_start(
    client: Client, busybox: str, config: ContainerConfig, engine: Engine
) -> None:
    with pytest.raises(engine.says(BAD_REQUESTS), match='exec: "no-such-command"'):
        client.run(busybox, ["no-such-command"], config=config, remove=True)


def test_waiting_for_longer_than_the_timeout_is_timed_out(client: Client, sleeper: str) -> None:
    with pytest.raises(TimedOut) as caught:
        client.wait(sleeper, timeout=0.2)
    assert (caught.value.kind, caught.value.seconds) == ("read", 0.2)


def test_wait_until_removed_needs_a_newer_version(
    client: Client, spoken: tuple[int, ...], sleeper: str
) -> None:
    if spoken < (1, 30):
        with pytest.raises(NotSupported) as caught:
            client.wait(sleeper, condition="removed")
        assert (caught.value.needs, caught.value.has) == ("1.30", client.api_version)
    else:
        client.kill(sleeper)
        assert client.wait(sleeper, condition="not-running") == 137


@operation("POST /containers/{id}/stop")
def test_stop_lets_a_container_end_by_itself(client: Client, sleeper: str) -> None:
    client.stop(sleeper)
    client.stop(sleeper)  # what is stopped is left alone
    assert client.wait(sleeper) == 5


def test_stop_kills_a_container_that_goes_on(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.run_detached(busybox, ["sleep", "6000"], config=config)  # as process 1: no TERM
    client.stop(id, timeout=0)
    assert client.wait(id) == 137


@operation("POST /containers/{id}/restart")
def test_restart_stops_and_starts(client: Client, sleeper: str) -> None:
    before = client.inspect_container(sleeper).state
    client.restart(sleeper, timeout=20)
    after = client.inspect_container(sleeper).state
    assert (after.status, after.exit_code) == ("running", 0)
    assert after.started_at is not None and before.started_at is not None
    assert after.started_at > before.started_at


@operation("POST /containers/{id}/kill")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(None, 137, id="none"),
        pytest.param("SIGTERM", 5, id="name", marks=needs("1.6")),
        pytest.param("term", 5, id="short name", marks=needs("1.6")),
        pytest.param(15, 5, id="number", marks=needs("1.6")),
        pytest.param("15", 5, id="number as text", marks=needs("1.6")),
        pytest.param(signal.SIGTERM, 5, id="Signals", marks=needs("1.6")),
    ],
)
def test_a_signal_is_given_in_any_form(
    given: str | int | signal.Signals | None, code: int, client: Client, sleeper: str
) -> None:
    client.kill(sleeper, signal=given)
    assert client.wait(sleeper) == code


@since("1.9")
def test_a_signal_that_the_engine_does_not_know_is_a_bad_request(
    client: Client, sleeper: str, engine: Engine
) -> None:
    with pytest.raises(engine.says(BAD_REQUESTS)) as caught:
        client.kill(sleeper, signal="SIGNONSENSE")
    assert caught.value.message == engine.says(
        {
            "0.3": 'strconv.ParseInt: parsing "SIGNONSENSE": invalid syntax',
            "0.8": "Invalid signal: SIGNONSENSE",
            "26.1": f"cannot kill container: {sleeper}: invalid signal: SIGNONSENSE",
        }
    )


def test_killing_what_does_not_run_is_refused_from_api_1_20_on(
    client: Client,
    spoken: tuple[int, ...],
    busybox: str,
    config: ContainerConfig,
    engine: Engine,
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    if spoken < (1, 20):
        client.kill(id)
        assert client.inspect_container(id).state.status == "created"
    else:
        with pytest.raises(Conflict) as caught:
            client.kill(id)
        assert caught.value.message == engine.says(
            {
                "20.10": f"Cannot kill container: {id}: Container {id} is not running",
                "26.1": f"cannot kill container: {id}: container {id} is not running",
            }
        )


@needs("1.17")
@operation("POST /containers/{id}/rename")
def test_a_renamed_container_is_found_by_its_new_name_only(
    client: Client, sleeper: str, name: str, no_such: str
) -> None:
    client.rename(name, f"{name}-2")
    assert client.inspect_container(f"{name}-2").id == sleeper
    with pytest.raises(ContainerNotFound) as caught:
        client.inspect_container(name)
    assert str(caught.value) == f"GET /containers/{{id}}/json: 404 {no_such}: {name}"


@needs("1.17")
def test_renaming_to_a_name_that_is_taken_is_a_conflict(
    client: Client, busybox: str, config: ContainerConfig, sleeper: str, name: str
) -> None:
    other = client.create_container(busybox, ["true"], config=config).id
    with pytest.raises(Conflict) as caught:
        client.rename(other, name)
    assert (caught.value.status, caught.value.route) == (409, "POST /containers/{id}/rename")
    assert client.inspect_container(name).id == sleeper


@since("1.6")
def test_a_slash_before_a_name_as_engines_print_it_is_no_matter(
    client: Client, sleeper: str, name: str
) -> None:
    assert client.inspect_container(f"/{name}").id.startswith(sleeper)  # which is short below 1.7


@operation("POST /containers/{id}/pause", "POST /containers/{id}/unpause")
@needs("1.12")
def test_a_paused_container_goes_on_when_it_is_unpaused(client: Client, sleeper: str) -> None:
    states = []
    for act in (client.pause, client.unpause):
        act(sleeper)
        state = client.inspect_container(sleeper).state
        states.append(part(state, "status", "running", "paused"))
    assert states == [
        {"status": "paused", "running": True, "paused": True},
        {"status": "running", "running": True, "paused": False},
    ]


@needs("1.12")
def test_pausing_twice_is_a_conflict(client: Client, sleeper: str, engine: Engine) -> None:
    client.pause(sleeper)
    try:
        with pytest.raises(engine.says(CONFLICTS)) as caught:
            client.pause(sleeper)
    finally:
        client.unpause(sleeper)
    assert caught.value.message == f"Container {sleeper} is already paused"


@needs("1.12")
def test_unpausing_what_is_not_paused_is_an_error(client: Client, sleeper: str) -> None:
    # 500 up to 20.10; the class that later Engines choose is none of our business.
    with pytest.raises((ServerError, Conflict)) as caught:
        client.unpause(sleeper)
    assert caught.value.message == f"Container {sleeper} is not paused"


@operation("DELETE /containers/{id}")
def test_a_removed_container_is_gone(client: Client, busybox: str, config: ContainerConfig) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    client.remove_container(id)
    with pytest.raises(ContainerNotFound):
        client.inspect_container(id)


@since("1.17")
def test_a_running_container_is_removed_by_force_only(
    client: Client, sleeper: str, name: str, engine: Engine
) -> None:
    with pytest.raises(Conflict) as caught:
        client.remove_container(sleeper)
    cure = "stop the container before removing or force remove"
    old = "Conflict, You cannot remove a running container. Stop the container before attempting "
    assert caught.value.message == engine.says(
        {
            "1.5": f"{old}removal or use -f",
            "1.7": f"Cannot destroy container {sleeper}: {old}removal or use -f",
            "1.12": f"You cannot remove a running container {sleeper}. "
            "Stop the container before attempting removal or force remove",
            "26.1": f'cannot remove container "/{name}": container is running: {cure}',
            "28.5": f'cannot remove container "{sleeper}": container is running: {cure}',
        }
    )
    client.remove_container(sleeper, force=True, volumes=True)
    with pytest.raises(ContainerNotFound):
        client.remove_container(sleeper)


@operation("POST /containers/{id}/copy")
@since("1.4")
def test_a_file_comes_out_of_a_container_as_an_archive(
    client: Client,
    spoken: tuple[int, ...],
    busybox: str,
    config: ContainerConfig,
    alone: HostConfig | None,
) -> None:
    # A path that needs quoting in a URL, in Latin and in other letters.
    path = "/tmp/a b&c?d=é#%"
    command = ["sh", "-c", 'printf "12345" > "$0"; chmod 640 "$0"', path[1:]]
    id = client.run(busybox, command, config=config, host_config=alone).container_id
    with client.get_archive(id, path) as archive:
        stat = archive.stat
        with tarfile.open(fileobj=io.BytesIO(archive.read())) as tar:
            [member] = tar.getmembers()
            content = tar.extractfile(member)
            assert content is not None and content.read() == b"12345"
    assert (member.name, member.size, member.mode & 0o777) == ("a b&c?d=é#%", 5, 0o640)
    if spoken < (1, 20):
        assert stat is None
    else:
        assert part(stat, "name", "size", "mode", "link_target") == {
            "name": "a b&c?d=é#%",
            "size": 5,
            "mode": 0o640,
            "link_target": None,
        }


@since("1.12")
def test_a_missing_path_is_not_found(
    client: Client, sleeper: str, name: str, engine: Engine
) -> None:
    with pytest.raises(engine.says({"0.3": ServerError, "1.12": PathNotFound})) as caught:
        client.get_archive(name, "/no/such/path")
    assert caught.value.message == f"Could not find the file /no/such/path in container {name}"


def packed(name: str, data: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def test_an_archive_is_unpacked_into_a_container_from_api_1_20_on(
    client: Client, spoken: tuple[int, ...], speaks: str, sleeper: str
) -> None:
    data = packed("note.txt", b"hello")
    if spoken < (1, 20):
        with pytest.raises(NotSupported) as caught:
            client.put_archive(sleeper, "/tmp", data)
        assert str(caught.value) == f"PUT /containers/{{id}}/archive needs API 1.20; {speaks}"
    else:
        client.put_archive(sleeper, "/tmp", data)
        assert client.exec_run(sleeper, ["cat", "tmp/note.txt"]).output.stdout == b"hello"
        with client.get_archive(sleeper, "/tmp/note.txt") as archive:
            with tarfile.open(fileobj=archive, mode="r|") as tar:
                contents = [(member.name, tar.extractfile(member).read()) for member in tar]
        assert contents == [("note.txt", b"hello")]


@operation("GET /containers/{id}/export")
def test_an_export_is_the_whole_file_system(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    command = ["sh", "-c", "echo new > tmp/new; rm etc/group"]
    id = client.run(busybox, command, config=config, host_config=alone).container_id
    files = {}
    with client.export(id) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            if member.isfile() and member.name.startswith(("etc/", "tmp/")):
                content = tar.extractfile(member)
                assert content is not None
                files[member.name] = content.read()
    assert files["tmp/new"] == b"new\n"
    assert files["etc/passwd"].startswith(b"root:x:0:0:")
    assert "etc/group" not in files


@since("1.6")
def test_a_container_keeps_the_times_of_its_life(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    id = client.run_detached(busybox, ["sleep", "6000"], config=config, host_config=alone)
    # Of one that ends by itself a busy Engine may note the end before the start.
    assert client.inspect_container(id).state.running
    client.kill(id)
    client.wait(id)
    found = client.inspect_container(id)
    times = [found.created, found.state.started_at, found.state.finished_at]
    assert all(isinstance(time, datetime.datetime) and time.tzinfo for time in times)
    assert times == sorted(times)


@pytest.mark.real("publishes ports")
def test_a_port_that_is_published_is_exposed(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    """Without `exposed_ports` Engines published nothing, and said nothing."""
    ports = HostConfig(port_bindings={80: None})
    id = newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=ports)
    found = newest.inspect_container(id)
    assert found.config.exposed_ports == ("80/tcp",)
    assert {binding.host_port for binding in found.network_settings.ports["80/tcp"]} != {None}


# What is left to the Engine: it warns, refuses, or keeps it for later.
LEFT = {
    "oom_kill_disable without memory": (HostConfig(oom_kill_disable=True), "a warning"),
    "ports of the host's network": (
        HostConfig(network_mode="host", port_bindings={80: 80}),
        "a warning",
    ),
    "ports of another container's network": (
        HostConfig(network_mode="container:dockerapi", port_bindings={80: 80}),
        "BadRequest",
    ),
    "cpu_period without cpu_quota": (HostConfig(cpu_period=50_000), "kept"),
    "log options without a driver": (
        HostConfig(log_config=LogConfig(config={"a": "b"})),
        "BadRequest",
    ),
}


@pytest.mark.real("its warnings and refusals")
@pytest.mark.parametrize("pair", LEFT)
def test_what_the_engine_says_of_two_settings_itself(
    newest: Client, busybox: str, config: ContainerConfig, pair: str
) -> None:
    host_config, expected = LEFT[pair]
    try:
        made = newest.create_container(busybox, config=config, host_config=host_config)
    except ApiError as error:
        assert type(error).__name__ == expected
        return
    assert ("a warning" if made.warnings else "kept") == expected


@pytest.mark.real("beside `docker create`")
def test_ports_and_variables_as_text_are_what_the_command_line_makes_of_them(
    newest: Client,
    engine: Engine,
    docker: str,
    busybox: str,
    config: ContainerConfig,
    label: dict[str, str],
    tmp_path: Path,
) -> None:
    ports = ["80", "8080:81", "127.0.0.1:9000-9001:90-91/udp", "8000-8010:82", "[::1]::83", "7:82"]
    (tmp_path / "env").write_text('\ufeffA=1\n# no\n\n \t B= "x = y" # \nHOME\nNOWHERE\nC=\n')
    options = [option for port in ports for option in ("-p", port)]
    [(key, value)] = label.items()
    command = [docker, "create", *options, "--env-file", str(tmp_path / "env")]
    done = subprocess.run(
        [*command, "--label", f"{key}={value}", busybox],
        env={"HOME": os.environ["HOME"], "DOCKER_HOST": engine.url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    theirs = newest.inspect_container(done.stdout.strip())
    env = read_env_file(tmp_path / "env")
    made = newest.create_container(
        busybox,
        config=attrs.evolve(config, env=env),
        host_config=HostConfig(port_bindings=ports),
    )
    ours = newest.inspect_container(made)
    assert ours.host_config.port_bindings == theirs.host_config.port_bindings
    assert ours.config.exposed_ports == theirs.config.exposed_ports
    assert ours.config.env == theirs.config.env
