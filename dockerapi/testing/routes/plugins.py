"""The routes about plugins: neither the Engine nor its registry has any."""

from __future__ import annotations

from ..http.errors import HttpError
from ..state.daemon import Daemon
from .exchange import Exchange


def list_(daemon: Daemon, exchange: Exchange) -> None:
    exchange.answer_json([])


def privileges(daemon: Daemon, exchange: Exchange) -> None:
    """From 20.10 on an empty list, in any case."""
    if not exchange.dialect.since("20.10.0"):
        raise _not_there(exchange)
    exchange.answer_json([])


def pull(daemon: Daemon, exchange: Exchange) -> None:
    raise _not_there(exchange)


def create(daemon: Daemon, exchange: Exchange) -> None:
    """Plugins cannot be created; the request itself is not checked."""
    raise HttpError(500, "a fake Engine has no plugins; give it an answer of your own")


def named(daemon: Daemon, exchange: Exchange, name: str) -> None:
    """Any request about a plugin."""
    raise HttpError(404, f'plugin "{name}" not found')


def upgrade(daemon: Daemon, exchange: Exchange, name: str) -> None:
    named(daemon, exchange, name if ":" in name else f"{name}:latest")


def _not_there(exchange: Exchange) -> HttpError:
    remote = exchange.asked("remote", "")
    if not exchange.dialect.since("20.10.0"):
        words = f"manifest for {remote} not found: manifest unknown: manifest unknown"
        return HttpError(404, words)
    return HttpError(404, f"error resolving plugin reference: {remote}: not found")
