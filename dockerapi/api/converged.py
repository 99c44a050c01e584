"""Whether a service has converged: judged by the service and its tasks as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import models
from ..errors import ServiceFailed

if TYPE_CHECKING:
    from ..models.services import Service
    from ..models.tasks import Task

_MONITOR = 5.0  # seconds; the swarm's default for `UpdateConfig.monitor`
_BROKEN = ("failed", "rejected", "orphaned")
_OVER = ("shutdown", "remove")
# States of a task that no longer writes.
ENDED = frozenset(("complete", *_BROKEN, *_OVER))
_FAILURES = {
    "paused": "its update was paused",
    "rollback_paused": "its rollback was paused",
    "rollback_started": "its update is rolled back",
    "rollback_completed": "its update was rolled back",
}


class Progress:
    """A service and its tasks at one moment, and what they say about its convergence."""

    def __init__(self, service: Service, tasks: Iterable[Task]) -> None:
        self.service = service
        self._mode = service.spec.mode or models.services.Replicated()
        of_jobs = (models.services.ReplicatedJob, models.services.GlobalJob)
        self._is_job = isinstance(self._mode, of_jobs)
        of_nodes = (models.services.Global, models.services.GlobalJob)
        self._on_each_node = isinstance(self._mode, of_nodes)
        restart = service.spec.task.restart
        condition, attempts = (restart.condition, restart.max_attempts) if restart else (None, None)
        self._may_complete = self._is_job or condition in ("none", "on-failure")
        self._gives_up = bool(attempts) or condition == "none"
        self._tasks = sorted(tasks, key=_age, reverse=True)

    @property
    def is_done(self) -> bool:
        """Whether all its tasks have ended well: nothing will change any more."""
        complete = sum(task.state == "complete" for task in self._good.values())
        return 0 < self._wanted <= complete

    @property
    def is_reached(self) -> bool:
        """Whether the service matches its spec at this moment."""
        update = self.service.update_status
        if update is not None and update.state in ("updating", "rollback_started"):
            return False
        return self.is_done or len(self._good) == self._wanted

    @property
    def leaving(self) -> set[str]:
        """The nodes that still run tasks which are shutting down."""
        found = (task for task in self._tasks if task.state == "running" and task.node_id)
        return {str(task.node_id) for task in found if task.desired_state in _OVER}

    @property
    def monitor(self) -> float:
        """The seconds for which the service must keep matching its spec."""
        update = self.service.spec.update
        given = (update.monitor if update else None) or _MONITOR
        # Without a task of it, a service of all nodes has none that takes it, or is not begun.
        return given if self._newest or not self._on_each_node else max(given, _MONITOR)

    @property
    def troubled(self) -> tuple[Task, ...]:
        """The tasks that explain the trouble, newest first."""
        return tuple(
            task
            for task in self._tasks
            if task.error or task.state in _BROKEN or self._has_ended_for_good(task)
        )

    @property
    def told(self) -> str:
        """The newest explanation, for the end of a message."""
        for task in self.troubled:
            code = f" with exit code {task.exit_code}" if task.exit_code else ""
            return f"task {task.id} is {task.state}{code}: {task.error or task.message}"
        return ""

    def check(self) -> None:
        """Raises `ServiceFailed` if the service will never match its spec."""
        update, failure = self.service.update_status, None
        if update is not None and update.state in _FAILURES:
            # After a requested rollback the service still has a previous spec; after the swarm's
            # own it has none.
            asked = not update.state.endswith("paused") and self.service.previous_spec is not None
            failure = None if asked else f"{_FAILURES[update.state]} ({update.message})"
        ended = sum(map(self._has_ended_for_good, self._newest.values()))
        if failure is None and ended and not self.is_reached:
            failure = f"{ended} of its tasks ended, and will not be started again"
        if failure is not None:
            name = self.service.spec.name or self.service.id
            told = f"; {self.told}" if self.told else ""
            words = f"service {name}: {failure}{told}"
            raise ServiceFailed(words, service=self.service, tasks=self.troubled)

    @property
    def _wanted(self) -> int:
        """How many tasks must run or, for a job, end well."""
        mode = self._mode
        if isinstance(mode, models.services.Replicated):
            return 1 if mode.replicas is None else mode.replicas
        if isinstance(mode, models.services.ReplicatedJob):
            counts = (mode.total_completions, mode.max_concurrent, 1)
            return next(count for count in counts if count is not None)
        # Global: the swarm has created one task for each suitable node.
        return sum(
            id in self._good or task.desired_state not in _OVER or self._has_ended_for_good(task)
            for id, task in self._newest.items()
        )

    @cached_property
    def _newest(self) -> dict[str, Task]:
        """The newest task of each replica, or of each node for a global service.

        A mapping by task id: a search through a list of a thousand tasks takes too long.
        """
        found: dict[object, Task] = {}
        for task in self._tasks:
            if not self._is_job or self._is_current(task):
                found.setdefault(task.node_id if self._on_each_node else task.slot, task)
        return {task.id: task for task in found.values()}

    @cached_property
    def _good(self) -> dict[str, Task]:
        """The newest tasks that are in the wanted state."""
        found = self._newest.items()
        return {id: it for id, it in found if self._is_current(it) and self._is_good(it)}

    def _is_good(self, task: Task) -> bool:
        if task.state == "complete":
            return self._may_complete
        return task.state == "running" and task.desired_state not in _OVER and not self._is_job

    def _is_current(self, task: Task) -> bool:
        """Whether a task has the present spec or, for a job, belongs to its last iteration."""
        if self._is_job:
            job = self.service.job
            return (task.job_iteration or 0) == ((job.iteration if job else None) or 0)
        return _compared(task.spec.raw) == _compared(self.service.raw["Spec"]["TaskTemplate"])

    def _has_ended_for_good(self, task: Task) -> bool:
        """Whether a task ended badly and will not be replaced.

        The swarm creates a replacement when it gives up a task. If fewer tasks are wanted by then,
        it removes the replacement again, and the earlier failed task remains.
        """
        if task.desired_state != "shutdown" or not self._gives_up or task.id not in self._newest:
            return False
        badly = task.state in ("failed", "rejected")
        if task.state == "complete":
            badly = not self._may_complete
        return badly and self._is_current(task)


def _compared(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A task's spec without the parts that may differ from the service's."""
    return {key: it for key, it in spec.items() if key not in ("Placement", "Runtime")}


def _age(task: Task) -> tuple[bool, object]:
    return task.created is not None, task.created
