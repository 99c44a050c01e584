"""Save an image to a file and load it from there, as one does without a registry."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from any_engine import connect

from dockerapi import DockerError, ImageNotFound

if __name__ == "__main__":
    try:
        with connect() as client, tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "busybox.tar")
            with client.get_image("busybox:latest") as archive:
                archive.save(path)
            print("loaded", *client.load_image(path).images)
    except ImageNotFound as error:
        sys.exit(f"Pull it first, with client.pull(): {error.message}")
    except DockerError as error:
        sys.exit(f"save_image: {error}")
