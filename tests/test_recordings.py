"""Every recorded conversation, served again on a real socket to the method that it belongs to.

What must come out is in tables beside the methods, in `tests/replay`; `tests/recordings/wire` has
the recordings. Those of an Engine are one test, which names every operation that came out wrong:
8,424 tests would take pytest longer than the conversations take.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from caller import SWITCHED
from dockerapi import Client
from dockerapi.errors import DockerError, NoCommonVersion, NotSupported
from dockerapi.models.services import ServiceSpec
from replay import (
    checkpoints,
    containers,
    distribution,
    engine,
    execs,
    images,
    networks,
    older,
    platforms,
    plugins,
    prunes,
    secrets,
    services,
    swarm,
    updates,
    volumes,
)
from replay import container_fields as fields
from replay.recording import Recording, recordings
from replay.table import Raises, Raw, Replay, key_for, made
from scripted import (
    EXEC_EVENTS,
    Conversation,
    Made,
    Request,
    ScriptedDaemon,
    exec_event,
    json_reply,
)

REPLAYS = {
    **engine.REPLAYS,
    **images.REPLAYS,
    **containers.REPLAYS,
    **execs.REPLAYS,
    **distribution.REPLAYS,
    **networks.REPLAYS,
    **platforms.REPLAYS,
    **updates.REPLAYS,
    **volumes.REPLAYS,
    **prunes.REPLAYS,
    **plugins.REPLAYS,
    **checkpoints.REPLAYS,
    **older.REPLAYS,
    **swarm.REPLAYS,
    **secrets.REPLAYS,
    **services.REPLAYS,
}
RECORDINGS = recordings()

# What an Engine speaks if nothing else is asked for.
NATIVE = {
    "0.3.3": "1.0",
    "0.4.4": "1.2",
    "0.6.6": "1.6",
    "0.6.7": "1.7",
    "1.6.2": "1.18",
    "1.7.1": "1.19",
    "1.9": "1.21",
    "1.13": "1.26",
    "19.03": "1.40",
    "20.10": "1.41",
    "26.1": "1.45",
    "28.5": "1.51",
    "28.5-containerd": "1.51",
    "29.7": "1.55",
}
OLDEST = {
    "1.7.1": "1.12",
    "1.9": "1.12",
    "1.13": "1.12",
    "19.03": "1.12",
    "20.10": "1.12",
    "26.1": "1.24",
    "28.5": "1.24",
    "28.5-containerd": "1.24",
    "29.7": "1.40",
}
PATIENCE = {"read": 0.2, "idle": 0.2}  # of those for which silence was recorded


@pytest.fixture(scope="module", autouse=True)
def replayed(request: pytest.FixtureRequest) -> Iterator[set[Recording]]:
    """The recordings that came out as they should; how many is said at the end."""
    found: set[Recording] = set()
    yield found
    engines = len({recording.engine for recording in found})
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{len(found):,} of {len(RECORDINGS):,} recordings replayed, of {engines} Engines")


def test_every_recording_has_a_method_and_an_expectation() -> None:
    missing = [
        f"{recording.engine} {recording.operation}"
        for recording in RECORDINGS.values()
        if recording.operation not in REPLAYS
        or key_for(REPLAYS[recording.operation].outcome, recording) is None
    ]
    assert missing == []
    assert len(RECORDINGS) == 8424


def test_every_expectation_is_of_some_recording() -> None:
    used: set[tuple[str, str, str | None]] = set()
    for recording in RECORDINGS.values():
        replay = REPLAYS[recording.operation]
        for name in ("outcome", "instead", "differs"):
            used.add((recording.operation, name, key_for(getattr(replay, name), recording)))
    unused = [
        (operation, name, key)
        for operation, replay in REPLAYS.items()
        for name in ("outcome", "instead", "differs")
        for key in getattr(replay, name)
        if (operation, name, key) not in used
    ]
    assert unused == []


def keys(recording: Recording) -> tuple[str | None, ...]:
    """The rows of the tables that say what comes of it."""
    replay = REPLAYS[recording.operation]
    tables = (replay.outcome, replay.instead, replay.differs)
    return recording.operation, *(key_for(table, recording) for table in tables)


def first_and_last() -> set[Recording]:
    """Of those that the same rows are about; these are what `make check` has."""
    first = {keys(recording): recording for recording in reversed(RECORDINGS.values())}
    last = {keys(recording): recording for recording in RECORDINGS.values()}
    return {*first.values(), *last.values()}


ENDS = first_and_last()
ENGINE_NAMES = list(dict.fromkeys(recording.engine for recording in RECORDINGS.values()))


@pytest.mark.parametrize("name", ENGINE_NAMES)
def test_the_first_and_last_conversation_of_each_row(name: str, replayed: set[Recording]) -> None:
    chosen = [one for one in RECORDINGS.values() if one.engine == name and one in ENDS]
    assert wrong(chosen, replayed) == {}


@pytest.mark.dear
@pytest.mark.parametrize("name", ENGINE_NAMES)
def test_every_other_conversation(name: str, replayed: set[Recording]) -> None:
    chosen = [one for one in RECORDINGS.values() if one.engine == name and one not in ENDS]
    assert wrong(chosen, replayed) == {}


def wrong(recordings: list[Recording], replayed: set[Recording]) -> dict[str, str]:
    """What did not come out as it should, of which operations."""
    found = {}
    for recording in recordings:
        try:
            check(recording)
        except Exception as error:
            found[recording.operation] = f"{type(error).__name__}: {error}"
        else:
            replayed.add(recording)
    return found


def check(recording: Recording) -> None:
    replay = REPLAYS[recording.operation]
    instead = chosen(replay.instead, recording)
    served = RECORDINGS[recording.engine, instead] if instead else recording
    asked_for = f"{served.method} {served.path}"
    if replay.at is not None and not instead:
        method, _, path = replay.at.partition(" ")
        asked_for = f"{method} /v{recording.api}{path}"
    plain = recording.engine.replace("-experimental", "")
    script = {
        "GET /_ping": RECORDINGS[plain, "ping_unprefixed"].response,
        "GET /version": RECORDINGS[plain, "version_unprefixed"].response,
        asked_for: served.served(),
    }
    inspected = f"/v{recording.api}/containers/{recording.id}/json" if replay.inspect else ""
    at_the_end = questions(recording, (replay.inspect or "").partition(" ")[0])
    if replay.inspect:
        name, _, with_input = replay.inspect.partition(" ")
        container = RECORDINGS[recording.engine, name]
        first = container.with_input if with_input else container.response
        last = at_the_end.get(f"GET {inspected}", first)
        answers = itertools.chain([first], itertools.repeat(last))
        script[f"GET {inspected}"] = Made(answers.__next__)
    for path, value in replay.beside.items():
        found = {**value, "ID": recording.id} if path.endswith("/{id}") else value
        at_the_end[beside(recording, path)] = json_reply(found)
    script = {**at_the_end, **script}
    silent = recording.response == b""
    negotiated = native(recording) == recording.api
    with (
        ScriptedDaemon(script) as daemon,
        Client(daemon.url, version=None if negotiated else recording.api) as patient,
    ):
        assert patient.api_version == recording.api
        client = patient.with_timeouts(**PATIENCE) if silent else patient
        assert outcome(replay, client, recording) == expected(replay, daemon.url, recording)

    others = {"GET /_ping", "GET /version", *at_the_end} - {asked_for}
    requests = [
        one
        for one in daemon.requests
        if others.isdisjoint({f"{one.method} {one.target}", f"{one.method} {path_of(one.target)}"})
    ]
    assert len(requests) <= 1
    differences = [one for one in requests if words(one) != words(recording)]
    if replay.body is not None and requests:
        assert requests[0].body == replay.body(recording)
    reason = chosen(replay.differs, recording)
    assert bool(differences) == bool(reason and requests), (differences, reason)


def native(recording: Recording) -> str:
    """What the Engine speaks if nothing else is asked for."""
    return NATIVE[recording.release.removesuffix("-experimental")]


def questions(recording: Recording, inspect: str) -> dict[str, Any]:
    """What may be asked at the end of a raw stream: it is the end, says an Engine that goes on.

    A build by BuildKit has a session beside it.
    """
    if recording.operation == "build_buildkit":
        return {f"POST /v{recording.api}/session": session}
    prefix = f"GET /v{recording.api}"
    answers = {f"{prefix}/{path}": json_reply({}) for path in ("info", "_ping", "version")}
    if inspect:
        found = RECORDINGS[recording.engine, inspect].json
        ended = {**found, "State": {"Running": False, "ExitCode": 77}}
        id = found.get("Id") or found["ID"]
        for name in (id, recording.id):
            answers[f"{prefix}/containers/{name}/json"] = json_reply(ended)
    elif recording.path.endswith("/start") and "/exec/" in recording.path:
        answers[f"{prefix}/exec/{recording.id}/json"] = json_reply(
            {"ID": recording.id, "Running": False, "ExitCode": 0}
        )
        answers[f"{prefix}{EXEC_EVENTS}"] = json_reply(exec_event(id=recording.id))
    return answers


def session(conversation: Conversation) -> None:
    conversation.send(SWITCHED)
    conversation.wait_for_hangup()


def beside(recording: Recording, path: str) -> str:
    """What is asked besides."""
    if "{id}" in path:
        of_body = path.startswith("/containers/")
        id = recording.request_json["Container"] if of_body else recording.id
        path = path.replace("{id}", id)
    return f"GET /v{recording.api}{path}"


def path_of(target: str) -> str:
    return target.partition("?")[0]


def chosen(by: Any, recording: Recording) -> Any:
    key = key_for(by, recording)
    return None if key is None else by[key]


def outcome(replay: Replay, client: Client, recording: Recording) -> Any:
    """What the method makes of it."""
    try:
        return with_types(replay.ask(client, recording))
    except (DockerError, ValueError, TypeError) as error:
        return type(error), str(error)


def expected(replay: Replay, url: str, recording: Recording) -> Any:
    found = chosen(replay.outcome, recording)
    if callable(found):
        found = found(recording)
    if isinstance(found, Raises):
        newest = native(recording)
        spoken = f"the Engine speaks {newest}"
        if recording.api != newest:
            spoken = f"API {recording.api} was asked for ({spoken})"
        text = found.text.replace("<spoken>", spoken)
        text = text.replace("<url>", url).replace("<api>", recording.api)
        return found.error, text.replace("<id>", recording.id) if "<id>" in text else text
    return with_types(found)


def with_types(value: Any) -> Any:
    """The value for a comparison in which True is not 1."""
    if isinstance(value, dict):
        return {key: with_types(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [with_types(item) for item in value]
    return type(value), value


def words(request: Request | Recording) -> Any:
    """Method, path and query, whatever the order, and however a filter is written."""
    path, _, query = request.target.partition("?")
    pairs = [
        (name, json.loads(value) if name == "filters" and value.startswith("{") else value)
        for name, value in parse_qsl(query)
    ]
    return request.method, path, sorted(pairs, key=repr)


# In everything else one container is the same from all the Engines that know it; ids, times, paths
# and addresses are those that were received.
DIFFERENCES = {
    "of a container": {
        "driver": "the storage driver of that machine",
        "host_config.ipc_mode": "the default changed",
        "host_config.memory": "the machine of 28.5 has no limits",
        "host_config.memory_swap": "twice the memory is the default from 1.10 on",
        "host_config.network_mode": "the default changed its name",
        "network_settings.bridge": "the bridges of 26.1 and 28.5 have names of their own",
        "network_settings.ip_prefix_len": "the bridge of 0.3 and 0.4 was a smaller network",
        "state.running": "0.4.4 crashed when it should have started it",
        "state.status": "0.4.4 crashed when it should have started it",
    },
    "in a list": {
        "command": "how arguments are joined: for people",
        "image": "with the tag, up to 1.6",
        "network_mode": "the default changed its name",
        "size_root_fs": "another busybox",
        "size_rw": "of a whole file system, up to 0.6",
        "status": "for people",
    },
}


def test_in_which_fields_engines_differ_about_one_container() -> None:
    tables = {
        "of a container": (fields.CREATED, fields.EXITED, fields.TTY, fields.RUNNING),
        "in a list": (fields.ROW, fields.ROW_RUNNING),
    }
    found = {
        where: {
            path
            for table in of_them
            for path, by in table.items()
            if len({repr(value) for value in by.values() if not isinstance(value, Raw)}) > 1
        }
        for where, of_them in tables.items()
    }
    assert found == {where: set(differences) for where, differences in DIFFERENCES.items()}


@pytest.mark.parametrize("release", NATIVE)
def test_a_version_that_an_engine_does_not_speak_is_refused_before_it_is_asked(
    release: str,
) -> None:
    asked = ("version_unprefixed", "ping_unprefixed")
    answer, ping = (
        next(one for one in RECORDINGS.values() if (one.release, one.operation) == (release, name))
        for name in asked
    )
    oldest = OLDEST.get(release, "1.0")
    theirs = f"the Engine speaks API {oldest} to {NATIVE[release]}"
    script = {"GET /_ping": ping.response, "GET /version": answer.response}
    with ScriptedDaemon(script) as daemon:
        for version in ("9.99", "0.9"):
            with Client(daemon.url, version=version) as client:
                with pytest.raises(NoCommonVersion) as raised:
                    client.info()
            assert str(raised.value) == (
                f"{daemon.url}: {theirs}, this library 1.0 to 1.55, "
                f"and version={version} was asked for"
            )


# What an Engine may leave out of what was asked for without changing it.
UNSAID = (False, 0, None, "", "default", "container", {})
# How many parts of a whole service each Engine drops. 20.10 under 1.24 is not among them: it keeps
# what the manual of 1.24 does not have.
DROPPED = {
    "1.13/1.25": 21,
    "19.03/1.40": 12,
    "20.10/1.41": 8,
    "26.1/1.45": 4,
    "28.5/1.44": 4,
    "28.5/1.51": 2,
    "29.7/1.55": 0,
}


def lost(asked: Any, kept: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of what was asked for and is not there, or is another, afterwards."""
    keys = asked if isinstance(asked, dict) else range(len(asked))
    for key in keys:
        value, there = asked[key], (*path, key)
        found = kept.get(key) if isinstance(kept, dict) else kept[key]
        of_objects = isinstance(value, list) and value and isinstance(value[0], dict)
        if found is not None and (isinstance(value, dict) or of_objects):
            yield from lost(value, found, there)
        elif found != value and key != "Image":
            yield there


