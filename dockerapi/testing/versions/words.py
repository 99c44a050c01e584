"""What a build prints: in the words of the first builder, or from 17.6.0 on of the one after it."""

from __future__ import annotations

from collections.abc import Sequence

from .dialect import Dialect


def step(dialect: Dialect, number: int, total: int, plain: str, original: str) -> list[str]:
    """What stands before the work of an instruction; `number` counts from 1."""
    if dialect.checks_first:
        return [f"Step {number}/{total} : {original}", "\n"]
    if dialect.since("0.8.0") and not dialect.modern:
        number -= 1
    return [f"Step {number} : {plain}\n"]


def done(dialect: Dialect, image: str, container: str | None, *, removed: bool) -> list[str]:
    """What stands after the work of an instruction that a container did, or none."""
    arrow = f" ---> {image[:12]}\n"
    removal = [removing(dialect, container)] if container is not None and removed else []
    return [*removal, arrow] if dialect.checks_first else [arrow, *removal]


def removing(dialect: Dialect, container: str) -> str:
    """A container that was made for an instruction is removed."""
    arrow, verb = (" ---> ", "Removed") if dialect.since("23.0.0") else ("", "Removing")
    return f"{arrow}{verb} intermediate container {container[:12]}\n"


def triggers(dialect: Dialect, number: int) -> list[str]:
    """The image that a build stands on has instructions to be done first."""
    told = f"# Executing {number} build trigger{'' if number == 1 else 's'}"
    return [told, "\n"] if dialect.checks_first else [f"{told}...\n"]


def error_output(dialect: Dialect, text: str) -> str:
    """What a command wrote to stderr: red, where the release does that."""
    return f"\x1b[91m{text}\x1b[0m" if dialect.since("1.6.0") else text


def failed(dialect: Dialect, command: Sequence[str], code: int) -> str:
    """A command ended with a code that is not 0."""
    words = " ".join(command)
    shown = f"'{words}'" if dialect.since("1.7.0") else f"[{words}]"
    return f"The command {shown} returned a non-zero code: {code}"


def no_dockerfile(dialect: Dialect, name: str) -> str:
    """There is no Dockerfile in the context."""
    if dialect.since("1.5.0"):
        return f"Cannot locate specified Dockerfile: {name}"
    return "Can't build a directory with no Dockerfile"


def not_found(dialect: Dialect, name: str, source: str) -> str:
    """COPY or ADD of what is not in the context."""
    if dialect.checks_first:
        return (
            f"{name} failed: file not found in build context or excluded by .dockerignore: "
            f"stat {source}: file does not exist"
        )
    return f"{source}: no such file or directory"


def outside(name: str, source: str) -> str:
    """COPY or ADD of what lies outside of the context."""
    return f"{name} failed: forbidden path outside the build context: {source} ()"


def unused_arguments(names: Sequence[str]) -> str:
    """Build arguments that no ARG names."""
    return f"[Warning] One or more build-args [{' '.join(names)}] were not consumed\n"
