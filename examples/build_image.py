"""Build an image, show its log while it grows, run it, and remove it."""

from __future__ import annotations

import io
import sys

from any_engine import connect

from dockerapi import BuildFailed, BuildOptions, Client, DockerError

DOCKERFILE = """\
FROM busybox
RUN echo hello from the image > greeting
CMD ["cat", "greeting"]
"""


def main(client: Client) -> None:
    built = client.build(
        None,
        dockerfile=io.StringIO(DOCKERFILE),
        options=BuildOptions(labels={"dockerapi.example": "build_image"}),
        progress=lambda report: print(report.text or "", end=""),
    )
    try:
        print(client.run(built.image_id, remove=True).output.stdout.decode(), end="")
    finally:
        client.remove_image(built.image_id)


if __name__ == "__main__":
    try:
        with connect() as client:
            main(client)
    except BuildFailed as error:
        sys.exit(f"{error.step or 'The build'} failed (exit code {error.exit_code}): {error}")
    except DockerError as error:
        sys.exit(f"build_image: {error}")
