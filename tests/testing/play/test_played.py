from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dockerapi import Client, ContainerConfig, Output
from dockerapi.testing import FakeEngine, Run
from dockerapi.testing.play.played import Killed

TERMINAL = ContainerConfig(tty=True, open_stdin=True)


def test_a_function_that_raises_ends_with_125_and_the_traceback(
    engine: FakeEngine, client: Client
) -> None:
    def play(run: Run) -> None:
        run.stdout.write(b"before\n")
        raise ValueError("broken")

    engine.on("tool", play)
    result = client.run("tool", ["x"])
    lines = result.output.stderr.decode().splitlines()
    assert (result.exit_code, result.output.stdout) == (125, b"before\n")
    assert (lines[0], lines[-1]) == ("Traceback (most recent call last):", "ValueError: broken")


@pytest.mark.parametrize(
    ("code", "expected"), [(None, (0, b"")), (3, (3, b"")), ("sorry", (1, b"sorry\n"))]
)
def test_sys_exit_ends_a_function_as_it_ends_a_program(
    engine: FakeEngine, client: Client, code: object, expected: tuple[int, bytes]
) -> None:
    def play(run: Run) -> None:
        raise SystemExit(code)

    engine.on("tool", play)
    result = client.run("tool", ["x"])
    assert (result.exit_code, result.output.stderr) == expected


@pytest.mark.parametrize("wait", ["sleep", "read"])
def test_a_function_that_waits_is_killed(engine: FakeEngine, client: Client, wait: str) -> None:
    ended: list[type[BaseException]] = []

    def play(run: Run) -> None:
        try:
            run.stdout.write(b"ready\n")
            if wait == "sleep":
                run.sleep(3600)
            else:
                run.stdin.read()
        except BaseException as error:
            ended.append(type(error))
            raise

    engine.on("tool", play)
    id = client.create_container("tool", ["x"], config=ContainerConfig(open_stdin=True)).id
    with client.attach(id) as attachment:
        client.start(id)
        next(attachment)
        client.kill(id)
    assert client.wait(id) == 137
    engine.close()  # which waits for the function
    assert ended == [Killed]


def test_an_engine_waits_for_a_function_that_was_killed_before(
    engine: FakeEngine, client: Client
) -> None:
    closed = threading.Event()
    seen: list[bool] = []

    def play(run: Run) -> None:
        try:
            run.sleep(3600)
        finally:
            seen.append(closed.wait(0.2))

    engine.on("tool", play)
    client.kill(client.run_detached("tool", ["x"]))
    engine.close()
    closed.set()
    assert seen == [False]


def test_a_signal_ends_a_function_that_does_nothing_about_it(
    engine: FakeEngine, client: Client
) -> None:
    engine.on("tool", lambda run: run.sleep(3600))
    id = client.run_detached("tool", ["x"])
    client.stop(id)
    assert client.wait(id) == 143


def test_a_paused_function_does_not_go_on_until_it_is_unpaused(
    engine: FakeEngine, client: Client
) -> None:
    steps: list[str] = []
    reached = threading.Event()

    def play(run: Run) -> None:
        run.stdin.readline()
        steps.append("read")
        reached.set()

    engine.on("tool", play)
    id = client.create_container("tool", ["x"], config=ContainerConfig(open_stdin=True)).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        client.pause(id)
        with pytest.raises(Exception, match="is paused"):
            client.attach(id)
        attachment.write(b"line\n")
        assert not reached.wait(0.1)
        steps.append("unpaused")
        client.unpause(id)
        assert client.wait(id) == 0
    assert steps == ["unpaused", "read"]


def test_a_terminal_echoes_and_hands_over_lines(engine: FakeEngine, client: Client) -> None:
    got: list[bytes] = []

    def play(run: Run) -> None:
        while line := run.stdin.readline():
            got.append(line)
            run.stderr.write(b"got it\n")

    engine.on("tool", play)
    id = client.create_container("tool", ["x"], config=TERMINAL).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"wor\x7fs\r\x01\n\x04")
        output = attachment.read()
    assert got == [b"wos\n", b"\x01\n"]
    # What is echoed and what is written come in the order in which they were.
    assert output.stdout.replace(b"got it\r\n", b"") == b"wor\b \bs\r\n^A\r\n"
    assert output.stdout.count(b"got it\r\n") == 2


def test_control_c_interrupts_what_runs_on_a_terminal(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", lambda run: run.sleep(3600))
    id = client.create_container("tool", ["x"], config=TERMINAL).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        attachment.write(b"\x03")
        assert attachment.read().stdout == b"^C"
    assert client.wait(id) == 130


def test_a_function_that_never_waits_does_not_keep_its_container_alive(
    engine: FakeEngine, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    go_on, began = threading.Event(), threading.Event()

    def play(run: Run) -> None:
        began.set()
        go_on.wait(60)
        run.stdout.write(b"too late")

    engine.on("tool", play)
    id = client.run_detached("tool", ["x"])
    began.wait(60)
    client.kill(id)
    assert client.wait(id) == 137
    go_on.set()
    with client.logs(id) as logs:
        assert logs.read() == Output(b"", b"")


def test_input_that_is_not_read_does_not_pile_up(engine: FakeEngine, client: Client) -> None:
    """What comes waits on the way, as with a pipe, and is let go at the end."""
    engine.on("tool", lambda run: run.stdin.read(3))  # type: ignore[arg-type,return-value]
    result = client.run("tool", ["x"], input=b"\0\0\0" + bytes(4 << 20))
    assert result.exit_code == 125  # bytes are no exit code


def test_a_path_does_not_lead_out_of_the_container(engine: FakeEngine, client: Client) -> None:
    found: list[Path] = []

    def play(run: Run) -> None:
        run.path("/out").symlink_to("/etc")
        for name in ("../../../etc", "/a/../../b", "/out/passwd"):
            found.append(run.path(name).relative_to(run.files))

    engine.on("tool", play)
    assert client.run("tool", ["x"]).exit_code == 0
    assert found == [Path("etc"), Path("b"), Path("etc/passwd")]


def test_what_is_typed_is_echoed_before_what_the_reader_answers(
    engine: FakeEngine, client: Client
) -> None:
    def play(run: Run) -> None:
        run.stdout.write(b"got " + run.stdin.readline())

    engine.on("terminal", play)
    config = ContainerConfig(tty=True, open_stdin=True)
    for _ in range(20):  # once it was lost, since the command had ended before
        id = client.create_container("terminal", ["x"], config=config).id
        with client.attach(id, stdin=True) as attachment:
            client.start(id)
            attachment.write(b"hi\n")
            assert attachment.read().stdout == b"hi\r\ngot hi\r\n"
