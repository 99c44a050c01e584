"""What BuildKit asks for in a session: secrets, credentials, agents of ssh; and files that come."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import io
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dockerapi import (
    BuildFailed,
    BuildOptions,
    BuildSecret,
    Client,
    Credentials,
    NotSupported,
    StoredCredentials,
)
from live.agents import context_with_ssh_add, serve_agent
from live.engine import PATIENCE, Engine, cannot_start, numbers
from live.engine import start as start_engine
from live.frontend import ARGUMENT, play_frontend
from live.leaks import left_open
from live.registry import PASSWORD, USERNAME
from live.tokens import serve_tokens

pytestmark = pytest.mark.real("BuildKit")
ADA = Credentials(username=USERNAME, password=PASSWORD)
ALL = bytes(range(256))


@pytest.fixture
def start(busybox: str, label: dict[str, str]) -> str:
    """How a Dockerfile begins."""
    return _start(busybox, label)


def _start(base: str, label: dict[str, str]) -> str:
    [(key, value)] = label.items()
    return f"FROM {base}\nLABEL {key}={value}\n"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No thread outlives a build; one of another test may (test_signals_live)."""
    before = set(threading.enumerate())
    yield
    names = [thread.name for thread in threading.enumerate() if thread not in before]
    assert [name for name in names if name.startswith("dockerapi-")] == []


def text(dockerfile: str) -> io.StringIO:
    return io.StringIO(dockerfile)


def options(**given: object) -> BuildOptions:
    return BuildOptions(builder="buildkit", no_cache=True, **given)  # type: ignore[arg-type]


# Secrets


def test_secrets_arrive_byte_for_byte(newest: Client, start: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(ALL * 2000)
    secrets = {"none": b"", "all": ALL, "a/b.c": BuildSecret(b"x"), "large": tmp_path / "file"}
    mounts = " ".join(
        f"--mount=type=secret,id={id},target=/s/{number}" for number, id in enumerate(secrets)
    )
    built = newest.build(
        None,
        dockerfile=text(f"{start}RUN {mounts} cd /s && sha256sum *\n"),
        options=options(secrets=secrets),
    )
    contents = [b"", ALL, b"x", ALL * 2000]
    sums = [f"{hashlib.sha256(data).hexdigest()}  {n}" for n, data in enumerate(contents)]
    assert [line for line in built.log.splitlines() if re.match("[0-9a-f]{64}  ", line)] == sums


def test_a_secret_comes_as_a_variable_from_engine_28_on(
    newest: Client, engine: Engine, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "first")
    secrets = {"x": BuildSecret.of_env("TOKEN")}
    monkeypatch.setenv("TOKEN", "renewed")
    dockerfile = text(f"{start}RUN --mount=type=secret,id=x,env=IT echo $IT | sha256sum\n")
    if numbers(engine.version) >= [28]:
        built = newest.build(None, dockerfile=dockerfile, options=options(secrets=secrets))
        assert f"{hashlib.sha256(b'renewed' + bytes([10])).hexdigest()}  -" in built.log
    else:
        with pytest.raises(NotSupported) as caught:
            newest.build(None, dockerfile=dockerfile, options=options(secrets=secrets))
        assert str(caught.value).startswith(
            "POST /build with RUN --mount=type=secret,env= needs Engine 28.0.0; this one is 2"
        )


def test_a_required_secret_that_nobody_gave_is_named(
    newest: Client, engine: Engine, start: str
) -> None:
    dockerfile = text(f"{start}RUN --mount=type=secret,id=x,required=true true\n")
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=dockerfile, options=options())
    assert caught.value.message == engine.says(
        {"20.10": "secret x not found: not found", "23.0": "secret x: not found"}
    )
    assert str(caught.value.__cause__) == "secrets: 'x' was asked for, and was not given"


def test_an_optional_secret_may_be_missing(newest: Client, start: str) -> None:
    dockerfile = text(f"{start}RUN --mount=type=secret,id=x ls /run/secrets/x || echo none\n")
    built = newest.build(None, dockerfile=dockerfile, options=options())
    assert "none" in built.log.splitlines()


