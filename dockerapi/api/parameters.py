"""Arguments that several operations share, checked and converted for a query: filters, times,
signals, outputs, terminal sizes, seconds, platforms."""

from __future__ import annotations

import contextlib
import datetime
import math
import re
import signal as signals
import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..errors import named
from ..protocol.reference import platform, platform_parts

FilterValue = str | int | bool
Filters = Mapping[str, FilterValue | Iterable[FilterValue]]
# Seconds or nanoseconds since 1970, and how Engines write times.
Timestamp = int | float | Decimal | str | datetime.datetime

# Whole numbers from here on are nanoseconds (since 1973); as seconds they would be no valid date.
_NANOSECONDS = 10**17
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d{1,9})?(?:[Zz]|([+-]\d\d:\d\d))", re.ASCII
)

PRUNE_FILTERS = ("label", "label!", "until")
_SIGNAL = re.compile(r"[A-Z][A-Z0-9]*([+-]\d{1,2})?", re.ASCII)
_LARGEST_SIGNAL = 64


def filter_lists(given: Filters | None) -> dict[str, list[str]] | None:
    """The filters as the Engine reads them: a list of strings for every name.

    `{"label": "a=b", "dangling": True}` is `{"label": ["a=b"], "dangling": ["true"]}`.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise TypeError(f"filters: a mapping was expected, not {given!r}")
    found = {}
    for name, value in given.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"filters: the name of a filter was expected, not {name!r}")
        values = [value] if isinstance(value, (str, int)) else value
        if not isinstance(values, Iterable):
            raise TypeError(f"filters: {name}: a string or several were expected, not {value!r}")
        found[name] = [_filter_value(name, item) for item in values]
    return found


def known_filters(
    given: Filters | None, *known: str, all: tuple[str, ...] = ()
) -> dict[str, list[str]] | None:
    """The same, for known filters only. Filters in `all` have their own argument, `all`."""
    found = filter_lists(given)
    for name in found or ():
        if name in all:
            raise ValueError(f"filters: {name!r} is said by the argument all")
        if name not in known:
            raise ValueError(f"filters: one of {', '.join(known)} was expected, not {name!r}")
    return found


def joined_filters(filters: Filters | None, **given: str | None) -> dict[str, list[str]] | None:
    """The filters, together with those given as separate arguments."""
    found = filter_lists(filters)
    for name, value in given.items():
        if value is None:
            continue
        if found is not None and name in found:
            raise ValueError(f"{name}: {value!r}, but filters has {found[name]!r}, too")
        found = {**(found or {}), name: [value]}
    return found


def _filter_value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    raise TypeError(f"filters: {name}: a string was expected, not {value!r}")


def timestamp(name: str, value: Timestamp | None) -> str | None:
    """Unix seconds as text, with a fraction only if the caller gave one."""
    if value is None:
        return None
    if isinstance(value, str):
        return _written_time(name, value)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name}: a datetime without a time zone: {value!r}")
        seconds, fraction = divmod(value - _EPOCH, datetime.timedelta(seconds=1))
        micros = fraction // datetime.timedelta(microseconds=1)
        return f"{seconds}.{micros:06}" if micros else str(seconds)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise TypeError(
            f"{name}: unix seconds, RFC 3339 or a datetime were expected, not {value!r}"
        )
    if isinstance(value, int) and abs(value) >= _NANOSECONDS:
        seconds, nanos = divmod(value, 10**9)
        return f"{seconds}.{nanos:09}" if nanos else str(seconds)
    if isinstance(value, Decimal) and value.is_nan():
        value = math.nan
    if not -(10**12) < value < 10**12:  # also false for NaN
        raise ValueError(f"{name}: not a time in unix seconds: {value!r}")
    if value == int(value):
        return str(int(value))
    if isinstance(value, Decimal) and value != round(value, 9):
        raise ValueError(f"{name}: no Engine has more than nanoseconds: {value!r}")
    return f"{value:.9f}"


def _written_time(name: str, value: str) -> str:
    """Unix seconds from a written time. Engines write RFC 3339, but refuse it in queries."""
    if re.fullmatch(r"-?\d{1,12}(\.\d{1,9})?", value, re.ASCII):
        return value
    match = _RFC_3339.fullmatch(value)
    if match is not None:
        with contextlib.suppress(ValueError):  # no such date
            moment = datetime.datetime.fromisoformat(f"{match[1]}{match[3] or '+00:00'}")
            return f"{(moment - _EPOCH) // datetime.timedelta(seconds=1)}{match[2] or ''}"
    raise ValueError(
        f"{name}: unix seconds, or RFC 3339 with a time zone, were expected, not {value!r}"
    )


def has_passed(when: str) -> bool:
    """Whether a time, as `timestamp` writes it, has passed by the local clock."""
    return float(when) <= time.time()


def signal_name(signal: str | int | signals.Signals | None) -> str | None:
    """A signal's name, such as `SIGTERM`, or its number."""
    if signal is None:
        return None
    if isinstance(signal, signals.Signals):
        return signal.name
    if isinstance(signal, bool) or not isinstance(signal, (str, int)):
        raise TypeError(f"signal: a name, a number or a signal.Signals, not {signal!r}")
    text = str(signal).upper()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= _LARGEST_SIGNAL:
        return str(int(text))
    if _SIGNAL.fullmatch(text):
        return text
    raise ValueError(f"signal: no name or number of a signal: {signal!r}")


