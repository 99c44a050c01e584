r"""What `.dockerignore` leaves out of a build context; rules only, no files are touched.

A line is a pattern for paths below the context, cleaned as Go's `filepath.Clean` does it, with or
without a slash in front or behind. `*`, `?`, `[a-z]`, `[^a]` and `\` before any character mean what
they mean to Go's `filepath.Match`; `**` is any number of directories, also none. What matches a
directory matches all that is below it. A line that starts with `!` is an exception: it takes back
what lines before it left out, so the last line that matches decides. Empty lines, and lines whose
first character is `#`, mean nothing. Case matters.

This is what the manual says, and how the docker command line filters a context before it sends it
(moby/patternmatcher; an Engine never filters). The command line writes patterns as regular
expressions of Go with slips that differ from release to release; they are not copied here: there
`|`, `{2}` and a `^` are not themselves, nor `+` and `()` up to 20.10, nor is `[*]` a star or `\d` a
d; up to 20.10 a pattern with `**` forgets directories above the nearest, and later ones let `**foo`
match `xfoo` and miss a line after an exception. tests/ignored.py lists such cases.
"""

from __future__ import annotations

import posixpath
import re

import attrs

_CHARACTER = r"(?:\\.|[^\\\]-])"
_RANGE = re.compile(rf"({_CHARACTER})(?:-({_CHARACTER}))?", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<directories>(?:\*\*/?)+)|(?P<star>\*)|(?P<one>\?)"
    rf"|\[(?P<negated>\^|(?!\^))(?P<ranges>(?:{_RANGE.pattern})+)\]"
    r"|\\(?P<escaped>.)|(?P<plain>[^\\\[])",
    re.DOTALL,
)


@attrs.frozen
class Rule:
    """One line: a pattern, and whether what matches it is left out or taken back."""

    pattern: str
    exception: bool
    regex: re.Pattern[str] = attrs.field(eq=False, repr=False)


@attrs.frozen
class Rules:
    """The lines of a `.dockerignore`, in order. Paths have slashes and start below the context."""

    rules: tuple[Rule, ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file or directory is left out; the last rule that matches decides."""
        excluded = False
        for rule in self.rules:
            if rule.exception == excluded and rule.regex.fullmatch(path):
                excluded = not excluded
        return excluded

    def may_keep_below(self, directory: str) -> bool:
        """Whether an exception can take back what is below an excluded directory.

        It is judged by its letters, as the command line does: `!a/*` does for `a`, `!*/b` does not.
        """
        start = f"{directory}/"
        return any(rule.exception and f"{rule.pattern}/".startswith(start) for rule in self.rules)

    def keeping(self, path: str) -> Rules:
        """The same with one more exception, which is no pattern but the very path."""
        return Rules((*self.rules, Rule(path, True, re.compile(re.escape(path)))))


def parse(text: str, source: str) -> Rules:
    """The rules of a file's text.

    Args:
        source: the name of the file, for messages.

    Raises:
        ValueError: a pattern is none; names the file and the line.
    """
    rules = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        exception = pattern.startswith("!")
        if exception:
            pattern = pattern[1:].strip()
        try:
            rules.append(_rule(pattern, exception))
        except ValueError as error:
            raise ValueError(f"{source}, line {number}: {error}: {line.strip()!r}") from None
    return Rules(tuple(rules))


def _rule(pattern: str, exception: bool) -> Rule:
    if not pattern:
        raise ValueError("an exception without a pattern")
    pattern = posixpath.normpath(pattern).lstrip("/")
    return Rule(pattern, exception, re.compile(f"(?:{_regex(pattern)})(?:/.*)?", re.DOTALL))


def _regex(pattern: str) -> str:
    pieces = []
    end = 0
    while end < len(pattern):
        token = _TOKEN.match(pattern, end)
        if token is None:
            what = "[ that is no class" if pattern[end] == "[" else "\\ with nothing after it"
            raise ValueError(f"bad pattern, {what}")
        end = token.end()
        if token["directories"]:
            pieces.append("(?:.*/)?" if end < len(pattern) else ".*")
        elif token["star"]:
            pieces.append("[^/]*")
        elif token["one"]:
            pieces.append("[^/]")
        elif token["ranges"]:
            pieces.append(f"[{token['negated']}{_ranges(token['ranges'])}]")
        else:
            pieces.append(re.escape(token["escaped"] or token["plain"]))
    return "".join(pieces)


def _ranges(items: str) -> str:
    pieces = []
    for item in _RANGE.finditer(items):
        low = item[1].removeprefix("\\")
        high = (item[2] or item[1]).removeprefix("\\")
        if high < low:
            raise ValueError(f"bad pattern, {item[0]} is no range")
        pieces.append(f"{re.escape(low)}-{re.escape(high)}")
    return "".join(pieces)
