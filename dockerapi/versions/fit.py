"""`fit`: translates a request from its newest shape to that of an older API version.

Callers write every request in its newest shape. `fit` compares it with the rows of `ledger.py`. A
value that the older version keeps at another place is moved there. A route that the version has
under another path is replaced by that one. A part that the version lacks raises `NotSupported`,
which names the part. `fit` is pure, and keeps one rule: every part of the request is returned,
translated by a row, or refused. A part without a row is as old as its route, or newer than this
library; it is returned unchanged.

Most differences follow the API version in use. Some follow the release of the Engine instead
(`release=` of a row); they apply only if the release is given.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import attrs

from ..errors import NotSupported
from .ledger import (
    BROKEN,
    BUILD,
    DEFAULTS,
    IMPLIED_BY_PODMAN,
    NOT_ON_WINDOWS,
    PODMAN_EVENTS,
    PULL,
    PUSH,
    ROWS,
    TAKEN_BY_PODMAN,
    Added,
    CannotTranslate,
    Ignored,
    Moved,
    Removed,
    Replaced,
    Reshaped,
    Row,
)
from .releases import ApiVersion, Release

LEDGER: dict[ApiVersion, tuple[Row, ...]] = {
    ApiVersion.parse(version): rows for version, rows in ROWS.items()
}


@attrs.frozen
class Request:
    """A request in the shape of one API version."""

    route: str
    query: dict[str, Any]
    body: dict[str, Any] | None
    headers: dict[str, str] = attrs.field(factory=dict)


def fit(
    route: str,
    query: Mapping[str, Any],
    body: Mapping[str, Any] | None,
    version: ApiVersion,
    *,
    headers: Mapping[str, str] | None = None,
    release: Release | None = None,
    windows: bool = False,
    newest: ApiVersion | None = None,
    received: Mapping[str, Any] | None = None,
) -> Request:
    """The request in the shape of `version`; `NotSupported` if that version has no such request.

    Args:
        route: in the newest manual's form, e.g. `GET /containers/{id}/logs`; ValueError for one
            that is not in the ledger.
        query: values before encoding: booleans, lists, filters as a mapping of lists.
        body: the JSON object; None for no body, or for one that is not JSON.
        headers: those that are part of the operation (X-Registry-Auth, Content-Type).
        release: the Engine's, for differences that follow the release and not the version.
        windows: the Engine runs on Windows.
        newest: the newest version of the Engine, if the caller pinned another; for messages.
        received: the body as the Engine gave it, if a changed copy of it is sent back. A part that
            equals it is refused only if the Engine would drop that part now.
    """
    for name in query if windows else ():
        if (route, name) in NOT_ON_WINDOWS:
            raise NotSupported(
                f"{route} ?{name} needs an Engine on Linux; this one is on Windows: it has the "
                "classic builder only",
                route=route,
                what=f"?{name}",
                needs="Linux",
                has="Windows",
            )
    if release is not None and release.podman:
        query = _for_podman(route, query, release)
    fitting = _Fitting(route, version, release, newest, received=received)
    return fitting.fit(query, body, headers or {})


def _for_podman(route: str, query: Mapping[str, Any], release: Release) -> dict[str, Any]:
    """The query as Podman takes it; `NotSupported` for BuildKit, which Podman lacks."""
    if route == BUILD and "version" in query:
        raise NotSupported(
            f"{route} ?version needs BuildKit; Podman {release.podman} has another builder only",
            route=route,
            what="?version",
            needs="BuildKit",
            has=f"Podman {release.podman}",
        )
    if route in (PULL, PUSH) and query.get("tag") == "":
        raise NotSupported(
            f"{route} of all tags needs an Engine; Podman {release.podman} takes one tag",
            route=route,
            what="all tags",
            needs="an Engine",
            has=f"Podman {release.podman}",
        )
    asked = {name: value for name, value in query.items() if (route, name) not in IMPLIED_BY_PODMAN}
    filters = asked.get("filters") or {}
    if route == "GET /events" and filters.get("event"):
        named = [PODMAN_EVENTS.get(name, name) for name in filters["event"]]
        asked["filters"] = {**filters, "event": named}
    return asked


def spelled_out(route: str, release: Release | None) -> dict[str, Any]:
    """Newer defaults that an older Engine must be sent; the caller's values override them."""
    if release is None or route not in DEFAULTS:
        return {}
    before, query = DEFAULTS[route]
    return dict(query) if release < Release.parse(before) else {}


