"""Build files by BuildKit with a token: TOKEN=s3cret python build_with_secrets.py folder."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from dockerapi import BuildOptions, BuildSecret, Client, Credentials, DockerError

BASE = os.environ.get("BASE", "busybox")  # a private one: registry.example.com/team/base
DOCKERFILE = f"""\
FROM {BASE} AS made
RUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token > /length
FROM scratch
COPY --from=made /length /
"""


def build(client: Client, folder: Path) -> None:
    user = os.environ.get("REGISTRY_USER")
    known = Credentials(username=user, password=os.environ.get("REGISTRY_PASSWORD"))
    client.build_files(
        None,
        folder,
        dockerfile=io.StringIO(DOCKERFILE),
        options=BuildOptions(secrets={"token": BuildSecret.of_env("TOKEN")}),
        auth={BASE.partition("/")[0]: known} if user else None,  # else those of `docker login`
    )
    print(f"The token has {(folder / 'length').read_text().strip()} bytes.")


if __name__ == "__main__":
    try:
        with Client.from_env() as client:
            build(client, Path(sys.argv[1] if len(sys.argv) > 1 else "built"))
    except (DockerError, ValueError) as error:  # such as no TOKEN
        sys.exit(f"build_with_secrets: {error}")
