"""What the Engine says of itself, in every version."""

from __future__ import annotations

import http.client

import pytest

from dockerapi import Client
from dockerapi.errors import ServerError, Unauthorized
from dockerapi.testing import FakeEngine


@pytest.mark.parametrize("version", [f"1.{minor}" for minor in range(56)])
def test_the_client_agrees_on_the_version_that_the_engine_speaks(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        told = client.version().api_version
        assert str(client.api_version) == version
        assert told == (version if int(version[2:]) >= 10 else None)  # since 0.10.0


VERSIONS = ["1.0", "1.1", "1.2", "1.3", "1.6", "1.12", "1.18", "1.24", "1.41", "1.55"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_registry_that_knows_its_users_lets_nobody_else_log_in(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        assert client.login("anybody", password="x").status == "Login Succeeded"
        engine.registry.login("ada", "secret")
        assert client.login("ada", password="secret").status == "Login Succeeded"
        expected = ServerError if version in ("1.0", "1.1", "1.2") else Unauthorized
        with pytest.raises(expected, match=r"incorrect username|Wrong login/password"):
            client.login("ada", password="wrong")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_registry_that_nobody_answers_for_is_told(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        engine.registry.unreachable.add("docker.io")
        with pytest.raises(ServerError, match="connection refused|no such host"):
            client.login("ada", password="secret")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_oldest_engines_keep_who_logged_in(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        assert client.stored_login().username in (None, "")
        client.login("ada", password="secret", email="ada@example.com")
        stored = client.stored_login()
        assert (stored.username, stored.email) == ("ada", "ada@example.com")
        assert "secret" not in str(stored.raw)


@pytest.mark.parametrize("version", VERSIONS)
def test_info_counts_containers_and_images(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.create_container("busybox", ["true"])
        client.start(client.create_container("busybox", ["sleep", "60"]).id)
        found = client.info()
        assert (found.containers, found.images) == (2, 1)
        states = (found.containers_running, found.containers_paused, found.containers_stopped)
        assert states == ((1, 0, 1) if version in ("1.24", "1.41", "1.55") else (None, None, None))


def test_a_head_for_a_ping_is_there_from_1_40_on() -> None:
    found = {}
    for version in ("1.39", "1.40"):
        with FakeEngine(version, tcp=True) as engine:
            connection = http.client.HTTPConnection(engine.tcp_url.removeprefix("tcp://"))
            try:
                connection.request("HEAD", "/_ping")
                answer = connection.getresponse()
                found[version] = answer.status, answer.headers["Api-Version"]
                answer.read()
            finally:
                connection.close()
    assert found == {"1.39": (404, None), "1.40": (200, "1.40")}
