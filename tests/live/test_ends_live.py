"""The ends of attached streams on a real Engine: those that are, and those that only look so."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    DockerError,
    Frame,
    HostConfig,
    Output,
    StoredCredentials,
    StreamInterrupted,
)
from dockerapi.models.config import RestartPolicy
from live.busybox import find_busybox, root_file_system
from live.engine import PATIENCE, Engine, PrivateEngine, cannot_start, start
from live.reader import Reader
from live.test_faults_live import Road, road

__all__ = ["road"]
ALONE = HostConfig(network_mode="none")


def attached(client: Client, id: str, act: Callable[[], object], **options: Any) -> Output:
    """What an attachment gives to its end, which the act brings about."""
    with client.attach(id, **options) as attachment:
        reader = Reader(attachment.read)
        act()
        reader.join(PATIENCE)
        assert not reader.is_alive()
    if reader.error is not None:
        raise reader.error
    assert isinstance(reader.result, Output)
    return reader.result


# Ends


@pytest.fixture
def created(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> Callable[..., str]:
    """Makes a container with a shell's script."""

    def create(script: str, *, policy: str | None = None, **options: Any) -> str:
        host = alone
        if policy is not None:
            host = attrs.evolve(alone or HostConfig(), restart_policy=RestartPolicy(name=policy))
        command = ["sh", "-c", script]
        changed = attrs.evolve(config, **options)
        return client.create_container(busybox, command, config=changed, host_config=host).id

    return create


@pytest.mark.since("1.15")
@pytest.mark.needs("1.15")
def test_a_container_that_is_killed_and_removed_has_ended(
    client: Client, created: Callable[..., str]
) -> None:
    id = created("echo out; exec sleep 6000")
    client.start(id)
    with client.logs(id, follow=True) as logs:
        assert next(logs).data == b"out\n"
    given = attached(client, id, lambda: client.remove_container(id, force=True), logs=True)
    assert given == Output(b"out\n", b"")


@pytest.mark.since("1.15")
@pytest.mark.needs("1.15")
def test_a_container_that_somebody_restarts_has_ended(
    client: Client, created: Callable[..., str]
) -> None:
    id = created("exec sleep 6000")
    client.start(id)
    assert attached(client, id, lambda: client.restart(id, timeout=0)) == Output()


@pytest.mark.since("1.15")
@pytest.mark.needs("1.15")
@pytest.mark.real("restarts what has ended")
def test_a_container_that_restarts_itself_has_ended(
    client: Client, created: Callable[..., str]
) -> None:
    id = created("echo out; sleep 0.3", policy="always")
    assert attached(client, id, lambda: client.start(id)) == Output(b"out\n", b"")


@pytest.mark.since("1.15")
@pytest.mark.needs("1.15")
def test_a_container_that_closes_its_outputs_ends_its_stream_when_it_ends(
    client: Client, created: Callable[..., str]
) -> None:
    id = created("echo out; exec >&- 2>&-; exec sleep 0.5")
    assert attached(client, id, lambda: client.start(id)) == Output(b"out\n", b"")


@pytest.mark.since("1.15")
@pytest.mark.needs("1.15")
def test_a_container_that_does_not_start_ends_its_stream(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None
) -> None:
    id = client.create_container(busybox, ["/no/such"], config=config, host_config=alone).id

    def fail() -> None:
        with pytest.raises(DockerError):
            client.start(id)

    assert attached(client, id, fail) == Output()


@pytest.mark.real("the keys are the Engine's")
@pytest.mark.needs("1.15")
def test_keys_that_detach_end_the_stream_of_a_container_that_goes_on(
    client: Client, created: Callable[..., str]
) -> None:
    id = created("echo ready; exec cat", tty=True, open_stdin=True)
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        assert next(attachment).data == b"ready\r\n"
        for key in (b"\x10", b"\x11"):
            attachment.write(key)
            client.ping()  # Engines before 20.10 know keys only that come one by one
        assert attachment.read() == Output()
    assert client.inspect_container(id).state.running


@pytest.mark.real("the keys are the Engine's")
@pytest.mark.needs("1.16")
def test_keys_that_detach_from_an_exec_leave_no_words_in_its_output(
    client: Client, sleeper: str
) -> None:
    made = client.exec_create(sleeper, ["sh", "-c", "echo ready; exec cat"], stdin=True, tty=True)
    with client.exec_start(made) as attachment:
        assert next(attachment).data == b"ready\r\n"
        for key in (b"\x10", b"\x11"):
            attachment.write(key)
            client.ping()  # as above
        assert attachment.read() == Output()


