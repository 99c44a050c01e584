"""What tests of the fake Engine ask it by raw requests, and what comes back."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

from dockerapi import Client, ContainerConfig
from dockerapi.testing import FakeEngine
from testing.tars import archive, contents, file

TERMINAL = ContainerConfig(tty=True, open_stdin=True)
INTERACTIVE = ContainerConfig(open_stdin=True, stdin_once=True)
SIMPLE = "FROM busybox\nRUN echo built > /built\nCMD cat /built\n"


def connected(engine: FakeEngine, request: bytes) -> socket.socket:
    """A connection on which a request was sent."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(engine.url.removeprefix("unix://"))
    sock.sendall(request)
    return sock


def everything(sock: socket.socket) -> bytes:
    """What comes, up to the end of the connection."""
    found = b""
    while data := sock.recv(65536):
        found += data
    return found


def asked(engine: FakeEngine, request: bytes) -> bytes:
    """Everything that is answered to these bytes, but for dates."""
    with connected(engine, request) as sock:
        sock.shutdown(socket.SHUT_WR)
        return re.sub(rb"Date: [^\r]*\r\n", b"", everything(sock))


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def hijacked(engine: FakeEngine, path: str) -> socket.socket:
    """A raw conversation, after its head."""
    sock = connected(engine, f"POST {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    return sock


def posted(engine: FakeEngine, path: str, body: bytes, **headers: str) -> tuple[int, str, bytes]:
    """Status, content type and body of a POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Connection: close"]
    lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    with connected(engine, "\r\n".join(lines).encode() + body) as sock:
        head, _, rest = everything(sock).partition(b"\r\n\r\n")
    if b"Transfer-Encoding: chunked" in head:
        whole, left = b"", rest
        while left:
            size, _, left = left.partition(b"\r\n")
            whole, left = whole + left[: int(size, 16)], left[int(size, 16) + 2 :]
        rest = whole
    kind = re.search(rb"Content-Type: ([^\r]*)", head)
    return int(head.split()[1]), kind[1].decode() if kind else "", rest


def refused(
    engine: FakeEngine, request: str, body: bytes = b"", kind: str = "application/json"
) -> tuple[int, str]:
    """Status and message of the answer to a request that the client would not make."""
    head = f"{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Content-Type: {kind}\r\n" if kind else ""
    answer = asked(engine, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    content = body_of(answer).decode()
    try:
        return int(answer.split()[1]), json.loads(content)["message"]
    except (ValueError, KeyError):
        return int(answer.split()[1]), content.strip()


# Builds.


def context(dockerfile: str, *members: Any) -> bytes:
    return archive(file("Dockerfile", dockerfile), *members)


def printed(engine: FakeEngine, dockerfile: str, query: str = "", *members: Any) -> str:
    """All that a build prints, with ids replaced."""
    body = context(dockerfile, *members)
    _, _, content = posted(engine, f"/v{engine.api_version}/build?{query}", body)
    return re.sub(r"\b[0-9a-f]{12}\b", "ID", re.sub(r"\b[0-9a-f]{64}\b", "LONG", content.decode()))


def text_of(stream: str) -> str:
    return "".join(json.loads(one).get("stream", "") for one in stream.split("\r\n") if one)


# Images.


def saved(client: Client, *wanted: str) -> bytes:
    with client.get_image(*wanted) as stream:
        return stream.read()


def seen(client: Client, image: str) -> dict[str, Any]:
    """What does not depend on where an image came from."""
    found = client.inspect_image(image)
    created = client.create_container(image, ["x"])
    with client.export(created.id) as exported:
        files = contents(exported.read())
    client.remove_container(created.id)
    steps = [(one.created_by, one.size) for one in client.history(image)]
    return {"id": found.id, "config": found.config, "files": files, "history": steps}
