"""Confirms that an attached stream ended because the container or exec ended.

A raw stream ends when its connection ends. A connection also ends when the Engine is killed, or
when something on the way cuts it. So the Engine is asked at the end of the stream. Real Engines
behave like this (20.10, 26.1 and 28.5, seen):

- The stream of a container ends after the container, even if the container closes its outputs
  earlier. Inspect then reports the end: it waits until the Engine has noted it.
- `FinishedAt` is the time of the exit. It is earlier than the end of the stream.
- An Engine that was killed ends its containers when it is started again, and notes that time. A
  container that ended while the Engine was down has its own time and exit code.
- A restarted Engine has forgotten its execs.

The answer may come from a restarted Engine: if systemd holds the socket, the question waits there.
An answer on a connection opened before the stream comes from the same Engine process. If the pool
has no such connection left, times are compared, all of them by the Engine's own clock.
"""

from __future__ import annotations

import datetime
import re
import time
from typing import TYPE_CHECKING

from .. import models
from ..errors import ApiError, Closed, ContainerNotFound, DockerError, StreamInterrupted

if TYPE_CHECKING:
    from ..models.containers import Container, ContainerState
    from ..transport import Transport

# Seconds before each question: older Engines end the stream a moment before they note the exit.
_PAUSES = (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
# Engines that do not tell their time note the exit after the end of the stream.
_UNSURE = datetime.timedelta(seconds=2)
# No Engine comes back faster, and one that is there has long answered.
_FASTEST_RESTART = 0.5


class _End:
    """Called at the end of a stream; raises `StreamInterrupted` if the end is not confirmed.

    It is made before the connection of the stream is opened, and asks on another connection.
    """

    def __init__(self, transport: Transport, what: str) -> None:
        # A policy's later requests would be answered by a restarted Engine.
        self._transport = transport.without_retry()
        self._what = what
        self._began = time.monotonic()

    def __call__(self) -> None:
        seen = time.monotonic()
        try:
            trouble = self._trouble(seen)
        except Closed:
            raise
        except DockerError as error:
            why = str(error).removeprefix(f"{self._transport.endpoint}: ")
            raise self._interrupted(f"and this cannot be told from a break: {why}") from error
        if trouble is not None:
            raise self._interrupted(trouble)

    def _interrupted(self, trouble: str) -> StreamInterrupted:
        return StreamInterrupted(
            f"{self._transport.endpoint}: the stream of {self._what} ended, {trouble}"
        )

    def _trouble(self, seen: float) -> str | None:
        """Why the end is no end, or None; a `DockerError` if the Engine does not tell."""
        raise NotImplementedError


class LogEnd(_End):
    """Confirms the end of what a container has written so far: the Engine must still answer."""

    def __init__(self, transport: Transport, container: Container) -> None:
        super().__init__(transport, f"what container {container.id[:12]} wrote")

    def _trouble(self, seen: float) -> str | None:
        self._transport.call("GET /_ping")
        return None


class ContainerEnd(_End):
    """Confirms the end: the container must have exited no later than the stream ended.

    Args:
        container: its state before the stream was opened.
        detachable: keys may have been typed that end the stream while the container runs.
    """

    def __init__(self, transport: Transport, container: Container, *, detachable: bool) -> None:
        super().__init__(transport, f"container {container.id[:12]}")
        self._container = container
        self._detachable = detachable

    def _trouble(self, seen: float) -> str | None:
        state = self._container.state
        for pause in _PAUSES:
            self._transport.pause(pause)
            try:
                reply = self._transport.call("GET /containers/{id}/json", self._container.id)
            except ContainerNotFound:
                return self._trouble_if_gone(seen)
            state = models.containers.Container.parse(reply.json()).state
            if _has_ended(self._container.state, state):
                if pause == 0 and reply.connected_at < self._began:
                    return None
                return self._trouble_if_later(state, seen)
            if self._detachable and state.running:
                return None
        return f"but the container did not: it is {state.status}"

    def _trouble_if_gone(self, seen: float) -> str | None:
        """The container was removed, so it had ended; but by whom?

        A restarted Engine deletes auto-remove containers, whether they had ended before or not.
        """
        took = time.monotonic() - seen
        host = self._container.host_config
        if host is None or not host.auto_remove or took < _FASTEST_RESTART:
            return None
        if self._transport.call("GET /_ping").connected_at < self._began:
            return None
        return "and the Engine may have been restarted: the container was removed meanwhile"

    def _trouble_if_later(self, state: ContainerState, seen: float) -> str | None:
        """Compares the exit with the end of the stream, both by the Engine's clock.

        The stream ended at the Engine's time now, less the time that has gone by here since.
        """
        since = datetime.timedelta(seconds=time.monotonic() - seen)
        now = self._engine_time()
        if state.finished_at is None or now is None:
            return None
        late = (state.finished_at - (now - since)).total_seconds()
        if late <= 0:
            return None
        return (
            f"and the container {late:.2f} seconds later: the Engine was restarted, or the "
            "connection cut"
        )

    def _engine_time(self) -> datetime.datetime | None:
        """The Engine's time, or at most `_UNSURE` more; None if it does not tell."""
        try:
            told = models.misc.Info.parse(self._transport.call("GET /info").json()).system_time
        except ApiError:  # proxies that filter requests often refuse this one
            told = None
        if told is not None:
            return told
        try:
            date = self._transport.call("GET /_ping").headers["Date"]
            return _date(date) + _UNSURE
        except (KeyError, ValueError):
            return None


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
    """For what an exec writes: the Engine must still know it, and it must have ended.

    Args:
        detachable: as in `ContainerEnd`.
    """

    def __init__(self, transport: Transport, id: str, *, detachable: bool) -> None:
        super().__init__(transport, f"exec {id[:12]}")
        self._id = id
        self._detachable = detachable
        self._exit_code: int | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of an exec whose stream was read to its end, from API 1.16 on."""
        assert self._exit_code is not None
        return self._exit_code

    def _trouble(self, seen: float) -> str | None:
        if not self._transport.supports("GET /exec/{id}/json"):
            self._transport.call("GET /_ping")
            return None
        for pause in _PAUSES:
            self._transport.pause(pause)
            reply = self._transport.call("GET /exec/{id}/json", self._id)
            found = models.exec.Exec.parse(reply.json())
            if not found.running and found.exit_code is not None:
                self._exit_code = found.exit_code
                return None
            if self._detachable:
                return None
        return "but it still runs"
