"""The programs that the live tests use, and Debian's packages that bring them.

`python -m live.programs` installs what is missing, as root on Debian, and first says what;
elsewhere it says what is missing, and tests that use it are skipped (with CI=true they fail).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

# The Engine itself runs `ps` and `xz`; the image of the tests is made of busybox. Up to Debian 12
# the docker command is in docker.io.
PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker-cli",
    "runc": "runc",
    "ip": "iproute2",
    "ps": "procps",
    "xz": "xz-utils",
    "busybox": "busybox-static",
    "docker-registry": "docker-registry",
    "haproxy": "haproxy",
    "nginx": "nginx-light",
    "ssh": "openssh-client",
    "sshd": "openssh-server",
    "git": "git",
}
POLICY = Path("/usr/sbin/policy-rc.d")


class Missing(Exception):
    """What a test needs is not here and cannot be brought; the message says what brings it."""


def search_path() -> str:
    """The PATH, with the folders of what only root has on it."""
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


def where(name: str) -> str | None:
    """The path of a program, or None."""
    return shutil.which(name, path=search_path())


def can_install() -> bool:
    """Whether Debian's packages can be installed by this process."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def provide(*names: str) -> None:
    """Install those of the programs that are not here; Missing says which cannot be."""
    missing = [name for name in names if where(name) is None]
    if missing and can_install():
        install(*(PACKAGES[name] for name in missing))
        missing = [name for name in missing if where(name) is None]
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        words = " and no ".join(missing)
        raise Missing(f"there is no {words} here; on Debian `apt-get install {packages}` brings it")


def do_without(missing: Missing) -> NoReturn:
    """End a test that needs it: skipped, but failed in CI, which promises that all tests run."""
    import pytest  # which the benchmarks, that take their Engines from here, have not

    if os.environ.get("CI") == "true":
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing).splitlines()[0])


def install(*packages: str) -> None:
    """Install Debian packages without starting the services they bring."""
    with in_turn(Path("/run/dockerapi-install.lock")), _services_held_back():
        _apt("update", "-q")
        known = [name for name in packages if _has(name)]
        _apt("install", "-qy", "--no-install-recommends", *known)


def _apt(*arguments: str) -> None:
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-5:])
        raise Missing(f"{' '.join(command)} failed\n{last}")


def _has(package: str) -> bool:
    told = subprocess.run(["apt-cache", "show", "--no-all-versions", package], capture_output=True)
    return told.returncode == 0


@contextlib.contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Processes that come by one file are here one after the other."""
    with open(path, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _services_held_back() -> Iterator[None]:
    """Debian asks this file before it starts a service; exit status 101 says no."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def main() -> int:
    """Bring what the live tests use, or say what they lack."""
    missing = [name for name in PACKAGES if where(name) is None]
    if missing and can_install():
        print(f"installing with apt-get, for {', '.join(missing)}:", flush=True)
        print(" ", " ".join(PACKAGES[name] for name in missing), flush=True)
    try:
        provide(*missing)
    except Missing as lacking:
        print(lacking)
        print("the tests that need it are skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
