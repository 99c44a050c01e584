"""Machines of a swarm: network namespaces of their own, joined by a wire, for an Engine each.

A swarm makes bridges of fixed names and listens on fixed ports: two Engines on one network would
take them from each other. A namespace ends with the process that holds it, and that one with ours.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs
import pytest

from live.busybox import find_busybox, root_file_system
from live.engine import PATIENCE, PrivateEngine, start
from live.programs import Missing, provide
from live.sshd import free_port

if TYPE_CHECKING:
    from dockerapi import Client

IMAGE = "services/busybox:1"
# The fixture `swarm` at an old version, too, by night.
FROM_1_30 = pytest.mark.parametrize(
    "swarm",
    [pytest.param("1.30", marks=pytest.mark.nightly), None],
    ids=["1.30", "newest"],
    indirect=True,
)
T = TypeVar("T")


@attrs.frozen
class Machine:
    """A namespace, by the process that holds it, and an address that it has."""

    pid: int
    address: str

    def engine(self, binaries: Path | None, name: str) -> PrivateEngine:
        """A private Engine on it."""
        return start(binaries, name=name, network_of=self.pid)

    def has(self, address: str) -> None:
        """It gets an address at its end of the wire."""
        inside = ["nsenter", f"--target={self.pid}", "--net", "ip"]
        subprocess.run([*inside, "addr", "add", f"{address}/24", "dev", "wire0"], check=True)
        subprocess.run([*inside, "link", "set", "wire0", "up"], check=True)


@contextlib.contextmanager
def _namespace() -> Iterator[int]:
    """The id of a process that holds one, with its loopback up."""
    held = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with held:
        try:
            assert held.stdout is not None
            assert held.stdout.readline() == b"up\n"
            yield held.pid
        finally:
            held.kill()


@contextlib.contextmanager
def machines() -> Iterator[tuple[Machine, Machine]]:
    """Two of them."""
    provide("ip")
    with _namespace() as first, _namespace() as second:
        wire = ["ip", "link", "add", "wire0", "netns", str(first)]
        wire += ["type", "veth", "peer", "name", "wire0", "netns", str(second)]
        subprocess.run(wire, check=True)
        found = Machine(first, "10.214.0.1"), Machine(second, "10.214.0.2")
        for each in found:
            each.has(each.address)
        yield found


@contextlib.contextmanager
def one_manager(binaries: Path | None, folder: Path) -> Iterator[str]:
    """The URL of a private Engine that is the only node of a swarm, and has busybox."""
    from dockerapi import Client

    with start(binaries, name="services") as engine, Client(engine.url) as client:
        address = f"127.0.0.1:{free_port()}"
        client.init_swarm(listen=address, advertise=address)
        give_image(client, folder)
        client.tag(IMAGE, "busybox:latest")
        yield engine.url


def give_image(client: Client, folder: Path) -> None:
    """The Engine has busybox under the name that services of tests ask for."""
    busybox = find_busybox(folder)
    if busybox is None:
        raise Missing("there is no busybox that needs no libraries")
    client.import_image(root_file_system(busybox), repository=IMAGE)


def clear(client: Client) -> None:
    """The swarm has nothing that a test has made in it."""
    for service in client.services():
        client.remove_service(service)
    for secret in client.secrets():
        client.remove_secret(secret)
    for config in client.configs():
        client.remove_config(config)


def until(look: Callable[[], T | None]) -> T:
    """What is there in the end: a swarm does things in its own time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it has not come")
