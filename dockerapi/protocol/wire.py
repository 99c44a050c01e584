"""Decodes the Engine's streams: frames, terminals, JSON values, lines.

Everything here is pure: bytes go in, values come out, without sockets, requests or threads. The
rules:

- `feed(data)` takes data that may be cut anywhere, and yields what is complete; it is a generator,
  and must be read to its end before the next call.
- `partial()` returns what has arrived of an incomplete value, for a stream that broke.
- `finish()` is called at the end of the stream and raises `Truncated` inside a value.
- Time is linear in the bytes, memory is limited by the largest value; a frame above `LARGEST` bytes
  is passed on in pieces, so a header that announces 4 GiB allocates nothing.
"""

from __future__ import annotations

import codecs
import functools
import itertools
import json
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from ..errors import NotAFrame, OperationFailed, Truncated, UnexpectedReply, shown
from ..output import Batch, Frame, Line, StreamName
from . import texts

LARGEST = 1024 * 1024  # bytes of a frame, or characters of a line, until it is split
LARGEST_VALUE = 64 * LARGEST  # bytes of one JSON value in a stream


def frames_of(batch: Batch) -> Iterator[Frame]:
    """The frames of a batch, created without a Python call for each."""
    return map(_frame, zip(*batch, strict=True))


_frame: Callable[[tuple[StreamName, bytes]], Frame] = functools.partial(tuple.__new__, Frame)

T_co = TypeVar("T_co", covariant=True)


class Decoder(Protocol[T_co]):
    """The methods of `Demuxer`, `RawDecoder` and `JsonValues`."""

    def feed(self, data: bytes) -> Iterator[T_co]: ...

    def partial(self) -> Iterator[T_co]: ...

    def finish(self) -> None: ...


class FrameDecoder(Decoder[Frame], Protocol):
    """The methods of `Demuxer` and `RawDecoder`."""

    def batches(self, data: bytes) -> Iterator[Batch]:
        """The same as `feed`, without a `Frame` object for each frame."""


# Manual v1.19, "Attach to a container", Stream details: {STREAM_TYPE, 0, 0, 0, SIZE1..SIZE4}.
_HEADER = struct.Struct(">B3sI")
_WORDS = struct.Struct(">II")  # the same, with type and padding as one number
_PADDING = b"\0\0\0"
_STREAMS: tuple[StreamName, ...] = ("stdin", "stdout", "stderr")
_BY_WORD: dict[int, StreamName] = {kind << 24: name for kind, name in enumerate(_STREAMS)}
_ENGINE_ERROR = 3  # moby, pkg/stdcopy: Systemerr; the payload is an error of the Engine


class Demuxer:
    """Frames from the multiplexed stream of attach, logs and exec without a TTY.

    A frame of up to 1 MiB is returned whole, a larger one in pieces as they arrive. Empty frames
    are skipped. Bytes that are not a header raise `NotAFrame`; the Engine's own error (type 3)
    raises `OperationFailed` with its message.
    """

    def __init__(self) -> None:
        self._head = b""  # an incomplete header
        self._kind = 0
        self._size = 0  # the current frame's length
        self._missing = 0  # bytes of it that have not arrived
        self._pieces: list[bytes] = []  # bytes of it that have arrived

    def feed(self, data: bytes) -> Iterator[Frame]:
        for batch in self.batches(data):
            yield from frames_of(batch)

    def batches(self, data: bytes) -> Iterator[Batch]:
        position, end = 0, len(data)
        while position < end:
            if not self._missing and not self._head:
                batch, position = _whole_frames(data, position)
                if batch[1]:
                    yield batch
            if not self._missing:
                position = self._read_header(data, position)
            piece = data[position : position + self._missing]
            position += len(piece)
            self._missing -= len(piece)
            if piece:
                yield from self._take(piece)

    def _read_header(self, data: bytes, position: int) -> int:
        head = self._head + data[position : position + _HEADER.size - len(self._head)]
        position += len(head) - len(self._head)
        self._head = head
        if len(head) == _HEADER.size:
            kind, padding, size = _HEADER.unpack(head)
            if kind > _ENGINE_ERROR or padding != _PADDING:
                shown_data = head + data[position : position + 56]
                raise NotAFrame(
                    f"not a frame header: {shown(shown_data)}; is this the stream of a TTY?",
                    data=shown_data,
                )
            self._head = b""
            self._kind, self._size, self._missing = kind, size, size
        return position

    def _take(self, piece: bytes) -> Iterator[Batch]:
        if self._missing and self._size <= LARGEST:
            self._pieces.append(piece)
            return
        if self._pieces:
            self._pieces.append(piece)
            piece = b"".join(self._pieces)
            self._pieces = []
        if self._kind == _ENGINE_ERROR:
            raise OperationFailed(piece.decode("utf-8", "replace").strip())
        yield [_STREAMS[self._kind]], [piece]

    def partial(self) -> Iterator[Frame]:
        if self._pieces and self._kind != _ENGINE_ERROR:
            yield Frame(_STREAMS[self._kind], b"".join(self._pieces))
        self._pieces = []

    def finish(self) -> None:
        if self._missing:
            size = self._size + _HEADER.size
            raise Truncated(
                f"stream ended inside a frame: {size - self._missing} of {size} bytes",
                missing=self._missing,
            )
        if self._head:
            have = len(self._head)
            raise Truncated(
                f"stream ended inside a frame header: {have} of {_HEADER.size} bytes",
                missing=_HEADER.size - have,
            )


