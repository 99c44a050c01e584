"""One container: signals by name, and what becomes of those who wait for it."""

from __future__ import annotations

import threading

import pytest

from dockerapi import Client
from dockerapi.testing import FakeEngine
from dockerapi.testing.state.container import number_of


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("9", 9),
        ("KILL", 9),
        ("SIGTERM", 15),
        ("sigusr1", 10),
        ("0", None),
        ("65", None),
        ("NONSENSE", None),
        ("SIG", None),
        ("", None),
    ],
)
def test_a_signal_has_a_number(name: str, number: int | None) -> None:
    assert number_of(name) == number


def test_all_who_wait_are_told_of_the_end() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        engine.on("tool", ["x"], lambda run: run.sleep(600))
        id = client.run_detached("tool", ["x"])
        found: list[int] = []

        def wait() -> None:
            with Client(engine.url) as own:
                found.append(own.wait(id))

        threads = [threading.Thread(target=wait) for _ in range(5)]
        for thread in threads:
            thread.start()
        client.kill(id)
        for thread in threads:
            thread.join(60)
        assert found == [137] * 5


def test_starting_it_again_gives_another_exit_code() -> None:
    codes = iter((3, 4))
    with FakeEngine() as engine, Client(engine.url) as client:
        engine.on("tool", lambda run: next(codes))
        id = client.create_container("tool", ["x"]).id
        seen = []
        for _ in range(2):
            client.start(id)
            seen.append(client.wait(id))
        assert seen == [3, 4]
