"""Checkpoints: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from api.rows import (
    NEW,
    Row,
    Statuses,
    check_refusal,
    check_refused_argument,
    played,
    refusals,
)
from dockerapi import Client, NotFound, ServerError, TimedOut, Timeouts
from dockerapi.models.containers import Checkpoint
from scripted import Conversation, ScriptedDaemon, asked, json_reply, reply

ROWS = [
    Row(
        id="checkpoints",
        call=lambda client: client.checkpoints("web"),
        asks=[asked("GET /containers/web/checkpoints")],
        answers=[json_reply([{"Name": "one"}, {"Name": "two"}])],
        gives=[Checkpoint(name="one"), Checkpoint(name="two")],
        at=(NEW,),
    ),
    Row(
        id="checkpoints: every argument",
        call=lambda client: client.checkpoints("web", directory="/var/kept"),
        asks=[asked("GET /containers/web/checkpoints?dir=%2Fvar%2Fkept")],
        answers=[json_reply(None)],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="create_checkpoint",
        call=lambda client: client.create_checkpoint("web", "one"),
        asks=[asked("POST /containers/web/checkpoints", {"CheckpointID": "one", "Exit": True})],
        answers=[reply(201)],
        at=(NEW,),
    ),
    Row(
        id="create_checkpoint: every argument",
        call=lambda client: client.create_checkpoint(
            "web", "one", directory="/var/kept", leave_running=True
        ),
        asks=[
            asked(
                "POST /containers/web/checkpoints",
                {"CheckpointID": "one", "CheckpointDir": "/var/kept", "Exit": False},
            )
        ],
        answers=[reply(201)],
        at=(NEW,),
    ),
    Row(
        id="remove_checkpoint",
        call=lambda client: client.remove_checkpoint("web", "one"),
        asks=[asked("DELETE /containers/web/checkpoints/one")],
        answers=[reply(204)],
        at=(NEW,),
    ),
    Row(
        id="start: from a checkpoint",
        call=lambda client: client.start("web", checkpoint="one", checkpoint_directory="/kept"),
        asks=[asked("POST /containers/web/start?checkpoint=one&checkpoint-dir=%2Fkept")],
        answers=[reply(204)],
        at=(NEW,),
    ),
]

STATUSES: Statuses = [
    ("GET /containers/{id}/checkpoints", "checkpoints", {404: NotFound, 501: ServerError}),
    ("POST /containers/{id}/checkpoints", "create_checkpoint", {404: NotFound, 501: ServerError}),
    (
        "DELETE /containers/{id}/checkpoints/{checkpoint}",
        "remove_checkpoint",
        {404: NotFound, 500: ServerError},
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_method_asks_and_gives_what_its_row_says(row: Row, version: str) -> None:
    assert row.play(version) == (row.value(version), row.requests(version))


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_its_class(
    route: str, row: Row, version: str, status: int, error: Any
) -> None:
    check_refusal(route, row, version, status, error)


@pytest.mark.parametrize("name", ["", "a", "a/b", "..", "-ab", "a b", "a?b"])
def test_a_name_that_no_checkpoint_has_is_refused_before_anything_is_sent(name: str) -> None:
    words = (
        "the name of a checkpoint is made of two or more letters, digits, '_', '.' and '-' and "
        f"begins with a letter or digit, not {name!r}"
    )
    check_refused_argument(lambda c: c.create_checkpoint("web", name), ValueError, words)
    check_refused_argument(lambda c: c.remove_checkpoint("web", name), ValueError, words)
    check_refused_argument(lambda c: c.start("web", checkpoint=name), ValueError, words)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda c: c.checkpoints("web", directory="kept"),
            "directory: an absolute path was expected, not 'kept'",
        ),
        (
            lambda c: c.create_checkpoint("web", "one", directory=""),
            "directory: one line of text was expected, not ''",
        ),
        (
            lambda c: c.start("web", checkpoint="one", checkpoint_directory="kept"),
            "checkpoint_directory: an absolute path was expected, not 'kept'",
        ),
        (
            lambda c: c.start("web", checkpoint_directory="/kept"),
            "checkpoint_directory: '/kept', but no checkpoint",
        ),
    ],
)
def test_a_bad_directory_is_refused_before_anything_is_sent(call: Any, message: str) -> None:
    check_refused_argument(call, ValueError, message)


def test_keeping_a_state_has_the_idle_timeout() -> None:
    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    timeouts = Timeouts(read=60, idle=0.1)
    with ScriptedDaemon({"POST /v1.41/containers/web/checkpoints": silent}) as daemon:
        with Client(daemon.url, timeout=timeouts) as client, pytest.raises(TimedOut) as caught:
            client.create_checkpoint("web", "one")
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.1)
