"""What comes out of the recordings about services, tasks and their logs, from 1.13 to 29.7."""

from __future__ import annotations

import datetime
import itertools
import json
import struct
from collections.abc import Callable
from typing import Any

from dockerapi import Client
from dockerapi.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    InUse,
    NetworkNotFound,
    NotAManager,
    NotFound,
    OutOfSequence,
    ServerError,
)
from dockerapi.models.services import Service, ServiceCreated, ServiceSpec
from dockerapi.models.tasks import Task
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, made, refused, rfc3339, said

LIST = "GET /services"
INSPECT = "GET /services/{id}"
CREATE = "POST /services/create"
UPDATE = "POST /services/{id}/update"
REMOVE = "DELETE /services/{id}"
LOGS = "GET /services/{id}/logs"
TASKS = "GET /tasks"
TASK = "GET /tasks/{id}"
TASK_LOGS = "GET /tasks/{id}/logs"


# What was asked, in the arguments of the methods


def _create(client: Client, recording: Recording) -> Any:
    return client.create_service(made(ServiceSpec.parse(recording.request_json)))


def _create_read(client: Client, recording: Recording) -> Any:
    """With a spec as another Engine may have given it."""
    return client.create_service(ServiceSpec.parse(recording.request_json))


def _read(recording: Recording, before: Any) -> Service:
    """What was read before it was written."""
    version = int(dict(recording.query)["version"])
    return Service.parse({"ID": recording.id, "Version": {"Index": version}, **before})


def _update(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    kind = "ReplicatedJob" if "ReplicatedJob" in asked_for.get("Mode", {}) else "Replicated"
    name = asked_for["Name"] if asked_for["Name"] in ("x", "nosuch", "rec-rjob") else "rec-plain"
    before = {**asked_for, "Name": name, "Mode": {kind: {}}}
    return client.update_service(
        _read(recording, {"Spec": before}),
        ServiceSpec.parse(asked_for),
        registry_auth_from=dict(recording.query).get("registryAuthFrom"),
    )


def _update_made(client: Client, recording: Recording) -> Any:
    asked_for = recording.request_json
    before = {**asked_for, "Mode": {"Replicated": {}}}
    spec = made(ServiceSpec.parse(asked_for))
    return client.update_service(_read(recording, {"Spec": before}), spec)


def _rollback(client: Client, recording: Recording) -> Any:
    spec = recording.request_json
    return client.rollback_service(_read(recording, {"Spec": spec, "PreviousSpec": spec}))


def _filters(recording: Recording) -> Any:
    found = dict(recording.query).get("filters")
    return None if found is None else json.loads(found)


def _list(client: Client, recording: Recording) -> Any:
    status = "status" in dict(recording.query)
    return list(map(_told, client.services(filters=_filters(recording), status=status)))


def _inspect(client: Client, recording: Recording) -> Any:
    defaults = "insertDefaults" in dict(recording.query)
    return _told(client.inspect_service(recording.id, insert_defaults=defaults))


def _remove(client: Client, recording: Recording) -> Any:
    return client.remove_service(recording.id)


def _tasks(client: Client, recording: Recording) -> Any:
    return list(map(_told_of_task, client.tasks(filters=_filters(recording))))


def _task(client: Client, recording: Recording) -> Any:
    return _told_of_task(client.inspect_task(recording.id))


def _logs(client: Client, recording: Recording) -> Any:
    """All the frames; of a stream that stayed open those that were recorded."""
    query = dict(recording.query)
    given: dict[str, Any] = {
        "stdout": "stdout" in query,
        "stderr": "stderr" in query,
        "follow": "follow" in query,
        "tail": int(query["tail"]) if query.get("tail", "x").isdigit() else query.get("tail"),
        "since": int(query["since"]) if query.get("since", "x").isdigit() else query.get("since"),
    }
    lines = "details" in query
    if recording.operation.startswith("service_"):
        method: Any = client.service_log_lines if lines else client.service_logs
    else:
        method = client.task_log_lines if lines else client.task_logs
    with method(recording.id, **given) as stream:
        found = itertools.islice(stream, len(_frames(recording)) if given["follow"] else None)
        return [tuple(one) for one in found]


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""

    def ask(client: Client, recording: Recording) -> Any:
        subject = recording.id if "{id}" in route else None
        return asked(client, recording, route, subject, **query).status

    return ask


def _raw_rollback(client: Client, recording: Recording) -> Any:
    version = dict(recording.query)["version"]
    return asked(client, recording, UPDATE, recording.id, version=version, rollback="nosuch").status


# What comes out of it


def _told(service: Service) -> dict[str, Any]:
    update, status, job = service.update_status, service.status, service.job
    return {
        "id": service.id,
        "version": service.version,
        "created": str(service.created),
        "updated": str(service.updated),
        "spec": service.spec.to_wire(),
        "before": service.previous_spec and service.previous_spec.to_wire(),
        "is": (service.spec.name, service.spec.labels, service.spec.task.force_update),
        "endpoint": service.endpoint_mode,
        "ports": [(one.target, one.published, one.protocol, one.mode) for one in service.ports],
        "addresses": [(one.network_id, one.address) for one in service.virtual_ips],
        "update": update and (update.state, update.message),
        "status": status and (status.running, status.desired, status.completed),
        "job": job and job.iteration,
    }


def _in(found: dict[str, Any]) -> dict[str, Any]:
    spec, endpoint = found["Spec"], found.get("Endpoint", {})
    update, status = found.get("UpdateStatus"), found.get("ServiceStatus")
    job = found.get("JobStatus")
    return {
        "id": found["ID"],
        "version": found["Version"]["Index"],
        "created": rfc3339(found["CreatedAt"]),
        "updated": rfc3339(found["UpdatedAt"]),
        "spec": spec,
        "before": found.get("PreviousSpec"),
        "is": (spec["Name"], spec.get("Labels"), spec["TaskTemplate"].get("ForceUpdate")),
        "endpoint": endpoint.get("Spec", {}).get("Mode"),
        "ports": [
            (one["TargetPort"], one.get("PublishedPort"), one["Protocol"], one.get("PublishMode"))
            for one in endpoint.get("Ports", ())
        ],
        "addresses": [
            (one["NetworkID"], one.get("Addr")) for one in endpoint.get("VirtualIPs", ())
        ],
        "update": update and (update.get("State"), update.get("Message")),
        "status": status
        and tuple(status.get(f"{name}Tasks") for name in ("Running", "Desired", "Completed")),
        "job": job and job["JobIteration"].get("Index", 0),
    }


def _told_of_task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "version": task.version,
        "created": str(task.created),
        "updated": str(task.updated),
        "timestamp": str(task.timestamp),
        "spec": task.spec.to_wire(),
        "of": (task.service_id, task.node_id, task.slot),
        "state": (task.state, task.desired_state, task.message, task.error),
        "container": (task.container_id, task.pid, task.exit_code),
        "networks": [list(one.addresses) for one in task.networks],
        "job": task.job_iteration,
    }


