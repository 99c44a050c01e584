"""What a build prints, in the words of each release."""

from __future__ import annotations

from collections.abc import Sequence

from ..builder.instructions import Instruction
from .dialect import Dialect


def step(dialect: Dialect, number: int, total: int, instruction: Instruction) -> list[str]:
    """What stands before the work of an instruction; `number` counts from 1."""
    if dialect.since("17.6.0"):
        return [f"Step {number}/{total} : {instruction.original}", "\n"]
    words = f"{instruction.name} {instruction.rest}"
    if dialect.since("1.13.0"):
        return [f"Step {number}/{total} : {words}\n"]
    if dialect.since("0.8.0") and not dialect.since("1.10.0"):
        number -= 1
    return [f"Step {number} : {words}\n"]


def done(dialect: Dialect, image: str, container: str | None, *, removed: bool) -> list[str]:
    """What stands after the work of an instruction that a container did, or none."""
    if container is None:
        return [_arrow(image)]
    removal = [removing(dialect, container)] if removed else []
    if dialect.since("17.6.0"):
        return [*removal, _arrow(image)]
    return [_arrow(image), *removal]


def removing(dialect: Dialect, container: str) -> str:
    """A container that was made for an instruction is removed."""
    if dialect.since("23.0.0"):
        return f" ---> Removed intermediate container {container[:12]}\n"
    return f"Removing intermediate container {container[:12]}\n"


def _arrow(image: str) -> str:
    return f" ---> {image[:12]}\n"


def removes_at_the_end(dialect: Dialect) -> bool:
    """Whether containers are removed only after the success was told."""
    return not dialect.since("0.9.0")


def copies_in_container(dialect: Dialect) -> bool:
    """Whether a container is made, and so removed, for COPY and ADD."""
    return not dialect.since("17.6.0")


def triggers(dialect: Dialect, number: int) -> list[str]:
    """The image that a build stands on has instructions to be done first."""
    told = f"# Executing {number} build trigger{'' if number == 1 else 's'}"
    return [told, "\n"] if dialect.since("17.6.0") else [f"{told}...\n"]


def error_output(dialect: Dialect, text: str) -> str:
    """What a command wrote to stderr: red, where the release does that."""
    return f"\x1b[91m{text}\x1b[0m" if dialect.since("1.6.0") else text


def failed(dialect: Dialect, command: Sequence[str], code: int) -> str:
    """A command ended with a code that is not 0."""
    words = " ".join(command)
    shown = f"'{words}'" if dialect.since("1.7.0") else f"[{words}]"
    return f"The command {shown} returned a non-zero code: {code}"


def skips_unknown(dialect: Dialect) -> bool:
    """Whether an unknown instruction is passed over instead of ending the build."""
    return not dialect.since("1.2.0")


def checks_first(dialect: Dialect) -> bool:
    """Whether the whole Dockerfile is checked before anything is done."""
    return dialect.since("17.6.0")


def no_dockerfile(dialect: Dialect, name: str) -> str:
    """There is no Dockerfile in the context."""
    if dialect.since("1.5.0"):
        return f"Cannot locate specified Dockerfile: {name}"
    words = "Can't build a directory with no Dockerfile"
    return words if dialect.since("0.7.0") else f"Error build: {words}"


def says_tags(dialect: Dialect) -> bool:
    """Whether the names that the image got are told."""
    return dialect.since("17.5.0")


def not_found(dialect: Dialect, name: str, source: str) -> str:
    """COPY or ADD of what is not in the context."""
    if dialect.since("20.10.0"):
        return (
            f"{name} failed: file not found in build context or excluded by .dockerignore: "
            f"stat {source}: file does not exist"
        )
    if dialect.since("17.6.0"):
        return f"{name} failed: stat {source}: no such file or directory"
    return f"{source.lstrip('/')}: no such file or directory"


def outside(dialect: Dialect, name: str, source: str) -> str:
    """COPY or ADD of what lies outside of the context."""
    if dialect.since("17.6.0"):
        return f"{name} failed: forbidden path outside the build context: {source} ()"
    return f"Forbidden path outside the build context: {source} (/)"


def unused_arguments(names: Sequence[str]) -> str:
    """Build arguments that no ARG names."""
    return f"[Warning] One or more build-args [{' '.join(names)}] were not consumed\n"
