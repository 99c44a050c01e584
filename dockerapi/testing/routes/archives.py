"""The routes about the files of a container: export, copy, archives."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Generator
from typing import Any

from ..http.errors import HttpError
from ..state.container import Container
from ..state.daemon import Daemon
from ..state.errors import NoContainer
from ..state.layers import BadArchive
from ..versions.errors import no_file
from .exchange import Exchange

PATH_STAT = "X-Docker-Container-Path-Stat"


def export(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container = daemon.containers.find(id)
    container.tell("export")
    _send(exchange, container.files.tar(), "application/octet-stream")


def copy(daemon: Daemon, exchange: Exchange, id: str) -> None:
    """The archive route before API 1.20; the path is `Resource` in the body."""
    dialect = exchange.dialect
    asked = exchange.json()
    if dialect.speaks("1.24"):
        exchange.answer(404)
        return
    try:
        container = daemon.containers.find(id)
    except NoContainer:
        # A 404 without a message (differences, 4.26).
        if dialect.since("1.12.0"):
            raise
        exchange.answer(404)
        return
    path = str(asked.get("Resource") or "")
    try:
        blocks = container.files.tar(path)
    except (OSError, ValueError) as error:
        raise no_file(dialect, path, id, old_route=True) from error
    _send(exchange, blocks, "application/x-tar")


def get(daemon: Daemon, exchange: Exchange, id: str) -> None:
    container, path, headers = _looked_at(daemon, exchange, id)
    _send(exchange, container.files.tar(path), "application/x-tar", headers)


def stat(daemon: Daemon, exchange: Exchange, id: str) -> None:
    _, _, headers = _looked_at(daemon, exchange, id)
    exchange.answer(200, headers=headers)


def put(daemon: Daemon, exchange: Exchange, id: str) -> None:
    path = exchange.asked("path")
    container = daemon.containers.find(id)
    try:
        container.files.put(exchange.body, path, keep_kinds=exchange.flag("noOverwriteDirNonDir"))
    except NotADirectoryError as error:
        status = 400 if exchange.dialect.since("23.0.0") else 500
        raise HttpError(status, "extraction point is not a directory") from error
    except (OSError, ValueError) as error:
        raise _nowhere(exchange, path, id, error) from error
    except BadArchive as error:
        raise HttpError(500, str(error)) from error
    container.tell("extract-to-dir", path=path)
    exchange.answer(200)


def _looked_at(
    daemon: Daemon, exchange: Exchange, id: str
) -> tuple[Container, str, dict[str, str]]:
    path = exchange.asked("path")
    container = daemon.containers.find(id)
    try:
        found: dict[str, Any] = container.files.stat(path)
    except (OSError, ValueError) as error:
        raise _nowhere(exchange, path, id, error) from error
    told = json.dumps(found, separators=(",", ":")).encode()
    return container, path, {PATH_STAT: base64.b64encode(told).decode()}


def _nowhere(exchange: Exchange, path: str, id: str, error: Exception) -> HttpError:
    """A path that does not exist, or cannot be resolved."""
    if isinstance(error, FileNotFoundError) or not isinstance(error, OSError):
        return no_file(exchange.dialect, path, id)
    return HttpError(500, f"lstat {path}: {(error.strerror or str(error)).lower()}")


def _send(
    exchange: Exchange,
    blocks: Generator[bytes, None, None],
    content_type: str,
    headers: dict[str, str] | None = None,
) -> None:
    # Closed at once if the client hangs up: a file may be open in there.
    with contextlib.closing(blocks), exchange.stream(content_type, headers=headers) as answer:
        for block in blocks:
            answer.write(block)
