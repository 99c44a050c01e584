"""Two containers that talk to each other by name, in a network of their own."""

from __future__ import annotations

import secrets
import sys

from any_engine import connect

from dockerapi import Client, ContainerConfig, DockerError, EndpointSettings, NetworkingConfig

LABELS = {"dockerapi.example": "talk_by_name"}
CONFIG = ContainerConfig(labels=LABELS)


def ask_server(client: Client, network: str) -> bytes:
    called = NetworkingConfig(endpoints={network: EndpointSettings(aliases=["server"])})
    serve = ["sh", "-c", "echo hello from the server | nc -l -p 8000"]
    server = client.run_detached("busybox", serve, config=CONFIG, networking=called)
    try:
        ask = ["sh", "-c", "until nc server 8000 </dev/null; do sleep 0.1; done"]
        other = NetworkingConfig(endpoints={network: None})
        result = client.run("busybox", ask, config=CONFIG, networking=other, remove=True)
        return result.output.stdout
    finally:
        client.remove_container(server, force=True)


if __name__ == "__main__":
    try:
        with connect() as client:
            network = client.create_network(f"example-{secrets.token_hex(4)}", labels=LABELS)
            try:
                print(ask_server(client, network.id).decode(), end="")
            finally:
                client.remove_network(network)
    except DockerError as error:
        sys.exit(f"talk_by_name: {error}")
