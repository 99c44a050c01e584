"""`client.session`: a session of `requests` for this Engine, for what has no method of ours.

Made, and imported, at its first use: importing `requests` takes longer than a first call. What a
request is and what comes back is the affair of `requests`; only this is ours:

- one base URL for every road, and the version spoken in a path that has none;
- the sockets are the client's, over whatever road; they end with the client, and TLS is not the
  affair of `requests` (the URL says http);
- nothing leaves for another host, and no environment, redirect or cookie is followed.
"""

from __future__ import annotations

import copy
import os
import queue
import re
from collections.abc import Mapping
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import requests
import urllib3
from requests_unixsocket.adapters import UnixAdapter, UnixHTTPConnection

from .archive.source import BLOCK
from .errors import Closed, DockerError, TimedOut
from .protocol.deadline import Deadline
from .transport import Transport
from .transport.connections import is_usable
from .transport.pool import Idle

BASE_URL = "http+docker://localhost"
_VERSIONED = re.compile(r"/v\d+\.\d+/")
# After a success of these the connection is the container's, not HTTP's.
_HIJACKS = re.compile(r"(/v[\d.]+)?/(containers/[^/]+/attach|exec/[^/]+/start)(\?|$)")


class EngineSession(requests.Session):
    """A session of `requests` whose only host is one Engine: see `Client.session`."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self.owner = os.getpid()
        self._transport = transport
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapters.clear()
        self._adapter = _Adapter(transport)
        self.mount(f"{BASE_URL}/", self._adapter)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """The request as it is sent: at this Engine, in the version spoken, with its headers."""
        asked = copy.copy(request)
        try:
            asked.url = self._url_of(request.url)
            headers = self._transport.headers if _is_ours(asked.url) else {}
        except DockerError as error:
            raise _translated(error, None) from error
        prepared = super().prepare_request(asked)
        prepared.headers.update(headers)
        return prepared

    def _url_of(self, url: Any) -> str:
        """`requests` joins no path to a URL of such a scheme."""
        text = url.decode() if isinstance(url, bytes) else str(url)
        if text == BASE_URL or _is_ours(text):
            path = text[len(BASE_URL) :]
        elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
            return text  # for which there is no adapter
        else:
            path = text
        if not path.startswith("/"):
            path = f"/{path}"
        if not _VERSIONED.match(path):
            path = f"/v{self._transport.negotiated.version}{path}"
        return BASE_URL + path

    def drain(self) -> None:
        """Closes the idle connections, from any thread and from a signal's handler."""
        self._adapter.close()

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: a redirect comes back as it is. The next place may be another host."""


def _is_ours(url: str) -> bool:
    return url.startswith(f"{BASE_URL}/")


class _Adapter(UnixAdapter):  # type: ignore[misc]  # the package has no types
    """Sends over the client's sockets, from one pool whatever the path."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport
        self._pool = _Pool(transport)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> urllib3.HTTPConnectionPool:
        return self._pool

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Sends as every adapter of `requests` does.

        Raises:
            ValueError: `verify`, `cert` and `proxies` are the client's affair.
        """
        for name, given in (("verify", verify is not True), ("cert", cert), ("proxies", proxies)):
            if given:
                raise ValueError(
                    f"{name}= is not for this session: TLS and proxies are those of the client. "
                    "Give them to Client()"
                )
        limits = self._transport.timeouts
        if timeout is None:
            timeout = (limits.connect, limits.read)
        sockets = self._transport.sockets
        try:
            sockets.check_open()
            response: requests.Response = super().send(
                request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies
            )
            return response
        except (_Refused, Closed) as error:
            cause = error.error if isinstance(error, _Refused) else error
            raise _translated(cause, request) from cause
        except requests.ConnectionError as error:
            if not sockets.closed:
                raise
            closed = Closed("the client was closed during this request")
            closed.__cause__ = error
            raise _translated(closed, request) from closed

    def close(self) -> None:
        """Closes the idle connections; the session may be used on."""
        self._pool.idle.drain()


class _Refused(Exception):
    """Carries an error of ours through urllib3, which would hide it behind its own."""

    def __init__(self, error: DockerError) -> None:
        super().__init__(error)
        self.error = error


def _translated(
    error: DockerError, request: requests.PreparedRequest | None
) -> requests.ConnectionError:
    """What `requests` raises where no request was answered; ours is to be its cause."""
    connecting = isinstance(error, TimedOut) and error.kind == "connect"
    kind = requests.ConnectTimeout if connecting else requests.ConnectionError
    return kind(str(error), request=request)


_KEPT = 10  # connections kept open between requests, as by an adapter of `requests`


class _Idle(Idle["_Connection"]):
    """The connections that the pool keeps, by the names of a queue.

    That of urllib3 has a lock, at which `close()` of the client in the handler of a signal would
    wait for the thread that it has interrupted; and it logs a warning for each that is too many.
    """

    def get(self, block: bool = True, timeout: float | None = None) -> _Connection:
        connection = self.pop()
        if connection is None:
            raise queue.Empty
        return connection

    def put(self, item: _Connection | None, block: bool = True, timeout: object = None) -> None:
        if item is not None:  # urllib3 fills it with None
            self.give_back(item)

    def qsize(self) -> int:
        return len(self)


class _Pool(urllib3.HTTPConnectionPool):
    """urllib3's, with connections and a queue of ours."""

    def __init__(self, transport: Transport) -> None:
        self.ConnectionCls = partial(_Connection, transport)  # type: ignore[assignment]
        self.QueueCls = partial(_Idle, transport.sockets)  # type: ignore[assignment]
        super().__init__("localhost", maxsize=_KEPT)
        self.idle = cast(_Idle, self.pool)


class _Connection(UnixHTTPConnection):  # type: ignore[misc]  # the package has no types
    """An HTTP connection on a socket of the client, whatever kind of socket that is."""

    sock: Any
    timeout: float | None

    def __init__(self, transport: Transport, **options: Any) -> None:
        super().__init__("", timeout=options.get("timeout"))
        self.blocksize = BLOCK
        self._transport = transport
        self._connect_timeout: float | None = None
        self._is_hijacked = False

    def request(self, method: str, url: str, *args: Any, **options: Any) -> None:
        # urllib3 would send under the timeout for connecting.
        self._connect_timeout, self.timeout = self.timeout, self._transport.timeouts.read
        self._is_hijacked = _HIJACKS.match(url) is not None
        super().request(method, f"{self._transport.endpoint.prefix}{url}", *args, **options)

    def connect(self) -> None:
        try:
            self.sock = self._transport.sockets.open(Deadline(self._connect_timeout, "connect"))
        except DockerError as error:
            raise _Refused(error) from error
        self.sock.settimeout(self.timeout)

    def getresponse(self) -> urllib3.HTTPResponse:
        answer: urllib3.HTTPResponse = super().getresponse()
        if answer.status == 101:
            self.close()  # http.client takes it for an empty answer on a connection that lives
        return answer

    @property
    def is_connected(self) -> bool:
        """Whether it may serve another request: not after a hijack, if that is a 200."""
        return self.sock is not None and not self._is_hijacked and is_usable(self.sock)
