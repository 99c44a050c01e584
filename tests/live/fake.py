"""The Engine of `dockerapi.testing`, to run the live tests against: `--engine fake-1.19`.

It runs in a process of its own, `python -m live.fake 1.19`, which ends with its standard input. Its
containers are processes of this machine, without isolation, and tests remove files of theirs: so
everything but its own folder is read-only for them where the tests run as root. Elsewhere nothing
of the system can be written anyway.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import quote

from live.engine import PATIENCE, Engine, EngineFailed

PREFIX = "fake-"
# A mount namespace of its own, in which one folder can be written: "$0", then the command. A mount
# of another test run may be gone before its turn comes.
_KEPT_APART = [
    *("unshare", "--mount", "--propagation", "private", "sh", "-c"),
    'set -e; mount --bind "$0" "$0";'
    ' for at in $(cut -d" " -f5 /proc/self/mountinfo); do case "$at" in "$0"|/proc*|/sys*|/dev*) ;;'
    ' *) mount -o remount,bind,ro "$at" || ! cut -d" " -f5 /proc/self/mountinfo | grep -qxF "$at"'
    ' ;; esac; done; exec "$@"',
]


class EmbeddedEngine(Engine):
    """A fake Engine of an API version, whose containers are local processes."""

    def __init__(self, api_version: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dockerapi-fake-", dir="/tmp")
        python = [sys.executable, "-B", "-W", "error", "-m", "live.fake", api_version]
        self._process = subprocess.Popen(
            [*_KEPT_APART, self._folder.name, *python] if os.geteuid() == 0 else python,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "HOME": self._folder.name,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "TMPDIR": self._folder.name,
            },
        )
        assert self._process.stdout is not None
        url = self._process.stdout.readline().strip()
        if not url:
            raise EngineFailed(f"the fake Engine of API {api_version} did not come up")
        super().__init__(url)
        self._api_version = api_version

    @property
    def api_versions(self) -> tuple[str, str]:
        """The oldest and the newest API version served: only the newest Engines tell."""
        return self.get("/version").get("MinAPIVersion", "1.0"), self._api_version

    def remove_labelled(self, label: str) -> None:
        """Remove all but what it began with: the rest is of the tests, some without labels."""
        listing = "/containers/ps?all=1" if self._api_version == "1.0" else "/containers/json?all=1"
        for container in self.get(listing):
            self.request("DELETE", f"/containers/{container['Id']}?force=1&v=1")
        for image in self.get("/images/json"):
            names = image.get("RepoTags") or [f"{image.get('Repository')}:{image.get('Tag')}"]
            if "busybox:latest" not in names:
                for name in [*(name for name in names if "<" not in name), image["Id"]]:
                    self.request("DELETE", f"/images/{quote(name)}?force=1")
        status, networks = self.request("GET", "/networks")
        for network in json.loads(networks) if status == 200 else ():
            self.request("DELETE", f"/networks/{network['Id']}")
        status, volumes = self.request("GET", "/volumes")
        for volume in (json.loads(volumes)["Volumes"] or ()) if status == 200 else ():
            self.request("DELETE", f"/volumes/{volume['Name']}")

    def remove_with_variable(self, variable: str) -> None:
        self.remove_labelled(json.dumps(variable))

    def close(self) -> None:
        self._process.communicate(timeout=PATIENCE)
        self._folder.cleanup()
        if self._process.returncode != 0:
            raise EngineFailed(f"the fake Engine ended with {self._process.returncode}")


def main() -> None:
    from dockerapi.testing import FakeEngine

    with FakeEngine(sys.argv[1], processes=True) as engine:
        print(engine.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
