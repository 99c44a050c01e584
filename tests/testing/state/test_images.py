"""What images are, and what they are called; the routes about them are tested elsewhere."""

from __future__ import annotations

import hashlib
import json

import pytest

from dockerapi.testing.state.daemon import Daemon
from dockerapi.testing.state.errors import NoImage
from dockerapi.testing.state.images import (
    CONFIG,
    Image,
    Images,
    image_config,
    nanoseconds,
    timestamp,
    whole_name_of,
)
from testing.tars import archive, file


@pytest.fixture
def images(daemon: Daemon) -> Images:
    return daemon.images


def made(images: Images, base: Image | None, name: str = "", text: str = "x") -> Image:
    layer = images.store([archive(file("f", text))])
    found = images.derive(base, {**CONFIG}, layer=layer, created_by=f"echo {text}")
    if name:
        images.tag(found, name)
    return found


def test_busybox_is_there_from_the_start(images: Images) -> None:
    busybox = images.find("busybox")
    assert images.all() == [busybox]
    assert images.names(busybox) == ["busybox:latest"]
    assert busybox.config == {
        "Cmd": ["sh"],
        "Entrypoint": None,
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        "Labels": None,
        "OnBuild": None,
        "User": "",
        "Volumes": None,
        "WorkingDir": "",
    }


def test_an_id_is_the_digest_of_what_describes_the_image(images: Images) -> None:
    for image in (images.find("busybox"), made(images, None)):
        assert image.id == hashlib.sha256(image.description).hexdigest()
        assert json.loads(image.description)["rootfs"] == {
            "type": "layers",
            "diff_ids": [f"sha256:{layer.digest}" for layer in image.layers],
        }


def test_busybox_has_the_same_id_in_every_engine_of_a_release(
    images: Images, other_daemon: Daemon
) -> None:
    assert other_daemon.images.find("busybox").id == images.find("busybox").id


@pytest.mark.parametrize(
    "reference",
    [
        "busybox", "busybox:latest", "docker.io/library/busybox", "library/busybox:latest",
        "index.docker.io/library/busybox",
    ],
)  # fmt: skip
def test_an_image_is_found_by_every_form_of_its_name(images: Images, reference: str) -> None:
    assert images.find(reference) is images.all()[0]


def test_an_image_is_found_by_its_id_and_by_the_beginning_of_it(images: Images) -> None:
    busybox = images.find("busybox")
    for reference in (busybox.id, f"sha256:{busybox.id}", busybox.id[:12], busybox.id[:3]):
        assert images.find(reference) is busybox


@pytest.mark.parametrize(
    "reference", ["nosuch", "busybox:nosuch", "UPPER", "", "sha256:" + "0" * 64]
)
def test_what_there_is_not_is_not_found(images: Images, reference: str) -> None:
    assert images.get(reference) is None
    with pytest.raises(NoImage) as caught:
        images.find(reference, at="tag")
    assert caught.value.args == (reference, "tag")


def test_a_beginning_that_several_ids_have_is_none(images: Images) -> None:
    many = [made(images, None, text=str(number)) for number in range(20)]
    starts = [image.id[0] for image in many]
    common = next(start for start in starts if starts.count(start) > 1)
    assert images.get(common) is None


def test_a_name_is_taken_from_another(images: Images) -> None:
    one, two = made(images, None, "x:1"), made(images, None, "x:1", "y")
    assert (images.names(one), images.names(two), images.find("x:1")) == ([], ["x:1"], two)
    assert images.last_tagged(two) >= images.last_tagged(one) > 0


def test_a_digest_names_an_image_too(images: Images) -> None:
    busybox, digest = images.find("busybox"), f"sha256:{'a' * 64}"
    images.tag_digest(busybox, "docker.io/library/busybox", digest)
    assert images.digests(busybox) == [f"busybox@{digest}"]
    assert images.find(f"busybox@{digest}") is busybox
    images.forget(busybox)
    assert (images.get(f"busybox@{digest}"), images.all()) == (None, [])


def test_lineage_names_the_nearest_first(images: Images) -> None:
    busybox = images.find("busybox")
    middle = made(images, busybox, "middle:1")
    images.tag(middle, "also")
    last = made(images, made(images, middle), "last")
    assert images.lineage(last) == ["last:latest", "also:latest", "middle:1", "busybox:latest"]
    assert images.ancestors(last)[1:] == [middle, busybox]
    assert images.children(middle) == [images.ancestors(last)[0]]


def test_an_image_that_came_without_its_parents_has_those_whose_layers_it_has(
    images: Images,
) -> None:
    busybox = images.find("busybox")
    other = made(images, busybox, "other")
    images.forget(other)
    came = images.described(other.description, other.layers)
    assert (came.id, came.parent, images.lineage(came)) == (other.id, "", ["busybox:latest"])


def test_what_is_needed_is_made(images: Images) -> None:
    found = images.need("my/app:1")
    assert images.need("my/app:1") is found
    assert (images.names(found), found.config["Cmd"]) == (["my/app:1"], ["sh"])
    assert images.lineage(found) == ["my/app:1"]
    assert images.need("busybox") is images.find("busybox")


def test_history_and_sizes_grow_with_the_layers(images: Images) -> None:
    busybox = images.find("busybox")
    image = made(images, busybox, text="12345")
    bare = images.derive(image, {**CONFIG}, created_by="nothing")
    assert [step.get("created_by") for step in bare.history] == [None, "echo 12345", "nothing"]
    assert (image.size, bare.size) == (busybox.size + 5, busybox.size + 5)


def test_the_newest_comes_first(images: Images) -> None:
    one = made(images, None)
    two = made(images, None, text="y")
    assert images.all() == [two, one, images.find("busybox")]


def test_what_is_a_containers_own_does_not_go_into_an_image() -> None:
    assert image_config(
        {"Hostname": "h", "Tty": True, "Cmd": ["x"], "StopSignal": "9", "A": 0}
    ) == {
        **CONFIG,
        "Cmd": ["x"],
        "StopSignal": "9",
    }


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_600_000_000_500_000_000, "2020-09-13T12:26:40.5Z"),
        (1_600_000_000_000_000_001, "2020-09-13T12:26:40.000000001Z"),
    ],
)
def test_times_are_written_as_go_does(time: int, text: str) -> None:
    assert (timestamp(time), nanoseconds(text)) == (text, time)


@pytest.mark.parametrize(
    ("text", "time"),
    [("2020-09-13T14:26:40+02:00", 1_600_000_000 * 10**9), ("", 0), ("2020-99-99T00:00:00Z", 0)],
)
def test_a_time_may_have_another_zone_and_counts_as_1970_if_it_is_none(
    text: str, time: int
) -> None:
    assert nanoseconds(text) == time


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("busybox", "busybox:latest"),
        ("docker.io/library/x:1", "x:1"),
        ("UPPER", None),
        (f"x:1@sha256:{'a' * 64}", f"x@sha256:{'a' * 64}"),
    ],
)
def test_whole_names(reference: str, expected: str | None) -> None:
    assert whole_name_of(reference) == expected
