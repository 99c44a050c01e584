"""What comes out of the recordings about plugins, from 1.13 to 29.7."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerapi import Client, Credentials, PluginPrivilege
from dockerapi.errors import (
    BadRequest,
    Conflict,
    PluginNotFound,
    PrivilegesNeeded,
    PullFailed,
    ServerError,
    TimedOut,
)
from dockerapi.models.images import Pushed
from replay.recording import Recording
from replay.table import By, Raises, Replay, known, refused

LIST = "GET /plugins"
INSPECT = "GET /plugins/{name}/json"
PRIVILEGES = "GET /plugins/privileges"
PULL = "POST /plugins/pull"
CREATE = "POST /plugins/create"
ENABLE = "POST /plugins/{name}/enable"
DISABLE = "POST /plugins/{name}/disable"
SET = "POST /plugins/{name}/set"
PUSH = "POST /plugins/{name}/push"
UPGRADE = "POST /plugins/{name}/upgrade"
REMOVE = "DELETE /plugins/{name}"

TO_26_1 = "20.10 26.1"
NOBODY = Credentials()
RENAMED = {"Id": "0a", "Name": "rec/renamed:latest"}
PLUGIN = {"Id": "0a", "Name": "127.0.0.1:5000/rec/plugin:latest"}
MISSING = {"Id": "0a", "Name": "rec-nosuch"}


# What was asked, in the arguments of the methods


def _named(recording: Recording, action: str = "") -> str:
    return recording.path.split("/", 3)[3].removesuffix(f"/{action}" if action else "")


def _listed(client: Client, recording: Recording) -> Any:
    found = dict(recording.query).get("filters")
    return [known(row) for row in client.plugins(filters=json.loads(found) if found else None)]


def _inspected(client: Client, recording: Recording) -> Any:
    return known(client.inspect_plugin(_named(recording, "json")))


def _privileges(client: Client, recording: Recording) -> Any:
    found = client.plugin_privileges(dict(recording.query).get("remote", ""), auth=NOBODY)
    return [(one.name, one.description, one.values) for one in found]


def _granted(recording: Recording) -> list[PluginPrivilege]:
    given = json.loads(recording.request_body or b"[]")
    return [PluginPrivilege.parse(one) for one in given] if isinstance(given, list) else []


def _pulled(client: Client, recording: Recording) -> Any:
    query = dict(recording.query)
    return client.install_plugin(
        query["remote"], name=query.get("name"), privileges=_granted(recording), auth=NOBODY
    ).name


def _upgraded(client: Client, recording: Recording) -> Any:
    return client.upgrade_plugin(
        _named(recording, "upgrade"),
        remote=dict(recording.query)["remote"],
        privileges=_granted(recording),
        auth=NOBODY,
    ).name


def _created(client: Client, recording: Recording) -> Any:
    return client.create_plugin(dict(recording.query)["name"], recording.request_body)


def _enabled(client: Client, recording: Recording) -> Any:
    timeout: Any = dict(recording.query).get("timeout", "0")
    return client.enable_plugin(
        _named(recording, "enable"), timeout=int(timeout) if timeout.isdigit() else timeout
    )


def _disabled(client: Client, recording: Recording) -> Any:
    force = "force" in dict(recording.query)
    return client.disable_plugin(_named(recording, "disable"), force=force)


def _set(client: Client, recording: Recording) -> Any:
    settings = dict((f"{item}=").split("=")[:2] for item in recording.request_json)
    return client.set_plugin(_named(recording, "set"), settings)


def _pushed(client: Client, recording: Recording) -> Any:
    return client.push_plugin(_named(recording, "push"), auth=NOBODY)


def _removed(client: Client, recording: Recording) -> Any:
    return client.remove_plugin(_named(recording), force="force" in dict(recording.query))


# What comes out of it


def _told(json: dict[str, Any]) -> dict[str, Any]:
    """All that was received of a plugin, by the names of the fields."""
    config, settings = json["Config"], json["Settings"]
    found = {
        "id": json["Id"],
        "name": json["Name"],
        "enabled": json["Enabled"],
        "reference": json["PluginReference"],
        "settings.env": tuple(settings["Env"]),
        "settings.args": tuple(settings["Args"]),
        "config.description": config["Description"],
        "config.documentation": config["Documentation"],
        "config.docker_version": config.get("DockerVersion"),
        "config.interface_types": tuple(config["Interface"]["Types"]),
        "config.socket": config["Interface"]["Socket"],
        "config.entrypoint": tuple(config["Entrypoint"]),
        "config.network": config["Network"]["Type"],
        "config.capabilities": tuple(config["Linux"]["Capabilities"]),
        "config.allow_all_devices": config["Linux"]["AllowAllDevices"],
        "config.propagated_mount": config["PropagatedMount"],
        "config.ipc_host": config.get("IpcHost"),
        "config.pid_host": config.get("PidHost"),
        **_described("config.args", config["Args"]),
        "config.layers": tuple(config["rootfs"]["diff_ids"]),
    }
    for number, one in enumerate(config["Env"]):
        found |= _described(f"config.env.{number}", one)
    for place, devices, mounts in (
        ("settings", settings["Devices"], settings["Mounts"]),
        ("config", config["Linux"]["Devices"], config["Mounts"]),
    ):
        for number, one in enumerate(devices):
            found |= _described(f"{place}.devices.{number}", one)
        for number, one in enumerate(mounts):
            found |= _described(f"{place}.mounts.{number}", one)
    return {path: value for path, value in found.items() if value not in (None, (), "")}


def _described(path: str, json: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{path}.{key.lower()}": tuple(value) if isinstance(value, list) else value
        for key, value in json.items()
    }


def _plugin(recording: Recording) -> Any:
    return _told(recording.json)


def _rows(recording: Recording) -> Any:
    return [_told(row) for row in recording.json]


def _asked_for(recording: Recording) -> Any:
    return [(one["Name"], one["Description"], tuple(one["Value"])) for one in recording.json]


def _digest(recording: Recording) -> Any:
    told = json.loads(recording.body.splitlines()[-1])["aux"]
    return Pushed(told["Tag"], told["Digest"], told["Size"])


def _no(error: type[Exception], route: str, hint: str = "") -> Callable[[Recording], Any]:
    """The Engine's refusal, with its own words."""

    def of(recording: Recording) -> Raises:
        words = json.loads(recording.body)["message"].strip()
        return Raises(error, f"{route}: {recording.status} {words}{hint}")

    return of


