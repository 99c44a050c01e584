"""What this process has open, and how much memory it takes: to compare before and after."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from pathlib import Path


def left_open() -> tuple[Counter[str], int, list[str]]:
    """Files by kind, threads, and programs that this process has begun, zombies as well."""
    files: Counter[str] = Counter()
    for entry in os.listdir("/proc/self/fd"):
        try:
            files[os.readlink(f"/proc/self/fd/{entry}").partition(":")[0]] += 1
        except FileNotFoundError:  # the listing itself
            pass
    return files, threading.active_count(), programs()


def programs() -> list[str]:
    """The programs that this process has begun and that are not yet waited for: 123 ssh."""
    numbers, found = [], []
    # A thread, or a program, may end while it is looked at.
    for children in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            numbers += children.read_text().split()
    for number in numbers:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found.append(f"{number} {Path(f'/proc/{number}/comm').read_text().strip()}")
    return sorted(found)


def resident() -> float:
    """The memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
