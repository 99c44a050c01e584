"""A real Engine for the live tests: one that answers already, or a private one started here.

`find()` takes DOCKER_HOST, else the first default socket that answers, else it starts a private
Engine, which needs root on Linux and installs Debian's docker.io where there is no dockerd.
`start()` always starts a private one, also from other binaries, also several at once.

A private Engine keeps to itself: sockets, data, state, pid file and logs lie in one folder, it has
a containerd and a bridge of its own, and it leaves the firewall alone, since two dockerd in one
network namespace take each other's rules away. So its containers reach the Engine's host and each
other but nothing beyond. The folder is held by a file lock for as long as the test run lives. A
folder whose lock is free was left behind by a run that was killed; `sweep` ends what still runs
there and removes what still lies there, before a start and after the last stop.

Nothing here uses the package that is under test.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import ipaddress
import itertools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from live.programs import Missing, can_install, provide, search_path, where

if TYPE_CHECKING:
    from typing_extensions import Self

CURE = (
    "start an Engine, or set DOCKER_HOST to one (unix:///path or tcp://host:port), "
    "or run as root on Debian, where the tests start a private one"
)
PATIENCE = 300.0  # seconds; only what hangs takes so long
T = TypeVar("T")
CAP_SYS_ADMIN = 21
# Those of an Engine and of Podman.
PROGRAMS = ("dockerd", "containerd", "runc", "podman", "conmon")


class NoEngine(Missing):
    """There is no Engine and none can be started here; the message says why and what to do."""


class EngineFailed(NoEngine):
    """A private Engine was started and did not come up; the message ends with its log."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise


def _carries(row: Mapping[str, Any], label: str) -> bool:
    name, equals, value = label.partition("=")
    labels = row.get("Labels") or {}  # rows have had them since there are any
    return name in labels and (not equals or labels[name] == value)


