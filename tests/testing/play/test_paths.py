from __future__ import annotations

from pathlib import Path

import pytest

from dockerapi.testing.play.paths import cleaned, inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to look in, beside one that must not be reached."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("/", ""),
        ("/a/./b//c", "a/b/c"),
        ("../../etc", "etc"),
        ("up", "etc"),
        ("up/passwd", "etc/passwd"),
        ("abs/passwd", "etc/passwd"),
        ("chain/x", "etc/x"),
        ("nosuch/../a", "a"),
    ],
)
def test_a_path_is_resolved_as_in_a_chroot(root: Path, path: str, expected: str) -> None:
    (root / "etc").mkdir()
    (root / "up").symlink_to("../../../etc")
    (root / "abs").symlink_to("/etc")
    (root / "chain").symlink_to("up")
    assert inside(root, path) == root / expected


def test_a_link_in_the_last_place_can_be_left_alone(root: Path) -> None:
    (root / "l").symlink_to("/etc")
    assert (inside(root, "l", follow=False), inside(root, "l")) == (root / "l", root / "etc")


def test_links_in_a_circle_are_an_error_of_the_system(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    with pytest.raises(OSError, match="Too many levels"):
        inside(root, "a/x")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "/"), ("a", "/a"), ("/a/../..//b/.", "/b"), ("..", "/"), ("/a/", "/a")],
)
def test_a_path_is_cleaned_as_it_is_written(path: str, expected: str) -> None:
    assert cleaned(path) == expected
