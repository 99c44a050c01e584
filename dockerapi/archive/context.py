"""The context of a build: the tar archive of a directory, sent while the directory is read.

There is no temporary file, and memory holds one block, so the size of the context does not matter.
`.dockerignore` is applied here, since no Engine filters a context. All members belong to root;
`tar` describes the archive.
"""

from __future__ import annotations

import functools
import os
import re
import stat
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from tarfile import TarInfo
from typing import IO, cast

import attrs

from ..late import load
from ..protocol.ignore import Rules, parse
from . import tar
from .source import Data, blocks_of, check_data

Context = str | os.PathLike[str] | Data
Dockerfile = str | os.PathLike[str] | IO[str] | IO[bytes]

DOCKERFILE = "Dockerfile"
IGNORE_FILE = ".dockerignore"
_REMOTE = re.compile(r"(https?|git|ssh)://|git@|github\.com/")


@attrs.frozen
class BuildContext:
    """A context as the Engine gets it: data to send, or a URL that the Engine fetches."""

    data: Data | None = None
    remote: str | None = None
    dockerfile: str | None = None

    def dockerfile_text(self) -> str | None:
        """The text of the Dockerfile; None if it is in an archive or elsewhere."""
        if not isinstance(self.data, _Archive):
            return None
        return self.data.dockerfile.decode("utf-8-sig", "replace")


def build_context(
    context: Context | None,
    dockerfile: Dockerfile | None,
    *,
    gzip: bool = False,
    buildkit: bool = False,
) -> BuildContext:
    """The context for the arguments of a build.

    Args:
        buildkit: for BuildKit or for the classic builder. The classic builder removes the
            Dockerfile and the ignore file from the context if the ignore file says so. BuildKit
            reads no ignore file in the context (20.10.24, 26.1.5, 28.5.2: seen), so excluded files
            are not sent. A Dockerfile that is excluded is sent like one from outside, without its
            directories.

    Raises:
        ValueError: the context is not a directory, lacks the Dockerfile, or contradicts it; or a
            line in the ignore file is bad.
    """
    text = None
    if dockerfile is not None and not isinstance(dockerfile, (str, os.PathLike)):
        content = dockerfile.read()
        if not isinstance(content, (str, bytes)):
            raise TypeError(f"dockerfile: a file was expected, not one of {type(content)}")
        text = content.encode() if isinstance(content, str) else content
        dockerfile = None
    name = None if dockerfile is None else os.fspath(dockerfile)
    if context is None:
        if text is None:
            raise ValueError(
                "build: without a context it needs the text of a Dockerfile: "
                "dockerfile=io.StringIO(text)"
            )
        return BuildContext(_Archive(None, {DOCKERFILE: text}, {}, Rules(), text, gzip))
    if isinstance(context, (str, os.PathLike)) and not _is_remote(context):
        return _of_directory(Path(context), name, text, gzip, buildkit)
    if text is not None:
        raise ValueError(
            "build: the text of a Dockerfile goes with a directory, or with no context"
        )
    if gzip:
        raise ValueError("build: gzip goes with a directory; what is given as data stays as it is")
    if isinstance(context, str):
        return BuildContext(remote=context, dockerfile=name)
    data = cast(Data, context)
    check_data("context", data)
    return BuildContext(data=data, dockerfile=name)


def _is_remote(context: str | os.PathLike[str]) -> bool:
    return isinstance(context, str) and _REMOTE.match(context) is not None


def _of_directory(
    directory: Path, dockerfile: str | None, text: bytes | None, gzip: bool, buildkit: bool
) -> BuildContext:
    if not directory.is_dir():
        raise ValueError(f"build: the context is no directory: {str(directory)!r}")
    path = name = None
    if text is None:
        path = _dockerfile_path(directory, dockerfile)
        name = _name_within(directory, path)
        text = path.read_bytes()
    ignore_file = _ignore_file(directory, path)
    lines = b"" if ignore_file is None else ignore_file.read_bytes()
    rules = parse(lines.decode("utf-8", "surrogateescape"), str(ignore_file), classic=not buildkit)
    if buildkit and name is not None and rules.excludes(name):
        name = None
    texts = {}
    if name is None:
        load("hashlib")  # loads OpenSSL
        import hashlib

        # Named by its content, so that the Engine's cache recognizes it.
        name = f".dockerfile.{hashlib.sha256(text).hexdigest()[:16]}"
        texts[name] = text
    elif not buildkit:
        rules = rules.keeping(name)
    if not buildkit:
        rules = rules.keeping(IGNORE_FILE)
    own = directory / IGNORE_FILE
    read = {name: text, IGNORE_FILE: lines} if ignore_file == own else {name: text}
    if not buildkit and (texts or ignore_file not in (None, own)):
        # By these lines the Engine removes the Dockerfile and this file from the context again.
        hidden = [*texts] if own.exists() else [*texts, IGNORE_FILE]
        texts[IGNORE_FILE] = b"\n".join([lines, *map(str.encode, hidden), b""])
    return BuildContext(
        _Archive(directory, texts, read, rules, text, gzip),
        dockerfile=None if name == DOCKERFILE else name,
    )


