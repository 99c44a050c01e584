"""Does ten times as much as before, and says what one of it took then: `python -m scaling`.

    python -m scaling WHAT URL

A process of its own, so that its memory and the time of its processors are its own, too. It prints
JSON: what one took among many over what one took among a tenth as many, the median of pairs that
are measured in turn, so that a busy machine hits both; and by how many bytes the peak of its memory
grew with the amount, for what is streamed.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from dockerapi import Client, Frame

PAIRS = 5
IDLE = 60.0  # seconds


def list_containers(client: Client, count: int) -> None:
    rows = client.containers(limit=count)
    assert sum(bool(row.id and row.names and row.state) for row in rows) == count


def events(client: Client, count: int) -> None:
    with client.events(since=count, until=count) as stream:
        assert sum(bool(event.id and event.action) for event in stream) == count


def followed_logs(client: Client, count: int, length: int = 100) -> None:
    """So many threads, each with a log; none reads on before all have begun."""
    all_begun, lengths = threading.Barrier(count), []

    def follow() -> None:
        with client.logs(f"frames-64-{length}", follow=True) as stream:
            next(stream)
            all_begun.wait()
            lengths.append(1 + sum(1 for _ in stream))

    threads = [threading.Thread(target=follow) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [length] * count


def idle_streams(client: Client, count: int) -> float:
    """The seconds of the processor that so many silent logs take of a minute."""
    all_begun = threading.Barrier(count + 1)
    streams = [client.logs("idle-64-1", follow=True) for _ in range(count)]

    def follow(stream: FrameStream) -> None:
        next(stream)
        all_begun.wait()
        for _ in stream:
            raise AssertionError("it is silent")

    threads = [threading.Thread(target=follow, args=(stream,)) for stream in streams]
    for thread in threads:
        thread.start()
    all_begun.wait()
    started = time.process_time()
    time.sleep(IDLE)
    taken = time.process_time() - started
    for stream in streams:
        stream.close()
    for thread in threads:
        thread.join()
    return taken


def peak_memory() -> int:
    """In bytes; not `ru_maxrss`, which begins with the peak of the process that started this."""
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines()
    )
    return int(status["VmHWM"].split()[0]) * 1024


def seconds(work: Callable[[], None], times: int) -> float:
    """Of the processor, for one."""
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times
