"""Builds by BuildKit: that succeed, that fail, that are stopped, and that need a session."""

from __future__ import annotations

import io
import re
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockerapi import (
    BuildFailed,
    BuildOptions,
    Client,
    Closed,
    Credentials,
    NotSupported,
)
from dockerapi.models.images import Built, Progress
from dockerapi.protocol.buildkit import NO_SESSION
from live.engine import PATIENCE, Engine, numbers
from live.registry import PASSWORD, USERNAME

pytestmark = pytest.mark.real("BuildKit")
ADA = Credentials(username=USERNAME, password=PASSWORD)
CLASSIC = BuildOptions(builder="classic", no_cache=True)
BUILDKIT = BuildOptions(builder="buildkit", no_cache=True)


@pytest.fixture
def start(busybox: str, label: dict[str, str]) -> str:
    """How a Dockerfile begins."""
    [(key, value)] = label.items()
    return f"FROM {busybox}\nLABEL {key}={value}\n"


def context(folder: Path, dockerfile: str, **files: str) -> Path:
    for name, text in {"Dockerfile": dockerfile, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def output_of(client: Client, image: str, command: list[str]) -> bytes:
    return client.run(image, command, remove=True, check=True).output.stdout


@pytest.mark.needs("1.38")
def test_a_build_gives_the_image_its_tags_and_the_log(
    client: Client, start: str, tmp_path: Path, name: str
) -> None:
    steps = "COPY a /a\nRUN echo to stdout; echo to stderr >&2; echo made >> /a\n"
    folder = context(tmp_path, start + steps, a="sent\n")
    values: list[Progress] = []
    built = client.build(folder, tag=[name, f"{name}:2"], options=BUILDKIT, progress=values.append)
    assert built.tags == (f"{name}:latest", f"{name}:2")
    assert built.image_id == client.inspect_image(f"{name}:2").id
    lines = built.log.splitlines()
    assert [line for line in lines if line.startswith("[2/3]")] == ["[2/3] COPY a /a"]
    after = lines[lines.index("[3/3] RUN " + steps.partition("RUN ")[2].strip()) :]
    assert sorted(after[1:3]) == ["to stderr", "to stdout"]
    assert "".join(value.text or "" for value in values) == built.log
    assert {value.id for value in values if value.status == "done"} >= {"exporting layers"}
    assert [value.aux for value in values if value.aux] == [{"ID": built.image_id}]
    assert output_of(client, built.image_id, ["cat", "/a"]) == b"sent\nmade\n"


def test_it_gives_what_the_classic_builder_gives(
    newest: Client, start: str, tmp_path: Path, name: str
) -> None:
    folder = context(tmp_path, f"{start}ENV A=b\nCOPY . /x\nCMD ls /x\n", a="")
    classic, buildkit = (newest.build(folder, tag=name, options=o) for o in (CLASSIC, BUILDKIT))
    images = [newest.inspect_image(built.image_id) for built in (classic, buildkit)]
    assert [type(classic), classic.tags] == [Built, buildkit.tags]
    assert len({(image.config.env, image.config.command, image.os) for image in images}) == 1
    assert len({output_of(newest, image.id, ["ls", "-A", "/x"]) for image in images}) == 1


FAILS = "RUN echo before; exit 7\n"


@pytest.mark.needs("1.38")
def test_a_step_that_fails_is_named_with_its_code(
    client: Client, engine: Engine, start: str
) -> None:
    with pytest.raises(BuildFailed) as caught:
        client.build(None, dockerfile=io.StringIO(start + FAILS), options=BUILDKIT)
    error = caught.value
    assert (error.step, error.exit_code) == ("[2/2] RUN echo before; exit 7", 7)
    assert error.message == engine.says(
        {
            "20.10": "executor failed running [/bin/sh -c echo before; exit 7]: exit code: 7",
            "23.0": 'process "/bin/sh -c echo before; exit 7" did not complete successfully: '
            "exit code: 7",
        }
    )
    assert error.log.endswith("[2/2] RUN echo before; exit 7\nbefore\n")
    assert (error.output, str(error)) == ("before", f"POST /build: {error.message}\nbefore")


def test_of_two_steps_that_end_together_the_one_that_failed_is_named(
    newest: Client, start: str
) -> None:
    """The other was killed on its account."""
    base = start.splitlines()[0]
    text = f"{base} AS a\nRUN exit 3\n{base} AS b\nRUN sleep 6000\n{start}"
    text += "COPY --from=a /etc /a\nCOPY --from=b /etc /b\n"
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=io.StringIO(text), options=BUILDKIT)
    assert (caught.value.step, caught.value.exit_code) == ("[a 2/2] RUN exit 3", 3)


