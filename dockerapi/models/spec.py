"""Specs, which are read, changed and sent back without loss: `Spec` and `@spec`.

An Engine replaces a spec as a whole, so anything that an update leaves out is lost. A spec that was
read keeps fields unknown to this library, at every level and inside lists, and `attrs.evolve`
passes them on. An unchanged field is written as received: null as null, absent as absent, a number
unchanged. It is not checked again, since the Engine may once have accepted more than it accepts
today. Values that callers create or change are checked.
"""

from __future__ import annotations

import base64
import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import attrs

from ..errors import UnexpectedReply
from .base import dataclass_transform, model, to_json, wire
from .settings import Kind, Settings

S = TypeVar("S", bound="Spec")
_NOTHING: Mapping[str, Any] = {}


@model
class Spec(Settings):
    """Base of the specs. `received` is the JSON that a spec was made from."""

    __repr__ = Settings.brief

    _empty = frozenset({"received"})

    received: Mapping[str, Any] = wire(
        "", read=lambda json: json, default=attrs.Factory(dict), repr=False, eq=False
    )

    @property
    def raw(self) -> Mapping[str, Any]:
        """The JSON that this spec, or its original, was read from; empty if there is none."""
        return self.received

    def changed(self) -> frozenset[str]:
        """The fields that differ from `received`; all fields, if nothing was received."""
        fields = _fields(type(self))
        if not self.received:
            return frozenset(field.name for field in fields)
        read = type(self).parse(self.received)
        # A field that is not stored was never read, and so not changed.
        return frozenset(
            field.name
            for field in fields
            if field.name in self.__dict__
            and getattr(self, field.name) != getattr(read, field.name)
        )

    def to_wire(self) -> dict[str, Any]:
        """The JSON for the Engine: as received, except for the changed fields."""
        made = copy.deepcopy(dict(self.received))
        changed = self.changed()
        for field in _fields(type(self)):
            if field.name in changed:
                for path in field.metadata["paths"]:
                    _put(made, path, None)
                value = getattr(self, field.name)
                if value is not None:
                    write = field.metadata["write"] or to_json
                    _put(made, field.metadata["paths"][0], write(value))
        return made


def evolve(spec: S, **changes: Any) -> S:
    """`attrs.evolve` with the type of its result."""
    found: S = attrs.evolve(cast(Any, spec), **changes)
    return found


def _fields(cls: type[Spec]) -> tuple[attrs.Attribute[Any], ...]:
    return tuple(field for field in attrs.fields(cast(Any, cls)) if field.name != "received")


def _put(json: dict[str, Any], path: str, value: Any) -> None:
    """Puts a value at a path; None removes the present value."""
    *parents, last = path.split(".")
    for key in parents:
        found = json.get(key)
        if not isinstance(found, dict):
            if value is None:
                return
            found = json[key] = {}
        json = found
    if value is None:
        json.pop(last, None)
    else:
        json[last] = value


@dataclass_transform(frozen_default=True, kw_only_default=True)
def spec(cls: type[S]) -> type[S]:
    """Makes a model of a `Spec`; its constructor only checks fields that differ from `received`."""
    made = model(cls)
    checked: Callable[..., None] = made.__init__

    @functools.wraps(checked)
    def init(self: S, *, received: Mapping[str, Any] = _NOTHING, **given: Any) -> None:
        if not received or not given.keys() <= converters.keys():
            return checked(self, **given)
        read = made.parse(received)
        self.__dict__.update(read.__dict__)
        for name, value in given.items():
            check = None if value == getattr(read, name) else converters[name]
            self.__dict__[name] = value if check is None else check(value)
        if self.changed():
            checks = getattr(self, "__attrs_post_init__", None)
            if checks is not None:
                checks()

    converters: dict[str, Any] = {field.name: field.converter for field in _fields(made)}
    made.__init__ = init  # type: ignore[assignment]
    return made


# Content in base64 on the wire


def _content(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"bytes were expected, not {type(value).__name__}")
    return value


def _from_base64(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value)
    except (TypeError, ValueError):  # never shown: it may be a secret
        raise UnexpectedReply("base64 was expected") from None


BASE64 = Kind(_from_base64, _content, lambda value: base64.b64encode(value).decode())
