from __future__ import annotations

import json
import socket

from dockerapi.testing.asked import Asked, Record
from dockerapi.testing.http.exchange import HttpExchange
from dockerapi.testing.http.server import Connection

SENT = {"username": "ann", "password": "sesame", "auths": [{"auth": "c2VzYW1l", "email": ""}]}


def record(body: bytes, **headers: str) -> Record:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    here, there = socket.socketpair()
    with there, Connection(here) as connection:
        exchange = HttpExchange(connection, ("POST", "/auth?x=1", named))
    exchange.kept.extend(body)
    return Record(exchange, "1.41")


def test_secrets_in_json_and_headers_are_masked_and_empty_ones_told() -> None:
    kept = record(json.dumps(SENT).encode(), Content_Type="application/json", X_Registry_Auth="s")
    assert kept.asked() == Asked(
        "POST",
        "/auth",
        {"x": ["1"]},
        body={"username": "ann", "password": "***", "auths": [{"auth": "***", "email": ""}]},
        api_version="1.41",
    )
    assert kept.asked().headers == {"Content-Type": "application/json", "X-Registry-Auth": "***"}


def test_what_is_no_json_is_told_as_bytes() -> None:
    assert record(b"{", Content_Type="application/json").asked().body == b"{"
    assert record(b"{}").asked().body == b"{}"


def test_a_body_is_told_as_far_as_it_was_read() -> None:
    kept = record(b"")
    before = kept.asked()
    kept.exchange.kept.extend(b"more")
    assert (before.body, kept.asked().body) == (b"", b"more")
