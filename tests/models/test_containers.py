from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import UnexpectedReply
from dockerapi.models import containers, images
from dockerapi.models.base import Model, rows
from dockerapi.models.config import (
    ContainerConfig,
    EndpointSettings,
    HostConfig,
    NetworkingConfig,
    PortBinding,
)
from dockerapi.models.containers import (
    AddressAssignment,
    BlkioEntry,
    BlkioStats,
    Change,
    Container,
    ContainerState,
    ContainerSummary,
    CpuStats,
    Created,
    Health,
    HealthProbe,
    MemoryStats,
    MountPoint,
    NetworkEndpoint,
    NetworkSettings,
    NetworkStats,
    PathStat,
    Port,
    Processes,
    SecondaryAddress,
    Stats,
    StorageStats,
)
from dockerapi.models.images import Descriptor, StorageDriver
from models.hostile import FEWER, json_values, models_of, objects_of, read_everything
from models.recorded import answer, engines

UTC = datetime.timezone.utc


def at(hour: int, minute: int, second: int, microsecond: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, 21, hour, minute, second, microsecond, UTC)


class TestContainerSummary:
    def test_of_engine_0_3_3(self) -> None:
        assert rows(ContainerSummary, answer("0.3.3_v1.0", "container_list_ps")) == [
            ContainerSummary(
                id="098742d610da0e475e94d0c603426ec0b4cf3e2e6e8f7ece739498c6eaf94301",
                image="busybox:latest",
                command="sh -c echo out; echo err >&2; sleep 1; exit 3",
                created=at(0, 24, 47),
                status="Exit 3",
            )
        ]

    def test_of_engine_0_6_6(self) -> None:
        assert rows(ContainerSummary, answer("0.6.6_v1.6", "container_list_running")) == [
            ContainerSummary(
                id="d1772a3cc273b84363b69f93c60e05975ff4834ea68f049e1c36c6854dc22615",
                names=("silver_lion",),
                image="busybox:latest",
                command="sleep 300",
                created=at(0, 30, 1),
                status="Up Less than a second",
                ports=(Port(private_port=22, protocol="tcp"),),
            )
        ]

    def test_of_engine_28_5(self) -> None:
        assert rows(ContainerSummary, answer("28.5_v1.51", "container_list_running")) == [
            ContainerSummary(
                id="f958581f709eddcda6257669c9150eb9c5b88bbfd9d5be37b8df3bda5cd0e46e",
                names=("vibrant_engelbart",),
                image="busybox",
                image_id="sha256:bce325ebd2c4226d44eac9f10617f4bf2d005b9f631f6b0ca9d35c1c07843e7b",
                command="sleep 300",
                created=at(0, 55, 50),
                status="Up Less than a second",
                state="running",
                ports=(Port(private_port=22, protocol="tcp"),),
                labels={"k": "v"},
                network_mode="bridge",
                networks={
                    "bridge": NetworkEndpoint(
                        network_id=(
                            "077d9ce377d8bdd335f4b124cf7a3fe55998323693f92584f5b7915aa3fe1b0c"
                        ),
                        endpoint_id=(
                            "5e6bf2df4787da9aca4f78e048f4fac343d7d5a66dc92a8ff1e06a916fea4114"
                        ),
                        ip_address="10.228.0.2",
                        ip_prefix_len=16,
                        gateway="10.228.0.1",
                        mac_address="ea:42:fe:36:1f:38",
                        gateway_priority=0,
                    )
                },
                mounts=(
                    MountPoint(
                        type="volume",
                        name="569fbc4231f8ba9a763c91ea3421d4fb264bb7e862f92760c2ffa61a93dcb3ca",
                        destination="/tmp/v",
                        driver="local",
                        writable=True,
                    ),
                ),
            )
        ]

    def test_what_came_after_api_1_45(self) -> None:
        summary = ContainerSummary.parse(
            {
                "Id": "a",
                "ImageManifestDescriptor": {"digest": "sha256:1", "platform": {"os.version": "5"}},
                "HostConfig": {"NetworkMode": "host", "Annotations": {"k": "v"}},
                "Health": {"Status": "unhealthy", "FailingStreak": 2},
            }
        )
        assert summary == ContainerSummary(
            id="a",
            image_manifest=Descriptor(digest="sha256:1", platform=images.Platform(os_version="5")),
            network_mode="host",
            annotations={"k": "v"},
            health=Health(status="unhealthy", failing_streak=2),
        )

    def test_every_name_comes_without_its_leading_slash(self) -> None:
        summary = ContainerSummary.parse({"Id": "a", "Names": ["/web", "/proxy/backend"]})
        assert summary.names == ("web", "proxy/backend")

    @pytest.mark.parametrize("names", [None, []])
    def test_no_name_is_an_empty_tuple(self, names: Any) -> None:
        assert ContainerSummary.parse({"Id": "a", "Names": names}).names == ()

    @pytest.mark.parametrize("labels", [None, {}])
    def test_no_label_is_an_empty_dict(self, labels: Any) -> None:
        assert ContainerSummary.parse({"Id": "a", "Labels": labels}).labels == {}

    def test_a_command_without_arguments_has_no_space_after_it(self) -> None:
        [row] = answer("0.4.4_v1.2", "container_list_running")
        assert row["Command"] == "sh "
        assert ContainerSummary.parse(row).command == "sh"

    def test_a_name_that_an_old_engine_sent_as_a_number_is_text(self) -> None:
        assert ContainerSummary.parse({"Id": 123456789012, "Image": True}) == ContainerSummary(
            id="123456789012", image="true"
        )


