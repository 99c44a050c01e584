"""The open sockets of one client, and reading from one until it is closed from anywhere.

Two facts shape this room. A thread that is blocked in a read holds the reader's lock, so another
thread cannot close that reader; it can shut the socket down, which wakes the read. And whoever
wakes last cleans up. So `close()` shuts the socket down first, and closes the reader itself only
if nobody is inside it; otherwise the reading thread does so on its way out.

A handler of a signal may close, too, in whatever line it interrupts: the locks that `close()`
takes may be taken twice by one thread, and it waits for nothing.

After a fork the child has the same sockets. They are the parent's: the child closes its own file
descriptors, which the parent does not notice, and never shuts one down, which would end it for
both.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import stat
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

import urllib3.exceptions

from .answer import BUFFER, BrokenAnswer, SlowAnswer
from .endpoint.endpoint import PAUSE, Endpoint, translate_error
from .errors import (
    Closed,
    ConnectionFailed,
    DockerError,
    StreamInterrupted,
    TimedOut,
    UnexpectedReply,
    error_for,
    shown,
)
from .protocol.deadline import Deadline

BLOCK = 128 * 1024  # bytes of an upload, or of a file, that are sent at once

Data = bytes | BinaryIO | Iterable[bytes]  # what can be sent: bytes, a file, an iterable
Source = str | os.PathLike[str] | Data  # the same, or the path of a file


def shut_down(sock: socket.socket) -> None:
    """Ends a connection in both directions; a thread blocked on it wakes at once."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class Link:
    """An endpoint and every socket that is open to it, until the client is closed.

    `left` is so in a child after a fork: what was opened here belongs to the parent.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.closed = False
        self.left = False
        self._lock = threading.RLock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def open(self, timeout: float | None) -> socket.socket:
        """A new connected socket, which `close()` will wake, also while it connects.

        Not while a host name is looked up.
        """
        self.check_open()
        try:
            sock = self.endpoint.connect(Deadline(timeout, "connect"), self._register)
        except ConnectionFailed as error:
            if not self.closed:
                raise
            raise Closed("the client was closed while it connected") from error
        if self.closed:
            sock.close()
            raise Closed("the client was closed while it connected")
        return sock

    def _register(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.add(sock)
            closed = self.closed
        if closed:
            raise Closed("the client was closed while it connected")

    def check_open(self) -> None:
        if self.closed:
            raise Closed("this client is closed")

    def pause(self, seconds: float) -> None:
        """Waits between two attempts; `Closed` as soon as the client is closed."""
        end = time.monotonic() + seconds
        while True:
            self.check_open()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, PAUSE))  # an Event has a lock, which a signal's handler may meet

    def close(self) -> None:
        """Ends every conversation on this link; a second call does nothing."""
        with self._lock:
            self.closed = True
            sockets = list(self._sockets)
            self._sockets.clear()
        for sock in sockets:
            shut_down(sock)

    def leave(self) -> None:
        """After a fork, in the child: the sockets are left to the parent.

        No lock is taken: a thread may hold it that the child has not.
        """
        self.left = True
        for sock in list(self._sockets):
            with contextlib.suppress(OSError):
                os.close(sock.detach())

    def check_owner(self) -> None:
        """StreamInterrupted for who reads or writes in a child what its parent has opened."""
        if self.left:
            raise StreamInterrupted(
                "the stream belongs to the process that opened it, and this one was forked from it"
            )


# What a read raises when a connection breaks; EOFError is a websocket's.
_BROKEN = (OSError, ValueError, EOFError, urllib3.exceptions.HTTPError, HTTPException)


class Reader(Protocol):
    """A buffered file over a socket, or the body of an HTTP response."""

    def read1(self, amount: int, /) -> bytes: ...


class Incoming:
    """Bytes that arrive on one connection: blocks as they come, then b"".

    One thread reads; any thread may close.
    """

    def __init__(
        self,
        link: Link,
        sock: socket.socket,
        reader: Reader,
        release: Callable[[], None],
        *,
        idle: float | None,
    ) -> None:
        self.closed = False
        self._link = link
        self._sock = sock
        self._reader = reader
        self._release = release
        self._idle = idle
        self._released = False
        self._reading = threading.Lock()
        self._ending = threading.RLock()

    def read(self) -> bytes:
        """What has arrived, at least one byte; b"" at the end, and again after it.

        Raises:
            Closed: this, or its client, was closed by the caller.
            TimedOut: nothing came for as long as the idle timeout.
            StreamInterrupted: the connection broke.
        """
        self._link.check_owner()
        with self._reading:
            block = self._read()
        if self.closed:  # by somebody who found this thread still inside, and left it to it
            self._clean_up()
        return block

    def _read(self) -> bytes:
        if self.closed:
            self._clean_up()
            raise Closed("the stream was closed")
        if self._released:
            return b""
        try:
            block = self._reader.read1(BUFFER)
        except _BROKEN as error:
            self._clean_up()
            self._check_closed()
            raise self._broken(error) from error
        if not block:
            self._clean_up()
        if self.closed or (not block and self._link.closed):
            self._clean_up()
            self._check_closed()
        return block

    def _check_closed(self) -> None:
        if self.closed:
            raise Closed("the stream was closed")
        if self._link.closed:
            raise Closed("the client was closed")

    def _broken(self, error: BaseException) -> TimedOut | StreamInterrupted:
        cause = root_cause(error)
        where = str(self._link.endpoint)
        if isinstance(cause, OSError):  # our own ConnectionFailed is one
            certified = self._link.endpoint.certified
            limit = Deadline(self._idle, "idle")
            found = translate_error(cause, where, limit, certified=certified)
            return found if isinstance(found, TimedOut) else StreamInterrupted(str(found))
        if isinstance(cause, BrokenAnswer):
            return StreamInterrupted(f"{where}: the stream is no HTTP any more: {cause}")
        # "IncompleteRead(0 bytes read)" would say no more than that.
        why = "" if isinstance(cause, IncompleteRead) else f" ({cause})"
        return StreamInterrupted(f"{where}: the connection ended in the middle of the stream{why}")

    def close(self) -> None:
        """Hangs up; a read in another thread ends with `Closed`. A second call does nothing."""
        self.closed = True
        if self._link.left:
            return
        with self._ending:
            if not self._given_back():  # else the socket may serve another request already
                shut_down(self._sock)
        if self._reading.acquire(blocking=False):
            try:
                self._clean_up()
            finally:
                self._reading.release()

    def _given_back(self) -> bool:
        return self._released

    def _clean_up(self) -> None:
        with self._ending:
            first, self._released = not self._released, True
        if first:
            self._release()


class TwoWay(Incoming):
    """A connection that can also be written to, by one other thread."""

    def write(self, data: bytes) -> None:
        """Sends all the bytes; blocks while the other side does not read.

        Raises:
            Closed: this, or its client, was closed by the caller.
            StreamInterrupted: the other side has hung up.
        """
        self._link.check_owner()
        if self.closed or self._link.closed:
            raise Closed("the stream was closed")
        if self._released:
            raise StreamInterrupted(f"{self._link.endpoint}: the other side has ended the stream")
        try:
            self._send(data)
        except (OSError, ValueError) as error:
            self._check_closed()
            raise self._broken(error) from error

    def _send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def close_write(self) -> None:
        """Tells the other side that nothing more comes, and goes on reading."""
        raise NotImplementedError


class Wait(NamedTuple):
    """How many seconds to wait for something to arrive, None without bound; and whose limit it is.

    `kind` is that of `TimedOut`.
    """

    seconds: float | None
    kind: str = "read"


def no_answer(error: BaseException, endpoint: Endpoint, route: str, wait: Wait) -> DockerError:
    """Why there was no HTTP answer: the connection's trouble, or bytes that are none."""
    where = f"{endpoint}: {route}"
    cause = root_cause(error)
    if isinstance(cause, DockerError):
        return cause
    if isinstance(cause, RemoteDisconnected):
        return ConnectionFailed(
            f"{where}: the Engine closed the connection without an answer. Did it stop, or crash "
            "on this request? Its log tells"
        )
    if isinstance(cause, OSError):
        certified = endpoint.certified
        limit = Deadline(wait.seconds, wait.kind)
        return translate_error(cause, where, limit, certified=certified)
    if isinstance(cause, SlowAnswer):
        kind = "read" if wait.seconds is None else wait.kind
        return TimedOut(f"{where}: {cause} ({kind} timeout)", kind=kind, seconds=cause.seconds)
    if isinstance(cause, IncompleteRead):
        return ConnectionFailed(f"{where}: the connection ended in the middle of the answer")
    if isinstance(cause, BrokenAnswer):
        return UnexpectedReply(f"{where}: the answer is no HTTP: {cause}")
    if isinstance(cause, BadStatusLine):
        return UnexpectedReply(f"{where}: no HTTP answer: {shown(str(cause))}", raw=str(cause))
    return UnexpectedReply(f"{where}: no HTTP answer: {type(cause).__name__}: {cause}")


