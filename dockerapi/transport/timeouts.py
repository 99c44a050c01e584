"""A client's timeouts."""

from __future__ import annotations

from typing import Any

import attrs

from ..errors import shown


def time_limit(name: str, value: float | None) -> float | None:
    """A limit in seconds, given by the caller as the argument `name`, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name}: seconds or None were expected, not {shown(value)}")
    if not 0 < value < 1e9:
        raise ValueError(f"{name}: more than 0 seconds, not {value!r}")
    return value


def _checked(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    time_limit(attribute.name, value)


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long to wait, in seconds; None waits without bound.

    Args:
        connect: to open a connection.
        read: silence of the Engine during a whole reply; also the time for the whole head of it.
        idle: silence of a stream (logs, events, pull, build, attach ...). A container may be silent
            for any time, so the default is no limit. It also applies to operations that take an
            Engine long before it answers: `put_archive`, `commit`, `remove_container`,
            `remove_image`, and `stop` and `restart` without a `timeout`.
    """

    connect: float | None = attrs.field(default=10.0, validator=_checked)
    read: float | None = attrs.field(default=60.0, validator=_checked)
    idle: float | None = attrs.field(default=None, validator=_checked)
