"""Tables of what was measured, for people."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.jobs import BY_NAME, LINEAR, MIB, SPEEDUPS

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/benchmarks.md"
LIVE = "\n## On a real Engine\n"  # with it begins the part of `make bench-live`

Found = dict[str, dict[str, list["Figures"]]]
MOST_MEMORY = 60 * MIB


@dataclass(frozen=True)
class Figures:
    """One job done once: seconds, seconds of the processor, peak memory in bytes, its count."""

    wall: float
    cpu: float
    memory: int
    counted: int | None
    amount: int

    @property
    def ended(self) -> bool:
        return self.amount > 0


def median(figures: list[Figures], name: str) -> float:
    return statistics.median(float(getattr(each, name)) for each in figures)


def seconds(figures: list[Figures]) -> str:
    found = median(figures, "wall")
    text = f"{found:.2f} s" if found >= 1 else f"{found * 1000:.3g} ms"
    return text if all(each.ended for each in figures) else f"more than {text}"


def memory(figures: list[Figures]) -> str:
    return f"{median(figures, 'memory') / MIB:.0f}"


def ratio(ours: list[Figures], theirs: list[Figures], name: str) -> float:
    return median(ours, name) / median(theirs, name)


def short(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def times(found: Found) -> Iterator[str]:
    yield "| job | dockerapi | docker-py | ratio | of CPU | at most | sockets | ratio | at most |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, clients in found.items():
        job, ours = BY_NAME[name], clients["ours"]
        peer, plain = clients["docker_py"], clients["plain"]
        cells = [f"{job.title} (`{name}`)", seconds(ours), seconds(peer)]
        if job.scales:
            measured = ratio(ours, peer, "wall")
            missed = job.target is not None and measured > job.target
            cells += [
                f"**{short(measured)}**" if missed else short(measured),
                short(ratio(ours, peer, "cpu")),
            ]
        else:
            cells[2] += f" for 1/{job.amount // peer[0].amount} of it"
            cells += ["", ""]
        cells += [
            "" if job.target is None else str(job.target),
            seconds(plain),
            short(ratio(ours, plain, "wall")),
            "" if job.of_plain is None else str(job.of_plain),
        ]
        yield f"| {' | '.join(cells)} |"


def speedups(found: Found) -> Iterator[str]:
    """What the extra of that name brings."""
    yield "| job | dockerapi with `speedups` | docker-py | ratio | at most |"
    yield "|---|---:|---:|---:|---:|"
    for name, clients in found.items():
        if SPEEDUPS in clients:
            job, peer = BY_NAME[name], clients["docker_py"]
            measured = short(ratio(clients[SPEEDUPS], peer, "wall"))
            if float(measured) > (job.with_speedups or 0):
                measured = f"**{measured}**"
            cells = [f"`{name}`", seconds(clients[SPEEDUPS]), seconds(peer), measured]
            yield f"| {' | '.join(cells)} | {job.with_speedups} |"


def documented(text: str) -> dict[str, float]:
    """Job -> the ratio of processor time to that of docker-py, of a document that is here."""
    rows = re.findall(r"^\| .*\(`(\w+)`\) \|(?:[^|]*\|){3} ([\d.]+) \|", text, re.MULTILINE)
    return {name: float(ratio) for name, ratio in rows}


def growth(found: Found) -> Iterator[str]:
    """Whether four times as much takes four times as long."""
    yield "| from | to | dockerapi | docker-py | at most |"
    yield "|---|---|---:|---:|---:|"
    for small, large, most in LINEAR:
        if small in found and large in found:
            ratios = [
                short(ratio(found[large][client], found[small][client], "wall"))
                for client in ("ours", "docker_py")
            ]
            yield f"| `{small}` | `{large}` | {ratios[0]} | {ratios[1]} | {most} |"


def memories(found: Found) -> Iterator[str]:
    yield "| job | dockerapi | docker-py | plain sockets |"
    yield "|---|---:|---:|---:|"
    for name, clients in found.items():
        cells = [memory(clients[client]) for client in ("ours", "docker_py", "plain")]
        if BY_NAME[name].streams and _too_much(clients):
            cells[0] = f"**{cells[0]}**"
        note = "" if BY_NAME[name].streams else " (not streamed)"
        yield f"| `{name}`{note} | {' | '.join(cells)} |"


def _too_much(clients: dict[str, list[Figures]]) -> bool:
    ours = median(clients["ours"], "memory")
    return ours > min(MOST_MEMORY, median(clients["docker_py"], "memory"))


def tables(found: Found) -> str:
    return "\n".join(
        [
            "Medians; ratios are time of dockerapi over time of the other. Above its target: bold.",
            "",
            *times(found),
            "",
            "With the extra `speedups`, by which orjson reads JSON and not the standard library:",
            "",
            *speedups(found),
            "",
            "Four times as much takes so many times as long:",
            "",
            *growth(found),
            "",
            "Peak memory in MiB, with the interpreter (13 MiB) and what is imported; for what is",
            "streamed at most that of docker-py, and 60:",
            "",
            *memories(found),
            "",
        ]
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _versions() -> str:
    packages = ("dockerapi", "requests", "urllib3", "attrs", "orjson", "docker")
    found = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    return ", ".join([f"Python {platform.python_version()}", *found])


def machine() -> str:
    system = f"{platform.system()} {platform.release()}"
    return f"Machine: {_processor()}, {os.cpu_count()} cores, {system}."


def with_canned(text: str, part: str) -> str:
    """The document with its first part anew."""
    _, title, rest = text.partition(LIVE)
    return part + title + rest


def with_live(text: str, part: str) -> str:
    """The document with its second part anew."""
    return text.partition(LIVE)[0] + part


def write(with_part: Callable[[str, str], str], part: str) -> None:
    """Writes docs/benchmarks.md with one of its parts anew."""
    DOCUMENT.write_text(with_part(DOCUMENT.read_text(), part))
    print(f"written to {DOCUMENT.relative_to(ROOT)}")


def document(found: Found, rounds: int) -> str:
    """The first part of docs/benchmarks.md."""
    return f"""\
# Benchmarks

<!-- Written by `make bench`. -->

dockerapi beside docker-py (the package `docker`, its low-level client, which gives plain dicts) and
beside plain sockets, in one run: `make bench`, on a machine that does nothing else. Chosen jobs
only, and more rounds: `make bench JOBS="inspect_one logs_64b" ROUNDS=9`.

A canned Engine in a process of its own says fixed bytes on a unix socket, so that no real Engine's
moods count. What it says has the shape of recorded answers of Engine 28.5: each frame of logs and
each event comes in a chunk of its own, an archive in chunks of 32 KiB. Each job runs in a fresh
process; what is imported and asked before does not count, but in the job that is about that. In
each of {rounds} rounds the three clients do each job in turn.

- Plain sockets read JSON and take chunks and frames apart, in the least code of Python, and check
  nothing.
- Logs and the output of an exec, read as a whole by `.read()`, come with stdout and stderr apart.
  docker-py's `logs(stream=False)` and `exec_start()`, beside which they stand, read the whole
  answer first and join both; its `exec_start(demux=True)` keeps them apart in a time that grows
  by the square of the bytes.
- Iterated logs of a TTY are what docker-py's `logs(stream=True)` gives byte by byte.
- docker-py reads one large JSON value in a time that grows by the square of the bytes (20 MB took
  418 s), so that it gets a tenth.
- docker-py imports requests, which takes most of the time and memory of its start; dockerapi
  imports attrs. Both are measured in an environment that has nothing else: docker-py imports
  paramiko, too, wherever it finds it.

{machine()}
{_versions()}.

{tables(found)}"""
