"""What a Dockerfile pulls: the images of its FROM and COPY --from."""

from __future__ import annotations

from collections.abc import Iterator

from dockerapi.protocol.dockerfile import repositories


def check(data: bytes) -> None:
    """Any text names images, or none."""
    text = data.decode("utf-8", "replace")
    for found in (repositories(text), repositories(text, {"A": "localhost:5000", "B": None})):
        assert all(name and "$" not in name for name in found)
        assert len(found) == len(set(found))


def seeds() -> Iterator[bytes]:
    yield b"# escape=`\nARG A=busybox\nFROM --platform=x ${A:-y} AS base\nRUN a `\n b\n"
    yield b"FROM a.example.com/x AS one\nCOPY --from=one a b\n"
    yield b"FROM a\nCOPY --from=b.example.com/y:1 a b\n"
    yield b"FROM a\nRUN --mount=type=bind,from=localhost:5000/c,target=/x id\n"
    yield b"FROM a\nRUN <<E cat <<-'F'\nx\nE\n\tF\n"
    yield b"FROM scratch\nONBUILD FROM x\nADD <<E /x\nFROM no\nE\nFROM $B${A}$TARGETARCH\n"


def words() -> Iterator[str]:
    yield from ("FROM ", "ARG ", "COPY --from=", "RUN --mount=type=bind,from=", "ONBUILD ", " AS ")
    yield from ("<<EOF", "<<-EOF", "\nEOF\n", "${A:-", "${A:+", "$B", "# escape=`", "\\\n")
