"""Commands as processes of this machine: signals, pause, terminals, and that nothing is left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerapi import BadRequest, Client, ContainerConfig, Output
from dockerapi.models.exec import RunResult
from dockerapi.testing import FakeEngine, Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes as POSIX has them")
on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
SLEEP = "trap 'exit 5' TERM; echo ready; sleep 600 & wait"


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine(processes=True) as engine:
        yield engine


@pytest.fixture
def sleeper(client: Client) -> str:
    """A container that is known to have set its trap."""
    id = client.create_container("busybox", ["sh", "-c", SLEEP]).id
    with client.attach(id) as attachment:
        client.start(id)
        assert next(attachment).data == b"ready\n"
    return id


def test_a_command_runs_in_the_containers_folder_with_its_environment(client: Client) -> None:
    config = ContainerConfig(env={"A": "1"}, working_dir="/tmp")
    script = "echo $A; basename $PWD; cat; echo kept > note; echo err >&2; exit 3"
    result = client.run("busybox", ["sh", "-c", script], config=config, input=b"in\n")
    assert (result.exit_code, result.output) == (3, Output(b"1\ntmp\nin\n", b"err\n"))
    assert [one.path for one in client.diff(result.container_id)] == ["/tmp", "/tmp/note"]


def test_a_script_of_the_container_is_run_where_this_machine_has_none(client: Client) -> None:
    script = "printf '#!/bin/sh\\necho from $0' > job; chmod +x job"
    id = client.run("busybox", ["sh", "-c", script]).container_id
    image = client.commit(id, repository="jobs")
    result = client.run(image, ["/job"])
    assert result.output.stdout.endswith(b"/files/job\n")


def test_functions_play_what_they_were_given_and_processes_the_rest(
    engine: FakeEngine, client: Client
) -> None:
    def play(run: Run) -> None:
        run.stdout.write(b"played")

    engine.on("busybox", ["tool"], play)
    outputs = [client.run("busybox", [name]).output.stdout for name in ("tool", "true")]
    assert outputs == [b"played", b""]


def test_what_is_not_there_is_refused_at_the_start(client: Client) -> None:
    id = client.create_container("busybox", ["no-such-command"]).id
    with pytest.raises(BadRequest) as caught:
        client.start(id)
    assert caught.value.message == (
        "failed to create task for container: failed to create shim task: OCI runtime create "
        "failed: runc create failed: unable to start container process: "
        'exec: "no-such-command": executable file not found in $PATH: unknown'
    )
    state = client.inspect_container(id).state
    assert (state.status, state.exit_code) == ("created", 127)


def test_what_is_not_there_is_told_with_500_by_old_engines() -> None:
    with FakeEngine("1.6", processes=True) as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["/no/such"]).id
        with pytest.raises(BadRequest) as caught:
            client.start(id)
    assert (caught.value.status, caught.value.message) == (
        500,
        f'Cannot start container {id}: exec: "/no/such": stat /no/such: no such file or directory',
    )


def test_what_is_caught_ends_it_in_its_own_way(client: Client, sleeper: str) -> None:
    client.stop(sleeper)
    assert client.wait(sleeper) == 5


@on_linux
def test_process_1_ends_only_by_signals_that_it_catches(client: Client) -> None:
    id = client.run_detached("busybox", ["sleep", "600"])
    client.kill(id, signal="TERM")
    assert client.inspect_container(id).state.status == "running"
    client.stop(id, timeout=0)
    assert client.wait(id) == 137


@on_linux
def test_what_a_container_started_ends_with_it(client: Client) -> None:
    script = "setsid sleep 600 & sleep 600 & (sleep 600 &); echo ready; sleep 600"
    id = client.create_container("busybox", ["sh", "-c", script]).id
    with client.attach(id) as attachment:
        client.start(id)
        next(attachment)
    pids = set()
    while len(pids) < 5:
        pids = {int(process["PID"]) for process in _top(client, id)}
    client.kill(id)
    assert client.wait(id) == 137
    assert [pid for pid in pids if _lives(pid)] == []


def _top(client: Client, id: str) -> list[dict[str, str]]:
    found = client.top(id)
    return [dict(zip(found.titles, row, strict=True)) for row in found.processes]


def _commands(client: Client, id: str) -> list[str]:
    return [process["CMD"] for process in _top(client, id)]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


@on_linux
def test_a_paused_container_is_stopped_in_all_its_processes(client: Client, sleeper: str) -> None:
    pids: list[int] = []
    while len(pids) < 2:  # its shell says that it is ready before it starts the second
        pids = [int(process["PID"]) for process in _top(client, sleeper)]
    for act, states in ((client.pause, "T"), (client.unpause, "SR")):
        act(sleeper)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(_state(pid) in states for pid in pids):
            time.sleep(0.001)
        assert [_state(pid) in states for pid in pids] == [True, True]


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


@on_linux
def test_top_shows_the_processes(client: Client, sleeper: str) -> None:
    pid = client.inspect_container(sleeper).state.pid
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _commands(client, sleeper)[1:] != ["sleep 600"]:
        time.sleep(0.001)
    first, second = _top(client, sleeper)
    assert (int(first["PID"]), second["PPID"], second["CMD"]) == (pid, first["PID"], "sleep 600")
    found = client.top(sleeper, ps_args="-o pid,args")
    assert (found.titles, found.processes[1]) == (("PID", "COMMAND"), (second["PID"], "sleep 600"))


@on_linux
def test_stats_are_those_of_the_processes(client: Client) -> None:
    script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo ready; sleep 600"
    id = client.create_container("busybox", ["sh", "-c", script]).id
    with client.attach(id) as attachment:
        client.start(id)
        next(attachment)
    found = client.stats(id)
    assert found.pids_current in (1, 2)
    assert found.cpu is not None and found.cpu.total_usage
    assert found.memory is not None and found.memory.usage
    with client.stream_stats(id) as stream:
        first, second = next(stream), next(stream)
    assert first.read is not None and second.preread == first.read
    assert second.precpu == first.cpu


def test_a_process_that_ran_for_less_than_a_tick_has_used_the_processor(
    client: Client, sleeper: str
) -> None:
    usage = client.stats(sleeper).cpu
    assert usage is not None and (usage.total_usage or 0) > 0


def test_a_terminal_is_one(client: Client) -> None:
    config = ContainerConfig(tty=True, open_stdin=True)
    script = "read x; echo got $x; tty >&2; stty size; read y"
    id = client.create_container("busybox", ["sh", "-c", script], config=config).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        client.resize(id, height=40, width=100)
        attachment.write(b"word\n")
        said = b""
        while not said.endswith(b"40 100\r\n"):
            said += next(attachment).data
        attachment.write(b"\x03")  # which reaches the shell as a signal
        rest = attachment.read().stdout
    assert said.startswith(b"word\r\ngot word\r\n/dev/pts/")
    assert rest.startswith(b"^C")
    assert client.wait(id) == 130


@pytest.mark.parametrize("tty", [False, True])
def test_a_signal_that_the_tests_ignore_is_not_ignored_in_a_container(
    client: Client, tty: bool
) -> None:
    """As `nohup` and `&` have them ignore one: a real container begins with none ignored."""
    script = "env; kill -INT $$; echo survived"
    argv = ["sh", "-c", script]
    config = ContainerConfig(tty=tty, env={"A": "1"})
    usual = client.run("busybox", argv, config=config)
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ignoring = client.run("busybox", argv, config=config)
    finally:
        signal.signal(signal.SIGINT, previous)

    assert (usual.exit_code, ignoring.exit_code) == (130, 130)
    assert _environment(ignoring) == _environment(usual)


def _environment(result: RunResult) -> list[str]:
    own = ("HOSTNAME=", "HOME=", "PWD=", "OLDPWD=")  # of each container
    said = result.output.stdout.decode().splitlines()
    return sorted(line for line in said if not line.startswith(own))


def test_an_exec_is_a_process_and_ends_with_the_container(client: Client, sleeper: str) -> None:
    result = client.exec_run(sleeper, ["sh", "-c", "cat; echo err >&2; exit 9"], input=b"in")
    assert (result.exit_code, result.output) == (9, Output(b"in", b"err\n"))
    created = client.exec_create(sleeper, ["sleep", "600"])
    with client.exec_start(created) as attachment:
        client.kill(sleeper)
        assert attachment.read() == Output(b"", b"")
    while client.exec_inspect(created).running:
        pass
    assert client.exec_inspect(created).exit_code == 137


def test_much_output_comes_whole(client: Client) -> None:
    result = client.run("busybox", ["head", "-c", "20000000", "/dev/zero"])
    assert len(result.output.stdout) == 20_000_000


def test_a_listener_that_does_not_read_holds_the_process_back(client: Client) -> None:
    """And does not keep the Engine from ending it."""
    id = client.create_container("busybox", ["yes"]).id
    with client.attach(id) as attachment:
        client.start(id)
        next(attachment)
        client.kill(id)
    assert client.wait(id) == 137


def test_input_that_is_not_read_is_let_go(client: Client) -> None:
    result = client.run("busybox", ["head", "-c", "3"], input=b"x" * (4 << 20))
    assert result.output == Output(b"xxx", b"")


def test_closing_the_engine_ends_what_runs(engine: FakeEngine, client: Client) -> None:
    for _ in range(3):
        client.run_detached("busybox", ["sh", "-c", "trap '' TERM HUP; sleep 600 & wait"])
    engine.close()  # the fixture of the folder looks for processes, threads and files
