from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from dockerapi import BuildFailed, BuildOptions, Client, ServerError
from dockerapi.errors import ApiError
from dockerapi.testing import FakeEngine, Run
from testing.tars import archive, file

SIMPLE = "FROM busybox\nRUN echo built > /built\nCMD cat /built\n"


def shell(run: Run) -> int:
    """Just enough of a shell: `echo WORDS [> FILE | >&2]`, `exit CODE`, `sleep SECONDS`, `env`."""
    for part in run.argv[2].split(";"):
        words, _, target = part.strip().partition(">")
        name, _, rest = words.strip().partition(" ")
        if name == "exit":
            return int(rest)
        if name == "sleep":
            run.sleep(float(rest))
        if name == "env":
            rest = " ".join(f"{key}={one}" for key, one in sorted(run.env.items()) if len(key) == 1)
        if name in ("echo", "env"):
            data = f"{rest}\n".encode()
            if target.strip() == "&2":
                run.stderr.write(data)
            elif target:
                (run.files / target.strip().lstrip("/")).write_bytes(data)
            else:
                run.stdout.write(data)
    return 0


def engine_of(version: str | None = None, **more: Any) -> FakeEngine:
    engine = FakeEngine(version, **more)
    engine.on("busybox", ["sh"], shell)
    return engine


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with engine_of("1.51") as found:
        yield found


@pytest.fixture
def client(engine: FakeEngine) -> Iterator[Client]:
    with Client(engine.url) as found:
        yield found


def context(dockerfile: str, *members: Any) -> bytes:
    return archive(file("Dockerfile", dockerfile), *members)


def posted(engine: FakeEngine, path: str, body: bytes, **headers: str) -> tuple[int, str, bytes]:
    """Status, content type and body of a POST."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(20)
        sock.connect(engine.url.removeprefix("unix://"))
        lines = [f"POST {path} HTTP/1.1", "Host: x", "Connection: close"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        sock.sendall("\r\n".join(lines).encode() + body)
        found = b""
        while data := sock.recv(65536):
            found += data
    head, _, rest = found.partition(b"\r\n\r\n")
    if b"Transfer-Encoding: chunked" in head:
        whole, left = b"", rest
        while left:
            size, _, left = left.partition(b"\r\n")
            whole, left = whole + left[: int(size, 16)], left[int(size, 16) + 2 :]
        rest = whole
    kind = re.search(rb"Content-Type: ([^\r]*)", head)
    return int(head.split()[1]), kind[1].decode() if kind else "", rest


def printed(engine: FakeEngine, dockerfile: str, query: str = "", *members: Any) -> str:
    """All that a build prints, with ids replaced."""
    version = engine.api_version
    body = context(dockerfile, *members)
    _, _, content = posted(engine, f"/v{version}/build?{query}", body)
    return re.sub(r"\b[0-9a-f]{12}\b", "ID", re.sub(r"\b[0-9a-f]{64}\b", "LONG", content.decode()))


def test_a_quiet_build_prints_the_id_only(engine: FakeEngine) -> None:
    assert printed(engine, SIMPLE, "q=1") == '{"stream":"sha256:LONG\\n"}\r\n'
    assert json.loads(printed(engine, "FROM busybox\nRUN exit 3\n", "q=1")) == {
        "errorDetail": {
            "code": 3,
            "message": "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
        },
        "error": "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
    }


def test_a_quiet_build_of_an_old_engine_hides_the_output_of_commands() -> None:
    with engine_of("1.6") as engine:
        assert printed(engine, "FROM busybox\nRUN echo hidden\n", "q=1") == (
            "Step 1 : FROM busybox\n ---> ID\nStep 2 : RUN echo hidden\n"
            " ---> Running in ID\n ---> ID\nSuccessfully built ID\n"
        )


def test_no_form_from_0_4_5_on() -> None:
    with engine_of(release="1.6.2") as engine:
        assert posted(engine, "/v1.2/build", b"")[2] == (
            b"Multipart upload for build is no longer supported. "
            b"Please upgrade your docker client.\n"
        )


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("dockerfile=nosuch", 500, "Cannot locate specified Dockerfile: nosuch"),
        ("dockerfile=../x", 500, "forbidden path outside the build context: ../x ()"),
        (
            "t=UPPER",
            500,
            "invalid reference format: repository name (library/UPPER) must be lowercase",
        ),
        ("version=3", 400, 'invalid version "3"'),
        (
            "version=2",
            400,
            "the fake Engine has no BuildKit: build with the classic builder (version=1)",
        ),
        (
            "remote=git://example.com/x",
            500,
            "the fake Engine fetches http and https contexts, not a repository: "
            "git://example.com/x",
        ),
        (
            "remote=" + quote("http://127.0.0.1:9/x"),
            500,
            "error downloading remote context http://127.0.0.1:9/x: "
            'Get "http://127.0.0.1:9/x": connection refused',
        ),
    ],
)
def test_what_cannot_be_asked_for(
    engine: FakeEngine, query: str, status: int, message: str
) -> None:
    found = posted(engine, f"/v1.51/build?{query}", context(SIMPLE))
    assert (found[0], json.loads(found[2])) == (status, {"message": message})


def test_bad_arguments_and_a_bad_archive(engine: FakeEngine, client: Client) -> None:
    status, _, content = posted(engine, "/v1.51/build?buildargs=no", context(SIMPLE))
    assert (status, json.loads(content)["message"][:25]) == (400, "error reading build args:")
    with pytest.raises(ServerError) as caught:
        client.build(b"not a tar")
    assert caught.value.message == "unexpected EOF"


def test_no_folder_of_a_build_is_left(engine: FakeEngine, client: Client) -> None:
    client.build(context(SIMPLE))
    with pytest.raises(ApiError):
        client.build(b"not a tar")
    with pytest.raises(BuildFailed):
        client.build(context("FROM busybox\nRUN exit 1\n"), options=BuildOptions(force_rm=True))
    folder = engine._running().folder
    assert sorted(path.name for path in folder.iterdir()) == ["containers", "docker.sock", "layers"]
    assert list((folder / "containers").iterdir()) == []
