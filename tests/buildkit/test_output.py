"""Where the files of a build go."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from archived import END, file
from dockerapi.buildkit.output import files_into
from dockerapi.errors import BadArchive, Truncated, UnexpectedReply

ARCHIVE = file("a/b", b"one") + file("c", b"two") + END


def take(output: object, data: bytes, *, finish: bool = True) -> None:
    with files_into(output) as files:  # type: ignore[arg-type]
        files.take(iter([data[i : i + 100] for i in range(0, len(data), 100)]))
        if finish:
            files.finish()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    take(tmp_path / "x" / "y", ARCHIVE)
    assert contents(tmp_path) == {"x/y/a/b": b"one", "x/y/c": b"two"}


def test_what_is_in_a_folder_stays_unless_it_has_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"old")
    (tmp_path / "own").write_bytes(b"own")
    take(tmp_path, ARCHIVE)
    assert contents(tmp_path) == {"a/b": b"one", "c": b"two", "own": b"own"}


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.write_bytes(b"safe")
    folder.mkdir()
    (folder / "c").symlink_to(outside)
    take(folder, ARCHIVE)
    assert (outside.read_bytes(), (folder / "c").is_symlink()) == (b"safe", False)


@pytest.mark.parametrize("name", [".", "x/y"], ids=["there", "missing"])
def test_nothing_is_made_before_the_build_has_succeeded(tmp_path: Path, name: str) -> None:
    take(tmp_path / name, ARCHIVE, finish=False)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "error"),
    [(ARCHIVE[:-1], Truncated), (file("../x", b"") + END, BadArchive)],
    ids=["cut", "leads out"],
)
def test_what_is_no_harmless_archive_leaves_nothing(
    tmp_path: Path, data: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        take(tmp_path, data)
    assert os.listdir(tmp_path) == []


def test_a_build_without_files_is_no_success(tmp_path: Path) -> None:
    with files_into(tmp_path) as files, pytest.raises(UnexpectedReply) as caught:
        files.finish()
    assert str(caught.value) == "the build succeeded, and its files did not come"


def test_a_file_object_gets_the_archive_as_it_is() -> None:
    file = io.BytesIO()
    take(file, ARCHIVE)
    assert file.getvalue() == ARCHIVE


def test_a_file_without_a_buffer_gets_all_of_it() -> None:
    class Slow(io.BytesIO):
        def write(self, data: object) -> int:
            return super().write(bytes(data)[:7])  # type: ignore[call-overload]

    file = Slow()
    take(file, ARCHIVE)
    assert file.getvalue() == ARCHIVE


def test_what_is_no_folder_and_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotADirectoryError) as caught:
            files_into(path)
        assert str(caught.value) == f"output: '{tmp_path}/file' is no folder"
    for given in (io.StringIO(), 3, None):
        with pytest.raises(TypeError, match="^output: the path of a folder, or a file object"):
            files_into(given)  # type: ignore[arg-type]
