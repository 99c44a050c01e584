"""What is measured on a real Engine, and what is promised of it."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass

# The name of a client's module, and what it is called. `go` is a program.
CLIENTS = {
    "ours": "dockerapi",
    "go": "Go client",
    "plain": "plain sockets",
    "aio": "aiodocker",
    "docker_py": "docker-py",
    "command": "docker command",
}
ASKED_BEFORE = 20  # times, before the clock starts


@dataclass(frozen=True)
class Job:
    """One job, which every client does in its own way.

    Args:
        name: the function of a client's module.
        amount: how often a round has it done by dockerapi and by the Go client.
        of_others: how often by the others: what takes the Engine's time is done less often by
            those that have no target.
        of_command: how often by the docker command, which starts a process each time.
        target: the time of dockerapi over that of the Go client, at most.
    """

    name: str
    title: str
    amount: int
    of_others: int
    of_command: int
    target: float | None = None

    def amount_of(self, client: str) -> int:
        """How often a round has it done by a client."""
        others = {"ours": self.amount, "go": self.amount, "command": self.of_command}
        return others.get(client, self.of_others)


JOBS = [
    Job("inspect", "inspect, by id", 2000, 2000, 40, target=1.25),
    Job("list_containers", "list of five", 2000, 2000, 40, target=1.50),
    Job("logs", "logs of 5 lines, by id", 2000, 2000, 40, target=2.2),
    Job("exec_run", "`exec_run echo hi`", 200, 50, 20, target=1.00),
    Job("run", "`run echo hi`, removed", 30, 8, 8, target=1.00),
    Job("build", "build of three steps, cached", 20, 20, 10),
]
BY_NAME = {job.name: job for job in JOBS}


def packed(context: str) -> io.BytesIO:
    """A build context as a tar, for those that pack none themselves."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(context, ".")
    file.seek(0)
    return file
