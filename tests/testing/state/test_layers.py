from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.testing.play.paths import walk
from dockerapi.testing.state.layers import BadArchive, entry, members, pack, store, unpack
from testing.tars import Member, archive, file, folder, hardlink, symlink


def tree(root: Path) -> dict[str, str]:
    """What is in a folder: the text of files, `-> target` of links, `/` for folders."""
    found = {}
    for name in walk(root):
        path = root / name
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        else:
            found[name] = "/" if path.is_dir() else path.read_text()
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to unpack in, beside one that must not be touched."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("untouched")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


HOSTILE: list[tuple[str, list[Member], dict[str, str]]] = [
    ("absolute", [file("/outside/secret")], {"outside": "/", "outside/secret": "x"}),
    ("parents", [file("../outside/secret")], {"outside": "/", "outside/secret": "x"}),
    ("parents inside", [file("a/../../b")], {"b": "x"}),
    (
        "through a relative link",
        [symlink("out", "../outside"), file("out/secret")],
        {"out": "-> ../outside", "outside": "/", "outside/secret": "x"},
    ),
    (
        "through two links",
        [symlink("a", "b"), symlink("b", ".."), file("a/outside/secret")],
        {"a": "-> b", "b": "-> ..", "outside": "/", "outside/secret": "x"},
    ),
    (
        "over a link",
        [symlink("secret", "../outside/secret"), file("secret", "mine")],
        {"secret": "mine"},
    ),
    (
        "a folder that becomes a link",
        [folder("d"), symlink("d", "../outside"), file("d/secret")],
        {"d": "-> ../outside", "outside": "/", "outside/secret": "x"},
    ),
    ("devices", [("dev", tarfile.CHRTYPE, ""), ("b", tarfile.BLKTYPE, "")], {}),
    ("a pipe", [("p", tarfile.FIFOTYPE, "")], {}),
    ("the root itself", [folder("/"), folder("."), folder(".."), file("a")], {"a": "x"}),
    ("a whiteout of the parent", [file(".wh..."), file(".wh..")], {}),
]


@pytest.mark.parametrize(
    ("given", "expected"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_an_archive_cannot_leave_its_folder(
    root: Path, given: list[Member], expected: dict[str, str]
) -> None:
    outside = root.parent / "outside"
    before = status(outside)
    unpack(io.BytesIO(archive(*given)), root, whiteouts=True)
    assert tree(root) == expected
    assert (tree(outside), status(outside)) == ({"secret": "untouched"}, before)


def test_an_absolute_link_leads_to_a_place_of_that_name_in_the_folder(root: Path) -> None:
    outside = root.parent / "outside"
    unpack(io.BytesIO(archive(symlink("out", str(outside)), file("out/new"))), root)
    assert (root / f"{outside}"[1:] / "new").read_text() == "x"
    assert os.readlink(root / "out") == str(outside)
    assert tree(outside) == {"secret": "untouched"}


@pytest.mark.parametrize("target", ["../outside/secret", "/../outside/secret", "nosuch"])
def test_a_hard_link_to_what_is_not_there_is_refused(root: Path, target: str) -> None:
    with pytest.raises(BadArchive, match="No such file"):
        unpack(io.BytesIO(archive(hardlink("mine", target))), root)
    assert tree(root.parent / "outside") == {"secret": "untouched"}


def test_a_hard_link_to_a_symbolic_link_does_not_lead_outside(root: Path) -> None:
    given = archive(
        symlink("a", "../outside/secret"), hardlink("b", "a"), file("b", "mine"), file("a", "mine")
    )
    unpack(io.BytesIO(given), root)
    assert tree(root) == {"a": "mine", "b": "mine"}
    assert tree(root.parent / "outside") == {"secret": "untouched"}


NAMES = st.lists(st.sampled_from(["a", "b", "..", ".", "", "out"]), min_size=1, max_size=4)


@given(
    st.lists(
        st.tuples(
            NAMES.map("/".join),
            st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]),
            NAMES.map(lambda parts: "/".join(["..", *parts])),
        ),
        max_size=8,
    )
)
def test_whatever_an_archive_says_nothing_outside_is_touched(
    tmp_path_factory: pytest.TempPathFactory, given: list[Member]
) -> None:
    around = tmp_path_factory.mktemp("around")
    (around / "root").mkdir()
    for name in ("a", "b", "out"):
        (around / name).mkdir()
        (around / name / "a").write_text("untouched")
    before = {name: status(around / name) for name in walk(around)}
    try:
        unpack(io.BytesIO(archive(*given)), around / "root", whiteouts=True)
    except BadArchive:
        pass
    after = {n: status(around / n) for n in walk(around) if not n.startswith("root/")}
    del before["root"], after["root"]
    assert after == before


def status(path: Path) -> tuple[int, int, int]:
    found = path.lstat()
    return found.st_mtime_ns, found.st_mode, found.st_ino


