"""Containers: all there are, and the routes about them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..http.server import Exchange, Hijacked, HungUp, Refusal, WebSocket
from ..play.playing import CannotStart
from ..state import described
from ..state.configuring import create_of, host_config_of
from ..state.container import Container, number_of
from ..state.files import DELETED
from ..state.naming import free_name
from ..versions import complaints, shapes
from ..versions.dialect import Dialect
from .attaching import DETACH, Conversation
from .checking import check, json_of
from .logs import Asked, lines
from .selecting import selected

if TYPE_CHECKING:
    from ..state.daemon import Daemon

NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+")
FIRST_PORT = 49153


class Containers:
    """All containers of an Engine."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._dialect = Dialect.of(daemon.release, None)
        self._containers: dict[str, Container] = {}
        self._count = 0
        self._next_port = FIRST_PORT
        self.closed = False

    def all(self) -> list[Container]:
        """Every container, newest first."""
        return list(reversed(self._containers.values()))

    def get(self, asked: str) -> Container | None:
        """The container of that name, id, or beginning of an id."""
        with self._daemon.lock:
            found = self._containers.get(asked)
            if found is not None:
                return found
            name = asked.removeprefix("/")
            for one in self._containers.values():
                if one.name == name:
                    return one
            starting = [one for id, one in self._containers.items() if id.startswith(asked)]
            return starting[0] if len(starting) == 1 and asked else None

    def find(self, asked: str) -> Container:
        """The container of that name or id, or the Engine's complaint."""
        found = self.get(asked)
        if found is None:
            raise complaints.no_container(self._dialect, asked)
        return found

    def create(
        self, asked: dict[str, Any], *, name: str = "", image: str | None = None
    ) -> Container:
        """A new container, as a request asks for it."""
        daemon = self._daemon
        found = daemon.images.find(image or str(asked.get("Image") or ""), at="create")
        config, host_config = create_of(asked, found.config)
        id = secrets.token_hex(32)
        config["Hostname"] = config["Hostname"] or id[:12]
        with daemon.lock:
            taken = {one.name: one for one in self._containers.values()}
            name = name.removeprefix("/")
            if name in taken:
                raise complaints.name_taken(self._dialect, name, taken[name].id)
            name = name or free_name(taken)
            container = Container(daemon, id, name, self._count, found, config, host_config)
            if not container.argv:
                raise complaints.no_command(self._dialect)
            self._count += 1
            self._containers[id] = container
            container.tell("create")
        return container

    def remove(self, container: Container, *, volumes: bool = False) -> None:
        """Remove a container, killing it if it runs; called without the lock."""
        with self._daemon.lock:
            if container.removed:
                return
            container.begin_removal()
        container.kill()
        with self._daemon.lock:
            if self._containers.pop(container.id, None) is None:
                return
            container.gone()
            container.tell("destroy")

    def links_to(self, container: Container) -> list[str]:
        """The names by which others see a container, e.g. `web/db`."""
        found = []
        for other in self._containers.values():
            for link in other.host_config["Links"] or ():
                name, _, alias = link.partition(":")
                if self.get(name) is container:
                    found.append(f"{other.name}/{alias or name}")
        return found

    def published(self, container: Container) -> dict[str, Any]:
        """Its ports, and where the host would forward them from."""
        host = container.host_config
        ports: dict[str, Any] = dict.fromkeys(container.config.get("ExposedPorts") or ())
        for port, bindings in (host["PortBindings"] or {}).items():
            ports[port] = [self._bound(one) for one in bindings or [{}]]
        if host["PublishAllPorts"]:
            for port, bindings in ports.items():
                ports[port] = bindings or [self._bound({})]
        return ports

    def _bound(self, binding: dict[str, Any]) -> dict[str, str]:
        port = str(binding.get("HostPort") or "")
        if not port:
            port = str(self._next_port)
            self._next_port += 1
        return {"HostIp": binding.get("HostIp") or "0.0.0.0", "HostPort": port}

    def close(self) -> None:
        """Kill what runs."""
        with self._daemon.lock:
            self.closed = True
            containers = list(self._containers.values())
        for container in containers:
            container.kill()
            container.outlet.close()
            with container.changed:
                container.changed.notify_all()


# The list, and what one is.


