"""A real Engine behind a road that breaks at a byte, and one that is killed in the middle."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    DockerError,
    HostConfig,
    Timeouts,
)
from live.busybox import find_busybox, root_file_system
from live.cutting import Road
from live.engine import PATIENCE, PrivateEngine, cannot_start, start
from live.reader import Reader
from scripted import ScriptedDaemon

pytestmark = pytest.mark.real("breaks what a real Engine answers")

ALONE = HostConfig(network_mode="none")
PATIENT = Timeouts(connect=10, read=10, idle=10)


class BreakingRoad(Road):
    """Copies bytes between a client and the Engine until so many have come back, then breaks.

    `how` is "closed", "reset" or "stalled"; `once` leaves the connections whole that come after.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.came_back = 0
        self._left: float = float("inf")
        self._how = "closed"
        self._once = False
        self._lock = threading.Lock()

    def break_after(self, count: float, how: str, *, once: bool = False) -> None:
        with self._lock:
            self.came_back = 0
            self._left, self._how, self._once = count, how, once

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        there = threading.Thread(target=self._forth, args=(near, far), daemon=True)
        there.start()
        self._back(far, near, there)
        there.join(20)

    def _forth(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_WR)

    def _back(self, far: socket.socket, near: socket.socket, there: threading.Thread) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                with self._lock:
                    allowed = int(min(self._left, len(data)))
                    self._left -= allowed
                    self.came_back += allowed
                    if self._once and allowed < len(data):
                        self._left = float("inf")
                near.sendall(data[:allowed])
                if allowed < len(data):
                    self._break(near, there)
                    return
        with contextlib.suppress(OSError):
            near.shutdown(socket.SHUT_WR)

    def _break(self, near: socket.socket, there: threading.Thread) -> None:
        if self._how == "stalled":
            there.join(20)  # until the client hangs up
        elif self._how == "closed":
            near.shutdown(socket.SHUT_RDWR)
        else:
            near.shutdown(socket.SHUT_RD)  # wakes the other thread, which would keep it open
            there.join(20)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            near.close()


@pytest.fixture
def road(engine_socket: str) -> Iterator[BreakingRoad]:
    with BreakingRoad(engine_socket) as road:
        yield road


@pytest.fixture
def ended(newest: Client, busybox: str, label: dict[str, str]) -> str:
    """A container that has written to both streams and ended."""
    command = ["sh", "-c", "echo out; echo err >&2"]
    id = newest.create_container(
        busybox, command, config=ContainerConfig(labels=label), host_config=ALONE
    ).id
    newest.start(id)
    newest.wait(id)
    return id


@pytest.fixture
def running(newest: Client, busybox: str, label: dict[str, str]) -> str:
    config = ContainerConfig(labels=label)
    return newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=ALONE)


def _read(stream: Any) -> Any:
    with stream:
        return stream.read()


OPERATIONS: dict[str, Callable[[Client, str, str], Any]] = {
    "call": lambda client, ended, running: client.inspect_container(ended).id,
    "values": lambda client, ended, running: [
        event.action for event in client.events(since=0, until=1e9, filters={"container": "nobody"})
    ],
    "logs": lambda client, ended, running: _read(client.logs(ended)),
    "bytes": lambda client, ended, running: len(_read(client.get_archive(ended, "/bin/sh"))),
    "upload": lambda client, ended, running: client.put_archive(ended, "/tmp", _archive()),
    "exec": lambda client, ended, running: client.exec_run(running, ["echo", "out"]).output,
    "exec_start": lambda client, ended, running: _read(
        client.exec_start(client.exec_create(running, ["echo", "out"]))
    ),
    "websocket": lambda client, ended, running: _read(
        client.attach_websocket(ended, logs=True, stream=False)
    ),
}


