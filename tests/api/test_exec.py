"""Exec: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from api.rows import (
    NEW,
    NO_DATA,
    NO_IDS,
    NO_TEXTS,
    OLD,
    Row,
    Statuses,
    all_of,
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
    Closed,
    CommandFailed,
    Conflict,
    ContainerNotFound,
    NotFound,
    NotSupported,
    ServerError,
    TimedOut,
    UnexpectedReply,
)
from dockerapi.models.exec import Exec, ExecCreated, ExecResult
from dockerapi.output import Frame, Output
from scripted import (
    EXEC_EVENTS,
    EXEC_EVENTS_ON_A_TTY,
    UPGRADED,
    Conversation,
    ScriptedDaemon,
    asked,
    exec_died,
    frame,
    json_reply,
    reply,
    version_of,
)

ID = "5243b4c038f53d10dd1ce51eebebf5f1df25396405ba15413a507fbe1c9e4c3d"
OLD_ID = "f8e76b62befa55c76383d57c0b5d46e0ec27ee0589e542e23c371bfe0a4d47ca"
PLAIN = {"AttachStdin": False, "AttachStdout": True, "AttachStderr": True, "Tty": False}
CREATED = json_reply({"Id": "e1"}, 201)
STARTED = {"Detach": False, "Tty": False}


def create(**body: Any) -> Any:
    return asked("POST /containers/web/exec", {**PLAIN, "Cmd": ["true"], **body})


def inspected(**found: Any) -> bytes:
    return json_reply({"ID": "e1", **found})


EVERY_OPTION = {
    "AttachStdin": True,
    "AttachStdout": False,
    "AttachStderr": False,
    "Tty": True,
    "Cmd": ["sh", "-c", "a b"],
    "DetachKeys": "ctrl-p,ctrl-q",
    "Env": ["A=1", "B=x y"],
    "Privileged": True,
    "User": "1000:1000",
    "WorkingDir": "/srv",
}
ROWS = [
    *(
        Row(
            id="exec_create",
            call=lambda client: client.exec_create("/web", ["true"]),
            asks=[create()],
            answers=["exec_create"],
            gives=ExecCreated(id, tty=False),
            at=(version,),
        )
        for version, id in ((NEW, ID), (OLD, OLD_ID))
    ),
    Row(
        id="exec_create: every option",
        call=lambda client: client.exec_create(
            "web",
            "sh -c 'a b'",
            stdin=True,
            stdout=False,
            stderr=False,
            tty=True,
            detach_keys="ctrl-p,ctrl-q",
            env={"A": "1", "B": "x y"},
            privileged=True,
            user="1000:1000",
            working_dir="/srv",
        ),
        asks=[asked("POST /containers/web/exec", EVERY_OPTION)],
        answers=["exec_create"],
        gives=ExecCreated(ID, tty=True),
        at=(NEW,),
    ),
    Row(
        id="exec_create: as a user",
        call=lambda client: client.exec_create("web", ["true"], user="root"),
        asks=[create(User="root")],
        answers=[CREATED],
        gives=ExecCreated("e1", tty=False),
    ),
    *(
        Row(
            id=f"exec_create: {option}",
            call=lambda client, option=option, value=value: client.exec_create(
                "web", ["true"], **{option: value}
            ),
            asks=[create(**{field: value})],
            answers=[CREATED],
            gives=ExecCreated("e1", tty=False),
            refused=needs(f"POST /containers/{{id}}/exec {field}", since),
        )
        for option, field, value, since in (
            ("env", "Env", ["A=1"], "1.25"),
            ("detach_keys", "DetachKeys", "ctrl-a", "1.22"),
            ("privileged", "Privileged", False, "1.21"),
            ("working_dir", "WorkingDir", "/srv", "1.35"),
        )
    ),
    Row(
        id="exec_start",
        call=lambda client: all_of(client.exec_start(ExecCreated("e1", tty=False))),
        asks=[
            asked("GET /exec/e1/json"),
            asked("POST /exec/e1/start", STARTED),
            asked(f"GET {EXEC_EVENTS}"),
        ],
        answers=[inspected(), "exec_start", exec_died(2)],
        gives=[Frame("stdout", b"eo\n"), Frame("stderr", b"ee\n")],
    ),
    Row(
        id="exec_start: on a terminal",
        call=lambda client: all_of(client.exec_start(ExecCreated("e1", tty=True), tty=True)),
        asks=[
            asked("GET /exec/e1/json"),
            asked("POST /exec/e1/start", {"Detach": False, "Tty": True}),
            asked(f"GET {EXEC_EVENTS_ON_A_TTY}"),
        ],
        answers=[
            inspected(ProcessConfig={"tty": True}),
            UPGRADED + b"\x01\x00\x00\x00/ # ",
            exec_died(action="exec_detach"),
        ],
        gives=[Frame("stdout", b"\x01\x00\x00\x00/ # ")],
    ),
    Row(
        id="exec_start: of an id, which is asked for its terminal",
        call=lambda client: all_of(client.exec_start("e1")),
        asks=[
            asked("GET /exec/e1/json"),
            asked("POST /exec/e1/start", STARTED),
            asked(f"GET {EXEC_EVENTS}"),
        ],
        answers=[inspected(), "exec_start_stdin_upgrade", exec_died(2)],
        gives=[Frame("stdout", b"exec stdin\n")],
    ),
    Row(
        id="exec_start: of an id on a terminal",
        call=lambda client: all_of(client.exec_start("e1", tty=True)),
        asks=[
            asked("GET /exec/e1/json"),
            asked("POST /exec/e1/start", {"Detach": False, "Tty": True}),
            asked(f"GET {EXEC_EVENTS_ON_A_TTY}"),
        ],
        answers=[inspected(ProcessConfig={"tty": True}), UPGRADED + b"/ # ", exec_died()],
        gives=[Frame("stdout", b"/ # ")],
    ),
    Row(
        id="exec_start_detached",
        call=lambda client: client.exec_start_detached(ExecCreated("e1", tty=False)),
        asks=[asked("POST /exec/e1/start", {"Detach": True, "Tty": False})],
        answers=["exec_start_detached"],
    ),
    Row(
        id="exec_resize",
        call=lambda client: client.exec_resize(ExecCreated("e1", tty=True), height=40, width=80),
        asks=[asked("POST /exec/e1/resize?h=40&w=80")],
        answers=[reply(201)],
    ),
    Row(
        id="exec_inspect",
        call=lambda client: client.exec_inspect("e1"),
        asks=[asked("GET /exec/e1/json")],
        answers=["exec_inspect"],
        gives=Exec(
            id=ID,
            container_id="bbbbccdb27a5f77ecc659d359e7e1aa0560391d22d89722f4c69f80a70b680c6",
            running=False,
            exit_code=2,
            pid=24168,
            entrypoint="sh",
            arguments=("-c", "echo eo; echo ee >&2; exit 2"),
            privileged=False,
            tty=False,
            open_stdin=False,
            open_stdout=True,
            open_stderr=True,
            can_remove=False,
        ),
        at=(NEW,),
    ),
    Row(
        id="exec_inspect: of what was created",
        call=lambda client: client.exec_inspect(ExecCreated("e1", tty=False)),
        asks=[asked("GET /exec/e1/json")],
        answers=["exec_inspect"],
        reads=Exec.parse,
    ),
    Row(
        id="exec_run",
        call=lambda client: client.exec_run("web", ["true"]),
        asks=[
            create(),
            asked("POST /exec/e1/start", STARTED),
            asked(f"GET {EXEC_EVENTS}"),
        ],
        answers=[CREATED, "exec_start", exec_died(2)],
        gives=ExecResult(exit_code=2, output=Output(b"eo\n", b"ee\n")),
    ),
    Row(
        id="exec_run: every option",
        call=lambda client: client.exec_run(
            "web",
            "sh -c 'a b'",
            tty=True,
            env={"A": "1", "B": "x y"},
            privileged=True,
            user="1000:1000",
            working_dir="/srv",
        ),
        asks=[
            asked(
                "POST /containers/web/exec",
                {
                    **PLAIN,
                    "Tty": True,
                    "Cmd": ["sh", "-c", "a b"],
                    "Env": ["A=1", "B=x y"],
                    "Privileged": True,
                    "User": "1000:1000",
                    "WorkingDir": "/srv",
                },
            ),
            asked("POST /exec/e1/start", {"Detach": False, "Tty": True}),
            asked(f"GET {EXEC_EVENTS}"),
        ],
        answers=[CREATED, UPGRADED + b"/ # ", exec_died()],
        gives=ExecResult(exit_code=0, output=Output(b"/ # ", b"")),
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
        "POST /containers/{id}/exec",
        "exec_create: as a user",
        {400: BadRequest, 404: ContainerNotFound, 409: Conflict, 500: ServerError},
    ),
    ("POST /exec/{id}/start", "exec_start", {404: NotFound, 409: Conflict, 500: ServerError}),
    ("POST /exec/{id}/start", "exec_start_detached", {404: NotFound, 409: Conflict}),
    ("POST /exec/{id}/resize", "exec_resize", {404: NotFound, 500: ServerError}),
    ("GET /exec/{id}/json", "exec_inspect: of what was created", {404: NotFound, 500: ServerError}),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


def test_a_missing_exec_instance_is_not_found_in_the_words_of_the_engine() -> None:
    script = {"GET /v1.41/exec/e1/json": recorded("exec_start_404")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotFound) as caught:
            client.exec_start(ExecCreated("e1", tty=False))
    assert (type(caught.value), caught.value.message) == (
        NotFound,
        "No such exec instance: nosuch",
    )


@pytest.mark.parametrize("answer", [{}, [], {"Id": 7}, {"Id": ""}])
def test_a_created_exec_without_an_id_is_shown(answer: Any) -> None:
    script = {"POST /v1.41/containers/web/exec": json_reply(answer, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.exec_create("web", ["true"])
    assert (str(caught.value), caught.value.raw) == (
        f"exec_create: an Id was expected, not {answer!r}",
        answer,
    )


# What is refused before anything is sent

OF_AN_EXEC = {
    "exec_start": lambda client, id: client.exec_start(id),
    "exec_start, its terminal known": lambda client, id: client.exec_start(id, tty=False),
    "exec_start_detached": lambda client, id: client.exec_start_detached(id, tty=True),
    "exec_resize": lambda client, id: client.exec_resize(id, height=1, width=1),
    "exec_inspect": lambda client, id: client.exec_inspect(id),
}
METHODS = pytest.mark.parametrize("call", OF_AN_EXEC.values(), ids=OF_AN_EXEC)


@METHODS
@pytest.mark.parametrize("id", NO_IDS.values(), ids=NO_IDS)
def test_what_is_no_id_of_an_exec_is_refused_and_nothing_is_sent(call: Any, id: str) -> None:
    check_refused_argument(
        lambda client: call(client, id),
        ValueError,
        f"not the id or name of any exec instance: {id!r}",
    )


@METHODS
@pytest.mark.parametrize("id", NO_TEXTS.values(), ids=NO_TEXTS)
def test_an_id_that_is_no_text_is_refused_and_nothing_is_sent(call: Any, id: Any) -> None:
    check_refused_argument(
        lambda client: call(client, id),
        TypeError,
        f"exec instance: a string was expected, not {id!r}",
    )


TEXT_FILE = io.StringIO("text")
BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "create: no command at all": (
        lambda client: client.exec_create("web", []),
        ValueError,
        "command: a program was expected, not []",
    ),
    "create: a user that is no text": (
        lambda client: client.exec_create("web", ["true"], user=5),
        TypeError,
        "user: a string was expected, not 5",
    ),
    "create: keys of two lines": (
        lambda client: client.exec_create("web", ["true"], detach_keys="\r\n"),
        ValueError,
        "detach_keys: one line of text was expected, not '\\r\\n'",
    ),
    "a command that is no list": (
        lambda client: client.exec_create("web", 7),
        TypeError,
        "command: a string or a list of words was expected, not 7",
    ),
    "a command with an open quote": (
        lambda client: client.exec_create("web", "echo 'a"),
        ValueError,
        'command: No closing quotation: "echo \'a"',
    ),
    "run: a command that is no list": (
        lambda client: client.exec_run("web", None),
        TypeError,
        "command: a string or a list of words was expected, not None",
    ),
    "resize: to nothing": (
        lambda client: client.exec_resize("e1", height=40, width=0),
        ValueError,
        "width: 1 to 65535 characters, not 0",
    ),
    "start: a terminal that it was not created with": (
        lambda client: client.exec_start(ExecCreated("e1", tty=False), tty=True),
        ValueError,
        "tty=True contradicts ExecCreated(id='e1', tty=False), which was created with tty=False",
    ),
    "run: input that is text": (
        lambda client: client.exec_run("web", ["cat"], input="text"),
        TypeError,
        f"input: {NO_DATA}'text'",
    ),
    "run: input from a file of text": (
        lambda client: client.exec_run("web", ["cat"], input=TEXT_FILE),
        TypeError,
        f"input: {NO_DATA}{TEXT_FILE!r}",
    ),
    "run: input for a terminal": (
        lambda client: client.exec_run("web", ["cat"], input=b"", tty=True),
        ValueError,
        "exec_run: input needs an end, which a TTY's input has not: tty=True",
    ),
    "create: a console of one number": (
        lambda client: client.exec_create("web", ["sh"], tty=True, console_size=(24,)),
        ValueError,
        "console_size: height and width were expected, not (24,)",
    ),
    "create: a console of no height": (
        lambda client: client.exec_create("web", ["sh"], tty=True, console_size=(0, 80)),
        ValueError,
        "height: 1 to 65535 characters, not 0",
    ),
    "create: a console that is text": (
        lambda client: client.exec_create("web", ["sh"], tty=True, console_size="24x80"),
        TypeError,
        "console_size: height and width was expected, not '24x80'",
    ),
    "create: a console without a terminal": (
        lambda client: client.exec_create("web", ["sh"], console_size=(24, 80)),
        ValueError,
        "console_size: it is that of a TTY, and there is none",
    ),
    "start: a console without a terminal": (
        lambda client: client.exec_start(ExecCreated(id="e1", tty=False), console_size=(24, 80)),
        ValueError,
        "console_size: it is that of a TTY, and there is none",
    ),
    "run: input that is a number": (
        lambda client: client.exec_run("web", ["cat"], input=7),
        TypeError,
        f"input: {NO_DATA}7",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


def test_a_terminal_that_the_engine_knows_better_is_refused() -> None:
    script = {"GET /v1.41/exec/e1/json": inspected(ProcessConfig={"tty": False})}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ValueError) as caught:
            client.exec_start("e1", tty=True)
    assert (str(caught.value), daemon.requests) == (
        "tty=True contradicts 'e1', which was created with tty=False",
        [asked("GET /v1.41/exec/e1/json")],
    )


# Old versions


def test_an_engine_that_cannot_inspect_an_exec_takes_the_callers_word() -> None:
    """API 1.15, the first with exec."""
    script = {
        "POST /v1.15/exec/e1/start": UPGRADED + b"/ # ",
        "GET /v1.15/_ping": reply(200, b"OK"),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version="1.15") as client:
        with client.exec_start("e1", tty=True) as attachment:
            assert attachment.read() == Output(b"/ # ", b"")


@pytest.mark.parametrize(
    ("version", "call", "message"),
    [
        (
            "1.15",
            lambda client: client.exec_start("e1"),
            "GET /exec/{id}/json needs API 1.16; API 1.15 was asked for (the Engine speaks 1.41)",
        ),
        (
            "1.15",
            lambda client: client.exec_run("web", ["true"]),
            "GET /exec/{id}/json needs API 1.16; API 1.15 was asked for (the Engine speaks 1.41)",
        ),
        (
            "1.14",
            lambda client: client.exec_create("web", ["true"]),
            "POST /containers/{id}/exec needs API 1.15; API 1.14 was asked for "
            "(the Engine speaks 1.41)",
        ),
    ],
)
def test_what_a_version_has_not_is_refused_and_not_asked(
    version: str, call: Any, message: str
) -> None:
    """exec_run too, before the command has run and its exit code cannot be known."""
    with ScriptedDaemon() as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(NotSupported) as caught:
            call(client)
    assert (str(caught.value), daemon.requests) == (message, [])


def test_the_input_of_a_terminal_is_not_ended() -> None:
    script = {
        "GET /v1.41/exec/e1/json": inspected(ProcessConfig={"tty": True}),
        "POST /v1.41/exec/e1/start": UPGRADED,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.exec_start(ExecCreated("e1", tty=True)) as attachment:
            with pytest.raises(NotSupported) as caught:
                attachment.close_stdin()
    assert str(caught.value) == (
        "close_stdin: a TTY's input has no end; write what ends it there, as a rule b'\\x04'"
    )


# Running to the end


def run_script(start: Any, *answers: bytes) -> dict[str, Any]:
    return {
        "POST /v1.41/containers/web/exec": CREATED,
        "POST /v1.41/exec/e1/start": start,
        "GET /v1.41/events": list(answers) or exec_died(),
    }


def test_a_failing_command_raises_if_that_is_asked_for() -> None:
    script = run_script(
        UPGRADED + frame("stdout", b"out") + frame("stderr", b"no such file\n"), exec_died(2)
    )
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(CommandFailed) as caught:
            client.exec_run("web", ["cat", "x"], check=True)
    assert (str(caught.value), caught.value.exit_code, caught.value.output) == (
        "['cat', 'x'] ended with exit code 2\nstdout:\nout\nstderr:\nno such file",
        2,
        Output(b"out", b"no such file\n"),
    )


NO_WAY = (
    "ending the input of an exec needs a way to the Engine that passes half-closes. There is a "
    "proxy in front of it (Server: nginx/1.22.1); nginx and others hang up both ways then, and the "
    "output would be lost. One that passes them on and leaves the Engine's own Server in the "
    "answers, as HAProxy in TCP mode, is taken for none"
)


def test_input_is_not_sent_where_a_proxy_may_not_pass_its_end_on() -> None:
    """On a socket of this machine, who answers may call itself so."""
    named = {
        "GET /_ping": reply(200, b"OK", Server="nginx/1.22.1"),
        "GET /version": json_reply(version_of("20.10.24", "1.41", "1.12")),
    }
    start = {
        "GET /v1.41/exec/e1/json": inspected(OpenStdin=True),
        "POST /v1.41/exec/e1/start": UPGRADED,
    }
    with ScriptedDaemon({**named, **start}, tcp=True) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotSupported) as refused:
            client.exec_run("web", ["cat"], input=b"x")
        assert str(refused.value) == NO_WAY
        assert [one.target for one in daemon.requests] == ["/_ping", "/version"]
        with client.exec_start(ExecCreated("e1", tty=False)) as attachment:
            with pytest.raises(NotSupported) as again:
                attachment.close_stdin()
        assert str(again.value) == NO_WAY
    with ScriptedDaemon({**named, **run_script(cat)}) as daemon, Client(daemon.url) as client:
        assert client.exec_run("web", ["cat"], input=b"x").output == Output(b"x", b"")


def test_a_command_that_succeeds_does_not_raise() -> None:
    with ScriptedDaemon(run_script(UPGRADED)) as daemon, Client(daemon.url) as client:
        result = client.exec_run("web", ["true"], check=True)
    assert result == ExecResult(exit_code=0, output=Output(b"", b""))


def cat(conversation: Conversation) -> None:
    conversation.send(UPGRADED)
    while data := conversation.receive(1000):
        conversation.send(frame("stdout", data))


def pieces() -> Iterator[bytes]:
    yield b"one "
    yield b""
    yield bytearray(b"two ")
    yield memoryview(b"three")


@pytest.mark.parametrize(
    ("input", "output"),
    [
        (b"", b""),
        (b"one two", b"one two"),
        (bytes(range(256)) * 10_000, bytes(range(256)) * 10_000),
        (io.BytesIO(b"one two"), b"one two"),
        (pieces(), b"one two three"),
        ([], b""),
    ],
    ids=["nothing", "bytes", "many bytes", "a file object", "an iterator", "an empty list"],
)
def test_input_is_sent_while_output_is_read_and_then_ended(input: Any, output: bytes) -> None:
    with ScriptedDaemon(run_script(cat)) as daemon, Client(daemon.url) as client:
        result = client.exec_run("web", ["cat"], input=input)
    assert (result, daemon.requests[0]) == (
        ExecResult(exit_code=0, output=Output(output, b"")),
        asked("POST /v1.41/containers/web/exec", {**PLAIN, "AttachStdin": True, "Cmd": ["cat"]}),
    )


def test_a_command_that_does_not_read_all_its_input_is_no_error() -> None:
    def head(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        conversation.send(frame("stdout", conversation.receive(3)))
        conversation.end()  # and no more, as Engines do
        conversation.wait_for_hangup()

    def endless() -> Iterator[bytes]:
        while True:
            yield b"y\n" * 30_000

    with ScriptedDaemon(run_script(head)) as daemon, Client(daemon.url) as client:
        result = client.exec_run("web", ["head", "-c3"], input=endless())
    assert result == ExecResult(exit_code=0, output=Output(b"y\ny", b""))


class OutOfPaper(Exception):
    """An error of the caller's own."""


