"""What a manual of the Engine lists: each parameter of a query and field of a body, as one line.

`GET /images/json ?shared-size`, `POST /containers/create HostConfig.Mounts.Target`. A `*` stands
for any key of a mapping; items of a list are named as the list. `tests/matrix/manual-1.55.txt` was
made of the newest one, in JSON: `python tests/manual.py < swagger.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any


def lines(manual: Any) -> list[str]:
    """Those of a swagger document."""
    return sorted(set(_lines(manual)))


def _lines(manual: Any) -> Iterator[str]:
    for path, methods in manual["paths"].items():
        for method, operation in methods.items():
            route = f"{method.upper()} {path}"
            yield route
            for one in operation.get("parameters", ()):
                if one["in"] == "query":
                    yield f"{route} ?{one['name']}"
                elif one["in"] == "body":
                    for field in _fields(manual, one["schema"], ()):
                        yield f"{route} {field}"


def _fields(manual: Any, schema: Any, seen: tuple[str, ...]) -> Iterator[str]:
    """The dotted names below a schema, but not of what it has in itself once more."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _fields(manual, manual["definitions"][name], (*seen, name))
        return
    for part in schema.get("allOf", ()):
        yield from _fields(manual, part, seen)
    if "items" in schema:
        yield from _fields(manual, schema["items"], seen)
    for name, field in schema.get("properties", {}).items():
        yield name
        yield from (f"{name}.{below}" for below in _fields(manual, field, seen))
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        yield from (f"*.{below}" for below in _fields(manual, more, seen))


if __name__ == "__main__":
    print("\n".join(lines(json.load(sys.stdin))))
