"""Where the examples find an Engine: one that answers here, else one in this process."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from dockerapi import Client, ConnectionFailed
from dockerapi.testing import FakeEngine


@contextlib.contextmanager
def connect(**settings: Any) -> Iterator[Client]:
    """A client of the Engine of DOCKER_HOST or of the default socket, else of an embedded one."""
    with Client.from_env(**settings) as client:
        try:
            client.ping()
        except ConnectionFailed as error:
            reason = error
        else:
            yield client
            return
    print(
        "No Engine answers, so this is one in this process, and its commands are local processes "
        f"without isolation ({reason})",
        file=sys.stderr,
    )
    embedded = FakeEngine("1.51", processes=True)
    with embedded as engine, Client(engine.url, **settings) as client:
        yield client