# net/http's own words on a TLS port, before any Engine is asked (server.go, Serve).
_PLAIN_HTTP = "Client sent an HTTP request to an HTTPS server"


def refusal(
    endpoint: Endpoint, route: str, status: int, words: str, location: str | None
) -> DockerError:
    """The error for an answer that is no success; `location` is where it redirects to."""
    if words.startswith(_PLAIN_HTTP) and status == 400:
        return ConnectionFailed(
            f"{endpoint}: the Engine speaks TLS there: give tls= a TLSConfig", permanent=True
        )
    if 300 <= status < 400:
        where = location or "nowhere"
        words = f"redirected to {where}; redirects are not followed. {words}".strip()
    return error_for(route, status, words)


def root_cause(error: BaseException) -> BaseException:
    """Our own error, or the system's, below those that urllib3 wrapped around it."""
    chain = _chain(error)
    for candidate in chain:
        if isinstance(candidate, DockerError):
            return candidate
    for candidate in chain:
        if isinstance(candidate, urllib3.exceptions.TimeoutError):
            return TimeoutError(str(candidate))
    for candidate in chain:
        if isinstance(candidate, (OSError, HTTPException)):
            return candidate
    return error


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        candidate = todo.pop(0)
        if isinstance(candidate, BaseException) and not any(candidate is x for x in chain):
            chain.append(candidate)
            todo += [*candidate.args, getattr(candidate, "reason", None)]
            todo += [candidate.__cause__, candidate.__context__]
    return chain


