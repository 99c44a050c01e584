"""Running a container from its image to its exit code."""

from __future__ import annotations

import base64
import io
import json
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.rows import (
    NEW,
    NO_DATA,
    OLD,
    Row,
    check_not_supported,
    check_refused_argument,
    needs,
    played,
    recorded,
    refused,
)
from dockerapi import (
    ApiError,
    Client,
    Closed,
    CommandFailed,
    Conflict,
    ConnectionFailed,
    ContainerConfig,
    ContainerNotFound,
    Credentials,
    DockerError,
    HostConfig,
    ImageNotFound,
    NetworkNotFound,
    NotFound,
    NotSupported,
    Output,
    PluginNotFound,
    PullFailed,
    ServerError,
    StreamInterrupted,
    TimedOut,
    Truncated,
    VolumeNotFound,
)
from dockerapi.models.exec import RunResult
from interruptions import interruptible
from scripted import (
    PATIENCE,
    RAW_STREAM,
    UPGRADED,
    Conversation,
    Request,
    ScriptedDaemon,
    asked,
    chunked,
    frame,
    json_reply,
    reply,
)


def container(**config: bool) -> bytes:
    state = {"Status": "created"}
    return json_reply({"Id": "c1", "State": state, "Config": config, "NetworkSettings": {}})


BODY = {"Image": "busybox", "AttachStdout": True, "AttachStderr": True}
CREATED = json_reply({"Id": "c1", "Warnings": []}, 201)
READY = container()
ON_A_TERMINAL = container(Tty=True)
EXITED = json_reply(
    {
        "Id": "c1",
        "State": {"Status": "exited", "FinishedAt": "2026-01-02T03:04:05.6Z"},
        "Config": {},
        "NetworkSettings": {},
    }
)


def ended_as(**state: Any) -> bytes:
    """An inspect that tells how a container has ended, as newer Engines do."""
    told = {"Status": "exited", "ExitCode": 3, "FinishedAt": "2026-01-02T03:04:05.6Z", **state}
    return json_reply({"Id": "c1", "State": told, "Config": {}, "NetworkSettings": {}})


DENIED = "pull access denied for app, repository does not exist or may require 'docker login'"
NO_IMAGE = json_reply({"message": "No such image: busybox:latest"}, 404)
PULLED = chunked(b'{"status": "Status: Downloaded newer image for busybox:latest"}\r\n')
DONE = reply(204)
LAST = reply(204, Connection="close")  # from a function, after which the connection ends
OUTPUT = UPGRADED + frame("stdout", b"out\n") + frame("stderr", b"err\n")
ATTACH = "POST /containers/c1/attach?stdin=0&stdout=1&stderr=1&logs=0&stream=1"
REMOVE = "DELETE /containers/c1?v=1&force=1"


def ended(code: int) -> bytes:
    return json_reply({"StatusCode": code})


def to_the_end(*create: Request, start: Request | None = None) -> list[Request]:
    """What is asked, in order: attach before start, or what it writes first would be lost."""
    return [
        *(create or [asked("POST /containers/create", BODY)]),
        asked(ATTACH),
        start or asked("POST /containers/c1/start"),
        asked("GET /containers/c1/json"),
        asked("POST /containers/c1/wait"),
    ]


def after_a_look() -> list[Request]:
    """The same, of an Engine that makes containers as their image says."""
    create, *rest = to_the_end()
    return [create, asked("GET /containers/c1/json"), *rest]


