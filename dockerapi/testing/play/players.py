"""Chooses what runs a command: a function of the test, a process, or `busybox`."""

from __future__ import annotations

import functools
import signal as signals
import threading
from collections.abc import Mapping, Sequence

import attrs

from .played import PATIENCE, Handler, Played, Run
from .processes import RealProcess
from .running import CannotStart, Ended, Launch, Output

# A command that was started
Running = Played | RealProcess
NOT_PLAYED = 127


@attrs.frozen
class _Part:
    """A function for the commands of an image with these first words."""

    image: str
    command: tuple[str, ...]
    handler: Handler
    built_in: bool = False

    def fits(self, argv: Sequence[str]) -> bool:
        if not self.command:
            return True
        head = tuple(argv[: len(self.command)])
        if head[1:] != self.command[1:] or not head:
            return False
        return self.command[0] in (head[0], head[0].rpartition("/")[2])


class Players:
    """All players."""

    def __init__(self, *, processes: bool, built_in: Mapping[str, Handler]) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._parts: list[_Part] = []
        self._running: set[Running] = set()  # including killed ones whose thread still runs
        self._closed = False
        if not processes:
            for name, handler in built_in.items():
                self._parts.append(_Part("busybox:latest", (name,), handler, built_in=True))

    def on(self, image: str, command: Sequence[str], handler: Handler) -> None:
        """Let a function play commands of an image; the newest wins."""
        with self._lock:
            self._parts.insert(0, _Part(_tagged(image), tuple(command), handler))

    def find(self, names: Sequence[str], argv: Sequence[str]) -> _Part | None:
        """The player for a command of an image with these names and ancestors, nearest first."""
        with self._lock:
            parts = list(self._parts)
        for name in dict.fromkeys(_tagged(name) for name in names):
            fitting = [part for part in parts if part.image == name and part.fits(argv)]
            if fitting:
                return max(fitting, key=lambda part: len(part.command))
        return None

    def _handler(self, names: Sequence[str], argv: Sequence[str]) -> Handler:
        part = self.find(names, argv)
        return part.handler if part else _nobody(names)

    def start(self, names: Sequence[str], launch: Launch, output: Output, ended: Ended) -> Running:
        """Start a command of an image with these names and ancestors, nearest first.

        `output` is called with "stdout" or "stderr" and the bytes, as they come. `ended` is called
        once, after all output, with the exit code. A thread of the command makes both calls. The
        first command of a container is its process 1: of the signals that it does not catch, only
        SIGKILL ends it. A function of a test ends by any signal all the same.

        Raises:
            CannotStart: there is no such program; only with processes.
        """
        part = self.find(names, launch.argv)
        running: Running
        if part is None and self._processes:
            running = RealProcess(launch)
        else:
            play = self._handler(names, launch.argv)
            others = functools.partial(self._handler, names)
            running = Played(others, play, launch)
            running.unmoved = launch.first and part is not None and part.built_in
        with self._lock:
            self._running = {one for one in self._running if not one.left} | {running}
            closed = self._closed
        try:
            running.begin(output, ended)
        except CannotStart:
            with self._lock:
                self._running.discard(running)
            raise
        if closed:
            running.signal(signals.SIGKILL)
        return running

    def close(self) -> None:
        """End all running commands, and also wait for functions that were killed before."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for one in running:
            one.signal(signals.SIGKILL)
        for one in running:
            one.wait(PATIENCE)


def _nobody(names: Sequence[str]) -> Handler:
    """Plays commands without another player."""

    def say(run: Run) -> int:
        image = next(iter(names), "image")
        run.stderr.write(
            f"{run.argv[0] if run.argv else ''}: nobody plays this command; play it with "
            f"engine.on({image!r}, {run.argv!r}, function), or use "
            "FakeEngine(processes=True)\n".encode()
        )
        return NOT_PLAYED

    return say


def _tagged(image: str) -> str:
    last = image.rpartition("/")[2]
    return image if ":" in last or "@" in last else f"{image}:latest"
