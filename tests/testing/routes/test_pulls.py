"""Pull, push, import, insert and search, against the registry in memory."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from dockerapi import Client, Credentials, ImageNotFound, PushFailed
from dockerapi.errors import ApiError, BadRequest, OperationFailed, ServerError, Unauthorized
from dockerapi.testing import FakeEngine
from testing.asking import posted
from testing.tars import archive, contents, file

ALL = "1.0 1.2 1.6 1.7 1.8 1.12 1.18 1.19 1.22 1.24 1.41 1.44 1.51".split()
MINE = "host.test:5000/team/app"
ADA = Credentials(username="ada", password="secret")
WRONG = Credentials(username="ada", password="wrong")


@pytest.mark.parametrize("version", ALL)
def test_what_is_pushed_can_be_pulled_again(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.import_image(archive(file("f", "mine")), repository=MINE, tag="1")
        old = float(version[2:]) < 10
        before = client.inspect_image(f"{MINE}:1").id
        pushed = client.push(MINE if old else f"{MINE}:1")
        assert engine.registry.names() == [f"{MINE}:1"]
        client.remove_image(f"{MINE}:1")
        pulled = client.pull(f"{MINE}:1")
        assert client.inspect_image(f"{MINE}:1").id == before
        assert pulled.digest == pushed.digest
        assert (pulled.digest is not None) == (float(version[2:]) >= 18)
        assert pulled.id == (before[:12] if 6 <= float(version[2:]) < 18 else None)
        created = client.create_container(f"{MINE}:1", ["x"])
        with client.export(created.id) as exported:
            assert contents(exported.read()) == {"f": b"mine"}


def progress(engine: FakeEngine, path: str, **headers: str) -> list[dict[str, Any]]:
    """What is reported, with ids of layers replaced by a letter each."""
    status, _, content = posted(engine, path, b"", **headers)
    assert status == 200
    found = [json.loads(one) for one in content.decode().split("\r\n") if one]
    letters: dict[str, str] = {}
    for value in found:
        if len(value.get("id", "")) == 12:
            value["id"] = letters.setdefault(value["id"], chr(ord("A") + len(letters)))
        value.pop("progress", None)
    return found


def test_a_pull_reports_what_28_5_does(engine: FakeEngine) -> None:
    digest = engine.registry.add("host.test/team/app:1", files={"f": b"x"})
    whole = {"current": 2048, "total": 2048}
    path = "/v1.51/images/create?fromImage=host.test/team/app&tag="
    assert progress(engine, f"{path}1") == [
        {"status": "Pulling from team/app", "id": "1"},
        {"status": "Pulling fs layer", "progressDetail": {}, "id": "A"},
        {"status": "Downloading", "progressDetail": whole, "id": "A"},
        {"status": "Verifying Checksum", "progressDetail": {}, "id": "A"},
        {"status": "Download complete", "progressDetail": {}, "id": "A"},
        {"status": "Extracting", "progressDetail": whole, "id": "A"},
        {"status": "Pull complete", "progressDetail": {}, "id": "A"},
        {"status": f"Digest: {digest}"},
        {"status": "Status: Downloaded newer image for host.test/team/app:1"},
    ]
    assert progress(engine, f"{path}{digest}") == [
        {"status": "Pulling from team/app", "id": f"host.test/team/app@{digest}"},
        {"status": "Already exists", "progressDetail": {}, "id": "A"},
        {"status": f"Digest: {digest}"},
        {"status": f"Status: Image is up to date for host.test/team/app@{digest}"},
    ]


def test_a_push_reports_what_28_5_does(engine: FakeEngine, client: Client) -> None:
    client.import_image(archive(file("f")), repository="host.test/team/app", tag="1")
    client.tag("host.test/team/app:1", "host.test/other")
    found = progress(engine, "/v1.51/images/host.test/team/app/push?tag=1")
    digest = found[-1]["aux"]["Digest"]
    assert found == [
        {"status": "The push refers to repository [host.test/team/app]"},
        {"status": "Preparing", "progressDetail": {}, "id": "A"},
        {"status": "Pushing", "progressDetail": {"current": 10240, "total": 10240}, "id": "A"},
        {"status": "Pushed", "progressDetail": {}, "id": "A"},
        {"status": f"1: digest: {digest} size: {found[-1]['aux']['Size']}"},
        {
            "progressDetail": {},
            "aux": {"Tag": "1", "Digest": digest, "Size": found[-1]["aux"]["Size"]},
        },
    ]
    again = progress(engine, "/v1.51/images/host.test/team/app/push?tag=1")
    assert again[2] == {"status": "Layer already exists", "progressDetail": {}, "id": "A"}
    other = progress(engine, "/v1.51/images/host.test/other/push?tag=latest")
    assert other[3] == {"status": "Pushed", "progressDetail": {}, "id": "A"}
    assert client.inspect_image("host.test/team/app:1").repo_digests == (
        f"host.test/other@{digest}", f"host.test/team/app@{digest}",
    )  # fmt: skip


def test_plain_lines_in_1_0_and_objects_after() -> None:
    with FakeEngine("1.0") as engine:
        engine.registry.add("base", files={"f": b"x"})
        status, kind, content = posted(engine, "/v1.0/images/create?fromImage=base", b"")
        assert (status, kind) == (200, "text/plain; charset=utf-8")
        assert content.splitlines()[0] == (
            b"Pulling repository base from https://index.docker.io/v1"
        )
    with FakeEngine("1.2") as engine:
        engine.registry.add("base", files={"f": b"x"})
        status, kind, content = posted(engine, "/v1.2/images/create?fromImage=base", b"")
        assert (status, kind) == (200, "application/json")
        assert content.startswith(
            b'{"status":"Pulling repository base from https://index.docker.io/v1"}{"status":'
        )


def test_all_tags_of_a_repository(engine: FakeEngine, client: Client) -> None:
    engine.registry.add("app:1")
    engine.registry.add("app:2", files={"f": b"x"})
    progress(engine, "/v1.51/images/create?fromImage=app")
    assert sorted(name for one in client.images() for name in one.repo_tags) == [
        "app:1", "app:2", "busybox:latest",
    ]  # fmt: skip


# What goes wrong.


@pytest.mark.parametrize(
    ("version", "kind", "message"),
    [
        ("1.2", ImageNotFound, "Error: image library/nosuch not found"),
        ("1.19", ImageNotFound, "Error: image library/nosuch:1 not found"),
        (
            "1.41",
            ImageNotFound,
            "pull access denied for nosuch, repository does not exist or may require 'docker "
            "login': denied: requested access to the resource is denied",
        ),
    ],
)
def test_nothing_to_pull(version: str, kind: type[Exception], message: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        with pytest.raises(kind) as caught:
            client.pull("nosuch:1")
        assert caught.value.message == message  # type: ignore[attr-defined]


def test_nothing_to_pull_elsewhere(client: Client) -> None:
    for name in ("host.test/x:1", f"host.test/x@sha256:{'0' * 64}"):
        with pytest.raises(ImageNotFound) as caught:
            client.pull(name)
        assert caught.value.message == (
            f"manifest for {name} not found: manifest unknown: manifest unknown"
        )


def test_a_search_where_nobody_answers(engine: FakeEngine, client: Client) -> None:
    engine.registry.unreachable.add("docker.io")
    with pytest.raises(ServerError, match="no such host"):
        client.search("x")
    with pytest.raises(BadRequest, match="connection refused"):
        client.search("127.0.0.1:9/x")


def test_nothing_to_push(client: Client) -> None:
    client.tag("busybox", "127.0.0.1:9/something", tag="1")
    words = []
    for name in ("nothing:1", "something:2", "something:1"):
        with pytest.raises((ImageNotFound, PushFailed)) as caught:
            client.push(f"127.0.0.1:9/{name}")
        words.append(caught.value.message)
    assert words == [
        "An image does not exist locally with the tag: 127.0.0.1:9/nothing",
        "tag does not exist: 127.0.0.1:9/something:2",
        'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
    ]


# Credentials.


def test_a_registry_that_wants_credentials(engine: FakeEngine, client: Client) -> None:
    client.tag("busybox", "host.test/mine", tag="1")
    engine.registry.login("ada", "secret", registry="host.test")
    for auth, message in (
        (None, "no basic auth credentials"),
        (WRONG, "unauthorized: authentication required"),
    ):
        with pytest.raises(Unauthorized) as caught:
            client.push("host.test/mine:1", auth=auth)
        assert caught.value.message.startswith(message)
    client.push("host.test/mine:1", auth=ADA)
    with pytest.raises(Unauthorized) as refused:
        client.pull("host.test/mine:1")
    assert refused.value.message == (
        'Head "http://host.test/v2/mine/manifests/1": no basic auth credentials'
    )
    with pytest.raises(Unauthorized) as denied:
        client.pull("host.test/mine:1", auth=WRONG)
    assert denied.value.message == "unauthorized: authentication required"
    assert client.pull("host.test/mine:1", auth=ADA).digest is not None


@pytest.mark.parametrize(("version", "status"), [("1.41", 500), ("1.45", 401), ("1.51", 401)])
def test_wrong_credentials_have_the_status_of_the_release(version: str, status: int) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        engine.registry.add("host.test/x")
        engine.registry.login("ada", "secret", registry="host.test")
        with pytest.raises(ApiError) as caught:
            client.pull("host.test/x", auth=WRONG)
        assert caught.value.status == status


def test_a_private_image_of_docker_hub_looks_like_none(engine: FakeEngine, client: Client) -> None:
    engine.registry.add("ada/private")
    engine.registry.login("ada", "secret")
    with pytest.raises(ImageNotFound, match="pull access denied for ada/private"):
        client.pull("ada/private")
    client.pull("ada/private", auth=ADA)


def test_credentials_in_the_body_of_old(engine: FakeEngine) -> None:
    with FakeEngine("1.4") as old, Client(old.url) as client:
        old.registry.login("ada", "secret", registry="host.test")
        client.tag("busybox", "host.test/x")
        body = json.dumps({"username": "ada", "password": "secret"}).encode()
        status, _, content = posted(old, "/v1.4/images/host.test/x/push", body)
        assert (status, b"error" in content) == (200, False)
        assert old.registry.names() == ["host.test/x:latest"]


def test_a_header_that_cannot_be_read_counts_as_none(engine: FakeEngine) -> None:
    for header in ("%%%", base64.urlsafe_b64encode(b"[1]").decode(), ""):
        found = posted(engine, "/v1.51/images/busybox/push", b"", X_Registry_Auth=header)
        assert found[0] == 200


# Names.


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("fromImage=host.test/UPPER&tag=1", "invalid reference format"),
        ("fromImage=app&tag=a:b", "invalid tag format"),
        ("fromSrc=-&repo=UPPER", "invalid reference format"),
        ("fromSrc=-&changes=RUN+x", "RUN is not a valid change command"),
    ],
)
def test_what_cannot_be_asked_for(engine: FakeEngine, query: str, message: str) -> None:
    found = posted(engine, f"/v1.51/images/create?{query}", b"")
    assert (found[0], json.loads(found[2])) == (400, {"message": message})


# Import and insert.


@pytest.mark.parametrize("version", ALL)
def test_an_import(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        id = client.import_image(archive(file("hello.txt", "hello\n")), repository="x", tag="1")
        image = client.inspect_image("x:1")
        assert image.id.removeprefix("sha256:").startswith(id.removeprefix("sha256:"))
        assert image.comment == "Imported from -"
        created = client.create_container("x:1", ["y"])
        with client.export(created.id) as exported:
            assert contents(exported.read()) == {"hello.txt": b"hello\n"}


def test_an_import_with_changes_and_a_message(client: Client) -> None:
    changes = ['CMD ["x"]', "ENV A=1"]
    id = client.import_image(archive(file("a")), message="hello", changes=changes)
    image = client.inspect_image(id)
    assert (image.comment, image.config.command, image.config.env) == ("hello", ("x",), ("A=1",))


def test_nothing_is_fetched(client: Client) -> None:
    with pytest.raises(ServerError) as caught:
        client.import_image("http://127.0.0.1:9/x")
    assert caught.value.message == "the fake Engine fetches nothing: http://127.0.0.1:9/x"


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.6", "1.7", "1.11"])
def test_an_insert_fails(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        with pytest.raises((OperationFailed, ServerError)):
            client.insert("busybox", url="http://127.0.0.1:9/x", path="/x")


# Search.


@pytest.mark.parametrize("version", ["1.0", "1.6", "1.7", "1.19", "1.51"])
def test_a_search(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        engine.registry.add("debian", description="The universal system")
        engine.registry.add("team/debian-tools")
        found = [(one.name, one.description) for one in client.search("debian")]
        assert found == [("debian", "The universal system"), ("team/debian-tools", None)]
        if version == "1.51":
            assert len(client.search("debian", limit=1)) == 1


def test_events_of_images(engine: FakeEngine, client: Client) -> None:
    engine.registry.add("app")
    client.pull("app")
    client.tag("app", "other")
    client.push("other")
    id = client.inspect_image("app").id
    client.remove_image("other")
    with client.events(since=1, until=4_000_000_000, filters={"type": "image"}) as events:
        found = []
        for event in events:
            found.append((event.action, event.id.replace(id, "ID")))
            if len(found) == 4:
                break
    assert found == [
        ("pull", "app:latest"), ("tag", "ID"), ("push", "other"), ("untag", "ID"),
    ]  # fmt: skip


def test_what_a_registry_has_is_told_without_pulling_it(engine: FakeEngine, client: Client) -> None:
    digest = engine.registry.add("host.test/app:1", files={"f": b"x"})
    engine.registry.login("ada", "secret", registry="other.test")
    found = client.inspect_distribution("host.test/app:1")
    assert found.digest == digest
    assert [(one.os, one.architecture) for one in found.platforms or ()] == [("linux", "amd64")]
    with pytest.raises(ImageNotFound):
        client.inspect_distribution("host.test/app:2")
    with pytest.raises(ApiError):
        client.inspect_distribution("other.test/app:1", auth=WRONG)
    assert client.images(reference="host.test/app") == []
