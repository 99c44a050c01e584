"""What comes out of the recordings about secrets and configs, from 1.13 to 29.7."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from dockerapi import Client
from dockerapi.errors import (
    BadRequest,
    Conflict,
    InUse,
    NotAManager,
    NotFound,
    OutOfSequence,
    PluginNotFound,
    ServerError,
)
from dockerapi.models.secrets import Config, ConfigSpec, Secret, SecretSpec
from dockerapi.models.swarm import Driver
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, refused, rfc3339, said

# Sizes of which no body was recorded.
SIZES = {"500k": 512_000, "over_500k": 512_001, "1000k": 1_023_999, "over_1000k": 1_024_001}


# What was asked, in the arguments of the methods


def _is_secret(recording: Recording) -> bool:
    return recording.operation.startswith("secret_")


def _create(client: Client, recording: Recording) -> Any:
    _, _, size = recording.operation.partition("_create_")
    if size in SIZES:
        asked_for, data = {"Name": "rec-big"}, b"x" * SIZES[size]
    else:
        asked_for = recording.request_json
        data = base64.b64decode(asked_for["Data"]) if "Data" in asked_for else None
    driver, templating = (
        Driver.parse(asked_for[key]) if key in asked_for else None
        for key in ("Driver", "Templating")
    )
    name, labels = asked_for.get("Name", ""), asked_for.get("Labels")
    if _is_secret(recording):
        return client.create_secret(name, data, labels=labels, driver=driver, templating=templating)
    return client.create_config(name, data, labels=labels, templating=templating)


def _list(client: Client, recording: Recording) -> Any:
    found = dict(recording.query).get("filters")
    filters = None if found is None else json.loads(found)
    if _is_secret(recording):
        return list(map(_told, client.secrets(filters=filters)))
    return list(map(_told, client.configs(filters=filters)))


def _inspect(client: Client, recording: Recording) -> Any:
    if _is_secret(recording):
        return _told(client.inspect_secret(recording.id))
    return _told(client.inspect_config(recording.id))


def _update(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    before = {"Name": "x" if recording.id == "x" else "rec-one", "Labels": {"rec": "one"}}
    version = int(dict(recording.query)["version"])
    read = {"ID": recording.id, "Version": {"Index": version}, "Spec": before}
    if _is_secret(recording):
        return client.update_secret(Secret.parse(read), SecretSpec.parse(asked_for))
    if "Data" in asked_for:  # a config is read with it
        before["Data"] = "aHVzaA=="
    return client.update_config(Config.parse(read), ConfigSpec.parse(asked_for))


def _remove(client: Client, recording: Recording) -> Any:
    if _is_secret(recording):
        return client.remove_secret(recording.id)
    return client.remove_config(recording.id)


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""

    def ask(client: Client, recording: Recording) -> Any:
        subject = recording.id if "{id}" in route else None
        return asked(client, recording, route, subject, **query).status

    return ask


def _raw_update(client: Client, recording: Recording) -> Any:
    noun = "secrets" if _is_secret(recording) else "configs"
    version = dict(recording.query)["version"]
    route = f"POST /{noun}/{{id}}/update"
    return asked(client, recording, route, recording.id, version=version).status


# What comes out of it


def _told(value: Any) -> dict[str, Any]:
    templating, driver = value.spec.templating, getattr(value.spec, "driver", None)
    return {
        "id": value.id,
        "version": value.version,
        "created": str(value.created),
        "updated": str(value.updated),
        "name": value.spec.name,
        "labels": value.spec.labels,
        "data": getattr(value.spec, "data", None),
        "drivers": (templating and templating.name, driver and driver.name),
        "spec": value.spec.to_wire(),
    }


def _in(found: dict[str, Any]) -> dict[str, Any]:
    spec = found["Spec"]
    return {
        "id": found["ID"],
        "version": found["Version"]["Index"],
        "created": rfc3339(found["CreatedAt"]),
        "updated": rfc3339(found["UpdatedAt"]),
        "name": spec["Name"],
        "labels": spec.get("Labels"),
        "data": base64.b64decode(spec["Data"]) if "Data" in spec else None,
        "drivers": tuple((spec.get(key) or {}).get("Name") for key in ("Templating", "Driver")),
        "spec": spec,
    }


def _value(recording: Recording) -> Any:
    return _in(recording.json)


def _rows(recording: Recording) -> Any:
    return list(map(_in, recording.json))


def _id(recording: Recording) -> Any:
    return recording.json["ID"]


def _sent(recording: Recording) -> Any:
    """The body, without a field that nobody knows."""
    found = recording.request_json
    found.pop("NoSuchField", None)
    return found


def _no(route: str, error: type[Exception], engines: str = "*") -> By:
    """The Engine refuses, in its own words."""
    return {engines: lambda one: Raises(error, f"{route}: {one.status} {said(one)}")}


def _wrong(text: str, error: type[Exception] = ValueError) -> By:
    """Wrong whatever the Engine."""
    return {"*": Raises(error, text)}


NAME = "name: up to 64 letters, digits, and '-', '_' and '.' within were expected, not"
TO_20_10 = "1.13 19.03 20.10"
# The version that has them, the bytes that they have at most, their filters.
NOUNS = {
    "secret": ("1.25", "511,999", "id, label, name, names"),
    "config": ("1.30", "1,023,999", "id, label, name"),
}


def _replays(noun: str) -> dict[str, Replay]:
    """What is the same of secrets and configs."""
    version, most, filters = NOUNS[noun]
    listed, create = f"GET /{noun}s", f"POST /{noun}s/create"
    inspect, update = f"GET /{noun}s/{{id}}", f"POST /{noun}s/{{id}}/update"
    remove = f"DELETE /{noun}s/{{id}}"

    def by(route: str, by: By) -> By:
        return {f"<{version}": refused(route, version), **by}

    def no(route: str, error: type[Exception]) -> By:
        return by(route, _no(route, error))

    def bad(route: str) -> By:
        return by(route, {**_no(route, ServerError, "1.13"), **_no(route, BadRequest)})

    def size(found: str) -> By:
        return _wrong(f"data: 1 to {most} bytes were expected, not {found}")

    # 1.13 finds by id only, so a name is looked for in its list.
    on_1_13: dict[str, Any] = {"/secrets": []} if noun == "secret" else {}
    creates = {
        "503": no(create, NotAManager),
        "again": no(create, Conflict),
        "empty": size("0"),
        "no_data": _wrong("data: bytes were expected, not NoneType", TypeError),
        "no_name": _wrong(f"{NAME} ''"),
        "bad_name": _wrong(f"{NAME} 'rec bad/name'"),
        "long_name": _wrong(f"{NAME} {'r' * 65!r}"),
        "over_1000k": size("1,024,001"),
    }
    lists = {
        "503": no(listed, NotAManager),
        **dict.fromkeys(
            ("empty", "filter_id", "filter_name", "filter_label", "filter_label_key"),
            by(listed, {"*": _rows}),
        ),
        "filter_unknown": _wrong(f"filters: one of {filters} was expected, not 'nosuch'"),
    }
    updates = {
        "503": no(update, NotAManager),
        "404": no(update, NotFound),
        "conflict": no(update, OutOfSequence),
        "name": _wrong(f"spec: name: only labels can be changed; make a new {noun}"),
    }
    removes = {
        "503": no(remove, NotAManager),
        "404": no(remove, NotFound),
        "again": no(remove, NotFound),
        "in_use": no(remove, InUse),
    }
    value = by(inspect, {"*": _value})
    return {
        f"{noun}_create": Replay(_create, by(create, {"*": _id}), body=_sent),
        **{f"{noun}_create_{case}": Replay(_create, row) for case, row in creates.items()},
        f"{noun}_list": Replay(_list, by(listed, {"*": _rows})),
        **{f"{noun}_list_{case}": Replay(_list, row) for case, row in lists.items()},
        f"{noun}_inspect": Replay(_inspect, value, beside=on_1_13),
        f"{noun}_inspect_updated": Replay(_inspect, value, beside=on_1_13),
        f"{noun}_inspect_503": Replay(_inspect, no(inspect, NotAManager), beside=on_1_13),
        f"{noun}_inspect_404": Replay(_inspect, no(inspect, NotFound), beside=on_1_13),
        **{
            f"{noun}_inspect_{case}": Replay(
                _inspect,
                by(inspect, {**_no(inspect, NotFound, "1.13"), "*": _value}) if on_1_13 else value,
                beside=on_1_13,
            )
            for case in ("name", "prefix")
        },
        f"{noun}_update": Replay(_update, by(update, {"*": None}), body=_sent),
        **{f"{noun}_update_{case}": Replay(_update, row) for case, row in updates.items()},
        f"{noun}_remove": Replay(_remove, by(remove, {"*": None}), beside=on_1_13),
        **{
            f"{noun}_remove_{case}": Replay(_remove, row, beside=on_1_13)
            for case, row in removes.items()
        },
        # What no method asks.
        **{
            f"{noun}_create_{case}": Replay(
                _raw(create), bad(create) if noun == "secret" else no(create, BadRequest)
            )
            for case in ("bad_base64", "url_base64", "bad_json")
        },
        f"{noun}_create_no_type": Replay(
            _raw(create), by(create, {TO_20_10: 201, **_no(create, BadRequest)})
        ),
        f"{noun}_update_no_version": Replay(_raw(update), no(update, BadRequest)),
        f"{noun}_update_labels_only": Replay(_raw_update, no(update, BadRequest)),
    }


REPLAYS = {
    **_replays("secret"),
    **_replays("config"),
    **{
        f"secret_create_{case}": Replay(
            _create, _wrong(f"data: 1 to 511,999 bytes were expected, not {size:,}")
        )
        for case, size in SIZES.items()
    },
    **{
        f"config_create_{case}": Replay(
            _create,
            {
                "<1.30": refused("POST /configs/create", "1.30"),
                **_no("POST /configs/create", BadRequest, "19.03"),
                "*": _id,
            },
        )
        for case in ("500k", "over_500k", "1000k")
    },
    **{
        f"secret_create_{case}": Replay(
            _create,
            {
                "<1.25": refused("POST /secrets/create", "1.25"),
                "<1.37": refused("POST /secrets/create Templating", "1.37"),
                "*": _id,
            },
            body=_sent,
        )
        for case in ("templating", "templating_bad")
    },
    **{
        f"config_create_{case}": Replay(
            _create, {"<1.30": refused("POST /configs/create", "1.30"), "*": _id}, body=_sent
        )
        for case in ("templating", "templating_bad")
    },
    "secret_create_driver": Replay(
        _create,
        {
            "<1.25": refused("POST /secrets/create", "1.25"),
            "<1.31": refused("POST /secrets/create Driver", "1.31"),
            **_no("POST /secrets/create", PluginNotFound),
        },
        body=_sent,
    ),
    "secret_list_worker": Replay(
        _list, {"<1.25": refused("GET /secrets", "1.25"), **_no("GET /secrets", NotAManager)}
    ),
    "secret_list_filter_names": Replay(
        _list, {"<1.25": refused("GET /secrets", "1.25"), "*": _rows}
    ),
    "config_list_filter_names": Replay(
        _list, _wrong("filters: one of id, label, name was expected, not 'names'")
    ),
    "secret_update_data": Replay(
        _update,
        {
            "<1.25": refused("POST /secrets/{id}/update", "1.25"),
            **_no("POST /secrets/{id}/update", BadRequest),
        },
        body=_sent,
    ),
    "config_update_data": Replay(
        _update, _wrong("spec: data: only labels can be changed; make a new config")
    ),
}