SIZES: dict[str, tuple[dict[str, Any], tuple[int | None, int | None]]] = {
    "not asked": ({}, (None, None)),
    "not asked, 0.4.5 to 0.7": ({"SizeRw": 0, "SizeRootFs": 0}, (None, None)),
    "asked": ({"SizeRw": 5, "SizeRootFs": 9}, (5, 9)),
    "nothing written, to 1.6": ({"SizeRw": 0, "SizeRootFs": 9}, (0, 9)),
    "nothing written, from 1.7": ({"SizeRootFs": 9}, (0, 9)),
    "0.4.4, unasked": ({"SizeRw": 8192, "SizeRootFs": 0}, (8192, None)),
}


@pytest.mark.parametrize(("row", "expected"), SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("kind", [ContainerSummary, Container])
def test_sizes(kind: Any, row: dict[str, Any], expected: Any) -> None:
    found = kind.parse({"Id": "a", **row})
    assert (found.size_rw, found.size_root_fs) == expected


PORTS: dict[str, tuple[Any, tuple[Port, ...]]] = {
    "null": (None, ()),
    "none": ([], ()),
    "no text": ("", ()),
    "published": (
        [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 49153, "Type": "tcp"}],
        (Port(private_port=80, public_port=49153, ip="0.0.0.0", protocol="tcp"),),
    ),
    "without IP, before 0.6.5": (
        [{"PrivatePort": 2222, "PublicPort": 3333, "Type": "tcp"}],
        (Port(private_port=2222, public_port=3333, protocol="tcp"),),
    ),
    "exposed": (
        [{"PrivatePort": 53, "Type": "udp"}],
        (Port(private_port=53, protocol="udp"),),
    ),
    "exposed, private port 0": (
        [{"IP": "", "PrivatePort": 0, "PublicPort": 22, "Type": "tcp"}],
        (Port(private_port=22, protocol="tcp"),),
    ),
    "exposed, no private port": (
        [{"PublicPort": 22, "Type": "tcp"}],
        (Port(private_port=22, protocol="tcp"),),
    ),
    "text of 0.3.3": ("49153->80", (Port(private_port=80, public_port=49153, protocol="tcp"),)),
    "text of 0.5": (
        "49153->80, 49154->53/udp",
        (
            Port(private_port=80, public_port=49153, protocol="tcp"),
            Port(private_port=53, public_port=49154, protocol="udp"),
        ),
    ),
    "text of 0.8": (
        "0.0.0.0:49153->80/tcp, :::49154->53/udp, 22/tcp",
        (
            Port(private_port=80, public_port=49153, ip="0.0.0.0", protocol="tcp"),
            Port(private_port=53, public_port=49154, ip="::", protocol="udp"),
            Port(private_port=22, protocol="tcp"),
        ),
    ),
}


@pytest.mark.parametrize(("received", "expected"), PORTS.values(), ids=PORTS)
def test_ports_of_a_summary(received: Any, expected: tuple[Port, ...]) -> None:
    assert ContainerSummary.parse({"Id": "a", "Ports": received}).ports == expected


@pytest.mark.parametrize("received", ["http", "80->", "->80", "80->80/", 80, {"80": 80}])
def test_no_port_is_an_unexpected_reply(received: Any) -> None:
    with pytest.raises(UnexpectedReply):
        ContainerSummary.parse({"Id": "a", "Ports": received}).ports  # noqa: B018