class Engine:
    """An Engine that answers at `url`; it is not ours, so closing it does nothing."""

    def __init__(self, url: str) -> None:
        self.url = url

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = PATIENCE,
    ) -> tuple[int, bytes]:
        """The status and body of one answer, on a connection of its own."""
        address = urlsplit(self.url)
        connection: http.client.HTTPConnection
        if address.scheme == "unix":
            connection = _UnixConnection(address.path, timeout)
        elif address.scheme == "tcp" and address.hostname:
            connection = http.client.HTTPConnection(
                address.hostname, address.port or 2375, timeout=timeout
            )
        else:
            raise NoEngine(f"the live tests speak unix:// and tcp://, not {self.url!r}; {CURE}")
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            reply = connection.getresponse()
            return reply.status, reply.read()

    def get(self, path: str) -> Any:
        """The JSON value at a path; anything but 200 is an AssertionError."""
        status, body = self.request("GET", path)
        assert status == 200, (path, status, body)
        return json.loads(body)

    @property
    def version(self) -> str:
        """The release, e.g. `20.10.24`."""
        return str(self.get("/version")["Version"])

    @property
    def is_podman(self) -> bool:
        """Whether this is Podman, ours or somebody's."""
        components = self.get("/version").get("Components") or [{}]
        return bool(components[0].get("Name") == "Podman Engine")

    @property
    def api_versions(self) -> tuple[str, str]:
        """The oldest and the newest API version served; Engines before 1.13 name no oldest."""
        answer = self.get("/version")
        return answer.get("MinAPIVersion") or "1.12", answer["ApiVersion"]

    def says(self, words: Mapping[str, T]) -> T:
        """What this Engine says, of what several say: each with the first release that says so.

        Words, or the class of the error that they come in. What Podman says may be among them;
        else it says what Engine 20.10 does.
        """
        if self.is_podman and "podman" in words:
            return words["podman"]
        own = "20.10" if self.is_podman else self.version
        said = [
            release for release in words if release != "podman" and numbers(release) <= numbers(own)
        ]
        return words[max(said, key=numbers)]

    def answers(self) -> bool:
        """Whether an Engine is there; /version rather than /_ping, which came with API 1.11."""
        try:
            return self.request("GET", "/version", timeout=5)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def remove_labelled(self, label: str) -> None:
        """Remove all that carries the label: its name, or NAME=value.

        Engines up to 1.5 list all that they have, whatever filter they are asked for.
        """
        query = "filters=" + quote(json.dumps({"label": [label]}))
        for container in self.get(f"/containers/json?all=1&{query}"):
            if _carries(container, label):
                self.request("DELETE", f"/containers/{container['Id']}?force=1&v=1")
        for image in self.get(f"/images/json?{query}"):
            if _carries(image, label):
                self.request("DELETE", f"/images/{image['Id']}?force=1")
        status, networks = self.request("GET", f"/networks?{query}")
        for network in json.loads(networks) if status == 200 else ():
            if _carries(network, label):
                self.request("DELETE", f"/networks/{network['Id']}")
        status, volumes = self.request("GET", f"/volumes?{query}")
        for volume in (json.loads(volumes)["Volumes"] or ()) if status == 200 else ():
            if _carries(volume, label):
                self.request("DELETE", f"/volumes/{volume['Name']}")

    def remove_with_variable(self, variable: str) -> None:
        """Remove all containers that have a variable, `NAME=value`, in their environment."""
        for container in self.get("/containers/json?all=1"):
            status, found = self.request("GET", f"/containers/{container['Id']}/json")
            if status == 200 and variable in (json.loads(found)["Config"]["Env"] or []):
                self.request("DELETE", f"/containers/{container['Id']}?force=1&v=1")

    def close(self) -> None:
        """End what was started for the tests."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


# Becomes dockerd, with a socket in the place where systemd hands over those that it listens on.
_ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class PrivateEngine(Engine):
    """An Engine that belongs to the tests: they may stop, kill and start it as they like."""

    def __init__(
        self,
        folder: Path,
        lock: IO[str],
        paths: str,
        options: Sequence[str] = (),
        activated: bool = False,
        network_of: int | None = None,
    ) -> None:
        super().__init__(f"unix://{folder}/docker.sock")
        self.folder = folder
        self._options = options
        self._activated = activated
        self._network_of = network_of
        self._listener: socket.socket | None = None
        self._lock = lock
        self._environment = {**os.environ, "PATH": paths}
        self._containerd: subprocess.Popen[bytes] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None
        self._driver = "overlay2"
        self.bridge = "none"

    @property
    def pid(self) -> int:
        """The process id of dockerd."""
        assert self._dockerd is not None, "the Engine is not running"
        return self._dockerd.pid

    @property
    def containerd_pid(self) -> int:
        """The process id of the containerd that goes with it."""
        assert self._containerd is not None, "the Engine is not running"
        return self._containerd.pid

    def prepare(self) -> None:
        """Make the folder and the bridge anew, after ending whatever is left of an earlier run."""
        sweep(self.folder)
        self.folder.mkdir(mode=0o700)
        (self.folder / "daemon.json").write_text("{}")  # not the machine's /etc/docker
        (self.folder / "containerd.toml").write_text(
            "version = 2\n"
            'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]\n'
        )
        if self._network_of is None:
            self.bridge = make_bridge(self.folder)
        if self._activated:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(f"{self.folder}/docker.sock")
            self._listener.listen(128)

    def start(self) -> None:
        """Start, also again after `stop` or `kill`, with the containers and images of before."""
        # Only for a first start is there a choice of driver: images belong to the one they came by.
        drivers = [self._driver] if (self.folder / "data").exists() else ["overlay2", "vfs"]
        for self._driver in drivers:
            self._spawn()
            if self._comes_up():
                return
            self.stop()
        raise EngineFailed(f"the private Engine did not come up; {CURE}\n{self.log()}")

    def stop(self) -> None:
        """End it in order, containers first, as SIGTERM does."""
        end(self._dockerd)
        end(self._containerd)
        self._dockerd = self._containerd = None

    def kill(self) -> None:
        """Kill dockerd on the spot; its containerd and its containers go on, as in a crash."""
        assert self._dockerd is not None, "the Engine is not running"
        self._dockerd.kill()
        self._dockerd.wait()
        self._dockerd = None

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it for good: nothing of the Engine remains. Containers are not given time to end."""
        for process in (self._dockerd, self._containerd):
            if process is not None:
                process.kill()
                process.wait()
        self._dockerd = self._containerd = None
        if self._listener is not None:
            self._listener.close()
        sweep(self.folder)
        self._lock.close()

    def log(self) -> str:
        """The last lines of what dockerd and containerd wrote."""
        parts = []
        for name in ("containerd.log", "dockerd.log"):
            lines = (self.folder / name).read_text(errors="replace").splitlines()
            parts.append("\n".join([f"--- {name}", *lines[-20:]]))
        return "\n".join(parts)

    def _spawn(self) -> None:
        folder = self.folder
        # A pid file is ours to remove: whoever it names is dead, or another who got the number
        # since, and dockerd would refuse to start while that one lives.
        (folder / "docker.pid").unlink(missing_ok=True)
        if self._containerd is None:
            # A containerd of our own: dockerd would otherwise join the machine's, if there is one,
            # and share its name space with the machine's dockerd.
            self._containerd = self._run(
                "containerd",
                *("--config", f"{folder}/containerd.toml"),
                *("--address", f"{folder}/containerd.sock"),
                *("--root", f"{folder}/containerd"),
                *("--state", f"{folder}/containerd-state"),
            )
        self._dockerd = self._run(
            "dockerd",
            *("--config-file", f"{folder}/daemon.json"),
            *("--host", self.url if self._listener is None else "fd://"),
            *("--containerd", f"{folder}/containerd.sock"),
            *("--data-root", f"{folder}/data"),
            *("--exec-root", f"{folder}/exec"),
            *("--pidfile", f"{folder}/docker.pid"),
            *("--storage-driver", self._driver),
            *("--bridge", self.bridge),
            *("--iptables=false", "--ip6tables=false"),
            *self._options,
        )

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        path = shutil.which(program, path=self._environment["PATH"])
        if path is None:
            raise NoEngine(f"there is no {program} in {self._environment['PATH']}; {CURE}")
        command, kept = [path, *arguments], ()
        if program == "dockerd" and self._listener is not None:
            number = self._listener.fileno()
            command, kept = [sys.executable, "-c", _ACTIVATE, str(number), *command], (number,)
        if self._network_of is not None:
            command = ["nsenter", f"--target={self._network_of}", "--net", *command]
        with open(self.folder / f"{program}.log", "ab") as log:
            return subprocess.Popen(
                command,
                pass_fds=kept,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it in order
            )

    def _comes_up(self) -> bool:
        assert self._dockerd is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._dockerd.poll() is None:
            if self.answers():
                return True
            time.sleep(0.1)
        return False


