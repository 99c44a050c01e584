"""Rows of the tables in this folder: a call, what it asks of the Engine, and what it gives.

Every row is played at API 1.41 and again at 1.19, against a scripted daemon that answers as a real
Engine did: `tests/recordings/api` has, byte for byte, what 20.10 sent for an operation.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import attrs
import pytest

from dockerapi import ApiError, Client, ContainerNotFound, ImageNotFound, NotSupported
from scripted import LAST_CHUNK, Answer, Request, ScriptedDaemon, json_reply, reply

NEW, OLD = "1.41", "1.19"
# What is said to data that can give no bytes, before the data.
NO_DATA = (
    "bytes, a file object opened for reading bytes, or an iterable of bytes was expected, not "
)
# The last value of an operation that fails under status 200.
FAILURE = {"errorDetail": {"code": 7, "message": "it failed"}, "error": "it failed"}
_FOLDER = Path(__file__).parent.parent / "recordings" / "api"


@functools.cache
def _answers(version: str) -> dict[str, bytes]:
    lines = (_FOLDER / f"20.10_v{version}.jsonl").read_text(encoding="ascii").splitlines()
    rows = map(json.loads, lines)
    return {row["operation"]: row["answer"].encode("latin-1") for row in rows}


def recorded(operation: str, version: str = NEW) -> bytes:
    """The whole answer of Engine 20.10 under an API version, head and body."""
    return _answers(version)[operation]


def body_of(operation: str, version: str = NEW) -> bytes:
    """The body of such an answer, put together if it came in chunks."""
    head, _, body = recorded(operation, version).partition(b"\r\n\r\n")
    if b"Transfer-Encoding: chunked" not in head:
        return body
    content = b""
    while body != LAST_CHUNK:
        size, _, rest = body.partition(b"\r\n")
        content += rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]
    return content


def encoded(value: Any) -> str:
    """JSON as it stands in a query."""
    return quote_plus(json.dumps(value))


@attrs.frozen(kw_only=True)
class Row:
    """One call of a public method.

    Args:
        id: the method, and the case after a colon.
        call: makes the call and reads its outcome to the end.
        asks: the requests in order, targets without the version.
        answers: one for each; a name is that of a recording.
        gives: what the call gives.
        reads: makes that of the JSON of the last answer, where it is too long to write down.
        at: the API versions at which it holds.
        refused: at 1.19, what `NotSupported` says.
        release: the Engine's, where not 20.10.24.
    """

    id: str
    call: Callable[[Client], Any]
    asks: Sequence[Request]
    answers: Sequence[Answer | str]
    gives: Any = None
    reads: Callable[[Any], Any] | None = None
    at: tuple[str, ...] = (NEW, OLD)
    refused: str | None = None
    release: str = "20.10.24"

    @property
    def method(self) -> str:
        return self.id.partition(":")[0]

    def requests(self, version: str) -> list[Request]:
        return [attrs.evolve(one, target=f"/v{version}{one.target}") for one in self.asks]

    def value(self, version: str) -> Any:
        if self.reads is None:
            return self.gives
        answer = self.answers[-1]
        assert isinstance(answer, str)  # what was not recorded is short enough to write down
        return self.reads(json.loads(body_of(answer, version)))

    def play(self, version: str) -> tuple[Any, list[Request]]:
        """What the call gives, and what the Engine was asked."""
        script: dict[str, list[Answer]] = {}
        for request, answer in zip(self.requests(version), self.answers, strict=True):
            play = recorded(answer, version) if isinstance(answer, str) else answer
            target = request.target
            if SESSION in target:
                target = target.partition("?")[0]
            script.setdefault(f"{request.method} {target}", []).append(play)
        with self.daemon(script) as daemon, Client(daemon.url, version=version) as client:
            given = self.call(client)
        return given, [_without_key(request) for request in daemon.requests]

    def daemon(self, script: Any) -> ScriptedDaemon:
        if self.release == "20.10.24":
            return ScriptedDaemon(script)
        return ScriptedDaemon(script, release=self.release, api=None, lowest=None)


SESSION = "&session=..."
_BY_LOT = ("Sec-WebSocket-Key", "X-Docker-Expose-Session-Uuid")


def _without_key(request: Request) -> Request:
    """The request without what is drawn by lot for a websocket or a session."""
    headers = {k: v for k, v in request.headers.items() if k not in _BY_LOT}
    target = re.sub("&session=[0-9a-f]{32}$", SESSION, request.target)
    return attrs.evolve(request, headers=headers, target=target)


def played(rows: Iterable[Row]) -> list[Any]:
    """The rows, at each version at which they hold."""
    return [
        pytest.param(row, version, id=f"{row.id} at {version}")
        for row in rows
        for version in row.at
        if row.refused is None or version != OLD
    ]


def needs(what: str, version: str) -> str:
    """What `NotSupported` says at 1.19."""
    return f"{what} needs API {version}; API {OLD} was asked for (the Engine speaks {NEW})"


def refused(rows: Iterable[Row]) -> list[Any]:
    """The rows that API 1.19 cannot do."""
    return [pytest.param(row, id=row.id) for row in rows if row.refused is not None]


WORDS = "the Engine's own words"
# Those that say what is missing, on all releases from 1.9 on.
MISSING: dict[type[ApiError], str] = {
    ContainerNotFound: "No such container: web",
    ImageNotFound: "No such image: app:latest",
}
# A route, the id of a row with a request to it, and the class for each status.
Statuses = Sequence[tuple[str, str, dict[int, type[ApiError]]]]


def refusals(rows: Iterable[Row], statuses: Statuses) -> list[Any]:
    """One case for each status that the manual lists, at each version of its row."""
    by_id = {row.id: row for row in rows}
    return [
        pytest.param(route, by_id[id], version, status, error, id=f"{route} {status} at {version}")
        for route, id, classes in statuses
        for status, error in classes.items()
        for version in by_id[id].at
    ]


def all_of(stream: Any) -> list[Any]:
    """What a stream gives to its end."""
    with stream:
        return list(stream)


def check_not_supported(row: Row) -> None:
    """The row needs a later version: it is refused in these words, and nothing is sent."""
    with row.daemon({}) as daemon, Client(daemon.url, version=OLD) as client:
        with pytest.raises(NotSupported) as caught:
            row.call(client)
    assert (str(caught.value), daemon.requests) == (row.refused, [])


def check_refusal(route: str, row: Row, version: str, status: int, error: type[ApiError]) -> None:
    """The row's last request to it is refused: as JSON or, by Engines of old, as text."""
    words = MISSING.get(error, WORDS)
    refusal = json_reply({"message": words}, status)
    if version == OLD:
        refusal = reply(status, f"{words}\n".encode(), Content_Type="text/plain; charset=utf-8")
    last = max(i for i, one in enumerate(row.asks) if _is_of(one, route))
    answers = [*row.answers[:last], refusal]
    failing = attrs.evolve(row, asks=row.asks[: last + 1], answers=answers)
    with pytest.raises(error) as caught:
        failing.play(version)
    found = caught.value
    assert (type(found), found.status, found.route, found.message, str(found)) == (
        error,
        status,
        route,
        words,
        f"{route}: {status} {words}",
    )


def _is_of(request: Request, route: str) -> bool:
    path = re.sub(r"\{\w+\}", ".+", route.partition(" ")[2])
    return bool(re.fullmatch(path, request.target.partition("?")[0]))


def check_refused_argument(
    call: Callable[[Client], Any], error: type[Exception], message: str | None
) -> None:
    """The call raises, and nothing was sent, not even to negotiate."""
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            call(client)
    assert (type(caught.value), daemon.connections) == (error, 0)
    if message is not None:
        assert str(caught.value) == message


# What is no id or name of any container or exec instance, whatever the Engine.
NO_IDS = {
    "empty": "",
    "white space": " ",
    "two levels": "a/b",
    "two slashes": "//a",
    "a query": "a?force=1",
    "a fragment": "a#b",
    "the folder above": "..",
    "this folder": ".",
    "a carriage return": "a\rb",
    "a line feed": "a\n",
    "a backslash": "a\\b",
}
NO_TEXTS = {"None": None, "a number": 7, "bytes": b"web"}
