"""Starts Engines, has every client do the jobs, and writes its part of docs/benchmarks.md.

    python -m benchmarks.live [--rounds N] [--releases RELEASE ...] [--quick]

In each round every client does every job once, in turn, each time in a fresh process, so that a
busy moment of the machine hits all of them. The first Engine has the targets; on the others a
quarter is done. `--quick` does a twentieth, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.live.jobs import CLIENTS, JOBS, Job
from benchmarks.live.report import Found, document, table
from benchmarks.report import ROOT, with_live, write
from live.busybox import find_busybox, root_file_system
from live.engine import Engine, start
from live.programs import Missing, can_install, install, provide
from live.releases import binaries

GO_PACKAGES = ("golang-go", "golang-github-docker-docker-dev")
GO_PATH = Path("/usr/share/gocode")
IMAGE = "busybox:latest"
SAYS_FIVE_LINES = "for n in 1 2 3 4 5; do echo this is line $n; done; exec sleep 86400"
FILES = {"Dockerfile": "FROM busybox\nCOPY greeting /\nENV GREETED=1\n", "greeting": "hello\n"}
PATIENCE = 300  # seconds for one job of one client


def go_client() -> Path | None:
    """The program of the Engine's Go client, compiled; None where there is no Go."""
    client = GO_PATH / "src/github.com/docker/docker/client"
    if not (shutil.which("go") and client.exists()) and can_install():
        try:
            install(*GO_PACKAGES)
        except Missing as missing:
            print(missing, file=sys.stderr)
    if not (shutil.which("go") and client.exists()):
        print(f"left out: the Go client, which needs {' and '.join(GO_PACKAGES)}", file=sys.stderr)
        return None
    program = Path(sys.prefix) / "go-client"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_PATH)}
    command = ["go", "build", "-o", str(program), "./benchmarks/live/go"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return program


def has_docker() -> bool:
    """Whether there is a docker command."""
    try:
        provide("docker")
    except Missing as missing:
        print(f"left out: the docker command: {missing}", file=sys.stderr)
        return False
    return True


def posted(engine: Engine, path: str, body: bytes, kind: str = "application/json") -> Any:
    """What an Engine answers, as JSON."""
    status, answer = engine.request("POST", path, body, {"Content-Type": kind})
    assert status < 300 and b'"error"' not in answer, answer
    return json.loads(answer) if answer else None


def populate(engine: Engine, folder: Path) -> list[str]:
    """One image, five containers, a build context: the id of a container, the image, the path."""
    busybox = find_busybox(folder)
    if busybox is None:
        raise Missing("there is no static busybox here; `apt-get install busybox-static` brings it")
    query = "fromSrc=-&repo=busybox&tag=latest"
    posted(engine, f"/images/create?{query}", root_file_system(busybox), "application/x-tar")
    ids = []
    for _ in range(5):
        body = json.dumps({"Image": IMAGE, "Cmd": ["sh", "-c", SAYS_FIVE_LINES]}).encode()
        ids.append(posted(engine, "/containers/create", body)["Id"])
        posted(engine, f"/containers/{ids[-1]}/start", b"")
    while engine.request("GET", f"/containers/{ids[0]}/logs?stdout=1")[1].count(b"\n") < 5:
        time.sleep(0.1)
    context = folder / "context"
    context.mkdir()
    for name, text in FILES.items():
        (context / name).write_text(text)
        (context / name).chmod(0o644)
    return [ids[0], IMAGE, str(context)]


def measure(command: list[str], job: Job, socket: str, amount: int, subjects: list[str]) -> Any:
    """Seconds, and what was counted, of one run in a fresh process."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER_", "PYTHON"))}
    done = subprocess.run(
        [*command, job.name, socket, str(amount), *subjects],
        cwd=ROOT,
        env={**kept, "HOME": str(Path(subjects[-1]).parent), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        check=True,
    )
    return json.loads(done.stdout)


def rounds_on(
    engine: Engine, commands: dict[str, list[str]], rounds: int, share: int, subjects: list[str]
) -> Found:
    """Job -> client -> the seconds that one took, of each round."""
    socket = engine.url.removeprefix("unix://")
    found: Found = {job.name: {client: [] for client in commands} for job in JOBS}
    clients = list(commands)
    for client in clients:  # which leaves everything compiled, and the builds cached
        for job in JOBS:
            measure(commands[client], job, socket, 1, subjects)
    for number in range(rounds):
        for job in JOBS:
            first, counts = number % len(clients), {}
            for client in clients[first:] + clients[:first]:
                amount = max(2, job.amount_of(client) // share)
                figures = measure(commands[client], job, socket, amount, subjects)
                found[job.name][client].append(figures["seconds"] / amount)
                counts[client] = figures["counted"] / amount
            if len(set(counts.values())) > 1:
                raise SystemExit(f"{job.name}: the clients have counted differently: {counts}")
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--releases", nargs="+", default=["20.10", "28.5"], metavar="RELEASE")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    worker = [sys.executable, "-m", "benchmarks.live.worker"]
    commands = {client: [*worker, client] for client in CLIENTS}
    if program := go_client():
        commands["go"] = [str(program)]
    else:
        del commands["go"]
    if not has_docker():
        del commands["command"]
    on_engines = {}
    for release in options.releases:
        started = time.monotonic()
        with (
            tempfile.TemporaryDirectory() as name,
            start(binaries(release), name="bench") as engine,
        ):
            subjects = populate(engine, Path(name))
            version = engine.version
            share = 20 if options.quick else 4 if on_engines else 1
            found = rounds_on(engine, commands, options.rounds, share, subjects)
        on_engines[version] = found
        print(f"Engine {version}, in {time.monotonic() - started:.0f} s:\n\n{table(found)}")
    if not options.quick:
        write(with_live, document(on_engines, options.rounds))


if __name__ == "__main__":
    main()
