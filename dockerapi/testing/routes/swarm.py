"""The routes of a swarm, of an Engine that is in none: it makes none either."""

from __future__ import annotations

from ..http.errors import HttpError
from ..state.daemon import Daemon
from .exchange import Exchange


def outside(daemon: Daemon, exchange: Exchange, **subject: str) -> None:
    """Whatever a manager is asked; it does not look at what is asked."""
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
    """It makes none and joins none, and does not look as if it did."""
    raise HttpError(500, "a fake Engine is in no swarm; give it an answer of your own")
