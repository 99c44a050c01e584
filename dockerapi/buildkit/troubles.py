"""Errors in a session, as causes for the error of a failed build."""

from __future__ import annotations


class Troubles:
    """Errors, each with the text that the Engine's message contains if it failed the build."""

    def __init__(self) -> None:
        self._found: list[tuple[str, Exception]] = []

    def note(self, shown_as: str, error: Exception) -> None:
        self._found.append((shown_as, error))

    def about(self, words: str) -> Exception | None:
        """The last error that the message of a failed build is about."""
        found = (error for shown_as, error in reversed(self._found) if shown_as in words)
        return next(found, None)