ROWS = [
    Row(
        id="run",
        call=lambda client: client.run("busybox"),
        asks=to_the_end(),
        answers=[CREATED, OUTPUT, DONE, EXITED, ended(0)],
        gives=RunResult(exit_code=0, output=Output(b"out\n", b"err\n"), container_id="c1"),
    ),
    Row(
        id="run: every argument",
        call=lambda client: client.run(
            "busybox",
            ["sh", "-c", "exit 3"],
            name="/web",
            config=ContainerConfig(env={"A": "1"}, attach_stdout=False),
            host_config=HostConfig(network_mode="host"),
            remove=True,
        ),
        asks=[
            *to_the_end(
                asked(
                    "POST /containers/create?name=web",
                    {
                        "Env": ["A=1"],
                        "AttachStdout": True,
                        "Image": "busybox",
                        "Cmd": ["sh", "-c", "exit 3"],
                        "HostConfig": {"NetworkMode": "host"},
                        "AttachStderr": True,
                    },
                )
            ),
            asked(REMOVE),
        ],
        answers=[CREATED, OUTPUT, DONE, EXITED, ended(3), DONE],
        gives=RunResult(exit_code=3, output=Output(b"out\n", b"err\n"), container_id="c1"),
    ),
    Row(
        id="run: the look that confirms the end tells the exit code",
        call=lambda client: client.run("busybox", remove=True),
        asks=[*to_the_end()[:-1], asked(REMOVE)],
        answers=[CREATED, OUTPUT, DONE, ended_as(), DONE],
        gives=RunResult(exit_code=3, output=Output(b"out\n", b"err\n"), container_id="c1"),
    ),
    *(
        Row(
            id=f"run: a look that tells no exit code for good: {name}",
            call=lambda client: client.run("busybox"),
            asks=to_the_end(),
            answers=[CREATED, OUTPUT, DONE, ended_as(**state), ended(4)],
            gives=RunResult(exit_code=4, output=Output(b"out\n", b"err\n"), container_id="c1"),
        )
        for name, state in {
            "it starts anew": {"Status": "restarting", "Restarting": True},
            "it runs anew": {"Status": "running", "Running": True, "ExitCode": 0},
            "with an error": {"Error": "device busy"},
            "none": {"ExitCode": None},
        }.items()
    ),
    Row(
        id="run: an Engine that does not upgrade",
        call=lambda client: client.run("busybox"),
        asks=to_the_end(),
        answers=[CREATED, RAW_STREAM + frame("stdout", b"out\n"), DONE, EXITED, ended(0)],
        gives=RunResult(exit_code=0, output=Output(b"out\n", b""), container_id="c1"),
        at=(OLD,),
    ),
    Row(
        id="run: on a terminal",
        call=lambda client: client.run("busybox", config=ContainerConfig(tty=True)),
        asks=to_the_end(asked("POST /containers/create", {**BODY, "Tty": True})),
        answers=[
            CREATED,
            UPGRADED + b"\x01\x00\x00\x00/ # \r\n",
            DONE,
            EXITED,
            ended(0),
        ],
        gives=RunResult(
            exit_code=0, output=Output(b"\x01\x00\x00\x00/ # \r\n", b""), container_id="c1"
        ),
    ),
    Row(
        id="run: an image that is not there",
        call=lambda client: client.run("busybox"),
        asks=[
            asked("POST /containers/create", BODY),
            asked("POST /images/create?fromImage=busybox&tag=latest"),
            *to_the_end(),
        ],
        answers=[NO_IMAGE, PULLED, CREATED, OUTPUT, DONE, EXITED, ended(0)],
        gives=RunResult(exit_code=0, output=Output(b"out\n", b"err\n"), container_id="c1"),
    ),
    Row(
        id="run: an image that is pulled for a platform",
        call=lambda client: client.run("team/app:v1", platform="linux/arm64"),
        asks=[
            asked(
                "POST /containers/create?platform=linux%2Farm64", {**BODY, "Image": "team/app:v1"}
            ),
            asked("POST /images/create?fromImage=team%2Fapp&tag=v1&platform=linux%2Farm64"),
            *to_the_end(
                asked(
                    "POST /containers/create?platform=linux%2Farm64",
                    {**BODY, "Image": "team/app:v1"},
                )
            ),
        ],
        answers=[NO_IMAGE, PULLED, CREATED, OUTPUT, DONE, EXITED, ended(0)],
        gives=RunResult(exit_code=0, output=Output(b"out\n", b"err\n"), container_id="c1"),
        refused=needs("POST /containers/create ?platform", "1.41"),
    ),
    Row(
        id="run: with a host config that goes into the start",
        call=lambda client: client.run("busybox", host_config=HostConfig(binds=["/a:/b"])),
        asks=to_the_end(start=asked("POST /containers/c1/start", {"Binds": ["/a:/b"]})),
        answers=[CREATED, OUTPUT, DONE, EXITED, ended(0)],
        gives=RunResult(exit_code=0, output=Output(b"out\n", b"err\n"), container_id="c1"),
        at=("1.14",),
    ),
    Row(
        id="run: removed by an Engine that must be made to kill first",
        call=lambda client: client.run("busybox", remove=True),
        asks=[
            *after_a_look(),
            asked("POST /containers/c1/kill"),
            asked("DELETE /containers/c1?v=1"),
        ],
        answers=[CREATED, READY, OUTPUT, DONE, EXITED, ended(0), DONE, DONE],
        gives=RunResult(exit_code=0, output=Output(b"out\n", b"err\n"), container_id="c1"),
        at=("1.9",),
        release="0.8.1",
    ),
    *(
        Row(
            id=f"run: an image that may give the container a terminal, on {release}",
            call=lambda client: client.run("busybox"),
            asks=after_a_look() if looks else to_the_end(),
            answers=[
                CREATED,
                *([ON_A_TERMINAL] if looks else []),
                RAW_STREAM + frame("stdout", b"/ # \r\n"),
                DONE,
                EXITED,
                ended(0),
            ],
            gives=RunResult(
                exit_code=0,
                output=Output(frame("stdout", b"/ # \r\n") if looks else b"/ # \r\n", b""),
                container_id="c1",
            ),
            at=("1.10",),
            release=release,
        )
        for release, looks in {"0.9.1": True, "0.10.0": True, "0.11.0": False}.items()
    ),
    Row(
        id="run_detached",
        call=lambda client: client.run_detached("busybox", "sleep 9"),
        asks=[
            asked("POST /containers/create", {"Image": "busybox", "Cmd": ["sleep", "9"]}),
            asked("POST /containers/c1/start"),
        ],
        answers=[CREATED, DONE],
        gives="c1",
    ),
    Row(
        id="run_detached: every argument",
        call=lambda client: client.run_detached(
            "busybox",
            ["sleep", "9"],
            name="web",
            config=ContainerConfig(labels={"a": "b"}),
            host_config=HostConfig(network_mode="host"),
            auth=Credentials(username="ada"),
        ),
        asks=[
            asked(
                "POST /containers/create?name=web",
                {
                    "Labels": {"a": "b"},
                    "Image": "busybox",
                    "Cmd": ["sleep", "9"],
                    "HostConfig": {"NetworkMode": "host"},
                },
            ),
            asked(
                "POST /images/create?fromImage=busybox&tag=latest",
                X_Registry_Auth=base64.urlsafe_b64encode(
                    json.dumps({"username": "ada"}).encode()
                ).decode(),
            ),
            asked(
                "POST /containers/create?name=web",
                {
                    "Labels": {"a": "b"},
                    "Image": "busybox",
                    "Cmd": ["sleep", "9"],
                    "HostConfig": {"NetworkMode": "host"},
                },
            ),
            asked("POST /containers/c1/start"),
        ],
        answers=[NO_IMAGE, PULLED, CREATED, DONE],
        gives="c1",
    ),
    Row(
        id="run_detached: with a host config that goes into the start",
        call=lambda client: client.run_detached(
            "busybox", host_config=HostConfig(privileged=True, memory="64m")
        ),
        asks=[
            asked("POST /containers/create", {"Image": "busybox", "Memory": 64 * 1024**2}),
            asked("POST /containers/c1/start", {"Privileged": True}),
        ],
        answers=[CREATED, DONE],
        gives="c1",
        at=("1.14",),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


@pytest.mark.parametrize("row", refused(ROWS))
def test_what_the_version_cannot_do_is_refused_and_not_asked(row: Row) -> None:
    check_not_supported(row)


def test_what_start_cannot_do_is_refused_before_the_container_is_made() -> None:
    """It would be left behind."""
    with ScriptedDaemon() as daemon, Client(daemon.url, version="1.14") as client:
        for run in (client.run, client.run_detached):
            with pytest.raises(NotSupported) as caught:
                run("busybox", host_config=HostConfig(extra_hosts=["a:10.0.0.1"]))
            assert str(caught.value) == (
                "POST /containers/{id}/start ExtraHosts needs API 1.15; API 1.14 was asked for "
                "(the Engine speaks 1.41)"
            )
    assert daemon.requests == []


# Order


def test_the_container_is_attached_to_before_it_starts() -> None:
    """The stream is open when the start is asked for, and what it then writes arrives."""
    started = threading.Event()

    def attach(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        assert started.wait(PATIENCE)
        conversation.send(frame("stdout", b"first words"))

    def start(conversation: Conversation) -> None:
        conversation.send(LAST)
        started.set()

    script = scripted(attach=attach, start=start)
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        result = client.run("busybox")
    assert result.output == Output(b"first words", b"")


def scripted(
    *,
    create: Any = CREATED,
    inspect: Any = EXITED,
    attach: Any = OUTPUT,
    start: Any = DONE,
    wait: Any = None,
    remove: Any = (),
) -> dict[str, Any]:
    return {
        "POST /v1.41/containers/create": create,
        "GET /v1.41/containers/c1/json": inspect,
        "POST /v1.41/containers/c1/attach": attach,
        "POST /v1.41/containers/c1/start": start,
        "POST /v1.41/containers/c1/wait": ended(0) if wait is None else wait,
        "DELETE /v1.41/containers/c1": remove,
        # Asked where the answer to the start ended its connection.
        "GET /v1.41/info": json_reply({"SystemTime": "2026-01-02T03:05:00Z"}),
    }


def lines(daemon: ScriptedDaemon) -> list[str]:
    """What was asked, without versions and queries."""
    return [
        f"{request.method} {request.target.removeprefix('/v1.41').partition('?')[0]}"
        for request in daemon.requests
    ]


# The end


@pytest.mark.parametrize("remove", [False, True])
def test_a_failing_command_raises_if_that_is_asked_for(remove: bool) -> None:
    script = scripted(wait=ended(3), remove=[DONE] * remove)
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(CommandFailed) as caught:
            client.run("busybox", ["false"], check=True, remove=remove)
    assert (str(caught.value), caught.value.exit_code, caught.value.output) == (
        "busybox ['false'] ended with exit code 3\nstdout:\nout\nstderr:\nerr",
        3,
        Output(b"out\n", b"err\n"),
    )


def test_a_command_that_succeeds_does_not_raise() -> None:
    with ScriptedDaemon(scripted()) as daemon, Client(daemon.url) as client:
        assert client.run("busybox", check=True).exit_code == 0


BEFORE_START = ["POST /containers/create", "POST /containers/c1/attach"]
REFUSED = json_reply({"message": "exec: nosuch: not found"}, 400)


@pytest.mark.parametrize("remove", [False, True])
def test_a_container_that_does_not_start_is_removed_in_any_case(remove: bool) -> None:
    """Nobody has its id."""
    script = scripted(
        attach=lambda conversation: (conversation.send(UPGRADED), conversation.wait_for_hangup()),
        start=REFUSED,
        wait=[],
        remove=[DONE],
    )
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ApiError) as caught:
            client.run("busybox", ["nosuch"], remove=remove)
    assert (str(caught.value), lines(daemon)) == (
        "POST /containers/{id}/start: 400 exec: nosuch: not found",
        [
            *BEFORE_START,
            "POST /containers/c1/start",
            "DELETE /containers/c1",
        ],
    )


def test_a_detached_container_that_does_not_start_is_removed() -> None:
    script = {
        "POST /v1.41/containers/create": json_reply({"Id": "c1"}, 201),
        "POST /v1.41/containers/c1/start": REFUSED,
        "DELETE /v1.41/containers/c1": DONE,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ApiError):
            client.run_detached("busybox", ["nosuch"])
    assert lines(daemon) == [
        "POST /containers/create",
        "POST /containers/c1/start",
        "DELETE /containers/c1",
    ]


@pytest.mark.parametrize("moment", ["attach", "start", "wait"])
def test_an_interrupted_run_removes_its_container(moment: str) -> None:
    """While its output is read, while it is started, while it is waited for."""

    def play(conversation: Conversation) -> None:
        if moment == "attach":
            conversation.send(OUTPUT)
            assert started.wait(PATIENCE)
        interrupt()
        conversation.wait_for_hangup()

    def start(conversation: Conversation) -> None:
        conversation.send(LAST)
        started.set()

    started = threading.Event()
    answers = {"start": start, "wait": [], moment: play}
    script = scripted(**answers, remove=[DONE])
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with interruptible() as interrupt, pytest.raises(KeyboardInterrupt):
            client.run("busybox", remove=True)
    assert lines(daemon)[-1] == "DELETE /containers/c1"


def test_an_error_of_the_callers_input_removes_the_container() -> None:
    def attach(conversation: Conversation) -> None:
        conversation.send(UPGRADED + frame("stdout", b"half of it"))
        conversation.wait_for_hangup()

    def failing() -> Iterator[bytes]:
        yield b"input"
        raise OSError("the disk is gone")

    script = scripted(attach=attach, wait=[], remove=[DONE])
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(OSError) as caught:
            client.run("busybox", ["cat"], input=failing(), remove=True)
    assert (str(caught.value), lines(daemon)) == (
        "the disk is gone",
        [*BEFORE_START, "POST /containers/c1/start", "DELETE /containers/c1"],
    )


def test_a_run_whose_engine_hangs_up_removes_its_container() -> None:
    """The Engine's connection breaks inside a frame, and comes back."""
    attach = OUTPUT + frame("stdout", b"cut")[:-1]
    script = scripted(attach=attach, wait=[], remove=[DONE])
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Truncated) as caught:
            client.run("busybox", remove=True)
    assert (str(caught.value), lines(daemon)[-1]) == (
        "stream ended inside a frame: 10 of 11 bytes",
        "DELETE /containers/c1",
    )


GONE_WRONG = json_reply({"message": "device or resource busy"}, 500)
LEFT_BEHIND = (
    "run: the container c1 is left behind: DELETE /containers/{id}: 500 device or resource busy"
)


def run_of_a_failing_command(client: Client) -> None:
    client.run("busybox", ["false"], check=True, remove=True)


@pytest.mark.parametrize(
    ("script", "call", "error", "words"),
    [
        pytest.param(
            {"start": REFUSED, "wait": []},
            lambda client: client.run("busybox", ["nosuch"]),
            ApiError,
            "POST /containers/{id}/start: 400 exec: nosuch: not found",
            id="it does not start",
        ),
        pytest.param(
            {"start": REFUSED, "wait": [], "attach": [], "inspect": []},
            lambda client: client.run_detached("busybox", ["nosuch"]),
            ApiError,
            "POST /containers/{id}/start: 400 exec: nosuch: not found",
            id="detached",
        ),
        pytest.param(
            {"wait": json_reply({"message": "no more"}, 500)},
            lambda client: client.run("busybox", remove=True),
            ApiError,
            "POST /containers/{id}/wait: 500 no more",
            id="it cannot be waited for",
        ),
        pytest.param(
            {"wait": ended(3)},
            run_of_a_failing_command,
            CommandFailed,
            "busybox ['false'] ended with exit code 3\nstdout:\nout\nstderr:\nerr",
            id="its command fails",
        ),
    ],
)
def test_the_first_error_is_told_where_removing_fails_too(
    script: Any, call: Any, error: Any, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedDaemon(scripted(**script, remove=[GONE_WRONG])) as daemon:
        with Client(daemon.url) as client, pytest.raises(error) as caught:
            call(client)
    assert (str(caught.value), lines(daemon)[-1]) == (words, "DELETE /containers/c1")
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warned == [LEFT_BEHIND]


def test_a_container_that_cannot_be_removed_after_its_end_is_an_error() -> None:
    with ScriptedDaemon(scripted(remove=[GONE_WRONG])) as daemon, Client(daemon.url) as client:
        with pytest.raises(ApiError) as caught:
            client.run("busybox", remove=True)
    assert str(caught.value) == "DELETE /containers/{id}: 500 device or resource busy"


def test_a_run_without_remove_leaves_its_container() -> None:
    with ScriptedDaemon(scripted()) as daemon, Client(daemon.url) as client:
        client.run("busybox")
    assert lines(daemon) == [
        *BEFORE_START,
        "POST /containers/c1/start",
        "GET /containers/c1/json",
        "POST /containers/c1/wait",
    ]


def test_a_client_that_is_closed_meanwhile_raises_closed() -> None:
    def attach(conversation: Conversation) -> None:
        conversation.send(UPGRADED + frame("stdout", b"half of it"))
        assert started.wait(PATIENCE)
        client.close()
        conversation.wait_for_hangup()

    def start(conversation: Conversation) -> None:
        conversation.send(LAST)
        started.set()

    started = threading.Event()
    script = scripted(attach=attach, start=start, wait=[])
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Closed):
            client.run("busybox")


# The image


def test_an_image_that_no_registry_has_raises_the_words_of_the_pull() -> None:
    script = {
        "POST /v1.41/containers/create": [NO_IMAGE],
        "POST /v1.41/images/create": json_reply({"message": DENIED}, 404),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ImageNotFound) as caught:
            client.run("busybox")
    assert str(caught.value) == f"POST /images/create: 404 {DENIED}"


def test_a_pull_that_fails_raises_and_nothing_is_created() -> None:
    failure = {"errorDetail": {"message": "no space"}, "error": "no space"}
    script = {
        "POST /v1.41/containers/create": [NO_IMAGE],
        "POST /v1.41/images/create": chunked(json.dumps(failure).encode()),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PullFailed) as caught:
            client.run("busybox")
    assert caught.value.message == "no space"


def test_an_image_that_is_missing_after_its_pull_is_not_pulled_again() -> None:
    script = {
        "POST /v1.41/containers/create": [NO_IMAGE, NO_IMAGE],
        "POST /v1.41/images/create": [PULLED],
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ImageNotFound) as caught:
            client.run("busybox")
    assert caught.value.message == "No such image: busybox:latest"


@pytest.mark.parametrize("image", ["a" * 64, f"sha256:{'a' * 64}"])
def test_an_image_that_is_named_by_its_id_is_not_pulled(image: str) -> None:
    """No registry knows it."""
    script = {"POST /v1.41/containers/create": [NO_IMAGE]}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ImageNotFound) as caught:
            client.run(image)
    assert caught.value.message == "No such image: busybox:latest"


