"""How long a client waits, in seconds or without bound."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi import Timeouts


def test_each_limit_is_given_in_seconds_or_as_none() -> None:
    given = Timeouts(connect=0.5, read=None, idle=30)
    assert (given.connect, given.read, given.idle) == (0.5, None, 30)
    assert Timeouts() == Timeouts(connect=10, read=60, idle=None)


@pytest.mark.parametrize("name", ["connect", "read", "idle"])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (0, ValueError, "{}: more than 0 seconds, not 0"),
        (-1, ValueError, "{}: more than 0 seconds, not -1"),
        (float("nan"), ValueError, "{}: more than 0 seconds, not nan"),
        (float("inf"), ValueError, "{}: more than 0 seconds, not inf"),
        ("1", TypeError, "{}: seconds or None were expected, not '1'"),
        (True, TypeError, "{}: seconds or None were expected, not True"),
    ],
)
def test_a_timeout_that_is_none_is_refused(
    name: str, value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Timeouts(**{name: value})
    assert str(caught.value) == message.format(name)
