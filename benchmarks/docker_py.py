"""The same jobs as a user of docker-py's low-level client writes them; it gives plain dicts."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any


def connect(path: str) -> Any:
    import docker

    return docker.APIClient(f"unix://{path}")


def first(client: Any, amount: int) -> int:
    return len(client.inspect_container("name")["Id"])


def inspect_one(client: Any, amount: int) -> int:
    return sum(len(client.inspect_container("name")["Id"]) for _ in range(amount))


def inspect_many(client: Any, amount: int) -> int:
    return sum(len(client.inspect_container(f"name{n}")["Id"]) for n in range(amount))


def list_containers(client: Any, amount: int) -> int:
    count = 0
    for _ in range(amount):
        for found in client.containers(limit=1000):
            count += len(found["Id"]) + len(found["Names"]) + len(found["State"])
    return count


def threads(client: Any, amount: int, workers: int) -> int:
    found: list[int] = []
    running = [
        threading.Thread(target=lambda: found.append(inspect_one(client, amount)))
        for _ in range(workers)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(found)


def logs(client: Any, amount: int, size: int, kind: str = "frames") -> int:
    return sum(map(len, client.logs(f"{kind}-{size}-{amount}", stream=True, follow=False)))


def logs_packed(client: Any, amount: int, size: int) -> int:
    return logs(client, amount, size, "packed")


def logs_read(client: Any, amount: int, size: int) -> int:
    """Both outputs as one: it has no way to keep them apart here."""
    return len(client.logs(f"frames-{size}-{amount}"))


def logs_joined(client: Any, amount: int, size: int) -> int:
    stream = client.logs(f"frames-{size}-{amount}", stream=True, follow=False)
    return len(b"".join(stream))


def tty(client: Any, amount: int) -> int:
    return sum(map(len, client.logs(f"tty-{amount}", stream=True, follow=False)))


def exec_read(client: Any, amount: int, size: int) -> int:
    """Both outputs as one: `demux=True` keeps them apart, in a time that grows by the square."""
    created = client.exec_create(f"frames-{size}-{amount}", ["cat"])
    return len(client.exec_start(created))


def events(client: Any, amount: int) -> int:
    stream = client.events(since=amount, decode=True)
    return sum(len(event["id"]) + len(event["Action"]) for event in stream)


def events_packed(client: Any, amount: int) -> int:
    stream = client.events(since=amount, filters={"type": "container"}, decode=True)
    return sum(len(event["id"]) + len(event["Action"]) for event in stream)


def json(client: Any, amount: int) -> int:
    stream = client.events(until=amount, decode=True)
    return sum(len(event["Actor"]["Attributes"]) for event in stream)


def pull(client: Any, amount: int) -> int:
    stream = client.pull("busybox", tag=str(amount), stream=True, decode=True)
    return sum(len(message["status"]) for message in stream)


def export(client: Any, amount: int) -> int:
    return sum(map(len, client.export(f"bytes-{amount}")))


def upload(client: Any, amount: int, archive: Path) -> int:
    with archive.open("rb") as file:
        client.put_archive("name", "/", file)
    return amount


def context(client: Any, amount: int, directory: Path) -> int:
    return sum(1 for _ in client.build(path=str(directory), decode=True))
