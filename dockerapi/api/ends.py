"""Confirms that an attached stream ended because the container or exec ended.

A raw stream ends when its connection ends. A connection also ends when the Engine is killed, or
when something on the way cuts it. So the Engine is asked at the end of the stream. Real Engines
behave like this (20.10, 26.1 and 28.5, seen):

- The stream of a container ends after the container, even if the container closes its outputs
  earlier. Inspect then reports the end: it waits until the Engine has noted it.
- `FinishedAt` is the time of the exit. It is earlier than the end of the stream.
- An exec may have ended long before its outputs, which a child of it may hold. The event `exec_die`
  marks the end of both, and tells the exit code. Its time is 0.2 to 16 ms before the end of the
  stream; on a machine that is very busy, up to 0.7 seconds after it. One that could not be started
  may have none.
- Keys that detach make an event before the stream ends, `detach` or `exec_detach`; a cut does not.
  From 20.10 on they make none at an exec: the Engine writes why it hangs up into the output, says
  that the exec has ended with 126, and soon ends it, with another code.
- An Engine that was killed ends its containers when it is started again, and notes that time. A
  container that ended while the Engine was down has its own time and exit code.
- A restarted Engine has forgotten its execs and its events.

An end that the Engine reports proves something only if it was asked at once. Otherwise the time of
the end is compared with the end of the stream, both by the Engine's clock.

The answer may come from a restarted Engine: if systemd holds the socket, the question waits there.
An answer on a connection opened before the stream comes from the same Engine process. Over TCP that
does not prove that nothing in between hung up: the container may have ended since. So the times are
always compared there. Where a proxy refuses `/info`, this takes up to a second.

A proxy that cannot pass on the end of an input hangs up at that moment, and a command that reads
its input ends at that moment, too: no clock tells one from the other. So, over TCP, the input of a
container that can be ended has a connection of its own, and the output is whole whoever hangs up on
that. An exec has one connection: with an input, over TCP, its event must be earlier than the end of
the stream, however soon it is told.

Some cuts over TCP cannot be told from an end: one that loses the last bytes after the container or
exec has ended; one as long before the end of a container as `/info` takes to answer; one within 1.5
seconds before the end of an exec without input; one of an input alone, while nothing is written,
that ends the container; one at the end of the input of an exec that ends at once then, if this
process is kept from seeing it for longer than the Engine takes to note the end; and, below Engine
18.02, which has no `exec_die`, one within 0.4 seconds before its end.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .. import models
from ..errors import (
    ApiError,
    Closed,
    Conflict,
    ContainerNotFound,
    DockerError,
    StreamInterrupted,
    TimedOut,
)
from ..streams import ValueStream

if TYPE_CHECKING:
    from ..models.containers import Container, ContainerState
    from ..models.exec import Exec
    from ..models.misc import Event
    from ..transport import Reply, Transport
    from ..transport.hijack import DuplexStream

# Seconds before each question: older Engines end the stream a moment before they note the exit.
_PAUSES = (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
_PATIENCE = sum(_PAUSES)
# Seconds within which an exec must have ended if there are no events.
_SOON = _PAUSES[:5]
# An answer that comes within so many seconds tells the state at the end of the stream. Asking for
# the Engine's time would be no more exact: a question takes as long.
_AT_ONCE = 0.005
# Seconds that a busy Engine takes from the end of an exec's stream to the event of it. That long
# before its end the stream of one that had exited may have been cut.
_CLOSING = 1.5
# Seconds of silence in which a stream that was attached in time would have ended.
_GRACE = 2.0
_BETWEEN_LOOKS = 10.0
# The Engine is asked for its time so often, while an answer takes longer than what it is to tell.
_CLOCK_READINGS = 5
# Engines that do not tell their time note the exit after the end of the stream.
_UNSURE = datetime.timedelta(seconds=2)
# No Engine comes back faster, and one that is there has long answered.
_FASTEST_RESTART = 0.5


class _End:
    """Called at the end of a stream; raises `StreamInterrupted` if the end is not confirmed.

    It is made before the connection of the stream is opened, and asks on another connection.
    `connection` gives that of the stream, if it was one that can be written to. A stream that is
    watched holds its end, and nobody else may hold a stream: it must go with its last user.
    """

    connection: Callable[[], DuplexStream | None] = staticmethod(lambda: None)

    def __init__(self, transport: Transport, what: str) -> None:
        # A policy's later requests would be answered by a restarted Engine.
        self._transport = transport.without_retry()
        self._what = what
        transport.require("GET /version")  # negotiates, on a connection that is kept for questions
        self._began = time.monotonic()
        self._is_same_engine = False  # that has told of events

    def __call__(self, reset: DockerError | None = None) -> None:
        """`reset` is what came in place of an end, and is raised if it was none.

        Engines before 20.10 close a stream with the input unread that the command did not want. On
        a socket of this machine what they had sent is there; over TCP some of it may be lost.
        """
        if reset is not None and (self._over_tcp or self.connection() is None):
            raise reset
        seen = time.monotonic()
        try:
            trouble = self._trouble(seen)
        except Closed:
            raise
        except DockerError as error:
            if reset is not None:
                raise reset from error
            why = str(error).removeprefix(f"{self._transport.endpoint}: ")
            raise self._interrupted(f"and this cannot be told from a break: {why}") from error
        if trouble is not None:
            raise reset or self._interrupted(trouble)

    def _interrupted(self, trouble: str) -> StreamInterrupted:
        proxy = self._transport.negotiated.proxy
        between = f" (there is a proxy in between, Server: {proxy})" if proxy else ""
        return StreamInterrupted(
            f"{self._transport.endpoint}: the stream of {self._what} ended, {trouble}{between}"
        )

    def _trouble(self, seen: float) -> str | None:
        """Why the end is no end, or None; a `DockerError` if the Engine does not tell."""
        raise NotImplementedError

    @property
    def _over_tcp(self) -> bool:
        return bool(self._transport.endpoint.host)

    @property
    def _input_ended(self) -> bool:
        connection = self.connection()
        return connection is not None and connection.input_ended

    def _trouble_if_later(
        self, ended: datetime.datetime, seen: float, who: str, *, allowed: float = 0
    ) -> str | None:
        """Compares an end with that of the stream, both by the Engine's clock."""
        stream_ended = self._by_its_clock(seen, ended.timestamp() - allowed)
        if stream_ended is None:
            return f"and nobody tells whether {who} had ended before: the Engine hides its time"
        late = (ended - stream_ended).total_seconds()
        if late <= allowed:
            return None
        return (
            f"and {who} {late:.2f} seconds later: the Engine was restarted, or the connection cut"
        )

    def _by_its_clock(self, seen: float, compared: float) -> datetime.datetime | None:
        """A moment of our clock by the Engine's, or a little later; None if it does not tell.

        That is the Engine's time now, less the time that has gone by here since. It is late by as
        long as the answer took at most, which may be seconds after a restart. So the Engine is
        asked again while that decides whether it is before `compared`, in unix seconds.
        """
        found = None
        for _ in range(_CLOCK_READINGS):
            asked = time.monotonic()
            try:
                reply = self._transport.call("GET /info")
            except ApiError:  # proxies that filter requests often refuse this one
                return self._by_its_dates(seen)
            took = datetime.timedelta(seconds=time.monotonic() - asked)
            since = datetime.timedelta(seconds=asked - seen)
            told = models.misc.Info.parse(reply.json()).system_time
            if told is None:
                date = self._date()
                return None if date is None else date + _UNSURE - since
            found = told - since if found is None else min(found, told - since)
            if found.timestamp() < compared or (told - since - took).timestamp() >= compared:
                break
        return found

    def _by_its_dates(self, seen: float) -> datetime.datetime | None:
        """The Engine's time from the Date of its answers, read when that second changes."""
        first = self._date()
        while time.monotonic() - seen < _PATIENCE:
            asked = time.monotonic()
            date = self._date()
            if date is None or first is None:
                return None
            if date != first:
                return date - datetime.timedelta(seconds=asked - seen)
            self._transport.pause(0.01)
        return None

    def _date(self) -> datetime.datetime | None:
        try:
            return _date(self._transport.call("GET /_ping").headers["Date"])
        except (KeyError, ValueError):
            return None

    def _event(
        self,
        actions: Sequence[str],
        having: Mapping[str, str],
        *,
        since: int = 1,
        patience: float = _PATIENCE,
        **filters: list[str],
    ) -> Event | None:
        """The first that has happened of what the Engine still knows, or that comes in time.

        Args:
            having: attributes of it.
            since: unix seconds; events before do not count.
        """
        query = {"since": str(since), "filters": {"event": list(actions), **filters}}
        body = self._transport.stream("GET /events", query=query, patience=patience)
        self._is_same_engine = body.connected_at < self._began
        until = time.monotonic() + patience
        try:
            with ValueStream(body, models.misc.Event.parse) as events:
                for event in events.rest():
                    if event.action in actions and having.items() <= event.attributes.items():
                        return event
                    if time.monotonic() > until:
                        break
        except TimedOut:
            pass
        return None


