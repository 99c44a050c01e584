"""The idle connections of one client."""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar

from ..protocol.deadline import Deadline
from .connections import Connection, SocketRegistry, is_usable

IDLE_CONNECTIONS = 32  # kept open between requests


class Closable(Protocol):
    """An object that `Idle` can hold."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


class Idle(Generic[C]):
    """At most `most` idle connections; the last returned is the first reused.

    `pop()` takes one, `append()` returns it, and in between one exchange owns it. A queue has a
    lock, at which a signal handler would wait for the very thread that it has interrupted.
    """

    def __init__(self, sockets: SocketRegistry, most: int = IDLE_CONNECTIONS) -> None:
        self.sockets = sockets
        self._most = most
        self._idle: deque[C] = deque()  # a `maxlen` would drop connections without closing them

    def __len__(self) -> int:
        return len(self._idle)

    def pop(self) -> C | None:
        """The connection that was returned last, or None; the caller owns it."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def give_back(self, connection: C) -> None:
        """Keeps a connection without a request in progress, or closes it."""
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()
        if self.sockets.closed:  # `drain` may have run before
            self.drain()

    def drain(self) -> None:
        """Closes the idle connections; safe from any thread and from a signal handler."""
        while (connection := self.pop()) is not None:
            connection.close()


class Pool(Idle[Connection]):
    """The idle connections for exchanges, and new ones."""

    def take(self, deadline: Deadline, *, fresh: bool = False) -> Connection:
        """An idle connection, or a new one if there is none or if `fresh` is set.

        Raises:
            ConnectionFailed: no connection could be opened.
        """
        while not fresh and (connection := self.pop()) is not None:
            if is_usable(connection.sock):
                return connection
            connection.close()
        return Connection(self.sockets.open(deadline))
