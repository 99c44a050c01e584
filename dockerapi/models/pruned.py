"""What a prune has deleted."""

from __future__ import annotations

from .base import Model, model, strings, wire


@model
class Pruned(Model):
    """What was deleted: names of networks."""

    deleted: tuple[str, ...] = wire("NetworksDeleted", read=strings, default=())
