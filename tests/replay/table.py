"""The form of the tables that say what comes out of each recording, and what reads them.

A table says by which Engines a thing is so: `{"<1.11": a, "1.6.2 1.7.1/1.19": b, "*": c}`. A key is
a list of releases, of releases with the API version spoken, and of limits of that version (`<1.11`,
`>=1.7`); `*` is every Engine. The first key that fits wins.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

from dockerapi import Client
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import NotSupported
from dockerapi.models.base import Model
from dockerapi.models.spec import Spec
from dockerapi.transport import Reply, Transport
from dockerapi.versions.releases import ApiVersion
from replay.recording import Recording

S = TypeVar("S", bound=Spec)
By = Mapping[str, Any]  # engines -> what is so


def _fits(key: str, recording: Recording) -> bool:
    def one(word: str) -> bool:
        match = re.fullmatch(r"(<|>=)(\d+)\.(\d+)", word)
        if match is not None:
            below = recording.version < (int(match[2]), int(match[3]))
            return below is (match[1] == "<")
        return word in ("*", recording.release, recording.engine)

    return any(one(word) for word in key.split())


def key_for(by: By, recording: Recording) -> str | None:
    """The first key that fits."""
    return next((key for key in by if _fits(key, recording)), None)


@attrs.frozen
class Raises:
    """The class of an error, and its whole text.

    `<api>` stands for the version spoken, `<spoken>` for who chose it, `<id>` for what the path
    names, `<url>` for the Engine.
    """

    error: type[Exception]
    text: str


def refused(what: str, needs: str) -> Raises:
    """Nothing is asked, since the version has no such thing."""
    return Raises(NotSupported, f"{what} needs API {needs}; <spoken>")


def raises(error: type[Exception], route: str, status: int, words: By | str) -> By:
    """Refusals by Engines in words of their own."""
    by = {"*": words} if isinstance(words, str) else words
    return {key: Raises(error, f"{route}: {status} {said}") for key, said in by.items()}


def said(recording: Recording) -> str:
    """The Engine's words in a refusal."""
    words = recording.body.decode().strip()
    return str(json.loads(words)["message"].strip()) if words.startswith("{") else words


def rfc3339(received: str | None) -> str | None:
    """A time as text, from what was received; that of a cluster volume comes in Go's own form."""
    if received is None or received.startswith("0001"):
        return None
    match = re.fullmatch(r"(.+)[T ](.+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d| [+]0000 UTC)", received)
    assert match is not None, received
    zone = match[4] if ":" in match[4] else "+00:00"
    fraction = (match[3] or "")[:6].ljust(6, "0")
    return f"{match[1]} {match[2]}{'' if fraction == '000000' else f'.{fraction}'}{zone}"


@attrs.frozen
class Replay:
    """A method and what it makes of the recordings of one operation.

    Args:
        ask: calls the method with the arguments that reproduce what was asked.
        outcome: what it returns or raises, by Engine: a value, `Raises`, or a function that takes
            the recording and returns such a one.
        inspect: the operation whose answer the method needs first, `with input` if the container
            had some: no such one was inspected when it was recorded.
        at: the request that the answer is served to, if not to the one that was recorded:
            `<method> <path>`, without the version.
        beside: what is answered to what the method asks besides, by path; `{id}` is the container
            of the body, or what the path names; a path that ends so is answered with that as "ID".
        differs: why the method does not ask with the same words, by Engine.
        instead: where it asks for something else, by Engine: the operation that was recorded under
            that request.
        body: the body that is sent then, where a value goes back whole.
    """

    ask: Callable[[Client, Recording], Any]
    outcome: By
    inspect: str | None = attrs.field(default=None, kw_only=True)
    at: str | None = attrs.field(default=None, kw_only=True)
    instead: By = attrs.field(factory=dict, kw_only=True)
    differs: By = attrs.field(factory=dict, kw_only=True)
    beside: Mapping[str, Any] = attrs.field(factory=dict, kw_only=True)
    body: Callable[[Recording], Any] | None = attrs.field(default=None, kw_only=True)


