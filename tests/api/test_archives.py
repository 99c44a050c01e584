"""Archives of containers: what is asked of the Engine, what comes, and what is refused."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.rows import (
    NEW,
    NO_DATA,
    OLD,
    Row,
    Statuses,
    body_of,
    check_not_supported,
    check_refusal,
    check_refused_argument,
    needs,
    played,
    recorded,
    refusals,
    refused,
)
from dockerapi import (
    ApiError,
    BadRequest,
    Client,
    Forbidden,
    ServerError,
    UnexpectedReply,
)
from dockerapi.models.containers import (
    PathStat,
)
from scripted import (
    PATIENCE,
    Conversation,
    ScriptedDaemon,
    asked,
    head,
    reply,
)

UTC = datetime.timezone.utc


def archive_and_stat(archive: Any) -> Any:
    with archive:
        return archive.read(), archive.stat


ROWS = [
    Row(
        id="get_archive",
        call=lambda client: archive_and_stat(client.get_archive("web", "/etc/group")),
        asks=[asked("GET /containers/web/archive?path=%2Fetc%2Fgroup")],
        answers=["archive_get"],
        gives=(
            body_of("archive_get"),
            PathStat(
                name="group",
                size=10,
                mode=0o644,
                modified=datetime.datetime(2026, 11, 20, 23, 27, 34, tzinfo=UTC),
            ),
        ),
        at=(NEW,),
    ),
    Row(
        id="get_archive: by a copy",
        call=lambda client: archive_and_stat(client.get_archive("web", "/etc/passwd")),
        asks=[asked("POST /containers/web/copy", {"Resource": "/etc/passwd"})],
        answers=["container_copy"],
        gives=(body_of("container_copy", OLD), None),
        at=(OLD,),
    ),
    Row(
        id="put_archive",
        call=lambda client: client.put_archive("web", "/tmp", b"an archive"),
        asks=[
            asked(
                "PUT /containers/web/archive?path=%2Ftmp",
                b"an archive",
                Content_Type="application/x-tar",
            )
        ],
        answers=["archive_put"],
        refused=needs("PUT /containers/{id}/archive", "1.20"),
    ),
    Row(
        id="put_archive: every option",
        call=lambda client: client.put_archive(
            "web",
            "/a b",
            iter([b"an ", b"", b"archive"]),
            no_overwrite_dir_non_dir=True,
            copy_uid_gid=True,
        ),
        asks=[
            asked(
                "PUT /containers/web/archive?path=%2Fa+b&noOverwriteDirNonDir=1&copyUIDGID=1",
                b"an archive",
                Content_Type="application/x-tar",
            )
        ],
        answers=["archive_put"],
        at=(NEW,),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


@pytest.mark.parametrize("row", refused(ROWS))
def test_what_the_version_cannot_do_is_refused_and_not_asked(row: Row) -> None:
    check_not_supported(row)


# What the Engine refuses

STATUSES: Statuses = [
    (
        "POST /containers/{id}/copy",
        "get_archive: by a copy",
        {500: ServerError},
    ),
    (
        "GET /containers/{id}/archive",
        "get_archive",
        {400: BadRequest, 500: ServerError},
    ),
    (
        "PUT /containers/{id}/archive",
        "put_archive: every option",
        {400: BadRequest, 403: Forbidden, 500: ServerError},
    ),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "get_archive: of no path": (
        lambda client: client.get_archive("web", ""),
        ValueError,
        "path: empty, or with a NUL in it: ''",
    ),
    "get_archive: of a path that is no text": (
        lambda client: client.get_archive("web", None),
        TypeError,
        "path: a string was expected, not None",
    ),
    "put_archive: to a path with a NUL": (
        lambda client: client.put_archive("web", "/a\0b", b""),
        ValueError,
        "path: empty, or with a NUL in it: '/a\\x00b'",
    ),
    "put_archive: of a file that is not there": (
        lambda client: client.put_archive("web", "/", "/no/such/file"),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/no/such/file'",
    ),
    "put_archive: of what gives no bytes": (
        lambda client: client.put_archive("web", "/", 7),
        TypeError,
        f"data: {NO_DATA}7",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


# Archives


def test_an_archive_can_be_put_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    path.write_bytes(b"an archive" * 10_000)
    script = {"PUT /v1.41/containers/web/archive": [recorded("archive_put")] * 3}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.put_archive("web", "/", path)
        client.put_archive("web", "/", str(path))
        with path.open("rb") as file:
            client.put_archive("web", "/", file)
    assert [request.content for request in daemon.requests] == [b"an archive" * 10_000] * 3


class OutOfPaper(Exception):
    """An error of the caller's own."""


@pytest.mark.parametrize("error", [OutOfPaper(), OSError("disk"), ValueError("value")])
def test_an_error_of_the_callers_iterator_reaches_the_caller(error: Exception) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"archive"
        raise error

    script = {"PUT /v1.41/containers/web/archive": reply(200)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(type(error)) as caught:
            client.put_archive("web", "/", blocks())
    assert caught.value is error


def test_an_iterator_that_gives_no_bytes_is_refused() -> None:
    script = {"PUT /v1.41/containers/web/archive": reply(200)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TypeError) as caught:
            client.put_archive("web", "/", ["archive"])
    assert str(caught.value) == "bytes were expected to be sent, not 'archive'"


def test_a_stat_that_cannot_be_read_raises_and_hangs_up() -> None:
    gone = threading.Event()

    def endless(conversation: Conversation) -> None:
        conversation.send(head(X_Docker_Container_Path_Stat="no base64"))
        conversation.wait_for_hangup()
        gone.set()

    script = {"GET /v1.41/containers/web/archive": endless}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.get_archive("web", "/")
        assert gone.wait(PATIENCE)
    assert str(caught.value) == "PathStat: JSON in base64 was expected, not 'no base64'"
