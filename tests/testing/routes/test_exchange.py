from __future__ import annotations

import pytest

from dockerapi import Client
from dockerapi.testing import FakeEngine
from testing.asking import asked, refused


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.6", (500, "unexpected EOF")),
        ("1.41", (500, "unexpected end of JSON input")),
        ("1.51", (400, "invalid JSON: an object was expected")),
    ],
)
def test_a_body_that_is_no_json_is_refused(version: str, expected: tuple[int, str]) -> None:
    with FakeEngine(version) as engine:
        assert refused(engine, "POST /auth", b"{not json") == expected


@pytest.mark.parametrize(
    ("api_version", "upgrade", "head"),
    [
        ("1.16", "", b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream"),
        ("1.16", "tcp", b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream"),
        (
            "1.19",
            "tcp",
            b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
            b"Connection: Upgrade\r\nUpgrade: tcp",
        ),
        (
            "1.42",
            "tcp",
            b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"
            b"Connection: Upgrade\r\nUpgrade: tcp",
        ),
    ],
)
def test_a_hijack_answers_200_or_101_by_release_and_wish(
    api_version: str, upgrade: str, head: bytes
) -> None:
    with FakeEngine(api_version) as engine, Client(engine.url) as client:
        id = client.run("busybox", ["echo", "hi"]).container_id
        wish = f"Connection: Upgrade\r\nUpgrade: {upgrade}\r\n" if upgrade else ""
        found = asked(
            engine,
            f"POST /containers/{id}/attach?logs=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n"
            f"{wish}Content-Length: 0\r\n\r\n".encode(),
        )
    assert found.partition(b"\r\n\r\n") == (head, b"\r\n\r\n", b"\1\0\0\0\0\0\0\3hi\n")
