"""The base of all mixins: a transport, and views whose waits end in time."""

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
        """A copy that can be changed without an effect on this one."""
        view = type(self).__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def _once(self) -> Self:
        """A view that sends nothing again, whatever the caller's policy says."""
        view = self._view()
        view._transport = self._transport.without_retry()
        return view

    def _ending(self, ends: float | None) -> Self:
        """A view whose waits all end by this time of `time.monotonic()`; None is no limit."""
        if ends is None:
            return self
        view = self._view()
        view._transport = self._transport.until(ends)
        return view


def warn(name: str, message: str, *values: object) -> None:
    """Logs a warning, under the name of a module."""
    import logging  # which takes longer than a call

    logging.getLogger(name).warning(message, *values)


class WholeTime:
    """The seconds that a caller gives an operation with all its requests; None is no limit."""

    def __init__(self, timeout: float | None) -> None:
        self.seconds = time_limit("timeout", timeout)
        self.ends = None if self.seconds is None else time.monotonic() + self.seconds

    def has_cut(self, error: BaseException) -> bool:
        """Whether this error means that the time is over."""
        over = self.ends is not None and time.monotonic() >= self.ends
        return over and isinstance(error, (TimedOut, StreamInterrupted))

    def error(
        self, what: str, then: str = "", *, output: Output | None = None, id: str = ""
    ) -> TimedOut:
        """The error for the caller: `what` was not done in time, and what happened `then`."""
        words = f"{what} within {self.seconds:g} seconds" + (f"; {then}" if then else "")
        return TimedOut(words, kind="whole", seconds=self.seconds, output=output, id=id)
