"""Connections to one Engine, and every open socket to it.

A signal handler may close the client at any line, and `__del__` may run anywhere, so nothing here
takes a lock. Shared state is changed by a single C call, and copied by one before it is iterated.
With the GIL no other thread sees such a call half done; builds of Python without the GIL are not
supported. After a change, the thread that made it checks `closed`.

After a fork the child has the same sockets, but they belong to the parent. The child closes its
file descriptors, which does not affect the parent. It never shuts a socket down, which would end
the connection for both.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
import weakref
from collections.abc import Iterator

from ..endpoint.endpoint import PAUSE, Endpoint
from ..errors import Closed, ConnectionFailed, StreamInterrupted
from ..protocol.deadline import Deadline
from ..protocol.heads import SlowAnswer

BUFFER = 128 * 1024  # bytes per read
SLOWEST_HEAD = 60.0  # seconds from its first byte on, where the deadline has no bound


class SocketRegistry:
    """An endpoint and every open socket to it, until the client is closed.

    If several socket files are possible, the first that accepts a connection is used from then on:
    otherwise another Engine could answer while the first is away for a moment. `left` is true in
    the child after a fork: the sockets belong to the parent.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._given = endpoint
        self._found: dict[str, Endpoint] = {}  # at most one entry, by `setdefault`
        self.closed = False
        self.left = False
        self._sockets: dict[weakref.ref[socket.socket], None] = {}

    @property
    def endpoint(self) -> Endpoint:
        """Where the Engine is; before the first connection, all places where it may be."""
        return self._found.get("endpoint", self._given)

    def open(self, deadline: Deadline) -> socket.socket:
        """A new connected socket, which `close()` can interrupt while it is connecting.

        The look-up of a host name cannot be interrupted.
        """
        self.check_open()
        found: list[Endpoint] = []
        try:
            sock = self.endpoint.connect(deadline, self._register, found.append)
        except ConnectionFailed as error:
            if not self.closed:
                raise
            raise Closed("the client was closed while it connected") from error
        if self.closed:
            sock.close()
            raise Closed("the client was closed while it connected")
        if any(self._found.setdefault("endpoint", one) != one for one in found):
            sock.close()  # another thread was first, with another Engine
            return self.open(deadline)
        return sock

    def _register(self, sock: socket.socket) -> None:
        sockets = self._sockets
        sockets[weakref.ref(sock, lambda gone: sockets.pop(gone, None))] = None
        if self.closed:
            raise Closed("the client was closed while it connected")

    def check_open(self) -> None:
        if self.closed:
            raise Closed("this client is closed")

    def pause(self, seconds: float) -> None:
        """Waits before the next attempt; `Closed` as soon as the client is closed."""
        end = time.monotonic() + seconds
        while True:
            self.check_open()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, PAUSE))  # no Event: in a signal handler its lock could deadlock

    def close(self) -> None:
        """Closes all connections, from any thread; a second call does nothing."""
        self.closed = True
        for sock in self._open():
            shut_down(sock)

    def _open(self) -> list[socket.socket]:
        found = (reference() for reference in list(self._sockets))
        return [sock for sock in found if sock is not None]

    def leave(self) -> None:
        """In the child after a fork: leaves the sockets to the parent."""
        self.left = True
        for sock in self._open():
            with contextlib.suppress(OSError):
                os.close(sock.detach())

    def check_owner(self) -> None:
        """Raises StreamInterrupted in a forked child: the stream is the parent's."""
        if self.left:
            raise StreamInterrupted(
                "the stream belongs to the process that opened it, and this one was forked from it"
            )


def shut_down(sock: socket.socket) -> None:
    """Ends a connection in both directions; a thread that is blocked on it wakes at once."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def is_usable(sock: socket.socket) -> bool:
    """Whether an idle connection can serve another request; the test never blocks.

    It cannot if unread data is waiting, decrypted or not, or if the other side has closed it. TLS's
    own messages (session tickets) are read and ignored.
    """
    try:
        sock.settimeout(0)
        sock.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


class Connection:
    """A connection to the Engine, the time when it was opened, and whether it has answered."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.made_at = time.monotonic()
        self.has_answered = False

    def close(self) -> None:
        self.sock.close()

    def limit(self, deadline: Deadline) -> None:
        """Sets the timeout of the next wait."""
        left = deadline.left()
        if left != self.sock.gettimeout():
            self.sock.settimeout(left)

    def receive(self, deadline: Deadline) -> bytes:
        """The next bytes; b"" at the end of the connection."""
        self.limit(deadline)
        return self.sock.recv(BUFFER)

    def pieces_of_head(self, deadline: Deadline) -> Iterator[bytes]:
        """The next bytes, again and again until the caller has a whole head, within its time.

        Raises:
            TimeoutError: nothing arrived.
            SlowAnswer: a part of the head arrived.
        """
        limit = deadline.whole()
        yield self.receive(limit)
        if limit.ends is None:
            limit = deadline.whole(SLOWEST_HEAD)
        while True:
            try:
                data = self.receive(limit)
            except TimeoutError as error:
                raise SlowAnswer(limit.seconds or SLOWEST_HEAD) from error
            yield data
