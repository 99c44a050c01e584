"""Exec instances: commands in a running container."""

from __future__ import annotations

import secrets
from typing import Any

import attrs

from ..play.running import CannotStart
from .command import Command
from .config import words
from .container import Container
from .errors import NoExec


class Exec(Command):
    """One exec instance, as requested."""

    def __init__(self, container: Container, asked: dict[str, Any]) -> None:
        super().__init__(log=False)
        self.id = secrets.token_hex(32)
        self.container = container
        self.argv = words(asked.get("Cmd")) or []
        self.tty = bool(asked.get("Tty"))
        self.attached = {
            name: bool(asked.get(f"Attach{name.capitalize()}"))
            for name in ("stdin", "stdout", "stderr")
        }
        self.asked = asked
        self.pid = 0
        self.exit_code: int | None = None
        self.started = False

    def start(self) -> None:
        """Start it; called with the lock held.

        Raises:
            CannotStart: there is no such command on this machine.
        """
        self.started = True
        launch = self.container.launch(self.argv, tty=self.tty, stdin=self.attached["stdin"])
        pairs = (str(one).partition("=") for one in self.asked.get("Env") or ())
        launch.env.update({name: value for name, _, value in pairs})
        folder = self.asked.get("WorkingDir") or launch.working_dir
        try:
            self.container.play(self, attrs.evolve(launch, working_dir=folder), self._ended)
        except CannotStart:
            self.exit_code = 126
            raise
        self.pid = self.running.pid if self.running else 0
        self.container.tell(f"exec_start: {' '.join(self.argv)}", execID=self.id)

    def _ended(self, code: int) -> None:
        with self.container.changed:
            self.exit_code = code
            self.over()
            self.container.tell("exec_die", execID=self.id, exitCode=str(code))
            self.container.changed.notify_all()


class Execs:
    """All exec instances of an Engine."""

    def __init__(self) -> None:
        self._execs: dict[str, Exec] = {}

    def add(self, container: Container, asked: dict[str, Any]) -> Exec:
        """Add one; called with the lock held."""
        one = Exec(container, asked)
        self._execs[one.id] = container.execs[one.id] = one
        container.tell(f"exec_create: {' '.join(one.argv)}", execID=one.id)
        return one

    def find(self, id: str) -> Exec:
        """The exec instance with this id; `NoExec` if there is none."""
        found = self._execs.get(id)
        if found is None or found.container.removed:
            raise NoExec(id)
        return found
