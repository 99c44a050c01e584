"""Reads a Dockerfile for the registries that a build pulls from, and for secrets.

Pure: text in, names out. It only finds out whose credentials a build may need, and whether BuildKit
would ask for secrets. Lines that it does not understand are skipped: the Engine will report them.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Mapping

import attrs

from .reference import ImageReference

_ESCAPE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*[a-zA-Z][a-zA-Z0-9]*\s*=.*")
_ARGUMENT = re.compile(r"""([A-Za-z_]\w*)(?:=("[^"]*"|'[^']*'|\S*))?""")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}$]*))?\})")
# BuildKit's own arguments (Dockerfile reference, "Automatic platform ARGs"); they choose no
# registry.
_AUTOMATIC = [
    f"{side}{part}"
    for side in ("TARGET", "BUILD")
    for part in ("PLATFORM", "OS", "ARCH", "VARIANT")
]
_HEREDOC = re.compile(r"<<(-?)([\"']?)([A-Za-z_]\w*)\2")
_LONGEST_VALUE = 4096  # characters
_SOURCE = re.compile(r"(?:^|\s)--from=(\S+)|(?:^|\s)--mount=(?:\S*,)?from=([^\s,]+)")


def repositories(text: str, arguments: Mapping[str, str | None] | None = None) -> list[str]:
    """The full names of the images that a build may pull, in order.

    Args:
        text: the Dockerfile.
        arguments: the build arguments, which override the Dockerfile's defaults.
    """
    found: dict[str, None] = {}
    for name in _images(_stages(text, arguments or {})):
        try:
            found[ImageReference.parse(name).full_name] = None
        except ValueError:
            continue  # an argument without a value, or a mistake
    return list(found)


def needs_session(
    text: str, arguments: Mapping[str, str | None] | None = None, target: str | None = None
) -> str | None:
    """The first part that needs a BuildKit session, e.g. `RUN --mount=type=secret`, or None.

    Stages that the last stage, or the target, does not depend on are not built.
    """
    for mount in _mounted(text, arguments, target):
        if mount.get("type") in _IN_A_SESSION:
            return f"RUN --mount=type={mount['type']}"
    return None


def has_secret_variable(
    text: str, arguments: Mapping[str, str | None] | None = None, target: str | None = None
) -> bool:
    """Whether a step gets a secret as a variable, in a Dockerfile that names no other frontend."""
    if _SYNTAX.search(text):
        return False
    mounts = _mounted(text, arguments, target)
    return any(mount.get("type") == "secret" and "env" in mount for mount in mounts)


# A pseudo-parameter of the build's query, by which the ledger checks that the Engine supports it.
SECRET_AS_VARIABLE = "secret as a variable"
_IN_A_SESSION = ("secret", "ssh")
_SYNTAX = re.compile(r"^\s*(#|//)\s*syntax\s*=", re.IGNORECASE | re.MULTILINE)
_Mount = dict[str, str]


def _mounted(
    text: str, arguments: Mapping[str, str | None] | None, target: str | None
) -> Iterator[_Mount]:
    """The mounts of the steps that will run."""
    stages = _stages(text, arguments or {})
    numbers = {name: number for number, stage in enumerate(stages) for name in stage.names}
    last = str(len(stages) - 1)
    wanted = [numbers[name] for name in [(target or last).lower()] if name in numbers]
    seen = set(wanted)
    for number in wanted:  # grows during the loop
        stage = stages[number]
        yield from stage.mounts
        used = {numbers.get(name.lower(), number) for name in (stage.base, *stage.sources)}
        wanted += sorted(used - seen)
        seen |= used


@attrs.frozen
class _Stage:
    """A build stage: its names, and the stages it builds on and copies or mounts from."""

    names: tuple[str, ...]
    base: str
    sources: list[str] = attrs.Factory(list)
    mounts: list[_Mount] = attrs.Factory(list)


def _images(stages: list[_Stage]) -> Iterator[str]:
    """Images that are built on or copied from, without the Dockerfile's own stages."""
    known: set[str] = set()
    for stage in stages:
        base = stage.base.lower()
        if base not in known and base != "scratch":
            yield stage.base
        known.update(stage.names)
        yield from (name for name in stage.sources if name.lower() not in known)


