"""Every class that a docstring names under `Raises:` is raised, by its method, on a real Engine.

`PROVOKED` has a call for each, `NOT_HERE` the reason why there is none. A class that is in neither,
or in one of them and in no docstring, fails.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import io
import re
import tarfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import dockerapi
from dockerapi import (
    IPAM,
    BuildOptions,
    CAConfig,
    Client,
    ClusterVolumeSpec,
    ConfigReference,
    ContainerConfig,
    ContainerSpec,
    ContainerUpdate,
    Credentials,
    Driver,
    EndpointSettings,
    GlobalJob,
    HostConfig,
    IPAMPool,
    NetworkAttachment,
    NodeSpec,
    Placement,
    SecretReference,
    ServicePort,
    ServiceSpec,
    StoredCredentials,
    SwarmSpec,
    TaskRestart,
    TaskSpec,
    errors,
)
from dockerapi.models.exec import RunResult
from dockerapi.models.secrets import Config, Secret
from dockerapi.models.services import Service, ServiceCreated
from dockerapi.models.swarm import Node, Swarm
from dockerapi.models.tasks import Task
from dockerapi.models.volumes import Volume
from live.engine import Engine
from live.registry import PASSWORD, USERNAME, serve_refusals
from live.swarms import IMAGE, clear, until

pytestmark = pytest.mark.real("all its refusals")
NOBODY = "dockerapi-no-such"
NOWHERE = "127.0.0.1:1/dockerapi"  # a registry that is not there
EMPTY = bytes(1024)  # an archive of nothing


@attrs.define
class World:
    """An Engine with a container that was never started, and what else the calls need."""

    client: Client
    busybox: str
    label: dict[str, str]
    name: str
    folder: Path
    registry: str
    limited: str  # a registry that answers 429 to everything
    denying: str  # one that answers 403 to what is pushed
    manager: Callable[[], Client]  # one of a private Engine that manages a swarm
    created: str = ""

    def container(self, *command: str, **settings: Any) -> str:
        config = ContainerConfig(labels=self.label, **settings)
        return self.client.create_container(self.busybox, command or ["true"], config=config).id

    def running(self) -> str:
        config = ContainerConfig(labels=self.label)
        return self.client.run_detached(self.busybox, ["sleep", "6000"], config=config)

    def broken(self) -> Client:
        """A client whose stored credentials cannot be read."""
        credentials = StoredCredentials(auth_config="no JSON")
        return Client(self.client.base_url, credentials=credentials)

    def pinned(self, version: str) -> Client:
        return Client(self.client.base_url, version=version)

    def tagged(self, name: str) -> str:
        """A name of an image of the test's own."""
        self.client.tag(self.own(), name)
        return name

    def own(self) -> str:
        self.client.tag(self.client.commit(self.created), self.name)
        return self.name

    def with_host(self, **settings: Any) -> str:
        """The id of a new container with settings of the host."""
        made = self.client.create_container(
            self.busybox,
            ["true"],
            config=ContainerConfig(labels=self.label),
            host_config=HostConfig(**settings),
        )
        return made.id

    def run(self, *command: str, **options: Any) -> RunResult:
        config = ContainerConfig(labels=self.label)
        return self.client.run(self.busybox, command or ["true"], config=config, **options)


Call = Callable[[World], object]
ADA = Credentials(username=USERNAME, password=PASSWORD)
OF_A_CONTAINER: dict[str, Callable[[Client], object]] = {
    "attach": lambda client: client.attach(NOBODY),
    "commit": lambda client: client.commit(NOBODY),
    "copy_into": lambda client: client.copy_into(NOBODY, __file__, "/etc"),
    "copy_out": lambda client: client.copy_out(NOBODY, "/etc", "/tmp"),
    "diff": lambda client: client.diff(NOBODY),
    "exec_create": lambda client: client.exec_create(NOBODY, ["true"]),
    "exec_run": lambda client: client.exec_run(NOBODY, ["true"]),
    "export": lambda client: client.export(NOBODY),
    "get_archive": lambda client: client.get_archive(NOBODY, "/etc"),
    "inspect_container": lambda client: client.inspect_container(NOBODY),
    "kill": lambda client: client.kill(NOBODY),
    "logs": lambda client: client.logs(NOBODY),
    "pause": lambda client: client.pause(NOBODY),
    "put_archive": lambda client: client.put_archive(NOBODY, "/etc", EMPTY),
    "remove_container": lambda client: client.remove_container(NOBODY),
    "rename": lambda client: client.rename(NOBODY, f"{NOBODY}-2"),
    "resize": lambda client: client.resize(NOBODY, height=1, width=1),
    "restart": lambda client: client.restart(NOBODY),
    "start": lambda client: client.start(NOBODY),
    "stats": lambda client: client.stats(NOBODY),
    "stop": lambda client: client.stop(NOBODY),
    "stream_stats": lambda client: client.stream_stats(NOBODY),
    "top": lambda client: client.top(NOBODY),
    "unpause": lambda client: client.unpause(NOBODY),
    "update_container": lambda client: client.update_container(NOBODY, ContainerUpdate()),
    "wait": lambda client: client.wait(NOBODY),
    "wait_until": lambda client: client.wait_until(NOBODY, "running"),
}
OF_AN_IMAGE: dict[str, Callable[[Client], object]] = {
    "get_image": lambda client: client.get_image(NOBODY),
    "history": lambda client: client.history(NOBODY),
    "inspect_image": lambda client: client.inspect_image(NOBODY),
    "push": lambda client: client.push(NOBODY),
    "remove_image": lambda client: client.remove_image(NOBODY),
    "tag": lambda client: client.tag(NOBODY, f"{NOBODY}-2"),
}


def crossed(world: World) -> object:
    """A directory where a file is."""
    (world.folder / "here" / "passwd").mkdir(parents=True)
    return world.client.copy_into(world.created, f"{world.folder}/here/.", "/etc")


def piped(world: World) -> object:
    pipe = tarfile.TarInfo("pipe")
    pipe.type = tarfile.FIFOTYPE
    world.client.put_archive(world.created, "/", pipe.tobuf() + EMPTY)
    return world.client.copy_out(world.created, "/pipe", world.folder)


def exec_of_a_paused_one(world: World) -> object:
    id = world.running()
    made = world.client.exec_create(id, ["true"])
    world.client.pause(id)
    return world.client.exec_start(made)


def exec_with_another_tty(world: World) -> object:
    made = world.client.exec_create(world.running(), ["true"])
    return world.client.exec_start(made, tty=True)


def renamed_to_what_is_there(world: World) -> object:
    world.client.rename(world.created, world.name)
    return world.client.rename(world.container(), world.name)


def named_twice(world: World) -> object:
    world.client.rename(world.created, world.name)
    return world.client.create_container(world.busybox, name=world.name)


def network(world: World) -> str:
    return world.client.create_network(world.name, labels=world.label).id


