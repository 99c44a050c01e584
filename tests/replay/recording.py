"""What real Engines answered, byte for byte, served once more.

`tests/recordings/wire` has what is as old as API 1.19, and `modern` what came later.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs

from scripted import Answer, Conversation

_FOLDERS = [Path(__file__).parent.parent / "recordings" / name for name in ("wire", "modern")]


@attrs.frozen(eq=False, repr=False)
class Recording:
    """One conversation: `operation`, asked of Engine `release` under the prefix /v`api`."""

    release: str
    api: str
    operation: str
    method: str
    target: str
    request_body: bytes
    stdin: bytes | None
    response: bytes
    ends: str  # "complete", "eof" or "open"; also "open" here: what was cut after 40,000 bytes

    @property
    def engine(self) -> str:
        return f"{self.release}/{self.api}"

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(map(int, self.api.split(".")))

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return sorted(parse_qsl(self.target.partition("?")[2]))

    @property
    def id(self) -> str:
        """What the path names: a container, an exec instance, a service."""
        match = re.search(
            r"(?:/(?:containers|exec|networks|nodes|services|tasks|secrets|configs)/|[?]container=)"
            r"([^/?&]+)",
            self.target,
        )
        assert match is not None, self.target
        return match[1]

    @property
    def half_closed(self) -> bool:
        """Whether a client of ours ends the input, as the recorder did every time.

        On a TTY that ends the output instead, on 0.3.3 and 0.4.4 the whole connection.
        """
        return self.operation != "container_attach_tty" and self.release not in ("0.3.3", "0.4.4")

    @property
    def status(self) -> int:
        """Of the answer; 0 if there was none."""
        return int(self.response[9:12] or b"0")

    @property
    def body(self) -> bytes:
        """The answer's body, out of its chunks."""
        start, _, rest = self.response.partition(b"\r\n\r\n")
        if not re.search(rb"(?i)\r\ntransfer-encoding: *chunked", start):
            return rest
        pieces = []
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            pieces.append(rest[: int(size, 16)])
            rest = rest[int(size, 16) + 2 :]
        return b"".join(pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def request_json(self) -> Any:
        return json.loads(self.request_body)

    @property
    def with_input(self) -> bytes:
        """The answer to an inspect, of a container with input: as many bytes, read the same way."""
        found = self.response
        for key in (b"OpenStdin", b"StdinOnce"):
            found = found.replace(b'"%s":false' % key, b'"%s":true ' % key)
        return found

    def served(self) -> Answer:
        """The same answer for a scripted daemon, ended in the same way."""
        return self.response if self.ends == "complete" else self._play

    def _play(self, conversation: Conversation) -> None:
        start, end, rest = self.response.partition(b"\r\n\r\n")
        conversation.send(start + end)
        if self.stdin is not None:
            assert conversation.receive(len(self.stdin)) == self.stdin
            if self.half_closed:
                assert conversation.receive_all() == b""
        conversation.send(rest)
        if self.ends == "open":
            conversation.wait_for_hangup()


@functools.cache
def recordings() -> dict[tuple[str, str], Recording]:
    """All of them, by engine ("1.6.2/1.18") and operation; the oldest Engine first."""
    names = sorted(
        (path for folder in _FOLDERS for path in folder.glob("*.jsonl")),
        key=lambda path: [int(n) for n in re.findall(r"\d+", path.stem)],
    )
    found: dict[tuple[str, str], Recording] = {}
    for name in names:
        for one in map(_recording, name.read_text("utf-8").splitlines()):
            if (one.engine, one.operation) in found:  # it was asked in both
                one = attrs.evolve(one, operation=f"{one.operation}_{name.parent.name}")
            assert (one.engine, one.operation) not in found
            found[one.engine, one.operation] = one
    return found


def _recording(line: str) -> Recording:
    row = json.loads(line)
    method, target = row["request"].split(" ", 2)[:2]
    stdin = row["stdin_b64"]
    return Recording(
        release=row["daemon"],
        api=row["api"],
        operation=row["operation"],
        method=method,
        target=target,
        request_body=base64.b64decode(row["request_body_b64"] or ""),
        stdin=None if stdin is None else base64.b64decode(stdin),
        response=base64.b64decode(row["response_b64"]),
        ends="open" if row["truncated"] else row["end"],
    )
