"""Where a tar archive ends, read from the archive itself.

HTTP does not always tell: an answer in HTTP/1.0 ends with its connection, a proxy that gets one may
pass it on as whole, and an Engine that fails in the middle writes its error behind what it has
sent, and ends the answer properly. Archives of Engines end with two blocks of zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import Truncated, shown

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_SHOWN = 80
_NO_CONTENT = b"123456"  # the types of links, devices, directories and pipes
_LARGEST_PAX = 1024 * 1024
_SIZE = re.compile(rb"\d+ size=(\d{1,18})\n")


class WholeTar:
    """The bytes of a tar archive, unchanged; `finish` raises `Truncated` if its end is missing.

    Only the sizes of the members are read. Whatever follows the end is passed on.
    """

    def __init__(self) -> None:
        self._zeros = 0  # blocks of them in a row
        self._left = 0  # bytes before the next header
        self._held = b""  # the beginning of a header
        self._size: int | None = None  # of the next member, from its PAX records
        self._is_tar = True
        self._last = b""  # for the message

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._left >= len(data):
            self._left -= len(data)
        elif self._zeros < 2 and self._is_tar:
            self._read_headers(self._held + data)
        self._last = data if len(data) >= _SHOWN else (self._last + data)[-_SHOWN:]
        yield data

    def _read_headers(self, data: bytes) -> None:
        position, self._left, self._held = self._left, 0, b""
        while self._zeros < 2 and position + _BLOCK <= len(data):
            header = data[position : position + _BLOCK]
            if header == _ZEROS:
                self._zeros += 1
                position += _BLOCK
                continue
            self._zeros = 0
            size = _size_of(header)
            if size is None:
                self._is_tar = False
                return
            if header[156:157] == b"x":  # PAX records, for the next member
                if size > _LARGEST_PAX:
                    self._is_tar = False
                    return
                if position + _BLOCK + size > len(data):
                    break
                records = data[position + _BLOCK : position + _BLOCK + size]
                match = _SIZE.search(records)
                self._size = int(match[1]) if match else None
            elif header[156:157] not in (b"L", b"K"):  # a long name, before the member itself
                size = size if self._size is None else self._size
                self._size = None
            position += _BLOCK + size + -size % _BLOCK
        self._left = max(position - len(data), 0)
        self._held = data[position:]

    def partial(self) -> Iterator[bytes]:
        return iter(())

    def finish(self) -> None:
        if self._zeros >= 2:
            return
        words = self._last[-_SHOWN:].strip(b"\0")  # perhaps of the Engine
        last = f": its last bytes are {shown(words)}" if words else ""
        if self._left:
            raise Truncated(
                f"the archive ended inside a member, {self._left:,} bytes too early{last}",
                missing=self._left,
            )
        raise Truncated(f"the archive has no end, which is two blocks of zeros{last}")


def _size_of(header: bytes) -> int | None:
    """The size of the content behind a header; None if it is no header of a tar archive."""
    field = header[124:136]
    if header[257:262] != b"ustar":
        return None
    if header[156] in _NO_CONTENT:
        return 0
    if field[0] & 0x80:  # a number of bytes above 8 GiB, in GNU's form
        return int.from_bytes(field, "big") & ((1 << 87) - 1)
    try:
        return int(field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        return None
