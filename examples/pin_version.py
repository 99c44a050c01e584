"""Speak the oldest API version that the Engine has, and learn what that one does not know."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import (
    DockerError,
    EndpointSettings,
    NetworkingConfig,
    NoCommonVersion,
    NotSupported,
)

if __name__ == "__main__":
    first = NetworkingConfig(endpoints={"bridge": EndpointSettings(gateway_priority=1)})
    try:
        with connect() as client:
            oldest = client.version().min_api_version or client.api_version
        with connect(version=oldest) as pinned:
            print("speaking API", pinned.api_version)
            try:
                pinned.create_container("busybox", networking=first)
            except NotSupported as error:  # before anything was sent
                print(f"{error.what} needs API {error.needs}, and {error.has} is spoken")
    except NoCommonVersion as error:
        sys.exit(f"Choose another version: {error}")
    except DockerError as error:
        sys.exit(f"pin_version: {error}")
