"""Secrets and configs: what each operation asks of the Engine, what it gives, what it refuses."""

from __future__ import annotations

import base64
import logging
from typing import Any

import attrs
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
    ConfigReference,
    ConfigSpec,
    Conflict,
    DockerError,
    Driver,
    InUse,
    NotFound,
    OutOfSequence,
    PluginNotFound,
    SecretReference,
    SecretSpec,
    ServerError,
    TimedOut,
    Timeouts,
    UnexpectedReply,
)
from dockerapi.models.secrets import Config, Secret
from scripted import Conversation, Request, ScriptedDaemon, asked, json_reply, reply

# As 28.5 answers, with a part that nobody knows.
SECRET = {
    "ID": "ikqlcqtl8ts09zkwsxuwf0mv4",
    "Version": {"Index": 2**64 - 1},
    "CreatedAt": "2026-11-30T03:04:48.277644828Z",
    "UpdatedAt": "2026-11-30T03:04:48.277644828Z",
    "Spec": {"Name": "db", "Labels": {"tier": "db"}, "New": [None, 2**64 - 1]},
}
CONFIG = {**SECRET, "ID": "t65szs7y68cfmqcloq3vsp8gz"}
CONFIG["Spec"] = {"Name": "web", "Labels": {"tier": "web"}, "Data": "aHVzaA==", "New": [None]}
OF_SECRET = f"/secrets/{SECRET['ID']}"
OF_CONFIG = f"/configs/{CONFIG['ID']}"
THE_SECRET, THE_CONFIG = Secret.parse(SECRET), Config.parse(CONFIG)
GOLANG = Driver(name="golang")


def relabelled(spec: Any) -> Any:
    return attrs.evolve(spec, labels={"a": "1"})


