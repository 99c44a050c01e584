"""What comes out of the recordings about containers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dockerapi import Client, ContainerConfig, HostConfig
from dockerapi.errors import (
    BadRequest,
    Conflict,
    ConnectionFailed,
    ContainerNotFound,
    ImageNotFound,
    NotAcceptable,
    NotAFrame,
    NotFound,
    NotSupported,
    PathNotFound,
    ServerError,
    TimedOut,
)
from dockerapi.models.base import rows
from dockerapi.models.containers import (
    Change,
    ContainerSummary,
    Created,
    PathStat,
    Processes,
)
from dockerapi.output import Output
from replay.container_fields import (
    CREATED,
    EXITED,
    ROW,
    ROW_RUNNING,
    RUNNING,
    STATS,
    TTY,
)
from replay.images import members, of_archive, tar
from replay.recording import Recording, recordings
from replay.table import (
    By,
    Fields,
    Raises,
    Raw,
    Replay,
    asked,
    fields_of,
    known,
    raises,
    refused,
    told,
)

# Creating


def create(
    client: Client,
    recording: Recording,
    command: Sequence[str] = ("sh", "-c", "echo out; echo err >&2; sleep 1; exit 3"),
    *,
    image: str = "busybox",
    named: bool = False,
    interactive: bool = False,
    host_config: HostConfig | None = None,
    **config: Any,
) -> Created:
    return client.create_container(
        image,
        command,
        name=dict(recording.query)["name"] if named and recording.version >= (1, 6) else None,
        config=ContainerConfig(
            env=["A=1"],
            attach_stdin=interactive,
            attach_stdout=True,
            attach_stderr=True,
            open_stdin=interactive,
            stdin_once=interactive,
            **config,
        ),
        host_config=host_config,
    )


def create_sleep(client: Client, recording: Recording) -> Created:
    since_1_6 = {"exposed_ports": ["22/tcp"]} if recording.version >= (1, 6) else {}
    since_1_18 = {"labels": {"k": "v"}} if recording.version >= (1, 18) else {}
    return create(
        client,
        recording,
        ["sleep", "300"],
        volumes=["/tmp/v"],
        host_config=HostConfig(memory=67108864),
        **since_1_6,
        **since_1_18,
    )


def created(recording: Recording) -> Created:
    return Created(id=recording.json["Id"])


def inspect(client: Client, recording: Recording) -> Any:
    return known(client.inspect_container(recording.id))


def start(client: Client, recording: Recording) -> None:
    client.start(recording.id)


def stop(client: Client, recording: Recording) -> None:
    client.stop(recording.id, timeout=1)


def remove_with_volumes(client: Client, recording: Recording) -> None:
    client.remove_container(recording.id, volumes=True)


def start_tty(client: Client, recording: Recording) -> None:
    """The ports are those of the start body: to API 1.23, and known to it from 1.6 on."""
    with_ports = (1, 6) <= recording.version < (1, 24)
    ports = HostConfig(port_bindings={"22/tcp": 11022}) if with_ports else None
    client.start(recording.id, host_config=ports)


# Lists


def summaries(found: list[ContainerSummary]) -> Any:
    """The ids of all, and everything that is known of the first."""
    return [row.id for row in found], known(found[0])


def of_rows(fields: Fields) -> Callable[[Recording], Any]:
    def outcome(recording: Recording) -> Any:
        received = recording.json
        return [row["Id"] for row in received], fields_of(fields, recording, received[0])

    return outcome


def list_with_sizes(client: Client, recording: Recording) -> Any:
    return summaries(client.containers(all=True, size=recording.version >= (1, 3), limit=2))


def of_ps(recording: Recording) -> Any:
    """What 0.3.3 has in place of the list."""
    return of_rows(ROW)(recordings()[recording.engine, "container_list_ps"])


def list_running(client: Client, recording: Recording) -> Any:
    return summaries(client.containers())


def list_by_the_old_route(client: Client, recording: Recording) -> Any:
    if recording.release == "0.3.3":
        return summaries(client.containers(all=True, limit=2))
    reply = asked(client, recording, "GET /containers/ps", all=True, limit=2)
    return summaries(rows(ContainerSummary, reply.json()))


def list_with_a_bad_limit(client: Client, recording: Recording) -> Any:
    if recording.release == "0.3.3":
        return client.containers(limit="abc")  # type: ignore[arg-type]
    return asked(client, recording, "GET /containers/json", limit="abc").json()


def no_list(route: str) -> By:
    """1.6.2 reads the wrong table for old clients; what it answers would mislead."""
    words = (
        f"{route} needs API 1.5 on Engine 1.6.2, which answers every list with nothing below; "
        "API <api> was asked for"
    )
    return {"1.6.2/1.0 1.6.2/1.2": Raises(NotSupported, words)}


ROW_PAUSED: Fields = {
    **ROW_RUNNING,
    "state": {"20.10 26.1 28.5": "paused"},
    "status": {"*": Raw("Status")},
}
ROW_UNSIZED: Fields = {**ROW, "size_rw": {"0.4.4": 8192}, "size_root_fs": {}}

# Output

UNFRAMED = "0.3.3 0.4.4 1.6.2/1.0 1.6.2/1.2"
OUT_FIRST = Output(b"out\n", b"err\n"), b"out\nerr\n"
ERR_FIRST = Output(b"out\n", b"err\n"), b"err\nout\n"
# The two streams of a container race; what came first once is recorded for good.
FRAMED = {
    "0.6.6 1.6.2/1.12 1.7.1 20.10/1.12 20.10/1.19 26.1 28.5/1.51": ERR_FIRST,
    "*": OUT_FIRST,
}


def whole(output: Output) -> tuple[Output, bytes]:
    """With the order in which it came, which is no part of its equality."""
    return output, output.combined


def attach_with_input(client: Client, recording: Recording) -> Output:
    assert recording.stdin is not None
    with client.attach(recording.id, stdin=True) as attachment:
        attachment.write(recording.stdin)
        if recording.half_closed:
            attachment.close_stdin()
        else:
            with pytest.raises(NotSupported):
                attachment.close_stdin()
        return attachment.read()


def attach_to_the_log(client: Client, recording: Recording) -> Any:
    return whole(client.attach(recording.id, logs=True, stream=False).read())


def logs(client: Client, recording: Recording) -> Output:
    return client.logs(recording.id, timestamps=recording.version >= (1, 11)).read()


def of_logs(recording: Recording) -> Output:
    """The frames' payloads; both are one line."""
    streams = {}
    rest = recording.body
    while rest:
        size = int.from_bytes(rest[4:8], "big")
        streams[rest[0]], rest = rest[8 : 8 + size], rest[8 + size :]
    assert all(line.startswith(b"2026-11-21T00:") for line in streams.values())
    assert streams[1].endswith(b"Z out\n")
    assert streams[2].endswith(b"Z err\n")
    return Output(streams[1], streams[2])


