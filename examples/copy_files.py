"""Copy a file into a container that was never started, and out of it again, as tar archives."""

from __future__ import annotations

import io
import sys
import tarfile

from any_engine import connect

from dockerapi import ContainerConfig, DockerError, NotFound

LABELS = {"dockerapi.example": "copy_files"}


def archive_of(name: str, content: bytes) -> bytes:
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return archived.getvalue()


if __name__ == "__main__":
    config = ContainerConfig(labels=LABELS)
    try:
        with connect() as client:
            created = client.create_container("busybox", ["true"], config=config)
            try:
                client.put_archive(created, "/tmp", archive_of("note.txt", b"remember the milk\n"))
                with client.get_archive(created, "/tmp/note.txt") as stream:
                    copied = io.BytesIO(stream.read())
                with tarfile.open(fileobj=copied) as archive:
                    print([(entry.name, entry.size) for entry in archive])
            finally:
                client.remove_container(created)
    except NotFound as error:
        sys.exit(f"No such image, container or path: {error.message}")
    except DockerError as error:
        sys.exit(f"copy_files: {error}")