def test_an_error_of_the_callers_input_reaches_the_caller_and_hangs_up() -> None:
    gone = threading.Event()
    error = OutOfPaper()

    def wait(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        conversation.wait_for_hangup()
        gone.set()

    def failing() -> Iterator[bytes]:
        yield b"one"
        raise error

    script = {**run_script(wait), "GET /v1.41/events": []}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(OutOfPaper) as caught:
            client.exec_run("web", ["cat"], input=failing())
    assert (caught.value is error, gone.is_set()) == (True, True)


def test_a_client_that_is_closed_meanwhile_raises_closed() -> None:
    def close(conversation: Conversation) -> None:
        conversation.send(UPGRADED + frame("stdout", b"half of it"))
        client.close()
        conversation.wait_for_hangup()

    script = {**run_script(close), "GET /v1.41/events": []}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Closed) as caught:
            client.exec_run("web", ["cat"])
    assert str(caught.value) == "the client was closed"


# A limit for all of it


@pytest.mark.dear
@pytest.mark.parametrize(
    ("inspect", "then"),
    [
        (inspected(Running=True, Pid=4711), "exec e1 goes on as process 4711 of the Engine's host"),
        (inspected(Running=True), "exec e1 goes on"),
        (inspected(Running=False), "exec e1 does not run"),
        (json_reply({"message": "no"}, 500), "what became of exec e1 is not known"),
    ],
    ids=["with its process", "of an older Engine", "has ended", "nobody tells"],
)
def test_an_exec_that_takes_too_long_keeps_the_output_so_far_and_is_named(
    inspect: bytes, then: str
) -> None:
    def start(conversation: Conversation) -> None:
        conversation.send(UPGRADED + frame("stdout", b"out\n"))
        conversation.wait_for_hangup()

    script = {
        "POST /v1.41/containers/web/exec": CREATED,
        "POST /v1.41/exec/e1/start": start,
        "GET /v1.41/exec/e1/json": inspect,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.exec_run("web", ["true"], timeout=2)
    error = caught.value
    assert (str(error), error.kind, error.seconds, error.output, error.id) == (
        f"exec_run: not done within 2 seconds; {then}",
        "whole",
        2,
        Output(b"out\n", b""),
        "e1",
    )


@pytest.mark.dear
def test_an_exec_that_is_not_even_made_in_time_has_started_nothing() -> None:
    script = {
        "POST /v1.41/containers/web/exec": lambda conversation: conversation.wait_for_hangup()
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.exec_run("web", ["true"], timeout=1)
    assert str(caught.value) == "exec_run: not done within 1 seconds; nothing was started"
