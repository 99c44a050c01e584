"""How a decoder is fed: whole, byte by byte, and split everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from dockerapi.protocol.wire import Decoder

T = TypeVar("T")


def fed(decoder: Decoder[T], pieces: Iterable[bytes]) -> list[T]:
    return [value for piece in pieces for value in decoder.feed(piece)]


def decoded(decoder: Decoder[T], pieces: Iterable[bytes]) -> list[T]:
    """All the values of a stream that ends where it may."""
    values = fed(decoder, pieces)
    values += decoder.partial()
    decoder.finish()
    return values


def bytewise(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def splits(data: bytes) -> list[list[bytes]]:
    """Every way to split the data in two, and in three with a middle of up to three bytes."""
    return [[data[:i], data[i:]] for i in range(len(data) + 1)] + [
        [data[:i], data[i : i + width], data[i + width :]]
        for width in (1, 2, 3)
        for i in range(len(data))
    ]
