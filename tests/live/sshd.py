"""An sshd of the tests' own on loopback, and an `ssh` that knows the way to it as `engine`.

Nothing of the machine's own ssh is used or changed: keys, configuration and known hosts lie in one
folder, and the port is a free one.
"""

from __future__ import annotations

import contextlib
import getpass
import secrets
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from live.engine import PATIENCE, EngineFailed
from live.programs import provide, search_path, where

SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
MaxStartups 100
SetEnv PATH={path}
"""
CLIENT = """\
Host engine
    HostName 127.0.0.1
    Port {port}
    User {user}
    IdentityFile {folder}/key
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile {folder}/known_hosts
    StrictHostKeyChecking yes
"""
PROGRAM = """\
#!/bin/sh
exec {ssh} -F {folder}/ssh_config "$@"
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now.

    It is below those that Linux gives to connections, and to who asks for any: of these another
    test may have one before it is listened on.
    """
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serve_ssh(folder: Path) -> Iterator[Path]:
    """Runs an sshd; gives the folder to put first on the PATH, with a program `ssh` in it."""
    provide("sshd", "ssh", "docker")
    Path("/run/sshd").mkdir(exist_ok=True)  # sshd wants it; its service makes it
    for key in ("host_key", "key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(command, check=True)
    port = free_port()
    host_key = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}")
    values = {"folder": folder, "port": port, "path": search_path(), "user": getpass.getuser()}
    (folder / "sshd_config").write_text(SERVER.format_map(values))
    (folder / "ssh_config").write_text(CLIENT.format_map(values))
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    ssh = shlex.quote(str(where("ssh")))
    program.write_text(PROGRAM.format(ssh=ssh, folder=folder))
    program.chmod(0o755)
    sshd = where("sshd")
    assert sshd is not None
    with (folder / "sshd.log").open("wb") as log:
        # With its whole path, which it needs to start itself again for each connection.
        daemon = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd_config"], stderr=log)
    try:
        wait_for(port, daemon, folder / "sshd.log")
        yield program.parent
    finally:
        daemon.terminate()
        daemon.wait()


def wait_for(port: int, daemon: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once somebody listens on a port of 127.0.0.1."""
    deadline = time.monotonic() + PATIENCE
    while daemon.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)
    raise EngineFailed(f"{daemon.args} did not come up\n{log.read_text()}")
