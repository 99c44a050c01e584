"""Containers: list, look at, talk to, stop, remove."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from dockerapi import Client, ContainerUpdate
from matrix.form import (
    ALWAYS,
    Case,
    OfRelease,
    Outcome,
    Refused,
    before,
    gone,
    handshake,
    later_release,
    needs,
    sends,
    since,
    upgrades,
    uploads,
    within,
)

LIST = "GET /containers/json"
LOGS = "GET /containers/{id}/logs"
ATTACH = "POST /containers/c1/attach"
WEBSOCKET = "GET /containers/{id}/attach/ws"
UPDATE = "POST /containers/{id}/update"
INSPECT = "GET /containers/c1/json"


def _listed_with(filter: str, value: str, version: str) -> Case:
    """A filter of the list, which has filters at all from 1.12 on."""
    return Case(
        "containers",
        filter,
        lambda client: client.containers(filters={filter: value}),
        {
            before(version): needs(f"{LIST} ?filters.{filter}", version),
            since(version): f'GET /containers/json?filters={{"{filter}": ["{value}"]}}',
        },
    )


def _updated(name: str, version: str, body: Any, **limits: Any) -> Case:
    """A limit of an update, which is there at all from 1.22 on."""
    outcome: dict[str, Outcome] = {before("1.22"): needs(UPDATE, "1.22")}
    if version != "1.22":
        outcome[f"1.22 to {within(before(version))[-1]}"] = needs(f"{UPDATE} {[*body][0]}", version)
    outcome[since(version)] = sends("POST /containers/c1/update", body)
    return Case(
        "update_container",
        name,
        lambda client: client.update_container("c1", ContainerUpdate(**limits)),
        outcome,
    )


def copied_out(client: Client, **options: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        client.copy_out("c1", "/etc", folder, **options)


CASES = [
    # 0.3.3, the only Engine of 1.0, knows the list by no other path (differences, 4.1).
    Case(
        "containers",
        "plain",
        lambda client: client.containers(),
        {"1.0": "GET /containers/ps", since("1.1"): "GET /containers/json"},
    ),
    Case(
        "containers",
        "all-limit",
        lambda client: client.containers(all=True, limit=2),
        {
            "1.0": "GET /containers/ps?all=1&limit=2",
            since("1.1"): "GET /containers/json?all=1&limit=2",
        },
    ),
    Case(
        "containers",
        "size",
        lambda client: client.containers(size=True),
        {before("1.3"): needs(f"{LIST} ?size", "1.3"), since("1.3"): f"{LIST}?size=1"},
    ),
    # Both mean stopped containers, too. Parameters up to Docker 1.9, filters from 1.10.0 (1.22) on,
    # where later releases ignore the parameters (differences, 0.5).
    Case(
        "containers",
        "since",
        lambda client: client.containers(since="c9"),
        {
            "1.0": "GET /containers/ps?all=1&since=c9",
            "1.1 to 1.21": "GET /containers/json?all=1&since=c9",
            "1.22 to 1.55": 'GET /containers/json?all=1&filters={"since": ["c9"]}',
        },
    ),
    Case(
        "containers",
        "before",
        lambda client: client.containers(before="c9"),
        {
            "1.0": "GET /containers/ps?all=1&before=c9",
            "1.1 to 1.21": "GET /containers/json?all=1&before=c9",
            "1.22 to 1.55": 'GET /containers/json?all=1&filters={"before": ["c9"]}',
        },
    ),
    # 1.12 has filters, and names none; a filter that no manual names is the Engine's business.
    Case(
        "containers",
        "filters",
        lambda client: client.containers(filters={"novelty": "x"}),
        {
            before("1.12"): needs(f"{LIST} ?filters", "1.12"),
            since("1.12"): 'GET /containers/json?filters={"novelty": ["x"]}',
        },
    ),
    _listed_with("exited", "0", "1.14"),
    _listed_with("status", "exited", "1.14"),
    _listed_with("label", "a=b", "1.18"),
    _listed_with("id", "c1", "1.19"),
    _listed_with("name", "web", "1.19"),
    _listed_with("ancestor", "img", "1.21"),
    _listed_with("isolation", "default", "1.22"),
    _listed_with("volume", "data", "1.22"),
    _listed_with("network", "net", "1.24"),
    _listed_with("health", "healthy", "1.25"),
    _listed_with("is-task", "true", "1.25"),
    _listed_with("publish", "80", "1.28"),
    _listed_with("expose", "80", "1.28"),
    Case(
        "inspect_container",
        "plain",
        lambda client: client.inspect_container("c1"),
        {ALWAYS: INSPECT},
    ),
    Case(
        "inspect_container",
        "size",
        lambda client: client.inspect_container("c1", size=True),
        {
            before("1.21"): needs("GET /containers/{id}/json ?size", "1.21"),
            since("1.21"): "GET /containers/c1/json?size=1",
        },
    ),
    # 1.3 is spoken by 0.4.5 to 0.4.8, too, which have none: see OF_RELEASES.
    Case(
        "top",
        "plain",
        lambda client: client.top("c1"),
        {
            before("1.3"): needs("GET /containers/{id}/top", "1.3"),
            since("1.3"): "GET /containers/c1/top",
        },
    ),
    Case(
        "top",
        "ps_args",
        lambda client: client.top("c1", ps_args="aux"),
        {
            before("1.3"): needs("GET /containers/{id}/top", "1.3"),
            "1.3": needs("GET /containers/{id}/top ?ps_args", "1.4"),
            since("1.4"): "GET /containers/c1/top?ps_args=aux",
        },
    ),
    # Before 1.11 the log is what attach gives without the stream (differences, 3.2).
    Case(
        "logs",
        "plain",
        lambda client: client.logs("c1"),
        {
            before("1.11"): [INSPECT, f"{ATTACH}?logs=1&stream=0&stdout=1&stderr=1"],
            since("1.11"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1"],
        },
    ),
    Case(
        "logs",
        "follow",
        lambda client: client.logs("c1", follow=True),
        {
            before("1.11"): [INSPECT, f"{ATTACH}?logs=1&stream=1&stdout=1&stderr=1"],
            since("1.11"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&follow=1"],
        },
    ),
    Case(
        "logs",
        "stderr",
        lambda client: client.logs("c1", stdout=False),
        {
            before("1.11"): [INSPECT, f"{ATTACH}?logs=1&stream=0&stdout=0&stderr=1"],
            since("1.11"): [INSPECT, "GET /containers/c1/logs?stdout=0&stderr=1"],
        },
    ),
    Case(
        "logs",
        "timestamps",
        lambda client: client.logs("c1", timestamps=True),
        {
            before("1.11"): needs(f"{LOGS} ?timestamps", "1.11"),
            since("1.11"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&timestamps=1"],
        },
    ),
    Case(
        "logs",
        "tail",
        lambda client: client.logs("c1", tail=5),
        {
            before("1.13"): needs(f"{LOGS} ?tail", "1.13"),
            since("1.13"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&tail=5"],
        },
    ),
    Case(
        "logs",
        "since",
        lambda client: client.logs("c1", since=1428990821),
        {
            before("1.19"): needs(f"{LOGS} ?since", "1.19"),
            since("1.19"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&since=1428990821"],
        },
    ),
    Case(
        "logs",
        "since-fraction",
        lambda client: client.logs("c1", since=1428990821.25),
        {
            before("1.19"): needs(f"{LOGS} ?since", "1.19"),
            "1.19 to 1.21": later_release(f"{LOGS} ?since with a fraction of a second", "1.10.0"),
            since("1.22"): [
                INSPECT,
                "GET /containers/c1/logs?stdout=1&stderr=1&since=1428990821.250000000",
            ],
        },
    ),
    Case(
        "logs",
        "until",
        lambda client: client.logs("c1", until=1428990821),
        {
            before("1.35"): needs(f"{LOGS} ?until", "1.35"),
            since("1.35"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&until=1428990821"],
        },
    ),
    Case("diff", "plain", lambda client: client.diff("c1"), {ALWAYS: "GET /containers/c1/changes"}),
    Case(
        "export", "plain", lambda client: client.export("c1"), {ALWAYS: "GET /containers/c1/export"}
    ),
    # A single value by `stream` from 1.19 on; before, the first of those without end.
    Case(
        "stats",
        "plain",
        lambda client: client.stats("c1"),
        {
            before("1.17"): needs("GET /containers/{id}/stats", "1.17"),
            # Nothing comes while it does not run.
            "1.17 to 1.18": [INSPECT, "GET /containers/c1/stats"],
            "1.19 to 1.20": [INSPECT, "GET /containers/c1/stats?stream=0"],
            since("1.21"): "GET /containers/c1/stats?stream=0",
        },
    ),
    Case(
        "stats",
        "one_shot",
        lambda client: client.stats("c1", one_shot=True),
        {
            before("1.17"): needs("GET /containers/{id}/stats", "1.17"),
            "1.17 to 1.40": needs("GET /containers/{id}/stats ?one-shot", "1.41"),
            since("1.41"): "GET /containers/c1/stats?stream=0&one-shot=1",
        },
    ),
    Case(
        "stream_stats",
        "plain",
        lambda client: client.stream_stats("c1"),
        {
            before("1.17"): needs("GET /containers/{id}/stats", "1.17"),
            since("1.17"): "GET /containers/c1/stats",
        },
    ),
    # 0.4.x takes one for the other (observed); 0.3.3 has no such route.
    Case(
        "resize",
        "plain",
        lambda client: client.resize("c1", height=24, width=80),
        {
            "1.0": needs("POST /containers/{id}/resize", "1.1"),
            "1.1 to 1.2": "POST /containers/c1/resize?h=80&w=24",
            since("1.3"): "POST /containers/c1/resize?h=24&w=80",
        },
    ),
    Case(
        "start", "plain", lambda client: client.start("c1"), {ALWAYS: "POST /containers/c1/start"}
    ),
    # Without `t` 0.8.0 to 1.12.x kill at once (differences, 4.20).
    Case(
        "stop",
        "plain",
        lambda client: client.stop("c1"),
        {
            before("1.25"): "POST /containers/c1/stop?t=10",
            since("1.25"): "POST /containers/c1/stop",
        },
    ),
    Case(
        "stop",
        "timeout",
        lambda client: client.stop("c1", timeout=3),
        {ALWAYS: "POST /containers/c1/stop?t=3"},
    ),
    Case(
        "restart",
        "plain",
        lambda client: client.restart("c1"),
        {
            before("1.25"): "POST /containers/c1/restart?t=10",
            since("1.25"): "POST /containers/c1/restart",
        },
    ),
    Case(
        "restart",
        "timeout",
        lambda client: client.restart("c1", timeout=0),
        {ALWAYS: "POST /containers/c1/restart?t=0"},
    ),
    Case("kill", "plain", lambda client: client.kill("c1"), {ALWAYS: "POST /containers/c1/kill"}),
    # Numbers only in 0.6.5 to 0.7.6 (differences, 4.21).
    Case(
        "kill",
        "name",
        lambda client: client.kill("c1", signal="SIGUSR1"),
        {
            before("1.6"): needs("POST /containers/{id}/kill ?signal", "1.6"),
            "1.6 to 1.8": "POST /containers/c1/kill?signal=10",
            since("1.9"): "POST /containers/c1/kill?signal=SIGUSR1",
        },
    ),
    Case(
        "kill",
        "number",
        lambda client: client.kill("c1", signal=15),
        {
            before("1.6"): needs("POST /containers/{id}/kill ?signal", "1.6"),
            since("1.6"): "POST /containers/c1/kill?signal=15",
        },
    ),
    Case(
        "kill",
        "real-time",
        lambda client: client.kill("c1", signal="RTMIN+3"),
        {
            before("1.6"): needs("POST /containers/{id}/kill ?signal", "1.6"),
            "1.6 to 1.8": later_release(
                "POST /containers/{id}/kill ?signal with the name 'RTMIN+3'", "0.8.0"
            ),
            since("1.9"): "POST /containers/c1/kill?signal=RTMIN+3",
        },
    ),
    Case(
        "start",
        "detach_keys",
        lambda client: client.start("c1", detach_keys="ctrl-a"),
        {
            before("1.22"): needs("POST /containers/{id}/start ?detachKeys", "1.22"),
            since("1.22"): "POST /containers/c1/start?detachKeys=ctrl-a",
        },
    ),
    *(
        Case(
            method,
            "signal",
            lambda client, method=method: getattr(client, method)("c1", timeout=5, signal="INT"),
            {
                before("1.42"): needs(f"POST /containers/{{id}}/{method} ?signal", "1.42"),
                since("1.42"): f"POST /containers/c1/{method}?t=5&signal=INT",
            },
        )
        for method in ("stop", "restart")
    ),
    Case(
        "logs",
        "details",
        lambda client: client.logs("c1", details=True),
        {
            before("1.23"): needs(f"{LOGS} ?details", "1.23"),
            since("1.23"): [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&details=1"],
        },
    ),
    Case(
        "rename",
        "plain",
        lambda client: client.rename("c1", "web"),
        {
            before("1.17"): needs("POST /containers/{id}/rename", "1.17"),
            since("1.17"): "POST /containers/c1/rename?name=web",
        },
    ),
    _updated("plain", "1.22", {"CpuShares": 2}, cpu_shares=2),
    _updated("memory", "1.22", {"Memory": 9000, "MemorySwap": -1}, memory=9000, memory_swap=-1),
    _updated("restart_policy", "1.23", {"RestartPolicy": {"Name": "no"}}, restart_policy="no"),
    _updated("nano_cpus", "1.28", {"NanoCpus": 5}, nano_cpus=5),
    _updated("cpu_realtime_period", "1.28", {"CpuRealtimePeriod": 5}, cpu_realtime_period=5),
    _updated("cpu_realtime_runtime", "1.28", {"CpuRealtimeRuntime": 5}, cpu_realtime_runtime=5),
    # Only from here on 0 is no limit; before, it is dropped.
    _updated("pids_limit", "1.40", {"PidsLimit": 0}, pids_limit=0),
    *(
        _updated(name, "1.55", {field: []}, **{name: []})
        for name, field in (
            ("blkio_weight_device", "BlkioWeightDevice"),
            ("blkio_device_read_bps", "BlkioDeviceReadBps"),
            ("blkio_device_write_bps", "BlkioDeviceWriteBps"),
            ("blkio_device_read_iops", "BlkioDeviceReadIOps"),
            ("blkio_device_write_iops", "BlkioDeviceWriteIOps"),
        )
    ),
    Case(
        "update_container",
        "kernel_memory",
        lambda client: client.update_container("c1", ContainerUpdate(kernel_memory=9000)),
        {
            before("1.22"): needs(UPDATE, "1.22"),
            "1.22 to 1.41": sends("POST /containers/c1/update", {"KernelMemory": 9000}),
            since("1.42"): gone(f"{UPDATE} KernelMemory", "1.42"),
        },
    ),
    Case(
        "pause",
        "plain",
        lambda client: client.pause("c1"),
        {
            before("1.12"): needs("POST /containers/{id}/pause", "1.12"),
            since("1.12"): "POST /containers/c1/pause",
        },
    ),
    Case(
        "unpause",
        "plain",
        lambda client: client.unpause("c1"),
        {
            before("1.12"): needs("POST /containers/{id}/unpause", "1.12"),
            since("1.12"): "POST /containers/c1/unpause",
        },
    ),
    Case(
        "attach",
        "plain",
        lambda client: client.attach("c1"),
        {
            ALWAYS: [
                INSPECT,
                upgrades(f"{ATTACH}?stdin=0&stdout=1&stderr=1&logs=0&stream=1"),
                INSPECT,
            ]
        },
    ),
    Case(
        "attach",
        "all",
        lambda client: client.attach("c1", stdin=True, stderr=False, logs=True),
        {
            ALWAYS: [
                INSPECT,
                upgrades(f"{ATTACH}?stdin=1&stdout=1&stderr=0&logs=1&stream=1"),
                INSPECT,
            ]
        },
    ),
    Case(
        "attach",
        "detach_keys",
        lambda client: client.attach("c1", stdin=True, detach_keys="ctrl-a"),
        {
            before("1.22"): needs("POST /containers/{id}/attach ?detachKeys", "1.22"),
            since("1.22"): [
                INSPECT,
                upgrades(f"{ATTACH}?stdin=1&stdout=1&stderr=1&logs=0&stream=1&detachKeys=ctrl-a"),
                INSPECT,
            ],
        },
    ),
    Case(
        "attach_websocket",
        "detach_keys",
        lambda client: client.attach_websocket("c1", stdin=True, detach_keys="ctrl-a"),
        {
            before("1.4"): needs(WEBSOCKET, "1.4"),
            "1.4 to 1.21": needs(f"{WEBSOCKET} ?detachKeys", "1.22"),
            since("1.22"): [
                INSPECT,
                handshake(
                    "GET /containers/c1/attach/ws?stdin=1&stdout=1&stderr=1&logs=0&stream=1"
                    "&detachKeys=ctrl-a"
                ),
                INSPECT,
            ],
        },
    ),
    # In the manuals from 1.0 on, in the Engines from 0.6.0, which speaks 1.4.
    Case(
        "attach_websocket",
        "plain",
        lambda client: client.attach_websocket("c1", stdin=True),
        {
            before("1.4"): needs(WEBSOCKET, "1.4"),
            since("1.4"): [
                INSPECT,
                handshake("GET /containers/c1/attach/ws?stdin=1&stdout=1&stderr=1&logs=0&stream=1"),
                INSPECT,
            ],
        },
    ),
    # Before 1.42 both outputs come, whatever is asked (the list of changes of 1.42).
    Case(
        "attach_websocket",
        "stdout",
        lambda client: client.attach_websocket("c1", stderr=False),
        {
            before("1.4"): needs(WEBSOCKET, "1.4"),
            "1.4 to 1.41": needs(f"{WEBSOCKET} ?stderr with False", "1.42"),
            since("1.42"): [
                INSPECT,
                handshake("GET /containers/c1/attach/ws?stdin=0&stdout=1&stderr=0&logs=0&stream=1"),
                INSPECT,
            ],
        },
    ),
    Case("wait", "plain", lambda client: client.wait("c1"), {ALWAYS: "POST /containers/c1/wait"}),
    Case(
        "wait",
        "condition",
        lambda client: client.wait("c1", condition="removed"),
        {
            before("1.30"): needs("POST /containers/{id}/wait ?condition", "1.30"),
            since("1.30"): "POST /containers/c1/wait?condition=removed",
        },
    ),
    Case(
        "remove_container",
        "plain",
        lambda client: client.remove_container("c1"),
        {ALWAYS: "DELETE /containers/c1"},
    ),
    Case(
        "remove_container",
        "volumes",
        lambda client: client.remove_container("c1", volumes=True),
        {ALWAYS: "DELETE /containers/c1?v=1"},
    ),
    Case(
        "remove_container",
        "force",
        lambda client: client.remove_container("c1", force=True),
        {
            before("1.10"): needs("DELETE /containers/{id} ?force", "1.10"),
            since("1.10"): "DELETE /containers/c1?force=1",
        },
    ),
    Case(
        "remove_container",
        "link",
        lambda client: client.remove_container("parent/alias", link=True),
        {
            before("1.6"): needs("DELETE /containers/{id} ?link", "1.6"),
            since("1.6"): "DELETE /containers/parent/alias?link=1",
        },
    ),
    # Copy from 1.4 to 1.23, archives from 1.20.
    Case(
        "get_archive",
        "plain",
        lambda client: client.get_archive("c1", "/etc"),
        {
            before("1.4"): needs("GET /containers/{id}/archive", "1.4"),
            "1.4 to 1.19": sends("POST /containers/c1/copy", {"Resource": "/etc"}),
            since("1.20"): "GET /containers/c1/archive?path=/etc",
        },
    ),
    Case(
        "put_archive",
        "plain",
        lambda client: client.put_archive("c1", "/etc", b"tar"),
        {
            before("1.20"): needs("PUT /containers/{id}/archive", "1.20"),
            since("1.20"): uploads("PUT /containers/c1/archive?path=/etc"),
        },
    ),
    Case(
        "put_archive",
        "no_overwrite",
        lambda client: client.put_archive("c1", "/etc", b"tar", no_overwrite_dir_non_dir=True),
        {
            before("1.20"): needs("PUT /containers/{id}/archive", "1.20"),
            since("1.20"): uploads("PUT /containers/c1/archive?path=/etc&noOverwriteDirNonDir=1"),
        },
    ),
    Case(
        "put_archive",
        "owners",
        lambda client: client.put_archive("c1", "/etc", b"tar", copy_uid_gid=True),
        {
            before("1.20"): needs("PUT /containers/{id}/archive", "1.20"),
            "1.20 to 1.29": needs("PUT /containers/{id}/archive ?copyUIDGID", "1.30"),
            since("1.30"): uploads("PUT /containers/c1/archive?path=/etc&copyUIDGID=1"),
        },
    ),
    Case(
        "copy_into",
        "plain",
        lambda client: client.copy_into("c1", __file__, "/etc"),
        {
            before("1.20"): needs("PUT /containers/{id}/archive", "1.20"),
            since("1.20"): [
                "HEAD /containers/c1/archive?path=/etc",
                uploads(
                    "PUT /containers/c1/archive?path=/etc&noOverwriteDirNonDir=1",
                    {"containers.py": Path(__file__).read_bytes()},
                ),
            ],
        },
    ),
    Case(
        "copy_out",
        "plain",
        lambda client: copied_out(client),
        {
            before("1.4"): needs("GET /containers/{id}/archive", "1.4"),
            "1.4 to 1.19": sends("POST /containers/c1/copy", {"Resource": "/etc"}),
            since("1.20"): "GET /containers/c1/archive?path=/etc",
        },
    ),
    Case(
        "copy_out",
        "follow_links",
        lambda client: copied_out(client, follow_links=True),
        {
            before("1.4"): needs("GET /containers/{id}/archive", "1.4"),
            "1.4 to 1.19": sends("POST /containers/c1/copy", {"Resource": "/etc"}),
            since("1.20"): [
                "HEAD /containers/c1/archive?path=/etc",
                "GET /containers/c1/archive?path=/etc",
            ],
        },
    ),
]

BROKEN = (
    "{asked} needs API 1.5 on Engine {release}, which answers every list with nothing below; "
    "API {v} was asked for"
)

OF_RELEASES = [
    OfRelease("containers", "0.7.6", "1.1 to 1.4", lambda client: client.containers(), LIST),
    *(
        OfRelease(
            "containers",
            release,
            "1.1 to 1.4",
            lambda client: client.containers(),
            Refused(BROKEN.replace("{asked}", LIST)),
        )
        for release in ("0.8.1", "1.6.2")
    ),
    OfRelease(
        "containers",
        "1.6.2",
        "1.0",
        lambda client: client.containers(),
        Refused(BROKEN.replace("{asked}", LIST)),
    ),
    OfRelease("containers", "1.6.2", "1.5 to 1.18", lambda client: client.containers(), LIST),
    OfRelease("containers", "1.7.0", "1.1 to 1.19", lambda client: client.containers(), LIST),
    OfRelease(
        "containers",
        "20.10.24",
        "1.12 to 1.41",
        lambda client: client.containers(since="c9"),
        'GET /containers/json?all=1&filters={"since": ["c9"]}',
    ),
    OfRelease(
        "containers",
        "1.9.1",
        "1.12 to 1.21",
        lambda client: client.containers(since="c9"),
        "GET /containers/json?all=1&since=c9",
    ),
    OfRelease(
        "top",
        "0.4.8",
        "1.3",
        lambda client: client.top("c1"),
        later_release("GET /containers/{id}/top", "0.5.0"),
    ),
    OfRelease(
        "resize",
        "0.4.8",
        "1.3",
        lambda client: client.resize("c1", height=24, width=80),
        "POST /containers/c1/resize?h=80&w=24",
    ),
    OfRelease(
        "resize",
        "1.6.2",
        "1.1 to 1.18",
        lambda client: client.resize("c1", height=24, width=80),
        "POST /containers/c1/resize?h=24&w=80",
    ),
    OfRelease(
        "stop",
        "1.12.6",
        "1.12 to 1.24",
        lambda client: client.stop("c1"),
        "POST /containers/c1/stop?t=10",
    ),
    OfRelease(
        "stop",
        "1.13.0",
        "1.12 to 1.25",
        lambda client: client.stop("c1"),
        "POST /containers/c1/stop",
    ),
    OfRelease(
        "kill",
        "0.6.4",
        "1.6",
        lambda client: client.kill("c1", signal=15),
        later_release("POST /containers/{id}/kill ?signal", "0.6.5"),
    ),
    OfRelease(
        "kill",
        "1.6.2",
        "1.6 to 1.18",
        lambda client: client.kill("c1", signal="SIGUSR1"),
        "POST /containers/c1/kill?signal=SIGUSR1",
    ),
    OfRelease(
        "logs",
        "20.10.24",
        "1.19 to 1.41",
        lambda client: client.logs("c1", since=7.5),
        [INSPECT, "GET /containers/c1/logs?stdout=1&stderr=1&since=7.500000000"],
    ),
    OfRelease(
        "attach_websocket",
        "0.5.3",
        "1.4",
        lambda client: client.attach_websocket("c1"),
        later_release(WEBSOCKET, "0.6.0"),
    ),
    OfRelease(
        "remove_container",
        "0.6.4",
        "1.6",
        lambda client: client.remove_container("parent/alias", link=True),
        later_release("DELETE /containers/{id} ?link", "0.6.5"),
    ),
    OfRelease(
        "get_archive",
        "0.5.3",
        "1.4",
        lambda client: client.get_archive("c1", "/etc"),
        later_release("GET /containers/{id}/archive", "0.6.0"),
    ),
]
