"""Containers (manual v1.19, section 2.1)."""

from __future__ import annotations

import contextlib
import os
import signal as signals
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from .. import models
from ..errors import (
    ApiError,
    Conflict,
    ContainerNotFound,
    DockerError,
    ImageNotFound,
    OperationFailed,
    TimedOut,
    UnexpectedReply,
    named,
    shown,
)
from ..protocol.reference import (
    ContainerRef,
    ImageRef,
    checkpoint_name,
    container_id,
    container_name,
    image_name,
    link_name,
)
from ..streams import ByteStream, ValueStream
from ..transport.timeouts import time_limit
from .ends import StatsEnd
from .networks import NetworksMixin, check_networks
from .operations import warn
from .parameters import (
    PRUNE_FILTERS,
    Filters,
    folder,
    joined_filters,
    known_filters,
    platform_text,
    signal_name,
    terminal_size,
    text,
    whole,
)

if TYPE_CHECKING:
    from ..models.config import ContainerConfig, ContainerUpdate, HostConfig, NetworkingConfig
    from ..models.containers import (
        Change,
        Container,
        ContainerSummary,
        Created,
        Processes,
        Stats,
    )
    from ..models.pruned import Pruned
    from ..transport import Transport


_NAMES_OTHERS = {"Binds", "Links", "VolumeDriver", "VolumesFrom"}  # containers, drivers


