"""The address of an Engine, and how a socket to it is opened.

`Endpoint.parse()` reads a URL and does no I/O. `connect()` opens one socket: to a socket file, over
TCP (through a proxy, with TLS), or by ssh. Every failure becomes a `ConnectionFailed` that names
the endpoint, the cause and the cure; `translate_error()` does the same for a later error on the
connection.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import attrs

from ..errors import Closed, ConnectionFailed, DockerError, TimedOut
from ..late import load
from ..protocol.deadline import Deadline
from .sockets import EngineSocket

# Only the kind of connection in use is imported. It is imported before the first call: an import
# during a call could be interrupted by a signal handler, which would find a half-initialized
# module.
if TYPE_CHECKING:
    from .proxy import Proxy
    from .ssh import SshHost
    from .tls import TLSConfig

PORT = 2375
TLS_PORT = 2376
PAUSE = 0.2  # seconds between two looks whether the wait is still wanted
KEEP_ALIVE = 30  # seconds of silence before TCP sends a probe


def _shown(url: str) -> str:
    """A URL for messages: without user and password."""
    return repr(re.sub(r"(^|//)[^/@]*@", r"\1***@", url))


_NO_LIMIT = Deadline(kind="connect")


def _nobody(_: object) -> None:
    """The default of `opened` and `found`."""


@attrs.frozen
class Endpoint:
    """An Engine's address: socket files (the first that answers), a host and port, or ssh.

    `prefix` is the start of every request's path, for an Engine behind a reverse proxy.
    """

    paths: tuple[str, ...] = ()
    host: str = ""
    port: int = 0
    tls: TLSConfig | None = None
    proxy: Proxy | None = None
    ssh: SshHost | None = None
    prefix: str = ""

    @classmethod
    def parse(
        cls,
        url: str | None = None,
        *,
        tls: TLSConfig | None = None,
        proxy: Proxy | None = None,
    ) -> Endpoint:
        """The endpoint of a URL.

        The forms are `unix:///path`, `/path`, `tcp://host:port`, `host:port`, `http(s)://` and
        `ssh://`. After a port there may be a prefix for every path, e.g. `tcp://host:port/engine`.

        None is the default socket: the system's, else that of a rootless Engine, else that of
        Docker Desktop.

        Raises:
            ValueError: the URL has another form, or `tls` or `proxy` is given without TCP.
        """
        if url is None and (tls or proxy):
            raise ValueError(f"{'tls' if tls else 'proxy'}= is for TCP: give base_url=, too")
        if url is None:
            return cls(paths=_default_paths())
        if not isinstance(url, str):
            raise TypeError(f"base_url: a string was expected, not {url!r}")
        url = url.strip(" ")
        least = 32 if url.startswith(("/", "unix://")) else 33  # a path may contain blanks
        if not url or any(ord(c) < least or ord(c) == 127 for c in url):
            raise ValueError(f"base_url: empty, or with white space in it: {_shown(url)}")
        if url.startswith("/"):
            url = f"unix://{url}"
        elif "://" not in url:
            url = f"tcp://{url}"
        scheme = url.partition("://")[0].lower()
        if scheme in ("tcp", "http", "https"):
            return cls._tcp(url, scheme, tls, proxy)
        if scheme == "npipe":
            raise ValueError(
                f"base_url: Windows named pipes are not supported: {_shown(url)}; let the Engine "
                "listen on TCP, or use its unix socket from within WSL"
            )
        if scheme not in ("unix", "ssh"):
            raise ValueError(
                f"base_url: {scheme}:// is not supported: {_shown(url)}; use unix:///path, "
                "tcp://host:port, https://host:port or ssh://user@host"
            )
        what = "a unix socket" if scheme == "unix" else "ssh"
        if tls is not None:
            raise ValueError(f"base_url: TLS is for TCP, not for {what}: {_shown(url)}")
        if proxy is not None:
            raise ValueError(f"base_url: a proxy is for TCP, not for {what}: {_shown(url)}")
        if scheme == "unix":
            return cls._unix(url)
        load("dockerapi.endpoint.ssh")
        from .ssh import SshHost

        return cls(ssh=SshHost.parse(url))

    @classmethod
    def _unix(cls, url: str) -> Endpoint:
        path = url.partition("://")[2]  # unquoted: to the docker command `%20` is not a blank
        if not path.startswith("/"):
            raise ValueError(f"base_url: the socket's path must be absolute: {_shown(url)}")
        return cls(paths=(path,))

    @classmethod
    def _tcp(cls, url: str, scheme: str, tls: TLSConfig | None, proxy: Proxy | None) -> Endpoint:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"base_url: {error}: {_shown(url)}") from None
        if not parts.hostname or parts.query or parts.fragment:
            raise ValueError(
                f"base_url: host and port were expected, and at most a path: {_shown(url)}"
            )
        prefix = quote(parts.path.rstrip("/"), safe="/%")
        if re.fullmatch(r"/v\d+\.\d+", prefix, re.ASCII):
            raise ValueError(
                f"base_url: the API version is no part of it; give version=: {_shown(url)}"
            )
        if parts.username is not None or parts.password is not None:
            raise ValueError("base_url: a user or password in the URL is not supported")
        if port == 0:
            raise ValueError(f"base_url: port 0: {_shown(url)}")
        if scheme == "http" and tls is not None:
            raise ValueError(f"base_url: http:// and TLS contradict each other: {_shown(url)}")
        if scheme == "https" and tls is None:
            load("dockerapi.endpoint.tls")
            from .tls import TLSConfig

            tls = TLSConfig()
        port = port or (TLS_PORT if tls else PORT)
        try:
            load("encodings.idna")  # Python imports it for the next line and for each look-up
            host = parts.hostname.encode("idna").decode()  # for look-up and Host header
        except UnicodeError:
            raise ValueError(f"base_url: no name of a host: {_shown(url)}") from None
        return cls(host=host, port=port, tls=tls, proxy=proxy, prefix=prefix)

    @property
    def address(self) -> str:
        """`host:port`, with an IPv6 address in brackets; "localhost" without TCP."""
        if not self.host:
            return "localhost"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def daemon_host(self) -> str:
        """The docker command's name for it, e.g. in `proxies` of `config.json`."""
        return f"tcp://{self.address}{self.prefix}" if self.host else str(self)

    def __str__(self) -> str:
        if self.paths:
            return " or ".join(f"unix://{path}" for path in self.paths)
        if self.ssh is not None:
            return str(self.ssh)
        return f"{'https' if self.tls else 'tcp'}://{self.address}{self.prefix}"

    def connect(
        self,
        deadline: Deadline = _NO_LIMIT,
        opened: Callable[[socket.socket], None] = _nobody,
        found: Callable[[Endpoint], None] = _nobody,
    ) -> socket.socket:
        """A connected socket, with TLS if the endpoint has it.

        Args:
            deadline: limits each address that is tried, the proxy, and TLS.
            opened: called with each socket before it blocks, so that another thread can shut it
                down.
            found: called with the endpoint of the socket file in use, if several were possible.

        Raises:
            TimedOut: there was no connection in time.
            ConnectionFailed: the connection failed for another reason.
        """
        if self.ssh is not None:
            return self.ssh.connect(deadline, opened)
        if not self.paths:
            return self._connect_tcp(deadline, opened)
        first: ConnectionFailed | None = None
        for path in self.paths:
            if len(self.paths) > 1 and not os.path.exists(path):
                continue
            try:
                sock = _connect_unix(path, deadline, opened)
            except Closed:
                raise
            except ConnectionFailed as error:
                first = first or error
            else:
                if len(self.paths) > 1:
                    found(attrs.evolve(self, paths=(path,)))
                return sock
        if first is None:
            raise ConnectionFailed(
                f"no Engine found: none of {', '.join(self.paths)} is there. Start an Engine, or "
                "say where it is with base_url= or DOCKER_HOST"
            )
        raise first

    def _connect_tcp(
        self, deadline: Deadline, opened: Callable[[socket.socket], None]
    ) -> socket.socket:
        context = None
        if self.tls is not None:
            try:
                context = self.tls.context()
            except OSError as error:
                raise ConnectionFailed(
                    f"{self}: the TLS files cannot be used ({error}): {self.tls}"
                ) from error
        sock = None
        where = f"{self}: the proxy {self.proxy}" if self.proxy else str(self)
        sort: type[EngineSocket] = EngineSocket if self.tls is None else self.tls.socket
        try:
            if self.proxy is None:
                sock = _connected(sort, self.host, self.port, deadline, opened)
            else:
                sock = _connected(sort, self.proxy.host, self.proxy.port, deadline, opened)
                self.proxy.tunnel(sock, self.host, self.port, deadline)
                where = str(self)
            if self.tls is not None:
                assert context is not None and isinstance(sock, self.tls.socket)
                sock.start(context, self.tls.server_name or self.host, deadline)
            return sock
        except (OSError, UnicodeError) as error:
            if sock is not None:
                sock.close()
            if isinstance(error, ConnectionRefusedError) and where != str(self):
                raise ConnectionFailed(
                    f"{where}: connection refused. Is it running, and listening there?"
                ) from error
            raise translate_error(error, where, deadline, tls=self.tls) from error


