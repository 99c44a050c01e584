"""What callers hold while bytes arrive: frames, a two-way attachment, values, a file.

All of them are iterators and context managers, read by one thread; `close()` may be called twice
and from another thread. After `close()`, of the stream or of its client, iteration stops, while
what needs the whole answer raises `Closed`. A stream that broke raises `StreamInterrupted` after
handing out what had arrived, and is closed then, as after every other error.
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from .errors import Closed, DockerError, StreamInterrupted, TimedOut
from .link import Data, Incoming, TwoWay, blocks_of, check_data
from .output import Batch, Collected, Frame, Line, Output
from .protocol.wire import Decoder, FrameDecoder, JsonValues, Lines, frames_of

if TYPE_CHECKING:
    from _typeshed import SupportsWrite
    from typing_extensions import Self

    from .models.containers import PathStat

S = TypeVar("S")
T = TypeVar("T")


# Asked at the end of a stream that nothing marks; raises `StreamInterrupted` if that is none.
Confirm = Callable[[], None]


def _decoded(source: Incoming, decoder: Decoder[T], confirm: Confirm | None = None) -> Iterator[T]:
    """Everything that a decoder makes of a source, and what it holds when the source breaks."""
    try:
        while block := source.read():
            yield from decoder.feed(block)
        yield from decoder.partial()
        decoder.finish()
        if confirm is not None:
            confirm()
    except Closed:
        raise
    except (StreamInterrupted, TimedOut):
        yield from decoder.partial()
        raise
    except DockerError:
        source.close()
        raise


class _Stream(Generic[T]):
    """Values decoded from a source, one after the other."""

    def __init__(self, source: Incoming, values: Iterator[T]) -> None:
        self._source = source
        self._values = values
        self._error: DockerError | None = None

    def __iter__(self) -> Iterator[T]:
        try:
            yield from self.rest()
        except Closed:
            return

    def __next__(self) -> T:
        return next(iter(self))

    def rest(self) -> Iterator[T]:
        """All the values that are left; `Closed` if the caller has closed the stream.

        An error is raised again at every further call: it never looks like an end.
        """
        return self._kept(self._values)

    def _kept(self, values: Iterator[S]) -> Iterator[S]:
        """The values, up to an error that is kept."""
        if self._error is not None:
            raise self._error
        try:
            # `yield from` would end the values with whoever stops after some of them.
            for value in values:  # noqa: UP028
                yield value
        except DockerError as error:
            self._error = error
            self._source.close()
            raise
        except GeneratorExit:  # the caller has enough for now
            raise
        except BaseException as error:  # KeyboardInterrupt, say: what arrived meanwhile is lost
            self._error = StreamInterrupted(f"reading was interrupted by {type(error).__name__}")
            self._source.close()
            raise

    def __reduce__(self) -> NoReturn:
        raise TypeError("a stream cannot be pickled or copied: it is a connection of one process")

    def close(self) -> None:
        """Hangs up. May be called twice, and from another thread."""
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
    """A decoder that gives what another makes of one block, as one."""

    def __init__(self, decoder: FrameDecoder) -> None:
        self.feed = decoder.batches
        self.finish = decoder.finish
        self._decoder = decoder

    def partial(self) -> Iterator[Batch]:
        for stream, data in self._decoder.partial():
            yield [stream], [data]


class FrameStream(_Stream[Frame]):
    """The output of a container or an exec: iterates `Frame(stream, data)`.

    A frame is what the Engine sent as one, up to 1 MiB; a larger one comes in pieces. The stream of
    a TTY has no frames: what arrives is "stdout".
    """

    def __init__(
        self, source: Incoming, decoder: FrameDecoder, confirm: Confirm | None = None
    ) -> None:
        self._batches = _decoded(source, _Batches(decoder), confirm)
        self._at_hand: Iterator[Frame] = iter(())  # of the batch that is being iterated
        super().__init__(source, self._frames())

    def _frames(self) -> Iterator[Frame]:
        for batch in self._batches:
            self._at_hand = frames_of(batch)
            yield from self._at_hand

    def read(self) -> Output:
        """All the output that is left; blocks until the Engine ends the stream.

        Raises:
            Closed: the stream or its client was closed before the end.
            StreamInterrupted: the stream broke, or its end is none.
        """
        collected = Collected()
        for frame in self._at_hand:
            collected.add(([frame.stream], [frame.data]))
        for batch in self._kept(self._batches):
            collected.add(batch)
        return collected.output()

    def lines(self) -> Iterator[Line]:
        """The output as text: `Line(stream, text)`, without the newline.

        Each stream is decoded as UTF-8 on its own, so that a character cut by a frame comes out
        whole; invalid bytes become U+FFFD. A line ends at "\\n" only: a TTY's "\\r" stays. A last
        line that has no newline is given, too. One of more than a million characters comes in
        pieces, so that a container that never ends its line does not fill the memory.
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
    """A two-way stream: the output as in `FrameStream`, and `write()` to its input.

    One thread may read while another writes.
    """

    def __init__(
        self, connection: TwoWay, decoder: FrameDecoder, confirm: Confirm | None = None
    ) -> None:
        super().__init__(connection, decoder, confirm)
        self._connection = connection

    def write(self, data: bytes) -> None:
        """Sends bytes to the input; blocks while the container does not read.

        Raises:
            Closed: the stream or its client was closed.
            StreamInterrupted: the other side has hung up, as it does when the container ends.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"bytes were expected, not {data!r}")
        self._connection.write(data)

    def close_stdin(self) -> None:
        """Ends the input, as an end of file does; the output goes on.

        This is so for every exec, and for a container made with `ContainerConfig(stdin_once=True)`.
        The input of another container stays open, and the Engine (20.10) ends the output instead.

        Raises:
            NotSupported: the input of a TTY, of a container without `stdin_once=True`, and of one
                that is attached to over a websocket cannot be ended; and an Engine older than 0.5.0
                would close both directions. The output would be lost.
        """
        self._connection.close_write()

    def communicate(self, input: Data) -> Output:
        """Sends all of `input`, ends it, and reads the output to its end at the same time.

        Args:
            input: bytes, a file object opened for reading bytes, or an iterable of bytes. It is
                read in a thread of its own. If the other side ends before it has read everything,
                the rest is not sent.

        Raises:
            Closed: the stream or its client was closed before the end.
        """
        check_data(input)
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
            # It can only be inside the caller's own iterator now, and ends with its next block.
            writer.join(1)


class _Writer(threading.Thread):
    """Sends the input of an attachment while another thread reads its output."""

    def __init__(self, attachment: Attachment, input: Data) -> None:
        super().__init__(name="dockerapi-stdin", daemon=True)
        self.error: BaseException | None = None
        self._attachment = attachment
        self._input = input

    def run(self) -> None:
        try:
            for block in blocks_of(self._input):
                self._attachment.write(block)
            self._attachment.close_stdin()
        except (Closed, StreamInterrupted):
            return  # the other side has read all that it wants
        except BaseException as error:
            self.error = error
            self._attachment.close()


class ValueStream(_Stream[T]):
    """Values that the Engine reports as they happen: events, stats, progress."""

    def __init__(
        self,
        source: Incoming,
        parse: Callable[[Any], T],
        decoder: Decoder[Any] | None = None,
    ) -> None:
        super().__init__(source, map(parse, _decoded(source, decoder or JsonValues())))


class _Blocks:
    """The decoder of what has no structure to us."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def partial(self) -> Iterator[bytes]:
        return iter(())

    def finish(self) -> None:
        """An archive's end is known to HTTP."""


