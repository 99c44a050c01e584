from __future__ import annotations

import pytest

from dockerapi import (
    Client,
    Conflict,
    ContainerConfig,
    HostConfig,
)


def test_names_are_given_or_made_up_and_taken_once(client: Client) -> None:
    id = client.create_container("busybox", name="mine").id
    for reference in ("mine", "/mine", id, id[:12]):
        assert client.inspect_container(reference).id == id
    with pytest.raises(Conflict) as caught:
        client.create_container("busybox", name="mine")
    assert caught.value.message == (
        f'Conflict. The container name "/mine" is already in use by container "{id}". You have '
        "to remove (or rename) that container to be able to reuse that name."
    )
    others = {client.inspect_container(client.create_container("busybox")).name for _ in range(50)}
    assert len(others) == 50
    client.remove_container("mine")
    assert client.create_container("busybox", name="mine").id != id


def test_ports_are_published_while_it_runs(client: Client) -> None:
    config = ContainerConfig(exposed_ports=[80, "53/udp"])
    host = HostConfig(port_bindings={80: 8080}, publish_all_ports=False)
    id = client.run_detached("busybox", ["sleep", "600"], config=config, host_config=host)
    [row] = client.containers()
    ports = {(port.private_port, port.public_port, port.protocol) for port in row.ports}
    assert ports == {(80, 8080, "tcp"), (53, None, "udp")}
    client.kill(id)
    client.wait(id)
    [row] = client.containers(all=True)
    assert row.ports == ()


def test_a_port_that_the_engine_chooses_is_told_while_the_container_runs(client: Client) -> None:
    config = ContainerConfig(exposed_ports=[80])
    chosen = []
    for host in (HostConfig(publish_all_ports=True), HostConfig(port_bindings={80: None})):
        id = client.run_detached("busybox", ["sleep", "600"], config=config, host_config=host)
        [binding] = client.inspect_container(id).network_settings.ports["80/tcp"]
        chosen.append(binding.host_port)
    assert len(set(chosen)) == 2 and None not in chosen


def test_linked_containers_are_listed_by_the_names_of_the_links(client: Client) -> None:
    client.run_detached("busybox", ["sleep", "600"], name="db")
    client.create_container("busybox", name="web", host_config=HostConfig(links=["db:store"]))
    [row] = client.containers()
    assert row.names == ("db", "web/store")
