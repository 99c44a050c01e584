"""Where the Engine is, and what is said when it is not there."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certificates import Authority
from dockerapi import Client, ConnectionFailed, TimedOut, Timeouts, TLSConfig
from dockerapi.endpoint.endpoint import Endpoint, translate_error
from dockerapi.endpoint.proxy import Proxy
from dockerapi.protocol.deadline import Deadline
from scripted import PATIENCE, ScriptedDaemon, reply

# URLs

TLS = TLSConfig()
NAMED = TLSConfig(server_name="engine")
SOON = Deadline(10, "connect")


@pytest.mark.parametrize(
    ("url", "tls", "endpoint", "text", "address"),
    [
        ("unix:///run/d.sock", None, Endpoint(("/run/d.sock",)), "unix:///run/d.sock", "localhost"),
        ("UNIX:///run/d.sock", None, Endpoint(("/run/d.sock",)), "unix:///run/d.sock", "localhost"),
        ("/run/d.sock", None, Endpoint(("/run/d.sock",)), "unix:///run/d.sock", "localhost"),
        ("unix:///a%20b", None, Endpoint(("/a%20b",)), "unix:///a%20b", "localhost"),
        ("unix:///a b", None, Endpoint(("/a b",)), "unix:///a b", "localhost"),
        (" /run/a b ", None, Endpoint(("/run/a b",)), "unix:///run/a b", "localhost"),
        ("tcp://h:1", None, Endpoint((), "h", 1), "tcp://h:1", "h:1"),
        ("tcp://h:1/", None, Endpoint((), "h", 1), "tcp://h:1", "h:1"),
        ("tcp://h:1/a/b/", None, Endpoint((), "h", 1, prefix="/a/b"), "tcp://h:1/a/b", "h:1"),
        (
            "h/%61ü",
            None,
            Endpoint((), "h", 2375, prefix="/%61%C3%BC"),
            "tcp://h:2375/%61%C3%BC",
            "h:2375",
        ),
        (
            "https://h/a",
            None,
            Endpoint((), "h", 2376, TLS, prefix="/a"),
            "https://h:2376/a",
            "h:2376",
        ),
        ("tcp://h", None, Endpoint((), "h", 2375), "tcp://h:2375", "h:2375"),
        ("h", None, Endpoint((), "h", 2375), "tcp://h:2375", "h:2375"),
        ("h:1", None, Endpoint((), "h", 1), "tcp://h:1", "h:1"),
        ("H:1", None, Endpoint((), "h", 1), "tcp://h:1", "h:1"),
        (
            "tcp://bücher.example",
            None,
            Endpoint((), "xn--bcher-kva.example", 2375),
            "tcp://xn--bcher-kva.example:2375",
            None,
        ),
        ("127.0.0.1:65535", None, Endpoint((), "127.0.0.1", 65535), "tcp://127.0.0.1:65535", None),
        ("http://h", None, Endpoint((), "h", 2375), "tcp://h:2375", "h:2375"),
        ("[::1]:1", None, Endpoint((), "::1", 1), "tcp://[::1]:1", "[::1]:1"),
        ("tcp://[::1]", None, Endpoint((), "::1", 2375), "tcp://[::1]:2375", "[::1]:2375"),
        ("https://h", None, Endpoint((), "h", 2376, TLS), "https://h:2376", "h:2376"),
        ("https://h:1", None, Endpoint((), "h", 1, TLS), "https://h:1", "h:1"),
        ("https://h", NAMED, Endpoint((), "h", 2376, NAMED), "https://h:2376", "h:2376"),
        ("tcp://h", NAMED, Endpoint((), "h", 2376, NAMED), "https://h:2376", "h:2376"),
        ("h:1", NAMED, Endpoint((), "h", 1, NAMED), "https://h:1", "h:1"),
    ],
)
def test_a_url_is_read_as(
    url: str, tls: TLSConfig | None, endpoint: Endpoint, text: str, address: str | None
) -> None:
    found = Endpoint.parse(url, tls=tls)
    assert found == endpoint
    assert (str(found), found.address) == (text, address or text.partition("://")[2])


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "base_url: empty, or with white space in it: ''"),
        ("  ", "base_url: empty, or with white space in it: ''"),
        ("tcp://h:1/ x", "base_url: empty, or with white space in it: 'tcp://h:1/ x'"),
        ("tcp://h:1\r\nX: y", r"base_url: empty, or with white space in it: 'tcp://h:1\r\nX: y'"),
        ("/run/a\tb", r"base_url: empty, or with white space in it: '/run/a\tb'"),
        ("unix://run/d.sock", "base_url: the socket's path must be absolute: 'unix://run/d.sock'"),
        ("unix://", "base_url: the socket's path must be absolute: 'unix://'"),
        ("unix:///a\0b", r"base_url: empty, or with white space in it: 'unix:///a\x00b'"),
        ("tcp://a..b", "base_url: no name of a host: 'tcp://a..b'"),
        (f"https://{'h' * 64}:1", f"base_url: no name of a host: 'https://{'h' * 64}:1'"),
        ("tcp://\ud800", "base_url: no name of a host: 'tcp://\\ud800'"),
        (
            "fd://h",
            "base_url: fd:// is not supported: 'fd://h'; use unix:///path, tcp://host:port, "
            "https://host:port or ssh://user@host",
        ),
        (
            "npipe:////./pipe/docker_engine",
            "base_url: Windows named pipes are not supported: 'npipe:////./pipe/docker_engine'; "
            "let the Engine listen on TCP, or use its unix socket from within WSL",
        ),
        (
            "tcp://:1",
            "base_url: host and port were expected, and at most a path: 'tcp://:1'",
        ),
        (
            "h:1/v1.19",
            "base_url: the API version is no part of it; give version=: 'tcp://h:1/v1.19'",
        ),
        ("h:1?x", "base_url: host and port were expected, and at most a path: 'tcp://h:1?x'"),
        ("h:1#x", "base_url: host and port were expected, and at most a path: 'tcp://h:1#x'"),
        ("tcp://h:0", "base_url: port 0: 'tcp://h:0'"),
        ("tcp://h:65536", "base_url: Port out of range 0-65535: 'tcp://h:65536'"),
        ("tcp://user:pw@h:1", "base_url: a user or password in the URL is not supported"),
        ("tcp://user@h:1", "base_url: a user or password in the URL is not supported"),
    ],
)
def test_a_url_that_is_none_is_refused(url: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Endpoint.parse(url)
    assert str(caught.value) == message


@pytest.mark.parametrize("url", ["tcp://h:port", "tcp://h:-1", "tcp://[::1"])
def test_a_url_that_the_standard_library_refuses_is_shown(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Endpoint.parse(url)
    assert str(caught.value).startswith("base_url: ")
    assert str(caught.value).endswith(f": {url!r}")


@pytest.mark.parametrize("url", [1, b"unix:///x", Path("/x"), ["/x"]], ids=repr)
def test_a_url_is_a_string(url: object) -> None:
    with pytest.raises(TypeError) as caught:
        Endpoint.parse(url)  # type: ignore[arg-type]
    assert str(caught.value) == f"base_url: a string was expected, not {url!r}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("unix:///x", "base_url: TLS is for TCP, not for a unix socket: 'unix:///x'"),
        ("http://h", "base_url: http:// and TLS contradict each other: 'http://h'"),
    ],
)
def test_tls_where_there_can_be_none_is_refused(url: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Endpoint.parse(url, tls=TLS)
    assert str(caught.value) == message


def test_without_a_url_the_sockets_are_tried_that_engines_have_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    desktop = "/home/me/.docker/run/docker.sock"
    rootless = f"/run/user/{os.getuid()}/docker.sock"
    assert Endpoint.parse().paths == ("/var/run/docker.sock", rootless, desktop)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    found = Endpoint.parse()
    assert found.paths == ("/var/run/docker.sock", "/run/user/1/docker.sock", desktop)
    assert str(found) == (
        f"unix:///var/run/docker.sock or unix:///run/user/1/docker.sock or unix://{desktop}"
    )


# TLS files


def test_a_certificate_without_its_key_is_refused() -> None:
    for pair in ({"cert": "cert.pem"}, {"key": "key.pem"}):
        with pytest.raises(ValueError) as caught:
            TLSConfig(**pair)  # type: ignore[arg-type]
        assert str(caught.value) == (
            "TLSConfig: cert and key go together; only one of them was given"
        )


def test_the_files_of_a_folder_are_taken_if_they_are_there(tmp_path: Path) -> None:
    assert TLSConfig.from_directory(tmp_path) == TLSConfig()
    (tmp_path / "ca.pem").touch()
    assert TLSConfig.from_directory(str(tmp_path), verify=False) == TLSConfig(
        tmp_path / "ca.pem", verify=False
    )
    (tmp_path / "cert.pem").touch()
    (tmp_path / "key.pem").touch()
    assert TLSConfig.from_directory(tmp_path) == TLSConfig(
        tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    )


# Connecting


def refused(endpoint: Endpoint, timeout: float | None = 10) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as caught:
        endpoint.connect(Deadline(timeout, "connect")).close()
    assert caught.value.__cause__ is not None
    return caught.value


def test_a_socket_that_does_not_exist() -> None:
    error = refused(Endpoint.parse("/nosuch/docker.sock"))
    assert type(error) is ConnectionFailed
    assert str(error) == (
        "unix:///nosuch/docker.sock: the socket does not exist. Is the Engine running, and is "
        "this its socket?"
    )


@pytest.fixture
def abandoned(tmp_path: Path) -> Path:
    """A socket file whose Engine is gone."""
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
    return path


def test_a_socket_on_which_nobody_listens(abandoned: Path) -> None:
    assert str(refused(Endpoint.parse(str(abandoned)))) == (
        f"unix://{abandoned}: connection refused: the socket is there but no Engine listens. "
        "Start the Engine"
    )


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert str(refused(Endpoint.parse(str(path)))) == (
        f"unix://{path}: connection refused: the socket is there but no Engine listens. "
        "Start the Engine"
    )


def test_a_path_that_is_too_long_for_a_socket() -> None:
    path = f"/{'long' * 100}"
    error = refused(Endpoint.parse(path))
    assert type(error) is ConnectionFailed
    assert str(error) == f"unix://{path}: {error.__cause__}"


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root, who may use any socket, becomes somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("group", ["root", "another"])
def test_a_socket_without_permission(group: str) -> None:
    wanted = 0 if group == "root" else next(g.gr_gid for g in grp.getgrall() if g.gr_gid)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        os.chmod(folder, 0o755)
        path = f"{folder}/docker.sock"
        listener.bind(path)
        listener.listen()
        os.chmod(path, 0)
        if os.geteuid() == 0:
            os.chown(path, 0, wanted)
        name = grp.getgrgid(os.stat(path).st_gid).gr_name
        with as_nobody():
            error = refused(Endpoint.parse(path))
    advice = (
        "The socket belongs to root: run this as root, or give the socket a group"
        if name == "root"
        else f"The socket belongs to group {name}: join it (sudo usermod -aG {name} $USER, then "
        "log in again), or use a rootless Engine"
    )
    assert str(error) == f"unix://{path}: permission denied. {advice}"


def test_the_first_default_socket_that_answers_is_taken(tmp_path: Path, abandoned: Path) -> None:
    with ScriptedDaemon(on_connect=lambda sock: sock.sendall(b"here")) as daemon:
        missing = str(tmp_path / "missing")
        endpoint = Endpoint((missing, str(abandoned), daemon.path))
        with contextlib.closing(endpoint.connect(SOON)) as sock:
            assert sock.recv(10) == b"here"


def test_default_sockets_of_which_none_is_there(tmp_path: Path) -> None:
    paths = (str(tmp_path / "one"), str(tmp_path / "two"))
    with pytest.raises(ConnectionFailed) as caught:
        Endpoint(paths).connect(SOON)
    assert str(caught.value) == (
        f"no Engine found: none of {paths[0]}, {paths[1]} is there. Start an Engine, or say where "
        "it is with base_url= or DOCKER_HOST"
    )


def test_default_sockets_of_which_none_answers(tmp_path: Path, abandoned: Path) -> None:
    """The trouble with the one that is there is told."""
    assert str(refused(Endpoint((str(tmp_path / "one"), str(abandoned))))) == (
        f"unix://{abandoned}: connection refused: the socket is there but no Engine listens. "
        "Start the Engine"
    )


@contextlib.contextmanager
def full(listener: socket.socket) -> Iterator[None]:
    """As many connections in the queue of a listener as it takes."""
    listener.listen(0)
    waiting = []
    try:
        for _ in range(3):
            sock = socket.socket(listener.family, socket.SOCK_STREAM)
            waiting.append(sock)
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.connect(listener.getsockname())
        yield
    finally:
        for sock in waiting:
            sock.close()


def test_a_socket_whose_engine_accepts_nobody_times_out(tmp_path: Path) -> None:
    path = str(tmp_path / "docker.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        with full(listener):
            error = refused(Endpoint.parse(path), timeout=0.05)
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("connect", 0.05)
    assert str(error) == f"unix://{path}: no answer within 0.05 seconds (connect timeout)"


def test_a_socket_whose_engine_is_busy_is_waited_for(tmp_path: Path) -> None:
    path = str(tmp_path / "docker.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        with full(listener), contextlib.ExitStack() as accepted:

            def accept() -> None:
                waiting.wait(PATIENCE)
                for _ in range(2):  # one from the queue, which was full, and the one in line
                    accepted.enter_context(listener.accept()[0])

            waiting = threading.Event()
            thread = threading.Thread(target=accept)
            thread.start()
            threading.Timer(0.05, waiting.set).start()
            with contextlib.closing(Endpoint.parse(path).connect(SOON)) as sock:
                thread.join()
                assert sock.gettimeout() == 10


def test_a_port_on_which_nobody_listens() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        error = refused(Endpoint.parse(f"tcp://127.0.0.1:{port}"))
    assert str(error) == (
        f"tcp://127.0.0.1:{port}: connection refused. Is the Engine running, and listening on TCP "
        "there?"
    )


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="no such option here")
def test_a_silent_tcp_connection_is_kept_alive() -> None:
    with ScriptedDaemon(tcp=True, on_connect=lambda sock: None) as daemon:
        with contextlib.closing(Endpoint.parse(daemon.url).connect(SOON)) as sock:
            assert [
                sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
            ] == [1, 30, 30]


def test_a_port_that_does_not_answer_times_out() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        with full(listener):
            url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
            error = refused(Endpoint.parse(url), timeout=0.05)
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("connect", 0.05)
    assert str(error) == f"{url}: no answer within 0.05 seconds (connect timeout)"


def test_a_host_that_is_not_known() -> None:
    with pytest.raises(socket.gaierror) as systems:
        socket.getaddrinfo("engine.invalid", 2375)
    assert str(refused(Endpoint.parse("engine.invalid"))) == (
        f"tcp://engine.invalid:2375: the host name is not known ({systems.value.strerror})"
    )


def test_a_host_name_that_can_be_none() -> None:
    error = refused(Endpoint.parse("h:1", proxy=Proxy("h" * 64, 1)))
    assert type(error) is ConnectionFailed
    assert str(error) == f"tcp://h:1: the proxy http://{'h' * 64}:1: {error.__cause__}"


def test_a_tcp_connection_does_not_wait_to_fill_its_packets() -> None:
    with ScriptedDaemon(tcp=True, on_connect=lambda sock: None) as daemon:
        with contextlib.closing(Endpoint.parse(daemon.url).connect(SOON)) as sock:
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0


# TLS

PING = {"GET /v1.41/_ping": reply(200, b"OK")}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


def answer_of(url: str, tls: TLSConfig | None) -> str:
    """ "OK", or what went wrong with a call over TLS."""
    with Client(url, tls=tls, timeout=Timeouts(connect=10, read=10)) as client:
        try:
            client.ping()
        except ConnectionFailed as error:
            return str(error)
    return "OK"


def test_an_engine_and_a_client_that_trust_each_other(authority: Authority) -> None:
    with ScriptedDaemon(PING, tls=authority.daemon(wants_client=True)) as daemon:
        assert answer_of(daemon.url, authority.client()) == "OK"
        assert answer_of(f"tcp://localhost:{daemon.port}", authority.client()) == "OK"


def test_the_files_are_found_by_the_environment(authority: Authority) -> None:
    authority.client()
    with ScriptedDaemon(PING, tls=authority.daemon(wants_client=True)) as daemon:
        environ = {
            "DOCKER_HOST": f"tcp://localhost:{daemon.port}",
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(authority.ca.parent),
        }
        with Client.from_env(environ) as client:
            client.ping()


def test_a_certificate_of_an_unknown_authority(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with ScriptedDaemon(PING, tls=other.daemon()) as daemon:
        for tls in (TLSConfig(authority.ca), None):
            assert re.match(
                f"{daemon.url}: the Engine's certificate is signed by an authority that is not "
                "trusted here ",
                answer_of(daemon.url, tls),
            )
        assert answer_of(daemon.url, TLSConfig(authority.ca, verify=False)) == "OK"


def test_a_certificate_of_another_host(authority: Authority) -> None:
    with ScriptedDaemon(PING, tls=authority.daemon("engine")) as daemon:
        said = answer_of(daemon.url, TLSConfig(authority.ca))
        assert said.startswith(f"{daemon.url}: the Engine's certificate is for another host (")
        assert answer_of(daemon.url, TLSConfig(authority.ca, server_name="engine")) == "OK"
        assert answer_of(daemon.url, TLSConfig(authority.ca, verify=False)) == "OK"


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_engine_that_wants_a_certificate_and_gets_none(
    newest: ssl.TLSVersion, authority: Authority
) -> None:
    """With TLS 1.3 the client learns it only when it reads."""
    with ScriptedDaemon(PING, tls=authority.daemon(wants_client=True, newest=newest)) as daemon:
        said = answer_of(daemon.url, TLSConfig(authority.ca))
    where, reason = "", "SSLV3_ALERT_HANDSHAKE_FAILURE"
    if newest is ssl.TLSVersion.TLSv1_3:
        where, reason = "GET /_ping: ", "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert said == (
        f"{daemon.url}: {where}the Engine wants a client certificate ({reason}): give TLSConfig() "
        "a cert and its key, signed by the CA that the Engine was given"
    )


def test_an_engine_that_does_not_trust_the_client(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other").client()
    mixed = TLSConfig(authority.ca, other.cert, other.key)
    with ScriptedDaemon(PING, tls=authority.daemon(wants_client=True)) as daemon:
        assert answer_of(daemon.url, mixed) == (
            f"{daemon.url}: GET /_ping: the Engine does not trust the client's certificate "
            "(TLSV1_ALERT_UNKNOWN_CA): have it signed by the CA that the Engine was given as "
            "--tlscacert"
        )


def test_tls_to_an_engine_that_expects_none(authority: Authority) -> None:
    with ScriptedDaemon(PING, tcp=True) as daemon:
        url = f"https://localhost:{daemon.port}"
        assert re.fullmatch(
            rf"{url}: no TLS is spoken there \((WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE)\): "
            r"the Engine expects plain HTTP; leave out tls=",
            answer_of(url, TLSConfig(authority.ca)),
        )


def test_no_tls_to_an_engine_that_expects_it(authority: Authority) -> None:
    with ScriptedDaemon(PING, tls=authority.daemon()) as daemon:
        url = f"tcp://localhost:{daemon.port}"
        assert answer_of(url, None) == f"{url}: the Engine speaks TLS there: give tls= a TLSConfig"


def test_an_engine_that_hangs_up_during_the_handshake(authority: Authority) -> None:
    with ScriptedDaemon(tcp=True, on_connect=lambda sock: sock.recv(1000) and None) as daemon:
        url = f"https://localhost:{daemon.port}"
        said = answer_of(url, TLSConfig(authority.ca))
    assert said in (
        f"{url}: the Engine hung up on TLS. Does it want a client certificate, or another one? "
        "Its log tells",
        f"{url}: the connection was reset. Did the Engine stop, or does it expect plain HTTP "
        "there?",
    )


def test_an_engine_that_is_silent_during_the_handshake(authority: Authority) -> None:
    asked = threading.Event()
    with ScriptedDaemon(tcp=True, on_connect=lambda sock: asked.wait(PATIENCE) and None) as daemon:
        url = f"https://localhost:{daemon.port}"
        try:
            error = refused(Endpoint.parse(url, tls=TLSConfig(authority.ca)), timeout=0.05)
        finally:
            asked.set()
    assert isinstance(error, TimedOut)
    assert (error.kind, error.seconds) == ("connect", 0.05)
    assert str(error) == f"{url}: no answer within 0.05 seconds (connect timeout)"


def test_tls_files_that_are_not_there(tmp_path: Path) -> None:
    tls = TLSConfig(tmp_path / "ca.pem")
    error = refused(Endpoint.parse("h", tls=tls))
    assert str(error) == (
        f"https://h:2376: the TLS files cannot be used ([Errno 2] No such file or directory): {tls}"
    )


def test_tls_files_that_are_none(authority: Authority, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no PEM")
    for tls in (TLSConfig(wrong), TLSConfig(authority.ca, wrong, wrong)):
        error = refused(Endpoint.parse("h", tls=tls))
        assert str(error) == (
            f"https://h:2376: the TLS files cannot be used ({error.__cause__}): {tls}"
        )


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(
    authority: Authority, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
    )
    tls = TLSConfig(authority.ca, authority.ca, key)
    assert str(refused(Endpoint.parse("h", tls=tls))) == (
        "https://h:2376: the TLS files cannot be used (the key has a passphrase, for which nobody "
        f"is asked; give a copy without one): {tls}"
    )


# What an error of the system means


@pytest.mark.parametrize(
    ("error", "where", "message"),
    [
        (
            PermissionError(errno.EACCES, "x"),
            "tcp://h:1",
            "tcp://h:1: permission denied. A firewall or the system refuses this connection",
        ),
        (
            ConnectionResetError(errno.ECONNRESET, "x"),
            "tcp://h:1",
            "tcp://h:1: the connection was reset. Did the Engine stop, or does it expect TLS "
            "there?",
        ),
        (
            BrokenPipeError(errno.EPIPE, "x"),
            "https://h:1",
            "https://h:1: the connection was reset. Did the Engine stop, or does it expect plain "
            "HTTP there?",
        ),
        (
            OSError(errno.ENETUNREACH, "Network is unreachable"),
            "tcp://h:1",
            f"tcp://h:1: [Errno {errno.ENETUNREACH}] Network is unreachable",
        ),
        (OSError(), "tcp://h:1", "tcp://h:1: OSError"),
        (
            ssl.SSLEOFError(8, "x"),
            "https://h:1",
            "https://h:1: the Engine hung up on TLS. Does it want a client certificate, or another "
            "one? Its log tells",
        ),
    ],
    ids=["firewall", "reset", "pipe", "network", "nothing", "TLS"],
)
def test_an_error_of_the_system_means(error: OSError, where: str, message: str) -> None:
    tls = TLS if where.startswith("https") else None
    found = translate_error(error, where, Deadline(1), tls=tls)
    assert type(found) is ConnectionFailed
    assert str(found) == message


def test_a_reset_on_a_unix_socket_is_not_blamed_on_tls() -> None:
    found = translate_error(ConnectionResetError(errno.ECONNRESET, "x"), "unix:///x", Deadline())
    assert str(found) == "unix:///x: the connection was reset. Did the Engine stop?"


def test_a_timeout_that_is_not_ours_says_so() -> None:
    found = translate_error(TimeoutError(errno.ETIMEDOUT, "x"), "tcp://h:1", Deadline())
    assert isinstance(found, TimedOut)
    assert (found.kind, found.seconds) == ("read", None)
    assert str(found) == "tcp://h:1: the system gave up waiting (read)"


def test_a_group_that_cannot_be_found_is_taken_for_the_usual_one(abandoned: Path) -> None:
    abandoned.unlink()  # as unknown as a group without a name
    error = PermissionError(errno.EACCES, "x")
    found = translate_error(error, "unix:///x", Deadline(kind="connect"), path=str(abandoned))
    assert str(found) == (
        "unix:///x: permission denied. The socket belongs to group docker: join it (sudo usermod "
        "-aG docker $USER, then log in again), or use a rootless Engine"
    )
