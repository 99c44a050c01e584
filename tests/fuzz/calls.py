"""What BuildKit sends in a session: HTTP/2, the messages of gRPC in it, and their fields."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dockerapi.errors import UnexpectedReply
from dockerapi.protocol.calls import Began, Calls, Came, Ended, What
from dockerapi.protocol.grpc import Messages, Refused, framed
from dockerapi.protocol.protobuf import BadMessage, content_of, field
from fuzz.form import bytewise, torn

_FOLDER = Path(__file__).parent.parent / "recordings" / "sessions"


def check(data: bytes) -> None:
    """It is the same however it comes, or refused; what is answered can always be sent."""
    whole, refused = _calls([data])
    for pieces in (bytewise(data), torn(data)):
        told, also = _calls(pieces)
        # Of what is refused less is told if it comes at once.
        assert (told, also) == (whole, False) or (refused and also)
        _calls(pieces, answering=True)
    messages = _messages([data])
    assert _messages(bytewise(data)) == messages and _messages(torn(data)) == messages
    for message in messages[0]:
        try:
            assert len(content_of(message, 1)) <= len(message)
        except BadMessage as error:
            assert error.data == message


def _calls(pieces: list[bytes], *, answering: bool = False) -> tuple[list[What], bool]:
    """What is told, and whether it ended in a refusal."""
    calls = Calls()
    told: list[What] = []
    try:
        for piece in pieces:
            for what in calls.feed(piece):
                told.append(what)
                if answering:
                    _answer(calls, what)
            calls.take()
    except UnexpectedReply as error:
        assert error.raw
        return told, True
    return told, False


def _answer(calls: Calls, what: What) -> None:
    if isinstance(what, Began):
        calls.begin(what.stream)
    elif isinstance(what, Came):
        calls.used(what.stream, what.size)
    elif isinstance(what, Ended):
        calls.send(what.stream, memoryview(b"answer"))
        calls.end(what.stream, 0)


def _messages(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    messages = Messages()
    found: list[bytes] = []
    try:
        for piece in pieces:
            for message in messages.feed(piece):
                found.append(message)
        messages.finish()
    except Refused:
        return found, True
    return found, False


def seeds() -> Iterator[bytes]:
    for path in sorted(_FOLDER.iterdir()):
        yield path.read_bytes()
        yield path.read_bytes()[:600]
    yield framed(field(1, b"id")) + framed(b"") + framed(field(2, 300))
    yield b"\1\0\0\0\1x"
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