def test_an_image_of_another_platform_is_pulled_for_the_one_that_is_wanted() -> None:
    other = (
        "image with reference busybox was found but its platform (linux/amd64) does not match the "
        "specified platform (linux/s390x)"
    )
    create = "POST /containers/create?platform=linux%2Fs390x"
    pull = "POST /images/create?fromImage=busybox&tag=latest&platform=linux%2Fs390x"
    script = {
        f"POST /v1.41{create[5:]}": [json_reply({"message": other}, 404), CREATED],
        f"POST /v1.41{pull[5:]}": [PULLED],
        "POST /v1.41/containers/c1/start": [DONE],
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.run_detached("busybox", platform="linux/s390x") == "c1"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            'create x: error looking up volume plugin nope: plugin "nope" not found',
            PluginNotFound,
        ),
        ("No such container: nope", ContainerNotFound),
        ("network nope not found", NetworkNotFound),
        ("get x: no such volume", VolumeNotFound),
        ("page not found", NotFound),
        ("the Engine's own words", NotFound),
    ],
)
@pytest.mark.parametrize("run", [Client.run, Client.run_detached], ids=["run", "run_detached"])
def test_what_else_is_missing_is_no_reason_to_pull(
    run: Callable[..., object], words: str, error: type[NotFound]
) -> None:
    script = {"POST /v1.41/containers/create": [json_reply({"message": words}, 404)]}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            run(client, "busybox")
    assert (type(caught.value), caught.value.message) == (error, words)


