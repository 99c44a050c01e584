"""`client.session`: a session of `requests` for this Engine, for calls without a method here.

It is created, and its module imported, at first use: importing `requests` takes longer than a first
call. Requests and responses are those of `requests`. This module adds:

- one base URL for every transport; a path without a version gets the one in use;
- the client's own sockets, TLS included (the URL says http); they close with the client;
- no request to another host; the environment, redirects and cookies are ignored.
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

from ..archive.source import BLOCK
from ..errors import Closed, DockerError, TimedOut
from ..protocol.deadline import Deadline
from .connections import is_usable
from .pool import Idle
from .verbs import Transport

BASE_URL = "http+docker://localhost"
_VERSIONED = re.compile(r"/v\d+\.\d+/")
# After these requests succeed, the connection carries the container's bytes and no more HTTP.
_HIJACKS = re.compile(r"(/v[\d.]+)?/(containers/[^/]+/attach|exec/[^/]+/start)(\?|$)")


class EngineSession(requests.Session):
    """A session of `requests` bound to one Engine: see `Client.session`."""

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
        """The request with this Engine's URL, the version in use and the client's headers."""
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
        """The full URL; `requests` joins no path to a base URL with this scheme."""
        text = url.decode() if isinstance(url, bytes) else str(url)
        if text == BASE_URL or _is_ours(text):
            path = text[len(BASE_URL) :]
        elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
            return text  # no adapter serves it: requests refuses it
        else:
            path = text
        if not path.startswith("/"):
            path = f"/{path}"
        if not _VERSIONED.match(path):
            path = f"/v{self._transport.negotiated.version}{path}"
        return BASE_URL + path

    def drain(self) -> None:
        """Closes the idle connections; safe from any thread and from a signal handler."""
        self._adapter.close()

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: a redirect is returned, not followed, as it may lead to another host."""


def _is_ours(url: str) -> bool:
    return url.startswith(f"{BASE_URL}/")


class _Adapter(UnixAdapter):  # type: ignore[misc]  # the package has no types
    """Sends over the client's sockets, from one pool for all URLs."""

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
        """Sends the request; the parameters are those of every adapter of `requests`.

        Raises:
            ValueError: `verify`, `cert` or `proxies` was given; the client decides those.
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
        """Closes the idle connections; the session can still be used."""
        self._pool.idle.drain()


class _Refused(Exception):
    """Carries a DockerError through urllib3, which would replace it by an error of its own."""

    def __init__(self, error: DockerError) -> None:
        super().__init__(error)
        self.error = error


def _translated(
    error: DockerError, request: requests.PreparedRequest | None
) -> requests.ConnectionError:
    """The `requests` error for a request without an answer; the caller sets ours as its cause."""
    connecting = isinstance(error, TimedOut) and error.kind == "connect"
    kind = requests.ConnectTimeout if connecting else requests.ConnectionError
    return kind(str(error), request=request)


_KEPT = 10  # connections kept open between requests, the default of requests


class _Idle(Idle["_Connection"]):
    """Idle connections, with the methods of the queue that urllib3 expects.

    The queue of urllib3 has a lock. `Client.close()` in a signal handler would wait for it forever
    if the interrupted thread held it. That queue also logs a warning for each connection above its
    size.
    """

    def get(self, block: bool = True, timeout: float | None = None) -> _Connection:
        connection = self.pop()
        if connection is None:
            raise queue.Empty
        return connection

    def put(self, item: _Connection | None, block: bool = True, timeout: object = None) -> None:
        if item is not None:  # urllib3 fills a new queue with None
            self.give_back(item)

    def qsize(self) -> int:
        return len(self)


class _Pool(urllib3.HTTPConnectionPool):
    """A urllib3 pool with the connections and the queue of this module."""

    def __init__(self, transport: Transport) -> None:
        self.ConnectionCls = partial(_Connection, transport)  # type: ignore[assignment]
        self.QueueCls = partial(_Idle, transport.sockets)  # type: ignore[assignment]
        super().__init__("localhost", maxsize=_KEPT)
        self.idle = cast(_Idle, self.pool)


class _Connection(UnixHTTPConnection):  # type: ignore[misc]  # the package has no types
    """An HTTP connection over a socket of the client, of any kind (unix, TCP, TLS, ssh)."""

    sock: Any
    timeout: float | None

    def __init__(self, transport: Transport, **options: Any) -> None:
        super().__init__("", timeout=options.get("timeout"))
        self.blocksize = BLOCK
        self._transport = transport
        self._connect_timeout: float | None = None
        self._is_hijacked = False

    def request(self, method: str, url: str, *args: Any, **options: Any) -> None:
        # urllib3 would use the connect timeout for sending as well.
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
            self.close()  # http.client would take it for an empty answer and keep the connection
        return answer

    @property
    def is_connected(self) -> bool:
        """Whether it can serve another request; after a hijack answered by 200 it cannot."""
        return self.sock is not None and not self._is_hijacked and is_usable(self.sock)
