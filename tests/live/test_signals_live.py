"""Signals from a timer, into calls of one client on a real Engine.

They also come within one call of C, where no trace function does: `sendall` runs handlers between
two parts. The handler makes other calls of the same client, or raises.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from archived import header, padded
from dockerapi import Client, ContainerConfig, HostConfig, Output
from dockerapi.endpoint.ssh import SshSocket
from interruptions import descriptors, told_only, watched
from live.engine import Engine, NoEngine
from live.leaks import programs
from live.sshd import serve_ssh

pytestmark = [
    pytest.mark.ours,
    pytest.mark.real("what an Engine in this process does is interrupted, too"),
]
ALONE = HostConfig(network_mode="none")
DATA = os.urandom(300_000)
LONGEST = 60.0  # seconds for one call, a second on a quiet machine


# Calls, each with what must come of it. The container says its name and lives on.


def inspect(client: Client, id: str, name: str) -> None:
    assert client.inspect_container(id).name == name


def logs(client: Client, id: str, name: str) -> None:
    with client.logs(id) as stream:
        assert list(stream.lines())[0].text == name


def listing(client: Client, id: str, name: str) -> None:
    assert [one.id for one in client.containers(filters={"id": id})] == [id]


def upload(client: Client, id: str, name: str) -> None:
    client.put_archive(
        id, "/tmp", iter([header("sent", size=len(DATA)), padded(DATA), bytes(1024)])
    )


def hijack(client: Client, id: str, name: str) -> None:
    with client.exec_start(client.exec_create(id, ["cat"], stdin=True)) as attachment:
        attachment.write(DATA[:1000])
        attachment.close_stdin()
        assert attachment.read() == Output(DATA[:1000], b"")


def communicate(client: Client, id: str, name: str) -> None:
    with client.exec_start(client.exec_create(id, ["cat"], stdin=True)) as attachment:
        assert attachment.communicate(DATA) == Output(DATA, b"")


def exec_run(client: Client, id: str, name: str) -> None:
    result = client.exec_run(id, ["cat"], input=DATA)
    assert (result.exit_code, result.output) == (0, Output(DATA, b""))


def run(client: Client, id: str, name: str) -> None:
    config = ContainerConfig(open_stdin=True, stdin_once=True)
    result = client.run(
        "busybox", ["cat"], config=config, host_config=ALONE, input=DATA, remove=True
    )
    assert (result.exit_code, result.output) == (0, Output(DATA, b""))


Named = list[tuple[str, str]]

CALLS = (inspect, logs, listing, upload, hijack, communicate, exec_run, run)
OFTEN = (inspect,) * 20 + (logs,) * 10 + (listing,) * 5 + (upload, hijack, exec_run)


class Rings:
    """A timer that runs a handler every few milliseconds, at no moment that anybody has chosen."""

    def __init__(self, draw: random.Random, handle: Callable[[], None], longest: float) -> None:
        self.count = 0
        self._draw, self._handle, self._longest = draw, handle, longest
        self.is_on = False

    def __enter__(self) -> Rings:
        self._before = signal.signal(signal.SIGALRM, self._ring)
        self.is_on = True
        self._again()
        return self

    def __exit__(self, *error: object) -> None:
        self.is_on = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _again(self) -> None:
        if self.is_on:
            signal.setitimer(signal.ITIMER_REAL, self._draw.uniform(0.0001, self._longest))

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if not self.is_on:
            return
        if _begins_a_program(frame):
            self._again()
            return
        self.count += 1
        try:
            self._handle()
        except BaseException:
            self.is_on = False  # the next one might come behind the end of the test
            raise
        self._again()


def _begins_a_program(frame: FrameType | None) -> bool:
    """There a handler that raises leaves a program that only ends by itself: it has no name yet."""
    while frame is not None:
        if frame.f_code is SshSocket.__init__.__code__:
            return True
        frame = frame.f_back
    return False


class Ring(BaseException):
    """What a handler raises."""


@pytest.fixture
def draw() -> random.Random:
    seed = int(os.environ.get("DOCKERAPI_SEED", random.randrange(10**6)))
    print(f"DOCKERAPI_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def named(
    newest: Client, busybox: str, config: ContainerConfig, name: str
) -> list[tuple[str, str]]:
    """Two containers: the id and the name of each, which it prints."""
    found = []
    for each in (f"{name}-a", f"{name}-b"):
        command = ["sh", "-c", f"echo {each}; exec sleep 6000"]
        id = newest.run_detached(busybox, command, name=each, config=config, host_config=ALONE)
        with newest.logs(id, follow=True) as lines:
            next(lines)
        found.append((id, each))
    return found


def work(client: Client, named: Named, draw: random.Random, signals: int) -> Counter[str]:
    """Calls of every kind until so many signals came, each in the middle of one; how many calls."""
    done: Counter[str] = Counter()

    def handle() -> None:
        call = draw.choice(OFTEN)
        begin()  # of the call that is interrupted, too: it goes on only after this
        call(client, *named[1])
        begin()
        done[f"{call.__name__} in a handler"] += 1

    for call in CALLS:  # undisturbed: a handler in the middle of an import may be refused
        call(client, *named[0])
    with watched(LONGEST) as begin, Rings(draw, handle, 0.02) as rings:
        while rings.count < signals:
            for call in CALLS:
                begin()
                call(client, *named[0])
                done[call.__name__] += 1
    return done


@pytest.mark.dear
def test_calls_in_a_handler_and_those_that_it_interrupts_are_right(
    engine: Engine, named: Named, draw: random.Random
) -> None:
    with Client(engine.url) as client:
        work(client, named, draw, 200)


@pytest.mark.nightly
def test_ten_thousand_signals(engine: Engine, named: Named, draw: random.Random) -> None:
    before = descriptors()
    with Client(engine.url) as client:
        done = work(client, named, draw, 10_000)
    print(dict(done))
    assert descriptors().keys() == before.keys()


@pytest.mark.dear
def test_after_a_handler_that_raises_the_next_call_is_right(
    engine: Engine, named: Named, draw: random.Random
) -> None:
    def handle() -> None:
        raise Ring

    before = descriptors()
    with told_only(Ring), Client(engine.url) as client, watched(LONGEST) as begin:
        for _ in range(100):
            begin()
            call = draw.choice((inspect, logs, listing, upload, hijack, communicate, exec_run))
            with contextlib.suppress(Ring), Rings(draw, handle, 0.02) as rings:
                while rings.is_on:  # not after one that was raised in a `__del__`, either
                    call(client, *named[0])
            inspect(client, *named[0])
    assert descriptors().keys() == before.keys()


@pytest.mark.dear
def test_over_ssh(
    engine: Engine,
    named: Named,
    draw: random.Random,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where each connection is a program, whose end is waited for."""
    try:
        serving = serve_ssh(tmp_path)
        folder = serving.__enter__()
    except NoEngine as error:
        pytest.skip(str(error))
    try:
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
        before = descriptors(), ssh_programs()
        url = engine.url.replace("unix://", "ssh://engine")

        def other() -> None:
            inspect(client, *named[1])

        def stop() -> None:
            raise Ring

        def close() -> None:
            client.close()
            raise Ring

        cases = itertools.product((inspect, logs, upload, hijack), (other, stop, close))
        with told_only(Ring):
            for call, handle in cases:
                with Client(url) as client, watched(LONGEST) as begin:
                    inspect(client, *named[0])
                    with contextlib.suppress(Ring), Rings(draw, handle, 0.5) as rings:
                        while rings.is_on and rings.count < 3:
                            begin()
                            call(client, *named[0])
                    begin()
                    if handle is not close:
                        inspect(client, *named[0])
        assert (descriptors().keys(), ssh_programs()) == (before[0].keys(), before[1])
    finally:
        serving.__exit__(None, None, None)


def ssh_programs() -> list[str]:
    return [line for line in programs() if "ssh" in line and "sshd" not in line]