def _stages(text: str, arguments: Mapping[str, str | None]) -> list[_Stage]:
    values = dict.fromkeys(_AUTOMATIC, "any")
    stages: list[_Stage] = []
    for line in _instructions(text):
        instruction, _, rest = line.partition(" ")
        instruction = instruction.upper()
        if instruction == "ONBUILD":  # it runs in builds of other Dockerfiles
            continue
        if instruction == "ARG" and not stages:
            for match in _ARGUMENT.finditer(rest):
                name, default = match.groups()
                given = arguments.get(name)
                if given is not None:
                    values[name] = given
                elif default is not None:
                    values[name] = _substituted(default.strip("\"'"), values)
        elif instruction == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            base = _substituted(words[0], values) if words else ""
            named = (words[2].lower(),) if len(words) == 3 and words[1].upper() == "AS" else ()
            stages.append(_Stage((str(len(stages)), *named), base))
        elif instruction in ("COPY", "ADD", "RUN") and stages:
            stages[-1].sources.extend(
                copied or mounted for copied, mounted in _SOURCE.findall(rest)
            )
            stages[-1].mounts.extend(_mounts(rest) if instruction == "RUN" else ())
    return stages


def _mounts(rest: str) -> Iterator[_Mount]:
    """The options of a RUN's mounts, which come before its command."""
    for word in itertools.takewhile(lambda word: word.startswith("--"), rest.split()):
        if word.startswith("--mount="):
            options = word.removeprefix("--mount=").strip("\"'").split(",")
            yield {name: value for name, _, value in (item.partition("=") for item in options)}


def _instructions(text: str) -> Iterator[str]:
    """The instructions, one line each, without comments and here-documents."""
    lines = text.removeprefix("\ufeff").splitlines()
    escape = "\\"
    for line in lines:
        if match := _ESCAPE.fullmatch(line.strip()):
            escape = match[1]
        if not _DIRECTIVE.fullmatch(line.strip()):
            break
    at = 0
    ends: _Ends | None = None
    gathered = ""
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line or line.startswith("#"):
            continue
        if line.endswith(escape):
            gathered += line[:-1] + " "
            continue
        instruction = re.sub(r"\s+", " ", gathered + line)
        gathered = ""
        yield instruction
        if instruction.upper().startswith(("RUN ", "COPY ", "ADD ")):
            ends = ends or _Ends(lines)
            at = ends.after(instruction, at)
    if gathered:
        yield re.sub(r"\s+", " ", gathered).strip()


class _Ends:
    """The ends of all here-documents of a Dockerfile, found in one pass."""

    def __init__(self, lines: list[str]) -> None:
        self._plain: dict[str, list[int]] = {}
        self._dashed: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            line = line.rstrip("\r")
            self._plain.setdefault(line, []).append(number)
            self._dashed.setdefault(line.lstrip("\t"), []).append(number)

    def after(self, instruction: str, at: int) -> int:
        """The line after an instruction's here-documents; one without an end is none."""
        for dash, _, end in _HEREDOC.findall(instruction):
            numbers = (self._dashed if dash else self._plain).get(end, [])
            found = bisect.bisect_left(numbers, at)
            if found < len(numbers):
                at = numbers[found] + 1
        return at


def _substituted(word: str, values: Mapping[str, str]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}` replaced by their values.

    A result longer than any image name becomes empty: arguments made of arguments can double with
    every line.
    """

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1] or match[2])
        how, other = match[3], match[4]
        there = found is not None and (found != "" or how in ("-", "+"))
        if how in (":+", "+"):
            return str(other) if there else ""
        if how in (":-", "-") and not there:
            return str(other)
        return found or ""

    pieces, length, end = [], 0, 0
    for match in _VARIABLE.finditer(word):
        pieces += [word[end : match.start()], value(match)]
        length += len(pieces[-2]) + len(pieces[-1])
        end = match.end()
        if length > _LONGEST_VALUE:
            return ""
    return "".join([*pieces, word[end:]])
