"""`FakeEngine`: an Engine in this process, for tests and for trying things out."""

from __future__ import annotations

import json
import logging
import re
import socket as sockets
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

import attrs

from ..versions import NEWEST, ApiVersion, Release, api_range_of
from .daemon import Daemon
from .dialect import Dialect, release_of
from .faults import Fault, Refuse, Status
from .playing import Handler
from .registry import Registry
from .routes import ROUTES, Route
from .server import Connection, Exchange, HungUp, Refusal, Server, free_path

log = logging.getLogger("dockerapi.testing")

MASK = "***"
SECRET_HEADERS = frozenset({"x-registry-auth", "x-registry-config", "authorization"})
SECRET_KEYS = frozenset({"password", "auth", "identitytoken", "registrytoken"})


@attrs.frozen
class Asked:
    """A request that came: `path` is without the prefix, which is `api_version` ("" for none).

    `body` is the value where it is JSON, else the first MiB of its bytes. Secrets are masked.
    """

    method: str
    path: str
    query: dict[str, list[str]] = attrs.field(factory=dict)
    headers: dict[str, str] = attrs.field(factory=dict, eq=False, repr=False)
    body: Any = b""
    api_version: str = ""


class FakeEngine:
    """An Engine that serves the Remote API from this process, in a `with`.

        def play_date(run):
            run.stdout.write(b"today\\n")

        with FakeEngine("1.19") as engine, Client(engine.url) as client:
            engine.on("busybox", ["date"], play_date)
            assert client.run("busybox", ["date"]).output.stdout == b"today\\n"

    It keeps containers, images, execs and events, and answers in the shape of its version. What a
    container does is played by Python functions (`on`); with `processes=True` it is done by local
    processes instead. Then there is NO ISOLATION: run only what you would run yourself.

    Binds and volumes are told as an Engine tells them, but where they would be mounted there is a
    folder of the container's own: nothing of this machine is seen or changed through it. A command
    of `busybox` is process 1 of its container, which SIGTERM does not end: `stop` waits for its
    timeout, as on a real Engine. A function of yours ends at once, unless it says otherwise
    (`Run.trap`).

    Args:
        api_version: the newest API version that it speaks, `1.0` to the newest that this library
            knows; None for that one.
        release: the release of the Engine that it behaves like, such as `1.6.2`; None for the one
            that stands for the API version. Given alone, it decides the API version.
        processes: run commands as processes of this machine, without isolation.
        socket: where to listen; None for a path in a temporary folder. A path on which somebody
            serves is a FileExistsError when it starts.
        tcp: listen on a free port of the loopback interface, too (`tcp_url`).
        registry: where it pulls from and pushes to; None for an empty one of its own.

    Attributes:
        registry: all the registries there are, in memory: `engine.registry.add("debian:12")`.
    """

    def __init__(
        self,
        api_version: str | None = None,
        *,
        release: str | None = None,
        processes: bool = False,
        socket: str | Path | None = None,
        tcp: bool = False,
        registry: Registry | None = None,
    ) -> None:
        if release is not None:
            self.release = Release.parse(release)
            newest = api_range_of(release)[0]
            if api_version is not None and ApiVersion.parse(api_version) != newest:
                raise ValueError(f"Engine {release} speaks API {newest}, not {api_version}")
        else:
            self.release = release_of(api_version or str(NEWEST))
            newest = ApiVersion.parse(api_version or str(NEWEST))
        self.api_version = str(newest)
        self.registry = Registry() if registry is None else registry
        self._processes = processes
        self._socket = None if socket is None else Path(socket).absolute()
        self._tcp = tcp or not hasattr(sockets, "AF_UNIX")
        self._tcp_port = 0
        self._lock = threading.Lock()
        self._records: list[_Record] = []
        self._faults: list[tuple[str | None, Fault]] = []
        self._played: list[tuple[str, tuple[str, ...], Handler]] = []
        self._daemon: Daemon | None = None
        self._server: Server | None = None

    # What a test says.

    def on(
        self, image: str, command: Sequence[str] | Handler, handler: Handler | None = None
    ) -> None:
        """Play what containers of an image do: all of it, or commands that begin so.

        The image is made if there is none of that name. `handler` gets a `Run` and gives the exit
        code (None is 0). The longest command that fits is played.

        Raises:
            TypeError: without a handler.
        """
        words = () if callable(command) else command
        play = command if callable(command) else handler
        if play is None or isinstance(words, (str, bytes)):
            raise TypeError("on() takes an image, a list of strings, and a function to play it")
        self._played.append((image, tuple(words), play))
        if self._daemon is not None:
            self._play(*self._played[-1])

    def fault(self, route: str | None, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests of a route fail, e.g. `"GET /containers/{id}/logs"`, `Cut(100)`.

        `Refuse` takes None as its route. A route that there is not is a ValueError.
        """
        if (route is None) != isinstance(fault, Refuse):
            raise ValueError("Refuse() is for no route (None), every other fault for one")
        if route is not None and all(route != one.name for one in ROUTES):
            raise ValueError(f"there is no route {route!r}; routes are written as in the manual")
        if times < 1:
            raise ValueError(f"times is at least 1, not {times}")
        with self._lock:
            self._faults += [(route, fault)] * times

    @property
    def requests(self) -> list[Asked]:
        """What was asked so far, without `GET /version` for the negotiation; a copy."""
        with self._lock:
            records = list(self._records)
        return [record.asked() for record in records]

    @property
    def url(self) -> str:
        """Where it serves: `unix:///...`, or TCP where there are no unix sockets."""
        self._running()
        return self.tcp_url if self._socket_path is None else f"unix://{self._socket_path}"

    @property
    def tcp_url(self) -> str:
        """Where it serves on TCP; needs `tcp=True`."""
        self._running()
        if not self._tcp_port:
            raise ValueError("FakeEngine(tcp=True) serves on TCP")
        return f"tcp://127.0.0.1:{self._tcp_port}"

    # Its life.

    def start(self) -> FakeEngine:
        """Serve, until `close`; `with` does both."""
        if self._daemon is not None:
            raise RuntimeError("this FakeEngine has been started already")
        self._daemon = Daemon(self.release, processes=self._processes, registry=self.registry)
        self._server = Server(self._converse)
        self._socket_path: Path | None = None
        try:
            if hasattr(sockets, "AF_UNIX"):
                self._socket_path = self._socket or free_path(self._daemon.folder)
                self._server.listen_unix(self._socket_path)
            if self._tcp:
                self._tcp_port = self._server.listen_tcp()
        except BaseException:
            self._socket_path = None  # it is not ours
            self.close()
            raise
        for played in self._played:
            self._play(*played)
        return self

    def close(self) -> None:
        """Stop serving, end what runs, remove what is on disk; may be called twice."""
        if self._server is None or self._daemon is None:
            return
        self._server.hang_up()
        self._daemon.close()
        self._server.close()
        if self._socket_path is not None:
            self._socket_path.unlink(missing_ok=True)

    def __enter__(self) -> FakeEngine:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<FakeEngine {self.release}, API {self.api_version}>"

    def _running(self) -> Daemon:
        if self._daemon is None:
            raise RuntimeError("use FakeEngine in a `with`, or call start()")
        return self._daemon

    def _play(self, image: str, command: tuple[str, ...], handler: Handler) -> None:
        daemon = self._running()
        daemon.images.need(image)
        daemon.players.on(image, command, handler)

    # Serving.

    def _converse(self, connection: Connection) -> None:
        if self._fault_for(None) is not None:
            connection.reset()
            return
        try:
            while self._serve_one(connection):
                pass
        except HungUp:
            pass

    def _serve_one(self, connection: Connection) -> bool:
        """Serve the next request; whether the connection can take another."""
        own = Dialect.of(self.release, None)
        try:
            found = connection.next_request()
            if found is None:
                return False
        except Refusal as refusal:
            Exchange(connection, "GET", "/", {}, dialect=own).refuse(refusal)
            return False
        method, target, headers = found
        path, question, query = target.partition("?")
        prefix = re.match(r"/v([0-9][0-9.]*)(?=/)", path)
        if prefix:
            path = path[prefix.end() :]
        daemon = self._running()
        dialect, refused = own, None
        try:
            dialect = Dialect.of(self.release, prefix[1] if prefix else None)
        except Refusal as refusal:
            refused = refusal
            dialect = refusal.dialect or own
        route, params = _found(method, unquote(path), dialect)
        fault = self._fault_for(route.name) if route else None
        exchange = Exchange(
            connection,
            method,
            path + question + query,
            dict(headers.items()),
            route=route.name if route else "",
            dialect=dialect,
            fault=fault,
            dying=self._server.hang_up if self._server else None,
        )
        if route is None or route.name != "GET /version" or prefix:
            self._record(exchange, prefix[1] if prefix else "")
        try:
            if refused is not None:
                raise refused
            if isinstance(fault, Status):
                raise Refusal(fault.status, fault.message)
            if route is None:
                raise dialect.no_route()
            route.handler(daemon, exchange, **params)
        except Refusal as refusal:
            if exchange.answered:
                raise HungUp from refusal
            exchange.refuse(refusal)
        except HungUp:
            raise
        except Exception as error:
            log.exception("%s failed in the fake Engine", exchange.route)
            if exchange.answered:
                raise HungUp from error
            exchange.refuse(Refusal(500, f"the fake Engine failed: {error!r}"))
        return exchange.stays_open

    def _record(self, exchange: Exchange, api_version: str) -> None:
        headers = dict(exchange.headers)
        record = _Record(
            exchange.method, exchange.path, exchange.query, headers, exchange.kept, api_version
        )
        with self._lock:
            self._records.append(record)

    def _fault_for(self, route: str | None) -> Fault | None:
        with self._lock:
            for entry in self._faults:
                if entry[0] == route:
                    self._faults.remove(entry)
                    return entry[1]
        return None


@attrs.frozen(eq=False)
class _Record:
    """What was asked, before it is looked at: `kept` grows while the body is read."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    kept: bytearray
    api_version: str

    def asked(self) -> Asked:
        headers = {
            name: MASK if name.lower() in SECRET_HEADERS else value
            for name, value in self.headers.items()
        }
        return Asked(self.method, self.path, self.query, headers, self._body(), self.api_version)

    def _body(self) -> Any:
        content = bytes(self.kept)
        if content and self.headers.get("Content-Type", "").startswith("application/json"):
            try:
                return _masked(json.loads(content))
            except ValueError:
                pass
        return content


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: MASK if key.lower() in SECRET_KEYS and one else _masked(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return value


def _found(method: str, path: str, dialect: Dialect) -> tuple[Route | None, dict[str, str]]:
    """The route of a path that the release has, and what the path names."""
    for route in ROUTES:
        params = route.match(method, path)
        if params is not None and route.known_to(dialect):
            return route, params
    return None, {}
