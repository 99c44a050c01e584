"""The Engine itself: login, info, version, ping, commit, events."""

from __future__ import annotations

from typing import Any

from dockerapi import ContainerConfig, Credentials
from dockerapi.models.config import Healthcheck
from matrix.form import (
    ALWAYS,
    NEWEST,
    VERSIONS,
    Case,
    OfRelease,
    Outcome,
    before,
    gone,
    later_release,
    needs,
    sends,
    since,
)

EVENTS = "GET /events"
HUB = "https://index.docker.io/v1/"


def _events_with(filter: str, value: str, version: str) -> Case:
    """A filter of the events, which have filters at all from 1.16 on."""
    return Case(
        "events",
        filter,
        lambda client: client.events(filters={filter: value}),
        _from_1_4(
            {
                "1.4": needs(f"{EVENTS} ?filters.{filter}", version),
                version: f'{EVENTS}?filters={{"{filter}": ["{value}"]}}',
            }
        ),
    )


def _from_1_4(outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """The outcomes from a version to before the next, and what becomes of all events before 1.4.

    1.3 has them in the manual only; 0.5.1 is the first with the route, and speaks 1.4.
    """
    starts = list(outcomes)
    found: dict[str, Outcome] = {
        "1.0 to 1.2": needs(EVENTS, "1.3"),
        "1.3": later_release(EVENTS, "0.5.1"),
    }
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        last = NEWEST if end is None else VERSIONS[VERSIONS.index(end) - 1]
        found[f"{start} to {last}"] = outcomes[start]
    return found


def _committed_with(
    field: str,
    body: dict[str, Any],
    version: str,
    removed: str = "",
    instead: str = "",
    /,
    **config: Any,
) -> Case:
    """A field of the config of an image that came with a version, and what it is given as."""
    found: dict[str, Outcome] = {}
    if version != VERSIONS[0]:
        found[before(version)] = needs(f"POST /commit {field}", version)
    sent = sends("POST /commit?container=c1", body)
    if removed:
        found[f"{version} to {VERSIONS[VERSIONS.index(removed) - 1]}"] = sent
        found[since(removed)] = gone(f"POST /commit {field}", removed, instead)
    else:
        found[since(version)] = sent
    return Case(
        "commit",
        field,
        lambda client: client.commit("c1", config=ContainerConfig(**config)),
        found,
    )


MAC_ADDRESS = "12:34:56:78:9a:bc"

# As in create.
_COMMITTED = [
    _committed_with(
        "PortSpecs", {"PortSpecs": ["22"]}, "1.0", "1.15", "give exposed_ports", port_specs=["22"]
    ),
    _committed_with("Entrypoint", {"Entrypoint": ["a"]}, "1.3", entrypoint="a"),
    _committed_with("WorkingDir", {"WorkingDir": "/a"}, "1.4", working_dir="/a"),
    _committed_with("NetworkDisabled", {"NetworkDisabled": True}, "1.4", network_disabled=True),
    _committed_with("Domainname", {"Domainname": "x.org"}, "1.5", domain_name="x.org"),
    _committed_with("ExposedPorts", {"ExposedPorts": {"80/tcp": {}}}, "1.6", exposed_ports=[80]),
    _committed_with("OnBuild", {"OnBuild": ["RUN a"]}, "1.9", on_build=["RUN a"]),
    _committed_with(
        "MacAddress", {"MacAddress": MAC_ADDRESS}, "1.16", "1.52", "", mac_address=MAC_ADDRESS
    ),
    _committed_with("Labels", {"Labels": {"a": "b"}}, "1.18", labels={"a": "b"}),
    _committed_with("StopSignal", {"StopSignal": "INT"}, "1.21", stop_signal="INT"),
    _committed_with("ArgsEscaped", {"ArgsEscaped": True}, "1.22", args_escaped=True),
    _committed_with(
        "Healthcheck", {"Healthcheck": {"Retries": 3}}, "1.24", healthcheck=Healthcheck(retries=3)
    ),
    _committed_with("Shell", {"Shell": ["sh"]}, "1.24", shell=["sh"]),
    _committed_with("StopTimeout", {"StopTimeout": 5}, "1.25", stop_timeout=5),
    _committed_with(
        "Healthcheck.StartPeriod",
        {"Healthcheck": {"StartPeriod": 10**9}},
        "1.29",
        healthcheck=Healthcheck(start_period=1),
    ),
    _committed_with(
        "Healthcheck.StartInterval",
        {"Healthcheck": {"StartInterval": 10**9}},
        "1.44",
        healthcheck=Healthcheck(start_interval=1),
    ),
]

CASES = [
    # Before 1.4 Docker Hub is asked, whatever the body says.
    Case(
        "login",
        "plain",
        lambda client: client.login("u", password="p"),
        {
            before("1.4"): sends("POST /auth", {"username": "u", "password": "p"}),
            since("1.4"): sends(
                "POST /auth", {"username": "u", "password": "p", "serveraddress": HUB}
            ),
        },
    ),
    Case(
        "login",
        "email",
        lambda client: client.login("u", password="p", email="u@x.org"),
        {
            before("1.4"): sends(
                "POST /auth", {"username": "u", "password": "p", "email": "u@x.org"}
            ),
            since("1.4"): sends(
                "POST /auth",
                {"username": "u", "password": "p", "email": "u@x.org", "serveraddress": HUB},
            ),
        },
    ),
    Case(
        "login",
        "registry",
        lambda client: client.login("u", password="p", registry="x.org:5000"),
        {
            before("1.4"): needs("POST /auth serveraddress", "1.4"),
            since("1.4"): sends(
                "POST /auth", {"username": "u", "password": "p", "serveraddress": "x.org:5000"}
            ),
        },
    ),
    Case(
        "login",
        "identity-token",
        lambda client: client.login(auth=Credentials(identity_token="t")),
        {
            before("1.23"): later_release("POST /auth with an identity token", "1.11.0"),
            since("1.23"): sends("POST /auth", {"identitytoken": "t", "serveraddress": HUB}),
        },
    ),
    Case(
        "stored_login",
        "plain",
        lambda client: client.stored_login(),
        {
            "1.0 to 1.1": "GET /auth",
            since("1.2"): gone("GET /auth", "1.2", "the Engine keeps no credentials"),
        },
    ),
    Case("info", "plain", lambda client: client.info(), {ALWAYS: "GET /info"}),
    Case("version", "plain", lambda client: client.version(), {ALWAYS: "GET /version"}),
    Case(
        "ping",
        "plain",
        lambda client: client.ping(),
        {before("1.11"): "GET /version", since("1.11"): "GET /_ping"},
    ),
    # Every Engine reads the message as `comment`; manuals up to 1.11 have `m` (differences, 6.1).
    Case(
        "commit",
        "plain",
        lambda client: client.commit("c1"),
        {ALWAYS: sends("POST /commit?container=c1", {})},
    ),
    Case(
        "commit",
        "all",
        lambda client: client.commit(
            "c1", repository="x.org/a", tag="t", message="why not", author="A <a@x.org>"
        ),
        {
            ALWAYS: sends(
                "POST /commit?container=c1&repo=x.org/a&tag=t&comment=why not&author=A <a@x.org>",
                {},
            )
        },
    ),
    Case(
        "commit",
        "pause",
        lambda client: client.commit("c1", pause=True),
        {
            before("1.13"): needs("POST /commit ?pause", "1.13"),
            since("1.13"): sends("POST /commit?container=c1&pause=1", {}),
        },
    ),
    # Older Engines never pause.
    Case(
        "commit",
        "no-pause",
        lambda client: client.commit("c1", pause=False),
        {
            before("1.13"): sends("POST /commit?container=c1", {}),
            since("1.13"): sends("POST /commit?container=c1&pause=0", {}),
        },
    ),
    Case(
        "commit",
        "changes",
        lambda client: client.commit("c1", changes=["USER a", "CMD b"]),
        {
            before("1.18"): needs("POST /commit ?changes", "1.18"),
            since("1.18"): sends("POST /commit?container=c1&changes=USER a&changes=CMD b", {}),
        },
    ),
    Case(
        "commit",
        "config",
        lambda client: client.commit("c1", config=ContainerConfig(env=["A=b"], user="u")),
        {ALWAYS: sends("POST /commit?container=c1", {"Env": ["A=b"], "User": "u"})},
    ),
    *_COMMITTED,
    Case("events", "plain", lambda client: client.events(), _from_1_4({"1.4": EVENTS})),
    Case(
        "events",
        "since",
        lambda client: client.events(since=1428990821),
        _from_1_4({"1.4": f"{EVENTS}?since=1428990821"}),
    ),
    Case(
        "events",
        "since-fraction",
        lambda client: client.events(since=1428990821.5),
        _from_1_4(
            {
                "1.4": later_release(f"{EVENTS} ?since with a fraction of a second", "1.10.0"),
                "1.22": f"{EVENTS}?since=1428990821.500000000",
            }
        ),
    ),
    Case(
        "events",
        "until",
        lambda client: client.events(until=1428990821),
        _from_1_4({"1.4": needs(f"{EVENTS} ?until", "1.11"), "1.11": f"{EVENTS}?until=1428990821"}),
    ),
    Case(
        "events",
        "filters",
        lambda client: client.events(filters={"event": "die", "image": "img", "container": "c1"}),
        _from_1_4(
            {
                "1.4": needs(f"{EVENTS} ?filters", "1.16"),
                "1.16": EVENTS
                + '?filters={"event": ["die"], "image": ["img"], "container": ["c1"]}',
            }
        ),
    ),
    Case(
        "wait_until",
        "plain",
        lambda client: client.wait_until("c1", "running"),
        _from_1_4({"1.4": "GET /containers/c1/json"}),
    ),
    _events_with("label", "a=b", "1.21"),
    _events_with("type", "image", "1.22"),
    _events_with("volume", "data", "1.22"),
    _events_with("network", "net", "1.22"),
    _events_with("daemon", "d", "1.24"),
    _events_with("plugin", "p", "1.25"),
    _events_with("scope", "swarm", "1.30"),
    _events_with("config", "c", "1.33"),
    _events_with("node", "n", "1.33"),
    _events_with("secret", "s", "1.33"),
    _events_with("service", "s", "1.33"),
]

OF_RELEASES = [
    OfRelease(
        "events", "0.4.8", "1.3", lambda client: client.events(), later_release(EVENTS, "0.5.1")
    ),
    OfRelease("events", "1.6.2", "1.3 to 1.18", lambda client: client.events(), EVENTS),
    OfRelease(
        "events",
        "20.10.24",
        "1.12 to 1.41",
        lambda client: client.events(since=7.5),
        f"{EVENTS}?since=7.500000000",
    ),
    OfRelease("ping", "1.6.2", "1.0 to 1.10", lambda client: client.ping(), "GET /version"),
]
