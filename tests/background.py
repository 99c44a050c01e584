"""What a test does in another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from scripted import PATIENCE


class Background(threading.Thread):
    """An act in another thread, whose result or error is asked for at its end."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__(name="background", daemon=True)
        self._act = act
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._act()
        except BaseException as error:
            self._error = error

    def result(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive()
        if self._error is not None:
            raise self._error
        return self._result
