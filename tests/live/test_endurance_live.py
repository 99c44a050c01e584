"""Nothing is lost, mixed up or left behind, however often and however much (a real Engine).

What takes long runs with every version only where the version could matter to the bytes.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dockerapi import Client, ContainerConfig, HostConfig, NotFound, Output
from dockerapi.models.exec import ExecResult
from live.engine import Engine

pytestmark = pytest.mark.ours
ROOT = Path(__file__).parent.parent.parent
MIB = 2**20

# Every byte value in order; the octal numbers are those of printf.
EVERY_BYTE = bytes(range(256))
PRINT_EVERY_BYTE = ["printf", "".join(f"\\{value:03o}" for value in range(256))]

# Standard input comes back, while standard error is busy, too.
NOISE = b"\xff\x00noise\n" * 2**17
ECHO = ["sh", "-c", r"(yes x | head -c 1048576 >&2) & cat; wait"]


def times(few: int, many: int) -> pytest.MarkDecorator:
    """A few in `make test`, and many in `make nightly`."""
    return pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.nightly)])


@pytest.mark.long
@times(50, 500)
def test_a_short_command_is_complete_each_time(client: Client, sleeper: str, count: int) -> None:
    with ThreadPoolExecutor(4) as threads:
        results = threads.map(lambda _: client.exec_run(sleeper, ["echo", "x"]), range(count))
    assert list(results) == [ExecResult(exit_code=0, output=Output(b"x\n", b""))] * count


@pytest.mark.long
@times(20, 200)
def test_a_container_that_ends_at_once_is_complete_each_time(
    client: Client, busybox: str, config: ContainerConfig, alone: HostConfig | None, count: int
) -> None:
    def run(_: int) -> tuple[int, Output]:
        result = client.run(busybox, ["echo", "x"], config=config, host_config=alone, remove=True)
        return result.exit_code, result.output

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(run, range(count))) == [(0, Output(b"x\n", b""))] * count


@pytest.mark.needs("1.16")
def test_every_byte_value_comes_back(
    client: Client, busybox: str, config: ContainerConfig, sleeper: str, alone: HostConfig | None
) -> None:
    ran = client.run(busybox, PRINT_EVERY_BYTE, config=config, host_config=alone)
    assert ran.output == Output(EVERY_BYTE, b"")
    assert client.exec_run(sleeper, PRINT_EVERY_BYTE).output == Output(EVERY_BYTE, b"")


@pytest.mark.long
@pytest.mark.parametrize("verb", ["run", "exec_run"])
def test_64_mib_of_input_come_back_while_stderr_is_written(
    verb: str,
    client: Client,
    busybox: str,
    config: ContainerConfig,
    sleeper: str,
    alone: HostConfig | None,
) -> None:
    data = os.urandom(64 * MIB)
    if verb == "run":
        output = client.run(
            busybox, ECHO, config=config, host_config=alone, input=data, remove=True
        ).output
    else:
        output = client.exec_run(sleeper, ECHO, input=data).output
    assert hashlib.sha256(output.stdout).digest() == hashlib.sha256(data).digest()
    assert output.stderr == b"x\n" * (MIB // 2)


# Does execs with a client of its own, and says what one took of the processor.
EXECS = """
import sys, time
from dockerapi import Client

def execs(client, id, count):
    for _ in range(count):
        assert client.exec_run(id, ["true"]).exit_code == 0

with Client(sys.argv[1]) as client:
    execs(client, sys.argv[2], 20)
    for line in sys.stdin:
        started = time.process_time()
        execs(client, sys.argv[2], int(line))
        print((time.process_time() - started) / int(line), flush=True)
"""


@pytest.mark.long
@pytest.mark.nightly
def test_the_last_of_5_000_execs_takes_no_longer_than_an_early_one(
    newest: Client,
    engine: Engine,
    busybox: str,
    config: ContainerConfig,
    alone: HostConfig | None,
) -> None:
    """Time of the client's processor, in turn with clients that have done none before."""
    id = newest.run_detached(busybox, ["sleep", "86400"], config=config, host_config=alone)
    with working(engine.url, id) as old:
        old(4_000)
        ratios = []
        for _ in range(5):
            with working(engine.url, id) as new:
                ratios.append(old(200) / new(200))
    assert statistics.median(ratios) <= 1.2, ratios