@pytest.mark.parametrize(
    ("status", "error"), [(409, Conflict), (500, ServerError)], ids=["conflict", "server error"]
)
def test_another_refusal_is_no_reason_to_pull(status: int, error: type[ApiError]) -> None:
    script = {"POST /v1.41/containers/create": [json_reply({"message": "no"}, status)]}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error):
            client.run("busybox", name="web")


# Input


def cat(conversation: Conversation) -> None:
    conversation.send(UPGRADED)
    while data := conversation.receive(1000):
        conversation.send(frame("stdout", data))


@pytest.mark.parametrize(
    ("input", "output"),
    [
        (b"", b""),
        (bytes(range(256)) * 5_000, bytes(range(256)) * 5_000),
        (io.BytesIO(b"one two"), b"one two"),
        (iter([b"one ", b"two"]), b"one two"),
    ],
    ids=["nothing", "many bytes", "a file object", "an iterator"],
)
def test_input_is_sent_while_output_is_read_and_then_ended(input: Any, output: bytes) -> None:
    script = scripted(attach=cat)
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        result = client.run("busybox", ["cat"], input=input)
    create, attach, *_ = daemon.requests
    assert (result.output, create, attach) == (
        Output(output, b""),
        asked(
            "POST /v1.41/containers/create",
            {**BODY, "Cmd": ["cat"], "AttachStdin": True, "OpenStdin": True, "StdinOnce": True},
        ),
        asked("POST /v1.41/containers/c1/attach?stdin=1&stdout=1&stderr=1&logs=0&stream=1"),
    )


