"""The tables of what was measured on real Engines."""

from __future__ import annotations

import importlib.metadata
import statistics
import subprocess
from collections.abc import Iterator

from benchmarks.live.jobs import BY_NAME, CLIENTS
from benchmarks.report import LIVE, machine, short

Found = dict[str, dict[str, list[float]]]  # job -> client -> seconds for one, of each round
WITH_TARGETS = "20.10"


def seconds(value: float) -> str:
    return f"{value * 1e6:.0f} µs" if value < 0.001 else f"{value * 1000:.3g} ms"


def compared(ours: list[float], theirs: list[float], target: float | None = None) -> str:
    """The ratios of the rounds: their median, least and most; above the target it is bold."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    middle = statistics.median(ratios)
    shown = short(middle)
    if target is not None and float(shown) > target:
        shown = f"**{shown}**"
    return f"{shown} ({short(min(ratios))} to {short(max(ratios))})"


def rows(found: Found, *, has_targets: bool = False) -> Iterator[str]:
    peers = [client for client in CLIENTS if client != "ours" and client in found["inspect"]]
    titles = ["job", "dockerapi", *(CLIENTS[peer] for peer in peers)]
    if has_targets and "go" in peers:
        titles.insert(3, "at most")
    yield f"| {' | '.join(titles)} |"
    yield f"|---|{'---:|' * (len(titles) - 1)}"
    for name, times in found.items():
        job = BY_NAME[name]
        target = job.target if has_targets else None
        cells = [job.title, seconds(statistics.median(times["ours"]))]
        for peer in peers:
            cells.append(compared(times["ours"], times[peer], target if peer == "go" else None))
        if has_targets and "go" in peers:
            cells.insert(3, "" if target is None else f"{target:.2f}")
        yield f"| {' | '.join(cells)} |"


def table(found: Found, *, has_targets: bool = False) -> str:
    return "\n".join([*rows(found, has_targets=has_targets), ""])


def versions(found: Found) -> str:
    told = [f"aiodocker {importlib.metadata.version('aiodocker')}"]
    if "go" in found["inspect"]:
        package = "golang-github-docker-docker-dev"
        query = ["dpkg-query", "--show", "--showformat=${Version}", package]
        told.append(f"Go client {said(query)} with {said(['go', 'version']).split()[2]}")
    if "command" in found["inspect"]:
        told.append(said(["docker", "--version"]).partition(",")[0].lower())
    return ", ".join(told)


def said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def document(on_engines: dict[str, Found], rounds: int) -> str:
    """The second part of docs/benchmarks.md."""
    joined = "\n".join(
        f"### Engine {version}\n\n"
        + table(found, has_targets=version.startswith(f"{WITH_TARGETS}."))
        for version, found in on_engines.items()
    )
    return f"""{LIVE}
<!-- Written by `make bench-live`. -->

dockerapi beside other clients, on a private Engine that the benchmark starts, over its unix socket:
`make bench-live`, as root on Debian, on a machine that does nothing else. The Engine has five
containers, all running, and one image. In each of {rounds} rounds the clients do each job in turn.
Each time is that of a fresh process with one client, which was made, was asked 20 times and has
done the job once before the clock starts. A round has 2,000 short calls of each kind, 200 execs, 30
runs and 20 builds. The Go client, beside which there are targets, does as many; the others 50 execs
and 8 runs, since those take the Engine's time and not theirs; and the docker command, which starts
a process each time, 40 short calls, 20 execs, 8 runs and 10 builds. The targets are those of Engine
{WITH_TARGETS}; on the other a quarter is done of everything.

- The id and the state of each answer are read by every client; of logs, execs and runs what was
  said on stdout, and the exit code; of builds the id of the image. All have counted the same.
- Plain sockets are the same as above: they read JSON and take frames apart, and check nothing.
- The Go client is the Engine's own, as Debian packs it. It has no `run`: that is to create, attach,
  wait, start, read and remove, as the docker command does it, and so it is with aiodocker and plain
  sockets.
- docker-py asks for the container before each log, as aiodocker does, and reads the output of a
  run from its log.
- There is no column for dockerode: Debian has no package of it.

{machine()}
{versions(next(iter(on_engines.values())))}.

Time of one, its median; then the time of dockerapi over that of each other, within a round: the
median, and from the least to the most. Above its target: bold.

{joined}"""
