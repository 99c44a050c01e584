"""A session: its connection, what it refuses, and its end."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping

import pytest

from caller import Answer, Caller, served
from dockerapi import Client, ConnectionFailed, NotFound, StreamInterrupted, UnexpectedReply
from dockerapi.buildkit.call import Call, Handler, unary
from dockerapi.buildkit.services import HEALTH, OUTPUT
from dockerapi.buildkit.session import Session
from dockerapi.buildkit.troubles import Troubles
from dockerapi.protocol.calls import MOST_CALLS
from dockerapi.protocol.grpc import Refused
from scripted import PATIENCE, Conversation, ScriptedDaemon, chunk, head, json_reply

WELL = Answer(0, "", [b"\x08\x01"], True)


class Serving:
    """One method."""

    def __init__(self, handle: Handler, method: str = "/m") -> None:
        self.methods: Mapping[str, Handler] = {method: handle}


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("dockerapi-session")]


def test_it_is_asked_for_with_a_fresh_id_each_time() -> None:
    ids = []
    for _ in range(2):
        with served([]) as (caller, session):
            headers = dict(caller.request.headers)
            ids.append(headers.pop("X-Docker-Expose-Session-Uuid"))
            assert ids[-1] == session.id
            assert headers == {
                "X-Docker-Expose-Session-Name": "dockerapi",
                "X-Docker-Expose-Session-Sharedkey": "",
            }
            assert "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" in caller.request.head
    assert len(set(ids)) == 2 and len(ids[0]) == 32


def test_the_output_is_offered_without_which_it_is_not_asked_for() -> None:
    with served([Serving(unary(bytes), OUTPUT)]) as (caller, _):
        assert caller.request.headers["X-Docker-Expose-Session-Grpc-Method"] == OUTPUT


def test_health_is_answered_while_others_block() -> None:
    blocked, go_on = threading.Event(), threading.Event()

    def block(message: bytes) -> bytes:
        blocked.set()
        assert go_on.wait(PATIENCE)
        return b""

    with served([Serving(unary(block))]) as (caller, _):
        stream = caller.begin("/m")
        caller.message(stream, b"", end=True)
        assert blocked.wait(PATIENCE)
        assert caller.unary(HEALTH) == WELL
        go_on.set()
        assert caller.answer(stream) == Answer(0, "", [b""], True)


def test_what_is_not_served_is_unimplemented() -> None:
    with served([]) as (caller, _):
        assert caller.unary("/x/Y") == Answer(12, "/x/Y is not served here", [], True)


def test_a_ping_is_answered() -> None:
    with served([]) as (caller, _):
        caller.http.ping(b"\2\4\1\20\20\x09\x0e\7")
        caller.flush()
        assert caller.unary(HEALTH) == WELL


@pytest.mark.dear
def test_one_call_more_than_there_may_be_is_refused_and_health_is_not() -> None:
    def wait(call: Call) -> None:
        list(call.messages())

    with served([Serving(wait)]) as (caller, _):
        for _ in range(MOST_CALLS):
            caller.begin("/m")
        stream = caller.begin("/m")
        assert caller.answer(stream) == Answer(8, "1000 calls at once, and no more", [], True)
        assert caller.unary(HEALTH) == WELL


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (Refused(5, "not there", shown_as="x"), Answer(5, "not there", [], True)),
        (FileNotFoundError(2, "No", "f"), Answer(13, "[Errno 2] No: 'f'", [], True)),
        (ConnectionFailed("ours"), Answer(13, "ours", [], True)),
        (ValueError("a secret"), Answer(13, "ValueError in the client", [], True)),
        (KeyboardInterrupt("a secret"), Answer(13, "KeyboardInterrupt in the client", [], True)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_handler_raises_is_its_answer_and_noted(
    error: BaseException, answer: Answer
) -> None:
    def fail(message: bytes) -> bytes:
        raise error

    troubles = Troubles()
    with served([Serving(unary(fail))], troubles=troubles) as (caller, _):
        assert caller.unary("/m") == answer
        shown = "x" if isinstance(error, Refused) else answer.words
        noted = troubles.about(f"failed: {shown}")
        assert noted is (error if isinstance(error, Exception) else None)


# The end


def test_close_ends_it_with_its_threads_and_may_be_called_twice() -> None:
    with served([]) as (caller, session):
        assert len(threads()) == 2
        session.close()
        session.close()
        assert (threads(), session.lost) == ([], None)
        with pytest.raises(ConnectionError):
            while True:
                caller.read()


def test_close_from_another_thread_and_by_the_client() -> None:
    for close in ("session", "client"):
        with served([]) as (_, session):
            act: Callable[[], None] = session.close if close == "session" else session._stream.close
            thread = threading.Thread(target=act)
            thread.start()
            thread.join(PATIENCE)
        assert (threads(), session.lost) == ([], None)


def hang_up(caller: Caller) -> None:
    caller.unary(HEALTH)  # what is not read would make it a reset
    caller.done.set()


def say_nothing(caller: Caller) -> None:
    """Its threads wait."""


def talk_nonsense(caller: Caller) -> None:
    caller.sock.sendall(b"\0\0\1\0\0\0\0\0\0x")  # data of no stream


def send_large_headers(caller: Caller) -> None:
    caller.begin("/m", x="y" * 65_536)


LOST = "the session of this build broke, without which it may wait for ever: "


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (hang_up, "the Engine has ended it"),
        (say_nothing, "{url}: no answer within 0.2 seconds (idle timeout)"),
        (talk_nonsense, "no HTTP/2, "),
        pytest.param(
            send_large_headers, "no HTTP/2, DenialOfServiceError: ", marks=pytest.mark.dear
        ),
    ],
)
def test_a_session_that_breaks_ends_the_build_at_once(
    act: Callable[[Caller], None], why: str
) -> None:
    """The build's answer is closed, and who reads it is told."""
    callers: list[Caller] = []
    begun = threading.Event()

    def session(conversation: Conversation) -> None:
        caller = Caller(conversation)
        callers.append(caller)
        begun.set()
        caller.done.wait(PATIENCE)

    def build(conversation: Conversation) -> None:
        conversation.send(head(200, Transfer_Encoding="chunked") + chunk(b'{"stream":"a"}'))
        conversation.wait_for_hangup()

    script = {"POST /v1.41/session": session, "POST /v1.41/build": build}
    with (
        ScriptedDaemon(script) as daemon,
        Client(daemon.url) as client,
        contextlib.ExitStack() as undone,
    ):
        silence = 0.2 if act is say_nothing else 60
        opened = Session.open(client._transport, [], Troubles(), undone, silence=silence)
        with contextlib.closing(client._transport.stream("POST /build")) as body:
            opened.accompany(body)
            assert body.read() == b'{"stream":"a"}'
            assert begun.wait(PATIENCE)
            act(callers[0])
            with pytest.raises(StreamInterrupted) as caught:
                while body.read():
                    pass
        callers[0].done.set()
        assert str(caught.value).startswith(LOST + why.format(url=daemon.url))
        assert isinstance(caught.value.__cause__, (type(None), UnexpectedReply, ConnectionFailed))
        assert threads() == []


def test_one_that_broke_before_the_build_began_ends_it_as_well() -> None:
    def session(conversation: Conversation) -> None:
        Caller(conversation)

    with (
        ScriptedDaemon({"POST /v1.41/session": session}) as daemon,
        Client(daemon.url) as client,
        contextlib.ExitStack() as undone,
    ):
        troubles = Troubles()
        opened = Session.open(client._transport, [], troubles, undone)
        for thread in list(opened._threads):
            thread.join(PATIENCE)
        with pytest.raises(StreamInterrupted) as caught:
            list(opened.watched([b"context"]))
        opened.close()
    assert troubles.about("whatever the Engine says of the build") is caught.value


def test_an_engine_that_has_none_refuses() -> None:
    script = {"POST /v1.41/session": json_reply({"message": "page not found"}, 404)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotFound), contextlib.ExitStack() as undone:
            Session.open(client._transport, [], Troubles(), undone)
    assert threads() == []
