"""What callers read from: frames, a two-way attachment, values, an archive.

All of them are iterators and context managers, read by one thread; another thread may call
`close()`, and a second call does nothing. After `close()` of the stream or of its client, iteration
stops, and calls that need the whole answer raise `Closed`. A broken stream returns what had
arrived, then raises `StreamInterrupted` and is closed, as after every other error. A read during
another read, by a signal handler or a second thread, raises `RuntimeError`; the first read loses
nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from threading import get_ident
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from .archive.source import Data, blocks_of, check_data
from .errors import Closed, DockerError, StreamError, StreamInterrupted, TimedOut
from .output import Batch, Collected, Frame, Line, Output
from .protocol.tar_end import WholeTar
from .protocol.wire import Decoder, FrameDecoder, JsonValues, Lines, frames_of
from .transport.hijack import DuplexStream
from .transport.reading import ReadStream

if TYPE_CHECKING:
    from _typeshed import SupportsWrite
    from typing_extensions import Self

    from .models.containers import PathStat

S = TypeVar("S")
T = TypeVar("T")


# Called at the end of a stream whose end is no proof. Raises `StreamInterrupted` if the stream was
# cut. If a reset came in place of the end, it is the argument, and raised if the end is not
# confirmed.
Confirm = Callable[[DockerError | None], None]


def by_content(reset: DockerError | None) -> None:
    """Confirms the end of what shows itself whether it is whole: its decoder has raised if not."""
    if reset is not None:
        raise reset


def _decoded(
    source: ReadStream, decoder: Decoder[T], confirm: Confirm | None = None
) -> Iterator[T]:
    """All that a decoder yields for a source; with the incomplete rest if the source breaks.

    Without `confirm` the end counts if the answer marks it. Every Engine does; in an answer in
    HTTP/1.0, of a proxy, the end of the connection may be a cut.
    """
    try:
        while block := source.read():
            yield from decoder.feed(block)
        yield from decoder.partial()
        decoder.finish()
        if confirm is not None:
            confirm(None)
        else:
            source.check_mark()
    except Closed:
        raise
    except (StreamInterrupted, TimedOut) as error:
        held = list(decoder.partial())
        yield from held
        if confirm is None or held or not isinstance(error.__cause__, ConnectionResetError):
            raise
        try:
            decoder.finish()
        except StreamError:
            raise error from error.__cause__
        confirm(error)
    except DockerError:
        source.close()
        raise


class _Stream(Generic[T]):
    """Values decoded from a source."""

    def __init__(self, source: ReadStream) -> None:
        self._source = source
        self._error: DockerError | None = None
        self._under_way: dict[str, tuple[str, int]] = {}  # the read in progress, and its thread

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        try:
            return self._alone("next", self._take)
        except Closed:
            raise StopIteration from None

    def rest(self) -> Iterator[T]:
        """The remaining values; `Closed` if the caller has closed the stream.

        An error is raised again by every later call, so it never looks like the end.
        """
        while True:
            try:
                value = self._alone("next", self._take)
            except StopIteration:
                return
            yield value

    def _take(self) -> T:
        """The next value; `StopIteration` at the end."""
        raise NotImplementedError

    def _alone(self, name: str, read: Callable[[], S]) -> S:
        """Calls `read` unless another read is in progress; later calls repeat an error.

        The decoders are generators. A generator that is entered twice, by a signal handler or a
        second thread, ends for good. So the second read is refused here, and the first one loses
        nothing.
        """
        if self._error is not None:
            raise self._error
        mine = other = (name, get_ident())
        try:
            other = self._under_way.setdefault("read", mine)
            if other is mine:
                return read()
        except StopIteration:
            raise
        except DockerError as error:
            self._error = error
            self._source.close()
            raise
        except BaseException as error:  # e.g. KeyboardInterrupt: data in transit is lost
            self._error = StreamInterrupted(f"reading was interrupted by {type(error).__name__}")
            self._source.close()
            raise
        finally:
            if self._under_way.get("read") is mine:
                self._under_way.clear()
        self._source.check_owner()
        where = "this" if other[1] == mine[1] else "another"
        raise RuntimeError(
            f"{name}(): {other[0]}() of the same stream is under way in {where} thread"
        )

    def __reduce__(self) -> NoReturn:
        raise TypeError("a stream cannot be pickled or copied: it is a connection of one process")

    def close(self) -> None:
        """Closes the connection. May be called twice, and from another thread."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Batches:
    """Adapts a decoder to yield batches, of frames or of JSON values."""

    def __init__(self, decoder: FrameDecoder | JsonValues) -> None:
        self.feed: Callable[[bytes], Iterator[Any]] = decoder.batches
        self.finish = decoder.finish
        self._decoder = decoder

    def partial(self) -> Iterator[Batch]:
        for stream, data in self._decoder.partial():  # only frames: JSON values are never partial
            yield [stream], [data]


