"""Which Engine is meant: DOCKER_HOST, a context, or the default socket."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockerapi import Client, ConnectionFailed, DockerError, TLSConfig
from dockerapi.endpoint.locate import Location, from_environment, locate
from dockerapi.endpoint.proxy import Proxy
from scripted import ScriptedDaemon, json_reply, reply

# Contexts

Store = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Stores a context as `docker context create` does; gives the folder for its TLS files."""

    def create(name: str, host: Any = None, **more: Any) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()
        meta = tmp_path / "contexts" / "meta" / digest
        meta.mkdir(parents=True)
        docker = {"SkipTLSVerify": False, **({} if host is None else {"Host": host}), **more}
        document = {"Name": name, "Metadata": {}, "Endpoints": {"docker": docker}}
        (meta / "meta.json").write_text(json.dumps(document))
        tls = tmp_path / "contexts" / "tls" / digest / "docker"
        tls.mkdir(parents=True)
        return tls

    return create


def current(folder: Path, name: Any) -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))


def found(folder: Path, context: str | None = None, **environ: str) -> Location:
    return locate({"DOCKER_CONFIG": str(folder), **environ}, context)


def trouble(folder: Path, context: str | None = None, **environ: str) -> str:
    with pytest.raises(DockerError) as caught:
        found(folder, context, **environ)
    assert type(caught.value) is ConnectionFailed
    return str(caught.value)


def test_the_order_in_which_an_engine_is_looked_for(tmp_path: Path, store: Store) -> None:
    for name in ("argument", "variable", "current"):
        store(name, f"unix:///{name}")
    environ = {"DOCKER_HOST": "unix:///host", "DOCKER_CONTEXT": "variable"}
    current(tmp_path, "current")
    config = tmp_path / "config.json"
    assert found(tmp_path, "argument", **environ) == Location(
        "unix:///argument", None, None, "the context 'argument'"
    )
    assert found(tmp_path, **environ) == Location("unix:///host", None, None, "DOCKER_HOST")
    environ["DOCKER_HOST"] = ""
    assert found(tmp_path, **environ) == Location(
        "unix:///variable", None, None, "the context 'variable' (of DOCKER_CONTEXT)"
    )
    environ["DOCKER_CONTEXT"] = ""
    assert found(tmp_path, **environ) == Location(
        "unix:///current", None, None, f"the context 'current' (currentContext in {config})"
    )
    config.unlink()
    assert found(tmp_path, **environ) == Location(None, None, None, "the default socket")


@pytest.mark.parametrize("variable", ["DOCKER_TLS_VERIFY", "DOCKER_TLS"])
def test_tls_without_a_host_is_that_of_this_machine_unless_a_context_is_chosen(
    tmp_path: Path, store: Store, variable: str
) -> None:
    """Never, in silence, the local socket; a context that is chosen has its own TLS files."""
    current(tmp_path, "default")
    location = found(tmp_path, **{variable: "1"})
    assert (location.url, location.tls is not None) == ("tcp://localhost:2376", True)
    assert location.source == variable
    store("plain", "unix:///chosen")
    current(tmp_path, "plain")
    assert found(tmp_path, **{variable: "1"}).url == "unix:///chosen"
    assert found(tmp_path, **{variable: "1"}, DOCKER_CONTEXT="plain").url == "unix:///chosen"
    assert found(tmp_path, **{variable: "1"}, DOCKER_HOST="/x").url == "/x"


@pytest.mark.parametrize("name", ["", None, "default"])
def test_the_default_context_is_the_default_socket(tmp_path: Path, name: str | None) -> None:
    current(tmp_path, name)
    assert found(tmp_path) == Location(None, None, None, "the default socket")


def test_the_default_context_as_an_argument_is_the_engine_of_docker_host(tmp_path: Path) -> None:
    current(tmp_path, "missing")
    assert found(tmp_path, "default").source == "the default socket"
    assert found(tmp_path, "default", DOCKER_HOST="/x").url == "/x"
    assert found(tmp_path, DOCKER_CONTEXT="default").source == "the default socket"


def test_contexts_are_in_the_home_of_the_user_if_not_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True)
    current(home / ".docker", "missing")
    with pytest.raises(ConnectionFailed):
        locate({"HOME": str(home)})


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    current(tmp_path, "gone")
    none = f"is not there: {tmp_path}/contexts has none of that name. `docker context ls` shows"
    assert [
        trouble(tmp_path, "../../x"),
        trouble(tmp_path, DOCKER_CONTEXT="lost"),
        trouble(tmp_path),
    ] == [
        f"the context '../../x' {none} those that there are",
        f"the context 'lost' (of DOCKER_CONTEXT) {none} those that there are",
        f"the context 'gone' (currentContext in {tmp_path}/config.json) {none} those that there "
        "are",
    ]


