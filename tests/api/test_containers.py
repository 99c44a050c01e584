"""Containers: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from api.rows import (
    NEW,
    NO_IDS,
    NO_TEXTS,
    OLD,
    Row,
    Statuses,
    all_of,
    check_not_supported,
    check_refusal,
    check_refused_argument,
    encoded,
    needs,
    played,
    recorded,
    refusals,
    refused,
)
from dockerapi import (
    ApiError,
    BadRequest,
    Client,
    Conflict,
    ContainerNotFound,
    ImageNotFound,
    NotAcceptable,
    OperationFailed,
    PluginNotFound,
    ServerError,
    TimedOut,
    Timeouts,
    UnexpectedReply,
)
from dockerapi.api.containers import create_body
from dockerapi.migrate import settings
from dockerapi.models.config import (
    ContainerConfig,
    ContainerUpdate,
    EndpointSettings,
    HostConfig,
    NetworkingConfig,
)
from dockerapi.models.containers import (
    Change,
    Container,
    ContainerSummary,
    Created,
    Processes,
    Stats,
)
from dockerapi.models.pruned import Pruned
from scripted import (
    PATIENCE,
    Conversation,
    ScriptedDaemon,
    asked,
    chunk,
    chunked,
    head,
    json_reply,
    reply,
)

ID = "926b0c168505e37795e7f54be17d061965884d6476eccf38b6badaa702d1873f"
OLD_ID = "75c43db0b696568495f88ad99ba081618461443afd28ca6331043bf8899c18e4"
CREATED_ID = {NEW: ID, OLD: OLD_ID}
SLEEPING_ID = {
    NEW: "bbbbccdb27a5f77ecc659d359e7e1aa0560391d22d89722f4c69f80a70b680c6",
    OLD: "523fe783b25295183c7ee36fd4dcdd31a7ae2189766d66eeda4dae263ab0c6c9",
}
DONE = reply(204)


def create(config: dict[str, Any], query: str = "") -> Any:
    return asked(f"POST /containers/create{query}", config)


def read(stream: Any) -> Any:
    with stream:
        return stream.read()


FULL_CONFIG = ContainerConfig(
    env={"A": "1"},
    labels={"a": "b"},
    user="1000:1000",
    working_dir="/srv",
    exposed_ports=["80/tcp"],
    volumes=["/data"],
    open_stdin=True,
)
FULL_BODY = {
    "Env": ["A=1"],
    "Labels": {"a": "b"},
    "User": "1000:1000",
    "WorkingDir": "/srv",
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "OpenStdin": True,
    "Image": "busybox",
    "Cmd": ["echo", "a b"],
}


ROWS = [
    # List
    Row(
        id="containers",
        call=lambda client: client.containers(),
        asks=[asked("GET /containers/json")],
        answers=["container_list"],
        reads=lambda answer: [ContainerSummary.parse(row) for row in answer],
    ),
    Row(
        id="containers: none",
        call=lambda client: client.containers(),
        asks=[asked("GET /containers/json")],
        answers=[json_reply([])],
        gives=[],
    ),
    Row(
        id="containers: null",
        call=lambda client: client.containers(),
        asks=[asked("GET /containers/json")],
        answers=[json_reply(None)],
        gives=[],
    ),
    Row(
        id="containers: every option",
        call=lambda client: client.containers(
            all=True, size=True, limit=2, since="/web", before="db", filters={"label": "env=ci"}
        ),
        asks=[
            asked(
                "GET /containers/json?all=1&size=1&limit=2&filters=%7B%22label%22%3A+%5B%22env%3Dci"
                "%22%5D%2C+%22since%22%3A+%5B%22web%22%5D%2C+%22before%22%3A+%5B%22db%22%5D%7D"
            )
        ],
        answers=["container_list"],
        reads=lambda answer: [ContainerSummary.parse(row) for row in answer],
    ),
    Row(
        id="containers: since and before of an Engine that has no filter for them",
        call=lambda client: client.containers(since="web", before="db"),
        asks=[asked("GET /containers/json?all=1&since=web&before=db")],
        answers=[json_reply([])],
        gives=[],
        at=(OLD,),
        release="1.7.1",
    ),
    Row(
        id="containers: filters of their own versions",
        call=lambda client: client.containers(filters={"network": "backend"}),
        asks=[asked(f"GET /containers/json?filters={encoded({'network': ['backend']})}")],
        answers=[json_reply([])],
        gives=[],
        refused=needs("GET /containers/json ?filters.network", "1.24"),
    ),
    # Create
    *(
        Row(
            id="create_container",
            call=lambda client: client.create_container("busybox"),
            asks=[create({"Image": "busybox"})],
            answers=["container_create"],
            gives=Created(id=id),
            at=(version,),
        )
        for version, id in CREATED_ID.items()
    ),
    Row(
        id="create_container: every argument",
        call=lambda client: client.create_container(
            "busybox",
            "echo 'a b'",
            name="/web",
            config=FULL_CONFIG,
            host_config=HostConfig(memory="64m", binds=["/srv:/data:ro"]),
        ),
        asks=[
            create(
                {**FULL_BODY, "HostConfig": {"Binds": ["/srv:/data:ro"], "Memory": 64 * 1024**2}},
                "?name=web",
            )
        ],
        answers=["container_create"],
        reads=Created.parse,
    ),
    Row(
        id="create_container: of networks",
        call=lambda client: client.create_container(
            "busybox",
            ["sh"],
            networking=NetworkingConfig(
                endpoints={
                    "a": EndpointSettings(ipv4_address="10.0.0.2", aliases=["db"]),
                }
            ),
        ),
        asks=[
            create(
                {
                    "Image": "busybox",
                    "Cmd": ["sh"],
                    "NetworkingConfig": {
                        "EndpointsConfig": {
                            "a": {"IPAMConfig": {"IPv4Address": "10.0.0.2"}, "Aliases": ["db"]},
                        }
                    },
                }
            )
        ],
        answers=["container_create"],
        reads=Created.parse,
        refused=needs("POST /containers/create NetworkingConfig", "1.22"),
    ),
    Row(
        id="create_container: for a platform",
        call=lambda client: client.create_container("busybox", platform="linux/arm64"),
        asks=[create({"Image": "busybox"}, "?platform=linux%2Farm64")],
        answers=[json_reply({"Id": ID, "Warnings": ["platform does not match"]}, 201)],
        gives=Created(id=ID, warnings=("platform does not match",)),
        refused=needs("POST /containers/create ?platform", "1.41"),
    ),
    Row(
        id="create_container: for an operating system, as docker-py's keyword may say",
        call=lambda client: client.create_container("busybox", **settings(platform="linux")),
        asks=[create({"Image": "busybox"}, "?platform=linux")],
        answers=["container_create"],
        reads=Created.parse,
        refused=needs("POST /containers/create ?platform", "1.41"),
    ),
    Row(
        id="create_container: of an id",
        call=lambda client: client.create_container(f"sha256:{ID}", []),
        asks=[create({"Image": f"sha256:{ID}", "Cmd": []})],
        answers=["container_create"],
        reads=Created.parse,
    ),
    # Inspect
    Row(
        id="inspect_container",
        call=lambda client: client.inspect_container("/web"),
        asks=[asked("GET /containers/web/json")],
        answers=["container_inspect_running"],
        reads=Container.parse,
    ),
    Row(
        id="inspect_container: what a model has the id of",
        call=lambda client: client.inspect_container(Created(id=ID)),
        asks=[asked(f"GET /containers/{ID}/json")],
        answers=["container_inspect"],
        reads=Container.parse,
    ),
    Row(
        id="inspect_container: a name that needs quoting",
        call=lambda client: client.inspect_container("a b%\u00fc"),
        asks=[asked("GET /containers/a%20b%25%C3%BC/json")],
        answers=["container_inspect"],
        reads=Container.parse,
    ),
    Row(
        id="inspect_container: with sizes",
        call=lambda client: client.inspect_container("web", size=True),
        asks=[asked("GET /containers/web/json?size=1")],
        answers=["container_inspect"],
        reads=Container.parse,
        refused=needs("GET /containers/{id}/json ?size", "1.21"),
    ),
    # Processes, changes, file systems
    Row(
        id="top",
        call=lambda client: client.top("web"),
        asks=[asked("GET /containers/web/top")],
        answers=["container_top"],
        gives=Processes(
            ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"),
            (("root", "24026", "24005", "6", "00:55", "?", "00:00:00", "sleep 300"),),
        ),
        at=(NEW,),
    ),
    Row(
        id="top: with arguments of ps",
        call=lambda client: client.top("web", ps_args="aux --sort pid"),
        asks=[asked("GET /containers/web/top?ps_args=aux+--sort+pid")],
        answers=["container_top_args"],
        reads=Processes.parse,
    ),
    Row(
        id="diff",
        call=lambda client: client.diff("web"),
        asks=[asked("GET /containers/web/changes")],
        answers=[
            json_reply(
                [
                    {"Path": "/dev", "Kind": 0},
                    {"Path": "/dev/kmsg", "Kind": 1},
                    {"Path": "/test", "Kind": 2},
                ]
            )
        ],
        gives=[
            Change(path="/dev", kind="modified"),
            Change(path="/dev/kmsg", kind="added"),
            Change(path="/test", kind="deleted"),
        ],
    ),
    Row(
        id="diff: nothing",
        call=lambda client: client.diff("web"),
        asks=[asked("GET /containers/web/changes")],
        answers=["container_changes"],
        gives=[],
    ),
    Row(
        id="export",
        call=lambda client: read(client.export("web")),
        asks=[asked("GET /containers/web/export")],
        answers=[chunked(b"an ", b"arch", b"ive", Content_Type="application/octet-stream")],
        gives=b"an archive",
    ),
    # Stats
    Row(
        id="stats",
        call=lambda client: client.stats("web"),
        asks=[asked("GET /containers/web/stats?stream=0")],
        answers=["container_stats"],
        reads=Stats.parse,
    ),
    Row(
        id="stats: one reading",
        call=lambda client: client.stats("web", one_shot=True),
        asks=[asked("GET /containers/web/stats?stream=0&one-shot=1")],
        answers=["container_stats"],
        reads=Stats.parse,
        at=(NEW,),
    ),
    Row(
        id="stream_stats",
        call=lambda client: all_of(client.stream_stats("web")),
        asks=[asked("GET /containers/web/stats"), asked("GET /containers/web/json")],
        answers=[
            chunked(b'{"pids_stats": {"current": 1}}\n{"pids_', b'stats": {"current": 2}}\n'),
            json_reply({"Id": "c1", "State": {"Running": False}}),
        ],
        gives=[Stats(pids_current=1), Stats(pids_current=2)],
    ),
    # Its life
    Row(
        id="resize",
        call=lambda client: client.resize("web", height=40, width=80),
        asks=[asked("POST /containers/web/resize?h=40&w=80")],
        answers=["container_resize"],
    ),
    Row(
        id="start",
        call=lambda client: client.start("web"),
        asks=[asked("POST /containers/web/start")],
        answers=["container_start"],
    ),
    Row(
        id="start: what runs already",
        call=lambda client: client.start("web"),
        asks=[asked("POST /containers/web/start")],
        answers=["container_start_again"],
    ),
    Row(
        id="start: with a host config that replaces what was given at creation",
        call=lambda client: client.start("web", host_config=HostConfig(privileged=True)),
        asks=[asked("POST /containers/web/start", {"Privileged": True})],
        answers=["container_start"],
        at=(OLD,),
    ),
    Row(
        id="stop",
        call=lambda client: client.stop("web"),
        asks=[asked("POST /containers/web/stop")],
        answers=[DONE],
    ),
    Row(
        id="stop: in time",
        call=lambda client: client.stop("web", timeout=0),
        asks=[asked("POST /containers/web/stop?t=0")],
        answers=[DONE],
    ),
    Row(
        id="stop: what is stopped already",
        call=lambda client: client.stop("web", timeout=1),
        asks=[asked("POST /containers/web/stop?t=1")],
        answers=["container_stop_again"],
    ),
    Row(
        id="stop: by an Engine that takes no time for none",
        call=lambda client: client.stop("web"),
        asks=[asked("POST /containers/web/stop?t=10")],
        answers=[DONE],
        at=(OLD,),
        release="1.7.1",
    ),
    Row(
        id="restart",
        call=lambda client: client.restart("web"),
        asks=[asked("POST /containers/web/restart")],
        answers=[DONE],
    ),
    Row(
        id="restart: in time",
        call=lambda client: client.restart("web", timeout=3),
        asks=[asked("POST /containers/web/restart?t=3")],
        answers=[DONE],
    ),
    Row(
        id="kill",
        call=lambda client: client.kill("web"),
        asks=[asked("POST /containers/web/kill")],
        answers=[DONE],
    ),
    Row(
        id="kill: by a name",
        call=lambda client: client.kill("web", signal="SIGRTMIN+3"),
        asks=[asked("POST /containers/web/kill?signal=SIGRTMIN%2B3")],
        answers=[DONE],
    ),
    Row(
        id="kill: by a number",
        call=lambda client: client.kill("web", signal=18),
        asks=[asked("POST /containers/web/kill?signal=18")],
        answers=[DONE],
    ),
    Row(
        id="kill: by one of Python's signals",
        call=lambda client: client.kill("web", signal=signal.SIGUSR1),
        asks=[asked("POST /containers/web/kill?signal=SIGUSR1")],
        answers=[DONE],
    ),
    Row(
        id="rename",
        call=lambda client: client.rename("web", "/db"),
        asks=[asked("POST /containers/web/rename?name=db")],
        answers=["container_rename"],
    ),
    Row(
        id="update_container",
        call=lambda client: client.update_container("web", ContainerUpdate(memory="64m")),
        asks=[asked("POST /containers/web/update", {"Memory": 67108864})],
        answers=[json_reply({"Warnings": None})],
        gives=(),
        refused=needs("POST /containers/{id}/update", "1.22"),
    ),
    Row(
        id="update_container: every limit that 1.41 has",
        call=lambda client: client.update_container(
            "web",
            ContainerUpdate(
                cpu_shares=512,
                cpu_period=50_000,
                cpu_quota=-1,
                cpu_realtime_period=1_000_000,
                cpu_realtime_runtime=950_000,
                cpuset_cpus="0-1",
                cpuset_mems="0",
                memory="64m",
                memory_swap=-1,
                memory_reservation="32m",
                kernel_memory="50m",
                blkio_weight=300,
                pids_limit=0,
                restart_policy="on-failure:3",
            ),
        ),
        asks=[
            asked(
                "POST /containers/web/update",
                {
                    "CpuShares": 512,
                    "CpuPeriod": 50_000,
                    "CpuQuota": -1,
                    "CpuRealtimePeriod": 1_000_000,
                    "CpuRealtimeRuntime": 950_000,
                    "CpusetCpus": "0-1",
                    "CpusetMems": "0",
                    "Memory": 67108864,
                    "MemorySwap": -1,
                    "MemoryReservation": 33554432,
                    "KernelMemory": 52428800,
                    "BlkioWeight": 300,
                    "PidsLimit": 0,
                    "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
                },
            )
        ],
        answers=[json_reply({"Warnings": ["Weight discarded."]})],
        gives=("Weight discarded.",),
        at=(NEW,),
    ),
    Row(
        id="pause",
        call=lambda client: client.pause("web"),
        asks=[asked("POST /containers/web/pause")],
        answers=["container_pause"],
    ),
    Row(
        id="unpause",
        call=lambda client: client.unpause("web"),
        asks=[asked("POST /containers/web/unpause")],
        answers=[DONE],
    ),
    Row(
        id="wait",
        call=lambda client: client.wait("web"),
        asks=[asked("POST /containers/web/wait")],
        answers=["container_wait"],
        gives=3,
    ),
    Row(
        id="wait: for a condition",
        call=lambda client: client.wait("web", condition="removed", timeout=30),
        asks=[asked("POST /containers/web/wait?condition=removed")],
        answers=["container_wait"],
        gives=3,
        refused=needs("POST /containers/{id}/wait ?condition", "1.30"),
    ),
    Row(
        id="remove_container",
        call=lambda client: client.remove_container("web"),
        asks=[asked("DELETE /containers/web")],
        answers=["container_remove"],
    ),
    Row(
        id="remove_container: every option",
        call=lambda client: client.remove_container("web", volumes=True, force=True),
        asks=[asked("DELETE /containers/web?v=1&force=1")],
        answers=["container_remove"],
    ),
    Row(
        id="remove_container: a link",
        call=lambda client: client.remove_container("/web/db", link=True),
        asks=[asked("DELETE /containers/web%2Fdb?link=1")],
        answers=["container_remove"],
    ),
    # Prune
    Row(
        id="prune_containers",
        call=lambda client: client.prune_containers(),
        asks=[asked("POST /containers/prune")],
        answers=[json_reply({"ContainersDeleted": None, "SpaceReclaimed": 0})],
        gives=Pruned(space_reclaimed=0),
        at=(NEW,),
    ),
    Row(
        id="prune_containers: every argument",
        call=lambda client: client.prune_containers(
            filters={"until": "24h", "label": ["a", "b=c"], "label!": "d"}
        ),
        asks=[
            asked(
                "POST /containers/prune?filters="
                + encoded({"until": ["24h"], "label": ["a", "b=c"], "label!": ["d"]})
            )
        ],
        answers=[json_reply({"ContainersDeleted": ["1", "2"], "SpaceReclaimed": 12})],
        gives=Pruned(deleted=("1", "2"), space_reclaimed=12),
        at=(NEW,),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


@pytest.mark.parametrize("row", refused(ROWS))
def test_what_the_version_cannot_do_is_refused_and_not_asked(row: Row) -> None:
    check_not_supported(row)


# What the Engine refuses

STATUSES: Statuses = [
    ("GET /containers/json", "containers", {400: BadRequest, 500: ServerError}),
    (
        "POST /containers/create",
        "create_container: every argument",
        {
            400: BadRequest,
            404: ImageNotFound,
            406: NotAcceptable,
            409: Conflict,
            500: ServerError,
        },
    ),
    *(
        (route, id, {404: ContainerNotFound, 500: ServerError})
        for route, id in (
            ("GET /containers/{id}/json", "inspect_container"),
            ("GET /containers/{id}/changes", "diff"),
            ("GET /containers/{id}/export", "export"),
            ("GET /containers/{id}/stats", "stats"),
            ("GET /containers/{id}/stats", "stream_stats"),
            ("POST /containers/{id}/resize", "resize"),
            ("POST /containers/{id}/restart", "restart"),
            ("POST /containers/{id}/stop", "stop"),
        )
    ),
    *(
        (route, id, {404: ContainerNotFound, 409: Conflict, 500: ServerError})
        for route, id in (
            ("GET /containers/{id}/top", "top: with arguments of ps"),
            ("POST /containers/{id}/start", "start"),
            ("POST /containers/{id}/kill", "kill"),
            ("POST /containers/{id}/rename", "rename"),
            ("POST /containers/{id}/pause", "pause"),
            ("POST /containers/{id}/unpause", "unpause"),
        )
    ),
    (
        "POST /containers/{id}/update",
        "update_container: every limit that 1.41 has",
        {400: BadRequest, 404: ContainerNotFound, 409: Conflict, 500: ServerError},
    ),
    (
        "POST /containers/{id}/wait",
        "wait",
        {400: BadRequest, 404: ContainerNotFound, 500: ServerError},
    ),
    (
        "DELETE /containers/{id}",
        "remove_container",
        {400: BadRequest, 404: ContainerNotFound, 409: Conflict, 500: ServerError},
    ),
    ("POST /containers/prune", "prune_containers", {409: Conflict, 500: ServerError}),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


@pytest.mark.parametrize(
    ("operation", "call", "error", "status", "words"),
    [
        (
            "container_create_404",
            lambda client: client.create_container("nosuchimage"),
            ImageNotFound,
            404,
            "No such image: nosuchimage:latest",
        ),
        (
            "container_remove_404",
            lambda client: client.remove_container("web"),
            ContainerNotFound,
            404,
            {version: f"No such container: {id}" for version, id in CREATED_ID.items()},
        ),
        (
            "container_remove_running",
            lambda client: client.remove_container("web"),
            Conflict,
            409,
            {
                version: f"You cannot remove a running container {id}. Stop the container before "
                "attempting removal or force remove"
                for version, id in SLEEPING_ID.items()
            },
        ),
    ],
)
@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_recorded_refusal_is_given_in_the_words_of_the_engine(
    operation: str, call: Any, error: type[ApiError], status: int, words: Any, version: str
) -> None:
    answer = recorded(operation, version)
    script = {
        f"POST /v{version}/containers/create": answer,
        f"DELETE /v{version}/containers/web": answer,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(error) as caught:
            call(client)
    expected = words[version] if isinstance(words, dict) else words
    assert (type(caught.value), caught.value.status, caught.value.message) == (
        error,
        status,
        expected,
    )


# What is refused before anything is sent

OF_A_CONTAINER = {
    "inspect_container": lambda client, id: client.inspect_container(id),
    "top": lambda client, id: client.top(id),
    "logs": lambda client, id: client.logs(id),
    "diff": lambda client, id: client.diff(id),
    "export": lambda client, id: client.export(id),
    "stats": lambda client, id: client.stats(id),
    "stream_stats": lambda client, id: client.stream_stats(id),
    "resize": lambda client, id: client.resize(id, height=1, width=1),
    "start": lambda client, id: client.start(id),
    "stop": lambda client, id: client.stop(id),
    "restart": lambda client, id: client.restart(id),
    "kill": lambda client, id: client.kill(id),
    "rename": lambda client, id: client.rename(id, "db"),
    "update_container": lambda client, id: client.update_container(id, ContainerUpdate()),
    "pause": lambda client, id: client.pause(id),
    "unpause": lambda client, id: client.unpause(id),
    "attach": lambda client, id: client.attach(id),
    "attach_websocket": lambda client, id: client.attach_websocket(id),
    "wait": lambda client, id: client.wait(id),
    "remove_container": lambda client, id: client.remove_container(id),
    "get_archive": lambda client, id: client.get_archive(id, "/"),
    "put_archive": lambda client, id: client.put_archive(id, "/", b""),
    "copy_into": lambda client, id: client.copy_into(id, "/", "/"),
    "copy_out": lambda client, id: client.copy_out(id, "/", "/"),
    "commit": lambda client, id: client.commit(id),
    "exec_create": lambda client, id: client.exec_create(id, ["true"]),
    "exec_run": lambda client, id: client.exec_run(id, ["true"]),
}
METHODS = pytest.mark.parametrize("call", OF_A_CONTAINER.values(), ids=OF_A_CONTAINER)


@METHODS
@pytest.mark.parametrize("id", NO_IDS.values(), ids=NO_IDS)
def test_what_is_no_id_of_a_container_is_refused_and_nothing_is_sent(call: Any, id: str) -> None:
    check_refused_argument(
        lambda client: call(client, id),
        ValueError,
        f"not the id or name of any container: {id!r}",
    )


@METHODS
@pytest.mark.parametrize("id", NO_TEXTS.values(), ids=NO_TEXTS)
def test_an_id_that_is_no_text_is_refused_and_nothing_is_sent(call: Any, id: Any) -> None:
    check_refused_argument(
        lambda client: call(client, id),
        TypeError,
        f"container: a string was expected, not {id!r}",
    )


NAME = (
    "the name of a container is made of letters, digits, '_', '.' and '-' and begins with a letter "
    "or digit, not "
)
BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "create: a config that is a dictionary": (
        lambda client: client.create_container("a", config={"Tty": True}),
        TypeError,
        "config: use dockerapi.ContainerConfig(...); it was a dict",
    ),
    "create: a host config that is a dictionary": (
        lambda client: client.create_container("a", host_config={}),
        TypeError,
        "host_config: use dockerapi.HostConfig(...); it was a dict",
    ),
    "create: networking that is a dictionary": (
        lambda client: client.create_container("a", networking={}),
        TypeError,
        "networking: use dockerapi.NetworkingConfig(...); it was a dict",
    ),
    "start: a host config that is a dictionary": (
        lambda client: client.start("a", host_config={}),
        TypeError,
        "host_config: use dockerapi.HostConfig(...); it was a dict",
    ),
    "wait: for what no Engine waits for": (
        lambda client: client.wait("web", condition="bogus"),
        ValueError,
        "condition: not-running, next-exit or removed was expected, not 'bogus'",
    ),
    "top: arguments that are no text": (
        lambda client: client.top("web", ps_args=5),
        TypeError,
        "ps_args: a string was expected, not 5",
    ),
    "create: a platform that is no text": (
        lambda client: client.create_container("busybox", platform=5),
        TypeError,
        "platform: a string was expected, not 5",
    ),
    "containers: a limit of none": (
        lambda client: client.containers(limit=0),
        ValueError,
        "limit: at least 1, not 0",
    ),
    "containers: a limit that is no number": (
        lambda client: client.containers(limit="2"),
        TypeError,
        "limit: a whole number was expected, not '2'",
    ),
    "containers: since no container": (
        lambda client: client.containers(since="a/b"),
        ValueError,
        "not the id or name of any container: 'a/b'",
    ),
    "containers: before no container": (
        lambda client: client.containers(before=""),
        ValueError,
        "not the id or name of any container: ''",
    ),
    "containers: filters that are no mapping": (
        lambda client: client.containers(filters="label=a"),
        TypeError,
        "filters: a mapping was expected, not 'label=a'",
    ),
    "create: a name with a space": (
        lambda client: client.create_container("busybox", name="a b"),
        ValueError,
        NAME + "'a b'",
    ),
    "create: an empty name": (
        lambda client: client.create_container("busybox", name=""),
        ValueError,
        NAME + "''",
    ),
    "create: a name that is no text": (
        lambda client: client.create_container("busybox", name=7),
        TypeError,
        "container: a string was expected, not 7",
    ),
    "create: no image": (
        lambda client: client.create_container(""),
        ValueError,
        "not the name of any image: ''",
    ),
    "create: an image in capitals": (
        lambda client: client.create_container("BusyBox"),
        ValueError,
        "not the name of any image: 'BusyBox'",
    ),
    "create: an image that is no text": (
        lambda client: client.create_container(None),
        TypeError,
        "image: a string was expected, not None",
    ),
    "create: two images": (
        lambda client: client.create_container("busybox", config=ContainerConfig(image="alpine")),
        ValueError,
        "image: 'busybox', but config has 'alpine'",
    ),
    "create: two commands": (
        lambda client: client.create_container(
            "busybox", ["a"], config=ContainerConfig(command=["b"])
        ),
        ValueError,
        "command: ['a'], but config has ('b',), too",
    ),
    "create: a command that is no text": (
        lambda client: client.create_container("busybox", 7),
        TypeError,
        "command: a string or a list of words was expected, not 7",
    ),
    "resize: to nothing": (
        lambda client: client.resize("web", height=0, width=80),
        ValueError,
        "height: 1 to 65535 characters, not 0",
    ),
    "stop: in a negative time": (
        lambda client: client.stop("web", timeout=-1),
        ValueError,
        "timeout: at least 0, not -1",
    ),
    "restart: in a negative time": (
        lambda client: client.restart("web", timeout=-1),
        ValueError,
        "timeout: at least 0, not -1",
    ),
    "stop: in a time that is no number": (
        lambda client: client.stop("web", timeout="10"),
        TypeError,
        "timeout: a whole number was expected, not '10'",
    ),
    "wait: for a negative time": (
        lambda client: client.wait("web", timeout=-1),
        ValueError,
        "timeout: more than 0 seconds, not -1",
    ),
    "wait: for no time at all": (
        lambda client: client.wait("web", timeout=0),
        ValueError,
        "timeout: more than 0 seconds, not 0",
    ),
    "wait: for a time that is no number": (
        lambda client: client.wait("web", timeout="1"),
        TypeError,
        "timeout: seconds or None were expected, not '1'",
    ),
    "stop: no such signal": (
        lambda client: client.stop("web", signal="no such"),
        ValueError,
        "signal: no name or number of a signal: 'no such'",
    ),
    "restart: no such type of signal": (
        lambda client: client.restart("web", signal=9.0),
        TypeError,
        "signal: a name, a number or a signal.Signals, not 9.0",
    ),
    "start: keys that are no text": (
        lambda client: client.start("web", detach_keys=5),
        TypeError,
        "detach_keys: a string was expected, not 5",
    ),
    "kill: no such type of signal": (
        lambda client: client.kill("web", signal=9.0),
        TypeError,
        "signal: a name, a number or a signal.Signals, not 9.0",
    ),
    "kill: no such signal": (
        lambda client: client.kill("web", signal=0),
        ValueError,
        "signal: no name or number of a signal: 0",
    ),
    "update_container: no update": (
        lambda client: client.update_container("web", {"Memory": 1}),
        TypeError,
        "update: use dockerapi.ContainerUpdate(...); it was a dict",
    ),
    "rename: to nothing": (lambda client: client.rename("web", ""), ValueError, NAME + "''"),
    "rename: to a path": (
        lambda client: client.rename("web", "a/b"),
        ValueError,
        NAME + "'a/b'",
    ),
    "remove_container: a link without an alias": (
        lambda client: client.remove_container("web", link=True),
        ValueError,
        "not the name of any link, such as parent/alias: 'web'",
    ),
    "containers: since two": (
        lambda client: client.containers(since="web", filters={"since": "db"}),
        ValueError,
        "since: 'web', but filters has ['db'], too",
    ),
    "containers: before two": (
        lambda client: client.containers(before="web", filters={"label": "a", "before": ["db"]}),
        ValueError,
        "before: 'web', but filters has ['db'], too",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


# What an Engine keeps that could not be created


def engine_1_8(script: Any) -> ScriptedDaemon:
    return ScriptedDaemon(script, release="1.8.3", api="1.20", lowest=None)


NO_DRIVER = json_reply({"message": "Error looking up volume plugin nope: Plugin not found"}, 404)
OF_A_DRIVER = HostConfig(binds=["data:/data"], volume_driver="nope")
MISSING = json_reply({"message": "no such id: web"}, 404)


def test_a_container_that_could_not_be_created_and_stays_is_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on 1.8.3, where the Engine would have chosen a name that it does not tell."""
    monkeypatch.setattr("os.urandom", lambda size: b"\xab" * size)
    script = {
        "POST /v1.20/containers/create?name=dockerapi_abababababab": NO_DRIVER,
        "DELETE /v1.20/containers/dockerapi_abababababab": reply(204),
    }
    with engine_1_8(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PluginNotFound):
            client.create_container("busybox", host_config=OF_A_DRIVER)
    assert daemon.requests[1:] == [asked("DELETE /v1.20/containers/dockerapi_abababababab?v=1")]