class LogEnd(_End):
    """Confirms the end of what a container has written so far: the Engine must still answer."""

    def __init__(self, transport: Transport, container: Container) -> None:
        super().__init__(transport, f"what container {container.id[:12]} wrote")

    def __call__(self, reset: DockerError | None = None) -> None:
        if reset is not None:  # there is no input to be left unread
            raise reset
        super().__call__()

    def _trouble(self, seen: float) -> str | None:
        self._transport.call("GET /_ping")
        return None


class EventsEnd(_End):
    """Confirms the end of events: it must have been asked for, and its time must have come.

    Engines end them properly when they are stopped (29.7), or at once (1.7 to 1.10).

    Args:
        until: unix seconds, or None for events without an end.
    """

    def __init__(self, transport: Transport, until: str | None) -> None:
        super().__init__(transport, "events")
        self._until = until

    def is_past(self, headers: Mapping[str, str]) -> bool:
        """Whether the Engine's time had come to the end already when it answered."""
        try:
            return self._until is not None and _date(headers["Date"]).timestamp() >= self._end
        except (KeyError, ValueError):
            return False

    @property
    def _end(self) -> float:
        return float(self._until or 0)

    def _trouble(self, seen: float) -> str | None:
        if self._until is None:
            return "and was to go on: did the Engine stop?"
        now = self._by_its_clock(seen, self._end)
        if now is None:
            return "and nobody tells whether their time had come: the Engine hides its time"
        early = self._end - now.timestamp()
        return None if early <= 0 else f"{early:.2f} seconds too early: did the Engine stop?"


