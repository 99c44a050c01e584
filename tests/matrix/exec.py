"""Exec: from API 1.15 on."""

from __future__ import annotations

from typing import Any

from dockerapi.models.exec import ExecCreated
from matrix.form import Case, OfRelease, before, needs, sends, since, upgrades

CREATE = "POST /containers/{id}/exec"
START = "POST /exec/{id}/start"
INSPECT = "GET /exec/{id}/json"
ENDS = 'GET /events?since=1&filters={"event": ["exec_die"]}'

BODY = {
    "AttachStdin": False,
    "AttachStdout": True,
    "AttachStderr": True,
    "Tty": False,
    "Cmd": ["ls", "-l"],
}
CREATED = ExecCreated(id="e1", tty=False)


def _created_with(keyword: str, value: Any, field: str, sent: Any, version: str) -> Case:
    """A field of the body that came after 1.15."""
    return Case(
        "exec_create",
        keyword,
        lambda client: client.exec_create("c1", "ls -l", **{keyword: value}),
        {
            **_at_1_15(before(version), needs(f"{CREATE} {field}", version)),
            since(version): sends("POST /containers/c1/exec", {**BODY, field: sent}),
        },
    )


def _at_1_15(words: str, outcome: Any) -> dict[str, Any]:
    """Below 1.15 the route is named, as it is the route that is missing."""
    return {"1.0 to 1.14": needs(CREATE, "1.15"), "1.15" + words.removeprefix("1.0"): outcome}


CASES = [
    Case(
        "exec_create",
        "plain",
        lambda client: client.exec_create("c1", "ls -l"),
        {
            before("1.15"): needs(CREATE, "1.15"),
            since("1.15"): sends("POST /containers/c1/exec", BODY),
        },
    ),
    Case(
        "exec_create",
        "streams",
        lambda client: client.exec_create("c1", ["ls", "-l"], stdin=True, stderr=False, tty=True),
        {
            before("1.15"): needs(CREATE, "1.15"),
            since("1.15"): sends(
                "POST /containers/c1/exec",
                {**BODY, "AttachStdin": True, "AttachStderr": False, "Tty": True},
            ),
        },
    ),
    _created_with("user", "u", "User", "u", "1.19"),
    _created_with("privileged", True, "Privileged", True, "1.21"),
    _created_with("detach_keys", "ctrl-a", "DetachKeys", "ctrl-a", "1.22"),
    _created_with("env", {"A": "b"}, "Env", ["A=b"], "1.25"),
    _created_with("working_dir", "/srv", "WorkingDir", "/srv", "1.35"),
    Case(
        "exec_create",
        "console_size",
        lambda client: client.exec_create("c1", "ls -l", tty=True, console_size=(24, 80)),
        {
            **_at_1_15(before("1.42"), needs(f"{CREATE} ConsoleSize", "1.42")),
            since("1.42"): sends(
                "POST /containers/c1/exec", {**BODY, "Tty": True, "ConsoleSize": [24, 80]}
            ),
        },
    ),
    Case(
        "exec_start",
        "console_size",
        lambda client: client.exec_start(ExecCreated(id="e2", tty=True), console_size=(24, 80)),
        {
            before("1.15"): needs(START, "1.15"),
            "1.15 to 1.41": needs(f"{START} ConsoleSize", "1.42"),
            since("1.42"): [
                "GET /exec/e2/json",
                upgrades(
                    "POST /exec/e2/start", {"Detach": False, "Tty": True, "ConsoleSize": [24, 80]}
                ),
            ],
        },
    ),
    Case(
        "exec_start",
        "plain",
        lambda client: client.exec_start(CREATED),
        {
            before("1.15"): needs(START, "1.15"),
            "1.15": upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
            since("1.16"): [
                "GET /exec/e1/json",
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
            ],
        },
    ),
    # Who has only the id must ask for the TTY, which 1.15 cannot be asked.
    Case(
        "exec_start",
        "id",
        lambda client: client.exec_start("e1"),
        {
            before("1.16"): needs(INSPECT, "1.16"),
            since("1.16"): [
                "GET /exec/e1/json",
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
            ],
        },
    ),
    Case(
        "exec_start",
        "id-tty",
        lambda client: client.exec_start("e1", tty=False),
        {
            before("1.15"): needs(START, "1.15"),
            "1.15": upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
            since("1.16"): [
                "GET /exec/e1/json",
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
            ],
        },
    ),
    Case(
        "exec_start_detached",
        "plain",
        lambda client: client.exec_start_detached(CREATED),
        {
            before("1.15"): needs(START, "1.15"),
            since("1.15"): sends("POST /exec/e1/start", {"Detach": True, "Tty": False}),
        },
    ),
    Case(
        "exec_resize",
        "plain",
        lambda client: client.exec_resize("e1", height=24, width=80),
        {
            before("1.15"): needs("POST /exec/{id}/resize", "1.15"),
            since("1.15"): "POST /exec/e1/resize?h=24&w=80",
        },
    ),
    Case(
        "exec_inspect",
        "plain",
        lambda client: client.exec_inspect("e1"),
        {before("1.16"): needs(INSPECT, "1.16"), since("1.16"): "GET /exec/e1/json"},
    ),
    # 1.15 runs commands, but tells no exit code.
    Case(
        "exec_run",
        "plain",
        lambda client: client.exec_run("c1", "ls -l"),
        {
            before("1.16"): needs(INSPECT, "1.16"),
            "1.16 to 1.35": [
                sends("POST /containers/c1/exec", BODY),
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
                "GET /exec/e1/json",
            ],
            since("1.36"): [
                sends("POST /containers/c1/exec", BODY),
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
                ENDS,
            ],
        },
    ),
    Case(
        "exec_run",
        "user",
        lambda client: client.exec_run("c1", "ls -l", user="u"),
        {
            before("1.16"): needs(INSPECT, "1.16"),
            "1.16 to 1.18": needs(f"{CREATE} User", "1.19"),
            "1.19 to 1.35": [
                sends("POST /containers/c1/exec", {**BODY, "User": "u"}),
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
                "GET /exec/e1/json",
            ],
            since("1.36"): [
                sends("POST /containers/c1/exec", {**BODY, "User": "u"}),
                upgrades("POST /exec/e1/start", {"Detach": False, "Tty": False}),
                ENDS,
            ],
        },
    ),
]

OF_RELEASES = [
    OfRelease(
        "exec_create",
        "20.10.24",
        "1.15 to 1.18",
        lambda client: client.exec_create("c1", "ls -l", user="u"),
        needs(f"{CREATE} User", "1.19"),
    ),
]
