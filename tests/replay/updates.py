"""What comes out of the recordings about changed limits of containers, from 1.9 to 29.7."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from dockerapi import Client, Conflict, ContainerNotFound, ContainerUpdate, ThrottleDevice
from dockerapi.errors import BadRequest, NotSupported, ServerError
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, refused

ROUTE = "POST /containers/{id}/update"
SWAP = " (give memory_swap, too; -1 is unlimited)"
LIFTED = "only these lift a limit: memory_swap=-1, cpu_quota=-1, pids_limit=-1 or 0"


def _ask(client: Client, recording: Recording) -> Any:
    names = {field.metadata["paths"][0]: field.name for field in attrs.fields(ContainerUpdate)}
    given = {names[key]: value for key, value in recording.request_json.items()}
    if "blkio_device_read_bps" in given:
        [device] = given["blkio_device_read_bps"]
        given["blkio_device_read_bps"] = [ThrottleDevice(path=device["Path"], rate=device["Rate"])]
    return client.update_container(recording.id, ContainerUpdate(**given))


def _raw(client: Client, recording: Recording) -> Any:
    return asked(client, recording, ROUTE, recording.id).status


def _warnings(recording: Recording) -> Any:
    return tuple(recording.json["Warnings"] or ())


def _said(error: type[Exception], hint: str = "") -> Callable[[Recording], Any]:
    return lambda recording: Raises(
        error, f"{ROUTE}: {recording.status} {json.loads(recording.body)['message']}{hint}"
    )


def _replay(by: By | None = None) -> Replay:
    return Replay(_ask, {"<1.22": refused(ROUTE, "1.22"), **(by or {"*": _warnings})})


def _later(field: str, version: str, by: By | None = None) -> Replay:
    """A field that came later than the route."""
    words = refused(f"{ROUTE} {field}", version)
    return _replay({f"<{version}": words, **(by or {"*": _warnings})})


def _bad(words: str) -> Replay:
    """What is refused when the value is made, for every Engine."""
    return Replay(_ask, {"*": Raises(ValueError, words)})


CONFLICT = {"*": _said(Conflict)}
BAD = {"1.13": _said(ServerError), "*": _said(BadRequest)}
GONE = Raises(NotSupported, f"{ROUTE} KernelMemory was removed in API 1.42; <spoken>")

REPLAYS = {
    **{
        f"container_update_{name}": _replay()
        for name in (
            *("memory", "cpu_shares", "cpu_quota", "cpuset", "blkio", "nothing", "memory_tiny"),
            *("swap_unlimited", "stopped", "restart", "restart_no", "restart_unless_stopped"),
        )
    },
    # Under 1.24 the container was made without AutoRemove.
    "container_update_restart_auto_remove": _replay({"20.10/1.24": _warnings, **CONFLICT}),
    "container_update_pids": _later("PidsLimit", "1.40"),
    "container_update_pids_unlimited": _later("PidsLimit", "1.40"),
    "container_update_blkio_device": _later("BlkioDeviceReadBps", "1.55"),
    "container_update_nano_cpus": _later("NanoCpus", "1.28"),
    "container_update_nano_cpus_conflict": _later("NanoCpus", "1.28", CONFLICT),
    "container_update_period_conflict": _replay({"1.13": _warnings, **CONFLICT}),
    "container_update_kernel_memory": _replay({">=1.42": GONE, "*": _warnings}),
    "container_update_memory_over_swap": _replay({"*": _said(Conflict, SWAP)}),
    "container_update_memory_below_use": _replay(BAD),
    "container_update_cpuset_bad": _replay(BAD),
    "container_update_404": _replay({"*": _said(ContainerNotFound)}),
    "container_update_zero": _bad(f"cpu_shares: 0 leaves it as it is; {LIFTED}"),
    "container_update_swap_below": _bad(
        "memory_swap: 67108864 is memory and swap together, memory alone 83886080"
    ),
    "container_update_cpuset_nonsense": _bad(
        "cpuset_cpus: a set such as 0-2,4 was expected, not 'x'"
    ),
    "container_update_cpu_shares_negative": _bad("cpu_shares: at least 0 was expected, not -5"),
    "container_update_blkio_bad": _bad("blkio_weight: at least 10 was expected, not 5"),
    "container_update_restart_bad": _bad(
        "restart_policy: name: one of 'no', 'always', 'unless-stopped', 'on-failure' was expected, "
        "not 'sometimes'"
    ),
    "container_update_restart_bad_count": _bad(
        "restart_policy: maximum_retry_count: 3 goes with 'on-failure', not with 'always'"
    ),
    # What no method asks.
    **{
        f"container_update_{name}": Replay(_raw, {"<1.22": refused(ROUTE, "1.22"), **by})
        for name, by in {
            "unknown_field": {"*": 200},
            "ignored": {"*": 200},
            "no_type": BAD,
            **dict.fromkeys(
                ("bad_json", "wrong_kind"),
                {"1.13 19.03 20.10": _said(ServerError), "*": _said(BadRequest)},
            ),
            "empty": {"1.13 19.03 20.10": _said(ServerError), "*": 200},
        }.items()
    },
}