def _whole_frames(data: bytes, position: int) -> tuple[Batch, int]:
    """All complete frames in the data, which are nearly all of it, and the position after them."""
    streams: list[StreamName] = []
    pieces: list[bytes] = []
    unpack, names, end = _WORDS.unpack_from, _BY_WORD, len(data)
    try:
        while True:
            word, size = unpack(data, position)
            stream = names[word]
            start = position + 8
            stop = start + size
            if stop > end:
                break
            position = stop
            if size:
                streams.append(stream)
                pieces.append(data[start:stop])
    except (struct.error, KeyError):  # an incomplete header, or not a header
        pass
    return (streams, pieces), position


class RawDecoder:
    """The unframed stream of a TTY: everything is "stdout", as it arrived."""

    def feed(self, data: bytes) -> Iterator[Frame]:
        for batch in self.batches(data):
            yield from frames_of(batch)

    def batches(self, data: bytes) -> Iterator[Batch]:
        if data:
            yield ["stdout"], [data]

    def partial(self) -> Iterator[Frame]:
        return iter(())

    def finish(self) -> None:
        """Does nothing: a terminal's stream may end anywhere."""


# Between values: nothing (0.4 to 0.8), white space, "\r\n" (from 1.6 on), or RFC 7464's separator.
_BETWEEN = re.compile(rb"[ \t\r\n\x1e]*")
_next_object = re.compile(r"[ \t\r\n\x1e]*[{\[]").match
_TOKEN = re.compile(rb'["{}\[\]]')
_STRING = re.compile(rb'(?:[^"\\]+|\\.)*("?)', re.DOTALL)


