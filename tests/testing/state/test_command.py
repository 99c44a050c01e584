from __future__ import annotations

import pytest

from dockerapi import Client, ContainerConfig, Frame, NotSupported, Output
from testing.asking import INTERACTIVE

pytestmark = pytest.mark.usefixtures("tools")


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
