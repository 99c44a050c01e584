"""Tar archives: what is written, and what is read of it whole, in pieces, and cut."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archived import END, file, folder, gnu, hard_link, header, link, padded, pax, raw_pax
from dockerapi.archive import tar
from dockerapi.errors import BadArchive, Truncated

ARCHIVE = (
    folder("data")
    + file("data/a", b"content" * 100)
    + pax(path="data/" + "p" * 200, mtime="12.5", comment="a=b\n")
    + file("short")
    + gnu(tarfile.GNUTYPE_LONGNAME, "data/" + "g" * 200)
    + gnu(tarfile.GNUTYPE_LONGLINK, "a" * 150)
    + link("short", "short")
    + hard_link("data/h", "data/a")
    + file("data/empty", b"")
    + END
)
MEMBERS = [
    ("data", tarfile.DIRTYPE, "", 1e9, b""),
    ("data/a", tarfile.REGTYPE, "", 1e9, b"content" * 100),
    ("data/" + "p" * 200, tarfile.REGTYPE, "", 12.5, b"content"),
    ("data/" + "g" * 200, tarfile.SYMTYPE, "a" * 150, 1e9, b""),
    ("data/h", tarfile.LNKTYPE, "data/a", 1e9, b""),
    ("data/empty", tarfile.REGTYPE, "", 1e9, b""),
]


def read(archive: bytes) -> list[tuple[object, ...]]:
    found = []
    for info, content in tar.members(io.BytesIO(archive).read):
        found.append((info.name, info.type, info.linkname, info.mtime, b"".join(content)))
    return found


def test_an_archive_is_read_whole() -> None:
    assert read(ARCHIVE) == MEMBERS


def test_content_may_be_left_unread() -> None:
    names = [info.name for info, _ in tar.members(io.BytesIO(ARCHIVE).read)]
    assert names == [name for name, *_ in MEMBERS]


def test_an_archive_that_is_cut_anywhere_has_no_end() -> None:
    for cut in range(0, len(ARCHIVE), 37):
        with pytest.raises(Truncated):
            read(ARCHIVE[:cut])
    for cut in range(len(ARCHIVE) - 512, len(ARCHIVE)):
        with pytest.raises(Truncated):
            read(ARCHIVE[:cut])


def test_zeros_follow_the_end_and_nothing_else() -> None:
    assert read(ARCHIVE + b"\0" * 9000) == MEMBERS
    with pytest.raises(BadArchive) as caught:
        read(ARCHIVE + b"\0" * 9000 + b"x")
    assert str(caught.value) == ("archive refused: bytes follow the end of the archive: b'x'")


def test_a_bit_that_flips_in_a_header_is_noticed() -> None:
    """Nearly: what is 8 lower in one place and 8 higher in another has the same sum."""
    for at in range(512):
        broken = bytearray(ARCHIVE)
        broken[at] ^= 8
        if not 148 <= at < 156:  # of the checksum itself, spaces and zeros may be read alike
            with pytest.raises(BadArchive):
                read(bytes(broken))


@given(st.binary(max_size=2048))
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    if data[:512].strip(b"\0"):
        with pytest.raises((BadArchive, Truncated)):
            read(data)


@given(st.integers(0, len(ARCHIVE) - 1), st.binary(min_size=1, max_size=64))
def test_an_archive_with_other_bytes_in_it_is_read_or_refused(at: int, put: bytes) -> None:
    broken = ARCHIVE[:at] + put + ARCHIVE[at + len(put) :]
    try:
        read(broken)
    except (BadArchive, Truncated):
        pass


# Written


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    (made / "sub").mkdir(parents=True)
    (made / "a").write_bytes(b"content")
    (made / "sub" / ("\u20ac" * 60)).write_bytes(b"")
    os.link(made / "a", made / "sub" / "again")
    (made / "link").symlink_to("sub/none")
    os.mkfifo(made / "pipe")
    for path in sorted(made.rglob("*"), reverse=True):
        if not path.is_symlink():
            os.utime(path, (1e9, 1e9 + 0.75))
    return made


def test_what_is_written_is_read_as_it_was(directory: Path) -> None:
    (directory / "pipe").unlink()
    content = b"".join(tar.tree(str(directory), "top")) + tar.END
    found = [(name, kind, target, data) for name, kind, target, _, data in read(content)]
    assert found == [
        ("top", tarfile.DIRTYPE, "", b""),
        ("top/a", tarfile.REGTYPE, "", b"content"),
        ("top/link", tarfile.SYMTYPE, "sub/none", b""),
        ("top/sub", tarfile.DIRTYPE, "", b""),
        ("top/sub/again", tarfile.LNKTYPE, "top/a", b""),
        ("top/sub/" + "\u20ac" * 60, tarfile.REGTYPE, "", b""),
    ]


def test_owner_mode_and_whole_seconds_are_written(directory: Path) -> None:
    content = b"".join(tar.tree(str(directory), "top")) + tar.END
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        written = {info.name: info for info in archive}
    for name in ("a", "sub", "pipe"):
        status = (directory / name).lstat()
        info = written[f"top/{name}"]
        assert (info.uid, info.gid, info.mode, info.mtime) == (
            status.st_uid,
            status.st_gid,
            stat.S_IMODE(status.st_mode),
            10**9,
        )


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(directory: Path) -> None:
    path = directory / "a"
    path.write_bytes(b"x" * 200_000)
    blocks = tar.tree(str(path), "a")
    next(blocks)
    os.truncate(path, 100_000)
    with pytest.raises(OSError) as caught:
        list(blocks)
    assert str(caught.value) == (
        f"{path}: the file shrank while it was sent: 100000 of 200000 bytes left"
    )


def test_directories_in_each_other_are_walked_without_end(tmp_path: Path) -> None:
    os.makedirs(tmp_path / "/".join(["d"] * 400))
    blocks = b"".join(tar.tree(str(tmp_path / "d"), "d")) + tar.END
    assert len(list(tar.members(io.BytesIO(blocks).read))) == 400


def test_a_header_says_no_more_than_it_may() -> None:
    long = header("pax", tarfile.XHDTYPE, size=1 << 21)
    with pytest.raises(BadArchive) as caught:
        read(long + padded(b"x"))
    assert (str(caught.value), caught.value.member) == (
        "archive refused: 'pax': a header of 2097152 bytes; at most 1048576 are read",
        "pax",
    )


@given(
    name=st.text(st.characters(max_codepoint=0x100, exclude_characters="\0"), max_size=102),
    mode=st.integers(0, 0o7777),
    size=st.sampled_from([0, 1, 8**11 - 1, 8**11]),
    time=st.sampled_from([0, 1795222548, 8**11 - 1, 8**11, -1, 1.5]),
    user=st.sampled_from([0, 1000]),
    kind=st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE]),
)
def test_a_header_is_that_of_the_standard_library(
    name: str, mode: int, size: int, time: float, user: int, kind: bytes
) -> None:
    info = tarfile.TarInfo(name)
    info.mode, info.size, info.mtime, info.uid, info.type = mode, size, time, user, kind
    assert tar.header(info) == info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def test_small_blocks_are_gathered_and_large_ones_left_alone() -> None:
    large, middling = b"x" * tar.BLOCK, b"c" * (tar.BLOCK * 2 // 3)
    assert list(tar.gathered([b"a", b"b", large, middling, middling, b"e"])) == [
        b"ab",
        large,
        middling,
        middling,
        b"e",
    ]
    assert list(tar.gathered([b"a"] * 3)) == [b"aaa"]


def test_a_header_full_of_records_does_not_take_long() -> None:
    """Each record was cut off the front of all that followed: 14 seconds."""
    data = io.BytesIO(raw_pax(b"5 a=\n" * 200_000) + file("a") + END)
    began = time.process_time()
    found = [(info.name, b"".join(content)) for info, content in tar.members(data.read)]
    assert found == [("a", b"content")]
    assert time.process_time() - began < 5
