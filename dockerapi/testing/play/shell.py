"""The command `sh` of the image `busybox`, played: as much of a shell as short scripts need.

It plays commands separated by `;` and newlines, `&&`, `||`, `!`, pipes, redirections, variables,
`if`, `for` and exit codes, and has `cd`, `exec`, `exit` and `export` built in. A script that uses
anything else is not run at all: the shell ends with exit code 2 and says what is not supported.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, cast

import attrs

from .paths import cleaned
from .played import Run

_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+|\\\n|\#[^\n]*)
    |(?P<redirection>[012]?>&[012]|[012]?>>|[012]?>(?!&)|<(?![<&]))
    |(?P<operator>&&|\|\||[;\n|](?!;))
    |(?P<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\;&|<>()])+)""",
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|\\(?P<escaped>.)
    |\$(?P<name>[A-Za-z_]\w*|[0-9?\#@])|\$\{(?P<braced>[A-Za-z_]\w*|[0-9?\#@])\}
    |(?P<wrong>\$[({$!*-]|[`*?]|\[(?!$))|(?P<plain>[^'"\\$`*?\[]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_WRONG_INSIDE = re.compile(r"`|\$[($!*-]|\$\{(?!(?:[A-Za-z_]\w*|[0-9?#@])\})")
_INSIDE = re.compile(r'\\(["\\$`\n])|\$\{?([A-Za-z_]\w*|[0-9?#@])\}?')
_ENDS = ("then", "elif", "else", "fi", "do", "done")
_NOT_PLAYED = ("while", "until", "case", "function", "{", "}", "set", "trap", "read", "eval", "in")


class NotPlayed(Exception):
    """The script cannot be parsed, or uses an unsupported feature."""


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@attrs.frozen
class _Token:
    kind: str
    text: str


def _tokens(script: str) -> Iterator[_Token]:
    place = 0
    while place < len(script):
        match = _TOKEN.match(script, place)
        if match is None:
            raise NotPlayed(f"{script[place : place + 10]!r} is not played")
        place = match.end()
        if match.lastgroup == "word":
            _check(match[0])
        if match.lastgroup != "blank":
            yield _Token(str(match.lastgroup), match[0])


def _check(word: str) -> None:
    """Refuse expansions of a real shell that this one does not support."""
    for part in _PART.finditer(word):
        inner = re.sub(r"\\.", "", part["double"] or "", flags=re.DOTALL)
        found = part["wrong"] or _WRONG_INSIDE.search(inner)
        if found and word != "[":
            raise NotPlayed(f"{found if isinstance(found, str) else found[0]!r} is not played")


# The nodes of a script: each runs in a shell, and returns an exit code.
Node = Callable[["Shell"], int]


class _Parser:
    def __init__(self, script: str) -> None:
        self._tokens = deque(_tokens(script))

    def script(self) -> Node:
        found = self._list()
        if self._tokens:
            raise NotPlayed(f"{self._tokens[0].text!r} is unexpected")
        return found

    def _next(self, *texts: str) -> str:
        """Take the next token if it is one of these; "" if not."""
        if self._tokens and self._tokens[0].text in texts:
            return self._tokens.popleft().text
        return ""

    def _expect(self, text: str) -> None:
        if not self._next(text):
            found = repr(self._tokens[0].text) if self._tokens else "the end"
            raise NotPlayed(f"{found} is unexpected, {text!r} was expected")

    def _list(self) -> Node:
        nodes: list[Node] = []
        while True:
            while self._next("\n", ";"):
                pass
            if not self._tokens or self._tokens[0].text in _ENDS:
                return lambda shell: [0, *(shell.note(node(shell)) for node in nodes)][-1]
            nodes.append(self._and_or())
            if self._tokens and self._tokens[0].text not in ("\n", ";", *_ENDS):
                raise NotPlayed(f"{self._tokens[0].text!r} is unexpected")

    def _and_or(self) -> Node:
        node = self._pipeline()
        while operator := self._next("&&", "||"):
            while self._next("\n"):
                pass
            node = _chained(node, self._pipeline(), operator == "&&")
        return node

    def _pipeline(self) -> Node:
        inverted = bool(self._next("!"))
        nodes = [self._command()]
        while self._next("|"):
            nodes.append(self._command())
        node = nodes[0] if len(nodes) == 1 else _piped(nodes)
        return (lambda shell: int(not node(shell))) if inverted else node

    def _command(self) -> Node:
        if self._next("if"):
            return self._if()
        if self._next("for"):
            return self._for()
        words: list[str] = []
        redirections: list[tuple[str, str]] = []
        while self._tokens and self._tokens[0].kind != "operator":
            token = self._tokens.popleft()
            if token.kind == "word":
                words.append(token.text)
            elif "&" in token.text:
                redirections.append((token.text, ""))
            elif self._tokens and self._tokens[0].kind == "word":
                redirections.append((token.text, self._tokens.popleft().text))
            else:
                raise NotPlayed(f"{token.text!r} leads nowhere")
        if not words and not redirections:
            raise NotPlayed("a command was expected")
        if words and words[0] in (*_NOT_PLAYED, *_ENDS):
            raise NotPlayed(f"{words[0]!r} is not played")
        return lambda shell: shell.redirected(words, redirections)

    def _if(self) -> Node:
        condition = self._list()
        self._expect("then")
        then = self._list()
        otherwise: Node = lambda shell: 0  # noqa: E731
        if self._next("elif"):
            otherwise = self._if()
        else:
            if self._next("else"):
                otherwise = self._list()
            self._expect("fi")
        return lambda shell: then(shell) if condition(shell) == 0 else otherwise(shell)

    def _for(self) -> Node:
        name = self._tokens.popleft().text if self._tokens else ""
        self._expect("in")
        words: list[str] = []
        while self._tokens and self._tokens[0].kind == "word":
            words.append(self._tokens.popleft().text)
        while self._next("\n", ";"):
            pass
        self._expect("do")
        body = self._list()
        self._expect("done")

        def run(shell: Shell) -> int:
            status = 0
            for value in shell.expanded(words):
                shell.variables[name] = value
                status = body(shell)
            return status

        return run


def _chained(first: Node, second: Node, wanted: bool) -> Node:
    def run(shell: Shell) -> int:
        status = shell.note(first(shell))
        return second(shell) if (status == 0) is wanted else status

    return run


def _piped(nodes: list[Node]) -> Node:
    """Commands of a pipe, run one after another: the output of each is kept for the next."""

    def run(shell: Shell) -> int:
        stage, status = shell.copy(), 0
        for place, node in enumerate(nodes):
            kept = io.BytesIO()
            stage.stdout = shell.stdout if place == len(nodes) - 1 else kept
            try:
                status = node(stage)
            except _Exit as end:
                status = end.code
            stage.stdin = io.BytesIO(kept.getvalue())
        return status

    return run


@attrs.define
class Shell:
    """The state of a shell."""

    run: Run
    stdin: BinaryIO
    stdout: BinaryIO
    stderr: BinaryIO
    variables: dict[str, str]
    folder: str
    arguments: list[str]
    exported: set[str]
    status: int = 0

    @classmethod
    def of(cls, run: Run, arguments: list[str]) -> Shell:
        """The shell for a command."""
        return cls(
            run,
            run.stdin,
            run.stdout,
            run.stderr,
            dict(run.env),
            run.working_dir,
            arguments,
            set(run.env),
        )

    def copy(self) -> Shell:
        """A copy that can change independently."""
        return attrs.evolve(self, variables=dict(self.variables), exported=set(self.exported))

    def note(self, status: int) -> int:
        """Store an exit code for `$?`."""
        self.status = status
        return status

    def execute(self, script: str) -> int:
        """Run a script: its exit code, including that of `exit`."""
        try:
            return _Parser(script).script()(self)
        except NotPlayed as error:
            self.stderr.write(f"sh: syntax error: {error}\n".encode())
            return 2
        except _Exit as end:
            return end.code

    def redirected(self, words: list[str], redirections: list[tuple[str, str]]) -> int:
        """Run a command of unexpanded words, with other files."""
        inner = attrs.evolve(self) if redirections else self
        with contextlib.ExitStack() as opened:
            for operator, word in redirections:
                target = "".join(self.expanded([word]))
                try:
                    file = inner.file(operator, target, opened)
                except OSError as error:
                    self.stderr.write(f"sh: can't open '{target}': {error.strerror}\n".encode())
                    return 1
                name = "stdin" if operator == "<" else "stdout"
                setattr(inner, "stderr" if operator[0] == "2" else name, file)
            return inner.simple(words, self)

    def file(self, operator: str, target: str, opened: contextlib.ExitStack) -> BinaryIO:
        """The file of a redirection."""
        if "&" in operator:
            return self.stderr if operator.endswith("2") else self.stdout
        if target == "/dev/null":
            return io.BytesIO()
        mode = {"<": "rb", ">>": "ab"}.get(operator.lstrip("012"), "wb")
        path = self.run.path(target, self.folder)
        return cast(BinaryIO, opened.enter_context(path.open(mode)))

    def simple(self, words: list[str], outer: Shell) -> int:
        """Run a command; the outer shell keeps its directory and its variables."""
        self.run.until(lambda: True)  # takes signals, and raises if the container has ended
        rest, assigned = list(words), {}
        while rest and (match := re.match(r"([A-Za-z_]\w*)=", rest[0])):
            value = self._parts(rest.pop(0)[match.end() :])
            assigned[match[1]] = "".join(part for part, _ in value)
        argv = self.expanded(rest)
        if not argv:
            outer.variables.update(assigned)
            return 0
        if argv[0] in _OWN:
            return _OWN[argv[0]](self, outer, argv)
        return self.command(argv, assigned)

    def command(self, argv: list[str], assigned: Mapping[str, str]) -> int:
        """Play another command."""
        env = {name: self.variables[name] for name in self.exported if name in self.variables}
        changed: dict[str, Any] = {"env": {**env, **assigned}, "working_dir": self.folder}
        changed.update(stdin=self.stdin, stdout=self.stdout, stderr=self.stderr)
        return self.run.run(argv, **changed) or 0

    def expanded(self, words: list[str]) -> list[str]:
        """Words with variables expanded, split at unquoted spaces in values."""
        found: list[str] = []
        for word in words:
            if word in ("$@", '"$@"'):
                found += self.arguments[1:]
                continue
            fields: list[str] = []
            open_ = False  # whether the last field can grow
            for text, quoted in self._parts(word):
                pieces = [text] if quoted else re.split(r"[ \t\n]+", text)
                for place, piece in enumerate(pieces):
                    if place:
                        open_ = False
                    if (piece or quoted) and not open_:
                        fields.append("")
                        open_ = True
                    if piece:
                        fields[-1] += piece
            found += fields
        return found

    def _parts(self, word: str) -> Iterator[tuple[str, bool]]:
        """The expanded parts of a word, and whether each is quoted."""
        for part in _PART.finditer(word):
            if part["single"] is not None:
                yield part["single"], True
            elif part["double"] is not None:
                yield _INSIDE.sub(self._inner, part["double"]), True
            elif part["escaped"] is not None:
                yield part["escaped"], True
            elif part["name"] or part["braced"]:
                yield self._value(part["name"] or part["braced"]), False
            else:
                yield part[0], word == "[" or not part[0].isspace()

    def _inner(self, found: re.Match[str]) -> str:
        return self._value(found[2]) if found[2] else found[1].replace("\n", "")

    def _value(self, name: str) -> str:
        special = {
            "?": str(self.status),
            "#": str(len(self.arguments) - 1),
            "@": " ".join(self.arguments[1:]),
        }
        if name.isdecimal():
            return self.arguments[int(name)] if int(name) < len(self.arguments) else ""
        return special.get(name) or self.variables.get(name, "")


# Built-in commands


def _cd(shell: Shell, outer: Shell, argv: list[str]) -> int:
    target = argv[1] if len(argv) > 1 else shell.variables.get("HOME", "/")
    path = cleaned(target if target.startswith("/") else f"{shell.folder}/{target}")
    if not shell.run.path(path).is_dir():
        shell.stderr.write(f"sh: cd: can't cd to {target}: No such file or directory\n".encode())
        return 2
    outer.folder = outer.variables["PWD"] = path
    return 0


def _exec(shell: Shell, outer: Shell, argv: list[str]) -> int:
    raise _Exit(shell.command(argv[1:], {}))


def _exit(shell: Shell, outer: Shell, argv: list[str]) -> int:
    raise _Exit(int(argv[1]) & 255 if len(argv) > 1 and argv[1].isdecimal() else shell.status)


def _export(shell: Shell, outer: Shell, argv: list[str]) -> int:
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        outer.exported.add(name)
        if equals:
            outer.variables[name] = value
    return 0


_OWN: dict[str, Callable[[Shell, Shell, list[str]], int]] = {
    ":": lambda shell, outer, argv: 0,
    "cd": _cd,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
}


def sh(run: Run) -> int:
    """`sh -c script name arguments`, `sh file arguments`, or a script in the input."""
    words = list(run.argv[1:])
    if words[:1] == ["-c"]:
        return Shell.of(run, words[2:] or [run.argv[0]]).execute(words[1] if words[1:] else "")
    shell = Shell.of(run, words or [run.argv[0]])
    if not words:
        return shell.execute(run.stdin.read().decode("utf-8", "replace"))
    try:
        return shell.execute(run.path(words[0]).read_text())
    except OSError as error:
        run.stderr.write(f"sh: can't open '{words[0]}': {error.strerror}\n".encode())
        return 2
