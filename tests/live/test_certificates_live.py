"""Certificates that are wrong, on a real dockerd: each is refused, in a sentence of its own."""

from __future__ import annotations

import contextlib
import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from certificates import NO_TLS, WRONG, Authority, said, wrong
from dockerapi import Client, ConnectionFailed, TLSConfig
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.transport import Transport
from live.engine import PrivateEngine, cannot_start, start
from live.sshd import free_port

pytestmark = [
    pytest.mark.ours,
    pytest.mark.real("starts a real Engine with certificates that are wrong"),
]
MIB = 2**20


class Daemon:
    """An Engine that listens on TCP, and is restarted with other certificates."""

    def __init__(self, engine: PrivateEngine, port: int) -> None:
        self._engine = engine
        self.address = f"localhost:{port}"
        self.url = f"https://{self.address}"

    def serve(self, file: Path | None = None, clients: Path | None = None) -> None:
        """Speaks TLS with a key and certificate, to clients of a CA; without them, plain HTTP."""
        found = {"tlsverify": True, "tlscacert": clients, "tlscert": file, "tlskey": file}
        settings = json.dumps(found if file else {}, default=str)
        (self._engine.folder / "daemon.json").write_text(settings)
        self._engine.restart()


@pytest.fixture(scope="module")
def daemon(programs: Path | None) -> Iterator[Daemon]:
    if why := cannot_start():
        pytest.skip(why)
    port = free_port()
    # Newer ones want a certificate, or to be told that there is none.
    with start(
        programs, "certificates", [f"--host=tcp://localhost:{port}", "--tls=false"]
    ) as engine:
        yield Daemon(engine, port)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_certificate_is_refused_with_the_cure(
    name: str, daemon: Daemon, tmp_path: Path
) -> None:
    file, clients, tls = wrong(name, tmp_path)
    daemon.serve(file, clients)
    url = daemon.url if tls else f"tcp://{daemon.address}"
    with Client(url, tls=tls) as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
    assert said(caught.value, url) == WRONG[name]
    assert caught.value.permanent


def test_tls_to_an_engine_that_speaks_none(daemon: Daemon, tmp_path: Path) -> None:
    daemon.serve()
    with Client(daemon.url, tls=Authority(tmp_path).client()) as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.ping()
    assert said(caught.value, daemon.url) == NO_TLS


@attrs.frozen
class Forgetful(TLSConfig):
    """Shows its certificate as long as it is asked to, and none after that."""

    newest: ssl.TLSVersion = attrs.field(kw_only=True)
    shown: list[TLSConfig] = attrs.field(kw_only=True)

    def context(self) -> ssl.SSLContext:
        context = self.shown[0].context() if self.shown else super().context()
        context.maximum_version = self.newest
        return context


Ask = Callable[[Transport], Any]
ASKED: dict[str, Ask] = {
    "call": lambda transport: transport.call("GET /info"),
    "call with a body": lambda transport: transport.call("POST /containers/create", body={}),
    "stream": lambda transport: transport.stream("GET /events"),
    "hijack": lambda transport: transport.hijack("POST /exec/{id}/start", "e", body={}),
    "websocket": lambda transport: transport.websocket(
        "GET /containers/{id}/attach/ws", "c", query={}
    ),
    "upload": lambda transport: transport.call("POST /images/load", data=bytes(16 * MIB)),
    "upload in chunks": lambda transport: transport.call(
        "POST /images/load", data=(bytes(1000) for _ in range(10_000))
    ),
}


@pytest.fixture(scope="module", params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def forgetful(
    request: pytest.FixtureRequest, daemon: Daemon, tmp_path_factory: pytest.TempPathFactory
) -> Forgetful:
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    daemon.serve(authority.file(), authority.ca)
    return Forgetful(authority.ca, newest=request.param, shown=[authority.client()])


@pytest.mark.parametrize("what", ASKED)
def test_whatever_is_asked_without_a_certificate_says_so(
    what: str, daemon: Daemon, forgetful: Forgetful
) -> None:
    """With TLS 1.3 the refusal comes when the handshake is done: to the first read, or write."""
    tls = attrs.evolve(forgetful, shown=forgetful.shown.copy())
    with contextlib.closing(Transport(Endpoint.parse(daemon.url, tls=tls))) as transport:
        events = transport.stream("GET /events")  # keeps its connection for itself
        tls.shown.clear()
        with pytest.raises(ConnectionFailed) as caught:
            ASKED[what](transport)
        events.close()
    assert said(caught.value, daemon.url) == WRONG["no client certificate"]
    assert caught.value.permanent
