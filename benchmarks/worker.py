"""One job by one client, in this process: prints its figures as JSON.

    python -m benchmarks.worker CLIENT JOB SOCKET AMOUNT [PATH]

What is imported and asked before the job does not count, but for the job that is about that. Time
of the processor is that of this process alone; memory is its peak, the interpreter's included.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.jobs import BY_NAME, SPEEDUPS, Job


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_memory() -> int:
    """In bytes. Not `ru_maxrss`: that begins with the peak of the process that started this one."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmHWM")


def run(module: Any, job: Job, socket_path: str, amount: int, path: Path | None) -> dict[str, Any]:
    arguments: list[Any] = [*job.arguments, *([path] if path else [])]
    does = getattr(module, job.does)
    client = None
    if job.name != "import":
        client = module.connect(socket_path)
        module.first(client, 1)
    wall, processor = time.perf_counter(), processor_time()
    if client is None:
        client = module.connect(socket_path)
    counted = does(client, amount, *arguments)
    figures = {
        "wall": time.perf_counter() - wall,
        "cpu": processor_time() - processor,
        "memory": peak_memory(),
        "counted": counted,
    }
    client.close()
    return figures


def main(client: str, job: str, socket_path: str, amount: str, *paths: str) -> None:
    if client == SPEEDUPS:
        module = importlib.import_module("benchmarks.ours")
    else:
        sys.modules["orjson"] = None  # type: ignore[assignment]  # as where it is not installed
        module = importlib.import_module(f"benchmarks.{client}")
    path = Path(paths[0]) if paths else None
    print(json.dumps(run(module, BY_NAME[job], socket_path, int(amount), path)))


if __name__ == "__main__":
    main(*sys.argv[1:])
