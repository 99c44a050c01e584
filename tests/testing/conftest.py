"""What holds for all tests of the fake Engine: nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def children() -> set[str]:
    found: set[str] = set()
    for path in Path("/proc/self/task").glob("*/children"):  # none where there is no Linux
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread just ended
            found.update(path.read_text().split())
    return found


@pytest.fixture(autouse=True)
def nothing_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No thread, process, descriptor or folder outlives a test."""
    before = threading.active_count(), children()
    descriptors = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    private = tmp_path_factory.mktemp("tmp")
    previous, tempfile.tempdir = tempfile.tempdir, str(private)
    try:
        yield
    finally:
        tempfile.tempdir = previous
    assert list(private.iterdir()) == []
    patience = time.monotonic() + 5  # for what is ending, on a machine that is busy
    while (threading.active_count(), children()) != before and time.monotonic() < patience:
        time.sleep(0.01)
    assert (threading.active_count(), children()) == before
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors
