"""Networks (manual v1.55, "Network")."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .. import models
from ..errors import (
    BadRequest,
    Conflict,
    InUse,
    NetworkNotFound,
    UnexpectedReply,
    fits_several,
    shown,
)
from ..protocol.reference import (
    ContainerRef,
    NetworkRef,
    container_id,
    network_id,
    network_name,
)
from .operations import Operations
from .parameters import PRUNE_FILTERS, Filters, known_filters, text

if TYPE_CHECKING:
    from ..models.config import EndpointSettings
    from ..models.containers import Container
    from ..models.networks import IPAM, Network, NetworkCreated
    from ..models.pruned import Pruned
    from ..models.settings import Words

_LIST_FILTERS = ("dangling", "driver", "id", "label", "name", "scope", "type")


class NetworksMixin(Operations):
    """Networks."""

    if TYPE_CHECKING:  # implemented by the containers mixin

        def inspect_container(self, id: ContainerRef, *, size: bool = False) -> Container: ...

    def networks(self, *, filters: Filters | None = None) -> list[Network]:
        """All networks; API 1.21 and later.

        From API 1.28 on the list does not have the containers of a network: `containers` is None.

        Args:
            filters: `name` is a regular expression that matches anywhere in the name (on Engine
                1.9, the whole name). `id` is the same for the id (before 1.13, its beginning).
                `type` (`custom` or `builtin`) needs API 1.22, `driver` and `label` 1.24, `scope`
                1.29. `dangling` needs Engine 29.0: older Engines give it another meaning.

        Raises:
            ValueError: an unknown filter.
            BadRequest: a value that the filter does not accept; ServerError for `type`, and before
                17.09.

        Source: manual v1.55, "List networks".
        """
        query = {"filters": known_filters(filters, *_LIST_FILTERS)}
        rows = self._transport.call("GET /networks", query=query).json()
        if not isinstance(rows, list):
            raise UnexpectedReply(
                f"GET /networks: an array was expected, not {shown(rows)}", raw=rows
            )
        # From that version on the list leaves out what inspect has.
        told = not self._transport.supports("GET /networks/{id}", query="verbose")
        return [models.networks.Network.row(row, names_containers=told) for row in rows]

    def inspect_network(
        self, network: NetworkRef, *, verbose: bool = False, scope: str | None = None
    ) -> Network:
        """All about a network, with the running containers that are connected to it.

        API 1.21 and later.

        Args:
            verbose: with the swarm services that use it; API 1.28 and later.
            scope: only a network of this scope, `local`, `global` or `swarm`; API 1.31 and later.

        Raises:
            NetworkNotFound: there is no such network.
            BadRequest: several networks have the name; the hint has their ids. (Up to 1.13 the
                Engine takes one of them.)

        Source: manual v1.55, "Inspect a network".
        """
        query = {"verbose": verbose or None, "scope": text("scope", scope, empty=False)}
        name = network_id(network)
        with self._told_apart(name):
            reply = self._transport.call("GET /networks/{id}", name, query=query)
        return models.networks.Network.parse(reply.json())

    def create_network(
        self,
        name: str,
        *,
        driver: str | None = None,
        internal: bool | None = None,
        attachable: bool | None = None,
        ingress: bool | None = None,
        ipv4: bool | None = None,
        ipv6: bool | None = None,
        ipam: IPAM | None = None,
        options: Mapping[str, str] | None = None,
        labels: Words | None = None,
        scope: str | None = None,
        config_only: bool | None = None,
        config_from: NetworkRef | None = None,
    ) -> NetworkCreated:
        """A new network: its `id`, and the Engine's `warnings`. API 1.21 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`. The Engine searches 15
        seconds for an unknown driver. Up to Engine 24.0 two networks that are created at the same
        moment may get the same name.

        Args:
            name: its name, without a slash.
            driver: `bridge` (the default), `overlay`, `macvlan` ...
            internal: without access to the outside; API 1.22 and later.
            attachable: an overlay network that containers outside of services may join, too; API
                1.25 and later.
            ingress: the network for a swarm's published ports; API 1.29 and later.
            ipv4, ipv6: whether it has such addresses; API 1.48 and 1.23 and later. A pool of IPv6
                addresses implies `ipv6=True`.
            ipam: the pools for its addresses.
            options: options of the driver, e.g. `{"com.docker.network.bridge.name": "br0"}`.
            labels: a mapping; API 1.23 and later.
            scope: `local`, `global` or `swarm`; API 1.30 and later.
            config_only: only a configuration for other networks; API 1.30 and later.
            config_from: the network whose configuration it takes; API 1.30 and later.

        Raises:
            Conflict: the name is taken.
            Forbidden: the name is reserved for the Engine's own networks, or the addresses overlap
                with those of another network.
            NotAManager: an overlay network, and the Engine is not a swarm manager.
            BadRequest: invalid addresses or options; ServerError before 25.0.
            NetworkNotFound: the network of `config_from` does not exist.
            PluginNotFound: there is no such driver.
            ValueError: a name with a slash or that begins with `-`; a pool of IPv6 addresses with
                `ipv6=False`.

        Source: manual v1.55, "Create a network".
        """
        if ipam is not None and any(pool.is_ipv6 for pool in ipam.pools or ()):
            if ipv6 is False:
                raise ValueError("ipv6: False, but ipam has a pool of IPv6 addresses")
            ipv6 = True  # otherwise the Engine would accept the pool and not use it
        source = None if config_from is None else {"Network": network_id(config_from)}
        body = {
            "Name": network_name(name),
            "CheckDuplicate": True,
            "Driver": text("driver", driver, empty=False),
            "Internal": internal,
            "Attachable": attachable,
            "Ingress": ingress,
            "EnableIPv4": ipv4,
            "EnableIPv6": ipv6,
            "IPAM": None if ipam is None else ipam.to_wire(),
            "Options": None if options is None else models.kinds.WORDS.check(options),
            "Labels": None if labels is None else models.kinds.LABELS.check(labels),
            "Scope": text("scope", scope, empty=False),
            "ConfigOnly": config_only,
            "ConfigFrom": source,
        }
        route = "POST /networks/create"
        reply = self._transport.call(route, body=body, extra_time=None).json()
        models.base.made_id(reply, route)
        return models.networks.NetworkCreated.parse(reply)

    def connect_network(
        self,
        network: NetworkRef,
        container: ContainerRef,
        *,
        endpoint: EndpointSettings | None = None,
    ) -> None:
        """Connects a container to a network, at once if it is running. API 1.21 and later.

        If the container is not running, Engines look for the network only when it starts.

        Args:
            container: its name, its id, or a value that has one.
            endpoint: its addresses, aliases and links in the network; API 1.22 and later.
                `mac_address` needs API 1.54 here: older Engines ignore it and choose another.

        Raises:
            NetworkNotFound, ContainerNotFound: there is no such network, or container.
            Conflict: the container is in the network already; on Engine 1.9, it is not running.
            Forbidden: the address is taken, or the network is only a configuration.
            BadRequest: an address outside of the network; the host's network, or a container that
                uses it; ServerError for some of these before 25.0.

        Source: manual v1.55, "Connect a container to a network".
        """
        name, id = network_id(network), container_id(container)
        settings = None if endpoint is None else endpoint.to_wire()
        route = "POST /networks/{id}/connect"
        body = {"Container": id, "EndpointConfig": settings}
        asked = self._transport.require(route, body=body)
        if settings and self._has_stopped_in(name, id):
            # The Engine would answer with success, and ignore the settings.
            words = f"container {id} is connected to network {name} already"
            raise Conflict(words, route=route, status=409)
        with self._told_apart(name):
            self._transport.call(asked, name)

    def _has_stopped_in(self, network: str, container: str) -> bool:
        """Whether the container is stopped and connected to the network."""
        found = self.inspect_container(container)
        if found.state.running:
            return False
        joined = found.network_settings.networks
        try:
            told = self.inspect_network(network)
        except NetworkNotFound:  # a swarm's network may be absent until its first container
            return False
        return any(
            word == told.name or told.id in (word, place.network_id)
            for word, place in joined.items()
        )

    def disconnect_network(
        self, network: NetworkRef, container: ContainerRef, *, force: bool = False
    ) -> None:
        """Disconnects a container from a network, at once if it is running. API 1.21 and later.

        Args:
            container: its name, its id, or a value that has one.
            force: also for a container that the Engine has forgotten, by its name; API 1.22 and
                later.

        Raises:
            NetworkNotFound, ContainerNotFound: there is no such network, or container.
            Conflict: the container is not in the network (if it is stopped, the network need not
                exist); on Engine 1.9, it is not running.
            BadRequest: the network is the host's; ServerError before 17.09.

        Source: manual v1.55, "Disconnect a container from a network".
        """
        name = network_id(network)
        body = {"Container": container_id(container), "Force": force or None}
        with self._told_apart(name):
            self._transport.call("POST /networks/{id}/disconnect", name, body=body)

    def remove_network(self, network: NetworkRef) -> None:
        """Removes a network; blocks until the Engine is done, at most for `Timeouts(idle=)`.

        API 1.21 and later. Stopped containers do not prevent it, but cannot be started afterwards.

        Raises:
            NetworkNotFound: there is no such network.
            InUse: running containers are connected to it, or a service uses it; `users` has their
                names.
            Forbidden: it is one of the Engine's own.

        Source: manual v1.55, "Remove a network".
        """
        name = network_id(network)
        try:
            with self._told_apart(name):
                self._transport.call("DELETE /networks/{id}", name, extra_time=None)
        except InUse as error:
            if not error.users:  # Engines before 28.0 do not name them
                with contextlib.suppress(NetworkNotFound):
                    found = self.inspect_network(name).containers or {}
                    error.users = tuple(one.name or id for id, one in found.items())
            raise

    def prune_networks(self, *, filters: Filters | None = None) -> Pruned:
        """Removes every network that no running container uses; the Engine's own stay.

        API 1.25 and later. A network goes even if a stopped container is connected to it, and
        however new it is. On a swarm manager unused networks of the swarm go as well. Blocks until
        the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            filters: `until` (created before then, e.g. `24h`) from API 1.28 on; `label` and
                `label!` from 1.29. Older Engines would ignore them and remove everything.

        Returns:
            The names of the removed networks.

        Raises:
            Busy: another prune is running.
            ValueError: an unknown filter.
            BadRequest: an invalid time; ServerError before 23.0.

        Source: manual v1.55, "Delete unused networks".
        """
        query = {"filters": known_filters(filters, *PRUNE_FILTERS)}
        reply = self._transport.call("POST /networks/prune", query=query, extra_time=None)
        return models.pruned.Pruned.parse(reply.json())

    @contextlib.contextmanager
    def _told_apart(self, name: str) -> Iterator[None]:
        """Adds the ids of all networks with this name to an error about an ambiguous name."""
        try:
            yield
        except BadRequest as error:
            if fits_several(error):
                rows = self.networks(filters={"name": name})
                ids = [row.id for row in rows if row.name == name]
                error.hint = f"name it by its id: {', '.join(ids)}"
            raise

    def _join_by_one_word(self, body: dict[str, Any]) -> dict[str, Any]:
        """A create body that refers to the network of its mode by one word throughout.

        An Engine takes a network's name and its id for two networks, and loses the settings of one
        of them. It gives the container's MAC address to the network that the mode names. If the
        mode has an id, or is not set, 20.10 forgets the address and 28.5 refuses it (seen).
        """
        config = body.get("NetworkingConfig", {})
        endpoints: dict[str, Any] = config.get("EndpointsConfig") or {}
        mode = body.get("HostConfig", {}).get("NetworkMode") or "default"
        if _joins_no_other(mode):
            return body
        addressed = bool(body.get("MacAddress"))
        first = next(iter(endpoints), mode) if mode == "default" else mode
        if first == "default" or not (addressed or (endpoints and first not in endpoints)):
            return body
        asked = {"MacAddress": body["MacAddress"]} if addressed else {}
        if endpoints:
            asked["NetworkingConfig"] = {}
        self._transport.require("POST /containers/create", body=asked)
        if not self._transport.supports("GET /networks/{id}"):
            return body
        found = self.inspect_network(first)
        word = found.name if addressed else first
        same = [it for it in endpoints if it == first or self.inspect_network(it).id == found.id]
        others = {it: settings for it, settings in endpoints.items() if it not in same[:1]}
        joined = {word: endpoints[same[0]] if same else {}, **others}
        made = {**body, "HostConfig": {**body.get("HostConfig", {}), "NetworkMode": word}}
        if endpoints:
            made["NetworkingConfig"] = {**config, "EndpointsConfig": joined}
        return made


def check_networks(body: Mapping[str, Any]) -> None:
    """Refuses further networks beside a network mode that excludes them."""
    mode = body.get("HostConfig", {}).get("NetworkMode") or "default"
    endpoints = body.get("NetworkingConfig", {}).get("EndpointsConfig") or {}
    if _joins_no_other(mode) and endpoints.keys() - {mode}:
        names = ", ".join(endpoints)
        raise ValueError(f"networking: {names}, but network_mode={mode!r} joins no other")


def _joins_no_other(mode: str) -> bool:
    return mode in ("host", "none") or mode.startswith("container:")
