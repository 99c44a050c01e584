"""What answers look like in each version: the newest shape goes in, the version's comes out.

"Newest" is the JSON that Engine 28.5 gives at API 1.51: ids of images are `sha256:` and 64 hex,
those of containers 64 hex. What only older versions have goes along as an extra key, which each
function names. The functions know versions; whoever calls them does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .dialect import Dialect
from .events import Event

Json = dict[str, Any]

# The Engine itself.


def version(dialect: Dialect) -> Json:
    """GET /version."""
    return {"Version": str(dialect.release), "ApiVersion": str(dialect.api)}


def info(dialect: Dialect, counts: dict[str, int]) -> Json:
    """GET /info."""
    return dict(counts)


def login(dialect: Dialect) -> Json:
    """POST /auth that succeeded."""
    return {"Status": "Login Succeeded"}


def event(dialect: Dialect, event: Event) -> Json:
    """One of GET /events."""
    return {"status": event.action, "id": event.id}


# Containers.


def created(dialect: Dialect, id: str, warnings: Sequence[str] = ()) -> Json:
    """POST /containers/create."""
    return {"Id": id, "Warnings": list(warnings)}


def container(dialect: Dialect, newest: Json) -> Json:
    """GET /containers/{id}/json.

    Everything of `HostConfig` and `Config` is in its newest place. Extra key: `Volumes`, which maps
    each path in the container to one of the host (`VolumesRW` comes of `Mounts`).
    """
    return newest


def container_rows(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /containers/json; `SizeRw` and `SizeRootFs` are in a row if they were asked for."""
    return rows


def waited(dialect: Dialect, exit_code: int) -> Json:
    """POST /containers/{id}/wait."""
    return {"StatusCode": exit_code}


def changes(dialect: Dialect, rows: list[Json]) -> list[Json] | None:
    """GET /containers/{id}/changes; nothing changed is null or [], by release."""
    return rows or None


def top(dialect: Dialect, titles: list[str], processes: list[list[str]]) -> Json:
    """GET /containers/{id}/top; the columns of `ps -ef`, or those asked for."""
    return {"Titles": titles, "Processes": processes}


def stats(dialect: Dialect, newest: Json) -> Json:
    """One value of GET /containers/{id}/stats."""
    return newest


def exec_created(dialect: Dialect, id: str) -> Json:
    """POST /containers/{id}/exec."""
    return {"Id": id}


def exec_instance(dialect: Dialect, newest: Json, container: Json) -> Json:
    """GET /exec/{id}/json; `container` is its newest inspect, which old answers hold whole."""
    return newest


# Images.


def image_rows(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /images/json; the newest has one row per image, old ones have one per tag."""
    return rows


def image(dialect: Dialect, newest: Json) -> Json:
    """GET /images/{name}/json.

    Extra keys, which old answers have: `Container` (an id or ""), `ContainerConfig` (a dict).
    """
    return newest


def history(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /images/{name}/history."""
    return rows


def committed(dialect: Dialect, id: str) -> Json:
    """POST /commit."""
    return {"Id": id}


def removed(dialect: Dialect, rows: list[Json]) -> list[Json] | None:
    """DELETE /images/{name}: rows of `Untagged` or `Deleted`; None is an empty 204."""
    return rows


def found(dialect: Dialect, rows: list[Json]) -> list[Json]:
    """GET /images/search."""
    return rows


# What long operations report, value by value, with what separates one from the next. A value is
# as newest Engines write it: `status`, `id`, `progress`, `progressDetail`, `stream`, `aux`, or
# `error` with `errorDetail`. One that the version does not have is b"".


def progress_type(dialect: Dialect) -> str:
    """The content type of pull, push, import and insert."""
    return "application/json"


def progress(dialect: Dialect, value: Json) -> bytes:
    """A value of pull, push, import or insert; plain text in 1.0."""
    return dialect.stream_value(value)


def build_type(dialect: Dialect) -> str:
    """The content type of a build."""
    return "application/json"


def build(dialect: Dialect, value: Json) -> bytes:
    """A value of a build; plain text below 1.8."""
    return dialect.stream_value(value)


def load_type(dialect: Dialect) -> str | None:
    """The content type of a load; None where it answers an empty 200."""
    return "application/json"


def load(dialect: Dialect, value: Json) -> bytes:
    """A value of a load."""
    return dialect.stream_value(value)
