"""Many clients at once, and many Engines one after the other: nothing is left behind."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest

from dockerapi import Client, Output
from dockerapi.testing import FakeEngine

CLIENTS, ROUNDS = 8, 2  # 11 requests each round; 50 and 20 were run, too
CYCLES = 10  # 1,000 were run, too


@pytest.mark.parametrize("processes", [False, True], ids=["played", "processes"])
def test_many_clients_at_once_are_served_without_an_error(processes: bool) -> None:
    if processes and os.name != "posix":
        pytest.skip("needs processes as POSIX has them")
    errors: list[BaseException] = []

    def talk(url: str) -> None:
        try:
            with Client(url) as client:
                for _ in range(ROUNDS):
                    _use(client)
        except BaseException as error:
            errors.append(error)

    with FakeEngine(processes=processes) as engine:
        threads = [threading.Thread(target=talk, args=(engine.url,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        with Client(engine.url) as client:
            assert client.containers(all=True) == []
        looks = [one for one in engine.requests if re.fullmatch("/containers/[^/]+/json", one.path)]
        assert len(engine.requests) - len(looks) == CLIENTS * ROUNDS * 8 + 1
        assert len(looks) >= CLIENTS * ROUNDS * 3  # and another one where 2 seconds were silent


def _use(client: Client) -> None:
    id = client.create_container("busybox", ["sh", "-c", "echo hi; echo err >&2"]).id
    with client.attach(id) as attachment:  # which asks what it is, too
        client.start(id)
        assert attachment.read() == Output(b"hi\n", b"err\n")
    assert client.wait(id) == 0
    with client.logs(id) as logs:
        assert logs.read() == Output(b"hi\n", b"err\n")
    client.containers(all=True, limit=5)
    client.remove_container(id)
    client.version()


def test_engines_one_after_the_other_leave_nothing_behind() -> None:
    def left() -> tuple[int, int]:
        folder = Path("/proc/self/fd")
        return threading.active_count(), len(os.listdir(folder)) if folder.is_dir() else 0

    before = left()
    for _ in range(CYCLES):
        with FakeEngine() as engine, Client(engine.url) as client:
            client.run_detached("busybox", ["sleep", "600"])
    assert left() == before
