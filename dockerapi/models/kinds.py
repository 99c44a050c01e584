"""The forms in which callers may give a setting, and the one form that is stored and sent.

A kind has three functions: to read an Engine's value (tolerant), to check and convert a caller's
value (strict; an error shows the value), and to write it. The check accepts everything that reading
returns, so `attrs.evolve` works on the settings of an inspected container.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import shlex
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import attrs

from ..errors import named, shown
from ..protocol.reference import platform
from .base import (
    Model,
    filled,
    flag,
    integer,
    keys,
    many,
    mapping,
    number,
    one,
    strings,
)
from .base import table as rows_of_text
from .settings import Environment, Kind, M

# Numbers and flags


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"True or False was expected, not {shown(value)}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number was expected, not {shown(value)}")
    return value


def _within(value: int, least: int | None, most: int | None, also: tuple[int, ...]) -> int:
    if value in also:
        return value
    if least is not None and value < least:
        raise ValueError(f"at least {least} was expected, not {value}")
    if most is not None and value > most:
        raise ValueError(f"at most {most} was expected, not {value}")
    return value


def whole(least: int | None = None, most: int | None = None, *also: int) -> Kind:
    """A whole number in a range, or one of the special values."""
    return Kind(integer, lambda value: _within(_whole(value), least, most, also))


_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:([kmgtp])i?)?b?", re.ASCII | re.IGNORECASE)


def byte_count(value: Any) -> int:
    """Bytes, from a number or a text such as `512k`, `64m` or `1.5g` (powers of 1024)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return _whole(value)
    if value == "-1":
        return -1
    match = _SIZE.fullmatch(value)
    if match is None:
        raise ValueError(f"a size such as 64m or 1.5g was expected, not {shown(value)}")
    exponent = " kmgtp".index((match[2] or " ").lower())
    return int(Fraction(match[1]) * 1024**exponent)


def size(least: int = 0, *also: int) -> Kind:
    """A number of bytes."""
    return Kind(integer, lambda value: _within(byte_count(value), least, None, also))


_NANO = 10**9


def _seconds(value: Any) -> float:
    if isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"seconds were expected, not {shown(value)}")
    if value != 0 and not 0.001 <= value < 1e9:
        raise ValueError(f"0, or a millisecond or more, was expected, not {value} seconds")
    return float(value)


def _from_nanoseconds(value: Any) -> float | None:
    found = number(value)
    return None if found is None else found / _NANO


FLAG = Kind(flag, _boolean)
# Nanoseconds on the wire.
SECONDS = Kind(_from_nanoseconds, _seconds, lambda value: round(value * _NANO))

# Texts


def line(value: Any) -> str:
    """A text of one line."""
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not {shown(value)}")
    if re.search(r"[\r\n\0]", value):
        raise ValueError(f"one line of text was expected, not {shown(value)}")
    return value


def _name(value: Any) -> str:
    if not line(value) or re.search(r"\s", value):
        raise ValueError(f"a name was expected, not {shown(value)}")
    return str(value)


