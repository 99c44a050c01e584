"""`FakeEngine`: an Engine inside this process, for tests and experiments."""

from __future__ import annotations

import logging
import re
import socket as sockets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote

from .answers import Answer, Answers, Responder
from .asked import Asked, Record
from .faults import Fault, Refuse, Status, damage_of
from .http.errors import ClientGone, HttpError
from .http.server import Connection, Server, free_path
from .play.played import Handler
from .routes.exchange import Exchange
from .routes.table import ROUTES, find
from .state.daemon import Daemon
from .state.registry import Registry
from .versions.dialect import Dialect, release_of

log = logging.getLogger("dockerapi.testing")


class FakeEngine:
    """An Engine that serves the Remote API from this process, in a `with`.

        def play_date(run):
            run.stdout.write(b"today\\n")

        with FakeEngine("1.19") as engine, Client(engine.url) as client:
            engine.on("busybox", ["date"], play_date)
            assert client.run("busybox", ["date"]).output.stdout == b"today\\n"

    It keeps containers, images, execs and events, and answers in the shape of its version. Python
    functions play the commands of containers (`on`). With `processes=True` local processes run
    instead, with NO ISOLATION: run only what you would run yourself.

    Inspect shows binds and volumes, but nothing is mounted: the container has an empty directory
    there, and sees and changes nothing of this machine. A command of `busybox` is process 1 of its
    container, which SIGTERM does not end: `stop` waits for its timeout, as on a real Engine. A
    function of yours ends at once.

    Args:
        api_version: the newest API version that it speaks, `1.0` to the newest that this library
            knows; None for that one.
        release: the release of the Engine that it behaves like, such as `1.6.2`; None for the one
            that stands for the API version. Given alone, it decides the API version.
        processes: run commands as processes of this machine, without isolation.
        socket: the path to listen on; None for one in a temporary folder. If another program
            listens there, the start raises FileExistsError.
        tcp: listen on a free port of the loopback interface, too (`tcp_url`).
        registry: the registries to pull from and push to; None for empty ones.

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
        self.release = release_of(api_version, release)
        self._dialect, _ = Dialect.of(self.release, None)
        self.api_version = str(self._dialect.api)
        self.registry = Registry() if registry is None else registry
        self._processes = processes
        self._socket = None if socket is None else Path(socket).absolute()
        self._tcp = tcp or not hasattr(sockets, "AF_UNIX")
        self._tcp_port = 0
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._faults: list[tuple[str | None, Fault]] = []
        self._answers = Answers()
        self._played: list[tuple[str, tuple[str, ...], Handler]] = []
        self._daemon: Daemon | None = None
        self._server: Server | None = None

    # What a test says.

    def on(
        self, image: str, command: Sequence[str] | Handler, handler: Handler | None = None
    ) -> None:
        """Let a function play commands of an image: all of them, or those with a certain beginning.

        Args:
            image: its name; the image is created if missing.
            command: the first words of the commands; if several match, the longest wins. Without it
                the function plays all commands.
            handler: called with a `Run`; returns the exit code (None is 0).

        Raises:
            TypeError: `handler` is missing.
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

        Args:
            route: as in the manual, without a version; None for `Refuse`, which affects a
            connection.
            fault: the failure.
            times: the number of requests that fail.

        Raises:
            ValueError: there is no such route.
        """
        if (route is None) != isinstance(fault, Refuse):
            raise ValueError("Refuse() is for no route (None), every other fault for one")
        known = route is None or any(route == one.name for one in ROUTES)
        if not known and not self._answers.has(str(route)):
            raise ValueError(f"there is no route {route!r}; routes are written as in the manual")
        if times < 1:
            raise ValueError(f"times is at least 1, not {times}")
        with self._lock:
            self._faults += [(route, fault)] * times

    def answer(self, route: str, function: Responder, times: int | None = None) -> None:
        """Let a function answer a route, whether or not the fake Engine knows the route.

            engine.answer("GET /nodes/{id}", lambda asked: (404, {"message": "no such node"}))

        The function gets the `Asked` and returns a status and a content: a value for JSON, bytes,
        or an iterator of bytes, each sent as it comes. If it returns None, an older function or the
        fake Engine answers: the newest function is asked first. Several threads may call it at
        once.

        Args:
            route: as in the manual, without the version's prefix; each `{...}` stands for one part
                of the path, `{name}` for several.
            function: an exception in it is a 500 for the client, and is raised again by `close`.
            times: the number of its answers; None for no limit.
        """
        self._answers.add(route, function, times)

    @property
    def requests(self) -> list[Asked]:
        """The requests so far; a copy.

        `GET /_ping` and `GET /version` of the negotiation are left out, unless a function answered
        them.
        """
        with self._lock:
            records = list(self._records)
        return [record.asked() for record in records]

    @property
    def url(self) -> str:
        """The address: `unix:///...`, or TCP on systems without unix sockets."""
        self._running()
        return self.tcp_url if self._socket_path is None else f"unix://{self._socket_path}"

    @property
    def tcp_url(self) -> str:
        """The TCP address; needs `tcp=True`."""
        self._running()
        if not self._tcp_port:
            raise ValueError("FakeEngine(tcp=True) serves on TCP")
        return f"tcp://127.0.0.1:{self._tcp_port}"

    # Start and end

    def start(self) -> FakeEngine:
        """Serve until `close`; a `with` block does both."""
        if self._daemon is not None:
            raise RuntimeError("this FakeEngine has been started already")
        self._daemon = Daemon(
            str(self.release),
            processes=self._processes,
            registry=self.registry,
            publishes_what_is_bound=self._dialect.publishes_what_is_bound,
            tells_networks_apart=self._dialect.tells_networks_apart,
        )
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
        """Stop serving, end all containers, remove all files; may be called twice.

        Afterwards it raises, once, the first exception of a function given to `answer`.
        """
        if self._server is None or self._daemon is None:
            return
        self._server.hang_up()
        self._daemon.close()
        self._server.close()
        if self._socket_path is not None:
            self._socket_path.unlink(missing_ok=True)
        raised = self._answers.raised()
        if raised is not None:
            raise raised

    def __enter__(self) -> FakeEngine:
        return self.start()

    def __exit__(self, *_: object) -> None:
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

    # Serving

    def _converse(self, connection: Connection) -> None:
        if self._fault_for(None) is not None:
            connection.reset()
            return
        try:
            while self._serve_one(connection):
                pass
        except ClientGone:
            pass

    def _serve_one(self, connection: Connection) -> bool:
        """Serve the next request; returns whether the connection can serve another."""
        try:
            found = connection.next_request()
        except HttpError as error:
            Exchange(connection, ("GET", "/", {}), self._dialect).refuse(error)
            return False
        if found is None:
            return False
        method, target, headers = found
        prefix = re.match(r"/v([0-9][0-9.]*)(?=/)", target)
        version = prefix[1] if prefix else None
        dialect, refused = Dialect.of(self.release, version)
        target = target[prefix.end() :] if prefix else target
        path = unquote(target.partition("?")[0])
        route, params = find(method, path, dialect)
        answers = self._answers.about(method, path)
        names = [*([route.name] if route else []), *(one.route for one in answers)]
        fault = self._fault_for(*names)
        exchange = Exchange(
            connection,
            (method, target, dict(headers.items())),
            dialect,
            names[0] if names else "",
            None if fault is None else damage_of(fault, self._hang_up),
        )

        def as_usual() -> None:
            if refused is not None:
                raise refused
            if route is None:
                raise dialect.no_route()
            route.serve(self._running(), exchange, params)

        self._answer(exchange, version, fault, answers, as_usual)
        if exchange.stays_open:  # an archive may end before its request's body
            exchange.drain()
        return exchange.stays_open

    def _answer(
        self,
        exchange: Exchange,
        version: str | None,
        fault: Fault | None,
        answers: list[Answer],
        as_usual: Callable[[], None],
    ) -> None:
        """Answer one request: by a fault, by a function of the test, or as an Engine does."""
        record = Record(exchange, version or "")
        begins = version is None and exchange.route in ("GET /_ping", "GET /version")
        if not begins:
            self._keep(record)
        try:
            if isinstance(fault, Status):
                raise HttpError(fault.status, fault.message)
            if answers:
                exchange.read_ahead()
            if not self._answers.serve(answers, exchange, record.asked):
                as_usual()
            elif begins:
                self._keep(record)
        except HttpError as error:
            if exchange.answered:
                raise ClientGone from error
            exchange.refuse(error)
        except ClientGone:
            raise
        except Exception as error:
            log.exception("%s failed in the fake Engine", exchange.route)
            if exchange.answered:
                raise ClientGone from error
            exchange.refuse(HttpError(500, f"the fake Engine failed: {error!r}"))

    def _keep(self, record: Record) -> None:
        with self._lock:
            self._records.append(record)

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.hang_up()

    def _fault_for(self, *routes: str | None) -> Fault | None:
        """Uses up the next fault for one of these routes."""
        with self._lock:
            for entry in self._faults:
                if entry[0] in routes:
                    self._faults.remove(entry)
                    return entry[1]
        return None
