"""One client shared by 32 threads, with calls and streams of every kind, on a real Engine.

The whole show, which takes long: THREADS_TURNS=500 THREADS_ROUNDS=10.
"""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from dockerapi import Client, ContainerConfig, HostConfig, NotFound, Output
from live.engine import Engine, PrivateEngine
from live.leaks import left_open, resident

pytestmark = pytest.mark.ours
THREADS = 32
TURNS = int(os.environ.get("THREADS_TURNS", "40"))  # of each thread in each round
ROUNDS = int(os.environ.get("THREADS_ROUNDS", "2"))

Turn = Callable[[Client, str, int], None]


def ping(client: Client, id: str, number: int) -> None:
    client.ping()


def inspect(client: Client, id: str, number: int) -> None:
    assert client.inspect_container(id).id == id


def listing(client: Client, id: str, number: int) -> None:
    assert [one.id for one in client.containers(filters={"id": id})] == [id]


def missing(client: Client, id: str, number: int) -> None:
    with pytest.raises(NotFound):
        client.inspect_container(f"missing-{number}")


def image(client: Client, id: str, number: int) -> None:
    assert client.history("busybox") and client.inspect_image("busybox").id


def other_timeouts(client: Client, id: str, number: int) -> None:
    assert client.with_timeouts(read=120).version().api_version


def whole_log(client: Client, id: str, number: int) -> None:
    with client.logs(id, tail=10) as logs:
        assert logs.read() == Output(b"line\n" * 10, b"")


def half_a_log(client: Client, id: str, number: int) -> None:
    """Followed, read in part, and closed: its connection cannot be used again."""
    with client.logs(id, follow=True) as logs:
        assert next(logs.lines()).text == "line"


def past_events(client: Client, id: str, number: int) -> None:
    with client.events(since=1, until=2) as events:
        assert list(events) == []


def exec_with_input(client: Client, id: str, number: int) -> None:
    data = b"%d\n" % number * 100
    assert client.exec_run(id, ["cat"], input=data).output == Output(data, b"")


def archive(client: Client, id: str, number: int) -> None:
    with client.get_archive(id, "/etc/passwd") as found:
        assert len(found.read()) > (0 if found.stat is None else found.stat.size)


# An exec takes the Engine some hundred times as long as a ping.
MIX: list[Turn] = [
    *([ping] * 30),
    *([inspect] * 15),
    *([listing] * 10),
    *([missing] * 10),
    *([image] * 5),
    *([other_timeouts] * 10),
    *([whole_log] * 8),
    *([half_a_log] * 6),
    *([past_events] * 3),
    *([archive] * 2),
    exec_with_input,
]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_32_threads_share_a_client_and_leave_nothing_behind(
    engine: Engine,
    cleared: None,
    busybox: str,
    config: ContainerConfig,
    capsys: pytest.CaptureFixture[str],
) -> None:
    at_start = left_open()
    with Client(engine.url) as client:
        command = ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do echo line; done; exec sleep 3600"]
        id = client.run_detached(
            busybox, command, config=config, host_config=HostConfig(network_mode="none")
        )
        with client.logs(id, follow=True) as logs:
            lines = logs.lines()
            assert [next(lines).text for _ in range(10)] == ["line"] * 10
            lines.close()
        turns: Counter[str] = Counter()

        def work(seed: int) -> Counter[str]:
            chosen = random.Random(seed)
            done: Counter[str] = Counter()
            for number in range(TURNS):
                turn = chosen.choice(MIX)
                turn(client, id, number)
                done[turn.__name__] += 1
            return done

        of_engine = 0
        for round in range(ROUNDS):
            began = time.monotonic()
            with ThreadPoolExecutor(THREADS) as threads:
                for done in threads.map(work, range(round * THREADS, (round + 1) * THREADS)):
                    turns += done
            took = time.monotonic() - began
            gc.collect()
            found = left_open()
            if isinstance(engine, PrivateEngine):
                of_engine = len(os.listdir(f"/proc/{engine.pid}/fd"))
            with capsys.disabled():
                print(
                    f"\nround {round + 1}: {THREADS} x {TURNS} in {took:.0f} s, "
                    f"{sum(found[0].values())} files, {found[1]} threads, {resident():.0f} MiB; "
                    f"the Engine's files: {of_engine}",
                    end="",
                    file=sys.stderr,
                )
            # The pool keeps up to 32 connections.
            assert 0 < (found[0] - at_start[0]).pop("socket") <= 32
            assert (found[0] - at_start[0]).keys() == {"socket"} and found[1:] == at_start[1:]
    assert sum(turns.values()) == THREADS * TURNS * ROUNDS
    gc.collect()
    assert left_open() == at_start
    with capsys.disabled():
        print(f"\n{dict(turns.most_common())}", file=sys.stderr)