ROWS = [
    Row(
        id="secrets",
        call=lambda client: client.secrets(),
        asks=[asked("GET /secrets")],
        answers=[json_reply([SECRET])],
        gives=[THE_SECRET],
        at=(NEW,),
    ),
    Row(
        id="secrets: every argument",
        call=lambda client: client.secrets(
            filters={"id": "ik", "name": ["d", "w"], "names": "db", "label": "tier=db"}
        ),
        asks=[
            asked(
                "GET /secrets?filters="
                + encoded({"id": ["ik"], "name": ["d", "w"], "names": ["db"], "label": ["tier=db"]})
            )
        ],
        answers=[json_reply(None)],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_secret",
        call=lambda client: client.inspect_secret("db"),
        asks=[asked("GET /secrets/db")],
        answers=[json_reply(SECRET)],
        gives=THE_SECRET,
        at=(NEW,),
    ),
    Row(
        id="create_secret",
        call=lambda client: client.create_secret("db", b"hush\xfb\xff"),
        asks=[asked("POST /secrets/create", {"Name": "db", "Data": "aHVzaPv/"})],
        answers=[json_reply({"ID": "s1"}, 201)],
        gives="s1",
        at=(NEW,),
    ),
    Row(
        id="create_secret: every argument",
        call=lambda client: client.create_secret(
            "db",
            labels=["tier=db", "x"],
            driver=Driver(name="vault", options={"path": "a"}),
            templating=GOLANG,
        ),
        asks=[
            asked(
                "POST /secrets/create",
                {
                    "Name": "db",
                    "Labels": {"tier": "db", "x": ""},
                    "Driver": {"Name": "vault", "Options": {"path": "a"}},
                    "Templating": {"Name": "golang"},
                },
            )
        ],
        answers=[json_reply({"ID": "s1"}, 201)],
        gives="s1",
        at=(NEW,),
    ),
    Row(
        id="update_secret",
        call=lambda client: client.update_secret(THE_SECRET, relabelled(THE_SECRET.spec)),
        asks=[
            asked(
                f"POST {OF_SECRET}/update?version={2**64 - 1}",
                {**SECRET["Spec"], "Labels": {"a": "1"}},  # type: ignore[dict-item]
            )
        ],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="change_secret",
        call=lambda client: client.change_secret("db", relabelled),
        asks=[
            asked("GET /secrets/db"),
            asked(
                f"POST {OF_SECRET}/update?version={2**64 - 1}",
                {**SECRET["Spec"], "Labels": {"a": "1"}},  # type: ignore[dict-item]
            ),
            asked(f"GET {OF_SECRET}"),
        ],
        answers=[json_reply(SECRET), reply(200), json_reply(SECRET)],
        gives=THE_SECRET,
        at=(NEW,),
    ),
    Row(
        id="remove_secret",
        call=lambda client: client.remove_secret(THE_SECRET),
        asks=[asked(f"DELETE {OF_SECRET}")],
        answers=[reply(204)],
        at=(NEW,),
    ),
    Row(
        id="configs",
        call=lambda client: client.configs(),
        asks=[asked("GET /configs")],
        answers=[json_reply([CONFIG])],
        gives=[THE_CONFIG],
        at=(NEW,),
    ),
    Row(
        id="configs: every argument",
        call=lambda client: client.configs(filters={"id": "t", "name": "w", "label": ["a", "b"]}),
        asks=[
            asked(
                "GET /configs?filters=" + encoded({"id": ["t"], "name": ["w"], "label": ["a", "b"]})
            )
        ],
        answers=[json_reply([])],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="inspect_config",
        call=lambda client: client.inspect_config(THE_CONFIG),
        asks=[asked(f"GET {OF_CONFIG}")],
        answers=[json_reply(CONFIG)],
        gives=THE_CONFIG,
        at=(NEW,),
    ),
    Row(
        id="create_config",
        call=lambda client: client.create_config("web", b"hush"),
        asks=[asked("POST /configs/create", {"Name": "web", "Data": "aHVzaA=="})],
        answers=[json_reply({"ID": "c1"}, 201)],
        gives="c1",
        at=(NEW,),
    ),
    Row(
        id="create_config: every argument",
        call=lambda client: client.create_config(
            "web", b"hush", labels={"a": 1}, templating=GOLANG
        ),
        asks=[
            asked(
                "POST /configs/create",
                {
                    "Name": "web",
                    "Labels": {"a": "1"},
                    "Templating": {"Name": "golang"},
                    "Data": "aHVzaA==",
                },
            )
        ],
        answers=[json_reply({"ID": "c1"}, 201)],
        gives="c1",
        at=(NEW,),
    ),
    Row(
        id="update_config",
        call=lambda client: client.update_config(THE_CONFIG, relabelled(THE_CONFIG.spec)),
        asks=[
            asked(
                f"POST {OF_CONFIG}/update?version={2**64 - 1}",
                {**CONFIG["Spec"], "Labels": {"a": "1"}},  # type: ignore[dict-item]
            )
        ],
        answers=[reply(200)],
        at=(NEW,),
    ),
    Row(
        id="change_config",
        call=lambda client: client.change_config("web", lambda spec: spec),
        asks=[asked("GET /configs/web")],
        answers=[json_reply(CONFIG)],
        gives=THE_CONFIG,
        at=(NEW,),
    ),
    Row(
        id="remove_config",
        call=lambda client: client.remove_config("web"),
        asks=[asked("DELETE /configs/web")],
        answers=[reply(204)],
        at=(NEW,),
    ),
]

