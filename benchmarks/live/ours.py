"""The jobs as a user of dockerapi writes them. Each returns what it has counted."""

from __future__ import annotations

from pathlib import Path

from dockerapi import Client


def connect(path: str) -> Client:
    return Client(f"unix://{path}")


def close(client: Client) -> None:
    client.close()


def inspect(client: Client, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        found = client.inspect_container(id)
        count += len(found.id) + len(found.state.status)
    return count


def list_containers(client: Client, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        for found in client.containers():
            count += len(found.id) + len(found.state)
    return count


def logs(client: Client, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        with client.logs(id) as stream:
            count += len(stream.read().stdout)
    return count


def exec_run(client: Client, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        result = client.exec_run(id, ["echo", "hi"])
        count += len(result.output.stdout) + result.exit_code
    return count


def run(client: Client, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        result = client.run(image, ["echo", "hi"], remove=True)
        count += len(result.output.stdout) + result.exit_code
    return count


def build(client: Client, amount: int, id: str, image: str, context: str) -> int:
    return sum(len(client.build(Path(context)).image_id) for _ in range(amount))
