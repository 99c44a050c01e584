"""Values: the Engine's answers and the callers' configuration, as frozen attrs classes.

Nothing in here does I/O or knows a version. Differences between Engines in *answers* are described
by a field: its wire paths, newest first, and its converter.

Each module is imported at first use, `models.containers.Container`: creating a hundred classes
takes longer than a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..late import load

if TYPE_CHECKING:
    from . import base as base
    from . import config as config
    from . import containers as containers
    from . import exec as exec
    from . import identity as identity
    from . import images as images
    from . import kinds as kinds
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
    "kinds",
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


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return load(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(_MODULES) - {"base", "kinds", "settings", "spec"})
