"""The output of a container or an exec: its log, and its subscribers.

A `Broadcast` passes output to each `Subscriber`. The writer waits while a subscriber is far behind,
as with a pipe. A `Log` keeps whole lines with their times.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import attrs

FAR_BEHIND = 1024 * 1024  # bytes
LONGEST_LINE = 16 * 1024  # the log cuts longer ones, as json-file does


@attrs.frozen
class Entry:
    """A line of the log, or a piece of a long one; `time` is in nanoseconds since 1970."""

    time: int
    stream: str
    data: bytes

    @property
    def text(self) -> bytes:
        """The line as the log returns it, with bytes that are not UTF-8 replaced."""
        return self.data.decode("utf-8", "replace").encode()


class Log:
    """The output, line by line."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._begun: dict[str, bytearray] = {}

    def add(self, stream: str, data: bytes) -> None:
        """Add output."""
        begun = self._begun.setdefault(stream, bytearray())
        begun += data
        *lines, rest = bytes(begun).split(b"\n")
        now = time.time_ns()
        for line in lines:
            self._keep(now, stream, line + b"\n")
        while len(rest) >= LONGEST_LINE:
            self._keep(now, stream, rest[:LONGEST_LINE])
            rest = rest[LONGEST_LINE:]
        self._begun[stream] = bytearray(rest)

    def _keep(self, now: int, stream: str, line: bytes) -> None:
        while len(line) > LONGEST_LINE:
            self._entries.append(Entry(now, stream, line[:LONGEST_LINE]))
            line = line[LONGEST_LINE:]
        self._entries.append(Entry(now, stream, line))

    def finish(self) -> None:
        """The writer has ended: a last line without a newline is complete."""
        now = time.time_ns()
        for stream, begun in self._begun.items():
            if begun:
                self._entries.append(Entry(now, stream, bytes(begun)))
        self._begun.clear()

    def entries(self, start: int = 0) -> list[Entry]:
        """The lines from this number on."""
        return self._entries[start:]

    def begun(self) -> list[Entry]:
        """The incomplete lines."""
        now = time.time_ns()
        return [Entry(now, stream, bytes(data)) for stream, data in self._begun.items() if data]


class Broadcast:
    """Distributes a command's output."""

    def __init__(self, *, log: bool) -> None:
        self.changed = threading.Condition()
        self.log = Log() if log else None
        self._subscribers: list[Subscriber] = []
        self._open = False
        self._closed = False

    def open(self) -> None:
        """A command starts to write."""
        with self.changed:
            self._open = not self._closed

    def put(self, stream: str, data: bytes) -> None:
        """Distributes output; waits for subscribers that are far behind."""
        with self.changed:
            if not self._open:
                return
            self.changed.wait_for(
                lambda: (
                    not self._open
                    or all(subscriber.behind < FAR_BEHIND for subscriber in self._subscribers)
                )
            )
            if not self._open:
                return
            if self.log is not None:
                self.log.add(stream, data)
            for subscriber in self._subscribers:
                subscriber.put(stream, data)
            self.changed.notify_all()

    def end(self) -> None:
        """The command has ended; the subscriptions end."""
        with self.changed:
            self._open = False
            if self.log is not None:
                self.log.finish()
            for subscriber in self._subscribers:
                subscriber.ended = True
            self._subscribers.clear()
            self.changed.notify_all()

    def close(self) -> None:
        """There will be no more output."""
        with self.changed:
            self._closed = True
        self.end()

    @property
    def open_now(self) -> bool:
        """Whether a command writes."""
        return self._open

    def listen(self, streams: frozenset[str]) -> Subscriber:
        """Subscribe from now on; call `Subscriber.close` when done."""
        with self.changed:
            subscriber = Subscriber(self, streams)
            if self._closed:
                subscriber.ended = True
            else:
                self._subscribers.append(subscriber)
            return subscriber

    def forget(self, subscriber: Subscriber) -> None:
        """End a subscription."""
        with self.changed:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)
            subscriber.ended = True
            self.changed.notify_all()


class Subscriber:
    """One subscription; created by `Broadcast.listen`."""

    def __init__(self, broadcast: Broadcast, streams: frozenset[str]) -> None:
        self._broadcast = broadcast
        self._streams = streams
        self._queue: deque[tuple[str, bytes]] = deque()
        self.behind = 0
        self.ended = False

    def put(self, stream: str, data: bytes) -> None:
        if stream in self._streams:
            self._queue.append((stream, data))
            self.behind += len(data)

    def get(self, gone: Callable[[], bool]) -> tuple[str, bytes] | None:
        """The next output; None at the end, or after the subscription was closed."""
        with self._broadcast.changed:
            while not self._queue:
                if self.ended:
                    return None
                if not self._broadcast.changed.wait(0.5) and gone():
                    return None
            stream, data = self._queue.popleft()
            self.behind -= len(data)
            self._broadcast.changed.notify_all()
            return stream, data

    def waiting(self) -> list[tuple[str, bytes]]:
        """The output that was not read yet."""
        with self._broadcast.changed:
            return list(self._queue)

    def close(self) -> None:
        self._broadcast.forget(self)
