"""TLS that ends its output and goes on reading, in pieces of any size."""

from __future__ import annotations

import contextlib
import errno
import functools
import gc
import os
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from certificates import Authority
from dockerapi.endpoint.tls import SecureSocket, is_cut
from dockerapi.protocol.deadline import Deadline
from interruptions import Moments
from scripted import PATIENCE

Play = Callable[[ssl.SSLSocket], None]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(params=VERSIONS, ids=lambda version: str(version.name))
def connect(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[Play], contextlib.AbstractContextManager[SecureSocket]]:
    """Makes the client's side of a connection to a peer of the standard library that plays."""
    authority = Authority(tmp_path / "certificates")
    theirs = authority.daemon(newest=request.param)
    ours = ssl.create_default_context(cafile=authority.ca)
    ours.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # as some Pythons have it

    @contextlib.contextmanager
    def made(play: Play) -> Iterator[SecureSocket]:
        failures: list[BaseException] = []

        def run(sock: socket.socket) -> None:
            try:
                with theirs.wrap_socket(sock, server_side=True) as peer:
                    play(peer)
            except BaseException as error:
                failures.append(error)

        # The peer has no time limit: one that had passed would be a broken pipe for our side.
        near, far = socket.socketpair()
        thread = threading.Thread(target=run, args=[far])
        thread.start()
        try:
            with secured(near, ours) as sock:
                yield sock
        finally:
            thread.join(PATIENCE)
            assert failures == []  # which may be why our side has failed

    return made


def secured(
    sock: socket.socket,
    context: ssl.SSLContext,
    deadline: Deadline = Deadline(PATIENCE, "connect"),  # noqa: B008 -- a frozen value
) -> SecureSocket:
    """A socket that speaks TLS, in place of this one, which has a peer already."""
    found = SecureSocket(sock.family, sock.type, sock.proto, sock.detach())
    found.start(context, "localhost", deadline)
    return found


def all_of(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))


def test_what_is_sent_arrives_whatever_its_size_and_type(connect: Callable[..., Any]) -> None:
    received: list[bytes] = []
    large = bytes(range(256)) * 1024

    def play(peer: ssl.SSLSocket) -> None:
        received.append(all_of(peer))

    with connect(play) as sock:
        sock.sendall(b"")
        sock.sendall(b"one ")
        assert sock.send(bytearray(b"two ")) == 4
        sock.sendall(memoryview(large))
        sock.shutdown(socket.SHUT_WR)
    assert received == [b"one two " + large]


def test_what_arrives_is_read_in_pieces_of_any_size(connect: Callable[..., Any]) -> None:
    def play(peer: ssl.SSLSocket) -> None:
        peer.sendall(b"0123456789")
        peer.sendall(b"abcdef")
        peer.recv(1)

    with connect(play) as sock:
        assert [sock.recv(1), sock.recv(4), sock.recv(5)] == [b"0", b"1234", b"56789"]
        buffer = bytearray(b"......")
        read = sock.recv_into(buffer, 2)
        assert (read, bytes(buffer)) == (2, b"ab....")
        assert sock.recv_into(memoryview(buffer)[4:]) == 2
        assert bytes(buffer) == b"ab..cd"
        with sock.makefile("rb") as file:
            assert file.read(2) == b"ef"
        sock.sendall(b"x")


def test_the_timeout_is_that_of_the_socket(connect: Callable[..., Any]) -> None:
    with connect(lambda peer: all_of(peer) and None) as sock:
        assert sock.gettimeout() == PATIENCE
        sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.shutdown(socket.SHUT_WR)


def test_ending_the_output_loses_nothing_that_the_other_side_is_still_sending(
    connect: Callable[..., Any],
) -> None:
    """With `SSLSocket.unwrap()` all that had arrived by then was lost."""
    sent = bytes(range(256)) * 4096
    begun = threading.Event()

    def play(peer: ssl.SSLSocket) -> None:
        peer.sendall(sent[:70_000])
        begun.set()
        peer.sendall(sent[70_000:])
        assert peer.recv(1) == b""
        peer.sendall(b"the end")
        peer.unwrap()

    with connect(play) as sock:
        assert sock.recv(10) == sent[:10]
        assert begun.wait(PATIENCE)
        sock.shutdown(socket.SHUT_WR)
        sock.shutdown(socket.SHUT_WR)
        assert all_of(sock) == sent[10:] + b"the end"