def of_ipv6(world: World) -> IPAM:
    return IPAM(pools=[IPAMPool(subnet="fd00:17::/64")])


def in_a_network(world: World) -> tuple[str, str]:
    made = network(world)
    world.client.connect_network(made, world.created)
    return made, world.created


def of_the_host(world: World) -> str:
    """A container that runs in the network of the host."""
    return world.client.run_detached(
        world.busybox,
        ["sleep", "6000"],
        config=ContainerConfig(labels=world.label),
        host_config=HostConfig(network_mode="host"),
    )


def used(world: World) -> str:
    made = network(world)
    world.client.connect_network(made, world.running())
    return made


def taken(world: World) -> object:
    """An address that another container has."""
    pool = IPAMPool(subnet="10.199.17.0/24")
    made = world.client.create_network(world.name, labels=world.label, ipam=IPAM(pools=[pool])).id
    place = EndpointSettings(ipv4_address="10.199.17.9")
    world.client.connect_network(made, world.running(), endpoint=place)
    return world.client.connect_network(made, world.running(), endpoint=place)


def volume(world: World, **given: Any) -> Volume:
    return world.client.create_volume(world.name, labels=world.label, **given)


def used_volume(world: World) -> str:
    made = volume(world).name
    world.with_host(binds=[f"{made}:/x"])
    return made


def used_image(world: World) -> str:
    image = world.own()
    config = ContainerConfig(labels=world.label)
    world.client.create_container(image, ["true"], config=config)
    return image


def with_two_names(world: World) -> object:
    image = world.client.inspect_image(world.tagged(f"{world.name}-2"))
    return world.client.remove_image(image.id)


def closed_meanwhile(world: World) -> object:
    with Client(f"unix://{world.folder}/nobody") as client:
        client.close()
        return client.wait_until_ready(30)


def ended(world: World) -> str:
    world.client.start(world.created)
    world.client.wait(world.created)
    return world.created


def built(world: World, lines: str, **options: Any) -> object:
    text = f"FROM {world.busybox}\nLABEL {'='.join(*world.label.items())}\n{lines}\n"
    return world.client.build(None, dockerfile=io.StringIO(text), **options)


A_NODE = Node.parse(
    {"ID": "n", "Version": {"Index": 1}, "Spec": {"Role": "worker", "Availability": "active"}}
)
THE_SWARM = Swarm.parse({"ID": "s", "Version": {"Index": 1}, "Spec": {}})
OF_A_MANAGER: dict[str, Call] = {
    "change_node": lambda world: world.client.change_node(NOBODY, lambda spec: spec),
    "change_swarm": lambda world: world.client.change_swarm(lambda spec: spec),
    "inspect_node": lambda world: world.client.inspect_node(NOBODY),
    "inspect_swarm": lambda world: world.client.inspect_swarm(),
    "leave_swarm": lambda world: world.client.leave_swarm(),
    "nodes": lambda world: world.client.nodes(),
    "remove_node": lambda world: world.client.remove_node(NOBODY),
    "swarm_unlock_key": lambda world: world.client.swarm_unlock_key(),
    "unlock_swarm": lambda world: world.client.unlock_swarm("SWMKEY-1-x"),
    "update_node": lambda world: world.client.update_node(A_NODE, A_NODE.spec),
    "update_swarm": lambda world: world.client.update_swarm(THE_SWARM),
}


