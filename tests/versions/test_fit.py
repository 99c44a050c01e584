"""What `fit` makes of requests, in a table written from the manuals."""

from __future__ import annotations

import base64
import copy
import itertools
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerapi.errors import NotSupported
from dockerapi.registry.auth import Credentials, registry_auth, registry_config
from dockerapi.versions.fit import (
    LEDGER,
    Request,
    fit,
    spelled_out,
    split_create_body,
    supports,
)
from dockerapi.versions.ledger import Added, Moved, Removed, Replaced, Reshaped
from dockerapi.versions.releases import (
    NEWEST,
    OLDEST,
    RELEASES,
    ApiVersion,
    Release,
)

VERSIONS = [ApiVersion(1, minor) for minor in range(56)]


def version(text: str) -> ApiVersion:
    return ApiVersion.parse(text)


def asked(
    route: str,
    at: str,
    *,
    query: dict[str, Any] | None = None,
    body: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    release: str | None = None,
) -> Request | str:
    """What `fit` makes of it: the request, or the words with which it was refused."""
    engine = Release.parse(release) if release else None
    try:
        return fit(route, query or {}, body, version(at), headers=headers, release=engine)
    except NotSupported as error:
        return str(error)


def test_what_this_library_speaks_lies_within_the_ledger() -> None:
    assert min(LEDGER) <= OLDEST <= NEWEST <= max(newest for newest, _ in RELEASES.values())


# One row of each kind


def test_a_parameter_that_came_later_is_refused_with_all_its_names() -> None:
    with pytest.raises(NotSupported) as caught:
        fit("GET /containers/{id}/logs", {"since": 1, "stdout": True}, None, version("1.18"))
    error = caught.value
    assert str(error) == "GET /containers/{id}/logs ?since needs API 1.19; the Engine speaks 1.18"
    assert (error.route, error.what, error.needs, error.has) == (
        "GET /containers/{id}/logs",
        "?since",
        "1.19",
        "1.18",
    )
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_route_that_came_later_is_refused() -> None:
    with pytest.raises(NotSupported) as caught:
        fit("POST /containers/{id}/rename", {"name": "x"}, None, version("1.16"))
    error = caught.value
    assert str(error) == "POST /containers/{id}/rename needs API 1.17; the Engine speaks 1.16"
    assert (error.what, error.needs, error.has) == ("", "1.17", "1.16")


def test_what_was_removed_is_refused_with_what_to_do() -> None:
    with pytest.raises(NotSupported) as caught:
        fit("POST /images/{name}/tag", {"repo": "a", "force": True}, None, version("1.41"))
    error = caught.value
    assert str(error) == (
        "POST /images/{name}/tag ?force was removed in API 1.24; the Engine speaks 1.41: "
        "a tag always moves"
    )
    assert (error.what, error.needs, error.has) == ("?force", "before 1.24", "1.41")


@pytest.mark.parametrize(
    ("asked_for", "query", "words"),
    [
        ("1.18", {"since": 1}, "?since needs API 1.19; API 1.18 was asked for (the Engine speaks "),
        # By another route.
        ("1.10", {"tail": 1}, "?tail needs API 1.13; API 1.10 was asked for (the Engine speaks "),
    ],
)
def test_who_asked_for_a_version_is_told_so_and_what_the_engine_speaks(
    asked_for: str, query: dict[str, Any], words: str
) -> None:
    route = "GET /containers/{id}/logs"
    with pytest.raises(NotSupported) as caught:
        fit(route, query, None, version(asked_for), newest=version("1.41"))
    assert str(caught.value) == f"{route} {words}1.41)"
    assert caught.value.has == asked_for


def test_who_asked_for_a_version_is_told_what_it_has_no_more() -> None:
    with pytest.raises(NotSupported) as caught:
        fit(
            "POST /images/{name}/tag",
            {"force": True},
            None,
            version("1.30"),
            newest=version("1.41"),
        )
    assert str(caught.value) == (
        "POST /images/{name}/tag ?force was removed in API 1.24; API 1.30 was asked for (the "
        "Engine speaks 1.41): a tag always moves"
    )


def test_who_asked_for_what_the_engine_speaks_is_told_that() -> None:
    with pytest.raises(NotSupported) as caught:
        fit("GET /exec/{id}/json", {}, None, version("1.15"), newest=version("1.15"))
    assert str(caught.value) == "GET /exec/{id}/json needs API 1.16; the Engine speaks 1.15"


def test_what_the_release_cannot_do_in_its_own_version_names_the_release() -> None:
    with pytest.raises(NotSupported) as caught:
        fit(
            "POST /containers/create",
            {"name": "x"},
            {"Image": "i"},
            version("1.6"),
            release=Release(0, 6, 4),
        )
    error = caught.value
    assert str(error) == "POST /containers/create ?name needs Engine 0.6.5; this one is 0.6.4"
    assert (error.needs, error.has) == ("0.6.5", "0.6.4")


def test_a_moved_field_goes_back_and_the_input_stays_as_it_was() -> None:
    body = {"Image": "i", "HostConfig": {"Memory": 0, "Binds": ["/a:/b"]}}
    before = copy.deepcopy(body)
    assert fit("POST /containers/create", {}, body, version("1.17")) == Request(
        "POST /containers/create",
        {},
        {"Image": "i", "HostConfig": {"Binds": ["/a:/b"]}, "Memory": 0},
    )
    assert body == before


def test_a_refused_field_is_named_as_it_was_asked_and_not_by_its_older_place() -> None:
    assert asked("POST /containers/create", "1.11", body={"HostConfig": {"CpusetCpus": "0"}}) == (
        "POST /containers/create HostConfig.CpusetCpus needs API 1.12; the Engine speaks 1.11"
    )


def test_both_places_of_a_moved_field_at_once_are_a_value_error() -> None:
    body = {"Memory": 1, "HostConfig": {"Memory": 2}}
    with pytest.raises(ValueError) as caught:
        fit("POST /containers/create", {}, body, version("1.17"))
    assert str(caught.value) == (
        "POST /containers/create: HostConfig.Memory is given twice, since API 1.17 knows it as "
        "'Memory'"
    )


