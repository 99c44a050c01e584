"""Filters, times, signals, sizes of terminals and whole numbers, as a query has them."""

from __future__ import annotations

import datetime
import math
import signal
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.api.parameters import (
    filter_lists,
    known_filters,
    signal_name,
    terminal_size,
    text,
    texts,
    timestamp,
    whole,
)

UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


# Filters


@pytest.mark.parametrize(
    ("given_filters", "sent"),
    [
        (None, None),
        ({}, {}),
        ({"label": "env=ci"}, {"label": ["env=ci"]}),
        ({"status": ["exited", "dead"]}, {"status": ["exited", "dead"]}),
        ({"status": ("exited",)}, {"status": ["exited"]}),
        ({"exited": 0}, {"exited": ["0"]}),
        ({"exited": [0, 137]}, {"exited": ["0", "137"]}),
        ({"dangling": True}, {"dangling": ["true"]}),
        ({"dangling": [False]}, {"dangling": ["false"]}),
        ({"label": ""}, {"label": [""]}),
        ({"label": []}, {"label": []}),
        ({"label": {"a": 1, "b": 2}.keys()}, {"label": ["a", "b"]}),
        ({"a": "x", "b": True}, {"a": ["x"], "b": ["true"]}),
    ],
)
def test_filters_become_lists_of_strings(given_filters: Any, sent: Any) -> None:
    assert filter_lists(given_filters) == sent


def test_filters_that_there_are_become_lists_and_others_are_refused() -> None:
    assert known_filters(None, "label") is None
    assert known_filters({"label": "a"}, "label", "until") == {"label": ["a"]}
    with pytest.raises(ValueError) as caught:
        known_filters({"label": "a", "name": "b"}, "label", "until")
    assert str(caught.value) == "filters: one of label, until was expected, not 'name'"


@pytest.mark.parametrize(
    ("given_filters", "message"),
    [
        ("label=x", "filters: a mapping was expected, not 'label=x'"),
        ([("label", "x")], "filters: a mapping was expected, not [('label', 'x')]"),
        ({"": "x"}, "filters: the name of a filter was expected, not ''"),
        ({1: "x"}, "filters: the name of a filter was expected, not 1"),
        ({"label": None}, "filters: label: a string or several were expected, not None"),
        ({"label": 1.5}, "filters: label: a string or several were expected, not 1.5"),
        ({"label": [None]}, "filters: label: a string was expected, not None"),
        ({"label": [b"x"]}, "filters: label: a string was expected, not b'x'"),
    ],
)
def test_filters_of_a_wrong_type_are_refused(given_filters: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        filter_lists(given_filters)
    assert str(caught.value) == message


# Times


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        (0, "0"),
        (1374067924, "1374067924"),
        (-1, "-1"),
        (1374067924.0, "1374067924"),
        (1374067924.25, "1374067924.250000000"),
        (datetime.datetime(2013, 7, 17, 13, 32, 4, tzinfo=UTC), "1374067924"),
        (datetime.datetime(2013, 7, 17, 13, 32, 4, 1, tzinfo=UTC), "1374067924.000001"),
        (datetime.datetime(2013, 7, 17, 19, 2, 4, tzinfo=EAST), "1374067924"),
        (datetime.datetime(1970, 1, 1, tzinfo=UTC), "0"),
        (Decimal("1374067924.123456789"), "1374067924.123456789"),
        (Decimal("1374067924.5"), "1374067924.500000000"),
        (Decimal("1374067924.0"), "1374067924"),
        (1374067924123456789, "1374067924.123456789"),
        (1374067924000000000, "1374067924"),
        ("1374067924", "1374067924"),
        ("1374067924.5", "1374067924.5"),
        ("1374067924.000000001", "1374067924.000000001"),
        ("2013-07-17T13:32:04Z", "1374067924"),
        ("2013-07-17t13:32:04.123456789z", "1374067924.123456789"),
        ("2013-07-17T19:02:04.5+05:30", "1374067924.5"),
        ("1969-12-31T23:59:59.5Z", "-1.5"),
    ],
)
def test_a_time_becomes_unix_seconds(value: Any, sent: str | None) -> None:
    assert timestamp("since", value) == sent


