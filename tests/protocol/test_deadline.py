"""How long may be waited, for one thing and for all of them."""

from __future__ import annotations

import time

import pytest

from dockerapi.protocol.deadline import Deadline


def test_without_a_bound_everything_may_take_as_long_as_it_likes() -> None:
    assert Deadline().left() is None
    assert Deadline().whole() == Deadline()


def test_each_thing_may_take_its_seconds() -> None:
    deadline = Deadline(5, "idle")
    assert [deadline.left(), deadline.left()] == [5, 5]


def test_one_thing_in_pieces_may_take_its_seconds_once() -> None:
    before = time.monotonic()
    whole = Deadline(5, "connect").whole()
    after = time.monotonic()
    assert (whole.seconds, whole.kind) == (5, "connect")
    assert whole.ends is not None and before + 5 <= whole.ends <= after + 5
    left = whole.left()
    assert left is not None and 0 < left <= 5


@pytest.mark.parametrize(
    ("seconds", "ahead", "most"),
    [(None, 100, 100), (5, 100, 5), (100, 5, 5)],
    ids=["only the end", "each thing first", "the end first"],
)
def test_what_is_over_first_counts(seconds: float | None, ahead: float, most: float) -> None:
    deadline = Deadline(seconds, ends=time.monotonic() + ahead)
    for one in (deadline, deadline.whole()):
        left = one.left()
        assert left is not None and most - 2 < left <= most


@pytest.mark.parametrize("seconds", [None, 5])
def test_a_time_that_is_over_says_so(seconds: float | None) -> None:
    deadline = Deadline(seconds, ends=time.monotonic())
    for one in (deadline, deadline.whole()):
        with pytest.raises(TimeoutError, match="^the time is over$"):
            one.left()