def numbers(version: str) -> list[int]:
    """The numbers that a version begins with: `28.5.2+dfsg4-5` is 28, 5, 2."""
    found = re.match(r"\d+(\.\d+)*", version)
    return [int(number) for number in found[0].split(".")] if found else []


def find() -> Engine:
    """The Engine to test with, or NoEngine; close it after use."""
    if chosen := os.environ.get("DOCKER_HOST"):
        engine = Engine(chosen)
        if not engine.answers():
            raise NoEngine(f"nothing answers at DOCKER_HOST={chosen}; {CURE}")
        return engine
    sockets = [Path("/var/run/docker.sock"), Path.home() / ".docker/run/docker.sock"]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        sockets.insert(1, Path(runtime) / "docker.sock")
    for path in sockets:
        engine = Engine(f"unix://{path}")
        if engine.answers():
            return engine
    return start()


def start(
    binaries: Path | None = None,
    name: str = "private",
    options: Sequence[str] = (),
    activated: bool = False,
    network_of: int | None = None,
) -> PrivateEngine:
    """A private Engine, running.

    Args:
        binaries: a folder with dockerd, containerd, its shim and runc to use before the
            machine's; None takes the machine's, and installs them on Debian where missing.
        name: of its folder; a second Engine of the same name gets a number after it.
        options: more of them for dockerd, such as `--host` once more.
        activated: the socket is ours, as it is systemd's otherwise: while the Engine is away, who
            connects waits for the next one.
        network_of: the process in whose network namespace it runs, without a bridge of its own.
    """
    if why := cannot_start():
        raise NoEngine(f"no Engine: {why}; {CURE}")
    paths = search_path()
    if binaries is None:
        provide("dockerd", "runc", "ip")
    else:
        if not (binaries / "dockerd").exists():
            raise NoEngine(f"there is no dockerd in {binaries}")
        paths = f"{binaries}:{paths}"
        provide("ip", *(() if (binaries / "runc").exists() else ("runc",)))
    engine = PrivateEngine(*claim(name), paths, options, activated, network_of)
    try:
        engine.prepare()
        engine.start()
    except BaseException:
        engine.close()
        raise
    return engine


def cannot_start() -> str | None:
    """Why no private Engine can be started by this process; None if it can."""
    if not sys.platform.startswith("linux"):
        return "dockerd runs on Linux only"
    if os.geteuid() != 0:
        return "starting one needs root"
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    if not int(status["CapEff"], 16) >> CAP_SYS_ADMIN & 1:
        return "starting one needs the capability SYS_ADMIN, which this container has not"
    if where("dockerd") is None and not can_install():
        return "there is no dockerd here, nor an apt-get to install it with"
    return None


