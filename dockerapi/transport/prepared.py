"""A request as HTTP sends it.

A route is the manual's literal; its parameters are quoted here, and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from ..archive.source import AlsoForm, Data
from ..errors import NotSupported
from ..versions.fit import Request

Query = Mapping[str, Any]
Subject = str | tuple[str, ...]  # the values of a route's parameters
_PARAMETER = re.compile(r"\{(?:id|name|checkpoint)\}")


@attrs.frozen
class Prepared:
    """A request, ready to be sent; `target` is `route` with its values, path and query."""

    route: str
    target: str
    headers: Mapping[str, str]
    data: Data | None = None

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def is_repeatable(self) -> bool:
        """Whether it can be sent again: its data may be readable only once."""
        return self.data is None or isinstance(self.data, bytes)


def prepared(
    fitted: Request,
    base: str,
    subject: Subject | None,
    data: Data | None,
    headers: Mapping[str, str],
) -> Prepared:
    """The HTTP request for a request that was fitted to a version.

    Args:
        base: the start of every path: the prefix of the URL, and the version.
        subject: the value of the route's parameter, or the values of several.
        data: the body, if it is not JSON.
        headers: those of every request.
    """
    path = fitted.route.partition(" ")[2]
    if subject is not None:
        safe = "/:@" if "{name}" in path else ""
        values = iter([subject] if isinstance(subject, str) else subject)
        path = _PARAMETER.sub(lambda _: quote(next(values), safe=safe), path)
    sent = {**headers, **fitted.headers}
    if fitted.body is not None:
        data = json.dumps(fitted.body).encode()
        # Exactly this text: some Engines compare the whole string (0.5.0 to 0.9.x).
        sent["Content-Type"] = "application/json"
    elif sent.get("Content-Type") == "multipart/form-data":
        sent["Content-Type"], data = _form(fitted.route, data)
    target = f"{base}{path}{_query_string(fitted.query)}"
    return Prepared(fitted.route, target, sent, data)


def _form(route: str, data: Data | None) -> tuple[str, Iterable[bytes]]:
    """A build context as a form, which Engines 0.3.4 to 0.4.4 take (API 1.1 and 1.2)."""
    if not isinstance(data, AlsoForm):
        raise NotSupported(
            f"{route} with an archive needs API 1.3; below, give a directory or the text of a "
            "Dockerfile",
            route=route,
            what="an archive",
            needs="1.3",
        )
    return data.form()


def _query_string(query: Query) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(name, _query_value(item)) for item in values]
    return f"?{urlencode(pairs)}" if pairs else ""


def _query_value(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return json.dumps(value)
    return str(value)
