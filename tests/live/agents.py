"""An agent of ssh with a key of its own, and an image that can ask it."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from live.engine import PATIENCE
from live.programs import provide, where


@contextlib.contextmanager
def serve_agent(folder: Path) -> Iterator[tuple[Path, str]]:
    """The socket of a new agent, and the line by which it lists its one key."""
    provide("ssh")
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(str(where("ssh"))).parent
    key, path = folder / "key", folder / "agent"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", folder.name, "-f", str(key)]
    subprocess.run([beside / make[0], *make[1:]], check=True)
    agent = subprocess.Popen(
        [beside / "ssh-agent", "-D", "-a", str(path)], stdout=subprocess.PIPE, text=True
    )
    assert agent.stdout is not None
    try:
        agent.stdout.readline()  # it says where it listens once it does
        environ = {"SSH_AUTH_SOCK": str(path)}
        add = [beside / "ssh-add", "-q", str(key)]
        subprocess.run(add, env=environ, check=True, timeout=PATIENCE)
        told = subprocess.run(
            [beside / "ssh-add", "-l"], env=environ, check=True, capture_output=True, text=True
        )
        yield path, told.stdout.strip()
    finally:
        agent.terminate()
        agent.wait()
        agent.stdout.close()


def context_with_ssh_add(folder: Path, dockerfile: str) -> Path:
    """The context of an image with this machine's `ssh-add` and what it loads."""
    program = Path(str(where("ssh"))).parent / "ssh-add"
    copy_program(str(program), folder / "root")
    (folder / "Dockerfile").write_text(f"{dockerfile}COPY root /\n")
    return folder


def copy_program(program: str, root: Path) -> None:
    """Copies a program of this machine, and what it loads, into a root file system."""
    told = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for path in [program, *re.findall(r"(/\S+) \(0x", told)]:
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
