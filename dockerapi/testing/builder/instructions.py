"""Dockerfiles: their instructions, and the effect of each on an image's configuration.

Effects on files are in `build.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from ..play.paths import cleaned

SHELL = ["/bin/sh", "-c"]
FLAGS = {
    "ADD": {"chown", "chmod", "keep-git-dir", "checksum", "link", "exclude"},
    "COPY": {"from", "chown", "chmod", "link", "parents", "exclude"},
    "FROM": {"platform"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "start-interval", "retries"},
    "RUN": {"mount", "network", "security"},
}
_AT_LEAST_ONE = frozenset("ADD ARG COPY ENV EXPOSE LABEL VOLUME HEALTHCHECK".split())
_EXACTLY_ONE = frozenset("MAINTAINER STOPSIGNAL USER WORKDIR".split())


class BadInstruction(ValueError):
    """An invalid instruction; the text is the Engine's."""


@attrs.frozen
class Instruction:
    """One instruction; `original` is its text, with continued lines joined."""

    name: str  # in capitals
    rest: str
    original: str
    line: int
    flags: Mapping[str, str] = attrs.field(factory=dict)

    def listed(self) -> list[str] | None:
        """The arguments of the form `["a", "b"]`, None in the other form."""
        if not self.rest.startswith("["):
            return None
        try:
            found = json.loads(self.rest)
        except ValueError:
            return None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
        return None

    def words(self) -> list[str]:
        """The arguments, in either form."""
        listed = self.listed()
        return self.rest.split() if listed is None else listed


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, known or not; `BadInstruction` for unknown flags."""
    found = []
    lines = iter(enumerate(text.lstrip("\ufeff").splitlines(), 1))
    for number, line in lines:
        joined = line.strip()
        if not joined or joined.startswith("#"):
            continue
        while joined.rstrip().endswith("\\"):
            joined = joined.rstrip()[:-1]
            following = next(lines, None)
            while following is not None and (
                not following[1].strip() or following[1].lstrip().startswith("#")
            ):
                following = next(lines, None)
            if following is None:
                break
            joined += following[1]
        found.append(_instruction(joined.strip(), number))
    return found


def _instruction(text: str, line: int) -> Instruction:
    name, _, rest = re.sub(r"\s", " ", text[:20], count=1).partition(" ")
    name, rest = name.upper(), text[len(name) :].strip()
    known, flags = FLAGS.get(name, set()), {}
    while known and (match := re.match(r"--([a-z-]+)(?:=(\S*))?(?:\s+|$)", rest)):
        if match[1] not in known:
            raise BadInstruction(f"unknown flag: --{match[1]}", line)
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    return Instruction(name, rest, text, line, flags)


def check(instruction: Instruction) -> None:
    """Check that an instruction is known and has the arguments that it needs."""
    name, words = instruction.name, instruction.rest.split()
    wrong = ""
    if name not in KNOWN:
        wrong = f"unknown instruction: {name}"
    elif name in ("ADD", "COPY") and len(instruction.words()) < 2:
        wrong = f"{name} requires at least two arguments" + (
            ", but only one was provided. Destination could not be determined" if words else ""
        )
    elif name in _AT_LEAST_ONE and not words:
        wrong = f"{name} requires at least one argument"
    elif name in _EXACTLY_ONE and not words:
        wrong = f"{name} requires exactly one argument"
    elif name == "FROM" and not (len(words) == 1 or (len(words) == 3 and words[1].lower() == "as")):
        wrong = "FROM requires either one or three arguments"
    if wrong:
        raise BadInstruction(wrong, instruction.line)
    if name in ("ENV", "LABEL") and "=" not in words[0] and len(words) < 2:
        raise BadInstruction(f"{name} must have two arguments", None)


def split(text: str) -> list[str]:
    """The words of a text, split at spaces outside of quotes; quotes stay."""
    return re.findall(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\]|["'\\])+""", text)


_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:[-+])((?:\\.|[^}\\])*))?\})")


def expanded(word: str, variables: Mapping[str, str]) -> str:
    """A word without its quotes and backslashes, and with its variables' values."""

    def value(match: re.Match[str]) -> str:
        name, how, other = match[1] or match[2], match[3], match[4] or ""
        own = variables.get(name, "")
        if how == ":-":
            return own or expanded(other, variables)
        if how == ":+":
            return expanded(other, variables) if own else ""
        return own

    found, position, quoted = [], 0, False
    while position < len(word):
        character = word[position]
        if character == "'" and not quoted:
            end = word.find("'", position + 1)
            end = len(word) if end < 0 else end
            found.append(word[position + 1 : end])
            position = end + 1
        elif character == '"':
            quoted = not quoted
            position += 1
        elif character == "\\" and position + 1 < len(word):
            following = word[position + 1]
            found.append(following if not quoted or following in '"$\\' else f"\\{following}")
            position += 2
        elif match := _VARIABLE.match(word, position):
            found.append(value(match))
            position = match.end()
        else:
            found.append(character)
            position += 1
    return "".join(found)


