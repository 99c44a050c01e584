from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from dockerapi import Client, LoadFailed
from dockerapi.testing import FakeEngine
from testing.asking import saved, seen
from testing.tars import archive, contents, file, folder, names, symlink

LAYER = archive(file("hello.txt", "hello\n"))


ABOUT = {
    "config": {"Cmd": ["x"]},
    "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(LAYER).hexdigest()}"]},
}


OCI = archive(
    folder("blobs"),
    file("blobs/about", json.dumps(ABOUT)),
    file("blobs/layer", LAYER),
    file("index.json", '{"schemaVersion": 2}'),
    file(
        "manifest.json",
        json.dumps(
            [{"Config": "blobs/about", "RepoTags": ["made:latest"], "Layers": ["blobs/layer"]}]
        ),
    ),
    file("oci-layout", '{"imageLayoutVersion": "1.0.0"}'),
)


@pytest.mark.parametrize("version", ["1.7", "1.19", "1.24", "1.51"])
def test_an_oci_layout_of_an_engine_is_read(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.load_image(OCI)
        found = seen(client, "made")
        assert (found["config"].command, found["files"]["hello.txt"]) == (("x",), b"hello\n")


def shown(content: bytes) -> list[str]:
    """The names in an archive, each id with a letter for it."""
    letters: dict[str, str] = {}

    def letter(match: re.Match[str]) -> str:
        return letters.setdefault(match[0], chr(ord("A") + len(letters)))

    return [re.sub(r"[0-9a-f]{64}", letter, name) for name in names(content)]


@pytest.mark.parametrize("version", ["1.19", "1.51"])
def test_an_archive_has_the_form_of_engines_from_1_10_on(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.import_image(archive(file("hello.txt", "hello\n")), repository="imported", tag="t1")
        content = saved(client, "imported:t1")
        id = client.inspect_image("imported:t1").id.removeprefix("sha256:")
    assert shown(content) == ["A.json", "B/layer.tar", "manifest.json", "repositories"]
    found = contents(content)
    (manifest,) = json.loads(found["manifest.json"])
    assert manifest["RepoTags"] == ["imported:t1"]
    assert hashlib.sha256(found[manifest["Config"]]).hexdigest() == id
    assert contents(found[manifest["Layers"][0]]) == {"hello.txt": b"hello\n"}
    assert json.loads(found["repositories"]) == {"imported": {"t1": id}}


def test_an_archive_reads_nothing_outside(client: Client, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('{"config":{"Cmd":["secret"]}}')
    for members in (
        [file("manifest.json", json.dumps([{"Config": f"{tmp_path}/secret", "Layers": []}]))],
        [
            symlink("out", str(tmp_path)),
            file("manifest.json", '[{"Config":"out/secret","Layers":[]}]'),
        ],
    ):
        with pytest.raises(LoadFailed, match="no such file or directory"):
            client.load_image(archive(*members))


def test_a_layer_that_is_loaded_writes_nothing_outside(client: Client, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("untouched")
    layer = archive(symlink("out", str(tmp_path)), file("out/secret", "mine"))
    digest = hashlib.sha256(layer).hexdigest()
    described = json.dumps({"rootfs": {"diff_ids": [f"sha256:{digest}"]}})
    manifest = json.dumps([{"Config": "c", "RepoTags": ["x:1"], "Layers": ["l"]}])
    members = [file("manifest.json", manifest), file("c", described), file("l", layer.decode())]
    client.load_image(archive(*members))
    created = client.create_container("x:1", ["y"])
    with client.export(created.id) as exported:
        assert list(contents(exported.read()).values()) == [b"mine"]
    assert (tmp_path / "secret").read_text() == "untouched"
