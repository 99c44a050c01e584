"""The Engine itself: what each operation asks of it, what it gives, and what it refuses."""

from __future__ import annotations

import datetime
import json
import logging
import re
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any

import pytest

from api.rows import (
    NEW,
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
    Client,
    ContainerNotFound,
    Credentials,
    NotSupported,
    ServerError,
    StreamInterrupted,
    Unauthorized,
    UnexpectedReply,
)
from dockerapi.models.config import ContainerConfig
from dockerapi.models.containers import Created
from dockerapi.models.misc import Event, Info, LoginResult, Ping, StoredLogin, Version
from dockerapi.models.usage import TYPES, DiskUsage, Usage
from dockerapi.streams import ValueStream
from scripted import (
    LAST_CHUNK,
    PATIENCE,
    PODMAN,
    Conversation,
    ScriptedDaemon,
    asked,
    chunk,
    chunked,
    head,
    json_reply,
    reply,
)

UTC = datetime.timezone.utc
COMMITTED = "sha256:7851b7a28a21fbb3172ae5389a623464fe91ff7be9452633f1cf33f6b417db23"
SECRET = "s3cret"
ADA = {"username": "ada", "password": SECRET, "serveraddress": "https://index.docker.io/v1/"}


def login(client: Client) -> LoginResult:
    return client.login("ada", password=SECRET)


def commit_query(changes: str = "") -> str:
    return (
        "/commit?container=web&repo=registry.example.com%3A5000%2Fteam%2Fapp&tag=v1&comment=why+not"
        f"&author=Ada+%3Cada%40example.com%3E&pause=0{changes}"
    )


START = {
    "status": "start",
    "id": "c1",
    "from": "busybox",
    "Type": "container",
    "Action": "start",
    "Actor": {"ID": "c1", "Attributes": {"image": "busybox", "name": "web"}},
    "scope": "local",
    "time": 1374067924,
    "timeNano": 1374067924000000001,
}
STARTED = Event(
    type="container",
    action="start",
    id="c1",
    attributes={"image": "busybox", "name": "web"},
    image="busybox",
    time=datetime.datetime(2013, 7, 17, 13, 32, 4, tzinfo=UTC),
    time_nano=1374067924000000001,
    scope="local",
)
OF_OLD = Event(
    type="container",
    action="die",
    id="c1",
    image="busybox",
    time=datetime.datetime(2013, 7, 17, 13, 32, 4, tzinfo=UTC),
    time_nano=1374067924000000000,
)

USED = {
    "LayersSize": 10,
    "Images": [{"Id": "1", "Size": 10, "SharedSize": 4, "Containers": 0}],
    "Containers": [],
    "Volumes": None,
    "BuildCache": None,
    "BuilderSize": 7,
}


def until_broken(events: ValueStream[Event]) -> list[Event]:
    """Those that came; nobody asked for an end of them."""
    found = []
    with events, pytest.raises(StreamInterrupted):
        for event in events:
            found.append(event)
    return found