def pairs(rest: str, variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names and values of ENV and LABEL, in either form."""
    words = split(rest)
    if words and "=" not in words[0]:
        name, _, value = rest.strip().partition(" ")
        return [(expanded(name, variables), expanded(value.strip(), variables))]
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise BadInstruction(
                f"Syntax error - can't find = in {word!r}. Must be of the form: name=value", None
            )
        found.append((expanded(name, variables), expanded(value, variables)))
    return found


def with_variables(
    environment: Sequence[str] | None, changed: Sequence[tuple[str, str]]
) -> list[str]:
    """An environment with some variables changed."""
    found = list(environment or [])
    for name, value in changed:
        for number, one in enumerate(found):
            if one.partition("=")[0] == name:
                found[number] = f"{name}={value}"
                break
        else:
            found.append(f"{name}={value}")
    return found


def variables_of(environment: Sequence[str] | None) -> dict[str, str]:
    """An environment as a mapping."""
    return {name: value for name, _, value in (one.partition("=") for one in environment or [])}


def apply(config: dict[str, Any], instruction: Instruction, variables: Mapping[str, str]) -> str:
    """Apply an instruction to a configuration; returns the line for the image's history.

    Raises:
        BadInstruction: its arguments are wrong.
    """
    check(instruction)
    return _APPLIED[instruction.name](config, instruction, variables)


def command(instruction: Instruction, config: Mapping[str, Any]) -> list[str]:
    """The command of RUN, CMD or ENTRYPOINT, in either form."""
    listed = instruction.listed()
    if listed is not None:
        return listed
    return [*(config.get("Shell") or SHELL), *([instruction.rest] if instruction.rest else [])]


def _quoted(words: Sequence[str]) -> str:
    return "[" + " ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"


def _cmd(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    config["Cmd"] = command(one, config)
    return f"CMD {_quoted(config['Cmd'])}"


def _entrypoint(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    config["Entrypoint"] = command(one, config) if one.rest else None
    return f"ENTRYPOINT {_quoted(config['Entrypoint'] or [])}"


def _env(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    found = pairs(one.rest, variables)
    config["Env"] = with_variables(config.get("Env"), found)
    return "ENV " + " ".join(f"{name}={value}" for name, value in found)


def _label(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    found = pairs(one.rest, variables)
    config["Labels"] = {**(config.get("Labels") or {}), **dict(found)}
    return "LABEL " + " ".join(f"{name}={value}" for name, value in found)


def _expose(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    ports = dict(config.get("ExposedPorts") or {})
    words = [expanded(word, variables) for word in one.words()]
    for word in words:
        port, _, protocol = word.rpartition(":")[2].partition("/")
        first, _, last = port.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise BadInstruction(f"Invalid containerPort: {port}", None)
        for number in range(int(first), int(last or first) + 1):
            ports[f"{number}/{protocol or 'tcp'}"] = {}
    config["ExposedPorts"] = ports
    return "EXPOSE " + " ".join(words)


_TEXTS = {"STOPSIGNAL": "StopSignal", "USER": "User"}


def _text(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    found = config[_TEXTS[one.name]] = expanded(one.rest, variables)
    return f"{one.name} {found}"


def _volume(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    found = [expanded(word, variables) for word in one.words()]
    config["Volumes"] = {**(config.get("Volumes") or {}), **dict.fromkeys(found, {})}
    return f"VOLUME [{' '.join(found)}]"


def _workdir(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    wanted = expanded(one.rest, variables)
    if not wanted.startswith("/"):
        wanted = f"{config.get('WorkingDir') or '/'}/{wanted}"
    config["WorkingDir"] = cleaned(wanted)
    return f"WORKDIR {config['WorkingDir']}"


def _shell(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    listed = one.listed()
    if not listed:
        raise BadInstruction("SHELL requires the arguments to be in JSON form", one.line)
    config["Shell"] = listed
    return f"SHELL [{' '.join(listed)}]"


_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def _healthcheck(config: dict[str, Any], one: Instruction, variables: Mapping[str, str]) -> str:
    kind, _, rest = one.rest.partition(" ")
    inner = Instruction("CMD", rest.strip(), rest, one.line)
    listed = inner.listed()
    test = ["CMD", *listed] if listed is not None else ["CMD-SHELL", rest.strip()]
    found: dict[str, Any] = {"Test": ["NONE"] if kind.upper() == "NONE" else test}
    for flag, key in (("interval", "Interval"), ("timeout", "Timeout")):
        if flag in one.flags:
            found[key] = sum(
                int(float(number) * _UNITS[unit])
                for number, unit in re.findall(r"([\d.]+)(ns|us|ms|s|m|h)", one.flags[flag])
            )
    if one.flags.get("retries", "").isdecimal():
        found["Retries"] = int(one.flags["retries"])
    config["Healthcheck"] = found
    return f"HEALTHCHECK {_quoted(found['Test'])}"


_APPLIED: dict[str, Callable[[dict[str, Any], Instruction, Mapping[str, str]], str]] = {
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "SHELL": _shell,
    **dict.fromkeys(_TEXTS, _text),
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
KNOWN = frozenset((*_APPLIED, "ADD", "ARG", "COPY", "FROM", "MAINTAINER", "RUN"))
CHANGES = KNOWN & _APPLIED.keys() - {"SHELL"}  # instructions for commit and import


def changed(config: dict[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """A configuration after the instructions of `changes`.

    Raises:
        BadInstruction: an instruction is invalid, or does not change the configuration.
    """
    found = dict(config)
    for instruction in parse("\n".join(changes)):
        if instruction.name not in CHANGES:
            raise BadInstruction(f"{instruction.name} is not a valid change command", None)
        apply(found, instruction, variables_of(found.get("Env")))
    return found


def merged(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration, with missing values from the base's (`runconfig.Merge`)."""
    found = {**base, **{key: value for key, value in own.items() if value not in (None, "", [])}}
    for key in ("ExposedPorts", "Volumes", "Labels"):
        together = {**(base.get(key) or {}), **(own.get(key) or {})}
        # An empty map stays empty: Go distinguishes it from a missing one.
        found[key] = together if together or base.get(key) is not None else None
    names = {one.partition("=")[0] for one in own.get("Env") or []}
    environment = list(own.get("Env") or []) + [
        one for one in base.get("Env") or [] if one.partition("=")[0] not in names
    ]
    found["Env"] = environment or None
    if own.get("Entrypoint") and not own.get("Cmd"):
        found["Cmd"] = None
    return found
