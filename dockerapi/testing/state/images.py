"""Images: their layers and their names."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tarfile
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import attrs

from ...protocol.reference import ImageReference
from ..play.busybox import COMMANDS
from .errors import NoImage
from .layers import Layer, entry, store, unpack

BUSYBOX = "busybox:latest"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CONFIG: dict[str, Any] = {
    "Cmd": None,
    "Entrypoint": None,
    "Env": None,
    "Labels": None,
    "OnBuild": None,
    "User": "",
    "Volumes": None,
    "WorkingDir": "",
}


@attrs.frozen(eq=False)
class Image:
    """An image with the JSON `description`; its id is the digest of that.

    `id` and `parent` are 64 hex digits; `parent` is "" if unknown.
    """

    id: str
    description: bytes = attrs.field(repr=False)
    layers: tuple[Layer, ...] = attrs.field(repr=False)
    parent: str = ""
    _about: dict[str, Any] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda s: json.loads(s.description), True)
    )

    @classmethod
    def make(cls, about: dict[str, Any], layers: tuple[Layer, ...], parent: str = "") -> Image:
        """An image with this description; its `rootfs` is derived from the layers."""
        digests = [f"sha256:{layer.digest}" for layer in layers]
        about = {
            "architecture": "amd64",
            "os": "linux",
            **about,
            "rootfs": {"type": "layers", "diff_ids": digests},
        }
        description = json.dumps(about, sort_keys=True, separators=(",", ":")).encode()
        return cls(hashlib.sha256(description).hexdigest(), description, layers, parent)

    def about(self, key: str) -> Any:
        """The value of a key of the description, or None."""
        return self._about.get(key)

    @property
    def created(self) -> int:
        """When it was created, in nanoseconds since 1970."""
        return nanoseconds(self._about.get("created") or "1970-01-01T00:00:00Z")

    @property
    def config(self) -> dict[str, Any]:
        """The configuration for its containers; a copy."""
        return {**CONFIG, **(self._about.get("config") or {})}

    @property
    def container_config(self) -> dict[str, Any]:
        """The configuration of the container that it was created from; a copy."""
        return {**CONFIG, **(self._about.get("container_config") or {})}

    def text(self, key: str) -> str:
        """The value of a text key; "" if missing."""
        return self._about.get(key) or ""

    @property
    def history(self) -> list[dict[str, Any]]:
        """Its history, oldest first, as in its description."""
        return self._about.get("history") or []

    @property
    def size(self) -> int:
        """Bytes of the files in all its layers."""
        return sum(layer.size for layer in self.layers)


class Images:
    """All images of an Engine, and their names: `repository:tag`, in the shortest form."""

    def __init__(self, lock: threading.RLock, folder: Path, release: str) -> None:
        self._lock = lock
        self._release = release
        self._images: dict[str, Image] = {}
        self._tags: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._tagged: dict[str, int] = {}
        self.folder: Path = folder / "layers"
        self.folder.mkdir()
        busybox = self.make({"created": timestamp(BORN), **_imported(_BUSYBOX_CONFIG)}, [_tree()])
        self.tag(busybox, BUSYBOX)
        self._busybox = busybox.layers[0]

    # Look-up

    def all(self) -> list[Image]:
        """Every image, newest first."""
        with self._lock:
            return sorted(
                reversed(self._images.values()), key=lambda image: image.created, reverse=True
            )

    def get(self, reference: str) -> Image | None:
        """The image with this name, digest, id, or beginning of an id."""
        with self._lock:
            name = whole_name_of(reference) or ""
            found = self._tags.get(name) or self._digests.get(name)
            return self._by_id(reference) if found is None else self._images[found]

    def _by_id(self, reference: str) -> Image | None:
        start = reference.removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{1,64}", start):
            return None
        found = [image for id, image in self._images.items() if id.startswith(start)]
        return found[0] if len(found) == 1 else None

    def find(self, reference: str, *, at: str = "") -> Image:
        """The image with this name or id; `NoImage` if there is none.

        `at` is the operation, if Engines word the error differently for it: "create", "inspect" or
        "tag".
        """
        found = self.get(reference)
        if found is None:
            raise NoImage(reference, at)
        return found

    def need(self, reference: str) -> Image:
        """The image with this name; created, almost empty, if there is none."""
        with self._lock:
            found = self.get(reference)
            if found is None:
                created = timestamp(BORN)
                found = self.make({"created": created, **_imported(_BUSYBOX_CONFIG)}, [_bare()])
                self.tag(found, reference)
            return found

    def names(self, image: Image) -> list[str]:
        """`repository:tag` of an image, in order."""
        with self._lock:
            return sorted(name for name, id in self._tags.items() if id == image.id)

    def all_names(self) -> list[str]:
        """Every `repository:tag`, in order."""
        with self._lock:
            return sorted(self._tags)

    def digests(self, image: Image) -> list[str]:
        """`repository@sha256:...` of an image, in order."""
        with self._lock:
            return sorted(name for name, id in self._digests.items() if id == image.id)

    def last_tagged(self, image: Image) -> int:
        """When it last got a name, in nanoseconds since 1970; 0 for never."""
        return self._tagged.get(image.id, 0)

    def parent_of(self, image: Image) -> Image | None:
        """Its parent image, if that is known and still exists."""
        return self._images.get(image.parent)

    def ancestors(self, image: Image) -> list[Image]:
        """Its ancestors, nearest first, as far as they are known and still exist."""
        with self._lock:
            found: list[Image] = []
            one = self.parent_of(image)
            while one is not None and one not in found:
                found.append(one)
                one = self.parent_of(one)
            return found

    def has_layer(self, layer: Layer) -> bool:
        """Whether an image has this layer."""
        with self._lock:
            return any(layer in image.layers for image in self._images.values())

    def children(self, image: Image) -> list[Image]:
        """Its child images."""
        with self._lock:
            return [other for other in self._images.values() if other.parent == image.id]

    def lineage(self, image: Image) -> list[str]:
        """The names of an image and of its ancestors, nearest first.

        An image with the layer of our busybox counts as a descendant of busybox.
        """
        with self._lock:
            line = [image, *self.ancestors(image)]
            found = [name for other in line for name in self.names(other)]
        if BUSYBOX not in found and self._busybox in image.layers:
            found.append(BUSYBOX)
        return found

    def unpack(self, image: Image, folder: Path) -> None:
        """Unpack the files of an image into an empty directory."""
        for layer in image.layers:
            with layer.path.open("rb") as archive:
                unpack(archive, folder, whiteouts=True)

    # Creation and names

    def add(self, image: Image) -> Image:
        """Store an image, unless its id exists; returns the stored one."""
        with self._lock:
            return self._images.setdefault(image.id, image)

    def store(self, blocks: Iterable[bytes]) -> Layer:
        """Store a tar archive as a layer."""
        return store(blocks, self.folder)

    def make(
        self, about: dict[str, Any], archives: Iterable[bytes | Layer], parent: str = ""
    ) -> Image:
        """Store an image with this description and these layers."""
        layers = tuple(one if isinstance(one, Layer) else self.store([one]) for one in archives)
        about = {"docker_version": self._release, **about}
        return self.add(Image.make(about, layers, parent))

    def described(self, description: bytes, layers: tuple[Layer, ...]) -> Image:
        """Store an image from elsewhere, with its own description."""
        id = hashlib.sha256(description).hexdigest()
        return self.add(Image(id, description, layers))

    def derive(
        self,
        base: Image | None,
        config: dict[str, Any],
        *,
        layer: Layer | None = None,
        container: str = "",
        container_config: dict[str, Any] | None = None,
        comment: str = "",
        author: str = "",
        created_by: str = "",
    ) -> Image:
        """A new image on top of another one (or on nothing: None), with at most one more layer."""
        created = timestamp(time.time_ns())
        step = {"created": created, "created_by": created_by, "author": author, "comment": comment}
        step = {key: value for key, value in step.items() if value}
        about: dict[str, Any] = {
            "created": created,
            "author": author or (base.text("author") if base else ""),
            "comment": comment,
            "config": config,
            "container": container,
            "container_config": container_config or {},
            "history": [
                *(base.history if base else []),
                {**step, **({} if layer else {"empty_layer": True})},
            ],
        }
        layers = (*(base.layers if base else ()), *([layer] if layer else []))
        return self.make(about, layers, base.id if base else "")

    def tag(self, image: Image, name: str) -> str:
        """Give an image a name, even if another image has it; returns the full name."""
        whole = whole_name_of(name)
        if whole is None:
            raise ValueError(f"{name!r} is no name of an image")
        with self._lock:
            self._tags[whole] = image.id
            self._tagged[image.id] = time.time_ns()
        return whole

    def tag_digest(self, image: Image, repository: str, digest: str) -> None:
        """Record the digest of an image in a registry."""
        with self._lock:
            self._digests[f"{ImageReference.parse(repository).familiar_name}@{digest}"] = image.id

    def untag(self, name: str) -> None:
        """Remove a name, or a digest."""
        with self._lock:
            self._tags.pop(name, None)
            self._digests.pop(name, None)

    def forget(self, image: Image) -> None:
        """Remove an image. Its layers stay on disk, as containers may still need them."""
        with self._lock:
            for name in [*self.names(image), *self.digests(image)]:
                self.untag(name)
            self._images.pop(image.id, None)


def whole_name_of(reference: str) -> str | None:
    """`repository:tag` or `repository@sha256:...` of a reference, None if it is invalid."""
    try:
        parsed = ImageReference.parse(reference)
    except ValueError:
        return None
    end = f"@{parsed.digest}" if parsed.digest else f":{parsed.tag or 'latest'}"
    return parsed.familiar_name + end


# Keys of a container's configuration that an image's does not have.
_NOT_OF_IMAGES = frozenset(
    "Hostname Domainname AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce Image "
    "NetworkDisabled MacAddress Memory MemorySwap CpuShares Cpuset Dns VolumesFrom "
    "PortSpecs".split()
)


def image_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a container's configuration that is stored in an image."""
    kept = {key: value for key, value in config.items() if key not in _NOT_OF_IMAGES}
    return {**CONFIG, **{key: value for key, value in kept.items() if value or key in CONFIG}}


