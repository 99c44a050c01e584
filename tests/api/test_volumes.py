"""Volumes: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from api.rows import (
    NEW,
    NO_IDS,
    Row,
    Statuses,
    check_refusal,
    check_refused_argument,
    encoded,
    played,
    refusals,
)
from dockerapi import (
    ApiError,
    BadRequest,
    Client,
    ClusterVolumeSpec,
    Conflict,
    MountVolume,
    NotFound,
    OutOfSequence,
    ServerError,
    TimedOut,
    Timeouts,
    UnexpectedReply,
)
from dockerapi.models.networks import NetworkCreated
from dockerapi.models.pruned import Pruned
from dockerapi.models.volumes import Volume
from scripted import Conversation, ScriptedDaemon, asked, json_reply, reply

# What 20.10 answers to the creation of one.
MADE = {
    "CreatedAt": "2026-11-30T02:42:07Z",
    "Driver": "local",
    "Labels": {"rec": "tmpfs", "empty": ""},
    "Mountpoint": "/var/lib/docker/volumes/data/_data",
    "Name": "data",
    "Options": {"device": "tmpfs", "o": "size=1m", "type": "tmpfs"},
    "Scope": "local",
}
PLAIN = {**MADE, "Labels": None, "Options": None}
OF_CLUSTER = Volume.parse(
    {
        "Name": "data",
        "ClusterVolume": {
            "ID": "cv1",
            "Version": {"Index": 2**64 - 1},
            "Spec": {"Availability": "active", "New": {"a": None}, "Secrets": None},
        },
    }
)

ROWS = [
    Row(
        id="volumes",
        call=lambda client: client.volumes(),
        asks=[asked("GET /volumes")],
        answers=[json_reply({"Volumes": [MADE, PLAIN], "Warnings": None})],
        gives=[Volume.parse(MADE), Volume.parse(PLAIN)],
        at=(NEW,),
    ),
    Row(
        id="volumes: every argument",
        call=lambda client: client.volumes(
            filters={"label": ["a", "b=c"], "dangling": False, "name": "d", "driver": "local"}
        ),
        asks=[
            asked(
                "GET /volumes?filters="
                + encoded(
                    {
                        "label": ["a", "b=c"],
                        "dangling": ["false"],
                        "name": ["d"],
                        "driver": ["local"],
                    }
                )
            )
        ],
        answers=[json_reply({"Volumes": None, "Warnings": []})],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_volume",
        call=lambda client: client.inspect_volume(Volume(name="data")),
        asks=[asked("GET /volumes/data")],
        answers=[json_reply(MADE)],
        gives=Volume.parse(MADE),
        at=(NEW,),
    ),
    Row(
        id="create_volume",
        call=lambda client: client.create_volume(),
        asks=[asked("POST /volumes/create", {})],
        answers=[json_reply(PLAIN, 201)],
        gives=Volume.parse(PLAIN),
        at=(NEW,),
    ),
    Row(
        id="create_volume: every argument",
        call=lambda client: client.create_volume(
            "data",
            driver="local",
            options={"type": "tmpfs", "device": "tmpfs", "o": "size=1m"},
            labels={"rec": "tmpfs", "empty": ""},
        ),
        asks=[
            asked(
                "POST /volumes/create",
                {
                    "Name": "data",
                    "Driver": "local",
                    "DriverOpts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"},
                    "Labels": {"rec": "tmpfs", "empty": ""},
                },
            )
        ],
        answers=[json_reply(MADE, 201)],
        gives=Volume.parse(MADE),
        at=(NEW,),
    ),
    Row(
        id="remove_volume",
        call=lambda client: client.remove_volume("data"),
        asks=[asked("DELETE /volumes/data")],
        answers=[reply(204)],
        at=(NEW,),
    ),
    Row(
        id="remove_volume: every argument",
        call=lambda client: client.remove_volume("data", force=True),
        asks=[asked("DELETE /volumes/data?force=1")],
        answers=[reply(204)],
        at=(NEW,),
    ),
    Row(
        id="update_volume",
        call=lambda client: client.update_volume(OF_CLUSTER, availability="drain"),
        asks=[
            asked(
                f"PUT /volumes/cv1?version={2**64 - 1}",
                {"Spec": {"Availability": "drain", "New": {"a": None}, "Secrets": None}},
            )
        ],
        answers=[reply(200)],
        at=("1.51",),
        release="28.5.2",
    ),
    Row(
        id="prune_volumes",
        call=lambda client: client.prune_volumes(),
        asks=[asked("POST /volumes/prune")],
        answers=[json_reply({"VolumesDeleted": ["a" * 64], "SpaceReclaimed": 7})],
        gives=Pruned(deleted=("a" * 64,), space_reclaimed=7),
        at=("1.51",),
        release="28.5.2",
    ),
    Row(
        id="prune_volumes: every argument",
        call=lambda client: client.prune_volumes(
            all=True, filters={"label": ["a", "b=c"], "label!": "d"}
        ),
        asks=[
            asked(
                "POST /volumes/prune?filters="
                + encoded({"label": ["a", "b=c"], "label!": ["d"], "all": ["true"]})
            )
        ],
        answers=[json_reply({"VolumesDeleted": None, "SpaceReclaimed": 0})],
        gives=Pruned(space_reclaimed=0),
        at=("1.51",),
        release="28.5.2",
    ),
    Row(
        id="prune_volumes: all of an older Engine",
        call=lambda client: client.prune_volumes(all=True),
        asks=[asked("POST /volumes/prune")],
        answers=[json_reply({"VolumesDeleted": [], "SpaceReclaimed": 0})],
        gives=Pruned(space_reclaimed=0),
        at=(NEW,),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


STATUSES: Statuses = [
    ("GET /volumes", "volumes", {400: BadRequest, 500: ServerError}),
    ("GET /volumes/{name}", "inspect_volume", {404: NotFound, 500: ServerError}),
    (
        "POST /volumes/create",
        "create_volume",
        {400: BadRequest, 404: NotFound, 409: Conflict, 500: ServerError, 503: ServerError},
    ),
    (
        "DELETE /volumes/{name}",
        "remove_volume",
        {404: NotFound, 409: Conflict, 500: ServerError},
    ),
    (
        "PUT /volumes/{name}",
        "update_volume",
        {400: BadRequest, 404: NotFound, 500: ServerError, 503: ServerError},
    ),
    ("POST /volumes/prune", "prune_volumes", {409: Conflict, 500: ServerError}),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


RULES = (
    "name: that of a volume has two or more letters, digits, '_', '.' and '-', and begins with a "
    "letter or digit, not "
)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        *(
            (lambda client, name=name: client.create_volume(name), ValueError, f"{RULES}{name!r}")
            for name in ("", "d", "-data", ".data", "da/ta", "data:rw", "da ta", "données")
        ),
        (
            lambda client: client.create_volume("a/b", driver="d"),
            ValueError,
            "not the id or name of any volume: 'a/b'",
        ),
        (
            lambda client: client.create_volume(7),
            TypeError,
            "name: a string was expected, not 7",
        ),
        (
            lambda client: client.create_volume("data", driver=""),
            ValueError,
            "driver: one line of text was expected, not ''",
        ),
        (
            lambda client: client.create_volume("data", options=["a=b"]),
            TypeError,
            "options: a mapping was expected, not ['a=b']",
        ),
        (
            lambda client: client.create_volume("data", labels=7),
            TypeError,
            'labels: a mapping or a list of "name=value" was expected, not 7',
        ),
        (
            lambda client: client.create_volume("data", cluster={}),
            TypeError,
            "cluster: use dockerapi.ClusterVolumeSpec(...); it was a dict",
        ),
        (
            lambda client: client.volumes(filters={"scope": "local"}),
            ValueError,
            "filters: one of dangling, driver, label, name was expected, not 'scope'",
        ),
        (
            lambda client: client.volumes(filters={"dangling": [True, False]}),
            ValueError,
            "filters: dangling: one value was expected, not ['true', 'false']",
        ),
        (
            lambda client: client.update_volume(Volume(name="data"), availability="drain"),
            ValueError,
            "volume: data is no volume of a cluster",
        ),
        (
            lambda client: client.update_volume("data", availability="drain"),
            TypeError,
            "volume: use dockerapi.Volume(...); it was 'data'",
        ),
        (
            lambda client: client.update_volume(None, availability="drain"),  # type: ignore[arg-type]
            TypeError,
            "volume: use dockerapi.Volume(...); it was None",
        ),
        (
            lambda client: client.update_volume(OF_CLUSTER, availability="away"),
            ValueError,
            "availability: one of 'active', 'pause', 'drain' was expected, not 'away'",
        ),
        (
            lambda client: client.prune_volumes(filters={"all": True}),
            ValueError,
            "filters: 'all' is said by the argument all",
        ),
        (
            lambda client: client.prune_volumes(all=True, filters={"until": "24h"}),
            ValueError,
            "filters: one of label, label! was expected, not 'until'",
        ),
        (
            lambda client: client.prune_images(filters={"dangling": False}),
            ValueError,
            "filters: 'dangling' is said by the argument all",
        ),
        (
            lambda client: client.prune_images(filters={"all": True}),
            ValueError,
            "filters: 'all' is said by the argument all",
        ),
        (
            lambda client: client.prune_containers(filters={"status": "exited"}),
            ValueError,
            "filters: one of label, label!, until was expected, not 'status'",
        ),
        (
            lambda client: client.inspect_volume("/data"),
            ValueError,
            "not the name of any volume: '/data'",
        ),
        (
            lambda client: client.remove_volume(NetworkCreated(id="1")),
            TypeError,
            "volume: a string was expected, not NetworkCreated(id='1', warnings=())",
        ),
    ],
)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


@pytest.mark.parametrize("name", NO_IDS.values(), ids=NO_IDS)
def test_what_names_no_volume_is_refused_and_nothing_is_sent(name: str) -> None:
    check_refused_argument(lambda client: client.inspect_volume(name), ValueError, None)
    check_refused_argument(lambda client: client.remove_volume(name), ValueError, None)


def test_a_list_that_is_none_is_shown() -> None:
    with ScriptedDaemon({"GET /v1.41/volumes": json_reply([])}) as daemon:
        with Client(daemon.url) as client, pytest.raises(UnexpectedReply) as caught:
            client.volumes()
    assert str(caught.value) == "GET /volumes: an object was expected, not []"


def test_what_the_engine_warns_of_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    found = {"Volumes": [PLAIN], "Warnings": ["list d: the driver d does not answer", "2"]}
    with ScriptedDaemon({"GET /v1.41/volumes": json_reply(found)}) as daemon:
        with Client(daemon.url) as client, caplog.at_level(logging.WARNING, "dockerapi"):
            assert client.volumes() == [Volume.parse(PLAIN)]
    assert [(one.name, one.message) for one in caplog.records] == [
        ("dockerapi.api.volumes", "volumes: list d: the driver d does not answer"),
        ("dockerapi.api.volumes", "volumes: 2"),
    ]


# One that is there already

HAS = "POST /volumes/create: 409 volume data has "


@pytest.mark.parametrize(
    ("given", "found", "words"),
    [
        ({"driver": "d"}, PLAIN, "driver 'local', and not 'd'"),
        ({"labels": {"a": "1"}}, PLAIN, "labels {}, and not {'a': '1'}"),
        ({"labels": {}}, MADE, "labels {'rec': 'tmpfs', 'empty': ''}, and not {}"),
        ({"options": {"o": "size=2m"}}, PLAIN, "options {}, and not {'o': 'size=2m'}"),
        (
            {"options": {"o": "username=u,password=new,vers=3"}},
            {**PLAIN, "Options": {"o": "username=u,PASSWORD=old"}},
            "options {'o': 'username=u,PASSWORD=***'}, and not "
            "{'o': 'username=u,password=***,vers=3'}",
        ),
    ],
)
def test_an_old_volume_that_differs_is_a_conflict(
    given: dict[str, Any], found: dict[str, Any], words: str
) -> None:
    """An Engine answers 201 with the old one, and compares nothing (20.10 to 29.7: seen)."""
    with ScriptedDaemon({"POST /v1.41/volumes/create": json_reply(found, 201)}) as daemon:
        with Client(daemon.url) as client, pytest.raises(Conflict) as caught:
            client.create_volume("data", **given)
    assert (type(caught.value), str(caught.value)) == (Conflict, HAS + words)
    assert [one.method for one in daemon.requests] == ["POST"]  # it is left as it was


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"labels": {"a": 1}}, {**PLAIN, "Labels": {"a": "1"}}),
        ({"options": {}, "labels": {}}, PLAIN),
        ({"driver": "vieux/sshfs"}, {**PLAIN, "Driver": "vieux/sshfs:latest"}),
        ({"options": {"a": "1"}, "labels": {"a": "1"}}, {"Name": "data", "Driver": "local"}),
    ],
    ids=["a number", "nothing", "a plugin's tag", "what an old Engine does not tell"],
)
def test_an_old_volume_that_is_what_was_asked_for_is_given(
    given: dict[str, Any], found: dict[str, Any]
) -> None:
    with ScriptedDaemon({"POST /v1.41/volumes/create": json_reply(found, 201)}) as daemon:
        with Client(daemon.url) as client:
            assert client.create_volume("data", **given) == Volume.parse(found)


def test_a_volume_without_a_name_is_a_new_one_whatever_labels_it_has() -> None:
    found = {**PLAIN, "Labels": {"a": "1", "com.docker.volume.anonymous": ""}}
    with ScriptedDaemon({"POST /v1.41/volumes/create": json_reply(found, 201)}) as daemon:
        with Client(daemon.url) as client:
            assert client.create_volume(labels={"a": "1"}) == Volume.parse(found)


# Volumes of a cluster


def test_a_volume_of_a_cluster_is_asked_for_as_it_is_described() -> None:
    spec = ClusterVolumeSpec(
        group="g",
        scope="multi",
        sharing="all",
        mount=MountVolume(fs_type="ext4", flags=["noatime"]),
        secrets={"key": "secret"},
        requisite=[{"zone": "1"}],
        preferred=[{"zone": "1", "rack": "2"}],
        required_bytes="64m",
        limit_bytes=2**64 - 1,
        availability="pause",
    )
    made = {**PLAIN, "Driver": "csi"}
    with ScriptedDaemon(
        {"POST /v1.51/volumes/create": json_reply(made, 201)}, api="1.51"
    ) as daemon:
        with Client(daemon.url) as client:
            client.create_volume("data", driver="csi", cluster=spec, options={})
    assert daemon.requests == [
        asked(
            "POST /v1.51/volumes/create",
            {
                "Name": "data",
                "Driver": "csi",
                "DriverOpts": {},
                "ClusterVolumeSpec": {
                    "Group": "g",
                    "AccessMode": {
                        "Scope": "multi",
                        "Sharing": "all",
                        "MountVolume": {"FsType": "ext4", "MountFlags": ["noatime"]},
                    },
                    "Secrets": [{"Key": "key", "Secret": "secret"}],
                    "AccessibilityRequirements": {
                        "Requisite": [{"Segments": {"zone": "1"}}],
                        "Preferred": [{"Segments": {"zone": "1", "rack": "2"}}],
                    },
                    "CapacityRange": {"RequiredBytes": 64 * 2**20, "LimitBytes": 2**64 - 1},
                    "Availability": "pause",
                },
            },
        )
    ]


def test_a_volume_that_has_changed_since_it_was_read() -> None:
    words = "rpc error: code = Unknown desc = update out of sequence"
    script = {"PUT /v1.51/volumes/cv1": json_reply({"message": words}, 500)}
    with ScriptedDaemon(script, api="1.51") as daemon, Client(daemon.url) as client:
        with pytest.raises(OutOfSequence) as caught:
            client.update_volume(OF_CLUSTER, availability="drain")
    assert str(caught.value) == f"PUT /volumes/{{name}}: 500 {words}"


# What takes its time


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client: client.create_volume("data"), "POST /volumes/create"),
        (lambda client: client.volumes(), "GET /volumes"),
    ],
)
def test_what_takes_its_time_has_the_idle_timeout(call: Any, line: str) -> None:
    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    method, _, path = line.partition(" ")
    timeouts = Timeouts(read=60, idle=0.1)
    with ScriptedDaemon({f"{method} /v1.41{path}": silent}) as daemon:
        with Client(daemon.url, timeout=timeouts) as client, pytest.raises(TimedOut) as caught:
            call(client)
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.1)
