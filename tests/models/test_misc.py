from __future__ import annotations

import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import UnexpectedReply
from dockerapi.models import misc
from dockerapi.models.base import Model
from dockerapi.models.misc import (
    AddressPool,
    Component,
    DiscoveredDevice,
    Event,
    GenericResource,
    Info,
    LoginResult,
    ManagerAddress,
    Ping,
    Plugins,
    RegistryConfig,
    RegistryIndex,
    Runtime,
    StoredLogin,
    SwarmInfo,
    Version,
)
from models.hostile import FEWER, json_values, models_of, objects_of, read_everything
from models.recorded import answer, engines

UTC = datetime.timezone.utc
KERNEL = "6.18.44-fc-v669"


def at(hour: int, minute: int, second: int, microsecond: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, 21, hour, minute, second, microsecond, UTC)


class TestInfo:
    def test_of_engine_0_3_3(self) -> None:
        assert Info.parse(answer("0.3.3_v1.0", "info")) == Info(
            server_version="0.3.3",
            containers=0,
            images=1,
            debug=True,
            file_descriptors=10,
            goroutines=8,
            go_version="go1.1.2",
        )

    def test_of_engine_0_6_6(self) -> None:
        assert Info.parse(answer("0.6.6_v1.6", "info")) == Info(
            containers=42,
            images=42,
            lxc_version="0.8.0",
            memory_limit=True,
            swap_limit=True,
            ipv4_forwarding=True,
            debug=True,
            file_descriptors=20,
            goroutines=25,
            event_listeners=95,
            kernel_version=KERNEL,
            index_server_address="https://index.docker.io/v1/",
        )

    def test_of_engine_1_7_1(self) -> None:
        assert Info.parse(answer("1.7.1_v1.19", "info")) == Info(
            id="D634:5IDI:IPYS:YU5W:2HAL:C6FL:TDX2:CEPL:5CBH:3YG2:SERT:DT2Z",
            name="vm",
            containers=28,
            images=40,
            driver="overlay",
            driver_status=(("Backing Filesystem", "extfs"),),
            root_dir="/var/lib/docker//data",
            exec_driver="native-0.2",
            logging_driver="json-file",
            memory_limit=True,
            swap_limit=True,
            cpu_cfs_period=True,
            cpu_cfs_quota=True,
            oom_kill_disable=True,
            ipv4_forwarding=True,
            experimental=False,
            debug=True,
            file_descriptors=13,
            goroutines=16,
            event_listeners=0,
            system_time=at(0, 26, 47, 972016),
            kernel_version=KERNEL,
            operating_system="Debian GNU/Linux 12 (bookworm)",
            cpus=2,
            memory=25276502016,
            index_server_address="https://index.docker.io/v1/",
            registry_config=RegistryConfig(
                indexes={"docker.io": RegistryIndex(name="docker.io", secure=True, official=True)},
                insecure_networks=("127.0.0.0/8",),
            ),
            init_path="/var/li/docker-1.7.1-go1.4.2",
        )

    def test_of_engine_28_5(self) -> None:
        found = Info.parse(answer("28.5_v1.51", "info"))
        older = Info.parse(answer("1.7.1_v1.19", "info"))
        assert found == attrs.evolve(
            older,
            id="a0c62db5-788c-4452-a033-481d418fe898",
            server_version="28.5.2+dfsg4",
            containers=15,
            containers_running=0,
            containers_paused=0,
            containers_stopped=15,
            images=9,
            driver="overlay2",
            driver_status=(
                ("Backing Filesystem", "extfs"),
                ("Supports d_type", "true"),
                ("Using metacopy", "false"),
                ("Native Overlay Diff", "true"),
                ("userxattr", "false"),
            ),
            root_dir="/var/lib/do/data",
            exec_driver=None,
            cgroup_driver="cgroupfs",
            cgroup_version="1",
            plugins=Plugins(
                volume=("local",),
                network=("bridge", "host", "ipvlan", "macvlan", "null", "overlay"),
                log=(
                    "awslogs",
                    "fluentd",
                    "gelf",
                    "journald",
                    "json-file",
                    "local",
                    "splunk",
                    "syslog",
                ),
            ),
            kernel_memory_tcp=True,
            cpu_shares=True,
            cpu_set=True,
            pids_limit=True,
            live_restore=False,
            debug=False,
            file_descriptors=30,
            goroutines=61,
            system_time=at(0, 55, 47, 956031),
            os_version="12",
            os_type="linux",
            architecture="x86_64",
            registry_config=attrs.evolve(
                older.registry_config, insecure_networks=("::1/128", "127.0.0.0/8")
            ),
            firewall_driver="iptables",
            init_path=None,
            init_binary="docker-init",
            runc_commit="1.1.5+ds1-1+deb12u1",
            containerd_address="/var/lib/docker//var/lib/do/containerd.sock",
            containerd_containers_namespace="moby",
            containerd_plugins_namespace="plugins.moby",
            runtimes={"io.containerd.runc.v2": Runtime(path="runc"), "runc": Runtime(path="runc")},
            default_runtime="runc",
            swarm=SwarmInfo(local_node_state="inactive", control_available=False),
            security_options=("name=seccomp,profile=builtin",),
            cdi_spec_dirs=("/etc/cdi", "/var/run/cdi"),
        )

    @pytest.mark.parametrize("engine", engines("info"))
    def test_numbers_for_booleans_are_booleans(self, engine: str) -> None:
        info = Info.parse(answer(engine, "info"))
        known = [info.debug, info.memory_limit, info.swap_limit, info.ipv4_forwarding]
        assert {type(value) for value in known} <= {bool, type(None)}
        assert info.debug is not None

    def test_the_rest(self) -> None:
        found = Info.parse(
            {
                "EventsListeners": 3,
                "IndexServerAddress": ["https://index.docker.io/v1/"],
                "Sockets": ["unix:///var/run/docker.sock"],
                "SystemStatus": [["Role", "primary"]],
                "DiscoveryBackend": "etcd://a",
                "OomScoreAdj": -500,
                "HttpProxy": "",
                "NoProxy": "localhost",
                "Labels": ["a=b"],
                "GenericResources": [
                    {"DiscreteResourceSpec": {"Kind": "SSD", "Value": 3}},
                    {"NamedResourceSpec": {"Kind": "GPU", "Value": "UUID1"}},
                ],
                "DefaultAddressPools": [{"Base": "10.0.0.0/8", "Size": 24}],
                "DiscoveredDevices": [{"Source": "cdi", "ID": "gpu0"}],
                "NRI": {"Info": [["plugin", "p"]]},
                "Runtimes": {
                    "r": {"path": "/r", "runtimeArgs": ["-v"], "status": {"k": "v"}},
                    "g": {"runtimeType": "io.containerd.runsc.v1", "options": {"TypeUrl": "u"}},
                },
                "Swarm": {
                    "NodeID": "n",
                    "NodeAddr": "10.0.0.1",
                    "RemoteManagers": [{"NodeID": "n", "Addr": "10.0.0.1:2377"}],
                    "Nodes": 3,
                    "Managers": 1,
                    "Cluster": {"ID": "c"},
                },
                "Warnings": ["no swap"],
            }
        )
        assert found == Info(
            event_listeners=3,
            index_server_address="https://index.docker.io/v1/",
            sockets=("unix:///var/run/docker.sock",),
            system_status=(("Role", "primary"),),
            cluster_store="etcd://a",
            oom_score_adj=-500,
            no_proxy="localhost",
            labels=("a=b",),
            generic_resources=(
                GenericResource(kind="SSD", value=3),
                GenericResource(kind="GPU", value="UUID1"),
            ),
            address_pools=(AddressPool(base="10.0.0.0/8", size=24),),
            discovered_devices=(DiscoveredDevice(source="cdi", id="gpu0"),),
            nri_info=(("plugin", "p"),),
            runtimes={
                "r": Runtime(path="/r", arguments=("-v",), status={"k": "v"}),
                "g": Runtime(type="io.containerd.runsc.v1", options={"TypeUrl": "u"}),
            },
            swarm=SwarmInfo(
                node_id="n",
                node_address="10.0.0.1",
                managers=(ManagerAddress(node_id="n", address="10.0.0.1:2377"),),
                node_count=3,
                manager_count=1,
                cluster={"ID": "c"},
            ),
            warnings=("no swap",),
        )


