"""What comes out of what is as old as API 1.19, on Engines with swarms, networks and BuildKit.

Beside it the routes that no method asks, and `client.session` does: sessions, `/grpc`, the end of a
build by its name.
"""

from __future__ import annotations

import json
from typing import Any

import attrs

from dockerapi import BuildOptions, Client
from dockerapi.errors import NotSupported
from replay import engine
from replay.recording import Recording
from replay.table import By, Raises, Replay, key_for, refused, rfc3339

# What was asked, in the arguments of the methods


def _info(client: Client, recording: Recording) -> Any:
    info = client.info()
    swarm = info.swarm
    return {
        "id": info.id,
        "name": info.name,
        "counts": (info.containers, info.containers_running, info.images),
        "driver": info.driver,
        "version": info.server_version,
        "machine": (info.cpus, info.memory, info.operating_system, info.kernel_version),
        "time": str(info.system_time),
        "swarm": swarm
        and (
            swarm.node_id,
            swarm.node_address,
            swarm.local_node_state,
            swarm.control_available,
            swarm.error,
            [(one.node_id, one.address) for one in swarm.managers],
            swarm.node_count,
            swarm.manager_count,
            swarm.cluster,
        ),
    }


def _info_or_all(client: Client, recording: Recording) -> Any:
    ask = _info if key_for({NEW_INFO: None}, recording) else engine.REPLAYS["info"].ask
    return ask(client, recording)


def _container(client: Client, recording: Recording) -> Any:
    found = client.inspect_container(recording.id)
    limits, networks = found.host_config, found.network_settings
    assert limits is not None and networks is not None and found.state is not None
    restart = limits.restart_policy
    return {
        "id": found.id,
        "name": found.name,
        "created": str(found.created),
        "running": found.state.running,
        "limits": (limits.cpu_shares, limits.cpu_quota, limits.memory, limits.memory_swap),
        "restart": restart and (restart.name, restart.maximum_retry_count),
        "networks": {
            name: (one.ip_address, one.gateway, one.mac_address)
            for name, one in networks.networks.items()
        },
        "mounts": [
            (one.name, one.source, one.destination, one.driver, one.writable)
            for one in found.mounts
        ],
    }


def _tasks(client: Client, recording: Recording) -> Any:
    filters = json.loads(dict(recording.query)["filters"])
    return [
        (one.id, one.names, one.image, one.labels) for one in client.containers(filters=filters)
    ]


def _events(client: Client, recording: Recording) -> Any:
    query = dict(recording.query)
    with client.events(
        since=int(query["since"]),
        until=int(query["until"]),
        filters=json.loads(query["filters"]),
    ) as events:
        return [
            (one.type, one.action, one.id, one.attributes, one.scope, one.time_nano)
            for one in events
        ]


def _build(client: Client, recording: Recording) -> Any:
    options = BuildOptions(builder="buildkit")
    built = client.build(recording.request_body, tag="rec-bk", options=options)
    return built.image_id, built.tags


def _session(client: Client, recording: Recording) -> Any:
    """The status and the body of what `client.session` is answered."""
    answer = client.session.request(recording.method, recording.target)
    return answer.status_code, answer.content


# What comes out of it


def _info_told(recording: Recording) -> Any:
    found = recording.json
    swarm = found.get("Swarm")
    return {
        "id": found["ID"],
        "name": found["Name"],
        "counts": (found["Containers"], found.get("ContainersRunning"), found["Images"]),
        "driver": found["Driver"],
        "version": found.get("ServerVersion"),
        "machine": (
            found["NCPU"],
            found["MemTotal"],
            found["OperatingSystem"],
            found["KernelVersion"],
        ),
        "time": rfc3339(found["SystemTime"]),
        "swarm": swarm
        and (
            swarm["NodeID"] or None,
            swarm["NodeAddr"] or None,
            swarm["LocalNodeState"],
            swarm["ControlAvailable"],
            swarm["Error"] or None,
            [(one["NodeID"], one["Addr"]) for one in swarm["RemoteManagers"] or ()],
            swarm.get("Nodes"),
            swarm.get("Managers"),
            swarm.get("Cluster"),
        ),
    }


