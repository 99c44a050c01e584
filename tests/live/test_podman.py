"""What Podman says in its own way, and means as Engines do: `--engine podman-4.3` and podman-5."""

from __future__ import annotations

import io
from pathlib import Path

import attrs
import pytest

from dockerapi import (
    ApiError,
    BuildFailed,
    Client,
    Conflict,
    ContainerConfig,
    Credentials,
    Forbidden,
    ImageNotFound,
    NotFound,
    Output,
    PushFailed,
    Unauthorized,
)
from dockerapi.models.images import Pulled
from live.registry import PASSWORD, USERNAME, serve_refusals

ADA = Credentials(username=USERNAME, password=PASSWORD)
LARGE = bytes(range(256)) * 4096  # 1 MiB, more than any buffer on the way


def test_run_sends_input_and_its_end(newest: Client, busybox: str, config: ContainerConfig) -> None:
    result = newest.run(busybox, ["cat"], config=config, input=LARGE, remove=True)
    assert (result.exit_code, result.output) == (0, Output(LARGE, b""))


@pytest.mark.parametrize("once", [True, False])
def test_the_input_of_any_container_can_be_ended(
    newest: Client, busybox: str, label: dict[str, str], once: bool
) -> None:
    config = ContainerConfig(labels=label, open_stdin=True, stdin_once=once)
    script = ["sh", "-c", "cat; echo end; echo error >&2; exit 3"]
    id = newest.create_container(busybox, script, config=config).id
    assert newest.inspect_container(id).config.stdin_once is False  # it says so of all
    with newest.attach(id, stdin=True) as attachment:
        newest.start(id)
        assert attachment.communicate(b"in\n") == Output(b"in\nend\n", b"error\n")
    assert newest.wait(id) == 3