def supports(
    route: str,
    version: ApiVersion,
    release: Release | None = None,
    *,
    query: str | None = None,
    header: str | None = None,
) -> bool:
    """Whether `version` has the route, or an equivalent one.

    With `query` or `header`: whether it also has that parameter or header, in any form.
    """
    rows = _differences(route, version, release)
    if _broken(route, version, release) is not None:
        return False
    if rows.replaced is not None:
        return supports(rows.replaced.row.was, version, release, query=query, header=header)
    missing = {(entry.part, entry.path) for entry in (*rows.added, *rows.removed)}
    asked: set[tuple[str, tuple[str | None, ...]]] = {
        ("query", (query,)),
        ("headers", (header,)),
    }
    for entry in rows.moved:
        if (entry.part, entry.path) in asked:
            asked.add(("body" if entry.row.into_body else entry.part, _path(entry.row.was)))
    return rows.route is None and missing.isdisjoint(asked)


def split_create_body(
    body: Mapping[str, Any], version: ApiVersion, release: Release | None = None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The body of create, split into one for create and one for start.

    Below API 1.15 start takes the host config, except the fields that create's config had then.
    From 1.15 on create takes everything, and the second body is None.
    """
    rows = _differences("POST /containers/create", version, release)
    host_config = body.get("HostConfig") or {}
    if not host_config or not any(entry.path == ("HostConfig",) for entry in rows.added):
        return dict(body), None
    moved = {entry.path[1] for entry in rows.moved if entry.path[0] == "HostConfig"}
    at_create = {key: value for key, value in host_config.items() if key in moved}
    made = {key: value for key, value in body.items() if key != "HostConfig"}
    if at_create:
        made["HostConfig"] = at_create
    at_start = {key: value for key, value in host_config.items() if key not in moved}
    return made, at_start or None


def split_networks(
    body: Mapping[str, Any], version: ApiVersion, release: Release | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body of create, and the networks that the container joins after it.

    From API 1.44 on create takes all networks. Below it takes one: that of the network mode, or the
    first.
    """
    config = body.get("NetworkingConfig") or {}
    further = dict(config.get("EndpointsConfig") or {})
    rows = _differences("POST /containers/create", version, release)
    place = ("NetworkingConfig", "EndpointsConfig")
    if len(further) < 2 or not any(entry.path == place for entry in rows.reshaped):
        return dict(body), {}
    mode = (body.get("HostConfig") or {}).get("NetworkMode")
    first = mode if mode in further else next(iter(further))
    at_create = {**config, "EndpointsConfig": {first: further.pop(first)}}
    return {**body, "NetworkingConfig": at_create}, further


# Implementation

_Path = tuple[str, ...]


@attrs.frozen
class _Entry:
    """A row of the ledger, with its version and with its place as a path."""

    version: ApiVersion
    row: Any
    part: str = ""
    path: _Path = ()
    release: Release | None = None


@attrs.frozen
class _Differences:
    """The rows that separate a version from the newest shape of one route, newest first."""

    route: _Entry | None  # the row that rules out the whole route
    replaced: _Entry | None
    moved: tuple[_Entry, ...]
    reshaped: tuple[_Entry, ...]
    added: tuple[_Entry, ...]
    removed: tuple[_Entry, ...]
    ignored: tuple[_Entry, ...]


def _path(place: str) -> _Path:
    return () if place == "." else tuple(place.split("."))


def _entry(version: ApiVersion, row: Row) -> _Entry:
    if isinstance(row, Replaced):
        return _Entry(version, row)
    release = Release.parse(row.release) if row.release else None
    if row.header is not None:
        return _Entry(version, row, "headers", (row.header,), release)
    for part, place in (("query", row.query), ("body", row.body)):
        if place is not None:
            return _Entry(version, row, part, _path(place), release)
    return _Entry(version, row, release=release)


@functools.lru_cache(maxsize=1)
def _by_route() -> dict[str, list[tuple[ApiVersion, Row]]]:
    found: dict[str, list[tuple[ApiVersion, Row]]] = {}
    for version in sorted(LEDGER, reverse=True):
        for row in LEDGER[version]:
            found.setdefault(row.route, []).append((version, row))
    return found


@functools.lru_cache(maxsize=1024)
def _differences(
    route: str, version: ApiVersion, release: Release | None, podman: str = ""
) -> _Differences:
    """`podman` is passed for the cache: equal values of `Release` may differ in it."""
    rows = _by_route().get(route)
    if rows is None:
        raise ValueError(f"no such route in the ledger: {route!r}")
    entries = [_entry(version, row) for version, row in rows]

    def young(entry: _Entry) -> bool:
        if _is_taken(podman, route, entry.row):
            return False
        too_old = release is not None and entry.release is not None and release < entry.release
        return version < entry.version or too_old

    def elsewhere(entry: _Entry) -> bool:
        if release is not None and entry.release is not None:
            return release < entry.release
        return version < entry.version

    def of(kind: type[Row], holds: Callable[[_Entry], bool]) -> tuple[_Entry, ...]:
        return tuple(entry for entry in entries if isinstance(entry.row, kind) and holds(entry))

    added = of(Added, young)
    removed = of(Removed, lambda entry: entry.version <= version)
    replaced = of(Replaced, young)
    return _Differences(
        route=next((entry for entry in (*removed, *added) if not entry.part), None),
        replaced=replaced[0] if replaced else None,
        moved=of(Moved, elsewhere),
        reshaped=of(Reshaped, elsewhere),
        added=tuple(entry for entry in added if entry.part),
        removed=tuple(entry for entry in removed if entry.part),
        ignored=of(Ignored, elsewhere),
    )


def _is_taken(podman: str, route: str, row: Row) -> bool:
    """Whether this release of Podman takes a field that its API version lacks."""
    first = TAKEN_BY_PODMAN.get((route, getattr(row, "body", None) or "")) if podman else None
    try:
        return first is not None and Release.parse(podman) >= Release.parse(first)
    except ValueError:  # an unofficial build
        return False


def _broken(route: str, version: ApiVersion, release: Release | None) -> tuple[str, str] | None:
    """What this release answers wrongly under this version; None if the answer is right.

    The first version that is answered rightly, and what the release does below it.
    """
    if route not in BROKEN or release is None:
        return None
    first, fixed, needs, what = BROKEN[route]
    wrong = Release.parse(first) <= release < Release.parse(fixed)
    return (needs, what) if wrong and version < ApiVersion.parse(needs) else None


class _Fitting:
    """One run of `fit`: the request so far, and the newest place of each part that was moved."""

    def __init__(
        self,
        route: str,
        version: ApiVersion,
        release: Release | None,
        newest: ApiVersion | None,
        asked: str | None = None,
        received: Mapping[str, Any] | None = None,
    ) -> None:
        self._route = route
        self._version = version
        self._release = release
        self._newest = newest
        self._asked = asked or route  # messages name the route that the caller wrote
        self._received = received
        self._rows = _differences(route, version, release, release.podman if release else "")
        self._parts: dict[str, Any] = {}
        self._origins: dict[tuple[str, _Path], tuple[str, _Path]] = {}

    def fit(
        self, query: Mapping[str, Any], body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Request:
        self._parts = {"query": query, "body": body, "headers": headers}
        if self._rows.route is not None:
            self._refuse(self._rows.route, "")
        self._check_broken()
        for entry in self._rows.ignored:
            self._check_ignored(entry)
        for entry in self._rows.moved:
            self._move(entry)
        for entry in (*self._rows.removed, *self._rows.added):
            self._check(entry)
        for entry in self._rows.reshaped:
            if _holds(self._parts[entry.part], entry.path) and not self._goes_back(entry):
                value, rest = _taken(self._parts[entry.part], entry.path)
                value = self._turned(entry, value)
                self._parts[entry.part] = _with(rest, entry.path, value)
        if self._rows.replaced is not None:
            return self._replace(self._rows.replaced)
        parts = self._parts
        return Request(
            self._route,
            dict(parts["query"]),
            None if parts["body"] is None else dict(parts["body"]),
            dict(parts["headers"]),
        )

    def _check_broken(self) -> None:
        broken = _broken(self._route, self._version, self._release)
        if broken is not None:
            needs, what = broken
            raise NotSupported(
                f"{self._asked} needs API {needs} on Engine {self._release}, which {what} below; "
                f"API {self._version} was asked for",
                route=self._asked,
                needs=needs,
                has=str(self._version),
            )

    def _check_ignored(self, entry: _Entry) -> None:
        tree = self._parts[entry.part]
        if _holds(tree, entry.path) and entry.row.found(_taken(tree, entry.path)[0]):
            named = f"{self._named(entry.part, entry.path)} " if entry.path else ""
            self._refuse(entry, f"{named}with {entry.row.what}")

    def _move(self, entry: _Entry) -> None:
        if not _holds(self._parts[entry.part], entry.path):
            return
        value, self._parts[entry.part] = _taken(self._parts[entry.part], entry.path)
        part = "body" if entry.row.into_body else entry.part
        path = _path(entry.row.was)
        self._origins[part, path] = self._origins.get(
            (entry.part, entry.path), (entry.part, entry.path)
        )
        value = self._turned(entry, value)
        if _holds(self._parts[part], path):
            raise ValueError(
                f"{self._asked}: {self._named(part, path)} is given twice, since API "
                f"{self._version} knows it as {entry.row.was!r}"
            )
        self._parts[part] = _with(self._parts[part], path, value)

    def _check(self, entry: _Entry) -> None:
        tree = self._parts[entry.part]
        if not _holds(tree, entry.path):
            return
        implied = getattr(entry.row, "implied", None)
        if implied is not None:
            value, rest = _taken(tree, entry.path)
            if value == implied:
                self._parts[entry.part] = rest
                return
        if not self._goes_back(entry):
            self._refuse(entry, self._named(entry.part, entry.path))

    def _goes_back(self, entry: _Entry) -> bool:
        """Whether the part equals what was received, and the Engine takes it or loses nothing."""
        if self._received is None or entry.part != "body":
            return False
        given = list(_values(self._received, entry.path))
        found = list(_values(self._parts["body"], entry.path))
        return all(value in given for value in found) and (entry.row.kept or not any(found))

    def _turned(self, entry: _Entry, value: Any) -> Any:
        if entry.row.turn is None:
            return value
        try:
            return entry.row.turn(value)
        except CannotTranslate as error:
            self._refuse(entry, f"{self._named(entry.part, entry.path)} with {error}", error)

    def _replace(self, entry: _Entry) -> Request:
        query, body, row = self._parts["query"], self._parts["body"], entry.row
        if row.translate is not None:
            try:
                query, body = row.translate(query, body)
            except CannotTranslate as error:
                self._refuse(entry, str(error), error)
        other = _Fitting(row.was, self._version, self._release, self._newest, self._asked)
        return other.fit(query, body, self._parts["headers"])

    def _named(self, part: str, path: _Path) -> str:
        part, path = self._origins.get((part, path), (part, path))
        place = ".".join(path) or "with a body"
        return f"?{place}" if part == "query" else place

    def _refuse(self, entry: _Entry, what: str, cause: Exception | None = None) -> NoReturn:
        row = entry.row
        needs, has = str(entry.version), str(self._version)
        spoken = f"the Engine speaks {has}"
        if self._newest not in (None, self._version):
            spoken = f"API {has} was asked for (the Engine speaks {self._newest})"
        if isinstance(row, Removed):
            words, needs = f"was removed in API {needs}; {spoken}", f"before {needs}"
        elif self._by_release(entry):
            needs, has = str(entry.release), str(self._release)
            words = f"needs Engine {needs}; this one is {has}"
        else:
            words = f"needs API {needs}; {spoken}"
        instead = getattr(row, "instead", "")
        message = f"{self._asked} {what}".rstrip() + f" {words}" + (instead and f": {instead}")
        raise NotSupported(message, route=self._asked, what=what, needs=needs, has=has) from cause

    def _by_release(self, entry: _Entry) -> bool:
        if self._release is None or entry.release is None:
            return False
        return not isinstance(entry.row, Added) or self._version >= entry.version


# Paths in a request; these functions never change their arguments


def _holds(tree: Any, path: _Path) -> bool:
    """Whether `path` is set; an empty body counts as not set."""
    if not path:
        return tree is not None and tree != {}
    return _has(tree, path)


def _has(tree: Any, path: _Path) -> bool:
    if not path:
        return True
    if isinstance(tree, (list, tuple)):
        return any(_has(item, path) for item in tree)
    if not isinstance(tree, Mapping):
        return False
    if path[0] == "*":
        return any(_has(item, path[1:]) for item in tree.values())
    return path[0] in tree and _has(tree[path[0]], path[1:])


def _values(tree: Any, path: _Path) -> Iterator[Any]:
    """The values at `path`, one for every item of the lists on the way."""
    if not path:
        yield tree
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _values(item, path)
    elif isinstance(tree, Mapping) and path[0] in tree:
        yield from _values(tree[path[0]], path[1:])


def _taken(tree: Mapping[str, Any], path: _Path) -> tuple[Any, dict[str, Any]]:
    """The value at `path`, and the tree without it and without parents left empty."""
    if not path:
        return tree, {}
    rest = dict(tree)
    if len(path) == 1:
        return rest.pop(path[0]), rest
    value, inner = _taken(rest[path[0]], path[1:])
    if inner:
        rest[path[0]] = inner
    else:
        del rest[path[0]]
    return value, rest


def _with(tree: Mapping[str, Any] | None, path: _Path, value: Any) -> Any:
    """A copy of the tree with `value` at `path`."""
    if not path:
        return value
    inner = (tree or {}).get(path[0])
    return {**(tree or {}), path[0]: _with(inner, path[1:], value)}
