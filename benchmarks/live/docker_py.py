"""The same jobs by docker-py: by its low-level client, which gives dicts, but for `run`."""

from __future__ import annotations

from typing import Any

import docker


def connect(path: str) -> Any:
    return docker.DockerClient(f"unix://{path}")


def close(client: Any) -> None:
    client.close()


def inspect(client: Any, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        found = client.api.inspect_container(id)
        count += len(found["Id"]) + len(found["State"]["Status"])
    return count


def list_containers(client: Any, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        for found in client.api.containers():
            count += len(found["Id"]) + len(found["State"])
    return count


def logs(client: Any, amount: int, id: str, image: str, context: str) -> int:
    return sum(len(client.api.logs(id)) for _ in range(amount))


def exec_run(client: Any, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        created = client.api.exec_create(id, ["echo", "hi"])["Id"]
        output = client.api.exec_start(created)
        count += len(output) + client.api.exec_inspect(created)["ExitCode"]
    return count


def run(client: Any, amount: int, id: str, image: str, context: str) -> int:
    """It raises for another exit code than 0."""
    command = ["echo", "hi"]
    return sum(len(client.containers.run(image, command, remove=True)) for _ in range(amount))


def build(client: Any, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        messages = client.api.build(path=context, decode=True)
        count += sum(len(each["aux"]["ID"]) for each in messages if "aux" in each)
    return count