def test_one_with_a_name_is_removed_if_nothing_had_the_name_before() -> None:
    script = {
        "GET /v1.20/containers/web/json": MISSING,
        "POST /v1.20/containers/create?name=web": NO_DRIVER,
        "DELETE /v1.20/containers/web": reply(204),
    }
    with engine_1_8(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PluginNotFound):
            client.create_container("busybox", name="web", host_config=OF_A_DRIVER)
    assert [request.method for request in daemon.requests] == ["GET", "POST", "DELETE"]


@pytest.mark.parametrize(
    ("before", "refusal", "error"),
    [
        (json_reply({"Id": "c1"}), NO_DRIVER, PluginNotFound),
        (MISSING, json_reply({"message": "Conflict. The name is taken"}, 409), Conflict),
        (MISSING, json_reply({"message": "No such image: busybox"}, 404), ImageNotFound),
    ],
    ids=["had it before", "got it meanwhile", "found out before"],
)
def test_what_may_be_somebody_elses_stays(
    before: bytes, refusal: bytes, error: type[ApiError]
) -> None:
    script = {
        "GET /v1.20/containers/web/json": before,
        "POST /v1.20/containers/create": refusal,
    }
    with engine_1_8(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error):
            client.create_container("busybox", name="web", host_config=OF_A_DRIVER)
    assert [request.method for request in daemon.requests] == ["GET", "POST"]


