"""Checkpoints: from API 1.25 on, where an Engine is experimental."""

from __future__ import annotations

from typing import Any

from matrix.form import Case, OfRelease, Outcome, before, needs, sends, since

LIST = "GET /containers/{id}/checkpoints"
CREATE = "POST /containers/{id}/checkpoints"
REMOVE = "DELETE /containers/{id}/checkpoints/{checkpoint}"
START = "POST /containers/{id}/start ?checkpoint"
CREATED = "POST /containers/c1/checkpoints"


def _case(method: str, name: str, route: str, outcome: Outcome, call: Any) -> Case:
    return Case(method, name, call, {before("1.25"): needs(route, "1.25"), since("1.25"): outcome})


CASES = [
    _case(
        "checkpoints",
        "plain",
        LIST,
        "GET /containers/c1/checkpoints",
        lambda client: client.checkpoints("c1"),
    ),
    _case(
        "checkpoints",
        "directory",
        LIST,
        "GET /containers/c1/checkpoints?dir=/d",
        lambda client: client.checkpoints("c1", directory="/d"),
    ),
    _case(
        "create_checkpoint",
        "plain",
        CREATE,
        sends(CREATED, {"CheckpointID": "one", "Exit": True}),
        lambda client: client.create_checkpoint("c1", "one"),
    ),
    _case(
        "create_checkpoint",
        "arguments",
        CREATE,
        sends(CREATED, {"CheckpointID": "one", "CheckpointDir": "/d", "Exit": False}),
        lambda client: client.create_checkpoint("c1", "one", directory="/d", leave_running=True),
    ),
    _case(
        "remove_checkpoint",
        "plain",
        REMOVE,
        "DELETE /containers/c1/checkpoints/one",
        lambda client: client.remove_checkpoint("c1", "one"),
    ),
    _case(
        "remove_checkpoint",
        "directory",
        REMOVE,
        "DELETE /containers/c1/checkpoints/one?dir=/d",
        lambda client: client.remove_checkpoint("c1", "one", directory="/d"),
    ),
    _case(
        "start",
        "checkpoint",
        START,
        "POST /containers/c1/start?checkpoint=one&checkpoint-dir=/d",
        lambda client: client.start("c1", checkpoint="one", checkpoint_directory="/d"),
    ),
]

OF_RELEASES: list[OfRelease] = []
