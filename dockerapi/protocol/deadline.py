"""A time limit as one value, passed down to the code that waits."""

from __future__ import annotations

import time

import attrs


@attrs.frozen
class Deadline:
    """A time limit: `seconds` for each single wait, and until `ends` for all of them.

    None is without limit. `ends` is a time of `time.monotonic()`; `kind` is that of `TimedOut`.
    """

    seconds: float | None = None
    kind: str = "read"
    ends: float | None = None

    def left(self) -> float | None:
        """The seconds for the next wait; None is without limit.

        Raises:
            TimeoutError: the time is over. (Data that arrives in small pieces would never time
            out.)
        """
        if self.ends is None:
            return self.seconds
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        return left if self.seconds is None else min(left, self.seconds)

    def whole(self, otherwise: float | None = None) -> Deadline:
        """The limit for something that arrives in pieces: `seconds` from now on for all of it.

        Without a limit, it is `otherwise`.
        """
        seconds = otherwise if self.seconds is None else self.seconds
        if seconds is None:
            return self
        ends = time.monotonic() + seconds
        return Deadline(seconds, self.kind, ends if self.ends is None else min(ends, self.ends))
