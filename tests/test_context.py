"""Build contexts: the archive of a directory, and what is passed on as it is."""

from __future__ import annotations

import email.parser
import email.policy
import io
import os
import re
import socket
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi.context import BuildContext, build_context

FROM = "FROM busybox\n"
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


def test_sockets_and_pipes_are_left_out(directory: Path, monkeypatch: Any) -> None:
    os.mkfifo(directory / "pipe")
    monkeypatch.chdir(directory)  # the path of a socket has 107 characters at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert members(archive_of(build_context(directory, None))) == [DOCKERFILE]


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


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 64 * 1024, 64 * 1024 + 1])
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
    shrinking = file(directory / "z", b"x" * 200_000)
    blocks = iter(build_context(directory, None).data)
    with pytest.raises(OSError) as caught:
        for block in blocks:
            if block.startswith(b"x"):
                os.truncate(shrinking, 1000)
    assert str(caught.value) == (
        f"{shrinking}: the file shrank while it was sent: 134464 of 200000 bytes left"
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
    vanishing = file(directory / "z", b"x")
    with pytest.raises(FileNotFoundError) as caught:
        for block in build_context(directory, None).data:
            if block:
                vanishing.unlink(missing_ok=True)
    assert caught.value.filename == str(vanishing)


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


# The Dockerfile


@pytest.mark.parametrize("name", ["docker/Dockerfile.test", "./Dockerfile", "docker/../Dockerfile"])
def test_a_dockerfile_of_the_context_is_named_as_it_was_given(directory: Path, name: str) -> None:
    file(directory / "docker" / "Dockerfile.test", FROM)
    assert build_context(directory, name).dockerfile == name


def test_a_dockerfile_of_the_usual_name_is_not_named(directory: Path) -> None:
    assert build_context(directory, None).dockerfile is None


@pytest.mark.parametrize("name", ["../Dockerfile", "/etc/passwd", "a/../../Dockerfile", ".."])
def test_a_dockerfile_outside_of_the_context_is_refused(directory: Path, name: str) -> None:
    with pytest.raises(ValueError) as caught:
        build_context(directory, name)
    assert str(caught.value) == f"build: the Dockerfile must be in the context: {name!r}"


def test_a_dockerfile_that_is_not_there_is_refused(directory: Path) -> None:
    with pytest.raises(ValueError) as caught:
        build_context(directory, "Dockerfile.test")
    assert str(caught.value) == f"build: the context {str(directory)!r} has no 'Dockerfile.test'"


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
    context = build_context(directory, io.StringIO("FROM scratch\n"))
    name = context.dockerfile or ""
    assert re.fullmatch(r"\.dockerfile\.[0-9a-f]{16}", name)
    assert members(archive_of(context)) == [
        Member(name, content=b"FROM scratch\n", mtime=0),
        DOCKERFILE,
    ]


def test_nothing_to_build_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        build_context(None, None)
    assert str(caught.value) == ("build: no context, and no text of a Dockerfile: nothing to build")


def test_a_dockerfile_of_bytes_is_refused(directory: Path) -> None:
    with pytest.raises(TypeError) as caught:
        build_context(directory, io.BytesIO(b"FROM x"))
    assert str(caught.value) == ("dockerfile: a file of text was expected, not of <class 'bytes'>")


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
