"""Asks for known weaknesses of what this library is installed with; run by `tox -e audit`.

The exit code is 0 if there are none, 1 if there are, and 2 if that could not be found out: the
service is not reached, or knows nothing, not even of an old release that is known to be weak.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

# CVE-2019-11324, CVE-2019-11236 and more: a service that finds nothing here finds nothing at all.
KNOWN_TO_BE_WEAK = "urllib3==1.24.1"
OURS = "dockerapi"
NOT_FOUND_OUT = 2


def audit(requirements: str) -> tuple[int, str]:
    """The exit code of pip-audit, and what it says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text(requirements)
        options = ["--strict", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *options, "--requirement", path],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return done.returncode, done.stdout


def main() -> int:
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--exclude", OURS],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    code, words = audit(f"{KNOWN_TO_BE_WEAK}\n")
    if code != 1 or KNOWN_TO_BE_WEAK.partition("==")[0] not in words or "CVE" not in words:
        print(words)
        print("NOT AUDITED: the vulnerability service is not reached, or knows of no weakness")
        return NOT_FOUND_OUT
    code, words = audit(frozen)
    print(words)
    return code


if __name__ == "__main__":
    sys.exit(main())
