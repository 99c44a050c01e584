"""The same jobs over plain sockets: JSON is read and frames are taken apart, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.live.jobs import packed
from benchmarks.plain import Plain, frames, value, values

JSON = "Content-Type: application/json\r\n"


def connect(path: str) -> Plain:
    return Plain(path)


def close(client: Plain) -> None:
    client.close()


def posted(client: Plain, target: str, body: Any = None, headers: str = "") -> Iterator[bytes]:
    data = b"" if body is None else json.dumps(body).encode()
    client.ask(f"POST {target}", f"{JSON}{headers}Content-Length: {len(data)}\r\n", data)
    return client.answer()


def inspect(client: Plain, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        found = value(client.get(f"/containers/{id}/json"))
        count += len(found["Id"]) + len(found["State"]["Status"])
    return count


def list_containers(client: Plain, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        for found in value(client.get("/containers/json")):
            count += len(found["Id"]) + len(found["State"])
    return count


def logs(client: Plain, amount: int, id: str, image: str, context: str) -> int:
    target = f"/containers/{id}/logs?stdout=1&stderr=1"
    return sum(len(b"".join(frames(client.get(target)))) for _ in range(amount))


def hijacked(path: str, target: str, body: Any = None) -> tuple[Plain, Iterator[bytes]]:
    """A connection of its own, and the output, up to its end."""
    attached = Plain(path)
    return attached, posted(attached, target, body, "Connection: Upgrade\r\nUpgrade: tcp\r\n")


def exec_run(client: Plain, amount: int, id: str, image: str, context: str) -> int:
    count, asked = 0, {"AttachStdout": True, "AttachStderr": True, "Cmd": ["echo", "hi"]}
    for _ in range(amount):
        created = value(posted(client, f"/containers/{id}/exec", asked))["Id"]
        attached, output = hijacked(client.path, f"/exec/{created}/start", {"Detach": False})
        count += sum(map(len, frames(output)))
        attached.close()
        count += value(client.get(f"/exec/{created}/json"))["ExitCode"]
    return count


def run(client: Plain, amount: int, id: str, image: str, context: str) -> int:
    asked = {"Image": image, "Cmd": ["echo", "hi"], "AttachStdout": True, "AttachStderr": True}
    count = 0
    for _ in range(amount):
        created = value(posted(client, "/containers/create", asked))["Id"]
        target = f"/containers/{created}"
        what = "stream=1&stdout=1&stderr=1"
        attached, output = hijacked(client.path, f"{target}/attach?{what}")
        b"".join(posted(client, f"{target}/start"))
        count += sum(map(len, frames(output)))
        attached.close()
        count += value(posted(client, f"{target}/wait"))["StatusCode"]
        client.ask(f"DELETE {target}")
        b"".join(client.answer())
    return count


def build(client: Plain, amount: int, id: str, image: str, context: str) -> int:
    count = 0
    for _ in range(amount):
        data = packed(context).getvalue()
        headers = f"Content-Type: application/x-tar\r\nContent-Length: {len(data)}\r\n"
        client.ask("POST /build", headers, data)
        count += sum(len(each["aux"]["ID"]) for each in values(client.answer()) if "aux" in each)
    return count
