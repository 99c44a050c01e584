"""Who plays the commands of containers: Python functions, or processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class Run:
    """One run of a command, as the function that plays it sees it."""


Handler = Callable[[Run], int | None]


class Players:
    """Who plays what."""

    def __init__(self, *, processes: bool) -> None:
        self._processes = processes

    def on(self, image: str, command: Sequence[str], handler: Handler) -> None:
        """Have a function play commands of an image that begin so; the newest wins."""

    def close(self) -> None:
        """End what still runs."""
