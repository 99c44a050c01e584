"""The jobs as a user of dockerapi writes them. Each returns what it has counted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any


def connect(path: str) -> Any:
    from dockerapi import Client

    return Client(f"unix://{path}")


def first(client: Any, amount: int) -> int:
    return len(client.inspect_container("name").id)


def inspect_one(client: Any, amount: int) -> int:
    return sum(len(client.inspect_container("name").id) for _ in range(amount))


def inspect_many(client: Any, amount: int) -> int:
    return sum(len(client.inspect_container(f"name{n}").id) for n in range(amount))


def list_containers(client: Any, amount: int) -> int:
    count = 0
    for _ in range(amount):
        for found in client.containers(limit=1000):
            count += len(found.id) + len(found.names) + len(found.state)
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
    with client.logs(f"{kind}-{size}-{amount}") as stream:
        return sum(len(frame.data) for frame in stream)


def logs_packed(client: Any, amount: int, size: int) -> int:
    return logs(client, amount, size, "packed")


def logs_read(client: Any, amount: int, size: int) -> int:
    with client.logs(f"frames-{size}-{amount}") as stream:
        output = stream.read()
    return len(output.stdout) + len(output.stderr)


logs_joined = logs_read


def tty(client: Any, amount: int) -> int:
    with client.logs(f"tty-{amount}") as stream:
        return sum(len(frame.data) for frame in stream)


def exec_read(client: Any, amount: int, size: int) -> int:
    created = client.exec_create(f"frames-{size}-{amount}", ["cat"])
    with client.exec_start(created) as stream:
        output = stream.read()
    return len(output.stdout) + len(output.stderr)


def events(client: Any, amount: int) -> int:
    # With an end, long past: events without one never end by themselves.
    with client.events(since=amount, until=amount) as stream:
        return sum(len(event.id) + len(event.action) for event in stream)


def events_packed(client: Any, amount: int) -> int:
    filters = {"type": "container"}
    with client.events(since=amount, until=amount, filters=filters) as stream:
        return sum(len(event.id) + len(event.action) for event in stream)


def json(client: Any, amount: int) -> int:
    with client.events(until=amount) as stream:
        return sum(len(event.attributes) for event in stream)


def pull(client: Any, amount: int) -> int:
    with client.stream_pull("busybox", tag=str(amount)) as stream:
        return sum(len(message.status) for message in stream)


def export(client: Any, amount: int) -> int:
    with client.export(f"bytes-{amount}") as stream:
        return sum(map(len, stream))


def upload(client: Any, amount: int, archive: Path) -> int:
    client.put_archive("name", "/", archive)
    return amount


def context(client: Any, amount: int, directory: Path) -> int:
    with client.stream_build(directory) as stream:
        return sum(1 for _ in stream)
