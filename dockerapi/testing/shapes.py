"""What answers look like in each version: the newest shape goes in, the version's comes out."""

from __future__ import annotations

from typing import Any

from .dialect import Dialect
from .events import Event


def version(dialect: Dialect) -> dict[str, Any]:
    """GET /version."""
    return {"Version": str(dialect.release), "ApiVersion": str(dialect.api)}


def info(dialect: Dialect, counts: dict[str, int]) -> dict[str, Any]:
    """GET /info."""
    return dict(counts)


def login(dialect: Dialect) -> dict[str, Any]:
    """POST /auth that succeeded."""
    return {"Status": "Login Succeeded"}


def event(dialect: Dialect, event: Event) -> dict[str, Any]:
    """One of GET /events."""
    return {"status": event.action, "id": event.id}
