"""Engines of other releases: Debian's packages of newer suites, unpacked in a cache folder.

`python -m live.releases 26.1 28.5` fetches what the cache lacks and prints where each one is;
`live.engine.start(binaries=...)` starts one. Nothing is installed: the mirror is that of this
machine's own sources, with other suites, and apt keeps its lists of them in a folder of ours.

The programs run with this machine's libraries. One that needs newer ones is left out, and this
machine's takes its place; so far that is runc. dockerd and containerd have no substitute.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from live.engine import NoEngine, numbers

# By their roles, since names change with every release of Debian. Older ones first.
SUITES = ("oldstable", "stable", "testing", "unstable")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PROGRAMS = (
    "dockerd",
    "containerd",
    "containerd-shim-runc-v2",
    "docker-proxy",
    "docker-init",
    "runc",
)
NEEDED = PROGRAMS[:3]
CURE = "the tests of other releases need Debian's apt-get and a mirror that can be reached"


def binaries(release: str) -> Path:
    """The folder with the programs of an Engine, fetched if it is not in the cache.

    Args:
        release: the beginning of a version, e.g. `26.1`. Where Debian has none of that release any
            more, the next newer one is taken, or else the newest; the folder is named after the
            version that it holds.
    """
    return _of_release(release, "docker.io", _gathered)


def podman_root(release: str) -> Path:
    """A root file system in which a Podman runs, fetched as `binaries` fetches an Engine."""
    return _of_release(release, "podman", _usable_root, "runc", "busybox-static", prefix="podman-")


def buildx() -> Path:
    """The newest buildx of Debian, a plugin of the docker command; fetched if need be."""
    with _cached() as (cache, scratch):
        plugin = cache / "plugins/docker-buildx"
        if not plugin.exists():
            mirror = Mirror(scratch)
            offered = mirror.offered("docker-buildx")
            version = max(offered, key=numbers)
            root = mirror.unpacked("docker-buildx", version, offered[version])
            plugin.parent.mkdir(exist_ok=True)
            (root / "usr/libexec/docker/cli-plugins/docker-buildx").rename(plugin)
        return plugin


@contextlib.contextmanager
def _cached() -> Iterator[tuple[Path, Path]]:
    """The cache, which nobody else changes meanwhile, and a folder in it to work in."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dockerapi-engines"
    cache.mkdir(parents=True, exist_ok=True)
    # In the cache, not in /tmp: a folder is renamed when it is whole, so within a file system.
    scratch = cache / "unfinished"
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            yield cache, scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _of_release(
    release: str, package: str, finish: Callable[[Path], Path], *more: str, prefix: str = ""
) -> Path:
    """The folder in the cache that `finish` makes of a package and `more`, unpacked.

    Its name is the version of the package after the prefix.
    """
    with _cached() as (cache, scratch):
        folders = [path for path in cache.iterdir() if path.name.startswith(prefix)]
        versions = [path.name.removeprefix(prefix) for path in folders]
        for version in sorted(versions, key=numbers, reverse=True):
            if is_of(release, version):
                return cache / f"{prefix}{version}"
        mirror = Mirror(scratch)
        offered = mirror.offered(package)
        version = nearest(release, offered)
        folder = cache / f"{prefix}{version}"
        if not folder.exists():
            finish(mirror.unpacked(package, version, offered[version], *more)).rename(folder)
        return folder


def nearest(release: str, versions: Iterable[str]) -> str:
    """The version of the release; if there is none the next newer one, or else the newest."""
    oldest_first = sorted(versions, key=numbers)
    for version in oldest_first:
        if is_of(release, version) or numbers(version) > numbers(release):
            return version
    return oldest_first[-1]


def is_of(release: str, version: str) -> bool:
    """Whether a version, e.g. `26.1.5+dfsg1-9`, is of a release, e.g. `26.1`."""
    wanted = numbers(release)
    return numbers(version)[: len(wanted)] == wanted


