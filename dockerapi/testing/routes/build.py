"""POST /build: its parameters, and the report. BuildKit is refused."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from ...protocol.reference import ImageReference
from ..builder.build import Build, Options
from ..builder.context import checked, received
from ..http.errors import HttpError
from ..state.daemon import Daemon
from ..versions import progress
from .exchange import Exchange
from .images import whole_name
from .pulls import pulled, registry_config


def build(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    if dialect.since("0.4.5") and not dialect.since("1.7.0") and not dialect.speaks("1.3"):
        raise HttpError(
            500,
            "Multipart upload for build is no longer supported. Please upgrade your docker client.",
        )
    options = _options(exchange)

    def pull(name: ImageReference) -> progress.Values:
        configured = registry_config(exchange)
        who = configured.get(name.registry_key) or configured.get(name.full_name.split("/")[0])
        return pulled(daemon, dialect, name, who or {})

    def values() -> progress.Values:
        # It is gone before the answer ends.
        with tempfile.TemporaryDirectory(prefix="build-", dir=daemon.folder) as made:
            context = Path(made, "context")
            context.mkdir()
            instructions = checked(dialect, options, received(dialect, exchange, options, context))
            build = Build(daemon, dialect, options, Path(made), pull, exchange.client_gone)
            yield from build.run(instructions)

    exchange.report(values(), progress.build)


def _options(exchange: Exchange) -> Options:
    """The query's parameters, as far as the version knows them."""
    dialect = exchange.dialect
    version = exchange.asked("version") if dialect.since("18.9.0") else ""
    if version == "2":
        raise HttpError(
            400, "the fake Engine has no BuildKit: build with the classic builder (version=1)"
        )
    return Options(
        names=[whole_name(dialect, one, "") for one in exchange.query.get("t", []) if one],
        dockerfile=(exchange.asked("dockerfile") if dialect.speaks("1.17") else "") or "Dockerfile",
        quiet=exchange.flag("q"),
        remove=exchange.flag("rm", default=dialect.speaks("1.12")),
        force_remove=exchange.flag("forcerm"),
        pull=exchange.flag("pull"),
        arguments=_mapping(exchange, "buildargs"),
        labels=_mapping(exchange, "labels"),
        target=exchange.asked("target"),
        remote=exchange.asked("remote"),
    )


def _mapping(exchange: Exchange, name: str) -> dict[str, str]:
    found = json.loads(exchange.asked(name) or "{}")
    return {str(key): "" if one is None else str(one) for key, one in found.items()}


def prune(daemon: Daemon, exchange: Exchange) -> None:
    """There is no build cache."""
    told = {"CachesDeleted": None} if exchange.dialect.since("18.9.0") else {}
    exchange.answer_json({**told, "SpaceReclaimed": 0})
