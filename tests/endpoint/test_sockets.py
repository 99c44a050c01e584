"""Sockets that nobody holds any more."""

from __future__ import annotations

import os
import socket
import warnings

from dockerapi.endpoint.sockets import EngineSocket


def descriptors() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))


def test_a_socket_goes_with_its_last_reference_and_without_a_word() -> None:
    before = descriptors()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        sock = EngineSocket(socket.AF_UNIX, socket.SOCK_STREAM)
        assert descriptors() != before
        del sock
    assert (descriptors(), said) == (before, [])


def test_a_socket_that_was_interrupted_while_it_was_made_goes_as_well() -> None:
    """A handler raised between the system's call and the rest of `socket.socket.__init__`."""
    before = descriptors()
    sock = EngineSocket.__new__(EngineSocket)
    super(socket.socket, sock).__init__(socket.AF_UNIX, socket.SOCK_STREAM)
    assert descriptors() != before
    del sock
    assert descriptors() == before


def test_a_socket_that_was_closed_is_not_closed_again() -> None:
    sock = EngineSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.close()
    number = os.open("/dev/null", os.O_RDONLY)  # has the number of the socket
    del sock
    os.close(number)
