"""The routes that remove images, with their parents."""

from __future__ import annotations

from hashlib import sha256

import attrs

from ...protocol.reference import ImageReference
from ..state.container import Container
from ..state.daemon import Daemon
from ..state.images import Image, Images, whole_name_of
from ..versions import errors, shapes
from ..versions.dialect import Dialect
from .exchange import Exchange
from .filters import has_labels, of_prune, until
from .images import BOOLEANS, SECOND


def remove(daemon: Daemon, exchange: Exchange, name: str) -> None:
    force, prune = exchange.flag("force"), not exchange.flag("noprune")
    with daemon.lock:
        rows = _Removal(daemon, exchange.dialect, force, prune).of(name)
    told = shapes.removed(exchange.dialect, rows)
    if told is None:
        exchange.answer(204)
    else:
        exchange.answer_json(told)


def prune(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    filters = of_prune(dialect, exchange.filters(), dangling="1.13.0")
    dangling = filters.get("dangling", [])
    if any(value.lower() not in BOOLEANS for value in dangling) or (
        len(dangling) > 1 and dialect.since("23.0.0")
    ):
        raise errors.bad_filter(dialect, "dangling", " ".join(dangling))
    nameless = all(BOOLEANS[value.lower()] for value in dangling)
    before = until(dialect, filters, status_since="29.0.0")
    removal = _Removal(daemon, dialect, force=True, prune=True)
    with daemon.lock:
        used = {one.image.id for one in daemon.containers.all()}
        sizes = {one.id: one.size for one in daemon.images.all()}
        for image in daemon.images.all():
            free = image.id not in used and not daemon.images.children(image)
            named = daemon.images.names(image) and nameless
            if free and not named and image.created <= before * SECOND:
                if has_labels(image.config["Labels"], filters):
                    removal.of(image.id)
        left = {one.id for one in daemon.images.all()}
    space = sum(size for id, size in sizes.items() if id not in left)
    told = shapes.removed(dialect, removal.rows) or None
    exchange.answer_json({"ImagesDeleted": told, "SpaceReclaimed": space})


@attrs.define(eq=False)
class _Removal:
    """One DELETE: its rows are those of the newest Engines."""

    _daemon: Daemon
    _dialect: Dialect
    _force: bool
    _prune: bool
    rows: list[dict[str, str]] = attrs.field(factory=list, init=False)

    @property
    def _images(self) -> Images:
        return self._daemon.images

    def of(self, reference: str) -> list[dict[str, str]]:
        image = self._images.find(reference, at="remove")
        names = [*self._images.names(image), *self._images.digests(image)]
        name = whole_name_of(reference)
        name = name if name in names else None  # it was asked for by its id
        if not self._dialect.speaks("1.2") and not self._dialect.since("0.8.0"):
            for one in names:
                self._untag(image, one)
        elif name is None:
            repositories = {_repository(one) for one in names}
            if len(repositories) > 1 and not self._force:
                raise errors.in_many_repositories(self._dialect, image.id)
            self._check(image, by_id=True)
            for one in names:
                self._untag(image, one)
        else:
            left = [one for one in names if one != name and "@" not in one]
            if not left and not self._force:
                self._check(image, by_id=False, name=_as_asked(reference))
            self._untag(image, name)
            if left:
                return self.rows
            for one in self._images.digests(image):
                self._untag(image, one)
            if self._users(image) or self._images.children(image):
                return self.rows
        self._delete(image)
        return self.rows

    def _users(self, image: Image) -> list[Container]:
        return [one for one in self._daemon.containers.all() if one.image.id == image.id]

    def _check(self, image: Image, *, by_id: bool, name: str = "") -> None:
        """Raise an error if the image must not be removed."""
        if not self._dialect.since("0.7.0"):
            return
        users = self._users(image)
        running = [one for one in users if one.state in ("running", "paused")]
        if running and (by_id or not self._force):
            raise errors.image_in_use(
                self._dialect, image.id, running[0].id, name=name, running=True
            )
        if self._images.children(image) and by_id:
            raise errors.image_has_children(self._dialect, image.id)
        if users and not self._force:
            raise errors.image_in_use(
                self._dialect, image.id, users[0].id, name=name, running=False
            )

    def _untag(self, image: Image, name: str) -> None:
        self._images.untag(name)
        self.rows.append({"Untagged": name})
        self._daemon.events.tell("image", "untag", f"sha256:{image.id}", name=f"sha256:{image.id}")

    def _delete(self, image: Image) -> None:
        """Delete an image, and its parents that are no longer needed."""
        one: Image | None = image
        while one is not None:
            parent = self._images.parent_of(one)
            self._images.forget(one)
            self.rows.append({"Deleted": f"sha256:{one.id}"})
            self._daemon.events.tell("image", "delete", f"sha256:{one.id}", name=f"sha256:{one.id}")
            for layer in self._freed(one, parent):
                self.rows.append({"Deleted": f"sha256:{layer}"})
            if (
                not self._prune
                or parent is None
                or self._images.names(parent)
                or self._images.children(parent)
                or self._users(parent)
            ):
                return
            one = parent

    def _freed(self, image: Image, parent: Image | None) -> list[str]:
        """The layers that no image has any more, as named by Engines from 1.10.0 on."""
        if not self._dialect.modern:
            return []
        chains = {chain for other in self._images.all() for chain in _chain(other)}
        return [chain for chain in reversed(_chain(image)) if chain not in chains]


def _as_asked(reference: str) -> str:
    """A name in its shortest form, with the tag if that was requested."""
    parsed = ImageReference.parse(reference)
    return str(attrs.evolve(parsed, domain=None, path=parsed.familiar_name))


def _repository(name: str) -> str:
    return name.partition("@")[0] if "@" in name else name.rpartition(":")[0]


def _chain(image: Image) -> list[str]:
    """The chain ids of the layers (OCI image specification), lowest first."""
    found: list[str] = []
    for layer in image.layers:
        text = f"sha256:{found[-1]} sha256:{layer.digest}" if found else ""
        found.append(sha256(text.encode()).hexdigest() if found else layer.digest)
    return found
