"""What real Engines answered: `tests/recordings/models`, one file per Engine and API version.

A line is one answer: JSON as it was received, a stream as the list of its values or lines. Lists
are cut to their first rows; paths of the recording machine were replaced.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "recordings" / "models"


@functools.cache
def _answers(engine: str) -> dict[str, str]:
    lines = (_FOLDER / f"{engine}.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["operation"]: line for line in lines}


def answer(engine: str, operation: str) -> Any:
    """The answer of an Engine, e.g. `answer("1.7.1_v1.19", "container_inspect")`."""
    return json.loads(_answers(engine)[operation])["answer"]


def engines(operation: str) -> list[str]:
    """The Engines, oldest first, that have a recorded answer to an operation."""
    names = [path.stem for path in _FOLDER.glob("*.jsonl")]
    names.sort(key=lambda name: [int(part) for part in name.replace("_v", ".").split(".")])
    return [name for name in names if operation in _answers(name)]
