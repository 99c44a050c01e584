"""All containers of an Engine."""

from __future__ import annotations

import secrets
from typing import Any

from .config import create_of
from .container import Container, Shared
from .errors import NameTaken, NoCommand, NoContainer
from .execs import Execs
from .health import watch
from .names import free_name
from .networks import places_of

FIRST_PORT = 49153


class Containers:
    """All containers of an Engine."""

    def __init__(self, shared: Shared, *, publishes_what_is_bound: bool) -> None:
        self._shared = shared
        self._publishes_what_is_bound = publishes_what_is_bound
        self._containers: dict[str, Container] = {}
        self._count = 0
        self._next_port = FIRST_PORT
        self.closed = False
        self.execs = Execs()

    def all(self) -> list[Container]:
        """Every container, newest first."""
        return list(reversed(self._containers.values()))

    def get(self, asked: str) -> Container | None:
        """The container with this name, id, or beginning of an id."""
        with self._shared.lock:
            found = self._containers.get(asked)
            if found is not None:
                return found
            name = asked.removeprefix("/")
            for one in self._containers.values():
                if one.name == name:
                    return one
            starting = [one for id, one in self._containers.items() if id.startswith(asked)]
            return starting[0] if len(starting) == 1 and asked else None

    def find(self, asked: str) -> Container:
        """The container with this name or id; `NoContainer` if there is none."""
        found = self.get(asked)
        if found is None:
            raise NoContainer(asked)
        return found

    def create(
        self, asked: dict[str, Any], *, name: str = "", image: str | None = None
    ) -> Container:
        """A new container, from a request.

        Raises:
            NoImage, NoCommand, NameTaken: it cannot be created.
            ValueError: the specification of a port is invalid.
        """
        found = self._shared.images.find(image or str(asked.get("Image") or ""), at="create")
        config, host_config = create_of(asked, found.config)
        id = secrets.token_hex(32)
        config["Hostname"] = config["Hostname"] or id[:12]
        with self._shared.lock:
            taken = {one.name: one for one in self._containers.values()}
            name = name.removeprefix("/")
            if name in taken:
                raise NameTaken(name, taken[name].id)
            name = name or free_name(taken)
            container = Container(
                self._shared, self, id, name, self._count, found, config, host_config
            )
            if not container.argv:
                raise NoCommand
            container.places = places_of(asked, config, host_config)
            self._shared.volumes.mount(container.mounts)
            self._count += 1
            self._containers[id] = container
            container.tell("create")
        return container

    def remove(self, container: Container, *, volumes: bool = False) -> None:
        """Remove a container, killing it if it runs; called without the lock."""
        with self._shared.lock:
            if container.removed:
                return
            container.begin_removal()
        container.kill()
        with self._shared.lock:
            if self._containers.pop(container.id, None) is None:
                return
            container.gone()
            if volumes:
                self._shared.volumes.drop(container.mounts)
            container.tell("destroy")

    def links_to(self, container: Container) -> list[str]:
        """The names under which others link to a container, e.g. `web/db`."""
        found = []
        for other in self._containers.values():
            for link in other.host_config["Links"] or ():
                name, _, alias = link.partition(":")
                if self.get(name) is container:
                    found.append(f"{other.name}/{alias or name}")
        return found

    def published(self, container: Container) -> dict[str, Any]:
        """Its ports, and their ports on the host."""
        host = container.host_config
        ports: dict[str, Any] = dict.fromkeys(container.config.get("ExposedPorts") or ())
        for port, bindings in (host["PortBindings"] or {}).items():
            if port not in ports and not self._publishes_what_is_bound:
                continue
            ports[port] = [self._bound(one) for one in bindings or [{}]]
        if host["PublishAllPorts"]:
            for port, bindings in ports.items():
                ports[port] = bindings or [self._bound({})]
        return ports

    def _bound(self, binding: dict[str, Any]) -> dict[str, str]:
        port = str(binding.get("HostPort") or "")
        if not port:
            port = str(self._next_port)
            self._next_port += 1
        return {"HostIp": binding.get("HostIp") or "0.0.0.0", "HostPort": port}

    def started(self, container: Container) -> None:
        """The container runs: start its health check, if it has one."""
        watch(container, self.execs)

    def close(self) -> None:
        """Kill all running containers."""
        with self._shared.lock:
            self.closed = True
            containers = list(self._containers.values())
        for container in containers:
            container.kill()
            container.broadcast.close()
            with container.changed:
                container.changed.notify_all()
