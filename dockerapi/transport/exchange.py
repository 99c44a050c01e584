"""One request and its answer, as one value.

An exchange holds all its state itself; nothing is on the thread, the client or the module. So a
call made in the middle of another one, e.g. by a signal handler, is a separate value. The rules:

- the code that pops the connection from `_owned` returns it to the pool or closes it;
- every exception closes it, so that no later request reads the rest of an answer;
- a request is repeated only if it is a GET or HEAD whose kept connection turned out to be closed;
- an error of the caller's own iterator is raised unchanged.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from socket import SHUT_WR
from typing import TYPE_CHECKING, NoReturn

from ..archive.source import BLOCK
from ..errors import Closed, ConnectionFailed, TimedOut, UnexpectedReply, engine_words
from ..protocol.deadline import Deadline
from ..protocol.heads import CutAnswer, Head, HeadReader, NoAnswer
from ..protocol.lengths import Body, Unmarked, body_of
from .connections import Connection, shut_down
from .failures import BROKEN, no_answer, refusal
from .negotiation import Negotiated
from .pool import Pool
from .prepared import Prepared
from .upload import Upload

if TYPE_CHECKING:
    import logging

_DEBUG = 10  # logging.DEBUG
LARGEST_REPLY = 128 * 1024 * 1024  # bytes of an answer that is read as a whole
LARGEST_ERROR = 1024 * 1024  # bytes of an error's body
_IDEMPOTENT = ("GET", "HEAD")
_WITH_BODY = ("POST", "PUT")  # always with a body, possibly empty


class Outcome:
    """The status of the answer, once it arrived."""

    status: int | None = None


_logger: logging.Logger | None = None


def _log() -> logging.Logger | None:
    """This library's logger; None if the program has not imported logging and so shows no logs.

    The import takes longer than a call. The logger is looked up only once: an exception from a
    signal handler during the look-up would leave logging's lock held.
    """
    global _logger
    if _logger is None:
        # Another thread may be importing it.
        found = getattr(sys.modules.get("logging"), "getLogger", None)
        _logger = None if found is None else found("dockerapi")
    return _logger


@contextlib.contextmanager
def logged(request: Prepared) -> Iterator[Outcome]:
    """Logs one line: the request, and the status of its answer or the class of the error."""
    outcome = Outcome()
    log = _log()
    if log is None or not log.isEnabledFor(_DEBUG):
        yield outcome
        return
    what: object = "nothing"
    began = time.monotonic()
    try:
        yield outcome
        what = outcome.status
    except BaseException as error:
        what = getattr(error, "status", None) or type(error).__name__
        raise
    finally:
        took = (time.monotonic() - began) * 1000
        # Not the query: build arguments and URLs may hold secrets.
        path = request.target.partition("?")[0]
        log.debug("%s %s %s %.0f ms", request.method, path, what, took)


class Exchange:
    """A request and, after `begin()`, the answer.

    Args:
        deadline: limits each part of the answer, and each block of the request.
        connect: limits connecting, if no connection is idle.
        upgrade: the protocol to switch to after the head. Both 101 and 200 mean success, since
            Engines before 1.5.0 do not know the header.
        spoken: the negotiated version and release, None during negotiation; needed since some
            Engines report a success as an error.
    """

    status = 0
    made_at = 0.0  # when the answer's connection was opened
    headers: Mapping[str, str]

    def __init__(
        self,
        pool: Pool,
        request: Prepared,
        deadline: Deadline,
        connect: Deadline,
        *,
        upgrade: str | None = None,
        spoken: Negotiated | None = None,
    ) -> None:
        self.route = request.route
        self.deadline = deadline
        self._pool = pool
        self._sockets = pool.sockets
        self._request = request
        self._method = request.method
        self._connect = connect
        self._upgrade = upgrade
        self._spoken = spoken
        self._owned: deque[Connection] = deque()  # one at most
        self._ended: deque[Connection] = deque()  # shut down but not closed yet
        self._body: Body
        self._arrived = b""  # arrived, but not read as body yet
        self._is_reusable = False

    # The request, and the head of the answer

    def begin(self) -> None:
        """Sends the request and reads the head of the answer.

        Raises:
            ApiError: the answer is an error.
            DockerError: there was no answer.
        """
        with logged(self._request) as outcome:
            try:
                self._converse()
                outcome.status = self.status
                self._check_success()
            except BaseException:
                self.close()
                raise

    def _converse(self) -> None:
        """Sends the request; once more for a GET or HEAD whose kept connection was closed.

        A restarting Engine closes kept connections, perhaps while a request is on its way.
        """
        fresh = self._upgrade is not None
        while True:
            connection = self._pool.take(self._connect, fresh=fresh)
            self._owned.append(connection)
            reader = HeadReader()
            try:
                whole = self._send(connection)
                head = self._read_head(connection, reader)
            except (TimedOut, Closed):
                raise
            except ConnectionFailed:
                was_kept = connection.has_answered and self._method in _IDEMPOTENT
                if not was_kept or reader.begun:
                    raise
                self.close()
                fresh = True
                continue
            self._begin_body(connection, head, reader.rest, whole)
            return

    def _send(self, connection: Connection) -> bool:
        """Whether everything was sent: an Engine that refuses an upload may not read the rest."""
        for block in self._blocks():
            try:
                connection.limit(self.deadline)
                connection.sock.sendall(block)
            except (BrokenPipeError, ConnectionResetError):
                return False  # the answer may have arrived
            except BROKEN as error:
                self._fail(error)
        return True

    def _blocks(self) -> Iterator[bytes]:
        lines = [
            f"{self._method} {self._request.target} HTTP/1.1",
            "Accept-Encoding: identity",
            *(f"{name}: {value}" for name, value in self._request.headers.items()),
        ]
        if self._upgrade is not None:
            lines += ["Connection: Upgrade", f"Upgrade: {self._upgrade}"]
        data = self._request.data
        if data is None and self._method in _WITH_BODY:
            data = b""
        upload = None if data is None else Upload(data)
        if upload is not None:
            lines += (f"{name}: {value}" for name, value in upload.headers.items())
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if isinstance(data, bytes) and len(data) <= BLOCK:
            yield head + data
            return
        yield head
        if upload is not None:
            yield from upload

    def _read_head(self, connection: Connection, reader: HeadReader) -> Head:
        try:
            for data in connection.pieces_of_head(self.deadline):
                if not data:
                    raise CutAnswer("a part of its head") if reader.begun else NoAnswer("no answer")
                if (head := reader.feed(data)) is not None:
                    return head
            raise AssertionError("unreachable")
        except BROKEN as error:
            self._fail(error)

    def _begin_body(self, connection: Connection, head: Head, rest: bytes, whole: bool) -> None:
        connection.has_answered = True
        self.made_at = connection.made_at
        self.status, self.headers = head.status, head.headers
        try:
            self._body = body_of(head, self._method)
        except BROKEN as error:
            self._fail(error)
        if self._upgrade is not None and head.status == 101:
            self._body = Unmarked()  # bytes of the new protocol
        self._arrived = rest
        speaks_http = self._upgrade is None and head.status != 101
        self._is_reusable = whole and self._body.marked and head.keeps_alive and speaks_http

    def _check_success(self) -> None:
        status, upgraded = self.status, self._upgrade is not None
        if status in (101, 200) if upgraded else 200 <= status < 300 or status == 304:
            return
        words = engine_words(self.read_all(LARGEST_ERROR, whole=False))
        if self._spoken is not None and self._spoken.is_success(self.route, status, words):
            return
        raise refusal(self._sockets.endpoint, self.route, status, words, self.headers)

    def _fail(self, error: BaseException) -> NoReturn:
        """Raises the caller's error for an error of the connection."""
        if self._sockets.closed:
            raise Closed("the client was closed during this call") from error
        found = no_answer(error, self._sockets.endpoint, self.route, self.deadline)
        if found is error:
            raise found
        raise found from error

    # The body of the answer

    @property
    def marked(self) -> bool:
        """Whether the answer marks its end; otherwise the connection's end is the end."""
        return self._body.marked

    def read1(self) -> bytes:
        """The bytes of the body that have arrived, at least one; b"" at its end.

        With the last byte the connection returns to the pool, if it can serve another request.

        Raises:
            OSError, BadAnswer: the connection or the answer broke.
        """
        body = self._body
        while not body.ended:
            if body.error is not None:
                raise body.error
            data, self._arrived = self._arrived, b""
            data = data or self._connection().receive(self.deadline)
            if not data:
                body.finish()
            elif piece := body.feed(data):
                if body.ended:
                    self._finish()
                return piece
        self._finish()
        return b""

    def read_all(self, most: int = LARGEST_REPLY, *, whole: bool = True) -> bytes:
        """The whole body; `most` bytes or more are refused or, if not `whole`, cut off."""
        content = io.BytesIO()  # grows in place, and returns its bytes without a copy
        try:
            piece = self.read1()
            if self._body.ended and len(piece) < most:  # most answers arrive in one piece
                return piece
            content.write(piece)
            while content.tell() < most and (piece := self.read1()):
                content.write(piece)
        except BROKEN as error:
            self._fail(error)
        finally:
            self.close()  # no effect if it was given back
        if content.tell() < most:
            return content.getvalue()
        if not whole:
            return content.getvalue()[:most]
        where = f"{self._sockets.endpoint}: {self.route}"
        raise UnexpectedReply(f"{where}: an answer of {most:,} bytes or more")

    def _connection(self) -> Connection:
        try:
            return self._owned[0]
        except IndexError:
            raise OSError("the connection was closed") from None

    # After the answer

    def go_on(self, deadline: Deadline) -> None:
        """Sets another deadline for all that follows the head."""
        self.deadline = deadline
        self._connection().limit(deadline)

    def send(self, data: bytes) -> None:
        """Sends bytes on an upgraded connection."""
        self._connection().sock.sendall(data)

    def end(self) -> None:
        """Closes the sending direction."""
        self._connection().sock.shutdown(SHUT_WR)

    def _finish(self) -> None:
        """After the body: returns the connection to the pool, or closes it."""
        if not self._is_reusable or self._body.rest or self._arrived:
            self.shut_down()
            return
        try:
            self._pool.give_back(self._owned.pop())
        except IndexError:  # another thread has it and closes it
            pass

    def shut_down(self) -> None:
        """Ends the connection, from any thread; a blocked read or write wakes at once."""
        try:
            connection = self._owned.pop()
        except IndexError:  # given back: it may serve another request
            return
        self._ended.append(connection)
        shut_down(connection.sock)

    def close(self) -> None:
        """Closes the connection, unless it was given back; no thread may be reading or writing."""
        self.shut_down()
        try:
            self._ended.pop().close()
        except IndexError:
            pass
