"""Removes the containers and volumes of old test runs, but what has the label `keep`."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import Busy, Client, DockerError

FILTERS = {"label": "test-run", "label!": "keep"}


def clean(client: Client) -> int:
    """The bytes that were given back."""
    containers = client.prune_containers(filters=FILTERS)
    # Volumes with names of their own, too; those that a container has stay.
    volumes = client.prune_volumes(all=True, filters=FILTERS)
    for id in containers.deleted:
        print(f"container {id[:12]}")
    for name in sorted(volumes.deleted):
        print(f"volume {name}")
    return (containers.space_reclaimed or 0) + (volumes.space_reclaimed or 0)


if __name__ == "__main__":
    try:
        with connect() as client:
            print(f"{clean(client)} bytes")
    except Busy:
        sys.exit("prune_by_label: another prune is running; try again later")
    except DockerError as error:
        sys.exit(f"prune_by_label: {error}")
