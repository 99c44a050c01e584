"""Commands of containers as processes of this machine. There is NO ISOLATION.

A command sees the files, the network and the processes of the user who runs the tests, and has that
user's rights; the container's directory is only where it starts. So run only commands that you
would run yourself. As in a container, its child processes end with it: everything in its session,
and everything that still has its `HOSTNAME`.

A signal reaches the first process of a container only if the process catches it, as with process 1
of a real container; SIGKILL always reaches it. Without /proc the usage of a process is unknown, and
so are the signals that it catches.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal as signals
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from .running import HARMLESS, CannotStart, Ended, Launch, Output, Process, Usage

BLOCK = 64 * 1024
LINGER = 0.5  # seconds to wait for output of processes that outlive the session
PROC = Path("/proc")
# A session that opens a terminal gets it as its controlling terminal; `env` sets what a shell would
# change.
ON_TERMINAL = 'exec <>"$0" >&0 2>&1; exec env -i "$@"'
# Resets every signal to its default before the command. This process may ignore some (because of
# `nohup` or `&`), and its children would inherit that.
RESET = """
import json, os, signal, sys
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_DFL)
os.execve(*json.loads(sys.argv[1]))
"""
RESTORED = {signals.SIGPIPE, signals.SIGXFSZ}  # Python ignores them, and subprocess restores them


class RealProcess:
    """A process, on pipes or on a pseudo-terminal, with all its child processes."""

    def __init__(self, launch: Launch) -> None:
        if os.name != "posix":
            raise CannotStart("processes=True needs a POSIX system")
        self.pid = 0
        self._first = launch.first
        self._env = dict(launch.env)
        folders = [self._env.get("PATH", ""), os.environ.get("PATH", "")]
        own = dict.fromkeys(os.pathsep.join(folders).split(os.pathsep))
        self._env["PATH"] = os.pathsep.join(filter(None, own))
        if self._env.get("HOME") == "/root":
            self._env["HOME"] = str(launch.files / "root")
        self._working_dir = launch.files / launch.working_dir.lstrip("/")
        self._argv = list(launch.argv)
        self._program = _found(self._argv[0], self._env["PATH"], launch.files, self._working_dir)
        self._tty = launch.tty
        self._takes_input = launch.stdin or launch.tty
        self._lock = threading.Lock()
        self._exit_code: int | None = None
        self._over = threading.Event()
        self._master: int | None = None
        self._input: int | None = None
        self._outputs: dict[int, str] = {}

    def begin(self, output: Output, ended: Ended) -> None:
        self._output = output
        self._ended = ended
        self._working_dir.mkdir(parents=True, exist_ok=True)
        self._wake, self._woken = os.pipe()
        try:
            self._popen = self._on_terminal() if self._tty else self._on_pipes()
        except OSError as error:
            self._close()
            raise CannotStart(f'exec: "{self._argv[0]}": {error.strerror}') from error
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._waiter = threading.Thread(target=self._await, daemon=True)
        self._reader.start()
        self._waiter.start()

    def _on_pipes(self) -> subprocess.Popen[bytes]:
        popen = subprocess.Popen(
            **_reset(self._program, self._argv, self._env),
            cwd=self._working_dir,
            start_new_session=True,
            bufsize=0,
            stdin=subprocess.PIPE if self._takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert popen.stdout is not None and popen.stderr is not None
        # From here on the descriptors belong to this object: threads use them, and one closes them.
        self._outputs = {os.dup(popen.stdout.fileno()): "stdout"}
        self._outputs[os.dup(popen.stderr.fileno())] = "stderr"
        if popen.stdin is not None:
            self._input = os.dup(popen.stdin.fileno())
            popen.stdin.close()
        popen.stdout.close()
        popen.stderr.close()
        return popen

    def _on_terminal(self) -> subprocess.Popen[bytes]:
        import pty

        self._master, slave = pty.openpty()
        self._outputs = {self._master: "stdout"}
        try:
            self.resize(24, 80)
            variables = [f"{name}={value}" for name, value in self._env.items()]
            command = [os.ttyname(slave), *variables, self._program, *self._argv[1:]]
            return subprocess.Popen(
                **_reset("/bin/sh", ["/bin/sh", "-c", ON_TERMINAL, *command], dict(os.environ)),
                cwd=self._working_dir,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=slave,
                stderr=slave,
            )
        finally:
            os.close(slave)

    # From the Engine

    def write(self, data: bytes) -> None:
        with self._lock:
            target = self._master if self._tty else self._input
            view = memoryview(data)
            while target is not None and view and not self._over.is_set():
                try:
                    view = view[os.write(target, view) :]
                except OSError:  # it has closed its input, or has ended
                    return

    def close_stdin(self) -> None:
        with self._lock:
            self._close_input()

    def _close_input(self) -> None:
        if self._input is not None:
            os.close(self._input)
            self._input = None

    def signal(self, number: int) -> None:
        if self._exit_code is not None:
            return
        if number == signals.SIGKILL:
            self._kill_family()
        elif not self._first or number in HARMLESS or _catches(self.pid, number):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def pause(self) -> None:
        self._signal_family(signals.SIGSTOP)

    def unpause(self) -> None:
        self._signal_family(signals.SIGCONT)

    def resize(self, height: int, width: int) -> None:
        if self._master is None:
            return
        import fcntl
        import termios

        with contextlib.suppress(OSError):
            size = struct.pack("HHHH", height, width, 0, 0)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def wait(self, timeout: float | None = None) -> int | None:
        self._over.wait(timeout)
        if self._over.is_set() and self._waiter is not threading.current_thread():
            self._waiter.join()
        return self._exit_code

    @property
    def left(self) -> bool:
        return self._over.is_set() and not self._waiter.is_alive()

    # Its output

    def _read(self) -> None:
        """Pass on the output until all writers have closed it, or `_await` ends the wait."""
        with selectors.DefaultSelector() as selector:
            for descriptor in self._outputs:
                selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while len(selector.get_map()) > 1:
                for key, _ in selector.select():
                    if key.fd == self._wake:
                        return
                    try:
                        data = os.read(key.fd, BLOCK)
                    except OSError:  # a terminal's answer after its last user has closed it
                        data = b""
                    if data:
                        self._output(self._outputs[key.fd], data)
                    else:
                        selector.unregister(key.fd)

    def _await(self) -> None:
        code = self._popen.wait()
        self._kill_family()
        self._reader.join(LINGER)
        if self._reader.is_alive():
            # The reader may also be waiting for a slow subscriber: the end of the container
            # releases it.
            os.write(self._woken, b"x")
        self._exit_code = 128 - code if code < 0 else code
        self._over.set()
        self._ended(self._exit_code)
        self._reader.join()
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._close_input()
        for descriptor in (*self._outputs, self._wake, self._woken):
            os.close(descriptor)
        self._master = None
        self._outputs = {}

    # Its child processes

    def _family(self) -> list[_Status]:
        """The process and its descendants."""
        found: dict[int, _Status] = {}
        mark = f"HOSTNAME={self._env.get('HOSTNAME', '')}".encode() if self._first else None
        statuses = sorted(_statuses(), key=lambda status: status.started)
        began = next((one.started for one in statuses if one.pid == self.pid), 0.0)
        for one in statuses:
            if (
                one.pid == self.pid
                or one.session == self.pid
                or one.parent in found
                or (mark and one.started >= began and mark in _environment(one.pid))
            ):
                found[one.pid] = one
        return list(found.values())

    def _signal_family(self, number: int) -> None:
        for one in self._family() or [_Status(self.pid, 0, self.pid)]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, number)

    def _kill_family(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signals.SIGKILL)
        # A process may have started another one just before it was killed.
        for _ in range(10):
            family = [one for one in self._family() if one.state != "Z"]
            if not family:
                return
            for one in family:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(one.pid, signals.SIGKILL)

    def processes(self) -> list[Process]:
        return [one.process() for one in self._family() if one.state != "Z"]

    def stats(self) -> Usage:
        family = self._family()
        system = sum(one.system for one in family)
        return Usage(
            # The kernel counts in ticks; shorter times are only in the scheduler's own figure.
            user=max(sum(one.user for one in family), sum(map(_ran, family)) - system),
            system=system,
            memory=sum(one.memory for one in family),
            processes=len(family),
        )


def _reset(program: str, argv: Sequence[str], env: Mapping[str, str]) -> dict[str, Any]:
    """How to start a program with no signal ignored."""
    known = signals.valid_signals() - RESTORED
    if any(signals.getsignal(number) is signals.SIG_IGN for number in known):
        order = json.dumps([program, list(argv), dict(env)])
        argv, program = [sys.executable, "-I", "-S", "-c", RESET, order], sys.executable
    return {"args": argv, "executable": program, "env": env}


def _found(name: str, path: str, files: Path, working_dir: Path) -> str:
    """The path of a program: on this machine, or else in the container."""
    candidates = [name, str(files / name.lstrip("/"))] if name.startswith("/") else []
    if "/" in name and not candidates:
        candidates = [str(working_dir / name)]
    for candidate in candidates or [name]:
        found = shutil.which(candidate, path=path)
        if found is not None:
            return found
    if "/" in name:
        raise CannotStart(f'exec: "{name}": stat {name}: no such file or directory')
    raise CannotStart(f'exec: "{name}": executable file not found in $PATH')


# Linux's data about processes (proc(5))


@attrs.frozen
class _Status:
    """A process: times in nanoseconds, `started` in seconds since 1970, memory in bytes."""

    pid: int
    parent: int
    session: int
    state: str = "S"
    terminal: int = 0
    user: int = 0
    system: int = 0
    started: float = 0.0
    virtual: int = 0
    memory: int = 0
    name: str = ""

    def process(self) -> Process:
        command = _read_file(self.pid, "cmdline").replace(b"\0", b" ").decode("utf-8", "replace")
        return Process(
            pid=self.pid,
            parent=self.parent,
            command=command.strip() or self.name,
            started=self.started,
            cpu=(self.user + self.system) / 1e9,
            memory=self.memory,
            virtual=self.virtual,
            state=self.state,
            terminal=f"pts/{self.terminal & 0xFF}" if self.terminal else "?",
        )


def _statuses() -> Iterator[_Status]:
    if not PROC.is_dir():
        return
    tick, page = 10**9 // os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    for entry in os.listdir(PROC):
        if not entry.isdecimal():
            continue
        name, _, rest = _read_file(int(entry), "stat").decode("utf-8", "replace").rpartition(") ")
        parts = rest.split()
        if len(parts) < 22:
            continue
        yield _Status(
            pid=int(entry),
            state=parts[0],
            parent=int(parts[1]),
            session=int(parts[3]),
            terminal=int(parts[4]),
            user=int(parts[11]) * tick,
            system=int(parts[12]) * tick,
            started=booted + int(parts[19]) * tick / 1e9,
            virtual=int(parts[20]),
            memory=int(parts[21]) * page,
            name=name.partition("(")[2],
        )


def _read_file(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:  # ended, or another user's
        return b""


def _environment(pid: int) -> list[bytes]:
    return _read_file(pid, "environ").split(b"\0")


def _ran(status: _Status) -> int:
    """A process's CPU time in nanoseconds."""
    parts = _read_file(status.pid, "schedstat").split()
    return int(parts[0]) if parts else 0


def _catches(pid: int, number: int) -> bool:
    """Whether a process catches a signal."""
    if not PROC.is_dir():
        return True
    for line in _read_file(pid, "status").splitlines():
        if line.startswith(b"SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False
