"""Credentials, and the headers that carry them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from dockerapi.registry.auth import Credentials, registry_auth, registry_config

ADA = Credentials(username="ada", password="s3cret")


def test_the_user_and_the_password_may_be_positional() -> None:
    assert Credentials("ada", "s3cret") == ADA
    with pytest.raises(TypeError):
        Credentials("ada", "s3cret", "ada@example.com")  # type: ignore[misc]


def decoded(header: str) -> Any:
    """What the Engine makes of a header: URL-safe base64, which it insists on being padded."""
    return json.loads(base64.b64decode(header, altchars=b"-_", validate=True))


@pytest.mark.parametrize(
    ("credentials", "wire"),
    [
        (Credentials(), {}),
        (ADA, {"username": "ada", "password": "s3cret"}),
        (
            Credentials(
                username="ada",
                password="s3cret",
                email="ada@example.com",
                server_address="registry.example.com:5000",
            ),
            {
                "username": "ada",
                "password": "s3cret",
                "email": "ada@example.com",
                "serveraddress": "registry.example.com:5000",
            },
        ),
        (
            Credentials(server_address="r.example.com", identity_token="i"),
            {"serveraddress": "r.example.com", "identitytoken": "i"},
        ),
        (Credentials(registry_token="t"), {"registrytoken": "t"}),
        (Credentials(username="", password=""), {"username": "", "password": ""}),
    ],
)
def test_credentials_are_sent_under_the_names_of_the_manual(
    credentials: Credentials, wire: dict[str, str]
) -> None:
    assert credentials.to_wire() == wire


def test_secrets_are_in_no_repr() -> None:
    credentials = Credentials(
        username="ada", password="s3cret", identity_token="s3cret", registry_token="s3cret"
    )
    assert repr(credentials) == (
        "Credentials(username='ada', password='***', email=None, server_address=None, "
        "identity_token='***', registry_token='***')"
    )


def test_a_missing_secret_shows_as_none() -> None:
    assert repr(Credentials()) == (
        "Credentials(username=None, password=None, email=None, server_address=None, "
        "identity_token=None, registry_token=None)"
    )


def test_the_header_of_pull_and_push_says_the_credentials() -> None:
    (name, value), *others = registry_auth(ADA).items()
    assert (name, decoded(value), others) == (
        "X-Registry-Auth",
        {"username": "ada", "password": "s3cret"},
        [],
    )


def test_the_header_of_nobody_is_an_empty_object() -> None:
    assert registry_auth(None) == {"X-Registry-Auth": "e30="}


def test_the_header_is_url_safe_and_padded() -> None:
    value = registry_auth(Credentials(username="\u00fe\u00ff>>>???", password="~~~\u20ac"))[
        "X-Registry-Auth"
    ]
    assert (set(value) & set("+/\r\n"), len(value) % 4) == (set(), 0)
    assert decoded(value) == {"username": "\u00fe\u00ff>>>???", "password": "~~~\u20ac"}


@pytest.mark.parametrize(
    ("credentials", "registries"),
    [
        (ADA, {"https://index.docker.io/v1/": {"username": "ada", "password": "s3cret"}}),
        (
            Credentials(username="ada", server_address="r.example.com"),
            {"r.example.com": {"username": "ada", "serveraddress": "r.example.com"}},
        ),
        (
            {"a.example.com": ADA, "b.example.com:5000": Credentials(identity_token="i")},
            {
                "a.example.com": {"username": "ada", "password": "s3cret"},
                "b.example.com:5000": {"identitytoken": "i"},
            },
        ),
        ({}, {}),
    ],
)
def test_the_header_of_build_maps_registries_to_credentials(
    credentials: Any, registries: Any
) -> None:
    (name, value), *others = registry_config(credentials).items()
    assert (name, decoded(value), others) == ("X-Registry-Config", registries, [])


def test_a_build_without_credentials_has_no_header() -> None:
    assert registry_config(None) == {}
