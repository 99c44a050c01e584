"""A conversation that leaves HTTP: after the reply's head the socket carries raw bytes both ways.

The request asks for it (`Upgrade: tcp`, manual v1.19 section 3.2); 101 and 200 both mean yes, since
Engines before 1.5.0 do not know the header. Rules:

- the socket is our own, from `Link.open()`: http.client sees no body after a 101;
- the head is read by `Answer`, and everything after it through the same buffered
  reader: bytes that came glued to the head are in its buffer and are not lost;
- what is written goes straight to the socket.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from http.client import HTTPException

from .answer import Answer
from .errors import Closed, NotSupported, engine_words
from .link import Link, TwoWay, Wait, no_answer, refusal, shut_down

LARGEST_ERROR = 1024 * 1024


class Connection(TwoWay):
    """A raw two-way connection: `read()`, `write()`, `close_write()`, `close()`."""

    def __init__(
        self,
        link: Link,
        sock: socket.socket,
        answer: Answer,
        *,
        idle: float | None,
        no_half_close: NotSupported | None,
    ) -> None:
        # After 101 the body is what follows the head. After 200 it is the answer's body: the same,
        # unless something between us and the Engine gave it a length or chunks.
        reader = answer.fp if answer.status == 101 else answer
        super().__init__(link, sock, reader, self._hang_up, idle=idle)
        self.status = answer.status
        self._answer = answer
        self._no_half_close = no_half_close

    def _hang_up(self) -> None:
        shut_down(self._sock)  # a thread that is blocked in a write would keep it open
        self._answer.close()
        self._sock.close()

    def close_write(self) -> None:
        """Tells the other side that nothing more comes, and goes on reading."""
        self._link.check_owner()
        if self._no_half_close is not None:
            raise self._no_half_close
        if self.closed or self._released:
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._check_closed()
            raise self._broken(error) from error


def upgrade(
    link: Link,
    route: str,
    target: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    connect: float | None = None,
    read: float | None = None,
    idle: float | None = None,
    no_half_close: NotSupported | None = None,
) -> Connection:
    """Sends the request on a socket of its own and returns what the Engine made of it.

    Args:
        no_half_close: why `close_write()` is refused, if this Engine cannot do it.

    Raises:
        ApiError: the Engine refused.
        ConnectionFailed: there was no answer.
    """
    sock = link.open(connect)
    answer = None
    try:
        sock.settimeout(read)
        answer = Answer(sock, method=route.partition(" ")[0])
        sock.sendall(_head(route, target, headers, body) + body)
        answer.begin()
        if answer.status not in (101, 200):
            words = engine_words(answer.read(LARGEST_ERROR))
            location = answer.getheader("Location")
            raise refusal(link.endpoint, route, answer.status, words, location)
        sock.settimeout(idle)
        return Connection(link, sock, answer, idle=idle, no_half_close=no_half_close)
    except BaseException as error:
        if answer is not None:
            answer.close()
        sock.close()
        if isinstance(error, (OSError, ValueError, HTTPException)):
            if link.closed:
                raise Closed("the client was closed") from error
            raise no_answer(error, link.endpoint, route, Wait(read)) from error
        raise


def _head(route: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [
        f"{route.partition(' ')[0]} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Connection: Upgrade",
        "Upgrade: tcp",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
