"""The client: how it is made, that it can do everything, and how it ends."""

from __future__ import annotations

import copy
import importlib
import inspect
import os
import pickle
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dockerapi
from dockerapi import (
    ApiError,
    BuildOptions,
    Client,
    Closed,
    ConnectionFailed,
    ContainerConfig,
    Credentials,
    DockerError,
    Frame,
    HostConfig,
    Line,
    NotFound,
    Output,
    StoredCredentials,
    TimedOut,
    Timeouts,
    TLSConfig,
    UnexpectedReply,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.endpoint.proxy import Proxy
from dockerapi.models.exec import ExecCreated
from scripted import (
    EXEC_EVENTS,
    PATIENCE,
    UPGRADED,
    Conversation,
    ScriptedDaemon,
    chunk,
    chunked,
    exec_died,
    frame,
    head,
    json_reply,
    reply,
)

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted((ROOT / "tests" / "api").glob("test_*.py"))
OF_THE_CLIENT_ITSELF = {
    "api_version",
    "base_url",
    "close",
    "from_context",
    "from_env",
    "session",
    "supports",
    "timeouts",
    "wait_until_ready",
    "with_credentials",
    "with_timeouts",
}


def test_every_operation_has_a_row_in_a_table_of_its_chapter() -> None:
    """Where its exact request, and what it gives for a real answer, are written down."""
    public = {name for name, _ in inspect.getmembers(Client) if not name.startswith("_")}
    chapters = [importlib.import_module(f"api.{path.stem}") for path in CHAPTERS]
    tabled = {row.method for chapter in chapters for row in getattr(chapter, "ROWS", ())}
    assert (
        sorted(public - OF_THE_CLIENT_ITSELF - tabled),
        sorted(tabled - public),
        sorted(OF_THE_CLIENT_ITSELF - public),
    ) == ([], [], [])


# How it is made


def test_a_mistyped_keyword_names_the_method_of_the_client() -> None:
    with Client("/run/nobody.sock") as client, pytest.raises(TypeError) as caught:
        client.run("busybox", detach=True)  # type: ignore[call-arg]
    assert str(caught.value) == "Client.run() got an unexpected keyword argument 'detach'"
    assert pickle.loads(pickle.dumps(Client.run)) is Client.run


def test_nothing_is_sent_before_the_first_operation() -> None:
    with ScriptedDaemon() as daemon:
        with Client(daemon.url, version="1.41", timeout=5) as client:
            assert (client.base_url, client.timeouts, repr(client)) == (
                daemon.url,
                Timeouts(connect=5, read=5, idle=None),
                f"<dockerapi.Client of {daemon.url}>",
            )
            client.with_timeouts(read=1)
    assert (daemon.connections, daemon.negotiations) == (0, 0)


def test_no_engine_is_needed_to_make_a_client() -> None:
    with Client("unix:///no/such/socket") as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
    assert str(caught.value) == (
        "unix:///no/such/socket: the socket does not exist. Is the Engine running, and is this its "
        "socket?"
    )


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("unix:///run/docker.sock", "unix:///run/docker.sock"),
        ("/run/docker.sock", "unix:///run/docker.sock"),
        ("tcp://engine:2375", "tcp://engine:2375"),
        ("engine", "tcp://engine:2375"),
        ("http://engine", "tcp://engine:2375"),
        ("https://engine", "https://engine:2376"),
    ],
)
def test_the_engine_is_where_the_url_says(url: str, base_url: str) -> None:
    with Client(url) as client:
        assert client.base_url == base_url


@pytest.mark.parametrize(
    ("timeout", "timeouts"),
    [
        (5, Timeouts(connect=5, read=5, idle=None)),
        (0.5, Timeouts(connect=0.5, read=0.5, idle=None)),
        (None, Timeouts(connect=None, read=None, idle=None)),
        (Timeouts(connect=1, read=2, idle=3), Timeouts(connect=1, read=2, idle=3)),
    ],
)
def test_a_timeout_is_one_for_all_or_one_for_each(timeout: Any, timeouts: Timeouts) -> None:
    with Client("/run/docker.sock", timeout=timeout) as client:
        assert client.timeouts == timeouts


