"""Archives put together header by header, also such as no tool would write."""

from __future__ import annotations

import base64
import json
import tarfile

from scripted import Answer, chunked

END = b"\0" * 1024
DIRECTORY = 1 << 31
LINK = 1 << 27


def header(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", **numbers: int) -> bytes:
    """One header; what it says in a number is not looked at."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o755 if kind == tarfile.DIRTYPE else 0o644
    info.mtime = 1_000_000_000
    for field, number in numbers.items():
        setattr(info, field, number)
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % 512)


def file(name: str, content: bytes = b"content", **numbers: int) -> bytes:
    return header(name, **{"size": len(content), **numbers}) + padded(content)


def folder(name: str, **numbers: int) -> bytes:
    return header(name, tarfile.DIRTYPE, **numbers)


def link(name: str, target: str) -> bytes:
    return header(name, tarfile.SYMTYPE, target)


def hard_link(name: str, target: str) -> bytes:
    return header(name, tarfile.LNKTYPE, target)


def pax(**records: str) -> bytes:
    """A header with PAX records for the member that follows."""
    content = b""
    for key, value in records.items():
        rest = f" {key.replace('__', '.')}={value}\n".encode("utf-8", "surrogateescape")
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length += 1
        content += str(length).encode() + rest
    return raw_pax(content)


def raw_pax(content: bytes) -> bytes:
    return header("pax", tarfile.XHDTYPE, size=len(content)) + padded(content)


def gnu(kind: bytes, name: str) -> bytes:
    """A header with the long name, or the long target, of the member that follows."""
    content = name.encode() + b"\0"
    return header("././@LongLink", kind, size=len(content)) + padded(content)


def changed(member: bytes, at: int, put: bytes) -> bytes:
    """The member with other bytes in its header, and the checksum that these have."""
    head = bytearray(member[:512])
    head[at : at + len(put)] = put
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + member[512:]


def of_kind(mode: int, name: str = "data", link: str = "") -> str:
    """What the Engine says of a path, in its header."""
    said = {"name": name, "size": 1, "mode": mode, "mtime": "2020-01-01T00:00:00Z"}
    return base64.b64encode(json.dumps({**said, "linkTarget": link}).encode()).decode()


def answer(archive: bytes, mode: int | None = DIRECTORY | 0o755, name: str = "data") -> Answer:
    """The Engine's answer that has this archive; without a mode, one of below API 1.20."""
    told = {} if mode is None else {"X_Docker_Container_Path_Stat": of_kind(mode, name)}
    return chunked(*([archive] if archive else []), Content_Type="application/x-tar", **told)
