"""Export, copy and archives, as clients of every version ask for them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from dockerapi import Client, NotFound, PathNotFound, ServerError
from dockerapi.errors import ApiError, BadRequest
from dockerapi.testing import FakeEngine
from testing.asking import posted
from testing.tars import archive, contents, file, folder, hardlink, names, symlink

SINCE_COPY = "1.4 1.6 1.7 1.8 1.9 1.12 1.15 1.19 1.24 1.41 1.51".split()


@pytest.fixture
def id(client: Client) -> str:
    return client.create_container("busybox", ["true"]).id


@pytest.mark.parametrize("version", SINCE_COPY)
def test_a_file_is_read_by_copy_below_1_20_and_as_an_archive_since(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["true"]).id
        with client.get_archive(id, "/etc/group") as found:
            assert names(found.read()) == ["group"]
        route = engine.requests[-1].path.rpartition("/")[2]
        assert route == ("copy" if float(version[2:]) < 20 else "archive")


@pytest.mark.parametrize(
    ("version", "status", "words"),
    [
        ("1.19", 500, "Could not find the file /no/such in container {id}\n"),
        ("1.24", 404, ""),
    ],
)
def test_a_copy_of_nothing(version: str, status: int, words: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        id = client.create_container("busybox", ["true"]).id
        path = f"/v{version}/containers/{id}/copy"
        body = b'{"Resource":"/no/such"}'
        found = posted(engine, path, body, Content_Type="application/json")
        assert (found[0], found[2].decode()) == (status, words.format(id=id))


@pytest.mark.parametrize("version", ["1.9", "1.19"])
def test_a_copy_of_an_unknown_container_has_no_words(version: str) -> None:
    with FakeEngine(version) as engine:
        body = b'{"Resource":"/"}'
        path = f"/v{version}/containers/nosuch/copy"
        assert posted(engine, path, body, Content_Type="application/json")[::2] == (404, b"")


def test_a_status_comes_with_an_archive(client: Client, id: str) -> None:
    with client.get_archive(id, "/etc/group") as found:
        assert found.stat is not None
        assert (found.stat.name, found.stat.size, found.stat.mode) == ("group", 26, 0o644)


def test_what_is_put_is_there_and_counts_as_a_change(client: Client, id: str) -> None:
    client.put_archive(id, "/tmp", archive(folder("d"), file("d/f", "hello"), symlink("l", "d/f")))
    with client.get_archive(id, "/tmp/d/f") as found:
        assert contents(found.read()) == {"f": b"hello"}
    assert [(one.path, one.kind) for one in client.diff(id)] == [
        ("/tmp", "modified"),
        ("/tmp/d", "added"),
        ("/tmp/d/f", "added"),
        ("/tmp/l", "added"),
    ]


def test_a_hostile_archive_writes_nothing_outside(client: Client, id: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("untouched")
    hostile = archive(
        file(f"{secret}", "absolute"),
        file(f"../../../../../../../../..{secret}", "parents"),
        symlink("abs", str(tmp_path)),
        file("abs/secret", "through a link"),
        symlink("rel", "../" * 20 + str(tmp_path)[1:]),
        file("rel/secret", "through a relative link"),
        ("device", b"3", ""),
    )
    client.put_archive(id, "/tmp", hostile)
    assert secret.read_text() == "untouched"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"]
    with pytest.raises(ServerError, match="No such file"):
        client.put_archive(id, "/tmp", archive(hardlink("h", f"../../../../..{secret}x")))
    with pytest.raises(NotFound):
        client.get_archive(id, "/tmp/device")


@pytest.mark.parametrize(
    ("path", "content", "kind", "words"),
    [
        ("/nosuch", b"", NotFound, "Could not find the file /nosuch in container {id}"),
        ("/etc/passwd", b"", BadRequest, "extraction point is not a directory"),
        ("/tmp", b"not a tar", ServerError, "unexpected EOF"),
        ("/tmp", b"x" * 2000, ServerError, "archive/tar: invalid tar header"),
    ],
)
def test_what_cannot_be_put(
    client: Client, id: str, path: str, content: bytes, kind: type[ApiError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        client.put_archive(id, path, content)
    assert caught.value.message == words.format(id=id)


def test_what_cannot_be_got(client: Client, id: str) -> None:
    with pytest.raises(NotFound) as caught:
        client.get_archive(id, "/nosuch")
    assert caught.value.message == f"Could not find the file /nosuch in container {id}"
    with pytest.raises(NotFound) as caught:
        client.export("nosuch")
    assert caught.value.message == "No such container: nosuch"


def test_a_folder_is_not_replaced_by_a_file_if_that_was_asked_for(engine: FakeEngine) -> None:
    with Client(engine.url) as client:
        id = client.create_container("busybox", ["true"]).id
        import http.client
        import socket

        connection = http.client.HTTPConnection("x")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(engine.url.removeprefix("unix://"))
        path = f"/v1.51/containers/{id}/archive?path=/&noOverwriteDirNonDir=1&copyUIDGID=1"
        connection.request("PUT", path, archive(file("tmp")))
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        assert (answer.status, told) == (
            500, {"message": 'cannot overwrite directory "/tmp" with non-directory "/"'},
        )  # fmt: skip


def test_a_large_archive_goes_through_in_pieces(client: Client, id: str) -> None:
    content = archive(file("big", "x" * 3_000_000))
    client.put_archive(id, "/tmp", io.BytesIO(content))
    with client.get_archive(id, "/tmp/big") as found:
        assert len(contents(found.read())["big"]) == 3_000_000


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (f"/{'x' * 300}", "file name too long"),
        ("/loop/x", "too many levels of symbolic links"),
    ],
    ids=["a long name", "a loop"],
)
def test_a_path_that_leads_nowhere(client: Client, id: str, target: str, words: str) -> None:
    client.put_archive(id, "/", archive(symlink("loop", "loop")))
    for ask in (client.get_archive, lambda id, path: client.put_archive(id, path, archive())):
        with pytest.raises(PathNotFound) as caught:
            ask(id, target)
        assert (caught.value.status, caught.value.message) == (500, f"lstat {target}: {words}")
