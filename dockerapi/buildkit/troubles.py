"""What went wrong in a session, for the error of the build that failed by it."""

from __future__ import annotations


class Troubles:
    """Errors, each with what the Engine's words have in them if the build failed by it."""

    def __init__(self) -> None:
        self._found: list[tuple[str, Exception]] = []

    def note(self, shown_as: str, error: Exception) -> None:
        self._found.append((shown_as, error))

    def about(self, words: str) -> Exception | None:
        """The last one that the words of a failed build are about."""
        found = (error for shown_as, error in reversed(self._found) if shown_as in words)
        return next(found, None)
