from __future__ import annotations

import signal

from dockerapi.testing.play.running import HARMLESS


def test_signals_that_end_a_program_are_not_among_the_harmless_ones() -> None:
    ends = {"SIGHUP", "SIGINT", "SIGKILL", "SIGTERM", "SIGUSR1", "SIGUSR2"}
    assert {one.name for one in HARMLESS} & ends == set()
    assert signal.SIGWINCH in HARMLESS
