"""A swarm, of which the fake Engine is no part."""

from __future__ import annotations

from typing import Any

import pytest

from dockerapi import Client, ContainerSpec, NotAManager, ServiceSpec, TaskSpec
from dockerapi.models.services import Service
from dockerapi.testing import FakeEngine

SPEC = ServiceSpec(task=TaskSpec(container=ContainerSpec(image="a")))
READ = Service.parse({"ID": "s1", "Version": {"Index": 1}, "Spec": SPEC.to_wire()})
WORDS = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect '
    "this node to swarm and try again."
)


@pytest.mark.parametrize(("release", "status"), [("1.12.6", 406), ("1.13.1", 503), ("28.5.2", 503)])
def test_only_a_manager_has_services_and_tasks(release: str, status: int) -> None:
    calls: list[Any] = [
        lambda client: client.services(),
        lambda client: client.inspect_service("web"),
        lambda client: client.create_service(SPEC),
        lambda client: client.update_service(READ, SPEC),
        lambda client: client.remove_service("web"),
        lambda client: client.wait_for_service("web", timeout=20),
        lambda client: client.tasks(),
        lambda client: client.inspect_task("web"),
    ]
    with FakeEngine(release=release) as engine, Client(engine.url) as client:
        for call in calls:
            with pytest.raises(NotAManager) as caught:
                call(client)
            found = caught.value
            assert (found.status, found.message, found.state) == (status, WORDS, "inactive")
