"""Credentials for registries, and the headers that carry them."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ..errors import Forbidden, RateLimited, Unauthorized
from ..protocol.reference import DOCKER_HUB


def _string(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not isinstance(value, str):  # never shown: it may be a secret
        raise TypeError(f"{attribute.name}: a string was expected, not {type(value).__name__}")


def _secret(value: str | None) -> str:
    return "None" if value is None else "'***'"


@attrs.frozen
class Credentials:
    """Credentials for one registry. No repr shows a secret.

    Args:
        username, password: of the account; they may be positional.
        email: very old registries ask for it.
        server_address: the registry, e.g. `registry.example.com:5000`; None is Docker Hub.
        identity_token: instead of a password (API 1.23 and later).
        registry_token: a bearer token for the registry (API 1.22 and later).
    """

    username: str | None = attrs.field(default=None, validator=_string)
    password: str | None = attrs.field(default=None, validator=_string, repr=_secret)
    email: str | None = attrs.field(default=None, kw_only=True, validator=_string)
    server_address: str | None = attrs.field(default=None, kw_only=True, validator=_string)
    identity_token: str | None = attrs.field(
        default=None, kw_only=True, validator=_string, repr=_secret
    )
    registry_token: str | None = attrs.field(
        default=None, kw_only=True, validator=_string, repr=_secret
    )

    def to_wire(self) -> dict[str, str]:
        """The manual's AuthConfig object, without fields that are None."""
        found = {
            "username": self.username,
            "password": self.password,
            "email": self.email,
            "serveraddress": self.server_address,
            "identitytoken": self.identity_token,
            "registrytoken": self.registry_token,
        }
        return {name: value for name, value in found.items() if value is not None}


def as_credentials(value: object) -> Credentials:
    """Checks the argument `auth`; a wrong value is not shown, since it may be a secret."""
    if not isinstance(value, Credentials):
        raise TypeError(f"auth: use dockerapi.Credentials(...); it was a {type(value).__name__}")
    return value


def registry_auth(credentials: Credentials | None) -> dict[str, str]:
    """The header for pull and push.

    Without credentials the value is `{}`: Engines from 0.6.2 to 1.7.1 refuse a push with neither
    the header nor a body (no manual says so).
    """
    return {
        "X-Registry-Auth": _encoded(
            {} if credentials is None else as_credentials(credentials).to_wire()
        )
    }


def registry_config(credentials: Credentials | Mapping[str, Credentials] | None) -> dict[str, str]:
    """The header for a build: credentials for every registry that it may pull from."""
    if credentials is None:
        return {}
    if isinstance(credentials, Credentials):
        credentials = {credentials.server_address or DOCKER_HUB: credentials}
    if not isinstance(credentials, Mapping):
        as_credentials(credentials)
    found = {host: as_credentials(known).to_wire() for host, known in credentials.items()}
    return {"X-Registry-Config": _encoded(found)}


@contextlib.contextmanager
def hinting(headers: Mapping[str, str] | None) -> Iterator[None]:
    """Adds a hint to the error if a registry refuses a request without credentials.

    `headers` has the credentials: empty if there are none, None if the route takes none.
    """
    try:
        yield
    except (Unauthorized, Forbidden, RateLimited) as error:
        if headers is not None and not headers and error.status != 403:  # a 403 is the Engine's own
            error.hint = _NOBODY
        raise


_NOBODY = "no credentials were sent: give auth=, or store some with docker login"


def _encoded(value: Any) -> str:
    """URL-safe base64 of JSON; the Engine requires the padding."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
