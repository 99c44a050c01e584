"""Copies into containers and out of them: what is asked, where it goes, and what is refused."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.rows import NEW, OLD, Row, needs, played
from archived import (
    DIRECTORY,
    END,
    LINK,
    answer,
    changed,
    file,
    folder,
    gnu,
    hard_link,
    header,
    link,
    of_kind,
    padded,
    pax,
    raw_pax,
)
from dockerapi import (
    ApiError,
    BadArchive,
    Client,
    ContainerNotFound,
    Forbidden,
    NotFound,
    NotSupported,
    PathNotFound,
    ServerError,
    StreamInterrupted,
    Truncated,
    UnexpectedReply,
)
from dockerapi.archive.unpack import Links
from dockerapi.models.containers import Copied
from scripted import Conversation, ScriptedDaemon, asked, chunk, head, reply

ARCHIVE = "/v1.41/containers/web/archive"
GET = f"GET {ARCHIVE}"
TREE = folder("data") + file("data/a") + folder("data/sub") + file("data/sub/b", b"more") + END
Content = dict[str, Any]


def there(folder: Path) -> Content:
    """What is in a directory: bytes of files, targets of links, None for directories."""
    found: Content = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = None if path.is_dir() else path.read_bytes()
    return found


def copied_out(
    archive: bytes, target: Path, source: str = "/data", links: Links = "keep", **options: Any
) -> Copied:
    with ScriptedDaemon({GET: answer(archive, **options)}) as daemon:
        with Client(daemon.url) as client:
            return client.copy_out("web", source, target, links=links)


# What is asked and given


def of_source(name: str = "data") -> bytes:
    return file(name, b"content") + END


def out(client: Client, source: str = "/data") -> Content:
    with tempfile.TemporaryDirectory() as made:
        client.copy_out("web", source, made)
        return there(Path(made))


def into(client: Client, **options: Any) -> None:
    with tempfile.NamedTemporaryFile() as made:
        made.write(b"content")
        made.flush()
        os.utime(made.name, (1e9, 1e9))
        os.chmod(made.name, 0o600)
        client.copy_into("web", made.name, "/etc/new", **options)


def sent(name: str) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = 7, 0o600, 1_000_000_000
    info.uid, info.gid = os.getuid(), os.getgid()
    return info.tobuf(tarfile.PAX_FORMAT) + padded(b"content") + END


MISSING = reply(404)
NO_PATH = "Could not find the file {} in container web"
REFUSED = needs("PUT /containers/{id}/archive", "1.20")

ROWS = [
    Row(
        id="copy_out",
        call=out,
        asks=[asked("GET /containers/web/archive?path=%2Fdata")],
        answers=[answer(TREE)],
        gives={"data": None, "data/a": b"content", "data/sub": None, "data/sub/b": b"more"},
        at=(NEW,),
    ),
    Row(
        id="copy_out: by a copy",
        call=out,
        asks=[asked("POST /containers/web/copy", {"Resource": "/data"})],
        answers=[answer(TREE, None)],
        gives={"data": None, "data/a": b"content", "data/sub": None, "data/sub/b": b"more"},
        at=(OLD,),
        release="1.7.1",
    ),
    Row(
        id="copy_into",
        call=into,
        asks=[
            asked("HEAD /containers/web/archive?path=%2Fetc%2Fnew"),
            asked("GET /containers/web/archive?path=%2Fetc%2Fnew"),
            asked(
                "PUT /containers/web/archive?path=%2Fetc&noOverwriteDirNonDir=1",
                sent("new"),
                Content_Type="application/x-tar",
            ),
        ],
        answers=[MISSING, reply(404, NO_PATH.format("/etc/new").encode()), reply(200)],
        refused=REFUSED,
    ),
    Row(
        id="copy_into: for the user of the container",
        call=lambda client: into(client, copy_uid_gid=True),
        asks=[
            asked("HEAD /containers/web/archive?path=%2Fetc%2Fnew"),
            asked("GET /containers/web/archive?path=%2Fetc%2Fnew"),
            asked(
                "PUT /containers/web/archive?path=%2Fetc&noOverwriteDirNonDir=1&copyUIDGID=1",
                sent("new"),
                Content_Type="application/x-tar",
            ),
        ],
        answers=[MISSING, reply(404, NO_PATH.format("/etc/new").encode()), reply(200)],
        refused=REFUSED,
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_an_operation_asks_and_gives_what_the_table_says(row: Row, version: str) -> None:
    if row.refused is not None and version == OLD:
        with pytest.raises(NotSupported) as caught:
            row.play(version)
        assert str(caught.value) == row.refused
        return
    given, requests = row.play(version)
    assert (given, requests) == (row.gives, row.requests(version))


# Show 6: what a hostile container may answer

LONG = "d" * 247
# CVE-2025-4517: a path that is too long to be resolved, by links that shorten its way.
STEPS = "abcdefghijklmnop"
CHAIN = b"".join(
    folder("/".join(["data", *[LONG] * (number + 1)]))
    + link("/".join(["data", *[LONG] * number, step]), LONG)
    for number, step in enumerate(STEPS)
)
THROUGH = "data/" + "/".join(STEPS) + "/" + "l" * 254


def outside(name: str, target: str) -> str:
    return f"{name!r}: it is a link to {target!r}, which leads out of what is copied"


HOSTILE: dict[str, tuple[bytes, str | None]] = {
    "an absolute path": (
        file("/etc/cron.d/job"),
        "'/etc/cron.d/job': '/etc/cron.d/job' is not below 'data', which was asked for",
    ),
    "a path that goes up": (
        file("data/../../escaped"),
        "'data/../../escaped': 'data/../../escaped' leads elsewhere",
    ),
    "a path that is only up": (folder("data/.."), "'data/..': 'data/..' leads elsewhere"),
    "another name than was asked for": (
        file("database"),
        "'database': 'database' is not below 'data', which was asked for",
    ),
    "a second thing beside": (
        folder("data") + file(".bashrc"),
        "'.bashrc': '.bashrc' is not below 'data', which was asked for",
    ),
    "a link to an absolute path": (
        folder("data") + link("data/l", "/outside"),
        outside("data/l", "/outside"),
    ),
    "a link outside, and a file through it": (
        folder("data") + link("data/l", "../../outside") + file("data/l/escaped"),
        outside("data/l", "../../outside"),
    ),
    "a link inside, and a file through it": (
        folder("data") + folder("data/sub") + link("data/l", "sub") + file("data/l/escaped"),
        "'data/l/escaped': it lies below what is no directory",
    ),
    "links that only together lead outside": (
        folder("data") + folder("data/sub") + link("data/sub/l", "..") + link("data/m", "sub/l/.."),
        outside("data/m", "sub/l/.."),
    ),
    "a link that comes back in": (
        folder("data") + link("data/l", "../data/a"),
        outside("data/l", "../data/a"),
    ),
    "the copy itself a link that goes up": (
        link("data", "../outside"),
        outside("data", "../outside"),
    ),
    "the copy itself a link, and a file through it": (
        link("data", "outside") + file("data/escaped"),
        "'data/escaped': it lies below what is no directory",
    ),
    "a link to nothing": (folder("data") + link("data/l", ""), outside("data/l", "")),
    "a path too long to be resolved": (
        folder("data") + CHAIN + link(THROUGH, "../" * len(STEPS)),
        None,
    ),
    "a hard link to an absolute path": (
        folder("data") + hard_link("data/h", "/etc/passwd"),
        "'data/h': '/etc/passwd' is not below 'data', which was asked for",
    ),
    "a hard link that goes up": (
        folder("data") + hard_link("data/h", "data/../../outside/secret"),
        "'data/h': 'data/../../outside/secret' leads elsewhere",
    ),
    "a hard link to a link outside": (
        folder("data")
        + folder("data/s")
        + link("data/s/l", "../a")
        + hard_link("data/h", "data/s/l"),
        outside("data/h", "../a"),
    ),
    "a hard link through a link": (
        folder("data")
        + folder("data/sub")
        + file("data/sub/f")
        + link("data/l", "sub")
        + hard_link("data/h", "data/l/f"),
        "'data/h': it is a hard link to 'data/l/f', which is no file given before",
    ),
    "a hard link to what is not there": (
        folder("data") + hard_link("data/h", "data/none"),
        "'data/h': it is a hard link to 'data/none', which is no file given before",
    ),
    "a hard link to itself": (
        hard_link("data", "data"),
        "'data': it is a hard link to 'data', which is no file given before",
    ),
    "a character device": (
        folder("data") + header("data/d", tarfile.CHRTYPE, devmajor=1, devminor=3),
        "'data/d': it is a device",
    ),
    "a block device": (header("data", tarfile.BLKTYPE, devmajor=8), "'data': it is a device"),
    "a named pipe": (header("data", tarfile.FIFOTYPE), "'data': it is a named pipe"),
    "a file that becomes a link": (
        folder("data") + file("data/a") + link("data/a", "sub"),
        "'data/a': another member has this name",
    ),
    "a link that becomes a file": (
        folder("data") + link("data/a", "sub") + file("data/a"),
        "'data/a': another member has this name",
    ),
    "a directory that becomes a link": (
        folder("data") + folder("data/sub") + link("data/sub", "."),
        "'data/sub': another member has this name",
    ),
    "a file that becomes a directory": (
        folder("data") + file("data/a") + folder("data/a") + file("data/a/b"),
        "'data/a': another member has this name",
    ),
    "one name written in two ways": (
        folder("data") + file("data/a") + link("data//./a", "sub"),
        "'data//./a': another member has this name",
    ),
    "a path in PAX records": (
        folder("data") + pax(path="../escaped") + file("data/a"),
        "'../escaped': '../escaped' is not below 'data', which was asked for",
    ),
    "a target in PAX records": (
        folder("data") + pax(linkpath="/outside") + link("data/l", "a"),
        outside("data/l", "/outside"),
    ),
    "a long name of GNU": (
        folder("data") + gnu(tarfile.GNUTYPE_LONGNAME, "data/../../escaped") + file("data/a"),
        "'data/../../escaped': 'data/../../escaped' leads elsewhere",
    ),
    "a long target of GNU": (
        folder("data") + gnu(tarfile.GNUTYPE_LONGLINK, "/outside") + link("data/l", "a"),
        outside("data/l", "/outside"),
    ),
    "a name with a NUL": (
        pax(path="data\0/../x") + file("data"),
        "'data\\x00/../x': a NUL in its name, or in that of what it links to",
    ),
    "a name that is too long": (
        folder("data") + file(f"data/{'x' * 300}"),
        f"{'data/' + 'x' * 300!r:.200}... (307 characters): File name too long",
    ),
    "directories without end": (
        b"".join(folder("/".join(["data"] + ["d"] * depth)) for depth in range(300)),
        None,
    ),
    "a sparse file of GNU": (
        folder("data") + header("data/a", tarfile.GNUTYPE_SPARSE),
        "'data/a': it is a sparse file",
    ),
    "a sparse file in PAX records": (
        folder("data") + pax(GNU__sparse__realsize="1000000000000") + file("data/a"),
        "a sparse file in PAX records, which no Engine writes",
    ),
    "a size below zero": (changed(file("data"), 124, b"\xff" * 12), "'data': its size is -1"),
    "a size below zero in PAX records": (
        pax(size="-512") + file("data"),
        "'data': no size: '-512'",
    ),
    "a size that is none": (pax(size="1_0") + file("data"), "'data': no size: '1_0'"),
    "a mode below zero": (changed(file("data"), 100, b"\xff" * 8), "'data': its mode is -1"),
    "a time that is none": (pax(mtime="nan") + file("data"), "'data': no time: 'nan'"),
    "a time that no file can have": (
        pax(mtime="9" * 18) + file("data"),
        "'data': its time is 1e+18",
    ),
    "content in a directory": (
        folder("data", size=512) + b"\0" * 512,
        "'data': 512 bytes of content in what is no file",
    ),
    "content in a link": (
        folder("data") + changed(link("data/l", "a"), 124, b"00000001000\0") + padded(b"x"),
        "'data/l': 512 bytes of content in what is no file",
    ),
    "a header that is no longer whole": (
        folder("data") + file("data/a").replace(b"data/a", b"data/b", 1),
        None,
    ),
    "a first header that is not whole": (file("data").replace(b"data", b"dota", 1), None),
    "no archive": (b"<html>" + b" " * 600, None),
    "a packed archive": (gzip.compress(os.urandom(2000)), None),
    "an unknown type": (header("data", b"Z"), "'data': it is of an unknown type (b'Z')"),
    "a global header": (
        header("pax", tarfile.XGLTYPE) + file("data"),
        "'pax': it is a global header",
    ),
    "records that are none": (
        raw_pax(b"nonsense\n") + file("data"),
        "no PAX record: b'nonsense\\n'",
    ),
    "records with a wrong length": (
        raw_pax(b"99 path=data\n") + file("data"),
        "no PAX record: b'99 path=data\\n'",
    ),
    "records without end": (
        header("pax", tarfile.XHDTYPE, size=1 << 30),
        "'pax': a header of 1073741824 bytes; at most 1048576 are read",
    ),
    "records of nothing": (
        folder("data") + pax(path="data/a"),
        "the archive ends after 'data' with records of a member that is not there",
    ),
    "bytes after the end": (
        file("data") + END + file("data/escaped"),
        None,
    ),
    "half an end": (
        file("data") + END[:512] + file("data/b"),
        "one block of zeros after 'data', where an archive ends with two",
    ),
    "nothing": (b"", "it is empty"),
    "a file where a directory was announced": (
        file("data"),
        "'data': the Engine said another kind of it before",
    ),
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A directory to copy into, and one beside that nothing may reach."""
    (tmp_path / "target").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    return tmp_path


