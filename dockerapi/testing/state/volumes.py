"""The volumes of a fake Engine: their names and settings. They have no content."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from typing import Any

import attrs

from .errors import NoVolume

Json = dict[str, Any]


@attrs.frozen(eq=False)
class Volume:
    """A volume; `asked` is the request's body."""

    name: str
    asked: Json
    created: int = attrs.field(factory=time.time_ns)

    @property
    def is_anonymous(self) -> bool:
        """Whether it is anonymous."""
        return re.fullmatch("[0-9a-f]{64}", self.name) is not None


class Volumes:
    """All volumes of an Engine; called with its lock held."""

    def __init__(self) -> None:
        self._volumes: dict[str, Volume] = {}

    def all(self) -> list[Volume]:
        return list(self._volumes.values())

    def get(self, name: str) -> Volume | None:
        return self._volumes.get(name)

    def find(self, name: str) -> Volume:
        """The volume with this name; `NoVolume` if there is none."""
        if name not in self._volumes:
            raise NoVolume(name)
        return self._volumes[name]

    def create(self, asked: Json) -> Volume:
        """A new volume, or the existing one with the name."""
        name = str(asked.get("Name") or secrets.token_hex(32))
        return self._volumes.setdefault(name, Volume(name, asked))

    def mount(self, mounts: Iterable[Json]) -> None:
        """Create the volumes that a container uses, if missing."""
        for one in mounts:
            if one["Type"] == "volume":
                self.create({"Name": one["Name"]})

    def drop(self, mounts: Iterable[Json]) -> None:
        """Remove the anonymous volumes of a container that is removed."""
        for one in mounts:
            volume = self._volumes.get(one.get("Name", ""))
            if volume is not None and volume.is_anonymous:
                self.remove(volume)

    def remove(self, volume: Volume) -> None:
        del self._volumes[volume.name]
