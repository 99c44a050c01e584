"""Networks: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

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
    IPAM,
    ApiError,
    BadRequest,
    Busy,
    Client,
    Conflict,
    ContainerConfig,
    EndpointSettings,
    Forbidden,
    HostConfig,
    InUse,
    IPAMPool,
    NetworkingConfig,
    NetworkNotFound,
    NotFound,
    ServerError,
    TimedOut,
    Timeouts,
    UnexpectedReply,
)
from dockerapi.models.networks import Network, NetworkCreated
from dockerapi.models.pruned import Pruned
from scripted import Conversation, ScriptedDaemon, asked, json_reply, reply

ID = "2a4651d8625c9852625d2a62708e3412bbd2d499ae437247ecfce933c2b7d72d"

RUNNING = json_reply({"Id": "c1", "State": {"Running": True}})


def _stopped(networks: dict[str, Any]) -> bytes:
    return json_reply(
        {"Id": "c1", "State": {"Running": False}, "NetworkSettings": {"Networks": networks}}
    )


def _rows_without_containers(rows: list[Any]) -> list[Network]:
    return [Network.parse({**row, "Containers": None}) for row in rows]


ROWS = [
    Row(
        id="networks",
        call=lambda client: client.networks(),
        asks=[asked("GET /networks")],
        answers=["network_list"],
        reads=_rows_without_containers,
        at=(NEW,),
    ),
    Row(
        id="networks: every argument",
        call=lambda client: client.networks(filters={"label": ["a", "b=c"], "type": "custom"}),
        asks=[
            asked(f"GET /networks?filters={encoded({'label': ['a', 'b=c'], 'type': ['custom']})}")
        ],
        answers=[json_reply([])],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_network",
        call=lambda client: client.inspect_network("rec-full"),
        asks=[asked("GET /networks/rec-full")],
        answers=["network_inspect_connected"],
        reads=Network.parse,
        at=(NEW,),
    ),
    Row(
        id="inspect_network: every argument",
        call=lambda client: client.inspect_network(
            NetworkCreated(id="1"), verbose=True, scope="local"
        ),
        asks=[asked("GET /networks/1?verbose=1&scope=local")],
        answers=[json_reply({"Id": "1", "Name": "n"})],
        gives=Network(id="1", name="n"),
        at=(NEW,),
    ),
    Row(
        id="connect_network",
        call=lambda client: client.connect_network("n1", "c1"),
        asks=[asked("POST /networks/n1/connect", {"Container": "c1"})],
        answers=["network_connect_full"],
        at=(NEW,),
    ),
    Row(
        id="connect_network: every argument",
        call=lambda client: client.connect_network(
            NetworkCreated(id="1"),
            "/c1",
            endpoint=EndpointSettings(
                ipv4_address="10.9.0.9",
                ipv6_address="2001:db8::9",
                link_local_ips=["169.254.8.8"],
                links={"c2": "other"},
                aliases=["db"],
                driver_options={"a": "1"},
            ),
        ),
        asks=[
            asked("GET /containers/c1/json"),
            asked(
                "POST /networks/1/connect",
                {
                    "Container": "c1",
                    "EndpointConfig": {
                        "IPAMConfig": {
                            "IPv4Address": "10.9.0.9",
                            "IPv6Address": "2001:db8::9",
                            "LinkLocalIPs": ["169.254.8.8"],
                        },
                        "Links": ["c2:other"],
                        "Aliases": ["db"],
                        "DriverOpts": {"a": "1"},
                    },
                },
            ),
        ],
        answers=[RUNNING, "network_connect_full"],
        at=(NEW,),
    ),
    Row(
        id="connect_network: one that does not run",
        call=lambda client: client.connect_network(
            "n1", "c1", endpoint=EndpointSettings(aliases=["db"])
        ),
        asks=[
            asked("GET /containers/c1/json"),
            asked("GET /networks/n1"),
            asked(
                "POST /networks/n1/connect",
                {"Container": "c1", "EndpointConfig": {"Aliases": ["db"]}},
            ),
        ],
        answers=[
            _stopped({"n2": {"NetworkID": "2"}}),
            json_reply({"Id": "1", "Name": "n1"}),
            reply(200),
        ],
        at=(NEW,),
    ),
    Row(
        id="disconnect_network",
        call=lambda client: client.disconnect_network("n1", "c1"),
        asks=[asked("POST /networks/n1/disconnect", {"Container": "c1"})],
        answers=["network_disconnect"],
        at=(NEW,),
    ),
    Row(
        id="disconnect_network: every argument",
        call=lambda client: client.disconnect_network("n1", "c1", force=True),
        asks=[asked("POST /networks/n1/disconnect", {"Container": "c1", "Force": True})],
        answers=["network_disconnect"],
        at=(NEW,),
    ),
    Row(
        id="remove_network",
        call=lambda client: client.remove_network("n1"),
        asks=[asked("DELETE /networks/n1")],
        answers=["network_remove"],
        at=(NEW,),
    ),
    Row(
        id="prune_networks",
        call=lambda client: client.prune_networks(),
        asks=[asked("POST /networks/prune")],
        answers=["network_prune_nothing"],
        gives=Pruned(),
        at=(NEW,),
    ),
    Row(
        id="prune_networks: every argument",
        call=lambda client: client.prune_networks(
            filters={"until": "24h", "label": "a", "label!": ["b"]}
        ),
        asks=[
            asked(
                "POST /networks/prune?filters="
                f"{encoded({'until': ['24h'], 'label': ['a'], 'label!': ['b']})}"
            )
        ],
        answers=["network_prune_label_not"],
        gives=Pruned(
            deleted=(
                "docker_gwbridge",
                "rec-macvlan",
                "rec-bad2",
                "rec-ipvlan",
                "rec-unknown",
                "rec-noipv4",
            )
        ),
        at=(NEW,),
    ),
    Row(
        id="create_network",
        call=lambda client: client.create_network("backend"),
        asks=[asked("POST /networks/create", {"Name": "backend", "CheckDuplicate": True})],
        answers=["network_create"],
        gives=NetworkCreated(id=ID),
        at=(NEW,),
    ),
    Row(
        id="create_network: every argument",
        call=lambda client: client.create_network(
            "backend",
            driver="bridge",
            internal=True,
            attachable=False,
            ingress=False,
            ipv6=True,
            ipam=IPAM(
                driver="default",
                options={"a": "1"},
                pools=[
                    IPAMPool(
                        subnet="172.28.0.0/16",
                        ip_range="172.28.5.0/24",
                        gateway="172.28.5.254",
                        auxiliary_addresses={"host1": "172.28.1.5"},
                    )
                ],
            ),
            options={"com.docker.network.bridge.name": "br0"},
            labels={"env": "ci"},
            scope="local",
            config_only=False,
            config_from="base",
        ),
        asks=[
            asked(
                "POST /networks/create",
                {
                    "Name": "backend",
                    "CheckDuplicate": True,
                    "Driver": "bridge",
                    "Internal": True,
                    "Attachable": False,
                    "Ingress": False,
                    "EnableIPv6": True,
                    "IPAM": {
                        "Driver": "default",
                        "Options": {"a": "1"},
                        "Config": [
                            {
                                "Subnet": "172.28.0.0/16",
                                "IPRange": "172.28.5.0/24",
                                "Gateway": "172.28.5.254",
                                "AuxiliaryAddresses": {"host1": "172.28.1.5"},
                            }
                        ],
                    },
                    "Options": {"com.docker.network.bridge.name": "br0"},
                    "Labels": {"env": "ci"},
                    "Scope": "local",
                    "ConfigOnly": False,
                    "ConfigFrom": {"Network": "base"},
                },
            )
        ],
        answers=["network_create"],
        gives=NetworkCreated(id=ID),
        at=(NEW,),
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


STATUSES: Statuses = [
    ("GET /networks", "networks", {400: BadRequest, 500: ServerError}),
    ("GET /networks/{id}", "inspect_network", {404: NotFound, 500: ServerError}),
    (
        "POST /networks/{id}/connect",
        "connect_network",
        {400: BadRequest, 403: Forbidden, 404: NotFound, 500: ServerError},
    ),
    (
        "POST /networks/{id}/disconnect",
        "disconnect_network",
        {403: Forbidden, 404: NotFound, 500: ServerError},
    ),
    (
        "DELETE /networks/{id}",
        "remove_network",
        {403: Forbidden, 404: NotFound, 500: ServerError},
    ),
    ("POST /networks/prune", "prune_networks", {409: Conflict, 500: ServerError}),
    (
        "POST /networks/create",
        "create_network",
        {400: BadRequest, 403: Forbidden, 404: NotFound, 409: Conflict, 500: ServerError},
    ),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": ""}, ValueError, "not the id or name of any network: ''"),
        ({"name": 7}, TypeError, "name: a string was expected, not 7"),
        ({"name": "a", "driver": ""}, ValueError, "driver: one line of text was expected, not ''"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_sent(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    check_refused_argument(lambda client: client.create_network(**arguments), error, message)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda client: client.networks(filters={"until": "1h"}),
            "filters: one of dangling, driver, id, label, name, scope, type was expected, "
            "not 'until'",
        ),
        (
            lambda client: client.prune_networks(filters={"dangling": True}),
            "filters: one of label, label!, until was expected, not 'dangling'",
        ),
        (
            lambda client: client.create_network("a/b"),
            "not the id or name of any network: 'a/b'",
        ),
        (
            lambda client: client.create_network(
                "a", ipv6=False, ipam=IPAM(pools=[IPAMPool(subnet="2001:db8::/64")])
            ),
            "ipv6: False, but ipam has a pool of IPv6 addresses",
        ),
        (
            lambda client: client.connect_network("", "c1"),
            "not the id or name of any network: ''",
        ),
        (
            lambda client: client.connect_network("n1", ""),
            "not the id or name of any container: ''",
        ),
        (
            lambda client: client.create_container(
                "app",
                host_config=HostConfig(network_mode="host"),
                networking=NetworkingConfig(endpoints={"web": None}),
            ),
            "networking: web, but network_mode='host' joins no other",
        ),
        (
            lambda client: client.run(
                "app",
                host_config=HostConfig(network_mode="container:c1"),
                networking=NetworkingConfig(endpoints={"web": None}),
            ),
            "networking: web, but network_mode='container:c1' joins no other",
        ),
    ],
)
def test_what_no_engine_does_is_refused_and_nothing_is_sent(call: Any, message: str) -> None:
    check_refused_argument(call, ValueError, message)


def test_a_created_network_without_an_id_is_shown() -> None:
    script = {"POST /v1.41/networks/create": json_reply({"Warning": "x"}, 201)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.create_network("backend")
    assert str(caught.value) == ("POST /networks/create: an Id was expected, not {'Warning': 'x'}")


def test_a_list_that_is_none_is_shown() -> None:
    with ScriptedDaemon({"GET /v1.41/networks": json_reply({})}) as daemon:
        with Client(daemon.url) as client, pytest.raises(UnexpectedReply) as caught:
            client.networks()
    assert (str(caught.value), caught.value.raw) == (
        "GET /networks: an array was expected, not {}",
        {},
    )


# What a row of the list says of containers


def test_the_list_below_api_1_28_says_which_containers_a_network_has() -> None:
    row = {"Id": "1", "Name": "n", "Containers": {}}
    for version, containers in (("1.27", {}), ("1.28", None)):
        with ScriptedDaemon({f"GET /v{version}/networks": json_reply([row])}) as daemon:
            with Client(daemon.url, version=version) as client:
                [found] = client.networks()
        assert (found.containers, found.raw) == (containers, row)


# What is connected already


@pytest.mark.parametrize(
    "networks",
    [
        {"web": {"NetworkID": ""}},
        {"1": {"NetworkID": ""}},
        {"other": {"NetworkID": "1"}},
    ],
)
def test_the_settings_of_a_container_that_is_connected_are_not_lost_in_silence(
    networks: dict[str, Any],
) -> None:
    """An Engine answers 200 there, and keeps those that it had (20.10, 28.5: seen)."""
    script = {
        "GET /v1.41/containers/c1/json": _stopped(networks),
        "GET /v1.41/networks/web": json_reply({"Id": "1", "Name": "web"}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Conflict) as caught:
            client.connect_network("web", "c1", endpoint=EndpointSettings(aliases=["db"]))
    assert str(caught.value) == (
        "POST /networks/{id}/connect: 409 container c1 is connected to network web already"
    )


def test_a_network_that_is_not_here_yet_may_be_one_of_the_swarm() -> None:
    script = {
        "GET /v1.41/containers/c1/json": _stopped({}),
        "GET /v1.41/networks/web": json_reply({"message": "network web not found"}, 404),
        "POST /v1.41/networks/web/connect": reply(200),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.connect_network("web", "c1", endpoint=EndpointSettings(aliases=["db"]))
    assert [one.target for one in daemon.requests] == [
        "/v1.41/containers/c1/json",
        "/v1.41/networks/web",
        "/v1.41/networks/web/connect",
    ]


# What is in use

ENDPOINTS = json_reply({"message": "network n1 id 0a has active endpoints"}, 403)


def test_who_uses_a_network_is_asked_where_the_refusal_does_not_tell() -> None:
    named = {"c1": {"Name": "web"}, "c2": {}}
    script = {
        "DELETE /v1.41/networks/n1": ENDPOINTS,
        "GET /v1.41/networks/n1": json_reply({"Id": "0a", "Name": "n1", "Containers": named}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(InUse) as caught:
            client.remove_network("n1")
    assert (caught.value.users, str(caught.value)) == (
        ("web", "c2"),
        "DELETE /networks/{id}: 403 network n1 id 0a has active endpoints",
    )


def test_a_network_that_is_gone_when_its_users_are_asked_for_is_in_use_all_the_same() -> None:
    script = {
        "DELETE /v1.41/networks/n1": ENDPOINTS,
        "GET /v1.41/networks/n1": json_reply({"message": "network n1 not found"}, 404),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(InUse) as caught:
            client.remove_network("n1")
    assert caught.value.users == ()


PRUNES = [
    (lambda client: client.prune_networks(), "POST /networks/prune"),
    (lambda client: client.prune_containers(), "POST /containers/prune"),
    (lambda client: client.prune_images(), "POST /images/prune"),
    (lambda client: client.prune_volumes(all=True), "POST /volumes/prune"),
    (lambda client: client.prune_build_cache(), "POST /build/prune"),
]


@pytest.mark.parametrize("status", [409, 500])
@pytest.mark.parametrize(
    ("call", "route", "words"),
    [
        *((call, route, "a prune operation is already running") for call, route in PRUNES),
        (
            lambda client: client.disk_usage(),
            "GET /system/df",
            "a disk usage operation is already running",
        ),
    ],
)
def test_where_one_at_a_time_is_done_the_engine_is_busy(
    call: Any, route: str, words: str, status: int
) -> None:
    method, _, path = route.partition(" ")
    script = {f"{method} /v1.41{path}": json_reply({"message": words}, status)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(Busy) as caught:
            call(client)
    assert str(caught.value) == f"{route}: {status} {words}"


# A name that two have


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client: client.inspect_network("n1"), "GET /networks/n1"),
        (lambda client: client.connect_network("n1", "c1"), "POST /networks/n1/connect"),
        (lambda client: client.disconnect_network("n1", "c1"), "POST /networks/n1/disconnect"),
        (lambda client: client.remove_network("n1"), "DELETE /networks/n1"),
    ],
)
def test_a_name_that_fits_two_is_one_error_that_lists_the_ids(call: Any, line: str) -> None:
    words = "2 matches found based on name: network n1 is ambiguous"
    method, _, path = line.partition(" ")
    rows = [{"Id": id, "Name": name} for id, name in (("1", "n1"), ("2", "n10"), ("3", "n1"))]
    script = {
        f"{method} /v1.41{path}": json_reply({"message": words}, 400),
        "GET /v1.41/networks": json_reply(rows),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(BadRequest) as caught:
            call(client)
    assert (caught.value.message, caught.value.hint) == (words, "name it by its id: 1, 3")


# Networks of a container that is run


def test_a_container_that_cannot_be_connected_is_removed_and_not_started() -> None:
    script = {
        "POST /v1.41/containers/create": json_reply({"Id": "c1"}, 201),
        "POST /v1.41/networks/n2/connect": json_reply({"message": "network n2 not found"}, 404),
        "DELETE /v1.41/containers/c1": reply(204),
    }
    two = NetworkingConfig(endpoints={"n1": None, "n2": None})
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(NetworkNotFound):
            client.run_detached("app", "ls", networking=two)
    assert [f"{one.method} {one.target}" for one in daemon.requests] == [
        "POST /v1.41/containers/create",
        "POST /v1.41/networks/n2/connect",
        "DELETE /v1.41/containers/c1?v=1&force=1",
    ]


@pytest.mark.parametrize(
    ("mode", "mac", "expected"),
    [
        # What is one word, or needs none, is asked as it is.
        (None, None, {"NetworkingConfig": {"EndpointsConfig": {"id1": {}}}}),
        (
            "id1",
            None,
            {
                "HostConfig": {"NetworkMode": "id1"},
                "NetworkingConfig": {"EndpointsConfig": {"id1": {}}},
            },
        ),
        (
            "web",
            None,
            {
                "HostConfig": {"NetworkMode": "web"},
                "NetworkingConfig": {"EndpointsConfig": {"web": {}}},
            },
        ),
        (
            "id1",
            "02:42:aa:bb:cc:01",
            {
                "MacAddress": "02:42:aa:bb:cc:01",
                "HostConfig": {"NetworkMode": "web"},
                "NetworkingConfig": {"EndpointsConfig": {"web": {}}},
            },
        ),
        (
            None,
            "02:42:aa:bb:cc:01",
            {
                "MacAddress": "02:42:aa:bb:cc:01",
                "HostConfig": {"NetworkMode": "web"},
                "NetworkingConfig": {"EndpointsConfig": {"web": {}}},
            },
        ),
    ],
)
def test_a_network_is_named_by_one_word(
    mode: str | None, mac: str | None, expected: dict[str, Any]
) -> None:
    found = json_reply({"Id": "id1", "Name": "web"})
    script = {
        "GET /v1.41/networks/web": found,
        "GET /v1.41/networks/id1": found,
        "POST /v1.41/containers/create": json_reply({"Id": "c1"}, 201),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        client.create_container(
            "app",
            "ls",
            config=ContainerConfig(mac_address=mac),
            host_config=None if mode is None else HostConfig(network_mode=mode),
            networking=NetworkingConfig(endpoints={"id1": None}),
        )
    assert daemon.requests[-1] == asked(
        "POST /v1.41/containers/create", {"Image": "app", "Cmd": ["ls"], **expected}
    )


# What takes its time


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client: client.create_network("n1"), "POST /networks/create"),
        (lambda client: client.remove_network("n1"), "DELETE /networks/n1"),
        *PRUNES,
        (lambda client: client.disk_usage(), "GET /system/df"),
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
