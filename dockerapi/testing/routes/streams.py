"""The routes for the streams of containers: logs and attach."""

from __future__ import annotations

from collections.abc import Callable

from ..http.errors import HttpError
from ..http.websocket import WebSocket
from ..http.wire import Hijacked
from ..state import described
from ..state.container import Container
from ..state.daemon import Daemon
from ..versions import errors
from .conversation import Conversation
from .exchange import Exchange
from .logs import Asked, lines


def logs(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    container = daemon.containers.find(id)
    streams = _streams(exchange)
    if not streams:
        raise HttpError(400, "Bad parameters: you must choose at least one stream")
    framed = dialect.frames_logs and not container.tty
    # The log is read before the head goes out: a line that is written after the head follows.
    wanted = lines(Asked.of(exchange, streams), container, exchange.client_gone)
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
        error = errors.paused(dialect, exchange.path.split("/")[2], "attach")
        if error is not None:
            raise error
    streams = _streams(exchange)
    live = exchange.flag("stream")
    takes_input = exchange.flag("stdin") and live and bool(container.config["OpenStdin"])
    once = bool(container.config["StdinOnce"]) and not container.tty
    broadcast = container.broadcast
    with broadcast.changed:
        before: list[tuple[str, bytes]] = []
        if exchange.flag("logs") and broadcast.log is not None:
            entries = [*broadcast.log.entries(), *broadcast.log.begun()]
            before = [(one.stream, one.text) for one in entries if one.stream in streams]
        subscriber = broadcast.listen(streams)
        subscriber.ended = subscriber.ended or not live
    container.tell("attach")
    Conversation(
        connect(),
        subscriber,
        framed=framed,
        give=container.input.write if takes_input else None,
        end=container.input.close if takes_input and once else None,
        hangs_up=not dialect.since("0.5.0"),
    ).hold(before)
