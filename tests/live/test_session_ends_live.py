"""How sessions of BuildKit end that are not left in peace: by us, the Engine, what is between.

Whatever it is, the call ends within seconds with an error that says it, and nothing is left.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockerapi import (
    BuildFailed,
    BuildOptions,
    Client,
    Closed,
    DockerError,
    StreamInterrupted,
    Timeouts,
)
from dockerapi.models.images import Progress
from interruptions import interruptible
from live.agents import context_with_ssh_add, serve_agent
from live.busybox import find_busybox, root_file_system
from live.engine import PATIENCE, Engine, PrivateEngine, cannot_start, start
from live.leaks import left_open
from proxies import copy

pytestmark = pytest.mark.real("BuildKit")
SOON = 10.0  # seconds, as promised
LIMITS = Timeouts(connect=60, read=60, idle=60)
SECRET = {"x": b"begun\n"}
STEP = "RUN --mount=type=secret,id=x cat /run/secrets/x; sleep 6000\n"


def options(**given: object) -> BuildOptions:
    return BuildOptions(builder="buildkit", no_cache=True, **given)  # type: ignore[arg-type]


def dockerfile(base: str, label: dict[str, str], steps: str) -> io.StringIO:
    [(key, value)] = label.items()
    return io.StringIO(f"FROM {base}\nLABEL {key}={value}\n{steps}")


OnProgress = Callable[[Progress], None]
acts: list[float] = []  # when something was done to a build


@pytest.fixture(autouse=True)
def it_ends_soon(request: pytest.FixtureRequest) -> Iterator[None]:
    """After what was done to it; how long a build takes to begin is not asked."""
    acts.clear()
    yield
    if acts and "killed" not in request.node.name:  # an Engine takes its time to die
        assert time.monotonic() - acts[-1] < SOON


@contextlib.contextmanager
def ending(folder: Path) -> Iterator[None]:
    """What is in it leaves no thread, no descriptor, and no file in the folder.

    That is where temporary ones would be: other runs make some in the usual place.
    """
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)
    before = left_open()[:2], sorted(folder.rglob("*"))
    try:
        yield
    finally:
        tempfile.tempdir = usual
    for thread in threading.enumerate():
        if thread.name == "act":
            thread.join(PATIENCE)
    assert (left_open()[:2], sorted(folder.rglob("*"))) == before


def once(begun: Callable[[Progress], bool], act: Callable[[], object]) -> OnProgress:
    """A callback that does something in another thread when the build is where it is to be."""
    thread = threading.Thread(target=act, name="act")

    def callback(value: Progress) -> None:
        if thread.ident is None and begun(value):
            thread.start()

    return callback


class InAStep:
    """A build in a step that has its secret, and goes on for long."""

    def __init__(self, url: str, base: str, label: dict[str, str], folder: Path) -> None:
        self.between = Between(url)
        self._dockerfile = dockerfile(base, label, STEP)

    def go(self, client: Client, act: Callable[[], object], *, here: bool = False) -> None:
        """Builds, and does something to it in another thread, or `here`: in the callback."""

        def timed() -> None:
            self.wait()
            acts.append(time.monotonic())
            act()

        if not here:
            return self.build(client, once(self.has_begun, timed))
        self.build(client, lambda value: timed() if self.has_begun(value) else None)

    def build(self, client: Client, progress: OnProgress) -> None:
        given = options(secrets=SECRET)
        client.build(None, dockerfile=self._dockerfile, options=given, progress=progress)

    def has_begun(self, value: Progress) -> bool:
        return (value.text or "").endswith("begun\n")

    def wait(self) -> None:
        """Until it is where it is to be."""


class InTheFiles(InAStep):
    """A build whose files have come in part, into a folder; what is between has the rest."""

    def __init__(self, url: str, base: str, label: dict[str, str], folder: Path) -> None:
        self.between = Between(url, 1_000_000, held=True)
        self._folder = folder
        steps = "RUN head -c 4000000 /dev/zero > /made\nFROM scratch\nCOPY --from=0 /made /\n"
        self._dockerfile = dockerfile(base, label, steps)

    def build(self, client: Client, progress: OnProgress) -> None:
        client.build_files(
            None, self._folder, dockerfile=self._dockerfile, options=options(), progress=progress
        )

    def has_begun(self, value: Progress) -> bool:
        return "exporting to client" in (value.text or "")

    def wait(self) -> None:
        assert self.between.has_held.wait(PATIENCE)
        assert [name[:10] for name in os.listdir(self._folder)] == [".dockerapi"]


@pytest.fixture(params=[InAStep, InTheFiles])
def building(
    request: pytest.FixtureRequest,
    engine: Engine,
    busybox: str,
    label: dict[str, str],
    tmp_path: Path,
) -> Iterator[InAStep]:
    """A build to which something is done, and what is between it and the Engine."""
    (tmp_path / "made").mkdir()
    with ending(tmp_path):
        found: InAStep = request.param(engine.url, busybox, label, tmp_path / "made")
        with found.between:
            yield found


def test_a_client_that_is_closed_in_another_thread(building: InAStep) -> None:
    with Client(building.between.url, timeout=LIMITS) as client, pytest.raises(Closed):
        building.go(client, client.close)


def test_a_callback_that_raises(building: InAStep) -> None:
    def stop() -> None:
        raise LookupError("enough")

    with Client(building.between.url, timeout=LIMITS) as client, pytest.raises(LookupError):
        building.go(client, stop, here=True)


def test_ctrl_c(building: InAStep) -> None:
    with Client(building.between.url, timeout=LIMITS) as client, pytest.raises(KeyboardInterrupt):
        with interruptible() as interrupt:
            building.go(client, interrupt)


@pytest.mark.dear
@pytest.mark.parametrize("kind", [InAStep, InTheFiles])
def test_an_engine_that_is_killed(
    programs: Path | None, label: dict[str, str], tmp_path: Path, kind: type[InAStep]
) -> None:
    if why := cannot_start():
        pytest.skip(why)
    program = find_busybox(tmp_path)
    assert program is not None
    with start(programs, "sessions") as private:
        assert isinstance(private, PrivateEngine)
        with Client(private.url, timeout=LIMITS) as client:
            client.import_image(root_file_system(program), repository="busybox")
        (tmp_path / "made").mkdir()
        with ending(tmp_path):
            building = kind(private.url, "busybox", label, tmp_path / "made")
            with building.between, Client(building.between.url, timeout=LIMITS) as client:
                with pytest.raises(StreamInterrupted):
                    building.go(client, private.kill)


class Between:
    """Carries connections to an Engine, and cuts the one of a session, or holds it.

    `after` is how many bytes of the Engine's it passes before; `cut` does it now. What is held
    stays open, and nothing more comes.
    """

    def __init__(self, url: str, after: int | None = None, *, held: bool = False) -> None:
        self._path = url.removeprefix("unix://")
        self._after = after
        self._held = held
        self.has_held = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="between-", dir="/tmp")
        self.url = f"unix://{self._folder.name}/docker.sock"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder.name}/docker.sock")
        self._listener.listen()
        self._session: list[socket.socket] = []
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Between:
        return self

    def __exit__(self, *_: object) -> None:
        shut_down(self._listener)
        self._threads[0].join(PATIENCE)
        for sock in self._open:
            shut_down(sock)
        for thread in self._threads:
            thread.join(PATIENCE)
        for sock in [self._listener, *self._open]:
            sock.close()
        self._folder.cleanup()

    def cut(self) -> None:
        acts.append(time.monotonic())
        for sock in self._session:
            shut_down(sock)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._start(self._carry, near)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _carry(self, near: socket.socket) -> None:
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._path)
        self._open += [near, far]
        first = near.recv(65536)
        if first.partition(b"\r\n")[0].endswith(b"/session HTTP/1.1"):
            self._session += [near, far]
            self._start(self._pass_some, far, near)
        else:
            self._start(copy, far, near)
        with contextlib.suppress(OSError):
            far.sendall(first)
        copy(near, far)

    def _pass_some(self, far: socket.socket, near: socket.socket) -> None:
        left = self._after
        with contextlib.suppress(OSError):
            while left is None or left > 0:
                data = far.recv(65536 if left is None else min(left, 65536))
                if not data:
                    break
                near.sendall(data)
                left = None if left is None else left - len(data)
        if left == 0 and self._held:
            self.has_held.set()
        elif left == 0:
            self.cut()


def shut_down(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


SAID = re.compile("the client connection is closing|error reading from server|transport is closing")
WORDS = "the session of this build broke, without which it may wait for ever: "


def test_a_session_that_is_cut(building: InAStep) -> None:
    """An Engine that asks for something just then may say it first."""
    with Client(building.between.url, timeout=LIMITS) as client:
        with pytest.raises((StreamInterrupted, BuildFailed)) as caught:
            building.go(client, building.between.cut)
    if isinstance(building, InTheFiles) and isinstance(caught.value, BuildFailed):
        assert SAID.search(caught.value.message)
    else:
        assert str(caught.value).startswith(WORDS)


def test_a_session_that_is_cut_in_a_step_that_asks_an_agent_again(
    engine: Engine, busybox: str, label: dict[str, str], tmp_path: Path
) -> None:
    """All Engines wait for ever in the last of its programs."""
    folder = context_with_ssh_add(tmp_path / "context", f"FROM {busybox}\n")
    again = "RUN --mount=type=ssh ssh-add -l; echo begun; read x < /go; ssh-add -l; ssh-add -l\n"
    with (folder / "Dockerfile").open("a") as file:
        file.write("LABEL {}={}\nRUN mkfifo /go\n".format(*next(iter(label.items()))) + again)
    with serve_agent(tmp_path / "agent") as (path, _), ending(tmp_path):
        with Between(engine.url) as between, Client(between.url, timeout=LIMITS) as client:

            def cut() -> None:
                acts.append(time.monotonic())
                between.cut()

            with pytest.raises(StreamInterrupted) as caught:
                client.build(
                    folder,
                    options=options(ssh={"default": path}),
                    progress=once(lambda value: (value.text or "").endswith("begun\n"), cut),
                )
    assert str(caught.value).startswith(WORDS)


@pytest.mark.parametrize("count", [6, pytest.param(200, marks=pytest.mark.nightly)])
def test_a_session_that_is_cut_at_any_byte(
    engine: Engine, busybox: str, label: dict[str, str], tmp_path: Path, count: int
) -> None:
    """The build succeeds, if all was asked for before, or ends with an error of ours.

    Half of the cuts are while it asks for secrets, half while its files come.
    """
    dice = random.Random(os.environ.get("DICE", "sessions"))
    secrets = {f"s{n}": b"x" * 1000 for n in range(3)}
    mounts = " ".join(f"--mount=type=secret,id={id},required=true" for id in secrets)
    steps = f"RUN {mounts} cat /run/secrets/* > /made\nRUN cat /made /bin/busybox > /large\n"
    steps += "FROM scratch\nCOPY --from=0 /made /large /\n"
    longest, outcomes, target = 0.0, [], tmp_path / "files"
    target.mkdir()
    for number in range(count):
        text = dockerfile(busybox, label, steps)
        after = dice.randrange(*((1_500,) if number % 2 else (1_500, 500_000)))
        with ending(tmp_path):
            with Between(engine.url, after) as between:
                acts.clear()
                with Client(between.url, timeout=LIMITS) as client:
                    try:
                        client.build_files(
                            None, target, dockerfile=text, options=options(secrets=secrets)
                        )
                        outcomes.append("built")
                    except DockerError as error:
                        outcomes.append(type(error).__name__)
            if acts and outcomes[-1] != "built":
                longest = max(longest, time.monotonic() - acts[-1])
            if outcomes[-1] == "built":
                assert (target / "made").read_bytes() == b"x" * 3000
            for path in ("made", "large"):
                (target / path).unlink(missing_ok=outcomes[-1] != "built")
    print(
        f"{count} cuts: { ({name: outcomes.count(name) for name in set(outcomes)}) }, "
        f"the longest took {longest:.2f} s after it"
    )
    assert longest < SOON
