"""Waiting until a container is in a state: what is looked at and when, and what it comes to."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import pytest

from api.rows import Row, check_refused_argument, encoded, played
from dockerapi import (
    Client,
    ContainerNotFound,
    OperationFailed,
    StreamInterrupted,
    TimedOut,
)
from dockerapi.models.containers import Container
from scripted import (
    Answer,
    Conversation,
    ScriptedDaemon,
    asked,
    chunk,
    chunked,
    frame,
    head,
    json_reply,
)

ID = "9e4f0e62e27f" + 52 * "0"
LOOK = "GET /v1.41/containers/web/json"
LOOK_AGAIN = f"GET /v1.41/containers/{ID}/json"
EVENTS = f"GET /v1.41/events?since=1&filters={encoded({'container': [ID]})}"
LOGS = f"GET /v1.41/containers/{ID}/logs?stdout=1&stderr=1&tail=20"


def state(status: str, health: dict[str, Any] | None = None, code: int = 0) -> dict[str, Any]:
    return {
        "Id": ID,
        "Name": "/web",
        "NetworkSettings": {},
        "Config": {"Healthcheck": {"Test": ["CMD", "check"]}},
        "State": {
            "Status": status,
            "Running": status == "running",
            "ExitCode": code,
            "Health": health,
        },
    }


def happens(action: str, id: str = ID) -> bytes:
    value = {"Type": "container", "Action": action, "Actor": {"ID": id, "Attributes": {}}}
    return json.dumps(value).encode() + b"\n"


def still_open(*events: bytes) -> Answer:
    """What has happened, and nothing after it."""

    def play(conversation: Conversation) -> None:
        conversation.send(head(Transfer_Encoding="chunked") + b"".join(map(chunk, events)))
        conversation.wait_for_hangup()

    return play


ROWS = [
    Row(
        id="wait_until",
        call=lambda client: client.wait_until("web", "exited").state.exit_code,
        asks=[asked("GET /containers/web/json")],
        answers=[json_reply(state("exited", code=3))],
        gives=3,
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_and_gives(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (given, requests) == (row.value(version), row.requests(version))


STARTING = {"Status": "starting", "Log": []}
HEALTHY = {"Status": "healthy", "Log": []}


@pytest.mark.parametrize(
    ("wanted", "first", "events", "then"),
    [
        ("running", state("created"), ["create", "start"], [state("created"), state("running")]),
        ("running", state("restarting"), ["start"], [state("running")]),
        ("running", state("paused"), ["unpause"], [state("running")]),
        ("exited", state("running"), ["die"], [state("exited")]),
        ("exited", state("running"), ["die"], [state("removing")]),
        (
            "healthy",
            state("running", STARTING),
            ["exec_create: check", "exec_start: check", "exec_die", "health_status: healthy"],
            [state("running", HEALTHY)],
        ),
        (
            "healthy",
            state("created"),
            ["start", "health_status: healthy"],
            [state("running", STARTING), state("running", HEALTHY)],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_after_each_event_that_may_matter_it_is_looked_at(
    wanted: str, first: dict[str, Any], events: list[str], then: list[dict[str, Any]]
) -> None:
    """What happened between the first look and the events is among these."""
    told = [happens("start", "0" * 64), *map(happens, events)]
    script = {
        LOOK: json_reply(first),
        EVENTS: still_open(*told),
        LOOK_AGAIN: [json_reply(one) for one in then],
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.wait_until("web", wanted) == Container.parse(then[-1])


LOG = chunked(frame("stdout", b"first\n") + frame("stderr", b"out of paper\n"))


@pytest.mark.parametrize("wanted", ["running", "healthy"])
@pytest.mark.parametrize(
    ("log", "shown"),
    [(LOG, ":\nfirst\nout of paper"), (json_reply({"message": "no"}, 501), "")],
    ids=["logged", "not logged"],
)
def test_a_container_that_ends_raises_with_its_last_lines(
    wanted: str, log: bytes, shown: str
) -> None:
    script: dict[str, Any] = {
        LOOK: json_reply(state("created")),
        EVENTS: still_open(happens("die")),
        LOOK_AGAIN: [json_reply(state("exited", code=7))] * 2,
        LOGS: log,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(OperationFailed) as caught:
            client.wait_until("web", wanted)
    assert (str(caught.value), caught.value.code) == (
        f"container web has ended with exit code 7 and was to be {wanted}{shown}",
        7,
    )


def test_a_container_that_is_unhealthy_raises_with_the_output_of_its_check() -> None:
    log = [{"ExitCode": 0, "Output": ""}, {"ExitCode": 2, "Output": "no answer\n"}]
    script = {LOOK: json_reply(state("running", {"Status": "unhealthy", "Log": log}))}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(OperationFailed) as caught:
            client.wait_until("web", "healthy")
    assert str(caught.value) == (
        "container web is unhealthy: its check ended with exit code 2:\nno answer"
    )


def test_one_that_is_removed_is_not_found() -> None:
    gone = json_reply({"message": f"No such container: {ID}"}, 404)
    script = {
        LOOK: json_reply(state("running")),
        EVENTS: still_open(happens("destroy")),
        LOOK_AGAIN: gone,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ContainerNotFound):
            client.wait_until("web", "exited")


def test_events_that_end_are_no_state() -> None:
    script = {LOOK: json_reply(state("running")), EVENTS: chunked()}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(StreamInterrupted) as caught:
            client.wait_until("web", "exited")
        assert str(caught.value) == f"{daemon.url}: the events ended, did the Engine?"


def test_the_time_is_for_all_of_it_whatever_the_timeouts_are() -> None:
    """A minute of events, one every 10 ms, is no reason to wait longer."""

    def play(conversation: Conversation) -> None:
        conversation.send(head(Transfer_Encoding="chunked"))
        with contextlib.suppress(OSError):  # the client has hung up
            while True:
                conversation.send(chunk(happens("top")))
                threading.Event().wait(0.01)

    script = {LOOK: json_reply(state("running")), EVENTS: play}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.with_timeouts(idle=0.01).wait_until("web", "exited", timeout=0.2)
    assert (str(caught.value), caught.value.kind, caught.value.seconds) == (
        "container web was not exited within 0.2 seconds",
        "whole",
        0.2,
    )


BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "wait_until: no such state": (
        lambda client: client.wait_until("web", "paused"),
        ValueError,
        "state: running, healthy, exited were expected, not 'paused'",
    ),
    "wait_until: no time": (
        lambda client: client.wait_until("web", "running", timeout=0),
        ValueError,
        "timeout: more than 0 seconds, not 0",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_a_bad_argument_is_refused_before_anything_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


@pytest.mark.parametrize("config", [{}, {"Healthcheck": {"Test": ["NONE"]}}], ids=["none", "NONE"])
def test_what_has_no_check_is_never_healthy(config: dict[str, Any]) -> None:
    script = {LOOK: json_reply({**state("running"), "Config": config})}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ValueError) as caught:
            client.wait_until("web", "healthy")
    assert str(caught.value) == "state: container web has no health check, and so no 'healthy'"