def test_a_container_that_is_left_behind_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    script = {
        "GET /v1.20/containers/web/json": MISSING,
        "POST /v1.20/containers/create": NO_DRIVER,
        "DELETE /v1.20/containers/web": json_reply({"message": "busy"}, 500),
    }
    with engine_1_8(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PluginNotFound):
            client.create_container("busybox", name="web", host_config=OF_A_DRIVER)
    assert caplog.messages == [
        "create: the container web is left behind: DELETE /containers/{id}: 500 busy"
    ]


def test_newer_engines_remove_it_themselves() -> None:
    script = {"POST /v1.41/containers/create": NO_DRIVER}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PluginNotFound):
            client.create_container("busybox", host_config=OF_A_DRIVER)
    assert [request.target for request in daemon.requests] == ["/v1.41/containers/create"]


# Waiting


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({}, "POST /containers/{id}/wait: a StatusCode was expected, not {}"),
        ([3], "POST /containers/{id}/wait: a StatusCode was expected, not [3]"),
        (
            {"StatusCode": "3"},
            "POST /containers/{id}/wait: a StatusCode was expected, not {'StatusCode': '3'}",
        ),
        (
            {"StatusCode": True},
            "POST /containers/{id}/wait: a StatusCode was expected, not {'StatusCode': True}",
        ),
        (
            {"StatusCode": 1, "Error": "gone"},
            "POST /containers/{id}/wait: an Error with a Message was expected, not 'gone'",
        ),
        (
            {"StatusCode": 1, "Error": [3]},
            "POST /containers/{id}/wait: an Error with a Message was expected, not [3]",
        ),
        (
            {"StatusCode": 1, "Error": {"Message": None}},
            "POST /containers/{id}/wait: an Error with a Message was expected, not "
            "{'Message': None}",
        ),
    ],
)
def test_waiting_for_what_is_no_exit_code_raises(answer: Any, message: str) -> None:
    script = {"POST /v1.41/containers/web/wait": json_reply(answer)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.wait("web")
    assert (str(caught.value), caught.value.raw) == (message, answer)


def test_an_error_that_comes_with_the_exit_code_raises() -> None:
    answer = {"StatusCode": 125, "Error": {"Message": "container could not be removed"}}
    script = {"POST /v1.41/containers/web/wait": json_reply(answer)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(OperationFailed) as caught:
            client.wait("web", condition="removed")
    assert (str(caught.value), caught.value.code) == (
        "POST /containers/{id}/wait: container could not be removed",
        125,
    )


def test_waiting_for_longer_than_the_timeout_raises_and_hangs_up() -> None:
    script = {"POST /v1.41/containers/web/wait": Conversation.wait_for_hangup}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(TimedOut) as caught:
            client.wait("web", timeout=0.05)
        with pytest.raises(TimedOut) as removed:
            client.wait("web", condition="removed", timeout=0.05)
    assert (str(caught.value), caught.value.kind, caught.value.seconds) == (
        "container web has not ended within 0.05 seconds",
        "read",
        0.05,
    )
    assert str(removed.value) == "container web was not removed within 0.05 seconds"


def after(seconds: float, answer: bytes) -> Any:
    """The Engine takes its time."""

    def play(conversation: Conversation) -> None:
        threading.Event().wait(seconds)
        conversation.send(answer)

    return play


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.wait("web"),
        lambda client: client.stop("web"),
        lambda client: client.stop("web", timeout=60),
        lambda client: client.restart("web"),
        lambda client: client.restart("web", timeout=60),
        lambda client: client.remove_container("web", force=True),
        lambda client: client.put_archive("web", "/", b"archive"),
    ],
    ids=["wait", "stop", "stop in time", "restart", "restart in time", "remove", "put"],
)
def test_what_may_take_longer_than_other_calls_is_waited_for(call: Any) -> None:
    """The read timeout stretches by the seconds given; where they are not known it has no end."""
    slow = after(0.3, json_reply({"StatusCode": 0}))
    script = {
        "POST /v1.41/containers/web/wait": slow,
        "POST /v1.41/containers/web/stop": slow,
        "POST /v1.41/containers/web/restart": slow,
        "DELETE /v1.41/containers/web": slow,
        "PUT /v1.41/containers/web/archive": slow,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.api_version  # which is asked for at any time
        assert call(client.with_timeouts(read=0.1)) in (None, 0)


def test_other_calls_are_not_waited_for() -> None:
    script = {"POST /v1.41/containers/web/pause": Conversation.wait_for_hangup}
    timeouts = Timeouts(read=0.1)
    with ScriptedDaemon(script) as daemon, Client(daemon.url, timeout=timeouts) as client:
        with pytest.raises(TimedOut) as caught:
            client.pause("web")
    assert (caught.value.kind, caught.value.seconds) == ("read", 0.1)


def test_stats_below_1_19_are_one_value_of_the_stream_and_then_a_hang_up() -> None:
    gone = threading.Event()

    def endless(conversation: Conversation) -> None:
        conversation.send(
            head(Transfer_Encoding="chunked") + chunk(b'{"pids_stats": {"current": 7}}')
        )
        conversation.wait_for_hangup()
        gone.set()

    script = {"GET /v1.18/containers/web/stats": endless}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version="1.18") as client:
        assert client.stats("web") == Stats(pids_current=7)
        assert gone.wait(PATIENCE)
    assert daemon.requests == [asked("GET /v1.18/containers/web/stats")]