class TestContainer:
    def test_of_engine_0_3_3(self) -> None:
        received = answer("0.3.3_v1.0", "container_inspect_running")
        container = Container.parse(received)
        assert container == Container(
            id="eabffc3cfff7daf0b57756a9bc43e557d07befb53c86ce73683563c275bbf2a1",
            created=at(0, 24, 50, 767574),
            path="sleep",
            args=("300",),
            image="8ac56c2e7d40989c48b9c97b43f24ede87b6061867a16edc14fa02ef3fddd652",
            config=ContainerConfig.parse(received["Config"]),
            host_config=container.host_config,
            state=ContainerState(
                status="running",
                running=True,
                ghost=False,
                pid=32572,
                exit_code=0,
                started_at=at(0, 24, 50, 779692),
            ),
            network_settings=NetworkSettings(
                ip_address="172.16.42.5",
                ip_prefix_len=24,
                gateway="172.16.42.1",
                bridge="docker0",
            ),
            mounts=(
                MountPoint(
                    name="c6b31ef5c6370e4975ed16d4572b5a0216446eda00bbc6e272cf4587a181ca94",
                    destination="/tmp/v",
                ),
            ),
            resolv_conf_path="/etc/resolv.conf",
            init_path="/var/li/docker-0.3.3-go1.1.2",
        )
        assert container.host_config == HostConfig.parse(
            {"Memory": 67108864, "MemorySwap": 0, "CpuShares": 0, "Dns": None, "VolumesFrom": []}
        )

    def test_of_engine_28_5(self) -> None:
        received = answer("28.5_v1.51", "container_inspect_running")
        endpoint = NetworkEndpoint(
            network_id="077d9ce377d8bdd335f4b124cf7a3fe55998323693f92584f5b7915aa3fe1b0c",
            endpoint_id="5e6bf2df4787da9aca4f78e048f4fac343d7d5a66dc92a8ff1e06a916fea4114",
            ip_address="10.228.0.2",
            ip_prefix_len=16,
            gateway="10.228.0.1",
            mac_address="ea:42:fe:36:1f:38",
            gateway_priority=0,
        )
        folder = received["LogPath"].rpartition("/")[0]
        assert Container.parse(received) == Container(
            id="f958581f709eddcda6257669c9150eb9c5b88bbfd9d5be37b8df3bda5cd0e46e",
            name="vibrant_engelbart",
            created=at(0, 55, 50, 561204),
            path="sleep",
            args=("300",),
            image="sha256:bce325ebd2c4226d44eac9f10617f4bf2d005b9f631f6b0ca9d35c1c07843e7b",
            config=ContainerConfig.parse(received["Config"]),
            host_config=HostConfig.parse(received["HostConfig"]),
            state=ContainerState(
                status="running",
                running=True,
                paused=False,
                restarting=False,
                oom_killed=False,
                dead=False,
                pid=25425,
                exit_code=0,
                started_at=at(0, 55, 50, 597694),
            ),
            network_settings=NetworkSettings(
                ip_address="10.228.0.2",
                ip_prefix_len=16,
                gateway="10.228.0.1",
                mac_address="ea:42:fe:36:1f:38",
                ports={"22/tcp": ()},
                networks={"bridge": endpoint},
                bridge="dk28",
                network_id=endpoint.network_id,
                endpoint_id=endpoint.endpoint_id,
                sandbox_id="bee11ea0de95a7b1590551c7b23035dbb895532fb8bbac31dcda87298d84de07",
                sandbox_key="/var/lib/docker//var/l/bee11ea0de95",
                hairpin_mode=False,
            ),
            mounts=(
                MountPoint(
                    type="volume",
                    name="569fbc4231f8ba9a763c91ea3421d4fb264bb7e862f92760c2ffa61a93dcb3ca",
                    source=received["Mounts"][0]["Source"],
                    destination="/tmp/v",
                    driver="local",
                    writable=True,
                ),
            ),
            restart_count=0,
            platform="linux",
            driver="overlay2",
            storage_driver=StorageDriver(name="overlay2", data=received["GraphDriver"]["Data"]),
            log_path=f"{folder}/{received['Id']}-json.log",
            hostname_path=f"{folder}/hostname",
            hosts_path=f"{folder}/hosts",
            resolv_conf_path=f"{folder}/resolv.conf",
        )

    @pytest.mark.parametrize("key", ["Id", "ID"])
    def test_the_id_has_either_key(self, key: str) -> None:
        assert Container.parse({key: "a"}).id == "a"

    def test_the_containerd_snapshot_of_api_1_52(self) -> None:
        found = Container.parse({"Id": "a", "Storage": {"RootFS": {"Snapshot": {"Name": "s"}}}})
        assert found.snapshot == "s"


ADDRESSES = {"ip_address": "10.0.0.2", "ip_prefix_len": 16, "gateway": "10.0.0.1"}
NETWORKS: dict[str, dict[str, Any]] = {
    "0.3.3 to 0.4.0": {"IpAddress": "10.0.0.2", "IpPrefixLen": 16, "Gateway": "10.0.0.1"},
    "to 1.51": {
        "IPAddress": "10.0.0.2",
        "IPPrefixLen": 16,
        "Gateway": "10.0.0.1",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
    },
    "from 1.52": {
        "Networks": {"bridge": {"IPAddress": "10.0.0.2", "IPPrefixLen": 16, "Gateway": "10.0.0.1"}}
    },
}


@pytest.mark.parametrize("received", NETWORKS.values(), ids=NETWORKS)
def test_addresses_are_the_same_from_every_version(received: dict[str, Any]) -> None:
    found = NetworkSettings.parse(received)
    assert attrs.evolve(found, networks={}) == NetworkSettings(**ADDRESSES)


