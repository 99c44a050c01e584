"""What comes out of the recordings about volumes, from 1.9 to 29.7.

What a call gives is told by the JSON that was received, read here in another way; the classes of
errors, and what is refused before it is asked, are written down for each Engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerapi import Client, ClusterVolumeSpec
from dockerapi.errors import (
    BadRequest,
    Conflict,
    InUse,
    NotAManager,
    NotSupported,
    OutOfSequence,
    PluginNotFound,
    ServerError,
    VolumeNotFound,
)
from dockerapi.models.volumes import Volume
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, refused, rfc3339, said, told_by_model

LIST = "GET /volumes"
INSPECT = "GET /volumes/{name}"
CREATE = "POST /volumes/create"
UPDATE = "PUT /volumes/{name}"
REMOVE = "DELETE /volumes/{name}"

OLD = "1.9 1.13"
NO_CLUSTER = "1.9 1.13 19.03 20.10"


# What was asked, in the arguments of the methods


def _named(recording: Recording) -> str:
    return recording.path.split("/")[3]


def _created(client: Client, recording: Recording) -> Any:
    renamed = {"Name": "name", "Driver": "driver", "DriverOpts": "options", "Labels": "labels"}
    body = dict(recording.request_json)
    cluster = body.pop("ClusterVolumeSpec", None)
    given = {renamed[key]: value for key, value in body.items()}
    if cluster is not None:
        capacity = cluster.get("CapacityRange", {})
        given["cluster"] = ClusterVolumeSpec(
            group=cluster["Group"],
            scope=cluster["AccessMode"]["Scope"],
            sharing=cluster["AccessMode"]["Sharing"],
            block=True,
            required_bytes=capacity.get("RequiredBytes"),
            limit_bytes=capacity.get("LimitBytes"),
            secrets={},
            availability=cluster.get("Availability"),
        )
    return told_by_model(client.create_volume(**given))


def _inspected(client: Client, recording: Recording) -> Any:
    return told_by_model(client.inspect_volume(_named(recording)))


def _listed(client: Client, recording: Recording) -> Any:
    found = dict(recording.query).get("filters")
    filters = None if found is None else json.loads(found)
    return list(map(told_by_model, client.volumes(filters=filters)))


def _updated(client: Client, recording: Recording) -> Any:
    version = dict(recording.query).get("version")
    cluster = {
        "ID": _named(recording),
        "Version": None if version is None else {"Index": int(version)},
        "Spec": {"Group": "g"},
    }
    volume = Volume.parse({"Name": "rec-cluster", "ClusterVolume": cluster})
    return client.update_volume(volume, availability="drain")


def _removed(client: Client, recording: Recording) -> Any:
    return client.remove_volume(_named(recording), force="force" in dict(recording.query))


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""
    return lambda client, recording: asked(client, recording, route, None, **query).status


# What comes out of it


def told_by_json(json: dict[str, Any]) -> dict[str, Any]:
    """All that a volume says, from what was received."""
    cluster, usage = json.get("ClusterVolume"), json.get("UsageData")
    return {
        "name": json["Name"],
        "driver": json["Driver"],
        "mountpoint": json["Mountpoint"] or None,
        "created": rfc3339(json.get("CreatedAt")),
        "labels": json.get("Labels") or {},
        "options": json.get("Options") or {},
        "scope": json.get("Scope") or None,
        "status": None,
        "usage": usage and {"size": usage["Size"], "reference_count": usage["RefCount"]},
        "cluster": cluster and _cluster(cluster),
    }


def _cluster(json: dict[str, Any]) -> dict[str, Any]:
    spec = json["Spec"]
    return {
        "id": json["ID"],
        "version": json["Version"]["Index"],
        "created": rfc3339(json["CreatedAt"]),
        "updated": rfc3339(json["UpdatedAt"]),
        "spec": {
            "received": spec,
            "group": spec["Group"],
            "scope": spec["AccessMode"]["Scope"],
            "sharing": spec["AccessMode"]["Sharing"],
            "mount": None,
            "block": True,
            "secrets": None,
            "requisite": None,
            "preferred": None,
            "required_bytes": spec["CapacityRange"]["RequiredBytes"],
            "limit_bytes": spec["CapacityRange"]["LimitBytes"],
            "availability": spec["Availability"],
        },
        "info": None,
        "publish_status": [],
    }


def _volume(recording: Recording) -> Any:
    return told_by_json(recording.json)


def _rows(recording: Recording) -> Any:
    return list(map(told_by_json, recording.json["Volumes"] or ()))


def _no(route: str, error: type[Exception], engines: str = "*") -> By:
    """The Engine's refusal, with its own words."""
    return {engines: lambda one: Raises(error, f"{route}: {one.status} {said(one)}")}


