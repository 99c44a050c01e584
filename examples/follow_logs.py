"""Follow the logs of a container line by line, and give up when it is silent for too long."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import Client, ContainerConfig, DockerError, TimedOut

LABELS = {"dockerapi.example": "follow_logs"}
SCRIPT = "echo starting; echo low on memory >&2; echo ready; exec sleep 600"


def follow(client: Client, id: str) -> None:
    with client.with_timeouts(idle=2).logs(id, follow=True, tail=100) as logs:
        try:
            for line in logs.lines():
                print(f"{line.stream}: {line.text}")
        except TimedOut as error:
            print(f"nothing new for {error.seconds:g} seconds")


if __name__ == "__main__":
    try:
        with connect() as client:
            config = ContainerConfig(labels=LABELS)
            id = client.run_detached("busybox", ["sh", "-c", SCRIPT], config=config)
            try:
                follow(client, id)
            finally:
                client.remove_container(id, force=True)
    except DockerError as error:
        sys.exit(f"follow_logs: {error}")
