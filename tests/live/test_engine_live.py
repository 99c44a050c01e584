"""Commands in containers, commit, and the Engine itself: the manual's chapter 2.3 on a real one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dockerapi import (
    BadRequest,
    Client,
    CommandFailed,
    Conflict,
    ContainerConfig,
    ContainerNotFound,
    NotFound,
    Output,
    ServerError,
)
from dockerapi.models.exec import ExecResult
from live.engine import PATIENCE, Engine, numbers

operation = pytest.mark.operation
needs = pytest.mark.needs
since = pytest.mark.since


# Exec


@needs("1.15", "1.16")
@operation("POST /containers/{id}/exec", "POST /exec/{id}/start", "GET /exec/{id}/json")
def test_a_command_is_created_started_and_inspected(client: Client, sleeper: str) -> None:
    script = "cat; echo $0 >&2; exit 4"
    created = client.exec_create(sleeper, ["sh", "-c", script, "done"], stdin=True)
    with client.exec_start(created) as attachment:
        attachment.write(b"typed\n")
        echo = next(attachment)  # it runs now; the answer to the start says nothing of that
        during = client.exec_inspect(created)
        attachment.close_stdin()
        output = attachment.read()
    after = client.exec_inspect(created)
    deadline = time.monotonic() + PATIENCE
    # The output ends a moment before the Engine notes that the command has.
    while after.running and time.monotonic() < deadline:
        after = client.exec_inspect(created)
    assert (echo.data, output.stdout, output.stderr) == (b"typed\n", b"", b"done\n")
    assert [exec_state(during), exec_state(after)] == [
        {
            "id": created.id,
            "container_id": sleeper,
            "running": running,
            "exit_code": exit_code,
            "entrypoint": "sh",
            "arguments": ("-c", script, "done"),
            "tty": False,
            "open_stdin": True,
            "open_stdout": True,
            "open_stderr": True,
        }
        for running, exit_code in [(True, None), (False, 4)]
    ]


def exec_state(found: object) -> dict[str, Any]:
    fields = ("id", "container_id", "running", "exit_code", "entrypoint", "arguments", "tty")
    fields += ("open_stdin", "open_stdout", "open_stderr")
    return {field: getattr(found, field) for field in fields}


@needs("1.15")
@operation("POST /exec/{id}/resize")
def test_a_command_on_a_terminal_gets_the_size_that_it_is_given(
    client: Client, sleeper: str
) -> None:
    command = ["sh", "-c", "echo ready; read x; stty size"]
    created = client.exec_create(sleeper, command, stdin=True, tty=True)
    with client.exec_start(created) as attachment:
        assert next(attachment.lines()).text.rstrip() == "ready"
        client.exec_resize(created, height=33, width=99)
        attachment.write(b"\n")
        assert attachment.read().stdout == b"\r\n33 99\r\n"


@needs("1.15", "1.16")
def test_a_detached_command_goes_on_alone(client: Client, sleeper: str) -> None:
    created = client.exec_create(sleeper, ["sh", "-c", "echo alone > tmp/alone; exec sleep 6000"])
    client.exec_start_detached(created)
    assert client.exec_inspect(created).running is True
    until_there = ["sh", "-c", "until [ -s tmp/alone ]; do :; done; cat tmp/alone"]
    assert client.exec_run(sleeper, until_there).output.stdout == b"alone\n"


@needs("1.16")
def test_a_command_runs_to_its_end(client: Client, sleeper: str) -> None:
    command = ["sh", "-c", "cat; echo done >&2; exit 9"]
    result = client.exec_run(sleeper, command, input=[b"a", b"b"])
    assert result == ExecResult(exit_code=9, output=Output(b"ab", b"done\n"))


@pytest.mark.real("another user")
@needs("1.16")
def test_a_command_runs_as_another_user(client: Client, sleeper: str) -> None:
    result = client.exec_run(sleeper, ["id", "-u"], user="65534:65534")
    assert result == ExecResult(exit_code=0, output=Output(b"65534\n"))


@needs("1.16")
def test_a_command_on_a_terminal_has_one_stream(client: Client, sleeper: str) -> None:
    result = client.exec_run(sleeper, ["sh", "-c", "echo out; echo err >&2"], tty=True)
    assert result == ExecResult(exit_code=0, output=Output(b"out\r\nerr\r\n"))


@needs("1.16", "1.25", "1.35")
def test_a_command_gets_variables_and_a_directory(client: Client, sleeper: str) -> None:
    command = ["sh", "-c", 'echo "$A $B"; basename "$PWD"']
    env = {"A": 1, "B": "x y"}
    result = client.exec_run(sleeper, command, env=env, working_dir="/tmp")
    assert result.output.stdout == b"1 x y\ntmp\n"


@needs("1.16")
def test_a_failing_command_raises_if_that_is_asked_for(client: Client, sleeper: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        client.exec_run(sleeper, "sh -c 'echo no >&2; exit 2'", check=True)
    assert (str(caught.value), caught.value.exit_code) == (
        "\"sh -c 'echo no >&2; exit 2'\" ended with exit code 2\nstderr:\nno",
        2,
    )


@needs("1.16")
def test_a_command_that_is_not_there_ends_with_126_or_127(
    client: Client, sleeper: str, engine: Engine
) -> None:
    result = client.exec_run(sleeper, ["no-such-command"])
    assert result.exit_code in (126, 127)
    why = b'"no-such-command": executable file not found in $PATH'
    assert engine.says({"0.3": b"", "1.10": why}) in result.output.combined


@needs("1.12", "1.16")
def test_a_paused_container_runs_no_commands(
    client: Client, sleeper: str, name: str, engine: Engine
) -> None:
    client.pause(sleeper)
    try:
        with pytest.raises(engine.says({"0.3": ServerError, "1.8": Conflict})) as caught:
            client.exec_run(name, ["true"])
    finally:
        client.unpause(sleeper)
    assert caught.value.message == f"Container {name} is paused, unpause the container before exec"


@needs("1.16")
def test_an_unknown_exec_instance_is_not_found(client: Client, engine: Engine) -> None:
    id = "ab" * 32
    with pytest.raises(NotFound) as caught:
        client.exec_inspect(id)
    words = engine.says({"0.3": f" '{id}' found in daemon", "1.8": f": {id}"})
    assert str(caught.value) == f"GET /exec/{{id}}/json: 404 No such exec instance{words}"


# The Engine


@operation("GET /version")
def test_the_version_is_that_of_the_engine(client: Client, engine: Engine) -> None:
    found, raw = client.version(), engine.get("/version")
    assert [found.version, found.api_version, found.min_api_version, found.os, found.arch] == [
        raw["Version"],
        raw.get("ApiVersion"),
        raw.get("MinAPIVersion"),
        raw.get("Os"),
        raw.get("Arch"),
    ]


@operation("GET /info")
def test_info_counts_the_containers(client: Client, engine: Engine, sleeper: str) -> None:
    found, raw = client.info(), engine.get("/info")
    assert {
        "ID": found.id,
        "Name": found.name,
        "Driver": found.driver,
        "NCPU": found.cpus,
        "MemTotal": found.memory,
        "DockerRootDir": found.root_dir,
        "OperatingSystem": found.operating_system,
        "DefaultRuntime": found.default_runtime,
    } == {
        key: raw.get(key)
        for key in (
            *("ID", "Name", "Driver", "NCPU", "MemTotal", "DockerRootDir"),
            *("OperatingSystem", "DefaultRuntime"),
        )
    }
    assert found.server_version in (engine.version, None)  # infos of old have none
    running = found.containers_running if "ContainersRunning" in raw else found.containers
    assert running is not None and running >= 1
    if "SystemTime" in raw:
        assert found.system_time is not None and found.system_time.tzinfo is not None


@operation("GET /_ping")
def test_a_ping_says_what_the_version_says_and_is_true(client: Client, engine: Engine) -> None:
    found, raw = client.ping(), engine.get("/version")
    assert found
    assert found.api_version == (raw["ApiVersion"] if numbers(engine.version) >= [1, 13] else None)
    assert found.os in ("linux", None)  # as of Podman 4
    assert found.swarm in ("inactive", None)


# Commit


@needs("1.16", "1.18")
@operation("POST /commit")
def test_a_committed_container_is_an_image(
    client: Client,
    sleeper: str,
    name: str,
    label: dict[str, str],
    tags: Callable[[str], list[str]],
) -> None:
    client.exec_run(sleeper, ["sh", "-c", "echo changed > note"], check=True)
    id = client.commit(
        sleeper,
        repository=name,
        tag="1",
        message="a note",
        author="Ada <ada@example.com>",
        pause=True,
        config=ContainerConfig(env=["A=1"], working_dir="/tmp"),
        changes=["EXPOSE 80"],
    )
    found = client.inspect_image(id)
    config = found.config
    assert config is not None
    assert (found.id, tags(id), found.comment, found.author) == (
        id,
        [f"{name}:1"],
        "a note",
        "Ada <ada@example.com>",
    )
    assert (config.labels, config.working_dir, config.exposed_ports) == (label, "/tmp", ("80/tcp",))
    assert "A=1" in (config.env or ())
    result = client.run(id, ["cat", "../note"], remove=True)
    assert (result.exit_code, result.output) == (0, Output(b"changed\n"))


def test_committing_a_missing_container_is_not_found(
    client: Client, name: str, no_such: str
) -> None:
    with pytest.raises(ContainerNotFound) as caught:
        client.commit(name)
    assert str(caught.value) == f"POST /commit: 404 {no_such}: {name}"


@needs("1.18")
def test_an_instruction_that_a_commit_does_not_take_is_a_bad_request(
    client: Client, sleeper: str, engine: Engine
) -> None:
    with pytest.raises(engine.says({"0.3": ServerError, "17.10": BadRequest})) as caught:
        client.commit(sleeper, changes=["RUN true"])
    assert caught.value.message == engine.says(
        {
            "0.3": "run is not a valid change command",
            "26.1": "RUN is not a valid change command",
        }
    )


# Events


@since("1.22")
@needs("1.16")
@operation("GET /events")
def test_events_tell_the_life_of_a_container(
    client: Client, busybox: str, name: str, config: ContainerConfig
) -> None:
    begin = client.info().system_time
    assert begin is not None
    id = client.run(busybox, ["true"], name=name, config=config, remove=True).container_id
    end = client.info().system_time
    assert end is not None
    with client.events(since=begin, until=end, filters={"container": id}) as stream:
        events = list(stream)
    lives = [event for event in events if event.type == "container"]
    assert [(event.action, event.id, event.image) for event in lives] == [
        (action, id, busybox) for action in ("create", "attach", "start", "die", "destroy")
    ]
    times = [event.time for event in events]
    assert times == sorted(times)
    assert begin - timedelta(seconds=1) < times[0] <= times[-1] < end + timedelta(seconds=1)


@since("1.22")
@needs("1.16")
@operation("GET /events")
def test_events_go_on_after_any_of_them(
    client: Client, busybox: str, name: str, config: ContainerConfig
) -> None:
    """To the nanosecond, where the version has them; else all of its second come, and are known."""
    begin = client.info().system_time
    id = client.run(busybox, ["true"], name=name, config=config, remove=True).container_id
    end = client.info().system_time
    assert begin is not None and end is not None
    for filters in ({"container": id}, {"container": id, "event": ["start", "die"]}):
        with client.events(since=begin, until=end, filters=filters) as stream:
            events = list(stream)
        assert len(events) >= 2
        for number, last in enumerate(events):
            with client.events(since=last, until=end, filters=filters) as stream:
                assert list(stream) == events[number + 1 :]


@pytest.mark.long
@since("1.22")
@needs("1.17")
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda time: int(time.timestamp()), id="int"),
        pytest.param(lambda time: time.timestamp(), id="float"),
        pytest.param(lambda time: time, id="datetime"),
        pytest.param(lambda time: time.isoformat(), id="RFC 3339"),
        pytest.param(lambda time: Decimal(f"{time.timestamp():.6f}"), id="Decimal"),
        pytest.param(lambda time: f"{time.timestamp():.6f}", id="text"),
        pytest.param(lambda time: int(time.timestamp() * 10**6) * 1000, id="nanoseconds"),
    ],
)
def test_events_begin_and_end_at_a_time_in_any_form(
    form: Callable[[datetime], Any], client: Client, sleeper: str, name: str
) -> None:
    started = client.inspect_container(sleeper).state.started_at
    client.rename(sleeper, f"{name}-2")
    now = client.info().system_time
    assert started is not None and now is not None
    since, until = form(started - timedelta(milliseconds=1)), form(now + timedelta(seconds=1))
    with client.events(since=since, until=until, filters={"container": sleeper}) as stream:
        actions = [event.action for event in stream]
    assert [action for action in actions if action != "create"] == ["start", "rename"]