def _task_in(found: dict[str, Any]) -> dict[str, Any]:
    status = found["Status"]
    container = status.get("ContainerStatus") or {}
    return {
        "id": found["ID"],
        "version": found["Version"]["Index"],
        "created": rfc3339(found["CreatedAt"]),
        "updated": rfc3339(found["UpdatedAt"]),
        "timestamp": rfc3339(status["Timestamp"]),
        "spec": found["Spec"],
        "of": (found["ServiceID"], found.get("NodeID"), found.get("Slot")),
        "state": (status["State"], found["DesiredState"], status["Message"], status.get("Err")),
        "container": (
            container.get("ContainerID") or None,
            container.get("PID"),
            container.get("ExitCode"),
        ),
        "networks": [one["Addresses"] for one in found.get("NetworksAttachments", ())],
        "job": found["JobIteration"].get("Index", 0) if "JobIteration" in found else None,
    }


def _value(recording: Recording) -> Any:
    return _in(recording.json)


def _rows(recording: Recording) -> Any:
    return list(map(_in, recording.json))


def _task_value(recording: Recording) -> Any:
    return _task_in(recording.json)


def _task_rows(recording: Recording) -> Any:
    return list(map(_task_in, recording.json))


def _created(recording: Recording) -> Any:
    found = recording.json
    return ServiceCreated(id=found["ID"], warnings=tuple(found.get("Warnings") or ()))


def _warnings(recording: Recording) -> Any:
    return tuple((recording.json if recording.body else {}).get("Warnings") or ())


