"""Services of a swarm: their specs, and the Engine's answers."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import shown
from .base import Model, filled, integer, many, model, number, one, strings, text, when, wire
from .kinds import LABELS, SECONDS, TEXT, choice, instance_of, line, nested, several, whole
from .settings import Kind, Labels, Seconds, Setting, setting
from .spec import Spec, evolve, spec
from .tasks import TaskSpec, iteration

if TYPE_CHECKING:
    from typing_extensions import Self

PORT = whole(1, 65535)


@spec
class ServicePort(Spec):
    """A port of a service that can be reached from outside.

    Args:
        target: the port in the containers.
        published: the port on the nodes; None for one that the Engine chooses.
        protocol: `tcp`, `udp` or, from API 1.37 on, `sctp`.
        mode: `ingress`, on every node, or `host`, on the nodes of its tasks (API 1.25 and later).
        name: for people.
    """

    target: int = wire("TargetPort", read=integer, required=True, converter=PORT.check)
    published: int | None = setting("PublishedPort", whole(0, 65535))
    protocol: str | None = setting("Protocol", choice("tcp", "udp", "sctp"))
    mode: str | None = setting("PublishMode", choice("ingress", "host"))
    name: str | None = setting("Name", TEXT)


PORTS = several(ServicePort)
Ports = Setting[Iterable[ServicePort] | None, tuple[ServicePort, ...] | None]


@spec
class Mode(Spec):
    """How many tasks a service has: one of `Replicated`, `Global` and the two kinds of jobs."""

    _key: ClassVar[str] = ""

    def to_wire(self) -> dict[str, Any]:
        made = super().to_wire()
        if made.get(self._key) is None:  # some modes are an empty object
            made[self._key] = {}
        return made


@spec
class Replicated(Mode):
    """A number of tasks.

    Args:
        replicas: how many; None is 1.
    """

    _key = "Replicated"
    replicas: int | None = setting("Replicated.Replicas", whole(0))


@spec
class Global(Mode):
    """One task on each node."""

    _key = "Global"


@spec
class ReplicatedJob(Mode):
    """Tasks that run to completion once; API 1.41 and later.

    Args:
        max_concurrent: how many run at once; None is 1.
        total_completions: how many must succeed; None is `max_concurrent`.
    """

    _key = "ReplicatedJob"
    max_concurrent: int | None = setting("ReplicatedJob.MaxConcurrent", whole(0))
    total_completions: int | None = setting("ReplicatedJob.TotalCompletions", whole(0))


@spec
class GlobalJob(Mode):
    """One task on each node that runs to completion once; API 1.41 and later."""

    _key = "GlobalJob"


_MODES = (Replicated, Global, ReplicatedJob, GlobalJob)


def _mode(value: Any) -> Mode | None:
    if value is None or isinstance(value, Mode):
        return value
    found = (kind for kind in _MODES if value.get(kind._key) is not None)
    kind = next(found, None)
    return None if kind is None else kind.parse(value)


def _ratio(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"a number was expected, not {shown(value)}")
    if not 0 <= value <= 1:
        raise ValueError(f"a number from 0 to 1 was expected, not {value}")
    return value


@spec
class UpdateConfig(Spec):
    """How tasks of a service are replaced, in an update or a rollback.

    Args:
        parallelism: how many at once; 0 is all.
        delay: seconds between them.
        failure_action: `continue`, `pause` or, in an update, `rollback` (API 1.28 and later).
        monitor: seconds after its start in which a task's failure counts; API 1.25 and later.
        max_failure_ratio: the share of tasks that may fail, from 0 to 1; API 1.25 and later.
        order: `stop-first` or `start-first`; API 1.29 and later.
    """

    parallelism: int | None = setting("Parallelism", whole(0))
    delay: Seconds = setting("Delay", SECONDS)
    failure_action: str | None = setting("FailureAction", choice("continue", "pause", "rollback"))
    monitor: Seconds = setting("Monitor", SECONDS)
    max_failure_ratio: float | None = setting("MaxFailureRatio", Kind(number, _ratio))
    order: str | None = setting("Order", choice("stop-first", "start-first"))


def _service_name(value: Any) -> str:
    if not re.fullmatch(r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?", line(value)):
        raise ValueError(
            f"up to 63 letters, digits, '-' and '_' within were expected, not {shown(value)}"
        )
    return str(value)


@spec
class ServiceSpec(Spec):
    """The spec of a service. An update replaces all of it: change the spec that was read.

    Args:
        task: the spec of its tasks.
        name: None for one that the Engine chooses; it cannot be changed.
        labels: the service's labels: a mapping, or a list of `name` and `name=value`.
        mode: the number of tasks; None is one. Its kind cannot be changed.
        update, rollback: how tasks are replaced; `rollback` from API 1.28 on.
        endpoint_mode: what its name resolves to: `vip`, one address, or `dnsrr`, the addresses of
            all tasks.
        ports: the published ports.
    """

    task: TaskSpec = wire(
        "TaskTemplate", read=one(TaskSpec), required=True, converter=instance_of(TaskSpec)
    )
    name: str | None = setting("Name", Kind(filled, _service_name))
    labels: Labels = setting("Labels", LABELS)
    mode: Mode | None = setting("Mode", Kind(_mode, instance_of(Mode)))
    update: UpdateConfig | None = setting("UpdateConfig", nested(UpdateConfig))
    rollback: UpdateConfig | None = setting("RollbackConfig", nested(UpdateConfig))
    endpoint_mode: str | None = setting("EndpointSpec.Mode", choice("vip", "dnsrr"))
    ports: Ports = setting("EndpointSpec.Ports", PORTS)

    def __attrs_post_init__(self) -> None:
        changed = self.changed()
        if self.rollback is not None and "rollback" in changed:
            if self.rollback.failure_action == "rollback":
                raise ValueError("rollback: failure_action: a rollback is not rolled back")
        if self.endpoint_mode == "dnsrr" and changed & {"endpoint_mode", "ports"}:
            for port in self.ports or ():
                if port.mode != "host":
                    raise ValueError(f"ports: with dnsrr only of mode 'host', not {port}")
        if "ports" in changed:
            for one_port, other in itertools.combinations(self.ports or (), 2):
                if one_port.published and _published(one_port) == _published(other):
                    raise ValueError(f"ports: {one_port.published} is published twice")

    @classmethod
    def parse(cls, json: Any) -> Self:
        made = super().parse(json)
        # Specs of API 1.24 have their networks at the top level, where they can no longer be
        # changed.
        networks, task = json.get("Networks"), json.get("TaskTemplate")
        if networks and isinstance(task, dict) and not task.get("Networks"):
            made.__dict__["task"] = TaskSpec.parse({**task, "Networks": networks})
        return made

    def to_wire(self) -> dict[str, Any]:
        made = super().to_wire()
        if "task" in self.changed():
            made.pop("Networks", None)
        return made

    def scaled(self, replicas: int) -> Self:
        """The same spec with so many `replicas`.

        Raises:
            ValueError: this is not a replicated service.
        """
        mode = Replicated() if self.mode is None else self.mode
        if not isinstance(mode, Replicated):
            raise ValueError(f"scaled: a replicated service was expected, not {mode}")
        return evolve(self, mode=evolve(mode, replicas=replicas))

    def with_image(self, image: str) -> Self:
        """The same spec with another `image` for its containers.

        Raises:
            ValueError: its tasks are not containers.
        """
        if self.task.container is None:
            raise ValueError("with_image: a service of containers was expected")
        container = evolve(self.task.container, image=image)
        return evolve(self, task=evolve(self.task, container=container))

    def forced(self) -> Self:
        """The same with a higher `force_update`, which restarts all tasks (API 1.25 and later)."""
        task = evolve(self.task, force_update=(self.task.force_update or 0) + 1)
        return evolve(self, task=task)


def _published(port: ServicePort) -> tuple[Any, ...]:
    return port.published, port.protocol or "tcp"


@model
class VirtualIP(Model):
    """The address of a service in a network.

    Attributes:
        network_id: the id of the network.
        address: with the prefix length: `10.0.0.2/24`.
    """

    network_id: str | None = wire("NetworkID", read=filled)
    address: str | None = wire("Addr", read=filled)


@model
class UpdateStatus(Model):
    """The progress of the last update.

    Attributes:
        state: `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused` or
            `rollback_completed`.
        started: when it began.
        completed: when it ended; None until then.
        message: for people.
    """

    state: str | None = wire("State", read=filled)
    started: datetime.datetime | None = wire("StartedAt", read=when)
    completed: datetime.datetime | None = wire("CompletedAt", read=when)
    message: str | None = wire("Message", read=filled)


@model
class ServiceStatus(Model):
    """How many tasks a service has; in lists that ask for it.

    Attributes:
        running: the number of running tasks.
        desired: the number of wanted tasks.
        completed: for a job, the number of tasks that have ended well.
    """

    running: int | None = wire("RunningTasks", read=integer)
    desired: int | None = wire("DesiredTasks", read=integer)
    completed: int | None = wire("CompletedTasks", read=integer)


@model
class JobStatus(Model):
    """The progress of a job.

    Attributes:
        iteration: how often it was started: one more with each update.
        last_execution: when it was last started.
    """

    iteration: int | None = wire("JobIteration", read=iteration)
    last_execution: datetime.datetime | None = wire("LastExecution", read=when)


@model
class ServiceCreated(Model):
    """A new service.

    Attributes:
        id: the id of the service.
        warnings: what the Engine will not do as asked, in its own words; API 1.25 and later.
    """

    id: str = wire("ID", read=text, required=True)
    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@model
class Service(Model):
    """A service of a swarm.

    Attributes:
        id: the id of the service.
        version: changes with every update; an update must send it.
        created: when it was created.
        updated: when it was last changed.
        spec: its spec.
        previous_spec: its spec before the last update; None without one; API 1.25 and later.
        endpoint_mode: the effective mode: `vip` or `dnsrr`.
        ports: the effective ports, with those that the Engine chose.
        virtual_ips: its address in each network; empty with `dnsrr`.
        update_status: the progress of the last update; None without one.
        status: the number of its tasks, in lists that ask for it; API 1.41 and later.
        job: the progress of a job; None for other services; API 1.41 and later.
    """

    id: str = wire("ID", read=text, required=True)
    version: int = wire("Version.Index", read=integer, required=True)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    spec: ServiceSpec = wire("Spec", read=one(ServiceSpec), required=True)
    previous_spec: ServiceSpec | None = wire("PreviousSpec", read=one(ServiceSpec))
    endpoint_mode: str | None = wire("Endpoint.Spec.Mode", read=filled)
    ports: tuple[ServicePort, ...] = wire("Endpoint.Ports", read=PORTS.read, default=())
    virtual_ips: tuple[VirtualIP, ...] = wire(
        "Endpoint.VirtualIPs", read=many(VirtualIP), default=()
    )
    update_status: UpdateStatus | None = wire("UpdateStatus", read=one(UpdateStatus))
    status: ServiceStatus | None = wire("ServiceStatus", read=one(ServiceStatus))
    job: JobStatus | None = wire("JobStatus", read=one(JobStatus))
