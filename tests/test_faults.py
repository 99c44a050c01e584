"""What an Engine, or what is between it and us, can do wrong: in every kind of conversation.

Each cell of the table is one fault in one operation, played over TCP: it gives a named error within
its time, and neither a hang, nor a part that is taken for the whole, nor a full memory. The table
is printed at the end; a cell in which there is nothing to break says why.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import re
import resource
import select
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from dockerapi import Client, DockerError
from dockerapi.output import Frame
from dockerapi.streams import Attachment
from scripted import (
    LAST_CHUNK,
    PATIENCE,
    UPGRADED,
    BeforeBody,
    Conversation,
    Made,
    ScriptedDaemon,
    chunk,
    exec_died,
    frame,
    head,
    json_reply,
    reply,
)

SILENCE = 0.3  # seconds that a client waits here for what does not come
LIMIT = 30.0  # seconds that any cell may take on a busy machine
MEMORY = 400  # MiB by which the process may grow in any cell
GIBIBYTE = 1 << 30


@attrs.frozen
class Operation:
    """A call, where it goes, the whole answer to it, and what comes of that."""

    name: str
    line: str
    call: Callable[[Client], Any]
    pieces: tuple[bytes, ...]  # of the body, each a value, a frame or a block
    gives: Any
    upgraded: bool = False

    def head(self, conversation: Conversation) -> bytes:
        if self.name == "websocket":
            key = re.search(r"Sec-WebSocket-Key: (\S+)", conversation.request.head)
            assert key is not None
            guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1((key[1] + guid).encode()).digest()).decode()
            return head(101, Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Accept=accept)
        if self.upgraded:
            return UPGRADED
        if self.name == "call":
            return head(Content_Length=str(len(self.body)), Content_Type="application/json")
        return head(Transfer_Encoding="chunked", Date="Thu, 01 Jan 2026 00:00:00 GMT")

    @property
    def body(self) -> bytes:
        if self.upgraded or self.name == "call":
            return b"".join(self.pieces)
        return b"".join(map(chunk, self.pieces)) + LAST_CHUNK

    @property
    def framed(self) -> bool:
        return self.name in ("logs", "attach", "exec")

    @property
    def has_json(self) -> bool:
        return self.name in ("call", "values", "upload")


def _read(stream: Any) -> Any:
    with stream:
        return stream.read()


def _frames(stream: Attachment) -> list[Frame]:
    with stream:
        return list(stream)


def _message(data: bytes) -> bytes:
    return bytes([0x82, len(data)]) + data


FRAMES = (frame("stdout", b"out\n"), frame("stderr", b"err\n"))
SAID = [Frame("stdout", b"out\n"), Frame("stderr", b"err\n")]
OPERATIONS = [
    Operation(
        "call",
        "GET /v1.41/info",
        lambda client: client.info().name,
        (b'{"Name": "engine", "ID": "x"}',),
        "engine",
    ),
    Operation(
        "values",
        "GET /v1.41/events",
        lambda client: [event.action for event in client.events(until=1)],
        (b'{"Action": "start"}\n', b'{"Action": "die"}\n'),
        ["start", "die"],
    ),
    Operation(
        "logs",
        "GET /v1.41/containers/c1/logs",
        lambda client: _frames(client.logs("c1")),  # type: ignore[arg-type]
        FRAMES,
        SAID,
    ),
    Operation(
        "bytes",
        "GET /v1.41/containers/c1/export",
        lambda client: _read(client.export("c1")),
        (b"tar-" * 5, b"end"),
        b"tar-" * 5 + b"end",
    ),
    Operation(
        "upload",
        "POST /v1.41/images/load",
        lambda client: client.load_image(b"x" * 300_000).images,
        (b'{"stream": "Loaded image: a:1\\n"}',),
        ("a:1",),
    ),
    Operation(
        "attach",
        "POST /v1.41/containers/c1/attach",
        lambda client: _frames(client.attach("c1")),
        FRAMES,
        SAID,
        upgraded=True,
    ),
    Operation(
        "exec",
        "POST /v1.41/exec/e1/start",
        lambda client: _frames(client.exec_start("e1", tty=False)),
        FRAMES,
        SAID,
        upgraded=True,
    ),
    Operation(
        "websocket",
        "GET /v1.41/containers/c1/attach/ws",
        lambda client: _frames(client.attach_websocket("c1")),
        (_message(b"out\n"), _message(b"err\n"), b"\x88\x00"),
        [Frame("stdout", b"out\n"), Frame("stdout", b"err\n")],
        upgraded=True,
    ),
]
# Before the stream, and at its end.
INSPECTED = [
    json_reply({"Id": "c1", "Config": {"Tty": False}, "State": {"Running": running}})
    for running in (True, False)
]
EXEC = json_reply({"ID": "e1", "Running": False, "ExitCode": 0, "OpenStdin": False})
GONE = json_reply({"message": "it is shutting down"}, 500)


# The faults: each plays one answer, and returns where it cannot be played why.

Play = Callable[[Conversation, Operation], None]


def _whole(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation) + operation.body)


def _reset_before(conversation: Conversation, operation: Operation) -> None:
    conversation.reset()


def _reset_in_head(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation)[:20])
    conversation.reset()


def _reset_after_head(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation) + operation.body[:5])
    conversation.reset()


def _closed_before(conversation: Conversation, operation: Operation) -> None:
    pass


def _closed_in_head(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation)[:-3])


def _closed_in_body(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation) + operation.body[:5])


def _stalled_before(conversation: Conversation, operation: Operation) -> None:
    conversation.wait_for_hangup()


def _stalled_in_head(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation)[:20])
    conversation.wait_for_hangup()


def _stalled_in_body(conversation: Conversation, operation: Operation) -> None:
    conversation.send(operation.head(conversation) + operation.body[:5])
    conversation.wait_for_hangup()


def _dripping_head(conversation: Conversation, operation: Operation) -> None:
    """Each byte comes in time; all of them would take for ever."""
    for byte in itertools.chain(b"HTTP/1.1 200 OK\r\nA: ", itertools.repeat(ord("b"))):
        conversation.send(bytes([byte]))
        if select.select([conversation.sock], [], [], SILENCE / 10)[0]:
            return


def _chunks(body: bytes) -> Play:
    def play(conversation: Conversation, operation: Operation) -> None:
        conversation.send(head(Transfer_Encoding="chunked") + body)
        conversation.wait_for_hangup()

    return play


def _bytes(body: bytes) -> Play:
    """After the head that the operation expects, or in one chunk."""

    def play(conversation: Conversation, operation: Operation) -> None:
        if operation.upgraded:
            conversation.send(operation.head(conversation) + body)
        elif operation.name == "call":
            conversation.send(reply(200, body))
        else:
            conversation.send(head(Transfer_Encoding="chunked") + chunk(body) + LAST_CHUNK)

    return play


def _answers(answer: bytes) -> Play:
    def play(conversation: Conversation, operation: Operation) -> None:
        conversation.send(answer)
        conversation.wait_for_hangup()

    return play


def _endless(start: bytes, block: bytes) -> Play:
    """Up to a gibibyte, unless the client hangs up before."""

    def play(conversation: Conversation, operation: Operation) -> None:
        conversation.send(start)
        for _ in range(GIBIBYTE // len(block)):
            conversation.send(block)

    return play


def _endless_body(conversation: Conversation, operation: Operation) -> None:
    if operation.name == "call":
        _endless(head(Content_Length=str(GIBIBYTE)), b" " * (1 << 20))(conversation, operation)
    chunks = head(Transfer_Encoding="chunked")
    _endless(chunks, chunk(b'{"a": "' + b"x" * (1 << 20)))(conversation, operation)


DEEP = b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BOMB = gzip.compress(b"\0" * (32 << 20))
NO_FRAMES, NO_JSON = "no frames here", "no JSON here"
ENDLESS_IS_FINE = "may be endless"


def _only_framed(operation: Operation) -> str | None:
    return None if operation.framed else NO_FRAMES


def _only_json(operation: Operation) -> str | None:
    return None if operation.has_json else NO_JSON


def _only_values(operation: Operation) -> str | None:
    return None if operation.has_json else ENDLESS_IS_FINE


def _always(operation: Operation) -> str | None:
    return None


@attrs.frozen
class Fault:
    """Something that goes wrong, and why it cannot in some operations."""

    name: str
    play: Play
    not_in: Callable[[Operation], str | None] = _always
    early: bool = False  # before what is uploaded was read


FAULTS = [
    Fault("reset before the head", _reset_before),
    Fault("reset in the head", _reset_in_head),
    Fault("reset in the body", _reset_after_head),
    Fault("closed before the head", _closed_before),
    Fault("closed in the head", _closed_in_head),
    Fault("closed in the body", _closed_in_body),
    Fault("stalled before the head", _stalled_before),
    Fault("stalled in the head", _stalled_in_head),
    Fault("stalled in the body", _stalled_in_body),
    Fault("chunk length no number", _chunks(b"xyz\r\nhello\r\n")),
    Fault("chunk length negative", _chunks(b"-5\r\nhello\r\n")),
    Fault("chunk length huge", _chunks(b"f" * 40 + b"\r\nhello\r\n")),
    Fault("chunk without its end", _chunks(b"5\r\n     XX5\r\n     \r\n0\r\n\r\n")),
    Fault("frame header wrong", _bytes(b"\1\0\0\0\0\0\0\2ok" + b"garbage!" * 4), _only_framed),
    Fault("frame of 4 GiB announced", _bytes(b"\1\0\0\0\xff\xff\xff\xffxyz"), _only_framed),
    Fault("JSON cut", _bytes(b'{"Name": "eng'), _only_json),
    Fault("JSON nested 100,000 deep", _bytes(DEEP), _only_json),
    Fault("JSON with 5,000 digits", _bytes(b'{"Name": ' + b"9" * 5000 + b"}"), _only_json),
    Fault("JSON without end", _endless_body, _only_values),
    Fault("head without end", _endless(b"HTTP/1.1 200 OK\r\n", b"A: " + b"b" * 50 + b"\r\n")),
    Fault("head of 1 GB in one line", _endless(b"HTTP/1.1 200 OK\r\nA: ", b"b" * (1 << 20))),
    Fault("head in drops without end", _dripping_head),
    Fault("100 Continue without end", _endless(b"", head(100) * 1000)),
    Fault("status 103 and no more", _answers(head(103))),
    Fault("status 302", _answers(head(302, Location="http://evil.example/", Content_Length="0"))),
    Fault("status 600", _answers(reply(600, b"what?"))),
    Fault("no HTTP", _answers(b"220 mail.example ESMTP\r\n")),
    Fault(
        "gzip bomb",
        _answers(reply(200, BOMB, Content_Encoding="gzip")),
    ),
    Fault("400 while we upload", _answers(reply(400, b"no", Connection="close")), early=True),
    Fault("refused", _whole),  # by the road: nobody listens any more
]


@attrs.frozen
class Cell:
    """What came of a fault in an operation."""

    error: str
    seconds: float
    mebibytes: int

    def __str__(self) -> str:
        return f"{self.error} {self.seconds:.2f}s"


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _in_turn(first: bytes, second: bytes) -> Made:
    return Made(itertools.chain([first], itertools.repeat(second)).__next__)


def played(operation: Operation, fault: Fault, *, gone: bool = False) -> Cell:
    """Negotiates, then plays the fault; after which the Engine answers, unless it is `gone`."""

    def play(conversation: Conversation) -> None:
        fault.play(conversation, operation)

    script: dict[str, Any] = {
        "GET /v1.41/containers/c1/json": _in_turn(INSPECTED[0], GONE if gone else INSPECTED[1]),
        "GET /v1.41/exec/e1/json": _in_turn(EXEC, GONE if gone else EXEC),
        "GET /v1.41/events": GONE if gone else exec_died(),
        operation.line: BeforeBody(play) if fault.early else play,
    }
    daemon = ScriptedDaemon(script, tcp=True)
    before = _largest()
    with Client(daemon.url) as client:
        limit = SILENCE if EXPECTED.get(fault.name) == "TimedOut" else PATIENCE
        limited = client.with_timeouts(connect=limit, read=limit, idle=limit)
        with daemon:
            assert client.api_version == "1.41"
            if fault.name != "refused":
                return _outcome(operation, limited, before)
        return _outcome(operation, limited, before)


def _outcome(operation: Operation, client: Client, before: int) -> Cell:
    began = time.monotonic()
    try:
        given = operation.call(client)
    except DockerError as error:
        assert str(error)
        name = type(error).__name__
    else:
        name = f"gave {given!r}"
    return Cell(name, time.monotonic() - began, _largest() - before)


# The error that is expected: everywhere, or by operation with "" for all others.
BROKEN = {"": "StreamInterrupted", "call": "ConnectionFailed"}
CUT = {**BROKEN, "attach": "Truncated", "exec": "Truncated"}
NO_CHUNK = {"": "StreamInterrupted", "call": "UnexpectedReply", "websocket": "UnexpectedReply"}
EXPECTED: dict[str, str | dict[str, str]] = {
    "reset before the head": "ConnectionFailed",
    "reset in the head": "ConnectionFailed",
    "reset in the body": BROKEN,
    "closed before the head": "ConnectionFailed",
    "closed in the head": "ConnectionFailed",
    "closed in the body": CUT,
    "stalled before the head": "TimedOut",
    "stalled in the head": "TimedOut",
    "stalled in the body": "TimedOut",
    "chunk length no number": NO_CHUNK,
    "chunk length negative": NO_CHUNK,
    "chunk length huge": NO_CHUNK,
    "chunk without its end": NO_CHUNK,
    "frame header wrong": "NotAFrame",
    "frame of 4 GiB announced": "Truncated",
    "JSON cut": {"": "Truncated", "call": "UnexpectedReply"},
    "JSON nested 100,000 deep": "UnexpectedReply",
    "JSON with 5,000 digits": "UnexpectedReply",
    "JSON without end": "UnexpectedReply",
    "head without end": "UnexpectedReply",
    "head of 1 GB in one line": "UnexpectedReply",
    "head in drops without end": "TimedOut",
    "100 Continue without end": "UnexpectedReply",
    "status 103 and no more": "TimedOut",
    "status 302": "ApiError",
    "status 600": "ServerError",
    "no HTTP": "UnexpectedReply",
    "gzip bomb": "UnexpectedReply",
    "400 while we upload": "BadRequest",
    "refused": "ConnectionFailed",
}
TABLE: dict[tuple[str, str], str] = {}
CUTS = "cut at every byte"
WIDTH = 25


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Printed at the end, as far as its cells were tried."""
    yield
    names = [operation.name for operation in OPERATIONS]
    rows = ["".join(f"{text:<{WIDTH}}" for text in ("fault", *names))]
    for fault in [*(fault.name for fault in FAULTS), CUTS]:
        cells = [TABLE.get((fault, name), "?") for name in names]
        rows.append("".join(f"{text:<{WIDTH}}" for text in (fault, *cells)))
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("", *rows, sep="\n")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_without_a_fault_it_works(operation: Operation) -> None:
    cell = played(operation, Fault("none", _whole))
    assert cell.error == f"gave {operation.gives!r}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_a_named_error_in_time(fault: Fault, operation: Operation) -> None:
    why = fault.not_in(operation)
    if why is not None:
        TABLE[fault.name, operation.name] = f"({why})"
        return
    cell = played(operation, fault)
    TABLE[fault.name, operation.name] = str(cell)
    expected = EXPECTED[fault.name]
    if isinstance(expected, dict):
        expected = expected.get(operation.name, expected[""])
    assert cell.error == expected
    assert cell.seconds < LIMIT
    assert cell.mebibytes < MEMORY


@pytest.mark.dear
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_an_answer_that_is_cut_at_any_byte_is_no_whole_one(operation: Operation) -> None:
    """After an upgrade, a cut between frames looks like the end until the Engine is asked."""
    size = 0
    slowest = 0.0
    while True:

        def cut(conversation: Conversation, operation: Operation) -> None:
            conversation.send((operation.head(conversation) + operation.body)[:size])  # noqa: B023

        whole = size >= len(UPGRADED + operation.body)
        cell = played(operation, Fault("cut", cut), gone=not whole)
        slowest = max(slowest, cell.seconds)
        if cell.error == f"gave {operation.gives!r}":
            break
        assert not cell.error.startswith("gave"), (size, cell)
        size += 1
    TABLE[CUTS, operation.name] = f"{size} errors {slowest:.2f}s"
    missing = 4 if operation.name == "websocket" else 0
    assert size >= len(operation.body) - missing
    assert slowest < LIMIT