class FrameStream(_Stream[Frame]):
    """The output of a container or an exec: iterates `Frame(stream, data)`.

    A frame is what the Engine sent as one, up to 1 MiB; a larger one is split. A TTY's stream has
    no frames: everything that arrives is "stdout".
    """

    def __init__(
        self,
        source: ReadStream,
        decoder: FrameDecoder,
        confirm: Confirm | None = None,
        *,
        select: Callable[[Iterator[Batch]], Iterator[Batch]] = iter,
    ) -> None:
        super().__init__(source)
        self._batches = select(_decoded(source, _Batches(decoder), confirm))
        self._at_hand: Iterator[Frame] = iter(())  # the rest of the current batch

    def __next__(self) -> Frame:
        for frame in self._at_hand:  # one C call: two callers get two frames
            return frame
        return super().__next__()

    def _take(self) -> Frame:
        while True:
            for frame in self._at_hand:
                return frame
            self._at_hand = frames_of(next(self._batches))

    def read(self) -> Output:
        """The rest of the output; blocks until the Engine ends the stream.

        Raises:
            Closed: the stream or its client was closed before the end.
            StreamInterrupted: the stream broke, or its end was not confirmed; `.output` has what
                arrived, as in every `StreamError`.
            TimedOut: nothing arrived for `Timeouts(idle=)`; `.output` has what arrived before.
        """
        return self._alone("read", self._read)

    def _read(self) -> Output:
        at_hand, self._at_hand = self._at_hand, iter(())
        collected = Collected()
        for frame in at_hand:
            collected.add(([frame.stream], [frame.data]))
        try:
            for batch in self._batches:
                collected.add(batch)
        except (TimedOut, StreamError) as error:
            error.output = collected.output()
            raise
        return collected.output()

    def lines(self) -> Iterator[Line]:
        """The output as text: `Line(stream, text)`, without the newline.

        Each stream is decoded as UTF-8 on its own, so a character that is split between frames is
        decoded correctly; invalid bytes become U+FFFD. A line ends at "\\n" only; a TTY's "\\r"
        stays. A last line without a newline is returned, too. A line of more than a million
        characters is split, so that an endless line does not fill the memory.
        """
        lines = Lines()
        try:
            for frame in self:
                yield from lines.feed(frame)
        except DockerError:
            yield from lines.partial()
            raise
        yield from lines.partial()