@pytest.mark.parametrize(
    ("line", "step", "end"),
    [
        ("COPY nothing /", "[2/2] COPY nothing /", "not found"),
        ("BOGUS", None, "unknown instruction: BOGUS"),
    ],
)
def test_what_is_no_command_fails_without_a_code(
    newest: Client, start: str, line: str, step: str | None, end: str
) -> None:
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=io.StringIO(start + line), options=BUILDKIT)
    assert (caught.value.step, caught.value.exit_code) == (step, None)
    assert caught.value.message.endswith(end)


def test_a_quiet_build_gives_the_image_and_fails_as_others(newest: Client, start: str) -> None:
    quiet = BuildOptions(builder="buildkit", no_cache=True, quiet=True)
    built = newest.build(None, dockerfile=io.StringIO(f"{start}RUN true\n"), options=quiet)
    assert built.log == f"{newest.inspect_image(built.image_id).id}\n"
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=io.StringIO(start + FAILS), options=quiet)
    assert caught.value.exit_code == 7


# Builds that are stopped


class Enough(Exception):
    """What the callback of a user raises."""


def by_an_exception(client: Client, dockerfile: str) -> None:
    def stop(value: Progress) -> None:
        if value.text == "begun\n":
            raise Enough

    with pytest.raises(Enough):
        client.build(None, dockerfile=io.StringIO(dockerfile), options=ENDLESS, progress=stop)


def by_closing_the_stream(client: Client, dockerfile: str) -> None:
    with client.stream_build(None, dockerfile=io.StringIO(dockerfile), options=ENDLESS) as stream:
        assert any(value.text == "begun\n" for value in stream)


def by_closing_the_client(client: Client, dockerfile: str) -> None:
    closers = []

    def close(value: Progress) -> None:
        if value.text == "begun\n":
            closers.append(threading.Thread(target=client.close))
            closers[0].start()

    with pytest.raises(Closed):
        client.build(None, dockerfile=io.StringIO(dockerfile), options=ENDLESS, progress=close)
    closers[0].join()


ENDLESS = BuildOptions(builder="buildkit", no_cache=True, network_mode="host")


@pytest.mark.parametrize("stop", [by_an_exception, by_closing_the_stream, by_closing_the_client])
def test_a_build_that_is_stopped_stops_on_the_engine(
    engine: Engine, start: str, stop: Callable[[Client, str], None]
) -> None:
    """Its step is no container that could be seen, so it holds a connection, which ends with it."""
    if not engine.url.startswith("unix://"):
        pytest.skip("the Engine may be on another machine, which does not reach this one")
    ended = []

    def hold() -> None:
        connection, _ = server.accept()
        with connection:
            connection.settimeout(PATIENCE)
            connection.sendall(b"begun\n")
            ended.append(connection.recv(1))

    with socket.create_server(("127.0.0.1", 0)) as server, Client(engine.url) as client:
        server.settimeout(PATIENCE)
        thread = threading.Thread(target=hold)
        thread.start()
        stop(client, f"{start}RUN sleep 6000 | nc 127.0.0.1 {server.getsockname()[1]}\n")
        thread.join()
    assert ended == [b""]


# The context


def test_what_is_ignored_is_not_there(newest: Client, start: str, tmp_path: Path) -> None:
    files = {"a": "", "b": "", ".dockerignore": "b\n.dockerignore\n"}
    folder = context(tmp_path, f"{start}COPY . /x\n", **files)
    built = newest.build(folder, options=BUILDKIT)
    assert output_of(newest, built.image_id, ["ls", "-A", "/x"]) == b"Dockerfile\na\n"


def test_a_dockerfile_outside_of_the_context_brings_no_ignore_file(
    newest: Client, start: str, tmp_path: Path
) -> None:
    folder = context(tmp_path / "context", "", a="")
    (tmp_path / "outside").write_text(f"{start}COPY . /x\n")
    built = newest.build(folder, dockerfile=tmp_path / "outside", options=BUILDKIT)
    *hidden, dockerfile, a = output_of(newest, built.image_id, ["ls", "-A", "/x"]).split()
    assert (len(hidden), hidden[0][:12], dockerfile, a) == (1, b".dockerfile.", b"Dockerfile", b"a")


