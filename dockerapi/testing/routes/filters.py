"""The containers of a list: those that `all`, `limit`, `since`, `before` and filters leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..state.container import Container
from ..state.daemon import Daemon
from ..state.images import Image
from ..versions import errors
from ..versions.dialect import Dialect
from .exchange import Exchange

Filters = dict[str, list[str]]


def selected(daemon: Daemon, exchange: Exchange, limit: int) -> list[Container]:
    """The containers that are asked for, newest first; called with the lock held.

    With a limit or a filter by status, stopped containers count, too; up to 1.9 also with `since`
    and `before`. From 1.13.0 on `since` and `before` are filters only.
    """
    dialect = exchange.dialect
    filters = exchange.filters()
    _check(dialect, filters)
    ends = {name: exchange.asked(name) for name in ("since", "before")}
    if dialect.since("1.13.0"):
        ends = dict.fromkeys(ends, "")
    everything = (
        exchange.flag("all")
        or limit > 0
        or bool(filters.get("status"))
        or (any(ends.values()) and not dialect.modern)
    )
    found = daemon.containers.all()
    for name, asked in ends.items():
        filters.setdefault(name, []).extend([asked] if asked else [])
    found = _between(daemon, found, filters.pop("since"), filters.pop("before"))
    found = [one for one in found if everything or one.running is not None]
    found = [one for one in found if _passes(daemon, one, filters)]
    return found[:limit] if limit > 0 else found


def _check(dialect: Dialect, filters: Filters) -> None:
    """Refuse unknown filters; before 1.10.0 they were ignored."""
    for name, values in filters.items():
        if dialect.modern and name not in _TESTS and name not in ("since", "before"):
            raise errors.bad_filter(dialect, name)
        if name == "status" and dialect.since("1.8.0"):
            for value in values:
                if value not in _STATES:
                    raise errors.bad_status(dialect, value)


def _between(
    daemon: Daemon, found: list[Container], since: list[str], before: list[str]
) -> list[Container]:
    """Those made after the first and before the second of these."""
    for asked in since:
        mark = daemon.containers.find(asked)
        found = [one for one in found if one.number > mark.number]
    for asked in before:
        mark = daemon.containers.find(asked)
        found = [one for one in found if one.number < mark.number]
    return found


def _passes(daemon: Daemon, container: Container, filters: Filters) -> bool:
    """One value of each filter fits, and all of the labels do."""
    for name, values in filters.items():
        test = _TESTS.get(name)
        if test is None or not values:
            continue
        fits = (test(daemon, container, value) for value in values)
        if not (all(fits) if name == "label" else any(fits)):
            return False
    return True


def _labelled(daemon: Daemon, container: Container, value: str) -> bool:
    key, equals, wanted = value.partition("=")
    labels: dict[str, Any] = container.config["Labels"] or {}
    return key in labels and (not equals or labels[key] == wanted)


def _named(daemon: Daemon, container: Container, value: str) -> bool:
    return value.strip("^$/") in container.name


def _of_image(daemon: Daemon, container: Container, value: str) -> bool:
    image = daemon.images.get(value)
    if image is None:
        return False
    line: Image | None = container.image
    while line not in (image, None):
        line = daemon.images.parent_of(line)
    return line is image


def _exited(daemon: Daemon, container: Container, value: str) -> bool:
    return container.state == "exited" and str(container.exit_code) == value


def _mounted(daemon: Daemon, container: Container, value: str) -> bool:
    return any(value in (one.get("Name"), one["Destination"]) for one in container.mount_points())


def _exposed(daemon: Daemon, container: Container, value: str) -> bool:
    return (
        _port(value) in (container.config.get("ExposedPorts") or {})
        or _port(value) in container.ports
    )


def _published(daemon: Daemon, container: Container, value: str) -> bool:
    return bool(container.running and container.ports.get(_port(value)))


def _port(value: str) -> str:
    return value if "/" in value else f"{value}/tcp"


_STATES = ("created", "restarting", "running", "removing", "paused", "exited", "dead")
_TESTS: dict[str, Callable[[Daemon, Container, str], bool]] = {
    "ancestor": _of_image,
    "exited": _exited,
    "expose": _exposed,
    "health": lambda daemon, one, value: value == (one.health or {"Status": "none"})["Status"],
    "id": lambda daemon, one, value: one.id.startswith(value),
    "is-task": lambda daemon, one, value: value.lower() in ("false", "0"),
    "isolation": lambda daemon, one, value: not value or value == "default",
    "label": _labelled,
    "name": _named,
    "network": lambda daemon, one, value: value == one.host_config["NetworkMode"],
    "publish": _published,
    "status": lambda daemon, one, value: one.state == value,
    "volume": _mounted,
}
