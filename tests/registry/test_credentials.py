"""Stored credentials: where they are looked up, what is asked of helpers, what is refused."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import shlex
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi import (
    BuildOptions,
    Client,
    ContainerConfig,
    Credentials,
    CredentialsError,
    NotSupported,
    StoredCredentials,
)
from dockerapi.protocol.reference import registry_key
from scripted import UPGRADED, Request, ScriptedDaemon, chunked, frame, json_reply, reply

HUB = "https://index.docker.io/v1/"
SECRET = "s3cr:et"


def auth(username: str = "ada", password: str = SECRET) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def ada(registry: str, **fields: str) -> Credentials:
    return Credentials(server_address=registry, username="ada", password=SECRET, **fields)


def config_of(**auths: Any) -> str:
    return json.dumps({"auths": {name.replace("_", "."): entry for name, entry in auths.items()}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """That of `config.json`."""
    made = tmp_path / "docker"
    made.mkdir()
    return made


@pytest.fixture
def write(folder: Path) -> Callable[[Any], StoredCredentials]:
    """Writes `config.json`: a value, or the text itself."""

    def written(content: Any) -> StoredCredentials:
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / "config.json").write_text(text)
        return StoredCredentials(folder=folder)

    return written


Write = Callable[[Any], StoredCredentials]


class Helpers:
    """Credential helpers of our own making, and what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"PATH": f"{folder}:{os.environ['PATH']}", "ADA": "yes"}

    def add(self, name: str, script: str) -> None:
        path = self.folder / f"docker-credential-{name}"
        asked = shlex.quote(str(self.folder / "asked"))
        # One line per question: the helper, its arguments, its input and the end of that.
        path.write_text(
            f'#!/bin/sh\nprintf "%s %s %s|\\n" {name} "$*" "$(cat)" >> {asked}\n{script}\n'
        )
        path.chmod(0o755)

    def answering(self, name: str, value: Any, code: int = 0) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        self.add(name, f"printf %s {shlex.quote(text)}; exit {code}")

    @property
    def asked(self) -> list[str]:
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def helpers(tmp_path: Path) -> Helpers:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Helpers(folder)


def found_by(username: str, secret: str) -> dict[str, str]:
    return {"ServerURL": "x", "Username": username, "Secret": secret}


# Entries


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        pytest.param({"auth": auth()}, ada("r.example.com"), id="auth, with a colon in it"),
        pytest.param(
            {"auth": auth(), "email": "ada@example.com"},
            ada("r.example.com", email="ada@example.com"),
            id="with an address",
        ),
        pytest.param(
            {"username": "ada", "password": SECRET}, ada("r.example.com"), id="in the clear"
        ),
        pytest.param(
            {"auth": auth(), "username": "eve", "password": "other"},
            ada("r.example.com"),
            id="auth wins",
        ),
        pytest.param(
            {"auth": auth("ada", ""), "identitytoken": "token"},
            Credentials(server_address="r.example.com", username="ada", identity_token="token"),
            id="an identity token",
        ),
        pytest.param(
            {"registrytoken": "token"},
            Credentials(server_address="r.example.com", registry_token="token"),
            id="a registry token",
        ),
        pytest.param(
            {"auth": auth("ada", SECRET + "\0\0")}, ada("r.example.com"), id="padded with NULs"
        ),
        pytest.param(
            {"auth": auth("\u00e5da", "\u20ac")},
            Credentials(server_address="r.example.com", username="\u00e5da", password="\u20ac"),
            id="UTF-8",
        ),
        pytest.param({}, None, id="nothing: a helper has it"),
        pytest.param(None, None, id="null"),
        pytest.param({"auth": ""}, None, id="an empty auth"),
        pytest.param({"email": "ada@example.com"}, None, id="only an address"),
    ],
)
def test_an_entry_is_read(write: Write, entry: Any, found: Credentials | None) -> None:
    assert write({"auths": {"r.example.com": entry}}).of("r.example.com") == found


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        ("r.example.com", "r.example.com"),
        ("https://r.example.com", "r.example.com"),
        ("http://r.example.com:5000/v1/", "r.example.com:5000"),
        ("r.example.com/v2/", "r.example.com"),
        ("localhost:5000", "localhost:5000"),
        ("https://index.docker.io/v1/", HUB),
        ("https://index.docker.io/v1", HUB),
        ("index.docker.io", HUB),
        ("docker.io", HUB),
        # What the web login of Docker Hub leaves beside the credentials.
        ("https://index.docker.io/v1/access-token", "index.docker.io"),
    ],
)
def test_an_entry_is_found_whichever_way_its_registry_is_spelled(
    write: Write, key: str, registry: str
) -> None:
    stored = write({"auths": {key: {"auth": auth()}}})
    assert registry_key(key) == registry
    assert stored.for_build([]) == {registry: ada(registry)}


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_spellings_the_usual_one_counts(write: Write, turned: bool) -> None:
    auths = {"https://r.example.com/v1/": {"auth": auth("eve")}, "r.example.com": {"auth": auth()}}
    auths = dict(reversed(auths.items())) if turned else auths
    assert write({"auths": auths}).of("r.example.com") == ada("r.example.com")


def test_another_registry_has_no_credentials(write: Write) -> None:
    stored = write({"auths": {"r.example.com": {"auth": auth()}}})
    assert [stored.of(registry) for registry in ("example.com", "r.example.com:5000", HUB)] == [
        None,
        None,
        None,
    ]


# By path


def of(registry: str, username: str) -> Credentials:
    return Credentials(server_address=registry, username=username, password=SECRET)


BY_PATH = {
    "auths": {
        "r.example.com/team/a": {"auth": auth("of-a")},
        "r.example.com/team/b": {"auth": auth("of-b")},
        "r.example.com/team": {"auth": auth("of-team")},
        "docker.io/team": {"auth": auth("of-hub-team")},
        "other.example.com/team/a": {"auth": auth("elsewhere")},
    }
}
WHOLE = {"r.example.com": {"auth": auth("of-all")}}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("r.example.com/team/a", "of-a"),
        ("r.example.com/team/b", "of-b"),
        ("r.example.com/team/b/c", "of-b"),
        ("r.example.com/team/bb", "of-team"),
        ("r.example.com/team2/a", "of-all"),
        ("r.example.com", "of-all"),
        ("docker.io/team/app", "of-hub-team"),
        ("docker.io/library/app", None),
        ("other.example.com/team/b", None),
    ],
)
def test_the_longest_name_that_an_image_begins_with_wins_and_then_its_registry(
    write: Write, name: str, username: str | None, turned: bool
) -> None:
    auths = {**BY_PATH["auths"], **WHOLE}
    stored = write({"auths": dict(reversed(auths.items())) if turned else auths})
    registry = HUB if name.startswith("docker.io") else name.partition("/")[0]
    assert stored.of(name) == (username and of(registry, username))


