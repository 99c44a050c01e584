"""Copy a directory into a container that was never started, and files out of it again."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from any_engine import connect

from dockerapi import BadArchive, Client, ContainerConfig, DockerError, NotFound

LABELS = {"dockerapi.example": "copy_files"}


def copy(client: Client, folder: Path) -> None:
    notes = folder / "notes"
    notes.mkdir()
    (notes / "today.txt").write_text("remember the milk\n")
    created = client.create_container("busybox", ["true"], config=ContainerConfig(labels=LABELS))
    try:
        client.copy_into(created, notes, "/tmp")  # a directory that is there: as /tmp/notes
        client.copy_out(created, "/tmp/notes/.", folder / "copies")  # what is in it, as copies
        print((folder / "copies" / "today.txt").read_text(), end="")
    finally:
        client.remove_container(created)


if __name__ == "__main__":
    try:
        with connect() as client, tempfile.TemporaryDirectory() as folder:
            copy(client, Path(folder))
    except NotFound as error:
        sys.exit(f"No such image, container or path: {error.message}")
    except BadArchive as error:
        sys.exit(f"The container answered with something that could do harm: {error}")
    except DockerError as error:
        sys.exit(f"copy_files: {error}")
