"""The routes of a swarm: the Engine is not in one, and creates none."""

from __future__ import annotations

from ..http.errors import HttpError
from ..state.daemon import Daemon
from .exchange import Exchange


def outside(daemon: Daemon, exchange: Exchange, **subject: str) -> None:
    """Any request for a manager; the request itself is not checked."""
    raise HttpError(
        503 if exchange.dialect.since("1.13.0") else 406,
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to '
        "connect this node to swarm and try again.",
    )


def leave(daemon: Daemon, exchange: Exchange) -> None:
    raise HttpError(
        503 if exchange.dialect.since("1.13.0") else 406, "This node is not part of a swarm"
    )


def enter(daemon: Daemon, exchange: Exchange) -> None:
    """Refuses to create or join a swarm; the request itself is not checked."""
    raise HttpError(500, "a fake Engine is in no swarm; give it an answer of your own")
