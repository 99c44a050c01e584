"""BuildKit's reports of a build, translated to those of the classic builder.

Pure: JSON values go in and come out. BuildKit sends its state as it changes, in values `{"id":
"moby.buildkit.trace", "aux": "..."}`: the base64 of a message StatusResponse (moby/buildkit,
api/services/control/control.proto). Only the few fields that matter to a person are read here. They
become:

- for a step that has started: a line with its name, and `CACHED` if it is not run;
- for output of a step: the output, after the name of the step if another step's came in between;
- for a status within a step (the pull of a layer): `id`, `status` and numbers; digests in the id
  are cut to twelve digits, as the classic builder does;
- for an error: the exit code of the command, the name of the step, the end of its output, and a
  hint if a session was needed.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from typing import Any

import attrs

from ..errors import LAST_BYTES, UnexpectedReply, installing, shown
from .protobuf import BadMessage, fields
from .wire import JsonValues

NO_SESSION = (
    "BuildKit asks for secrets, ssh keys and credentials in a session, and this build has none: "
    f"that takes API 1.39, and {installing('buildkit')}"
)

_TRACE = "moby.buildkit.trace"
_IMAGE_ID = "moby.image.id"
_DIGEST = re.compile(r"sha256:([0-9a-f]{12})[0-9a-f]{52}")
# The messages of 20.10, and of 26.1 and 28.5 (seen). A step that was stopped because another one
# failed ends in ": context canceled"; the Engine's last message is not about that step.
_BEGINNINGS = {"]": "executor failed running [", '" did not complete successfully': 'process "'}
_EXIT_CODE = re.compile(
    rf"({'|'.join(map(re.escape, _BEGINNINGS))}): exit code: (\d{{1,9}})\b", re.ASCII
)
_WITHOUT_SESSION = re.compile(r"\bno active sessions?\b")


def _exit_code(words: str) -> int | None:
    """The last exit code after a command, which may itself be any text."""
    begun = {end: words.find(start) + len(start) for end, start in _BEGINNINGS.items()}
    code = None
    for found in _EXIT_CODE.finditer(words):
        start = _BEGINNINGS[found[1]]
        if len(start) <= begun[found[1]] <= found.start():
            code = int(found[2])
    return code


class BuildKitReports:
    """The JSON values of a BuildKit build; traces become reports of the classic builder."""

    def __init__(self) -> None:
        self._values = JsonValues()
        self._steps = _Steps()

    def feed(self, data: bytes) -> Iterator[Any]:
        for value in self._values.feed(data):
            if not isinstance(value, dict):
                yield value
            elif value.get("id") == _TRACE:
                yield from self._steps.changed(parse_trace(value.get("aux")))
            elif value.get("id") == _IMAGE_ID:
                yield {"aux": value.get("aux")}
            elif "error" in value or "errorDetail" in value:
                yield self._failure(value)
            else:
                yield value

    def _failure(self, value: dict[str, Any]) -> dict[str, Any]:
        detail = value.get("errorDetail")
        detail = dict(detail) if isinstance(detail, dict) else {}
        words = str(detail.get("message") or value.get("error"))
        code = _exit_code(words)
        if code is not None:
            detail = {"code": code, **detail}
        step = self._steps.failed(words)
        hint = NO_SESSION if _WITHOUT_SESSION.search(words) else ""
        return {
            **value,
            "errorDetail": {"message": words, **detail},
            "step": None if step is None else step.name,
            "output": "" if step is None else step.output,
            "hint": hint,
        }

    def partial(self) -> Iterator[Any]:
        return iter(())

    def finish(self) -> None:
        self._values.finish()


class _Steps:
    """The steps of a build by their digests, and what was already reported."""

    def __init__(self) -> None:
        self._steps: dict[str, _Step] = {}
        self._said: str | None = None  # the digest of the step of the last output
        self._at_start = True  # at the start of a line

    def changed(self, trace: Trace) -> Iterator[dict[str, Any]]:
        for vertex in trace.vertexes:
            yield from self._vertex(vertex)
        for status in trace.statuses:
            yield _reported(status)
        for log in trace.logs:
            yield from self._output(log)

    def failed(self, words: str) -> _Step | None:
        """The step that the last message of a build is about."""
        failed = [step for step in self._steps.values() if step.error]
        about = [step for step in failed if step.error in words]
        found = about or failed
        return found[0] if len(found) == 1 or about else None

    def _vertex(self, vertex: Vertex) -> Iterator[dict[str, Any]]:
        step = self._steps.setdefault(vertex.digest, _Step(vertex.name))
        step.error = vertex.error or step.error
        if vertex.started and not step.started:
            step.started = True
            yield from self._headed(vertex.digest)
        if vertex.cached and not step.cached:
            step.cached = True
            yield from self._headed(vertex.digest)
            yield self._text("CACHED\n")
        if vertex.completed:
            yield from self._flushed(vertex.digest, step)

    def _output(self, log: Log) -> Iterator[dict[str, Any]]:
        step = self._steps.setdefault(log.vertex, _Step(log.vertex))
        text = step.decoder(log.stream).decode(log.message)
        if text:
            step.output = (step.output + text)[-LAST_BYTES:]
            yield from self._headed(log.vertex)
            yield self._text(text)

    def _flushed(self, digest: str, step: _Step) -> Iterator[dict[str, Any]]:
        """The rest of the output, with incomplete characters."""
        for decoder in step.decoders.values():
            text = decoder.decode(b"", final=True)
            if text:
                yield from self._headed(digest)
                yield self._text(text)
        step.decoders.clear()

    def _headed(self, digest: str) -> Iterator[dict[str, Any]]:
        """The step's name, if the last output was another step's."""
        if self._said != digest:
            self._said = digest
            start = "" if self._at_start else "\n"
            yield self._text(f"{start}{self._steps[digest].name}\n")

    def _text(self, text: str) -> dict[str, Any]:
        self._at_start = text.endswith("\n")
        return {"stream": text}


@attrs.define
class _Step:
    name: str
    started: bool = False
    cached: bool = False
    error: str = ""
    output: str = ""  # its end
    decoders: dict[int, codecs.IncrementalDecoder] = attrs.Factory(dict)

    def decoder(self, stream: int) -> codecs.IncrementalDecoder:
        """The decoder of one of its outputs: UTF-8 that may be cut anywhere."""
        if stream not in self.decoders:
            self.decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
        return self.decoders[stream]


def _reported(status: Status) -> dict[str, Any]:
    """A status in the form of a pull's progress."""
    numbers = {"current": status.current or None, "total": status.total or None}
    return {
        "id": _DIGEST.sub(r"\1", status.id),
        "status": "done" if status.completed else status.name or "started",
        "progressDetail": {name: value for name, value in numbers.items() if value is not None},
    }


