"""The command `sh` of the image `busybox`, played: as much of a shell as short scripts need.

Lists, pipes, redirections, variables, quoting, `$(...)`, arithmetic, globbing, `if`, `while`,
`until`, `for`, `{ }` and `( )`, `trap` and jobs. Not there: functions, `case`, here-documents; a
script that uses them ends with 2 and says so.
"""

from __future__ import annotations

import fnmatch
import io
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

if TYPE_CHECKING:
    from .playing import Run

OPERATORS = (
    "&&",
    "||",
    ";;",
    ">>",
    "<<",
    ">&",
    "<&",
    "&>",
    ";",
    "&",
    "|",
    "(",
    ")",
    "<",
    ">",
    "\n",
)
NOT_PLAYED = ("case", "function", "select")
PIPE = 64 * 1024
NULL = "/dev/null"


class BadSyntax(Exception):
    """The script cannot be read."""


class _Exit(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class _Loop(Exception):
    """`break`, or `continue`."""

    def __init__(self, goes_on: bool) -> None:
        self.goes_on = goes_on


# Reading a script.


@attrs.frozen
class _Token:
    """A word as it is written, or an operator; `number` is the one before a redirection."""

    text: str
    operator: bool = False
    number: int | None = None


def _tokens(script: str) -> Iterator[_Token]:
    place = 0
    while place < len(script):
        character = script[place]
        if script.startswith("\\\n", place):
            place += 2
        elif character in " \t":
            place += 1
        elif character == "#":
            while place < len(script) and script[place] != "\n":
                place += 1
        else:
            numbered = re.compile(r"(\d)([<>].?)").match(script, place)
            number = int(numbered[1]) if numbered else None
            at = place + 1 if numbered else place
            operator = next((one for one in OPERATORS if script.startswith(one, at)), None)
            if operator is not None:
                yield _Token(operator, operator=True, number=number)
                place = at + len(operator)
            else:
                end = _end_of_word(script, place)
                yield _Token(script[place:end])
                place = end


def _end_of_word(script: str, place: int) -> int:
    while place < len(script):
        character = script[place]
        if character == "\\":
            place += 2
        elif character in "'\"`":
            place = _end_of_quote(script, place)
        elif script.startswith("$(", place):
            place = _end_of_parentheses(script, place + 1)
        elif script.startswith("${", place):
            place = _closing(script, place, "}")
        elif character in " \t\n;&|()<>":
            return place
        else:
            place += 1
    return min(place, len(script))


def _closing(script: str, place: int, mark: str) -> int:
    found = script.find(mark, place)
    if found < 0:
        raise BadSyntax(f"unterminated {script[place : place + 10]!r}")
    return found + 1


def _end_of_quote(script: str, place: int) -> int:
    quote = script[place]
    if quote == "'":
        return _closing(script, place + 1, "'")
    place += 1
    while place < len(script):
        if script[place] == "\\":
            place += 2
        elif quote == '"' and script.startswith("$(", place):
            place = _end_of_parentheses(script, place + 1)
        elif script[place] == quote:
            return place + 1
        else:
            place += 1
    raise BadSyntax("unterminated quoted string")


def _end_of_parentheses(script: str, place: int) -> int:
    depth = 0
    while place < len(script):
        character = script[place]
        if character == "\\":
            place += 2
            continue
        if character in "'\"`":
            place = _end_of_quote(script, place)
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        place += 1
        if depth == 0:
            return place
    raise BadSyntax("a parenthesis is not closed")


# What a script is made of. Everything can be run by a `_Shell`.

Node = Callable[["_Shell"], int]


@attrs.frozen
class _Redirection:
    operator: str
    number: int | None
    target: str


class _Parser:
    """Makes nodes of tokens."""

    def __init__(self, script: str) -> None:
        self._tokens = deque(_tokens(script))

    def script(self) -> Node:
        found = self._list(())
        if self._tokens:
            raise BadSyntax(f"{self._tokens[0].text!r} is unexpected")
        return found

    def _next_is(self, *texts: str, operator: bool) -> bool:
        token = self._tokens[0] if self._tokens else None
        return token is not None and token.operator is operator and token.text in texts

    def _skip_lines(self) -> None:
        while self._next_is("\n", operator=True):
            self._tokens.popleft()

    def _expect(self, text: str, *, operator: bool = False) -> None:
        if not self._next_is(text, operator=operator):
            found = repr(self._tokens[0].text) if self._tokens else "the end"
            raise BadSyntax(f"{found} is unexpected, {text!r} was expected")
        self._tokens.popleft()

    def _list(self, ends: tuple[str, ...]) -> Node:
        nodes: list[Node] = []
        while True:
            while self._next_is("\n", ";", operator=True):
                self._tokens.popleft()
            if not self._tokens or self._next_is(")", operator=True):
                break
            if ends and self._next_is(*ends, operator=False):
                break
            node = self._and_or()
            if self._next_is("&", operator=True):
                self._tokens.popleft()
                node = _in_background(node)
            nodes.append(node)

        def run(shell: _Shell) -> int:
            for node in nodes:
                shell.status = node(shell)
            return shell.status if nodes else 0

        return run

    def _and_or(self) -> Node:
        node = self._pipeline()
        while self._next_is("&&", "||", operator=True):
            wanted = self._tokens.popleft().text == "&&"
            self._skip_lines()
            node = _chained(node, self._pipeline(), wanted)
        return node

    def _pipeline(self) -> Node:
        inverted = False
        while self._next_is("!", operator=False):
            self._tokens.popleft()
            inverted = not inverted
        nodes = [self._command()]
        while self._next_is("|", operator=True):
            self._tokens.popleft()
            self._skip_lines()
            nodes.append(self._command())
        node = nodes[0] if len(nodes) == 1 else _piped(nodes)
        return (lambda shell: int(not node(shell))) if inverted else node

    def _command(self) -> Node:
        if not self._tokens:
            raise BadSyntax("the end is unexpected")
        if self._next_is("(", operator=True):
            self._tokens.popleft()
            inner = self._list(())
            self._expect(")", operator=True)
            return self._redirected(lambda shell: shell.copy().status_of(inner))
        if self._tokens[0].operator and self._tokens[0].text not in (
            "<", ">", ">>", ">&", "<&", "&>", "<<",
        ):  # fmt: skip
            raise BadSyntax(f"{self._tokens[0].text!r} is unexpected")
        word = self._tokens[0].text if not self._tokens[0].operator else ""
        if word in NOT_PLAYED:
            raise BadSyntax(f"{word!r} is not played")
        compound = {"if": self._if, "while": self._while, "until": self._while, "for": self._for}
        if word in compound:
            return self._redirected(compound[word]())
        if word == "{":
            self._tokens.popleft()
            inner = self._list(("}",))
            self._expect("}")
            return self._redirected(inner)
        return self._simple()

    def _if(self) -> Node:
        self._tokens.popleft()
        condition = self._list(("then",))
        self._expect("then")
        then = self._list(("elif", "else", "fi"))
        otherwise: Node = lambda shell: 0  # noqa: E731
        if self._next_is("elif", operator=False):
            otherwise = self._if()
        else:
            if self._next_is("else", operator=False):
                self._tokens.popleft()
                otherwise = self._list(("fi",))
            self._expect("fi")

        def run(shell: _Shell) -> int:
            return then(shell) if shell.tried(condition) == 0 else otherwise(shell)

        return run

    def _while(self) -> Node:
        wanted = self._tokens.popleft().text == "while"
        condition = self._list(("do",))
        body = self._body()

        def run(shell: _Shell) -> int:
            status = 0
            while (shell.tried(condition) == 0) is wanted:
                try:
                    status = body(shell)
                except _Loop as loop:
                    if not loop.goes_on:
                        break
            return status

        return run

    def _for(self) -> Node:
        self._tokens.popleft()
        name = self._tokens.popleft().text if self._tokens else ""
        words = ['"$@"']
        if self._next_is("in", operator=False):
            self._tokens.popleft()
            words = []
            while self._tokens and not self._tokens[0].operator:
                words.append(self._tokens.popleft().text)
        while self._next_is(";", "\n", operator=True):
            self._tokens.popleft()
        body = self._body()

        def run(shell: _Shell) -> int:
            status = 0
            for value in shell.expanded(words):
                shell.variables[name] = value
                try:
                    status = body(shell)
                except _Loop as loop:
                    if not loop.goes_on:
                        break
            return status

        return run

    def _body(self) -> Node:
        self._expect("do")
        body = self._list(("done",))
        self._expect("done")
        return body

    def _redirections(self) -> Iterator[_Redirection]:
        while self._tokens and self._tokens[0].operator:
            token = self._tokens[0]
            if token.text not in ("<", ">", ">>", ">&", "<&", "&>"):
                if token.text == "<<":
                    raise BadSyntax("'<<' is not played")
                return
            self._tokens.popleft()
            if not self._tokens or self._tokens[0].operator:
                raise BadSyntax(f"{token.text!r} leads nowhere")
            yield _Redirection(token.text, token.number, self._tokens.popleft().text)

    def _redirected(self, node: Node) -> Node:
        redirections = list(self._redirections())
        return _redirecting(node, redirections) if redirections else node

    def _simple(self) -> Node:
        words: list[str] = []
        redirections: list[_Redirection] = []
        while self._tokens:
            redirections += self._redirections()
            if not self._tokens or self._tokens[0].operator:
                break
            words.append(self._tokens.popleft().text)
        if self._next_is("(", operator=True):
            raise BadSyntax("functions are not played")
        node: Node = lambda shell: shell.simple(words)  # noqa: E731
        return _redirecting(node, redirections) if redirections else node


def _chained(first: Node, second: Node, wanted: bool) -> Node:
    def run(shell: _Shell) -> int:
        status = shell.tried(first)
        shell.status = status
        return second(shell) if (status == 0) is wanted else status

    return run


def _in_background(node: Node) -> Node:
    def run(shell: _Shell) -> int:
        job = shell.copy()
        job.stdin = io.BytesIO()
        shell.jobs.append(shell.run.spawn(lambda: job.status_of(node)))
        return 0

    return run


def _piped(nodes: list[Node]) -> Node:
    def run(shell: _Shell) -> int:
        source: Any = shell.stdin
        stages: list[threading.Event] = []
        for place, node in enumerate(nodes):
            stage = shell.copy()
            stage.stdin = source
            last = place == len(nodes) - 1
            pipe = None if last else _Pipe(shell.run)
            if pipe is not None:
                stage.stdout = pipe.writer
            reader, source = source, None if pipe is None else pipe.reader
            if last:
                return _stage(stage, node, reader, pipe)
            stages.append(shell.run.spawn(_bound(stage, node, reader, pipe)))
        return 0

    return run


def _bound(stage: _Shell, node: Node, reader: Any, pipe: _Pipe | None) -> Callable[[], Any]:
    return lambda: _stage(stage, node, reader, pipe)


def _stage(stage: _Shell, node: Node, reader: Any, pipe: _Pipe | None) -> int:
    try:
        return stage.status_of(node)
    except BrokenPipeError:
        return 141
    finally:
        if pipe is not None:
            pipe.end_writing()
        if isinstance(getattr(reader, "raw", None), _PipeReader):
            reader.raw.pipe.end_reading()


def _redirecting(node: Node, redirections: list[_Redirection]) -> Node:
    def run(shell: _Shell) -> int:
        inner = shell.sharing()
        opened: list[BinaryIO] = []
        try:
            for one in redirections:
                inner.redirect(one, opened)
        except OSError as error:
            [name] = shell.expanded([one.target])[:1] or [one.target]
            shell.say(f"can't open '{name}': {error.strerror}")
            return 1
        try:
            status = node(inner)
        finally:
            for file in opened:
                file.close()
            shell.take_back(inner)
        if inner.kept:  # `exec >file`
            shell.stdin, shell.stdout, shell.stderr = inner.stdin, inner.stdout, inner.stderr
        return status

    return run


class _Pipe:
    """What one command of a pipeline writes and the next one reads."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.data = bytearray()
        self.written = self.unread = False
        self.reader = io.BufferedReader(_PipeReader(self))
        self.writer: Any = _PipeWriter(self)

    def end_writing(self) -> None:
        self.written = True
        self.run.stir()

    def end_reading(self) -> None:
        self.unread = True
        self.run.stir()


class _PipeReader(io.RawIOBase):
    def __init__(self, pipe: _Pipe) -> None:
        self.pipe = pipe

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        pipe = self.pipe
        pipe.run.until(lambda: bool(pipe.data) or pipe.written)
        data = bytes(pipe.data[: len(buffer)])
        del pipe.data[: len(data)]
        buffer[: len(data)] = data
        pipe.run.stir()
        return len(data)


class _PipeWriter(io.RawIOBase):
    def __init__(self, pipe: _Pipe) -> None:
        self.pipe = pipe

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        pipe = self.pipe
        pipe.run.until(lambda: len(pipe.data) < PIPE or pipe.unread)
        if pipe.unread:
            raise BrokenPipeError
        pipe.data += bytes(data)
        pipe.run.stir()
        return len(data)


# Running it.


class _Shell:
    """The state of a shell, or of a part of one that runs by itself."""

    def __init__(self, run: Run, name: str, arguments: list[str]) -> None:
        self.run = run
        self.stdin: BinaryIO = run.stdin
        self.stdout: BinaryIO = run.stdout
        self.stderr: BinaryIO = run.stderr
        self.variables = dict(run.env)
        self.exported = set(run.env)
        self.folder = run.working_dir
        self.name = name
        self.arguments = arguments
        self.status = 0
        self.jobs: list[threading.Event] = []
        self.stops = False  # set -e
        self.kept = False
        self.trying = 0
        self.on_exit: str | None = None

    def copy(self) -> _Shell:
        """One that can change without this one."""
        other = self.sharing()
        other.variables, other.exported = dict(self.variables), set(self.exported)
        other.jobs, other.on_exit = [], None
        return other

    def sharing(self) -> _Shell:
        """One with the same variables, and outputs of its own."""
        other = _Shell.__new__(_Shell)
        other.__dict__.update(self.__dict__)
        return other

    def take_back(self, other: _Shell) -> None:
        """Go on with what a shell that shared the variables has come to."""
        self.folder, self.arguments = other.folder, other.arguments
        self.stops, self.on_exit = other.stops, other.on_exit

    def say(self, words: str) -> None:
        self.stderr.write(f"sh: {words}\n".encode())

    def execute(self, script: str) -> int:
        """Run a script: its exit code, also if it ends by `exit`."""
        try:
            node = _Parser(script).script()
        except BadSyntax as error:
            self.say(f"syntax error: {error}")
            return 2
        status = self.status_of(node)
        return status

    def finished(self, status: int) -> int:
        """What is to be done at the end, and the exit code then."""
        script, self.on_exit = self.on_exit, None
        if script:
            self.status = status
            try:
                _Parser(script).script()(self)
            except _Exit as end:
                return end.code
        return status

    def status_of(self, node: Node) -> int:
        try:
            return node(self)
        except _Exit as end:
            self.status = end.code
            return end.code

    def tried(self, node: Node) -> int:
        """Run something that `set -e` lets fail."""
        self.trying += 1
        try:
            return node(self)
        finally:
            self.trying -= 1

    def simple(self, words: list[str]) -> int:
        """Run a command of words as they are written."""
        self.run.until(lambda: True)  # here signals are taken, and the end is noticed
        assigned: dict[str, str] = {}
        rest = list(words)
        before = self.status
        while rest and (match := re.match(r"([A-Za-z_]\w*)=", rest[0])):
            assigned[match[1]] = self.text(rest.pop(0)[match.end() :])
        argv = self.expanded(rest)
        if not argv:
            self.variables.update(assigned)
            return self.status if "$(" in "".join(words) and self.status != before else 0
        builtin = _BUILTINS.get(argv[0])
        if builtin is not None:
            self.variables.update(assigned)
            status = builtin(self, argv)
        else:
            status = self._command(argv, assigned)
        if status and self.stops and not self.trying:
            raise _Exit(status)
        return status

    def _command(self, argv: list[str], assigned: dict[str, str]) -> int:
        env = {name: self.variables[name] for name in self.exported if name in self.variables}
        return (
            self.run.run(
                argv,
                env={**env, **assigned},
                working_dir=self.folder,
                stdin=self.stdin,
                stdout=self.stdout,
                stderr=self.stderr,
            )
            or 0
        )

    def redirect(self, one: _Redirection, opened: list[BinaryIO]) -> None:
        target = self.text(one.target)
        if one.operator in (">&", "<&"):
            files = {"0": self.stdin, "1": self.stdout, "2": self.stderr}
            file: Any = files.get(target)
            if file is None:
                file = io.BytesIO()
        elif target == NULL:
            file = io.BytesIO() if one.operator == "<" else _Nothing()
        else:
            mode = {"<": "rb", ">>": "ab"}.get(one.operator, "wb")
            file = self.run.path(target, self.folder).open(mode)
            opened.append(file)
        if one.operator in ("<", "<&"):
            self.stdin = file
        elif one.operator == "&>":
            self.stdout = self.stderr = file
        elif one.number == 2:
            self.stderr = file
        else:
            self.stdout = file

    # Expansion.

    def text(self, word: str) -> str:
        """A word that stays one word."""
        return "".join(part for part, _ in self._parts(word))

    def expanded(self, words: list[str]) -> list[str]:
        """Words after expansion, splitting and globbing."""
        found: list[str] = []
        for word in words:
            if word in ('"$@"', "$@"):
                found += self.arguments
                continue
            found += [one for field in self._fields(word) for one in self._globbed(field)]
        return found

    def _fields(self, word: str) -> list[list[tuple[str, bool]]]:
        """A word in fields: each in parts, with whether they are quoted."""
        fields: list[list[tuple[str, bool]]] = []
        current: list[tuple[str, bool]] | None = None
        for part, quoted in self._parts(word):
            if quoted:
                current = [*(current or ()), (part, True)]
                continue
            for place, piece in enumerate(re.split(r"[ \t\n]+", part)):
                if place and current is not None:
                    fields.append(current)
                    current = None
                if piece:
                    current = [*(current or ()), (piece, False)]
        if current is not None:
            fields.append(current)
        return fields

    def _globbed(self, field: list[tuple[str, bool]]) -> list[str]:
        plain = "".join(part for part, _ in field)
        if not any(set(part) & set("*?[") for part, quoted in field if not quoted):
            return [plain]
        # Only what is not quoted stands for other characters.
        pattern = "".join(
            re.sub(r"([*?[])", r"[\1]", part) if quoted else part for part, quoted in field
        )
        head, slash, tail = pattern.rpartition("/")
        folder = self.run.path(head + slash or ".", self.folder)
        try:
            names = sorted(one.name for one in folder.iterdir())
        except OSError:
            return [plain]
        found = [
            head + slash + name
            for name in names
            if fnmatch.fnmatchcase(name, tail) and (not name.startswith(".") or tail[:1] == ".")
        ]
        return found or [plain]

    def _parts(self, word: str, quoted: bool = False) -> Iterator[tuple[str, bool]]:
        """A word in parts, expanded, with whether they are quoted."""
        place = 0
        while place < len(word):
            character = word[place]
            if character == "'" and not quoted:
                end = _end_of_quote(word, place)
                yield word[place + 1 : end - 1], True
                place = end
            elif character == '"' and not quoted:
                end = _end_of_quote(word, place)
                yield (
                    "".join(part for part, _ in self._parts(word[place + 1 : end - 1], True)),
                    True,
                )
                place = end
            elif character == "\\":
                following = word[place + 1 : place + 2]
                if quoted and following not in ("$", "`", '"', "\\", "\n"):
                    yield "\\" + following, True
                elif following != "\n":
                    yield following, True
                place += 2
            elif character == "`":
                end = _end_of_quote(word, place)
                yield self._output_of(word[place + 1 : end - 1]), quoted
                place = end
            elif character == "$":
                value, place = self._dollar(word, place)
                yield value, quoted
            else:
                end = place + 1
                while end < len(word) and word[end] not in "'\"\\`$":
                    end += 1
                yield word[place:end], quoted
                place = end

    def _dollar(self, word: str, place: int) -> tuple[str, int]:
        if word.startswith("$((", place) and word.endswith(
            "))", 0, _end_of_parentheses(word, place + 1)
        ):
            end = _end_of_parentheses(word, place + 1)
            return str(self._number(word[place + 3 : end - 2])), end
        if word.startswith("$(", place):
            end = _end_of_parentheses(word, place + 1)
            return self._output_of(word[place + 2 : end - 1]), end
        if word.startswith("${", place):
            end = _closing(word, place, "}")
            return self._braces(word[place + 2 : end - 1]), end
        match = re.compile(r"\$([A-Za-z_]\w*|[0-9?#@*$!])").match(word, place)
        if match is None:
            return "$", place + 1
        return self.value(match[1]) or "", match.end()

    def value(self, name: str) -> str | None:
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(self.arguments))
        if name in ("@", "*"):
            return " ".join(self.arguments)
        if name in ("$", "!"):
            return "1"
        if name.isdecimal():
            number = int(name)
            if number == 0:
                return self.name
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        return self.variables.get(name)

    def _braces(self, text: str) -> str:
        if text.startswith("#") and len(text) > 1:
            return str(len(self.value(text[1:]) or ""))
        match = re.fullmatch(r"([A-Za-z_]\w*|[0-9?#@*])(?:(:?[-=+?]|##?|%%?)(.*))?", text, re.S)
        if match is None:
            raise BadSyntax(f"${{{text}}}: bad substitution")
        name, operator, word = match.groups()
        value = self.value(name)
        if not operator:
            return value or ""
        if operator[0] in "#%":
            return _trimmed(value or "", operator, self.text(word))
        there = bool(value) if operator.startswith(":") else value is not None
        if operator.endswith("+"):
            return self.text(word) if there else ""
        if there:
            return value or ""
        if operator.endswith("?"):
            self.say(f"{name}: {self.text(word) or 'parameter not set'}")
            raise _Exit(2)
        if operator.endswith("="):
            self.variables[name] = self.text(word)
        return self.text(word)

    def _output_of(self, script: str) -> str:
        inner = self.copy()
        output = io.BytesIO()
        inner.stdout = output
        self.status = inner.execute(script)
        return output.getvalue().decode("utf-8", "replace").rstrip("\n")

    def _number(self, expression: str) -> int:
        text = re.sub(r"\$\{?([A-Za-z_]\w*|[0-9#?])\}?", r"\1", expression)
        text = re.sub(
            r"[A-Za-z_]\w*", lambda found: str(int(self.variables.get(found[0]) or 0)), text
        )
        text = text.replace("&&", " and ").replace("||", " or ").replace("/", "//")
        if not re.fullmatch(r"[0-9\s()+\-*/%<>=!&|^~andor]*", text) or not text.strip():
            raise BadSyntax(f"arithmetic: {expression!r}")
        if "**" in text or len(text) > 200:  # which could take for ever
            raise BadSyntax(f"arithmetic: {expression!r}")
        try:
            return int(eval(text, {"__builtins__": {}}))  # noqa: S307  # digits and operators
        except (SyntaxError, TypeError, ArithmeticError, ValueError) as error:
            raise BadSyntax(f"arithmetic: {expression!r}") from error


def _trimmed(value: str, operator: str, pattern: str) -> str:
    cuts = range(len(value) + 1)
    if operator in ("##", "%"):
        cuts = range(len(value), -1, -1)
    for cut in cuts:
        part = value[:cut] if operator[0] == "#" else value[cut:]
        if fnmatch.fnmatchcase(part, pattern):
            return value[cut:] if operator[0] == "#" else value[:cut]
    return value


class _Nothing(io.RawIOBase):
    """/dev/null, written to."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


# What a shell does itself.


def _cd(shell: _Shell, argv: list[str]) -> int:
    target = argv[1] if len(argv) > 1 else shell.variables.get("HOME", "/")
    path = target if target.startswith("/") else f"{shell.folder}/{target}"
    if not shell.run.path(path).is_dir():
        shell.say(f"cd: can't cd to {target}: No such file or directory")
        return 2
    shell.folder = _joined(path)
    shell.variables["PWD"] = shell.folder
    return 0


def _joined(path: str) -> str:
    from ..state.layers import cleaned

    return cleaned(path)


def _pwd(shell: _Shell, argv: list[str]) -> int:
    shell.stdout.write(f"{shell.folder}\n".encode())
    return 0


def _exit(shell: _Shell, argv: list[str]) -> int:
    raise _Exit(int(argv[1]) & 255 if len(argv) > 1 and argv[1].isdecimal() else shell.status)


def _export(shell: _Shell, argv: list[str]) -> int:
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if equals:
            shell.variables[name] = value
        shell.exported.add(name)
    return 0


def _unset(shell: _Shell, argv: list[str]) -> int:
    for name in argv[1:]:
        shell.variables.pop(name, None)
    return 0


def _read(shell: _Shell, argv: list[str]) -> int:
    names = [word for word in argv[1:] if not word.startswith("-")] or ["REPLY"]
    line = shell.stdin.readline()
    text = line.decode("utf-8", "surrogateescape").rstrip("\n").strip(" \t")
    parts = text.split(None, len(names) - 1) if text else []
    for place, name in enumerate(names):
        shell.variables[name] = parts[place] if place < len(parts) else ""
    return 0 if line.endswith(b"\n") else 1


def _set(shell: _Shell, argv: list[str]) -> int:
    rest = argv[1:]
    while rest and rest[0][:1] in "-+" and rest[0] not in ("--", "-"):
        if "e" in rest[0]:
            shell.stops = rest[0].startswith("-")
        rest = rest[1:]
    if rest:
        shell.arguments = rest[1:] if rest[0] in ("--", "-") else rest
    return 0


def _shift(shell: _Shell, argv: list[str]) -> int:
    shell.arguments = shell.arguments[int(argv[1]) if len(argv) > 1 else 1 :]
    return 0


def _trap(shell: _Shell, argv: list[str]) -> int:
    from ..state.container import number_of

    script, *names = argv[1:] or [""]
    for name in names:
        if name in ("EXIT", "0"):
            shell.on_exit = script if script != "-" else None
            continue
        number = number_of(name)
        if number is None:
            shell.say(f"trap: {name}: invalid signal specification")
            return 1
        shell.run.trap(number, _reaction(shell, script) if script not in ("", "-") else None)
    return 0


def _reaction(shell: _Shell, script: str) -> Callable[[], object]:
    return lambda: _Parser(script).script()(shell)


def _wait(shell: _Shell, argv: list[str]) -> int:
    jobs, shell.jobs[:] = list(shell.jobs), []
    shell.run.until(lambda: all(job.is_set() for job in jobs))
    return 0


def _exec(shell: _Shell, argv: list[str]) -> int:
    if len(argv) > 1:
        raise _Exit(shell.simple(["'" + word.replace("'", "'\\''") + "'" for word in argv[1:]]))
    shell.kept = True
    return 0


def _eval(shell: _Shell, argv: list[str]) -> int:
    return _Parser(" ".join(argv[1:])).script()(shell)


def _break(shell: _Shell, argv: list[str]) -> int:
    raise _Loop(argv[0] == "continue")


def _colon(shell: _Shell, argv: list[str]) -> int:
    return 0


_BUILTINS: dict[str, Callable[[_Shell, list[str]], int]] = {
    ":": _colon,
    "break": _break,
    "cd": _cd,
    "continue": _break,
    "eval": _eval,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "pwd": _pwd,
    "read": _read,
    "return": _exit,
    "set": _set,
    "shift": _shift,
    "trap": _trap,
    "umask": _colon,
    "unset": _unset,
    "wait": _wait,
}


def sh(run: Run) -> int:
    """`sh -c script`, `sh file`, or a shell that reads its input line by line."""
    words = list(run.argv[1:])
    stops = command = False
    while words and words[0].startswith("-") and words[0] != "-":
        option = words.pop(0)
        stops = stops or "e" in option
        command = command or "c" in option
    shell = _Shell(run, run.argv[0], words[1:])
    shell.stops = stops
    try:
        if command:
            shell.name = words[1] if len(words) > 1 else shell.name
            shell.arguments = words[2:]
            return shell.finished(shell.execute(words[0] if words else ""))
        if words:
            shell.name = words[0]
            script = run.path(words[0]).read_text()
            return shell.finished(shell.execute(script))
        return _interactive(shell)
    except _Exit as end:
        return shell.finished(end.code)
    except BadSyntax as error:
        shell.say(f"syntax error: {error}")
        return 2
    except OSError as error:
        shell.say(f"can't open '{words[0]}': {error.strerror}")
        return 2


def _interactive(shell: _Shell) -> int:
    """Read commands, and run each once it is whole."""
    waiting = ""
    while True:
        if shell.run.tty:
            shell.stdout.write(b"> " if waiting else f"{shell.folder} # ".encode())
        line = shell.stdin.readline()
        waiting += line.decode("utf-8", "replace")
        if not line:
            return shell.finished(shell.execute(waiting) if waiting.strip() else shell.status)
        try:
            node = _Parser(waiting).script()
        except BadSyntax as error:
            if "the end is unexpected" in str(error) or "unterminated" in str(error):
                continue
            shell.say(f"syntax error: {error}")
            shell.status, waiting = 2, ""
            continue
        waiting = ""
        shell.status = node(shell)
