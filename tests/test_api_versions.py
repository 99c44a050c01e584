"""The tables of API versions and filters in the documentation are what their commands write."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("program", "document"),
    [("api_versions.py", "api-versions.md"), ("filters.py", "filters.md")],
)
def test_the_document_is_what_the_ledger_says(program: str, document: str) -> None:
    """If it is not: `make api-versions`."""
    written = subprocess.run(
        [sys.executable, ROOT / "docs" / program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert (ROOT / "docs" / document).read_text() == written.stdout
