"""The logs of services and their tasks (manual v1.55, "Service" and "Task").

The logs of a swarm come from all its nodes, over one connection. Real Engines behave as follows
(seen on 20.10 and 28.5; for unreachable nodes, from the code of swarmkit's log broker):

- With `follow` the logs never end, even if all tasks have ended or the service was removed.
- At the end, a frame of the Engine's own names an unreachable node. If the logs of a single task
  were asked for, it also names a task that has no node yet. On a TTY it is an ordinary line.
- In the logs of a service, tasks without a node are left out silently.
- Each piece of a line, up to 16 KiB, has its own time and details in front.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .. import models
from ..errors import (
    Closed,
    DockerError,
    LogsIncomplete,
    NotFound,
    OperationFailed,
    StreamInterrupted,
)
from ..protocol.reference import ServiceRef, TaskRef, service_id, task_id
from ..protocol.task_lines import TaskLines
from ..streams import FrameStream, ValueStream, by_content
from ..transport.reading import Over
from .converged import ENDED
from .parameters import Timestamp, outputs, timestamp, whole
from .services import ServicesMixin

if TYPE_CHECKING:
    from ..models.tasks import Task, TaskLine
    from ..protocol.wire import FrameDecoder
    from ..transport import Transport
    from ..transport.reading import Body

T = TypeVar("T")
OF_SERVICE = "GET /services/{id}/logs"
OF_TASK = "GET /tasks/{id}/logs"
# Seconds of silence between two looks at the tasks.
BETWEEN_LOOKS = 1.0
_NODES = re.compile(r"\bnode (\S+) (?:is not available|disconnected unexpectedly)")
_TASKS = re.compile(r"\btask (\S+) has not been scheduled")


class TaskLogsMixin(ServicesMixin):
    """The logs of services and of their tasks."""

    def service_logs(
        self,
        service: ServiceRef,
        *,
        stdout: bool = True,
        stderr: bool = True,
        follow: bool = False,
        timestamps: bool = False,
        tail: int | None = None,
        since: Timestamp | None = None,
    ) -> FrameStream:
        """The output of all tasks of a service; the caller closes the stream.

        API 1.29 and later. It does not show which task wrote what: `service_log_lines` does.

        Args:
            stdout, stderr: the outputs to read.
            follow: go on with new output until no task will write any more: until a job, or tasks
                that are not restarted, have ended, or the service is removed. Iterating then
                blocks. During silence the tasks are inspected once a second.
            timestamps: each line begins with the time at which its Engine read it, in RFC 3339.
            tail: at most so many of the last lines of each task, None for all.
            since: only output from this time on: a datetime with a zone, unix seconds, or a time
                that an Engine wrote in RFC 3339.

        Raises:
            NotFound: there is no such service.
            NotAManager: the Engine is not a swarm manager.
            LogsIncomplete: while reading, after everything that arrived: a node is unreachable. If
                the tasks have a TTY, the last line says so instead.
            ValueError: neither stdout nor stderr is wanted.

        Source: manual v1.55, "Get service logs".
        """
        query = _query("service_logs", stdout, stderr, follow, tail, since)
        query["timestamps"] = timestamps or None
        body, decoder, confirm = self._logs_of_service(service, query)
        return FrameStream(body, decoder, confirm, select=_told)

    def task_logs(
        self,
        task: TaskRef,
        *,
        stdout: bool = True,
        stderr: bool = True,
        follow: bool = False,
        timestamps: bool = False,
        tail: int | None = None,
        since: Timestamp | None = None,
    ) -> FrameStream:
        """The output of one task of a service; the caller closes the stream. API 1.29 and later.

        Args:
            stdout, stderr: the outputs to read.
            follow: go on with new output until the task ends; iterating then blocks. During silence
                the task is inspected once a second.
            timestamps: each line begins with the time at which its Engine read it, in RFC 3339.
            tail: at most so many of the last lines, None for all.
            since: only output from this time on, as in `service_logs`.

        Raises:
            NotFound: there is no such task.
            NotAManager: the Engine is not a swarm manager.
            LogsIncomplete: while reading, after everything that arrived: the task's node is
                unreachable, or it has no node yet. If the task has a TTY, the last line says so
                instead.
            ValueError: neither stdout nor stderr is wanted.

        Source: manual v1.55, "Get task logs".
        """
        query = _query("task_logs", stdout, stderr, follow, tail, since)
        query["timestamps"] = timestamps or None
        body, decoder, confirm = self._logs_of_task(task, query)
        return FrameStream(body, decoder, confirm, select=_told)

    def service_log_lines(
        self,
        service: ServiceRef,
        *,
        stdout: bool = True,
        stderr: bool = True,
        follow: bool = False,
        tail: int | None = None,
        since: Timestamp | None = None,
    ) -> ValueStream[TaskLine]:
        """The output of all tasks of a service, as lines that name their task.

        API 1.29 and later. The caller closes the stream. A `TaskLine` has the `stream`, the `text`
        without the newline, the `time` at which its Engine read it, `task_id`, `node_id`,
        `service_id`, and in `attributes` the labels and variables of the container that the log
        driver keeps. Lines of one task are in order.

        Args:
            stdout, stderr, follow, tail, since: as in `service_logs`.

        Raises:
            NotFound: there is no such service.
            NotAManager: the Engine is not a swarm manager.
            LogsIncomplete: while reading, after everything that arrived: a node is unreachable.
            ValueError: neither stdout nor stderr is wanted.

        Source: manual v1.55, "Get service logs".
        """
        query = _query("service_log_lines", stdout, stderr, follow, tail, since)
        query |= {"timestamps": True, "details": True}
        body, decoder, confirm = self._logs_of_service(service, query)
        return _lines(body, decoder, confirm)

    def task_log_lines(
        self,
        task: TaskRef,
        *,
        stdout: bool = True,
        stderr: bool = True,
        follow: bool = False,
        tail: int | None = None,
        since: Timestamp | None = None,
    ) -> ValueStream[TaskLine]:
        """The output of one task as lines, as in `service_log_lines`; API 1.29 and later.

        Args:
            stdout, stderr, follow, tail, since: as in `task_logs`.

        Raises:
            NotFound: there is no such task.
            NotAManager: the Engine is not a swarm manager.
            LogsIncomplete: while reading, after everything that arrived: the task's node is
                unreachable, or it has no node yet.
            ValueError: neither stdout nor stderr is wanted.

        Source: manual v1.55, "Get task logs".
        """
        query = _query("task_log_lines", stdout, stderr, follow, tail, since)
        query |= {"timestamps": True, "details": True}
        body, decoder, confirm = self._logs_of_task(task, query)
        return _lines(body, decoder, confirm)

    def _logs_of_service(self, service: ServiceRef, query: dict[str, Any]) -> _Opened:
        subject = service_id(service)
        asked = self._transport.require(OF_SERVICE, query=query)
        found = self.inspect_service(subject)
        container = found.spec.task.container
        end = _End(self._transport, lambda: self._writers(found.id))
        body = self._transport.stream(asked, found.id)  # another one may have its name by now
        return _opened(body, self._transport, container, end, follow=query["follow"])

    def _logs_of_task(self, task: TaskRef, query: dict[str, Any]) -> _Opened:
        subject = task_id(task)
        asked = self._transport.require(OF_TASK, query=query)
        found = self.inspect_task(subject)

        def writes() -> bool:
            try:
                return _may_write(self.inspect_task(found.id))
            except NotFound:  # the swarm forgets old tasks
                return False

        end = _End(self._transport, writes)
        body = self._transport.stream(asked, found.id)
        return _opened(body, self._transport, found.spec.container, end, follow=query["follow"])

    def _writers(self, id: str) -> bool:
        """Whether a task of the service may still write, as far as is known now."""
        try:
            service = self.inspect_service(id)
            tasks = self.tasks(filters={"service": id})
        except NotFound:  # removed; its tasks run a moment longer
            return any(_may_write(task) for task in self.tasks() if task.service_id == id)
        if any(map(_may_write, tasks)):
            return True
        update = service.update_status
        if update is not None and update.state in ("updating", "rollback_started"):
            return True
        mode = service.spec.mode
        none_wanted = isinstance(mode, models.services.Replicated) and mode.replicas == 0
        return not tasks and not none_wanted  # the tasks do not exist yet


class _End:
    """The end of followed logs, which Engines do not mark: no task will write any more.

    Two equal answers in a row are needed: a failed task may be replaced in a moment, and the last
    bytes of an ended task may still be on their way.
    """

    def __init__(self, transport: Transport, writes: Callable[[], bool]) -> None:
        self._transport = transport
        self._writes = writes
        self._is_over = False
        self._is_sure = False

    def look(self, has_come: bool) -> float:
        """The seconds until the next look; raises `Over` after two looks without a writer."""
        try:
            writes = self._writes()
        except DockerError:  # if the failure lasts, the end of the stream reports it
            return BETWEEN_LOOKS
        if self._is_over and not writes:
            self._is_sure = True
            raise Over
        self._is_over = not writes
        return BETWEEN_LOOKS

    def confirm(self, body: Body, reset: DockerError | None = None) -> None:
        """Called at the end of the stream; raises if the stream was cut."""
        by_content(reset)
        if self._is_sure:
            return
        body.check_mark()
        ended = f"{self._transport.endpoint}: the logs ended, "
        try:
            writes = self._writes()
        except Closed:
            raise
        except DockerError as error:
            why = str(error).removeprefix(f"{self._transport.endpoint}: ")
            raise StreamInterrupted(
                f"{ended}and nobody tells whether that is all: {why}"
            ) from error
        if writes:
            raise StreamInterrupted(f"{ended}but tasks go on to write: was the Engine stopped?")


_Opened = tuple["Body", "FrameDecoder", "Callable[[DockerError | None], None] | None"]


def _opened(
    body: Body, transport: Transport, container: Any, end: _End, *, follow: bool | None
) -> _Opened:
    decoder = transport.negotiated.frames(tty=bool(container is not None and container.tty))
    if follow:
        body.watch(BETWEEN_LOOKS, end.look)
        return body, decoder, lambda reset: end.confirm(body, reset)
    if body.is_sure:
        return body, decoder, None
    return body, decoder, lambda reset: _check_there(transport, body, reset)


def _check_there(transport: Transport, body: Body, reset: DockerError | None) -> None:
    """Confirms an end that a proxy may have marked: the Engine must still answer."""
    by_content(reset)
    body.check_mark()
    transport.call("GET /_ping")


def _query(
    name: str,
    stdout: bool,
    stderr: bool,
    follow: bool,
    tail: int | None,
    since: Timestamp | None,
) -> dict[str, Any]:
    return {
        **outputs(name, stdout, stderr),
        "follow": follow or None,
        "tail": whole("tail", tail),
        "since": timestamp("since", since),
    }


def _lines(
    body: Body, decoder: FrameDecoder, confirm: Callable[[DockerError | None], None] | None
) -> ValueStream[TaskLine]:
    parse = models.tasks.task_line
    return ValueStream(body, parse, TaskLines(decoder), confirm=confirm, select=_told)


def _may_write(task: Task) -> bool:
    return task.state not in ENDED


def _told(values: Iterator[T]) -> Iterator[T]:
    """All values; the Engine's error about missing logs becomes `LogsIncomplete`."""
    try:
        yield from values
    except OperationFailed as error:
        words = error.message
        raise LogsIncomplete(
            words, nodes=tuple(_NODES.findall(words)), tasks=tuple(_TASKS.findall(words))
        ) from error