# Times

BORN = 1_577_836_800 * 10**9  # 2020, the date of the initial images


def timestamp(time_ns: int) -> str:
    """A time as Go writes it: RFC 3339 without trailing zeros."""
    seconds, rest = divmod(time_ns, 10**9)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text}{fraction}Z"


def nanoseconds(text: str) -> int:
    """The reverse; an unreadable time counts as 1970."""
    match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[-+]\d\d:\d\d)", text)
    if match is None:
        return 0
    zone = "+00:00" if match[3] == "Z" else match[3]
    try:
        seconds = int(datetime.fromisoformat(match[1] + zone).timestamp())
    except (ValueError, OverflowError):
        return 0
    return seconds * 10**9 + int((match[2] or "0").ljust(9, "0"))


# Initial images

_BORN = BORN // 10**9
_BUSYBOX_CONFIG = {**CONFIG, "Cmd": ["sh"], "Env": [PATH]}
_FOLDERS = ("dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "usr/bin", "var", "var/tmp")
_PROGRAM = b"This is played by dockerapi.testing.\n"
_PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
_GROUP = b"root:x:0:\nnobody:x:65534:\n"


def _imported(config: dict[str, Any]) -> dict[str, Any]:
    comment = "Imported from -"
    step = {"created": timestamp(BORN), "comment": comment}
    return {"comment": comment, "config": config, "container_config": config, "history": [step]}


@functools.cache
def _bare() -> bytes:
    """The directories of every file system."""
    parts = [
        entry(f"{name}/", b"", _BORN, 0o1777 if name.endswith("tmp") else 0o755, tarfile.DIRTYPE)
        for name in _FOLDERS
    ]
    files = (entry("etc/group", _GROUP, _BORN), entry("etc/passwd", _PASSWD, _BORN))
    return b"".join([*parts, *files, bytes(1024)])


@functools.cache
def _tree() -> bytes:
    """The files of `busybox`: links to one program, whose names are played."""
    links = [
        entry(f"bin/{name}", b"", _BORN, 0o777, tarfile.SYMTYPE, "busybox")
        for name in sorted(COMMANDS)
    ]
    folder = entry("bin/", b"", _BORN, 0o755, tarfile.DIRTYPE)
    program = entry("bin/busybox", _PROGRAM, _BORN, 0o755)
    return b"".join([folder, program, *links]) + _bare()