def list_(daemon: Daemon, exchange: Exchange) -> None:
    limit = _number(exchange, "limit", -1)
    with daemon.lock:
        found = selected(daemon, exchange, limit)
        sizes = exchange.flag("size")
        rows = [described.row(one, sizes=_sizes(one) if sizes else None) for one in found]
    exchange.answer_json(shapes.container_rows(exchange.dialect, rows))


def _number(exchange: Exchange, name: str, default: int) -> int:
    value = exchange.asked(name)
    try:
        return int(value) if value else default
    except ValueError:
        if exchange.dialect.since("1.7.0"):
            raise complaints.not_a_number(exchange.dialect, name, value) from None
        return default


def _sizes(container: Container) -> tuple[int, int]:
    """What was written, and the size of all files."""
    written = sum(
        path.lstat().st_size
        for change in container.files.changes()
        for path in [container.files.root / change.path[1:]]
        if change.kind != DELETED and path.is_file() and not path.is_symlink()
    )
    return written, container.image.size + written


def create(daemon: Daemon, exchange: Exchange) -> None:
    asked = json_of(exchange)
    name = exchange.asked("name") if exchange.dialect.since("0.6.5") else ""
    if name and not NAME.fullmatch(name):
        raise complaints.bad_container_name(exchange.dialect, name)
    if not asked:
        raise complaints.no_config(exchange.dialect)
    check(exchange.dialect, asked)
    if not asked.get("Image"):
        raise complaints.no_command(exchange.dialect)
    container = daemon.containers.create(asked, name=name)
    exchange.answer_json(shapes.created(exchange.dialect, container.id), 201)


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
        raise Refusal(500, "top was improved a lot since 1.3, Please upgrade your docker client.")
    container = daemon.containers.find(id)
    if container.running is None:
        raise complaints.not_running(exchange.dialect, container.id, "top")
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
                if exchange.hung_up():
                    return
                with container.changed:
                    container.changed.wait(deadline - time.monotonic())


def _reading(
    container: Container, before: tuple[int, dict[str, Any]] | None, now: int | None = None
) -> dict[str, Any]:
    with container.daemon.lock:
        return described.stats(container, container.usage(), now or time.time_ns(), before)


# Its life.

# What a HostConfig that came with the start lacks of one that came with the creation.
_EMPTIED: dict[str, Any] = {
    "Dns": [],
    "DnsOptions": [],
    "DnsSearch": [],
    "MaskedPaths": None,
    "ReadonlyPaths": None,
}


