from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from dockerapi.testing.http.errors import ClientGone
from dockerapi.testing.http.server import Connection
from dockerapi.testing.http.wire import Damage, Wire


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    here, there = socket.socketpair()
    with Connection(here) as connection, there:
        yield connection, there


def sent(there: socket.socket) -> bytes:
    """All that came, up to the end or a reset."""
    found = b""
    try:
        while data := there.recv(4096):
            found += data
    except ConnectionResetError:
        found += b"<reset>"
    return found


@pytest.mark.parametrize("after", [0, 1, 6, 7])
def test_an_answer_is_cut_after_its_head_and_so_many_bytes(
    ends: tuple[Connection, socket.socket], after: int
) -> None:
    connection, there = ends
    wire = Wire(connection, Damage(after=after))
    with pytest.raises(ClientGone):
        wire.send_head(b"head")
        wire.send(b"abc")
        wire.send(b"defg")
    assert sent(there) == b"head" + b"abcdefg"[:after]


def test_only_the_first_frame_is_corrupt(ends: tuple[Connection, socket.socket]) -> None:
    wire = Wire(ends[0], Damage(kind=0xFF))
    assert wire.frame("stdout", b"a") == b"\xff\0\0\0\0\0\0\1a"
    assert wire.frame("stderr", b"b") == b"\2\0\0\0\0\0\0\1b"


def test_the_end_of_the_connection_ends_a_stall(ends: tuple[Connection, socket.socket]) -> None:
    connection, there = ends
    there.close()
    with pytest.raises(ClientGone):
        Wire(connection, Damage(stall=3600)).send_head(b"head")