def _frames(recording: Recording) -> list[tuple[str, bytes]]:
    rest, found = recording.body, []
    if recording.operation == "service_logs_tty":
        return [("stdout", rest)]
    while rest:
        stream, size = struct.unpack(">BxxxI", rest[:8])
        found.append((("stdin", "stdout", "stderr")[stream], rest[8 : 8 + size]))
        rest = rest[8 + size :]
    return found


def _lines(recording: Recording) -> Any:
    """The same as lines, with what is put before each taken apart."""
    found = []
    for stream, data in _frames(recording):
        time, details, text = data.decode().rstrip("\n").split(" ", 2)
        told = dict(pair.split("=") for pair in details.split(","))
        ids = [told.pop(f"com.docker.swarm.{noun}.id") for noun in ("task", "node", "service")]
        when = datetime.datetime.fromisoformat(rfc3339(time) or "")
        found.append((stream, text, when, *ids, told))
    return found


def _sent(recording: Recording) -> Any:
    """The body, with the networks where they can be changed later; without unknown fields."""
    found = recording.request_json
    found.pop("NoSuchField", None)
    if "Networks" in found:
        found["TaskTemplate"]["Networks"] = found.pop("Networks")
    return found


def _sent_of_full(recording: Recording) -> Any:
    """Callers make no unknown field and no null, and say the runtime by what it needs."""
    found = _sent(recording)
    task = found["TaskTemplate"]
    del task["Runtime"], task["ContainerSpec"]["NoSuchField"]
    del task["ContainerSpec"]["Privileges"]["CredentialSpec"]
    return found


def _sent_of_file(recording: Recording) -> Any:
    """Each secret has a file."""
    found = recording.request_json
    (secret,) = found["TaskTemplate"]["ContainerSpec"]["Secrets"]
    secret["File"] = {"Name": secret["SecretName"], "UID": "0", "GID": "0", "Mode": 0o444}
    return found


def _sent_of_plugin(recording: Recording) -> Any:
    """Nulls are not made."""
    found = recording.request_json
    del found["TaskTemplate"]["ContainerSpec"], found["TaskTemplate"]["RestartPolicy"]
    return found


def _no(route: str, error: type[Exception], engines: str = "*") -> By:
    """The Engine refuses, in its own words."""
    return {engines: lambda one: Raises(error, f"{route}: {one.status} {said(one)}")}


def _needs(route: str, what: str, version: str) -> By:
    """It is refused before it is asked, under the versions below one."""
    return {f"<{version}": refused(f"{route} {what}".rstrip(), version)}


def _wrong(text: str, error: type[Exception] = ValueError) -> By:
    """Wrong whatever the Engine."""
    return {"*": Raises(error, text)}


NOTHING: By = {"*": None}
NEW: By = {"*": _created}
NEW_FAULTS: By = {**_no(CREATE, ServerError, "1.13"), **_no(CREATE, BadRequest)}
UPDATE_FAULTS: By = {**_no(UPDATE, ServerError, "1.13"), **_no(UPDATE, BadRequest)}
IS_TRUE: By = {"*": "`1` is `true`"}
NONE_OF_THREE = _wrong("TaskSpec: one of container, plugin and attachment was expected, not none")
_TASK = "TaskTemplate."
_CONTAINER = "TaskTemplate.ContainerSpec."


def _one_of(name: str, words: str, found: str) -> By:
    return _wrong(f"{name}: one of {words} was expected, not {found!r}")


def _new(what: str, version: str, by: By = NEW) -> By:
    """What a version has."""
    return {**_needs(CREATE, what, version), **by}


