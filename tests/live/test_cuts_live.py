"""Outputs of a real Engine that something in between cuts short: never one that looks whole."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    ContainerNotFound,
    DockerError,
    HostConfig,
    Output,
    StreamInterrupted,
    TimedOut,
    Timeouts,
)
from live.cutting import Cut, CuttingRoad, Sides

pytestmark = pytest.mark.real("something in between cuts what a real Engine sends")

ALONE = HostConfig(network_mode="none")
FIRST = Output(b"first\n", b"")
SIDES: tuple[Sides, ...] = ("ours", "the Engine's", "both")


@pytest.fixture
def road(engine_socket: str) -> Iterator[CuttingRoad]:
    with CuttingRoad(engine_socket) as road:
        yield road


@pytest.fixture
def behind(road: CuttingRoad) -> Iterator[Client]:
    """A client behind the road."""
    with Client(road.url, timeout=Timeouts(connect=60, read=60, idle=60)) as client:
        assert client.api_version
        yield client


@pytest.fixture
def running(newest: Client, busybox: str, label: dict[str, str]) -> str:
    config = ContainerConfig(labels=label)
    return newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=ALONE)


Start = Callable[[Client, str, str, ContainerConfig], Any]


def _run(client: Client, running: str, script: str, config: ContainerConfig) -> Any:
    return client.run("busybox", ["sh", "-c", script], config=config, host_config=ALONE)


def _run_with_input(client: Client, running: str, script: str, config: ContainerConfig) -> Any:
    return client.run(
        "busybox", ["sh", "-c", f"cat; {script}"], config=config, host_config=ALONE, input=b""
    )


def _attach(
    client: Client, running: str, script: str, config: ContainerConfig, host: HostConfig = ALONE
) -> Any:
    id = client.create_container("busybox", ["sh", "-c", script], config=config, host_config=host)
    with client.attach(id) as attachment:
        client.start(id)
        return attachment.read()


def _removing_itself(client: Client, running: str, script: str, config: ContainerConfig) -> Any:
    host = HostConfig(network_mode="none", auto_remove=True)
    return _attach(client, running, script, config, host)


def _exec_run(client: Client, running: str, script: str, config: ContainerConfig) -> Any:
    return client.exec_run(running, ["sh", "-c", script])


def _exec_start(client: Client, running: str, script: str, config: ContainerConfig) -> Any:
    exec = client.exec_create(running, ["sh", "-c", script])
    with client.exec_start(exec) as attachment:
        return attachment.read()


KINDS: dict[str, Start] = {
    "run": _run,
    "run with input": _run_with_input,
    "attach": _attach,
    "attach, it removes itself": _removing_itself,
    "exec_run": _exec_run,
    "exec_start": _exec_start,
}
# The process itself ends at once in the last one, and a child of it goes on to write.
SCRIPTS = {
    "in silence": "echo first; sleep 6000; echo last; exit 7",
    "after a child took over": "echo first; (sleep 6000; echo last) & exit 7",
}


def _output_of_a_cut(
    kind: str, sides: Sides, behind: Client, running: str, script: str, label: dict[str, str]
) -> Output | None:
    """What the error that tells of the cut has of the output."""
    expected: type[TimedOut | StreamInterrupted] = StreamInterrupted
    if sides == "the Engine's":  # nobody tells us, and we wait
        behind, expected = behind.with_timeouts(idle=2), TimedOut
    with pytest.raises(expected) as caught:
        KINDS[kind](behind, running, script, ContainerConfig(labels=label))
    print(caught.value)
    return caught.value.output


@pytest.mark.nightly
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_output_cut_in_silence_is_never_whole(
    kind: str,
    sides: Sides,
    road: CuttingRoad,
    behind: Client,
    running: str,
    busybox: str,
    label: dict[str, str],
) -> None:
    road.cut = Cut(silence=0.3, sides=sides)
    output = _output_of_a_cut(kind, sides, behind, running, SCRIPTS["in silence"], label)
    assert output == FIRST


@pytest.mark.dear
@pytest.mark.parametrize("kind", ["exec_run", "exec_start"])
def test_the_output_of_a_child_cut_after_its_parent_has_ended_is_never_whole(
    kind: str, road: CuttingRoad, behind: Client, running: str, label: dict[str, str]
) -> None:
    """The exec itself has ended, with its exit code, and its child goes on to write."""
    road.cut = Cut(silence=0.3)
    script = SCRIPTS["after a child took over"]
    with pytest.raises(StreamInterrupted) as caught:
        KINDS[kind](behind, running, script, ContainerConfig(labels=label))
    assert caught.value.output == FIRST


@pytest.mark.nightly
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_output_cut_at_a_frame_within_10_mb_is_never_whole(
    kind: str,
    sides: Sides,
    road: CuttingRoad,
    behind: Client,
    running: str,
    busybox: str,
    label: dict[str, str],
) -> None:
    road.cut = Cut(frames=100, sides=sides)
    script = "head -c 10000000 /dev/zero; sleep 6000"
    output = _output_of_a_cut(kind, sides, behind, running, script, label)
    assert output is not None
    assert 0 < len(output.stdout) < 10_000_000 and not output.stderr


@pytest.mark.dear
@pytest.mark.parametrize("kind", KINDS)
def test_an_output_cut_before_its_end_is_never_whole_however_late_that_is_asked_for(
    kind: str,
    road: CuttingRoad,
    behind: Client,
    newest: Client,
    running: str,
    busybox: str,
    label: dict[str, str],
) -> None:
    """It ends while the question is on its way, whose answer says that it has ended."""
    is_exec = kind.startswith("exec")

    def end() -> None:
        ids = [row.id for row in newest.containers(filters={"label": _as_filter(label)})]
        [id] = ids if is_exec else [one for one in ids if one != running]
        # What an exec left off shorter before its end than this nobody can tell.
        threading.Event().wait(1.6 if is_exec else 0.3)
        execs = newest.inspect_container(id).exec_ids
        newest.exec_run(id, ["touch", "/end"])
        if is_exec:
            while newest.exec_inspect(*execs).running:
                threading.Event().wait(0.02)
        else:
            newest.wait(id)

    road.cut, road.before_question = Cut(silence=0.2), end
    script = "echo first; until [ -e /end ]; do sleep 0.05; done; echo last; exit 7"
    output = _output_of_a_cut(kind, "both", behind, running, script, label)
    assert output == FIRST


@pytest.mark.nightly
@pytest.mark.parametrize("sides", ["ours", "both"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("exec")])
def test_an_output_cut_near_its_end_is_whole_or_an_error(
    kind: str,
    sides: Sides,
    road: CuttingRoad,
    behind: Client,
    newest: Client,
    running: str,
    busybox: str,
    label: dict[str, str],
) -> None:
    """But where it was cut as shortly before the end as the Engine takes to tell its time.

    That is some milliseconds, and up to 1.5 seconds on a busy machine. Where that is very busy the
    client, too, sees the cut long after it was made: when it asks, it has seen it.
    """
    outcomes: dict[str, int] = {}
    for number in range(30):
        began, own = time.time(), {"dockerapi.test.cut": str(uuid.uuid4())}
        config = ContainerConfig(labels={**label, **own})
        road.cut_next(Cut(after=0.1 + number * 0.05, sides=sides))
        script = "echo first; sleep 1.5; echo last"
        try:
            given = KINDS[kind](behind, running, script, config)
            output = given if isinstance(given, Output) else given.output
            outcome = "whole" if output == Output(b"first\nlast\n", b"") else repr(output)
        except DockerError as error:
            outcome = type(error).__name__
        if outcome == repr(FIRST):
            early = _ended(newest, began, own) - road.asked_at
            told_in = min(1.5, road.answered_at - road.asked_at)
            outcome = "nobody can tell" if early <= told_in else f"cut {early:.3f} s before its end"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(kind, sides, outcomes)
    assert set(outcomes) <= {"whole", "StreamInterrupted", "nobody can tell"}


def _ended(client: Client, began: float, label: dict[str, str]) -> float:
    """When the one container with the label ended, in unix seconds, as the Engine tells it."""
    filters = {"event": "die", "label": _as_filter(label)}
    with client.events(since=began, filters=filters) as events:
        died = next(events)  # of a busy Engine, seconds after the end
    ended = died.time
    with contextlib.suppress(ContainerNotFound):
        assert died.id is not None
        ended = client.inspect_container(died.id).state.finished_at
    assert ended is not None
    return ended.timestamp()


def _as_filter(label: dict[str, str]) -> str:
    [(key, value)] = label.items()
    return f"{key}={value}"


@pytest.mark.dear
def test_an_output_that_is_not_cut_is_whole(
    road: CuttingRoad, behind: Client, running: str, busybox: str, label: dict[str, str]
) -> None:
    began = time.monotonic()
    for kind in KINDS:
        given = KINDS[kind](behind, running, "echo out; exit 7", ContainerConfig(labels=label))
        output = given if isinstance(given, Output) else given.output
        assert (output, kind) == (Output(b"out\n", b""), kind)
    print(f"{time.monotonic() - began:.2f} s")
