"""What can be sent: in blocks, with its length, from a path."""

from __future__ import annotations

import array
import io
import os
from pathlib import Path
from typing import Any

import pytest

from dockerapi.archive.source import BLOCK, blocks_of, check_data, length_of, of_length, opened


@pytest.mark.parametrize(
    ("data", "blocks"),
    [
        (b"", []),
        (b"abc", [b"abc"]),
        (bytearray(b"abc"), [b"abc"]),
        (memoryview(b"abc")[1:], [b"bc"]),
        (memoryview(array.array("H", [1, 2])), [array.array("H", [1, 2]).tobytes()]),
        (b"x" * (BLOCK + 1), [b"x" * BLOCK, b"x"]),
        (io.BytesIO(b"x" * (BLOCK + 1)), [b"x" * BLOCK, b"x"]),
        (io.BytesIO(b""), []),
        ([b"a", b"", bytearray(b"b"), memoryview(b"c")], [b"a", b"b", b"c"]),
        ((block for block in (b"a", b"b")), [b"a", b"b"]),
    ],
    ids=[
        "nothing", "bytes", "bytearray", "memoryview", "numbers", "large", "file", "empty file",
        "list", "generator",
    ],
)  # fmt: skip
def test_the_blocks_of(data: Any, blocks: list[bytes]) -> None:
    check_data("input", data)
    found = list(blocks_of(data))
    assert found == blocks
    assert {type(block) for block in found} <= {bytes}


@pytest.mark.parametrize(
    "data", [["text"], [b"x", 1], io.StringIO("text")], ids=["texts", "number", "text file"]
)
def test_blocks_that_are_no_bytes(data: Any) -> None:
    with pytest.raises(TypeError, match="^bytes were expected to be sent, not ('text'|1)$"):
        list(blocks_of(data))


@pytest.mark.parametrize(
    "data",
    ["text", io.StringIO("text"), 1, None, object],
    ids=["text", "file", "int", "None", "object"],
)
def test_data_that_can_give_no_bytes(data: Any) -> None:
    with pytest.raises(TypeError) as caught:
        check_data("input", data)
    assert str(caught.value) == (
        "input: bytes, a file object opened for reading bytes, or an iterable of bytes was "
        f"expected, not {data!r}"
    )


def test_the_length_of_what_has_none_before_it_is_read(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    (tmp_path / "empty").touch()
    with open(reader, "rb") as pipe, open(tmp_path / "empty", "rb") as empty:
        unknown: list[Any] = [pipe, empty, iter([b"x"]), io.BytesIO(b"x")]
        assert [length_of(data) for data in unknown] == [None] * 4
    with open("/proc/self/status", "rb") as status:  # says that it has 0 bytes
        assert length_of(status) is None


def test_the_length_of_bytes_is_that_in_bytes() -> None:
    data: list[Any] = [b"abc", bytearray(2), memoryview(array.array("i", [1, 2])), b""]
    assert [length_of(item) for item in data] == [3, 2, 8, 0]


@pytest.mark.parametrize("blocks", [[b"abc", b"de"], [b"abcde"], [b"a", b"b", b"c", b"d", b"e"]])
def test_blocks_of_a_length_are_given_as_they_are(blocks: list[bytes]) -> None:
    assert list(of_length(blocks, 5, "it")) == blocks


@pytest.mark.parametrize(
    ("blocks", "given", "words"),
    [
        ([b"abc", b"def"], [], "it grew while it was sent: 5 bytes were announced, and there are "
         "at least 6"),
        ([b"abc", b"de", b"f"], [b"abc"], "it grew while it was sent: 5 bytes were announced, and "
         "there are at least 6"),
        ([b"abc", b"d"], [b"abc"], "it shrank while it was sent: 5 bytes were announced, and 4 "
         "came"),
        ([], [], "it shrank while it was sent: 5 bytes were announced, and 0 came"),
    ],
)  # fmt: skip
def test_blocks_of_another_length_are_never_given_whole(
    blocks: list[bytes], given: list[bytes], words: str
) -> None:
    found = []
    with pytest.raises(OSError) as caught:
        for block in of_length(blocks, 5, "it"):
            found.append(block)
    assert (found, str(caught.value)) == (given, words)


def test_a_path_is_opened_as_long_as_it_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    for source in (str(path), path):
        with opened("source", source) as data:
            assert list(blocks_of(data)) == [b"abc"]
        assert isinstance(data, io.BufferedReader) and data.closed
    with opened("source", b"abc") as data:
        assert data == b"abc"
    with pytest.raises(FileNotFoundError), opened("source", tmp_path / "nosuch"):
        pass
    with pytest.raises(TypeError), opened("source", 1):  # type: ignore[arg-type]
        pass
