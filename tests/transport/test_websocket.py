"""Attaching over a websocket, to a peer that is the server's side of the same library."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from websockets.frames import Close, Frame, Opcode

from dockerapi import (
    Client,
    Closed,
    ConnectionFailed,
    ContainerNotFound,
    NotSupported,
    Output,
    StreamInterrupted,
    UnexpectedReply,
)
from scripted import PATIENCE, ScriptedDaemon, json_reply, reply
from websocket_peer import Peer

WEBSOCKET = "GET /v1.41/containers/c1/attach/ws"
RUNNING = json_reply({"Id": "c1", "Config": {}, "State": {"Running": True}, "NetworkSettings": {}})


def playing(play: Callable[[Peer], None]) -> ScriptedDaemon:
    return ScriptedDaemon(
        {
            "GET /v1.41/containers/c1/json": RUNNING,
            WEBSOCKET: lambda conversation: play(Peer(conversation)),
        }
    )


def test_what_arrives_is_stdout_until_the_engine_closes() -> None:
    def play(peer: Peer) -> None:
        peer.send(b"one\n", b"", b"two\n", close=True)
        assert peer.receive().opcode is Opcode.CLOSE

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1", stdin=True) as attachment:
            assert attachment.read() == Output(b"one\ntwo\n", b"")
    assert [request.target for request in daemon.requests] == [
        "/v1.41/containers/c1/json",
        "/v1.41/containers/c1/attach/ws?stdin=1&logs=0&stream=1&stdout=1&stderr=1",
        "/v1.41/containers/c1/json",  # it might have ended just before
    ]


def test_what_is_written_arrives_as_binary_messages() -> None:
    received = []

    def play(peer: Peer) -> None:
        received.append(peer.receive())
        peer.send(b"thanks", close=True)
        peer.receive()

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1", stdin=True) as attachment:
            attachment.write(b"\x00\xff hello\n")
            assert attachment.read().stdout == b"thanks"
    assert received == [Frame(Opcode.BINARY, b"\x00\xff hello\n")]


def test_a_ping_is_answered_while_waiting_for_output() -> None:
    def play(peer: Peer) -> None:
        peer.ping()
        assert peer.receive() == Frame(Opcode.PONG, b"are you there")
        peer.send(b"good", close=True)

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1") as attachment:
            assert attachment.read().stdout == b"good"


def test_the_input_cannot_be_ended() -> None:
    ready = threading.Event()

    def play(peer: Peer) -> None:
        assert ready.wait(PATIENCE)

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1", stdin=True) as attachment:
            with pytest.raises(NotSupported) as refused:
                attachment.close_stdin()
        ready.set()
    assert str(refused.value) == (
        "GET /containers/{id}/attach/ws: a websocket cannot end its input and go on reading; "
        "use attach()"
    )


def test_an_end_without_a_close_frame_is_an_interruption() -> None:
    with playing(lambda peer: peer.send(b"part")) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1") as attachment:
            assert next(attachment).data == b"part"
            with pytest.raises(StreamInterrupted) as broken:
                next(attachment)
    assert str(broken.value) == (
        f"{daemon.url}: the connection ended in the middle of the stream (unexpected end of stream)"
    )


@pytest.mark.parametrize(
    "closed", [Close(1001, ""), Close(1011, "timeout"), Close(4000, "")], ids=str
)
def test_a_close_with_a_code_that_is_no_end_is_an_interruption(closed: Close) -> None:
    """Proxies close so when they are stopped, or a connection was silent for long."""

    def play(peer: Peer) -> None:
        peer.send(b"part")
        peer.close(closed.code, closed.reason)
        assert peer.receive().opcode is Opcode.CLOSE

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1") as attachment:
            assert next(attachment).data == b"part"
            with pytest.raises(StreamInterrupted) as broken:
                attachment.read()
    assert str(broken.value) == (
        f"{daemon.url}: the connection ended in the middle of the stream (the websocket was "
        f"closed: {closed})"
    )


def test_a_close_without_a_code_is_an_end() -> None:
    def play(peer: Peer) -> None:
        peer.send(b"all")
        peer.close(None)
        assert peer.receive().opcode is Opcode.CLOSE

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1") as attachment:
            assert attachment.read() == Output(b"all", b"")


NO_FRAME = "{}: the connection ended in the middle of the stream (invalid opcode)"


def test_bytes_that_are_no_frame_are_an_interruption() -> None:
    def play(peer: Peer) -> None:
        peer.send(b"half a st")
        peer.send_raw(b"\xff\xff")

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1") as attachment:
            with pytest.raises(StreamInterrupted) as broken:
                attachment.read()
    assert str(broken.value) == NO_FRAME.format(daemon.url)


def test_bytes_that_are_no_frame_end_it_also_if_the_peer_stays() -> None:
    def play(peer: Peer) -> None:
        peer.send(b"half a st")
        peer.send_raw(b"\xff\xff")
        assert gone.wait(PATIENCE)

    gone = threading.Event()
    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1") as attachment:
            assert next(attachment).data == b"half a st"
            with pytest.raises(StreamInterrupted) as broken:
                next(attachment)
        gone.set()
    assert str(broken.value) == NO_FRAME.format(daemon.url)


def test_writing_after_the_engine_has_closed_is_an_interruption() -> None:
    def play(peer: Peer) -> None:
        peer.send(close=True)
        peer.receive()

    with playing(play) as daemon, Client(daemon.url) as client:
        with client.attach_websocket("c1", stdin=True) as attachment:
            assert list(attachment) == []
            with pytest.raises(StreamInterrupted):
                attachment.write(b"too late")


def test_close_from_another_thread_ends_the_reading() -> None:
    reading = threading.Event()
    got: list[list[bytes]] = []

    def play(peer: Peer) -> None:
        peer.send(b"first")
        peer._conversation.wait_for_hangup()

    with playing(play) as daemon, Client(daemon.url) as client:
        attachment = client.attach_websocket("c1", stdin=True)

        def read() -> None:
            got.append([])
            for frame in attachment:
                got[0].append(frame.data)
                reading.set()

        reader = threading.Thread(target=read)
        reader.start()
        assert reading.wait(PATIENCE)
        attachment.close()
        reader.join(PATIENCE)
        assert not reader.is_alive()
        with pytest.raises(Closed):
            attachment.write(b"x")
    assert got == [[b"first"]]


def test_a_refusal_is_the_error_of_its_status() -> None:
    script = {
        "GET /v1.41/containers/c1/json": RUNNING,
        WEBSOCKET: lambda conversation: conversation.send(
            reply(404, b'{"message":"No such container: c1"}')
        ),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ContainerNotFound) as refused:
            client.attach_websocket("c1")
    assert str(refused.value) == ("GET /containers/{id}/attach/ws: 404 No such container: c1")


def test_a_wrong_handshake_is_an_unexpected_reply() -> None:
    script = {
        "GET /v1.41/containers/c1/json": RUNNING,
        WEBSOCKET: lambda conversation: conversation.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"
        ),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as refused:
            client.attach_websocket("c1")
    assert str(refused.value) == (
        "GET /containers/{id}/attach/ws: no websocket: invalid Upgrade header: tcp"
    )


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param(
            b"",
            ConnectionFailed,
            "the Engine closed the connection without an answer. Did it stop, or crash on this "
            "request? Its log tells",
            id="nothing",
        ),
        pytest.param(
            b"garbage\r\n\r\n",
            UnexpectedReply,
            r"no HTTP answer: 'garbage\r\n'",
            id="garbage",
        ),
        pytest.param(
            b"HTTP/1.1 101 Swit",
            ConnectionFailed,
            "the connection ended in the middle of the answer",
            id="cut",
        ),
    ],
)
def test_what_is_no_http_answer_is_told(answer: bytes, error: type[Exception], words: str) -> None:
    script = {
        "GET /v1.41/containers/c1/json": RUNNING,
        WEBSOCKET: lambda conversation: conversation.send(answer),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as refused:
            client.attach_websocket("c1")
    assert str(refused.value) == f"{daemon.url}: GET /containers/{{id}}/attach/ws: {words}"
