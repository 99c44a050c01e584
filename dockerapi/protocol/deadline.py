"""How long may be waited, as one value that is passed down to whoever waits."""

from __future__ import annotations

import time

import attrs


@attrs.frozen
class Deadline:
    """A time limit: `seconds` for each thing that is waited for, and until `ends` for all of them.

    None is without bound. `ends` is a time of `time.monotonic()`; `kind` says whose limit it is,
    and is the one of `TimedOut`.
    """

    seconds: float | None = None
    kind: str = "read"
    ends: float | None = None

    def left(self) -> float | None:
        """How many seconds the next thing may take; None for as long as it likes.

        Raises:
            TimeoutError: the time is over. What comes in drops fast enough would not notice.
        """
        if self.ends is None:
            return self.seconds
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left if self.seconds is None else min(left, self.seconds)

    def whole(self, otherwise: float | None = None) -> Deadline:
        """The limit for one thing that comes in pieces: `seconds` from now on, for all of it.

        Where there is no bound, it is `otherwise`.
        """
        seconds = otherwise if self.seconds is None else self.seconds
        if seconds is None:
            return self
        ends = time.monotonic() + seconds
        return Deadline(seconds, self.kind, ends if self.ends is None else min(ends, self.ends))