class ContainerEnd(_End):
    """Confirms the end: the container must have exited no later than the stream ended.

    Args:
        container: its state before the stream was opened.
        detachable: keys may have been typed that end the stream while the container runs.
        has_output: else the stream ends with its input.
    """

    def __init__(
        self,
        transport: Transport,
        container: Container,
        *,
        detachable: bool,
        has_output: bool = True,
    ) -> None:
        super().__init__(transport, f"container {container.id[:12]}")
        self._container = container
        self._detachable = detachable
        self._has_output = has_output
        self._is_late = False

    def watch(self, connection: DuplexStream) -> None:
        """Looks whether the stream that was opened is one that the Engine leaves silent for ever.

        So it does with a container that had ended just before, and with one that is removed before
        it was started.
        """
        if self._container.state.running:
            if self._had_ended():
                connection.watch(_GRACE, self._look_at_late)
        elif self._container.state.status == "created":
            connection.watch(_GRACE, self._look_at_created)

    def _had_ended(self) -> bool:
        try:
            state = self._state()
        except ContainerNotFound:
            return True
        return not state.running and _has_ended(self._container.state, state)

    def _look_at_late(self, has_come: bool) -> float | None:
        """A stream that was attached in time has ended by now, or ends within the grace."""
        if not self._is_late:
            self._is_late = True
            return _GRACE
        ended = "it ended while it was attached to"
        if not has_come:
            raise Conflict(
                f"container {self._container.id}: {ended}, and nothing came; logs() gives what it "
                "wrote",
                route="POST /containers/{id}/attach",
                status=409,
            )
        raise StreamInterrupted(
            f"{self._transport.endpoint}: the stream of {self._what} went silent without an end: "
            f"{ended}, so that nobody tells whether that was all; logs() gives what it wrote"
        )

    def _look_at_created(self, has_come: bool) -> float | None:
        try:
            state = self._state()
        except ContainerNotFound:
            raise Conflict(
                f"container {self._container.id}: it was removed before it was started",
                route="POST /containers/{id}/attach",
                status=409,
            ) from None
        except DockerError:  # who is asked too often says so to the next call
            return _BETWEEN_LOOKS
        return _BETWEEN_LOOKS if state.status in ("created", "removing") else None

    def _state(self) -> ContainerState:
        reply = self._transport.call("GET /containers/{id}/json", self._container.id)
        return models.containers.Container.parse(reply.json()).state

    def _trouble(self, seen: float) -> str | None:
        if not self._has_output and self._input_ended:
            return None
        state = self._container.state
        for pause in _PAUSES:
            self._transport.pause(pause)
            try:
                reply = self._transport.call("GET /containers/{id}/json", self._container.id)
            except ContainerNotFound:
                return self._trouble_if_gone(seen, at_once=pause == 0)
            state = models.containers.Container.parse(reply.json()).state
            if _has_ended(self._container.state, state):
                broke = self._input_broke_at
                if pause == 0 and self._is_same(reply):
                    return None
                if state.finished_at is None:
                    return None
                seen = seen if broke is None else min(broke, seen)
                return self._trouble_if_later(state.finished_at, seen, "the container")
            if pause == 0 and self._detachable and state.running and self._was_left(reply):
                return None
        return f"but the container did not: it is {state.status}"

    def _is_same(self, reply: Reply) -> bool:
        """Whether the Engine that had the stream answers, and nothing between can have cut it."""
        return reply.connected_at < self._began and not self._over_tcp

    @property
    def _input_broke_at(self) -> float | None:
        """When an input was taken no more that came over TCP, where something may have cut it."""
        connection = self.connection() if self._over_tcp else None
        return None if connection is None else connection.input_broke_at

    def _was_left(self, reply: Reply) -> bool:
        """Whether keys have detached just now; that makes an event."""
        try:
            now = int(_date(reply.headers["Date"]).timestamp())
        except (KeyError, ValueError):
            return False
        ids = [self._container.id]
        return self._event(["detach"], {}, since=now - 1, patience=0.5, container=ids) is not None

    def _trouble_if_gone(self, seen: float, *, at_once: bool) -> str | None:
        """The container was removed, so it had ended; but when, and by whom?

        A restarted Engine deletes auto-remove containers, whether they had ended before or not.
        """
        took = time.monotonic() - seen
        host = self._container.host_config
        if at_once and not self._over_tcp:
            if host is None or not host.auto_remove or took < _FASTEST_RESTART:
                return None
            if self._transport.call("GET /_ping").connected_at < self._began:
                return None
        ids = [self._container.id]
        died = self._event(["die"], {}, patience=0.5, container=ids)
        if died is None or died.time is None:
            return "and nobody tells whether it had ended before: the container was removed"
        return self._trouble_if_later(died.time, seen, "the container")


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _date(text: str) -> datetime.datetime:
    """A date as HTTP has it, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7), or ValueError."""
    match = re.fullmatch(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) ([\d:]{8}) GMT", text)
    if match is None:
        raise ValueError(f"no date: {text!r}")
    day, month, year, clock = match.groups()
    number = _MONTHS.index(month) + 1
    return datetime.datetime.fromisoformat(f"{year}-{number:02}-{day}T{clock}+00:00")


