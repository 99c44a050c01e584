"""Build contexts: the archive of a directory, and what is passed on as it is."""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import gzip
import hashlib
import io
import logging
import os
import socket
import tarfile
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi.archive.context import BuildContext, build_context, recognizable
from dockerapi.archive.source import BLOCK
from ignored import BUILDKIT_ROWS, ROWS, Row

FROM = "FROM busybox\n"
LEFT_OUT = f".dockerfile.{hashlib.sha256(FROM.encode()).hexdigest()[:16]}"
MOMENT = 1374067924


@attrs.frozen
class Member:
    """What an archive says of one file."""

    name: str
    type: bytes = tarfile.REGTYPE
    mode: int = 0o644
    content: bytes = b""
    link: str = ""
    mtime: int = MOMENT
    owner: tuple[int, int, str, str] = (0, 0, "", "")


def archive_of(context: BuildContext) -> bytes:
    assert context.data is not None
    return b"".join(context.data)


def names_of(context: BuildContext) -> list[str]:
    return [member.name for member in members(archive_of(context))]


def members(archive: bytes) -> list[Member]:
    with tarfile.open(fileobj=io.BytesIO(archive), errorlevel=2) as opened:
        found = []
        for info in opened:
            file = opened.extractfile(info) if info.isreg() else None
            found.append(
                Member(
                    info.name,
                    info.type,
                    info.mode,
                    file.read() if file is not None else b"",
                    info.linkname,
                    int(info.mtime),
                    (info.uid, info.gid, info.uname, info.gname),
                )
            )
        return found


def file(path: Path, content: bytes | str = b"", mode: int = 0o644) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    os.utime(path, (MOMENT, MOMENT + 0.75))
    return path


def folder(path: Path, mode: int = 0o755) -> Path:
    path.mkdir(exist_ok=True)
    path.chmod(mode)
    os.utime(path, (MOMENT, MOMENT))
    return path


