"""The parts of every model: `Model`, the `@model` decorator, `wire()` and the converters.

A model is a frozen attrs class whose fields name their place in the Engine's JSON:

    @model
    class Port(Model):
        private: int | None = wire("PrivatePort", read=integer)

Callers create a model by the constructor of attrs, with its converters: `Port(private=80)`. An
answer is parsed by `Port.parse(json)`, which keeps the JSON and converts a field when it is first
read: no program reads all fields of a thousand rows. A value of the wrong type then raises
`UnexpectedReply`, which names the field and shows the value. Both kinds of models compare, print,
copy and pickle alike.

A field may have several paths: the places where Engines keep it, newest first. The first that is
not null wins. Converters are tolerant (Go's null is an empty tuple or dict, 0 and 1 are booleans)
and idempotent.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..errors import UnexpectedReply, named, shown
from ..late import load

if TYPE_CHECKING:
    from typing_extensions import Self
    from typing_extensions import dataclass_transform as dataclass_transform
else:  # only for type checkers; in the standard library from 3.11 on

    def dataclass_transform(**_: Any) -> Callable[[Any], Any]:
        return lambda decorated: decorated


T = TypeVar("T")
M = TypeVar("M", bound="Model")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_EMPTY: Mapping[str, Any] = {}
# Sets an attribute of an immutable model. Python stores it without a dict per object, until
# __dict__ is read.
_set = object.__setattr__


def wire(
    *paths: str,
    read: Callable[[Any], Any],
    default: Any = None,
    required: bool = False,
    converter: Callable[[Any], Any] | None = None,
    write: Callable[[Any], Any] | None = None,
    repr: bool | Callable[[Any], str] = True,
    eq: bool = True,
) -> Any:
    """A field of a model and its places in the JSON, newest first.

    Args:
        paths: keys, joined by dots where they nest (`"NetworkSettings.IPAddress"`); the empty path
            is the whole object, for a converter that needs more than one key.
        read: converts the Engine's value; called with None if that is missing or null.
        default: the value if a caller does not give the field.
        required: callers must give it; if an answer lacks it, reading it raises `UnexpectedReply`.
        converter: the converter of attrs, for values from callers.
        write: converts the value to JSON, if that is not the value itself.
        eq: whether the field counts in comparisons.
    """
    return attrs.field(
        default=attrs.NOTHING if required else default,
        converter=converter,
        repr=repr,
        eq=eq,
        metadata={"paths": paths, "read": read, "write": write, "required": required},
    )


_Find = Callable[[Any], Any]  # the value at a place in a JSON object, None if missing


def _at(path: tuple[str, ...]) -> _Find:
    """A function that finds the value at one place, without a loop over the path."""
    if not path:
        return lambda json: json
    key, *further = path
    if not further:
        return lambda json: json.get(key)
    find = _at(tuple(further))

    def nested(json: Any) -> Any:
        found = json.get(key)
        return find(found) if isinstance(found, dict) else None

    return nested


def _first_of(places: list[_Find]) -> _Find:
    """A function that finds the first value that exists: nearly always the newest place."""
    if not places:
        return lambda json: None
    newest, *older = places
    if not older:
        return newest
    find = _first_of(older)

    def either(json: Any) -> Any:
        found = newest(json)
        return find(json) if found is None else found

    return either


class _Field:
    """Converts a field of a parsed model when it is first read (a non-data descriptor)."""

    def __init__(self, owner: type, attribute: attrs.Attribute[Any]) -> None:
        self._owner = owner
        self._name = attribute.name
        self._paths = tuple(
            tuple(path.split(".")) if path else () for path in attribute.metadata["paths"]
        )
        self._find = _first_of([_at(path) for path in self._paths])
        self._read = attribute.metadata["read"]
        self._required = attribute.metadata["required"]

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        json = instance._json
        found = self._find(json)
        if found is None and self._required:
            raise self._unexpected("is missing", json)
        try:
            value = self._read(found)
        except UnexpectedReply:
            raise
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
            raise self._unexpected(f"is {shown(found)}", json) from error
        _set(instance, self._name, value)
        return value

    def _unexpected(self, what: str, json: Any) -> UnexpectedReply:
        where = " or ".join(".".join(path) for path in self._paths) or "the object"
        return UnexpectedReply(f"{self._owner.__name__}.{self._name}: {where} {what}", raw=json)


class _Text(_Field):
    """A text field: it needs no conversion, so the value is not stored twice."""

    def __init__(self, owner: type, attribute: attrs.Attribute[Any]) -> None:
        super().__init__(owner, attribute)
        # The place in nearly all Engines. A field that only callers give has none.
        *self._parents, self._newest = self._paths[0] if self._paths else (None,)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        try:
            found = instance._json
            for key in self._parents:
                found = found[key]
            found = found[self._newest]
            if found.__class__ is str and found:
                return found
        except (AttributeError, KeyError, TypeError):  # no instance, key, or object with keys
            pass
        return super().__get__(instance, owner)


def _with_names(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """The fields, with converters that name the field in errors."""
    found = []
    for field in fields:
        check: Any = field.converter
        if check is not None and not field.inherited:  # type: ignore[attr-defined]  # since 20.1
            field = field.evolve(converter=functools.partial(named, field.name, check))
        found.append(field)
    return found


# `wire` is not declared as a field specifier: type checkers would take every field without
# `default=` for required. Seen as a plain default it leaves that to attrs, at run time.
@dataclass_transform(frozen_default=True, kw_only_default=True)
def model(cls: type[M]) -> type[M]:
    """Makes a frozen, keyword-only attrs class of `cls`, its fields read lazily."""
    # Model compares and prints for all models: generating that code for each takes time.
    made = attrs.frozen(
        cls, slots=False, kw_only=True, eq=False, repr=False, field_transformer=_with_names
    )
    for attribute in attrs.fields(made):  # type: ignore[arg-type]  # attrs made it
        kind = _Text if attribute.metadata["read"] in (text, filled) else _Field
        setattr(made, attribute.name, kind(made, attribute))
    # attrs would take the types from the converters, which have none.
    given = {a.name: made._of_callers(a.type) for a in attrs.fields(made)}  # type: ignore[arg-type]
    made.__init__.__annotations__.update(given)
    return made


class Model:
    """Base of every value that is read from, or written to, the Engine's JSON."""

    def __eq__(self, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(
            getattr(self, field.name) == getattr(other, field.name)
            for field in _fields(self)
            if field.eq
        )

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in _fields(self) if field.eq))

    def __repr__(self) -> str:
        shown = []
        for field in _fields(self):
            if field.repr:
                text = repr if field.repr is True else field.repr
                shown.append(f"{field.name}={text(getattr(self, field.name))}")
        return f"{type(self).__name__}({', '.join(shown)})"

    @staticmethod
    def _of_callers(annotation: Any) -> Any:
        """The type that the constructor accepts for a field with this annotation."""
        return annotation

    @property
    def raw(self) -> Mapping[str, Any]:
        """The JSON as received, with unknown fields; empty if a caller created the model."""
        found: Mapping[str, Any] = self.__dict__.get("_json", _EMPTY)
        return found

    @classmethod
    def parse(cls, json: Any) -> Self:
        """The model of a JSON object; fields are converted when they are first read."""
        if not isinstance(json, dict):
            raise UnexpectedReply(
                f"{cls.__name__}: an object was expected, not {shown(json)}", raw=json
            )
        made = cls.__new__(cls)
        _set(made, "_json", json)
        return made

    def to_wire(self) -> dict[str, Any]:
        """The JSON for the Engine: every field that is not None, under its newest path."""
        made: dict[str, Any] = {}
        for attribute in _fields(self):
            value = getattr(self, attribute.name)
            if value is None or not attribute.metadata.get("paths"):
                continue
            write = attribute.metadata["write"] or to_json
            *parents, last = attribute.metadata["paths"][0].split(".")
            target = made
            for key in parents:
                target = target.setdefault(key, {})
            target[last] = write(value)
        return made


