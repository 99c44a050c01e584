"""The server's side of a websocket, by the same library, for a function of a script."""

from __future__ import annotations

from collections import deque

from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import Event
from websockets.server import ServerProtocol

from scripted import Conversation


class Peer:
    """The server's side of a websocket, on the connection of a conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._events: deque[Event] = deque()
        self._protocol = ServerProtocol()
        self._protocol.receive_data(conversation.request.head.encode() + b"\r\n")
        (request,) = self._protocol.events_received()
        assert isinstance(request, Request)
        self._protocol.send_response(self._protocol.accept(request))
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._conversation.send(data)

    def send(self, *pieces: bytes, close: bool = False) -> None:
        for piece in pieces:
            self._protocol.send_binary(piece)
        if close:
            self.close(1000)
        self._flush()

    def close(self, code: int | None, reason: str = "") -> None:
        self._protocol.send_close(code, reason)
        self._flush()

    def send_raw(self, data: bytes) -> None:
        self._conversation.send(data)

    def ping(self) -> None:
        self._protocol.send_ping(b"are you there")
        self._flush()

    def receive(self) -> Frame:
        while not self._events:
            data = self._conversation.sock.recv(65536)
            if not data:
                raise ConnectionError("the client has hung up")
            self._protocol.receive_data(data)
            self._events += self._protocol.events_received()
        event = self._events.popleft()
        assert isinstance(event, Frame)
        return event
