"""What pulls, pushes and loads report about a layer on its way."""

from __future__ import annotations

from typing import Any

from .dialect import Dialect

WIDTH = 50


def state(status: str, id: str) -> dict[str, Any]:
    """A layer, and what became of it."""
    return {"status": status, "progressDetail": {}, "id": id}


def moved(dialect: Dialect, status: str, id: str, current: int, total: int) -> dict[str, Any]:
    """A layer of which so many bytes are through."""
    return {
        "status": status,
        "progressDetail": {"current": current, "total": total},
        "progress": bar(dialect, current, total),
        "id": id,
    }


def bar(dialect: Dialect, current: int, total: int) -> str:
    """The text beside the numbers: a bar, and what it stands for."""
    if total <= 0:
        return f"{_size(dialect, current):>8}"
    filled = min(current * 100 // total // 2, WIDTH)
    numbers = f"{_size(dialect, current):>8}"
    if current <= total:
        numbers += f"/{_size(dialect, total)}"
    return f"[{'=' * filled}>{' ' * (WIDTH - filled)}] {numbers}"


def _size(dialect: Dialect, size: int) -> str:
    value, unit = float(size), 0
    units = ("B", "kB", "MB", "GB", "TB")
    while value >= 1000 and unit < len(units) - 1:
        value /= 1000
        unit += 1
    return f"{value:.4g}{'' if dialect.since('17.5.0') else ' '}{units[unit]}"
