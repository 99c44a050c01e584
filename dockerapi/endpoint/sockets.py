"""The base class of the sockets to an Engine."""

from __future__ import annotations

import os
import socket


class EngineSocket(socket.socket):
    """A socket that is closed with its last reference, without a ResourceWarning.

    A signal handler may raise between the call that returns a socket and the line that stores it;
    then no code could close it. Streams that are dropped unclosed warn by themselves.
    """

    def __del__(self) -> None:
        if self.fileno() == -1:
            return
        try:
            self.close()
        except AttributeError:  # __init__ was interrupted
            os.close(self.detach())
