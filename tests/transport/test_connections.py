"""Sockets that are open to one Engine: made, woken from anywhere, and kept while they are idle."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from background import Background
from certificates import Authority
from dockerapi import Closed, ConnectionFailed, TLSConfig
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError
from dockerapi.protocol.deadline import Deadline
from dockerapi.protocol.heads import SlowAnswer
from dockerapi.transport.connections import Connection, SocketRegistry, is_usable
from scripted import PATIENCE, ScriptedDaemon

SOON = Deadline(PATIENCE, "connect")
ANY_TIME = Deadline(None, "connect")


def outcome(act: Callable[[], Any]) -> tuple[type, str]:
    with pytest.raises(DockerError) as caught:
        act()
    return type(caught.value), str(caught.value)


def until_hangup(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


# The registry


def test_a_closed_registry_opens_nothing() -> None:
    sockets = SocketRegistry(Endpoint.parse("/nosuch"))
    sockets.close()
    sockets.close()
    assert outcome(lambda: sockets.open(SOON)) == (Closed, "this client is closed")


def test_a_registry_that_is_closed_while_it_connects() -> None:
    """The handshake of TLS takes until the peer answers, which it never does."""
    asked = threading.Event()

    def play(sock: socket.socket) -> None:
        assert sock.recv(1)
        asked.set()
        until_hangup(sock)

    with ScriptedDaemon(on_connect=play, tcp=True) as daemon:
        url = f"https://localhost:{daemon.port}"
        sockets = SocketRegistry(Endpoint.parse(url, tls=TLSConfig()))
        opening = Background(lambda: sockets.open(ANY_TIME))
        assert asked.wait(PATIENCE)
        sockets.close()
        assert outcome(opening.result) == (Closed, "the client was closed while it connected")


def test_a_registry_that_is_closed_while_a_unix_socket_waits_in_line(tmp_path: Path) -> None:
    path = str(tmp_path / "docker.sock")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(path)
        listener.listen(0)
        stack.enter_context(socket.socket(socket.AF_UNIX)).connect(path)
        sockets = SocketRegistry(Endpoint.parse(path))
        opening = Background(lambda: sockets.open(ANY_TIME))
        while not sockets._sockets:
            opening.join(0.01)
        sockets.close()
        assert outcome(opening.result) == (Closed, "the client was closed while it connected")


def test_a_socket_that_is_registered_after_the_last_look_is_not_opened() -> None:
    """As where a handler closes the client between the two."""

    class Closing(SocketRegistry):
        def check_open(self) -> None:
            super().check_open()
            self.close()

    with ScriptedDaemon(on_connect=until_hangup) as daemon:
        sockets = Closing(Endpoint.parse(daemon.url))
        assert outcome(lambda: sockets.open(SOON)) == (
            Closed,
            "the client was closed while it connected",
        )


def test_closing_ends_every_socket_that_is_open() -> None:
    with ScriptedDaemon(on_connect=until_hangup) as daemon:
        sockets = SocketRegistry(Endpoint.parse(daemon.url))
        opened = [sockets.open(SOON) for _ in range(3)]
        sockets.close()
        assert [sock.recv(1) for sock in opened] == [b""] * 3
        for sock in opened:
            sock.close()


def test_a_socket_that_has_gone_is_forgotten_at_once() -> None:
    with ScriptedDaemon(on_connect=until_hangup) as daemon:
        sockets = SocketRegistry(Endpoint.parse(daemon.url))
        gc.disable()
        try:
            kept, dropped = sockets.open(SOON), sockets.open(SOON)
            gone = weakref.ref(dropped)
            del dropped
            assert (gone(), list(sockets._sockets)) == (None, [weakref.ref(kept)])
        finally:
            gc.enable()
        kept.close()


def test_a_refused_connection_is_one_cause_deep(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
    with pytest.raises(DockerError) as caught:
        SocketRegistry(Endpoint.parse(str(path))).open(SOON)
    cause = caught.value.__cause__
    assert type(cause) is ConnectionRefusedError
    assert (cause.__cause__, cause.__context__) == (None, None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_closes_its_descriptors_and_ends_nothing() -> None:
    with ScriptedDaemon(on_connect=until_hangup) as daemon:
        sockets = SocketRegistry(Endpoint.parse(daemon.url))
        with sockets.open(SOON) as sock:
            child = os.fork()
            if child == 0:
                sockets.leave()
                left = sock.fileno() == -1 and sockets.left
                sockets.close()
                os._exit(0 if left else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            sock.settimeout(0)
            with pytest.raises(BlockingIOError):  # and no end
                sock.recv(1)


# Several files, of which one is the Engine's


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[ScriptedDaemon, Path, ScriptedDaemon, Path]]:
    """Two Engines, each with a name that can be taken away."""
    with (
        ScriptedDaemon(on_connect=until_hangup) as one,
        ScriptedDaemon(on_connect=until_hangup) as other,
    ):
        first, second = tmp_path / "first.sock", tmp_path / "second.sock"
        first.symlink_to(one.path)
        second.symlink_to(other.path)
        yield one, first, other, second


def test_of_several_files_the_first_that_was_connected_to_is_kept(
    two: tuple[ScriptedDaemon, Path, ScriptedDaemon, Path],
) -> None:
    one, first, other, second = two
    given = Endpoint(paths=(f"{first.parent}/nosuch", str(first), str(second)))
    sockets = SocketRegistry(given)
    assert sockets.endpoint == given
    sockets.open(SOON).close()
    assert sockets.endpoint == Endpoint(paths=(str(first),))
    first.unlink()
    said = f"unix://{first}: the socket does not exist. Is the Engine running, and is this its"
    assert outcome(lambda: sockets.open(SOON)) == (ConnectionFailed, f"{said} socket?")
    first.symlink_to(one.path)
    sockets.open(SOON).close()
    one.settle()
    other.settle()  # each by a connection more
    assert (one.connections, other.connections) == (3, 1)


def test_two_threads_that_connect_first_agree_on_the_engine(
    two: tuple[ScriptedDaemon, Path, ScriptedDaemon, Path], tmp_path: Path
) -> None:
    """One waits in line at the second Engine, since the first was not there when it began."""
    one, first, _, _ = two
    full = tmp_path / "full.sock"
    first.rename(tmp_path / "away")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(full))
        listener.listen(0)
        stack.enter_context(socket.socket(socket.AF_UNIX)).connect(str(full))
        sockets = SocketRegistry(Endpoint(paths=(str(first), str(full))))
        slow = Background(lambda: sockets.open(ANY_TIME))
        while not sockets._sockets:
            slow.join(0.01)
        (tmp_path / "away").rename(first)
        quick = stack.enter_context(sockets.open(SOON))
        listener.accept()[0].close()  # and the next one's turn comes
        assert stack.enter_context(slow.result()).getpeername() == quick.getpeername() == one.path
    assert sockets.endpoint == Endpoint(paths=(str(first),))


# An idle connection


@contextlib.contextmanager
def plain(play: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    with ScriptedDaemon(on_connect=play) as daemon:
        with SocketRegistry(Endpoint.parse(daemon.url)).open(SOON) as sock:
            yield sock


@contextlib.contextmanager
def secure(
    play: Callable[[ssl.SSLSocket], None], folder: Path, version: ssl.TLSVersion
) -> Iterator[socket.socket]:
    authority = Authority(folder)
    theirs = authority.daemon()
    theirs.maximum_version = version

    def run(sock: socket.socket) -> None:
        with theirs.wrap_socket(sock, server_side=True) as secured:
            play(secured)

    with ScriptedDaemon(on_connect=run, tcp=True) as daemon:
        endpoint = Endpoint.parse(f"https://localhost:{daemon.port}", tls=TLSConfig(authority.ca))
        with SocketRegistry(endpoint).open(SOON) as sock:
            yield sock


def comes_to_be(expected: bool, sock: socket.socket) -> bool:
    """Whether it is so before long, since what was sent takes a moment to arrive."""
    end = time.monotonic() + PATIENCE
    while is_usable(sock) is not expected and time.monotonic() < end:
        time.sleep(0.001)
    return is_usable(sock) is expected


def test_an_idle_connection_is_usable_until_it_is_hung_up() -> None:
    hang_up = threading.Event()
    with plain(lambda sock: hang_up.wait(PATIENCE) and None) as sock:
        assert [is_usable(sock), is_usable(sock)] == [True, True]
        hang_up.set()
        assert comes_to_be(False, sock)


def test_a_connection_on_which_something_came_unasked_is_not_used() -> None:
    with plain(lambda sock: (sock.sendall(b"HTTP/1.1 408"), until_hangup(sock)) and None) as sock:
        assert comes_to_be(False, sock)


def test_a_connection_that_was_closed_is_not_used() -> None:
    with plain(until_hangup) as sock:
        sock.close()
        assert is_usable(sock) is False


def test_the_session_tickets_of_tls_are_no_hang_up(tmp_path: Path) -> None:
    """They come after the handshake, where nobody reads."""
    with secure(lambda peer: peer.recv(1) and None, tmp_path, ssl.TLSVersion.TLSv1_3) as sock:
        assert select.select([sock], [], [], PATIENCE)[0] == [sock]
        assert [is_usable(sock), is_usable(sock)] == [True, True]
        assert select.select([sock], [], [], 0)[0] == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_tls_has_decrypted_and_nobody_read_is_a_reason_not_to_use_it(
    version: ssl.TLSVersion, tmp_path: Path
) -> None:
    with secure(
        lambda peer: (peer.sendall(b"xy"), peer.recv(1)) and None, tmp_path, version
    ) as sock:
        sock.settimeout(PATIENCE)
        assert sock.recv(1) == b"x"
        assert is_usable(sock) is False


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_goodbye_of_tls_is_a_hang_up(version: ssl.TLSVersion, tmp_path: Path) -> None:
    go = threading.Event()

    def play(peer: ssl.SSLSocket) -> None:
        assert go.wait(PATIENCE)
        peer.settimeout(0)
        with contextlib.suppress(ssl.SSLWantReadError):
            peer.unwrap()

    with secure(play, tmp_path, version) as sock:
        assert is_usable(sock)
        go.set()
        assert comes_to_be(False, sock)


# The time of a head


def test_what_arrives_first_may_take_its_time_and_the_rest_no_more() -> None:
    near, far = socket.socketpair()
    with near, far:
        far.sendall(b"H")
        pieces = Connection(near).pieces_of_head(Deadline(0.2))
        assert next(pieces) == b"H"
        with pytest.raises(SlowAnswer) as caught:
            next(pieces)
        assert str(caught.value) == "the answer's head was not whole within 0.2 seconds"


def test_nothing_at_all_is_the_silence_of_the_other_side() -> None:
    near, far = socket.socketpair()
    with near, far, pytest.raises(TimeoutError):
        next(Connection(near).pieces_of_head(Deadline(0.05)))


@pytest.mark.parametrize("pause", [0.02, 0.0001])
@pytest.mark.parametrize("seconds", [0.2, None], ids=["a bound", "none"])
def test_what_comes_in_drops_takes_no_longer_than_one_byte_may(
    pause: float, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a bound a head has its time from its first byte on."""
    monkeypatch.setattr("dockerapi.transport.connections.SLOWEST_HEAD", 0.2)
    near, far = socket.socketpair()
    done = threading.Event()

    def drip() -> None:
        while not done.wait(pause):
            far.sendall(b"x")

    with near, far:
        far.sendall(b"x")
        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        try:
            with pytest.raises(SlowAnswer):
                for _ in Connection(near).pieces_of_head(Deadline(seconds)):
                    pass
            assert time.monotonic() - began < PATIENCE / 4
        finally:
            done.set()
            dripping.join()
