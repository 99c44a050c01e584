"""Credentials at work: a registry that wants a password, and every place where one is kept."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dockerapi import (
    BuildFailed,
    BuildOptions,
    Client,
    ContainerConfig,
    Credentials,
    CredentialsError,
    DockerError,
    Forbidden,
    HostConfig,
    ImageNotFound,
    PushFailed,
    RateLimited,
    ServerError,
    StoredCredentials,
    Unauthorized,
)
from live.engine import Engine
from live.programs import where
from live.registry import PASSWORD, REFUSED, USERNAME, serve_refusals, serve_registry
from live.tokens import IDENTITY, READER, TokenServer, serve_tokens
from scripted import ScriptedDaemon, chunked, json_reply, reply

pytestmark = pytest.mark.real("a registry of its own")
ADA = Credentials(username=USERNAME, password=PASSWORD)
AUTH = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
ALONE = HostConfig(network_mode="none")

Places = dict[str, Callable[[Path, str], dict[str, str]]]


def write(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(mode)


def in_a_variable(home: Path, registry: str) -> dict[str, str]:
    return {"DOCKER_AUTH_CONFIG": json.dumps({"auths": {registry: {"auth": AUTH}}})}


def in_the_file(home: Path, registry: str) -> dict[str, str]:
    write(home / ".docker", "config.json", json.dumps({"auths": {registry: {"auth": AUTH}}}))
    return {}


def in_the_old_file(home: Path, registry: str) -> dict[str, str]:
    write(home, ".dockercfg", json.dumps({f"http://{registry}/v1/": {"auth": AUTH}}))
    return {}


def in_a_helper(home: Path, registry: str) -> dict[str, str]:
    answer = json.dumps({"ServerURL": registry, "Username": USERNAME, "Secret": PASSWORD})
    # Answers for this registry only, and only to this question.
    script = (
        f'#!/bin/sh\n[ "$1 $(cat)" = "get {registry}" ] || exit 1\n'
        f"echo x >> {home}/asked\necho '{answer}'\n"
    )
    write(home / "bin", "docker-credential-test", script, 0o700)
    settings = {"credHelpers": {registry: "test", "other.example.com": "missing"}}
    write(home / "config", "config.json", json.dumps(settings))
    return {"DOCKER_CONFIG": f"{home}/config", "PATH": f"{home}/bin:{os.environ['PATH']}"}


def by_the_command_line(home: Path, registry: str) -> dict[str, str]:
    """What `docker login` leaves; the Engine it asks is that of the test."""
    subprocess.run(
        [str(where("docker")), "login", "--username", USERNAME, "--password-stdin", registry],
        input=PASSWORD,
        text=True,
        capture_output=True,
        check=True,
        env={"HOME": str(home), "PATH": os.defpath, "DOCKER_HOST": os.environ["TEST_ENGINE"]},
    )
    return {}


PLACES: Places = {
    place.__name__: place
    for place in (in_a_variable, in_the_file, in_the_old_file, in_a_helper, by_the_command_line)
}


@pytest.fixture(params=PLACES)
def knowing(
    request: pytest.FixtureRequest,
    engine: Engine,
    registry: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Client]:
    """A client that finds the password where people keep it."""
    monkeypatch.setenv("TEST_ENGINE", engine.url)
    if request.param == "by_the_command_line":
        request.getfixturevalue("docker")
    environ = PLACES[request.param](tmp_path, registry)
    stored = StoredCredentials.from_env({"HOME": str(tmp_path), **environ})
    with Client(engine.url, credentials=stored) as client:
        yield client


@pytest.fixture
def helped(engine: Engine, client: Client, registry: str, tmp_path: Path) -> Iterator[Client]:
    """A client like `client` that has a helper."""
    stored = StoredCredentials.from_env(in_a_helper(tmp_path, registry))
    with Client(engine.url, version=client.api_version, credentials=stored) as helped:
        yield helped


@pytest.fixture
def image(newest: Client, busybox: str, registry: str, name: str) -> str:
    """The name of an image that only the registry has."""
    newest.tag(busybox, f"{registry}/{name}:1")
    newest.push(f"{registry}/{name}:1", auth=ADA)
    newest.remove_image(f"{registry}/{name}:1")
    return f"{registry}/{name}:1"


def test_stored_credentials_serve_login_push_and_pull(
    knowing: Client, registry: str, image: str
) -> None:
    repository = image.removesuffix(":1")
    login = knowing.login(registry=registry)
    pulled = knowing.pull(image)
    knowing.tag(image, f"{repository}:2")
    pushed = knowing.push(f"{repository}:2")
    for tag in ("1", "2"):
        knowing.remove_image(f"{repository}:{tag}")
    again = knowing.pull(f"{repository}@{pushed.digest}")
    knowing.remove_image(f"{repository}@{pushed.digest}")
    assert (login.status, pulled.digest, pushed.tag, again.digest) == (
        "Login Succeeded",
        pushed.digest,
        "2",
        pushed.digest,
    )


def test_stored_credentials_serve_run(helped: Client, image: str, config: ContainerConfig) -> None:
    result = helped.run(image, ["echo", "x"], config=config, host_config=ALONE, remove=True)
    helped.remove_image(image)
    assert (result.exit_code, result.output.stdout) == (0, b"x\n")


def test_stored_credentials_serve_a_build(
    helped: Client, image: str, tmp_path: Path, label: dict[str, str]
) -> None:
    [(key, value)] = label.items()
    write(tmp_path / "context", "Dockerfile", f"FROM {image}\nLABEL {key}={value}\n")
    built = helped.build(tmp_path / "context")
    assert helped.inspect_image(built.image_id).config.labels == label
    assert (tmp_path / "asked").read_text() == "x\n"
    helped.remove_image(built.image_id)
    helped.remove_image(image)


# The same as the docker command line sends, seen by both talking to a scripted daemon

HUB = "https://index.docker.io/v1/"
ASKED = '"ServerURL": "\'$url\'", "Username": "for \'$url\'", "Secret": "x"'
SCRIPTS = {
    "known": f"#!/bin/sh\nread url\necho '{{{ASKED}}}'\n",
    "token": '#!/bin/sh\necho \'{"Username": "<token>", "Secret": "x"}\'\n',
    "empty": "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n",
}
ENTRY = {"auth": AUTH}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("r.io/x", {"auths": {"r.io": ENTRY}}),
        ("r.io:5000/x", {"auths": {"r.io": {"auth": "YTpi"}, "r.io:5000": ENTRY}}),
        ("r.io/x", {"auths": {"https://r.io": {"auth": "YTpi"}, "r.io": ENTRY}}),
        ("x", {"auths": {HUB: ENTRY}}),
        ("docker.io/team/x", {"auths": {HUB: ENTRY, "docker.io": {"auth": "YTpi"}}}),
        ("r.io/x", {"auths": {"r.io": {**ENTRY, "identitytoken": "t"}}}),
        ("r.io/x", {"auths": {"r.io": {"registrytoken": "t"}}}),
        ("r.io/x", {"auths": {"r.io": {"username": "u", "password": "p"}}}),
        ("r.io/x", {"auths": {"r.io": {"auth": "YTpi", "username": "u", "password": "p"}}}),
        ("r.io/x", {"credsStore": "known", "auths": {"r.io": {}}}),
        ("x", {"credsStore": "known"}),
        ("r.io/x", {"credHelpers": {"r.io": "known"}, "auths": {"r.io": ENTRY}}),
        ("r.io/x", {"credsStore": "known", "credHelpers": {"r.io": ""}, "auths": {"r.io": ENTRY}}),
        ("r.io/x", {"credsStore": "empty", "credHelpers": {"r.io": "token"}}),
        ("r.io/x", {"credsStore": "empty"}),
        ("r.io/x", {"auths": {"r.io": ENTRY}, "HttpHeaders": {"x-meta-a": "b", "User-Agent": "c"}}),
    ],
)
def test_the_same_is_sent_as_by_the_command_line(
    name: str, settings: dict[str, Any], tmp_path: Path, docker: str
) -> None:
    write(tmp_path, "config.json", json.dumps(settings))
    for helper, script in SCRIPTS.items():
        write(tmp_path, f"docker-credential-{helper}", script, 0o700)
    environ = {
        "HOME": str(tmp_path),
        "DOCKER_CONFIG": str(tmp_path),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    pong = reply(200, Api_Version="1.41", OSType="linux")
    script = {
        "HEAD /_ping": pong,
        "GET /_ping": pong,
        "GET /v1.41/info": json_reply({"IndexServerAddress": HUB}),
        "POST /v1.41/images/create": chunked(b'{"status": "x"}\r\n'),
    }
    with ScriptedDaemon(script) as daemon:
        theirs = {**environ, "DOCKER_HOST": daemon.url}
        subprocess.run([docker, "pull", "--quiet", name], env=theirs, check=True)
        with Client.from_env(theirs) as client:
            client.pull(name)
    pulls = [request for request in daemon.requests if "/images/create" in request.target]
    by_them, by_us = [
        (
            json.loads(base64.urlsafe_b64decode(pull.headers.get("X-Registry-Auth", "e30="))),
            pull.headers.get("X-Meta-A"),
        )
        for pull in pulls
    ]
    told = subprocess.run([docker, "--version"], capture_output=True, text=True, check=True).stdout
    if told.startswith("Docker version 20.10.") and "serveraddress" not in by_them[0]:
        by_us[0].pop("serveraddress", None)  # what a helper's credentials are for, it leaves out
    assert by_us == by_them


@pytest.mark.parametrize(
    "settings",
    [
        {"httpProxy": "http://p:1", "httpsProxy": "http://p:2", "noProxy": "a", "ftpProxy": "f"},
        {"httpProxy": "http://p:1", "noProxy": ""},
    ],
)
@pytest.mark.parametrize("of_the_engine", [False, True])
def test_the_same_proxies_are_sent_as_by_the_command_line(
    settings: dict[str, str], of_the_engine: bool, tmp_path: Path, docker: str
) -> None:
    """Into containers and builds. A name that is given is not sent twice."""
    write(tmp_path / "context", "Dockerfile", "FROM scratch\n")
    pong = reply(200, Api_Version="1.41", OSType="linux", Server="Docker/20.10.24 (linux)")
    script = {
        "HEAD /_ping": pong,
        "GET /_ping": pong,
        "GET /v1.41/info": json_reply({}),
        "POST /v1.41/containers/create": json_reply({"Id": "c1", "Warnings": []}, 201),
        "POST /v1.41/build": chunked(b'{"stream": "Successfully built 0123456789ab\\n"}\r\n'),
    }
    given = ["HTTPS_PROXY", "no_proxy=mine", "A=b"]
    with ScriptedDaemon(script) as daemon:
        proxies = {daemon.url if of_the_engine else "default": settings}
        write(tmp_path, "config.json", json.dumps({"proxies": proxies}))
        theirs = {
            "HOME": str(tmp_path),
            "DOCKER_CONFIG": str(tmp_path),
            "DOCKER_HOST": daemon.url,
            "DOCKER_BUILDKIT": "0",
            "PATH": os.environ["PATH"],
        }
        options = [word for entry in given for word in ("--env", entry)]
        run = [docker, "create", *options, "busybox"]
        subprocess.run(run, env=theirs, check=True, capture_output=True)
        build = [docker, "build", "--build-arg", "no_proxy=mine", str(tmp_path / "context")]
        subprocess.run(build, env=theirs, check=True, capture_output=True)
        with Client.from_env(theirs) as client:
            client.create_container("busybox", config=ContainerConfig(env=given))
            arguments = BuildOptions(build_args={"no_proxy": "mine"})
            client.stream_build(tmp_path / "context", options=arguments).close()
    created = [one.body for one in daemon.requests if one.target.endswith("/create")]
    by_them, by_us = (sorted(body["Env"]) for body in created)
    assert by_us == by_them
    built = [urlsplit(one.target) for one in daemon.requests if "/build?" in one.target]
    by_them, by_us = (json.loads(parse_qs(url.query)["buildargs"][0]) for url in built)
    assert by_us == by_them


# Refusals, in the registry's words


def refusals(*calls: Callable[[], object]) -> list[tuple[type[DockerError], str]]:
    """The class and the words of each error."""
    found = []
    for call in calls:
        with pytest.raises(DockerError) as caught:
            call()
        found.append((type(caught.value), caught.value.message))
    return found


@pytest.fixture
def mine(newest: Client, busybox: str, registry: str, name: str) -> Iterator[str]:
    """The name of an image that only the Engine has."""
    repository = f"{registry}/{name}-mine"
    newest.tag(busybox, repository)
    yield repository
    newest.remove_image(repository)


def test_a_wrong_password_is_refused_everywhere(
    client: Client, registry: str, image: str, mine: str, tmp_path: Path
) -> None:
    wrong = Credentials(username=USERNAME, password="guess")
    write(tmp_path, "Dockerfile", f"FROM {image}\n")
    words = "unauthorized: authentication required"
    assert refusals(
        lambda: client.login(registry=registry, auth=wrong),
        lambda: client.pull(image, auth=wrong),
        lambda: client.run(image, auth=wrong),
        lambda: client.push(mine, auth=wrong),
        lambda: client.build(tmp_path, auth={registry: wrong}),
    ) == [
        (
            Unauthorized,
            f"login attempt to http://{registry}/v2/ failed with status: 401 Unauthorized",
        ),
        (Unauthorized, words),
        (Unauthorized, words),
        (Unauthorized, words),
        (BuildFailed, words),
    ]


def test_nobody_is_refused_everywhere(
    client: Client, image: str, mine: str, tmp_path: Path
) -> None:
    write(tmp_path, "Dockerfile", f"FROM {image}\n")
    address, _, path = image.removesuffix(":1").partition("/")
    words = f'Head "http://{address}/v2/{path}/manifests/1": no basic auth credentials'
    assert refusals(
        lambda: client.pull(image),
        lambda: client.run(image),
        lambda: client.push(mine),
        lambda: client.build(tmp_path),
    ) == [
        (Unauthorized, words),
        (Unauthorized, words),
        (Unauthorized, "no basic auth credentials"),
        (BuildFailed, words),
    ]


def test_a_push_that_is_denied_says_why(client: Client, busybox: str, name: str) -> None:
    """The registry answers 403, whoever it is."""
    with serve_refusals(403, "DENIED", to_reads=404) as address:
        repository = f"{address}/{name}"
        client.tag(busybox, repository)
        found = refusals(lambda: client.push(repository), lambda: client.push(repository, auth=ADA))
    client.remove_image(repository)
    assert found == [(Forbidden, f"denied: {REFUSED}")] * 2


def test_a_registry_that_takes_no_more_requests_is_rate_limited(
    client: Client, busybox: str, name: str, tmp_path: Path
) -> None:
    """It says so as 429, as 500 or in a stream; and only to nobody, how not to be one."""
    with serve_refusals(429, "TOOMANYREQUESTS", to_reads=429) as address:
        repository = f"{address}/{name}"
        client.tag(busybox, repository)
        write(tmp_path, "Dockerfile", f"FROM {repository}:other\n")
        calls: list[Callable[..., object]] = [
            lambda auth: client.pull(f"{repository}:other", auth=auth),
            lambda auth: client.run(f"{repository}:other", auth=auth),
            lambda auth: client.push(repository, auth=auth),
            lambda auth: client.build(tmp_path, auth=auth),
        ]
        found = []
        for call in calls:
            for auth in (None, ADA):
                with pytest.raises(RateLimited) as caught:
                    call(auth)
                found.append((caught.value.message, caught.value.hint))
    client.remove_image(repository)
    words = f"toomanyrequests: {REFUSED}"
    nobody = "no credentials were sent: give auth=, or store some with docker login"
    assert found == [(words, nobody), (words, "")] * len(calls)


# Tokens


@pytest.fixture(scope="module")
def served(
    registry: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, TokenServer]]:
    with serve_tokens(tmp_path_factory.mktemp("tokens")) as served:
        yield served


@pytest.fixture
def tokens(served: tuple[str, TokenServer]) -> TokenServer:
    served[1].asked.clear()
    return served[1]


@pytest.fixture
def theirs(
    served: tuple[str, TokenServer], newest: Client, busybox: str, name: str
) -> Iterator[str]:
    """The name of an image of the Engine in a registry that takes tokens."""
    image = f"{served[0]}/{name}:1"
    newest.tag(busybox, image)
    yield image
    newest.remove_image(image)


def test_an_identity_token_takes_the_place_of_the_password(
    client: Client, theirs: str, tokens: TokenServer
) -> None:
    """Login gives one, and with it the Engine gets what login, push and pull need."""
    registry = theirs.partition("/")[0]
    login = client.login(registry=registry, auth=ADA)
    assert (login.identity_token, set(tokens.asked)) == (IDENTITY, {(USERNAME, "password")})
    tokens.asked.clear()
    identity = Credentials(identity_token=login.identity_token)
    again = client.login(registry=registry, auth=identity)
    pushed = client.push(theirs, auth=identity)
    pulled = client.pull(theirs, auth=identity)
    assert (again.status, pulled.digest) == ("Login Succeeded", pushed.digest)
    # How often is the Engine's business: another time if a layer may be in another repository.
    assert set(tokens.asked) == {(USERNAME, "identity token")}


def test_an_identity_token_that_is_stored_is_used(
    engine: Engine, theirs: str, tokens: TokenServer
) -> None:
    entry = {"auth": base64.b64encode(b"<token>:").decode(), "identitytoken": IDENTITY}
    settings = json.dumps({"auths": {theirs.partition("/")[0]: entry}})
    with Client(engine.url, credentials=StoredCredentials(auth_config=settings)) as client:
        assert client.push(theirs).tag == "1"
    assert set(tokens.asked) == {(USERNAME, "identity token")}


def test_a_registry_token_is_shown_to_the_registry(
    client: Client, theirs: str, tokens: TokenServer
) -> None:
    """It is the registry's own, so that nobody else is asked."""
    repository = theirs.partition("/")[2].removesuffix(":1")
    token = tokens.token(USERNAME, [f"repository:{repository}:pull,push"])
    pushed = client.push(theirs, auth=Credentials(registry_token=token))
    pulled = client.pull(theirs, auth=Credentials(registry_token=token))
    assert (pulled.digest, tokens.asked) == (pushed.digest, [])


