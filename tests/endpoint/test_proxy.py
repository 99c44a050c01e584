"""HTTP proxies: which is taken, and how a connection gets through one."""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import Authority
from dockerapi import Client, Closed, ConnectionFailed, TimedOut, Timeouts, TLSConfig
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.endpoint.proxy import Proxy, proxy_of
from dockerapi.protocol.deadline import Deadline
from proxies import ScriptedProxy
from scripted import (
    PATIENCE,
    UPGRADED,
    Conversation,
    ScriptedDaemon,
    chunked,
    frame,
    json_reply,
)

CONTAINER = {
    "Id": "c",
    "State": {"Running": True},
    "Config": {"OpenStdin": True, "StdinOnce": True},
}


# Through a proxy


def test_calls_streams_and_hijacked_connections_go_through_a_proxy() -> None:
    def attached(c: Conversation) -> None:
        c.send(UPGRADED)
        if "stdin=1" in c.request.target:
            taken.put(c.receive_all())
        else:
            c.send(frame("stdout", taken.get(timeout=PATIENCE)))

    taken: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    script = {
        "GET /v1.41/_ping": json_reply("OK"),
        "GET /v1.41/events": chunked(b"{}", Date="Thu, 01 Jan 2026 00:00:00 GMT"),
        "POST /v1.41/containers/c/attach": attached,
        "GET /v1.41/containers/c/json": [
            json_reply(CONTAINER),
            json_reply(CONTAINER),
            json_reply({**CONTAINER, "State": {"Running": False}}),
        ],
    }
    with ScriptedDaemon(script, tcp=True) as daemon, ScriptedProxy() as proxy:
        with Client(daemon.url, proxy=f"http://ada:s3cret@127.0.0.1:{proxy.port}") as client:
            client.ping()
            with client.events(until=1) as events:
                assert len(list(events)) == 1
            with client.attach("c", stdin=True) as attachment:
                assert attachment.communicate(b"in").stdout == b"in"
            assert "s3cret" not in repr(client) + repr(client._transport.endpoint)
    address = f"127.0.0.1:{daemon.port}"
    assert proxy.heads == 3 * [
        f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n"
        "Proxy-Authorization: Basic YWRhOnMzY3JldA==\r\n\r\n"
    ]


def test_tls_goes_through_a_proxy(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tls")
    script = {"GET /v1.41/_ping": json_reply("OK")}
    with ScriptedDaemon(script, tls=authority.daemon()) as daemon, ScriptedProxy() as proxy:
        with Client(daemon.url, tls=TLSConfig(authority.ca), proxy=proxy.url) as client:
            client.ping()
    assert proxy.heads == [
        f"CONNECT localhost:{daemon.port} HTTP/1.1\r\nHost: localhost:{daemon.port}\r\n\r\n"
    ]


def refusal(url: str, timeout: float | None = 10) -> ConnectionFailed:
    with Client("tcp://engine:1", proxy=url, timeout=timeout) as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
    assert "s3cret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "user", "message"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "",
            "it wants a user and password (407 Proxy Authentication Required)",
        ),
        (
            b"HTTP/1.0 407 \r\n\r\n",
            "ada:s3cret@",
            "it wants another user and password (407)",
        ),
        (
            b"HTTP/1.1 403 Forbidden\r\nX: y\r\n\r\nno",
            "",
            "it does not connect to engine:1 (403 Forbidden)",
        ),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "", "no HTTP proxy answers there: 'SSH-2.0-OpenSSH'"),
        (b"\r\n\r\n", "", "no HTTP proxy answers there: ''"),
        (b"HTTP/1.1 200 OK\r\n", "", "it closed the connection without an answer"),
        (b"", "", "it closed the connection without an answer"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000,
            "",
            "its answer has a head of more than 65,536 bytes",
        ),
    ],
    ids=["407", "407 again", "403", "ssh", "empty", "cut", "nothing", "endless"],
)
def test_a_proxy_that_does_not_connect(answer: bytes, user: str, message: str) -> None:
    with ScriptedProxy(answer) as proxy:
        error = refusal(f"http://{user}127.0.0.1:{proxy.port}")
    assert type(error) is ConnectionFailed
    assert str(error) == f"tcp://engine:1: the proxy {proxy.url}: {message}"
    assert error.permanent == (b" 407 " in answer)


