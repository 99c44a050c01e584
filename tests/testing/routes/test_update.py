"""Limits that are changed on the fake Engine: stored, told, and compared with what is set."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi import Client, Conflict, ContainerUpdate, HostConfig
from dockerapi.testing import FakeEngine
from testing.comparing import differences, shape_of, words_of
from testing.conversation import MODERN, Session, pairs, recorded

LIMITS = HostConfig(memory="64m", memory_swap="64m")
REMOVED = HostConfig(auto_remove=True)


class UpdateSession(Session):
    """With the containers that the recordings are about."""

    def _play(self, engine: FakeEngine) -> None:
        engine.on("busybox", ["stay"], lambda run: run.sleep(600))

    def _seed(self, engine: FakeEngine) -> None:
        if self.release == "1.9":
            return
        with Client(engine.url) as client:
            client.create_container("busybox", ["stay"], name="rec-up")
            # Under 1.24 it was made without what came with 1.25.
            modern = (self.release, self.api) != ("20.10", "1.24")
            host = REMOVED if modern else HostConfig()
            client.create_container("busybox", ["stay"], name="rec-up2", host_config=host)


# What the kernel, or the processors of the machine, have a say in.
OF_THE_MACHINE = {
    *("container_update_blkio", "container_update_blkio_bad", "container_update_ignored"),
    "container_update_kernel_memory",
    *("container_update_cpuset_bad", "container_update_cpuset_nonsense"),
    *("container_update_cpu_shares_negative", "container_update_swap_below"),
    # Who sends something else than the client does.
    *("container_update_wrong_kind", "container_update_restart_bad_count"),
    *("container_update_restart_bad", "container_update_bad_json", "container_update_empty"),
    *("container_update_no_type", "container_update_404"),
}


@pytest.mark.parametrize("pair", pairs(MODERN))
def test_an_answer_has_the_shape_of_the_real_engines(pair: str) -> None:
    asked = [
        one
        for one in recorded(pair, MODERN)
        if one.operation.startswith("container_update") and one.operation not in OF_THE_MACHINE
    ]
    different: dict[str, Any] = {}
    for one, answer in UpdateSession(pair).hold(asked):
        found = differences(shape_of(one.answer), shape_of(answer))
        if found:
            different[one.operation] = found
        elif one.answer.status[:1] in "45" and "up2" not in one.request:
            assert words_of(one.answer)[-60:] == words_of(answer)[-60:]
    assert different == {}


def test_what_is_changed_is_told_and_what_is_zero_is_left(client: Client) -> None:
    id = client.create_container("busybox", ["true"], host_config=LIMITS).id
    update = ContainerUpdate(memory_swap=-1, cpuset_cpus="0", restart_policy="always")
    assert client.update_container(id, update) == ()
    client.update_container(id, ContainerUpdate())
    host = client.inspect_container(id).host_config
    assert host is not None and host.restart_policy is not None
    found = (host.memory, host.memory_swap, host.cpuset_cpus, host.restart_policy.name)
    assert found == (64 * 2**20, -1, "0", "always")


@pytest.mark.parametrize(
    ("host", "update", "words"),
    [
        (LIMITS, {"memory": "128m"}, "Memory limit should be smaller than already set memoryswap"),
        (REMOVED, {"restart_policy": "always"}, "Restart policy cannot be updated because AutoRem"),
        (HostConfig(cpu_quota=5000), {"nano_cpus": 5}, "Conflicting options: Nano CPUs cannot be"),
        (HostConfig(nano_cpus=5), {"cpu_period": 5000}, "Conflicting options: CPU Period cannot "),
    ],
)
def test_what_contradicts_what_is_set_is_a_conflict(
    client: Client, host: HostConfig, update: dict[str, Any], words: str
) -> None:
    id = client.create_container("busybox", ["true"], host_config=host).id
    with pytest.raises(Conflict) as caught:
        client.update_container(id, ContainerUpdate(**update))
    assert caught.value.message.startswith(f"Cannot update container {id}: {words}")


def test_a_version_without_updates_has_no_such_route() -> None:
    with FakeEngine("1.21") as engine, Client(engine.url) as client:
        assert client.session.post("/containers/x/update", json={}).status_code == 404
