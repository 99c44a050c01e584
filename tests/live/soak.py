"""Mixed work on an Engine that is restarted or killed again and again.

    PYTHONPATH=tests python -W error -m live.soak --minutes=20

Threads, half of them on one client and half with one of their own, do turns: each makes what it
needs, checks every byte of what claims to be whole, and ends with a result or a named error. What
must hold:

- an error is a `DockerError` of the classes below, and comes only where the Engine was disturbed;
- a result says that it is whole (the exit code is the command's own, 7) only when it is;
- no call takes longer than LONGEST_CALL, no turn longer than LONGEST_TURN;
- memory does not grow, and at the end no file, thread or program is left.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import hashlib
import io
import json
import random
import sys
import tarfile
import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from dockerapi import (
    BuildOptions,
    Client,
    Closed,
    Conflict,
    ConnectionFailed,
    ContainerConfig,
    ContainerNotFound,
    DockerError,
    HostConfig,
    NotFound,
    ServerError,
    StreamInterrupted,
    TimedOut,
    Timeouts,
    Truncated,
)
from live.busybox import find_busybox, root_file_system
from live.engine import NoEngine, PrivateEngine, start
from live.leaks import left_open, resident

THREADS = 8
TIMEOUTS = Timeouts(connect=5, read=30, idle=30)
LONGEST_CALL = 60.0  # `run` waits three times: for the start, for output, and for the exit code
LONGEST_TURN = 180.0
ENGINE_BACK = 120.0
MEMORY_GROWTH = 16.0  # MiB, from minute 3 of 20 to the end
LABEL = "dockerapi.soak"
ALONE = HostConfig(network_mode="none")
# What an Engine that is stopped, killed or just back may do to a call. (`Conflict` and `NotFound`:
# its containers have ended, and it has forgotten the execs in them.)
SENSIBLE = (ConnectionFailed, StreamInterrupted, Truncated, ServerError, Conflict, NotFound)
# A command of ours ends with this code, and only after all of its output; what is ended by the
# Engine has another.
DONE = 7
ENDED_BY_ENGINE = (137, 143, 255)


class Partial(Exception):
    """A result that claims to be whole and is not."""


@attrs.define
class Tally:
    """What came of the work so far."""

    calls: int = 0
    longest_call: tuple[float, str] = (0.0, "")
    longest_turn: tuple[float, str] = (0.0, "")
    whole: Counter[str] = attrs.field(factory=Counter)
    ended: Counter[str] = attrs.field(factory=Counter)
    errors: Counter[str] = attrs.field(factory=Counter)
    errors_by_turn: Counter[str] = attrs.field(factory=Counter)
    wrong: list[str] = attrs.field(factory=list)
    lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def call(self, name: str, seconds: float) -> None:
        with self.lock:
            self.calls += 1
            self.longest_call = max(self.longest_call, (round(seconds, 1), name))
            if seconds > LONGEST_CALL:
                self.wrong.append(f"{name} took {seconds:.1f} s")

    def turn(self, name: str, seconds: float) -> None:
        with self.lock:
            self.longest_turn = max(self.longest_turn, (round(seconds, 1), name))


class Counted:
    """A client whose calls are counted, and timed."""

    def __init__(self, client: Client, tally: Tally) -> None:
        self._client = client
        self._tally = tally

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*arguments: Any, **named: Any) -> Any:
            began = time.monotonic()
            try:
                return method(*arguments, **named)
            finally:
                self._tally.call(name, time.monotonic() - began)

        return call


@attrs.define
class Disturbances:
    """When the Engine was there: what began and ended in one calm was not disturbed."""

    begun: int = 0
    over: int = 0
    kinds: list[str] = attrs.field(factory=list)

    def mark(self) -> int | None:
        """The number of this calm; None while the Engine is being disturbed."""
        return self.begun if self.begun == self.over else None


@attrs.frozen
class Turn:
    """What a turn works with."""

    client: Any
    random: random.Random
    label: str
    disturbances: Disturbances

    @property
    def config(self) -> ContainerConfig:
        return ContainerConfig(labels={LABEL: self.label}, stop_timeout=1)

    def data(self, most: int = 2**18) -> bytes:
        return self.random.randbytes(self.random.randrange(1, most))

    @contextlib.contextmanager
    def container(self, command: Sequence[str]) -> Iterator[str]:
        """A running container, which is removed as far as the Engine lets us."""
        id = self.client.run_detached("busybox", command, config=self.config, host_config=ALONE)
        with self.removed(self.client.remove_container, id):
            yield id

    @contextlib.contextmanager
    def removed(self, remove: Callable[..., object], id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with contextlib.suppress(DockerError):
                remove(id, force=True)
            raise
        remove(id, force=True)


def expect(found: object, wanted: object, what: str) -> None:
    """That a result is what it claims to be; bytes are not shown."""
    if found != wanted:
        sizes = [len(value) if isinstance(value, bytes) else value for value in (found, wanted)]
        raise Partial(f"{what}: {sizes[0]!r} instead of {sizes[1]!r}")


def whole(exit_code: int, what: str) -> bool:
    """Whether the command ended by itself; what else there is, is a container that was ended."""
    if exit_code != DONE and exit_code not in ENDED_BY_ENGINE:
        raise Partial(f"{what}: exit code {exit_code}")
    return exit_code == DONE


def packed(name: str, data: bytes) -> bytes:
    """A tar archive with one file."""
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return archived.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The files of a tar archive; one that is cut is an error."""
    if not archive.endswith(bytes(1024)):
        raise Partial(f"an archive without its end: {len(archive)} bytes")
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in opened:
            file = opened.extractfile(member)
            if file is not None:
                files[member.name] = file.read()
    return files


