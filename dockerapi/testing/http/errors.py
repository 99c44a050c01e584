"""How serving one request can end early."""

from __future__ import annotations


class HttpError(Exception):
    """A refusal of the Engine: the status and its words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class ClientGone(Exception):
    """The client is gone, or a fault ended the connection."""
