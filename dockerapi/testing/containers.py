"""Containers: their state, and the routes about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .server import Exchange

if TYPE_CHECKING:
    from .daemon import Daemon
    from .images import Image


class Container:
    """A container."""

    id: str
    name: str
    image: Image
    state: str  # "created", "running", "paused", "exited"


class Containers:
    """All containers of an Engine."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    def all(self) -> list[Container]:
        return []

    def close(self) -> None:
        """Kill what runs."""


def _todo(daemon: Daemon, exchange: Exchange, **params: Any) -> None:
    raise NotImplementedError


list_ = create = inspect = top = logs = changes = stats = resize = start = stop = restart = _todo
kill = rename = pause = unpause = attach = attach_websocket = wait = remove = _todo
