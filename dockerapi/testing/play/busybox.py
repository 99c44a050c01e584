"""The commands of the image `busybox`, played on the container's files.

docs/testing.md lists them. Each has its everyday options; any other option ends the command with
exit code 1 or 2, and a line that says so.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .played import Handler, Run
from .shell import sh

BLOCK = 64 * 1024

COMMANDS: dict[str, Handler] = {"sh": sh}


class _Failed(Exception):
    """A command ends with an exit code and a line on stderr."""

    def __init__(self, words: str, code: int = 1) -> None:
        super().__init__(words)
        self.code = code


def _played(*names: str) -> Callable[[Handler], Handler]:
    """Register a function for commands; its errors are reported on stderr, as by the command."""

    def note(handler: Handler) -> Handler:
        def play(run: Run) -> int | None:
            name = run.argv[0].rpartition("/")[2]
            try:
                return handler(run)
            except _Failed as error:
                run.stderr.write(f"{name}: {error}\n".encode())
                return error.code
            except OSError as error:
                where = f"{_shown(run, error.filename)}: " if error.filename else ""
                run.stderr.write(f"{name}: {where}{error.strerror}\n".encode())
                return 1

        COMMANDS.update(dict.fromkeys(names, play))
        return handler

    return note


def _shown(run: Run, path: Any) -> str:
    """The path in the container for a path of this machine."""
    return os.fsdecode(path).removeprefix(str(run.files))


def _options(run: Run, flags: str, value: str = "") -> tuple[set[str], str | None, list[str]]:
    """The given flags, the value of the one option with a value, and the other words."""
    left, rest = list(run.argv[1:]), []
    on: set[str] = set()
    found = None
    while left:
        word = left.pop(0)
        if value and word.startswith(f"-{value}"):
            found = word[2:] or (left.pop(0) if left else "")
        elif len(word) > 1 and word.startswith("-"):
            wrong = set(word[1:]) - set(flags)
            if wrong:
                letter = min(wrong)
                raise _Failed(f"invalid option -- '{letter}' (as it is played here)")
            on |= set(word[1:])
        else:
            rest.append(word)
    return on, found, rest


def _number(word: str) -> int:
    if not re.fullmatch(r"-?\d+", word):
        raise _Failed(f"invalid number '{word}'")
    return int(word)


def _inputs(run: Run, names: Sequence[str]) -> Iterator[tuple[str, BinaryIO]]:
    """The files of these names; `-`, or no name at all, is stdin."""
    for name in names or ["-"]:
        if name == "-":
            yield name, run.stdin
        else:
            path = Path(os.devnull) if name == os.devnull else run.path(name)
            with path.open("rb") as file:
                yield name, file


# Output


@_played("echo")
def _echo(run: Run) -> None:
    words = run.argv[1:]
    if words[:1] == ["-e"]:
        raise _Failed("-e is not played; printf is")
    whole = words[:1] != ["-n"]
    text = " ".join(words) + "\n" if whole else " ".join(words[1:])
    run.stdout.write(text.encode("utf-8", "surrogateescape"))


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "0": "\0"}


@_played("printf")
def _printf(run: Run) -> None:
    """`%s`, `%d` and `%%` with a width; the format is repeated while there are words."""
    if len(run.argv) < 2:
        raise _Failed("a format was expected")
    template = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), run.argv[1])
    words = run.argv[2:]

    def formatted(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        word = words.pop(0) if words else ""
        return found[0] % (word if found[1] == "s" else _number(word or "0"))

    while True:
        before = len(words)
        text = re.sub(r"%-?\d*([sd%])", formatted, template)
        run.stdout.write(text.encode("utf-8", "surrogateescape"))
        if not words or len(words) == before:
            return


@_played("true")
def _true(run: Run) -> int:
    return 0


@_played("false")
def _false(run: Run) -> int:
    return 1


@_played("sleep")
def _sleep(run: Run) -> None:
    word = run.argv[1] if len(run.argv) > 1 else ""
    if not re.fullmatch(r"\d*\.?\d+", word):
        raise _Failed(f"invalid number '{word}'")
    run.sleep(float(word))


# Environment


@_played("env")
def _env(run: Run) -> int | None:
    words, env = list(run.argv[1:]), dict(run.env)
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    if words:
        return run.run(words, env=env)
    run.stdout.write("".join(f"{name}={value}\n" for name, value in env.items()).encode())
    return 0


@_played("pwd")
def _pwd(run: Run) -> None:
    run.stdout.write(f"{run.working_dir}\n".encode())


@_played("hostname")
def _hostname(run: Run) -> None:
    run.stdout.write(f"{run.env.get('HOSTNAME', 'localhost')}\n".encode())


# Streams


@_played("cat")
def _cat(run: Run) -> int:
    code = 0
    for name in _options(run, "")[2] or ["-"]:
        try:
            for _, file in _inputs(run, [name]):
                while data := getattr(file, "read1", file.read)(BLOCK):
                    run.stdout.write(data)
        except OSError as error:
            run.stderr.write(f"cat: can't open '{name}': {error.strerror}\n".encode())
            code = 1
    return code


@_played("head")
def _head(run: Run) -> None:
    _, amount, names = _options(run, "", "n")
    for _, file in _inputs(run, names):
        for _ in range(_number(amount or "10")):
            run.stdout.write(file.readline())


@_played("tail")
def _tail(run: Run) -> None:
    on, amount, names = _options(run, "f", "n")
    for _, file in _inputs(run, names):
        lines = file.readlines()
        run.stdout.write(b"".join(lines[max(len(lines) - _number(amount or "10"), 0) :]))
        while "f" in on:
            run.stdout.write(file.read())
            run.sleep(0.2)


@_played("wc")
def _wc(run: Run) -> None:
    on, _, names = _options(run, "lwc")
    for name, file in _inputs(run, names):
        data = file.read()
        counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
        shown = [str(counts[key]) for key in counts if key in (on or set(counts))]
        run.stdout.write(" ".join([*shown, *([name] if names else [])]).encode() + b"\n")


@_played("sort")
def _sort(run: Run) -> None:
    on, _, names = _options(run, "ru")
    lines = [line.rstrip(b"\n") for _, file in _inputs(run, names) for line in file]
    found = sorted(set(lines) if "u" in on else lines, reverse="r" in on)
    run.stdout.write(b"".join(line + b"\n" for line in found))


@_played("grep")
def _grep(run: Run) -> int:
    """The pattern is an extended regular expression, or with -F a text."""
    on, _, rest = _options(run, "EFcivq")
    if not rest:
        raise _Failed("a pattern was expected", 2)
    text = rest.pop(0)
    try:
        pattern = re.compile(
            (re.escape(text) if "F" in on else text).encode(), re.I if "i" in on else 0
        )
    except re.error as error:
        raise _Failed(f"bad regex '{text}': {error}", 2) from error
    hits = 0
    for name, file in _inputs(run, rest):
        label = f"{name}:".encode() if len(rest) > 1 else b""
        found = [line for line in file if bool(pattern.search(line)) is not ("v" in on)]
        hits += len(found)
        if "c" in on:
            run.stdout.write(b"%s%d\n" % (label, len(found)))
        elif "q" not in on:
            run.stdout.write(b"".join(label + line.rstrip(b"\n") + b"\n" for line in found))
    return int(not hits)


# Files


@_played("ls")
def _ls(run: Run) -> int:
    on, _, names = _options(run, "1ad")
    code = 0
    for place, name in enumerate(names or ["."]):
        path = run.path(name)
        if not path.exists():
            run.stderr.write(f"ls: {name}: No such file or directory\n".encode())
            code = 1
            continue
        found = [name]
        if path.is_dir() and "d" not in on:
            found = sorted(one.name for one in path.iterdir())
            found = [one for one in found if "a" in on or not one.startswith(".")]
            if len(names) > 1:
                run.stdout.write(f"{chr(10) if place else ''}{name}:\n".encode())
        run.stdout.write("".join(f"{one}\n" for one in found).encode())
    return code


@_played("mkdir")
def _mkdir(run: Run) -> None:
    on, _, names = _options(run, "p")
    for name in names:
        run.path(name).mkdir(parents="p" in on, exist_ok="p" in on)


@_played("rm")
def _rm(run: Run) -> None:
    on, _, names = _options(run, "rf")
    for name in names:
        path = run.path(name, follow=False)
        if path == run.files:
            raise _Failed(f"refusing to remove '{name}'")
        if path.is_dir() and not path.is_symlink():
            if "r" not in on:
                raise _Failed(f"'{name}' is a directory")
            shutil.rmtree(path)
        elif os.path.lexists(path) or "f" not in on:
            path.unlink()


@_played("touch")
def _touch(run: Run) -> None:
    for name in _options(run, "")[2]:
        run.path(name).touch()


def _target(run: Run, names: list[str]) -> Iterator[tuple[Path, Path]]:
    """Pairs of source and target."""
    if len(names) < 2:
        raise _Failed("a source and a target were expected")
    target = run.path(names[-1])
    if len(names) > 2 and not target.is_dir():
        raise _Failed(f"target '{names[-1]}' is not a directory")
    for name in names[:-1]:
        source = run.path(name, follow=False)
        if not os.path.lexists(source):
            raise _Failed(f"can't stat '{name}': No such file or directory")
        yield source, target / source.name if target.is_dir() else target


@_played("cp")
def _cp(run: Run) -> None:
    on, _, names = _options(run, "ar")
    for source, target in _target(run, names):
        if source.is_symlink() and "a" not in on:
            source = run.path("/" + source.relative_to(run.files).as_posix())
        if source.is_dir() and not source.is_symlink():
            if not on:
                raise _Failed(f"omitting directory '{source.name}'")
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)


@_played("mv")
def _mv(run: Run) -> None:
    for source, target in _target(run, _options(run, "")[2]):
        os.replace(source, target)


@_played("chmod")
def _chmod(run: Run) -> None:
    mode, *names = _options(run, "")[2] or [""]
    if not re.fullmatch(r"[0-7]{3,4}", mode):
        raise _Failed(f"invalid mode '{mode}' (a number is played)")
    for name in names:
        run.path(name).chmod(int(mode, 8))


@_played("test", "[")
def _test(run: Run) -> int:
    words = run.argv[1:]
    if run.argv[0].endswith("["):
        if words[-1:] != ["]"]:
            raise _Failed("missing ]", 2)
        words = words[:-1]
    return int(not _holds(run, words))


_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "-eq": int.__eq__,
    "-ne": int.__ne__,
    "-lt": int.__lt__,
    "-le": int.__le__,
    "-gt": int.__gt__,
    "-ge": int.__ge__,
}


def _holds(run: Run, words: Sequence[str]) -> bool:
    if words and words[0] == "!":
        return not _holds(run, words[1:])
    if len(words) < 2:
        return bool(words and words[0])
    if len(words) == 2:
        operator, word = words
        if operator in ("-n", "-z"):
            return bool(word) is (operator == "-n")
        path = run.path(word)
        tests: dict[str, Callable[[], bool]] = {
            "-d": path.is_dir,
            "-e": path.exists,
            "-f": path.is_file,
            "-s": lambda: path.exists() and path.stat().st_size > 0,
        }
        if operator in tests:
            return tests[operator]()
    elif len(words) == 3:
        left, operator, right = words
        if operator in ("=", "!="):
            return (left == right) is (operator == "=")
        if operator in _COMPARED:
            return _COMPARED[operator](_number(left), _number(right))
    raise _Failed(f"{' '.join(words)}: not played", 2)