def check_data(data: Data) -> None:
    """TypeError for what can give no bytes, before anything is sent."""
    readable = isinstance(data, Iterable) or hasattr(data, "read")
    if isinstance(data, (str, io.TextIOBase)) or not readable:
        raise TypeError(
            "bytes, a file object opened for reading bytes, or an iterable of bytes was expected, "
            f"not {shown(data)}"
        )


def blocks_of(data: Data) -> Iterator[bytes]:
    """The bytes of an upload in blocks: of bytes, of a file object, or of an iterable.

    Raises:
        TypeError: it gives something else than bytes.
    """
    if isinstance(data, (bytes, bytearray, memoryview)):
        view = memoryview(data)
        blocks: Iterable[Any] = (view[i : i + BLOCK] for i in range(0, len(view), BLOCK))
    elif hasattr(data, "read"):
        blocks = iter(lambda: data.read(BLOCK), b"")
    else:
        blocks = data
    for block in blocks:
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise TypeError(f"bytes were expected to be sent, not {shown(block)}")
        if len(block):
            yield bytes(block)


def length_of(data: Data) -> int | None:
    """How many bytes an upload will have, if that is known: of bytes and of regular files."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return memoryview(data).nbytes
    # Other classes with a descriptor (gzip.GzipFile) may read something else than is in the file.
    raw = data.raw if isinstance(data, (io.BufferedReader, io.BufferedRandom)) else data
    if not isinstance(raw, io.FileIO):
        return None
    file = cast(BinaryIO, data)
    file.flush()  # what it has been written to counts, too
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode) or not found.st_size:  # those of /proc say 0
        return None
    return max(found.st_size - file.tell(), 0)


def of_length(blocks: Iterable[bytes], length: int, name: str) -> Iterator[bytes]:
    """The blocks, which together have to have this length.

    The last one is held back until that is known: what is too long or too short never looks whole.

    Raises:
        OSError: they have another length.
    """
    came, held = 0, b""
    for block in blocks:
        came += len(block)
        if came > length:
            raise OSError(
                f"{name} grew while it was sent: {length} bytes were announced, and there are at "
                f"least {came}"
            )
        if held:
            yield held
        held = block
    if came < length:
        raise OSError(
            f"{name} shrank while it was sent: {length} bytes were announced, and {came} came"
        )
    if held:
        yield held


@contextlib.contextmanager
def opened(source: Source) -> Iterator[Data]:
    """What is to be sent; a file that was given by its path is open for as long as the context."""
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            yield file
    else:
        check_data(source)
        yield source