def test_a_build_gets_of_each_registry_those_of_its_first_image(write: Write) -> None:
    stored = write(BY_PATH)
    images = ["r.example.com/team/b", "r.example.com/team/a", "docker.io/library/x"]
    assert stored.for_build(images) == {"r.example.com": of("r.example.com", "of-b")}


def test_what_a_part_of_a_registry_has_comes_before_its_helper(write: Write) -> None:
    stored = write({**BY_PATH, "credsStore": "nosuch"})
    assert stored.of("r.example.com/team/a") == of("r.example.com", "of-a")


# Given by the program


BY_REGISTRY = {
    "r.example.com": Credentials(username="ada", password="pw"),
    "docker.io": Credentials(username="hub", password="pw"),
}


def authorizations(daemon: ScriptedDaemon) -> list[Any]:
    sent = [request.headers.get("X-Registry-Auth") for request in daemon.requests]
    return [one and json.loads(base64.urlsafe_b64decode(one)) for one in sent]


def test_a_program_gives_credentials_by_registry_and_those_of_a_view_come_first(
    write: Write,
) -> None:
    pulled = chunked(b'{"status": "Downloaded"}')
    with ScriptedDaemon({"POST /v1.41/images/create": pulled}) as daemon:
        stored = write({"auths": {"s.example.com": {"auth": auth("file")}}})
        with Client(daemon.url, credentials=BY_REGISTRY) as given:
            view = given.with_credentials({"r.example.com/team": Credentials(registry_token="t0")})
            for client in (given, view):
                client.pull("r.example.com/team/app:1")
            view.pull("busybox:1")
            given.pull("s.example.com/x:1")
        with Client(daemon.url, credentials=stored) as client:
            with client.with_credentials(BY_REGISTRY) as view:
                view.pull("s.example.com/x:1")
                view.pull("r.example.com/x:1")
    of_r = {"username": "ada", "password": "pw", "serveraddress": "r.example.com"}
    of_s = {"username": "file", "password": SECRET, "serveraddress": "s.example.com"}
    assert authorizations(daemon) == [
        of_r,
        {"serveraddress": "r.example.com", "registrytoken": "t0"},
        {"username": "hub", "password": "pw", "serveraddress": HUB},
        None,
        of_s,
        of_r,
    ]


def test_no_secret_is_in_what_is_shown_of_a_client_with_credentials() -> None:
    with Client("/x", credentials=BY_REGISTRY) as client:
        shown = f"{client!r} {client._credentials!r} {vars(client)!r}"
        assert "pw" not in shown
        assert "username='ada', password='***'" in shown


# What else is in the file

OF_DOCKER = {
    "proxies": {
        "default": {
            "httpProxy": "http://all:1",
            "httpsProxy": "http://all:2",
            "noProxy": "a,b",
            "ftpProxy": "http://all:3",
            "allProxy": "socks5://all:4",
        },
        "tcp://10.0.0.1:2376": {"httpProxy": "http://one:1", "noProxy": ""},
    },
    "detachKeys": "ctrl-e,x",
}
UPPER = {
    "HTTP_PROXY": "http://all:1",
    "HTTPS_PROXY": "http://all:2",
    "NO_PROXY": "a,b",
    "FTP_PROXY": "http://all:3",
    "ALL_PROXY": "socks5://all:4",
}
OF_ALL = {**UPPER, **{name.lower(): value for name, value in UPPER.items()}}


def test_proxies_are_those_of_the_engine_or_of_all(write: Write) -> None:
    stored = write(OF_DOCKER)
    assert stored.proxies("tcp://10.0.0.1:2376") == {
        "HTTP_PROXY": "http://one:1",
        "http_proxy": "http://one:1",
    }
    assert stored.proxies("unix:///var/run/docker.sock") == OF_ALL
    assert stored.detach_keys() == "ctrl-e,x"
    nothing = write({})
    assert (nothing.proxies("tcp://h:1"), nothing.detach_keys()) == ({}, None)
    assert (StoredCredentials().proxies("x"), StoredCredentials().detach_keys()) == ({}, None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"proxies": []}, "proxies: an object was expected, not list"),
        ({"proxies": {"default": 3}}, "proxies: 'default': an object was expected, not int"),
        (
            {"proxies": {"default": {"httpProxy": ["http://u:s3cr:et@p"]}}},
            "proxies: 'default': httpProxy: a string was expected, not list",
        ),
        ({"detachKeys": 3}, "detachKeys: a string was expected, not int"),
    ],
)
def test_proxies_and_keys_that_are_none_are_refused(
    write: Write, content: Any, words: str, tmp_path: Path
) -> None:
    stored = write(content)
    for ask in (lambda: stored.proxies("x"), stored.detach_keys):
        with pytest.raises(CredentialsError) as caught:
            ask()
        assert str(caught.value) == f"{stored.folder}/config.json: {words}"


def created_with(config: ContainerConfig | None, url: str, stored: StoredCredentials) -> Any:
    with Client(url, credentials=stored) as client:
        client.create_container("busybox", "true", config=config)


