"""What the guides say of attached streams, of ports and of copies: each sentence is a test.

A test carries its sentences, or is named in `ELSEWHERE`; a sentence without one fails the first.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import stat
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from dockerapi import BadArchive, Client, ContainerConfig, HostConfig, NotSupported, Output
from live.engine import PATIENCE
from live.reader import Reader
from scripted import Answer, Conversation, ScriptedDaemon, reply

pytestmark = pytest.mark.real("what the guides say is said of Engines")
ROOT = Path(__file__).parents[2]
ALONE = HostConfig(network_mode="none")
# The beginnings of the paragraphs, or rows of a table, that are meant.
MEANT = {
    "streams.md": ("The caller closes a stream", "Attach before the start"),
    "containers.md": (
        "| a port of the host |",
        "| on one address only |",
        "| one that the Engine chooses |",
        "| as after `docker run -p` |",
    ),
    "files.md": ("`copy_into` and `copy_out` copy", "A copy is unpacked"),
}
ELSEWHERE = {
    "A broken stream raises `StreamInterrupted`, after it has returned everything that arrived: it "
    "never looks like one that ended.": (
        "live/test_cuts_live.py::test_an_output_cut_in_silence_is_never_whole",
        "live/test_cuts_live.py::test_an_output_cut_at_a_frame_within_10_mb_is_never_whole",
    ),
    "When the stream ends, the Engine is asked whether its container or command has ended: if not, "
    "reading raises `StreamInterrupted`.": (
        "live/test_ends_live.py::test_a_connection_that_is_closed_in_between_is_no_end",
        "live/test_ends_live.py::test_an_engine_that_is_killed_and_comes_back_ends_nothing",
    ),
    "`copy_into` and `copy_out` copy files and directories as `docker cp` does, whether or not the "
    "container is running:": (
        "live/test_archives_live.py::test_copy_out_does_what_the_command_line_does",
        "live/test_archives_live.py::test_copy_into_does_what_the_command_line_does",
    ),
}
said: dict[str, str] = {}
Test = Callable[..., None]


def says(sentence: str) -> Callable[[Test], Test]:
    def noted(test: Test) -> Test:
        said[sentence] = test.__name__
        return test

    return noted


def sentences() -> list[str]:
    """Those of the paragraphs, each in one line."""
    found = []
    for guide, beginnings in MEANT.items():
        blocks = (ROOT / "docs/guides" / guide).read_text().replace("\n|", "\n\n|").split("\n\n")
        chosen = [text.replace("\n", " ") for text in blocks if text.startswith(beginnings)]
        assert len(chosen) == len(beginnings), guide
        found += [one for text in chosen for one in re.split(r"(?<=\.) (?=[A-Z`])", text)]
    return found


def test_every_sentence_has_its_test() -> None:
    assert sorted(sentences()) == sorted([*said, *ELSEWHERE])


@pytest.mark.parametrize("test", [test for tests in ELSEWHERE.values() for test in tests])
def test_a_test_that_is_elsewhere_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text()


@pytest.fixture
def running(newest: Client, busybox: str, config: ContainerConfig) -> str:
    return newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=ALONE)


# Attached streams


@says("The caller closes a stream, best with `with`.")
def test_the_caller_closes_a_stream_best_with_with(newest: Client, running: str) -> None:
    attachment = newest.attach(running)
    with attachment:
        pass
    assert list(attachment) == []
    newest.attach(running).close()


@says("Iterating blocks until something arrives.")
def test_iterating_blocks_until_something_arrives(newest: Client, running: str) -> None:
    exec = newest.exec_create(running, ["cat"], stdin=True)
    with newest.exec_start(exec) as attachment:
        reader = Reader(lambda: next(attachment))
        reader.wait_until_blocked()
        attachment.write(b"x\n")
        reader.join(PATIENCE)
        assert reader.result.data == b"x\n"


@says("`communicate(input)` writes and reads at the same time.")
def test_communicate_run_and_exec_run_write_and_read_at_the_same_time(
    newest: Client, busybox: str, config: ContainerConfig, running: str
) -> None:
    large = os.urandom(2**21)  # more than all that is in between can hold
    ran = newest.run(busybox, ["cat"], config=config, host_config=ALONE, input=large)
    executed = newest.exec_run(running, ["cat"], input=large)
    with newest.exec_start(newest.exec_create(running, ["cat"], stdin=True)) as attachment:
        talked = attachment.communicate(large)
    assert ran.output == executed.output == talked == Output(large, b"")


@says("Attach before the start, as here and as `run` does, and the output is complete and exact.")
def test_the_output_of_what_is_attached_to_before_the_start_is_complete_and_exact(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    script = r"printf '\377\000first'; i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done"
    id = newest.create_container(busybox, ["sh", "-c", script], config=config, host_config=ALONE).id
    with newest.attach(id) as attachment:
        newest.start(id)
        found = attachment.read()
    numbers = b"".join(b"%d\n" % number for number in range(1, 2001))
    assert found == Output(b"\xff\x00first" + numbers, b"")


@says(
    "`close_stdin()` always ends the input of an exec, and that of a container only if it was "
    "created with `stdin_once=True`."
)
def test_only_with_stdin_once_does_close_stdin_end_the_input_of_a_container_and_always_of_an_exec(
    newest: Client, busybox: str, config: ContainerConfig, running: str
) -> None:
    for once in (True, False):
        kept = attrs.evolve(config, open_stdin=True, stdin_once=once)
        id = newest.create_container(busybox, ["cat"], config=kept, host_config=ALONE).id
        with newest.attach(id, stdin=True) as attachment:
            newest.start(id)
            attachment.write(b"x")
            if once:
                attachment.close_stdin()
                assert attachment.read() == Output(b"x", b"")
            else:
                with pytest.raises(NotSupported):
                    attachment.close_stdin()
                assert newest.inspect_container(id).state.running
    with newest.exec_start(newest.exec_create(running, ["cat"], stdin=True)) as attachment:
        attachment.close_stdin()
        assert attachment.read() == Output()


def test_json_file_replaces_bytes_that_are_not_utf_8(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    command = ["printf", r"a\377b\n"]
    ran = newest.run(busybox, command, config=config, host_config=ALONE)
    with newest.logs(ran.container_id) as logs:
        kept = logs.read()
    assert (ran.output.stdout, kept.stdout) == (b"a\xffb\n", "a\ufffdb\n".encode())


# Ports


def bindings_of(
    client: Client, busybox: str, config: ContainerConfig, given: Any
) -> dict[str, list[tuple[str | None, int | None]]]:
    """What a container that is created with them says of its ports, which are exposed, too."""
    host = HostConfig(port_bindings=given)
    id = client.create_container(busybox, ["true"], config=config, host_config=host).id
    found = client.inspect_container(id)
    assert sorted(found.config.exposed_ports) == sorted(found.host_config.port_bindings)
    return {
        port: [(binding.host_ip, binding.host_port) for binding in bindings]
        for port, bindings in found.host_config.port_bindings.items()
    }


@says("| a port of the host | `port_bindings={80: 8080}` |")
def test_a_port_of_the_host(newest: Client, busybox: str, config: ContainerConfig) -> None:
    assert bindings_of(newest, busybox, config, {80: 8080}) == {"80/tcp": [(None, 8080)]}


@says('| on one address only | `port_bindings={80: ("127.0.0.1", 8080)}` |')
def test_a_port_on_one_address_only(newest: Client, busybox: str, config: ContainerConfig) -> None:
    found = bindings_of(newest, busybox, config, {80: ("127.0.0.1", 8080)})
    assert found == {"80/tcp": [("127.0.0.1", 8080)]}


@says('| as after `docker run -p` | `port_bindings=["127.0.0.1:8080-8081:80-81/udp"]` |')
def test_ports_as_after_docker_run_p(newest: Client, busybox: str, config: ContainerConfig) -> None:
    found = bindings_of(newest, busybox, config, ["127.0.0.1:8080-8081:80-81/udp"])
    assert found == {"80/udp": [("127.0.0.1", 8080)], "81/udp": [("127.0.0.1", 8081)]}


@says(
    "| one that the Engine chooses | `port_bindings={80: None}`, and then `network_settings.ports` "
    "of the container |"
)
def test_a_port_that_the_engine_chooses(
    newest: Client, busybox: str, config: ContainerConfig
) -> None:
    host = HostConfig(port_bindings={80: None})
    id = newest.run_detached(busybox, ["sleep", "6000"], config=config, host_config=host)
    bindings = newest.inspect_container(id).network_settings.ports["80/tcp"]
    assert bindings and all((binding.host_port or 0) > 0 for binding in bindings)


# Copies


@pytest.fixture
def made(newest: Client, busybox: str, config: ContainerConfig) -> str:
    """A container with /d: a file, links within and out of it, and a pipe."""
    script = (
        "mkdir -p /d/sub; echo file > /d/file; ln -s ../file /d/sub/in; ln -s /etc/passwd /d/out; "
        "mkfifo /d/pipe"
    )
    command = ["sh", "-c", script]
    return newest.run(busybox, command, config=config, host_config=ALONE).container_id


@says("A copy is unpacked beside the target and moved when it is complete.")
def test_a_copy_is_unpacked_beside_the_target_and_moved_when_it_is_complete(
    tmp_path: Path,
) -> None:
    """From a scripted Engine, which stops in the middle to look."""
    seen: list[str] = []

    def play(conversation: Conversation) -> None:
        answer = archived("d", b"x" * 100_000)
        conversation.send(answer[:60_000])
        while not seen:
            seen.extend(str(path) for path in tmp_path.rglob("*") if path.is_file())
            threading.Event().wait(0.01)
        conversation.send(answer[60_000:])

    with ScriptedDaemon(copied(play)) as daemon, Client(daemon.url) as client:
        client.copy_out("c", "/d", tmp_path / "d")
    assert [path.name for path in tmp_path.iterdir()] == ["d"]
    assert seen and all(f"{tmp_path}/.dockerapi-" in path for path in seen)


STATED = {  # a file
    "X_Docker_Container_Path_Stat": base64.b64encode(
        json.dumps(
            {"name": "d", "size": 1, "mode": 0o644, "mtime": "2026-01-01T00:00:00Z"}
        ).encode()
    ).decode()
}


def archived(name: str, content: bytes = b"") -> bytes:
    """An answer with one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return reply(200, file.getvalue(), Content_Type="application/x-tar", **STATED)


