"""POST /containers/{id}/update: limits are stored and reported; nothing here limits anything."""

from __future__ import annotations

from typing import Any

from ..http.errors import HttpError
from ..state.container import Container
from ..state.daemon import Daemon
from ..versions.dialect import Dialect
from .create import check
from .exchange import Exchange

# The keys that are read, by the release or version that brought them; others are dropped.
_BY_RELEASE = {
    "1.10.0": {
        *("BlkioWeight", "CpuShares", "CpuPeriod", "CpuQuota", "CpusetCpus", "CpusetMems"),
        *("Memory", "MemorySwap", "MemoryReservation"),
    },
    "1.11.0": {"RestartPolicy"},
    "17.4.0": {"NanoCpus", "CpuRealtimePeriod", "CpuRealtimeRuntime"},
}
_BY_VERSION = {
    "1.40": {"PidsLimit"},
    "1.55": {
        *("BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps"),
        *("BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"),
    },
}


def _is_read(dialect: Dialect, name: str) -> bool:
    return any(
        name in names and dialect.since(release) for release, names in _BY_RELEASE.items()
    ) or any(name in names and dialect.speaks(version) for version, names in _BY_VERSION.items())


def update(daemon: Daemon, exchange: Exchange, id: str) -> None:
    dialect = exchange.dialect
    asked = {
        name: value
        for name, value in exchange.json().items()
        if _says_something(name, value) and _is_read(dialect, name)
    }
    container = daemon.containers.find(id)
    check(dialect, {"HostConfig": asked})
    with daemon.lock:
        _compare(dialect, container, asked)
        container.host_config.update(asked)
        container.tell("update")
    exchange.answer_json({"Warnings": None})


def _says_something(name: str, value: Any) -> bool:
    if name == "RestartPolicy":
        return bool(value and value.get("Name"))
    return value is not None if name == "PidsLimit" or isinstance(value, list) else bool(value)


def _compare(dialect: Dialect, container: Container, asked: dict[str, Any]) -> None:
    """The limits, completed by those that are already set."""
    host, why = container.host_config, None
    swap = host.get("MemorySwap") or 2 * host["Memory"]
    if asked.get("Memory", 0) > swap > 0 and "MemorySwap" not in asked:
        why = (
            "Memory limit should be smaller than already set memoryswap limit, update the "
            "memoryswap at the same time"
        )
    policy = asked.get("RestartPolicy")
    if host["AutoRemove"] and policy and policy["Name"] != "no":
        why = "Restart policy cannot be updated because AutoRemove is enabled for the container"
    if dialect.since("17.6.0"):
        if "NanoCpus" in asked and (host.get("CpuPeriod") or host.get("CpuQuota")):
            set_ = "Period" if host.get("CpuPeriod") else "Quota"
            why = (
                "Conflicting options: Nano CPUs cannot be updated as CPU "
                f"{set_} has already been set"
            )
        for name in ("Period", "Quota"):
            if f"Cpu{name}" in asked and host.get("NanoCpus"):
                why = (
                    f"Conflicting options: CPU {name} cannot be updated as NanoCPUs has already "
                    "been set"
                )
    if why is not None:
        status = 409 if dialect.since("17.9.0") else 500
        raise HttpError(status, f"Cannot update container {container.id}: {why}")
