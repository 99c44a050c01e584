"""A command in a container, the first one or an exec: its input, its output and its end."""

from __future__ import annotations

import signal as signals
import threading
from collections.abc import Callable, Sequence

from ..play.players import Players, Running
from ..play.running import CannotStart, Launch
from .streams import Broadcast


class Command:
    """One command, which can be started again once it has ended."""

    def __init__(self, *, log: bool) -> None:
        self.broadcast = Broadcast(log=log)
        self.input = Input()
        self.running: Running | None = None

    def begin(
        self, players: Players, names: Sequence[str], launch: Launch, ended: Callable[[int], None]
    ) -> None:
        """Start it, as `Players.start` does; without such a command its output ends at once."""
        self.broadcast.open()
        try:
            self.running = players.start(names, launch, self.broadcast.put, ended)
        except CannotStart:
            self.broadcast.end()
            raise
        self.input.begin(self.running)

    def over(self) -> None:
        """The command has ended: its streams are over."""
        self.running = None
        self.input.finish()
        self.broadcast.end()

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self.running is not None:
            self.running.signal(signals.SIGKILL)


class Input:
    """The standard input of a container; input before the start is held."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: Running | None = None
        self._ended_early = False

    def begin(self, running: Running) -> None:
        """The command runs: pass it the input."""
        with self._changed:
            self._running = running
            ended, self._ended_early = self._ended_early, False
            self._changed.notify_all()
        if ended:
            running.close_stdin()

    def finish(self) -> None:
        """The command no longer runs."""
        with self._changed:
            self._running = None

    def write(self, data: bytes, over: Callable[[], bool]) -> None:
        """Pass it input once it runs; the input is dropped if `over()`."""
        with self._changed:
            while self._running is None:
                if over():
                    return
                self._changed.wait(0.5)
            running = self._running
        running.write(data)

    def close(self) -> None:
        """End its input."""
        with self._changed:
            running = self._running
            self._ended_early = running is None
        if running is not None:
            running.close_stdin()
