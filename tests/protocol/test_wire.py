"""The decoders: each is proved whole, byte by byte, split everywhere and cut everywhere."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import NotAFrame, OperationFailed, Truncated, UnexpectedReply
from dockerapi.output import Frame, Line
from dockerapi.protocol.wire import (
    LARGEST,
    Demuxer,
    JsonValues,
    Lines,
    RawDecoder,
    Reports,
)
from protocol.decoding import bytewise, decoded, fed, splits
from scripted import frame


def work(act: Callable[[], object]) -> Counter[str]:
    """How often each function, of Python or of C, was called."""
    calls: Counter[str] = Counter()

    def count(caller: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            calls[caller.f_code.co_name] += 1
        elif event == "c_call":
            calls[argument.__name__] += 1

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


def peak(act: Callable[[], object]) -> int:
    """The most bytes that were held at once."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# Demuxer

# Three streams; a frame of nothing; bytes that look like a header, and that are no UTF-8.
FRAMES = [
    Frame("stdout", b"out\n"),
    Frame("stderr", b"\x02\0\0\0\0\0\0\x04"),
    Frame("stdin", b"\0"),
    Frame("stdout", b"\xff\xc3"),
]
FRAMED = (
    frame("stdout", b"out\n")
    + frame("stderr", b"\x02\0\0\0\0\0\0\x04")
    + frame("stdout", b"")
    + frame("stdin", b"\0")
    + frame("stdout", b"\xff\xc3")
)


def test_frames_that_come_whole() -> None:
    assert decoded(Demuxer(), [FRAMED]) == FRAMES


def test_frames_that_come_byte_by_byte() -> None:
    assert decoded(Demuxer(), bytewise(FRAMED)) == FRAMES


@pytest.mark.parametrize("pieces", splits(FRAMED), ids=lambda pieces: str([*map(len, pieces)]))
def test_frames_that_are_split_anywhere(pieces: list[bytes]) -> None:
    assert decoded(Demuxer(), pieces) == FRAMES


def cut_of(frames: Sequence[tuple[str, bytes]], length: int) -> tuple[list[Frame], str | None, int]:
    """What is left of frames of which `length` bytes came: frames, the complaint, bytes missing."""
    got: list[Frame] = []
    for stream, data in frames:
        if length == 0:
            return got, None, 0
        size = 8 + len(data)
        if length < 8:
            return got, f"stream ended inside a frame header: {length} of 8 bytes", 8 - length
        if length < size:
            if length > 8:
                got.append(Frame(stream, data[: length - 8]))  # type: ignore[arg-type]
            return got, f"stream ended inside a frame: {length} of {size} bytes", size - length
        if data:
            got.append(Frame(stream, data))  # type: ignore[arg-type]
        length -= size
    return got, None, 0


SENT = [
    ("stdout", b"out\n"),
    ("stderr", b"\x02\0\0\0\0\0\0\x04"),
    ("stdout", b""),
    ("stdin", b"\0"),
    ("stdout", b"\xff\xc3"),
]


@pytest.mark.parametrize("cut", range(len(FRAMED) + 1))
@pytest.mark.parametrize("pieces_of", [lambda data: [data], bytewise], ids=["whole", "bytes"])
def test_frames_that_are_cut_anywhere(pieces_of: Callable[[bytes], list[bytes]], cut: int) -> None:
    frames, complaint, missing = cut_of(SENT, cut)
    decoder = Demuxer()
    assert [*fed(decoder, pieces_of(FRAMED[:cut])), *decoder.partial()] == frames
    if complaint is None:
        decoder.finish()
    else:
        with pytest.raises(Truncated) as caught:
            decoder.finish()
        assert (caught.value.message, caught.value.missing) == (complaint, missing)


@given(
    st.lists(st.tuples(st.sampled_from(["stdin", "stdout", "stderr"]), st.binary(max_size=40))),
    st.lists(st.integers(1, 30), min_size=1),
)
def test_frames_of_any_kind_in_pieces_of_any_size(
    sent: list[tuple[str, bytes]], sizes: list[int]
) -> None:
    data = b"".join(frame(stream, payload) for stream, payload in sent)
    expected = [(stream, payload) for stream, payload in sent if payload]
    assert decoded(Demuxer(), in_pieces(data, sizes)) == expected


