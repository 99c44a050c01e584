"""What real Engines answered, as JSON: `tests/recordings/wire`, where that is all of the answer.

Elsewhere a line of `tests/recordings/models` has it, in one file per Engine and API version: the
rows of a list that say something, the values or lines of a stream, what a header holds.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from replay.recording import recordings

_FOLDER = Path(__file__).parent.parent / "recordings" / "models"
_ENGINES = sorted(
    (path.stem for path in _FOLDER.glob("*.jsonl")),
    key=lambda name: [int(part) for part in name.replace("_v", ".").split(".")],
)
_WIRE = recordings()


@functools.cache
def _chosen(engine: str) -> dict[str, str]:
    lines = (_FOLDER / f"{engine}.jsonl").read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["operation"]: line for line in lines}


def answer(engine: str, operation: str) -> Any:
    """The answer of an Engine, e.g. `answer("1.7.1_v1.19", "container_inspect")`."""
    line = _chosen(engine).get(operation)
    if line is not None:
        return json.loads(line)["answer"]
    return json.loads(_WIRE[engine.replace("_v", "/"), operation].body)


def engines(operation: str) -> list[str]:
    """The Engines, oldest first, that have a recorded answer to an operation."""
    chosen = [name for name in _ENGINES if operation in _chosen(name)]
    if chosen:
        return chosen
    found = ((name, _WIRE.get((name.replace("_v", "/"), operation))) for name in _ENGINES)
    return [name for name, recording in found if recording and recording.status == 200]


def of_swarm(kind: str) -> list[tuple[str, Any]]:
    """What Engines answered of a swarm: `swarm`, `nodes`, `services`, `tasks`, ...; with a name."""
    folder = _FOLDER.parent / "swarm"
    return [
        (f"{path.stem}: {row['operation']}", row["answer"])
        for path in sorted(folder.glob("*.jsonl"))
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        if row["kind"] == kind
    ]
