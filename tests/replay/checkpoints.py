"""What comes out of the recordings about checkpoints: of Engines that are experimental, and not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerapi import Client
from dockerapi.errors import BadRequest, Conflict, ContainerNotFound, NotFound, ServerError
from replay.recording import Recording
from replay.table import By, Raises, Replay, refused

LIST = "GET /containers/{id}/checkpoints"
CREATE = "POST /containers/{id}/checkpoints"
REMOVE = "DELETE /containers/{id}/checkpoints/{checkpoint}"
START = "POST /containers/{id}/start"
EXPERIMENTAL = "20.10-experimental 28.5-experimental"


def _listed(client: Client, recording: Recording) -> Any:
    return [one.name for one in client.checkpoints(recording.id)]


def _created(client: Client, recording: Recording) -> Any:
    body = recording.request_json
    return client.create_checkpoint(
        recording.id, body["CheckpointID"], leave_running=not body.get("Exit", False)
    )


def _removed(client: Client, recording: Recording) -> Any:
    return client.remove_checkpoint(recording.id, recording.path.rpartition("/")[2])


def _started(client: Client, recording: Recording) -> Any:
    return client.start(recording.id, checkpoint=dict(recording.query)["checkpoint"])


def _no(error: type[Exception], route: str) -> Callable[[Recording], Any]:
    """The Engine's refusal, with its own words."""

    def of(recording: Recording) -> Raises:
        words = json.loads(recording.body)["message"].strip()
        return Raises(error, f"{route}: {recording.status} {words}")

    return of


def _names(recording: Recording) -> Any:
    return [one["Name"] for one in recording.json or ()]


def _by(route: str, experimental: By, otherwise: type[Exception] = ServerError) -> By:
    """Refused before it is asked below API 1.25, and by Engines that are not experimental."""
    what = f"{route} ?checkpoint" if route == START else route
    return {"<1.25": refused(what, "1.25"), **experimental, "*": _no(otherwise, route)}


BAD_NAME = Raises(
    ValueError,
    "the name of a checkpoint is made of two or more letters, digits, '_', '.' and '-' and begins "
    "with a letter or digit, not 'a/b'",
)

REPLAYS = {
    "checkpoint_list_empty": Replay(_listed, _by(LIST, {EXPERIMENTAL: _names})),
    "checkpoint_list": Replay(_listed, _by(LIST, {EXPERIMENTAL: _names})),
    "checkpoint_list_404": Replay(_listed, _by(LIST, {EXPERIMENTAL: _no(ContainerNotFound, LIST)})),
    "checkpoint_create": Replay(_created, _by(CREATE, {EXPERIMENTAL: None})),
    "checkpoint_create_exit": Replay(_created, _by(CREATE, {EXPERIMENTAL: None})),
    "checkpoint_create_again": Replay(_created, _by(CREATE, {EXPERIMENTAL: _no(Conflict, CREATE)})),
    "checkpoint_create_stopped": Replay(
        _created, _by(CREATE, {EXPERIMENTAL: _no(Conflict, CREATE)})
    ),
    "checkpoint_create_404": Replay(
        _created, _by(CREATE, {EXPERIMENTAL: _no(ContainerNotFound, CREATE)})
    ),
    "checkpoint_create_bad_name": Replay(_created, {"*": BAD_NAME}),
    "checkpoint_remove": Replay(_removed, _by(REMOVE, {EXPERIMENTAL: None})),
    "checkpoint_remove_404": Replay(_removed, _by(REMOVE, {EXPERIMENTAL: _no(NotFound, REMOVE)})),
    # 28.5 fails to start from any; one that runs is left as it is.
    "container_start_checkpoint": Replay(
        _started,
        _by(
            START,
            {"20.10-experimental": None, "28.5-experimental": _no(ServerError, START)},
            BadRequest,
        ),
    ),
    "container_start_checkpoint_404": Replay(
        _started,
        _by(
            START,
            {"20.10-experimental": None, "28.5-experimental": _no(NotFound, START)},
            BadRequest,
        ),
    ),
}
