"""What was written, as a value; test_streams.py has how it is read."""

from __future__ import annotations

from dockerapi import Output


def test_an_output_shows_its_streams_and_not_the_same_bytes_twice() -> None:
    assert repr(Output(b"a", b"b", b"ab")) == "Output(stdout=b'a', stderr=b'b')"
