"""Secrets, from API 1.25 on, and configs, from 1.30 on."""

from __future__ import annotations

from typing import Any

import attrs

from dockerapi import Client, Driver
from dockerapi.models.secrets import Config, Secret
from matrix.form import Case, OfRelease, before, needs, sends, since

LISTED = "GET /secrets"
INSPECT = "GET /secrets/{id}"
CREATE = "POST /secrets/create"
UPDATE = "POST /secrets/{id}/update"
REMOVE = "DELETE /secrets/{id}"
CONFIGS = "GET /configs"
CONFIG = "GET /configs/{id}"
CREATE_CONFIG = "POST /configs/create"
UPDATE_CONFIG = "POST /configs/{id}/update"
REMOVE_CONFIG = "DELETE /configs/{id}"

SPEC = {"Name": "n1", "New": 1}
SECRET = Secret.parse({"ID": "s1", "Version": {"Index": 7}, "Spec": SPEC})
OF_CONFIG = Config.parse({"ID": "k1", "Version": {"Index": 7}, "Spec": {**SPEC, "Data": "eA=="}})
LABELS = {"Labels": {"a": "1"}}
BY_NAME = 'GET /secrets?filters={"names": ["s1"]}'


def _relabelled(spec: Any) -> Any:
    return attrs.evolve(spec, labels={"a": "1"})


def _same(spec: Any) -> Any:
    return spec


CASES = [
    Case(
        "secrets",
        "plain",
        lambda client: client.secrets(),
        {before("1.25"): needs(LISTED, "1.25"), since("1.25"): LISTED},
    ),
    Case(
        "secrets",
        "filters",
        lambda client: client.secrets(filters={"names": "s1"}),
        {before("1.25"): needs(LISTED, "1.25"), since("1.25"): BY_NAME},
    ),
    Case(
        "inspect_secret",
        "plain",
        lambda client: client.inspect_secret("s1"),
        {
            before("1.25"): needs(LISTED, "1.25"),
            "1.25 to 1.27": [BY_NAME, "GET /secrets/s1"],
            since("1.28"): "GET /secrets/s1",
        },
    ),
    Case(
        "create_secret",
        "plain",
        lambda client: client.create_secret("s1", b"x"),
        {
            before("1.25"): needs(CREATE, "1.25"),
            since("1.25"): sends(CREATE, {"Name": "s1", "Data": "eA=="}),
        },
    ),
    Case(
        "create_secret",
        "driver",
        lambda client: client.create_secret("s1", driver=Driver(name="d")),
        {
            before("1.25"): needs(CREATE, "1.25"),
            "1.25 to 1.30": needs(f"{CREATE} Driver", "1.31"),
            since("1.31"): sends(CREATE, {"Name": "s1", "Driver": {"Name": "d"}}),
        },
    ),
    Case(
        "create_secret",
        "templating",
        lambda client: client.create_secret("s1", b"x", templating=Driver(name="golang")),
        {
            before("1.25"): needs(CREATE, "1.25"),
            "1.25 to 1.36": needs(f"{CREATE} Templating", "1.37"),
            since("1.37"): sends(
                CREATE, {"Name": "s1", "Templating": {"Name": "golang"}, "Data": "eA=="}
            ),
        },
    ),
    Case(
        "update_secret",
        "plain",
        lambda client: client.update_secret(SECRET, _relabelled(SECRET.spec)),
        {
            before("1.25"): needs(UPDATE, "1.25"),
            since("1.25"): sends("POST /secrets/s1/update?version=7", {**SPEC, **LABELS}),
        },
    ),
    Case(
        "change_secret",
        "plain",
        lambda client: client.change_secret(SECRET, _relabelled),
        {
            before("1.25"): needs(INSPECT, "1.25"),
            "1.25 to 1.27": [
                "GET /secrets/s1",
                sends("POST /secrets/s1/update?version=3", {"Name": "n1", **LABELS}),
                BY_NAME,
                "GET /secrets/s1",
            ],
            since("1.28"): [
                "GET /secrets/s1",
                sends("POST /secrets/s1/update?version=3", {"Name": "n1", **LABELS}),
                "GET /secrets/s1",
            ],
        },
    ),
    Case(
        "remove_secret",
        "plain",
        lambda client: client.remove_secret(SECRET),
        {before("1.25"): needs(REMOVE, "1.25"), since("1.25"): "DELETE /secrets/s1"},
    ),
    Case(
        "configs",
        "plain",
        lambda client: client.configs(),
        {before("1.30"): needs(CONFIGS, "1.30"), since("1.30"): CONFIGS},
    ),
    Case(
        "configs",
        "filters",
        lambda client: client.configs(filters={"name": "k"}),
        {
            before("1.30"): needs(CONFIGS, "1.30"),
            since("1.30"): 'GET /configs?filters={"name": ["k"]}',
        },
    ),
    Case(
        "inspect_config",
        "plain",
        lambda client: client.inspect_config("k1"),
        {before("1.30"): needs(CONFIG, "1.30"), since("1.30"): "GET /configs/k1"},
    ),
    Case(
        "create_config",
        "plain",
        lambda client: client.create_config("k1", b"x"),
        {
            before("1.30"): needs(CREATE_CONFIG, "1.30"),
            since("1.30"): sends(CREATE_CONFIG, {"Name": "k1", "Data": "eA=="}),
        },
    ),
    Case(
        "create_config",
        "templating",
        lambda client: client.create_config("k1", b"x", templating=Driver(name="golang")),
        {
            before("1.30"): needs(CREATE_CONFIG, "1.30"),
            "1.30 to 1.36": needs(f"{CREATE_CONFIG} Templating", "1.37"),
            since("1.37"): sends(
                CREATE_CONFIG, {"Name": "k1", "Templating": {"Name": "golang"}, "Data": "eA=="}
            ),
        },
    ),
    Case(
        "update_config",
        "plain",
        lambda client: client.update_config(OF_CONFIG, _relabelled(OF_CONFIG.spec)),
        {
            before("1.30"): needs(UPDATE_CONFIG, "1.30"),
            since("1.30"): sends(
                "POST /configs/k1/update?version=7", {**SPEC, "Data": "eA==", **LABELS}
            ),
        },
    ),
    Case(
        "change_config",
        "plain",
        lambda client: client.change_config("k1", _same),
        {before("1.30"): needs(CONFIG, "1.30"), since("1.30"): "GET /configs/k1"},
    ),
    Case(
        "remove_config",
        "plain",
        lambda client: client.remove_config("k1"),
        {before("1.30"): needs(REMOVE_CONFIG, "1.30"), since("1.30"): "DELETE /configs/k1"},
    ),
]


def _inspected(client: Client) -> None:
    client.inspect_secret("s1")


OF_RELEASES = [
    OfRelease("inspect_secret", "20.10.24", "1.25", _inspected, "GET /secrets/s1"),
]
