"""Build contexts: the same as the docker command line sends, big ones, and builds that are stopped.

The command line is the classic build of whatever docker is installed. What it sends is seen by
having it build on a scripted daemon; what comes of it, by having it build on the Engine.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import signal
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockerapi import BuildOptions, Client, Closed
from dockerapi.archive.context import build_context
from dockerapi.models.images import Progress
from ignored import BUILDKIT_ROWS, MONO, ROWS, Row
from live.engine import Engine
from live.releases import buildx
from scripted import ScriptedDaemon, json_reply, reply

pytestmark = pytest.mark.since("1.18")  # labels what it builds
PING = reply(200, Api_Version="1.41", Builder_Version="1", OSType="linux")
PACKAGE = Path(__file__).parents[2]
CLASSIC, BUILDKIT = BuildOptions(builder="classic"), BuildOptions(builder="buildkit")


class CommandLine:
    """`docker build` of the classic kind, with no settings of anybody's."""

    def __init__(self, program: str, home: Path, url: str) -> None:
        self._program = program
        self._environment = {"HOME": str(home), "DOCKER_HOST": url, "DOCKER_BUILDKIT": "0"}

    def build(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [self._program, "build", "--quiet", *arguments],
            env=self._environment,
            cwd=cwd,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def observed(docker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    answers = {"HEAD /_ping": PING, "POST /v1.41/build": json_reply({"stream": "sha256:1"})}
    with ScriptedDaemon(answers) as daemon:
        yield Observed(CommandLine(docker, tmp_path_factory.mktemp("home"), daemon.url), daemon)


class Observed:
    """A command line whose daemon notes down what it is sent."""

    def __init__(self, command: CommandLine, daemon: ScriptedDaemon) -> None:
        self._command = command
        self._daemon = daemon

    def sent(self, context: Path) -> bytes:
        """The archive that it sends of a directory."""
        self._command.build(str(context))
        return self._daemon.requests[-1].content


def listing(archive: bytes) -> list[tuple[object, ...]]:
    """What an archive says of its members, in order of their names."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return sorted(said_of(member) for member in opened)


def said_of(member: tarfile.TarInfo) -> tuple[object, ...]:
    kind, owner = member.type, (member.uid, member.gid)
    size = member.size if member.isreg() else 0
    mode = stat.S_IMODE(member.mode)  # command lines up to 20.10 put the type there, too
    return (member.name, kind, mode, size, int(member.mtime), member.linkname, owner)


def archive_of(context: Path, *, buildkit: bool = False) -> bytes:
    data = build_context(context, None, buildkit=buildkit).data
    assert data is not None
    return b"".join(data)


@pytest.mark.real("beside `docker build`")
@pytest.mark.parametrize("row", [row for row in ROWS if not row.slip], ids=str)
def test_the_command_line_sends_what_the_table_says(
    observed: Observed, row: Row, tmp_path: Path
) -> None:
    row.make(tmp_path)
    sent = listing(observed.sent(tmp_path))
    names = [f"{name}/" if kind == tarfile.DIRTYPE else name for name, kind, *_ in sent]
    assert sorted(map(str, names)) == row.sent
    assert listing(archive_of(tmp_path)) == sent


@pytest.mark.real("beside `docker build`")
def test_the_command_line_sends_members_as_we_do(observed: Observed, tmp_path: Path) -> None:
    """Modes, times, owners, links of both kinds, pipes, and names of every kind."""
    Row("").make(tmp_path)
    (tmp_path / "a.txt").chmod(0o4751)
    (tmp_path / "empty").chmod(0o1700)
    os.utime(tmp_path / "b.txt", (0, 1374067924.9))
    if os.getuid() == 0:
        os.chown(tmp_path / "A.txt", 1234, 5678)
    os.link(tmp_path / "a.txt", tmp_path / "src" / "hard")
    os.link(tmp_path / "docs" / "guide.md", tmp_path / "docs" / "api" / "hard")
    os.mkfifo(tmp_path / "pipe")
    for name, target in (("dangling", "no/where"), ("out", "/etc/passwd"), ("up", "docs/../src")):
        (tmp_path / name).symlink_to(target)
    for name in ("x" * 255, "\u65e5\u672c\u8a9e", "a b\nc", "d/" * 60 + "\u20ac" * 40):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("content")
    assert listing(archive_of(tmp_path)) == listing(observed.sent(tmp_path))


# What BuildKit takes, beside buildx


@pytest.fixture(scope="module")
def plugged(
    engine: Engine, docker: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], list[str]]:
    """What `COPY . /` makes of a context by the docker command line with buildx."""
    home = tmp_path_factory.mktemp("home")
    plugins = home / ".docker/cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-buildx").symlink_to(buildx())

    def made(context: Path) -> list[str]:
        done = subprocess.run(
            [docker, "buildx", "build", "--quiet", "--output=type=tar,dest=-", context],
            env={"HOME": str(home), "DOCKER_HOST": engine.url},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
        return names(done.stdout)

    return made


def names(archive: bytes) -> list[str]:
    """All that is in an archive, directories with a slash behind, in order."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return sorted(f"{one.name}/" if one.isdir() else one.name for one in opened)


@pytest.mark.fetched
@pytest.mark.real("beside `docker buildx build`")
@pytest.mark.parametrize("row", [row for row in BUILDKIT_ROWS if not row.slip], ids=str)
def test_buildkit_is_sent_what_buildx_takes(
    plugged: Callable[[Path], list[str]], row: Row, tmp_path: Path
) -> None:
    row.make(tmp_path)
    assert plugged(tmp_path) == row.sent
    sent = names(archive_of(tmp_path, buildkit=True))
    assert [name for name in sent if not name.startswith(".dockerfile.")] == row.sent


@pytest.mark.real("the fake Engine has no BuildKit")
@pytest.mark.parametrize("options", [CLASSIC, BUILDKIT], ids=lambda options: str(options.builder))
def test_exceptions_below_a_folder_count_as_the_builder_says(
    newest: Client, dockerfile: str, tmp_path: Path, options: BuildOptions
) -> None:
    """The same build by both builders; the Dockerfile lies in the folder that is left out."""
    Row("packages\n!packages/b/package.json\n!*/*/src\n*.md", tree=MONO).make(tmp_path)
    (tmp_path / "packages/Dockerfile").write_text(dockerfile)
    built = newest.build(tmp_path, dockerfile="packages/Dockerfile", options=options)
    found = [name for name in copied(newest, built.image_id) if not name.startswith("x/.docker")]
    below = ["x/packages/b", "x/packages/b/package.json"]
    if options is BUILDKIT:
        below = ["x/packages/a", "x/packages/a/src", "x/packages/a/src/index.js", *below]
    assert found == ["x", "x/Dockerfile", "x/package.json", "x/packages", *below]


# What comes of it on the Engine


def copied(client: Client, image: str) -> list[str]:
    """The paths that `COPY . /x` has made."""
    output = client.run(image, ["find", "x"], remove=True, check=True).output
    return sorted(output.stdout.decode().splitlines())


@pytest.fixture
def cli(docker: str, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(docker, tmp_path_factory.mktemp("home"), engine.url)


@pytest.fixture
def dockerfile(busybox: str, label: dict[str, str]) -> str:
    [(key, value)] = label.items()
    return f"FROM {busybox}\nLABEL {key}={value}\nCOPY . /x\n"


IGNORED = [
    "",
    "docs\n!docs/api/v1\n**/*.go",
    "Dockerfile\n.dockerignore\nempty",
    "*\n!a.txt\n!.dockerignore",
]


@pytest.mark.real("beside `docker build`")
@pytest.mark.parametrize("ignore", IGNORED, ids=lambda ignore: " ; ".join(ignore.splitlines()))
def test_copy_sees_what_it_sees_for_the_command_line(
    newest: Client, cli: CommandLine, dockerfile: str, tmp_path: Path, ignore: str
) -> None:
    Row(ignore).make(tmp_path)
    (tmp_path / "Dockerfile").write_text(dockerfile)
    ours = newest.build(tmp_path, gzip=True).image_id
    assert copied(newest, ours) == copied(newest, cli.build(str(tmp_path)))


@pytest.mark.real("beside `docker build`")
@pytest.mark.parametrize("ignore", [None, ".dockerignore\nsrc"], ids=["none", "some"])
@pytest.mark.parametrize("given", ["a path", "text"])
def test_a_dockerfile_that_is_not_of_the_context_is_none_of_its_files(
    newest: Client,
    cli: CommandLine,
    dockerfile: str,
    tmp_path: Path,
    given: str,
    ignore: str | None,
) -> None:
    context = tmp_path / "context"
    context.mkdir()
    Row(ignore or "").make(context)
    (context / "Dockerfile").unlink()
    if ignore is None:
        (context / ".dockerignore").unlink()
    outside = tmp_path / "outside"
    outside.write_text(dockerfile)
    ours = newest.build(
        context, dockerfile=outside if given == "a path" else io.StringIO(dockerfile)
    )
    theirs = cli.build("-f", "outside", "context", cwd=tmp_path)
    assert copied(newest, ours.image_id) == copied(newest, theirs)


def test_an_ignore_file_of_the_dockerfile_takes_the_place_of_the_other(
    newest: Client, dockerfile: str, tmp_path: Path
) -> None:
    Row("src").make(tmp_path)
    (tmp_path / "Dockerfile").write_text(dockerfile)
    (tmp_path / "Dockerfile.dockerignore").write_text("**\n!docs/guide.md\n")
    built = newest.build(tmp_path)
    assert copied(newest, built.image_id) == ["x", "x/docs", "x/docs/guide.md"]


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(bytes, id="tar"),
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(bz2.compress, id="bzip2"),
        pytest.param(lzma.compress, id="xz", marks=pytest.mark.uses("xz")),
    ],
)
def test_an_archive_is_built_however_it_is_packed(
    newest: Client, dockerfile: str, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "Dockerfile").write_text(dockerfile)
    built = newest.build(iter([pack(archive_of(tmp_path))]))
    assert copied(newest, built.image_id) == ["x", "x/Dockerfile"]


# A big context


SIZE = 53_700  # of each file

BUILD = """
import collections, json, sys
sys.path.insert(0, sys.argv[1])
from dockerapi import Client

read = collections.Counter()
written = []

def note(event, arguments):
    if event == "open":
        path, _, flags = arguments
        if flags & 3:
            written.append(str(path))
        else:
            read[str(path)] += 1
    elif event.startswith("tempfile."):
        written.append(event)

url, context = sys.argv[2:]
with Client(url) as client:
    client.ping()
    sys.addaudithook(note)
    built = client.build(context)
    times = [count for path, count in read.items() if path.startswith(context)]
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    print(json.dumps([built.image_id, peak, len(times), max(times), written]))
"""


@pytest.fixture
def big(tmp_path: Path, files: int) -> Path:
    """Sparse files, so that only the Engine needs the room."""
    context = tmp_path / "big"
    for number in range(files):
        folder = context / f"{number // 200:02}"
        if number % 200 == 0:
            folder.mkdir(parents=True)
        with (folder / f"{number}").open("wb") as made:
            made.write(b"%d" % number)
            made.truncate(SIZE)
    return context


class Blocks:
    """An iterator of bytes as a file to read."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (block := next(self._blocks, b"")):
            self._rest += block
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


@pytest.mark.real("unpacks a gibibyte")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to measure")
@pytest.mark.parametrize(
    "files",
    [
        pytest.param(4_000, id="200 MiB"),
        pytest.param(20_000, id="1 GiB", marks=pytest.mark.nightly),
    ],
)
def test_a_big_context_is_built_in_little_memory(
    newest: Client, engine: Engine, busybox: str, label: dict[str, str], big: Path, files: int
) -> None:
    """Each file is read once, nothing is written, and `tar` makes the same archive."""
    [(key, value)] = label.items()
    (big / "Dockerfile").write_text(f"FROM {busybox}\nLABEL {key}={value}\nCOPY 12 /x\n")
    (big / ".dockerignore").write_text("nothing\n!at all\n")
    data = build_context(big, None).data
    assert data is not None
    with tarfile.open(fileobj=Blocks(iter(data)), mode="r|") as opened:
        ours = sorted(said_of(member) for member in opened)
    by_hand = ["tar", "--format=pax", "--owner=0", "--group=0", "-cf-", *sorted(os.listdir(big))]
    with subprocess.Popen(by_hand, cwd=big, stdout=subprocess.PIPE) as tar:
        with tarfile.open(fileobj=tar.stdout, mode="r|") as opened:
            theirs = sorted(said_of(member) for member in opened)
    assert ours == theirs
    assert sum(int(str(size)) for _, _, _, size, *_ in ours) > files * SIZE

    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(PACKAGE), engine.url, str(big)],
        stdout=subprocess.PIPE,
        check=True,
    )
    image, peak, opened_files, most, written = json.loads(done.stdout)
    assert (opened_files, most, written) == (files + 2, 1, [])
    assert peak < 80 * 1024
    names = newest.run(image, ["ls", "/x"], remove=True, check=True).output.stdout.split()
    assert sorted(map(int, names)) == list(range(12 * 200, 13 * 200))


# Builds that are stopped


@pytest.fixture
def endless(busybox: str, label: dict[str, str], tmp_path: Path) -> Path:
    """A context whose build says `begun` and does not end."""
    [(key, value)] = label.items()
    (tmp_path / "Dockerfile").write_text(
        f"FROM {busybox}\nLABEL {key}={value}\nRUN echo begun; sleep 6000\n"
    )
    return tmp_path


class Enough(Exception):
    """What the callback of a user raises."""


def by_an_exception(url: str, context: Path) -> None:
    def stop(value: Progress) -> None:
        if value.text == "begun\n":
            raise Enough

    with Client(url) as client, pytest.raises(Enough):
        client.build(context, progress=stop)


def by_closing_the_client(url: str, context: Path) -> None:
    closers = []

    def close(value: Progress) -> None:
        if value.text == "begun\n":
            closers.append(threading.Thread(target=client.close))
            closers[0].start()

    with Client(url) as client, pytest.raises(Closed):
        client.build(context, progress=close)
    closers[0].join()


# It may have been started where SIGINT is ignored: by nohup, or in the background of a script.
WAITING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from dockerapi import Client

with Client(sys.argv[2]) as client:
    client.build(sys.argv[3], progress=lambda value: print(value.text, flush=True))
"""


def by_control_c(url: str, context: Path) -> None:
    arguments = [str(PACKAGE), url, str(context)]
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        assert "begun\n" in child.stdout, child.stderr.read()
        child.send_signal(signal.SIGINT)
        assert child.stderr.read().endswith("KeyboardInterrupt\n")
    assert child.returncode == -signal.SIGINT


@pytest.mark.since("1.21")  # events with a label
@pytest.mark.parametrize("stop", [by_an_exception, by_closing_the_client, by_control_c])
def test_a_build_that_is_stopped_stops_on_the_engine(
    newest: Client,
    engine: Engine,
    label: dict[str, str],
    endless: Path,
    stop: Callable[[str, Path], None],
) -> None:
    """The container of its step ends."""
    [(key, value)] = label.items()
    with newest.events(filters={"event": "die", "label": f"{key}={value}"}) as events:
        stop(engine.url, endless)
        assert next(events).action == "die"
