"""One call of BuildKit, from the side of the thread that serves it: it reads, sends, and waits.

Every call has its own thread, so that no handler delays another, or the health checks. One lock
guards the state of all calls of a session. It is never held while bytes move or while a handler
works.
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
    """The answer is no longer wanted: the build was cancelled, or the session has ended."""


class Call:
    """A call that is being served.

    Args:
        lock: the session's; held by the caller of the `note_` methods.
        wake: makes the session send pending data.
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
        self._in_use = 0  # bytes given to the handler, not yet acknowledged
        self._is_whole = False
        self._is_over = False
        self._sockets: list[socket.socket] = []

    # For the handler

    def messages(self) -> Iterator[bytes]:
        """The messages of the request as they arrive; asking for the next acknowledges the last.

        Raises:
            CallEnded: the call ended before the last message.
        """
        messages = Messages()
        while (data := self._next()) is not None:
            yield from messages.feed(data)
        messages.finish()

    def message(self) -> bytes:
        """The message of a request that has exactly one."""
        found = list(self.messages())
        if len(found) != 1:
            raise Refused(INTERNAL, f"one message was expected, not {len(found)}")
        return found[0]

    def begin(self) -> None:
        """Sends the answer's headers, before any message."""
        with self._changed:
            self._check()
            self._calls.begin(self._stream)
            self._wake()

    def send(self, message: bytes) -> None:
        """Sends a message; blocks while the Engine does not accept it.

        Raises:
            CallEnded: the Engine will not accept it.
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
        """Shuts the socket down when the call is over, which wakes a thread blocked on it."""
        with self._changed:
            self._sockets.append(sock)
            if self._is_over:
                shut_down(sock)

    def _next(self) -> bytes | None:
        """The next bytes; None at the end."""
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

    # For the session, which holds the lock

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
        # Data that is never used also counts against the window of the connection.
        self._calls.used(self._stream, self._in_use + sum(size for _, size in self._came))
        self._in_use = 0
        self._came.clear()
        for sock in self._sockets:
            shut_down(sock)
        self._changed.notify_all()


def unary(answer: Callable[[bytes], bytes]) -> Handler:
    """A handler for a method with one message each way."""

    def handle(call: Call) -> None:
        call.send(answer(call.message()))

    return handle