def _other(what: str, found: Any, wanted: Any) -> By:
    """What is refused here, since the old volume is given."""
    words = f"volume rec-plain has {what} {found!r}, and not {wanted!r}"
    return {"*": Raises(Conflict, f"{CREATE}: 409 {words}")}


def _release(what: str, needs: str, exact: str) -> Raises:
    return Raises(NotSupported, f"{what} needs Engine {needs}; this one is {exact}")


VOLUME: By = {"*": _volume}
NOTHING: By = {"*": None}
NO_OPTIONS = {"1.9": _release(f"{CREATE} with options of the driver local", "1.11.0", "1.9.1")}
NO_LABELS = {"<1.23": refused(f"{CREATE} Labels", "1.23")}
NO_SPEC = {"<1.42": refused(f"{CREATE} ClusterVolumeSpec", "1.42")}
RULES = (
    "name: that of a volume has two or more letters, digits, '_', '.' and '-', and begins with a "
    "letter or digit, not "
)
CREATES: dict[str, By] = {
    "volume_create": VOLUME,
    "volume_create_anonymous": VOLUME,
    "volume_create_tmpfs": {**NO_OPTIONS, **VOLUME},
    "volume_create_bind": {**NO_OPTIONS, **VOLUME},
    "volume_create_bind_missing": {**NO_OPTIONS, **VOLUME},
    "volume_create_labels": {**NO_LABELS, **VOLUME},
    "volume_create_again": VOLUME,
    "volume_create_again_labels": {**NO_LABELS, **_other("labels", {}, {"other": "1"})},
    "volume_create_again_opts": {
        **NO_OPTIONS,
        **_other("options", {}, {"type": "tmpfs", "device": "tmpfs"}),
    },
    "volume_create_again_driver": {
        **_no(CREATE, Conflict, "1.9"),
        **_no(CREATE, PluginNotFound),
    },
    "volume_create_bad_option": {
        **NO_OPTIONS,
        **_no(CREATE, ServerError, "1.13"),
        **_no(CREATE, BadRequest),
    },
    "volume_create_missing_option": {**NO_OPTIONS, "1.13": _volume, **_no(CREATE, BadRequest)},
    "volume_create_bad_driver": _no(CREATE, PluginNotFound),
    "volume_create_bad_name": {"*": Raises(ValueError, f"{RULES}'rec/bad'")},
    "volume_create_one_letter": {"*": Raises(ValueError, f"{RULES}'r'")},
    "volume_create_cluster_503": {**NO_SPEC, **_no(CREATE, NotAManager)},
    "volume_create_cluster_nosuch": {**NO_SPEC, **VOLUME},
}

INSPECTS: dict[str, By] = {
    "volume_inspect": VOLUME,
    "volume_inspect_tmpfs": VOLUME,
    "volume_inspect_mounted": VOLUME,
    "volume_inspect_404": _no(INSPECT, VolumeNotFound),
    "volume_inspect_cluster": {**_no(INSPECT, VolumeNotFound, NO_CLUSTER), **VOLUME},
}

ROWS: By = {"*": _rows}
BY_NAME, BY_DRIVER, BY_LABEL = (
    {f"<{version}": refused(f"{LIST} ?filters.{name}", version), **ROWS}
    for name, version in (("name", "1.24"), ("driver", "1.24"), ("label", "1.25"))
)
NOT_ALL = {
    "1.9": _release(f"{LIST} ?filters.dangling with another value than true", "1.10.0", "1.9.1")
}


def _unknown(name: str) -> By:
    known = "dangling, driver, label, name"
    return {"*": Raises(ValueError, f"filters: one of {known} was expected, not {name!r}")}


