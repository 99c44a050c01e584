"""An Engine for tests: `FakeEngine` serves the Remote API, of any version, from this process.

The package brings a pytest plugin with the fixtures `fake_engine` and `docker_client`; see
docs/testing.md.
"""

from __future__ import annotations

from .engine import Asked, FakeEngine
from .faults import Corrupt, Cut, Fault, Refuse, Stall, Status
from .playing import Handler, Run
from .registry import Registry

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