class Attachment(FrameStream):
    """A two-way stream: the output as in `FrameStream`, and `write()` to the input.

    One thread may read while another writes. A signal handler may write while its thread reads, and
    read while it writes.

    Args:
        no_input: why nothing can be written, if so.
        select: filters the batches of frames for the caller.
    """

    def __init__(
        self,
        connection: DuplexStream,
        decoder: FrameDecoder,
        confirm: Confirm | None = None,
        *,
        no_input: str | None = None,
        select: Callable[[Iterator[Batch]], Iterator[Batch]] = iter,
    ) -> None:
        super().__init__(connection, decoder, confirm, select=select)
        self._connection = connection
        self._no_input = no_input

    def _check_input(self, name: str) -> None:
        """Refuses to write where Engines would accept and discard the data, having no input."""
        if self._no_input is not None:
            raise ValueError(f"{name}: there is no input: {self._no_input}")

    def write(self, data: bytes) -> None:
        """Sends `data` to the input; blocks while the container does not read.

        Raises:
            Closed: the stream or its client was closed.
            StreamInterrupted: the other side has closed the connection, as it does when the
                container ends.
            RuntimeError: a signal handler has interrupted a write; half of that may have been sent.
            ValueError: there is no input: it was attached to without `stdin=True`, or the exec was
                created without it.
        """
        self._check_input("write")
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"bytes were expected, not {data!r}")
        self._connection.write(data)

    def close_stdin(self) -> None:
        """Ends the input, like an end of file; the output goes on.

        This works for every exec, and for a container with `ContainerConfig(stdin_once=True)`. The
        input of another container stays open, and the Engine (20.10) ends the output instead.
        Podman ends the input of every container.

        Raises:
            NotSupported: the output would be lost: with a TTY, a container without
                `stdin_once=True`, or a websocket, input cannot be ended; and an Engine older than
                0.5.0 would close both directions.
            ValueError: there is no input, as in `write`.
        """
        self._check_input("close_stdin")
        self._connection.close_write()

    def communicate(self, input: Data) -> Output:
        """Sends all of `input`, ends it, and meanwhile reads the output to its end.

        Args:
            input: bytes, a file object opened for reading bytes, or an iterable of bytes. A
                separate thread reads it. If the other side ends before everything was sent, the
                rest is not sent.

        Raises:
            Closed: the stream or its client was closed before the end.
            NotSupported, ValueError: the input cannot be ended, or does not exist, as in
                `close_stdin`; nothing was sent.
        """
        check_data("input", input)
        self._check_input("communicate")
        try:
            self._connection.check_end()
        except DockerError:
            self.close()
            raise
        writer = _Writer(self, input)
        writer.start()
        try:
            return self.read()
        except Closed:
            if writer.error is not None:
                raise writer.error from None
            raise
        finally:
            self.close()
            # By now it can only be inside the caller's own iterator; it ends with the next block.
            writer.join(1)


class _Writer(threading.Thread):
    """Sends the input of an attachment while another thread reads its output."""

    def __init__(self, attachment: Attachment, input: Data) -> None:
        super().__init__(name="dockerapi-stdin", daemon=True)
        self.error: BaseException | None = None
        self._attachment = attachment
        self._input = input

    def run(self) -> None:
        write = self._attachment.write
        try:
            if all(self._send(partial(write, block)) for block in blocks_of(self._input)):
                self._send(self._attachment.close_stdin)
        except BaseException as error:  # of the caller's own input
            self.error = error
            self._attachment.close()

    def _send(self, act: Callable[[], None]) -> bool:
        """Whether the other side takes more."""
        try:
            act()
        except (Closed, StreamInterrupted):
            return False  # it reads no more
        except TimedOut as error:  # the reader raises it, with the output so far
            self._attachment._connection.fail(error)
            return False
        return True


class ValueStream(_Stream[T]):
    """Values that the Engine reports as they happen: events, stats, progress.

    `select` filters the values for the caller.
    """

    def __init__(
        self,
        source: ReadStream,
        parse: Callable[[Any], T],
        decoder: Decoder[Any] | None = None,
        *,
        confirm: Confirm | None = None,
        select: Callable[[Iterator[T]], Iterator[T]] | None = None,
    ) -> None:
        super().__init__(source)
        if decoder is None:
            batches: Iterator[Iterable[Any]] = _decoded(source, _Batches(JsonValues()), confirm)
        else:
            batches = zip(_decoded(source, decoder, confirm))
        if select is not None:
            batches, parse = zip(select(map(parse, chain.from_iterable(batches)))), _as_it_is
        self._batches = batches
        self._parse = parse
        self._at_hand: Iterator[T] = iter(())
        self._then: DockerError | None = None  # raised after the values at hand

    def __next__(self) -> T:
        for value in self._at_hand:  # one C call: two callers get two values
            return value
        return super().__next__()

    def _take(self) -> T:
        while True:
            for value in self._at_hand:
                return value
            if self._then is not None:
                raise self._then
            values: list[T] = []
            batch = next(self._batches)
            try:
                values.extend(map(self._parse, batch))
            except DockerError as error:
                self._then = error
            self._at_hand = iter(values)


