"""Limits of a container that are changed while it runs, and while it does not."""

from __future__ import annotations

import pytest

from dockerapi import Client, Conflict, ContainerConfig, ContainerUpdate, HostConfig
from live.engine import Engine

MIB = 2**20
ROUTE = "POST /containers/{id}/update"


@pytest.mark.needs("1.22")
def test_what_is_changed_is_told_by_inspect(client: Client, sleeper: str) -> None:
    changed = ContainerUpdate(
        cpu_shares=512, cpuset_cpus="0", memory=64 * MIB, memory_swap=128 * MIB
    )
    assert client.update_container(sleeper, changed) == ()
    assert client.update_container(sleeper, ContainerUpdate()) == ()
    host = client.inspect_container(sleeper).host_config
    assert host is not None
    assert (host.cpu_shares, host.cpuset_cpus, host.memory, host.memory_swap) == (
        512,
        "0",
        64 * MIB,
        128 * MIB,
    )


@pytest.mark.needs("1.22", "1.23")
def test_a_restart_policy_is_given_and_taken_away(client: Client, sleeper: str) -> None:
    for policy in ("on-failure:3", "no"):
        client.update_container(sleeper, ContainerUpdate(restart_policy=policy))
        host = client.inspect_container(sleeper).host_config
        assert host is not None and host.restart_policy is not None
        name, _, count = policy.partition(":")
        assert (host.restart_policy.name, host.restart_policy.maximum_retry_count) == (
            name,
            int(count or 0),
        )


@pytest.mark.needs("1.22", "1.40")
def test_a_limit_of_processes_is_set_and_lifted(client: Client, sleeper: str) -> None:
    for limit in (50, -1):
        client.update_container(sleeper, ContainerUpdate(pids_limit=limit))
        host = client.inspect_container(sleeper).host_config
        # Which unlimited number is told is the Engine's choice.
        assert host is not None and max(host.pids_limit or 0, 0) == max(limit, 0)


@pytest.mark.needs("1.22")
def test_memory_above_the_swap_limit_that_stands_names_it(
    client: Client, busybox: str, config: ContainerConfig, engine: Engine
) -> None:
    limits = HostConfig(memory=64 * MIB, memory_swap=64 * MIB)
    id = client.create_container(busybox, ["true"], config=config, host_config=limits).id
    with pytest.raises(Conflict) as caught:
        client.update_container(id, ContainerUpdate(memory=128 * MIB))
    status = engine.says({"0.3": 500, "17.9": 409})
    assert str(caught.value) == (
        f"{ROUTE}: {status} Cannot update container {id}: Memory limit should be smaller than "
        "already set memoryswap limit, update the memoryswap at the same time (give memory_swap, "
        "too; -1 is unlimited)"
    )
    assert client.update_container(id, ContainerUpdate(memory=128 * MIB, memory_swap=-1)) == ()
