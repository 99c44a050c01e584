"""Waits until a container is in a state: after each event the container is inspected again.

The container is inspected before the events are requested, and an Engine answers that request
before it listens for events. To miss none in between, past events are requested as well, as far
back as the Engine has kept them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .. import models
from ..errors import DockerError, OperationFailed, StreamInterrupted, last_lines
from ..protocol.reference import ContainerRef, container_id
from ..streams import ValueStream
from .attach import AttachMixin
from .operations import WholeTime

if TYPE_CHECKING:
    from ..models.containers import Container

_STATES = ("running", "healthy", "exited")
_ENDED = ("exited", "dead", "removing")
_OF_NO_STATE = ("exec_", "attach", "detach", "resize", "top", "copy", "export", "archive-path")


class WaitMixin(AttachMixin):
    """Waiting for a container to run, to be healthy or to end."""

    def wait_until(
        self, id: ContainerRef, state: str, *, timeout: float | None = None
    ) -> Container:
        """The container, as soon as it is running, is healthy or has ended; blocks until then.

        Args:
            state: `running`; `healthy`, for a container with a health check, API 1.24 and later; or
                `exited`, with any exit code, which is in the result. A container that the Engine is
                restarting has not ended.
            timeout: seconds to wait at most; None waits without bound.

        Raises:
            OperationFailed: the container ended instead of being `running` or `healthy`; the
                message has its exit code, which is also `.code`, and the last lines of its log. Or
                it is unhealthy; the message has the output of the check.
            ContainerNotFound: no such container, or it was removed.
            TimedOut: it was not in the state after `timeout` seconds.
            ValueError: another state, or `healthy` for a container without a health check.
            StreamInterrupted: the Engine stopped meanwhile.

        Source: manual v1.24, "Monitor Docker's events" and "Inspect a container".
        """
        if state not in _STATES:
            raise ValueError(f"state: {', '.join(_STATES)} were expected, not {state!r}")
        whole, subject = WholeTime(timeout), container_id(id)
        view = self._ending(whole.ends)
        view._transport.require("GET /events")
        try:
            return view._when(subject, state)
        except DockerError as error:
            if not whole.has_cut(error):
                raise
            raise whole.error(f"container {subject} was not {state}") from error

    def _when(self, subject: str, state: str) -> Container:
        found = self.inspect_container(subject)
        check = found.config.healthcheck
        if state == "healthy" and (check is None or (check.test or ("NONE",))[0] == "NONE"):
            raise ValueError(f"state: container {subject} has no health check, and so no {state!r}")
        if self._is(found, state):
            return found
        route = "GET /events"
        filters = {"container": [found.id]}
        narrow = self._transport.supports(route, query="filters")
        query = {"since": "1", "filters": filters if narrow else None}
        bounds = attrs.evolve(self._transport.timeouts, idle=None)  # events may be far apart
        body = self._transport.with_timeouts(bounds).stream(route, query=query)
        with ValueStream(body, models.misc.Event.parse) as events:
            for event in events:
                if not found.id.startswith(event.id or "-"):
                    continue
                if (event.action or "").startswith(_OF_NO_STATE):
                    continue
                found = self.inspect_container(found.id)
                if self._is(found, state):
                    return found
        raise StreamInterrupted(f"{self._transport.endpoint}: the events ended, did the Engine?")

    def _is(self, container: Container, state: str) -> bool:
        """Whether the container is in the state; `OperationFailed` if it can never get there."""
        now, health = container.state, container.state.health
        if now.status in _ENDED:
            if state == "exited":
                return True
            raise OperationFailed(
                f"container {container.name or container.id[:12]} has ended with exit code "
                f"{now.exit_code} and was to be {state}{self._last_lines(container.id)}",
                code=now.exit_code,
            )
        if now.status != "running" or state != "healthy":
            return now.status == state
        if health is not None and health.status == "unhealthy":
            last = health.log[-1] if health.log else models.containers.HealthProbe()
            output = last_lines(last.output or "")
            raise OperationFailed(
                f"container {container.name or container.id[:12]} is unhealthy: its check ended "
                f"with exit code {last.exit_code}" + (f":\n{output}" if output else "")
            )
        return health is not None and health.status == "healthy"

    def _last_lines(self, id: str) -> str:
        """The last lines of its log, if the log can be read."""
        narrow = self._transport.supports("GET /containers/{id}/logs", query="tail")
        try:
            with self.logs(id, tail=20 if narrow else None) as logs:
                found = last_lines(logs.read().combined.decode("utf-8", "replace"))
        except DockerError:
            return ""
        return f":\n{found}" if found else ""