@contextlib.contextmanager
def working(url: str, id: str) -> Iterator[Callable[[int], float]]:
    """Has a process do execs, as many as it is told; the seconds of the processor for one."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", EXECS, url, id],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        given, said = process.stdin, process.stdout

        def execs(count: int) -> float:
            print(count, file=given, flush=True)
            return float(said.readline())

        yield execs
        given.close()
    assert process.returncode == 0


# A line has 8192 bytes, its number first: one that is lost, doubled or moved shows.
FILL = "=" * 8183
PRINT_LINES = f'BEGIN {{ for (i = 0; i < %d; i++) printf "%%08d{FILL}\\n", i }}'
# It stays when it has printed all: 20.10 was once seen to end the followed log of a container that
# had ended before its reader had caught up, in good order and far too early.
PRINT_AND_STAY = ["sh", "-c", 'awk "$0"; sleep 6000']

# Reads the log as it is written, in a process of its own, whose memory is its own as well.
FOLLOW = """
import hashlib, json, sys
from dockerapi import Client

digest, length = hashlib.sha256(), 0
with Client(sys.argv[1]) as client, client.logs(sys.argv[2], follow=True) as logs:
    for frame in logs:
        digest.update(frame.data)
        length += len(frame.data)
        if length == int(sys.argv[3]):
            print("all", flush=True)
# Not getrusage(): its ru_maxrss begins with that of the process that started this one.
with open("/proc/self/status") as file:
    status = dict(line.split(":", 1) for line in file)
print(json.dumps([length, digest.hexdigest(), int(status["VmHWM"].split()[0])]))
"""


@pytest.mark.long
@times(96, 256)
def test_so_many_mib_of_followed_logs_are_complete_in_80_mib_of_memory(
    newest: Client,
    engine: Engine,
    busybox: str,
    config: ContainerConfig,
    alone: HostConfig | None,
    count: int,
) -> None:
    lines = count * MIB // (len(FILL) + 9)
    command = [*PRINT_AND_STAY, PRINT_LINES % lines]
    id = newest.run_detached(busybox, command, config=config, host_config=alone)
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", FOLLOW, engine.url, id, str(count * MIB)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "all\n"
        newest.kill(id)
        length, digest, peak_kib = json.loads(reader.stdout.read())
    assert reader.returncode == 0
    expected = hashlib.sha256()
    for number in range(lines):
        expected.update(f"{number:08}{FILL}\n".encode())
    assert (length, digest) == (count * MIB, expected.hexdigest())
    assert peak_kib < 80 * 1024


def open_files() -> Counter[str]:
    """What this process has open, by kind; not the listing itself."""
    kinds: Counter[str] = Counter()
    for entry in os.listdir("/proc/self/fd"):
        try:
            kinds[os.readlink(f"/proc/self/fd/{entry}").partition(":")[0]] += 1
        except FileNotFoundError:  # the listing
            pass
    return kinds


@pytest.mark.long
@times(5, 20)
def test_calls_and_streams_closed_half_way_leave_no_file_open(
    newest: Client,
    busybox: str,
    config: ContainerConfig,
    name: str,
    alone: HostConfig | None,
    count: int,
) -> None:
    endless = ["sh", "-c", "while :; do echo x; sleep 0.01; done"]
    id = newest.run_detached(busybox, endless, config=config, host_config=alone)
    newest.ping()
    gc.collect()
    before = open_files()
    for _ in range(6 * count):
        newest.ping()
        newest.info()
        newest.inspect_container(id)
        newest.containers()
        newest.images()
        newest.inspect_image(busybox)
        newest.history(busybox)
        with pytest.raises(NotFound):
            newest.inspect_container(name)
    opened = [
        lambda: newest.logs(id, follow=True),
        lambda: newest.attach(id),
        lambda: newest.export(id),
        lambda: newest.get_image(busybox),
        lambda: newest.exec_start(newest.exec_create(id, ["top", "-b"])),
    ]
    for _ in range(count):
        for open_stream in opened:
            stream = open_stream()
            next(stream)
            stream.close()
    # Every warning is an error: a socket that only the collector closes ends the test here.
    gc.collect()
    assert open_files() == before
    newest.close()
    assert open_files()["socket"] == before["socket"] - 1