def test_what_a_token_does_not_allow_is_refused(
    client: Client, theirs: str, tokens: TokenServer
) -> None:
    registry, _, path = theirs.removesuffix(":1").partition("/")
    wrong = Credentials(identity_token="guess")
    client.push(theirs, auth=ADA)
    words = "unauthorized: wrong user, password or identity"
    assert refusals(
        lambda: client.login(registry=registry, auth=wrong),
        lambda: client.push(theirs, auth=wrong),
        lambda: client.pull(theirs, auth=wrong),
        lambda: client.push(theirs, auth=Credentials(username=READER, password=PASSWORD)),
        lambda: client.pull(theirs, auth=Credentials(registry_token="guess")),
    ) == [
        (Unauthorized, f'Get "http://{registry}/v2/": {words}'),
        (Unauthorized, words),
        (Unauthorized, f'Head "http://{registry}/v2/{path}/manifests/1": {words}'),
        (
            Forbidden,
            "errors:\ndenied: requested access to the resource is denied\n"
            "unauthorized: authentication required\n",
        ),
        (Unauthorized, "unauthorized: authentication required"),
    ]


def test_what_the_registry_has_not_is_not_found(client: Client, image: str) -> None:
    repository = image.removesuffix(":1")
    names = [f"{repository}:2", f"{repository}@sha256:{'0' * 64}", f"{repository}-other:1"]
    found = refusals(*(lambda name=name: client.pull(name, auth=ADA) for name in names))
    words = "not found: manifest unknown: manifest unknown"
    assert found == [(ImageNotFound, f"manifest for {name} {words}") for name in names]


