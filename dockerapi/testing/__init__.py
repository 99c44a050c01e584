"""An Engine for tests: `FakeEngine` serves the Remote API, of any version, from this process.

The package has a pytest plugin with the fixtures `fake_engine` and `fake_client`; see
docs/testing.md.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asked import Asked
    from .engine import FakeEngine
    from .faults import Corrupt, Cut, Fault, Refuse, Stall, Status
    from .play.played import Handler, Run
    from .state.registry import Registry

__all__ = [
    "Asked",
    "Corrupt",
    "Cut",
    "FakeEngine",
    "Fault",
    "Handler",
    "Refuse",
    "Registry",
    "Run",
    "Stall",
    "Status",
]

# Imported at first use: every run of pytest loads the plugin in this package.
_NAMES = {
    "asked": "Asked",
    "engine": "FakeEngine",
    "faults": "Corrupt Cut Fault Refuse Stall Status",
    "play.played": "Handler Run",
    "state.registry": "Registry",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value  # later look-ups no longer come here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
