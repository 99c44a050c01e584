"""The same jobs by the docker command, a process for each."""

from __future__ import annotations

import os
import subprocess


def connect(path: str) -> dict[str, str]:
    """Its environment: no settings of anybody's, and builds as the others make them."""
    kept = {"PATH": os.environ["PATH"], "HOME": os.path.dirname(path)}
    return {**kept, "DOCKER_HOST": f"unix://{path}", "DOCKER_BUILDKIT": "0"}


def close(environment: dict[str, str]) -> None:
    """Nothing is open."""


def said(environment: dict[str, str], *arguments: str) -> int:
    """The length of what it says, without what is between the words."""
    done = subprocess.run(
        ["docker", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return len(done.stdout)


def inspect(environment: dict[str, str], amount: int, id: str, image: str, context: str) -> int:
    form = "--format={{.Id}} {{.State.Status}}"
    return sum(said(environment, "inspect", form, id) - len(" \n") for _ in range(amount))


def list_containers(
    environment: dict[str, str], amount: int, id: str, image: str, context: str
) -> int:
    form = "--format={{.ID}}{{.State}}"
    return sum(said(environment, "ps", "--no-trunc", form) - len("\n") * 5 for _ in range(amount))


def logs(environment: dict[str, str], amount: int, id: str, image: str, context: str) -> int:
    return sum(said(environment, "logs", id) for _ in range(amount))


def exec_run(environment: dict[str, str], amount: int, id: str, image: str, context: str) -> int:
    return sum(said(environment, "exec", id, "echo", "hi") for _ in range(amount))


def run(environment: dict[str, str], amount: int, id: str, image: str, context: str) -> int:
    return sum(said(environment, "run", "--rm", image, "echo", "hi") for _ in range(amount))


def build(environment: dict[str, str], amount: int, id: str, image: str, context: str) -> int:
    return sum(said(environment, "build", "--quiet", context) - len("\n") for _ in range(amount))
