"""All routes, the releases that have them, and their handlers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import attrs

from ..http.errors import HttpError
from ..state.daemon import Daemon
from ..state.errors import (
    AddressTaken,
    NameTaken,
    NoCommand,
    NoContainer,
    NoExec,
    NoImage,
    NoNetwork,
    NoVolume,
    PoolTaken,
    Several,
    StateError,
)
from ..versions import errors, network_words, volume_words
from ..versions.dialect import Dialect
from . import (
    archives,
    build,
    bundles,
    checkpoints,
    containers,
    create,
    engine,
    execs,
    images,
    networks,
    plugins,
    pulls,
    removal,
    streams,
    swarm,
    update,
    usage,
    volumes,
)
from .exchange import Exchange

Serves = Callable[..., None]

# The answer to each StateError, from the error's arguments
TOLD: dict[type[StateError], Callable[..., HttpError]] = {
    AddressTaken: network_words.address_taken,
    NameTaken: errors.name_taken,
    NoCommand: errors.no_command,
    NoContainer: errors.no_container,
    NoExec: errors.no_exec,
    NoImage: errors.no_image,
    NoNetwork: network_words.no_network,
    NoVolume: volume_words.no_volume,
    PoolTaken: network_words.pool_taken,
    Several: network_words.several,
}


@attrs.frozen
class Route:
    """A route as in the manual; `until` is the first release without it."""

    name: str
    handler: Serves
    since: str = "0.3.3"
    until: str | None = None

    def known_to(self, dialect: Dialect) -> bool:
        """Whether the release has it."""
        return dialect.since(self.since) and not (self.until and dialect.since(self.until))

    def serve(self, daemon: Daemon, exchange: Exchange, subject: dict[str, str]) -> None:
        """Answer a request; a `StateError` is reported in the words of the version."""
        try:
            self.handler(daemon, exchange, **subject)
        except StateError as error:
            raise TOLD[type(error)](exchange.dialect, *error.args) from error


# Releases: from the routers in their sources
ROUTES: tuple[Route, ...] = (
    # The Engine itself
    Route("GET /_ping", engine.ping, "0.11.0"),
    Route("HEAD /_ping", engine.ping, "19.3.0"),
    Route("GET /version", engine.version),
    Route("GET /info", engine.info),
    Route("GET /auth", engine.stored_login, until="0.5.1"),
    Route("POST /auth", engine.login),
    Route("GET /events", engine.listen, "0.5.1"),
    # Containers
    Route("GET /containers/json", containers.list_, "0.3.4"),
    Route("GET /containers/ps", containers.list_, until="1.9.0"),
    Route("POST /containers/create", create.create),
    Route("GET /containers/{id}/json", containers.inspect),
    Route("GET /containers/{id}/top", containers.top, "0.5.0"),
    Route("GET /containers/{id}/logs", streams.logs, "0.11.0"),
    Route("GET /containers/{id}/changes", containers.changes),
    Route("GET /containers/{id}/export", archives.export),
    Route("GET /containers/{id}/stats", containers.stats, "1.5.0"),
    Route("POST /containers/{id}/resize", containers.resize, "0.3.4"),
    Route("POST /containers/{id}/start", containers.start),
    Route("POST /containers/{id}/stop", containers.stop),
    Route("POST /containers/{id}/restart", containers.restart),
    Route("POST /containers/{id}/kill", containers.kill),
    Route("POST /containers/{id}/update", update.update, "1.10.0"),
    Route("POST /containers/{id}/rename", containers.rename, "1.5.0"),
    Route("POST /containers/{id}/pause", containers.pause, "0.12.0"),
    Route("POST /containers/{id}/unpause", containers.unpause, "0.12.0"),
    Route("POST /containers/{id}/attach", streams.attach),
    Route("GET /containers/{id}/attach/ws", streams.attach_websocket, "0.6.0"),
    Route("POST /containers/{id}/wait", containers.wait),
    Route("DELETE /containers/{id}", containers.remove),
    Route("POST /containers/{id}/copy", archives.copy, "0.6.0", "26.0.0"),
    Route("GET /containers/{id}/archive", archives.get, "1.8.0"),
    Route("HEAD /containers/{id}/archive", archives.stat, "1.8.0"),
    Route("PUT /containers/{id}/archive", archives.put, "1.8.0"),
    Route("GET /containers/{id}/checkpoints", checkpoints.refuse, "1.13.0"),
    Route("POST /containers/{id}/checkpoints", checkpoints.refuse, "1.13.0"),
    Route("DELETE /containers/{id}/checkpoints/{checkpoint}", checkpoints.refuse, "1.13.0"),
    Route("POST /containers/{id}/exec", execs.create, "1.3.0"),
    Route("POST /exec/{id}/start", execs.start, "1.3.0"),
    Route("POST /exec/{id}/resize", execs.resize, "1.3.0"),
    Route("GET /exec/{id}/json", execs.inspect, "1.4.0"),
    Route("POST /commit", images.commit),
    # Images
    Route("GET /images/json", images.list_),
    Route("GET /images/viz", images.viz, until="1.7.0"),
    Route("GET /images/search", pulls.search),
    Route("GET /images/get", bundles.save, "1.3.0"),
    Route("POST /images/create", pulls.pull_or_import),
    Route("POST /images/load", bundles.load, "0.6.7"),
    Route("GET /images/{name}/json", images.inspect),
    Route("GET /images/{name}/history", images.history),
    Route("GET /images/{name}/get", bundles.save, "0.6.7"),
    Route("POST /images/{name}/push", pulls.push),
    Route("POST /images/{name}/tag", images.tag),
    Route("POST /images/{name}/insert", pulls.insert, until="0.12.0"),
    Route("DELETE /images/{name}", removal.remove),
    Route("GET /images/{name}/attestations", images.attestations, "29.6.0"),
    Route("GET /distribution/{name}/json", pulls.distribution, "17.6.0"),
    Route("POST /build", build.build, "0.3.4"),
    # Networks
    Route("GET /networks", networks.list_, "1.9.0"),
    Route("GET /networks/{id}", networks.inspect, "1.9.0"),
    Route("POST /networks/create", networks.create, "1.9.0"),
    Route("POST /networks/{id}/connect", networks.connect, "1.9.0"),
    Route("POST /networks/{id}/disconnect", networks.disconnect, "1.9.0"),
    Route("DELETE /networks/{id}", networks.remove, "1.9.0"),
    Route("POST /networks/prune", networks.prune, "1.13.0"),
    # Plugins
    Route("GET /plugins", plugins.list_, "1.13.0"),
    Route("GET /plugins/privileges", plugins.privileges, "1.13.0"),
    Route("POST /plugins/pull", plugins.pull, "1.13.0"),
    Route("POST /plugins/create", plugins.create, "1.13.0"),
    Route("GET /plugins/{name}/json", plugins.named, "1.13.0"),
    Route("POST /plugins/{name}/enable", plugins.named, "1.13.0"),
    Route("POST /plugins/{name}/disable", plugins.named, "1.13.0"),
    Route("POST /plugins/{name}/set", plugins.named, "1.13.0"),
    Route("POST /plugins/{name}/push", plugins.named, "1.13.0"),
    Route("POST /plugins/{name}/upgrade", plugins.upgrade, "1.13.1"),
    Route("DELETE /plugins/{name}", plugins.named, "1.13.0"),
    # Volumes
    Route("GET /volumes", volumes.list_, "1.9.0"),
    Route("GET /volumes/{name}", volumes.inspect, "1.9.0"),
    Route("POST /volumes/create", volumes.create, "1.9.0"),
    Route("PUT /volumes/{name}", volumes.update, "23.0.0"),
    Route("DELETE /volumes/{name}", volumes.remove, "1.9.0"),
    Route("POST /volumes/prune", volumes.prune, "1.13.0"),
    # A swarm
    Route("GET /services", swarm.outside, "1.12.0"),
    Route("GET /services/{id}", swarm.outside, "1.12.0"),
    Route("POST /services/create", swarm.outside, "1.12.0"),
    Route("POST /services/{id}/update", swarm.outside, "1.12.0"),
    Route("DELETE /services/{id}", swarm.outside, "1.12.0"),
    Route("GET /tasks", swarm.outside, "1.12.0"),
    Route("GET /tasks/{id}", swarm.outside, "1.12.0"),
    Route("GET /swarm", swarm.outside, "1.12.0"),
    Route("POST /swarm/init", swarm.enter, "1.12.0"),
    Route("POST /swarm/join", swarm.enter, "1.12.0"),
    Route("POST /swarm/leave", swarm.leave, "1.12.0"),
    Route("POST /swarm/update", swarm.outside, "1.12.0"),
    Route("GET /swarm/unlockkey", swarm.outside, "1.13.0"),
    Route("POST /swarm/unlock", swarm.outside, "1.13.0"),
    Route("GET /nodes", swarm.outside, "1.12.0"),
    Route("GET /nodes/{id}", swarm.outside, "1.12.0"),
    Route("POST /nodes/{id}/update", swarm.outside, "1.12.0"),
    Route("DELETE /nodes/{id}", swarm.outside, "1.12.0"),
    Route("GET /services/{id}/logs", swarm.outside, "17.5.0"),
    Route("GET /tasks/{id}/logs", swarm.outside, "17.5.0"),
    Route("GET /secrets", swarm.outside, "1.13.0"),
    Route("GET /secrets/{id}", swarm.outside, "1.13.0"),
    Route("POST /secrets/create", swarm.outside, "1.13.0"),
    Route("POST /secrets/{id}/update", swarm.outside, "1.13.0"),
    Route("DELETE /secrets/{id}", swarm.outside, "1.13.0"),
    Route("GET /configs", swarm.outside, "17.6.0"),
    Route("GET /configs/{id}", swarm.outside, "17.6.0"),
    Route("POST /configs/create", swarm.outside, "17.6.0"),
    Route("POST /configs/{id}/update", swarm.outside, "17.6.0"),
    Route("DELETE /configs/{id}", swarm.outside, "17.6.0"),
    # Other prunes, and disk usage
    Route("POST /containers/prune", containers.prune, "1.13.0"),
    Route("POST /images/prune", removal.prune, "1.13.0"),
    Route("POST /build/prune", build.prune, "17.7.0"),
    Route("GET /system/df", usage.usage, "1.13.0"),
)

_TABLE: dict[str, list[Route]] = {}
for _route in ROUTES:
    _TABLE.setdefault(re.sub(r"\{\w+\}", "{}", _route.name), []).append(_route)


def find(method: str, path: str, dialect: Dialect) -> tuple[Route | None, dict[str, str]]:
    """The release's route for a path, and the names in the path."""
    for key, subject in _keys(method, path):
        for route in _TABLE.get(key, ()):
            # Only the names of images and plugins have slashes.
            if route.known_to(dialect) and ("{id}" not in route.name or "/" not in subject):
                named = re.findall(r"\{(\w+)\}", route.name)
                return route, dict.fromkeys(named, subject)
    return None, {}


def _keys(method: str, path: str) -> Iterator[tuple[str, str]]:
    """The possible keys of a path in the table, each with the names in the path."""
    yield f"{method} {path}", ""
    _, chapter, *rest = [*path.split("/", 2), ""][:3]
    parts = rest[0].split("/") if rest else []
    for size in range(3):
        subject, action = "/".join(parts[: len(parts) - size]), parts[len(parts) - size :]
        if subject:
            yield "/".join([f"{method} /{chapter}", "{}", *action]), subject
    if len(parts) == 3:  # of a checkpoint
        yield "/".join([f"{method} /{chapter}", "{}", parts[1], "{}"]), parts[0]
