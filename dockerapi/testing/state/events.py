"""The events of the fake Engine, for `GET /events`: past ones are kept, new ones distributed."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import attrs

from .labels import has_label


@attrs.frozen
class Event:
    """One event as reported by the newest Engines; `time` is in nanoseconds since 1970."""

    type: str
    action: str
    id: str
    attributes: dict[str, str]
    time: int


class Events:
    """The history, and the queues of the listeners."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._history: list[Event] = []
        self._listeners: set[Listening] = set()
        self._closed = False

    def tell(self, type: str, action: str, id: str, /, **attributes: str) -> None:
        """Add an event that happens now."""
        with self._lock:
            event = Event(type, action, id, attributes, time.time_ns())
            self._history.append(event)
            for listener in self._listeners:
                listener.queue.put(event)

    def listen(self, since: int | None, until: int | None) -> Listening:
        """Past events from `since` on (None: no past ones), then new ones.

        Both times are nanoseconds since 1970.
        """
        listening = Listening(self, until)
        with self._lock:
            for event in self._history:
                if since is not None and event.time >= since:
                    listening.queue.put(event)
            if self._closed:
                listening.queue.put(None)
            self._listeners.add(listening)
        return listening

    def forget(self, listening: Listening) -> None:
        """End one listening."""
        with self._lock:
            self._listeners.discard(listening)

    @property
    def listeners(self) -> int:
        """The number of listeners."""
        with self._lock:
            return len(self._listeners)

    def close(self) -> None:
        """End every listening."""
        with self._lock:
            self._closed = True
            for listener in self._listeners:
                listener.queue.put(None)


class Listening:
    """Events for one listener, up to `until` or the end of the Engine, in a `with` block.

    Twice a second it yields None, so that the listener can check whether its client is still there.
    """

    def __init__(self, events: Events, until: int | None) -> None:
        self.queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._events = events
        self._until = until

    def __iter__(self) -> Iterator[Event | None]:
        while True:
            left = None if self._until is None else self._until / 1e9 - time.time()
            try:
                event = self.queue.get(timeout=0.5 if left is None else min(max(left, 0), 0.5))
            except queue.Empty:
                if left is not None and left <= 0:
                    return
                yield None
                continue
            if event is None or (self._until is not None and event.time > self._until):
                return
            yield event

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self._events.forget(self)


def matches(event: Event, filters: dict[str, list[str]]) -> bool:
    """Whether an event passes the filters of `GET /events`."""
    found: dict[str, Any] = {
        "event": [event.action, event.action.partition(":")[0]],
        "type": [event.type],
        "container": [event.id, event.attributes.get("name", "")]
        if event.type == "container"
        else [],
        "image": [event.id if event.type == "image" else event.attributes.get("image", "")],
    }
    image = found["image"][0]
    found["image"] += [image.partition(":")[0]]
    for name, wanted in filters.items():
        if name == "label":
            if not all(has_label(event.attributes, label) for label in wanted):
                return False
        elif not any(
            value == one or (name == "container" and len(one) >= 4 and value.startswith(one))
            for value in found.get(name, [])
            for one in wanted
        ):
            return False
    return True
