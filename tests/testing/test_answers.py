from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dockerapi import Client
from dockerapi.errors import (
    ConnectionFailed,
    NotFound,
    ServerError,
    StreamInterrupted,
)
from dockerapi.testing import Asked, Cut, FakeEngine


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine("1.41", tcp=True) as engine:
        yield engine


def ask(
    engine: FakeEngine, method: str, path: str, data: bytes | None = None
) -> tuple[int, str | None, bytes]:
    """Status, content type and body of an answer, asked for without a client of ours."""
    url = engine.tcp_url.replace("tcp://", "http://") + path
    with requests.Session() as session:
        session.trust_env = False
        found = session.request(method, url, data=data, timeout=60)
        return found.status_code, found.headers.get("Content-Type"), found.content


@pytest.mark.parametrize(
    ("content", "content_type", "body"),
    [
        ({"Name": "front"}, "application/json", b'{"Name":"front"}\n'),
        ([], "application/json", b"[]\n"),
        ("text", "application/json", b'"text"\n'),
        (None, "application/json", b"null\n"),
        (b"bytes", "application/octet-stream", b"bytes"),
        (b"", None, b""),
        (iter([b"a", b"", b"bc"]), "application/octet-stream", b"abc"),
    ],
    ids=["object", "list", "text", "null", "bytes", "nothing", "iterator"],
)
def test_a_route_that_the_fake_does_not_know_is_answered(
    engine: FakeEngine, content: Any, content_type: str | None, body: bytes
) -> None:
    engine.answer("GET /racks/{id}", lambda asked: (201, content))
    assert ask(engine, "GET", "/v1.41/racks/front") == (201, content_type, body)


@pytest.mark.parametrize(
    ("route", "path", "fits"),
    [
        ("GET /racks/{id}", "/racks/a", True),
        ("GET /racks/{id}", "/racks/a%2Fb", False),
        ("GET /racks/{id}", "/racks/a/b", False),
        ("GET /racks/{id}", "/racks", False),
        ("GET /plugins/{name}/json", "/plugins/a/b:c/json", True),
        ("GET /parts/{first}-{second}", "/parts/a-b", True),
        ("POST /racks/{id}", "/racks/a", False),
    ],
)
def test_a_route_is_a_method_and_a_path(
    engine: FakeEngine, route: str, path: str, fits: bool
) -> None:
    engine.answer(route, lambda asked: (200, b"mine"))
    assert ask(engine, "GET", path)[0] == (200 if fits else 404)


def test_the_function_gets_what_was_asked(engine: FakeEngine) -> None:
    got: list[Asked] = []

    def note(asked: Asked) -> tuple[int, Any]:
        got.append(asked)
        return 204, None

    engine.answer("PUT /secrets/{id}", note)
    assert ask(engine, "PUT", "/v1.30/secrets/x%20y?a=1&a=2", b"data") == (204, None, b"")
    expected = Asked("PUT", "/secrets/x y", {"a": ["1", "2"]}, body=b"data", api_version="1.30")
    assert (got, engine.requests) == ([expected], [expected])


def test_it_stands_before_the_routes_that_there_are(engine: FakeEngine, client: Client) -> None:
    engine.answer("GET /containers/{id}/json", lambda asked: (404, {"message": "gone fishing"}))
    with pytest.raises(NotFound) as raised:
        client.inspect_container("any")
    assert raised.value.message == "gone fishing"


def test_none_is_for_the_answer_as_usual_with_the_body_that_came(
    engine: FakeEngine, client: Client
) -> None:
    bodies: list[Any] = []
    engine.answer("POST /containers/create", lambda asked: bodies.append(asked.body["Image"]))
    assert client.run("busybox", ["echo", "hello"]).output.stdout == b"hello\n"
    assert bodies == ["busybox"]


def test_the_newest_function_is_asked_first_and_the_others_after_it(engine: FakeEngine) -> None:
    engine.answer("GET /info", lambda asked: (200, b"old"))
    engine.answer("GET /info", lambda asked: (200, b"new") if "new" in asked.query else None)
    assert ask(engine, "GET", "/info?new")[2] == b"new"
    assert ask(engine, "GET", "/info")[2] == b"old"


def test_times_counts_answers_and_not_questions(engine: FakeEngine) -> None:
    engine.answer("GET /racks", lambda asked: (200, b"yes") if asked.query else None, times=2)
    asked = ["", "?1", "", "?2", "?3"]
    assert [ask(engine, "GET", f"/racks{query}")[0] for query in asked] == [
        404, 200, 404, 200, 404,
    ]  # fmt: skip


def test_the_version_is_answered_too_and_the_client_believes_it(engine: FakeEngine) -> None:
    engine.answer("GET /version", lambda asked: (200, {"ApiVersion": "1.39", "Version": "18.9.9"}))
    engine.answer("GET /_ping", lambda asked: (404, b"404 page not found\n"), times=1)
    with Client(engine.url) as client:
        client.ping()
        assert client.api_version == "1.39"
    assert [asked.path for asked in engine.requests] == ["/_ping", "/version", "/_ping"]


