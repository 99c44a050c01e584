"""What a failed build is about."""

from __future__ import annotations

from dockerapi.buildkit.troubles import Troubles


def test_the_last_one_that_the_words_have_in_them_is_found() -> None:
    troubles = Troubles()
    first, second, other = ValueError("1"), ValueError("2"), ValueError("3")
    troubles.note("secret x", first)
    troubles.note("secret x", second)
    troubles.note("secret y", other)
    assert troubles.about("secret x: not found") is second
    assert troubles.about("exit code: 3") is None