PROVOKED: dict[tuple[str, str], Call] = {
    **{
        (method, "ContainerNotFound"): lambda world, call=call: call(world.client)
        for method, call in OF_A_CONTAINER.items()
    },
    **{
        (method, "ImageNotFound"): lambda world, call=call: call(world.client)
        for method, call in OF_AN_IMAGE.items()
    },
    ("attach", "Conflict"): lambda world: world.client.attach(ended(world)),
    ("attach", "ValueError"): lambda world: world.client.attach(
        world.created, stdout=False, stderr=False
    ),
    ("build", "BuildFailed"): lambda world: built(
        world, "RUN false", options=BuildOptions(force_rm=True)
    ),
    ("build", "ValueError"): lambda world: world.client.build(world.folder / "nothing"),
    ("build_files", "OSError"): lambda world: world.client.build_files(None, __file__),
    ("containers", "BadRequest"): lambda world: world.client.containers(filters={"nope": "x"}),
    ("containers", "ValueError"): lambda world: world.client.containers(
        since="a", filters={"since": "b"}
    ),
    ("copy_into", "BadRequest"): crossed,
    ("copy_into", "OSError"): lambda world: world.client.copy_into(
        world.created, world.folder / "nothing", "/"
    ),
    ("copy_into", "PathNotFound"): lambda world: world.client.copy_into(
        world.created, __file__, "/nothing/x"
    ),
    ("copy_out", "BadArchive"): piped,
    ("copy_out", "OSError"): lambda world: world.client.copy_out(
        world.created, "/etc", world.folder / "nothing" / "x"
    ),
    ("copy_out", "PathNotFound"): lambda world: world.client.copy_out(
        world.created, "/nothing", world.folder
    ),
    ("connect_network", "BadRequest"): lambda world: world.client.connect_network(
        "host", world.created
    ),
    ("connect_network", "Conflict"): lambda world: world.client.connect_network(
        *in_a_network(world), endpoint=EndpointSettings(aliases=["db"])
    ),
    ("connect_network", "ContainerNotFound"): lambda world: world.client.connect_network(
        "bridge", NOBODY
    ),
    ("connect_network", "Forbidden"): taken,
    ("connect_network", "NetworkNotFound"): lambda world: world.client.connect_network(
        NOBODY, world.running()
    ),
    ("create_network", "BadRequest"): lambda world: world.client.create_network(
        world.name, options={"com.docker.network.bridge.enable_icc": "perhaps"}
    ),
    ("create_network", "Conflict"): lambda world: [network(world), network(world)],
    ("create_network", "Forbidden"): lambda world: world.client.create_network("bridge"),
    ("create_network", "NetworkNotFound"): lambda world: world.client.create_network(
        world.name, driver="macvlan", config_from=NOBODY
    ),
    ("create_network", "NotAManager"): lambda world: world.client.create_network(
        world.name, driver="overlay"
    ),
    ("create_network", "PluginNotFound"): lambda world: world.client.create_network(
        world.name, driver=NOBODY
    ),
    ("create_network", "ValueError"): lambda world: world.client.create_network(
        world.name, ipv6=False, ipam=of_ipv6(world)
    ),
    ("disconnect_network", "BadRequest"): lambda world: world.client.disconnect_network(
        "host", of_the_host(world)
    ),
    ("disconnect_network", "Conflict"): lambda world: world.client.disconnect_network(
        network(world), world.created
    ),
    ("disconnect_network", "ContainerNotFound"): lambda world: world.client.disconnect_network(
        "bridge", NOBODY
    ),
    ("disconnect_network", "NetworkNotFound"): lambda world: world.client.disconnect_network(
        NOBODY, world.running()
    ),
    ("inspect_image", "ValueError"): lambda world: world.client.inspect_image(
        world.busybox, platform="linux/amd64", manifests=True
    ),
    ("inspect_network", "NetworkNotFound"): lambda world: world.client.inspect_network(NOBODY),
    ("networks", "ValueError"): lambda world: world.client.networks(filters={"nope": "x"}),
    ("prune_networks", "BadRequest"): lambda world: world.client.prune_networks(
        filters={"until": "perhaps", "label": world.name}
    ),
    ("prune_networks", "ValueError"): lambda world: world.client.prune_networks(
        filters={"nope": "x"}
    ),
    ("remove_network", "Forbidden"): lambda world: world.client.remove_network("bridge"),
    ("remove_network", "InUse"): lambda world: world.client.remove_network(used(world)),
    ("remove_network", "NetworkNotFound"): lambda world: world.client.remove_network(NOBODY),
    ("prune_build_cache", "BadRequest"): lambda world: world.client.prune_build_cache(
        filters={"until": "1h", "unused-for": "1h"}
    ),
    ("prune_build_cache", "ValueError"): lambda world: world.client.prune_build_cache(
        filters={"label": "x"}
    ),
    ("prune_containers", "BadRequest"): lambda world: world.client.prune_containers(
        filters={"until": "perhaps", "label": world.name}
    ),
    ("prune_containers", "ValueError"): lambda world: world.client.prune_containers(
        filters={"nope": "x"}
    ),
    ("prune_images", "BadRequest"): lambda world: world.client.prune_images(
        filters={"until": "perhaps", "label": world.name}
    ),
    ("prune_images", "ValueError"): lambda world: world.client.prune_images(
        filters={"dangling": True}
    ),
    ("prune_volumes", "ValueError"): lambda world: world.client.prune_volumes(
        filters={"until": "1h"}
    ),
    ("remove_image", "InUse"): lambda world: world.client.remove_image(used_image(world)),
    ("create_volume", "BadRequest"): lambda world: volume(world, options={"nosuch": "1"}),
    ("create_volume", "Conflict"): lambda world: [volume(world), volume(world, options={"a": "b"})],
    ("create_volume", "PluginNotFound"): lambda world: volume(world, driver=NOBODY),
    ("create_volume", "NotAManager"): lambda world: volume(
        world, driver=NOBODY, cluster=ClusterVolumeSpec(group="g")
    ),
    ("create_volume", "ValueError"): lambda world: world.client.create_volume("x"),
    ("inspect_volume", "VolumeNotFound"): lambda world: world.client.inspect_volume(NOBODY),
    ("remove_volume", "InUse"): lambda world: world.client.remove_volume(used_volume(world)),
    ("remove_volume", "VolumeNotFound"): lambda world: world.client.remove_volume(NOBODY),
    ("update_volume", "ServerError"): lambda world: world.client.update_volume(
        OF_CLUSTER, availability="drain"
    ),
    ("update_volume", "ValueError"): lambda world: world.client.update_volume(
        volume(world), availability="drain"
    ),
    ("volumes", "BadRequest"): lambda world: world.client.volumes(filters={"dangling": "perhaps"}),
    ("volumes", "ValueError"): lambda world: world.client.volumes(filters={"nope": "x"}),
    ("create_container", "Conflict"): named_twice,
    ("create_container", "ImageNotFound"): lambda world: world.client.create_container(NOBODY),
    ("create_container", "PluginNotFound"): lambda world: world.with_host(
        binds=[f"{world.name}:/x"], volume_driver=NOBODY
    ),
    ("create_container", "ValueError"): lambda world: world.client.create_container(
        world.busybox, config=ContainerConfig(image="another")
    ),
    ("exec_create", "Conflict"): lambda world: world.client.exec_create(world.created, ["true"]),
    ("exec_create", "NotSupported"): lambda world: world.pinned("1.24").exec_create(
        world.created, ["true"], env={"a": "b"}
    ),
    ("exec_inspect", "NotFound"): lambda world: world.client.exec_inspect(NOBODY),
    ("exec_resize", "NotFound"): lambda world: world.client.exec_resize(NOBODY, height=1, width=1),
    ("exec_run", "CommandFailed"): lambda world: world.client.exec_run(
        world.running(), ["false"], check=True
    ),
    ("exec_run", "Conflict"): lambda world: world.client.exec_run(world.created, ["true"]),
    ("exec_run", "ValueError"): lambda world: world.client.exec_run(
        world.created, ["cat"], input=b"x", tty=True
    ),
    ("exec_start", "Conflict"): exec_of_a_paused_one,
    ("exec_start", "NotFound"): lambda world: world.client.exec_start(NOBODY),
    ("exec_start", "ValueError"): exec_with_another_tty,
    ("from_context", "ConnectionFailed"): lambda world: Client.from_context(
        NOBODY, {"HOME": str(world.folder)}
    ),
    ("from_context", "ValueError"): lambda world: Client.from_context(
        "default", {"HOME": str(world.folder), "DOCKER_HOST": "tcp://:x"}
    ),
    ("from_env", "ConnectionFailed"): lambda world: Client.from_env(
        {"HOME": str(world.folder), "DOCKER_CONTEXT": NOBODY}
    ),
    ("from_env", "ValueError"): lambda world: Client.from_env(
        {"HOME": str(world.folder), "DOCKER_HOST": "tcp://:x"}
    ),
    ("get_archive", "PathNotFound"): lambda world: world.client.get_archive(
        world.created, "/nothing"
    ),
    ("images", "ValueError"): lambda world: world.client.images(
        reference="a", filters={"reference": "b"}
    ),
    ("import_image", "OSError"): lambda world: world.client.import_image(world.folder / "nothing"),
    ("import_image", "ServerError"): lambda world: world.client.import_image(b"nonsense" * 100),
    ("inspect_distribution", "CredentialsError"): lambda world: world.broken().inspect_distribution(
        NOWHERE
    ),
    ("inspect_distribution", "ImageNotFound"): lambda world: world.client.inspect_distribution(
        f"{world.registry}/nothing", auth=ADA
    ),
    ("inspect_distribution", "RateLimited"): lambda world: world.client.inspect_distribution(
        f"{world.limited}/x"
    ),
    ("inspect_distribution", "ServerError"): lambda world: world.client.inspect_distribution(
        NOWHERE
    ),
    ("inspect_distribution", "Unauthorized"): lambda world: world.client.inspect_distribution(
        f"{world.registry}/nothing"
    ),
    ("inspect_distribution", "ValueError"): lambda world: world.client.inspect_distribution(
        "0a" * 32
    ),
    ("insert", "NotSupported"): lambda world: world.client.insert(
        world.busybox, url="http://127.0.0.1:1/x", path="/x"
    ),
    ("kill", "Conflict"): lambda world: world.client.kill(world.created),
    ("load_image", "LoadFailed"): lambda world: world.client.load_image(b"nonsense"),
    ("load_image", "OSError"): lambda world: world.client.load_image(world.folder / "nothing"),
    ("login", "CredentialsError"): lambda world: world.client.login(registry=world.registry),
    ("login", "ServerError"): lambda world: world.client.login(
        USERNAME, password=PASSWORD, registry="127.0.0.1:1"
    ),
    ("login", "Unauthorized"): lambda world: world.client.login(
        USERNAME, password="wrong", registry=world.registry
    ),
    ("logs", "ValueError"): lambda world: world.client.logs(
        world.created, stdout=False, stderr=False
    ),
    ("pause", "Conflict"): lambda world: world.client.pause(world.created),
    ("pull", "CredentialsError"): lambda world: world.broken().pull(NOWHERE),
    ("pull", "ImageNotFound"): lambda world: world.client.pull(
        f"{world.registry}/nothing", auth=ADA
    ),
    ("pull", "RateLimited"): lambda world: world.client.pull(f"{world.limited}/x"),
    ("pull", "ServerError"): lambda world: world.client.pull(NOWHERE),
    ("pull", "Unauthorized"): lambda world: world.client.pull(f"{world.registry}/nothing"),
    ("push", "CredentialsError"): lambda world: world.broken().push(NOWHERE),
    ("push", "Forbidden"): lambda world: world.client.push(
        world.tagged(f"{world.denying}/{world.name}")
    ),
    ("push", "PushFailed"): lambda world: world.client.push(
        world.tagged(f"127.0.0.1:1/{world.name}")
    ),
    ("push", "RateLimited"): lambda world: world.client.push(
        world.tagged(f"{world.limited}/{world.name}")
    ),
    ("push", "Unauthorized"): lambda world: world.client.push(
        world.tagged(f"{world.registry}/{world.name}")
    ),
    ("put_archive", "BadRequest"): lambda world: world.client.put_archive(
        world.created, "/etc/passwd", EMPTY
    ),
    ("put_archive", "OSError"): lambda world: world.client.put_archive(
        world.created, "/etc", world.folder / "nothing"
    ),
    ("put_archive", "PathNotFound"): lambda world: world.client.put_archive(
        world.created, "/nothing", EMPTY
    ),
    ("put_archive", "ServerError"): lambda world: world.client.put_archive(
        world.created, "/etc", b"nonsense"
    ),
    ("remove_container", "Conflict"): lambda world: world.client.remove_container(world.running()),
    ("remove_image", "Conflict"): with_two_names,
    ("rename", "Conflict"): renamed_to_what_is_there,
    **{(method, "NotAManager"): call for method, call in OF_A_MANAGER.items()},
    ("init_swarm", "BadRequest"): lambda world: world.client.init_swarm(listen="nosuch0"),
    ("init_swarm", "ValueError"): lambda world: world.client.init_swarm(
        SwarmSpec(heartbeat_period=0)
    ),
    ("join_swarm", "ValueError"): lambda world: world.client.join_swarm("m", token="x"),
    ("nodes", "ValueError"): lambda world: world.client.nodes(filters={"nope": "x"}),
    ("update_node", "TypeError"): lambda world: world.client.update_node(NOBODY, A_NODE.spec),  # type: ignore[arg-type]
    ("update_swarm", "TypeError"): lambda world: world.client.update_swarm(NOBODY),  # type: ignore[arg-type]
    ("resize", "Conflict"): lambda world: world.client.resize(world.created, height=1, width=1),
    ("run", "ApiError"): lambda world: world.run("/no/such/command"),
    ("run", "CommandFailed"): lambda world: world.run("false", check=True),
    ("run", "ImageNotFound"): lambda world: world.client.run(f"{world.registry}/nothing", auth=ADA),
    ("run", "NetworkNotFound"): lambda world: world.run(
        host_config=HostConfig(network_mode=NOBODY)
    ),
    ("run", "PluginNotFound"): lambda world: world.run(
        host_config=HostConfig(binds=[f"{world.name}:/x"], volume_driver=NOBODY)
    ),
    ("run", "ValueError"): lambda world: world.run(host_config=HostConfig(auto_remove=True)),
    ("search", "CredentialsError"): lambda world: world.broken().search(NOWHERE),
    ("search", "RateLimited"): lambda world: world.client.search(f"{world.limited}/x"),
    ("search", "ServerError"): lambda world: world.client.search(NOWHERE),
    ("start", "BadRequest"): lambda world: world.client.start(world.container("/no/such/command")),
    ("start", "NetworkNotFound"): lambda world: world.client.start(
        world.with_host(network_mode=NOBODY)
    ),
    ("stored_login", "NotSupported"): lambda world: world.client.stored_login(),
    ("supports", "ValueError"): lambda world: world.client.supports("nothing"),
    ("top", "Conflict"): lambda world: world.client.top(world.created),
    ("unpause", "Conflict"): lambda world: world.client.unpause(world.running()),
    ("run", "TimedOut"): lambda world: world.run("sleep", "6000", timeout=0.5, remove=True),
    ("exec_run", "TimedOut"): lambda world: world.client.exec_run(
        world.running(), ["sleep", "6000"], timeout=0.5
    ),
    ("update_container", "BadRequest"): lambda world: world.client.update_container(
        world.created, ContainerUpdate(cpuset_cpus="4000")
    ),
    ("update_container", "Conflict"): lambda world: world.client.update_container(
        world.with_host(cpu_quota=50_000), ContainerUpdate(nano_cpus=10**9)
    ),
    ("update_container", "ServerError"): lambda world: world.client.update_container(
        world.running(), ContainerUpdate(cpu_shares=300_000)
    ),
    ("wait_until", "OperationFailed"): lambda world: world.client.wait_until(
        world.run().container_id, "running"
    ),
    ("wait_until", "TimedOut"): lambda world: world.client.wait_until(
        world.created, "running", timeout=0.1
    ),
    ("wait_until", "ValueError"): lambda world: world.client.wait_until(world.created, "healthy"),
    ("wait", "TimedOut"): lambda world: world.client.wait(world.running(), timeout=0.1),
    ("wait_until_ready", "Closed"): closed_meanwhile,
    ("wait_until_ready", "TimedOut"): lambda world: Client(
        f"unix://{world.folder}/nobody"
    ).wait_until_ready(0.1),
    ("create_checkpoint", "ValueError"): lambda world: world.client.create_checkpoint(NOBODY, "a"),
    **{
        (method, "ServerError"): lambda world, method=method: getattr(world.client, method)(
            world.created, *(["one"] if method != "checkpoints" else [])
        )
        for method in ("checkpoints", "create_checkpoint", "remove_checkpoint")
    },
    # Those that make no plugin: plugins are for private Engines.
    ("create_plugin", "BadRequest"): lambda world: world.client.create_plugin(
        world.name, b"no archive"
    ),
    ("create_plugin", "OSError"): lambda world: world.client.create_plugin(
        world.name, world.folder / "nothing"
    ),
    ("disable_plugin", "PluginNotFound"): lambda world: world.client.disable_plugin(NOBODY),
    ("enable_plugin", "PluginNotFound"): lambda world: world.client.enable_plugin(NOBODY),
    ("inspect_plugin", "PluginNotFound"): lambda world: world.client.inspect_plugin(NOBODY),
    ("install_plugin", "CredentialsError"): lambda world: world.broken().install_plugin(NOWHERE),
    ("install_plugin", "PluginNotFound"): lambda world: world.client.install_plugin(
        f"{world.registry}/nothing", auth=ADA
    ),
    ("install_plugin", "ServerError"): lambda world: world.client.install_plugin(NOWHERE),
    ("plugin_privileges", "CredentialsError"): lambda world: world.broken().plugin_privileges(
        NOWHERE
    ),
    ("plugins", "BadRequest"): lambda world: world.client.plugins(filters={"enabled": "perhaps"}),
    ("plugins", "ValueError"): lambda world: world.client.plugins(filters={"nope": "x"}),
    ("push_plugin", "PluginNotFound"): lambda world: world.client.push_plugin(NOBODY),
    ("remove_plugin", "PluginNotFound"): lambda world: world.client.remove_plugin(NOBODY),
    ("set_plugin", "PluginNotFound"): lambda world: world.client.set_plugin(NOBODY, {"A": 1}),
    ("set_plugin", "ValueError"): lambda world: world.client.set_plugin(NOBODY, {"A=": 1}),
    ("upgrade_plugin", "PluginNotFound"): lambda world: world.client.upgrade_plugin(NOBODY),
}

