"""Attaching to containers that end meanwhile, and to what has no input or no output."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockerapi import (
    Client,
    Conflict,
    ContainerConfig,
    DockerError,
    HostConfig,
    LogConfig,
    Output,
    StreamInterrupted,
    Timeouts,
)
from live.cutting import CuttingRoad
from live.engine import Engine

pytestmark = pytest.mark.real("what a real Engine does with an attachment that comes too late")

ALONE = HostConfig(network_mode="none")
ATTACHMENTS = 240


@pytest.fixture
def road(engine_socket: str) -> Iterator[CuttingRoad]:
    with CuttingRoad(engine_socket) as road:
        yield road


@pytest.fixture
def made(newest: Client, busybox: str, label: dict[str, str]) -> Callable[..., str]:
    """Makes a container of a shell's script; it runs unless it is not to be started."""

    def make(script: str, *, started: bool = True, host: HostConfig = ALONE, **more: Any) -> str:
        config = ContainerConfig(labels=label, **more)
        command = ["sh", "-c", script]
        id = newest.create_container(busybox, command, config=config, host_config=host).id
        if started:
            newest.start(id)
        return id

    return make


def attach(client: Client, id: str, websocket: bool, **options: Any) -> Output:
    opened = client.attach_websocket if websocket else client.attach
    with opened(id, **options) as attachment:
        return attachment.read()


# Containers that end while they are attached to


@pytest.mark.dear
@pytest.mark.parametrize("logs", [False, True], ids=["nothing came", "its log came"])
@pytest.mark.parametrize("websocket", [False, True], ids=["attach", "attach_websocket"])
def test_a_container_that_is_killed_between_inspect_and_attach_does_not_hang(
    websocket: bool, logs: bool, road: CuttingRoad, newest: Client, made: Callable[..., str]
) -> None:
    id = made("echo out; exec sleep 6000")
    with newest.logs(id, follow=True) as log:
        assert next(log).data == b"out\n"

    def kill() -> None:
        newest.kill(id)
        newest.wait(id)

    road.before_upgrade = kill
    began = time.monotonic()
    with Client(road.url) as client, pytest.raises(DockerError) as caught:
        attach(client, id, websocket, logs=logs)
    assert type(caught.value) is (StreamInterrupted if logs else Conflict), caught.value
    if isinstance(caught.value, StreamInterrupted):
        assert caught.value.output == Output(b"out\n", b"")
    assert time.monotonic() - began < 60
    print(caught.value)


@pytest.mark.nightly
@pytest.mark.parametrize("websocket", [False, True], ids=["attach", "attach_websocket"])
def test_attaching_to_containers_that_end_at_random_never_hangs(
    websocket: bool, newest: Client, engine: Engine, made: Callable[..., str]
) -> None:
    """Every outcome is the whole output, or an error in time; half of them are killed."""
    chance = random.Random(16)
    outcomes: dict[str, int] = {}
    slowest = 0.0
    with Client(engine.url, timeout=Timeouts(idle=60)) as client:
        for number in range(ATTACHMENTS):
            killed = number % 2 == 1
            micros = chance.randrange(60_000)
            id = made("echo hi; exec sleep 6000" if killed else f"usleep {micros}; echo hi")
            killer = threading.Timer(micros / 1e6, newest.kill, [id])
            if killed:
                killer.start()
            began = time.monotonic()
            try:
                output = attach(client, id, websocket, logs=True)
                outcome = "whole" if output == Output(b"hi\n", b"") else repr(output)
            except (Conflict, StreamInterrupted) as error:
                outcome = type(error).__name__
            if killed:
                killer.join()
            slowest = max(slowest, time.monotonic() - began)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            newest.remove_container(id, force=True)
    print(f"{outcomes}, {slowest:.1f} s at most")
    # A killed one may be attached to before it has written anything, and what is written as the
    # Engine reads its log comes with the log and with the stream (once in 240, on 20.10 and 28.5).
    whole = {"whole", repr(Output()), repr(Output(b"hi\nhi\n", b""))}
    assert set(outcomes) <= {"Conflict", "StreamInterrupted", *whole}