@pytest.mark.parametrize("target", ["target", "target/new"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(
    name: str, target: str, world: Path
) -> None:
    archive, words = HOSTILE[name]
    before = there(world)
    with pytest.raises(BadArchive) as caught:
        copied_out(archive + END, world / target, links="refuse")
    assert there(world) == before
    if words is not None:
        assert str(caught.value) == f"archive refused: {words}"
    assert str(caught.value).startswith("archive refused: ")


@pytest.mark.parametrize("links", ["keep", "skip"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_reaches_nothing_outside(name: str, links: Links, world: Path) -> None:
    """Refused, or less is wrong with it where links may lead out, and pipes are left out."""
    with contextlib.suppress(BadArchive):
        copied_out(HOSTILE[name][0] + END, world / "target", links=links)
    assert there(world / "outside") == {"secret": b"secret"}
    assert sorted(path.name for path in world.iterdir()) == ["outside", "target"]


# Of these, what the other two ways make: what is there, what was kept, what was skipped.
OUTSIDE = "../../outside"
ODD: dict[str, tuple[bytes, Content, list[str]]] = {
    "a link to an absolute path": (link("data/l", "/outside"), {"l": "/outside"}, []),
    "a link that goes up": (link("data/l", OUTSIDE), {"l": OUTSIDE}, []),
    "links that only together lead outside": (
        folder("data/sub") + link("data/sub/l", "..") + link("data/m", "sub/l/.."),
        {"m": "sub/l/..", "sub": None, "sub/l": ".."},
        [],
    ),
    "a hard link to a link outside": (
        link("data/l", "/outside") + hard_link("data/h", "data/l"),
        {"h": "/outside", "l": "/outside"},
        [],
    ),
    "a hard link to a link": (
        link("data/l", "a") + hard_link("data/h", "data/l"),
        {"h": "a", "l": "a"},
        [],
    ),
    "devices and pipes": (
        header("data/b", tarfile.BLKTYPE, devmajor=8)
        + header("data/c", tarfile.CHRTYPE, devmajor=1, devminor=3)
        + header("data/p", tarfile.FIFOTYPE)
        + hard_link("data/q", "data/p"),
        {},
        ["data/b", "data/c", "data/p", "data/q"],
    ),
    "a pipe where there is no directory": (
        header("data/none/p", tarfile.FIFOTYPE),
        {},
        ["data/none/p"],
    ),
}


def leads_out(name: str, target: Any) -> bool:
    return target is not None and (target[0] in "/." and name != "sub/l" or ".." in target[1:])


@pytest.mark.parametrize("name", ODD)
def test_links_that_lead_out_are_kept_or_skipped_and_pipes_are_left_out(
    name: str, world: Path
) -> None:
    odd, made, skipped = ODD[name]
    archive = folder("data") + odd + file("data/z") + END
    links = [f"data/{made_name}" for made_name, to in made.items() if leads_out(made_name, to)]
    kept = copied_out(archive, world / "target", links="keep")
    assert (sorted(kept.kept), list(kept.skipped)) == (links, skipped)
    assert there(world / "target" / "data") == {**made, "z": b"content"}
    shutil.rmtree(world / "target" / "data")
    without = copied_out(archive, world / "target", links="skip")
    assert (without.kept, sorted(without.skipped)) == ((), sorted(links + skipped))
    rest = {name: to for name, to in made.items() if f"data/{name}" not in links}
    assert there(world / "target" / "data") == {**rest, "z": b"content"}
    assert there(world / "outside") == {"secret": b"secret"}


# Through a link that is kept: what would have to be written through it.
THROUGH_IT = {
    "a file below it": link("data/l", OUTSIDE) + file("data/l/secret"),
    "a directory in its place": link("data/l", OUTSIDE) + folder("data/l"),
    "a file in its place": link("data/l", OUTSIDE) + file("data/l"),
    "a link in its place": link("data/l", OUTSIDE) + link("data/l", "/etc"),
    "a link below it": link("data/l", OUTSIDE) + link("data/l/new", "x"),
    "a hard link to what is below it": link("data/l", OUTSIDE)
    + hard_link("data/h", "data/l/secret"),
    "a hard link below it": link("data/l", OUTSIDE)
    + file("data/a")
    + hard_link("data/l/h", "data/a"),
    "a link through another": link("data/l", OUTSIDE) + link("data/m", "l") + file("data/m/secret"),
}


@pytest.mark.parametrize("links", ["keep", "skip"])
@pytest.mark.parametrize("name", THROUGH_IT)
def test_nothing_is_written_through_a_link(name: str, links: Links, world: Path) -> None:
    """Refused; or where the link was left out, put where its directory would be."""
    archive = folder("data") + THROUGH_IT[name] + END
    try:
        copied_out(archive, world / "target", links=links)
    except BadArchive:
        assert there(world / "target") == {}
    else:
        assert links == "skip"
        assert OUTSIDE not in there(world / "target").values()
    assert there(world / "outside") == {"secret": b"secret"}


@pytest.mark.parametrize("second", [folder("data/l") + file("data/l/secret"), file("data/l")])
def test_a_second_copy_writes_nothing_through_a_link_of_the_first(
    second: bytes, world: Path
) -> None:
    copied_out(folder("data") + link("data/l", OUTSIDE) + END, world / "target")
    with contextlib.suppress(NotADirectoryError):
        copied_out(folder("data") + second + END, world / "target")
    assert there(world / "outside") == {"secret": b"secret"}


@pytest.mark.parametrize(
    ("archive", "links", "words"),
    [
        (header("data", tarfile.FIFOTYPE), "keep", "'data': it is a named pipe"),
        (header("data", tarfile.CHRTYPE, devmajor=1), "skip", "'data': it is a device"),
        (link("data", "/outside"), "skip", outside("data", "/outside")),
        (folder("data") + link("data/l", ""), "keep", outside("data/l", "")),
    ],
    ids=["a pipe", "a device", "a link", "a link to nothing"],
)
def test_what_would_leave_nothing_is_refused(
    archive: bytes, links: Links, words: str, world: Path
) -> None:
    with pytest.raises(BadArchive) as caught:
        copied_out(archive + END, world / "target", links=links)
    assert str(caught.value) == f"archive refused: {words}"
    assert there(world / "target") == {}


def test_the_copy_itself_may_be_a_link_that_leads_out(world: Path) -> None:
    found = copied_out(link("data", "/outside") + END, world / "target", mode=LINK | 0o777)
    assert (found, there(world / "target")) == (Copied(("data",), ()), {"data": "/outside"})


def test_another_way_with_links_is_refused_before_anything_is_sent(world: Path) -> None:
    with Client("tcp://127.0.0.1:1") as client, pytest.raises(ValueError) as caught:
        client.copy_out("web", "/data", world, links="follow")  # type: ignore[arg-type]
    assert str(caught.value) == "links: 'keep', 'skip' or 'refuse' was expected, not 'follow'"


CUT: dict[str, tuple[bytes, str, int]] = {
    "a size that is not there": (
        header("data", size=1 << 40) + b"x" * 1000,
        f"the archive ends inside 'data': 1000 of {1 << 40} bytes",
        (1 << 40) - 1000,
    ),
    "padding that is not there": (
        header("data", size=7) + b"content",
        "the archive ends inside 'data': 7 of 7 bytes",
        505,
    ),
    "no end": (
        file("data"),
        "the archive has no end after 'data': 0 of 512 bytes of a header",
        512,
    ),
    "half an end": (
        file("data") + END[:512],
        "the archive has no end after 'data': 0 of 512 bytes of a header",
        512,
    ),
    "a piece of a header": (
        file("data")[:100],
        "the archive has no end: 100 of 512 bytes of a header",
        412,
    ),
}


@pytest.mark.parametrize("name", CUT)
def test_an_archive_that_ends_early_never_looks_whole(name: str, world: Path) -> None:
    archive, words, missing = CUT[name]
    before = there(world)
    with pytest.raises(Truncated) as caught:
        copied_out(archive, world / "target" / "new", mode=0o644)
    assert (str(caught.value), caught.value.missing) == (words, missing)
    assert there(world) == before


def test_a_connection_that_breaks_leaves_nothing(world: Path) -> None:
    def broken(conversation: Conversation) -> None:
        stated = of_kind(DIRECTORY | 0o755)
        conversation.send(
            head(200, Transfer_Encoding="chunked", X_Docker_Container_Path_Stat=stated)
        )
        conversation.send(chunk(TREE[:1024]))

    before = there(world)
    with ScriptedDaemon({GET: broken}) as daemon, Client(daemon.url) as client:
        with pytest.raises(StreamInterrupted):
            client.copy_out("web", "/data", world / "target")
    assert there(world) == before


# What may look hostile, and does no harm

HARMLESS: dict[str, tuple[bytes, Content]] = {
    "a name with a newline": (folder("data") + file("data/a\nb"), {"a\nb": b"content"}),
    "a name that is an option": (folder("data") + file("data/-rf"), {"-rf": b"content"}),
    "a name that is no UTF-8": (folder("data") + file("data/\udcff"), {"\udcff": b"content"}),
    "a name after a NUL": (
        folder("data") + changed(file("data/a"), 6, b"\0/../../x"),
        {"a": b"content"},
    ),
    "names that differ by case": (
        folder("data") + link("data/A", "b") + folder("data/a") + file("data/a/f"),
        {"A": "b", "a": None, "a/f": b"content"},
    ),
    "a link that goes up and stays": (
        folder("data") + folder("data/sub") + link("data/sub/l", "../a") + link("data/m", "sub/l"),
        {"sub": None, "sub/l": "../a", "m": "sub/l"},
    ),
    "a link to itself": (folder("data") + link("data/l", "l"), {"l": "l"}),
    "no member for a directory": (file("data/sub/a"), {"sub": None, "sub/a": b"content"}),
    "content of an old type": (
        folder("data") + header("data/a", tarfile.AREGTYPE, size=1) + padded(b"x"),
        {"a": b"x"},
    ),
    "zeros after the end": (folder("data") + END * 20, {}),
    "owners that nobody has": (folder("data", uid=2_000_000, gid=2_000_000), {}),
    "a fraction of a second": (
        folder("data") + pax(mtime="-1.5") + file("data/a"),
        {"a": b"content"},
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_hostile_stays_in_the_target(name: str, world: Path) -> None:
    archive, expected = HARMLESS[name]
    before = there(world)
    copied_out(archive + END, world / "target")
    copied = {f"target/data/{path}": value for path, value in expected.items()}
    assert there(world) == {**before, "target/data": None, **copied}


def test_setuid_and_setgid_are_left_off(world: Path) -> None:
    archive = folder("data", mode=0o7777) + file("data/a", mode=0o6755) + END
    copied_out(archive, world / "target")
    modes = [(world / "target" / name).stat().st_mode for name in ("data", "data/a")]
    assert list(map(stat.S_IMODE, modes)) == [0o1777, 0o755]
    owners = {(world / "target" / name).stat().st_uid for name in ("data", "data/a")}
    assert owners == {os.getuid()}


def test_times_and_modes_are_kept_also_of_a_directory_that_lets_nothing_in(world: Path) -> None:
    archive = folder("data", mode=0o555) + file("data/a", mode=0o400) + link("data/l", "a") + END
    copied_out(archive, world / "target" / "new")
    found = [world / "target" / name for name in ("new", "new/a", "new/l")]
    assert [stat.S_IMODE(path.lstat().st_mode) for path in found[:2]] == [0o555, 0o400]
    assert [path.lstat().st_mtime for path in found] == [1e9] * 3


def test_a_link_of_the_users_own_is_not_written_through(world: Path) -> None:
    """The target has a link where the archive has a directory, and one where it has a file."""
    (world / "target" / "data").mkdir()
    (world / "target" / "data" / "sub").symlink_to("../../outside")
    before = there(world)
    with pytest.raises(NotADirectoryError) as caught:
        copied_out(TREE, world / "target")
    assert str(caught.value) == f"{world}/target/data/sub: no directory, and is to become one"
    assert there(world) == before

    (world / "target" / "data" / "sub").unlink()
    (world / "target" / "data" / "a").symlink_to("../../outside/secret")
    copied_out(TREE, world / "target")
    assert (world / "target" / "data" / "a").read_bytes() == b"content"
    assert (world / "outside" / "secret").read_bytes() == b"secret"


# Where it goes; the command line's own rules are compared with live


def test_the_root_is_copied_as_what_is_in_it(world: Path) -> None:
    archive = header("", tarfile.DIRTYPE) + folder("/bin") + file("/bin/sh") + END
    copied_out(archive, world / "target", source="/", name="/")
    assert there(world / "target") == {"bin": None, "bin/sh": b"content"}


def test_what_a_link_leads_to_is_copied_under_its_name(world: Path) -> None:
    script = {
        f"HEAD {ARCHIVE}?path=%2Flink": reply(
            200, X_Docker_Container_Path_Stat=of_kind(LINK | 0o777, "link", "/etc/data")
        ),
        f"{GET}?path=%2Fetc%2Fdata": answer(TREE),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.copy_out("web", "/link", world / "target", follow_links=True)
    assert sorted(there(world / "target")) == ["link", "link/a", "link/sub", "link/sub/b"]


def test_what_cannot_be_copied_is_refused_before_the_engine_is_asked(world: Path) -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(FileNotFoundError):
            client.copy_out("web", "/data", world / "missing" / "new")
        with pytest.raises(FileNotFoundError):
            client.copy_into("web", world / "missing", "/data")
        with pytest.raises(TypeError):
            client.copy_out("web", "/data", 7)  # type: ignore[arg-type]
        for path in ("", "a\0b"):
            with pytest.raises(ValueError):
                client.copy_out("web", path, world)
            with pytest.raises(ValueError):
                client.copy_into("web", world, path)
    assert daemon.connections == 0


def test_a_directory_is_not_copied_to_a_file(world: Path) -> None:
    path = world / "outside" / "secret"
    before = there(world)
    with pytest.raises(NotADirectoryError) as caught:
        copied_out(TREE, path)
    assert str(caught.value) == f"copy of a directory to '{path}': this is a file"
    assert there(world) == before


def test_a_device_is_no_target(world: Path) -> None:
    with pytest.raises(OSError) as caught:
        copied_out(file("data") + END, Path("/dev/null"), mode=0o644)
    assert str(caught.value) == "copy to '/dev/null': this is a device"


def test_links_that_lead_round_in_a_circle_are_no_target(world: Path) -> None:
    (world / "round").symlink_to("round")
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(OSError) as caught:
            client.copy_out("web", "/data", world / "round")
    assert caught.value.filename == str(world / "round")


def test_an_engine_that_leaves_the_names_out_is_not_asked_for_copies(world: Path) -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url, version="1.19") as client:
        with pytest.raises(NotSupported) as caught:
            client.copy_out("web", "/data", world)
    assert str(caught.value) == (
        "GET /containers/{id}/archive needs API 1.20 on Engine 20.10.24, which leaves out the name "
        "of what is copied below; API 1.19 was asked for"
    )
    assert daemon.requests == []


def test_an_engine_of_old_gives_what_a_link_leads_to_under_another_name(world: Path) -> None:
    script = {"POST /v1.19/containers/web/copy": [answer(TREE, None), answer(of_source(), None)]}
    with ScriptedDaemon(script, release="1.7.1", api="1.19", lowest=None) as daemon:
        with Client(daemon.url) as client:
            client.copy_out("web", "/link", world / "target")
            with pytest.raises(NotADirectoryError) as caught:
                client.copy_out("web", "/link/", world / "target")
    assert str(caught.value) == "copy_out: '/link/' in the container is no directory"
    assert sorted(there(world / "target")) == ["link", "link/a", "link/sub", "link/sub/b"]


# What is not there: the container, or the path

CALLS: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.get_archive("web", "/data"),
    "PUT": lambda client: client.put_archive("web", "/data", b"tar"),
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize(
    ("words", "error"),
    [
        (NO_PATH.format("/data"), PathNotFound),
        ("No such container: web", ContainerNotFound),
    ],
    ids=["path", "container"],
)
def test_a_path_that_is_not_there_is_told_from_a_container_that_is_not(
    method: str, words: str, error: type[NotFound]
) -> None:
    script = {f"{method} {ARCHIVE}": reply(404, words.encode())}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            CALLS[method](client)
    assert type(caught.value) is error
    assert str(caught.value) == f"{method} /containers/{{id}}/archive: 404 {words}"


MERGED = "/var/lib/docker/overlay2/ab12/merged"
NOWHERE = [  # of 20.10.24 and 28.5.2
    (404, "No such container: web", ContainerNotFound),
    (500, f"lstat {MERGED}/etc/passwd/x: not a directory", PathNotFound),
    (500, "lstat /etc/passwd/x: not a directory", PathNotFound),
    (500, "lstat /xxx/f: file name too long", PathNotFound),
    (500, f"evalSymlinksInScope: too many links in {MERGED}/loop/x", PathNotFound),
    (500, "lstat /loop/x: too many levels of symbolic links", PathNotFound),
    (500, "no space left on device", ServerError),
    (403, "not today", Forbidden),
]


@pytest.mark.parametrize(("status", "words", "error"), NOWHERE, ids=[row[1] for row in NOWHERE])
def test_what_a_head_refuses_without_words_is_asked_again_with_some(
    status: int, words: str, error: type[ApiError]
) -> None:
    script = {f"HEAD {ARCHIVE}": reply(status), f"GET {ARCHIVE}": reply(status, words.encode())}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            client.copy_into("web", __file__, "/etc")
    assert type(caught.value) is error
    assert str(caught.value) == f"HEAD /containers/{{id}}/archive: {status} {words}"


def test_what_is_there_when_it_is_asked_again_stays_refused() -> None:
    script = {f"HEAD {ARCHIVE}": reply(500), f"GET {ARCHIVE}": answer(TREE)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ServerError) as caught:
            client.copy_into("web", __file__, "/etc")
    assert str(caught.value) == "HEAD /containers/{id}/archive: 500 (no message)"


def test_an_engine_that_does_not_say_what_is_there_is_an_unexpected_reply() -> None:
    with ScriptedDaemon({f"HEAD {ARCHIVE}": reply(200)}) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.copy_into("web", __file__, "/etc")
    assert str(caught.value) == (
        "HEAD /containers/{id}/archive: there is no X-Docker-Container-Path-Stat in the answer"
    )


def test_a_directory_is_sent_with_all_that_is_in_it(world: Path) -> None:
    source = world / "source"
    source.mkdir()
    (source / "a").write_bytes(b"content")
    os.mkfifo(source / "b")
    (source / "loop").symlink_to("loop")
    script = {
        f"HEAD {ARCHIVE}": reply(200, X_Docker_Container_Path_Stat=of_kind(DIRECTORY | 0o755)),
        f"PUT {ARCHIVE}": reply(200),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.copy_into("web", source, "/data")
    with tarfile.open(fileobj=io.BytesIO(daemon.requests[-1].content)) as archive:
        assert [(info.name, info.type) for info in archive] == [
            ("source", tarfile.DIRTYPE),
            ("source/a", tarfile.REGTYPE),
            ("source/b", tarfile.FIFOTYPE),
            ("source/loop", tarfile.SYMTYPE),
        ]