OF_A_SWARM: dict[str, Call] = {
    "change_service": lambda world: world.client.change_service(NOBODY, lambda spec: spec),
    "create_service": lambda world: world.client.create_service(SERVICE.spec),
    "inspect_service": lambda world: world.client.inspect_service(NOBODY),
    "inspect_task": lambda world: world.client.inspect_task(NOBODY),
    "remove_service": lambda world: world.client.remove_service(NOBODY),
    "rollback_service": lambda world: world.client.rollback_service(SERVICE),
    "services": lambda world: world.client.services(),
    "tasks": lambda world: world.client.tasks(),
    "update_service": lambda world: world.client.update_service(SERVICE, SERVICE.spec),
    "wait_for_service": lambda world: world.client.wait_for_service(NOBODY, timeout=60),
}
PROVOKED |= {(method, "NotAManager"): call for method, call in OF_A_SWARM.items()}
NEEDS_A_SWARM: dict[str, Callable[[Client], object]] = {
    "change_config": lambda client: client.change_config(NOBODY, lambda spec: spec),
    "change_secret": lambda client: client.change_secret(NOBODY, lambda spec: spec),
    "inspect_config": lambda client: client.inspect_config(NOBODY),
    "inspect_secret": lambda client: client.inspect_secret(NOBODY),
    "remove_config": lambda client: client.remove_config(NOBODY),
    "remove_secret": lambda client: client.remove_secret(NOBODY),
    "service_log_lines": lambda client: client.service_log_lines(NOBODY),
    "service_logs": lambda client: client.service_logs(NOBODY),
    "task_log_lines": lambda client: client.task_log_lines(NOBODY),
    "task_logs": lambda client: client.task_logs(NOBODY),
    "update_config": lambda client: client.update_config(CONFIG, CONFIG.spec),
    "update_secret": lambda client: client.update_secret(SECRET, SECRET.spec),
}
OF_NOBODY: dict[str, Callable[[Client], object]] = {
    **NEEDS_A_SWARM,
    "change_node": lambda client: client.change_node(NOBODY, lambda spec: spec),
    "change_service": lambda client: client.change_service(NOBODY, lambda spec: spec),
    "inspect_node": lambda client: client.inspect_node(NOBODY),
    "inspect_service": lambda client: client.inspect_service(NOBODY),
    "inspect_task": lambda client: client.inspect_task(NOBODY),
    "remove_node": lambda client: client.remove_node(NOBODY),
    "remove_service": lambda client: client.remove_service(NOBODY),
    "rollback_service": lambda client: client.rollback_service(SERVICE),
    "tasks": lambda client: client.tasks(filters={"service": NOBODY}),
    "update_node": lambda client: client.update_node(A_NODE, A_NODE.spec),
    "update_service": lambda client: client.update_service(SERVICE, SERVICE.spec),
    "wait_for_service": lambda client: client.wait_for_service(NOBODY, timeout=60),
}
NEEDS_A_SWARM |= {
    "configs": lambda client: client.configs(),
    "create_config": lambda client: client.create_config("a", b"a"),
    "create_secret": lambda client: client.create_secret("a", b"a"),
    "secrets": lambda client: client.secrets(),
}


