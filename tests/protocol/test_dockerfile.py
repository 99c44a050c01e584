"""The registries that a Dockerfile pulls from, which is whose credentials a build may need."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.protocol.dockerfile import needs_session, repositories
from dockerapi.protocol.reference import registry_of

HUB = "https://index.docker.io/v1/"


def registries(text: str, arguments: Any = None) -> list[str]:
    return list(dict.fromkeys(map(registry_of, repositories(text, arguments))))


def test_what_a_build_may_pull_is_named_in_full() -> None:
    text = "FROM a.io/team/x:1 AS one\nFROM busybox\nCOPY --from=ada/y@sha256:" + "0" * 64 + " . ."
    assert repositories(text) == ["a.io/team/x", "docker.io/library/busybox", "docker.io/ada/y"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("FROM busybox", [HUB], id="Docker Hub"),
        pytest.param("FROM r.example.com:5000/a/b:1", ["r.example.com:5000"], id="a registry"),
        pytest.param(f"FROM r.example.com/a@sha256:{'0' * 64}\n", ["r.example.com"], id="a digest"),
        pytest.param("\ufefffrom localhost/a as b\r\n", ["localhost"], id="lower case, BOM, CRLF"),
        pytest.param("FROM scratch\nCOPY x /x", [], id="scratch"),
        pytest.param("FROM", [], id="nothing"),
        pytest.param("FROM ???", [], id="no name"),
        pytest.param("FROM --platform=$BUILDPLATFORM a.io/x", ["a.io"], id="a platform"),
        pytest.param("FROM a.io/x:$TARGETARCH", ["a.io"], id="an argument of BuildKit's own"),
        pytest.param("# FROM a.io/x\nFROM b.io/x\n  # FROM c.io/x", ["b.io"], id="comments"),
        pytest.param("FROM b.io/x\nFROM a.io/x\nFROM b.io/y", ["b.io", "a.io"], id="stages"),
        pytest.param(
            "FROM a.io/x AS Base\nFROM base\nFROM BASE AS b\nFROM other", ["a.io", HUB], id="names"
        ),
        pytest.param(
            "FROM a.io/x AS one\nFROM b.io/x\nCOPY --from=one /a /b\nCOPY --from=0 /a /b\n"
            "COPY --chown=1:1 --from=c.io/y /a /b\nADD --from=ONE a b",
            ["a.io", "b.io", "c.io"],
            id="copied from",
        ),
        pytest.param(
            "FROM a.io/x\nCOPY --from=$where /a /b", ["a.io"], id="copied from a variable"
        ),
        pytest.param(
            "FROM a.io/x\nRUN --mount=type=bind,from=b.io/y,target=/y "
            "--mount=from=c.io/z,target=/z make\nRUN --mount=type=cache,target=/c make",
            ["a.io", "b.io", "c.io"],
            id="mounted from",
        ),
        pytest.param("FROM a.io/x\nONBUILD COPY --from=b.io/y / /", ["a.io"], id="on build"),
        pytest.param("FROM \\\n  # a comment\n\n  a.io/x \\\n  AS b\n", ["a.io"], id="continued"),
        pytest.param("FROM \\  \n a.io/x", ["a.io"], id="continued, with blanks"),
        pytest.param("FROM a.io/x \\", ["a.io"], id="continued by nothing"),
        pytest.param("# escape=`\nFROM `\n a.io/x", ["a.io"], id="another escape"),
        pytest.param(
            "# syntax=docker/dockerfile:1\n#Escape = `\n\nFROM `\n a.io/x",
            ["a.io"],
            id="a second directive",
        ),
        pytest.param("\n# escape=`\nFROM \\\n a.io/x", ["a.io"], id="no directive but a comment"),
        pytest.param(
            "FROM a.io/x\nRUN <<EOF cat && <<-'END' sh\nFROM b.io/x\nEOF\nFROM c.io/x\n\tEND\n"
            "FROM d.io/x",
            ["a.io", "d.io"],
            id="here-documents",
        ),
        pytest.param(
            "FROM a.io/x\nRUN echo $((1<<n))\nFROM b.io/x", ["a.io", "b.io"], id="a shift"
        ),
    ],
)
def test_the_registries_of_a_dockerfile(text: str, found: list[str]) -> None:
    assert registries(text) == found


@pytest.mark.parametrize(
    ("arguments", "name", "found"),
    [
        ("", "$r/x", []),
        ("r=a.io", "$r/x", ["a.io"]),
        ("r=a.io", "${r}/x", ["a.io"]),
        ("r=\"a.io\" q='b.io'", "${q}/x:$r", ["b.io"]),
        ("r=a.io q=${r}/x", "$q", ["a.io"]),
        ("r", "${r:-b.io}/x", ["b.io"]),
        ("r", "${r-b.io}/x", ["b.io"]),
        ("r=", "${r:-b.io}/x", ["b.io"]),
        ("r=", "${r-b.io/}x", [HUB]),
        ("r=a.io", "${r:-b.io}/x", ["a.io"]),
        ("r=a.io", "${r:+b.io}/x", ["b.io"]),
        ("r=a.io", "${r+b.io}/x", ["b.io"]),
        ("r", "${r:+b.io/}x", [HUB]),
        ("given=a.io", "$given/x", ["given.io"]),
        ("given", "$given/x", ["given.io"]),
        ("empty=a.io", "$empty/x", []),
        ("none=a.io", "$none/x", ["a.io"]),
        ("", "$given/x", []),
    ],
)
def test_arguments_before_the_first_stage_are_put_in_place(
    arguments: str, name: str, found: list[str]
) -> None:
    given = {"given": "given.io", "empty": "", "none": None}
    assert registries(f"ARG {arguments}\nFROM {name}", given) == found


def test_arguments_of_a_stage_are_not_those_of_from() -> None:
    assert registries("ARG r=a.io\nFROM $r/x\nARG r=b.io\nFROM $r/y") == ["a.io"]


SECRET = "RUN --mount=type=secret,id=x"
SSH = "RUN --mount=type=ssh"


@pytest.mark.parametrize(
    ("text", "target", "found"),
    [
        ("", None, None),
        ("FROM a\nRUN b", None, None),
        (f"FROM a\n{SECRET} b", None, "RUN --mount=type=secret"),
        (f"FROM a\n{SSH} b", None, "RUN --mount=type=ssh"),
        (f"from a\n{SSH.replace('RUN', 'run')} b", None, "RUN --mount=type=ssh"),
        ("FROM a\nRUN --network=none --mount=id=x,type=secret \\\n  b", None, SECRET[:23]),
        ("FROM a\nRUN --mount=type=cache,target=/c --mount=type=ssh,required b", None, SSH),
        ("FROM a\nRUN --mount=type=cache,target=/c b", None, None),
        ("FROM a\nRUN echo --mount=type=secret", None, None),
        ("FROM a\nRUN <<E\nRUN --mount=type=secret\nE", None, None),
        (f"FROM a\nONBUILD {SECRET} b", None, None),
        (f"{SECRET} b", None, None),
        (f"FROM a AS one\n{SECRET} b\nFROM a", None, None),
        (f"FROM a AS one\n{SECRET} b\nFROM a", "one", SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nFROM a", "ONE", SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nFROM a", "0", SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nFROM a", "other", None),
        (f"FROM a AS one\n{SECRET} b\nFROM one", None, SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nFROM a\nCOPY --from=one /x /", None, SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nFROM a\nCOPY --from=0 /x /", None, SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nFROM one AS two\nFROM two", None, SECRET[:23]),
        (f"FROM a AS one\n{SECRET} b\nARG s=one\nFROM $s", None, None),
        (f"ARG s=one\nFROM a AS one\n{SECRET} b\nFROM $s", None, SECRET[:23]),
        (f"FROM a\nFROM b\n{SECRET} b", "0", None),
        ("FROM one AS one\nCOPY --from=one / /", None, None),
    ],
)
def test_what_a_dockerfile_needs_a_session_for(
    text: str, target: str | None, found: str | None
) -> None:
    assert needs_session(text, target=target) == found


@given(text=st.text(alphabet="FROMCPYARGUNfromas $\\{}:-+=/.,<#\"'\n\t`ab1") | st.text())
def test_whatever_a_dockerfile_says_is_no_error(text: str) -> None:
    assert all(isinstance(found, str) for found in registries(text, {"a": "b"}))
    assert needs_session(text) is None or "--mount=" in text


MANY = 20_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "FROM a.io/x\n" + "".join(f"RUN <<E{number}\n" for number in range(MANY)),
            ["a.io"],
            id="here-documents without an end",
        ),
        pytest.param(
            "FROM a.io/x\nRUN " + " ".join(f"<<E{number}" for number in range(MANY)) + "\nx" * MANY,
            ["a.io"],
            id="here-documents without an end in one line",
        ),
        pytest.param(
            "ARG a0=xxxxxxxxxx\n"
            + "".join(f"ARG a{number + 1}=$a{number}$a{number}\n" for number in range(MANY))
            + f"FROM $a{MANY}\nFROM a.io/x\n",
            ["a.io"],
            id="arguments that double",
        ),
        pytest.param(
            f"ARG a={'x' * MANY}\nFROM {'$a' * MANY}\nFROM a.io/x",
            ["a.io"],
            id="a long argument many times",
        ),
        pytest.param(
            "".join(f"FROM scratch AS s{n}\nCOPY --from=s{n} / /\n" for n in range(MANY // 4)),
            [],
            id="stages",
        ),
    ],
)
def test_no_dockerfile_takes_long(text: str, found: list[str]) -> None:
    """20,000 here-documents took half a minute, and 40 arguments all of the memory."""
    began = time.process_time()
    assert registries(text) == found
    assert needs_session(text) is None
    assert time.process_time() - began < 10
