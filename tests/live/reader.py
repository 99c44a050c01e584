"""A thread that blocks until somebody else ends it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable


class Reader(threading.Thread):
    """Does one thing in a thread of its own, and keeps what came of it, and when."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self.result: object = None
        self.error: BaseException | None = None
        self.ended_at = float("inf")
        self.start()

    def run(self) -> None:
        try:
            self.result = self._act()
        except BaseException as error:
            self.error = error
        self.ended_at = time.monotonic()

    def wait_until_in(self, module: str) -> None:
        """Until a function of a module is at work in it."""
        deadline = time.monotonic() + 120
        while module not in self._modules():
            assert time.monotonic() < deadline, f"it does not come to {module}"
            time.sleep(0.01)

    def _modules(self) -> set[str]:
        frame = sys._current_frames().get(self.ident or 0)
        found = set()
        while frame is not None:
            found.add(frame.f_globals["__name__"])
            frame = frame.f_back
        return found

    def wait_until_blocked(self) -> None:
        """Until it stands still, as it does in a read from a socket; there is no event for that."""
        deadline = time.monotonic() + 120
        stands, looks = None, 0
        while looks < 20:
            assert time.monotonic() < deadline, "it does not block"
            if self.error is not None:
                raise self.error
            frame = sys._current_frames().get(self.ident or 0)
            place = frame and (frame.f_code, frame.f_lasti)
            stands, looks = place, looks + 1 if place == stands else 0
            time.sleep(0.01)