def _as_it_is(value: T) -> T:
    return value


class _Blocks:
    """A decoder that returns the bytes unchanged."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def partial(self) -> Iterator[bytes]:
        return iter(())

    def finish(self) -> None:
        """Does nothing: HTTP marks the end of an archive."""


class ByteStream(_Stream[bytes]):
    """An archive: iterates blocks of bytes, and is a readable file object.

    Iterating yields blocks as they arrive (iterators of other file objects yield lines).
    """

    def __init__(self, source: ReadStream) -> None:
        super().__init__(source)
        if source.is_sure:
            self._blocks = _decoded(source, _Blocks())
        else:
            self._blocks = _decoded(source, WholeTar(), by_content)
        self._rest_of_block = b""

    def _take(self) -> bytes:
        block = self._block()
        if not block:
            raise StopIteration
        return block

    def _block(self) -> bytes:
        """The next block, or the rest of the last one; b"" at the end."""
        block, self._rest_of_block = self._rest_of_block, b""
        return block or next(self._blocks, b"")

    def readable(self) -> bool:
        """True; this and the next three are required of a raw, readable file."""
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        """Does nothing; `io.BufferedReader` calls it when it is closed."""

    @property
    def closed(self) -> bool:
        """Whether `close()` was called, explicitly or by the end of a `with` block."""
        return self._source.closed

    def read(self, size: int | None = -1) -> bytes:
        """`size` bytes, fewer only at the end; without a size, all remaining bytes."""
        wanted = float("inf") if size is None or size < 0 else size
        return self._alone("read", lambda: self._read(wanted))

    def _read(self, wanted: float) -> bytes:
        blocks = []
        while wanted > 0 and (block := self._block()):
            if len(block) > wanted:
                cut = int(wanted)
                block, self._rest_of_block = block[:cut], block[cut:]
            wanted -= len(block)
            blocks.append(block)
        return b"".join(blocks)

    def readinto(self, buffer: Any) -> int:
        """Fills `buffer` from one block; 0 at the end."""
        return self._alone("readinto", lambda: self._fill(buffer))

    def _fill(self, buffer: Any) -> int:
        block = self._block()
        count = min(len(block), len(buffer))
        buffer[:count] = block[:count]
        self._rest_of_block = block[count:]
        return count

    def save(self, target: str | os.PathLike[str] | SupportsWrite[bytes]) -> None:
        """Writes the rest to `target`: a path, or a file object opened for writing bytes.

        A file given by its path is replaced only when it is complete. Until then the data are in a
        file beside it (its name begins with a dot and ends in `.part`), which is removed if the
        stream breaks. A file object, a pipe or a device gets the blocks as they arrive; the message
        of an error then says that it got only a part.
        """
        if not isinstance(target, (str, os.PathLike)):
            self._alone("save", lambda: self._copy(target))
            return
        path = Path(os.path.realpath(target))  # a link's target is replaced
        if path.exists() and not path.is_file():  # a pipe, a device
            with path.open("wb") as file:
                self._alone("save", lambda: self._copy(file))
            return
        part = path.with_name(f".{path.name[:200]}.{os.urandom(4).hex()}.part")
        try:
            with part.open("xb") as file:
                if path.exists():
                    part.chmod(path.stat().st_mode & 0o7777)
                self._alone("save", lambda: self._copy(file))
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _copy(self, file: SupportsWrite[bytes]) -> None:
        while block := self._block():
            while block:
                written = file.write(block)
                # An unbuffered file may write a part of it; another object may not return the
                # number.
                block = block[written:] if isinstance(written, int) else b""


class Archive(ByteStream):
    """A tar archive from a container, with the Engine's description of the path.

    `stat` is None below API 1.20, whose Engines do not send it.
    """

    def __init__(self, source: ReadStream, stat: PathStat | None) -> None:
        super().__init__(source)
        self.stat = stat
