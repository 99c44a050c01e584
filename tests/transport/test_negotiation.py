"""The one question of many threads: asked once, and never waited for by who asks it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dockerapi import NoCommonVersion, UnexpectedReply
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.transport.negotiation import Negotiated, Negotiation, negotiated
from dockerapi.versions.releases import ApiVersion, Release
from scripted import PATIENCE

ENDPOINT = Endpoint.parse("/x")
FOUND = Negotiated(ApiVersion.parse("1.41"), ApiVersion.parse("1.41"), Release.parse("20.10.24"))
OTHER = Negotiated(ApiVersion.parse("1.24"), ApiVersion.parse("1.24"), Release.parse("1.12.6"))


def settled(negotiation: Negotiation, ask: Any) -> Negotiated:
    while negotiation.result is None:
        negotiation.step(ask)
    return negotiation.result


def test_threads_that_come_together_ask_once() -> None:
    together, asked = threading.Barrier(8), []
    negotiation = Negotiation()

    def ask() -> Negotiated:
        asked.append(1)
        threading.Event().wait(0.2)
        return FOUND

    def want() -> None:
        together.wait(PATIENCE)
        found.append(settled(negotiation, ask))

    found: list[Negotiated] = []
    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (found, len(asked)) == ([FOUND] * 8, 1)


def test_who_waits_is_let_go_now_and_then_to_look_around() -> None:
    negotiation, go = Negotiation(), threading.Event()

    def ask() -> Negotiated:
        assert go.wait(PATIENCE)
        return FOUND

    asking = threading.Thread(target=lambda: negotiation.step(ask))
    asking.start()
    while not negotiation._threads:
        asking.join(0.01)
    for _ in range(3):
        negotiation.step(lambda: pytest.fail("it is asked already"))
        assert negotiation.result is None
    go.set()
    asking.join(PATIENCE)
    assert negotiation.result == FOUND


def test_a_handler_in_the_middle_of_the_question_asks_for_itself() -> None:
    negotiation = Negotiation()

    def ask() -> Negotiated:
        assert negotiation.is_here
        assert settled(negotiation, lambda: OTHER) == OTHER
        return FOUND

    assert settled(negotiation, ask) == FOUND
    assert not negotiation.is_here


@pytest.mark.parametrize("error", [KeyboardInterrupt, UnexpectedReply("no")])
def test_a_question_that_failed_can_be_asked_again_by_any_thread(error: Any) -> None:
    negotiation = Negotiation()

    def fail() -> Negotiated:
        raise error

    with pytest.raises((KeyboardInterrupt, UnexpectedReply)):
        negotiation.step(fail)
    assert not negotiation.is_here
    other = threading.Thread(target=lambda: negotiation.step(lambda: FOUND))
    other.start()
    other.join(PATIENCE)
    assert negotiation.result == FOUND


def test_while_a_policy_decides_its_thread_is_in_the_middle_of_it() -> None:
    negotiation = Negotiation()
    found = [negotiation.is_here]

    def policy() -> float | None:
        found.append(negotiation.is_here)
        return 1.5

    assert negotiation.decide(policy) == 1.5
    found.append(negotiation.is_here)
    assert found == [False, True, False]


def test_an_engine_says_what_to_speak() -> None:
    found = negotiated({"Version": "20.10.24", "ApiVersion": "1.41"}, ENDPOINT, None)
    assert found == FOUND
    windows = {"Version": "20.10.24", "ApiVersion": "1.41", "Os": "windows"}
    assert negotiated(windows, ENDPOINT, ApiVersion.parse("1.24")) == Negotiated(
        ApiVersion.parse("1.24"), ApiVersion.parse("1.41"), Release.parse("20.10.24"), True
    )


@pytest.mark.parametrize(
    ("found", "error", "words"),
    [
        (None, UnexpectedReply, "unix:///x: GET /version: an object was expected, not None"),
        ({}, UnexpectedReply, "unix:///x: GET /version names no Docker Engine: {}"),
        (
            {"Version": "99.0", "ApiVersion": "1.99", "MinAPIVersion": "1.90"},
            NoCommonVersion,
            "unix:///x: the Engine speaks API 1.90 to 1.99, this library 1.0 to 1.55",
        ),
    ],
)
def test_what_says_nothing_to_speak_is_refused(
    found: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        negotiated(found, ENDPOINT, None)
    assert str(caught.value) == words
