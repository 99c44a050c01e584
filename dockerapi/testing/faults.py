"""What goes wrong on demand: values for `FakeEngine.fault`.

Each is used up by the next request of its route, unless `times` says how often. `Refuse` is about
connections, and so takes no route.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from .http.server import Connection


@attrs.frozen
class Refuse:
    """The next connection is reset before anything is read."""


@attrs.frozen
class Status:
    """The answer is this status with this message, and nothing is done."""

    status: int
    message: str = "a fault that was asked for"


@attrs.frozen
class Cut:
    """The answer ends after its head and so many bytes of what follows, frames and chunks counted.

    With `reset` the client sees a reset instead of an end. With `engine` the whole Engine dies: all
    connections end and nobody listens any more.
    """

    after: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    reset: bool = False
    engine: bool = False


@attrs.frozen
class Stall:
    """The answer comes only after so many seconds, or never if the client hangs up before."""

    seconds: float = attrs.field(validator=attrs.validators.ge(0))

    def wait(self, connection: Connection) -> None:
        """Let the time go by; the end of the connection ends it."""
        select.select([connection.sock], [], [], self.seconds)


@attrs.frozen
class Corrupt:
    """The first frame of the answer has a header that is none: its first byte is `kind`."""

    kind: int = attrs.field(
        default=0xFF, validator=[attrs.validators.ge(3), attrs.validators.le(255)]
    )


Fault = Refuse | Status | Cut | Stall | Corrupt
