"""The base of all mixins: a transport, and copies of the client with other limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import StreamInterrupted, TimedOut
from ..late import load
from ..output import Output
from ..transport.timeouts import time_limit

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..registry.credentials import StoredCredentials
    from ..transport import Transport


class Operations:
    """Operations over one transport, with the docker command's stored settings."""

    _transport: Transport
    _credentials: StoredCredentials

    def _view(self) -> Self:
        """A copy whose attributes can be changed without changing this object."""
        view = type(self).__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def _once(self) -> Self:
        """A view that never retries, whatever the caller's retry policy."""
        view = self._view()
        view._transport = self._transport.without_retry()
        return view

    def _ending(self, ends: float | None) -> Self:
        """A view whose waits all end at this `time.monotonic()` time; None for no limit."""
        if ends is None:
            return self
        view = self._view()
        view._transport = self._transport.until(ends)
        return view


def warn(name: str, message: str, *values: object) -> None:
    """Logs a warning under a module's name."""
    load("logging")  # importing it takes longer than a call
    import logging

    logging.getLogger(name).warning(message, *values)


class WholeTime:
    """A caller's time limit for an operation and all its requests; None for no limit."""

    def __init__(self, timeout: float | None) -> None:
        self.seconds = time_limit("timeout", timeout)
        self.ends = None if self.seconds is None else time.monotonic() + self.seconds

    def has_cut(self, error: BaseException) -> bool:
        """Whether this error came because the time is over."""
        over = self.ends is not None and time.monotonic() >= self.ends
        return over and isinstance(error, (TimedOut, StreamInterrupted))

    def error(
        self, what: str, then: str = "", *, output: Output | None = None, id: str = ""
    ) -> TimedOut:
        """The caller's error: `what` was not done in time, and `then` is what happened next."""
        words = f"{what} within {self.seconds:g} seconds" + (f"; {then}" if then else "")
        return TimedOut(words, kind="whole", seconds=self.seconds, output=output, id=id)
