"""Commands that Python functions play: output, input, signals, terminals, what goes wrong."""

from __future__ import annotations

import pytest

from dockerapi import Client, ContainerConfig, Output
from dockerapi.testing import FakeEngine, Run


def test_a_function_plays_a_command_with_arguments_environment_input_and_files(
    engine: FakeEngine, client: Client
) -> None:
    seen: list[object] = []

    def play(run: Run) -> int:
        seen.extend([run.argv, run.env["GREETING"], run.working_dir, run.tty, run.stdin.read()])
        run.path("note").write_text("kept")
        run.stdout.write(b"out")
        run.stderr.write(b"err")
        return 7

    engine.on("tool", ["work"], play)
    config = ContainerConfig(env={"GREETING": "hi"}, working_dir="/tmp")
    result = client.run("tool", ["work", "hard"], config=config, input=b"in")
    assert (result.exit_code, result.output) == (7, Output(b"out", b"err"))
    assert seen == [["work", "hard"], "hi", "/tmp", False, b"in"]
    assert [(one.path, one.kind) for one in client.diff(result.container_id)] == [
        ("/tmp", "modified"),
        ("/tmp/note", "added"),
    ]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param(["git", "push", "--all"], b"push", id="longest"),
        pytest.param(["git", "pull"], b"git", id="shorter"),
        pytest.param(["/usr/bin/git"], b"git", id="with its path"),
        pytest.param(["make"], b"all", id="whole image"),
    ],
)
def test_the_longest_command_that_fits_is_played(
    engine: FakeEngine, client: Client, argv: list[str], said: bytes
) -> None:
    engine.on("tool", lambda run: run.stdout.write(b"all"))
    engine.on("tool", ["git"], lambda run: run.stdout.write(b"git"))
    engine.on("tool", ["git", "push"], lambda run: run.stdout.write(b"push"))
    assert client.run("tool", argv).output.stdout == said


def test_the_newest_of_two_functions_for_a_command_plays_it(
    engine: FakeEngine, client: Client
) -> None:
    for said in (b"old", b"new"):
        engine.on("tool", ["x"], lambda run, said=said: run.stdout.write(said))  # type: ignore[misc]
    assert client.run("tool", ["x"]).output.stdout == b"new"


def test_a_lambda_that_writes_ends_with_0(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", ["date"], lambda run: run.stdout.write(b"today\n"))
    result = client.run("tool", ["date"])
    assert (result.exit_code, result.output) == (0, Output(b"today\n", b""))


def test_an_image_that_was_made_of_another_is_played_as_that(
    engine: FakeEngine, client: Client
) -> None:
    engine.on("tool", ["x"], lambda run: 5)
    id = client.create_container("tool", ["x"]).id
    client.commit(id, repository="derived")
    assert client.run("derived", ["x"]).exit_code == 5


def test_what_nobody_plays_ends_with_127_and_says_how_to_play_it(client: Client) -> None:
    result = client.run("busybox", ["backup", "now"])
    assert (result.exit_code, result.output) == (
        127,
        Output(
            b"",
            b"backup: nobody plays this command; play it with engine.on('busybox:latest', "
            b"['backup', 'now'], function), or use FakeEngine(processes=True)\n",
        ),
    )
