"""Values that are read, changed and sent back, without loss: `Spec` and `@spec`.

An Engine replaces such a value as a whole, so what an update leaves out is gone. A spec that was
read keeps, at every level and inside lists, what this library does not know, and `attrs.evolve`
hands it on. A field that nobody has changed is written as it was received: null as null, absent as
absent, a number as it is. It is not checked again either, since an Engine may have taken more than
it takes today; what callers make or change is.
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
    """Base of the values that go back. `received` is the JSON that one was made from."""

    __repr__ = Settings.brief

    _empty = frozenset({"received"})

    received: Mapping[str, Any] = wire(
        "", read=lambda json: json, default=attrs.Factory(dict), repr=False, eq=False
    )

    @property
    def raw(self) -> Mapping[str, Any]:
        """The JSON that this, or what it was made from, was read from; empty if there is none."""
        return self.received

    def changed(self) -> frozenset[str]:
        """The fields that are not what was received; all, if nothing was."""
        fields = _fields(type(self))
        if not self.received:
            return frozenset(field.name for field in fields)
        read = type(self).parse(self.received)
        # A field that is not stored has not even been looked at.
        return frozenset(
            field.name
            for field in fields
            if field.name in self.__dict__
            and getattr(self, field.name) != getattr(read, field.name)
        )

    def to_wire(self) -> dict[str, Any]:
        """The JSON for the Engine: what was received, but for the fields that were changed."""
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
    """`attrs.evolve` with the type of what it gives."""
    found: S = attrs.evolve(cast(Any, spec), **changes)
    return found


def _fields(cls: type[Spec]) -> tuple[attrs.Attribute[Any], ...]:
    return tuple(field for field in attrs.fields(cast(Any, cls)) if field.name != "received")


def _put(json: dict[str, Any], path: str, value: Any) -> None:
    """Puts a value at a path; None takes away what is there."""
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
    """Makes a model of a `Spec`, whose constructor checks only what differs from `received`."""
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


# Content that the wire has in base64


def _content(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"bytes were expected, not {type(value).__name__}")
    return value


def _from_base64(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value)
    except (TypeError, ValueError):  # it may be a secret, which no error shows
        raise UnexpectedReply("base64 was expected") from None


BASE64 = Kind(_from_base64, _content, lambda value: base64.b64encode(value).decode())
