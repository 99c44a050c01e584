"""The cookbook's shell, typed into as on a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
from collections.abc import Mapping

import pytest

import documents
from dockerapi import Client, ContainerConfig
from live.engine import Engine

pytestmark = [pytest.mark.since("1.41"), pytest.mark.real("shells that are typed into")]

PROGRAM = """
from dockerapi import Client
{code}
with Client.from_env() as client:
    print("exit code", open_shell(client, {id!r}))
"""


def test_the_shell_of_the_cookbook_is_typed_into(
    engine: Engine, busybox: str, label: Mapping[str, str]
) -> None:
    (code,) = (
        block
        for block in documents.blocks(documents.ROOT / "docs/cookbook.md", "python")
        if "def open_shell" in block
    )
    with Client(engine.url) as client:
        config = ContainerConfig(labels=label)
        id = client.run_detached(busybox, ["sleep", "6000"], config=config)
        try:
            child, terminal = pty.fork()
            if child == 0:
                environment = {
                    **os.environ,
                    "DOCKER_HOST": engine.url,
                    "PYTHONPATH": str(documents.ROOT),
                }
                program = PROGRAM.format(code=code, id=id)
                os.execve(sys.executable, [sys.executable, "-c", program], environment)
            said = b""
            while b"/ # " not in said:  # what is typed before that, raw mode throws away
                said += os.read(terminal, 4096)
            os.write(terminal, b"echo a$((40 + 2)); stty size; exit 3\n")
            with contextlib.suppress(OSError):  # Linux: the other side is closed
                while True:
                    said += os.read(terminal, 4096)
            os.close(terminal)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
            assert b"\r\na42\r\n24 80\r\n" in said, said
            assert said.endswith(b"exit code 3\r\n"), said
        finally:
            client.remove_container(id, force=True)