def test_what_a_network_can_tell() -> None:
    found = NetworkSettings.parse(
        {
            "LinkLocalIPv6Address": "fe80::1",
            "LinkLocalIPv6PrefixLen": 64,
            "GlobalIPv6Address": "2001:db8::2",
            "GlobalIPv6PrefixLen": 48,
            "IPv6Gateway": "2001:db8::1",
            "SecondaryIPAddresses": [{"Addr": "10.0.0.3", "PrefixLen": 16}],
            "SecondaryIPv6Addresses": [{"Addr": "2001:db8::3", "PrefixLen": 48}],
            "Networks": {
                "front": {
                    "IPAMConfig": {"IPv4Address": "10.0.0.9", "LinkLocalIPs": ["169.254.0.1"]},
                    "Links": ["db:db"],
                    "Aliases": ["web"],
                    "DNSNames": ["web", "a"],
                    "DriverOpts": {"o": "1"},
                    "GwPriority": 5,
                }
            },
        }
    )
    assert found == NetworkSettings(
        link_local_ipv6_address="fe80::1",
        link_local_ipv6_prefix_len=64,
        global_ipv6_address="2001:db8::2",
        global_ipv6_prefix_len=48,
        ipv6_gateway="2001:db8::1",
        secondary_addresses=(SecondaryAddress(address="10.0.0.3", prefix_len=16),),
        secondary_ipv6_addresses=(SecondaryAddress(address="2001:db8::3", prefix_len=48),),
        networks={
            "front": NetworkEndpoint(
                assignment=AddressAssignment(
                    ipv4_address="10.0.0.9", link_local_ips=("169.254.0.1",)
                ),
                links=("db:db",),
                aliases=("web",),
                dns_names=("web", "a"),
                driver_options={"o": "1"},
                gateway_priority=5,
            )
        },
    )


def binding(**received: str) -> PortBinding:
    return PortBinding.parse(received)


PORT_MAPS: dict[str, tuple[dict[str, Any], dict[str, tuple[PortBinding, ...]]]] = {
    "none": ({}, {}),
    "null": ({"Ports": None, "PortMapping": None}, {}),
    "published": (
        {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}]}, "PortMapping": None},
        {"80/tcp": (binding(HostIp="0.0.0.0", HostPort="49153"),)},
    ),
    "exposed": ({"Ports": {"22/tcp": None}}, {"22/tcp": ()}),
    "flat, to 0.4.8": (
        {"PortMapping": {"80": "18080"}},
        {"80/tcp": (binding(HostPort="18080"),)},
    ),
    "by protocol, 0.5.0 to 0.6.4": (
        {"PortMapping": {"Tcp": {"80": "18080"}, "Udp": {"53": "10053"}}},
        {"80/tcp": (binding(HostPort="18080"),), "53/udp": (binding(HostPort="10053"),)},
    ),
    "by protocol, without any": ({"PortMapping": {"Tcp": {}, "Udp": None}}, {}),
}


@pytest.mark.parametrize(("received", "expected"), PORT_MAPS.values(), ids=PORT_MAPS)
def test_ports_of_network_settings(received: dict[str, Any], expected: Any) -> None:
    assert NetworkSettings.parse(received).ports == expected


MOUNTS: dict[str, tuple[dict[str, Any], tuple[MountPoint, ...]]] = {
    "none": ({"Volumes": None, "VolumesRW": None}, ()),
    "an id, 0.3.3": ({"Volumes": {"/v": "c6b3"}}, (MountPoint(name="c6b3", destination="/v"),)),
    "volumes, to 1.19": (
        {"Volumes": {"/w": "/host/w", "/v": "/host/v"}, "VolumesRW": {"/v": False, "/w": True}},
        (
            MountPoint(source="/host/v", destination="/v", writable=False),
            MountPoint(source="/host/w", destination="/w", writable=True),
        ),
    ),
    "mounts, from 1.20": (
        {
            "Mounts": [
                {"Source": "/host/w", "Destination": "/w", "Mode": "z", "RW": True},
                {
                    "Type": "bind",
                    "Source": "/host/v",
                    "Destination": "/v",
                    "Mode": "",
                    "RW": False,
                    "Propagation": "rprivate",
                },
            ]
        },
        (
            MountPoint(
                type="bind",
                source="/host/v",
                destination="/v",
                writable=False,
                propagation="rprivate",
            ),
            MountPoint(source="/host/w", destination="/w", mode="z", writable=True),
        ),
    ),
    "no mounts, from 1.20": ({"Mounts": []}, ()),
}


@pytest.mark.parametrize(("received", "expected"), MOUNTS.values(), ids=MOUNTS)
def test_mounts(received: dict[str, Any], expected: tuple[MountPoint, ...]) -> None:
    assert Container.parse({"Id": "a", **received}).mounts == expected


