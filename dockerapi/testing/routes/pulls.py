"""The routes that transfer images: pull, import, insert, push, search."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import attrs

from ...protocol.reference import DOCKER_HUB, ImageReference, registry_searched
from ..builder.instructions import BadInstruction, changed
from ..http.errors import HttpError
from ..state.daemon import Daemon
from ..state.images import CONFIG, Image, image_config, whole_name_of
from ..state.layers import BadArchive
from ..state.registry import MANIFEST, Stored, host_of
from ..versions import errors, progress, shapes
from ..versions.dialect import Dialect
from ..versions.progress import Failed, Values
from .exchange import Exchange
from .images import whole_name

BLOCK = 128 * 1024


def credentials(exchange: Exchange) -> dict[str, Any]:
    """The credentials in `X-Registry-Auth`; none if it cannot be decoded."""
    return _header(exchange, "X-Registry-Auth")


def registry_config(exchange: Exchange) -> dict[str, dict[str, Any]]:
    """Credentials by registry, in any of the forms of `X-Registry-Config` (differences, 5.12)."""
    found = _header(exchange, "X-Registry-Config")
    found = {**found, **(found.get("configs") or {}), **(found.get("auths") or {})}
    return {key: one for key, one in found.items() if isinstance(one, dict)}


def _header(exchange: Exchange, name: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        text = exchange.headers.get(name, "")
        found = json.loads(base64.urlsafe_b64decode(text.encode("latin-1")) or b"{}")
        if isinstance(found, dict):
            return found
    return {}


# Pull


def pull_or_import(daemon: Daemon, exchange: Exchange) -> None:
    if exchange.asked("fromImage"):
        exchange.body.read()
        name = _asked(exchange)
        exchange.report(
            pulled(daemon, exchange.dialect, name, credentials(exchange)), progress.progress
        )
    else:
        _import(daemon, exchange)


def _asked(exchange: Exchange) -> ImageReference:
    repository, tag = exchange.asked("fromImage"), exchange.asked("tag")
    try:
        parsed = ImageReference.parse(repository)
        if tag.startswith("sha256:"):
            return ImageReference.parse(f"{parsed.repository}@{tag}")
        if tag:
            return ImageReference.parse(f"{parsed.repository}:{tag}")
        return parsed
    except ValueError:
        if whole_name_of(repository) is None:
            raise errors.bad_name(exchange.dialect, repository) from None
        raise errors.bad_tag(exchange.dialect) from None


def pulled(daemon: Daemon, dialect: Dialect, name: ImageReference, who: dict[str, Any]) -> Values:
    """Pull an image, or all tags of a repository; yields the report."""
    registry = daemon.registry
    if not dialect.since("0.6.6"):
        yield {"status": f"Pulling repository {name.repository} from https://index.docker.io/v1"}
    _let_in(dialect, daemon, name, who, "pull")
    tags = [name.tag or "latest"]
    if name.tag is None and name.digest is None:
        tags = registry.tags(name) or tags
    news = False
    for tag in tags:
        one = name if name.digest else attrs.evolve(name, tag=tag)
        stored = registry.get(one)
        if stored is None:
            raise Failed(*errors.not_in_registry(dialect, one))
        before = daemon.images.get(str(one))
        yield from _pulled_one(daemon, dialect, one, stored)
        news = news or daemon.images.get(str(one)) is not before
    if dialect.since("1.6.0"):
        shown = name.familiar_name + (
            f"@{name.digest}" if name.digest else f":{name.tag}" if name.tag else ""
        )
        what = "Downloaded newer image for" if news else "Image is up to date for"
        yield {"status": f"Status: {what} {shown}"}


def _pulled_one(daemon: Daemon, dialect: Dialect, name: ImageReference, stored: Stored) -> Values:
    images = daemon.images
    familiar = name.familiar_name
    of_the_past = not dialect.since("1.6.0")
    if of_the_past:
        yield {"status": f"Pulling repository {familiar}"}
    else:
        path = name.full_name.partition("/")[2]
        shown = f"{familiar}@{name.digest}" if name.digest else name.tag or "latest"
        yield {"status": f"Pulling from {path}", "id": shown}
    layers = []
    wanted = []
    for digest, _ in stored.layers:
        if any(layer.digest == digest for image in images.all() for layer in image.layers):
            yield progress.state("Already exists", digest[:12])
        else:
            wanted.append(digest)
            yield progress.state("Pulling fs layer", digest[:12])
    for digest, content in stored.layers:
        if digest in wanted:
            id, size = digest[:12], len(content)
            yield progress.moved("Downloading", id, size)
            if not of_the_past:
                yield progress.state("Verifying Checksum", id)
            yield progress.state("Download complete", id)
            if not of_the_past:
                yield progress.moved("Extracting", id, size)
                yield progress.state("Pull complete", id)
        layers.append(images.store([content]))
    with daemon.lock:
        image = images.described(stored.description, tuple(layers))
        if name.digest is None:
            images.tag(image, str(name))
        if dialect.since("1.6.0"):
            images.tag_digest(image, familiar, stored.digest)
        told = f"{familiar}@{name.digest}" if name.digest else f"{familiar}:{name.tag or 'latest'}"
        daemon.events.tell("image", "pull", told, name=familiar)
    if of_the_past:
        yield progress.state("Download complete", image.id[:12])
    else:
        yield {"status": f"Digest: {stored.digest}"}


def _let_in(
    dialect: Dialect, daemon: Daemon, name: ImageReference, who: dict[str, Any], what: str
) -> None:
    host = host_of(name)
    if host in daemon.registry.unreachable:
        raise Failed(errors.unreachable(dialect, host))
    welcome = daemon.registry.lets_in(host, who)
    if not welcome:
        raise Failed(*errors.not_let_in(dialect, name, what, welcome is None))


def distribution(daemon: Daemon, exchange: Exchange, name: str) -> None:
    """The registry's image with this name."""
    dialect = exchange.dialect
    asked = ImageReference.parse(name)
    try:
        _let_in(dialect, daemon, asked, credentials(exchange), "pull")
    except Failed as failed:
        raise HttpError(failed.status or 500, str(failed.args[0])) from failed
    stored = daemon.registry.get(asked)
    if stored is None:
        status = 404 if dialect.since("19.3.0") else 500
        raise HttpError(status, "manifest unknown: manifest unknown")
    found = json.loads(stored.description)
    descriptor = {"mediaType": MANIFEST, "digest": stored.digest, "size": len(stored.manifest)}
    platform = {key: found[key] for key in ("architecture", "os") if key in found}
    exchange.answer_json({"Descriptor": descriptor, "Platforms": [platform]})


