"""Tar archives for tests, in which names and links are just as they are given."""

from __future__ import annotations

import io
import tarfile

Member = tuple[str, bytes, str | bytes]  # name, type, and content or where a link leads


def archive(*members: Member) -> bytes:
    """A tar archive of these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, text in members:
            member = tarfile.TarInfo(name)
            member.type, member.mtime = kind, 1_600_000_000
            member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
            if kind == tarfile.REGTYPE:
                content = text.encode() if isinstance(text, str) else text
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            else:
                member.linkname = str(text)
                tar.addfile(member)
    return out.getvalue()


def file(name: str, text: str | bytes = "x") -> Member:
    return name, tarfile.REGTYPE, text


def folder(name: str) -> Member:
    return name, tarfile.DIRTYPE, ""


def symlink(name: str, target: str) -> Member:
    return name, tarfile.SYMTYPE, target


def hardlink(name: str, target: str) -> Member:
    return name, tarfile.LNKTYPE, target


def contents(content: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isreg()}  # type: ignore[union-attr]


def names(content: bytes) -> list[str]:
    """The names in an archive, folders with a slash."""
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return [f"{one.name}/" if one.isdir() else one.name for one in tar]