def _archive() -> bytes:
    import tarfile

    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("how", "cuts"),
    [
        ("closed", 8),
        ("reset", 8),
        ("stalled", 2),
        pytest.param("closed", 24, marks=pytest.mark.nightly),
        pytest.param("reset", 24, marks=pytest.mark.nightly),
        pytest.param("stalled", 4, marks=pytest.mark.nightly),
    ],
)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_of_a_real_engine_that_breaks_anywhere(
    name: str, how: str, cuts: int, road: BreakingRoad, ended: str, running: str
) -> None:
    """It is an error in time, or what came is whole."""
    act = OPERATIONS[name]
    with Client(road.url, timeout=PATIENT) as client:
        assert client.api_version
        road.break_after(float("inf"), how)
        whole = act(client, ended, running)
        size = road.came_back
    found: dict[str, int] = {}
    slowest = 0.0
    for position in sorted({size * number // cuts for number in range(cuts)}):
        with Client(road.url, timeout=PATIENT) as client:
            road.break_after(float("inf"), how)
            assert client.api_version
            road.break_after(position, how)
            began = time.monotonic()
            try:
                given = act(client.with_timeouts(read=0.5, idle=0.5), ended, running)
                outcome = "whole" if given == whole else f"part {given!r}"
            except DockerError as error:
                outcome = type(error).__name__
            took = time.monotonic() - began
            assert took < 30, (position, outcome)
            slowest = max(slowest, took)
        found[outcome] = found.get(outcome, 0) + 1
    print(f"{name:<11}{how:<9}{size:>9,} bytes  {found}, {slowest:.2f} s at most")
    assert [outcome for outcome in found if outcome.startswith("part")] == []


# The Engine is killed


@pytest.fixture
def private(programs: Path | None, tmp_path: Path) -> Iterator[PrivateEngine]:
    if why := cannot_start():
        pytest.skip(why)
    program = find_busybox(tmp_path)
    assert program is not None
    with start(programs, name="killed") as engine:
        with Client(engine.url) as client:
            client.import_image(root_file_system(program), repository="busybox")
        yield engine


def test_what_runs_when_the_engine_is_killed_ends_with_an_error(private: PrivateEngine) -> None:
    asked = threading.Event()

    def never(sock: socket.socket) -> None:
        asked.set()
        while sock.recv(65536):
            pass

    dockerfile = io.StringIO("FROM busybox\nRUN echo begun; sleep 6000\n")
    begun = threading.Event()

    def noticed(progress: Any) -> None:
        if "begun" in (progress.text or ""):
            begun.set()

    with ScriptedDaemon(tcp=True, on_connect=never) as registry, Client(private.url) as client:
        id = client.run_detached("busybox", ["sleep", "6000"], host_config=ALONE)
        readers = {
            "pull": Reader(lambda: client.pull(f"127.0.0.1:{registry.port}/a", tag="1")),
            "build": Reader(
                lambda: client.build(None, dockerfile=dockerfile, progress=noticed)  # type: ignore[arg-type]
            ),
            "attach": Reader(lambda: client.attach(id).read()),
            "exec_start": Reader(
                lambda: client.exec_start(client.exec_create(id, ["sleep", "6000"])).read()
            ),
            "wait": Reader(lambda: client.wait(id)),
            "logs": Reader(lambda: client.logs(id, follow=True).read()),
            "events": Reader(lambda: list(client.events())),
            "exec": Reader(lambda: client.exec_run(id, ["sleep", "6000"])),
            "stats": Reader(lambda: list(client.stream_stats(id))),
            "run": Reader(lambda: client.run("busybox", ["sleep", "6000"], host_config=ALONE)),
            "input": Reader(
                lambda: client.run("busybox", ["sleep", "6000"], input=b"in", host_config=ALONE)
            ),
            "websocket": Reader(lambda: client.attach_websocket(id).read()),
        }
        assert asked.wait(PATIENCE) and begun.wait(PATIENCE), readers["build"].error
        for name, reader in readers.items():
            if name not in ("stats", "build", "pull"):
                reader.wait_until_blocked()
        killed_at = time.monotonic()
        private.kill()
        outcomes = {}
        for name, reader in readers.items():
            reader.join(PATIENCE)
            assert not reader.is_alive(), name
            outcomes[name] = (type(reader.error).__name__, reader.result)
            took = reader.ended_at - killed_at
            print(f"{name:<11}{type(reader.error).__name__:<20}{took:.2f} s  {reader.error}")
            assert took < 30, name
        for name, outcome in outcomes.items():
            assert outcome in (("ConnectionFailed", None), ("StreamInterrupted", None)), name