def test_input_is_refused_where_its_end_would_lose_the_output() -> None:
    """Engines older than 0.5.0; nothing is created."""
    daemon = ScriptedDaemon(release="0.4.4", api=None, lowest=None)
    with daemon, Client(daemon.url) as client:
        with pytest.raises(NotSupported) as caught:
            client.run("busybox", ["cat"], input=b"")
    assert (str(caught.value), daemon.requests) == (
        "ending the input of a container needs Engine 0.5.0; this one is 0.4.4, which would lose "
        "the output",
        [],
    )


# Bad input

NO_NAME = (
    "the name of a container is made of letters, digits, '_', '.' and '-' and begins with a letter "
    "or digit, not 'a b'"
)
BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "auto_remove": (
        lambda client: client.run("busybox", host_config=HostConfig(auto_remove=True)),
        ValueError,
        "run: auto_remove takes the exit code away; use remove=True instead",
    ),
    "a name": (lambda client: client.run("busybox", name="a b"), ValueError, NO_NAME),
    "a name, detached": (
        lambda client: client.run_detached("busybox", name="a b"),
        ValueError,
        NO_NAME,
    ),
    "a command": (
        lambda client: client.run("busybox", 7),
        TypeError,
        "command: a string or a list of words was expected, not 7",
    ),
    "two commands": (
        lambda client: client.run("busybox", "a", config=ContainerConfig(command="b")),
        ValueError,
        "command: 'a', but config has ('b',), too",
    ),
    "two images": (
        lambda client: client.run_detached("busybox", config=ContainerConfig(image="alpine")),
        ValueError,
        "image: 'busybox', but config has 'alpine'",
    ),
    "input that is text": (
        lambda client: client.run("busybox", input="text"),
        TypeError,
        f"input: {NO_DATA}'text'",
    ),
    "input for a terminal": (
        lambda client: client.run("busybox", input=b"", config=ContainerConfig(tty=True)),
        ValueError,
        "run: input needs an end, which a TTY's input has not: tty=True",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


def test_a_recorded_missing_image_is_told_in_the_words_of_the_engine() -> None:
    script = {
        f"POST /v{NEW}/containers/create": recorded("container_create_404"),
        f"POST /v{NEW}/images/create": recorded("image_pull_fail"),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ServerError) as caught:
            client.run("127.0.0.1:9/nothing")
    assert caught.value.message == (
        'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused'
    )


def test_the_exit_code_of_an_engine_that_came_back_is_not_taken_for_the_whole() -> None:
    """It dies after the end of the output, and is asked for the exit code once."""

    def die(conversation: Conversation) -> None:
        conversation.reset()

    def retry(route: str, error: DockerError, times: int) -> float | None:
        return 0.001 if isinstance(error, ConnectionFailed) else None

    script = scripted(wait=[die, ended(0)])
    with ScriptedDaemon(script) as daemon, Client(daemon.url, retry=retry) as client:
        with pytest.raises(ConnectionFailed):
            client.run("busybox")
        assert client.wait("c1") == 0
    assert lines(daemon)[-2:] == ["POST /containers/c1/wait"] * 2


def test_output_that_breaks_is_not_taken_for_its_end() -> None:
    def attach(conversation: Conversation) -> None:
        conversation.send(OUTPUT)
        assert started.wait(PATIENCE)
        conversation.reset()

    def start(conversation: Conversation) -> None:
        conversation.send(LAST)
        started.set()

    started = threading.Event()
    script = scripted(attach=attach, start=start, wait=[])
    with ScriptedDaemon(script, tcp=True) as daemon, Client(daemon.url) as client:
        with pytest.raises(StreamInterrupted) as caught:
            client.run("busybox")
    assert str(caught.value) == (
        f"{daemon.url}: the connection was reset. Did the Engine stop, or does it expect TLS there?"
    )


# A limit for all of it


def silent(conversation: Conversation) -> None:
    conversation.wait_for_hangup()


def speaks_once(conversation: Conversation) -> None:
    conversation.send(OUTPUT)
    conversation.wait_for_hangup()


def cut_short(script: dict[str, Any], **options: Any) -> tuple[TimedOut, list[str]]:
    """The error of a run that takes too long, and what was asked."""
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.run("busybox", **options)
    assert (caught.value.kind, caught.value.seconds) == ("whole", options["timeout"])
    return caught.value, lines(daemon)


KILL = "POST /v1.41/containers/c1/kill"


@pytest.mark.dear
@pytest.mark.parametrize(
    ("remove", "last", "then", "becomes"),
    [
        (False, KILL, DONE, "was killed"),
        (
            False,
            KILL,
            json_reply({"message": "container c1 is not running"}, 409),
            "had ended",
        ),
        (
            False,
            KILL,
            json_reply({"message": "out of order"}, 500),
            "could not be killed",
        ),
        (True, "DELETE /v1.41/containers/c1", DONE, "was removed"),
        (
            True,
            "DELETE /v1.41/containers/c1",
            json_reply({"message": "out of order"}, 500),
            "could not be removed",
        ),
    ],
    ids=["killed", "had ended", "not killed", "removed", "not removed"],
)
def test_a_run_that_takes_too_long_keeps_the_output_so_far_and_nothing_running(
    remove: bool, last: str, then: bytes, becomes: str
) -> None:
    script = {**scripted(attach=speaks_once, wait=[]), last: then}
    error, asked_for = cut_short(script, remove=remove, timeout=2)
    assert (str(error), error.output, error.id) == (
        f"run: not done within 2 seconds; container c1 {becomes}",
        Output(b"out\n", b"err\n"),
        "c1",
    )
    assert asked_for == [
        *BEFORE_START,
        "POST /containers/c1/start",
        last.replace("/v1.41", ""),
    ]
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.output, again.id, again.kind) == (
        str(error),
        error.output,
        "c1",
        "whole",
    )


