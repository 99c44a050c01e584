"""What holds for all tests of the fake Engine: nothing is left behind; and an Engine for them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerapi import Client, ContainerConfig
from dockerapi.testing import FakeEngine, Run
from dockerapi.testing.state.daemon import Daemon
from dockerapi.testing.state.registry import Registry


def children() -> set[str]:
    found: set[str] = set()
    for path in Path("/proc/self/task").glob("*/children"):  # none where there is no Linux
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread just ended
            found.update(path.read_text().split())
    return found


@pytest.fixture(autouse=True)
def nothing_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No thread, process, descriptor or folder outlives a test."""
    before = threading.active_count(), children()
    descriptors = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    private = tmp_path_factory.mktemp("tmp")
    previous, tempfile.tempdir = tempfile.tempdir, str(private)
    try:
        yield
    finally:
        tempfile.tempdir = previous
    assert list(private.iterdir()) == []
    patience = time.monotonic() + 60  # for what is ending, on a machine that is busy
    while (threading.active_count(), children()) != before and time.monotonic() < patience:
        time.sleep(0.01)
    assert (threading.active_count(), children()) == before
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine("1.51") as engine:
        yield engine


@pytest.fixture
def client(engine: FakeEngine) -> Iterator[Client]:
    with Client(engine.url) as client:
        yield client


@pytest.fixture
def tools(engine: FakeEngine) -> None:
    """Commands to talk to: `upper`, also in busybox, and `both`."""

    def upper(run: Run) -> int:
        """Answers each line in capitals, and says when there are no more."""
        while line := run.stdin.readline():
            run.stdout.write(line.upper())
        run.stderr.write(b"end\n")
        return 9

    def both(run: Run) -> None:
        run.stdout.write(b"out\n")
        run.stderr.write(b"err\n")
        run.sleep(600)

    engine.on("tool", ["upper"], upper)
    engine.on("tool", ["both"], both)
    engine.on("busybox", ["upper"], upper)


@pytest.fixture
def sleeper(client: Client) -> str:
    """The id of a container that sleeps."""
    config = ContainerConfig(env={"A": "1"}, working_dir="/tmp")
    return client.run_detached("busybox", ["sleep", "600"], config=config)


@contextlib.contextmanager
def _state() -> Iterator[Daemon]:
    daemon = Daemon(
        "28.5.2",
        processes=False,
        registry=Registry(),
        publishes_what_is_bound=False,
        tells_networks_apart=True,
    )
    try:
        yield daemon
    finally:
        daemon.close()


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    """The state of an Engine, without one that serves it."""
    with _state() as daemon:
        yield daemon


@pytest.fixture
def other_daemon() -> Iterator[Daemon]:
    """The state of another Engine of the same release."""
    with _state() as daemon:
        yield daemon
