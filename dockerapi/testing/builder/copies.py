"""What COPY and ADD copy: found in the context or in another image, put in an image."""

from __future__ import annotations

import hashlib
import stat
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ..play.paths import cleaned, inside, leads_out, walk
from ..state.files import Files
from ..state.layers import is_archive, pack, unpack
from ..versions import words
from ..versions.dialect import Dialect
from .downloads import NotFetched, fetched


class NotCopied(Exception):
    """What should be copied is not there, or has nowhere to go; the words are for the client."""


class Copying:
    """What one COPY or ADD copies."""

    def __init__(self, dialect: Dialect, name: str, directory: str) -> None:
        self._dialect = dialect
        self._name = name
        self._directory = directory
        self._entries: list[tuple[str, Path]] = []
        self._archives: list[tuple[str, Path]] = []
        self._kinds: set[str] = set()

    def plan(
        self, sources: Sequence[str], target: str, root: Path, files: Files, scratch: Path
    ) -> None:
        """Find what is copied, and where to."""
        found = [one for source in sources for one in self._found(source, root, scratch)]
        to = target if target.startswith("/") else f"{self._directory}/{target}"
        is_folder = target.endswith(("/", "/.")) or target == "." or files.at(to).is_dir()
        if len(found) > 1 and not target.endswith("/"):
            raise NotCopied(
                f"When using {self._name} with more than one source file, "
                "the destination must be a directory and end with a /"
            )
        for name, path in found:
            if path.is_dir():
                self._kinds.add("dir")
                below = ((f"{to}/{one}", path / one) for one in walk(path))
                self._entries += [(cleaned(one)[1:], where) for one, where in below]
            elif self._name == "ADD" and not name.startswith("http") and _unpacks(path):
                self._kinds.add("file")
                self._archives.append((cleaned(to), path))
            else:
                self._kinds.add("file")
                last = name.rstrip("/").rpartition("/")[2]
                whole = cleaned(f"{to}/{last}" if is_folder else to)
                self._entries.append((whole[1:], path))

    def _found(self, source: str, root: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
        if self._name == "ADD" and source.startswith(("http://", "https://")):
            path = scratch / uuid.uuid4().hex
            try:
                with path.open("wb") as file:
                    file.writelines(fetched(self._dialect, source))
            except NotFetched as error:
                raise NotCopied(f"ADD failed: {error}") from error
            path.chmod(0o600)
            yield source.partition("?")[0], path
            return
        if leads_out(source):
            raise NotCopied(words.outside(self._name, source))
        if any(character in source for character in "*?["):
            pattern = cleaned(source)[1:].split("/")
            names = [name for name in walk(root) if _fits(name.split("/"), pattern)]
            if not names:
                raise NotCopied(f"{self._name} failed: no source files were specified")
        else:
            names = [cleaned(source)[1:]]
        for name in names:
            path = inside(root, name)
            if not path.exists():
                raise NotCopied(words.not_found(self._dialect, self._name, source.lstrip("/")))
            yield name, path

    def digest(self) -> str:
        """A name for what is copied: the same content, the same name."""
        digest = hashlib.sha256()
        for name, path in [*self._entries, *self._archives]:
            status = path.lstat()
            digest.update(f"{name}\0{status.st_mode}\0".encode("utf-8", "surrogateescape"))
            if stat.S_ISREG(status.st_mode):
                digest.update(hashlib.sha256(path.read_bytes()).digest())
            elif stat.S_ISLNK(status.st_mode):
                digest.update(str(path.readlink()).encode("utf-8", "surrogateescape"))
        kind = "multi" if len(self._entries) + len(self._archives) > 1 else "file"
        if self._kinds == {"dir"}:
            kind = "dir"
        return f"{kind}:{digest.hexdigest()}"

    def do(self, files: Files) -> None:
        """Copy it."""
        for at, path in self._archives:
            with path.open("rb") as archive:
                unpack(archive, files.root, at)
        with tempfile.TemporaryFile() as archive:
            archive.writelines(pack(self._entries))
            archive.seek(0)
            unpack(archive, files.root)


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(parts) == len(pattern) and all(
        fnmatchcase(part, one) for part, one in zip(parts, pattern, strict=True)
    )


def _unpacks(path: Path) -> bool:
    with path.open("rb") as file:
        return is_archive(file)
