"""The parts that all commands of containers share."""

from __future__ import annotations

import signal as signals
from collections.abc import Callable
from pathlib import Path

import attrs

# Signals that do not end a program by default.
HARMLESS = frozenset(
    getattr(signals, name)
    for name in ("SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH", "SIGSTOP", "SIGTSTP", "SIGTTIN")
    if hasattr(signals, name)
)

Output = Callable[[str, bytes], None]
Ended = Callable[[int], None]


class CannotStart(Exception):
    """There is no such command on this machine."""


@attrs.frozen
class Launch:
    """A command and its settings; `first`: it is process 1 of its container."""

    argv: list[str]
    env: dict[str, str]
    working_dir: str
    files: Path
    tty: bool = False
    stdin: bool = False
    first: bool = False


@attrs.frozen
class Process:
    """One line of `top`."""

    pid: int
    parent: int
    command: str
    started: float  # seconds since 1970
    cpu: float = 0.0  # seconds
    memory: int = 0  # bytes
    virtual: int = 0
    user: str = "root"
    state: str = "S"
    terminal: str = "?"


@attrs.frozen
class Usage:
    """A command's usage: nanoseconds of CPU, bytes, and number of processes."""

    user: int = 0
    system: int = 0
    memory: int = 0
    processes: int = 1
