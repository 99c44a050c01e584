"""The routes about the Engine itself: ping, version, info, login, events."""

from __future__ import annotations

from . import shapes
from .daemon import Daemon
from .dialect import TEXT
from .events import matches
from .server import Exchange, Refusal


def ping(daemon: Daemon, exchange: Exchange) -> None:
    exchange.answer(200, b"OK", TEXT, exchange.dialect.ping_headers())


def version(daemon: Daemon, exchange: Exchange) -> None:
    exchange.answer_json(shapes.version(exchange.dialect))


def info(daemon: Daemon, exchange: Exchange) -> None:
    with daemon.lock:
        states = [container.state for container in daemon.containers.all()]
        counts = {
            "Containers": len(states),
            "ContainersRunning": states.count("running"),
            "ContainersPaused": states.count("paused"),
            "ContainersStopped": len(states) - states.count("running") - states.count("paused"),
            "Images": len(daemon.images.all()),
        }
    exchange.answer_json(shapes.info(exchange.dialect, counts))


def login(daemon: Daemon, exchange: Exchange) -> None:
    asked = exchange.json()
    if not asked.get("username") or not asked.get("password"):
        raise Refusal(500, "unauthorized: incorrect username or password")
    exchange.answer_json(shapes.login(exchange.dialect))


def stored_login(daemon: Daemon, exchange: Exchange) -> None:
    if exchange.dialect.speaks("1.2"):
        exchange.answer(404)
        return
    exchange.answer_json({"username": "", "password": "", "email": ""})


def listen(daemon: Daemon, exchange: Exchange) -> None:
    dialect, filters = exchange.dialect, exchange.filters()
    since, until = (
        float(exchange.asked(name)) if exchange.asked(name) else None for name in ("since", "until")
    )
    if not dialect.since("0.11.0"):
        until = None
    events = daemon.events.listen(since, until)
    with events, exchange.stream("application/json") as answer:
        for event in events:
            if event is None:
                if exchange.hung_up():
                    break
            elif matches(event, filters):
                told = shapes.event(dialect, event)
                if told is not None:
                    answer.write(dialect.event(told))