@pytest.mark.real("the keys are the Engine's")
@pytest.mark.parametrize("where", ["in the call", "in config.json"])
def test_keys_of_ones_own_detach(
    newest: Client,
    busybox: str,
    config: ContainerConfig,
    alone: HostConfig | None,
    engine: Engine,
    where: str,
    tmp_path: Path,
) -> None:
    with_tty = attrs.evolve(config, tty=True, open_stdin=True)
    id = newest.create_container(busybox, ["cat"], config=with_tty, host_config=alone).id
    (tmp_path / "config.json").write_text('{"detachKeys": "ctrl-e,x"}')
    stored = StoredCredentials(folder=tmp_path if where == "in config.json" else None)
    keys = None if where == "in config.json" else "ctrl-e,x"
    with Client(engine.url, credentials=stored) as client:
        with client.attach(id, stdin=True, detach_keys=keys) as attachment:
            client.start(id)
            for key in (b"\x05", b"x"):
                attachment.write(key)
                client.ping()  # as above
            assert attachment.read() == Output()
        assert client.inspect_container(id).state.running


@pytest.mark.long
@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.nightly)])
def test_many_that_end_at_once_are_all_whole(
    newest: Client, busybox: str, label: Any, count: int
) -> None:
    """From eight threads, so that the Engine is slow and connections are not always kept."""
    config = ContainerConfig(labels=label)
    outputs: list[Output] = []
    errors: list[BaseException] = []

    def run(times: int) -> None:
        try:
            for number in range(times):
                command = ["sh", "-c", "echo out"] if number % 2 else ["echo", "out"]
                result = newest.run(busybox, command, config=config, host_config=ALONE, remove=True)
                outputs.append(result.output)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(count // 8,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (errors, outputs) == ([], [Output(b"out\n", b"")] * count)


# Breaks


@pytest.mark.real("something between cuts the connection")
@pytest.mark.parametrize("kind", ["attach", "exec"])
def test_a_connection_that_is_closed_in_between_is_no_end(
    kind: str, road: Road, newest: Client, busybox: str, label: dict[str, str]
) -> None:
    """It is closed between two frames, which is how an end looks.

    Each line is asked for: two that came together would be one frame.
    """
    script = "while read line; do echo 0123456789; done; exec sleep 6000"
    config = ContainerConfig(labels=label, open_stdin=True)
    id = newest.run_detached(busybox, ["sh", "-c", script], config=config, host_config=ALONE)
    began = time.monotonic()
    with Client(road.url) as client:
        if kind == "attach":
            stream, what = client.attach(id, stdin=True), f"container {id[:12]}"
            words = "but the container did not: it is running"
        else:
            exec = client.exec_create(id, ["sh", "-c", script], stdin=True)
            stream, what = client.exec_start(exec), f"exec {exec.id[:12]}"
            words = "but it still runs"
        frames = []
        with stream, pytest.raises(StreamInterrupted) as caught:
            stream.write(b"\n")
            for frame in stream:
                frames.append(frame)
                if len(frames) == 1:
                    road.break_after(3 * (8 + len(frame.data)), "closed", once=True)
                stream.write(b"\n")
    assert str(caught.value) == f"{road.url}: the stream of {what} ended, {words}"
    assert frames == [Frame("stdout", b"0123456789\n")] * 4
    assert time.monotonic() - began < 60


@pytest.fixture
def activated(programs: Path | None, tmp_path: Path) -> Iterator[PrivateEngine]:
    """An Engine whose socket is somebody else's, as it is with systemd: who asks it waits there."""
    if why := cannot_start():
        pytest.skip(why)
    program = find_busybox(tmp_path)
    assert program is not None
    with start(programs, name="activated", activated=True) as engine:
        with Client(engine.url) as client:
            client.import_image(root_file_system(program), repository="busybox")
        yield engine


LONG = "echo out; exec sleep 6000"
# It ends when it is told to, and says so, while there is no Engine.
TOLD = (
    "echo out; until [ -e /told/end ]; do sleep 0.05; done; echo more; "
    "exec touch /told/ended-$NUMBER"
)


def _attach(client: Client, script: str, **options: Any) -> Callable[[], Output]:
    host = attrs.evolve(ALONE, **options)
    id = client.create_container("busybox", ["sh", "-c", script], host_config=host).id
    attachment = client.attach(id)
    client.start(id)
    assert next(attachment).data == b"out\n"
    return attachment.read


def _wait(client: Client, script: str) -> Callable[[], Output]:
    """Attached to what is not started yet."""
    id = client.create_container("busybox", ["sh", "-c", script], host_config=ALONE).id
    return client.attach(id).read


def _exec(client: Client, script: str, **options: Any) -> Callable[[], Output]:
    host = attrs.evolve(ALONE, **options)
    id = client.run_detached("busybox", ["sleep", "6000"], host_config=host)
    attachment = client.exec_start(client.exec_create(id, ["sh", "-c", script]))
    assert next(attachment).data == b"out\n"
    return attachment.read


def _run(client: Client, script: str, input: bytes | None = None, **options: Any) -> Any:
    host, command = attrs.evolve(ALONE, **options), ["sh", "-c", script]
    return lambda: client.run("busybox", command, host_config=host, input=input)


def wait_for_three(folder: Path, pattern: str) -> None:
    """For the files of three containers, which tell how far these are."""
    began = time.monotonic()
    while len(list(folder.glob(pattern))) < 3:
        assert time.monotonic() < began + PATIENCE
        time.sleep(0.02)


@pytest.mark.real("the Engine is killed")
def test_an_engine_that_is_killed_and_comes_back_ends_nothing(
    activated: PrivateEngine, tmp_path: Path
) -> None:
    """The question waits until it is back, and is answered by it."""
    told = {"binds": [f"{tmp_path}:/told"]}
    with Client(activated.url, retry=lambda route, error, times: 0.01) as client:
        acts = {
            "attach": _attach(client, LONG),
            "attach, it ends meanwhile": _attach(client, TOLD.replace("$NUMBER", "1"), **told),
            "attach, it starts again": _attach(
                client, LONG, restart_policy=RestartPolicy(name="always")
            ),
            "attach, it removes itself": _attach(client, LONG, auto_remove=True),
            "attach, it was not started": _wait(client, LONG),
            "exec_start": _exec(client, LONG),
            "exec_start, it ends meanwhile": _exec(client, TOLD.replace("$NUMBER", "2"), **told),
            "run": _run(client, f"touch /told/run-1; {LONG}", **told),
            "run, it ends meanwhile": _run(
                client, "touch /told/run-2; " + TOLD.replace("$NUMBER", "3"), **told
            ),
            "run, with input": _run(client, f"touch /told/run-3; {LONG}", input=b"in", **told),
        }
        readers = {name: Reader(act) for name, act in acts.items()}
        wait_for_three(tmp_path, "run-*")
        for reader in readers.values():
            reader.wait_until_blocked()
        activated.kill()
        killed_at = time.monotonic()
        for reader in readers.values():
            reader.wait_until_in("dockerapi.api.ends")
        (tmp_path / "end").touch()
        wait_for_three(tmp_path, "ended-*")
        activated.start()
        for name, reader in readers.items():
            reader.join(PATIENCE)
            took = reader.ended_at - killed_at
            print(f"{name:<30}{took:5.1f} s  {reader.error or reader.result}")
        outcomes = {name: (type(reader.error), reader.result) for name, reader in readers.items()}
        assert outcomes == dict.fromkeys(readers, (StreamInterrupted, None))


@pytest.mark.real("the Engine is stopped")
def test_an_engine_that_is_stopped_ends_its_containers_or_cannot_be_asked(
    activated: PrivateEngine,
) -> None:
    """Releases differ in how long they answer (20.10 to the end, 28.5 not at all)."""
    with Client(activated.url) as client:
        read = _attach(client, "echo out; trap 'echo end; exit' TERM; while :; do sleep 0.1; done")
        reader = Reader(read)
        os.kill(activated.pid, signal.SIGTERM)
        activated.stop()
        activated.start()
        reader.join(PATIENCE)
        assert not reader.is_alive()
    print(reader.error or reader.result)
    if reader.error is None:
        assert reader.result == Output(b"end\n", b"")
    else:
        assert type(reader.error) is StreamInterrupted


@pytest.mark.real("the Engine is stopped")
def test_the_events_of_an_engine_that_is_stopped_are_interrupted(activated: PrivateEngine) -> None:
    with Client(activated.url) as client:
        without = client.events()
        before = client.events(until=time.time() + 3600)
        activated.stop()
        for events in (without, before):
            with events, pytest.raises(StreamInterrupted):
                list(events)
        activated.start()
        with client.events(since=1, until=time.time() + 1) as events:
            list(events)
