"""Exceptions that end the serving of a request early."""

from __future__ import annotations


class HttpError(Exception):
    """The Engine refuses the request: status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class ClientGone(Exception):
    """The client has closed the connection, or a fault ended it."""
