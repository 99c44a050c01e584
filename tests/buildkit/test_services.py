"""What BuildKit may ask for: secrets, credentials, agents of ssh, and where files go."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from caller import Answer, served
from dockerapi import BuildSecret, Credentials, CredentialsError
from dockerapi.buildkit.output import files_into
from dockerapi.buildkit.services import (
    LARGEST_SECRET,
    OUTPUT,
    SSH,
    Auth,
    Output,
    Secrets,
    agents_of,
)
from dockerapi.buildkit.troubles import Troubles
from dockerapi.protocol.protobuf import field
from scripted import PATIENCE

GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
CREDENTIALS = "/moby.filesync.v1.Auth/Credentials"
CHECK = "/moby.sshforward.v1.SSH/CheckAgent"
FORWARD = "/moby.sshforward.v1.SSH/ForwardAgent"


def named(name: str) -> bytes:
    return field(1, name.encode())


def given(*messages: bytes) -> Answer:
    return Answer(0, "", list(messages), True)


# Secrets


def test_secrets_are_given_by_their_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    monkeypatch.setenv("TOKEN", "old")
    secrets = {
        "data": BuildSecret(bytes(range(256))),
        "empty": BuildSecret(b""),
        "file": BuildSecret.of_file(file),
        "variable": BuildSecret.of_env("TOKEN"),
    }
    with served([Secrets(secrets)]) as (caller, _):
        file.write_bytes(b"new")
        monkeypatch.setenv("TOKEN", "new\udcff")
        answers = [caller.unary(GET_SECRET, named(id)) for id in secrets]
    contents = [bytes(range(256)), b"", b"new", b"new\xff"]
    assert answers == [given(field(1, content)) for content in contents]


def test_what_was_not_given_is_not_found() -> None:
    troubles = Troubles()
    with served([Secrets({})], troubles=troubles) as (caller, _):
        words = "secrets: 'x' was asked for, and was not given"
        assert caller.unary(GET_SECRET, named("x")) == Answer(5, words, [], True)
    assert str(troubles.about("secret x: not found")) == words


def test_what_is_gone_or_too_large_when_it_is_asked_for_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(LARGEST_SECRET))
    monkeypatch.setenv("TOKEN", "x")
    secrets = {"file": BuildSecret.of_file(file), "variable": BuildSecret.of_env("TOKEN")}
    with served([Secrets(secrets)]) as (caller, _):
        monkeypatch.delenv("TOKEN")
        with file.open("ab") as more:
            more.write(b"x")
        assert [caller.unary(GET_SECRET, named(id)) for id in secrets] == [
            Answer(2, "secrets: 'file': there may be 512000 bytes, and are 512001", [], True),
            Answer(2, "secrets: 'variable': there is no variable TOKEN", [], True),
        ]


def test_what_is_not_there_is_refused_before(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for secret, error, words in [
        (BuildSecret(bytes(LARGEST_SECRET + 1)), ValueError, "there may be 512000 bytes"),
        (BuildSecret.of_env("NO_SUCH"), ValueError, "there is no variable NO_SUCH"),
        (BuildSecret.of_file(tmp_path / "none"), FileNotFoundError, "No such file"),
        (BuildSecret.of_file(tmp_path), IsADirectoryError, "Is a directory"),
        (BuildSecret.of_file(tmp_path / "pipe"), ValueError, "is no regular file"),
    ]:
        with pytest.raises(error, match=words):
            Secrets({"x": secret})


# Credentials


def test_credentials_are_looked_up_once_and_where_they_are_asked_for() -> None:
    asked = []

    def find(registry: str) -> Credentials | None:
        asked.append(registry)
        return {
            "r:5000": Credentials(username="ada", password="s3cret"),
            "https://index.docker.io/v1/": Credentials(identity_token="t0ken"),
        }.get(registry)

    hosts = ["r:5000", "registry-1.docker.io", "other", "r:5000"]
    with served([Auth(find, Troubles())]) as (caller, _):
        answers = [caller.unary(CREDENTIALS, named(host)) for host in hosts]
    ada = given(field(1, b"ada") + field(2, b"s3cret"))
    assert answers == [ada, given(field(1, b"") + field(2, b"t0ken")), given(b""), ada]
    assert asked == ["r:5000", "https://index.docker.io/v1/", "other"]


def test_who_was_asked_for_is_noted_without_the_secret() -> None:
    troubles = Troubles()
    auth = Auth({"r": Credentials(username="ada", password="s3cret")}.get, troubles)
    with served([auth], troubles=troubles) as (caller, _):
        caller.unary(CREDENTIALS, named("r"))
        caller.unary(CREDENTIALS, named("q:1"))
    assert str(troubles.about("http://r/v2: 401 Unauthorized")) == "auth: r was asked as ada"
    assert str(troubles.about("http://q:1/v2: 401")) == "auth: q:1 was asked as nobody"


def test_credentials_that_cannot_be_read_or_given_fail_the_build() -> None:
    def find(registry: str) -> Credentials | None:
        if registry == "token":
            return Credentials(registry_token="s3cret")
        raise CredentialsError("config.json: no JSON")

    with served([Auth(find, Troubles())]) as (caller, _):
        words = "auth: token: BuildKit takes a password or an identity token, no registry_token"
        assert caller.unary(CREDENTIALS, named("token")) == Answer(2, words, [], True)
        answer = Answer(13, "config.json: no JSON", [], True)
        assert caller.unary(CREDENTIALS, named("other")) == answer


# Agents


@contextlib.contextmanager
def agent(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(PATIENCE)
        yield listening


def test_what_comes_goes_to_the_agent_and_what_it_says_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    with agent(path) as listening, served([SSH({"default": path})]) as (caller, _):
        assert caller.unary(CHECK) == given(b"")
        listening.accept()[0].close()
        stream = caller.begin(FORWARD)
        caller.message(stream, field(1, b"ab"))
        caller.message(stream, field(1, b"c"), end=True)
        theirs, _ = listening.accept()
        with theirs, theirs.makefile("rb") as reader:
            assert reader.read() == b"abc"  # to the end, which went through
            theirs.sendall(b"answer")
        assert caller.answer(stream) == given(field(1, b"answer"))


def test_an_agent_may_end_first(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    with agent(path) as listening, served([SSH({"x": path})]) as (caller, _):
        stream = caller.begin(FORWARD, buildkit_ssh_id="x")
        caller.message(stream, field(1, b"ab"))
        theirs, _ = listening.accept()
        assert theirs.recv(2) == b"ab"
        theirs.close()
        assert caller.answer(stream) == Answer(0, "", [], True)


@pytest.mark.parametrize("how", ["cancelled", "closed"])
def test_the_end_of_a_call_is_that_of_its_connection(tmp_path: Path, how: str) -> None:
    path = tmp_path / "agent"
    with agent(path) as listening, served([SSH({"default": path})]) as (caller, session):
        stream = caller.begin(FORWARD)
        theirs, _ = listening.accept()
        if how == "cancelled":
            caller.http.reset_stream(stream, 8)
            caller.flush()
        else:
            session.close()
        theirs.settimeout(PATIENCE)
        with theirs:
            assert theirs.recv(1) == b""


def test_an_agent_that_is_not_given_or_not_there_is_named_when_it_is_checked_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent"
    with agent(path):
        pass
    with served([SSH({"gone": path})]) as (caller, _):
        assert [caller.unary(CHECK, named(id)) for id in ("", "gone")] == [
            Answer(2, "ssh: the agent 'default' was asked for, and was not given", [], True),
            Answer(
                2,
                f"ssh: the agent 'gone' does not answer at '{path}': Connection refused; start it "
                "with ssh-agent, and give it the key with ssh-add",
                [],
                True,
            ),
        ]


def test_agents_are_looked_for_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agent"
    (tmp_path / "key").write_text("a private key")
    with agent(path):
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        assert agents_of({"default": None, "x": path}) == {"default": path, "x": path}
    monkeypatch.delenv("SSH_AUTH_SOCK")
    for given_path, error, words in [
        (None, ValueError, "ssh: 'x' is the agent of SSH_AUTH_SOCK, which is not set; .*ssh-add"),
        (tmp_path / "key", ValueError, "is no socket of an agent. .*: give the key .* ssh-add"),
        (tmp_path / "none", FileNotFoundError, "No such file"),
    ]:
        with pytest.raises(error, match=words):
            agents_of({"x": given_path})


# Files


def test_the_output_goes_where_it_was_asked_for(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, files_into(file) as files:
        with served([Output(files)]) as (caller, _):
            stream = caller.begin(OUTPUT)
            for piece in (b"ab", b"", b"c"):
                caller.message(stream, field(1, piece))
            caller.send(stream, b"", end=True)
            assert caller.answer(stream) == Answer(0, "", [], True)
            words = "there is one output, and it has come"
            assert caller.unary(OUTPUT) == Answer(2, words, [], True)
        files.finish()
    assert (tmp_path / "out").read_bytes() == b"abc"


def test_what_the_file_raises_is_kept_and_is_the_answer(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, files_into(file) as files:
        file.close()
        with served([Output(files)]) as (caller, _):
            stream = caller.begin(OUTPUT)
            caller.message(stream, field(1, b"ab"))
            assert caller.answer(stream) == Answer(13, "ValueError in the client", [], True)
        assert isinstance(files.error, ValueError)


def test_an_output_that_is_cut_is_no_output(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, files_into(file) as files:
        with served([Output(files)]) as (caller, session):
            stream = caller.begin(OUTPUT)
            caller.message(stream, field(1, b"ab"))
            caller.unary("/x")  # so that it has come
            session.close()
        assert files.error is None
        with pytest.raises(Exception, match="its files did not come"):
            files.finish()
    assert threading.active_count() >= 1
