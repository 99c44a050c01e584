"""Every road to a real Engine carries everything: a table of road and capability, with no hole."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme
from urllib3.exceptions import ProtocolError

from dockerapi import (
    BuildOptions,
    Client,
    Closed,
    ConnectionFailed,
    ContainerConfig,
    ContainerNotFound,
    HostConfig,
    Output,
    TimedOut,
    TLSConfig,
)
from live.busybox import find_busybox, root_file_system
from live.engine import PrivateEngine, cannot_start, start
from live.leaks import programs
from live.programs import Missing, do_without
from live.reader import Reader
from live.sshd import free_port, serve_ssh
from proxies import ScriptedProxy

pytestmark = [pytest.mark.ours, pytest.mark.real("starts a real Engine behind every road")]
ALONE = HostConfig(network_mode="none")
MIB = 2**20

Connect = Callable[[], Client]


class Roads:
    """Ways to two Engines: one that listens on a socket and on TCP, and one that speaks TLS."""

    def __init__(
        self,
        plain: PrivateEngine,
        plain_port: int,
        secure: PrivateEngine,
        secure_port: int,
        tls: TLSConfig,
    ):
        self.plain = plain
        self.secure = secure
        self.port = plain_port
        self.secure_port = secure_port
        self.tls = tls

    def unix(self) -> Client:
        return Client(self.plain.url)

    def tcp(self) -> Client:
        return Client(f"tcp://127.0.0.1:{self.port}")

    def tls_1_3(self) -> Client:
        return Client(f"https://localhost:{self.secure_port}", tls=self.tls)

    def context(self, folder: Path) -> Client:
        return Client.from_env({"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": "secure"})

    def ssh(self) -> Client:
        return Client(f"ssh://engine{self.plain.folder}/docker.sock")

    def proxy(self, proxy: ScriptedProxy) -> Client:
        return Client(f"tcp://127.0.0.1:{self.port}", proxy=proxy.url)

    def tls_and_proxy(self, proxy: ScriptedProxy) -> Client:
        url = f"https://localhost:{self.secure_port}"
        return Client(url, tls=self.tls, proxy=f"http://ada:s3cret@127.0.0.1:{proxy.port}")


def store_context(folder: Path, url: str, tls: TLSConfig) -> None:
    """As `docker context create secure` does."""
    assert tls.ca is not None
    digest = hashlib.sha256(b"secure").hexdigest()
    meta = folder / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    host = {"Host": url, "SkipTLSVerify": False}
    document = {"Name": "secure", "Metadata": {}, "Endpoints": {"docker": host}}
    (meta / "meta.json").write_text(json.dumps(document))
    files = folder / "contexts" / "tls" / digest
    files.mkdir(parents=True)
    (files / "docker").symlink_to(tls.ca.parent)


ROADS = ("unix", "tcp", "tls", "context", "ssh", "proxy", "tls+proxy")


@pytest.fixture(scope="module")
def roads(programs: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roads]:
    if why := cannot_start():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for issued, prefix in (
        (authority.issue_cert("localhost"), "server-"),
        (authority.issue_cert("client@example.org"), ""),
    ):
        issued.cert_chain_pems[0].write_to_path(folder / f"{prefix}cert.pem")
        issued.private_key_pem.write_to_path(folder / f"{prefix}key.pem")
    plain_port, secure_port = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(
            start(programs, "roads", [f"--host=tcp://127.0.0.1:{plain_port}", "--tls=false"])
        )
        secure = stack.enter_context(
            start(
                programs,
                "roads-tls",
                [
                    f"--host=tcp://127.0.0.1:{secure_port}",
                    "--tlsverify",
                    f"--tlscacert={folder}/ca.pem",
                    f"--tlscert={folder}/server-cert.pem",
                    f"--tlskey={folder}/server-key.pem",
                ],
            )
        )
        program = find_busybox(folder)
        assert program is not None
        for engine in (plain, secure):
            with Client(engine.url) as client:
                client.import_image(root_file_system(program), repository="busybox")
        tls = TLSConfig.from_directory(folder)
        yield Roads(plain, plain_port, secure, secure_port, tls)


@pytest.fixture(scope="module")
def containers(roads: Roads) -> dict[PrivateEngine, str]:
    """The id of a container of each Engine that has said "ready" and goes on."""
    found = {}
    for engine in (roads.plain, roads.secure):
        with Client(engine.url) as client:
            id = client.run_detached(
                "busybox", ["sh", "-c", "echo ready; exec sleep 6000"], host_config=ALONE
            )
            with client.logs(id, follow=True) as logs:
                assert next(logs).data == b"ready\n"
        found[engine] = id
    return found


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an `ssh` that knows its way to an sshd of ours."""
    try:
        with serve_ssh(tmp_path_factory.mktemp("ssh")) as folder:
            yield folder
    except Missing as missing:
        do_without(missing)


