"""Save and load: in the form of each release, and read in any of them by each."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dockerapi import Client, LoadFailed, ServerError
from dockerapi.testing import FakeEngine, Registry
from testing.asking import asked, context, saved, seen
from testing.tars import archive, file

SAVING = ["1.7", "1.8", "1.12", "1.15", "1.18", "1.19", "1.24", "1.41", "1.43", "1.44", "1.51"]
DOCKERFILE = "FROM base\nENV A=1\nCOPY Dockerfile /d\nCMD x\n"


@pytest.fixture
def registry() -> Registry:
    found = Registry()
    found.add("base", files={"etc/base": b"from the registry"})
    return found


@pytest.mark.parametrize("version", SAVING)
def test_what_was_saved_is_loaded_with_the_same_id(version: str, registry: Registry) -> None:
    with FakeEngine(version, registry=registry) as engine, Client(engine.url) as client:
        client.pull("base:latest")
        client.build(context(DOCKERFILE), tag="mine")
        content, before = saved(client, "mine"), seen(client, "mine")
    with FakeEngine(version) as engine, Client(engine.url) as client:
        loaded = client.load_image(content)
        assert loaded.images == (("mine:latest",) if float(version[2:]) >= 23 else ())
        assert seen(client, "mine") == before
        assert before["files"]["etc/base"] == b"from the registry"
        assert client.load_image(content) == loaded
        assert saved(client, "mine") == content


@pytest.mark.parametrize("version", ["1.15", "1.41", "1.51"])
def test_several_images_in_one_archive(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.build(context("FROM busybox\nENV A=1\n"), tag="a:1")
        client.tag("a:1", "a", tag="2")
        client.build(context("FROM busybox\nCOPY Dockerfile /\n"), tag="b")
        content = saved(client, "a", "b")
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.remove_image("busybox")
        client.load_image(content)
        assert sorted(name for one in client.images() for name in one.repo_tags) == [
            "a:1", "a:2", "b:latest",
        ]  # fmt: skip


def test_an_image_without_a_name(client: Client) -> None:
    id = client.import_image(archive(file("a")))
    content = saved(client, id)
    client.remove_image(id)
    assert client.load_image(content).images == (id,)


def test_a_name_is_taken_from_the_image_that_had_it(client: Client) -> None:
    id = client.import_image(archive(file("a")), repository="x")
    content = saved(client, "x")
    other = client.import_image(archive(file("b")), repository="x")
    told: list[str] = []
    client.load_image(content, progress=lambda value: told.append(value.text or ""))
    assert told == [
        f"The image x:latest already exists, renaming the old one with ID {other} "
        "to empty string\n",
        "Loaded image: x:latest\n",
    ]
    assert client.inspect_image("x").id == id


def test_new_layers_are_reported(client: Client) -> None:
    client.import_image(archive(file("a", "y" * 5000)), repository="x")
    content = saved(client, "x")
    client.remove_image("x")
    found: list[tuple[str | None, int | None, int | None]] = []
    client.load_image(
        content, progress=lambda value: found.append((value.status, value.current, value.total))
    )
    assert found[0] == ("Loading layer", 10240, 10240)


@pytest.mark.parametrize(
    ("version", "kind", "message"),
    [
        ("1.19", ServerError, "EOF"),
        ("1.41", LoadFailed, "unexpected EOF"),
        ("1.51", LoadFailed, "unexpected EOF"),
    ],
)
def test_a_bad_archive(version: str, kind: type[Exception], message: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        with pytest.raises(kind) as caught:
            client.load_image(b"not a tar")
        assert caught.value.message == message  # type: ignore[attr-defined]
        assert len(client.images()) == 1


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([file("a")], "open .*/manifest.json: no such file or directory"),
        ([file("manifest.json", "no")], "invalid JSON: .*"),
        ([file("manifest.json", "{}")], "json: cannot unmarshal .*"),
        (
            [file("manifest.json", '[{"Config":"no.json","Layers":[]}]')],
            "open .*/no.json: no such file or directory",
        ),
        (
            [file("manifest.json", '[{"Config":"c","Layers":["x"]}]'), file("c", "{}")],
            "invalid manifest, layers length mismatch: expected 0, got 1",
        ),
        (
            [
                file("manifest.json", '[{"Config":"c","Layers":["l"]}]'),
                file("c", '{"rootfs":{"diff_ids":["sha256:0"]}}'),
                file("l", archive(file("a")).decode()),
            ],
            'invalid diffID for layer 0: expected "sha256:0", got "sha256:[0-9a-f]{64}"',
        ),
        (
            [
                file("manifest.json", '[{"Config":"c","RepoTags":["UPPER:1"],"Layers":[]}]'),
                file("c", "{}"),
            ],
            "invalid reference format",
        ),
    ],
)
def test_an_archive_of_something_else(client: Client, members: list[Any], words: str) -> None:
    with pytest.raises(LoadFailed) as caught:
        client.load_image(archive(*members))
    assert re.fullmatch(words, caught.value.message)


def test_what_is_left_of_a_body_is_not_the_next_request(engine: FakeEngine) -> None:
    """The end of the chunks, after an archive of whole blocks of 10 KiB (seen)."""
    whole = bytes(10240)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(whole), whole)
    head = b"POST /images/load HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answers = asked(engine, head + chunks + b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answers.endswith(b"\r\n\r\nOK")
