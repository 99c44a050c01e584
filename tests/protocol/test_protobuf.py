"""The fields of messages of protobuf."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.protocol.protobuf import BadMessage, content_of, field, fields

NUMBERS = st.integers(1, (1 << 29) - 1)


@given(st.lists(st.tuples(NUMBERS, st.binary() | st.integers(0, (1 << 64) - 1))))
def test_what_is_written_is_read(message: list[tuple[int, int | bytes]]) -> None:
    data = b"".join(field(number, value) for number, value in message)
    assert list(fields(data)) == message


@given(st.binary())
def test_other_bytes_are_fields_or_refused(data: bytes) -> None:
    try:
        list(fields(data))
    except BadMessage as error:
        assert error.data == data


def test_of_a_field_that_comes_twice_the_last_counts_and_none_is_empty() -> None:
    assert content_of(field(1, b"a") + field(2, b"x") + field(1, b"b"), 1) == b"b"
    assert content_of(field(2, b"x"), 1) == b""


def test_a_number_in_place_of_bytes_is_refused() -> None:
    with pytest.raises(BadMessage) as caught:
        content_of(field(1, 3), 1)
    assert str(caught.value) == "field 1: bytes were expected, not a number"


def test_what_one_byte_less_lacks_is_counted() -> None:
    with pytest.raises(BadMessage) as caught:
        list(fields(field(1, b"abc")[:-1]))
    assert str(caught.value) == "2 of 3 bytes of a field"
