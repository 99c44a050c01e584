"""`Asked`: a request to the fake Engine, for `FakeEngine.requests`."""

from __future__ import annotations

import json
from typing import Any

import attrs

from .http.exchange import HttpExchange

MASK = "***"
SECRET_HEADERS = frozenset({"x-registry-auth", "x-registry-config", "authorization"})
SECRET_KEYS = frozenset(
    {
        *("password", "auth", "identitytoken", "registrytoken"),
        *("jointoken", "unlockkey", "signingcakey"),
    }
)


@attrs.frozen
class Asked:
    """A request that was received, with its secrets masked.

    Attributes:
        method: such as `GET`.
        path: without the version's prefix.
        query: all values of each name.
        headers: as received; ignored by `==`, and in no repr.
        body: the value if it is JSON, else the first MiB of its bytes.
        api_version: the version in the prefix; empty if there was none.
    """

    method: str
    path: str
    query: dict[str, list[str]] = attrs.field(factory=dict)
    headers: dict[str, str] = attrs.field(factory=dict, eq=False, repr=False)
    body: Any = b""
    api_version: str = ""


@attrs.frozen(eq=False)
class Record:
    """A request whose body may still be read: its kept part grows meanwhile."""

    exchange: HttpExchange
    api_version: str

    def asked(self) -> Asked:
        """The request as read so far, with its secrets masked."""
        headers = {
            name: MASK if name.lower() in SECRET_HEADERS else value
            for name, value in self.exchange.headers.items()
        }
        asked, version = self.exchange, self.api_version
        return Asked(asked.method, asked.path, asked.query, headers, self._body(), version)

    def _body(self) -> Any:
        content = bytes(self.exchange.kept)
        if content and self.exchange.headers.get("Content-Type", "").startswith("application/json"):
            try:
                return _masked(json.loads(content))
            except ValueError:
                pass
        return content


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: MASK if key.lower() in SECRET_KEYS and one else _masked(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return value
