"""The client: every operation, over one transport."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Mapping
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Literal, NoReturn

import attrs

from .api.build import BuildMixin
from .api.checkpoints import CheckpointsMixin
from .api.copies import CopiesMixin
from .api.engine import EngineMixin
from .api.exec import ExecMixin
from .api.plugins import PluginsMixin
from .api.routes import NEEDED, ROUTES
from .api.run import RunMixin
from .api.secrets import SecretsMixin
from .api.swarm import SwarmMixin
from .api.task_logs import TaskLogsMixin
from .api.volumes import VolumesMixin
from .endpoint.endpoint import Endpoint
from .errors import VERSION, Closed, ConnectionFailed, ServerError, TimedOut, named
from .late import load
from .registry.auth import Credentials
from .registry.credentials import StoredCredentials
from .transport import Retry, Timeouts, Transport
from .transport.timeouts import time_limit
from .versions.releases import ApiVersion

if TYPE_CHECKING:
    import requests
    from typing_extensions import Self

    from .endpoint.proxy import Proxy
    from .endpoint.tls import TLSConfig
    from .models.misc import Version
    from .transport.session import EngineSession

AUTO = "auto"  # what docker-py's users pass for "negotiate"


class Client(
    RunMixin,
    BuildMixin,
    ExecMixin,
    CopiesMixin,
    CheckpointsMixin,
    VolumesMixin,
    PluginsMixin,
    SecretsMixin,
    SwarmMixin,
    TaskLogsMixin,
    EngineMixin,
):
    """A client of one Docker Engine.

    Nothing is sent before the first operation, which also negotiates the API version. Threads may
    share a client, and a signal handler may call it, whatever the signal has interrupted. `close()`
    or the end of a `with` block closes it. Every error that the Engine or the connection causes is
    a `DockerError`. Bad arguments are `ValueError` or `TypeError`, raised before anything is sent.
    The first argument of most methods is a resource: its name, its id, or a value that has one.

    Args:
        base_url: `unix:///path`, `/path`, `tcp://host:port`, `host:port`, `http(s)://host:port`,
            `ssh://user@host:port/path`. The default TCP port is 2375, with TLS 2376. None is the
            default socket: `/var/run/docker.sock`, else `$XDG_RUNTIME_DIR/docker.sock`, else
            `~/.docker/run/docker.sock`; the first that answers is used from then on. No other
            environment variable is read; `from_env` does that.
        version: the API version to use, such as "1.24". None and "auto" take the newest version
            that both sides know.
        timeout: seconds for connecting and for a whole reply; or `Timeouts`, which also limits the
            silence of a stream.
        tls: certificates for `tcp://` and `https://`; True uses the system's CA certificates.
        proxy: the HTTP proxy for a TCP endpoint: `http://user:password@host:port`.
        credentials: registry credentials for calls without `auth`: Credentials by registry, or by a
            path below one (`{"registry.example.com/team": Credentials(...)}`); or
            `StoredCredentials`, which say where to look them up, and which also supply the headers
            that `config.json` sets for every request. None uses no credentials.
        retry: whether to repeat a failed request: `retry(route, error, times)` returns the seconds
            to wait before the next attempt, or None to raise the error; `times` is the number of
            attempts so far. It is not asked about uploads that can only be read once, attached
            connections, the exit code of `run`, or a stream that has begun. Without `retry`, only a
            GET or HEAD is repeated, once, if its kept-alive connection turned out to be closed.
        user_agent: a word or two about the program, such as "deployer/1.2". The `User-Agent` of
            every request has it after this library's name, and an Engine's log shows it.

    Raises:
        ValueError, TypeError: an invalid argument.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        version: str | None = None,
        timeout: float | Timeouts | None = Timeouts(),  # noqa: B008 -- a frozen value
        tls: TLSConfig | bool | None = None,
        proxy: str | Proxy | None = None,
        credentials: StoredCredentials | Mapping[str, Credentials] | None = None,
        retry: Retry | None = None,
        user_agent: str | None = None,
    ) -> None:
        if retry is not None and not callable(retry):
            raise TypeError(f"retry: a function was expected, not {retry!r}")
        pinned = None
        if version is not None and version != AUTO:
            pinned = named("version", ApiVersion.parse, version)
        if not isinstance(credentials, StoredCredentials):
            credentials = StoredCredentials(known={} if credentials is None else credentials)
        self._credentials = credentials
        self._session: EngineSession | None = None
        self._sessions: dict[weakref.ref[EngineSession], None] = {}  # also those of its views
        self._transport = Transport(
            Endpoint.parse(
                base_url,
                tls=None if tls is None or tls is False else _tls(tls),
                proxy=None if proxy is None else _proxy(proxy),
            ),
            version=pinned,
            timeouts=_timeouts(timeout),
            user_agent=_signature(user_agent),
            headers=self._credentials.http_headers,
            retry=retry,
        )

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        version: str | None = None,
        timeout: float | Timeouts | None = Timeouts(),  # noqa: B008 -- a frozen value
        retry: Retry | None = None,
        user_agent: str | None = None,
    ) -> Self:
        """A client configured by the environment, like the `docker` command.

        The Engine is that of DOCKER_HOST; else that of the Docker context in DOCKER_CONTEXT; else
        that of `currentContext` in `config.json`; else the default socket.

        If DOCKER_HOST is a TCP address, a non-empty DOCKER_TLS_VERIFY selects TLS with the files in
        DOCKER_CERT_PATH (`ca.pem`, `cert.pem`, `key.pem`; by default in `~/.docker`); DOCKER_TLS
        selects TLS without verification. HTTP_PROXY, HTTPS_PROXY and NO_PROXY apply to TCP.
        DOCKER_API_VERSION is the version, if `version` is not given. DOCKER_CUSTOM_HEADERS are sent
        with every request. The credentials are those of `StoredCredentials.from_env`, read when a
        call needs them.

        Args:
            environ: the variables; None is those of the process.
            version, timeout, retry, user_agent: as in `Client`.

        Raises:
            ConnectionFailed: the context does not exist, or cannot be read.
            ValueError: an invalid variable, or an invalid address in the context.
        """
        return cls._located(None, environ, version, timeout, retry, user_agent)

    @classmethod
    def from_context(
        cls,
        name: str,
        environ: Mapping[str, str] | None = None,
        *,
        version: str | None = None,
        timeout: float | Timeouts | None = Timeouts(),  # noqa: B008 -- a frozen value
        retry: Retry | None = None,
        user_agent: str | None = None,
    ) -> Self:
        """A client of a Docker context's Engine; `docker context ls` lists the contexts.

        `default` is the Engine of DOCKER_HOST, or of the default socket. Other arguments
        and errors are those of `from_env`.

        Args:
            name: the name of the context.

        Raises:
            ConnectionFailed: there is no such context, or it cannot be read.
            ValueError: an invalid variable, or an invalid address in the context.
        """
        return cls._located(name, environ, version, timeout, retry, user_agent)

    @classmethod
    def _located(
        cls,
        context: str | None,
        environ: Mapping[str, str] | None,
        version: str | None,
        timeout: float | Timeouts | None,
        retry: Retry | None,
        user_agent: str | None,
    ) -> Self:
        load("dockerapi.endpoint.locate")  # not needed by a client with a URL
        from .endpoint.locate import locate

        variables = os.environ if environ is None else environ
        location = locate(variables, context)
        if version in (None, AUTO):
            version = variables.get("DOCKER_API_VERSION") or AUTO
            if version != AUTO:
                named("DOCKER_API_VERSION", ApiVersion.parse, version)
        return cls(
            location.url,
            version=version,
            timeout=timeout,
            tls=location.tls,
            proxy=location.proxy,
            credentials=StoredCredentials.from_env(environ),
            retry=retry,
            user_agent=user_agent,
        )

    @property
    def api_version(self) -> str:
        """The API version in use, such as "1.41"; asks the Engine if it was not asked yet."""
        return str(self._transport.negotiated.version)

    @property
    def base_url(self) -> str:
        """The Engine's address; all default sockets in their order, until one has answered."""
        return str(self._transport.endpoint)

    @property
    def timeouts(self) -> Timeouts:
        """The client's timeouts."""
        return self._transport.timeouts

    def supports(self, method: str) -> bool:
        """Whether the API version in use has an operation, by the same route or another.

        Options that the version lacks are only refused when they are used. The first call asks the
        Engine for its version.

        Args:
            method: the name of an operation of this client, e.g. `logs`.

        Raises:
            ValueError: there is no such operation.
        """
        if method not in ROUTES:
            raise ValueError(f"no operation of a client: {method!r}")
        return all(
            self._transport.supports(route, query=NEEDED.get((method, route)))
            for route in ROUTES[method]
        )

    def with_timeouts(
        self,
        *,
        connect: float | None | Literal["same"] = "same",
        read: float | None | Literal["same"] = "same",
        idle: float | None | Literal["same"] = "same",
    ) -> Self:
        """This client with other timeouts, e.g. for a single call; None waits without bound.

        It shares the connections: closing one of the two closes both.

        Args:
            connect, read, idle: seconds, as in `Timeouts`; "same" keeps what this client has.
        """
        given = {"connect": connect, "read": read, "idle": idle}
        changes = {name: value for name, value in given.items() if value != "same"}
        view = self._view()
        view._transport = self._transport.with_timeouts(attrs.evolve(self.timeouts, **changes))
        return view

    def with_credentials(self, credentials: Mapping[str, Credentials]) -> Self:
        """This client with more registry credentials, e.g. for a single call.

        They are looked up before the client's own. The result shares the connections: closing one
        of the two closes both.

        Args:
            credentials: by registry, or by a path below one, as in `Client`.
        """
        more = StoredCredentials(known=credentials).known
        view = self._view()
        view._credentials = attrs.evolve(
            self._credentials, known={**self._credentials.known, **more}
        )
        return view

    def _view(self) -> Self:
        view = super()._view()
        view._session = None
        return view

    def wait_until_ready(self, timeout: float) -> Version:
        """The Engine's version, as soon as it answers; for callers that start an Engine.

        The Engine is asked repeatedly, at least once a second, while it cannot be reached, does not
        answer, or fails (5xx). Failures that do not pass by waiting (no permission, an untrusted
        certificate, TLS on one side only) are raised once they have lasted a second. Refusals (4xx,
        no common version) are raised at once.

        Args:
            timeout: seconds to wait at most, whatever the client's own timeouts are.

        Raises:
            TimedOut: the Engine was not ready in time; the message ends with the last cause.
            Closed: the client was closed meanwhile.
        """
        deadline = time.monotonic() + _positive(timeout)
        pause, hopeless_since = 0.02, None
        while True:
            try:
                self._until(deadline).supports("version")  # negotiates the version once
                return self._until(deadline).version()
            except Closed:
                raise
            except (ConnectionFailed, ServerError) as error:
                now = time.monotonic()
                if not getattr(error, "permanent", False):
                    hopeless_since = None
                elif hopeless_since is None:
                    hopeless_since = now
                elif now - hopeless_since >= 1:
                    raise
                if now + pause >= deadline:
                    reason = str(error).removeprefix(f"{self.base_url}: ")
                    raise TimedOut(
                        f"{self.base_url}: not ready within {timeout:g} seconds: {reason}",
                        kind="ready",
                        seconds=timeout,
                    ) from error
            self._transport.pause(pause)
            pause = min(pause * 2, 1)

    def _until(self, deadline: float) -> Self:
        """This client for one attempt until the deadline, without the caller's `retry`."""
        left = max(deadline - time.monotonic(), 0.001)
        limits = (self.timeouts.connect, self.timeouts.read)
        connect, read = (left if limit is None else min(limit, left) for limit in limits)
        view = self.with_timeouts(connect=connect, read=read)
        view._transport = view._transport.without_retry()
        return view

    @property
    def session(self) -> requests.Session:
        """A session of `requests` for this Engine, for requests without a method here.

        `client.session.get("/networks").json()`. It uses the client's transport. A path without a
        version gets the version in use. The URL of every request begins with
        `http+docker://localhost`; mocks and hooks may rely on that. Requests to other hosts are
        refused. So are `verify=`, `cert=` and `proxies=`, as TLS and proxies are the client's.
        Redirects are not followed, and cookies not kept. Without `timeout=` the client's connect
        and read timeouts apply; uploads are sent under its read timeout.

        Errors are those of `requests`, and not `DockerError`: `ConnectionError` or `ConnectTimeout`
        if the Engine cannot be reached, with this library's error as `__cause__`. A status of 400
        or more is a response; `raise_for_status()` raises. As always with `requests`, a body that
        is delimited by the end of its connection looks complete even if it was cut.

        A connection that answers 101 is closed: use `attach` and `exec_start` for two-way streams.
        The session closes with the client. A signal handler must not use the session that it has
        interrupted, and several threads may only use it as `requests` allows. urllib3 logs its
        paths and queries at the level DEBUG. A client from `with_timeouts`, and the child after a
        fork, have a session of their own.
        """
        # It imports requests, which takes longer than a first call.
        load("dockerapi.transport.session")
        from .transport.session import EngineSession

        session = self._session
        if session is None or session.owner != os.getpid():
            session = self._session = EngineSession(self._transport)
            sessions = self._sessions
            sessions[weakref.ref(session, lambda gone: sessions.pop(gone, None))] = None
        return session

    def close(self) -> None:
        """Closes all connections and streams, from any thread; may be called twice."""
        self._transport.close()
        for reference in list(self._sessions):
            if (session := reference()) is not None:
                session.drain()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Client cannot be pickled or copied: its connections are those of one process. Make "
            "another one there, from the same arguments"
        )

    def __repr__(self) -> str:
        return f"<dockerapi.Client of {self.base_url}>"


