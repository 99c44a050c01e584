"""What the disk of the fake Engine is used for, and what prunes leave of it, version by version."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dockerapi import Client, ContainerConfig, HostConfig
from dockerapi.testing import FakeEngine
from testing.comparing import words_of
from testing.conversation import MODERN, Answer, Recorded, Session, pairs, recorded


@pytest.mark.parametrize("version", ["1.25", "1.31", "1.41", "1.42", "1.51", "1.52", "1.55"])
def test_every_version_tells_of_the_same_use(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        host = HostConfig(binds=["used:/data"])
        id = client.run_detached("busybox", ["sleep", "600"], host_config=host)
        stopped = client.create_container("busybox", ["true"]).id
        client.create_volume("free")
        found = client.disk_usage()
        assert found.images is not None and found.containers is not None
        assert (found.images.total_count, found.images.active_count) == (1, 1)
        assert (found.containers.total_count, found.containers.active_count) == (2, 1)
        assert {one.id for one in found.containers.items} == {id, stopped}
        assert found.volumes is not None and found.volumes.active_count == 1
        counts = {one.name: one.usage for one in found.volumes.items}
        assert {name: one and one.reference_count for name, one in counts.items()} == {
            "used": 1,
            "free": 0,
        }
        only = client.disk_usage(types=["container"])
        assert (only.images, only.volumes, only.build_cache) == (None, None, None)
        assert only.containers is not None and only.containers.total_count == 2
        # Nobody uses what is pruned.
        assert client.prune_containers().deleted == (stopped,)
        assert client.prune_images(all=True).deleted == ()
        assert client.prune_volumes(all=True).deleted == ("free",)


def test_images_without_a_name_go_and_those_with_one_if_that_is_asked_for(client: Client) -> None:
    id = client.create_container("busybox", ["true"]).id
    keep = ContainerConfig(labels={"keep": "yes"})
    nameless, spare, kept = (client.commit(id, config=one) for one in (None, None, keep))
    client.tag(spare, "spare:1")
    assert nameless in client.prune_images(filters={"label!": "keep"}).deleted
    second = client.prune_images(all=True, filters={"label!": "keep"})
    assert (second.untagged, spare in second.deleted) == (("spare:1",), True)
    assert kept in client.prune_images().deleted


# What the Engines of the recordings refuse


def _refused(pair: str) -> Iterator[Recorded]:
    for one in recorded(pair, MODERN):
        kind, _, rest = one.operation.partition("_prune")
        refused = one.answer.status[:1] in ("4", "5")
        if refused and kind in ("container", "image") and rest and not rest.endswith("bad_json"):
            yield one


@pytest.mark.parametrize("pair", [pair for pair in pairs(MODERN) if not pair.startswith("1.9")])
def test_a_prune_is_refused_in_the_words_of_the_release(pair: str) -> None:
    different = {
        one.operation: (one.answer.status, answer.status, words_of(answer))
        for one, answer in Session(pair).hold(list(_refused(pair)))
        if (one.answer.status, words_of(one.answer).lower())
        != (answer.status, words_of(answer).lower())
    }
    # Nobody decides by these words.
    assert different.keys() <= {"image_prune_two_dangling", "image_prune_bad_until"}, different


@pytest.mark.parametrize("pair", [pair for pair in pairs(MODERN) if not pair.startswith("1.9")])
def test_the_use_has_the_keys_of_the_real_engines(pair: str) -> None:
    asked = [one for one in recorded(pair, MODERN) if one.operation.startswith("system_df")]
    assert len(asked) == 10
    different = {
        one.operation: (_keys(one.answer), _keys(answer))
        for one, answer in Session(pair).hold(asked)
        if (one.answer.status, _keys(one.answer)) != (answer.status, _keys(answer))
    }
    assert different == {}


def _keys(answer: Answer) -> dict[str, bool]:
    """Its keys, and whether there is something behind them."""
    return {key: value is None for key, value in json.loads(answer.body).items()}


def test_another_type_is_refused() -> None:
    with FakeEngine("1.51") as engine, Client(engine.url) as client:
        answer = client.session.get("/system/df?type=layer")
        assert (answer.status_code, answer.json()) == (
            400,
            {"message": "unknown object type: layer"},
        )