def test_writing_after_the_end_of_the_output_is_refused(connect: Callable[..., Any]) -> None:
    with connect(lambda peer: all_of(peer) and None) as sock:
        sock.shutdown(socket.SHUT_WR)
        with pytest.raises(ssl.SSLError) as caught:
            sock.sendall(b"x")
        assert caught.value.reason == "PROTOCOL_IS_SHUTDOWN"


def test_an_end_without_a_goodbye_is_a_break(connect: Callable[..., Any]) -> None:
    def play(peer: ssl.SSLSocket) -> None:
        peer.sendall(b"last words")
        socket.socket.shutdown(peer, socket.SHUT_RDWR)

    with connect(play) as sock:
        assert sock.recv(100) == b"last words"
        for _ in range(2):
            with pytest.raises(ConnectionResetError) as caught:
                sock.recv(1)
            assert caught.value.strerror == "TLS ended without a goodbye"


def test_an_end_with_a_goodbye_is_an_end(connect: Callable[..., Any]) -> None:
    said = threading.Event()

    def play(peer: ssl.SSLSocket) -> None:
        peer.sendall(b"last words")
        peer.settimeout(0)
        with contextlib.suppress(ssl.SSLWantReadError):
            peer.unwrap()
        peer.settimeout(PATIENCE)
        said.set()
        assert peer.recv(10) == b"thanks"

    with connect(play) as sock:
        assert all_of(sock) == b"last words"
        assert said.wait(PATIENCE)  # before that, the standard library could not bear an answer
        sock.sendall(b"thanks")


def test_a_goodbye_after_our_own_is_an_end(connect: Callable[..., Any]) -> None:
    """As an Engine's is that has read all the input of a command, and written its output."""

    def play(peer: ssl.SSLSocket) -> None:
        assert all_of(peer) == b"input"
        peer.sendall(b"output")
        peer.unwrap()

    with connect(play) as sock:
        sock.sendall(b"input")
        sock.shutdown(socket.SHUT_WR)
        assert all_of(sock) == b"output"
        assert sock.recv(1) == b""


def test_what_is_no_tls_is_an_error_after_what_was(connect: Callable[..., Any]) -> None:
    def play(peer: ssl.SSLSocket) -> None:
        peer.sendall(b"last words")
        os.write(peer.fileno(), b"x" * 100)

    with connect(play) as sock:
        assert sock.recv(100) == b"last words"
        for _ in range(2):
            with pytest.raises(ssl.SSLError):
                sock.recv(1)


def test_shutting_down_both_ways_wakes_a_blocked_read(connect: Callable[..., Any]) -> None:
    def play(peer: ssl.SSLSocket) -> None:
        # From OpenSSL 3.5 on an end without a goodbye is answered, and here nobody takes it.
        with contextlib.suppress(BrokenPipeError):
            assert peer.recv(1) == b""

    with connect(play) as sock:
        errors: list[OSError] = []

        def read() -> None:
            try:
                sock.recv(1)
            except OSError as error:
                errors.append(error)

        reading = threading.Thread(target=read)
        reading.start()
        sock.shutdown(socket.SHUT_RDWR)
        reading.join(PATIENCE)
        assert [error.errno for error in errors] == [errno.ECONNRESET]


def test_a_handshake_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    near, far = socket.socketpair()
    with far:
        far.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with pytest.raises(ssl.SSLError):
            secured(near, ssl.create_default_context())
        assert near.fileno() == -1
        assert all_of(far)[:1] == b"\x16"


def test_a_handshake_that_ends_at_once() -> None:
    near, far = socket.socketpair()
    far.shutdown(socket.SHUT_WR)
    with far, pytest.raises(ssl.SSLError) as caught:
        secured(near, ssl.create_default_context())
    assert is_cut(caught.value)


@pytest.mark.parametrize("pause", [0.02, 0.0001])
def test_a_handshake_that_comes_in_drops_takes_no_longer_than_it_may(pause: float) -> None:
    """Each byte comes in time; all of them would take for ever."""
    near, far = socket.socketpair()
    done = threading.Event()
    all_sent = threading.Event()

    def drip() -> None:
        far.recv(65536)
        with contextlib.suppress(OSError):
            for byte in b"\x16\x03\x03\x40\x00" + bytes(16_000):  # a record of 16 KiB
                far.sendall(bytes([byte]))
                if done.wait(pause):
                    return
            all_sent.set()

    with far:
        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        limit = Deadline(0.2, "connect")
        with pytest.raises(TimeoutError):
            secured(near, ssl.create_default_context(), limit)
        assert time.monotonic() - began < PATIENCE / 2
        assert not all_sent.is_set()
        done.set()
        dripping.join(PATIENCE)


