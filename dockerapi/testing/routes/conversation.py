"""The two directions of attach and exec, at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import attrs

from ..http.errors import ClientGone
from ..http.websocket import WebSocket
from ..http.wire import Hijacked
from ..state.streams import Subscriber


@attrs.define(eq=False)
class Conversation:
    """A conversation between a client and a command, until one of them ends it.

    Args:
        line: the connection.
        subscriber: the output of the command.
        framed: whether the connection carries frames.
        give: called with input from the client, and a function that tells whether the command has
            ended; None drops the input.
        end: called at the end of the client's input; None ends the conversation then, if there is
            `give`.
        hangs_up: the end of input always ends the conversation, as in Engines before 0.5.0.
    """

    _line: Hijacked | WebSocket
    _subscriber: Subscriber
    _framed: bool
    _give: Callable[[bytes, Callable[[], bool]], None] | None = None
    _end: Callable[[], None] | None = None
    _hangs_up: bool = False

    def hold(self, before: Iterable[tuple[str, bytes]] = ()) -> None:
        """Run the conversation; `before` is sent first. The connection is closed at the end."""
        reader = threading.Thread(target=self._listen, daemon=True)
        reader.start()
        try:
            for stream, data in before:
                self._say(stream, data)
            while True:
                found = self._subscriber.get(self._line.gone)
                if found is None:
                    return
                self._say(*found)
        except ClientGone:
            pass
        finally:
            self._subscriber.close()
            self._line.hang_up()
            reader.join()

    def _say(self, stream: str, data: bytes) -> None:
        if self._framed:
            self._line.write_frame(stream, data)
        else:
            self._line.write(data)

    def _listen(self) -> None:
        while data := self._line.read():
            if self._give is not None:
                self._give(data, lambda: self._subscriber.ended)
        if self._end is not None:
            self._end()
        if self._hangs_up or (self._give is not None and self._end is None):
            self._subscriber.close()