def _connected(
    sort: type[EngineSocket],
    host: str,
    port: int,
    deadline: Deadline,
    opened: Callable[[socket.socket], None],
) -> EngineSocket:
    """Connects to the first address that answers.

    Unlike `socket.create_connection` it passes each socket to `opened`, which can end the attempt.
    """
    first: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = sort(family, kind, protocol)
        try:
            opened(sock)
            sock.settimeout(deadline.left())
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _keep_alive(sock)
            return sock
        except OSError as error:
            sock.close()
            first = first or error
    raise first or OSError("the name of the host has no address")


def _keep_alive(sock: socket.socket) -> None:
    """Turns on TCP keepalive: a dead connection is found within minutes, not hours.

    Keepalive also keeps routers and firewalls from forgetting an idle connection.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL"):  # macOS has the second
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), KEEP_ALIVE)


def _connect_unix(
    path: str, deadline: Deadline, opened: Callable[[socket.socket], None]
) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise ConnectionFailed(
            f"unix://{path}: Python has no unix sockets on this system; use tcp://host:port",
            permanent=True,
        )
    sock = EngineSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        limit = deadline.whole()
        while True:
            opened(sock)  # raises once the client is closed
            # With a timeout of Python, connect() fails at once if the Engine's queue is full. With
            # a timeout of the socket (SO_SNDTIMEO) it waits for its turn (connect(2), EAGAIN).
            left = limit.left()
            _send_timeout(sock, PAUSE if left is None else min(PAUSE, max(left, 0.001)))
            with contextlib.suppress(BlockingIOError):
                sock.connect(path)
                break
        _send_timeout(sock, 0)
        sock.settimeout(deadline.left())
        return sock
    except BaseException as error:
        sock.close()
        if not isinstance(error, (OSError, ValueError)) or isinstance(error, DockerError):
            raise
        # ValueError: the path cannot be the name of a file.
        raise translate_error(error, f"unix://{path}", deadline, path=path) from error


def _send_timeout(sock: socket.socket, seconds: float) -> None:
    whole, rest = divmod(seconds, 1)
    interval = struct.pack("@ll", int(whole), int(rest * 1e6))  # struct timeval; 0 is no bound
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, interval)


def _default_paths() -> tuple[str, ...]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if not runtime and hasattr(os, "getuid"):  # as in a cron job, or after su
        runtime = f"/run/user/{os.getuid()}"
    rootless = (f"{runtime}/docker.sock",) if runtime else ()
    desktop = os.path.expanduser("~/.docker/run/docker.sock")
    return ("/var/run/docker.sock", *rootless, desktop)


def translate_error(
    error: BaseException,
    where: str,
    deadline: Deadline,
    *,
    path: str | None = None,
    tls: TLSConfig | None = None,
) -> ConnectionFailed:
    """The `ConnectionFailed` for an error of a lower layer, with the cure.

    `tls` is the TLS configuration, if TLS was used.
    """
    if isinstance(error, Closed):
        return error
    if isinstance(error, ConnectionFailed):  # already translated, perhaps without the address
        text = str(error)
        if text.startswith(where):
            return error
        return ConnectionFailed(f"{where}: {text}", permanent=error.permanent)
    if isinstance(error, (TimeoutError, BlockingIOError)):
        kind, seconds = deadline.kind, deadline.seconds
        if seconds is None:
            return TimedOut(f"{where}: the system gave up waiting ({kind})", kind=kind)
        return TimedOut(
            f"{where}: no answer within {round(seconds, 3):g} seconds ({kind} timeout)",
            kind=kind,
            seconds=seconds,
        )
    if tls is not None and (trouble := tls.trouble(error)) is not None:
        what, permanent = trouble
        return ConnectionFailed(f"{where}: {what}", permanent=permanent)
    if isinstance(error, socket.gaierror):
        return ConnectionFailed(f"{where}: the host name is not known ({error.strerror})")
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ENOENT:
        what = "the socket does not exist. Is the Engine running, and is this its socket?"
    elif code in (errno.EACCES, errno.EPERM):
        what = f"permission denied. {_group_advice(path)}"
    elif code == errno.ECONNREFUSED and path is not None:
        what = "connection refused: the socket is there but no Engine listens. Start the Engine"
    elif code == errno.ECONNREFUSED:
        what = "connection refused. Is the Engine running, and listening on TCP there?"
    elif code in (errno.ECONNRESET, errno.EPIPE):
        what = f"the connection was reset. Did the Engine stop{_other_protocol(where)}?"
    else:
        what = str(error) or type(error).__name__
    return ConnectionFailed(f"{where}: {what}", permanent=code in (errno.EACCES, errno.EPERM))


def _other_protocol(where: str) -> str:
    if where.startswith("unix://"):
        return ""
    return f", or does it expect {'plain HTTP' if where.startswith('https') else 'TLS'} there"


def _group_advice(path: str | None) -> str:
    if path is None:
        return "A firewall or the system refuses this connection"
    group = "docker"
    with contextlib.suppress(OSError, KeyError, ImportError):
        load("grp")
        import grp

        group = grp.getgrgid(os.stat(path).st_gid).gr_name
    if group == "root":
        return "The socket belongs to root: run this as root, or give the socket a group"
    return (
        f"The socket belongs to group {group}: join it (sudo usermod -aG {group} $USER, then log "
        "in again), or use a rootless Engine"
    )
