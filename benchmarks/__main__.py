"""Runs the jobs, prints the tables, and writes docs/benchmarks.md after a run of all of them.

    python -m benchmarks [--rounds N] [--jobs NAME ...]
    python -m benchmarks --check
    python -m benchmarks --guard

In each round every client does every job once, in turn, so that a busy moment of the machine hits
all of them; what is shown are medians. `--check` does a little of each job, by dockerapi and plain
sockets in this process, and prints what they have counted. `--guard` does three jobs in little,
and fails where dockerapi has become much slower than docs/benchmarks.md says, beside docker-py. It
looks at the time of the processor only, so that a machine that does other things may run it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.jobs import BY_NAME, CLIENTS, GUARDED, JOBS, MOST_SLOWER, Job
from benchmarks.report import (
    DOCUMENT,
    ROOT,
    Figures,
    document,
    documented,
    short,
    tables,
    with_canned,
    write,
)
from benchmarks.worker import run

PATIENCE = 90  # seconds for one job of one client
PEERS = ("ours", "docker_py")


@contextlib.contextmanager
def canned_engine(directory: Path) -> Iterator[Path]:
    """The path of its socket."""
    path = directory / "engine.sock"
    command = [sys.executable, "-m", "benchmarks.engine", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it listens
            yield path
        finally:
            process.terminate()


def prepared(directory: Path, job: Job, amount: int) -> list[str]:
    """What a job sends, made once: a file of so many bytes, a directory of so many files."""
    if job.name == "upload":
        path = directory / f"archive-{amount}.tar"
        if not path.exists():
            block = bytes(range(256)) * 4096
            with path.open("wb") as file:
                for _ in range(amount // len(block)):
                    file.write(block)
        return [str(path)]
    if job.name == "context":
        path = directory / f"context-{amount}"
        if not path.exists():
            path.mkdir()
            (path / "Dockerfile").write_text("FROM busybox\nCOPY . /\n")
            for number in range(amount - 1):
                file_path = path / f"directory-{number // 100}" / f"file-{number}.txt"
                file_path.parent.mkdir(exist_ok=True)
                file_path.write_bytes(b"some text\n" * (number % 200))
        return [str(path)]
    return []


def measure(client: str, job: Job, socket_path: Path, amount: int, paths: list[str]) -> Figures:
    """The figures of one run in a fresh process; those of `PATIENCE` if it takes longer."""
    command = [sys.executable, "-m", "benchmarks.worker", client, job.name, str(socket_path)]
    # No settings of whoever runs this: PYTHONDONTWRITEBYTECODE would have each process compile us.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER_", "PYTHON"))}
    environment = {**kept, "HOME": str(socket_path.parent), "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            [*command, str(amount), *paths],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return Figures(wall=PATIENCE, cpu=PATIENCE, memory=0, counted=None, amount=0)
    found = json.loads(done.stdout)
    return Figures(**found, amount=amount)


def rounds_of(jobs: list[Job], rounds: int) -> dict[str, dict[str, list[Figures]]]:
    """Job -> client -> the figures of each round."""
    found: dict[str, dict[str, list[Figures]]] = {
        job.name: {client: [] for client in job.clients} for job in jobs
    }
    with tempfile.TemporaryDirectory() as name, canned_engine(Path(name)) as socket_path:
        for client in CLIENTS:  # which leaves everything compiled, as it is after an installation
            measure(client, BY_NAME["import"], socket_path, 1, [])
        for number in range(rounds):
            for job in jobs:
                paths = prepared(Path(name), job, job.amount)
                first = number % len(job.clients)
                for client in job.clients[first:] + job.clients[:first]:
                    amount = (client == "docker_py" and job.peer_amount) or job.amount
                    figures = measure(client, job, socket_path, amount, paths)
                    found[job.name][client].append(figures)
                check_counts(job, [each[-1] for each in found[job.name].values()])
                print(".", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    return found


def check_counts(job: Job, figures: list[Figures]) -> None:
    """All clients must have seen the same, or the comparison is none."""
    counted = {each.counted for each in figures if each.counted is not None}
    if len(counted) > 1 and job.scales:
        raise SystemExit(f"{job.name}: the clients have counted differently: {counted}")


def check() -> Iterator[str]:
    """A little of each job: its name, and what dockerapi has counted."""
    with tempfile.TemporaryDirectory() as name, canned_engine(Path(name)) as socket_path:
        for job in JOBS:
            paths = prepared(Path(name), job, job.tiny)
            path = Path(paths[0]) if paths else None
            counted = []
            for client in ("ours", "plain"):
                module = importlib.import_module(f"benchmarks.{client}")
                counted.append(run(module, job, str(socket_path), job.tiny, path)["counted"])
            if counted[0] != counted[1]:
                raise SystemExit(f"{job.name}: {counted[0]} were counted, of {counted[1]}")
            yield f"{job.name} {counted[0]}"


def guard() -> Iterator[tuple[str, bool]]:
    """A line for each of three jobs in little, and whether it has become too slow."""
    known = documented(DOCUMENT.read_text())
    with tempfile.TemporaryDirectory() as name, canned_engine(Path(name)) as socket_path:
        for client in PEERS:  # which leaves them compiled
            measure(client, BY_NAME["import"], socket_path, 1, [])
        for job_name, amount in GUARDED.items():
            most = MOST_SLOWER * known[job_name]
            found = [least_ratio(BY_NAME[job_name], socket_path, amount) for _ in range(2)]
            if (found[0] > most) != (found[1] > most):  # a third round decides
                found.append(least_ratio(BY_NAME[job_name], socket_path, amount))
            ratios = ", ".join(map(short, found))
            yield (
                f"{job_name}: {ratios} of docker-py's processor time; {short(most)} at most, "
                f"since docs/benchmarks.md has {short(known[job_name])}",
                sum(ratio > most for ratio in found) >= 2,
            )


def least_ratio(job: Job, socket_path: Path, amount: int) -> float:
    """The least processor time of dockerapi over that of docker-py, each of three runs in turn."""
    found: dict[str, list[float]] = {client: [] for client in PEERS}
    for _ in range(3):
        for client in PEERS:
            found[client].append(measure(client, job, socket_path, amount, []).cpu)
    ours, theirs = map(min, found.values())
    return ours / theirs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", nargs="*", default=[], choices=[[], *BY_NAME], metavar="JOB")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--guard", action="store_true")
    options = parser.parse_args()
    if options.check:
        for line in check():
            print(line)
        return
    if importlib.util.find_spec("paramiko") is not None:
        parser.error(
            "paramiko is installed here, and docker-py imports it wherever it can: its time and "
            "memory would not be its own. `make bench` has an environment without"
        )
    if options.guard:
        verdicts = []
        for line, is_too_slow in guard():
            print(f"{line}: too slow" if is_too_slow else line, flush=True)
            verdicts.append(is_too_slow)
        raise SystemExit(any(verdicts))
    jobs = [BY_NAME[name] for name in options.jobs] or JOBS
    found = rounds_of(jobs, options.rounds)
    print(tables(found))
    if not options.jobs:
        write(with_canned, document(found, options.rounds))


if __name__ == "__main__":
    main()
