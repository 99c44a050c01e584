"""The end of a tar archive, which it tells itself."""

from __future__ import annotations

import io
import tarfile

import pytest

from archived import END, file, folder, hard_link, header, link, padded, pax
from dockerapi.errors import Truncated
from dockerapi.protocol.tar_end import WholeTar
from protocol.decoding import bytewise, decoded, fed


def of_python(format: int) -> bytes:
    """An archive with names that need a header of their own."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=format) as archive:
        for name in ("short", "long/" * 40 + "name", "ü" * 80):
            info = tarfile.TarInfo(name)
            info.size = 700
            archive.addfile(info, io.BytesIO(b"y" * 700))
    return made.getvalue()


ARCHIVES = {
    "empty": END,
    "of files": file("a") + folder("b") + file("b/c", b"x" * 512) + link("l", "a") + END,
    "of zeros": file("zeros", bytes(5000)) + file("last", bytes(512)) + END,
    "with a name of its own": header("h", tarfile.LNKTYPE, "a", size=7) + hard_link("i", "a") + END,
    "with a size in its records": pax(size="7") + header("big") + padded(b"content") + END,
    "with other records": pax(path="name", mtime="1.5") + file("n") + END,
    "in GNU's form": of_python(tarfile.GNU_FORMAT),
    "in PAX's form": of_python(tarfile.PAX_FORMAT),
    "and more zeros": file("a") + END * 8,
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_whole_archive_ends_cut_anywhere(name: str) -> None:
    archive = ARCHIVES[name]
    assert decoded(WholeTar(), [archive]) == [archive]
    assert decoded(WholeTar(), bytewise(archive)) == bytewise(archive)
    for at in range(0, len(archive) + 1, 61):
        assert b"".join(decoded(WholeTar(), [archive[:at], archive[at:]])) == archive


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_piece_of_an_archive_is_never_whole(name: str) -> None:
    """Zeros follow the end of many; what is there counts."""
    archive = ARCHIVES[name]
    with tarfile.open(fileobj=io.BytesIO(archive)) as reading:
        reading.getmembers()
        end = reading.offset + 512 if name != "empty" else 1024
    while archive[end - 1024 : end] != END:
        end += 512
    for at in range(end):
        tar = WholeTar()
        assert b"".join(fed(tar, [archive[:at]])) == archive[:at]
        with pytest.raises(Truncated):
            tar.finish()


@pytest.mark.parametrize(
    ("data", "words", "missing"),
    [
        pytest.param(b"", "the archive has no end, which is two blocks of zeros", None, id="empty"),
        pytest.param(
            header("data", size=1 << 40) + b"x" * 40,
            f"the archive ended inside a member, {(1 << 40) - 40:,} bytes too early: its last "
            f"bytes are {b'x' * 40!r}",
            (1 << 40) - 40,
            id="a large member",
        ),
        pytest.param(
            file("data") + b'{"message": "disk full"}\n',
            "the archive has no end, which is two blocks of zeros: its last bytes are "
            + repr(b'{"message": "disk full"}\n'),
            None,
            id="the Engine's error",
        ),
        pytest.param(
            b'{"message": "disk full"}' + bytes(2000),
            "the archive has no end, which is two blocks of zeros",
            None,
            id="no archive",
        ),
        pytest.param(
            header("pax", tarfile.XHDTYPE, size=1 << 30) + bytes(2000),
            "the archive has no end, which is two blocks of zeros",
            None,
            id="records without end",
        ),
    ],
)
def test_what_is_missing_is_said(data: bytes, words: str, missing: int | None) -> None:
    tar = WholeTar()
    fed(tar, [data] if data else [])
    with pytest.raises(Truncated) as caught:
        tar.finish()
    assert (str(caught.value), caught.value.missing) == (words, missing)
