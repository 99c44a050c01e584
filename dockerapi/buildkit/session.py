"""The connection of a session, its threads, and its end.

One thread reads, one writes, and each call has one while it is served. The session always ends with
the build: `close()` shuts down the connection, which wakes every thread that waits. `close()` takes
no lock and may be called from anywhere, also by a signal handler.

If the connection ends earlier, the build's connection is closed at once: an Engine may fail the
build some seconds later, continue without the session, or wait forever (a step with ssh). The
reader of the build gets `StreamInterrupted` with the reason.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator

import attrs

from ..errors import Closed, DockerError, StreamInterrupted
from ..protocol.calls import MOST_CALLS, Began, Calls, Came, Cancelled, Ended, Opened, What
from ..protocol.grpc import INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED, Refused
from ..transport import Transport
from ..transport.hijack import DuplexStream
from ..transport.reading import ReadStream
from .call import Call, CallEnded, Handler
from .services import HEALTH, OUTPUT, Health, Service
from .troubles import Troubles

SILENCE = 60.0  # seconds without a frame; Engines ask for health at least every 5
_PATIENCE = 5.0  # seconds that a handler may take to notice the end


class Session:
    """An open session. `id` is its name in the query of the build.

    `lost` is why it ended before it was closed, if so.
    """

    def __init__(
        self, id: str, stream: DuplexStream, services: Iterable[Service], troubles: Troubles
    ) -> None:
        self.id = id
        self.lost: StreamInterrupted | None = None
        self._stream = stream
        self._handlers = {
            name: handler for service in services for name, handler in service.methods.items()
        }
        self._troubles = troubles
        self._build: weakref.ref[ReadStream] | None = None
        self._is_closed = False
        self._lock = threading.Lock()
        self._to_send = threading.Condition(self._lock)
        self._calls = Calls()
        self._served: dict[int, Call] = {}
        self._is_over = False
        self._threads: dict[threading.Thread, None] = {}
        self._start(self._read, "dockerapi-session")
        self._start(self._write, "dockerapi-session-writer")

    @classmethod
    def open(
        cls,
        transport: Transport,
        services: Iterable[Service],
        troubles: Troubles,
        undone: contextlib.ExitStack,
        *,
        silence: float = SILENCE,
    ) -> Session:
        """Opens a session with a new name, as an Engine remembers a name for some seconds.

        `undone` gets the closing of its connection before any thread uses it: a signal handler may
        raise before the caller has the session.

        Raises:
            DockerError: the Engine refused it.
        """
        services = [Health(), *services]
        id = os.urandom(16).hex()
        headers = {
            "X-Docker-Expose-Session-Uuid": id,
            "X-Docker-Expose-Session-Name": "dockerapi",
            "X-Docker-Expose-Session-Sharedkey": "",
        }
        if any(OUTPUT in service.methods for service in services):
            headers["X-Docker-Expose-Session-Grpc-Method"] = OUTPUT
        patient = transport.with_timeouts(attrs.evolve(transport.timeouts, idle=silence))
        stream = patient.hijack("POST /session", headers=headers, protocol="h2c")
        undone.callback(stream.close)
        return cls(id, stream, services, troubles)

    def accompany(self, build: ReadStream) -> None:
        """Closes the session with the build's answer, and fails the build if the session breaks."""
        build.companion = self
        self._build = weakref.ref(build)
        if self.lost is not None:  # it may have broken already
            build.fail(self.lost)

    def watched(self, data: Iterable[bytes]) -> Iterator[bytes]:
        """The build's data, until the session breaks."""
        for block in data:
            if self.lost is not None:
                raise self.lost
            yield block

    def close(self) -> None:
        """Ends the session, from any thread; a second call does nothing.

        Waits a few seconds for the threads of calls. A thread that is still inside the caller's own
        code, such as a file object, is left running.
        """
        self._is_closed = True
        self._stream.close()
        ends = time.monotonic() + _PATIENCE
        for _ in range(2):  # again for calls that began before the reader had ended
            for thread in list(self._threads):
                if thread is not threading.current_thread():
                    thread.join(max(0.0, ends - time.monotonic()))

    # The threads

    def _start(self, work: Callable[..., None], name: str, *arguments: object) -> None:
        def run() -> None:
            try:
                work(*arguments)
            finally:
                self._threads.pop(threading.current_thread(), None)

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads[thread] = None
        try:
            thread.start()
        except BaseException:
            del self._threads[thread]
            raise

    def _read(self) -> None:
        try:
            while data := self._stream.read():
                with self._lock:
                    for what in self._calls.feed(data):
                        self._note(what)
                    self._to_send.notify()
            self._lose("the Engine has ended it")
        except DockerError as error:
            self._lose(str(error), error)
        finally:
            with self._lock:
                self._is_over = True
                for call in self._served.values():
                    call.note_cancelled()
                self._served.clear()
                self._to_send.notify()
            self._stream.close()

    def _write(self) -> None:
        try:
            while True:
                with self._lock:
                    while not (data := self._calls.take()):
                        if self._is_over:
                            return
                        self._to_send.wait()
                self._stream.write(data)
        except DockerError as error:
            self._lose(str(error), error)
            self._stream.close()

    def _lose(self, why: str, error: DockerError | None = None) -> None:
        """Notes that the session broke, and fails the build."""
        if self._is_closed or isinstance(error, Closed) or self.lost is not None:
            return
        words = f"the session of this build broke, without which it may wait for ever: {why}"
        self.lost = StreamInterrupted(words)
        self.lost.__cause__ = error
        self._troubles.note("", self.lost)  # the build's failure may arrive before this
        build = None if self._build is None else self._build()
        if build is not None:
            build.fail(self.lost)

    def _note(self, what: What) -> None:
        """Handles an event of the connection; the caller holds the lock."""
        call = self._served.get(what.stream)
        if isinstance(what, Began):
            self._begin(what)
        elif isinstance(what, Came):
            if call is None:
                self._calls.used(what.stream, what.size)
            else:
                call.note_data(what.data, what.size)
        elif isinstance(what, Opened):
            for waiting in self._served.values() if what.stream == 0 else [call]:
                if waiting is not None:
                    waiting.note_room()
        elif call is not None and isinstance(what, Ended):
            call.note_end()
        elif call is not None and isinstance(what, Cancelled):
            call.note_cancelled()

    def _begin(self, began: Began) -> None:
        """Starts a thread for a call, or refuses it."""
        handler = self._handlers.get(began.method)
        if handler is None:
            words = f"{began.method} is not served here"
            self._calls.end(began.stream, UNIMPLEMENTED, words)
            return
        # Health checks are always served: without an answer the Engine ends the session.
        if len(self._served) >= MOST_CALLS and began.method != HEALTH:
            words = f"{MOST_CALLS} calls at once, and no more"
            self._calls.end(began.stream, RESOURCE_EXHAUSTED, words)
            return
        call = Call(self._calls, self._lock, self._to_send.notify, began.stream, began.headers)
        self._served[began.stream] = call
        try:
            self._start(self._serve, "dockerapi-call", began.stream, call, handler)
        except RuntimeError as error:  # the system has no more threads
            del self._served[began.stream]
            self._calls.end(began.stream, RESOURCE_EXHAUSTED, str(error))

    def _serve(self, stream: int, call: Call, handler: Handler) -> None:
        try:
            handler(call)
            call.end()
        except CallEnded:
            pass
        except Refused as refusal:
            self._troubles.note(refusal.shown_as, refusal.with_traceback(None))
            call.end(refusal.code, refusal.words)
        except BaseException as error:  # from a file, a helper, or an object of the caller
            # The text of an unknown error may contain a secret.
            known = isinstance(error, (DockerError, OSError))
            words = str(error) if known else f"{type(error).__name__} in the client"
            if isinstance(error, Exception):
                self._troubles.note(words, error)
            call.end(INTERNAL, words)
        finally:
            with self._lock:
                self._served.pop(stream, None)
