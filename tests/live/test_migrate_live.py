"""A program's dictionary of docker-py's keywords makes the container here that it makes there."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker import types

from dockerapi import Client
from dockerapi.migrate import settings
from live.engine import Engine

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.since("1.41"),
    pytest.mark.real("what an Engine makes of the words of two clients"),
]

# `made` is a network and a volume.
PROGRAMS: dict[str, dict[str, Any]] = {
    "variables": {"environment": {"A": "1", "B": "x y"}, "working_dir": "/tmp", "user": "1:1"},
    "lists": {"environment": ["A=1", "B=2"], "hostname": "web", "domainname": "example.org"},
    "ports": {"ports": {"80/tcp": None, "53/udp": ("127.0.0.1",), 8080: [("127.0.0.1",)]}},
    "binds": {
        "volumes": {
            "/tmp": {"bind": "/host", "mode": "ro"},
            "made": {"bind": "/data", "mode": "rw"},
        }
    },
    "binds of a list": {"volumes": ["/tmp:/host:ro", "made:/data"]},
    "memory": {"mem_limit": "64m", "memswap_limit": "128m", "mem_reservation": "32m"},
    "processors": {"cpu_shares": 512, "cpuset_cpus": "0", "nano_cpus": 500000000},
    "processes": {"pids_limit": 50, "init": True, "oom_score_adj": 100},
    "restart": {"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3}},
    "health": {
        "healthcheck": {"test": ["CMD", "true"], "interval": 10**9, "timeout": 2 * 10**9},
        "stop_signal": "SIGINT",
    },
    "names": {
        "network": "made",
        "extra_hosts": {"db": "10.0.0.2"},
        "dns": ["8.8.8.8"],
        "dns_search": ["example.org"],
    },
    "aliases": {
        "network": "made",
        "networking_config": {"made": types.EndpointConfig("1.41", aliases=["a", "b"])},
    },
    "closed": {
        "network_mode": "none",
        "read_only": True,
        "tmpfs": {"/run": "size=1m"},
        "cap_add": ["SYS_PTRACE"],
        "cap_drop": ["MKNOD"],
    },
    "mounts": {
        "mounts": [
            types.Mount("/data", "made"),
            types.Mount("/fast", None, "tmpfs", tmpfs_size="1m"),
            types.Mount("/host", "/tmp", "bind", read_only=True),
        ]
    },
    "host": {"pid_mode": "host", "ipc_mode": "host", "devices": ["/dev/null:/dev/other:rwm"]},
    "kernel": {
        "ulimits": [types.Ulimit(name="nofile", soft=1024, hard=2048)],
        "shm_size": "32m",
        "security_opt": ["no-new-privileges"],
        "group_add": [1000],
    },
    "terminal": {
        "log_config": types.LogConfig(type="json-file", config={"max-size": "1m"}),
        "tty": True,
        "stdin_open": True,
    },
}


@pytest.fixture
def theirs(engine: Engine) -> Iterator[docker.DockerClient]:
    if engine.is_podman:
        pytest.skip("Podman takes words of docker-py that Engines take in another way")
    client = docker.DockerClient(base_url=engine.url, version="auto")
    yield client
    client.close()


@pytest.fixture
def made(newest: Client, name: str, label: dict[str, str]) -> Iterator[str]:
    """The name of a network and of a volume."""
    network = newest.create_network(name, labels=label).id
    newest.create_volume(name, labels=label)
    yield name
    newest.remove_network(network)
    newest.remove_volume(name, force=True)


def of_this_run(value: Any, name: str) -> Any:
    """The keywords of a program with a network and a volume that are there."""
    if isinstance(value, dict):
        given = {of_this_run(key, name): of_this_run(item, name) for key, item in value.items()}
        value.clear()
        value.update(given)
        return value
    if isinstance(value, list):
        return [of_this_run(item, name) for item in value]
    return re.sub("^made", name, value) if isinstance(value, str) else value


def shown(newest: Client, id: str) -> dict[str, Any]:
    """What the Engine keeps of a container, but for its names and what was chosen for it."""
    raw: Any = newest.inspect_container(id).raw
    config = {**raw["Config"], "Hostname": raw["Config"]["Hostname"].replace(raw["Id"][:12], "id")}
    networks = {
        network: (
            sorted({*(endpoint["Aliases"] or ())} - {raw["Id"][:12]}),
            endpoint["IPAMConfig"] or {},
        )
        for network, endpoint in raw["NetworkSettings"]["Networks"].items()
    }
    mounts = sorted(raw["Mounts"], key=lambda mount: mount["Destination"])
    return {
        "Config": config,
        "HostConfig": raw["HostConfig"],
        "Mounts": mounts,
        "Networks": networks,
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_container_is_the_one_that_docker_py_makes(
    program: str,
    theirs: docker.DockerClient,
    newest: Client,
    busybox: str,
    made: str,
    label: dict[str, str],
) -> None:
    def keywords() -> dict[str, Any]:
        return {**of_this_run(copy.deepcopy(PROGRAMS[program]), made), "labels": label}

    command = ["sh", "-c", "echo done; exit 3"]
    one = theirs.containers.run(busybox, command, detach=True, **keywords())
    two = newest.run_detached(busybox, command, **settings(**keywords()))
    try:
        assert shown(newest, two) == shown(newest, one.id)
        again = {key: given for key, given in keywords().items() if key != "restart_policy"}
        result = newest.run(busybox, command, remove=True, **settings(**again))
        assert (result.exit_code, result.output.combined.split()) == (3, [b"done"])
    finally:
        for id in (one.id, two):
            newest.remove_container(id, force=True, volumes=True)