class Mirror:
    """Debian's mirror of this machine, asked for the suites of all releases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._options: list[str] = []
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise NoEngine(f"there is no apt-get here; {CURE}")
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()  # nothing is installed: packages come with all they depend on
        url = self._own_url()
        trusted = f" [signed-by={KEYRING}]" if KEYRING.exists() else ""
        sources = [f"deb{trusted} {url} {suite} main\n" for suite in SUITES]
        (folder / "sources.list").write_text("".join(sources))
        self._options = [
            f"Dir::State={folder}",
            f"Dir::State::lists={folder}/lists",
            f"Dir::State::status={folder}/status",
            f"Dir::Cache={folder}/cache",
            f"Dir::Etc::sourcelist={folder}/sources.list",
            "Dir::Etc::sourceparts=/dev/null",
            "Dir::Etc::preferences=/dev/null",
            "Dir::Etc::preferencesparts=/dev/null",
            "Acquire::Languages=none",
            # A mirror may stand still; what it has is signed all the same.
            "Acquire::Check-Valid-Until=false",
            "APT::Sandbox::User=root",  # apt's own user may not look into a cache folder of root's
        ]
        self._run("apt-get", "update")

    def offered(self, package: str) -> dict[str, str]:
        """The versions of a package, each with the name of a suite that has it."""
        rows = self._run("apt-cache", "madison", package).splitlines()
        columns = [[column.strip() for column in row.split("|")] for row in rows]
        found = {version: where.split()[1].split("/")[0] for _, version, where in columns}
        if not found:
            raise NoEngine(f"this machine's mirror has no {package}; {CURE}")
        return found

    def unpacked(self, package: str, version: str, suite: str, *more: str) -> Path:
        """A folder with the files of a package, of `more`, and of all that they depend on."""
        self._run(
            "apt-get",
            *("--download-only", "--yes", "--no-install-recommends", "--target-release", suite),
            *("install", f"{package}={version}", *more),
        )
        root = self._folder / "root"
        for archive in (self._folder / "cache/archives").glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", archive, root], check=True)
        return root

    def _own_url(self) -> str:
        """The URL of the archive that this machine's own release comes from."""
        release = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
        own = "|".join([re.escape(release), *SUITES])
        listed = self._run(
            "apt-get", "-o", f"Dir::State::lists={self._folder}/lists", "update", "--print-uris"
        )
        found = re.search(rf"^'(\S+)/dists/({own})/InRelease'", listed, re.MULTILINE)
        if found is None:
            raise NoEngine(f"this machine's sources name no mirror of Debian; {CURE}")
        return found[1]

    def _run(self, program: str, *arguments: str) -> str:
        options = [word for option in self._options for word in ("-o", option)]
        done = subprocess.run(
            [program, "-q", *options, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            last = "\n".join(done.stderr.splitlines()[-5:])
            raise NoEngine(f"{program} {' '.join(arguments)} failed; {CURE}\n{last}")
        return done.stdout


def _gathered(root: Path) -> Path:
    """A folder with those programs of an unpacked system that run here, and nothing else."""
    folder = root.with_name("programs")
    folder.mkdir()
    for name in PROGRAMS:
        found = next((path for path in root.glob("usr/*bin/*") if path.name == name), None)
        if found is None:
            if name in NEEDED:
                raise NoEngine(f"Debian's packages have no {name}; {CURE}")
            continue
        # docker-init is a link, possibly from the root of the file system that it was made for.
        target = os.readlink(found) if found.is_symlink() else found.name
        program = root / target[1:] if target.startswith("/") else found.parent / target
        if missing := _missing(program):
            if name in NEEDED:
                raise NoEngine(f"{name} needs newer libraries than this machine's: {missing}")
            continue
        shutil.copy2(program, folder / name)
    return folder


def _usable_root(root: Path) -> Path:
    """An unpacked system with the links that Debian's installer makes, and what is mounted on."""
    for name in ("bin", "lib", "lib64", "sbin"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("dev", "proc", "root", "run", "sys", "tmp", "var/lib", "var/tmp"):
        (root / name).mkdir(exist_ok=True)
    return root


def _missing(program: Path) -> str:
    """What of the libraries that a program needs this machine lacks; "" if nothing."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True)
    lines = (done.stdout + done.stderr).splitlines()
    return "; ".join(line.strip() for line in lines if "not found" in line)


def main(releases: list[str]) -> int:
    """Fetch the Engines of these releases and print where they are; `podman-4.3` is one, too."""
    for release in releases:
        try:
            if release.startswith("podman-"):
                print(f"{release}: {podman_root(release.removeprefix('podman-'))}")
                continue
            folder = binaries(release)
        except NoEngine as error:
            print(f"Engine {release}: {error}", file=sys.stderr)
            return 1
        instead = "" if is_of(release, folder.name) else ", since Debian has no other any more"
        absent = [name for name in PROGRAMS if not (folder / name).exists()]
        own = f", with this machine's {' and '.join(absent)}" if absent else ""
        print(f"Engine {release}: {folder.name}{instead}{own} ({folder})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