CREATES: dict[str, By] = {
    **{
        f"service_create{case}": NEW
        for case in (
            "",
            "_global",
            "_legacy_networks",
            "_fail",
            "_unschedulable",
            "_missing_image",
            "_no_name",
            "_mount_missing",
        )
    },
    "service_create_replicated_job": _new("Mode.ReplicatedJob", "1.41"),
    "service_create_global_job": _new("Mode.GlobalJob", "1.41"),
    "service_create_job_endpoint": _new("Mode.GlobalJob", "1.41"),
    "service_create_job_update_config": _new("Mode.ReplicatedJob", "1.41", _no(CREATE, BadRequest)),
    "service_create_tty": _new(f"{_CONTAINER}TTY", "1.25"),
    "service_create_host_port": _new("EndpointSpec.Ports with the mode 'host'", "1.25"),
    "service_create_network_local": {**_no(CREATE, Forbidden, "1.13"), **NEW},
    "service_create_503": _no(CREATE, NotAManager),
    "service_create_worker": _no(CREATE, NotAManager),
    "service_create_again": _no(CREATE, Conflict),
    "service_create_port_taken": _no(CREATE, InUse),
    "service_create_network_404": _no(CREATE, NetworkNotFound),
    "service_create_secret_404": _new(f"{_CONTAINER}Secrets", "1.25", _no(CREATE, BadRequest)),
    "service_create_config_404": _new(f"{_CONTAINER}Configs", "1.30", _no(CREATE, BadRequest)),
    **{
        f"service_create_{fault}": _no(CREATE, BadRequest)
        for fault in ("no_image", "bad_image", "bad_constraint")
    },
    "service_create_no_task": NONE_OF_THREE,
    "service_create_bad_name": _wrong(
        "name: up to 63 letters, digits, '-' and '_' within were expected, not 'rec bad/name'"
    ),
    "service_create_bad_mount": _wrong("source: an absolute path was expected, not 'relative'"),
    "service_create_two_mounts": _wrong("mounts: two at '/x'"),
    "service_create_bad_mount_type": _one_of(
        "type", "'bind', 'volume', 'tmpfs', 'npipe', 'image', 'cluster'", "nosuch"
    ),
    "service_create_bad_env": _wrong("env: NAME=value was expected, not '=1'"),
    "service_create_bad_healthcheck": _wrong(
        "interval: 0, or a millisecond or more, was expected, not -1e-09 seconds"
    ),
    "service_create_port_twice": _wrong("ports: 18090 is published twice"),
    "service_create_dnsrr_ingress": _wrong(
        "ports: with dnsrr only of mode 'host', not ServicePort(target=80, published=18090)"
    ),
    "service_create_bad_endpoint_mode": _one_of("endpoint_mode", "'vip', 'dnsrr'", "nosuch"),
    "service_create_bad_restart": _one_of("condition", "'none', 'on-failure', 'any'", "sometimes"),
    "service_create_bad_failure_action": _one_of(
        "failure_action", "'continue', 'pause', 'rollback'", "nosuch"
    ),
    "service_create_bad_order": _one_of("order", "'stop-first', 'start-first'", "nosuch"),
    "service_create_bad_cpu": _wrong("nano_cpus: at least 1000000 was expected, not 1"),
    "service_create_bad_memory": _wrong("memory: at least 4194304 was expected, not 1024"),
}

UPDATED: By = {"*": _warnings}
UPDATES: dict[str, By] = {
    **{
        f"service_update{case}": UPDATED
        for case in ("", "_force", "_env", "_partial", "_by_name", "_job")
    },
    "service_update_503": _no(UPDATE, NotAManager),
    "service_update_404": _no(UPDATE, NotFound),
    "service_update_conflict": _no(UPDATE, OutOfSequence),
    "service_update_auth_from": {**_needs(UPDATE, "?registryAuthFrom", "1.25"), **UPDATED},
    "service_update_bad_auth_from": _wrong(
        "registry_auth_from: 'spec' or 'previous-spec' was expected, not 'nosuch'"
    ),
    "service_update_mode": _wrong("spec: mode: Replicated cannot be changed to Global"),
    "service_update_name": _wrong("spec: name: 'rec-plain' cannot be changed to 'rec-renamed'"),
}

ROWS: By = {"*": _rows}
# 1.13 has neither of these filters, and 20.10 reads them under old versions, too.
NOT_ON_1_13: By = {**_no(LIST, ServerError, "1.13"), **ROWS}
LISTS: dict[str, By] = {
    **{
        f"service_list{case}": ROWS
        for case in ("", "_empty", "_filter_id", "_filter_name", "_filter_label")
    },
    "service_list_filter_label_key": ROWS,
    **{
        f"service_list_filter_{case}": NOT_ON_1_13
        for case in ("mode", "mode_job", "bad_mode", "runtime")
    },
    "service_list_503": _no(LIST, NotAManager),
    "service_list_locked": _no(LIST, NotAManager),
    "service_list_worker": _no(LIST, NotAManager),
    "service_list_filter_unknown": _one_of("filters", "id, label, mode, name, runtime", "nosuch"),
}

