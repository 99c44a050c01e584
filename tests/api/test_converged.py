"""Waiting for a service: what is converged, what never will be, and what is waited for."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from api.rows import encoded
from dockerapi import Client, NotFound, ServiceFailed, TimedOut, UnexpectedReply
from dockerapi.models.services import Service
from scripted import Answer, ScriptedDaemon, asked, json_reply

SPEC = {"ContainerSpec": {"Image": "a"}, "ForceUpdate": 1}
OLD = {"ContainerSpec": {"Image": "a"}}
ONCE = {**SPEC, "RestartPolicy": {"Condition": "none"}}
ON_FAILURE = {**SPEC, "RestartPolicy": {"Condition": "on-failure", "MaxAttempts": 1}}
TWICE = {**SPEC, "RestartPolicy": {"Condition": "any", "MaxAttempts": 2}}
MODES: dict[str, Any] = {
    "none": None,
    "0": {"Replicated": {"Replicas": 0}},
    "1": {"Replicated": {"Replicas": 1}},
    "2": {"Replicated": {"Replicas": 2}},
    "global": {"Global": {}},
    "job": {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 2}},
    "job of 2": {"ReplicatedJob": {"MaxConcurrent": 2}},
    "job of 1": {"ReplicatedJob": {}},
    "global job": {"GlobalJob": {}},
}
TASKS = f"GET /v1.41/tasks?filters={encoded({'service': ['s1']})}"


def service(
    mode: str = "1", task: Any = SPEC, state: str = "", before: Any = None, **more: Any
) -> dict[str, Any]:
    spec = {"Name": "web", "TaskTemplate": {**task, "Runtime": "container"}, "Mode": MODES[mode]}
    spec["UpdateConfig"] = {"Monitor": 50_000_000}
    status = {"UpdateStatus": {"State": state, "Message": "so it is"}} if state else {}
    previous = {} if before is None else {"PreviousSpec": {**spec, "TaskTemplate": before}}
    return {"ID": "s1", "Version": {"Index": 7}, "Spec": spec, **previous, **status, **more}


def task(
    state: str,
    desired: str = "running",
    *,
    slot: int | None = 1,
    node: str = "n1",
    spec: Any = SPEC,
    age: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """A task; `age` orders those in one place, and `more` are fields of its status."""
    created = datetime.datetime(2026, 11, 30, tzinfo=datetime.timezone.utc)
    created -= datetime.timedelta(seconds=age)
    return {
        "ID": f"t{slot}{node}{age}",
        "Version": {"Index": 1},
        "CreatedAt": created.isoformat(),
        "Spec": spec,
        "NodeID": node,
        **({} if slot is None else {"Slot": slot}),
        "Status": {"State": state, **{key: it for key, it in more.items() if key != "job"}},
        "DesiredState": desired,
        **({"JobIteration": {"Index": more["job"]}} if "job" in more else {}),
    }


FAILED = {"Err": "task: non-zero exit (3)", "ContainerStatus": {"ExitCode": 3}}
ENDED = "1 of its tasks ended, and will not be started again"
OF_T1 = "; task t1n10 is failed with exit code 3: task: non-zero exit (3)"
COMPLETE = task("complete", "shutdown", spec=ONCE)
BROKEN = task("failed", "shutdown", spec=ONCE, **FAILED)
GLOBAL = {"slot": None}

CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str]] = {
    # Replicas
    "a replica runs": (service(), [task("running")], "converged"),
    "without a mode it is one": (service("none"), [task("running")], "converged"),
    "one of two runs": (service("2"), [task("running")], "waits"),
    "two of two run": (service("2"), [task("running"), task("running", slot=2)], "converged"),
    "one too many": (service(), [task("running"), task("running", slot=2)], "waits"),
    "none yet": (service(), [], "waits"),
    "none wanted": (service("0"), [], "converged"),
    "none wanted, the last is to go": (service("0"), [task("shutdown", "remove")], "converged"),
    "none wanted, and nobody has told the last": (service("0"), [task("running")], "waits"),
    "it is starting": (service(), [task("starting")], "waits"),
    "of another spec": (service(), [task("running", spec=OLD)], "waits"),
    "only nodes differ": (
        service(task={**SPEC, "Placement": {"Constraints": ["node.role==worker"]}}),
        [task("running")],
        "converged",
    ),
    "the one before it failed": (
        service(),
        [task("failed", "shutdown", age=9, **FAILED), task("running")],
        "converged",
    ),
    "the one before it failed, the next is to come": (
        service(),
        [task("failed", "shutdown", age=9, **FAILED), task("ready", "ready")],
        "waits",
    ),
    "it failed just now": (service(), [task("failed", **FAILED)], "waits"),
    "it was rejected just now": (service(), [task("rejected", "ready", Err="no")], "waits"),
    "no node for it": (service(), [task("pending", Err="no suitable node")], "waits"),
    "its node is lost, and it is replaced": (
        service(),
        [task("orphaned", "shutdown", age=9), task("running", node="n2")],
        "converged",
    ),
    # That end
    "it ended for good": (
        service(task=ON_FAILURE),
        [task("failed", "shutdown", spec=ON_FAILURE, **FAILED)],
        ENDED + OF_T1,
    ),
    "it was rejected for good": (
        service(task=ONCE),
        [task("rejected", "shutdown", spec=ONCE, Err="No such image: a")],
        f"{ENDED}; task t1n10 is rejected: No such image: a",
    ),
    "it ended well once too often": (
        service(task=TWICE),
        [task("complete", "shutdown", spec=TWICE, Message="finished")],
        f"{ENDED}; task t1n10 is complete: finished",
    ),
    "it ended well, and is started again": (
        service(),
        [task("complete", "shutdown", age=9), task("ready", "ready")],
        "waits",
    ),
    "it failed, and the next one is not to be seen yet": (
        service(),
        [task("failed", "shutdown", **FAILED)],
        "waits",
    ),
    "it fails again and again, and none is wanted any more": (
        service("0"),
        [task("failed", "shutdown", **FAILED)],
        "converged",
    ),
    "it failed for good, and none is wanted any more": (
        service("0", ON_FAILURE),
        [task("failed", "shutdown", spec=ON_FAILURE, **FAILED)],
        "converged",
    ),
    "another one failed for good that is not wanted any more": (
        service("1", ON_FAILURE),
        [task("running", spec=ON_FAILURE), task("failed", "shutdown", slot=2, spec=ON_FAILURE)],
        "converged",
    ),
    "one-shot": (service(task=ONCE), [COMPLETE], "done"),
    "one-shot, if it does not fail": (
        service(task=ON_FAILURE),
        [task("complete", "shutdown", spec=ON_FAILURE)],
        "done",
    ),
    "one-shot that still runs": (service(task=ONCE), [task("running", spec=ONCE)], "converged"),
    "one-shot that failed": (service(task=ONCE), [BROKEN], ENDED + OF_T1),
    "one of two one-shots": (service("2", ONCE), [COMPLETE], "waits"),
    "one complete, one runs": (
        service("2", ONCE),
        [COMPLETE, task("running", slot=2, spec=ONCE)],
        "converged",
    ),
    "one complete, one failed": (
        service("2", ONCE),
        [task("complete", "shutdown", slot=2, spec=ONCE), BROKEN],
        ENDED + OF_T1,
    ),
    "one-shot of another spec": (
        service(task=ONCE),
        [task("complete", "shutdown", spec=OLD)],
        "waits",
    ),
    "one that failed, of another spec": (
        service(task=ONCE),
        [task("failed", "shutdown", spec=OLD, **FAILED)],
        "waits",
    ),
    # One on each node
    "on each node": (
        service("global"),
        [task("running", **GLOBAL), task("running", node="n2", **GLOBAL)],
        "converged",
    ),
    "on one node of two": (
        service("global"),
        [task("running", **GLOBAL), task("preparing", node="n2", **GLOBAL)],
        "waits",
    ),
    "on no node": (service("global"), [], "converged"),
    "on one that is drained": (
        service("global"),
        [task("running", **GLOBAL), task("shutdown", "shutdown", node="n2", **GLOBAL)],
        "converged",
    ),
    "on one that is drained it had failed": (
        service("global"),
        [task("running", **GLOBAL), task("failed", "shutdown", node="n2", **GLOBAL, **FAILED)],
        "converged",
    ),
    "on one it failed for good": (
        service("global", ONCE),
        [task("failed", "shutdown", spec=ONCE, **GLOBAL, **FAILED)],
        f"{ENDED}; task tNonen10 is failed with exit code 3: task: non-zero exit (3)",
    ),
    "on each node, once": (
        service("global", ONCE),
        [task("complete", "shutdown", spec=ONCE, **GLOBAL)],
        "done",
    ),
    # Updates
    "an update goes on": (service(state="updating"), [task("running")], "waits"),
    "an update is completed": (service(state="completed"), [task("running")], "converged"),
    "an update is paused": (
        service(state="paused"),
        [task("running")],
        "its update was paused (so it is)",
    ),
    "an update is rolled back": (
        service(state="rollback_started"),
        [],
        "its update is rolled back (so it is)",
    ),
    "an update was rolled back": (
        service(state="rollback_completed"),
        [task("running")],
        "its update was rolled back (so it is)",
    ),
    "a rollback is paused": (
        service(state="rollback_paused", before=OLD),
        [],
        "its rollback was paused (so it is)",
    ),
    "a rollback that was asked for goes on": (
        service(state="rollback_started", before=OLD),
        [task("running")],
        "waits",
    ),
    "a rollback that was asked for is done": (
        service(state="rollback_completed", before=OLD),
        [task("running")],
        "converged",
    ),
    # Jobs
    "a job is done": (
        service("job", ONCE),
        [task("complete", "complete", slot=slot) for slot in (None, 1)],
        "done",
    ),
    "half of a job": (service("job", ONCE), [task("complete", "complete", slot=None)], "waits"),
    "a job runs": (
        service("job", ONCE),
        [task("running", "complete", slot=slot) for slot in (None, 1)],
        "waits",
    ),
    "as many as at once": (
        service("job of 2", ONCE),
        [task("complete", "complete", slot=slot) for slot in (None, 1)],
        "done",
    ),
    "a job of one": (service("job of 1", ONCE), [task("complete", "complete")], "done"),
    "a job was done before": (
        service("job of 1", JobStatus={"JobIteration": {"Index": 2}}),
        [task("complete", "complete", job=1)],
        "waits",
    ),
    "a job is done again": (
        service("job of 1", JobStatus={"JobIteration": {"Index": 2}}),
        [task("complete", "complete", job=1, age=9), task("complete", "complete", job=2)],
        "done",
    ),
    "a job failed before": (
        service("job of 1", JobStatus={"JobIteration": {"Index": 2}}),
        [task("failed", "shutdown", job=1, **FAILED)],
        "waits",
    ),
    "a job cannot be done": (
        service("job", ONCE),
        [task("failed", "shutdown", spec=ONCE, **FAILED)],
        ENDED + OF_T1,
    ),
    "a job on each node": (service("global job"), [task("complete", "complete", **GLOBAL)], "done"),
    "a job on one node of two": (
        service("global job"),
        [task("complete", "complete", **GLOBAL), task("running", "complete", node="n2", **GLOBAL)],
        "waits",
    ),
    "a job on no node": (service("global job"), [], "converged"),
}


@pytest.mark.parametrize(("found", "tasks", "outcome"), CASES.values(), ids=CASES)
def test_what_a_service_and_its_tasks_mean(
    found: dict[str, Any], tasks: list[dict[str, Any]], outcome: str
) -> None:
    script: dict[str, Answer] = {
        "GET /v1.41/services/web": json_reply(found),
        "GET /v1.41/services/s1": json_reply(found),
        TASKS: json_reply(tasks),
        "GET /v1.41/nodes": json_reply([]),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        if outcome in ("converged", "done"):
            assert client.wait_for_service("web", timeout=20) == Service.parse(found)
            looked = [request for request in daemon.requests if "/tasks" in request.target]
            # What is done is done; anything else has to hold for the time of the update.
            assert len(looked) == 1 if outcome == "done" else len(looked) >= 2
        elif outcome == "waits":
            with pytest.raises(TimedOut) as late:
                client.wait_for_service("web", timeout=0.1)
            assert str(late.value).startswith("service web was not as asked for within 0.1 seconds")
            assert (late.value.kind, late.value.seconds) == ("whole", 0.1)
        else:
            with pytest.raises(ServiceFailed) as caught:
                client.wait_for_service("web", timeout=20)
            assert str(caught.value) == f"service web: {outcome}"
            assert caught.value.service == Service.parse(found)


def test_an_error_has_the_tasks_that_say_why() -> None:
    tasks = [
        task("failed", "shutdown", spec=ONCE, age=9, **FAILED),
        task("running", slot=2, spec=ONCE),
        task("rejected", "shutdown", spec=ONCE, Err="No such image: a"),
    ]
    with _played(service("2", ONCE), tasks) as daemon, Client(daemon.url) as client:
        with pytest.raises(ServiceFailed) as caught:
            client.wait_for_service("web", timeout=20)
    told = [(one.id, one.error, one.exit_code) for one in caught.value.tasks]
    assert told == [
        ("t1n10", "No such image: a", None),
        ("t1n19", "task: non-zero exit (3)", 3),
    ]


@pytest.mark.dear
def test_a_wait_that_is_too_short_has_them_too() -> None:
    tasks = [task("pending", Err="no suitable node"), task("running", slot=2)]
    with _played(service("2"), tasks) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.wait_for_service("web", timeout=2)
    assert (str(caught.value), [one.id for one in caught.value.tasks]) == (
        "service web was not as asked for within 2 seconds; "
        "task t1n10 is pending: no suitable node",
        ["t1n10"],
    )


def _played(found: dict[str, Any], tasks: list[dict[str, Any]]) -> ScriptedDaemon:
    script: dict[str, Answer] = {
        "GET /v1.41/services/web": json_reply(found),
        "GET /v1.41/services/s1": json_reply(found),
        TASKS: json_reply(tasks),
    }
    return ScriptedDaemon(script)


@pytest.mark.parametrize(("node", "waits"), [("ready", True), ("down", False)])
def test_a_task_that_is_to_go_is_waited_for_while_its_node_is_there(node: str, waits: bool) -> None:
    """What is on a node that is lost says for a day that it runs."""
    listed = json_reply([{"ID": "n1", "Version": {"Index": 1}, "Status": {"State": node}}])
    tasks = json_reply([task("running", "shutdown", age=9), task("running", slot=2, node="n2")])
    found = json_reply(service())
    script: dict[str, Answer] = {
        "GET /v1.41/services/web": found,
        "GET /v1.41/services/s1": found,
        TASKS: tasks,
        "GET /v1.41/nodes": listed,
    }
    if waits:
        del script["GET /v1.41/services/s1"]
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        if waits:
            with pytest.raises(TimedOut):
                client.wait_for_service("web", timeout=0.1)
        else:
            assert client.wait_for_service("web", timeout=20).id == "s1"


@pytest.mark.dear
def test_it_has_to_hold_without_a_break() -> None:
    """A task that fails within the time begins it anew; it is asked for once a second."""
    good, bad = json_reply([task("running")]), json_reply([task("failed", **FAILED)])
    script: dict[str, Any] = {
        "GET /v1.41/services/web": json_reply(service()),
        "GET /v1.41/services/s1": json_reply(service()),
        TASKS: [good, bad, good, good],
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.wait_for_service("web", timeout=60).id == "s1"
    assert daemon.requests[0] == asked("GET /v1.41/services/web")


@pytest.mark.dear
@pytest.mark.parametrize(
    ("mode", "spec", "more", "ends"),
    [
        ("global", SPEC, {}, task("running", **GLOBAL)),
        (
            "global job",
            ONCE,
            {"JobStatus": {"JobIteration": {"Index": 1}}},
            task("complete", "shutdown", spec=ONCE, job=1, **GLOBAL),
        ),
    ],
    ids=["made just now", "a job started again"],
)
def test_no_task_on_any_node_is_looked_at_for_longer_than_a_short_monitor(
    mode: str, spec: Any, more: dict[str, Any], ends: dict[str, Any]
) -> None:
    """The swarm may not have made them yet."""
    before = [task("complete", "shutdown", spec=ONCE, age=9, job=0, **GLOBAL)] if more else []
    script: dict[str, Any] = {
        "GET /v1.41/services/web": json_reply(service(mode, spec, **more)),
        "GET /v1.41/services/s1": json_reply(service(mode, spec, **more)),
        TASKS: [json_reply(before), json_reply(before), json_reply([*before, ends])],
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.wait_for_service("web", timeout=60).id == "s1"
    assert [one.target for one in daemon.requests].count(TASKS.partition(" ")[2]) == 3


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({}, "Task.spec: Spec is missing"),
        ({"Spec": "a"}, "TaskSpec: an object was expected, not 'a'"),
    ],
)
def test_a_task_without_a_spec_is_no_answer(bad: dict[str, Any], words: str) -> None:
    running = {key: it for key, it in task("running").items() if key != "Spec"}
    with _played(service(), [{**running, **bad}]) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.wait_for_service("web", timeout=20)
    assert str(caught.value) == words


def test_a_service_that_is_removed_meanwhile() -> None:
    words = "service s1 not found"
    script: dict[str, Answer] = {
        "GET /v1.41/services/web": json_reply(service()),
        "GET /v1.41/services/s1": json_reply({"message": words}, 404),
        TASKS: json_reply([task("running")]),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotFound) as caught:
            client.wait_for_service("web", timeout=20)
    assert str(caught.value) == f"GET /services/{{id}}: 404 {words}"