def _fields(model: Model) -> tuple[attrs.Attribute[Any], ...]:
    found: tuple[attrs.Attribute[Any], ...] = attrs.fields(type(model))  # type: ignore[arg-type]
    return found


def to_json(value: Any) -> Any:
    """The JSON of a value: models as objects, tuples as lists."""
    if isinstance(value, Model):
        return value.to_wire()
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return value


def as_received(value: Any) -> Any:
    """The JSON itself, where no version describes its fields."""
    return value


# Old Engines may send a number or a boolean instead of a string: their encoder turned every string
# that parses as JSON into its value (0.7.2 to 1.6.2, engine/env.go).
def text(value: Any) -> str | None:
    """A string, even if an old Engine sent a number or a boolean."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise TypeError(f"not a string: {value!r}")


def filled(value: Any) -> str | None:
    """A string; an empty one is None: some releases send it and some leave it out."""
    return text(value) or None


def integer(value: Any) -> int | None:
    """An integer, even if sent as text or as a whole float."""
    if value is None:
        return None
    if isinstance(value, str):
        return int(value) if value else None
    if isinstance(value, (int, float)) and value == int(value):
        return int(value)
    raise TypeError(f"not an integer: {value!r}")


def unless_zero(value: Any) -> int | None:
    """An integer; 0 is None, where 0 means unknown."""
    return integer(value) or None


def number(value: Any) -> float | None:
    """A float."""
    if value is None:
        return None
    if isinstance(value, (int, float, str)):
        return float(value)
    raise TypeError(f"not a number: {value!r}")


def flag(value: Any) -> bool | None:
    """A boolean, even if sent as 0 or 1 (0.7.2 to 1.6.2)."""
    if value is None or isinstance(value, bool):
        return value
    if value in (0, 1):
        return bool(value)
    if value in ("true", "false", "1", "0", "True", "False"):
        return value in ("true", "1", "True")
    raise TypeError(f"not a boolean: {value!r}")


def strings(value: Any) -> tuple[str, ...]:
    """A tuple of strings; null is empty, a lone string is a tuple of one."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple([item if item.__class__ is str else _str(item) for item in _list(value)])


