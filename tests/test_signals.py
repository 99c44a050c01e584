"""A handler of a signal runs between any two bytecodes: what it then does of the same client.

Each test makes one call many times, each time with a handler at another moment of it: at a quarter
of the lines that it comes to, drawn by lot, or at each opcode, in `make nightly`. Which handler is
drawn by lot, too; the seed is printed, and `DOCKERAPI_SEED` sets it. A peer of this process
answers. Asserted are all that it was asked, what both calls gave, that neither waits for itself,
that the next call of the client is right, and that no descriptor is left.
"""

from __future__ import annotations

import gc
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from websockets.frames import Opcode

from certificates import Authority
from dockerapi import Client, Closed, DockerError
from interruptions import Moments, descriptors, told_only, watched
from scripted import (
    EXEC_EVENTS,
    UPGRADED,
    Conversation,
    ScriptedDaemon,
    chunked,
    exec_event,
    frame,
    json_reply,
    reply,
)
from websocket_peer import Peer

# The peer


def container(id: str) -> bytes:
    config = {"OpenStdin": True, "StdinOnce": True}
    state = {"Running": False, "ExitCode": 0}
    return json_reply({"Id": id, "Config": config, "State": state, "NetworkSettings": {}})


class Engine:
    """Plays an Engine with the containers (and execs) a, b and c, and notes what came in."""

    def __init__(self, tls: Any = None) -> None:
        self.inputs: list[bytes] = []  # of each attached connection
        script: dict[str, Any] = {}
        for id in "abc":
            script |= {
                f"GET /v1.41/containers/{id}/json": container(id),
                f"GET /v1.41/containers/{id}/logs": chunked(
                    frame("stdout", b"one of " + id.encode()), frame("stderr", b"two")
                ),
                f"GET /v1.41/images/{id}/json": json_reply({"Id": id}),
                f"PUT /v1.41/containers/{id}/archive": reply(),
                f"POST /v1.41/exec/{id}/start": self._echo,
                f"GET /v1.41/exec/{id}/json": json_reply({"ID": id, "ExitCode": 0}),
                f"GET /v1.41/containers/{id}/attach/ws": self._echo_frames,
            }
        ends = b"".join(json.dumps(exec_event(id=id)).encode() for id in "abc")
        script[f"GET /v1.41{EXEC_EVENTS}"] = reply(200, ends)
        script["GET /v1.41/info"] = json_reply({"SystemTime": "2026-01-01T00:00:00Z"})
        script["POST /v1.41/images/create"] = chunked(b'{"status": "one"}', b'{"status": "two"}')
        self.daemon = ScriptedDaemon(script, tls=tls)

    def __enter__(self) -> Engine:
        self.daemon.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.daemon.__exit__(*error)

    def _echo(self, conversation: Conversation) -> None:
        conversation.send(UPGRADED + frame("stdout", b"hello "))
        data = conversation.receive_all()
        self.inputs.append(data)
        conversation.send(frame("stdout", data) if data else b"")

    def _echo_frames(self, conversation: Conversation) -> None:
        peer = Peer(conversation)
        peer.send(b"hello ")
        peer.ping()
        received: list[bytes] = []
        try:
            while True:
                message = peer.receive()
                if message.opcode is Opcode.BINARY:
                    received.append(bytes(message.data))
                    if received[-1] == b"end":
                        peer.send(b"".join(received), close=True)
        except ConnectionError:  # the client has gone
            self.inputs.append(b"".join(received))


# What is interrupted, and what a handler does


@attrs.frozen
class Call:
    """One call: what it asks, and how what it gives is known to be right.

    `play` gets what takes the stream that it opens, for a handler to use.
    """

    name: str
    play: Callable[[Client, str, Callable[[Any], None]], Any]
    asks: tuple[str, ...]
    gives: Callable[[str], Any]


def inspect(client: Client, id: str, opened: Callable[[Any], None]) -> str:
    return client.inspect_container(id).id


def logs(client: Client, id: str, opened: Callable[[Any], None]) -> list[tuple[str, bytes]]:
    with client.logs(id) as stream:
        opened(stream)
        return [(each.stream, each.data) for each in stream]


