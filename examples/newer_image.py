"""Is there a newer image under this tag? Then pull it, for the platform that was there."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import Client, DockerError
from dockerapi.models.images import Image


def platform_of(image: Image) -> str:
    return "/".join(part for part in (image.os, image.architecture, image.variant) if part)


def newer(client: Client, name: str) -> str | None:
    """The digest of what the registry has, if it is not what is here."""
    digest = client.inspect_distribution(name).digest
    here = client.inspect_image(name).repo_digests
    return None if any(one.endswith(f"@{digest}") for one in here) else digest


def update(client: Client, name: str) -> bool:
    """Whether there was a newer one, which is here now."""
    if newer(client, name) is None:
        return False
    client.pull(name, platform=platform_of(client.inspect_image(name)))
    return True


if __name__ == "__main__":
    try:
        with connect() as client:
            for name in sys.argv[1:]:
                print(name, "is new" if update(client, name) else "is what it was")
    except DockerError as error:
        sys.exit(f"newer_image: {error}")