def idle(name: str = "web", **task: Any) -> ServiceSpec:
    """A service without tasks."""
    container = task.pop("container", None) or ContainerSpec(image=IMAGE, command=["true"])
    return ServiceSpec(name=name, task=TaskSpec(container=container, **task)).scaled(0)


def made(client: Client, spec: ServiceSpec) -> Service:
    return client.inspect_service(client.create_service(spec))


def waiting(client: Client, replicas: int = 1) -> list[Task]:
    """The tasks of a service that no node takes."""
    nowhere = Placement(constraints=["node.labels.nobody==1"])
    id = client.create_service(idle("nowhere", placement=nowhere).scaled(replicas)).id

    def look() -> list[Task] | None:
        found = client.tasks(filters={"service": id})
        return found if len(found) == replicas else None

    return until(look)


def beginning(ids: Iterable[str]) -> str:
    """What two of them begin with, which are made until there are two."""
    seen: set[str] = set()
    for id in ids:
        if id[0] in seen:
            return id[0]
        seen.add(id[0])
    raise AssertionError("there are no two")


def with_port(name: str) -> ServiceSpec:
    return attrs.evolve(idle(name), ports=[ServicePort(target=80, published=30081)])


def in_a_nowhere_network(spec: ServiceSpec) -> ServiceSpec:
    networks = [NetworkAttachment(target=NOBODY)]
    return attrs.evolve(spec, task=attrs.evolve(spec.task, networks=networks))


def with_a_lost_secret(spec: ServiceSpec) -> ServiceSpec:
    container = ContainerSpec(image=IMAGE, secrets=[SecretReference(id=NOBODY, name=NOBODY)])
    return attrs.evolve(spec, task=TaskSpec(container=container))


def labelled(spec: Any) -> Any:
    return attrs.evolve(spec, labels={"a": uuid.uuid4().hex})


