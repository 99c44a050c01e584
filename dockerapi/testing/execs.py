"""Exec instances: their state, and the routes about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .containers import _todo

if TYPE_CHECKING:
    from .daemon import Daemon


class Execs:
    """All exec instances of an Engine."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon


create = start = resize = inspect = _todo
