"""The routes that save images to an archive, and load them from one."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..http.errors import HttpError
from ..state.bundles import loaded, written
from ..state.daemon import Daemon
from ..state.images import Image, Images, whole_name_of
from ..state.layers import BadArchive, Layer, unpack
from ..versions import errors, progress
from ..versions.dialect import Dialect
from .exchange import Exchange


def save(daemon: Daemon, exchange: Exchange, name: str | None = None) -> None:
    dialect = exchange.dialect
    wanted = [name] if name is not None else exchange.query.get("names", [])
    with daemon.lock:
        found = _selected(daemon.images, wanted)
        blocks = written(found)
        if dialect.since("1.12.0"):
            for image in found:
                id = f"sha256:{image.id}"
                daemon.events.tell("image", "save", id, name=id)
    # Closed at once if the client hangs up: a file may be open in there.
    with contextlib.closing(blocks), exchange.stream("application/x-tar") as answer:
        for block in blocks:
            answer.write(block)


def _selected(images: Images, wanted: Iterable[str]) -> dict[Image, list[str]]:
    """The requested images, and the names under which they were requested."""
    found: dict[Image, list[str]] = {}
    for reference in wanted:
        tagged = [
            name for name in images.all_names() if name.rpartition(":")[0] == _bare(reference)
        ]
        if not tagged:
            image = images.get(reference)
            if image is None:
                raise HttpError(404, f"No such image: {reference}")
            whole = whole_name_of(reference)
            tagged = [whole] if whole in images.names(image) else []
            found.setdefault(image, [])
        for name in tagged:
            image = images.find(name)
            names = found.setdefault(image, [])
            if name not in names:
                names.append(name)
    return found


def _bare(reference: str) -> str:
    """A repository in its shortest form; "" for a name with a tag, or an invalid one."""
    whole = whole_name_of(reference)
    return whole.removesuffix(":latest") if whole and not reference.endswith(":latest") else ""


def load(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    if not dialect.load_reports:
        try:
            for _ in _received(daemon, exchange):
                pass
        except (BadArchive, OSError, ValueError) as error:
            raise errors.bad_bundle(dialect, str(error)) from error
        exchange.answer(200)
        return
    with exchange.stream("application/json") as answer:
        try:
            for value in _received(daemon, exchange):
                if "stream" in value or not exchange.flag("quiet"):
                    answer.write(progress.load(dialect, value))
        except (BadArchive, OSError, ValueError, HttpError) as error:
            told = error.message if isinstance(error, HttpError) else str(error)
            value = {"errorDetail": {"message": told}, "error": told}
            answer.write(progress.load(dialect, value))


def _received(daemon: Daemon, exchange: Exchange) -> Iterator[dict[str, Any]]:
    """Unpack the archive and load its images; yields the report."""
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=daemon.folder))
    try:
        unpack(exchange.body, folder)
        for one in loaded(daemon.images, folder):
            if isinstance(one, Layer):
                size = one.path.stat().st_size
                yield progress.moved("Loading layer", one.digest[:12], size)
            else:
                yield from _named(daemon, exchange.dialect, *one)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _named(
    daemon: Daemon, dialect: Dialect, image: Image, names: list[str]
) -> Iterator[dict[str, Any]]:
    told = f"sha256:{image.id}"
    with daemon.lock:
        for name in names:
            before = daemon.images.get(name)
            if before is not None and before is not image:
                yield {
                    "stream": f"The image {name} already exists, renaming the old one with ID "
                    f"sha256:{before.id} to empty string\n"
                }
            try:
                daemon.images.tag(image, name)
            except ValueError:
                raise errors.bad_name(dialect, name.rpartition(":")[0]) from None
            yield {"stream": f"Loaded image: {name}\n"}
        daemon.events.tell("image", "load", told, name=told)
    if not names:
        yield {"stream": f"Loaded image ID: {told}\n"}
