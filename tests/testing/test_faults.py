from __future__ import annotations

import pytest

from dockerapi import Client, ServerError
from dockerapi.errors import (
    ConnectionFailed,
    NotAFrame,
    StreamInterrupted,
    TimedOut,
    Truncated,
    UnexpectedReply,
)
from dockerapi.testing import Corrupt, Cut, FakeEngine, Refuse, Stall, Status


def test_the_next_connection_is_refused_and_the_one_after_is_not() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        engine.fault(None, Refuse())
        with pytest.raises(ConnectionFailed):
            client.ping()
        client.ping()


def test_a_status_with_the_words_of_the_test() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        engine.fault("GET /_ping", Status(500, "out of order"), times=2)
        for _ in range(2):
            with pytest.raises(ServerError) as raised:
                client.ping()
            assert str(raised.value) == "GET /_ping: 500 out of order"
        client.ping()


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("after", [0, 10])
def test_an_answer_that_is_cut(after: int, reset: bool) -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        client.ping()
        engine.fault("GET /info", Cut(after, reset=reset))
        with pytest.raises((ConnectionFailed, UnexpectedReply)):
            client.info()
        client.info()


def test_an_engine_that_dies_takes_everybody_with_it() -> None:
    with FakeEngine() as engine, Client(engine.url) as client, Client(engine.url) as other:
        with other.events() as events:
            engine.fault("GET /info", Cut(5, engine=True))
            with pytest.raises((ConnectionFailed, UnexpectedReply)):
                client.info()
            with pytest.raises((ConnectionFailed, StreamInterrupted)):
                next(events)
        with pytest.raises(ConnectionFailed):
            client.ping()


def test_an_answer_that_stalls() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        client.api_version  # noqa: B018
        engine.fault("GET /_ping", Stall(60))
        with pytest.raises(TimedOut):
            client.with_timeouts(read=0.1).ping()
        client.ping()


@pytest.mark.parametrize(
    ("route", "fault", "times", "message"),
    [
        (
            "GET /nosuch",
            Cut(),
            1,
            "there is no route 'GET /nosuch'; routes are written as in the manual",
        ),
        (None, Cut(), 1, "Refuse() is for no route (None), every other fault for one"),
        ("GET /info", Refuse(), 1, "Refuse() is for no route (None), every other fault for one"),
        ("GET /info", Cut(), 0, "times is at least 1, not 0"),
    ],
)
def test_faults_that_make_no_sense_are_refused(
    route: str | None, fault: Cut | Refuse, times: int, message: str
) -> None:
    with pytest.raises(ValueError) as raised:
        FakeEngine().fault(route, fault, times=times)
    assert str(raised.value) == message


def test_a_frame_whose_header_is_none() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        id = client.run("busybox", ["echo", "hello"]).container_id
        engine.fault("GET /containers/{id}/logs", Corrupt())
        with client.logs(id) as logs, pytest.raises(NotAFrame) as raised:
            logs.read()
        assert raised.value.data[:1] == b"\xff"
        with client.logs(id) as logs:
            assert logs.read().stdout == b"hello\n"


@pytest.mark.parametrize("after", range(1, 16))
def test_framed_output_that_is_cut_anywhere(after: int) -> None:
    whole = b"b\r\n\1\0\0\0\0\0\0\3hi\n\r\n"
    with FakeEngine() as engine, Client(engine.url) as client:
        id = client.run("busybox", ["echo", "hi"]).container_id
        engine.fault("GET /containers/{id}/logs", Cut(after))
        assert after < len(whole)
        with client.logs(id) as logs, pytest.raises((StreamInterrupted, Truncated)):
            logs.read()


@pytest.mark.parametrize("kind", [2, 256])
def test_a_corrupt_frame_is_of_no_kind_there_is(kind: int) -> None:
    with pytest.raises(ValueError):
        Corrupt(kind)
