"""Exec: commands run in a running container, and what came of a `run` or an `exec_run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from .base import Model, filled, flag, integer, model, strings, text, unless_zero, wire

if TYPE_CHECKING:
    from ..output import Output


@attrs.frozen
class ExecCreated:
    """A command that was created and not yet started.

    Attributes:
        id: of the exec.
        tty: whether it has a terminal, which decides how its output is read.
    """

    id: str
    tty: bool


def _exit_code(found: dict[str, Any]) -> int | None:
    # While it runs, old Engines send 0 and newer ones null.
    return None if flag(found.get("Running")) else integer(found.get("ExitCode"))


@model
class Exec(Model):
    """An exec: a command in a container.

    Attributes:
        id: of the exec.
        container_id: of its container.
        running: whether it runs.
        exit_code: None until it has ended (up to Engine 1.8, 0 before it was started).
        pid: its process, on the host; None before it was started; API 1.25 and later.
        entrypoint: the program that it runs.
        arguments: the arguments of the program.
        user: who runs it; None for the container's own user.
        privileged: whether it may do all on the host.
        tty: whether it has a terminal.
        open_stdin: whether its input is attached.
        open_stdout: whether its output is attached.
        open_stderr: whether its errors are attached.
        can_remove: whether the Engine may forget it, for it has ended; API 1.22 and later.
        detach_keys: the keys that end an attached terminal; None for the usual ones; API 1.22 and
            later.
    """

    id: str = wire("ID", read=text, required=True)
    container_id: str | None = wire("ContainerID", "Container.ID", "Container.Id", read=filled)
    running: bool | None = wire("Running", read=flag)
    exit_code: int | None = wire("", read=_exit_code)
    pid: int | None = wire("Pid", read=unless_zero)
    entrypoint: str | None = wire("ProcessConfig.entrypoint", read=text)
    arguments: tuple[str, ...] = wire("ProcessConfig.arguments", read=strings, default=())
    user: str | None = wire("ProcessConfig.user", read=filled)
    privileged: bool | None = wire("ProcessConfig.privileged", read=flag)
    tty: bool | None = wire("ProcessConfig.tty", read=flag)
    open_stdin: bool | None = wire("OpenStdin", read=flag)
    open_stdout: bool | None = wire("OpenStdout", read=flag)
    open_stderr: bool | None = wire("OpenStderr", read=flag)
    can_remove: bool | None = wire("CanRemove", read=flag)
    detach_keys: str | None = wire("DetachKeys", read=filled)


@attrs.frozen
class ExecResult:
    """A command that has ended in a container.

    One that could not be started (no such program, no permission, no such user or directory) has
    126 or 127 as its `exit_code`, by the Engine's release, and the Engine's words as its
    `output.stdout`.

    Attributes:
        exit_code: 0 is success.
        output: what it wrote.
    """

    exit_code: int
    output: Output


@attrs.frozen
class RunResult:
    """A container that was run to its end; it is still there unless it was to be removed.

    Attributes:
        exit_code: 0 is success.
        output: what it wrote.
        container_id: of the container, removed or not.
    """

    exit_code: int
    output: Output
    container_id: str
