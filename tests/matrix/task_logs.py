"""The logs of services and tasks: from API 1.29 on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerapi import Client
from matrix.form import Case, OfRelease, before, needs, since

CALLS: dict[str, Callable[[Client], Any]] = {
    "service_logs": lambda client: client.service_logs("s1"),
    "service_log_lines": lambda client: client.service_log_lines("s1"),
    "task_logs": lambda client: client.task_logs("t1"),
    "task_log_lines": lambda client: client.task_log_lines("t1"),
}
WITH_MORE: dict[str, Callable[[Client], Any]] = {
    "service_logs": lambda client: client.service_logs("s1", follow=True, tail=1, since=2),
    "service_log_lines": lambda client: client.service_log_lines(
        "s1", follow=True, tail=1, since=2
    ),
    "task_logs": lambda client: client.task_logs("t1", follow=True, tail=1, since=2),
    "task_log_lines": lambda client: client.task_log_lines("t1", follow=True, tail=1, since=2),
}


def _asked(method: str, query: str) -> list[str]:
    one = "/services/s1" if "service" in method else "/tasks/t1"
    more = "&timestamps=1&details=1" if "lines" in method else ""
    return [f"GET {one}", f"GET {one}/logs?stdout=1&stderr=1{query}{more}"]


CASES = [
    Case(
        method,
        name,
        call,
        {
            before("1.29"): needs(
                "GET /services/{id}/logs" if "service" in method else "GET /tasks/{id}/logs",
                "1.29",
            ),
            since("1.29"): [*_asked(method, query)],
        },
    )
    for name, calls, query in (
        ("plain", CALLS, ""),
        ("every-argument", WITH_MORE, "&follow=1&tail=1&since=2"),
    )
    for method, call in calls.items()
]

OF_RELEASES: list[OfRelease] = []