def test_stats_of_what_does_not_run_are_not_waited_for_where_none_come() -> None:
    """Up to 1.8.3 nothing comes until it runs."""
    inspected = json_reply({"Id": "c1", "State": {"Running": False}})
    with engine_1_8({"GET /v1.20/containers/web/json": inspected}) as daemon:
        with Client(daemon.url) as client:
            assert client.stats("web") == Stats()
    assert daemon.requests == [asked("GET /v1.20/containers/web/json")]


def test_stats_of_what_runs_are_asked_for_on_an_old_engine_too() -> None:
    script = {
        "GET /v1.20/containers/web/json": json_reply({"Id": "c1", "State": {"Running": True}}),
        "GET /v1.20/containers/web/stats": chunked(b'{"pids_stats": {"current": 7}}'),
    }
    with engine_1_8(script) as daemon, Client(daemon.url) as client:
        assert client.stats("web") == Stats(pids_current=7)


def test_stats_that_end_without_a_value_raise() -> None:
    script = {"GET /v1.41/containers/web/stats": chunked()}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.stats("web")
    assert str(caught.value) == (
        "GET /containers/{id}/stats: the Engine ended the stream without a value"
    )


# Answers that are none

NO_ANSWERS = {
    "containers": (
        lambda client: client.containers(),
        "GET /containers/json",
        {"message": "hello"},
        "ContainerSummary: an array was expected, not {'message': 'hello'}",
    ),
    "containers: a row": (
        lambda client: client.containers(),
        "GET /containers/json",
        ["web"],
        "ContainerSummary: an object was expected, not 'web'",
    ),
    "create_container": (
        lambda client: client.create_container("busybox"),
        "POST /containers/create",
        ["id"],
        "POST /containers/create: an Id was expected, not ['id']",
    ),
    "create_container: without an id": (
        lambda client: client.create_container("busybox").id,
        "POST /containers/create",
        {"Warnings": None},
        "POST /containers/create: an Id was expected, not {'Warnings': None}",
    ),
    "create_container: with an empty id": (
        lambda client: client.create_container("busybox"),
        "POST /containers/create",
        {"Id": ""},
        "POST /containers/create: an Id was expected, not {'Id': ''}",
    ),
    "inspect_container": (
        lambda client: client.inspect_container("web"),
        "GET /containers/web/json",
        None,
        "Container: an object was expected, not None",
    ),
    "top": (
        lambda client: client.top("web"),
        "GET /containers/web/top",
        {"Titles": 1},
        "Processes: {'Titles': 1}",
    ),
    "diff": (
        lambda client: client.diff("web"),
        "GET /containers/web/changes",
        "none",
        "Change: an array was expected, not 'none'",
    ),
}