def test_a_proxy_that_is_not_there() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        error = refusal(url)
    assert str(error) == (
        f"tcp://engine:1: the proxy {url}: connection refused. Is it running, and listening there?"
    )


@pytest.fixture
def silent() -> Iterator[tuple[str, threading.Event]]:
    """A proxy that never answers, and whether it was asked."""
    asked = threading.Event()

    def play(sock: socket.socket) -> None:
        assert sock.recv(65536)
        asked.set()
        while sock.recv(65536):
            pass

    with ScriptedDaemon(tcp=True, on_connect=play) as daemon:
        yield f"http://127.0.0.1:{daemon.port}", asked


def test_a_proxy_that_is_silent(silent: tuple[str, threading.Event]) -> None:
    error = refusal(silent[0], timeout=0.05)
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("connect", 0.05)
    assert str(error) == (
        f"tcp://engine:1: the proxy {silent[0]}: no answer within 0.05 seconds (connect timeout)"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux whether all was read")
def test_of_an_answer_that_is_cut_anywhere_not_a_byte_more_is_read() -> None:
    """What follows it is the Engine's."""
    import fcntl
    import termios

    head = b"HTTP/1.1 200 OK\r\n\r\n"

    def play(far: socket.socket, at: int) -> None:
        far.sendall(head[:at])
        # The number of bytes that the other side has not read yet.
        while any(fcntl.ioctl(far, termios.TIOCOUTQ, bytes(4))):
            pass
        far.sendall(head[at:] + b"ENGINE")

    for at in range(1, len(head)):
        near, far = socket.socketpair()
        with near, far:
            playing = threading.Thread(target=play, args=[far, at])
            playing.start()
            Proxy("proxy", 80).tunnel(near, "engine", 2375, Deadline(PATIENCE, "connect"))
            playing.join()
            assert (at, near.recv(100)) == (at, b"ENGINE")


@pytest.mark.parametrize("pause", [0.02, 0.0001])
def test_a_proxy_whose_answer_comes_in_drops(pause: float) -> None:
    near, far = socket.socketpair()
    done = threading.Event()

    def drip() -> None:
        for byte in b"HTTP/1.1 200 OK\r\nA: " + b"b" * 60_000:
            far.sendall(bytes([byte]))
            if done.wait(pause):
                return

    with near, far:
        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            Proxy("proxy", 80).tunnel(near, "engine", 2375, Deadline(0.2, "connect"))
        assert time.monotonic() - began < 5  # all of it takes twice that and more
        done.set()
        dripping.join()


def test_a_client_that_is_closed_while_a_proxy_is_silent(
    silent: tuple[str, threading.Event],
) -> None:
    url, asked = silent
    errors: list[BaseException] = []

    def ping() -> None:
        try:
            client.ping()
        except BaseException as error:
            errors.append(error)

    with Client("tcp://engine:1", proxy=url, timeout=Timeouts(connect=None)) as client:
        pinging = threading.Thread(target=ping, daemon=True)
        pinging.start()
        assert asked.wait(PATIENCE)
        client.close()
        pinging.join(PATIENCE)
    assert [type(error) for error in errors] == [Closed]


# Its URL


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://p:3128", Proxy("p", 3128)),
        ("p:3128", Proxy("p", 3128)),
        ("p", Proxy("p", 80)),
        ("http://[::1]:3128/", Proxy("::1", 3128)),
        ("http://a%40b:c%3Ad@p:1", Proxy("p", 1, "Basic YUBiOmM6ZA==")),
        ("http://a@p:1", Proxy("p", 1, "Basic YTo=")),
    ],
)
def test_the_url_of_a_proxy(url: str, proxy: Proxy) -> None:
    assert Proxy.parse(url) == proxy