def in_pieces(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """The data in pieces of these sizes, again and again."""
    pieces, position, turn = [], 0, 0
    while position < len(data):
        size = sizes[turn % len(sizes)]
        pieces.append(data[position : position + size])
        position, turn = position + size, turn + 1
    return pieces


@given(st.binary(max_size=200), st.lists(st.integers(1, 30), min_size=1))
def test_bytes_of_any_kind_are_frames_or_an_error_of_ours(data: bytes, sizes: list[int]) -> None:
    def outcome(pieces: list[bytes]) -> tuple[str, bytes]:
        decoder = Demuxer()
        got = b""
        try:
            for piece in pieces:
                for stream, payload in decoder.feed(piece):
                    got += stream.encode() + payload
            for stream, payload in decoder.partial():
                got += stream.encode() + payload
            decoder.finish()
        except (NotAFrame, OperationFailed, Truncated) as error:
            return type(error).__name__, got
        return "", got

    assert outcome(in_pieces(data, sizes)) == outcome([data])


def test_a_header_of_four_gibibytes_allocates_nothing() -> None:
    decoder = Demuxer()

    def act() -> None:
        assert fed(decoder, [b"\1\0\0\0\xff\xff\xff\xff"]) == []
        assert fed(decoder, [b"abc", b"de"]) == [Frame("stdout", b"abc"), Frame("stdout", b"de")]

    assert peak(act) < 64 * 1024
    assert list(decoder.partial()) == []
    with pytest.raises(Truncated) as caught:
        decoder.finish()
    assert caught.value.message == "stream ended inside a frame: 13 of 4294967303 bytes"
    assert caught.value.missing == 2**32 - 1 - 5


def test_a_frame_of_the_largest_size_comes_whole() -> None:
    data = b"x" * LARGEST
    assert decoded(Demuxer(), in_pieces(frame("stdout", data), [65536])) == [Frame("stdout", data)]


def test_a_larger_frame_comes_in_pieces_as_they_arrive() -> None:
    decoder = Demuxer()
    header = b"\2\0\0\0" + (LARGEST + 1).to_bytes(4, "big")
    assert fed(decoder, [header + b"x" * 10]) == [Frame("stderr", b"x" * 10)]
    assert fed(decoder, [b"y" * (LARGEST - 10)]) == [Frame("stderr", b"y" * (LARGEST - 10))]
    assert list(decoder.partial()) == []
    assert fed(decoder, [b"z" + frame("stdout", b"next")]) == [
        Frame("stderr", b"z"),
        Frame("stdout", b"next"),
    ]
    decoder.finish()


def test_a_larger_frame_within_one_block_comes_as_one() -> None:
    data = b"x" * (LARGEST + 1)
    assert decoded(Demuxer(), [frame("stdout", data)]) == [Frame("stdout", data)]


def test_a_frame_in_single_bytes_is_joined_once() -> None:
    def calls(size: int) -> Counter[str]:
        pieces = bytewise(frame("stdout", b"x" * size))
        return work(lambda: decoded(Demuxer(), pieces))

    once, twice = calls(20_000), calls(40_000)
    assert once["join"] == twice["join"] == 1
    assert twice.total() < 2.1 * once.total()


@pytest.mark.parametrize("pieces_of", [lambda data: [data], bytewise], ids=["whole", "bytes"])
def test_the_engines_own_error_is_raised_after_the_frames_before_it(
    pieces_of: Callable[[bytes], list[bytes]],
) -> None:
    data = frame("stdout", b"out") + frame("engine", b"error attaching caf\xc3\xa9\n")
    decoder = Demuxer()
    got: list[Frame] = []
    with pytest.raises(OperationFailed) as caught:
        for piece in pieces_of(data):
            for value in decoder.feed(piece):
                got.append(value)
    assert got == [Frame("stdout", b"out")]
    assert caught.value.message == "error attaching caf\u00e9"


@pytest.mark.parametrize(
    ("data", "shown_data"),
    [
        (b"\x04\0\0\0\0\0\0\x01x", b"\x04\0\0\0\0\0\0\x01x"),
        (b"\x01\x01\0\0\0\0\0\x01x", b"\x01\x01\0\0\0\0\0\x01x"),
        (b"\x01\0\0\x01\0\0\0\x01x", b"\x01\0\0\x01\0\0\0\x01x"),
        (b"root@c1:/# ls -la\r\n", b"root@c1:/# ls -la\r\n"),
        (b"x" * 1000, b"x" * 64),
    ],
    ids=["type 4", "padding 1", "padding 3", "terminal", "long"],
)
def test_what_is_no_frame_header_is_shown(data: bytes, shown_data: bytes) -> None:
    decoder = Demuxer()
    assert fed(decoder, [frame("stdout", b"out")]) == [Frame("stdout", b"out")]
    with pytest.raises(NotAFrame) as caught:
        fed(decoder, [data])
    assert caught.value.message == (
        f"not a frame header: {shown_data!r}; is this the stream of a TTY?"
    )
    assert caught.value.data == shown_data


def test_an_engines_error_that_is_cut_is_no_output() -> None:
    decoder = Demuxer()
    assert fed(decoder, [frame("engine", b"error")[:-1]]) == []
    assert list(decoder.partial()) == []
    with pytest.raises(Truncated) as caught:
        decoder.finish()
    assert caught.value.message == "stream ended inside a frame: 12 of 13 bytes"


# Without frames

PROMPT = b"root@c1:/# \x1b[6n\xff\r\n"


def test_a_terminal_gives_what_arrived() -> None:
    assert decoded(RawDecoder(), [PROMPT]) == [Frame("stdout", PROMPT)]


def test_a_terminal_gives_single_bytes_only_if_they_came_so() -> None:
    assert decoded(RawDecoder(), bytewise(PROMPT)) == [Frame("stdout", b) for b in bytewise(PROMPT)]


@pytest.mark.parametrize("pieces", splits(PROMPT), ids=lambda pieces: str([*map(len, pieces)]))
def test_a_terminal_that_is_split_anywhere(pieces: list[bytes]) -> None:
    assert decoded(RawDecoder(), pieces) == [Frame("stdout", piece) for piece in pieces if piece]


@pytest.mark.parametrize("cut", range(len(PROMPT) + 1))
def test_a_terminal_may_be_cut_anywhere(cut: int) -> None:
    assert b"".join(data for _, data in decoded(RawDecoder(), [PROMPT[:cut]])) == PROMPT[:cut]


@given(st.lists(st.binary()))
def test_a_terminal_loses_and_adds_nothing(pieces: list[bytes]) -> None:
    got = decoded(RawDecoder(), pieces)
    assert got == [("stdout", piece) for piece in pieces if piece]


# JsonValues

# Each with what follows it: every separator that was seen. Brackets, quotes and escapes are in
# strings, and more than ASCII is there as it is and escaped.
SENT_VALUES: list[tuple[bytes, bytes]] = [
    (b'{"status": "one"}', b""),
    (rb'{"id": "}{][\"", "n": [1, [2, {"x": []}], "\\"]}', b"\r\n\t "),
    (b"{}", b" \n\x1e"),
    ('{"text": "caf\u00e9 \\ud83d\\udc33", "bell": "\\u0007\\n"}'.encode(), b"\n\n"),
    (b'{"a": {"b": {"c": null}}}', b"\x1e"),
    (b'["a list", {"x": "]"}]', b""),
    (rb'{"last": "\\\\\""}', b"\r\n"),
]
VALUES: list[Any] = [
    {"status": "one"},
    {"id": '}{]["', "n": [1, [2, {"x": []}], "\\"]},
    {},
    {"text": "caf\u00e9 \U0001f433", "bell": "\u0007\n"},
    {"a": {"b": {"c": None}}},
    ["a list", {"x": "]"}],
    {"last": '\\\\"'},
]
JSON = b"".join(value + separator for value, separator in SENT_VALUES)


@pytest.mark.usefixtures("json_reader")
def test_values_that_come_whole() -> None:
    assert decoded(JsonValues(), [JSON]) == VALUES


@pytest.mark.usefixtures("json_reader")
def test_values_that_come_byte_by_byte() -> None:
    assert decoded(JsonValues(), bytewise(JSON)) == VALUES


@pytest.mark.usefixtures("json_reader")
def test_values_that_are_split_anywhere() -> None:
    for pieces in splits(JSON):
        assert decoded(JsonValues(), pieces) == VALUES, pieces


def cut_of_values(length: int) -> tuple[list[Any], bytes]:
    """What is left of JSON of which `length` bytes came: values, and the beginning of one more."""
    got: list[Any] = []
    for (sent, separator), value in zip(SENT_VALUES, VALUES, strict=True):
        if length < len(sent):
            return got, sent[:length]
        got.append(value)
        length = max(0, length - len(sent) - len(separator))
    return got, b""


@pytest.mark.usefixtures("json_reader")
@pytest.mark.parametrize("pieces_of", [lambda data: [data], bytewise], ids=["whole", "bytes"])
def test_values_that_are_cut_anywhere(pieces_of: Callable[[bytes], list[bytes]]) -> None:
    for cut in range(len(JSON) + 1):
        values, begun = cut_of_values(cut)
        decoder = JsonValues()
        assert [*fed(decoder, pieces_of(JSON[:cut])), *decoder.partial()] == values, cut
        if not begun:
            decoder.finish()
            continue
        with pytest.raises(Truncated) as caught:
            decoder.finish()
        assert caught.value.message == f"stream ended inside a JSON value, after {begun[-80:]!r}"
        assert caught.value.missing is None


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
SEPARATORS = st.sampled_from([b"", b"\r\n", b"\n", b" ", b"\t", b"\x1e", b"\n\x1e"])


@pytest.mark.usefixtures("json_reader")
@given(
    st.lists(st.tuples(st.dictionaries(st.text(), ANY_JSON), SEPARATORS, st.booleans())),
    st.lists(st.integers(1, 30), min_size=1),
)
def test_values_of_any_kind_in_pieces_of_any_size(
    sent: list[tuple[dict[str, Any], bytes, bool]], sizes: list[int]
) -> None:
    data = b"".join(
        json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass") + separator
        for value, separator, escaped in sent
    )
    expected = [value for value, _, _ in sent]
    assert decoded(JsonValues(), in_pieces(data, sizes)) == expected


@pytest.mark.usefixtures("json_reader")
@given(
    st.text(alphabet='{}[]":,\\ \n\x1e0a\u00e9', max_size=40) | st.binary(max_size=40),
    st.lists(st.integers(1, 7), min_size=1),
)
def test_bytes_of_any_kind_are_values_or_an_error_of_ours(
    given_data: str | bytes, sizes: list[int]
) -> None:
    """And the same values and the same kind of error, however they arrive."""
    data = given_data if isinstance(given_data, bytes) else given_data.encode()
    assert outcome_of_values(in_pieces(data, sizes)) == outcome_of_values([data])


def outcome_of_values(pieces: list[bytes]) -> tuple[list[Any], str]:
    """The values, and the name of the error that ended them."""
    decoder, got = JsonValues(), []
    try:
        for piece in pieces:
            for value in decoder.feed(piece):
                got.append(value)
        decoder.finish()
    except (UnexpectedReply, Truncated) as error:
        return got, type(error).__name__
    return got, ""


@pytest.mark.usefixtures("json_reader")
@pytest.mark.dear
def test_a_value_of_twenty_megabytes_is_scanned_and_parsed_once() -> None:
    def calls(megabytes: int) -> Counter[str]:
        value = {"stream": 'x\\"{' * (megabytes * 1024 * 256), "n": [1]}
        pieces = in_pieces(json.dumps(value).encode(), [4096])
        got: list[Any] = []
        counted = work(lambda: got.extend(decoded(JsonValues(), pieces)))
        assert got == [value]
        return counted

    once, twice = calls(7), calls(14)
    assert once["join"] == twice["join"] == 1
    assert once["parsed"] == twice["parsed"] == 1
    # The beginning is tried where it is, in the first block, and never again.
    assert once["raw_decode"] == twice["raw_decode"]
    assert twice.total() < 2.1 * once.total()


@pytest.mark.usefixtures("json_reader")
def test_deep_nesting_in_single_pieces_ends_in_an_error_of_ours() -> None:
    depth = 200_000
    data = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    with pytest.raises(UnexpectedReply) as caught:
        fed(JsonValues(), in_pieces(data, [4096]))
    assert caught.value.raw == data
    with pytest.raises(UnexpectedReply):
        fed(JsonValues(), [data])


@pytest.mark.usefixtures("json_reader")
@pytest.mark.parametrize(
    ("lines", "values"),
    [
        (b'{"a":1},{"b":2}\n{}\n', [{"a": 1}]),
        (b"{},{}\n[{}\n{}]\n", [{}]),
        (b"{}\n[{}\n{}]\n{}],[{}\n", [{}]),
        (b'{}\n{"a":[{}\n{}]}\n', [{}]),
        (b"{}\n1\n{}\n", [{}]),
        (b"{}\n],[\n{}\n", [{}]),
        (b"{}\n{} {}\n[]\r\n\n{}\n", [{}, {}, {}, [], {}]),
        (b'{"a":\n1}\n{"b":\n2}\n', [{"a": 1}, {"b": 2}]),
    ],
)
def test_lines_that_are_not_one_value_each_are_read_one_by_one(
    lines: bytes, values: list[Any]
) -> None:
    found = outcome_of_values([lines])
    assert found == outcome_of_values(bytewise(lines))
    assert found[0] == values


@pytest.mark.usefixtures("json_reader")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Error: no such image", "a JSON object was expected, not b'Error: no such image'"),
        (b"<html>", "a JSON object was expected, not b'<html>'"),
        (b"null", "a JSON object was expected, not b'null'"),
        (b"\xef\xbb\xbf{}", r"a JSON object was expected, not b'\xef\xbb\xbf{}'"),
        (b'{"a":]', "not JSON (Expecting value: line 1 column 6 (char 5)): b'{\"a\":]'"),
        (b"{a}", None),
        (b'{"a": "\xff\xfe"}', None),
    ],
)
def test_what_is_no_json_is_shown(data: bytes, message: str | None) -> None:
    decoder = JsonValues()
    assert fed(decoder, [b'{"status":"ok"}\r\n']) == [{"status": "ok"}]
    with pytest.raises(UnexpectedReply) as caught:
        fed(decoder, [data])
        decoder.finish()
    assert caught.value.raw == data
    if message is not None:
        assert caught.value.message == message


