"""POST /build."""

from __future__ import annotations

from .containers import _todo

build = _todo
