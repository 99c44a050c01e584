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

AUTO = "auto"  # the version that docker-py's users write for "negotiate"


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

    Nothing is sent before the first operation, which also negotiates the API version. A client may
    be shared by threads, and called from the handler of a signal whatever that interrupts; it is
    closed with `close()` or by the end of a `with`. Every error that the Engine or the connection
    causes is a `DockerError`; bad arguments are `ValueError` or `TypeError`, before anything is
    sent.

    Args:
        base_url: `unix:///path`, `/path`, `tcp://host:port`, `host:port`, `http(s)://host:port`,
            `ssh://user@host:port/path`. The port of TCP is 2375 by default, 2376 with TLS. None is
            the default socket: `/var/run/docker.sock`, else `$XDG_RUNTIME_DIR/docker.sock`, else
            `~/.docker/run/docker.sock`; the first that answers is kept. No other environment is
            read; `from_env` does that.
        version: the API version to speak, such as "1.24". None, and "auto", take the newest that
            both sides know.
        timeout: seconds for connecting and for a whole reply, or `Timeouts`, which also bounds the
            silence of a stream.
        tls: certificates for `tcp://` and `https://`; True takes the system's authorities.
        proxy: the HTTP proxy through which a TCP endpoint is reached:
            `http://user:password@host:port`.
        credentials: for registries, in calls that are given no `auth`: Credentials by registry, or
            by a part of one (`{"registry.example.com/team": Credentials(...)}`); or
            `StoredCredentials`, which say where they are looked up, and the headers that
            `config.json` wants in every request. None is nowhere.
        retry: whether a request that failed is sent again: `retry(route, error, times)` gives the
            seconds to wait before that, or None to raise the error; it was sent `times` times. It
            is not asked about uploads that can be read only once, about attached connections, about
            the exit code of `run`, nor once a stream has begun. Without it, only a GET or HEAD that
            met a kept-alive connection which had gone stale is sent again, once.
        user_agent: a word or two on what the program is, such as "deployer/1.2", after the name of
            this library in the `User-Agent` of every request. An Engine's log shows it.

    Raises:
        ValueError, TypeError: an argument that is none of this.
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
        self._sessions: dict[weakref.ref[EngineSession], None] = {}  # of its views, too
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
        """The client that the environment describes, as for the `docker` command.

        The Engine is that of DOCKER_HOST; else that of the Docker context that DOCKER_CONTEXT
        names; else that of `currentContext` in `config.json`; else the default socket.

        For a DOCKER_HOST of TCP, DOCKER_TLS_VERIFY, if not empty, asks for TLS with the files of
        DOCKER_CERT_PATH (`ca.pem`, `cert.pem`, `key.pem`; by default those of `~/.docker`);
        DOCKER_TLS for TLS without verification. HTTP_PROXY, HTTPS_PROXY and NO_PROXY count for TCP.
        DOCKER_API_VERSION is the version, if `version` is not given. DOCKER_CUSTOM_HEADERS are in
        every request. The credentials are those of `StoredCredentials.from_env`; they are read
        when a call needs them.

        Args:
            environ: the variables; None is those of the process.
            version, timeout, retry, user_agent: as in `Client`.

        Raises:
            ConnectionFailed: the context is not there, or cannot be read.
            ValueError: a variable, or an address in the context, that is none.
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
        """A client of the Engine of a Docker context, of those that `docker context ls` shows.

        `default` is the Engine of DOCKER_HOST, or of the default socket. Everything else is as
        with `from_env`.

        Raises:
            ConnectionFailed: there is no such context, or it cannot be read.
            ValueError: a variable, or an address in the context, that is none.
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
        from .endpoint.locate import locate  # a client that is given a URL needs none of it

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
        """The API version spoken, such as "1.41"; asks the Engine if it was not asked yet."""
        return str(self._transport.negotiated.version)

    @property
    def base_url(self) -> str:
        """Where the Engine is; the default sockets, in their order, while none has answered."""
        return str(self._transport.endpoint)

    @property
    def timeouts(self) -> Timeouts:
        """How long this client waits."""
        return self._transport.timeouts

    def supports(self, method: str) -> bool:
        """Whether the API version spoken has an operation, as it is or in another form.

        An option that the version lacks is refused only when it is asked for. This asks the Engine
        for its version if it was not asked yet.

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
        """This client with other timeouts, for a call or two; None waits without bound.

        It shares the connections, and closing either closes both.
        """
        given = {"connect": connect, "read": read, "idle": idle}
        changes = {name: value for name, value in given.items() if value != "same"}
        view = self._view()
        view._transport = self._transport.with_timeouts(attrs.evolve(self.timeouts, **changes))
        return view

    def with_credentials(self, credentials: Mapping[str, Credentials]) -> Self:
        """This client with more credentials of registries, for a call or two.

        They come before those that this client has. It shares the connections, and closing either
        closes both.

        Args:
            credentials: by registry, or by a part of one, as in `Client`.
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

        The Engine is asked again, after at most a second, while it cannot be reached, does not
        answer, or fails (5xx). Failures that waiting does not mend (no permission, an untrusted
        certificate, TLS on one side only) are raised when they have lasted a second. Refusals (4xx,
        no common version) are raised at once.

        Args:
            timeout: seconds to wait at most, whatever the timeouts of this client are.

        Raises:
            TimedOut: the Engine was not ready in time; the message ends with the last reason.
            Closed: the client was closed meanwhile.
        """
        deadline = time.monotonic() + _positive(timeout)
        pause, hopeless_since = 0.02, None
        while True:
            try:
                self._until(deadline).supports("version")  # which negotiates, the first time
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
        """This client for one attempt that ends by then: the caller's `retry` would add its own."""
        left = max(deadline - time.monotonic(), 0.001)
        limits = (self.timeouts.connect, self.timeouts.read)
        connect, read = (left if limit is None else min(limit, left) for limit in limits)
        view = self.with_timeouts(connect=connect, read=read)
        view._transport = view._transport.without_retry()
        return view

    @property
    def session(self) -> requests.Session:
        """A session of `requests` for this Engine, for what this library has no method for.

        `client.session.get("/networks").json()`. It goes over the same road as the client. A path
        without a version gets the one that is spoken; the URL of every request begins with
        `http+docker://localhost`, which mocks and hooks may count on. Other hosts are refused, and
        so are `verify=`, `cert=` and `proxies=`, since TLS and proxies are those of the client. No
        redirect is followed, and no cookie kept. Without `timeout=` the timeouts for connecting and
        reading are those of the client; uploads are sent under its timeout for reading.

        Its errors are those of `requests`, and not `DockerError`: `ConnectionError` or
        `ConnectTimeout` where the Engine cannot be reached, whose `__cause__` is the error of this
        library. A status of 400 or more is a response; `raise_for_status()` raises. As with
        everything of `requests`, a body that ends with its connection looks whole if that is cut.

        A connection that answers 101 is closed: `attach` and `exec_start` are the ways to talk. The
        session ends with the client. It must not be used by the handler of a signal that has
        interrupted it, and by several threads only as `requests` allows it. Through urllib3 it logs
        paths with their queries at the level DEBUG. A client that `with_timeouts` gives, and the
        child after a fork, have a session of their own.
        """
        # And requests, which takes longer than a first call.
        from .transport.session import EngineSession

        session = self._session
        if session is None or session.owner != os.getpid():
            session = self._session = EngineSession(self._transport)
            sessions = self._sessions
            sessions[weakref.ref(session, lambda gone: sessions.pop(gone, None))] = None
        return session

    def close(self) -> None:
        """Ends every call and stream of this client, from any thread; may be called twice."""
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


# Python names a method by the class in which it is written, where a keyword is wrong; callers know
# this one only.
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
    from .endpoint.tls import TLSConfig  # and OpenSSL

    if given is True:
        return TLSConfig()
    if not isinstance(given, TLSConfig):
        raise TypeError(f"tls: a TLSConfig or True was expected, not {type(given).__name__}")
    return given


def _proxy(given: str | Proxy) -> Proxy:
    from .endpoint.proxy import Proxy

    return given if isinstance(given, Proxy) else Proxy.parse(given)


def _timeouts(timeout: float | Timeouts | None) -> Timeouts:
    if isinstance(timeout, Timeouts):
        return timeout
    found = time_limit("timeout", timeout)
    return Timeouts(connect=found, read=found)