@pytest.mark.dear
def test_a_container_that_goes_on_after_its_output_is_cut_off_too() -> None:
    script = {
        **scripted(wait=silent),
        KILL: DONE,
    }
    error, _ = cut_short(script, timeout=2)
    assert (str(error), error.output) == (
        "run: not done within 2 seconds; container c1 was killed",
        Output(b"out\n", b"err\n"),
    )


@pytest.mark.dear
@pytest.mark.parametrize(
    ("script", "then", "id"),
    [
        (
            {
                "POST /v1.41/containers/create": NO_IMAGE,
                "POST /v1.41/images/create": silent,
            },
            "no container was started",
            "",
        ),
        (
            scripted(attach=silent, start=[], wait=[], remove=[DONE]),
            "container c1 was removed",
            "c1",
        ),
    ],
    ids=["while it pulls", "before its start"],
)
def test_the_time_is_for_what_comes_before_the_start_too(
    script: dict[str, Any], then: str, id: str
) -> None:
    error, _ = cut_short(script, timeout=1)
    assert (str(error), error.output, error.id) == (
        f"run: not done within 1 seconds; {then}",
        Output(),
        id,
    )


@pytest.mark.dear
def test_a_policy_has_nothing_sent_again_once_the_time_is_over() -> None:
    asked_again = []

    def policy(route: str, error: DockerError, times: int) -> float:
        asked_again.append(times)
        return 0

    script = {"POST /v1.41/containers/create": silent}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, retry=policy) as client:
        with pytest.raises(TimedOut):
            client.run("busybox", timeout=1)
    assert (asked_again, lines(daemon)) == ([], ["POST /containers/create"])


@pytest.mark.parametrize(
    ("timeout", "words"),
    [
        (0, "timeout: more than 0 seconds, not 0"),
        (-1, "timeout: more than 0 seconds, not -1"),
        ("5", "timeout: seconds or None were expected, not '5'"),
        (True, "timeout: seconds or None were expected, not True"),
    ],
    ids=repr,
)
def test_a_time_that_is_none_is_refused(timeout: Any, words: str) -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        for call in (
            lambda: client.run("busybox", timeout=timeout),
            lambda: client.exec_run("web", ["true"], timeout=timeout),
            lambda: client.wait("web", timeout=timeout),
            lambda: client.wait_until("web", "running", timeout=timeout),
        ):
            with pytest.raises((ValueError, TypeError)) as caught:
                call()
            assert str(caught.value) == words


def test_what_a_pull_reports_is_given_to_the_caller() -> None:
    script = {
        "POST /v1.41/containers/create": [NO_IMAGE, CREATED],
        "POST /v1.41/images/create": PULLED,
        "POST /v1.41/containers/c1/start": DONE,
    }
    told: list[str | None] = []
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.run_detached("busybox", progress=lambda value: told.append(value.status))
    assert told == ["Status: Downloaded newer image for busybox:latest"]
