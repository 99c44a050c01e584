"""Whether the end of an attached stream is the end of what was attached to.

Nothing marks the end of a raw stream but the end of its connection, and that looks the same when
the Engine was killed, or something on the way has cut it. So whoever reads to the end has the
Engine asked. What real ones say (20.10, 26.1 and 28.5, seen):

- the stream of a container ends after the container, also if that closes its outputs before; by
  then inspect tells, since it waits for what notes the end;
- `FinishedAt` is the time of the exit, before the end of the stream;
- an Engine that was killed ends its containers when it comes back, and notes that time; one that
  ended meanwhile has its own time and exit code, as if nothing had happened;
- an Engine that comes back knows no exec of before.

An Engine that came back may be the one that answers: where systemd holds its socket, the question
waits there. Who answers on a connection from before the stream is the same that sent the stream.
Where the pool has no such connection left, times are compared, all by the Engine's own clock.
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
    """To be called at the end of a stream; an error if that is none.

    It is made before the connection of the stream, and asks on another.
    """

    def __init__(self, transport: Transport, what: str) -> None:
        # An Engine that comes back answers to a policy's later requests; it is not the one asked.
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
        """What speaks against the end that was seen; a `DockerError` if nobody tells."""
        raise NotImplementedError


class LogEnd(_End):
    """For what a container has written so far: the Engine must still be there."""

    def __init__(self, transport: Transport, container: Container) -> None:
        super().__init__(transport, f"what container {container.id[:12]} wrote")

    def _trouble(self, seen: float) -> str | None:
        self._transport.call("GET /version")
        return None


class ContainerEnd(_End):
    """For what a container writes: it must have ended, and before the stream did.

    Args:
        container: as it was before.
        detachable: whether keys may have been typed that end the stream while it runs.
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
        """It was removed, and so had ended. A new Engine removes what was to remove itself."""
        took = time.monotonic() - seen
        host = self._container.host_config
        if host is None or not host.auto_remove or took < _FASTEST_RESTART:
            return None
        if self._transport.call("GET /version").connected_at < self._began:
            return None
        return "and the Engine may have been restarted: the container was removed meanwhile"

    def _trouble_if_later(self, state: ContainerState, seen: float) -> str | None:
        """The end of the stream can be no later than the Engine's time less that since then."""
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
        """The Engine's time, or one shortly after it."""
        try:
            told = models.misc.Info.parse(self._transport.call("GET /info").json()).system_time
        except ApiError:  # what lets only some requests through often refuses this one
            told = None
        if told is not None:
            return told
        try:
            date = self._transport.call("GET /version").headers["Date"]
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
            self._transport.call("GET /version")
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
