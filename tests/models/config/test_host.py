"""What a container gets of its host, alone and as create and inspect have it beside the rest."""

from __future__ import annotations

import copy
import pathlib
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import UnexpectedReply
from dockerapi.models.config import (
    BlkioWeightDevice,
    BuildOptions,
    ContainerConfig,
    Device,
    DeviceRequest,
    Healthcheck,
    HostConfig,
    LogConfig,
    Mount,
    NetworkingConfig,
    PortBinding,
    RestartPolicy,
    ThrottleDevice,
    Ulimit,
)
from models.recorded import answer, engines

# The body of create in the manual of 1.19, with values where its example has none.
MANUAL_CONFIG = {
    "Hostname": "web",
    "Domainname": "example.com",
    "User": "1000",
    "AttachStdin": False,
    "AttachStdout": True,
    "AttachStderr": True,
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Env": ["A=1"],
    "Cmd": ["date"],
    "Entrypoint": ["sh", "-c"],
    "Image": "ubuntu",
    "Labels": {"com.example.vendor": "Acme"},
    "Volumes": {"/tmp": {}},
    "WorkingDir": "/work",
    "NetworkDisabled": False,
    "MacAddress": "12:34:56:78:9a:bc",
    "ExposedPorts": {"22/tcp": {}},
}
MANUAL_HOST_CONFIG = {
    "Binds": ["/tmp:/tmp"],
    "Links": ["redis3:redis"],
    "LxcConf": [{"Key": "lxc.utsname", "Value": "docker"}],
    "Memory": 0,
    "MemorySwap": 0,
    "CpuShares": 512,
    "CpuPeriod": 100000,
    "CpuQuota": 50000,
    "CpusetCpus": "0,1",
    "CpusetMems": "0,1",
    "BlkioWeight": 300,
    "OomKillDisable": False,
    "PortBindings": {"22/tcp": [{"HostIp": "", "HostPort": "11022"}]},
    "PublishAllPorts": False,
    "Privileged": False,
    "ReadonlyRootfs": False,
    "Dns": ["8.8.8.8"],
    "DnsSearch": ["example.com"],
    "ExtraHosts": ["db:10.0.0.2"],
    "VolumesFrom": ["parent", "other:ro"],
    "CapAdd": ["NET_ADMIN"],
    "CapDrop": ["MKNOD"],
    "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
    "NetworkMode": "bridge",
    "Devices": [{"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "mrw"}],
    "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 2048}],
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
    "SecurityOpt": ["label:disable"],
    "CgroupParent": "/group",
}


def test_every_setting_of_the_manual_is_written_in_its_place():
    config = ContainerConfig(
        hostname="web",
        domain_name="example.com",
        user=1000,
        attach_stdin=False,
        attach_stdout=True,
        attach_stderr=True,
        tty=False,
        open_stdin=False,
        stdin_once=False,
        env={"A": 1},
        command="date",
        entrypoint="sh -c",
        image="ubuntu",
        labels={"com.example.vendor": "Acme"},
        volumes=["/tmp"],
        working_dir="/work",
        network_disabled=False,
        mac_address="12:34:56:78:9a:bc",
        exposed_ports=[22],
    )
    assert config.to_wire() == MANUAL_CONFIG
    host_config = HostConfig(
        binds={"/tmp": "/tmp"},
        links={"redis3": "redis"},
        lxc_conf={"lxc.utsname": "docker"},
        memory=0,
        memory_swap=0,
        cpu_shares=512,
        cpu_period=100000,
        cpu_quota=50000,
        cpuset_cpus="0,1",
        cpuset_mems="0,1",
        blkio_weight=300,
        oom_kill_disable=False,
        port_bindings={22: 11022},
        publish_all_ports=False,
        privileged=False,
        read_only_root_fs=False,
        dns=["8.8.8.8"],
        dns_search=["example.com"],
        extra_hosts={"db": "10.0.0.2"},
        volumes_from=["parent", "other:ro"],
        cap_add=["NET_ADMIN"],
        cap_drop=["MKNOD"],
        restart_policy="on-failure:2",
        network_mode="bridge",
        devices=["/dev/a:/dev/b:mrw"],
        ulimits=["nofile=1024:2048"],
        log_config=LogConfig(type="json-file", config={"max-size": "1m"}),
        security_opt=["label:disable"],
        cgroup_parent="/group",
    )
    assert host_config.to_wire() == MANUAL_HOST_CONFIG


def test_every_setting_of_the_manual_is_read_and_written_again():
    assert ContainerConfig.parse(MANUAL_CONFIG).to_wire() == MANUAL_CONFIG
    assert HostConfig.parse(MANUAL_HOST_CONFIG).to_wire() == MANUAL_HOST_CONFIG


NEWER_HOST_CONFIG = {
    "Mounts": [
        {
            "Target": "/data",
            "Type": "volume",
            "Source": "data",
            "ReadOnly": True,
            "Consistency": "cached",
            "VolumeOptions": {
                "NoCopy": True,
                "Labels": {"a": "b"},
                "DriverConfig": {"Name": "local", "Options": {"o": "size=1m"}},
                "Subpath": "sub",
            },
        },
        {
            "Target": "/bind",
            "Type": "bind",
            "Source": "/srv",
            "BindOptions": {
                "Propagation": "rslave",
                "NonRecursive": True,
                "CreateMountpoint": True,
                "ReadOnlyNonRecursive": True,
                "ReadOnlyForceRecursive": False,
            },
        },
        {"Target": "/image", "Type": "image", "Source": "app:1", "ImageOptions": {"Subpath": "a"}},
        {
            "Target": "/tmpfs",
            "Type": "tmpfs",
            "TmpfsOptions": {"SizeBytes": 1024, "Mode": 0o1777, "Options": [["noexec"]]},
        },
    ],
    "Tmpfs": {"/run": "size=1m"},
    "VolumeDriver": "local",
    "MaskedPaths": [],
    "ReadonlyPaths": ["/proc/sys"],
    "ShmSize": 1048576,
    "StorageOpt": {"size": "1G"},
    "DiskQuota": 0,
    "ContainerIDFile": "/tmp/id",
    "DnsOptions": ["ndots:1"],
    "NanoCpus": 500000000,
    "CpuRealtimePeriod": 1000,
    "CpuRealtimeRuntime": 500,
    "CpuCount": 1,
    "CpuPercent": 50,
    "Memory": 67108864,
    "MemorySwap": -1,
    "MemoryReservation": 33554432,
    "MemorySwappiness": 60,
    "KernelMemory": 1048576,
    "KernelMemoryTCP": 1048576,
    "OomScoreAdj": -500,
    "BlkioWeightDevice": [{"Path": "/dev/sda", "Weight": 100}],
    "BlkioDeviceReadBps": [{"Path": "/dev/sda", "Rate": 1048576}],
    "BlkioDeviceWriteBps": [{"Path": "/dev/sda", "Rate": 1}],
    "BlkioDeviceReadIOps": [{"Path": "/dev/sda", "Rate": 2}],
    "BlkioDeviceWriteIOps": [{"Path": "/dev/sda", "Rate": 3}],
    "IOMaximumIOps": 10,
    "IOMaximumBandwidth": 1024,
    "PidsLimit": -1,
    "DeviceCgroupRules": ["c 13:* rwm"],
    "DeviceRequests": [
        {
            "Driver": "nvidia",
            "Count": -1,
            "DeviceIDs": ["0"],
            "Capabilities": [["gpu", "nvidia"]],
            "Options": {"a": "b"},
        }
    ],
    "GroupAdd": ["audio", "1000"],
    "Sysctls": {"net.ipv4.ip_forward": "1"},
    "Cgroup": "group",
    "CgroupnsMode": "private",
    "IpcMode": "shareable",
    "PidMode": "host",
    "UTSMode": "host",
    "UsernsMode": "host",
    "Init": True,
    "Runtime": "runc",
    "Isolation": "default",
    "AutoRemove": True,
    "ConsoleSize": [24, 80],
    "Annotations": {"a": "b"},
}
NEWER_CONFIG = {
    "Shell": ["/bin/bash", "-c"],
    "PortSpecs": ["22"],
    "Healthcheck": {
        "Test": ["CMD", "true"],
        "Interval": 1500000000,
        "Timeout": 1000000,
        "Retries": 3,
        "StartPeriod": 0,
        "StartInterval": 2000000000,
    },
    "StopSignal": "SIGINT",
    "StopTimeout": 5,
    "OnBuild": ["RUN true"],
    "ArgsEscaped": True,
}


def test_settings_that_came_later_or_went_are_read_and_written_again():
    assert HostConfig.parse(NEWER_HOST_CONFIG).to_wire() == NEWER_HOST_CONFIG
    basic = {"Cmd": [], "Env": [], "ExposedPorts": {}, "Volumes": {}, "Labels": {}}
    assert ContainerConfig.parse(NEWER_CONFIG).to_wire() == {**NEWER_CONFIG, **basic}


def test_every_field_is_in_one_of_the_examples():
    examples = {**MANUAL_HOST_CONFIG, **NEWER_HOST_CONFIG}
    assert {path for path in _first_paths(HostConfig)} == set(examples)
    assert {path for path in _first_paths(ContainerConfig)} == {*MANUAL_CONFIG, *NEWER_CONFIG}


def _first_paths(kind: type) -> list[str]:
    return [field.metadata["paths"][0] for field in attrs.fields(kind) if field.metadata["paths"]]


def test_settings_that_were_read_can_be_given_again():
    config = ContainerConfig.parse({**MANUAL_CONFIG, **NEWER_CONFIG})
    assert attrs.evolve(config) == config
    host_config = HostConfig.parse(MANUAL_HOST_CONFIG)
    assert attrs.evolve(host_config) == host_config
    newer = HostConfig.parse(NEWER_HOST_CONFIG)
    assert attrs.evolve(newer) == newer
    assert attrs.evolve(newer, memory="1g").to_wire() == {
        **NEWER_HOST_CONFIG,
        "Memory": 1073741824,
    }


def test_settings_are_copied_and_pickled():
    for made in (HostConfig.parse(NEWER_HOST_CONFIG), HostConfig(memory="1m", ulimits=["core=0"])):
        assert pickle.loads(pickle.dumps(made)) == made
        assert copy.deepcopy(made) == made


# What real Engines answered


def _inspected() -> list[Any]:
    return [
        pytest.param(engine, operation, id=f"{engine}-{operation}")
        for operation in ("container_inspect_created", "container_inspect", "image_inspect")
        for engine in engines(operation)
    ]


def _without_empty(value: Any) -> Any:
    """Without what Go reads the same when it is left out, and without what is newer than us."""
    if isinstance(value, dict):
        found = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item not in (None, "", [], {})}
    return value


# Where old Engines keep what belongs to the host config; `Container` reads it there.
MOVED = {"Memory", "MemorySwap", "CpuShares", "Cpuset", "Dns", "VolumesFrom", "VolumeDriver"}


@pytest.mark.parametrize(("engine", "operation"), _inspected())
def test_the_settings_that_an_engine_answered_can_be_sent_again(engine, operation):
    inspected = answer(engine, operation)
    config = inspected.get("Config") or inspected["container_config"]
    found = ContainerConfig.parse(config)
    assert attrs.evolve(found) == found
    expected = {key: value for key, value in config.items() if key not in MOVED}
    volumes_and_ports = {
        "Volumes": config.get("Volumes"),
        "ExposedPorts": config.get("ExposedPorts"),
    }
    assert _without_empty(found.to_wire()) == _without_empty(expected)
    for name, value in volumes_and_ports.items():
        assert found.to_wire()[name] == (value or {})

    if "HostConfig" in inspected:
        host = HostConfig.parse(inspected["HostConfig"])
        assert attrs.evolve(host) == host
        expected = {**inspected["HostConfig"], "ConsoleSize": None}
        expected["RestartPolicy"] = {
            **expected["RestartPolicy"],
            "Name": expected["RestartPolicy"]["Name"] or "no",
        }
        assert _without_empty(host.to_wire()) == _without_empty(expected)
        assert set(host.to_wire()) <= set(inspected["HostConfig"])


def test_an_answer_of_a_wrong_type_is_shown_when_it_is_read():
    with pytest.raises(UnexpectedReply) as caught:
        HostConfig.parse({"Memory": [1]}).memory  # noqa: B018
    assert str(caught.value) == "HostConfig.memory: Memory is [1]"


def test_lxc_settings_are_read_from_a_mapping_and_written_as_a_list():
    found = HostConfig.parse({"LxcConf": {"lxc.utsname": "docker"}})
    assert found.lxc_conf == (("lxc.utsname", "docker"),)
    assert found.to_wire() == {"LxcConf": [{"Key": "lxc.utsname", "Value": "docker"}]}


# Ports

ANY = PortBinding()


@pytest.mark.parametrize(
    ("given_ports", "expected"),
    [
        ({"80/tcp": 8080}, {"80/tcp": (PortBinding(host_port=8080),)}),
        ({80: "8080"}, {"80/tcp": (PortBinding(host_port=8080),)}),
        ({"53/udp": None}, {"53/udp": (ANY,)}),
        ({80: 0}, {"80/tcp": (ANY,)}),
        ({80: ""}, {"80/tcp": (ANY,)}),
        ({80: "8000-8010"}, {"80/tcp": (PortBinding(host_port="8000-8010"),)}),
        ({80: "127.0.0.1:8080"}, {"80/tcp": (PortBinding(host_ip="127.0.0.1", host_port=8080),)}),
        ({80: "127.0.0.1:"}, {"80/tcp": (PortBinding(host_ip="127.0.0.1"),)}),
        ({80: "[::1]:8080"}, {"80/tcp": (PortBinding(host_ip="::1", host_port=8080),)}),
        ({80: ("127.0.0.1", 80)}, {"80/tcp": (PortBinding(host_ip="127.0.0.1", host_port=80),)}),
        ({80: ("::1", None)}, {"80/tcp": (PortBinding(host_ip="::1"),)}),
        (
            {80: [8080, ("127.0.0.1", 81), None]},
            {
                "80/tcp": (
                    PortBinding(host_port=8080),
                    PortBinding(host_ip="127.0.0.1", host_port=81),
                    ANY,
                )
            },
        ),
        ({80: PortBinding(host_port=1)}, {"80/tcp": (PortBinding(host_port=1),)}),
        ({80: (ANY, ANY)}, {"80/tcp": (ANY, ANY)}),
        ({80: []}, {"80/tcp": ()}),
    ],
    ids=repr,
)
def test_ports_are_bound_in_every_form(given_ports, expected):
    made = HostConfig(port_bindings=given_ports)
    assert made.port_bindings == expected
    assert HostConfig.parse(made.to_wire()) == made
    assert attrs.evolve(made) == made


@pytest.mark.parametrize(
    ("given_ports", "error", "message"),
    [
        (
            {80: 65536},
            ValueError,
            "[80]: host_port: a port of the host is 65535 at most, not 65536",
        ),
        ({80: -1}, ValueError, "[80]: host_port: a port of the host was expected, not -1"),
        ({80: "x"}, ValueError, "[80]: host_port: a port of the host was expected, not 'x'"),
        ({80: True}, ValueError, "[80]: host_port: a port of the host was expected, not True"),
        (
            {80: "9-8"},
            ValueError,
            "[80]: host_port: a port of the host is 65535 at most, not '9-8'",
        ),
        (
            {80: "localhost:80"},
            ValueError,
            "[80]: host_ip: an IP address was expected, not 'localhost'",
        ),
        (
            {80: ("8080", "8081")},
            ValueError,
            "[80]: host_ip: an IP address was expected, not '8080'",
        ),
        (
            {80: {"HostPort": 1}},
            ValueError,
            "[80]: host_port: a port of the host was expected, not {'HostPort': 1}",
        ),
        ({0: 80}, ValueError, ": a port such as 80 or 53/udp was expected, not 0"),
        ({80: 1, "80/tcp": 2}, ValueError, ": 80/tcp is given twice in {80: 1, '80/tcp': 2}"),
        ([80], TypeError, ": a string was expected, not 80"),
    ],
    ids=repr,
)
def test_a_bad_port_is_refused_and_shown(given_ports, error, message):
    with pytest.raises(error) as caught:
        HostConfig(port_bindings=given_ports)
    assert str(caught.value) == f"port_bindings{message}"


@given(st.integers(0, 65535), st.sampled_from(["127.0.0.1", "::1"]))
def test_a_port_of_the_host_is_the_same_in_every_form(port, ip):
    quoted = f"[{ip}]" if ":" in ip else ip
    forms = [(ip, port), (ip, str(port)), f"{quoted}:{port}"]
    found = [HostConfig(port_bindings={80: form}) for form in forms]
    assert found == [HostConfig(port_bindings={80: PortBinding(host_ip=ip, host_port=port)})] * len(
        forms
    )


# The other small values


def test_small_values_are_given_as_text():
    made = HostConfig(
        ulimits=["core=0", "nofile=1:-1", Ulimit(name="nproc", soft=-1, hard=-1)],
        devices=["/dev/a", "/dev/a:r", "/dev/a:/dev/b", Device(path_on_host="/dev/c")],
        restart_policy="always",
        log_config="none",
    )
    assert made == HostConfig(
        ulimits=[
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="nofile", soft=1, hard=-1),
            Ulimit(name="nproc", soft=-1, hard=-1),
        ],
        devices=[
            Device(path_on_host="/dev/a", path_in_container="/dev/a", cgroup_permissions="rwm"),
            Device(path_on_host="/dev/a", path_in_container="/dev/a", cgroup_permissions="r"),
            Device(path_on_host="/dev/a", path_in_container="/dev/b", cgroup_permissions="rwm"),
            Device(path_on_host="/dev/c"),
        ],
        restart_policy=RestartPolicy(name="always"),
        log_config=LogConfig(type="none"),
    )


