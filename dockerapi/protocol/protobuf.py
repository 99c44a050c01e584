"""Messages of protobuf: their fields, by number (protobuf.dev, "Encoding").

Pure. There are no classes of messages: the reader of a message knows the few fields it needs.
"""

from __future__ import annotations

from collections.abc import Iterator

# Each value is preceded by a key of field number and type.
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_LARGEST_VARINT = (1 << 64) - 1


class BadMessage(ValueError):
    """The bytes are not a message; `data` are the bytes with the error."""

    def __init__(self, what: str, data: bytes) -> None:
        super().__init__(what)
        self.data = data


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message, each with its number.

    Raises:
        BadMessage: this is not a message.
    """
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise BadMessage(f"no field has the number {number}", data)
        if kind == _VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if kind == _LENGTH:
            size, position = _varint(data, position)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise BadMessage(f"no field is of kind {kind}", data)
        if size > len(data) - position:
            raise BadMessage(f"{len(data) - position} of {size} bytes of a field", data)
        yield number, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position == len(data):
            raise BadMessage("it ends inside a number", data)
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value > _LARGEST_VARINT:
                break
            return value, position
    raise BadMessage("a number of more than 64 bits", data)


def content_of(data: bytes, wanted: int) -> bytes:
    """The bytes of a field, the last if it is repeated; empty if missing, as protobuf writes it."""
    found: int | bytes = b""
    for number, value in fields(data):
        if number == wanted:
            found = value
    if isinstance(found, int):
        raise BadMessage(f"field {wanted}: bytes were expected, not a number", data)
    return found


def field(number: int, content: bytes | int) -> bytes:
    """One field of a message: bytes, or a number that is not negative."""
    if isinstance(content, int):
        return _written(number << 3 | _VARINT) + _written(content)
    return _written(number << 3 | _LENGTH) + _written(len(content)) + content


def _written(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
