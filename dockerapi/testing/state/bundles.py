"""Image archives: one form is written, and every form with a `manifest.json` is read.

The written form is that of Engines from 1.10 on; the others include OCI layouts of newer Engines.
"""

from __future__ import annotations

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


def written(found: Mapping[Image, list[str]]) -> Generator[bytes, None, None]:
    """The archive of these images under these names."""
    manifest = []
    tops: dict[str, dict[str, str]] = {}
    paths: set[str] = set()
    for image, names in found.items():
        seconds = image.created // 10**9
        yield entry(f"{image.id}.json", image.description, seconds)
        own = [f"{layer.digest}/layer.tar" for layer in image.layers]
        for path, layer in zip(own, image.layers, strict=True):
            if path not in paths:
                yield from _file(path, layer, seconds)
                paths.add(path)
        manifest.append({"Config": f"{image.id}.json", "RepoTags": names or None, "Layers": own})
        for name in names:
            repository, _, tag = name.rpartition(":")
            tops.setdefault(repository, {})[tag] = image.id
    for name, value in (("manifest.json", manifest), ("repositories", tops)):
        if value:
            yield entry(name, json.dumps(value, separators=(",", ":")).encode() + b"\n")
    yield bytes(1024)


def _file(name: str, layer: Layer, mtime: int) -> Iterator[bytes]:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = layer.path.stat().st_size, mtime, 0o644
    yield header(member)
    yield from layer.blocks()
    yield bytes(-member.size % 512)


def loaded(images: Images, folder: Path) -> Iterator[Loaded]:
    """Load the images of an unpacked archive."""
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
