"""Exec instances: their state, and the routes about them."""

from __future__ import annotations

import secrets
import signal as signals
from typing import TYPE_CHECKING, Any

from ..http.server import Exchange, Refusal
from ..play.playing import CannotStart, Running
from ..state import described
from ..state.configuring import environment_of, words
from ..state.container import Container
from ..state.outputs import Outlet
from ..versions import complaints, shapes
from ..versions.dialect import Dialect
from .attaching import DETACH, Conversation, Input
from .checking import json_of

if TYPE_CHECKING:
    from ..state.daemon import Daemon


class Exec:
    """A command in a container that runs."""

    def __init__(self, container: Container, asked: dict[str, Any]) -> None:
        self.id = secrets.token_hex(32)
        self.container = container
        self.argv = words(asked.get("Cmd")) or []
        self.tty = bool(asked.get("Tty"))
        self.attached = {
            name: bool(asked.get(f"Attach{name.capitalize()}"))
            for name in ("stdin", "stdout", "stderr")
        }
        self.asked = asked
        self.outlet = Outlet(log=False)
        self.input = Input()
        self.running: Running | None = None
        self.pid = 0
        self.exit_code: int | None = None
        self.started = False

    def start(self) -> None:
        """Start it; called with the lock held.

        Raises:
            CannotStart: there is no such command on this machine.
        """
        container = self.container
        self.started = True
        self.outlet.open()
        env = environment_of(container.config, container.config["Hostname"])
        for one in self.asked.get("Env") or ():
            name, _, value = one.partition("=")
            env[name] = value
        try:
            self.running = container.daemon.players.start(
                container.daemon.images.lineage(container.image),
                self.argv,
                env=env,
                working_dir=self.asked.get("WorkingDir") or container.config["WorkingDir"],
                files=container.files.root,
                tty=self.tty,
                stdin=self.attached["stdin"],
                output=self.outlet.put,
                ended=self._ended,
                first=False,
            )
        except CannotStart:
            self.exit_code = 126
            self.outlet.end()
            raise
        self.pid = self.running.pid
        self.input.begin(self.running)
        container.tell(f"exec_start: {' '.join(self.argv)}", execID=self.id)

    def _ended(self, code: int) -> None:
        with self.container.daemon.lock:
            self.exit_code = code
            self.running = None
            self.input.finish()
            self.outlet.end()
            self.container.tell("exec_die", execID=self.id, exitCode=str(code))

    def kill(self) -> None:
        """The container has ended."""
        if self.running is not None:
            self.running.signal(signals.SIGKILL)


class Execs:
    """All exec instances of an Engine."""

    def __init__(self, daemon: Daemon) -> None:
        self._dialect = Dialect.of(daemon.release, None)
        self._execs: dict[str, Exec] = {}

    def add(self, one: Exec) -> None:
        self._execs[one.id] = one
        one.container.execs.append(one)

    def find(self, id: str) -> Exec:
        """The exec instance of that id, or the Engine's complaint."""
        found = self._execs.get(id)
        if found is None or found.container.removed:
            raise complaints.no_exec(self._dialect, id)
        return found


def create(daemon: Daemon, exchange: Exchange, id: str) -> None:
    asked = json_of(exchange)
    container = daemon.containers.find(id)
    with daemon.lock:
        if container.state == "paused":
            words = f"Container {id} is paused, unpause the container before exec"
            raise Refusal(409 if exchange.dialect.since("1.8.0") else 500, words)
        if container.running is None:
            raise complaints.not_running(exchange.dialect, container.id, "exec")
        one = Exec(container, asked)
        if not one.argv:
            raise Refusal(400, "No exec command specified")
        daemon.execs.add(one)
        container.tell(f"exec_create: {' '.join(one.argv)}", execID=one.id)
    exchange.answer_json(shapes.exec_created(exchange.dialect, one.id), 201)


def start(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = json_of(exchange)
    one = daemon.execs.find(id)
    tty = bool(asked.get("Tty"))
    tap = one.outlet.listen(
        frozenset(name for name in ("stdout", "stderr") if one.attached[name] or one.tty)
    )
    try:
        with daemon.lock:
            if one.started:
                raise Refusal(409, f"Error: Exec command {id} is already running")
            if one.container.running is None:
                raise complaints.not_running(dialect, one.container.id, "exec")
            one.start()
    except CannotStart as error:
        tap.close()
        if asked.get("Detach"):
            raise complaints.cannot_run(dialect, id, str(error)) from error
        told = dialect.exec_failed(id, str(error), tty=tty)
        exchange.hijack(framed=dialect.frames and not tty).write(told)
        return
    except Refusal:
        tap.close()
        raise
    if asked.get("Detach"):
        tap.close()
        exchange.answer(200 if dialect.since("1.9.0") else 204)
        return
    framed = dialect.frames and not tty
    takes_input = one.attached["stdin"]
    Conversation(
        exchange.hijack(framed=framed),
        tap,
        framed=framed,
        give=one.input.write if takes_input else None,
        end=one.input.close if takes_input and not one.tty else None,
        keys=DETACH if one.tty else b"",
    ).hold()


def resize(daemon: Daemon, exchange: Exchange, id: str) -> None:
    one = daemon.execs.find(id)
    height, width = int(exchange.asked("h", "0")), int(exchange.asked("w", "0"))
    running = one.running
    if running is None:
        raise Refusal(500, f"Exec {id} is not running")
    running.resize(height, width)
    exchange.answer(200)


def inspect(daemon: Daemon, exchange: Exchange, id: str) -> None:
    one = daemon.execs.find(id)
    with daemon.lock:
        process: dict[str, Any] = {
            "tty": one.tty,
            "entrypoint": one.argv[0],
            "arguments": one.argv[1:],
            "privileged": bool(one.asked.get("Privileged")),
        }
        if one.asked.get("User"):
            process["user"] = one.asked["User"]
        newest = {
            "ID": one.id,
            "Running": one.running is not None,
            "ExitCode": one.exit_code,
            "ProcessConfig": process,
            "OpenStdin": one.attached["stdin"],
            "OpenStderr": one.attached["stderr"],
            "OpenStdout": one.attached["stdout"],
            "CanRemove": False,
            "ContainerID": one.container.id,
            "DetachKeys": one.asked.get("DetachKeys") or "",
            "Pid": one.pid,
        }
        container = described.inspected(one.container)
    exchange.answer_json(shapes.exec_instance(exchange.dialect, newest, container))