@pytest.fixture
def connect(
    road: str, roads: Roads, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Connect]:
    """Makes a client that takes the road."""
    monkeypatch = request.getfixturevalue("monkeypatch")
    if road == "ssh":
        folder = request.getfixturevalue("ssh")
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    if road == "context":
        store_context(tmp_path, f"tcp://localhost:{roads.secure_port}", roads.tls)
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(ScriptedProxy()) if "proxy" in road else None
        yield {
            "unix": roads.unix,
            "tcp": roads.tcp,
            "tls": roads.tls_1_3,
            "context": lambda: roads.context(tmp_path),
            "ssh": roads.ssh,
            "proxy": lambda: roads.proxy(proxy),
            "tls+proxy": lambda: roads.tls_and_proxy(proxy),
        }[road]
        assert proxy is None or proxy.heads


# What a road carries. Each gets a client and the id of a running container that says "ready".


def calls(client: Client, id: str) -> None:
    client.ping()
    assert client.inspect_container(id).state.running
    with pytest.raises(ContainerNotFound):
        client.inspect_container("no-such-container")
    assert id in [container.id for container in client.containers()]


def streams(client: Client, id: str) -> None:
    with client.logs(id, follow=True) as logs:
        assert next(logs).data == b"ready\n"
    with client.export(id) as archive:
        with tarfile.open(fileobj=archive, mode="r|") as tar:  # type: ignore[call-overload]
            assert any(member.name == "bin/busybox" for member in tar)


def uploads(client: Client, id: str) -> None:
    data = os.urandom(8 * MIB)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("data")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    client.put_archive(id, "/tmp", packed.getvalue())
    found = client.exec_run(id, ["sha256sum", "/tmp/data"]).output.stdout
    assert found.split()[0].decode() == hashlib.sha256(data).hexdigest()


def hijack(client: Client, id: str) -> None:
    with client.exec_start(client.exec_create(id, ["cat"], stdin=True)) as attachment:
        for number in range(3):
            attachment.write(b"%d\n" % number)
            assert next(attachment).data == b"%d\n" % number


