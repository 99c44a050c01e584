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