def logs_of_no_stream(client: Client, recording: Recording) -> Any:
    if recording.version < (1, 11):
        return client.logs(recording.id, stdout=False, stderr=False)
    return asked(client, recording, "GET /containers/{id}/logs", recording.id)


NO_SUCH_CONTAINER = {
    "1.6.2 1.7.1": "no such id: <id>",
    "*": "No such container: <id>",
}
FALSE_IS_SAID = "what is not wanted is said, too"
NOT_RUNNING = {
    "20.10/1.24 20.10/1.41": "Cannot kill container: <id>: Container <id> is not running",
    "26.1 28.5": "cannot kill container: <id>: container <id> is not running",
}


def copy(client: Client, recording: Recording, path: str) -> Any:
    if recording.version >= (1, 24):
        return asked(client, recording, "POST /containers/{id}/copy", recording.id)
    return members(client.get_archive(recording.id, path).read())


STOP_IT = (
    "Conflict, You cannot remove a running container. Stop the container before attempting "
    "removal or use -f"
)
NO_COPY = {
    "<1.4": refused("GET /containers/{id}/archive", "1.4"),
    ">=1.24": Raises(NotSupported, "POST /containers/{id}/copy was removed in API 1.24; <spoken>"),
}


def processes(recording: Recording) -> Processes:
    received = recording.json
    return Processes(
        tuple(received["Titles"]), tuple(tuple(row) for row in received["Processes"] or ())
    )