LISTS: dict[str, By] = {
    "volume_list": ROWS,
    "volume_list_empty": ROWS,
    "volume_list_pruned": ROWS,
    "volume_list_pruned_all": ROWS,
    "volume_list_rest": ROWS,
    "volume_list_cluster": ROWS,
    "volume_list_filter_dangling": ROWS,
    "volume_list_filter_not_dangling": {**NOT_ALL, **ROWS},
    "volume_list_filter_bad_dangling": {
        **NOT_ALL,
        **_no(LIST, ServerError, "1.13"),
        **_no(LIST, BadRequest),
    },
    "volume_list_filter_two_dangling": {
        "*": Raises(ValueError, "filters: dangling: one value was expected, not ['true', 'false']")
    },
    "volume_list_filter_name": BY_NAME,
    "volume_list_filter_driver": BY_DRIVER,
    "volume_list_filter_driver_nosuch": BY_DRIVER,
    "volume_list_filter_label": BY_LABEL,
    "volume_list_filter_label_key": BY_LABEL,
    "volume_list_filter_label_two": BY_LABEL,
    "volume_list_filter_label_not": _unknown("label!"),
    "volume_list_filter_unknown": _unknown("nosuch"),
    "volume_list_filter_scope": _unknown("scope"),
}

NO_UPDATE = {"<1.42": refused(UPDATE, "1.42")}
UPDATES: dict[str, By] = {
    "volume_update": {**NO_UPDATE, **NOTHING},
    "volume_update_503": {**NO_UPDATE, **_no(UPDATE, ServerError)},
    "volume_update_by_name": {**NO_UPDATE, **_no(UPDATE, VolumeNotFound)},
    "volume_update_404": {**NO_UPDATE, **_no(UPDATE, VolumeNotFound)},
    "volume_update_conflict": {**NO_UPDATE, **_no(UPDATE, OutOfSequence)},
    "volume_update_no_version": {**NO_UPDATE, **_no(UPDATE, BadRequest)},
}

FORCE = {
    "<1.25": refused(f"{REMOVE} ?force", "1.25"),
    "1.13": _release(f"{REMOVE} ?force", "17.3.1", "1.13.1"),
}
REMOVES: dict[str, By] = {
    "volume_remove": NOTHING,
    "volume_remove_404": _no(REMOVE, VolumeNotFound),
    "volume_remove_404_force": {**FORCE, **NOTHING},
    "volume_remove_in_use": _no(REMOVE, InUse),
    "volume_remove_in_use_force": {**FORCE, **_no(REMOVE, InUse)},
    "volume_remove_in_use_by_task": _no(REMOVE, InUse),
    "volume_remove_cluster": {**_no(REMOVE, VolumeNotFound, NO_CLUSTER), **NOTHING},
    "volume_remove_cluster_force": {**FORCE, **NOTHING},
}

REPLAYS = {
    **{name: Replay(_created, by) for name, by in CREATES.items()},
    **{name: Replay(_inspected, by) for name, by in INSPECTS.items()},
    **{name: Replay(_listed, by) for name, by in LISTS.items()},
    **{name: Replay(_updated, by) for name, by in UPDATES.items()},
    **{name: Replay(_removed, by) for name, by in REMOVES.items()},
    "volume_remove_force": Replay(_removed, {**FORCE, **NOTHING}, differs={"*": "`1` is `true`"}),
    # What no method asks.
    "volume_create_unknown_field": Replay(_raw(CREATE), {"*": 201}),
    **{
        name: Replay(_raw(CREATE), {**_no(CREATE, ServerError, OLD), **_no(CREATE, BadRequest)})
        for name in ("volume_create_bad_json", "volume_create_no_type")
    },
    **{
        name: Replay(
            _raw(CREATE),
            {
                **_no(CREATE, ServerError, OLD),
                **_no(CREATE, BadRequest, "19.03 20.10"),
                "*": 201,
            },
        )
        for name in ("volume_create_empty", "volume_create_nothing")
    },
    "volume_list_filter_bad_json": Replay(
        _raw(LIST, filters="nojson"), {**_no(LIST, ServerError, OLD), **_no(LIST, BadRequest)}
    ),
}