def _signature(user_agent: str | None) -> str:
    own = f"dockerapi/{VERSION}"
    if user_agent is None:
        return own
    if not isinstance(user_agent, str):
        raise TypeError(f"user_agent: a string was expected, not {user_agent!r}")
    if not user_agent.strip() or not (user_agent.isascii() and user_agent.isprintable()):
        raise ValueError(
            f"user_agent: a word such as 'deployer/1.2' was expected, not {user_agent!r}"
        )
    return f"{own} {user_agent.strip()}"


# Python's error about a wrong keyword names the class that defines a method; callers only know this
# class.
for _chapter in Client.__mro__[1:-1]:
    for _method in vars(_chapter).values():
        if isinstance(_method, FunctionType) and not _method.__name__.startswith("_"):
            _method.__qualname__ = f"{Client.__name__}.{_method.__name__}"
            _method.__module__ = __name__


def _positive(timeout: float) -> float:
    found = time_limit("timeout", timeout)
    if found is None:
        raise TypeError("timeout: seconds were expected, not None")
    return found


def _tls(given: object) -> TLSConfig:
    load("dockerapi.endpoint.tls")  # and OpenSSL
    from .endpoint.tls import TLSConfig

    if given is True:
        return TLSConfig()
    if not isinstance(given, TLSConfig):
        raise TypeError(f"tls: a TLSConfig or True was expected, not {type(given).__name__}")
    return given


def _proxy(given: str | Proxy) -> Proxy:
    load("dockerapi.endpoint.proxy")
    from .endpoint.proxy import Proxy

    return given if isinstance(given, Proxy) else Proxy.parse(given)


def _timeouts(timeout: float | Timeouts | None) -> Timeouts:
    if isinstance(timeout, Timeouts):
        return timeout
    found = time_limit("timeout", timeout)
    return Timeouts(connect=found, read=found)