# Import and insert


def _import(daemon: Daemon, exchange: Exchange) -> None:
    dialect, source = exchange.dialect, exchange.asked("fromSrc")
    repository = exchange.asked("repo")
    whole = whole_name(dialect, repository, exchange.asked("tag")) if repository else None
    changes = exchange.query.get("changes", []) if dialect.since("1.6.0") else []
    try:
        config = changed({}, changes)
    except BadInstruction as error:
        raise errors.bad_instruction(dialect, *error.args) from error
    exchange.report(_imported(daemon, exchange, source, whole, config), progress.progress)


def _imported(
    daemon: Daemon, exchange: Exchange, source: str, whole: str | None, config: dict[str, Any]
) -> Values:
    if source != "-":
        raise Failed(f"the fake Engine fetches nothing: {source}")
    try:
        layer = daemon.images.store(iter(lambda: exchange.body.read(BLOCK), b""))
    except BadArchive as error:
        raise Failed(str(error)) from error
    message = exchange.asked("message") or f"Imported from {source}"
    with daemon.lock:
        image = daemon.images.derive(
            None, {**CONFIG, **image_config(config)}, layer=layer, comment=message
        )
        if whole is not None:
            daemon.images.tag(image, whole)
            daemon.events.tell("image", "tag", f"sha256:{image.id}", name=whole)
        daemon.events.tell("image", "import", f"sha256:{image.id}", name=f"sha256:{image.id}")
    yield {"status": f"sha256:{image.id}"}


def insert(daemon: Daemon, exchange: Exchange, name: str) -> None:
    """Create an image from another one and a fetched file; up to 0.11."""
    dialect = exchange.dialect
    daemon.images.find(name)
    # 0.3.4 to 0.6.6 say nothing of what cannot be fetched (differences, 0.7).
    if not dialect.since("0.3.4") or dialect.since("0.6.7"):
        raise HttpError(500, f"the fake Engine fetches nothing: {exchange.asked('url')}")
    exchange.answer_json({"Id": ""})


