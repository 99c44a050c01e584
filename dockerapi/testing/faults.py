"""Faults on demand: values for `FakeEngine.fault`.

The next request of its route uses a fault up, unless `times` says how often it holds. `Refuse` is
about connections, and has no route.
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
    """The answer is this status with this message, and nothing is done.

    Args:
        status: such as 500.
        message: what the fake Engine says.
    """

    status: int
    message: str = "a fault that was asked for"


@attrs.frozen
class Cut:
    """The answer ends after its head and so many bytes.

    Args:
        after: bytes; headers of frames and chunks count.
        reset: the client sees a reset instead of an end.
        engine: the whole Engine dies: all connections end, and nobody listens any more.
    """

    after: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    reset: bool = False
    engine: bool = False


@attrs.frozen
class Stall:
    """The answer comes only after so many seconds, or never if the client hangs up before.

    Args:
        seconds: how many.
    """

    seconds: float = attrs.field(validator=attrs.validators.ge(0))


@attrs.frozen
class Corrupt:
    """The first frame of the answer has a bad header.

    Args:
        kind: its first byte, from 3 to 255.
    """

    kind: int = attrs.field(
        default=0xFF, validator=[attrs.validators.ge(3), attrs.validators.le(255)]
    )


Fault = Refuse | Status | Cut | Stall | Corrupt


def damage_of(fault: Fault, die: Callable[[], None]) -> Damage:
    """The damage that a fault does to one answer; `die` ends the whole Engine."""

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
