"""What runs in a container, as `ps` prints it, and how long ago things were."""

from __future__ import annotations

import pytest

from dockerapi.testing.play.running import Process
from dockerapi.testing.state.described import NEVER, _ago, top, when

ONE = Process(pid=7, parent=1, command="/bin/sleep 600", started=0.0, cpu=61.5, memory=2048)
MINUTE = 60 * 10**9


def test_columns_are_those_asked_for() -> None:
    for ps_args in ("-o pid,args", "-eo pid,args", "-opid,cmd"):
        assert top([ONE], ps_args) == (["PID", "COMMAND"], [["7", "/bin/sleep 600"]])
    assert top([ONE], "-o nonsense") == (["NONSENSE"], [["-"]])


@pytest.mark.parametrize(
    ("ps_args", "first", "last"),
    [("", "UID", "CMD"), ("-ef", "UID", "CMD"), ("aux", "USER", "COMMAND")],
)  # fmt: skip
def test_other_columns_are_those_of_ps(ps_args: str, first: str, last: str) -> None:
    titles, [shown] = top([ONE], ps_args)
    assert (titles[0], titles[-1], shown[1], shown[-1]) == (first, last, "7", "/bin/sleep 600")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (5, "Less than a second"),
        (10**9, "1 second"),
        (59 * 10**9, "59 seconds"),
        (MINUTE, "About a minute"),
        (2 * MINUTE, "2 minutes"),
    ],
)
def test_durations_are_rounded_as_engines_do(time: int, words: str) -> None:
    assert _ago(time) == words


def test_a_time_that_is_none_is_gos_zero() -> None:
    assert (when(0), when(1)) == (NEVER, "1970-01-01T00:00:00.000000001Z")
