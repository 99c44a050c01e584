"""One request and its answer, as a value that is passed down.

All that an exchange needs is in it, and nothing of it anywhere else: not on the thread, not on the
client, not in the module. So a call that is made in the middle of another one, by the handler of a
signal, say, is another value. The rules:

- whoever pops the connection from `_owned` gives it back to the pool, or ends it;
- whatever is raised ends it, so that no half-read answer is met by the next request;
- nothing is sent twice but a GET or HEAD that met a kept connection which had gone stale;
- an error of the caller's own iterator comes out as it is.
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

_DEBUG = 10  # a level of the module logging
LARGEST_REPLY = 128 * 1024 * 1024  # bytes of an answer that is held as a whole
LARGEST_ERROR = 1024 * 1024  # bytes of the words of a refusal
_IDEMPOTENT = ("GET", "HEAD")
_WITH_BODY = ("POST", "PUT")  # always, if need be an empty one


class Outcome:
    """The status of an answer, once there is one."""

    status: int | None = None


_logger: logging.Logger | None = None


def _log() -> logging.Logger | None:
    """The logger of this library, or None: who wants to see its lines has imported logging.

    That import takes longer than a call. The logger is looked up once: a handler that raises while
    it is would leave the lock of logging held.
    """
    global _logger
    if _logger is None:
        # Another thread may be about to import it.
        found = getattr(sys.modules.get("logging"), "getLogger", None)
        _logger = None if found is None else found("dockerapi")
    return _logger


@contextlib.contextmanager
def logged(request: Prepared) -> Iterator[Outcome]:
    """Logs one line: a request, and the status of its answer or the class of the error."""
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
        # Without the query, where build arguments and URLs may hold secrets.
        path = request.target.partition("?")[0]
        log.debug("%s %s %s %.0f ms", request.method, path, what, took)


class Exchange:
    """A request, and from `begin()` on the answer to it.

    Args:
        deadline: for each part of the answer, and for each block of the request.
        connect: for a connection, if there is no idle one.
        upgrade: the protocol that is asked for, to be spoken instead of HTTP afterwards. Both 101
            and 200 mean yes, since Engines before 1.5.0 do not know the header.
        spoken: what was negotiated, unless this asks for it: some Engines say of a success that
            it is none.
    """

    status = 0
    made_at = 0.0  # of the connection on which the answer came
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
        self._ended: deque[Connection] = deque()  # shut down, and not closed yet
        self._body: Body
        self._arrived = b""  # and not given to the body yet
        self._is_reusable = False

    # The request, and the head of the answer

    def begin(self) -> None:
        """Sends the request and reads the head of the answer.

        Raises:
            ApiError: the answer is no success.
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
        """Sends the request; a GET or HEAD once more if its kept connection had gone stale.

        An Engine that restarts closes kept connections, perhaps while a request is on its way.
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
        """Whether all was sent: an Engine that refuses an upload may not read the rest."""
        for block in self._blocks():
            try:
                connection.limit(self.deadline)
                connection.sock.sendall(block)
            except (BrokenPipeError, ConnectionResetError):
                return False  # the answer may be there
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
            self._body = Unmarked()  # what follows the head
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
        """Raises what an error of the connection means to the caller."""
        if self._sockets.closed:
            raise Closed("the client was closed during this call") from error
        found = no_answer(error, self._sockets.endpoint, self.route, self.deadline)
        if found is error:
            raise found
        raise found from error

    # The body of the answer

    @property
    def marked(self) -> bool:
        """Whether the answer says where it ends; else the end of the connection is its end."""
        return self._body.marked

    def read1(self) -> bytes:
        """What has arrived of the body, at least one byte; b"" at its end.

        With the last byte the connection goes back to the pool, if it can serve again.

        Raises:
            OSError, BadAnswer: it broke.
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
        """The whole body; one of `most` bytes or more is refused, or cut if not `whole`."""
        content = io.BytesIO()  # which grows in place, and is given away without another copy
        try:
            piece = self.read1()
            if self._body.ended and len(piece) < most:  # most answers come at once
                return piece
            content.write(piece)
            while content.tell() < most and (piece := self.read1()):
                content.write(piece)
        except BROKEN as error:
            self._fail(error)
        finally:
            self.close()  # unless it was given back
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

    # After it

    def go_on(self, deadline: Deadline) -> None:
        """Bounds what follows the head by another deadline."""
        self.deadline = deadline
        self._connection().limit(deadline)

    def send(self, data: bytes) -> None:
        """Sends bytes on a connection that was upgraded."""
        self._connection().sock.sendall(data)

    def end(self) -> None:
        """Tells the other side that nothing more comes."""
        self._connection().sock.shutdown(SHUT_WR)

    def _finish(self) -> None:
        """After the body: gives the connection back if it can serve again, or ends it."""
        if not self._is_reusable or self._body.rest or self._arrived:
            self.shut_down()
            return
        try:
            self._pool.give_back(self._owned.pop())
        except IndexError:  # another thread ends it
            pass

    def shut_down(self) -> None:
        """Ends the connection, from any thread; a blocked read or write wakes at once."""
        try:
            connection = self._owned.pop()
        except IndexError:  # it was given back, and may serve another request
            return
        self._ended.append(connection)
        shut_down(connection.sock)

    def close(self) -> None:
        """Closes the connection, unless it was given back; when nobody reads or writes any more."""
        self.shut_down()
        try:
            self._ended.pop().close()
        except IndexError:
            pass
