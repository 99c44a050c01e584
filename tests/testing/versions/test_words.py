from __future__ import annotations

import pytest

from dockerapi.testing.versions import words
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release

ID, OTHER = "0123456789abcdef", "fedcba9876543210"


def of(release: str) -> Dialect:
    return Dialect.of(Release.parse(release), None)[0]


# From the recordings of 0.4.4 to 28.5.
@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("0.4.4", ["Step 2 : RUN x  y\n"]),
        ("0.7.6", ["Step 2 : RUN x  y\n"]),
        ("0.8.1", ["Step 1 : RUN x  y\n"]),
        ("1.7.1", ["Step 1 : RUN x  y\n"]),
        ("20.10.24", ["Step 2/3 : run x  y", "\n"]),
        ("28.5.2", ["Step 2/3 : run x  y", "\n"]),
    ],
)
def test_what_stands_before_a_step(release: str, expected: list[str]) -> None:
    assert words.step(of(release), 2, 3, "RUN x  y", "run x  y") == expected


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("1.7.1", [" ---> 0123456789ab\n", "Removing intermediate container fedcba987654\n"]),
        ("20.10.24", ["Removing intermediate container fedcba987654\n", " ---> 0123456789ab\n"]),
        ("26.1.5", [" ---> Removed intermediate container fedcba987654\n", " ---> 0123456789ab\n"]),
    ],
)
def test_what_stands_after_a_step(release: str, expected: list[str]) -> None:
    assert words.done(of(release), ID, OTHER, removed=True) == expected
    assert words.done(of(release), ID, None, removed=True) == [" ---> 0123456789ab\n"]
    assert words.done(of(release), ID, OTHER, removed=False) == [" ---> 0123456789ab\n"]


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("0.6.6", "The command [/bin/sh -c exit 7] returned a non-zero code: 7"),
        ("1.6.2", "The command [/bin/sh -c exit 7] returned a non-zero code: 7"),
        ("1.7.1", "The command '/bin/sh -c exit 7' returned a non-zero code: 7"),
    ],
)
def test_a_command_that_failed(release: str, expected: str) -> None:
    assert words.failed(of(release), ["/bin/sh", "-c", "exit 7"], 7) == expected


def test_stderr_is_red_from_1_6_on() -> None:
    assert [words.error_output(of(one), "x") for one in ("1.5.0", "1.6.2")] == [
        "x", "\x1b[91mx\x1b[0m",
    ]  # fmt: skip


def test_triggers_are_counted() -> None:
    assert words.triggers(of("28.5.2"), 1) == ["# Executing 1 build trigger", "\n"]
    assert words.triggers(of("28.5.2"), 2) == ["# Executing 2 build triggers", "\n"]