def test_an_exec_takes_input_and_its_end(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    id = newest.run_detached(busybox, ["sleep", "6000"], config=config)
    result = newest.exec_run(id, ["cat"], input=LARGE)
    assert (result.exit_code, result.output) == (0, Output(LARGE, b""))


def test_an_exec_is_started_once(newest: Client, busybox: str, config: ContainerConfig) -> None:
    """Its exit code is 0 before it is started, too."""
    id = newest.run_detached(busybox, ["sleep", "6000"], config=config)
    exec = newest.exec_create(id, ["sh", "-c", "echo out; exit 3"])
    with newest.exec_start(exec) as attachment:
        assert attachment.read() == Output(b"out\n", b"")
    with pytest.raises(Conflict) as caught:
        newest.exec_start(exec)
    assert caught.value.message.endswith('state is "stopped": exec session state improper')


def test_a_container_that_has_just_ended_is_not_attached_to(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    """It is `stopped` until it is tidied up, and `exited` then."""
    id = newest.create_container(busybox, ["sh", "-c", "exit 3"], config=config).id
    assert newest.inspect_container(id).state.status == "created"
    with newest.attach(id) as attachment:
        assert newest.inspect_container(id).state.status == "created"  # "initialized", to 5.4
        newest.start(id)
        assert attachment.read() == Output()
    assert newest.inspect_container(id).state.status == "exited"
    [row] = newest.containers(all=True, filters={"id": id})
    assert row.state == "exited"
    with pytest.raises(Conflict) as caught:
        newest.attach(id)
    assert caught.value.message == (
        f"container {id} is exited (exit code 3): there is nothing to attach to; logs() gives "
        "what it wrote"
    )


def test_images_have_digests_whether_they_are_asked_for_or_not(
    newest: Client, busybox: str
) -> None:
    with_digests = newest.images(reference=busybox, digests=True)
    assert with_digests == newest.images(reference=busybox)
    names = [digest.partition("@sha256:")[0] for digest in with_digests[0].repo_digests]
    assert "docker.io/library/busybox" in names  # beside those under which tests have pushed it


def test_a_build_has_its_names_and_one_that_fails_its_step_and_exit_code(
    newest: Client, busybox: str, name: str, label: dict[str, str]
) -> None:
    [(key, value)] = label.items()
    good = io.StringIO(f"FROM {busybox}\nLABEL {key}={value}\nRUN echo good > /good\n")
    built = newest.build(None, dockerfile=good, tag=[name, f"{name}:2"])
    assert built.tags == (f"{name}:latest", f"{name}:2")
    assert newest.inspect_image(name).id == built.image_id
    bad = io.StringIO(f"FROM {busybox}\nRUN echo before; exit 7\n")
    with pytest.raises(BuildFailed) as caught:
        newest.build(None, dockerfile=bad)
    found = caught.value
    assert (found.step, found.exit_code, found.output) == (
        "STEP 2/2: RUN echo before; exit 7",
        7,
        "before",
    )
    assert str(found) == (
        'POST /build: building at STEP "RUN echo before; exit 7": while running runtime: '
        "exit status 7\nbefore"
    )


def test_several_images_are_loaded_by_their_names(
    newest: Client, busybox: str, name: str, label: dict[str, str]
) -> None:
    [(key, value)] = label.items()
    dockerfile = io.StringIO(f"FROM {busybox}\nLABEL {key}={value}\n")
    newest.build(None, dockerfile=dockerfile, tag=[f"{name}:1", f"{name}:2"])
    with newest.get_image(f"{name}:1", f"{name}:2") as archive:
        saved = archive.read()
    assert sorted(newest.load_image(saved).images) == [
        f"docker.io/library/{name}:1",
        f"docker.io/library/{name}:2",
    ]


def test_a_push_that_fails_is_push_failed(newest: Client, busybox: str, name: str) -> None:
    """5.4 answers 500 before the stream, 4.3 in it."""
    there = f"127.0.0.1:1/{name}"
    newest.tag(busybox, there)
    try:
        with pytest.raises(PushFailed) as caught:
            newest.push(there)
    finally:
        newest.remove_image(there)
    assert caught.value.message.endswith("dial tcp 127.0.0.1:1: connect: connection refused")
    assert not caught.value.message.startswith("{")


def test_what_a_registry_refuses_has_the_class_of_engines(
    newest: Client, busybox: str, registry: str, name: str
) -> None:
    wrong = attrs.evolve(ADA, password="wrong")
    with serve_refusals(403, "DENIED", to_reads=404) as denying:
        found = []
        for there in (f"{registry}/{name}:1", f"{denying}/{name}:1"):
            newest.tag(busybox, there)
            try:
                for auth in (None, wrong):
                    with pytest.raises(ApiError) as caught:
                        newest.push(there, auth=auth)
                    found.append((type(caught.value), caught.value.hint))
            finally:
                newest.remove_image(there)
    hint = "no credentials were sent: give auth=, or store some with docker login"
    assert found == [(Unauthorized, hint), (Unauthorized, ""), (Forbidden, hint), (Forbidden, "")]


def test_a_pull_tells_the_id_of_its_image(
    newest: Client, busybox: str, registry: str, name: str
) -> None:
    there = f"{registry}/{name}:1"
    newest.tag(busybox, there)
    try:
        newest.push(there, auth=ADA)
        newest.remove_image(there)
        pulled = newest.pull(there, auth=ADA)
        id = newest.inspect_image(there).id.removeprefix("sha256:")
        assert pulled == Pulled(None, None, id[:12])
    finally:
        newest.remove_image(there)


def test_a_directory_is_copied_out_with_and_without_itself(
    newest: Client, busybox: str, config: ContainerConfig, tmp_path: Path
) -> None:
    script = "mkdir -p /d/sub /d/empty; echo a > /d/a; echo b > /d/sub/b; ln /d/a /d/hard"
    id = newest.run(busybox, ["sh", "-c", script], config=config).container_id
    for source, target in (("/d", "whole"), ("/d/.", "content"), ("/d/empty/.", "none")):
        newest.copy_out(id, source, tmp_path / target)
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    there = ["a", "empty", "hard", "sub", "sub/b"]
    content, whole = ([f"{top}/{name}" for name in there] for top in ("content", "whole"))
    assert found == sorted(["content", *content, "none", "whole", *whole])
    assert (tmp_path / "content/hard").read_text() == "a\n"


def test_the_life_of_a_container_is_told_in_the_words_of_engines(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    id = newest.create_container(busybox, ["true"], config=config).id
    with newest.events(filters={"container": id}) as events:
        newest.start(id)
        newest.wait(id)
        newest.remove_container(id, force=True)
        actions = []
        for event in events:
            actions.append(event.action)
            if event.action == "destroy":
                break
    assert [action for action in actions if action not in ("init", "cleanup")] == [
        "start",
        "die",
        "destroy",
    ]


def test_events_are_filtered_by_the_words_of_engines(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    wanted = {"event": ["die", "destroy"], "label": [f"{k}={v}" for k, v in config.labels.items()]}
    id = newest.create_container(busybox, ["true"], config=config).id
    with newest.events(filters=wanted) as events:
        newest.start(id)
        newest.wait(id)
        newest.remove_container(id, force=True)
        assert [(next(events).action, next(events).action)] == [("die", "destroy")]


def test_what_the_state_forbids_is_a_conflict(
    newest: Client, busybox: str, config: ContainerConfig, name: str
) -> None:
    id = newest.create_container(busybox, ["sleep", "6000"], name=name, config=config).id
    other = newest.create_container(busybox, config=config).id
    attempts = {
        "a name that is taken": lambda: newest.create_container(busybox, name=name, config=config),
        "rename": lambda: newest.rename(other, name),
        "pause": lambda: newest.pause(id),
        "unpause": lambda: newest.unpause(id),
        "kill": lambda: newest.kill(id),
    }
    for what, attempt in attempts.items():
        with pytest.raises(Conflict):
            attempt()
            pytest.fail(what)
    newest.start(id)
    with pytest.raises(Conflict):
        newest.remove_container(id)


def test_what_is_not_there_is_named_by_its_class(newest: Client, name: str) -> None:
    with pytest.raises(ImageNotFound):
        newest.inspect_image(name)
    with pytest.raises(ImageNotFound):
        newest.create_container(name)
    with pytest.raises(ImageNotFound):
        newest.push(f"127.0.0.1:1/{name}")
    with pytest.raises(NotFound) as caught:  # a route that it has not, of a container or not
        newest.attach_websocket(newest.create_container("busybox").id)
    assert type(caught.value) is NotFound
