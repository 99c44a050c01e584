"""One container: its life from create to remove."""

from __future__ import annotations

import shutil
import signal as signals
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import attrs

from ..play.paths import inside
from ..play.players import Players
from ..play.running import CannotStart, Launch, Process, Usage
from .command import Command
from .config import command_of, environment_of
from .errors import StateError
from .events import Events
from .files import Files
from .images import Image, Images
from .mounts import mounts_of
from .networks import Networks, Place
from .volumes import Volumes

FIRST_PAUSE = 0.1  # seconds before a restart; doubled each time
LONGEST_PAUSE = 60.0
STEADY = 10.0  # seconds after which a restart counts as having worked


@attrs.frozen(eq=False)
class Shared:
    """State shared by all containers of an Engine; `lock` guards every change."""

    lock: threading.RLock
    folder: Path
    events: Events
    images: Images
    players: Players
    networks: Networks
    volumes: Volumes


class Keeper(Protocol):
    """The part of `Containers` that a container needs."""

    closed: bool

    def links_to(self, container: Container) -> list[str]:
        """The names under which others link to it."""

    def published(self, container: Container) -> dict[str, Any]:
        """Its ports, and their ports on the host."""

    def started(self, container: Container) -> None:
        """It runs now."""

    def remove(self, container: Container, *, volumes: bool = False) -> None:
        """Remove it."""


