"""Views of a client that end in time: each kind of wait, and nobody else's."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dockerapi import TimedOut
from dockerapi.api.operations import Operations
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.transport import Transport
from scripted import UPGRADED, Conversation, ScriptedDaemon, chunk, head, json_reply

INFO = "GET /v1.41/info"


class Chapter(Operations):
    """A mixin, with one operation for each verb."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ending(self, seconds: float) -> Chapter:
        return self._ending(time.monotonic() + seconds)

    def call(self) -> Any:
        return self._transport.call("GET /info").json()

    def stream(self) -> None:
        with contextlib.closing(self._transport.stream("GET /events")) as body:
            while body.read():
                pass

    def hijack(self) -> None:
        opened = self._transport.hijack("POST /containers/{id}/attach", "web")
        with contextlib.closing(opened) as stream:
            while stream.read():
                pass


def drips(first: bytes, drop: bytes) -> Callable[[Conversation], None]:
    """Says something every now and then, so that no single wait is long."""

    def play(conversation: Conversation) -> None:
        try:
            conversation.send(first)
            while True:
                conversation.send(drop)
                threading.Event().wait(0.01)
        except OSError:  # the client has hung up
            return

    return play


SCRIPT = {
    INFO: lambda conversation: conversation.wait_for_hangup(),
    "GET /v1.41/events": drips(head(Transfer_Encoding="chunked"), chunk(b" ")),
    "POST /v1.41/containers/web/attach": drips(UPGRADED, b"x"),
}


@pytest.mark.parametrize("verb", ["call", "stream", "hijack"])
def test_every_wait_ends_by_the_time(verb: str) -> None:
    with ScriptedDaemon(SCRIPT) as daemon:
        transport = Transport(Endpoint.parse(daemon.url))
        with pytest.raises(TimedOut):
            getattr(Chapter(transport).ending(0.2), verb)()
        transport.close()


def test_others_wait_as_long_as_ever() -> None:
    with ScriptedDaemon({INFO: json_reply({"NCPU": 2})}) as daemon:
        transport = Transport(Endpoint.parse(daemon.url))
        chapter = Chapter(transport)
        with pytest.raises(TimedOut):
            chapter.ending(-1).call()
        assert chapter.call() == {"NCPU": 2}
        transport.close()
