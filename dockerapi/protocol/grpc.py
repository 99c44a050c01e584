"""gRPC: its messages on a stream, and the codes by which a call fails.

Pure. A message is a byte (0: not compressed), four bytes of its length, and itself (gRPC over
HTTP2, "Length-Prefixed-Message").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from urllib.parse import quote

LARGEST_MESSAGE = 4 * 1024 * 1024  # bytes; those of Engines have 32 KiB

# The codes in use here (google.golang.org/grpc/codes).
OK, UNKNOWN, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 2, 5, 8, 12, 13

_PREFIX = struct.Struct(">?I")


class Refused(Exception):
    """A call that is answered with a failure.

    The words go to the Engine, which shows them as the build's error: there is no secret in them.

    Args:
        shown_as: what the Engine's error says where it does not repeat the words.
    """

    def __init__(self, code: int, words: str, *, shown_as: str | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.shown_as = words if shown_as is None else shown_as


class Messages:
    """Takes the messages out of the bytes of a stream, however those are cut."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole with these bytes.

        Raises:
            Refused: one is compressed, or too large.
        """
        held = self._held
        held += data
        while len(held) >= _PREFIX.size:
            compressed, size = _PREFIX.unpack_from(held)
            if compressed:
                raise Refused(UNIMPLEMENTED, "a compressed message; none was offered")
            if size > LARGEST_MESSAGE:
                words = f"a message of {size} bytes; there may be {LARGEST_MESSAGE}"
                raise Refused(RESOURCE_EXHAUSTED, words)
            end = _PREFIX.size + size
            if len(held) < end:
                return
            message = bytes(held[_PREFIX.size : end])
            del held[:end]
            yield message

    def finish(self) -> None:
        """Nothing more comes.

        Raises:
            Refused: that is in the middle of a message.
        """
        if self._held:
            words = f"the stream ends inside a message, after {len(self._held)} bytes of it"
            raise Refused(INTERNAL, words)


def framed(message: bytes) -> bytes:
    """A message as it goes on a stream."""
    return _PREFIX.pack(False, len(message)) + message


def in_header(words: str) -> str:
    """Words as `grpc-message` has them: percent-encoded."""
    return quote(words, safe=" !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~", errors="replace")