def without(json: Any, places: list[tuple[Any, ...]]) -> Any:
    found = copy.deepcopy(json)
    for *parents, last in places:
        within = found
        for key in parents:
            within = within[key]
        del within[last]
    return found


def at(json: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        json = json[key]
    return json


@pytest.mark.parametrize("engine_name", DROPPED)
def test_a_field_of_a_service_is_refused_where_the_engine_drops_it(engine_name: str) -> None:
    """And nowhere else: all that is there afterwards is taken."""
    recording = RECORDINGS[engine_name, "service_create_full"]
    if recording.status != 201:
        recording = RECORDINGS[engine_name, "service_create_full_reduced"]
    asked = recording.request_json
    kept = RECORDINGS[engine_name, "service_inspect_full"].json["Spec"]
    places = list(lost(asked, kept))
    dropped = [place for place in places if at(asked, place) not in UNSAID]
    dropped = [place for place in dropped if place[-1] != "NoSuchField"]
    script = {
        "GET /_ping": RECORDINGS[engine_name, "ping_unprefixed"].response,
        "GET /version": RECORDINGS[engine_name, "version_unprefixed"].response,
        f"POST /v{recording.api}/services/create": json_reply({"ID": "a1"}, 201),
    }
    version = None if native(recording) == recording.api else recording.api
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        client.create_service(made(ServiceSpec.parse(without(asked, places))))
        for place in dropped:
            others = [other for other in places if other != place]
            with pytest.raises(NotSupported):
                client.create_service(made(ServiceSpec.parse(without(asked, others))))
    assert len(dropped) == DROPPED[engine_name]
    assert [one.method for one in daemon.requests if one.target != "/_ping"] == ["POST"]
