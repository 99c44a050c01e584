"""Images as archives: what save writes in each release, and what load reads, which is all of it.

Up to 1.9 an archive has a folder per image (`VERSION`, `json`, `layer.tar`) and names in
`repositories`. Releases from 1.10.0 on add a description per image and `manifest.json`; from 25.0.0
on it is an OCI layout besides, and the folders are gone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..http.server import Exchange, Refusal
from ..play.paths import inside
from ..state.images import Image, Images, link_id, whole_name_of
from ..state.layers import BadArchive, Layer, entry, header, unpack
from ..versions import complaints, shapes, transfers
from ..versions.dialect import Dialect

if TYPE_CHECKING:
    from ..state.daemon import Daemon

BLOCK = 128 * 1024
EMPTY = bytes(1024)  # a tar archive without anything in it
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


def save(daemon: Daemon, exchange: Exchange, name: str | None = None) -> None:
    dialect = exchange.dialect
    wanted = [name] if name is not None else exchange.query.get("names", [])
    with daemon.lock:
        found = _selected(daemon.images, dialect, wanted)
        archive = _Archive(daemon.images, dialect)
        blocks = archive.written(found)
        if dialect.since("1.12.0"):
            for image in found:
                id = f"sha256:{image.id}"
                daemon.events.tell("image", "save", id, name=id)
    # Closed at once if the client hangs up: a file may be open in there.
    with contextlib.closing(blocks), exchange.stream(_type_of(dialect)) as answer:
        for block in blocks:
            answer.write(block)


def _type_of(dialect: Dialect) -> str:
    """The content type of a save (seen on 1.6.2 under 1.0 and 1.15)."""
    tar = dialect.speaks("1.1") or dialect.since("1.7.0")
    return "application/x-tar" if tar else "application/octet-stream"


def _selected(images: Images, dialect: Dialect, wanted: Iterable[str]) -> dict[Image, list[str]]:
    """The images that are asked for, and under which names."""
    found: dict[Image, list[str]] = {}
    for reference in wanted:
        tagged = [
            name for name in images.all_names() if name.rpartition(":")[0] == _bare(reference)
        ]
        if not tagged:
            image = images.get(reference)
            if image is None:
                raise complaints.nothing_to_save(dialect, reference)
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
    """A repository in its shortest form; "" for what has a tag, or is no name."""
    whole = whole_name_of(reference)
    return whole.removesuffix(":latest") if whole and not reference.endswith(":latest") else ""


class _Archive:
    """Writes images in the form of a release."""

    def __init__(self, images: Images, dialect: Dialect) -> None:
        self._images = images
        self._dialect = dialect
        self._written: dict[str, str] = {}  # digests of layers, and where they are
        self._folders: set[str] = set()

    def written(self, found: Mapping[Image, list[str]]) -> Generator[bytes, None, None]:
        """The archive of these images under these names."""
        if not self._dialect.since("1.10.0"):
            yield from self._old(found)
        elif not self._dialect.since("25.0.0"):
            yield from self._both(found)
        else:
            yield from self._oci(found)
        yield bytes(1024)

    def _old(self, found: Mapping[Image, list[str]]) -> Iterator[bytes]:
        tops: dict[str, str] = {}
        for image, names in found.items():
            line = [image, *self._images.ancestors(image)]
            for one in reversed(line):
                yield from self._steps(one)
            tops.update(dict.fromkeys(names, image.id))
        yield from self._repositories(tops)

    def _steps(self, image: Image) -> Iterator[bytes]:
        """A folder for each step of an image beyond its parent: the last is the image itself."""
        parent = self._images.parent_of(image)
        layers = list(image.layers[len(parent.layers) if parent else 0 :])
        begin = len(parent.history) if parent else 0
        below = image.parent if parent else ""
        for number, step in list(enumerate(image.history))[begin:-1]:
            layer = layers.pop(0) if layers and not step.get("empty_layer") else None
            id = link_id(image, number)
            about = {
                "id": id,
                "parent": below,
                "created": step.get("created"),
                "comment": step.get("comment"),
                "author": step.get("author"),
                "container_config": {"Cmd": [step.get("created_by", "")]},
                "Size": layer.size if layer else 0,
            }
            yield from self._folder(id, about, layer, image)
            below = id
        about = _old_description(image, below)
        yield from self._folder(image.id, about, layers[-1] if layers else None, image)

    def _both(self, found: Mapping[Image, list[str]]) -> Iterator[bytes]:
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

    def _oci(self, found: Mapping[Image, list[str]]) -> Iterator[bytes]:
        blobs: dict[str, bytes | Layer] = {}
        manifest, index = [], []
        tops: dict[str, str] = {}
        for image, names in found.items():
            sources = {}
            for layer in image.layers:
                blobs[layer.digest] = layer
                sources[f"sha256:{layer.digest}"] = _described(OCI_LAYER, layer)
            blobs[image.id] = image.description
            described = _json(
                {
                    "schemaVersion": 2,
                    "mediaType": OCI_MANIFEST,
                    "config": _described(OCI_CONFIG, image.description),
                    "layers": list(sources.values()),
                }
            )
            blobs[hashlib.sha256(described).hexdigest()] = described
            for name in names or [""]:
                one = _described(OCI_MANIFEST, described)
                if name:
                    one["annotations"] = {
                        "io.containerd.image.name": _whole(name),
                        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
                    }
                index.append(one)
            manifest.append(
                {
                    "Config": f"blobs/sha256/{image.id}",
                    "RepoTags": names or None,
                    "Layers": [f"blobs/sha256/{layer.digest}" for layer in image.layers],
                    "LayerSources": sources,
                }
            )
            top = image.layers[-1].digest if image.layers else image.id
            tops.update(dict.fromkeys(names, top))
        yield _directory("blobs/")
        yield _directory("blobs/sha256/")
        for digest, blob in sorted(blobs.items()):
            yield from _file(f"blobs/sha256/{digest}", blob)
        indexed = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": index}
        yield entry("index.json", _json(indexed))
        yield entry("manifest.json", _line(manifest))
        yield entry("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        yield from self._repositories(tops)

    def _folder(
        self, id: str, about: Mapping[str, Any], layer: Layer | None, image: Image
    ) -> Iterator[bytes]:
        if id in self._folders:
            return
        self._folders.add(id)
        yield _directory(f"{id}/", _seconds(image))
        yield entry(f"{id}/VERSION", b"1.0", _seconds(image))
        described = {key: value for key, value in about.items() if value or key == "id"}
        yield entry(f"{id}/json", _json(described), _seconds(image))
        path = f"{id}/layer.tar"
        if layer is None:
            yield entry(path, EMPTY, _seconds(image))
        elif layer.digest in self._written and self._dialect.since("1.10.0"):
            link = tarfile.TarInfo(path)
            link.type, link.linkname = tarfile.SYMTYPE, f"../{self._written[layer.digest]}"
            link.mode = 0o777
            yield header(link)
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
        "comment": image.comment,
        "created": image.about("created"),
        "container": image.about("container"),
        "container_config": made_by,
        "docker_version": image.about("docker_version"),
        "author": image.author,
        "config": image.config,
        "architecture": image.about("architecture"),
        "os": image.about("os"),
        "Size": own.size if own else 0,
    }


def _chained(below: str, layer: Layer, image: Image | None) -> str:
    last = image.id if image else ""
    return hashlib.sha256(f"{below} {layer.digest} {last}".encode()).hexdigest()


def _described(media_type: str, blob: bytes | Layer) -> dict[str, Any]:
    if isinstance(blob, Layer):
        size, digest = blob.path.stat().st_size, blob.digest
    else:
        size, digest = len(blob), hashlib.sha256(blob).hexdigest()
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": size}


def _whole(name: str) -> str:
    from ...protocol.reference import ImageReference

    parsed = ImageReference.parse(name)
    return f"{parsed.full_name}:{parsed.tag}"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _line(value: Any) -> bytes:
    return _json(value) + b"\n"


def _seconds(image: Image) -> int:
    return image.created // 10**9


def _directory(name: str, mtime: int = 0) -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o755, mtime
    return header(member)


def _file(name: str, blob: bytes | Layer, mtime: int = 0) -> Iterator[bytes]:
    if isinstance(blob, bytes):
        yield entry(name, blob, mtime)
        return
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = blob.path.stat().st_size, mtime, 0o644
    yield header(member)
    yield from blob.blocks()
    yield bytes(-member.size % 512)


# Load.


def load(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    content_type = shapes.load_type(dialect)
    if content_type is None:
        try:
            for _ in _received(daemon, exchange):
                pass
        except (BadArchive, OSError, ValueError) as error:
            raise complaints.bad_bundle(dialect, str(error)) from error
        exchange.answer(200)
        return
    with exchange.stream(content_type) as answer:
        try:
            for value in _received(daemon, exchange):
                if "stream" in value or not exchange.flag("quiet"):
                    answer.write(shapes.load(dialect, value))
        except (BadArchive, OSError, ValueError, Refusal) as error:
            told = error.message if isinstance(error, Refusal) else str(error)
            if isinstance(error, BadArchive):
                told = complaints.archive_words(dialect, told)
            value = {"errorDetail": {"message": told}, "error": told}
            answer.write(shapes.load(dialect, value))


def _received(daemon: Daemon, exchange: Exchange) -> Iterator[dict[str, Any]]:
    """Unpack the archive and take in what is there; what is reported of it."""
    folder = Path(tempfile.mkdtemp(prefix="load-", dir=daemon.folder))
    try:
        unpack(exchange.body, folder)
        yield from _loaded(daemon, exchange.dialect, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _loaded(daemon: Daemon, dialect: Dialect, folder: Path) -> Iterator[dict[str, Any]]:
    """Take in what was unpacked there; what is reported of it."""
    has_folders = inside(folder, "repositories").is_file() and any(
        inside(folder, f"{one.name}/json").is_file() for one in folder.iterdir()
    )
    has_manifest = inside(folder, "manifest.json").is_file()
    if has_manifest and (dialect.since("1.10.0") or not has_folders):
        yield from _by_manifest(daemon, dialect, folder)
    else:
        yield from _by_folders(daemon, dialect, folder)


def _by_manifest(daemon: Daemon, dialect: Dialect, folder: Path) -> Iterator[dict[str, Any]]:
    images = daemon.images
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
                size = layer.path.stat().st_size
                id = layer.digest[:12]
                yield transfers.moved(dialect, "Loading layer", id, size, size)
            layers.append(layer)
        image = images.described(content, tuple(layers))
        yield from _named(daemon, image, [str(name) for name in one.get("RepoTags") or []])


def _by_folders(daemon: Daemon, dialect: Dialect, folder: Path) -> Iterator[dict[str, Any]]:
    """The old form. The ids are those in the archive up to 1.9, then digests (as always)."""
    images = daemon.images
    made: dict[str, Image] = {}

    def taken(id: str) -> Image:
        if id in made:
            return made[id]
        about = _read(folder, f"{id}/json", dict)
        parent_id = str(about.get("parent") or "")
        made[id] = images.get(id) or _from_old(
            images, dialect, folder, id, about, taken(parent_id) if parent_id else None
        )
        return made[id]

    names = _read(folder, "repositories", dict) if inside(folder, "repositories").exists() else {}
    if not names and (dialect.since("1.10.0") or not list(folder.iterdir())):
        _bytes(folder, "repositories")  # complains
    for one in sorted(folder.iterdir()):
        if one.is_dir() and not one.is_symlink() and inside(folder, f"{one.name}/json").is_file():
            taken(one.name)
    for repository, tags in names.items():
        for tag, id in tags.items():
            yield from _named(daemon, taken(str(id)), [f"{repository}:{tag}"])


def _from_old(
    images: Images,
    dialect: Dialect,
    folder: Path,
    id: str,
    about: dict[str, Any],
    parent: Image | None,
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
    if not dialect.since("1.10.0"):
        image = Image(id, image.description, layers, image.parent)
    return images.add(image)


def _named(daemon: Daemon, image: Image, names: list[str]) -> Iterator[dict[str, Any]]:
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
                raise complaints.bad_name(
                    Dialect.of(daemon.release, None), name.rpartition(":")[0]
                ) from None
            yield {"stream": f"Loaded image: {name}\n"}
        daemon.events.tell("image", "load", told, name=told)
    if not names:
        yield {"stream": f"Loaded image ID: {told}\n"}


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
