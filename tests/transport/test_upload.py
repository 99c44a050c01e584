"""The body of a request, as it goes out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from dockerapi.archive.source import BLOCK
from dockerapi.transport.upload import Upload


@pytest.mark.parametrize(
    ("data", "headers", "sent"),
    [
        (b"", {"Content-Length": "0"}, []),
        (b"abc", {"Content-Length": "3"}, [b"abc"]),
        (b"x" * (BLOCK + 1), {"Content-Length": str(BLOCK + 1)}, [b"x" * BLOCK, b"x"]),
        ([], {"Transfer-Encoding": "chunked"}, [b"0\r\n\r\n"]),
        (
            [b"a", b"", b"x" * 16],
            {"Transfer-Encoding": "chunked"},
            [b"1\r\na\r\n", b"10\r\nxxxxxxxxxxxxxxxx\r\n", b"0\r\n\r\n"],
        ),
        (
            io.BytesIO(b"abc"),
            {"Transfer-Encoding": "chunked"},
            [b"3\r\nabc\r\n", b"0\r\n\r\n"],
        ),
    ],
    ids=["nothing", "bytes", "many bytes", "no blocks", "blocks", "file object"],
)
def test_an_upload_says_where_it_ends(
    data: Any, headers: dict[str, str], sent: list[bytes]
) -> None:
    upload = Upload(data)
    assert (upload.headers, list(upload)) == (headers, sent)


def test_a_file_has_the_length_that_is_left_of_it(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"abcdef")
    with open(path, "rb") as file:
        file.read(2)
        upload = Upload(file)
        assert (upload.headers, list(upload)) == ({"Content-Length": "4"}, [b"cdef"])


def test_a_file_that_changed_its_length_is_named(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(b"abcdef")
    with open(path, "rb") as file:
        upload = Upload(file)
        path.write_bytes(b"abc")
        with pytest.raises(OSError) as caught:
            list(upload)
    assert str(caught.value) == (
        f"{path} shrank while it was sent: 6 bytes were announced, and 3 came"
    )