def test_a_name_that_needs_an_extended_header_may_come_first(
    newest: Client, start: str, tmp_path: Path
) -> None:
    names = ["\u00e9t\u00e9", f"0{'x' * 150}"]
    folder = context(tmp_path, f"{start}COPY . /x\n", **dict.fromkeys(names, ""))
    built = newest.build(folder, options=BUILDKIT)
    found = output_of(newest, built.image_id, ["find", "/x", "-type", "f"]).decode().split()
    assert sorted(found) == sorted(f"/x/{name}" for name in ["Dockerfile", *names])


# What it takes and what it does not


def test_what_the_engine_takes_comes_to_the_steps(
    newest: Client, engine: Engine, start: str
) -> None:
    text = f"{start}ARG A\nRUN echo $A; ls /sys/class/net; tail -1 /etc/hosts\n"
    options = BuildOptions(
        builder="buildkit",
        no_cache=True,
        build_args={"A": "argument"},
        labels={"more": "x"},
        network_mode="none",
        extra_hosts={"elsewhere": "10.1.2.3"},
    )
    built = newest.build(None, dockerfile=io.StringIO(text), options=options)
    for line in ("argument", "lo", "10.1.2.3\telsewhere"):
        assert line in built.log.splitlines()
    assert newest.inspect_image(built.image_id).config.labels["more"] == "x"


def test_limits_come_to_the_steps_or_are_refused(
    newest: Client, engine: Engine, start: str
) -> None:
    text = f"{start}RUN ulimit -n; df -k /dev/shm | tail -1\n"
    options = BuildOptions(
        builder="buildkit", no_cache=True, ulimits=["nofile=77:99"], shm_size="2m"
    )

    if numbers(engine.version) >= [23]:
        built = newest.build(None, dockerfile=io.StringIO(text), options=options)
        assert re.search(r"\n77\n\S+ +2048 .* /dev/shm\n", built.log)
    else:
        with pytest.raises(NotSupported) as caught:
            newest.build(None, dockerfile=io.StringIO(text), options=options)
        assert str(caught.value).startswith(
            "POST /build with ?shmsize for BuildKit needs Engine 23.0.0; this one is 20."
        )


# What needs a session


@pytest.fixture
def private(newest: Client, busybox: str, registry: str, name: str) -> Iterator[str]:
    """The name of an image that the registry gives to Ada only."""
    image = f"{registry}/{name}:1"
    newest.tag(busybox, image)
    newest.push(image, auth=ADA)
    newest.remove_image(image)
    yield image


def test_without_a_session_a_private_image_is_to_be_pulled_first(
    newest: Client, engine: Engine, label: dict[str, str], private: str
) -> None:
    [(key, value)] = label.items()
    text = f"FROM {private}\nLABEL {key}={value}\nRUN echo built\n"
    with Client(engine.url, version="1.38") as old, pytest.raises(BuildFailed) as caught:
        old.build(None, dockerfile=io.StringIO(text), options=BUILDKIT)
    assert caught.value.message.endswith("no active sessions")
    assert caught.value.step == f"[internal] load metadata for {private}"
    assert str(caught.value).endswith(f" ({NO_SESSION})")
    newest.pull(private, auth=ADA)
    built = newest.build(None, dockerfile=io.StringIO(text), options=BUILDKIT)
    newest.remove_image(private)
    assert "built" in built.log.splitlines()


@pytest.mark.parametrize("kind", ["secret", "ssh"])
def test_without_a_session_secrets_are_refused_here_or_by_the_engine(
    engine: Engine, start: str, tmp_path: Path, kind: str
) -> None:
    text = f"{start}RUN --mount=type={kind},id=x true\n"
    with Client(engine.url, version="1.38") as old:
        with pytest.raises(NotSupported, match="^POST /session needs API 1.39; API 1.38 was asked"):
            old.build(None, dockerfile=io.StringIO(text), options=BUILDKIT)
        with pytest.raises(BuildFailed) as caught:  # of an archive the Dockerfile is not known
            old.build(archived(tmp_path, text), options=BUILDKIT)
    assert str(caught.value) == f"POST /build: no active sessions ({NO_SESSION})"


def archived(folder: Path, dockerfile: str) -> bytes:
    context(folder, dockerfile)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.add(folder, "/")
    return data.getvalue()


def test_a_frontend_that_cannot_be_pulled_is_named(newest: Client, start: str) -> None:
    text = f"# syntax=127.0.0.1:9/frontend:1\n{start}"
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=io.StringIO(text), options=BUILDKIT)
    assert caught.value.step is not None and "127.0.0.1:9/frontend:1" in caught.value.step
    assert caught.value.message.endswith("connect: connection refused")