# The messages


@attrs.frozen
class Vertex:
    """A step: `digest` identifies it, `error` is empty unless it failed."""

    digest: str = ""
    name: str = ""
    cached: bool = False
    started: bool = False
    completed: bool = False
    error: str = ""


@attrs.frozen
class Status:
    """Work within a step; `current` and `total` count bytes, 0 if unknown."""

    id: str = ""
    vertex: str = ""
    name: str = ""
    current: int = 0
    total: int = 0
    started: bool = False
    completed: bool = False


@attrs.frozen
class Log:
    """Output of a step: `stream` is 1 or 2, as for a command."""

    vertex: str = ""
    stream: int = 0
    message: bytes = b""


@attrs.frozen
class Trace:
    """One message: the changes since the last."""

    vertexes: tuple[Vertex, ...] = ()
    statuses: tuple[Status, ...] = ()
    logs: tuple[Log, ...] = ()


def parse_trace(aux: Any) -> Trace:
    """The message in the `aux` of a trace.

    Raises:
        UnexpectedReply: this is not base64, or not such a message; shows the bytes.
    """
    try:
        data = base64.b64decode(aux, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise UnexpectedReply(f"a trace of BuildKit is no base64: {shown(aux)}", raw=aux) from error
    found: dict[int, list[Any]] = {1: [], 2: [], 3: []}
    try:
        for number, value in fields(data):
            if number in _PARTS:
                if not isinstance(value, bytes):
                    raise BadMessage("a message was expected, not a number", data)
                found[number].append(_message(*_PARTS[number], value))
    except BadMessage as error:
        words = f"a trace of BuildKit that is none, {error}: {shown(error.data)}"
        raise UnexpectedReply(words, raw=error.data) from error
    return Trace(*map(tuple, found.values()))


# Fields by their numbers: the name here, and the type. A time is read as a boolean: it has
# happened.
_VERTEX = {
    1: ("digest", str),
    3: ("name", str),
    4: ("cached", bool),
    5: ("started", "time"),
    6: ("completed", "time"),
    7: ("error", str),
}
_STATUS = {
    1: ("id", str),
    2: ("vertex", str),
    3: ("name", str),
    4: ("current", int),
    5: ("total", int),
    7: ("started", "time"),
    8: ("completed", "time"),
}
_LOG = {1: ("vertex", str), 3: ("stream", int), 4: ("message", bytes)}
_PARTS: dict[int, tuple[type, dict[int, tuple[str, Any]]]] = {
    1: (Vertex, _VERTEX),
    2: (Status, _STATUS),
    3: (Log, _LOG),
}


def _message(cls: type, known: dict[int, tuple[str, Any]], data: bytes) -> Any:
    made: dict[str, Any] = {}
    for number, item in fields(data):
        if number in known:
            name, kind = known[number]
            numeric = kind in (int, bool)
            if numeric != isinstance(item, int):
                expected = "a number" if numeric else "bytes"
                raise BadMessage(f"{name}: {expected} expected", data)
            made[name] = _READ[kind](item)
    return cls(**made)


_READ: dict[Any, Any] = {
    str: lambda item: item.decode("utf-8", "replace"),
    bytes: bytes,
    bool: bool,
    int: lambda item: item - (1 << 64) if item >> 63 else item,  # int64, in two's complement
    "time": lambda item: True,
}
