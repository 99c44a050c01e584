"""What docker-py's keywords become: the body that docker-py sends itself, and ours, are equal."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs
import docker
import pytest
from docker import types
from docker.models import services
from hypothesis import given
from hypothesis import strategies as st

from docker_py import keywords_of_docker_py
from dockerapi import Client, ContainerConfig, HostConfig, NotSupported
from dockerapi.migrate import Settings, service, settings
from scripted import ScriptedDaemon, json_reply

PACKAGE = Path(__file__).parent.parent / "dockerapi"

FLAGS: list[Any] = [True, False, None]
NUMBERS: list[Any] = [5000, 0, None]
TEXTS: list[Any] = ["a", "", None]
SIZES: list[Any] = [
    *(67108864, 67108864.0, "67108864", "67108864b", "65536k", "64m", "64M", "64mb", "64MB", "1g"),
    *("1.5g", ".5g", " 64m", "64 m", "64_0m", "1e8", 0, "", None),
]
RATES: list[Any] = [[{"Path": "/dev/sda", "Rate": 1000}], [], None]

# Each keyword, and each form of its values.
FORMS: dict[str, list[Any]] = {
    "auto_remove": FLAGS,
    "blkio_weight": [500, 0, None],
    "blkio_weight_device": [[{"Path": "/dev/sda", "Weight": 100}], [], None],
    "cap_add": [["NET_ADMIN", "SYS_TIME"], [], None],
    "cap_drop": [["MKNOD"], [], None],
    "cgroup_parent": TEXTS,
    "cgroupns": ["host", "private", "", None],
    "cpu_count": NUMBERS,
    "cpu_percent": [50, 0, None],
    "cpu_period": NUMBERS,
    "cpu_quota": [5000, -1, 0, None],
    "cpu_rt_period": NUMBERS,
    "cpu_rt_runtime": NUMBERS,
    "cpu_shares": NUMBERS,
    "cpuset_cpus": ["0-2,4", "", None],
    "cpuset_mems": ["0", "", None],
    "device_cgroup_rules": [["c 42:* rmw"], [], None],
    "device_read_bps": RATES,
    "device_read_iops": RATES,
    "device_requests": [
        [types.DeviceRequest(count=-1, capabilities=[["gpu"], ["nvidia", "compute"]])],
        [types.DeviceRequest(driver="nvidia", device_ids=["0"], options={"a": "b"})],
        [{"Driver": "nvidia", "Count": 2, "Capabilities": [["gpu"]], "Options": {"a": "b"}}],
        [{"driver": "nvidia", "device_ids": ["0", "1"], "capabilities": [["gpu"]]}],
        [],
        None,
    ],
    "device_write_bps": RATES,
    "device_write_iops": RATES,
    "devices": [
        ["/dev/sda:/dev/xvda:rwm", "/dev/snd", "/dev/sdb:/dev/xvdb"],
        [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"}],
        [],
        None,
    ],
    "dns": [["8.8.8.8", "::1"], [], None],
    "dns_opt": [["ndots:2"], [], None],
    "dns_search": [["example.org"], [], None],
    "domainname": ["example.org", "", None],
    "entrypoint": ["sh -c 'echo a b'", ["sh", "-c"], "", [], None],
    "environment": [
        {"A": "1", "B": None, "C": b"2", "D": 3, "E": 1.5, "F": True, "G": ""},
        ["A=1", "B", "C=a=b"],
        {},
        [],
        None,
    ],
    "extra_hosts": [{"b": "10.0.0.2", "a": "10.0.0.1"}, ["a:10.0.0.1", "b:host-gateway"], {}, None],
    "group_add": [["audio", 1000], [], None],
    "healthcheck": [
        {
            "test": "true",
            "interval": 10**9,
            "timeout": 1500000,
            "retries": 3,
            "start_period": 10**6,
        },
        {"Test": ["CMD", "true"], "Interval": 1234567891, "Timeout": 0, "StartPeriod": 5 * 10**9},
        types.Healthcheck(test=["CMD-SHELL", "true"], interval=10**9, retries=0),
        {"test": ["NONE"]},
        {"test": []},
        {},
        None,
    ],
    "hostname": ["web", "", None],
    "init": FLAGS,
    "ipc_mode": ["host", "shareable", "", None],
    "isolation": ["hyperv", "", None],
    "kernel_memory": ["64m", 1, 0, None],
    "labels": [{"a": "1", "b": ""}, {"a": None}, ["a", "b=c"], {}, [], None],
    "links": [{"db": "sql", "a": None}, [("db", "sql"), ("a", "")], [["db", "b"]], {}, [], None],
    "log_config": [
        types.LogConfig(type="json-file", config={"max-size": "1m"}),
        {"type": "syslog", "config": {"tag": "a"}},
        {"Type": "none", "Config": {}},
        {"Type": "none"},
        None,
    ],
    "lxc_conf": [{"lxc.utsname": "a"}, [{"Key": "lxc.utsname", "Value": "a"}], {}, [], None],
    "mac_address": ["02:42:ac:11:00:02", "", None],
    "mem_limit": SIZES,
    "mem_reservation": ["1m", 1, 0, None],
    "mem_swappiness": [0, 50, None],
    "memswap_limit": ["128m", 67108864, -1, "-1", 0, None],
    "mounts": [
        [types.Mount("/t", "/s", "bind", read_only=True, propagation="rslave")],
        [types.Mount("/t", "v", no_copy=True, labels={"a": "b"}, consistency="cached")],
        [types.Mount("/t", "v", driver_config=types.DriverConfig("local", {"type": "nfs"}))],
        [
            types.Mount("/t", None),
            types.Mount("/u", None, "tmpfs", tmpfs_size="1m", tmpfs_mode=511),
        ],
        [{"Target": "/t", "Source": "v", "Type": "volume", "VolumeOptions": {"NoCopy": True}}],
        [],
        None,
    ],
    "name": ["web", "", None],
    "nano_cpus": [1500000000, 0, None],
    "network": ["backend", "", None],
    "network_disabled": FLAGS,
    "network_mode": ["host", "none", "bridge", "container:a", "", None],
    "networking_config": [
        {
            "backend": types.EndpointConfig(
                "1.41",
                aliases=["a", "b"],
                links={"db": "sql"},
                ipv4_address="10.0.0.5",
                ipv6_address="fd00::5",
                link_local_ips=["169.254.1.1"],
                driver_opt={"a": "b"},
            )
        },
        {"backend": {"Aliases": ["a"], "IPAMConfig": {"IPv4Address": "10.0.0.5"}}},
        {"backend": types.EndpointConfig("1.41")},
        {"backend": None},
        {},
        None,
    ],
    "oom_kill_disable": FLAGS,
    "oom_score_adj": [-500, 500, 0, None],
    "pid_mode": ["host", "", None],
    "pids_limit": [-1, 100, 0, None],
    "platform": ["linux/arm64", "linux/arm/v7", "", None],
    "ports": [
        {"80/tcp": 8080, "53/udp": None, 22: "2222", "21": ("127.0.0.1", 21)},
        {"80": [80, 81, ("127.0.0.1", 82), None], "81/sctp": "8000-8010"},
        {80: ("127.0.0.1", None), 81: ("127.0.0.1",), 82: (8082,), 83: ("", 83)},
        {80: {"HostPort": 80}, 81: [{"HostIp": "::1", "HostPort": "81"}, {"HostPort": None}]},
        {},
        None,
    ],
    "privileged": FLAGS,
    "publish_all_ports": FLAGS,
    "read_only": FLAGS,
    "restart_policy": [
        {"Name": "on-failure", "MaximumRetryCount": 3},
        {"Name": "always", "MaximumRetryCount": 0},
        {"Name": "unless-stopped"},
        {},
        None,
    ],
    "runtime": ["runc", "", None],
    "security_opt": [["no-new-privileges", "label=user:USER"], [], None],
    "shm_size": ["1g", 1, 0, None],
    "stdin_open": FLAGS,
    "stop_signal": ["SIGINT", "", None],
    "storage_opt": [{"size": "10G"}, {}, None],
    "sysctls": [{"net.ipv4.ip_forward": 1, "kernel.shmmax": "2"}, {}, None],
    "tmpfs": [{"/run": "", "/tmp": "size=3G,uid=1000"}, ["/run", "/tmp:size=1m,ro"], {}, None],
    "tty": FLAGS,
    "ulimits": [
        [types.Ulimit(name="nofile", soft=1024, hard=2048), types.Ulimit(name="core", hard=5)],
        [{"Name": "nofile", "Soft": 1024, "Hard": 2048}, {"name": "core", "soft": 0, "hard": -1}],
        [],
        None,
    ],
    "use_config_proxy": [True, None],
    "user": ["root:wheel", 1000, 0, "", None],
    "userns_mode": ["host", "", None],
    "uts_mode": ["host", "", None],
    "volume_driver": ["local", "", None],
    "volumes": [
        {
            "/a": {"bind": "/b", "mode": "ro"},
            "data": {"bind": "/c"},
            b"/e": {"bind": "/f", "ro": 1},
        },
        {"/a": {"bind": "/b", "propagation": "rshared"}, "/c": {"bind": "/d", "mode": "z"}},
        {
            "/a": {"bind": "/b", "mode": "", "propagation": "slave"},
            "/c": {"bind": "/d", "ro": False},
        },
        ["/a:/b", "/c:/d:ro", "data:/e:rw", "/anonymous"],
        {},
        [],
        None,
    ],
    "volumes_from": ["a,b:ro", ["a", "b:ro"], [], None],
    "working_dir": ["/srv", "", None],
}

# What a keyword goes with.
WITH = {"memswap_limit": {"mem_limit": "64m"}, "networking_config": {"network": "backend"}}

# What docker-py sends without being told, and why it counts for nothing.
ATTACHED = "what a command line attaches to; it follows from detach=, and Engines only keep it"
CONSTANTS: dict[str, tuple[Any, str]] = {
    "AttachStdin": (True, ATTACHED),
    "AttachStdout": (True, ATTACHED),
    "AttachStderr": (True, ATTACHED),
    "StdinOnce": (True, "follows from detach=, which is no setting; the page of docker-py says so"),
    "HostConfig.NetworkMode": ("default", "what Engines take where nothing is said"),
}
# False and 0 are the same as nothing where an Engine has a plain number or flag. It tells them from
# nothing in these.
POINTERS = {"init", "memoryswappiness", "oomkilldisable", "pidslimit"}
# Of these every key counts, also with an empty value: they are of the user.
OF_USERS = {"exposedports", "volumes", "tmpfs", "labels", "sysctls", "portbindings"}


def plain(value: Any, key: str = "") -> Any:
    """Without nulls, empty values and zeros; Go reads the names of fields in either case."""
    if key in OF_USERS:  # Go reads a null as an empty text or an empty object
        return {name: item or "" for name, item in (value or {}).items()} or None
    if key == "links":  # without an alias it is the name
        return [link if ":" in link else f"{link}:{link}" for link in value]
    if isinstance(value, dict):
        found = {name.lower(): plain(item, name.lower()) for name, item in value.items()}
        return {
            name: item
            for name, item in found.items()
            if item not in (None, "", [], {}) and (item not in (False, 0) or name in POINTERS)
        }
    return [plain(item) for item in value] if isinstance(value, list) else value


def place_of(body: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """Where a constant stands in a body."""
    above, _, last = name.rpartition(".")
    return (body.get(above) or {}) if above else body, last


@attrs.frozen
class Sent:
    query: dict[str, str]
    body: dict[str, Any]

    @classmethod
    def of(cls, request: Any) -> Sent:
        query = dict(parse_qsl(urlsplit(request.target).query))
        body = json.loads(json.dumps(request.body))
        for name, (value, _) in CONSTANTS.items():
            place, last = place_of(body, name)
            if place.get(last) == value:
                del place[last]
        # In either form it takes the image's entry point away.
        cleared = {"entrypoint": []} if body.get("Entrypoint") in ([], [""]) else {}
        return cls(query, {**plain(body), **cleared})


class Both:
    """docker-py and this library before the same scripted Engine."""

    def __init__(self, version: str) -> None:
        self.version = version
        script = {
            f"POST /v{version}/containers/create": json_reply({"Id": "1", "Warnings": []}),
            f"GET /v{version}/containers/1/json": json_reply({"Id": "1"}),
            f"POST /v{version}/services/create": json_reply({"ID": "4"}),
            f"GET /v{version}/services/4": json_reply({"ID": "4"}),
            f"GET /v{version}/networks/backend": json_reply({"Id": "2", "Name": "backend"}),
            f"GET /v{version}/networks/bridge": json_reply({"Id": "3", "Name": "bridge"}),
        }
        self.daemon = ScriptedDaemon(script, api=version)

    def __enter__(self) -> Both:
        self.daemon.__enter__()
        self.theirs = docker.DockerClient(base_url=self.daemon.url, version=self.version)
        self.ours = Client(self.daemon.url, version=self.version)
        return self

    def __exit__(self, *error: Any) -> None:
        self.ours.close()
        self.theirs.close()
        self.daemon.__exit__(*error)

    def send(self, **keywords: Any) -> tuple[Sent, Sent]:
        self.daemon.requests.clear()
        self.theirs.containers.create("busybox", "true", **dict(keywords))
        self.ours.create_container("busybox", "true", **settings(**keywords))
        theirs, ours = (request for request in self.daemon.requests if request.method == "POST")
        return Sent.of(theirs), Sent.of(ours)


@pytest.fixture(scope="module", params=["1.41", pytest.param("1.44", marks=pytest.mark.dear)])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(tmp_path_factory.mktemp("config")))
        with Both(request.param) as pair:
            yield pair


def refused(both: Both, name: str) -> bool:
    """What docker-py sends to Engines that ignore it is refused here."""
    return name == "lxc_conf" or (name == "kernel_memory" and both.version == "1.44")


def test_all_that_docker_py_sends_without_being_told_is_in_the_list(both: Both) -> None:
    both.daemon.requests.clear()
    both.theirs.containers.create("busybox", "true", stdin_open=True)
    (asked,) = (request for request in both.daemon.requests if request.method == "POST")
    told = {"image": "busybox", "cmd": ["true"], "openstdin": True}
    assert Sent.of(asked) == Sent(query={}, body=told)
    constants = {name: value for name, (value, _) in CONSTANTS.items()}
    places = {name: place_of(asked.body, name) for name in constants}
    assert {name: place.get(last) for name, (place, last) in places.items()} == constants


@pytest.mark.dear
def test_each_form_of_each_keyword_is_sent_as_docker_py_sends_it(both: Both) -> None:
    for name, values in FORMS.items():
        for value in values:
            if not (value and refused(both, name)):
                theirs, ours = both.send(**WITH.get(name, {}), **{name: value})
                assert ours == theirs, (name, value)


@given(st.data())
def test_keywords_together_are_sent_as_docker_py_sends_them(
    both: Both, data: st.DataObject
) -> None:
    known = sorted(name for name in FORMS if not refused(both, name))
    names = data.draw(st.sets(st.sampled_from(known)))
    chosen = {name: data.draw(st.sampled_from(FORMS[name]), label=name) for name in names}
    # What every Engine refuses together.
    for name in names:
        chosen = {**WITH.get(name, {}), **chosen}
    for first, others in {
        "networking_config": ["network_mode"],
        "network": ["network_mode"],
        "nano_cpus": ["cpu_period", "cpu_quota"],
        "restart_policy": ["auto_remove"],
        "memswap_limit": ["mem_limit"],
        "mem_reservation": ["mem_limit"],
        "network_mode": ["ports", "links"],
    }.items():
        if chosen.get(first):
            chosen = {name: value for name, value in chosen.items() if name not in others}
    if chosen.get("memswap_limit"):
        chosen["mem_limit"] = 1
        chosen.pop("mem_reservation", None)
    if chosen.get("networking_config"):
        chosen["network"] = "backend"
    theirs, ours = both.send(**chosen)
    assert ours == theirs


@pytest.mark.parametrize(
    ("version", "keywords", "words"),
    [
        (
            "1.41",
            {"lxc_conf": {"a": "b"}},
            "POST /containers/create HostConfig.LxcConf was removed in API 1.22; the Engine speaks "
            "1.41: it has no execution driver lxc",
        ),
        (
            "1.44",
            {"kernel_memory": "64m"},
            "POST /containers/create HostConfig.KernelMemory was removed in API 1.42; the Engine "
            "speaks 1.44",
        ),
        (
            "1.40",
            {"platform": "linux/arm64"},
            "POST /containers/create ?platform needs API 1.41; the Engine speaks 1.40",
        ),
    ],
)
def test_what_the_engine_would_ignore_is_refused(
    version: str, keywords: dict[str, Any], words: str
) -> None:
    with ScriptedDaemon(api=version) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotSupported) as caught:
            client.create_container("busybox", **settings(**keywords))
    assert str(caught.value) == words
    assert daemon.requests == []


ELSEWHERE = {
    "image": "the first argument of create_container, run and run_detached",
    "command": "the second argument of create_container, run and run_detached",
    "detach": "call run_detached",
    "remove": "run(remove=True), or auto_remove=True with run_detached",
    "stdout": "what run gives has both, .output.stdout and .output.stderr",
    "stderr": "what run gives has both, .output.stdout and .output.stderr",
    "stream": "run_detached, then logs(id, follow=True)",
    "version": "Client(version=...)",
    "init_path": "no Engine since API 1.29 takes it; its init is the Engine's own",
}


def test_every_keyword_of_docker_py_has_its_forms_here() -> None:
    assert sorted(keywords_of_docker_py()) == sorted({*FORMS, *ELSEWHERE})


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_no_setting_says_where_it_went(name: str) -> None:
    with pytest.raises(TypeError) as caught:
        settings(**{name: None})
    assert str(caught.value) == f"settings: {name!r} is no setting: {ELSEWHERE[name]}"


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"enviroment": SECRET}, "unknown keyword 'enviroment'; did you mean 'environment'?"),
        ({"zzz": SECRET}, "unknown keyword 'zzz'"),
        (
            {"enviroment": SECRET, "zzz": SECRET, "mem_limits": SECRET, "tty": True, "image": 1},
            "unknown keywords 'enviroment' (did you mean 'environment'?), 'zzz', 'mem_limits' (did "
            "you mean 'mem_limit'?)",
        ),
        (
            {"image": SECRET, "detach": True},
            "'image' is no setting: the first argument of create_container, run and run_detached; "
            "'detach' is no setting: call run_detached",
        ),
    ],
)
def test_a_keyword_that_is_unknown_is_refused_without_its_value(
    keywords: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError) as caught:
        settings(**keywords)
    assert str(caught.value) == f"settings: {words}"


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        (
            {"use_config_proxy": False},
            ValueError(
                "use_config_proxy: False: the variables of proxies in config.json are added to "
                "those of every container; name them in environment, and they are not"
            ),
        ),
        (
            {"network": "a", "network_mode": "b"},
            ValueError("network: 'a' contradicts network_mode: 'b'"),
        ),
        (
            {"networking_config": {"a": None}},
            ValueError(
                "networking_config: it has 'a', and not network: None; docker-py drops it then"
            ),
        ),
        (
            {"networking_config": {"EndpointsConfig": {"a": None}}, "network": "a"},
            ValueError(
                "networking_config: it has 'EndpointsConfig', and not network: 'a'; docker-py "
                "drops it then"
            ),
        ),
        (
            {"networking_config": {"a": {"IPAMConfig": {"IPv4": "10.0.0.5"}}}, "network": "a"},
            ValueError("networking_config: a: a key that is not known: 'IPAMConfig.IPv4'"),
        ),
        (
            {"mem_limit": "5x"},
            ValueError("mem_limit: a size such as 64m or 1.5g was expected, not '5x'"),
        ),
        ({"mem_limit": -5}, ValueError("mem_limit: at least 0 was expected, not -5")),
        (
            {"mem_limit": "inf k"},
            ValueError("mem_limit: a size such as 64m or 1.5g was expected, not 'inf k'"),
        ),
        (
            {"mem_limit": 5, "mem_reservation": 10},
            ValueError("mem_reservation: 10 is more than mem_limit: 5"),
        ),
        (
            {"memswap_limit": 5},
            ValueError("memswap_limit: 5 needs mem_limit, too"),
        ),
        ({"network": 5}, TypeError("network: a string was expected, not 5")),
        (
            {"network": "none", "ports": {80: 80}},
            ValueError("ports: 80/tcp, but network='none' publishes nothing"),
        ),
        (
            {"ports": {80: {"HostIp": "::1"}}},
            ValueError(
                "ports: HostPort, and HostIp if need be, were expected in {'HostIp': '::1'}"
            ),
        ),
        ({"ports": [80]}, TypeError("ports: a mapping was expected, not [80]")),
        (
            {"mounts": [types.Mount("t", "s")]},
            ValueError("mounts: target: an absolute path was expected, not 't'"),
        ),
        (
            {"mounts": [{"Target": "/t", "Tpye": "bind"}]},
            ValueError("mounts: a key that is not known: 'Tpye'"),
        ),
        (
            {"links": ["db"]},
            TypeError("links: a pair of container and alias was expected, not 'db'"),
        ),
        (
            {"volumes": {"/a": "/b"}},
            TypeError("volumes: /a: a mapping was expected, not '/b'"),
        ),
        (
            {"volumes": {"/a": {"bind": "/b", "mode": "ro", "ro": True}}},
            ValueError(
                "volumes: /a: not both ro and mode: {'bind': '/b', 'mode': 'ro', 'ro': True}"
            ),
        ),
        (
            {"volumes": {"/a": {"bind": "/b", "propagation": "all"}}},
            ValueError(
                "volumes: /a: one of rshared, shared, rslave, slave, rprivate, private was "
                "expected, not 'all'"
            ),
        ),
        (
            {"volumes": {"/a": {"mode": "ro"}}},
            ValueError(
                "volumes: /a: bind, mode or ro, and propagation were expected, not {'mode': 'ro'}"
            ),
        ),
        (
            {"volumes": ["a:b"]},
            ValueError("volumes: an absolute path was expected, not 'b', in 'a:b'"),
        ),
        (
            {"healthcheck": {"interval": 1.5}},
            TypeError("healthcheck: interval: nanoseconds were expected, not 1.5"),
        ),
        (
            {"healthcheck": {"start_interval": 10**9}},
            ValueError(
                "healthcheck: start_interval: docker-py drops it; give "
                "Healthcheck(start_interval=...)"
            ),
        ),
        (
            {"ulimits": [types.Ulimit(name="nofile", soft=5)]},
            ValueError("ulimits: soft: 5 is beyond hard: 0, of 'nofile'"),
        ),
        ({"tty": "yes"}, TypeError("tty: True or False was expected, not 'yes'")),
        ({"stdin_open": "yes"}, TypeError("stdin_open: True or False was expected, not 'yes'")),
    ],
)
def test_a_bad_value_is_named_by_docker_pys_keyword(
    keywords: dict[str, Any], error: Exception
) -> None:
    with pytest.raises(type(error)) as caught:
        settings(**keywords)
    assert str(caught.value) == str(error)


REFERENCE = {"uid": "5", "gid": "6", "mode": 0o400}
SERVICE_FORMS: dict[str, list[Any]] = {
    "args": [["-c", "true"], [], None],
    "cap_add": [["NET_ADMIN"], [], None],
    "cap_drop": [["MKNOD"], [], None],
    "command": ["sh -c 'echo a b'", ["sh", "-c"], "", [], None],
    "configs": [
        [types.ConfigReference("c1", "name"), types.ConfigReference("c2", "n", "/f", **REFERENCE)],
        [],
        None,
    ],
    "constraints": [["node.role==manager"], [], None],
    "container_labels": [{"a": "b", "c": ""}, {}, None],
    "dns_config": [
        types.DNSConfig(["8.8.8.8"], ["example.org"], ["ndots:2"]),
        types.DNSConfig(["8.8.8.8"]),
        {"Search": ["example.org"]},
        None,
    ],
    "endpoint_spec": [
        types.EndpointSpec("vip", {80: 8080, 81: (81, "udp"), 82: (82, None, "host")}),
        types.EndpointSpec("dnsrr"),
        {"Ports": [{"TargetPort": 80, "PublishedPort": 80}]},
        None,
    ],
    "env": [{"A": "1", "B": None, "C": b"2"}, ["A=1", "B"], {}, None],
    "groups": [["audio", "1000"], [], None],
    "healthcheck": [types.Healthcheck(test="true", interval=10**9), None],
    "hostname": ["web", "", None],
    "hosts": [{"b": "10.0.0.2", "a": "10.0.0.1"}, {}, None],
    "init": FLAGS,
    "isolation": ["hyperv", "", None],
    "labels": [{"a": "b", "c": ""}, {}, None],
    "log_driver": ["json-file", None],
    "log_driver_options": [{"max-size": "1m"}, {}, None],
    "maxreplicas": [3, 0, None],
    "mode": [
        *("global", "replicated", "global-job", "replicated-job"),
        *(types.ServiceMode("replicated", 3), types.ServiceMode("replicated", 0)),
        *(types.ServiceMode("global"), types.ServiceMode("global-job")),
        types.ServiceMode("replicated-job", 3, 2),
        {"Replicated": {"Replicas": 2}},
        None,
    ],
    "mounts": [
        ["/a:/b:ro", "data:/c", "/d", "/e:/f:rw"],
        [types.Mount("/t", "v", no_copy=True), types.Mount("/u", None, "tmpfs", tmpfs_size=5)],
        [],
        None,
    ],
    "name": ["web", "", None],
    "networks": [
        ["a", {"Target": "b"}, types.NetworkAttachmentConfig("c", ["d"], {"e": "f"})],
        [],
        None,
    ],
    "open_stdin": FLAGS,
    "platforms": [[("amd64", "linux"), ["arm64", "linux"]], [], None],
    "preferences": [
        [("spread", "node.labels.a"), types.PlacementPreference("spread", "node.labels.b")],
        [],
        None,
    ],
    "privileges": [
        types.Privileges(selinux_disable=True, selinux_user="u"),
        types.Privileges(credentialspec_file="f"),
        types.Privileges(credentialspec_registry="r"),
        None,
    ],
    "read_only": FLAGS,
    "resources": [
        types.Resources(10**9, 64 * 2**20, 5 * 10**8, 32 * 2**20, {"gpu": 2, "disk": "ssd"}),
        types.Resources(generic_resources=[{"DiscreteResourceSpec": {"Kind": "a", "Value": 1}}]),
        {"Limits": {"MemoryBytes": 64 * 2**20}},
        {},
        None,
    ],
    "restart_policy": [
        types.RestartPolicy(),
        types.RestartPolicy("on-failure", delay=10**9, max_attempts=3, window=10**10),
        {"Condition": "any"},
        None,
    ],
    "rollback_config": [types.RollbackConfig(delay=10**9), None],
    "secrets": [
        [types.SecretReference("s1", "name"), types.SecretReference("s2", "n", "f", **REFERENCE)],
        [],
        None,
    ],
    "stop_grace_period": [10**9, 0, None],
    "stop_signal": ["SIGINT", "", None],
    "sysctls": [{"net.ipv4.ip_forward": "1"}, {}, None],
    "tty": FLAGS,
    "update_config": [
        types.UpdateConfig(),
        types.UpdateConfig(2, 10**9, "rollback", 10**9, 0.5, "start-first"),
        {"Parallelism": 1},
        None,
    ],
    "user": ["root", "", None],
    "workdir": ["/srv", "", None],
}


def sent_service(both: Both, keywords: dict[str, Any]) -> tuple[Any, Any]:
    both.daemon.requests.clear()
    both.theirs.services.create("busybox", **dict(keywords))
    theirs = next(asked for asked in both.daemon.requests if asked.method == "POST")
    ours = service(image="busybox", **keywords).to_wire()
    return of_service(json.loads(json.dumps(theirs.body))), of_service(ours)


def of_service(body: dict[str, Any]) -> Any:
    """As `plain`; the kind of a mode counts, and so does a time of grace that is 0."""
    mode = {name.lower() for name in body.get("Mode") or ()}
    grace = body["TaskTemplate"]["ContainerSpec"].get("StopGracePeriod")
    return plain(body), mode, grace


@pytest.mark.dear
def test_each_form_of_each_keyword_of_a_service_is_as_docker_py_sends_it(both: Both) -> None:
    for name, values in SERVICE_FORMS.items():
        for value in values:
            driver = {"log_driver": "syslog"} if name == "log_driver_options" else {}
            theirs, ours = sent_service(both, {**driver, name: value})
            assert ours == theirs, (name, value)


@given(st.data())
def test_keywords_of_a_service_together_are_as_docker_py_sends_them(
    both: Both, data: st.DataObject
) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(SERVICE_FORMS))))
    chosen = {name: data.draw(st.sampled_from(SERVICE_FORMS[name]), label=name) for name in names}
    if not chosen.get("log_driver"):
        chosen.pop("log_driver_options", None)
        chosen.pop("log_driver", None)
    theirs, ours = sent_service(both, chosen)
    assert ours == theirs


def test_every_keyword_of_docker_pys_services_has_its_forms_here() -> None:
    found = {
        *services.CONTAINER_SPEC_KWARGS,
        *services.TASK_TEMPLATE_KWARGS,
        *services.CREATE_SERVICE_KWARGS,
        *services.PLACEMENT_KWARGS,
        *re.findall(r"kwargs\.pop\(\W*(\w+)", inspect.getsource(services), re.ASCII),
    }
    elsewhere = {"image", "force_update", "fetch_current_spec"}
    assert sorted(found - {"key"}) == sorted({*SERVICE_FORMS, *elsewhere})


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({}, TypeError("service: the keyword 'image' is missing")),
        (
            {"imgae": SECRET, "zzz": SECRET},
            TypeError("service: unknown keywords 'imgae' (did you mean 'image'?), 'zzz'"),
        ),
        (
            {"image": "a", "force_update": 1},
            TypeError(
                "service: 'force_update' is no setting: of an update, which changes the spec that "
                "was read"
            ),
        ),
        (
            {"image": "a", "log_driver_options": {"a": "b"}},
            ValueError("log_driver_options: there is no log_driver that they are for"),
        ),
        (
            {"image": "a", "mode": {"Replicas": 2}},
            ValueError(
                "mode: one of replicated, global, replicatedjob, globaljob was expected, not "
                "{'Replicas': 2}"
            ),
        ),
        (
            {"image": "a", "workdir": "b"},
            ValueError("workdir: an absolute path was expected, not 'b'"),
        ),
        (
            {"image": "a", "resources": {"Limits": {"NanoCPUs": 5}}},
            ValueError("resources: Limits: nano_cpus: at least 1000000 was expected, not 5"),
        ),
        (
            {"image": "a", "endpoint_spec": {"Mode": "vip", "mode": 1}},
            ValueError("endpoint_spec: Mode and Ports were expected, not {'mode': 1}"),
        ),
        (
            {"image": "a", "dns_config": {"Servers": []}},
            ValueError(
                "dns_config: one of Nameservers, Search, Options was expected, not 'Servers'"
            ),
        ),
        (
            {"image": "a", "preferences": [("pack", "b")]},
            ValueError("preferences: ('spread', label) was expected, not ('pack', 'b')"),
        ),
        (
            {"image": "a", "platforms": [("amd64",)]},
            ValueError("platforms: (architecture, os) was expected, not ('amd64',)"),
        ),
        (
            {"image": "a", "mounts": ["/a:/b:z"]},
            ValueError("mounts: [source:]target[:ro] was expected, not '/a:/b:z'"),
        ),
        (
            {"image": "a", "stop_grace_period": "5s"},
            TypeError("stop_grace_period: nanoseconds were expected, not '5s'"),
        ),
    ],
)
def test_a_bad_value_of_a_service_is_named_by_docker_pys_keyword(
    keywords: dict[str, Any], error: Exception
) -> None:
    with pytest.raises(type(error)) as caught:
        service(**keywords)
    assert str(caught.value) == str(error)


def test_only_what_something_was_given_for_is_there() -> None:
    assert settings() == settings(tty=False, mem_limit=None, ports={}, name="") == {}
    assert settings(tty=True, name="web") == {"config": ContainerConfig(tty=True), "name": "web"}
    made = settings(mem_limit="64m", platform="linux")
    assert made == {"host_config": HostConfig(memory="64m"), "platform": "linux"}
    assert list(Settings.__annotations__) == [
        *("config", "host_config", "networking", "name", "platform")
    ]


def test_a_bind_of_a_list_has_its_path_whatever_its_modes() -> None:
    """docker-py makes a volume of `/b:ro,z` here, beside the bind."""
    made = settings(volumes=["/a:/b:ro,z", "d:/c"])
    assert made == {
        "config": ContainerConfig(volumes=["/b", "/c"]),
        "host_config": HostConfig(binds=["/a:/b:ro,z", "d:/c"]),
    }


def test_docker_py_is_not_imported() -> None:
    code = "import sys, dockerapi.migrate; print('docker' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    importing = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(import|from) docker\b", path.read_text(), re.MULTILINE)
    ]
    assert importing == []


def test_the_settings_have_the_types_of_the_arguments() -> None:
    kinds = {name: kind.__forward_arg__ for name, kind in Settings.__annotations__.items()}
    for method in (Client.create_container, Client.run, Client.run_detached):
        taken = {name: method.__annotations__[name] for name in kinds}
        assert taken == {name: f"{kind} | None" for name, kind in kinds.items()}


@pytest.mark.nightly
def test_type_checkers_take_the_settings_as_arguments(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from typing import Any\n"
        "from dockerapi import Client\n"
        "from dockerapi.migrate import settings\n"
        "def make(client: Client, theirs: dict[str, Any]) -> str:\n"
        "    client.create_container('busybox', 'true', **settings(**theirs))\n"
        "    client.run('busybox', 'true', **settings(**theirs), remove=True)\n"
        "    return client.run_detached('busybox', 'true', **settings(**theirs))\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "mine.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(PACKAGE.parent)},
    )
    assert (done.stdout, done.returncode) == ("Success: no issues found in 1 source file\n", 0)