STATUSES: Statuses = [
    ("GET /secrets", "secrets", {500: ServerError, 503: ServerError}),
    ("POST /secrets/create", "create_secret", {409: Conflict, 500: ServerError, 503: ServerError}),
    ("GET /secrets/{id}", "inspect_secret", {404: NotFound, 500: ServerError, 503: ServerError}),
    ("DELETE /secrets/{id}", "remove_secret", {404: NotFound, 500: ServerError, 503: ServerError}),
    (
        "POST /secrets/{id}/update",
        "update_secret",
        {400: BadRequest, 404: NotFound, 500: ServerError, 503: ServerError},
    ),
    ("GET /configs", "configs", {500: ServerError, 503: ServerError}),
    ("POST /configs/create", "create_config", {409: Conflict, 500: ServerError, 503: ServerError}),
    ("GET /configs/{id}", "inspect_config", {404: NotFound, 500: ServerError, 503: ServerError}),
    ("DELETE /configs/{id}", "remove_config", {404: NotFound, 500: ServerError, 503: ServerError}),
    (
        "POST /configs/{id}/update",
        "update_config",
        {400: BadRequest, 404: NotFound, 500: ServerError, 503: ServerError},
    ),
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    assert row.play(version) == (row.value(version), row.requests(version))


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_raises_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


# Bad input

NAME = "name: up to 64 letters, digits, and '-', '_' and '.' within were expected, not "
BAD = [
    ("a name that is none", lambda c: c.create_secret("a b", b"x"), ValueError, f"{NAME}'a b'"),
    (
        "a name that is too long",
        lambda c: c.create_config("a" * 65, b"x"),
        ValueError,
        f"{NAME}'{'a' * 65}'",
    ),
    (
        "the content first",
        lambda c: c.create_secret(b"hush", "db"),
        TypeError,
        "name: a string was expected, not bytes",
    ),
    (
        "text",
        lambda c: c.create_secret("db", "hush"),
        TypeError,
        "data: bytes were expected, not str",
    ),
    (
        "no content",
        lambda c: c.create_secret("db"),
        TypeError,
        "data: bytes were expected, not NoneType",
    ),
    (
        "empty",
        lambda c: c.create_secret("db", b""),
        ValueError,
        "data: 1 to 511,999 bytes were expected, not 0",
    ),
    (
        "a secret that is too large",
        lambda c: c.create_secret("db", bytes(512_000)),
        ValueError,
        "data: 1 to 511,999 bytes were expected, not 512,000",
    ),
    (
        "a config that is too large",
        lambda c: c.create_config("web", bytes(1_024_000)),
        ValueError,
        "data: 1 to 1,023,999 bytes were expected, not 1,024,000",
    ),
    (
        "a driver and content",
        lambda c: c.create_secret("db", b"hush", driver=Driver(name="vault")),
        ValueError,
        "data: a secret with a driver has none",
    ),
    (
        "a driver by its name",
        lambda c: c.create_secret("db", driver="vault"),
        TypeError,
        "driver: use dockerapi.Driver(...); it was 'vault'",
    ),
    (
        "a filter of secrets only",
        lambda c: c.configs(filters={"names": "web"}),
        ValueError,
        "filters: one of id, label, name was expected, not 'names'",
    ),
    (
        "an id to be updated",
        lambda c: c.update_secret("db", SecretSpec(name="db")),
        TypeError,
        "secret: the Secret that was read was expected, not a str; change_secret() reads it",
    ),
    (
        "the other kind to be updated",
        lambda c: c.update_config(THE_SECRET.id, ConfigSpec(name="web")),
        TypeError,
        "config: the Config that was read was expected, not a str; change_config() reads it",
    ),
    (
        "the other kind of spec",
        lambda c: c.update_secret(THE_SECRET, {"Name": "db"}),
        TypeError,
        "spec: use dockerapi.SecretSpec(...); it was a dict",
    ),
    (
        "another name",
        lambda c: c.update_secret(THE_SECRET, attrs.evolve(THE_SECRET.spec, name="other")),
        ValueError,
        "spec: name: only labels can be changed; make a new secret",
    ),
    (
        "another content",
        lambda c: c.update_config(THE_CONFIG, attrs.evolve(THE_CONFIG.spec, data=b"other")),
        ValueError,
        "spec: data: only labels can be changed; make a new config",
    ),
    (
        "another driver",
        lambda c: c.update_secret(THE_SECRET, attrs.evolve(THE_SECRET.spec, templating=GOLANG)),
        ValueError,
        "spec: templating: only labels can be changed; make a new secret",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


@pytest.mark.parametrize("name", NO_IDS.values(), ids=NO_IDS)
def test_what_names_nothing_is_refused_and_nothing_is_sent(name: str) -> None:
    check_refused_argument(lambda client: client.inspect_secret(name), ValueError, None)
    check_refused_argument(lambda client: client.remove_secret(name), ValueError, None)
    check_refused_argument(lambda client: client.inspect_config(name), ValueError, None)
    check_refused_argument(lambda client: client.remove_config(name), ValueError, None)


@pytest.mark.parametrize("size", [1, 511_999])
def test_the_sizes_of_a_secret(size: int) -> None:
    data = bytes(size)
    with ScriptedDaemon({"POST /v1.41/secrets/create": json_reply({"ID": "1"}, 201)}) as daemon:
        with Client(daemon.url) as client:
            assert client.create_secret("db", data) == "1"
    assert daemon.requests == [
        asked(
            "POST /v1.41/secrets/create",
            {"Name": "db", "Data": base64.b64encode(data).decode()},
        )
    ]


# What is not what it should be


def test_a_creation_without_an_id_is_shown() -> None:
    with ScriptedDaemon({"POST /v1.41/secrets/create": json_reply({"ID": ""}, 201)}) as daemon:
        with Client(daemon.url) as client, pytest.raises(UnexpectedReply) as caught:
            client.create_secret("db", b"hush")
    assert str(caught.value) == "POST /secrets/create: an ID was expected, not {'ID': ''}"


def test_content_that_is_no_base64_is_not_shown() -> None:
    found = {**CONFIG, "Spec": {"Name": "web", "Data": "hus"}}
    with ScriptedDaemon({"GET /v1.41/configs/web": json_reply(found)}) as daemon:
        with Client(daemon.url) as client, pytest.raises(UnexpectedReply) as caught:
            _ = client.inspect_config("web").spec.data
    assert str(caught.value) == "base64 was expected"


@pytest.mark.parametrize(
    ("words", "users"),
    [
        ("secret 'a, b: c' is in use by the following service: web", ("web",)),
        ("secret 'a' is in use by the following services: web, job", ("web", "job")),
    ],
)
@pytest.mark.parametrize(("status", "code"), [(400, "InvalidArgument"), (500, "3")])
def test_what_a_service_has_cannot_be_removed(
    status: int, code: str, words: str, users: tuple[str, ...]
) -> None:
    message = f"rpc error: code = {code} desc = {words}"
    refusal = json_reply({"message": message}, status)
    with ScriptedDaemon({"DELETE /v1.41/secrets/a": refusal}) as daemon:
        with Client(daemon.url) as client, pytest.raises(InUse) as caught:
            client.remove_secret("a")
    assert (caught.value.users, str(caught.value)) == (
        users,
        f"DELETE /secrets/{{id}}: {status} {message}",
    )


def test_a_driver_that_is_not_there() -> None:
    message = 'rpc error: code = Unknown desc = plugin "vault" not found'
    script = {"POST /v1.41/secrets/create": json_reply({"message": message}, 500)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(PluginNotFound) as caught:
            client.create_secret("db", driver=Driver(name="vault"))
    assert str(caught.value) == f"POST /secrets/create: 500 {message}"


def test_a_driver_is_waited_for_as_long_as_the_engine_looks_for_it() -> None:
    def silent(conversation: Conversation) -> None:
        conversation.wait_for_hangup()

    timeouts = Timeouts(read=60, idle=0.1)
    with ScriptedDaemon({"POST /v1.41/secrets/create": silent}) as daemon:
        with Client(daemon.url, timeout=timeouts) as client, pytest.raises(TimedOut) as caught:
            client.create_secret("db", driver=Driver(name="vault"))
    assert caught.value.kind == "idle"


def test_one_that_was_changed_meanwhile_is_read_again() -> None:
    other = {**SECRET, "Version": {"Index": 8}, "Spec": {"Name": "db", "Labels": {"b": "2"}}}
    message = "rpc error: code = Unknown desc = update out of sequence"
    after = {**other, "Version": {"Index": 9}}
    script: Any = {
        "GET /v1.41/secrets/db": json_reply(SECRET),
        f"GET /v1.41{OF_SECRET}": [json_reply(other), json_reply(after)],
        f"POST /v1.41{OF_SECRET}/update?version={2**64 - 1}": json_reply({"message": message}, 500),
        f"POST /v1.41{OF_SECRET}/update?version=8": reply(200),
    }

    def change(spec: SecretSpec) -> SecretSpec:
        return attrs.evolve(spec, labels={**(spec.labels or {}), "a": "1"})

    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert client.change_secret("db", change) == Secret.parse(after)
        with pytest.raises(OutOfSequence) as caught:
            client.update_secret(THE_SECRET, change(THE_SECRET.spec))
    assert str(caught.value) == f"POST /secrets/{{id}}/update: 500 {message}"
    assert daemon.requests[:5] == [
        asked("GET /v1.41/secrets/db"),
        asked(
            f"POST /v1.41{OF_SECRET}/update?version={2**64 - 1}",
            {**SECRET["Spec"], "Labels": {"tier": "db", "a": "1"}},  # type: ignore[dict-item]
        ),
        asked(f"GET /v1.41{OF_SECRET}"),
        asked(
            f"POST /v1.41{OF_SECRET}/update?version=8",
            {"Name": "db", "Labels": {"b": "2", "a": "1"}},
        ),
        asked(f"GET /v1.41{OF_SECRET}"),
    ]


# Engines that know ids only (1.13.0 to 17.03)


def by_name(name: str, listed: list[Any], call: Any) -> list[Request]:
    """What is asked of 17.03 for a secret that is given by this name."""
    filters = encoded({"names": [name]})
    script = {
        f"GET /v1.27/secrets?filters={filters}": json_reply(listed),
        f"GET /v1.27{OF_SECRET}": json_reply(SECRET),
        f"DELETE /v1.27{OF_SECRET}": reply(204),
        f"GET /v1.27/secrets/{name}": json_reply({"message": "secret not found"}, 404),
    }
    with ScriptedDaemon(script, release="17.03.2-ce", api="1.27", lowest="1.12") as daemon:
        with Client(daemon.url) as client:
            call(client)
    return daemon.requests


LISTED = asked(f"GET /v1.27/secrets?filters={encoded({'names': ['db']})}")


def test_an_old_engine_is_asked_for_the_id_of_a_name() -> None:
    assert by_name("db", [SECRET], lambda client: client.inspect_secret("db")) == [
        LISTED,
        asked(f"GET /v1.27{OF_SECRET}"),
    ]
    assert by_name("db", [SECRET], lambda client: client.remove_secret("db")) == [
        LISTED,
        asked(f"DELETE /v1.27{OF_SECRET}"),
    ]


def test_an_id_that_no_secret_has_for_a_name_goes_as_it_is() -> None:
    other = {**SECRET, "Spec": {"Name": "db-2"}}  # what a list by the beginning would give
    with pytest.raises(NotFound):
        by_name("db", [other], lambda client: client.inspect_secret("db"))


def test_a_value_that_was_read_needs_no_list() -> None:
    assert by_name("db", [], lambda client: client.inspect_secret(THE_SECRET)) == [
        asked(f"GET /v1.27{OF_SECRET}")
    ]


# Secrets stay secret


def test_neither_logs_nor_errors_nor_reprs_have_the_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = []
    refusal = json_reply({"message": "no"}, 400)
    script = {f"POST /v1.41/{what}/create": refusal for what in ("secrets", "configs")}
    with ScriptedDaemon(script) as daemon:
        with Client(daemon.url) as client, caplog.at_level(logging.DEBUG):
            calls: list[Any] = [
                lambda: client.create_secret("db", b"hush"),
                lambda: client.create_config("db", b"hush"),
                lambda: client.create_secret("a b", b"hush"),
                lambda: client.create_secret("db", "hush"),  # type: ignore[arg-type]
                lambda: client.create_secret(b"hush", "db"),  # type: ignore[arg-type]
                lambda: client.create_config("web", [b"hush"]),  # type: ignore[arg-type]
            ]
            for call in calls:
                with pytest.raises((DockerError, ValueError, TypeError)) as caught:
                    call()
                told.append(f"{caught.value} {caught.value!r}")
    told += [record.getMessage() for record in caplog.records]
    told += [repr(THE_CONFIG), str(THE_CONFIG.spec)]
    assert [words for words in told if "hush" in words or "aHVzaA" in words] == []
    assert len(told) > 8


def test_a_reference_is_made_of_what_was_read() -> None:
    assert SecretReference.to(THE_SECRET, target="password", mode=0o400).to_wire() == {
        "SecretID": THE_SECRET.id,
        "SecretName": "db",
        "File": {"Name": "password", "UID": "0", "GID": "0", "Mode": 0o400},
    }
    assert ConfigReference.to(THE_CONFIG).to_wire() == {
        "ConfigID": THE_CONFIG.id,
        "ConfigName": "web",
        "File": {"Name": "web", "UID": "0", "GID": "0", "Mode": 0o444},
    }