HOST_CONFIGS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "nothing": ({}, None),
    "in its place": ({"Config": {"Image": "a"}, "HostConfig": {"Memory": 5}}, {"Memory": 5}),
    "limits in Config, to 1.5": (
        {"Config": {"Memory": 5, "MemorySwap": -1, "CpuShares": 2, "Cpuset": "0,1"}},
        {"Memory": 5, "MemorySwap": -1, "CpuShares": 2, "CpusetCpus": "0,1"},
    ),
    "limits in both, 1.6": (
        {"Config": {"Memory": 5, "Cpuset": "0"}, "HostConfig": {"Memory": 0, "CpusetCpus": "1"}},
        {"Memory": 5, "CpusetCpus": "1"},
    ),
    "volumes from, as text to 0.9": (
        {"Config": {"VolumesFrom": "one,two:ro"}, "HostConfig": {"Binds": ["/a:/b"]}},
        {"VolumesFrom": ["one", "two:ro"], "Binds": ["/a:/b"]},
    ),
    "volumes from nothing": (
        {"Config": {"VolumesFrom": ""}, "HostConfig": {}},
        {"VolumesFrom": []},
    ),
    "more that moved": (
        {"Config": {"Dns": ["8.8.8.8"], "Privileged": True, "SecurityOpt": ["a"]}},
        {"Dns": ["8.8.8.8"], "Privileged": True, "SecurityOpt": ["a"]},
    ),
}


@pytest.mark.parametrize(("received", "expected"), HOST_CONFIGS.values(), ids=HOST_CONFIGS)
def test_host_config(received: dict[str, Any], expected: dict[str, Any] | None) -> None:
    found = Container.parse({"Id": "a", **received}).host_config
    assert found == (None if expected is None else HostConfig.parse(expected))


STARTED = {"StartedAt": "2026-11-21T00:24:47.1Z"}
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "sent": ({"Status": "removing", "Running": True}, "removing"),
    "never started": ({"Running": False, "StartedAt": "0001-01-01T00:00:00Z"}, "created"),
    "running": ({"Running": True, **STARTED}, "running"),
    "paused": ({"Running": True, "Paused": True, **STARTED}, "paused"),
    "restarting": ({"Running": True, "Restarting": True, **STARTED}, "restarting"),
    "exited": ({"Running": False, "Dead": False, **STARTED}, "exited"),
    "dead": ({"Running": False, "Dead": True, **STARTED}, "dead"),
    "running, as a number": ({"Running": 1, **STARTED}, "running"),
}


@pytest.mark.parametrize(("received", "expected"), STATES.values(), ids=STATES)
def test_status(received: dict[str, Any], expected: str) -> None:
    assert ContainerState.parse(received).status == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("container_inspect_created", "created"),
        ("container_inspect", "exited"),
    ],
)
@pytest.mark.parametrize("engine", engines("container_inspect"))
def test_status_is_the_same_from_every_engine(engine: str, operation: str, expected: str) -> None:
    state = Container.parse(answer(engine, operation)).state
    assert state is not None
    assert state.status == expected


def test_health() -> None:
    found = Health.parse(
        {
            "Status": "healthy",
            "FailingStreak": 0,
            "Log": [{"Start": "2026-11-21T00:24:47Z", "End": None, "ExitCode": 0, "Output": "ok"}],
        }
    )
    probe = HealthProbe(start=at(0, 24, 47), exit_code=0, output="ok")
    assert found == Health(status="healthy", failing_streak=0, log=(probe,))


# One container, described by every Engine. What differs by nature is replaced, a few fields that
# Engines fill in differently are left out; in all else that two of them know they must agree.
_REPLACED = {
    "an id": re.compile(r"(sha256:)?[0-9a-f]{64}|[0-9a-f]{12}"),
    "a path": re.compile(r"/(var|etc)/.*"),
    "an address": re.compile(r"\d+\.\d+\.\d+\.\d+|fe80:.*|([0-9a-f]{2}:){5}.."),
}
_THEIR_OWN = re.compile(
    r"""
    name | state\.pid                              # of this run
    | driver | exec_driver | storage_driver\..*     # of this host
    | network_settings\.(bridge|ip_prefix_len|networks)
    | host_config\.memory | host_config\.memory_swap  # no limits on the host of 28.5; twice the
                                                    # memory is the default for swap from 1.10 on
    | host_config\.(ipc_mode|network_mode|masked_paths|log_config\.type)  # defaults
    | config\.(labels|exposed_ports)                # empty where they are not known
    """,
    re.VERBOSE,
)


