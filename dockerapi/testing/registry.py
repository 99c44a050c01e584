"""A registry in memory, and the routes that talk to it."""

from __future__ import annotations

from .containers import _todo

search = pull_or_import = push = insert = _todo