def claim(name: str) -> tuple[Path, IO[str]]:
    """A folder that no living test run holds, and the lock by which this one holds it."""
    base = Path(tempfile.gettempdir()) / f"dockerapi-engine-{os.geteuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise NoEngine(f"{base} is not a folder of our own; remove it")
    for number in itertools.count(1):
        folder = base / (name if number == 1 else f"{name}-{number}")
        lock = open(f"{folder}.lock", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return folder, lock
    raise AssertionError("unreachable")


def bridge_of(folder: Path) -> str | None:
    """The name of the bridge that was made for the folder's Engine, or None."""
    kept = folder / "bridge"
    return kept.read_text() if kept.exists() else None


def make_bridge(folder: Path) -> str:
    """The name of a new bridge with a subnet that no route covers; "none" if there can be none.

    The name is random, and kept in the folder before there is a bridge: another machine, on the
    same network name space but with other files, has an Engine in a folder of the same path.

    "none" is taken only where the kernel makes no bridges: dockerd then removes docker0, whosever
    it is (removeDefaultBridgeInterface in moby's daemon_unix.go).
    """
    number = secrets.randbits(32)
    name = f"dapi{number:08x}"  # the kernel allows 15 characters
    (folder / "bridge").write_text(name)
    if _ip("link", "add", name, "type", "bridge").returncode:
        return "none"
    taken = [
        ipaddress.ip_network(line.split()[0])
        for line in _ip("-4", "route", "show", "table", "main").stdout.splitlines()
        if line[0].isdigit()
    ]
    first = number % 256  # apart, should two be started at the same moment
    for number in range(first, first + 256):
        subnet = ipaddress.ip_network(f"10.213.{number % 256}.0/24")
        if not any(subnet.overlaps(other) for other in taken):
            _ip("addr", "add", f"{subnet[1]}/24", "dev", name).check_returncode()
            _ip("link", "set", name, "up").check_returncode()
            return name
    raise EngineFailed("no free subnet for a bridge in 10.213.0.0/16")


def sweep(folder: Path) -> None:
    """End every process, unmount every mount and remove every file of the Engine in the folder."""
    deadline = time.monotonic() + PATIENCE
    while processes := processes_of(folder):
        for process in processes:
            _thaw(process)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise EngineFailed(f"processes {processes} of {folder} do not end")
        time.sleep(0.05)
    # Last mounted, first unmounted; and not a file is removed below a mount that stays.
    for mount in reversed(mounts_of(folder)):
        subprocess.run(["umount", "--lazy", mount], check=True)
    if bridge := bridge_of(folder):
        _ip("link", "delete", bridge)
    _remove_groups(folder)
    if folder.exists():
        shutil.rmtree(folder)


def processes_of(folder: Path) -> list[int]:
    """The living processes of the folder's Engine: daemons, shims, and those in containers."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _belongs_to(entry, folder)]


def mounts_of(folder: Path) -> list[str]:
    """The mount points in the folder, in the order in which they were mounted."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4] for line in mounts]
    return [point for point in points if point.startswith(f"{folder}/")]


def _belongs_to(process: Path, folder: Path) -> bool:
    try:
        program, *arguments = (process / "cmdline").read_text(errors="replace").split("\0")
        mounts = (process / "mountinfo").read_text().splitlines()
    except OSError:  # it has ended meanwhile, or is a zombie
        return False
    if Path(program).name.startswith(PROGRAMS):
        return any(f"{folder}/" in argument for argument in arguments)
    # A process in a container has a root that is mounted from the folder, also when the shim
    # above it is gone. The folder's path is cut, as /tmp may be a file system of its own.
    tail = f"/{folder.parent.name}/{folder.name}/"
    return any(line.split()[4] == "/" and tail in line for line in mounts)


def _thaw(process: int) -> None:
    """Let a process of a paused container die: cgroup v1 holds back even SIGKILL."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            if "freezer" in controllers.split(",") and group != "/":
                Path(f"/sys/fs/cgroup/freezer{group}/freezer.state").write_text("THAWED")


def _remove_groups(folder: Path) -> None:
    """Remove the control groups, empty by now, of containers whose shim could not do it."""
    groups = [f"docker/{path.name}" for path in (folder / "data/containers").glob("*")]
    for path in (folder / "data/vfs-containers").glob("*"):  # Podman's
        groups += [f"libpod_parent/libpod-{path.name}", f"libpod_parent/conmon-{path.name}"]
    for group in groups:
        for pattern in (group, f"*/{group}"):  # v2, v1
            for found in Path("/sys/fs/cgroup").glob(pattern):
                with contextlib.suppress(OSError):
                    found.rmdir()


def end(process: subprocess.Popen[bytes] | None) -> None:
    """End a process in order, or kill it where that takes too long."""
    if process is None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True)
