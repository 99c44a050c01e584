"""Modules that are imported where they are first used: each takes longer than a first call.

Python gives a half-made module to the very thread that is importing it. So a handler of a signal,
or a `__del__`, that interrupts an import and needs the same module would find only a part of what
is in it. Every import within a function stands behind `load()`, which refuses that by name.
"""

from __future__ import annotations

import functools
import importlib
from threading import get_ident
from types import ModuleType

_under_way: dict[int, str] = {}  # what a thread is importing, by its number


@functools.cache
def load(name: str) -> ModuleType:
    """A module, whole; it is imported if it was not yet.

    Raises:
        RuntimeError: this is a handler that has interrupted such an import. Nothing is imported:
            what it needs may need in turn what is half there.
    """
    thread = get_ident()
    if thread in _under_way:
        raise RuntimeError(
            f"a handler has interrupted the import of {_under_way[thread]}, and its call needs "
            f"that of {name}"
        )
    try:
        _under_way[thread] = name
        return importlib.import_module(name)
    finally:
        _under_way.pop(thread, None)