class Container(Command):
    """A container. Methods that change it need the Engine's lock, unless they say otherwise.

    `state` is one of created, running, paused, restarting, exited, removing, dead.
    """

    def __init__(
        self,
        shared: Shared,
        keeper: Keeper,
        id: str,
        name: str,
        number: int,
        image: Image,
        config: dict[str, Any],
        host_config: dict[str, Any],
    ) -> None:
        super().__init__(log=True)
        self.shared = shared
        self.keeper = keeper
        self.id = id
        self.name = name
        self.number = number
        self.image = image
        self.asked_image: str = config["Image"]
        self.config = config
        self.host_config = host_config
        self.created = time.time_ns()
        self.folder = shared.folder / "containers" / id
        self.files = Files(shared.images, image, self.folder / "files")
        self.execs: dict[str, Command] = {}
        self.health: dict[str, Any] | None = None  # as inspect has it
        self.mounts = mounts_of(config, host_config, [])
        self.ports: dict[str, Any] = {}
        self.places: dict[str, Place] = {}  # by the words used for the networks
        self.exit_code = 0
        self.error = ""
        self.started_at = 0
        self.finished_at = 0
        self.restart_count = 0
        self.removed = False
        self.exits = 0
        self.starts = 0  # number of starts: identifies a run
        self.changed = threading.Condition(shared.lock)
        self._paused = False
        self._restarting = False
        self._removing = False
        self._told_to_stop = False
        self._pause = FIRST_PAUSE

    # Its properties

    @property
    def state(self) -> str:
        if self._removing:
            return "removing"
        if self._restarting:
            return "restarting"
        if self.running is not None:
            return "paused" if self._paused else "running"
        return "exited" if self.finished_at else "created"

    @property
    def argv(self) -> list[str]:
        return command_of(self.config)

    @property
    def pid(self) -> int:
        return self.running.pid if self.running else 0

    @property
    def tty(self) -> bool:
        return bool(self.config["Tty"])

    def image_name(self) -> str:
        """The image's name as given, or its id once another image has that name."""
        found = self.shared.images.get(self.asked_image)
        return self.asked_image if found is self.image else f"sha256:{self.image.id}"

    def exec_ids(self) -> list[str]:
        return [id for id, one in self.execs.items() if one.running is not None]

    def links_to(self) -> list[str]:
        """The names by which others see it, e.g. `web/db`."""
        return self.keeper.links_to(self)

    def tell(self, action: str, **attributes: str) -> None:
        """An event of it."""
        labels = {key: str(value) for key, value in (self.config["Labels"] or {}).items()}
        self.shared.events.tell(
            "container",
            action,
            self.id,
            **{**labels, "image": self.asked_image, "name": self.name, **attributes},
        )

    def _tell_about(self, network: str, volume: str) -> None:
        """Events of the networks and volumes that it uses."""
        events = self.shared.events
        own = {"container": self.id}
        for place in self.places.values():
            if place.network is not None:
                joined = place.network
                told = {**own, "name": joined.name, "type": joined.driver}
                events.tell("network", network, joined.id, **told)
        for mount in self.mounts:
            if mount["Type"] == "volume":
                told = {**own, "driver": "local"}
                if volume == "mount":
                    told.update(destination=mount["Destination"], propagation="")
                    told["read/write"] = str(mount["RW"]).lower()
                events.tell("volume", volume, mount["Name"], **told)

    # Its life

    def start(self) -> None:
        """Start it; it does not run.

        Raises:
            CannotStart: there is no such command on this machine.
        """
        self._told_to_stop = False
        self._run()
        self.tell("start")

    def _run(self) -> None:
        self._join()
        self.starts += 1
        this = self.starts
        self.ports = self.keeper.published(self)
        self.mounts = mounts_of(self.config, self.host_config, self.mounts)
        self.shared.volumes.mount(self.mounts)
        for mount in self.mounts:
            inside(self.files.root, mount["Destination"]).mkdir(parents=True, exist_ok=True)
        try:
            launch = self.launch(self.argv, tty=self.tty, stdin=bool(self.config["OpenStdin"]))
            self.play(self, attrs.evolve(launch, first=True), lambda code: self._ended(this, code))
        except CannotStart as error:
            self.exit_code, self.error = 127, str(error)
            self.leave()
            raise
        self._tell_about("connect", "mount")
        self.exit_code, self.error = 0, ""
        self.started_at, self.finished_at = time.time_ns(), 0
        self._paused = self._restarting = False
        self.changed.notify_all()
        self.keeper.started(self)

    def _join(self) -> None:
        """Join its networks; on `NoNetwork` or `AddressTaken` it is in none of them."""
        joined = {}
        for word, place in self.places.items():
            network = self.shared.networks.find(word)
            joined[network.name] = place
        self.places = joined
        try:
            for name in joined:
                self.enter(name)
        except StateError:
            self.leave()
            raise

    def enter(self, name: str) -> None:
        """Join a network, while it is running."""
        place = self.places[name]
        own = str(place.asked.get("MacAddress") or "")
        if not own and name == self.host_config["NetworkMode"]:
            own = str(self.config.get("MacAddress") or "")
        self.shared.networks.find(name).enter(self, place, own)

    def leave(self) -> None:
        """Leave all networks, as it no longer runs."""
        for place in self.places.values():
            if place.network is not None:
                place.network.leave(self)

    def launch(self, argv: list[str], *, tty: bool, stdin: bool) -> Launch:
        """The settings for a command in it."""
        return Launch(
            argv,
            environment_of(self.config, self.config["Hostname"]),
            self.config["WorkingDir"],
            self.files.root,
            tty,
            stdin,
        )

    def play(self, command: Command, launch: Launch, ended: Callable[[int], None]) -> None:
        """Start a command in it.

        Raises:
            CannotStart: there is no such command on this machine.
        """
        names = self.shared.images.lineage(self.image)
        command.begin(self.shared.players, names, launch, ended)

    def _ended(self, this: int, code: int) -> None:
        """A run has ended: note and report it, then restart or remove it if requested."""
        with self.changed:
            # A command may end before its start has returned.
            if this != self.starts or self.removed:
                return
            now = time.time_ns()
            self.exits += 1
            self.exit_code, self.finished_at = code, now
            lasted = (now - self.started_at) / 1e9
            self._paused = False
            for one in list(self.execs.values()):
                one.kill()
            again = self._goes_on(code)
            self._restarting = again
            self.over()
            self.tell("die", exitCode=str(code), execDuration=str(int(lasted)))
            self._tell_about("disconnect", "unmount")
            self.leave()
            self.changed.notify_all()
            if again:
                self._pause = FIRST_PAUSE if lasted > STEADY else self._pause
        if again:
            self._restart(this)
        elif self.host_config["AutoRemove"]:
            self.keeper.remove(self, volumes=True)

    def _goes_on(self, code: int) -> bool:
        policy = self.host_config["RestartPolicy"]
        if self._told_to_stop or self.keeper.closed:
            return False
        if policy["Name"] in ("always", "unless-stopped"):
            return True
        most = policy.get("MaximumRetryCount") or 0
        return (
            policy["Name"] == "on-failure"
            and code != 0
            and not (most and self.restart_count >= most)
        )

    def _restart(self, this: int) -> None:
        """Wait a little, and run again, unless that has been cancelled meanwhile."""
        with self.changed:
            self.changed.wait_for(lambda: not self._restarting or self.starts != this, self._pause)
            if not self._restarting or self.starts != this:
                return
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self.restart_count += 1
            try:
                self._run()
            except (CannotStart, StateError):
                self._restarting = False
                return
            self.tell("start")

    def stop(self, seconds: float | None) -> None:
        """Ask it to end, and kill it after so many seconds; called without the lock.

        None is the container's own timeout; a negative number waits forever.
        """
        name = self.config.get("StopSignal") or "SIGTERM"
        number = number_of(str(name)) or signals.SIGTERM
        if seconds is None:
            seconds = self.config.get("StopTimeout", 10)
        if not self._end_with(number, None if seconds < 0 else seconds):
            self.kill()
        with self.shared.lock:
            self.tell("stop")

    def kill(self) -> None:
        """Kill it; called without the lock."""
        self._end_with(signals.SIGKILL, None)

    def _end_with(self, number: int, seconds: float | None) -> bool:
        with self.changed:
            self._told_to_stop = True
            running, this = self.running, self.starts
            if self._restarting:
                self._restarting = False
                self.changed.notify_all()
            if running is None:
                return True
        self.send(number)
        with self.changed:
            return self.changed.wait_for(
                lambda: self.running is None or self.starts != this, seconds
            )

    def send(self, number: int) -> None:
        """Send a signal; called without the lock."""
        with self.shared.lock:
            running = self.running
            if number == signals.SIGKILL:
                self._told_to_stop = True
            self.tell("kill", signal=str(int(number)))
        if running is not None:
            running.signal(number)

    def pause(self) -> None:
        assert self.running is not None
        self.running.pause()
        for one in self.execs.values():
            if one.running is not None:
                one.running.pause()
        self._paused = True
        self.tell("pause")

    def unpause(self) -> None:
        assert self.running is not None
        self._paused = False
        self.running.unpause()
        for one in self.execs.values():
            if one.running is not None:
                one.running.unpause()
        self.tell("unpause")

    def await_(self, ready: Callable[[], bool], gone: Callable[[], bool]) -> bool:
        """Wait until `ready()`; False if the client is gone, or the Engine closes, before."""
        with self.changed:
            while not ready():
                if self.keeper.closed:
                    return False
                if not self.changed.wait(0.5) and gone():
                    return False
            return True

    def processes(self) -> list[Process]:
        """Its processes."""
        running = [self.running, *(one.running for one in self.execs.values())]
        return [process for one in running if one is not None for process in one.processes()]

    def usage(self) -> Usage | None:
        """Its usage; None if it is not running."""
        return self.running.stats() if self.running is not None else None

    # Its end

    def begin_removal(self) -> None:
        """It is being removed, and does not restart."""
        self._removing = True
        self._restarting = False
        self.changed.notify_all()

    def gone(self) -> None:
        """It was removed: waits for it end, and its files are deleted."""
        self._removing = False
        self.removed = True
        self.broadcast.close()
        self.changed.notify_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, path: str) -> Path:
        """The path on this machine of one of its files."""
        return self.files.at(path)


def number_of(name: str) -> int | None:
    """The number of a signal: `9`, `KILL`, `SIGKILL` or `sigkill`; None if there is no such."""
    if name.isdecimal():
        return int(name) if 0 < int(name) < 65 else None
    found = getattr(signals, f"SIG{name.upper().removeprefix('SIG')}", None)
    return int(found) if isinstance(found, signals.Signals) else None
