"""The plugin as a user has it: in a project of its own, with nothing but the package and pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def outcome(folder: Path) -> dict[str, str]:
    """The tests of a folder and how they ended, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-W", "error", "-p", "dockerapi.testing.plugin"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    found = re.findall(
        r"^(PASSED|FAILED|ERROR) \S+::([^\n]+?)(?: - .*)?$", done.stdout, re.MULTILINE
    )
    return {name: result for result, name in found} or {"pytest": done.stdout + done.stderr}


def test_the_tests_of_the_documentation_pass(tmp_path: Path) -> None:
    script, *tests = BLOCK.findall((ROOT / "docs/testing.md").read_text(encoding="utf-8"))
    (tmp_path / "backup.py").write_text(script)
    (tmp_path / "test_backup.py").write_text("\n".join(tests))
    assert outcome(tmp_path) == {
        "test_a_backup_has_the_rows": "PASSED",
        "test_a_broken_backup_is_no_backup": "PASSED",
        "test_it_runs[API 1.12]": "PASSED",
        "test_it_runs[API 1.24]": "PASSED",
        "test_it_runs[API 1.51]": "PASSED",
        "test_an_engine_of_2015": "PASSED",
        "test_an_image_is_copied_to_our_registry": "PASSED",
        "test_a_big_machine_is_used": "PASSED",
    }


def test_the_backup_script_and_its_test_are_fifteen_lines() -> None:
    _, test, *_ = BLOCK.findall((ROOT / "docs/testing.md").read_text(encoding="utf-8"))
    assert len([line for line in test.splitlines() if line]) <= 15


def test_a_marker_without_versions_is_for_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(
        "import pytest\n"
        "@pytest.mark.api_versions()\n"
        "def test_info(fake_engine, fake_client):\n"
        "    assert fake_client.api_version == fake_engine.api_version\n"
    )
    assert outcome(tmp_path) == {f"test_info[API 1.{minor}]": "PASSED" for minor in range(56)}


def test_a_test_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (tmp_path / "test_fails.py").write_text(
        "import tempfile\n"
        f"tempfile.tempdir = {str(folder)!r}\n"
        "def test_fails(fake_client):\n"
        "    fake_client.ping()\n"
        "    raise RuntimeError\n"
    )
    assert outcome(tmp_path) == {"test_fails": "FAILED"}
    assert list(folder.iterdir()) == []
