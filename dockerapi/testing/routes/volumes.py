"""The routes about volumes. There is no swarm, and no driver but the Engine's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..http.errors import HttpError
from ..state.daemon import Daemon
from ..state.described import when
from ..state.labels import has_label
from ..state.volumes import Volume
from ..versions import errors, keys, volume_words
from ..versions.dialect import Dialect
from .exchange import Exchange
from .filters import Filters, has_labels, of_prune
from .networks import body_of

Json = dict[str, Any]

_ANONYMOUS = "com.docker.volume.anonymous"
_FILTERS = {"dangling": "1.9.0", "name": "1.12.0", "driver": "1.12.0", "label": "1.13.0"}


def list_(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    try:
        asked = exchange.filters()
    except HttpError as error:
        raise HttpError(dialect.bad_request, error.message) from error
    filters = _known(dialect, asked)
    with daemon.lock:
        rows = [
            shaped(dialect, one) for one in daemon.volumes.all() if _passes(daemon, one, filters)
        ]
    found: Json = {"Volumes": rows if rows or dialect.since("18.6.0") else None}
    exchange.answer_json({**found, "Warnings": None} if dialect.modern else found)


def _known(dialect: Dialect, filters: Filters) -> Filters:
    """The filters of the release; 1.9 ignores others, later ones refuse them."""
    for name in filters:
        if dialect.modern and not dialect.since(_FILTERS.get(name, "9999.0.0")):
            raise errors.bad_filter(dialect, name)
    found = {
        name: values
        for name, values in filters.items()
        if dialect.since(_FILTERS.get(name, "9999.0.0"))
    }
    dangling = found.get("dangling", [])
    if len(dangling) > 1 and (not dialect.modern or dialect.since("23.0.0")):
        raise volume_words.two_dangling(dialect, dangling)
    if dangling and dangling[0] not in ("true", "1"):
        if not dialect.modern:
            del found["dangling"]
        elif dangling[0] not in ("false", "0"):
            raise errors.bad_filter(dialect, "dangling", dangling[0])
    return found


def _passes(daemon: Daemon, volume: Volume, filters: Filters) -> bool:
    tests: dict[str, Callable[[str], bool]] = {
        "dangling": lambda value: (value in ("true", "1")) is not bool(users(daemon, volume)),
        "name": lambda value: value in volume.name,
        "driver": lambda value: value == "local",
    }
    labels = all(has_label(volume.asked.get("Labels"), value) for value in filters.get("label", ()))
    return labels and all(
        any(test(value) for value in filters[name][: 1 if name == "dangling" else None])
        for name, test in tests.items()
        if filters.get(name)
    )


def users(daemon: Daemon, volume: Volume) -> list[str]:
    """The ids of the containers that use it."""
    return [
        one.id
        for one in daemon.containers.all()
        if volume.name in [mount.get("Name") for mount in one.mounts]
    ]


def shaped(dialect: Dialect, volume: Volume, **more: Any) -> Json:
    """GET /volumes/{name}."""
    labels = volume.asked.get("Labels")
    if volume.is_anonymous and dialect.since("23.0.0"):
        labels = {**(labels or {}), _ANONYMOUS: ""}
    nothing: Json | None = None if dialect.since("17.3.0") else {}
    newest = {
        "Name": volume.name,
        "Driver": "local",
        "Mountpoint": f"/var/lib/docker/volumes/{volume.name}/_data",
        "CreatedAt": f"{when(volume.created)[:19]}Z",
        "Labels": labels,
        "Scope": "local",
        "Options": volume.asked.get("DriverOpts") or nothing,
    }
    return {**keys.VOLUME.shaped(dialect, newest), **more}


def inspect(daemon: Daemon, exchange: Exchange, name: str) -> None:
    with daemon.lock:
        found = shaped(exchange.dialect, daemon.volumes.find(name))
    exchange.answer_json(found)


def create(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    asked = body_of(exchange)
    name, driver = str(asked.get("Name") or ""), str(asked.get("Driver") or "local")
    if not dialect.since("1.11.0"):
        asked.pop("Labels", None)
        asked.pop("DriverOpts", None)
    if asked.get("ClusterVolumeSpec") and dialect.since("23.0.0") and dialect.speaks("1.42"):
        raise volume_words.no_swarm()
    with daemon.lock:
        old = daemon.volumes.get(name)
        if driver != "local":
            raise volume_words.no_plugin(dialect, name, driver, there=old is not None)
        if old is None:
            _check(dialect, name, asked.get("DriverOpts") or {})
        volume = daemon.volumes.create(asked)
        if old is None:
            daemon.events.tell("volume", "create", volume.name, driver="local")
    exchange.answer_json(shaped(dialect, volume), 201)


def _check(dialect: Dialect, name: str, options: Json) -> None:
    if name and not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", name):
        raise volume_words.bad_name(dialect, name)
    for key in options:
        if key not in ("type", "o", "device"):
            raise volume_words.bad_option(dialect, name, key)
    if options and "device" not in options and dialect.since("19.3.0"):
        raise HttpError(400, f'create {name}: missing required option: "device"')


def update(daemon: Daemon, exchange: Exchange, name: str) -> None:
    raise HttpError(503, "volume update only valid for cluster volumes, but swarm is unavailable")


def remove(daemon: Daemon, exchange: Exchange, name: str) -> None:
    dialect = exchange.dialect
    force = exchange.flag("force") and dialect.since("1.13.0")
    with daemon.lock:
        volume = daemon.volumes.get(name) if force else daemon.volumes.find(name)
        if volume is not None:
            used = users(daemon, volume)
            # 1.13 also forgets a volume that is in use.
            if used and (not force or dialect.since("17.3.1")):
                raise volume_words.in_use(dialect, name, used)
            _gone(daemon, volume)
    exchange.answer(204)


def _gone(daemon: Daemon, volume: Volume) -> None:
    daemon.volumes.remove(volume)
    daemon.events.tell("volume", "destroy", volume.name, driver="local")


def prune(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    asked = exchange.filters()
    if "until" in asked and dialect.since("17.6.0"):
        raise errors.bad_filter(dialect, "until")
    if "all" in asked and dialect.since("17.6.0") and not dialect.since("23.0.0"):
        raise errors.bad_filter(dialect, "all")
    filters = of_prune(dialect, asked, all="23.0.0")
    everything = volume_words.every(filters.get("all", []))
    if not (dialect.since("23.0.0") and dialect.speaks("1.42")):
        everything = True
    with daemon.lock:
        gone = [
            one
            for one in daemon.volumes.all()
            if (everything or one.is_anonymous)
            and not users(daemon, one)
            and not (one.asked.get("DriverOpts") and dialect.since("18.6.0"))
            and has_labels(one.asked.get("Labels"), filters)
        ]
        for volume in gone:
            _gone(daemon, volume)
    names = [one.name for one in gone]
    told = names if names or dialect.since("18.6.0") else None
    exchange.answer_json({"VolumesDeleted": told, "SpaceReclaimed": 0})
