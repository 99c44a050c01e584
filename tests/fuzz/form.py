"""What the targets have in common: whole against split, and seeds of real Engines."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.errors import DockerError
from dockerapi.protocol.deadline import Deadline
from dockerapi.protocol.wire import Decoder
from replay.recording import Recording, recordings
from scripted import InPieces

Outcome = tuple[list[Any], type[BaseException] | None]


def decoded(decoder: Decoder[Any], pieces: list[bytes]) -> Outcome:
    """All that a decoder makes of the pieces, and the class of the error that ended it."""
    found: list[Any] = []
    try:
        for piece in pieces:
            found.extend(decoder.feed(piece))
        found.extend(decoder.partial())
        decoder.finish()
    except DockerError as error:
        return found, type(error)
    return found, None


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def torn(data: bytes) -> list[bytes]:
    """The data in pieces whose places depend on the data alone, so that a crash can be repeated."""
    dice = random.Random(len(data) and int.from_bytes(data[:8], "big"))
    pieces = []
    while data:
        size = dice.choice((1, 2, 3, 7, 8, 9, 64, 500))
        pieces.append(data[:size])
        data = data[size:]
    return pieces


def check_ways_agree(read: Callable[[list[bytes]], Outcome], data: bytes) -> Outcome:
    """Reads the data whole, byte by byte and torn, and asserts that nothing else changes."""
    whole = read([data])
    assert read(bytewise(data)) == whole, "byte by byte it reads otherwise"
    assert read(torn(data)) == whole, "in pieces it reads otherwise"
    return whole


def recorded(longest: int = 4000) -> Iterator[Recording]:
    """The conversations with real Engines whose answers are not too long to play with."""
    return (one for one in recordings().values() if 0 < len(one.response) <= longest)


@attrs.frozen(eq=False)
class Played(Endpoint):
    """An endpoint whose connections have their bytes already there, and end after them.

    They are read in pieces of at most `largest` bytes.
    """

    answers: list[bytes] = attrs.field(factory=list)
    largest: int = InPieces.largest
    others: list[socket.socket] = attrs.field(factory=list)

    def connect(
        self,
        deadline: Deadline = Deadline(),  # noqa: B008 -- a frozen value
        opened: Callable[[socket.socket], None] | None = None,
        found: Callable[[Endpoint], None] | None = None,
    ) -> socket.socket:
        near, theirs = socket.socketpair()
        ours = InPieces(fileno=near.detach())
        ours.largest = self.largest
        if opened is not None:
            opened(ours)
        ours.settimeout(60)
        theirs.settimeout(60)
        self.others.append(theirs)  # it takes what is asked until the end
        theirs.sendall(self.answers.pop(0) if self.answers else b"")
        theirs.shutdown(socket.SHUT_WR)
        return ours

    def close(self) -> None:
        while self.others:
            self.others.pop().close()