def upload(client: Client, id: str, opened: Callable[[Any], None]) -> None:
    client.put_archive(id, "/", iter([b"one", id.encode(), b"two"]))


def talk(client: Client, id: str, opened: Callable[[Any], None]) -> bytes:
    with client.exec_start(id, tty=False) as stream:
        opened(stream)
        stream.write(b"outer " + id.encode())
        stream.close_stdin()
        return stream.read().stdout


def talk_in_frames(client: Client, id: str, opened: Callable[[Any], None]) -> bytes:
    with client.attach_websocket(id, stdin=True) as stream:
        opened(stream)
        stream.write(b"outer " + id.encode())
        stream.write(b"end")
        return stream.read().stdout


INSPECT = Call("inspect", inspect, ("GET /v1.41/containers/{}/json",), lambda id: id)
LOGS = Call(
    "logs",
    logs,
    ("GET /v1.41/containers/{}/json", "GET /v1.41/containers/{}/logs?stdout=1&stderr=1"),
    lambda id: [("stdout", b"one of " + id.encode()), ("stderr", b"two")],
)
UPLOAD = Call("upload", upload, ("PUT /v1.41/containers/{}/archive?path=%2F",), lambda id: None)
TALK = Call(
    "talk",
    talk,
    ("GET /v1.41/exec/{}/json", "POST /v1.41/exec/{}/start", f"GET /v1.41{EXEC_EVENTS}"),
    lambda id: b"hello outer " + id.encode(),
)
FRAMES = Call(
    "talk in frames",
    talk_in_frames,
    (
        "GET /v1.41/containers/{}/json",
        "GET /v1.41/containers/{}/attach/ws?stdin=1&logs=0&stream=1&stdout=1&stderr=1",
    ),
    lambda id: b"hello outer " + id.encode() + b"end",
)
CALLS = {call.name: call for call in (INSPECT, LOGS, UPLOAD, TALK, FRAMES)}


class Ring(BaseException):
    """What the handler raises."""


