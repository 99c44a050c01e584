"""The disk usage of a fake Engine."""

from __future__ import annotations

from typing import Any

from ..http.errors import HttpError
from ..state import described
from ..state.daemon import Daemon
from ..versions import shapes
from . import images, volumes
from .exchange import Exchange

Json = dict[str, Any]
_KEYS = {"Image": "Images", "Container": "Containers", "Volume": "Volumes"}
_KEYS["BuildCache"] = "BuildCache"


def usage(daemon: Daemon, exchange: Exchange) -> None:
    """GET /system/df."""
    dialect = exchange.dialect
    typed = dialect.since("23.0.0") and dialect.speaks("1.42")
    with daemon.lock:
        found = _found(daemon, exchange)
        size = sum(one.size for one in daemon.images.all())
    asked = exchange.query.get("type", []) if typed else []
    for type in asked:
        if type not in found:
            raise HttpError(400, f"unknown object type: {type}")
    told = [found[type] for type in found if not asked or type in asked]
    answer: Json = {}
    modern = dialect.since("29.0.0") and dialect.speaks("1.52")
    if not (modern and exchange.flag("verbose")):
        if not dialect.since("29.0.0"):
            answer = {"LayersSize": 0, **dict.fromkeys(_KEYS.values())}
        answer.update({_KEYS[name]: rows for name, rows, _ in told})
        if answer.get("Images") is not None:
            answer["LayersSize"] = size
        if not dialect.since("18.9.0"):
            del answer["BuildCache"]
        if dialect.since("17.7.0") and not typed:
            answer["BuilderSize"] = 0
    for name, rows, active in told if modern else ():
        counts = {"TotalCount": len(rows), "ActiveCount": active, "Items": rows}
        answer[f"{name}Usage"] = {key: value for key, value in counts.items() if value}
    exchange.answer_json(answer)


def _found(daemon: Daemon, exchange: Exchange) -> dict[str, tuple[str, list[Json], int]]:
    """The objects of each type: its name, its rows, and the number in use."""
    dialect = exchange.dialect
    containers = daemon.containers.all()
    using = [one.image.id for one in containers]
    pictures = [one for one in daemon.images.all() if not daemon.images.children(one)]
    rows = shapes.image_rows(dialect, [images.summary(daemon, one) for one in pictures])
    for row, image in zip(rows, pictures, strict=True):
        row.update(Containers=using.count(image.id), SharedSize=0)
    sized = [described.row(one, written=one.files.size()) for one in containers]
    kept = []
    for volume in daemon.volumes.all():
        if not volume.asked.get("DriverOpts"):
            used = {"RefCount": len(volumes.users(daemon, volume)), "Size": 0}
            kept.append(volumes.shaped(dialect, volume, UsageData=used))
    running = sum(one.running is not None for one in containers)
    return {
        "image": ("Image", rows, sum(row["Containers"] > 0 for row in rows)),
        "container": ("Container", shapes.container_rows(dialect, sized), running),
        "volume": ("Volume", kept, sum(row["UsageData"]["RefCount"] > 0 for row in kept)),
        "build-cache": ("BuildCache", [], 0),
    }
