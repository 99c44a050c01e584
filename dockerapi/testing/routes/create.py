"""POST /containers/create: its checks, and the new container."""

from __future__ import annotations

from typing import Any

from ..http.errors import HttpError
from ..state.daemon import Daemon
from ..versions import errors, shapes
from ..versions.dialect import Dialect
from .exchange import Exchange

Json = dict[str, Any]

MIB = 1024 * 1024


def create(daemon: Daemon, exchange: Exchange) -> None:
    asked = exchange.json()
    name = exchange.asked("name") if exchange.dialect.since("0.6.5") else ""
    if name and not exchange.dialect.takes_name(name):
        raise errors.bad_container_name(exchange.dialect, name)
    check(exchange.dialect, asked)
    try:
        container = daemon.containers.create(asked, name=name)
    except ValueError as error:
        raise HttpError(500, str(error)) from error
    exchange.answer_json(shapes.created(exchange.dialect, container.id), 201)


def check(dialect: Dialect, asked: Json) -> None:
    """Refuse invalid settings; the client itself refuses contradictory ones."""
    if not dialect.modern:
        asked.pop("NetworkingConfig", None)
    host = asked.get("HostConfig") or {}
    memory = host.get("Memory") or asked.get("Memory") or 0
    least = 6 if dialect.since("20.10.0") else 4
    if isinstance(memory, int) and 0 < memory < least * MIB:
        raise HttpError(dialect.bad_request, f"Minimum memory limit allowed is {least}MB")
