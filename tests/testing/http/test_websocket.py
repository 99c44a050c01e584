from __future__ import annotations

import pytest

from dockerapi import Client, Frame, Output
from testing.asking import INTERACTIVE

pytestmark = pytest.mark.usefixtures("tools")


def test_a_websocket_carries_input_and_output_as_one_stream(client: Client) -> None:
    pytest.importorskip("websockets")
    id = client.create_container("tool", ["upper"], config=INTERACTIVE).id
    with client.attach_websocket(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"word\n")
        assert next(attachment) == Frame("stdout", b"WORD\n")
        client.kill(id)
        assert attachment.read() == Output(b"", b"")
