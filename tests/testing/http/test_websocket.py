from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerapi import Client, ContainerConfig, Frame, Output
from dockerapi.testing import FakeEngine, Run

INTERACTIVE = ContainerConfig(open_stdin=True, stdin_once=True)


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine("1.51") as engine:
        engine.on("tool", ["upper"], upper)
        engine.on("tool", ["both"], both)
        yield engine


@pytest.fixture
def client(engine: FakeEngine) -> Iterator[Client]:
    with Client(engine.url) as client:
        yield client


def upper(run: Run) -> None:
    """Answers each line in capitals, and says when there are no more."""
    while line := run.stdin.readline():
        run.stdout.write(line.upper())
    run.stderr.write(b"end\n")


def both(run: Run) -> None:
    run.stdout.write(b"out\n")
    run.stderr.write(b"err\n")
    run.sleep(600)


def test_a_websocket_carries_input_and_output_as_one_stream(client: Client) -> None:
    pytest.importorskip("websockets")
    id = client.create_container("tool", ["upper"], config=INTERACTIVE).id
    with client.attach_websocket(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"word\n")
        assert next(attachment) == Frame("stdout", b"WORD\n")
        client.kill(id)
        assert attachment.read() == Output(b"", b"")
