"""One call as its handler sees it: messages, answers, and the end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping

import pytest

from caller import Answer, served
from dockerapi.buildkit.call import Call, CallEnded, Handler, unary
from dockerapi.buildkit.services import HEALTH
from dockerapi.protocol.calls import WINDOW
from dockerapi.protocol.grpc import LARGEST_MESSAGE, framed
from scripted import PATIENCE


class Serving:
    """One method `/m`."""

    def __init__(self, handle: Handler) -> None:
        self.methods: Mapping[str, Handler] = {"/m": handle}


def test_a_unary_call_is_a_function_of_its_message() -> None:
    with served([Serving(unary(lambda message: message * 2))]) as (caller, _):
        assert caller.unary("/m", b"ab") == Answer(0, "", [b"abab"], True)
        assert caller.unary("/m", b"") == Answer(0, "", [b""], True)


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", Answer(13, "one message was expected, not 0", [], True)),
        (framed(b"a") * 2, Answer(13, "one message was expected, not 2", [], True)),
        (
            framed(b"abc")[:-1],
            Answer(13, "the stream ends inside a message, after 7 bytes of it", [], True),
        ),
        (
            b"\0\0\x40\0\1",
            Answer(8, f"a message of 4194305 bytes; there may be {LARGEST_MESSAGE}", [], True),
        ),
    ],
    ids=["none", "two", "cut", "too large"],
)
def test_what_is_no_one_message_is_refused(data: bytes, answer: Answer) -> None:
    with served([Serving(unary(lambda message: message))]) as (caller, _):
        stream = caller.begin("/m")
        caller.send(stream, data, end=True)
        assert caller.answer(stream) == answer


def test_a_request_of_the_largest_size_comes_whole() -> None:
    def sizes(message: bytes) -> bytes:
        return str(len(message)).encode()

    with served([Serving(unary(sizes))]) as (caller, _):
        assert caller.unary("/m", bytes(LARGEST_MESSAGE)).messages == [b"4194304"]


def test_messages_go_both_ways_at_once() -> None:
    def echo(call: Call) -> None:
        for message in call.messages():
            call.send(message)

    with served([Serving(echo)]) as (caller, _):
        stream = caller.begin("/m")
        caller.message(stream, b"a")
        assert caller.answer(stream, messages=1).messages == [b"a"]
        caller.message(stream, bytes(200_000), end=True)
        assert caller.answer(stream) == Answer(0, "", [b"a", bytes(200_000)], True)


def test_an_answer_larger_than_the_window_waits_for_room() -> None:
    with served([Serving(unary(lambda message: bytes(1_000_000)))]) as (caller, _):
        assert caller.unary("/m").messages == [bytes(1_000_000)]


def test_a_consumer_that_is_slow_holds_the_engine_up() -> None:
    go_on = threading.Event()

    def slow(call: Call) -> None:
        for _ in call.messages():
            assert go_on.wait(PATIENCE)

    with served([Serving(slow)]) as (caller, _):
        caller.unary(HEALTH)  # the windows are known then
        stream = caller.begin("/m")
        caller.message(stream, bytes(10))
        sent = 15
        while room := min(caller.http.local_flow_control_window(stream), 16_384):
            caller.http.send_data(stream, framed(bytes(room - 5)) if room > 5 else bytes(room))
            caller.flush()
            sent += room
        assert sent == WINDOW
        go_on.set()


def handled(act: Callable[[Call], None]) -> tuple[Serving, list[str], threading.Event]:
    """What serves a call, and how it ended."""
    ends: list[str] = []
    over = threading.Event()

    def handle(call: Call) -> None:
        try:
            act(call)
            ends.append("end")
        except CallEnded:
            ends.append("cancelled")
        over.set()

    return Serving(handle), ends, over


def test_a_call_that_is_cancelled_wakes_its_handler() -> None:
    serving, ends, over = handled(lambda call: list(call.messages()) and None)
    with served([serving]) as (caller, _):
        caller.http.reset_stream(caller.begin("/m"), 8)
        caller.flush()
        assert over.wait(PATIENCE)
    assert ends == ["cancelled"]


def test_the_end_of_the_session_wakes_who_waits_for_room() -> None:
    begun = threading.Event()

    def fill(call: Call) -> None:
        begun.set()
        call.send(bytes(1_000_000))

    serving, ends, over = handled(fill)
    with served([serving]) as (caller, session):
        caller.begin("/m")
        assert begun.wait(PATIENCE)
        session.close()
        assert over.is_set()
    assert ends == ["cancelled"]


def test_a_socket_that_a_call_holds_is_shut_down_at_its_end() -> None:
    near, far = socket.socketpair()

    def wait(call: Call) -> None:
        call.holding(near)
        assert near.recv(1) == b""

    serving, ends, over = handled(wait)
    with near, far, served([serving]) as (caller, _):
        caller.http.reset_stream(caller.begin("/m"), 8)
        caller.flush()
        assert over.wait(PATIENCE)
    assert ends == ["end"]
