"""The routes about containers, except creation, streams and files."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..http.errors import ClientGone, HttpError
from ..play.running import CannotStart
from ..state import described
from ..state.config import host_config_of
from ..state.container import Container, number_of
from ..state.daemon import Daemon
from ..versions import errors, shapes
from .exchange import Exchange
from .filters import has_labels, of_prune, selected, until

# List and inspect


def list_(daemon: Daemon, exchange: Exchange) -> None:
    limit = _number(exchange, "limit", -1)
    with daemon.lock:
        found = selected(daemon, exchange, limit)
        sizes = exchange.flag("size")
        rows = [described.row(one, written=one.files.size() if sizes else None) for one in found]
    exchange.answer_json(shapes.container_rows(exchange.dialect, rows))


def _number(exchange: Exchange, name: str, default: int) -> int:
    value = exchange.asked(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        if exchange.dialect.since("1.7.0"):
            raise HttpError(500, str(error)) from error
        return default


def inspect(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    with daemon.lock:
        newest = described.inspected(container)
    exchange.answer_json(shapes.container(exchange.dialect, newest))


def changes(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    rows = [{"Path": one.path, "Kind": one.kind} for one in container.files.changes()]
    exchange.answer_json(shapes.changes(exchange.dialect, rows))


def top(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    if dialect.since("0.5.1") and not dialect.since("1.7.0") and not dialect.speaks("1.4"):
        raise HttpError(500, "top was improved a lot since 1.3, Please upgrade your docker client.")
    container = daemon.containers.find(id)
    if container.running is None:
        raise errors.not_running(exchange.dialect, container.id)
    with daemon.lock:
        processes = container.processes()
    titles, rows = described.top(processes, exchange.asked("ps_args"))
    exchange.answer_json(shapes.top(exchange.dialect, titles, rows))


def stats(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    if not exchange.flag("stream", True):
        first = _reading(container, None)
        before = (time.time_ns(), first["cpu_stats"]) if container.running else None
        exchange.answer_json(shapes.stats(exchange.dialect, _reading(container, before)))
        return
    before = None
    with exchange.stream("application/json") as answer:
        while not container.removed and not daemon.containers.closed:
            now = time.time_ns()
            value = _reading(container, before, now)
            before = (now, value["cpu_stats"]) if container.running else None
            answer.write(exchange.dialect.encoded(shapes.stats(exchange.dialect, value)))
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline:
                if exchange.client_gone():
                    return
                with container.changed:
                    container.changed.wait(deadline - time.monotonic())


def _reading(
    container: Container, before: tuple[int, dict[str, Any]] | None, now: int | None = None
) -> dict[str, Any]:
    with container.shared.lock:
        return described.stats(container, container.usage(), now or time.time_ns(), before)


# Life cycle


def start(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = exchange.json() if dialect.since("0.5.0") else {}
    container = daemon.containers.find(id)
    if exchange.asked("checkpoint", "") and dialect.since("1.13.0"):
        raise HttpError(400, "checkpoint is only supported in experimental mode")
    container.files.root  # noqa: B018  # unpacked before the Engine is locked
    with daemon.lock:
        if container.running is not None:
            error = errors.runs_already(dialect, id, container.id)
            if error is not None:
                raise error
        else:
            if asked:
                container.host_config = host_config_of(asked)
            try:
                container.start()
            except CannotStart as cause:
                raise errors.cannot_run(dialect, id, str(cause)) from cause
    exchange.answer(204)


def stop(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    seconds = _seconds(exchange)
    if container.running is None and container.state != "restarting":
        exchange.answer(304 if exchange.dialect.since("1.1.0") else 204)
        return
    container.stop(seconds)
    exchange.answer(204)


def _seconds(exchange: Exchange) -> float | None:
    dialect = exchange.dialect
    if not exchange.asked("t"):
        return 0 if dialect.since("0.8.0") and not dialect.since("1.13.0") else None
    return _number(exchange, "t", 10)


def restart(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    seconds = _seconds(exchange)
    if container.running is not None:
        container.stop(seconds)
    with daemon.lock:
        if container.removed:
            raise errors.no_container(exchange.dialect, id)
        if container.running is None:
            container.start()
        container.tell("restart")
    exchange.answer(204)


def kill(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    container = daemon.containers.find(id)
    name = exchange.asked("signal") if dialect.since("0.6.5") else ""
    only_numbers = not dialect.since("0.8.0")
    number = None if only_numbers and name and not name.isdecimal() else number_of(name or "KILL")
    if number is None:
        raise errors.bad_signal(dialect, container.id, name)
    if container.running is None:
        error = errors.cannot_kill(dialect, container.id)
        if error is not None:
            raise error
    elif number == 9:
        container.kill()
    else:
        container.send(number)
    exchange.answer(204)


def rename(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    name = exchange.asked("name")
    if not exchange.dialect.takes_name(name):
        raise errors.bad_container_name(exchange.dialect, name)
    name = name.removeprefix("/")
    with daemon.lock:
        holder = daemon.containers.get(name)
        if holder is not None and holder.name == name:
            raise errors.name_taken(exchange.dialect, name, holder.id)
        old, container.name = container.name, name
        container.tell("rename", oldName=f"/{old}")
    exchange.answer(204)


def pause(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    with daemon.lock:
        if container.state == "paused":
            raise HttpError(exchange.dialect.conflict, f"Container {id} is already paused")
        if container.running is None:
            raise errors.not_running(exchange.dialect, container.id)
        container.pause()
    exchange.answer(204)


def unpause(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    with daemon.lock:
        if container.state != "paused":
            raise HttpError(500, f"Container {id} is not paused")
        container.unpause()
    exchange.answer(204)


def resize(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    height, width = _number(exchange, "h", 0), _number(exchange, "w", 0)
    running = container.running
    if running is None:
        raise errors.not_running(exchange.dialect, container.id)
    if not exchange.dialect.since("0.5.0"):  # seen on 0.4.4
        height, width = width, height
    running.resize(height, width)
    if exchange.dialect.since("0.4.0") and not exchange.dialect.since("0.5.0"):
        raise HttpError(500, "errno 0")  # although the terminal was resized
    exchange.answer(200)


def wait(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    exits = container.exits
    ready: dict[str, Callable[[], bool]] = {
        "": lambda: container.running is None,
        "not-running": lambda: container.running is None,
        "next-exit": lambda: container.exits > exits or container.removed,
        "removed": lambda: container.removed,
    }
    condition = exchange.asked("condition") if exchange.dialect.speaks("1.30") else ""
    chunks = exchange.stream("application/json") if exchange.dialect.waits_in_chunks else None
    if not container.await_(ready[condition], exchange.client_gone):
        raise ClientGone
    told = shapes.waited(exchange.dialect, container.exit_code)
    if chunks is None:
        exchange.answer_json(told)
        return
    with chunks:
        chunks.write(exchange.dialect.encoded(told))


def remove(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    container = daemon.containers.find(id)
    force = exchange.flag("force") and dialect.since("0.9.0")
    if container.running is not None and not force and dialect.since("0.5.0"):
        raise errors.cannot_remove_running(dialect, id)
    daemon.containers.remove(container, volumes=exchange.flag("v"))
    exchange.answer(204)


def prune(daemon: Daemon, exchange: Exchange) -> None:
    filters = of_prune(exchange.dialect, exchange.filters())
    before = until(exchange.dialect, filters)
    with daemon.lock:
        gone = [
            one
            for one in daemon.containers.all()
            if one.state in ("created", "exited", "dead")
            and one.created <= before * 1e9
            and has_labels(one.config["Labels"], filters)
        ]
    space = sum(one.files.size() for one in gone)
    for container in gone:
        daemon.containers.remove(container)
    told = {"ContainersDeleted": [one.id for one in gone] or None, "SpaceReclaimed": space}
    exchange.answer_json(told)