NO_TIME = "unix seconds, RFC 3339 or a datetime were expected"
NO_TEXT = "unix seconds, or RFC 3339 with a time zone, were expected"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            datetime.datetime(2013, 7, 17, 13, 32, 4),
            ValueError,
            "since: a datetime without a time zone: datetime.datetime(2013, 7, 17, 13, 32, 4)",
        ),
        (math.nan, ValueError, "since: not a time in unix seconds: nan"),
        (math.inf, ValueError, "since: not a time in unix seconds: inf"),
        (10**12, ValueError, "since: not a time in unix seconds: 1000000000000"),
        (1374067924123, ValueError, "since: not a time in unix seconds: 1374067924123"),
        (1.4e18, ValueError, "since: not a time in unix seconds: 1.4e+18"),
        (Decimal("NaN"), ValueError, "since: not a time in unix seconds: nan"),
        (Decimal("Inf"), ValueError, "since: not a time in unix seconds: Decimal('Infinity')"),
        (
            Decimal("1.0000000001"),
            ValueError,
            "since: no Engine has more than nanoseconds: Decimal('1.0000000001')",
        ),
        (True, TypeError, f"since: {NO_TIME}, not True"),
        (b"1", TypeError, f"since: {NO_TIME}, not b'1'"),
        ("10m", ValueError, f"since: {NO_TEXT}, not '10m'"),
        ("1e9", ValueError, f"since: {NO_TEXT}, not '1e9'"),
        ("2013-07-17T13:32:04", ValueError, f"since: {NO_TEXT}, not '2013-07-17T13:32:04'"),
        ("2013-02-30T13:32:04Z", ValueError, f"since: {NO_TEXT}, not '2013-02-30T13:32:04Z'"),
    ],
)
def test_what_is_no_time_is_refused(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        timestamp("since", value)
    assert str(caught.value) == message


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_datetime_is_sent_to_the_microsecond(moment: datetime.datetime) -> None:
    sent = timestamp("since", moment)
    assert sent is not None
    seconds, _, fraction = sent.partition(".")
    since_epoch = datetime.timedelta(seconds=int(seconds), microseconds=int(fraction or 0))
    assert datetime.datetime(1970, 1, 1, tzinfo=UTC) + since_epoch == moment


# Signals


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        ("SIGTERM", "SIGTERM"),
        ("term", "TERM"),
        ("SIGRTMIN+3", "SIGRTMIN+3"),
        ("RTMAX-14", "RTMAX-14"),
        (9, "9"),
        ("9", "9"),
        ("015", "15"),
        (64, "64"),
        (signal.SIGHUP, "SIGHUP"),
    ],
)
def test_a_signal_is_sent_by_its_name_or_number(value: Any, sent: str | None) -> None:
    assert signal_name(value) == sent


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (0, ValueError, "signal: no name or number of a signal: 0"),
        (65, ValueError, "signal: no name or number of a signal: 65"),
        (-9, ValueError, "signal: no name or number of a signal: -9"),
        ("", ValueError, "signal: no name or number of a signal: ''"),
        ("SIG TERM", ValueError, "signal: no name or number of a signal: 'SIG TERM'"),
        ("TERM\r\n", ValueError, "signal: no name or number of a signal: 'TERM\\r\\n'"),
        ("\u0669", ValueError, "signal: no name or number of a signal: '\u0669'"),
        (True, TypeError, "signal: a name, a number or a signal.Signals, not True"),
        (9.0, TypeError, "signal: a name, a number or a signal.Signals, not 9.0"),
        (b"TERM", TypeError, "signal: a name, a number or a signal.Signals, not b'TERM'"),
    ],
)
def test_what_is_no_signal_is_refused(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        signal_name(value)
    assert str(caught.value) == message


# Sizes of terminals


@pytest.mark.parametrize(("height", "width"), [(1, 1), (40, 80), (65535, 65535)])
def test_a_terminal_has_1_to_65535_characters_each_way(height: int, width: int) -> None:
    assert terminal_size(height, width) == {"h": height, "w": width}


@pytest.mark.parametrize(
    ("height", "width", "error", "message"),
    [
        (0, 80, ValueError, "height: 1 to 65535 characters, not 0"),
        (40, -1, ValueError, "width: 1 to 65535 characters, not -1"),
        (40, 65536, ValueError, "width: 1 to 65535 characters, not 65536"),
        ("40", 80, TypeError, "height: a number of characters was expected, not '40'"),
        (40, True, TypeError, "width: a number of characters was expected, not True"),
        (40, None, TypeError, "width: a number of characters was expected, not None"),
    ],
)
def test_what_is_no_size_of_a_terminal_is_refused(
    height: Any, width: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        terminal_size(height, width)
    assert str(caught.value) == message


# Whole numbers


@pytest.mark.parametrize(("value", "least"), [(None, 1), (0, 0), (1, 1), (10**9, 1)])
def test_a_whole_number_passes(value: int | None, least: int) -> None:
    assert whole("limit", value, least=least) == value


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (0, ValueError, "limit: at least 1, not 0"),
        (-1, ValueError, "limit: at least 1, not -1"),
        (1.0, TypeError, "limit: a whole number was expected, not 1.0"),
        ("1", TypeError, "limit: a whole number was expected, not '1'"),
        (True, TypeError, "limit: a whole number was expected, not True"),
    ],
)
def test_what_is_no_such_number_is_refused(
    value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        whole("limit", value, least=1)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: text("user", 5), TypeError, "user: a string was expected, not 5"),
        (
            lambda: text("user", "a\nb"),
            ValueError,
            "user: one line of text was expected, not 'a\\nb'",
        ),
        (
            lambda: text("term", "", empty=False),
            ValueError,
            "term: one line of text was expected, not ''",
        ),
        (
            lambda: text("message", "a\0", lines=True),
            ValueError,
            "message: text was expected, not 'a\\x00'",
        ),
        (
            lambda: texts("changes", "CMD sh"),
            TypeError,
            "changes: a list of strings was expected, not 'CMD sh'",
        ),
        (lambda: texts("changes", 5), TypeError, "changes: a list of strings was expected, not 5"),
        (
            lambda: texts("changes", [5]),
            TypeError,
            "changes: a list of strings was expected, not [5]",
        ),
    ],
    ids=["no text", "two lines", "empty", "NUL", "one text", "no list", "a list of numbers"],
)
def test_what_is_no_text_is_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as refused:
        call()
    assert str(refused.value) == words


def test_text_is_taken_as_it_is() -> None:
    assert [text("a", None), text("a", ""), text("a", "x y"), text("a", "x\ny", lines=True)] == [
        None,
        "",
        "x y",
        "x\ny",
    ]
    assert [texts("a", None), texts("a", ()), texts("a", ("x", "y"))] == [None, [], ["x", "y"]]