# Reports

TEXT = "Step 1 : FROM busybox\n ---> caf\u00e9\nSuccessfully built 0123\n".encode()
REPORTED = [
    {"stream": "Step 1 : FROM busybox\n"},
    {"stream": " ---> caf\u00e9\n"},
    {"stream": "Successfully built 0123\n"},
]


def test_a_report_in_text_comes_as_newer_engines_would_say_it() -> None:
    assert decoded(Reports(), [TEXT]) == REPORTED


def test_a_report_in_text_that_comes_byte_by_byte() -> None:
    assert decoded(Reports(), bytewise(TEXT)) == REPORTED


def test_a_report_in_text_that_is_split_anywhere() -> None:
    for pieces in splits(TEXT):
        assert decoded(Reports(), pieces) == REPORTED, pieces


def test_a_report_in_text_that_is_cut_anywhere_gives_what_came() -> None:
    """Text says nowhere that it is all."""
    for cut in range(len(TEXT) + 1):
        said = "".join(value["stream"] for value in decoded(Reports(), [TEXT[:cut]]))
        assert said == TEXT[:cut].decode("utf-8", "replace"), cut


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            b"Step 1\nError build: The command returned a non-zero code: 7\n",
            [
                {"stream": "Step 1\n"},
                {"stream": "Error build: The command returned a non-zero code: 7\n"},
                {"error": "The command returned a non-zero code: 7"},
            ],
        ),
        (b"Error: build: x", [{"stream": "Error: build: x"}, {"error": "x"}]),
        (b"Error: x\n\n", [{"stream": "Error: x\n"}, {"stream": "\n"}, {"error": "x"}]),
        (b"No such id: x", [{"stream": "No such id: x"}, {"error": "No such id: x"}]),
        (b"Error: x\ngone on\n", [{"stream": "Error: x\n"}, {"stream": "gone on\n"}]),
        (b"", []),
        (b" \r\n", []),
    ],
)
def test_a_last_line_that_is_an_error_is_said_to_be_one(
    text: bytes, values: list[dict[str, str]]
) -> None:
    assert decoded(Reports(), [text]) == values
    assert decoded(Reports(), bytewise(text)) == values