def overtaken(change: Callable[..., object], what: Any = None) -> object:
    """Somebody else changes it, whenever it was read."""
    rest = () if what is None else (what,)

    def slowly(spec: Any) -> Any:
        change(*rest, labelled)
        return labelled(spec)

    return change(*rest, slowly, tries=1)


def stale(read: Any, update: Callable[[Any, Any], object]) -> object:
    update(read, labelled(read.spec))
    return update(read, labelled(read.spec))


def this_node(client: Client) -> Node:
    [found] = client.nodes()
    return found


def as_worker(spec: NodeSpec) -> NodeSpec:
    return attrs.evolve(spec, role="worker")


def short_lived(spec: SwarmSpec) -> SwarmSpec:
    return attrs.evolve(spec, ca=CAConfig(node_cert_expiry=60))


def updated(client: Client) -> Service:
    """A service with a spec before the present one."""
    return client.change_service(made(client, idle()), labelled)


def rolled_back_late(client: Client) -> object:
    read = updated(client)
    client.change_service(read, labelled)
    return client.rollback_service(read)


def in_use(client: Client) -> tuple[str, str]:
    """The ids of a secret and of a config that a service has."""
    secret, config = client.create_secret("a", b"a"), client.create_config("a", b"a")
    container = ContainerSpec(
        image=IMAGE,
        secrets=[SecretReference.to(client.inspect_secret(secret))],
        configs=[ConfigReference.to(client.inspect_config(config))],
    )
    client.create_service(idle(container=container))
    return secret, config


def failing(client: Client) -> ServiceCreated:
    spec = idle(
        container=ContainerSpec(image=IMAGE, command=["false"]),
        restart=TaskRestart(condition="none"),
    )
    return client.create_service(spec.scaled(1))


def read_all(stream: Iterable[object]) -> object:
    return list(stream)


OF_MANAGERS: dict[tuple[str, str], Callable[[Client], object]] = {
    **{(method, "NotFound"): call for method, call in OF_NOBODY.items()},
    # The swarm and its nodes
    ("change_node", "Conflict"): lambda client: client.change_node(this_node(client), as_worker),
    ("change_node", "OutOfSequence"): lambda client: overtaken(
        client.change_node, this_node(client)
    ),
    ("change_swarm", "BadRequest"): lambda client: client.change_swarm(short_lived),
    ("change_swarm", "OutOfSequence"): lambda client: overtaken(client.change_swarm),
    ("init_swarm", "Conflict"): lambda client: client.init_swarm(),
    ("join_swarm", "Conflict"): lambda client: client.join_swarm(
        "127.0.0.1:1", token=f"SWMTKN-1-{'0' * 50}-{'1' * 25}"
    ),
    ("leave_swarm", "Conflict"): lambda client: client.leave_swarm(),
    ("nodes", "BadRequest"): lambda client: client.nodes(filters={"role": "king"}),
    ("remove_node", "Conflict"): lambda client: client.remove_node(this_node(client)),
    ("unlock_swarm", "Conflict"): lambda client: client.unlock_swarm("SWMKEY-1-x"),
    ("update_node", "Conflict"): lambda client: client.update_node(
        this_node(client), as_worker(this_node(client).spec)
    ),
    ("update_node", "OutOfSequence"): lambda client: stale(this_node(client), client.update_node),
    ("update_swarm", "BadRequest"): lambda client: client.update_swarm(
        client.inspect_swarm(), short_lived(client.inspect_swarm().spec)
    ),
    ("update_swarm", "OutOfSequence"): lambda client: stale(
        client.inspect_swarm(), client.update_swarm
    ),
    # Services and tasks
    ("change_service", "OutOfSequence"): lambda client: overtaken(
        client.change_service, made(client, idle())
    ),
    ("change_service", "TypeError"): lambda client: client.change_service(
        made(client, idle()),
        lambda spec: NOBODY,  # type: ignore[arg-type, return-value]
    ),
    ("change_service", "ValueError"): lambda client: client.change_service(
        made(client, idle()), lambda spec: attrs.evolve(spec, name="other")
    ),
    ("create_service", "BadRequest"): lambda client: made(client, with_a_lost_secret(idle())),
    ("create_service", "Conflict"): lambda client: [made(client, idle()), made(client, idle())],
    ("create_service", "InUse"): lambda client: [
        made(client, with_port("one")),
        made(client, with_port("two")),
    ],
    ("create_service", "NetworkNotFound"): lambda client: made(
        client, in_a_nowhere_network(idle())
    ),
    ("inspect_service", "BadRequest"): lambda client: client.inspect_service(
        beginning(made(client, idle(f"web{number}")).id for number in range(37))
    ),
    ("inspect_task", "BadRequest"): lambda client: client.inspect_task(
        beginning(task.id for task in waiting(client, 37))
    ),
    ("rollback_service", "OutOfSequence"): rolled_back_late,
    ("tasks", "BadRequest"): lambda client: client.tasks(filters={"desired-state": "no"}),
    ("update_service", "BadRequest"): lambda client: client.update_service(
        made(client, idle()), with_a_lost_secret(idle())
    ),
    ("update_service", "InUse"): lambda client: [
        made(client, with_port("other")),
        client.update_service(made(client, idle()), with_port("web")),
    ],
    ("update_service", "NetworkNotFound"): lambda client: client.update_service(
        made(client, idle()), in_a_nowhere_network(idle())
    ),
    ("update_service", "OutOfSequence"): lambda client: stale(
        made(client, idle()), client.update_service
    ),
    ("wait_for_service", "ServiceFailed"): lambda client: client.wait_for_service(
        failing(client), timeout=60
    ),
    ("wait_for_service", "TimedOut"): lambda client: client.wait_for_service(
        str(waiting(client)[0].service_id), timeout=0.1
    ),
    # Logs
    **{
        (f"{noun}_{what}", "ValueError"): lambda client, noun=noun, what=what: getattr(
            client, f"{noun}_{what}"
        )(NOBODY, stdout=False, stderr=False)
        for noun in ("service", "task")
        for what in ("logs", "log_lines")
    },
    ("task_logs", "LogsIncomplete"): lambda client: read_all(client.task_logs(waiting(client)[0])),
    ("task_log_lines", "LogsIncomplete"): lambda client: read_all(
        client.task_log_lines(waiting(client)[0])
    ),
    # Secrets and configs
    ("change_config", "OutOfSequence"): lambda client: overtaken(
        client.change_config, client.create_config("a", b"a")
    ),
    ("change_secret", "OutOfSequence"): lambda client: overtaken(
        client.change_secret, client.create_secret("a", b"a")
    ),
    ("change_config", "TypeError"): lambda client: client.change_config(
        client.create_config("a", b"a"),
        lambda spec: NOBODY,  # type: ignore[arg-type, return-value]
    ),
    ("change_secret", "TypeError"): lambda client: client.change_secret(
        client.create_secret("a", b"a"),
        lambda spec: NOBODY,  # type: ignore[arg-type, return-value]
    ),
    ("change_config", "ValueError"): lambda client: client.change_config(
        client.create_config("a", b"a"), lambda spec: attrs.evolve(spec, name="b")
    ),
    ("change_secret", "ValueError"): lambda client: client.change_secret(
        client.create_secret("a", b"a"), lambda spec: attrs.evolve(spec, name="b")
    ),
    ("configs", "ValueError"): lambda client: client.configs(filters={"a": "b"}),
    ("secrets", "ValueError"): lambda client: client.secrets(filters={"a": "b"}),
    ("create_config", "Conflict"): lambda client: [client.create_config("a", b"a") for _ in "ab"],
    ("create_secret", "Conflict"): lambda client: [client.create_secret("a", b"a") for _ in "ab"],
    ("create_config", "ValueError"): lambda client: client.create_config("a", b""),
    ("create_secret", "ValueError"): lambda client: client.create_secret("a", b""),
    ("create_secret", "PluginNotFound"): lambda client: client.create_secret(
        "a", driver=Driver(name=NOBODY)
    ),
    ("inspect_config", "BadRequest"): lambda client: client.inspect_config(
        beginning(client.create_config(name, b"a") for name in map("a{}".format, range(37)))
    ),
    ("inspect_secret", "BadRequest"): lambda client: client.inspect_secret(
        beginning(client.create_secret(name, b"a") for name in map("a{}".format, range(37)))
    ),
    ("remove_config", "InUse"): lambda client: client.remove_config(in_use(client)[1]),
    ("remove_secret", "InUse"): lambda client: client.remove_secret(in_use(client)[0]),
    ("update_config", "OutOfSequence"): lambda client: stale(
        client.inspect_config(client.create_config("a", b"a")), client.update_config
    ),
    ("update_secret", "OutOfSequence"): lambda client: stale(
        client.inspect_secret(client.create_secret("a", b"a")), client.update_secret
    ),
    ("update_config", "TypeError"): lambda client: client.update_config(
        NOBODY,  # type: ignore[arg-type]
        CONFIG.spec,
    ),
    ("update_secret", "TypeError"): lambda client: client.update_secret(
        NOBODY,  # type: ignore[arg-type]
        SECRET.spec,
    ),
    ("update_config", "ValueError"): lambda client: client.update_config(
        CONFIG, attrs.evolve(CONFIG.spec, name="b")
    ),
    ("update_secret", "ValueError"): lambda client: client.update_secret(
        SECRET, attrs.evolve(SECRET.spec, name="b")
    ),
}
PROVOKED |= {
    **{
        (method, "NotAManager"): lambda world, call=call: call(world.client)
        for method, call in NEEDS_A_SWARM.items()
    },
    **{row: lambda world, call=call: call(world.manager()) for row, call in OF_MANAGERS.items()},
}
PROVOKED |= {
    ("services", "ValueError"): lambda world: world.client.services(filters={"a": "b"}),
    ("tasks", "ValueError"): lambda world: world.client.tasks(filters={"a": "b"}),
    ("update_service", "ValueError"): lambda world: world.client.update_service(
        SERVICE, attrs.evolve(SERVICE.spec, name="other")
    ),
    ("update_service", "TypeError"): lambda world: world.client.update_service(
        NOBODY,  # type: ignore[arg-type]
        SERVICE.spec,
    ),
    ("rollback_service", "TypeError"): lambda world: world.client.rollback_service(
        NOBODY  # type: ignore[arg-type]
    ),
    ("rollback_service", "ValueError"): lambda world: world.client.rollback_service(
        attrs.evolve(SERVICE, previous_spec=None)
    ),
    ("create_service", "NotSupported"): lambda world: world.pinned("1.40").create_service(
        attrs.evolve(SERVICE.spec, mode=GlobalJob())
    ),
    ("update_service", "NotSupported"): lambda world: world.pinned("1.24").update_service(
        SERVICE, SERVICE.spec.forced(), registry_auth_from="spec"
    ),
}