def mapping(value: Any) -> dict[str, str]:
    """A dict of strings; null is empty."""
    if value is None:
        return {}
    return {key: _str(item) for key, item in _dict(value).items()}


def keys(value: Any) -> tuple[str, ...]:
    """The keys of Go's set (`map[string]struct{}`), sorted; null is empty."""
    return () if value is None else tuple(sorted(_dict(value)))


def table(value: Any) -> tuple[tuple[str, ...], ...]:
    """A tuple of rows of strings; null is empty."""
    return () if value is None else tuple(strings(row) for row in _list(value))


def when(value: Any) -> datetime.datetime | None:
    """An aware datetime from RFC 3339 (cut to microseconds) or unix seconds.

    Go's zero time and the empty string are None.
    """
    if value is None or value == "" or isinstance(value, datetime.datetime):
        return value or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # Not fromtimestamp(): beyond the C library's years it raises OSError.
        return EPOCH + datetime.timedelta(seconds=value)
    match = _RFC3339.fullmatch(value)
    if match is None:
        raise ValueError(f"not a time: {value!r}")
    day, clock, fraction, zone = match.groups()
    if day == "0001-01-01":
        return None
    fraction = (fraction or "")[:6].ljust(6, "0")
    zone = "+00:00" if zone in ("Z", "z") else zone
    return datetime.datetime.fromisoformat(f"{day}T{clock}.{fraction}{zone}")


_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def one(kind: type[M] | str) -> Callable[[Any], M | None]:
    """A converter to one nested model; null stays None.

    A model of another module is given by name, `config.HostConfig`: its module is imported when the
    first value is read.
    """
    found = _found(kind)

    def read(value: Any) -> M | None:
        return value if value is None or isinstance(value, found()) else found().parse(value)

    return read


def many(kind: type[M] | str) -> Callable[[Any], tuple[M, ...]]:
    """A converter to a tuple of nested models; null is empty."""
    found = _found(kind)

    def read(value: Any) -> tuple[M, ...]:
        if value is None:
            return ()
        cls = found()
        return tuple(x if isinstance(x, cls) else cls.parse(x) for x in _list(value))

    return read


def by_name(kind: type[M]) -> Callable[[Any], dict[str, M]]:
    """A converter to a dict of nested models; null is empty."""

    def read(value: Any) -> dict[str, M]:
        if value is None:
            return {}
        return {
            name: x if isinstance(x, kind) else kind.parse(x) for name, x in _dict(value).items()
        }

    return read


def _found(kind: type[M] | str) -> Callable[[], type[M]]:
    if not isinstance(kind, str):
        return lambda: kind
    module, _, name = kind.partition(".")

    @functools.cache
    def found() -> type[M]:
        cls: type[M] = getattr(load(f"dockerapi.models.{module}"), name)
        return cls

    return found


def made_id(json: Any, what: str, key: str = "Id") -> str:
    """The id in the answer to a creation; `what` is the request, for the error."""
    found = json.get(key) if isinstance(json, dict) else None
    if not isinstance(found, str) or not found:
        raise UnexpectedReply(f"{what}: an {key} was expected, not {shown(json)}", raw=json)
    return found


def rows(kind: type[M], json: Any) -> list[M]:
    """The models of a JSON array; null (Go's empty slice) is an empty list."""
    if json is None:
        return []
    if not isinstance(json, list):
        raise UnexpectedReply(
            f"{kind.__name__}: an array was expected, not {shown(json)}", raw=json
        )
    return list(map(kind.parse, json))


def _str(value: Any) -> str:
    found = text(value)
    return "" if found is None else found


def _list(value: Any) -> list[Any] | tuple[Any, ...]:
    if isinstance(value, (list, tuple)):
        return value
    raise TypeError(f"not an array: {value!r}")


def _dict(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise TypeError(f"not an object: {value!r}")
