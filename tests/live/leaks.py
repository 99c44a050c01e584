"""What this process has open, and how much memory it takes: to compare before and after."""

from __future__ import annotations

import os
import subprocess
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
    told = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    programs = [line for line in told.stdout.splitlines() if not line.endswith(" ps")]
    return files, threading.active_count(), sorted(programs)


def resident() -> float:
    """The memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
