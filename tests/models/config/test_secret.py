"""Secrets of a build, and agents of ssh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerapi import BuildOptions, BuildSecret


def test_a_secret_is_bytes_a_file_or_a_variable() -> None:
    options = BuildOptions(
        builder="buildkit",
        secrets={"a": b"x", "b": Path("p"), "c": BuildSecret.of_env("V"), "d e/f": b""},
    )
    assert options.secrets == {
        "a": BuildSecret(b"x"),
        "b": BuildSecret.of_file("p"),
        "c": BuildSecret.of_env("V"),
        "d e/f": BuildSecret(b""),
    }


def test_no_repr_shows_it() -> None:
    options = BuildOptions(builder="buildkit", secrets={"a": b"s3cret"}, ssh={"x": "/agent"})
    assert "s3cret" not in repr(options)
    assert repr(BuildSecret(b"s3cret")) == "BuildSecret(data=***, path=None, variable=None)"


def test_agents_are_paths_or_that_of_the_environment() -> None:
    options = BuildOptions(builder="buildkit", ssh={"default": None, "x": "/agent"})
    assert options.ssh == {"default": None, "x": Path("/agent")}


def test_they_are_not_in_the_query() -> None:
    options = BuildOptions(builder="buildkit", secrets={"a": b"x"}, ssh={"default": None})
    assert options.to_query() == {"version": "2"}


BAD_ID = "an id of ASCII without commas, '=', quotes and control characters was expected, not "


@pytest.mark.parametrize("field", ["secrets", "ssh"])
@pytest.mark.parametrize("id", ["", "a,b", "a=b", 'a"', "a'", "a\n", "\x7f", "ü"])
def test_an_id_that_engines_would_garble_is_refused(field: str, id: str) -> None:
    given: Any = {field: {id: b"x" if field == "secrets" else None}}
    with pytest.raises(ValueError) as caught:
        BuildOptions(builder="buildkit", **given)
    assert str(caught.value) == f"{field}: {BAD_ID}{id!r}"


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (
            {"secrets": {"a": "s3cret"}},
            TypeError,
            "secrets: a: a BuildSecret, bytes or a Path was expected, not a str: of a text it is "
            "not known whether it is the secret or where that is",
        ),
        ({"secrets": b"s3cret"}, TypeError, "secrets: a mapping of ids was expected, not a bytes"),
        ({"secrets": {3: b"x"}}, TypeError, "secrets: an id was expected, not 3"),
        ({"ssh": {"a": 3}}, TypeError, "ssh: a: the path of an agent's socket was expected, not 3"),
        ({"ssh": ["a"]}, TypeError, "ssh: a mapping of ids was expected, not ['a']"),
    ],
    ids=["a text", "no mapping", "a number as id", "no path", "a list"],
)
def test_what_is_no_secret_and_no_agent_is_refused(
    given: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        BuildOptions(builder="buildkit", **given)
    assert str(caught.value) == words


def test_a_secret_has_one_source() -> None:
    with pytest.raises(ValueError, match="^BuildSecret: one of data, path and variable"):
        BuildSecret()
    with pytest.raises(TypeError, match="^data: bytes were expected, not str$"):
        BuildSecret("s3cret")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="^of_env: the name of a variable was expected"):
        BuildSecret.of_env("A=b")


def test_only_buildkit_takes_them() -> None:
    with pytest.raises(ValueError) as caught:
        BuildOptions(builder="classic", secrets={"a": b"x"})
    assert str(caught.value) == "secrets: only BuildKit takes them: builder='buildkit'"
