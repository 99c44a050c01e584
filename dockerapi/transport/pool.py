"""The idle connections of one client."""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar

from ..protocol.deadline import Deadline
from .connections import Connection, SocketRegistry, is_usable

IDLE_CONNECTIONS = 32  # kept open between requests


class Closable(Protocol):
    """What `Idle` keeps."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


class Idle(Generic[C]):
    """At most `most` connections that wait for a request; the last to come is the first to go.

    One `pop()` takes one, one `append()` gives it back, and in between one exchange owns it. A
    queue has a lock: a signal handler would wait there for the very thread that it interrupted.
    """

    def __init__(self, sockets: SocketRegistry, most: int = IDLE_CONNECTIONS) -> None:
        self.sockets = sockets
        self._most = most
        self._idle: deque[C] = deque()  # a `maxlen` would drop them unclosed

    def __len__(self) -> int:
        return len(self._idle)

    def pop(self) -> C | None:
        """The one that was given back last, if there is one; nobody else has it then."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def give_back(self, connection: C) -> None:
        """Keeps a connection on which nothing is under way, or closes it."""
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()
        if self.sockets.closed:  # and `drain` may have been before
            self.drain()

    def drain(self) -> None:
        """Closes the idle connections, from any thread and from a signal's handler."""
        while (connection := self.pop()) is not None:
            connection.close()


class Pool(Idle[Connection]):
    """The idle connections that exchanges use, and new ones."""

    def take(self, deadline: Deadline, *, fresh: bool = False) -> Connection:
        """An idle connection, or a new one if there is none or `fresh` is asked for.

        Raises:
            ConnectionFailed: there is none.
        """
        while not fresh and (connection := self.pop()) is not None:
            if is_usable(connection.sock):
                return connection
            connection.close()
        return Connection(self.sockets.open(deadline))