def ignoring(directory: Path, lines: str, name: str = ".dockerignore") -> None:
    file(directory / name, lines)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A context with nothing but a Dockerfile."""
    made = tmp_path / "context"
    made.mkdir()
    file(made / "Dockerfile", FROM)
    return made


DOCKERFILE = Member("Dockerfile", content=FROM.encode())


# Directories


def test_the_archive_of_a_directory_is_its_tree(directory: Path) -> None:
    """Names, types, modes, times in seconds and links are kept; everything belongs to root."""
    file(directory / "run.sh", "#!/bin/sh\n", 0o755)
    file(directory / "secret", b"\0\xff" * 1000, 0o600)
    folder(directory / "src")
    file(directory / "src" / "main.c", "int main;\n")
    folder(directory / "empty", 0o700)
    folder(directory / "src", 0o755)
    for name, target in (("link", "src/main.c"), ("out", "/etc/passwd"), ("dangling", "nowhere")):
        (directory / name).symlink_to(target)
        os.utime(directory / name, (MOMENT, MOMENT), follow_symlinks=False)
    assert members(archive_of(build_context(directory, None))) == [
        DOCKERFILE,
        Member("dangling", tarfile.SYMTYPE, 0o777, link="nowhere"),
        Member("empty", tarfile.DIRTYPE, 0o700),
        Member("link", tarfile.SYMTYPE, 0o777, link="src/main.c"),
        Member("out", tarfile.SYMTYPE, 0o777, link="/etc/passwd"),
        Member("run.sh", mode=0o755, content=b"#!/bin/sh\n"),
        Member("secret", mode=0o600, content=b"\0\xff" * 1000),
        Member("src", tarfile.DIRTYPE, 0o755),
        Member("src/main.c", content=b"int main;\n"),
    ]


def test_a_link_to_a_directory_stays_a_link(directory: Path) -> None:
    (directory / "loop").symlink_to(".")
    os.utime(directory / "loop", (MOMENT, MOMENT), follow_symlinks=False)
    assert members(archive_of(build_context(directory, None))) == [
        DOCKERFILE,
        Member("loop", tarfile.SYMTYPE, 0o777, link="."),
    ]


def test_a_file_with_several_names_is_sent_once(directory: Path) -> None:
    made = file(directory / "b" / "first", "content")
    folder(directory / "b")
    os.link(made, directory / "c")
    os.link(made, directory / "b" / "second")
    folder(directory / "b")
    assert members(archive_of(build_context(directory, None))) == [
        DOCKERFILE,
        Member("b", tarfile.DIRTYPE, 0o755),
        Member("b/first", content=b"content"),
        Member("b/second", tarfile.LNKTYPE, link="b/first"),
        Member("c", tarfile.LNKTYPE, link="b/first"),
    ]


def test_the_first_name_that_is_sent_has_the_content(directory: Path) -> None:
    made = file(directory / "a", "content")
    os.link(made, directory / "b")
    ignoring(directory, "a")
    assert members(archive_of(build_context(directory, None)))[2:] == [
        Member("b", content=b"content")
    ]


def test_a_pipe_is_sent_as_a_pipe(directory: Path) -> None:
    os.mkfifo(directory / "pipe", 0o600)
    os.utime(directory / "pipe", (MOMENT, MOMENT))
    assert members(archive_of(build_context(directory, None))) == [
        DOCKERFILE,
        Member("pipe", tarfile.FIFOTYPE, 0o600),
    ]


def test_a_socket_is_left_out_with_a_warning(
    directory: Path, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(directory)  # the path of a socket has 107 characters at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert members(archive_of(build_context(directory, None))) == [DOCKERFILE]
    assert caplog.record_tuples == [
        (
            "dockerapi.tar",
            logging.WARNING,
            f"not sent, since it is a socket or device: {directory}/socket",
        )
    ]


@pytest.fixture
def private() -> Iterator[Path]:
    """A file that only root can read, in a context that everybody can reach."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        file(Path(made) / "Dockerfile", FROM)
        yield file(Path(made) / "private" / "key", "secret", 0)
        (Path(made) / "private").chmod(0o700)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, who reads everything."""
    user = os.geteuid()
    os.seteuid(65534 if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_that_cannot_be_read_is_named(private: Path) -> None:
    with as_nobody(), pytest.raises(PermissionError) as caught:
        archive_of(build_context(private.parent.parent, None))
    assert caught.value.filename == str(private)


def test_a_directory_that_cannot_be_read_is_named(private: Path) -> None:
    private.parent.chmod(0)
    with as_nobody(), pytest.raises(PermissionError) as caught:
        archive_of(build_context(private.parent.parent, None))
    assert caught.value.filename == str(private.parent)


@pytest.mark.parametrize(
    "name",
    [
        "x" * 255,
        "\u00fcber/\u65e5\u672c\u8a9e.txt",
        "with space/and\nnewline",
        "long/" + "\u20ac" * 80,
        os.fsdecode(b"not-utf-8-\xff\xfe"),
    ],
    ids=["longer than a header's field", "not ASCII", "white space", "both", "not UTF-8"],
)
def test_every_name_that_a_file_can_have_is_kept(directory: Path, name: str) -> None:
    made = file(directory / name, "content")
    archived = members(archive_of(build_context(directory, None)))
    assert [member for member in archived if member.type == tarfile.REGTYPE] == sorted(
        [DOCKERFILE, Member(name, content=made.read_bytes())], key=lambda member: member.name
    )


def test_a_long_target_of_a_link_is_kept(directory: Path) -> None:
    target = "d/" * 100 + "\u00fcber"
    (directory / "link").symlink_to(target)
    os.utime(directory / "link", (MOMENT, MOMENT), follow_symlinks=False)
    assert members(archive_of(build_context(directory, None))) == [
        DOCKERFILE,
        Member("link", tarfile.SYMTYPE, 0o777, link=target),
    ]


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, BLOCK, BLOCK + 1])
def test_content_is_padded_to_whole_records(directory: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    file(directory / "data", content[:size])
    archive = archive_of(build_context(directory, None))
    assert len(archive) % 512 == 0
    assert members(archive) == [DOCKERFILE, Member("data", content=content[:size])]


def test_an_archive_ends_with_two_empty_records(directory: Path) -> None:
    archive = archive_of(build_context(directory, None))
    assert archive[-1024:] == bytes(1024)


def test_a_directory_may_be_given_as_text(directory: Path) -> None:
    assert members(archive_of(build_context(str(directory), None))) == [DOCKERFILE]


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(directory: Path) -> None:
    shrinking = file(directory / "z", b"x" * (BLOCK + 1000))
    blocks = iter(build_context(directory, None).data)
    with pytest.raises(OSError) as caught:
        for block in blocks:
            if block.startswith(b"x"):
                os.truncate(shrinking, 1000)
    assert str(caught.value) == (
        f"{shrinking}: the file shrank while it was sent: 1000 of {BLOCK + 1000} bytes left"
    )


def test_a_file_that_grows_while_it_is_sent_is_cut(directory: Path) -> None:
    """The header has announced the size; the rest would be taken for the next header."""
    growing = file(directory / "z", b"x" * 1000)
    sent = []
    for block in build_context(directory, None).data:
        sent.append(block)
        if b"z" in block[:100]:
            with growing.open("ab") as more:
                more.write(b"y" * 1000)
    assert members(b"".join(sent)) == [DOCKERFILE, Member("z", content=b"x" * 1000)]


def test_a_file_that_vanishes_while_it_is_sent_is_an_error(directory: Path) -> None:
    file(directory / "a", b"x" * 200_000)  # small ones would be sent with it, as one block
    vanishing = file(directory / "z", b"x")
    with pytest.raises(FileNotFoundError) as caught:
        for block in build_context(directory, None).data:
            if block:
                vanishing.unlink(missing_ok=True)
    assert caught.value.filename == str(vanishing)


@pytest.mark.dear
def test_folders_in_each_other_may_be_more_than_python_calls_itself(directory: Path) -> None:
    names = ["/".join("d" * depth) for depth in range(1, 1101)]
    for name in names:
        (directory / name).mkdir()
    found = names_of(build_context(directory, None))
    for name in reversed(names):  # by ourselves: what removes a tree is not so patient
        (directory / name).rmdir()
    assert found == ["Dockerfile", *names]


@pytest.mark.dear
def test_a_big_file_is_not_held_in_memory(directory: Path) -> None:
    size = 256 * 1024 * 1024
    with (directory / "big").open("wb") as big:
        big.truncate(size)
    context = build_context(directory, None)
    tracemalloc.start()
    try:
        sent = sum(len(block) for block in context.data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (sent > size, peak < 1024 * 1024) == (True, True)


# .dockerignore


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_the_ignore_file_leaves_out_is_not_sent(row: Row, tmp_path: Path) -> None:
    row.make(tmp_path)
    sent = members(archive_of(build_context(tmp_path, None)))
    names = [f"{one.name}/" if one.type == tarfile.DIRTYPE else one.name for one in sent]
    assert sorted(names) == row.sent


@pytest.mark.parametrize("row", BUILDKIT_ROWS, ids=str)
def test_what_the_ignore_file_leaves_out_is_not_sent_to_buildkit(row: Row, tmp_path: Path) -> None:
    row.make(tmp_path)
    sent = members(archive_of(build_context(tmp_path, None, buildkit=True)))
    names = [f"{one.name}/" if one.type == tarfile.DIRTYPE else one.name for one in sent]
    extra = [name for name in names if name.startswith(".dockerfile.")]
    assert sorted(names) == sorted([*extra, *row.sent])
    assert len(extra) == ("Dockerfile" not in row.own)


def test_a_bad_line_is_refused_before_anything_is_sent(directory: Path) -> None:
    ignoring(directory, "a\n[b")
    with pytest.raises(ValueError) as caught:
        build_context(directory, None)
    assert str(caught.value) == (
        f"{directory}/.dockerignore, line 2: bad pattern, [ that is no class: '[b'"
    )


def test_patterns_are_bytes_that_need_not_be_utf_8(directory: Path) -> None:
    (directory / ".dockerignore").write_bytes(b"\xff*\n")
    file(directory / os.fsdecode(b"\xff\xfe"))
    assert names_of(build_context(directory, None)) == [".dockerignore", "Dockerfile"]


def test_an_excluded_directory_is_not_even_looked_into(private: Path) -> None:
    """Unless an exception could be below it."""
    private.parent.chmod(0)
    directory = private.parent.parent
    ignoring(directory, "private\n!privately\n")
    with as_nobody():
        assert names_of(build_context(directory, None)) == [".dockerignore", "Dockerfile"]
    ignoring(directory, "private\n!private/*\n!private/key\n")
    with as_nobody(), pytest.raises(PermissionError):
        names_of(build_context(directory, None))


def test_an_ignore_file_of_the_dockerfile_wins(directory: Path) -> None:
    """It is sent as `.dockerignore`, so that the Engine leaves the Dockerfile out as it says."""
    ignoring(directory, "b\n!a")
    ignoring(directory, "a", "Dockerfile.dockerignore")
    file(directory / "a")
    file(directory / "b")
    assert members(archive_of(build_context(directory, None))) == [
        Member(".dockerignore", content=b"a\n", mtime=0),
        DOCKERFILE,
        Member("Dockerfile.dockerignore", content=b"a"),
        Member("b"),
    ]


def test_an_ignore_file_of_the_dockerfile_needs_no_other(directory: Path) -> None:
    file(directory / "docker" / "test", FROM)
    ignoring(directory, "*", "docker/test.dockerignore")
    assert members(archive_of(build_context(directory, "docker/test"))) == [
        Member(".dockerignore", content=b"*\n.dockerignore\n", mtime=0),
        Member("docker/test", content=FROM.encode()),
    ]


def test_an_excluded_dockerfile_is_sent_whatever_its_name(directory: Path) -> None:
    file(directory / "docker" / "[a]*", FROM)
    file(directory / "docker" / "a", FROM)
    ignoring(directory, "*")
    assert names_of(build_context(directory, "docker/[a]*")) == [".dockerignore", "docker/[a]*"]


def test_buildkit_is_not_sent_what_is_left_out(directory: Path) -> None:
    """It reads no ignore file in what it is sent, so none is sent in place of another."""
    ignoring(directory, "b\n.dockerignore\nDockerfile*")
    file(directory / "a")
    file(directory / "b")
    assert names_of(build_context(directory, None, buildkit=True)) == [LEFT_OUT, "a"]
    ignoring(directory, "a", "Dockerfile.dockerignore")
    assert members(archive_of(build_context(directory, None, buildkit=True))) == [
        Member(".dockerignore", content=b"b\n.dockerignore\nDockerfile*"),
        DOCKERFILE,
        Member("Dockerfile.dockerignore", content=b"a"),
        Member("b"),
    ]


def test_buildkit_is_sent_a_dockerfile_that_is_left_out_without_its_folders(
    directory: Path,
) -> None:
    file(directory / "docker" / "test", ELSEWHERE)
    ignoring(directory, "docker\n.dockerignore")
    context = build_context(directory, "docker/test", buildkit=True)
    assert (context.dockerfile, names_of(context)) == (NAMED, [NAMED, "Dockerfile"])


def test_buildkit_is_sent_the_folders_above_what_is_kept(directory: Path) -> None:
    """With their own permissions; the classic builder makes them."""
    folder(directory / "a")
    folder(directory / "a" / "b")
    file(directory / "a" / "b" / "c", "kept")
    file(directory / "a" / "d")
    folder(directory / "a" / "b", 0o750)
    folder(directory / "a", 0o700)
    ignoring(directory, "a\n!a/b/c\n.dockerignore")
    kept = Member("a/b/c", content=b"kept")
    assert members(archive_of(build_context(directory, None, buildkit=True))) == [
        DOCKERFILE,
        Member("a", tarfile.DIRTYPE, 0o700),
        Member("a/b", tarfile.DIRTYPE, 0o750),
        kept,
    ]
    assert members(archive_of(build_context(directory, None)))[2:] == [kept]


def test_buildkit_is_sent_a_dockerfile_from_outside_and_no_more(directory: Path) -> None:
    outside = file(directory.parent / "elsewhere", ELSEWHERE)
    assert members(archive_of(build_context(directory, outside, buildkit=True))) == [
        Member(NAMED, content=ELSEWHERE.encode(), mtime=0),
        DOCKERFILE,
    ]


def tar(name: str, format: int = tarfile.PAX_FORMAT, mtime: float = 0) -> bytes:
    member = tarfile.TarInfo(name)
    member.mtime = mtime
    return member.tobuf(format) + b"\0" * 1024


@pytest.mark.parametrize(
    "data",
    [
        tar("x", mtime=1.5),
        tar("\u20ac"),
        tar("x" * 101),
        tar("x" * 101, tarfile.GNU_FORMAT),
    ],
    ids=["time", "not ASCII", "long", "long, of GNU"],
)
def test_an_extended_header_does_not_come_first_for_buildkit(data: bytes) -> None:
    """It would take the archive for the text of a Dockerfile."""
    names = members(data)
    for given in (data, io.BytesIO(data), (data[i : i + 1] for i in range(len(data)))):
        found = b"".join(recognizable(given))
        assert found[512:] == data
        assert [member.name for member in members(found)] == [".", *(m.name for m in names)]


@pytest.mark.parametrize(
    "data",
    [tar("x"), gzip.compress(tar("\u20ac")), b"", b"FROM x", b"x" * 600],
    ids=["plain", "packed", "nothing", "text", "long text"],
)
def test_whatever_else_is_built_by_buildkit_is_passed_on_as_it_is(data: bytes) -> None:
    assert b"".join(recognizable(data)) == data
    assert b"".join(recognizable(data[i : i + 1] for i in range(len(data)))) == data


# The Dockerfile


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (None, None),
        ("Dockerfile", None),
        ("./Dockerfile", None),
        ("docker/../Dockerfile", None),
        ("docker/Dockerfile.test", "docker/Dockerfile.test"),
        (Path("docker") / "Dockerfile.test", "docker/Dockerfile.test"),
        ("docker//Dockerfile.test", "docker/Dockerfile.test"),
        ("link", "docker/Dockerfile.test"),
    ],
)
def test_a_dockerfile_of_the_context_is_named_as_it_lies_there(
    directory: Path, given: Any, named: str | None
) -> None:
    file(directory / "docker" / "Dockerfile.test", FROM)
    (directory / "link").symlink_to("docker/Dockerfile.test")
    context = build_context(directory, given)
    assert (context.dockerfile, context.dockerfile_text()) == (named, FROM)


def test_a_dockerfile_may_be_given_by_a_path_that_leads_into_the_context(
    directory: Path, monkeypatch: Any
) -> None:
    made = file(directory / "docker" / "test", FROM)
    monkeypatch.chdir(directory.parent)
    assert [
        build_context(directory, name).dockerfile for name in (str(made), "context/docker/test")
    ] == ["docker/test", "docker/test"]


NAMED = ".dockerfile.bb57c7da220a8753"  # by the SHA-256 of its text
ELSEWHERE = "FROM scratch\n"


@pytest.mark.parametrize("given", ["absolute", "../elsewhere", "elsewhere", "link", "sub/x"])
def test_a_dockerfile_outside_of_the_context_is_sent_under_a_name_of_its_own(
    directory: Path, monkeypatch: Any, given: str
) -> None:
    """The Engine is told to leave it out of the context, as no file of it."""
    outside = file(directory.parent / "elsewhere", ELSEWHERE)
    monkeypatch.chdir(folder(directory.parent / "current") if ".." in given else directory.parent)
    if given == "link":
        (directory / "link").symlink_to(outside)
        ignoring(directory, "link")
    elif given == "sub/x":
        file(directory.parent / "folder" / "x", ELSEWHERE)
        (directory / "sub").symlink_to("../folder")
        ignoring(directory, "sub")
    else:
        ignoring(directory, "nothing")
    lines = (directory / ".dockerignore").read_bytes()
    context = build_context(directory, str(outside) if given == "absolute" else given)
    assert (context.dockerfile, context.dockerfile_text()) == (NAMED, ELSEWHERE)
    assert members(archive_of(context)) == [
        Member(NAMED, content=ELSEWHERE.encode(), mtime=0),
        Member(".dockerignore", content=lines + f"\n{NAMED}\n".encode(), mtime=0),
        DOCKERFILE,
    ]


def test_a_dockerfile_outside_of_the_context_has_its_own_ignore_file(directory: Path) -> None:
    outside = file(directory.parent / "elsewhere", ELSEWHERE)
    ignoring(directory.parent, "Docker*", "elsewhere.dockerignore")
    assert members(archive_of(build_context(directory, outside))) == [
        Member(NAMED, content=ELSEWHERE.encode(), mtime=0),
        Member(".dockerignore", content=f"Docker*\n{NAMED}\n.dockerignore\n".encode(), mtime=0),
    ]


@pytest.mark.parametrize("name", ["../Dockerfile", "/nowhere/Dockerfile", "Dockerfile.test", ".."])
def test_a_dockerfile_that_is_nowhere_is_refused(directory: Path, name: str) -> None:
    """A path that leaves the context is one from the current directory, as on the command line."""
    file(directory.parent / "Dockerfile", FROM)
    with pytest.raises(ValueError) as caught:
        build_context(directory, name)
    assert str(caught.value) == (
        f"build: no Dockerfile {name!r}, neither in the context {str(directory)!r} nor from the "
        "current directory"
    )


def test_a_directory_without_a_dockerfile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        build_context(tmp_path, None)
    assert str(caught.value) == f"build: the context {str(tmp_path)!r} has no 'Dockerfile'"


def test_a_context_that_is_no_directory_is_refused(directory: Path) -> None:
    path = directory / "Dockerfile"
    with pytest.raises(ValueError) as caught:
        build_context(path, None)
    assert str(caught.value) == f"build: the context is no directory: {str(path)!r}"


def test_the_text_of_a_dockerfile_needs_no_directory() -> None:
    context = build_context(None, io.StringIO("FROM busybox\n# \u00fc\n"))
    assert (context.remote, context.dockerfile) == (None, None)
    content = "FROM busybox\n# \u00fc\n".encode()
    assert members(archive_of(context)) == [Member("Dockerfile", content=content, mtime=0)]


def test_the_text_of_a_dockerfile_goes_beside_that_of_a_directory(directory: Path) -> None:
    """Under a name of its own, so that no file of the directory is hidden."""
    context = build_context(directory, io.StringIO(ELSEWHERE))
    assert (context.dockerfile, context.dockerfile_text()) == (NAMED, ELSEWHERE)
    assert members(archive_of(context)) == [
        Member(NAMED, content=ELSEWHERE.encode(), mtime=0),
        Member(".dockerignore", content=f"\n{NAMED}\n.dockerignore\n".encode(), mtime=0),
        DOCKERFILE,
    ]


def test_nothing_to_build_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        build_context(None, None)
    assert str(caught.value) == (
        "build: without a context it needs the text of a Dockerfile: dockerfile=io.StringIO(text)"
    )


def test_a_dockerfile_may_be_a_file_of_bytes_and_not_of_lines(directory: Path) -> None:
    """As `open(path, "rb")` gives it."""
    assert build_context(None, io.BytesIO(b"FROM x\n")).dockerfile_text() == "FROM x\n"

    class Lines(io.StringIO):
        def read(self, size: int | None = -1) -> Any:
            return ["FROM x"]

    with pytest.raises(TypeError) as caught:
        build_context(directory, Lines())
    assert str(caught.value) == "dockerfile: a file was expected, not one of <class 'list'>"


# What is passed on


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/context.tar.gz",
        "http://example.com/Dockerfile",
        "git://example.com/repository.git#branch:folder",
        "git@example.com:team/repository.git",
        "ssh://git@example.com/repository.git",
        "github.com/team/repository",
    ],
)
def test_a_url_is_left_to_the_engine(url: str) -> None:
    assert build_context(url, None) == BuildContext(remote=url)


def test_a_dockerfile_can_be_named_in_what_a_url_gives() -> None:
    url = "https://example.com/context.tar.gz"
    assert build_context(url, "docker/Dockerfile") == BuildContext(
        remote=url, dockerfile="docker/Dockerfile"
    )


def blocks() -> Iterator[bytes]:
    yield b"archive"


@pytest.mark.parametrize(
    "data",
    [b"archive", io.BytesIO(b"archive"), blocks()],
    ids=["bytes", "a file object", "an iterator"],
)
def test_an_archive_is_passed_on_as_it_is(data: Any) -> None:
    context = build_context(data, "docker/Dockerfile")
    assert (context.data is data, context.remote, context.dockerfile) == (
        True,
        None,
        "docker/Dockerfile",
    )


@pytest.mark.parametrize("context", ["https://example.com/context.tar", b"archive"])
def test_the_text_of_a_dockerfile_with_a_finished_context_is_refused(context: Any) -> None:
    with pytest.raises(ValueError) as caught:
        build_context(context, io.StringIO(FROM))
    assert str(caught.value) == (
        "build: the text of a Dockerfile goes with a directory, or with no context"
    )


def test_what_only_the_engine_sees_has_no_text_here() -> None:
    contexts = [build_context(b"archive", None), build_context("https://example.com/x", None)]
    assert [context.dockerfile_text() for context in contexts] == [None, None]


# Packed


def test_a_directory_may_be_packed_while_it_is_sent(directory: Path) -> None:
    file(directory / "data", b"x" * 200_000)
    packed = archive_of(build_context(directory, None, gzip=True))
    assert len(packed) < 2000
    assert gzip.decompress(packed) == archive_of(build_context(directory, None))


def test_the_text_of_a_dockerfile_may_be_packed() -> None:
    packed = archive_of(build_context(None, io.StringIO(FROM), gzip=True))
    content = FROM.encode()
    assert members(gzip.decompress(packed)) == [Member("Dockerfile", content=content, mtime=0)]


@pytest.mark.parametrize("context", ["https://example.com/context.tar", b"archive"])
def test_what_is_passed_on_is_not_packed(context: Any) -> None:
    with pytest.raises(ValueError) as caught:
        build_context(context, None, gzip=True)
    assert str(caught.value) == (
        "build: gzip goes with a directory; what is given as data stays as it is"
    )


# The form of API 1.1 and 1.2


def parts(content_type: str, body: bytes) -> list[tuple[str, str, str, bytes]]:
    """What a form says of each file: its field, its name, its type, its content."""
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + body
    )
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            str(part.get_filename()),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


def test_the_form_of_a_directory_has_the_dockerfile_and_the_archive(directory: Path) -> None:
    file(directory / "data", bytes(range(32, 127)))
    context = build_context(directory, None)
    content_type, content = context.data.form()
    dockerfile, archive = parts(content_type, b"".join(content))
    kind = "application/octet-stream"
    assert dockerfile == ("Dockerfile", "Dockerfile", kind, FROM.encode())
    assert (archive[:3], members(archive[3])) == (
        ("Context", "Context", kind),
        [DOCKERFILE, Member("data", content=bytes(range(32, 127)))],
    )


def test_the_form_of_a_text_has_it_as_the_dockerfile(directory: Path) -> None:
    context = build_context(directory, io.StringIO("FROM scratch\n"))
    content_type, content = context.data.form()
    dockerfile, _ = parts(content_type, b"".join(content))
    assert dockerfile[3] == b"FROM scratch\n"
