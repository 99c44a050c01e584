"""Bytes that arrive on one connection, read until they end or are closed from anywhere.

Who closes may be another thread, or the handler of a signal in the thread that reads. It shuts the
connection down, which wakes who is blocked on it, and gives the descriptor back only if nobody is
inside; otherwise whoever leaves last does. Nobody waits for anybody: a thread notes that it is
inside in a set, and a second call of the same thread is refused by name.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping
from threading import get_ident
from typing import Protocol

import attrs

from ..errors import Closed, DockerError
from ..protocol.deadline import Deadline
from .connections import SocketRegistry
from .exchange import Exchange
from .failures import BROKEN, broken_stream


class Source(Protocol):
    """What bytes are read from: an exchange whose answer has begun, or a websocket."""

    @property
    def route(self) -> str: ...

    @property
    def deadline(self) -> Deadline: ...

    def go_on(self, deadline: Deadline) -> None:
        """Has what is waited for from now on be bounded by another deadline."""
        ...

    def read1(self) -> bytes:
        """What arrives next, b"" at the end; whatever breaks it comes out as it is."""
        ...

    def shut_down(self) -> None:
        """Wakes who is inside, from any thread."""
        ...

    def close(self) -> None:
        """Gives the descriptor back; nobody is inside."""
        ...


class Over(Exception):
    """Raised by a look: nothing more will come, and this is the end of the stream."""


# Called where a stream is silent, with whether anything has come before: raises what ends it, or
# gives the seconds of silence after which it is called again, None for never.
Look = Callable[[bool], float | None]


class Companion(Protocol):
    """What ends with a stream: the session of a build."""

    def close(self) -> None: ...


class ReadStream:
    """Bytes that arrive on one connection: blocks as they come, then b"".

    One thread reads; any thread may close. `companion` is closed with the descriptor.
    """

    closed = True  # by the caller; until it is made there is nothing to close
    companion: Companion | None = None

    def __init__(self, sockets: SocketRegistry, source: Source) -> None:
        self._sockets = sockets
        self._source = source
        self._is_over = False
        self._error: DockerError | None = None
        self._has_come = False
        self._watch: tuple[float, Look] | None = None
        self._reading: set[int] = set()  # numbers of threads
        self._writing: set[int] = set()
        self.closed = False

    def read(self) -> bytes:
        """What has arrived, at least one byte; b"" at the end, and again after it.

        Raises:
            Closed: this, or its client, was closed by the caller.
            TimedOut: nothing came for as long as the idle timeout.
            StreamInterrupted: the connection broke.
            RuntimeError: this is a handler that has interrupted a read of the same stream.
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

    def check_owner(self) -> None:
        """StreamInterrupted in a process that was forked from the one which opened this."""
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
            if self._error is not None:  # that of who hung up says why
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
        """Has somebody look whether more can come, after so many seconds of silence."""
        self._watch = (seconds, look)

    def _watched(self) -> bytes:
        """What arrives next; whoever watches has a look while nothing does."""
        idle = self._source.deadline
        left = idle.seconds
        try:
            while self._watch is not None:
                seconds, look = self._watch
                if left is not None and left <= seconds:
                    break
                try:
                    with contextlib.suppress(OSError):  # its end has come with what came last
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
            with contextlib.suppress(OSError):  # it is over
                self._source.go_on(idle)

    def _check_closed(self) -> None:
        if self.closed:
            raise Closed("the stream was closed")
        if self._sockets.closed:
            raise Closed("the client was closed")

    def _leave(self) -> None:
        """Whoever is the last to leave what is over gives its descriptor back."""
        if (self.closed or self._is_over) and not self._reading and not self._writing:
            self._end()

    def _end(self) -> None:
        self._source.close()
        if self.companion is not None:
            self.companion.close()

    def fail(self, error: DockerError) -> None:
        """Hangs up, from any thread; whoever reads gets this error."""
        self._error = error
        self._source.shut_down()

    def close(self) -> None:
        """Hangs up; a read in another thread ends with `Closed`. A second call does nothing."""
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

    `marked` is whether the answer says where it ends; else the end of the connection is its end.
    `connected_at` is when that was made, by `time.monotonic()`.
    """

    def __init__(self, sockets: SocketRegistry, exchange: Exchange) -> None:
        self.headers: Mapping[str, str] = exchange.headers
        self.marked = exchange.marked
        self.connected_at = exchange.made_at
        super().__init__(sockets, exchange)