def _inside(error: type[Exception], route: str, status: str = "") -> Callable[[Recording], Any]:
    """What was reported inside the stream."""

    def of(recording: Recording) -> Raises:
        words = json.loads(recording.body.splitlines()[-1])["error"]
        return Raises(error, f"{route}: {status}{words}")

    return of


def _by(route: str, by: By, version: str = "1.25") -> By:
    """It is refused before it is asked, under the versions below one."""
    return {f"<{version}": refused(route, version), **by}


def _wrong(argument: str, value: str) -> By:
    """Wrong whatever the Engine."""
    words = f"{argument}: not the name of any plugin: {value!r}"
    return {"*": Raises(ValueError, words)}


FIRST = " (disable it first)"
NOTHING: By = {"*": None}
GONE: By = {"1.13": None}
ALWAYS_SENT: By = {"*": "the Engine wants a timeout"}
NEEDED = Raises(
    PrivilegesNeeded,
    f"{PULL}: 127.0.0.1:5000/rec/plugin:latest needs privileges: network host; nothing was "
    "installed",
)
WANTED = [{"Name": "network", "Description": "x", "Value": ["host"]}]


def _filtered(name: str, by: By) -> Replay:
    return Replay(
        _listed,
        {
            "<1.25": refused(LIST, "1.25"),
            "<1.28": refused(f"{LIST} ?filters.{name}", "1.28"),
            **by,
        },
    )


