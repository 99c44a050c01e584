"""Talking to containers on a real Engine: logs, attach, websocket, run, with and without a TTY."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from dockerapi import (
    Client,
    CommandFailed,
    Conflict,
    ContainerConfig,
    ContainerNotFound,
    Frame,
    HostConfig,
    Line,
    NotSupported,
    Output,
)
from dockerapi.models.exec import RunResult

operation = pytest.mark.operation
needs = pytest.mark.needs
since = pytest.mark.since


@pytest.fixture
def terminal(config: ContainerConfig) -> ContainerConfig:
    return attrs.evolve(config, tty=True, open_stdin=True)


@pytest.fixture
def interactive(config: ContainerConfig) -> ContainerConfig:
    return attrs.evolve(config, open_stdin=True, stdin_once=True)


# Logs


@operation("GET /containers/{id}/logs")
@since("1.6")
def test_logs_keep_the_streams_apart(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    script = "echo one; echo two >&2; printf three"
    id = client.run(busybox, ["sh", "-c", script], config=config, host_config=alone).container_id
    found = {}
    for key, stdout, stderr in (("both", True, True), ("out", True, False), ("err", False, True)):
        with client.logs(id, stdout=stdout, stderr=stderr) as logs:
            found[key] = logs.read()
    assert found == {
        "both": Output(b"one\nthree", b"two\n"),
        "out": Output(b"one\nthree", b""),
        "err": Output(b"", b"two\n"),
    }


@since("1.3")
def test_followed_logs_go_on_until_the_container_ends(
    client: Client, busybox: str, interactive: ContainerConfig
) -> None:
    id = client.create_container(
        busybox, ["sh", "-c", "while read x; do echo got $x; done"], config=interactive
    ).id
    with client.attach(id, stdin=True, stdout=False, stderr=False) as attachment:
        client.start(id)
        with client.logs(id, follow=True) as logs:
            lines = logs.lines()
            seen = []
            for word in (b"one\n", b"two\n"):
                attachment.write(word)
                seen.append(next(lines))
            attachment.close_stdin()
            seen += list(lines)
    assert seen == [Line("stdout", "got one"), Line("stdout", "got two")]


@needs("1.13", "1.19")
@since("1.22")
def test_logs_are_cut_by_number_and_by_time(
    client: Client,
    busybox: str,
    config: ContainerConfig,
    spoken: tuple[int, ...],
    alone: HostConfig | None,
) -> None:
    """The late line comes more than a second after the Engine had the early one, to tell of it."""
    script = "trap 'sleep 1.1; echo late; exit' TERM; echo early; sleep 6000 & wait"
    command = ["sh", "-c", script]
    id = client.run_detached(busybox, command, config=config, host_config=alone)
    with client.logs(id, follow=True) as logs:
        assert next(logs).data == b"early\n"
        client.kill(id, signal="TERM")
        assert logs.read().stdout == b"late\n"

    def cut(**options: Any) -> bytes:
        with client.logs(id, **options) as logs:
            return logs.read().stdout

    stamp, _, _ = cut(tail=1, timestamps=True).partition(b" ")
    late = datetime.fromisoformat(f"{stamp[:26].decode()}+00:00")  # to the microsecond
    assert [cut(tail=1), cut(tail=0), cut(since=late)] == [b"late\n", b"", b"late\n"]
    before = late - timedelta(seconds=0.5)
    if spoken >= (1, 35):
        assert cut(until=before) == b"early\n"
    else:
        with pytest.raises(NotSupported) as caught:
            cut(until=before)
        assert (caught.value.what, caught.value.needs) == ("?until", "1.35")


@needs("1.11")
def test_log_lines_begin_with_their_times_if_asked(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    id = client.run(busybox, ["echo", "x"], config=config, host_config=alone).container_id
    state = client.inspect_container(id).state
    with client.logs(id, timestamps=True) as logs:
        [line] = logs.lines()
    time, _, text = line.text.partition(" ")
    assert state.started_at is not None and state.finished_at is not None
    assert (time[:10], text) == (state.started_at.date().isoformat(), "x")


def test_logs_of_a_terminal_are_one_stream(
    client: Client, busybox: str, terminal: ContainerConfig, alone: HostConfig | None
) -> None:
    script = "echo out; echo err >&2"
    id = client.run(busybox, ["sh", "-c", script], config=terminal, host_config=alone).container_id
    with client.logs(id) as logs:
        assert logs.read() == Output(b"out\r\nerr\r\n", b"")


def test_logs_of_a_container_that_was_never_started_are_empty(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    with client.logs(id) as logs:
        assert list(logs) == []


def test_logs_of_a_missing_container_raise_container_not_found(
    client: Client, name: str, no_such: str
) -> None:
    with pytest.raises(ContainerNotFound) as caught:
        client.logs(name)
    assert caught.value.message == f"{no_such}: {name}"


def test_logs_of_a_container_that_was_removed_raise_container_not_found(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    """Also where its terminal is known from its logs before."""
    id = client.run(busybox, ["echo", "out"], config=config, host_config=alone).container_id
    for _ in range(2):
        with client.logs(id) as logs:
            assert logs.read() == Output(b"out\n", b"")
    client.remove_container(id)
    with pytest.raises(ContainerNotFound):
        client.logs(id)


def test_a_character_that_is_split_over_frames_comes_out_whole(
    client: Client, busybox: str, interactive: ContainerConfig
) -> None:
    script = r"printf '\303'; read x; printf '\251\n'"
    id = client.create_container(busybox, ["sh", "-c", script], config=interactive).id
    with client.attach(id, stdin=True) as first, client.attach(id) as second:
        client.start(id)
        assert next(first) == Frame("stdout", b"\xc3")
        first.write(b"\n")
        assert list(second.lines()) == [Line("stdout", "é")]


# Attach


@operation("POST /containers/{id}/attach")
@since("1.6")
def test_nothing_is_missed_by_attaching_before_the_start(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    script = "echo out; echo err >&2; exit 3"
    id = client.create_container(busybox, ["sh", "-c", script], config=config).id
    with client.attach(id) as attachment:
        client.start(id)
        assert attachment.read() == Output(b"out\n", b"err\n")
    assert client.wait(id) == 3


@since("1.6")
def test_input_ends_and_output_goes_on(
    client: Client, busybox: str, interactive: ContainerConfig
) -> None:
    id = client.create_container(
        busybox, ["sh", "-c", "cat; echo end; echo err >&2"], config=interactive
    ).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"typed\n")
        assert next(attachment) == Frame("stdout", b"typed\n")
        attachment.close_stdin()
        assert attachment.read() == Output(b"end\n", b"err\n")


def test_attaching_with_logs_begins_with_what_was_written(client: Client, sleeper: str) -> None:
    with client.attach(sleeper, logs=True) as attachment:
        assert next(attachment) == Frame("stdout", b"ready\n")
    with client.attach(sleeper, logs=True, stream=False) as attachment:
        assert attachment.read() == Output(b"ready\n", b"")


def test_an_attachment_to_a_terminal_has_one_stream_and_echoes(
    client: Client, busybox: str, terminal: ContainerConfig
) -> None:
    id = client.create_container(
        busybox, ["sh", "-c", "read x; echo got $x; echo err >&2"], config=terminal
    ).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"word\n")
        assert attachment.read() == Output(b"word\r\ngot word\r\nerr\r\n", b"")


@since("1.4")
def test_attaching_to_a_container_that_has_ended_is_refused(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    id = client.run(busybox, ["sh", "-c", "exit 3"], config=config, host_config=alone).container_id
    for attach in (client.attach, client.attach_websocket):
        with pytest.raises(Conflict) as caught:
            attach(id)
        assert str(caught.value) == (
            f"POST /containers/{{id}}/attach: 409 container {id} is exited (exit code 3): there is "
            "nothing to attach to; logs() gives what it wrote"
        )
    with client.attach(id, logs=True, stream=False) as attachment:
        assert attachment.read() == Output(b"", b"")


@since("1.20")
def test_attaching_to_a_paused_container_is_the_engines_conflict(
    client: Client, sleeper: str, name: str
) -> None:
    client.pause(sleeper)
    try:
        with pytest.raises(Conflict) as caught:
            client.attach(name)
    finally:
        client.unpause(sleeper)
    assert str(caught.value) == (
        f"POST /containers/{{id}}/attach: 409 container {name} is paused, unpause the container "
        "before attach"
    )


@operation("GET /containers/{id}/attach/ws")
@needs("1.4")
def test_a_websocket_carries_input_and_output_as_one_stream(
    client: Client, busybox: str, interactive: ContainerConfig
) -> None:
    id = client.create_container(
        busybox, ["sh", "-c", "read x; echo got $x; echo err >&2"], config=interactive
    ).id
    with client.attach_websocket(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"word\n")
        output = attachment.read()
    assert sorted(output.stdout.splitlines()) == [b"err", b"got word"]
    assert output.stderr == b""


# Run


@since("1.6")
def test_run_gives_the_exit_code_and_the_streams_apart(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    result = client.run(
        busybox, "sh -c 'cat; echo err >&2; exit 3'", config=config, input=io.BytesIO(b"in")
    )
    assert result == RunResult(
        exit_code=3, output=Output(b"in", b"err\n"), container_id=result.container_id
    )
    assert client.inspect_container(result.container_id).state.exit_code == 3


def test_a_new_container_is_as_run_takes_it_to_be(
    client: Client, busybox: str, terminal: ContainerConfig
) -> None:
    """It does not look at it: what it finds at the end of the output is compared with this."""
    container = client.inspect_container(
        client.create_container(busybox, ["true"], config=terminal).id
    )
    state = container.state
    assert (container.config.tty, state.status, state.running) == (True, "created", False)
    assert (state.exit_code, state.error, state.started_at, state.finished_at) == (0, *[None] * 3)


@since("1.6")
def test_run_removes_the_container_if_that_is_asked_for(
    client: Client, busybox: str, config: ContainerConfig, name: str
) -> None:
    with pytest.raises(CommandFailed) as caught:
        client.run(busybox, ["sh", "-c", "exit 3"], name=name, remove=True, check=True)
    assert (caught.value.exit_code, caught.value.output) == (3, Output(b"", b""))
    with pytest.raises(ContainerNotFound):
        client.inspect_container(name)


@since("1.6")
def test_run_removes_the_container_of_an_interrupted_call(
    client: Client, busybox: str, name: str
) -> None:
    """Ctrl-C comes while the call reads what the container writes."""

    def interrupted() -> Iterator[bytes]:
        yield b"a line\n"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.run(busybox, ["cat"], name=name, input=interrupted(), remove=True)
    with pytest.raises(ContainerNotFound):
        client.inspect_container(name)


def test_run_of_a_terminal_gives_one_stream(
    client: Client, busybox: str, terminal: ContainerConfig
) -> None:
    result = client.run(busybox, ["sh", "-c", "echo out; echo err >&2"], config=terminal)
    assert result.output == Output(b"out\r\nerr\r\n", b"")


@needs("1.16")
def test_input_that_the_container_does_not_read_is_no_error(
    client: Client, busybox: str, sleeper: str, config: ContainerConfig
) -> None:
    command = ["head", "-c", "3"]
    data = b"x" * 2**22
    assert client.exec_run(sleeper, command, input=data).output == Output(b"xxx", b"")
    assert client.run(busybox, command, config=config, input=data).output == Output(b"xxx", b"")
