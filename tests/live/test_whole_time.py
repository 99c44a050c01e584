"""A limit for all of a run or an exec: what came so far is kept, and nothing is left running."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from dockerapi import (
    Client,
    ContainerConfig,
    ContainerNotFound,
    HostConfig,
    Output,
    TimedOut,
)

pytestmark = [pytest.mark.dear, pytest.mark.real("a shell with all of its words")]
SLOW = ["sh", "-c", "echo first; echo second >&2; sleep 6000"]
# Not the order: two pipes are read.
SO_FAR = Output(stdout=b"first\n", stderr=b"second\n")


def cut_short(run: Callable[..., object]) -> TimedOut:
    """The error of what takes too long, with as much time as it takes to begin on this machine."""
    for seconds in (2, 8, 32, 128):
        with pytest.raises(TimedOut) as caught:
            run(timeout=seconds)
        assert (caught.value.kind, caught.value.seconds) == ("whole", seconds)
        if caught.value.output == SO_FAR:
            break
    return caught.value


def test_a_run_that_takes_too_long_is_killed_and_stays(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig
) -> None:
    run = partial(newest.run, busybox, SLOW, config=config, host_config=alone)
    error = cut_short(run)
    assert (str(error), error.output) == (
        f"run: not done within {error.seconds} seconds; container {error.id} was killed",
        SO_FAR,
    )
    assert newest.wait_until(error.id, "exited", timeout=120).state.exit_code == 137
    with newest.logs(error.id) as logs:
        assert logs.read() == SO_FAR


def test_a_run_that_takes_too_long_is_removed(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig
) -> None:
    """Also one that reads no input, of which there is more than the pipe holds."""
    run = partial(newest.run, busybox, SLOW, config=config, host_config=alone, remove=True)
    error = cut_short(partial(run, input=b"x" * 2**22))
    assert (str(error), error.output) == (
        f"run: not done within {error.seconds} seconds; container {error.id} was removed",
        SO_FAR,
    )
    with pytest.raises(ContainerNotFound):
        newest.inspect_container(error.id)


def test_a_run_in_time_gives_what_it_gives(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig
) -> None:
    done = newest.run(
        busybox, ["cat"], config=config, host_config=alone, input=b"in", remove=True, timeout=120
    )
    assert (done.exit_code, done.output.stdout) == (0, b"in")


def test_an_exec_that_takes_too_long_goes_on_and_is_named(
    newest: Client, busybox: str, config: ContainerConfig, alone: HostConfig
) -> None:
    id = newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=alone)
    error = cut_short(partial(newest.exec_run, id, SLOW))
    found = newest.exec_inspect(error.id)
    assert found.running and found.pid
    assert (str(error), error.output) == (
        f"exec_run: not done within {error.seconds} seconds; exec {error.id} goes on as process "
        f"{found.pid} of the Engine's host",
        SO_FAR,
    )
