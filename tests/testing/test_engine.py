from __future__ import annotations

import contextlib
import re
import socket
from pathlib import Path

import pytest

from dockerapi import Client, Credentials
from dockerapi.errors import (
    ApiError,
)
from dockerapi.testing import Asked, FakeEngine


def test_it_speaks_the_newest_version_unless_told_otherwise() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        assert (engine.api_version, client.api_version) == ("1.55", "1.55")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({"api_version": "1.0"}, "<FakeEngine 0.3.3, API 1.0>"),
        ({"api_version": "1.19"}, "<FakeEngine 1.7.1, API 1.19>"),
        ({"api_version": "1.43"}, "<FakeEngine 24.0.0, API 1.43>"),
        ({"release": "1.6.2"}, "<FakeEngine 1.6.2, API 1.18>"),
        ({"release": "28.5.2", "api_version": "1.51"}, "<FakeEngine 28.5.2, API 1.51>"),
    ],
)
def test_a_version_has_a_release_and_a_release_a_version(
    arguments: dict[str, str], shown: str
) -> None:
    assert repr(FakeEngine(**arguments)) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"api_version": "1.56"}, "API 1.0 to 1.55 can be had, not 1.56"),
        ({"api_version": "newest"}, "an API version such as 1.41 was expected, not 'newest'"),
        ({"release": "1.6.2", "api_version": "1.19"}, "Engine 1.6.2 speaks API 1.18, not 1.19"),
    ],
)
def test_versions_that_there_are_not_are_refused(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as raised:
        FakeEngine(**arguments)  # type: ignore[arg-type]
    assert str(raised.value) == message


def test_it_serves_on_tcp_too() -> None:
    with FakeEngine(tcp=True) as engine, Client(engine.tcp_url) as client:
        client.ping()
    with FakeEngine() as engine, pytest.raises(ValueError, match="tcp=True"):
        engine.tcp_url  # noqa: B018


def test_it_has_no_url_before_it_serves() -> None:
    with pytest.raises(
        RuntimeError, match=re.escape("use FakeEngine in a `with`, or call start()")
    ):
        FakeEngine().url  # noqa: B018


def test_it_is_started_once_and_closed_as_often_as_one_likes() -> None:
    engine = FakeEngine().start()
    with pytest.raises(RuntimeError, match="this FakeEngine has been started already"):
        engine.start()
    engine.close()
    engine.close()
    FakeEngine().close()


def test_two_engines_on_one_socket_are_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with FakeEngine(socket=path) as engine, Client(engine.url) as client:
        with pytest.raises(FileExistsError) as raised:
            FakeEngine(socket=path).start()
        assert str(raised.value) == (
            f"{path} is in use already; give every Engine a socket of its own"
        )
        client.ping()
    assert not path.exists()


def test_a_socket_that_was_left_behind_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with FakeEngine(socket=path) as engine, Client(engine.url) as client:
        client.ping()


def test_a_file_where_the_socket_should_be_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        FakeEngine(socket=path).start()
    assert path.read_text() == "precious"


def test_what_was_asked_is_kept_with_its_secrets_masked() -> None:
    with FakeEngine("1.41") as engine, Client(engine.url) as client:
        client.login("ann", password="sesame", registry="localhost:5000")
        with contextlib.suppress(ApiError):
            client.pull("nosuch", auth=Credentials(username="ann", password="sesame"))
        login, pull = engine.requests
        assert login == Asked(
            "POST",
            "/auth",
            body={"username": "ann", "password": "***", "serveraddress": "localhost:5000"},
            api_version="1.41",
        )
        assert (pull.path, pull.headers["X-Registry-Auth"]) == ("/images/create", "***")
        assert "sesame" not in repr(engine.requests)


def test_playing_needs_a_function() -> None:
    with pytest.raises(TypeError) as raised:
        FakeEngine().on("busybox", ["date"])
    assert str(raised.value) == "on() takes an image, a list of strings, and a function to play it"


def test_a_path_may_be_quoted_wherever_that_changes_nothing() -> None:
    with FakeEngine() as engine:
        connection = socket.socket(socket.AF_UNIX)
        with connection:
            connection.connect(engine.url.removeprefix("unix://"))
            connection.sendall(
                b"GET /images/busybox%3Alatest/json HTTP/1.1\r\n"
                b"Host: x\r\nConnection: close\r\n\r\n"
            )
            assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
