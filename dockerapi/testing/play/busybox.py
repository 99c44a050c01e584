"""The commands of the image `busybox`, played: the everyday part of each, on the container's files.

An option that a command does not have here ends it with 1, or 2, and a line that says so, never in
silence.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import io
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .shell import sh

if TYPE_CHECKING:
    from .playing import Handler, Run

BLOCK = 64 * 1024

COMMANDS: dict[str, Handler] = {"sh": sh, "ash": sh}


class _Failed(Exception):
    """A command ends with an exit code and a line on stderr."""

    def __init__(self, words: str, code: int = 1) -> None:
        super().__init__(words)
        self.code = code


def _played(*names: str) -> Callable[[Handler], Handler]:
    """Note who plays a command; what goes wrong is told on stderr, as the command does."""

    def note(handler: Handler) -> Handler:
        def play(run: Run) -> int | None:
            name = run.argv[0].rpartition("/")[2]
            try:
                return handler(run)
            except _Failed as error:
                run.stderr.write(f"{name}: {error}\n".encode())
                return error.code
            except BrokenPipeError:
                return 141
            except OSError as error:
                where = f"{_shown(run, error.filename)}: " if error.filename else ""
                run.stderr.write(f"{name}: {where}{error.strerror}\n".encode())
                return 1

        COMMANDS.update(dict.fromkeys(names, play))
        return handler

    return note


def _shown(run: Run, path: Any) -> str:
    """A path of this machine as it is called in the container."""
    text = os.fsdecode(path)
    return text.removeprefix(str(run.files)) if text.startswith(str(run.files)) else text


def _options(
    run: Run, flags: str, values: str = "", words: Sequence[str] | None = None
) -> tuple[set[str], dict[str, str], list[str]]:
    """Flags, options with a value, and the other arguments."""
    left = list(run.argv[1:] if words is None else words)
    on: set[str] = set()
    found: dict[str, str] = {}
    rest: list[str] = []
    while left:
        word = left.pop(0)
        if word == "--":
            return on, found, rest + left
        if not word.startswith("-") or word == "-":
            rest.append(word)
            continue
        for place, letter in enumerate(word[1:], 1):
            if letter in values:
                value = word[place + 1 :] or (left.pop(0) if left else None)
                if value is None:
                    raise _Failed(f"option requires an argument -- '{letter}'")
                found[letter] = value
                break
            if letter not in flags:
                raise _Failed(f"invalid option -- '{letter}' (as it is played here)")
            on.add(letter)
    return on, found, rest


def _number(word: str) -> int:
    match = re.fullmatch(r"([-+]?\d+)([kKmMgG]?)", word)
    if match is None:
        raise _Failed(f"invalid number '{word}'")
    return int(match[1]) << (10 * " kmg".index(match[2].lower() or " "))


def _inputs(run: Run, names: Sequence[str]) -> Iterator[tuple[str, BinaryIO]]:
    """The files of these names; `-`, and none at all, is the input."""
    for name in names or ["-"]:
        if name == "-" or name == "/dev/stdin":
            yield name, run.stdin
        elif name == "/dev/null":
            yield name, io.BytesIO()
        elif name == "/dev/zero":
            yield name, io.BufferedReader(_Zeros())
        else:
            with run.path(name).open("rb") as file:
                yield name, file


class _Zeros(io.RawIOBase):
    """/dev/zero."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        size: int = memoryview(buffer).nbytes
        buffer[:] = bytes(size)
        return size


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)
    while data := read(BLOCK):
        yield data


def _lines(run: Run, names: Sequence[str]) -> Iterator[bytes]:
    for _, file in _inputs(run, names):
        yield from file


# Saying things.


@_played("echo")
def _echo(run: Run) -> None:
    words = run.argv[1:]
    end, escapes = b"\n", False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        option = words.pop(0)
        end = b"" if "n" in option else end
        escapes = "e" in option
    text = " ".join(words).encode("utf-8", "surrogateescape")
    if escapes:
        text, stops = _unescaped(text)
        end = b"" if stops else end
    run.stdout.write(text + end)


_ESCAPES = {
    b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\", b"a": b"\a", b"b": b"\b", b"f": b"\f",
    b"v": b"\v", b"e": b"\x1b", b'"': b'"',
}  # fmt: skip


