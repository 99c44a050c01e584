"""Confirms that an attached stream ended because its container or exec ended.

A raw stream ends when its connection ends. The connection also ends when the Engine is killed, or
when something in between cuts it. So the Engine is asked at the end of each stream. Real Engines
behave as follows (seen on 20.10, 26.1 and 28.5):

- The stream of a container ends after the container, even if the container closes its outputs
  earlier. Inspect then reports the end: it waits until the Engine has noted it.
- `FinishedAt` is the time of the exit. It is earlier than the end of the stream.
- The stream of an exec may end long after its command: a child process may keep the outputs open.
  The Engine sends the event `exec_die`, with the exit code, when both have ended. The time of the
  event is 0.2 to 16 ms before the end of the stream; on a very busy machine, up to 3 seconds
  after it. An exec that could not be started may have no such event.
- Detach keys make the event `detach` or `exec_detach` before the stream ends; a cut makes no event.
  From 20.10 on detach keys make no event for an exec: the Engine writes a message into the output,
  and reports exit code 126. The command ends soon after, with another code.
- When a killed Engine starts again, it ends its containers and notes that time as their end. A
  container that ended while the Engine was down keeps its own time and exit code.
- A restarted Engine has forgotten its execs and its events.

If the Engine, asked at once, reports the end, the end is confirmed. Otherwise the time of the exit
is compared with the end of the stream, both by the Engine's clock. For an exec on a local socket,
or over TLS, the event alone confirms the end, whatever its time: nothing in between can cut the
stream, and a restarted Engine sends no such event. Over TLS an end comes with a goodbye
(close_notify), which only the other side of TLS can say; without it the stream is broken. A proxy
that ends TLS itself is told by the name in its answers.

A restarted Engine may answer instead: if systemd holds the socket, the question waits there. An
answer on a connection opened before the stream comes from the same Engine process. Over TCP even
that does not rule out a cut in between, as the container may have ended since. So over TCP without
TLS the times are always compared. If a proxy refuses `/info`, that takes up to a second.

The end of an input has two effects that no clock can tell apart: a proxy that cannot pass it on
closes both directions, and a command that reads its input ends. So, over TCP, `attach` opens a
second connection for an input that can be ended; if a proxy closes that one, the output is not
affected. An exec has only one connection. If it has an input, over TCP, the time of its event must
be before the end of the stream, however soon the event arrives.

Answers to other requests mark their end themselves, on all releases from 0.3.3 to 29.7. If one does
not, a proxy speaks HTTP/1.0, and its end may be a cut: it counts if the content shows that it is
whole (`WholeTar`, the last report of a pull, push, import or build), and is an error otherwise. If
a proxy names itself, it may have set the mark after a cut, and the same questions are asked.

Over TCP these cuts pass for an end:

- a cut that loses the last bytes, after the container or exec has ended;
- a cut just before the end of a container: within the time that `/info` takes to answer, or 1.5
  seconds if that is less;
- a cut within 1.5 seconds before the end of an exec without input;
- a cut of the connection for input alone, if it ends the container and nothing is being written;
- a cut at the end of an exec's input, if the exec ends at once and this process sees the cut only
  after the Engine has noted that end;
- below Engine 18.02 and on Podman, which have no `exec_die`: a cut within 0.4 seconds before the
  end of an exec, or 1.5 seconds where the Engine takes that long to answer;
- over TLS that a proxy without a name ends: a cut behind that proxy, up to 4 seconds before the end
  of an exec without input;
- a cut behind a proxy that has no name, or that can ask the Engine again, and that takes the end of
  an answer in HTTP/1.0 for whole: in logs, past events, loads, and pushes of all tags.
"""

from __future__ import annotations

import datetime
import math
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

