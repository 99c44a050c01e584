"""The calls that BuildKit makes: HTTP/2 in which it is the client, and gRPC's headers on it.

Without I/O: bytes come in and are told as events, and what is to be sent is taken out. HTTP/2 is
that of the library h2 (the extra `buildkit`). The rules, each of them seen to matter:

- Far more streams are announced than are served: what an Engine may not open it queues, its health
  checks with it, and one of those that is late ends the session. Whoever serves refuses by code 8.
- Bytes are acknowledged once they are used, so that a slow consumer slows the Engine down and the
  window bounds what is held. The window of the whole connection is never what is in the way.
- A failure is one frame of headers; an answer is headers, messages and trailers.
- What is sent on a stream that the Engine has reset, or after its end, is dropped.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import attrs
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error, ProtocolError
from h2.settings import SettingCodes, Settings

from ..errors import UnexpectedReply, shown
from .grpc import in_header

MOST_CALLS = 1000  # served at once
_ANNOUNCED = 100 * MOST_CALLS
WINDOW = 1024 * 1024  # bytes of a call that are held
LARGEST_HEADERS = 64 * 1024  # bytes of a call's headers

_HEADERS = [(":status", "200"), ("content-type", "application/grpc")]
_UNTIL_SETTINGS = 65_535  # the window of a connection at its start (RFC 9113, 6.9.2)


@attrs.frozen
class Began:
    """A call of a method, e.g. `/grpc.health.v1.Health/Check`; `stream` tells it from others."""

    stream: int
    method: str
    headers: Mapping[str, str]


@attrs.frozen
class Came:
    """Bytes of its messages; `size` is what is to be acknowledged for them."""

    stream: int
    data: bytes
    size: int


@attrs.frozen
class Ended:
    """All its messages have come."""

    stream: int


@attrs.frozen
class Cancelled:
    """Nobody waits for its answer any more."""

    stream: int


@attrs.frozen
class Opened:
    """There is more room to send: on one stream, or on any if that is 0."""

    stream: int


What = Began | Came | Ended | Cancelled | Opened


class Calls:
    """All the calls of one session."""

    def __init__(self) -> None:
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._http.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: _ANNOUNCED,
                SettingCodes.INITIAL_WINDOW_SIZE: WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: LARGEST_HEADERS,
            },
        )
        self._http.initiate_connection()
        self._http.increment_flow_control_window(MOST_CALLS * WINDOW - _UNTIL_SETTINGS)
        self._answered: set[int] = set()  # streams whose answer has begun

    def feed(self, data: bytes) -> list[What]:
        """What has happened with these bytes.

        Raises:
            UnexpectedReply: they are no HTTP/2.
        """
        try:
            told = [found for event in self._http.receive_data(data) for found in _told(event)]
        except H2Error as error:
            words = f"no HTTP/2, {type(error).__name__}: {shown(data)}"
            raise UnexpectedReply(words, raw=data) from error
        self._answered -= {what.stream for what in told if isinstance(what, Cancelled)}
        return told

    def take(self) -> bytes:
        """What is to be sent now."""
        return self._http.data_to_send()

    def used(self, stream: int, size: int) -> None:
        """Acknowledges bytes that came."""
        if size:
            with contextlib.suppress(ProtocolError):
                self._http.acknowledge_received_data(size, stream)

    def send(self, stream: int, data: memoryview) -> int:
        """Sends as much of an answer as there is room for, and says how much that was."""
        try:
            self._begin(stream)
            room = self._http.local_flow_control_window(stream)
            sent = 0
            while sent < min(room, len(data)):
                end = min(sent + self._http.max_outbound_frame_size, room, len(data))
                self._http.send_data(stream, bytes(data[sent:end]))
                sent = end
            return sent
        except ProtocolError:
            return len(data)

    def begin(self, stream: int) -> None:
        """Says that there will be an answer, before there is any of it."""
        with contextlib.suppress(ProtocolError):
            self._begin(stream)

    def end(self, stream: int, code: int, words: str = "") -> None:
        """Ends an answer: with success (0), or with a failure and what the Engine is to say."""
        trailers = [("grpc-status", str(code))]
        if words:
            trailers.append(("grpc-message", in_header(words)))
        headers = trailers if stream in self._answered else [*_HEADERS, *trailers]
        self._answered.discard(stream)
        with contextlib.suppress(ProtocolError):
            self._http.send_headers(stream, headers, end_stream=True)

    def _begin(self, stream: int) -> None:
        if stream not in self._answered:
            self._http.send_headers(stream, _HEADERS)
            self._answered.add(stream)


def _told(event: Event) -> list[What]:
    if isinstance(event, RequestReceived):
        headers = {_text(name): _text(value) for name, value in event.headers}
        return [Began(event.stream_id, headers.get(":path", ""), headers)]
    if isinstance(event, DataReceived):
        return [Came(event.stream_id, event.data, event.flow_controlled_length)]
    if isinstance(event, StreamEnded):
        return [Ended(event.stream_id)]
    if isinstance(event, StreamReset):
        return [Cancelled(event.stream_id)]
    if isinstance(event, WindowUpdated):
        return [Opened(event.stream_id)]
    if isinstance(event, RemoteSettingsChanged):
        return [Opened(0)]
    return []


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