OLD = "only Engines older than those that run here say so"
NEWER = "no Engine that runs here has it: tests/test_recordings.py"
OF_PULLS = ("PullFailed", "Unauthorized")
CUT = "the connection has to be cut at the right moment: tests/live/test_ends_live.py"
PRUNING = "another one has to be running: tests/api/test_networks.py"
A_SWARM = "it takes a manager of a swarm: tests/live/test_volumes_live.py"
SERVICE = Service.parse(
    {
        "ID": NOBODY,
        "Version": {"Index": 1},
        "Spec": {"TaskTemplate": {"ContainerSpec": {"Image": "a"}}},
        "PreviousSpec": {"TaskTemplate": {"ContainerSpec": {"Image": "a"}}},
    }
)
SECRET = Secret.parse({"ID": NOBODY, "Version": {"Index": 1}, "Spec": {"Name": "a"}})
CONFIG = Config.parse({"ID": NOBODY, "Version": {"Index": 1}, "Spec": {"Name": "a"}})
OF_CLUSTER = Volume.parse(
    {"Name": "v", "ClusterVolume": {"ID": "v", "Version": {"Index": 1}, "Spec": {}}}
)
# What the docstring says of later Engines.
OTHERWISE = {
    ("prune_containers", "BadRequest"): {"0.3": "ServerError", "23.0": "BadRequest"},
    ("prune_images", "BadRequest"): {"0.3": "ServerError", "29.0": "BadRequest"},
    ("create_volume", "NotAManager"): {"0.3": "NotSupported", "23.0": "NotAManager"},
    ("update_volume", "ServerError"): {"0.3": "NotSupported", "23.0": "ServerError"},
    ("create_network", "BadRequest"): {"0.3": "ServerError", "25.0": "BadRequest"},
    ("install_plugin", "PluginNotFound"): {"0.3": "ServerError", "28.0": "PluginNotFound"},
    ("prune_networks", "BadRequest"): {"0.3": "ServerError", "23.0": "BadRequest"},
    ("search", "ServerError"): {"0.3": "ServerError", "26.1": "BadRequest"},
}
# For whose plugin an Engine looks for fifteen seconds; `run` is left, which creates a container.
LOOKED_FOR = {
    (method, "PluginNotFound")
    for method in ("create_container", "create_network", "create_secret", "create_volume")
}
NOT_HERE = {
    ("attach", "StreamInterrupted"): "it has to end just then: tests/live/test_attach_live.py",
    ("attach", "UnexpectedReply"): "it takes a proxy in front of the Engine: tests/api",
    ("exec_start", "UnexpectedReply"): "it takes a proxy in front of the Engine: tests/api",
    ("build", "OSError"): "root, who starts Engines, reads every file: tests/archive",
    ("build", "ImportError"): "the extra is installed here: tests/api/test_build.py",
    ("build", "StreamInterrupted"): "as for `attach`: tests/live/test_session_ends_live.py",
    ("build_files", "BadArchive"): "an Engine sends none: tests/buildkit/test_output.py",
    ("build", "RateLimited"): "the base image is pulled from the limited registry: as `pull`",
    ("create_container", "ContainerNotFound"): OLD,
    ("create_container", "NetworkNotFound"): OLD,
    ("create_container", "VolumeNotFound"): OLD,
    ("exec_inspect", "NotSupported"): OLD,
    ("exec_run", "NotSupported"): "it takes a proxy: tests/live/test_proxies_live.py",
    ("exec_run", "StreamInterrupted"): CUT,
    ("image_attestations", "ImageNotFound"): NEWER,
    ("image_attestations", "ServerError"): NEWER,
    ("remove_image", "BadRequest"): "of another image store: tests/live/test_containerd_live.py",
    ("import_image", "ImportFailed"): "the Engine has to fail in the middle: tests/api",
    ("insert", "OperationFailed"): OLD,
    ("inspect_network", "BadRequest"): "only up to 24.0: tests/live/test_networks_live.py",
    ("networks", "BadRequest"): "of `dangling`, which needs Engine 29.0: tests/test_recordings.py",
    ("disk_usage", "Busy"): PRUNING,
    **{
        (f"prune_{what}", "Busy"): PRUNING
        for what in ("build_cache", "containers", "images", "networks", "volumes")
    },
    ("pull", "PullFailed"): "a registry has to break off in a layer: tests/api/test_images.py",
    ("run", "ContainerNotFound"): OLD,
    ("run", "PullFailed"): "as for `pull`",
    ("run", "StreamInterrupted"): CUT,
    ("stream_stats", "StreamInterrupted"): "it has to be cut: tests/live/test_marks_live.py",
    ("run", "VolumeNotFound"): OLD,
    ("tag", "Conflict"): OLD,
    ("update_volume", "OutOfSequence"): A_SWARM,
    ("update_volume", "VolumeNotFound"): A_SWARM,
    ("create_config", "BadRequest"): OLD,
    ("create_secret", "BadRequest"): OLD,
    **dict.fromkeys(
        [(f"service_{what}", "LogsIncomplete") for what in ("logs", "log_lines")],
        "a node has to be away: tests/live/test_swarm_live.py",
    ),
    ("viz", "OperationFailed"): OLD,
    ("wait_until", "StreamInterrupted"): CUT,
    **dict.fromkeys(
        [
            ("create_plugin", "Conflict"),
            *(("disable_plugin", name) for name in ("Conflict", "InUse")),
            *(("enable_plugin", name) for name in ("Conflict", "ServerError")),
            *(("install_plugin", name) for name in ("Conflict", "PrivilegesNeeded")),
            *(("push_plugin", name) for name in ("PushFailed", "CredentialsError")),
            *(("push_plugin", name) for name in ("Unauthorized", "Forbidden")),
            *(("remove_plugin", name) for name in ("Conflict", "InUse")),
            *(("set_plugin", name) for name in ("Conflict", "BadRequest")),
            *(("upgrade_plugin", name) for name in ("Conflict", "PrivilegesNeeded")),
            *(("upgrade_plugin", name) for name in ("CredentialsError", "ServerError")),
        ],
        "plugins are for private Engines: tests/live/test_plugins_live.py, tests/api",
    ),
    **dict.fromkeys(
        [(f"{verb}_plugin", name) for verb in ("install", "upgrade") for name in OF_PULLS],
        "a registry has to do so by TLS: tests/test_errors.py",
    ),
    **dict.fromkeys(
        [
            ("checkpoints", "ContainerNotFound"),
            ("create_checkpoint", "ContainerNotFound"),
            ("create_checkpoint", "Conflict"),
            ("remove_checkpoint", "ContainerNotFound"),
            ("remove_checkpoint", "NotFound"),
            ("start", "NotFound"),
        ],
        "only experimental Engines say so: tests/live/test_checkpoints_live.py",
    ),
    ("services", "BadRequest"): OLD,
    ("inspect_node", "BadRequest"): "it takes two hosts of one name",
    **dict.fromkeys(
        [
            *(("join_swarm", name) for name in ("BadRequest", "JoinPending", "ServerError")),
            *(("unlock_swarm", name) for name in ("BadRequest", "Unauthorized")),
        ],
        "of a second node, or of an Engine that restarts: tests/live/test_swarm_live.py",
    ),
    ("plugin_privileges", "PluginNotFound"): "of an image: tests/test_recordings.py",
    ("plugin_privileges", "ServerError"): OLD,
    ("wait", "OperationFailed"): "an Engine has to fail to tell the exit: tests/api",
}


