"""How sessions of BuildKit end that are not left in peace: by us, the Engine, what is between.

Whatever it is, the call ends within seconds with an error that says it, and nothing is left.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockerapi import BuildOptions, Client, Closed, DockerError, StreamInterrupted, Timeouts
from dockerapi.models.images import Progress
from live.agents import context_with_ssh_add, serve_agent
from live.busybox import find_busybox, root_file_system
from live.engine import PATIENCE, Engine, PrivateEngine, cannot_start, start
from live.leaks import left_open
from proxies import copy

pytestmark = pytest.mark.real("BuildKit")
SOON = 10.0  # seconds, as promised
LIMITS = Timeouts(connect=60, read=60, idle=60)
SECRET = {"x": b"begun\n"}
STEP = "RUN --mount=type=secret,id=x cat /run/secrets/x; sleep 600\n"


def options(**given: object) -> BuildOptions:
    return BuildOptions(builder="buildkit", no_cache=True, **given)  # type: ignore[arg-type]


def dockerfile(base: str, label: dict[str, str], steps: str) -> io.StringIO:
    [(key, value)] = label.items()
    return io.StringIO(f"FROM {base}\nLABEL {key}={value}\n{steps}")


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """What is in it leaves nothing."""
    before = left_open()
    yield
    for thread in threading.enumerate():
        if thread.name == "act":
            thread.join(PATIENCE)
    assert left_open() == before


acts: list[float] = []  # when they were done


@pytest.fixture(autouse=True)
def it_ends_soon(request: pytest.FixtureRequest) -> Iterator[None]:
    """After what was done to it; how long a build takes to begin is not asked."""
    acts.clear()
    yield
    if acts and "killed" not in request.node.name:  # an Engine takes its time to die
        assert time.monotonic() - acts[-1] < SOON


def once_begun(act: Callable[[], object]) -> Callable[[Progress], None]:
    """A callback that does something in another thread when the step has its secret."""

    def callback(value: Progress) -> None:
        acts.append(time.monotonic())
        if (value.text or "").endswith("begun\n"):
            threading.Thread(target=act, name="act").start()

    return callback


def test_a_client_that_is_closed_in_another_thread(
    engine: Engine, busybox: str, label: dict[str, str]
) -> None:
    text = dockerfile(busybox, label, STEP)
    with ending(), Client(engine.url, timeout=LIMITS) as client, pytest.raises(Closed):
        client.build(
            None,
            dockerfile=text,
            options=options(secrets=SECRET),
            progress=once_begun(client.close),
        )


def test_a_callback_that_raises(engine: Engine, busybox: str, label: dict[str, str]) -> None:
    def callback(value: Progress) -> None:
        if (value.text or "").endswith("begun\n"):
            raise LookupError("enough")

    text = dockerfile(busybox, label, STEP)
    with ending(), Client(engine.url, timeout=LIMITS) as client, pytest.raises(LookupError):
        client.build(None, dockerfile=text, options=options(secrets=SECRET), progress=callback)


def test_ctrl_c(engine: Engine, busybox: str, label: dict[str, str]) -> None:
    main = threading.main_thread().ident
    assert main is not None
    interrupt = once_begun(lambda: signal.pthread_kill(main, signal.SIGINT))
    text = dockerfile(busybox, label, STEP)
    with ending(), Client(engine.url, timeout=LIMITS) as client, pytest.raises(KeyboardInterrupt):
        client.build(None, dockerfile=text, options=options(secrets=SECRET), progress=interrupt)


@pytest.mark.dear
def test_an_engine_that_is_killed(
    programs: Path | None, label: dict[str, str], tmp_path: Path
) -> None:
    if why := cannot_start():
        pytest.skip(why)
    program = find_busybox(tmp_path)
    assert program is not None
    with start(programs, "sessions") as private:
        assert isinstance(private, PrivateEngine)
        with Client(private.url, timeout=LIMITS) as client:
            client.import_image(root_file_system(program), repository="busybox")
            with pytest.raises(StreamInterrupted):
                client.build(
                    None,
                    dockerfile=dockerfile("busybox", label, STEP),
                    options=options(secrets=SECRET),
                    progress=once_begun(private.kill),
                )
    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if name.startswith("dockerapi-")] == []


class Between:
    """Carries connections to an Engine, and cuts the one of a session.

    `after` is how many bytes of the Engine's it passes before; `cut` does it now.
    """

    def __init__(self, engine: Engine, after: int | None = None) -> None:
        self._path = engine.url.removeprefix("unix://")
        self._after = after
        self._folder = tempfile.TemporaryDirectory(prefix="between-")
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
        if left == 0:
            self.cut()


def shut_down(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


WORDS = "the session of this build broke, without which it may wait for ever: "


def test_a_session_that_is_cut(engine: Engine, busybox: str, label: dict[str, str]) -> None:
    text = dockerfile(busybox, label, STEP)
    with ending(), Between(engine) as between, Client(between.url, timeout=LIMITS) as client:
        with pytest.raises(StreamInterrupted) as caught:
            client.build(
                None,
                dockerfile=text,
                options=options(secrets=SECRET),
                progress=once_begun(between.cut),
            )
    assert str(caught.value).startswith(WORDS)


def test_a_session_that_is_cut_in_a_step_that_asks_an_agent_again(
    engine: Engine, busybox: str, label: dict[str, str], tmp_path: Path
) -> None:
    """All Engines wait for ever in the last of its programs."""
    folder = context_with_ssh_add(tmp_path / "context", f"FROM {busybox}\n")
    again = "RUN --mount=type=ssh ssh-add -l; echo begun; read x < /go; ssh-add -l; ssh-add -l\n"
    with (folder / "Dockerfile").open("a") as file:
        file.write("LABEL {}={}\nRUN mkfifo /go\n".format(*next(iter(label.items()))) + again)
    with serve_agent(tmp_path / "agent") as (path, _), ending():
        with Between(engine) as between, Client(between.url, timeout=LIMITS) as client:
            with pytest.raises(StreamInterrupted) as caught:
                client.build(
                    folder,
                    options=options(ssh={"default": path}),
                    progress=once_begun(between.cut),
                )
    assert str(caught.value).startswith(WORDS)


@pytest.mark.parametrize("count", [6, pytest.param(200, marks=pytest.mark.nightly)])
def test_a_session_that_is_cut_at_any_byte(
    engine: Engine, busybox: str, label: dict[str, str], count: int
) -> None:
    """The build succeeds, if all was asked for before, or ends with an error of ours."""
    dice = random.Random(os.environ.get("DICE", "sessions"))
    secrets = {f"s{n}": b"x" * 1000 for n in range(3)}
    mounts = " ".join(f"--mount=type=secret,id={id},required=true" for id in secrets)
    longest, outcomes = 0.0, []
    for _ in range(count):
        text = dockerfile(busybox, label, f"RUN {mounts} cat /run/secrets/*\n")
        with ending(), Between(engine, dice.randrange(1200)) as between:
            acts.clear()
            with Client(between.url, timeout=LIMITS) as client:
                try:
                    client.build(None, dockerfile=text, options=options(secrets=secrets))
                    outcomes.append("built")
                except DockerError as error:
                    outcomes.append(type(error).__name__)
            if acts and outcomes[-1] != "built":
                longest = max(longest, time.monotonic() - acts[-1])
    print(
        f"{count} cuts: { ({name: outcomes.count(name) for name in set(outcomes)}) }, "
        f"the longest took {longest:.2f} s after it"
    )
    assert longest < SOON
