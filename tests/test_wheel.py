"""What is built is what users get: the wheel alone, in an empty project with pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.dear
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints; where it fails only for want of a package index, a skip."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280
    )
    said = done.stdout + done.stderr
    if done.returncode and "pip" in command and os.environ.get("CI") != "true":
        pytest.skip("the wheel is not tried: pip reaches no package index")
    assert done.returncode == 0, said
    return said


def test_the_documented_tests_pass_with_only_the_wheel_and_pytest(tmp_path: Path) -> None:
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    project = tmp_path / "project"
    project.mkdir()
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", tmp_path, ROOT, folder=tmp_path)
    (wheel,) = tmp_path.glob("dockerapi-*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", python.parent.parent, folder=tmp_path)
    run(
        *(sys.executable, "-m", "pip", "--python", python),
        *("install", "--quiet", wheel, "pytest"),
        folder=tmp_path,
    )
    script, *tests = BLOCK.findall((ROOT / "docs/testing.md").read_text(encoding="utf-8"))
    (project / "backup.py").write_text(script)
    (project / "test_backup.py").write_text("\n".join(tests))
    said = run(python, "-m", "pytest", "-q", "-W", "error", folder=project)
    assert re.findall(r"(\d+) passed", said) == ["7"]