class ContainersMixin(NetworksMixin):
    """Containers: create, inspect, start, stop, remove."""

    def containers(
        self,
        *,
        all: bool = False,
        size: bool = False,
        limit: int | None = None,
        since: ContainerRef | None = None,
        before: ContainerRef | None = None,
        filters: Filters | None = None,
    ) -> list[ContainerSummary]:
        """The running containers, newest first; with `all`, stopped ones as well.

        Args:
            all: also those that are stopped or were never started.
            size: also compute `size_rw` and `size_root_fs`. Blocks while the Engine walks its disk,
                at most for `Timeouts(idle=)`.
            limit: at most so many of the newest, stopped ones included.
            since, before: only those created after, or before, this container, stopped ones
                included.
            filters: e.g. `{"label": "env=ci", "status": ["exited", "dead"]}`; API 1.12 and later.

        Raises:
            ValueError: `since` or `before` is also in `filters`.
            BadRequest: a filter that the Engine does not know (ServerError before 1.24).

        Source: manual v1.19, "List containers".
        """
        wanted = joined_filters(
            filters,
            since=None if since is None else container_id(since),
            before=None if before is None else container_id(before),
        )
        # With these filters Engines from 1.10.0 on list stopped containers only if asked to.
        by_age = since is not None or before is not None
        query = {
            "all": all or by_age or None,
            "size": size or None,
            "limit": whole("limit", limit, least=1),
            "filters": wanted,
        }
        walk = None if size else 0
        reply = self._transport.call("GET /containers/json", query=query, extra_time=walk)
        return models.base.rows(models.containers.ContainerSummary, reply.json())

    def create_container(
        self,
        image: ImageRef,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        config: ContainerConfig | None = None,
        host_config: HostConfig | None = None,
        networking: NetworkingConfig | None = None,
        platform: str | None = None,
    ) -> Created:
        """A new container, not started: its `id`, and the Engine's `warnings`.

        Args:
            image: the image, which must exist (`run` pulls it, this method does not).
            command: a list of the program and its arguments; a string is split as a shell would,
                without any expansion. None takes the image's.
            name: its name; None lets the Engine choose.
            config: everything else about the container itself. The proxies of `config.json` are
                added to its `env`, except those already named there.
            host_config: binds, ports, limits and other settings of the host; API 1.15 and later
                (for older versions, give it to `start`).
            networking: the networks that it joins; API 1.22 and later. Below 1.44 one at most: join
                further ones by `connect_network`.
            platform: e.g. `linux/arm64`, or `linux` alone; API 1.41 and later.

        Raises:
            ImageNotFound: there is no such image, or none for the platform.
            ContainerNotFound, NetworkNotFound, VolumeNotFound, PluginNotFound: an object that the
                configuration names does not exist. (Some Engines answer `BadRequest` for some of
                them, and most look for networks only at the start.)
            Conflict: the name is taken.
            ValueError: `config` has another image or command.

        Source: manual v1.19, "Create a container".
        """
        body = create_body(image, command, config, host_config, networking)
        return self._create(self._join_by_one_word(body), name, platform)

    def _create(self, body: dict[str, Any], name: str | None, platform: str | None) -> Created:
        query = {
            "name": None if name is None else container_name(name),
            "platform": platform_text(platform),
        }
        body = {**body, "Env": self._with_proxies(body.get("Env"))}
        names_others = _NAMES_OTHERS & body.get("HostConfig", {}).keys()
        cleaning: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if names_others and self._transport.negotiated.keeps_what_failed:
            # A container left behind is removed by its name, so the name must be new.
            query["name"] = sent = query["name"] or f"dockerapi_{os.urandom(6).hex()}"
            cleaning = self._removing_what_failed(sent, new=name is None)
        route = "POST /containers/create"
        asked = self._transport.require(route, query=query, body=body)
        with cleaning:
            reply = self._transport.call(asked).json()
        models.base.made_id(reply, route)  # checked here, as the model reads it lazily
        return models.containers.Created.parse(reply)

    def _with_proxies(self, env: Sequence[str] | None) -> list[str] | None:
        """The variables of a container, with those for proxies, as the docker command adds them."""
        named = {entry.partition("=")[0] for entry in env or ()}
        proxies = self._credentials.proxies(self._transport.endpoint.daemon_host)
        more = [f"{name}={value}" for name, value in proxies.items() if name not in named]
        return [*(env or ()), *more] if more or env is not None else None

    @contextlib.contextmanager
    def _removing_what_failed(self, name: str, *, new: bool) -> Iterator[None]:
        """Removes the container that some Engines leave behind when a creation fails.

        `new` says that no container had the name before. A container that had it is not removed.
        """
        if not new:
            try:
                self.inspect_container(name)
            except ContainerNotFound:
                new = True
        try:
            yield
        except (Conflict, ImageNotFound):  # raised before anything is created
            raise
        except ApiError:
            if new:
                try:
                    self.remove_container(name, volumes=True)
                except ContainerNotFound:
                    pass
                except DockerError as error:
                    warn(__name__, "create: the container %s is left behind: %s", name, error)
            raise

    def inspect_container(self, id: ContainerRef, *, size: bool = False) -> Container:
        """Everything that the Engine says about a container.

        Args:
            size: also compute `size_rw` and `size_root_fs`; API 1.21 and later. Blocks while the
                Engine walks its disk, at most for `Timeouts(idle=)`.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Inspect a container".
        """
        reply = self._transport.call(
            "GET /containers/{id}/json",
            container_id(id),
            query={"size": size or None},
            extra_time=None if size else 0,
        )
        return models.containers.Container.parse(reply.json())

    def top(self, id: ContainerRef, *, ps_args: str | None = None) -> Processes:
        """The running processes of a container, as `ps` on the host shows them.

        Args:
            ps_args: arguments of `ps`, e.g. `aux`.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is not running; ServerError before API 1.24.

        Source: manual v1.19, "List processes running inside a container".
        """
        reply = self._transport.call(
            "GET /containers/{id}/top",
            container_id(id),
            query={"ps_args": text("ps_args", ps_args)},
        )
        return models.containers.Processes.parse(reply.json())

    def diff(self, id: ContainerRef) -> list[Change]:
        """The paths that a container has modified, added or deleted.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Inspect changes on a container's filesystem".
        """
        reply = self._transport.call("GET /containers/{id}/changes", container_id(id))
        return models.base.rows(models.containers.Change, reply.json())

    def export(self, id: ContainerRef) -> ByteStream:
        """A container's whole file system as a tar archive; the caller closes the stream.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Export a container".
        """
        return ByteStream(self._transport.stream("GET /containers/{id}/export", container_id(id)))

    def stats(self, id: ContainerRef, *, one_shot: bool = False) -> Stats:
        """The present resource usage of a container; takes a second or two.

        Rates need two readings. All figures are 0 or None if it is not running.

        Args:
            one_shot: one reading, without delay; the figures of the reading before are then 0 or
                None. API 1.41 and later.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Get container stats based on resource usage".
        """
        route = "GET /containers/{id}/stats"
        subject = container_id(id)
        query = {"stream": False, "one-shot": one_shot or None}
        asked = self._transport.require(route, query=query)
        if not (
            self._transport.negotiated.tells_of_the_stopped
            or self.inspect_container(subject).state.running
        ):
            return models.containers.Stats.parse({})
        # Below API 1.19 the stream is endless: one value is read, and the connection closed.
        body = self._transport.stream(asked, subject)
        with ValueStream(body, models.containers.Stats.parse) as stream:
            for value in stream.rest():
                return value
        raise UnexpectedReply(f"{route}: the Engine ended the stream without a value")

    def stream_stats(self, id: ContainerRef) -> ValueStream[Stats]:
        """The resource usage of a container, about once a second; the caller closes the stream.

        Up to Engine 1.8 nothing comes while the container is not running.

        Raises:
            ContainerNotFound: no such container.
            StreamInterrupted: while reading: the stream ended, and the container runs on.

        Source: manual v1.19, "Get container stats based on resource usage".
        """
        subject = container_id(id)
        end = StatsEnd(self._transport, subject)
        body = self._transport.stream("GET /containers/{id}/stats", subject)
        return ValueStream(body, models.containers.Stats.parse, confirm=end)

    def resize(self, id: ContainerRef, *, height: int, width: int) -> None:
        """Sets the size of a running container's TTY.

        Args:
            height, width: the number of lines, and of characters in a line.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is not running; ServerError from older Engines.

        Source: manual v1.19, "Resize a container TTY".
        """
        self._transport.call(
            "POST /containers/{id}/resize", container_id(id), query=terminal_size(height, width)
        )

    def start(
        self,
        id: ContainerRef,
        *,
        host_config: HostConfig | None = None,
        detach_keys: str | None = None,
        checkpoint: str | None = None,
        checkpoint_directory: str | None = None,
    ) -> None:
        """Starts a container; does nothing if it is running already.

        Args:
            host_config: settings of the host, for API 1.3 to 1.14. From 1.15 to 1.23 it *replaces*
                the one given at creation; from 1.24 on it is refused.
            detach_keys: keys that detach from it, e.g. `ctrl-p,ctrl-q`; API 1.22 and later.
            checkpoint: the name of a checkpoint to resume from; experimental, API 1.25 and later.
            checkpoint_directory: where the checkpoint is on the Engine's host, if not in the
                Engine's own place.

        Raises:
            ContainerNotFound: no such container.
            NetworkNotFound: a network that it joins does not exist.
            NotFound: it has no such checkpoint.
            BadRequest: its command is not in the image, or cannot be run; or `checkpoint`, and the
                Engine is not experimental.

        Source: manual v1.19, "Start a container".
        """
        kind = models.config.HostConfig
        host_config = models.kinds.given("host_config", kind, host_config)
        body = None if host_config is None else host_config.to_wire()
        if checkpoint is None and checkpoint_directory is not None:
            raise ValueError(f"checkpoint_directory: {checkpoint_directory!r}, but no checkpoint")
        query = {
            "detachKeys": text("detach_keys", detach_keys),
            "checkpoint": None if checkpoint is None else checkpoint_name(checkpoint),
            "checkpoint-dir": folder("checkpoint_directory", checkpoint_directory),
        }
        route = "POST /containers/{id}/start"
        self._transport.call(route, container_id(id), query=query, body=body)

    def stop(
        self,
        id: ContainerRef,
        *,
        timeout: int | None = None,
        signal: str | int | signals.Signals | None = None,
    ) -> None:
        """Asks a container to end, and kills it after a while; blocks until it has ended.

        Does nothing if it is stopped already.

        Args:
            timeout: seconds until it is killed. None takes the container's own stop timeout, or 10;
                the call then waits without bound, or for `Timeouts(idle=)`.
            signal: the signal that asks it to end, as in `kill`; None takes the container's own, or
                SIGTERM. API 1.42 and later.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Stop a container".
        """
        self._halt("POST /containers/{id}/stop", id, timeout, signal)

    def restart(
        self,
        id: ContainerRef,
        *,
        timeout: int | None = None,
        signal: str | int | signals.Signals | None = None,
    ) -> None:
        """Stops a container as `stop` does, and starts it again.

        Args:
            timeout, signal: as in `stop`.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Restart a container".
        """
        self._halt("POST /containers/{id}/restart", id, timeout, signal)

    def _halt(
        self,
        route: str,
        id: ContainerRef,
        timeout: int | None,
        signal: str | int | signals.Signals | None,
    ) -> None:
        seconds = whole("timeout", timeout)
        query = {"t": seconds, "signal": signal_name(signal)}
        # Without `timeout` the container's own stop timeout applies. It is unknown here and may be
        # long, so this waits without bound.
        self._transport.call(route, container_id(id), query=query, extra_time=seconds)

    def kill(self, id: ContainerRef, *, signal: str | int | signals.Signals | None = None) -> None:
        """Sends a signal to a container; SIGKILL if none is given.

        Args:
            signal: a name with or without SIG, a number, or a `signal.Signals`.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is not running (API 1.20 and later; before, nothing happens).

        Source: manual v1.19, "Kill a container".
        """
        self._transport.call(
            "POST /containers/{id}/kill", container_id(id), query={"signal": signal_name(signal)}
        )

    def update_container(self, id: ContainerRef, update: ContainerUpdate) -> tuple[str, ...]:
        """Changes limits of a container, running or not: the Engine's warnings.

        API 1.22 and later. Changes take effect at once, except where `ContainerUpdate` says
        otherwise. A limit that the machine does not support is not set, and causes a warning. If
        the container's runtime refuses a limit, nothing is changed.

        Args:
            update: the limits to change; others stay as they are.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it contradicts the present settings: `memory` above the swap limit, which
                needs `memory_swap`; `nano_cpus` with a period or quota, or the reverse; a restart
                policy for a container with `auto_remove`.
            BadRequest: a limit that the Engine refuses, such as a processor that the machine does
                not have; ServerError before Engine 17.09.
            ServerError: the container's runtime refused.

        Source: manual v1.55, "Update a container".
        """
        check = models.kinds.instance_of(models.config.ContainerUpdate)
        body = named("update", check, update).to_wire()
        reply = self._transport.call("POST /containers/{id}/update", container_id(id), body=body)
        return models.containers.Updated.parse(reply.json()).warnings

    def rename(self, id: ContainerRef, name: str) -> None:
        """Gives a container another name.

        Args:
            name: the new name.

        Raises:
            ContainerNotFound: no such container.
            Conflict: the name is taken.

        Source: manual v1.19, "Rename a container".
        """
        self._transport.call(
            "POST /containers/{id}/rename", container_id(id), query={"name": container_name(name)}
        )

    def pause(self, id: ContainerRef) -> None:
        """Freezes all processes of a container.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is not running, or is paused already; ServerError from older Engines.

        Source: manual v1.19, "Pause a container".
        """
        self._transport.call("POST /containers/{id}/pause", container_id(id))

    def unpause(self, id: ContainerRef) -> None:
        """Resumes a paused container.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is not paused; ServerError from older Engines.

        Source: manual v1.19, "Unpause a container".
        """
        self._transport.call("POST /containers/{id}/unpause", container_id(id))

    def wait(
        self, id: ContainerRef, *, condition: str | None = None, timeout: float | None = None
    ) -> int:
        """The exit code of a container; blocks until it has ended.

        For a container that was never started the result is 0, at once, unless `condition` names
        another event.

        Args:
            condition: `not-running` (the default), `next-exit` or `removed`; API 1.30 and later.
            timeout: seconds to wait at most; None waits without bound.

        Raises:
            ContainerNotFound: no such container.
            TimedOut: it still ran after `timeout` seconds.
            OperationFailed: the Engine reports an error together with the exit.

        Source: manual v1.19, "Wait a container".
        """
        return self._wait(self._transport, id, condition, timeout)

    def _wait(
        self,
        transport: Transport,
        id: ContainerRef,
        condition: str | None = None,
        timeout: float | None = None,
    ) -> int:
        route = "POST /containers/{id}/wait"
        bounded = attrs.evolve(transport.timeouts, read=time_limit("timeout", timeout))
        waiting = transport.with_timeouts(bounded)
        subject = container_id(id)
        if condition not in (None, "not-running", "next-exit", "removed"):
            raise ValueError(
                f"condition: not-running, next-exit or removed was expected, not {condition!r}"
            )
        try:
            reply = waiting.call(route, subject, query={"condition": condition}).json()
        except TimedOut as error:
            if error.kind != "read" or timeout is None:
                raise
            what = "was not removed" if condition == "removed" else "has not ended"
            words = f"container {subject} {what} within {error.seconds:g} seconds"
            raise TimedOut(words, kind="read", seconds=error.seconds) from error
        code = reply.get("StatusCode") if isinstance(reply, dict) else None
        if isinstance(code, bool) or not isinstance(code, int):
            raise UnexpectedReply(
                f"{route}: a StatusCode was expected, not {shown(reply)}", raw=reply
            )
        failure = reply.get("Error")
        if not failure:
            return code
        if not isinstance(failure, dict) or not isinstance(failure.get("Message"), str):
            raise UnexpectedReply(
                f"{route}: an Error with a Message was expected, not {shown(failure)}", raw=reply
            )
        raise OperationFailed(failure["Message"], route=route, code=code)

    def remove_container(
        self, id: ContainerRef, *, volumes: bool = False, link: bool = False, force: bool = False
    ) -> None:
        """Removes a container; blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            volumes: also remove its anonymous volumes.
            link: `id` is the name of a link, `parent/alias`: remove the link and no container.
            force: kill it first if it is running; API 1.10 and later.

        Raises:
            ContainerNotFound: no such container.
            Conflict: it is running, and `force` is not given; other classes from older Engines.

        Source: manual v1.19, "Remove a container".
        """
        subject = link_name(id) if link else container_id(id)
        query = {"v": volumes or None, "link": link or None, "force": force or None}
        self._transport.call("DELETE /containers/{id}", subject, query=query, extra_time=None)

    def prune_containers(self, *, filters: Filters | None = None) -> Pruned:
        """Removes every container that is not running, even if it was never started.

        API 1.25 and later. Volumes stay. Blocks until the Engine is done, at most for
        `Timeouts(idle=)`.

        Args:
            filters: `until` (created before then, e.g. `24h`) from API 1.28 on; `label` and
                `label!` from 1.29. Older Engines would ignore them and remove everything.

        Returns:
            The ids of the removed containers, and the bytes freed.

        Raises:
            Busy: another prune is running.
            ValueError: an unknown filter.
            BadRequest: an invalid time; ServerError before 23.0.

        Source: manual v1.55, "Delete stopped containers".
        """
        query = {"filters": known_filters(filters, *PRUNE_FILTERS)}
        reply = self._transport.call("POST /containers/prune", query=query, extra_time=None)
        return models.pruned.Pruned.parse(reply.json())


