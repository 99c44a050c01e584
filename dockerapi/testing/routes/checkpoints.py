"""The routes about checkpoints, which only experimental Engines serve."""

from __future__ import annotations

from ..http.errors import HttpError
from ..state.daemon import Daemon
from .exchange import Exchange


def refuse(daemon: Daemon, exchange: Exchange, id: str, checkpoint: str = "") -> None:
    """Any request; it does not check whether the container exists."""
    how = "in experimental mode" if exchange.dialect.since("17.6.0") else "with --experimental"
    raise HttpError(
        501,
        "This experimental feature is disabled by default. Start the Docker daemon "
        f"{how} in order to enable it.",
    )
