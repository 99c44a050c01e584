"""A client of gRPC on a real socket, and BuildKit's side of a session, which is one.

with served([Secrets({"a": BuildSecret(b"x")})]) as (caller, session):
    assert caller.unary("/moby.buildkit.secrets.v1.Secrets/GetSecret", b"\\n\\1a").status == 0
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

import attrs
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, TrailersReceived

from dockerapi import Client
from dockerapi.buildkit.services import Service
from dockerapi.buildkit.session import SILENCE, Session
from dockerapi.buildkit.troubles import Troubles
from dockerapi.protocol.grpc import Messages, framed
from scripted import PATIENCE, Conversation, Request, ScriptedDaemon

GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


@attrs.define
class Answer:
    """What has come on a stream; `status` is None while it is not over."""

    status: int | None = None
    words: str = ""
    messages: list[bytes] = attrs.Factory(list)
    begun: bool = False
    _partial: Messages = attrs.field(factory=Messages, eq=False, repr=False)

    def add(self, data: bytes) -> None:
        self.messages += self._partial.feed(data)


class GrpcClient:
    """Calls what is served on a socket. One thread uses it.

    `before` is sent in one piece with the first frames.
    """

    def __init__(self, sock: socket.socket, before: bytes = b"") -> None:
        self.sock = sock
        self.http = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.http.initiate_connection()
        self._answers: dict[int, Answer] = {}
        sock.sendall(before + self.http.data_to_send())

    def begin(self, method: str, **headers: str) -> int:
        """A call; gives its stream."""
        stream = self.http.get_next_available_stream_id()
        named = [(name.replace("_", "."), value) for name, value in headers.items()]
        self.http.send_headers(
            stream,
            [
                (":method", "POST"),
                (":scheme", "http"),
                (":path", method),
                (":authority", "localhost"),
                ("content-type", "application/grpc"),
                ("te", "trailers"),
                *named,
            ],
        )
        self._answers[stream] = Answer()
        self.flush()
        return stream

    def send(self, stream: int, data: bytes, *, end: bool = False) -> None:
        """Bytes on a stream, as far as there is room; reads to get more."""
        while data:
            room = min(self.http.local_flow_control_window(stream), 16384, len(data))
            if room:
                self.http.send_data(stream, data[:room])
                data = data[room:]
                self.flush()
            else:
                self.read()
        if end:
            self.http.end_stream(stream)
            self.flush()

    def message(self, stream: int, message: bytes, *, end: bool = False) -> None:
        self.send(stream, framed(message), end=end)

    def unary(self, method: str, message: bytes = b"") -> Answer:
        stream = self.begin(method)
        self.message(stream, message, end=True)
        return self.answer(stream)

    def answer(self, stream: int, *, messages: int | None = None) -> Answer:
        """The whole answer, or its beginning as far as so many messages."""
        found = self._answers[stream]
        while found.status is None and (messages is None or len(found.messages) < messages):
            self.read()
        return found

    def flush(self) -> None:
        self.sock.sendall(self.http.data_to_send())

    def read(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError("the session was ended")
        for event in self.http.receive_data(data):
            if isinstance(event, DataReceived):
                self._answers[event.stream_id].add(event.data)
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, (ResponseReceived, TrailersReceived)):
                headers = dict(event.headers)
                answer = self._answers[event.stream_id]
                answer.begun = True
                if "grpc-status" in headers:
                    answer.status = int(headers["grpc-status"])
                    answer.words = unquote(headers.get("grpc-message", ""))
            elif isinstance(event, StreamEnded):
                assert self._answers[event.stream_id].status is not None
        self.flush()


class Caller(GrpcClient):
    """BuildKit's side of a session; its first frames come in one piece with the head."""

    def __init__(self, conversation: Conversation) -> None:
        self.request: Request = conversation.request
        self.done = threading.Event()
        super().__init__(conversation.sock, SWITCHED)


@contextlib.contextmanager
def served(
    services: Sequence[Service], *, silence: float = SILENCE, troubles: Troubles | None = None
) -> Iterator[tuple[Caller, Session]]:
    """A session that is open, and BuildKit's side of it."""
    callers: queue.Queue[Caller] = queue.Queue()

    def play(conversation: Conversation) -> None:
        caller = Caller(conversation)
        caller.sock.settimeout(PATIENCE)
        callers.put(caller)
        caller.done.wait(PATIENCE)

    with (
        ScriptedDaemon({"POST /v1.41/session": play}) as daemon,
        Client(daemon.url) as client,
        contextlib.ExitStack() as undone,
    ):
        session = Session.open(
            client._transport, services, troubles or Troubles(), undone, silence=silence
        )
        caller = callers.get(timeout=PATIENCE)
        try:
            yield caller, session
        finally:
            session.close()
            caller.done.set()
