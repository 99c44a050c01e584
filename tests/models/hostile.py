"""Answers that no Engine should give: objects with the right keys and anything for values."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st

from dockerapi.errors import UnexpectedReply
from dockerapi.models.base import Model

# Keys that are read by converters of a whole object, where no field names them.
_MORE_KEYS = (
    "PortMapping Tcp Volumes VolumesRW Mounts SizeRw Ports HostConfig Config VolumesFrom Status "
    "Paused Running ExitCode StartedAt network networks VirtualSize RootFS Type status time "
    "timeNano Repository Tag Titles Processes aux Id ID Digest Tag Size os.version os.features"
).split()
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 4)
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["2026-11-21T00:24:47.136Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60+99:99"]
        + ["80->80", "1:2->3/tcp, 4", "true", "<none>:<none>", "/a", "1e9", "sha256:" + "a" * 64]
    )
)

# For a property of each of a hundred models, which the same code reads: they share the examples.
FEWER = settings(max_examples=max(5, settings().max_examples // 10))


def models_of(module: ModuleType) -> list[type[Model]]:
    """The model classes that a module defines, or the modules of a package."""
    home = module.__name__
    return [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type)
        and issubclass(cls, Model)
        and (cls.__module__ == home or cls.__module__.startswith(f"{home}."))
    ]


def json_values(*modules: ModuleType) -> st.SearchStrategy[Any]:
    """Any JSON, whose objects often have the keys that the models of these modules read."""
    keys = set(_MORE_KEYS)
    for module in modules:
        for cls in models_of(module):
            for attribute in attrs.fields(cls):
                for path in attribute.metadata["paths"]:
                    keys.update(path.split("."))
    known = st.sampled_from(sorted(keys - {""}))
    return st.recursive(
        _SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(known | st.text(max_size=4), inner, max_size=4)
        ),
        max_leaves=12,
    )


def objects_of(kind: type[Model], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """JSON objects with the keys that a model reads, nested as it has them, and any values."""
    keys = set(_MORE_KEYS)
    for attribute in attrs.fields(kind):
        keys.update(path.split(".")[0] for path in attribute.metadata["paths"])
    return st.dictionaries(st.sampled_from(sorted(keys - {""})), values, max_size=8)


def read_everything(value: Any) -> None:
    """Reads every field, all the way down; only `UnexpectedReply` may come of it."""
    if isinstance(value, Model):
        for attribute in attrs.fields(type(value)):
            try:
                found = getattr(value, attribute.name)
            except UnexpectedReply:
                continue
            read_everything(found)
    elif isinstance(value, (tuple, list)):
        for item in value:
            read_everything(item)
    elif isinstance(value, dict):
        for item in value.values():
            read_everything(item)