def test_the_tls_files_of_a_context(tmp_path: Path, store: Store) -> None:
    plain = store("plain", "tcp://h:1")
    assert found(tmp_path, "plain").tls is None
    plain.rmdir()
    assert found(tmp_path, "plain").tls is None
    loose = store("loose", "tcp://h:1", SkipTLSVerify=True)
    assert found(tmp_path, "loose").tls == TLSConfig(verify=False)
    secure = store("secure", "tcp://h:1")
    (secure / "ca.pem").touch()
    assert found(tmp_path, "secure").tls == TLSConfig(secure / "ca.pem")
    for folder in (secure, loose):
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (folder / name).touch()
    files = [secure / name for name in ("ca.pem", "cert.pem", "key.pem")]
    assert found(tmp_path, "secure").tls == TLSConfig(*files)
    files = [loose / name for name in ("ca.pem", "cert.pem", "key.pem")]
    assert found(tmp_path, "loose").tls == TLSConfig(*files, verify=False)


def test_the_tls_variables_are_not_for_the_engine_of_a_context(
    tmp_path: Path, store: Store
) -> None:
    store("plain", "tcp://h:1")
    assert found(tmp_path, "plain", DOCKER_TLS_VERIFY="1").tls is None
    skip = store("socket", "unix:///x", SkipTLSVerify=True)
    (skip / "ca.pem").touch()
    assert found(tmp_path, "socket").tls is None
    assert found(tmp_path, "socket", HTTP_PROXY="http://p").proxy is None


def test_a_context_without_an_address_is_the_default_socket(tmp_path: Path, store: Store) -> None:
    store("local")
    assert found(tmp_path, "local").url is None


def test_a_proxy_is_for_the_tcp_of_a_context_too(tmp_path: Path, store: Store) -> None:
    store("remote", "tcp://h:1")
    assert found(tmp_path, "remote", HTTP_PROXY="p:3128").proxy == Proxy("p", 3128)
    with Client.from_context(
        "remote", {"DOCKER_CONFIG": str(tmp_path), "HTTP_PROXY": "p:3128"}
    ) as client:
        assert client._transport.endpoint.proxy == Proxy("p", 3128)


def test_a_folder_of_certificates_that_is_not_to_be_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "loop"
    folder.symlink_to(folder)  # an error also for root, who may look everywhere
    environ = {
        "DOCKER_HOST": "tcp://127.0.0.1:1",
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_CERT_PATH": str(folder),
        "DOCKER_CONFIG": str(tmp_path),
    }
    with Client.from_env(environ) as client, pytest.raises(ConnectionFailed) as caught:
        client.ping()
    assert str(caught.value).startswith(
        "https://127.0.0.1:1: the TLS files cannot be used ([Errno 40] Too many levels of symbolic "
        "links): TLSConfig("
    )


def test_files_that_cannot_be_read(tmp_path: Path, store: Store) -> None:
    config = tmp_path / "config.json"
    config.write_text("{")
    assert trouble(tmp_path).startswith(f"{config}: cannot be read: no JSON: Expecting property")
    config.write_text("[]")
    assert trouble(tmp_path) == f"{config}: cannot be read: no JSON: an object was expected"
    config.write_text("[" * 100_000)
    assert trouble(tmp_path) == f"{config}: cannot be read: no JSON: an object was expected"
    config.unlink()
    config.mkdir()
    assert trouble(tmp_path) == f"{config}: cannot be read: Is a directory"
    store("x", 5)
    meta = next(tmp_path.rglob("meta.json"))
    assert trouble(tmp_path, "x") == f"the context 'x': {meta}: Host is no string"
    for text in ("{}", '{"Endpoints": []}', '{"Endpoints": {"kubernetes": {}}}'):
        meta.write_text(text)
        assert trouble(tmp_path, "x") == f"the context 'x': {meta} names no Docker Engine"
    meta.write_text("")
    assert trouble(tmp_path, "x") == f"the context 'x': {meta} names no Docker Engine"
    meta.write_bytes(b"\xff")
    assert trouble(tmp_path, "x").startswith(f"the context 'x': {meta}: cannot be read: no JSON: ")


def test_an_address_in_a_context_that_is_none(tmp_path: Path, store: Store) -> None:
    store("pipe", "npipe:////./pipe/docker_engine")
    with pytest.raises(ValueError) as caught:
        found(tmp_path, "pipe")
    assert str(caught.value) == (
        "the context 'pipe': Windows named pipes are not supported: "
        "'npipe:////./pipe/docker_engine'; let the Engine "
        "listen on TCP, or use its unix socket from within WSL"
    )


def test_a_client_of_a_context(tmp_path: Path, store: Store) -> None:
    with ScriptedDaemon({"GET /v1.24/info": json_reply({"ID": "x"})}) as daemon:
        store("here", daemon.url)
        environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_API_VERSION": "1.24"}
        with Client.from_context("here", environ, timeout=7) as client:
            assert (client.base_url, client.timeouts.read) == (daemon.url, 7)
            assert client.info().id == "x"
        with Client.from_env({**environ, "DOCKER_CONTEXT": "here"}) as client:
            assert client.base_url == daemon.url