def _word(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError(f"a string was expected, not {shown(value)}")
    return _without_nul(str(value))


def _without_nul(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not {shown(value)}")
    if "\0" in value:
        raise ValueError(f"a NUL cannot be sent: {shown(value)}")
    return value


def _path_text(value: Any) -> str:
    return line(os.fspath(value) if isinstance(value, os.PathLike) else value)


def absolute(value: Any) -> str:
    """A path that is absolute, on Linux or on Windows."""
    path = _path_text(value)
    if not re.match(r"/|\\\\|[A-Za-z]:[\\/]", path):
        raise ValueError(f"an absolute path was expected, not {shown(value)}")
    return path


def network(value: Any) -> str:
    """A network: its name, its id, or a value with an id."""
    return line(value if isinstance(value, str) else getattr(value, "id", value))


def _identity(value: Any) -> str:
    return line(str(_whole(value)) if isinstance(value, int) else value)


def address(value: Any) -> str:
    """An IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(line(value))
    except ValueError as error:
        raise ValueError(f"an IP address was expected, not {shown(value)}") from error
    return str(value)


def _signal(value: Any) -> str:
    if isinstance(value, signal.Signals):
        return value.name
    text = line(str(_whole(value)) if isinstance(value, int) else value)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(\+\d+|-\d+)?|[1-9]\d?", text, re.ASCII):
        raise ValueError(f"the name or number of a signal was expected, not {shown(value)}")
    return text


def choice(*words: str) -> Kind:
    """One of these words."""

    def check(value: Any) -> str:
        if line(value) not in words:
            expected = ", ".join(repr(word) for word in words)
            raise ValueError(f"one of {expected} was expected, not {shown(value)}")
        return str(value)

    return Kind(filled, check)


def matching(pattern: str, expected: str) -> Kind:
    """A text that matches a regular expression."""

    def check(value: Any) -> str:
        if not re.fullmatch(pattern, line(value), re.ASCII | re.IGNORECASE):
            raise ValueError(f"{expected} was expected, not {shown(value)}")
        return str(value)

    return Kind(filled, check)


TEXT = Kind(filled, line)
PATH = Kind(filled, absolute)
SOURCE = Kind(filled, _path_text)
USER = Kind(filled, _identity)
HOST_NAME = matching(r"\S*", "a name of a host")
MAC_ADDRESS = matching(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5}", "a MAC address")
CPU_SET = matching(r"(\d+(-\d+)?(,\d+(-\d+)?)*)?", "a set such as 0-2,4")
PLATFORM = Kind(filled, platform)
ISOLATION = choice("default", "process", "hyperv")
ADDRESS = Kind(filled, address)
NETWORK = Kind(filled, network)
SIGNAL = Kind(filled, _signal)

# Lists and mappings


def items(value: Any, what: str) -> Iterator[Any]:
    """The items of a list of `what`; a string or a mapping is not a list."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"{what} was expected, not {shown(value)}")
    return iter(value)


def instance_of(kind: type[M]) -> Callable[[Any], M]:
    """A check that only accepts values of this class."""

    def check(value: Any) -> M:
        if not isinstance(value, kind):
            # Not shown: its JSON may contain a key or a password.
            what = f"a {type(value).__name__}" if isinstance(value, Mapping) else shown(value)
            raise TypeError(f"use dockerapi.{kind.__name__}(...); it was {what}")
        return value

    return check


def by_words(kind: type[M]) -> Callable[[Any], M]:
    """A check that also accepts a mapping with the names of fields, here or in the JSON."""
    of_value = instance_of(kind)

    def check(value: Any) -> M:
        if not isinstance(value, Mapping):
            return of_value(value)
        fields = [f for f in attrs.fields(kind) if f.eq]  # type: ignore[arg-type]
        known = {word: f.name for f in fields for word in (f.name, f.metadata["paths"][0])}
        for word in value:
            if word not in known:
                expected = ", ".join(f.name for f in fields)
                raise ValueError(f"the names {expected} were expected, not {shown(word)}")
        return kind(**{known[word]: item for word, item in value.items()})

    return check


def given(name: str, kind: type[M], value: M | None) -> M | None:
    """An argument of this class, or None."""
    found: M | None = None if value is None else named(name, instance_of(kind), value)
    return found


def nested(kind: type[Model], check: Callable[[Any], Any] | None = None) -> Kind:
    """A value of a model class, or a value that `check` converts to one."""
    return Kind(one(kind), check or instance_of(kind))


def several(kind: type[Model], check: Callable[[Any], Any] | None = None) -> Kind:
    """A list of values of a model class."""
    of_one = check or instance_of(kind)
    what = f"a list of {kind.__name__} values"
    return Kind(many(kind), lambda value: tuple(of_one(item) for item in items(value, what)))


def listed(check: Callable[[Any], Any]) -> Kind:
    """A list of texts."""
    return Kind(
        strings, lambda value: tuple(check(item) for item in items(value, "a list of strings"))
    )


def table(check: Callable[[Any], Any] = _name) -> Kind:
    """A mapping of texts; numbers become text."""

    def convert(value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise TypeError(f"a mapping was expected, not {shown(value)}")
        return {check(key): _word(item) for key, item in value.items()}

    return Kind(mapping, convert)


def _pairs_or_lines(value: Any) -> Iterator[str]:
    """`name:value` from a mapping, or the items of a list, some of which may be pairs."""
    if isinstance(value, Mapping):
        value = list(value.items())
    for item in items(value, 'a mapping or a list of "name:value"'):
        if isinstance(item, tuple) and len(item) == 2:
            name, other = item
            yield _name(name) if other is None else f"{_name(name)}:{line(other)}"
        else:
            yield item


def environment(value: Environment) -> tuple[str, ...]:
    """Variables as `NAME=value`, from a mapping or a list.

    A name without a value, or with None, removes a variable of the image.
    """
    if isinstance(value, Mapping):
        return tuple(_variable(key, item) for key, item in value.items())
    return tuple(_assignment(item) for item in items(value, 'a mapping or a list of "NAME=value"'))


def _variable(name: Any, value: Any) -> str:
    if "=" in _without_nul(name) or not name:
        raise ValueError(f"the name of a variable was expected, not {shown(name)}")
    return str(name) if value is None else f"{name}={_word(value)}"


def _assignment(value: Any) -> str:
    if not _without_nul(value).partition("=")[0]:
        raise ValueError(f"NAME=value was expected, not {shown(value)}")
    return str(value)


def command_line(value: str | Iterable[str]) -> tuple[str, ...]:
    """The words of a command: a list unchanged, a string split as a shell would, unexpanded."""
    if isinstance(value, str):
        try:
            return tuple(shlex.split(_without_nul(value)))
        except ValueError as error:
            raise ValueError(f"{error}: {shown(value)}") from error
    return tuple(_without_nul(item) for item in items(value, "a string or a list of words"))


def _entry_point(value: Any) -> tuple[str, ...]:
    # One empty string removes the image's entry point without replacing it.
    return ("",) if value == "" else command_line(value)


def or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads null as None, where the Engine gives an empty list another meaning."""
    return lambda value: None if value is None else read(value)


def _labels(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {_name(key): _word(item) for key, item in value.items()}
    found: dict[str, str] = {}
    for given in items(value, 'a mapping or a list of "name=value"'):
        key, _, word = _without_nul(given).partition("=")
        if found.setdefault(_name(key), word) != word:
            raise ValueError(f"{key} is given twice, as {shown(found[key])} and {shown(word)}")
    return found


def _set(check: Callable[[Any], str], what: str) -> Kind:
    def convert(value: Any) -> tuple[str, ...]:
        found = value if isinstance(value, Mapping) else items(value, what)
        return tuple(sorted({check(item) for item in found}))

    return Kind(keys, convert, lambda value: {key: {} for key in value})


_PORT = re.compile(r"(\d{1,5})(?:/(tcp|udp|sctp))?", re.ASCII | re.IGNORECASE)


def container_port(value: Any) -> str:
    """A port of a container, such as `80/tcp`, from a number or text."""
    match = _PORT.fullmatch(str(_whole(value)) if isinstance(value, int) else line(value))
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise ValueError(f"a port such as 80 or 53/udp was expected, not {shown(value)}")
    return f"{int(match[1])}/{(match[2] or 'tcp').lower()}"


_IN_BIND = r"[A-Za-z]:[\\/][^:]*|[^:]+"
_BIND = re.compile(rf"(?:({_IN_BIND}):)?({_IN_BIND})(?::[\w=,-]*)?", re.ASCII)
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")


def _bind(value: Any) -> str:
    match = _BIND.fullmatch(line(value))
    if match is None:
        raise ValueError(f"source:path[:mode] was expected, not {shown(value)}")
    source, path = match.groups()
    try:
        absolute(path)
        if source is not None and not _VOLUME.fullmatch(source):
            absolute(source)
    except ValueError as error:
        raise ValueError(f"{error}, in {shown(value)}") from error
    return str(value)


def bound_path(bind: str) -> str:
    """The path in the container of a bind that `BINDS` has checked."""
    match = _BIND.fullmatch(bind)
    assert match is not None
    return match[2]


def _binds(value: Any) -> tuple[str, ...]:
    if not isinstance(value, Mapping):
        return tuple(_bind(item) for item in items(value, 'a mapping or a list of "source:path"'))
    return tuple(_bind(_joined(source, target)) for source, target in value.items())


def _joined(source: Any, target: Any) -> str:
    path, mode = target, None
    if isinstance(target, tuple) and len(target) == 2:
        path, mode = target
    elif isinstance(target, Mapping) and "bind" in target and set(target) <= {"bind", "mode"}:
        path, mode = target["bind"], target.get("mode")
    elif isinstance(target, Mapping):
        raise TypeError(
            "a path, a pair of path and mode, or {'bind': path, 'mode': mode} was expected, not "
            f"{shown(target)}"
        )
    parts = (source, path) if mode is None else (source, path, mode)
    return ":".join(_path_text(part) for part in parts)


def _link(value: Any) -> str:
    name, _, alias = line(value).partition(":")
    alias = alias or name
    if not name or ":" in alias or re.search(r"\s", value):
        raise ValueError(f"container:alias was expected, not {shown(value)}")
    return f"{name}:{alias}"


def _host_entry(value: Any) -> str:
    name, _, target = line(value).partition(":")
    try:
        if target != "host-gateway":
            address(target)
        _name(name)
    except ValueError as error:
        raise ValueError(f"host:address was expected, not {shown(value)}") from error
    return str(value)


def _lxc_pairs(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, Mapping):
        return tuple((_name(key), line(item)) for key, item in value.items())
    return tuple(
        (_name(key), line(item))
        for key, item in map(_lxc_pair, items(value, "a mapping or a list of pairs"))
    )


def _lxc_pair(value: Any) -> tuple[Any, Any]:
    if isinstance(value, Mapping) and {"Key", "Value"} == set(value):
        return value["Key"], value["Value"]
    if isinstance(value, tuple) and len(value) == 2:
        return value
    raise TypeError(f"a pair of key and value was expected, not {shown(value)}")


def _lxc_read(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, Mapping):
        return tuple(mapping(value).items())
    return tuple((item["Key"], item["Value"]) for item in value or ())


def _options(value: Any) -> tuple[str, ...]:
    row = tuple(line(value).split("=", 1)) if isinstance(value, str) else command_line(value)
    if not 1 <= len(row) <= 2:
        raise ValueError(f"an option or an option and its value was expected, not {shown(value)}")
    return row


def _console_size(value: Any) -> tuple[int, ...]:
    found = tuple(_within(_whole(item), 0, 65535, ()) for item in items(value, "height and width"))
    if len(found) != 2:
        raise ValueError(f"height and width were expected, not {shown(value)}")
    return found


def _tmpfs(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {absolute(key): line(item) for key, item in value.items()}
    return {absolute(key): "" for key in items(value, "a mapping or a list of paths")}


LINES = listed(line)
NAMES = listed(_name)
ADDRESSES = listed(address)
IDENTITIES = listed(_identity)
WORDS = table()
ENVIRONMENT = Kind(strings, environment)
COMMAND = Kind(strings, command_line)
ENTRY_POINT = Kind(or_none(strings), _entry_point)
LABELS = Kind(mapping, _labels)
PORTS = _set(container_port, "a list of ports")
PATHS = _set(absolute, "a list of paths")
OVERRIDDEN_PATHS = Kind(or_none(strings), listed(absolute).check)
BINDS = Kind(strings, _binds)
LINKS = Kind(strings, lambda value: tuple(_link(item) for item in _pairs_or_lines(value)))
HOSTS = Kind(strings, lambda value: tuple(_host_entry(item) for item in _pairs_or_lines(value)))
# The manual has a mapping from 1.15 on; Engines up to 1.6.2 ignore that and only read a list.
LXC = Kind(
    _lxc_read,
    _lxc_pairs,
    lambda value: [{"Key": key, "Value": item} for key, item in value],
)
CAPABILITY_SETS = Kind(
    rows_of_text,
    lambda value: tuple(listed(_name).check(row) for row in items(value, "a list of lists")),
)
OPTIONS = Kind(
    rows_of_text, lambda value: tuple(_options(row) for row in items(value, "a list of options"))
)
# Engines answer [0, 0] for no size, under every version, but only accept it from API 1.42 on.
CONSOLE_SIZE = Kind(
    lambda value: tuple(integer(item) for item in value) if any(value or ()) else None,
    _console_size,
)
TMPFS = Kind(mapping, _tmpfs)
