"""The calls of BuildKit as events, and answers as bytes: without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes

from dockerapi.errors import UnexpectedReply
from dockerapi.protocol.calls import (
    LARGEST_HEADERS,
    MOST_CALLS,
    WINDOW,
    Began,
    Calls,
    Came,
    Cancelled,
    Ended,
    Opened,
    What,
)

RECORDINGS = Path(__file__).parent.parent / "recordings" / "sessions"
HEADERS = [(":method", "POST"), (":scheme", "http"), (":path", "/a"), (":authority", "localhost")]
BEGAN = Began(1, "/a", dict(HEADERS))


class Engine:
    """The other end."""

    def __init__(self) -> None:
        self.http = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.http.initiate_connection()
        self.calls = Calls()

    def tells(self) -> list[What]:
        """What is told of all that it has sent; and it gets what was answered."""
        found = self.calls.feed(self.http.data_to_send())
        self.http.receive_data(self.calls.take())
        return found

    def call(self, *data: bytes, end: bool = True) -> list[What]:
        stream = self.http.get_next_available_stream_id()
        self.http.send_headers(stream, HEADERS, end_stream=end and not data)
        for number, piece in enumerate(data):
            self.http.send_data(stream, piece, end_stream=end and number == len(data) - 1)
        return self.tells()

    def events(self) -> list[str]:
        data = self.calls.take()
        return [type(event).__name__ for event in self.http.receive_data(data)]


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    assert made.tells() == [Opened(0)]
    return made


def test_a_call_is_told_with_its_headers_its_data_and_its_end(engine: Engine) -> None:
    assert engine.call(b"ab", b"c") == [BEGAN, Came(1, b"ab", 2), Came(1, b"c", 1), Ended(1)]


def pieces_of(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def conversation() -> bytes:
    http = H2Connection(H2Configuration())
    http.initiate_connection()
    for stream in (1, 3):
        http.send_headers(stream, HEADERS)
        http.send_data(stream, b"abc", end_stream=stream == 1)
    http.reset_stream(3, ErrorCodes.CANCEL)
    return http.data_to_send()


def test_it_is_the_same_byte_by_byte_and_split_everywhere() -> None:
    data = conversation()
    whole = Calls().feed(data)
    assert whole[1:] == [
        BEGAN,
        Came(1, b"abc", 3),
        Ended(1),
        Began(3, "/a", dict(HEADERS)),
        Came(3, b"abc", 3),
        Cancelled(3),
    ]
    for size in (1, 7):
        calls = Calls()
        assert [what for piece in pieces_of(data, size) for what in calls.feed(piece)] == whole
    for at in range(len(data)):
        calls = Calls()
        assert [*calls.feed(data[:at]), *calls.feed(data[at:])] == whole
        assert Calls().feed(data[:at]) == whole[: len(Calls().feed(data[:at]))]


@pytest.mark.parametrize("release", ["20.10", "26.1", "28.5"])
def test_a_session_of_a_real_engine_is_the_same_however_it_comes(release: str) -> None:
    """A build with a private base, secrets, an agent, and files."""
    data = (RECORDINGS / f"{release}.bin").read_bytes()
    whole = Calls().feed(data)
    methods = {what.method.rpartition("/")[2] for what in whole if isinstance(what, Began)}
    assert methods == {
        "Check",
        "Credentials",
        "GetSecret",
        "CheckAgent",
        "ForwardAgent",
        "DiffCopy",
    }
    begun = [what.stream for what in whole if isinstance(what, Began)]
    over = [what.stream for what in whole if isinstance(what, (Ended, Cancelled))]
    assert set(begun) == set(over)
    calls = Calls()
    told: list[What] = []
    for byte in pieces_of(data, 1):  # so it may be cut anywhere, too
        told += calls.feed(byte)
        assert told[-1:] == whole[len(told) - 1 : len(told)]
    assert told == whole
    for at in range(0, len(data), 97):
        calls = Calls()
        assert [*calls.feed(data[:at]), *calls.feed(data[at:])] == whole


def test_an_answer_is_headers_data_and_trailers(engine: Engine) -> None:
    engine.call()
    assert engine.calls.send(1, memoryview(b"x")) == 1
    engine.calls.end(1, 0)
    assert engine.events() == [
        "ResponseReceived",
        "DataReceived",
        "TrailersReceived",
        "StreamEnded",
    ]


def test_an_answer_can_be_announced(engine: Engine) -> None:
    engine.call(end=False)
    engine.calls.begin(1)
    engine.calls.begin(1)
    assert engine.events() == ["ResponseReceived"]


def test_a_failure_is_one_frame_of_headers(engine: Engine) -> None:
    engine.call()
    engine.calls.end(1, 5, "not 50% there\n")
    [event, ended] = engine.http.receive_data(engine.calls.take())
    assert dict(event.headers) == {
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-status": "5",
        "grpc-message": "not 50%25 there%0A",
    }
    assert type(ended).__name__ == "StreamEnded"


def test_no_more_is_sent_than_there_is_room_for(engine: Engine) -> None:
    engine.call()
    data = memoryview(bytes(100_000))
    sent = engine.calls.send(1, data)
    assert (sent, engine.calls.send(1, data[sent:])) == (65_535, 0)
    engine.http.receive_data(engine.calls.take())
    engine.http.acknowledge_received_data(65_535, 1)
    assert Opened(1) in engine.tells()
    assert engine.calls.send(1, data[sent:]) == 100_000 - 65_535


def test_what_is_sent_on_a_stream_that_was_reset_is_dropped(engine: Engine) -> None:
    engine.call()
    engine.http.reset_stream(1, ErrorCodes.CANCEL)
    assert engine.tells() == [Cancelled(1)]
    assert engine.calls.send(1, memoryview(b"abc")) == 3
    engine.calls.end(1, 0)
    engine.calls.used(1, 10)
    assert engine.events() == []


def test_a_window_is_opened_by_what_was_used_only(engine: Engine) -> None:
    assert engine.http.remote_settings.initial_window_size == WINDOW
    engine.call(end=False)
    sent = 0
    while room := engine.http.local_flow_control_window(1):
        engine.http.send_data(1, bytes(min(room, 16_384)))
        sent += min(room, 16_384)
    told = engine.tells()
    assert (sent, sum(what.size for what in told if isinstance(what, Came))) == (WINDOW, WINDOW)
    assert engine.http.local_flow_control_window(1) == 0
    engine.calls.used(1, WINDOW)
    engine.http.receive_data(engine.calls.take())
    assert engine.http.local_flow_control_window(1) == WINDOW


def test_the_windows_of_all_calls_are_in_that_of_the_connection(engine: Engine) -> None:
    assert engine.http.outbound_flow_control_window == MOST_CALLS * WINDOW


def test_far_more_streams_are_announced_than_are_served(engine: Engine) -> None:
    assert engine.http.remote_settings.max_concurrent_streams == 100 * MOST_CALLS


@pytest.mark.dear
def test_headers_that_are_too_large_are_refused(engine: Engine) -> None:
    engine.http.send_headers(1, [*HEADERS, ("x", "y" * LARGEST_HEADERS)])
    with pytest.raises(UnexpectedReply, match="^no HTTP/2, DenialOfServiceError: "):
        engine.tells()


def test_what_is_no_http_2_is_refused_with_its_bytes() -> None:
    with pytest.raises(UnexpectedReply) as caught:
        Calls().feed(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert str(caught.value) == (
        "no HTTP/2, ProtocolError: b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n'"
    )