def start(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = json_of(exchange) if dialect.since("0.5.0") else {}
    container = daemon.containers.find(id)
    if asked and dialect.since("1.12.0") and dialect.speaks("1.24"):
        raise Refusal(
            400,
            "starting container with non-empty request body was deprecated since API v1.22 and "
            "removed in v1.24",
        )
    container.files.root  # noqa: B018  # unpacked before the Engine is locked
    with daemon.lock:
        if container.running is not None:
            refusal = complaints.runs_already(dialect, id, container.id)
            if refusal is not None:
                raise refusal
        else:
            if asked:
                container.host_config = host_config_of(asked)
                if dialect.since("1.10.0"):
                    container.host_config.update(_EMPTIED)
            try:
                container.start()
            except CannotStart as error:
                raise complaints.cannot_run(dialect, id, str(error)) from error
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
            raise complaints.no_container(exchange.dialect, id)
        if container.running is None:
            container.start()
        container.tell("restart")
    exchange.answer(204)


def kill(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    container = daemon.containers.find(id)
    name = exchange.asked("signal") if dialect.since("0.6.5") else ""
    if name and not dialect.since("0.8.0") and not name.isdecimal():
        raise complaints.bad_signal(dialect, container.id, name)
    number = number_of(name or "KILL")
    if number is None:
        raise complaints.bad_signal(dialect, container.id, name)
    if container.running is None:
        refusal = complaints.cannot_kill(dialect, container.id)
        if refusal is not None:
            raise refusal
    elif number == 9:
        container.kill()
    else:
        container.send(number)
    exchange.answer(204)


def rename(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    name = exchange.asked("name")
    if not name:
        raise Refusal(500, "Neither old nor new names may be empty")
    if not NAME.fullmatch(name):
        raise complaints.bad_container_name(exchange.dialect, name)
    name = name.removeprefix("/")
    with daemon.lock:
        holder = daemon.containers.get(name)
        if holder is not None and holder.name == name:
            raise complaints.name_taken(exchange.dialect, name, holder.id)
        old, container.name = container.name, name
        container.tell("rename", oldName=f"/{old}")
    exchange.answer(204)


def pause(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    with daemon.lock:
        if container.state == "paused":
            status = 409 if exchange.dialect.since("1.12.0") else 500
            raise Refusal(status, f"Container {id} is already paused")
        if container.running is None:
            raise complaints.not_running(exchange.dialect, container.id, "pause")
        container.pause()
    exchange.answer(204)


def unpause(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    with daemon.lock:
        if container.state != "paused":
            raise Refusal(500, f"Container {id} is not paused")
        container.unpause()
    exchange.answer(204)


def resize(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    height, width = _number(exchange, "h", 0), _number(exchange, "w", 0)
    running = container.running
    if running is None:
        raise complaints.not_running(exchange.dialect, container.id, "resize")
    if not exchange.dialect.since("0.5.0"):  # seen on 0.4.4
        height, width = width, height
    running.resize(height, width)
    if exchange.dialect.since("0.4.0") and not exchange.dialect.since("0.5.0"):
        raise Refusal(500, "errno 0")  # though it was done
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
    if condition not in ready:
        raise complaints.bad_condition(exchange.dialect, condition)
    if not exchange.dialect.waits_in_chunks:
        if not container.await_(ready[condition], exchange.hung_up):
            raise HungUp
        exchange.answer_json(shapes.waited(exchange.dialect, container.exit_code))
        return
    with exchange.stream("application/json") as answer:
        if not container.await_(ready[condition], exchange.hung_up):
            raise HungUp
        told = shapes.waited(exchange.dialect, container.exit_code)
        answer.write(exchange.dialect.encoded(told))


def remove(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    container = daemon.containers.find(id)
    force = exchange.flag("force") and dialect.since("0.9.0")
    if container.running is not None and not force and dialect.since("0.5.0"):
        raise complaints.cannot_remove_running(dialect, container.id, id)
    daemon.containers.remove(container, volumes=exchange.flag("v"))
    exchange.answer(204)


# What it writes.


def logs(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    container = daemon.containers.find(id)
    streams = _streams(exchange)
    if not streams:
        raise complaints.no_stream(dialect)
    framed = dialect.frames_logs and not container.tty
    # What is there is looked at before the head goes out: what comes after that is new.
    wanted = lines(Asked.of(exchange, streams), container, exchange.hung_up)
    with exchange.stream(dialect.logs_type(framed)) as answer:
        for entry in wanted:
            data = entry.text
            if exchange.flag("timestamps"):
                data = f"{described.when(entry.time)} ".encode() + data
            if framed:
                answer.write_frame(entry.stream, data)
            else:
                answer.write(data)


def _streams(exchange: Exchange) -> frozenset[str]:
    return frozenset(name for name in ("stdout", "stderr") if exchange.flag(name))


def attach(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    framed = exchange.dialect.frames and not container.tty
    _converse(exchange, container, framed, lambda: exchange.hijack(framed=framed))


def attach_websocket(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    _converse(exchange, container, False, exchange.websocket)


def _converse(
    exchange: Exchange,
    container: Container,
    framed: bool,
    connect: Callable[[], Hijacked | WebSocket],
) -> None:
    dialect = exchange.dialect
    if container.state == "paused":
        refusal = complaints.paused(dialect, exchange.path.split("/")[2], "attach")
        if refusal is not None:
            raise refusal
    streams = _streams(exchange)
    live = exchange.flag("stream")
    takes_input = exchange.flag("stdin") and live and bool(container.config["OpenStdin"])
    once = bool(container.config["StdinOnce"]) and not container.tty
    outlet = container.outlet
    with outlet.changed:
        before: list[tuple[str, bytes]] = []
        if exchange.flag("logs") and outlet.log is not None:
            entries = [*outlet.log.entries(), *outlet.log.begun()]
            before = [(one.stream, one.text) for one in entries if one.stream in streams]
        tap = outlet.listen(streams)
        tap.ended = tap.ended or not live
    container.tell("attach")
    talk = Conversation(
        connect(),
        tap,
        framed=framed,
        give=container.input.write if takes_input else None,
        end=container.input.close if takes_input and once else None,
        hangs_up=not dialect.since("0.5.0"),
        keys=DETACH if container.tty else b"",
    )
    talk.hold(before)
    if talk.detached:
        container.tell("detach")
