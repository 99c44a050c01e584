"""An Engine with containerd's image store, where images of several platforms share a name.

From 29.0 on it is the default of new installations. What is there of other platforms comes from a
registry of the test's own.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerapi import BadRequest, BuildOptions, Client, Credentials, ImageNotFound, LoadFailed
from dockerapi.models.images import Platform
from live.conftest import make_image
from live.engine import PrivateEngine, cannot_start, numbers, start
from live.programs import Missing, do_without
from live.registry import PASSWORD, USERNAME, serve_registry

pytestmark = [pytest.mark.real("starts an Engine with another store"), pytest.mark.fetched]
ARM, AMD, S390X = "linux/arm64", "linux/amd64", "linux/s390x"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.fixture(scope="module")
def store(
    programs: Path | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrivateEngine]:
    if why := cannot_start():
        pytest.skip(why)
    if programs is None or numbers(programs.name) < [28, 5]:
        pytest.skip("older releases do not know platforms of an image")
    folder = tmp_path_factory.mktemp("store")
    settings = folder / "daemon.json"
    settings.write_text(json.dumps({"features": {"containerd-snapshotter": True}}))
    options = [f"--config-file={settings}", "--storage-driver=overlayfs"]
    with start(programs, "containerd-store", options) as engine:
        make_image(engine, "busybox:latest", folder)
        yield engine


@pytest.fixture
def here(store: PrivateEngine) -> Iterator[Client]:
    with Client(store.url) as client:
        yield client


@pytest.fixture
def knowing(here: Client, there: str) -> Client:
    """A client that the registry knows."""
    ada = Credentials(username=USERNAME, password=PASSWORD)
    return here.with_credentials({there.partition("/")[0]: ada})


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of an image for two platforms in a registry."""
    try:
        with serve_registry(tmp_path_factory.mktemp("registry")) as address:
            _put_image(address, "two", ["amd64", "arm64"])
            yield f"{address}/two:1"
    except Missing as missing:
        do_without(missing)


def _put_image(address: str, name: str, architectures: list[str]) -> None:
    manifests = []
    for architecture in architectures:
        layer = _layer(architecture)
        packed = gzip.compress(layer, mtime=0)
        config = json.dumps(
            {
                "architecture": architecture,
                "os": "linux",
                "config": {"Labels": {"made.for": architecture}},
                "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
                "history": [{"created_by": f"made for {architecture}"}],
            }
        ).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _blob(address, name, config, "application/vnd.oci.image.config.v1+json"),
            "layers": [_blob(address, name, packed, "application/vnd.oci.image.layer.v1.tar+gzip")],
        }
        platform = {"os": "linux", "architecture": architecture}
        content = json.dumps(manifest).encode()
        _put_manifest(address, name, _digest(content), content, MANIFEST)
        manifests.append({**_descriptor(content, MANIFEST), "platform": platform})
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
    _put_manifest(address, name, "1", json.dumps(index).encode(), INDEX)


def _layer(text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("architecture")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _descriptor(content: bytes, kind: str) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(content), "size": len(content)}


def _blob(address: str, name: str, content: bytes, kind: str) -> dict[str, Any]:
    location = _ask(address, "POST", f"/v2/{name}/blobs/uploads/", b"", {}, 202)
    target = location.partition(address)[2] or location
    octets = {"Content-Type": "application/octet-stream"}
    _ask(address, "PUT", f"{target}&digest={_digest(content)}", content, octets, 201)
    return _descriptor(content, kind)


def _put_manifest(address: str, name: str, tag: str, content: bytes, kind: str) -> None:
    _ask(address, "PUT", f"/v2/{name}/manifests/{tag}", content, {"Content-Type": kind}, 201)


def _ask(
    address: str, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> str:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        secret = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        connection.request(method, path, body, {"Authorization": f"Basic {secret}", **headers})
        answer = connection.getresponse()
        assert answer.status == status, (method, path, answer.status, answer.read())
        return answer.getheader("Location") or ""
    finally:
        connection.close()


@pytest.mark.parametrize("tag", [None, "made:1"])
@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_what_was_built_is_run_by_its_id(here: Client, builder: str, tag: str | None) -> None:
    text = f"FROM busybox:latest\nRUN echo {builder} {tag} > /made\n"
    options = BuildOptions(builder=builder)  # type: ignore[arg-type]
    built = here.build(None, tag=tag, dockerfile=io.StringIO(text), options=options)
    result = here.run(built.image_id, ["cat", "/made"], remove=True)
    assert result.output.stdout == f"{builder} {tag}\n".encode()


def test_an_image_of_another_platform_is_told_by_its_platform(knowing: Client, there: str) -> None:
    knowing.pull(there, platform=ARM)
    try:
        found = knowing.inspect_image(there, platform=ARM)
        assert (found.architecture, found.os) == ("arm64", "linux")
        assert found.config is not None and found.config.labels == {"made.for": "arm64"}
        assert knowing.inspect_image(there).architecture == "arm64"
        [layer] = knowing.history(there, platform=ARM)
        assert layer.created_by == "made for arm64"
        for call in (knowing.inspect_image, knowing.history):
            with pytest.raises(ImageNotFound):
                call(there, platform=S390X)
        manifests = knowing.inspect_image(there, manifests=True).manifests
        assert [(one.platform, one.available) for one in manifests] == [
            (Platform(os="linux", architecture="amd64"), False),
            (Platform(os="linux", architecture="arm64"), True),
        ]
        [row] = [row for row in knowing.images(manifests=True) if there in row.repo_tags]
        assert row.manifests == manifests
    finally:
        knowing.remove_image(there, force=True)


def test_only_the_platforms_that_are_named_are_saved_loaded_and_removed(
    knowing: Client, there: str
) -> None:
    knowing.pull(there, platform=ARM)
    knowing.pull(there, platform=AMD)
    try:
        with knowing.get_image(there, platforms=[ARM]) as saved:
            archive = saved.read()
        with pytest.raises(ImageNotFound):
            knowing.get_image(there, platforms=[S390X])
        with pytest.raises(BadRequest):
            knowing.remove_image(there, platforms=[AMD])
        knowing.remove_image(there, platforms=[AMD], force=True)
        assert [
            one.available for one in knowing.inspect_image(there, manifests=True).manifests
        ] == [
            False,
            True,
        ]
    finally:
        knowing.remove_image(there, force=True)
    with pytest.raises(LoadFailed):
        knowing.load_image(archive, platforms=[S390X])
    assert knowing.load_image(archive, platforms=[ARM]).images == (there,)
    knowing.remove_image(there, force=True)


def test_what_is_pushed_of_one_platform_is_that(knowing: Client, there: str) -> None:
    knowing.pull(there, platform=ARM)
    copy = there.replace("/two:", "/one:")
    knowing.tag(there, copy)
    try:
        pushed = knowing.push(copy, platform=ARM)
        told = knowing.inspect_distribution(copy)
        assert told.digest == pushed.digest
        with pytest.raises(ImageNotFound):
            knowing.push(copy, platform=S390X)
    finally:
        knowing.remove_image(copy, force=True)
        knowing.remove_image(there, force=True)
