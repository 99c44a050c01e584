"""POST /build: what is asked for, and the report. BuildKit is refused."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...protocol.reference import ImageReference
from ..builder.build import Build, Failed, Options
from ..builder.context import Source, checked, received
from ..http.errors import ClientGone, HttpError
from ..http.wire import Chunks
from ..state.daemon import Daemon
from ..versions import progress
from .exchange import Exchange
from .images import whole_name
from .pulls import Failed as NotPulled
from .pulls import pulled, registry_config


def build(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    if dialect.since("0.4.5") and not dialect.since("1.7.0") and not dialect.speaks("1.3"):
        raise HttpError(
            500,
            "Multipart upload for build is no longer supported. Please upgrade your docker client.",
        )
    options = _options(exchange)
    source = Source(dialect, exchange.body, exchange.headers.get("Content-Type", ""))

    def pull(name: ImageReference) -> Iterator[dict[str, Any]]:
        configured = registry_config(exchange)
        who = configured.get(name.registry_key) or configured.get(name.full_name.split("/")[0])
        try:
            yield from pulled(daemon, dialect, name, who or {})
        except NotPulled as error:
            raise Failed(error.message) from error

    # The folder is gone before the answer ends.
    with _Report(exchange, quiet=options.quiet) as report:
        folder = Path(tempfile.mkdtemp(prefix="build-", dir=daemon.folder))
        failed = None
        try:
            context = folder / "context"
            context.mkdir()
            dockerfile = received(source, options, context)
            instructions = checked(dialect, options, dockerfile)
            Build(daemon, dialect, options, folder, report, pull).run(instructions)
        except Failed as error:
            failed = error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if failed is not None:
            report.fail(failed)


def _options(exchange: Exchange) -> Options:
    """What the query says, as far as the version knows it."""
    dialect = exchange.dialect
    version = exchange.asked("version") if dialect.since("18.9.0") else ""
    if version == "2":
        raise HttpError(
            400, "the fake Engine has no BuildKit: build with the classic builder (version=1)"
        )
    if version not in ("", "1"):
        raise HttpError(dialect.bad_request, f'invalid version "{version}"')
    return Options(
        names=[_name(exchange, one) for one in exchange.query.get("t", []) if one],
        dockerfile=(exchange.asked("dockerfile") if dialect.speaks("1.17") else "") or "Dockerfile",
        quiet=exchange.flag("q"),
        cache=not exchange.flag("nocache"),
        remove=exchange.flag("rm", default=dialect.speaks("1.12")),
        force_remove=exchange.flag("forcerm"),
        pull=exchange.flag("pull"),
        arguments=_mapping(exchange, "buildargs", "build args"),
        labels=_mapping(exchange, "labels", "labels"),
        target=exchange.asked("target"),
        remote=exchange.asked("remote"),
    )


def _name(exchange: Exchange, name: str) -> str:
    try:
        return whole_name(exchange.dialect, name, "")
    except HttpError as refusal:
        raise HttpError(500, refusal.message) from refusal


def _mapping(exchange: Exchange, name: str, shown: str) -> dict[str, str]:
    text = exchange.asked(name)
    if not text:
        return {}
    try:
        found = json.loads(text)
        return {str(key): "" if one is None else str(one) for key, one in found.items()}
    except (ValueError, AttributeError) as error:
        status = exchange.dialect.bad_request
        raise HttpError(status, f"error reading {shown}: {error}") from error


class _Report:
    """The answer to a build: its head goes out with the first value."""

    def __init__(self, exchange: Exchange, *, quiet: bool) -> None:
        self._exchange = exchange
        self._dialect = exchange.dialect
        self._silent = quiet and exchange.dialect.modern
        self.hides_output = quiet
        self.cancels = exchange.dialect.since("1.6.0")
        self._answer: Chunks | None = None
        self._gone = False

    def say(self, text: str) -> None:
        """A line or a part of one."""
        if not self._silent:
            self.tell({"stream": text})

    def tell(self, value: dict[str, Any]) -> None:
        """A value. That the client is gone ends a build only where the release looks for it."""
        content = progress.build(self._dialect, value)
        if not content or self._gone:
            return
        try:
            if self._answer is None:
                self._answer = self._exchange.stream(progress.build_type(self._dialect))
            self._answer.write(content)
        except ClientGone:
            if self.cancels:
                raise
            self._gone = True

    def client_gone(self) -> bool:
        """Whether nobody listens any more."""
        return self._exchange.client_gone()

    def tell_if_loud(self, value: dict[str, Any]) -> None:
        if not self._silent:
            self.tell(value)

    def fail(self, failed: Failed) -> None:
        """Tell how it failed: as a status, if nothing was told before."""
        if self._answer is None and not self._gone and not self._silent:
            raise HttpError(500, failed.message)
        detail: dict[str, Any] = {} if failed.code is None else {"code": failed.code}
        self.tell({"errorDetail": {**detail, "message": failed.message}, "error": failed.message})

    def __enter__(self) -> _Report:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._gone:
            raise ClientGone
        if kind is None:
            if self._answer is None:
                self._answer = self._exchange.stream(progress.build_type(self._dialect))
            with self._answer:
                pass
