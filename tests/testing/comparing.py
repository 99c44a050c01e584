"""The shape of an answer, and where two differ: status, content type, framing, how it ends, and of
the body the keys and types of its JSON, its separators, its frames.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from testing.conversation import Answer

# Maps whose keys are data: only the types of their values are compared.
DATA = {
    "Labels", "Ports", "PortBindings", "ExposedPorts", "Volumes", "VolumesRW", "MountPoints",
    "Networks", "networks", "IndexConfigs", "Runtimes", "Attributes", "stats", "Data", "Containers",
    "Options", "AuxiliaryAddresses", "Subnets",
}  # fmt: skip


@attrs.frozen
class Shape:
    """What is compared of an answer."""

    status: str
    content_type: str | None
    framing: str
    end: str
    kind: str  # of the body: "", "text", "json", "frames", "tar", "stream of json" ...
    paths: frozenset[str]


def shape_of(answer: Answer, *, truncated: bool = False) -> Shape:
    kind, paths = _body(answer)
    end = "complete" if truncated else answer.end
    return Shape(
        answer.status,
        answer.header("Content-Type"),
        _framing(answer),
        end,
        kind,
        frozenset(paths),
    )


def _framing(answer: Answer) -> str:
    """How the end is marked; whether by a length or by chunks, no client decides by."""
    return "marked" if answer.framing in ("length", "chunked") else answer.framing


def differences(was: Shape, found: Shape) -> list[str]:
    """In what the second differs from the first, a line each."""
    lines = []
    for name in ("status", "content_type", "framing", "end", "kind"):
        expected, got = getattr(was, name), getattr(found, name)
        if expected != got:
            lines.append(f"{name}: {got}, not {expected}")
    if was.kind == found.kind:
        lines += [f"lacks {path}" for path in sorted(was.paths - found.paths)]
        lines += [f"also has {path}" for path in sorted(found.paths - was.paths)]
    return lines


def words_of(answer: Answer) -> str:
    """The message of an error, ids and paths apart."""
    text = answer.body.decode("latin-1").strip()
    if text.startswith("{"):
        text = json.loads(text).get("message", "")
    return re.sub(r"[0-9a-f]{12,64}", "ID", text)


def _body(answer: Answer) -> tuple[str, set[str]]:
    body = answer.body
    content_type = answer.header("Content-Type") or ""
    if not body:
        return "", set()
    if body[257:262] == b"ustar" or (
        len(body) >= 512 and not body[:100].strip(b"\0").isspace() and _is_tar(body)
    ):
        return "tar", set()
    frames = _frames(body)
    if frames is not None:
        return "frames", {f"{stream}: {data!r}" for stream, data in frames.items()}
    if "raw-stream" in content_type:
        return "raw", set()
    values = list(_values(body))
    if values and "json" in content_type or body[:1] in (b"{", b"[") and values:
        return _json(values)
    end = re.search(rb"[\r\n]*$", body)
    assert end is not None
    return f"text ending in {end[0].decode('latin-1')!r}", set()


def _is_tar(body: bytes) -> bool:
    return body[257:262] == b"ustar" or set(body[124:135]) <= set(b"01234567 ")


def _json(values: list[tuple[Any, str]]) -> tuple[str, set[str]]:
    if len(values) == 1 and not values[0][1].startswith("\r"):
        return "json", set(_paths(values[0][0], ""))
    paths = {f"separator {after!r}" for _, after in values}
    for value, _ in values:
        paths |= {", ".join(sorted(set(_paths(value, ""))))}
    return "stream of json", paths


def _values(body: bytes) -> Iterator[tuple[Any, str]]:
    """The values of a JSON stream, and what follows each; what is cut off is left out."""
    text = body.decode("utf-8", "replace")
    position = 0
    decoder = json.JSONDecoder()
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except ValueError:
            return
        after = re.compile(r"\s*").match(text, end)
        assert after is not None
        yield value, after[0]
        position = after.end()


def _paths(value: Any, path: str) -> Iterator[str]:
    """Each leaf's place and type; elements of lists are not told apart, nor are keys of data."""
    if isinstance(value, dict):
        data = path.rpartition(".")[2] in DATA
        if not value:
            yield f"{path} {{}}"
        for key, one in value.items():
            yield from _paths(one, f"{path}.*" if data else f"{path}.{key}")
    elif isinstance(value, list):
        if not value:
            yield f"{path} []"
        for one in value:
            yield from _paths(one, f"{path}[]")
    else:
        yield f"{path} {type(value).__name__}"


def _frames(body: bytes) -> dict[int, bytes] | None:
    """What the streams of a multiplexed body hold; None if it is none. Times do not count."""
    found: dict[int, bytes] = {}
    while body:
        if len(body) < 8 or body[0] > 3 or body[1:4] != b"\0\0\0":
            return None
        size = int.from_bytes(body[4:8], "big")
        data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"TIME", body[8 : 8 + size])
        found[body[0]] = found.get(body[0], b"") + data
        body = body[8 + size :]
    return found
