"""One call of BuildKit, as the thread that serves it sees it: it reads, sends, and waits.

Every call has a thread of its own, so that no handler holds up another one, or the checks of
health. The state of all calls of a session is under one lock, which is never held while bytes move
or while a handler works.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from ..protocol.calls import Calls
from ..protocol.grpc import INTERNAL, OK, Messages, Refused, framed
from ..transport.connections import shut_down

Handler = Callable[["Call"], None]


class CallEnded(Exception):
    """Nobody waits for the answer any more: the build was cancelled, or the session is over."""


class Call:
    """A call that is served.

    Args:
        lock: the session's; who calls the methods with `note_` in their names has it.
        wake: has the session send what there is.
    """

    def __init__(
        self,
        calls: Calls,
        lock: threading.Lock,
        wake: Callable[[], None],
        stream: int,
        headers: Mapping[str, str],
    ) -> None:
        self.headers = headers
        self._calls = calls
        self._wake = wake
        self._stream = stream
        self._changed = threading.Condition(lock)
        self._came: deque[tuple[bytes, int]] = deque()
        self._in_use = 0  # bytes that were handed out, and are not acknowledged yet
        self._is_whole = False
        self._is_over = False
        self._sockets: list[socket.socket] = []

    # For the handler

    def messages(self) -> Iterator[bytes]:
        """The messages of the request, as they come; each was used when the next is asked for.

        Raises:
            CallEnded: before the last one.
        """
        messages = Messages()
        while (data := self._next()) is not None:
            yield from messages.feed(data)
        messages.finish()

    def message(self) -> bytes:
        """The one message of a request that has no more."""
        found = list(self.messages())
        if len(found) != 1:
            raise Refused(INTERNAL, f"one message was expected, not {len(found)}")
        return found[0]

    def begin(self) -> None:
        """Says that there will be an answer, before there is any of it."""
        with self._changed:
            self._check()
            self._calls.begin(self._stream)
            self._wake()

    def send(self, message: bytes) -> None:
        """Sends a message; blocks while the Engine does not take it.

        Raises:
            CallEnded: it will not.
        """
        data = memoryview(framed(message))
        with self._changed:
            while True:
                self._check()
                data = data[self._calls.send(self._stream, data) :]
                self._wake()
                if not data:
                    return
                self._changed.wait()

    def end(self, code: int = OK, words: str = "") -> None:
        """Ends the answer, once."""
        with self._changed:
            if not self._is_over:
                self._calls.end(self._stream, code, words)
                self._over()
                self._wake()

    def holding(self, sock: socket.socket) -> None:
        """Has a socket be shut down when the call is over, which wakes who is blocked on it."""
        with self._changed:
            self._sockets.append(sock)
            if self._is_over:
                shut_down(sock)

    def _next(self) -> bytes | None:
        """What came next; None at the end."""
        with self._changed:
            self._calls.used(self._stream, self._in_use)
            self._in_use = 0
            self._wake()
            while not (self._came or self._is_whole or self._is_over):
                self._changed.wait()
            self._check()
            if not self._came:
                return None
            data, self._in_use = self._came.popleft()
            return data

    def _check(self) -> None:
        if self._is_over:
            raise CallEnded

    # For the session, which has the lock

    def note_data(self, data: bytes, size: int) -> None:
        self._came.append((data, size))
        self._changed.notify_all()

    def note_end(self) -> None:
        self._is_whole = True
        self._changed.notify_all()

    def note_room(self) -> None:
        self._changed.notify_all()

    def note_cancelled(self) -> None:
        if not self._is_over:
            self._over()

    def _over(self) -> None:
        self._is_over = True
        # What nobody will use counts against the window of the connection, too.
        self._calls.used(self._stream, self._in_use + sum(size for _, size in self._came))
        self._in_use = 0
        self._came.clear()
        for sock in self._sockets:
            shut_down(sock)
        self._changed.notify_all()


def unary(answer: Callable[[bytes], bytes]) -> Handler:
    """What handles a method that has one message each way."""

    def handle(call: Call) -> None:
        call.send(answer(call.message()))

    return handle
