"""The logs of services and tasks: what is asked, what comes, how following ends."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from api.rows import NEW, NO_IDS, Row, check_refused_argument, played
from dockerapi import (
    Client,
    Closed,
    Frame,
    LogsIncomplete,
    NotFound,
    NotSupported,
    Output,
    ServerError,
    StreamInterrupted,
    TimedOut,
    Timeouts,
)
from dockerapi.models.tasks import TaskLine
from scripted import (
    LAST_CHUNK,
    Conversation,
    Made,
    ScriptedDaemon,
    asked,
    chunk,
    chunked,
    frame,
    head,
    json_reply,
)

UTC = datetime.timezone.utc
SERVICE: dict[str, Any] = {
    "ID": "s1",
    "Version": {"Index": 3},
    "Spec": {
        "Name": "web",
        "Mode": {"Replicated": {"Replicas": 2}},
        "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}},
    },
}
OF_TTY = {"TaskTemplate": {"ContainerSpec": {"Image": "app:1", "TTY": True}}}
TTY_SERVICE = {**SERVICE, "Spec": {**SERVICE["Spec"], **OF_TTY}}
TASK: dict[str, Any] = {
    "ID": "t1",
    "Version": {"Index": 3},
    "ServiceID": "s1",
    "Spec": SERVICE["Spec"]["TaskTemplate"],
    "Status": {"State": "running"},
    "DesiredState": "running",
}
TTY_TASK = {**TASK, "Spec": OF_TTY["TaskTemplate"]}


def of(task: str, more: str = "") -> str:
    ids = f"node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id={task}"
    return f"2026-11-30T19:28:28.414148297Z com.docker.swarm.{ids}{more} "


def line(stream: Any, text: str, task: str, **attributes: str) -> TaskLine:
    time = datetime.datetime(2026, 11, 30, 19, 28, 28, 414148, UTC)
    return TaskLine(stream, text, time, task, "n1", "s1", attributes)


OUT, ERR = frame("stdout", b"out\n"), frame("stderr", b"err\n")
LINES = [
    frame("stdout", f"{of('t1', ',a%2Cb=c+%3D')}one\n".encode()),
    frame("stderr", f"{of('t2')}two\n".encode()),
]
TOLD = [line("stdout", "one", "t1", **{"a,b": "c ="}), line("stderr", "two", "t2")]


def read(stream: Any) -> Any:
    with stream:
        return stream.read()


def rows(stream: Any) -> Any:
    with stream:
        return list(stream)


ROWS = [
    Row(
        id="service_logs",
        call=lambda client: read(client.service_logs("web")),
        asks=[asked("GET /services/web"), asked("GET /services/s1/logs?stdout=1&stderr=1")],
        answers=[json_reply(SERVICE), chunked(OUT, ERR)],
        gives=Output(b"out\n", b"err\n"),
        at=(NEW,),
    ),
    Row(
        id="service_logs: every argument",
        call=lambda client: read(
            client.service_logs(
                "web",
                stdout=False,
                stderr=True,
                timestamps=True,
                tail=0,
                since=datetime.datetime(2026, 1, 1, tzinfo=UTC),
            )
        ),
        asks=[
            asked("GET /services/web"),
            asked("GET /services/s1/logs?stdout=0&stderr=1&tail=0&since=1767225600&timestamps=1"),
        ],
        answers=[json_reply(SERVICE), chunked(ERR)],
        gives=Output(b"", b"err\n"),
        at=(NEW,),
    ),
    Row(
        id="service_logs: of a terminal",
        call=lambda client: rows(client.service_logs("web")),
        asks=[asked("GET /services/web"), asked("GET /services/s1/logs?stdout=1&stderr=1")],
        answers=[json_reply(TTY_SERVICE), chunked(b"\x01\0\0\0out\r\n")],
        gives=[Frame("stdout", b"\x01\0\0\0out\r\n")],
        at=(NEW,),
    ),
    Row(
        id="task_logs",
        call=lambda client: read(client.task_logs("t1")),
        asks=[asked("GET /tasks/t1"), asked("GET /tasks/t1/logs?stdout=1&stderr=1")],
        answers=[json_reply(TASK), chunked(OUT, ERR)],
        gives=Output(b"out\n", b"err\n"),
        at=(NEW,),
    ),
    Row(
        id="task_logs: every argument",
        call=lambda client: read(
            client.task_logs("t1", stderr=False, timestamps=True, tail=2, since="5.5")
        ),
        asks=[
            asked("GET /tasks/t1"),
            asked("GET /tasks/t1/logs?stdout=1&stderr=0&tail=2&since=5.5&timestamps=1"),
        ],
        answers=[json_reply(TASK), chunked(OUT)],
        gives=Output(b"out\n"),
        at=(NEW,),
    ),
    Row(
        id="task_logs: of a terminal",
        call=lambda client: rows(client.task_logs("t1")),
        asks=[asked("GET /tasks/t1"), asked("GET /tasks/t1/logs?stdout=1&stderr=1")],
        answers=[json_reply(TTY_TASK), chunked(b"out\r\n")],
        gives=[Frame("stdout", b"out\r\n")],
        at=(NEW,),
    ),
    Row(
        id="service_log_lines",
        call=lambda client: rows(client.service_log_lines("web")),
        asks=[
            asked("GET /services/web"),
            asked("GET /services/s1/logs?stdout=1&stderr=1&timestamps=1&details=1"),
        ],
        answers=[json_reply(SERVICE), chunked(*LINES)],
        gives=TOLD,
        at=(NEW,),
    ),
    Row(
        id="service_log_lines: of a terminal",
        call=lambda client: rows(client.service_log_lines("web", tail=1, since=5)),
        asks=[
            asked("GET /services/web"),
            asked("GET /services/s1/logs?stdout=1&stderr=1&tail=1&since=5&timestamps=1&details=1"),
        ],
        answers=[
            json_reply(TTY_SERVICE),
            chunked(f"{of('t1')}on".encode(), f"{of('t2')}two\r\n{of('t1')}e\r\n".encode()),
        ],
        gives=[line("stdout", "two\r", "t2"), line("stdout", "one\r", "t1")],
        at=(NEW,),
    ),
    Row(
        id="task_log_lines",
        call=lambda client: rows(client.task_log_lines("t1", stderr=False)),
        asks=[
            asked("GET /tasks/t1"),
            asked("GET /tasks/t1/logs?stdout=1&stderr=0&timestamps=1&details=1"),
        ],
        answers=[json_reply(TASK), chunked(LINES[0])],
        gives=TOLD[:1],
        at=(NEW,),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    assert row.play(version) == (row.value(version), row.requests(version))


CALLS: dict[str, Callable[[Client], Any]] = {
    "service_logs": lambda client: client.service_logs("web"),
    "service_log_lines": lambda client: client.service_log_lines("web"),
    "task_logs": lambda client: client.task_logs("t1"),
    "task_log_lines": lambda client: client.task_log_lines("t1"),
}


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (500, ServerError), (503, ServerError)]
)
@pytest.mark.parametrize("name", CALLS)
def test_a_refusal_raises_the_class_of_its_status(name: str, status: int, error: Any) -> None:
    noun, id, value = ("services", "web", SERVICE) if "service" in name else ("tasks", "t1", TASK)
    refusal = json_reply({"message": "no"}, status)
    script: Any = {
        f"GET /v1.41/{noun}/{id}": json_reply(value),
        f"GET /v1.41/{noun}/{value['ID']}/logs": refusal,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            CALLS[name](client)
    assert (type(caught.value), str(caught.value)) == (
        error,
        f"GET /{noun}/{{id}}/logs: {status} no",
    )


@pytest.mark.parametrize("name", CALLS)
def test_bad_input_is_refused_and_nothing_is_sent(name: str) -> None:
    def call(client: Client, id: str = "x", **given: Any) -> None:
        getattr(client, name)(id, **given)

    check_refused_argument(
        lambda client: call(client, stdout=False, stderr=False),
        ValueError,
        f"{name}: stdout and stderr are both False; nothing is left to read",
    )
    check_refused_argument(
        lambda client: call(client, tail=-1), ValueError, "tail: at least 0, not -1"
    )
    check_refused_argument(
        lambda client: call(client, since="yesterday"),
        ValueError,
        "since: unix seconds, or RFC 3339 with a time zone, were expected, not 'yesterday'",
    )
    for id in NO_IDS.values():
        check_refused_argument(lambda client, id=id: call(client, id), ValueError, None)


def test_experimental_engines_are_not_asked() -> None:
    with ScriptedDaemon({}, release="17.4.0", api="1.28", lowest="1.12") as daemon:
        with Client(daemon.url) as client, pytest.raises(NotSupported) as caught:
            client.service_logs("web")
    assert (str(caught.value), daemon.requests) == (
        "GET /services/{id}/logs needs API 1.29; the Engine speaks 1.28",
        [],
    )


# What is missing

MISSING = (
    "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some "
    "logs could not be retrieved for the following reasons: node n7 is not available, node n8 "
    "disconnected unexpectedly, task t9 has not been scheduled"
)


def served(service: Any, *pieces: bytes) -> dict[str, Any]:
    return {
        "GET /v1.41/services/web": json_reply(service),
        "GET /v1.41/services/s1/logs": chunked(*pieces),
    }


def failing(call: Callable[[Client], Any], script: Any) -> tuple[list[Any], LogsIncomplete]:
    found = []
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client, call(client) as stream:
        with pytest.raises(LogsIncomplete) as caught:
            for value in stream:
                found.append(value)
        with pytest.raises(LogsIncomplete):  # and never looks like an end
            next(stream)
    return found, caught.value


def test_what_came_is_handed_out_before_what_is_missing_is_named() -> None:
    script = served(SERVICE, OUT, frame("engine", f"{MISSING}\n".encode()))
    found, error = failing(lambda client: client.service_logs("web"), script)
    assert (found, error.nodes, error.tasks, str(error)) == (
        [Frame("stdout", b"out\n")],
        ("n7", "n8"),
        ("t9",),
        MISSING,
    )


def test_an_output_with_a_part_missing_has_what_came() -> None:
    script = served(SERVICE, OUT, ERR, frame("engine", f"{MISSING}\n".encode()))
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.service_logs("web") as logs, pytest.raises(LogsIncomplete) as caught:
            logs.read()
    assert caught.value.output == Output(b"out\n", b"err\n")


@pytest.mark.parametrize(
    ("service", "pieces"),
    [
        (SERVICE, [*LINES, frame("engine", f"{MISSING}\n".encode())]),
        (TTY_SERVICE, [f"{of('t1', ',a%2Cb=c+%3D')}one\n".encode(), f"{MISSING}\n".encode()]),
    ],
    ids=["frames", "a terminal"],
)
def test_lines_of_tasks_before_what_is_missing_is_named(service: Any, pieces: list[bytes]) -> None:
    script = served(service, *pieces)
    found, error = failing(lambda client: client.service_log_lines("web"), script)
    assert (found, error.nodes) == (TOLD[: len(pieces) - 1], ("n7", "n8"))


# The end of following


@attrs.define
class Swarm:
    """An Engine that follows for ever, and what is told of the tasks at each look."""

    tasks: list[list[str]]  # the states, one list after the other; the last one for ever
    service: Any = SERVICE
    removed: bool = False
    pieces: list[bytes] = attrs.field(factory=lambda: [OUT])
    looks: int = 0
    ends: bool = False

    def play(self, conversation: Conversation) -> None:
        conversation.send(head(Transfer_Encoding="chunked"))
        for piece in self.pieces:
            conversation.send(chunk(piece))
        if self.ends:
            conversation.send(LAST_CHUNK)
        else:
            conversation.wait_for_hangup()

    def listed(self) -> bytes:
        states = self.tasks[min(self.looks, len(self.tasks) - 1)]
        self.looks += 1
        return json_reply(
            [{**TASK, "ID": f"t{n}", "Status": {"State": one}} for n, one in enumerate(states)]
        )

    def script(self) -> dict[str, Any]:
        gone = json_reply({"message": "service s1 not found"}, 404)
        return {
            "GET /v1.41/services/web": json_reply(self.service),
            "GET /v1.41/services/s1/logs": self.play,
            "GET /v1.41/services/s1": gone if self.removed else json_reply(self.service),
            "GET /v1.41/tasks": Made(self.listed),
        }

    def follow(self, **timeouts: float) -> tuple[Any, int]:
        """What came, and at how many looks nobody would write any more."""
        with ScriptedDaemon(self.script()) as daemon:
            with Client(daemon.url, timeout=Timeouts(**timeouts)) as client:
                return read(client.service_logs("web", follow=True)), self.looks


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerapi.api.task_logs.BETWEEN_LOOKS", 0.02)


ALL = Output(b"out\n")
JOB = {**SERVICE, "Spec": {**SERVICE["Spec"], "Mode": {"ReplicatedJob": {}}}}
NOBODY = {**SERVICE, "Spec": {**SERVICE["Spec"], "Mode": {"Replicated": {"Replicas": 0}}}}
UPDATING = {**SERVICE, "UpdateStatus": {"State": "updating"}}


@pytest.mark.parametrize(
    ("swarm", "looks"),
    [
        pytest.param(Swarm([["complete", "failed"]]), 2, id="all have ended"),
        pytest.param(Swarm([["running"], ["pending"], ["complete"]], JOB), 4, id="a job"),
        pytest.param(
            Swarm([["failed"], ["failed", "ready"], ["failed", "complete"]]), 4, id="one more try"
        ),
        pytest.param(Swarm([[], ["new"], ["complete"]]), 4, id="not made yet"),
        pytest.param(Swarm([[]], NOBODY), 2, id="none are wanted"),
        pytest.param(
            Swarm([["running"], ["shutdown", "rejected", "orphaned", "remove"]], removed=True),
            3,
            id="removed",
        ),
        pytest.param(Swarm([[]], removed=True), 2, id="removed without a trace"),
    ],
)
def test_following_ends_when_nobody_will_write(swarm: Swarm, looks: int) -> None:
    assert swarm.follow() == (ALL, looks)


@pytest.mark.parametrize(
    "swarm",
    [Swarm([["running"]]), Swarm([["pending"]]), Swarm([[]]), Swarm([["complete"]], UPDATING)],
    ids=["one runs", "one has no node", "not made yet", "updated"],
)
def test_following_goes_on_while_somebody_may_write(swarm: Swarm) -> None:
    with pytest.raises(TimedOut) as caught:
        swarm.follow(idle=0.3)
    assert (caught.value.output, swarm.looks > 2) == (ALL, True)


def test_an_engine_that_ends_what_is_followed_is_asked() -> None:
    assert Swarm([["complete"]], ends=True).follow() == (ALL, 1)
    with pytest.raises(StreamInterrupted) as caught:
        Swarm([["running"]], ends=True).follow()
    assert str(caught.value).partition(": ")[2] == (
        "the logs ended, but tasks go on to write: was the Engine stopped?"
    )


def test_an_engine_that_ends_what_is_followed_and_does_not_tell_why() -> None:
    swarm = Swarm([["complete"]], ends=True)
    script = {**swarm.script(), "GET /v1.41/tasks": json_reply({"message": "no"}, 500)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.service_logs("web", follow=True) as logs:
            with pytest.raises(StreamInterrupted) as caught:
                logs.read()
    assert str(caught.value).partition(": ")[2] == (
        "the logs ended, and nobody tells whether that is all: GET /tasks: 500 no"
    )


def test_a_look_that_is_refused_is_taken_again() -> None:
    swarm = Swarm([["complete"]])
    refusals = iter([json_reply({"message": "no"}, 500)] * 2)
    tasks = Made(lambda: next(refusals, None) or swarm.listed())
    script = {**swarm.script(), "GET /v1.41/tasks": tasks}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert read(client.service_logs("web", follow=True)) == ALL


def test_following_that_is_closed_ends() -> None:
    swarm = Swarm([["running"]])
    with ScriptedDaemon(swarm.script()) as daemon, Client(daemon.url) as client:
        with client.service_logs("web", follow=True) as logs:
            assert next(logs) == Frame("stdout", b"out\n")
            logs.close()
            assert list(logs) == []
        with client.service_logs("web", follow=True) as logs:
            next(logs)
            client.close()
            with pytest.raises(Closed):
                logs.read()


def states(*found: Any) -> Iterator[bytes]:
    """The task at the start and at each look; None is one that is not there."""
    for state in itertools.chain(found, itertools.repeat(found[-1])):
        if state is None:
            yield json_reply({"message": "task t1 not found"}, 404)
        else:
            yield json_reply({**TASK, "Status": {"State": state}})


@pytest.mark.parametrize(
    "told",
    [("running", "running", "complete"), ("running", None), ("rejected",)],
    ids=["it has ended", "it is gone", "it had ended before"],
)
def test_following_a_task_ends_with_it(told: tuple[Any, ...]) -> None:
    answers = states(*told)
    script: Any = {
        "GET /v1.41/tasks/t1": Made(lambda: next(answers)),
        "GET /v1.41/tasks/t1/logs": Swarm([], pieces=LINES).play,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert rows(client.task_log_lines("t1", follow=True)) == TOLD


def test_the_end_of_a_connection_may_be_a_cut() -> None:
    """Only a proxy that speaks HTTP/1.0 takes the mark of the end away."""
    script: Any = {
        "GET /v1.41/services/web": json_reply(SERVICE),
        "GET /v1.41/services/s1/logs": head(Connection="close") + OUT,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.service_logs("web") as logs, pytest.raises(StreamInterrupted) as caught:
            logs.read()
    assert caught.value.output == ALL
    assert str(caught.value) == (
        f"{daemon.url}: GET /services/{{id}}/logs: the connection ended, and nobody tells whether "
        "that was all: the answer does not mark its end. A proxy speaks HTTP/1.0, and would have "
        "to speak HTTP/1.1"
    )
