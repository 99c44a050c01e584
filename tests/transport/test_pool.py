"""Idle connections: taken by one, given back by the same, closed with the client."""

from __future__ import annotations

import contextlib
import socket
import threading
import warnings
from collections.abc import Callable, Iterator

import pytest

from dockerapi import Closed
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.protocol.deadline import Deadline
from dockerapi.transport.connections import SocketRegistry
from dockerapi.transport.pool import IDLE_CONNECTIONS, Pool
from scripted import PATIENCE, ScriptedDaemon

SOON = Deadline(PATIENCE, "connect")


@contextlib.contextmanager
def pool_to() -> Iterator[tuple[Callable[[int], None], Pool]]:
    def play(sock: socket.socket) -> None:
        accepted.release()
        while sock.recv(65536):
            pass

    accepted = threading.Semaphore(0)
    with ScriptedDaemon(on_connect=play) as daemon:
        pool = Pool(SocketRegistry(Endpoint.parse(daemon.url)))

        def hang_up(count: int) -> None:
            """Once so many were accepted."""
            for _ in range(count):
                assert accepted.acquire(timeout=PATIENCE)
            daemon.hang_up()

        try:
            yield hang_up, pool
        finally:
            pool.sockets.close()
            pool.drain()


def test_what_was_given_back_is_taken_again_the_last_one_first() -> None:
    with pool_to() as (_, pool):
        one, two = pool.take(SOON), pool.take(SOON)
        assert one.sock is not two.sock
        pool.give_back(one)
        pool.give_back(two)
        assert [pool.take(SOON), pool.take(SOON)] == [two, one]
        one.sock.close()
        two.sock.close()


def test_a_fresh_one_is_made_although_one_is_idle() -> None:
    with pool_to() as (_, pool):
        idle = pool.take(SOON)
        pool.give_back(idle)
        fresh = pool.take(SOON, fresh=True)
        assert fresh is not idle
        assert pool.take(SOON) is idle
        fresh.sock.close()
        idle.sock.close()


def test_what_was_hung_up_meanwhile_is_closed_and_not_taken() -> None:
    with pool_to() as (hang_up, pool):
        old = [pool.take(SOON) for _ in range(3)]
        for connection in old:
            pool.give_back(connection)
        hang_up(len(old))
        for connection in old:
            connection.sock.settimeout(PATIENCE)
            assert connection.sock.recv(1, socket.MSG_PEEK) == b""
        new = pool.take(SOON)
        assert new not in old
        assert [connection.sock.fileno() for connection in old] == [-1] * 3
        new.sock.close()


def test_no_more_are_kept_than_so_many() -> None:
    with pool_to() as (_, pool):
        made = [pool.take(SOON) for _ in range(IDLE_CONNECTIONS + 2)]
        for connection in made:
            pool.give_back(connection)
        closed = [connection.sock.fileno() == -1 for connection in made]
        assert closed == [False] * IDLE_CONNECTIONS + [True] * 2


def test_what_is_given_back_to_a_closed_client_is_closed() -> None:
    with pool_to() as (_, pool):
        connection = pool.take(SOON)
        pool.sockets.close()
        pool.drain()
        pool.give_back(connection)
        assert connection.sock.fileno() == -1
        with pytest.raises(Closed, match="^this client is closed$"):
            pool.take(SOON)


def test_a_connection_in_nobodys_hands_is_closed_without_a_word() -> None:
    """Between `pop()` and the store into an exchange a handler may raise."""
    with pool_to() as (_, pool), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        pool.give_back(pool.take(SOON))
        number = pool.take(SOON).sock.fileno()
        with pytest.raises(OSError):
            socket.socket(fileno=number)
        assert said == []