def test_a_secret_that_is_gone_when_it_is_asked_for_fails_the_build(
    newest: Client, start: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"x")

    def context() -> Iterator[bytes]:
        file.unlink()  # after what was given has been looked at
        yield archive(f"{start}RUN --mount=type=secret,id=x true\n")

    with pytest.raises(BuildFailed) as caught:
        newest.build(context(), options=options(secrets={"x": file}))
    assert caught.value.message.endswith(f"[Errno 2] No such file or directory: '{file}'")
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def archive(dockerfile: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        info = tarfile.TarInfo("Dockerfile")
        info.size = len(dockerfile.encode())
        tar.addfile(info, io.BytesIO(dockerfile.encode()))
    return data.getvalue()


def test_builds_in_threads_have_a_session_each(newest: Client, start: str) -> None:
    def build(number: int) -> bool:
        steps = f"ENV N={number}\nRUN --mount=type=secret,id=x cat /run/secrets/x\n"
        secrets = {"x": f"of {number}\n".encode()}
        built = newest.build(None, dockerfile=text(start + steps), options=options(secrets=secrets))
        return f"of {number}" in built.log.splitlines()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(build, range(4))) == [True] * 4


def test_what_breaks_off_a_build_ends_its_session(newest: Client, start: str) -> None:
    before = left_open()
    dockerfile = f"{start}RUN --mount=type=secret,id=x cat /run/secrets/x; sleep 6000\n"
    with newest.stream_build(
        None, dockerfile=text(dockerfile), options=options(secrets={"x": b"begun\n"})
    ) as stream:
        assert any(value.text == "begun\n" for value in stream)
    assert left_open() == before


# Credentials


@pytest.fixture
def private(newest: Client, busybox: str, registry: str, name: str) -> Iterator[str]:
    """The name of an image that the registry gives to Ada only."""
    yield from pushed(newest, busybox, f"{registry}/{name}:1")


def pushed(client: Client, source: str, image: str) -> Iterator[str]:
    client.tag(source, image)
    client.push(image, auth=ADA)
    client.remove_image(image)
    yield image


def test_a_private_base_is_pulled_with_what_is_given(
    newest: Client, label: dict[str, str], private: str
) -> None:
    auth = {private.partition("/")[0]: ADA}
    dockerfile = f"{_start(private, label)}RUN echo built\n"
    built = newest.build(None, dockerfile=text(dockerfile), options=options(), auth=auth)
    assert "built" in built.log.splitlines()


def test_a_private_base_is_pulled_with_what_is_stored(
    engine: Engine, label: dict[str, str], private: str, tmp_path: Path
) -> None:
    """By a helper, which is asked once, and for that registry only."""
    helper = tmp_path / "docker-credential-test"
    answer = f'{{"Username": "{USERNAME}", "Secret": "{PASSWORD}"}}'
    helper.write_text(f"#!/bin/sh\ncat >> {tmp_path}/asked; echo '{answer}'\n")
    helper.chmod(0o700)
    (tmp_path / "config.json").write_text('{"credsStore": "test"}')
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DOCKER_CONFIG": str(tmp_path)}
    stored = StoredCredentials.from_env(environ)
    dockerfile = f"{_start(private, label)}RUN echo built\n"
    with Client(engine.url, credentials=stored) as client:
        built = client.build(None, dockerfile=text(dockerfile), options=options())
    assert "built" in built.log.splitlines()
    assert (tmp_path / "asked").read_text() == private.partition("/")[0]


def test_a_registry_that_denies_fails_the_build_and_is_named(
    newest: Client, label: dict[str, str], private: str
) -> None:
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=text(_start(private, label)), options=options())
    registry = private.partition("/")[0]
    assert str(caught.value.__cause__) == f"auth: {registry} was asked as nobody"


