"""What blocks on a real Engine ends when the client is closed, or the Engine stops."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from dockerapi import (
    Client,
    Closed,
    ConnectionFailed,
    ContainerConfig,
    Frame,
    HostConfig,
    Line,
    StreamInterrupted,
)
from live.busybox import find_busybox, root_file_system
from live.engine import PATIENCE, PrivateEngine, cannot_start, start
from live.reader import Reader

needs = pytest.mark.needs
pytestmark = pytest.mark.ours
ALONE = HostConfig(network_mode="none")


T = TypeVar("T")
SLEEP = ["sleep", "6000"]


@pytest.mark.parametrize(
    "opened",
    [
        pytest.param(lambda client, id: past_ready(client.logs(id, follow=True)), id="logs"),
        pytest.param(
            lambda client, id: past_ready(client.logs(id, follow=True).lines()), id="lines"
        ),
        pytest.param(
            lambda client, id: client.events(filters={"container": f"{id}0"}),
            id="events",
            marks=needs("1.3", "1.16"),
        ),
        pytest.param(lambda client, id: client.attach(id), id="attach"),
        pytest.param(
            lambda client, id: client.attach_websocket(id), id="websocket", marks=needs("1.4")
        ),
        pytest.param(
            lambda client, id: client.exec_start(client.exec_create(id, SLEEP)),
            id="exec",
            marks=needs("1.15"),
        ),
    ],
)
def test_iteration_stops_within_a_second_of_close_in_another_thread(
    opened: Callable[[Client, str], Iterator[object]], client: Client, sleeper: str
) -> None:
    stream = opened(client, sleeper)
    reader = Reader(lambda: list(stream))
    assert close_under(client, reader) == ([], None)


def past_ready(stream: Iterator[T]) -> Iterator[T]:
    """The stream after the one line that the sleeper writes."""
    next(stream)
    return stream


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda client, id, _: client.wait(id), id="wait"),
        pytest.param(  # which does not end at SIGTERM, as its process 1
            lambda client, _, config: client.stop(
                client.run_detached("busybox", SLEEP, config=config), timeout=600
            ),
            id="stop",
        ),
        pytest.param(lambda client, id, _: client.logs(id, follow=True).read(), id="read"),
        pytest.param(
            lambda client, id, _: client.exec_run(id, SLEEP), id="exec_run", marks=needs("1.16")
        ),
        pytest.param(
            lambda client, _, config: client.run("busybox", SLEEP, config=config), id="run"
        ),
    ],
)
def test_a_call_raises_closed_within_a_second_of_close_in_another_thread(
    act: Callable[[Client, str, ContainerConfig], object],
    client: Client,
    sleeper: str,
    config: ContainerConfig,
) -> None:
    reader = Reader(lambda: act(client, sleeper, config))
    result, error = close_under(client, reader)
    assert (result, type(error)) == (None, Closed)
    with pytest.raises(Closed) as caught:
        client.ping()
    assert str(caught.value) == "this client is closed"


def close_under(client: Client, reader: Reader) -> tuple[object, BaseException | None]:
    """Close the client while the reader is blocked: what came of that, within a second."""
    reader.wait_until_blocked()
    closed_at = time.monotonic()
    client.close()
    reader.join(PATIENCE)
    assert reader.ended_at - closed_at < 1
    return reader.result, reader.error


def test_a_stream_that_is_closed_by_another_thread_ends(client: Client, sleeper: str) -> None:
    stream = client.logs(sleeper, follow=True)
    assert next(stream) == Frame("stdout", b"ready\n")
    reader = Reader(lambda: list(stream))
    reader.wait_until_blocked()
    stream.close()
    reader.join(PATIENCE)
    assert (reader.result, reader.error) == ([], None)
    assert client.inspect_container(sleeper).state.running  # the client goes on


# The Engine itself goes away


@pytest.fixture
def private(programs: Path | None, tmp_path: Path) -> Iterator[PrivateEngine]:
    """An Engine that may be stopped, with the image busybox."""
    if why := cannot_start():
        pytest.skip(why)
    program = find_busybox(tmp_path)
    assert program is not None
    with start(programs, name="stopped") as engine:
        with Client(engine.url) as client:
            client.import_image(root_file_system(program), repository="busybox")
        yield engine


@pytest.mark.real("stops and kills the Engine")
@pytest.mark.parametrize(
    "halt",
    [pytest.param(PrivateEngine.stop, id="stop"), pytest.param(PrivateEngine.kill, id="kill")],
)
def test_followed_logs_end_within_two_seconds_of_the_engine(
    halt: Callable[[PrivateEngine], None], private: PrivateEngine
) -> None:
    command = ["sh", "-c", "trap 'echo bye; exit' TERM; echo ready; sleep 6000 & wait"]
    with Client(private.url) as client:
        id = client.run_detached("busybox", command, host_config=ALONE)
        followed = client.logs(id, follow=True).lines()
        lines = [next(followed)]
        reader = Reader(lambda: lines.extend(followed))
        reader.wait_until_blocked()
        halt(private)
        stopped_at = time.monotonic()
        reader.join(PATIENCE)
        assert reader.ended_at - stopped_at < 2
        if reader.error is None:  # it was stopped, and containers are stopped first
            assert lines == [Line("stdout", "ready"), Line("stdout", "bye")]
        else:
            assert isinstance(reader.error, StreamInterrupted)
            assert lines[:1] == [Line("stdout", "ready")]
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
        assert str(caught.value).startswith(f"{private.url}: ")
