"""What prunes delete and what they leave, on Engines that nobody else has, and what df tells."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from dockerapi import BuildOptions, Client, ContainerConfig, HostConfig, NotSupported
from dockerapi.models.pruned import Pruned
from live.conftest import make_image
from live.engine import Engine, start
from live.releases import binaries
from live.test_documents import run

RELEASES = [
    None,
    pytest.param("26.1", marks=pytest.mark.nightly),
    pytest.param("28.5", marks=pytest.mark.nightly),
]
pytestmark = [pytest.mark.dear, pytest.mark.real("an Engine of its own")]
KEPT = ContainerConfig(labels={"keep": "yes"})


@pytest.fixture(scope="module", params=RELEASES, ids=["own", "26.1", "28.5"])
def private(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    programs = None if request.param is None else binaries(request.param)
    with start(programs, name=f"prunes-{request.param}") as engine:
        make_image(engine, "busybox:latest", tmp_path_factory.mktemp("busybox"))
        yield engine


@pytest.fixture(params=["1.25", "1.31", "1.41", "newest"])
def pruning(request: pytest.FixtureRequest, private: Engine) -> Iterator[Client]:
    """A client of it, before which all goes that is left."""
    with Client(private.url) as client:
        for row in client.containers(all=True):
            client.remove_container(row, force=True, volumes=True)
        for volume in client.volumes():
            client.remove_volume(volume)
    version = None if request.param == "newest" else request.param
    with Client(private.url, version=version) as client:
        yield client


def _speaks(client: Client, version: str) -> bool:
    spoken, wanted = (tuple(map(int, one.split("."))) for one in (client.api_version, version))
    return spoken >= wanted


def test_containers_that_do_not_run(pruning: Client) -> None:
    running = pruning.run_detached("busybox", ["sleep", "6000"])
    kept, gone = (pruning.create_container("busybox", config=config).id for config in (KEPT, None))
    filters = {"label!": "keep"}
    if _speaks(pruning, "1.29"):
        assert pruning.prune_containers(filters={"until": "24h"}) == Pruned(space_reclaimed=0)
        assert pruning.prune_containers(filters=filters) == Pruned(
            deleted=(gone,), space_reclaimed=0
        )
    else:
        with pytest.raises(NotSupported):
            pruning.prune_containers(filters=filters)
        pruning.remove_container(gone)
    assert pruning.prune_containers().deleted == (kept,)
    assert [row.id for row in pruning.containers(all=True)] == [running]


def test_images_without_a_name_or_without_a_container(pruning: Client) -> None:
    id = pruning.run_detached("busybox", ["sleep", "6000"])
    pruning.exec_run(id, ["sh", "-c", "echo more > /more"])
    nameless, spare = (pruning.commit(id, message=word) for word in ("nameless", "spare"))
    pruning.tag(spare, "spare:1")
    first = pruning.prune_images()
    assert (nameless in first.deleted, first.untagged) == (True, ())
    assert spare in [row.id for row in pruning.images()]
    if _speaks(pruning, "1.29"):
        assert pruning.prune_images(all=True, filters={"label": "nosuch"}).deleted == ()
    second = pruning.prune_images(all=True)
    assert (spare in second.deleted, second.untagged) == (True, ("spare:1",))
    assert [row.repo_tags for row in pruning.images()] == [("busybox:latest",)]


def test_volumes_without_a_name_and_all_of_them(pruning: Client) -> None:
    pruning.run_detached("busybox", ["sleep", "6000"], host_config=HostConfig(binds=["used:/data"]))
    anonymous = pruning.create_volume().name
    pruning.create_volume("named")
    pruning.create_volume("labelled", labels={"keep": "yes"})
    pruning.create_volume("tmpfs", options={"type": "tmpfs", "device": "tmpfs"})
    gone = set()
    if _speaks(pruning, "1.42"):
        assert pruning.prune_volumes() == Pruned(deleted=(anonymous,), space_reclaimed=0)
    else:
        with pytest.raises(NotSupported) as caught:
            pruning.prune_volumes()
        assert str(caught.value).endswith(": all=True removes every volume that no container has")
        gone.add(anonymous)
    if _speaks(pruning, "1.29"):
        found = pruning.prune_volumes(all=True, filters={"label!": "keep"})
        assert set(found.deleted) == {*gone, "named"}
        assert pruning.prune_volumes(all=True).deleted == ("labelled",)
    else:
        assert set(pruning.prune_volumes(all=True).deleted) == {*gone, "named", "labelled"}
    assert sorted(volume.name for volume in pruning.volumes()) == ["tmpfs", "used"]


def test_the_build_cache_and_what_the_disk_is_used_for(pruning: Client) -> None:
    dockerfile = io.StringIO("FROM busybox\nRUN echo built > /built\n")
    if _speaks(pruning, "1.39"):
        pruning.build(
            None, tag="built", dockerfile=dockerfile, options=BuildOptions(builder="buildkit")
        )
        pruning.remove_image("built")
    pruning.run_detached(
        "busybox", ["sh", "-c", "echo 1234567 > /data/x; sleep 6000"], name="one",
        host_config=HostConfig(binds=["used:/data"]),
    )  # fmt: skip
    pruning.create_volume("free")
    used = pruning.disk_usage()
    assert used.images is not None and used.containers is not None and used.volumes is not None
    assert [row.repo_tags for row in used.images.items] == [("busybox:latest",)]
    assert (used.images.total_count, used.images.active_count, used.images.reclaimable) == (1, 1, 0)
    assert (used.containers.total_count, used.containers.active_count) == (1, 1)
    assert used.containers.items[0].names == ("one",)
    told = {one.name: (one.usage and one.usage.reference_count) for one in used.volumes.items}
    assert told == {"used": 1, "free": 0}
    assert (used.volumes.total_count, used.volumes.active_count) == (2, 1)
    only = pruning.disk_usage(types="volume")
    assert (only.images, only.containers, only.build_cache) == (None, None, None)
    assert only.volumes is not None and only.volumes.total_count == 2
    if not _speaks(pruning, "1.39"):
        if _speaks(pruning, "1.31"):
            with pytest.raises(NotSupported):
                pruning.prune_build_cache()
            assert pruning.prune_build_cache(all=True).space_reclaimed is not None
        return
    cache = used.build_cache
    assert cache is not None and cache.total_count == len(cache.items) > 0
    assert pruning.prune_build_cache(all=True, reserved_space="100g").deleted == ()
    assert pruning.prune_build_cache(all=True, filters={"until": "24h"}).deleted == ()
    found = pruning.prune_build_cache(all=True)
    assert set(found.deleted) <= {one.id for one in cache.items} and found.deleted
    left = pruning.disk_usage(types=["build-cache"]).build_cache
    assert left is not None and left.total_count == len(cache.items) - len(found.deleted)


def test_the_example_removes_what_has_one_label_and_not_another(
    pruning: Client, private: Engine
) -> None:
    config = ContainerConfig(labels={"test-run": "7"})
    kept = ContainerConfig(labels={"test-run": "7", "keep": "yes"})
    gone, left = (pruning.create_container("busybox", config=one).id for one in (config, kept))
    pruning.create_volume("old", labels={"test-run": "7"})
    pruning.create_volume("kept", labels={"test-run": "7", "keep": "yes"})
    pruning.create_volume("other")
    printed = run("prune_by_label.py", private.url)
    assert printed == [f"container {gone[:12]}", "volume old", "0 bytes"]
    assert [row.id for row in pruning.containers(all=True)] == [left]
    assert sorted(volume.name for volume in pruning.volumes()) == ["kept", "other"]
