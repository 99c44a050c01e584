"""Values: what the Engine answers and what callers configure, as frozen attrs classes.

Nothing in here does I/O or knows a version. What differs between Engines when *reading* is told
by a field: its wire paths, newest first, and its converter.

A module of it is imported when it is first used, `models.containers.Container`: a hundred classes
take longer to make than a request takes.
"""

from __future__ import annotations

import importlib
from threading import get_ident
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import base as base
    from . import config as config
    from . import containers as containers
    from . import exec as exec
    from . import identity as identity
    from . import images as images
    from . import misc as misc
    from . import networks as networks
    from . import plugins as plugins
    from . import pruned as pruned
    from . import secrets as secrets
    from . import services as services
    from . import settings as settings
    from . import spec as spec
    from . import swarm as swarm
    from . import tasks as tasks
    from . import usage as usage
    from . import volumes as volumes

_MODULES = (
    "base",
    "config",
    "containers",
    "exec",
    "identity",
    "images",
    "misc",
    "networks",
    "plugins",
    "pruned",
    "secrets",
    "services",
    "settings",
    "spec",
    "swarm",
    "tasks",
    "usage",
    "volumes",
)

_importing: set[int] = set()  # the numbers of the threads that are in the middle of it


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        thread = get_ident()
        if thread in _importing:  # and would get a module that is half there, or wait for itself
            raise RuntimeError(
                "a handler has interrupted the import of dockerapi.models, which its call needs"
            )
        try:
            _importing.add(thread)
            return importlib.import_module(f"{__name__}.{name}")
        finally:
            _importing.discard(thread)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(_MODULES) - {"base", "settings", "spec"})
