"""The table of API versions in the documentation is what its command writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_document_is_what_the_ledger_says() -> None:
    """If it is not: `make docs`."""
    written = subprocess.run(
        [sys.executable, ROOT / "docs" / "api_versions.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert (ROOT / "docs" / "api-versions.md").read_text() == written.stdout
