"""The calls that BuildKit makes: HTTP/2 with BuildKit as the client, and gRPC's headers on it.

Without I/O: bytes go in and become events, and the bytes to send are taken out. HTTP/2 is the
library h2 (the extra `buildkit`). The rules, each of which was needed in practice:

- Far more streams are allowed than are served. An Engine queues streams that are not allowed, its
  health checks included, and a late health check ends the session. Calls too many are refused with
  code 8.
- Bytes are acknowledged once they are used, so that a slow consumer slows the Engine down and the
  window limits the memory. The window of the whole connection is never the limit.
- A failure is one frame of headers; an answer is headers, messages and trailers.
- Data for a stream that the Engine has reset, or that has ended, is dropped.
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
WINDOW = 1024 * 1024  # bytes of a call in memory
LARGEST_HEADERS = 64 * 1024  # bytes of a call's headers

_HEADERS = [(":status", "200"), ("content-type", "application/grpc")]
_UNTIL_SETTINGS = 65_535  # the window of a connection at its start (RFC 9113, 6.9.2)


@attrs.frozen
class Began:
    """A call of a method, e.g. `/grpc.health.v1.Health/Check`; `stream` identifies it."""

    stream: int
    method: str
    headers: Mapping[str, str]


@attrs.frozen
class Came:
    """Bytes of its messages; `size` is the number of bytes to acknowledge."""

    stream: int
    data: bytes
    size: int


@attrs.frozen
class Ended:
    """All its messages have arrived."""

    stream: int


@attrs.frozen
class Cancelled:
    """The answer is no longer wanted."""

    stream: int


@attrs.frozen
class Opened:
    """There is more room to send: on one stream, or on all if `stream` is 0."""

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
        self._answered: set[int] = set()  # streams with an answer in progress

    def feed(self, data: bytes) -> list[What]:
        """The events in these bytes.

        Raises:
            UnexpectedReply: the bytes are not HTTP/2.
        """
        try:
            told = [found for event in self._http.receive_data(data) for found in _told(event)]
        except H2Error as error:
            words = f"no HTTP/2, {type(error).__name__}: {shown(data)}"
            raise UnexpectedReply(words, raw=data) from error
        self._answered -= {what.stream for what in told if isinstance(what, Cancelled)}
        return told

    def take(self) -> bytes:
        """The bytes to send now."""
        return self._http.data_to_send()

    def used(self, stream: int, size: int) -> None:
        """Acknowledges received bytes."""
        if size:
            with contextlib.suppress(ProtocolError):
                self._http.acknowledge_received_data(size, stream)

    def send(self, stream: int, data: memoryview) -> int:
        """Sends as much of an answer as there is room for; returns how much."""
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
        """Sends the answer's headers, before any message."""
        with contextlib.suppress(ProtocolError):
            self._begin(stream)

    def end(self, stream: int, code: int, words: str = "") -> None:
        """Ends an answer: with success (0), or with a failure and the Engine's message for it."""
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
