"""A swarm and its nodes (manual v1.55, "Swarm" and "Node")."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .. import models
from ..errors import NotAManager, UnexpectedReply, named, shown
from ..protocol.reference import NodeRef, node_id
from .changes import changed, check_read
from .operations import Operations
from .parameters import Filters, known_filters, text, texts, whole

if TYPE_CHECKING:
    from ..models.misc import Info
    from ..models.swarm import Node, NodeSpec, Swarm, SwarmSpec

_NODE_FILTERS = ("id", "label", "membership", "name", "node.label", "role")
# The form that swarmkit reads: version, digest of the CA, secret.
_TOKEN = re.compile(r"SWMTKN-(1|2-[01])-[0-9a-z]{50}-[0-9a-z]{25}", re.ASCII)
_LISTEN = "0.0.0.0:2377"  # the manual's default; Engines have none
# Fields whose 0 means the default to an Engine that creates a swarm.
_DEFAULT_IF_ZERO: tuple[tuple[str, Callable[[SwarmSpec], Any]], ...] = (
    ("heartbeat_period", lambda spec: spec.heartbeat_period),
    ("raft.snapshot_interval", lambda spec: spec.raft and spec.raft.snapshot_interval),
    (
        "raft.log_entries_for_slow_followers",
        lambda spec: spec.raft and spec.raft.log_entries_for_slow_followers,
    ),
    ("raft.election_tick", lambda spec: spec.raft and spec.raft.election_tick),
    ("raft.heartbeat_tick", lambda spec: spec.raft and spec.raft.heartbeat_tick),
    ("ca.node_cert_expiry", lambda spec: spec.ca and spec.ca.node_cert_expiry),
)


class SwarmMixin(Operations):
    """A swarm and its nodes."""

    if TYPE_CHECKING:  # implemented by the engine mixin

        def info(self) -> Info: ...

    def init_swarm(
        self,
        spec: SwarmSpec | None = None,
        *,
        listen: str = _LISTEN,
        advertise: str | None = None,
        data_path: str | None = None,
        data_path_port: int | None = None,
        address_pools: Iterable[str] | None = None,
        subnet_size: int | None = None,
        availability: str | None = None,
        force_new_cluster: bool = False,
    ) -> str:
        """Creates a swarm with this Engine as its only node, a manager. API 1.24 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            spec: the settings of the swarm; None in a field is the Engine's default.
            listen: where managers talk to each other: an address or a network interface, with or
                without a port.
            advertise: the address at which other nodes reach this one, in the same form; needed
                only if the machine has several addresses.
            data_path: the address for the traffic of containers; API 1.30 and later.
            data_path_port: the UDP port for that traffic, 1024 to 49151; API 1.40 and later.
            address_pools: the ranges from which overlay networks get their subnets, e.g.
                `["10.20.0.0/16"]`; API 1.39 and later.
            subnet_size: the prefix length of each subnet; API 1.39 and later.
            availability: this node's availability: `active`, `pause` (it gets no new tasks) or
                `drain` (it gets none at all); API 1.28 and later.
            force_new_cluster: create a new swarm from this manager's state, without the other
                managers.

        Returns:
            This node's id.

        Raises:
            Conflict: the Engine is already in a swarm.
            BadRequest: an invalid address, or the machine has several: give `advertise=`.
            ValueError: a 0 in `spec` that the Engine would replace by its default.

        Source: manual v1.55, "Initialize a new swarm".
        """
        found = models.kinds.given("spec", models.swarm.SwarmSpec, spec)
        for name, of in _DEFAULT_IF_ZERO:
            if found is not None and of(found) == 0:
                raise ValueError(f"spec: {name} is 0, which means the default in a new swarm")
        body = {
            "ListenAddr": _needed("listen", listen),
            "AdvertiseAddr": _address("advertise", advertise),
            "DataPathAddr": _address("data_path", data_path),
            "DataPathPort": _between("data_path_port", data_path_port, 1024, 49151),
            "DefaultAddrPool": _pools(address_pools),
            "SubnetSize": _between("subnet_size", subnet_size, 1, 32),
            "Availability": _availability(availability),
            "ForceNewCluster": force_new_cluster or None,
            "Spec": None if found is None else found.to_wire(),
        }
        route = "POST /swarm/init"
        id = self._transport.call(route, body=body, extra_time=None).json()
        if not isinstance(id, str) or not id:
            raise UnexpectedReply(
                f"{route}: the id of a node was expected, not {shown(id)}", raw=id
            )
        return id

    def join_swarm(
        self,
        remote: str,
        *,
        token: str,
        listen: str = _LISTEN,
        advertise: str | None = None,
        data_path: str | None = None,
        availability: str | None = None,
    ) -> None:
        """Joins this Engine to an existing swarm. API 1.24 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`; the Engine tries for 20
        seconds.

        Args:
            remote: the address of a manager, such as `10.0.0.1:2377`; Engines only try one.
            token: the token for workers or for managers: `inspect_swarm().join_tokens`.
            listen, advertise, data_path, availability: as for `init_swarm`.

        Raises:
            Conflict: the Engine is in a swarm, or is joining one.
            JoinPending: it has not joined in time, and keeps trying: `info().swarm` shows the
                result.
            BadRequest: the token is not this swarm's; or the machine has several addresses: give
                `advertise=`.
            ServerError: the manager cannot be reached.
            ValueError: the token is malformed. After a malformed token, Engines up to 1.13 could
                create no other swarm.

        Source: manual v1.55, "Join an existing swarm".
        """
        if not isinstance(token, str):
            raise TypeError(f"token: a string was expected, not a {type(token).__name__}")
        if not _TOKEN.fullmatch(token):
            raise ValueError("token: SWMTKN-1-... was expected, whole; this one has not that form")
        body = {
            "ListenAddr": _needed("listen", listen),
            "AdvertiseAddr": _address("advertise", advertise),
            "DataPathAddr": _address("data_path", data_path),
            "RemoteAddrs": [_needed("remote", remote)],
            "JoinToken": token,
            "Availability": _availability(availability),
        }
        self._transport.call("POST /swarm/join", body=body, extra_time=None)

    def leave_swarm(self, *, force: bool = False) -> None:
        """Removes this Engine from its swarm. API 1.24 and later.

        Its tasks end. The swarm lists the node as `down` some seconds later, until `remove_node`.
        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            force: leave even as a manager. With the last manager the swarm and everything in it is
                lost.

        Raises:
            NotAManager: the Engine is not in a swarm, with or without `force`. Or it is a locked
                manager of a release up to 17.03, without `force`: leaving would erase the swarm.
            Conflict: it is a manager.

        Source: manual v1.55, "Leave a swarm".
        """
        route = "POST /swarm/leave"
        query = {"force": force or None}
        asked = self._transport.require(route, query=query)
        if not force and self._transport.negotiated.erases_locked_swarms:
            role = self.info().swarm
            if role is not None and role.local_node_state == "locked":
                raise NotAManager(
                    "Swarm is encrypted and locked, and would be erased",
                    route=route,
                    status=503,
                    hint="force=True leaves nevertheless",
                    state="locked",
                )
        self._transport.call(asked, extra_time=None)

    def inspect_swarm(self) -> Swarm:
        """The settings of the swarm, with the tokens for joining; API 1.24 and later.

        Raises:
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect swarm".
        """
        return models.swarm.Swarm.parse(self._transport.call("GET /swarm").json())

    def update_swarm(
        self,
        swarm: Swarm,
        spec: SwarmSpec | None = None,
        *,
        rotate_worker_token: bool = False,
        rotate_manager_token: bool = False,
        rotate_unlock_key: bool = False,
    ) -> None:
        """Replaces the settings of the swarm, and rotates its tokens; API 1.24 and later.

        The spec replaces all settings: a field that it leaves out becomes 0 or empty. So change the
        spec that was read: `attrs.evolve(swarm.spec, task_history_limit=3)`, or use `change_swarm`.

        Args:
            swarm: the value as read; the update is sent with its version.
            spec: the new settings; None keeps them.
            rotate_worker_token, rotate_manager_token: create a new token; the old one no longer
                works.
            rotate_unlock_key: `swarm_unlock_key` returns the new key; API 1.25 and later.

        Raises:
            OutOfSequence: it has changed since it was read.
            NotAManager: the Engine is not a swarm manager.
            BadRequest: a value that the Engine refuses, such as certificates for less than an hour.
            TypeError: an id instead of the value: use `change_swarm`.

        Source: manual v1.55, "Update a swarm".
        """
        read = check_read("swarm", models.swarm.Swarm, swarm)
        found = models.kinds.given("spec", models.swarm.SwarmSpec, spec)
        query = {
            "version": read.version,
            "rotateWorkerToken": rotate_worker_token or None,
            "rotateManagerToken": rotate_manager_token or None,
            "rotateManagerUnlockKey": rotate_unlock_key or None,
        }
        body = (read.spec if found is None else found).to_wire()
        self._transport.call("POST /swarm/update", query=query, body=body)

    def change_swarm(self, change: Callable[[SwarmSpec], SwarmSpec], *, tries: int = 10) -> Swarm:
        """Reads the swarm's settings, changes them and writes them; API 1.24 and later.

        If they were changed by others in between, they are read and changed again. If `change`
        returns an equal spec, nothing is sent.

        Args:
            change: gets the spec and returns the new one, e.g. `lambda spec: attrs.evolve(spec,
                auto_lock=True)`; it may be called several times.
            tries: the number of attempts.

        Returns:
            The swarm after the change.

        Raises:
            OutOfSequence: they were changed by others before each attempt could be written.
            NotAManager: the Engine is not a swarm manager.
            BadRequest: as for `update_swarm`.

        Source: manual v1.55, "Update a swarm".
        """
        write = self._once().update_swarm
        return changed(lambda _: self.inspect_swarm(), None, change, write, tries)

    def swarm_unlock_key(self) -> str:
        """The key that unlocks a manager after a restart, empty without `auto_lock`.

        API 1.25 and later.

        Raises:
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Get the unlock key".
        """
        route = "GET /swarm/unlockkey"
        found = self._transport.call(route).json()
        key = found.get("UnlockKey") if isinstance(found, dict) else None
        if not isinstance(key, str):
            raise UnexpectedReply(f"{route}: an UnlockKey was expected", raw=found)
        return key

    def unlock_swarm(self, key: str) -> None:
        """Unlocks a manager that was restarted; API 1.25 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`. After a timeout the Engine
        may still have been unlocked: `inspect_swarm` shows it.

        Args:
            key: what `swarm_unlock_key` gave before the manager was stopped.

        Raises:
            Unauthorized: another key is needed.
            BadRequest: the text is not a key.
            Conflict: the Engine is not locked.
            NotAManager: the Engine is not in a swarm.

        Source: manual v1.55, "Unlock a locked manager".
        """
        if not isinstance(key, str):
            raise TypeError(f"key: a string was expected, not a {type(key).__name__}")
        if not key:
            raise ValueError("key: it is empty")
        self._transport.call("POST /swarm/unlock", body={"UnlockKey": key}, extra_time=None)

    # Nodes

    def nodes(self, *, filters: Filters | None = None) -> list[Node]:
        """The nodes of the swarm; API 1.24 and later.

        Args:
            filters: `name` matches the beginning of a node's HOST name, `id` that of its id;
                `label` is a label of the node's Engine, `node.label` one given by the swarm (from
                Engine 19.03 on). `role` is `worker` or `manager`. `membership` is `pending` or
                `accepted`; `accepted` finds nothing on any Engine so far.

        Raises:
            NotAManager: the Engine is not a swarm manager.
            ValueError: an unknown filter.
            BadRequest: a value that the filter does not accept; `node.label` on an older Engine
                (ServerError before 17.09).

        Source: manual v1.55, "List nodes".
        """
        query = {"filters": known_filters(filters, *_NODE_FILTERS)}
        rows = self._transport.call("GET /nodes", query=query).json()
        return models.base.rows(models.swarm.Node, rows)

    def inspect_node(self, node: NodeRef) -> Node:
        """All about a node of the swarm, by its id or its host name; API 1.24 and later.

        Raises:
            NotFound: there is no such node.
            BadRequest: several hosts have the name.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect a node".
        """
        return models.swarm.Node.parse(
            self._transport.call("GET /nodes/{id}", node_id(node)).json()
        )

    def update_node(self, node: Node, spec: NodeSpec) -> None:
        """Replaces a node's settings: role, availability, labels; API 1.24 and later.

        The spec replaces all settings: change the spec that was read, or use `change_node`.

        Args:
            node: the value as read; the update is sent with its version.
            spec: the new settings.

        Raises:
            OutOfSequence: it has changed since it was read; the Engine itself changes it, too.
            Conflict: the last manager cannot become a worker.
            NotFound: there is no such node any more.
            NotAManager: the Engine is not a swarm manager.
            TypeError: an id instead of the value: use `change_node`.

        Source: manual v1.55, "Update a node".
        """
        read = check_read("node", models.swarm.Node, node)
        check = models.kinds.instance_of(models.swarm.NodeSpec)
        body = named("spec", check, spec).to_wire()
        query = {"version": read.version}
        self._transport.call("POST /nodes/{id}/update", read.id, query=query, body=body)

    def change_node(
        self, node: NodeRef, change: Callable[[NodeSpec], NodeSpec], *, tries: int = 10
    ) -> Node:
        """Reads a node's settings, changes them and writes them; API 1.24 and later.

        If they were changed in between, they are read and changed again. If `change` returns an
        equal spec, nothing is sent.

        Args:
            change: gets the spec and returns the new one, e.g. `lambda spec: attrs.evolve(spec,
                availability="drain")`; it may be called several times.
            tries: the number of attempts.

        Returns:
            The node after the change.

        Raises:
            OutOfSequence: they had changed before each attempt could be written.
            NotFound: there is no such node.
            Conflict: the last manager cannot become a worker.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Update a node".
        """
        return changed(self.inspect_node, node, change, self._once().update_node, tries)

    def remove_node(self, node: NodeRef, *, force: bool = False) -> None:
        """Removes a node that is down from the swarm; API 1.24 and later.

        Args:
            force: also a node that is not down; the node is not told that it was removed.

        Raises:
            NotFound: there is no such node.
            Conflict: the node is not down; or it is a manager, even with `force`.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Delete a node".
        """
        query = {"force": force or None}
        self._transport.call("DELETE /nodes/{id}", node_id(node), query=query)


def _address(name: str, value: str | None) -> str | None:
    found = text(name, value, empty=False)
    if found is not None and re.search(r"\s|/", found):
        raise ValueError(f"{name}: an address or an interface was expected, not {value!r}")
    return found


def _needed(name: str, value: str) -> str:
    found = _address(name, value)
    if found is None:
        raise TypeError(f"{name}: a string was expected, not None")
    return found


def _between(name: str, value: int | None, least: int, most: int) -> int | None:
    found = whole(name, value, least=least)
    if found is not None and found > most:
        raise ValueError(f"{name}: {least} to {most}, not {value!r}")
    return found


def _pools(values: Iterable[str] | None) -> list[str] | None:
    found = texts("address_pools", values)
    for pool in found or ():
        if "/" not in pool:
            raise ValueError(f"address_pools: a subnet such as 10.20.0.0/16, not {pool!r}")
        named("address_pools", ipaddress.ip_network, pool)
    return found


def _availability(value: str | None) -> str | None:
    if value is None:
        return None
    check = models.kinds.choice("active", "pause", "drain").check
    found: str = named("availability", check, value)
    return found
