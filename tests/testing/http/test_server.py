from __future__ import annotations

from dockerapi import Client
from dockerapi.testing import FakeEngine
from testing.asking import asked


def test_a_malformed_request_is_a_400_and_the_engine_goes_on() -> None:
    with FakeEngine("1.19") as engine, Client(engine.url) as client:
        assert asked(engine, b"what is this\r\n\r\n") == (
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Content-Length: 16\r\n\r\n400 Bad Request\n"
        )
        client.ping()


def test_several_requests_on_one_connection_are_answered_in_their_order() -> None:
    with FakeEngine("1.19") as engine:
        found = asked(engine, b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n" * 3)
    one = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nOK"
    )
    assert found == one * 3
