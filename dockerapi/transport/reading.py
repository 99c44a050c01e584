"""Reads a connection until it ends, or until it is closed from anywhere.

Another thread may close it, or a signal handler in the thread that reads. Closing shuts the
connection down, which wakes a thread that is blocked on it. The file descriptor is freed at once if
no thread is inside, and otherwise by the last thread to leave. No thread waits for another: each
notes in a set that it is inside, and a second call of the same thread is refused by name.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping
from threading import get_ident
from typing import Protocol

import attrs

from ..errors import Closed, DockerError, StreamInterrupted
from ..protocol.deadline import Deadline
from .connections import SocketRegistry
from .exchange import Exchange
from .failures import BROKEN, broken_stream


class Source(Protocol):
    """Where bytes are read from: an exchange whose answer has begun, or a websocket."""

    @property
    def route(self) -> str: ...

    @property
    def deadline(self) -> Deadline: ...

    def go_on(self, deadline: Deadline) -> None:
        """Sets another deadline for all further waits."""
        ...

    def read1(self) -> bytes:
        """The next bytes, b"" at the end; errors of the connection are not translated."""
        ...

    def shut_down(self) -> None:
        """Wakes a blocked thread, from any thread."""
        ...

    def close(self) -> None:
        """Frees the file descriptor; no thread may be inside."""
        ...


class Over(Exception):
    """Raised by a look: nothing more will arrive, and this is the end of the stream."""


# Called during silence, with whether anything has arrived before. It raises the end of the stream,
# or returns the seconds of silence until the next call, None for never.
Look = Callable[[bool], float | None]


class Companion(Protocol):
    """An object that is closed with a stream: the session of a build."""

    def close(self) -> None: ...


class ReadStream:
    """Bytes that arrive on one connection: blocks, then b"".

    One thread reads; any thread may close. `companion` is closed with the file descriptor.
    """

    closed = True  # true until __init__ has finished, so that __del__ does nothing
    # Whether the end of the bytes is marked, and by the Engine itself; otherwise the end of the
    # connection is the end, or a proxy in between may have set the mark where the Engine was cut
    # off. nginx does, which by default speaks HTTP/1.0 to the Engine.
    marked = is_sure = True
    companion: Companion | None = None

    def __init__(self, sockets: SocketRegistry, source: Source) -> None:
        self._sockets = sockets
        self._source = source
        self._is_over = False
        self._error: DockerError | None = None
        self._has_come = False
        self._watch: tuple[float, Look] | None = None
        self._reading: set[int] = set()  # thread identifiers
        self._writing: set[int] = set()
        self.closed = False

    def read(self) -> bytes:
        """The bytes that have arrived, at least one; b"" at the end, and in every later call.

        Raises:
            Closed: the caller has closed this stream or its client.
            TimedOut: nothing arrived for the idle timeout.
            StreamInterrupted: the connection broke.
            RuntimeError: a signal handler has interrupted a read of the same stream.
        """
        self._sockets.check_owner()
        thread = get_ident()
        if thread in self._reading:
            raise RuntimeError("read: a read of this stream is under way in this thread")
        try:
            self._reading.add(thread)
            return self._read()
        finally:
            self._reading.discard(thread)
            self._leave()

    def check_mark(self) -> None:
        """Called at the end; raises StreamInterrupted if nothing marks that, so it may be a cut."""
        if not self.marked:
            raise StreamInterrupted(
                f"{self._sockets.endpoint}: {self._source.route}: the connection ended, and nobody "
                "tells whether that was all: the answer does not mark its end. A proxy speaks "
                "HTTP/1.0, and would have to speak HTTP/1.1"
            )

    def check_owner(self) -> None:
        """Raises StreamInterrupted in a child that was forked after this was opened."""
        self._sockets.check_owner()

    def _read(self) -> bytes:
        if self.closed:
            raise Closed("the stream was closed")
        if self._error is not None:
            raise self._error
        if self._is_over:
            return b""
        try:
            block = self._source.read1() if self._watch is None else self._watched()
        except BROKEN as error:
            self._is_over = True
            self._source.shut_down()
            self._check_closed()
            if self._error is not None:  # the error given to `fail` says why
                raise self._error from self._error.__cause__
            self._error = broken_stream(error, self._sockets.endpoint, self._source.deadline)
            raise self._error from error
        self._has_come = True
        if not block:
            self._is_over = True
        if self.closed or (not block and self._sockets.closed):
            self._check_closed()
        if not block and self._error is not None:
            raise self._error
        return block

    def watch(self, seconds: float, look: Look) -> None:
        """Has `look` called after so many seconds of silence."""
        self._watch = (seconds, look)

    def _watched(self) -> bytes:
        """The next bytes; calls the look during silence."""
        idle = self._source.deadline
        left = idle.seconds
        try:
            while self._watch is not None:
                seconds, look = self._watch
                if left is not None and left <= seconds:
                    break
                try:
                    with contextlib.suppress(OSError):  # the last read may have reached the end
                        self._source.go_on(attrs.evolve(idle, seconds=seconds))
                    return self._source.read1()
                except TimeoutError:
                    left = None if left is None else left - seconds
                try:
                    again = look(self._has_come)
                except Over:
                    self._source.shut_down()
                    return b""
                except DockerError as error:
                    self.fail(error)
                    return b""
                self._watch = None if again is None else (again, look)
            self._source.go_on(attrs.evolve(idle, seconds=left))
            return self._source.read1()
        finally:
            with contextlib.suppress(OSError):  # the stream has ended
                self._source.go_on(idle)

    def _check_closed(self) -> None:
        if self.closed:
            raise Closed("the stream was closed")
        if self._sockets.closed:
            raise Closed("the client was closed")

    def _leave(self) -> None:
        """The last thread to leave an ended stream frees its file descriptor."""
        if (self.closed or self._is_over) and not self._reading and not self._writing:
            self._end()

    def _end(self) -> None:
        self._source.close()
        if self.companion is not None:
            self.companion.close()

    def fail(self, error: DockerError) -> None:
        """Closes the connection, from any thread; the reader gets this error."""
        self._error = error
        self._source.shut_down()

    def close(self) -> None:
        """Closes it; a read in another thread raises `Closed`. A second call does nothing."""
        self.closed = True
        if not self._sockets.left:
            self._source.shut_down()
            self._leave()

    def __del__(self) -> None:
        if self.closed or self._is_over or self._sockets.left:
            return
        self._end()
        warnings.warn(
            f"a stream was never closed: {self._source.route} of {self._sockets.endpoint}",
            ResourceWarning,
            stacklevel=2,
            source=self,
        )


class Body(ReadStream):
    """The body of an answer, with the answer's headers.

    `connected_at`: the `time.monotonic()` at which the connection was opened.
    """

    def __init__(self, sockets: SocketRegistry, exchange: Exchange, *, is_direct: bool) -> None:
        self.headers: Mapping[str, str] = exchange.headers
        self.marked = exchange.marked
        self.is_sure = exchange.marked and is_direct
        self.connected_at = exchange.made_at
        super().__init__(sockets, exchange)
