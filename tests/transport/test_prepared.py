"""Requests as they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi import NotSupported
from dockerapi.transport.prepared import Prepared, prepared
from dockerapi.versions.fit import Request

HOST = {"Host": "localhost"}


def sent(
    route: str,
    subject: str | None = None,
    query: dict[str, Any] | None = None,
    body: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    data: Any = None,
) -> Prepared:
    return prepared(Request(route, query or {}, body, headers or {}), "/v1.41", subject, data, HOST)


@pytest.mark.parametrize(
    ("route", "subject", "target"),
    [
        ("GET /info", None, "/v1.41/info"),
        ("GET /containers/{id}/json", "c1", "/v1.41/containers/c1/json"),
        ("GET /containers/{id}/json", "a/b c\r\n", "/v1.41/containers/a%2Fb%20c%0D%0A/json"),
        ("GET /containers/{id}/json", r"\1", "/v1.41/containers/%5C1/json"),
        ("GET /images/{name}/json", "a/b:c@sha256:d?", "/v1.41/images/a/b:c@sha256:d%3F/json"),
    ],
)
def test_the_target_has_the_version_and_the_subject_quoted(
    route: str, subject: str | None, target: str
) -> None:
    assert sent(route, subject) == Prepared(route, target, HOST)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"all": True, "size": False, "limit": 0}, "?all=1&size=0&limit=0"),
        ({"names": ["a", "b c"]}, "?names=a&names=b+c"),
        ({"names": []}, ""),
        ({"filters": {"a": ["b"]}}, "?filters=%7B%22a%22%3A+%5B%22b%22%5D%7D"),
    ],
)
def test_the_query_is_written_behind_it(query: dict[str, Any], text: str) -> None:
    assert sent("GET /info", query=query).target == f"/v1.41/info{text}"


def test_a_body_is_json_and_says_so() -> None:
    assert sent("POST /auth", body={"a": "\u00e9"}) == Prepared(
        "POST /auth",
        "/v1.41/auth",
        {**HOST, "Content-Type": "application/json"},
        b'{"a": "\\u00e9"}',
    )


def test_what_is_no_json_goes_as_it_is() -> None:
    blocks = [b"a", b"b"]
    made = sent("POST /build", headers={"Content-Type": "application/x-tar"}, data=blocks)
    assert (made.headers["Content-Type"], made.data) == ("application/x-tar", blocks)


def test_what_old_engines_take_as_a_form_makes_one_of_itself() -> None:
    class Context:
        def form(self) -> tuple[str, list[bytes]]:
            return "multipart/form-data; boundary=x", [b"--x"]

    form = {"Content-Type": "multipart/form-data"}
    made = sent("POST /build", headers=form, data=Context())
    assert (made.headers["Content-Type"], made.data) == (
        "multipart/form-data; boundary=x",
        [b"--x"],
    )
    with pytest.raises(NotSupported):
        sent("POST /build", headers=form, data=b"archive")


@pytest.mark.parametrize(
    ("data", "repeatable"),
    [(None, True), (b"x", True), ([b"x"], False), (iter([b"x"]), False)],
)
def test_what_is_read_for_it_may_be_read_once_only(data: Any, repeatable: bool) -> None:
    made = sent("POST /images/load", data=data)
    assert (made.method, made.is_repeatable) == ("POST", repeatable)
