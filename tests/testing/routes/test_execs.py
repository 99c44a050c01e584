"""Exec: further commands in a container that runs."""

from __future__ import annotations

import pytest

from dockerapi import Client, Conflict, Output
from dockerapi.testing import FakeEngine

pytestmark = pytest.mark.usefixtures("tools")


def test_an_exec_has_input_output_and_an_exit_code(client: Client, sleeper: str) -> None:
    result = client.exec_run(sleeper, ["upper"], input=b"one\ntwo")
    assert (result.exit_code, result.output) == (9, Output(b"ONE\nTWO", b"end\n"))


def test_a_detached_exec_runs_by_itself(client: Client, sleeper: str) -> None:
    created = client.exec_create(sleeper, ["sh", "-c", "echo x > /tmp/x; exit 4"])
    client.exec_start_detached(created)
    while client.exec_inspect(created).exit_code is None:
        pass
    assert client.exec_inspect(created).exit_code == 4
    assert client.exec_run(sleeper, ["cat", "/tmp/x"]).output.stdout == b"x\n"


def test_an_exec_may_have_a_terminal(engine: FakeEngine, client: Client) -> None:
    engine.on("busybox", ["screen"], lambda run: run.stdout.write(run.stdin.readline()))
    id = client.run_detached("busybox", ["sleep", "600"])
    created = client.exec_create(id, ["screen"], stdin=True, tty=True)
    with client.exec_start(created) as attachment:
        client.exec_resize(created, height=50, width=120)
        attachment.write(b"x\n")
        assert attachment.read() == Output(b"x\r\nx\r\n", b"")


def test_what_does_not_run_takes_no_exec(client: Client) -> None:
    id = client.create_container("busybox", ["true"]).id
    with pytest.raises(Conflict) as caught:
        client.exec_create(id, ["true"])
    assert caught.value.message == f"container {id} is not running"
    id = client.run_detached("busybox", ["sleep", "600"])
    created = client.exec_create(id, ["true"])
    client.pause(id)
    with pytest.raises(Conflict) as caught:
        client.exec_create(id, ["true"])
    assert caught.value.message == (f"Container {id} is paused, unpause the container before exec")
    client.unpause(id)
    client.kill(id)
    client.wait(id)
    with pytest.raises(Conflict):
        client.exec_start(created)


def test_an_exec_is_started_once(client: Client, sleeper: str) -> None:
    created = client.exec_create(sleeper, ["sleep", "600"])
    with client.exec_start(created), pytest.raises(Conflict) as caught:
        client.exec_start_detached(created)  # the other start looks first
    assert caught.value.message == f"Error: Exec command {created.id} is already running"
    assert client.inspect_container(sleeper).exec_ids == (created.id,)


def test_an_exec_of_what_nobody_plays_ends_with_127(client: Client, sleeper: str) -> None:
    assert client.exec_run(sleeper, ["backup"]).exit_code == 127