def test_of_two_missing_parts_the_newer_one_is_named() -> None:
    assert asked("GET /containers/{id}/logs", "1.12", query={"tail": 1, "since": 1}) == (
        "GET /containers/{id}/logs ?since needs API 1.19; the Engine speaks 1.12"
    )


def test_a_missing_route_is_named_before_its_missing_parts() -> None:
    assert asked("GET /containers/{id}/stats", "1.16", query={"one-shot": True}) == (
        "GET /containers/{id}/stats needs API 1.17; the Engine speaks 1.16"
    )


def test_an_unknown_route_is_a_value_error() -> None:
    with pytest.raises(ValueError) as caught:
        fit("GET /container/json", {}, None, version("1.41"))
    assert str(caught.value) == "no such route in the ledger: 'GET /container/json'"


def test_what_the_ledger_does_not_know_passes_as_it_is() -> None:
    body = {"Image": "i", "Novelty": {"a": None}, "HostConfig": {"Other": []}}
    assert asked("POST /containers/create", "1.15", query={"new": "1"}, body=body) == Request(
        "POST /containers/create", {"new": "1"}, body
    )


# The table: what is asked, of which version, and what becomes of it

START_HINT = "give it to start() or run()"
CREATE_HINT = "give it to create_container()"


def credentials(**values: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def registries(shape: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(shape).encode()).decode()


ARCHIVE = "GET /containers/{id}/archive"
ATTACH = "POST /containers/{id}/attach"
BUILD = "POST /build"
COMMIT = "POST /commit"
CREATE = "POST /containers/create"
EVENTS = "GET /events"
EXEC = "POST /containers/{id}/exec"
IMAGES = "GET /images/json"
KILL = "POST /containers/{id}/kill"
LIST = "GET /containers/json"
LOGS = "GET /containers/{id}/logs"
PULL = "POST /images/create"
PUSH = "POST /images/{name}/push"
REMOVE_IMAGE = "DELETE /images/{name}"
START = "POST /containers/{id}/start"
STATS = "GET /containers/{id}/stats"
TOP = "GET /containers/{id}/top"
WEBSOCKET = "GET /containers/{id}/attach/ws"


def host(**fields: Any) -> dict[str, Any]:
    return {"HostConfig": fields}


TABLE: list[tuple[str, dict[str, Any], str, Request | str]] = [
    # Containers: list
    (LIST, {}, "1.0", Request("GET /containers/ps", {}, None)),
    (LIST, {"query": {"all": True}}, "1.1", Request(LIST, {"all": True}, None)),
    (LIST, {"query": {"size": True}}, "1.2", f"{LIST} ?size needs API 1.3; the Engine speaks 1.2"),
    (
        LIST,
        {"query": {"filters": {"status": ["exited"]}}},
        "1.13",
        f"{LIST} ?filters.status needs API 1.14; the Engine speaks 1.13",
    ),
    (
        LIST,
        {"query": {"filters": {"status": ["exited"]}}},
        "1.14",
        Request(LIST, {"filters": {"status": ["exited"]}}, None),
    ),
    (
        LIST,
        {"query": {"all": True, "filters": {"since": ["abc"]}}},
        "1.19",
        Request(LIST, {"all": True, "since": "abc"}, None),
    ),
    (
        LIST,
        {"query": {"filters": {"since": ["abc"]}}, "release": "20.10.24"},
        "1.19",
        Request(LIST, {"filters": {"since": ["abc"]}}, None),
    ),
    (
        LIST,
        {"query": {"filters": {"before": ["a", "b"]}}},
        "1.21",
        f"{LIST} ?filters.before with more than one value needs API 1.22; the Engine speaks 1.21",
    ),
    (
        LIST,
        {"query": {"filters": {"ancestor": ["a"]}}},
        "1.20",
        f"{LIST} ?filters.ancestor needs API 1.21; the Engine speaks 1.20",
    ),
    (
        LIST,
        {"query": {"filters": {"publish": ["80"]}}},
        "1.27",
        f"{LIST} ?filters.publish needs API 1.28; the Engine speaks 1.27",
    ),
    # Containers: create
    (CREATE, {"query": {"name": "x"}, "body": {}}, "1.6", Request(CREATE, {"name": "x"}, {})),
    (
        CREATE,
        {"query": {"name": "x"}, "body": {}},
        "1.5",
        f"{CREATE} ?name needs API 1.6; the Engine speaks 1.5",
    ),
    (
        CREATE,
        {"query": {"platform": "linux/arm64"}, "body": {}},
        "1.40",
        f"{CREATE} ?platform needs API 1.41; the Engine speaks 1.40",
    ),
    (
        CREATE,
        {"body": {"ExposedPorts": {"80/tcp": {}}}},
        "1.5",
        f"{CREATE} ExposedPorts needs API 1.6; the Engine speaks 1.5",
    ),
    (
        CREATE,
        {"body": host(Binds=["/a:/b"])},
        "1.14",
        f"{CREATE} HostConfig needs API 1.15; the Engine speaks 1.14: {START_HINT}",
    ),
    (CREATE, {"body": host(Binds=["/a:/b"])}, "1.15", Request(CREATE, {}, host(Binds=["/a:/b"]))),
    (
        CREATE,
        {"body": host(Memory=1, MemorySwap=-1, CpuShares=2, CpusetCpus="0")},
        "1.12",
        Request(CREATE, {}, {"Memory": 1, "MemorySwap": -1, "CpuShares": 2, "Cpuset": "0"}),
    ),
    (CREATE, {"body": host(Memory=1)}, "1.18", Request(CREATE, {}, host(Memory=1))),
    (CREATE, {"body": host(Dns=["1.1.1.1"])}, "1.9", Request(CREATE, {}, {"Dns": ["1.1.1.1"]})),
    (
        CREATE,
        {"body": host(Dns=["1.1.1.1"]), "release": "0.9.1"},
        "1.10",
        Request(CREATE, {}, {"Dns": ["1.1.1.1"]}),
    ),
    (
        CREATE,
        {"body": host(Dns=["1.1.1.1"]), "release": "0.10.0"},
        "1.10",
        f"{CREATE} HostConfig needs API 1.15; the Engine speaks 1.10: {START_HINT}",
    ),
    (
        CREATE,
        {"body": host(VolumesFrom=["data"])},
        "1.9",
        Request(CREATE, {}, {"VolumesFrom": "data"}),
    ),
    (
        CREATE,
        {"body": host(VolumesFrom=["a", "b"])},
        "1.9",
        f"{CREATE} HostConfig.VolumesFrom with more than one value needs API 1.10; "
        "the Engine speaks 1.9",
    ),
    (CREATE, {"body": host(Privileged=True)}, "1.5", Request(CREATE, {}, {"Privileged": True})),
    (
        CREATE,
        {"body": host(Privileged=True)},
        "1.3",
        f"{CREATE} HostConfig.Privileged needs API 1.4; the Engine speaks 1.3",
    ),
    (
        CREATE,
        {"body": host(SecurityOpt=["a"])},
        "1.15",
        Request(CREATE, {}, {"SecurityOpt": ["a"]}),
    ),
    (
        CREATE,
        {"body": host(SecurityOpt=["a"]), "release": "20.10.24"},
        "1.15",
        Request(CREATE, {}, host(SecurityOpt=["a"])),
    ),
    (CREATE, {"body": host(VolumeDriver="x")}, "1.20", Request(CREATE, {}, {"VolumeDriver": "x"})),
    (
        CREATE,
        {"body": host(VolumeDriver="x")},
        "1.18",
        f"{CREATE} HostConfig.VolumeDriver needs API 1.19; the Engine speaks 1.18",
    ),
    (
        CREATE,
        {"body": host(LxcConf=[{"Key": "k", "Value": "v"}])},
        "1.22",
        f"{CREATE} HostConfig.LxcConf was removed in API 1.22; the Engine speaks 1.22: "
        "it has no execution driver lxc",
    ),
    (
        CREATE,
        {"body": host(Init=False)},
        "1.24",
        f"{CREATE} HostConfig.Init needs API 1.25; the Engine speaks 1.24",
    ),
    (
        CREATE,
        {"body": host(Mounts=[{"Type": "tmpfs"}, {"BindOptions": {"NonRecursive": True}}])},
        "1.39",
        f"{CREATE} HostConfig.Mounts.BindOptions.NonRecursive needs API 1.40; "
        "the Engine speaks 1.39",
    ),
    (
        CREATE,
        {"body": host(KernelMemory=1)},
        "1.42",
        f"{CREATE} HostConfig.KernelMemory was removed in API 1.42; the Engine speaks 1.42",
    ),
    (
        CREATE,
        {"body": {"NetworkingConfig": {"EndpointsConfig": {"net": {"MacAddress": "0:0"}}}}},
        "1.43",
        f"{CREATE} NetworkingConfig.EndpointsConfig.*.MacAddress needs API 1.44; "
        "the Engine speaks 1.43",
    ),
    (
        CREATE,
        {"body": {"MacAddress": "0:0"}},
        "1.52",
        f"{CREATE} MacAddress was removed in API 1.52; the Engine speaks 1.52: "
        "give it to the endpoint in the network",
    ),
    (
        CREATE,
        {"body": {"Healthcheck": {"Test": [], "StartPeriod": 1}}},
        "1.28",
        f"{CREATE} Healthcheck.StartPeriod needs API 1.29; the Engine speaks 1.28",
    ),
    (
        CREATE,
        {"body": {"Healthcheck": {"Test": []}}},
        "1.24",
        Request(CREATE, {}, {"Healthcheck": {"Test": []}}),
    ),
    (
        CREATE,
        {"body": {"PortSpecs": ["22"]}},
        "1.15",
        f"{CREATE} PortSpecs was removed in API 1.15; the Engine speaks 1.15: give exposed_ports",
    ),
    (CREATE, {"body": {"PortSpecs": ["22"]}}, "1.14", Request(CREATE, {}, {"PortSpecs": ["22"]})),
    (CREATE, {"body": {"PortSpecs": []}}, "1.15", Request(CREATE, {}, {})),
    # Containers: start
    (START, {}, "1.0", Request(START, {}, None)),
    (START, {"body": {"Binds": ["/a:/b"]}}, "1.3", Request(START, {}, {"Binds": ["/a:/b"]})),
    (
        START,
        {"body": {"Binds": ["/a:/b"]}},
        "1.2",
        f"{START} with a body needs API 1.3; the Engine speaks 1.2",
    ),
    (
        START,
        {"body": {"PortBindings": {}}},
        "1.5",
        f"{START} PortBindings needs API 1.6; the Engine speaks 1.5",
    ),
    (
        START,
        {"body": {"Memory": 1}},
        "1.17",
        f"{START} Memory needs API 1.18; the Engine speaks 1.17: {CREATE_HINT}",
    ),
    (START, {"body": {"Memory": 1}}, "1.23", Request(START, {}, {"Memory": 1})),
    (
        START,
        {"body": {"Binds": ["/a:/b"]}},
        "1.24",
        f"{START} with a body was removed in API 1.24; the Engine speaks 1.24: "
        "give the host config to create_container()",
    ),
    (START, {"body": {}}, "1.41", Request(START, {}, {})),
    (
        START,
        {"query": {"detachKeys": "ctrl-a"}},
        "1.21",
        f"{START} ?detachKeys needs API 1.22; the Engine speaks 1.21",
    ),
    # Containers: the rest
    (
        TOP,
        {"query": {"ps_args": "aux"}},
        "1.3",
        f"{TOP} ?ps_args needs API 1.4; the Engine speaks 1.3",
    ),
    (TOP, {"release": "0.4.8"}, "1.3", f"{TOP} needs Engine 0.5.0; this one is 0.4.8"),
    (
        LOGS,
        {"query": {"stdout": True, "stderr": False}},
        "1.10",
        Request(ATTACH, {"logs": True, "stream": False, "stdout": True, "stderr": False}, None),
    ),
    (
        LOGS,
        {"query": {"stdout": True, "follow": True, "timestamps": False}},
        "1.0",
        Request(ATTACH, {"logs": True, "stream": True, "stdout": True}, None),
    ),
    (
        LOGS,
        {"query": {"stdout": True, "timestamps": True}},
        "1.10",
        f"{LOGS} ?timestamps needs API 1.11; the Engine speaks 1.10",
    ),
    (LOGS, {"query": {"tail": 0}}, "1.10", f"{LOGS} ?tail needs API 1.13; the Engine speaks 1.10"),
    (
        LOGS,
        {"query": {"until": 1}},
        "1.34",
        f"{LOGS} ?until needs API 1.35; the Engine speaks 1.34",
    ),
    (LOGS, {"query": {"since": "7.000"}}, "1.19", Request(LOGS, {"since": "7"}, None)),
    (LOGS, {"query": {"since": 7.0}}, "1.19", Request(LOGS, {"since": 7}, None)),
    (LOGS, {"query": {"since": 7}}, "1.19", Request(LOGS, {"since": 7}, None)),
    (
        LOGS,
        {"query": {"since": 7.25}},
        "1.19",
        f"{LOGS} ?since with a fraction of a second needs API 1.22; the Engine speaks 1.19",
    ),
    (
        LOGS,
        {"query": {"since": 7.25}, "release": "1.7.1"},
        "1.19",
        f"{LOGS} ?since with a fraction of a second needs Engine 1.10.0; this one is 1.7.1",
    ),
    (
        LOGS,
        {"query": {"since": 7.25}, "release": "20.10.24"},
        "1.19",
        Request(LOGS, {"since": 7.25}, None),
    ),
    (STATS, {"query": {"stream": False}}, "1.18", Request(STATS, {}, None)),
    (
        STATS,
        {"query": {"stream": True}},
        "1.18",
        f"{STATS} ?stream needs API 1.19; the Engine speaks 1.18",
    ),
    (STATS, {"query": {"stream": False}}, "1.19", Request(STATS, {"stream": False}, None)),
    (
        "POST /containers/{id}/stop",
        {"query": {"t": 0, "signal": "INT"}},
        "1.41",
        "POST /containers/{id}/stop ?signal needs API 1.42; the Engine speaks 1.41",
    ),
    (KILL, {"query": {"signal": "SIGTERM"}}, "1.8", Request(KILL, {"signal": 15}, None)),
    (KILL, {"query": {"signal": "usr1"}}, "1.6", Request(KILL, {"signal": 10}, None)),
    (KILL, {"query": {"signal": 9}}, "1.6", Request(KILL, {"signal": 9}, None)),
    (KILL, {"query": {"signal": "9"}}, "1.6", Request(KILL, {"signal": 9}, None)),
    (KILL, {"query": {"signal": "TERM"}}, "1.9", Request(KILL, {"signal": "TERM"}, None)),
    (
        KILL,
        {"query": {"signal": "RTMIN"}},
        "1.8",
        f"{KILL} ?signal with the name 'RTMIN' needs API 1.9; the Engine speaks 1.8",
    ),
    (KILL, {"query": {"signal": 9}}, "1.5", f"{KILL} ?signal needs API 1.6; the Engine speaks 1.5"),
    (
        WEBSOCKET,
        {"query": {"stdin": False, "stdout": True, "stderr": True}},
        "1.41",
        Request(WEBSOCKET, {"stdin": False, "stdout": True, "stderr": True}, None),
    ),
    (
        WEBSOCKET,
        {"query": {"stdout": True, "stderr": False}},
        "1.41",
        f"{WEBSOCKET} ?stderr with False needs API 1.42; the Engine speaks 1.41",
    ),
    (
        "POST /containers/{id}/wait",
        {"query": {"condition": "removed"}},
        "1.29",
        "POST /containers/{id}/wait ?condition needs API 1.30; the Engine speaks 1.29",
    ),
    (
        "DELETE /containers/{id}",
        {"query": {"v": True, "force": True}},
        "1.9",
        "DELETE /containers/{id} ?force needs API 1.10; the Engine speaks 1.9",
    ),
    (
        ARCHIVE,
        {"query": {"path": "/etc"}},
        "1.19",
        Request("POST /containers/{id}/copy", {}, {"Resource": "/etc"}),
    ),
    (ARCHIVE, {"query": {"path": "/etc"}}, "1.20", Request(ARCHIVE, {"path": "/etc"}, None)),
    (
        ARCHIVE,
        {"query": {"path": "/etc"}},
        "1.3",
        f"{ARCHIVE} needs API 1.4; the Engine speaks 1.3",
    ),
    (ARCHIVE, {}, "1.19", Request("POST /containers/{id}/copy", {}, {})),
    (
        "PUT /containers/{id}/archive",
        {"query": {"path": "/etc"}},
        "1.19",
        "PUT /containers/{id}/archive needs API 1.20; the Engine speaks 1.19",
    ),
    (
        "GET /containers/{id}/json",
        {"query": {"size": True}},
        "1.20",
        "GET /containers/{id}/json ?size needs API 1.21; the Engine speaks 1.20",
    ),
    # Images
    (
        IMAGES,
        {"query": {"filters": {"reference": ["busybox"], "dangling": ["false"]}}},
        "1.24",
        Request(IMAGES, {"filters": {"dangling": ["false"]}, "filter": "busybox"}, None),
    ),
    (
        IMAGES,
        {"query": {"filters": {"reference": ["busybox"]}}},
        "1.0",
        Request(IMAGES, {"filter": "busybox"}, None),
    ),
    (
        IMAGES,
        {"query": {"filters": {"reference": ["a", "b"]}}},
        "1.24",
        f"{IMAGES} ?filters.reference with more than one value needs API 1.25; "
        "the Engine speaks 1.24",
    ),
    (
        IMAGES,
        {"query": {"filters": {"dangling": ["true"]}}},
        "1.11",
        f"{IMAGES} ?filters needs API 1.12; the Engine speaks 1.11",
    ),
    (
        IMAGES,
        {"query": {"filter": "busybox"}},
        "1.41",
        f"{IMAGES} ?filter was removed in API 1.41; the Engine speaks 1.41: "
        "filters={'reference': [...]} does it",
    ),
    (
        IMAGES,
        {"query": {"shared-size": True}},
        "1.41",
        f"{IMAGES} ?shared-size needs API 1.42; the Engine speaks 1.41",
    ),
    (
        "GET /images/viz",
        {},
        "1.7",
        "GET /images/viz was removed in API 1.7; the Engine speaks 1.7: "
        "viz() draws it from the list of images",
    ),
    (
        "POST /images/{name}/insert",
        {"query": {"url": "u", "path": "p"}},
        "1.12",
        "POST /images/{name}/insert was removed in API 1.12; the Engine speaks 1.12: "
        "build it with an ADD instruction",
    ),
    (
        PULL,
        {"query": {"fromImage": "a", "platform": "linux/arm"}},
        "1.31",
        f"{PULL} ?platform needs API 1.32; the Engine speaks 1.31",
    ),
    (
        PULL,
        {"query": {"fromImage": "a"}, "headers": {"X-Registry-Auth": credentials(username="u")}},
        "1.4",
        f"{PULL} X-Registry-Auth needs API 1.5; the Engine speaks 1.4",
    ),
    (
        PUSH,
        {"headers": {"X-Registry-Auth": credentials(username="u")}},
        "1.5",
        Request(PUSH, {}, None, {"X-Registry-Auth": credentials(username="u")}),
    ),
    (
        PUSH,
        {"headers": {"X-Registry-Auth": credentials(username="u", password="p")}},
        "1.4",
        Request(PUSH, {}, {"username": "u", "password": "p"}),
    ),
    (
        PUSH,
        {"headers": {"X-Registry-Auth": credentials(username="u")}},
        "1.1",
        f"{PUSH} X-Registry-Auth needs API 1.2; the Engine speaks 1.1",
    ),
    (PUSH, {"headers": {"X-Registry-Auth": credentials()}}, "1.0", Request(PUSH, {}, {})),
    (PUSH, {"query": {"tag": "t"}}, "1.9", f"{PUSH} ?tag needs API 1.10; the Engine speaks 1.9"),
    (
        "POST /auth",
        {"body": {"username": "u", "serveraddress": "https://index.docker.io/v1/"}},
        "1.3",
        Request("POST /auth", {}, {"username": "u"}),
    ),
    (
        "POST /auth",
        {"body": {"username": "u", "serveraddress": "r"}},
        "1.3",
        "POST /auth serveraddress needs API 1.4; the Engine speaks 1.3",
    ),
    (
        REMOVE_IMAGE,
        {"query": {"noprune": True}, "release": "0.9.1"},
        "1.10",
        f"{REMOVE_IMAGE} ?noprune needs Engine 0.10.0; this one is 0.9.1",
    ),
    (
        "GET /images/search",
        {"query": {"term": "a", "limit": 5}},
        "1.23",
        "GET /images/search ?limit needs API 1.24; the Engine speaks 1.23",
    ),
    (
        "POST /images/load",
        {"query": {"quiet": True}},
        "1.22",
        "POST /images/load ?quiet needs API 1.23; the Engine speaks 1.22",
    ),
    (
        "GET /images/{name}/get",
        {"query": {"platform": ["{}", "{}"]}},
        "1.51",
        "GET /images/{name}/get ?platform with more than one value needs API 1.52; "
        "the Engine speaks 1.51",
    ),
    (
        "GET /images/{name}/get",
        {"query": {"platform": ["{}"]}},
        "1.48",
        Request("GET /images/{name}/get", {"platform": "{}"}, None),
    ),
    # Build
    (BUILD, {}, "1.0", f"{BUILD} needs API 1.1; the Engine speaks 1.0"),
    (
        BUILD,
        {"query": {"t": "x"}, "headers": {"Content-Type": "application/tar"}},
        "1.2",
        Request(BUILD, {"t": "x"}, None, {"Content-Type": "multipart/form-data"}),
    ),
    (
        BUILD,
        {"query": {"t": "x"}, "headers": {"Content-Type": "application/tar"}},
        "1.3",
        Request(BUILD, {"t": "x"}, None, {"Content-Type": "application/tar"}),
    ),
    (
        BUILD,
        {"query": {"pull": True}},
        "1.15",
        f"{BUILD} ?pull needs API 1.16; the Engine speaks 1.15",
    ),
    (BUILD, {"query": {"t": ["a"]}}, "1.21", Request(BUILD, {"t": "a"}, None)),
    (
        BUILD,
        {"query": {"t": ["a", "b"]}},
        "1.21",
        f"{BUILD} ?t with more than one value needs API 1.22; the Engine speaks 1.21",
    ),
    (
        BUILD,
        {"query": {"buildargs": {"a": "b"}}},
        "1.20",
        f"{BUILD} ?buildargs needs API 1.21; the Engine speaks 1.20",
    ),
    (
        BUILD,
        {"query": {"target": "x"}},
        "1.28",
        f"{BUILD} ?target needs API 1.29; the Engine speaks 1.28",
    ),
    (
        BUILD,
        {"headers": {"X-Registry-Config": registries({"r": {"username": "u"}})}},
        "1.8",
        Request(BUILD, {}, None, {"X-Registry-Auth": credentials(serveraddress="r", username="u")}),
    ),
    (
        BUILD,
        {"headers": {"X-Registry-Config": registries({"r": {}, "s": {}})}},
        "1.8",
        f"{BUILD} X-Registry-Config with credentials for more than one registry needs API 1.9; "
        "the Engine speaks 1.8",
    ),
    (
        BUILD,
        {"headers": {"X-Registry-Config": registries({"r": {"username": "u"}})}},
        "1.7",
        f"{BUILD} X-Registry-Config needs API 1.8; the Engine speaks 1.7",
    ),
    (
        BUILD,
        {"headers": {"X-Registry-Config": registries({"r": {}})}, "release": "1.6.2"},
        "1.9",
        Request(
            BUILD,
            {},
            None,
            {"X-Registry-Config": registries({"configs": {"r": {}}, "auths": {"r": {}}})},
        ),
    ),
    (
        BUILD,
        {"headers": {"X-Registry-Config": registries({"r": {}})}, "release": "1.7.1"},
        "1.12",
        Request(BUILD, {}, None, {"X-Registry-Config": registries({"r": {}})}),
    ),
    # Exec
    (EXEC, {"body": {"Cmd": ["a"]}}, "1.14", f"{EXEC} needs API 1.15; the Engine speaks 1.14"),
    (EXEC, {"body": {"User": "u"}}, "1.18", f"{EXEC} User needs API 1.19; the Engine speaks 1.18"),
    (EXEC, {"body": {"Env": []}}, "1.24", f"{EXEC} Env needs API 1.25; the Engine speaks 1.24"),
    (
        EXEC,
        {"body": {"WorkingDir": "/"}},
        "1.34",
        f"{EXEC} WorkingDir needs API 1.35; the Engine speaks 1.34",
    ),
    (
        "POST /exec/{id}/start",
        {"body": {"Detach": False, "Tty": True, "ConsoleSize": [1, 2]}},
        "1.41",
        "POST /exec/{id}/start ConsoleSize needs API 1.42; the Engine speaks 1.41",
    ),
    (
        "GET /exec/{id}/json",
        {},
        "1.15",
        "GET /exec/{id}/json needs API 1.16; the Engine speaks 1.15",
    ),
    # Misc
    (
        "GET /auth",
        {},
        "1.2",
        "GET /auth was removed in API 1.2; the Engine speaks 1.2: the Engine keeps no credentials",
    ),
    ("GET /auth", {}, "1.1", Request("GET /auth", {}, None)),
    ("GET /_ping", {}, "1.10", Request("GET /version", {}, None)),
    ("GET /_ping", {}, "1.11", Request("GET /_ping", {}, None)),
    (COMMIT, {"query": {"pause": False}}, "1.12", Request(COMMIT, {}, None)),
    (
        COMMIT,
        {"query": {"pause": True}},
        "1.12",
        f"{COMMIT} ?pause needs API 1.13; the Engine speaks 1.12",
    ),
    (COMMIT, {"query": {"comment": "c"}}, "1.0", Request(COMMIT, {"comment": "c"}, None)),
    (
        COMMIT,
        {"body": {"StopSignal": "INT"}},
        "1.20",
        f"{COMMIT} StopSignal needs API 1.21; the Engine speaks 1.20",
    ),
    (EVENTS, {}, "1.2", f"{EVENTS} needs API 1.3; the Engine speaks 1.2"),
    (
        EVENTS,
        {"query": {"until": 1}},
        "1.10",
        f"{EVENTS} ?until needs API 1.11; the Engine speaks 1.10",
    ),
    (
        EVENTS,
        {"query": {"filters": {"type": ["image"]}}},
        "1.21",
        f"{EVENTS} ?filters.type needs API 1.22; the Engine speaks 1.21",
    ),
]


@pytest.mark.parametrize(
    ("route", "what", "at", "expected"),
    TABLE,
    ids=[f"{number}-{route}-{at}" for number, (route, _, at, _) in enumerate(TABLE)],
)
def test_a_request_is_translated_or_refused(
    route: str, what: dict[str, Any], at: str, expected: Request | str
) -> None:
    assert asked(route, at, **what) == expected


# What is lost

IDENTITY = registry_auth(Credentials(identity_token="t"))
REGISTRY = registry_auth(Credentials(registry_token="t"))
PASSWORD = registry_auth(Credentials(username="u", password="p"))
SEVERAL = {"a.io": Credentials(username="u"), "b.io": Credentials(identity_token="t")}


@pytest.mark.parametrize(
    ("route", "what", "at", "release", "words"),
    [
        (PULL, {"headers": IDENTITY}, "1.23", "1.11.0", None),
        (PULL, {"headers": IDENTITY}, "1.12", "20.10.24", None),
        (
            PULL,
            {"headers": IDENTITY},
            "1.22",
            "1.10.3",
            "X-Registry-Auth with an identity token needs Engine 1.11.0; this one is 1.10.3",
        ),
        (
            PULL,
            {"headers": IDENTITY},
            "1.22",
            None,
            "X-Registry-Auth with an identity token needs API 1.23; the Engine speaks 1.22",
        ),
        (PULL, {"headers": REGISTRY}, "1.22", "1.10.0", None),
        (
            PULL,
            {"headers": REGISTRY},
            "1.21",
            "1.9.1",
            "X-Registry-Auth with a registry token needs Engine 1.10.0; this one is 1.9.1",
        ),
        (PULL, {"headers": PASSWORD}, "1.21", "1.9.1", None),
        (
            PUSH,
            {"headers": IDENTITY},
            "1.4",
            "0.6.1",
            "X-Registry-Auth with an identity token needs Engine 1.11.0; this one is 0.6.1",
        ),
        (
            "GET /images/search",
            {"headers": REGISTRY},
            "1.19",
            "1.7.1",
            "X-Registry-Auth with a registry token needs Engine 1.10.0; this one is 1.7.1",
        ),
        (BUILD, {"headers": registry_config(SEVERAL)}, "1.23", "1.11.0", None),
        (
            BUILD,
            {"headers": registry_config(SEVERAL)},
            "1.19",
            "1.7.1",
            "X-Registry-Config with an identity token needs Engine 1.11.0; this one is 1.7.1",
        ),
        (
            "POST /auth",
            {"body": {"username": "u", "identitytoken": "t"}},
            "1.22",
            "1.10.3",
            "with an identity token needs Engine 1.11.0; this one is 1.10.3",
        ),
        (
            "POST /auth",
            {"body": {"registrytoken": "t"}},
            "1.19",
            "1.7.1",
            "with a registry token needs Engine 1.10.0; this one is 1.7.1",
        ),
        ("POST /auth", {"body": {"identitytoken": "t"}}, "1.23", "1.11.0", None),
        (BUILD, {"query": {"shmsize": 1}}, "1.41", "20.10.24", None),
        (BUILD, {"query": {"shmsize": 1, "version": "2"}}, "1.42", "23.0.0", None),
        (
            BUILD,
            {"query": {"shmsize": 1, "version": "2"}},
            "1.41",
            "20.10.24",
            "with ?shmsize for BuildKit needs Engine 23.0.0; this one is 20.10.24",
        ),
        (
            BUILD,
            {"query": {"ulimits": "[]", "version": "2"}},
            "1.41",
            None,
            "with ?ulimits for BuildKit needs API 1.42; the Engine speaks 1.41",
        ),
    ],
)
def test_what_an_engine_would_lose_is_refused(
    route: str, what: dict[str, Any], at: str, release: str | None, words: str | None
) -> None:
    found = asked(route, at, release=release, **what)
    assert (found if isinstance(found, str) else None) == (words and f"{route} {words}")


def test_an_engine_on_windows_has_no_buildkit() -> None:
    def fitted(query: dict[str, Any]) -> Request:
        return fit(BUILD, query, None, version("1.51"), release=Release(28, 5, 2), windows=True)

    assert fitted({"q": True}).query == {"q": True}
    with pytest.raises(NotSupported) as caught:
        fitted({"version": "2"})
    error = caught.value
    assert (str(error), error.route, error.what, error.needs, error.has) == (
        "POST /build ?version needs an Engine on Linux; this one is on Windows: it has the classic "
        "builder only",
        BUILD,
        "?version",
        "Linux",
        "Windows",
    )


def test_podman_has_no_buildkit() -> None:
    podman = Release(20, 10, 0, podman="4.3.1")
    assert fit(BUILD, {"q": True}, None, version("1.41"), release=podman).query == {"q": True}
    with pytest.raises(NotSupported) as caught:
        fit(BUILD, {"version": "2"}, None, version("1.41"), release=podman)
    error = caught.value
    assert (str(error), error.route, error.what, error.needs, error.has) == (
        "POST /build ?version needs BuildKit; Podman 4.3.1 has another builder only",
        BUILD,
        "?version",
        "BuildKit",
        "Podman 4.3.1",
    )


@pytest.mark.parametrize("route", ["POST /images/create", "POST /images/{name}/push"])
def test_podman_takes_one_tag(route: str) -> None:
    podman = Release(20, 10, 0, podman="4.3.1")
    assert fit(route, {"tag": "1"}, None, version("1.41"), release=podman).query == {"tag": "1"}
    with pytest.raises(NotSupported) as caught:
        fit(route, {"tag": ""}, None, version("1.41"), release=podman)
    assert str(caught.value) == f"{route} of all tags needs an Engine; Podman 4.3.1 takes one tag"


def test_podman_5_takes_a_field_that_it_answers_whatever_its_version() -> None:
    """A container of Podman could not be made again from its inspect."""
    body = {"HostConfig": {"Annotations": {"a": "b"}}}
    route = "POST /containers/create"
    for podman, takes in (("5.4.2", True), ("4.3.1", False), ("somebody's own", False)):
        release = Release(20, 10, 0, podman=podman)
        if takes:
            assert fit(route, {}, body, version("1.41"), release=release).body == body
            continue
        with pytest.raises(NotSupported) as caught:
            fit(route, {}, body, version("1.41"), release=release)
        assert (caught.value.what, caught.value.needs) == ("HostConfig.Annotations", "1.43")


# supports


@pytest.mark.parametrize(
    ("route", "at", "release", "expected"),
    [
        (STATS, "1.16", None, False),
        (STATS, "1.17", None, True),
        (LOGS, "1.0", None, True),
        (ARCHIVE, "1.3", None, False),
        (ARCHIVE, "1.4", None, True),
        (ARCHIVE, "1.4", "0.5.3", False),
        (ARCHIVE, "1.55", None, True),
        ("PUT /containers/{id}/archive", "1.19", None, False),
        ("POST /containers/{id}/copy", "1.24", None, False),
        ("GET /images/viz", "1.6", None, True),
        ("GET /images/viz", "1.7", None, False),
        ("GET /auth", "1.1", None, True),
        (LIST, "1.0", None, True),
        (LIST, "1.4", "1.6.2", False),
        (LIST, "1.0", "1.6.2", False),
        (LIST, "1.5", "1.6.2", True),
    ],
)
def test_supports_natively_or_by_translation(
    route: str, at: str, release: str | None, expected: bool
) -> None:
    engine = Release.parse(release) if release else None
    assert supports(route, version(at), engine) is expected


@pytest.mark.parametrize(
    ("at", "release", "expected"),
    [("1.9", None, False), ("1.10", None, True), ("1.10", "0.9.1", False), ("1.9", "1.6.2", False)],
)
def test_supports_a_parameter_of_a_route(at: str, release: str | None, expected: bool) -> None:
    engine = Release.parse(release) if release else None
    assert supports(PUSH, version(at), engine, query="tag") is expected


@pytest.mark.parametrize(
    ("route", "header", "at", "expected"),
    [
        (PULL, "X-Registry-Auth", "1.4", False),
        (PULL, "X-Registry-Auth", "1.5", True),
        (PUSH, "X-Registry-Auth", "1.1", False),
        (PUSH, "X-Registry-Auth", "1.2", True),
        (BUILD, "X-Registry-Config", "1.7", False),
        (BUILD, "X-Registry-Config", "1.8", True),
        (BUILD, "X-Registry-Config", "1.9", True),
        ("GET /images/search", "X-Registry-Auth", "1.8", False),
        ("GET /images/search", "X-Registry-Auth", "1.9", True),
    ],
)
def test_supports_a_header_in_whatever_form(
    route: str, header: str, at: str, expected: bool
) -> None:
    assert supports(route, version(at), header=header) is expected


@pytest.mark.parametrize("route", ["POST /containers/{id}/stop", "POST /containers/{id}/restart"])
def test_engines_before_1_13_are_told_how_long_to_wait(route: str) -> None:
    assert spelled_out(route, Release(1, 12, 6)) == {"t": 10}
    assert spelled_out(route, Release(1, 13, 0)) == {}
    assert spelled_out(route, None) == {}


def test_nothing_else_is_spelled_out() -> None:
    assert [route for route in ROUTES if spelled_out(route, Release(0, 3, 3))] == [
        "POST /containers/{id}/restart",
        "POST /containers/{id}/stop",
    ]


# split_create_body


def test_from_1_15_on_create_takes_everything() -> None:
    body = {"Image": "i", "HostConfig": {"Binds": []}}
    assert split_create_body(body, version("1.15")) == (body, None)


def test_without_a_host_config_there_is_nothing_to_divide() -> None:
    assert split_create_body({"Image": "i"}, version("1.12")) == ({"Image": "i"}, None)


def test_below_1_15_start_gets_what_create_cannot_keep() -> None:
    body = {"Image": "i", "HostConfig": {"Binds": ["/a:/b"], "Memory": 1, "Dns": ["1.1.1.1"]}}
    at_create, at_start = split_create_body(body, version("1.12"))
    assert at_create == {"Image": "i", "HostConfig": {"Memory": 1}}
    assert at_start == {"Binds": ["/a:/b"], "Dns": ["1.1.1.1"]}
    assert asked(CREATE, "1.12", body=at_create) == Request(CREATE, {}, {"Image": "i", "Memory": 1})
    assert asked(START, "1.12", body=at_start) == Request(START, {}, at_start)


def test_below_1_15_start_gets_nothing_when_create_keeps_all() -> None:
    body = {"Image": "i", "HostConfig": {"Memory": 1}}
    assert split_create_body(body, version("1.12")) == (body, None)


def test_below_1_15_start_gets_all_when_create_keeps_nothing() -> None:
    body = {"Image": "i", "HostConfig": {"Binds": ["/a:/b"]}}
    assert split_create_body(body, version("1.12")) == ({"Image": "i"}, {"Binds": ["/a:/b"]})


# Nothing is lost


def leaf(row: Added | Removed | Moved | Reshaped) -> tuple[str, tuple[str, ...]] | None:
    if row.query is not None and row.query != ".":
        return "query", tuple(row.query.split("."))
    if row.body is not None and row.body != ".":
        return "body", tuple(row.body.split("."))
    return None


def places(route: str) -> list[tuple[str, tuple[str, ...]]]:
    """Where the rows of a route look, and some places that no row knows."""
    found = {("query", ("unknown",)), ("body", ("Unknown",)), ("body", ("HostConfig", "Unknown"))}
    found |= {("query", ("filters", "unknown")), ("body", ("HostConfig", "Binds"))}
    for row in itertools.chain.from_iterable(LEDGER.values()):
        if row.route == route and not isinstance(row, Replaced):
            place = leaf(row)
            if place is not None and "*" not in place[1]:
                found.add(place)
    # A place inside another one cannot be asked together with a plain value there.
    inner = {(part, path[:length]) for part, path in found for length in range(1, len(path))}
    return sorted(found - inner)


def put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return tree


ROUTES = sorted({row.route for row in itertools.chain.from_iterable(LEDGER.values())})
VALUES = st.sampled_from(["x", ["x"], ["x", "y"], 0, 7, "7.5", True, False, "TERM", ["a:b"]])
FILTERED = st.sampled_from([["x"], ["x", "y"], ["true"], ["1", "0"]])
# Rows look into these lists, which the client has checked before.
LISTED = {
    "Ports": st.sampled_from([[{"Protocol": "tcp"}], [{"Protocol": "sctp"}, {"TargetPort": 80}]]),
    "ExternalCAs": st.sampled_from([[{"URL": "x"}], [{"URL": "x"}, {"CACert": "y"}]]),
}


def values_at(path: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return FILTERED if path[0] == "filters" else LISTED.get(path[-1], VALUES)


def moved_with(rows: list[Any], part: str, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Where it is now, if it is in something that a row has moved."""
    for row in rows:
        parent = leaf(row) if isinstance(row, Moved) and not row.turn else None
        if parent is not None and parent[0] == part and path[: len(parent[1])] == parent[1] != path:
            return (*row.was.split("."), *path[len(parent[1]) :])
    return None


@settings(max_examples=5 * settings().max_examples)  # of hundreds of places
@given(data=st.data())
def test_everything_asked_is_kept_or_translated_by_a_row_or_refused(data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(ROUTES))
    spoken = data.draw(st.sampled_from(VERSIONS))
    release = data.draw(st.none() | st.sampled_from(sorted(RELEASES)))
    chosen = data.draw(st.lists(st.sampled_from(places(route)), unique=True, max_size=4))
    query: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for part, path in chosen:
        put(query if part == "query" else body, path, data.draw(values_at(path)))
    if route == ARCHIVE:
        query["path"] = "/"
    before = copy.deepcopy((query, body))
    try:
        request = fit(route, query, body or None, spoken, release=release)
    except NotSupported as error:
        assert error.route == route
        return
    except ValueError as error:
        assert "is given twice" in str(error)
        return
    finally:
        assert (query, body) == before
    rows = [row for row in itertools.chain.from_iterable(LEDGER.values()) if row.route == route]
    replaced = any(isinstance(row, Replaced) for row in rows) and request.route != route
    for part, path in chosen:
        asked_value = at(query if part == "query" else body, path)
        sent_part = request.query if part == "query" else request.body
        sent = at(sent_part, path)
        if sent is None and (now := moved_with(rows, part, path)):
            sent = at(sent_part, now)
        if sent == asked_value and type(sent) is type(asked_value):
            continue
        named = [
            row
            for row in rows
            if not isinstance(row, Replaced)
            and leaf(row) == (part, path)
            and (not isinstance(row, (Added, Removed)) or row.implied == asked_value)
        ]
        assert named or (replaced and path in {("follow",), ("timestamps",)})
        for row in named:
            if isinstance(row, Moved):
                older = at(getattr(request, part), tuple(row.was.split(".")))
                assert older == (row.turn(asked_value) if row.turn else asked_value)


@given(data=st.data())
def test_the_newest_version_takes_the_newest_shape_as_it_is(data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(ROUTES))
    removed = {
        leaf(row)
        for row in itertools.chain.from_iterable(LEDGER.values())
        if isinstance(row, Removed) and row.route == route
    }
    if None in removed:
        return
    chosen = data.draw(st.lists(st.sampled_from(places(route)), unique=True, max_size=4))
    query: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for part, path in chosen:
        if (part, path) not in removed:
            put(query if part == "query" else body, path, data.draw(VALUES))
    assert fit(route, query, body, VERSIONS[-1]) == Request(route, query, body)