def test_tokens_come_with_a_password_or_without_any_secret(
    newest: Client,
    busybox: str,
    label: dict[str, str],
    name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with serve_tokens(tmp_path_factory.mktemp("tokens"), anonymous=True) as (registry, tokens):
        for number, auth in enumerate([{registry: ADA}, None]):
            for image in pushed(newest, busybox, f"{registry}/{name}:{number}"):
                tokens.asked.clear()
                dockerfile = f"{_start(image, label)}RUN echo built\n"
                newest.build(None, dockerfile=text(dockerfile), options=options(), auth=auth)
                who = [(USERNAME, "password"), ("", "nothing")][number]
                assert who in tokens.asked


def test_a_frontend_comes_from_a_registry_with_tokens_without_any_secret(
    newest: Client,
    busybox: str,
    start: str,
    label: dict[str, str],
    name: str,
    tmp_path: Path,
) -> None:
    with (
        play_frontend() as (program, asked),
        serve_tokens(tmp_path, anonymous=True) as (registry, tokens),
    ):
        made = f"{_start(busybox, label)}ENTRYPOINT {json.dumps(program)}\n"
        newest.build(None, tag=name, dockerfile=text(made))
        for image in pushed(newest, name, f"{registry}/{name}:1"):
            tokens.asked.clear()
            dockerfile = f"# syntax={image}\n{start}ARG {ARGUMENT}\nRUN echo ${ARGUMENT}\n"
            built = newest.build(None, dockerfile=text(dockerfile), options=options())
    assert ("", "nothing") in tokens.asked
    assert [options["source"] for options in asked] == [image]
    assert "played" in built.log.splitlines()


def test_a_frontend_is_pulled_with_credentials_as_well(
    newest: Client, start: str, private: str
) -> None:
    """It is none, and so fails; but it is not refused by the registry."""
    dockerfile = f"# syntax={private}\n{start}"
    messages = []
    for auth in (None, {private.partition("/")[0]: ADA}):
        with pytest.raises(BuildFailed) as caught:
            newest.build(None, dockerfile=text(dockerfile), options=options(), auth=auth)
        messages.append(caught.value.message)
    assert ["401 Unauthorized" in message for message in messages] == [True, False]


def test_an_image_has_one_manifest_and_no_attestation(
    newest: Client, start: str, registry: str, name: str
) -> None:
    image = f"{registry}/{name}:1"
    plain = BuildOptions(builder="buildkit")
    newest.build(None, tag=image, dockerfile=text(f"{start}RUN true\n"), options=plain)
    newest.push(image, auth=ADA)
    assert {"config", "layers"} < manifest_of(registry, name).keys()  # which a list has not


@pytest.mark.dear
def test_the_cache_in_an_image_is_taken_by_an_engine_that_has_none(
    newest: Client, programs: Path | None, busybox: str, start: str, registry: str, name: str
) -> None:
    if why := cannot_start():
        pytest.skip(why)
    inline: list[dict[str, str]] = [{}, {"BUILDKIT_INLINE_CACHE": "1"}]
    cached = []
    with start_engine(programs, "cache") as private, Client(private.url) as other:
        with newest.get_image(busybox) as base:
            other.load_image(base)
        for number, arguments in enumerate(inline):
            image = f"{registry}/{name}:{number}"
            dockerfile = f"{start}RUN echo {number} > /made\n"
            given = BuildOptions(builder="buildkit", build_args=arguments)
            newest.build(None, tag=image, dockerfile=text(dockerfile), options=given)
            newest.push(image, auth=ADA)
            taken = BuildOptions(builder="buildkit", cache_from=[image])
            built = other.build(
                None, dockerfile=text(dockerfile), options=taken, auth={registry: ADA}
            )
            cached.append("CACHED" in built.log.splitlines())
    assert cached == [False, True]


def manifest_of(registry: str, name: str) -> dict[str, object]:
    """What a registry has under the tag 1: an image, or a list."""
    kinds = ("vnd.oci.image.index.v1", "vnd.oci.image.manifest.v1")
    kinds += ("vnd.docker.distribution.manifest.list.v2", "vnd.docker.distribution.manifest.v2")
    user = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    headers = {
        "Authorization": f"Basic {user}",
        "Accept": ", ".join(f"application/{kind}+json" for kind in kinds),
    }
    with contextlib.closing(http.client.HTTPConnection(registry, timeout=PATIENCE)) as connection:
        connection.request("GET", f"/v2/{name}/manifests/1", headers=headers)
        found: dict[str, object] = json.loads(connection.getresponse().read())
    return found


@pytest.mark.nightly
def test_a_session_costs_a_cached_build_little(
    engine: Engine, start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """20 ms at most are promised of a quiet machine; says how many they are on this one."""
    dockerfile = f"{start}RUN echo 1\nRUN echo 2\nRUN echo 3\n"
    cached = BuildOptions(builder="buildkit")
    times: dict[str, list[float]] = {"1.38": [], "1.41": []}  # the first has no sessions
    with contextlib.ExitStack() as stack:
        clients = {v: stack.enter_context(Client(engine.url, version=v)) for v in times}
        for turn in range(21):
            for version in list(times) if turn % 2 else reversed(times):
                began = time.perf_counter()
                clients[version].build(None, dockerfile=text(dockerfile), options=cached)
                if turn:  # by the first the steps are in the cache
                    times[version].append(1000 * (time.perf_counter() - began))
    without, with_session = (statistics.median(found) for found in times.values())
    with capsys.disabled():
        print(f"\n{without:.1f} ms without a session, {with_session:.1f} ms with one")
    assert with_session - without < 200


# Agents of ssh


@pytest.fixture(scope="module")
def with_ssh_add(
    engine: Engine,
    busybox: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The name of an image that can ask an agent; without the label, by which tests clean up."""
    folder = context_with_ssh_add(tmp_path_factory.mktemp("ssh"), f"FROM {busybox}\n")
    with Client(engine.url) as client:
        [tag] = client.build(folder, tag=f"dockerapi-ssh-{os.getpid()}").tags
        yield tag
        client.remove_image(tag)


def test_steps_speak_to_two_agents(
    newest: Client, with_ssh_add: str, label: dict[str, str], tmp_path: Path
) -> None:
    with (
        serve_agent(tmp_path / "one") as (one, first),
        serve_agent(tmp_path / "two") as (two, second),
    ):
        steps = (
            "RUN --mount=type=ssh ssh-add -l\n"
            "RUN --mount=type=ssh,id=other,required=true ssh-add -l\n"
        )
        dockerfile = text(_start(with_ssh_add, label) + steps)
        given = options(ssh={"default": one, "other": str(two)})
        built = newest.build(None, dockerfile=dockerfile, options=given)
        assert [line for line in built.log.splitlines() if "SHA256:" in line] == [first, second]


MANY = "for i in $(seq {count}); do ssh-add -l > /dev/null & done; wait; ssh-add -l"


def test_many_connections_go_to_the_agent_of_the_environment(
    newest: Client,
    with_ssh_add: str,
    label: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serve_agent(tmp_path / "agent") as (path, key):
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        steps = f"RUN --mount=type=ssh {MANY.format(count=20)}\n"
        dockerfile = text(_start(with_ssh_add, label) + steps)
        built = newest.build(None, dockerfile=dockerfile, options=options(ssh={"default": None}))
    assert [line for line in built.log.splitlines() if "SHA256:" in line] == [key]


def test_an_agent_that_is_not_there_is_named(
    newest: Client, with_ssh_add: str, label: dict[str, str], tmp_path: Path
) -> None:
    dockerfile = f"{_start(with_ssh_add, label)}RUN --mount=type=ssh,required=true ssh-add -l\n"
    with serve_agent(tmp_path / "agent") as (path, _):
        os.rename(path, tmp_path / "left")
    os.rename(tmp_path / "left", path)  # the socket of nobody
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=text(dockerfile), options=options(ssh={"default": path}))
    words = (
        f"ssh: the agent 'default' does not answer at '{path}': Connection refused; start it with "
        "ssh-agent, and give it the key with ssh-add"
    )
    assert caught.value.message.endswith(words)
    assert str(caught.value.__cause__) == words
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=text(dockerfile), options=options())
    assert caught.value.message.endswith(
        "ssh: the agent 'default' was asked for, and was not given"
    )


# Files that come out

TREE = (
    "FROM {base} AS made\nWORKDIR /made\n"
    "RUN mkdir -p a/b && echo one > a/b/one && ln a/b/one a/twin && ln -s b/one a/link && "
    "ln -s /etc/passwd out && chmod 751 a/b && chmod 600 a/b/one && "
    "{{ mkfifo pipe; mknod device c 1 3; }} && head -c 100000 /dev/zero > large\n"
    "FROM scratch\nCOPY --from=made /made /\n"
)


def test_files_come_into_a_folder(
    newest: Client, engine: Engine, busybox: str, tmp_path: Path
) -> None:
    target = tmp_path / "made" / "here"
    dockerfile = TREE.format(base=busybox)
    built = newest.build_files(None, target, dockerfile=text(dockerfile))
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob("*")) == sorted(
        ["a", "a/b", "a/b/one", "a/link", "a/twin", "large", "out"]
        + (["device"] if numbers(engine.version) < [23] else [])
    )
    assert (target / "a/link").read_text() == "one\n"
    assert os.readlink(target / "out") == "/etc/passwd"
    assert os.stat(target / "a/twin").st_ino == os.stat(target / "a/b/one").st_ino
    modes = [oct(os.stat(target / name).st_mode & 0o7777) for name in ("a/b", "a/b/one")]
    assert modes == ["0o751", "0o600"]
    assert (target / "large").read_bytes() == bytes(100_000)
    assert built.kept == ("out",)
    assert built.skipped == (() if numbers(engine.version) < [23] else ("device", "pipe"))
    (target / "own").write_text("stays")
    (target / "large").write_text("old")
    newest.build_files(None, target, dockerfile=text(dockerfile))
    assert (target / "own").read_text() == "stays"
    assert (target / "large").read_bytes() == bytes(100_000)
    assert [name for name in os.listdir(target) if name.startswith(".dockerapi")] == []


def test_files_come_as_an_archive(newest: Client, busybox: str) -> None:
    data = io.BytesIO()
    dockerfile = TREE.format(base=busybox)
    built = newest.build_files(None, data, dockerfile=text(dockerfile))
    data.seek(0)
    with tarfile.open(fileobj=data) as tar:
        assert {"a/b/one", "a/link", "large", "out"} <= {
            name.rstrip("/") for name in tar.getnames()
        }
    assert (built.kept, built.skipped) == ((), ())
    assert "RUN mkdir -p a/b" in built.log


def test_a_build_that_fails_leaves_nothing(newest: Client, busybox: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(BuildFailed):
        newest.build_files(
            None, tmp_path / "there", dockerfile=text(f"FROM {busybox}\nRUN exit 3\n")
        )
    assert list((tmp_path / "there").iterdir()) == []


def test_what_the_callers_file_raises_comes_out_of_the_build(newest: Client, busybox: str) -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left on device") as caught:
        newest.build_files(None, Full(), dockerfile=text(TREE.format(base=busybox)))  # type: ignore[arg-type]
    assert isinstance(caught.value.__cause__, BuildFailed)


# How much: in a process of its own, which measures itself.

BIG = """
import io, json, re, sys, time
from dockerapi import Client

class Slow(io.RawIOBase):
    size = 0

    def writable(self):
        return True

    def write(self, data):
        if self.size < 10 * 2**20:
            time.sleep(0.02)
        self.size += len(data)
        return len(data)

def peak():  # not that of getrusage, which begins with the parent's
    return int(re.search("VmHWM: *(.*) kB", open("/proc/self/status").read())[1]) / 1024

url, target, dockerfile = sys.argv[1:]
with Client(url) as client:
    client.ping()
    before, began = peak(), time.monotonic()
    client.build_files(None, target or Slow(), dockerfile=io.StringIO(dockerfile))
    print(json.dumps([peak() - before, time.monotonic() - began]))
"""


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["folder", "slow"])
def test_ten_thousand_files_and_a_gibibyte_come_out_in_little_memory(
    engine: Engine, busybox: str, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = "RUN mkdir /m && cd /m && for i in $(seq 10000); do echo $i > f$i; done && "
    steps += "head -c 1073741824 /dev/zero > big\n"
    dockerfile = f"FROM {busybox} AS made\n{steps}FROM scratch\nCOPY --from=made /m /\n"
    target = str(tmp_path / "out") if kind == "folder" else ""
    command = [sys.executable, "-c", BIG, engine.url, target, dockerfile]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    more, seconds = json.loads(done.stdout)
    with capsys.disabled():
        print(f"\n{kind}: {more:.0f} MiB more than after one call, {seconds:.0f} s")
    assert 0 < more <= 32
    if target:
        assert sum(1 for _ in os.scandir(target)) == 10_001
        assert (tmp_path / "out" / "f77").read_text() == "77\n"
        assert (tmp_path / "out" / "big").stat().st_size == 2**30


@pytest.mark.nightly
def test_a_hundred_and_twenty_connections_that_stay_open(
    newest: Client, engine: Engine, with_ssh_add: str, label: dict[str, str], tmp_path: Path
) -> None:
    """Longer than an Engine waits for health: with 100 streams announced the session would die."""
    seconds = 16 if numbers(engine.version) < [23] else 45
    with agent_that_waits(tmp_path / "agent", seconds) as path:
        steps = "RUN --mount=type=ssh for i in $(seq 120); do ssh-add -l > /dev/null 2>&1 & done; "
        steps += "wait; echo all\n"
        dockerfile = text(_start(with_ssh_add, label) + steps)
        built = newest.build(None, dockerfile=dockerfile, options=options(ssh={"default": path}))
    assert "all" in built.log.splitlines()


@contextlib.contextmanager
def agent_that_waits(path: Path, seconds: float) -> Iterator[Path]:
    """Answers nobody until so long after the 120th has connected."""
    held: list[socket.socket] = []

    def hold() -> None:
        while len(held) < 121:  # and the one that is the check
            held.append(listening.accept()[0])
        time.sleep(seconds)
        for sock in held:
            sock.close()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(200)
        listening.settimeout(PATIENCE)
        thread = threading.Thread(target=hold)
        thread.start()
        yield path
        thread.join()
    assert len(held) == 121