def terminal_size(height: int, width: int) -> dict[str, int]:
    """The query of a resize, from a height and a width."""
    for name, value in (("height", height), ("width", width)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name}: a number of characters was expected, not {value!r}")
        if not 0 < value < 65536:
            raise ValueError(f"{name}: 1 to 65535 characters, not {value!r}")
    return {"h": height, "w": width}


def outputs(operation: str, stdout: bool, stderr: bool) -> dict[str, bool]:
    """The query for the outputs of a log; `ValueError` for neither."""
    if not stdout and not stderr:
        raise ValueError(f"{operation}: stdout and stderr are both False; nothing is left to read")
    return {"stdout": stdout, "stderr": stderr}


def platform_text(value: str | None) -> str | None:
    """A platform, `os[/arch[/variant]]`, as text, for routes that create something."""
    return None if value is None else str(named("platform", platform, value))


def platform_object(value: str | None) -> dict[str, str] | None:
    """A platform, `os/arch[/variant]`, as an object for all other routes."""
    found: dict[str, str] | None = None
    if value is not None:
        found = named("platform", platform_parts, value)
    return found


def platform_objects(values: Iterable[str] | None) -> list[dict[str, str]] | None:
    """Several platforms as objects. An empty list is refused: Engines would take it for all."""
    found = texts("platforms", values)
    if found == []:
        raise ValueError("platforms: at least one was expected; None is all of them")
    return None if found is None else [named("platforms", platform_parts, it) for it in found]


def whole(name: str, value: int | None, *, least: int = 0) -> int | None:
    """A whole number of at least `least`; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: a whole number was expected, not {value!r}")
    if value < least:
        raise ValueError(f"{name}: at least {least}, not {value!r}")
    return value


def text(name: str, value: str | None, *, empty: bool = True, lines: bool = False) -> str | None:
    """A string without NUL, on one line unless `lines`, not empty unless `empty`; or None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name}: a string was expected, not {value!r}")
    refused = "\0" if lines else "\0\r\n"
    if any(character in value for character in refused) or not (value or empty):
        what = "text" if lines else "one line of text"
        raise ValueError(f"{name}: {what} was expected, not {value!r}")
    return value


def folder(name: str, value: str | None) -> str | None:
    """An absolute path on the Engine's host; None stays None."""
    found = text(name, value, empty=False)
    if found is not None and not found.startswith("/"):
        raise ValueError(f"{name}: an absolute path was expected, not {value!r}")
    return found


def texts(name: str, values: Iterable[str] | None) -> list[str] | None:
    """A list of strings; None stays None."""
    if values is None:
        return None
    found = [None] if isinstance(values, str) or not isinstance(values, Iterable) else list(values)
    if not all(isinstance(value, str) for value in found):
        raise TypeError(f"{name}: a list of strings was expected, not {values!r}")
    return [str(value) for value in found]
