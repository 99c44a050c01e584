"""Volumes of the fake Engine: the recorded sessions once more, and what they do not show."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dockerapi import Client, ContainerConfig, HostConfig, InUse
from dockerapi.models.pruned import Pruned
from dockerapi.testing import FakeEngine, Run
from testing.comparing import differences, shape_of, words_of
from testing.conversation import MODERN, Answer, Recorded, Session, pairs, recorded


class VolumeSession(Session):
    """With the container that the recordings are about."""

    def _play(self, engine: FakeEngine) -> None:
        engine.on("busybox", ["stay"], _stay)

    def _seed(self, engine: FakeEngine) -> None:
        self._id = ""

    def _talk(self, engine: FakeEngine, one: Recorded) -> Answer:
        with Client(engine.url) as client:
            if one.operation == "volume_inspect_mounted":
                if client.supports("prune_volumes"):
                    client.create_volume("rec-mount", labels={"rec": "mount"})
                names = ("plain", "tmpfs", "mount")
                host = HostConfig(binds=[f"rec-{name}:/{name}" for name in names])
                self._id = client.run_detached("busybox", ["stay"], host_config=host)
            if one.operation == "volume_prune_all_rest":
                client.remove_container(self._id, force=True)
        return super()._talk(engine, one)

    def _learn(self, was: Answer, answer: Answer) -> None:
        """The names that the Engines made up."""
        pattern = r'"Name":"([0-9a-f]{64})"'
        old, new = (re.findall(pattern, one.body.decode("latin-1")) for one in (was, answer))
        if len(old) == len(new) == 1:
            self._ids[old[0]] = new[0]


def _stay(run: Run) -> None:
    run.sleep(600)


def of_one_host(pair: str) -> Iterator[Recorded]:
    """What was asked of volumes before there was a swarm."""
    for one in recorded(pair, MODERN):
        if one.operation == "volume_remove_in_use_by_task":
            return
        # The client always says that it sends JSON.
        if one.operation.startswith("volume_") and not one.operation.endswith("_no_type"):
            yield one


# Of one era; nobody decides by them.
OTHER_WORDS = {
    "volume_create_bad_json",
    "volume_create_bad_name",
    "volume_list_filter_bad_json",
    "volume_list_filter_two_dangling",
    "volume_prune_two_all",
}


@pytest.mark.parametrize("pair", pairs(MODERN))
def test_an_answer_has_the_shape_of_the_real_engines(pair: str) -> None:
    different, words = {}, {}
    for one, answer in VolumeSession(pair).hold(list(of_one_host(pair))):
        found = differences(shape_of(one.answer), shape_of(answer))
        if found:
            different[one.operation] = found
        elif one.answer.status[:1] in "45" and one.operation not in OTHER_WORDS:
            said = words_of(one.answer).lower(), words_of(answer).lower()
            words.update({one.operation: said} if said[0] != said[1] else {})
    expected = ["volume_list_pruned", "volume_list_pruned_all"] if pair.startswith("1.13") else []
    # 1.13 finds the volume again that it was to forget although it was in use.
    assert (list(different), words) == (expected, {}), different


# What the recordings do not show


@pytest.mark.parametrize("version", ["1.21", "1.24", "1.41", "1.55"])
def test_volumes_are_there_as_long_as_containers_need_them(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.create_volume("free")
        host = HostConfig(binds=["used:/data"])
        id = client.create_container("busybox", ["true"], host_config=host).id
        with pytest.raises(InUse) as caught:
            client.remove_volume("used")
        assert caught.value.users == (() if version == "1.21" else (id,))
        assert [one.name for one in client.volumes(filters={"dangling": True})] == ["free"]
        client.remove_container(id, volumes=True)
        client.remove_volume("used")
        assert [one.name for one in client.volumes()] == ["free"]


def test_a_container_takes_its_anonymous_volumes_with_it_if_that_is_asked_for(
    client: Client,
) -> None:
    config = ContainerConfig(volumes=["/data"])
    first, second = (
        client.create_container("busybox", ["true"], config=config).id for _ in range(2)
    )
    assert len(client.volumes()) == 2
    client.remove_container(first)
    client.remove_container(second, volumes=True)
    [left] = client.volumes()
    assert client.prune_volumes(all=True) == Pruned(deleted=(left.name,), space_reclaimed=0)


def test_what_is_pruned_and_what_is_not() -> None:
    with FakeEngine("1.51") as engine, Client(engine.url) as client:
        anonymous = client.create_volume().name
        client.create_volume("named")
        client.create_volume("labelled", labels={"keep": "yes"})
        client.create_volume("tmpfs", options={"type": "tmpfs", "device": "tmpfs"})
        first = client.prune_volumes()
        second = client.prune_volumes(all=True, filters={"label!": "keep"})
        third = client.prune_volumes(all=True)
        assert [one.deleted for one in (first, second, third)] == [
            (anonymous,),
            ("named",),
            ("labelled",),
        ]
        assert [one.name for one in client.volumes()] == ["tmpfs"]