def test_the_timeouts_of_a_client_have_defaults() -> None:
    with Client("/run/docker.sock") as client:
        assert client.timeouts == Timeouts(connect=10, read=60, idle=None)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"base_url": "ftp://engine"},
            ValueError,
            "base_url: ftp:// is not supported: 'ftp://engine'; use unix:///path, "
            "tcp://host:port, https://host:port or ssh://user@host",
        ),
        (
            {"base_url": "tcp://engine:70000"},
            ValueError,
            "base_url: Port out of range 0-65535: 'tcp://engine:70000'",
        ),
        ({"base_url": "tcp://engine:0"}, ValueError, "base_url: port 0: 'tcp://engine:0'"),
        (
            {"base_url": "tcp://engine\r\nHost: x"},
            ValueError,
            "base_url: empty, or with white space in it: 'tcp://engine\\r\\nHost: x'",
        ),
        (
            {"base_url": "tcp://ada:s3cret@engine"},
            ValueError,
            "base_url: a user or password in the URL is not supported",
        ),
        ({"base_url": 7}, TypeError, "base_url: a string was expected, not 7"),
        (
            {"base_url": "/run/docker.sock", "tls": True},
            ValueError,
            "base_url: TLS is for TCP, not for a unix socket: 'unix:///run/docker.sock'",
        ),
        (
            {"version": "newest"},
            ValueError,
            "version: an API version such as 1.41 was expected, not 'newest'",
        ),
        (
            {"timeout": 0},
            ValueError,
            "timeout: more than 0 seconds, not 0",
        ),
        (
            {"timeout": -1},
            ValueError,
            "timeout: more than 0 seconds, not -1",
        ),
        (
            {"timeout": "5"},
            TypeError,
            "timeout: seconds or None were expected, not '5'",
        ),
        (
            {"base_url": "tcp://engine", "tls": "/certs"},
            TypeError,
            "tls: a TLSConfig or True was expected, not str",
        ),
        (
            {"credentials": {"username": "ada", "password": "s3cret"}},
            TypeError,
            "credentials['username']: use dockerapi.Credentials(...); it was a str",
        ),
        (
            {"credentials": "s3cret"},
            TypeError,
            "credentials: StoredCredentials, or Credentials by registry, were expected, not str",
        ),
        (
            {"credentials": {"": Credentials(username="ada", password="s3cret")}},
            ValueError,
            "credentials: '' is no registry; Docker Hub is 'docker.io'",
        ),
        (
            {"credentials": {7: Credentials(username="ada", password="s3cret")}},
            TypeError,
            "credentials: registry: a string was expected, not 7",
        ),
        ({"retry": 3}, TypeError, "retry: a function was expected, not 3"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Client(**arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["connect", "read", "idle"])
def test_a_negative_timeout_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ValueError) as caught:
        Timeouts(**{name: -1})
    assert str(caught.value) == f"{name}: more than 0 seconds, not -1"


# The environment


@pytest.mark.parametrize(
    ("environ", "base_url"),
    [
        ({"DOCKER_HOST": "unix:///run/docker.sock"}, "unix:///run/docker.sock"),
        ({"DOCKER_HOST": "tcp://engine"}, "tcp://engine:2375"),
        ({"DOCKER_HOST": "tcp://engine", "DOCKER_TLS_VERIFY": ""}, "tcp://engine:2375"),
        ({"DOCKER_HOST": "tcp://engine", "DOCKER_TLS_VERIFY": "1"}, "https://engine:2376"),
        ({"DOCKER_HOST": "tcp://engine", "DOCKER_TLS_VERIFY": "0"}, "https://engine:2376"),
        ({"DOCKER_HOST": "tcp://engine", "DOCKER_CERT_PATH": "/certs"}, "https://engine:2376"),
        (
            {"DOCKER_HOST": "unix:///run/docker.sock", "DOCKER_TLS_VERIFY": "1"},
            "unix:///run/docker.sock",
        ),
    ],
)
def test_the_environment_says_where_the_engine_is(environ: dict[str, str], base_url: str) -> None:
    with Client.from_env(environ) as client:
        assert client.base_url == base_url


@pytest.mark.parametrize("environ", [{}, {"DOCKER_HOST": ""}])
def test_an_empty_environment_means_the_default_sockets(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    monkeypatch.setenv("HOME", "/home/ada")
    with Client.from_env(environ) as client:
        assert client.base_url == (
            "unix:///var/run/docker.sock or unix:///run/user/7/docker.sock or "
            "unix:///home/ada/.docker/run/docker.sock"
        )


@pytest.mark.parametrize(
    ("environ", "arguments", "version"),
    [
        ({}, {}, "1.41"),
        ({"DOCKER_API_VERSION": ""}, {}, "1.41"),
        ({"DOCKER_API_VERSION": "1.24"}, {}, "1.24"),
        ({"DOCKER_API_VERSION": "1.24"}, {"version": "1.30"}, "1.30"),
        ({"DOCKER_API_VERSION": "1.24"}, {"version": "auto"}, "1.24"),
        ({"DOCKER_API_VERSION": "auto"}, {}, "1.41"),
        ({}, {"version": "auto"}, "1.41"),
    ],
    ids=["none", "empty", "pinned", "the argument wins", "auto is none", "auto", "auto and none"],
)
def test_the_environment_says_which_version_is_spoken(
    environ: dict[str, str], arguments: dict[str, Any], version: str
) -> None:
    with ScriptedDaemon() as daemon:
        with Client.from_env({"DOCKER_HOST": daemon.url, **environ}, **arguments) as client:
            assert client.api_version == version


def test_the_environment_of_the_process_is_read_by_from_env_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine")
    monkeypatch.setenv("DOCKER_API_VERSION", "no version")
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    monkeypatch.delenv("DOCKER_CERT_PATH", raising=False)
    with Client("/run/docker.sock") as client:
        assert client.base_url == "unix:///run/docker.sock"
    with dockerapi.from_env(version="1.41") as client:
        assert client.base_url == "tcp://engine:2375"
    with pytest.raises(ValueError) as caught:
        Client.from_env()
    assert str(caught.value) == (
        "DOCKER_API_VERSION: an API version such as 1.41 was expected, not 'no version'"
    )


def test_auto_means_what_none_means() -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url, version="auto") as client:
        assert client.api_version == "1.41"