def _container_told(recording: Recording) -> Any:
    found = recording.json
    limits = found["HostConfig"]
    restart = limits["RestartPolicy"]
    return {
        "id": found["Id"],
        "name": found["Name"][1:],
        "created": rfc3339(found["Created"]),
        "running": found["State"]["Running"],
        "limits": tuple(limits[key] for key in ("CpuShares", "CpuQuota", "Memory", "MemorySwap")),
        "restart": (restart["Name"] or "no", restart["MaximumRetryCount"]),
        "networks": {
            name: tuple(one[key] or None for key in ("IPAddress", "Gateway", "MacAddress"))
            for name, one in found["NetworkSettings"]["Networks"].items()
        },
        "mounts": [
            (
                one.get("Name"),
                one.get("Source") or None,
                one["Destination"],
                one.get("Driver"),
                one["RW"],
            )
            for one in sorted(found["Mounts"], key=lambda one: str(one["Destination"]))
        ],
    }


def _tasks_told(recording: Recording) -> Any:
    return [
        (one["Id"], tuple(name[1:] for name in one["Names"]), one["Image"], one["Labels"])
        for one in recording.json
    ]


def _events_told(recording: Recording) -> Any:
    return [
        (
            one["Type"],
            one["Action"],
            one["Actor"]["ID"],
            one["Actor"]["Attributes"],
            one.get("scope"),
            one["timeNano"],
        )
        for one in map(json.loads, recording.body.splitlines())
    ]


def _built(recording: Recording) -> Any:
    values = list(map(json.loads, recording.body.splitlines()))
    (id,) = (one["aux"]["ID"] for one in values if one.get("id") == "moby.image.id")
    return id, ("rec-bk:latest",)


def _answered(recording: Recording) -> Any:
    """Nothing is read of what follows 101, or of an answer to HEAD."""
    return recording.status, b"" if recording.status == 101 else recording.body


INFO: By = {"*": _info_told}
NEW_INFO = "1.9 1.13 19.03 28.5/1.44 20.10-experimental 28.5-experimental"
PING: By = {"*": engine.pinged}
CONTAINER: By = {"*": _container_told}
PINGS = engine.REPLAYS["ping"]
UNPREFIXED = engine.REPLAYS["ping_unprefixed"]

REPLAYS = {
    # The same operations as in `wire`, asked once more of the same Engines.
    **{
        f"{name}_modern": attrs.evolve(
            engine.REPLAYS[name], outcome={"*": engine.REPLAYS[name].outcome["*"]}
        )
        for name in ("version", "version_unprefixed")
    },
    "ping_modern": attrs.evolve(PINGS, outcome=PING, instead={}, differs={}),
    "ping_unprefixed_modern": attrs.evolve(
        UNPREFIXED, outcome=PING, instead={}, differs={"*": UNPREFIXED.differs["*"]}
    ),
    "info": attrs.evolve(
        engine.REPLAYS["info"],
        ask=_info_or_all,
        outcome={NEW_INFO: _info_told, **engine.REPLAYS["info"].outcome},
    ),
    "info_modern": Replay(_info, INFO),
    **{
        f"info_{state}": Replay(_info, INFO)
        for state in ("inactive", "manager", "pending", "worker", "left")
    },
    **{
        f"ping_{state}": Replay(lambda client, recording: client.ping(), PING, at="GET /_ping")
        for state in ("inactive", "manager", "locked", "pending", "worker")
    },
    **{
        f"container_inspect_{case}": Replay(_container, CONTAINER)
        for case in ("connected", "mounts", "updated", "updated_stopped")
    },
    "container_list_tasks": Replay(
        _tasks,
        {
            "<1.25": refused("GET /containers/json ?filters.is-task", "1.25"),
            "*": _tasks_told,
        },
    ),
    "events_modern": Replay(_events, {"*": _events_told}),
    "build_buildkit": Replay(
        _build,
        {
            "<1.38": Raises(
                NotSupported,
                "POST /build ?version needs API 1.38; <spoken>: it has the classic builder only",
            ),
            "*": _built,
        },
        differs={">=1.38": "the session is said, by a name drawn by lot"},
    ),
    # What no method asks.
    **{
        name: Replay(_session, {"*": _answered})
        for name in (
            "ping_head",
            "session",
            "session_no_upgrade",
            "session_no_id",
            "grpc",
            "build_cancel",
            "build_cancel_no_id",
        )
    },
}
