"""Failures on demand: values for `FakeEngine.fault`.

A fault affects the next request of its route, or the next `times` requests. `Refuse` affects a
connection, and has no route.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .http.server import Connection
from .http.wire import Damage


@attrs.frozen
class Refuse:
    """The next connection is reset before anything is read."""


@attrs.frozen
class Status:
    """The answer is this status with this message; the request has no other effect.

    Args:
        status: such as 500.
        message: the Engine's message.
    """

    status: int
    message: str = "a fault that was asked for"


@attrs.frozen
class Cut:
    """The answer ends after its head and so many bytes.

    Args:
        after: bytes; headers of frames and chunks count.
        reset: the client sees a reset instead of an end.
        engine: the whole Engine dies: all connections end, and new ones are refused.
    """

    after: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    reset: bool = False
    engine: bool = False


@attrs.frozen
class Stall:
    """The answer comes after so many seconds, or never if the client closes the connection before.

    Args:
        seconds: the delay.
    """

    seconds: float = attrs.field(validator=attrs.validators.ge(0))


@attrs.frozen
class Corrupt:
    """The first frame of the answer has an invalid header.

    Args:
        kind: the header's first byte, from 3 to 255.
    """

    kind: int = attrs.field(
        default=0xFF, validator=[attrs.validators.ge(3), attrs.validators.le(255)]
    )


Fault = Refuse | Status | Cut | Stall | Corrupt


def damage_of(fault: Fault, die: Callable[[], None]) -> Damage:
    """What a fault does to one answer; `die` ends the whole Engine."""

    def end(connection: Connection) -> None:
        if isinstance(fault, Cut) and fault.engine:
            die()
        elif isinstance(fault, Cut) and fault.reset:
            connection.reset()
        else:
            connection.hang_up()

    return Damage(
        stall=fault.seconds if isinstance(fault, Stall) else 0,
        after=fault.after if isinstance(fault, Cut) else None,
        end=end,
        kind=fault.kind if isinstance(fault, Corrupt) else None,
    )
