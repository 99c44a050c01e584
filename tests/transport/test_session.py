"""The session of requests: every request is the Engine's, and nobody else's."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from certificates import Authority
from dockerapi import Client, Closed, ConnectionFailed, StoredCredentials, TimedOut, Timeouts
from interruptions import descriptors
from proxies import ScriptedProxy
from scripted import (
    PATIENCE,
    RAW_STREAM,
    UPGRADED,
    BeforeBody,
    Conversation,
    Request,
    ScriptedDaemon,
    asked,
    chunk,
    head,
    json_reply,
    ping_of,
    reply,
)

BASE = "http+docker://localhost"
NETWORKS = "GET /v1.41/networks"
FOUND = json_reply([{"Name": "bridge"}])


@contextlib.contextmanager
def playing(script: dict[str, Any], **options: Any) -> Iterator[tuple[ScriptedDaemon, Client]]:
    of_client = {name: options.pop(name) for name in ("credentials", "timeout") if name in options}
    with ScriptedDaemon(script, **options) as daemon, Client(daemon.url, **of_client) as client:
        yield daemon, client


def told(line: str, body: Any = b"", /, **headers: str) -> Request:
    """The request of a session, which says what it accepts."""
    request = asked(line, body, **headers)
    return Request(
        request.method, request.target, {"Accept": "*/*", **request.headers}, request.body
    )


# What is sent


def test_requests_are_sent_to_the_engine_in_the_version_spoken() -> None:
    script = {NETWORKS: FOUND, "POST /v1.41/networks/create": json_reply({"Id": "n1"}, 201)}
    with playing(script) as (daemon, client):
        found = client.session.get("/networks", params={"filters": '{"name": ["a b"]}'})
        made = client.session.post("/networks/create", json={"Name": "one"})
    assert (found.json(), made.status_code, made.json()) == (
        [{"Name": "bridge"}],
        201,
        {"Id": "n1"},
    )
    assert daemon.requests == [
        told("GET /v1.41/networks?filters=%7B%22name%22%3A+%5B%22a+b%22%5D%7D"),
        told("POST /v1.41/networks/create", {"Name": "one"}),
    ]


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/networks", "/v1.41/networks"),
        ("networks", "/v1.41/networks"),
        (b"/networks", "/v1.41/networks"),
        ("/networks?a=1", "/v1.41/networks?a=1"),
        ("networks?next=http://elsewhere/", "/v1.41/networks?next=http://elsewhere/"),
        ("/v1.24/networks", "/v1.24/networks"),
        ("/v2/networks", "/v1.41/v2/networks"),
        (f"{BASE}/networks", "/v1.41/networks"),
        (f"{BASE}/v1.24/networks", "/v1.24/networks"),
        (BASE, "/v1.41/"),
        ("", "/v1.41/"),
        ("//elsewhere/networks", "/v1.41//elsewhere/networks"),
        (
            "/images/registry:5000/a%2Fb@sha256:1/json",
            "/v1.41/images/registry:5000/a%2Fb@sha256:1/json",
        ),
    ],
)
def test_a_path_is_joined_to_the_engine_and_its_version(url: Any, sent: str) -> None:
    with playing({f"GET {sent}": reply()}) as (daemon, client):
        assert client.session.get(url).url == BASE + sent
    assert daemon.requests == [told(f"GET {sent}")]


def test_the_path_of_the_url_of_the_engine_goes_before_every_other() -> None:
    script = {
        "GET /engine/_ping": ping_of("20.10.24", "1.41"),
        "GET /engine/v1.41/info": json_reply({"Containers": 3}),
    }
    with ScriptedDaemon(script, tcp=True) as daemon, Client(f"{daemon.url}/engine") as client:
        assert client.session.get("/info").json() == {"Containers": 3}


def test_a_prepared_request_is_sent_as_it_was_prepared() -> None:
    with playing({NETWORKS: FOUND}) as (daemon, client):
        given = requests.Request("GET", "/networks", headers={"X-Mine": "1"})
        prepared = client.session.prepare_request(given)
        assert (prepared.url, given.url) == (f"{BASE}/v1.41/networks", "/networks")
        assert client.session.send(prepared).json() == [{"Name": "bridge"}]
    assert daemon.requests == [told(NETWORKS, X_Mine="1")]


def test_headers_of_the_client_go_to_the_engine_and_to_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"HttpHeaders": {"X-Secret": "1", "User-Agent": "x"}}')
    credentials = StoredCredentials.from_env({"DOCKER_CONFIG": str(tmp_path)})
    with playing({NETWORKS: FOUND}, credentials=credentials) as (daemon, client):
        client.session.get("/networks", headers={"User-Agent": "mine", "Host": "mine"})
        elsewhere = client.session.prepare_request(requests.Request("GET", "http://elsewhere/"))
    assert daemon.requests == [told(NETWORKS, X_Secret="1")]
    lines = daemon.requests[0].head.splitlines()
    assert "Host: localhost" in lines
    assert [line for line in lines if line.startswith("User-Agent: dockerapi/")] != []
    assert "X-Secret" not in elsewhere.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere/networks",
        "https://localhost/networks",
        "http://localhost/networks",
        "http+docker://elsewhere/networks",
        "http+docker://localhost.elsewhere/networks",
        "http+docker://localhost:80/networks",
        "http+docker://localhost@elsewhere/networks",
        "http+unix://%2Frun%2Fdocker.sock/networks",
        "file:///etc/passwd",
    ],
)
def test_another_host_is_refused(url: str) -> None:
    with playing({}) as (daemon, client), pytest.raises(requests.exceptions.InvalidSchema):
        client.session.get(url)
    assert (daemon.requests, daemon.connections) == ([], 0)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"verify": False}, "verify"),
        ({"verify": "/etc/ssl/certs"}, "verify"),
        ({"cert": "cert.pem"}, "cert"),
        ({"proxies": {"http": "http://127.0.0.1:1"}}, "proxies"),
    ],
)
def test_what_is_the_affair_of_the_client_is_refused(given: dict[str, Any], name: str) -> None:
    with playing({}) as (daemon, client), pytest.raises(ValueError) as caught:
        client.session.get("/v1.41/networks", **given)
    assert str(caught.value) == (
        f"{name}= is not for this session: TLS and proxies are those of the client. Give them to "
        "Client()"
    )
    assert daemon.connections == 0


def test_a_session_that_is_told_not_to_verify_refuses_too() -> None:
    with playing({}) as (daemon, client):
        client.session.verify = False
        with pytest.raises(ValueError):
            client.session.get("/v1.41/networks")
    assert daemon.connections == 0


def test_no_environment_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    (tmp_path / "netrc").write_text("machine localhost login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with playing({NETWORKS: FOUND}) as (daemon, client):
        client.session.get("/networks")
    assert daemon.requests == [told(NETWORKS)]


def test_uploads_are_sent_as_requests_sends_them(tmp_path: Path) -> None:
    large = bytes(range(256)) * 4096
    (tmp_path / "file").write_bytes(large)
    load = "POST /v1.41/images/load"
    with playing({load: [reply()] * 3}) as (daemon, client):
        client.session.post("/images/load", data=large)
        client.session.post("/images/load", data=iter([b"one", b"two"]))
        with (tmp_path / "file").open("rb") as file:
            client.session.post("/images/load", data=file)
    assert daemon.requests == [told(load, large), told(load, b"onetwo"), told(load, large)]


def test_an_upload_waits_as_long_as_the_client_reads_not_as_long_as_it_connects() -> None:
    large = bytes(4 * 2**20)

    def play(c: Conversation) -> None:
        threading.Event().wait(0.6)  # longer than a connection may take
        assert c.receive(len(large)) == large
        c.send(reply())

    timeout = Timeouts(connect=0.5, read=PATIENCE)
    with playing({"POST /v1.41/images/load": BeforeBody(play)}, timeout=timeout) as (_, client):
        assert client.session.post("/images/load", data=large).status_code == 200


# What comes back


def test_a_redirect_comes_back_as_it_is() -> None:
    answer = reply(302, b"", Location="http://elsewhere/")
    with playing({NETWORKS: [answer, answer]}) as (daemon, client):
        for allowed in (True, False):
            found = client.session.get("/networks", allow_redirects=allowed)
            assert (found.status_code, found.history, found.next) == (302, [], None)
            assert found.headers["Location"] == "http://elsewhere/"
    assert len(daemon.requests) == 2


def test_a_cookie_is_not_kept() -> None:
    with playing({NETWORKS: [reply(Set_Cookie="a=1"), reply()]}) as (daemon, client):
        client.session.get("/networks")
        client.session.get("/networks", cookies={"mine": "2"})
        assert client.session.cookies.get_dict() == {}
    assert daemon.requests == [told(NETWORKS), told(NETWORKS, Cookie="mine=2")]


def test_an_error_of_the_engine_is_an_answer() -> None:
    with playing({NETWORKS: json_reply({"message": "no"}, 404)}) as (_, client):
        found = client.session.get("/networks")
        assert (found.status_code, found.json()) == (404, {"message": "no"})
        with pytest.raises(requests.HTTPError):
            found.raise_for_status()


def test_one_connection_serves_every_path() -> None:
    with playing({NETWORKS: FOUND, "GET /v1.41/volumes": reply()}) as (daemon, client):
        for _ in range(3):
            client.session.get("/networks")
            client.session.get("/volumes")
        assert daemon.connections == 2  # the first has asked for the version


def test_a_connection_that_was_hung_up_is_not_used_again() -> None:
    with playing({NETWORKS: FOUND}) as (daemon, client):
        client.session.get("/networks")
        daemon.hang_up()
        daemon.settle()
        assert client.session.get("/networks").json() == [{"Name": "bridge"}]


ATTACH = "POST /v1.41/containers/c1/attach"
START = "POST /v1.41/exec/e1/start"
GLUED = head(200, Content_Length="3") + b"out"


@pytest.mark.parametrize("line", [ATTACH, START])
@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [(UPGRADED, 101, b""), (RAW_STREAM + b"out", 200, b"out"), (GLUED, 200, b"out")],
    ids=["101", "200", "200 with a length"],
)
def test_a_connection_that_has_left_http_serves_no_other_request(
    line: str, answer: bytes, status: int, body: bytes
) -> None:
    """Else that request would be written into the input of a container."""
    received: list[bytes] = []

    def play(c: Conversation) -> None:
        c.send(answer)
        received.append(c.receive_all())

    with playing({line: play, NETWORKS: FOUND}) as (_, client):
        found = client.session.post(
            line.partition(" ")[2],
            headers={"Upgrade": "tcp", "Connection": "Upgrade"},
            stream=True,
        )
        assert (found.status_code, found.raw.read(3)) == (status, body)
        found.close()
        assert client.session.get("/networks").json() == [{"Name": "bridge"}]
    assert received == [b""]


# Limits and errors


def silent(c: Conversation) -> None:
    c.wait_for_hangup()


def test_without_a_timeout_those_of_the_client_hold() -> None:
    timeout = Timeouts(connect=PATIENCE, read=0.1)
    with playing({NETWORKS: silent}, timeout=timeout) as (_, client):
        with pytest.raises(requests.ReadTimeout):
            client.with_timeouts(read=PATIENCE).session.get("/v1.41/networks", timeout=0.1)
        with pytest.raises(requests.ReadTimeout):
            client.session.get("/v1.41/networks")


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    with Client(f"unix://{tmp_path}/none.sock") as client:
        for path in ("/networks", "/v1.41/networks"):  # the version is asked for, or it is not
            with pytest.raises(requests.ConnectionError) as caught:
                client.session.get(path)
            assert type(caught.value) is requests.ConnectionError
            assert type(caught.value.__cause__) is ConnectionFailed
            assert str(caught.value) == str(caught.value.__cause__)
            assert f"{tmp_path}/none.sock" in str(caught.value)


def test_a_connection_that_takes_too_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # TLS that is never spoken
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with Client(url, tls=True, timeout=Timeouts(connect=0.1)) as client:
            with pytest.raises(requests.ConnectTimeout) as caught:
                client.session.get("/v1.41/networks")
    assert type(caught.value.__cause__) is TimedOut


def test_an_engine_that_is_none() -> None:
    with playing({"GET /version": json_reply([])}) as (_, client):
        with pytest.raises(requests.ConnectionError) as caught:
            client.session.get("/networks")
    assert str(caught.value) == str(caught.value.__cause__)


@pytest.mark.parametrize("path", ["/networks", "/v1.41/networks"])
def test_every_request_of_a_closed_client_is_refused(path: str) -> None:
    with playing({NETWORKS: FOUND}) as (daemon, client):
        session = client.session
        session.get("/networks")
        client.close()
        for each in (session, client.session):
            with pytest.raises(requests.ConnectionError) as caught:
                each.get(path)
            assert type(caught.value.__cause__) is Closed
    assert len(daemon.requests) == 1


def test_closing_the_client_ends_a_request_in_another_thread() -> None:
    begun = threading.Event()
    errors: list[BaseException] = []

    def play(c: Conversation) -> None:
        begun.set()
        c.wait_for_hangup()

    def ask() -> None:
        try:
            client.session.get("/networks")
        except BaseException as error:
            errors.append(error)

    with playing({NETWORKS: play}) as (_, client):
        asking = threading.Thread(target=ask)
        asking.start()
        assert begun.wait(PATIENCE)
        client.close()
        asking.join(PATIENCE)
    assert [(type(error), type(error.__cause__)) for error in errors] == [
        (requests.ConnectionError, Closed)
    ]


def test_closing_the_client_wakes_a_stream_and_leaves_no_descriptor() -> None:
    def play(c: Conversation) -> None:
        c.send(head(Transfer_Encoding="chunked") + chunk(b"one"))
        c.wait_for_hangup()

    with ScriptedDaemon({"GET /v1.41/events": play, NETWORKS: FOUND}) as daemon:
        before = descriptors()
        with Client(daemon.url) as client:
            session = client.session
            session.get("/networks")
            with session.get("/events", stream=True) as answer:
                blocks = answer.iter_content(None)
                assert next(blocks) == b"one"
                session.get("/networks")
                closing = threading.Thread(target=client.close)
                closing.start()
                with pytest.raises(requests.RequestException):
                    next(blocks)
                closing.join(PATIENCE)
        daemon.settle()
        assert descriptors().items() - before.items() == set()


def test_a_view_has_a_session_of_its_own_and_closing_any_closes_all() -> None:
    with playing({NETWORKS: FOUND}) as (daemon, client):
        view = client.with_timeouts(read=5)
        assert view.session is not client.session
        assert (view.session, client.session) == (view.session, client.session)
        assert view.session.get("/networks") and client.session.get("/networks")
        before = descriptors()
        view.close()
        daemon.settle()
        assert len(before.keys() - descriptors().keys()) >= 2
        with pytest.raises(requests.ConnectionError):
            client.session.get("/networks")


def test_closing_the_session_leaves_the_client_as_it_is() -> None:
    with playing({NETWORKS: FOUND}) as (_, client):
        with client.session as session:
            session.get("/networks")
        assert session.get("/networks").json() == [{"Name": "bridge"}]
        assert client.api_version == "1.41"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_a_session_of_its_own() -> None:
    with playing({NETWORKS: FOUND}) as (daemon, client):
        session = client.session
        session.get("/networks")
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                other = client.session
                good = (
                    other is not session
                    and other.get("/networks").ok
                    and session.get("/networks").ok
                )
                client.close()
                code = 0 if good else 2
            os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        connections = daemon.connections
        assert session.get("/networks").json() == [{"Name": "bridge"}]
        assert daemon.connections == connections  # the parent's is as it was


# Roads that a scripted peer can play; tests/live has them all


def test_over_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    large = bytes(2**20)
    load = "POST /v1.41/images/load"
    with ScriptedDaemon(
        {NETWORKS: FOUND, load: reply()}, tls=authority.daemon(wants_client=True)
    ) as daemon:
        with Client(daemon.url, tls=authority.client()) as client:
            for _ in range(3):
                assert client.session.get("/networks").json() == [{"Name": "bridge"}]
            client.session.post("/images/load", data=large)
            assert daemon.connections == 2
    assert daemon.requests == [told(NETWORKS)] * 3 + [told(load, large)]


def test_through_a_proxy() -> None:
    with ScriptedDaemon({NETWORKS: FOUND}, tcp=True) as daemon, ScriptedProxy() as proxy:
        with Client(daemon.url, proxy=proxy.url) as client:
            assert client.session.get("/networks").json() == [{"Name": "bridge"}]
        assert [line.split()[0] for line in proxy.heads] == ["CONNECT", "CONNECT"]


# What users of requests do with a session


class Canned(BaseAdapter):
    """A mock as requests itself has them: an adapter that answers without an Engine."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str | None] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        self.urls.append(request.url)
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 418, request, str(request.url)
        return answer

    def close(self) -> None:
        pass


def test_another_adapter_may_be_mounted() -> None:
    with playing({}) as (daemon, client):
        canned = Canned()
        client.session.mount(BASE, canned)
        client.session.mount(f"{BASE}/", canned)
        assert client.session.get("/v1.41/networks").status_code == 418
    assert (canned.urls, daemon.connections) == ([f"{BASE}/v1.41/networks"], 0)


def test_who_replaces_the_sending_of_requests_replaces_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the package `responses` does."""
    canned = Canned()

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> Any:
        return canned.send(request)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    with playing({}) as (_, client):
        assert client.session.get("/networks").status_code == 418
    assert canned.urls == [f"{BASE}/v1.41/networks"]


def test_a_hook_sees_the_request_and_the_answer() -> None:
    seen: list[Any] = []

    def hook(answer: requests.Response, *args: Any, **options: Any) -> None:
        seen.append((answer.request.method, answer.request.url, answer.json()))

    with playing({NETWORKS: FOUND}) as (_, client):
        client.session.hooks["response"].append(hook)
        client.session.get("/networks")
    assert seen == [("GET", f"{BASE}/v1.41/networks", [{"Name": "bridge"}])]
