"""The routes about the files of a container: export, copy, archives."""

from __future__ import annotations

from .containers import _todo

export = copy = get = stat = put = _todo