def test_a_registry_that_went_down_is_named(
    client: Client, busybox: str, name: str, tmp_path: Path
) -> None:
    with serve_registry(tmp_path) as address:
        repository = f"{address}/{name}"
        client.tag(busybox, repository)
        client.push(repository, auth=ADA)
    found = refusals(
        lambda: client.login(USERNAME, password=PASSWORD, registry=address),
        lambda: client.pull(repository, auth=ADA),
        lambda: client.push(repository, auth=ADA),
    )
    client.remove_image(repository)
    words = f'Get "http://{address}/v2/": dial tcp {address}: connect: connection refused'
    assert found == [(ServerError, words), (ServerError, words), (PushFailed, words)]


def test_a_missing_helper_is_told_before_the_engine_is_asked(
    engine: Engine, image: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "config.json", '{"credsStore": "missing"}')
    caplog.set_level(logging.DEBUG, "dockerapi")
    with Client(engine.url, credentials=StoredCredentials(folder=tmp_path)) as client:
        caplog.clear()
        with pytest.raises(CredentialsError) as caught:
            client.pull(image)
    assert str(caught.value) == (
        f"{tmp_path}/config.json has the credentials for {image.partition('/')[0]} in "
        "docker-credential-missing, which is not on the PATH"
    )
    assert caplog.messages == []
