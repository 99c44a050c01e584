"""Services of a swarm and their tasks (manual v1.55, "Service" and "Task")."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .. import models
from ..errors import ApiError, DockerError, TimedOut, UnexpectedReply, named, shown
from ..protocol.reference import (
    ImageReference,
    ServiceRef,
    TaskRef,
    is_image_id,
    service_id,
    task_id,
)
from ..registry.auth import Credentials, registry_auth
from .changes import changed, check_read
from .converged import Progress
from .images import ImagesMixin
from .operations import Operations, WholeTime
from .parameters import Filters, known_filters

if TYPE_CHECKING:
    from ..models.services import Service, ServiceCreated, ServiceSpec
    from ..models.tasks import Task

CREATE = "POST /services/create"
UPDATE = "POST /services/{id}/update"
_SERVICES = ("id", "label", "mode", "name", "runtime")
_TASKS = ("_up-to-date", "desired-state", "id", "label", "name", "node", "runtime", "service")
_AUTH_FROM = ("spec", "previous-spec")
_LOOKS_AFTER: float = 1  # second


class ServicesMixin(Operations, ImagesMixin):
    """Services and tasks: create, list, update, roll back, remove, wait for."""

    def services(self, *, filters: Filters | None = None, status: bool = False) -> list[Service]:
        """The services of the swarm; API 1.24 and later.

        Args:
            filters: `id` and `name` match the beginning; `label` is a key or `key=value` of the
                service, not of its containers. `mode` (`replicated`, `global`, `replicated-job`,
                `global-job`) works from Engine 17.05 on, `runtime` from 17.07 on, at any API
                version; without `runtime` only services of containers are listed.
            status: with the numbers of running and wanted tasks; API 1.41 and later.

        Raises:
            NotAManager: the Engine is not a swarm manager.
            ValueError: an unknown filter.
            BadRequest: a filter that the Engine lacks; ServerError before 17.09.

        Source: manual v1.55, "List services".
        """
        query = {"filters": known_filters(filters, *_SERVICES), "status": status or None}
        reply = self._transport.call("GET /services", query=query)
        return models.base.rows(models.services.Service, reply.json())

    def inspect_service(self, service: ServiceRef, *, insert_defaults: bool = False) -> Service:
        """All about a service; API 1.24 and later.

        Args:
            service: its name, its id, or the beginning of its id.
            insert_defaults: fill in the swarm's defaults where the spec has no value; API 1.29 and
                later.

        Raises:
            NotFound: there is no such service.
            BadRequest: several ids begin like this.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect a service".
        """
        query = {"insertDefaults": insert_defaults or None}
        reply = self._transport.call("GET /services/{id}", service_id(service), query=query)
        return models.services.Service.parse(reply.json())

    def create_service(
        self, spec: ServiceSpec, *, auth: Credentials | None = None, resolve_image: bool = False
    ) -> ServiceCreated:
        """A new service: its `id`, and `warnings`. API 1.24 and later.

        Its tasks do not exist yet: `wait_for_service` waits for them. A missing image, host path or
        suitable node only shows in the tasks.

        Args:
            spec: the new service. A field that the API version lacks is refused.
            auth: credentials for the registry. The swarm stores them with the service, and gives
                them to every node that runs it. Therefore None sends none, not even stored ones.
            resolve_image: ask the registry for the image, and store its digest and platforms in the
                spec, so that all nodes use the same image. If the registry does not answer, the
                name is used unchanged, with one of the `warnings`. With False the name is used
                unchanged. Below API 1.30 the Engine itself asks, whatever this argument is.

        Raises:
            Conflict: the name is taken.
            InUse: another service publishes the port; `users` has its name.
            NetworkNotFound: there is no such network.
            BadRequest: the Engine refuses a value, or a secret or config does not exist;
                ServerError for an invalid constraint.
            NotAManager: the Engine is not a swarm manager.
            NotSupported: jobs below API 1.41, or another part that the version lacks.

        Source: manual v1.55, "Create a service".
        """
        named("spec", models.kinds.instance_of(models.services.ServiceSpec), spec)
        headers = _authorization(auth)
        spec, warnings = self._resolved(spec, resolve_image, auth)
        request = self._transport.require(
            CREATE, body=_body(spec.to_wire()), headers=headers, received=_body(spec.received)
        )
        reply = self._transport.call(request, extra_time=None).json()
        models.base.made_id(reply, CREATE, "ID")
        made = models.services.ServiceCreated.parse(reply)
        return models.services.ServiceCreated(id=made.id, warnings=(*warnings, *made.warnings))

    def update_service(
        self,
        service: Service,
        spec: ServiceSpec,
        *,
        auth: Credentials | None = None,
        registry_auth_from: str | None = None,
        resolve_image: bool = False,
    ) -> tuple[str, ...]:
        """Replaces the whole spec of a service: warnings.

        Blocks until the swarm has accepted it; `wait_for_service` waits for its tasks. API 1.24 and
        later. From API 1.30 on the same tag again changes nothing, even if the registry has a newer
        image under it, unless `resolve_image` finds another image or the spec is `forced()`.

        Args:
            service: the value as read; the update is sent with its version.
            spec: the new spec: `attrs.evolve(service.spec, ...)`, or one of
                `service.spec.scaled(3)`, `.with_image("app:2")` and `.forced()`. The name and the
                kind of the mode cannot be changed.
            auth: credentials for the registry, as in `create_service`. None keeps those of the
                service.
            registry_auth_from: without `auth`, whose stored credentials are used: those of the
                present `spec` (the default), or of the `previous-spec`; API 1.25 and later.
            resolve_image: as in `create_service`.

        Raises:
            OutOfSequence: it has changed since it was read; the swarm itself changes it, too.
            NotFound: there is no such service.
            InUse: another service publishes the port; `users` has its name.
            NetworkNotFound: there is no such network.
            BadRequest: the Engine refuses a value.
            NotAManager: the Engine is not a swarm manager.
            NotSupported: a part that the version lacks; also a part that another client has set,
                and that would be lost.
            ValueError: another name, or a mode of another kind.
            TypeError: an id instead of the value.

        Source: manual v1.55, "Update a service".
        """
        check_read("service", models.services.Service, service)
        named("spec", models.kinds.instance_of(models.services.ServiceSpec), spec)
        _check_same(service.spec, spec)
        if registry_auth_from not in (None, *_AUTH_FROM):
            words = " or ".join(map(repr, _AUTH_FROM))
            raise ValueError(
                f"registry_auth_from: {words} was expected, not {registry_auth_from!r}"
            )
        headers = _authorization(auth)
        spec, warnings = self._resolved(spec, resolve_image, auth)
        query = {"registryAuthFrom": registry_auth_from}
        return (*warnings, *self._replace(service, spec, headers, query))

    def change_service(
        self,
        service: ServiceRef,
        change: Callable[[ServiceSpec], ServiceSpec],
        *,
        auth: Credentials | None = None,
        tries: int = 10,
    ) -> Service:
        """Reads a service, changes its spec and writes it: the service after that.

        If it was changed by others in between, it is read and changed again. If `change` returns an
        equal spec, nothing is written. API 1.24 and later.

        Args:
            service: its name or its id.
            change: gets the spec and returns the new one, e.g. `lambda spec: spec.scaled(3)`; it
                may be called several times.
            auth: as in `update_service`.
            tries: the number of attempts.

        Raises:
            OutOfSequence: it was changed by others before each attempt could be written.
            NotFound: there is no such service.
            NotAManager: the Engine is not a swarm manager.
            ValueError, TypeError: `change` returned something else, or an invalid spec.

        Source: manual v1.55, "Update a service".
        """
        _authorization(auth)  # checked before any request
        return changed(
            self.inspect_service,
            service,
            change,
            lambda found, spec: self._once().update_service(found, spec, auth=auth),
            tries,
        )

    def rollback_service(
        self, service: Service, *, auth: Credentials | None = None
    ) -> tuple[str, ...]:
        """Restores the spec that a service had before its last update: warnings.

        API 1.25 and later. From API 1.28 on the spec's `rollback` says how; below, it is an
        ordinary update. A second rollback undoes the first.

        Args:
            service: the value as read; the update is sent with its version.
            auth: credentials for the registry. None: those that it had with that spec hold again.

        Raises:
            OutOfSequence: it has changed since it was read.
            NotFound: there is no such service.
            NotAManager: the Engine is not a swarm manager.
            ValueError: it has no previous spec.
            TypeError: an id instead of the value.

        Source: manual v1.55, "Update a service".
        """
        check_read("service", models.services.Service, service)
        headers = _authorization(auth)
        if service.previous_spec is None:
            raise ValueError("service: it has no spec before this one")
        query, spec = {"rollback": "previous"}, service.spec
        if not self._transport.supports(UPDATE, query="rollback"):
            query, spec = {"registryAuthFrom": "previous-spec"}, service.previous_spec
        return self._replace(service, spec, headers, query)

    def remove_service(self, service: ServiceRef) -> None:
        """Removes a service; its tasks end later. API 1.24 and later.

        Raises:
            NotFound: there is no such service.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Delete a service".
        """
        self._transport.call("DELETE /services/{id}", service_id(service))

    def wait_for_service(self, service: ServiceRef, *, timeout: float | None) -> Service:
        """The service, as soon as it matches its spec; blocks until then.

        It matches when no update is in progress and, for the `monitor` seconds of its `update` (by
        default 5), as many tasks of its present spec are running as are wanted: the replicas, or
        one on each suitable node. Tasks that ended well and are not restarted count as running. A
        job is done when as many tasks as it wants have ended well. The service and its tasks are
        read once a second. API 1.24 and later.

        Args:
            timeout: seconds to wait at most; None waits without bound.

        Raises:
            ServiceFailed: an update was paused, or the swarm rolled it back (an earlier update
                counts as well, until the next one); or a task failed and will not be restarted.
                `tasks` says why.
            TimedOut: the service did not match its spec after `timeout` seconds. `tasks` has the
                tasks that say why: missing images, constraints that no node meets.
            NotFound: there is no such service, or it was removed.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect a service" and "List tasks".
        """
        whole, subject = WholeTime(timeout), service_id(service)
        view, progress, since = self._ending(whole.ends), None, None
        try:
            while True:
                found = view.inspect_service(subject)
                progress = Progress(found, view.tasks(filters={"service": found.id}))
                progress.check()
                now, subject, left = time.monotonic(), found.id, _LOOKS_AFTER
                if not progress.is_reached or view._are_up(progress.leaving):
                    since = None
                elif progress.is_done:
                    return found
                else:
                    since = since or now
                    left = since + progress.monitor - now
                    if left <= 0:
                        return found
                if whole.ends is not None and now >= whole.ends:
                    raise TimedOut("")
                view._transport.pause(min(left, _LOOKS_AFTER))
        except DockerError as error:
            if not whole.has_cut(error):
                raise
            told = progress.told if progress else ""
            cut = whole.error(f"service {service_id(service)} was not as asked for", told)
            cut.tasks = progress.troubled if progress else ()
            raise cut from error

    def _are_up(self, nodes: Collection[str]) -> bool:
        """Whether one of these nodes is ready; tasks on a node that is down never end."""
        if not nodes:
            return False
        found = models.base.rows(models.swarm.Node, self._transport.call("GET /nodes").json())
        return any(node.id in nodes and node.state == "ready" for node in found)

    def tasks(self, *, filters: Filters | None = None) -> list[Task]:
        """The tasks of the swarm, including those that have ended; API 1.24 and later.

        A removed service keeps its tasks for some seconds.

        Args:
            filters: `service` and `node` are a name or an id; `id` and `name` match the beginning;
                `label` is a key or `key=value` of the service, not of the container.
                `desired-state` is `running`, `shutdown` or `accepted`. `_up-to-date` works from
                Engine 17.05 on, `runtime` from 17.07 on, at any API version; without `runtime` only
                containers are listed.

        Raises:
            NotFound: there is no such service, or node.
            NotAManager: the Engine is not a swarm manager.
            ValueError: an unknown filter.
            BadRequest: a filter that the Engine lacks (ServerError before 17.09), or another
                `desired-state`.

        Source: manual v1.55, "List tasks".
        """
        query = {"filters": known_filters(filters, *_TASKS)}
        reply = self._transport.call("GET /tasks", query=query)
        return models.base.rows(models.tasks.Task, reply.json())

    def inspect_task(self, task: TaskRef) -> Task:
        """All about a task; API 1.24 and later.

        Args:
            task: its id, the beginning of its id, or its whole name: `web.1.<id>`.

        Raises:
            NotFound: there is no such task.
            BadRequest: several ids begin like this.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect a task".
        """
        reply = self._transport.call("GET /tasks/{id}", task_id(task))
        return models.tasks.Task.parse(reply.json())

    # Implementation

    def _replace(
        self,
        service: Service,
        spec: ServiceSpec,
        headers: Mapping[str, str],
        query: Mapping[str, Any],
    ) -> tuple[str, ...]:
        """Sends a whole spec for a service as it was read: the Engine's warnings."""
        request = self._transport.require(
            UPDATE,
            query={"version": service.version, **query},
            body=_body(spec.to_wire()),
            headers=headers,
            received=_body(spec.received),
        )
        reply = self._transport.call(request, service.id, extra_time=None)
        found = reply.json() if reply.body else {}  # 1.12 sends no body
        if not isinstance(found, dict):
            raise UnexpectedReply(
                f"{UPDATE}: an object was expected, not {shown(found)}", raw=found
            )
        return models.services.ServiceCreated.parse({"ID": service.id, **found}).warnings

    def _resolved(
        self, spec: ServiceSpec, asked: bool, auth: Credentials | None
    ) -> tuple[ServiceSpec, tuple[str, ...]]:
        """The spec with the digest and the platforms of its image, and warnings."""
        container = spec.task.container
        if not asked or container is None:
            return spec, ()
        if is_image_id(container.image):
            raise ValueError(f"resolve_image: no registry knows the id {container.image!r}")
        name = named("resolve_image", ImageReference.parse, container.image)
        if name.digest or not self._transport.supports("GET /distribution/{name}/json"):
            return spec, ()
        try:
            found = self.inspect_distribution(container.image, auth=auth)
        except (ApiError, TimedOut) as error:
            words = f"no digest was found for {container.image}, so nodes may differ: {error}"
            return spec, (words,)
        if found.digest is None:
            return spec, (f"the registry tells no digest for {container.image}",)
        evolve = models.spec.evolve
        pinned = attrs.evolve(name, tag=name.tag or "latest", digest=found.digest)
        task = evolve(spec.task, container=evolve(container, image=str(pinned)))
        if found.platforms:
            placement = task.placement or models.tasks.Placement()
            platforms = [_platform(one.os, one.architecture) for one in found.platforms]
            task = evolve(task, placement=evolve(placement, platforms=platforms))
        return evolve(spec, task=task), ()


def _authorization(auth: Credentials | None) -> dict[str, str]:
    return {} if auth is None else registry_auth(auth)


def _platform(os: str | None, architecture: str | None) -> str:
    """A node's platform, without ARM, whose variant nodes and manifests write differently."""
    return f"{os or ''}/{'' if architecture in (None, 'arm') else architecture}"


def _body(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A spec whose networks are in its task, where they can be changed, not at the top."""
    found = dict(spec)
    networks, task = found.get("Networks"), found.get("TaskTemplate")
    if networks and isinstance(task, dict) and not task.get("Networks"):
        del found["Networks"]
        found["TaskTemplate"] = {**task, "Networks": networks}
    return found


def _check_same(before: ServiceSpec, spec: ServiceSpec) -> None:
    """Refuses changes that Engines cannot make; 1.12 would accept another name."""
    if spec.name != before.name:
        raise ValueError(f"spec: name: {before.name!r} cannot be changed to {spec.name!r}")
    default = models.services.Replicated
    kinds = [default if one.mode is None else type(one.mode) for one in (before, spec)]
    if kinds[0] is not kinds[1]:
        was, wanted = (kind.__name__ for kind in kinds)
        raise ValueError(f"spec: mode: {was} cannot be changed to {wanted}")
