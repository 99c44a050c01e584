"""Speak one API version to every Engine, and learn what that version does not have."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import DockerError, HostConfig, NoCommonVersion, NotSupported

if __name__ == "__main__":
    try:
        with connect(version="1.24") as client:
            print("speaking API", client.api_version)
            try:
                client.run("busybox", ["true"], host_config=HostConfig(init=True), remove=True)
            except NotSupported as error:  # before anything was sent
                print(f"{error.what} needs API {error.needs}, and {error.has} is spoken")
    except NoCommonVersion as error:
        sys.exit(f"Choose another version: {error}")
    except DockerError as error:
        sys.exit(f"pin_version: {error}")
