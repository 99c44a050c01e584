"""What the installed docker-py takes."""

from __future__ import annotations

import inspect
import re

from docker.models import containers


def keywords_of_docker_py() -> set[str]:
    """Every keyword that its `run` and `create` take."""
    special = re.findall(r"kwargs\.(?:pop|get)\(\W*(\w+)", inspect.getsource(containers), re.ASCII)
    signature = set(inspect.signature(containers.ContainerCollection.run).parameters)
    found = {*containers.RUN_CREATE_KWARGS, *containers.RUN_HOST_CONFIG_KWARGS, *special}
    return (found | signature) - {"self", "kwargs", "key"}
