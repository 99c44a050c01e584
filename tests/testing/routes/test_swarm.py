"""The fake Engine is in no swarm, and says so in the words of its release."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi import (
    CAConfig,
    Client,
    ContainerSpec,
    NotAManager,
    ServerError,
    ServiceSpec,
    SwarmSpec,
    TaskSpec,
)
from dockerapi.models.secrets import Config, Secret
from dockerapi.models.services import Service
from dockerapi.models.swarm import Node, Swarm
from dockerapi.testing import FakeEngine

SWARM = Swarm.parse({"ID": "s", "Version": {"Index": 1}, "Spec": {}})
NODE = Node.parse(
    {"ID": "n", "Version": {"Index": 1}, "Spec": {"Role": "worker", "Availability": "active"}}
)
SPEC = ServiceSpec(task=TaskSpec(container=ContainerSpec(image="a")))
SECRET = Secret.parse({"ID": "k", "Version": {"Index": 1}, "Spec": {"Name": "key"}})
CONFIG = Config.parse({"ID": "c", "Version": {"Index": 1}, "Spec": {"Name": "conf"}})
SERVICE = Service.parse({"ID": "s1", "Version": {"Index": 1}, "Spec": SPEC.to_wire()})
WORDS = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect '
    "this node to swarm and try again."
)
TOKEN = f"SWMTKN-1-{'s' * 50}-{'3' * 25}"
OF_MANAGERS: list[Any] = [
    lambda client: client.inspect_swarm(),
    lambda client: client.update_swarm(SWARM),
    lambda client: client.change_swarm(lambda spec: spec),
    lambda client: client.nodes(),
    lambda client: client.inspect_node("n"),
    lambda client: client.update_node(NODE, NODE.spec),
    lambda client: client.change_node("n", lambda spec: spec),
    lambda client: client.remove_node("n"),
    lambda client: client.services(),
    lambda client: client.inspect_service("web"),
    lambda client: client.create_service(SPEC),
    lambda client: client.update_service(SERVICE, SPEC),
    lambda client: client.remove_service("web"),
    lambda client: client.wait_for_service("web", timeout=20),
    lambda client: client.tasks(),
    lambda client: client.inspect_task("web"),
]
SINCE_1_13: list[Any] = [
    lambda client: client.swarm_unlock_key(),
    lambda client: client.unlock_swarm("k"),
    lambda client: client.secrets(),
    lambda client: client.inspect_secret("key"),
    lambda client: client.create_secret("key", b"s3cret"),
    lambda client: client.update_secret(SECRET, SECRET.spec),
    lambda client: client.change_secret("key", lambda spec: spec),
    lambda client: client.remove_secret("key"),
]
SINCE_17_06: list[Any] = [
    lambda client: client.configs(),
    lambda client: client.inspect_config("conf"),
    lambda client: client.create_config("conf", b"x"),
    lambda client: client.update_config(CONFIG, CONFIG.spec),
    lambda client: client.change_config("conf", lambda spec: spec),
    lambda client: client.remove_config("conf"),
    lambda client: client.service_logs("web"),
    lambda client: client.service_log_lines("web"),
    lambda client: client.task_logs("t"),
    lambda client: client.task_log_lines("t"),
]


@pytest.mark.parametrize(
    ("release", "status"), [("1.12.6", 406), ("1.13.1", 503), ("20.10.24", 503), ("29.7.2", 503)]
)
def test_it_is_no_manager(release: str, status: int) -> None:
    calls = list(OF_MANAGERS)
    calls += SINCE_1_13 if release != "1.12.6" else []
    calls += SINCE_17_06 if release not in ("1.12.6", "1.13.1") else []
    with FakeEngine(release=release) as engine, Client(engine.url) as client:
        for call in calls:
            with pytest.raises(NotAManager) as caught:
                call(client)
            found = caught.value
            assert (found.status, found.message, found.state) == (status, WORDS, "inactive")
        for force in (False, True):
            with pytest.raises(NotAManager) as caught:
                client.leave_swarm(force=force)
            words = "This node is not part of a swarm"
            found = caught.value
            assert (found.status, found.message, found.state) == (status, words, "inactive")


def test_it_makes_no_swarm_and_joins_none() -> None:
    with FakeEngine() as engine, Client(engine.url) as client:
        for call in (
            lambda: client.init_swarm(SwarmSpec(ca=CAConfig(signing_ca_key="s3cret"))),
            lambda: client.join_swarm("m", token=TOKEN),
        ):
            with pytest.raises(ServerError) as caught:
                call()
            words = "a fake Engine is in no swarm; give it an answer of your own"
            assert caught.value.message == words
        made, joined = (one.body for one in engine.requests)
    assert made["Spec"]["CAConfig"] == {"SigningCAKey": "***"}
    assert joined["JoinToken"] == "***"
