"""The routes that look at images, name them and make them; what is said is from real Engines."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from dockerapi import Client, Conflict, ContainerConfig, ImageNotFound, NotFound
from dockerapi.errors import ApiError, BadRequest
from dockerapi.testing import FakeEngine
from testing.asking import context, posted, refused
from testing.tars import contents

ALL = ["1.0", "1.2", "1.6", "1.7", "1.8", "1.12", "1.18", "1.19", "1.24", "1.41", "1.44", "1.51"]


# List, inspect, history.


def test_filters_and_intermediate_images(client: Client) -> None:
    client.build(context("FROM busybox\nLABEL a=b\nENV A=1\n"), tag="x:1")
    assert len(client.images()) == 2
    assert len(client.images(all=True)) == 3
    client.tag("busybox", "busy", tag="2")

    def found(**filters: object) -> list[str]:
        images = client.images(filters=filters)  # type: ignore[arg-type]
        return sorted(name for image in images for name in image.repo_tags)

    both = ["busy:2", "busybox:latest"]
    assert found(reference="busy*") == both
    assert found(reference="busy:*") == both
    assert found(label="a") == found(label="a=b") == ["x:1"]
    assert found(label="a=c") == []
    assert found(before="x:1") == both
    assert found(since="busybox") == ["x:1"]
    assert found(dangling=True) == []
    client.remove_image("x:1", no_prune=True)
    assert [image.repo_tags for image in client.images(filters={"dangling": True})] == [()]


@pytest.mark.parametrize(
    ("filters", "status", "message"),
    [
        ({"bogus": ["x"]}, 400, "invalid filter 'bogus'"),
        ({"dangling": ["maybe"]}, 400, "invalid filter 'dangling=[maybe]'"),
        ({"before": ["nosuch"]}, 404, "No such image: nosuch:latest"),
    ],
)
def test_bad_filters(
    engine: FakeEngine, filters: dict[str, list[str]], status: int, message: str
) -> None:
    assert refused(engine, f"GET /v1.51/images/json?filters={quote(json.dumps(filters))}") == (
        status, message,
    )  # fmt: skip


# No such image.


def test_nothing_to_tag_or_remove(client: Client) -> None:
    for ask in (
        lambda: client.tag("nosuch", "x"),
        lambda: client.remove_image("nosuch"),
        lambda: client.history("nosuch"),
        lambda: client.inspect_image("0000"),
    ):
        with pytest.raises(ImageNotFound):
            ask()


# Tag.


@pytest.mark.parametrize(
    ("version", "conflict"),
    [
        ("1.0", False), ("1.6", False), ("1.18", True), ("1.19", True), ("1.24", False),
        ("1.51", False),
    ],
)  # fmt: skip
def test_a_name_that_is_taken(version: str, conflict: bool) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.tag("busybox", "x", tag="1")
        id = client.inspect_image("busybox").id.removeprefix("sha256:")
        if not conflict:
            client.tag("busybox", "x", tag="1")
            return
        with pytest.raises(Conflict) as caught:
            client.tag("busybox", "x", tag="1")
        assert caught.value.message == (
            f"Conflict: Tag 1 is already set to image {id}, if you want to replace it, "
            "please use -f option"
        )
        client.tag("busybox", "x", tag="1", force=True)


@pytest.mark.parametrize(
    ("version", "query", "status", "message"),
    [
        ("1.51", "repo=UPPER", 400, "invalid reference format"),
        ("1.41", "repo=a&tag=b:c", 500, "invalid tag format"),
        ("1.51", "repo=a&tag=b:c", 400, "invalid tag format"),
    ],
)
def test_what_is_no_name(version: str, query: str, status: int, message: str) -> None:
    with FakeEngine(version) as engine:
        found = posted(engine, f"/v{version}/images/busybox/tag?{query}", b"")
        assert (found[0], json.loads(found[2])["message"]) == (status, message)


# Viz and commit.


def test_the_drawing_of_the_layers() -> None:
    with FakeEngine("1.6") as engine, Client(engine.url) as client:
        client.build(context("FROM busybox\nENV A=1\n"), tag="x")
        top, base = client.inspect_image("x").id[:12], client.inspect_image("busybox").id[:12]
        box = 'shape=box,fillcolor="paleturquoise",style="filled,rounded"'
        assert client.viz() == (
            "digraph docker {\n"
            f' "{base}" -> "{top}"\n base -> "{base}" [style=invis]\n'
            f' "{top}" [label="{top}\\nx:latest",{box}];\n'
            f' "{base}" [label="{base}\\nbusybox:latest",{box}];\n'
            " base [style=invisible]\n}\n"
        )
    with FakeEngine(release="1.6.2") as engine:
        assert refused(engine, "GET /v1.7/images/viz") == (
            404,
            "This is now implemented in the client.",
        )


@pytest.mark.parametrize("version", ALL)
def test_a_commit_keeps_files_and_configuration(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        config = ContainerConfig(env=["A=1"])
        created = client.create_container("busybox", ["touch", "/tmp/new"], config=config)
        client.start(created.id)
        client.wait(created.id)
        id = client.commit(created.id, repository="mine", tag="1", author="me")
        image = client.inspect_image("mine:1")
        assert image.id.removeprefix("sha256:").startswith(id.removeprefix("sha256:"))
        assert image.config is not None
        assert (image.config.command, image.author) == (("touch", "/tmp/new"), "me")
        assert "A=1" in image.config.env
        again = client.create_container("mine:1", ["true"])
        with client.export(again.id) as exported:
            assert contents(exported.read())["tmp/new"] == b""


def test_a_commit_takes_changes_and_a_configuration_of_its_own(client: Client) -> None:
    config = ContainerConfig(env=["A=1", "B=2"], labels={"a": "b"})
    created = client.create_container("busybox", ["true"], config=config)
    client.commit(
        created.id,
        repository="com",
        message="note",
        changes=['CMD ["x"]', "ENV C=3", "LABEL l=m"],
        config=ContainerConfig(env=["A=9"], labels={"n": "o"}),
    )
    image = client.inspect_image("com")
    found = image.raw["Config"]
    assert (found["Cmd"], found["Env"][:3], found["Labels"], image.comment) == (
        ["x"], ["A=9", "C=3", "B=2"], {"a": "b", "l": "m", "n": "o"}, "note",
    )  # fmt: skip
    assert client.history("com")[0].created_by == "true"


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("changes=RUN+x", BadRequest, "RUN is not a valid change command"),
        ("changes=BOGUS+x", BadRequest, "BOGUS is not a valid change command"),
        ("repo=UPPER", BadRequest, "invalid reference format"),
        ("container=nosuch", NotFound, "No such container: nosuch"),
    ],
)
def test_what_cannot_be_committed(
    engine: FakeEngine, client: Client, query: str, kind: type[ApiError], message: str
) -> None:
    created = client.create_container("busybox", ["true"])
    if "container" not in query:
        query += f"&container={created.id}"
    found = posted(engine, f"/v1.51/commit?{query}", b"")
    status = 404 if kind is NotFound else 400
    assert (found[0], json.loads(found[2])) == (status, {"message": message})


def test_there_are_no_attestations_of_an_image() -> None:
    with FakeEngine("1.55") as engine, Client(engine.url) as client:
        assert client.image_attestations("busybox") == []
        with pytest.raises(ImageNotFound):
            client.image_attestations("nosuch")
