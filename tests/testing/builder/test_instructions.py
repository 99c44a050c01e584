from __future__ import annotations

from typing import Any

import pytest

from dockerapi.testing.builder.instructions import (
    BadInstruction,
    Instruction,
    apply,
    changed,
    check,
    command,
    expanded,
    merged,
    pairs,
    parse,
    split,
    with_variables,
)


def told(text: str) -> list[tuple[str, str, int]]:
    return [(one.name, one.rest, one.line) for one in parse(text)]


def test_lines_comments_and_continuations() -> None:
    text = (
        "\ufeff# comment\n\nfrom  busybox\nRUN a \\\n  b \\ \n# within\n\n  c\n"
        "ENV x=\\\\ny\n  # indented\nCMD"
    )
    assert told(text) == [
        ("FROM", "busybox", 3),
        ("RUN", "a   b   c", 4),
        ("ENV", "x=\\\\ny", 9),
        ("CMD", "", 11),
    ]


def test_a_continuation_at_the_end() -> None:
    assert told("RUN a \\") == [("RUN", "a", 1)]


def test_flags() -> None:
    (found,) = parse("COPY --from=a --chown=1:1 b --c /d")
    assert (found.flags, found.rest, found.original) == (
        {"from": "a", "chown": "1:1"}, "b --c /d", "COPY --from=a --chown=1:1 b --c /d",
    )  # fmt: skip
    (plain,) = parse("CMD --from=a b")
    assert (plain.flags, plain.rest) == ({}, "--from=a b")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ('["a", "b c"]', ["a", "b c"]),
        ("[]", []),
        ("['a']", None),
        ('["a", 1]', None),
        ("[a", None),
        ("a b", None),
    ],
)
def test_the_form_of_a_list(rest: str, expected: list[str] | None) -> None:
    assert Instruction("CMD", rest, "", 1).listed() == expected


def test_commands_without_a_list_are_for_the_shell() -> None:
    one = Instruction("RUN", "a b", "RUN a b", 1)
    assert command(one, {}) == ["/bin/sh", "-c", "a b"]
    assert command(one, {"Shell": ["ash", "-c"]}) == ["ash", "-c", "a b"]
    assert command(Instruction("CMD", "", "CMD", 1), {}) == ["/bin/sh", "-c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b", ["a", "b"]),
        ("a=\"b c\" d='e f'", ['a="b c"', "d='e f'"]),
        ("a\\ b c", ["a\\ b", "c"]),
        ('"open end', ['"open', "end"]),
    ],
)
def test_words_and_quotes(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$A", "1"),
        ("${A}b$B", "1b"),
        ("$Ab", ""),
        ("${B:-x$A}", "x1"),
        ("${A:-x}", "1"),
        ("${A:+y}", "y"),
        ("${B:+y}", ""),
        ("'$A'", "$A"),
        ('"$A \\" \\$A \\n"', '1 " $A \\n'),
        ("\\$A", "$A"),
        ("a\\ b", "a b"),
        ("$", "$"),
        ("100%", "100%"),
    ],
)
def test_variables_and_quotes(word: str, expected: str) -> None:
    assert expanded(word, {"A": "1"}) == expected


def test_names_and_values_in_either_form() -> None:
    assert pairs('a=1 b="c $A" d=', {"A": "x"}) == [("a", "1"), ("b", "c x"), ("d", "")]
    assert pairs("name the  rest", {}) == [("name", "the  rest")]
    with pytest.raises(BadInstruction, match="can't find = in 'b'"):
        pairs("a=1 b", {})


def test_a_variable_keeps_its_place() -> None:
    assert with_variables(["A=1", "B=2"], [("A", "3"), ("C", "4")]) == ["A=3", "B=2", "C=4"]


