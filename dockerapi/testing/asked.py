"""`Asked`: a request to the fake Engine, as `FakeEngine.requests` shows it."""

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
    """A request that came, with its secrets masked.

    Attributes:
        method: such as `GET`.
        path: without the prefix of the version.
        query: all values of each name.
        headers: as they came; not compared, and in no repr.
        body: the value where it is JSON, else the first MiB of its bytes.
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
    """A request that may still be read: the kept part of its body grows meanwhile."""

    exchange: HttpExchange
    api_version: str

    def asked(self) -> Asked:
        """The request as far as it was read, with its secrets masked."""
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
