"""Changes of what a swarm keeps: an update goes with the version of the value that was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .. import models
from ..errors import OutOfSequence, named
from .parameters import whole

V = TypeVar("V")


def check_read(noun: str, kind: type[V], value: V) -> V:
    """The value that was read, which has the version that an update goes with."""
    if not isinstance(value, kind):  # its JSON may have tokens in it
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
    """Reads a value, writes what `change` makes of its spec, and reads it again.

    Who comes too late begins again, `tries` times in all. Nothing else is tried again, so `write`
    has no policy that does: if an answer was lost, the second write would come too late because of
    the first, and the change be made twice. A spec that is the same is not written.
    """
    if whole("tries", tries, least=1) is None:
        raise TypeError("tries: a whole number was expected, not None")
    if not callable(change):
        raise TypeError(f"change: a function from the spec to the new one, not {change!r}")
    found: Any = read(what)
    while True:
        tries -= 1
        spec = named("change", models.settings.instance_of(type(found.spec)), change(found.spec))
        if spec == found.spec:
            return found  # type: ignore[no-any-return]
        try:
            write(found, spec)
        except OutOfSequence:
            if not tries:
                raise
        else:
            return read(found.id)
        found = read(found.id)  # another one may have its name by now
