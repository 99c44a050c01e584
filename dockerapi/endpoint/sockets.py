"""The sockets that lead to an Engine."""

from __future__ import annotations

import os
import socket


class EngineSocket(socket.socket):
    """A socket that closes itself with its last reference, and does not complain of that.

    The handler of a signal may raise where a socket is in nobody's hands: after a call has given
    it, and before that is stored. Streams that are dropped unclosed complain by themselves.
    """

    def __del__(self) -> None:
        if self.fileno() == -1:
            return
        try:
            self.close()
        except AttributeError:  # it was interrupted while it was made
            os.close(self.detach())