def facts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a model that is known, with what differs by nature replaced."""
    if isinstance(value, Model):
        for attribute in attrs.fields(type(value)):
            yield from facts(getattr(value, attribute.name), f"{path}.{attribute.name}".lstrip("."))
    elif isinstance(value, tuple) and value and isinstance(value[0], Model):
        for number, item in enumerate(value):
            yield from facts(item, f"{path}.{number}")
    elif isinstance(value, datetime.datetime):
        yield path, "a time"
    elif value is not None and _THEIR_OWN.fullmatch(path) is None:
        text = value if isinstance(value, str) else ""
        yield path, next((what for what, form in _REPLACED.items() if form.fullmatch(text)), value)


def described(engine: str, operation: str) -> dict[str, Any]:
    """What an Engine knows of a container; of the ports, only if there are any."""
    known = dict(facts(Container.parse(answer(engine, operation))))
    return known if known["network_settings.ports"] else known | {"network_settings.ports": "none"}


# 0.4.4 crashed when this one was started.
RUNNING = [engine for engine in engines("container_inspect_running") if engine != "0.4.4_v1.2"]


@pytest.mark.parametrize(
    ("operation", "those"),
    [
        ("container_inspect_created", engines("container_inspect_created")),
        ("container_inspect", engines("container_inspect")),
        ("container_inspect_running", [engine for engine in RUNNING if engine != "0.3.3_v1.0"]),
    ],
)
def test_the_same_container_is_equal_in_every_field_that_two_engines_know(
    operation: str, those: list[str]
) -> None:
    seen: dict[str, dict[str, list[str]]] = {}
    for engine in those:
        for path, value in described(engine, operation).items():
            seen.setdefault(path, {}).setdefault(repr(value), []).append(engine)
    assert {path: values for path, values in seen.items() if len(values) > 1} == {}


# Who knows what of the running container: "0.3", "0.6", "1.6", "1.7", and 20.10 and later, below
# API 1.20 ("compat") and above ("now"). All know what is not listed.
KNOWN_BY = {
    "hostname_path": "0.6 1.6 1.7 compat now",
    "hosts_path": "0.6 1.6 1.7 compat now",
    "init_path": "0.3 0.6",
    "log_path": "1.6 1.7 compat now",
    "mounts.0.driver": "now",
    "mounts.0.name": "0.3 now",
    "mounts.0.source": "0.6 1.6 1.7 compat now",
    "mounts.0.type": "now",
    "mounts.0.writable": "0.6 1.6 1.7 compat now",
    "network_settings.endpoint_id": "1.7 compat now",
    "network_settings.hairpin_mode": "1.7 compat now",
    "network_settings.link_local_ipv6_address": "1.6",
    "network_settings.link_local_ipv6_prefix_len": "1.6",
    "network_settings.mac_address": "1.6 1.7 compat now",
    "network_settings.network_id": "1.7 now",
    "network_settings.sandbox_id": "compat now",
    "network_settings.sandbox_key": "1.7 compat now",
    "platform": "compat now",
    "restart_count": "1.6 1.7 compat now",
    "state.dead": "1.6 1.7 compat now",
    "state.ghost": "0.3 0.6",
    "state.oom_killed": "1.6 1.7 compat now",
    "state.paused": "1.6 1.7 compat now",
    "state.restarting": "1.6 1.7 compat now",
}
KNOWN_BY_ALL = """
    args created exec_ids id image mounts.0.destination network_settings.gateway
    network_settings.ip_address network_settings.ports network_settings.secondary_addresses
    network_settings.secondary_ipv6_addresses path resolv_conf_path state.exit_code state.running
    state.started_at state.status
