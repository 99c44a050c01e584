"""Does ten times as much as before, and says what one of it took then: `python -m scaling`.

    python -m scaling WHAT SOCKET

A process of its own, so that its memory and its time of the processor are its own, too. It prints
JSON: `one` is what one took among many over what one took among a tenth as many, the median of
pairs that are measured in turn, so that a busy machine hits both; `plain` is the same for sockets
and `json` without the client; `memory` is by how many bytes the peak grew with what was streamed.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks.plain import Plain, frames, value
from dockerapi import Client

if TYPE_CHECKING:
    from dockerapi import FrameStream

MINUTE = 60.0
T = TypeVar("T")
Figures = dict[str, float]


def containers(client: Client, count: int) -> None:
    rows = client.containers(limit=count)
    assert sum(bool(row.id and row.names and row.state) for row in rows) == count


def plain_containers(client: Plain, count: int) -> None:
    rows = value(client.get(f"/containers/json?limit={count}"))
    assert sum(bool(row["Id"] and row["Names"] and row["State"]) for row in rows) == count


def events(client: Client, count: int) -> None:
    with client.events(since=count, until=count) as stream:
        assert sum(bool(event.id and event.action) for event in stream) == count


def one_log(client: Client, count: int) -> None:
    with client.logs(f"frames-64-{count}", follow=True) as stream:
        assert sum(1 for _ in stream) == count


def all_logs(follow: Callable[[threading.Barrier], int], count: int) -> None:
    """So many threads, each with a log of 100 frames; none reads on before all have begun."""
    all_begun, lengths = threading.Barrier(count), []
    run_all([lambda: lengths.append(follow(all_begun))] * count)
    assert lengths == [100] * count


def logs(client: Client, count: int) -> None:
    def follow(all_begun: threading.Barrier) -> int:
        with client.logs("frames-64-100", follow=True) as stream:
            next(stream)
            all_begun.wait()
            return 1 + sum(1 for _ in stream)

    all_logs(follow, count)


def plain_logs(client: Plain, count: int) -> None:
    def follow(all_begun: threading.Barrier) -> int:
        own = Plain(client.path)
        stream = frames(own.get("/containers/frames-64-100/logs"))
        next(stream)
        all_begun.wait()
        length = 1 + sum(1 for _ in stream)
        own.close()
        return length

    all_logs(follow, count)


def run_all(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def pair(work: Callable[[T, int], None], client: T, many: int, repeated: int) -> float:
    """What one takes among many over what one takes among a tenth as many."""
    tenth = seconds(lambda: work(client, many // 10), 10 * repeated)
    return seconds(lambda: work(client, many), repeated) / tenth


def seconds(work: Callable[[], None], times: int) -> float:
    """Of the processor."""
    started = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - started


def peak_memory() -> int:
    """In bytes; not `ru_maxrss`, which begins with the peak of the process that started this."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return int(status["VmHWM"].split()[0]) * 1024


def a_list(client: Client, plain: Plain) -> Figures:
    pairs = [
        (pair(containers, client, 10_000, 3), pair(plain_containers, plain, 10_000, 3))
        for _ in range(5)
    ]
    return medians(pairs)


def many_logs(client: Client, plain: Plain) -> Figures:
    for _ in range(8):  # what threads hold at once differs a little from time to time
        logs(client, 1_000)
    before = peak_memory()
    pairs = [(pair(logs, client, 1_000, 1), pair(plain_logs, plain, 1_000, 1)) for _ in range(5)]
    return {**medians(pairs), "memory": peak_memory() - before}


def a_long_log(client: Client, plain: Plain) -> Figures:
    return streamed(one_log, client)


def many_events(client: Client, plain: Plain) -> Figures:
    return streamed(events, client)


def streamed(work: Callable[[Client, int], None], client: Client) -> Figures:
    work(client, 200_000)
    before = peak_memory()
    ratios = [pair(work, client, 2_000_000, 1) for _ in range(3)]
    return {"one": statistics.median(ratios), "memory": peak_memory() - before}


def medians(pairs: list[tuple[float, float]]) -> Figures:
    """Of the client and of plain sockets."""
    ours, theirs = zip(*pairs, strict=True)
    return {"one": statistics.median(ours), "plain": statistics.median(theirs)}


def idle_streams(client: Client, plain: Plain) -> Figures:
    """Seconds of the processor that 100 logs take which are followed and silent for a minute."""
    all_begun = threading.Barrier(101)
    streams = [client.logs("idle-64-1", follow=True) for _ in range(100)]

    def follow(stream: FrameStream) -> None:
        next(stream)
        all_begun.wait()
        assert list(stream) == []  # which is closed below

    threads = [threading.Thread(target=follow, args=(stream,)) for stream in streams]
    for thread in threads:
        thread.start()
    all_begun.wait()
    taken = seconds(lambda: time.sleep(MINUTE), 1)
    for stream in streams:
        stream.close()
    for thread in threads:
        thread.join()
    return {"seconds": taken}


def main(what: str, path: str) -> None:
    plain = Plain(path)
    with Client(f"unix://{path}") as client:
        print(json.dumps(globals()[what](client, plain)))
    plain.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
