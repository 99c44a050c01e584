"""What names an image, a container, an exec instance, a registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from dockerapi.protocol import reference
from dockerapi.protocol.reference import ImageReference


def check(data: bytes) -> None:
    """A name is refused by ValueError, or stays what it is on its way into a path and back."""
    text = data.decode("utf-8", "surrogateescape")
    found = _given(ImageReference.parse, text)
    assert found is None or str(found) == text
    if found is not None and len(found.full_name) <= 255:  # in full it may be too long
        assert ImageReference.parse(found.full_name).full_name == found.full_name
        assert ImageReference.parse(found.familiar_name).full_name == found.full_name
        assert found.registry_key
    for name in map(_names(text), (reference.container_id, reference.exec_id)):
        if name is not None:
            sent = quote(name, safe="")
            assert unquote(sent) == name and "/" not in sent and sent not in (".", "..")
    link = _given(reference.link_name, text)
    assert link is None or link.count("/") == 1
    image = _given(reference.image_name, text)
    if image is not None:
        sent = quote(image, safe="/:@")
        assert unquote(sent) == image and not set(sent) & set("?# \r\n\\")
        assert not {"", ".", ".."} & set(sent.split("/"))
    header = _given(reference.header_value, text)
    assert header is None or not set(header) & set("\r\n\0")
    _given(reference.container_name, text)
    _given(reference.registry_key, text)
    _given(reference.registry_searched, text)
    repository, _, tag = text.partition(" ")
    _given(lambda value: reference.repository_and_tag(value, tag), repository)


def _names(text: str) -> Callable[[Callable[[str], str]], str | None]:
    return lambda read: _given(read, text)


def _given(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError as error:
        assert str(error)
        return None


def seeds() -> Iterator[bytes]:
    for text in (
        "busybox",
        "localhost:5000/team/app:1.0",
        "[::1]:5000/a/b_c--d.e:t@sha256:" + "a" * 64,
        "docker.io/library/busybox",
        "index.docker.io/x",
        "sha256:" + "0" * 64,
        "/parent/alias",
        "https://index.docker.io/v1/",
        "..",
        "a?b#c",
        "app 1.0",
    ):
        yield text.encode()