""".split()


def era(engine: str) -> str:
    found = ".".join(engine.split(".")[:2]).partition("_")[0]
    if found in ("0.3", "0.6", "1.6", "1.7"):
        return found
    return "compat" if engine == "20.10_v1.12" else "now"


@pytest.mark.parametrize("engine", RUNNING)
def test_which_fields_an_engine_knows(engine: str) -> None:
    known = [
        path
        for path in described(engine, "container_inspect_running")
        if not path.startswith(("config.", "host_config."))
    ]
    expected = [path for path, eras in KNOWN_BY.items() if era(engine) in eras.split()]
    assert sorted(known) == sorted(expected + KNOWN_BY_ALL)


class TestCreated:
    def test_of_engine_0_3_3(self) -> None:
        created = Created.parse(answer("0.3.3_v1.0", "container_create"))
        assert created == Created(id="098742d610da")

    @pytest.mark.parametrize("received", [{"Warnings": None}, {"Warnings": []}, {}])
    def test_no_warning_is_an_empty_tuple(self, received: dict[str, Any]) -> None:
        assert Created.parse({"Id": "a", **received}).warnings == ()

    def test_warnings(self) -> None:
        found = Created.parse({"Id": "a", "Warnings": ["no swap"]})
        assert found == Created(id="a", warnings=("no swap",))

    def test_without_an_id_is_an_unexpected_reply(self) -> None:
        with pytest.raises(UnexpectedReply) as raised:
            Created.parse({"Warnings": None}).id  # noqa: B018
        assert str(raised.value) == "Created.id: Id is missing"


TITLES = ("PID", "TTY", "TIME", "CMD")
TOPS: dict[str, tuple[Any, Processes]] = {
    "1.3": (
        [{"PID": "13", "Tty": "pts/0", "Time": "00:00:00", "Cmd": "sleep 10"}],
        Processes(TITLES, (("13", "pts/0", "00:00:00", "sleep 10"),)),
    ),
    "1.3, none": (None, Processes(TITLES, ())),
    "command split, 0.5.1 to 0.6.5": (
        {"Titles": list(TITLES), "Processes": [["13", "?", "00:00:00", "sleep", "10", ""]]},
        Processes(TITLES, (("13", "?", "00:00:00", "sleep 10 "),)),
    ),
    "none, 0.6.6": (answer("0.6.6_v1.6", "container_top"), Processes(TITLES, ())),
    "28.5": (
        answer("28.5_v1.51", "container_top"),
        Processes(
            ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"),
            (("root", "25425", "25401", "20", "00:55", "?", "00:00:00", "sleep 300"),),
        ),
    ),
}


@pytest.mark.parametrize(("received", "expected"), TOPS.values(), ids=TOPS)
def test_processes(received: Any, expected: Processes) -> None:
    assert Processes.parse(received) == expected


@pytest.mark.parametrize("received", [7, "ps", {}, {"Titles": []}, [{"PID": "1"}], [["1"]]])
def test_no_processes_are_an_unexpected_reply(received: Any) -> None:
    with pytest.raises(UnexpectedReply) as raised:
        Processes.parse(received)
    assert str(raised.value) == f"Processes: {received!r}"


def test_changes_of_engine_0_3_3() -> None:
    assert rows(Change, answer("0.3.3_v1.0", "container_changes")) == [
        Change(path="/sbin", kind="modified"),
        Change(path="/sbin/init", kind="added"),
    ]


def test_a_deleted_path() -> None:
    assert Change.parse({"Path": "/a", "Kind": 2}) == Change(path="/a", kind="deleted")


def test_no_changes_are_an_empty_list() -> None:
    assert rows(Change, answer("28.5_v1.51", "container_changes")) == []


@pytest.mark.parametrize("kind", [3, -1, "added", ""])
def test_an_unknown_kind_of_change_is_an_unexpected_reply(kind: Any) -> None:
    with pytest.raises(UnexpectedReply) as raised:
        Change.parse({"Path": "/a", "Kind": kind}).kind  # noqa: B018
    assert str(raised.value) == f"Change.kind: Kind is {kind!r}"


class TestStats:
    def test_of_engine_1_7_1(self) -> None:
        received = answer("1.7.1_v1.19", "container_stats")
        times = CpuStats(
            total_usage=5481200,
            usage_per_cpu=(19576, 5461624),
            kernel_usage=0,
            user_usage=0,
            system_usage=8350250000000,
            periods=0,
            throttled_periods=0,
            throttled_time=0,
        )
        assert Stats.parse(received) == Stats(
            read=at(0, 26, 51, 843056),
            cpu=times,
            precpu=attrs.evolve(times, system_usage=8348260000000),
            memory=MemoryStats(
                usage=204800,
                max_usage=524288,
                limit=67108864,
                fail_count=0,
                details=received["memory_stats"]["stats"],
            ),
            networks={
                "eth0": NetworkStats(
                    rx_bytes=466,
                    rx_packets=5,
                    rx_errors=0,
                    rx_dropped=0,
                    tx_bytes=356,
                    tx_packets=4,
                    tx_errors=0,
                    tx_dropped=0,
                )
            },
            blkio=BlkioStats(),
        )

    def test_of_engine_28_5(self) -> None:
        received = answer("28.5_v1.51", "container_stats")
        found = Stats.parse(received)
        older = Stats.parse(answer("1.7.1_v1.19", "container_stats"))
        assert found.networks.keys() == older.networks.keys()
        assert attrs.evolve(found, cpu=None, precpu=None, memory=None, networks={}) == Stats(
            id="f958581f709eddcda6257669c9150eb9c5b88bbfd9d5be37b8df3bda5cd0e46e",
            name="vibrant_engelbart",
            read=at(0, 55, 51, 712136),
            preread=at(0, 55, 50, 709111),
            blkio=BlkioStats(),
            pids_current=1,
            storage=StorageStats(),
        )

    def test_of_a_container_that_does_not_run(self) -> None:
        zero = "0001-01-01T00:00:00Z"
        found = Stats.parse({"read": zero, "preread": zero, "networks": None, "pids_stats": {}})
        assert found == Stats()

    def test_block_devices(self) -> None:
        entry = {"major": 8, "minor": 0, "op": "Read", "value": 4096}
        found = BlkioStats.parse({"io_service_bytes_recursive": [entry], "sectors_recursive": None})
        assert found == BlkioStats(
            service_bytes=(BlkioEntry(major=8, minor=0, operation="Read", value=4096),)
        )


class TestPathStat:
    @pytest.mark.parametrize("engine", engines("archive_head"))
    def test_from_header(self, engine: str) -> None:
        assert PathStat.from_header(answer(engine, "archive_head")) == PathStat(
            name="group",
            size=10,
            mode=0o644,
            modified=datetime.datetime(2026, 11, 20, 23, 27, 34, tzinfo=UTC),
        )

    def test_a_symbolic_link(self) -> None:
        value = base64.b64encode(json.dumps({"name": "a", "linkTarget": "/b"}).encode()).decode()
        assert PathStat.from_header(value) == PathStat(name="a", link_target="/b")

    def test_podman_writes_it_in_the_alphabet_for_urls(self) -> None:
        value = base64.urlsafe_b64encode(b'{"name":"a b\\u0026c?d=>>>"}').decode()
        assert "_" in value or "-" in value
        assert PathStat.from_header(value) == PathStat(name="a b&c?d=>>>")

    @pytest.mark.parametrize("value", ["", "?", "bm90IEpTT04=", "ü", "W10=", "gICA"])
    def test_anything_else_is_an_unexpected_reply(self, value: str) -> None:
        with pytest.raises(UnexpectedReply):
            PathStat.from_header(value)

    def test_the_header_is_shown(self) -> None:
        with pytest.raises(UnexpectedReply) as raised:
            PathStat.from_header("?")
        assert str(raised.value) == "PathStat: JSON in base64 was expected, not '?'"


VALUES = json_values(containers, images)


@pytest.mark.dear
@pytest.mark.parametrize("kind", models_of(containers))
@FEWER
@given(data=st.data())
def test_any_object_gives_values_or_unexpected_reply(
    kind: type[Model], data: st.DataObject
) -> None:
    read_everything(kind.parse(data.draw(objects_of(kind, VALUES))))


@given(json=VALUES)
def test_any_answer_gives_processes_or_unexpected_reply(json: Any) -> None:
    try:
        found = Processes.parse(json)
    except UnexpectedReply:
        return
    assert all(len(row) <= len(found.titles) or not found.titles for row in found.processes)


def test_networks_are_asked_for_as_they_were() -> None:
    """Those of Engine 20.10, in the order of their names there."""
    container = Container.parse(
        {
            "Id": "9e4f0e62e27f" + 52 * "0",
            "Config": {"Hostname": "web"},
            "HostConfig": {"NetworkMode": "front"},
            "NetworkSettings": {
                "Networks": {
                    "back": {
                        "IPAMConfig": None,
                        "Links": ["db:data"],
                        "Aliases": ["cache", "9e4f0e62e27f", "web"],
                        "IPAddress": "10.1.0.2",
                        "MacAddress": "02:42:0a:01:00:02",
                        "DriverOpts": {"a": "b"},
                        "GwPriority": 7,
                    },
                    "bridge": {"IPAMConfig": {}, "Aliases": ["x"], "IPAddress": "10.2.0.2"},
                    "front": {
                        "IPAMConfig": {
                            "IPv4Address": "10.3.0.77",
                            "IPv6Address": "fd00::77",
                            "LinkLocalIPs": ["169.254.1.1"],
                        },
                        "Aliases": ["9e4f0e62e27f"],
                        "IPAddress": "10.3.0.77",
                        "DriverOpts": None,
                        "GwPriority": 0,
                    },
                }
            },
        }
    )
    asked = container.networking()
    assert asked == NetworkingConfig(
        endpoints={
            "front": EndpointSettings(
                ipv4_address="10.3.0.77", ipv6_address="fd00::77", link_local_ips=["169.254.1.1"]
            ),
            "back": EndpointSettings(
                links=["db:data"], aliases=["cache"], driver_options={"a": "b"}, gateway_priority=7
            ),
            "bridge": EndpointSettings(),
        }
    )
    assert list(asked.endpoints) == ["front", "back", "bridge"]
    old = Container.parse({"Id": "1", "Config": {}, "NetworkSettings": {"IPAddress": "10.0.0.2"}})
    assert old.networking() == NetworkingConfig(endpoints={})


@pytest.mark.parametrize(
    ("said", "meant"),
    [("initialized", "created"), ("stopping", "running"), ("stopped", "exited")],
)
def test_the_states_that_only_podman_has_are_those_of_engines(said: str, meant: str) -> None:
    assert containers.ContainerState.parse({"Status": said}).status == meant
    assert containers.ContainerSummary.parse({"Id": "a", "State": said}).state == meant


def test_the_path_that_podman_gives_everything_is_no_target_of_a_link() -> None:
    file = {"name": "passwd", "size": 75, "mode": 0o644, "linkTarget": "/etc/passwd"}
    assert containers.PathStat.parse(file).link_target is None
    link = {**file, "mode": 1 << 27 | 0o777}
    assert containers.PathStat.parse(link).link_target == "/etc/passwd"