class Trial:
    """One call of a new client, interrupted once."""

    def __init__(self, engine: Engine, make: Callable[[], Client], call: Call, does: str) -> None:
        self.engine, self.make, self.call, self.does = engine, make, call, does
        self.stream: Any = None
        self.done: Any = None  # what the handler got
        self.refused: RuntimeError | None = None

    # The handler

    def handle(self) -> None:
        if self.does in CALLS:
            self.done = CALLS[self.does].play(self.client, "b", lambda stream: None)
        elif self.does == "close the client":
            self.client.close()
        elif self.does == "raise":
            raise Ring
        elif self.stream is not None:
            try:
                self.done = getattr(self, self.does.replace(" ", "_"))()
            except RuntimeError as error:
                self.refused = error
            except DockerError as error:  # before there was something to read, or after the end
                self.done = error

    def read(self) -> Any:
        return next(self.stream, None)

    def write(self) -> str:
        self.stream.write(b" inner ")
        return "written"

    def close_stdin(self) -> str:
        self.stream.close_stdin()
        return "ended"

    def close(self) -> str:
        self.stream.close()
        return "closed"

    # The run, and what must be so after it

    def run(self, moments: Moments, at: int, warm: bool) -> None:
        """Raises AssertionError."""
        self.before = descriptors()
        daemon = self.engine.daemon
        del daemon.requests[:], self.engine.inputs[:]
        self.client = self.make()
        asked: list[str] = []
        with self.client:
            if warm:
                INSPECT.play(self.client, "c", lambda stream: None)
                asked += self.lines(INSPECT, "c")
            try:
                result = moments.interrupt(self.play, at, self.handle)
            except (DockerError, RuntimeError, Ring) as error:
                result = error
            if self.does == "close the client" and moments.place:
                with pytest.raises(Closed):
                    INSPECT.play(self.client, "c", lambda stream: None)
            else:
                assert INSPECT.play(self.client, "c", lambda stream: None) == "c"
                asked += self.lines(INSPECT, "c")
        daemon.settle()
        found = Counter(f"{each.method} {each.target}" for each in daemon.requests)
        self._check(result, found - Counter(asked), bool(moments.place))
        assert Counter(asked) - found == Counter(), "asked and not seen"
        del result  # an error has the frames that it came through, and what was in their hands
        assert descriptors().items() - self.before.items() == set(), "a descriptor is left"

    def play(self) -> Any:
        return self.call.play(self.client, "a", self._opened)

    def _opened(self, stream: Any) -> None:
        self.stream = stream

    @staticmethod
    def lines(call: Call, id: str) -> list[str]:
        return [line.format(id) for line in call.asks]

    def _check(self, result: Any, found: Counter[str], interrupted: bool) -> None:
        ours, right = self.lines(self.call, "a"), self.call.gives("a")
        prefixes = [Counter(ours[:count]) for count in range(len(ours) + 1)]
        if not interrupted or self.does in CALLS:
            theirs = self.lines(CALLS[self.does], "b") if interrupted else []
            assert result == right
            assert _agree(found, Counter(ours + theirs)), found
            assert self.done == (CALLS[self.does].gives("b") if interrupted else None)
        elif self.does == "raise":
            assert result == right or isinstance(result, Ring)
            assert any(_agree(found, each) for each in prefixes), found
        elif self.does in ("close the client", "close"):
            whole = result == right or isinstance(result, Closed)
            # Iteration stops after a close by the caller.
            assert whole or (isinstance(result, list) and result == right[: len(result)])
            assert any(_agree(found, each) for each in prefixes), found
            assert self.refused is None
        else:
            self._check_stream(result, found, ours)

    def _check_stream(self, result: Any, found: Counter[str], ours: list[str]) -> None:
        """The handler has read from, written to, or ended the input of the stream itself."""
        right, received = self.call.gives("a"), b"".join(self.engine.inputs)
        if self.does == "close stdin" and isinstance(result, DockerError):
            assert (received, self.done) == (b"", "ended")  # before anything was written
            return
        assert not isinstance(result, BaseException), result
        if self.does == "read":
            # What it got was not given to the call, and nothing is lost.
            theirs = [] if self.done is None else [(self.done.stream, self.done.data)]
            if isinstance(right, bytes):
                assert b"".join(data for _, data in theirs) + result == right
            else:
                assert sorted(theirs + result) == sorted(right)
        elif self.does == "write":
            assert (b" inner " in received) == (self.done == "written"), received
            answered = received if self.call is TALK else received.partition(b"end")[0] + b"end"
            assert result == b"hello " + answered
            assert received.replace(b" inner ", b"") == right.removeprefix(b"hello ")
        else:
            assert (result, b"hello " + received) == (right, right)
        assert _agree(found, Counter(ours)), found


def _agree(found: Counter[str], asked: Counter[str]) -> bool:
    """Whether that was asked. An Engine that tells late of an exec's end is asked more about it."""
    more = re.compile(r"GET /v1\.41/(info|events\?.*|exec/./json)")
    return not asked - found and all(map(more.fullmatch, found - asked))