class TestPing:
    def test_what_an_engine_says_with_an_answer(self) -> None:
        headers = {"api-version": "1.51", "ostype": "windows", "builder-version": "1"}
        found = Ping.parse({**headers, "swarm": "active/manager", "server": "Docker/28.5.2"})
        assert found == Ping(
            api_version="1.51", os="windows", builder_version="1", swarm="active/manager"
        )
        assert found.raw["server"] == "Docker/28.5.2"

    def test_of_an_engine_that_says_nothing_it_is_true_all_the_same(self) -> None:
        assert Ping.parse({"builder-version": ""}) == Ping()  # as Podman has it
        assert Ping()


class TestVersion:
    def test_of_engine_0_3_3(self) -> None:
        assert Version.parse(answer("0.3.3_v1.0", "version")) == Version(version="0.3.3")

    def test_of_engine_1_7_1(self) -> None:
        assert Version.parse(answer("1.7.1_v1.19", "version")) == Version(
            version="1.7.1",
            api_version="1.19",
            git_commit="786b29d",
            go_version="go1.4.2",
            os="linux",
            arch="amd64",
            kernel_version=KERNEL,
        )

    def test_of_engine_28_5(self) -> None:
        received = answer("28.5_v1.51", "version")
        commit = "3ef3c07c883be49a2e8097bcf6d2952fce1d70eb"
        assert Version.parse(received) == Version(
            version="28.5.2+dfsg4",
            api_version="1.51",
            min_api_version="1.24",
            git_commit=commit,
            go_version="go1.27.1",
            os="linux",
            arch="amd64",
            kernel_version=KERNEL,
            build_time="2026-09-15T11:02:57.000000000+00:00",
            components=(
                Component(
                    name="Engine",
                    version="28.5.2+dfsg4",
                    details={
                        "ApiVersion": "1.51",
                        "Arch": "amd64",
                        "BuildTime": "2026-09-15T11:02:57.000000000+00:00",
                        "Experimental": "false",
                        "GitCommit": commit,
                        "GoVersion": "go1.27.1",
                        "KernelVersion": KERNEL,
                        "MinAPIVersion": "1.24",
                        "Os": "linux",
                    },
                ),
                Component(name="containerd", version="2.1.9+unknown", details={"GitCommit": ""}),
                Component(
                    name="runc", version="1.1.5+ds1", details={"GitCommit": "1.1.5+ds1-1+deb12u1"}
                ),
                Component(name="docker-init", version="0.19.0", details={"GitCommit": ""}),
            ),
        )

    def test_the_rest(self) -> None:
        found = Version.parse({"Platform": {"Name": "Community"}, "Experimental": True})
        assert found == Version(platform="Community", experimental=True)

    def test_a_commit_that_an_old_engine_took_for_a_number_is_text(self) -> None:
        assert Version.parse({"GitCommit": 1234567}).git_commit == "1234567"


