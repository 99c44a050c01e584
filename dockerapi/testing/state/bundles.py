"""Images as archives: one form is written, which every Engine reads, and all are read.

The form is that of Engines 1.10 to 24: a folder per layer (`VERSION`, `json`, `layer.tar`) and
names in `repositories`, as before, and a description per image and `manifest.json`. The forms
before and after it (an OCI layout has a `manifest.json`, too) are read as well.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..play.paths import inside
from .images import Image, Images
from .layers import Layer, entry, header

BLOCK = 128 * 1024

# A new layer, or an image and its names in the archive.
Loaded = Layer | tuple[Image, list[str]]


class Archive:
    """Writes images, each under some names."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}  # digests of layers, and where they are
        self._folders: set[str] = set()

    def written(self, found: Mapping[Image, list[str]]) -> Generator[bytes, None, None]:
        """The archive of these images under these names."""
        manifest = []
        tops: dict[str, str] = {}
        for image, names in found.items():
            yield entry(f"{image.id}.json", image.description, _seconds(image))
            below, paths = "", []
            for number, layer in enumerate(image.layers):
                last = number == len(image.layers) - 1
                id = _chained(below, layer, image if last else None)
                about = _old_description(image, below) if last else {"parent": below}
                yield from self._folder(id, {**about, "id": id}, layer, image)
                below = id
                paths.append(f"{id}/layer.tar")
            manifest.append(
                {"Config": f"{image.id}.json", "RepoTags": names or None, "Layers": paths}
            )
            tops.update(dict.fromkeys(names, below))
        yield entry("manifest.json", _line(manifest))
        yield from self._repositories(tops)
        yield bytes(1024)

    def _folder(
        self, id: str, about: Mapping[str, Any], layer: Layer, image: Image
    ) -> Iterator[bytes]:
        if id in self._folders:
            return
        self._folders.add(id)
        yield entry(f"{id}/", b"", _seconds(image), 0o755, tarfile.DIRTYPE)
        yield entry(f"{id}/VERSION", b"1.0", _seconds(image))
        described = {key: value for key, value in about.items() if value or key == "id"}
        yield entry(f"{id}/json", _json(described), _seconds(image))
        path = f"{id}/layer.tar"
        if layer.digest in self._written:
            yield entry(path, b"", 0, 0o777, tarfile.SYMTYPE, f"../{self._written[layer.digest]}")
        else:
            self._written[layer.digest] = path
            yield from _file(path, layer, _seconds(image))

    def _repositories(self, tops: Mapping[str, str]) -> Iterator[bytes]:
        names: dict[str, dict[str, str]] = {}
        for name, id in tops.items():
            repository, _, tag = name.rpartition(":")
            names.setdefault(repository, {})[tag] = id
        if names:
            yield entry("repositories", _line(names))


def _old_description(image: Image, parent: str) -> dict[str, Any]:
    """What an image's `json` says of it."""
    own = image.own_layer
    made_by = image.container_config
    told = image.history[-1].get("created_by", "") if image.history else ""
    if " ".join(made_by["Cmd"] or []) != told:
        made_by["Cmd"] = [told]
    return {
        "id": image.id,
        "parent": parent,
        "comment": image.text("comment"),
        "created": image.about("created"),
        "container": image.about("container"),
        "container_config": made_by,
        "docker_version": image.about("docker_version"),
        "author": image.text("author"),
        "config": image.config,
        "architecture": image.about("architecture"),
        "os": image.about("os"),
        "Size": own.size if own else 0,
    }


def _chained(below: str, layer: Layer, image: Image | None) -> str:
    last = image.id if image else ""
    return hashlib.sha256(f"{below} {layer.digest} {last}".encode()).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _line(value: Any) -> bytes:
    return _json(value) + b"\n"


def _seconds(image: Image) -> int:
    return image.created // 10**9


def _file(name: str, layer: Layer, mtime: int) -> Iterator[bytes]:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = layer.path.stat().st_size, mtime, 0o644
    yield header(member)
    yield from layer.blocks()
    yield bytes(-member.size % 512)


