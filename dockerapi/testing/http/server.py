"""A server: listens on sockets, and gives each connection a thread.

The thread passes its `Connection` to `serve`, which reads one request after another. `close` ends
all connections and waits for the threads.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from .errors import HttpError

log = logging.getLogger("dockerapi.testing")

BLOCK = 128 * 1024
LONGEST_LINE = 64 * 1024
PATIENCE = 5.0  # seconds that `close` waits for the thread of a connection


class Server:
    """Listens on sockets, and serves each connection in a thread until `close()`."""

    def __init__(self, serve: Callable[[Connection], None]) -> None:
        self._serve = serve
        self._lock = threading.Lock()
        self._listeners: list[socket.socket] = []
        self._connections: dict[threading.Thread, Connection] = {}
        self._accepting: list[threading.Thread] = []
        self._closed = False

    def listen_unix(self, path: Path) -> None:
        """Listen on a unix socket; FileExistsError if another program is serving on it."""
        listener = socket.socket(socket.AF_UNIX)
        try:
            _make_way(path)
            listener.bind(str(path))
        except BaseException:
            listener.close()
            raise
        self._listen(listener)

    def listen_tcp(self) -> int:
        """Listen on a free port of the loopback interface; returns the port."""
        listener = socket.create_server(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        self._listen(listener)
        return port

    def _listen(self, listener: socket.socket) -> None:
        listener.listen(512)
        thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        self._listeners.append(listener)
        self._accepting.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connection = Connection(sock)
            thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections[thread] = connection
            thread.start()

    def _converse(self, connection: Connection) -> None:
        try:
            with connection:
                self._serve(connection)
        finally:
            with self._lock:
                self._connections.pop(threading.current_thread(), None)

    def hang_up(self) -> None:
        """End every connection and stop listening, like an Engine that is killed."""
        with self._lock:
            self._closed = True
            connections = list(self._connections.values())
        for listener in self._listeners:
            # Closing alone does not wake a thread that is waiting in accept().
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in connections:
            connection.hang_up()

    def close(self) -> None:
        """End everything, and wait for the threads; a second close does nothing."""
        self.hang_up()
        with self._lock:
            threads = [*self._accepting, *self._connections]
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(PATIENCE)
                if thread.is_alive():
                    log.warning("%s still answers a request; the Engine has ended", thread.name)


def _make_way(path: Path) -> None:
    """Remove a socket on which no program serves any more."""
    if not path.exists():
        return
    if path.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
                return
            except OSError:
                pass
    raise FileExistsError(f"{path} is in use already; give every Engine a socket of its own")


class Connection:
    """One connection of a client."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = io.BufferedReader(sock.makefile("rb", buffering=0), BLOCK)

    def next_request(self) -> tuple[str, str, http.client.HTTPMessage] | None:
        """Method, target and headers; None if the client has closed between requests."""
        try:
            line = self.reader.readline(LONGEST_LINE)
            while line in (b"\r\n", b"\n"):
                line = self.reader.readline(LONGEST_LINE)
            if not line:
                return None
            words = line.decode("latin-1").split()
            if len(words) != 3 or not words[2].startswith("HTTP/1."):
                raise HttpError(400, "400 Bad Request")
            return words[0], words[1], http.client.parse_headers(self.reader)
        except (http.client.HTTPException, ValueError) as error:
            raise HttpError(400, "400 Bad Request") from error
        except OSError:
            return None

    def gone(self) -> bool:
        """Whether the client has closed both directions, as far as the system knows."""
        if not hasattr(select, "poll"):
            return False
        poll = select.poll()
        poll.register(self.sock, 0)  # only POLLHUP and POLLERR
        try:
            return bool(poll.poll(0))
        except OSError:
            return True

    def hang_up(self) -> None:
        """Wake a thread that reads or writes here; `close` frees the socket."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End it with a reset."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.reader.close()
        self.sock.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def free_path(folder: Path) -> Path:
    """A path to listen on; paths of unix sockets are limited to some 100 characters."""
    return folder / "docker.sock" if len(os.fspath(folder)) < 90 else Path("/tmp") / folder.name