# The turns. True is for a whole result, False for one of a container that the Engine has ended.


def run(turn: Turn) -> bool:
    data = turn.data()
    result = turn.client.run(
        "busybox",
        ["sh", "-c", f"cat; echo done >&2; exit {DONE}"],
        config=turn.config,
        host_config=ALONE,
        input=data,
        remove=True,
    )
    if not whole(result.exit_code, "run"):
        return False
    expect(result.output.stdout, data, "stdout of run")
    expect(result.output.stderr, b"done\n", "stderr of run")
    return True


def exec_run(turn: Turn) -> bool:
    data = turn.data()
    with turn.container(["sleep", "6000"]) as id:
        result = turn.client.exec_run(id, ["sh", "-c", f"cat; exit {DONE}"], input=data)
    if not whole(result.exit_code, "exec_run"):
        return False
    expect(result.output.stdout, data, "stdout of exec_run")
    return True


def attach(turn: Turn) -> bool:
    data = turn.data(2**14)
    config = attrs.evolve(turn.config, open_stdin=True, stdin_once=True)
    created = turn.client.create_container(
        "busybox", ["sh", "-c", f"cat; exit {DONE}"], config=config, host_config=ALONE
    )
    with turn.removed(turn.client.remove_container, created.id):
        with turn.client.attach(created, stdin=True) as attachment:
            turn.client.start(created)
            output = attachment.communicate(data)
        # An Engine that stops ends its containers: the exit code says whether this ended itself.
        exit_code = turn.client.wait(created, timeout=30)
    if not whole(exit_code, "attach"):
        return False
    expect(output.stdout, data, "stdout of attach")
    return True


def logs(turn: Turn) -> bool:
    """The container stays when it has printed all: what ends before that was ended."""
    lines = turn.random.randrange(1, 2000)
    script = f"seq 1 {lines}; exec sleep 6000"
    calm = turn.disturbances.mark()
    with turn.container(["sh", "-c", script]) as id:
        found = 0
        with turn.client.logs(id, follow=True) as stream:
            for line in stream.lines():
                found += 1
                expect(line.text, str(found), "a line of logs")
                if found == lines:
                    break
        if found == lines:
            return True
        only_killed(turn, calm, f"logs ended after {found} of {lines} lines")
    return False


def only_killed(turn: Turn, calm: int | None, what: str) -> None:
    """That a stream which ended in good order was ended by an Engine that shut down in order."""
    if "restart" not in turn.disturbances.kinds[calm if calm is not None else -1 :]:
        raise Partial(what)


