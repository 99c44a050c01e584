"""gRPC: messages on a stream, and status codes.

Pure. A message is one byte (0: not compressed), four bytes of length, and its bytes (gRPC over
HTTP2, "Length-Prefixed-Message").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from urllib.parse import quote

LARGEST_MESSAGE = 4 * 1024 * 1024  # bytes; Engines send 32 KiB

# The status codes in use here (google.golang.org/grpc/codes).
OK, UNKNOWN, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 2, 5, 8, 12, 13

_PREFIX = struct.Struct(">?I")


class Refused(Exception):
    """A call is answered with a failure.

    The Engine shows the words as the build's error, so they never contain a secret.

    Args:
        shown_as: the text in the Engine's error, if it does not repeat the words.
    """

    def __init__(self, code: int, words: str, *, shown_as: str | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.shown_as = words if shown_as is None else shown_as


class Messages:
    """Finds the messages in the bytes of a stream, which may be cut anywhere."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with these bytes.

        Raises:
            Refused: a message is compressed, or too large.
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
        """Called at the end of the stream.

        Raises:
            Refused: the stream ended inside a message.
        """
        if self._held:
            words = f"the stream ends inside a message, after {len(self._held)} bytes of it"
            raise Refused(INTERNAL, words)


def framed(message: bytes) -> bytes:
    """A message in the form for a stream."""
    return _PREFIX.pack(False, len(message)) + message


def in_header(words: str) -> str:
    """Words for the header `grpc-message`: percent-encoded."""
    return quote(words, safe=" !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~", errors="replace")
