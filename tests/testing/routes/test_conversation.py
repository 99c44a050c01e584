"""Talking to containers: attach and websocket, live, before the start, with and without input."""

from __future__ import annotations

import socket

import pytest

from dockerapi import Client, ContainerConfig, Frame, Output
from dockerapi.testing import FakeEngine, Run
from testing.asking import INTERACTIVE, everything, hijacked

pytestmark = pytest.mark.usefixtures("tools")


def test_input_ends_and_output_goes_on(client: Client) -> None:
    id = client.create_container("tool", ["upper"], config=INTERACTIVE).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"one\n")
        assert next(attachment) == Frame("stdout", b"ONE\n")
        attachment.write(b"two")
        attachment.close_stdin()
        assert attachment.read() == Output(b"TWO", b"end\n")


def test_the_end_of_input_that_is_not_the_containers_ends_the_conversation(
    engine: FakeEngine, client: Client
) -> None:
    id = client.create_container("tool", ["upper"], config=ContainerConfig(open_stdin=True)).id
    client.start(id)
    with hijacked(engine, f"/containers/{id}/attach?stream=1&stdin=1&stdout=1") as sock:
        sock.sendall(b"x\n")
        sock.shutdown(socket.SHUT_WR)
        assert everything(sock) in (b"\1\0\0\0\0\0\0\2X\n", b"")
    assert client.inspect_container(id).state.status == "running"


@pytest.mark.parametrize(
    ("version", "expected"), [("1.0", b""), ("1.2", b""), ("1.4", b"X\nend\n")]
)
def test_old_engines_close_the_whole_socket_at_the_end_of_input(
    version: str, expected: bytes
) -> None:
    """0.3.3 and 0.4.4: the output that is still to come is lost."""

    def slow(run: Run) -> None:
        data = run.stdin.read()
        run.sleep(0.05)
        run.stdout.write(data.upper() + b"end\n")

    with FakeEngine(version) as engine, Client(engine.url) as client:
        engine.on("tool", slow)
        id = client.create_container("tool", ["x"], config=INTERACTIVE).id
        with hijacked(engine, f"/containers/{id}/attach?stream=1&stdin=1&stdout=1") as sock:
            client.start(id)
            sock.sendall(b"x\n")
            sock.shutdown(socket.SHUT_WR)
            assert everything(sock) == expected


def test_several_clients_hear_the_same(client: Client) -> None:
    id = client.create_container("tool", ["upper"], config=INTERACTIVE).id
    with client.attach(id, stdin=True) as one, client.attach(id, stderr=False) as two:
        client.start(id)
        one.write(b"x\n")
        one.close_stdin()
        assert (one.read(), two.read()) == (Output(b"X\n", b"end\n"), Output(b"X\n", b""))


def test_a_client_that_goes_away_leaves_the_container_alone(client: Client) -> None:
    id = client.run_detached("tool", ["both"])
    for _ in range(3):
        client.attach(id).close()
    assert client.inspect_container(id).state.status == "running"


def test_a_client_that_does_not_read_is_no_obstacle_to_the_end(client: Client) -> None:
    id = client.create_container("busybox", ["yes"]).id
    with client.attach(id) as attachment:
        client.start(id)
        next(attachment)
        client.remove_container(id, force=True)
