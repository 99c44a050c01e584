"""Commands that Python functions play.

A function is called with a `Run`, in a thread of its own. Reading, writing and sleeping through its
`Run` wait while the container is paused, and raise `Killed` after the container was killed. A
function that does none of these is not waited for: its container ends without it.
"""

from __future__ import annotations

import copy
import io
import itertools
import logging
import shlex
import signal as signals
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .paths import inside
from .running import HARMLESS, Ended, Launch, Output, Process, Usage

log = logging.getLogger("dockerapi.testing")

RAISED = 125
FULL = 64 * 1024  # bytes of unread input, as in a pipe
PATIENCE = 5.0  # seconds that a closing Engine waits for a function


class Killed(BaseException):
    """The container was killed; the function's result no longer matters."""


class _Written(int):
    """A number of written bytes: a lambda may return it, and it is not an exit code."""


class Run:
    """One run of a command, for the function that plays it.

    Attributes:
        argv: the command and its arguments.
        env: its environment.
        working_dir: its working directory in the container.
        files: the directory with the container's file system.
        stdin, stdout, stderr: binary files; with a TTY, stderr is the same as stdout.
        tty: whether they are a TTY.
    """

    def __init__(self, played: Played, launch: Launch, stdin: BinaryIO) -> None:
        self._played = played
        self.argv = list(launch.argv)
        self.env = dict(launch.env)
        self.working_dir = launch.working_dir or "/"
        self.files = launch.files
        self.tty = launch.tty
        self.stdin = stdin
        self.stdout = _file(_Writer(played, "stdout"))
        self.stderr = self.stdout if self.tty else _file(_Writer(played, "stderr"))

    def path(self, name: str, folder: str | None = None, *, follow: bool = True) -> Path:
        """The path on this machine of the container's file `name`.

        Neither `..` nor symbolic links lead out of the container. With `follow=False` a link at the
        end of the path is not followed. A relative name starts at `folder`, None for `working_dir`.
        """
        whole = name if name.startswith("/") else f"{folder or self.working_dir}/{name}"
        return inside(self.files, whole, follow=follow)

    def sleep(self, seconds: float) -> None:
        """Wait so many `seconds`; raises `Killed` if the container ends meanwhile."""
        self.until(lambda: False, seconds)

    def until(self, ready: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until `ready()` is true, at most `timeout` seconds; returns whether it is."""
        deadline = None if timeout is None else time.monotonic() + timeout
        return self._played.until(ready, deadline)

    def run(self, argv: Sequence[str], **changed: Any) -> int | None:
        """Play the command `argv` instead of this one, as a shell does.

        `changed` has other values for these attributes.
        """
        return self._played.instead(self, argv, changed)


Handler = Callable[[Run], int | None]


_pids = itertools.count(1000)


class Played:
    """A command that a function plays, in a thread."""

    def __init__(
        self, others: Callable[[Sequence[str]], Handler], handler: Handler, launch: Launch
    ) -> None:
        self.pid = next(_pids)
        self.unmoved = False  # whether it is process 1, which only SIGKILL ends
        self._others = others  # players for other commands of the same image
        self._handler = handler
        self._changed = threading.Condition()
        self._input: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._input_ended = not launch.stdin and not launch.tty
        self._paused = False
        self._exit_code: int | None = None
        self._over = threading.Event()
        self._terminal = _Terminal() if launch.tty else None
        self._typing = threading.Lock()
        self._began = time.time()
        reader = io.BufferedReader(_Reader(self))
        self._run = Run(self, launch, reader)
        self._thread = threading.Thread(target=self._play, daemon=True)

    def begin(self, output: Output, ended: Ended) -> None:
        self._output = output
        self._ended = ended
        self._thread.start()

    # From the Engine, as with `RealProcess`

    def write(self, data: bytes) -> None:
        """Pass it input; waits while it does not read."""
        if self._terminal is not None:
            self._typed(self._terminal, data)
            return
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting_bytes < FULL or self._input_ended or self._gone
            )
            if not self._input_ended and not self._gone and data:
                self._input.append(data)
                self._waiting_bytes += len(data)
                self._changed.notify_all()

    def _typed(self, terminal: _Terminal, data: bytes) -> None:
        with self._typing:
            if self._gone:
                return
            echo, lines, interrupted = terminal.typed(data)
            if echo:
                # Echoed before the reader gets it: the reader's answer must come after the input.
                self._output("stdout", echo)
            with self._changed:
                self._input.extend(lines)
                self._waiting_bytes += sum(map(len, lines))
                self._changed.notify_all()
        if interrupted:
            self.signal(signals.SIGINT)

    def close_stdin(self) -> None:
        with self._changed:
            self._input_ended = True
            self._changed.notify_all()

    def signal(self, number: int) -> None:
        with self._changed:
            if self._gone:
                return
        if number == signals.SIGKILL or not (self.unmoved or number in HARMLESS):
            self._finish(128 + number)

    def pause(self) -> None:
        with self._changed:
            self._paused = True

    def unpause(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def resize(self, height: int, width: int) -> None:
        """Does nothing: a function does not see its terminal's size."""

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code, or None if it is still running after so many seconds."""
        self._over.wait(timeout)
        if self._over.is_set() and self._thread is not threading.current_thread():
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                log.warning(
                    "%r still plays %s, which has ended: run.sleep() would have told it",
                    self._handler,
                    shlex.join(self._run.argv),
                )
        return self._exit_code

    @property
    def left(self) -> bool:
        """Whether the command, and its function, have ended."""
        return self._over.is_set() and not self._thread.is_alive()

    def processes(self) -> list[Process]:
        command = " ".join(self._run.argv)
        terminal = "pts/0" if self._run.tty else "?"
        return [Process(self.pid, 1, command, self._began, memory=4 << 20, terminal=terminal)]

    def stats(self) -> Usage:
        # A thread's CPU time is unknown: one thousandth of the time, so that it grows.
        used = int((time.time() - self._began) * 1_000_000)
        return Usage(user=used, system=used // 4, memory=4 << 20)

    # From the function

    @property
    def _gone(self) -> bool:
        return self._exit_code is not None

    def until(self, ready: Callable[[], bool], deadline: float | None = None) -> bool:
        """Wait until `ready()` is true (True), or the deadline has passed (False).

        While the container is paused, this does not return.
        """
        with self._changed:
            while True:
                if self._gone:
                    raise Killed
                if not self._paused:
                    if ready():
                        return True
                    if deadline is not None and time.monotonic() >= deadline:
                        return False
                left = None if deadline is None else max(deadline - time.monotonic(), 0)
                self._changed.wait(None if self._paused else left)

    def take(self, size: int) -> bytes:
        """Input, at most so many bytes; b"" at its end."""
        self.until(lambda: bool(self._input) or self._input_ended)
        with self._changed:
            if not self._input:
                return b""
            data = self._input.popleft()
            if len(data) > size:
                self._input.appendleft(data[size:])
                data = data[:size]
            self._waiting_bytes -= len(data)
            self._changed.notify_all()
            return data

    def give(self, stream: str, data: bytes) -> None:
        """Output."""
        self.until(lambda: True)
        if self._terminal is not None:
            data = data.replace(b"\n", b"\r\n")
        if data:
            self._output("stdout" if self._terminal else stream, data)
        self.until(lambda: True)

    def instead(self, run: Run, argv: Sequence[str], changed: Mapping[str, Any]) -> int | None:
        """Play another command of the same image with this run's values, or with other files."""
        other = copy.copy(run)
        other.argv = list(argv)
        for name, value in changed.items():
            setattr(other, name, value)
        return _exit_code(self._others(argv), other)

    def _play(self) -> None:
        try:
            code = _exit_code(self._handler, self._run)
        except Killed:
            return
        except BaseException:
            code = RAISED
            try:
                self._run.stderr.write(traceback.format_exc().encode())
            except Killed:
                return
        self._finish(code)

    def _finish(self, code: int) -> None:
        with self._changed:
            if self._gone:
                return
            self._exit_code = code
            self._changed.notify_all()
        self._ended(code)
        self._over.set()


def _exit_code(handler: Handler, run: Run) -> int:
    """A function's result as an exit code."""
    try:
        found = handler(run)
    except SystemExit as error:
        if isinstance(error.code, str):
            run.stderr.write(f"{error.code}\n".encode())
            return 1
        found = error.code
    if found is None or isinstance(found, _Written):
        return 0
    return int(found) & 0xFF


class _Reader(io.RawIOBase):
    """The standard input of a played command."""

    def __init__(self, played: Played) -> None:
        self._played = played

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._played.take(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Writer(io.RawIOBase):
    """An output of a played command; unbuffered."""

    def __init__(self, played: Played, stream: str) -> None:
        self._played = played
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        content = bytes(data)
        self._played.give(self._stream, content)
        return _Written(len(content))


def _file(writer: _Writer) -> BinaryIO:
    return writer  # type: ignore[return-value]  # which has all that a BinaryIO has


class _Terminal:
    """The terminal: it echoes input, and passes on whole lines."""

    def __init__(self) -> None:
        self._line = bytearray()

    def typed(self, data: bytes) -> tuple[bytes, list[bytes], bool]:
        """The echo, the readable lines (b"" is an end), and whether ^C was typed."""
        echo, lines, interrupted = bytearray(), [], False
        for byte in data.replace(b"\r", b"\n"):
            if byte == 0x0A:
                lines.append(bytes(self._line) + b"\n")
                self._line.clear()
                echo += b"\r\n"
            elif byte == 0x04:
                lines.append(bytes(self._line))
                self._line.clear()
            elif byte == 0x03:
                self._line.clear()
                interrupted = True
                echo += b"^C"
            elif byte in (0x08, 0x7F):
                if self._line:
                    del self._line[-1]
                    echo += b"\b \b"
            else:
                self._line.append(byte)
                echo += bytes([byte]) if byte >= 0x20 or byte == 9 else b"^%c" % (byte + 64)
        return bytes(echo), lines, interrupted
