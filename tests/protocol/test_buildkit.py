"""BuildKit's trace: as Engines sent it, made by hand, cut everywhere, and hostile."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import Truncated, UnexpectedReply
from dockerapi.protocol.buildkit import (
    NO_SESSION,
    BuildKitReports,
    Log,
    Status,
    Trace,
    Vertex,
    parse_trace,
)

RECORDINGS = Path(__file__).parent.parent / "recordings" / "buildkit"


def decoded(pieces: Iterable[bytes]) -> list[Any]:
    decoder = BuildKitReports()
    values = [value for piece in pieces for value in decoder.feed(piece)]
    values += decoder.partial()
    decoder.finish()
    return values


# An encoder of the same messages, for what no Engine has sent


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    head = b""
    while number >= 0x80:
        head += bytes([number & 0x7F | 0x80])
        number >>= 7
    return head + bytes([number])


def field(number: int, value: Any) -> bytes:
    """One field; None, False and what is empty is not written, as protobuf has it."""
    if isinstance(value, (bool, int)):
        return varint(number << 3) + varint(int(value)) if value else b""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data if data else b""


MOMENT = field(1, 1795269334) + field(2, 39776300)


def encoded(trace: Trace) -> bytes:
    parts = []
    for vertex in trace.vertexes:
        parts.append(
            field(
                1,
                field(1, vertex.digest)
                + field(2, "sha256:input")
                + field(3, vertex.name)
                + field(4, vertex.cached)
                + field(5, MOMENT if vertex.started else b"")
                + field(6, MOMENT if vertex.completed else b"")
                + field(7, vertex.error),
            )
        )
    for status in trace.statuses:
        parts.append(
            field(
                2,
                field(1, status.id)
                + field(2, status.vertex)
                + field(3, status.name)
                + field(4, status.current)
                + field(5, status.total)
                + field(6, MOMENT)
                + field(7, MOMENT if status.started else b"")
                + field(8, MOMENT if status.completed else b""),
            )
        )
    for log in trace.logs:
        parts.append(
            field(
                3,
                field(1, log.vertex)
                + field(2, MOMENT)
                + field(3, log.stream)
                + field(4, log.message),
            )
        )
    return b"".join(parts)


def sent(*parts: Vertex | Status | Log) -> bytes:
    """A trace as it is on the wire."""
    trace = Trace(
        tuple(part for part in parts if isinstance(part, Vertex)),
        tuple(part for part in parts if isinstance(part, Status)),
        tuple(part for part in parts if isinstance(part, Log)),
    )
    aux = base64.b64encode(encoded(trace)).decode()
    return json.dumps({"id": "moby.buildkit.trace", "aux": aux}).encode() + b"\r\n"


# What Engines sent

OPENING = [
    "[internal] load remote build context\n",
    "copy /context /\n",
    "[internal] load metadata for docker.io/library/busybox:latest\n",
]
BASE = {"20.10": "busybox", "26.1": "busybox:latest", "28.5": "busybox:latest"}
THIRD = "[3/4] RUN echo out; echo err >&2; printf 'no end'\n"
OUTPUT = {
    "20.10": ["out\nno end", "err\n", "[4/4] RUN echo two\n"],
    "26.1": ["out\nno end", "err\n", "[4/4] RUN echo two\n"],
    "28.5": ["err\n", "out\nno end", "\n[4/4] RUN echo two\n"],
}
IMAGE = {
    "20.10": "c798c71d34840b2a33cbfb4dcc3de148e49d34b5383bf4bc0baf0cb622815ef0",
    "26.1": "31b75530457626b27b30b53a0d91802e23f04b4cd7c6d781185c1ad8f09abfad",
    "28.5": "0fbeb4fc2d341b3e21c1cee071a80fce1fb420c15876e012972f8998ba5c32e0",
}
RELEASES = list(IMAGE)


def recorded(name: str) -> bytes:
    return (RECORDINGS / f"{name}.jsonl").read_bytes()


def texts(values: list[Any]) -> list[str]:
    return [value["stream"] for value in values if "stream" in value]


@pytest.mark.parametrize("release", RELEASES)
def test_a_build_that_succeeded(release: str) -> None:
    values = decoded([recorded(f"{release}-built")])
    named = ["Successfully tagged built:1\n"] if release == "20.10" else []
    assert texts(values) == [
        *OPENING,
        f"[1/4] FROM docker.io/library/{BASE[release]}\n",
        "CACHED\n",
        "[2/4] COPY x /x\n",
        THIRD,
        *OUTPUT[release],
        "two\n",
        "exporting to image\n",
        *named,
    ]
    image = IMAGE[release]
    assert [value for value in values if "aux" in value] == [{"aux": {"ID": f"sha256:{image}"}}]
    assert [(value["id"], value["status"]) for value in values if "id" in value] == [
        (name, status)
        for name in (
            "exporting layers",
            f"writing image {image[:12]}",
            "naming to docker.io/library/built:1",
        )
        for status in ("started", "done")
    ]


PULLS = {
    "20.10": [
        ("resolve 127.0.0.1:5000/base:1@eb9ae86bf807", "started", {}),
        ("resolve 127.0.0.1:5000/base:1@eb9ae86bf807", "done", {}),
        ("81baac623cfb", "downloading", {"current": 25165824, "total": 31467046}),
        ("eb9ae86bf807", "done", {"current": 740, "total": 740}),
        ("14e63139a564", "done", {"current": 1480, "total": 1480}),
        ("extracting 81baac623cfb", "extract", {}),
        ("81baac623cfb", "done", {"current": 31467046, "total": 31467046}),
        ("extracting 81baac623cfb", "extract", {}),
        ("extracting 81baac623cfb", "done", {}),
    ],
    "26.1": [
        ("resolve 127.0.0.1:5000/base:1@15d380df51c0", "started", {}),
        ("resolve 127.0.0.1:5000/base:1@15d380df51c0", "done", {}),
        ("extracting 688b0f0dcf6c", "extract", {}),
        ("15d380df51c0", "done", {"current": 740, "total": 740}),
        ("a55f15bdfefc", "done", {"current": 1480, "total": 1480}),
        ("688b0f0dcf6c", "done", {"current": 31467040, "total": 31467040}),
        ("extracting 688b0f0dcf6c", "extract", {}),
        ("extracting 688b0f0dcf6c", "done", {}),
    ],
    "28.5": [
        ("resolve 127.0.0.1:5000/base:1@041b9295d2fe", "started", {}),
        ("resolve 127.0.0.1:5000/base:1@041b9295d2fe", "done", {}),
        ("37668ee773a2", "downloading", {"current": 19922944, "total": 31460290}),
        ("041b9295d2fe", "done", {"current": 740, "total": 740}),
        ("a0de5327ab4d", "done", {"current": 1480, "total": 1480}),
        ("extracting 37668ee773a2", "extract", {}),
        ("37668ee773a2", "done", {"current": 31460290, "total": 31460290}),
        ("extracting 37668ee773a2", "extract", {}),
        ("extracting 37668ee773a2", "done", {}),
    ],
}


@pytest.mark.parametrize("release", RELEASES)
def test_layers_that_are_pulled_are_reported_as_in_a_pull(release: str) -> None:
    values = decoded([recorded(f"{release}-pulled")])
    reported = [value for value in values if "id" in value]
    assert [
        (value["id"], value["status"], value["progressDetail"])
        for value in reported[: len(PULLS[release])]
    ] == PULLS[release]
    assert reported[len(PULLS[release])]["id"] == "exporting layers"


WORDS = {
    "20.10": "executor failed running [/bin/sh -c echo before; sleep .3; exit 7]: exit code: 7",
    "26.1": 'process "/bin/sh -c echo before; sleep .3; exit 7" did not complete successfully: '
    "exit code: 7",
}
WORDS["28.5"] = WORDS["26.1"]


@pytest.mark.parametrize("release", RELEASES)
def test_a_failure_has_the_code_of_the_command_and_names_its_step(release: str) -> None:
    """The other step, which was stopped for it, failed with a code of its own."""
    [*_, last] = decoded([recorded(f"{release}-failed")])
    assert last == {
        "error": WORDS[release],
        "errorDetail": {"message": WORDS[release], "code": 7},
        "step": "[a 2/2] RUN echo before; sleep .3; exit 7",
        "output": "before\n",
        "hint": "",
    }


@pytest.mark.parametrize("release", RELEASES)
def test_a_failure_for_want_of_a_session_says_what_to_do(release: str) -> None:
    [*_, last] = decoded([recorded(f"{release}-secret")])
    stage = "" if release == "20.10" else "stage-0 "
    assert last == {
        "error": "no active sessions",
        "errorDetail": {"message": "no active sessions"},
        "step": f"[{stage}2/2] RUN --mount=type=secret,id=x cat /run/secrets/x",
        "output": "",
        "hint": NO_SESSION,
    }


@pytest.mark.parametrize("name", ["20.10-built", "28.5-failed"])
def test_it_may_be_cut_anywhere(name: str) -> None:
    data = recorded(name)
    whole = decoded([data])
    assert decoded(data[i : i + 1] for i in range(len(data))) == whole
    for i in range(0, len(data), 37):
        assert decoded([data[:i], data[i:]]) == whole


def test_an_end_inside_a_value_is_truncated() -> None:
    data = recorded("28.5-built")
    ends = [i + 2 for i in range(len(data)) if data[i : i + 2] == b"\r\n"]
    for i in range(1, len(data), 53):
        if i not in ends and data[i - 1 : i] != b"}":
            with pytest.raises(Truncated):
                decoded([data[:i]])


# What is said of steps

A = Vertex("sha256:a", "[1/2] RUN a", started=True)
B = Vertex("sha256:b", "[2/2] RUN b", started=True)


def log(vertex: Vertex, message: bytes, stream: int = 1) -> Log:
    return Log(vertex.digest, stream, message)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        pytest.param(
            [sent(Vertex("sha256:a", "later"))], "", id="a step that has not started is not named"
        ),
        pytest.param([sent(A), sent(A), sent(A)], "[1/2] RUN a\n", id="a step is named once"),
        pytest.param(
            [sent(A), sent(log(A, b"x\ny")), sent(log(A, b"z\n"))],
            "[1/2] RUN a\nx\nyz\n",
            id="output follows its step",
        ),
        pytest.param(
            [sent(A, B), sent(log(A, b"a1\n"), log(B, b"b1\n")), sent(log(B, b"b2\n"))],
            "[1/2] RUN a\n[2/2] RUN b\n[1/2] RUN a\na1\n[2/2] RUN b\nb1\nb2\n",
            id="output of two steps at a time is told apart",
        ),
        pytest.param(
            [sent(A), sent(log(A, b"no end")), sent(B)],
            "[1/2] RUN a\nno end\n[2/2] RUN b\n",
            id="a step begins on a line of its own",
        ),
        pytest.param(
            [sent(A), sent(log(A, "é".encode()[:1])), sent(log(A, "é".encode()[1:]))],
            "[1/2] RUN a\né",
            id="a character that is cut",
        ),
        pytest.param(
            [
                sent(A),
                sent(log(A, "é".encode()[:1]), log(A, b"2", 2)),
                sent(log(A, "é".encode()[1:])),
            ],
            "[1/2] RUN a\n2é",
            id="a character that is cut by the other output",
        ),
        pytest.param(
            [
                sent(A),
                sent(log(A, b"\xc3")),
                sent(Vertex("sha256:a", started=True, completed=True)),
            ],
            "[1/2] RUN a\n\ufffd",
            id="a character without an end",
        ),
        pytest.param(
            [sent(Vertex("sha256:a", "[1/2] RUN a", cached=True, started=True, completed=True))]
            * 2,
            "[1/2] RUN a\nCACHED\n",
            id="a step that need not be done",
        ),
        pytest.param(
            [sent(Log("sha256:unknown", 1, b"x"))],
            "sha256:unknown\nx",
            id="output of a step that was not announced",
        ),
    ],
)
def test_what_is_said_of_steps(messages: list[bytes], said: str) -> None:
    assert "".join(texts(decoded(messages))) == said


def failing(words: str, *vertexes: Vertex) -> Any:
    end = {"errorDetail": {"message": words}, "error": words}
    return decoded([sent(*vertexes), json.dumps(end).encode()])[-1]


def broken(vertex: Vertex, error: str) -> Vertex:
    return Vertex(vertex.digest, vertex.name, started=True, completed=True, error=error)


@pytest.mark.parametrize(
    ("words", "vertexes", "step", "code"),
    [
        pytest.param("unknown instruction: BOGUS", [A], None, None, id="no step failed"),
        pytest.param(
            'failed to compute cache key: "/x" not found',
            [broken(A, '"/x" not found')],
            "[1/2] RUN a",
            None,
            id="no command",
        ),
        pytest.param("of other words", [broken(A, "x")], "[1/2] RUN a", None, id="the only one"),
        pytest.param("of other words", [broken(A, "x"), broken(B, "y")], None, None, id="either"),
        pytest.param("same", [broken(A, "same"), broken(B, "same")], "[1/2] RUN a", None, id="two"),
        pytest.param(
            'process "/bin/sh -c echo exit code: 3" did not complete successfully: exit code: 130',
            [broken(A, "exit code: 130")],
            "[1/2] RUN a",
            130,
            id="a command that speaks of a code",
        ),
        pytest.param("exit code: 3", [], None, None, id="words that only look like it"),
        pytest.param(
            "failed to solve: executor failed running [a\nb]: exit code: 2",
            [],
            None,
            2,
            id="behind other words, of several lines",
        ),
    ],
)
def test_a_failure(words: str, vertexes: list[Vertex], step: str | None, code: int | None) -> None:
    found = failing(words, *vertexes)
    assert (found["step"], found["errorDetail"].get("code")) == (step, code)
    assert found["error"] == found["errorDetail"]["message"] == words


def test_a_failure_has_the_end_of_what_its_step_has_written_and_no_other() -> None:
    end = {"errorDetail": {"message": "of a"}, "error": "of a"}
    logs = [
        Log("sha256:b", 1, b"of b\n"),
        Log("sha256:a", 1, b"x" * 9000),
        Log("sha256:a", 2, b"y"),
    ]
    messages = [sent(A, B, *logs), sent(broken(A, "of a")), json.dumps(end).encode()]
    found = decoded(messages)[-1]
    assert (found["step"], found["output"]) == ("[1/2] RUN a", "x" * 4095 + "y")


@pytest.mark.parametrize(
    "words", ['process "', "executor failed running [", "]: exit code: 1", '] [" ']
)
def test_no_words_take_long_to_be_searched_for_a_code(words: str) -> None:
    """Each beginning was tried with each place behind it: hours for 5 MB."""
    began = time.process_time()
    assert failing(words * 200_000)["errorDetail"].get("code") is None
    assert time.process_time() - began < 5


def test_a_code_that_the_engine_gives_is_kept() -> None:
    end = {"errorDetail": {"message": "x", "code": 5}, "error": "x"}
    assert decoded([json.dumps(end).encode()])[-1]["errorDetail"] == {"message": "x", "code": 5}


@pytest.mark.parametrize("error", [{"error": "x"}, {"error": "x", "errorDetail": None}])
def test_an_error_without_details(error: dict[str, Any]) -> None:
    [found] = decoded([json.dumps(error).encode()])
    told = {"step": None, "output": "", "hint": ""}
    assert found == {"error": "x", "errorDetail": {"message": "x"}, **told}


def test_what_is_no_trace_passes_as_it_is() -> None:
    values = [{"stream": "x\n"}, [1], {"id": "other", "aux": {}}]
    assert decoded(json.dumps(value).encode() for value in values) == values


def test_numbers_that_are_not_known_are_not_there() -> None:
    [value] = decoded([sent(Status("x", current=-1, total=0))])
    assert value == {"id": "x", "status": "started", "progressDetail": {"current": -1}}


# The messages

words = st.text(max_size=40)
traces = st.builds(
    Trace,
    st.lists(
        st.builds(Vertex, words, words, st.booleans(), st.booleans(), st.booleans(), words)
    ).map(tuple),
    st.lists(
        st.builds(
            Status,
            words,
            words,
            words,
            st.integers(-(1 << 63), (1 << 63) - 1),
            st.integers(-(1 << 63), (1 << 63) - 1),
            st.booleans(),
            st.booleans(),
        )
    ).map(tuple),
    st.lists(st.builds(Log, words, st.integers(0, 2), st.binary(max_size=40))).map(tuple),
)


def aux(data: bytes) -> str:
    return base64.b64encode(data).decode()


@given(traces)
def test_a_message_is_read_as_it_was_written(trace: Trace) -> None:
    assert parse_trace(aux(encoded(trace))) == trace


UNKNOWN = (
    varint(99 << 3) + b"\x05" + varint(98 << 3 | 1) + b"8 bytes." + varint(97 << 3 | 5) + b"four"
)


def test_fields_that_are_not_known_are_skipped() -> None:
    vertex = field(1, "d") + UNKNOWN + field(96, b"x") + field(3, "n")
    data = UNKNOWN + field(1, vertex) + field(4, b"a warning") + field(50, "x")
    assert parse_trace(aux(data)) == Trace((Vertex("d", "n"),))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        parse_trace(aux(data))
    except UnexpectedReply as error:
        assert error.raw in data


@given(traces, st.data())
def test_a_message_that_is_cut_or_changed_is_read_or_refused(
    trace: Trace, data: st.DataObject
) -> None:
    whole = bytearray(encoded(trace))
    if whole:
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    for message in (bytes(whole), cut):
        try:
            parse_trace(aux(message))
        except UnexpectedReply as error:
            assert error.raw in message


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x0a\x05abc", "3 of 5 bytes of a field"),
        (b"\x0a\xff\xff\xff\xff\x0f", "0 of 4294967295 bytes of a field"),
        (b"\x0a", "it ends inside a number"),
        (b"\x80" * 11, "a number of more than 64 bits"),
        (b"\x08" + b"\xff" * 9 + b"\x7f", "a number of more than 64 bits"),
        (b"\x00\x01", "no field has the number 0"),
        (b"\x0b", "no field is of kind 3"),
        (b"\x09abc", "3 of 8 bytes of a field"),
        (b"\x08\x01", "a message was expected, not a number"),
        (b"\x0a\x02\x08\x01", "digest: bytes expected"),
        (b"\x0a\x03\x22\x01x", "cached: a number expected"),
        (b"\x0a\x02\x28\x01", "started: bytes expected"),
        (b"\x1a\x02\x20\x01", "message: bytes expected"),
    ],
)
def test_what_is_no_message_is_refused_and_shown(data: bytes, why: str) -> None:
    with pytest.raises(UnexpectedReply) as caught:
        parse_trace(aux(data))
    shown = data[2:] if "expected" in why and "message was" not in why else data
    assert str(caught.value) == f"a trace of BuildKit that is none, {why}: {shown!r}"
    assert caught.value.raw == shown


@pytest.mark.parametrize("value", [None, 1, [], {"ID": "x"}, "a", "?!", "é", "YQ==\n"])
def test_what_is_no_base64_is_refused_and_shown(value: Any) -> None:
    with pytest.raises(UnexpectedReply) as caught:
        parse_trace(value)
    assert str(caught.value) == f"a trace of BuildKit is no base64: {value!r}"
    assert caught.value.raw == value
