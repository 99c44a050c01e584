"""Volumes (manual v1.55, "Volume")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import models
from ..errors import Conflict, UnexpectedReply, named, shown
from ..protocol.reference import VolumeRef, new_volume_name, volume_name
from .operations import Operations, warn
from .parameters import Filters, known_filters, text

if TYPE_CHECKING:
    from ..models.pruned import Pruned
    from ..models.settings import Kind, Words
    from ..models.volumes import ClusterVolumeSpec, Volume


_LIST_FILTERS = ("dangling", "driver", "label", "name")
_PASSWORD = re.compile(r"(?i)(pass(word|wd)?=)[^,']*")


def _checked(name: str, kind: Kind, value: Any) -> Any:
    return None if value is None else named(name, kind.check, value)


class VolumesMixin(Operations):
    """Volumes."""

    def volumes(self, *, filters: Filters | None = None) -> list[Volume]:
        """All volumes; API 1.21 and later.

        Warnings of the Engine, e.g. about a driver that does not answer, are logged. Blocks until
        the Engine is done, at most for `Timeouts(idle=)`. Engines up to 26.1 look up to 15 seconds
        for a missing driver, and meanwhile do not list the volumes of other drivers.

        Args:
            filters: `dangling` (True: no container uses it; False, from Engine 1.10 on: one does);
                `name`, matched anywhere, and `driver` from API 1.24 on; `label` from 1.25.

        Raises:
            ValueError: an unknown filter.
            BadRequest: a value that the filter does not accept; ServerError before 17.09.

        Source: manual v1.55, "List volumes".
        """
        given = known_filters(filters, *_LIST_FILTERS) or {}
        if len(given.get("dangling", ())) > 1:  # 20.10 would take both for True
            raise ValueError(f"filters: dangling: one value was expected, not {given['dangling']}")
        query = {"filters": given or None}
        found = self._transport.call("GET /volumes", query=query, extra_time=None).json()
        if not isinstance(found, dict):
            raise UnexpectedReply(
                f"GET /volumes: an object was expected, not {shown(found)}", raw=found
            )
        for warning in found.get("Warnings") or ():
            warn(__name__, "volumes: %s", warning)
        return models.base.rows(models.volumes.Volume, found.get("Volumes"))

    def inspect_volume(self, volume: VolumeRef) -> Volume:
        """All about a volume; API 1.21 and later.

        Raises:
            VolumeNotFound: there is no such volume.

        Source: manual v1.55, "Inspect a volume".
        """
        reply = self._transport.call("GET /volumes/{name}", volume_name(volume))
        return models.volumes.Volume.parse(reply.json())

    def create_volume(
        self,
        name: str | None = None,
        *,
        driver: str | None = None,
        options: Mapping[str, str] | None = None,
        labels: Words | None = None,
        cluster: ClusterVolumeSpec | None = None,
    ) -> Volume:
        """A new volume, or the existing one with the name; API 1.21 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`. The Engine looks 15 seconds
        for an unknown driver.

        Args:
            name: None lets the Engine choose.
            driver: None is the Engine's own, `local`.
            options: options of the driver, e.g. `{"type": "tmpfs", "device": "tmpfs", "o":
                "size=64m"}`; for `local` from API 1.23 on.
            labels: a mapping; API 1.23 and later.
            cluster: the settings of a swarm's volume; API 1.42 and later.

        Raises:
            Conflict: a volume of that name exists with another driver, other options or other
                labels than those given; it is unchanged. Engines report labels from API 1.23 on,
                and options from 1.25.
            PluginNotFound: there is no such driver.
            BadRequest: options that the driver refuses; ServerError before 17.09.
            NotAManager: `cluster`, and the Engine is not a swarm manager.
            ValueError: an invalid name.

        Source: manual v1.55, "Create a volume".
        """
        route = "POST /volumes/create"
        given = {
            "Driver": text("driver", driver, empty=False),
            "Options": _checked("options", models.kinds.WORDS, options),
            "Labels": _checked("labels", models.kinds.LABELS, labels),
        }
        spec = models.kinds.given("cluster", models.volumes.ClusterVolumeSpec, cluster)
        body = {
            "Name": new_volume_name(name, driver),
            "Driver": given["Driver"],
            "DriverOpts": given["Options"],
            "Labels": given["Labels"],
            "ClusterVolumeSpec": None if spec is None else spec.to_wire(),
        }
        reply = self._transport.call(route, body=body, extra_time=None)
        made = models.volumes.Volume.parse(reply.json())
        for key, wanted in given.items():
            # The Engine returns an existing volume without comparing it with the request.
            if name is not None and wanted is not None and key in made.raw:
                found = made.raw[key] or type(wanted)()
                if found not in (wanted, f"{wanted}:latest"):
                    words = f"volume {name} has {key.lower()} {found!r}, and not {wanted!r}"
                    raise Conflict(_PASSWORD.sub(r"\1***", words), route=route, status=409)
        return made

    def update_volume(self, volume: Volume, *, availability: str) -> None:
        """Changes whether tasks may use a cluster volume; API 1.42 and later.

        Nothing else of a cluster volume can be changed.

        Args:
            volume: the value as read; the update is sent with its version.
            availability: `active`, `pause` (no new tasks may use it) or `drain` (no task may use
                it).

        Raises:
            OutOfSequence: it has changed since it was read.
            VolumeNotFound: there is no such volume.
            ServerError: the Engine is not a swarm manager.
            ValueError: it is not a cluster volume.

        Source: manual v1.55, "Update a volume".
        """
        named("volume", models.kinds.instance_of(models.volumes.Volume), volume)
        cluster = volume.cluster
        if cluster is None or cluster.spec is None:
            raise ValueError(f"volume: {volume.name} is no volume of a cluster")
        checked = models.volumes.ClusterVolumeSpec(availability=availability).availability
        body = {"Spec": {**cluster.spec.to_wire(), "Availability": checked}}
        # By id: no release so far finds a cluster volume by its name.
        query = {"version": cluster.version}
        self._transport.call("PUT /volumes/{name}", cluster.id, query=query, body=body)

    def remove_volume(self, volume: VolumeRef, *, force: bool = False) -> None:
        """Removes a volume and its content; API 1.21 and later.

        Args:
            force: succeed even if the volume's driver has lost it, or if it does not exist; API
                1.25 and later, from Engine 17.03.1 on. Older Engines would also forget a volume
                that is in use.

        Raises:
            VolumeNotFound: there is no such volume; not with `force`.
            InUse: containers use it, running or not; `users` has their ids, from Engine 1.13 on.

        Source: manual v1.55, "Remove a volume".
        """
        query = {"force": force or None}
        self._transport.call("DELETE /volumes/{name}", volume_name(volume), query=query)

    def prune_volumes(self, *, all: bool = False, filters: Filters | None = None) -> Pruned:
        """Removes every anonymous volume that no container uses.

        API 1.42 and later, and with `all` 1.25 and later. Volumes with driver options stay, and
        volumes of other drivers than `local`. Blocks until the Engine is done, at most for
        `Timeouts(idle=)`.

        Args:
            all: named volumes as well. Below API 1.42 Engines always remove those, so `all` must be
                given.
            filters: `label` and `label!`, from API 1.29 on; older Engines would ignore them and
                remove everything.

        Returns:
            The names of the removed volumes, and the bytes freed.

        Raises:
            Busy: another prune is running.
            ValueError: an unknown filter.

        Source: manual v1.55, "Delete unused volumes".
        """
        route = "POST /volumes/prune"
        given = known_filters(filters, "label", "label!", all=("all",)) or {}
        if all:
            given["all"] = ["true"]
        else:
            self._transport.require(route, query={"filters": {"all": ["false"]}})
        reply = self._transport.call(route, query={"filters": given or None}, extra_time=None)
        return models.pruned.Pruned.parse(reply.json())
