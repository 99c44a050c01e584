"""`python -m dockerapi`, as somebody runs it: with an Engine, with none, with a wrong one."""

from __future__ import annotations

import base64
import json
import os
import platform
import re
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from dockerapi import __version__
from dockerapi.doctor import examine, main
from dockerapi.protocol.texts import reader
from scripted import PATIENCE, PODMAN, ScriptedDaemon, json_reply, reply

TOLD = {
    "Version": "20.10.24",
    "ApiVersion": "1.41",
    "MinAPIVersion": "1.12",
    "Os": "linux",
    "Arch": "amd64",
    "KernelVersion": "6.1.0",
}
SCRIPT = {
    "GET /version": json_reply(TOLD),
    "GET /v1.41/version": json_reply(TOLD),
    "GET /v1.41/_ping": reply(200, b"OK"),
}
LIBRARIES = {name: version(name) for name in ("requests", "urllib3", "websockets")}
LIBRARY = f"Library     dockerapi {__version__}, Python {platform.python_version()}, " + ", ".join(
    f"{name} {text}" for name, text in {**LIBRARIES, "JSON": f"by {reader()}"}.items()
)


def run(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """The exit code and what it prints, in a home of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "dockerapi", *arguments],
        env={
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.returncode, done.stdout, done.stderr


def told(folder: Path, *arguments: str, **environ: str) -> tuple[int, Any]:
    code, output, errors = run(folder, "--json", *arguments, **environ)
    assert errors == ""
    return code, json.loads(output)


def test_an_engine_that_answers(tmp_path: Path) -> None:
    config = tmp_path / ".docker"
    config.mkdir()
    auth = base64.b64encode(b"user:s3cret").decode()
    document = {
        "auths": {"r.example": {"auth": auth}},
        "credHelpers": {"gcr.example": "gcloud"},
        "credsStore": "pass",
        "HttpHeaders": {"X-Meta": "s3cret"},
    }
    (config / "config.json").write_text(json.dumps(document))
    with ScriptedDaemon(SCRIPT) as daemon:
        os.chmod(daemon.path, 0o660)
        code, output, errors = run(tmp_path, DOCKER_HOST=daemon.url)
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    owner = re.sub(r"srw-rw---- \S+:\S+, ", "srw-rw---- o:g, ", lines[2])
    time = re.sub(r"\d+\.\d ms", "_ ms", lines[8])
    assert [*lines[:2], owner, *lines[3:8], time, *lines[9:]] == [
        f"Engine      {daemon.url}",
        "because of  DOCKER_HOST",
        f"Socket      {daemon.path}: srw-rw---- o:g, may be used",
        "TLS         no",
        f"Credentials {config}/config.json: r.example, gcr.example by gcloud, all others by pass",
        "Headers     X-Meta",
        "Release     20.10.24 on linux/amd64, kernel 6.1.0",
        "API         1.41 is spoken; the Engine has 1.12 to 1.41, this library 1.0 to 1.55",
        "Round trip  _ ms",
        LIBRARY,
        "Variables   DOCKER_HOST",
    ]


def test_the_guide_shows_the_lines_that_are_printed(tmp_path: Path) -> None:
    guide = Path(__file__).parent.parent / "docs/guides/connecting.md"
    shown = re.findall(r"-m dockerapi\n(.*?)^```$", guide.read_text(), re.MULTILINE | re.DOTALL)
    with ScriptedDaemon(SCRIPT) as daemon:
        _, printed, _ = run(tmp_path, DOCKER_HOST=daemon.url)

    def labels(text: str) -> list[str]:
        return [line[:12].rstrip() for line in text.splitlines()]

    assert [labels(text) for text in shown] == [labels(printed)]
    alike = ("Release", "API")
    assert [line for line in shown[0].splitlines() if line.startswith(alike)] == [
        line for line in printed.splitlines() if line.startswith(alike)
    ]


def test_an_engine_that_answers_over_tls_for_tools(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certificates")
    authority.client()
    folder = str(authority.ca.parent)
    with ScriptedDaemon(SCRIPT, tls=authority.daemon(wants_client=True)) as daemon:
        code, found = told(
            tmp_path,
            DOCKER_HOST=f"tcp://localhost:{daemon.port}",
            DOCKER_TLS_VERIFY="1",
            DOCKER_CERT_PATH=folder,
        )
    assert code == 0
    assert 0 < found.pop("round_trip_ms") < 10_000
    assert found == {
        "error": None,
        "cure": None,
        "dockerapi": __version__,
        "python": platform.python_version(),
        "libraries": LIBRARIES,
        "json": reader(),
        "variables": ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"],
        "engine": {"url": f"https://localhost:{daemon.port}", "source": "DOCKER_HOST"},
        "sockets": [],
        "tls": {
            "ca": f"{folder}/ca.pem",
            "cert": f"{folder}/cert.pem",
            "key": f"{folder}/key.pem",
            "verify": True,
            "server_name": None,
            "missing": [],
        },
        "proxy": None,
        "credentials": [],
        "headers": [],
        "release": {
            "product": "Docker",
            "version": "20.10.24",
            "os": "linux",
            "arch": "amd64",
            "kernel": "6.1.0",
        },
        "api": {"engine": ["1.12", "1.41"], "library": ["1.0", "1.55"], "spoken": "1.41"},
    }


def test_an_engine_of_long_ago(tmp_path: Path) -> None:
    script = {
        "GET /version": json_reply({"Version": "0.6.6"}),
        "GET /v1.6/version": json_reply({"Version": "0.6.6"}),
    }
    with ScriptedDaemon(script) as daemon:
        code, found = told(tmp_path, "--host", daemon.url)
    assert (code, found["error"]) == (0, None)
    assert found["engine"]["source"] == "the argument --host"
    assert found["api"] == {"engine": ["1.0", "1.6"], "library": ["1.0", "1.55"], "spoken": "1.6"}


def test_podman_is_called_by_its_name(tmp_path: Path) -> None:
    script = {
        "GET /version": json_reply(PODMAN),
        "GET /v1.41/version": json_reply({**PODMAN, "Arch": "amd64"}),
        "GET /v1.41/_ping": reply(200, b"OK"),
    }
    with ScriptedDaemon(script) as daemon:
        code, output, errors = run(tmp_path, "--host", daemon.url)
        _, found = told(tmp_path, "--host", daemon.url)
    assert (code, errors) == (0, "")
    assert [line for line in output.splitlines() if line.startswith("Release")] == [
        "Release     Podman 4.3.1 on linux/amd64"
    ]
    assert (found["release"]["product"], found["release"]["version"]) == ("Podman", "4.3.1")


def test_no_engine(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    code, output, errors = run(tmp_path, "--host", f"unix://{path}")
    assert (code, output, errors) == (
        1,
        f"Engine      unix://{path}\n"
        "because of  the argument --host\n"
        f"Socket      {path}: No such file or directory\n"
        "TLS         no\n"
        "Credentials none\n"
        f"{LIBRARY}\n"
        "Variables   none that count\n",
        f"error: unix://{path}: the socket does not exist. Is the Engine running, and is this its "
        "socket?\n",
    )


def test_sockets_that_nobody_looks_for_are_named_where_nothing_answers(tmp_path: Path) -> None:
    path = tmp_path / ".colima/default/docker.sock"
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as unused:
        unused.bind(str(path))
        path.chmod(0o600)
        arguments = ("--host", f"unix://{tmp_path}/docker.sock")
        code, output, _ = run(tmp_path, *arguments)
        _, found = told(tmp_path, *arguments)
    assert code == 1
    assert [
        line
        for line in output.splitlines()
        if line.startswith("Elsewhere") and str(tmp_path) in line
    ] == [f"Elsewhere   {path} of Colima: DOCKER_HOST=unix://{path} or its context would take it"]
    [there] = [socket for socket in found["elsewhere"] if socket["of"] == "Colima"]
    assert re.fullmatch(r"srw------- \S+:\S+", there.pop("what"))
    assert there == {"of": "Colima", "path": str(path), "there": True, "usable": True}


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    path.write_text("")
    path.chmod(0o600)
    code, found = told(tmp_path, "--host", str(path))
    assert code == 1
    assert re.fullmatch(r"-rw------- \S+:\S+, no socket", found["sockets"][0].pop("what"))
    assert found["sockets"] == [{"path": str(path), "there": True, "usable": False}]


def test_a_socket_that_nobody_serves(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as unused:
        unused.bind(str(path))
    code, found = told(tmp_path, DOCKER_HOST=f"unix://{path}", HTTP_PROXY="http://u:s3cret@p:1")
    assert (code, found["sockets"][0]["usable"]) == (1, True)
    assert found["error"] == (
        f"unix://{path}: connection refused: the socket is there but no Engine listens. Start the "
        "Engine"
    )
    assert found["variables"] == ["DOCKER_HOST", "HTTP_PROXY"]


def test_a_context_and_a_proxy(tmp_path: Path) -> None:
    """What is wrong there is said, and no password."""
    code, output, errors = run(tmp_path, "--context", "away")
    assert (code, output, errors) == (
        1,
        f"{LIBRARY}\nVariables   none that count\n",
        f"error: the context 'away' is not there: {tmp_path}/.docker/contexts has none of that "
        "name. `docker context ls` shows those that there are\n",
    )
    with ScriptedDaemon(tcp=True, on_connect=lambda sock: None) as proxy:
        code, output, errors = run(
            tmp_path,
            DOCKER_HOST="tcp://engine.example:2375",
            HTTP_PROXY=f"http://user:s3cret@127.0.0.1:{proxy.port}",
        )
    assert (code, output) == (
        1,
        "Engine      tcp://engine.example:2375\n"
        "because of  DOCKER_HOST\n"
        "TLS         no\n"
        f"Proxy       http://127.0.0.1:{proxy.port}\n"
        "Credentials none\n"
        f"{LIBRARY}\n"
        "Variables   DOCKER_HOST, HTTP_PROXY\n",
    )
    assert "s3cret" not in errors


def test_an_address_that_is_none(tmp_path: Path) -> None:
    code, _, errors = run(tmp_path, DOCKER_HOST="gopher://h")
    assert (code, errors) == (
        1,
        "error: DOCKER_HOST: gopher:// is not supported: 'gopher://h'; use unix:///path, "
        "tcp://host:port, https://host:port or ssh://user@host\n",
    )


def test_what_is_taken_for_a_host_is_asked_about(tmp_path: Path) -> None:
    """A word alone means TCP, as for the docker command."""
    code, _, errors = run(tmp_path, DOCKER_HOST="banana.invalid")
    assert (code, re.sub(r"\(.*?\)", "(...)", errors)) == (
        1,
        "error: tcp://banana.invalid:2375: the host name is not known (...)\n"
        "cure: is 'banana.invalid' of DOCKER_HOST a host? A socket is unix:///path\n",
    )


# What errors are called, and what cures them, for one who has set variables


UNPIN = "unset DOCKER_API_VERSION: the newest version that both know is then spoken"
NO_ENGINE = (
    "what answers there is no Docker Engine, or something in front of one. Is the port right? "
    "Engines use 2375, and 2376 for TLS"
)


def trouble(folder: Path, url: str, timeout: float = PATIENCE, **environ: str) -> tuple[Any, Any]:
    """The error, without the address with which it begins, and the cure."""
    found = examine({"HOME": str(folder), "DOCKER_HOST": url, **environ}, timeout=timeout)
    where = f"{found['engine']['url']}: "
    assert found["error"].startswith(where)
    return found["error"].removeprefix(where), found["cure"]


def test_a_page_of_html_at_the_port_is_no_engine(tmp_path: Path) -> None:
    page = b"<html><body>It works!</body></html>"
    for answer, words in (
        (reply(200, page), f"GET /version: JSON was expected, not {page!r}"),
        (reply(404, page), "GET /version: 404 It works! (from in front of the Engine)"),
    ):
        with ScriptedDaemon({"GET /_ping": answer, "GET /version": answer}, tcp=True) as daemon:
            assert trouble(tmp_path, daemon.url) == (words, NO_ENGINE)


@pytest.mark.parametrize(
    ("lowest", "environ", "words", "cure"),
    [
        (
            "1.12",
            {"DOCKER_API_VERSION": "1.9"},
            ", and DOCKER_API_VERSION=1.9 was asked for",
            UNPIN,
        ),
        (
            "1.90",
            {},
            "",
            "a newer release of this library may speak it: pip install --upgrade dockerapi",
        ),
    ],
    ids=["pinned too low", "too new"],
)
def test_no_version_in_common_is_cured_by_a_variable_or_a_newer_library(
    tmp_path: Path, lowest: str, environ: dict[str, str], words: str, cure: str
) -> None:
    with ScriptedDaemon(release="99.0.0", api="1.99", lowest=lowest) as daemon:
        assert trouble(tmp_path, daemon.url, **environ) == (
            f"the Engine speaks API {lowest} to 1.99, this library 1.0 to 1.55{words}",
            cure,
        )


def test_who_does_not_answer_in_time_is_waited_for_with_another_limit(tmp_path: Path) -> None:
    with ScriptedDaemon({"GET /_ping": lambda asked: asked.wait_for_hangup()}) as daemon:
        assert trouble(tmp_path, daemon.url, timeout=0.3) == (
            "GET /_ping: no answer within 0.3 seconds (read timeout)",
            "an Engine that is well answers at once: see its log, and whether something in between "
            "drops what is sent. --timeout waits longer",
        )


def test_trouble_with_tls_names_the_variables_and_the_files(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certificates")
    authority.client()
    home, with_ca = tmp_path / ".docker", tmp_path / "ca"
    with_ca.mkdir()
    (with_ca / "ca.pem").symlink_to(authority.ca)
    verify = {"DOCKER_TLS_VERIFY": "1"}
    with ScriptedDaemon(tls=authority.daemon(wants_client=True)) as daemon:
        url = f"tcp://localhost:{daemon.port}"
        assert trouble(tmp_path, url) == (
            "the Engine speaks TLS there: set DOCKER_TLS_VERIFY=1, with its certificates in "
            f"{home}",
            None,
        )
        untrusted, _ = trouble(tmp_path, url, **verify)
        assert re.sub(r"\(.*?\)", "(...)", untrusted) == (
            "the Engine's certificate is signed by an authority that is not trusted here (...). "
            f"Put the certificate of the one that signed it into {home}/ca.pem"
        )
        unknown, _ = trouble(tmp_path, url, DOCKER_CERT_PATH=str(with_ca), **verify)
        assert re.sub(r"GET /_ping: |\(.*?\)", "", unknown) == (
            f"the Engine wants a client certificate : put cert.pem and key.pem into {with_ca}, "
            "signed by the CA that the Engine was given"
        )
        code, output, _ = run(tmp_path, "--host", url, **verify)
    assert [line for line in output.splitlines() if line.startswith("TLS ")] == [
        "TLS         verified",
        *(f"TLS         {home}/{name}.pem is not there" for name in ("ca", "cert", "key")),
    ]
    with ScriptedDaemon(tcp=True) as daemon:
        plain, _ = trouble(tmp_path, daemon.url, **verify)
        assert re.sub(r"\(.*?\)", "(...)", plain) == (
            "no TLS is spoken there (...): the Engine expects plain HTTP; unset DOCKER_TLS_VERIFY, "
            "DOCKER_TLS and DOCKER_CERT_PATH"
        )


def test_an_engine_that_is_too_old_for_the_version_that_is_pinned(tmp_path: Path) -> None:
    with ScriptedDaemon(SCRIPT) as daemon:
        code, found = told(tmp_path, DOCKER_HOST=daemon.url, DOCKER_API_VERSION="1.50")
    assert code == 1
    assert found["error"] == (
        f"{daemon.url}: the Engine speaks API 1.12 to 1.41, this library 1.0 to 1.55, and "
        "DOCKER_API_VERSION=1.50 was asked for"
    )
    assert found["cure"] == UNPIN


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "h", "--context", "c"], "--host and --context contradict each other"),
        (["--timeout", "0"], "--timeout: more than 0 seconds"),
        (["--timeout", "nan"], "--timeout: more than 0 seconds"),
        (["--host", ""], "--host: a URL was expected"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_arguments_that_are_none(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {words}\n")


@pytest.mark.dear
@pytest.mark.parametrize(
    ("environ", "error"),
    [
        (
            {"DOCKER_CUSTOM_HEADERS": "s3cret"},
            "DOCKER_CUSTOM_HEADERS: name=value, separated by commas as in CSV, was expected",
        ),
        (
            {"DOCKER_HOST": "unix:///\udcff/\u00e9.sock", "PYTHONIOENCODING": "ascii:strict"},
            "unix:///\\udcff/\\xe9.sock: the socket does not exist. Is the Engine running, and is "
            "this its socket?",
        ),
        (
            {"DOCKER_CONTEXT": "\udcff", "PYTHONIOENCODING": "ascii:strict"},
            "the context '\\udcff' (of DOCKER_CONTEXT) is not there: {0}/.docker/contexts has none "
            "of that name. `docker context ls` shows those that there are",
        ),
    ],
    ids=["headers", "a socket", "a context"],
)
def test_no_environment_makes_it_fail(tmp_path: Path, environ: dict[str, str], error: str) -> None:
    code, output, errors = run(tmp_path, **environ)
    assert (code, errors) == (1, f"error: {error.format(tmp_path)}\n")
    assert LIBRARY in output and "s3cret" not in output
    code, found = told(tmp_path, **environ)
    assert code == 1 and found["error"].encode("ascii", "backslashreplace").decode() == (
        error.format(tmp_path)
    )


def test_it_can_be_called(capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedDaemon(SCRIPT) as daemon:
        assert main(["--host", daemon.url, "--json"]) == 0
        assert main(["--host", daemon.url, "--timeout", "5"]) == 0
    assert main(["--host", "/nowhere/docker.sock"]) == 1
    assert capsys.readouterr().err == (
        "error: unix:///nowhere/docker.sock: the socket does not exist. Is the Engine running, and "
        "is this its socket?\n"
    )
