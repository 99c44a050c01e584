"""The containers of a list: those that `all`, `limit`, `since`, `before` and filters leave; and the
filters of prunes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from ..http.errors import HttpError
from ..state.container import Container
from ..state.daemon import Daemon
from ..state.images import Image
from ..state.labels import has_label
from ..versions import errors, network_words
from ..versions.dialect import Dialect
from .exchange import Exchange

Filters = dict[str, list[str]]


def selected(daemon: Daemon, exchange: Exchange, limit: int) -> list[Container]:
    """The requested containers, newest first; called with the lock held.

    With a limit or a filter by status, stopped containers are included; up to 1.9 also with `since`
    and `before`. From 1.13.0 on `since` and `before` are only filters.
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
        for value in values if name == "status" and dialect.modern else ():
            if value not in _STATES:
                raise errors.bad_filter(dialect, name, value)


def _between(
    daemon: Daemon, found: list[Container], since: list[str], before: list[str]
) -> list[Container]:
    """The containers created after the first and before the second of these."""
    for asked in since:
        mark = daemon.containers.find(asked)
        found = [one for one in found if one.number > mark.number]
    for asked in before:
        mark = daemon.containers.find(asked)
        found = [one for one in found if one.number < mark.number]
    return found


def _passes(daemon: Daemon, container: Container, filters: Filters) -> bool:
    """Whether one value of each filter matches, and all of the labels do."""
    for name, values in filters.items():
        test = _TESTS.get(name)
        if test is None or not values:
            continue
        fits = (test(daemon, container, value) for value in values)
        if not (all(fits) if name == "label" else any(fits)):
            return False
    return True


def has_labels(labels: dict[str, Any] | None, filters: Filters) -> bool:
    """Whether all labels of `label` exist, and none of `label!`."""
    return all(has_label(labels, value) for value in filters.get("label", ())) and not any(
        has_label(labels, value) for value in filters.get("label!", ())
    )


def of_prune(dialect: Dialect, filters: Filters, **more: str) -> Filters:
    """The filters of the release; from 17.06 on others are refused, before that ignored."""
    known = {"until": "17.4.0", "label": "17.5.0", "label!": "17.5.0", **more}
    for name in filters:
        if name not in known and dialect.since("17.6.0"):
            raise errors.bad_filter(dialect, name)
    return {
        name: found for name, found in filters.items() if dialect.since(known.get(name, "9999.0.0"))
    }


_SECONDS = {"h": 3600, "m": 60, "s": 1}


def until(dialect: Dialect, filters: Filters, *, status_since: str = "23.0.0") -> float:
    """The time before which the objects to prune were created."""
    values = filters.get("until", [])
    if len(values) > 1:
        raise network_words.two_until(dialect)
    if not values:
        return time.time()
    ago = re.fullmatch(r"(?:\d+[hms])+", values[0])
    if ago is not None:
        parts = re.findall(r"(\d+)([hms])", values[0])
        return time.time() - sum(int(number) * _SECONDS[unit] for number, unit in parts)
    if re.fullmatch(r"\d+(\.\d+)?", values[0]):
        return float(values[0])
    error = network_words.bad_until(dialect, values[0])
    raise HttpError(400 if dialect.since(status_since) else 500, error.message)


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
    return any(value in (one.get("Name"), one["Destination"]) for one in container.mounts)


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
    "label": lambda daemon, one, value: has_label(one.config["Labels"], value),
    "name": _named,
    "network": lambda daemon, one, value: value == one.host_config["NetworkMode"],
    "publish": _published,
    "status": lambda daemon, one, value: one.state == value,
    "volume": _mounted,
}