def test_a_report_in_json_is_that() -> None:
    assert decoded(Reports(), [b"\n" + JSON]) == VALUES
    assert decoded(Reports(), bytewise(b"\n" + JSON)) == VALUES
    for pieces in splits(JSON):
        assert decoded(Reports(), pieces) == VALUES, pieces


def test_a_report_in_json_that_is_cut() -> None:
    decoder = Reports()
    assert fed(decoder, [b'{"status":"x"}{"sta']) == [{"status": "x"}]
    assert list(decoder.partial()) == []
    with pytest.raises(Truncated) as caught:
        decoder.finish()
    assert caught.value.message == "stream ended inside a JSON value, after b'{\"sta'"


@given(st.text(), st.lists(st.integers(1, 9), min_size=1))
def test_a_report_in_text_of_any_kind_loses_nothing(text: str, sizes: list[int]) -> None:
    data = b"x" + text.encode("utf-8", "replace")
    got = decoded(Reports(), in_pieces(data, sizes))
    assert "".join(value.get("stream", "") for value in got) == data.decode()


# Lines


def lines_of(frames: Iterable[Frame]) -> list[Line]:
    lines = Lines()
    return [line for frame in frames for line in lines.feed(frame)] + list(lines.partial())


# Two- to four-byte characters, a byte that is none, "\r", an empty line, no newline at the end.
LINES_OUT = "one\r\ncaf\u00e9\n\n\U0001f433 tail".encode()
LINES_ERR = b"err \xff\xc3\n\xe2\x82"
LINES = [
    Line("stdout", "one\r"),
    Line("stdout", "caf\u00e9"),
    Line("stdout", ""),
    Line("stdout", "\U0001f433 tail"),
]