def _name_within(directory: Path, path: Path) -> str | None:
    """The name of a file below a directory, links followed; None if it lies elsewhere."""
    name = os.path.relpath(os.path.realpath(path), os.path.realpath(directory))
    return None if name.split(os.sep)[0] == os.pardir else Path(name).as_posix()


def _dockerfile_path(directory: Path, given: str | None) -> Path:
    """The path of the Dockerfile: in the context, or else from the current directory.

    A path that leaves the context by `..` is relative to the current directory, as for the docker
    command.
    """
    name = os.path.normpath(given or DOCKERFILE)
    inside = directory / name
    if name.split(os.sep)[0] != os.pardir and inside.is_file():
        return inside
    if given is None:
        raise ValueError(f"build: the context {str(directory)!r} has no {name!r}")
    if not os.path.isfile(given):
        raise ValueError(
            f"build: no Dockerfile {given!r}, neither in the context {str(directory)!r} nor from "
            f"the current directory"
        )
    return Path(given)


def _ignore_file(directory: Path, dockerfile: Path | None) -> Path | None:
    """`<Dockerfile>.dockerignore` beside the Dockerfile, or else that of the context."""
    candidates = [directory / IGNORE_FILE]
    if dockerfile is not None:
        candidates.insert(0, dockerfile.with_name(f"{dockerfile.name}{IGNORE_FILE}"))
    return next((path for path in candidates if path.exists()), None)


class _Archive:
    """A tar archive of a directory, in which texts replace or add files; iterates its blocks.

    Args:
        texts: files that replace those of the directory, by name.
        read: the content of files that were already read, by name.
        dockerfile: the content of the Dockerfile.
    """

    def __init__(
        self,
        directory: Path | None,
        texts: dict[str, bytes],
        read: dict[str, bytes],
        rules: Rules,
        dockerfile: bytes,
        gzip: bool,
    ) -> None:
        self._directory = directory
        self._texts = texts
        self._read = read
        self._rules = rules
        self.dockerfile = dockerfile
        self._gzip = gzip

    def __iter__(self) -> Iterator[bytes]:
        blocks = tar.gathered(self._members())
        return _gzipped(blocks) if self._gzip else blocks

    def _members(self) -> Iterator[bytes]:
        for name, content in self._texts.items():
            yield from tar.with_content(TarInfo(name), content)
        if self._directory is not None:
            sent: dict[tuple[int, int], str] = {}
            for path, name in _kept(os.fspath(self._directory), self._rules):
                if name not in self._texts:
                    yield from tar.member(path, name, sent, self._read.get(name))
        yield tar.END

    def form(self) -> tuple[str, Iterator[bytes]]:
        """The same as a form with the files `Dockerfile` and `Context`: its type and blocks."""
        boundary = os.urandom(16).hex()
        return f"multipart/form-data; boundary={boundary}", self._parts(boundary)

    def _parts(self, boundary: str) -> Iterator[bytes]:
        yield _part(boundary, "Dockerfile") + self.dockerfile + b"\r\n"
        yield _part(boundary, "Context")
        yield from self
        yield f"\r\n--{boundary}--\r\n".encode()


def recognizable(data: Data) -> Iterator[bytes]:
    """The same archive, with a start that BuildKit recognizes.

    BuildKit looks at the first 1024 bytes. If they begin with an extended header (a long name, a
    time with a fraction), it takes the archive for the text of a Dockerfile (20.10.24, 26.1.5,
    28.5.2: seen). Such an archive gets an entry for the root first.
    """
    blocks = blocks_of(data)
    start = b""
    while len(start) < tarfile.BLOCKSIZE and (block := next(blocks, b"")):
        start += block
    if start[257:262] == b"ustar" and start[156:157] in _EXTENDED:
        root = tarfile.TarInfo("./")
        root.type, root.mode, root.mtime = tarfile.DIRTYPE, 0o755, int(time.time())
        yield tar.header(root)
    yield start
    yield from blocks


_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def _part(boundary: str, name: str) -> bytes:
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()


def _gzipped(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


def _kept(directory: str, rules: Rules) -> Iterator[tuple[str, str]]:
    """Path and name of everything that is not excluded, in order of name."""
    excludes = functools.lru_cache(maxsize=1)(rules.excludes)  # asked twice in a row

    def may_keep(name: str) -> bool:
        return not name or not excludes(name) or rules.may_keep_below(name)

    above: list[tuple[str, str]] = []  # excluded directories, sent if something below is kept
    for path, name in tar.walk(directory, "", may_keep):
        while above and not name.startswith(f"{above[-1][1]}/"):
            above.pop()
        if name and not excludes(name):
            yield from above
            above.clear()
            yield path, name
        elif name and not rules.classic and may_keep(name) and _is_directory(path):
            above.append((path, name))


def _is_directory(path: str) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode)