class ByteStream(_Stream[bytes]):
    """An archive as it comes: iterates blocks of bytes, and is a readable file object.

    Iterating gives blocks as they arrive (unlike other file objects, whose iterators give lines).
    """

    def __init__(self, source: Incoming) -> None:
        super().__init__(source, _decoded(source, _Blocks()))
        self._rest_of_block = b""

    def rest(self) -> Iterator[bytes]:
        """All the blocks that are left; `Closed` if the caller has closed the stream."""
        if self._rest_of_block:
            block, self._rest_of_block = self._rest_of_block, b""
            yield block
        yield from super().rest()

    def readable(self) -> bool:
        """True; with the next three, what the standard library asks of a raw, readable file."""
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        """Does nothing; `io.BufferedReader` asks for it when it is closed."""

    @property
    def closed(self) -> bool:
        """Whether `close()` was called, here or by the end of a `with`."""
        return self._source.closed

    def read(self, size: int | None = -1) -> bytes:
        """`size` bytes, fewer only at the end; without a size, everything that is left."""
        wanted = float("inf") if size is None or size < 0 else size
        blocks = []
        while wanted > 0:
            block = next(self.rest(), b"")
            if not block:
                break
            if len(block) > wanted:
                cut = int(wanted)
                block, self._rest_of_block = block[:cut], block[cut:]
            wanted -= len(block)
            blocks.append(block)
        return b"".join(blocks)

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as one block does; 0 at the end."""
        block = next(self.rest(), b"")
        count = min(len(block), len(buffer))
        buffer[:count] = block[:count]
        self._rest_of_block = block[count:]
        return count

    def save(self, target: str | os.PathLike[str] | SupportsWrite[bytes]) -> None:
        """Writes everything that is left to a file, or to a file object that is open for writing.

        A file that is given by its path is there only when it is complete: until then it has a name
        of its own beside (it begins with a dot and ends in `.part`), which is removed if the stream
        breaks. What the path had before stays until then. To a file object, a pipe or a device the
        blocks go as they come; an error then says that it got only some.
        """
        if not isinstance(target, (str, os.PathLike)):
            self._copy(target)
            return
        path = Path(os.path.realpath(target))  # of a link, what it leads to is replaced
        if path.exists() and not path.is_file():  # a pipe, a device
            with path.open("wb") as file:
                self._copy(file)
            return
        part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                if path.exists():
                    shutil.copymode(path, part)
                self._copy(file)
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _copy(self, file: SupportsWrite[bytes]) -> None:
        for block in self.rest():
            while block:
                written = file.write(block)
                # An unbuffered file may take a part of it; what is no file may not tell.
                block = block[written:] if isinstance(written, int) else b""


class Archive(ByteStream):
    """A tar archive out of a container, with what the Engine said of the path in it.

    `stat` is None below API 1.20, whose Engines do not tell.
    """

    def __init__(self, source: Incoming, stat: PathStat | None) -> None:
        super().__init__(source)
        self.stat = stat
