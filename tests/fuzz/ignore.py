"""`.dockerignore`: the first line is a path, the rest the file."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.protocol.ignore import parse


def check(data: bytes) -> None:
    """A file is rules that decide about any path, or a ValueError that names its line."""
    path, _, text = data.decode("utf-8", "replace").partition("\n")
    try:
        rules = parse(text, "file")
    except ValueError as error:
        assert str(error).startswith("file, line "), error
        return
    assert rules.excludes(path) in (True, False)
    assert rules.may_keep_below(path) in (True, False)
    assert not rules.keeping(path).excludes(path)


def seeds() -> Iterator[bytes]:
    yield b"a/b.c\n*.c\n!a/b.c\n# comment\n\n**/tmp\n"
    yield b"a/b/c/d\na/**/d\n!**/c\n"
    yield b"x-y\n[a-z]-?\n[^a]\\*\n"
    yield b"aaaaaaaaaaaaaaaaaaaaaaaa\n*a*a*a*a*b\n**/a**/b\n"
    yield "ä/ö\n[ä-ü]/*\n/../x/./y/\n".encode()


def words() -> Iterator[str]:
    yield from ("**/", "/**", "*", "?", "[a-z]", "[^", "]", "!", "\\", "../", "\n")