def test_a_json_value_without_end_is_refused() -> None:
    values = JsonValues()
    with pytest.raises(UnexpectedReply) as caught:
        assert list(values.feed(b'{"log": "')) == []
        for _ in range(65):
            assert list(values.feed(b"x" * LARGEST)) == []
    assert str(caught.value) == """a JSON value of more than 67,108,864 bytes: b'{"log": "'"""


def test_lines_of_whole_frames() -> None:
    frames = [Frame("stdout", LINES_OUT), Frame("stderr", LINES_ERR)]
    assert lines_of(frames) == [
        *LINES[:3],
        Line("stderr", "err \ufffd\ufffd"),
        LINES[3],
        Line("stderr", "\ufffd"),
    ]


def test_lines_of_frames_of_single_bytes() -> None:
    assert lines_of(Frame("stdout", b) for b in bytewise(LINES_OUT)) == LINES


def test_lines_of_frames_that_are_split_anywhere() -> None:
    for pieces in splits(LINES_OUT):
        assert lines_of(Frame("stdout", piece) for piece in pieces) == LINES, pieces


def test_lines_that_are_cut_anywhere_give_what_came() -> None:
    for cut in range(len(LINES_OUT) + 1):
        lines = lines_of([Frame("stdout", LINES_OUT[:cut])])
        text = LINES_OUT[:cut].decode("utf-8", "replace")
        *ended, rest = text.split("\n")
        assert [line.text for line in lines] == ended + ([rest] if rest else []), cut