def build(turn: Turn) -> bool:
    data = turn.data()
    context = io.BytesIO()
    dockerfile = b"FROM busybox\nCOPY data /data\nRUN sha256sum /data\n"
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, content in (("Dockerfile", dockerfile), ("data", data)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    seen: list[str] = []
    built = turn.client.build(
        context.getvalue(),
        options=BuildOptions(
            labels={LABEL: turn.label}, network_mode="none", rm=True, force_rm=True
        ),
        progress=lambda value: seen.append(value.text or ""),
    )
    expect("".join(seen), built.log, "progress of build")
    expect(f"{hashlib.sha256(data).hexdigest()}  /data" in built.log, True, "log of build")
    turn.client.remove_image(built.image_id, force=True)
    return True


def import_save_load(turn: Turn) -> bool:
    data, name = turn.data(), f"soak-{uuid.uuid4().hex[:12]}:latest"
    changes = [f"LABEL {LABEL}={turn.label}"]
    repository, tag = name.split(":")
    id = turn.client.import_image(
        packed("data", data), repository=repository, tag=tag, changes=changes
    )
    with turn.removed(turn.client.remove_image, name):
        expect(turn.client.inspect_image(name).id, id, "id of an import")
        with turn.client.get_image(name) as stream:
            saved = stream.read()
        files = unpacked(saved)
        (image,) = json.loads(files["manifest.json"])
        layers = [unpacked(files[layer]) for layer in image["Layers"]]
        expect(layers == [{"data": data}], True, "layers of a save")
    loaded = turn.client.load_image(saved)
    with turn.removed(turn.client.remove_image, name):
        expect(loaded.images, (name,), "images of a load")
        expect(turn.client.inspect_image(name).id, id, "id of a load")
    return True


def archives(turn: Turn) -> bool:
    data = turn.data()
    created = turn.client.create_container(
        "busybox", ["true"], config=turn.config, host_config=ALONE
    )
    with turn.removed(turn.client.remove_container, created.id):
        turn.client.put_archive(created, "/root", packed("data", data))
        with turn.client.get_archive(created, "/root/data") as stream:
            expect(unpacked(stream.read()), {"data": data}, "an archive")
    return True


def events(turn: Turn) -> bool:
    calm = turn.disturbances.mark()
    key = f"soak-{uuid.uuid4().hex[:12]}"
    config = ContainerConfig(labels={LABEL: turn.label, key: "1"})
    found = []
    with turn.client.events(filters={"label": key, "type": "container"}) as stream:
        created = turn.client.create_container(
            "busybox", ["true"], config=config, host_config=ALONE
        )
        with turn.removed(turn.client.remove_container, created.id):
            turn.client.rename(created, f"{key}-renamed")
        for event in stream:
            found.append((event.action, event.id))
            if len(found) == 3:
                break
    wanted = [(action, created.id) for action in ("create", "rename", "destroy")]
    if found == wanted:
        return True
    expect(found, wanted[: len(found)], "events")
    only_killed(turn, calm, f"events ended after {len(found)} of 3")
    return False


def stats(turn: Turn) -> bool:
    calm = turn.disturbances.mark()
    with turn.container(["sleep", "6000"]) as id:
        found = 0
        with turn.client.stream_stats(id) as stream:
            for value in stream:
                expect(value.raw.get("id", id), id, "the id of stats")
                found += 1
                if found == 2:
                    return True
        only_killed(turn, calm, f"stats ended after {found} of 2")
    return False


def wait(turn: Turn) -> bool:
    with turn.container(["sleep", "6000"]) as id:
        began = time.monotonic()
        try:
            exit_code = turn.client.wait(id, timeout=0.5)
        except TimedOut as error:
            if error.kind == "read":
                expect(time.monotonic() - began < 10, True, "a wait of 0.5 seconds")
                return True
            raise
    return whole(exit_code, "wait")


def pull(turn: Turn) -> bool:
    try:
        turn.client.pull("127.0.0.1:1/none")  # where nobody listens
    except ServerError as error:
        if "connection refused" in error.message:
            return True
        raise
    raise Partial("a pull from nowhere")


def listing(turn: Turn) -> bool:
    expect(bool(turn.client.version().api_version), True, "version")
    turn.client.ping()
    expect(turn.client.info().driver is not None, True, "info")
    image = turn.client.inspect_image("busybox")
    expect(image.id in [one.id for one in turn.client.images()], True, "images")
    expect(bool(turn.client.history("busybox")), True, "history")
    turn.client.containers(all=True)
    try:
        turn.client.inspect_container("soak-missing")
    except ContainerNotFound:
        return True
    raise Partial("a container that is not there")


def closed_by_another(turn: Turn) -> bool:
    with turn.container(["sleep", "6000"]) as id:
        with turn.client.logs(id, follow=True) as stream:
            closer = threading.Timer(0.2, stream.close)
            closer.start()
            try:
                output = stream.read()
            except Closed:
                return True
            finally:
                closer.join()
        expect(output.combined, b"", "a silent log")
    return False


TURNS: tuple[Callable[[Turn], bool], ...] = (
    *(run, exec_run, attach, logs, build, import_save_load, archives),
    *(events, stats, wait, pull, listing, closed_by_another),
)


class Soak:
    """The threads, the Engine, and the one who disturbs it."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine
        self.label = uuid.uuid4().hex[:12]
        self.tally = Tally()
        self.disturbances = Disturbances()
        self.ended = threading.Event()
        self.since: dict[str, tuple[float, str]] = {}  # each thread's turn, and when it began
        self.memory: list[tuple[float, float]] = []  # seconds, MiB

    def work(self, number: int, shared: Client) -> None:
        chosen = random.Random(number)
        own = number % 2 == 1
        while not self.ended.is_set():
            client = Client(self.engine.url, timeout=TIMEOUTS) if own else shared
            counted = Counted(client, self.tally)
            try:
                for one in chosen.sample(TURNS, len(TURNS)):
                    if self.ended.is_set():
                        break
                    if not self.do(one, Turn(counted, chosen, self.label, self.disturbances)):
                        client.wait_until_ready(ENGINE_BACK)
            except DockerError as error:
                self.tally.wrong.append(f"the Engine did not come back: {error}")
            finally:
                if own:
                    client.close()

    def do(self, one: Callable[[Turn], bool], turn: Turn) -> bool:
        """One turn; False if it ended with an error."""
        tally, name, began = self.tally, one.__name__, time.monotonic()
        self.since[threading.current_thread().name] = (began, name)
        calm = self.disturbances.mark()
        try:
            kind = tally.whole if one(turn) else tally.ended
            with tally.lock:
                kind[name] += 1
            return True
        except DockerError as error:
            disturbed = calm is None or calm != self.disturbances.mark()
            with tally.lock:
                tally.errors[type(error).__name__] += 1
                tally.errors_by_turn[name] += 1
                if not disturbed or not self.sensible(error):
                    when = "disturbed" if disturbed else "in a calm"
                    tally.wrong.append(f"{name}, {when}: {type(error).__name__}: {error}")
        except BaseException:
            with tally.lock:
                tally.wrong.append(f"{name}: {traceback.format_exc()}")
        finally:
            tally.turn(name, time.monotonic() - began)
            self.since.pop(threading.current_thread().name)
        return False

    @staticmethod
    def sensible(error: DockerError) -> bool:
        return isinstance(error, SENSIBLE) and not isinstance(error, Closed)

    def disturb(self, kind: str) -> None:
        self.disturbances.kinds.append(kind)
        self.disturbances.begun += 1
        if kind == "kill":
            self.engine.kill()
            self.engine.start()
        else:
            self.engine.restart()
        self.disturbances.over += 1

    def tidy(self, before: float) -> None:
        """Remove what was left behind by turns that ended before the last disturbance."""
        query = "filters=" + quote(json.dumps({"label": [f"{LABEL}={self.label}"]}))
        for one in self.engine.get(f"/containers/json?all=1&{query}"):
            if one["Created"] < before:
                self.engine.request("DELETE", f"/containers/{one['Id']}?force=1&v=1")
        for one in self.engine.get(f"/images/json?{query}"):
            if one["Created"] < before:
                self.engine.request("DELETE", f"/images/{one['Id']}?force=1")

    def hung(self) -> list[str]:
        now = time.monotonic()
        return [
            f"{thread} hangs in {name} since {now - began:.0f} s"
            for thread, (began, name) in list(self.since.items())
            if now - began > LONGEST_TURN
        ]

    def last(self, seconds: float, every: float) -> None:
        """Work for so long, with a restart or a kill of the Engine in turn."""
        began = time.monotonic()
        with Client(self.engine.url, timeout=TIMEOUTS) as shared:
            threads = [
                threading.Thread(target=self.work, args=(number, shared), name=f"soak-{number}")
                for number in range(THREADS)
            ]
            for thread in threads:
                thread.start()
            try:
                back = 0.0
                next_one = began + every
                while (now := time.monotonic()) < began + seconds and not self.hung():
                    if now >= next_one:
                        self.tidy(back - 5)
                        self.disturb(("restart", "kill")[self.disturbances.begun % 2])
                        back = time.time()
                        next_one += every
                    gc.collect()
                    self.memory.append((time.monotonic() - began, resident()))
                    time.sleep(1)
            finally:
                self.ended.set()
                deadline = time.monotonic() + LONGEST_TURN
                for thread in threads:
                    thread.join(max(deadline - time.monotonic(), 0))
                hung = self.hung() + [f"{one.name} lives" for one in threads if one.is_alive()]
                if hung:
                    self.tally.wrong += hung
                    faulthandler.dump_traceback(all_threads=True)
            self.tidy(time.time() + 3600)

    def growth(self, seconds: float) -> tuple[float, ...]:
        """MiB after each 20th of the time."""
        marks = [seconds * number / 20 for number in range(1, 21)]
        found = []
        for mark in marks:
            seen = [mib for when, mib in self.memory if when <= mark] or [self.memory[0][1]]
            found.append(seen[-1])
        return tuple(found)


@attrs.frozen
class Report:
    """What came of a soak."""

    tally: Tally
    disturbances: tuple[str, ...]
    memory: tuple[float, ...]
    before: tuple[Counter[str], int, list[str]]
    after: tuple[Counter[str], int, list[str]]

    def __str__(self) -> str:
        tally = self.tally
        files = [sum(found[0].values()) for found in (self.before, self.after)]
        lines = [
            f"Engine: {dict(Counter(self.disturbances))}",
            f"{tally.calls} calls in {tally.whole.total()} turns with a whole result, "
            f"{tally.ended.total()} with that of a container that the Engine ended, "
            f"{tally.errors.total()} with an error",
            f"whole: {dict(tally.whole.most_common())}",
            f"ended: {dict(tally.ended.most_common())}",
            f"errors: {dict(tally.errors.most_common())}",
            f"errors by turn: {dict(tally.errors_by_turn.most_common())}",
            f"longest call: {tally.longest_call[0]} s ({tally.longest_call[1]}); "
            f"longest turn: {tally.longest_turn[0]} s ({tally.longest_turn[1]})",
            f"MiB of memory after each 20th: {' '.join(f'{mib:.1f}' for mib in self.memory)}",
            f"files {files[0]} and {files[1]}, threads {self.before[1]} and {self.after[1]}, "
            f"programs {len(self.before[2])} and {len(self.after[2])}, before and after",
            f"wrong: {len(tally.wrong)}",
            *tally.wrong[:50],
        ]
        return "\n".join(lines)


def soak(seconds: float, every: float, programs: Path | None = None) -> Report:
    """Start an Engine, work and disturb it, end it."""
    before = left_open()
    with start(programs, name="soak") as engine:
        make_image(engine)
        soaked = Soak(engine)
        soaked.last(seconds, every)
    gc.collect()
    return Report(
        tally=soaked.tally,
        disturbances=tuple(soaked.disturbances.kinds),
        memory=soaked.growth(seconds),
        before=before,
        after=left_open(),
    )


def make_image(engine: PrivateEngine) -> None:
    program = find_busybox(engine.folder)
    assert program is not None, "there is no busybox to make an image of"
    query = urlencode({"fromSrc": "-", "repo": "busybox", "tag": "latest"})
    status, answer = engine.request(
        "POST",
        f"/images/create?{query}",
        root_file_system(program),
        {"Content-Type": "application/x-tar"},
    )
    assert status == 200 and b'"error"' not in answer, answer


def main() -> int | str:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--every", type=float, default=60, help="seconds between disturbances")
    chosen = parser.parse_args()
    unraisable: list[str] = []
    # A socket that only the collector closes is a warning, and a warning is an error.
    sys.unraisablehook = lambda seen: unraisable.append(f"{seen.exc_value!r} {seen.object!r}")
    try:
        report = soak(chosen.minutes * 60, chosen.every)
    except NoEngine as error:
        return f"no soak: {error}"
    report.tally.wrong.extend(unraisable)
    print(report)
    grown = report.memory[-1] - report.memory[2]
    fine = not report.tally.wrong and report.before == report.after and grown < MEMORY_GROWTH
    print("fine" if fine else "NOT fine")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