def _unescaped(text: bytes) -> tuple[bytes, bool]:
    """What backslashes stand for, up to `\\c`."""
    before, stop, _ = text.partition(b"\\c")

    def value(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return bytes([int(found[1], 8) & 255])
        if found[2]:
            return bytes([int(found[2], 16)])
        return _ESCAPES.get(found[3], found[0])

    return re.sub(rb"\\(?:0?([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", value, before), bool(stop)


@_played("printf")
def _printf(run: Run) -> None:
    if len(run.argv) < 2:
        raise _Failed("a format was expected")
    template = _unescaped(run.argv[1].encode("utf-8", "surrogateescape"))[0]
    words = run.argv[2:]
    pattern = re.compile(rb"%(?:%|([-+0 #]*\d*(?:\.\d+)?)([sdiuxXocb]))")
    while True:
        before = len(words)
        run.stdout.write(pattern.sub(lambda found: _formatted(found, words), template))
        if not words or len(words) == before:
            return


def _formatted(found: re.Match[bytes], words: list[str]) -> bytes:
    if found[0] == b"%%":
        return b"%"
    flags, kind = found[1].decode(), found[2].decode()
    word = words.pop(0) if words else ("" if kind in "scb" else "0")
    if kind == "c":
        return word[:1].encode()
    if kind == "b":
        return _unescaped(word.encode())[0]
    if kind == "s":
        return (f"%{flags}s" % word).encode("utf-8", "surrogateescape")
    try:
        number = int(word, 0) if not re.fullmatch(r"0\d+", word) else int(word, 8)
    except ValueError:
        raise _Failed(f"invalid number '{word}'") from None
    return (f"%{flags}{kind}" % number).encode()


@_played("yes")
def _yes(run: Run) -> None:
    line = (" ".join(run.argv[1:]) or "y").encode() + b"\n"
    block = line * max(1, 4096 // len(line))
    while True:
        run.stdout.write(block)


@_played("seq")
def _seq(run: Run) -> None:
    numbers = [_number(word) for word in run.argv[1:]]
    first, step, last = (
        (1, 1, numbers[0]) if len(numbers) == 1
        else (numbers[0], 1, numbers[1]) if len(numbers) == 2
        else numbers[:3]
    )  # fmt: skip
    found = range(first, last + (1 if step > 0 else -1), step)
    run.stdout.write("".join(f"{number}\n" for number in found).encode())


@_played("true")
def _true(run: Run) -> int:
    return 0


@_played("false")
def _false(run: Run) -> int:
    return 1


@_played("sleep")
def _sleep(run: Run) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    total = 0.0
    for word in run.argv[1:]:
        match = re.fullmatch(r"(\d*\.?\d+)([smhd]?)", word)
        if match is None:
            raise _Failed(f"invalid number '{word}'")
        total += float(match[1]) * units[match[2] or "s"]
    run.sleep(total)


# The surroundings.


@_played("env", "printenv")
def _env(run: Run) -> int | None:
    words = list(run.argv[1:])
    env = dict(run.env)
    if run.argv[0].endswith("printenv") and words:
        found = [env[word] for word in words if word in env]
        run.stdout.write("".join(f"{value}\n" for value in found).encode())
        return int(len(found) < len(words))
    while words and ("=" in words[0] or words[0] in ("-i", "-")):
        name, equals, value = words.pop(0).partition("=")
        env = {**env, name: value} if equals else {}
    if words:
        return run.run(words, env=env, stdin=run.stdin, stdout=run.stdout, stderr=run.stderr)
    run.stdout.write("".join(f"{name}={value}\n" for name, value in env.items()).encode())
    return 0


@_played("pwd")
def _pwd(run: Run) -> None:
    run.stdout.write(f"{run.working_dir}\n".encode())


@_played("hostname")
def _hostname(run: Run) -> None:
    run.stdout.write(f"{run.env.get('HOSTNAME', 'localhost')}\n".encode())


@_played("whoami")
def _whoami(run: Run) -> None:
    run.stdout.write(b"root\n")


@_played("id")
def _id(run: Run) -> None:
    on, _, _ = _options(run, "ugn")
    number = b"root\n" if "n" in on else b"0\n"
    run.stdout.write(number if on else b"uid=0(root) gid=0(root) groups=0(root)\n")


@_played("uname")
def _uname(run: Run) -> None:
    on, _, _ = _options(run, "asnrvmo")
    parts = {
        "s": "Linux",
        "n": run.env.get("HOSTNAME", "localhost"),
        "r": "6.1.0",
        "v": "#1 SMP",
        "m": "x86_64",
        "o": "GNU/Linux",
    }
    wanted = parts if "a" in on else {k: v for k, v in parts.items() if k in (on or {"s"})}
    run.stdout.write((" ".join(wanted.values()) + "\n").encode())


@_played("date")
def _date(run: Run) -> None:
    on, _, words = _options(run, "u")
    now = time.gmtime()
    form = words[0][1:] if words and words[0].startswith("+") else "%a %b %e %H:%M:%S UTC %Y"
    run.stdout.write((time.strftime(form.replace("%e", "%d"), now) + "\n").encode())


@_played("tty")
def _tty(run: Run) -> int:
    run.stdout.write(b"/dev/pts/0\n" if run.tty else b"not a tty\n")
    return int(not run.tty)


@_played("stty")
def _stty(run: Run) -> None:
    if run.argv[1:] != ["size"]:
        raise _Failed("only `stty size` is played")
    if not run.tty:
        raise _Failed("standard input: Not a tty")
    run.stdout.write(f"{run.size[0]} {run.size[1]}\n".encode())


@_played("which")
def _which(run: Run) -> int:
    found = [name for name in run.argv[1:] if name in COMMANDS]
    run.stdout.write("".join(f"/bin/{name}\n" for name in found).encode())
    return int(len(found) < len(run.argv) - 1)


@_played("ps")
def _ps(run: Run) -> None:
    command = " ".join(run.argv)
    run.stdout.write(f"PID   USER     TIME  COMMAND\n    1 root      0:00 {command}\n".encode())


# Streams.


@_played("cat")
def _cat(run: Run) -> int:
    _, _, names = _options(run, "u")
    code = 0
    for name in names or ["-"]:
        try:
            for _, file in _inputs(run, [name]):
                for data in _blocks(file):
                    run.stdout.write(data)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            run.stderr.write(f"cat: can't open '{name}': {error.strerror}\n".encode())
            code = 1
    return code


@_played("tee")
def _tee(run: Run) -> None:
    on, _, names = _options(run, "a")
    files = [run.path(name).open("ab" if "a" in on else "wb") for name in names]
    try:
        for data in _blocks(run.stdin):
            for file in (run.stdout, *files):
                file.write(data)
    finally:
        for file in files:
            file.close()


def _count(run: Run) -> tuple[str | None, dict[str, str], list[str]]:
    """The options of head and tail, `-5` among them."""
    words = [re.sub(r"^-(\d+)$", r"-n\1", word) for word in run.argv[1:]]
    _, found, names = _options(run, "qv", "nc", words)
    return found.get("c"), found, names


@_played("head")
def _head(run: Run) -> None:
    size, found, names = _count(run)
    for _, file in _inputs(run, names):
        if size is None:
            for _ in range(_number(found.get("n", "10"))):
                line = file.readline()
                if not line:
                    break
                run.stdout.write(line)
            continue
        left = _number(size)
        while left > 0:
            read: Callable[[int], bytes] = getattr(file, "read1", file.read)
            data = read(min(left, BLOCK))
            if not data:
                break
            left -= len(data)
            run.stdout.write(data)


@_played("tail")
def _tail(run: Run) -> None:
    words = [re.sub(r"^-(\d+)$", r"-n\1", word) for word in run.argv[1:]]
    on, found, names = _options(run, "f", "nc", words)
    for _, file in _inputs(run, names):
        if "c" in found:
            data = file.read()
            run.stdout.write(data[max(len(data) - _number(found["c"]), 0) :])
        else:
            amount = found.get("n", "10")
            lines = file.readlines()
            start = int(amount) - 1 if amount.startswith("+") else len(lines) - _number(amount)
            run.stdout.write(b"".join(lines[max(start, 0) :]))
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
    on, _, names = _options(run, "nru")
    lines = [line.rstrip(b"\n") for line in _lines(run, names)]

    def key(line: bytes) -> Any:
        match = re.match(rb"\s*-?\d+", line)
        return (int(match[0]) if match else 0, line) if "n" in on else line

    lines.sort(key=key, reverse="r" in on)
    kept = list(dict.fromkeys(lines)) if "u" in on else lines
    run.stdout.write(b"".join(line + b"\n" for line in kept))


@_played("uniq")
def _uniq(run: Run) -> None:
    on, _, names = _options(run, "c")
    groups: list[tuple[bytes, int]] = []
    for line in _lines(run, names):
        line = line.rstrip(b"\n")
        if groups and groups[-1][0] == line:
            groups[-1] = (line, groups[-1][1] + 1)
        else:
            groups.append((line, 1))
    for line, count in groups:
        run.stdout.write((b"%7d " % count if "c" in on else b"") + line + b"\n")


@_played("cut")
def _cut(run: Run) -> None:
    _, found, names = _options(run, "", "dfc")
    wanted = _ranges(found.get("f") or found.get("c") or "")
    between = found.get("d", "\t").encode()
    for line in _lines(run, names):
        line = line.rstrip(b"\n")
        if "c" in found:
            run.stdout.write(bytes(line[n - 1] for n in range(1, len(line) + 1) if wanted(n)))
        elif between not in line:
            run.stdout.write(line)
        else:
            parts = line.split(between)
            run.stdout.write(between.join(p for n, p in enumerate(parts, 1) if wanted(n)))
        run.stdout.write(b"\n")


def _ranges(text: str) -> Callable[[int], bool]:
    pairs = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not (first + last).isdecimal():
            raise _Failed(f"invalid list '{text}'")
        low = int(first or 1)
        pairs.append((low, int(last) if last else (10**9 if dash else low)))
    return lambda number: any(low <= number <= high for low, high in pairs)


@_played("tr")
def _tr(run: Run) -> None:
    on, _, sets = _options(run, "ds")
    first = _characters(sets[0]) if sets else b""
    if "d" in on:
        for data in _blocks(run.stdin):
            run.stdout.write(data.translate(None, first))
        return
    second = _characters(sets[1]) if len(sets) > 1 else first
    second += second[-1:] * (len(first) - len(second))
    table = bytes.maketrans(first, second[: len(first)])
    for data in _blocks(run.stdin):
        run.stdout.write(data.translate(table))


_CLASSES = {
    "upper": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": b"abcdefghijklmnopqrstuvwxyz",
    "digit": b"0123456789",
    "space": b" \t\n\r\v\f",
}


def _characters(text: str) -> bytes:
    named = re.fullmatch(r"\[:(\w+):\]", text)
    if named and named[1] in _CLASSES:
        return _CLASSES[named[1]]
    raw = _unescaped(text.encode())[0]
    return re.sub(
        rb"(.)-(.)", lambda pair: bytes(range(pair[1][0], pair[2][0] + 1)), raw, flags=re.S
    )


@_played("grep", "egrep", "fgrep")
def _grep(run: Run) -> int:
    on, found, rest = _options(run, "qvicnEFlohxw", "e")
    if "e" not in found and not rest:
        raise _Failed("a pattern was expected", 2)
    text = found["e"] if "e" in found else rest.pop(0)
    if "F" in on or run.argv[0].endswith("fgrep"):
        text = re.escape(text)
    elif "E" not in on and not run.argv[0].endswith("egrep"):
        text = _basic(text)
    text = rf"\b(?:{text})\b" if "w" in on else text
    try:
        pattern = re.compile(text.encode(), re.I if "i" in on else 0)
    except re.error as error:
        raise _Failed(f"bad regex '{text}': {error}", 2) from error
    matches = pattern.fullmatch if "x" in on else pattern.search
    hits = 0
    for name, file in _inputs(run, rest):
        here = 0
        for number, line in enumerate(file, 1):
            match = matches(line.rstrip(b"\n"))
            if bool(match) is ("v" in on):
                continue
            here += 1
            if on & {"q", "c", "l"}:
                continue
            label = f"{name}:" if len(rest) > 1 and "h" not in on else ""
            label += f"{number}:" if "n" in on else ""
            shown = match[0] if match and "o" in on else line.rstrip(b"\n")
            run.stdout.write(label.encode() + shown + b"\n")
        if "c" in on:
            run.stdout.write(b"%d\n" % here)
        elif "l" in on and here:
            run.stdout.write(f"{name}\n".encode())
        hits += here
    return int(not hits)


def _basic(text: str) -> str:
    """A basic regular expression as Python writes it: `\\(` groups, `(` is a parenthesis."""
    return re.sub(r"\\([(){}|+?])|([(){}|+?])", lambda found: found[1] or f"\\{found[2]}", text)


@_played("sed")
def _sed(run: Run) -> None:
    on, found, rest = _options(run, "nErsi", "e")
    script = found["e"] if "e" in found else (rest.pop(0) if rest else "")
    match = re.fullmatch(r"(?:(\d+))?s(.)(.*?)(?<!\\)\2(.*?)(?<!\\)\2([gip]*)", script, re.S)
    lines = re.fullmatch(r"(\d+)(?:,(\d+|\$))?([pd])", script)
    if match is None and lines is None:
        raise _Failed(f"only `s/a/b/`, `Np` and `Nd` are played, not {script!r}")
    for name in rest if "i" in on else [None]:
        names = rest if name is None else [name]
        output = b"".join(_edited(line, number, on, match, lines)
                          for number, line in enumerate(list(_lines(run, names)), 1))  # fmt: skip
        if name is None:
            run.stdout.write(output)
        else:
            run.path(name).write_bytes(output)


def _edited(
    line: bytes,
    number: int,
    on: set[str],
    match: re.Match[str] | None,
    lines: re.Match[str] | None,
) -> bytes:
    if lines is not None:
        last = lines[2] or lines[1]
        inside = int(lines[1]) <= number and (last == "$" or number <= int(last))
        if lines[3] == "d":
            return b"" if inside else line
        return line * (int(inside) + int("n" not in on))
    assert match is not None
    if match[1] and int(match[1]) != number:
        return line if "n" not in on else b""
    pattern = match[3] if on & {"E", "r"} else _basic(match[3])
    by = re.sub(r"(?<!\\)&", r"\\g<0>", match[4]).replace(f"\\{match[2]}", match[2])
    flags = re.I if "i" in match[5] else 0
    end = b"\n" if line.endswith(b"\n") else b""
    body = line[: len(line) - len(end)]
    changed, count = re.subn(
        pattern.encode(), by.encode(), body, count=0 if "g" in match[5] else 1, flags=flags
    )
    shown = changed + end
    return shown * (int("n" not in on) + int(bool(count) and "p" in match[5]))


@_played("md5sum", "sha1sum", "sha256sum", "sha512sum")
def _sum(run: Run) -> None:
    algorithm = run.argv[0].rpartition("/")[2].removesuffix("sum")
    for name, file in _inputs(run, run.argv[1:]):
        digest = hashlib.new(algorithm, usedforsecurity=False)
        for data in _blocks(file):
            digest.update(data)
        run.stdout.write(f"{digest.hexdigest()}  {name}\n".encode())


@_played("base64")
def _base64(run: Run) -> None:
    on, found, names = _options(run, "d", "w")
    data = b"".join(file.read() for _, file in _inputs(run, names))
    if "d" in on:
        run.stdout.write(base64.b64decode(data))
        return
    text, width = base64.b64encode(data), int(found.get("w", "76"))
    lines = [text[at : at + width] for at in range(0, len(text), width)] if width else [text]
    run.stdout.write(b"\n".join(lines) + b"\n")


@_played("xargs")
def _xargs(run: Run) -> int:
    words = run.stdin.read().decode().split()
    command = run.argv[1:] or ["echo"]
    return run.run([*command, *words], stdout=run.stdout, stderr=run.stderr) or 0


@_played("dd")
def _dd(run: Run) -> None:
    given = dict(word.partition("=")[::2] for word in run.argv[1:])
    size, left = _number(given.get("bs", "512")), given.get("count")
    copied = 0
    target = run.path(given["of"]).open("wb") if "of" in given else None
    try:
        for _, file in _inputs(run, [given.get("if", "-")]):
            while left is None or copied < int(left) * size:
                data = file.read(size)
                if not data:
                    break
                copied += len(data)
                (target or run.stdout).write(data)
    finally:
        if target is not None:
            target.close()
    run.stderr.write(f"{copied // size}+{int(copied % size > 0)} records out\n".encode())


# Files.


@_played("ls")
def _ls(run: Run) -> int:
    on, _, names = _options(run, "1aAldhr")
    code = 0
    for place, name in enumerate(names or ["."]):
        path = run.path(name, follow="l" not in on)
        if not os.path.lexists(path):
            run.stderr.write(f"ls: {name}: No such file or directory\n".encode())
            code = 1
            continue
        if not path.is_dir() or path.is_symlink() or "d" in on:
            run.stdout.write(_listed(path, name, on))
            continue
        if len(names) > 1:
            run.stdout.write(f"{chr(10) if place else ''}{name}:\n".encode())
        found = sorted(entry.name for entry in path.iterdir())
        if not on & {"a", "A"}:
            found = [one for one in found if not one.startswith(".")]
        if "a" in on:
            found = [".", "..", *found]
        if "r" in on:
            found.reverse()
        run.stdout.write(b"".join(_listed(path / one, one, on) for one in found))
    return code


def _listed(path: Path, name: str, on: set[str]) -> bytes:
    if "l" not in on:
        return f"{name}\n".encode()
    status = path.lstat()
    when = time.strftime("%b %d %H:%M", time.gmtime(status.st_mtime))
    link = f" -> {os.readlink(path)}" if stat.S_ISLNK(status.st_mode) else ""
    mode = stat.filemode(status.st_mode)
    return (
        f"{mode} {status.st_nlink:4d} root     root     {status.st_size:9d} {when} {name}{link}\n"
    ).encode()


@_played("mkdir")
def _mkdir(run: Run) -> None:
    on, _, names = _options(run, "p", "m")
    for name in names:
        run.path(name).mkdir(parents="p" in on, exist_ok="p" in on)


@_played("rmdir")
def _rmdir(run: Run) -> None:
    for name in _options(run, "")[2]:
        run.path(name, follow=False).rmdir()


@_played("rm")
def _rm(run: Run) -> None:
    on, _, names = _options(run, "rRf")
    for name in names:
        path = run.path(name, follow=False)
        if path == run.files:
            raise _Failed(f"refusing to remove '{name}'")
        if path.is_dir() and not path.is_symlink():
            if not on & {"r", "R"}:
                raise _Failed(f"'{name}' is a directory")
            shutil.rmtree(path)
        elif os.path.lexists(path) or "f" not in on:
            path.unlink()


@_played("touch")
def _touch(run: Run) -> None:
    for name in _options(run, "c")[2]:
        run.path(name).touch()


def _target(run: Run, names: list[str]) -> Iterator[tuple[Path, Path]]:
    """Sources, and where each goes."""
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
    on, _, names = _options(run, "rRafpd")
    for source, target in _target(run, names):
        if source.is_symlink() and not on & {"a", "d"}:
            source = run.path("/" + source.relative_to(run.files).as_posix())
        if source.is_dir() and not source.is_symlink():
            if not on & {"r", "R", "a"}:
                raise _Failed(f"omitting directory '{source.name}'")
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)


@_played("mv")
def _mv(run: Run) -> None:
    for source, target in _target(run, _options(run, "f")[2]):
        os.replace(source, target)


@_played("ln")
def _ln(run: Run) -> None:
    on, _, names = _options(run, "sf")
    if len(names) != 2:
        raise _Failed("a target and a name were expected")
    link = run.path(names[1], follow=False)
    if link.is_dir() and not link.is_symlink():
        link = link / os.path.basename(names[0])
    if "f" in on:
        link.unlink(missing_ok=True)
    if "s" in on:
        link.symlink_to(names[0])
    else:
        os.link(run.path(names[0]), link)


@_played("chmod")
def _chmod(run: Run) -> None:
    on, _, rest = _options(run, "R", words=[w for w in run.argv[1:]])
    mode, names = rest[0] if rest else "", rest[1:]
    for name in names:
        top = run.path(name)
        for path in [top, *(top.rglob("*") if "R" in on else ())]:
            if not path.is_symlink():
                path.chmod(_mode(mode, path.stat().st_mode))


def _mode(text: str, now: int) -> int:
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    match = re.fullmatch(r"([ugoa]*)([-+=])([rwx]+)", text)
    if match is None:
        raise _Failed(f"invalid mode '{text}'")
    who = match[1].replace("a", "ugo") or "ugo"
    bits = 0
    for one in who:
        for letter in match[3]:
            bits |= {"r": 4, "w": 2, "x": 1}[letter] << {"u": 6, "g": 3, "o": 0}[one]
    mode = stat.S_IMODE(now)
    return mode & ~bits if match[2] == "-" else mode | bits


@_played("chown", "chgrp", "sync")
def _chown(run: Run) -> None:
    for name in _options(run, "Rh")[2][1:]:
        run.path(name).lstat()  # everything belongs to root here


@_played("readlink")
def _readlink(run: Run) -> int:
    on, _, names = _options(run, "f")
    for name in names:
        path = run.path(name, follow="f" in on)
        if "f" in on:
            text = "/" + path.relative_to(run.files).as_posix().lstrip(".")
        elif path.is_symlink():
            text = os.readlink(path)
        else:
            return 1
        run.stdout.write(f"{text}\n".encode())
    return 0


@_played("basename")
def _basename(run: Run) -> None:
    name = (run.argv[1] if len(run.argv) > 1 else "").rstrip("/").rpartition("/")[2]
    run.stdout.write(name.removesuffix(*run.argv[2:3] or [""]).encode() + b"\n")


@_played("dirname")
def _dirname(run: Run) -> None:
    name = run.argv[1] if len(run.argv) > 1 else ""
    run.stdout.write((os.path.dirname(name.rstrip("/")) or ".").encode() + b"\n")


@_played("find")
def _find(run: Run) -> None:
    words = run.argv[1:]
    tops = []
    while words and not words[0].startswith("-"):
        tops.append(words.pop(0))
    if len(words) % 2 or set(words[::2]) - {"-name", "-type"}:
        raise _Failed("only -name and -type are played")
    tests = dict(zip(words[::2], words[1::2], strict=True))
    kinds = {"f": stat.S_ISREG, "d": stat.S_ISDIR, "l": stat.S_ISLNK}
    for top in tops or ["."]:
        start = run.path(top)
        start.lstat()
        for path in [start, *sorted(start.rglob("*"))]:
            name = top if path == start else f"{top.rstrip('/')}/{path.relative_to(start)}"
            if "-name" in tests and not fnmatch.fnmatchcase(path.name, tests["-name"]):
                continue
            if "-type" in tests and not kinds[tests["-type"]](path.lstat().st_mode):
                continue
            run.stdout.write(f"{name}\n".encode())


@_played("stat")
def _stat(run: Run) -> None:
    _, found, names = _options(run, "", "c")
    for name in names:
        status = run.path(name, follow=False).lstat()
        values = {
            "s": str(status.st_size),
            "a": f"{stat.S_IMODE(status.st_mode):o}",
            "n": name,
            "u": "0",
            "g": "0",
            "U": "root",
            "G": "root",
            "Y": str(int(status.st_mtime)),
        }
        text = found.get("c", "  File: %n\n  Size: %s")
        shown = re.sub(r"%(.)", lambda part: values.get(part[1], part[0]), text)  # noqa: B023
        run.stdout.write(f"{shown}\n".encode())


@_played("test", "[")
def _test(run: Run) -> int:
    words = run.argv[1:]
    if run.argv[0].endswith("["):
        if words[-1:] != ["]"]:
            raise _Failed("missing ]", 2)
        words = words[:-1]
    return int(not _holds(run, words))


def _holds(run: Run, words: Sequence[str]) -> bool:
    for joint, both in (("-o", False), ("-a", True)):
        if joint in words[1:-1]:
            at = list(words).index(joint, 1)
            first, second = _holds(run, words[:at]), _holds(run, words[at + 1 :])
            return (first and second) if both else (first or second)
    if words and words[0] == "!":
        return not _holds(run, words[1:])
    if len(words) < 2:
        return bool(words and words[0])
    if len(words) == 2:
        return _unary(run, words[0], words[1])
    left, operator, right = words[:3]
    if operator in ("=", "==", "!="):
        return (left == right) is (operator != "!=")
    numbers: dict[str, Callable[[int, int], bool]] = {
        "-eq": int.__eq__, "-ne": int.__ne__, "-lt": int.__lt__, "-le": int.__le__,
        "-gt": int.__gt__, "-ge": int.__ge__,
    }  # fmt: skip
    if operator not in numbers:
        raise _Failed(f"{operator}: unknown operand", 2)
    return numbers[operator](_number(left), _number(right))


def _unary(run: Run, operator: str, word: str) -> bool:
    if operator in ("-n", "-z"):
        return bool(word) is (operator == "-n")
    if operator == "-t":
        return run.tty
    path = run.path(word, follow=operator not in ("-L", "-h"))
    tests: dict[str, Callable[[], bool]] = {
        "-e": path.exists,
        "-f": path.is_file,
        "-d": path.is_dir,
        "-L": path.is_symlink,
        "-h": path.is_symlink,
        "-s": lambda: path.exists() and path.stat().st_size > 0,
        "-r": path.exists,
        "-w": path.exists,
        "-x": lambda: path.exists() and bool(path.stat().st_mode & 0o111),
    }
    if operator not in tests:
        raise _Failed(f"{operator}: unknown operand", 2)
    return tests[operator]()
