"""What BuildKit reports: its messages, and the stream of JSON that they come in."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from dockerapi.errors import Truncated, UnexpectedReply
from dockerapi.protocol.buildkit import BuildKitReports, Trace, parse_trace
from fuzz.form import Outcome, check_ways_agree, decoded

_FOLDER = Path(__file__).parent.parent / "recordings" / "buildkit"


def check(data: bytes) -> None:
    """A message is read or refused with the bytes shown; a stream is the same however it comes."""
    aux = base64.b64encode(data).decode()
    try:
        assert isinstance(parse_trace(aux), Trace)
    except UnexpectedReply as error:
        assert error.raw in data
    value = json.dumps({"id": "moby.buildkit.trace", "aux": aux}).encode()
    for stream in (value + data, data):
        _, error = check_ways_agree(_reports, stream)
        assert error in (None, Truncated, UnexpectedReply)


def _reports(pieces: list[bytes]) -> Outcome:
    found, error = decoded(BuildKitReports(), pieces)
    return list(map(repr, found)), error


def seeds() -> Iterator[bytes]:
    for path in sorted(_FOLDER.iterdir()):
        yield path.read_bytes()[:2000]
        for line in path.read_bytes().splitlines():
            value = json.loads(line)
            if value.get("id") == "moby.buildkit.trace":
                yield base64.b64decode(value["aux"])
    yield b'{"error": "x: exit code: 3", "errorDetail": {"message": "no active sessions"}}'
