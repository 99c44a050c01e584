"""The idle connections of one client."""

from __future__ import annotations

from collections import deque

from ..protocol.deadline import Deadline
from .connections import Connection, SocketRegistry, is_usable

IDLE_CONNECTIONS = 32  # kept open between requests


class Pool:
    """Connections that wait for the next request, the last one first.

    One `pop()` takes one, one `append()` gives it back, and in between one exchange owns it. A
    queue would have a lock, at which the handler of a signal waits for the thread that it has
    interrupted.
    """

    def __init__(self, sockets: SocketRegistry) -> None:
        self.sockets = sockets
        self._idle: deque[Connection] = deque()  # a `maxlen` would drop them unclosed

    def take(self, deadline: Deadline, *, fresh: bool = False) -> Connection:
        """A connection that nobody else has: an idle one, else, or if it shall be fresh, a new one.

        Raises:
            ConnectionFailed: there is none.
        """
        while not fresh:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if is_usable(connection.sock):
                return connection
            connection.sock.close()
        return Connection(self.sockets.open(deadline))

    def give_back(self, connection: Connection) -> None:
        """Keeps a connection on which nothing is under way, or closes it."""
        if len(self._idle) < IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.sock.close()
        if self.sockets.closed:  # and `drain` may have been before
            self.drain()

    def drain(self) -> None:
        """Closes the idle connections."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            connection.sock.close()