def test_the_token_of_a_login_is_not_printed() -> None:
    found = LoginResult.parse({"Status": "Login Succeeded", "IdentityToken": "hidden"})
    assert found == LoginResult(status="Login Succeeded", identity_token="hidden")
    assert repr(found) == "LoginResult(status='Login Succeeded')"


def test_a_login_without_an_answer() -> None:
    assert LoginResult.parse({}) == LoginResult()


def test_an_engine_that_stores_no_login() -> None:
    assert StoredLogin.parse(answer("0.3.3_v1.0", "auth_get")) == StoredLogin()


def test_a_stored_login() -> None:
    found = StoredLogin.parse({"username": "a", "password": "", "email": "a@example.com"})
    assert found == StoredLogin(username="a", email="a@example.com")


EVENTS: dict[str, tuple[dict[str, Any], Event]] = {
    "0.6.6": (
        answer("0.6.6_v1.6", "events")[0],
        Event(
            type="container",
            action="create",
            id="7f76c2de9eaa",
            image="busybox:latest",
            time=at(0, 17, 5),
            time_nano=1795220225000000000,
        ),
    ),
    "of an image, 0.6.6": (
        {"status": "untag", "id": "d6539673a87c", "time": 1795220720},
        Event(
            type="image",
            action="untag",
            id="d6539673a87c",
            time=at(0, 25, 20),
            time_nano=1795220720000000000,
        ),
    ),
    "of an exec, 1.6": (
        {"status": "exec_start: sh -c true", "id": "a", "from": "busybox:latest"},
        Event(type="container", action="exec_start: sh -c true", id="a", image="busybox:latest"),
    ),
    "28.5": (
        answer("28.5_v1.51", "events")[0],
        Event(
            type="container",
            action="start",
            id="5c085128257bc79b1abf3ef55f5c4df738622932f2d817e0b3ac8522aa7d3345",
            attributes={"image": "busybox", "name": "rec285124"},
            image="busybox",
            time=at(0, 55, 31, 401725),
            time_nano=1795222531401725757,
            scope="local",
        ),
    ),
    "from 1.52": (
        {
            "Type": "container",
            "Action": "die",
            "Actor": {"ID": "a", "Attributes": {"image": "busybox", "exitCode": 0}},
            "time": 1795222531,
            "timeNano": 1795222531401725757,
        },
        Event(
            type="container",
            action="die",
            id="a",
            attributes={"image": "busybox", "exitCode": "0"},
            image="busybox",
            time=at(0, 55, 31, 401725),
            time_nano=1795222531401725757,
        ),
    ),
    "of Podman's own words": (
        {"Type": "container", "status": "remove", "Action": "remove", "id": "a"},
        Event(type="container", action="destroy", id="a"),
    ),
    "of an exec of Podman": (
        {"Type": "container", "status": "exec_died", "Action": "exec_died", "id": "a"},
        Event(type="container", action="exec_die", id="a"),
    ),
    "of a config, which is removed by that name": (
        {"Type": "config", "Action": "remove", "Actor": {"ID": "c"}},
        Event(type="config", action="remove", id="c"),
    ),
    "of a network": (
        {"Type": "network", "Action": "connect", "Actor": {"ID": "n", "Attributes": None}},
        Event(type="network", action="connect", id="n"),
    ),
    "nothing": ({}, Event()),
}


@pytest.mark.parametrize(("received", "expected"), EVENTS.values(), ids=EVENTS)
def test_event(received: dict[str, Any], expected: Event) -> None:
    assert Event.parse(received) == expected


@pytest.mark.parametrize("engine", engines("events"))
def test_every_event_has_a_type_an_action_an_id_and_a_time(engine: str) -> None:
    events = [Event.parse(received) for received in answer(engine, "events")]
    assert {event.type for event in events} <= {"container", "image", "network", "volume"}
    assert all(event.action and event.id and event.time and event.time_nano for event in events)
    assert {event.image is None for event in events if event.type == "container"} == {False}


def test_a_time_beyond_all_calendars_is_an_unexpected_reply() -> None:
    event = Event.parse({"timeNano": 10**30})
    assert event.time_nano == 10**30
    with pytest.raises(UnexpectedReply):
        event.time  # noqa: B018


VALUES = json_values(misc)


@pytest.mark.dear
@pytest.mark.parametrize("kind", models_of(misc))
@FEWER
@given(data=st.data())
def test_any_object_gives_values_or_unexpected_reply(
    kind: type[Model], data: st.DataObject
) -> None:
    read_everything(kind.parse(data.draw(objects_of(kind, VALUES))))