def test_containers_get_the_proxies_of_the_file_but_those_that_are_named(write: Write) -> None:
    stored = write({"proxies": {"default": {"httpProxy": "http://p:1", "noProxy": "a"}}})
    created = json_reply({"Id": "c1"}, 201)
    with ScriptedDaemon({"POST /v1.41/containers/create": created}) as daemon:
        for config in (
            None,
            ContainerConfig(env={"A": "b", "http_proxy": "mine", "NO_PROXY": None, "no_proxy": ""}),
        ):
            created_with(config, daemon.url, stored)
        created_with(None, daemon.url, StoredCredentials())
    assert [request.body.get("Env") for request in daemon.requests] == [
        ["HTTP_PROXY=http://p:1", "NO_PROXY=a", "http_proxy=http://p:1", "no_proxy=a"],
        ["A=b", "http_proxy=mine", "NO_PROXY", "no_proxy=", "HTTP_PROXY=http://p:1"],
        None,
    ]


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_builds_get_the_proxies_of_the_engine_but_those_that_are_named(
    write: Write, builder: Any
) -> None:
    done = chunked(b'{"stream":"Successfully built 0123456789ab\\n"}')
    script = {"POST /v1.41/build": done, "POST /v1.20/build": done}
    with ScriptedDaemon({**script, "POST /v1.41/session": reply(404, b"no")}) as daemon:
        stored = write({"proxies": {daemon.url: {"httpProxy": "http://p:1", "noProxy": "a"}}})
        for version in (None, "1.20") if builder == "classic" else (None,):
            args = {"http_proxy": "mine", "no_proxy": None} if version is None else None
            options = BuildOptions(build_args=args, builder=builder)
            with Client(daemon.url, credentials=stored, version=version) as client:
                client.stream_build(None, dockerfile=io.StringIO("FROM x"), options=options).close()
    built = [request.target for request in daemon.requests if "/build?" in request.target]
    sent = [parse_qs(urlsplit(target).query) for target in built]
    assert [json.loads(query.get("buildargs", ["null"])[0]) for query in sent] == [
        {"http_proxy": "mine", "no_proxy": None, "HTTP_PROXY": "http://p:1", "NO_PROXY": "a"},
        None,
    ][: len(sent)]


def test_who_can_write_detaches_by_the_keys_of_the_file(write: Write) -> None:
    running = json_reply({"Id": "c1", "Config": {"Tty": True}, "State": {"Running": True}})
    script: dict[str, Any] = {"POST /v1.41/containers/c1/exec": json_reply({"Id": "e1"}, 201)}
    for version in ("1.41", "1.21"):
        script[f"GET /v{version}/containers/c1/json"] = running
        script[f"POST /v{version}/containers/c1/attach"] = UPGRADED
    with ScriptedDaemon(script) as daemon:
        stored = write(OF_DOCKER)
        with Client(daemon.url, credentials=stored) as client:
            client.attach("c1", stdin=True).close()
            client.attach("c1", stdin=True, detach_keys="ctrl-a").close()
            client.attach("c1").close()
            client.exec_create("c1", "sh", stdin=True)
            client.exec_create("c1", "sh", stdin=True, detach_keys="")
            client.exec_create("c1", "sh")
        with Client(daemon.url, credentials=stored, version="1.21") as client:
            client.attach("c1", stdin=True).close()
    attached = [one.target for one in daemon.requests if one.target.partition("?")[2]]
    assert [parse_qs(urlsplit(target).query).get("detachKeys") for target in attached] == [
        ["ctrl-e,x"],
        ["ctrl-a"],
        None,
        None,
    ]
    execs = [one.body for one in daemon.requests if one.target.endswith("/exec")]
    assert [body.get("DetachKeys") for body in execs] == ["ctrl-e,x", "", None]
    assert [body.get("Env") for body in execs] == [None] * 3


# Where they are looked up


def test_without_anything_there_is_nothing() -> None:
    stored = StoredCredentials()
    assert (stored.of(HUB), stored.for_build([HUB]), stored.http_headers()) == (None, {}, {})


@pytest.mark.parametrize("text", ["", " \n", "{}", "null", '\ufeff{"auths": null}'])
def test_an_empty_file_has_nothing(write: Write, text: str) -> None:
    stored = write(text)
    assert (stored.of(HUB), stored.for_build([HUB]), stored.http_headers()) == (None, {}, {})


def test_the_environment_says_where(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert [
        StoredCredentials.from_env(environ)
        for environ in (
            home,
            {**home, "DOCKER_CONFIG": ""},
            {**home, "DOCKER_CONFIG": "/etc/docker", "DOCKER_AUTH_CONFIG": "{}"},
            {**home, "DOCKER_AUTH_CONFIG": ""},
        )
    ] == [
        StoredCredentials(folder=tmp_path / ".docker", dockercfg=tmp_path / ".dockercfg"),
        StoredCredentials(folder=tmp_path / ".docker", dockercfg=tmp_path / ".dockercfg"),
        StoredCredentials(folder=Path("/etc/docker"), auth_config="{}"),
        StoredCredentials(folder=tmp_path / ".docker", dockercfg=tmp_path / ".dockercfg"),
    ]


def test_the_environment_is_that_of_the_process_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", config_of(r_example_com={"auth": auth()}))
    stored = StoredCredentials.from_env()
    assert (stored.folder, stored.of("r.example.com")) == (tmp_path, ada("r.example.com"))


def test_the_variable_comes_before_the_file(write: Write, folder: Path) -> None:
    write({"auths": {"a": {"auth": auth("file")}, "b": {"auth": auth("file")}}})
    stored = StoredCredentials(
        folder=folder, auth_config=config_of(a={"auth": auth("variable")}, c={"auth": auth()})
    )
    users = {key: found.username for key, found in stored.for_build([]).items()}
    assert users == {"a": "variable", "b": "file", "c": "ada"}
    assert [stored.of(key).username for key in "abc"] == ["variable", "file", "ada"]  # type: ignore[union-attr]


def test_the_file_is_not_read_where_the_variable_has_an_answer(write: Write, folder: Path) -> None:
    write("no JSON")
    stored = StoredCredentials(folder=folder, auth_config=config_of(a={"auth": auth()}))
    assert stored.of("a") == ada("a")


def test_a_login_meanwhile_is_noticed(write: Write) -> None:
    stored = write({})
    assert stored.of("r.example.com") is None
    write({"auths": {"r.example.com": {"auth": auth()}}})
    assert stored.of("r.example.com") == ada("r.example.com")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            json.dumps({"r.example.com": {"auth": auth(), "email": "a@b.c"}}),
            {"r.example.com": ada("r.example.com", email="a@b.c")},
            id="JSON",
        ),
        pytest.param(
            f"auth = {auth()}\nemail = a@b.c\n", {HUB: ada(HUB, email="a@b.c")}, id="lines"
        ),
        pytest.param("", {}, id="empty"),
    ],
)
def test_the_old_file_counts_where_there_is_no_new_one(
    tmp_path: Path, text: str, found: dict[str, Credentials]
) -> None:
    (tmp_path / ".dockercfg").write_text(text)
    stored = StoredCredentials.from_env({"HOME": str(tmp_path)})
    assert stored.for_build([]) == found
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text("{}")
    assert stored.for_build([]) == {}


