"""Logs and attachments: what each asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

import base64
import datetime
import gc
import hashlib
import threading
from typing import Any

import pytest

from api.rows import (
    NEW,
    Row,
    Statuses,
    all_of,
    check_refusal,
    check_refused_argument,
    played,
    recorded,
    refusals,
)
from dockerapi import (
    ApiError,
    BadRequest,
    Client,
    Conflict,
    ContainerNotFound,
    NotSupported,
    ServerError,
    StreamInterrupted,
    TimedOut,
    UnexpectedReply,
)
from dockerapi.output import Frame, Output
from scripted import (
    PATIENCE,
    PODMAN,
    UPGRADED,
    Conversation,
    ScriptedDaemon,
    asked,
    chunked,
    frame,
    head,
    json_reply,
    reply,
)

UTC = datetime.timezone.utc
ID = "926b0c168505e37795e7f54be17d061965884d6476eccf38b6badaa702d1873f"
ENDED = {"Status": "exited", "FinishedAt": "2026-01-02T03:04:05.6Z"}


def read(stream: Any) -> Any:
    with stream:
        return stream.read()


def websocket(conversation: Conversation) -> None:
    """Two binary messages and a close frame, as RFC 6455 has them."""
    key = conversation.request.headers["Sec-WebSocket-Key"]
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    accept = base64.b64encode(digest).decode()
    conversation.send(
        head(101, Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Accept=accept)
        + b"\x82\x04out\n\x82\x04err\n\x88\x02\x03\xe8"
    )


def container(state: dict[str, Any], config: dict[str, bool] | None = None) -> bytes:
    return json_reply({"Id": ID, "State": state, "Config": config or {}, "NetworkSettings": {}})


ROWS = [
    # Logs
    Row(
        id="logs",
        call=lambda client: all_of(client.logs("web")),
        asks=[
            asked("GET /containers/web/json"),
            asked("GET /containers/web/logs?stdout=1&stderr=1"),
        ],
        answers=["container_inspect", "container_logs"],
        gives=[
            Frame("stdout", b"2026-11-21T00:55:32.315384998Z out\n"),
            Frame("stderr", b"2026-11-21T00:55:32.315412301Z err\n"),
        ],
        at=(NEW,),
    ),
    Row(
        id="logs: options",
        call=lambda client: read(
            client.logs(
                "web",
                stdout=True,
                stderr=False,
                follow=True,
                timestamps=True,
                tail=0,
                since=datetime.datetime(2013, 7, 17, 13, 32, 4, tzinfo=UTC),
            )
        ),
        asks=[
            asked("GET /containers/web/json"),
            asked(
                "GET /containers/web/logs?"
                "stdout=1&stderr=0&follow=1&timestamps=1&tail=0&since=1374067924"
            ),
        ],
        answers=["container_inspect", chunked(frame("stdout", b"a"), frame("stdout", b"b"))],
        gives=Output(b"ab", b""),
    ),
    Row(
        id="logs: until",
        call=lambda client: all_of(client.logs("web", until="2013-07-17T13:32:04.5Z")),
        asks=[
            asked("GET /containers/web/json"),
            asked("GET /containers/web/logs?stdout=1&stderr=1&until=1374067924.5"),
        ],
        answers=["container_inspect", chunked()],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="logs: of a TTY",
        call=lambda client: all_of(client.logs("web")),
        asks=[
            asked("GET /containers/web/json"),
            asked("GET /containers/web/logs?stdout=1&stderr=1"),
        ],
        answers=["container_inspect_tty", chunked(b"\x01\x00\x00\x00/ # ")],
        gives=[Frame("stdout", b"\x01\x00\x00\x00/ # ")],
    ),
    # Attach
    Row(
        id="attach",
        call=lambda client: all_of(client.attach("web")),
        asks=[
            asked("GET /containers/web/json"),
            asked("POST /containers/web/attach?stdin=0&stdout=1&stderr=1&logs=0&stream=1"),
            asked(f"GET /containers/{ID}/json"),
            asked(f"GET /containers/{ID}/json"),
        ],
        answers=[
            container({"Running": True}),
            UPGRADED + frame("stdout", b"out\n") + frame("stderr", b"err\n"),
            container({"Running": True}),
            container(ENDED),
        ],
        gives=[Frame("stdout", b"out\n"), Frame("stderr", b"err\n")],
    ),
    Row(
        id="attach: to one that was not started",
        call=lambda client: all_of(client.attach("web", logs=True)),
        asks=[
            asked("GET /containers/web/json"),
            asked("POST /containers/web/attach?stdin=0&stdout=1&stderr=1&logs=1&stream=1"),
            asked(f"GET /containers/{ID}/json"),
        ],
        answers=[container({"Status": "created"}), UPGRADED, container(ENDED)],
        gives=[],
    ),
    Row(
        id="attach: to a TTY",
        call=lambda client: all_of(client.attach("web", stdin=True, stderr=False)),
        asks=[
            asked("GET /containers/web/json"),
            asked("POST /containers/web/attach?stdin=1&stdout=1&stderr=0&logs=0&stream=1"),
            asked(f"GET /containers/{ID}/json"),
            asked(f"GET /containers/{ID}/json"),
        ],
        answers=[
            container({"Running": True}, {"Tty": True}),
            UPGRADED + b"/ # ",
            container({"Running": True}, {"Tty": True}),
            container(ENDED, {"Tty": True}),
        ],
        gives=[Frame("stdout", b"/ # ")],
    ),
    Row(
        id="attach: to the log of one that has ended",
        call=lambda client: all_of(client.attach("web", logs=True, stream=False)),
        asks=[
            asked("GET /containers/web/json"),
            asked("POST /containers/web/attach?stdin=0&stdout=1&stderr=1&logs=1&stream=0"),
            asked("GET /_ping"),
        ],
        answers=["container_inspect", UPGRADED + frame("stdout", b"out\n"), reply(200, b"OK")],
        gives=[Frame("stdout", b"out\n")],
    ),
    Row(
        id="attach_websocket",
        call=lambda client: read(client.attach_websocket("web", stdin=True, logs=True)),
        asks=[
            asked("GET /containers/web/json"),
            asked(
                "GET /containers/web/attach/ws?stdin=1&logs=1&stream=1&stdout=1&stderr=1",
                Origin="http://localhost",
                Sec_WebSocket_Version="13",
            ),
            asked(f"GET /containers/{ID}/json"),
        ],
        answers=[
            container({"Running": True}, {"OpenStdin": True}),
            websocket,
            container({"Running": True}),
        ],
        gives=Output(b"out\nerr\n", b""),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


# What the Engine refuses

STATUSES: Statuses = [
    (
        "GET /containers/{id}/logs",
        "logs: options",
        {400: BadRequest, 404: ContainerNotFound, 500: ServerError},
    ),
    (
        "POST /containers/{id}/attach",
        "attach",
        {400: BadRequest, 404: ContainerNotFound, 409: Conflict, 500: ServerError},
    ),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "logs: of neither stream": (
        lambda client: client.logs("web", stdout=False, stderr=False),
        ValueError,
        "logs: stdout and stderr are both False; nothing is left to read",
    ),
    "logs: a negative tail": (
        lambda client: client.logs("web", tail=-1),
        ValueError,
        "tail: at least 0, not -1",
    ),
    "logs: a tail that is no number": (
        lambda client: client.logs("web", tail="all"),
        TypeError,
        "tail: a whole number was expected, not 'all'",
    ),
    "logs: since a time without a zone": (
        lambda client: client.logs("web", since=datetime.datetime(2013, 7, 17)),
        ValueError,
        "since: a datetime without a time zone: datetime.datetime(2013, 7, 17, 0, 0)",
    ),
    "logs: until no time": (
        lambda client: client.logs("web", until="now"),
        ValueError,
        "until: unix seconds, or RFC 3339 with a time zone, were expected, not 'now'",
    ),
    "attach: to nothing": (
        lambda client: client.attach("web", stdout=False, stderr=False),
        ValueError,
        "attach: none of stdin, stdout and stderr is wanted",
    ),
    "attach: neither to what was nor to what comes": (
        lambda client: client.attach("web", stream=False),
        ValueError,
        "attach: neither logs nor stream is wanted",
    ),
    "attach: to the input of what was": (
        lambda client: client.attach("web", stdin=True, logs=True, stream=False),
        ValueError,
        "attach: stdin needs stream=True",
    ),
    "attach_websocket: to nothing": (
        lambda client: client.attach_websocket("web", stdout=False, stderr=False),
        ValueError,
        "attach: none of stdin, stdout and stderr is wanted",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


# Attaching


@pytest.mark.parametrize("method", ["attach", "attach_websocket"])
@pytest.mark.parametrize(
    ("state", "named"),
    [
        ({"Status": "exited", "ExitCode": 3}, "exited (exit code 3)"),
        ({"Status": "dead", "ExitCode": 137}, "dead (exit code 137)"),
        ({"Status": "removing", "ExitCode": 0}, "removing (exit code 0)"),
        ({"StartedAt": "2013-07-17T13:32:04Z", "ExitCode": 1}, "exited (exit code 1)"),
    ],
    ids=["exited", "dead", "removing", "exited, of an Engine that names no state"],
)
def test_attaching_to_what_has_ended_is_refused_with_its_state(
    method: str, state: dict[str, Any], named: str
) -> None:
    """Engines answer 200, and then nothing for ever."""
    script = {"GET /v1.41/containers/web/json": container(state)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Conflict) as caught:
            getattr(client, method)("web")
    assert (str(caught.value), daemon.requests) == (
        f"POST /containers/{{id}}/attach: 409 container web is {named}: there is nothing to attach "
        "to; logs() gives what it wrote",
        [asked("GET /v1.41/containers/web/json")],
    )


@pytest.mark.parametrize("status", ["created", "running", "paused", "restarting"])
def test_attaching_to_what_may_still_write_works(status: str) -> None:
    script = {
        "GET /v1.41/containers/web/json": container({"Status": status}),
        "POST /v1.41/containers/web/attach": UPGRADED + frame("stderr", b"oops"),
        f"GET /v1.41/containers/{ID}/json": container(ENDED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment:
            assert attachment.read() == Output(b"", b"oops")


def test_attaching_to_what_says_nothing_of_its_terminal_raises() -> None:
    answer = {"Id": ID, "State": {"Running": True}, "NetworkSettings": {}}
    script = {"GET /v1.41/containers/web/json": json_reply(answer)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.attach("web")
    assert (str(caught.value), daemon.requests) == (
        "Container.config: Config is missing",
        [asked("GET /v1.41/containers/web/json")],
    )


def test_what_is_written_to_an_attachment_arrives_and_its_end_too() -> None:
    def echo(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        conversation.send(frame("stdout", conversation.receive_all()))

    script = {
        "GET /v1.41/containers/web/json": container({"Status": "running"}, {"StdinOnce": True}),
        "POST /v1.41/containers/web/attach": echo,
        f"GET /v1.41/containers/{ID}/json": container(ENDED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True) as attachment:
            attachment.write(b"one ")
            attachment.write(b"two")
            attachment.close_stdin()
            assert attachment.read() == Output(b"one two", b"")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param(
            {"StdinOnce": True, "Tty": True},
            "close_stdin: a TTY's input has no end; write what ends it there, as a rule b'\\x04'",
            id="tty",
        ),
        pytest.param(
            {"StdinOnce": False},
            "close_stdin: the container was created without stdin_once=True, so that its input "
            "stays open",
            id="not once",
        ),
    ],
)
def test_an_input_whose_end_would_end_the_output_cannot_be_ended(
    config: dict[str, bool], words: str
) -> None:
    script = {
        "GET /v1.41/containers/web/json": container({"Status": "running"}, config),
        "POST /v1.41/containers/web/attach": lambda conversation: conversation.send(UPGRADED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True) as attachment:
            with pytest.raises(NotSupported) as refused:
                attachment.close_stdin()
    assert str(refused.value) == words


# Streams


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client: client.logs("nosuch"), "GET /v1.41/containers/nosuch/json"),
        (lambda client: client.attach("nosuch"), "GET /v1.41/containers/nosuch/json"),
        (lambda client: client.attach_websocket("nosuch"), "GET /v1.41/containers/nosuch/json"),
        (lambda client: client.export("nosuch"), "GET /v1.41/containers/nosuch/export"),
    ],
    ids=["logs", "attach", "attach_websocket", "export"],
)
def test_a_stream_of_a_missing_container_raises_not_found(call: Any, line: str) -> None:
    script = {line: recorded("container_logs_404")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ContainerNotFound) as caught:
            call(client)
    assert (caught.value.message, daemon.requests) == ("No such container: nosuch", [asked(line)])


def test_the_input_of_any_container_of_podman_can_be_ended() -> None:
    """It says StdinOnce of none, and ends the input of all."""

    def attached(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        conversation.send(frame("stdout", conversation.receive_all()))

    stopped = {"Status": "stopped", "FinishedAt": "2026-11-30T08:02:52Z"}
    script = {
        "GET /version": json_reply(PODMAN),
        "GET /v1.41/containers/web/json": container({"Status": "running"}, {"StdinOnce": False}),
        "POST /v1.41/containers/web/attach": attached,
        f"GET /v1.41/containers/{ID}/json": container(stopped),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True) as attachment:
            assert attachment.communicate(b"one two") == Output(b"one two", b"")


def test_attaching_to_a_container_that_podman_calls_stopped_is_refused() -> None:
    script = {
        "GET /version": json_reply(PODMAN),
        "GET /v1.41/containers/web/json": container({"Status": "stopped", "ExitCode": 3}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Conflict) as caught:
            client.attach("web")
    assert caught.value.message == (
        "container web is exited (exit code 3): there is nothing to attach to; logs() gives what "
        "it wrote"
    )


# Attached to too late, or in vain


def silent(*pieces: bytes) -> Any:
    def play(conversation: Conversation) -> None:
        conversation.send(UPGRADED + b"".join(pieces))
        conversation.wait_for_hangup()

    return play


@pytest.mark.dear
@pytest.mark.parametrize("gone", [False, True], ids=["ended", "removed"])
@pytest.mark.parametrize("out", [b"", b"out\n"], ids=["nothing", "its log"])
def test_a_container_that_ended_before_it_was_attached_to_does_not_hang(
    out: bytes, gone: bool
) -> None:
    """Between the question whether it runs and the attach; the Engine is then silent for ever."""
    missing = json_reply({"message": f"No such container: {ID}"}, 404)
    script = {
        "GET /v1.41/containers/web/json": container({"Running": True}),
        "POST /v1.41/containers/web/attach": silent(frame("stdout", out) if out else b""),
        f"GET /v1.41/containers/{ID}/json": missing if gone else container(ENDED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web", logs=bool(out)) as attachment:
            with pytest.raises(StreamInterrupted if out else Conflict) as caught:
                attachment.read()
    if out:
        assert (str(caught.value), getattr(caught.value, "output", None)) == (
            f"{daemon.url}: the stream of container {ID[:12]} went silent without an end: it ended "
            "while it was attached to, so that nobody tells whether that was all; "
            "logs() gives what it wrote",
            Output(out, b""),
        )
    else:
        assert str(caught.value) == (
            f"POST /containers/{{id}}/attach: 409 container {ID}: it ended while it was attached "
            "to, and nothing came; logs() gives what it wrote"
        )


def test_a_container_that_was_attached_to_in_time_ends_by_itself() -> None:
    script = {
        "GET /v1.41/containers/web/json": container({"Running": True}),
        "POST /v1.41/containers/web/attach": UPGRADED + frame("stdout", b"out\n"),
        f"GET /v1.41/containers/{ID}/json": container(ENDED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment:
            assert attachment.read() == Output(b"out\n", b"")


@pytest.mark.dear
def test_a_container_that_is_removed_before_it_was_started_does_not_hang() -> None:
    script = {
        "GET /v1.41/containers/web/json": container({"Status": "created"}),
        "POST /v1.41/containers/web/attach": silent(),
        f"GET /v1.41/containers/{ID}/json": json_reply({"message": "No such container: x"}, 404),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment, pytest.raises(Conflict) as caught:
            attachment.read()
    assert str(caught.value) == (
        f"POST /containers/{{id}}/attach: 409 container {ID}: it was removed before it was started"
    )


@pytest.mark.parametrize("state", [{"Running": True}, {"Status": "created"}], ids=["late", "new"])
def test_an_attachment_that_is_watched_hangs_up_with_its_last_reference(
    state: dict[str, Any],
) -> None:
    """No cycle with who watches keeps it."""
    gone = threading.Event()

    def play(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        conversation.wait_for_hangup()
        gone.set()

    script = {
        "GET /v1.41/containers/web/json": container(state),
        "POST /v1.41/containers/web/attach": play,
        f"GET /v1.41/containers/{ID}/json": container(ENDED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        attachment = client.attach("web")
        gc.disable()
        try:
            with pytest.warns(ResourceWarning) as said:
                del attachment
            assert gone.wait(PATIENCE)
        finally:
            gc.enable()
    assert [str(warning.message) for warning in said] == [
        f"a stream was never closed: POST /containers/{{id}}/attach of {daemon.url}"
    ]


def test_an_idle_timeout_that_is_shorter_comes_first() -> None:
    script = {
        "GET /v1.41/containers/web/json": container({"Running": True}),
        "POST /v1.41/containers/web/attach": silent(frame("stdout", b"out\n")),
        f"GET /v1.41/containers/{ID}/json": container(ENDED),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.with_timeouts(idle=0.05).attach("web") as attachment:
            with pytest.raises(TimedOut) as caught:
                attachment.read()
    assert (caught.value.seconds, caught.value.output) == (0.05, Output(b"out\n", b""))


# What ends with its input, and inputs that are none


def test_what_has_only_an_input_ends_with_it_and_nobody_is_asked() -> None:
    def until_the_end(conversation: Conversation) -> None:
        conversation.send(UPGRADED)
        assert conversation.receive_all() == b"x"

    config = {"OpenStdin": True, "StdinOnce": True}
    script = {
        "GET /v1.41/containers/web/json": container({"Status": "created"}, config),
        "POST /v1.41/containers/web/attach": until_the_end,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web", stdin=True, stdout=False, stderr=False) as attachment:
            assert attachment.communicate(b"x") == Output()


def test_an_input_that_is_none_is_refused_before_anything_is_sent() -> None:
    script = {
        "GET /v1.41/containers/web/json": container({"Status": "created"}),
        "POST /v1.41/containers/web/attach": silent(),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.attach("web") as attachment:
            for name, act in {
                "write": lambda: attachment.write(b"x"),
                "close_stdin": attachment.close_stdin,
                "communicate": lambda: attachment.communicate(b"x"),
            }.items():
                with pytest.raises(ValueError) as caught:
                    act()
                assert str(caught.value) == (
                    f"{name}: there is no input: it was attached to without stdin=True"
                )


@pytest.mark.parametrize(
    ("options", "config", "words"),
    [
        (
            {"stdin": True},
            {"OpenStdin": False},
            "was created without open_stdin=True: it has no input to attach to",
        ),
        (
            {"logs": True},
            {},
            "has the log driver none, which keeps nothing: there are no logs",
        ),
        (
            {"logs": True, "stream": False},
            {},
            "has the log driver none, which keeps nothing: there are no logs",
        ),
    ],
)
def test_what_engines_would_be_silent_about_is_refused(
    options: dict[str, bool], config: dict[str, bool], words: str
) -> None:
    state, host = {"Status": "running", "Running": True}, {"LogConfig": {"Type": "none"}}
    found = {"Id": ID, "State": state, "Config": config, "HostConfig": host}
    script = {"GET /v1.41/containers/web/json": json_reply({**found, "NetworkSettings": {}})}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        for opened in (client.attach, client.attach_websocket):
            with pytest.raises(Conflict) as caught:
                opened("web", **options)
            assert str(caught.value) == (
                f"POST /containers/{{id}}/attach: 409 container web {words}"
            )


@pytest.mark.parametrize("server", ["", "Docker/20.10.24 (linux)", "squid/5.7"])
def test_an_input_that_does_not_arrive_is_an_error_at_once(server: str) -> None:
    """HAProxy drops the header from requests with a body; Engines answer 200 then.

    Their `Server` is no name of a proxy.
    """
    heads = {"Server": server} if server else {}
    script = {
        "GET /v1.41/containers/web/json": container({"Status": "created"}, {"OpenStdin": True}),
        "POST /v1.41/containers/web/attach": head(200, **heads),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.attach("web", stdin=True)
    named = " (Server: squid/5.7)" if server == "squid/5.7" else ""
    assert str(caught.value) == (
        f"{daemon.url}: POST /containers/{{id}}/attach: answered 200 and not 101; input would not "
        f"arrive: a proxy in front of the Engine{named} has taken `Upgrade: tcp` out of the "
        "request, as HAProxy (and so docker-socket-proxy) does where that has a body"
    )


def test_so_many_terminals_are_remembered() -> None:
    ids = [f"{number:064x}" for number in range(1025)]
    with Client("/nowhere") as client:
        for id in ids:
            client._transport.remember_terminal(id, tty=False)
        client._transport.remember_terminal("web", tty=True)
        assert client._transport.terminals == {ids[-1]: False}
