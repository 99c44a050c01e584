from __future__ import annotations

import pytest

from dockerapi import Client
from dockerapi.testing import FakeEngine
from testing.asking import asked, body_of


def test_a_head_is_asked_for_and_no_body_comes() -> None:
    with FakeEngine("1.41") as engine:
        found = asked(engine, b"HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n")
    assert (found.split(b"\r\n")[0], body_of(found)) == (b"HTTP/1.1 200 OK", b"")


def test_a_body_may_come_in_chunks() -> None:
    with FakeEngine("1.41") as engine:
        found = asked(
            engine,
            b"POST /auth HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
            b'8\r\n{"userna\r\n17;x=y\r\nme":"a","password":"b"}\r\n0\r\n\r\n',
        )
        assert engine.requests[0].body == {"username": "a", "password": "***"}
    assert found.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"zz\r\n", b"invalid byte in chunk length"),
        (b"2\r\n{}}}", b"malformed chunked encoding"),
        (b"9\r\n{}", b"unexpected EOF"),
    ],
)
def test_chunks_that_are_none_are_refused(sent: bytes, words: bytes) -> None:
    request = (
        b"POST /auth HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    with FakeEngine("1.19") as engine, Client(engine.url) as client:
        found = asked(engine, request + sent)
        assert (found[:12], body_of(found)) == (b"HTTP/1.1 400", words + b"\n")
        client.ping()


def test_who_wants_no_second_request_gets_an_end() -> None:
    request = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
    with FakeEngine("1.19") as engine:
        assert body_of(asked(engine, request + request)) == b"OK"
