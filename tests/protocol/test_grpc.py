"""The messages of gRPC, however the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.protocol.grpc import LARGEST_MESSAGE, Messages, Refused, framed, in_header

SOME = [b"", b"a", bytes(300), b"\0\0\0\0\1x"]
STREAM = b"".join(map(framed, SOME))


def read(pieces: list[bytes]) -> list[bytes]:
    messages = Messages()
    found = [message for piece in pieces for message in messages.feed(piece)]
    messages.finish()
    return found


def test_they_are_found_whole_and_byte_by_byte() -> None:
    assert read([STREAM]) == SOME
    assert read([STREAM[i : i + 1] for i in range(len(STREAM))]) == SOME


def test_they_are_found_split_everywhere() -> None:
    for at in range(len(STREAM)):
        assert read([STREAM[:at], STREAM[at:]]) == SOME


def test_a_stream_that_is_cut_in_a_message_has_no_end() -> None:
    ends = {0}
    for message in SOME:
        ends.add(max(ends) + len(framed(message)))
    for at in set(range(len(STREAM))) - ends:
        with pytest.raises(Refused, match="^the stream ends inside a message, after "):
            read([STREAM[:at]])


@given(st.lists(st.binary(max_size=100)))
def test_what_is_framed_is_found(messages: list[bytes]) -> None:
    assert read([b"".join(map(framed, messages))]) == messages


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"\1\0\0\0\1x", 12, "a compressed message; none was offered"),
        (b"\0\0\x40\0\1", 8, f"a message of 4194305 bytes; there may be {LARGEST_MESSAGE}"),
    ],
    ids=["compressed", "too large"],
)
def test_what_no_engine_sends_is_refused(data: bytes, code: int, words: str) -> None:
    with pytest.raises(Refused) as caught:
        list(Messages().feed(data))
    assert (caught.value.code, caught.value.words) == (code, words)


def test_words_go_into_a_header_percent_encoded() -> None:
    assert in_header("50% of 'ä\n'") == "50%25 of '%C3%A4%0A'"
    assert in_header("\udc80") == "?"