def test_a_home_without_any_file_has_nothing(tmp_path: Path) -> None:
    assert StoredCredentials.from_env({"HOME": str(tmp_path)}).of(HUB) is None


def test_a_file_in_the_place_of_the_folder_is_no_config(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert StoredCredentials(folder=tmp_path / "file").of(HUB) is None


# Helpers


def test_a_helper_is_asked_for_the_registry_at_hand(write: Write, helpers: Helpers) -> None:
    helpers.answering("vault", found_by("ada", SECRET))
    write({"credsStore": "vault"})
    stored = StoredCredentials(
        folder=write({"credsStore": "vault"}).folder, environ=helpers.environ
    )
    assert stored.of("r.example.com:5000") == ada("r.example.com:5000")
    assert stored.of(HUB) == ada(HUB)
    assert helpers.asked == ["vault get r.example.com:5000|", f"vault get {HUB}|"]


@pytest.fixture
def store(folder: Path, helpers: Helpers) -> Callable[..., StoredCredentials]:
    """A store whose `config.json` is these fields and whose helpers are ours."""

    def made(**fields: Any) -> StoredCredentials:
        (folder / "config.json").write_text(json.dumps(fields))
        return StoredCredentials(folder=folder, environ=helpers.environ, helper_timeout=20)

    return made


Store = Callable[..., StoredCredentials]


def test_the_helper_of_a_registry_comes_before_the_one_for_all(
    store: Store, helpers: Helpers
) -> None:
    helpers.answering("all", found_by("all", SECRET))
    helpers.answering("own", found_by("own", SECRET))
    stored = store(
        credsStore="all",
        credHelpers={"https://own.example.com": "own", "none.example.com": "", "docker.io": "own"},
        auths={"none.example.com": {"auth": auth()}, "own.example.com": {"auth": auth()}},
    )
    found = [
        stored.of(registry)
        for registry in ("own.example.com", "none.example.com", "other.example.com", HUB)
    ]
    assert [credentials and credentials.username for credentials in found] == [
        "own",
        "ada",
        "all",
        "own",
    ]
    assert helpers.asked == [
        "own get own.example.com|",
        "all get other.example.com|",
        f"own get {HUB}|",
    ]


def test_a_helper_gives_an_identity_token_under_a_user_of_its_own(
    store: Store, helpers: Helpers
) -> None:
    helpers.answering("vault", found_by("<token>", SECRET))
    assert store(credsStore="vault").of("r.example.com") == Credentials(
        server_address="r.example.com", identity_token=SECRET
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param("credentials not found in native keychain\n", 1, id="not found"),
        pytest.param(found_by("", ""), 0, id="empty"),
    ],
)
def test_what_a_helper_has_not_may_be_in_the_file(
    store: Store, helpers: Helpers, answer: Any, code: int
) -> None:
    helpers.answering("vault", answer, code)
    stored = store(credsStore="vault", auths={"a": {"auth": auth()}})
    assert (stored.of("a"), stored.of("b")) == (ada("a"), None)


def test_a_helper_gets_the_environment(store: Store, helpers: Helpers) -> None:
    helpers.add("vault", 'printf \'{"Username": "%s", "Secret": "x"}\' "$ADA"')
    found = store(credsStore="vault").of("a")
    assert found == Credentials(server_address="a", username="yes", password="x")


def test_a_helper_gets_the_environment_of_the_process_by_default(
    store: Store, helpers: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers.answering("vault", found_by("ada", SECRET))
    monkeypatch.setenv("PATH", helpers.environ["PATH"])
    folder = store(credsStore="vault").folder
    assert StoredCredentials(folder=folder).of("a") == ada("a")


def test_a_helper_that_does_not_read_is_no_trouble(store: Store, helpers: Helpers) -> None:
    path = helpers.folder / "docker-credential-deaf"
    path.write_text('#!/bin/sh\nexec printf \'{"Username": "ada", "Secret": "x"}\'\n')
    path.chmod(0o755)
    found = store(credsStore="deaf").of("r" * 200_000)
    assert found is not None and found.password == "x"


def test_for_a_build_helpers_are_asked_for_the_named_registries_only(
    store: Store, helpers: Helpers
) -> None:
    helpers.answering("vault", found_by("ada", SECRET))
    stored = store(
        credHelpers={"a.example.com": "vault", "b.example.com": "vault"},
        auths={"c.example.com": {"auth": auth()}},
    )
    assert stored.for_build(["b.example.com", "d.example.com"]) == {
        "b.example.com": ada("b.example.com"),
        "c.example.com": ada("c.example.com"),
    }
    assert helpers.asked == ["vault get b.example.com|"]
    assert stored.for_build([]) == {"c.example.com": ada("c.example.com")}
    assert helpers.asked == ["vault get b.example.com|"]


# What goes wrong with helpers, whose output is shown nowhere

HAND = "; to see what it says, which may be secret: echo r.example.com | docker-credential-bad get"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param(
            f"echo '{SECRET}'; echo '{SECRET}' >&2; exit 3",
            f"docker-credential-bad: failed for r.example.com with exit code 3{HAND}",
            id="it fails",
        ),
        pytest.param(
            "kill -9 $$",
            f"docker-credential-bad: failed for r.example.com with exit code -9{HAND}",
            id="it is killed",
        ),
        *(
            pytest.param(
                f"printf %s {shlex.quote(answer)}",
                "docker-credential-bad: its answer for r.example.com is no JSON object with a "
                "Username and a Secret",
                id=f"it answers {answer[:30]}",
            )
            for answer in (
                "",
                SECRET,
                f'["{SECRET}"]',
                f'"{SECRET}"',
                f'{{"Secret": "{SECRET}"}}',
                f'{{"Username": 1, "Secret": "{SECRET}"}}',
                f'{{"Username": "ada", "Secret": ["{SECRET}"]}}',
                "[" * 100_000,
            )
        ),
        pytest.param(
            "printf '\\377'",
            "docker-credential-bad: its answer for r.example.com is no JSON object with a "
            "Username and a Secret",
            id="it answers no text",
        ),
    ],
)
def test_a_helper_that_fails_is_named(
    store: Store, helpers: Helpers, script: str, message: str
) -> None:
    helpers.add("bad", script)
    with pytest.raises(CredentialsError) as caught:
        store(credsStore="bad", auths={"r.example.com": {"auth": auth()}}).of("r.example.com")
    assert str(caught.value) == message
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_a_helper_that_is_not_there_is_named(store: Store, folder: Path) -> None:
    with pytest.raises(CredentialsError) as caught:
        store(credsStore="desktop").of(HUB)
    assert str(caught.value) == (
        f"{folder}/config.json has the credentials for {HUB} in docker-credential-desktop, which "
        "is not on the PATH"
    )


