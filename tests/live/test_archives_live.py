"""Copies into containers and out of them, against the docker command line's `cp`; big archives.

Every source is copied to every target, by the command line and by us, with the same things there
before. What is there afterwards has to be the same, or both have to refuse.
"""

from __future__ import annotations

import copy
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from dockerapi import ApiError, Client, ContainerConfig, PathNotFound
from live.engine import Engine

OLD = 1_000_000_000  # no copy is made at that time
Listing = dict[str, tuple[object, ...]]


class CommandLine:
    """`docker cp`, with no settings of anybody's."""

    def __init__(self, program: str, home: Path, url: str) -> None:
        self._program = program
        self._environment = {"HOME": str(home), "DOCKER_HOST": url}

    def copy(self, source: str, target: str, *, follow_links: bool = False) -> bool:
        """Whether it could."""
        options = ["--follow-link"] if follow_links else []
        command = [self._program, "cp", *options, source, target]
        return subprocess.run(command, env=self._environment, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def cli(docker: str, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(docker, tmp_path_factory.mktemp("home"), engine.url)


@pytest.fixture
def container(newest: Client, busybox: str, label: dict[str, str]) -> str:
    """A container that is never started, with the tree in /ours and in /theirs."""
    id = newest.create_container(busybox, ["true"], config=ContainerConfig(labels=label)).id
    newest.put_archive(id, "/", packed("ours", "theirs"))
    return id


def entry(name: str, kind: bytes, mode: int, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, link
    info.mtime = OLD + len(name)
    return info


# The command line resolves a link in one place and not in another, and then finds a link where a
# directory is to be.
SLIPS = {("dir/.", "to-dir/"), ("to-dir/.", "to-dir/")}

# What there is on either side: names of what may be copied and of where it may go.
TREE = [
    entry("dir", tarfile.DIRTYPE, 0o755),
    entry("dir/file", tarfile.REGTYPE, 0o640),
    entry("dir/sub", tarfile.DIRTYPE, 0o700),
    entry("dir/sub/run", tarfile.REGTYPE, 0o755),
    entry("dir/up", tarfile.SYMTYPE, 0o777, "file"),
    entry("dir/sub/up", tarfile.SYMTYPE, 0o777, "../file"),
    entry("dir/again", tarfile.LNKTYPE, 0o640, "dir/file"),
    entry("dir/empty", tarfile.DIRTYPE, 0o1775),
    entry("file", tarfile.REGTYPE, 0o604),
    entry("to-dir", tarfile.SYMTYPE, 0o777, "dir"),
    entry("to-file", tarfile.SYMTYPE, 0o777, "file"),
    entry("to-link", tarfile.SYMTYPE, 0o777, "to-file"),
    entry("dangling", tarfile.SYMTYPE, 0o777, "made"),
    entry("other", tarfile.DIRTYPE, 0o755),
    entry("other/dir", tarfile.DIRTYPE, 0o711),
    entry("other/dir/file", tarfile.REGTYPE, 0o600),
    entry("other/dir/mine", tarfile.REGTYPE, 0o600),
    entry("other/to-dir", tarfile.REGTYPE, 0o600),
    entry("crossed", tarfile.DIRTYPE, 0o755),
    entry("crossed/dir", tarfile.REGTYPE, 0o600),
    entry("crossed/file", tarfile.DIRTYPE, 0o700),
    entry("crossed/to-file", tarfile.DIRTYPE, 0o700),
]
SOURCES = [
    "file",
    "file/",
    "file/.",
    "dir",
    "dir/.",
    "dir/sub/..",
    "to-dir",
    "to-dir/",
    "to-dir/.",
    "to-file",
    "to-link",
    "dangling",
    "missing",
    "file/below",
]
TARGETS = [
    "new",
    "new/",
    "new/.",
    "file",
    "file/",
    "file/.",
    "file/below",
    "other",
    "other/",
    "other/.",
    "other/dir",
    "crossed",
    "to-dir",
    "to-dir/",
    "to-file",
    "to-link",
    "dangling",
    "missing/new",
    "dir/sub/..",
]


def packed(*folders: str) -> bytes:
    """An archive of folders that have the tree in them."""
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        for folder in folders:
            archive.addfile(entry(folder, tarfile.DIRTYPE, 0o755))
            for info in TREE:
                link = f"{folder}/{info.linkname}" if info.islnk() else info.linkname
                content = info.name.encode() if info.isreg() else b""
                placed = copy.copy(info)
                placed.name, placed.linkname = f"{folder}/{info.name}", link
                placed.size = len(content)
                archive.addfile(placed, io.BytesIO(content))
    return archived.getvalue()


def unpack(folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(folder.name))) as archive:
        archive.extraction_filter = lambda info, path: info  # unchanged; old Pythons have no filter
        for info in archive:
            archive.extract(info, folder.parent)
        for info in reversed(archive.getmembers()):
            if not info.issym():
                os.utime(folder.parent / info.name, (info.mtime, info.mtime))


def listing(folder: Path) -> Listing:
    """What is there: kind and permissions, content or target, and time if it is not that of now."""
    found: Listing = {}
    names: dict[int, str] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content: object = None
        if stat.S_ISLNK(status.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(status.st_mode):
            content = (path.read_bytes(), names.setdefault(status.st_ino, path.name))
        name = str(path.relative_to(folder))
        found[name] = (oct(status.st_mode), content, when(status.st_mtime), status.st_uid)
    return found


def when(time: float) -> int | str:
    return int(time) if time < OLD + 1000 else "now"


def listing_in(client: Client, container: str, folder: str) -> Listing:
    found: Listing = {}
    with client.get_archive(container, folder) as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                file = archive.extractfile(info) if info.isreg() else None
                content = info.linkname if file is None else file.read()
                if info.islnk():
                    content = info.linkname.partition("/")[2]
                owner = (info.uid, info.gid)
                name = info.name.partition("/")[2]
                found[name] = (info.type, oct(info.mode), content, when(info.mtime), owner)
    del found[""]
    return found


def settled(found: Listing, before: Listing) -> Listing:
    """Without the times of directories in which there was something for a while."""
    return {
        name: before[name]
        if entry[2] == "now" and same_but_time(entry, before.get(name))
        else entry
        for name, entry in found.items()
    }


def same_but_time(one: tuple[object, ...], other: tuple[object, ...] | None) -> bool:
    return other is not None and (one[:2], one[3:]) == (other[:2], other[3:])


def differences(now: Listing, expected: Listing) -> dict[str, object]:
    names = now.keys() | expected.keys()
    pairs = {name: (now.get(name), expected.get(name)) for name in sorted(names)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def copied(copy: object, *arguments: str, follow_links: bool) -> str:
    """Nothing, or why it was refused."""
    try:
        copy(*arguments, follow_links=follow_links)  # type: ignore[operator]
    except (ApiError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


FOLLOWED = ["to-dir", "to-file", "to-link", "dangling"]
ROWS = [(source, False) for source in SOURCES] + [(source, True) for source in FOLLOWED]
# A quarter of the targets for each, in turn; `make nightly` takes all.
COPIES = [
    pytest.param(source, follow, targets, marks=marks, id=f"{source}{' followed' * follow}{where}")
    for number, (source, follow) in enumerate(ROWS)
    for targets, marks, where in (
        (TARGETS[number % 4 :: 4], (), ""),
        (TARGETS, pytest.mark.nightly, " everywhere"),
    )
]


@pytest.mark.real("beside `docker cp`")
@pytest.mark.parametrize(("source", "follow", "targets"), COPIES)
def test_copy_out_does_what_the_command_line_does(
    newest: Client,
    cli: CommandLine,
    container: str,
    source: str,
    follow: bool,
    targets: list[str],
    tmp_path: Path,
) -> None:
    different = {}
    for number, target in enumerate(targets):
        folders = {}
        for who in ("ours", "theirs"):
            folders[who] = tmp_path / str(number) / who
            folders[who].parent.mkdir(exist_ok=True)
            unpack(folders[who])
        before = listing(folders["ours"])
        assert before == listing(folders["theirs"])
        could = cli.copy(
            f"{container}:/theirs/{source}", f"{folders['theirs']}/{target}", follow_links=follow
        )
        refused = copied(
            newest.copy_out,
            container,
            f"/ours/{source}",
            f"{folders['ours']}/{target}",
            follow_links=follow,
        )
        now = settled(listing(folders["ours"]), before)
        expected = settled(listing(folders["theirs"]), before) if could else before
        if (source, target) in SLIPS:
            assert (could, refused) == (False, "")
        elif could == bool(refused) or now != expected:
            different[target] = (could, refused, differences(now, expected))
    assert different == {}


ODD = [
    entry("odd", tarfile.DIRTYPE, 0o755),
    entry("odd/sub", tarfile.DIRTYPE, 0o755),
    entry("odd/absolute", tarfile.SYMTYPE, 0o777, "/etc/passwd"),
    entry(
        "odd/sub/up", tarfile.SYMTYPE, 0o777, "../../x"
    ),  # which docker cp keeps below its target
    entry("odd/inside", tarfile.SYMTYPE, 0o777, "file"),
    entry("odd/again", tarfile.LNKTYPE, 0o777, "odd/absolute"),
    entry("odd/pipe", tarfile.FIFOTYPE, 0o600),
    entry("odd/pipe-again", tarfile.LNKTYPE, 0o600, "odd/pipe"),
    entry("odd/null", tarfile.CHRTYPE, 0o666),
    entry("odd/file", tarfile.REGTYPE, 0o644),
]


@pytest.mark.real("beside `docker cp`")
@pytest.mark.skipif(os.getuid() != 0, reason="only root makes devices")
def test_what_leads_out_is_kept_as_the_command_line_does(
    newest: Client, cli: CommandLine, container: str, tmp_path: Path
) -> None:
    """All but pipes and devices, which it makes and we name."""
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        for info in ODD:
            info.devmajor, info.devminor = 1, 3  # of the device
            archive.addfile(info)
    newest.put_archive(container, "/", archived.getvalue())
    for who in ("ours", "theirs", "without"):
        (tmp_path / who).mkdir()
    found = newest.copy_out(container, "/odd", tmp_path / "ours")
    without = newest.copy_out(container, "/odd", tmp_path / "without", links="skip")
    assert cli.copy(f"{container}:/odd", str(tmp_path / "theirs"))
    links = ["odd/absolute", "odd/again", "odd/sub/up"]
    left_out = ["odd/null", "odd/pipe", "odd/pipe-again"]
    assert (sorted(found.kept), sorted(found.skipped)) == (links, left_out)
    assert (without.kept, sorted(without.skipped)) == ((), sorted(links + left_out))
    theirs = listing(tmp_path / "theirs")
    assert [name for name in theirs if name in left_out] == left_out
    expected = {name: entry for name, entry in theirs.items() if name not in left_out}
    assert listing(tmp_path / "ours") == expected
    assert sorted(listing(tmp_path / "without")) == ["odd", "odd/file", "odd/inside", "odd/sub"]


@pytest.mark.real("dockerd puts a link there")
def test_a_folder_of_every_container_is_copied_out(
    newest: Client, container: str, tmp_path: Path
) -> None:
    """`/etc`, in which the Engine itself puts a link that leads out."""
    found = newest.copy_out(container, "/etc", tmp_path)
    assert (found.kept, found.skipped) == (("etc/mtab",), ())
    assert os.readlink(tmp_path / "etc" / "mtab") == "/proc/mounts"


@pytest.mark.since("1.20")
@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd/x",
        "/etc/passwd/x/y",
        f"/{'x' * 300}/f",
        f"/etc/{'x' * 300}",
        "/loop/x",
        "/loop",
    ],
    ids=["below a file", "deeper below a file", "a long folder", "a long name", "a loop", "at one"],
)
def test_a_path_that_leads_nowhere_is_named_in_words(
    newest: Client, container: str, target: str, tmp_path: Path
) -> None:
    """The answer to a HEAD, which is asked first, has none."""
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        archive.addfile(entry("loop", tarfile.SYMTYPE, 0o777, "loop"))
        archive.addfile(entry("etc/passwd", tarfile.REGTYPE, 0o644))
    newest.put_archive(container, "/", archived.getvalue())
    with pytest.raises(PathNotFound) as caught:
        newest.copy_into(container, __file__, target)
    assert caught.value.message != ""
    with pytest.raises(PathNotFound) as caught:
        newest.copy_out(container, target, tmp_path)
    assert caught.value.message != ""


@pytest.mark.real("the fake Engine sends an archive without holding its container")
def test_archives_that_are_dropped_unread_keep_no_other_waiting(
    newest: Client, container: str
) -> None:
    """20.10 holds the container while it sends one: two that stayed open waited for each other."""
    route = "GET /containers/{id}/archive"
    for _ in range(3):
        with pytest.warns(ResourceWarning) as said:
            newest.get_archive(container, "/bin")
        assert [str(warning.message) for warning in said] == [
            f"a stream was never closed: {route} of {newest.base_url}"
        ]


@pytest.mark.real("the fake Engine has no owners")
@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_what_is_copied_in_belongs_to_whom_it_is_to_belong(
    newest: Client, busybox: str, label: dict[str, str], tmp_path: Path
) -> None:
    config = ContainerConfig(labels=label, user="root")
    id = newest.create_container(busybox, ["true"], config=config).id
    (tmp_path / "file").write_bytes(b"content")
    os.chown(tmp_path / "file", 1234, 5678)
    newest.copy_into(id, tmp_path / "file", "/kept")
    newest.copy_into(id, tmp_path / "file", "/given", copy_uid_gid=True)
    owners = []
    for path in ("/kept", "/given"):
        with newest.get_archive(id, path) as stream:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                owners += [(info.uid, info.gid) for info in archive]
    assert owners == [(1234, 5678), (0, 0)]


@pytest.mark.real("beside `docker cp`")
@pytest.mark.parametrize(("source", "follow", "targets"), COPIES)
def test_copy_into_does_what_the_command_line_does(
    newest: Client,
    cli: CommandLine,
    container: str,
    source: str,
    follow: bool,
    targets: list[str],
    tmp_path: Path,
) -> None:
    unpack(tmp_path / "here")
    if os.getuid() == 0:
        os.chown(tmp_path / "here" / "dir" / "file", 1234, 5678)
    folders = [f"{who}{number}" for number in range(len(targets)) for who in ("ours", "theirs")]
    newest.put_archive(container, "/", packed(*folders))
    outcomes = {}
    for number, target in enumerate(targets):
        path = f"{tmp_path}/here/{source}"
        could = cli.copy(path, f"{container}:/theirs{number}/{target}", follow_links=follow)
        place = f"/ours{number}/{target}"
        refused = copied(newest.copy_into, container, path, place, follow_links=follow)
        outcomes[target] = (could, refused)
    different = {}
    for number, (target, (could, refused)) in enumerate(outcomes.items()):
        now = listing_in(newest, container, f"/ours{number}")
        expected = listing_in(newest, container, f"/theirs{number}")
        if could == bool(refused) or now != expected:
            different[target] = (could, refused, differences(now, expected))
    assert different == {}


# Big archives

# 2 GiB in the first run of this test; enough here to show that it is not held.
MIB = int(os.environ.get("DOCKERAPI_TEST_MIB", "96"))
PACKAGE = Path(__file__).parents[2]

ROUND = """
import json, os, sys, tarfile, threading
sys.path.insert(0, sys.argv[1])
from dockerapi import Client, ContainerConfig

here, there, name, mib, folder, label = *sys.argv[2:5], int(sys.argv[5]), *sys.argv[6:]
key, value = label.split("=")

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))

def file_system():
    info = tarfile.TarInfo("big")
    info.size = mib << 20
    yield info.tobuf()
    block = os.urandom(1 << 20)
    for number in range(mib):
        yield number.to_bytes(8, "big") + block[8:]
    yield bytes(1024)

with Client(here) as first, Client(there) as second:
    began = peak()
    made = first.import_image(
        file_system(), repository=name, tag="made", changes=['CMD ["true"]', f"LABEL {key}={value}"]
    )
    after_import = peak()

    # Through a pipe, from the one Engine into the other.
    reader, writer = os.pipe()
    def save():
        with first.get_image(f"{name}:made") as stream, os.fdopen(writer, "wb") as file:
            stream.save(file)
    saving = threading.Thread(target=save)
    saving.start()
    with os.fdopen(reader, "rb") as file:
        loaded = second.load_image(file)
    saving.join()
    through_pipe = second.inspect_image(f"{name}:made").id
    after_pipe = peak()

    # Through a file, which is sent with its length; the image is not there in between.
    with first.get_image(f"{name}:made") as stream:
        stream.save(f"{folder}/image.tar")
    size = os.path.getsize(f"{folder}/image.tar")
    first.remove_image(f"{name}:made", force=True)
    if here != there:
        second.remove_image(f"{name}:made", force=True)
    second.load_image(f"{folder}/image.tar")
    os.remove(f"{folder}/image.tar")
    through_file = second.inspect_image(f"{name}:made").id
    after_file = peak()

    # Export and import, from the one to the other, nothing between.
    container = second.create_container(f"{name}:made", config=ContainerConfig(labels={key: value}))
    with second.export(container) as stream:
        imported = first.import_image(
            stream, repository=name, tag="again", changes=[f"LABEL {key}={value}"]
        )
    again = first.create_container(
        f"{name}:again", ["true"], config=ContainerConfig(labels={key: value})
    )
    first.copy_out(again, "/big", f"{folder}/copied")
    first.copy_into(again, f"{folder}/copied", "/back")
    with first.get_archive(again, "/back") as archive, open(f"{folder}/copied", "rb") as file:
        with tarfile.open(fileobj=archive, mode="r|") as members:
            content = members.extractfile(members.next())
            equal = all(content.read(1 << 20) == file.read(1 << 20) for _ in range(mib + 1))
    print(json.dumps({
        "ids": [made, through_pipe, through_file],
        "size": size,
        "copied": [os.path.getsize(f"{folder}/copied"), equal],
        "peaks": [began, after_import, after_pipe, after_file, peak()],
    }))
"""


@pytest.mark.since("1.20")
def test_an_image_goes_round_in_constant_memory(
    engine: Engine, newest: Client, label: dict[str, str], name: str, tmp_path: Path
) -> None:
    """Imported from an iterator; saved and loaded through a pipe and a file; exported; copied."""
    [(key, value)] = label.items()
    there = os.environ.get("DOCKERAPI_TEST_OTHER", engine.url)
    arguments = [str(PACKAGE), engine.url, there, name, str(MIB), str(tmp_path), f"{key}={value}"]
    done = subprocess.run(
        [sys.executable, "-c", ROUND, *arguments], stdout=subprocess.PIPE, check=True
    )
    found = json.loads(done.stdout)
    print(found)
    assert len(set(found["ids"])) == 1
    assert found["size"] > MIB << 20
    assert found["copied"] == [MIB << 20, True]
    assert max(found["peaks"]) < 80 * 1024
