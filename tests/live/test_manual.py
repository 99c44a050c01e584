"""Every operation of the manual v1.19 is shown on a real Engine by some test."""

from __future__ import annotations

import ast
from pathlib import Path

# The manual's table of contents. What is marked `operation(...)` sends it: see `operations` in
# conftest.py.
MANUAL = """
GET /containers/json
POST /containers/create
GET /containers/{id}/json
GET /containers/{id}/top
GET /containers/{id}/logs
GET /containers/{id}/changes
GET /containers/{id}/export
GET /containers/{id}/stats
POST /containers/{id}/resize
POST /containers/{id}/start
POST /containers/{id}/stop
POST /containers/{id}/restart
POST /containers/{id}/kill
POST /containers/{id}/rename
POST /containers/{id}/pause
POST /containers/{id}/unpause
POST /containers/{id}/attach
GET /containers/{id}/attach/ws
POST /containers/{id}/wait
DELETE /containers/{id}
POST /containers/{id}/copy
GET /images/json
POST /build
POST /images/create
GET /images/{name}/json
GET /images/{name}/history
POST /images/{name}/push
POST /images/{name}/tag
DELETE /images/{name}
GET /images/search
POST /auth
GET /info
GET /version
GET /_ping
POST /commit
GET /events
GET /images/{name}/get
GET /images/get
POST /images/load
POST /containers/{id}/exec
POST /exec/{id}/start
POST /exec/{id}/resize
GET /exec/{id}/json
"""


def shown() -> set[str]:
    """The arguments of every `@operation(...)` in the tests beside this one."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "operation":
                found |= {ast.literal_eval(argument) for argument in node.args}
    return found


def test_every_operation_of_the_manual_is_shown() -> None:
    assert shown() == set(MANUAL.strip().splitlines())
