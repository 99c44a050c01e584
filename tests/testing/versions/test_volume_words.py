"""What is said no to about volumes: the status and the words of some releases.

The recorded ones are compared in tests/testing/routes/test_volumes.py.
"""

from __future__ import annotations

import pytest

from dockerapi.testing.http.errors import HttpError
from dockerapi.testing.versions import volume_words
from testing.conversation import dialects


def test_every_release_has_words_for_everything() -> None:
    for dialect in dialects():
        if not dialect.since("1.9.0"):
            continue
        told = [
            volume_words.no_volume(dialect, "v"),
            volume_words.bad_name(dialect, "v"),
            volume_words.bad_name(dialect, "a/b"),
            volume_words.bad_option(dialect, "v", "o"),
            volume_words.no_plugin(dialect, "v", "d", there=False),
            volume_words.no_plugin(dialect, "v", "d", there=True),
            volume_words.in_use(dialect, "v", ["0a"]),
            volume_words.two_dangling(dialect, ["true", "false"]),
        ]
        assert all(error.status in (400, 404, 409, 500) for error in told), dialect
        assert all(error.message for error in told), dialect


@pytest.mark.parametrize(
    ("values", "every"), [([], False), (["true"], True), (["1"], True), (["false"], False)]
)
def test_whether_all_volumes_are_pruned(values: list[str], every: bool) -> None:
    assert volume_words.every(values) is every


@pytest.mark.parametrize("values", [["perhaps"], ["true", "false"]])
def test_what_is_neither_is_refused(values: list[str]) -> None:
    with pytest.raises(HttpError) as caught:
        volume_words.every(values)
    assert caught.value.status == 400
