"""What goes out on one connection, where half an item must never be followed by another one.

A record of TLS, or a frame of a websocket, that is cut by the next one ends the connection. Two
threads are kept apart by a lock. The handler of a signal cannot be: it runs in the thread that
holds the lock, or waits for it. So a thread is noted before it asks for the lock, and what a
handler in it puts in is sent by the code that it has interrupted, as that leaves. A set has the
numbers: one attribute would be overwritten by a thread that only waits.
"""

from __future__ import annotations

import errno
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Outbox(Generic[T]):
    """Has every item sent whole, in the order in which they came, by any thread or handler."""

    def __init__(self, send: Callable[[T], None]) -> None:
        self._send = send
        self._items: deque[T] = deque()
        self._inside: set[int] = set()
        self._lock = threading.Lock()
        self._broken = False

    def put(self, item: T) -> None:
        """Returns once the item is sent; in a handler that has interrupted a `put`, at once.

        Raises:
            BrokenPipeError: an earlier item may have been sent by half.
        """
        self._items.append(item)
        me = threading.get_ident()
        if me in self._inside:
            return
        while True:
            try:
                self._inside.add(me)
                with self._lock:
                    self._send_all()
            finally:
                self._inside.discard(me)
            if not self._items:  # a handler may have come between the last look and the discard
                return

    def _send_all(self) -> None:
        if self._broken:
            self._items.clear()
            raise BrokenPipeError(errno.EPIPE, "an earlier write broke off in the middle")
        self._broken = True
        while self._items:
            self._send(self._items.popleft())
        self._broken = False