ROWS = [
    # Login
    Row(
        id="login",
        call=login,
        asks=[asked("POST /auth", ADA)],
        answers=[json_reply({"Status": "Login Succeeded", "IdentityToken": ""})],
        gives=LoginResult(status="Login Succeeded"),
    ),
    Row(
        id="login: every argument",
        call=lambda client: client.login(
            "ada",
            password=SECRET,
            email="ada@example.com",
            registry="registry.example.com:5000",
        ),
        asks=[
            asked(
                "POST /auth",
                {**ADA, "email": "ada@example.com", "serveraddress": "registry.example.com:5000"},
            )
        ],
        answers=[json_reply({"Status": "Login Succeeded", "IdentityToken": "9cbaf023786cd7"})],
        gives=LoginResult(status="Login Succeeded", identity_token="9cbaf023786cd7"),
    ),
    Row(
        id="login: without a word",
        call=login,
        asks=[asked("POST /auth", ADA)],
        answers=[reply(204)],
        gives=LoginResult(),
    ),
    Row(
        id="stored_login",
        call=lambda client: client.stored_login(),
        asks=[asked("GET /auth")],
        answers=[json_reply({"username": "ada", "email": "ada@example.com"})],
        gives=StoredLogin(username="ada", email="ada@example.com"),
        at=("1.1",),
        release="0.3.4",
    ),
    # What it is
    Row(
        id="info",
        call=lambda client: client.info(),
        asks=[asked("GET /info")],
        answers=["info"],
        reads=Info.parse,
    ),
    Row(
        id="version",
        call=lambda client: client.version(),
        asks=[asked("GET /version")],
        answers=["version"],
        reads=Version.parse,
    ),
    Row(
        id="ping",
        call=lambda client: client.ping(),
        asks=[asked("GET /_ping")],
        answers=["ping"],
        gives=Ping(api_version="1.41", os="linux"),
    ),
    Row(
        id="ping: of an Engine that has none",
        call=lambda client: client.ping(),
        asks=[asked("GET /version")],
        answers=[json_reply({"Version": "0.10.0"})],
        at=("1.10",),
        release="0.10.0",
        gives=Ping(),
    ),
    # Commit
    Row(
        id="commit",
        call=lambda client: client.commit("/web"),
        asks=[asked("POST /commit?container=web", {})],
        answers=["commit"],
        gives=COMMITTED,
        at=(NEW,),
    ),
    Row(
        id="commit: every argument",
        call=lambda client: client.commit(
            Created(id="web"),
            repository="registry.example.com:5000/team/app",
            tag="v1",
            message="why not",
            author="Ada <ada@example.com>",
            pause=False,
            config=ContainerConfig(command=["sh"], env={"A": "1"}),
            changes=['CMD ["sh"]', "USER ada"],
        ),
        asks=[
            asked(
                f"POST {commit_query('&changes=CMD+%5B%22sh%22%5D&changes=USER+ada')}",
                {"Cmd": ["sh"], "Env": ["A=1"]},
            )
        ],
        answers=[json_reply({"Id": COMMITTED}, 201)],
        gives=COMMITTED,
    ),
    Row(
        id="commit: a tag in the name",
        call=lambda client: client.commit("web", repository="app:v1"),
        asks=[asked("POST /commit?container=web&repo=app&tag=v1", {})],
        answers=[json_reply({"Id": COMMITTED}, 201)],
        gives=COMMITTED,
    ),
    # Events
    Row(
        id="events",
        call=lambda client: until_broken(client.events()),
        asks=[asked("GET /events")],
        answers=[
            chunked(
                json_reply(START).partition(b"\r\n\r\n")[2] + b"\n",
                b'{"status":"die","id":"c1","from":"busy',
                b'box","time":1374067924}{}',
            )
        ],
        gives=[STARTED, OF_OLD, Event()],
    ),
    Row(
        id="events: every option",
        call=lambda client: all_of(
            client.events(
                since=1374067924,
                until=datetime.datetime(2013, 7, 17, 13, 32, 5, 500_000, tzinfo=UTC),
                filters={"event": "die", "container": ["a", "b"]},
            )
        ),
        asks=[
            asked(
                "GET /events?since=1374067924&until=1374067925.500000&filters="
                + encoded({"event": ["die"], "container": ["a", "b"]})
            )
        ],
        answers=[chunked(Date="Wed, 17 Jul 2013 13:32:06 GMT")],
        gives=[],
    ),
    Row(
        id="events: filters of their own versions",
        call=lambda client: until_broken(client.events(filters={"label": "a"})),
        asks=[asked(f"GET /events?filters={encoded({'label': ['a']})}")],
        answers=[chunked()],
        gives=[],
        refused=needs("GET /events ?filters.label", "1.21"),
    ),
    # The use of the disk
    Row(
        id="disk_usage",
        call=lambda client: client.disk_usage(),
        asks=[asked("GET /system/df")],
        answers=[json_reply(USED)],
        gives=DiskUsage.of(USED, TYPES),
        at=(NEW,),
    ),
    Row(
        id="disk_usage: every argument",
        call=lambda client: client.disk_usage(types=("image", "volume")),
        asks=[asked("GET /system/df")],  # that of 20.10 tells of all
        answers=[json_reply(USED)],
        gives=DiskUsage.of(USED, ["volume", "image"]),
        at=(NEW,),
    ),
    Row(
        id="disk_usage: one type of the newest Engine",
        call=lambda client: client.disk_usage(types="volume"),
        asks=[asked("GET /system/df?type=volume&verbose=1")],
        answers=[json_reply({"VolumeUsage": {}})],
        gives=DiskUsage(volumes=Usage(total_count=0, active_count=0, total_size=0, reclaimable=0)),
        at=("1.55",),
        release="29.7.2",
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


@pytest.mark.parametrize("row", refused(ROWS))
def test_what_the_version_cannot_do_is_refused_and_not_asked(row: Row) -> None:
    check_not_supported(row)


def test_a_stored_login_is_refused_by_engines_that_keep_none() -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(NotSupported) as caught:
            client.stored_login()
    assert (str(caught.value), daemon.requests) == (
        "GET /auth was removed in API 1.2; the Engine speaks 1.41: the Engine keeps no credentials",
        [],
    )


# What the Engine refuses

STATUSES: Statuses = [
    ("POST /auth", "login", {401: Unauthorized, 500: ServerError}),
    ("GET /info", "info", {500: ServerError}),
    ("GET /version", "version", {500: ServerError}),
    ("GET /_ping", "ping", {500: ServerError}),
    ("POST /commit", "commit: a tag in the name", {404: ContainerNotFound, 500: ServerError}),
    ("GET /events", "events: every option", {500: ServerError}),
    ("GET /system/df", "disk_usage", {500: ServerError}),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_registry_that_cannot_be_reached_is_told_in_the_words_of_the_engine(version: str) -> None:
    script = {f"POST /v{version}/auth": recorded("auth", version)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(ServerError) as caught:
            login(client)
    assert (caught.value.status, caught.value.message) == (
        500,
        'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
    )


@pytest.mark.parametrize("answer", [{}, [], {"Id": 7}, {"Id": ""}, None])
def test_a_commit_without_an_id_is_shown(answer: Any) -> None:
    script = {"POST /v1.41/commit": json_reply(answer, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.commit("web")
    assert (str(caught.value), caught.value.raw) == (
        f"POST /commit: an Id was expected, not {answer!r}",
        answer,
    )


def test_a_login_in_no_json_is_shown() -> None:
    script = {"POST /v1.41/auth": reply(200, b"OK")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            login(client)
    assert str(caught.value) == "POST /auth: JSON was expected, not b'OK'"


# What is refused before anything is sent

BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "commit: a config that is a dictionary": (
        lambda client: client.commit("web", config={}),
        TypeError,
        "config: use dockerapi.ContainerConfig(...); it was a dict",
    ),
    "login: credentials that are a dictionary": (
        lambda client: client.login(auth={"password": "secret"}),
        TypeError,
        "auth: use dockerapi.Credentials(...); it was a dict",
    ),
    "commit: an author that is no text": (
        lambda client: client.commit("web", author=5),
        TypeError,
        "author: a string was expected, not 5",
    ),
    "login: a password that is no text": (
        lambda client: client.login("ada", password=5),
        TypeError,
        "password: a string was expected, not int",
    ),
    "login: two registries": (
        lambda client: client.login(
            registry="r.example",
            auth=Credentials(username="a", password="b", server_address="other.example"),
        ),
        ValueError,
        "registry: 'r.example', but auth is for 'other.example'",
    ),
    "commit: a tag alone": (
        lambda client: client.commit("web", tag="v1"),
        ValueError,
        "tag: 'v1' without a repository",
    ),
    "commit: two tags": (
        lambda client: client.commit("web", repository="app:v1", tag="v2"),
        ValueError,
        "tag: 'v2', but the repository is 'app:v1'",
    ),
    "commit: a name that is none": (
        lambda client: client.commit("web", repository="App"),
        ValueError,
        "not the name of any image: 'App'",
    ),
    "commit: a digest": (
        lambda client: client.commit("web", repository=f"app@sha256:{'0' * 64}"),
        ValueError,
        f"a tag was expected, not the digest 'sha256:{'0' * 64}'",
    ),
    "commit: changes as one text": (
        lambda client: client.commit("web", changes="CMD sh"),
        TypeError,
        "changes: a list of strings was expected, not 'CMD sh'",
    ),
    "events: since no time": (
        lambda client: client.events(since="yesterday"),
        ValueError,
        "since: unix seconds, or RFC 3339 with a time zone, were expected, not 'yesterday'",
    ),
    "events: since an event without a time": (
        lambda client: client.events(since=Event(action="die")),
        ValueError,
        f"since: an event with a time was expected, not {Event(action='die')!r}",
    ),
    "events: filters that are no mapping": (
        lambda client: client.events(filters=["die"]),
        TypeError,
        "filters: a mapping was expected, not ['die']",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


# Events


def test_events_are_given_as_they_happen() -> None:
    """Each is read before the next is sent."""

    def play(conversation: Conversation) -> None:
        conversation.send(head(Transfer_Encoding="chunked"))
        for name in (b"create", b"start"):
            conversation.send(chunk(b'{"Action": "%s"}' % name))
            go_on.wait()
        conversation.wait_for_hangup()

    go_on = threading.Barrier(2, timeout=PATIENCE)
    script = {"GET /v1.41/events": play}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.events() as events:
            assert next(events) == Event(action="create")
            go_on.wait()
            assert next(events) == Event(action="start")
            go_on.wait()


def test_events_of_an_engine_that_is_killed_raise_after_the_last_of_them() -> None:
    def play(conversation: Conversation) -> None:
        conversation.send(head(Transfer_Encoding="chunked"))
        conversation.send(chunk(b'{"Action": "start"}{"Action": '))

    script = {"GET /v1.41/events": play}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.events() as events:
            assert next(events) == Event(action="start")
            with pytest.raises(StreamInterrupted) as caught:
                next(events)
    assert str(caught.value) == (f"{daemon.url}: the connection ended in the middle of the stream")


# Secrets


@pytest.mark.parametrize(
    "answer",
    [
        json_reply({"Status": "Login Succeeded", "IdentityToken": "s3cret-token"}),
        json_reply({"message": "unauthorized: incorrect username or password"}, 401),
        json_reply({"message": "registry is away"}, 500),
        reply(200, b"no json"),
        b"",
    ],
    ids=["accepted", "refused", "away", "no JSON", "no answer"],
)
def test_no_secret_of_a_login_is_shown_anywhere(
    answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in what is logged, returned or raised, nor in any repr on the way."""
    caplog.set_level(logging.DEBUG)
    shown = []
    with ScriptedDaemon({"POST /v1.41/auth": answer}) as daemon, Client(daemon.url) as client:
        try:
            shown.append(repr(client.login("ada", password=SECRET)))
        except Exception as error:
            shown += [repr(error), *traceback.format_exception(error)]
        shown.append(repr(client))
    assert [text for text in [*shown, caplog.text] if SECRET in text] == []


def test_events_are_filtered_by_the_words_that_podman_has_for_them() -> None:
    row = {"Type": "container", "status": "remove", "Action": "remove", "id": "a"}
    script = {
        "GET /version": json_reply(PODMAN),
        "GET /v1.41/events": chunked(json.dumps(row).encode()),
    }
    wanted = {"event": ["destroy", "die", "start"], "type": "container"}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        events = until_broken(client.events(filters=wanted))
        assert [event.action for event in events] == ["destroy"]
    sent = {"event": ["remove", "died", "start"], "type": ["container"]}
    assert daemon.requests[-1].target == f"/v1.41/events?filters={encoded(sent)}"


BEFORE, LAST, NEXT, LATER = (
    {"Type": "container", "Action": action, "Actor": {"ID": "c1"}, "time": 1374067924 + later}
    for action, later in (("create", 0), ("start", 0), ("die", 0), ("destroy", 1))
)


def told(*events: Mapping[str, Any]) -> bytes:
    return chunked(*(json.dumps(event).encode() for event in events))


@pytest.mark.parametrize(
    ("last", "come", "given"),
    [
        pytest.param(LAST, [LAST, NEXT], [NEXT], id="it is the first"),
        pytest.param(LAST, [BEFORE, LAST, NEXT], [NEXT], id="not the first of its second"),
        pytest.param(LAST, [BEFORE, NEXT, LATER], [BEFORE, NEXT, LATER], id="it is not there"),
        pytest.param(LAST, [LATER], [LATER], id="nothing is of its second"),
        pytest.param(LAST, [LAST], [], id="it was the last"),
        pytest.param(LAST, [BEFORE], [BEFORE], id="it is not there, and nothing comes"),
    ],
)
def test_events_go_on_after_the_last_one(
    last: dict[str, Any], come: list[dict[str, Any]], given: list[dict[str, Any]]
) -> None:
    """None is repeated, and none left out, also where times are whole seconds."""
    with ScriptedDaemon({"GET /v1.41/events?since=1374067924": told(*come)}) as daemon:
        with Client(daemon.url) as client:
            events = until_broken(client.events(since=Event.parse(last)))
            assert events == [Event.parse(one) for one in given]


def test_events_that_break_off_before_the_last_one_came_are_given() -> None:
    broken = told(BEFORE).removesuffix(LAST_CHUNK)
    with ScriptedDaemon({"GET /v1.41/events": lambda c: c.send(broken)}) as daemon:
        with Client(daemon.url) as client, client.events(since=Event.parse(LAST)) as events:
            assert next(events) == Event.parse(BEFORE)
            for _ in range(2):
                with pytest.raises(StreamInterrupted):
                    next(events)


def test_the_time_of_an_event_is_taken_back_to_the_nanosecond() -> None:
    event = Event.parse({**LAST, "timeNano": 1374067924123456789})
    line = "GET /v1.41/events?since=1374067924.123456789"
    with ScriptedDaemon({line: [chunked(), chunked()]}) as daemon, Client(daemon.url) as client:
        for since in (event, event.time_nano):
            assert until_broken(client.events(since=since)) == []


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (None, "and was to go on: did the Engine stop?"),
        (1374067940, None),
        (1374067950, "9.50 seconds too early: did the Engine stop?"),
        (
            1374067960,
            "and nobody tells whether their time had come: neither GET /info nor a Date has the "
            "Engine's time (does a proxy keep them back, or is it busy?)",
        ),
        (1374067924, None),
    ],
    ids=["no end", "at its time", "too early", "nobody tells", "long ago"],
)
def test_events_that_end_before_their_time_are_interrupted(
    until: int | None, words: str | None
) -> None:
    """29.7 ends them properly when it is stopped. Its clock counts, and no other."""
    answer = chunked(json.dumps(LAST).encode(), Date="Wed, 17 Jul 2013 13:32:05 GMT")
    script: dict[str, Any] = {"GET /v1.41/events": answer}
    if until in (1374067940, 1374067950):
        script["GET /v1.41/info"] = json_reply({"SystemTime": "2013-07-17T13:32:20.5Z"})
    if until == 1374067960:
        script["GET /v1.41/info"], script["GET /v1.41/_ping"] = json_reply({}), reply(200, b"OK")
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with client.events(until=until) as events:
            assert next(events) == Event.parse(LAST)
            if words is None:
                assert list(events) == []
                return
            with pytest.raises(StreamInterrupted) as caught:
                next(events)
    message = re.sub(r"\b9\.5\d", "9.50", str(caught.value))
    assert message == f"{daemon.url}: the stream of events ended, {words}"


@pytest.mark.parametrize(
    "until", [1796040842, 1796040842.5, datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)]
)
def test_events_until_a_time_that_has_passed_are_not_asked_of_podman(until: Any) -> None:
    """Some of them came, or none, as chance had it, and looked whole."""
    until = min(until, time.time() - 1) if isinstance(until, (int, float)) else until
    with ScriptedDaemon({"GET /version": json_reply(PODMAN)}) as daemon:
        with Client(daemon.url) as client, pytest.raises(NotSupported) as caught:
            client.events(until=until)
    assert str(caught.value) == (
        "GET /events ?until with a time that has passed: Podman gives some of the events, or none; "
        "ask until a second from now, and stop at the first that is later"
    )
    assert (caught.value.needs, caught.value.has) == ("a Docker Engine", "20.10.0 (Podman 4.3.1)")
    assert [one.target for one in daemon.requests] == ["/version"]


def test_events_until_a_time_that_comes_are_asked_of_podman() -> None:
    until = int(time.time()) + 1000
    script = {"GET /version": json_reply(PODMAN), "GET /v1.41/events": chunked(b"")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.events(until=until).close()
    assert daemon.requests[-1].target == f"/v1.41/events?until={until}"


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ("layer", "types: one of container, image, volume, build-cache was expected, not 'layer'"),
        ([], "types: at least one was expected"),
        (["image", ""], "types: one of container, image, volume, build-cache was expected, not ''"),
    ],
)
def test_what_no_engine_tells_the_use_of_is_refused_and_nothing_is_sent(
    types: Any, message: str
) -> None:
    check_refused_argument(lambda client: client.disk_usage(types=types), ValueError, message)