# The variables

HOST = {"DOCKER_HOST": "tcp://h:1"}


LOCAL_TLS = "tcp://localhost:2376"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, (None, None)),
        ({"DOCKER_HOST": ""}, (None, None)),
        (HOST, ("tcp://h:1", None)),
        ({"DOCKER_HOST": "unix:///x"}, ("unix:///x", None)),
        ({**HOST, "DOCKER_TLS_VERIFY": ""}, ("tcp://h:1", None)),
        ({**HOST, "DOCKER_TLS_VERIFY": "1"}, ("tcp://h:1", ("~/.docker", True))),
        ({**HOST, "DOCKER_TLS_VERIFY": "0"}, ("tcp://h:1", ("~/.docker", True))),
        ({**HOST, "DOCKER_CERT_PATH": "c"}, ("tcp://h:1", ("c", False))),
        ({**HOST, "DOCKER_CERT_PATH": ""}, ("tcp://h:1", None)),
        ({**HOST, "DOCKER_TLS_VERIFY": "yes", "DOCKER_CERT_PATH": "c"}, ("tcp://h:1", ("c", True))),
        ({"DOCKER_HOST": "unix:///x", "DOCKER_TLS_VERIFY": "1"}, ("unix:///x", None)),
        ({"DOCKER_HOST": "/x", "DOCKER_TLS_VERIFY": "1"}, ("/x", None)),
        ({"DOCKER_HOST": "http://h", "DOCKER_TLS_VERIFY": "1"}, ("http://h", None)),
        ({**HOST, "DOCKER_TLS": "1"}, ("tcp://h:1", ("~/.docker", False))),
        ({**HOST, "DOCKER_TLS": ""}, ("tcp://h:1", None)),
        ({**HOST, "DOCKER_TLS": "1", "DOCKER_TLS_VERIFY": "1"}, ("tcp://h:1", ("~/.docker", True))),
        ({"DOCKER_HOST": "ssh://h", "DOCKER_TLS_VERIFY": "1"}, ("ssh://h", None)),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "c"}, (LOCAL_TLS, ("c", True))),
        ({"DOCKER_TLS_VERIFY": "0"}, (LOCAL_TLS, ("~/.docker", True))),
        ({"DOCKER_TLS": "1"}, (LOCAL_TLS, ("~/.docker", False))),
        ({"DOCKER_HOST": "", "DOCKER_TLS": "1"}, (LOCAL_TLS, ("~/.docker", False))),
        ({"DOCKER_TLS": "", "DOCKER_TLS_VERIFY": ""}, (None, None)),
        ({"DOCKER_CERT_PATH": "c"}, (None, None)),
        ({"DOCKER_HOST": "unix://"}, ("unix:///var/run/docker.sock", None)),
        ({"DOCKER_HOST": ":2375"}, ("tcp://localhost:2375", None)),
        ({"DOCKER_HOST": "tcp://:7777"}, ("tcp://localhost:7777", None)),
        ({"DOCKER_HOST": "tcp://"}, ("tcp://localhost", None)),
        ({"DOCKER_HOST": "tcp://:1/a"}, ("tcp://localhost:1/a", None)),
        (
            {"DOCKER_HOST": ":1", "DOCKER_TLS": "1"},
            ("tcp://localhost:1", ("~/.docker", False)),
        ),
    ],
    ids=lambda value: (
        " ".join(f"{k[7:]}={v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_the_environment_means(
    environ: dict[str, str],
    expected: tuple[str | None, tuple[str, bool] | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in (".docker", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ca.pem").touch()
    monkeypatch.chdir(tmp_path)
    url, files = expected
    tls = None
    if files is not None:
        folder = Path(os.path.expanduser(files[0]))
        tls = TLSConfig(folder / "ca.pem", verify=files[1])
    assert from_environment(environ) == (url, tls)


def test_a_client_of_the_environment_takes_its_url_and_version() -> None:
    environ = {"DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/nosuch"}
    assert Client.from_env(environ).base_url == "https://h:2376"
    with ScriptedDaemon({"GET /v1.19/_ping": [reply(200, b"OK")]}) as daemon:
        environ = {"DOCKER_HOST": daemon.url, "DOCKER_API_VERSION": "1.19"}
        with Client.from_env(environ) as client:
            client.ping()
            assert client.api_version == "1.19"


def test_a_client_reads_the_environment_only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://h:1")
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    monkeypatch.delenv("DOCKER_CERT_PATH", raising=False)
    assert Client("/x").base_url == "unix:///x"
    assert Client().base_url.startswith("unix:///var/run/docker.sock or ")
    assert Client.from_env().base_url == "tcp://h:1"