def half_close(client: Client, id: str) -> None:
    data = os.urandom(4 * MIB)
    noisy = ["sh", "-c", "(yes x | head -c 1048576 >&2) & cat; wait; echo end"]
    result = client.exec_run(id, noisy, input=data)
    assert result.exit_code == 0
    assert result.output == Output(data + b"end\n", b"x\n" * (MIB // 2))
    config = ContainerConfig(open_stdin=True, stdin_once=True)
    ran = client.run(
        "busybox", ["sha256sum"], config=config, host_config=ALONE, input=data, remove=True
    )
    assert ran.output.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()


def websocket(client: Client, id: str) -> None:
    container = client.run_detached(
        "busybox", ["cat"], config=ContainerConfig(open_stdin=True), host_config=ALONE
    )
    try:
        with client.attach_websocket(container, stdin=True) as attachment:
            attachment.write(b"hello\n")
            assert next(attachment).data == b"hello\n"
    finally:
        client.remove_container(container, force=True)


def at_once(client: Client, id: str) -> None:
    opened = [client.logs(id, follow=True) for _ in range(4)]
    assert [next(logs).data for logs in opened] == [b"ready\n"] * 4
    with ThreadPoolExecutor(4) as threads:
        ran = threads.map(lambda n: client.exec_run(id, ["echo", str(n)]).output.stdout, range(8))
        assert list(ran) == [b"%d\n" % number for number in range(8)]
    for logs in opened:
        logs.close()


def idle_timeout(client: Client, id: str) -> None:
    with client.with_timeouts(idle=0.2).logs(id, follow=True, tail=0) as logs:
        with pytest.raises(TimedOut) as caught:
            next(logs)
    assert (caught.value.kind, caught.value.seconds) == ("idle", 0.2)


def read_timeout(client: Client, id: str) -> None:
    with pytest.raises(TimedOut) as caught:
        client.wait(id, timeout=0.2)
    assert caught.value.kind == "read"


def close_in_a_call(client: Client, id: str) -> None:
    assert_ended(client, lambda: client.wait(id), Closed)


def close_in_a_stream(client: Client, id: str) -> None:
    logs = client.logs(id, follow=True, tail=0)
    assert_ended(client, lambda: list(logs), None)


def close_in_a_stream_of_the_session(client: Client, id: str) -> None:
    client.session.get(f"/containers/{id}/json")
    query = {"stdout": 1, "follow": 1, "tail": 0}
    answer = client.session.get(f"/containers/{id}/logs", params=query, stream=True)
    assert_ended(client, lambda: answer.raw.read(1), ProtocolError)


def close_in_an_attachment(client: Client, id: str) -> None:
    attachment = client.attach(id)
    assert_ended(client, lambda: list(attachment), None)


def assert_ended(
    client: Client, act: Callable[[], object], error: type[BaseException] | None
) -> None:
    reader = Reader(act)
    reader.wait_until_blocked()
    began = time.monotonic()
    client.close()
    reader.join(20)
    assert reader.ended_at - began < 1
    assert (type(reader.error) if reader.error else None) is error


def session(client: Client, id: str) -> None:
    asked = client.session
    assert asked.get(f"/containers/{id}/json").json()["Id"] == id
    assert asked.get("/containers/no-such-container/json").status_code == 404
    query = {"stdout": 1, "follow": 1}
    with asked.get(f"/containers/{id}/logs", params=query, stream=True) as logs:
        assert logs.raw.read(14)[8:] == b"ready\n"
    data = os.urandom(4 * MIB)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("sent")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    for sent in (packed.getvalue(), iter([packed.getvalue()])):
        path = f"/containers/{id}/archive"
        assert asked.put(path, params={"path": "/tmp"}, data=sent).status_code == 200
        back = asked.get(path, params={"path": "/tmp/sent"}).content
        with tarfile.open(fileobj=io.BytesIO(back)) as tar:
            file = tar.extractfile("sent")
            assert file is not None and file.read() == data


def session_after_an_attach(client: Client, id: str) -> None:
    """The request after it must not be written into the input of the container."""
    container = client.run_detached(
        "busybox", ["cat"], config=ContainerConfig(open_stdin=True), host_config=ALONE
    )
    try:
        attached = client.session.post(
            f"/containers/{container}/attach",
            params={"stdin": 1, "stdout": 1, "stream": 1},
            headers={"Upgrade": "tcp", "Connection": "Upgrade"},
        )
        assert attached.status_code == 101
        found = client.session.get(f"/containers/{container}/json").json()
        assert (found["Id"], found["State"]["Running"]) == (container, True)
        client.kill(container)
        client.wait(container)
        assert client.logs(container).read() == Output(b"", b"")
    finally:
        client.remove_container(container, force=True)


def buildkit_session(client: Client, id: str) -> None:
    options = BuildOptions(builder="buildkit", no_cache=True, secrets={"x": b"s3cret"})
    dockerfile = "FROM busybox\nRUN --mount=type=secret,id=x cp /run/secrets/x /y\n"
    files = io.BytesIO()
    text = io.StringIO(f"{dockerfile}FROM scratch\nCOPY --from=0 /y /\n")
    client.build_files(None, files, dockerfile=text, options=options)
    files.seek(0)
    with tarfile.open(fileobj=files) as tar:
        content = tar.extractfile("y")
        assert content is not None and content.read() == b"s3cret"


CAPABILITIES = (
    calls,
    streams,
    uploads,
    hijack,
    half_close,
    websocket,
    session,
    session_after_an_attach,
    buildkit_session,
    at_once,
    idle_timeout,
    read_timeout,
    close_in_a_call,
    close_in_a_stream,
    close_in_a_stream_of_the_session,
    close_in_an_attachment,
)

table: dict[tuple[str, str], str] = {}


def left_open() -> tuple[int, int, list[str]]:
    """The files and threads of this process, and the programs that it has begun, zombies, too."""
    ours = [line for line in programs() if "ssh" in line and "sshd" not in line]
    return len(os.listdir("/proc/self/fd")), threading.active_count(), ours


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda found: found.__name__)
def test_a_road_carries(
    road: str,
    capability: Callable[[Client, str], None],
    connect: Connect,
    roads: Roads,
    containers: dict[PrivateEngine, str],
) -> None:
    secure = "tls" in road or road == "context"
    id = containers[roads.secure if secure else roads.plain]
    before = left_open()
    with connect() as client:
        began = time.monotonic()
        capability(client, id)
        table[road, capability.__name__] = f"{(time.monotonic() - began) * 1000:.0f} ms"
    if "proxy" not in road:  # the proxy of the tests has threads and sockets in this process, too
        assert left_open() == before


def test_the_table_has_no_hole(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the roads that this run takes: where a test failed, CI runs that and this one again."""
    named = test_a_road_carries.__name__
    asked = [item for item in request.session.items if item.name.startswith(f"{named}[")]
    if not table:
        pytest.skip("no road was taken")
    width = max(len(capability.__name__) for capability in CAPABILITIES)
    with capsys.disabled():
        print("\n" + " " * width + "".join(f"{road:>11}" for road in ROADS))
        for capability in CAPABILITIES:
            cells = (table.get((road, capability.__name__), "") for road in ROADS)
            print(f"{capability.__name__:<{width}}" + "".join(f"{cell:>11}" for cell in cells))
    assert len(table) == len(asked)


# What is said when a road leads nowhere


def test_what_ssh_itself_says(ssh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(ssh), prepend=os.pathsep)
    for url, said in (
        ("ssh://nobody@engine", "Permission denied"),
        ("ssh://engine:1", "Connection refused"),
        ("ssh://engine/nosuch.sock", "nosuch.sock"),
        ("ssh://127.0.0.1:1", "Connection refused"),
    ):
        with Client(url) as client:
            with pytest.raises(ConnectionFailed) as caught:
                client.ping()
        assert str(caught.value).startswith(f"{url}: ssh ended with exit code ")
        assert said in str(caught.value)


def test_an_unknown_host_is_not_asked_about(ssh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(ssh), prepend=os.pathsep)
    known = ssh.parent / "known_hosts"
    text = known.read_text()
    known.write_text("")
    try:
        with Client("ssh://engine") as client:
            with pytest.raises(ConnectionFailed) as caught:
                client.ping()
    finally:
        known.write_text(text)
    assert "Host key verification failed" in str(caught.value)


# An Engine that goes and comes


def test_an_engine_is_waited_for_while_it_starts(roads: Roads) -> None:
    with roads.unix() as client, roads.tcp() as other:
        other.ping()
        assert client.wait_until_ready(10).api_version == client.api_version
        roads.plain.stop()
        with pytest.raises(TimedOut) as caught:
            client.wait_until_ready(0.3)
        assert caught.value.kind == "ready"
        starting = threading.Thread(target=roads.plain.start)
        starting.start()
        try:
            assert client.wait_until_ready(60).version == roads.plain.version
            # Its kept connection is gone; a call that changes nothing does not notice.
            assert other.inspect_image("busybox").id
        finally:
            starting.join()


@pytest.mark.real("beside `docker ps`")
@pytest.mark.parametrize(
    "host", ["", ":1", "tcp://:1", "127.0.0.1:1", "tcp://127.0.0.1:1", "unix:///no"]
)
def test_an_address_means_what_it_means_to_the_command_line(
    docker: str, tmp_path: Path, host: str
) -> None:
    """Of what nobody listens at; with TLS asked for, a file is wanted that is not there."""
    environ = {"HOME": str(tmp_path), "DOCKER_HOST": host}
    with Client.from_env(environ) as client:
        ours = client.base_url
    if host:
        done = subprocess.run([docker, "ps"], env=environ, capture_output=True, text=True)
        assert f"Cannot connect to the Docker daemon at {ours}." in done.stderr
    with_tls = {**environ, "DOCKER_TLS_VERIFY": "1"}
    if not host.startswith("unix"):
        with pytest.raises(ConnectionFailed), Client.from_env(with_tls) as client:
            client.ping()
        done = subprocess.run([docker, "ps"], env=with_tls, capture_output=True, text=True)
        assert f"open {tmp_path}/.docker/ca.pem: no such file or directory" in done.stderr