@pytest.mark.parametrize(
    "make",
    [
        lambda url: Client(url, user_agent="deployer/1.2 (ci)"),
        lambda url: Client.from_env({"DOCKER_HOST": url}, user_agent="deployer/1.2 (ci)"),
        lambda url: Client.from_context(
            "default", {"DOCKER_HOST": url}, user_agent="deployer/1.2 (ci)"
        ),
    ],
    ids=["Client", "from_env", "from_context"],
)
def test_a_program_names_itself_after_this_library(make: Callable[[str], Client]) -> None:
    with ScriptedDaemon({"GET /v1.41/info": json_reply({})}) as daemon, make(daemon.url) as client:
        client.info()
        client.session.get("/info")
    own = f"User-Agent: dockerapi/{dockerapi.__version__} deployer/1.2 (ci)"
    assert [own in request.head.split("\r\n") for request in daemon.requests] == [True, True]


@pytest.mark.parametrize(
    ("user_agent", "error", "words"),
    [
        (1, TypeError, "user_agent: a string was expected, not 1"),
        ("", ValueError, "user_agent: a word such as 'deployer/1.2' was expected, not ''"),
        (" ", ValueError, "user_agent: a word such as 'deployer/1.2' was expected, not ' '"),
        (
            "a\r\nX-Evil: 1",
            ValueError,
            "user_agent: a word such as 'deployer/1.2' was expected, not 'a\\r\\nX-Evil: 1'",
        ),
        ("dé", ValueError, "user_agent: a word such as 'deployer/1.2' was expected, not 'dé'"),
    ],
)
def test_what_can_be_no_name_of_a_program_is_refused(
    user_agent: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        Client(user_agent=user_agent)
    assert str(caught.value) == words


def test_the_timeout_of_from_env_is_that_of_the_client() -> None:
    with Client.from_env({"DOCKER_HOST": "tcp://engine"}, timeout=3) as client:
        assert client.timeouts == Timeouts(connect=3, read=3)


# What is spoken


def test_the_version_is_asked_for_once() -> None:
    script = {"GET /v1.41/_ping": reply(200, b"OK")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.api_version == "1.41"
        for _ in range(3):
            client.ping()
        assert client.with_timeouts(read=1).api_version == "1.41"
    assert daemon.negotiations == 1


def test_whether_an_operation_is_there_is_told_for_the_version_spoken() -> None:
    with ScriptedDaemon() as daemon:
        with Client(daemon.url) as new, Client(daemon.url, version="1.12") as old:
            assert [
                (name, new.supports(name), old.supports(name))
                for name in ("logs", "exec_create", "insert", "put_archive", "get_archive")
            ] == [
                ("logs", True, True),
                ("exec_create", True, False),
                ("insert", False, False),
                ("put_archive", True, False),
                ("get_archive", True, True),
            ]


def test_what_is_no_operation_is_refused() -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(ValueError) as caught:
            client.supports("close")
    assert (str(caught.value), daemon.connections) == ("no operation of a client: 'close'", 0)


# Views with other timeouts


def test_a_view_keeps_what_it_is_not_given() -> None:
    with Client("/run/docker.sock", timeout=Timeouts(connect=1, read=2, idle=3)) as client:
        assert [
            view.timeouts
            for view in (
                client.with_timeouts(),
                client.with_timeouts(connect=7),
                client.with_timeouts(read=None),
                client.with_timeouts(read=7).with_timeouts(idle=None),
                client,
            )
        ] == [
            Timeouts(connect=1, read=2, idle=3),
            Timeouts(connect=7, read=2, idle=3),
            Timeouts(connect=1, read=None, idle=3),
            Timeouts(connect=1, read=7, idle=None),
            Timeouts(connect=1, read=2, idle=3),
        ]


def test_a_view_shares_the_connections_and_the_negotiation() -> None:
    script = {"GET /v1.41/_ping": reply(200, b"OK")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        for _ in range(3):
            client.ping()
            client.with_timeouts(read=1).ping()
    assert (daemon.connections, daemon.negotiations, len(daemon.requests)) == (1, 1, 6)


@pytest.mark.parametrize("closes", ["client", "view"])
def test_closing_a_client_or_its_view_closes_both(closes: str) -> None:
    with ScriptedDaemon() as daemon:
        both = {"client": Client(daemon.url)}
        both["view"] = both["client"].with_timeouts(read=1)
        both[closes].close()
        for one in both.values():
            with pytest.raises(Closed) as caught:
                one.ping()
            assert str(caught.value) == "this client is closed"
    assert daemon.connections == 0


# One connection for many


def test_calls_to_many_containers_use_one_connection() -> None:
    names = [f"c{number}" for number in range(200)]
    script = {f"POST /v1.41/containers/{name}/start": reply(204) for name in names}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        for name in names:
            client.start(name)
    assert (daemon.connections, len(daemon.requests)) == (1, 200)


WEB = "926b0c168505e37795e7f54be17d061965884d6476eccf38b6badaa702d1873f"
LOOK, LOG = f"GET /containers/{WEB}/json", f"GET /containers/{WEB}/logs?stdout=1&stderr=1"
LOOK_BY_NAME, LOG_BY_NAME = "GET /containers/web/json", "GET /containers/web/logs"
OF_RUN = [
    "POST /containers/create",
    f"POST /containers/{WEB}/attach?stdin=0&stdout=1&stderr=1&logs=0&stream=1",
    f"POST /containers/{WEB}/start",
    LOOK,
    f"DELETE /containers/{WEB}?v=1&force=1",
]
OF_EXEC_RUN = [f"POST /containers/{WEB}/exec", "POST /exec/e1/start", f"GET {EXEC_EVENTS}"]


def log(client: Client, id: str, *, follow: bool = False) -> Output:
    with client.logs(id, follow=follow) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("call", "calls"),
    [
        pytest.param(
            lambda client: client.run("busybox", remove=True).output, [OF_RUN] * 2, id="run"
        ),
        pytest.param(
            lambda client: client.exec_run(WEB, "ls").output, [OF_EXEC_RUN] * 2, id="exec_run"
        ),
        pytest.param(lambda client: log(client, WEB), [[LOOK, LOG], [LOG]], id="logs"),
        pytest.param(
            lambda client: log(client, "web"),
            [[LOOK_BY_NAME, f"{LOG_BY_NAME}?stdout=1&stderr=1"]] * 2,
            id="logs by name",
        ),
        pytest.param(
            lambda client: log(client, WEB, follow=True),
            [[LOOK, f"{LOG}&follow=1"]] * 2,
            id="logs that are followed",
        ),
    ],
)
def test_a_call_makes_so_many_requests(
    call: Callable[[Client], Output], calls: list[list[str]]
) -> None:
    """The first time, and the second.

    Whether a whole id has a terminal is remembered, and never for a name. What is followed is
    looked at each time: its state then is compared with that at its end.
    """
    ended = {"Status": "exited", "ExitCode": 3, "FinishedAt": "2026-01-02T03:04:05.6Z"}
    found = json_reply({"Id": WEB, "State": ended, "Config": {}, "NetworkSettings": {}})
    output = frame("stdout", b"out\n")
    script = {
        "POST /v1.41/containers/create": json_reply({"Id": WEB}, 201),
        f"POST /v1.41/containers/{WEB}/attach": UPGRADED + output,
        f"POST /v1.41/containers/{WEB}/start": reply(204),
        f"DELETE /v1.41/containers/{WEB}": reply(204),
        f"POST /v1.41/containers/{WEB}/exec": json_reply({"Id": "e1"}, 201),
        "POST /v1.41/exec/e1/start": UPGRADED + output,
        "GET /v1.41/events": exec_died(3),
        **{f"GET /v1.41/containers/{id}/json": found for id in (WEB, "web")},
        **{f"GET /v1.41/containers/{id}/logs": chunked(output) for id in (WEB, "web")},
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        for lines in calls:
            daemon.requests.clear()
            assert call(client) == Output(b"out\n", b"")
            asked_for = [f"{request.method} {request.target}" for request in daemon.requests]
            assert asked_for == [line.replace(" /", " /v1.41/") for line in lines]


def test_a_client_is_shared_by_threads() -> None:
    names = [f"c{number}" for number in range(8)]
    script = {
        f"GET /v1.41/containers/{name}/top": json_reply({"Titles": [name], "Processes": []})
        for name in names
    }
    found: dict[str, set[tuple[str, ...]]] = {name: set() for name in names}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:

        def ask(name: str) -> None:
            for _ in range(20):
                found[name].add(client.top(name).titles)

        threads = [threading.Thread(target=ask, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert (found, daemon.negotiations, daemon.connections <= 8) == (
        {name: {(name,)} for name in names},
        1,
        True,
    )


# Its end


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


NEEDS_PROC = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="/proc is Linux's")


def stalling(first: bytes) -> Callable[[Conversation], None]:
    """Answers something, and then nothing until the client is gone."""

    def play(conversation: Conversation) -> None:
        conversation.send(first)
        conversation.wait_for_hangup()

    return play


RUNNING = json_reply(
    {"Id": "web", "State": {"Status": "running"}, "Config": {}, "NetworkSettings": {}}
)
STREAM = head(Transfer_Encoding="chunked")
STALLED: dict[str, Any] = {
    "GET /v1.41/containers/web/json": RUNNING,
    "GET /v1.41/containers/web/logs": stalling(STREAM + chunk(frame("stdout", b"one"))),
    "GET /v1.41/containers/web/stats": stalling(STREAM + chunk(b"{}")),
    "GET /v1.41/containers/web/export": stalling(STREAM + chunk(b"one")),
    "GET /v1.41/events": stalling(STREAM + chunk(b"{}")),
    "POST /v1.41/containers/web/attach": stalling(UPGRADED + frame("stdout", b"one")),
    "GET /v1.41/exec/e1/json": json_reply({"ID": "e1"}),
    "POST /v1.41/exec/e1/start": stalling(UPGRADED + frame("stdout", b"one")),
    "POST /v1.41/images/create": stalling(STREAM + chunk(b"{}")),
}
STREAMS: dict[str, Callable[[Client], Any]] = {
    "logs": lambda client: client.logs("web", follow=True),
    "stream_stats": lambda client: client.stream_stats("web"),
    "export": lambda client: client.export("web"),
    "events": lambda client: client.events(),
    "attach": lambda client: client.attach("web"),
    "exec_start": lambda client: client.exec_start(ExecCreated("e1", tty=False)),
    "stream_pull": lambda client: client.stream_pull("busybox"),
}


@NEEDS_PROC
def test_the_end_of_a_with_closes_every_socket() -> None:
    """Those of idle connections, and those of streams that were read half-way."""
    before = open_descriptors()
    with ScriptedDaemon(STALLED) as daemon:
        with Client(daemon.url) as client:
            streams = [start(client) for start in STREAMS.values()]
            for stream in streams:
                next(stream)
            assert open_descriptors() >= before + 2 * len(streams)  # the daemon's ends, too
        assert [list(stream) for stream in streams] == [[]] * len(streams)
    assert open_descriptors() == before


@NEEDS_PROC
def test_streams_that_are_closed_half_way_leave_nothing_open() -> None:
    before = open_descriptors()
    with ScriptedDaemon(STALLED) as daemon:
        client = Client(daemon.url)
        for _ in range(5):
            for start in STREAMS.values():
                with start(client) as stream:
                    next(stream)
    assert open_descriptors() <= before + 1  # an idle connection
    client.close()
    assert open_descriptors() == before


def test_an_error_inside_a_with_is_passed_on_and_closes() -> None:
    with ScriptedDaemon() as daemon:
        with pytest.raises(KeyError):
            with Client(daemon.url) as client:
                raise KeyError
        with pytest.raises(Closed):
            client.ping()


def test_a_client_may_be_closed_twice_and_unused() -> None:
    with ScriptedDaemon() as daemon:
        client = Client(daemon.url)
        client.close()
        client.close()
    assert daemon.connections == 0


OPERATIONS: dict[str, Callable[[Client], Any]] = {
    **STREAMS,
    "ping": lambda client: client.ping(),
    "api_version": lambda client: client.api_version,
    "supports": lambda client: client.supports("logs"),
    "create_container": lambda client: client.create_container("busybox"),
    "attach_websocket": lambda client: client.attach_websocket("web"),
    "wait": lambda client: client.wait("web"),
    "build": lambda client: client.build(b""),
    "run": lambda client: client.run("busybox"),
    "exec_run": lambda client: client.exec_run("web", ["true"]),
    "exec_inspect": lambda client: client.exec_inspect("e1"),
}


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_a_call_on_a_closed_client_says_that_it_is_closed(call: Any, used: bool) -> None:
    script = {"GET /v1.41/_ping": reply(200, b"OK")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        if used:
            client.ping()
        client.close()
        if used and call in (OPERATIONS["api_version"], OPERATIONS["supports"]):
            call(client)  # known, and nothing need be asked
            return
        with pytest.raises(Closed) as caught:
            call(client)
    assert (str(caught.value), len(daemon.requests)) == ("this client is closed", int(used))


def ended_by_close(line: str, first: bytes, call: Callable[[Client], Any]) -> Any:
    """What a call gives whose client is closed by another thread when `first` was sent."""

    def close(conversation: Conversation) -> None:
        conversation.send(first)
        client.close()
        conversation.wait_for_hangup()

    with ScriptedDaemon({**STALLED, line: close}) as daemon, Client(daemon.url) as client:
        return call(client)


HALF: dict[str, tuple[str, bytes]] = {
    "logs": ("GET /v1.41/containers/web/logs", STREAM + chunk(frame("stdout", b"one"))),
    "stream_stats": ("GET /v1.41/containers/web/stats", STREAM + chunk(b"{}")),
    "export": ("GET /v1.41/containers/web/export", STREAM + chunk(b"one")),
    "events": ("GET /v1.41/events", STREAM + chunk(b"{}")),
    "attach": ("POST /v1.41/containers/web/attach", UPGRADED + frame("stdout", b"one")),
    "exec_start": ("POST /v1.41/exec/e1/start", UPGRADED + frame("stdout", b"one")),
    "stream_pull": ("POST /v1.41/images/create", STREAM + chunk(b"{}")),
}


@pytest.mark.parametrize("name", STREAMS)
def test_closing_the_client_from_another_thread_ends_an_iteration(name: str) -> None:
    """Quietly; whoever iterates takes what there is."""
    line, first = HALF[name]
    was_read = threading.Event()

    def close(conversation: Conversation) -> None:
        conversation.send(first)
        assert was_read.wait(PATIENCE)
        client.close()
        conversation.wait_for_hangup()

    with ScriptedDaemon({**STALLED, line: close}) as daemon, Client(daemon.url) as client:
        with STREAMS[name](client) as stream:
            next(stream)
            was_read.set()
            assert list(stream) == []


def read_to_the_end(client: Client, name: str) -> Any:
    with STREAMS[name](client) as stream:
        return stream.read()


WAITING: dict[str, tuple[str, bytes, Callable[[Client], Any]]] = {
    **{
        f"reading {name} to its end": (
            *HALF[name],
            lambda client, name=name: read_to_the_end(client, name),
        )
        for name in ("logs", "export", "attach", "exec_start")
    },
    "wait": ("POST /v1.41/containers/web/wait", b"", lambda client: client.wait("web")),
    "wait, of an Engine that sends its head at once": (
        "POST /v1.41/containers/web/wait",
        STREAM,
        lambda client: client.wait("web"),
    ),
    "a call": ("GET /v1.41/_ping", b"", lambda client: client.ping()),
    "a call, half answered": (
        "GET /v1.41/_ping",
        head(Content_Length="2") + b"O",
        lambda client: client.ping(),
    ),
    "pull": (*HALF["stream_pull"], lambda client: client.pull("busybox")),
    "stats": (
        "GET /v1.41/containers/web/stats",
        STREAM,
        lambda client: client.stats("web"),
    ),
    "attaching": ("POST /v1.41/containers/web/attach", b"", lambda client: client.attach("web")),
    "asking for logs": (
        "GET /v1.41/containers/web/logs",
        b"",
        lambda client: client.logs("web"),
    ),
    "negotiating": ("GET /version", b"", lambda client: client.ping()),
}


@pytest.mark.parametrize(("line", "first", "call"), WAITING.values(), ids=WAITING)
def test_closing_the_client_from_another_thread_ends_what_needs_the_whole_answer(
    line: str, first: bytes, call: Callable[[Client], Any]
) -> None:
    with pytest.raises(Closed) as caught:
        ended_by_close(line, first, call)
    assert str(caught.value) in (
        "the client was closed",
        "the client was closed during this call",
    )


def test_closing_the_client_ends_an_upload() -> None:
    started = threading.Event()

    def endless() -> Iterator[bytes]:
        while True:
            started.set()
            yield b"x" * 65536

    with ScriptedDaemon({"POST /v1.41/images/load": reply(200)}) as daemon:
        with Client(daemon.url) as client:

            def close() -> None:
                assert started.wait(PATIENCE)
                client.close()

            closer = threading.Thread(target=close)
            closer.start()
            with pytest.raises(Closed) as caught:
                client.load_image(endless())
            closer.join(PATIENCE)
    assert str(caught.value) == "the client was closed during this call"


def test_an_engine_that_has_not_the_route_is_not_taken_for_a_closed_client() -> None:
    script = {"GET /v1.41/_ping": reply(404, b"404 page not found\n")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotFound) as caught:
            client.ping()
    assert str(caught.value) == "GET /_ping: 404 404 page not found"


def test_certificates_show_as_paths_and_not_as_their_content(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\ns3cret")
    tls = TLSConfig(cert=tmp_path / "cert.pem", key=key)
    with Client("tcp://engine", tls=tls) as client:
        assert (repr(client), "s3cret" in repr(vars(client))) == (
            "<dockerapi.Client of https://engine:2376>",
            False,
        )


def test_closing_ends_a_connection_that_waits_for_tls() -> None:
    """Who listens there takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        client = Client(url, tls=TLSConfig(verify=False), timeout=30)
        caught: list[BaseException] = []

        def call() -> None:
            try:
                client.ping()
            except Closed as error:
                caught.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        silent, _ = listener.accept()
        with silent:
            assert silent.recv(1)  # it has begun to greet
            client.close()
            thread.join(PATIENCE)
            assert not thread.is_alive()
    assert [type(error) for error in caught] == [Closed]


# Waiting for an Engine


def test_an_engine_that_is_ready_is_not_waited_for() -> None:
    with ScriptedDaemon({"GET /v1.41/version": json_reply({"Version": "20.10.24"})}) as daemon:
        with Client(daemon.url) as client:
            assert client.wait_until_ready(5).version == "20.10.24"


def test_an_engine_that_comes_up_while_it_is_waited_for(tmp_path: Path) -> None:
    """First nothing is there, then nobody listens, then it hangs up, and then it is starting."""
    path = tmp_path / "docker.sock"
    version = {"Version": "20.10.24", "ApiVersion": "1.41"}
    script = {
        "GET /version": [b"", reply(503, b"starting"), json_reply(version)],
        "GET /v1.41/version": [reply(500), json_reply(version)],
    }
    with ScriptedDaemon(script) as daemon:

        def come_up() -> None:
            with socket.socket(socket.AF_UNIX) as abandoned:
                abandoned.bind(str(path))
            time.sleep(0.05)
            path.unlink()
            path.symlink_to(daemon.path)

        starting = threading.Timer(0.05, come_up)
        starting.start()
        with Client(f"unix://{path}") as client:
            assert client.wait_until_ready(20).version == "20.10.24"
        starting.join()


def test_an_engine_that_never_comes_up(tmp_path: Path) -> None:
    with Client(f"unix://{tmp_path}/docker.sock") as client:
        with pytest.raises(TimedOut) as caught:
            client.wait_until_ready(0.1)
    assert (caught.value.kind, caught.value.seconds) == ("ready", 0.1)
    assert str(caught.value) == (
        f"unix://{tmp_path}/docker.sock: not ready within 0.1 seconds: the socket does not exist. "
        "Is the Engine running, and is this its socket?"
    )


def test_an_engine_that_does_not_answer_is_not_waited_for_longer() -> None:
    def play(c: Conversation) -> None:
        c.wait_for_hangup()

    with ScriptedDaemon({"GET /version": play}) as daemon, Client(daemon.url) as client:
        began = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            client.wait_until_ready(0.2)
        assert time.monotonic() - began < PATIENCE / 2
    assert caught.value.kind == "ready"


def test_both_questions_to_a_slow_engine_are_within_the_limit() -> None:
    def slow(c: Conversation) -> None:
        threading.Event().wait(0.1)
        c.send(json_reply({"Version": "20.10.24", "ApiVersion": "1.41"}))

    script = {"GET /version": slow, "GET /v1.41/version": lambda c: c.wait_for_hangup()}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.wait_until_ready(1)
    assert caught.value.kind == "ready"
    assert re.search(r"no answer within 0\.\d{1,3} seconds \(read timeout\)$", str(caught.value))


def test_the_waiting_is_not_made_longer_by_the_policy_of_the_caller(tmp_path: Path) -> None:
    def retry(route: str, error: DockerError, times: int) -> float:
        raise AssertionError("asked")

    with Client(f"unix://{tmp_path}/docker.sock", retry=retry) as client:
        with pytest.raises(TimedOut):
            client.wait_until_ready(0.1)


def test_what_does_not_heal_is_not_waited_for() -> None:
    def shut(sock: socket.socket) -> None:
        sock.recv(1)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ScriptedDaemon(tcp=True, on_connect=shut) as daemon:
        with Client(f"https://localhost:{daemon.port}") as client:
            began = time.monotonic()
            with pytest.raises(ConnectionFailed) as caught:
                client.wait_until_ready(60)
            assert 1 <= time.monotonic() - began < 20
    assert caught.value.permanent and not isinstance(caught.value, TimedOut)


@pytest.mark.parametrize("answer", [reply(403), reply(404), json_reply({})])
def test_what_the_engine_refuses_is_not_waited_for(answer: bytes) -> None:
    with ScriptedDaemon({"GET /version": [answer]}) as daemon, Client(daemon.url) as client:
        with pytest.raises((ApiError, UnexpectedReply)):
            client.wait_until_ready(60)


def test_closing_ends_the_waiting(tmp_path: Path) -> None:
    with Client(f"unix://{tmp_path}/docker.sock") as client:
        threading.Timer(0.05, client.close).start()
        with pytest.raises(Closed):
            client.wait_until_ready(60)


@pytest.mark.parametrize(("timeout", "error"), [(0, ValueError), (None, TypeError)])
def test_waiting_has_a_limit(timeout: Any, error: type[Exception]) -> None:
    with Client("/x") as client:
        with pytest.raises(error):
            client.wait_until_ready(timeout)


def test_a_view_of_a_subclass_is_one_of_that_and_has_what_it_has() -> None:
    class Own(Client):
        name = ""

    with Own("/x", timeout=5) as client:
        client.name = "mine"
        view = client.with_timeouts(read=7)
        assert (type(view), view.name, view.timeouts) == (
            Own,
            "mine",
            Timeouts(connect=5, read=7),
        )
        view.close()
        with pytest.raises(Closed):
            client.ping()


# Processes

FORK = """
import gc, os, sys, threading
from dockerapi import Client, StreamInterrupted

client = Client(sys.argv[1])
logs = client.logs("c", follow=True)
attachment = client.attach("c", stdin=True)
assert next(logs).data == b"ready"
client.ping()
got = []
reader = threading.Thread(target=lambda: got.append(next(logs).data))
reader.start()
while not logs._source._reading:  # it is not there in the child
    reader.join(0.01)
child = os.fork()
if child == 0:
    client.ping()
    for act in (lambda: next(logs), attachment.read, attachment.close_stdin,
                lambda: attachment.write(b"x")):
        try:
            act()
        except StreamInterrupted as error:
            assert str(error) == (
                "the stream belongs to the process that opened it, and this one was forked from it"
            )
        else:
            raise AssertionError(act)
    logs.close()
    attachment.close()
    client.close()
    del logs, attachment, client
    gc.collect()
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
client.ping()
attachment.write(b"go on")
attachment.close_stdin()
assert attachment.read().stdout == b"go on"
reader.join()
assert got == [b"and on"]
logs.close()
client.close()
print("parent")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_after_a_fork_the_child_has_connections_of_its_own_and_ends_none_of_the_parent() -> None:
    said = threading.Event()

    def attached(c: Conversation) -> None:
        c.send(UPGRADED)
        c.send(frame("stdout", c.receive_all()))
        said.set()

    def followed(c: Conversation) -> None:
        c.send(head(200, Transfer_Encoding="chunked") + chunk(frame("stdout", b"ready")))
        assert said.wait(PATIENCE)
        c.send(chunk(frame("stdout", b"and on")))
        c.wait_for_hangup()

    inspected = {
        "Id": "c",
        "State": {"Running": True},
        "Config": {"OpenStdin": True, "StdinOnce": True},
    }
    ended = {**inspected, "State": {"Running": False}}
    script = {
        "GET /v1.41/_ping": reply(200, b"OK"),
        "GET /v1.41/containers/c/json": [json_reply(one) for one in (inspected,) * 3 + (ended,)],
        "GET /v1.41/containers/c/logs": followed,
        "POST /v1.41/containers/c/attach": attached,
    }
    with ScriptedDaemon(script) as daemon:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", FORK]
            + [daemon.url],
            capture_output=True,
            text=True,
            timeout=600,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "parent\n", "")
    # The parent's three (a call, the logs, the attachment), and the child's own.
    assert (daemon.connections, daemon.negotiations) == (4, 1)


FORK_WHILE_A_FILE_IS_READ = """
import os, signal, sys, threading
from dockerapi import Client, StoredCredentials

url, folder = sys.argv[1:]
slow = Client(url, credentials=StoredCredentials(folder=folder))
reader = threading.Thread(target=slow.ping)
reader.start()
pipe = open(os.path.join(folder, "config.json"), "w")  # there is a reader now: it is waiting
Client(url).ping()
child = os.fork()
if child == 0:
    signal.alarm(20)
    Client(url).ping()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
pipe.write("{}")
pipe.close()
reader.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_slow_file_holds_up_no_other_client_and_no_child_of_a_fork(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.json")
    with ScriptedDaemon({"GET /v1.41/_ping": reply(200, b"OK")}) as daemon:
        done = subprocess.run(
            [sys.executable, "-W", "ignore::DeprecationWarning"]
            + ["-c", FORK_WHILE_A_FILE_IS_READ, daemon.url, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_client_is_not_pickled() -> None:
    with Client("/x") as client:
        for act in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError) as caught:
                act(client)  # type: ignore[operator]
            assert str(caught.value) == (
                "a Client cannot be pickled or copied: its connections are those of one process. "
                "Make another one there, from the same arguments"
            )


@pytest.mark.parametrize(
    "value",
    [
        Timeouts(idle=3),
        TLSConfig("ca.pem", "cert.pem", "key.pem", verify=False),
        Endpoint.parse("https://h:1", tls=TLSConfig(), proxy=Proxy.parse("http://u:p@h:1")),
        Endpoint.parse("ssh://u@h:22/x"),
        Credentials(username="ada", password="s3cret"),
        StoredCredentials(folder="/x"),
        StoredCredentials.from_env(os.environ),
        ContainerConfig(labels={"a": "b"}, env={"A": "b"}),
        HostConfig(memory="64m", network_mode="none"),
        BuildOptions(labels={"a": "b"}),
        Output(b"out", b"err", b"outerr"),
        Frame("stdout", b"x"),
        Line("stderr", "x"),
        ExecCreated(id="x", tty=False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_pickled(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value