VALUE: By = {"*": _value}
INSPECTS: dict[str, By] = {
    **{
        f"service_inspect{case}": VALUE
        for case in (
            "",
            "_full",
            "_job",
            "_prefix",
            "_updated",
            "_updating",
            "_rolled_back",
            "_partial",
        )
    },
    "service_inspect_503": _no(INSPECT, NotAManager),
    "service_inspect_404": _no(INSPECT, NotFound),
}

TASK_ROWS: By = {"*": _task_rows}
TASKS_NOT_ON_1_13: By = {**_no(TASKS, ServerError, "1.13"), **TASK_ROWS}
TASK_LISTS: dict[str, By] = {
    **{
        f"task_list{case}": TASK_ROWS
        for case in ("", "_empty", "_failed", "_job", "_unschedulable", "_missing_image")
    },
    "task_list_history": TASK_ROWS,
    **{
        f"task_list_filter_{case}": TASK_ROWS
        for case in (
            "service",
            "name",
            "id",
            "label",
            "label_service",
            "node",
            "desired",
            "desired_two",
        )
    },
    "task_list_filter_runtime": TASKS_NOT_ON_1_13,
    "task_list_filter_up_to_date": TASKS_NOT_ON_1_13,
    "task_list_filter_service_nosuch": _no(TASKS, NotFound),
    "task_list_filter_node_nosuch": _no(TASKS, NotFound),
    "task_list_filter_bad_desired": _no(TASKS, BadRequest),
    "task_list_503": _no(TASKS, NotAManager),
    "task_list_worker": _no(TASKS, NotAManager),
    "task_list_filter_unknown": _one_of(
        "filters",
        "_up-to-date, desired-state, id, label, name, node, runtime, service",
        "nosuch",
    ),
}
TASK_INSPECTS: dict[str, By] = {
    "task_inspect": {"*": _task_value},
    "task_inspect_prefix": {"*": _task_value},
    "task_inspect_503": _no(TASK, NotAManager),
    "task_inspect_404": _no(TASK, NotFound),
}

NEITHER = "logs: stdout and stderr are both False; nothing is left to read"
OF_SERVICES: dict[str, By] = {
    **{
        f"service_logs{case}": {**_needs(LOGS, "", "1.29"), "*": _frames}
        for case in ("", "_tail", "_since", "_follow", "_tty", "_fail", "_empty")
    },
    "service_logs_timestamps": {**_needs(LOGS, "", "1.29"), "*": _lines},
    "service_logs_503": {**_needs(LOGS, "", "1.29"), **_no(LOGS, NotAManager)},
    "service_logs_404": {**_needs(LOGS, "", "1.29"), **_no(LOGS, NotFound)},
    "service_logs_none": _wrong(f"service_{NEITHER}"),
    "service_logs_bad_since": _wrong(
        "since: unix seconds, or RFC 3339 with a time zone, were expected, not 'x'"
    ),
    "service_logs_bad_tail": _wrong("tail: a whole number was expected, not 'x'", TypeError),
}
OF_TASKS: dict[str, By] = {
    "task_logs": {**_needs(TASK_LOGS, "", "1.29"), "*": _frames},
    "task_logs_details": {**_needs(TASK_LOGS, "", "1.29"), "*": _lines},
    "task_logs_503": {**_needs(TASK_LOGS, "", "1.29"), **_no(TASK_LOGS, NotAManager)},
    "task_logs_404": {**_needs(TASK_LOGS, "", "1.29"), **_no(TASK_LOGS, NotFound)},
    "task_logs_none": _wrong(f"task_{NEITHER}"),
}
ONE_OUTPUT = ("_503", "_404", "_follow", "_empty")


def _read_from(name: str, by: By, path: str, found: dict[str, Any]) -> Replay:
    """Logs, before which it is asked whether they are those of a terminal."""
    one_output = name.endswith(ONE_OUTPUT)
    differs = {"*": "that the other output is not wanted is said, too"} if one_output else {}
    beside = {path: {**READ, **found}, "/tasks": [RUNNING]}  # a busy machine may look at them
    return Replay(_logs, by, beside=beside, differs=differs)


