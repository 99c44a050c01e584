from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerapi import Client, ContainerConfig, Frame, NotSupported, Output
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


def test_what_is_typed_before_the_start_waits_for_it(client: Client) -> None:
    id = client.create_container("tool", ["upper"], config=INTERACTIVE).id
    with client.attach(id, stdin=True) as attachment:
        attachment.write(b"early\n")
        attachment.close_stdin()
        client.start(id)
        assert attachment.read() == Output(b"EARLY\n", b"end\n")


def test_without_stdin_once_the_input_stays_open_for_the_next_one(client: Client) -> None:
    config = ContainerConfig(open_stdin=True)
    id = client.create_container("tool", ["upper"], config=config).id
    client.start(id)
    for line in (b"one\n", b"two\n"):
        with client.attach(id, stdin=True) as attachment:
            attachment.write(line)
            assert next(attachment) == Frame("stdout", line.upper())
            with pytest.raises(NotSupported):
                attachment.close_stdin()
    assert client.inspect_container(id).state.status == "running"
