"""Which routes there are, which releases have them, and what serves each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs

from ...versions.releases import Release
from ..builder import builds
from ..versions.dialect import Dialect
from . import archives, bundles, containers, execs, image_routes, misc, pulling

Serves = Callable[..., None]


def pattern_of(name: str) -> re.Pattern[str]:
    """What paths of a route look like; only a `{name}` can have a slash in it."""
    path = re.escape(name.partition(" ")[2]).replace(r"\{name\}", "(?P<name>.+)")
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]*)", path))


@attrs.frozen
class Route:
    """A route as the manual writes it, from one release on, up to another that has it no more."""

    name: str
    handler: Serves
    since: str = "0.3.3"
    until: str | None = None
    _pattern: re.Pattern[str] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: pattern_of(self.name), True)
    )

    def match(self, method: str, path: str) -> dict[str, Any] | None:
        """What a path names, if it is one of this route."""
        if method != self.name.partition(" ")[0]:
            return None
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()

    def known_to(self, dialect: Dialect) -> bool:
        """Whether the release has it."""
        if not dialect.since(self.since):
            return False
        return self.until is None or dialect.release < Release.parse(self.until)


# In the order in which they are tried. The releases: the routers in their sources.
ROUTES: tuple[Route, ...] = (
    # The Engine itself
    Route("GET /_ping", misc.ping, "0.11.0"),
    Route("HEAD /_ping", misc.ping, "19.3.0"),
    Route("GET /version", misc.version),
    Route("GET /info", misc.info),
    Route("GET /auth", misc.stored_login, until="0.5.1"),
    Route("POST /auth", misc.login),
    Route("GET /events", misc.listen, "0.5.1"),
    # Containers
    Route("GET /containers/json", containers.list_, "0.3.4"),
    Route("GET /containers/ps", containers.list_, until="1.9.0"),
    Route("POST /containers/create", containers.create),
    Route("GET /containers/{id}/json", containers.inspect),
    Route("GET /containers/{id}/top", containers.top, "0.5.0"),
    Route("GET /containers/{id}/logs", containers.logs, "0.11.0"),
    Route("GET /containers/{id}/changes", containers.changes),
    Route("GET /containers/{id}/export", archives.export),
    Route("GET /containers/{id}/stats", containers.stats, "1.5.0"),
    Route("POST /containers/{id}/resize", containers.resize, "0.3.4"),
    Route("POST /containers/{id}/start", containers.start),
    Route("POST /containers/{id}/stop", containers.stop),
    Route("POST /containers/{id}/restart", containers.restart),
    Route("POST /containers/{id}/kill", containers.kill),
    Route("POST /containers/{id}/rename", containers.rename, "1.5.0"),
    Route("POST /containers/{id}/pause", containers.pause, "0.12.0"),
    Route("POST /containers/{id}/unpause", containers.unpause, "0.12.0"),
    Route("POST /containers/{id}/attach", containers.attach),
    Route("GET /containers/{id}/attach/ws", containers.attach_websocket, "0.6.0"),
    Route("POST /containers/{id}/wait", containers.wait),
    Route("DELETE /containers/{id}", containers.remove),
    Route("POST /containers/{id}/copy", archives.copy, "0.6.0", "26.0.0"),
    Route("GET /containers/{id}/archive", archives.get, "1.8.0"),
    Route("HEAD /containers/{id}/archive", archives.stat, "1.8.0"),
    Route("PUT /containers/{id}/archive", archives.put, "1.8.0"),
    Route("POST /containers/{id}/exec", execs.create, "1.3.0"),
    Route("POST /exec/{id}/start", execs.start, "1.3.0"),
    Route("POST /exec/{id}/resize", execs.resize, "1.3.0"),
    Route("GET /exec/{id}/json", execs.inspect, "1.4.0"),
    Route("POST /commit", image_routes.commit),
    # Images
    Route("GET /images/json", image_routes.list_),
    Route("GET /images/viz", image_routes.viz, until="1.7.0"),
    Route("GET /images/search", pulling.search),
    Route("GET /images/get", bundles.save, "1.3.0"),
    Route("POST /images/create", pulling.pull_or_import),
    Route("POST /images/load", bundles.load, "0.6.7"),
    Route("GET /images/{name}/json", image_routes.inspect),
    Route("GET /images/{name}/history", image_routes.history),
    Route("GET /images/{name}/get", bundles.save, "0.6.7"),
    Route("POST /images/{name}/push", pulling.push),
    Route("POST /images/{name}/tag", image_routes.tag),
    Route("POST /images/{name}/insert", pulling.insert, until="0.12.0"),
    Route("DELETE /images/{name}", image_routes.remove),
    Route("POST /build", builds.build, "0.3.4"),
)