def test_a_helper_that_cannot_be_run_is_named(store: Store, helpers: Helpers) -> None:
    path = helpers.folder / "docker-credential-broken"
    path.write_text("#!/nowhere/interpreter\n")
    path.chmod(0o755)
    with pytest.raises(CredentialsError) as caught:
        store(credsStore="broken").of(HUB)
    assert str(caught.value) == (
        "docker-credential-broken: cannot be run: No such file or directory"
    )


def test_a_helper_that_does_not_answer_is_given_up(folder: Path, helpers: Helpers) -> None:
    helpers.add("slow", f"echo '{SECRET}'; exec sleep 60")
    (folder / "config.json").write_text('{"credsStore": "slow"}')
    stored = StoredCredentials(folder=folder, environ=helpers.environ, helper_timeout=0.3)
    start = time.monotonic()
    with pytest.raises(CredentialsError) as caught:
        stored.of("r.example.com")
    assert time.monotonic() - start < 10
    assert str(caught.value) == (
        "docker-credential-slow: no answer for r.example.com within 0.3 seconds"
    )
    assert caught.value.__context__ is None


# What goes wrong with files


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        pytest.param(
            f'{{\n  "auths": {{"r": {{"auth": "{SECRET}" }}}}\n',
            ": no JSON: line 3, column 1: Expecting ',' delimiter",
            id="cut",
        ),
        pytest.param(
            f'{{"auths": {SECRET}}}', ": no JSON: line 1, column 11: Expecting value", id="no value"
        ),
        pytest.param("[" * 100_000, ": no JSON: nested too deeply", id="deep"),
        pytest.param(
            f'{{"a": {"9" * 5000}}}', ": no JSON: a number of thousands of digits", id="digits"
        ),
        pytest.param(f'["{SECRET}"]', ": an object was expected, not list", id="a list"),
        pytest.param(
            f'{{"auths": ["{SECRET}"]}}', ": auths: an object was expected, not list", id="auths"
        ),
        pytest.param(
            f'{{"auths": {{"r": "{SECRET}"}}}}',
            ": auths: 'r': an object was expected, not str",
            id="an entry",
        ),
        pytest.param(
            f'{{"auths": {{"r": {{"password": ["{SECRET}"]}}}}}}',
            ": auths: 'r': password: a string was expected, not list",
            id="a field",
        ),
        *(
            pytest.param(
                json.dumps({"auths": {"a": {}, "r": {"auth": value}}}),
                ": auths: 'r': auth: the base64 of user:password was expected",
                id=f"auth: {name}",
            )
            for name, value in {
                "no base64": f"{SECRET}*",
                "URL-safe base64": base64.urlsafe_b64encode(b"~~~:\xff\xfe").decode(),
                "no UTF-8": base64.b64encode(b"a:\xff").decode(),
                "no colon": base64.b64encode(b"ada").decode(),
                "no user": base64.b64encode(b":secret").decode(),
                "a line break": auth() + "\n",
            }.items()
        ),
        pytest.param(
            '{"credsStore": 1}', ": credsStore: a string was expected, not int", id="credsStore"
        ),
        pytest.param(
            '{"credsStore": "../../evil"}',
            ": credsStore: '../../evil' is not the name of a helper",
            id="a path for a helper",
        ),
        pytest.param(
            '{"credHelpers": "x"}', ": credHelpers: an object was expected, not str", id="helpers"
        ),
        pytest.param(
            '{"credHelpers": {"r": true}}',
            ": credHelpers: 'r': a string was expected, not bool",
            id="a helper",
        ),
        pytest.param(
            '{"HttpHeaders": []}', ": HttpHeaders: an object was expected, not list", id="headers"
        ),
        pytest.param(
            f'{{"HttpHeaders": {{"X-Meta": ["{SECRET}"]}}}}',
            ": HttpHeaders: X-Meta: a string was expected, not list",
            id="a header",
        ),
        pytest.param(
            f'{{"HttpHeaders": {{"X-Meta": "{SECRET}\\r\\nHost: x"}}}}',
            ": HttpHeaders: X-Meta: not a value of a header",
            id="two headers in one",
        ),
        pytest.param(
            '{"HttpHeaders": {"X Meta": "x"}}',
            ": HttpHeaders: 'X Meta' is not a header that can be set",
            id="no name of a header",
        ),
        pytest.param(
            '{"HttpHeaders": {"content-length": "1"}}',
            ": HttpHeaders: 'content-length' is not a header that can be set",
            id="a header of the connection",
        ),
    ],
)
def test_a_malformed_file_is_an_error_that_says_where(
    write: Write, folder: Path, text: str, trouble: str
) -> None:
    lookups: list[Callable[[StoredCredentials], object]] = [
        lambda stored: stored.of("r"),
        lambda stored: stored.for_build([]),
    ]
    of_file, of_variable = write(text), StoredCredentials(auth_config=text)
    for stored, source in ((of_file, f"{folder}/config.json"), (of_variable, "DOCKER_AUTH_CONFIG")):
        for lookup in lookups:
            with pytest.raises(CredentialsError) as caught:
                lookup(stored)
            assert str(caught.value) == source + trouble
            assert caught.value.__cause__ is None and caught.value.__context__ is None
    with pytest.raises(CredentialsError):
        of_file.http_headers()


def test_a_file_that_is_no_text_is_an_error(folder: Path) -> None:
    (folder / "config.json").write_bytes(b'{"auths": "\xff"}')
    with pytest.raises(CredentialsError) as caught:
        StoredCredentials(folder=folder).of(HUB)
    assert str(caught.value) == f"{folder}/config.json: byte 12 is no UTF-8"
    assert caught.value.__context__ is None


def test_a_file_that_cannot_be_read_is_an_error_with_a_cure(folder: Path) -> None:
    (folder / "config.json").mkdir()
    with pytest.raises(CredentialsError) as caught:
        StoredCredentials(folder=folder).of(HUB)
    assert str(caught.value) == (
        f"{folder}/config.json: Is a directory; if it is not for you, set DOCKER_CONFIG to another "
        "folder"
    )


