"""Checkpoints on a private Engine that is experimental, where this machine has criu."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerapi import (
    Client,
    Conflict,
    ContainerConfig,
    ContainerNotFound,
    HostConfig,
    Line,
    NotFound,
    ServerError,
)
from dockerapi.models.containers import Checkpoint
from live.conftest import make_image
from live.engine import PrivateEngine, cannot_start, start
from live.programs import Missing, do_without, where

pytestmark = [pytest.mark.real("checkpoints"), pytest.mark.dear]


@pytest.fixture
def own(programs: Path | None, tmp_path: Path) -> Iterator[PrivateEngine]:
    """An experimental Engine of the test's own, with busybox."""
    if why := cannot_start():
        pytest.skip(why)
    try:
        with start(programs, name="checkpoints", options=["--experimental"]) as engine:
            make_image(engine, "busybox:latest", tmp_path)
            yield engine
    except Missing as missing:
        do_without(missing)


def _until(lines: Iterator[Line], last: int) -> Iterator[Line]:
    """The lines up to one that counts to this."""
    for line in lines:
        yield line
        if line.text == str(last):
            return


def test_an_experimental_engine_knows_which_checkpoints_there_are(
    own: PrivateEngine, name: str
) -> None:
    """Also where criu cannot keep any on this kernel."""
    with Client(own.url) as client:
        id = client.create_container("busybox", ["sleep", "6000"], name=name).id
        assert client.checkpoints(id) == []
        with pytest.raises(Conflict):
            client.create_checkpoint(id, "first")
        with pytest.raises(NotFound):
            client.remove_checkpoint(id, "first")
        with pytest.raises(NotFound):
            client.start(id, checkpoint="first")
        for call in (
            client.checkpoints,
            lambda who: client.create_checkpoint(who, "one"),
            lambda who: client.remove_checkpoint(who, "one"),
        ):
            with pytest.raises(ContainerNotFound):
                call(f"{name}-no")


def test_a_container_goes_on_from_a_checkpoint(own: PrivateEngine, name: str) -> None:
    """It counts in its memory, and does not begin anew."""
    criu = where("criu")
    if criu is None or subprocess.run([criu, "check"], capture_output=True).returncode:
        pytest.skip("there is no criu that can do with this kernel")
    count = "i=0; while true; do i=$((i+1)); echo $i; sleep 0.1; done"
    with Client(own.url) as client:
        alone = HostConfig(network_mode="none", security_opt=["seccomp=unconfined"])
        id = client.run_detached("busybox", ["sh", "-c", count], name=name, host_config=alone)
        with client.logs(id, follow=True) as logs:
            list(_until(logs.lines(), 3))
        client.create_checkpoint(id, "first", leave_running=True)
        assert client.inspect_container(id).state.running
        with pytest.raises(Conflict):
            client.create_checkpoint(id, "first")
        client.create_checkpoint(id, "second")
        client.wait(id)
        kept = [Checkpoint(name="first"), Checkpoint(name="second")]
        assert sorted(client.checkpoints(name), key=lambda one: one.name) == kept
        last = int(client.logs(id).read().stdout.split()[-1])
        if own.says({"0.3": True, "23.0": False}):
            client.start(id, checkpoint="second")
            with client.logs(id, follow=True) as logs:
                seen = [line.text for line in _until(logs.lines(), last + 2)]
            assert seen == [str(number) for number in range(1, last + 3)]
        else:  # a fault of those releases
            with pytest.raises(ServerError):
                client.start(id, checkpoint="second")
        client.remove_checkpoint(id, "first")
        assert client.checkpoints(id) == [Checkpoint(name="second")]


@pytest.mark.needs("1.25")
@pytest.mark.since("1.25")
def test_an_engine_that_is_not_experimental_says_so(
    client: Client, busybox: str, config: ContainerConfig
) -> None:
    id = client.create_container(busybox, ["true"], config=config).id
    if client.version().experimental:
        pytest.skip("this Engine is experimental")
    for call in (
        lambda: client.checkpoints(id),
        lambda: client.create_checkpoint(id, "one"),
        lambda: client.remove_checkpoint(id, "one"),
    ):
        with pytest.raises(ServerError) as caught:
            call()
        assert caught.value.status == 501
