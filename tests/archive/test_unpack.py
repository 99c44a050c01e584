"""Unpacking: into a directory of its own first, and from there into its place."""

from __future__ import annotations

import errno
import io
import itertools
import os
import shutil
import stat
from pathlib import Path

import pytest

from archived import END, file, folder, hard_link, link
from dockerapi.archive.unpack import unpacked
from dockerapi.errors import BadArchive

TREE = folder("d") + folder("d/sub") + file("d/sub/a") + hard_link("d/b", "d/sub/a") + END


def there(path: Path) -> list[str]:
    return sorted(str(found.relative_to(path)) for found in path.rglob("*"))


def test_nothing_is_there_before_it_is_moved_and_nothing_beside_afterwards(tmp_path: Path) -> None:
    with unpacked(io.BytesIO(TREE).read, "d", str(tmp_path)) as copy:
        [staging] = tmp_path.iterdir()
        assert staging.name.startswith(".dockerapi-")
        assert stat.S_IMODE(staging.stat().st_mode) == 0o700
        copy.move(str(tmp_path / "new"))
    assert there(tmp_path) == ["new", "new/b", "new/sub", "new/sub/a"]
    assert (tmp_path / "new" / "b").samefile(tmp_path / "new" / "sub" / "a")


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        with unpacked(io.BytesIO(TREE).read, "d", str(tmp_path)):
            raise KeyboardInterrupt
    assert there(tmp_path) == []


def test_a_full_disk_is_no_fault_of_the_archive(tmp_path: Path) -> None:
    def read(size: int) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError) as caught:
        with unpacked(read, "d", str(tmp_path)):
            pass
    assert caught.value.errno == errno.ENOSPC
    assert there(tmp_path) == []


def test_what_is_there_stays_beside_what_comes(tmp_path: Path) -> None:
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "sub" / "mine").write_bytes(b"mine")
    (tmp_path / "d" / "sub" / "a").write_bytes(b"old")
    with unpacked(io.BytesIO(TREE).read, "d", str(tmp_path)) as copy:
        copy.move(str(tmp_path / "d"))
    assert there(tmp_path / "d") == ["b", "sub", "sub/a", "sub/mine"]
    assert (tmp_path / "d" / "sub" / "a").read_bytes() == b"content"
    assert (tmp_path / "d").stat().st_mtime == 1e9


def test_the_content_alone_leaves_the_directory_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o711)
    with unpacked(io.BytesIO(TREE).read, "d", str(tmp_path)) as copy:
        copy.move(str(tmp_path / "d"), content=True)
    assert there(tmp_path / "d") == ["b", "sub", "sub/a"]
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o711
    assert (tmp_path / "d").stat().st_mtime > 1e9


@pytest.mark.parametrize(
    ("before", "error", "words"),
    [
        ("file", NotADirectoryError, "no directory, and is to become one"),
        ("directory", IsADirectoryError, "a directory, and is to become none"),
    ],
)
def test_what_is_of_another_kind_is_not_replaced_and_nothing_is_moved(
    before: str, error: type[OSError], words: str, tmp_path: Path
) -> None:
    place = tmp_path / "d" / ("sub" if before == "file" else "b")
    place.parent.mkdir()
    if before == "file":
        place.write_bytes(b"mine")
    else:
        place.mkdir()
    with pytest.raises(error) as caught:
        with unpacked(io.BytesIO(TREE).read, "d", str(tmp_path)) as copy:
            copy.move(str(tmp_path / "d"))
    assert str(caught.value) == f"{place}: {words}"
    assert there(tmp_path) == ["d", str(place.relative_to(tmp_path))]


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no other file system")
def test_what_lies_on_another_file_system_is_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where something is mounted below the target; here the system is made to say so."""
    replace = os.replace

    def elsewhere(source: str, target: str) -> None:
        if target.endswith("/mounted"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replace(source, target)

    monkeypatch.setattr(os, "replace", elsewhere)
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / "mounted").symlink_to("mine")
    with unpacked(io.BytesIO(file("f") + END).read, "f", str(tmp_path)) as copy:
        copy.move(str(tmp_path / "mounted"))
    assert (tmp_path / "mounted").read_bytes() == b"content"
    assert (tmp_path / "mine").read_bytes() == b"mine"


PARTS = ["..", "a", "b", "l", "m"]
UPWARDS = ["..", "../..", ".", "../b"]
THROUGH = [
    "/".join(parts)
    for count in (1, 2, 3)
    for parts in itertools.product(PARTS, repeat=count)
    if count < 3 or "l" in parts
]


def test_through_whatever_links_a_link_leads_nowhere_else(tmp_path: Path) -> None:
    """Every pair of a link and another that may lead through it: refused, or within."""
    place, made = tmp_path / "d", 0
    for upward, through in itertools.product(UPWARDS, THROUGH):
        archive = folder("d") + folder("d/a") + folder("d/a/b")
        archive += link("d/a/b/l", upward) + link("d/a/m", through) + link("d/n", through)
        try:
            with unpacked(io.BytesIO(archive + END).read, "d", str(tmp_path), "refuse") as copy:
                copy.move(str(place))
        except BadArchive:
            assert there(tmp_path) == []
            continue
        for name in ("a/b/l", "a/m", "n"):
            leads = os.path.realpath(place / name)
            assert f"{leads}/".startswith(f"{place}/"), (upward, through, name, leads)
        made += 1
        shutil.rmtree(place)
    assert made > 50


def test_what_is_in_a_directory_comes_without_its_top_from_podman(tmp_path: Path) -> None:
    archive = file("a") + folder("sub") + file("sub/b") + hard_link("sub/c", "a") + END
    (tmp_path / "here").mkdir()
    with unpacked(io.BytesIO(archive).read, ".", str(tmp_path)) as copy:
        assert copy.is_directory
        copy.move(str(tmp_path / "here"), content=True)
    assert there(tmp_path) == ["here", "here/a", "here/sub", "here/sub/b", "here/sub/c"]


def test_an_empty_directory_comes_as_an_empty_archive_from_podman(tmp_path: Path) -> None:
    with unpacked(io.BytesIO(END).read, ".", str(tmp_path)) as copy:
        assert copy.is_directory
        copy.move(str(tmp_path / "new"))
    assert there(tmp_path) == ["new"]


@pytest.mark.parametrize("name", ["/a", "../a", "./../a", "sub/../../a"])
def test_what_is_in_a_directory_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadArchive):
        with unpacked(io.BytesIO(file(name) + END).read, ".", str(tmp_path)):
            pass
    assert there(tmp_path) == []
