"""What was asked of the fake Engine, as `FakeEngine.requests` shows it: `Asked`."""

from __future__ import annotations

import json
from typing import Any

import attrs

from .http.exchange import HttpExchange

MASK = "***"
SECRET_HEADERS = frozenset({"x-registry-auth", "x-registry-config", "authorization"})
SECRET_KEYS = frozenset({"password", "auth", "identitytoken", "registrytoken"})


@attrs.frozen
class Asked:
    """A request that came: `path` is without the prefix, which is `api_version` ("" for none).

    `body` is the value where it is JSON, else the first MiB of its bytes. Secrets are masked.
    """

    method: str
    path: str
    query: dict[str, list[str]] = attrs.field(factory=dict)
    headers: dict[str, str] = attrs.field(factory=dict, eq=False, repr=False)
    body: Any = b""
    api_version: str = ""


@attrs.frozen(eq=False)
class Record:
    """What was asked, before it is looked at: `kept` grows while the body is read."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    kept: bytearray
    api_version: str

    @classmethod
    def of(cls, exchange: HttpExchange, version: str | None) -> Record:
        """A request that has just come, with the version of its prefix, if any."""
        headers = dict(exchange.headers)
        return cls(
            exchange.method, exchange.path, exchange.query, headers, exchange.kept, version or ""
        )

    def asked(self) -> Asked:
        """The request as far as it was read, with its secrets masked."""
        headers = {
            name: MASK if name.lower() in SECRET_HEADERS else value
            for name, value in self.headers.items()
        }
        return Asked(self.method, self.path, self.query, headers, self._body(), self.api_version)

    def _body(self) -> Any:
        content = bytes(self.kept)
        if content and self.headers.get("Content-Type", "").startswith("application/json"):
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
