"""Podman as the Engine of the live tests: `--engine podman-4.3`, of its release in Debian.

It runs in a root of its own, made of Debian's packages, whatever this machine has. What is said of
private Engines in `live.engine` holds for it: all that it keeps is in one folder, which is swept.
Its containers reach nothing, and it leaves the firewall alone.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import IO

from live.engine import (
    CURE,
    PATIENCE,
    Engine,
    EngineFailed,
    NoEngine,
    cannot_start,
    claim,
    end,
    make_bridge,
    sweep,
)
from live.releases import podman_root

PREFIX = "podman-"
# Debian's crun refuses the first version of cgroups, and an unprivileged machine higher limits.
SETTINGS = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{folder}/tmp"
volume_path = "{folder}/volumes"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "none"
[network]
network_config_dir = "{folder}/networks"
"""
# 4.3 does not heed `netns` where no network is asked for: a bridge that nothing else is at.
NETWORK = """\
{{
  "cniVersion": "0.4.0",
  "name": "podman",
  "plugins": [
    {{
      "type": "bridge",
      "bridge": "{bridge}",
      "ipam": {{
        "type": "host-local",
        "dataDir": "{folder}/addresses",
        "ranges": [[{{"subnet": "10.88.0.0/16"}}]]
      }}
    }}
  ]
}}
"""
# Registries of the tests are on the loopback and speak HTTP.
REGISTRIES = """\
[[registry]]
prefix = "*.0.0.1"
insecure = true
"""
# In a mount namespace of its own: "$0" is the root, "$1" the folder, which has one path in both.
ENTER = (
    'set -e; mount --bind "$0" "$0"; for at in proc sys dev; do mount --rbind /$at "$0"/$at; done;'
    ' mkdir -p "$0$1"; mount --bind "$1" "$0$1";'
    ' for at in run var/lib var/tmp; do mount -t tmpfs tmpfs "$0"/$at; done;'
    ' root=$0; shift; exec chroot "$root" "$@"'
)


class Podman(Engine):
    """A Podman that belongs to the tests."""

    def __init__(self, folder: Path, lock: IO[str], root: Path) -> None:
        super().__init__(f"unix://{folder}/podman.sock")
        self._folder = folder
        self._lock = lock
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        folder = self._folder
        sweep(folder)
        folder.mkdir(mode=0o700)
        (folder / "containers.conf").write_text(SETTINGS.format(folder=folder))
        (folder / "registries.conf").write_text(REGISTRIES)
        (folder / "networks").mkdir()
        (folder / "networks/podman.conflist").write_text(
            NETWORK.format(bridge=make_bridge(folder), folder=folder)
        )
        with open(folder / "podman.log", "ab") as log:
            self._process = subprocess.Popen(
                [
                    *("unshare", "--mount", "--propagation", "private"),
                    *("sh", "-c", ENTER, str(self._root), str(folder)),
                    *("podman", "--root", f"{folder}/data", "--runroot", f"{folder}/run"),
                    *("--storage-driver", "vfs", "system", "service", "--time", "0", self.url),
                ],
                env={
                    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME": str(folder),
                    "CONTAINERS_CONF": f"{folder}/containers.conf",
                    "CONTAINERS_REGISTRIES_CONF": f"{folder}/registries.conf",
                    "REGISTRY_AUTH_FILE": f"{folder}/auth.json",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise EngineFailed(f"the private Podman did not come up; {CURE}\n{self.log()}")
            time.sleep(0.1)

    def log(self) -> str:
        """The last lines of what it wrote."""
        lines = (self._folder / "podman.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-20:])

    def close(self) -> None:
        """Stop for good: nothing of it remains."""
        end(self._process)
        self._process = None
        sweep(self._folder)
        self._lock.close()


def start_podman(release: str) -> Podman:
    """A private Podman of a release, such as 4.3, running; it is fetched if need be."""
    if why := cannot_start():
        raise NoEngine(f"no Podman: {why}; {CURE}")
    podman = Podman(*claim(f"{PREFIX}{release}"), podman_root(release))
    try:
        podman.start()
    except BaseException:
        podman.close()
        raise
    return podman