def test_a_malformed_old_file_is_an_error_that_says_where(tmp_path: Path) -> None:
    path = tmp_path / ".dockercfg"
    stored = StoredCredentials(dockercfg=path)
    troubles = []
    for text in ('{"r": {"auth": "x"}}', '{"r"', "auth = x"):
        path.write_text(text)
        with pytest.raises(CredentialsError) as caught:
            stored.of("r")
        troubles.append(str(caught.value).removeprefix(str(path)))
    assert troubles == [
        ": 'r': auth: the base64 of user:password was expected",
        ": no JSON: line 1, column 5: Expecting ':' delimiter",
        f": '{HUB}': auth: the base64 of user:password was expected",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(auth()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["auth", "auths", "r", "credsStore", "credHelpers", "HttpHeaders"])
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(text=st.text() | JSON.map(json.dumps))
def test_whatever_is_stored_is_read_or_refused(text: str) -> None:
    stored = StoredCredentials(auth_config=text, environ={"PATH": "/nowhere"})
    try:
        assert isinstance(stored.of("r"), Credentials | None)
        assert isinstance(stored.for_build(["r"]), dict)
    except CredentialsError as error:
        assert error.__context__ is None


def test_secrets_are_in_no_repr() -> None:
    stored = StoredCredentials(
        folder="/etc/docker", auth_config=config_of(a={"auth": auth()}), environ={"A": SECRET}
    )
    assert repr(stored) == (
        "StoredCredentials(known={}, folder=PosixPath('/etc/docker'), dockercfg=None, "
        "helper_timeout=30.0)"
    )


# Through the client


def header_of(request: Request, name: str) -> Any:
    """What a header of credentials says, strictly decoded as the Engine does; None without it."""
    value = request.headers.get(name)
    return None if value is None else json.loads(base64.b64decode(value, b"-_", validate=True))


STORED = {"auths": {"r.example.com:5000": {"auth": auth("stored")}, HUB: {"auth": auth("hub")}}}
GIVEN = Credentials(username="given", password="x")


def wire(username: str, registry: str) -> dict[str, str]:
    return {"username": username, "password": SECRET, "serveraddress": registry}


PULLED = chunked(b'{"status": "Digest: sha256:x"}\r\n')


@pytest.mark.parametrize(
    ("name", "auth", "sent"),
    [
        ("r.example.com:5000/app", None, wire("stored", "r.example.com:5000")),
        ("r.example.com:5000/app", GIVEN, {"username": "given", "password": "x"}),
        ("app", None, wire("hub", HUB)),
        ("docker.io/team/app", None, wire("hub", HUB)),
        ("other.example.com/app", None, None),
    ],
)
def test_pull_push_and_search_take_what_is_given_or_else_stored(
    write: Write, name: str, auth: Credentials | None, sent: Any
) -> None:
    with ScriptedDaemon(
        {
            "POST /v1.41/images/create": PULLED,
            f"POST /v1.41/images/{name}/push": chunked(b'{"status": "x"}\r\n'),
            "GET /v1.41/images/search": json_reply([]),
        }
    ) as daemon:
        with Client(daemon.url, credentials=write(STORED)) as client:
            client.pull(name, auth=auth)
            client.push(name, auth=auth)
            client.search(name, auth=auth)
    pull, push, search = [header_of(request, "X-Registry-Auth") for request in daemon.requests]
    assert (pull, push, search) == (sent, sent or {}, sent)


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        pytest.param({}, wire("hub", HUB), id="stored, of Docker Hub"),
        pytest.param(
            {"registry": "r.example.com:5000"},
            wire("stored", "r.example.com:5000"),
            id="stored, of a registry",
        ),
        pytest.param(
            {"username": "ada", "password": "x", "registry": "r.example.com:5000"},
            {"username": "ada", "password": "x", "serveraddress": "r.example.com:5000"},
            id="given",
        ),
        pytest.param(
            {"auth": Credentials(identity_token="t", server_address="a.example.com")},
            {"identitytoken": "t", "serveraddress": "a.example.com"},
            id="given as a value that names its registry",
        ),
        pytest.param(
            {"auth": GIVEN, "registry": "b.example.com"},
            {"username": "given", "password": "x", "serveraddress": "b.example.com"},
            id="given as a value beside a registry",
        ),
        pytest.param(
            {"auth": GIVEN},
            {"username": "given", "password": "x", "serveraddress": HUB},
            id="given as a value that names no registry",
        ),
    ],
)
def test_login_checks_what_is_given_or_else_stored(
    write: Write, arguments: Any, sent: dict[str, str]
) -> None:
    with ScriptedDaemon({"POST /v1.41/auth": json_reply({"Status": "fine"})}) as daemon:
        with Client(daemon.url, credentials=write(STORED)) as client:
            assert client.login(**arguments).status == "fine"
    assert [request.body for request in daemon.requests] == [sent]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"registry": "b.example.com"},
            CredentialsError,
            "login: no credentials for b.example.com were given or are stored",
        ),
        (
            {"username": "ada"},
            ValueError,
            "login: username and password go together; only one was given",
        ),
        (
            {"password": "x"},
            ValueError,
            "login: username and password go together; only one was given",
        ),
        (
            {"auth": GIVEN, "email": "a@b.c"},
            ValueError,
            "login: auth goes in place of username, password and email",
        ),
    ],
)
def test_login_without_credentials_is_refused_before_anything_is_sent(
    write: Write, arguments: Any, error: type[Exception], message: str
) -> None:
    with ScriptedDaemon() as daemon:
        with Client(daemon.url, credentials=write(STORED)) as client:
            with pytest.raises(error) as caught:
                client.login(**arguments)
    assert (str(caught.value), daemon.connections) == (message, 0)


def test_login_writes_nothing(write: Write, folder: Path) -> None:
    stored = write({})
    with ScriptedDaemon({"POST /v1.41/auth": json_reply({"IdentityToken": "t"})}) as daemon:
        with Client(daemon.url, credentials=stored) as client:
            client.login("ada", password="x", registry="r.example.com")
    assert [path.name for path in folder.iterdir()] == ["config.json"]
    assert (folder / "config.json").read_text() == "{}"


