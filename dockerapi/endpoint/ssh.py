"""Connections by ssh: the program `ssh`, with `docker system dial-stdio` at its other end.

Every connection is an `ssh` process of its own; several share one login if `~/.ssh/config` says so
(ControlMaster). The rules:

- the program's input and output are one socket, so that ssh is read, written, half-closed and shut
  down like every other connection, and by the same code;
- `ssh` never prompts (BatchMode), as no user may be there. Keys come from an agent or from
  `~/.ssh/config`, and the host must be known;
- the error shows the standard error of `ssh`; its exit code tells an end from a failure;
- closing the socket ends the program and waits for it, so that no zombie is left.
"""

from __future__ import annotations

import contextlib
import math
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs

from ..errors import ConnectionFailed, TimedOut
from ..protocol.deadline import Deadline
from .sockets import EngineSocket

_GRACE = 0.2  # seconds in which a closed ssh may still send data it has
_PATIENCE = 5.0  # seconds for ssh to end after closing its output or a SIGTERM
_SHELL = frozenset("'`\"$;&<>|(){}")
_MOST_WORDS = 2000  # characters of standard error


@attrs.frozen
class SshHost:
    """An Engine that is reached by a login on its host.

    Without a user or port, `~/.ssh/config` decides. Without a path, the `docker` on that host
    decides: by its context, DOCKER_HOST, or the default socket.
    """

    host: str
    user: str | None = None
    port: int | None = None
    path: str | None = None

    @classmethod
    def parse(cls, url: str) -> SshHost:
        """The address in `ssh://user@host:port/path`; ValueError otherwise, or with a password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"base_url: {error}: {_without_password(url)!r}") from None
        if parts.password is not None:
            raise ValueError(
                "base_url: a password in an ssh:// URL is not supported; ssh takes a key, from an "
                "agent or as ~/.ssh/config says"
            )
        if parts.query or parts.fragment:
            raise ValueError(f"base_url: ssh://user@host:port/path was expected: {url!r}")
        # Not parts.hostname, which is in lower case: names in ~/.ssh/config are case-sensitive.
        host = parts.netloc.rpartition("@")[2]
        host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
        user, path = unquote(parts.username or ""), unquote(parts.path)
        if not host or any(ord(c) < 32 or ord(c) == 127 for c in user + path):
            raise ValueError(f"base_url: ssh://user@host:port/path was expected: {url!r}")
        for name in (host, user):
            # A ProxyCommand in ~/.ssh/config passes them to a shell (CVE-2023-51385).
            if name.startswith("-") or not _SHELL.isdisjoint(name):
                raise ValueError(f"base_url: no name of a host or user: {name!r}: {url!r}")
        try:
            os.fsencode(host + user + path)
        except UnicodeError:
            raise ValueError(f"base_url: half a character in it: {url!r}") from None
        return cls(host, user or None, port, path if path.strip("/") else None)

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        return f"ssh://{user}{host}{port}{self.path or ''}"

    def command(self, timeout: float | None = None) -> list[str]:
        """The command line of `ssh`; `timeout` limits the connection and the login."""
        limit = [] if timeout is None else ["-o", f"ConnectTimeout={max(1, math.ceil(timeout))}"]
        return [
            *("ssh", "-T", "-o", "BatchMode=yes", *limit),
            *(("-l", self.user) if self.user else ()),
            *(("-p", str(self.port)) if self.port else ()),
            *("--", self.host, self.remote("dial-stdio")),
        ]

    def remote(self, command: str) -> str:
        """A command of `docker system`, quoted for the remote shell."""
        host = () if self.path is None else ("--host", f"unix://{self.path}")
        return shlex.join(["docker", *host, "system", command])

    def connect(self, deadline: Deadline, opened: Callable[[socket.socket], None]) -> socket.socket:
        """Starts `ssh`: its socket. Only the first read shows whether the login succeeded."""
        sock = SshSocket(self, deadline.left())
        try:
            opened(sock)
            sock.settimeout(deadline.left())
            return sock
        except BaseException:
            sock.close()
            raise


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{host}"


class SshSocket(EngineSocket):
    """This side of the socket that is the input and output of `ssh`."""

    _process: subprocess.Popen[bytes] | None = None
    _words = -1
    _owner = 0

    def __init__(self, host: SshHost, timeout: float | None) -> None:
        if os.name == "nt":  # a program's input and output cannot be sockets
            raise ConnectionFailed(
                f"{host}: ssh:// is not supported on Windows. Forward a port (ssh -L 2375:"
                "/var/run/docker.sock) and use tcp://localhost:2375, or work from within WSL",
                permanent=True,
            )
        self._host = host
        self._timeout = timeout
        self._began = time.monotonic()
        self._owner = os.getpid()
        self._silent = True  # no data yet
        self._shut_down = False
        ours, theirs = socket.socketpair()
        with theirs:
            self._take_over(ours)
            self._words, words = os.pipe()
            try:
                self._run(theirs, words)
            finally:
                os.close(words)

    def _take_over(self, sock: socket.socket) -> None:
        """Takes over the descriptor: one of the two has it, even if a signal handler raises."""
        number = sock.fileno()
        try:
            super().__init__(fileno=number)
        finally:
            sock.detach()
            if self.fileno() == -1:
                os.close(number)

    def _run(self, talk: socket.socket, words: int) -> None:
        # The error output is not read while ssh runs. Non-blocking, ssh drops what does not fit.
        os.set_blocking(words, False)
        os.set_blocking(self._words, False)
        try:
            self._process = subprocess.Popen(
                self._host.command(self._timeout),
                stdin=talk.fileno(),
                stdout=talk.fileno(),
                stderr=words,
                start_new_session=True,  # without Ctrl-C: the caller may have to clean up
            )
        except OSError as error:
            self.close()
            raise ConnectionFailed(
                f"{self._host}: the program ssh cannot be run ({error.strerror}). Is it installed, "
                "and on the PATH?",
                permanent=True,
            ) from error

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        try:
            data = super().recv(bufsize, flags)
        except ConnectionResetError as error:
            self._raise_trouble(error)
            raise
        if data:
            self._silent = False
        elif bufsize:
            self._raise_trouble(None)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        target = memoryview(buffer).cast("B")
        try:
            count = super().recv_into(target, nbytes, flags)
        except ConnectionResetError as error:
            self._raise_trouble(error)
            raise
        if count:
            self._silent = False
        elif len(target):
            self._raise_trouble(None)
        return count

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        try:
            super().sendall(data, flags)
        except (BrokenPipeError, ConnectionResetError) as error:
            self._raise_trouble(error)
            raise

    def shutdown(self, how: int, /) -> None:
        if how == socket.SHUT_RDWR:
            self._shut_down = True
        super().shutdown(how)

    def detach(self) -> int:
        """Gives up the socket; in a forked child also the program, which is the parent's."""
        if self._process is not None and self._owner != os.getpid():
            self._process.poll()  # finds no such child, and marks it as ended
            self._close_words()
        return super().detach()

    def close(self) -> None:
        """Closes the socket; ends the program once no file made of the socket is open."""
        super().close()
        if self.fileno() != -1 or self._owner != os.getpid():  # in a forked child: the parent's
            return
        process = self._process
        try:
            if process is not None:
                _end(process)
        except BaseException:  # a signal handler has raised: end it at once
            if process is not None:
                _kill(process)
            raise
        finally:
            self._process = None
            self._close_words()

    def __del__(self) -> None:
        super().__del__()
        if self._process is not None or self._words != -1:
            self.close()

    def _close_words(self) -> None:
        if self._words != -1:
            words, self._words = self._words, -1
            os.close(words)

    def _raise_trouble(self, cause: OSError | None) -> None:
        """Raises an error with the error output of `ssh`, if it ended with a non-zero exit code."""
        if self._shut_down or self._process is None:
            return
        try:
            code = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return
        if not code:
            return
        said = self._said()
        waited = time.monotonic() - self._began
        if self._silent and self._timeout is not None and waited >= self._timeout and code == 255:
            raise TimedOut(
                f"{self._host}: no connection within {self._timeout:g} seconds (connect timeout): "
                f"{said}",
                kind="connect",
                seconds=self._timeout,
            ) from cause
        login = shlex.join(part for part in self._host.command()[:-1] if part not in _OPTIONS)
        raise ConnectionFailed(
            f"{self._host}: ssh ended with exit code {code}: {said}. "
            f"Does `{login} {self._host.remote('info')}` work?"
        ) from cause

    def _said(self) -> str:
        try:
            text = os.read(self._words, 64 * 1024).decode("utf-8", "replace")
        except OSError:
            text = ""
        lines = [line.strip() for line in text.splitlines()]
        return "; ".join(filter(None, lines))[-_MOST_WORDS:].rstrip(".") or "(it said nothing)"


_OPTIONS = {"-T", "-o", "BatchMode=yes", "--"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the program and waits for it, so that no zombie is left."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
        return
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE)
        return
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    # With a limit: the interrupted code may be inside wait(), which holds a lock.
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE)
