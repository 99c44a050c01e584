"""GET /containers/{id}/logs: the requested lines of a log, and those that follow."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import attrs

from ..state.container import Container
from ..state.streams import Entry
from .exchange import Exchange


@attrs.frozen
class Asked:
    """The requested part of a log; times in nanoseconds since 1970."""

    streams: frozenset[str]
    since: int | None = None
    until: int | None = None
    tail: int | None = None
    follow: bool = False

    @classmethod
    def of(cls, exchange: Exchange, streams: frozenset[str]) -> Asked:
        """The requested part, from a query."""
        tail = exchange.asked("tail", "all")
        return cls(
            streams,
            since=_time(exchange.asked("since")),
            until=_time(exchange.asked("until")),
            tail=int(tail) if tail.isdecimal() else None,
            follow=exchange.flag("follow"),
        )

    def wants(self, entry: Entry) -> bool:
        return (
            entry.stream in self.streams
            and (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time <= self.until)
        )

    def over(self) -> bool:
        """Whether no later line is requested."""
        return self.until is not None and time.time_ns() > self.until


def _time(text: str) -> int | None:
    """Seconds since 1970, with or without a fraction; None if missing, and for 0."""
    seconds, _, fraction = text.partition(".")
    if not seconds.isdecimal() or not (fraction or "0").isdecimal():
        return None
    return int(seconds) * 10**9 + int((fraction + "0" * 9)[:9]) or None


def lines(asked: Asked, container: Container, gone: Callable[[], bool]) -> Iterator[Entry]:
    """The present lines, then new ones while the container runs."""
    broadcast = container.broadcast
    log = broadcast.log
    assert log is not None
    with broadcast.changed:
        found = log.entries()
        follows = asked.follow and broadcast.open_now
    wanted = [entry for entry in found if asked.wants(entry)]
    if asked.tail is not None:
        wanted = wanted[len(wanted) - min(asked.tail, len(wanted)) :]
    following = _following(asked, container, len(found), gone) if follows else ()
    return itertools.chain(wanted, following)


def _following(
    asked: Asked, container: Container, read: int, gone: Callable[[], bool]
) -> Iterator[Entry]:
    broadcast = container.broadcast
    assert broadcast.log is not None
    follows = True
    while follows and not asked.over():
        with broadcast.changed:
            new = broadcast.log.entries(read)
            if not new:
                follows = broadcast.open_now
                if follows and not broadcast.changed.wait(0.5) and gone():
                    return
                continue
        read += len(new)
        for entry in new:
            if asked.wants(entry):
                yield entry