class JsonValues:
    """JSON objects from a stream with anything or nothing between them.

    Values that are complete in the data are parsed in place. The end of an incomplete one is found
    by counting brackets outside of strings, so it is parsed once, however many pieces it came in.
    Anything but a JSON object, or one of more than 64 MiB, raises `UnexpectedReply`.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # pieces of the incomplete value
        self._size = 0  # their length
        self._depth = 0
        self._in_string = False
        self._escaped = False  # the last piece ended with an escape's backslash

    def feed(self, data: bytes) -> Iterator[Any]:
        return itertools.chain.from_iterable(self.batches(data))

    def batches(self, data: bytes) -> Iterator[list[Any]]:
        """The same as `feed`, several values at once."""
        position, are_lines = 0, data.count(b"\n") > 1
        while position < len(data):
            if not self._depth:
                values, position = self._whole(data, position, are_lines)
                are_lines = False  # no more lines, or something else among them
                if values:
                    yield values
                position = self._skip_between(data, position)
                if position == len(data):
                    return
            end = self._scan(data, position)
            self._pieces.append(data[position:end])
            self._size += end - position
            position = end
            if self._size > LARGEST_VALUE:
                raise UnexpectedReply(
                    f"a JSON value of more than {LARGEST_VALUE:,} bytes: {shown(self._pieces[0])}"
                )
            if not self._depth:
                value = b"".join(self._pieces)
                self._pieces, self._size = [], 0
                yield [_loads(value)]

    def _whole(self, data: bytes, position: int, are_lines: bool) -> tuple[list[Any], int]:
        """The complete values in the data, and the start of the first incomplete one."""
        values: list[Any] = []
        if are_lines:
            end = data.rindex(b"\n")
            values = _values_of_lines(data[position:end].strip())
            position = end if values else position
        # Nearly all data is ASCII, where positions in the text and in the bytes are equal.
        text = data.decode("ascii") if data.isascii() else ""
        while (match := _next_object(text, position)) is not None:
            try:
                value, position = _decode(text, match.end() - 1)
            except (ValueError, RecursionError):
                break
            values.append(value)
        return values, position

    def _skip_between(self, data: bytes, position: int) -> int:
        match = _BETWEEN.match(data, position)
        position = match.end() if match else position
        if data[position : position + 1] not in (b"{", b"[", b""):
            rest = data[position:]
            raise UnexpectedReply(f"a JSON object was expected, not {shown(rest)}", raw=rest)
        return position

    def _scan(self, data: bytes, position: int) -> int:
        """The end of the incomplete value, or of the data."""
        end = len(data)
        while position < end:
            if self._in_string:
                position = self._scan_string(data, position)
                continue
            match = _TOKEN.search(data, position)
            if match is None:
                return end
            position = match.end()
            token = match.group()
            if token == b'"':
                self._in_string = True
            elif token in b"{[":
                self._depth += 1
            else:
                self._depth -= 1
                if not self._depth:
                    return position
        return end

    def _scan_string(self, data: bytes, position: int) -> int:
        if self._escaped:
            self._escaped = False
            position += 1
        match = _STRING.match(data, position)
        assert match is not None  # the pattern matches the empty string
        if match.group(1):
            self._in_string = False
            return match.end()
        self._escaped = match.end() < len(data)
        return len(data)

    def partial(self) -> Iterator[Any]:
        return iter(())

    def finish(self) -> None:
        if self._depth:
            value = b"".join(self._pieces)
            raise Truncated(f"stream ended inside a JSON value, after {shown(value[-80:])}")


_decode = json.JSONDecoder().raw_decode


def _values_of_lines(lines: bytes) -> list[Any]:
    """The JSON objects in lines, parsed at once; none if a line is not exactly one object.

    All lines form one array, and each line an array inside it: two values in a line, or a value
    that continues in the next line, give an inner array with another number of values.
    """
    try:
        found = texts.parsed(b"[[%b]]" % lines.replace(b"\n", b"],["))
        values = [value for (value,) in found]
    except (ValueError, RecursionError):
        return []
    are_objects = len(values) == lines.count(b"\n") + 1 and _OBJECTS.issuperset(map(type, values))
    return values if are_objects else []


_OBJECTS = frozenset((dict, list))


def _loads(value: bytes) -> Any:
    try:
        return texts.parsed(value)
    except (ValueError, RecursionError) as error:
        raise UnexpectedReply(f"not JSON ({error}): {shown(value)}", raw=value) from error


class Reports:
    """The report of a pull, push, build, import or load: JSON objects, or lines of text.

    Engines send text below API 1.1, for a build below 1.8, and 0.3.4 sometimes at 1.1; the first
    byte shows which. Each line is returned in the form of newer Engines, `{"stream": line}`. A last
    line that is an error is followed by `{"error": words}`, as there is no other sign that such a
    build failed.
    """

    def __init__(self) -> None:
        self._json: JsonValues | None = None
        self._lines: Lines | None = None
        self._last = ""

    def feed(self, data: bytes) -> Iterator[Any]:
        if self._json is None and self._lines is None:
            data = data.lstrip()
            if data[:1] in (b"{", b"["):
                self._json = JsonValues()
            elif data:
                self._lines = Lines()
        if self._json is not None:
            yield from self._json.feed(data)
        elif self._lines is not None:
            yield from self._text(self._lines.feed(Frame("stdout", data)), "\n")

    def _text(self, lines: Iterator[Line], end: str) -> Iterator[Any]:
        for _, line in lines:
            self._last = line.strip() or self._last
            yield {"stream": line + end}

    def partial(self) -> Iterator[Any]:
        if self._lines is not None:
            yield from self._text(self._lines.partial(), "")
            failure = _TEXT_ERROR.fullmatch(self._last)
            if failure is not None:
                yield {"error": failure[1] or failure[2]}
            self._last = ""

    def finish(self) -> None:
        if self._json is not None:
            self._json.finish()


# "Error build: " (0.4 to 0.6), "Error: " and "Error: build: " (from 0.4.4 on). 0.3.3 has no prefix;
# of its errors only the refusal to push a missing image was seen.
_TEXT_ERROR = re.compile(r"Error(?: build)?: (?:build: )?(.*)|(No such id: .*)", re.DOTALL)


class Lines:
    """Lines of text from frames, each stream decoded and split on its own.

    Text is UTF-8, decoded incrementally; invalid bytes become U+FFFD. A line ends only at "\\n" (a
    terminal's "\\r" stays). It is held until its end arrives; a very long one is split into pieces
    of about a million characters.
    """

    def __init__(self) -> None:
        self._decoders: dict[StreamName, codecs.IncrementalDecoder] = {}
        self._pieces: dict[StreamName, list[str]] = {}
        self._held: dict[StreamName, int] = {}  # number of characters held

    def feed(self, frame: Frame) -> Iterator[Line]:
        stream, data = frame
        decoder = self._decoders.get(stream)
        if decoder is None:
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._decoders[stream] = decoder
        yield from self._cut(stream, decoder.decode(data))

    def _cut(self, stream: StreamName, text: str) -> Iterator[Line]:
        pieces = self._pieces.setdefault(stream, [])
        *ended, rest = text.split("\n")
        for piece in ended:
            pieces.append(piece)
            line = "".join(pieces)
            pieces.clear()
            yield Line(stream, line)
        held = len(rest) + (0 if ended else self._held.get(stream, 0))
        if rest:
            pieces.append(rest)
        if held > LARGEST:
            yield Line(stream, "".join(pieces))
            pieces.clear()
            held = 0
        self._held[stream] = held

    def partial(self) -> Iterator[Line]:
        """The last line of each stream, if it has no newline."""
        for stream, decoder in self._decoders.items():
            yield from self._cut(stream, decoder.decode(b"", final=True))
            text = "".join(self._pieces.pop(stream))
            if text:
                yield Line(stream, text)
        self._decoders.clear()
