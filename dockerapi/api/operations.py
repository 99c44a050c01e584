"""What the mixins of all chapters have in common: a transport, and views that end in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import StreamInterrupted, TimedOut
from ..output import Output
from ..transport.timeouts import time_limit

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..registry.credentials import StoredCredentials
    from ..transport import Transport


class Operations:
    """Operations over one transport, with what the docker command has stored."""

    _transport: Transport
    _credentials: StoredCredentials

    def _view(self) -> Self:
        """The same, for changes that are not to be those of everybody."""
        view = type(self).__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def _ending(self, ends: float | None) -> Self:
        """The same, all of whose waits end by this time of `time.monotonic()`, if there is one."""
        if ends is None:
            return self
        view = self._view()
        view._transport = self._transport.until(ends)
        return view


class WholeTime:
    """The seconds that a caller gives an operation with all its requests; None is no limit."""

    def __init__(self, timeout: float | None) -> None:
        self.seconds = time_limit("timeout", timeout)
        self.ends = None if self.seconds is None else time.monotonic() + self.seconds

    def has_cut(self, error: BaseException) -> bool:
        """Whether this is how it comes out that the time is over."""
        over = self.ends is not None and time.monotonic() >= self.ends
        return over and isinstance(error, (TimedOut, StreamInterrupted))

    def error(
        self, what: str, then: str = "", *, output: Output | None = None, id: str = ""
    ) -> TimedOut:
        """What the caller gets for it: what was not done in time, and what became of it then."""
        words = f"{what} within {self.seconds:g} seconds" + (f"; {then}" if then else "")
        return TimedOut(words, kind="whole", seconds=self.seconds, output=output, id=id)