def loaded(images: Images, folder: Path, *, keeps_ids: bool) -> Iterator[Loaded]:
    """Load the images of an unpacked archive, in any of its forms.

    Args:
        keeps_ids: whether images of the oldest form keep the ids that they have in the archive.
    """
    if inside(folder, "manifest.json").is_file():
        yield from _by_manifest(images, folder)
    else:
        yield from _by_folders(images, folder, keeps_ids=keeps_ids)


def _by_manifest(images: Images, folder: Path) -> Iterator[Loaded]:
    manifest = _read(folder, "manifest.json", list)
    for one in manifest:
        if not isinstance(one, dict):
            raise ValueError("json: cannot unmarshal an entry of manifest.json")
        content = _bytes(folder, str(one.get("Config") or ""))
        about = _parsed(content, dict)
        digests = (about.get("rootfs") or {}).get("diff_ids") or []
        paths = one.get("Layers") or []
        if len(digests) != len(paths):
            raise ValueError(
                f"invalid manifest, layers length mismatch: expected {len(digests)}, "
                f"got {len(paths)}"
            )
        layers = []
        for number, (digest, path) in enumerate(zip(digests, paths, strict=True)):
            layer = _layer(images, folder, str(path))
            if f"sha256:{layer.digest}" != digest:
                raise ValueError(
                    f'invalid diffID for layer {number}: expected "{digest}", '
                    f'got "sha256:{layer.digest}"'
                )
            if not images.has_layer(layer):
                yield layer
            layers.append(layer)
        image = images.described(content, tuple(layers))
        yield image, [str(name) for name in one.get("RepoTags") or []]


def _by_folders(images: Images, folder: Path, *, keeps_ids: bool) -> Iterator[Loaded]:
    """The oldest form: a folder per image, with its parents."""
    made: dict[str, Image] = {}

    def taken(id: str) -> Image:
        if id in made:
            return made[id]
        about = _read(folder, f"{id}/json", dict)
        parent_id = str(about.get("parent") or "")
        made[id] = images.get(id) or _from_old(
            images, folder, id, about, taken(parent_id) if parent_id else None, keeps_ids
        )
        return made[id]

    names = _read(folder, "repositories", dict) if inside(folder, "repositories").exists() else {}
    if not names and not (keeps_ids and list(folder.iterdir())):
        _bytes(folder, "repositories")  # complains
    for one in sorted(folder.iterdir()):
        if one.is_dir() and not one.is_symlink() and inside(folder, f"{one.name}/json").is_file():
            taken(one.name)
    for repository, tags in names.items():
        for tag, id in tags.items():
            yield taken(str(id)), [f"{repository}:{tag}"]


def _from_old(
    images: Images,
    folder: Path,
    id: str,
    about: dict[str, Any],
    parent: Image | None,
    keeps_ids: bool,
) -> Image:
    layer: Layer | None = _layer(images, folder, f"{id}/layer.tar")
    if layer is not None and layer.is_empty:
        layer = None
    by = " ".join((about.get("container_config") or {}).get("Cmd") or [])
    step = {
        "created": about.get("created"),
        "created_by": by,
        "author": about.get("author"),
        "comment": about.get("comment"),
        "empty_layer": layer is None,
    }
    described = {key: value for key, value in about.items() if key not in ("id", "parent", "Size")}
    described["history"] = [
        *(parent.history if parent else []),
        {key: value for key, value in step.items() if value},
    ]
    layers = (*(parent.layers if parent else ()), *([layer] if layer else []))
    image = Image.make(described, layers, parent.id if parent else "")
    if keeps_ids:
        image = Image(id, image.description, layers, image.parent)
    return images.add(image)


def _layer(images: Images, folder: Path, path: str) -> Layer:
    found = inside(folder, path)
    if not found.is_file():
        _bytes(folder, path)  # complains
    with found.open("rb") as file:
        return images.store(iter(lambda: file.read(BLOCK), b""))


def _bytes(folder: Path, path: str) -> bytes:
    try:
        return inside(folder, path).read_bytes()
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        raise ValueError(f"open /var/lib/docker/tmp/{folder.name}/{path}: {words}") from error


def _read(folder: Path, path: str, kind: type) -> Any:
    return _parsed(_bytes(folder, path), kind)


def _parsed(content: bytes, kind: type) -> Any:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ValueError(f"invalid JSON: {error}") from error
    if not isinstance(found, kind):
        raise ValueError(f"json: cannot unmarshal {type(found).__name__}")
    return found