@pytest.mark.parametrize(("call", "line", "answer", "message"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_an_answer_of_a_wrong_type_is_shown(
    call: Any, line: str, answer: Any, message: str
) -> None:
    script = {line.replace(" ", " /v1.41"): json_reply(answer)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            call(client)
    assert (str(caught.value), caught.value.raw) == (
        message,
        answer[0] if answer == ["web"] else answer,
    )


def test_an_answer_that_is_no_json_is_shown() -> None:
    script = {"GET /v1.41/containers/json": reply(200, b"<html>")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.containers()
    assert (str(caught.value), caught.value.raw) == (
        "GET /containers/json: JSON was expected, not b'<html>'",
        b"<html>",
    )


# Settings that do nothing without another one: implied, refused, or left to the Engine, which says
# so. The last are provoked in tests/live/test_containers_live.py.

PAIRS: dict[str, tuple[Callable[[], Any], str]] = {
    "port_bindings, exposed_ports": (
        lambda: create_body(
            "x",
            None,
            ContainerConfig(exposed_ports=[443]),
            HostConfig(port_bindings={80: None, "53/udp": 53}),
            None,
        )["ExposedPorts"],
        "{'443/tcp': {}, '80/tcp': {}, '53/udp': {}}",
    ),
    "port_bindings alone": (
        lambda: create_body("x", None, None, HostConfig(port_bindings={80: 8080}), None),
        "{'Image': 'x', 'HostConfig': {'PortBindings': {'80/tcp': [{'HostIp': '', 'HostPort': "
        "'8080'}]}}, 'ExposedPorts': {'80/tcp': {}}}",
    ),
    "port_bindings, network_mode": (
        lambda: HostConfig(port_bindings={80: None}, network_mode="none"),
        "port_bindings: 80/tcp, but network_mode='none' publishes nothing",
    ),
    "stdin_once, open_stdin": (
        lambda: ContainerConfig(stdin_once=True),
        "stdin_once: needs open_stdin=True, without which there is no input",
    ),
    "memory_swap, memory": (
        lambda: HostConfig(memory_swap=5),
        "memory_swap: 5 needs memory, too",
    ),
    "restart_policy, auto_remove": (
        lambda: HostConfig(restart_policy="always", auto_remove=True),
        "auto_remove contradicts restart_policy: 'always'",
    ),
    "nano_cpus, cpu_quota": (
        lambda: HostConfig(nano_cpus=1, cpu_quota=1000),
        "nano_cpus: 1 contradicts cpu_period: None and cpu_quota: 1000",
    ),
    "links, network_mode": (
        lambda: HostConfig(links=["a:b"], network_mode="host"),
        "network_mode: 'host' contradicts links: ('a:b',)",
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_a_setting_that_needs_another_implies_it_or_is_refused(pair: str) -> None:
    make, expected = PAIRS[pair]
    try:
        made = make()
    except ValueError as error:
        made = error
    assert str(made) == expected


@pytest.mark.parametrize(
    ("call", "target"),
    [
        (lambda client: client.containers(size=True), "/containers/json?size=1"),
        (lambda client: client.inspect_container("web", size=True), "/containers/web/json?size=1"),
        (lambda client: client.images(shared_size=True), "/images/json?shared-size=1"),
    ],
    ids=["containers", "inspect_container", "images"],
)
def test_sizes_which_walk_the_disk_have_the_idle_timeout(call: Any, target: str) -> None:
    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    timeouts = Timeouts(read=60, idle=0.1)
    script = {f"GET /v1.55{target}": silent}
    with ScriptedDaemon(script, release="29.7.2", api=None, lowest=None) as daemon:
        with Client(daemon.url, timeout=timeouts) as client:
            with pytest.raises(TimedOut) as caught:
                call(client)
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.1)
