r"""The rules of `.dockerignore`: which paths a build context excludes. No file is touched.

A line is a pattern for paths below the context, cleaned as by Go's `filepath.Clean`, with or
without a slash at its ends. `*`, `?`, `[a-z]`, `[^a]` and `\` have the meaning of Go's
`filepath.Match`; `**` matches any number of directories, also none. A pattern that matches a
directory matches everything below it. A line that starts with `!` is an exception: it includes
again what earlier lines excluded, so the last matching line decides. Empty lines, and lines that
start with `#`, are skipped. Case matters.

The two builders differ below an excluded directory. With BuildKit, the last matching line decides
for every path, and the directories above an included path are sent, too. The classic builder looks
into an excluded directory only if an exception begins with the directory's letters: after `a`,
`!a/b/c` and `!a/*` count, `!a/*/c` and `!**/c` do not.

These are the rules of the manual, and those by which the docker command filters a context before it
sends it (moby/patternmatcher, and tonistiigi/fsutil for BuildKit; an Engine never filters). The
docker command turns patterns into regular expressions of Go, with mistakes that differ between
releases. They are not copied here: `|`, `{2}` and `^` are not taken literally, nor are `+` and `()`
up to 20.10; `[*]` is not a star and `\d` not a d; up to 20.10 a pattern with `**` forgets
directories above the nearest; later releases let `**foo` match `xfoo`, and miss a line after an
exception. tests/ignored.py lists such cases.
"""

from __future__ import annotations

import functools
import operator
import posixpath
import re
from collections.abc import Callable, Iterator

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
    """One line: a pattern, and whether it excludes or includes again."""

    pattern: str
    exception: bool
    matches: Callable[[str], object] = attrs.field(eq=False, repr=False)


@attrs.frozen
class Rules:
    """The lines of a `.dockerignore`, in order. Paths have slashes and are relative to the context.

    `classic`: the rules are for the classic builder, and not for BuildKit.
    """

    rules: tuple[Rule, ...] = ()
    classic: bool = True

    def excludes(self, path: str) -> bool:
        """Whether a file or directory is excluded; the last matching rule decides."""
        excluded = False
        for rule in self.rules:
            if rule.exception == excluded and rule.matches(path):
                excluded = not excluded
        return excluded

    def may_keep_below(self, directory: str) -> bool:
        """Whether an exception can include something below an excluded directory.

        For the classic builder an exception must begin with the directory's letters: `!a/*` does
        for `a`, `!*/b` does not. For BuildKit its part before the first wildcard must lead there.
        """
        start = f"{directory}/"
        for rule in self.rules:
            pattern = f"{rule.pattern}/"
            letters = pattern if self.classic else _WILD.split(pattern, 1)[0]
            wild = letters != pattern and start.startswith(letters)
            if rule.exception and (letters.startswith(start) or wild):
                return True
        return False

    def keeping(self, path: str) -> Rules:
        """The same rules with one more exception: exactly this path."""
        rule = Rule(path, True, functools.partial(operator.eq, path))
        return attrs.evolve(self, rules=(*self.rules, rule))


def parse(text: str, source: str, *, classic: bool = True) -> Rules:
    """The rules in a file's text.

    Args:
        source: the name of the file, for messages.
        classic: the rules are for the classic builder, and not for BuildKit.

    Raises:
        ValueError: a pattern is invalid; names the file and the line.
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
    return Rules(tuple(rules), classic)


def _rule(pattern: str, exception: bool) -> Rule:
    if not pattern:
        raise ValueError("an exception without a pattern")
    pattern = posixpath.normpath(pattern).lstrip("/")
    steps = tuple(_steps(pattern))
    # A regular expression is faster, but would try all ways to distribute a path over several
    # wildcards.
    if steps.count(_STAR) > 3 or steps.count(_DIRECTORIES) > 1:
        return Rule(pattern, exception, BitParallelMatcher(steps).match)
    return Rule(pattern, exception, re.compile(f"{''.join(steps)}(?:/.*)?", re.DOTALL).fullmatch)


_WILD = re.compile(r"[*?\[\\]")
_STAR, _DIRECTORIES, _REST = "[^/]*", "(?:.*/)?", ".*"


def _steps(pattern: str) -> Iterator[str]:
    """The pattern as regular expressions, one per wildcard or character."""
    end = 0
    while end < len(pattern):
        token = _TOKEN.match(pattern, end)
        if token is None:
            what = "[ that is no class" if pattern[end] == "[" else "\\ with nothing after it"
            raise ValueError(f"bad pattern, {what}")
        end = token.end()
        if token["directories"]:
            yield _DIRECTORIES if end < len(pattern) else _REST
        elif token["star"]:
            yield _STAR
        elif token["one"]:
            yield "[^/]"
        elif token["ranges"]:
            yield f"[{token['negated']}{_ranges(token['ranges'])}]"
        else:
            yield re.escape(token["escaped"] or token["plain"])


@attrs.frozen
class BitParallelMatcher:
    """Matches a pattern in linear time, however many ways its wildcards could match.

    All ways are followed at once, in an integer: it has a bit for each position in the path at
    which the steps so far may have ended.
    """

    steps: tuple[str, ...]

    def match(self, path: str) -> bool:
        """Whether the whole path matches, or a directory above it."""
        places = functools.cache(functools.partial(_places, path))
        slashes, others = places("/"), places("[^/]")
        reached = 1
        for step in self.steps:
            if step == _STAR:  # the carry runs from each position to the next slash
                reached |= ((reached & others) + others) ^ others
            elif step == _DIRECTORIES:
                first = reached & -reached
                reached |= (slashes & -first) << 1
            elif step == _REST:
                return True
            else:
                reached = (reached & places(step)) << 1
            if not reached:
                return False
        return reached & (slashes | 1 << len(path)) != 0


def _places(path: str, character: str) -> int:
    """The positions of matching characters in a path, as the bits of an integer."""
    return sum(1 << found.start() for found in re.finditer(character, path, re.DOTALL))


def _ranges(items: str) -> str:
    pieces = []
    for item in _RANGE.finditer(items):
        low = item[1].removeprefix("\\")
        high = (item[2] or item[1]).removeprefix("\\")
        if high < low:
            raise ValueError(f"bad pattern, {item[0]} is no range")
        pieces.append(f"{re.escape(low)}-{re.escape(high)}")
    return "".join(pieces)
