"""The sending side of one connection: items are sent whole, one after another.

An item is a TLS record or a websocket frame; if another item cuts it, the connection is lost. A
lock keeps two threads apart. It cannot keep out a signal handler, which runs in the thread that
holds the lock or waits for it. So each thread is noted before it asks for the lock. If a handler
adds an item meanwhile, the code that it has interrupted sends the item before it returns. The
threads are noted in a set, since a thread that only waits would overwrite a single attribute.
"""

from __future__ import annotations

import errno
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Outbox(Generic[T]):
    """Sends every item whole and in order, from any thread or signal handler.

    It keeps no reference to the sender, so a connection with an outbox is freed with its last
    reference.
    """

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._inside: set[int] = set()
        self._lock = threading.Lock()
        self._broken = False

    def put(self, item: T, send: Callable[[T], None]) -> None:
        """Sends an item. If a signal handler has interrupted a `put`, its item is sent later.

        Args:
            send: sends one item, this or an earlier one; always the same function.

        Raises:
            BrokenPipeError: an earlier item may have been sent only in part.
        """
        self._items.append(item)
        me = threading.get_ident()
        if me in self._inside:
            return
        while True:
            try:
                self._inside.add(me)
                with self._lock:
                    self._send_all(send)
            finally:
                self._inside.discard(me)
            if not self._items:  # a handler may have added one before the discard
                return

    def _send_all(self, send: Callable[[T], None]) -> None:
        if self._broken:
            self._items.clear()
            raise BrokenPipeError(errno.EPIPE, "an earlier write broke off in the middle")
        self._broken = True
        while self._items:
            send(self._items.popleft())
        self._broken = False
