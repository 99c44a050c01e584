"""Send data through a command in a container: bytes in, bytes out, and an error if it fails."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import Client, CommandFailed, ContainerConfig, DockerError, HostConfig

LABELS = {"dockerapi.example": "filter_data"}


def sort_lines(client: Client, data: bytes) -> bytes:
    result = client.run(
        "busybox",
        ["sort", "-n"],
        config=ContainerConfig(labels=LABELS),
        host_config=HostConfig(memory="64m", network_mode="none"),
        input=data,
        remove=True,
        check=True,
    )
    return result.output.stdout


if __name__ == "__main__":
    try:
        with connect() as client:
            print(sort_lines(client, b"10\n9\n100\n").decode(), end="")
    except CommandFailed as error:
        stderr = error.output.stderr.decode(errors="replace")
        sys.exit(f"sort ended with exit code {error.exit_code}: {stderr}")
    except DockerError as error:
        sys.exit(f"filter_data: {error}")