def copied(answer: Answer) -> dict[str, Answer]:
    return {
        "HEAD /v1.41/containers/c/archive": reply(200, b"", **STATED),
        "GET /v1.41/containers/c/archive": answer,
    }


@says("`copy_out` returns a `Copied` with the kept links and the skipped entries.")
@says(
    "Links that lead out of the copy are kept unchanged, and nothing is written through them: "
    '`links="skip"` leaves them out, `links="refuse"` raises `BadArchive`.'
)
def test_links_that_lead_out_are_kept_skipped_or_refused_and_nothing_is_written_through_one(
    newest: Client, made: str, running: str, tmp_path: Path
) -> None:
    kept = newest.copy_out(made, "/d", tmp_path / "kept")
    skipped = newest.copy_out(made, "/d", tmp_path / "skipped", links="skip")
    assert (kept.kept, os.readlink(tmp_path / "kept/out")) == (("d/out",), "/etc/passwd")
    assert "d/out" in skipped.skipped and not os.path.lexists(tmp_path / "skipped/out")
    with pytest.raises(BadArchive):
        newest.copy_out(made, "/d", tmp_path / "refused", links="refuse")
    assert not (tmp_path / "refused").exists()
    (tmp_path / "elsewhere").mkdir()
    newest.put_archive(running, "/", _through_a_link(str(tmp_path / "elsewhere")))
    newest.copy_out(running, "/t", tmp_path / "through")
    newest.exec_run(running, ["sh", "-c", "rm /t/link; mkdir /t/link; echo x > /t/link/f"])
    with pytest.raises((OSError, BadArchive)):
        newest.copy_out(running, "/t/.", tmp_path / "through")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def _through_a_link(target: str) -> bytes:
    """A folder with a link to a place on this machine."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        folder, link = tarfile.TarInfo("t"), tarfile.TarInfo("t/link")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        link.type, link.linkname = tarfile.SYMTYPE, target
        archive.addfile(folder)
        archive.addfile(link)
    return file.getvalue()


@says("Pipes and devices are left out.")
def test_pipes_and_devices_are_left_out(
    newest: Client, made: str, running: str, tmp_path: Path
) -> None:
    newest.exec_run(running, ["sh", "-c", "mkdir /e; mknod /e/null c 1 3"], user="0")
    pipes = newest.copy_out(made, "/d", tmp_path / "d")
    devices = newest.copy_out(running, "/e", tmp_path / "e")
    assert (pipes.skipped, devices.skipped) == (("d/pipe",), ("e/null",))
    modes = [path.lstat().st_mode for path in tmp_path.rglob("*")]
    assert not any(stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) for mode in modes)


@says(
    "An archive that is broken, or would write elsewhere, raises `BadArchive`, which names the "
    "member, and nothing is kept."
)
def test_what_would_land_elsewhere_raises_bad_archive_and_nothing_is_left(tmp_path: Path) -> None:
    """No Engine makes such an archive: it comes from a scripted one."""
    elsewhere = copied(archived("d/../../elsewhere"))
    with ScriptedDaemon(elsewhere) as daemon, Client(daemon.url) as client:
        with pytest.raises(BadArchive) as caught:
            client.copy_out("c", "/d", tmp_path / "d")
    assert str(caught.value) == (
        "archive refused: 'd/../../elsewhere': 'd/../../elsewhere' leads elsewhere"
    )
    broken = copied(reply(200, b"broken" * 1000, Content_Type="application/x-tar", **STATED))
    with ScriptedDaemon(broken) as daemon, Client(daemon.url) as client:
        with pytest.raises(BadArchive):
            client.copy_out("c", "/d", tmp_path / "d")
    assert list(tmp_path.iterdir()) == []