NO_CONTEXT = "FROM r.example.com:5000/base\n"
BUILT = chunked(b'{"stream": "Successfully built 0123456789ab\\n"}\r\n')


def built(stored: StoredCredentials, *arguments: Any, **options: Any) -> Any:
    """The credentials that a build sends."""
    with ScriptedDaemon({"POST /v1.41/build": BUILT}) as daemon:
        with Client(daemon.url, credentials=stored) as client:
            client.build(*arguments, **options)
    [request] = daemon.requests
    return header_of(request, "X-Registry-Config")


@pytest.fixture
def context(tmp_path: Path) -> Path:
    directory = tmp_path / "context"
    directory.mkdir()
    (directory / "Dockerfile").write_text(
        "ARG base=a.example.com/base\nFROM $base\nCOPY --from=b.example.com/tools /x /x\n"
    )
    return directory


def test_a_build_asks_helpers_for_the_registries_of_the_dockerfile(
    store: Store, helpers: Helpers, context: Path
) -> None:
    helpers.answering("vault", found_by("ada", SECRET))
    stored = store(credsStore="vault", auths={"c.example.com": {"auth": auth("file")}})
    assert built(stored, context) == {
        "a.example.com": wire("ada", "a.example.com"),
        "b.example.com": wire("ada", "b.example.com"),
        "c.example.com": wire("file", "c.example.com"),
    }
    assert helpers.asked == ["vault get a.example.com|", "vault get b.example.com|"]


def test_a_build_asks_helpers_with_its_arguments_in_place(
    store: Store, helpers: Helpers, context: Path
) -> None:
    helpers.answering("vault", found_by("ada", SECRET))
    options = BuildOptions(build_args={"base": "d.example.com/base"})
    assert built(store(credsStore="vault"), context, options=options) == {
        "b.example.com": wire("ada", "b.example.com"),
        "d.example.com": wire("ada", "d.example.com"),
    }


@pytest.mark.parametrize(
    "context", [b"a tar", "https://example.com/context.tar"], ids=["archive", "remote"]
)
def test_a_build_of_an_unknown_dockerfile_asks_no_helper(
    store: Store, helpers: Helpers, context: Any
) -> None:
    helpers.answering("vault", found_by("ada", SECRET))
    stored = store(credsStore="vault", auths={"c.example.com": {"auth": auth("file")}})
    assert built(stored, context) == {"c.example.com": wire("file", "c.example.com")}
    assert helpers.asked == []


def test_a_build_with_credentials_of_its_own_looks_nothing_up(
    store: Store, helpers: Helpers, context: Path
) -> None:
    stored = store(credsStore="missing", auths={"c.example.com": {"auth": auth("file")}})
    given = {"a.example.com": GIVEN}
    assert built(stored, context, auth=given) == {
        "a.example.com": {"username": "given", "password": "x"}
    }


def test_a_build_without_stored_credentials_has_no_header(write: Write, context: Path) -> None:
    assert built(write({}), context) is None


def test_run_pulls_with_stored_credentials(write: Write) -> None:
    created = json_reply({"Id": "c1"}, 201)
    missing = json_reply({"message": "No such image: r.example.com:5000/app:latest"}, 404)
    with ScriptedDaemon(
        {
            "POST /v1.41/containers/create": [missing, created],
            "POST /v1.41/images/create": PULLED,
            "POST /v1.41/containers/c1/start": reply(204),
        }
    ) as daemon:
        with Client(daemon.url, credentials=write(STORED)) as client:
            assert client.run_detached("r.example.com:5000/app") == "c1"
    assert [header_of(request, "X-Registry-Auth") for request in daemon.requests] == [
        None,
        wire("stored", "r.example.com:5000"),
        None,
        None,
    ]