def asked(
    client: Client, recording: Recording, route: str, subject: str | None = None, **query: Any
) -> Reply:
    """The answer to what no method asks."""
    endpoint = Endpoint.parse(client.base_url)
    transport = Transport(endpoint, version=ApiVersion.parse(recording.api))
    with contextlib.closing(transport):
        return transport.call(route, subject, query=query)


def made(read: S) -> S:
    """The same value as a caller makes it, all of it checked."""

    def again(value: Any) -> Any:
        if isinstance(value, Spec):
            return made(value)
        return tuple(map(again, value)) if isinstance(value, tuple) else value

    fields = {name.name: getattr(read, name.name) for name in attrs.fields(type(read))}
    return type(read)(
        **{name: again(value) for name, value in fields.items() if name != "received"}
    )


# Models, field by field


def told_by_model(model: Model) -> dict[str, Any]:
    """All that a model says, as plain values; times as text."""

    def plain(value: Any) -> Any:
        if attrs.has(type(value)):
            return {
                field.name: plain(getattr(value, field.name)) for field in attrs.fields(type(value))
            }
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, datetime.datetime) else value

    found = plain(model)
    assert isinstance(found, dict)
    return found


def known(value: Any, path: str = "") -> dict[str, Any]:
    """Every field that a model knows, by its dotted path; what is None or empty is not known."""
    return dict(_known(value, path))


def _known(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    start = f"{path}." if path else ""
    if isinstance(value, Model):
        for attribute in attrs.fields(type(value)):
            yield from _known(getattr(value, attribute.name), start + attribute.name)
    elif isinstance(value, Mapping) and any(isinstance(item, Model) for item in value.values()):
        for key, item in value.items():
            yield from _known(item, f"{start}{key}")
    elif isinstance(value, tuple) and value and isinstance(value[0], Model):
        for number, item in enumerate(value):
            yield from _known(item, f"{start}{number}")
    elif isinstance(value, datetime.datetime):
        assert value.tzinfo is not None
        yield path, str(value)
    elif value not in (None, (), {}):
        yield path, value


@attrs.frozen
class Raw:
    """What was received at a dotted path, as it is or made into `made`."""

    path: str
    made: Callable[[Any], Any] = lambda value: value

    def of(self, json: Any) -> Any:
        for key in self.path.split("."):
            json = json[int(key)] if isinstance(json, list) else json[key]
        return self.made(_values(json))


def _values(json: Any) -> Any:
    """With tuples for lists, as models have them."""
    return tuple(map(_values, json)) if isinstance(json, list) else json


def time(path: str) -> Raw:
    """A time that was received, cut to microseconds."""
    return Raw(path, _cut)


def _cut(received: str) -> str:
    match = re.fullmatch(r"(.+)T(.+?)(?:\.(\d+))?Z", received)
    assert match is not None, received
    fraction = (match[3] or "")[:6].ljust(6, "0")
    return f"{match[1]} {match[2]}{'' if fraction == '000000' else f'.{fraction}'}+00:00"


def name(path: str) -> Raw:
    """A container's name that was received, without its slash."""
    return Raw(path, lambda received: received.removeprefix("/"))


def names(path: str) -> Raw:
    """A container's names that were received, without their slashes."""
    return Raw(path, lambda received: tuple(name.removeprefix("/") for name in received))


def unix(path: str, *, nanoseconds: bool = False) -> Raw:
    """A time that was received in seconds, or in nanoseconds."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return Raw(
        path,
        lambda value: str(
            epoch + datetime.timedelta(microseconds=value // 1000 if nanoseconds else value * 10**6)
        ),
    )


Fields = Mapping[str, By]  # path -> engines -> value; where no key fits, it is not known


def told(fields: Fields) -> Callable[[Recording], dict[str, Any]]:
    """The outcome of a recorded object: what its model should know."""
    return lambda recording: fields_of(fields, recording, recording.json)


def fields_of(fields: Fields, recording: Recording, json: Any) -> dict[str, Any]:
    """What a model that was made of `json` should know."""
    found = {}
    for path, by in fields.items():
        key = key_for(by, recording)
        if key is not None:
            expected = by[key]
            found[path] = expected.of(json) if isinstance(expected, Raw) else expected
    return found