# Push


def push(daemon: Daemon, exchange: Exchange, name: str) -> None:
    dialect = exchange.dialect
    who = credentials(exchange)
    body = exchange.body.read()
    if body and dialect.since("0.5.1"):  # where they were before there was the header
        who = json.loads(body)
    parsed = ImageReference.parse(name)
    if exchange.asked("tag"):
        parsed = ImageReference.parse(f"{parsed.repository}:{exchange.asked('tag')}")
    exchange.report(_pushed(daemon, exchange, parsed, who), progress.progress)


def _pushed(
    daemon: Daemon, exchange: Exchange, name: ImageReference, who: dict[str, Any]
) -> Values:
    dialect = exchange.dialect
    familiar = name.familiar_name
    names = [one.rpartition(":") for one in daemon.images.all_names()]
    every = [tag for repository, _, tag in names if repository == familiar]
    tags = [tag for tag in every if name.tag in (None, tag)]
    refers = f"[{name.full_name if dialect.modern else name.repository}]"
    if dialect.since("0.6.6") and not dialect.modern:
        # The registry is asked first (differences, 0.11).
        _let_in(dialect, daemon, name, who, "push")
    if dialect.modern:
        yield {"status": f"The push refers to repository {refers}"}
    else:
        yield {"status": f"The push refers to a repository {refers} (len: {len(tags)})"}
    if not tags:
        words = errors.nothing_to_push(dialect, name, has_others=bool(every))
        raise Failed(words, 404)
    for tag in tags:
        image = daemon.images.find(f"{familiar}:{tag}")
        yield from _pushed_one(daemon, exchange, attrs.evolve(name, tag=tag), image, who)


def _pushed_one(
    daemon: Daemon, exchange: Exchange, name: ImageReference, image: Image, who: dict[str, Any]
) -> Values:
    dialect, registry = exchange.dialect, daemon.registry
    of_the_past = not dialect.modern
    if of_the_past:
        yield {"status": "Sending image list"}
        yield {"status": f"Pushing repository {name.repository} (1 tags)"}
    else:
        for layer in reversed(image.layers):
            yield progress.state("Preparing", layer.digest[:12])
    _let_in(dialect, daemon, name, who, "push")
    for layer in reversed(image.layers):
        id, size = layer.digest[:12], layer.path.stat().st_size
        if registry.knows_layer(name, layer.digest):
            words = "Image already pushed, skipping" if of_the_past else "Layer already exists"
            yield progress.state(words, id)
        else:
            yield progress.moved("Pushing", id, size)
            yield progress.state("Image successfully pushed" if of_the_past else "Pushed", id)
    stored = Stored(
        image.description, tuple((layer.digest, b"".join(layer.blocks())) for layer in image.layers)
    )
    digest = registry.put(name, stored)
    with daemon.lock:
        if dialect.since("1.6.0"):
            daemon.images.tag_digest(image, name.familiar_name, digest)
        daemon.events.tell("image", "push", name.familiar_name, name=name.familiar_name)
    if dialect.since("1.8.0"):
        size = len(stored.manifest)
        yield {"status": f"{name.tag}: digest: {digest} size: {size}"}
        yield {"progressDetail": {}, "aux": {"Tag": name.tag, "Digest": digest, "Size": size}}
    elif dialect.since("1.6.0"):
        yield {"status": f"Digest: {digest}"}


# Search


def search(daemon: Daemon, exchange: Exchange) -> None:
    dialect, term = exchange.dialect, exchange.asked("term")
    host = registry_searched(term) if term else DOCKER_HUB
    host = "docker.io" if host == DOCKER_HUB else host
    if host in daemon.registry.unreachable:
        raise errors.search_unreachable(dialect, host)
    rows = [
        {
            "star_count": 0,
            "is_official": "/" not in name,
            "name": name,
            "is_automated": False,
            "description": told,
        }
        for name, told in daemon.registry.search(term)
    ]
    limit = exchange.asked("limit")
    if limit.isdecimal() and int(limit) > 0:
        rows = rows[: int(limit)]
    exchange.answer_json(shapes.found(dialect, rows))
