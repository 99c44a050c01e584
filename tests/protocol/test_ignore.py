"""`.dockerignore`: patterns, exceptions, and what is no pattern.

What whole files do to whole trees is in tests/ignored.py, proved by test_context.py.
"""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dockerapi.protocol.ignore import BitParallelMatcher, Rules, parse


def excludes(lines: str, path: str) -> bool:
    return parse(lines, ".dockerignore").excludes(path)


@pytest.mark.parametrize("text", ["", "\n\n", "# a\n#", " \t\n", "\ufeff"])
def test_a_file_without_patterns_has_no_rules(text: str) -> None:
    assert parse(text, ".dockerignore") == Rules()


def test_rules_are_the_cleaned_patterns_in_order() -> None:
    rules = parse("\ufeff/a//b/\n# no\n ! ./c/../d \r\n\\#e\n", ".dockerignore")
    assert [(rule.pattern, rule.exception) for rule in rules.rules] == [
        ("a/b", False),
        ("d", True),
        ("\\#e", False),
    ]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a b", "a b"),
        ("*", "with\nnewline"),
        ("a/**", "a/with\nnewline/b"),
        ("?", "\udcff"),
        ("\udcff*", "\udcff\udcfe"),
        ("[^a]", "\n"),
        ("[.-0]", "/"),
        ("[a-c]", "b"),
        ("[[^]", "^"),
        ("[\\^]", "^"),
        ("[\\]]", "]"),
        ("[\\[-\\]]", "\\"),
        ("a]", "a]"),
        ("a", "a/b/c"),
        ("*", "a/b"),
    ],
)
def test_a_pattern_matches(pattern: str, path: str) -> None:
    assert excludes(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*/b", "a"),
        ("[^a]", "a"),
        ("[^a-c]", "b"),
        ("[!a]", "b"),
        ("a", "ab"),
        ("a", "b/a"),
        ("a", "A"),
        ("a?", "a/b"),
        ("a/**", "a"),
        ("/", "a"),
        (".", "a"),
        ("..", "a"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, path: str) -> None:
    assert not excludes(pattern, path)


def test_the_last_line_that_matches_decides() -> None:
    rules = parse("*\n!a\na/b\n!a/b/c", ".dockerignore")
    found = {path: rules.excludes(path) for path in ("x", "a", "a/x", "a/b", "a/b/x", "a/b/c")}
    assert found == {
        "x": True,
        "a": False,
        "a/x": False,
        "a/b": True,
        "a/b/x": True,
        "a/b/c": False,
    }


def test_an_exception_may_keep_what_its_letters_lead_to() -> None:
    rules = parse("*\nx/y\n!a/b/c\n!**/d\n!e*", ".dockerignore")
    directories = ["a", "a/b", "a/b/c", "a/b/c/d", "b", "d", "e", "x"]
    assert [name for name in directories if rules.may_keep_below(name)] == ["a", "a/b", "a/b/c"]


def test_for_buildkit_an_exception_may_keep_what_its_wildcards_reach() -> None:
    rules = parse("*\nx/y\n!a/b/c\n!e/*/f\n!g*", ".dockerignore", classic=False)
    directories = ["a", "a/b", "a/b/c", "a/b/c/d", "b", "e", "e/x", "e/x/f", "gh", "g/h", "x"]
    kept = ["a", "a/b", "a/b/c", "e", "e/x", "e/x/f", "gh", "g/h"]
    assert [name for name in directories if rules.may_keep_below(name)] == kept
    everywhere = parse("*\n!**/x", ".dockerignore", classic=False)
    assert all(map(everywhere.may_keep_below, directories))


def test_a_kept_path_is_no_pattern() -> None:
    rules = parse("**", ".dockerignore").keeping("a/[b]*")
    paths = ["a", "a/b", "a/[b]*", "a/[b]*c", "a/[b]*/c"]
    assert [path for path in paths if not rules.excludes(path)] == ["a/[b]*"]
    assert [path for path in paths if rules.may_keep_below(path)] == ["a", "a/[b]*"]


BAD_CLASS = "bad pattern, [ that is no class"


@pytest.mark.parametrize(
    ("text", "line", "why", "shown"),
    [
        ("[a", 1, BAD_CLASS, "[a"),
        ("a\n\n*/[", 3, BAD_CLASS, "*/["),
        ("[]", 1, BAD_CLASS, "[]"),
        ("[]a]", 1, BAD_CLASS, "[]a]"),
        ("[^]", 1, BAD_CLASS, "[^]"),
        ("[^]a]", 1, BAD_CLASS, "[^]a]"),
        ("[-a]", 1, BAD_CLASS, "[-a]"),
        ("[^-a]", 1, BAD_CLASS, "[^-a]"),
        ("[a-]", 1, BAD_CLASS, "[a-]"),
        ("[a-b-c]", 1, BAD_CLASS, "[a-b-c]"),
        ("[a\\]", 1, BAD_CLASS, "[a\\]"),
        ("# [\r\n a[b \r\nc", 2, BAD_CLASS, "a[b"),
        ("! [a", 1, BAD_CLASS, "! [a"),
        ("[z-a]", 1, "bad pattern, z-a is no range", "[z-a]"),
        ("a\n![\\]-\\[]", 2, "bad pattern, \\]-\\[ is no range", "![\\]-\\[]"),
        ("a\\", 1, "bad pattern, \\ with nothing after it", "a\\"),
        ("a\n!", 2, "an exception without a pattern", "!"),
        ("! \t", 1, "an exception without a pattern", "!"),
    ],
)
def test_a_bad_line_is_named(text: str, line: int, why: str, shown: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text, "/context/.dockerignore")
    assert str(caught.value) == f"/context/.dockerignore, line {line}: {why}: {shown!r}"


@given(st.text(alphabet="ab*?[]^-\\!#/. \n\ufeff\u00e9\udcff"), st.text())
def test_any_text_is_rules_or_refused(text: str, path: str) -> None:
    """No pattern comes out as a broken regular expression, none raises while it matches."""
    try:
        rules = parse(text, "ignored")
    except ValueError as error:
        assert re.match(r"ignored, line \d+: ", str(error))
        return
    assert rules.excludes(path) in (True, False)


def matches(pattern: str, path: str) -> bool:
    """What `*`, `?` and `**/` mean, tried out letter by letter."""
    if pattern.startswith("**/"):
        rest = pattern[3:]
        starts = [0] + [index + 1 for index, letter in enumerate(path) if letter == "/"]
        return any(matches(rest, path[start:]) for start in starts)
    if pattern.startswith("*"):
        length = len(path.partition("/")[0])
        return any(matches(pattern[1:], path[start:]) for start in range(length + 1))
    if not pattern or not path:
        return pattern == path
    same = path[0] != "/" if pattern[0] == "?" else path[0] == pattern[0]
    return same and matches(pattern[1:], path[1:])


NAME = st.text(alphabet="ab.", min_size=1, max_size=4).filter(lambda name: name.strip("."))
PART = st.one_of(st.text(alphabet="ab.*?", min_size=1, max_size=4), st.just("**")).filter(
    lambda part: part == "**" or (part.strip(".") and "**" not in part)
)


@given(st.lists(PART, min_size=1, max_size=4), st.lists(NAME, min_size=1, max_size=4))
@example(["**", "a"], ["a"])
@example(["a", "**", "b"], ["a", "b"])
def test_a_path_is_excluded_if_it_or_a_directory_above_matches(
    parts: list[str], names: list[str]
) -> None:
    pattern = "/".join([*parts, "b"])  # no ** at the end, where it also takes letters
    lineage = ["/".join(names[:count]) for count in range(1, len(names) + 1)]
    assert excludes(pattern, lineage[-1]) == any(matches(pattern, path) for path in lineage)


STEPS = st.sampled_from(["a", "b", r"\.", "/", "[^/]", "[a-b]", "[^a]", "[^/]*", "(?:.*/)?"])


@given(st.lists(STEPS, max_size=12), st.booleans(), st.text(alphabet="ab./\n", max_size=24))
@example(["(?:.*/)?", "b", "(?:.*/)?", "a"], False, "b/ba")  # the first b is the wrong one
@example(["[^/]*", "a", "[^/]*", "a"], False, "ba/a")
def test_all_ways_at_once_lead_where_a_regular_expression_does(
    steps: list[str], rest: bool, path: str
) -> None:
    steps = [*steps, ".*"] if rest else steps
    expected = re.compile("".join(steps) + "(?:/.*)?", re.DOTALL).fullmatch(path)
    assert BitParallelMatcher(tuple(steps)).match(path) == bool(expected)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 20 + "b", "a" * 255),
        ("a*" * 4 + "b", "a" * 255),
        ("*a*a*b", "a" * 255),
        ("**/a/" * 20 + "b", "a/" * 2000 + "c"),
        ("**/a/**/a*b", "a/" * 2000 + "a"),
        ("**/a*a*a*b", ("a" * 200 + "/") * 20 + "c"),
        ("**/*?" * 20 + "b", "a/" * 2000 + "a"),
    ],
)
def test_no_pattern_takes_long_on_any_path(pattern: str, path: str) -> None:
    """A regular expression took 45 ms for 5 stars and 80 letters, for 20 stars a lifetime."""
    began = time.process_time()
    assert not excludes(pattern, path)
    assert time.process_time() - began < 2
