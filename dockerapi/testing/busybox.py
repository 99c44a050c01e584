"""The commands of the image `busybox`, played by functions."""

from __future__ import annotations

from collections.abc import Callable

from .playing import Handler, Run

COMMANDS: dict[str, Handler] = {}


def _played(*names: str) -> Callable[[Handler], Handler]:
    def note(handler: Handler) -> Handler:
        COMMANDS.update(dict.fromkeys(names, handler))
        return handler

    return note


@_played("echo")
def _echo(run: Run) -> None:
    words = run.argv[1:]
    end = b"\n"
    if words[:1] == ["-n"]:
        words, end = words[1:], b""
    run.stdout.write(" ".join(words).encode() + end)


@_played("true")
def _true(run: Run) -> int:
    return 0


@_played("false")
def _false(run: Run) -> int:
    return 1


@_played("cat")
def _cat(run: Run) -> None:
    while data := run.stdin.read1(65536):  # type: ignore[attr-defined]
        run.stdout.write(data)


@_played("sleep")
def _sleep(run: Run) -> None:
    run.sleep(sum(float(word) for word in run.argv[1:]))
