"""Models that callers create: checked on creation, read from answers, and sent.

A field is `setting("Wire name", KIND)`; the kinds are in `kinds`.
"""

from __future__ import annotations

import datetime
import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, get_args, get_origin

import attrs

from ..errors import shown
from .base import Model, model, wire

if TYPE_CHECKING:
    from typing_extensions import Self

Given = TypeVar("Given", contravariant=True)
Stored = TypeVar("Stored", covariant=True)


class Setting(Generic[Given, Stored]):
    """The type of a field that accepts more forms than it returns; for type checkers only."""

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: object = None) -> Stored: ...

        def __set__(self, instance: object, value: Given) -> None: ...


Word = str | int | float
Words = Mapping[str, Word]
Environment = Mapping[str, Word | None] | Iterable[str]
Texts = Setting[Iterable[str] | None, tuple[str, ...] | None]
Table = Setting[Words | None, dict[str, str] | None]
Labels = Setting[Words | Iterable[str] | None, dict[str, str] | None]
Bytes = Setting[float | str | None, int | None]  # a float must be whole
Seconds = Setting[float | datetime.timedelta | None, float | None]
Command = Setting[str | Iterable[str] | None, tuple[str, ...] | None]
Ports = Setting[Iterable[int | str] | None, tuple[str, ...] | None]
Pairs = Setting[
    Mapping[str, str | None] | Iterable[str | tuple[str, str]] | None, tuple[str, ...] | None
]

M = TypeVar("M", bound=Model)


class Kind(NamedTuple):
    """One kind of setting: how it is read from an Engine, checked, and written."""

    read: Callable[[Any], Any]
    check: Callable[[Any], Any]
    write: Callable[[Any], Any] | None = None


def setting(path: str, kind: Kind, *others: str, default: Any = None, repr: bool = True) -> Any:
    """A field of a `Settings` model that callers may leave out; `others` are its older places."""

    def convert(value: Any) -> Any:
        return None if value is None else kind.check(value)

    return wire(
        path,
        *others,
        read=kind.read,
        default=default,
        converter=convert,
        write=kind.write,
        repr=repr,
    )


class Settings(Model):
    """Base of the models that callers create and answers contain.

    None from a caller: the setting is not sent. None in an answer: the Engine does not report it,
    because it does not know the setting, or uses its default.
    """

    @classmethod
    def _of_callers(cls, annotation: Any) -> Any:
        found = _evaluated(cls.__module__, annotation)
        return get_args(found)[0] if get_origin(found) is Setting else found

    # Empty if an answer leaves the field out: newer Engines leave out empty ones.
    _empty: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def parse(cls, json: Any) -> Self:
        made = super().parse(json)
        for field in attrs.fields(cls):  # type: ignore[arg-type]
            paths = field.metadata["paths"]
            if paths and field.name not in cls._empty and not any(_has(json, p) for p in paths):
                made.__dict__[field.name] = None
        return made

    def brief(self) -> str:
        """The fields that are set, in the form of a repr."""
        fields = attrs.fields(type(self))  # type: ignore[arg-type]
        found = ((field.name, getattr(self, field.name)) for field in fields if field.repr)
        given = ", ".join(f"{name}={value!r}" for name, value in found if value not in (None, {}))
        return f"{type(self).__name__}({given})"


@functools.cache  # hundreds of fields have few types
def _evaluated(module: str, annotation: str) -> Any:
    return eval(annotation, globals(), vars(sys.modules[module]))


def _has(json: Any, path: str) -> bool:
    for key in path.split("."):
        if not isinstance(json, dict) or key not in json:
            return False
        json = json[key]
    return True


def _extra(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise TypeError(f"a mapping of wire names was expected, not {shown(value)}")
    return dict(value)


@model
class OpenSettings(Settings):
    """Settings that may contain fields unknown to this library.

    Args:
        extra: further fields, under their wire names.
    """

    extra: Setting[Mapping[str, Any], dict[str, Any]] = wire(
        read=lambda _: {}, default=attrs.Factory(dict), converter=_extra
    )

    # Fields that another argument of the same request sets.
    _reserved: ClassVar[frozenset[str]] = frozenset()

    def __attrs_post_init__(self) -> None:
        known = {name.casefold() for name in super().to_wire()} | self._reserved
        for name in self.extra:
            if name.casefold() in known:  # Go ignores the case of field names
                raise ValueError(f"extra: {name!r} has a field or an argument of its own")

    def to_wire(self) -> dict[str, Any]:
        return {**super().to_wire(), **self.extra}
