"""Items go out whole and in order, whoever interrupts whom."""

from __future__ import annotations

import contextlib
import errno
import gc
import threading
from collections.abc import Iterator
from typing import Literal

import pytest

from dockerapi.endpoint.outbox import Outbox
from interruptions import Moments
from scripted import PATIENCE


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """No `__del__` of other tests is at work where a handler raises."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Line:
    """An outbox, and where its items go, letter by letter: a handler may come between two."""

    def __init__(self) -> None:
        self.sent = ""
        self._outbox: Outbox[str] = Outbox()

    def put(self, item: str) -> None:
        self._outbox.put(item, self._send)

    def _send(self, item: str) -> None:
        for letter in item:
            self.sent += letter


@pytest.mark.parametrize("each", ["line", "opcode"])
def test_what_a_handler_puts_in_goes_before_or_after_but_never_between(
    each: Literal["line", "opcode"],
) -> None:
    moments, found = Moments(each), set()

    def play(at: int) -> None:
        line = Line()

        def handler() -> None:
            line.put("one ")
            line.put("two ")

        moments.interrupt(lambda: line.put("outer "), at, handler)
        line.put("more")
        if moments.place:
            found.add(line.sent)

    moments.each(play)
    assert found == {"outer one two more", "one two outer more"}


def test_after_a_handler_that_raises_an_item_is_whole_or_none_follows() -> None:
    moments, found = Moments(signals=True), set()

    def handler() -> None:
        raise KeyboardInterrupt

    def play(at: int) -> None:
        line = Line()
        with contextlib.suppress(KeyboardInterrupt):
            moments.interrupt(lambda: line.put("ab"), at, handler)
        try:
            line.put("cd")
        except BrokenPipeError as error:
            assert (error.errno, error.strerror) == (
                errno.EPIPE,
                "an earlier write broke off in the middle",
            )
        found.add(line.sent)

    moments.each(play)
    # Not sent at all; sent before the next, or with it; and nothing more after a part of it.
    assert found == {"cd", "abcd", "", "a", "ab"}


def test_threads_wait_for_one_another() -> None:
    sent: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def send(item: str) -> None:
        sent.append(f"{item} begins")
        begun.set()
        assert go_on.wait(PATIENCE)
        sent.append(f"{item} ends")

    outbox: Outbox[str] = Outbox()
    first = threading.Thread(target=outbox.put, args=["first", send])
    second = threading.Thread(target=outbox.put, args=["second", send])
    first.start()
    assert begun.wait(PATIENCE)
    second.start()
    go_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert sent == ["first begins", "first ends", "second begins", "second ends"]
