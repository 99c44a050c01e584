"""Plugins: from API 1.25 on."""

from __future__ import annotations

from typing import Any

from dockerapi import PluginPrivilege
from matrix.form import (
    Case,
    OfRelease,
    Outcome,
    before,
    needs,
    sends,
    since,
    uploads,
)

HOST = {"Name": "network", "Value": ["host"]}
GRANTED = [PluginPrivilege(name="network", values=["host"])]
DISABLE = "POST /plugins/{name}/disable"


def _case(method: str, name: str, route: str, outcome: Outcome, call: Any) -> Case:
    return Case(method, name, call, {before("1.25"): needs(route, "1.25"), since("1.25"): outcome})


def _filtered(name: str, value: str) -> Case:
    return Case(
        "plugins",
        f"filters-{name}",
        lambda client: client.plugins(filters={name: value}),
        {
            before("1.25"): needs("GET /plugins", "1.25"),
            "1.25 to 1.27": needs(f"GET /plugins ?filters.{name}", "1.28"),
            since("1.28"): f'GET /plugins?filters={{"{name}": ["{value}"]}}',
        },
    )


CASES = [
    _case("plugins", "plain", "GET /plugins", "GET /plugins", lambda client: client.plugins()),
    _filtered("enabled", "true"),
    _filtered("capability", "volumedriver"),
    _case(
        "inspect_plugin",
        "plain",
        "GET /plugins/{name}/json",
        "GET /plugins/p1/json",
        lambda client: client.inspect_plugin("p1"),
    ),
    _case(
        "plugin_privileges",
        "plain",
        "GET /plugins/privileges",
        "GET /plugins/privileges?remote=p1",
        lambda client: client.plugin_privileges("p1"),
    ),
    _case(
        "install_plugin",
        "plain",
        "POST /plugins/pull",
        [
            "GET /plugins/privileges?remote=p1",
            sends("POST /plugins/pull?remote=p1", []),
            "GET /plugins/p1/json",
        ],
        lambda client: client.install_plugin("p1"),
    ),
    _case(
        "install_plugin",
        "arguments",
        "POST /plugins/pull",
        [sends("POST /plugins/pull?remote=p2&name=p1", [HOST]), "GET /plugins/p1/json"],
        lambda client: client.install_plugin("p2", name="p1", privileges=GRANTED),
    ),
    Case(
        "upgrade_plugin",
        "plain",
        lambda client: client.upgrade_plugin("p1", privileges=GRANTED),
        {
            before("1.26"): needs("POST /plugins/{name}/upgrade", "1.26"),
            since("1.26"): [
                "GET /plugins/p1/json",
                sends("POST /plugins/p1/upgrade?remote=p1", [HOST]),
                "GET /plugins/p1/json",
            ],
        },
    ),
    _case(
        "create_plugin",
        "plain",
        "POST /plugins/create",
        uploads("POST /plugins/create?name=p1"),
        lambda client: client.create_plugin("p1", b"tar"),
    ),
    _case(
        "push_plugin",
        "plain",
        "POST /plugins/{name}/push",
        ["GET /plugins/p1/json", "POST /plugins/p1/push"],
        lambda client: client.push_plugin("p1"),
    ),
    _case(
        "enable_plugin",
        "plain",
        "POST /plugins/{name}/enable",
        "POST /plugins/p1/enable?timeout=0",
        lambda client: client.enable_plugin("p1"),
    ),
    _case(
        "enable_plugin",
        "timeout",
        "POST /plugins/{name}/enable",
        "POST /plugins/p1/enable?timeout=5",
        lambda client: client.enable_plugin("p1", timeout=5),
    ),
    _case(
        "disable_plugin",
        "plain",
        DISABLE,
        "POST /plugins/p1/disable",
        lambda client: client.disable_plugin("p1"),
    ),
    Case(
        "disable_plugin",
        "force",
        lambda client: client.disable_plugin("p1", force=True),
        {
            before("1.25"): needs(DISABLE, "1.25"),
            "1.25 to 1.27": needs(f"{DISABLE} ?force", "1.28"),
            since("1.28"): "POST /plugins/p1/disable?force=1",
        },
    ),
    _case(
        "set_plugin",
        "plain",
        "POST /plugins/{name}/set",
        sends("POST /plugins/p1/set", ["A=1"]),
        lambda client: client.set_plugin("p1", {"A": 1}),
    ),
    _case(
        "remove_plugin",
        "plain",
        "DELETE /plugins/{name}",
        "DELETE /plugins/p1",
        lambda client: client.remove_plugin("p1"),
    ),
    _case(
        "remove_plugin",
        "force",
        "DELETE /plugins/{name}",
        "DELETE /plugins/p1?force=1",
        lambda client: client.remove_plugin("p1", force=True),
    ),
]

OF_RELEASES: list[OfRelease] = []
