"""The limits of a container that can be changed after its creation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ..base import model
from ..kinds import CPU_SET, nested, several, size, whole
from ..settings import Bytes, Setting, Settings, setting
from .host import (
    BlkioWeightDevice,
    RestartPolicy,
    ThrottleDevice,
    Throttles,
    check_limits,
    check_memory,
    restart_policy,
)

_LIFTED = "only these lift a limit: memory_swap=-1, cpu_quota=-1, pids_limit=-1 or 0"


@model
class ContainerUpdate(Settings):
    """The new limits for `update_container`; None leaves a limit unchanged.

    0 and `""` would have the same effect, and are refused: only `memory_swap=-1`, `cpu_quota=-1`,
    and `pids_limit=-1` or 0 remove a limit. Sizes are bytes, or text such as `"64m"`.

    Args:
        cpu_shares: its CPU weight relative to other containers.
        nano_cpus: CPUs in billionths, if neither `cpu_period` nor `cpu_quota` is set; API 1.28 and
            later.
        cpu_period: the scheduler's period, in microseconds.
        cpu_quota: CPU time in a period, in microseconds; -1 is unlimited.
        cpu_realtime_period: the realtime scheduler's period, in microseconds; takes effect at the
            next start; API 1.28 and later.
        cpu_realtime_runtime: CPU time in such a period, in microseconds; takes effect at the next
            start; API 1.28 and later.
        cpuset_cpus: CPUs that it may use, such as `"0-2,4"`.
        cpuset_mems: memory nodes that it may use.
        memory: its memory limit; a limit above the present swap limit needs `memory_swap`.
        memory_swap: memory and swap together; -1 is unlimited, and takes effect at the next start.
        memory_reservation: a soft limit, for when the host is short of memory.
        kernel_memory: memory of the kernel; up to API 1.41.
        blkio_weight: its weight for block devices, 10 to 1000.
        blkio_weight_device: a list of `BlkioWeightDevice`, `[]` for none; API 1.55 and later.
        blkio_device_read_bps, blkio_device_write_bps: a list of `ThrottleDevice`, in bytes, `[]`
            for none; API 1.55 and later.
        blkio_device_read_iops, blkio_device_write_iops: a list of `ThrottleDevice`, in operations,
            `[]` for none; API 1.55 and later.
        pids_limit: the most processes; -1 or 0 is unlimited; API 1.40 and later.
        restart_policy: such as `"always"`, as in `HostConfig`; `"no"` for none; API 1.23 and later.
    """

    __repr__ = Settings.brief

    cpu_shares: int | None = setting("CpuShares", whole(0))
    nano_cpus: int | None = setting("NanoCpus", whole(0))
    cpu_period: int | None = setting("CpuPeriod", whole(1000, 1_000_000, 0))
    cpu_quota: int | None = setting("CpuQuota", whole(1000, None, 0, -1))
    cpu_realtime_period: int | None = setting("CpuRealtimePeriod", whole(0))
    cpu_realtime_runtime: int | None = setting("CpuRealtimeRuntime", whole(0))
    cpuset_cpus: str | None = setting("CpusetCpus", CPU_SET)
    cpuset_mems: str | None = setting("CpusetMems", CPU_SET)
    memory: Bytes = setting("Memory", size())
    memory_swap: Bytes = setting("MemorySwap", size(0, -1))
    memory_reservation: Bytes = setting("MemoryReservation", size())
    kernel_memory: Bytes = setting("KernelMemory", size())
    blkio_weight: int | None = setting("BlkioWeight", whole(10, 1000, 0))
    blkio_weight_device: Setting[
        Iterable[BlkioWeightDevice] | None, tuple[BlkioWeightDevice, ...] | None
    ] = setting("BlkioWeightDevice", several(BlkioWeightDevice))
    blkio_device_read_bps: Throttles = setting("BlkioDeviceReadBps", several(ThrottleDevice))
    blkio_device_write_bps: Throttles = setting("BlkioDeviceWriteBps", several(ThrottleDevice))
    blkio_device_read_iops: Throttles = setting("BlkioDeviceReadIOps", several(ThrottleDevice))
    blkio_device_write_iops: Throttles = setting("BlkioDeviceWriteIOps", several(ThrottleDevice))
    pids_limit: int | None = setting("PidsLimit", whole(-1))
    restart_policy: Setting[
        RestartPolicy | str | Mapping[str, Any] | None, RestartPolicy | None
    ] = setting("RestartPolicy", nested(RestartPolicy, restart_policy))

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(ContainerUpdate):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if value in (0, "") and field.name != "pids_limit":
                raise ValueError(f"{field.name}: {value!r} leaves it as it is; {_LIFTED}")
        policy = self.restart_policy
        if policy is not None and policy.name is None:
            raise ValueError(f"restart_policy: {policy!r} has no name, and leaves it as it is")
        check_limits(self)
        if self.memory:
            check_memory(self.memory, self.memory_swap)