def _gone_on_1_13(route: str, otherwise: By, hint: str = "") -> By:
    """Its enabling failed there, and its removal took it away."""
    return _by(route, {"1.13": _no(PluginNotFound, route), **otherwise})


REPLAYS = {
    "plugin_list_empty": Replay(_listed, _by(LIST, {"*": _rows})),
    "plugin_list_disabled": Replay(_listed, _by(LIST, {"*": _rows})),
    "plugin_list_filter_enabled": _filtered("enabled", {"*": _rows}),
    "plugin_list_filter_not_enabled": _filtered("enabled", {"*": _rows}),
    "plugin_list_filter_bad_enabled": _filtered("enabled", {"*": _no(BadRequest, LIST)}),
    "plugin_list_filter_capability": _filtered("capability", {"*": _rows}),
    "plugin_list_filter_capability_nosuch": _filtered("capability", {"*": _rows}),
    "plugin_list_filter_unknown": Replay(
        _listed,
        {"*": Raises(ValueError, "filters: one of capability, enabled was expected, not 'nosuch'")},
    ),
    **{
        name: Replay(_inspected, _by(INSPECT, {"*": _plugin}))
        for name in ("plugin_inspect", "plugin_inspect_enabled")
    },
    "plugin_inspect_pulled": Replay(
        _inspected, _by(INSPECT, {"1.13": _no(PluginNotFound, INSPECT), "*": _plugin})
    ),
    "plugin_inspect_404": Replay(_inspected, _by(INSPECT, {"*": _no(PluginNotFound, INSPECT)})),
    "plugin_privileges": Replay(
        _privileges, _by(PRIVILEGES, {"1.13": _no(PluginNotFound, PRIVILEGES), "*": _asked_for})
    ),
    "plugin_privileges_unreachable": Replay(
        _privileges, _by(PRIVILEGES, {"1.13 19.03": _no(ServerError, PRIVILEGES), "*": []})
    ),
    "plugin_privileges_404": Replay(
        _privileges, _by(PRIVILEGES, {"1.13 19.03": _no(PluginNotFound, PRIVILEGES), "*": []})
    ),
    "plugin_privileges_image": Replay(
        _privileges, _by(PRIVILEGES, {"*": _no(PluginNotFound, PRIVILEGES)})
    ),
    "plugin_privileges_bad": Replay(_privileges, _wrong("remote", "REC")),
    "plugin_privileges_none": Replay(_privileges, _wrong("remote", "")),
    "plugin_pull": Replay(
        _pulled,
        _by(PULL, {"1.13": _no(ServerError, PULL), "*": "rec/renamed:latest"}),
        beside={"/plugins/rec/renamed:latest/json": RENAMED},
    ),
    "plugin_pull_again": Replay(
        _pulled, _by(PULL, {"1.13": _no(ServerError, PULL), "*": _no(Conflict, PULL)})
    ),
    "plugin_pull_refused": Replay(
        _pulled,
        _by(PULL, {"1.13": _inside(PluginNotFound, PULL, "200 "), "*": NEEDED}),
        beside={"/plugins/privileges": WANTED},
    ),
    "plugin_pull_404": Replay(
        _pulled,
        _by(
            PULL,
            {
                "1.13": _inside(PluginNotFound, PULL, "200 "),
                TO_26_1: _no(ServerError, PULL),
                "*": _no(PluginNotFound, PULL),
            },
        ),
    ),
    "plugin_pull_unreachable": Replay(
        _pulled, _by(PULL, {"1.13": _inside(PullFailed, PULL), "*": _no(ServerError, PULL)})
    ),
    "plugin_pull_no_body": Replay(_pulled, _by(PULL, {"*": _no(ServerError, PULL)})),
    "plugin_upgrade": Replay(
        _upgraded,
        _by(UPGRADE, {"*": "rec/renamed:latest"}, "1.26"),
        beside={"/plugins/rec/renamed:latest/json": RENAMED},
    ),
    "plugin_upgrade_404": Replay(
        _upgraded,
        _by(UPGRADE, {"*": _no(PluginNotFound, UPGRADE)}, "1.26"),
        beside={"/plugins/rec-nosuch/json": MISSING},
    ),
    "plugin_upgrade_enabled": Replay(
        _upgraded,
        _by(UPGRADE, {"*": _no(Conflict, UPGRADE, FIRST)}, "1.26"),
        beside={"/plugins/127.0.0.1:5000/rec/plugin:latest/json": PLUGIN},
    ),
    "plugin_create": Replay(_created, _by(CREATE, NOTHING)),
    "plugin_create_again": Replay(_created, _by(CREATE, {"*": _no(Conflict, CREATE)})),
    **{
        f"plugin_create_{fault}": Replay(_created, _by(CREATE, {"*": _no(BadRequest, CREATE)}))
        for fault in ("bad_tar", "no_config", "bad_config")
    },
    "plugin_create_bad_name": Replay(_created, _wrong("name", "REC")),
    "plugin_enable": Replay(_enabled, _by(ENABLE, {"1.13": _no(ServerError, ENABLE), "*": None})),
    "plugin_enable_again": Replay(
        _enabled, _by(ENABLE, {"1.13": _no(ServerError, ENABLE), "*": _no(Conflict, ENABLE)})
    ),
    "plugin_enable_404": Replay(
        _enabled,
        _by(ENABLE, {"29.7": _no(BadRequest, ENABLE), "*": _no(ServerError, ENABLE)}),
        differs=ALWAYS_SENT,
    ),
    "plugin_enable_bad_timeout": Replay(
        _enabled, {"*": Raises(TypeError, "timeout: a whole number was expected, not 'x'")}
    ),
    "plugin_disable": Replay(_disabled, _gone_on_1_13(DISABLE, NOTHING)),
    "plugin_disable_used": Replay(_disabled, _gone_on_1_13(DISABLE, NOTHING)),
    "plugin_disable_again": Replay(
        _disabled, _gone_on_1_13(DISABLE, {"*": _no(Conflict, DISABLE)})
    ),
    "plugin_disable_force": Replay(
        _disabled,
        {
            "<1.25": refused(DISABLE, "1.25"),
            "<1.28": refused(f"{DISABLE} ?force", "1.28"),
            "*": _no(Conflict, DISABLE),
        },
    ),
    "plugin_disable_404": Replay(_disabled, _by(DISABLE, {"*": _no(PluginNotFound, DISABLE)})),
    "plugin_set": Replay(_set, _by(SET, NOTHING)),
    "plugin_set_no_value": Replay(_set, _by(SET, NOTHING)),
    "plugin_set_fixed": Replay(_set, _by(SET, {"*": _no(BadRequest, SET)})),
    "plugin_set_unknown": Replay(_set, _by(SET, {"*": _no(BadRequest, SET)})),
    "plugin_set_enabled": Replay(_set, _by(SET, {**GONE, "*": _no(Conflict, SET, FIRST)})),
    "plugin_set_404": Replay(_set, _by(SET, {"*": _no(PluginNotFound, SET)})),
    "plugin_push": Replay(_pushed, _gone_on_1_13(PUSH, {"*": _digest})),
    "plugin_push_404": Replay(_pushed, _by(PUSH, {"*": _no(PluginNotFound, PUSH)})),
    "plugin_remove": Replay(_removed, _gone_on_1_13(REMOVE, NOTHING)),
    "plugin_remove_force": Replay(_removed, _gone_on_1_13(REMOVE, NOTHING)),
    "plugin_remove_again": Replay(_removed, _by(REMOVE, {"*": _no(PluginNotFound, REMOVE)})),
    "plugin_remove_404": Replay(_removed, _by(REMOVE, {"*": _no(PluginNotFound, REMOVE)})),
    "plugin_remove_enabled": Replay(
        _removed,
        _by(
            REMOVE,
            {
                "1.13": Raises(
                    TimedOut, f"<url>: {REMOVE}: no answer within 0.2 seconds (idle timeout)"
                ),
                "*": _no(Conflict, REMOVE, FIRST),
            },
        ),
    ),
}