@pytest.mark.dear
@pytest.mark.parametrize("websocket", [False, True], ids=["attach", "attach_websocket"])
def test_a_container_that_is_removed_before_it_was_started_does_not_hang(
    websocket: bool, newest: Client, made: Callable[..., str]
) -> None:
    id = made("echo out", started=False)
    opened = newest.attach_websocket if websocket else newest.attach
    with opened(id) as attachment:
        newest.remove_container(id)
        with pytest.raises(DockerError) as caught:
            attachment.read()
    print(repr(caught.value))
    assert isinstance(caught.value, (Conflict, StreamInterrupted))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("websocket", [False, True], ids=["attach", "attach_websocket"])
def test_the_log_of_a_driver_that_keeps_nothing_is_refused(
    websocket: bool, stream: bool, newest: Client, made: Callable[..., str]
) -> None:
    host = HostConfig(network_mode="none", log_config=LogConfig(type="none"))
    id = made("echo out; exec sleep 6000", host=host)
    with pytest.raises(Conflict) as caught:
        attach(newest, id, websocket, logs=True, stream=stream)
    assert str(caught.value) == (
        f"POST /containers/{{id}}/attach: 409 container {id} has the log driver none, which keeps "
        "nothing: there are no logs"
    )


# What ends with its input


def test_an_attachment_that_has_only_an_input_ends_with_it(
    newest: Client, made: Callable[..., str]
) -> None:
    """So it is with one that is attached to before it is started; else with the container."""
    id = made("cat > /got; exec sleep 6000", started=False, open_stdin=True, stdin_once=True)
    with newest.attach(id, stdin=True, stdout=False, stderr=False) as attachment:
        newest.start(id)
        assert attachment.communicate(b"x") == Output()
    assert newest.inspect_container(id).state.running


@pytest.mark.parametrize("stdin", [False, True], ids=["no stream at all", "an input"])
def test_an_exec_without_an_output_ends_with_its_input(
    stdin: bool, newest: Client, made: Callable[..., str]
) -> None:
    id = made("exec sleep 6000")
    command = ["sh", "-c", "cat > /got; exec sleep 6000"]
    exec = newest.exec_create(id, command, stdin=stdin, stdout=False, stderr=False)
    with newest.exec_start(exec) as attachment:
        assert (attachment.communicate(b"x") if stdin else attachment.read()) == Output()
    assert newest.exec_inspect(exec).running


def test_an_end_before_that_of_the_input_is_a_break(
    road: CuttingRoad, newest: Client, made: Callable[..., str]
) -> None:
    id = made("cat > /got; exec sleep 6000", open_stdin=True, stdin_once=True)
    with Client(road.url) as client:
        with client.attach(id, stdin=True, stdout=False, stderr=False) as attachment:
            road.hang_up()
            with pytest.raises(StreamInterrupted):
                attachment.read()


# Inputs that are none


def test_what_is_written_to_no_input_is_refused(newest: Client, made: Callable[..., str]) -> None:
    id = made("exec sleep 6000")
    with pytest.raises(Conflict) as caught:
        newest.attach(id, stdin=True)
    assert str(caught.value) == (
        f"POST /containers/{{id}}/attach: 409 container {id} was created without open_stdin=True: "
        "it has no input to attach to"
    )
    exec = newest.exec_create(id, ["sleep", "6000"])
    with newest.attach(id) as attachment, newest.exec_start(exec) as started:
        for stream, why in (
            (attachment, "it was attached to without stdin=True"),
            (started, "the exec was created without stdin=True"),
        ):
            for act, arguments in (("write", [b"x"]), ("close_stdin", []), ("communicate", [b"x"])):
                with pytest.raises(ValueError) as none:
                    getattr(stream, act)(*arguments)
                assert str(none.value) == f"{act}: there is no input: {why}"


@pytest.mark.parametrize("running", [False, True], ids=["ended", "running"])
def test_an_exec_that_is_started_a_second_time_is_a_conflict(
    running: bool, newest: Client, made: Callable[..., str]
) -> None:
    id = made("exec sleep 6000")
    exec = newest.exec_create(id, ["sleep", "6000"] if running else ["true"])
    with newest.exec_start(exec) as first:
        if not running:
            first.read()
        for again in (exec, exec.id):
            with pytest.raises(Conflict) as caught:
                newest.exec_start(again)
    code = None if running else 0
    assert str(caught.value) == (
        f"POST /exec/{{id}}/start: 409 exec {exec.id} was started before (exit code {code}): "
        "Engines would give their refusal as its output"
    )