def test_a_character_cut_by_a_frame_of_the_other_stream_comes_out_whole() -> None:
    frames = [
        Frame("stdout", b"\xe2\x82"),
        Frame("stderr", b"\xc3"),
        Frame("stdout", b"\xac\n"),
        Frame("stderr", b"\xa9\n"),
    ]
    assert lines_of(frames) == [Line("stdout", "\u20ac"), Line("stderr", "\u00e9")]


def test_only_a_newline_ends_a_line() -> None:
    text = "a\rb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h"
    assert lines_of([Frame("stdout", f"{text}\n".encode())]) == [Line("stdout", text)]


def test_after_the_last_line_the_decoders_are_as_new() -> None:
    lines = Lines()
    assert list(lines.feed(Frame("stdout", b"a\xc3"))) == []
    assert list(lines.partial()) == [Line("stdout", "a\ufffd")]
    assert list(lines.partial()) == []
    assert list(lines.feed(Frame("stdout", b"b\n"))) == [Line("stdout", "b")]


def test_a_long_line_is_joined_once() -> None:
    def calls(count: int) -> Counter[str]:
        frames = [Frame("stdout", b"x" * 100)] * count
        return work(lambda: lines_of(frames))

    once, twice = calls(5_000), calls(10_000)
    assert once["join"] == twice["join"]
    assert twice.total() < 2.1 * once.total()


def test_a_line_without_end_comes_in_pieces() -> None:
    lines = Lines()
    block = Frame("stdout", b"x" * 65536)
    found = [line for _ in range(40) for line in lines.feed(block)]
    found += lines.feed(Frame("stdout", b"end\n"))
    assert [len(line.text) for line in found] == [17 * 65536, 17 * 65536, 6 * 65536 + 3]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["stdout", "stderr"]),
            st.binary(max_size=12) | st.text(max_size=8).map(lambda text: text.encode()),
        )
    )
)
def test_lines_of_any_frames_are_those_of_the_whole_text(sent: list[tuple[str, bytes]]) -> None:
    lines = lines_of(Frame(stream, data) for stream, data in sent)  # type: ignore[arg-type]
    for stream in ("stdout", "stderr"):
        data = b"".join(piece for name, piece in sent if name == stream)
        *ended, rest = data.decode("utf-8", "replace").split("\n")
        expected = ended + ([rest] if rest else [])
        assert [text for name, text in lines if name == stream] == expected
