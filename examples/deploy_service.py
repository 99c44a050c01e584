"""Deploys a service of a swarm, updates it, watches until it has converged, and removes it."""

from __future__ import annotations

import sys

import attrs
from any_engine import connect

from dockerapi import Client, ContainerSpec, DockerError, ServiceFailed, ServiceSpec, TaskSpec


def task(seconds: int) -> TaskSpec:
    return TaskSpec(container=ContainerSpec(image="busybox", command=["sleep", f"{seconds}"]))


def deploy(client: Client, name: str) -> None:
    service = client.create_service(ServiceSpec(name=name, task=task(600)).scaled(2))
    try:
        client.wait_for_service(service, timeout=120)
        client.change_service(service, lambda spec: attrs.evolve(spec, task=task(900)).scaled(3))
        done = client.wait_for_service(service, timeout=120)
        if done.update_status is not None:
            print(f"{name}: the update is {done.update_status.state}")
    finally:
        client.remove_service(service)


if __name__ == "__main__":
    try:
        with connect() as client:
            deploy(client, "example-web")
    except ServiceFailed as error:
        reasons = [f"  {task.id}: {task.error or task.message}" for task in error.tasks]
        sys.exit("\n".join([f"deploy_service: {error}", *reasons]))
    except DockerError as error:  # on an Engine that manages no swarm: NotAManager
        sys.exit(f"deploy_service: {error}")
