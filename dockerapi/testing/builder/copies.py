"""COPY and ADD: find files in the context or in another image, and copy them into an image."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import attrs

from ..play.paths import cleaned, inside, leads_out, walk
from ..state.files import Files
from ..state.layers import is_archive, pack, unpack


class NotCopied(Exception):
    """The source is missing, or the target is impossible; the text is for the client."""


@attrs.define(eq=False)
class Copying:
    """The files of one COPY or ADD."""

    _name: str
    _directory: str
    _entries: list[tuple[str, Path]] = attrs.field(factory=list, init=False)
    _archives: list[tuple[str, Path]] = attrs.field(factory=list, init=False)

    def plan(self, sources: Sequence[str], target: str, root: Path, files: Files) -> None:
        """Find the sources and the target."""
        found = [one for source in sources for one in self._found(source, root)]
        to = target if target.startswith("/") else f"{self._directory}/{target}"
        is_folder = target.endswith(("/", "/.")) or target == "." or files.at(to).is_dir()
        if len(found) > 1 and not target.endswith("/"):
            raise NotCopied(
                f"When using {self._name} with more than one source file, "
                "the destination must be a directory and end with a /"
            )
        for name, path in found:
            if path.is_dir():
                below = ((f"{to}/{one}", path / one) for one in walk(path))
                self._entries += [(cleaned(one)[1:], where) for one, where in below]
            elif self._name == "ADD" and _unpacks(path):
                self._archives.append((cleaned(to), path))
            else:
                last = name.rstrip("/").rpartition("/")[2]
                whole = cleaned(f"{to}/{last}" if is_folder else to)
                self._entries.append((whole[1:], path))

    def _found(self, source: str, root: Path) -> Iterator[tuple[str, Path]]:
        if self._name == "ADD" and source.startswith(("http://", "https://")):
            raise NotCopied(f"ADD failed: the fake Engine fetches nothing: {source}")
        if leads_out(source):
            raise NotCopied(
                f"{self._name} failed: forbidden path outside the build context: {source} ()"
            )
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
                raise NotCopied(
                    f"{self._name} failed: file not found in build context or excluded by "
                    f".dockerignore: stat {source.lstrip('/')}: file does not exist"
                )
            yield name, path

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
