"""A volume that is saved as a tar archive, and restored into another one."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator

from any_engine import connect

from dockerapi import Client, DockerError, HostConfig


@contextlib.contextmanager
def at_data(client: Client, volume: str) -> Iterator[str]:
    """A container that has the volume at /data; it need not run to be copied from and to."""
    host = HostConfig(binds=[f"{volume}:/data"])
    id = client.create_container("busybox", host_config=host).id
    try:
        yield id
    finally:
        client.remove_container(id)


if __name__ == "__main__":
    old, new = sys.argv[1:]
    try:
        with connect() as client, tempfile.TemporaryFile() as saved:
            with at_data(client, old) as id, client.get_archive(id, "/data") as archive:
                saved.writelines(archive)
            saved.seek(0)
            client.create_volume(new)
            with at_data(client, new) as id:
                client.put_archive(id, "/", saved)
            print(f"{new} has what {old} had")
    except DockerError as error:
        sys.exit(f"back_up_volume: {error}")
