"""Images: layers, tags, and the routes about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .containers import _todo

if TYPE_CHECKING:
    from .daemon import Daemon


class Image:
    """An image."""

    id: str


class Images:
    """All images of an Engine."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    def all(self) -> list[Image]:
        return []

    def need(self, reference: str) -> Image:
        """The image of that name; made, from nothing, if there is none."""
        return Image()


commit = list_ = viz = search = save = pull_or_import = load = inspect = history = push = _todo
tag = insert = remove = _todo