def documented() -> Iterator[tuple[str, str]]:
    """Each method of a client with each class of its `Raises:`."""
    for method, function in inspect.getmembers(Client, inspect.isroutine):
        text = inspect.getdoc(function) or ""
        _, found, section = text.partition("\nRaises:\n")
        if method.startswith("_") or not found:
            continue
        section = section.partition("\n\n")[0]
        for row in re.finditer(r"^    (\w+(?:, \w+)*): ", section, re.MULTILINE):
            for name in row[1].split(", "):
                yield method, name


def test_every_class_that_is_documented_is_listed_once() -> None:
    assert sorted(documented()) == sorted([*PROVOKED, *NOT_HERE])


@pytest.fixture(scope="module")
def limited() -> Iterator[str]:
    with serve_refusals(429, "TOOMANYREQUESTS", to_reads=429) as address:
        yield address


@pytest.fixture(scope="module")
def denying() -> Iterator[str]:
    with serve_refusals(403, "DENIED", to_reads=404) as address:
        yield address


@pytest.fixture
def world(
    newest: Client,
    busybox: str,
    label: dict[str, str],
    name: str,
    registry: str,
    limited: str,
    denying: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[World]:
    with contextlib.ExitStack() as stack:

        def manager() -> Client:
            client = stack.enter_context(Client(request.getfixturevalue("manager")))
            stack.callback(clear, client)
            return client

        found = World(newest, busybox, label, name, tmp_path, registry, limited, denying, manager)
        found.created = found.container()
        yield found


@pytest.mark.parametrize(
    ("method", "error"),
    [
        pytest.param(
            *row, id=" ".join(row), marks=[pytest.mark.nightly] if row in LOOKED_FOR else []
        )
        for row in sorted(PROVOKED)
    ],
)
def test_what_is_documented_is_raised(
    world: World, engine: Engine, method: str, error: str
) -> None:
    """Of the errors of the library exactly that class; what is below `ApiError` stands for it."""
    name = engine.says(OTHERWISE.get((method, error), {"0.3": error}))
    expected = getattr(dockerapi, name, None) or getattr(builtins, name)
    with pytest.raises(expected) as caught:
        PROVOKED[method, error](world)
    if issubclass(expected, errors.DockerError) and expected is not errors.ApiError:
        assert type(caught.value) is expected
    assert str(caught.value) != ""