def test_a_ping_that_is_answered_tells_what_the_release_tells(engine: FakeEngine) -> None:
    def headers() -> dict[str, str]:
        url = engine.tcp_url.replace("tcp://", "http://") + "/_ping"
        found = dict(requests.get(url, timeout=60, proxies={"no_proxy": "*"}).headers)
        return {name: value for name, value in found.items() if name not in told_of_content}

    told_of_content = {"Content-Type", "Content-Length", "Date"}
    usual = headers()
    engine.answer("GET /_ping", lambda asked: (503, b"tired"))
    assert headers() == usual
    assert usual["Builder-Version"] == "1"


def test_a_prefix_that_the_engine_refuses_is_answered_as_well(engine: FakeEngine) -> None:
    engine.answer("GET /info", lambda asked: (200, asked.api_version))
    assert ask(engine, "GET", "/v1.99/info") == (200, "application/json", b'"1.99"\n')


def test_an_exception_is_a_500_and_is_raised_at_the_end() -> None:
    engine = FakeEngine("1.41")
    with pytest.raises(ZeroDivisionError), engine, Client(engine.url) as client:
        engine.answer("GET /info", lambda asked: (1 // 0, b""))
        with pytest.raises(ServerError) as raised:
            client.info()
        assert raised.value.message == (
            "the function that answers GET /info failed: "
            "ZeroDivisionError('integer division or modulo by zero')"
        )
        client.ping()
    engine.close()  # it is raised once


def test_a_test_that_fails_in_the_function_fails_at_the_end() -> None:
    def refuse(asked: Asked) -> None:
        pytest.fail("nobody should ask")

    with (
        pytest.raises(pytest.fail.Exception, match="nobody should ask"),
        FakeEngine("1.41") as engine,
        Client(engine.url) as client,
    ):
        engine.answer("GET /info", refuse)
        with contextlib.suppress(ServerError):
            client.info()


@pytest.mark.parametrize("given", [5, (200,), ("200", b""), [200, b""]])
def test_what_is_no_answer_is_raised_at_the_end(given: Any) -> None:
    message = f"a function that answers gives (status, content) or None, not {given!r}"
    with (
        pytest.raises(TypeError, match=re.escape(message)),
        FakeEngine("1.41", tcp=True) as engine,
    ):
        engine.answer("GET /info", lambda asked: given)
        assert ask(engine, "GET", "/info")[0] == 500


def test_an_iterator_that_fails_breaks_the_answer_off_and_does_not_end_it() -> None:
    def blocks() -> Iterator[bytes]:
        yield b'{"status":"here"}\n'
        raise ZeroDivisionError

    with (
        pytest.raises(ZeroDivisionError),
        FakeEngine("1.41") as engine,
        Client(engine.url) as client,
    ):
        engine.answer("GET /events", lambda asked: (200, blocks()))
        with client.events() as events, pytest.raises(StreamInterrupted):
            for _ in events:
                pass


def test_an_iterator_is_sent_as_it_comes(engine: FakeEngine, client: Client) -> None:
    goes_on = threading.Event()

    def blocks() -> Iterator[bytes]:
        yield b'{"status":"one","id":"1"}\n'
        assert goes_on.wait(60)
        yield b'{"status":"two","id":"2"}\n'

    engine.answer("GET /events", lambda asked: (200, blocks()))
    with client.events(until=1) as events:
        first = next(events)
        goes_on.set()
        assert [one.action for one in (first, *events)] == ["one", "two"]


def test_faults_happen_to_its_answers(engine: FakeEngine, client: Client) -> None:
    engine.answer("GET /racks/{id}", lambda asked: (200, b"0123456789"))
    engine.fault("GET /racks/{id}", Cut(after=4))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(engine, "GET", "/racks/a")
    assert ask(engine, "GET", "/racks/a")[2] == b"0123456789"
    engine.answer("GET /info", lambda asked: (200, {}))
    engine.fault("GET /info", Cut())
    with pytest.raises(ConnectionFailed):
        client.info()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("/info", len), ValueError, "routes are written as in the manual, not '/info'"),
        (("GET info", len), ValueError, "routes are written as in the manual, not 'GET info'"),
        (("GET /info", 200), TypeError, "answer() takes a function of the request, not 200"),
        (("GET /info", len, 0), ValueError, "times is at least 1, not 0"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(
    arguments: tuple[Any, ...], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as raised:
        FakeEngine().answer(*arguments)
    assert str(raised.value) == message


def test_a_client_that_leaves_an_answer_does_not_count_as_a_failure(engine: FakeEngine) -> None:
    left = threading.Event()

    def blocks() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(100_000)
        finally:
            left.set()

    engine.answer("GET /images/{name}/get", lambda asked: (200, blocks()))
    with Client(engine.url) as client, client.get_image("any") as image:
        next(iter(image))
    assert left.wait(60)
