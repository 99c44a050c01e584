"""Every model, made from any JSON: the first byte chooses the model, the rest is the JSON."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import attrs

from dockerapi.errors import UnexpectedReply
from dockerapi.models import config, containers, exec, images, misc, settings
from models.hostile import models_of, read_everything

_MODULES = (containers, config, exec, images, misc, settings)
MODELS = [kind for module in _MODULES for kind in models_of(module) if attrs.has(kind)]
_RECORDINGS = Path(__file__).parent.parent / "recordings" / "models"


def check(data: bytes) -> None:
    """A model reads, prints, compares, copies and pickles; else it is `UnexpectedReply`."""
    kind = MODELS[data[0] % len(MODELS)] if data else MODELS[0]
    try:
        value = kind.parse(json.loads(data[1:]))
    except (ValueError, RecursionError, UnexpectedReply):
        return
    read_everything(value)
    try:
        printed = repr(value)
        value.to_wire()
    except UnexpectedReply:
        return
    try:
        again, twin = pickle.loads(pickle.dumps(value)), copy.deepcopy(value)
    except RecursionError:  # Python's own limit, which is below that of its JSON
        return
    assert repr(again) == printed == repr(twin)
    assert again == value or "nan" in printed


def seeds() -> Iterator[bytes]:
    for number, kind in enumerate(MODELS):
        keys = [path for one in attrs.fields(kind) for path in one.metadata["paths"]]
        for path in sorted(set(keys))[:40]:
            value: object = "1"
            for key in reversed(path.split(".")):
                value = {key: value}
            yield bytes([number]) + json.dumps(value).encode()
    for file in sorted(_RECORDINGS.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            answer = json.loads(line)["answer"]
            for row in answer if isinstance(answer, list) else [answer]:
                text = json.dumps(row).encode()
                if isinstance(row, dict) and len(text) < 6000:
                    yield bytes([len(text) % len(MODELS)]) + text


def words() -> Iterator[str]:
    """The keys that the models read."""
    for kind in MODELS:
        for attribute in attrs.fields(kind):
            for path in attribute.metadata["paths"]:
                yield from path.split(".")
