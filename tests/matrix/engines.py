"""For each API version the last Engine that spoke no newer one, and what it answers.

The releases are those of the table of daemons; the answers are the least that is valid.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import re
import tarfile
import threading
from typing import Any
from urllib.parse import parse_qsl

from archived import DIRECTORY, END, header, of_kind
from caller import Caller
from dockerapi.protocol.protobuf import field
from scripted import (
    EXEC_EVENTS,
    PATIENCE,
    RAW_STREAM,
    UPGRADED,
    Conversation,
    Made,
    ScriptedDaemon,
    chunked,
    exec_died,
    head,
    json_reply,
    reply,
)

ENGINES = {
    "1.0": "0.3.3",
    "1.1": "0.4.0",
    "1.2": "0.4.4",
    "1.3": "0.5.0",
    "1.4": "0.6.1",
    "1.5": "0.6.3",
    "1.6": "0.6.6",
    "1.7": "0.7.0",
    "1.8": "0.7.6",
    "1.9": "0.8.1",
    "1.10": "0.10.0",
    "1.11": "0.11.1",
    "1.12": "1.0.1",
    "1.13": "1.1.2",
    "1.14": "1.2.0",
    "1.15": "1.3.3",
    "1.16": "1.4.1",
    "1.17": "1.5.0",
    "1.18": "1.6.2",
    "1.19": "1.7.1",
    "1.20": "1.8.3",
    "1.21": "1.9.1",
    "1.22": "1.10.3",
    "1.23": "1.11.2",
    "1.24": "1.12.6",
    "1.25": "1.13.0",
    "1.26": "17.3.0",
    "1.27": "17.3.2",
    "1.28": "17.4.0",
    "1.29": "17.5.0",
    "1.30": "17.6.2",
    "1.31": "17.7.0",
    "1.32": "17.9.1",
    "1.33": "17.10.0",
    "1.34": "17.11.0",
    "1.35": "18.1.0",
    "1.36": "18.2.0",
    "1.37": "18.5.0",
    "1.38": "18.6.3",
    "1.39": "18.9.9",
    "1.40": "19.3.15",
    "1.41": "20.10.24",
    "1.42": "23.0.6",
    "1.43": "24.0.9",
    "1.44": "25.0.5",
    "1.45": "26.1.5",
    "1.46": "27.1.2",
    "1.47": "27.5.1",
    "1.48": "28.0.4",
    "1.49": "28.1.1",
    "1.50": "28.2.2",
    "1.51": "28.5.2",
    "1.52": "29.1.5",
    "1.53": "29.2.1",
    "1.54": "29.5.3",
    "1.55": "29.7.2",
}

ID = "0123456789abcdef" * 4
CONTAINER = {"Id": "c1", "Config": {"Tty": False, "StdinOnce": True}, "State": {"Running": True}}
EXEC = {"ID": "e1", "Running": False, "ExitCode": 0, "ProcessConfig": {"tty": False}}
ONCE = {"ContainerSpec": {"Image": "img"}, "RestartPolicy": {"Condition": "none"}}
SERVICE = {
    "ID": "s1",
    "Version": {"Index": 7},
    "Spec": {"Name": "one", "TaskTemplate": {"ContainerSpec": {"Image": "img"}}},
}
DONE = {"ID": "s2", "Version": {"Index": 7}, "Spec": {"Name": "done", "TaskTemplate": ONCE}}
TASK = {
    "ID": "t1",
    "Version": {"Index": 3},
    "Slot": 1,
    "Spec": ONCE,
    "Status": {"State": "complete"},
    "DesiredState": "shutdown",
}
ETC = header("etc", tarfile.DIRTYPE) + END
STAT = of_kind(DIRECTORY | 0o755, "etc")
OF_SWARM = {"ID": "s1", "Version": {"Index": 3}, "Spec": {"Name": "n1"}}
TAR = reply(200, b"tar", Content_Type="application/x-tar")


_looks = itertools.count()


def restarted() -> dict[str, Any]:
    """The container, which was started again since it was last looked at, so that it had ended."""
    minutes, seconds = divmod(next(_looks) % 3600, 60)
    started = f"2026-01-02T03:{minutes:02}:{seconds:02}Z"
    return {**CONTAINER, "State": {"Running": True, "StartedAt": started, "FinishedAt": started}}


def _attach(conversation: Conversation) -> None:
    asked = "\r\nUpgrade: " in conversation.request.head  # the log before 1.11 does not
    conversation.send(UPGRADED if asked else RAW_STREAM)
    conversation.end()
    conversation.wait_for_hangup()  # closed with input unread, the connection would be reset


def _exec_start(conversation: Conversation) -> None:
    detached = conversation.request.body["Detach"]
    conversation.send(reply(200, Connection="close") if detached else RAW_STREAM)


def _websocket(conversation: Conversation) -> None:
    key = re.search(r"Sec-WebSocket-Key: (\S+)", conversation.request.head)
    assert key is not None
    digest = hashlib.sha1(f"{key[1]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    accept = base64.b64encode(digest).decode()
    conversation.send(
        head(101, Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Accept=accept)
    )
    conversation.wait_for_hangup()


_came: dict[str, threading.Event] = {}  # files, by the name of the session


def _session(conversation: Conversation) -> None:
    """Asks for files where they are offered, and for nothing else."""
    caller = Caller(conversation)
    if "X-Docker-Expose-Session-Grpc-Method" in conversation.request.headers:
        stream = caller.begin("/moby.filesync.v1.FileSend/DiffCopy")
        caller.message(stream, field(1, END), end=True)
        assert caller.answer(stream).status == 0
        name = conversation.request.headers["X-Docker-Expose-Session-Uuid"]
        _came.setdefault(name, threading.Event()).set()
    with contextlib.suppress(ConnectionError):
        while True:
            caller.read()


def _build(conversation: Conversation) -> None:
    query = dict(parse_qsl(conversation.request.target.partition("?")[2]))
    if "outputs" in query:
        assert _came.setdefault(query["session"], threading.Event()).wait(PATIENCE)
    built = {"stream": "Successfully built 0123456789ab\n"}
    conversation.send(json_reply(built, Connection="close"))


ANSWERS: dict[str, Any] = {
    "GET /containers/ps": json_reply([]),
    "GET /containers/json": json_reply([]),
    "POST /containers/create": json_reply({"Id": "c1", "Warnings": None}, 201),
    "GET /secrets": json_reply([]),
    "GET /secrets/s1": json_reply(OF_SWARM),
    "POST /secrets/create": json_reply({"ID": "s1"}, 201),
    "POST /secrets/s1/update": reply(200),
    "DELETE /secrets/s1": reply(204),
    "GET /configs": json_reply([]),
    "GET /configs/k1": json_reply({**OF_SWARM, "ID": "k1"}),
    "POST /configs/create": json_reply({"ID": "k1"}, 201),
    "POST /configs/k1/update": reply(200),
    "DELETE /configs/k1": reply(204),
    "GET /networks": json_reply([]),
    "GET /networks/n1": json_reply({"Id": "0a", "Name": "one"}),
    "GET /networks/one": json_reply({"Id": "0a", "Name": "one"}),
    "POST /networks/create": json_reply({"Id": "n1", "Warning": ""}, 201),
    "POST /networks/n1/connect": reply(200),
    "POST /networks/n2/connect": reply(200),
    "POST /networks/n1/disconnect": reply(200),
    "DELETE /networks/n1": reply(204),
    "POST /networks/prune": json_reply({"NetworksDeleted": None}),
    "POST /containers/prune": json_reply({"ContainersDeleted": None, "SpaceReclaimed": 0}),
    "POST /images/prune": json_reply({"ImagesDeleted": None, "SpaceReclaimed": 0}),
    "POST /volumes/prune": json_reply({"VolumesDeleted": None, "SpaceReclaimed": 0}),
    "POST /build/prune": json_reply({"CachesDeleted": None, "SpaceReclaimed": 0}),
    "GET /system/df": json_reply({}),
    "GET /volumes": json_reply({"Volumes": None, "Warnings": None}),
    "GET /volumes/v1": json_reply({"Name": "v1"}),
    "POST /volumes/create": json_reply({"Name": "v1"}, 201),
    "PUT /volumes/cv1": reply(200),
    "DELETE /volumes/v1": reply(204),
    "GET /containers/c1/checkpoints": json_reply(None),
    "POST /containers/c1/checkpoints": reply(201),
    "DELETE /containers/c1/checkpoints/one": reply(204),
    "GET /plugins": json_reply([]),
    "GET /plugins/p1/json": json_reply({"Id": "0a", "Name": "p1"}),
    "GET /plugins/privileges": json_reply([]),
    "POST /plugins/pull": json_reply({}, Docker_Plugin_Name="p1"),
    "POST /plugins/p1/upgrade": json_reply({}, Docker_Plugin_Name="p1"),
    "POST /plugins/create": reply(204),
    "POST /plugins/p1/push": json_reply({}),
    "POST /plugins/p1/enable": reply(200),
    "POST /plugins/p1/disable": reply(200),
    "POST /plugins/p1/set": reply(204),
    "DELETE /plugins/p1": reply(200),
    "GET /services": json_reply([]),
    "GET /services/s1": json_reply(SERVICE),
    "GET /services/done": json_reply(DONE),
    "POST /services/create": json_reply({"ID": "s1"}, 201),
    "POST /services/s1/update": json_reply({"Warnings": None}),
    "DELETE /services/s1": reply(200),
    "GET /services/s1/logs": chunked(),
    "GET /tasks/t1/logs": chunked(),
    "GET /tasks": json_reply([TASK]),
    "GET /tasks/t1": json_reply(TASK),
    "POST /swarm/init": json_reply("n1"),
    "POST /swarm/join": reply(200),
    "POST /swarm/leave": reply(200),
    "GET /swarm": json_reply(
        {"ID": "s1", "Version": {"Index": 7}, "Spec": {"Name": "default", "New": 1}}
    ),
    "POST /swarm/update": reply(200),
    "GET /swarm/unlockkey": json_reply({"UnlockKey": ""}),
    "POST /swarm/unlock": reply(200),
    "GET /nodes": json_reply([]),
    "GET /nodes/n1": json_reply(
        {
            "ID": "n1",
            "Version": {"Index": 9},
            "Spec": {"Role": "worker", "Availability": "active", "New": 1},
        }
    ),
    "POST /nodes/n1/update": reply(200),
    "DELETE /nodes/n1": reply(200),
    "GET /containers/c1/json": json_reply(CONTAINER),
    "GET /containers/c1/top": json_reply({"Titles": ["PID"], "Processes": [["1"]]}),
    "GET /containers/c1/logs": chunked(),
    "GET /containers/c1/changes": json_reply([]),
    "GET /containers/c1/export": TAR,
    "GET /containers/c1/stats": json_reply({}),
    "POST /containers/c1/resize": reply(200),
    "POST /containers/c1/start": reply(204),
    "POST /containers/c1/stop": reply(204),
    "POST /containers/c1/restart": reply(204),
    "POST /containers/c1/kill": reply(204),
    "POST /containers/c1/rename": reply(204),
    "POST /containers/c1/update": json_reply({"Warnings": None}),
    "POST /containers/c1/pause": reply(204),
    "POST /containers/c1/unpause": reply(204),
    "POST /containers/c1/attach": _attach,
    "GET /containers/c1/attach/ws": _websocket,
    "POST /containers/c1/wait": json_reply({"StatusCode": 0}),
    "DELETE /containers/c1": reply(204),
    "DELETE /containers/parent%2Falias": reply(204),
    "POST /containers/c1/copy": reply(200, ETC),
    "GET /containers/c1/archive": reply(200, ETC, X_Docker_Container_Path_Stat=STAT),
    "HEAD /containers/c1/archive": head(200, Content_Length="0", X_Docker_Container_Path_Stat=STAT),
    "PUT /containers/c1/archive": reply(200),
    "GET /images/json": json_reply([]),
    "GET /images/viz": reply(200, b"digraph docker {\n base [style=invisible]\n}\n"),
    "POST /images/create": json_reply({"status": ID}),
    "POST /images/img/insert": json_reply({"Id": ID}),
    "GET /images/img/json": json_reply({"Id": ID}),
    "GET /images/img/history": json_reply([]),
    "GET /images/img/attestations": json_reply([]),
    "POST /images/img/push": json_reply({"status": "Pushing"}),
    "POST /images/img/tag": reply(201),
    "DELETE /images/img": json_reply([]),
    "GET /images/search": json_reply([]),
    "GET /distribution/img/json": json_reply({"Descriptor": {}, "Platforms": None}),
    "POST /build": _build,
    "POST /session": _session,
    "GET /images/img/get": TAR,
    "GET /images/get": TAR,
    "POST /images/load": reply(200),
    "POST /containers/c1/exec": json_reply({"Id": "e1"}, 201),
    "POST /exec/e1/start": _exec_start,
    "POST /exec/e1/resize": reply(200),
    "POST /exec/e2/start": _exec_start,
    "GET /exec/e2/json": json_reply({**EXEC, "ID": "e2", "ProcessConfig": {"tty": True}}),
    "GET /exec/e1/json": json_reply(EXEC),
    "GET /auth": json_reply({"username": "u", "email": ""}),
    "POST /auth": json_reply({"Status": "Login Succeeded"}),
    "GET /info": json_reply({}),
    "GET /_ping": reply(200, b"OK"),
    "POST /commit": json_reply({"Id": "i1"}, 201),
    "GET /events": chunked(),
    f"GET {EXEC_EVENTS}": exec_died(),
}


def engine(version: str, release: str, api: str | None = None) -> ScriptedDaemon:
    """An Engine of this release, which is spoken to in a version; `api` is its newest."""
    numbers = tuple(map(int, release.split(".")))
    answers = {
        f"{line.split(' ')[0]} /v{version}{line.split(' ')[1]}": answer
        for line, answer in ANSWERS.items()
    }
    answers[f"GET /v{version}/containers/c1/json"] = Made(lambda: json_reply(restarted()))
    answers[f"GET /v{version}/version"] = json_reply({"Version": release})
    return ScriptedDaemon(
        answers,
        release=release,
        # What it says of versions: /version has ApiVersion from 0.10.0 on.
        api=(api or version) if numbers >= (0, 10, 0) else None,
        lowest=None,
    )
