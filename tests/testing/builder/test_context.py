from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable

import pytest

from dockerapi import BuildFailed, Client
from dockerapi.testing import FakeEngine
from testing.asking import SIMPLE, context, posted
from testing.tars import archive, file, symlink


@pytest.mark.parametrize("pack_up", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_context_may_be_compressed(client: Client, pack_up: Callable[[bytes], bytes]) -> None:
    assert client.build(pack_up(context(SIMPLE))).image_id


def test_a_form_before_api_1_3() -> None:
    with FakeEngine("1.2") as engine:
        parts = [("Dockerfile", b"FROM busybox\nADD a /a\n"), ("Context", archive(file("a")))]
        body = b"".join(
            b'--B\r\nContent-Disposition: form-data; name="%s"; filename="x"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n%s\r\n" % (name.encode(), data)
            for name, data in parts
        )
        kind = "multipart/form-data; boundary=B"
        status, _, content = posted(engine, "/v1.2/build", body + b"--B--\r\n", Content_Type=kind)
        assert (status, content.splitlines()[0]) == (200, b"Step 1/2 : FROM busybox")
        assert b"Successfully built" in content
        assert posted(engine, "/v1.2/build", context(SIMPLE)) == (
            500, "text/plain; charset=utf-8", b"http: no such file\n",
        )  # fmt: skip


def test_a_link_in_the_context_leads_nowhere_outside(client: Client) -> None:
    members = [symlink("out", "/etc"), symlink("up", "../../../../etc/passwd")]
    for source in ("out/passwd", "up"):
        with pytest.raises(BuildFailed, match="file not found in build context"):
            client.build(context(f"FROM busybox\nCOPY {source} /x\n", *members))


@pytest.mark.parametrize(
    ("dockerfile", "status", "message"),
    [
        ("", 400, "the Dockerfile (Dockerfile) cannot be empty"),
        ("# only\n", 400, "failed to parse Dockerfile: file with no instructions"),
        ("RUN x\n", 400, "no build stage in current context"),
        ("BOGUS x\n", 400, "dockerfile parse error on line 1: unknown instruction: BOGUS"),
        (
            "FROM busybox\n\nENV\n",
            400,
            "dockerfile parse error on line 3: ENV requires at least one argument",
        ),
        (
            "FROM a b\n",
            400,
            "dockerfile parse error on line 1: FROM requires either one or three arguments",
        ),
        (
            "FROM busybox\nCOPY a\n",
            400,
            "dockerfile parse error on line 2: COPY requires at least two arguments, but only one "
            "was provided. Destination could not be determined",
        ),
        ("FROM busybox\nENV A\n", 400, "ENV must have two arguments"),
        (
            "FROM busybox\nCOPY --bogus=1 a b\n",
            400,
            "dockerfile parse error on line 2: unknown flag: --bogus",
        ),
    ],
)
def test_a_bad_dockerfile_is_refused_before_anything_is_done(
    engine: FakeEngine, dockerfile: str, status: int, message: str
) -> None:
    told = json.dumps({"message": message}, separators=(",", ":")).encode() + b"\n"
    assert posted(engine, "/v1.51/build", context(dockerfile)) == (
        status, "application/json", told,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("version", "status", "words"),
    [
        ("1.18", 500, b"Cannot locate specified Dockerfile: Dockerfile\n"),
        ("1.51", 500, b'{"message":"Cannot locate specified Dockerfile: Dockerfile"}\n'),
    ],
)
def test_no_dockerfile(version: str, status: int, words: bytes) -> None:
    with FakeEngine(version) as engine:
        found = posted(engine, f"/v{version}/build", archive(file("x")))
        assert (found[0], found[2]) == (status, words)


@pytest.mark.parametrize(
    ("version", "ignored", "left"),
    [
        ("1.55", "Dockerfile\n.dockerignore\n", b"note\n"),
        ("1.55", "nothing\n", b".dockerignore\nDockerfile\nnote\n"),
        ("1.16", "Dockerfile\n.dockerignore\n", b".dockerignore\nDockerfile\nnote\n"),
    ],
)
def test_files_for_the_engine_are_not_copied_if_they_are_ignored(
    version: str, ignored: str, left: bytes
) -> None:
    context = archive(
        file("Dockerfile", "FROM busybox\nCOPY . /x\n"),
        file(".dockerignore", ignored),
        file("note", "x"),
    )
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.build(io.BytesIO(context), tag="made")
        assert client.run("made", ["ls", "-a", "/x"]).output.stdout == left
