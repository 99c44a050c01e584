"""The mounts of a container: anonymous volumes, named volumes, directories of the host.

Inspect shows them, but nothing is mounted: the container has an empty directory there. Nothing of
the host is visible through it, and nothing is shared.
"""

from __future__ import annotations

import secrets
from typing import Any

Json = dict[str, Any]


def mounts_of(config: Json, host_config: Json, known: list[Json]) -> list[Json]:
    """The mounts as in inspect; a volume that is `known` at its place stays the same."""
    found = {bind["Destination"]: bind for bind in map(_bound, host_config.get("Binds") or ())}
    for one in host_config.get("Mounts") or ():
        writes = not one.get("ReadOnly", False)
        if one.get("Type") == "bind":
            found[one["Target"]] = _folder(one["Source"], one["Target"], "", writes)
        elif one.get("Type") == "volume":
            name = one.get("Source") or secrets.token_hex(32)
            found[one["Target"]] = _volume(name, one["Target"], "z", writes)
    for path in config.get("Volumes") or ():
        if path not in found:
            found[path] = _volume(secrets.token_hex(32), path, "", True)
    for one in known:
        if one["Type"] == found.get(one["Destination"], {}).get("Type") == "volume":
            found[one["Destination"]] = one
    return list(found.values())


def _bound(bind: str) -> Json:
    """`source:destination[:mode]`; a source that is not a path names a volume."""
    source, _, rest = bind.partition(":")
    destination, _, mode = rest.partition(":")
    writes = "ro" not in mode.split(",")
    make = _folder if source.startswith("/") else _volume
    return make(source, destination or source, mode, writes)


def _folder(source: str, destination: str, mode: str, writes: bool) -> Json:
    return {
        "Type": "bind",
        "Source": source,
        "Destination": destination,
        "Mode": mode,
        "RW": writes,
        "Propagation": "rprivate",
    }


def _volume(name: str, destination: str, mode: str, writes: bool) -> Json:
    return {
        "Type": "volume",
        "Name": name,
        "Source": f"/var/lib/docker/volumes/{name}/_data",
        "Destination": destination,
        "Driver": "local",
        "Mode": mode,
        "RW": writes,
        "Propagation": "",
    }