def _has_ended(before: ContainerState, now: ContainerState) -> bool:
    """Whether it has ended, or failed to start, since; it may run again."""
    if now.finished_at != before.finished_at:
        return True
    if now.running:
        return bool(before.running) and now.started_at != before.started_at
    keys = ("status", "started_at", "exit_code", "error")
    return any(getattr(now, key) != getattr(before, key) for key in keys)


class ExecEnd(_End):
    """Confirms the end of an exec: the Engine must still know it, and it must have ended.

    Args:
        detachable: as in `ContainerEnd`.
        has_input, has_output: without output the stream ends with its input, if there is one.
    """

    def __init__(
        self,
        transport: Transport,
        id: str,
        *,
        detachable: bool,
        has_input: bool = True,
        has_output: bool = True,
    ) -> None:
        super().__init__(transport, f"exec {id[:12]}")
        self._id = id
        self._detachable = detachable
        self._has_input = has_input
        self._has_output = has_output
        self._exit_code: int | None = None
        self.ends_with_sign = False  # of keys that have detached: what came so far
        self.was_left = False  # by such keys

    @property
    def exit_code(self) -> int:
        """The exit code of an exec whose stream was read to its end, from API 1.16 on."""
        assert self._exit_code is not None
        return self._exit_code

    def _trouble(self, seen: float) -> str | None:
        if not self._has_output and (self._input_ended or not self._has_input):
            return None
        if not self._transport.supports("GET /exec/{id}/json"):
            self._transport.call("GET /_ping")
            return None
        if not self._transport.negotiated.tells_of_execs:
            return self._trouble_without_events(seen, "this Engine has no event of it")
        actions = ["exec_die", "exec_detach"] if self._detachable else ["exec_die"]
        this = {"execID": self._id}
        # The end of the input ends many a command, and has many a proxy hang up both ways.
        in_doubt = self._over_tcp and self._has_input and not self._detachable
        allowed = 0.0
        try:
            event = self._event(actions, this, patience=_AT_ONCE)
        except ApiError as error:
            return self._trouble_without_events(seen, str(error))
        if self.ends_with_sign and self._says_126(event):
            self.was_left = True
            return None
        # Over TCP the stream may have been cut, and the exec may have ended since.
        is_soon = not self._over_tcp or time.monotonic() - seen < _CLOSING
        is_at_once = event is not None and self._is_same_engine and is_soon and not in_doubt
        if not is_at_once:
            found = self._inspect()
            if self._exit_code in (126, 127) and not found.pid:  # it could not be started
                return None
            allowed = _CLOSING if self._exit_code is not None and not in_doubt else 0
            event = event or self._event(actions, this)
        if event is None:
            self._inspect()
            if self._exit_code is None:
                return "but it still runs"
            return "and nobody tells whether it did: the Engine has no event of its end any more"
        if event.action == "exec_detach":
            self.was_left = True
            return None
        code = event.attributes.get("exitCode", "")
        if code.isdecimal():
            self._exit_code = int(code)
        else:
            self._inspect()
        if event.time is None or is_at_once:
            return None
        return self._trouble_if_later(event.time, seen, "the command", allowed=allowed)

    def _says_126(self, event: Event | None) -> bool:
        """Whether the Engine does, though the exec has not ended so."""
        self._inspect()
        died_so = event is not None and event.attributes.get("exitCode") == "126"
        return self._exit_code == 126 and not died_so

    def _trouble_without_events(self, seen: float, why: str) -> str | None:
        for pause in _SOON:
            self._transport.pause(pause)
            self._inspect()
            if self._exit_code is not None:
                return None
        if self._detachable and self._event(
            ["exec_detach"], {"execID": self._id}, patience=_FASTEST_RESTART
        ):
            self.was_left = True
            return None
        return f"and nobody tells whether it did, since it ran on for a moment at least: {why}"

    def _inspect(self) -> Exec:
        """What the Engine says of it; its exit code is noted, if it has ended."""
        found = models.exec.Exec.parse(self._transport.call("GET /exec/{id}/json", self._id).json())
        if not found.running:
            self._exit_code = found.exit_code
        return found
