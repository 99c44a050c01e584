"""What COPY and ADD copy where; more is told by the builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerapi.testing.builder.copies import Copying, NotCopied
from dockerapi.testing.state.daemon import Daemon
from dockerapi.testing.state.files import Files
from testing.tars import archive, file


@pytest.fixture
def files(daemon: Daemon) -> Files:
    """The files of an image with nothing in it but `/there`, a folder."""
    found = Files(daemon.images, None, daemon.folder / "files")
    (found.root / "there").mkdir()
    return found


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "d/e").mkdir(parents=True)
    (tmp_path / "d/e/f").write_text("deep")
    (tmp_path / "a.txt").write_text("A")
    (tmp_path / "b.txt").write_text("B")
    (tmp_path / "packed").write_bytes(archive(file("in", "P")))
    (tmp_path / "link").symlink_to("a.txt")
    return tmp_path


def copied(
    files: Files, context: Path, *words: str, name: str = "COPY", directory: str = "/w"
) -> list[str]:
    """Every file that is there after `COPY words`."""
    *sources, target = words
    copying = Copying(name, directory)
    copying.plan(sources, target, context, files)
    copying.do(files)
    root = files.root
    found = [path for path in sorted(root.rglob("*")) if path.is_file() or path.is_symlink()]
    return [f"/{path.relative_to(root)}" for path in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("a.txt", "/x"), ["/x"]),
        (("a.txt", "/x/"), ["/x/a.txt"]),
        (("a.txt", "/there"), ["/there/a.txt"]),
        (("a.txt", "x"), ["/w/x"]),
        (("a.txt", "."), ["/w/a.txt"]),
        (("/a.txt", "/x"), ["/x"]),
        (("d", "/x"), ["/x/e/f"]),
        (("d/", "/there"), ["/there/e/f"]),
        ((".", "/x"), ["/x/a.txt", "/x/b.txt", "/x/d/e/f", "/x/link", "/x/packed"]),
        (("*.txt", "/x/"), ["/x/a.txt", "/x/b.txt"]),
        (("d/*/f", "/x"), ["/x"]),
        (("a.txt", "d", "/x/"), ["/x/a.txt", "/x/e/f"]),
        (("link", "/x"), ["/x"]),
        (("packed", "/x"), ["/x"]),
    ],
)
def test_what_is_copied_where(
    files: Files, context: Path, words: tuple[str, ...], expected: list[str]
) -> None:
    assert copied(files, context, *words) == expected


def test_add_unpacks_archives(files: Files, context: Path) -> None:
    assert copied(files, context, "packed", "/x", name="ADD") == ["/x/in"]
    assert copied(files, context, "a.txt", "/y", name="ADD") == ["/x/in", "/y"]


def test_a_link_that_is_named_is_followed(files: Files, context: Path) -> None:
    copied(files, context, "link", "/x")
    assert (files.root / "x").read_text() == "A"


@pytest.mark.parametrize("source", ["../x", "d/../../x", "../context"])
def test_nothing_outside_the_context(files: Files, context: Path, source: str) -> None:
    with pytest.raises(NotCopied) as caught:
        copied(files, context, source, "/x")
    words = f"COPY failed: forbidden path outside the build context: {source} ()"
    assert str(caught.value) == words