# Pauses before each question, in seconds: older Engines end the stream before they note the exit.
_PAUSES = (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
_PATIENCE = sum(_PAUSES)
# The same for an exec on an Engine without events: the exec must have ended within their sum.
_SOON = _PAUSES[:5]
# An answer within so many seconds is taken as the state at the end of the stream. The Engine's
# clock would be no more exact: asking for it takes as long.
_AT_ONCE = 0.005
# A busy Engine sends `exec_die` up to so many seconds after the end of the exec's stream. A cut
# within that time before the event looks like the end.
_CLOSING = 1.5
# A stream that was attached in time would end within so many seconds of silence.
_GRACE = 2.0
_BETWEEN_LOOKS = 10.0
# The Engine is asked for its time so often if its answers are too slow to decide, and for so many
# seconds more if none came within `_CLOSING`.
_CLOCK_READINGS = 5
_FOR_ITS_TIME = 30
# Engines that tell the time only in `Date` note the exit after the end of the stream.
_UNSURE = 2.0
# No Engine restarts in fewer seconds; a running one would have answered long before.
_FASTEST_RESTART = 0.5
_NO_TIME = (
    "neither GET /info nor a Date has the Engine's time (does a proxy keep them back, or is it "
    "busy?)"
)


class _End:
    """Called at the end of a stream; raises `StreamInterrupted` if the end is not confirmed.

    It must be created before the stream's connection is opened, and asks on another connection.
    `connection` returns the stream's connection if that has an input. It is a weak reference: a
    watched stream refers to its end, and must be freed with its last user.
    """

    connection: Callable[[], DuplexStream | None] = staticmethod(lambda: None)

    def __init__(self, transport: Transport, what: str) -> None:
        # With a retry a restarted Engine could answer.
        self._transport = transport.without_retry()
        self._what = what
        transport.require("GET /version")  # negotiates, and leaves a connection for the question
        self._began = time.monotonic()
        self._is_same_engine = False  # whether the events came from the Engine of the stream

    def __call__(self, reset: DockerError | None = None) -> None:
        """Checks the end; `reset` is the error that came in place of it, raised if unconfirmed.

        Engines before 20.10 close the connection while input of the client is unread, and so reset
        it. A unix socket still delivers what they had sent; TCP may lose some of it.
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
        """Why the stream was cut, or None if it ended; a `DockerError` if the Engine does not tell.

        `seen` is when the end of the stream was seen, by `time.monotonic()`.
        """
        raise NotImplementedError

    @property
    def _over_tcp(self) -> bool:
        return bool(self._transport.endpoint.host)

    @property
    def _may_be_cut(self) -> bool:
        """Whether something in between may have cut the stream so that this looks like an end.

        Over TLS it cannot, unless it speaks TLS itself: a cut lacks the goodbye (close_notify).
        """
        is_sealed = self._transport.endpoint.tls is not None
        return self._over_tcp and (not is_sealed or bool(self._transport.negotiated.proxy))

    @property
    def _input_ended(self) -> bool:
        connection = self.connection()
        return connection is not None and connection.input_ended

    def _trouble_if_later(
        self, ended: datetime.datetime, seen: float, who: str, *, allowed: float = 0
    ) -> str | None:
        """Compares the time of an exit with the end of the stream, both by the Engine's clock.

        The exit may be up to `allowed` seconds later.
        """
        stream_ended = self._by_its_clock(seen, ended.timestamp() - allowed)
        if stream_ended is None:
            return f"and nobody tells whether {who} had ended before: {_NO_TIME}"
        late = ended.timestamp() - stream_ended
        if late <= allowed:
            return None
        return (
            f"and {who} {late:.2f} seconds later: the Engine was restarted, or the connection cut"
        )

    def _by_its_clock(self, seen: float, compared: float) -> float | None:
        """The time `seen` by the Engine's clock, or a little later; None if unknown.

        This is the Engine's time now minus the time since `seen` here. It is late by at most the
        duration of the answer, which may be seconds on a busy machine. So the Engine is asked again
        while this error decides whether `seen` is before `compared` (unix seconds), and until the
        error is less than `_CLOSING`.
        """
        until = time.monotonic() + _FOR_ITS_TIME
        earliest, latest, readings = -math.inf, math.inf, 0
        while readings < _CLOCK_READINGS or latest - earliest > _CLOSING:
            asked = time.monotonic()
            if asked > until:
                return None
            try:
                reply = self._transport.call("GET /info")
            except ApiError:  # a proxy that filters requests often refuses this one
                return self._by_its_dates(seen)
            answered = time.monotonic()
            told = models.misc.Info.parse(reply.json()).system_time
            if told is None:
                date = self._date()
                return None if date is None else date + _UNSURE - (asked - seen)
            earliest = max(earliest, told.timestamp() - (answered - seen))
            latest = min(latest, told.timestamp() - (asked - seen))
            if latest < compared or earliest >= compared:
                break
            readings += 1
        return latest

    def _by_its_dates(self, seen: float) -> float | None:
        """The same from the `Date` of answers, read at the moment when the second changes."""
        until = time.monotonic() + _FOR_ITS_TIME
        before, asked_before = None, 0.0
        while (asked := time.monotonic()) < until:
            date = self._date()
            if date is None:
                return None
            # The second before had not passed at the previous answer; this one had begun by now.
            took = time.monotonic() - asked_before
            if before is not None and date != before and took < _CLOSING:
                return before + 1 - (asked_before - seen)
            before, asked_before = date, asked
            self._transport.pause(0.01)
        return None

    def _date(self) -> float | None:
        try:
            return _date(self._transport.call("GET /_ping").headers["Date"]).timestamp()
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
        """The first event of these actions that the Engine still knows, or that comes in time.

        Args:
            having: attributes that the event must have.
            since: unix seconds; earlier events are ignored.
            patience: seconds to wait for the event.
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
    """Confirms the end of a log that is not followed: the Engine must still answer."""

    def __init__(self, transport: Transport, id: str) -> None:
        super().__init__(transport, f"what container {id[:12]} wrote")

    def __call__(self, reset: DockerError | None = None) -> None:
        if reset is not None:  # a log has no input that could cause a reset
            raise reset
        super().__call__()

    def _trouble(self, seen: float) -> str | None:
        self._transport.call("GET /_ping")
        return None


class StatsEnd(_End):
    """Confirms the end of a stream of stats: the container must not run any more.

    An Engine that is stopped ends it cleanly, and so may a proxy that was cut off from the Engine.
    """

    def __init__(self, transport: Transport, id: str) -> None:
        super().__init__(transport, f"stats of container {id[:12]}")
        self._id = id

    def _trouble(self, seen: float) -> str | None:
        for pause in _PAUSES:  # the stream of a container that is killed ends before that is noted
            self._transport.pause(pause)
            try:
                reply = self._transport.call("GET /containers/{id}/json", self._id)
            except ContainerNotFound:
                return None
            if not models.containers.Container.parse(reply.json()).state.running:
                return None
        return "but the container runs on"


class EventsEnd(_End):
    """Confirms the end of an event stream: `until` must have been given, and must have passed.

    Some Engines end the stream cleanly when they are stopped (29.7), or at once (1.7 to 1.10).

    Args:
        until: unix seconds, or None for events without an end.
    """

    def __init__(self, transport: Transport, until: str | None) -> None:
        super().__init__(transport, "events")
        self._until = until

    def is_past(self, headers: Mapping[str, str]) -> bool:
        """Whether `until` had passed by the Engine's clock when it answered."""
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
            return f"and nobody tells whether their time had come: {_NO_TIME}"
        early = self._end - now
        return None if early <= 0 else f"{early:.2f} seconds too early: did the Engine stop?"


class ContainerEnd(_End):
    """Confirms the end: the container must have exited no later than the stream ended.

    Args:
        container: its state before the stream was opened.
        detachable: the client can type detach keys, which end the stream while the container runs.
        has_output: False for a stream that has an input only, and ends with it.
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
        self.exit_code: int | None = None  # known if confirming the end showed it

    def watch(self, connection: DuplexStream) -> None:
        """Watches for a stream that never ends, because the Engine will never write to it.

        This happens if the container ended just before the attach, or if the container is removed
        without having been started.
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
        """Fails if the stream is still open after `_GRACE`: it was attached too late.

        `has_come` is whether the stream has delivered anything. The result is the time until the
        next look, in seconds.
        """
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
        except DockerError:  # the caller's next call reports it
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
                trouble = None
                if state.finished_at is None:
                    return None
                if pause or not self._is_same(reply):
                    seen = seen if broke is None else min(broke, seen)
                    trouble = self._trouble_if_later(state.finished_at, seen, "the container")
                if trouble is None and state.status == "exited" and state.error is None:
                    self.exit_code = state.exit_code
                return trouble
            if pause == 0 and self._detachable and state.running and self._was_left(reply):
                return None
        return f"but the container did not: it is {state.status}"

    def _is_same(self, reply: Reply) -> bool:
        """Whether the reply came from the Engine of the stream, with nothing between to cut it."""
        return reply.connected_at < self._began and not self._may_be_cut

    @property
    def _input_broke_at(self) -> float | None:
        """When a write to the input failed over TCP, where something in between may have cut it."""
        connection = self.connection() if self._over_tcp else None
        return None if connection is None else connection.input_broke_at

    def _was_left(self, reply: Reply) -> bool:
        """Whether detach keys ended the stream: the Engine has an event of the last second."""
        try:
            now = int(_date(reply.headers["Date"]).timestamp())
        except (KeyError, ValueError):
            return False
        ids = [self._container.id]
        return self._event(["detach"], {}, since=now - 1, patience=0.5, container=ids) is not None

    def _trouble_if_gone(self, seen: float, *, at_once: bool) -> str | None:
        """A removed container has ended, but possibly after the stream.

        A restarted Engine deletes auto-remove containers, even those that were running before.
        """
        took = time.monotonic() - seen
        host = self._container.host_config
        if at_once and not self._may_be_cut:
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
    """Parses an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7); else ValueError."""
    match = re.fullmatch(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) ([\d:]{8}) GMT", text)
    if match is None:
        raise ValueError(f"no date: {text!r}")
    day, month, year, clock = match.groups()
    number = _MONTHS.index(month) + 1
    return datetime.datetime.fromisoformat(f"{year}-{number:02}-{day}T{clock}+00:00")


def _has_ended(before: ContainerState, now: ContainerState) -> bool:
    """Whether the container ended or failed to start between two states; it may run again."""
    if now.finished_at != before.finished_at:
        return True
    if now.running:
        return bool(before.running) and now.started_at != before.started_at
    keys = ("status", "started_at", "exit_code", "error")
    return any(getattr(now, key) != getattr(before, key) for key in keys)


class ExecEnd(_End):
    """Confirms the end of an exec: the Engine must still know the exec, and it must have ended.

    Args:
        detachable: as in `ContainerEnd`.
        has_input, has_output: a stream without output ends with its input, or at once.

    `ends_with_sign` is set by the reader while the output ends with the message that Engines write
    when detach keys were typed. `was_left` is whether detach keys ended the stream.
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
        self.ends_with_sign = False
        self.was_left = False

    @property
    def exit_code(self) -> int:
        """The exit code, once the stream was read to its end; API 1.16 and later."""
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
        try:
            event = self._event_of_end(_AT_ONCE)
        except ApiError as error:
            return self._trouble_without_events(seen, str(error))
        if self.ends_with_sign and self._says_126(event):
            self.was_left = True
            return None
        return self._trouble_by_event(seen, event)

    def _event_of_end(self, patience: float = _PATIENCE) -> Event | None:
        actions = ["exec_die", "exec_detach"] if self._detachable else ["exec_die"]
        return self._event(actions, {"execID": self._id}, patience=patience)

    def _trouble_by_event(self, seen: float, event: Event | None) -> str | None:
        """The same by the event of its end, which is waited for if it did not come at once."""
        # The end of the input ends many commands, and makes many proxies hang up both ways.
        in_doubt = self._over_tcp and self._has_input and not self._detachable
        allowed = 0.0
        # Over TCP the exec may have ended after a cut.
        is_soon = not self._may_be_cut or time.monotonic() - seen < _CLOSING
        is_at_once = event is not None and self._is_same_engine and is_soon and not in_doubt
        if not is_at_once:
            found = self._inspect()
            if self._exit_code in (126, 127) and not found.pid:  # it could not be started
                return None
            allowed = _CLOSING if self._exit_code is not None and not in_doubt else 0
            event = event or self._event_of_end()
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
        if event.time is None or is_at_once or not (self._may_be_cut or in_doubt):
            return None
        return self._trouble_if_later(event.time, seen, "the command", allowed=allowed)

    def _says_126(self, event: Event | None) -> bool:
        """Whether inspect reports 126, although no event tells of such an end."""
        self._inspect()
        died_so = event is not None and event.attributes.get("exitCode") == "126"
        return self._exit_code == 126 and not died_so

    def _trouble_without_events(self, seen: float, why: str) -> str | None:
        for pause in _SOON:
            self._transport.pause(pause)
            self._inspect()
            if self._exit_code is None:
                continue
            took = time.monotonic() - seen
            if self._may_be_cut and took > _CLOSING:  # it may have ended after a cut
                return f"and nobody tells whether it did, {took:.1f} seconds later: {why}"
            return None
        if self._detachable and self._event(
            ["exec_detach"], {"execID": self._id}, patience=_FASTEST_RESTART
        ):
            self.was_left = True
            return None
        return f"and nobody tells whether it did, since it ran on for a moment at least: {why}"

    def _inspect(self) -> Exec:
        """Inspects the exec, and keeps its exit code if it has ended."""
        found = models.exec.Exec.parse(self._transport.call("GET /exec/{id}/json", self._id).json())
        if not found.running:
            self._exit_code = found.exit_code
        return found