def test_small_values_are_given_as_dictionaries():
    made = HostConfig(
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 5},
        log_config={"type": "json-file", "config": {"max-size": "1m"}},
    )
    assert made == HostConfig(
        restart_policy=RestartPolicy(name="on-failure", maximum_retry_count=5),
        log_config=LogConfig(type="json-file", config={"max-size": "1m"}),
    )
    assert made == HostConfig(
        restart_policy={"name": "on-failure", "maximum_retry_count": 5},
        log_config={"Type": "json-file", "Config": {"max-size": "1m"}},
    )


@pytest.mark.parametrize("name", ["", "no"])
def test_not_to_restart_has_one_form(name):
    assert RestartPolicy(name=name).to_wire() == {"Name": "no"}
    assert RestartPolicy.parse({"Name": name, "MaximumRetryCount": 0}) == RestartPolicy(
        name="no", maximum_retry_count=0
    )


def test_a_limit_that_is_not_hard_is_the_soft_one():
    assert Ulimit(name="nofile", soft=5) == Ulimit(name="nofile", soft=5, hard=5)


def test_a_rate_is_given_as_a_size():
    assert ThrottleDevice(path="/dev/a", rate="1m").rate == 1048576


MADE_BADLY = [
    (
        lambda: Ulimit(name="nofile", soft=2, hard=1),
        ValueError,
        "soft: 2 is beyond hard: 1, of 'nofile'",
    ),
    (
        lambda: Ulimit(name="nofile", soft=-1, hard=1),
        ValueError,
        "soft: -1 is beyond hard: 1, of 'nofile'",
    ),
    (
        lambda: Ulimit(name="nofile", soft="1", hard=1),
        TypeError,
        "soft: a whole number was expected, not '1'",
    ),
    (
        lambda: HostConfig(ulimits=["nofile"]),
        ValueError,
        "ulimits: name=soft[:hard] was expected, not 'nofile'",
    ),
    (
        lambda: HostConfig(ulimits="nofile=1"),
        TypeError,
        "ulimits: a list of Ulimit values was expected, not 'nofile=1'",
    ),
    (
        lambda: HostConfig(ulimits=[1]),
        TypeError,
        "ulimits: use dockerapi.Ulimit(...); it was 1",
    ),
    (
        lambda: HostConfig(devices=["a"]),
        ValueError,
        "devices: path[:path in container][:rwm] was expected, not 'a'",
    ),
    (
        lambda: HostConfig(devices=[None]),
        TypeError,
        "devices: use dockerapi.Device(...); it was None",
    ),
    (
        lambda: Device(path_on_host="/dev/a", cgroup_permissions="x"),
        ValueError,
        "cgroup_permissions: some of 'rwm' were expected, not 'x'",
    ),
    (
        lambda: HostConfig(device_requests=[{}]),
        TypeError,
        "device_requests: use dockerapi.DeviceRequest(...); it was a dict",
    ),
    (
        lambda: BlkioWeightDevice(path="/dev/a", weight=5),
        ValueError,
        "weight: at least 10 was expected, not 5",
    ),
    (
        lambda: HostConfig(restart_policy="sometimes"),
        ValueError,
        "restart_policy: name: one of 'no', 'always', 'unless-stopped', 'on-failure' was expected, "
        "not 'sometimes'",
    ),
    (
        lambda: HostConfig(restart_policy="on-failure:x"),
        ValueError,
        "restart_policy: a policy such as on-failure:3 was expected, not 'on-failure:x'",
    ),
    (
        lambda: HostConfig(restart_policy="always:3"),
        ValueError,
        "restart_policy: maximum_retry_count: 3 goes with 'on-failure', not with 'always'",
    ),
    (
        lambda: HostConfig(restart_policy=3),
        TypeError,
        "restart_policy: use dockerapi.RestartPolicy(...); it was 3",
    ),
    (
        lambda: HostConfig(log_config=3),
        TypeError,
        "log_config: use dockerapi.LogConfig(...); it was 3",
    ),
    (
        lambda: HostConfig(log_config={"type": "local", "options": {}}),
        ValueError,
        "log_config: the names type, config were expected, not 'options'",
    ),
    (
        lambda: HostConfig(restart_policy={"Name": "always", "MaximumRetryCount": 3}),
        ValueError,
        "restart_policy: maximum_retry_count: 3 goes with 'on-failure', not with 'always'",
    ),
    (
        lambda: Healthcheck(test=["true"]),
        ValueError,
        "test: 'NONE', 'CMD' or 'CMD-SHELL' was expected first in ['true']",
    ),
    (
        lambda: ContainerConfig(healthcheck="true"),
        TypeError,
        "healthcheck: use dockerapi.Healthcheck(...); it was 'true'",
    ),
    (lambda: ContainerConfig(image="A B"), ValueError, "image: not the name of any image: 'A B'"),
    (
        lambda: ContainerConfig(extra={"HostConfig": {}}),
        ValueError,
        "extra: 'HostConfig' has a field or an argument of its own",
    ),
    (
        lambda: HostConfig(binds="/a:/b"),
        TypeError,
        "binds: a mapping or a list of \"source:path\" was expected, not '/a:/b'",
    ),
    (lambda: HostConfig(memory=-1), ValueError, "memory: at least 0 was expected, not -1"),
    (
        lambda: HostConfig(blkio_weight=9),
        ValueError,
        "blkio_weight: at least 10 was expected, not 9",
    ),
    (
        lambda: HostConfig(oom_score_adj=1001),
        ValueError,
        "oom_score_adj: at most 1000 was expected, not 1001",
    ),
    (
        lambda: HostConfig(memory_swap="1g"),
        ValueError,
        "memory_swap: 1073741824 needs memory, too",
    ),
    (
        lambda: HostConfig(memory=2, memory_swap=1),
        ValueError,
        "memory_swap: 1 is memory and swap together, memory alone 2",
    ),
    (
        lambda: HostConfig(memory=1, memory_reservation=2),
        ValueError,
        "memory_reservation: 2 is more than memory: 1",
    ),
    (
        lambda: HostConfig(disk_quota=1024),
        ValueError,
        'disk_quota: no Engine reads it, use storage_opt={"size": ...}: 1024',
    ),
    (
        lambda: HostConfig(nano_cpus=1, cpu_quota=1000),
        ValueError,
        "nano_cpus: 1 contradicts cpu_period: None and cpu_quota: 1000",
    ),
    (
        lambda: HostConfig(auto_remove=True, restart_policy="always"),
        ValueError,
        "auto_remove contradicts restart_policy: 'always'",
    ),
    (
        lambda: HostConfig(network_mode="host", links=["a:b"]),
        ValueError,
        "network_mode: 'host' contradicts links: ('a:b',)",
    ),
    (
        lambda: HostConfig(network_mode="none", port_bindings={80: None, "53/udp": 53}),
        ValueError,
        "port_bindings: 80/tcp, 53/udp, but network_mode='none' publishes nothing",
    ),
    (
        lambda: ContainerConfig(stdin_once=True),
        ValueError,
        "stdin_once: needs open_stdin=True, without which there is no input",
    ),
    (lambda: Mount(target="data"), ValueError, "target: an absolute path was expected, not 'data'"),
    (
        lambda: Mount(target="/a", type="nfs"),
        ValueError,
        "type: one of 'bind', 'volume', 'tmpfs', 'npipe', 'image', 'cluster' was expected, "
        "not 'nfs'",
    ),
    (
        lambda: Mount(target="/a", type="tmpfs", source="/b"),
        ValueError,
        "source: a tmpfs has none, not '/b'",
    ),
    (
        lambda: Mount(target="/a", type="bind", source="b"),
        ValueError,
        "source: an absolute path was expected, not 'b'",
    ),
    (
        lambda: Mount(target="/a", type="bind"),
        ValueError,
        "source: an absolute path was expected, not ''",
    ),
    (
        lambda: Mount(target="/a", tmpfs_size="1m"),
        ValueError,
        "tmpfs_size is not for a mount of type 'volume'",
    ),
    (
        lambda: NetworkingConfig(endpoints=["a"]),
        TypeError,
        "endpoints: a mapping of networks was expected, not ['a']",
    ),
    (
        lambda: NetworkingConfig(endpoints={"a": {}}),
        TypeError,
        "endpoints: use dockerapi.EndpointSettings(...); it was a dict",
    ),
    (
        lambda: BuildOptions(build_args=["A=1"]),
        TypeError,
        "build_args: a mapping of arguments was expected, not ['A=1']",
    ),
    (lambda: BuildOptions(shm_size=0), ValueError, "shm_size: at least 1 was expected, not 0"),
    (
        lambda: BuildOptions(builder="podman"),
        ValueError,
        "builder: one of 'classic', 'buildkit' was expected, not 'podman'",
    ),
    (
        lambda: BuildOptions(builder="buildkit", memory="1g"),
        ValueError,
        "memory: not with BuildKit: the containers of its steps have no limits",
    ),
    (
        lambda: BuildOptions(builder="buildkit", cpuset_mems="0"),
        ValueError,
        "cpuset_mems: not with BuildKit: the containers of its steps have no limits",
    ),
    (
        lambda: BuildOptions(builder="buildkit", cgroup_parent="a"),
        ValueError,
        "cgroup_parent: not with BuildKit: the containers of its steps have a parent of their own",
    ),
    (
        lambda: BuildOptions(builder="buildkit", squash=True),
        ValueError,
        "squash: not with BuildKit: Engines give the names to the image as it was before",
    ),
    (
        lambda: BuildOptions(builder="buildkit", rm=False),
        ValueError,
        "rm: not False with BuildKit, which leaves no containers",
    ),
    (
        lambda: BuildOptions(builder="buildkit", force_rm=False),
        ValueError,
        "force_rm: not False with BuildKit, which leaves no containers",
    ),
    (
        lambda: BuildOptions(builder="buildkit", network_mode="bridge"),
        ValueError,
        "network_mode: one of 'default', 'host', 'none' was expected with BuildKit, not 'bridge'",
    ),
    (
        lambda: BuildOptions(extra={"version": "2"}),
        ValueError,
        "extra: 'version' has a field or an argument of its own",
    ),
    (
        lambda: BuildOptions(memory_swap=5),
        ValueError,
        "memory_swap: 5 needs memory, too",
    ),
    (
        lambda: BuildOptions(extra={"dockerfile": "x"}),
        ValueError,
        "extra: 'dockerfile' has a field or an argument of its own",
    ),
]