# The tests


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Road -> the peer, and what makes a client of it."""
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    tls = authority.client()
    with Engine() as plain, Engine(authority.daemon(wants_client=True)) as secure:
        yield {
            "unix": (plain, lambda: Client(plain.daemon.url)),
            "tls": (secure, lambda: Client(secure.daemon.url, tls=tls)),
        }


@pytest.fixture(scope="module")
def seed() -> int:
    return int(os.environ.get("DOCKERAPI_SEED", random.randrange(10**6)))


CASES = [
    pytest.param(call, road, warm, id=f"{call.name}-{road}{'' if warm else '-first'}")
    for road in ("unix", "tls")
    for call, warm in [(INSPECT, False), *((call, True) for call in CALLS.values())]
    if (call, road) != (FRAMES, "tls")
]
# Every call over a unix socket, everywhere; over TLS what writes and reads, where that is.
DAILY = [
    *(pytest.param(*case.values, "", id=case.id) for case in CASES if case.values[1] == "unix"),
    *(
        pytest.param(call, "tls", True, "/endpoint/", id=f"{call.name}-tls")
        for call in (UPLOAD, TALK)
    ),
]
SAME_STREAM = {"logs": ["read", "close"], "talk": ["read", "write", "close stdin", "close"]}
SAME_STREAM["talk in frames"] = ["read", "write", "close"]


def interrupt(
    roads: dict[str, Any],
    call: Call,
    road: str,
    warm: bool,
    seed: int,
    moments: Moments,
    does: list[str],
    share: float = 1,
) -> None:
    """One trial for each moment, or a share of them, with one of these handlers by lot."""
    engine, make = roads[road]
    draw = random.Random(seed)
    # Undisturbed, which imports what is imported at the first need.
    Trial(engine, make, call, "inspect").run(Moments(), 0, warm)

    with watched() as begin:

        def play(at: int) -> None:
            begin()
            trial = Trial(engine, make, call, draw.choice(does))
            try:
                trial.run(moments, at, warm)
            except BaseException:
                print(f"{trial.does} at {moments.place} ({at}); DOCKERAPI_SEED={seed}")
                raise

        met = moments.each(play, share, draw)
        print(f"{met} moments met, of {moments.count} a share of {share}; DOCKERAPI_SEED={seed}")
        assert met > share * max(20, 0.9 * moments.count)


def handlers_of(call: Call) -> list[str]:
    return [*CALLS, *SAME_STREAM.get(call.name, []), "close the client"]


@pytest.mark.dear
@pytest.mark.parametrize(("call", "road", "warm", "within"), DAILY)
def test_a_handler_at_a_line(
    roads: dict[str, Any], seed: int, call: Call, road: str, warm: bool, within: str
) -> None:
    moments = Moments("line", once=True, within=within)
    interrupt(roads, call, road, warm, seed, moments, handlers_of(call), 0.25)


@pytest.mark.dear
@pytest.mark.parametrize(("call", "road", "warm", "within"), DAILY)
def test_a_handler_that_raises(
    roads: dict[str, Any], seed: int, call: Call, road: str, warm: bool, within: str
) -> None:
    moments = Moments(signals=True, once=True, within=within)
    with told_only(Ring):
        interrupt(roads, call, road, warm, seed, moments, ["raise"], 0.25)


@pytest.mark.nightly
@pytest.mark.parametrize(("call", "road", "warm"), CASES)
def test_a_handler_that_raises_anywhere(
    roads: dict[str, Any], seed: int, call: Call, road: str, warm: bool
) -> None:
    with told_only(Ring):
        interrupt(roads, call, road, warm, seed, Moments(signals=True, once=True), ["raise"])


@pytest.mark.nightly
@pytest.mark.parametrize(("call", "road", "warm"), CASES)
def test_a_handler_at_each_opcode(
    roads: dict[str, Any], seed: int, call: Call, road: str, warm: bool
) -> None:
    interrupt(roads, call, road, warm, seed, Moments("opcode"), handlers_of(call))


# What else runs in the middle of a call


def test_code_of_the_caller_may_call_the_client_that_has_called_it(roads: dict[str, Any]) -> None:
    """An upload's iterable, a progress callback, and what the collector finalizes in them."""
    engine, make = roads["unix"]
    found: list[str] = []

    class Dropped:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            found.append(client.inspect_container("c").id)

    def ask(*ignored: object) -> None:
        found.append(client.inspect_container("b").id)
        Dropped()
        gc.collect()

    def blocks() -> Iterator[bytes]:
        yield b"one"
        ask()

    del engine.daemon.requests[:]
    with make() as client:
        client.put_archive("a", "/", blocks())
        client.pull("app", progress=ask)
    assert found == ["b", "c"] * 3
    asked = Counter(f"{each.method} {each.target}" for each in engine.daemon.requests)
    assert asked == Counter(
        ["PUT /v1.41/containers/a/archive?path=%2F"]
        + ["POST /v1.41/images/create?fromImage=app&tag=latest"]
        + ["GET /v1.41/containers/b/json", "GET /v1.41/containers/c/json"] * 3
    )


def test_no_finalizer_of_others_is_taken_for_a_moment_of_a_call() -> None:
    def call() -> bool:
        return gc.isenabled()

    moments = Moments("line")
    found = moments.interrupt(call, 0, int), moments.interrupt(call, 1, int), gc.isenabled()
    assert found == (False, True, True)