def create_body(
    image: ImageRef,
    command: str | Sequence[str] | None,
    config: ContainerConfig | None,
    host_config: HostConfig | None,
    networking: NetworkingConfig | None,
) -> dict[str, Any]:
    """The body of `POST /containers/create`, in the newest shape."""
    kinds, given = models.config, models.kinds.given
    made = given("config", kinds.ContainerConfig, config) or kinds.ContainerConfig()
    host_config = given("host_config", kinds.HostConfig, host_config)
    networking = given("networking", kinds.NetworkingConfig, networking)
    name = image_name(image)
    if made.image not in (None, name):
        raise ValueError(f"image: {name!r}, but config has {made.image!r}")
    if command is not None and made.command is not None:
        raise ValueError(f"command: {command!r}, but config has {made.command!r}, too")
    body = {**made.to_wire(), "Image": name}
    if command is not None:
        body["Cmd"] = list(named("command", models.kinds.command_line, command))
    if host_config is not None:
        body["HostConfig"] = host_config.to_wire()
        # Engines silently ignore a published port that is not exposed.
        for port in host_config.port_bindings or ():
            body.setdefault("ExposedPorts", {}).setdefault(port, {})
    if networking is not None:
        body["NetworkingConfig"] = networking.to_wire()
    check_networks(body)
    return body
