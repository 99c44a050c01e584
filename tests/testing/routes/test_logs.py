"""Logs: which lines are asked for, and those that follow."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest

from dockerapi import Client, ContainerConfig, Line, Output
from dockerapi.testing import FakeEngine, Run


def read(client: Client, id: str, **asked: object) -> Output:
    with client.logs(id, **asked) as logs:  # type: ignore[arg-type]
        return logs.read()


def test_logs_keep_the_streams_apart(client: Client) -> None:
    script = "echo one; echo two >&2; printf three"
    id = client.run("busybox", ["sh", "-c", script]).container_id
    assert read(client, id) == Output(b"one\nthree", b"two\n")
    assert read(client, id, stderr=False) == Output(b"one\nthree", b"")
    assert read(client, id, stdout=False) == Output(b"", b"two\n")


def test_logs_are_cut_by_number_and_by_time(engine: FakeEngine, client: Client) -> None:
    def play(run: Run) -> None:
        run.stdout.write(b"early\n")
        run.sleep(0.1)
        run.stdout.write(b"la")
        run.stdout.write(b"te\nlast\n")

    engine.on("tool", play)
    id = client.run("tool", ["x"]).container_id
    stamp, _, _ = read(client, id, tail=1, timestamps=True).stdout.partition(b" ")
    last = datetime.fromisoformat(f"{stamp[:26].decode()}+00:00")  # to the microsecond
    middle = last - timedelta(seconds=0.05)
    found = [
        read(client, id, **asked).stdout
        for asked in ({"tail": 1}, {"tail": 0}, {"tail": 9}, {"since": middle}, {"until": middle})
    ]
    everything = b"early\nlate\nlast\n"
    assert found == [b"last\n", b"", everything, b"late\nlast\n", b"early\n"]


def test_lines_begin_with_their_times_if_asked(client: Client) -> None:
    id = client.run("busybox", ["printf", r"1\n2\n"]).container_id
    state = client.inspect_container(id).state
    with client.logs(id, timestamps=True) as logs:
        times, texts = zip(*(line.text.split(" ") for line in logs.lines()), strict=True)
    assert state.started_at is not None
    assert texts == ("1", "2")
    assert all(text.startswith(state.started_at.date().isoformat()) for text in times)
    assert all(text.endswith("Z") for text in times)


def test_followed_logs_go_on_until_the_container_ends(engine: FakeEngine, client: Client) -> None:
    def play(run: Run) -> None:
        for line in run.stdin:
            run.stdout.write(b"got " + line)

    engine.on("echoes", play)
    config = ContainerConfig(open_stdin=True, stdin_once=True)
    id = client.create_container("echoes", ["x"], config=config).id
    with client.attach(id, stdin=True, stdout=False, stderr=False) as attachment:
        client.start(id)
        with client.logs(id, follow=True, tail=0) as logs:
            lines = logs.lines()
            for word in ("one", "two"):
                attachment.write(f"{word}\n".encode())
                assert next(lines) == Line("stdout", f"got {word}")
            attachment.close_stdin()
            assert list(lines) == []


def test_followed_logs_end_at_until(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", lambda run: run.sleep(600))
    id = client.run_detached("tool", ["x"])
    assert read(client, id, follow=True, until=time.time() + 0.2) == Output(b"", b"")


def test_who_follows_and_goes_away_is_forgotten(engine: FakeEngine, client: Client) -> None:
    engine.on("tool", lambda run: run.sleep(600))
    id = client.run_detached("tool", ["x"])
    before = threading.active_count()
    client.logs(id, follow=True).close()
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.mark.parametrize("status", ["created", "exited"])
def test_following_what_does_not_run_ends_at_once(client: Client, status: str) -> None:
    id = client.create_container("busybox", ["echo", "x"]).id
    if status == "exited":
        client.start(id)
        client.wait(id)
    assert read(client, id, follow=True).stdout == (b"x\n" if status == "exited" else b"")


def test_bytes_that_are_not_utf_8_are_replaced_as_json_file_does(
    engine: FakeEngine, client: Client
) -> None:
    engine.on("bytes", lambda run: run.stdout.write(b"\xffx"))
    id = client.run("bytes", ["x"]).container_id
    assert read(client, id).stdout == "\ufffdx".encode()


def test_a_restarted_container_goes_on_with_its_log(client: Client) -> None:
    id = client.run("busybox", ["echo", "x"]).container_id
    client.start(id)
    client.wait(id)
    assert read(client, id).stdout == b"x\nx\n"
