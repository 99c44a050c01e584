"""The routes that inspect images, name them, and create them from containers."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from ...protocol.reference import ImageReference
from ..builder.instructions import BadInstruction, changed, merged
from ..http.errors import HttpError
from ..state.daemon import Daemon
from ..state.images import (
    Image,
    image_config,
    nanoseconds,
    timestamp,
    whole_name_of,
)
from ..state.labels import has_label
from ..versions import errors, shapes
from ..versions.dialect import Dialect
from .exchange import Exchange

SECOND = 10**9


def list_(daemon: Daemon, exchange: Exchange) -> None:
    filters = exchange.filters()
    name = exchange.asked("filter")
    if name:
        filters.setdefault("reference", []).append(name)
    _check(exchange.dialect, filters)
    with daemon.lock:
        rows = [
            summary(daemon, image)
            for image in daemon.images.all()
            if _listed(daemon, image, exchange.flag("all"), filters)
        ]
    exchange.answer_json(shapes.image_rows(exchange.dialect, rows))


FILTERS = ("before", "dangling", "label", "reference", "since")
BOOLEANS = {"1": True, "true": True, "t": True, "0": False, "false": False, "f": False}


def _check(dialect: Dialect, filters: dict[str, list[str]]) -> None:
    """Refuse unknown filters; releases before 1.6.0 ignore them."""
    if not dialect.since("1.6.0"):
        return
    for name, values in filters.items():
        if name not in (*FILTERS, "until"):
            raise errors.bad_filter(dialect, name)
        for value in values:
            if name == "dangling" and value.lower() not in BOOLEANS:
                raise errors.bad_filter(dialect, name, value)


def _listed(daemon: Daemon, image: Image, everything: bool, filters: dict[str, list[str]]) -> bool:
    names = daemon.images.names(image)
    dangling = not names and not daemon.images.children(image)
    if not everything and not names and not dangling and "dangling" not in filters:
        return False
    tests: dict[str, Callable[[str], bool]] = {
        "before": lambda value: image.created < daemon.images.find(value).created,
        "dangling": lambda value: dangling == BOOLEANS.get(value.lower(), False),
        "label": lambda value: has_label(image.config["Labels"], value),
        "reference": lambda value: any(_fits(name, value) for name in names),
        "since": lambda value: image.created > daemon.images.find(value).created,
    }
    for key in FILTERS:
        found = [tests[key](value) for value in filters.get(key, [])]
        if found and not (any(found) if key == "reference" else all(found)):
            return False
    return True


def _fits(name: str, pattern: str) -> bool:
    repository = name.rpartition(":")[0]
    return fnmatchcase(name, pattern) or fnmatchcase(repository, pattern)


def summary(daemon: Daemon, image: Image) -> dict[str, Any]:
    return {
        "Containers": sum(one.image.id == image.id for one in daemon.containers.all()),
        "Created": image.created // SECOND,
        "Id": f"sha256:{image.id}",
        "Labels": image.config["Labels"],
        "ParentId": f"sha256:{image.parent}" if image.parent else "",
        "RepoDigests": daemon.images.digests(image),
        "RepoTags": daemon.images.names(image),
        "SharedSize": -1,
        "Size": image.size,
    }


def inspect(daemon: Daemon, exchange: Exchange, name: str) -> None:
    with daemon.lock:
        image = daemon.images.find(name, at="inspect")
        tagged = daemon.images.last_tagged(image)
        newest = {
            "Id": f"sha256:{image.id}",
            "RepoTags": daemon.images.names(image),
            "RepoDigests": daemon.images.digests(image),
            "Parent": f"sha256:{image.parent}" if image.parent else "",
            "Comment": image.text("comment"),
            "Created": timestamp(image.created),
            "DockerVersion": image.text("docker_version"),
            "Author": image.text("author"),
            "Architecture": image.about("architecture") or "amd64",
            "Os": image.about("os") or "linux",
            "Size": image.size,
            "GraphDriver": {
                "Data": {
                    "MergedDir": f"/var/lib/docker/overlay2/{image.id}/merged",
                    "UpperDir": f"/var/lib/docker/overlay2/{image.id}/diff",
                    "WorkDir": f"/var/lib/docker/overlay2/{image.id}/work",
                },
                "Name": "overlay2",
            },
            "RootFS": {
                "Type": "layers",
                "Layers": [f"sha256:{layer.digest}" for layer in image.layers],
            },
            "Metadata": {"LastTagTime": timestamp(tagged) if tagged else "0001-01-01T00:00:00Z"},
            "Config": image.config,
            # Keys of older versions only
            "Container": image.text("container"),
            "ContainerConfig": image.container_config,
        }
    exchange.answer_json(shapes.image(exchange.dialect, newest))


def history(daemon: Daemon, exchange: Exchange, name: str) -> None:
    with daemon.lock:
        image = daemon.images.find(name, at="history")
        rows = _history(daemon, image)
    exchange.answer_json(shapes.history(exchange.dialect, rows))


def _history(daemon: Daemon, image: Image) -> list[dict[str, Any]]:
    """Newest first; a step has the id of the image that it completed, if known."""
    images: dict[int, Image] = {}
    one: Image | None = image
    while one is not None:
        images.setdefault(len(one.history) - 1, one)
        one = daemon.images.parent_of(one)
    layers = list(image.layers)
    rows = []
    for number, step in reversed(list(enumerate(image.history))):
        made = images.get(number)
        created = made.created if made else nanoseconds(step.get("created", ""))
        layer = None if step.get("empty_layer") or not layers else layers.pop()
        rows.append(
            {
                "Comment": step.get("comment", ""),
                "Created": created // SECOND,
                "CreatedBy": step.get("created_by", ""),
                "Id": f"sha256:{made.id}" if made else "<missing>",
                "Size": layer.size if layer else 0,
                "Tags": (daemon.images.names(made) if made else []) or None,
            }
        )
    return rows


def attestations(daemon: Daemon, exchange: Exchange, name: str) -> None:
    """Always empty: only BuildKit creates attestations."""
    daemon.images.find(name)
    exchange.answer_json([])


def tag(daemon: Daemon, exchange: Exchange, name: str) -> None:
    repository, wanted = exchange.asked("repo"), exchange.asked("tag")
    with daemon.lock:
        image = daemon.images.find(name, at="tag")
        whole = whole_name(exchange.dialect, repository, wanted)
        holder = daemon.images.get(whole)
        error = errors.tag_taken(exchange.dialect, whole, holder.id if holder else None, image.id)
        if error is not None and not exchange.flag("force"):
            raise error
        daemon.images.tag(image, whole)
        daemon.events.tell("image", "tag", f"sha256:{image.id}", name=whole)
    exchange.answer(201)


def whole_name(dialect: Dialect, repository: str, tag: str) -> str:
    """`repository:tag` from the client's words, or the Engine's error about them."""
    try:
        parsed = ImageReference.parse(repository)
    except ValueError:
        raise errors.bad_name(dialect, repository) from None
    whole = f"{parsed.familiar_name}:{tag or parsed.tag or 'latest'}"
    if whole_name_of(whole) is None:
        raise errors.bad_tag(dialect)
    return whole


def viz(daemon: Daemon, exchange: Exchange) -> None:
    if exchange.dialect.speaks("1.7"):
        raise HttpError(404, "This is now implemented in the client.")
    with daemon.lock:
        images = daemon.images.all()
        lines = ["digraph docker {"]
        for image in images:
            parent = daemon.images.parent_of(image)
            lines.append(
                f' "{parent.id[:12]}" -> "{image.id[:12]}"'
                if parent
                else f' base -> "{image.id[:12]}" [style=invis]'
            )
        for image in images:
            names = daemon.images.names(image)
            if names:
                label = "\\n".join([image.id[:12], *names])
                lines.append(
                    f' "{image.id[:12]}" [label="{label}",shape=box,fillcolor="paleturquoise",'
                    'style="filled,rounded"];'
                )
    lines += [" base [style=invisible]", "}", ""]
    exchange.answer(200, "\n".join(lines).encode(), "text/plain; charset=utf-8")


def commit(daemon: Daemon, exchange: Exchange) -> None:
    dialect, name = exchange.dialect, exchange.asked("container")
    repository = exchange.asked("repo")
    whole = whole_name(dialect, repository, exchange.asked("tag")) if repository else None
    container = daemon.containers.find(name)
    own = exchange.json()
    try:
        config = changed(own, exchange.query.get("changes", []))
    except BadInstruction as error:
        raise errors.bad_instruction(dialect, *error.args) from error
    layer = daemon.images.store(container.files.layer()) if container.files.changes() else None
    with daemon.lock:
        image = daemon.images.derive(
            container.image,
            image_config(merged(config, container.config)),
            layer=layer,
            container=container.id,
            container_config=dict(container.config),
            comment=exchange.asked("comment"),
            author=exchange.asked("author"),
            created_by=" ".join(container.config.get("Cmd") or []),
        )
        if whole is not None:
            daemon.images.tag(image, whole)
            daemon.events.tell("image", "tag", f"sha256:{image.id}", name=whole)
        container.tell(
            "commit",
            comment=image.text("comment"),
            imageID=f"sha256:{image.id}",
            imageRef=whole or "",
        )
    exchange.answer_json(shapes.committed(dialect, f"sha256:{image.id}"), 201)
