"""The form of the matrix: a call, and for every API version what a client then asks of the Engine.

    Case("logs", "tail", lambda client: client.logs("c1", tail=5).close(), {
        "1.0 to 1.12": Refused("GET /containers/{id}/logs ?tail needs API 1.13; ..."),
        "1.13 to 1.55": ["GET /containers/c1/json", "GET /containers/c1/logs?stdout=1&..."],
    })

The tables are written by hand from the manuals, the lists of what changed and the Engines' source;
nothing in them is computed by the package. A line is a request without the version in front and
with its query unquoted and in any order; `sends`, `uploads` and `upgrades` are requests with more
to them. In words, `{v}` is the version spoken and `{release}` the Engine's.
"""

from __future__ import annotations

import base64
import email
import io
import json
import re
import tarfile
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs

from dockerapi import Client
from scripted import Request

VERSIONS = [f"1.{minor}" for minor in range(56)]
NEWEST = VERSIONS[-1]


@attrs.frozen
class Asked:
    """A request as the tables have it.

    A body is JSON, bytes, or the files of an archive or a form by their names; credentials in a
    header are the object that they say.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Refused:
    """`NotSupported` with these words, before anything is sent."""

    words: str


def needs(what: str, version: str, instead: str = "") -> Refused:
    """The words for what came later."""
    return Refused(f"{what} needs API {version}; {{spoken}}" + (instead and f": {instead}"))


def gone(what: str, version: str, instead: str = "") -> Refused:
    """The words for what was removed."""
    end = instead and f": {instead}"
    return Refused(f"{what} was removed in API {version}; {{spoken}}" + end)


def later_release(what: str, release: str, instead: str = "") -> Refused:
    """The words for what came with a release that speaks the same version."""
    end = instead and f": {instead}"
    return Refused(f"{what} needs Engine {release}; this one is {{release}}" + end)


Step = str | Asked
Outcome = Step | Refused | list[Step]


@attrs.frozen
class Case:
    """A call of one method, and by ranges of versions what becomes of it."""

    method: str
    name: str
    call: Callable[[Client], Any]
    by_version: Mapping[str, Outcome]

    def __str__(self) -> str:
        return f"{self.method}-{self.name}"


@attrs.frozen
class OfRelease:
    """The same for one release that is not the last to speak a version, or is asked in an older."""

    method: str
    release: str
    versions: str
    call: Callable[[Client], Any]
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.method}-{self.release}-{self.versions}"


def within(words: str) -> list[str]:
    """The versions of a range: `1.3 to 1.14`, or one alone."""
    first, _, last = words.partition(" to ")
    start, end = VERSIONS.index(first), VERSIONS.index(last or first)
    assert start <= end, words
    return VERSIONS[start : end + 1]


def before(version: str) -> str:
    """The versions from 1.0 to the one before this."""
    last = VERSIONS[VERSIONS.index(version) - 1]
    return "1.0" if last == "1.0" else f"1.0 to {last}"


def since(version: str) -> str:
    """The versions from this one on."""
    return version if version == NEWEST else f"{version} to {NEWEST}"


ALWAYS = since("1.0")


def asked(line: str, body: Any = None, /, **headers: Any) -> Asked:
    """The request of a line with a body, and headers with underscores in their names."""
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    pairs = (item.partition("=") for item in query.split("&") if item)
    return Asked(
        method,
        path,
        tuple(sorted((name, value) for name, _, value in pairs)),
        body,
        {name.replace("_", "-"): value for name, value in headers.items()},
    )


def sends(line: str, json_body: Any, /, **headers: Any) -> Asked:
    """A request with a JSON body."""
    return asked(line, json_body, Content_Type="application/json", **headers)


def uploads(line: str, content: Any = b"tar", /, **headers: Any) -> Asked:
    """A request with an archive; its files where it is made by the client."""
    return asked(line, content, Content_Type="application/x-tar", **headers)


def upgrades(line: str, json_body: Any = None, /) -> Asked:
    """A request for a raw connection."""
    if json_body is None:
        return asked(line, Upgrade="tcp")
    return sends(line, json_body, Upgrade="tcp")


def handshake(line: str) -> Asked:
    """A request for a websocket; Engines compare the origin with their own host."""
    return asked(line, Upgrade="websocket", Origin="http://localhost")


def expected(outcome: Outcome, version: str, release: str, newest: str) -> Any:
    """A list of requests in the form of `seen`, or the words and no request.

    The Engine's newest version is spoken unless another one was asked for.
    """
    if isinstance(outcome, Refused):
        spoken = f"the Engine speaks {newest}"
        if version != newest:
            spoken = f"API {version} was asked for ({spoken})"
        words = outcome.words.replace("{spoken}", spoken).replace("{v}", version)
        return words.replace("{release}", release), []
    steps = outcome if isinstance(outcome, list) else [outcome]
    return [asked(step) if isinstance(step, str) else step for step in steps]


# What arrived, in the same form


# The name that a container gets so that it can be removed by it, and that of a session.
_BY_LOT = re.compile("dockerapi_[0-9a-f]{12}|[0-9a-f]{32}")


def seen(request: Request, version: str) -> Asked:
    """The request in the form of the tables."""
    target, _, query = request.target.partition("?")
    prefix = f"/v{version}/"
    headers: dict[str, Any] = {
        name: _credentials(value) if name.startswith("X-Registry-") else value
        for name, value in request.headers.items()
        if not name.startswith(("Sec-WebSocket-", "X-Docker-Expose-Session-"))
    }
    upgrade = [line for line in request.head.splitlines() if line.startswith("Upgrade: ")]
    headers.update(line.split(": ") for line in upgrade)
    body = request.body
    if headers.get("Content-Type", "").startswith("multipart/form-data"):
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        body, headers["Content-Type"] = _parts(head + body), "multipart/form-data"
    elif isinstance(body, bytes):
        body = _files(body)
    parsed = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    return Asked(
        request.method,
        f"/{unquote(target.removeprefix(prefix))}" if target.startswith(prefix) else target,
        tuple(sorted((name, value) for name, value in parsed if not _BY_LOT.fullmatch(value))),
        body,
        headers,
    )


def _credentials(header: str) -> Any:
    return json.loads(base64.b64decode(header, altchars=b"-_", validate=True))


def _parts(message: bytes) -> dict[str, Any]:
    """The parts of a form by their names."""
    found = {}
    for part in email.message_from_bytes(message).walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            found[name] = _files(part.get_payload(decode=True))
    return found


def _files(content: Any) -> Any:
    """The files of an archive by their names; other content as it is, None if there is none."""
    if not content:
        return None
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            files = {item.name: archive.extractfile(item) for item in archive}
            return {name: file.read() for name, file in files.items() if file is not None}
    except tarfile.TarError:
        return content
