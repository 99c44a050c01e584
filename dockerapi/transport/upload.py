"""The body of a request on its way to the Engine."""

from __future__ import annotations

from collections.abc import Iterator

from ..archive.source import Data, blocks_of, length_of, of_length


class Upload:
    """The blocks of a body, in chunks unless its length is known before reading it."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._length = length_of(data)

    @property
    def headers(self) -> dict[str, str]:
        """The header that marks the body's end: its length, or that it comes in chunks."""
        if self._length is None:
            return {"Transfer-Encoding": "chunked"}
        return {"Content-Length": str(self._length)}

    def __iter__(self) -> Iterator[bytes]:
        blocks = blocks_of(self._data)
        if self._length is None:
            for block in blocks:
                yield b"%x\r\n%b\r\n" % (len(block), block)
            yield b"0\r\n\r\n"
            return
        name = getattr(self._data, "name", None)
        yield from of_length(blocks, self._length, name if isinstance(name, str) else "the source")