@pytest.mark.parametrize(
    ("make", "error", "message"), MADE_BADLY, ids=[message[:40] for _, _, message in MADE_BADLY]
)
def test_what_is_wrong_or_contradicts_itself_is_refused(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


def test_what_is_needed_cannot_be_left_out():
    with pytest.raises(TypeError):
        Mount()


def test_swap_may_be_unlimited_whatever_the_memory():
    assert HostConfig(memory_swap=-1).to_wire() == {"MemorySwap": -1}
    assert HostConfig(memory="1g", memory_swap="1g").memory_swap == 1073741824


def test_a_container_that_is_not_restarted_can_be_removed():
    made = HostConfig(auto_remove=True, restart_policy="no", nano_cpus=1, cpu_quota=0)
    assert made.to_wire() == {
        "NanoCpus": 1,
        "CpuQuota": 0,
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": True,
    }


def test_a_repr_shows_only_what_is_set():
    assert repr(HostConfig(memory="1k", dns=[])) == "HostConfig(dns=(), memory=1024)"
    assert repr(ContainerConfig(command="a b")) == "ContainerConfig(command=('a', 'b'))"
    assert repr(Mount(target="/a")) == "Mount(target='/a', type='volume')"
    assert repr(BuildOptions(pull=True)) == "BuildOptions(pull=True)"


def test_a_mount_takes_paths():
    path = pathlib.PurePosixPath("/srv")
    assert Mount(target=path, type="bind", source=path) == Mount(
        target="/srv", type="bind", source="/srv"
    )


def test_a_device_request_is_written():
    assert DeviceRequest(count=-1, capabilities=[["gpu"]]).to_wire() == {
        "Count": -1,
        "Capabilities": [["gpu"]],
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["80"], {"80/tcp": [(None, None)]}),
        (["8080:80"], {"80/tcp": [(None, 8080)]}),
        (["127.0.0.1:8080:80"], {"80/tcp": [("127.0.0.1", 8080)]}),
        (["127.0.0.1::80"], {"80/tcp": [("127.0.0.1", None)]}),
        (["[::1]:8080:80"], {"80/tcp": [("::1", 8080)]}),
        (["53:53/udp", "53:53"], {"53/udp": [(None, 53)], "53/tcp": [(None, 53)]}),
        (["80:80", "81:80"], {"80/tcp": [(None, 80), (None, 81)]}),
        (["80-81"], {"80/tcp": [(None, None)], "81/tcp": [(None, None)]}),
        (["8000-8010:80"], {"80/tcp": [(None, "8000-8010")]}),
        (
            ["127.0.0.1:8080-8081:80-81/udp"],
            {"80/udp": [("127.0.0.1", 8080)], "81/udp": [("127.0.0.1", 8081)]},
        ),
        ([], {}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_ports_may_be_given_as_after_docker_run_p(given, expected):
    found = HostConfig(port_bindings=given).port_bindings
    told = {port: [(one.host_ip, one.host_port) for one in all] for port, all in found.items()}
    assert told == expected


AS_AFTER_P = "[address:][port of the host:]port[/protocol], as after docker run -p, was expected"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        *(
            (bad, f"{AS_AFTER_P}, not {bad!r}")
            for bad in ["", "x", "80:", "80:x", "81-80", "70000"]
        ),
        ("80-81:80-82", f"{AS_AFTER_P}, with as many ports on either side, not '80-81:80-82'"),
        ("1:2:3:4", "host_ip: an IP address was expected, not '1:2'"),
        ("80/sctpx", "a port such as 80 or 53/udp was expected, not '80/sctpx'"),
        ("0", "a port such as 80 or 53/udp was expected, not '0'"),
    ],
)
def test_what_docker_run_would_not_publish_is_refused(given, words):
    with pytest.raises(ValueError) as caught:
        HostConfig(port_bindings=[given])
    assert str(caught.value) == f"port_bindings: {words}"
