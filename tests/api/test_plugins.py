"""Plugins: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from api.rows import (
    NEW,
    Row,
    Statuses,
    check_refusal,
    check_refused_argument,
    encoded,
    played,
    refusals,
)
from dockerapi import (
    Client,
    Conflict,
    Credentials,
    NotFound,
    PluginNotFound,
    PluginPrivilege,
    PrivilegesNeeded,
    PullFailed,
    ServerError,
    TimedOut,
    Timeouts,
    UnexpectedReply,
)
from dockerapi.models.images import Pushed
from dockerapi.models.plugins import Plugin
from scripted import Conversation, ScriptedDaemon, asked, json_reply, reply

JSON = {"Id": "0a", "Name": "team/fs:1", "Enabled": False, "PluginReference": "docker.io/team/fs:1"}
FOUND = Plugin(id="0a", name="team/fs:1", enabled=False, reference="docker.io/team/fs:1")
HOST = {"Name": "network", "Description": "of the host", "Value": ["host"]}
GRANTED = PluginPrivilege(name="network", description="of the host", values=["host"])
AUTH = Credentials("ada", "s")
SENT = "eyJ1c2VybmFtZSI6ICJhZGEiLCAicGFzc3dvcmQiOiAicyJ9"
LISTED = asked("GET /plugins/team/fs:1/json")


def stream(*values: str, **headers: str) -> bytes:
    return reply(200, "\r\n".join(values).encode(), Content_Type="application/json", **headers)


PULLED = stream('{"status":"Pulling"}', '{"status":"Complete"}', Docker_Plugin_Name="team/fs:1")
REFUSED = stream(
    '{"status":"Pulling"}',
    '{"errorDetail":{"message":"incorrect privileges"},"error":"incorrect privileges"}',
    Docker_Plugin_Name="team/fs:1",
)


def pull(query: str, body: Any, **headers: str) -> Any:
    return asked(f"POST /plugins/pull?{query}", body, **headers)


ROWS = [
    Row(
        id="plugins",
        call=lambda client: client.plugins(),
        asks=[asked("GET /plugins")],
        answers=[json_reply([JSON])],
        gives=[FOUND],
        at=(NEW,),
    ),
    Row(
        id="plugins: every argument",
        call=lambda client: client.plugins(filters={"enabled": True, "capability": "volumedriver"}),
        asks=[
            asked(
                "GET /plugins?filters="
                + encoded({"enabled": ["true"], "capability": ["volumedriver"]})
            )
        ],
        answers=[json_reply(None)],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_plugin",
        call=lambda client: client.inspect_plugin("team/fs:1"),
        asks=[LISTED],
        answers=[json_reply(JSON)],
        gives=FOUND,
        at=(NEW,),
    ),
    Row(
        id="plugin_privileges",
        call=lambda client: client.plugin_privileges("team/fs:1", auth=AUTH),
        asks=[asked("GET /plugins/privileges?remote=team%2Ffs%3A1", X_Registry_Auth=SENT)],
        answers=[json_reply([HOST])],
        gives=[GRANTED],
        at=(NEW,),
    ),
    Row(
        id="install_plugin",
        call=lambda client: client.install_plugin("team/fs:1"),
        asks=[
            asked("GET /plugins/privileges?remote=team%2Ffs%3A1"),
            pull("remote=team%2Ffs%3A1", []),
            LISTED,
        ],
        answers=[json_reply([]), PULLED, json_reply(JSON)],
        gives=FOUND,
        at=(NEW,),
    ),
    Row(
        id="install_plugin: every argument",
        call=lambda client: client.install_plugin(
            "r.example.com/fs", name="team/fs:1", privileges=[GRANTED], auth=AUTH
        ),
        asks=[
            pull("remote=r.example.com%2Ffs&name=team%2Ffs%3A1", [HOST], X_Registry_Auth=SENT),
            LISTED,
        ],
        answers=[PULLED, json_reply(JSON)],
        gives=FOUND,
        at=(NEW,),
    ),
    Row(
        id="install_plugin: granted by a function",
        call=lambda client: client.install_plugin(
            "team/fs:1", privileges=lambda wanted: wanted == [GRANTED]
        ),
        asks=[
            asked("GET /plugins/privileges?remote=team%2Ffs%3A1"),
            pull("remote=team%2Ffs%3A1", [HOST]),
            LISTED,
        ],
        answers=[json_reply([HOST]), PULLED, json_reply(JSON)],
        gives=FOUND,
        at=(NEW,),
    ),
    Row(
        id="upgrade_plugin",
        call=lambda client: client.upgrade_plugin(FOUND, privileges=[GRANTED]),
        asks=[
            asked("GET /plugins/0a/json"),
            asked("POST /plugins/team/fs:1/upgrade?remote=docker.io%2Fteam%2Ffs%3A1", [HOST]),
            LISTED,
        ],
        answers=[json_reply(JSON), PULLED, json_reply(JSON)],
        gives=FOUND,
        at=(NEW,),
    ),
    Row(
        id="upgrade_plugin: every argument",
        call=lambda client: client.upgrade_plugin(
            "team/fs:1", remote="team/fs:2", privileges=[], auth=AUTH
        ),
        asks=[
            LISTED,
            asked("POST /plugins/team/fs:1/upgrade?remote=team%2Ffs%3A2", [], X_Registry_Auth=SENT),
            LISTED,
        ],
        answers=[json_reply(JSON), PULLED, json_reply(JSON)],
        gives=FOUND,
        at=(NEW,),
    ),
    Row(
        id="create_plugin",
        call=lambda client: client.create_plugin("team/fs:1", b"tar"),
        asks=[
            asked(
                "POST /plugins/create?name=team%2Ffs%3A1", b"tar", Content_Type="application/x-tar"
            )
        ],
        answers=[reply(204)],
        at=(NEW,),
    ),
    Row(
        id="push_plugin",
        call=lambda client: client.push_plugin("team/fs:1", auth=AUTH),
        asks=[asked("POST /plugins/team/fs:1/push", X_Registry_Auth=SENT)],
        answers=[stream('{"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:0a","Size":417}}')],
        gives=Pushed("1", "sha256:0a", 417),
        at=(NEW,),
    ),
    Row(
        id="push_plugin: by an id",
        call=lambda client: client.push_plugin(FOUND),
        asks=[asked("GET /plugins/0a/json"), asked("POST /plugins/0a/push")],
        answers=[json_reply(JSON), stream('{"status":"Preparing"}')],
        gives=Pushed(None, None, None),
        at=(NEW,),
    ),
    Row(
        id="enable_plugin",
        call=lambda client: client.enable_plugin("team/fs:1"),
        asks=[asked("POST /plugins/team/fs:1/enable?timeout=0")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="enable_plugin: every argument",
        call=lambda client: client.enable_plugin(FOUND, timeout=7),
        asks=[asked("POST /plugins/0a/enable?timeout=7")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="disable_plugin",
        call=lambda client: client.disable_plugin("team/fs:1"),
        asks=[asked("POST /plugins/team/fs:1/disable")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="disable_plugin: every argument",
        call=lambda client: client.disable_plugin("team/fs:1", force=True),
        asks=[asked("POST /plugins/team/fs:1/disable?force=1")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="set_plugin",
        call=lambda client: client.set_plugin("team/fs:1", {"LEVEL": 3, "data.source": "/a b"}),
        asks=[asked("POST /plugins/team/fs:1/set", ["LEVEL=3", "data.source=/a b"])],
        answers=[reply(204)],
        at=(NEW,),
    ),
    Row(
        id="remove_plugin",
        call=lambda client: client.remove_plugin("team/fs:1"),
        asks=[asked("DELETE /plugins/team/fs:1")],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="remove_plugin: every argument",
        call=lambda client: client.remove_plugin("team/fs:1", force=True),
        asks=[asked("DELETE /plugins/team/fs:1?force=1")],
        answers=[reply(200)],
        at=(NEW,),
    ),
]

MISSING = {404: NotFound, 500: ServerError}
STATUSES: Statuses = [
    ("GET /plugins", "plugins", {500: ServerError}),
    ("GET /plugins/{name}/json", "inspect_plugin", MISSING),
    ("GET /plugins/privileges", "plugin_privileges", {500: ServerError}),
    ("POST /plugins/pull", "install_plugin", {500: ServerError}),
    ("POST /plugins/{name}/upgrade", "upgrade_plugin", MISSING),
    ("POST /plugins/{name}/push", "push_plugin", MISSING),
    ("POST /plugins/{name}/enable", "enable_plugin", MISSING),
    ("POST /plugins/{name}/disable", "disable_plugin", MISSING),
    ("POST /plugins/{name}/set", "set_plugin", MISSING),
    ("DELETE /plugins/{name}", "remove_plugin", {**MISSING, 404: NotFound}),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_method_asks_and_gives_what_its_row_says(row: Row, version: str) -> None:
    assert row.play(version) == (row.value(version), row.requests(version))


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_its_class(
    route: str, row: Row, version: str, status: int, error: Any
) -> None:
    check_refusal(route, row, version, status, error)


NO_NAME = "not the name of any plugin: "


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda c: c.inspect_plugin("A b"), ValueError, f"plugin: {NO_NAME}'A b'"),
        (lambda c: c.inspect_plugin(7), TypeError, "plugin: a string was expected, not 7"),
        (lambda c: c.remove_plugin(""), ValueError, f"plugin: {NO_NAME}''"),
        (lambda c: c.install_plugin("REC"), ValueError, f"remote: {NO_NAME}'REC'"),
        (lambda c: c.install_plugin("a", name="/b"), ValueError, f"name: {NO_NAME}'/b'"),
        (
            lambda c: c.install_plugin(f"a@sha256:{'0' * 64}"),
            ValueError,
            f"remote: a tag was expected, not the digest in 'a@sha256:{'0' * 64}'",
        ),
        (
            lambda c: c.install_plugin("a", privileges=["network"]),
            TypeError,
            "privileges: use dockerapi.PluginPrivilege(...); it was 'network'",
        ),
        (
            lambda c: c.upgrade_plugin("a", privileges=True),
            TypeError,
            "privileges: a list of PluginPrivilege values was expected, not True",
        ),
        (lambda c: c.upgrade_plugin("a", remote="b c"), ValueError, f"remote: {NO_NAME}'b c'"),
        (lambda c: c.plugin_privileges(""), ValueError, f"remote: {NO_NAME}''"),
        (lambda c: c.create_plugin("REC", b""), ValueError, f"name: {NO_NAME}'REC'"),
        (lambda c: c.create_plugin("a", 7), TypeError, None),
        (lambda c: c.create_plugin("a", "/nonexistent"), FileNotFoundError, None),
        (
            lambda c: c.enable_plugin("a", timeout=-1),
            ValueError,
            "timeout: at least 0, not -1",
        ),
        (
            lambda c: c.enable_plugin("a", timeout=1.5),
            TypeError,
            "timeout: a whole number was expected, not 1.5",
        ),
        (
            lambda c: c.set_plugin("a", {"A=B": "1"}),
            ValueError,
            "settings: the name of a setting was expected, not 'A=B'",
        ),
        (
            lambda c: c.set_plugin("a", ["A=1"]),
            TypeError,
            "settings: a mapping was expected, not ['A=1']",
        ),
        (
            lambda c: c.plugins(filters={"name": "a"}),
            ValueError,
            "filters: one of capability, enabled was expected, not 'name'",
        ),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_sent(
    call: Any, error: type[Exception], message: str | None
) -> None:
    check_refused_argument(call, error, message)


# Privileges


def needed(*answers: bytes, **given: Any) -> tuple[PrivilegesNeeded, list[Any]]:
    """The error of an install, and what was asked."""
    script = {
        "GET /v1.41/plugins/privileges?remote=team%2Ffs%3A1": list(answers),
        "POST /v1.41/plugins/pull?remote=team%2Ffs%3A1": REFUSED,
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PrivilegesNeeded) as caught:
            client.install_plugin("team/fs:1", **given)
    return caught.value, [
        request.method for request in daemon.requests if "ing" not in request.target
    ]


WORDS = "POST /plugins/pull: team/fs:1 needs privileges: network host; nothing was installed"


@pytest.mark.parametrize("grant", [None, lambda wanted: False, lambda wanted: 1])
def test_what_is_not_granted_is_not_pulled(grant: Any) -> None:
    error, asked_for = needed(json_reply([HOST]), privileges=grant)
    assert (str(error), error.privileges, asked_for) == (WORDS, (GRANTED,), ["GET"])


def test_what_the_engine_finds_incorrect_is_listed() -> None:
    error, asked_for = needed(json_reply([HOST]), privileges=[])
    assert (str(error), error.privileges, asked_for) == (WORDS, (GRANTED,), ["POST", "GET"])


def test_an_empty_list_of_privileges_proves_nothing() -> None:
    error, asked_for = needed(json_reply([]), json_reply({"message": "no"}, 500))
    assert (str(error), error.privileges, asked_for) == (
        "POST /plugins/pull: team/fs:1 needs privileges: others than were given; nothing was "
        "installed",
        (),
        ["GET", "POST", "GET"],
    )


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (
            stream('{"errorDetail":{"message":"disk full"},"error":"disk full"}'),
            PullFailed,
            "POST /plugins/pull: disk full",
        ),
        (
            stream('{"error":"Error: image team/fs:1 not found"}'),
            PluginNotFound,
            "POST /plugins/pull: 200 Error: image team/fs:1 not found",
        ),
        (
            stream('{"status":"Complete"}'),
            UnexpectedReply,
            "POST /plugins/pull: there is no Docker-Plugin-Name in the answer",
        ),
    ],
)
def test_a_pull_that_ends_otherwise(answer: bytes, error: type[Exception], message: str) -> None:
    script = {"POST /v1.41/plugins/pull?remote=team%2Ffs%3A1": answer}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            client.install_plugin("team/fs:1", privileges=[])
    assert (type(caught.value), str(caught.value)) == (error, message)


def test_the_progress_is_handed_out() -> None:
    script = {
        "POST /v1.41/plugins/pull?remote=a": PULLED,
        "GET /v1.41/plugins/team/fs:1/json": json_reply(JSON),
    }
    seen: list[Any] = []
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.install_plugin("a", privileges=[], progress=seen.append)
    assert [value.status for value in seen] == ["Pulling", "Complete"]


# What is enabled


@pytest.mark.parametrize(
    ("call", "status", "words"),
    [
        (
            lambda client: client.set_plugin("a", {"B": "1"}),
            500,
            "cannot set on an active plugin, disable plugin before setting",
        ),
        (lambda client: client.remove_plugin("a"), 409, "plugin a:latest is enabled"),
    ],
)
def test_an_enabled_plugin_is_to_be_disabled_first(call: Any, status: int, words: str) -> None:
    refusal = json_reply({"message": words}, status)
    script = {"POST /v1.41/plugins/a/set": refusal, "DELETE /v1.41/plugins/a": refusal}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Conflict) as caught:
            call(client)
    assert (type(caught.value), caught.value.hint) == (Conflict, "disable it first")


# The source of a plugin


def files_of(content: bytes) -> dict[str, bytes | None]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        found = {item.name: archive.extractfile(item) for item in archive}
        return {name: None if file is None else file.read() for name, file in found.items()}


def test_a_plugin_is_made_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "rootfs/bin").mkdir(parents=True)
    (tmp_path / "rootfs/bin/it").write_bytes(b"x" * 300_000)
    (tmp_path / "config.json").write_text("{}")
    script = {"POST /v1.41/plugins/create?name=a%3A1": reply(204)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.create_plugin("a:1", tmp_path)
        client.create_plugin("a:1", str(tmp_path))
    for request in daemon.requests[-2:]:
        assert request.headers["Content-Type"] == "application/x-tar"
        assert isinstance(request.body, bytes)
        assert files_of(request.body) == {
            ".": None,
            "./config.json": b"{}",
            "./rootfs": None,
            "./rootfs/bin": None,
            "./rootfs/bin/it": b"x" * 300_000,
        }


def test_a_plugin_is_made_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "it.tar").write_bytes(b"tar")
    script = {"POST /v1.41/plugins/create?name=a": reply(204)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        for source in (tmp_path / "it.tar", b"tar", io.BytesIO(b"tar"), [b"ta", b"r"]):
            client.create_plugin("a", source)
    assert [request.body for request in daemon.requests[-4:]] == [b"tar"] * 4


# What takes its time

CALLS = {
    "plugins": ("GET", "", lambda client: client.plugins()),
    "inspect": ("GET", "/a/json", lambda client: client.inspect_plugin("a")),
    "privileges": ("GET", "/privileges", lambda client: client.plugin_privileges("a")),
    "install": ("POST", "/pull", lambda client: client.install_plugin("a", privileges=[])),
    "create": ("POST", "/create", lambda client: client.create_plugin("a", b"")),
    "push": ("POST", "/a/push", lambda client: client.push_plugin("a", auth=AUTH)),
    "enable": ("POST", "/a/enable", lambda client: client.enable_plugin("a")),
    "disable": ("POST", "/a/disable", lambda client: client.disable_plugin("a")),
    "set": ("POST", "/a/set", lambda client: client.set_plugin("a", {"A": "1"})),
    "remove": ("DELETE", "/a", lambda client: client.remove_plugin("a")),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_operation_has_the_idle_timeout(name: str) -> None:
    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    method, path, call = CALLS[name]
    timeouts = Timeouts(read=60, idle=0.1)
    with ScriptedDaemon({f"{method} /v1.41/plugins{path}": silent}) as daemon:
        with Client(daemon.url, timeout=timeouts) as client, pytest.raises(TimedOut) as caught:
            call(client)
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.1)
