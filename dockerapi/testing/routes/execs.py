"""The routes about exec instances."""

from __future__ import annotations

from typing import Any

from ..http.errors import HttpError
from ..play.running import CannotStart
from ..state.daemon import Daemon
from ..versions import errors, shapes
from .conversation import Conversation
from .exchange import Exchange


def create(daemon: Daemon, exchange: Exchange, id: str) -> None:
    asked = exchange.json()
    container = daemon.containers.find(id)
    with daemon.lock:
        if container.state == "paused":
            told = f"Container {id} is paused, unpause the container before exec"
            raise HttpError(409 if exchange.dialect.since("1.8.0") else 500, told)
        if container.running is None:
            raise errors.not_running(exchange.dialect, container.id)
        one = daemon.execs.add(container, asked)
    exchange.answer_json({"Id": one.id}, 201)


def start(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = exchange.json()
    one = daemon.execs.find(id)
    tty = bool(asked.get("Tty"))
    subscriber = one.broadcast.listen(
        frozenset(name for name in ("stdout", "stderr") if one.attached[name] or one.tty)
    )
    try:
        with daemon.lock:
            if one.started:
                raise HttpError(409, f"Error: Exec command {id} is already running")
            if one.container.running is None:
                raise errors.not_running(dialect, one.container.id)
            one.start()
    except CannotStart as error:
        subscriber.close()
        if asked.get("Detach"):
            raise errors.cannot_run(dialect, id, str(error)) from error
        told = dialect.exec_failed(id, str(error), tty=tty)
        exchange.hijack(framed=dialect.frames and not tty).write(told)
        return
    except HttpError:
        subscriber.close()
        raise
    if asked.get("Detach"):
        subscriber.close()
        exchange.answer(200 if dialect.since("1.9.0") else 204)
        return
    framed = dialect.frames and not tty
    takes_input = one.attached["stdin"]
    Conversation(
        exchange.hijack(framed=framed),
        subscriber,
        framed=framed,
        give=one.input.write if takes_input else None,
        end=one.input.close if takes_input and not one.tty else None,
    ).hold()


def resize(daemon: Daemon, exchange: Exchange, id: str) -> None:
    one = daemon.execs.find(id)
    height, width = int(exchange.asked("h", "0")), int(exchange.asked("w", "0"))
    running = one.running
    if running is None:
        raise HttpError(500, f"Exec {id} is not running")
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
    exchange.answer_json(shapes.exec_instance(exchange.dialect, newest))