@pytest.mark.parametrize(
    "url",
    [
        "http://s3cret:s3cret@",
        "http://s3cret@p:port",
        "http://s3cret@p:0",
        "http://s3cret@p/path",
        "http://s3cret@p?x",
        "http://s3cret@p\r\nX: y",
        "",
    ],
)
def test_what_is_no_proxy_is_not_shown(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Proxy.parse(url)
    assert str(caught.value) == "proxy: http://host:port was expected (what is there is not shown)"


@pytest.mark.parametrize("scheme", ["https", "socks5"])
def test_another_kind_of_proxy_is_not_supported(scheme: str) -> None:
    with pytest.raises(ValueError) as caught:
        Proxy.parse(f"{scheme}://u:s3cret@p:1", "HTTP_PROXY")
    assert str(caught.value) == (
        f"HTTP_PROXY: a proxy that is spoken to by {scheme}:// is not supported; http:// is"
    )


def test_a_proxy_is_a_string() -> None:
    with pytest.raises(TypeError) as caught:
        Client("tcp://h", proxy=b"s3cret")  # type: ignore[arg-type]
    assert str(caught.value) == "proxy: a string was expected, not bytes"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/x", "base_url: a proxy is for TCP, not for a unix socket: 'unix:///x'"),
        ("ssh://h", "base_url: a proxy is for TCP, not for ssh: 'ssh://h'"),
        (None, "proxy= is for TCP: give base_url=, too"),
    ],
)
def test_a_proxy_is_for_tcp(url: str | None, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Client(url, proxy="http://p:1")
    assert str(caught.value) == message


def test_a_proxy_shows_no_secret() -> None:
    proxy = Proxy.parse("http://ada:s3cret@p:1")
    shown = f"{proxy} {proxy!r} {Endpoint.parse('tcp://h', proxy=proxy)!r}"
    assert "s3cret" not in shown and "YWRh" not in shown


# The environment

P = {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://s:2"}


@pytest.mark.parametrize(
    ("environ", "tls", "proxy"),
    [
        ({}, False, None),
        (P, False, Proxy("p", 1)),
        (P, True, Proxy("s", 2)),
        ({"http_proxy": "p:1"}, False, Proxy("p", 1)),
        ({"http_proxy": "q:1", **P}, False, Proxy("p", 1)),
        ({"HTTP_PROXY": ""}, False, None),
        ({"ALL_PROXY": "p:1"}, False, None),
        ({**P, "REQUEST_METHOD": "GET"}, False, None),
        ({**P, "REQUEST_METHOD": "GET"}, True, Proxy("s", 2)),
        ({**P, "NO_PROXY": "other,engine.example.org"}, False, None),
        ({**P, "no_proxy": "*"}, True, None),
    ],
)
def test_the_proxy_of_the_environment(
    environ: dict[str, str], tls: bool, proxy: Proxy | None
) -> None:
    assert proxy_of(environ, "engine.example.org", 2375, tls=tls) == proxy


@pytest.mark.parametrize(
    ("host", "exceptions", "direct"),
    [
        ("localhost", "", True),
        ("127.0.0.1", "", True),
        ("127.9.9.9", "", True),
        ("::1", "", True),
        ("h", "", False),
        ("h", " , ,x, H ", True),
        ("a.example.org", "example.org", True),
        ("example.org", "example.org", True),
        ("anexample.org", "example.org", False),
        ("example.org", ".example.org", False),
        ("a.example.org", ".example.org", True),
        ("a.example.org", "*.example.org", True),
        ("example.org", "*.example.org", False),
        ("h", "h:2375", True),
        ("h", "h:1", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3:2375", True),
        ("10.1.2.3", "10.1.2.3:1", False),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.4/30", False),
        ("h", "10.0.0.0/8", False),
        ("h", "10.0.0.0/800", False),
        ("fd00::5", "fd00::/8", True),
        ("fd00::5", "fd00::5", True),
        ("fd00::5", "[fd00::5]:2375", True),
        ("fd00::5", "[fd00::5]:1", False),
        ("fd00::5", "10.0.0.0/8", False),
        ("h", ":2375", False),
        ("h", "*h", True),
    ],
)
def test_what_is_reached_directly(host: str, exceptions: str, direct: bool) -> None:
    found = proxy_of({**P, "NO_PROXY": exceptions}, host, 2375, tls=False)
    assert found == (None if direct else Proxy("p", 1))


def test_a_variable_that_holds_no_proxy_is_named_and_not_shown() -> None:
    environ = {"DOCKER_HOST": "tcp://h", "http_proxy": "http://u:s3cret@p:port"}
    with pytest.raises(ValueError) as caught:
        Client.from_env(environ)
    assert str(caught.value) == (
        "http_proxy: http://host:port was expected (what is there is not shown)"
    )