GROUP = PathStat(
    name="group",
    size=10,
    mode=0o644,
    modified=datetime.datetime(2026, 11, 20, 23, 27, 34, tzinfo=datetime.timezone.utc),
)


def archive(client: Client, recording: Recording) -> Any:
    with client.get_archive(recording.id, "/etc/group") as found:
        return found.stat, members(found.read())


def archive_head(client: Client, recording: Recording) -> PathStat:
    route = "HEAD /containers/{id}/archive"
    reply = asked(client, recording, route, recording.id, path="/etc/group")
    return PathStat.from_header(reply.headers["X-Docker-Container-Path-Stat"])


def nothing(method: Callable[[Client, Recording], None]) -> Replay:
    """A method that returns nothing, and from every Engine."""
    return Replay(method, {"*": None})


def gone(route: str) -> By:
    """The container of 0.3.3 and 0.4.4, which was removed although it ran."""
    words = {"0.3.3 0.4.4": "No such container: <id>"}
    return {**raises(ContainerNotFound, route, 404, words), "*": None}


def since(route: str, version: str, outcome: Any = None) -> By:
    return {f"<{version}": refused(route, version), "*": outcome}


REPLAYS = {
    "container_create_tiny": Replay(
        lambda client, recording: client.create_container("imported:t1", ["x"]), {"*": created}
    ),
    "container_create": Replay(
        lambda client, recording: create(client, recording, named=True),
        {"*": created},
        differs={"<1.6": "a name is refused; these Engines do not read it"},
    ),
    "container_create_404": Replay(
        lambda client, recording: create(client, recording, image="nosuchimage"),
        raises(
            ImageNotFound,
            "POST /containers/create",
            404,
            {
                "0.3.3 0.4.4": "No such image: nosuchimage",
                "0.6.7": "create: No such image: nosuchimage (tag: latest)",
                "0.6.6 1.6.2 1.7.1": "No such image: nosuchimage (tag: latest)",
                "*": "No such image: nosuchimage:latest",
            },
        ),
    ),
    "container_create_bad": Replay(
        create,
        {
            "26.1 28.5": Raises(
                BadRequest,
                "POST /containers/create: 400 invalid JSON: invalid character 'n' looking for "
                "beginning of object key string",
            ),
            "*": Raises(
                ServerError,
                "POST /containers/create: 500 invalid character 'n' looking for beginning of "
                "object key string",
            ),
        },
    ),
    "container_create_stdin": Replay(
        lambda client, recording: create(client, recording, ["cat"], interactive=True),
        {"*": created},
    ),
    "container_create_tty": Replay(
        lambda client, recording: create(client, recording, ["sh"], interactive=True, tty=True),
        {"*": created},
    ),
    "container_create_sleep": Replay(create_sleep, {"*": created}),
    "container_export": Replay(
        lambda client, recording: members(client.export(recording.id).read()), {"*": of_archive}
    ),
    "container_inspect_created": Replay(inspect, {"*": told(CREATED)}),
    "container_inspect": Replay(inspect, {"*": told(EXITED)}),
    "container_inspect_tty": Replay(inspect, {"*": told(TTY)}),
    "container_inspect_running": Replay(inspect, {"*": told(RUNNING)}),
    "container_start": nothing(start),
    "container_start_again": nothing(start),
    "container_start_stdin": nothing(start),
    "container_start_tty": nothing(start_tty),
    "container_start_sleep": Replay(
        start,
        {
            "0.4.4": Raises(
                ConnectionFailed,
                "<url>: POST /containers/{id}/start: the Engine closed the connection without an "
                "answer. Did it stop, or crash on this request? Its log tells",
            ),
            "*": None,
        },
    ),
    "container_attach_stream": Replay(
        lambda client, recording: whole(client.attach(recording.id, logs=True).read()),
        {
            "0.3.3": (Output(b"err\nout\n"), b"err\nout\n"),
            UNFRAMED: (Output(b"out\nerr\n"), b"out\nerr\n"),
            **FRAMED,
        },
        inspect="container_inspect_created",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_attach_logs": Replay(
        attach_to_the_log,
        {UNFRAMED: (Output(b"out\nerr\n"), b"out\nerr\n"), **FRAMED},
        inspect="container_inspect",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_attach_upgrade": Replay(
        attach_to_the_log,
        {UNFRAMED: (Output(b"out\nerr\n"), b"out\nerr\n"), **FRAMED},
        inspect="container_inspect",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_attach_stdin": Replay(
        attach_with_input,
        {
            "0.3.3 0.4.4": Output(),  # what was written before the recorder ended its side is lost
            "*": Output(b"hello stdin\n"),
        },
        inspect="container_inspect_created with input",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_attach_tty": Replay(
        attach_with_input,
        {
            "0.3.3 0.4.4 0.6.6 0.6.7/1.6": Output(
                b"\r\n\r\nBusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) built-in shell (ash)\r\n"
                b"Enter 'help' for a list of built-in commands.\r\n\r\n/ # \x1b[6n"
            ),
            "0.6.7/1.7 1.6.2/1.6": Output(b"\r/ # \x1b[J"),
            "*": Output(),
        },
        inspect="container_inspect_tty",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_attach_404": Replay(
        lambda client, recording: client.attach(
            recording.id, logs=True, stream=False, stderr=False
        ).read(),
        {
            # Only between two questions: the first, inspect, has its 404 there, too.
            "0.3.3": Output(b"Error: No such container: nosuch\n"),
            **raises(ContainerNotFound, "POST /containers/{id}/attach", 404, NO_SUCH_CONTAINER),
        },
        inspect="container_inspect",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_logs": Replay(
        logs,
        {
            UNFRAMED: Output(b"out\nerr\n"),
            "<1.11": Output(b"out\n", b"err\n"),
            "*": of_logs,
        },
        inspect="container_inspect",
        instead={"<1.11": "container_attach_logs"},
        differs={"<1.11": "attach gives the log; it has no timestamps"},
    ),
    "container_logs_tail": Replay(
        lambda client, recording: client.logs(recording.id, stderr=False, tail=1).read(),
        {"<1.13": refused("GET /containers/{id}/logs ?tail", "1.13"), "*": Output()},
        inspect="container_inspect_running",
        differs={"*": FALSE_IS_SAID},
    ),
    "container_logs_none": Replay(
        logs_of_no_stream,
        {
            "<1.11": Raises(
                ValueError, "logs: stdout and stderr are both False; nothing is left to read"
            ),
            **raises(
                BadRequest,
                "GET /containers/{id}/logs",
                400,
                "Bad parameters: you must choose at least one stream",
            ),
        },
    ),
    "container_logs_404": Replay(
        lambda client, recording: client.logs(recording.id, stderr=False).read(),
        {
            "0.3.3": Output(b"Error: No such container: nosuch\n"),
            "0.4.4 0.6.6 0.6.7": Raises(
                ContainerNotFound, "POST /containers/{id}/attach: 404 No such container: nosuch"
            ),
            "1.6.2/1.0 1.6.2/1.2 1.6.2/1.6 1.6.2/1.7": Raises(
                ContainerNotFound, "POST /containers/{id}/attach: 404 no such id: nosuch"
            ),
            "1.7.1": Raises(
                NotAFrame,
                "not a frame header: b'Error running logs job: no such id: nosuch\\n'; "
                "is this the stream of a TTY?",
            ),
            **raises(ContainerNotFound, "GET /containers/{id}/logs", 404, NO_SUCH_CONTAINER),
        },
        inspect="container_inspect",
        instead={"<1.11": "container_attach_404"},
        differs={"<1.11": "attach gives the log", "*": FALSE_IS_SAID},
    ),
    "container_wait": Replay(lambda client, recording: client.wait(recording.id), {"*": 3}),
    "container_list": Replay(
        list_with_sizes,
        {**no_list("GET /containers/json"), "0.3.3": of_ps, "*": of_rows(ROW)},
        instead={"0.3.3": "container_list_ps"},
        differs={"0.3.3": "it has another route", "0.4.4": "size is refused; it is always there"},
    ),
    "container_list_ps": Replay(
        list_by_the_old_route,
        {
            **no_list("GET /containers/ps"),
            **raises(NotFound, "GET /containers/ps", 404, {"20.10 26.1 28.5": "page not found"}),
            "*": of_rows(ROW_UNSIZED),
        },
    ),
    "container_list_filters": Replay(
        lambda client, recording: summaries(
            client.containers(all=True, limit=1, filters={"status": ["exited"]})
        ),
        {
            **no_list("GET /containers/json"),
            "<1.14": refused("GET /containers/json ?filters.status", "1.14"),
            "*": of_rows(ROW_UNSIZED),
        },
    ),
    "container_list_bad": Replay(
        list_with_a_bad_limit,
        {
            **no_list("GET /containers/json"),
            "0.3.3": Raises(TypeError, "limit: a whole number was expected, not 'abc'"),
            **raises(
                ServerError,
                "GET /containers/json",
                500,
                {
                    "1.7.1": 'strconv.ParseInt: parsing "abc": invalid syntax',
                    "20.10 26.1 28.5": 'strconv.Atoi: parsing "abc": invalid syntax',
                },
            ),
            "*": [],
        },
    ),
    "container_list_running": Replay(
        list_running,
        {
            **no_list("GET /containers/json"),
            "0.3.3": of_ps,
            "*": of_rows(ROW_RUNNING),
        },
        instead={"0.3.3": "container_list_ps"},
        differs={"0.3.3": "it has another route"},
    ),
    "container_list_paused": Replay(
        list_running,
        {
            **no_list("GET /containers/json"),
            "0.3.3": of_ps,
            "*": of_rows(ROW_PAUSED),
        },
        instead={"0.3.3": "container_list_ps"},
        differs={"0.3.3": "it has another route"},
    ),
    "container_changes": Replay(
        lambda client, recording: client.diff(recording.id),
        {
            "0.3.3 0.4.4": [
                Change(path="/sbin", kind="modified"),
                Change(path="/sbin/init", kind="added"),
            ],
            "*": [],
        },
    ),
    "container_rename": Replay(
        lambda client, recording: client.rename(recording.id, dict(recording.query)["name"]),
        since("POST /containers/{id}/rename", "1.17"),
    ),
    "container_resize": Replay(
        lambda client, recording: client.resize(recording.id, height=40, width=80),
        since("POST /containers/{id}/resize", "1.1"),
        differs={"0.4.4": "it takes one for the other"},
    ),
    "container_top": Replay(
        lambda client, recording: client.top(recording.id),
        since("GET /containers/{id}/top", "1.3", processes),
    ),
    "container_top_args": Replay(
        lambda client, recording: client.top(recording.id, ps_args="aux"),
        # Of the two things that are missing the newer one is named, where both are.
        {"<1.3": refused("GET /containers/{id}/top", "1.3"), "*": processes},
    ),
    "container_stats": Replay(
        lambda client, recording: known(client.stats(recording.id)),
        {
            "<1.17": refused("GET /containers/{id}/stats", "1.17"),
            # Recorded for too short: its first value comes after a while.
            "1.6.2": Raises(
                TimedOut,
                "<url>: GET /containers/{id}/stats: no answer within 0.2 seconds (idle timeout)",
            ),
            "*": told(STATS),
        },
        inspect="container_inspect_running",
        differs={"1.6.2": "stream=0 is not read; one value is, and the line hung up"},
    ),
    "container_pause": Replay(
        lambda client, recording: client.pause(recording.id),
        since("POST /containers/{id}/pause", "1.12"),
    ),
    "container_unpause": Replay(
        lambda client, recording: client.unpause(recording.id),
        since("POST /containers/{id}/unpause", "1.12"),
    ),
    "container_stop": Replay(
        lambda client, recording: client.stop(recording.id, timeout=0),
        gone("POST /containers/{id}/stop"),
    ),
    "container_stop_again": nothing(stop),
    "container_stop_stopped": nothing(stop),
    "container_restart": Replay(
        lambda client, recording: client.restart(recording.id, timeout=0),
        gone("POST /containers/{id}/restart"),
    ),
    "container_kill_stopped": Replay(
        lambda client, recording: client.kill(recording.id),
        {**raises(Conflict, "POST /containers/{id}/kill", 409, NOT_RUNNING), "*": None},
    ),
    "container_kill_stdin": Replay(
        lambda client, recording: client.kill(recording.id),
        {
            # They did not answer in time: the recorder had ended the input.
            "0.3.3 0.4.4 0.6.7": Raises(
                TimedOut,
                "<url>: POST /containers/{id}/kill: no answer within 0.2 seconds (read timeout)",
            ),
            **raises(Conflict, "POST /containers/{id}/kill", 409, NOT_RUNNING),
            "*": None,
        },
    ),
    "container_kill_signal": Replay(
        lambda client, recording: client.kill(recording.id, signal="CONT"),
        {"<1.6": refused("POST /containers/{id}/kill ?signal", "1.6"), "*": None},
        instead={"0.6.6 0.6.7": "container_kill_number"},
        differs={"0.6.6 0.6.7": "they read numbers only"},
    ),
    "container_kill_number": Replay(
        lambda client, recording: client.kill(recording.id, signal=18),
        {"<1.6": refused("POST /containers/{id}/kill ?signal", "1.6"), "*": None},
    ),
    "container_copy": Replay(
        lambda client, recording: copy(client, recording, "/etc/passwd"),
        {**NO_COPY, "*": of_archive},
    ),
    "container_copy_404": Replay(
        lambda client, recording: copy(client, recording, "/no/such"),
        {
            **NO_COPY,
            "0.6.6 0.6.7": Raises(
                ServerError,
                "POST /containers/{id}/copy: 500 stat /var/lib/docker//var/lib/docker//var/lib/"
                "docker//var/lib/docker//var/lib/docker//var/lib/docker//var/lib/do/such: "
                "no such file or directory",
            ),
            "20.10": Raises(
                PathNotFound,
                "POST /containers/{id}/copy: 404 Could not find the file /no/such in container "
                "<id>",
            ),
            "*": Raises(
                ServerError,
                "POST /containers/{id}/copy: 500 Could not find the file /no/such in container "
                "<id>",
            ),
        },
        inspect="container_inspect",
    ),
    "container_remove": nothing(remove_with_volumes),
    "container_remove_404": Replay(
        remove_with_volumes,
        raises(ContainerNotFound, "DELETE /containers/{id}", 404, NO_SUCH_CONTAINER),
    ),
    "container_remove_tiny": nothing(
        lambda client, recording: client.remove_container(recording.id)
    ),
    "container_remove_running": Replay(
        lambda client, recording: client.remove_container(recording.id),
        {
            "0.3.3 0.4.4": None,
            "0.6.6 0.6.7": Raises(
                NotAcceptable,
                "DELETE /containers/{id}: 406 Impossible to remove a running container, please "
                "stop it first",
            ),
            **raises(
                Conflict,
                "DELETE /containers/{id}",
                409,
                {
                    "1.6.2": STOP_IT,
                    "1.7.1": f"Cannot destroy container <id>: {STOP_IT}",
                    "20.10": "You cannot remove a running container <id>. Stop the container "
                    "before attempting removal or force remove",
                    "26.1": 'cannot remove container "/interesting_bassi": container is running: '
                    "stop the container before removing or force remove",
                    "28.5": 'cannot remove container "<id>": container is running: '
                    "stop the container before removing or force remove",
                },
            ),
        },
    ),
    "container_remove_force": Replay(
        lambda client, recording: client.remove_container(
            recording.id, force=recording.version >= (1, 10)
        ),
        gone("DELETE /containers/{id}"),
        differs={"<1.10": "force is refused; these Engines do not read it"},
    ),
    "archive_get": Replay(archive, {"*": lambda recording: (GROUP, of_archive(recording))}),
    "archive_head": Replay(archive_head, {"*": GROUP}),
    "archive_put": nothing(
        lambda client, recording: client.put_archive(recording.id, "/tmp", tar("put.txt", b"put\n"))
    ),
}