def test_a_record_that_comes_in_drops_takes_no_longer_than_twice_the_timeout(
    connect: Callable[..., Any],
) -> None:
    """The bytes of a record are none of the stream before it is whole."""
    done = threading.Event()

    def play(peer: ssl.SSLSocket) -> None:
        for byte in b"\x17\x03\x03\x40\x00" + bytes(16_000):
            os.write(peer.fileno(), bytes([byte]))
            if done.wait(0.02):
                return

    with connect(play) as sock:
        sock.settimeout(0.2)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            sock.recv(1)
        assert time.monotonic() - began < PATIENCE / 2
        done.set()


def test_it_is_closed_with_its_last_reference(tmp_path: Path) -> None:
    """And not when garbage is collected: a handler may raise where nobody has it."""
    authority = Authority(tmp_path)
    ours = ssl.create_default_context(cafile=authority.ca)
    near, far = socket.socketpair()
    theirs = authority.daemon()

    def play() -> None:
        with theirs.wrap_socket(far, server_side=True) as peer, contextlib.suppress(OSError):
            peer.settimeout(PATIENCE)
            peer.recv(1)  # nothing, or a reset if it has not read its tickets

    thread = threading.Thread(target=play)
    thread.start()
    gc.disable()
    try:
        sock = secured(near, ours)
        gone = weakref.ref(sock)
        del sock
        assert gone() is None
    finally:
        gc.enable()
        gc.collect()
        thread.join(PATIENCE)


def echoing(peer: ssl.SSLSocket) -> None:
    while data := peer.recv(65536):
        peer.sendall(data)
    peer.unwrap()


def exactly(sock: SecureSocket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += sock.recv(count - len(data))
    return data


def test_a_handler_writes_where_its_thread_writes_and_no_record_is_cut(
    connect: Callable[..., Any],
) -> None:
    moments, found = Moments(), []

    def play(at: int) -> None:
        moments.interrupt(lambda: sock.sendall(b"outer "), at, lambda: sock.sendall(b"inner "))
        received = exactly(sock, 12 if moments.place else 6)
        found.append(received if moments.place else b"outer inner ")

    with connect(echoing) as sock:
        moments.each(play)
        sock.shutdown(socket.SHUT_WR)
        assert all_of(sock) == b""
    assert set(found) == {b"outer inner ", b"inner outer "}


def test_a_handler_reads_where_its_thread_writes(connect: Callable[..., Any]) -> None:
    moments, found, sent = Moments(), b"", b"first "

    def read() -> None:
        nonlocal found
        found += exactly(sock, 6)

    def play(at: int) -> None:
        nonlocal sent
        moments.interrupt(lambda: sock.sendall(b"outer "), at, read)
        sent += b"outer "

    with connect(echoing) as sock:
        sock.sendall(b"first ")
        assert moments.each(play) > 20
        sock.shutdown(socket.SHUT_WR)
        assert sent == found + all_of(sock)


@pytest.mark.parametrize("largest", [3, 65536])
def test_a_handler_writes_where_its_thread_reads(connect: Callable[..., Any], largest: int) -> None:
    moments = Moments()

    def play(at: int) -> None:
        sock.sendall(b"outer ")
        found = moments.interrupt(lambda: sock.recv(largest), at, lambda: sock.sendall(b"inner "))
        found += exactly(sock, (12 if moments.place else 6) - len(found))
        assert found == (b"outer inner " if moments.place else b"outer "), moments.place

    with connect(echoing) as sock:
        assert moments.each(play) > 20
        sock.shutdown(socket.SHUT_WR)
        assert all_of(sock) == b""


def test_a_handler_ends_the_output_where_its_thread_reads(connect: Callable[..., Any]) -> None:
    moments = Moments()

    def play(at: int) -> None:
        with connect(echoing) as sock:
            sock.sendall(b"first ")
            end = functools.partial(sock.shutdown, socket.SHUT_WR)
            found = moments.interrupt(lambda: sock.recv(6), at, end)
            if not moments.place:
                end()
            assert found + all_of(sock) == b"first ", moments.place

    assert moments.each(play) > 20


def test_a_handler_ends_the_output_where_its_thread_writes(connect: Callable[..., Any]) -> None:
    moments, found = Moments(), set()

    def play(at: int) -> None:
        with connect(echoing) as sock:
            end = functools.partial(sock.shutdown, socket.SHUT_WR)
            with contextlib.suppress(ssl.SSLError):  # it was the end before anything was written
                moments.interrupt(lambda: sock.sendall(b"first "), at, end)
            if not moments.place:
                end()
            found.add(all_of(sock))

    moments.each(play)
    assert found == {b"first ", b""}
