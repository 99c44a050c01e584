from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from dockerapi.testing.state.daemon import Daemon
from dockerapi.testing.state.files import ADDED, CHANGED, DELETED, Change, Files
from dockerapi.testing.state.layers import BadArchive, entry, unpack
from testing.tars import names


@pytest.fixture
def files(daemon: Daemon) -> Files:
    """The files of a container of busybox."""
    return Files(daemon.images, daemon.images.find("busybox"), daemon.folder / "c/files")


def test_they_are_made_at_the_first_look(files: Files, tmp_path: Path) -> None:
    assert files.changes() == []
    assert (files.root / "etc/passwd").read_text().startswith("root:")
    assert files.changes() == []


def test_changes_are_told_with_the_folders_that_they_are_in(files: Files) -> None:
    root = files.root
    (root / "etc/group").write_text("changed")
    (root / "etc/passwd").unlink()
    (root / "home/new").mkdir()
    (root / "home/new/file").touch()
    (root / "usr/bin").rmdir()
    (root / "tmp").chmod(0o700)
    (root / "dev").rmdir()
    (root / "dev").write_text("now a file")
    assert files.changes() == [
        Change("/dev", CHANGED),
        Change("/etc", CHANGED),
        Change("/etc/group", CHANGED),
        Change("/etc/passwd", DELETED),
        Change("/home", CHANGED),
        Change("/home/new", ADDED),
        Change("/home/new/file", ADDED),
        Change("/tmp", CHANGED),
        Change("/usr", CHANGED),
        Change("/usr/bin", DELETED),
    ]


def test_of_a_folder_that_is_gone_only_the_folder_is_told(files: Files) -> None:
    root = files.root
    for name in os.listdir(root / "bin"):
        (root / "bin" / name).unlink()
    (root / "bin").rmdir()
    assert files.changes() == [Change("/bin", DELETED)]


def test_a_layer_of_the_changes_makes_the_same_of_the_image_again(
    files: Files, tmp_path: Path
) -> None:
    root = files.root
    (root / "etc/passwd").unlink()
    (root / "tmp/new").write_text("x")
    (root / "home").rmdir()
    (root / "home").symlink_to("/tmp")
    (root / "bin/busybox").unlink()
    (root / "bin/busybox").mkdir()
    layer = b"".join(files.layer())
    assert names(layer) == [
        "bin/", "bin/busybox/", "bin/busybox/.wh..wh..opq", "etc/", "etc/.wh.passwd", "home",
        "tmp/", "tmp/new",
    ]  # fmt: skip
    unpack(io.BytesIO(b"".join(files.tar())), tmp_path)
    assert sorted(os.listdir(tmp_path / "tmp")) == ["new"]


def test_an_archive_has_one_file_or_a_folder_under_its_name(files: Files) -> None:
    (files.root / "etc/link").symlink_to("/usr")
    assert names(b"".join(files.tar("/etc/group"))) == ["group"]
    assert names(b"".join(files.tar("etc"))) == ["etc/", "etc/group", "etc/link", "etc/passwd"]
    assert names(b"".join(files.tar("/etc/link"))) == ["link"]
    assert names(b"".join(files.tar("/etc/link/"))) == ["link/", "link/bin/"]
    assert names(b"".join(files.tar("/usr/."))) == ["./", "./bin/"]
    assert names(b"".join(files.tar("/")))[:2] == ["bin/", "bin/["]


def test_an_archive_of_nothing_is_an_error(files: Files) -> None:
    with pytest.raises(FileNotFoundError):
        files.tar("/nosuch")


def test_links_lead_nowhere_outside(files: Files, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    (files.root / "out").symlink_to(tmp_path)
    with pytest.raises(FileNotFoundError):
        files.tar("/out/secret")
    with pytest.raises(FileNotFoundError):
        files.put(io.BytesIO(entry("secret", b"mine")), "/out")
    assert (tmp_path / "secret").read_text() == "outside"


@pytest.mark.parametrize(
    ("path", "error"),
    [("/nosuch", FileNotFoundError), ("/etc/passwd", NotADirectoryError)],
)
def test_an_archive_is_put_in_folders_only(files: Files, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        files.put(io.BytesIO(b""), path)


def test_a_broken_archive_is_not_put(files: Files) -> None:
    with pytest.raises(BadArchive, match="unexpected EOF"):
        files.put(io.BytesIO(b"x"), "/tmp")


def test_the_status_of_a_path_is_as_go_has_it(files: Files) -> None:
    root = files.root
    (root / "tmp/to").symlink_to("../etc/./group")
    (root / "etc/group").chmod(0o4755)
    os.utime(root / "etc/group", (0, 0))
    os.utime(root / "tmp", (0, 0))
    assert files.stat("/etc/group") == {
        "name": "group",
        "size": 26,
        "mode": 0o755 | 1 << 23,
        "mtime": "1970-01-01T00:00:00Z",
        "linkTarget": "",
    }
    assert (files.stat("/tmp")["mode"], files.stat("tmp/")["name"]) == (
        0o777 | 1 << 31 | 1 << 20,
        "tmp",
    )
    found = files.stat("/tmp/to")
    assert (found["mode"] >> 27, found["linkTarget"]) == (1, "/etc/group")
    assert [files.stat(path)["name"] for path in ("/", "/tmp/.")] == ["/", "."]
    os.utime(root / "tmp", ns=(0, 1_500_000_000))
    assert files.stat("/tmp")["mtime"] == "1970-01-01T00:00:01.5Z"
    assert json.loads(json.dumps(found)) == found


def test_the_size_is_that_of_what_was_added(files: Files) -> None:
    assert files.size() == 0
    (files.root / "tmp/a").write_bytes(bytes(100))
    assert files.size() == 100


def test_they_are_removed_when_closed(files: Files) -> None:
    root = files.root
    files.close()
    files.close()
    assert not root.exists()