def test_a_view_with_other_timeouts_has_the_same_credentials(write: Write) -> None:
    with ScriptedDaemon({"POST /v1.41/images/create": PULLED}) as daemon:
        with Client(daemon.url, credentials=write(STORED)) as client:
            client.with_timeouts(idle=5).pull("app")
    assert [header_of(request, "X-Registry-Auth") for request in daemon.requests] == [
        wire("hub", HUB)
    ]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home with credentials in it."""
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(json.dumps(STORED))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.delenv("DOCKER_AUTH_CONFIG", raising=False)
    yield tmp_path


def test_only_a_client_of_the_environment_reads_the_environment(home: Path) -> None:
    with ScriptedDaemon({"POST /v1.41/images/create": PULLED}) as daemon:
        with Client(daemon.url) as client:
            client.pull("app")
        with Client.from_env({"DOCKER_HOST": daemon.url, "HOME": str(home)}) as client:
            client.pull("app")
    assert [header_of(request, "X-Registry-Auth") for request in daemon.requests] == [
        None,
        wire("hub", HUB),
    ]


def test_credentials_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError) as caught:
        Client(credentials=GIVEN)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "credentials: StoredCredentials, or Credentials by registry, were expected, not Credentials"
    )


def test_stored_credentials_are_left_out_where_the_version_carries_none(
    write: Write, context: Path
) -> None:
    """Pull has had the header since 1.5, push took a body before, build has had it since 1.8."""
    with ScriptedDaemon(
        {
            "POST /v1.4/images/create": PULLED,
            "POST /v1.4/images/app/push": chunked(b'{"status": "x"}\r\n'),
            "GET /v1.4/images/search": json_reply([]),
            "POST /v1.4/build": BUILT,
        },
        release="0.6.1",
        api=None,
    ) as daemon:
        with Client(daemon.url, credentials=write(STORED)) as client:
            client.pull("app")
            client.push("app")
            client.search("app")
            client.build(context)
            for call in (client.pull, client.search):
                with pytest.raises(NotSupported):
                    call("app", auth=GIVEN)
            with pytest.raises(NotSupported):
                client.build(context, auth=GIVEN)
    pull, push, search, build = daemon.requests
    assert [pull.headers, search.headers] == [{}, {}]
    assert push.body == wire("hub", HUB)
    assert header_of(build, "X-Registry-Config") is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda client, _: client.pull("app"), "POST /images/create X-Registry-Auth"),
        (lambda client, _: client.push("app"), "POST /images/{name}/push X-Registry-Auth"),
        (lambda client, _: client.search("app"), "GET /images/search X-Registry-Auth"),
        (lambda client, _: client.login(), "POST /auth"),
        (lambda client, context: client.build(context), "POST /build X-Registry-Config"),
    ],
    ids=["pull", "push", "search", "login", "build"],
)
def test_a_stored_token_is_not_lost_on_an_engine_that_cannot_read_it(
    write: Write, context: Path, call: Callable[[Client, Path], object], words: str
) -> None:
    settings = {"auths": {HUB: {"auth": "PHRva2VuPjo=", "identitytoken": "t"}}}
    with ScriptedDaemon(release="1.10.3", api="1.22") as daemon:
        with Client(daemon.url, credentials=write(settings)) as client:
            with pytest.raises(NotSupported) as caught:
                call(client, context)
    assert str(caught.value) == (
        f"{words} with an identity token needs Engine 1.11.0; this one is 1.10.3"
    )
    assert daemon.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.pull("app"),
        lambda client: client.push("app"),
        lambda client: client.search("app"),
        lambda client: client.login(),
        lambda client: client.ping(),
    ],
    ids=["pull", "push", "search", "login", "ping"],
)
def test_a_malformed_file_is_told_before_the_engine_is_asked(
    write: Write, call: Callable[[Client], object]
) -> None:
    with ScriptedDaemon() as daemon:
        with Client(daemon.url, credentials=write("{")) as client:
            with pytest.raises(CredentialsError):
                call(client)
    assert (daemon.requests, daemon.negotiations) == ([], 0)


def test_secrets_are_in_no_log_and_no_traceback(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refused = json_reply({"message": "denied"}, 500)
    told = []
    with ScriptedDaemon({"POST /v1.41/images/create": refused}) as daemon:
        for credentials in (write(STORED), write(json.dumps(STORED) + "}")):
            with Client(daemon.url, credentials=credentials) as client:
                try:
                    client.pull("app")
                except Exception as error:
                    told += traceback.format_exception(error)
    told += [record.getMessage() for record in caplog.records]
    secrets = (SECRET, auth("hub"), auth("stored"))
    assert told and [line for line in told if any(secret in line for secret in secrets)] == []


# The headers of config.json

HEADERS = {"HttpHeaders": {"x-meta-team": "blue", "User-Agent": "mine", "Content-Type": "x/y"}}


def test_headers_of_the_file_are_in_every_request(write: Write) -> None:
    attached = frame("stdout", b"x")
    head = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

    def attach(conversation: Any) -> None:
        conversation.send(head + attached)

    with ScriptedDaemon(
        {
            "GET /version": json_reply({"Version": "20.10.24", "ApiVersion": "1.41"}),
            "GET /v1.41/_ping": reply(200, b"OK"),
            "GET /v1.41/containers/c1/json": [
                json_reply({"Id": "c1", "Config": {"Tty": False}, "State": {"Running": running}})
                for running in (True, True, False)
            ],
            "POST /v1.41/containers/c1/attach": attach,
            "POST /v1.41/auth": json_reply({}),
        }
    ) as daemon:
        with Client(daemon.url, credentials=write(HEADERS)) as client:
            client.ping()
            with client.attach("c1") as attachment:
                assert attachment.read().stdout == b"x"
            client.login("ada", password="x")
    assert [request.headers.get("X-Meta-Team") for request in daemon.requests] == ["blue"] * 7
    assert [
        line for line in daemon.requests[0].head.splitlines() if line.startswith("User-Agent")
    ] == [line for line in daemon.requests[3].head.splitlines() if line.startswith("User-Agent")]
    assert "mine" not in "".join(request.head for request in daemon.requests)
    assert daemon.requests[-1].headers["Content-Type"] == "application/json"


def test_headers_of_the_file_are_read_once_at_the_first_request(write: Write) -> None:
    stored = write({})
    with ScriptedDaemon({"GET /v1.41/_ping": reply(200, b"OK")}) as daemon:
        with Client(daemon.url, credentials=stored) as client:
            write(HEADERS)
            client.ping()
            write({})
            client.ping()
    assert [request.headers.get("X-Meta-Team") for request in daemon.requests] == ["blue", "blue"]


def test_headers_are_in_one_spelling(write: Write) -> None:
    stored = write({"HttpHeaders": {"x-META-a1b": "1", "user-agent": "x", "X-Empty": None}})
    assert stored.http_headers() == {"X-Meta-A1b": "1", "X-Empty": ""}


def test_headers_are_not_taken_from_the_variable() -> None:
    assert StoredCredentials(auth_config=json.dumps(HEADERS)).http_headers() == {}


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("one=1", {"One": "1"}),
        ("x-one= 1 , X-TWO =2", {"X-One": " 1 ", "X-Two": "2"}),
        ('"two=2,and more",three=', {"Two": "2,and more", "Three": ""}),
        ('"say=""yes"""', {"Say": '"yes"'}),
        ("one=1=1,One=2", {"One": "2"}),
        ("user-agent=mine", {}),
    ],
)
def test_the_custom_headers_of_the_environment(
    write: Write, folder: Path, text: str, headers: dict[str, str]
) -> None:
    write(json.dumps(HEADERS))
    environ = {"DOCKER_CONFIG": str(folder), "DOCKER_CUSTOM_HEADERS": text}
    assert StoredCredentials.from_env(environ).http_headers() == headers
    assert StoredCredentials.from_env({**environ, "DOCKER_CUSTOM_HEADERS": ""}).http_headers() == {
        "X-Meta-Team": "blue",
        "Content-Type": "x/y",
    }


EXPECTED = "name=value, separated by commas as in CSV, was expected"


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (SECRET, EXPECTED),
        (f"one=1,{SECRET}", EXPECTED),
        (f"one=1,,two={SECRET}", EXPECTED),
        (f'"one={SECRET}', EXPECTED),
        (f'"one={SECRET}"x', EXPECTED),
        (f"one=1\r\ntwo={SECRET}", EXPECTED),
        (f"={SECRET}", "'' is not a header that can be set"),
        (f"host={SECRET}", "'host' is not a header that can be set"),
        (f"one=\N{SNOWMAN}{SECRET}", "One: not a value of a header"),
    ],
)
def test_custom_headers_that_are_none_are_refused_and_not_shown(text: str, trouble: str) -> None:
    stored = StoredCredentials.from_env({"DOCKER_CUSTOM_HEADERS": text})
    with pytest.raises(CredentialsError) as caught:
        stored.http_headers()
    assert str(caught.value) == f"DOCKER_CUSTOM_HEADERS: {trouble}"
    assert SECRET not in repr(stored)
