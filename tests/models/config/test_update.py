"""What can be changed of a container's limits, and what an Engine would leave as it is."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from dockerapi import BlkioWeightDevice, ContainerUpdate, ThrottleDevice
from dockerapi.models.config import RestartPolicy

LIFTED = "only these lift a limit: memory_swap=-1, cpu_quota=-1, pids_limit=-1 or 0"
NUMBERS = [
    *("cpu_shares", "nano_cpus", "cpu_period", "cpu_quota", "cpu_realtime_period"),
    *("cpu_realtime_runtime", "memory", "memory_swap", "memory_reservation", "kernel_memory"),
    "blkio_weight",
]


def test_what_is_given_is_sent_and_nothing_else() -> None:
    disk = ThrottleDevice(path="/dev/sda", rate="1m")
    update = ContainerUpdate(
        memory="64m",
        cpuset_mems="0",
        pids_limit=-1,
        blkio_weight_device=[BlkioWeightDevice(path="/dev/sda", weight=10)],
        blkio_device_read_bps=[disk],
        blkio_device_write_iops=[],
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 3},
    )
    assert update.to_wire() == {
        "Memory": 67108864,
        "CpusetMems": "0",
        "PidsLimit": -1,
        "BlkioWeightDevice": [{"Path": "/dev/sda", "Weight": 10}],
        "BlkioDeviceReadBps": [{"Path": "/dev/sda", "Rate": 1048576}],
        "BlkioDeviceWriteIOps": [],
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    }
    assert ContainerUpdate().to_wire() == {}
    assert attrs.evolve(update, memory=None, restart_policy=None).memory is None


@pytest.mark.parametrize("name", [*NUMBERS, "cpuset_cpus", "cpuset_mems"])
def test_what_leaves_a_limit_as_it_is_is_refused_and_says_what_lifts_one(name: str) -> None:
    nothing: Any = 0 if name in NUMBERS else ""
    with pytest.raises(ValueError) as caught:
        ContainerUpdate(**{name: nothing})
    assert str(caught.value) == f"{name}: {nothing!r} leaves it as it is; {LIFTED}"


def test_the_limits_that_can_be_lifted() -> None:
    assert ContainerUpdate(memory_swap=-1, cpu_quota=-1, pids_limit=0).to_wire() == {
        "MemorySwap": -1,
        "CpuQuota": -1,
        "PidsLimit": 0,
    }


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"memory": "64m", "memory_swap": "32m"},
            "memory_swap: 33554432 is memory and swap together, memory alone 67108864",
        ),
        (
            {"memory": "32m", "memory_reservation": "64m"},
            "memory_reservation: 67108864 is more than memory: 33554432",
        ),
        (
            {"nano_cpus": 5, "cpu_quota": 1000},
            "nano_cpus: 5 contradicts cpu_period: None and cpu_quota: 1000",
        ),
        (
            {"restart_policy": RestartPolicy()},
            "restart_policy: RestartPolicy(name=None, maximum_retry_count=None) has no name, and "
            "leaves it as it is",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:
        ContainerUpdate(**settings)
    assert str(caught.value) == words


def test_a_swap_limit_alone_is_for_the_memory_that_is_set() -> None:
    assert ContainerUpdate(memory_swap="64m").to_wire() == {"MemorySwap": 67108864}
