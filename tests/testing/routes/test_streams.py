from __future__ import annotations

import pytest

from dockerapi import Client, Conflict, ContainerConfig, Frame, HostConfig, Output
from dockerapi.testing import FakeEngine
from testing.asking import TERMINAL, everything, hijacked

pytestmark = pytest.mark.usefixtures("tools")


def test_logs_come_before_what_is_live_and_nothing_twice(client: Client) -> None:
    id = client.create_container("tool", ["both"]).id
    with client.attach(id) as first:
        client.start(id)
        assert [next(first), next(first)] == [Frame("stdout", b"out\n"), Frame("stderr", b"err\n")]
        with client.attach(id, logs=True) as second:
            assert [next(second), next(second)] == [
                Frame("stdout", b"out\n"),
                Frame("stderr", b"err\n"),
            ]
            client.kill(id)
            assert second.read() == Output(b"", b"")
    with client.attach(id, logs=True, stream=False, stdout=False) as attachment:
        assert attachment.read() == Output(b"", b"err\n")


@pytest.mark.parametrize("version", ["1.0", "1.5", "1.6", "1.11", "1.19", "1.41", "1.51"])
def test_output_is_framed_from_1_6_on_unless_it_is_a_terminals(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        engine.on("tool", lambda run: run.stderr.write(b"x"))
        for config, framed in (
            (ContainerConfig(), version not in ("1.0", "1.5")),
            (TERMINAL, False),
        ):
            id = client.create_container("tool", ["x"], config=config).id
            with hijacked(engine, f"/containers/{id}/attach?stream=1&stdout=1&stderr=1") as sock:
                client.start(id)
                assert everything(sock) == (b"\2\0\0\0\0\0\0\1x" if framed else b"x")


def test_a_paused_container_is_not_attached_to(client: Client) -> None:
    id = client.run_detached("tool", ["both"])
    client.pause(id)
    with pytest.raises(Conflict) as caught:
        client.attach(id)
    assert caught.value.message == (
        f"container {id} is paused, unpause the container before attach"
    )


def test_a_container_that_removes_itself_hands_over_all_it_wrote(client: Client) -> None:
    host = HostConfig(auto_remove=True)
    id = client.create_container("busybox", ["printf", "%d\\n", "1", "2", "3"], host_config=host).id
    with client.attach(id) as attachment:
        client.start(id)
        assert attachment.read() == Output(b"1\n2\n3\n", b"")