@pytest.mark.parametrize(
    ("text", "config", "history"),
    [
        ("CMD a b", {"Cmd": ["/bin/sh", "-c", "a b"]}, 'CMD ["/bin/sh" "-c" "a b"]'),
        ("ENTRYPOINT []", {"Entrypoint": []}, "ENTRYPOINT []"),
        ("ENV A=1 B=2", {"Env": ["A=1", "B=2"]}, "ENV A=1 B=2"),
        ('LABEL x="y z"', {"Labels": {"x": "y z"}}, "LABEL x=y z"),
        ("EXPOSE 80 81/udp", {"ExposedPorts": {"80/tcp": {}, "81/udp": {}}}, "EXPOSE 80 81/udp"),
        ("VOLUME /a /b", {"Volumes": {"/a": {}, "/b": {}}}, "VOLUME [/a /b]"),
        ("USER nobody", {"User": "nobody"}, "USER nobody"),
        ("WORKDIR a/../b", {"WorkingDir": "/b"}, "WORKDIR /b"),
        ("STOPSIGNAL 9", {"StopSignal": "9"}, "STOPSIGNAL 9"),
        ('SHELL ["a", "-c"]', {"Shell": ["a", "-c"]}, "SHELL [a -c]"),
        (
            "HEALTHCHECK --interval=1m30s --retries=2 CMD curl x",
            {
                "Healthcheck": {
                    "Test": ["CMD-SHELL", "curl x"],
                    "Interval": 90 * 10**9,
                    "Retries": 2,
                }
            },
            'HEALTHCHECK ["CMD-SHELL" "curl x"]',
        ),
        ("HEALTHCHECK NONE", {"Healthcheck": {"Test": ["NONE"]}}, 'HEALTHCHECK ["NONE"]'),
    ],
)
def test_what_an_instruction_does(text: str, config: dict[str, Any], history: str) -> None:
    found: dict[str, Any] = {}
    assert (apply(found, parse(text)[0], {}), found) == (history, config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ONBUILD RUN x", "unknown instruction: ONBUILD"),
        ("SHELL sh", "SHELL requires the arguments to be in JSON form"),
        ("EXPOSE 80-x", "Invalid containerPort: 80-x"),
        ("NOSUCH", "unknown instruction: NOSUCH"),
        ("USER", "USER requires exactly one argument"),
        ("VOLUME", "VOLUME requires at least one argument"),
    ],
)
def test_what_no_instruction_can_be(text: str, message: str) -> None:
    with pytest.raises(BadInstruction) as caught:
        apply({}, parse(text)[0], {})
    assert caught.value.args[0] == message


def test_checks_name_the_line() -> None:
    with pytest.raises(BadInstruction) as caught:
        check(parse("FROM x\n\nNOSUCH\n")[1])
    assert caught.value.args == ("unknown instruction: NOSUCH", 3)


def test_changes_of_a_commit() -> None:
    given = {"Env": ["A=1"]}
    assert changed(given, ['CMD ["x"]', "ENV B=$A\nLABEL l=m"]) == {
        "Env": ["A=1", "B=1"], "Cmd": ["x"], "Labels": {"l": "m"},
    }  # fmt: skip
    assert given == {"Env": ["A=1"]}
    with pytest.raises(BadInstruction, match="RUN is not a valid change command"):
        changed({}, ["RUN x"])


def test_a_configuration_of_ones_own_goes_before_the_other() -> None:
    # As 28.5 commits: own variables, those of `changes`, then the container's.
    own = {"Env": ["A=9", "C=3"], "Labels": {"n": "o"}, "Cmd": None, "User": ""}
    base = {
        "Env": ["A=1", "B=2"], "Labels": {"a": "b"}, "Cmd": ["sleep"], "User": "x",
        "ExposedPorts": {"80/tcp": {}}, "WorkingDir": "/tmp",
    }  # fmt: skip
    assert merged(own, base) == {
        "Env": ["A=9", "C=3", "B=2"],
        "Labels": {"a": "b", "n": "o"},
        "Cmd": ["sleep"],
        "User": "x",
        "ExposedPorts": {"80/tcp": {}},
        "WorkingDir": "/tmp",
        "Volumes": None,
    }
    assert merged({"Entrypoint": ["e"]}, {"Cmd": ["c"]})["Cmd"] is None
