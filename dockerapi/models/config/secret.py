"""What a BuildKit build may ask for in its session: secrets and ssh agents."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ...errors import shown


@attrs.frozen
class BuildSecret:
    """A secret of a build: bytes, or a place from which they are read when BuildKit asks.

    The content is in no repr.

    Args:
        data: the content; at most 500 KiB.
        path: a file with the content.
        variable: an environment variable with the content.
    """

    data: bytes | None = attrs.field(default=None, repr=lambda data: "***" if data else str(data))
    path: Path | None = attrs.field(default=None, kw_only=True)
    variable: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.data is not None and not isinstance(self.data, bytes):
            raise TypeError(f"data: bytes were expected, not {type(self.data).__name__}")
        if sum(value is not None for value in (self.data, self.path, self.variable)) != 1:
            raise ValueError("BuildSecret: one of data, path and variable was expected")

    @classmethod
    def of_file(cls, path: str | os.PathLike[str]) -> BuildSecret:
        """The content of the file `path`, read when BuildKit asks."""
        return cls(path=Path(path))

    @classmethod
    def of_env(cls, variable: str) -> BuildSecret:
        """The value of the environment variable `variable`, read when BuildKit asks."""
        if not isinstance(variable, str) or not variable or "=" in variable or "\0" in variable:
            raise ValueError(f"of_env: the name of a variable was expected, not {shown(variable)}")
        return cls(variable=variable)


# Engines garble other characters than ASCII, and these end the option in a Dockerfile line.
_ID = re.compile(r"""(?:(?![,='"])[ -~])+""")


def _id(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"an id was expected, not {shown(value)}")
    if not _ID.fullmatch(value):
        raise ValueError(
            f"an id of ASCII without commas, '=', quotes and control characters was expected, not "
            f"{shown(value)}"
        )
    return value


def secrets_by_id(value: Any) -> dict[str, BuildSecret]:
    """The secrets of a build; errors never show one."""
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping of ids was expected, not a {type(value).__name__}")
    return {_id(id): _secret(id, secret) for id, secret in value.items()}


def _secret(id: str, value: Any) -> BuildSecret:
    if isinstance(value, BuildSecret):
        return value
    if isinstance(value, bytes):
        return BuildSecret(value)
    if isinstance(value, os.PathLike):
        return BuildSecret.of_file(value)
    raise TypeError(
        f"{id}: a BuildSecret, bytes or a Path was expected, not a {type(value).__name__}: of a "
        "text it is not known whether it is the secret or where that is"
    )


def agents_by_id(value: Any) -> dict[str, Path | None]:
    """The ssh agents by their ids."""
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping of ids was expected, not {shown(value)}")
    found: dict[str, Path | None] = {}
    for id, path in value.items():
        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"{id}: the path of an agent's socket was expected, not {shown(path)}")
        found[_id(id)] = None if path is None else Path(path)
    return found
