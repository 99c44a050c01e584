"""Updates of a swarm's objects: each is sent with the version of the value as it was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .. import models
from ..errors import OutOfSequence, named
from .parameters import whole

V = TypeVar("V")


def check_read(noun: str, kind: type[V], value: V) -> V:
    """The value as read, with its version; TypeError for anything else, such as an id."""
    if not isinstance(value, kind):  # never shown: its JSON may have tokens
        raise TypeError(
            f"{noun}: the {kind.__name__} that was read was expected, not a "
            f"{type(value).__name__}; change_{noun}() reads it"
        )
    return value


def changed(
    read: Callable[[Any], V],
    what: Any,
    change: Callable[[Any], Any],
    write: Callable[[V, Any], object],
    tries: int,
) -> V:
    """Reads a value, writes the spec that `change` returns, and reads the value again.

    If the value changed in between, it starts again, with `tries` attempts in all. `write` must not
    retry by itself: after a lost answer a second write would find the version changed by the first,
    and the change would be made twice. An equal spec is not written.
    """
    if whole("tries", tries, least=1) is None:
        raise TypeError("tries: a whole number was expected, not None")
    if not callable(change):
        raise TypeError(f"change: a function from the spec to the new one, not {change!r}")
    found: Any = read(what)
    while True:
        tries -= 1
        spec = named("change", models.kinds.instance_of(type(found.spec)), change(found.spec))
        if spec == found.spec:
            return found  # type: ignore[no-any-return]
        try:
            write(found, spec)
        except OutOfSequence:
            if not tries:
                raise
        else:
            return read(found.id)
        found = read(found.id)  # by id: another object may have its name by now
