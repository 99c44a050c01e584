"""The image `busybox:latest`, made from Debian's busybox-static where it cannot be pulled."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

FOLDERS = ("bin", "dev", "etc", "home", "proc", "root", "sys", "usr", "var")
USERS = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
GROUPS = b"root:x:0:\nnogroup:x:65534:\n"
# For a shell in it: says that it is ready, and ends at SIGTERM at once.
SLEEP = "trap 'exit 5' TERM; echo ready; sleep 6000 & wait"


def find_busybox(folder: Path) -> Path | None:
    """A busybox that needs no libraries: this machine's, or Debian's, unpacked in the folder."""
    installed = shutil.which("busybox")
    if installed is not None and _is_static(installed):
        return Path(installed)
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return None
    # Only root may update the lists; where there are lists the download works without.
    for command in (["apt-get", "update"], ["apt-get", "download", "busybox-static"]):
        subprocess.run(command, cwd=folder, capture_output=True)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder], check=True)
    return next((path for path in folder.rglob("bin/busybox")), None)


def root_file_system(busybox: Path) -> bytes:
    """A tar archive of the least in which a container runs: busybox under all its names."""
    names = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        for folder in FOLDERS:
            _add(archive, folder, tarfile.DIRTYPE, 0o755)
        _add(archive, "tmp", tarfile.DIRTYPE, 0o1777)
        _add(archive, "bin/busybox", tarfile.REGTYPE, 0o755, busybox.read_bytes())
        for name in names.stdout.split():
            if name != "busybox":
                _add(archive, f"bin/{name}", tarfile.SYMTYPE, 0o777, target="busybox")
        _add(archive, "etc/passwd", tarfile.REGTYPE, 0o644, USERS)
        _add(archive, "etc/group", tarfile.REGTYPE, 0o644, GROUPS)
    return archived.getvalue()


def _add(
    archive: tarfile.TarFile,
    name: str,
    kind: bytes,
    mode: int,
    data: bytes = b"",
    target: str = "",
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(data), target
    archive.addfile(entry, io.BytesIO(data))


def _is_static(program: str) -> bool:
    return subprocess.run(["ldd", program], capture_output=True).returncode != 0