READ = {"ID": "a1", "Version": {"Index": 1}}
RUNNING = {
    **READ,
    "Spec": {"ContainerSpec": {"Image": "a"}},
    "Status": {"State": "running"},
}


def _service_of(*, tty: bool = False) -> dict[str, Any]:
    return {"Spec": {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "a", "TTY": tty}}}}


REPLAYS = {
    **{name: Replay(_create, by, body=_sent) for name, by in CREATES.items()},
    **{name: Replay(_update, by, body=_sent) for name, by in UPDATES.items()},
    **{name: Replay(_list, by) for name, by in LISTS.items()},
    **{name: Replay(_inspect, by) for name, by in INSPECTS.items()},
    **{name: Replay(_tasks, by) for name, by in TASK_LISTS.items()},
    **{name: Replay(_task, by) for name, by in TASK_INSPECTS.items()},
    **{
        name: _read_from(name, by, "/services/{id}", _service_of(tty=name.endswith("_tty")))
        for name, by in OF_SERVICES.items()
    },
    **{
        name: _read_from(name, by, "/tasks/{id}", {"Spec": {"ContainerSpec": {"Image": "a"}}})
        for name, by in OF_TASKS.items()
    },
    # Swap is the newest of what is asked for there, so it is what those that lack it name.
    "service_create_full": Replay(
        _create, _new(f"{_TASK}Resources.SwapBytes", "1.52"), body=_sent_of_full
    ),
    "service_create_full_reduced": Replay(
        _create, {"*": refused(f"{CREATE} {_TASK}Resources.SwapBytes", "1.52")}
    ),
    "service_create_secret_no_file": Replay(
        _create,
        _new(f"{_CONTAINER}Secrets", "1.25", _no(CREATE, BadRequest)),
        body=_sent_of_file,
    ),
    "service_create_plugin_runtime": Replay(
        _create, _new(f"{_TASK}PluginSpec", "1.31", _no(CREATE, ServerError)), body=_sent_of_plugin
    ),
    # Callers do not name it; 1.13 does not read it.
    "service_create_runtime_nosuch": Replay(
        _create_read, {"1.13": _created, **_no(CREATE, BadRequest)}, body=_sent
    ),
    "service_update_no_image": Replay(_update_made, NONE_OF_THREE),
    "service_update_rollback": Replay(
        _rollback,
        {
            "20.10/1.24": refused(f"{UPDATE} ?registryAuthFrom", "1.25"),
            **_no(UPDATE, OutOfSequence, "19.03"),
            **UPDATED,
        },
        body=_sent,
        differs={"1.13": "the spec before is sent as the new one"},
    ),
    "service_list_status": Replay(
        _list, {**_needs(LIST, "?status", "1.41"), **ROWS}, differs=IS_TRUE
    ),
    "service_inspect_defaults": Replay(
        _inspect, {**_needs(INSPECT, "?insertDefaults", "1.29"), **VALUE}, differs=IS_TRUE
    ),
    **{
        f"service_remove{case}": Replay(_remove, by)
        for case, by in (
            ("", NOTHING),
            ("_again", _no(REMOVE, NotFound)),
            ("_404", _no(REMOVE, NotFound)),
            ("_503", _no(REMOVE, NotAManager)),
        )
    },
    # What no method asks.
    "service_create_two_modes": Replay(_raw(CREATE), _no(CREATE, BadRequest)),
    "service_create_bad_json": Replay(_raw(CREATE), NEW_FAULTS),
    "service_create_empty": Replay(_raw(CREATE), NEW_FAULTS),
    "service_create_no_type": Replay(
        _raw(CREATE), {"1.13 19.03 20.10": 201, **_no(CREATE, BadRequest)}
    ),
    "service_list_bad_status": Replay(
        _raw(LIST, status="perhaps"),
        {**_needs(LIST, "?status", "1.41"), **_no(LIST, BadRequest)},
    ),
    "service_update_no_version": Replay(_raw(UPDATE, version=""), UPDATE_FAULTS),
    "service_update_bad_version": Replay(_raw(UPDATE, version="x"), UPDATE_FAULTS),
    "service_update_bad_rollback": Replay(
        _raw_rollback, {**_needs(UPDATE, "?rollback", "1.28"), **_no(UPDATE, BadRequest)}
    ),
}