@pytest.mark.parametrize("pack_up", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_may_be_compressed(root: Path, pack_up: object) -> None:
    content = pack_up(archive(folder("d"), file("d/f", "hello")))  # type: ignore[operator]
    unpack(io.BytesIO(content), root)
    assert tree(root) == {"d": "/", "d/f": "hello"}
    layer = store([content], root)
    assert b"".join(layer.blocks()) == archive(folder("d"), file("d/f", "hello"))
    assert (layer.size, layer.is_empty) == (5, False)


def test_nothing_at_all_is_an_empty_archive(root: Path) -> None:
    unpack(io.BytesIO(b""), root)
    assert tree(root) == {}
    assert store([b""], root).is_empty


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a tar", "unexpected EOF"),
        (b"x" * 2000, "archive/tar: invalid tar header"),
        (archive(file("a", "y" * 3000))[:1000], "unexpected EOF"),
        (archive(file("a"))[:1024] + b"x" * 1024, "archive/tar: invalid tar header"),
        (gzip.compress(archive(file("a", "y" * 3000)))[:60], "unexpected EOF"),
    ],
    ids=["short", "no header", "cut", "broken after the first", "cut in gzip"],
)
def test_a_broken_archive_is_told_in_the_words_of_go(
    root: Path, content: bytes, message: str
) -> None:
    with pytest.raises(BadArchive) as caught:
        unpack(io.BytesIO(content), root)
    assert str(caught.value) == message
    with pytest.raises(BadArchive) as caught:
        store([content], root)
    assert str(caught.value) == message


def test_whiteouts_take_away_what_lower_layers_have(root: Path) -> None:
    unpack(
        io.BytesIO(archive(folder("d"), file("d/a"), file("d/b"), folder("e"), file("e/c"))), root
    )
    upper = archive(
        file("d/.wh.a", ""),
        file("e/new"),
        file("e/.wh..wh..opq", ""),
        file("e/newer"),
        file(".wh..wh.plnk", ""),
        file("d/.wh.nosuch", ""),
    )
    unpack(io.BytesIO(upper), root, whiteouts=True)
    assert tree(root) == {"d": "/", "d/b": "x", "e": "/", "e/new": "x", "e/newer": "x"}


def test_only_layers_have_whiteouts(root: Path) -> None:
    unpack(io.BytesIO(archive(file(".wh.a", "just a file"))), root)
    assert tree(root) == {".wh.a": "just a file"}


def test_a_folder_and_a_file_are_replaced_by_each_other(root: Path) -> None:
    unpack(io.BytesIO(archive(folder("a"), file("a/b"), file("c"))), root)
    unpack(io.BytesIO(archive(file("a", "now a file"), folder("c"), file("c/d"))), root)
    assert tree(root) == {"a": "now a file", "c": "/", "c/d": "x"}


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (file("d"), 'cannot overwrite directory "/d" with non-directory "/"'),
        (folder("f"), 'cannot overwrite non-directory "/f" with directory "/"'),
    ],
)
def test_they_are_not_if_that_was_asked_for(root: Path, member: Member, message: str) -> None:
    unpack(io.BytesIO(archive(folder("d"), file("f"))), root)
    with pytest.raises(BadArchive) as caught:
        unpack(io.BytesIO(archive(member)), root, keep_kinds=True)
    assert (str(caught.value), tree(root)) == (message, {"d": "/", "f": "x"})


def test_times_and_modes_are_kept_owners_are_not(root: Path) -> None:
    unpack(io.BytesIO(archive(folder("d"), file("d/f"), symlink("d/l", "f"))), root)
    times = {int((root / name).lstat().st_mtime) for name in ("d", "d/f", "d/l")}
    assert times == {1_600_000_000}
    packed = b"".join(pack((name, root / name) for name in walk(root)))
    found = [
        (one.name, one.mode, one.mtime, one.uid, one.gid) for one in members(io.BytesIO(packed))
    ]
    assert found == [
        ("d", 0o755, 1_600_000_000, 0, 0),
        ("d/f", 0o644, 1_600_000_000, 0, 0),
        ("d/l", 0o777, 1_600_000_000, 0, 0),
    ]


def test_what_is_packed_and_unpacked_is_the_same(root: Path) -> None:
    given = archive(
        folder("d"),
        file("d/f", "hello"),
        hardlink("g", "d/f"),
        symlink("l", "/d/f"),
        file("n" * 200, "long"),
        file("ä\udcff", "no text"),
    )
    (root / "one").mkdir()
    (root / "two").mkdir()
    unpack(io.BytesIO(given), root / "one")
    packed = b"".join(pack((name, root / "one" / name) for name in walk(root / "one")))
    unpack(io.BytesIO(packed), root / "two")
    assert tree(root / "two") == tree(root / "one")
    assert (root / "two/g").stat().st_ino == (root / "two/d/f").stat().st_ino


def test_layers_with_the_same_content_are_one(tmp_path: Path) -> None:
    content = entry("a", b"b") + bytes(1024)
    first, second = store([content], tmp_path), store([content[:100], content[100:]], tmp_path)
    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == [f"{first.digest}.tar"]


def test_the_size_of_a_layer_is_that_of_its_files_and_links(tmp_path: Path) -> None:
    # As 20.10 and 28.5 count it.
    content = archive(folder("d"), file("d/f", "hello"), symlink("l", "d/f"), hardlink("h", "d/f"))
    assert store([content], tmp_path).size == 8


def test_a_bad_layer_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadArchive):
        store([b"x" * 2000], tmp_path)
    assert list(tmp_path.iterdir()) == []
