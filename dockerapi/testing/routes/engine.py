"""The routes about the Engine itself: ping, version, info, login, events."""

from __future__ import annotations

from decimal import Decimal

import attrs

from ..state.daemon import Daemon
from ..state.events import matches
from ..state.registry import host_in
from ..versions import errors, shapes
from ..versions.dialect import TEXT
from .exchange import Exchange

HUB_ADDRESS = "https://index.docker.io/v1/"


def ping(daemon: Daemon, exchange: Exchange) -> None:
    headers = exchange.dialect.ping_headers()
    if exchange.method == "HEAD":
        exchange.answer(200, b"", TEXT, {**headers, "Content-Length": "0"})
    else:
        exchange.answer(200, b"OK", TEXT, headers)


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
            "NEventsListener": daemon.events.listeners,
        }
    exchange.answer_json(shapes.info(exchange.dialect, counts))


def login(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    asked = exchange.json()
    address = str(asked.get("serveraddress") or "")
    if not address or not dialect.since("0.5.1"):
        address = HUB_ADDRESS
    host = host_in(address)
    if host in daemon.registry.unreachable:
        raise errors.login_unreachable(dialect, address, host)
    if not asked.get("username") or not daemon.registry.lets_in(host, asked):
        raise errors.wrong_login(dialect)
    if not dialect.speaks("1.2"):
        with daemon.lock:
            daemon.account = {key: str(asked.get(key) or "") for key in ("username", "email")}
    exchange.answer_json(shapes.login(dialect))


def stored_login(daemon: Daemon, exchange: Exchange) -> None:
    if exchange.dialect.speaks("1.2"):
        exchange.answer(404)
        return
    with daemon.lock:
        account = dict(daemon.account)
    exchange.answer_json({key: account.get(key, "") for key in ("username", "password", "email")})


def listen(daemon: Daemon, exchange: Exchange) -> None:
    dialect, filters = exchange.dialect, exchange.filters()
    since, until = (
        int(Decimal(exchange.asked(name)) * 10**9) if exchange.asked(name) else None
        for name in ("since", "until")
    )
    if not dialect.since("0.11.0"):
        until = None
    events = daemon.events.listen(since, until)
    with events, exchange.stream("application/json") as answer:
        for event in events:
            if event is None:
                if exchange.client_gone():
                    break
            elif matches(event, filters):
                told = shapes.event(dialect, **attrs.asdict(event))
                if told is not None:
                    answer.write(dialect.event(told))
